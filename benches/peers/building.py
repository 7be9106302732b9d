"""Builds DICOM bytes, explicit little endian: just enough for the corpora, and the same bytes on every machine."""

from __future__ import annotations

import struct
from pathlib import Path

EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
UNDEFINED = 0xFFFF_FFFF
LONG = {"OB", "OW", "SQ", "UN", "UT"}  # a reserved field and four bytes of length (PS3.5 §7.1.2)
NUMBERS = {"US": "<H", "SS": "<h", "UL": "<I", "SL": "<i", "FL": "<f", "FD": "<d"}
#: By VR, a value as a scanner might write it. `{}` becomes a number, so that no two elements are alike.
TEXTS = {
    "AS": "061Y",
    "CS": "ORIGINAL{}",
    "DA": "201906{:02}",
    "DS": "{}.5\\{}.25",
    "DT": "201906{:02}120000",
    "IS": "{}",
    "LO": "Acme Imaging {}",
    "LT": "a comment of several words, number {}",
    "PN": "Reader^Number{}",
    "SH": "short {}",
    "ST": "a text of several words, number {}",
    "TM": "1200{:02}",
    "UI": "1.2.826.0.1.3680043.10.543.{}",
}


def header(tag: int, vr: str, length: int) -> bytes:
    """The header of one element (PS3.5 §7.1.2)."""
    start = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    return start + (struct.pack("<HI", 0, length) if vr in LONG else struct.pack("<H", length))


def element(tag: int, vr: str, value: bytes) -> bytes:
    """One element, its value padded to an even length (PS3.5 §6.2)."""
    if len(value) % 2:
        value += b"\0" if vr in {"UI", "OB", "UN"} else b" "
    return header(tag, vr, len(value)) + value


def item(*elements: bytes) -> bytes:
    """An item of defined length."""
    body = b"".join(elements)
    return b"\xfe\xff\x00\xe0" + struct.pack("<I", len(body)) + body


def sequence(tag: int, *items: bytes) -> bytes:
    """A sequence of defined length."""
    return element(tag, "SQ", b"".join(items))


def open_sequence(tag: int, *items: tuple[bytes, ...]) -> bytes:
    """A sequence of undefined length, with items of undefined length: as often met as the other kind."""
    start, end = b"\xfe\xff\x00\xe0\xff\xff\xff\xff", b"\xfe\xff\x0d\xe0\0\0\0\0"
    bodies = b"".join(start + b"".join(elements) + end for elements in items)
    return header(tag, "SQ", UNDEFINED) + bodies + b"\xfe\xff\xdd\xe0\0\0\0\0"


def meta(instance: str, syntax: str) -> bytes:
    """The preamble, the prefix and the file meta information (PS3.10 §7.1)."""
    body = b"".join(
        (
            element(0x0002_0001, "OB", b"\0\1"),
            element(0x0002_0002, "UI", MR_IMAGE.encode()),
            element(0x0002_0003, "UI", instance.encode()),
            element(0x0002_0010, "UI", syntax.encode()),
            element(0x0002_0012, "UI", b"1.2.826.0.1.3680043.10.543.1"),
        )
    )
    return bytes(128) + b"DICM" + element(0x0002_0000, "UL", struct.pack("<I", len(body))) + body


def ordinary(count: int) -> dict[int, bytes]:
    """The first `count` elements of elements.txt, by tag."""
    lines = Path(__file__).with_name("elements.txt").read_text(encoding="ascii").splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    if count > len(rows):
        raise ValueError(f"elements.txt lists {len(rows)} elements, not {count}")
    found = {}
    for number, (spelled, vr, _keyword) in enumerate(rows[:count], start=1):
        tag = int(spelled.replace(",", ""), 16)
        found[tag] = element(tag, vr, _value(vr, number))
    # What readers look at, and must not be odd.
    found[0x0008_0005] = element(0x0008_0005, "CS", b"ISO_IR 100")
    found[0x0008_0060] = element(0x0008_0060, "CS", b"MR")
    return found


def image(rows: int, columns: int, frames: int = 1) -> dict[int, bytes]:
    """The elements of group 0028 that say what the pixels are: 16 bits each."""
    numbers = {
        0x0028_0002: 1,
        0x0028_0010: rows,
        0x0028_0011: columns,
        0x0028_0100: 16,
        0x0028_0101: 16,
        0x0028_0102: 15,
        0x0028_0103: 0,
    }
    found = {tag: element(tag, "US", struct.pack("<H", number)) for tag, number in numbers.items()}
    found[0x0028_0004] = element(0x0028_0004, "CS", b"MONOCHROME2")
    if frames > 1:
        found[0x0028_0008] = element(0x0028_0008, "IS", str(frames).encode())
    return found


def _value(vr: str, number: int) -> bytes:
    if vr in NUMBERS:
        return struct.pack(NUMBERS[vr], number)
    if vr in {"DA", "DT", "TM"}:
        number = number % 28 + 1
    return TEXTS[vr].format(number, number).encode()
