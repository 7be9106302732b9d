"""Comparing a result with its original: what can become of a file, through the call."""

import contextlib
import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import dicomblank
from conftest import AddZeros, Command
from dicomblank import Level, NoDicom, verify
from dicomblank.faults import MOST_LINES
from dicomblank.inputs import sources_of
from dicomblank.run import Run
from dicomblank.verdict import OUTCOMES
from elements import IMPLICIT
from peak import LITTLE, explicit, peak
from samples import CT, MR, damaged_ct

FULL = Level.ANONYMIZE_FULL


@pytest.fixture
def result(study: Path, tmp_path: Path) -> Path:
    """The study's copy at the level Full."""
    dicomblank.anonymize_copy(study, tmp_path / "out", FULL)
    return tmp_path / "out"


def rows(before: Path, after: Path, level: Level = FULL, **choices: object) -> dict[str, dicomblank.Row]:
    """The row of each path; none has two."""
    found: list[dicomblank.Row] = []
    report = verify(before, after, level, report=found.append, **choices)  # type: ignore[arg-type]
    assert sum(report.counts.values()) == report.files == len(found)
    assert sorted(row.path for row in report.faults) == sorted(row.path for row in found if row.is_fault)
    of_path = {row.path: row for row in found}
    assert len(of_path) == len(found)
    return of_path


def outcomes(before: Path, after: Path, level: Level = FULL, **choices: object) -> dict[str, str]:
    return {path: row.outcome for path, row in rows(before, after, level, **choices).items()}


SOUND = {"ct.dcm": "ok", "notes.txt": "not-dicom", "series/mr": "ok"}


def test_a_copy_is_ok(study: Path, result: Path) -> None:
    found = rows(study, result)
    assert {path: row.outcome for path, row in found.items()} == SOUND
    assert all((row.error, row.kind, row.edits, row.source) == (None, None, 0, str(study)) for row in found.values())
    assert {path: row.output for path, row in found.items()} == {
        "ct.dcm": str(result / "ct.dcm"),
        "notes.txt": None,
        "series/mr": str(result / "series" / "mr"),
    }
    report = verify(study, result, FULL)
    assert (report.ok, report.complete, report.faults, report.without_dicom, report.edits) == (True, True, (), (), 0)
    assert {word: count for word, count in report.counts.items() if count} == {"ok": 2, "not-dicom": 1}
    assert set(OUTCOMES) <= set(report.counts)


UNKEYED = [level for level in Level if not level.rules.need_key]


@pytest.mark.parametrize(
    "level", [*UNKEYED, "anonymize", FULL.rules.keep("StudyDate").blank("PatientComments")], ids=str
)
def test_in_place_is_ok(study: Path, tmp_path: Path, level: Level) -> None:
    before = Path(shutil.copytree(study, tmp_path / "before"))
    dicomblank.anonymize_in_place(study, level)
    assert outcomes(before, study, level=level) == SOUND


def test_the_default_is_anonymize(study: Path) -> None:
    before = Path(shutil.copytree(study, study.parent / "before"))
    dicomblank.anonymize_in_place(study)
    assert verify(before, study).ok
    assert not verify(before, study, FULL).ok


def change_pixel(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-2000] ^= 1
    path.write_bytes(data)


def change_header(path: Path) -> None:
    data = path.read_bytes()
    at = data.index(b"ISO_IR")
    path.write_bytes(data[:at] + b"iso" + data[at + 3 :])


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + bytes(8))


def restore(path: Path) -> None:
    path.write_bytes(CT.read_bytes())


def put_nul(path: Path) -> None:
    """A blanked text element must be spaces."""
    data = bytearray(path.read_bytes())
    edit = next(edit for edit in dicomblank.plan(bytes(data), FULL) if edit.keyword == "PatientName")
    data[edit.start] = 0
    path.write_bytes(data)


def damage(path: Path) -> None:
    path.write_bytes(damaged_ct())


def foreign(path: Path) -> None:
    path.write_text("nothing medical\n")


def link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/null")


def link_to_original(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent.parent / "study" / "ct.dcm")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def at_level(level: Level) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_bytes(dicomblank.anonymize_bytes(CT.read_bytes(), level))

    return change


