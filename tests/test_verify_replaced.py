"""verify and the third opinion of values that were replaced: what is in order, and what is said of each fault."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import pytest

import dicomblank
from dicomblank import Level, Validate
from dicomblank.levels import core_rules
from dicomblank.validate import leak, second_opinion
from elements import BIG, DEFLATED, EXPLICIT, IMPLICIT, deflated, short_part10
from keyed import (
    ACCESSION,
    ACQUISITION,
    INSTANCE_UID,
    KEY,
    LEVEL,
    MARK,
    OTHER,
    OTHER_IDS,
    PATIENT_ID,
    SERIES_DATE,
    STUDY,
    STUDY_DATE,
    STUDY_UID,
    element,
    file_of,
    made,
    patient,
    raw,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dicomblank.levels import LevelLike
    from elements import Syntax

COMMENTS = 0x0010_4000
OTHER_STUDY = f"{STUDY}.7"


def sample(syntax: Syntax = EXPLICIT) -> bytes:
    """One of everything that is replaced, at the top and in an item."""
    parts = [
        element(INSTANCE_UID, "UI", STUDY + ".1", syntax),
        element(STUDY_DATE, "DA", "20240229", syntax),
        element(ACQUISITION, "DT", "20240301101500.5", syntax),
        element(ACCESSION, "SH", "00123456", syntax),
        element(0x0010_0010, "PN", "Doe^Jane", syntax),
    ]
    item = syntax.item(element(0x0008_1155, "UI", STUDY + ".1", syntax))
    return file_of(
        *parts,
        syntax.sequence(0x0008_1140, item),
        patient(syntax=syntax),
        element(COMMENTS, "LT", "a comment", syntax),
        element(STUDY_UID, "UI", STUDY, syntax),
        syntax=syntax,
    )


FILE = sample()
DONE = made(FILE).data
PSEUDONYM = raw(DONE, PATIENT_ID).decode().strip()


def spot(tag: int) -> int:
    """The first byte of a value of the sample."""
    return next(edit.start for edit in dicomblank.plan(FILE, LEVEL) if edit.tag == tag)


class Found(NamedTuple):
    """What verify says of a file."""

    outcome: str
    kind: str | None
    tag_path: str | None


def verify(folder: Path, after: bytes, before: bytes = FILE, level: LevelLike = LEVEL, key: object = KEY) -> Found:
    rows: list[dicomblank.Row] = []
    one, other = write(folder / "before", before), write(folder / "after", after)
    dicomblank.verify(one, other, level, key=key, report=rows.append)  # type: ignore[arg-type]
    (row,) = rows
    for value in ("4711", "20240229", STUDY, PSEUDONYM):
        assert value not in str(row.error)
    return Found(row.outcome, row.kind, row.tag_path)


def at(tag: int, byte: bytes, offset: int = 0) -> bytes:
    """The result with one byte of a value changed."""
    place = spot(tag) + offset
    assert DONE[place : place + 1] != byte
    return DONE[:place] + byte + DONE[place + 1 :]


def restored(tag: int) -> bytes:
    """The result with a value as it was."""
    edit = next(edit for edit in dicomblank.plan(FILE, LEVEL) if edit.tag == tag)
    span = slice(edit.start, edit.start + edit.length)
    return DONE[: edit.start] + FILE[span] + DONE[edit.start + edit.length :]


def digit(tag: int, offset: int) -> bytes:
    """The result with a digit of a value one higher."""
    old = DONE[spot(tag) + offset]
    return at(tag, bytes([0x30 + (old - 0x2F) % 10]), offset)


ID_PATH, DATE_PATH, UID_PATH = "(0010,0020)", "(0008,0020)", "(0020,000D)"
REFERENCE_PATH = "(0008,1140)[0].(0008,1155)"

# What stands in the result, and what is found.
ROWS: list[tuple[bytes, Found]] = [
    (DONE, Found("ok", None, None)),
    (DONE[:96] + bytes(32) + DONE[128:], Found("ok", None, None)),
    (FILE, Found("leak", "value-left", "(0010,0010)")),
    (restored(PATIENT_ID), Found("leak", "value-left", ID_PATH)),
    (restored(STUDY_DATE), Found("leak", "value-left", DATE_PATH)),
    (restored(STUDY_UID), Found("leak", "value-left", UID_PATH)),
    (restored(0x0008_1155), Found("leak", "value-left", REFERENCE_PATH)),
    (restored(0x0010_0010), Found("leak", "value-left", "(0010,0010)")),
    (digit(STUDY_DATE, 7), Found("changed", "other-value", DATE_PATH)),
    (digit(ACQUISITION, 13), Found("changed", "other-value", "(0008,002A)")),
    (at(PATIENT_ID, b"?"), Found("changed", "other-value", ID_PATH)),
    (digit(STUDY_UID, 10), Found("changed", "other-value", UID_PATH)),
    (digit(0x0008_1155, 10), Found("changed", "other-value", REFERENCE_PATH)),
    (at(ACCESSION, b" "), Found("changed", "other-value", "(0008,0050)")),
    (at(0x0010_0010, b"x"), Found("leak", "value-left", "(0010,0010)")),
    (DONE[:100] + b"x" + DONE[101:], Found("changed", "byte-changed", None)),
    (DONE[:96] + b"x" * 32 + DONE[128:], Found("changed", "byte-changed", None)),
    (DONE[:127] + bytes([DONE[127] ^ 1]) + DONE[128:], Found("changed", "damaged-mark", None)),
    (DONE[:50] + b"x" + DONE[51:], Found("changed", "byte-changed", None)),
    (DONE.replace(b"a comment", b"A comment"), Found("changed", "byte-changed", None)),
]


@pytest.mark.parametrize(("after", "expected"), ROWS, ids=count())
def test_what_is_found_of_a_result(tmp_path: Path, after: bytes, expected: Found) -> None:
    found = verify(tmp_path, after)
    assert found[:2] == expected[:2]
    assert expected.tag_path is None or found.tag_path == expected.tag_path


def test_every_byte_that_is_another_one_is_found(tmp_path: Path) -> None:
    for place in range(0, len(DONE), 3):
        after = DONE[:place] + bytes([DONE[place] ^ 1]) + DONE[place + 1 :]
        assert verify(tmp_path, after).outcome != "ok", place


# Other keys and rules than those of the result: what is found.
OTHERS: list[tuple[LevelLike, object, Found]] = [
    (LEVEL, OTHER, Found("changed", "other-key", None)),
    (LEVEL.rules.keep("StudyDate"), KEY, Found("changed", "other-rules", None)),
    # All that can be told of it without the key is told by its mark.
    (LEVEL.rules.set("PatientComments", "none"), KEY, Found("other-level", "value-left", "(0010,4000)")),
    (Level.ANONYMIZE, None, Found("other-level", "byte-changed", None)),
    (Level.ANONYMIZE_FULL, None, Found("other-level", "value-left", DATE_PATH)),
    (Level.ORIGINAL, None, Found("other-level", "byte-changed", None)),
]


@pytest.mark.parametrize(("level", "key", "expected"), OTHERS, ids=count())
def test_another_key_or_other_rules(tmp_path: Path, level: LevelLike, key: object, expected: Found) -> None:
    assert verify(tmp_path, DONE, level=level, key=key)[:2] == expected[:2]


def test_what_is_blank_is_told_from_what_was_to_be_replaced(tmp_path: Path) -> None:
    blank = dicomblank.anonymize_bytes(FILE, Level.ANONYMIZE_FULL)
    assert verify(tmp_path, blank)[:2] == ("other-level", "value-left")
    # Without its mark, or with a byte of something else, it is nobody's.
    for wrong in (DONE[: MARK.start] + bytes(32) + DONE[MARK.stop :], DONE.replace(b"a comment", b"A comment")):
        assert verify(tmp_path, wrong, level=Level.ANONYMIZE, key=None).outcome == "changed"


def test_another_key_is_seen_without_a_mark(tmp_path: Path) -> None:
    sent = DONE[: MARK.start] + bytes(32) + DONE[MARK.stop :]
    assert verify(tmp_path, sent, key=OTHER)[:2] == ("changed", "other-value")


def test_a_result_beside_itself_is_in_order(tmp_path: Path) -> None:
    """As in a folder that was pseudonymized before: nothing was left to do."""
    assert verify(tmp_path, DONE, before=DONE).outcome == "ok"
    assert verify(tmp_path, digit(STUDY_UID, 10), before=DONE).outcome == "changed"


def as_deflated(data: bytes) -> bytes:
    return short_part10(DEFLATED, deflated(data[data.index(b"\x08\0\x16\0") :]))


KINDS: dict[str, bytes] = {
    "implicit": sample(IMPLICIT),
    "explicit": FILE,
    "big endian": sample(BIG),
    "deflated": as_deflated(FILE),
    "no preamble": FILE[132:],
    "no room": FILE[:127] + b"x" + FILE[128:],
    "nobody": FILE.replace(raw(FILE, PATIENT_ID), b" " * 12).replace(raw(FILE, STUDY_UID), bytes(52)),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_files_of_every_kind_are_in_order(tmp_path: Path, name: str) -> None:
    before = KINDS[name]
    after = dicomblank.anonymize_bytes(before, LEVEL, key=KEY)
    assert after != before
    one, other = write(tmp_path / "one.dcm", before), write(tmp_path / "other.dcm", after)
    assert dicomblank.verify(one, other, LEVEL, key=KEY).ok
    assert not dicomblank.verify(one, one, LEVEL, key=KEY).ok
    assert dicomblank.anonymize_copy(one, f"{tmp_path}/out/", LEVEL, key=KEY, validate=Validate.ALL).anonymized == 1
    assert (tmp_path / "out" / "one.dcm").read_bytes() == after


# Values on which two opinions could differ: the third has to come to the same.
ODD: list[list[bytes]] = [
    [patient("AB12345 \\ CD12345 ")],
    [patient("  AB12345\0")],
    [patient("AB\\C\\\\DE12345")],
    [patient("M\u00fcller-12345")],
    [element(OTHER_IDS, "LO", b"\x1b$B;3ED\x1b(B12345\\ABC12345")],
    [element(OTHER_IDS, "LO", "-\\7\\12\\123")],
    [patient("M\u00fcller-12345"), element(OTHER_IDS, "LO", "M\u00fcller\\ABC12345")],
    [element(OTHER_IDS, "LO", "AB\t12345\n")],
    [element(STUDY_DATE, "DA", "2024.02.29"), patient()],
    [element(STUDY_DATE, "DA", "20240229\\2024\\202402\\yesterday\\ 20240301 "), patient()],
    [element(ACQUISITION, "DT", "202402291015+0100\\20240229101559.123-0500"), patient()],
    [element(ACQUISITION, "DT", "2024022910155999\\20240229101560.9999999\\00010101"), patient()],
    [element(STUDY_DATE, "DA", b"20240229\0\0"), element(SERIES_DATE, "DA", "2024022\u0669"), patient()],
    [element(STUDY_DATE, "DA", "00010102"), element(SERIES_DATE, "DA", "99991231"), patient()],
    [element(STUDY_DATE, "DA", "20240229")],
    [element(STUDY_DATE, "DA", "20240229"), patient("A-1\\B-2")],
    [element(STUDY_DATE, "DA", "20240229"), patient("M\u00fcller")],
    [element(STUDY_DATE, "DA", "20240229"), patient(), patient("PAT-2")],
    [element(STUDY_UID, "UI", STUDY.encode() + b"   ")],
    [element(STUDY_UID, "UI", f"{STUDY}\\\\1.2.840.10008.1.2\\1.2.34")],
    [element(STUDY_UID, "UN", STUDY), element(PATIENT_ID, "UN", "AB12345")],
    [element(STUDY_UID, "LO", STUDY), element(PATIENT_ID, "UT", "AB12345")],
    [element(0x0040_0FF0, "DA", "20240229"), patient()],
    [element(0x0040_0FF0, "DT", "20240229"), patient()],
    [element(0x0029_0010, "LO", "ACME"), element(0x0029_1010, "DA", "20240229"), patient()],
    [EXPLICIT.undefined(0x0040_A730, "SQ", EXPLICIT.item(element(0x0040_A124, "UI", STUDY), is_defined=False))],
    [EXPLICIT.undefined(0x0040_A730, "UN", IMPLICIT.item(element(0x0040_A124, "UI", STUDY, IMPLICIT)), inner=IMPLICIT)],
]


@pytest.mark.parametrize("parts", ODD, ids=count())
def test_three_opinions_are_one(tmp_path: Path, parts: list[bytes]) -> None:
    data = file_of(*parts)
    path = write(tmp_path / "file", data)
    rules = core_rules(LEVEL)
    assert second_opinion(str(path), dicomblank.plan(path, LEVEL), rules, key=KEY) is None
    dicomblank.anonymize_copy(path, f"{tmp_path}/out/", LEVEL, key=KEY, validate=Validate.ALL)
    after = tmp_path / "out" / "file"
    assert after.read_bytes() == made(data).data
    assert leak(str(after), rules, key=KEY, before=str(path)) is None
    assert dicomblank.verify(path, after, LEVEL, key=KEY).ok


# Results that are wrong, and the verdict of pydicom alone.
WRONG: dict[str, Callable[[], bytes]] = {
    "identifier": lambda: digit(ACCESSION, 2),
    "uid": lambda: digit(STUDY_UID, 10),
    "reference": lambda: digit(0x0008_1155, 10),
    "date": lambda: digit(STUDY_DATE, 7),
    "date and time": lambda: digit(ACQUISITION, 13),
    "identifier left": lambda: restored(PATIENT_ID),
    "date left": lambda: restored(STUDY_DATE),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_third_opinion_sees_it_too(tmp_path: Path, name: str) -> None:
    before, after = write(tmp_path / "before", FILE), write(tmp_path / "after", WRONG[name]())
    found = leak(str(after), core_rules(LEVEL), key=KEY, before=str(before))
    assert found is not None
    assert found[0] == "changed"
    assert "pydicom sees another value than the key makes" in found[1]
    assert leak(str(write(after, DONE)), core_rules(LEVEL), key=KEY, before=str(before)) is None
