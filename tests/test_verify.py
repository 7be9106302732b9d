"""Comparing a result with its original: every verdict, through the call."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import dicomblank
from conftest import AddZeros
from dicomblank import Level, Verification, verify
from elements import IMPLICIT
from samples import CT, MR, damaged_ct

FULL = Level.ANONYMIZE_FULL


@pytest.fixture
def result(study: Path, tmp_path: Path) -> Path:
    """The study's copy at the level Full."""
    dicomblank.anonymize_copy(study, tmp_path / "out", FULL)
    return tmp_path / "out"


def verdicts(verification: Verification) -> dict[str, str]:
    return {row.path: row.verdict for row in verification.rows}


SOUND = {"ct.dcm": "ok", "notes.txt": "not-dicom", "series/mr": "ok"}


def test_a_copy_is_ok(study: Path, result: Path) -> None:
    verification = verify(study, result, FULL)
    assert verdicts(verification) == SOUND
    assert verification.ok
    assert verification.faults == ()
    assert verification.counts == {
        "ok": 2,
        "leak": 0,
        "differs": 0,
        "changed": 0,
        "missing": 0,
        "extra": 0,
        "unreadable": 0,
        "not-dicom": 1,
    }
    assert [row.path for row in verification.rows] == sorted(SOUND)
    assert all(row.reason is None for row in verification.rows)


@pytest.mark.parametrize("level", [*Level, "anonymize", FULL.rules.keep("StudyDate").blank("PatientComments")], ids=str)
def test_in_place_is_ok(study: Path, tmp_path: Path, level: Level) -> None:
    before = Path(shutil.copytree(study, tmp_path / "before"))
    dicomblank.anonymize_in_place(study, level)
    assert verdicts(verify(before, study, level=level)) == SOUND


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


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (change_pixel, {"changed"}),
        (change_header, {"changed"}),
        (append, {"changed"}),
        (restore, {"leak"}),
        (put_nul, {"leak", "changed"}),
        (damage, {"unreadable"}),
        (foreign, {"changed", "unreadable"}),
        (link, {"changed"}),
        (Path.unlink, {"missing"}),
    ],
)
def test_a_fault(study: Path, result: Path, change: Callable[[Path], None], verdict: set[str]) -> None:
    change(result / "ct.dcm")
    verification = verify(study, result, FULL)
    found = verdicts(verification)
    assert found.pop("ct.dcm") in verdict
    assert found == {"notes.txt": "not-dicom", "series/mr": "ok"}
    assert not verification.ok
    assert [row.path for row in verification.faults] == ["ct.dcm"]


def test_a_fault_of_two_files(study: Path, result: Path) -> None:
    restore(result / "ct.dcm")
    (row,) = verify(study / "ct.dcm", result / "ct.dcm", FULL).rows
    assert (row.path, row.verdict) == ("ct.dcm", "leak")
    assert row.reason is not None
    assert verify(study / "ct.dcm", result / "ct.dcm", Level.ORIGINAL).ok
    assert verify(str(study / "notes.txt"), str(study / "notes.txt")).ok


def test_a_changed_file_that_is_not_dicom(study: Path, tmp_path: Path) -> None:
    after = Path(shutil.copytree(study, tmp_path / "after"))
    dicomblank.anonymize_in_place(after, FULL)
    (after / "notes.txt").write_text("something else\n")
    assert verdicts(verify(study, after, FULL))["notes.txt"] == "changed"


def test_extra_files(study: Path, result: Path) -> None:
    shutil.copy(MR, result / "more.dcm")
    (result / ".dicomblank-0123456789abcdef.part").write_bytes(b"")
    (result / "link").symlink_to("ct.dcm")
    found = verdicts(verify(study, result, FULL))
    assert {path for path, verdict in found.items() if verdict == "extra"} == {
        "more.dcm",
        ".dicomblank-0123456789abcdef.part",
        "link",
    }


