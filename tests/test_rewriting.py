"""Files whose length changes, through the public calls: every road makes of them what their bytes become."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pydicom
import pytest

import dicomblank
from conftest import file_rows
from dicomblank import Existing, Key, Leftovers, OnError, Rules, Unmarked, Validate
from dicomblank.validate_rewritten import fault
from elements import EXPLICIT, PIXELS, part10
from namespaces import mounting
from samples import CT, MR, all_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydicom.dataset import Dataset

    from conftest import Command

#: They remove, empty, make dummies by the type of attributes, and replace UIDs and dates.
BASIC = Rules.basic("retain-longitudinal-modified-dates")
REMOVING = Rules(remove=["PatientName", "InstitutionName", "private"])


@pytest.fixture(scope="module")
def key() -> Key:
    return Key(bytes(range(32)))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Every file that pydicom ships, refused ones too."""
    folder = tmp_path / "study"
    folder.mkdir()
    for number, path in enumerate(all_files()):
        shutil.copy(path, folder / f"{number:03}-{path.name}")
    return folder


def becomes(path: Path, rules: Rules, key: Key | None) -> bytes | str:
    """What the bytes of a file become; or the kind of the error."""
    try:
        return dicomblank.anonymize_bytes(path.read_bytes(), rules, key=key)
    except dicomblank.Error as error:
        return error.kind


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("rules", [BASIC, REMOVING], ids=["basic", "removing"])
def test_every_road_makes_the_same(rules: Rules, study: Path, tmp_path: Path, key: Key) -> None:
    needed = key if rules is BASIC else None
    before, expected = contents(study), {path.name: becomes(path, rules, needed) for path in sorted(study.iterdir())}
    out, report = tmp_path / "out", tmp_path / "report.jsonl"
    done = dicomblank.anonymize_copy(study, out, rules, key=needed, on_error=OnError.COLLECT, report=report)
    assert contents(study) == before
    made = {name: data for name, data in expected.items() if isinstance(data, bytes)}
    assert contents(out) == made
    assert len(made) > 90
    rows = {row["path"]: row for row in file_rows(report)}
    for name, result in expected.items():
        if isinstance(result, bytes):
            assert rows[name]["outcome"] == ("unchanged" if result == before[name] else "anonymized")
        elif rows[name]["outcome"] == "refused":
            assert rows[name]["kind"] == result or rows[name]["kind"] == "damaged"
        else:
            assert (rows[name]["outcome"], result) in {("not-dicom", "not-dicom"), ("archive", "not-dicom")}, name
    first = json.loads(report.read_text().splitlines()[0])["rules"]
    assert {"PatientName", "private"} & set(first["remove"])
    assert set(first) >= {"remove", "empty", "dummy", "by_type"}
    assert done.values["PatientName"] > 50
    # Compared with the originals, by the core and by pydicom.
    found = dicomblank.verify(study, out, rules, key=needed)
    verdicts = {row.outcome for row in found.faults}
    assert verdicts <= {"refused", "unconfirmed"}, [str(row) for row in found.faults][:3]
    # In place, and twice.
    dicomblank.anonymize_in_place(study, rules, key=needed, unmarked=Unmarked.WRITE, on_error=OnError.COLLECT)
    after = contents(study)
    assert after == before | made
    again = dicomblank.anonymize_in_place(
        study, rules, key=needed, unmarked=Unmarked.WRITE, on_error=OnError.COLLECT, report=tmp_path / "again.jsonl"
    )
    changed = {row["path"] for row in file_rows(tmp_path / "again.jsonl") if row["outcome"] == "anonymized"}
    # What has no room for a mark is replaced once more, or refused by what it says.
    assert all(after[name][128:132] != b"DICM" for name in changed), changed
    assert again.unchanged > 90 - len(changed) - 10


def test_a_dry_run_tells_what_a_run_does(study: Path, tmp_path: Path, key: Key) -> None:
    planned, report = dicomblank.dry_run(study, BASIC, key=key), tmp_path / "report.jsonl"
    done = dicomblank.anonymize_copy(study, tmp_path / "out", BASIC, key=key, on_error=OnError.COLLECT, report=report)
    assert planned.values == done.values
    assert planned.planned == done.anonymized
    plan = dicomblank.plan(CT, BASIC, key=key)
    data = CT.read_bytes()
    removed = [edit for edit in plan if edit.action == "remove"]
    assert removed
    for edit in removed:
        tag = edit.tag.to_bytes(4)
        assert data[edit.start : edit.start + 4] == bytes((tag[1], tag[0], tag[3], tag[2]))
    assert {edit.action for edit in plan} >= {"remove", "pseudonymize", "shift"}
    assert {edit.state for edit in plan} <= {"to-do", "blank", "done"}
    # Without the key, too.
    assert len(dicomblank.plan(CT, BASIC)) == len(plan)
    assert dicomblank.plan(data, BASIC, key=key) == plan


