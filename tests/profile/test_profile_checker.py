"""The checker of the Basic Profile finds each kind of fault: tried on pairs that were made by hand."""

from __future__ import annotations

import copy
import io
from typing import TYPE_CHECKING

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from profile_checker import Checker, Fault, row_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Change = Callable[[Dataset], object]

SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
CT = "1.2.840.10008.5.1.4.1.1.2"
FULL, MODIFIED = "retain-longitudinal-full-dates", "retain-longitudinal-modified-dates"


def item(**values: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def original() -> Dataset:
    """Something for each kind of row, nested too."""
    dataset = item(
        SOPClassUID=CT,
        SOPInstanceUID="1.2.3.1",
        StudyInstanceUID="1.2.3.2",
        Modality="CT",
        StudyDate="20010203",  # Z
        SeriesDate="20010204",  # X/D
        AcquisitionDateTime="20010205101112.5+0100",  # X/Z/D
        StudyTime="101112",  # Z
        TimezoneOffsetFromUTC="+0100",  # X, and of a VR that has no date
        StudyDescription="MUSTERMANN",  # X
        InstitutionName="MUSTERMANN",  # X/Z/D
        PatientName="MUSTERMANN",  # Z
        PatientID="MUSTERMANN",  # Z/D
        PatientBirthDate="19500101",  # Z
        PatientAge="050Y",  # X
        AcquisitionFieldOfViewLabel="MUSTERMANN",  # D
        DeviceSerialNumber="MUSTERMANN",  # X/Z/D
        Rows=2,
        ImagePositionPatient=[0, 0, 1],
    )
    # X/Z/U*
    dataset.ReferencedImageSequence = [item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID="1.2.3.9")]
    # No row of its own, but what is in it has.
    inside = item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID="1.2.3.1", PatientName="MUSTERMANN")
    dataset.SharedFunctionalGroupsSequence = [item(DerivationImageSequence=[inside], ReconstructionDiameter="1")]
    code = item(CodeValue="121022", CodingSchemeDesignator="DCM", CodeMeaning="Accession Number")
    dataset.ContentSequence = [  # D
        item(RelationshipType="CONTAINS", ValueType="TEXT", TextValue="MUSTERMANN", ConceptNameCodeSequence=[code])
    ]
    dataset.private_block(0x0029, "ACME", create=True).add_new(0x10, "LO", "MUSTERMANN")
    dataset.add_new(0x5000_0010, "US", 1)
    dataset.add_new(0x6000_0010, "US", 1)
    dataset.add_new(0x6000_3000, "OW", b"\0\1")
    dataset.add_new(0x6000_4000, "LT", "MUSTERMANN")
    dataset.add_new(0x7FE0_0010, "OW", bytes(range(8)))
    return dataset


def marked(dataset: Dataset, dates: str = "REMOVED", *codes: str) -> None:
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "dicomblank 1.2.3"
    dataset.DeidentificationMethodCodeSequence = [
        item(CodeValue=code, CodingSchemeDesignator="DCM", CodeMeaning="...") for code in ("113100", *codes)
    ]
    dataset.LongitudinalTemporalInformationModified = dates


GONE = (0x0029_0010, 0x0029_1010, 0x5000_0010, 0x6000_3000, 0x6000_4000)


def result() -> Dataset:
    """What is to be made of it without options."""
    dataset = original()
    for keyword in ("AcquisitionDateTime", "TimezoneOffsetFromUTC", "StudyDescription", "PatientAge", "SeriesDate"):
        delattr(dataset, keyword)
    for tag in GONE:
        del dataset[tag]
    for keyword in ("StudyDate", "StudyTime", "PatientName", "PatientBirthDate", "InstitutionName"):
        setattr(dataset, keyword, "")
    dataset.PatientID = dataset.AcquisitionFieldOfViewLabel = dataset.DeviceSerialNumber = "REMOVED"
    dataset.SOPInstanceUID, dataset.StudyInstanceUID = "2.25.1", "2.25.2"
    dataset.ReferencedImageSequence[0].ReferencedSOPInstanceUID = "2.25.9"
    inside = dataset.SharedFunctionalGroupsSequence[0].DerivationImageSequence[0]
    inside.ReferencedSOPInstanceUID, inside.PatientName = "2.25.1", ""
    code = item(CodeValue="0", CodingSchemeDesignator="DCM", CodeMeaning="Removed")
    dataset.ContentSequence = [
        item(RelationshipType="CONTAINS", ValueType="TEXT", TextValue="Removed", ConceptNameCodeSequence=[code])
    ]
    marked(dataset)
    return dataset


