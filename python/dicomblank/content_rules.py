"""What the option Clean Structured Content asks of the core: rules, and a table of concept names for them.

Items of content are treated by their concept names (Table E.3.4-1 of DICOM PS3.15). Of an item without a row, each
element is treated by its own row in Table E.1-1: so no name, date, time, UID or reference of it stays as it is. That
table has no row for Text Value. Here it is a dummy, unless a row of the item's concept name keeps it: what a text says
can't be told.
"""

from __future__ import annotations

from dicomblank import _core
from dicomblank.basic import Action, content_action
from dicomblank.content_profile import CONCEPTS

__all__ = ["NOTES", "SEQUENCES", "TEXT_VALUE", "concepts", "rules"]

#: Whose items are content items, or have some: of acquisition context, of the preparation of specimens and of its
#: steps, of a content tree, and of annotations of waveforms.
SEQUENCES = (0x0040_0555, 0x0040_0610, 0x0040_0612, 0x0040_A730, 0x0040_B020)

TEXT_VALUE = 0x0040_A160

#: What a statement of conformance says of it.
NOTES = (
    "Content items are treated by concept name and value type (Table E.3.4-1), with all below them where they go.",
    "X/D of a content item is done as D: its value becomes a dummy.",
    "Texts of content items that the table does not have become dummies; codes and numbers of such items stay.",
    "Content items whose concept name or value type readers could take for several are removed.",
)


def rules() -> list[tuple[int, str]]:
    """Tags and the words of their rules: with `concepts`, and with the rules of Table E.1-1 beside them."""
    return [*((tag, "by concept") for tag in SEQUENCES), (TEXT_VALUE, "dummy")]


def concepts(options: frozenset[str]) -> _core.Concepts:
    """The table of concept names, with what becomes of their items by these options."""
    # A file's coding scheme designator has no version in it (0008,0102).
    rows = [(row.scheme.partition(" ")[0], row.code, row.value_type, content_action(row, options)) for row in CONCEPTS]
    return _core.Concepts([(scheme, code, value_type, _WORDS[action]) for scheme, code, value_type, action in rows])


_WORDS = {Action.REMOVE: "remove", Action.DUMMY: "dummy", Action.KEEP: "keep", Action.SHIFT: "shift"}
