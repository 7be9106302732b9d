"""What a disk can hold besides files of one name, and what can befall it: with real processes."""

import ctypes
import os
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import dicomblank
from conftest import Command, file_rows
from dicomblank import HardLinks, OnError, UnsupportedError
from namespaces import mounting
from samples import CT, damaged_ct

DONE = dicomblank.anonymize_bytes(CT.read_bytes())


def test_hard_links_are_refused_in_place(command: Command, ct: Path) -> None:
    os.link(ct, ct.parent / "other")
    done = command("anonymize", "ct.dcm", "--in-place")
    assert (done.returncode, ct.read_bytes()) == (1, CT.read_bytes())
    assert "refused: ct.dcm: has 2 names (hard links)" in done.stderr
    done = command("anonymize", "ct.dcm", "--in-place", "--hard-links", "write")
    assert (done.returncode, ct.read_bytes()) == (0, dicomblank.anonymize_bytes(CT.read_bytes()))


@pytest.mark.parametrize("way", ["repository", "repository/.git", "objects", "key", "through a link"])
def test_content_of_git_annex_is_refused_in_place(command: Command, tmp_path: Path, way: str) -> None:
    objects = tmp_path / "repository" / ".git" / "annex" / "objects"
    key = objects / "X1" / "2Z" / "SHA256E-s39206--ab.dcm" / "SHA256E-s39206--ab.dcm"
    key.parent.mkdir(parents=True)
    key.write_bytes(CT.read_bytes())
    (tmp_path / "link").symlink_to(objects / "X1")
    sources = {"objects": objects, "key": key, "through a link": tmp_path / "link" / "2Z"}
    source = sources.get(way, tmp_path / way)
    done = command("anonymize", source, "--in-place")
    assert (done.returncode, key.read_bytes()) == (1, CT.read_bytes())
    assert "is content of git-annex" in done.stderr
    assert "git annex unlock" in done.stderr
    assert command("anonymize", source, "--output", "out/").returncode == 0
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == (1 if way == "key" else 2)  # the folder has that name too


def test_hard_links_by_the_api(ct: Path, tmp_path: Path) -> None:
    os.link(ct, tmp_path / "other")
    with pytest.raises(UnsupportedError, match="hard links"):
        dicomblank.anonymize_in_place(ct)
    assert dicomblank.anonymize_copy(ct, tmp_path / "out").anonymized == 1
    assert dicomblank.anonymize_in_place(ct, hard_links=HardLinks.WRITE).anonymized == 1
    assert dicomblank.anonymize_in_place(ct).unchanged == 1


@pytest.mark.parametrize("given", ["link", "link/", "link/.", "to a file"])
def test_a_link_that_is_named_is_refused_in_place(command: Command, study: Path, given: str) -> None:
    link = study.parent / "link"
    target = study / "ct.dcm" if given == "to a file" else study
    link.symlink_to(target)
    name = "link" if given == "to a file" else given
    done = command("anonymize", name, "--in-place")
    assert done.returncode == 1
    assert f"a symbolic link to {target}: name that in its place\n" in done.stderr
    assert done.stderr.startswith("refused: link")
    with (
        pytest.raises(UnsupportedError, match=f"a symbolic link to {target}")
        if target.is_file()
        else (pytest.raises(dicomblank.IncompleteError))
    ):
        dicomblank.anonymize_in_place(study.parent / name)
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()
    assert command("anonymize", name, "--output", "out").returncode == 0


