"""The edges of the command and the calls: nothing to do, what can't be opened, streams that are not there."""

import array
import ctypes
import io
import multiprocessing
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import dicomblank
from conftest import Command, file_rows
from dicomblank import NoDicom, OnError
from dicomblank.cli import main
from samples import CT

# nothing found


def _empty(_folder: Path) -> None:
    pass


def _notes(folder: Path) -> None:
    (folder / "notes.txt").write_text("nothing medical\n")


def _archive(folder: Path) -> None:
    (folder / "scans.zip").write_bytes(b"PK\x05\x06" + bytes(18))


def _folders(folder: Path) -> None:
    (folder / "a" / "b").mkdir(parents=True)


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe")


@pytest.mark.parametrize("fill", [_empty, _notes, _archive, _folders, _pipe])
@pytest.mark.parametrize("is_copy", [False, True], ids=["in place", "copy"])
def test_a_folder_without_dicom(
    command: Command, tmp_path: Path, fill: Callable[[Path], None], *, is_copy: bool
) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    fill(folder)
    where = ["--output", "out"] if is_copy else ["--in-place"]
    done = command("anonymize", "share", *where)
    assert (done.returncode, done.stderr) == (1, "no DICOM file found in share\n")
    done = command("anonymize", "share", *where, "--allow-empty")
    assert (done.returncode, done.stderr) == (0, "no DICOM file found in share\n")

    def call(**choices: object) -> dicomblank.Report:
        if is_copy:
            return dicomblank.anonymize_copy(folder, tmp_path / "out", **choices)  # type: ignore[arg-type]
        return dicomblank.anonymize_in_place(folder, **choices)  # type: ignore[arg-type]

    with pytest.raises(dicomblank.IncompleteError, match=r"no DICOM file found in .*share"):
        call()
    assert call(no_dicom=NoDicom.ALLOW).ok
    report = call(on_error=OnError.COLLECT)
    assert (report.ok, report.without_dicom) == (False, (str(folder),))
    with pytest.raises(ValueError, match="True"):
        call(no_dicom=True)


def test_one_of_several_folders_without_dicom(command: Command, study: Path) -> None:
    (study.parent / "share").mkdir()
    done = command("anonymize", "study", "share", "--in-place")
    assert (done.returncode, done.stderr) == (1, "no DICOM file found in share\n")
    done = command("anonymize", "study", "share", "--in-place", "--allow-empty")
    assert done.returncode == 0


def test_verify_finds_no_dicom(command: Command, study: Path) -> None:
    """Two shares that are not mounted are no good night either."""
    for name, fill in (("empty", _empty), ("notes", _notes)):
        for side in ("before", "after"):
            (study.parent / side / name).mkdir(parents=True)
            fill(study.parent / side / name)
        words = ["verify", f"before/{name}", f"after/{name}"]
        done = command(*words)
        assert (done.returncode, done.stderr) == (1, "no DICOM file found\n")
        done = command(*words, "--allow-empty")
        assert (done.returncode, done.stderr) == (0, "no DICOM file found\n")
    assert command("verify", study, study, "--level", "original").returncode == 0


def test_copies_that_are_there_are_dicom(command: Command, study: Path) -> None:
    assert command("anonymize", "study", "--output", "out").returncode == 0
    done = command("anonymize", "study", "--output", "out", "--skip-existing")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/null")])
def test_what_is_named_and_is_no_file(command: Command, study: Path, make: Callable[[Path], None]) -> None:
    make(study.parent / "special")
    done = command("anonymize", "special", "study", "--output", "out")
    assert done.returncode == 1
    assert re.match(r"refused: special: a (pipe|device): not opened\n", done.stderr)
    done = command("anonymize", "special", "--in-place")
    assert done.returncode == 1
    with pytest.raises(dicomblank.UnsupportedError):
        dicomblank.anonymize_copy(study.parent / "special", study.parent / "out")


# streams


def run_in_shell(folder: Path, words: str, unbuffered: str = "") -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command, its streams as a shell closes or leads them."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m dicomblank {words}', sys.executable],
        cwd=folder,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


FULL = "can't write to stdout: No space left on device\n"


