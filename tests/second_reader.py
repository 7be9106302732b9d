"""pydicom's walk of some bytes beside the core's: element for element, each difference under the name of its class.

Data sets are compared level by level, in the order of the file. The first difference of a level names the class, and is
what the rest of that level is owed to: one reader stands elsewhere from there on. A class is told by what stands around
a difference and never by the difference alone, so that a missed element finds none: it is "unexplained" then, which no
row of divergences.toml excuses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from itertools import zip_longest
from typing import TYPE_CHECKING

from dicomblank import _core
from dicomblank.reading import UNDEFINED, Reading
from dicomblank.view import View
from elements import VRS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dicomblank.reading import Seen

NOTHING = _core.Rules([])
CHARACTER_SET = 0x0008_0005
# In bytes: what no element begins, at the end of a data set, may have no more (is_unknown_tail in the core).
UNKNOWN_TAIL = 64
PIXEL_DATA = frozenset((0x7FE0_0008, 0x7FE0_0009, 0x7FE0_0010))


@dataclass(slots=True)
class Met:
    """An element as one of the readers has it."""

    tag: int
    vr: str | None
    """None where the reader has none: pydicom in implicit VR."""
    start: int
    """Of the value."""
    length: int | None
    """None where it is undefined, or not told."""
    is_sequence: bool
    is_stray: bool = False
    is_encapsulated: bool = False
    items: list[list[Met]] = field(default_factory=list)
    """Of a sequence: its data sets."""


def core_walk(data: bytes) -> list[Met]:
    """The core's walk. Raises what the core raises."""
    root: list[Met] = []
    open_items = [root]  # at each depth the data set that is being filled
    sequences: list[Met] = []
    for tag, vr, depth, kind, start, length in _core.walk_bytes(data):
        del sequences[depth:], open_items[depth + 1 :]
        if kind == "item":
            del open_items[depth:]
            sequences[-1].items.append([])
            open_items.append(sequences[-1].items[-1])
            continue
        if kind == "fragment":
            whole = sequences[-1]
            whole.length = start + (length or 0) - whole.start
            continue
        is_stray = kind == "stray delimiter"
        met = Met(tag, vr, start, length, kind == "sequence", is_stray, kind == "fragments")
        open_items[min(depth, len(open_items) - 1)].append(met)  # a stray delimiter may stand between items
        if kind in {"sequence", "fragments"}:
            sequences.append(met)
            if kind == "fragments":
                met.length = 0
    return root


def flat(walk: Iterable[Met]) -> Iterator[Met]:
    """All elements, the nested ones too."""
    for met in walk:
        yield met
        for item in met.items:
            yield from flat(item)


def pydicom_walk(data: bytes, core: list[Met]) -> list[Met] | None:
    """pydicom's walk without the file meta information; None where it found no data set. Raises anything.

    pydicom is asked to read as a sequence what the core walks as one, even where it would not by itself.
    """
    reading = Reading(View(BytesIO(data), len(data)), NOTHING)
    sequences = frozenset(met.start for met in flat(core) if met.is_sequence)
    if not sequences <= {each.start for each in reading.elements if each.is_sequence}:
        reading = Reading(View(BytesIO(data), len(data)), NOTHING, reading.sequences | sequences)
    return None if reading.is_empty else _tree(reading.elements, core)


def _tree(elements: Iterable[Seen], core: list[Met]) -> list[Met]:
    first = core[0].start if core else None
    root: list[Met] = []
    sequences: dict[str, Met] = {}  # the last one of each path
    for seen in elements:
        *above, last = seen.path.split(".")
        tag = int(last[1:5] + last[6:10], 16)
        if not above and tag >> 16 == 2 and (first is None or seen.start < first):
            continue  # file meta information
        length = None if seen.length == UNDEFINED else seen.length
        vr = seen.stated_vr
        if vr is not None and " or " in vr:
            vr = None  # the dictionary's choice in implicit VR
        met = Met(tag, vr, seen.start, length, seen.is_sequence)
        level = root
        if above:
            sequence, _, item = ".".join(above)[:-1].rpartition("[")
            items = sequences[sequence].items
            items.extend([] for _ in range(int(item) + 1 - len(items)))
            level = items[int(item)]
        level.append(met)
        if met.is_sequence:
            sequences[seen.path] = met
    return root


def differences(data: bytes) -> set[str]:
    """The classes of all differences. Raises what the core raises where it refuses the data."""
    core = core_walk(data)
    try:
        second = pydicom_walk(data, core)
    except Exception:  # noqa: BLE001 (pydicom raises anything)
        return {"pydicom-raises"}
    if not second:
        return {"pydicom-finds-nothing"} if core else set()
    comparison = _Comparison(data)
    comparison.level(core, second)
    return comparison.classes


