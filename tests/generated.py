"""Generated data sets, and damage to files: seeded, so that a number tells which one. No value is a real person's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elements import (
    BIG,
    EXPLICIT,
    IMPLICIT,
    LONG,
    PIXELS,
    SEQUENCE_DELIMITER,
    SYNTAXES,
    VRS,
    known,
    part10,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from elements import Syntax

# Public tags with the VR that the dictionary gives them.
LEAVES = {
    0x0008_0005: "CS", 0x0008_0008: "CS", 0x0008_0018: "UI", 0x0008_0020: "DA", 0x0008_0030: "TM", 0x0008_0060: "CS",
    0x0008_0080: "LO", 0x0008_0081: "ST", 0x0008_0090: "PN", 0x0008_1030: "LO", 0x0010_0010: "PN", 0x0010_0020: "LO",
    0x0010_0030: "DA", 0x0010_0040: "CS", 0x0010_1030: "DS", 0x0010_4000: "LT", 0x0020_000D: "UI", 0x0020_0013: "IS",
    0x0028_0010: "US", 0x0028_9001: "UL", 0x0040_A160: "UT", 0x0054_1330: "US", 0x0020_9165: "AT", 0x0018_9073: "FD",
}  # fmt: skip
CHARSET, CREATOR = 0x0008_0005, 0x0029_0010
SEQUENCES = (0x0008_1110, 0x0008_1140, 0x0010_1002, 0x0040_A730, 0x0088_0200)
PRIVATE = (0x0029_1010, 0x0029_1020, 0x0029_1030, 0x0029_1040)
# What each kind of element may have for a tag.
TAGS = {
    "leaf": tuple(LEAVES),
    "private": (CREATOR, *PRIVATE),
    "group_length": (0x0008_0000, 0x0010_0000, 0x0028_0000),
    "opaque": PRIVATE,
    "sequence": (*SEQUENCES, *PRIVATE),
    "unknown": (*SEQUENCES, *PRIVATE, 0x0010_0011),
}


class Generator:
    """Unusual data sets that can be walked to their end.

    Plain ones keep to what pydicom reads as the core does: no tag twice in a data set, no character set that is none,
    no sequence of undefined length without items, and UN as the standard has it.
    """

    def __init__(self, random: Random, *, is_plain: bool) -> None:
        self.random = random
        self.is_plain = is_plain

    def file(self) -> bytes:
        """A whole file, or a bare data set."""
        syntax = self.random.choice(SYNTAXES)
        data_set = known(syntax) + self.elements(syntax, 3) + self.pixels(syntax)
        if self.chance(0.1):
            data_set += syntax.element(0xFFFC_FFFC, "OB", b"\0" * 7)
        return data_set if self.chance(0.1) else part10(syntax.uid, data_set)

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return self.random.random() < share

    def elements(self, syntax: Syntax, depth: int) -> bytes:
        """Elements that follow each other, in any order."""
        kinds: list[Callable[[Syntax, int, int], bytes]] = [self.leaf] * 5
        kinds += [self.private, self.group_length, self.opaque]
        if depth:
            kinds += [self.sequence] * 3 + [self.unknown] * 2
        made: dict[int, bytes] = {}
        parts = []
        for _ in range(self.random.randrange(7)):
            kind = self.random.choice(kinds)
            tag = self.random.choice(TAGS[kind.__name__])
            if self.is_plain and tag in made:
                continue
            made[tag] = kind(syntax, tag, depth)
            parts.append(made[tag])
        return b"".join(parts)

    def value(self, *, longest: int = 40) -> bytes:
        """Any bytes that don't begin like an item; of odd length too."""
        kind = self.random.random()
        if kind < 0.1:
            return b""
        if kind < 0.13:
            return b"x" + self.random.randbytes(300)
        if kind < 0.135:
            return b"x" * 70_000  # longer than what pydicom reads at once, and than 16 bits say
        if kind < 0.2:
            return b"x" + EXPLICIT.framing(SEQUENCE_DELIMITER, 0)
        if kind < 0.6:
            return bytes(self.random.randrange(0x20, 0x7F) for _ in range(self.random.randrange(1, 24)))
        return b"x" + self.random.randbytes(self.random.randrange(longest))

    def leaf(self, syntax: Syntax, tag: int, _: int) -> bytes:
        """A public element, now and then with a wrong VR."""
        vr = LEAVES[tag]
        if self.is_plain and tag == CHARSET:
            return syntax.element(tag, vr, b"ISO_IR 192")
        if self.chance(0.05):
            vr = self.random.choice([each for each in VRS if each != "SQ"])
        value = self.value()
        return syntax.element(tag, vr, value if vr in LONG else value[:0xFFFF])

    def private(self, syntax: Syntax, tag: int, _: int) -> bytes:
        """A private element of any VR, or the creator of its block."""
        if tag == CREATOR:
            return syntax.element(tag, "LO", self.random.choice((b"ACME ", b"SIEMENS CSA HEADER", b"GEMS_PETD_01")))
        vr = self.random.choice(("LO", "UN", "OB", "DS", "US"))
        value = self.value()
        return syntax.element(tag, vr, value if vr in LONG else value[:0xFFFF])

    def group_length(self, syntax: Syntax, tag: int, _: int) -> bytes:
        """A retired group length, true or not."""
        return syntax.element(tag, "UL", syntax.u32(self.random.randrange(1000)))

    def items(self, syntax: Syntax, depth: int, least: int) -> bytes:
        """Items of defined or undefined length."""
        count = self.random.randrange(least, 4)
        return b"".join(syntax.item(self.recognised(syntax, depth), is_defined=self.chance(0.5)) for _ in range(count))

    def recognised(self, syntax: Syntax, depth: int) -> bytes:
        """The elements of an item, in front two by which its syntax is known; or none at all."""
        if self.chance(0.1):
            return b""
        return known(syntax) + self.elements(syntax, depth - 1)

    def held(self, syntax: Syntax, tag: int, vr: str, inner: Syntax, depth: int) -> bytes:
        """An element of defined or undefined length whose value is items written in `inner`."""
        if self.chance(0.5):
            return syntax.element(tag, vr, self.items(inner, depth, 0))
        items = self.items(inner, depth, 1 if self.is_plain else 0)
        return syntax.undefined(tag, vr, items, inner=inner)

    def sequence(self, syntax: Syntax, tag: int, depth: int) -> bytes:
        """A public or private sequence; its items may be written the other way."""
        inner = IMPLICIT if syntax is EXPLICIT and self.chance(0.1) else syntax
        return self.held(syntax, tag, "SQ", inner, depth)

    def unknown(self, syntax: Syntax, tag: int, depth: int) -> bytes:
        """A sequence as VR UN: of items in implicit VR, or, where its length is defined, in the syntax of the file."""
        if syntax is BIG or self.chance(0.3):
            return syntax.element(tag, "UN", self.items(syntax, depth, 0))
        return self.held(syntax, tag, "UN", IMPLICIT, depth)

    def opaque(self, syntax: Syntax, tag: int, _: int) -> bytes:
        """A private value that begins with an item and does not end with one."""
        inside = syntax.item(self.leaf(syntax, 0x0010_0010, 0))
        return syntax.element(tag, "UN", inside + b"no item")

    def pixels(self, syntax: Syntax) -> bytes:
        """Pixel data: none, native or in fragments, which may be of odd length."""
        kind = self.random.random()
        if kind < 0.3:
            return b""
        if kind < 0.6:
            return syntax.element(PIXELS, "OW", self.random.randbytes(64))
        fragments = [b"", *(self.random.randbytes(self.random.randrange(20)) for _ in range(self.random.randrange(4)))]
        return syntax.fragments(*fragments)