@pytest.mark.parametrize("way", ["a hard link", "a bind mount"])
def test_one_file_reached_twice_is_done_once(command: Command, tmp_path: Path, way: str) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    for index in range(60):
        shutil.copy(CT, tmp_path / "one" / f"{index}")
    prefix = []
    if way == "a bind mount":
        prefix = mounting("mount --bind one two")
    else:
        for path in (tmp_path / "one").iterdir():
            os.link(path, tmp_path / "two" / path.name)
    # Two names in turn, and slowly: so that two workers come to one file at once.
    names = [f"{folder}/{index}" for index in range(60) for folder in ("one", "two")]
    options = ["--hard-links", "write", "--workers", "2", "--validate", "--report", "run.jsonl"]
    done = command("anonymize", *names, "--in-place", *options, prefix=prefix)
    assert (done.returncode, done.stderr) == (0, "")
    rows = file_rows(tmp_path / "run.jsonl")
    outcomes = sorted((row["path"], row["outcome"]) for row in rows)
    assert outcomes == sorted((f"{index}", outcome) for index in range(60) for outcome in ("anonymized", "unchanged"))
    assert {path.read_bytes() for path in (tmp_path / "one").iterdir()} == {DONE}


def test_every_name_of_a_file_is_copied(command: Command, study: Path) -> None:
    os.link(study / "ct.dcm", study / "series" / "other")
    assert command("anonymize", "study", "--output", "out").returncode == 0
    copies = [study.parent / "out" / name for name in ("ct.dcm", "series/other")]
    assert [path.read_bytes() for path in copies] == [DONE, DONE]
    assert [path.stat().st_nlink for path in copies] == [1, 1]


# pipes, sockets, devices


class Opens:
    """Counts how often files are opened, by any process: a pipe does not show afterwards that it was opened."""

    def __init__(self, *paths: Path) -> None:
        if not sys.platform.startswith("linux"):
            pytest.skip("inotify is Linux's")
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._queue = self._libc.inotify_init1(os.O_NONBLOCK)
        in_open = 0x20
        for path in paths:
            assert self._libc.inotify_add_watch(self._queue, os.fsencode(path), in_open) >= 0

    def count(self) -> int:
        event = 16  # bytes, without a name: the files themselves are watched
        try:
            return len(os.read(self._queue, 1 << 16)) // event
        except BlockingIOError:
            return 0

    def __del__(self) -> None:
        os.close(self._queue)


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))  # the whole path may be too long for it


def make_device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # /dev/zero, which never ends
    except PermissionError:
        pytest.skip("devices are root's to make")


@pytest.mark.parametrize("where", [["--in-place"], ["--output", "out"]], ids=["in place", "by copy"])
@pytest.mark.parametrize(
    ("make", "name"),
    [(make_pipe, "a pipe"), (make_socket, "a socket"), (make_device, "a device")],
    ids=["pipe", "socket", "device"],
)
def test_what_is_no_file_is_never_opened(
    command: Command, study: Path, make: Callable[[Path], None], name: str, where: list[str]
) -> None:
    special = study / "special.dcm"
    make(special)
    opens = Opens(special)
    done = command("anonymize", "study", *where, "--report", "run.jsonl")
    rows = file_rows(study.parent / "run.jsonl")
    (row,) = [row for row in rows if row["path"] == "special.dcm"]
    assert (row["outcome"], row["error"]) == ("skipped", f"{name}: not opened")
    assert (done.returncode, len(rows)) == (0, 4)
    shutil.rmtree(study.parent / "out", ignore_errors=True)
    done = command("anonymize", "study/special.dcm", "study/series", *where)
    assert done.stderr == f"refused: study/special.dcm: {name}: not opened\n"
    assert not (study.parent / "out" / "special.dcm").exists()
    assert opens.count() == 0


def test_an_opened_file_would_be_seen(ct: Path) -> None:
    opens = Opens(ct)
    dicomblank.plan(ct)
    assert opens.count() > 0


# names

NAMES = {
    "255 bytes": b"x" * 255,
    "255 bytes of UTF-8": "\u00fc".encode() * 127 + b"x",
    "not UTF-8": b"M\xfcller.dcm",
    "255 bytes that are not UTF-8": b"\xff" * 255,
    "a newline": b"a\nb.dcm",
    "a terminal's escape": b"\x1b[31mred\x07.dcm",
    "a backslash": rb"a\xff.dcm",
    "spaces": b" a ",
    "dashes": b"--in-place",
    "dots": b"...",
}


