"""What the tests of keyed values share: two keys, files built from elements, and what stands in a file."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import TYPE_CHECKING, NamedTuple, cast

import pydicom

import dicomblank
from dicomblank import Key, Level
from elements import EXPLICIT, part10

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataelem import RawDataElement

    from dicomblank.levels import LevelLike
    from elements import Syntax

LEVEL = Level.PSEUDONYMIZE
KEY, OTHER = Key(bytes(range(32))), Key(bytes(32))
MARK = range(96, 128)
CLASS_UID = "1.2.840.10008.5.1.4.1.1.4"

PATIENT_ID, OTHER_IDS, ACCESSION, STUDY_ID = 0x0010_0020, 0x0010_1000, 0x0008_0050, 0x0020_0010
STUDY_UID, SERIES_UID, INSTANCE_UID = 0x0020_000D, 0x0020_000E, 0x0008_0018
STUDY_DATE, SERIES_DATE, STUDY_TIME = 0x0008_0020, 0x0008_0021, 0x0008_0030
ACQUISITION = 0x0008_002A  # a DT

#: The patient and the study that files have if they don't say otherwise.
PATIENT, STUDY = "PAT-4711-XY", "1.2.826.0.1.3680043.8.498.45787841905188114249811"


def element(tag: int, vr: str, value: str | bytes, syntax: Syntax = EXPLICIT) -> bytes:
    """An element, its value padded to an even length as its VR is (PS3.5 §6.2)."""
    value = value.encode() if isinstance(value, str) else value
    return syntax.element(tag, vr, value + (b"\0" if vr == "UI" else b" ") * (len(value) % 2))


def file_of(*elements: bytes, syntax: Syntax = EXPLICIT) -> bytes:
    """A file with a SOP class and these elements."""
    return part10(syntax.uid, element(0x0008_0016, "UI", CLASS_UID, syntax), *elements)


def patient(value: str | bytes = PATIENT, syntax: Syntax = EXPLICIT) -> bytes:
    """Who it is."""
    return element(PATIENT_ID, "LO", value, syntax)


class Made(NamedTuple):
    """What became of a file."""

    data: bytes
    warnings: set[str]


def made(data: bytes, level: LevelLike = LEVEL, key: Key | None = KEY) -> Made:
    """What becomes of a file in memory."""
    buffer = bytearray(data)
    plan = dicomblank.anonymize_buffer(buffer, level, key=key)
    return Made(bytes(buffer), set(plan.warnings))


def raw(data: bytes, tag: int) -> bytes:
    """The value of an element of the data set, as pydicom finds it, with its padding; empty without one."""
    dataset = pydicom.dcmread(io.BytesIO(data), force=True)
    found = cast("RawDataElement", dataset.get_item(tag)) if tag in dataset else None
    return (found.value if found is not None else None) or b""


def earlier(text: str, days: int) -> str:
    """YYYYMMDD or YYYY.MM.DD, with what stands behind it, so many days earlier."""
    match = re.fullmatch(r"(\d{4})(\.?)(\d\d)\2(\d\d)(.*)", text)
    assert match is not None
    year, dot, month, day, rest = match.groups()
    date = dt.date(int(year), int(month), int(day)) - dt.timedelta(days)
    return f"{date.year:04}{dot}{date.month:02}{dot}{date.day:02}{rest}"


def differences(before: bytes, after: bytes) -> set[int]:
    """The places at which they differ."""
    assert len(before) == len(after)
    if before == after:
        return set()
    return {at for at, (old, new) in enumerate(zip(before, after, strict=True)) if old != new}


def places(plan: dicomblank.Plan, mark: range | None = MARK) -> set[int]:
    """What a plan may change, and the mark."""
    return {at for edit in plan for at in range(edit.start, edit.start + edit.length)}.union(mark or ())


def write(path: Path, data: bytes) -> Path:
    """A file with these bytes."""
    path.write_bytes(data)
    return path
