"""The score card: its files are what they say, each check can fail, and BENCHMARKS.md shows what came out."""

from __future__ import annotations

import copy
import hashlib
import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydicom import dcmread

from benches.score import checking, corpus, page
from benches.score.answers import Action, Step
from benches.score.checking import around_of, has_identifier, is_kept, is_removed
from iods import DCIODVFY, broken

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from pydicom.dataset import Dataset

    from benches.score.corpus import File

    Results: TypeAlias = dict[int, Dataset]

ROOT = Path(__file__).parents[2]
NUMBERS = {"ct": 1001, "mr": 1004, "us": 1006, "clip": 1007, "seg": 1008, "sr": 1009}
NEXT_PATIENT = 1019


@cache
def files() -> dict[int, File]:
    return {file.number: file for file in corpus.files()}


# the files


def test_they_are_the_same_each_time(tmp_path: Path) -> None:
    digests = []
    for turn in "ab":
        corpus.write(tmp_path / turn)
        digests.append([hashlib.sha256(path.read_bytes()).digest() for path in sorted((tmp_path / turn).iterdir())])
    assert digests[0] == digests[1]
    assert len(digests[0]) == 72


def test_there_are_several_of_each_kind() -> None:
    assert Counter(file.kind for file in files().values()) == {
        kind: count * corpus.PATIENTS * corpus.STUDIES for kind, count in corpus.FILES.items()
    }
    assert {kind: files()[number].kind for kind, number in NUMBERS.items()} == {kind: kind for kind in NUMBERS}
    names = {str(file.dataset.PatientName) for file in files().values()}
    assert len(names) == corpus.PATIENTS
    assert sum(not name.isascii() for name in names) == 1
    assert files()[NEXT_PATIENT].patient == 1


def test_nothing_is_removed_yet(tmp_path: Path) -> None:
    """Of the files as they are every check of what has to go fails, and every other one is passed."""
    answers = corpus.write(tmp_path / "files")
    card = checking.judge(answers, checking.read(tmp_path / "files"))
    goes = {Action.TEXT_REMOVED, Action.DATE_SHIFTED, Action.UID_CHANGED}
    assert set(card.asked) == set(Action)
    for action, asked in card.asked.items():
        assert card.passed[action] == (0 if action in goes else asked), action
    assert (card.missing, card.identified) == (0, len(answers))


@pytest.mark.skipif(DCIODVFY is None, reason="needs dciodvfy, of dicom3tools")
def test_the_objects_are_valid(tmp_path: Path) -> None:
    corpus.write(tmp_path / "files")
    for path in (tmp_path / "files").iterdir():
        assert broken(path) == set(), path.name


# each check


def perfect(file: File) -> Dataset:
    """What the answers ask for, done by the answers alone."""
    dataset = copy.deepcopy(file.dataset)
    by_place: dict[tuple[Step, ...], dict[Action, str]] = {}
    for check in file.answers.checks:
        by_place.setdefault(check.place, {}).setdefault(check.action, check.text)
    for place, asked in by_place.items():
        around = around_of(dataset, place)
        assert around is not None
        if place[-1].creator:
            if Action.TEXT_REMOVED in asked:
                del around[around.private_block(place[-1].tag >> 16, place[-1].creator).get_tag(place[-1].tag & 0xFF)]
            continue
        element = around[place[-1].tag]
        if Action.UID_CHANGED in asked:
            element.value = new_uid(asked[Action.UID_CHANGED])
        elif Action.PATIENT_ID_CONSISTENT in asked:
            element.value = f"P-{file.patient}"
        elif Action.DATE_SHIFTED in asked:
            element.value = "19000101" + str(element.value)[8:]
        elif Action.TEXT_REMOVED in asked:
            element.value = asked.get(Action.TEXT_RETAINED, "none")
    return dataset


def new_uid(uid: str) -> str:
    return f"2.25.{int.from_bytes(hashlib.sha256(uid.encode()).digest()[:12])}"


