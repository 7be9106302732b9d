"""Files that are rewritten: what goes, is emptied, becomes a dummy or is added, and that nothing else has changed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pydicom
import pytest

import dicomblank
import samples
from dicomblank import _core

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

REMOVED = ["PatientBirthDate", "InstitutionName", "StationName", "OperatorsName", "ReferencedImageSequence", "StudyID"]
EMPTIED = ["PatientName", "AccessionNumber", "ReferringPhysicianName"]
DUMMIES = ["PatientID", "StudyDate", "ContentTime", "PatientWeight", "SeriesNumber"]
# Refused, and why: damaged, without an end, or what can't be moved.
REFUSED = {"not-dicom", "truncated", "directory", "no-data-set"}
ADDITIONS = _core.Additions(
    "1.2.826.0.1.3680043.10.1",
    "TEST_1",
    [
        (0x0012_0062, "CS", "YES"),
        (0x0012_0063, "LO", "a method"),
        (0x0012_0064, "SQ", [[(0x0008_0100, "SH", "113100"), (0x0008_0102, "SH", "DCM")]]),
    ],
)
MARKS = {0x0012_0062, 0x0012_0063, 0x0012_0064}


def tag(keyword: str) -> int:
    found = _core.tag_of(keyword)
    assert found is not None
    return found


RULES = _core.Rules(
    [],
    [],
    [
        *((tag(keyword), "remove", None) for keyword in REMOVED),
        *((tag(keyword), "empty", None) for keyword in EMPTIED),
        *((tag(keyword), "dummy", None) for keyword in DUMMIES),
        ("private", "remove", None),
        ((0xFF00_0000, 0x5000_0000), "remove", None),
    ],
    additions=ADDITIONS,
)


def elements(dataset: Dataset) -> Iterator[tuple[DataElement, bool]]:
    """Every element below, each with whether it is of the data set itself."""
    for element in dataset:
        yield element, True
        if element.VR == "SQ":
            for item in element.value:
                yield from ((inner, False) for inner, _ in elements(item))


def kept(dataset: Dataset) -> list[tuple[int, bytes | str]]:
    """What the rules leave, in order."""
    treated = {tag(keyword) for keyword in (*REMOVED, *EMPTIED, *DUMMIES)}
    found = []
    for element, _ in elements(dataset):
        is_left = element.tag not in treated and not element.tag.is_private and element.tag.group >> 8 != 0x50
        if is_left and element.tag.element != 0 and element.VR != "SQ":
            found.append((int(element.tag), element.value if isinstance(element.value, bytes) else repr(element.value)))
    return found


def without_what_goes(dataset: Dataset) -> Dataset:
    """The data set without the sequences that go, whatever is in them."""
    for element in list(dataset):
        if element.tag in {tag(keyword) for keyword in REMOVED} or element.tag.is_private:
            del dataset[element.tag]
        elif element.VR == "SQ":
            for item in element.value:
                without_what_goes(item)
    return dataset


def rewritten(data: bytes) -> bytes | dicomblank.Error:
    try:
        return _core.anonymize_bytes(data, RULES)
    except dicomblank.Error as error:
        return error


@pytest.mark.parametrize("path", samples.all_files(), ids=lambda path: path.name)
def test_pydicom_reads_what_was_asked_for(path: Path) -> None:
    data = path.read_bytes()
    result = rewritten(data)
    if isinstance(result, dicomblank.Error):
        assert result.kind in REFUSED, result
        return
    before, after = (pydicom.dcmread(io.BytesIO(each), force=True) for each in (data, result))
    for element, is_root in elements(after):
        keyword = element.keyword
        is_gone = keyword in REMOVED or element.tag.is_private or element.tag.group >> 8 == 0x50
        assert not is_gone, element.tag
        assert element.tag.element != 0, element.tag
        assert keyword not in EMPTIED or element.is_empty, element.tag
        if keyword in DUMMIES:
            dummies = {"PatientID": "DUMMY", "StudyDate": "19000101", "ContentTime": "000000"}
            assert str(element.value) == dummies.get(keyword, "0"), element.tag
        assert is_root or element.tag not in MARKS or element.tag in before, element.tag
    assert (after[0x0012_0062].value, after[0x0012_0063].value) == ("YES", "a method")
    assert after[0x0012_0064].value[0][0x0008_0100].value == "113100"
    for dataset in (before, after):
        for mark in MARKS:
            dataset.pop(mark, None)
    assert kept(without_what_goes(before)) == kept(after)
    if hasattr(before, "file_meta") and before.file_meta:
        check_head(before, after, result)
    assert _core.anonymize_bytes(result, RULES) == result


def check_head(before: Dataset, after: Dataset, result: bytes) -> None:
    """Preamble and file meta information are new, and say how the data set is written as it was said before."""
    assert result[:132] == bytes(128) + b"DICM"
    meta = after.file_meta
    allowed = {0x0002_0000, 0x0002_0001, 0x0002_0002, 0x0002_0003, 0x0002_0010, 0x0002_0012, 0x0002_0013}
    assert {int(element.tag) for element in meta} <= allowed
    assert meta.ImplementationVersionName == "TEST_1"
    assert meta.get("MediaStorageSOPInstanceUID") == after.get("SOPInstanceUID")
    stated = before.file_meta.get("TransferSyntaxUID")
    assert stated is None or meta.TransferSyntaxUID == stated


def test_a_rule_by_type_asks_the_table() -> None:
    name, class_uid = 0x0010_0010, "1.2.840.10008.5.1.4.1.1.2"
    data = samples.CT.read_bytes()
    by_type = (name, "by type", ("dummy", "empty", "remove", "keep"))
    for of, expected in ((1, "DUMMY"), (2, ""), (3, None)):
        rules = _core.Rules([], [], [by_type], _core.Types([(class_uid, [name], of)]), ADDITIONS)
        assert rules.others == (by_type,)
        result = pydicom.dcmread(io.BytesIO(_core.anonymize_bytes(data, rules)))
        assert result.get("PatientName") == expected
    unknown = _core.Rules([], [], [by_type], additions=ADDITIONS)
    result = pydicom.dcmread(io.BytesIO(_core.anonymize_bytes(data, unknown)))
    assert result.PatientName == pydicom.dcmread(samples.CT).PatientName


def test_a_buffer_is_refused() -> None:
    data = samples.CT.read_bytes()
    buffer = bytearray(data)
    assert RULES.rewrite
    with pytest.raises(dicomblank.Error) as caught:
        _core.anonymize_buffer(buffer, RULES)
    assert caught.value.kind == "lengths"
    assert buffer == data


def test_additions_are_a_part_of_the_rules() -> None:
    """They make rules that rewrite of others, and there are none that rewrite without them."""
    plain, adding = _core.Rules([0x0010_0010]), _core.Rules([0x0010_0010], additions=ADDITIONS)
    assert (plain.rewrite, adding.rewrite, plain == adding) == (False, True, False)
    same = _core.Additions("1.2.826.0.1.3680043.10.1", "TEST_1", [(0x0012_0062, "CS", "YES")])
    one, other = (_core.Rules([], additions=additions) for additions in (same, ADDITIONS))
    assert one != other
    assert one == _core.Rules([], additions=same)
    assert hash(one) == hash(_core.Rules([], additions=same))
    assert hash(one) != hash(other)
    with pytest.raises(ValueError, match="come with additions"):
        _core.Rules([], [], [(0x0010_0010, "remove", None)])


def test_what_is_no_rule_and_no_addition() -> None:
    for about, word, becomes in (
        (0x0010_0010, "remove", "text"),
        (0x0010_0010, "by type", None),
        (0x0010_0010, "by type", ("keep", "keep", "keep", "set")),
        ("everything", "remove", None),
        ("private", "dummy", None),
    ):
        with pytest.raises(ValueError, match=r"a rule is|all private elements"):
            _core.Rules([], [], [(about, word, becomes)])
    with pytest.raises(ValueError, match="1, 2 or 3"):
        _core.Types([("1.2", [0x0010_0010], 4)])
    unfit: list[tuple[int, str, str | list[list[Any]]]] = [
        (0x0010_0010, "PN", "Å"),
        (0x7FE0_0010, "UT", "x"),
        (0x0012_0064, "SQ", "x"),
        (0x0012_0063, "LO", []),
    ]
    for element in unfit:
        with pytest.raises(ValueError, match="no element that can be added"):
            _core.Additions("1.2", "X", [element])


def test_what_a_data_set_states(tmp_path: Path) -> None:
    """Of a file, and of its bytes."""
    path, data = tmp_path / "scan.dcm", samples.CT.read_bytes()
    marks = sorted(MARKS)
    for bytes_, expected in (
        (data, [None, None, None]),
        (_core.anonymize_bytes(data, RULES), [b"YES", b"a method", None]),
    ):
        path.write_bytes(bytes_)
        assert _core.stated(path, marks) == _core.stated(bytes_, marks) == expected
