"""A list of files in the place of a folder, and what is passed over."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dicomblank
from dicomblank import FilesFrom
from peak import LITTLE
from reports import read
from samples import CT, MR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from conftest import Command

MODULE = [sys.executable, "-m", "dicomblank"]
NAME = b"CompressedSamples"  # of the patient in CT


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Two series of three files, one of them of files that are derived, and a note."""
    folder = tmp_path / "many"
    for series in ("a", "b", "b/derived"):
        (folder / series).mkdir(parents=True)
        for number in range(3):
            shutil.copy(CT if number else MR, folder / series / f"{number}.dcm")
    (folder / "a" / "notes.txt").write_text("nothing medical\n")
    return folder


def write_list(path: Path, *names: str, end: str = "\n") -> Path:
    path.write_text("".join(name + end for name in names))
    return path


# What is done


def test_a_list_of_all_files_makes_what_the_folder_makes(many: Path, command: Command, tmp_path: Path) -> None:
    files = [path for path in sorted(many.rglob("*")) if path.is_file()]
    names = [os.path.relpath(path, tmp_path) for path in files]
    dicomblank.anonymize_copy(many, tmp_path / "whole")
    for end, option in (("\n", ()), ("\0", ("-0",))):
        listed, out = write_list(tmp_path / "list", *names, end=end), tmp_path / f"out{ord(end)}"
        words = ("--files-from", listed, "--relative-to", many, *option)
        assert command("anonymize", "-o", out, *words).returncode == 0
        assert tree(out) == tree(tmp_path / "whole")
        verified = command("verify", *words, out)
        assert (verified.returncode, "9 files" in verified.stdout) == (0, True)


def test_only_what_is_listed_is_touched(many: Path, command: Command, tmp_path: Path) -> None:
    before = tree(many)
    write_list(tmp_path / "list", "many/a/1.dcm", "./many//b/derived/2.dcm", str(many / "b" / "1.dcm"), "", end="\n")
    done = command("anonymize", "--in-place", "--files-from", "list")
    assert (done.returncode, "3 files anonymized" in done.stdout) == (0, True)
    changed = {name for name, data in tree(many).items() if data != before[name]}
    assert changed == {"a/1.dcm", "b/derived/2.dcm", "b/1.dcm"}
    assert not any(NAME in tree(many)[name] for name in changed)


