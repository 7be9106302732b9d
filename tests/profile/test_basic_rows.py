"""The level `basic` on files that are made to have an element for each row of Table E.1-1, at the top and nested."""

from __future__ import annotations

import functools
import io
from typing import TYPE_CHECKING

import pytest
from pydicom import config, dcmread
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

import dicomblank
from dicomblank import Rules
from dicomblank.attribute_types import attribute_type, types_of
from dicomblank.basic import MODIFIED_DATES
from dicomblank.profile import ATTRIBUTES
from keyed import KEY
from option_sets import ASKED
from profile_checker import Checker
from safe_rows import is_safe

if TYPE_CHECKING:
    from dicomblank.profile import Attribute

SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
CT, ENHANCED_MR, RT_PLAN, SR, UNKNOWN = (
    f"1.2.840.10008.5.1.4.1.1.{last}" for last in ("2", "4.1", "481.5", "88.33", "999")
)
#: Sequences without a row, so that what is in them is treated by itself.
AROUND = (0x5200_9229, 0x0020_9116)

VALUES: dict[str, object] = {
    "AE": "MUSTERMANN", "AS": "050Y", "CS": "MUSTERMANN", "DA": "20010203", "DS": "47.11", "DT": "20010203101112.5",
    "FD": 47.11, "FL": 47.11, "IS": "4711", "LO": "MUSTERMANN", "LT": "MUSTERMANN", "OB": b"MUSTERMANN",
    "OW": b"MUSTERMANN", "PN": "MUSTERMANN", "SH": "MUSTERMANN", "SL": 4711, "SS": 4711, "ST": "MUSTERMANN",
    "TM": "101112", "UC": "MUSTERMANN", "UL": 4711, "UN": b"MUSTERMANN", "UR": "urn:mustermann", "US": 4711,
    "UT": "MUSTERMANN",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config.settings, "reading_validation_mode", config.IGNORE)


def vr_of(row: Attribute) -> str:
    tag = int(row.tag, 16)
    if dictionary_has_tag(tag):
        return dictionary_VR(tag).partition(" ")[0]
    endings = {"DateTime": "DT", "Date": "DA", "Time": "TM", "Sequence": "SQ", "UID": "UI"}
    return next((vr for ending, vr in endings.items() if row.name.endswith(ending)), "LO")


def item() -> Dataset:
    inner = Dataset()
    inner.PatientName, inner.StudyDate, inner.Manufacturer = "MUSTERMANN", "20010203", "ACME"
    inner.ReferencedSOPInstanceUID = UID("1.2.826.0.1.3680043.8.498.4711")
    return inner


def rows() -> Dataset:
    """An element for each row that stands in data sets, and some of the patterns."""
    dataset = Dataset()
    for row in ATTRIBUTES:
        if row.is_pattern or int(row.tag, 16) < 0x0008_0000:
            continue
        vr = vr_of(row)
        value = [item()] if vr == "SQ" else VALUES.get(vr)
        tag = int(row.tag, 16)
        dataset.add_new(tag, vr, UID(f"1.2.826.0.1.3680043.8.498.{tag}") if vr == "UI" else value)
    block = dataset.private_block(0x0029, "ACME", create=True)
    block.add_new(0x10, "LO", "MUSTERMANN")
    block.add_new(0x11, "SQ", [item()])
    for group in (0x5000, 0x5002):
        dataset.add_new(group << 16 | 0x3000, "OW", b"MUSTERMANN")
    for group in (0x6000, 0x601E):
        dataset.add_new(group << 16 | 0x0010, "US", 2)
        dataset.add_new(group << 16 | 0x3000, "OW", b"MUSTERMANN")
        dataset.add_new(group << 16 | 0x4000, "LT", "MUSTERMANN")
    dataset.Manufacturer, dataset.Rows = "ACME", 2
    return dataset


@functools.cache
def file_of(sop_class: str, syntax: UID) -> bytes:
    dataset, outer, inner = rows(), rows(), rows()
    outer.add_new(AROUND[1], "SQ", [inner, item()])
    dataset.add_new(AROUND[0], "SQ", [outer])
    for path in types_of(sop_class) or {}:
        around = dataset
        for tag in path[:-1]:
            if tag not in around:
                around.add_new(tag, "SQ", [rows()])
            around = around[tag].value[0]
    dataset.SOPClassUID = UID(sop_class)
    dataset.add_new(0x7FE0_0010, "OW", bytes(range(8)))
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.SourceApplicationEntityTitle = "MUSTERMANN"
    dataset.preamble = b"II*\0" + b"MUSTERMANN" + bytes(114)
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


#: With few options everything, with the others what differs most.
CASES = [
    *(((), syntax, sop_class) for syntax in SYNTAXES for sop_class in (CT, RT_PLAN, SR, UNKNOWN)),
    *((options, ExplicitVRLittleEndian, ENHANCED_MR) for options in ASKED),
    # In implicit VR nobody can tell which of the tags that no dictionary has yet are sequences, and pydicom takes none.
    *((ASKED[-2], syntax, SR) for syntax in SYNTAXES[1:]),
]


@pytest.mark.parametrize(("options", "syntax", "sop_class"), CASES)
def test_each_row_is_carried_out_at_every_depth(options: tuple[str, ...], syntax: UID, sop_class: str) -> None:
    before = file_of(sop_class, syntax)
    after = dicomblank.anonymize_bytes(before, Rules.basic(*options), key=KEY)
    checker = Checker(options, types=attribute_type, safe=is_safe(options))
    assert checker.compare_files(io.BytesIO(before), io.BytesIO(after)) == []
    if not options:
        assert b"MUSTERMANN" not in after
        assert dcmread(io.BytesIO(after)).PixelData == bytes(range(8))


def test_a_date_that_no_dictionary_has_refuses_the_file_where_it_was_to_be_shifted() -> None:
    """In implicit VR: it can't be told that it is one. Left as it was, it would tell by how many days others moved."""
    with pytest.raises(dicomblank.UnsupportedError) as caught:
        dicomblank.anonymize_bytes(file_of(SR, ImplicitVRLittleEndian), Rules.basic(MODIFIED_DATES), key=KEY)
    assert caught.value.kind == "unfit-vr"
