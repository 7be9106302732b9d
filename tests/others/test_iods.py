"""dciodvfy finds no kind of error in a result that it does not find in the original, but for those listed here.

It is a program of dicom3tools, and knows which attributes each object has to have. A kind is an attribute at its place
and what is said of it, without values.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from pydicom import dcmread

import dicomblank
from dicomblank import Key, Level
from dicomblank.view import quiet
from iods import DCIODVFY, Broken, broken, kinds
from samples import MR, at_hand, name_of

VALIDITY = Path(__file__).parents[2] / "docs/validity.md"
KEY = Key(bytes(32))
THREADS = 2
JUDGED = 100  # files at least, of those that pydicom ships


EMPTY = "Empty attribute (no value) for Type 1 Required - Module=<>"


class Expected(NamedTuple):
    """One kind of error that a level makes, and why it does."""

    attribute: str
    said: str
    why: str


#: By level. docs/validity.md has the same rows.
EXPECTED: dict[str, list[Expected]] = {
    "anonymize": [],
    "anonymize-full": [
        Expected("ContentDate", EMPTY, "it is blanked, and enhanced objects and documents have to have one"),
        Expected("ContentTime", EMPTY, "it is blanked, and enhanced objects and documents have to have one"),
        Expected(
            "DirectoryRecordSequence/PatientID", EMPTY, "it is blanked, and a record of a DICOMDIR has to have one"
        ),
        Expected(
            "DirectoryRecordSequence/StudyDate", EMPTY, "it is blanked, and a record of a DICOMDIR has to have one"
        ),
        Expected(
            "DirectoryRecordSequence/StudyTime", EMPTY, "it is blanked, and a record of a DICOMDIR has to have one"
        ),
        Expected("OtherPatientIDsSequence/PatientID", EMPTY, "it is blanked, and the items exist for it"),
    ],
    "pseudonymize": [
        Expected(
            "DirectoryRecordSequence/StudyDate", EMPTY, "a date of which it can't be told whose it is, is blanked"
        ),
        Expected("DirectoryRecordSequence/StudyID", EMPTY, "of one character nothing else can be made: it is blanked"),
    ],
}


@cache
def before() -> dict[Path, set[Broken] | None]:
    paths = at_hand()
    with ThreadPoolExecutor(THREADS) as pool:
        return dict(zip(paths, pool.map(broken, paths), strict=True))


def new_kinds(level: Level, folder: Path) -> dict[Path, set[Broken]]:
    """Of each file that dciodvfy reads, and the level does."""
    results: dict[Path, Path] = {}
    for number, (path, was) in enumerate(before().items()):
        if was is None:
            continue
        try:
            after = dicomblank.anonymize_bytes(
                path.read_bytes(), level, key=KEY if level is Level.PSEUDONYMIZE else None
            )
        except dicomblank.Error:
            continue
        results[path] = folder / f"{number}.dcm"
        results[path].write_bytes(after)
    with ThreadPoolExecutor(THREADS) as pool:
        found = dict(zip(results, pool.map(broken, results.values()), strict=True))
    unread = [name_of(path) for path, now in found.items() if now is None]
    assert not unread
    return {path: (now or set()) - (before()[path] or set()) for path, now in found.items()}


@pytest.mark.skipif(DCIODVFY is None, reason="needs dciodvfy, of dicom3tools")
@pytest.mark.parametrize(
    "level", [Level.ANONYMIZE, Level.ANONYMIZE_FULL, Level.PSEUDONYMIZE], ids=lambda each: each.value
)
def test_no_new_kinds_of_errors(level: Level, tmp_path: Path) -> None:
    found = new_kinds(level, tmp_path)
    rows = EXPECTED[level.value]
    assert len(found) > JUDGED
    known = {(row.attribute, row.said) for row in rows}
    unexpected = {(name_of(path), *kind) for path, new in found.items() for kind in new if tuple(kind) not in known}
    assert not unexpected
    assert known == set().union(*found.values())


@pytest.mark.skipif(DCIODVFY is None, reason="needs dciodvfy, of dicom3tools")
def test_an_attribute_that_is_lost_is_a_new_kind(tmp_path: Path) -> None:
    with quiet():
        dataset = dcmread(MR)
    dataset.save_as(tmp_path / "as it was.dcm")
    del dataset.SamplesPerPixel
    dataset.save_as(tmp_path / "without.dcm")
    was, now = (broken(tmp_path / name) for name in ("as it was.dcm", "without.dcm"))
    assert was is not None
    assert now is not None
    assert now - was == {Broken("SamplesPerPixel", "Missing attribute for Type 1 Required - Module=<>")}


@pytest.mark.skipif(DCIODVFY is None, reason="needs dciodvfy, of dicom3tools")
def test_what_is_no_object_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "notes.dcm").write_text("nothing medical\n")
    assert broken(tmp_path / "notes.dcm") is None


FORBIDDEN = "Value invalid for this VR [CS] = <Doe^Jane> - Character invalid for this VR ="
SAID = f"""MRImage
Warning - </PatientWeight(0010,1030)[1]> - Value is zero
Error - </OtherPatientIDsSequence(0010,1002)[2]/PatientID(0010,0020)> - {EMPTY.replace("<>", "<Patient>")}
Error - </(0051,1008,"NETTLE")[1]> - {FORBIDDEN} 'o' (0x6f)
Error - </(0051,1008,"NETTLE")[1]> - {FORBIDDEN} 'e' (0x65)
"""


def test_a_kind_has_no_value_and_no_number_of_an_item() -> None:
    assert kinds(SAID) == {
        Broken("OtherPatientIDsSequence/PatientID", EMPTY),
        Broken("(0051,1008)", "Value invalid for this VR [CS] = <> - Character invalid for this VR = <>"),
    }


def test_the_document_has_the_same_rows() -> None:
    rows = {
        f"| `{level}` | {row.attribute} | {row.said.partition(' - Module')[0]} | {row.why} |"
        for level, rows in EXPECTED.items()
        for row in rows
    }
    assert rows == set(re.findall(r"^\| `.*$", VALIDITY.read_text(), re.MULTILINE))
