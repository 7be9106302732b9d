"""Files with planted values: the value of a listed element, in any reading we thought of, is a marker.

A marker is a run of three letters over and over, so that any three bytes of one tell it, wherever a reader begins or
ends. Cases are seeded. Each has a *kind*, the attack that its file is built around; some are damaged on top of that.
"""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import dicomblank
from dicomblank import Level
from elements import (
    DEFLATED,
    ITEM,
    ITEM_DELIMITER,
    LONG,
    PIXELS,
    PREAMBLE,
    SEQUENCE_DELIMITER,
    UNDEFINED,
    VRS,
    Syntax,
    deflated,
    known,
    part10,
)
from generated import PRIVATE, SEQUENCES, Base, Generator, mutated
from samples import FULL_TAGS, all_files
from second_reader import core_walk, flat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dicomblank import Rules

LETTERS = b"ZQX"
# Below these everything is listed in the cases that have a sequence to blank.
BLANKED_SEQUENCES = (0x0008_1140, 0x0040_A730)
RULES = (Level.ANONYMIZE_FULL.rules, Level.ANONYMIZE_FULL.rules.blank(*BLANKED_SEQUENCES))
LISTED = {tag: vr for tag, (_, vr) in FULL_TAGS.items()}


class Loose(Syntax):
    """Also writes a length that is too long for its field: its lower bits."""

    def header(self, tag: int, vr: str, length: int) -> bytes:
        """Of an element."""
        is_short = not self.is_implicit and vr not in LONG
        return super().header(tag, vr, length & 0xFFFF if is_short else length)


IMPLICIT = Loose("1.2.840.10008.1.2", is_implicit=True, order="<")
EXPLICIT = Loose("1.2.840.10008.1.2.1", is_implicit=False, order="<")
BIG = Loose("1.2.840.10008.1.2.2", is_implicit=False, order=">")
# Big endian with implicit VR is no transfer syntax; items are found written so.
SWAPPED = Loose("1.2.840.10008.1.2.2", is_implicit=True, order=">")
SYNTAXES = (IMPLICIT, EXPLICIT, BIG)
INNER = (*SYNTAXES, SWAPPED)
ODD_VRS = ("  ", "zz", "ZZ", "??", "\0\0", "A1", "OX", "-1", "P\0", "Pn")
# Larger ones would cost time for bytes that no reader looks at.
LARGEST_BASE = 40_000