@dataclass(frozen=True)
class Base:
    """A file to damage: its bytes, and the starts of the values in it."""

    data: bytes
    starts: Sequence[int]


def mutated(random: Random, base: Base, others: Sequence[Base]) -> bytes:
    """`base` with one to three things done to it."""
    data = bytearray(base.data)
    for _ in range(random.choice((1, 1, 2, 3))):
        random.choice((_flip, _flip, _cut, _splice, _length, _length, _length, _vr, _vr))(random, data, base, others)
    return bytes(data)


def _place(random: Random, data: bytearray, base: Base) -> int:
    """Somewhere in a header: a changed value, of pixels above all, is only another value."""
    start = random.choice(base.starts) if base.starts else len(data)
    return min(max(start - random.randrange(1, 16), 0), max(len(data) - 1, 0))


def _flip(random: Random, data: bytearray, base: Base, _: Sequence[Base]) -> None:
    if data:
        data[_place(random, data, base)] ^= random.randrange(1, 256)


def _cut(random: Random, data: bytearray, base: Base, _: Sequence[Base]) -> None:
    at = _place(random, data, base)
    if random.random() < 0.3:
        del data[at:]
    else:
        del data[at : at + random.randrange(1, 20)]


def _splice(random: Random, data: bytearray, base: Base, others: Sequence[Base]) -> None:
    at, other = _place(random, data, base), random.choice(others)
    start = random.randrange(len(other.data) + 1)
    if other.starts and random.random() < 0.5:
        start = max(random.choice(other.starts) - 8, 0)
    data[at:at] = other.data[start : start + random.randrange(1, 64)]


def _length(random: Random, data: bytearray, base: Base, _: Sequence[Base]) -> None:
    if not base.starts:
        return
    start = random.choice(base.starts)
    size = random.choice((2, 4))
    if not size <= start <= len(data):
        return
    old = int.from_bytes(data[start - size : start], "little")
    reach = random.choice(base.starts) - start - 8  # up to another element, so that the walk goes on
    most = (1 << 8 * size) - 1
    new = random.choice((0, most, most - 1, old + 1, old + 2, old - 1, old ^ 0x80, reach, reach, random.randrange(256)))
    data[start - size : start] = (new & most).to_bytes(size, random.choice(("little", "little", "big")))


def _vr(random: Random, data: bytearray, base: Base, _: Sequence[Base]) -> None:
    if not base.starts:
        return
    start = random.choice(base.starts)
    for at in (start - 4, start - 8):
        if at >= 0 and data[at : at + 2].isalpha():
            data[at : at + 2] = random.choice((*VRS, "  ", "ZZ", "??")).encode()
            return