@pytest.mark.parametrize(
    ("words", "code", "stderr"),
    [
        ("anonymize study --in-place >&-", 0, ""),
        ("anonymize study --in-place 2>&-", 0, ""),
        ("anonymize study --in-place <&- >&- 2>&-", 0, ""),
        ("anonymize study --in-place >/dev/full", 1, FULL),
        ("anonymize study --in-place 2>/dev/full", 0, ""),
        ("anonymize study --in-place >/dev/full 2>/dev/full", 1, ""),
        ("anonymize study --in-place 2>/dev/full >&-", 0, ""),
        ("anonymize study study/notes.txt empty --in-place 2>/dev/full", 1, ""),
        ("anonymize study study/notes.txt empty --in-place 2>&-", 1, ""),
        ("plan study/ct.dcm >&-", 0, ""),
        ("plan study/ct.dcm --json >/dev/full", 1, FULL),
        ("plan study/notes.txt 2>&-", 1, ""),
        ("plan study/notes.txt 2>/dev/full", 1, ""),
        ("verify study study >&-", 1, ""),
        ("verify study study >/dev/full", 1, FULL),
        ("levels >&-", 0, ""),
        ("levels >/dev/full", 1, FULL),
        ("--version >/dev/full", 1, FULL),
        ("--help >/dev/full", 1, FULL),
        ("anonymize >&- 2>&-", 2, ""),
        (">/dev/full", 1, FULL),
        ("anonymize 2>/dev/full", 2, ""),
    ],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_streams_that_are_closed_or_full(study: Path, words: str, code: int, stderr: str, unbuffered: str) -> None:
    (study.parent / "empty").mkdir()
    found = run_in_shell(study.parent, words, unbuffered)
    assert (found[0], found[2]) == (code, stderr)
    if words.startswith("anonymize study"):
        assert (study / "ct.dcm").read_bytes() == dicomblank.anonymize_bytes(CT.read_bytes())


@pytest.mark.parametrize("arguments", [["levels"], ["plan", "ct.dcm"], ["anonymize", "ct.dcm", "--in-place"]])
@pytest.mark.parametrize("make", [io.StringIO, lambda: None, io.TextIOWrapper])
def test_streams_of_any_kind(
    monkeypatch: pytest.MonkeyPatch, ct: Path, arguments: list[str], make: Callable[..., object]
) -> None:
    monkeypatch.chdir(ct.parent)
    streams = [make() if make is not io.TextIOWrapper else io.TextIOWrapper(io.BytesIO()) for _ in range(2)]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    assert main(arguments) == 0
    if isinstance(streams[0], io.StringIO):
        assert streams[0].getvalue()


def test_a_scan_is_never_opened_in_the_place_of_a_stream(ct: Path) -> None:
    """With stderr closed, what the program prints would go into the next file it opens: the only scan of a patient."""
    script = """\
import os, sys
import dicomblank
from dicomblank import Validate

def names(plan, *_):
    for number in range(3):
        try:
            found = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if found.endswith("ct.dcm"):
            with open("found", "w") as file:
                file.write(found)

import dicomblank.run
dicomblank.run.validator = lambda rules, key: names
dicomblank.anonymize_in_place("ct.dcm", validate=Validate.ALL)
dicomblank.anonymize_copy("ct.dcm", "out", validate=Validate.ALL, level="anonymize-full")
with open("done", "w"):
    pass
"""
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" -c "$1" <&- >&- 2>&-', sys.executable, script],
        cwd=ct.parent,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0
    assert (ct.parent / "done").exists()
    assert not (ct.parent / "found").exists()


# the report on stdout


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_a_report_on_stdout(study: Path, name: str) -> None:
    code, stdout, stderr = run_in_shell(study.parent, f"anonymize study --in-place --report {name}")
    assert code == 0
    assert sorted(row["path"] for row in file_rows(stdout)) == ["ct.dcm", "notes.txt", "series/mr"]
    assert stderr.startswith("2 files anonymized in place at the level anonymize (")
    assert not (study.parent / "-").exists()
    # Into a file, which is there already: the shell has made it.
    code, stdout, _ = run_in_shell(study.parent, f"anonymize study --in-place --report {name} > run.jsonl")
    assert (code, stdout) == (0, "")
    assert len(file_rows(study.parent / "run.jsonl")) == 3


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("--report - >/dev/full", 1, "stopped: stdout: No space left on device"),
        ("--report - >&-", 2, "the report can't go to stdout, which is closed"),
        ("--report ./-", 0, ""),
    ],
)
def test_a_report_that_stdout_does_not_take(study: Path, words: str, code: int, says: str) -> None:
    found = run_in_shell(study.parent, f"anonymize study --in-place {words}")
    assert found[0] == code
    assert says in found[2]
    assert (study.parent / "-").exists() == (code == 0)
    assert "Traceback" not in found[2]


