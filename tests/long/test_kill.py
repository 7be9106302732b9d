"""SIGKILL at any moment: nothing is lost, nothing is half done under a final name, nothing leaks; the next run goes on.

Each test says how many of its kills came in the middle (`pytest -s`), and fails if none did: it would show nothing.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import dicomblank
from elements import EXPLICIT, PIXELS, short_part10

COMMAND = [sys.executable, "-m", "dicomblank", "anonymize"]
ROUNDS = 14
MARKER = b"Kill^Marker"
TEMPORARY = re.compile(r"\.dicomblank-[0-9a-f]{16}\.part")


def dicom(number: int, pixels: int, items: int) -> bytes:
    """A file with a name in front of its pixels, and so many behind them."""
    name = EXPLICIT.element(0x0010_0010, "PN", MARKER + b"^%04d " % number)
    return short_part10(
        EXPLICIT.uid,
        EXPLICIT.element(0x0008_0060, "CS", b"CT"),
        name,
        EXPLICIT.element(PIXELS, "OB", EXPLICIT.u16(number) * (pixels // 2)),
        EXPLICIT.sequence(0x7FE1_1001, EXPLICIT.item(name) * items),
    )


@dataclass
class Study:
    folder: Path
    before: dict[str, bytes]
    after: dict[str, bytes]

    def write(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name, data in self.before.items():
            (self.folder / name).write_bytes(data)


@pytest.fixture(scope="module")
def made() -> tuple[dict[str, bytes], dict[str, bytes]]:
    """200 small files, and among them some of several MB and some with thousands of names, which take their time."""
    before = {f"{number:03}.dcm": dicom(number, 400, 1) for number in range(200)}
    before |= {f"{number:03}-large.dcm": dicom(number, 4 << 20, 1) for number in range(0, 200, 25)}
    before |= {f"{number:03}-long.dcm": dicom(number, 400, 5_000) for number in range(0, 200, 25)}
    return before, {name: dicomblank.anonymize_bytes(data) for name, data in before.items()}


@pytest.fixture
def study(tmp_path: Path, made: tuple[dict[str, bytes], dict[str, bytes]]) -> Study:
    study = Study(tmp_path / "in", *made)
    study.write()
    assert not any(MARKER in data for data in study.after.values())
    return study


def run(arguments: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=100)


def seconds_of(arguments: Sequence[str], folder: Path) -> float:
    start = time.perf_counter()
    assert run([*arguments, "--allow-empty"], folder).returncode == 0
    return time.perf_counter() - start


def kill(arguments: Sequence[str], folder: Path, after: float) -> None:
    process = subprocess.Popen([*COMMAND, *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after)
    process.kill()
    process.wait()


def moments(start: float, whole: float) -> list[float]:
    """Over the run, from its first file on; the test says its seed."""
    seed = random.randrange(1 << 32)  # noqa: S311
    sys.stdout.write(f"seed {seed}\n")
    source = random.Random(seed)  # noqa: S311
    return [source.uniform(start, whole) for _ in range(ROUNDS)]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def test_in_place(study: Study, tmp_path: Path) -> None:
    arguments = ["in", "--in-place"]
    (tmp_path / "empty").mkdir()
    start = seconds_of(["empty", "--in-place"], tmp_path)
    whole = seconds_of(arguments, tmp_path)
    spans = {name: [(edit.start, edit.length) for edit in dicomblank.plan(data)] for name, data in study.before.items()}
    in_the_middle = amid_a_file = 0
    for moment in moments(0.8 * start, whole):
        study.write()
        kill(arguments, tmp_path, moment)
        found = files(study.folder)
        assert found.keys() == study.before.keys()
        done = {name for name, data in found.items() if data == study.after[name]}
        for name in found.keys() - done:
            amid_a_file += found[name] != study.before[name]
            assert outside(found[name], spans[name]) == outside(study.before[name], spans[name]), name
        in_the_middle += 0 < len(done) < len(found)
        again = run(arguments, tmp_path)
        assert again.returncode == 0, again.stderr
        assert files(study.folder) == study.after
    sys.stdout.write(f"{in_the_middle} of {ROUNDS} kills in the middle, {amid_a_file} files half written\n")
    assert in_the_middle


def outside(data: bytes, spans: Sequence[tuple[int, int]]) -> bytes:
    kept = bytearray(data)
    for start, length in spans:
        kept[start : start + length] = bytes(length)
    return bytes(kept)


@pytest.mark.parametrize("more", [["--workers", "1", "--overwrite"], ["--workers", "4", "--overwrite"], []])
def test_a_copy(study: Study, tmp_path: Path, more: list[str]) -> None:
    """By --overwrite a new file has a temporary name, which may be left over; otherwise none, where the system can."""
    arguments = ["in", "--output", "out"]
    out = tmp_path / "out"
    (tmp_path / "empty").mkdir()
    start = seconds_of(["empty", "--output", "out"], tmp_path)
    whole = seconds_of([*arguments, *more], tmp_path)
    in_the_middle = left_over = 0
    for moment in moments(0.8 * start, whole):
        shutil.rmtree(out, ignore_errors=True)
        kill([*arguments, *more], tmp_path, moment)
        found = files(out)
        # Under a temporary name, too.
        assert not [name for name, data in found.items() if MARKER in data]
        left = {name for name in found if TEMPORARY.fullmatch(name)}
        done = found.keys() - left
        assert {name: found[name] for name in done} == {name: study.after[name] for name in done}
        in_the_middle += bool(left) or 0 < len(done) < len(study.after)
        left_over += len(left)
        again = run([*arguments, "--skip-existing"], tmp_path)
        assert again.returncode == 0, again.stderr
        assert files(out) == study.after
    sys.stdout.write(f"{in_the_middle} of {ROUNDS} kills in the middle, {left_over} files left over and removed\n")
    assert in_the_middle
    assert left_over or not more
    assert files(study.folder) == study.before


def test_a_run_beside_it_leaves_a_live_copy_alone(study: Study, tmp_path: Path) -> None:
    large = tmp_path / "large.dcm"
    large.write_bytes(dicom(1, 300 << 20, 1))
    out = tmp_path / "out"

    def left() -> set[Path]:
        return {path for path in (out.iterdir() if out.exists() else ()) if TEMPORARY.fullmatch(path.name)}

    process = subprocess.Popen([*COMMAND, "large.dcm", "--output", "out/", "--overwrite"], cwd=tmp_path)
    try:
        deadline = time.monotonic() + 60
        while not any(path.stat().st_size for path in left()):
            assert process.poll() is None
            assert time.monotonic() < deadline
        os.kill(process.pid, signal.SIGSTOP)
        live = left()
        beside = run(["in", "--output", "out"], tmp_path)
        assert (beside.returncode, left()) == (0, live)
        os.kill(process.pid, signal.SIGCONT)
        assert process.wait(timeout=100) == 0
    finally:
        process.kill()
        process.wait()
    assert files(out) == study.after | {"large.dcm": dicomblank.anonymize_bytes(large.read_bytes())}