def saved(dataset: Dataset, syntax: UID = ExplicitVRLittleEndian) -> Dataset:
    """As it is read from a file."""
    dataset = copy.deepcopy(dataset)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    file.seek(0)
    return dcmread(file)


def faults(after: Dataset, *options: str, checker: Checker | None = None) -> list[tuple[str, str]]:
    found = (checker or Checker(options)).compare(saved(original()), saved(after))
    return [(fault.kind, fault.where) for fault in found]


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_a_result_that_is_as_it_should_be_has_no_fault(syntax: UID) -> None:
    assert Checker().compare(saved(original(), syntax), saved(result(), syntax)) == []


def test_nothing_done_is_a_fault_of_each_row() -> None:
    after = original()
    marked(after)
    found = faults(after)
    assert {kind for kind, _ in found} == {"not removed", "not treated"}
    assert len(found) == 24
    assert ("not treated", "(5200,9229)[0].(0008,9124)[0].(0010,0010)") in found


def nested(dataset: Dataset) -> Dataset:
    found = dataset.SharedFunctionalGroupsSequence[0].DerivationImageSequence[0]
    assert isinstance(found, Dataset)
    return found


def put(keyword: str, value: object) -> Change:
    return lambda dataset: setattr(dataset, keyword, value)


def without(tag: int | str) -> Change:
    return lambda dataset: dataset.__delitem__(tag) if isinstance(tag, int) else delattr(dataset, tag)


def with_private(dataset: Dataset) -> None:
    dataset.private_block(0x0029, "ACME", create=True).add_new(0x10, "LO", "MUSTERMANN")


def within(change: Change) -> Change:
    return lambda dataset: change(nested(dataset))


INSIDE = "(5200,9229)[0].(0008,9124)[0]"