@cache
def perfect_results() -> Results:
    """Of the first study of each of two patients: all kinds of files."""
    return {number: perfect(files()[number]) for first in (1001, NEXT_PATIENT) for number in range(first, first + 9)}


def judged(results: Results, folder: Path) -> checking.Card:
    for number, dataset in results.items():
        dataset.save_as(folder / f"{number}.dcm")
    return checking.judge({number: files()[number].answers for number in perfect_results()}, checking.read(folder))


def test_what_is_done_perfectly_passes_everything(tmp_path: Path) -> None:
    card = judged(perfect_results(), tmp_path)
    assert not card.failures
    assert card.passed == card.asked
    assert (card.missing, card.identified) == (0, 0)


def kept_pixels(dataset: Dataset) -> None:
    dataset.PixelData = dataset.PixelData[:-2] + b"\x01\0"


def put(of: Results, keyword: str, values: dict[int, str]) -> None:
    for number, value in values.items():
        setattr(of[number], keyword, value)


def family_of(number: int) -> str:
    return str(files()[number].dataset.PatientName.family_name)


def old(number: int, keyword: str) -> str:
    return str(files()[number].dataset[keyword].value)


FRAMES, EVIDENCE = "PerFrameFunctionalGroupsSequence", "CurrentRequestedProcedureEvidenceSequence"
BREAKS: list[tuple[str, Callable[[Results], object], dict[tuple[Action, str], int]]] = [
    ("ct", lambda of: of[1001].pop("StudyTime"), {(Action.TAG_RETAINED, "StudyTime"): 1}),
    ("sr", lambda of: setattr(of[1009], "ContentTime", ""), {(Action.TEXT_NOT_NULL, "ContentTime"): 1}),
    ("blank", lambda of: setattr(of[1009], "ContentTime", "      "), {(Action.TEXT_NOT_NULL, "ContentTime"): 1}),
    ("mr", lambda of: setattr(of[1004], "SeriesDescription", "ep2d"), {(Action.TEXT_RETAINED, "SeriesDescription"): 1}),
    ("number", lambda of: setattr(of[1001], "KVP", "120.5"), {(Action.TEXT_RETAINED, "KVP"): 1}),
    ("same number", lambda of: setattr(of[1001], "KVP", "120.0"), {}),
    (
        "one word of it",
        lambda of: setattr(of[1001], "PatientComments", f"seen: {family_of(1001).upper()}"),
        {},
    ),
    (
        "us",
        lambda of: setattr(of[1006], "InstitutionName", old(1006, "InstitutionName").split()[0].lower()),
        {(Action.TEXT_REMOVED, "InstitutionName"): 1},
    ),
    (
        "date",
        lambda of: setattr(of[1001], "StudyDate", old(1001, "StudyDate")),
        {(Action.DATE_SHIFTED, "StudyDate"): 1},
    ),
    (
        "UID as it was",
        lambda of: setattr(of[1001], "FrameOfReferenceUID", old(1001, "FrameOfReferenceUID")),
        {(Action.UID_CHANGED, "FrameOfReferenceUID"): 1, (Action.UID_CONSISTENT, "FrameOfReferenceUID"): 1},
    ),
    (
        "another UID",
        lambda of: setattr(of[1001], "FrameOfReferenceUID", "2.25.1"),
        {(Action.UID_CONSISTENT, "FrameOfReferenceUID"): 1},
    ),
    ("no UID", lambda of: of[1001].pop("InstanceCreatorUID"), {}),
    (
        "a reference to nothing",
        lambda of: setattr(of[1009].ContentSequence[7].ReferencedSOPSequence[0], "ReferencedSOPInstanceUID", "2.25.1"),
        {(Action.UID_CONSISTENT, "ContentSequence/ReferencedSOPSequence/ReferencedSOPInstanceUID"): 1},
    ),
    (
        "objects under another name than all their references",
        lambda of: put(of, "SOPInstanceUID", {number: f"2.25.{number}" for number in (1001, 1002, 1003)}),
        {
            (Action.UID_CONSISTENT, where): count
            for where, count in (
                ("MediaStorageSOPInstanceUID", 3),
                ("ReferencedImageSequence/ReferencedSOPInstanceUID", 3),
                ("ReferencedSeriesSequence/ReferencedInstanceSequence/ReferencedSOPInstanceUID", 3),
                (f"{FRAMES}/DerivationImageSequence/SourceImageSequence/ReferencedSOPInstanceUID", 3),
                (f"{EVIDENCE}/ReferencedSeriesSequence/ReferencedSOPSequence/ReferencedSOPInstanceUID", 3),
                ("ContentSequence/ReferencedSOPSequence/ReferencedSOPInstanceUID", 1),
            )
        },
    ),
    (
        "a patient apart",
        lambda of: setattr(of[1001], "PatientID", "P-9"),
        {(Action.PATIENT_ID_CONSISTENT, "PatientID"): 1},
    ),
    (
        "two patients in one",
        lambda of: put(of, "PatientID", {number: "P-0" for number in of if files()[number].patient == 1}),
        {(Action.PATIENT_ID_CONSISTENT, "PatientID"): 18},
    ),
    (
        "nobody's files",
        lambda of: put(of, "PatientID", dict.fromkeys(of, "")),
        {(Action.PATIENT_ID_CONSISTENT, "PatientID"): 18},
    ),
    ("pixels", lambda of: kept_pixels(of[1004]), {(Action.PIXELS_RETAINED, "PixelData"): 1}),
    (
        "private",
        lambda of: of[1001].pop(0x0019_1023),
        {(Action.TEXT_RETAINED, "(0019,xx23 GEMS_ACQU_01)"): 1},
    ),
    (
        "head",
        lambda of: setattr(of[1001].file_meta, "SourceApplicationEntityTitle", corpus.SENDER),
        {(Action.TEXT_REMOVED, "SourceApplicationEntityTitle"): 1},
    ),
]


