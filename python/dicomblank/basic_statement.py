"""What the Basic Profile does, as a statement of conformance says it: in the form of PS3.2, N.8.4.4 and N.11.2.6.

It is the part that is the same for all files. What was met for the files of a run, the run's report says.
"""

from __future__ import annotations

from dicomblank.basic import CODES, NOT_OFFERED, OPTIONS, PROFILE, Action, action, is_met
from dicomblank.profile import ATTRIBUTES, EDITION
from dicomblank.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dicomblank.profile import Attribute

__all__ = ["HEAD", "OPTIONS_HEAD", "elements", "notes", "options"]

#: Of Table N.8-7, Attribute Confidentiality Profiles; for dicomblank, which only de-identifies.
OPTIONS_HEAD = ("Profile or option", "Met", "What is done")
#: Of Table N.11-6, De-identified Elements and Actions.
HEAD = ("Attribute Name", "Tag", "Action", "Encrypted", "Comments")


def options() -> list[tuple[str, str, str]]:
    """The profile and each of its options: Y, P (partly) or N, and what is done."""
    rows = [(PROFILE[1], "Y", f"Table E.1-1 of PS3.15, edition {EDITION}: {len(ATTRIBUTES)} rows")]
    for name in OPTIONS:
        unmet = [row for row in ATTRIBUTES if not is_met(row, frozenset([name]))]
        spoken = sum(name.replace("-", "_") in row.options for row in ATTRIBUTES)
        said = (
            counted(spoken, "row")
            if not unmet
            else f"{spoken - len(unmet)} of {spoken} rows: what can't be cleaned is not kept"
        )
        rows.append((CODES[name][1], "P" if unmet else "Y", said))
    return rows + [(name, "N", said) for name, said in NOT_OFFERED.items()]


def options_asked(asked: frozenset[str]) -> list[tuple[str, str, str]]:
    """The same of a run: the profile, what was asked for of its options, and what is not met."""
    names = [PROFILE[1], *(CODES[name][1] for name in sorted(asked)), *NOT_OFFERED]
    by_name = {row[0]: row for row in options()}
    return [by_name[name] for name in names]


def notes() -> tuple[str, ...]:
    """What Table N.11-6 is to be read with: a sentence or two each."""
    return (
        "Each attribute is treated wherever it stands, at any depth.",
        "Where an action is compound, as X/Z/D, the attribute's type in the object's IOD decides; 1C is as 1, 2C as 2.",
        "Where the SOP class is not known, the compound action is the one that keeps the object valid.",
        "Dummy values are valid for their VR and tell nothing; a date is 19000101.",
        "Under one key a UID becomes the same new one wherever it stands: references hold across studies and runs.",
        "UIDs without a row that name what a UID with one does are replaced as well, unless UIDs are retained.",
        "Dates that are shifted become earlier by the patient's days, the same in all files under one key.",
        "No value is kept in encrypted form: EncryptedAttributesSequence (0400,0500) is not written.",
    )


def elements() -> list[tuple[str, str, str, str, str]]:
    """Table N.11-6: a row for each row of Table E.1-1, in its order."""
    return [(row.name, row.spelled, row.basic, "N", "; ".join(_comments(row))) for row in ATTRIBUTES]


_DONE = {
    Action.KEEP: "kept",
    Action.SHIFT: "shifted",
    Action.SAFE_PRIVATE: "kept where it is known to be safe",
    Action.CONTENT: "its items are treated by their concept names (Table E.3.4-1)",
}


def _comments(row: Attribute) -> Iterator[str]:
    for column, letter in row.options.items():
        name = column.replace("_", "-")
        if name in NOT_OFFERED:
            yield f"{name} is not met"
        elif is_met(row, asked := frozenset([name])):
            yield f"{name}, {letter}: {_DONE[action(row, asked, None)]}"
        else:
            yield f"{name}, {letter}: not met, treated as without it"
