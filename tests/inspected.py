"""What stands in a file, by a loop over pydicom's elements: with `inspect` it has only the lists in common."""

from __future__ import annotations

import warnings
from collections import defaultdict
from typing import TYPE_CHECKING

import pydicom
from pydicom.datadict import dictionary_has_tag, keyword_for_tag
from pydicom.dataelem import RawDataElement
from pydicom.valuerep import PersonName

from dicomblank.creators import CREATORS
from dicomblank.profile import attribute
from dicomblank.subjects import UNSAID, word_of

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import DataElement, Dataset
    from pydicom.tag import BaseTag

Found = dict[str, set[str]]

KNOWN = {name.lower() for name in CREATORS.splitlines()}
PADDING = b"\0 "
CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
DOCUMENT = "1.2.840.10008.5.1.4.1.1.104"
#: By group and element number: what is counted as other content.
CONTENT = {0x0042_0011: "document", 0x0088_0200: "icon", 0x0040_A123: "content-name", 0x0040_A160: "content-text"}


def by_pydicom(path: Path) -> Found:
    """The words of each section, but for what pydicom does not tell: bytes outside the elements."""
    found: Found = defaultdict(set)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path, force=True)
        for part in (dataset.file_meta, dataset):
            _look(part, found)
        _look_for_pictures(dataset, found)
        if dataset.preamble and any(dataset.preamble):
            found["bytes"].add("preamble")
    return dict(found)


def _look(dataset: Dataset, found: Found) -> bool:
    """Adds what stands in a data set or item, and says whether anything does."""
    filled = [_stands(dataset, tag, found) for tag in list(dataset.keys())]
    return any(filled)


def _stands(dataset: Dataset, tag: BaseTag, found: Found) -> bool:
    raw: object = dataset.get_item(tag)
    element = dataset[tag]
    if tag.element == 0:
        return False
    if element.VR == "SQ":
        filled = [_look(item, found) for item in element.value]
        stands = any(filled)
    else:
        stands = _is_filled(raw.value if isinstance(raw, RawDataElement) else element.value)
    if stands:
        _add(element, _creator(dataset, tag), found)
    return stands


def _creator(dataset: Dataset, tag: BaseTag) -> str:
    # Not DataElement.private_creator: a sequence of undefined length has none.
    reserved = dataset.get((tag.group, tag.element >> 8)) if tag.element >= 0x1000 else None
    return str(reserved.value).strip("\0 ") if reserved is not None else ""


def _is_filled(value: object) -> bool:
    """Whether there is something other than padding; pixel data is bytes, a DataElement's value may be anything."""
    if isinstance(value, bytes):
        return bool(value.strip(PADDING))
    if isinstance(value, (str, PersonName)):
        return bool(str(value).strip("\0 "))
    return value not in (None, 0, [])


def _add(element: DataElement, creator: str, found: Found) -> None:
    tag, vr = element.tag, str(element.VR)
    row = attribute(int(tag))
    keyword = keyword_for_tag(tag) if dictionary_has_tag(tag) else "others"
    if row is not None:
        found["attributes"].add(word_of(row))
    elif vr == "PN":
        found["names"].add(keyword)
    elif vr in {"DA", "DT"}:
        found["dates"].add(keyword)
    if tag.is_private and not tag.is_private_creator:
        found["private"].add(creator if creator.lower() in KNOWN else "others")
    if int(tag) in CONTENT:
        found["content"].add(CONTENT[int(tag)])
    if tag.group & 0xFF01 == 0x6000 and tag.element in {0x3000, 0x0102}:
        found["content"].add("overlay" if tag.element == 0x3000 else "overlay-in-pixels")
    if int(tag) == 0xFFFC_FFFC:
        found["bytes"].add("trailing")


def _look_for_pictures(dataset: Dataset, found: Found) -> None:
    modality, sop_class = str(dataset.get("Modality", "")), str(dataset.get("SOPClassUID", ""))
    burned = str(dataset.get("BurnedInAnnotation", ""))
    if modality in {"US", "ES", "XA", "SC", "OT"}:
        found["pictures"].add(f"modality-{modality.lower()}")
    if sop_class in {CAPTURE, *(f"{CAPTURE}.{number}" for number in range(1, 5))}:
        found["pictures"].add("secondary-capture")
    if burned == "YES":
        found["pictures"].add("burned-in-yes")
    if sop_class in UNSAID and burned not in {"YES", "NO"} and "PixelData" in dataset:
        found["pictures"].add("burned-in-missing")
    if sop_class.startswith(f"{DOCUMENT}."):
        found["content"].add("document")
