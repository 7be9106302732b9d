"""The Basic Application Level Confidentiality Profile of DICOM PS3.15, with its options: what becomes of an attribute.

Table E.1-1 has an action for each attribute, and one for each option that speaks of it. Here they come to one: by the
options that were asked for, and, where the action is compound as X/Z/D, by the attribute's type in the object.
"""

from __future__ import annotations

import enum

from dicomblank import _core
from dicomblank.attribute_types import NOT_IN_IOD
from dicomblank.suggestions import did_you_mean, nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicomblank.content_profile import Concept
    from dicomblank.profile import Attribute

__all__ = [
    "CODES",
    "NOT_OFFERED",
    "OPTIONS",
    "PROFILE",
    "Action",
    "action",
    "codes_of",
    "is_met",
    "options_of",
    "temporal",
]

#: The profile itself, as CID 7050 names it: code and meaning, of the scheme DCM.
PROFILE = ("113100", "Basic Application Confidentiality Profile")

#: The options that can be asked for, as CID 7050 names them: code and meaning, of the scheme DCM.
CODES: dict[str, tuple[str, str]] = {
    "retain-safe-private": ("113111", "Retain Safe Private Option"),
    "retain-uids": ("113110", "Retain UIDs Option"),
    "retain-device-identity": ("113109", "Retain Device Identity Option"),
    "retain-institution-identity": ("113112", "Retain Institution Identity Option"),
    "retain-patient-characteristics": ("113108", "Retain Patient Characteristics Option"),
    "retain-longitudinal-full-dates": ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    "retain-longitudinal-modified-dates": ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    "clean-structured-content": ("113104", "Clean Structured Content Option"),
}
OPTIONS = tuple(CODES)

#: The options of the standard that are not met, and what is done in their place.
NOT_OFFERED: dict[str, str] = {
    "clean-descriptors": "texts are not cleaned: they are removed or replaced, as without the option",
    "clean-graphics": "graphics and overlays are not cleaned: they are removed or replaced, as without the option",
    "clean-pixel-data": "pixels stay as they are: what is burned in is not looked for",
    "clean-recognizable-visual-features": "pixels stay as they are: a face can be made of them",
}

FULL_DATES, MODIFIED_DATES = "retain-longitudinal-full-dates", "retain-longitudinal-modified-dates"


class Action(enum.Enum):
    """What is done to an attribute."""

    REMOVE = "remove"
    """X: the element goes, and of a sequence all that is in it."""
    EMPTY = "empty"
    """Z: its value has no length; a sequence has no items."""
    DUMMY = "dummy"
    """D: its value becomes one that tells nothing, and is valid for its VR."""
    UID = "pseudonymize"
    """U: it becomes a keyed UID, the same wherever it stands."""
    UIDS_OF_ITEMS = "pseudonymize items"
    """U*: the sequence stays, and the UIDs in its items become keyed ones, each by its own row."""
    KEEP = "keep"
    """K: it stays; of a sequence what is in its items is treated, each element by its own row."""
    SHIFT = "shift"
    """C of dates: they become earlier by the patient's days."""
    SAFE_PRIVATE = "keep safe private"
    """C of private elements: those that are known to be safe stay, the others go."""
    CONTENT = "by concept name"
    """C of structured content: its items are treated by their concept names, Table E.3.4-1."""


def options_of(names: Iterable[str]) -> frozenset[str]:
    """The options of these names. Raises `ValueError` for what is no option, is not met, or contradicts another."""
    options = frozenset(names)
    for name in sorted(options):
        if name in NOT_OFFERED:
            raise ValueError(f"the option {name} is not met: {NOT_OFFERED[name]}")
        if name not in CODES:
            near = nearest(name, (*CODES, *NOT_OFFERED))
            raise ValueError(f"no option {name!r}{did_you_mean(near) or '; there are ' + ', '.join(OPTIONS)}")
    if {FULL_DATES, MODIFIED_DATES} <= options:
        raise ValueError(f"{FULL_DATES} and {MODIFIED_DATES} exclude each other: dates stay, or they are shifted")
    return options


