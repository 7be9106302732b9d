"""What the Python tests share."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from samples import CT, MR

Command = Callable[..., "subprocess.CompletedProcess[str]"]
AddZeros = Callable[[Path, int], None]


def file_rows(report: str | Path) -> list[dict[str, Any]]:
    """The rows about files of a report file, which is given by its path or as its text."""
    text = report.read_text() if isinstance(report, Path) else report
    return [row for row in map(json.loads, text.splitlines()) if row["row"] == "file"]


@pytest.fixture
def ct(tmp_path: Path) -> Path:
    """A copy of CT_small, to be written to."""
    return Path(shutil.copy(CT, tmp_path / "ct.dcm"))


@pytest.fixture
def add_zeros() -> Iterator[AddZeros]:
    """Adds zeros to a file, so that it takes long. The disk has room for them: holes would cost no time."""
    made = []

    def add(path: Path, count: int) -> None:
        if not hasattr(os, "posix_fallocate"):
            pytest.skip("no way here to have room without writing it")
        if shutil.disk_usage(path.parent).free < 3 * count:
            pytest.skip("takes gigabytes of free disk")
        made.append(path)
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), path.stat().st_size, count)

    yield add
    for path in made:
        path.unlink()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder with two DICOM files, one of them in a subfolder, and a file that isn't DICOM."""
    folder = tmp_path / "study"
    (folder / "series").mkdir(parents=True)
    shutil.copy(CT, folder / "ct.dcm")
    shutil.copy(MR, folder / "series" / "mr")
    (folder / "notes.txt").write_text("nothing medical\n")
    return folder


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command as a process, in the test's own folder."""

    def run(
        *arguments: str | Path, prefix: Sequence[str] = (), **options: object
    ) -> "subprocess.CompletedProcess[str]":
        words = [os.fspath(argument) for argument in arguments]
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [*prefix, sys.executable, "-m", "dicomblank", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            **options,  # type: ignore[call-overload]
        )
        return done

    return run


@pytest.fixture(scope="session", autouse=True)
def _heard() -> Iterator[None]:
    """A program that a shell starts in the background ignores SIGINT, and so do its children: not ours."""
    was = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, was)
