"""Clean Structured Content: every row of Table E.3.4-1 is carried out on items that bear its concept name."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from pydicom import dcmread
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

import dicomblank
from dicomblank import Rules, _core
from dicomblank.attribute_types import attribute_type
from dicomblank.basic import OPTIONS, content_action
from dicomblank.content_profile import CONCEPTS
from dicomblank.content_rules import NOTES, SEQUENCES, concepts, rules
from dicomblank.profile import ATTRIBUTES
from keyed import KEY
from profile_checker import Checker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank.content_profile import Concept

OPTION = "clean-structured-content"
FULL, MODIFIED = "retain-longitudinal-full-dates", "retain-longitudinal-modified-dates"
SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
ASKED = [
    (OPTION,),
    *((OPTION, name) for name in OPTIONS if name != OPTION),
    *(tuple(name for name in OPTIONS if name != dates) for dates in (FULL, MODIFIED)),
]
SR = "1.2.840.10008.5.1.4.1.1.88.33"


def item(**values: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def code(value: str, scheme: str, meaning: str = "what it is") -> Dataset:
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def value_of(value_type: str, number: int) -> dict[str, object]:
    """A value of this type, not the same in any two items."""
    reference = item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID=f"1.2.3.4.5.{number}")
    units = code("mm", "UCUM")
    values: dict[str, dict[str, object]] = {
        "TEXT": {"TextValue": f"MUSTERMANN {number}"},
        "PNAME": {"PersonName": f"MUSTERMANN^{number}"},
        "DATE": {"Date": f"2001{number % 12 + 1:02}03"},
        "TIME": {"Time": f"10{number % 60:02}"},
        "DATETIME": {"DateTime": f"2001{number % 12 + 1:02}031015"},
        "UIDREF": {"UID": f"1.2.3.4.6.{number}"},
        "NUM": {"MeasuredValueSequence": [item(NumericValue=str(1000 + number), MeasurementUnitsCodeSequence=[units])]},
        "CODE": {"ConceptCodeSequence": [code(f"T-{number}", "99ACME")]},
        "CONTAINER": {"ContinuityOfContent": "SEPARATE"},
    }
    return values.get(value_type, {"ReferencedSOPSequence": [reference]})


def content(name: Dataset, value_type: str, number: int) -> Dataset:
    return item(
        RelationshipType="CONTAINS",
        ValueType=value_type,
        ConceptNameCodeSequence=[name],
        ObservationDateTime="200102031015",
        **value_of(value_type, number),
    )


def of_row(row: Concept, number: int) -> Dataset:
    return content(code(row.code, row.scheme.partition(" ")[0]), row.value_type, number)


VALUE_TYPES = ["TEXT", "PNAME", "DATE", "TIME", "DATETIME", "UIDREF", "NUM", "CODE", "IMAGE", "CONTAINER"]


def document() -> Dataset:
    """An item for each row, with one that has none below it; and one for each value type that has none."""
    dataset = item(SOPClassUID=SR, SOPInstanceUID="1.2.3.4.1", PatientID="MUSTERMANN", PatientName="MUSTERMANN")
    dataset.ContentSequence = [of_row(row, number) for number, row in enumerate(CONCEPTS)]
    for number, each in enumerate(dataset.ContentSequence):
        each.ContentSequence = [content(code("1", "99ACME"), VALUE_TYPES[number % 10], 300 + number)]
    unlisted = [content(code(str(number), "99ACME"), kind, 600 + number) for number, kind in enumerate(VALUE_TYPES)]
    dataset.ContentSequence.append(content(code("2", "99ACME"), "CONTAINER", 0))
    dataset.ContentSequence[-1].ContentSequence = unlisted
    step = item(SpecimenPreparationStepContentItemSequence=[of_row(row, 800) for row in CONCEPTS[:20]])
    dataset.SpecimenDescriptionSequence = [item(SpecimenPreparationSequence=[step])]
    # These have no value type.
    dataset.AcquisitionContextSequence = [
        item(ConceptNameCodeSequence=[code("121022", "DCM")], TextValue="MUSTERMANN"),
        item(ConceptNameCodeSequence=[code("1", "99ACME")], NumericValue="1234"),
        item(ConceptNameCodeSequence=[code("1", "99ACME")], PersonName="MUSTERMANN"),
    ]
    dataset.WaveformAnnotationSequence = [
        item(ConceptNameCodeSequence=[code("121022", "DCM")], UnformattedTextValue="MUSTERMANN"),
        item(ConceptNameCodeSequence=[code("1", "99ACME")], UnformattedTextValue="MUSTERMANN"),
        item(ConceptNameCodeSequence=[code("1", "99ACME")], ConceptCodeSequence=[code("T-1", "99ACME")]),
    ]
    return dataset


def bytes_of(dataset: Dataset, syntax: str) -> bytes:
    file = io.BytesIO()
    dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("options", ASKED, ids="+".join)
def test_the_checker_finds_each_row_carried_out(options: tuple[str, ...], syntax: str) -> None:
    before = bytes_of(document(), syntax)
    after = dicomblank.anonymize_bytes(before, Rules.basic(*options), key=KEY)
    found = Checker(options, types=attribute_type).compare_files(io.BytesIO(before), io.BytesIO(after))
    assert found == []
    if options == (OPTION,):
        assert b"MUSTERMANN" not in after
    assert dicomblank.anonymize_bytes(after, Rules.basic(*options), key=KEY) == after


def test_what_is_left_of_the_items_by_the_rows_alone() -> None:
    """With no other option: rows with X are gone, the others are there in order."""
    before = bytes_of(document(), ExplicitVRLittleEndian)
    result = dcmread(io.BytesIO(dicomblank.anonymize_bytes(before, Rules.basic(OPTION), key=KEY)))
    left = [row.code for row in CONCEPTS if row.basic != "X"]
    names = [each.ConceptNameCodeSequence[0].CodeValue for each in result.ContentSequence]
    assert names == [*left, "2"]
    assert len(left) == 79
    unlisted = {each.ValueType: each for each in result.ContentSequence[-1].ContentSequence}
    assert list(unlisted) == VALUE_TYPES
    assert (unlisted["TEXT"].TextValue, str(unlisted["PNAME"].PersonName)) == ("DUMMY", "DUMMY")
    assert (unlisted["DATE"].Date, unlisted["TIME"].Time) == ("19000101", "000000")
    assert unlisted["UIDREF"].UID != "1.2.3.4.6.605"
    assert unlisted["NUM"].MeasuredValueSequence[0].NumericValue == 1606
    assert unlisted["CODE"].ConceptCodeSequence[0].CodeValue == "T-607"


def test_without_the_option_a_tree_is_a_dummy() -> None:
    before = bytes_of(document(), ExplicitVRLittleEndian)
    after = dicomblank.anonymize_bytes(before, Rules.basic(), key=KEY)
    assert Checker(types=attribute_type).compare_files(io.BytesIO(before), io.BytesIO(after)) == []


# the tables


def test_the_rules_are_about_what_the_table_of_attributes_says_and_the_items_of_steps() -> None:
    of_table = {int(row.tag, 16) for row in ATTRIBUTES if "clean_structured_content" in row.options}
    assert set(SEQUENCES) - of_table == {0x0040_0612}
    assert of_table < set(SEQUENCES)
    assert all(dictionary_VR(tag) == "SQ" for tag in SEQUENCES)
    assert Counter(word for _, word in rules()) == {"by concept": 5, "dummy": 1}


def test_the_table_of_concepts_says_what_is_done_to_each_row() -> None:
    for options in map(frozenset, ASKED):
        rows = [
            (row.scheme.partition(" ")[0], row.code, row.value_type, content_action(row, options).value)
            for row in CONCEPTS
        ]
        assert concepts(options) == _core.Concepts(rows)
        assert concepts(options) != _core.Concepts(rows[1:])


def test_rules_with_other_concepts_are_other_rules() -> None:
    assert Rules.basic(OPTION) != Rules.basic()
    assert Rules.basic(OPTION).told() != Rules.basic().told()
    told = {tag: done for tag, _, _, done in Rules.basic(OPTION).told()}
    assert told["(0040,A730)"] == "treated by concept name, item by item"
    assert told["(0040,A160)"] == "made a dummy"


def test_what_is_no_row_of_concepts() -> None:
    with pytest.raises(ValueError, match="a content item is kept, shifted, given a dummy or removed"):
        _core.Concepts([("DCM", "1", "TEXT", "empty")])


def test_the_statement_says_what_is_done_to_items_without_a_row() -> None:
    assert any("that the table does not have" in note for note in NOTES)
