"""What looking costs: runs that look for leftovers, and `inspect`, each beside a run in place of the same files.

`make bench` runs this and prints the ratios, one over the other: 0.5 is half as fast. docs/speed.md has the table.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from functools import partial
from pathlib import Path

import pytest

import dicomblank
from benches.peers.corpora import SMALL
from dicomblank import Leftovers, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benches.peers.corpora import Small

    Call = Callable[[Path], float]

ROUNDS = 7
FILES = 4000
#: Far below what is asked (docs/speed.md): a busy machine must not fail, and a search that is not linear must.
LEAST = 0.1


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place in memory where there is one: what is measured is the program and not the disk."""
    memory = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        yield Path(name)


def in_place(study: Path, workers: int, leftovers: Leftovers) -> float:
    """Seconds of a run over a fresh copy of the files: in one that is blank there is nothing to look for."""
    work = study.with_name("work")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(study, work)
    report = dicomblank.anonymize_in_place(work, Level.ANONYMIZE_FULL, workers=workers, leftovers=leftovers)
    assert report.anonymized == report.files
    return report.seconds


def blank_already(study: Path, workers: int) -> float:
    report = dicomblank.anonymize_in_place(study.with_name("blank"), Level.ANONYMIZE_FULL, workers=workers)
    assert report.unchanged == report.files
    return report.seconds


def inspect(study: Path, workers: int) -> float:
    inspection = dicomblank.inspect(study, workers=workers)
    assert inspection.report.counts["inspected"] == inspection.report.files
    return inspection.report.seconds


def ratio(study: Path, base: Call, other: Call) -> float:
    """Of the medians, taken in turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(ROUNDS):
        for which in (0, 1) if turn % 2 else (1, 0):
            taken[which].append((base, other)[which](study))
    return statistics.median(taken[0]) / statistics.median(taken[1])


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("small", SMALL[:2], ids=lambda small: small.name)
def test_looking(folder: Path, small: Small, workers: int, capsys: pytest.CaptureFixture[str]) -> None:
    study, blank = folder / "study", folder / "blank"
    small.write(study, FILES)
    shutil.copytree(study, blank)
    dicomblank.anonymize_in_place(blank, Level.ANONYMIZE_FULL)
    ignore, warn = (partial(in_place, workers=workers, leftovers=how) for how in (Leftovers.IGNORE, Leftovers.WARN))
    leftovers = ratio(study, ignore, warn)
    inspected = ratio(study, partial(blank_already, workers=workers), partial(inspect, workers=workers))
    with capsys.disabled():
        print(f"\n{small.name}, workers {workers}: leftovers {leftovers:.2f}, inspect {inspected:.2f}")
    assert min(leftovers, inspected) >= LEAST
