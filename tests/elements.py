"""Builds DICOM bytes for the tests: headers, elements, items, fragments and whole files, in each of the three syntaxes.

Nothing here is shared with dicomblank or pydicom, so that a file that is built is not wrong in the way it is read.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

UNDEFINED = 0xFFFF_FFFF
ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER = 0xFFFE_E000, 0xFFFE_E00D, 0xFFFE_E0DD
PIXELS = 0x7FE0_0010
DEFLATED = "1.2.840.10008.1.2.1.99"
PREAMBLE = bytes(128) + b"DICM"

# The length of these has 32 bits, behind two reserved bytes (PS3.5 §7.1.2).
LONG = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"))
SHORT = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US"
VRS = (*SHORT.split(), *sorted(LONG))


@dataclass(frozen=True)
class Syntax:
    """How headers are written."""

    uid: str
    is_implicit: bool
    order: str

    def tag(self, tag: int) -> bytes:
        """Group and element number."""
        return struct.pack(f"{self.order}HH", tag >> 16, tag & 0xFFFF)

    def u16(self, number: int) -> bytes:
        """A short length, or the value of a US."""
        return struct.pack(f"{self.order}H", number)

    def u32(self, number: int) -> bytes:
        """A long length, or the value of a UL."""
        return struct.pack(f"{self.order}L", number)

    def header(self, tag: int, vr: str, length: int) -> bytes:
        """The header of an element; implicit VR leaves `vr` away."""
        if self.is_implicit:
            return self.tag(tag) + self.u32(length)
        if vr in LONG:
            return self.tag(tag) + vr.encode() + b"\0\0" + self.u32(length)
        return self.tag(tag) + vr.encode() + self.u16(length)

    def element(self, tag: int, vr: str, value: bytes, length: int | None = None) -> bytes:
        """A header and its value, whose length may be stated otherwise than it is."""
        return self.header(tag, vr, len(value) if length is None else length) + value

    def framing(self, tag: int, length: int) -> bytes:
        """A header of group FFFE: never a VR (PS3.5 §7.5)."""
        return self.tag(tag) + self.u32(length)

    def item(self, *elements: bytes, is_defined: bool = True) -> bytes:
        """An item; of undefined length, it ends with a delimiter."""
        content = b"".join(elements)
        if is_defined:
            return self.framing(ITEM, len(content)) + content
        return self.framing(ITEM, UNDEFINED) + content + self.framing(ITEM_DELIMITER, 0)

    def sequence(self, tag: int, *items: bytes, is_defined: bool = True) -> bytes:
        """A sequence; of undefined length, it ends with a delimiter."""
        return self.element(tag, "SQ", b"".join(items)) if is_defined else self.undefined(tag, "SQ", *items)

    def undefined(self, tag: int, vr: str, *items: bytes, inner: Syntax | None = None) -> bytes:
        """An element of undefined length and its delimiter, which is written as its items are: in `inner`."""
        delimiter = (inner or self).framing(SEQUENCE_DELIMITER, 0)
        return self.header(tag, vr, UNDEFINED) + b"".join(items) + delimiter

    def fragments(self, *fragments: bytes) -> bytes:
        """Encapsulated pixel data (PS3.5 §A.4): the first fragment is the offset table."""
        return self.undefined(PIXELS, "OB", *map(self.item, fragments))


IMPLICIT = Syntax("1.2.840.10008.1.2", is_implicit=True, order="<")
EXPLICIT = Syntax("1.2.840.10008.1.2.1", is_implicit=False, order="<")
BIG = Syntax("1.2.840.10008.1.2.2", is_implicit=False, order=">")
SYNTAXES = (IMPLICIT, EXPLICIT, BIG)


def transfer_syntax(uid: str) -> bytes:
    """The element of the file meta information that states `uid`."""
    return EXPLICIT.element(0x0002_0010, "UI", uid.encode() + bytes(len(uid) % 2))


def meta(*elements: bytes) -> bytes:
    """File meta information, its length in front (PS3.10 §7.1)."""
    content = b"".join(elements)
    return EXPLICIT.element(0x0002_0000, "UL", EXPLICIT.u32(len(content))) + content


def part10(uid: str, *elements: bytes) -> bytes:
    """A file: preamble, prefix, file meta information and `elements`."""
    version = EXPLICIT.element(0x0002_0001, "OB", b"\0\1")
    return PREAMBLE + meta(version, transfer_syntax(uid)) + b"".join(elements)


def short_part10(uid: str, *elements: bytes) -> bytes:
    """A file whose file meta information is the transfer syntax alone, without a length."""
    return PREAMBLE + transfer_syntax(uid) + b"".join(elements)


def known(syntax: Syntax) -> bytes:
    """Two elements that make the syntax certain, whatever comes after them."""
    return syntax.element(0x0008_0016, "UI", b"1.2\0") + syntax.element(0x0008_0050, "SH", b"1 ")


def file_of(syntax: Syntax, *elements: bytes) -> bytes:
    """A file in a syntax that its first two elements make certain."""
    return part10(syntax.uid, known(syntax), *elements)


def deflated(data: bytes, level: int = 6) -> bytes:
    """As a raw stream (PS3.5 §A.5)."""
    deflater = zlib.compressobj(level, wbits=-zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()
