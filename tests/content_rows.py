"""What becomes of content items by Table E.3.4-1, for the checker of the Basic Profile: written from its rows alone."""

from __future__ import annotations

from dicomblank.content_table import OPTIONS, ROWS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from profile_checker import Tree

__all__ = ["CONTENT", "TEXT_VALUE", "beside_values_of", "letters_of", "same_concept", "values_of"]

#: Sequences that the option is about.
CONTENT = {0x0040_A730, 0x0040_0555, 0x0040_0610, 0x0040_B020}

CONCEPT_NAME, VALUE_TYPE = 0x0040_A043, 0x0040_A040
CODE_VALUES, SCHEME = (0x0008_0100, 0x0008_0119, 0x0008_0120), 0x0008_0102
#: Of all value types: date, time, name, UID, text, code, number, units, references, coordinates.
VALUES = {
    *range(0x0040_A120, 0x0040_A125), *range(0x0040_A160, 0x0040_A164), 0x0040_A168,
    0x0040_A300, 0x0040_A301, 0x0040_A30A, 0x0040_08EA,
    0x0008_1199, 0x0040_A0B0, 0x0040_A130, 0x0040_A132, 0x0040_A136, 0x0040_A138, 0x0040_A13A,
    0x0070_0006, 0x0070_0022, 0x0070_0023, 0x3006_0024,
}  # fmt: skip
#: The one value that can be a free text and has no row in Table E.1-1.
TEXT_VALUE = 0x0040_A160

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
    """What may have become of a content item: X, D, K, or S for a date that was shifted; nothing, where no row is.

    Where the concept name has rows for other value types only, the strictest of them counts, but for what keeps.
    """
    value_type = _text(item, VALUE_TYPE)
    rows = {of: row for (*concept, of), row in TABLE.items() if tuple(concept) == _concept(item)}
    if value_type in rows:
        return _letters(rows[value_type], value_type, options)
    others = [_letters(row, of, options) for of, row in rows.items()]
    return {"X"} if {"X"} in others else next((letters for letters in others if "D" in letters), set())


def _letters(row: tuple[set[str], dict[str, str]], value_type: str, options: Collection[str]) -> set[str]:
    basic, spoken = row
    asked = {name: letter for name, letter in spoken.items() if name in options}
    if asked.get(MODIFIED) == "C":
        return {"K"} if value_type == "TIME" else {"S"}
    return {"K"} if "K" in asked.values() else basic


def same_concept(one: Tree, other: Tree) -> bool:
    """Whether two items can be the same one, before and after."""
    return (_concept(one), _text(one, VALUE_TYPE)) == (_concept(other), _text(other, VALUE_TYPE))


def values_of(item: Tree) -> Tree:
    """The elements that hold the value of a content item."""
    return {tag: element for tag, element in item.items() if tag in VALUES}


def beside_values_of(item: Tree) -> Tree:
    """The elements of a content item beside its value: what it is, who observed it and when, and what hangs below."""
    return {tag: element for tag, element in item.items() if tag not in VALUES}


def _concept(item: Tree) -> tuple[str, str]:
    element = item.get(CONCEPT_NAME)
    name = element.items[0] if element is not None and element.items else {}
    return _text(name, SCHEME), next((_text(name, tag) for tag in CODE_VALUES if tag in name), "")


def _text(item: Tree, tag: int) -> str:
    return item[tag].data.decode("latin-1").strip(" \0") if tag in item else ""