# What is wrong, and the faults that are found then: all of them.
WRONG: dict[str, tuple[Change, list[tuple[str, str]]]] = {
    "X: it stays": (put("StudyDescription", "MUSTERMANN"), [("not removed", "(0008,1030)")]),
    "X: it is blank": (put("StudyDescription", "          "), [("not removed", "(0008,1030)")]),
    "X: it is empty": (put("StudyDescription", ""), [("not removed", "(0008,1030)")]),
    "Z: it stays": (put("PatientName", "MUSTERMANN"), [("not treated", "(0010,0010)")]),
    "Z: it is gone": (without("PatientName"), [("removed", "(0010,0010)")]),
    "Z: it is blank": (put("PatientName", "          "), [("not treated", "(0010,0010)")]),
    "D: it stays": (put("AcquisitionFieldOfViewLabel", "MUSTERMANN"), [("not treated", "(0018,11BB)")]),
    "D: it is empty": (put("AcquisitionFieldOfViewLabel", ""), [("not treated", "(0018,11BB)")]),
    "D: it is gone": (without("AcquisitionFieldOfViewLabel"), [("removed", "(0018,11BB)")]),
    "X/D: it stays": (put("SeriesDate", "20010204"), [("not treated", "(0008,0021)")]),
    "X/D: no date": (put("SeriesDate", "        "), [("not treated", "(0008,0021)")]),
    "X/D: a dummy may be": (put("SeriesDate", "19000101"), []),
    "X/Z/D: it stays": (put("AcquisitionDateTime", "20010205101112.5+0100"), [("not treated", "(0008,002A)")]),
    "X/Z/D: it may be empty": (put("AcquisitionDateTime", ""), []),
    "U: it stays": (put("StudyInstanceUID", "1.2.3.2"), [("not treated", "(0020,000D)")]),
    "U: it is empty": (put("StudyInstanceUID", ""), [("not treated", "(0020,000D)")]),
    "U: no UID": (put("StudyInstanceUID", "2.25.01"), [("not treated", "(0020,000D)")]),
    "U: another in another place": (put("SOPInstanceUID", "2.25.7"), [("not treated", f"{INSIDE}.(0008,1155)")]),
    "U*: it may be empty": (put("ReferencedImageSequence", []), []),
    "U*: it may be gone": (without("ReferencedImageSequence"), []),
    "U*: its UID stays": (
        lambda dataset: put("ReferencedSOPInstanceUID", "1.2.3.9")(dataset.ReferencedImageSequence[0]),
        [("not treated", "(0008,1140)[0].(0008,1155)")],
    ),
    "U*: an item more": (
        lambda dataset: dataset.ReferencedImageSequence.append(item(ReferencedSOPClassUID=CT)),
        [("items", "(0008,1140)")],
    ),
    "D of a sequence: one text stays": (
        lambda dataset: put("TextValue", "MUSTERMANN")(dataset.ContentSequence[0]),
        [("not treated", "(0040,A730)")],
    ),
    "D of a sequence: its code stays": (
        lambda dataset: put("CodeValue", "121022")(dataset.ContentSequence[0].ConceptNameCodeSequence[0]),
        [("not treated", "(0040,A730)")],
    ),
    "D of a sequence: it is empty": (put("ContentSequence", []), [("not treated", "(0040,A730)")]),
    "nested: it stays": (within(put("PatientName", "MUSTERMANN")), [("not treated", f"{INSIDE}.(0010,0010)")]),
    "nested: the reference stays": (
        within(put("ReferencedSOPInstanceUID", "1.2.3.1")),
        [("not treated", f"{INSIDE}.(0008,1155)")],
    ),
    "nested: it is gone": (within(without("PatientName")), [("removed", f"{INSIDE}.(0010,0010)")]),
    "nested: something is added": (within(put("PatientSex", "M")), [("added", f"{INSIDE}.(0010,0040)")]),
    "nested: a marker, which is for the top": (
        within(put("PatientIdentityRemoved", "YES")),
        [("added", f"{INSIDE}.(0012,0062)")],
    ),
    "without a row: gone": (without("Modality"), [("removed", "(0008,0060)")]),
    "without a row: changed": (put("Rows", 3), [("changed", "(0028,0010)")]),
    "without a row: another spelling": (put("ImagePositionPatient", ["0", "0", "1.0"]), [("changed", "(0020,0032)")]),
    "without a row: an item is gone": (put("SharedFunctionalGroupsSequence", []), [("items", "(5200,9229)")]),
    "a class changes": (put("SOPClassUID", "2.25.5"), [("changed", "(0008,0016)")]),
    "added": (put("PatientSex", "M"), [("added", "(0010,0040)")]),
    "private": (with_private, [("not removed", "(0029,0010)"), ("not removed", "(0029,1010)")]),
    "a curve": (lambda dataset: dataset.add_new(0x5000_0010, "US", 1), [("not removed", "(5000,0010)")]),
    "an overlay's data": (
        lambda dataset: dataset.add_new(0x6000_3000, "OW", b"\0\1"),
        [("not removed", "(6000,3000)")],
    ),
    "an overlay may go whole": (without(0x6000_0010), []),
    "pixels": (put("PixelData", bytes(8)), [("pixels", "(7FE0,0010)")]),
    "pixels are gone": (without("PixelData"), [("removed", "(7FE0,0010)")]),
    "no (0012,0062)": (without("PatientIdentityRemoved"), [("marker", "(0012,0062)")]),
    "(0012,0062) is NO": (put("PatientIdentityRemoved", "NO"), [("marker", "(0012,0062)")]),
    "no program": (put("DeidentificationMethod", "by hand"), [("marker", "(0012,0063)")]),
    "no codes": (without("DeidentificationMethodCodeSequence"), [("marker", "(0012,0064)")]),
    "a code too many": (lambda dataset: marked(dataset, "REMOVED", "113110"), [("marker", "(0012,0064)")]),
    "no word of dates": (without("LongitudinalTemporalInformationModified"), [("marker", "(0028,0303)")]),
    "another word of dates": (lambda dataset: marked(dataset, "MODIFIED"), [("marker", "(0028,0303)")]),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_fault_is_found_and_no_other(name: str) -> None:
    change, expected = WRONG[name]
    after = result()
    change(after)
    assert faults(after) == expected


def test_another_vr_is_a_fault() -> None:
    after = result()
    after.add_new(0x0028_0010, "SS", 2)
    assert faults(after) == [("other VR", "(0028,0010)")]


def test_elements_out_of_their_order_are_a_fault() -> None:
    before, after = saved(original()), saved(result())
    moved = after._dict.pop(next(iter(after._dict)))
    after._dict[moved.tag] = moved
    assert Checker().compare(before, after) == [Fault("order", "")]


# options


def with_options(change: Change, dates: str, *codes: str) -> Dataset:
    after = result()
    change(after)
    marked(after, dates, *codes)
    return after


def keep(*keywords: str) -> Change:
    def change(dataset: Dataset) -> None:
        for keyword in keywords:
            setattr(dataset, keyword, getattr(original(), keyword))

    return change


DATES = ("StudyDate", "SeriesDate", "AcquisitionDateTime", "StudyTime")


def shifted(dataset: Dataset) -> None:
    dataset.StudyDate, dataset.SeriesDate, dataset.AcquisitionDateTime = "20010103", "20010104", "20010105101112.5+0100"
    dataset.StudyTime = "101112"


def test_full_dates() -> None:
    kept = with_options(keep(*DATES, "TimezoneOffsetFromUTC"), "UNMODIFIED", "113106")
    assert faults(kept, FULL) == []
    kept.StudyDate = ""
    assert faults(kept, FULL) == [("changed", "(0008,0020)")]
    kept.StudyDate, kept.PatientBirthDate = "20010203", "19500101"
    assert faults(kept, FULL) == [("not treated", "(0010,0030)")]


def test_modified_dates() -> None:
    after = with_options(shifted, "MODIFIED", "113107")
    assert faults(after, MODIFIED) == []
    for keyword, value in (
        ("StudyDate", "20010203"),  # as it was
        ("StudyDate", "20010102"),  # by another number of days
        ("StudyDate", "20010303"),  # later
        ("StudyDate", "19000101"),
        ("StudyDate", ""),
        ("StudyTime", "101113"),
        ("SeriesDate", "20010204"),
        ("AcquisitionDateTime", "20010105101112.6+0100"),
    ):
        other = copy.deepcopy(after)
        setattr(other, keyword, value)
        assert faults(other, MODIFIED), (keyword, value)
    after.TimezoneOffsetFromUTC = "+0100"
    assert faults(after, MODIFIED) == [("not removed", "(0008,0201)")]


def test_the_dates_of_a_patient_move_together_in_all_files() -> None:
    checker = Checker([MODIFIED])
    after = with_options(shifted, "MODIFIED", "113107")
    assert faults(after, checker=checker) == []
    assert faults(after, checker=checker) == []
    for keyword, value in (("StudyDate", "20010104"), ("SeriesDate", "20010105"), ("AcquisitionDateTime", "20010106")):
        setattr(after, keyword, value + getattr(after, keyword)[8:])
    assert {where for _, where in faults(after, checker=checker)} == {"(0008,0020)", "(0008,0021)", "(0008,002A)"}


def test_retained_uids() -> None:
    after = result()
    keep("SOPInstanceUID", "StudyInstanceUID", "ReferencedImageSequence")(after)
    nested(after).ReferencedSOPInstanceUID = "1.2.3.1"
    marked(after, "REMOVED", "113110")
    assert faults(after, "retain-uids") == []
    after.StudyInstanceUID = "2.25.2"
    assert faults(after, "retain-uids") == [("changed", "(0020,000D)")]


def test_retained_identities_and_characteristics() -> None:
    for option, keyword, code in (
        ("retain-device-identity", "DeviceSerialNumber", "113109"),
        ("retain-institution-identity", "InstitutionName", "113112"),
        ("retain-patient-characteristics", "PatientAge", "113108"),
    ):
        after = with_options(keep(keyword), "REMOVED", code)
        assert faults(after, option) == []
        assert len(faults(after)) == 2  # the element, and the code
        delattr(after, keyword)
        assert [kind for kind, _ in faults(after, option)] == ["removed"]


def test_safe_private_elements() -> None:
    after = with_options(with_private, "REMOVED", "113111")
    safe = Checker(["retain-safe-private"], safe=lambda *about: about == (0x0029, "ACME", 0x10))
    assert faults(after, checker=safe) == []
    other = Checker(["retain-safe-private"], safe=lambda *about: about == (0x0029, "ACME", 0x11))
    assert [kind for kind, _ in faults(after, checker=other)] == ["not removed"] * 2


def test_an_option_that_is_not_checked_is_an_error() -> None:
    with pytest.raises(ValueError, match="not checked here: clean-graphics, retain-uid"):
        Checker(["retain-uid", "clean-graphics", "retain-uids"])


# structured content

CONTENT = "clean-structured-content"


def content(code: str, value_type: str, **values: object) -> Dataset:
    name = item(CodeValue=code, CodingSchemeDesignator="DCM", CodeMeaning="...")
    return item(RelationshipType="CONTAINS", ValueType=value_type, ConceptNameCodeSequence=[name], **values)


def reference(uid: str) -> list[Dataset]:
    return [item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID=uid)]


