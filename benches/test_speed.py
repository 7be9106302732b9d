"""How fast dicomblank is, beside a pydicom loop that does the same job in the same run.

`make bench` runs this and prints the ratio. Timings are noisy: read the medians, and the ratio more than either.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pydicom
import pytest

import dicomblank
from dicomblank import Level
from dicomblank.levels import ANONYMIZE_FULL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_benchmark.fixture import BenchmarkFixture

CT = Path(pydicom.__file__).parent / "data" / "test_files" / "CT_small.dcm"
FILES = 2000
ROUNDS = 3
LEVELS = list(Level)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place in memory where there is one: what is measured is the program and not the disk."""
    memory = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        yield Path(name)


def make_files(folder: Path, count: int) -> Path:
    """`count` copies of pydicom's CT_small, 39 KB each, in a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    data = CT.read_bytes()
    for number in range(count):
        (folder / f"{number:05}.dcm").write_bytes(data)
    return folder


def pydicom_loop(folder: Path, tags: list[int]) -> None:
    """The usual loop: read, blank at any depth, write again."""

    def blank(_: pydicom.Dataset, element: pydicom.DataElement) -> None:
        if element.tag in wanted:
            element.value = ""

    wanted = set(tags)
    for path in folder.iterdir():
        dataset = pydicom.dcmread(path)
        dataset.walk(blank)
        dataset.save_as(path)


def done(report: dicomblank.Report, level: Level) -> int:
    """How many files were done: the first level walks them and has nothing to blank."""
    return report.unchanged if level is Level.ORIGINAL else report.anonymized


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.value)
def test_buffer(benchmark: BenchmarkFixture, level: Level) -> None:
    data = bytearray(CT.read_bytes())
    plan = benchmark(dicomblank.anonymize_buffer, data, level)
    assert bool(len(plan)) == (level is not Level.ORIGINAL)


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.value)
def test_file(benchmark: BenchmarkFixture, folder: Path, level: Level) -> None:
    path = folder / "ct.dcm"

    def fresh() -> tuple[tuple[Path, Level], dict[str, int]]:
        shutil.copy(CT, path)
        return (path, level), {"workers": 1}

    report = benchmark.pedantic(dicomblank.anonymize_in_place, setup=fresh, rounds=200)
    assert done(report, level) == 1


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.value)
def test_folder(benchmark: BenchmarkFixture, folder: Path, level: Level) -> None:
    def fresh() -> tuple[tuple[Path, Level], dict[str, int]]:
        return (make_files(folder / "study", FILES), level), {}

    report = benchmark.pedantic(dicomblank.anonymize_in_place, setup=fresh, rounds=ROUNDS)
    assert done(report, level) == FILES


def test_command_beside_a_pydicom_loop(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command over a folder of 2,000 CT files is at least 20 times as fast as a pydicom loop in the same run."""
    command = [sys.executable, "-m", "dicomblank", "anonymize", "--in-place", "--level", "anonymize-full", "--quiet"]
    tags = [tag for _, tag, _, _ in ANONYMIZE_FULL]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        study = make_files(folder / "study", FILES)
        started = time.perf_counter()
        subprocess.run([*command, study], check=True, stdout=subprocess.DEVNULL)
        ours.append(time.perf_counter() - started)

        study = make_files(folder / "study", FILES)
        started = time.perf_counter()
        pydicom_loop(study, tags)
        theirs.append(time.perf_counter() - started)
    ours_median, theirs_median = statistics.median(ours), statistics.median(theirs)
    with capsys.disabled():
        print(f"\n{FILES} files of {CT.stat().st_size} bytes, anonymize-full in place, medians of {ROUNDS} runs")
        for name, median in (("dicomblank anonymize", ours_median), ("pydicom loop", theirs_median)):
            print(f"  {name:<22}{median:8.2f} s {FILES / median:10.0f} files/s")
        print(f"  ratio {theirs_median / ours_median:.0f}")
    assert theirs_median / ours_median >= 20
