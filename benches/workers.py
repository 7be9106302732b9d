"""Whether the default number of workers is the right one: beside each fixed number, in turn.

`make bench-workers` runs this; docs/speed.md has the table. Cold is what a disk gives when the system's caches were
dropped, which only root may do. `DICOMBLANK_COLD` is a folder on the disk that is meant. Late is a file system that
answers each call after 2 ms (`slow_disk` of benches/rust).
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
from slow_disk import mounted, why_not

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from benches.peers.corpora import Small

    Late = tuple[str, int, tuple[int, ...]]
    Run: TypeAlias = Callable[[int | None], float]

NUMBERS = (1, 2, 4, 8, 16, 32, 64)
DROP_CACHES = Path("/proc/sys/vm/drop_caches")
MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
#: By the size of the files: so many that a run takes a second.
FILES = {"8 KB": 20_000, "151 KB": 6_000}
#: Of all numbers, and then of the best three: the best of many medians is more than any of them is worth.
ROUNDS = {"warm": (3, 9), "cold": (2, 4), "late": (2, 3)}
FINALISTS = 3
#: Late, a run has no more files for each worker: what a fixed number does in a second does not depend on how many files
#: there are, and one worker does fifty.
FILES_EACH = 150
#: How, files, and beside which numbers: few workers would take long over many.
LATE = (("in place", 3_000, NUMBERS), ("in place", 20_000, NUMBERS[-2:]), ("copy", 1_500, NUMBERS))
#: Far below what is asked (docs/speed.md): a busy machine must not fail, and one worker on a slow disk must.
LEAST = 0.4


@pytest.fixture
def folder(where: str) -> Iterator[Path]:
    if where == "cold" and not os.access(DROP_CACHES, os.W_OK):
        pytest.skip("only root can drop the system's caches")
    if where != "cold" and not os.access(MEMORY, os.W_OK):
        pytest.skip("there is no folder in memory")
    place = os.environ.get("DICOMBLANK_COLD") if where == "cold" else MEMORY
    with tempfile.TemporaryDirectory(dir=place) as name:
        yield Path(name)


def rate_of(how: str, files: Path, out: Path, workers: int | None) -> float:
    """Files a second of one run."""
    if how == "in place":
        report = dicomblank.anonymize_in_place(files, Level.ANONYMIZE_FULL, workers=workers)
    else:
        report = dicomblank.anonymize_copy(files, out, Level.ANONYMIZE_FULL, workers=workers)
    assert report.anonymized == report.files
    return report.files / report.seconds


def restore(study: Path, work: Path) -> None:
    """Makes a copy as it was, into the same files: where they lie on the disk is the same for each run."""
    if not work.exists():
        shutil.copytree(study, work)
    for original in study.rglob("*"):
        if original.is_file():
            with (work / original.relative_to(study)).open("r+b") as copy:
                copy.write(original.read_bytes())


def files_a_second(top: Path, how: str, where: str, workers: int | None) -> float:
    """Of one run over files as they were."""
    work, out = top / "work", top / "out"
    shutil.rmtree(out, ignore_errors=True)
    if how == "in place":
        restore(top / "study", work)
    if where == "cold":
        os.sync()
        DROP_CACHES.write_text("3", encoding="ascii")
    return rate_of(how, work if how == "in place" else top / "study", out, workers)


def late_files_a_second(top: Path, how: str, count: int, workers: int | None) -> float:
    """Of one run over new files, behind a file system that is mounted for it."""
    behind, point = top / "behind", top / "point"
    shutil.rmtree(behind, ignore_errors=True)
    SMALL[0].write(behind / "study", count)
    point.mkdir(exist_ok=True)
    with mounted(behind, point) as disk:
        rate = rate_of(how, point / "study", point / "out", workers)
    assert disk.count >= 5 * count, "each file costs some calls: else it was not late"
    return rate


def in_turn(rounds: int, numbers: Iterable[int | None], run: Run) -> dict[int | None, list[float]]:
    """Files a second with each number, in each round."""
    measured: dict[int | None, list[float]] = {number: [] for number in numbers}
    for turn in range(rounds):
        for number in measured if turn % 2 else reversed(measured):
            measured[number].append(run(number))
    return measured


def medians(measured: dict[int | None, list[float]]) -> dict[int | None, float]:
    return {number: statistics.median(found) for number, found in measured.items()}


def compare(what: str, rounds: tuple[int, int], run: Run, numbers: tuple[int, ...] = NUMBERS) -> str:
    """The default beside the best of fixed numbers, all in turn: which these are is asked first, and then anew."""
    first, then = rounds
    run(numbers[-1])  # the first run on a disk differs from all others (docs/speed.md, "Noise")
    all_rates = medians(in_turn(first, numbers, run))
    finalists = sorted(all_rates, key=all_rates.__getitem__)[-FINALISTS:]
    measured = in_turn(then, (*finalists, None), run)
    rates = medians(measured)
    best = max(rate for number, rate in rates.items() if number)
    spread = max(max(found) / min(found) for found in measured.values())
    shown = "  ".join(f"{number or 'default'}: {rate:,.0f}" for number, rate in (all_rates | rates).items())
    found = f"{what}: default {rates[None] / best:.2f} of the best  ({shown}; the same number differs by {spread:.2f})"
    assert rates[None] / best >= LEAST, found
    return found


@pytest.mark.parametrize("how", ["in place", "copy"])
@pytest.mark.parametrize("small", SMALL[:2], ids=lambda small: small.name)
@pytest.mark.parametrize("where", ["warm", "cold"])
def test_workers(folder: Path, small: Small, how: str, where: str, capsys: pytest.CaptureFixture[str]) -> None:
    small.write(folder / "study", FILES[small.name])
    what = f"{small.name}, {how}, {where}"
    found = compare(what, ROUNDS[where], lambda workers: files_a_second(folder, how, where, workers))
    with capsys.disabled():
        print(f"\n{found}")


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
@pytest.mark.parametrize("late", LATE, ids=lambda late: f"{late[0]} {late[1]}")
@pytest.mark.parametrize("where", ["late"])
def test_late(folder: Path, late: Late, where: str, capsys: pytest.CaptureFixture[str]) -> None:
    how, count, numbers = late

    def run(workers: int | None) -> float:
        return late_files_a_second(folder, how, min(count, FILES_EACH * (workers or count)), workers)

    found = compare(f"8 KB, {how}, {where}, {count:,} files", ROUNDS[where], run, numbers)
    with capsys.disabled():
        print(f"\n{found}")
