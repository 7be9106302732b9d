"""What can happen to a disk and its files during a run: with real processes, file systems and permissions.

Each fault is a row `failed` with the path and the system's words, the other files are done, and the exit code is 1.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pydicom
import pytest

import dicomblank
from conftest import file_rows
from dicomblank import _core
from dicomblank.levels import Level, core_rules
from elements import PREAMBLE
from namespaces import bound_by_permissions, mounting
from samples import MR

DONE = dicomblank.anonymize_bytes(MR.read_bytes())


class Run:
    """A finished command: its exit code, stderr and the rows of its report."""

    def __init__(self, folder: Path, prefix: list[str], *arguments: str) -> None:
        report = folder / "rows.jsonl"
        words = [*prefix, sys.executable, "-m", "dicomblank", "anonymize", *arguments, "--report", os.fspath(report)]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
        self.code, self.stderr = done.returncode, done.stderr
        rows = file_rows(report) if report.exists() else []
        report.unlink(missing_ok=True)
        self.outcomes = {row["path"]: row["outcome"] for row in rows}
        self.errors = {row["path"]: row["error"] for row in rows if "error" in row}


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A folder with three equal files."""
    folder = tmp_path / "study"
    folder.mkdir()
    for name in ("a", "b", "c"):
        shutil.copy(MR, folder / name)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def large(path: Path, size: int) -> bytes:
    """Writes a file with pixel data of `size` bytes, and returns its bytes."""
    dataset = pydicom.dcmread(MR)
    dataset.PixelData = bytes(size)
    dataset.save_as(path)
    return path.read_bytes()


# a full disk


def test_a_full_disk_by_copy(tmp_path: Path, three: Path) -> None:
    large(tmp_path / "large", 400_000)
    (tmp_path / "full").mkdir()
    prefix = mounting("mount -t tmpfs -o size=256k none full", "cp -a full saved")
    # One worker: the large file has filled the disk when it fails, and the others come after it.
    run = Run(tmp_path, prefix, "large", "study", "--output", "full", "--workers", "1")
    assert run.code == 1
    assert run.outcomes == {"large": "failed", "a": "anonymized", "b": "anonymized", "c": "anonymized"}
    assert run.errors == {"large": "full/large: No space left on device"}
    assert run.stderr == "failed: large: full/large: No space left on device\n"
    assert contents(tmp_path / "saved") == {"study/a": DONE, "study/b": DONE, "study/c": DONE}


def test_a_full_disk_in_place(tmp_path: Path, three: Path) -> None:
    # The comments are a hole in the file: to blank them takes room that the disk doesn't have. The others take none.
    dataset = pydicom.dcmread(MR)
    dataset.PatientComments = "\0" * 60_000
    dataset.save_as(tmp_path / "study" / "hole")
    before = contents(three)["hole"]
    prefix = mounting(
        "mkdir full; mount -t tmpfs -o size=256k none full; cp --sparse=always study/* full;"
        " dd if=/dev/zero of=full/rest bs=4k 2>/dev/null || true",
        "rm full/rest; cp -a full saved",
    )
    run = Run(tmp_path, prefix, "full", "--in-place", "--blank", "PatientComments")
    assert run.code == 1
    assert run.errors == {"hole": "No space left on device"}
    assert "failed: full/hole: No space left on device\n" in run.stderr
    after = contents(tmp_path / "saved")
    hole = after.pop("hole")
    assert after == {"a": DONE, "b": DONE, "c": DONE}
    start = before.index(b"\0" * 60_000)
    whole = dicomblank.anonymize_bytes(before, Level.ANONYMIZE.rules.blank("PatientComments"))
    assert all(byte in {old, new} for byte, old, new in zip(hole, before, whole, strict=True))
    assert hole[start : start + 60_000] != whole[start : start + 60_000]