def test_what_is_left_is_told_by_inspect(tmp_path: Path) -> None:
    shutil.copy(CT, tmp_path / "ct.dcm")
    rules = Rules(remove=["PatientID", "StudyDate"])
    found = dicomblank.inspect(tmp_path, rules, report=tmp_path.parent / f"{tmp_path.name}.jsonl")
    row = file_rows(Path(f"{tmp_path}.jsonl"))[0]
    assert {"PatientID", "StudyDate", "PatientName"} <= set(row["found"]["attributes"])
    assert "PatientName" in row["left"]["attributes"]
    assert not {"PatientID", "StudyDate"} & set(row["left"]["attributes"])
    assert found is not None


def test_a_copy_that_is_there(tmp_path: Path, key: Key) -> None:
    out = tmp_path / "out.dcm"
    dicomblank.anonymize_copy(CT, out, BASIC, key=key)
    with pytest.raises(FileExistsError):
        dicomblank.anonymize_copy(CT, out, BASIC, key=key)
    assert dicomblank.anonymize_copy(CT, out, BASIC, key=key, existing=Existing.SKIP).skipped == 1
    out.write_bytes(out.read_bytes()[:-1] + b"x")
    with pytest.raises(FileExistsError, match="is not what becomes of the file"):
        dicomblank.anonymize_copy(CT, out, BASIC, key=key, existing=Existing.SKIP)


def test_marks_are_heeded(tmp_path: Path, key: Key) -> None:
    path = tmp_path / "ct.dcm"
    path.write_bytes(dicomblank.anonymize_bytes(CT.read_bytes(), BASIC, key=key))
    with pytest.raises(dicomblank.UnsupportedError) as caught:
        dicomblank.anonymize_in_place(path, BASIC, key=Key(bytes(32)))
    assert caught.value.kind == "other-key"
    # A store writes the file anew, and its preamble is gone.
    dataset = pydicom.dcmread(path)
    dataset.preamble = bytes(128)
    dataset.save_as(path)
    for rules in (BASIC, dicomblank.Level.PSEUDONYMIZE):
        with pytest.raises(dicomblank.UnsupportedError, match="take the original") as caught:
            dicomblank.anonymize_in_place(path, rules, key=key)
        assert caught.value.kind == "mark-lost"
    # Nothing that can't be done twice is asked for.
    assert dicomblank.anonymize_in_place(path, REMOVING).anonymized == 1


def test_leftovers_are_looked_for_in_the_result(tmp_path: Path) -> None:
    comment = EXPLICIT.element(0x0020_4000, "LT", b"sent by Mustermann")
    name = EXPLICIT.element(0x0010_0010, "PN", b"Mustermann^Erika")
    path = tmp_path / "scan.dcm"
    path.write_bytes(part10(EXPLICIT.uid, name, comment))
    with pytest.raises(dicomblank.UnsupportedError) as caught:
        dicomblank.anonymize_in_place(path, REMOVING, leftovers=Leftovers.REFUSE)
    assert caught.value.kind == "leftovers"
    with pytest.raises(ValueError, match="can't be replaced where"):
        dicomblank.anonymize_in_place(path, REMOVING, leftovers=Leftovers.REPLACE)
    report = dicomblank.anonymize_copy(path, tmp_path / "out.dcm", REMOVING, leftovers=Leftovers.WARN)
    assert report.anonymized == 1
    removing = Rules(remove=["PatientName", "ImageComments"])
    assert dicomblank.anonymize_in_place(path, removing, leftovers=Leftovers.REFUSE).anonymized == 1


def test_pydicom_agrees_before_anything_is_written(tmp_path: Path, key: Key) -> None:
    for path in (CT, MR):
        shutil.copy(path, tmp_path)
    done = dicomblank.anonymize_in_place(tmp_path, BASIC, key=key, validate=Validate.ALL)
    assert done.anonymized == 2


def test_pydicom_sees_what_is_wrong_with_a_result(tmp_path: Path, key: Key) -> None:
    """What the core would have said before: here pydicom alone is asked."""
    good = dicomblank.anonymize_bytes(CT.read_bytes(), BASIC, key=key)
    native = BASIC._native

    def verdict(change: Callable[[Dataset], object] | None) -> str | None:
        path = tmp_path / "after.dcm"
        dataset = pydicom.dcmread(CT if change is None else io.BytesIO(good))
        if change is not None:
            change(dataset)
        dataset.save_as(path)
        with CT.open("rb") as before, path.open("rb") as after:
            found = fault(before, after, native)
        return None if found is None else found[0]

    assert verdict(lambda _: None) is None
    assert verdict(None) == "leak"  # the original itself
    assert verdict(lambda dataset: setattr(dataset, "OtherPatientNames", "Doe^Jane")) == "leak"
    assert verdict(lambda dataset: setattr(dataset, "Rows", 7)) == "changed"
    assert verdict(lambda dataset: delattr(dataset, "Modality")) == "changed"
    original = pydicom.dcmread(CT).SOPInstanceUID
    assert verdict(lambda dataset: setattr(dataset, "SOPInstanceUID", original)) == "leak"