def document() -> Dataset:
    """A tree of content: of the concept names 121022 is X, 113795 is D, 130884 a date; the others have no row."""
    inside = [
        content("121022", "TEXT", TextValue="MUSTERMANN"),
        content("1", "PNAME", PersonName="MUSTERMANN"),
        content("2", "TEXT", TextValue="unremarkable"),
    ]
    dataset = item(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33", SOPInstanceUID="1.2.3.1", PatientID="MUSTERMANN")
    dataset.ContentSequence = [
        content("121022", "TEXT", TextValue="MUSTERMANN"),
        content("113795", "IMAGE", ReferencedSOPSequence=reference("1.2.3.9")),
        content("130884", "DATETIME", DateTime="20010203101112"),
        content("3", "CONTAINER", ContinuityOfContent="SEPARATE", ContentSequence=inside),
    ]
    step = item(SpecimenPreparationStepContentItemSequence=[content("121022", "TEXT", TextValue="MUSTERMANN")])
    dataset.SpecimenDescriptionSequence = [item(SpecimenPreparationSequence=[step])]
    return dataset


def cleaned() -> Dataset:
    dataset = document()
    dataset.SOPInstanceUID, dataset.PatientID = "2.25.1", "REMOVED"
    _, image, _, container = dataset.ContentSequence
    image.ReferencedSOPSequence = reference("2.25.9")
    del container.ContentSequence[0]
    container.ContentSequence[0].PersonName = "REMOVED"
    container.ContentSequence[1].TextValue = "REMOVED"
    dataset.ContentSequence = [image, container]
    dataset.SpecimenDescriptionSequence[0].SpecimenPreparationSequence[
        0
    ].SpecimenPreparationStepContentItemSequence = []
    marked(dataset, "REMOVED", "113104")
    return dataset


def of_document(after: Dataset, *options: str) -> list[tuple[str, str]]:
    return [(fault.kind, fault.where) for fault in Checker(options).compare(saved(document()), saved(after))]


def in_container(change: Change) -> Change:
    return lambda dataset: change(dataset.ContentSequence[-1])


CONTAINER = "(0040,A730)[3]"
WRONG_CONTENT: dict[str, tuple[Change, list[tuple[str, str]]]] = {
    "nothing": (lambda _dataset: None, []),
    "X: it stays": (
        lambda dataset: dataset.ContentSequence.insert(0, content("121022", "TEXT", TextValue="MUSTERMANN")),
        [("not removed", "(0040,A730)[0]")],
    ),
    "X: it stays, with another text": (
        lambda dataset: dataset.ContentSequence.insert(0, content("121022", "TEXT", TextValue="REMOVED")),
        [("not removed", "(0040,A730)[0]")],
    ),
    "X, nested: it stays": (
        in_container(lambda inside: inside.ContentSequence.insert(0, document().ContentSequence[0])),
        [("not removed", f"{CONTAINER}.(0040,A730)[0]")],
    ),
    "X, of a step: it stays": (
        put("SpecimenDescriptionSequence", document().SpecimenDescriptionSequence),
        [("not removed", "(0040,0560)[0].(0040,0610)[0].(0040,0612)[0]")],
    ),
    "D: it stays": (
        lambda dataset: put("ReferencedSOPSequence", reference("1.2.3.9"))(dataset.ContentSequence[0]),
        [("not treated", "(0040,A730)[1]")],
    ),
    "D: it has no value": (
        lambda dataset: without("ReferencedSOPSequence")(dataset.ContentSequence[0]),
        [("not treated", "(0040,A730)[1]")],
    ),
    "D: it is gone": (lambda dataset: dataset.ContentSequence.pop(0), [("removed", "(0040,A730)[1]")]),
    "without a row: gone": (lambda dataset: dataset.ContentSequence.pop(1), [("removed", CONTAINER)]),
    "without a row: a text": (
        in_container(lambda inside: put("TextValue", "unremarkable")(inside.ContentSequence[1])),
        [("not treated", f"{CONTAINER}.(0040,A730)[2].(0040,A160)")],
    ),
    "without a row: what is no value": (
        in_container(lambda inside: put("ContinuityOfContent", "SEPARATE")(inside.ContentSequence[1])),
        [("added", f"{CONTAINER}.(0040,A730)[2].(0040,A050)")],
    ),
    "D: what is no value": (
        lambda dataset: put("ContinuityOfContent", "SEPARATE")(dataset.ContentSequence[0]),
        [("added", "(0040,A730)[1].(0040,A050)")],
    ),
    "without a row: a name, which has one by its tag": (
        in_container(lambda inside: put("PersonName", "MUSTERMANN")(inside.ContentSequence[0])),
        [("not treated", f"{CONTAINER}.(0040,A730)[1].(0040,A123)")],
    ),
    "an item more": (
        lambda dataset: dataset.ContentSequence.append(content("2", "TEXT", TextValue="added")),
        [("added", "(0040,A730)")],
    ),
    "all gone": (
        without("ContentSequence"),
        [("removed", "(0040,A730)")],
    ),
}


@pytest.mark.parametrize("name", WRONG_CONTENT)
def test_each_fault_of_content_is_found_and_no_other(name: str) -> None:
    change, expected = WRONG_CONTENT[name]
    after = cleaned()
    change(after)
    assert of_document(after, CONTENT) == expected


def test_content_items_are_kept_and_shifted_by_the_options_of_their_rows() -> None:
    after = cleaned()
    after.ContentSequence[0].ReferencedSOPSequence = reference("1.2.3.9")
    after.SOPInstanceUID = "1.2.3.1"
    after.ContentSequence.insert(1, content("130884", "DATETIME", DateTime="20010103101112"))
    marked(after, "MODIFIED", "113104", "113107", "113110")
    options = (CONTENT, MODIFIED, "retain-uids")
    assert of_document(after, *options) == []
    after.ContentSequence[1].DateTime = "20010203101112"
    assert of_document(after, *options) == [("not treated", "(0040,A730)[2]")]
    del after.ContentSequence[1]
    assert of_document(after, *options) == [("removed", "(0040,A730)[2]")]
    after = cleaned()
    after.ContentSequence.insert(1, content("130884", "DATETIME", DateTime="20010203101112"))
    marked(after, "UNMODIFIED", "113104", "113106")
    assert of_document(after, CONTENT, FULL) == []
    after.ContentSequence[1].DateTime = "20010103101112"
    assert of_document(after, CONTENT, FULL) == [("changed", "(0040,A730)[2]")]


# types


@pytest.mark.parametrize(
    ("kind", "fine"),
    [
        ("1", {"D"}),
        ("1C", {"D"}),
        ("2", {"Z"}),
        ("2C", {"Z"}),
        ("3", {"X"}),
        ("not in the IOD", {"X"}),
        (None, {"X", "Z", "D"}),
    ],
)
def test_the_type_decides_where_it_is_known(kind: str | None, fine: set[str]) -> None:
    changes = {"X": without("InstitutionName"), "Z": put("InstitutionName", ""), "D": put("InstitutionName", "Removed")}
    for letter, change in changes.items():
        checker = Checker(types=lambda uid, place: kind if (uid, place) == (CT, (0x0008_0080,)) else None)
        after = result()
        change(after)
        assert (faults(after, checker=checker) == []) is (letter in fine)


# several files


def test_a_uid_becomes_the_same_one_in_all_files_and_no_two_become_one() -> None:
    checker = Checker()
    assert faults(result(), checker=checker) == []
    other = result()
    other.StudyInstanceUID = "2.25.3"
    assert faults(other, checker=checker) == [("not treated", "(0020,000D)")]
    assert checker.uids_that_met() == 0
    checker = Checker()
    other.StudyInstanceUID = "2.25.1"
    assert faults(other, checker=checker) == []
    assert checker.uids_that_met() == 1


def test_a_file_with_its_preamble_and_file_meta_information(tmp_path: Path) -> None:
    before, after = saved(original()), saved(result())
    before.file_meta.SourceApplicationEntityTitle = "MUSTERMANN"
    before.save_as(tmp_path / "before.dcm")
    after.save_as(tmp_path / "after.dcm")
    assert Checker().compare_files(tmp_path / "before.dcm", tmp_path / "after.dcm") == []
    after.preamble = bytes(96) + b"DICOMblk\1D" + bytes(22)
    after.save_as(tmp_path / "after.dcm")
    assert Checker().compare_files(tmp_path / "before.dcm", tmp_path / "after.dcm") == []
    after.preamble = b"II*\0" + bytes(92) + b"DICOMblk\1D" + bytes(22)
    after.file_meta.SourceApplicationEntityTitle = "MUSTERMANN"
    after.file_meta.PrivateInformationCreatorUID = UID("1.2.3")
    after.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3.1")
    after.save_as(tmp_path / "after.dcm")
    assert {tuple(fault) for fault in Checker().compare_files(tmp_path / "before.dcm", tmp_path / "after.dcm")} == {
        ("preamble", ""),
        ("not removed", "(0002,0016)"),
        ("not removed", "(0002,0100)"),
        ("reference", "(0002,0003)"),
    }


def test_a_data_set_that_was_looked_into_is_an_error() -> None:
    before = saved(original())
    assert before.PatientName
    with pytest.raises(TypeError, match=r"\(0010,0010\) was looked into"):
        Checker().compare(before, saved(result()))


@pytest.mark.parametrize(
    ("tag", "letters"),
    [
        (0x0010_0010, {"Z"}),
        (0x0028_0010, None),
        (0x0029_1010, {"X"}),
        (0x5001_0010, {"X"}),
        (0x5002_0010, {"X"}),
        (0x6002_3000, {"X"}),
        (0x6002_0010, None),
        (0x6001_3000, {"X"}),
        (0x6100_3000, None),
        (0x0008_002A, {"X", "Z", "D"}),
        (0x0008_1140, {"X", "Z", "U*"}),
    ],
)
def test_the_row_of_a_tag(tag: int, letters: set[str] | None) -> None:
    row = row_of(tag)
    assert (row and row[0]) == letters
