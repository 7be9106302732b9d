"""What becomes of content items by Table E.3.4-1, for the checker of the Basic Profile: written from its rows alone."""

from __future__ import annotations

from dicomblank.content_table import OPTIONS, ROWS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from profile_checker import Tree

__all__ = ["CONTENT", "letters_of", "same_concept", "values_of"]

#: Sequences that the option is about.
CONTENT = {0x0040_A730, 0x0040_0555, 0x0040_0610, 0x0040_B020}

CONCEPT_NAME, VALUE_TYPE = 0x0040_A043, 0x0040_A040
CODE_VALUES, SCHEME = (0x0008_0100, 0x0008_0119, 0x0008_0120), 0x0008_0102
#: What a content item has beside its value: relationship, value type, concept name, continuity, and its children.
NO_VALUE = {0x0040_A010, VALUE_TYPE, CONCEPT_NAME, 0x0040_A050, *CONTENT}

MODIFIED = "retain-longitudinal-modified-dates"


def _rows() -> dict[tuple[str, str, str], tuple[set[str], dict[str, str]]]:
    rows = {}
    for line in ROWS.splitlines():
        scheme, code, value_type, _, basic, letters = line.split("|")
        spoken = {
            name.replace("_", "-"): letter for name, letter in zip(OPTIONS, letters, strict=True) if letter != "."
        }
        # A file's scheme has no version in it: "NCDR [2.0b]" is NCDR there.
        rows[scheme.split(" ")[0], code, value_type] = set(basic.split("/")), spoken
    return rows


TABLE = _rows()


def letters_of(item: Tree, options: Collection[str]) -> set[str]:
    """What may have become of a content item: X, D, K, or S for a date that was shifted; nothing, where no row is."""
    row = TABLE.get((*_concept(item), _text(item, VALUE_TYPE)))
    if row is None:
        return set()
    basic, spoken = row
    asked = {name: letter for name, letter in spoken.items() if name in options}
    if asked.get(MODIFIED) == "C":
        return {"K"} if _text(item, VALUE_TYPE) == "TIME" else {"S"}
    return {"K"} if "K" in asked.values() else basic


def same_concept(one: Tree, other: Tree) -> bool:
    """Whether two items can be the same one, before and after."""
    return (_concept(one), _text(one, VALUE_TYPE)) == (_concept(other), _text(other, VALUE_TYPE))


def values_of(item: Tree) -> Tree:
    """The elements that hold the value of a content item."""
    return {tag: element for tag, element in item.items() if tag not in NO_VALUE}


def _concept(item: Tree) -> tuple[str, str]:
    element = item.get(CONCEPT_NAME)
    name = element.items[0] if element is not None and element.items else {}
    return _text(name, SCHEME), next((_text(name, tag) for tag in CODE_VALUES if tag in name), "")


def _text(item: Tree, tag: int) -> str:
    return item[tag].data.decode("latin-1").strip(" \0") if tag in item else ""
