"""Whether the default number of workers is the right one: beside each fixed number, in turn.

`make bench-workers` runs this; docs/speed.md has the table. Cold is what a disk gives when the system's caches were
dropped, which only root may do. `DICOMBLANK_COLD` is a folder on the disk that is meant.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from pathlib import Path

import pytest

import dicomblank
from benches.peers.corpora import SMALL
from dicomblank import Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from benches.peers.corpora import Small

NUMBERS = (1, 2, 4, 8, 16, 32, 64)
DROP_CACHES = Path("/proc/sys/vm/drop_caches")
MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
#: By the size of the files: so many that a run takes a second.
FILES = {"8 KB": 20_000, "151 KB": 6_000}
ROUNDS = {"warm": 5, "cold": 3}
#: Far below what is asked (docs/speed.md): a busy machine must not fail, and one worker on a slow disk must.
LEAST = 0.4


@pytest.fixture
def folder(where: str) -> Iterator[Path]:
    if where == "cold" and not os.access(DROP_CACHES, os.W_OK):
        pytest.skip("only root can drop the system's caches")
    if where == "warm" and not os.access(MEMORY, os.W_OK):
        pytest.skip("there is no folder in memory")
    place = MEMORY if where == "warm" else os.environ.get("DICOMBLANK_COLD")
    with tempfile.TemporaryDirectory(dir=place) as name:
        yield Path(name)


def files_a_second(top: Path, how: str, where: str, workers: int | None) -> float:
    """Of one run over files as they were."""
    work, out = top / "work", top / "out"
    shutil.rmtree(out, ignore_errors=True)
    if how == "in place":
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(top / "study", work)
    if where == "cold":
        os.sync()
        DROP_CACHES.write_text("3", encoding="ascii")
    if how == "in place":
        report = dicomblank.anonymize_in_place(work, Level.ANONYMIZE_FULL, workers=workers)
    else:
        report = dicomblank.anonymize_copy(top / "study", out, Level.ANONYMIZE_FULL, workers=workers)
    assert report.anonymized == report.files
    return report.files / report.seconds


@pytest.mark.parametrize("how", ["in place", "copy"])
@pytest.mark.parametrize("small", SMALL[:2], ids=lambda small: small.name)
@pytest.mark.parametrize("where", ["warm", "cold"])
def test_workers(folder: Path, small: Small, how: str, where: str, capsys: pytest.CaptureFixture[str]) -> None:
    small.write(folder / "study", FILES[small.name])
    measured: dict[int | None, list[float]] = {number: [] for number in (*NUMBERS, None)}
    for turn in range(ROUNDS[where]):
        for number in measured if turn % 2 else reversed(measured):
            measured[number].append(files_a_second(folder, how, where, number))
    rates = {number: statistics.median(found) for number, found in measured.items()}
    best = max(rate for number, rate in rates.items() if number)
    with capsys.disabled():
        shown = "  ".join(f"{number or 'default'}: {rate:,.0f}" for number, rate in rates.items())
        print(f"\n{small.name}, {how}, {where}: default {rates[None] / best:.2f} of the best  ({shown})")
    assert rates[None] / best >= LEAST
