"""Table E.3.4-1 of DICOM PS3.15, concept names of content items: what the standard does about each.

It is what the option Clean Structured Content asks for: an item of a content tree is treated by its concept name and
its value type, and not by the tags that all items have.
"""

from __future__ import annotations

from typing import NamedTuple

from dicomblank.content_table import EDITION, OPTIONS, ROWS, SHA256

__all__ = ["CONCEPTS", "EDITION", "OPTIONS", "SHA256", "Concept", "concept"]


class Concept(NamedTuple):
    """A row of the table."""

    scheme: str
    """Of the code, such as DCM; with its version in brackets where the table has one."""
    code: str
    value_type: str
    """Of the items that bear it (0040,A040), such as TEXT."""
    meaning: str
    basic: str
    """The action of the Basic Profile: X, D or X/D."""
    letters: str
    """The action of each option, in the order of `OPTIONS`; a full stop where it says nothing."""

    @property
    def options(self) -> dict[str, str]:
        """The actions of the options that say something, such as retain_uids: K."""
        return {option: letter for option, letter in zip(OPTIONS, self.letters, strict=True) if letter != "."}


def concept(scheme: str, code: str, value_type: str) -> Concept | None:
    """The row about content items of this concept name and value type; None where there is none."""
    return _OF_CODE.get((scheme, code, value_type))


#: All rows, in the order of their schemes and codes.
CONCEPTS: tuple[Concept, ...] = tuple(Concept(*line.split("|")) for line in ROWS.splitlines())

# A file's coding scheme designator has no version in it (0008,0102).
_OF_CODE = {(row.scheme.partition(" ")[0], row.code, row.value_type): row for row in CONCEPTS}
