"""What can't be done twice is done once: a mark says so, under one key and by one set of rules."""

from __future__ import annotations

import shutil
from itertools import count
from typing import TYPE_CHECKING

import pydicom
import pytest

import dicomblank
from dicomblank import Level, OnError, Unmarked
from elements import DEFLATED, PREAMBLE, deflated, short_part10
from keyed import (
    INSTANCE_UID,
    KEY,
    LEVEL,
    MARK,
    OTHER,
    PATIENT_ID,
    STUDY,
    STUDY_DATE,
    differences,
    element,
    file_of,
    made,
    patient,
    raw,
    write,
)
from samples import CT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dicomblank.levels import LevelLike

PLAIN = file_of(
    element(INSTANCE_UID, "UI", STUDY), element(STUDY_DATE, "DA", "20240229"), element(0x0010_0010, "PN", "Doe^Jane"),
    patient(), element(0x0010_4000, "LT", "a comment "),
)  # fmt: skip
WHOLE = CT.read_bytes()  # takes several writes


def squeezed(data: bytes) -> bytes:
    """The same with its data set deflated."""
    at = data.index(b"\x08\x00\x16\x00UI")
    return short_part10(DEFLATED, deflated(data[at:]))


FILES = {"small": PLAIN, "large": WHOLE, "deflated": squeezed(PLAIN)}


def outcome(call: Callable[[], object]) -> str | None:
    """The kind of the error of a call."""
    try:
        call()
    except dicomblank.Error as error:
        return error.kind
    return None


@pytest.mark.parametrize("name", FILES)
def test_a_mark_is_all_that_changes_beside_the_plan(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "file", FILES[name])
    report = dicomblank.anonymize_in_place(path, LEVEL, key=KEY)
    assert (report.anonymized, report.warnings) == (1, 0)
    once = path.read_bytes()
    assert (once[:96], once[128:132]) == (FILES[name][:96], b"DICM")
    assert once[96:128].startswith(b"DICOMblk")
    assert bytes.fromhex(KEY.id) in once[96:128]
    assert once == dicomblank.anonymize_bytes(FILES[name], LEVEL, key=KEY)


# Rules of the second run, and its key: what becomes of a file that the level was applied to.
RULES = LEVEL.rules
SECOND: list[tuple[LevelLike, dicomblank.Key | None, str | None]] = [
    (LEVEL, KEY, "unchanged"),
    ("pseudonymize", KEY, "unchanged"),
    (RULES, KEY, "unchanged"),
    (LEVEL, OTHER, "other-key"),
    (RULES.keep("PatientComments"), KEY, "other-rules"),
    (RULES.keep("PatientID"), KEY, "other-rules"),
    (RULES.blank("PatientID"), KEY, "other-rules"),
    (RULES.pseudonymize("PatientComments"), KEY, "other-rules"),
    (RULES.shift("StudyDate"), KEY, "other-rules"),
    (RULES.map("PatientComments", {"a comment": "b"}), KEY, "other-rules"),
    (Level.ORIGINAL.rules.pseudonymize("PatientID"), KEY, "other-rules"),
    (RULES.blank("PatientComments"), KEY, "anonymized"),
    (RULES.set("PatientComments", "none"), KEY, "anonymized"),
    (Level.ANONYMIZE, None, "unchanged"),
    (Level.ORIGINAL, None, "unchanged"),
    (Level.ANONYMIZE_FULL, None, "anonymized"),
]


@pytest.mark.parametrize(("level", "key", "expected"), SECOND, ids=count())
@pytest.mark.parametrize("name", FILES)
def test_a_second_run(
    tmp_path: Path, name: str, level: LevelLike, key: dicomblank.Key | None, expected: str | None
) -> None:
    once = dicomblank.anonymize_bytes(FILES[name], LEVEL, key=KEY)
    path = write(tmp_path / "file", once)
    is_other = name == "large" and isinstance(level, dicomblank.Rules) and "PatientComments" in repr(level)
    if is_other and expected == "anonymized":
        expected = "unchanged"  # it has no such element
    report = dicomblank.anonymize_in_place(path, level, key=key, on_error=OnError.COLLECT)
    in_memory = outcome(lambda: dicomblank.anonymize_bytes(once, level, key=key))
    if expected in {"unchanged", "anonymized"}:
        assert in_memory is None
        assert {word: count for word, count in report.counts.items() if count} == {expected: 1}
        assert path.read_bytes() == dicomblank.anonymize_bytes(once, level, key=key)
        if name != "deflated":
            keyed = [edit for edit in dicomblank.plan(once, level) if edit.action in {"pseudonymize", "shift", "map"}]
            assert all(
                once[edit.start :][: edit.length] == path.read_bytes()[edit.start :][: edit.length] for edit in keyed
            )
    else:
        assert [row.kind for row in report.faults] == [expected]
        assert in_memory == expected
        assert not (tmp_path / "out").exists()
        assert outcome(lambda: dicomblank.anonymize_copy(path, f"{tmp_path}/out/", level, key=key)) == expected
        assert not list((tmp_path / "out").rglob("file"))
    if expected != "anonymized":
        assert path.read_bytes() == once


# What stands where a mark would, and what is said of it.
NO_ROOM = {
    "no preamble": PLAIN[132:],
    "one byte at the end": PLAIN[:127] + b"\x01" + PLAIN[128:],
    "one byte at the start": PLAIN[:96] + b"\x01" + PLAIN[97:],
    "text": PLAIN[:96] + b"x" * 32 + PLAIN[128:],
    "TIFF": b"II*\0" + bytes(92) + b"II*\0" * 8 + PLAIN[128:],
}


