"""What a result of the Basic Profile has to be beside its original, as pydicom reads both, by Table E.1-1 alone.

It shares no code with the level: it reads the rows of the table itself, and says of each element, at every depth, what
the row and the options allow. Z has to be empty here, where the standard lets it be a dummy value. What is found is a
list of faults; it is empty where all is as the standard asks. One checker takes many files: a UID has to become the
same one in all of them, and a patient's dates have to move together.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from pydicom import config, dcmread
from pydicom.valuerep import validate_value

from content_rows import TEXT_VALUE, beside_values_of, letters_of, same_concept, values_of
from dicomblank.profile_table import OPTIONS, ROWS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path
    from typing import BinaryIO, TypeAlias

    from pydicom.dataset import Dataset

    #: A data set, or an item.
    Tree: TypeAlias = "dict[int, Element]"
    #: The tags of the sequences around an element, from the top, and its own.
    Place: TypeAlias = tuple[int, ...]

__all__ = ["Checker", "Fault"]

MARKERS = {0x0012_0062, 0x0012_0063, 0x0012_0064, 0x0028_0303}

#: Codes of CID 7050, by hand: 113100 is the profile.
CODES = {
    "retain-longitudinal-full-dates": "113106",
    "retain-longitudinal-modified-dates": "113107",
    "retain-patient-characteristics": "113108",
    "retain-device-identity": "113109",
    "retain-uids": "113110",
    "retain-safe-private": "113111",
    "retain-institution-identity": "113112",
    "clean-structured-content": "113104",
}
FULL, MODIFIED, SAFE = "retain-longitudinal-full-dates", "retain-longitudinal-modified-dates", "retain-safe-private"
CLEAN_CONTENT = "clean-structured-content"
#: Without a row: content items of a step, in an item of SpecimenPreparationSequence, which is none itself; and texts.
OF_CONTENT = {0x0040_0612: {"C"}, TEXT_VALUE: {"D"}}

#: A dummy value that may have been there before.
DUMMIES = {"DA": b"19000101"}
#: What two content items or codes have in common though one is a dummy: value type, relationship, continuity, scheme,
#: and of what kind coordinates and times are.
STRUCTURE = {0x0008_0102, 0x0008_1150, 0x0040_A010, 0x0040_A040, 0x0040_A050, 0x0040_A130, 0x0070_0023}
#: Of the file meta information: AE titles, addresses, and what is private. None of it may be there.
OF_THE_SENDER = {0x0002_0016, 0x0002_0017, 0x0002_0018, 0x0002_0026, 0x0002_0027, 0x0002_0028, 0x0002_0100, 0x0002_0102}

#: UIDs without a row that name what a UID with one does: if they stayed, no reference would hold.
REFERENCES = {
    0x0008_1167,  # Multi-frame Source SOP Instance UID
    0x0018_991E,  # Target Frame of Reference UID
    0x0020_0242,  # SOP Instance UID of Concatenation Source
    0x0020_9312,  # Volume Frame of Reference UID
    0x0020_9313,  # Table Frame of Reference UID
    0x0028_0304,  # Referenced Color Palette Instance UID
    0x0070_031B,  # Referenced Fiducial UID
    0x300A_0675,  # Equipment Frame of Reference UID
}

#: The last bytes of a preamble, where they say that values were replaced, and how they begin then.
MARK, MARKED = slice(96, 128), b"DICOMblk\1D"

STANDARD = "1.2.840.10008."
MOST_DAYS = 3_652


class Fault(NamedTuple):
    """Something that is not as it has to be. It has no value of an element."""

    kind: str
    where: str


class Element(NamedTuple):
    """An element as it stands in the file."""

    vr: str
    data: bytes
    items: list[Tree] | None
    """Of a sequence."""


def _rows() -> dict[str, tuple[set[str], dict[str, str]]]:
    """The letters of the profile and of the options, by tag or pattern."""
    rows = {}
    for line in ROWS.splitlines():
        tag, _, _, _, _, basic, letters = line.split("|")
        spoken = {
            name.replace("_", "-"): letter for name, letter in zip(OPTIONS, letters, strict=True) if letter != "."
        }
        rows[tag] = set(basic.split("/")), spoken
    return rows


TABLE = _rows()


def row_of(tag: int) -> tuple[set[str], dict[str, str]] | None:
    """The row that is about a tag; of a reference without one what it takes to hold."""
    group, digits = tag >> 16, f"{tag:08X}"
    if group % 2:
        return TABLE["PRIVATE"]
    if 0x5000 <= group <= 0x50FF:
        return TABLE["50xxxxxx"]
    if 0x6000 <= group <= 0x60FF:
        return TABLE.get("60xx" + digits[4:])
    if tag in REFERENCES:
        return {"U"}, {"retain-uids": "K"}
    return TABLE.get(digits)


class Checker:
    """Compares results with their originals. `types` has the type of an attribute by its place, if that is known.

    `safe` says of a private element, by group, creator and number, whether it may stay with retain-safe-private.
    """

    def __init__(
        self,
        options: Collection[str] = (),
        *,
        types: Callable[[str, Place], str | None] = lambda _class, _place: None,
        safe: Callable[[int, str, int], bool] = lambda _group, _creator, _number: False,
    ) -> None:
        unknown = set(options) - set(CODES)
        if unknown:
            raise ValueError(f"not checked here: {', '.join(sorted(unknown))}")
        self.options = set(options)
        self._types = types
        self._safe = safe
        self._uids: dict[str, str] = {}
        self._days: dict[str, int] = {}

    def compare_files(self, before: Path | BinaryIO, after: Path | BinaryIO) -> list[Fault]:
        """All faults of a file: of its preamble, its file meta information, and its data set."""
        old, new = dcmread(before, force=True), dcmread(after)
        return [*self.compare(old, new), *self._of_meta(old, new)]

    def compare(self, before: Dataset, after: Dataset) -> list[Fault]:
        """All faults of a data set. Both were read from files, and nothing has looked into them since."""
        old, new = tree_of(before), tree_of(after)
        self._class = text_of(old, 0x0008_0016)
        self._patient = text_of(old, 0x0010_0020) or text_of(old, 0x0020_000D)
        is_out_of_order = list(old) == sorted(old) and list(new) != sorted(new)
        order = [Fault("order", "")] if is_out_of_order else []
        return [*order, *self._of_markers(old, new), *self._of_items(old, new, (), ())]

    # a data set, and each item

    def _of_items(self, before: Tree, after: Tree, place: Place, numbers: tuple[int, ...]) -> Iterator[Fault]:
        for tag in sorted({*before, *after}):
            if tag & 0xFFFF == 0 or (not place and tag in MARKERS):
                continue  # group lengths may go or stay true; markers are looked at apart
            at = (*place, tag)
            if tag not in before:
                yield Fault("added", spelled(at, numbers))
            else:
                allowed = self._allowed(before, at)
                yield from self._of_element(before[tag], after.get(tag), allowed, at, numbers)

    def _of_element(
        self, old: Element, new: Element | None, allowed: set[str], at: Place, numbers: tuple[int, ...]
    ) -> Iterator[Fault]:
        where = spelled(at, numbers)
        if new is None:
            if "X" not in allowed:
                yield Fault("removed", where)
        elif allowed == {"X"}:
            yield Fault("not removed", where)
        elif old.vr != new.vr:
            yield Fault("other VR", where)
        elif old.items is not None and new.items is not None and "C" in allowed:
            yield from self._of_content(old.items, new.items, at, numbers)
        elif old.items is not None and new.items is not None:
            yield from self._of_sequence(old.items, new.items, allowed, at, numbers)
        elif not any(self._is_done(letter, old, new) for letter in allowed):
            kind = "pixels" if at[-1] >> 16 == 0x7FE0 else "changed" if allowed <= {"K", "X"} else "not treated"
            yield Fault(kind, where)

    def _of_sequence(
        self, old: list[Tree], new: list[Tree], allowed: set[str], at: Place, numbers: tuple[int, ...]
    ) -> Iterator[Fault]:
        if ("Z" in allowed and not new) or ("D" in allowed and new and not leaves(old) & leaves(new)):
            return
        if not allowed & {"K", "U*"}:
            if old or new:  # without items it is as it was
                yield Fault("not treated", spelled(at, numbers))
        elif len(old) != len(new):
            yield Fault("items", spelled(at, numbers))
        else:
            for number, (item, other) in enumerate(zip(old, new, strict=True)):
                yield from self._of_items(item, other, at, (*numbers, number))

    def _of_content(self, old: list[Tree], new: list[Tree], at: Place, numbers: tuple[int, ...]) -> Iterator[Fault]:
        """Content items, by their concept names. Those that are left stand in their order."""
        rest = list(new)
        for number, item in enumerate(old):
            where, letters = spelled(at, numbers, number), letters_of(item, self.options)
            if not (rest and same_concept(item, rest[0])):
                if "X" not in letters:
                    yield Fault("removed", where)
                continue
            other = rest.pop(0)
            if letters == {"X"}:
                yield Fault("not removed", where)
            elif not letters:
                yield from self._of_items(item, other, at, (*numbers, number))
            else:
                if not any(self._is_value_done(letter, values_of(item), values_of(other)) for letter in letters):
                    yield Fault("changed" if letters == {"K"} else "not treated", where)
                yield from self._of_items(beside_values_of(item), beside_values_of(other), at, (*numbers, number))
        if rest:
            yield Fault("added", spelled(at, numbers))

    def _is_value_done(self, letter: str, old: Tree, new: Tree) -> bool:
        if letter == "K":
            return old == new
        if letter == "S":
            both = [(old[tag].data, new[tag].data) for tag in old if tag in new]
            return len(both) == len(old) == len(new) and all(self._is_shifted(*pair) for pair in both)
        return letter == "D" and bool(new) and not leaves([old]) & leaves([new])

    # what a row allows

    def _allowed(self, tree: Tree, at: Place) -> set[str]:
        """The letters one of which has to have been carried out; S is a date that was shifted."""
        tag, vr = at[-1], tree[at[-1]].vr
        if tag in OF_CONTENT and CLEAN_CONTENT in self.options:
            return OF_CONTENT[tag]
        row = row_of(tag)
        if row is None:
            # An overlay without its data is none: the group may go whole.
            return {"K", "X"} if 0x6000 <= tag >> 16 <= 0x60FF else {"K"}
        basic, spoken = row
        asked = {name: letter for name, letter in spoken.items() if name in self.options}
        if MODIFIED in asked and vr in {"DA", "DT", "TM"}:
            return {"K"} if vr == "TM" else {"S"}
        if asked.get(CLEAN_CONTENT) == "C":
            return {"C"}
        if "K" in asked.values() or (SAFE in asked and self._is_safe(tree, tag)):
            return {"K"}
        return by_type(basic, self._types(self._class, at))

    def _is_safe(self, tree: Tree, tag: int) -> bool:
        group, element = tag >> 16, tag & 0xFFFF
        if 0x10 <= element <= 0xFF:  # a creator stays where something of its block does
            return any(self._is_safe(tree, other) for other in tree if other >> 8 == group << 8 | element)
        return self._safe(group, text_of(tree, group << 16 | element >> 8), element & 0xFF)

    # whether a letter was carried out

    def _is_done(self, letter: str, old: Element, new: Element) -> bool:
        if letter == "K":
            return old == new
        if letter == "Z":
            return not new.data
        if letter == "D":
            return is_dummy(old.vr, old.data, new.data)
        if letter == "U":
            return self._are_new_uids(old.data, new.data)
        return letter == "S" and self._is_shifted(old.data, new.data)

    def _are_new_uids(self, old: bytes, new: bytes) -> bool:
        """Whether each UID became another one, the same in all files, and a valid one, if it was one before."""
        olds, news = texts(old), texts(new)
        if len(olds) != len(news):
            return False
        return all(
            is_uid(after) >= is_uid(before) and after != before and self._uids.setdefault(before, after) == after
            if before and not before.startswith(STANDARD)
            else after == before
            for before, after in zip(olds, news, strict=True)
        )

    def _is_shifted(self, old: bytes, new: bytes) -> bool:
        """Whether each date is earlier, by the number of days by which this patient's dates are.

        What is no date, or nobody's, has to be blank.
        """
        olds, news = texts(old), texts(new)
        if len(olds) != len(news):
            return False
        for (first, rest), (second, other) in zip(map(date, olds), map(date, news), strict=True):
            if second is None and not other and (first is None or not self._patient):
                continue
            if first is None or second is None or rest != other:
                return False
            days = (first - second).days
            if not 1 <= days <= MOST_DAYS or self._days.setdefault(self._patient, days) != days:
                return False
        return True

    def uids_that_met(self) -> int:
        """How many UIDs became one that another UID became as well: references to them can't be told apart."""
        return len(self._uids) - len(set(self._uids.values()))

    # markers and the file meta information

    def _of_markers(self, before: Tree, after: Tree) -> Iterator[Fault]:
        dates = "UNMODIFIED" if FULL in self.options else "MODIFIED" if MODIFIED in self.options else "REMOVED"
        if text_of(after, 0x0012_0062) != "YES":
            yield Fault("marker", spelled((0x0012_0062,)))
        if text_of(after, 0x0028_0303) != dates:
            yield Fault("marker", spelled((0x0028_0303,)))
        if "dicomblank" not in text_of(after, 0x0012_0063):
            yield Fault("marker", spelled((0x0012_0063,)))
        expected = {"113100"} | {CODES[name] for name in self.options}
        if not expected <= codes_of(after) <= expected | codes_of(before):
            yield Fault("marker", spelled((0x0012_0064,)))

    def _of_meta(self, before: Dataset, after: Dataset) -> Iterator[Fault]:
        preamble = getattr(after, "preamble", None) or b""
        is_marked = preamble[MARK].startswith(MARKED)
        if any(preamble[: MARK.start] if is_marked else preamble):
            yield Fault("preamble", "")
        old, new = before.file_meta, after.file_meta
        if new.get("MediaStorageSOPInstanceUID") != after.get("SOPInstanceUID"):
            yield Fault("reference", spelled((0x0002_0003,)))
        if old.get("TransferSyntaxUID") not in {None, new.get("TransferSyntaxUID")}:
            yield Fault("changed", spelled((0x0002_0010,)))
        of_class = after.get("SOPClassUID", old.get("MediaStorageSOPClassUID"))
        if (new.get("MediaStorageSOPClassUID") or "") != (of_class or ""):
            yield Fault("changed", spelled((0x0002_0002,)))
        for tag in OF_THE_SENDER & {int(tag) for tag in new.keys()}:  # noqa: SIM118
            yield Fault("not removed", spelled((tag,)))