def test_the_call_takes_a_list_as_the_command_does(many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    listed = FilesFrom(write_list(tmp_path / "list", "many/a/1.dcm", "many/b/1.dcm"), relative_to="many")
    report = dicomblank.anonymize_copy(listed, "out", report="run.jsonl", exclude="b")
    assert (report.files, report.anonymized, report.skipped) == (2, 1, 1)
    assert list(tree(tmp_path / "out")) == ["a/1.dcm"]
    run = read(tmp_path / "run.jsonl").run
    assert (run["files_from"], run["sources"], run["exclude"]) == (str(tmp_path / "list"), ["many"], ["b"])
    listed = FilesFrom("list", relative_to="many")
    assert dicomblank.dry_run(listed).files == dicomblank.inspect(listed).report.files == 2
    assert dicomblank.verify(listed, "out", exclude=["b"]).ok
    counts = dicomblank.verify(listed, "out").counts
    assert {word: count for word, count in counts.items() if count} == {"ok": 1, "missing": 1}
    with pytest.raises(ValueError, match="a list needs the folder"):
        dicomblank.anonymize_copy(FilesFrom("list"), "elsewhere")


def test_plan_counts_the_files_of_a_list(many: Path, command: Command, tmp_path: Path) -> None:
    write_list(tmp_path / "list", "many/a/1.dcm", "many/b/1.dcm")
    done = command("plan", "--files-from", "list")
    assert (done.returncode, "2 files" in done.stdout) == (0, True)
    assert command("inspect", "--files-from", "list").returncode == 0
    assert b"Compressed" in (many / "a" / "1.dcm").read_bytes()


def test_copies_of_other_files_are_not_extra(many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    dicomblank.anonymize_copy(many, "out")
    (tmp_path / "out" / "b" / "1.dcm").write_bytes(CT.read_bytes())
    write_list(tmp_path / "list", "many/a/1.dcm")
    assert dicomblank.verify(FilesFrom("list", relative_to="many"), "out").ok
    assert not dicomblank.verify(many, "out").ok


def test_names_need_not_be_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = [b"in/\xff\xfe.dcm", "in/ \u00e4\u30a2 .dcm".encode(), b"in/two\nlines.dcm"]
    (tmp_path / "in").mkdir()
    for name in names:
        shutil.copy(CT, tmp_path / os.fsdecode(name))
    (tmp_path / "list").write_bytes(b"\0".join(names))
    report = dicomblank.anonymize_copy(FilesFrom("list", relative_to="in", null=True), "out")
    assert (report.anonymized, report.ok) == (3, True)
    assert tree(tmp_path / "out").keys() == tree(tmp_path / "in").keys()


# What is not


def test_what_a_name_does_not_lead_to_is_told(many: Path, command: Command, tmp_path: Path) -> None:
    (many / "link.dcm").symlink_to("a/1.dcm")
    (many / "c").symlink_to("a")
    shutil.copy(CT, tmp_path / "beside.dcm")
    before = tree(many)
    names = ["many/link.dcm", "many/c/1.dcm", "many/a", "many/a/../a/1.dcm", "beside.dcm", "many/none.dcm", "many/"]
    write_list(tmp_path / "list", *names, "many/b/2.dcm")
    done = command("anonymize", "--in-place", "--files-from", "list", "--relative-to", "many", "--report", "run.jsonl")
    assert done.returncode == 1
    rows = {Path(row["path"]).relative_to(tmp_path).as_posix() if row["path"][0] == "/" else row["path"]: row
            for row in read(tmp_path / "run.jsonl").files}  # fmt: skip
    kinds = {path: (row["outcome"], row.get("kind")) for path, row in rows.items()}
    assert kinds == {
        "link.dcm": ("refused", "symbolic-link"),
        "many/c/1.dcm": ("refused", "symbolic-link"),
        "a": ("refused", "not-regular"),
        "many/a/../a/1.dcm": ("refused", "outside-folder"),
        "beside.dcm": ("refused", "outside-folder"),
        "none.dcm": ("failed", "not-found"),
        "many": ("refused", "not-regular"),
        "b/2.dcm": ("anonymized", None),
    }
    assert "/a: name it by that path" in rows["many/c/1.dcm"]["error"]
    assert {name for name, data in tree(many).items() if data != before[name]} == {"b/2.dcm"}
    assert (tmp_path / "beside.dcm").read_bytes() == CT.read_bytes()


@pytest.mark.parametrize("option", [(), ("-0",)])
def test_a_scan_that_is_named_as_the_list_is_told_without_its_values(
    many: Path, command: Command, tmp_path: Path, option: tuple[str, ...]
) -> None:
    before = tree(many)
    done = command("anonymize", "--in-place", "--files-from", CT, *option, "--report", "run.jsonl")
    assert (done.returncode, "is a DICOM file, and not a list" in done.stderr) == (1, True)
    assert "CompressedSamples" not in done.stdout + done.stderr + (tmp_path / "run.jsonl").read_text()
    assert [row["kind"] for row in read(tmp_path / "run.jsonl").files] == ["broken-list"]
    assert tree(many) == before


def test_a_list_with_nul_is_not_read_by_lines(many: Path, command: Command, tmp_path: Path) -> None:
    write_list(tmp_path / "list", "many/a/1.dcm", "many/b/1.dcm", end="\0")
    done = command("anonymize", "--in-place", "--files-from", "list")
    assert (done.returncode, "read with -0" in done.stderr) == (1, True)
    assert b"Compressed" in (many / "a" / "1.dcm").read_bytes()


USAGE = [
    (("many", "--files-from", "list", "--in-place"), "--files-from and many exclude each other"),
    (("--files-from", "list", "-o", "out"), "needs --relative-to DIR"),
    (("many", "-0", "--in-place"), "--null is about a list of files"),
    (("many", "--relative-to", "many", "--in-place"), "--relative-to is about a list of files"),
    (("--files-from", "none", "--in-place"), "none: No such file"),
    (("--files-from", "many", "--in-place"), "many is a folder, and not a list"),
    (("--files-from", "list", "--relative-to", "none", "--in-place"), "none: No such file"),
    (("--files-from", "list", "--relative-to", "list", "--in-place"), "list is none"),
    (("--files-from", "list", "--relative-to", "many", "-o", "many/out"), "lies inside the source"),
    (("many", "--exclude", "[a", "--in-place"), 'exclude "[a"'),
    (("many", "--exclude", "", "--in-place"), "a pattern needs a name"),
    (("--in-place",), "SOURCE is missing"),
]


@pytest.mark.parametrize(("words", "reason"), USAGE, ids=[reason for _, reason in USAGE])
def test_what_won_t_do_is_said_before_anything_is_done(
    many: Path, command: Command, tmp_path: Path, words: tuple[str, ...], reason: str
) -> None:
    before = tree(many)
    write_list(tmp_path / "list", "many/a/1.dcm")
    done = command("anonymize", *words)
    assert (done.returncode, reason in done.stderr) == (2, True), done.stderr
    assert tree(many) == before
    assert not (tmp_path / "out").exists()


# A list that comes in through a pipe


def begin(tmp_path: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [*MODULE, "anonymize", "--in-place", "--files-from", "-", *words]
    return subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_file_is_done_while_the_list_goes_on(many: Path, tmp_path: Path) -> None:
    with begin(tmp_path, "-q") as process:
        assert process.stdin is not None
        process.stdin.write(b"many/a/1.dcm\nmany/a/")
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while NAME in (many / "a" / "1.dcm").read_bytes() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert NAME not in (many / "a" / "1.dcm").read_bytes()
        assert NAME in (many / "a" / "2.dcm").read_bytes()
        process.stdin.write(b"2.dcm")
        process.stdin.close()
        assert process.wait(30) == 0
    assert NAME not in (many / "a" / "2.dcm").read_bytes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_list_that_does_not_go_on_can_be_interrupted(many: Path, tmp_path: Path, number: signal.Signals) -> None:
    with begin(tmp_path) as process:
        assert process.stdin is not None
        process.stdin.write(b"many/a/1.dcm\n")
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while NAME in (many / "a" / "1.dcm").read_bytes() and time.monotonic() < deadline:
            time.sleep(0.02)
        start = time.monotonic()
        process.send_signal(number)
        assert process.wait(30) == 128 + number
        assert time.monotonic() - start < 3


MEASURE = """
import sys
import dicomblank
dicomblank.anonymize_in_place(dicomblank.FilesFrom("-"), workers=2)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM:")))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")
def test_a_list_may_be_longer_than_memory(tmp_path: Path) -> None:
    """The file is blank after the first time, and done again and again: what grows would be the list."""
    shutil.copy(CT, tmp_path / "a-name-of-some-length.dcm")
    used = []
    for count in (1_000, 150_000):
        names = "a-name-of-some-length.dcm\n" * count
        command = [sys.executable, "-c", MEASURE]
        done = subprocess.run(command, input=names, cwd=tmp_path, capture_output=True, text=True, check=True)
        used.append(int(done.stdout) * 1024 / 1e6)
    # 150,000 such names are 4 MB, and 15 as paths of their own. Up to 64 Ki wait in the queue.
    assert used[1] - used[0] < 8 + 2 * LITTLE, used


# What is passed over


def test_what_is_excluded_stays_and_is_told(many: Path, command: Command, tmp_path: Path) -> None:
    before = tree(many)
    words = ("--exclude", "derived/", "--exclude", "/a/1.*")
    done = command("anonymize", "many", "--in-place", *words, "--report", "run.jsonl")
    assert (done.returncode, "2 files were skipped" in done.stdout) == (0, True)
    lines = read(tmp_path / "run.jsonl")
    assert {row["path"] for row in lines.files if row.get("kind") == "excluded"} == {"a/1.dcm", "b/derived"}
    assert lines.run["exclude"] == ["derived/", "/a/1.*"]
    after = tree(many)
    same = {name for name in before if after[name] == before[name]}
    assert same == {"a/1.dcm", "a/notes.txt", *(f"b/derived/{number}.dcm" for number in range(3))}


def test_a_comparison_passes_over_the_same(many: Path, command: Command) -> None:
    command("anonymize", "many", "-o", "out", "--exclude", "derived")
    assert command("verify", "many", "out", "--exclude", "derived").returncode == 0
    assert command("verify", "many", "out").returncode == 1
    command("anonymize", "many", "-o", "whole")
    # A copy whose original is passed over is passed over, too.
    assert command("verify", "many", "whole", "--exclude", "derived").returncode == 0


def test_the_commands_to_run_next_are_about_the_same_files(many: Path, command: Command, tmp_path: Path) -> None:
    write_list(tmp_path / "a list", "many/a/1.dcm")
    words = ("--files-from", "a list", "--relative-to", "many", "--exclude", "*.txt")
    done = command("anonymize", *words, "-o", "out")
    next_command = done.stdout.partition("Next: ")[2].splitlines()[0]
    assert next_command == "dicomblank verify --files-from 'a list' --relative-to many '--exclude=*.txt' out"
