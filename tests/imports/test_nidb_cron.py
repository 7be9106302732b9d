"""examples/nidb-cron.sh: what has come is blanked once, what is still coming waits, what is refused does not get in."""

from __future__ import annotations

import fcntl
import functools
import json
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import dicomblank
from dicomblank import Level
from pipelines import EXAMPLES, ROOT, places, planted
from samples import CT, damaged_ct

if TYPE_CHECKING:
    from pathlib import Path

CRON = EXAMPLES / "nidb-cron.sh"
AGO = 6 * 60


@functools.cache
def takes_lists() -> bool:
    words = [sys.executable, "-m", "dicomblank", "anonymize", "--help"]
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return "--files-from" in done.stdout


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "python")}


needs_lists = pytest.mark.skipif("not takes_lists()", reason="this dicomblank has no --files-from yet")
needs_flock = pytest.mark.skipif(shutil.which("flock") is None, reason="needs flock, of util-linux")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With the command on the path."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "dicomblank"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dicomblank "$@"\n')
    command.chmod(0o755)
    (tmp_path / "incoming").mkdir()
    return tmp_path


def come(folder: Path, name: str, data: bytes, ago: float = AGO) -> None:
    path = folder / "incoming" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (time.time() - ago,) * 2)


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """Once, as cron does. A report has the second in its name."""
    time.sleep(1.1)
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    words = [CRON, *(folder / name for name in ("incoming", "blanked", "reports"))]
    return subprocess.run(
        words, env=environment() | {"PATH": path}, capture_output=True, text=True, timeout=100, check=False
    )


def outcomes(folder: Path) -> list[dict[str, Any]]:
    """Of the last report, by path."""
    lines = max((folder / "reports").glob("*.jsonl")).read_text().splitlines()
    return [row for row in map(json.loads, lines) if row["row"] == "file"]


def copies(folder: Path) -> dict[str, bytes]:
    top = folder / "blanked"
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in top.rglob("*") if path.is_file()}


@needs_lists
@needs_flock
def test_what_has_come_is_blanked_once_and_what_is_coming_waits(folder: Path) -> None:
    one, other = (planted(CT, Level.ANONYMIZE_FULL, number) for number in range(2))
    come(folder, "a study/1.dcm", one.data)
    come(folder, "b/2.dcm", other.data, ago=0)
    assert (done := run(folder)).returncode == 0, done.stderr
    first = {"a study/1.dcm": dicomblank.anonymize_bytes(one.data, Level.ANONYMIZE_FULL)}
    assert copies(folder) == first
    written = (folder / "blanked" / "a study" / "1.dcm").stat().st_mtime_ns
    come(folder, "b/2.dcm", other.data)
    assert (done := run(folder)).returncode == 0, done.stderr
    assert copies(folder) == first | {"b/2.dcm": dicomblank.anonymize_bytes(other.data, Level.ANONYMIZE_FULL)}
    assert (folder / "blanked" / "a study" / "1.dcm").stat().st_mtime_ns == written
    secrets = {*one.secrets, *other.secrets}
    assert places(folder / "blanked", secrets) == set()
    assert places(folder / "reports", secrets) == set()


@needs_lists
@needs_flock
def test_what_is_refused_does_not_get_in_and_is_reported(folder: Path) -> None:
    come(folder, "good.dcm", CT.read_bytes())
    come(folder, "bad.dcm", damaged_ct())
    for _ in range(2):
        assert run(folder).returncode == 1
        assert set(copies(folder)) == {"good.dcm"}
        [row] = [row for row in outcomes(folder) if "bad.dcm" in row["path"]]
        assert row["outcome"] == "refused"


@needs_lists
@needs_flock
def test_a_night_without_scans_is_no_fault(folder: Path) -> None:
    assert (done := run(folder)).returncode == 0, done.stderr
    assert copies(folder) == {}


@needs_flock
def test_a_folder_that_is_not_mounted_is_a_fault(folder: Path) -> None:
    (folder / "incoming").rmdir()
    done = run(folder)
    assert (done.returncode, done.stderr) == (1, f"{folder / 'incoming'} is not there\n")


@needs_flock
def test_two_runs_at_once_are_one(folder: Path) -> None:
    """The second ends at once, without a word: cron would send it by post."""
    (folder / "reports").mkdir()
    come(folder, "good.dcm", CT.read_bytes())
    with (folder / "reports" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run(folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert copies(folder) == {}
