"""Table E.1-1 of DICOM PS3.15, Application Level Confidentiality Profile Attributes: what the standard does about each.

Nothing is blanked by it: the levels have lists of their own. It is what a reader of files compares a level with.
"""

from __future__ import annotations

from typing import NamedTuple

from dicomblank.profile_table import EDITION, OPTIONS, ROWS, SHA256

__all__ = ["ACTIONS", "ATTRIBUTES", "EDITION", "OPTIONS", "SHA256", "Attribute", "attribute"]

#: What the letters of the actions mean (PS3.15 Table E.1-1a). Where several stand, as in X/Z/D, the attribute's type in
#: the object decides.
ACTIONS: dict[str, str] = {
    "C": "clean",
    "D": "replace by a dummy value",
    "K": "keep",
    "U": "replace by a new UID",
    "X": "remove",
    "Z": "replace by nothing or by a dummy value",
}


class Attribute(NamedTuple):
    """A row of the table."""

    tag: str
    """Eight digits, such as 00100010, or what stands for more than one tag: 50xxxxxx, 60xx3000, 60xx4000, PRIVATE."""
    keyword: str
    """The dictionary's; empty where it has none."""
    name: str
    """The standard's, such as Patient's Name."""
    retired: bool
    in_standard_iod: bool
    """Whether the information object definitions of PS3.3 have it."""
    basic: str
    """The action of the Basic Profile, such as Z or X/Z/D."""
    letters: str
    """The action of each option, in the order of `OPTIONS`; a full stop where it says nothing."""

    @property
    def options(self) -> dict[str, str]:
        """The actions of the options that say something, such as retain_uids: K."""
        return {option: letter for option, letter in zip(OPTIONS, self.letters, strict=True) if letter != "."}

    @property
    def is_pattern(self) -> bool:
        """Whether it stands for more than one tag."""
        return self.tag in _PATTERNS

    @property
    def spelled(self) -> str:
        """(0010,0010), (60xx,4000), (50xx,xxxx), or "private"."""
        return "private" if self.tag == _PRIVATE else f"({self.tag[:4]},{self.tag[4:]})"


def attribute(tag: int) -> Attribute | None:
    """The row of the table that is about this tag; None where there is none.

    A tag of an odd group is private, and of the row for these; one of a repeating group (50xx, 60xx) is of the row with
    its pattern.
    """
    found = _OF_TAG.get(tag)
    if found is None:
        group = tag >> 16
        if group & 1:
            return _OF_PATTERN[_PRIVATE]
        if group & 0xFF00 == 0x5000:
            return _OF_PATTERN["50xxxxxx"]
        if group & 0xFF00 == 0x6000:
            return _OF_PATTERN.get(f"60xx{tag & 0xFFFF:04X}")
    return found


def _row(line: str) -> Attribute:
    tag, keyword, name, retired, in_standard_iod, basic, letters = line.split("|")
    return Attribute(tag, keyword, name, retired == "Y", in_standard_iod == "Y", basic, letters)


_PRIVATE = "PRIVATE"
_PATTERNS = frozenset({"50xxxxxx", "60xx3000", "60xx4000", _PRIVATE})

#: All rows, in the order of their tags; the private elements are last.
ATTRIBUTES: tuple[Attribute, ...] = tuple(map(_row, ROWS.splitlines()))

_OF_PATTERN = {row.tag: row for row in ATTRIBUTES if row.is_pattern}
_OF_TAG = {int(row.tag, 16): row for row in ATTRIBUTES if not row.is_pattern}