@pytest.mark.parametrize(
    ("change", "outcome", "kind"),
    [
        (change_pixel, "changed", "byte-changed"),
        (change_header, "changed", "byte-changed"),
        (append, "changed", "other-size"),
        (restore, "leak", "value-left"),
        (put_nul, "leak", "value-left"),
        (damage, "unreadable", "truncated"),
        (foreign, "changed", "other-size"),
        (link, "changed", "not-regular"),
        (link_to_original, "changed", "not-regular"),
        (pipe, "changed", "not-regular"),
        (folder, "changed", "not-regular"),
        (Path.unlink, "missing", None),
        (at_level(Level.ANONYMIZE), "other-level", "value-left"),
    ],
)
def test_a_fault(study: Path, result: Path, change: Callable[[Path], None], outcome: str, kind: str | None) -> None:
    change(result / "ct.dcm")
    found = outcomes(study, result)
    assert found == SOUND | {"ct.dcm": outcome}
    report = verify(study, result, FULL)
    assert not report.ok
    (row,) = report.faults
    assert (row.source, row.path, row.kind) == (str(study), "ct.dcm", kind)
    assert row.output == (None if outcome == "missing" else str(result / "ct.dcm"))
    assert (row.error is None) == (kind is None)
    assert report.counts[outcome] == 1


def test_a_fault_tells_its_place(study: Path, result: Path) -> None:
    restore(result / "ct.dcm")
    (edit, *_) = dicomblank.plan(CT, FULL)
    row = rows(study, result)["ct.dcm"]
    assert (row.offset, row.tag_path) == (edit.start, edit.tag_path)
    shutil.copy(CT, study / "other")
    dicomblank.anonymize_copy(study / "other", result / "other", FULL)
    change_header(result / "other")
    row = rows(study, result)["other"]
    assert (row.offset, row.tag_path) == (CT.read_bytes().index(b"ISO_IR"), None)


def test_a_fault_of_two_files(study: Path, result: Path) -> None:
    restore(result / "ct.dcm")
    before = study / "ct.dcm"
    for after in (result / "ct.dcm", result):
        (row,) = [row for row in verify(before, after, FULL).faults if row.outcome != "extra"]
        assert (row.source, row.path, row.outcome) == (str(before), "ct.dcm", "leak")
        assert row.error is not None
    assert verify(before, result / "ct.dcm", Level.ORIGINAL).ok
    assert verify(str(study / "notes.txt"), str(study / "notes.txt")).ok


def test_a_file_and_the_folder_of_its_copy(study: Path, tmp_path: Path) -> None:
    dicomblank.anonymize_copy(study / "ct.dcm", f"{tmp_path}/alone/")
    assert outcomes(study / "ct.dcm", tmp_path / "alone", Level.ANONYMIZE) == {"ct.dcm": "ok"}
    shutil.copy(MR, tmp_path / "alone" / "more")
    expected = {"ct.dcm": "ok", "more": "extra"}
    assert outcomes(study / "ct.dcm", tmp_path / "alone", Level.ANONYMIZE) == expected


def test_a_changed_file_that_is_not_dicom(study: Path, tmp_path: Path) -> None:
    after = Path(shutil.copytree(study, tmp_path / "after"))
    dicomblank.anonymize_in_place(after, FULL)
    (after / "notes.txt").write_text("something else\n")
    assert outcomes(study, after)["notes.txt"] == "changed"


def test_extra_files(study: Path, result: Path) -> None:
    shutil.copy(MR, result / "more.dcm")
    (result / ".dicomblank-0123456789abcdef.part").write_bytes(b"")
    (result / "link").symlink_to("ct.dcm")
    os.mkfifo(result / "pipe")
    (result / "empty" / "folder").mkdir(parents=True)
    found = rows(study, result)
    extra = {path: row for path, row in found.items() if row.outcome == "extra"}
    assert set(extra) == {"more.dcm", ".dicomblank-0123456789abcdef.part", "link", "pipe"}
    assert {row.source for row in extra.values()} == {str(result)}
    assert all(row.output == str(result / path) for path, row in extra.items())


def test_what_is_no_input_has_no_row(study: Path, result: Path) -> None:
    (study / ".dicomblank-0123456789abcdef.part").write_bytes(b"")
    (study / "link").symlink_to("ct.dcm")
    (study / "series" / "folder").symlink_to("..")
    (study / "broken").symlink_to("nowhere")
    os.mkfifo(study / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(study / "socket"))
        assert outcomes(study, result) == SOUND
    for other in (".dicomblank-0123456789ABCDEF.part", ".dicomblank-0123.part", "dicomblank-0123456789abcdef.part"):
        (study / other).write_bytes(b"")  # not one of ours
        assert other in outcomes(study, result)