def marker(length: int, phase: int = 0) -> bytes:
    """`length` bytes of a planted value."""
    return (LETTERS * (length // 3 + 2))[phase % 3 :][:length]


def is_planted(data: bytes | bytearray) -> bool:
    """Whether three bytes of a marker stand there, in either order of a word's bytes."""
    return any(each in data for each in _TURNS)


_TURNS = (b"ZQX", b"QXZ", b"XZQ")


@dataclass(frozen=True)
class Case:
    """One file, and what is to be blanked in it."""

    number: int
    kind: str
    data: bytes
    rules: Rules


def case(seed: str, number: int) -> Case:
    """The case of that number: the same bytes everywhere."""
    random = Random(f"{seed}/planted/{number}")  # noqa: S311 (no secret)
    kind = ATTACKS[number % len(ATTACKS)]
    data = Planter(random).build(kind)
    if kind == "real" or random.random() < 0.4:
        base = Base(data, starts_in(data))
        data = mutated(random, base, real_bases())
        kind += ", damaged"
    # These have markers below such a sequence: without it listed, those would be ordinary values.
    has_sequence = kind.startswith(("blanked_sequence", "real")) or random.random() < 0.4
    return Case(number, kind, data, RULES[has_sequence])


@functools.cache
def real_bases() -> list[Base]:
    """pydicom's own files, with markers for the values that the core finds to blank in them."""
    found = []
    for path in all_files():
        if path.stat().st_size > LARGEST_BASE:
            continue
        data = bytearray(path.read_bytes())
        try:
            plan = dicomblank.plan(data, RULES[1])
        except dicomblank.Error:
            continue
        if plan.size != len(data):
            continue  # deflated
        for edit in plan:
            data[edit.start : edit.start + edit.length] = marker(edit.length)
        if is_planted(data) and (starts := starts_in(bytes(data))):
            found.append(Base(bytes(data), starts))
    return found


def starts_in(data: bytes) -> list[int]:
    """Where the values begin that the core walks; guessed from tags where it refuses the file."""
    try:
        return [met.start for met in flat(core_walk(data))]
    except dicomblank.Error:
        return [at + 8 for at in _places(data, b"\x10\x00\x10\x00")] + [
            at + 8 for at in _places(data, b"\xfe\xff\x00\xe0")
        ]


def _places(data: bytes, what: bytes) -> Iterator[int]:
    at = data.find(what)
    while at >= 0:
        yield at
        at = data.find(what, at + 1)


class Planter(Generator):
    """Builds files around an attack, each a method of that name."""

    def __init__(self, random: Random) -> None:
        super().__init__(random, is_plain=False)

    def build(self, kind: str) -> bytes:
        """A whole file."""
        if kind == "real":
            return self.random.choice(real_bases()).data
        if kind in WHOLE:
            made: bytes = getattr(self, kind)()
            return made
        syntax = self.random.choice((*SYNTAXES, EXPLICIT))
        return self.wrapped(syntax, self.data_set(syntax, getattr(self, kind)))

    def wrapped(self, syntax: Syntax, data_set: bytes) -> bytes:
        """As a file, now and then a bare data set."""
        return data_set if self.chance(0.1) else part10(syntax.uid, data_set)

    def data_set(self, syntax: Syntax, attack: Callable[[Syntax], bytes]) -> bytes:
        """Elements with the attack among them, at some depth."""
        inside = attack(syntax)
        for _ in range(self.random.choice((0, 0, 0, 1, 1, 2))):
            content = (known(syntax) if self.chance(0.5) else b"") + self.some(syntax) + inside + self.some(syntax)
            inside = self.around(syntax, self.random.choice(SEQUENCES), "SQ", syntax, content)
        before = known(syntax) if self.chance(0.7) else b""
        return before + self.some(syntax) + inside + self.some(syntax) + self.pixels(syntax)

    def some(self, syntax: Syntax) -> bytes:
        """Up to three planted elements."""
        return b"".join(self.name(syntax) for _ in range(self.random.choice((0, 1, 1, 2, 3))))

    def name(self, syntax: Syntax) -> bytes:
        """A listed element with a marker for a value; its VR is wrong now and then."""
        tag = self.random.choice((0x0010_0010, 0x0010_0010, *LISTED))
        vr = LISTED[tag]
        if self.chance(0.1):
            vr = self.random.choice([each for each in VRS if each != "SQ"])
        return syntax.element(tag, vr, self.mark())

    def mark(self) -> bytes:
        """A marker of some length, mostly even."""
        length = self.random.choice((4, 8, 8, 12, 16, 20, 24, 8, 13, 7))
        return marker(length, self.random.randrange(3))

    def around(self, syntax: Syntax, tag: int, vr: str, inner: Syntax, content: bytes) -> bytes:
        """`content` in an item of an element, both of defined or undefined length."""
        items = inner.item(content, is_defined=self.chance(0.5))
        if self.chance(0.2):
            items = inner.item(self.some(inner), is_defined=self.chance(0.5)) + items
        if self.chance(0.5):
            return syntax.element(tag, vr, items)
        return syntax.undefined(tag, vr, items, inner=inner)

    def leaf(self, syntax: Syntax, tag: int, depth: int) -> bytes:
        """As the generator's, with a marker for the value of what is listed."""
        if tag in LISTED:
            vr = LISTED[tag] if self.chance(0.9) else self.random.choice([each for each in VRS if each != "SQ"])
            return syntax.element(tag, vr, self.mark())
        return super().leaf(syntax, tag, depth)

    def content(self, inner: Syntax) -> bytes:
        """What an item holds: planted elements, in front of them often two by which the syntax is known."""
        return (known(inner) if self.chance(0.5) else b"") + self.name(inner) + self.some(inner)

    def opaque_tag(self) -> int:
        """A tag whose value may be anything: private, unknown, or a sequence by the dictionary."""
        return self.random.choice((*PRIVATE, *SEQUENCES, 0x0010_0011, 0x0009_1010, 0x0029_0010, 0x0008_1111))

    # Attacks on what an element holds.

    def swapped_items(self, syntax: Syntax) -> bytes:
        """Items in the other byte order, in a private or unknown value."""
        inner = self.random.choice([each for each in INNER if each.order != syntax.order])
        vr = self.random.choice(("UN", "UN", "OB", "SQ", "LO", "OW"))
        return self.around(syntax, self.opaque_tag(), vr, inner, self.content(inner))

    def unknown_value(self, syntax: Syntax) -> bytes:
        """Items in any syntax where a value may be."""
        inner = self.random.choice(INNER)
        vr = self.random.choice(("UN", "UN", "OB", "SQ", "LO", "UT", "OW", "ST"))
        return self.around(syntax, self.opaque_tag(), vr, inner, self.content(inner))

    def damaged_items(self, syntax: Syntax) -> bytes:
        """A sequence, by its VR or by the dictionary, whose items are not all items."""
        inner = self.random.choice((syntax, IMPLICIT))
        good = inner.item(self.content(inner), is_defined=self.chance(0.7))
        bad = self.random.choice(
            (
                inner.framing(self.random.choice((0xFFFE_E001, 0xFFFE_0000, 0xFFFE_E0DD, 0x0000_0000, 0xFFFE_E00D)), 0),
                b"\0" * self.random.randrange(1, 20),
                inner.framing(0xFFFE_E0FF, 8) + b"garbage ",
                b"garbage ",
                inner.framing(ITEM, 400) + self.name(inner),
            )
        )
        items = self.random.choice((good + bad, bad + good, good + bad + good, bad[:4] + good[4:]))
        tag, vr = self.opaque_tag(), self.random.choice(("UN", "UN", "SQ", "OB"))
        if self.chance(0.7):
            return syntax.element(tag, vr, items)
        return syntax.undefined(tag, vr, items, inner=inner)

    def pixel_tags(self, syntax: Syntax) -> bytes:
        """Items in group 7FE0."""
        inner = self.random.choice((syntax, syntax, IMPLICIT, EXPLICIT))
        tag = 0x7FE0_0000 | self.random.choice((1, 2, 3, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 16, 16, 17, 0x20))
        vr = self.random.choice(("UN", "OB", "OW", "SQ", "OF", "OD", "UT", "OV", "LO", "  "))
        return self.around(syntax, tag, vr, inner, self.content(inner))

    def undefined_length(self, syntax: Syntax) -> bytes:
        """Something other than a sequence of undefined length; inside, delimiters as values."""
        inner = self.random.choice((syntax, syntax, IMPLICIT))
        delimiter = self.random.choice(
            (
                inner.framing(SEQUENCE_DELIMITER, 0),
                inner.framing(ITEM_DELIMITER, 0),
                inner.framing(SEQUENCE_DELIMITER, 8),
            )
        )
        hidden = inner.element(self.random.choice(PRIVATE), "OB", delimiter + self.name(syntax))
        items = inner.item(known(inner) + hidden + self.name(inner), is_defined=self.chance(0.5))
        items += inner.item(self.content(inner), is_defined=self.chance(0.5))
        vr = self.random.choice(("OB", "OW", "UT", "UC", "OF", "UN", "UR", "SQ", "LO", "OD"))
        tag = self.random.choice((self.opaque_tag(), 0x0040_A160, 0x0042_0011, 0x0028_1201, PIXELS, 0x5400_1010))
        return syntax.undefined(tag, vr, items, inner=inner)

    def odd_vr(self, syntax: Syntax) -> bytes:
        """A header with letters that are no VR, which leads on with a short and with a long length."""
        letters = self.random.choice(ODD_VRS).encode()
        tag = self.random.choice((*PRIVATE, 0x0010_1000, 0x0010_0010, 0x0010_0011, 0x0008_0008))
        numbers = syntax.tag(tag)
        hidden = self.some(syntax) + self.name(syntax)
        behind = self.name(syntax)
        short = syntax.u16(len(hidden) & 0xFFFF)
        long = syntax.u32(len(hidden))
        return self.random.choice(
            (
                numbers + letters + short + hidden + behind,
                numbers + letters + b"\0\0" + long + hidden + behind,
                numbers + letters + b"\0\0" + hidden + behind,
                numbers + letters + syntax.u16(len(hidden) + 4) + long + hidden + behind,
                numbers + letters + syntax.u16(4) + long + hidden + behind,
                numbers + letters + syntax.u16(4) + bytes(4) + hidden + behind,
                numbers + long + hidden + behind,
            )
        )

    def both_syntaxes(self, _: Syntax) -> bytes:
        """A header whose VR and length are also an implicit length, both of which lead on."""
        vr = self.random.choice(("AE", "AS", "CS", "DA", "LO", "PN", "SH", "LT", "UI", "UN", "OB"))
        tag = self.random.choice((0x0008_0005, 0x0008_0008, 0x0010_0010, 0x0009_0010, 0x0008_0016, 0x0010_0011))
        return self._both(tag, vr)

    def _both(self, tag: int, vr: str) -> bytes:
        """An element in explicit VR with a short value, behind it a filler up to where it ends in implicit VR."""
        length = self.random.choice((0, 0, 0, 1)) if vr not in LONG else 0
        head = EXPLICIT.header(tag, vr, length)
        reach = 8 + int.from_bytes(head[4:8], "little")
        if reach > 90_000:
            return head + self.name(EXPLICIT)
        inside = head + b"x" * length + self.some(EXPLICIT)
        # What the implicit reading meets behind its value is, to the explicit one, a part of the filler, or elements.
        tail = self.content(IMPLICIT) if self.chance(0.7) else self.some(EXPLICIT)
        room = reach - len(inside) - 8
        if self.chance(0.5):
            filler = EXPLICIT.header(0x0009_1001, "LO", min(room + len(tail), 0xFFFF)) + b"." * room + tail
        else:
            filler = EXPLICIT.header(0x0009_1001, "LO", min(room, 0xFFFF)) + b"." * room + tail
        return inside + filler + (self.some(EXPLICIT) if self.chance(0.5) else b"")

    def both_in_item(self, syntax: Syntax) -> bytes:
        """The same in an item, or in a UN value."""
        inner = EXPLICIT
        vr = self.random.choice(("SQ", "UN", "UN"))
        return self.around(syntax, self.opaque_tag(), vr, inner, self.both_syntaxes(syntax))

    def listed_items(self, syntax: Syntax) -> bytes:
        """A listed element whose value is items, of any VR."""
        inner = self.random.choice(INNER)
        tag = self.random.choice(tuple(LISTED))
        vr = self.random.choice(("UN", "UN", "OB", "SQ", "PN", "LO", "UT", LISTED[tag]))
        content = b"".join(
            inner.element(self.random.choice((0x0008_0100, 0x0009_1001, 0x0010_0000, 0x0010_0010)), "LO", self.mark())
            for _ in range(self.random.randrange(1, 3))
        )
        return self.around(syntax, tag, vr, inner, content)

    def blanked_sequence(self, syntax: Syntax) -> bytes:
        """A listed sequence that holds what is not blanked elsewhere."""
        inner = self.random.choice((syntax, syntax, IMPLICIT))
        content = b"".join(self.inside_blanked(inner) for _ in range(self.random.randrange(1, 4)))
        tag = self.random.choice(BLANKED_SEQUENCES)
        vr = self.random.choice(("SQ", "SQ", "SQ", "UN", "OB"))
        return self.around(syntax, tag, vr, inner, (known(inner) if self.chance(0.5) else b"") + content)

    def inside_blanked(self, inner: Syntax) -> bytes:
        """One thing inside a blanked sequence."""
        choose = self.random.choice
        no_item = (0xFFFE_E001, 0xFFFE_0001, 0xFFFF_0001, ITEM_DELIMITER, SEQUENCE_DELIMITER, ITEM)
        made: bytes = choose(
            (
                lambda: inner.element(0x0010_0000, choose(("LO", "UN", "OB", "UL")), marker(8)),  # no group length
                lambda: inner.framing(choose(no_item), 8) + marker(8),
                lambda: self.fragments(inner),
                lambda: inner.element(choose(PRIVATE), choose(("LO", "UN", "OB")), self.mark()),
                lambda: self.unknown_value(inner),
                lambda: inner.element(0x0008_0100, "SH", self.mark()),
                lambda: self.odd_vr(inner),
            )
        )()
        return made

    def fragments(self, syntax: Syntax) -> bytes:
        """Encapsulated data that does not end as it should, with elements behind it."""
        delimiter = syntax.framing(SEQUENCE_DELIMITER, 0)
        table = syntax.framing(ITEM, 0) if self.chance(0.7) else b""
        fragment = syntax.item(self.random.choice((b"\0" * 8, b"\1\2\3\4" * 3)))
        behind = self.name(syntax) + self.some(syntax)
        over = syntax.framing(ITEM, 8 + self.random.choice((4, 8, 8, 8 + len(behind), len(behind)))) + b"\0" * 8
        body = self.random.choice(
            (
                table + fragment + behind,
                table + over + delimiter + behind,
                table + fragment + delimiter[:4] + behind,
                table + fragment + syntax.framing(SEQUENCE_DELIMITER, 8) + behind,
                table + fragment + syntax.framing(ITEM_DELIMITER, 0) + behind,
                table + syntax.item(behind, is_defined=self.chance(0.5)) + delimiter + behind,
                table + fragment,
                behind + delimiter + behind,
                table + fragment + delimiter + behind,
                table + syntax.framing(ITEM, UNDEFINED) + behind + delimiter,
            )
        )
        tag = self.random.choice((PIXELS, PIXELS, PIXELS, 0x7FE0_0008, 0x7FE0_0003, 0x0029_1010, 0x0042_0011))
        return syntax.header(tag, self.random.choice(("OB", "OB", "OW", "UN")), UNDEFINED) + body

    def wrong_delimiters(self, syntax: Syntax) -> bytes:
        """Delimiters that are missing, strange, of a length, of the wrong kind."""
        items = []
        for _ in range(self.random.randrange(1, 3)):
            end = self.random.choice(
                (
                    b"",
                    syntax.framing(ITEM_DELIMITER, 0),
                    syntax.framing(SEQUENCE_DELIMITER, 0),
                    syntax.framing(ITEM_DELIMITER, 8) + b"garbage ",
                    syntax.framing(0xFFFE_E00E, 0),
                    syntax.framing(ITEM_DELIMITER, UNDEFINED),
                    b"\0" * 8,
                )
            )
            items.append(syntax.framing(ITEM, UNDEFINED) + self.content(syntax) + end)
        end = self.random.choice(
            (
                b"",
                syntax.framing(SEQUENCE_DELIMITER, 0),
                syntax.framing(SEQUENCE_DELIMITER, 8),
                syntax.framing(ITEM_DELIMITER, 0),
                syntax.framing(SEQUENCE_DELIMITER, 0) * 2,
                syntax.framing(SEQUENCE_DELIMITER, UNDEFINED),
            )
        )
        whole = b"".join(items)
        length = self.random.choice((UNDEFINED, UNDEFINED, len(whole), len(whole) + len(end), len(whole) + 8))
        tag, vr = self.random.choice((*SEQUENCES, *PRIVATE)), self.random.choice(("SQ", "SQ", "UN", "OB"))
        return syntax.header(tag, vr, length) + whole + end + self.some(syntax)

    def stray(self, syntax: Syntax) -> bytes:
        """Tags of group FFFE or FFFF among the elements, zeros in between."""
        tag = self.random.choice(
            (ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, 0xFFFE_E001, 0xFFFE_0000, 0xFFFF_0001, 0xFFFF_FFFF, 0x0000_0000)
        )
        length = self.random.choice((0, 0, 4, 8, UNDEFINED, 40))
        body = b"." * length if length < 10 else b""
        header = self.random.choice((syntax.framing(tag, length), syntax.header(tag, "UN", length)))
        return header + body + self.name(syntax)

    def stated_lengths(self, syntax: Syntax) -> bytes:
        """Lengths that one reader takes for another: gdcm reads UL of 6 as 4, implicit 13 as 10, others at random."""
        number = self.random.randrange(4)
        if number == 0 and syntax is IMPLICIT:
            # Behind ten bytes: (0010,0010) of eight bytes; behind thirteen: (0800,0000) of 0x100 bytes.
            hidden = b"\x10\x00\x10" + b"\x00\x08\x00\x00\x00" + b"\x01\x00\x00" + marker(0x100)[:0x100]
            return IMPLICIT.header(0x0009_1001, "LO", 13) + b"." * 10 + hidden + self.some(syntax)
        if number == 1:
            value = b"\0\0\0\0\x10\x00"
            long = EXPLICIT.header(0x0010_4E50, "LO", 20_482) + marker(20_482)
            return EXPLICIT.element(0x0028_9001, "UL", value) + long + self.some(EXPLICIT)
        if number == 2:
            name = self.name(syntax)
            length = self.random.choice((13, 6, 10, 2, 5, 7, 65_535, 0xFFFF_FFFE, len(name)))
            vr = self.random.choice(("UL", "LO", "US", "AT", "FD", "UN", "DS"))
            if not syntax.is_implicit and vr not in LONG:
                length &= 0xFFFF
            return syntax.header(self.random.choice((0x0028_9001, 0x0009_1001)), vr, length) + b"." * 8 + name
        name = self.name(syntax)
        odd = syntax.header(0x0008_1030, "LO", 8 + self.random.randrange(-2, 3)) + marker(8)
        return odd + name

    # Attacks on how a file begins.

    def preamble(self) -> bytes:
        """A preamble of elements, up to or past "DICM"."""
        syntax, other = self.random.choice(SYNTAXES), self.random.choice(SYNTAXES)
        whole = part10(other.uid, known(other) + self.some(other) + self.pixels(other))
        front = (known(syntax) if self.chance(0.5) else b"") + self.name(syntax)
        reach = self.random.choice((132, 132, 140, 132 + 12, len(whole), 128, 150, 176))
        for filler in (0x0009_1001, 0x0010_4000):
            head = syntax.header(filler, "UN" if self.chance(0.5) else "LO", max(reach - len(front) - 8, 0) & 0xFFFF)
            if len(front) + len(head) <= 128:
                vr_length = len(head) - 8
                head = syntax.header(filler, "UN" if vr_length else "LO", max(reach - len(front) - len(head), 0))
                front += head
                break
        return front[:128].ljust(128, self.random.choice((b"\0", b" "))) + whole[128:]

    def bare(self) -> bytes:
        """A data set without prefix that does not begin with a listed element."""
        syntax = self.random.choice((IMPLICIT, EXPLICIT, BIG, SWAPPED))
        first = self.random.choice(
            (
                lambda: syntax.element(self.random.choice(PRIVATE), "LO", b"text"),
                lambda: (
                    IMPLICIT.element(0x0000_0000, "UL", IMPLICIT.u32(12))
                    + IMPLICIT.element(0x0000_0002, "UI", b"1.2\0")
                ),
                lambda: syntax.element(0x0000_0100, "US", b"\1\0"),
                lambda: syntax.element(0x0010_0011, "LO", b"text"),
                lambda: syntax.element(0x0011_0011, "ZZ", b"text"),
                lambda: b"\0" * 128,
                lambda: b"\0" * 132,
                lambda: b"\0" * 8,
                lambda: b"",
                lambda: syntax.element(0x0008_0000, "UL", b"\0\0\0\0"),
                lambda: self.unknown_value(syntax),
                lambda: syntax.framing(ITEM, UNDEFINED),
                lambda: PREAMBLE,
                lambda: b"\0" * 128 + b"dicm",
                lambda: b"DICM",
                lambda: self.random.randbytes(self.random.choice((1, 2, 4, 16))),
                lambda: EXPLICIT.element(0x0002_0010, "UI", syntax.uid.encode() + b"\0"),
                lambda: b"\0" * self.random.randrange(1, 1100) + b"DICM",
            )
        )()
        second = known(syntax) if self.chance(0.3) else b""
        return first + second + self.name(syntax) + self.some(syntax)

    def unusual_meta(self) -> bytes:
        """A file meta information that readers take differently."""
        stated, real = self.random.choice(SYNTAXES), self.random.choice((*SYNTAXES, EXPLICIT, IMPLICIT))
        uid = self.uid(stated.uid)
        inner = self.random.choice((EXPLICIT, IMPLICIT))
        names = b"".join(self.name(inner) for _ in range(2))
        parts = [
            EXPLICIT.element(0x0002_0001, self.random.choice(("OB", "OB", "OB", "ZZ", "UN", "  ", "OW")), b"\0\1"),
            EXPLICIT.element(0x0002_0010, self.random.choice(("UI", "UI", "UI", "UN", "LO", "zz")), uid),
        ]
        extra = [
            lambda: EXPLICIT.element(0x0002_0010, "UI", self.uid(real.uid)),
            lambda: self.around(
                EXPLICIT, self.random.choice((0x0002_0102, 0x0002_0100, 0x0002_0003)), "SQ", inner, names
            ),
            lambda: self.around(EXPLICIT, 0x0002_0102, self.random.choice(("OB", "UN")), inner, names),
            lambda: EXPLICIT.element(0x0002_0012, "UI", b"1.2\0"),
            lambda: EXPLICIT.element(0x0002_0016, self.random.choice(("AE", "ZZ")), b"text"),
            lambda: self.odd_vr(EXPLICIT),
            lambda: EXPLICIT.element(0x0000_0002, "UI", b"1.2\0"),
            lambda: IMPLICIT.element(0x0002_0013, "SH", b"text"),
            lambda: self.name(EXPLICIT),
        ]
        for _ in range(self.random.choice((0, 1, 1, 2))):
            parts.insert(self.random.randrange(len(parts) + 1), self.random.choice(extra)())
        if self.chance(0.2):
            self.random.shuffle(parts)
        meta = b"".join(parts)
        length = self.random.choice((len(meta), len(meta), 0, len(parts[0]), len(meta) + 8, len(meta) - 4, 12, 0xFFFF))
        group = EXPLICIT.element(0x0002_0000, "UL", EXPLICIT.u32(length))
        group = self.random.choice((group, group, group, group, b"", EXPLICIT.element(0x0002_0000, "UL", bytes(6))))
        data_set = self.data_set(real, self.name)
        if uid.startswith(DEFLATED.encode()) and self.chance(0.7):
            data_set = deflated(data_set)
        return PREAMBLE + group + meta + data_set

    def uid(self, uid: str) -> bytes:
        """A transfer syntax UID as it should be, or otherwise."""
        if self.chance(0.3):
            uid = self.random.choice(
                (DEFLATED, "1.2.840.113619.5.2", "1.2.840.10008.1.2.4.50", "1.2.3", "1.2.840.10008.1.2.5")
            )
        bare = uid.encode()
        plain = bare + b"\0" * (len(bare) % 2)
        return self.random.choice(
            (
                plain, plain, plain, bare + b" ", bare + b"\n\0", bare + b"\0text", bare + b" text", b" " + bare,
                bare.ljust(130, b"\0"), bare.ljust(132, b" "), bare + b"\\1.2.840.10008.1.2", bare + b"\n1.2",
                bare + b"\r\n", bare + b".", bare + b"\0\0\0", bare + b".0", b"\0" + bare, bare[:-1], b"",
                bare + b"\t", bare.ljust(64, b"\0"), bare.ljust(66, b"\0"), bare + b"\xff",
            )
        )  # fmt: skip

    def deflated_file(self) -> bytes:
        """A deflated data set, or one that says so."""
        uid = self.uid(DEFLATED) if self.chance(0.5) else DEFLATED.encode()
        syntax = self.random.choice((EXPLICIT, EXPLICIT, IMPLICIT, BIG))
        attack = self.random.choice((self.name, self.unknown_value, self.odd_vr, self.fragments, self.both_syntaxes))
        data_set = self.data_set(syntax, attack)
        whole = self.random.choice(
            (deflated(data_set), deflated(data_set), data_set, zlib.compress(data_set), deflated(data_set) + data_set)
        )
        meta = EXPLICIT.element(0x0002_0010, "UI", uid)
        length = self.random.choice((len(meta), len(meta), len(meta), 0, len(meta) + 8))
        return PREAMBLE + EXPLICIT.element(0x0002_0000, "UL", EXPLICIT.u32(length)) + meta + whole

    def generated(self) -> bytes:
        """What the comparison of walks is made of."""
        return self.file()

    def first_header(self) -> bytes:
        """A data set whose first header leads on in two syntaxes."""
        stated = self.random.choice(SYNTAXES)
        odd = self.odd_vr(self.random.choice((EXPLICIT, BIG)))
        data_set = self.random.choice((self.both_syntaxes(stated), self.both_syntaxes(stated), odd))
        return self.wrapped(stated, data_set + self.some(self.random.choice((EXPLICIT, IMPLICIT))))

    def other_syntax(self) -> bytes:
        """A data set in another syntax than the one stated; its first elements lead on in both, or not."""
        stated, real, third = (self.random.choice((*SYNTAXES, SWAPPED)) for _ in range(3))
        first = self.random.choice((known(real), self.name(real), known(third), self.both_syntaxes(EXPLICIT), b""))
        return part10(
            stated.uid, first + self.data_set(real, self.name) + (self.some(third) if self.chance(0.3) else b"")
        )


ELEMENTS = (
    "name", "swapped_items", "unknown_value", "damaged_items", "pixel_tags", "undefined_length", "odd_vr",
    "both_syntaxes", "both_in_item", "listed_items", "blanked_sequence", "fragments", "wrong_delimiters", "stray",
    "stated_lengths",
)  # fmt: skip
WHOLE = ("preamble", "bare", "unusual_meta", "deflated_file", "other_syntax", "generated", "first_header")
ATTACKS = (*ELEMENTS, *WHOLE, "real", "real", "real")
