"""Which form an identifier or a UID needs to be replaced, what is blanked instead, and what refuses the file."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

import dicomblank
from dicomblank import Level
from elements import SYNTAXES
from keyed import (
    CLASS_UID,
    INSTANCE_UID,
    KEY,
    LEVEL,
    OTHER_IDS,
    PATIENT_ID,
    STUDY,
    STUDY_UID,
    element,
    file_of,
    made,
    patient,
    raw,
)

if TYPE_CHECKING:
    from elements import Syntax

SHORT, NONE = {"short-domain"}, {"no-domain"}

# An identifier as it stands, and the warnings; whether it is replaced ("keyed") or blanked.
IDENTIFIERS: list[tuple[str | bytes, str, set[str]]] = [
    ("4711", "keyed", set()),
    ("123456", "keyed", set()),
    ("ABCD", "keyed", set()),
    ("a-b-c-d ", "keyed", set()),
    ("MR.0012345/7", "keyed", set()),
    ("Doe^Jane", "keyed", set()),
    (b" 0012345\0", "keyed", set()),
    (b"   4711 ", "keyed", set()),
    ("9" * 56, "keyed", set()),
    ("A" * 48, "keyed", set()),
    ("a" * 42, "keyed", set()),
    ("AB", "keyed", SHORT),
    ("12", "keyed", SHORT),
    ("1-2-3 ", "keyed", SHORT),
    ("abc ", "keyed", SHORT),
    ("4711\\12", "keyed", SHORT),
    ("7 ", "blank", NONE),
    ("-", "blank", NONE),
    ("* * ", "blank", NONE),
    ("-7- ", "blank", NONE),
    ("M\u00fcller-12345", "blank", NONE),
    ("M\u00fcller-12345".encode("latin-1"), "blank", NONE),
    (b"\x1b$B;3ED\x1b(B12345", "blank", NONE),
    ("\u0661\u0662\u0663\u0664\u0665\u0666", "blank", NONE),
]


@pytest.mark.parametrize(("text", "becomes", "warnings"), IDENTIFIERS, ids=count())
@pytest.mark.parametrize("syntax", SYNTAXES, ids=["implicit", "explicit", "big"])
def test_an_identifier(text: str | bytes, becomes: str, warnings: set[str], syntax: Syntax) -> None:
    data = file_of(patient(text, syntax), syntax=syntax)
    done = made(data)
    old, new = raw(data, PATIENT_ID), raw(done.data, PATIENT_ID)
    assert (len(new), done.warnings) == (len(old), warnings)
    if becomes == "blank":
        assert not new.strip()
        return
    for one, other in zip(old.split(b"\\"), new.split(b"\\"), strict=True):
        value, keyed = one.strip(b" \0"), other.strip(b" \0")
        assert other == one.replace(value, keyed)
        assert KEY.reveal_id(keyed.decode()).encode() == value
        assert [letter for letter in value.decode() if not letter.isalnum()] == [
            letter for letter in keyed.decode() if not letter.isalnum()
        ]


# A UID as it stands; whether it is replaced or stays, and the warnings, or the kind of the error.
UIDS: list[tuple[str | bytes, str, set[str]]] = [
    (STUDY, "keyed", set()),
    (STUDY.encode() + b"\0\0\0", "keyed", set()),
    (STUDY.encode() + b"   ", "keyed", set()),
    ("2.25.329800735698586629295641978511506172918", "keyed", set()),
    ("2.25.340282366920938463463374607431768211455", "keyed", set()),
    ("2.25.999999999999999999999999999999999999999", "keyed", set()),
    ("1.2.3.04.0005.123456", "keyed", set()),
    ("9.9.123456", "keyed", set()),
    ("1.2.123456", "keyed", set()),
    ("1.2.12345", "keyed", SHORT),
    ("1.2.3.4", "keyed", SHORT),
    ("1.2.34", "keyed", SHORT),
    ("1.2.840.10009.1", "keyed", set()),
    ("1.2.840.10008", "keyed", set()),
    ("1.2.840.10008.1", "same", set()),
    (CLASS_UID, "same", set()),
    ("1.2.840.10008." + "9" * 50, "same", set()),
    ("1.2.3", "short-uid", set()),
    ("1.2", "short-uid", set()),
    ("0", "short-uid", set()),
    ("UNKNOWN", "not-a-uid", set()),
    (" " + STUDY, "not-a-uid", set()),
    (STUDY + "a", "not-a-uid", set()),
    (f"{STUDY}\\x", "not-a-uid", set()),
    (f"{STUDY}\\1.2.3", "short-uid", set()),
    ("1..2.3.123456", "keyed", set()),
    (".1.2.123456", "keyed", set()),
    ("1.2.123456.", "keyed", set()),
    ("1.2." + "9" * 80, "long-uid", set()),
    ("", "same", set()),
    (f"{STUDY}\\", "keyed", set()),
    (f"{STUDY}\\1.2.840.10008.1.2", "several", set()),
]


@pytest.mark.parametrize(("text", "becomes", "warnings"), UIDS, ids=count())
@pytest.mark.parametrize("syntax", SYNTAXES, ids=["implicit", "explicit", "big"])
def test_a_uid(text: str | bytes, becomes: str, warnings: set[str], syntax: Syntax) -> None:
    data = file_of(element(STUDY_UID, "UI", text, syntax), syntax=syntax)
    if becomes.endswith("uid"):
        with pytest.raises(dicomblank.Error) as caught:
            made(data)
        assert (caught.value.kind, "(0020,000D)" in str(caught.value)) == (becomes, True)
        assert "UNKNOWN" not in str(caught.value)
        return
    done = made(data)
    old, new = raw(data, STUDY_UID), raw(done.data, STUDY_UID)
    assert (len(new), done.warnings) == (len(old), warnings)
    assert (old == new) == (becomes == "same")
    for one, other in zip(old.split(b"\\"), new.split(b"\\"), strict=True):
        value, keyed = one.rstrip(b" \0"), other.rstrip(b" \0")
        assert other == one.replace(value, keyed)
        assert [len(part) for part in value.split(b".")] == [len(part) for part in keyed.split(b".")]
        assert not value or KEY.reveal_uid(keyed.decode()).encode() == value
    assert not new.startswith(b"2.25.") or not old.startswith(b"2.25.3") or int(new.split(b".")[2]) < 1 << 128


# The most letters of an alphabet that the cipher takes.
@pytest.mark.parametrize(("letter", "most"), [("9", 76), ("A", 48), ("a", 42)], ids=["digits", "capitals", "small"])
def test_an_identifier_that_is_too_long_refuses_the_file(letter: str, most: int) -> None:
    assert made(file_of(element(OTHER_IDS, "UT", f"- {letter * most}"))).warnings == set()
    for values in (f"- {letter * (most + 1)}", f"4711\\{letter * (most + 1)}"):
        with pytest.raises(dicomblank.Error) as caught:
            made(file_of(element(OTHER_IDS, "UT", values)))
        assert caught.value.kind == "long-identifier"
        assert str(most) in str(caught.value)
        assert letter * 8 not in str(caught.value)


def test_a_refusal_leaves_every_byte() -> None:
    data = file_of(element(INSTANCE_UID, "UI", STUDY), patient(), element(STUDY_UID, "UI", "UNKNOWN"))
    buffer = bytearray(data)
    with pytest.raises(dicomblank.Error, match="UID"):
        dicomblank.anonymize_buffer(buffer, LEVEL, key=KEY)
    assert buffer == data


# VRs that a file states for a tag of the level: what it is replaced as is what the dictionary says.
@pytest.mark.parametrize(
    ("tag", "vr", "kind"),
    [
        (PATIENT_ID, "UN", None),
        (PATIENT_ID, "SH", None),
        (PATIENT_ID, "UT", None),
        (STUDY_UID, "UN", None),
        (STUDY_UID, "LO", None),
        (PATIENT_ID, "OB", "unfit-vr"),
        (PATIENT_ID, "US", "unfit-vr"),
        (STUDY_UID, "AT", "unfit-vr"),
    ],
    ids=count(),
)
def test_another_vr_than_the_dictionarys(tag: int, vr: str, kind: str | None) -> None:
    text = STUDY if tag == STUDY_UID else "PAT-1234"
    data = file_of(element(tag, vr, text))
    if kind:
        with pytest.raises(dicomblank.Error) as caught:
            made(data)
        assert caught.value.kind == kind
    else:
        make = KEY.pseudonym_uid if tag == STUDY_UID else KEY.pseudonym_id
        assert raw(made(data).data, tag).rstrip(b" \0") == make(text).encode()


def test_what_is_no_uid_of_the_object_stays() -> None:
    """SOP class, transfer syntax, coding scheme and implementation UIDs, be they of any root."""
    tags = (0x0008_0016, 0x0008_1150, 0x0008_010C, 0x0008_001A)
    data = file_of(*(element(tag, "UI", STUDY) for tag in tags), element(INSTANCE_UID, "UI", STUDY))
    after = made(data).data
    assert [raw(after, tag) for tag in tags] == [raw(data, tag) for tag in tags]
    assert raw(after, INSTANCE_UID) != raw(data, INSTANCE_UID)


def test_rules_without_the_level_replace_their_own_tags_alone() -> None:
    data = file_of(patient(), element(STUDY_UID, "UI", STUDY), element(0x0010_4000, "LT", "4711-ABC"))
    rules = Level.ORIGINAL.rules.pseudonymize("PatientComments", "StudyInstanceUID")
    after = made(data, rules).data
    assert raw(after, 0x0010_4000).decode() == KEY.pseudonym_id("4711-ABC")
    assert raw(after, PATIENT_ID) == raw(data, PATIENT_ID)
    assert raw(after, STUDY_UID).rstrip(b"\0").decode() == KEY.pseudonym_uid(STUDY)