# numbers and buffers


@pytest.mark.parametrize("count", ["99999999999999999999", "9" * 5000, "1025", "0", "-1", "1e3", "٣"])
def test_a_number_of_workers_that_will_not_do(command: Command, study: Path, count: str) -> None:
    done = command("anonymize", "study", "--in-place", "--workers", count)
    assert done.returncode == 2
    assert "a number from 1 to 1024" in done.stderr
    assert "Traceback" not in done.stderr
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()


@pytest.mark.parametrize("count", [0, -1, 1025, 2**64, 10**30])
def test_such_a_number_in_a_call(study: Path, count: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 1024"):
        dicomblank.anonymize_in_place(study, workers=count)
    assert dicomblank.anonymize_in_place(study, workers=1024).anonymized == 2


DATA = CT.read_bytes()


def _padded(size: int) -> bytes:
    return DATA + bytes(-len(DATA) % size)


def _ctypes(kind: type[ctypes._SimpleCData]) -> object:  # type: ignore[type-arg]
    data = _padded(ctypes.sizeof(kind))
    return (kind * (len(data) // ctypes.sizeof(kind))).from_buffer_copy(data)


def _raw(kind: type[ctypes._SimpleCData]) -> object:  # type: ignore[type-arg]
    data = _padded(ctypes.sizeof(kind))
    made = multiprocessing.RawArray(kind, len(data) // ctypes.sizeof(kind))
    ctypes.memmove(made, data, len(data))
    return made


def _structure() -> object:
    class Scan(ctypes.Structure):
        _fields_ = (("data", ctypes.c_ubyte * len(DATA)),)

    return Scan.from_buffer_copy(DATA)


@pytest.mark.parametrize(
    "make",
    [
        *(lambda kind=kind: _ctypes(kind) for kind in (ctypes.c_ubyte, ctypes.c_char, ctypes.c_int, ctypes.c_double)),
        *(lambda kind=kind: _raw(kind) for kind in (ctypes.c_ubyte, ctypes.c_char, ctypes.c_uint16)),
        *(lambda code=code: array.array(code, _padded(8)) for code in "bBhIqd"),
        lambda: np.frombuffer(_padded(8), np.float64).copy(),
        lambda: np.frombuffer(_padded(64), np.uint8).copy().reshape(2, -1),
        lambda: memoryview(bytearray(_padded(4))).cast("i"),
        _structure,
    ],
)
def test_any_buffer_that_a_memoryview_takes(make: Callable[[], object]) -> None:
    buffer = make()
    before = memoryview(buffer).tobytes()  # type: ignore[arg-type]
    expected = dicomblank.anonymize_bytes(before)
    assert expected != before
    assert dicomblank.anonymize_bytes(buffer) == expected  # type: ignore[arg-type]
    assert len(dicomblank.plan(buffer)) == len(dicomblank.plan(DATA))  # type: ignore[arg-type]
    dicomblank.anonymize_buffer(buffer)  # type: ignore[arg-type]
    assert memoryview(buffer).tobytes() == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("buffer", "error", "words"),
    [
        (DATA, BufferError, "read-only"),
        (memoryview(bytearray(DATA * 2))[::2], BufferError, "contiguous"),
        (np.asfortranarray(np.frombuffer(_padded(64), np.uint8).reshape(2, -1)), BufferError, "contiguous"),
        (3, TypeError, "int"),
        (None, TypeError, "NoneType"),
    ],
)
def test_a_buffer_that_will_not_do(buffer: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        dicomblank.anonymize_buffer(buffer)  # type: ignore[arg-type]