@pytest.mark.parametrize("is_copy", [False, True], ids=["in place", "by copy"])
@pytest.mark.parametrize("words", NAMES)
def test_names_of_any_bytes(command: Command, tmp_path: Path, words: str, is_copy: bool) -> None:
    name = os.fsdecode(NAMES[words])
    folder = tmp_path / "study" / name
    folder.mkdir(parents=True)
    good, bad = folder / name, folder / "damaged.dcm"
    good.write_bytes(CT.read_bytes())
    bad.write_bytes(damaged_ct())
    where = ["--output", "out"] if is_copy else ["--in-place"]
    done = command("anonymize", "study", *where, "--report", "run.jsonl", errors="strict")
    assert done.returncode == 1
    written = tmp_path / "out" / good.relative_to(tmp_path / "study") if is_copy else good
    assert written.read_bytes() == DONE
    rows = {row["path"]: row for row in file_rows(tmp_path / "run.jsonl")}
    assert {path: row["outcome"] for path, row in rows.items()} == {
        f"{name}/{name}": "anonymized",
        f"{name}/damaged.dcm": "refused",
    }
    # One line, in which no byte of a name is a terminal's to obey.
    (line,) = done.stderr.splitlines()
    assert line.startswith("refused: study/")
    assert line.isprintable()
    assert (tmp_path / "run.jsonl").read_text().replace("\n", "").isprintable()
    report = dicomblank.anonymize_in_place(tmp_path / "study", on_error=OnError.COLLECT)
    assert [(row.path, row.outcome) for row in report.faults] == [(f"{name}/damaged.dcm", "refused")]
    # A reason that names a target is for people, and shown as such.
    report = dicomblank.anonymize_copy(tmp_path / "study", tmp_path / "there", on_error=OnError.COLLECT)
    again = dicomblank.anonymize_copy(tmp_path / "study", tmp_path / "there", on_error=OnError.COLLECT)
    assert (report.anonymized + report.unchanged, report.refused, again.refused) == (1, 1, 2)
    assert all((row.error or "").isprintable() for row in again.faults)


# an output that is, holds or lies inside the source