class _Comparison:
    def __init__(self, data: bytes) -> None:
        self.classes: set[str] = set()
        self._data = data

    def level(self, core: list[Met], second: list[Met]) -> bool:
        """Compares one data set with all that it holds; whether the two readers are in step at its end."""
        strays = [met for met in core if met.is_stray]
        starts = {met.start for met in second}
        # Of such a header pydicom has another length, and so another start of the same element.
        starts |= {met.start + 4 for met in second if _is_invented(met.vr)}
        latest = {met.tag: met.start for met in core}
        kept = [met for met in core if not met.is_stray and (met.start in starts or latest[met.tag] == met.start)]
        if len(kept) + len(strays) < len(core):
            self.classes.add("duplicate-tag")
        met_as_element = {met.start for met in strays} & starts
        if met_as_element:
            self.classes.add("stray-delimiter")
            second = [met for met in second if met.start not in met_as_element]
        for ours, theirs in zip_longest(kept, second):
            if ours is None or theirs is None or (ours.start, ours.tag) != (theirs.start, theirs.tag):
                self.classes.add(self._elsewhere(ours, theirs, strays))
                return False
            if not self._one(ours, theirs):
                return False
        return True

    def _one(self, ours: Met, theirs: Met) -> bool:
        """Compares two elements of one tag, values of which begin at one byte; whether both go on at one byte."""
        if self._is_cut_short(ours) and (ours.length, ours.is_sequence) != (theirs.length, theirs.is_sequence):
            self.classes.add("pixel-data-cut-short")
            return False
        if None not in {ours.length, theirs.length} and ours.length != theirs.length:
            self.classes.add(self._other_length(ours, theirs))
            return False
        if theirs.vr is not None and theirs.vr != ours.vr:
            self.classes.add(_other_vr(ours, theirs))
        if ours.is_sequence and theirs.is_sequence:
            return self._items(ours, theirs)
        if ours.is_sequence != theirs.is_sequence and (ours.length, theirs.length) != (0, 0):
            self.classes.add(_other_kind(ours, theirs))
            return bool(ours.length) or not ours.items
        return True

    def _items(self, ours: Met, theirs: Met) -> bool:
        if len(ours.items) != len(theirs.items) and any(met.is_stray for item in ours.items for met in item):
            self.classes.add("stray-delimiter")
            return ours.length is not None
        pairs = zip_longest(ours.items, theirs.items)
        in_step = all(self.level(mine or [], other or []) for mine, other in pairs)
        # Of defined length, the value is the same bytes to both, whatever either makes of them.
        return ours.length is not None or in_step

    def _other_length(self, ours: Met, theirs: Met) -> str:
        letters = self._data[ours.start - 4 : ours.start - 2]
        if _is_invented(theirs.vr):
            return "letters-that-are-no-vr"
        short = self._data[ours.start - 2 : ours.start]
        is_short = ours.length in {int.from_bytes(short, "little"), int.from_bytes(short, "big")}
        are_capitals = letters.isalpha() and letters.isupper()
        if theirs.vr is None and _is_guessed(ours) and is_short and not are_capitals:
            return "letters-that-are-no-vr"
        # An explicit header as an implicit one: the letters are a part of its length.
        if theirs.vr is None and letters.decode("latin-1") == ours.vr:
            return "explicit-read-as-implicit"
        return "unexplained length"

    def _elsewhere(self, ours: Met | None, theirs: Met | None, strays: list[Met]) -> str:
        """The two stand at different places, or one of them has come to an end."""
        if ours is not None and theirs is not None and (known := self._other_header(ours, theirs)):
            return known
        if ours is None and theirs is not None and theirs.tag == 0 and not any(self._data[theirs.start - 8 :]):
            return "trailing-zeros"
        if ours is None and theirs is not None and theirs.tag >> 16 == 0xFFFF and self._is_near_the_end(theirs):
            return "unknown-tail"
        if theirs is None and ours is not None and any(stray.start <= ours.start for stray in strays):
            return "stray-delimiter"
        return "unexplained place"

    def _other_header(self, ours: Met, theirs: Met) -> str | None:
        """The two read one header, with another tag or another length of its own; None where that is not why."""
        if _swapped(ours.tag) == theirs.tag:
            return "other-transfer-syntax"
        if ours.start != theirs.start + 4:
            return None
        if _is_invented(theirs.vr):
            return "letters-that-are-no-vr"
        # As in _other_length, with a header of 12 bytes.
        letters = self._data[theirs.start - 4 : theirs.start - 2].decode("latin-1")
        return "explicit-read-as-implicit" if theirs.vr is None and letters == ours.vr else None

    def _is_near_the_end(self, met: Met) -> bool:
        """Whether its header begins a tail as short as the core passes over."""
        return len(self._data) - (met.start - 8) <= UNKNOWN_TAIL

    def _is_cut_short(self, met: Met) -> bool:
        """Whether it is pixel data that ends with the file."""
        header = 8 if met.is_encapsulated else 1  # of a fragment or delimiter, which may be cut too
        return met.tag in PIXEL_DATA and met.start + (met.length or 0) > len(self._data) - header


def _is_invented(vr: str | None) -> bool:
    return vr is not None and vr not in VRS


def _is_guessed(ours: Met) -> bool:
    """Whether the core may have the VR from the dictionary, or none."""
    return ours.vr in {"UN", _core.vr_of(ours.tag)}


def _swapped(tag: int) -> int:
    """As it is read in the other byte order."""
    a, b, c, d = tag.to_bytes(4)
    return int.from_bytes((b, a, d, c))


def _is_doubtful(met: Met) -> bool:
    """Whether nothing says for certain that it is, or is no, sequence."""
    return bool(met.tag >> 16 & 1) or met.vr == "UN" or _core.vr_of(met.tag) in {None, "UN"}


def _other_kind(ours: Met, theirs: Met) -> str:
    """Items to one, a value to the other."""
    if ours.is_sequence and not ours.items and not theirs.length:
        return "empty-sequence"
    if ours.is_sequence and _is_doubtful(ours):
        return "items-to-the-core-only"
    if theirs.is_sequence and _is_doubtful(ours):
        return "items-to-pydicom-only"
    return "unexplained kind"


def _other_vr(ours: Met, theirs: Met) -> str:
    """Other letters for the same element."""
    if theirs.vr == "SQ" and theirs.is_sequence and (ours.vr == "UN" or ours.tag & 0xFFFF == 0):
        return "un-named-a-sequence"
    if ours.tag == CHARACTER_SET and (ours.vr, theirs.vr, theirs.length) == ("UN", "CS", None):
        return "decoded-character-set"
    return "letters-that-are-no-vr" if _is_guessed(ours) and _is_invented(theirs.vr) else "unexplained VR"