def by_type(letters: set[str], kind: str | None) -> set[str]:
    """What of X/Z/D and the like an attribute of this type takes; all of it, where the type is not known."""
    if kind is None or len(letters) == 1:
        return letters
    if kind.startswith("1"):
        return letters - {"X", "Z"} or {"D"}  # Z may be a dummy
    if kind.startswith("2"):
        return letters & {"Z"} or letters - {"X"}
    return letters & {"X"} or letters & {"Z"}


def is_dummy(vr: str, old: bytes, new: bytes) -> bool:
    """Whether it has a value that is valid and another one; of an element without a value, whether it has none."""
    if not old.strip(b" \0"):
        return not new.strip(b" \0") or is_valid(vr, new)
    return bool(new) and (new != old or new == DUMMIES.get(vr)) and is_valid(vr, new)


def is_valid(vr: str, data: bytes) -> bool:
    """Whether pydicom finds nothing wrong with a value; of a VR that is no text, whether there is one."""
    try:
        for text in texts(data) if vr in TEXTS else ():
            validate_value(vr, text, config.RAISE)
    except ValueError:
        return False
    return bool(data.strip(b" \0") if vr in TEXTS else data)


TEXTS = {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"}


def is_uid(text: str) -> bool:
    return len(text) <= 64 and re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))*", text) is not None