def test_a_full_disk_for_the_report(tmp_path: Path) -> None:
    many = tmp_path / "study"
    many.mkdir()
    for index in range(300):
        shutil.copy(MR, many / f"{index}")
    (tmp_path / "full").mkdir()
    prefix = mounting("mount -t tmpfs -o size=4k none full")
    words = [sys.executable, "-m", "dicomblank", "anonymize", "study", "--in-place", "--report", "full/run.jsonl"]
    done = subprocess.run([*prefix, *words], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("stopped: full/run.jsonl: No space left on device: ")
    assert len(done.stderr.splitlines()) == 1
    assert set(contents(many).values()) <= {DONE, MR.read_bytes()}


# permissions


def test_a_read_only_file_in_place(tmp_path: Path, three: Path) -> None:
    (three / "clean").write_bytes(DONE)  # which need not be written
    for name in ("b", "clean"):
        (three / name).chmod(0o444)
    run = Run(tmp_path, bound_by_permissions(), "study", "--in-place")
    assert (run.code, run.errors) == (1, {"b": "Permission denied"})
    assert run.outcomes == {"a": "anonymized", "b": "failed", "c": "anonymized", "clean": "unchanged"}
    assert run.stderr == "failed: study/b: Permission denied\n"
    assert contents(three) == {"a": DONE, "b": MR.read_bytes(), "c": DONE, "clean": DONE}
    # To be read it need not be written.
    assert Run(tmp_path, bound_by_permissions(), "study", "--output", "out").code == 0
    assert contents(tmp_path / "out") == {"a": DONE, "b": DONE, "c": DONE, "clean": DONE}


@pytest.mark.parametrize("place", ["--in-place", "--output"])
def test_an_unreadable_file(tmp_path: Path, three: Path, place: str) -> None:
    (three / "b").chmod(0)
    run = Run(tmp_path, bound_by_permissions(), "study", place, *(["out"] if place == "--output" else []))
    (three / "b").chmod(0o600)
    assert (run.code, run.errors) == (1, {"b": "Permission denied"})
    assert run.stderr == "failed: study/b: Permission denied\n"
    assert (three / "b").read_bytes() == MR.read_bytes()
    after = contents(three if place == "--in-place" else tmp_path / "out")
    assert {name: data for name, data in after.items() if name != "b"} == {"a": DONE, "c": DONE}


@pytest.mark.parametrize("mode", [0o000, 0o300], ids=["closed", "not to be listed"])
def test_an_unreadable_folder(tmp_path: Path, three: Path, mode: int) -> None:
    (three / "series").mkdir()
    (three / "b").rename(three / "series" / "b")
    (three / "series").chmod(mode)
    run = Run(tmp_path, bound_by_permissions(), "study", "--in-place")
    (three / "series").chmod(0o700)
    assert (run.code, run.errors) == (1, {"series": "Permission denied"})
    assert run.stderr == "failed: study/series: Permission denied\n"
    assert contents(three) == {"a": DONE, "series/b": MR.read_bytes(), "c": DONE}


def test_a_source_that_is_an_unreadable_folder(tmp_path: Path, three: Path) -> None:
    three.chmod(0)
    run = Run(tmp_path, bound_by_permissions(), "study", "--in-place")
    three.chmod(0o700)
    assert (run.code, run.errors) == (1, {".": "Permission denied"})
    assert "failed: study/.: Permission denied\n" in run.stderr


@pytest.mark.parametrize("place", ["the output", "a folder of the output", "the folder the output would be made in"])
def test_a_read_only_target(tmp_path: Path, three: Path, place: str) -> None:
    (three / "series").mkdir()
    (three / "b").rename(three / "series" / "b")
    closed = tmp_path / "shared" / "out" / "series"
    closed.mkdir(parents=True)
    if place == "the output":
        closed.rmdir()
        closed = closed.parent
    elif place != "a folder of the output":
        shutil.rmtree(closed.parent)
        closed = tmp_path / "shared"
    closed.chmod(0o555)
    run = Run(tmp_path, bound_by_permissions(), "study", "--output", "shared/out")
    closed.chmod(0o755)
    assert run.code == 1
    assert set(run.outcomes) == {"a", "c", "series/b"}
    if place == "a folder of the output":
        assert run.errors == {"series/b": "shared/out/series/b: Permission denied"}
        assert contents(tmp_path / "shared") == {"out/a": DONE, "out/c": DONE}
    else:
        assert set(run.errors) == {"a", "c", "series/b"}
        assert all(error.endswith(": Permission denied") for error in run.errors.values())
        assert all(error.startswith("shared/out") for error in run.errors.values())
        assert contents(tmp_path / "shared") == {}


@pytest.mark.parametrize("place", ["in place", "by copy"])
def test_a_read_only_file_system(tmp_path: Path, three: Path, place: str) -> None:
    (three / "clean").write_bytes(DONE)
    (tmp_path / "out").mkdir()
    closed = "study" if place == "in place" else "out"
    prefix = mounting(f"mount --bind {closed} {closed}; mount -o remount,ro,bind {closed}")
    where = ["--in-place"] if place == "in place" else ["--output", "out"]
    run = Run(tmp_path, prefix, "study", *where)
    assert run.code == 1
    words = {name: f"out/{name}: Read-only file system" for name in ("a", "b", "c", "clean")}
    if place == "in place":  # what is blank already need not be written
        words = dict.fromkeys(("a", "b", "c"), "Read-only file system")
        assert run.outcomes["clean"] == "unchanged"
    assert run.errors == words
    assert [contents(three)[name] for name in ("a", "b", "c")] == [MR.read_bytes()] * 3


# files that change


def changed_meanwhile(
    sources: list[Path], output: Path | None, change: Callable[[], None]
) -> dict[str, tuple[str, str]]:
    """Outcome and reason by name. `change` is called when the first source is walked, and before it is written."""
    job = _core.Job(_core.Sources(sources), output, core_rules(Level.ANONYMIZE), workers=1)
    rows: list[_core.Row] = []
    first = os.fspath(sources[0])

    def validate(path: str, _: dicomblank.Plan | None, _stop: _core.Stop) -> None:
        if path == first:
            change()

    job.run(validate=validate, on_row=rows.append)
    return {row.path: (row.outcome, row.error or "") for row in rows}


OTHER = PREAMBLE + bytes(1000)


def rewrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(OTHER)


CHANGES: dict[str, Callable[[Path], None]] = {
    "grows": lambda path: os.truncate(path, path.stat().st_size + 2),
    "shrinks": lambda path: os.truncate(path, 1000),
    "is emptied": lambda path: os.truncate(path, 0),
    "is rewritten": rewrite,
}


@pytest.mark.parametrize("is_copy", [False, True], ids=["in place", "by copy"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_between_walking_and_writing(
    tmp_path: Path, three: Path, change: str, is_copy: bool
) -> None:
    output = tmp_path / "out" if is_copy else None
    changed = three / "a"
    expected = tmp_path / "expected"
    shutil.copy(changed, expected)
    CHANGES[change](expected)
    sources = [three / name for name in ("a", "b", "c")]
    rows = changed_meanwhile(sources, output, lambda: CHANGES[change](changed))
    assert rows == {"a": ("failed", "changed while being read"), "b": ("anonymized", ""), "c": ("anonymized", "")}
    assert changed.read_bytes() == expected.read_bytes()
    if is_copy:
        assert contents(tmp_path / "out") == {"b": DONE, "c": DONE}


@pytest.mark.timeout(60, method="thread")  # a thread that waits for a pipe can't be interrupted
@pytest.mark.parametrize("is_copy", [False, True], ids=["in place", "by copy"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("vanishes", "No such file or directory"),
        ("becomes a folder", "a folder: not opened"),
        ("becomes a pipe", "a pipe: not opened"),
    ],
    ids=["vanishes", "becomes a folder", "becomes a pipe"],
)
def test_a_file_that_is_gone_when_its_turn_comes(
    tmp_path: Path, three: Path, change: str, words: str, is_copy: bool
) -> None:
    def replace() -> None:
        (three / "b").unlink()
        if change == "becomes a folder":
            (three / "b").mkdir()
        elif change == "becomes a pipe":
            os.mkfifo(three / "b")

    sources = [three / name for name in ("a", "b", "c")]
    rows = changed_meanwhile(sources, tmp_path / "out" if is_copy else None, replace)
    outcome = "failed" if change == "vanishes" else "refused"
    assert rows == {"a": ("anonymized", ""), "b": (outcome, words), "c": ("anonymized", "")}


@contextlib.contextmanager
def stopped_amid_copying(folder: Path, *arguments: str) -> Iterator["subprocess.Popen[str] | None"]:
    """The command, stopped when part of its first copy into `out` is written; None where it was too fast for that."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dicomblank", "anonymize", *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while process.poll() is None and not any((folder / "out").glob(".*")):
            pass
        process.send_signal(signal.SIGSTOP)
        state = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        is_stopped = state is not None and state.si_code == os.CLD_STOPPED
        files = contents(folder / "out")
        yield process if is_stopped and [0 < len(data) < LARGE for data in files.values()] == [True] else None
    finally:
        process.kill()
        process.communicate()


LARGE = 32 << 20


@pytest.mark.parametrize("change", ["grows", "shrinks", "is rewritten"])
def test_a_file_that_changes_while_it_is_copied(tmp_path: Path, three: Path, change: str) -> None:
    before = large(tmp_path / "large", LARGE)
    for _ in range(50):
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        # By --overwrite the new file has a temporary name, and can be seen.
        arguments = ["large", "study", "--output", "out", "--workers", "1", "--overwrite"]
        with stopped_amid_copying(tmp_path, *arguments) as process:
            if process is None:
                continue
            CHANGES[change](tmp_path / "large")
            process.send_signal(signal.SIGCONT)
            _, stderr = process.communicate(timeout=60)
            assert (process.returncode, stderr) == (1, "failed: large: changed while being read\n")
            break
    else:
        pytest.fail("no copy was ever seen under way")
    assert contents(tmp_path / "out") == {"study/a": DONE, "study/b": DONE, "study/c": DONE}
    assert (tmp_path / "large").read_bytes() != before


@pytest.mark.parametrize(
    "refused",
    ["linkat:error=EOPNOTSUPP", "copy_file_range:error=EXDEV", "copy_file_range:retval=0:when=2+"],
    ids=["no file without a name gets one", "the system does not copy", "the system stops copying"],
)
def test_what_a_file_system_cannot_do_is_done_otherwise(tmp_path: Path, refused: str) -> None:
    strace = shutil.which("strace")
    if strace is None or subprocess.run([strace, "-qq", "-o", os.devnull, "true"], check=False).returncode != 0:
        pytest.skip("strace is not installed, or can't trace here")
    pixels = large(tmp_path / "large", 2 * LARGE)
    before = pixels[:LARGE] + os.urandom(LARGE) + pixels[2 * LARGE :]
    (tmp_path / "large").write_bytes(before)
    options = [
        "-f",
        "-qq",
        "-o",
        str(tmp_path / "calls"),
        "-e",
        "trace=linkat,copy_file_range",
        "-e",
        f"inject={refused}",
    ]
    words = [sys.executable, "-m", "dicomblank", "anonymize", "large", "--output", "out/"]
    done = subprocess.run([strace, *options, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "(INJECTED)" in (tmp_path / "calls").read_text(), "nothing was refused"
    assert contents(tmp_path / "out") == {"large": dicomblank.anonymize_bytes(before)}