def action(row: Attribute, options: frozenset[str], attribute_type: str | None) -> Action:
    """What is done to an attribute with this row of Table E.1-1.

    `attribute_type` is what `attribute_types.attribute_type` says of it at its place; None where that is not known. It
    only matters where the row's action is compound.
    """
    asked = _asked(row, options)
    # Before what keeps: the date of a device that stays would tell by how many days the others were shifted.
    if asked.get(MODIFIED_DATES) == "C" and (moved := _MOVED.get(_vr_of_date(row))):
        return moved
    if "K" in asked.values():
        return Action.KEEP
    if asked.get("retain-safe-private") == "C":
        return Action.SAFE_PRIVATE
    if asked.get("clean-structured-content") == "C":
        return Action.CONTENT
    return _of_letters(row.basic, attribute_type)


def content_action(row: Concept, options: frozenset[str]) -> Action:
    """What is done to a content item with this row of Table E.3.4-1, where Clean Structured Content was asked for.

    X/D is D: whether a tree is valid without the item is a question of its template.
    """
    asked = _asked(row, options)
    if asked.get(MODIFIED_DATES) == "C" and (moved := _MOVED_CONTENT.get(row.value_type)):
        return moved
    if "K" in asked.values():
        return Action.KEEP
    return Action.REMOVE if row.basic == "X" else Action.DUMMY


def is_met(row: Attribute, options: frozenset[str]) -> bool:
    """Whether each option that was asked for is met for this row: what can't be cleaned is treated as without it."""
    asked = _asked(row, options)
    cleaned = {Action.SHIFT, Action.KEEP, Action.SAFE_PRIVATE, Action.CONTENT}
    return "C" not in asked.values() or action(row, options, None) in cleaned


def codes_of(options: frozenset[str]) -> list[tuple[str, str]]:
    """Codes and meanings for DeidentificationMethodCodeSequence (0012,0064): of the profile, and of the options."""
    return [PROFILE, *sorted(CODES[name] for name in options)]


def temporal(options: frozenset[str]) -> str:
    """The value of LongitudinalTemporalInformationModified (0028,0303)."""
    if FULL_DATES in options:
        return "UNMODIFIED"
    return "MODIFIED" if MODIFIED_DATES in options else "REMOVED"


def _asked(row: Attribute | Concept, options: frozenset[str]) -> dict[str, str]:
    """The actions of those options that were asked for."""
    spoken = {name.replace("_", "-"): letter for name, letter in row.options.items()}
    return {name: letter for name, letter in spoken.items() if name in options}


#: A shift by whole days leaves the time of day as it was. A time stamp that is signed and an offset of a time zone have
#: no date to shift, and so they are treated as without the option.
_MOVED = {"DA": Action.SHIFT, "DT": Action.SHIFT, "TM": Action.KEEP}
_MOVED_CONTENT = {"DATE": Action.SHIFT, "DATETIME": Action.SHIFT, "TIME": Action.KEEP}


def _vr_of_date(row: Attribute) -> str:
    # Of a later edition than the dictionary's are some that are called a DateTime.
    return _core.vr_of(int(row.tag, 16)) or ("DT" if row.name.endswith("DateTime") else "UN")


_SIMPLE = {"X": Action.REMOVE, "Z": Action.EMPTY, "D": Action.DUMMY, "U": Action.UID, "U*": Action.UIDS_OF_ITEMS}

#: What a valid object takes, the first that the row has. Without a type: what is valid whatever it is. Z may be a dummy
#: (Table E.1-1a): where a value has to be and the row has neither D nor U, it is one.
_VALID = {
    "1": ("D", "U*"),
    "1C": ("D", "U*"),
    "2": ("Z", "D"),
    "2C": ("Z", "D"),
    "3": ("X", "Z"),
    NOT_IN_IOD: ("X", "Z"),
    None: ("D", "U*", "Z"),
}


def _of_letters(letters: str, attribute_type: str | None) -> Action:
    """The action of the profile: Z, or of X/Z/D what the type asks for."""
    found = letters.split("/")
    if len(found) == 1:
        return _SIMPLE[letters]
    return next((_SIMPLE[letter] for letter in _VALID[attribute_type] if letter in found), Action.DUMMY)