@pytest.mark.parametrize("by", ["command", "API"])
@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (("study", "study"), "is the source"),
        (("study", "study/"), "is the source"),
        (("study", "link"), "is the source"),
        (("link", "study"), "is the source"),
        (("study", "study/series/.."), "is the source"),
        (("study", "missing/../study"), "is the source"),
        (("study", "study/out"), "lies inside the source"),
        (("study", "study/series"), "lies inside the source"),
        (("study", "link/out/deeper"), "lies inside the source"),
        (("link", "study/out"), "lies inside the source"),
        (("study", "to-series"), "lies inside the source"),
        (("study", "to-series/out"), "lies inside the source"),
        (("study", "other/../study/out"), "lies inside the source"),
        (("study", "to-series/../out"), "lies inside the source"),
        (("study", "."), "holds the source"),
        (("study/series", "study"), "holds the source"),
        (("study/ct.dcm", "study"), "holds the source"),
        (("study/series", "link"), "holds the source"),
        (("to-series", "study"), "holds the source"),
        (("study/series", "study/series/.."), "holds the source"),
        (("study", "other/.."), "holds the source"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_an_output_may_not_touch_the_source(
    command: Command, study: Path, pair: tuple[str, str], words: str, by: str
) -> None:
    source, output = pair
    above = study.parent
    (above / "other").mkdir()
    (above / "link").symlink_to("study")
    (above / "to-series").symlink_to("study/series")
    before = sorted(above.rglob("*"))
    if by == "API":
        with pytest.raises(ValueError, match=words):
            # Not by pathlib, which would take away the slash at the end.
            dicomblank.anonymize_copy(f"{above}/{source}", f"{above}/{output}", existing=dicomblank.Existing.OVERWRITE)
    else:
        done = command("anonymize", source, "--output", output, "--overwrite")
        assert done.returncode == 2
        assert f"the output {output} {words} {source}" in done.stderr
    assert sorted(above.rglob("*")) == before
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()


@pytest.mark.parametrize(
    ("output", "words"), [("mount", "is the source"), ("mount/out", "lies inside the source")], ids=["is", "inside"]
)
def test_an_output_that_is_the_source_by_a_mount(command: Command, study: Path, output: str, words: str) -> None:
    prefix = mounting("mkdir mount; mount --bind study mount")
    done = command("anonymize", "study", "--output", output, "--overwrite", prefix=prefix)
    assert done.returncode == 2
    assert f"the output {output} {words} study" in done.stderr
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()


# times

LONG_AGO = 1_000_000_000_123_456_789


@pytest.mark.parametrize("state", ["to be blanked", "blank already", "refused", "not DICOM"])
def test_times_change_where_bytes_change(command: Command, tmp_path: Path, state: str) -> None:
    contents = {"to be blanked": CT.read_bytes(), "blank already": DONE, "refused": damaged_ct(), "not DICOM": b"hello"}
    path = tmp_path / "study" / ("notes" if state == "not DICOM" else "file.dcm")
    path.parent.mkdir()
    path.write_bytes(contents[state])
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    start = time.time_ns() - 1_000_000_000  # a file's clock may be a little behind
    command("anonymize", "study", "--in-place")
    modified = path.stat().st_mtime_ns
    assert modified > start if state == "to be blanked" else modified == LONG_AGO


@pytest.mark.parametrize("is_clean", [False, True], ids=["to be blanked", "blank already"])
def test_the_time_of_a_copy_is_its_own(command: Command, tmp_path: Path, is_clean: bool) -> None:
    path = tmp_path / "ct.dcm"
    path.write_bytes(DONE if is_clean else CT.read_bytes())
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    start = time.time_ns() - 1_000_000_000
    command("anonymize", "ct.dcm", "--output", "out/")
    assert (tmp_path / "out" / "ct.dcm").stat().st_mtime_ns > start
    assert path.stat().st_mtime_ns == LONG_AGO


# two runs at once


def start(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "dicomblank", "anonymize", *arguments]
    return subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    folder = tmp_path / "many"
    folder.mkdir()
    for index in range(600):
        shutil.copy(CT, folder / f"{index}")
    return folder


def test_two_runs_in_place_at_once(command: Command, many: Path) -> None:
    """Either sees the other's work as done, or the file as changed; whatever they write, they write the same."""
    runs = [start(many.parent, "many", "--in-place") for _ in range(2)]
    for run in runs:
        _, stderr = run.communicate(timeout=60)
        assert run.returncode == (1 if stderr else 0)
        assert all(line.endswith(": changed while being read") for line in stderr.splitlines())
    assert command("anonymize", "many", "--in-place").returncode == 0
    assert {path.read_bytes() for path in many.iterdir()} == {DONE}


def test_two_runs_into_one_output(many: Path) -> None:
    runs = [start(many.parent, "many", "--output", "out", "--report", f"{name}.jsonl") for name in ("one", "two")]
    for run in runs:
        run.communicate(timeout=60)
    rows = [row for name in ("one", "two") for row in file_rows(many.parent / f"{name}.jsonl")]
    assert len(rows) == 1200
    reasons = {row["error"].split()[-1] for row in rows if row["outcome"] != "anonymized"}
    assert reasons <= {"already", "meanwhile"}
    names = sorted(path.name for path in many.iterdir())
    assert sorted(row["path"] for row in rows if row["outcome"] == "anonymized") == names
    copies = sorted((many.parent / "out").iterdir())
    assert [path.name for path in copies] == names
    assert {path.read_bytes() for path in copies} == {DONE}
