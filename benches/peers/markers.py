"""The values that must be gone afterwards: each blanked tag has one of its own at the top level and one nested."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The level anonymize-full. Spelled out again, so that what is compared doesn't depend on what is measured; a test
#: holds the two equal.
ANONYMIZE_FULL = {
    0x0008_0020: "DA",
    0x0008_0021: "DA",
    0x0008_0022: "DA",
    0x0008_0023: "DA",
    0x0008_0030: "TM",
    0x0008_0031: "TM",
    0x0008_0032: "TM",
    0x0008_0033: "TM",
    0x0008_0080: "LO",
    0x0008_0081: "ST",
    0x0008_0090: "PN",
    0x0008_1010: "SH",
    0x0008_1030: "LO",
    0x0008_1050: "PN",
    0x0008_1070: "PN",
    0x0010_0010: "PN",
    0x0010_0020: "LO",
    0x0010_0030: "DA",
    0x0010_1030: "DS",
}


class Left(NamedTuple):
    """How many of the blanked tags still show their value somewhere, at the top level and nested."""

    top: int
    nested: int


def value(tag: int, *, nested: bool) -> bytes:
    """The value of a blanked tag, valid for its VR, that stands nowhere else in a file."""
    number = list(ANONYMIZE_FULL).index(tag)
    match ANONYMIZE_FULL[tag]:
        case "DA":
            text = f"{1873 if nested else 1871}07{number + 10:02}"
        case "TM":
            text = f"1{int(nested)}57{number + 10}.91{number + 70}37"
        case "DS":
            text = f"{62 if nested else 71}.9173{number:02}"
        case _:
            text = f"Zq{'Nest' if nested else 'Top'}{tag:08x}"
    return text.encode()


def left_in(data: Iterable[bytes]) -> Left:
    """Which values are still there in any of these bytes."""
    found = {match for part in data for match in _ANY.findall(part)}
    top, nested = (sum(value(tag, nested=is_nested) in found for tag in ANONYMIZE_FULL) for is_nested in (False, True))
    return Left(top, nested)


# A date's digits may stand in a UID by accident, where a peer makes new ones: but not with a mere digit or dot beside.
_ANY = re.compile(
    rb"(?<![0-9.])(?:"
    + b"|".join(re.escape(value(tag, nested=nested)) for tag in ANONYMIZE_FULL for nested in (False, True))
    + rb")(?![0-9.])"
)