def test_a_link_that_became_a_file(study: Path, result: Path) -> None:
    (study / "link").symlink_to("ct.dcm")
    shutil.copy(CT, result / "link")
    assert outcomes(study, result)["link"] == "extra"


def test_a_folder_and_a_file_of_one_name(study: Path, result: Path) -> None:
    shutil.rmtree(result / "series")
    shutil.copy(MR, result / "series")
    (result / "ct.dcm").unlink()
    (result / "ct.dcm").mkdir()
    shutil.copy(MR, result / "ct.dcm" / "mr")
    expected = {"ct.dcm": "changed", "ct.dcm/mr": "extra", "series": "extra", "series/mr": "missing"}
    assert outcomes(study, result) == SOUND | expected


def test_a_folder_that_became_a_link(study: Path, result: Path) -> None:
    """Behind it is no copy of ours."""
    (result / "series").rename(result.parent / "elsewhere")
    (result / "series").symlink_to("../elsewhere")
    assert outcomes(study, result) == SOUND | {"series": "extra", "series/mr": "missing"}


def test_a_refused_original_has_no_copy(study: Path, result: Path) -> None:
    (study / "damaged.dcm").write_bytes(damaged_ct())
    (study / "empty.dcm").write_bytes(b"")
    found = rows(study, result)
    row = found["damaged.dcm"]
    assert (row.outcome, row.kind, row.output) == ("refused", "truncated", None)
    assert row.error is not None
    assert row.error.startswith("the original is refused: ")
    assert (row.tag_path, row.offset) == ("(0008,0008)", CT.read_bytes().index(b"\x08\x00\x08\x00CS"))
    assert (found["empty.dcm"].outcome, found["empty.dcm"].kind) == ("refused", "empty")
    report = verify(study, result, FULL)
    assert (report.ok, report.refused, report.counts["missing"]) == (False, 2, 0)
    # Where something stands in its place, that is what matters.
    (result / "damaged.dcm").write_bytes(damaged_ct())
    assert outcomes(study, result)["damaged.dcm"] == "unreadable"


