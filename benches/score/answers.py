"""What has to become of each element: the checks are those of MIDI-B, the benchmark of the National Cancer Institute.

The names and the meaning of the checks are those of its published validator, CBIIT/MIDI_validation_script. What is to
be expected of an element is written down where it is made, in objects.py.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from pydicom.datadict import dictionary_keyword


class Action(enum.Enum):
    """What a check asks for."""

    TAG_RETAINED = "tag retained"
    """The element is there: the object has to have it, with a value or without one (type 2)."""
    TEXT_NOT_NULL = "text not null"
    """It has a value: the object has to have one (type 1)."""
    TEXT_RETAINED = "text retained"
    """The words are still there: they tell nothing of a person, and are of use."""
    TEXT_REMOVED = "text removed"
    """None of the words is there: they are an identifier."""
    DATE_SHIFTED = "date shifted"
    """The date is not there any more; another one, or none, may be."""
    UID_CHANGED = "UID changed"
    """The UID is not there any more; another one, or none, may be."""
    UID_CONSISTENT = "UID consistent"
    """It is the UID that the same one became everywhere else, and that no other one became; or the element is gone."""
    PATIENT_ID_CONSISTENT = "patient ID consistent"
    """The same for a patient's identifier: the patient's files stay together, and nobody else's join them."""
    PIXELS_RETAINED = "pixels retained"
    """The pixel data are byte for byte what they were."""


class Step(NamedTuple):
    """One step of a place: an element, and of a sequence the item that the next step is in."""

    tag: int
    item: int = 0
    """Its number, from 0."""
    concept: str = ""
    """In a content tree, from which items may go: the code of its concept name, by which it is found before."""
    creator: str = ""
    """Of a private element, whose tag has the block left away: (0019,000C) stands for (0019,xx0C)."""

    @property
    def name(self) -> str:
        """As tables have it."""
        if self.creator:
            return f"({self.tag >> 16:04X},xx{self.tag & 0xFF:02X} {self.creator})"
        return dictionary_keyword(self.tag)


class Check(NamedTuple):
    """One thing that has to be so in the result of one file."""

    action: Action
    place: tuple[Step, ...]
    text: str = ""
    """The words, the date, the UID, or the digest that it is about."""

    @property
    def depth(self) -> int:
        """How many sequences are around; the file meta information stands behind the data set."""
        return len(self.place) if self.place[-1].tag >> 16 == 0x0002 else len(self.place) - 1

    @property
    def where(self) -> str:
        """The attribute, in its sequences, whichever items it is in."""
        return "/".join(step.name for step in self.place)


class Answers(NamedTuple):
    """What is asked of one file."""

    checks: list[Check]
    identifiers: frozenset[str]
    """Texts that may stand nowhere in the file, decoded or not."""