def large(path: Path, megabytes: int) -> int:
    """A file with so many bytes of pixels, which are there; returns how many bytes it has."""
    head = part10(EXPLICIT.uid, EXPLICIT.element(0x0010_0010, "PN", b"Mustermann^Erika"))
    pixels = EXPLICIT.header(PIXELS, "OW", megabytes << 20)
    with path.open("wb") as file:
        file.write(head + pixels)
        for _ in range(megabytes):
            file.write(os.urandom(1 << 20))
    return path.stat().st_size


PEAK = """
import sys
import dicomblank
call, source, target = sys.argv[1:]
rules = dicomblank.Rules(remove=["PatientName"])
if call == "copy":
    dicomblank.anonymize_copy(source, target, rules)
elif call == "in-place":
    dicomblank.anonymize_in_place(source, rules)
elif call == "verify":
    assert dicomblank.verify(source, target, rules, pydicom=False).ok
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM:")))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell a peak of memory here")
def test_a_large_file_takes_no_more_memory_than_a_small_one(tmp_path: Path) -> None:
    """600 MB by copy, compared, and in place."""
    if shutil.disk_usage(tmp_path).free < 3 << 30:
        pytest.skip("takes gigabytes of free disk")
    source, target, small = tmp_path / "large.dcm", tmp_path / "out.dcm", tmp_path / "small.dcm"
    size = large(source, 600)
    shutil.copy(CT, small)

    def peak(call: str, source: Path, target: Path) -> int:
        words = [sys.executable, "-c", PEAK, call, str(source), str(target)]
        return int(subprocess.run(words, check=True, capture_output=True, text=True).stdout)

    floor = peak("copy", small, tmp_path / "out-small.dcm")
    for call in ("copy", "verify", "in-place"):
        assert peak(call, source, target) < floor + 8 * 1024, call
    removed = len(EXPLICIT.element(0x0010_0010, "PN", b"Mustermann^Erika"))
    assert abs(target.stat().st_size - size) < 1024 + removed
    assert source.read_bytes() == target.read_bytes()


def test_killed_at_any_moment_the_file_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    path = folder / "scan.dcm"
    large(path, 24)
    old = path.read_bytes()
    new = dicomblank.anonymize_bytes(old, REMOVING)
    words = ["anonymize", str(path), "--in-place", "--level", "original", "--remove", "PatientName"]
    words += ["--remove", "InstitutionName"]
    new = dicomblank.anonymize_bytes(old, dicomblank.Level.ORIGINAL.rules.remove("PatientName", "InstitutionName"))
    found = {"old": 0, "new": 0}
    for number in range(12):
        path.write_bytes(old)
        process = subprocess.Popen([sys.executable, "-m", "dicomblank", *words], stdout=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while len(names(folder)) == 1 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(number * 0.004)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
        data = path.read_bytes()
        assert data in {old, new}, f"{number}: neither the old file nor the new one"
        found["old" if data == old else "new"] += 1
    assert found["old"] > 0
    done = subprocess.run([sys.executable, "-m", "dicomblank", *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert path.read_bytes() == new
    assert names(folder) == ["scan.dcm"]


def test_a_full_disk_loses_nothing(command: Command, tmp_path: Path) -> None:
    source, disk, after = tmp_path / "scan.dcm", tmp_path / "disk", tmp_path / "after"
    large(source, 3)
    disk.mkdir()
    prefix = mounting(f"mount -t tmpfs -o size=5m none '{disk}'; cp '{source}' '{disk}'", f"cp -r '{disk}' '{after}'")
    words = ("anonymize", disk, "--in-place", "--level", "original", "--remove", "PatientName")
    done = command(*words, prefix=prefix)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert (after / "scan.dcm").read_bytes() == source.read_bytes()
    assert names(after) == ["scan.dcm"]


def test_a_file_that_can_only_be_read_is_an_error(ct: Path, command: Command) -> None:
    ct.chmod(0o400)
    ct.parent.chmod(0o700)
    if os.access(ct, os.W_OK):
        pytest.skip("this user may write to every file")
    before = ct.read_bytes()
    done = command("anonymize", ct, "--in-place", "--level", "original", "--remove", "PatientName")
    assert (done.returncode, ct.read_bytes()) == (1, before)
