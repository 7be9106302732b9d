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

from dicomblank.view import quiet
from iods import DCIODVFY, Broken, broken, kinds
from level_results import CLEANED, LEVELS, results
from samples import MR, SHARED, at_hand, name_of

VALIDITY = Path(__file__).parents[2] / "docs/validity.md"
THREADS = 2
RESEARCH = "basic, for research"
JUDGED = 100  # files at least, of those that pydicom ships


TREE = "the tree becomes a dummy, and the number of none is zero"
EMPTY = "Empty attribute for Type 1 Required"


class Expected(NamedTuple):
    """One kind of error that a level makes, and why it does."""

    attribute: str
    said: str
    why: str
    elsewhere: bool = False
    """Whether none of the files that pydicom ships has it, but some beside this checkout."""


REFERENCES = Expected(
    "ReferencedSeriesSequence",
    "ReferencedSeriesSequence present but Instance does not reference Instances",
    "the references of frames are emptied, being of type 2, and the list of what they refer to stays",
)
PRESENTATION = [
    Expected(
        f"PresentationCreation{what}",
        "Missing attribute for Type 1 Required",
        "the profile removes it, whatever its type",
        elsewhere=True,
    )
    for what in ("Date", "Time")
]
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
        *(
            Expected(
                f"DirectoryRecordSequence/Content{what}",
                EMPTY,
                "it is blanked, and a record of a DICOMDIR has to have one",
                elsewhere=True,
            )
            for what in ("Date", "Time")
        ),
    ],
    "pseudonymize": [
        Expected(
            "DirectoryRecordSequence/StudyDate", EMPTY, "a date of which it can't be told whose it is, is blanked"
        ),
        Expected("DirectoryRecordSequence/StudyID", EMPTY, "of one character nothing else can be made: it is blanked"),
    ],
    "basic": [
        Expected("ContentSequence/ReferencedContentItemIdentifier", "Value is zero", TREE),
        Expected("ContentSequence/ReferencedSOPSequence/ReferencedFrameNumber", "Value is zero", TREE),
        REFERENCES,
    ],
}
EXPECTED |= {RESEARCH: EXPECTED["basic"], CLEANED: [REFERENCES, *PRESENTATION]}
EXPECTED["basic"] = EXPECTED["basic"] + PRESENTATION


@cache
def before() -> dict[Path, set[Broken] | None]:
    paths = at_hand()
    with ThreadPoolExecutor(THREADS) as pool:
        return dict(zip(paths, pool.map(broken, paths), strict=True))


def new_kinds(level: str, folder: Path) -> dict[Path, set[Broken]]:
    """Of each file that dciodvfy reads, and the level does."""
    done = {original: path for original, path, _ in results(folder, level) if before()[original] is not None}
    with ThreadPoolExecutor(THREADS) as pool:
        found = dict(zip(done, pool.map(broken, done.values()), strict=True))
    unread = [name_of(path) for path, now in found.items() if now is None]
    assert not unread
    return {path: (now or set()) - (before()[path] or set()) for path, now in found.items()}


@pytest.mark.skipif(DCIODVFY is None, reason="needs dciodvfy, of dicom3tools")
@pytest.mark.parametrize("level", LEVELS)
def test_no_new_kinds_of_errors(level: str, tmp_path: Path) -> None:
    found = new_kinds(level, tmp_path)
    rows = EXPECTED[level]
    assert len(found) > JUDGED
    known = {(row.attribute, row.said) for row in rows}
    unexpected = {(name_of(path), *kind) for path, new in found.items() for kind in new if tuple(kind) not in known}
    assert not unexpected
    needed = {(row.attribute, row.said) for row in rows if SHARED.is_dir() or not row.elsewhere}
    assert needed <= set().union(*found.values())


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
    assert now - was == {Broken("SamplesPerPixel", "Missing attribute for Type 1 Required")}


@pytest.mark.skipif(DCIODVFY is None, reason="needs dciodvfy, of dicom3tools")
def test_what_is_no_object_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "notes.dcm").write_text("nothing medical\n")
    assert broken(tmp_path / "notes.dcm") is None


FORBIDDEN = "Value invalid for this VR [CS] = <Doe^Jane> - Character invalid for this VR ="
SAID = f"""MRImage
Warning - </PatientWeight(0010,1030)[1]> - Value is zero
Error - </OtherPatientIDsSequence(0010,1002)[2]/PatientID(0010,0020)> - {EMPTY} - Module=<Patient>
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
        f"| {level} | {row.attribute} | {row.said} | {row.why} |"
        for level, rows in EXPECTED.items()
        if level != RESEARCH
        for row in rows
    }
    assert rows == set(re.findall(r"^\| [a-z].*$", VALIDITY.read_text(), re.MULTILINE)[1:])