@pytest.mark.parametrize("case", NO_ROOM)
def test_without_room_for_a_mark(tmp_path: Path, case: str) -> None:
    data = NO_ROOM[case]
    path = write(tmp_path / "file.dcm", data)
    report = dicomblank.anonymize_in_place(path, LEVEL, key=KEY, on_error=OnError.COLLECT)
    (row,) = report.faults
    assert (row.outcome, row.kind, path.read_bytes()) == ("refused", "no-room-for-mark", data)

    rows: list[dicomblank.Row] = []
    dicomblank.anonymize_in_place(path, LEVEL, key=KEY, unmarked=Unmarked.WRITE, report=rows.append)
    once = path.read_bytes()
    dicomblank.anonymize_copy(
        write(tmp_path / "from.dcm", data), f"{tmp_path}/out/", LEVEL, key=KEY, report=rows.append
    )
    assert [(row.outcome, row.warnings) for row in rows] == [("anonymized", ("unmarked",))] * 2
    assert (tmp_path / "out" / "from.dcm").read_bytes() == once == dicomblank.anonymize_bytes(data, LEVEL, key=KEY)
    assert made(data) == (once, {"unmarked"})
    assert PLAIN[132:].removeprefix(b"") != once[-len(PLAIN[132:]) :]
    assert once[: len(data) - len(PLAIN[132:])] == data[: len(data) - len(PLAIN[132:])]  # what stands there stays
    assert dicomblank.anonymize_bytes(once, LEVEL, key=KEY) != once  # as the warning says


def test_a_file_in_which_nothing_is_replaced_needs_no_mark(tmp_path: Path) -> None:
    data = file_of(element(0x0010_0010, "PN", "Doe^Jane"), element(0x0020_000D, "UI", ""))
    for before in (data, data[132:]):
        path = write(tmp_path / "file.dcm", before)
        assert dicomblank.anonymize_in_place(path, LEVEL, key=KEY).warnings == 0
        assert path.read_bytes() == before.replace(b"Doe^Jane", b" " * 8)


# Bytes of a mark that are another one's: the place, and what it is then.
@pytest.mark.parametrize(
    ("at", "kind"),
    [(96, "no-room-for-mark"), (103, "no-room-for-mark"), (104, "damaged-mark"), (105, "damaged-mark"),
     (106, "other-key"), (113, "other-key"), (114, "other-rules"), (119, "other-rules"), (120, "damaged-mark"),
     (127, "damaged-mark")],
)  # fmt: skip
def test_a_mark_that_was_changed(tmp_path: Path, at: int, kind: str) -> None:
    once = bytearray(made(PLAIN).data)
    once[at] ^= 0x80
    path = write(tmp_path / "file", bytes(once))
    assert outcome(lambda: dicomblank.anonymize_in_place(path, LEVEL, key=KEY)) == kind
    assert path.read_bytes() == once


def test_a_marked_file_reads_as_before() -> None:
    before, after = (pydicom.dcmread(CT), made(WHOLE).data)
    assert differences(WHOLE, after).issuperset(set(MARK) - {at for at in MARK if not after[at]})
    assert pydicom.dcmread(pydicom.filebase.DicomBytesIO(after)).keys() == before.keys()
    assert dicomblank.anonymize_bytes(after, Level.ORIGINAL) == after


def test_the_key_is_asked_for_and_never_for_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "file", PLAIN)
    for level, key in ((LEVEL, None), (Level.ANONYMIZE, KEY), (Level.ORIGINAL.rules.set("PatientID", "X"), KEY)):
        calls: list[Callable[[], object]] = [
            lambda level=level, key=key: dicomblank.anonymize_bytes(PLAIN, level, key=key),  # type: ignore[misc]
            lambda level=level, key=key: dicomblank.anonymize_buffer(bytearray(PLAIN), level, key=key),  # type: ignore[misc]
            lambda level=level, key=key: dicomblank.anonymize_in_place(path, level, key=key),  # type: ignore[misc]
            lambda level=level, key=key: dicomblank.anonymize_copy(path, tmp_path / "out", level, key=key),  # type: ignore[misc]
            lambda level=level, key=key: dicomblank.verify(path, path, level, key=key),  # type: ignore[misc]
        ]
        for call in calls:
            with pytest.raises(ValueError, match="key"):
                call()
    assert path.read_bytes() == PLAIN
    assert not (tmp_path / "out").exists()
    assert len(dicomblank.plan(path, LEVEL)) == 4


def test_a_copy_of_a_marked_file_has_its_mark(tmp_path: Path) -> None:
    once = made(PLAIN).data
    path = write(tmp_path / "file", once)
    dicomblank.anonymize_copy(path, f"{tmp_path}/out/", LEVEL, key=KEY)
    assert (tmp_path / "out" / "file").read_bytes() == once
    shutil.copy(tmp_path / "out" / "file", path)
    assert dicomblank.anonymize_in_place(path, LEVEL, key=KEY).unchanged == 1


def test_a_mark_that_was_zeroed_is_no_mark_any_more() -> None:
    """As behind a network: then the values are replaced once more, and the key leads back twice."""
    once = made(PLAIN).data
    sent = PREAMBLE + once[132:]
    twice = raw(made(sent).data, PATIENT_ID).strip()
    assert KEY.reveal_id(KEY.reveal_id(twice.decode())).encode() == raw(PLAIN, PATIENT_ID).strip()
