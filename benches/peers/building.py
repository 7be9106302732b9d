"""What the corpora are made of: ordinary elements in explicit VR little endian, the same bytes on every machine."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "tests"))  # outside of pytest

from elements import EXPLICIT, PREAMBLE, meta

JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
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


def element(tag: int, vr: str, value: bytes) -> bytes:
    """One element, its value padded to an even length (PS3.5 §6.2)."""
    if len(value) % 2:
        value += b"\0" if vr in {"UI", "OB", "UN"} else b" "
    return EXPLICIT.element(tag, vr, value)


def file_head(instance: str, syntax: str) -> bytes:
    """The preamble, the prefix and the file meta information (PS3.10 §7.1)."""
    return PREAMBLE + meta(
        element(0x0002_0001, "OB", b"\0\1"),
        element(0x0002_0002, "UI", MR_IMAGE.encode()),
        element(0x0002_0003, "UI", instance.encode()),
        element(0x0002_0010, "UI", syntax.encode()),
        element(0x0002_0012, "UI", b"1.2.826.0.1.3680043.10.543.1"),
    )


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
    found = {tag: element(tag, "US", EXPLICIT.u16(number)) for tag, number in numbers.items()}
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