def date(text: str) -> tuple[dt.date | None, str]:
    """A date of today's form, or as before DICOM 3.0, 1997.04.24 (PS3.5 §6.2), and what stands behind it.

    What is none stands behind no date.
    """
    found = re.match(r"(\d{4})(\.?)(\d\d)\2(\d\d)", text)
    try:
        return (dt.date(int(found[1]), int(found[3]), int(found[4])), text[found.end() :]) if found else (None, text)
    except ValueError:
        return None, text


def texts(data: bytes) -> list[str]:
    return [text.strip(" \0") for text in data.decode("latin-1").split("\\")]


def tree_of(dataset: Dataset) -> Tree:
    """A data set that was read from a file: the bytes of each value as they stand there."""
    # All values first: where pydicom looks into one element, to find its VR or its items, it looks into others as well.
    read = [(int(tag), dataset.get_item(tag)) for tag in dataset.keys()]  # noqa: SIM118 (they would be looked into)
    found: Tree = {}
    for tag, value, vr in [(tag, element.value, element.VR) for tag, element in read]:
        vr = dataset[tag].VR if vr in {None, "UN", "SQ"} else vr  # noqa: PLW2901
        if vr == "SQ":
            found[tag] = Element("SQ", b"", [tree_of(item) for item in dataset[tag].value or ()])
        else:
            found[tag] = Element(str(vr), data_of(tag, value), None)
    return found