@pytest.mark.parametrize(
    ("name", "spoil", "expected"), BREAKS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_check_can_fail(
    name: str, spoil: Callable[[Results], object], expected: dict[tuple[Action, str], int], tmp_path: Path
) -> None:
    results = copy.deepcopy(perfect_results())
    spoil(results)
    assert judged(results, tmp_path).failures == expected


def test_every_check_is_broken_once() -> None:
    assert {action for _, _, expected in BREAKS for action, _ in expected} == set(Action)


def test_of_a_missing_file_every_check_fails(tmp_path: Path) -> None:
    results = dict(perfect_results())
    results.pop(1005)
    card = judged(results, tmp_path)
    assert card.missing == 1
    assert card.failures.total() == len(files()[1005].answers.checks)


def test_what_is_no_result_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("{}")
    perfect_results()[1001].save_as(tmp_path / "1001.dcm")
    unnumbered = copy.deepcopy(perfect_results()[1004])
    unnumbered.InstanceNumber = None
    unnumbered.save_as(tmp_path / "1004.dcm")
    assert list(checking.read(tmp_path)) == [1001]


@pytest.mark.parametrize(
    ("text", "answer", "kept", "removed"),
    [
        ("follow up of nobody", "follow up", True, False),
        ("up, to follow", "follow up", True, False),
        ("follow", "follow up", False, False),
        ("CT", "follow up", False, True),
        ("JANE", "Doe^Jane", False, False),
        ("12", "12.0", True, False),
        ("12", "13", False, True),
        ("-0.50", "-.5", True, False),
        ("number 12", "12 Lane", False, True),  # two digits alone lead nowhere
        ("", "Doe", False, True),
    ],
)
def test_words_are_compared_as_the_published_validator_does(
    text: str, answer: str, *, kept: bool, removed: bool
) -> None:
    assert (is_kept(text, answer), is_removed(text, answer)) == (kept, removed)


@pytest.mark.parametrize(
    ("data", "is_found"),
    [
        (b"\0\0Quillfeather\0", True),
        (b"QUILLFEATHER", True),
        (b"Quill feather", False),
        ("Jørgens".encode("latin-1"), True),
    ],
)
def test_bytes_of_identifiers_are_found_wherever_they_stand(data: bytes, *, is_found: bool) -> None:
    assert has_identifier(data, ["Quillfeather", "Jørgens"]) is is_found


def test_a_content_item_is_found_by_its_concept(tmp_path: Path) -> None:
    """Those that are about a person may go from a tree, and the others have other numbers then."""
    results = copy.deepcopy(perfect_results())
    del results[1009].ContentSequence[1]
    assert not judged(results, tmp_path).failures
    del results[1009].ContentSequence[-1]
    failures = judged(results, tmp_path).failures
    assert failures[Action.TEXT_RETAINED, "ContentSequence/ValueType"] == 1
    place = (Step(0x0040_A730, 6, "103339001"), Step(0x0040_A300), Step(0x0040_A30A))
    assert checking.text_at(results[1009], place) == "14.25"


@pytest.mark.parametrize(("scheme", "expected"), [("99DUMMY", "14.25"), (None, "14.25"), ("DCM", None)])
def test_an_item_with_a_dummy_for_a_name_is_found_by_its_number(scheme: str | None, expected: str | None) -> None:
    dataset = perfect(files()[1009])
    (concept,) = dataset.ContentSequence[6].ConceptNameCodeSequence
    concept.CodeValue, concept.CodingSchemeDesignator = "DUMMY", scheme
    place = (Step(0x0040_A730, 6, "103339001"), Step(0x0040_A300), Step(0x0040_A30A))
    assert checking.text_at(dataset, place) == expected


# the page


@pytest.mark.parametrize(
    ("passed", "asked", "expected"),
    [(10, 10, "100"), (99_999, 100_000, "99.99"), (0, 10, "0.00"), (1, 3, "33.33"), (2, 3, "66.66")],
)
def test_what_is_not_passed_whole_is_never_100(passed: int, asked: int, expected: str) -> None:
    assert page.share(passed, asked) == expected


def test_the_page_shows_the_results_and_nothing_else() -> None:
    results = json.loads((ROOT / "benches/results" / page.FILE).read_text(encoding="utf-8"))
    text = (ROOT / "BENCHMARKS.md").read_text(encoding="utf-8")
    assert page.in_page(text) == page.block(results)
    assert (ROOT / "benches/results" / page.CHART).exists()


def test_what_was_asked_is_what_the_files_ask() -> None:
    results = json.loads((ROOT / "benches/results" / page.FILE).read_text(encoding="utf-8"))
    assert results["asked"] == Counter(check.action.value for file in files().values() for check in file.answers.checks)
    assert results["files"] == len(files())
    ours = {row["name"] for row in results["rows"] if row["kind"] == "dicomblank"}
    assert len(ours) >= 3
    assert not any(row["failure"] for row in results["rows"] if row["kind"] == "dicomblank")


def test_each_failure_is_shown() -> None:
    results = json.loads((ROOT / "benches/results" / page.FILE).read_text(encoding="utf-8"))
    text = (ROOT / "BENCHMARKS.md").read_text(encoding="utf-8")
    for row in results["rows"]:
        fails = sum(results["asked"].values()) - sum(row.get("passed", {}).values())
        if row["kind"] == "dicomblank":
            assert fails == sum(count for *_, count in row["failures"])
            assert f"<summary>{row['name']}: {fails:,}</summary>" in text


def test_a_result_is_read_as_pydicom_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "1006.dcm"
    files()[1006].dataset.save_as(path)
    assert checking.text_at(dcmread(path), (Step(0x0010_0020),)) == files()[1006].dataset.PatientID