def test_what_is_no_input_has_no_verdict(study: Path, result: Path) -> None:
    (study / ".dicomblank-0123456789abcdef.part").write_bytes(b"")
    (study / "link").symlink_to("ct.dcm")
    (study / "series" / "folder").symlink_to("..")
    os.mkfifo(study / "pipe")
    assert verdicts(verify(study, result, FULL)) == SOUND
    for other in (".dicomblank-0123456789ABCDEF.part", ".dicomblank-0123.part", "dicomblank-0123456789abcdef.part"):
        (study / other).write_bytes(b"")  # not one of ours
        assert other in verdicts(verify(study, result, FULL))


def test_a_link_that_became_a_file(study: Path, result: Path) -> None:
    (study / "link").symlink_to("ct.dcm")
    shutil.copy(CT, result / "link")
    assert verdicts(verify(study, result, FULL))["link"] == "extra"


def test_a_refused_original_is_missing(study: Path, result: Path) -> None:
    (study / "damaged.dcm").write_bytes(damaged_ct())
    row = next(row for row in verify(study, result, FULL).rows if row.path == "damaged.dcm")
    assert row.verdict == "missing"
    assert row.reason is not None
    assert "(0008,0008)" in row.reason


def test_what_pydicom_still_sees_is_a_leak(study: Path, result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dicomblank.verification.leak", lambda _path, _rules: ("leak", "for a test"))
    assert verdicts(verify(study, result, FULL)) == SOUND | {"ct.dcm": "leak", "series/mr": "leak"}


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
    (row,) = verify(before / "ct.dcm", study / "ct.dcm", level).rows
    # The core may refuse such letters; what it reads, pydicom reads otherwise.
    assert row.verdict in {"differs", "unreadable"}
    assert not row.ok


@pytest.mark.parametrize("is_missing", [False, True])
def test_what_only_pydicom_takes_for_dicom_is_a_fault(study: Path, result: Path, is_missing: bool) -> None:
    """A bare data set that begins with a private element."""
    data = IMPLICIT.element(0x0009_0010, "", b"SOMEBODY") + IMPLICIT.element(0x0010_0010, "", b"Doe^Jane")
    (study / "bare").write_bytes(data)
    if not is_missing:
        (result / "bare").write_bytes(data)
    (row,) = [row for row in verify(study, result, FULL).rows if row.path == "bare"]
    # The core may refuse it.
    assert row.verdict in ({"missing"} if is_missing else {"leak", "unreadable"})
    assert is_missing or row.reason is not None  # the core may read the original, and miss no more than its copy
    assert "Jane" not in (row.reason or "")


def test_what_can_not_be_read(study: Path, result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's refusals are made up here: root gets none."""
    scandir = os.scandir

    def no_series(path: str) -> object:
        if path == str(result / "series"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    def no_file(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "somewhere")

    monkeypatch.setattr(os, "scandir", no_series)
    monkeypatch.setattr("dicomblank._core.compare", no_file)
    rows = {row.path: (row.verdict, row.reason) for row in verify(study, result, FULL).rows}
    assert rows["ct.dcm"] == rows["series"] == ("unreadable", "Permission denied")
    assert rows["series/mr"] == ("missing", None)


def test_missing_paths_and_mixed_kinds(study: Path, result: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify(study, tmp_path / "missing")
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "missing", result)
    with pytest.raises(ValueError, match="two files or two trees"):
        verify(study, result / "ct.dcm")


def test_no_value_is_in_a_reason(study: Path) -> None:
    for row in verify(study, study, FULL).rows:
        assert "CompressedSamples" not in (row.reason or "")


def test_empty_trees(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "after").mkdir()
    verification = verify(tmp_path / "before", tmp_path / "after")
    assert verification.ok
    assert verification.rows == ()


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
    verify(sys.argv[1], sys.argv[1])
except KeyboardInterrupt:
    print("interrupted")
"""
    with subprocess.Popen([sys.executable, "-c", code, long], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        try:
            assert process.communicate(timeout=10)[0] == "interrupted\n"
        finally:
            process.kill()