def test_an_original_that_is_refused_for_its_values_has_no_copy(study: Path, tmp_path: Path) -> None:
    """The rules fit, and what is in one file does not."""
    level = FULL.rules.set("StudyID", "ABCDEFGH")
    (tmp_path / "out").mkdir()
    dicomblank.anonymize_copy(study, tmp_path / "out", level, on_error="collect")
    row = rows(study, tmp_path / "out", level)["ct.dcm"]  # type: ignore[arg-type]
    assert (row.outcome, row.kind, row.tag_path) == ("refused", "text-too-long", "(0020,0010)")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("study/", "out/"),
        ("study", "link"),
        ("study", "link/"),
        ("study/.", "out/../out/."),
        ("study/../study", "./out"),
        ("../{top}/study", "../{top}/out"),
    ],
)
def test_however_trees_are_named(
    study: Path, result: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    monkeypatch.chdir(study.parent)
    Path("link").symlink_to("out")
    names = [name.replace("{top}", study.parent.name) for name in (before, after)]
    assert outcomes(names[0], names[1]) == SOUND  # type: ignore[arg-type]  # a slash, of which a Path has none
    monkeypatch.chdir(result)
    assert outcomes(Path("..") / "study", Path()) == SOUND
    monkeypatch.chdir(study)
    assert outcomes(Path(), Path("..") / "out") == SOUND


def test_trees_inside_each_other(study: Path) -> None:
    """As odd as the question is: each file is compared with that of its path, once."""
    inside = study / "series" / "in"
    dicomblank.anonymize_copy(study / "ct.dcm", f"{inside}/", FULL)
    assert outcomes(inside, study) == {
        "ct.dcm": "leak",
        "notes.txt": "extra",
        "series/mr": "extra",
        "series/in/ct.dcm": "extra",
    }
    found = outcomes(study, inside)
    assert found == {"ct.dcm": "ok", "notes.txt": "not-dicom", "series/mr": "missing", "series/in/ct.dcm": "missing"}
    assert set(outcomes(study, study, Level.ORIGINAL).values()) == {"ok", "not-dicom"}


def test_names_that_are_not_utf8(study: Path, result: Path) -> None:
    for name in (b"M\xfcller", b"M\xfc\xdfer"):
        (study / os.fsdecode(name)).write_bytes(CT.read_bytes())
    (result / os.fsdecode(b"M\xfcller")).write_bytes(CT.read_bytes())
    (result / os.fsdecode(b"\xff")).write_bytes(b"")
    found = {os.fsencode(path): row for path, row in rows(study, result).items() if path not in SOUND}
    assert {path: row.outcome for path, row in found.items()} == {
        b"M\xfcller": "leak",
        b"M\xfc\xdfer": "missing",
        b"\xff": "extra",
    }
    output = found[b"M\xfcller"].output
    assert output is not None
    assert Path(output).read_bytes() == CT.read_bytes()


# the second opinion


def test_what_pydicom_still_sees_is_a_leak(study: Path, result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def leak(path: str, *_: object) -> tuple[str, str]:
        asked.append(path)
        return "leak", "for a test"

    monkeypatch.setattr("dicomblank.verification.leak", leak)
    found = rows(study, result)
    assert {path: row.outcome for path, row in found.items()} == SOUND | {"ct.dcm": "leak", "series/mr": "leak"}
    assert (found["ct.dcm"].kind, found["ct.dcm"].error) == ("value-seen", "for a test")
    assert sorted(asked) == [str(result / "ct.dcm"), str(result / "series" / "mr")]


@pytest.mark.parametrize(
    ("answer", "message"),
    [(None, "the validation raised RuntimeError"), (("odd", "x"), "the validation raised KeyError")],
)
def test_a_second_opinion_that_breaks(
    study: Path,
    result: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: tuple[str, str] | None,
    message: str,
) -> None:
    def broken(*_: object) -> tuple[str, str]:
        if answer is None:
            raise RuntimeError("Doe^Jane")
        return answer

    monkeypatch.setattr("dicomblank.verification.leak", broken)
    found = rows(study, result)
    assert {path: row.outcome for path, row in found.items()} == SOUND | dict.fromkeys(
        ("ct.dcm", "series/mr"), "unreadable"
    )
    assert (found["ct.dcm"].kind, found["ct.dcm"].error) == ("not-validated", message)


def test_what_pydicom_takes_for_longer_is_no_leak_and_a_fault(study: Path) -> None:
    """A name of VR "??", blanked."""
    before = study.parent / "before"
    for path, name in ((before, b"Doe^Jane"), (study, b"")):
        data = CT.read_bytes()
        at = data.index(b"PN", data.index(b"\x10\0\x10\0PN")) - 4
        length = int.from_bytes(data[at + 6 : at + 8], "little")
        letters = data[: at + 4] + b"??" + data[at + 6 : at + 8] + name.ljust(length) + data[at + 8 + length :]
        path.mkdir(exist_ok=True)
        (path / "ct.dcm").write_bytes(letters)
    level = dicomblank.Rules(["PatientName"])
    (row,) = verify(before / "ct.dcm", study / "ct.dcm", level).faults
    # The core may refuse such letters; what it reads, pydicom reads otherwise.
    assert (row.outcome, row.kind) in {("differs", "longer-value"), ("unreadable", "not-validated")}


@pytest.mark.parametrize("is_missing", [False, True])
def test_what_only_pydicom_takes_for_dicom_is_a_fault(study: Path, result: Path, is_missing: bool) -> None:
    """A bare data set that begins with a private element."""
    data = IMPLICIT.element(0x0009_0010, "", b"SOMEBODY") + IMPLICIT.element(0x0010_0010, "", b"Doe^Jane")
    (study / "bare").write_bytes(data)
    if not is_missing:
        (result / "bare").write_bytes(data)
    row = rows(study, result)["bare"]
    # The core may refuse it.
    assert row.outcome in ({"missing"} if is_missing else {"leak", "unreadable"})
    assert is_missing or row.error is not None  # the core may read the original, and miss no more than its copy
    assert "Jane" not in (row.error or "")


# what can't be read


#: Everything is imported before, since another user may not read this checkout.
AS_NOBODY = """
import encodings.idna, json, os, sys
import dicomblank, dicomblank.run, dicomblank.verification
dicomblank.verify(sys.argv[1], sys.argv[1], "original")
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(json.dumps([(row.path, row.outcome, row.kind, row.error) for row in dicomblank.verify(*sys.argv[2:]).faults]))
"""


@pytest.fixture
def trees() -> Iterator[Path]:
    """A folder that every user can enter, with a tree and its copy; pytest's own is its user's alone."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        top.chmod(0o755)
        for path in ("in/a", "in/s/b", "in/s/c"):
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CT, top / path)
        dicomblank.anonymize_copy(top / "in", top / "out")
        yield top
        for inside in top.glob("*/*"):
            inside.chmod(0o755)


@pytest.mark.parametrize(
    ("closed", "mode", "expected"),
    [
        ("in/a", 0, {"a": ""}),
        ("out/a", 0, {"a": "{top}/out/a: "}),
        # Its files are neither missing nor extra: nobody knows.
        ("in/s", 0, {"s": "", "s/b": "{top}/in/s/b: ", "s/c": "{top}/in/s/c: "}),
        ("out/s", 0, {"s": "", "s/b": "{top}/out/s/b: ", "s/c": "{top}/out/s/c: "}),
        # It can't be listed, and what is in it can be opened by name.
        ("in/s", 0o111, {"s": ""}),
        ("out/s", 0o111, {"s": ""}),
    ],
)
def test_what_the_system_does_not_show(trees: Path, closed: str, mode: int, expected: dict[str, str]) -> None:
    (trees / closed).chmod(mode)
    words = [sys.executable, "-c", AS_NOBODY, str(CT), str(trees / "in"), str(trees / "out")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    found = {path: row for path, *row in json.loads(done.stdout)}
    assert found == {
        path: ["unreadable", "no-permission", f"{where.replace('{top}', str(trees))}Permission denied"]
        for path, where in expected.items()
    }


def test_an_original_that_can_not_be_read_is_neither_refused_nor_missing(trees: Path) -> None:
    (trees / "out/a").unlink()
    (trees / "in/a").chmod(0)
    words = [sys.executable, "-c", AS_NOBODY, str(CT), str(trees / "in"), str(trees / "out")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=True)
    assert json.loads(done.stdout) == [["a", "unreadable", "no-permission", "Permission denied"]]


@pytest.mark.parametrize("side", ["study", "out"])
def test_what_is_gone_meanwhile(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, side: str) -> None:
    """Files of one folder are listed together; all others go while the first is compared."""
    for number in range(20):
        shutil.copy(CT, study / f"{number}.dcm")
    dicomblank.anonymize_copy(study, tmp_path / "out", FULL)
    asked = []

    def leak(path: str, *_: object) -> None:
        asked.append(path)
        for other in (tmp_path / side).glob("*.dcm"):
            other.unlink()

    monkeypatch.setattr("dicomblank.verification.leak", leak)
    found = rows(study, tmp_path / "out", workers=1)
    gone = [row for path, row in found.items() if path.endswith(".dcm") and row.output != asked[0]]
    assert len(gone) >= 20
    expected = ("unreadable", "not-found") if side == "study" else ("missing", None)
    assert {(row.outcome, row.kind) for row in gone} == {expected}


def test_missing_paths_and_mixed_kinds(study: Path, result: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify(study, tmp_path / "missing")
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "missing", result)
    with pytest.raises(ValueError, match="two files or two trees"):
        verify(study, result / "ct.dcm")
    with pytest.raises(ValueError, match="workers: a number from 1"):
        verify(study, result, workers=0)


def test_no_value_is_in_a_sentence(study: Path) -> None:
    found = rows(study, study)
    assert {row.outcome for row in found.values()} == {"leak", "not-dicom"}
    assert all("CompressedSamples" not in (row.error or "") for row in found.values())


def test_trees_without_dicom(study: Path, tmp_path: Path) -> None:
    """A disk that is not mounted looks like that."""
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    report = verify(tmp_path / "before", tmp_path / "after")
    assert (report.ok, report.files, report.faults) == (False, 0, ())
    assert report.without_dicom == (str(tmp_path / "before"),)
    assert verify(tmp_path / "before", tmp_path / "after", no_dicom=NoDicom.ALLOW).ok
    dicomblank.anonymize_copy([study, tmp_path / "before"], tmp_path / "after", no_dicom="allow")
    report = verify([study, tmp_path / "before"], tmp_path / "after")
    assert (report.ok, report.faults, report.without_dicom) == (False, (), (str(tmp_path / "before"),))
    assert verify([study, tmp_path / "before"], tmp_path / "after", no_dicom="allow").ok


# a run


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_workers_come_to_the_same(study: Path, tmp_path: Path, workers: int) -> None:
    for number in range(100):
        shutil.copy(CT, study / f"{number}.dcm")
    dicomblank.anonymize_copy(study, tmp_path / "out", FULL)
    (tmp_path / "out" / "7.dcm").unlink()
    expected = SOUND | {f"{number}.dcm": "ok" for number in range(100)} | {"7.dcm": "missing"}
    assert outcomes(study, tmp_path / "out", workers=workers) == expected


def test_workers_compare_at_the_same_time(study: Path, result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    met = threading.Barrier(2)

    def leak(*_: object) -> None:
        met.wait(timeout=60)  # for the other one

    monkeypatch.setattr("dicomblank.verification.leak", leak)
    assert outcomes(study, result, workers=2) == SOUND


def test_progress_is_told(study: Path, result: Path) -> None:
    told: list[tuple[int, int, bool]] = []
    report = verify(study, result, FULL, progress=lambda now: told.append((now.done, now.found, now.listing)))
    assert told[-1] == (report.files, report.files, False) == (3, 3, False)
    assert all(done <= found for done, found, _ in told)


def test_the_report_file(study: Path, result: Path, tmp_path: Path) -> None:
    restore(result / "ct.dcm")
    path = tmp_path / "report.jsonl"
    report = verify(study, result, FULL, report=path)
    first, *files, last = [json.loads(line) for line in path.read_text().splitlines()]
    assert (first["row"], first["level"], first["sources"]) == ("run", "anonymize-full", [str(study)])
    assert first["after"] == str(result)
    assert "destination" not in first
    assert {row["path"]: (row["row"], row["outcome"]) for row in files} == {
        name: ("file", outcome) for name, outcome in (SOUND | {"ct.dcm": "leak"}).items()
    }
    (row,) = [row for row in files if row["outcome"] == "leak"]
    (fault,) = report.faults
    assert (row["kind"], row["offset"], row["tag_path"], row["error"], row["output"]) == (
        fault.kind,
        fault.offset,
        fault.tag_path,
        fault.error,
        fault.output,
    )
    assert (last["row"], last["end"]) == ("end", "complete")
    assert last["counts"] == {"files": 3, "ok": 1, "not-dicom": 1, "leak": 1, "edits": 0}


@pytest.mark.parametrize("place", ["study/report", "study/series/report", "out/report", "link/report", "out/ct.dcm"])
def test_a_report_file_is_in_neither_tree(study: Path, result: Path, place: str) -> None:
    (study.parent / "link").symlink_to("out")
    with pytest.raises(ValueError, match=r"would lie in the|exists already"):
        verify(study, result, FULL, report=study.parent / place)
    assert outcomes(study, result) == SOUND
    assert verify(study / "ct.dcm", result / "ct.dcm", FULL, report=study / "report").ok  # beside single files


#: More than the queue has room for, so that it is full in both.
MANY = 70_000


@pytest.mark.skipif(sys.platform != "linux", reason="VmHWM is Linux's")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["missing", "extra"])
def test_memory_does_not_grow_with_the_files(kind: str) -> None:
    """Names alone: to compare takes no more, and longer. The first faults are kept."""
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (a folder of its own is made in it)
    used = []
    with tempfile.TemporaryDirectory(dir=shm) as name:
        top = Path(name)
        original = top / "original"
        original.write_bytes(explicit())
        for count in (MANY, 2 * MANY):
            trees = [top / str(count) / side for side in ("before", "after")]
            for tree in trees:
                tree.mkdir(parents=True)
            filled = trees[kind == "extra"]
            for number in range(count):
                inside = filled / f"{number // 1000:04}"
                if number % 1000 == 0:
                    inside.mkdir()
                os.link(original, inside / f"a-name-as-long-as-names-are-{number:07}")
            outcome, most = peak("verify", *trees, workers=2)
            assert outcome == "done"
            used.append(most)
            shutil.rmtree(top / str(count))
    assert used[1] - used[0] < LITTLE, used


def test_an_interrupt_ends_a_long_comparison(tmp_path: Path, add_zeros: AddZeros) -> None:
    long = tmp_path / "long.dcm"
    shutil.copy(CT, long)
    add_zeros(long, 4 << 30)
    code = """
import sys
from dicomblank import verify
import dicomblank.verification
print("begun", flush=True)
try:
    verify(sys.argv[1], sys.argv[1], report=sys.argv[2])
except KeyboardInterrupt:
    print("interrupted")
"""
    words = [sys.executable, "-c", code, str(long), str(tmp_path / "report")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        try:
            assert process.communicate(timeout=10)[0] == "interrupted\n"
        finally:
            process.kill()
    _, row, last = map(json.loads, (tmp_path / "report").read_text().splitlines())
    assert (row["outcome"], row["kind"], row["error"]) == ("skipped", "interrupted", "interrupted: not compared")
    assert (last["end"], last["counts"]) == ("interrupted", {"files": 1, "skipped": 1, "edits": 0})


def test_an_interrupt_ends_the_command(tmp_path: Path, add_zeros: AddZeros) -> None:
    """What was begun is not compared, and no fault is made of that."""
    shutil.copy(CT, tmp_path / "long.dcm")
    add_zeros(tmp_path / "long.dcm", 4 << 30)
    words = [sys.executable, "-m", "dicomblank", "verify", "long.dcm", "long.dcm", "--report", "report"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not ((tmp_path / "report").exists() and (tmp_path / "report").stat().st_size):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        try:
            said = process.communicate(timeout=30)
        finally:
            process.kill()
    assert said == ("No file was compared.\n", "interrupted: the other files were not compared\n")
    assert process.returncode == 130
    assert json.loads((tmp_path / "report").read_text().splitlines()[-1])["end"] == "interrupted"


def test_a_run_that_is_stopped_is_not_complete(study: Path, result: Path) -> None:
    run = Run.verify(sources_of(study), result, FULL)
    run.stop()
    report = run()
    assert (report.complete, report.without_dicom) == (False, ())


# the command; more of it is in test_cli.py


def test_faults_of_several_say_of_which_source(command: Command, study: Path) -> None:
    other = Path(shutil.copytree(study, study.parent / "other"))
    assert command("anonymize", study, other, "--output", "out").returncode == 0
    out = study.parent / "out"
    restore(out / "study" / "ct.dcm")
    (out / "other" / "ct.dcm").unlink()
    (out / "other" / "more").write_bytes(b"")
    done = command("verify", "study", "other", "out")
    faults, (differ, *_) = done.stdout.splitlines()[:3], done.stdout.splitlines()[3:]
    said = sorted(line.split(": ")[0].split(maxsplit=1) for line in faults)
    assert said == [["extra", "out/other/more"], ["leak", "study/ct.dcm"], ["missing", "other/ct.dcm"]]
    assert differ.startswith("3 of 5 files differ: 1 leak, 1 missing, 1 extra (")
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("is_stdout_a_terminal", [False, True])
def test_verify_at_a_terminal(study: Path, is_stdout_a_terminal: bool) -> None:
    """Where stdout is led to a file, all faults are there, and the bar is alone on the terminal, which has some."""
    for number in range(300):
        shutil.copy(CT, study / f"{number}.dcm")
    dicomblank.anonymize_copy(study, study.parent / "out")
    for number in range(0, 300, 3):
        (study.parent / "out" / f"{number}.dcm").unlink()
    own, other = pty.openpty()
    shown = bytearray()

    def read() -> None:
        with contextlib.suppress(OSError):
            while piece := os.read(own, 65536):
                shown.extend(piece)

    words = [sys.executable, "-m", "dicomblank", "verify", "study", "out"]
    stdout = other if is_stdout_a_terminal else subprocess.PIPE
    with subprocess.Popen(words, cwd=study.parent, stdout=stdout, stderr=other) as process:
        os.close(other)
        reader = threading.Thread(target=read)
        reader.start()
        out = process.communicate(timeout=100)[0] or b""
        reader.join(60)
    os.close(own)
    faults = {f"missing      study/{number}.dcm" for number in range(0, 300, 3)}
    lines = (bytes(shown) if is_stdout_a_terminal else out).decode().splitlines()
    found = [line[line.index("missing  ") :] for line in lines if "missing  " in line]
    assert set(found) <= faults
    assert len(set(found)) == len(found) == (MOST_LINES if is_stdout_a_terminal else 100)
    more = "and 80 more missing. --report FILE.jsonl names all of them"
    assert any(line.endswith(more) for line in lines) is is_stdout_a_terminal
    assert any("100 of 302 files differ: 100 missing (" in line for line in lines)
    assert b"303/303" in shown
    assert is_stdout_a_terminal or b"missing" not in shown
    assert process.returncode == 1