def data_of(tag: int, value: object) -> bytes:
    """The bytes of a value that pydicom has not looked into, but for the character set, into which it always looks."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if value is None or (not value and not isinstance(value, (int, float))):  # in implicit VR nothing is ""
        return b""
    if tag == 0x0008_0005:
        return str(value).encode()
    raise TypeError(f"{spelled((tag,))} was looked into: read the file again")


def text_of(tree: Tree, tag: int) -> str:
    return tree[tag].data.decode("latin-1").strip(" \0") if tag in tree else ""


def codes_of(tree: Tree) -> set[str]:
    """The code values of DeidentificationMethodCodeSequence."""
    element = tree.get(0x0012_0064)
    return {text_of(item, 0x0008_0100) for item in element.items or ()} if element is not None else set()


def leaves(trees: list[Tree]) -> set[tuple[int, bytes]]:
    """What stands in items, at any depth, and could tell something: not a short number, nor what gives structure."""
    found = set()
    for tree in trees:
        for tag, element in tree.items():
            if element.items is not None:
                found |= leaves(element.items)
            elif tag not in STRUCTURE and len(element.data) > 2:
                found.add((tag, element.data))
    return found


def spelled(place: Place, numbers: tuple[int, ...] = (), *number: int) -> str:
    """(0040,A730)[2].(0010,0010): the numbers of the items around it, and that of an item of it, if it is about one."""
    numbers = (*numbers, *number)
    around = [f"({tag >> 16:04X},{tag & 0xFFFF:04X})" for tag in place]
    return ".".join([f"{tag}[{number}]" for tag, number in zip(around, numbers, strict=False)] + around[len(numbers) :])
