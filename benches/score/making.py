"""Makes a data set and, with each element, writes down what has to become of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from benches.score.answers import Action, Check, Step

if TYPE_CHECKING:
    import datetime as dt


@dataclass
class Maker:
    """Adds elements to a data set, or to an item of a sequence in it.

    `type_` of its methods is the type of the attribute in the object (PS3.3): 1, 2, or 3. Conditions are known to be
    met where these objects are made, so 1C is 1 or 3, and 2C is 2 or 3.
    """

    dataset: Dataset
    place: tuple[Step, ...] = ()
    is_required: bool = True
    """Whether the object has to have all the sequences around, with an item."""
    checks: list[Check] = field(default_factory=list)
    identifiers: set[str] = field(default_factory=set)

    def plain(self, keyword: str, value: object, type_: int = 3) -> tuple[Step, ...]:
        """An element that may become anything that its type allows."""
        setattr(self.dataset, keyword, value)
        return self._typed(keyword, type_)

    def known(self, keyword: str, value: object, type_: int = 3) -> None:
        """One that tells nothing of a person, and is of use: it has to stay."""
        place = self.plain(keyword, value, type_)
        self._check(Action.TEXT_RETAINED, place, _text(value))

    def secret(
        self, keyword: str, value: str, type_: int = 3, *, kept: str = "", secrets: tuple[str, ...] = ()
    ) -> None:
        """One with identifiers in it: all of it, or `secrets`, have to go, and the words of `kept` have to stay."""
        place = self.plain(keyword, value, type_)
        for secret in secrets or (value,):
            self._secret(place, secret)
        if kept:
            self._check(Action.TEXT_RETAINED, place, kept)

    def date(self, keyword: str, value: dt.date, type_: int = 3, *, time: str = "") -> None:
        """A date, or with a time of the day a date with a time."""
        day = f"{value:%Y%m%d}"
        place = self.plain(keyword, day + time, type_)
        self._check(Action.DATE_SHIFTED, place, day)

    def uid(self, keyword: str, value: str, type_: int = 3) -> None:
        """One that names an instance of something."""
        place = self.plain(keyword, value, type_)
        self._check(Action.UID_CHANGED, place, value)
        self._check(Action.UID_CONSISTENT, place, value)

    def patient_id(self, keyword: str, value: str, type_: int) -> None:
        """What a patient's files are found by."""
        place = self.plain(keyword, value, type_)
        self._secret(place, value)
        self._check(Action.PATIENT_ID_CONSISTENT, place, value)

    def item(self, keyword: str, type_: int = 3, *, concept: str = "") -> Maker:
        """The next item of a sequence, which is made with the first."""
        items = self.dataset.get(keyword)
        if items is None:
            setattr(self.dataset, keyword, [])
            items = self.dataset[keyword].value
            self._typed(keyword, type_)
        inner = Dataset()
        items.append(inner)
        place = (*self.place, Step(_tag(keyword), len(items) - 1, concept))
        required = self.is_required and type_ == 1
        return Maker(inner, place, required, self.checks, self.identifiers)

    def code(self, keyword: str, value: str, scheme: str, meaning: str, type_: int = 3) -> None:
        """A sequence of one item, a code of a dictionary that everybody has."""
        inner = self.item(keyword, type_)
        inner.known("CodeValue", value, 1)
        inner.known("CodingSchemeDesignator", scheme, 1)
        inner.known("CodeMeaning", meaning, 1)

    def reference(self, keyword: str, sop_class: str, instance: str, type_: int = 3) -> None:
        """The next item of a sequence of references."""
        inner = self.item(keyword, type_)
        inner.known("ReferencedSOPClassUID", sop_class, 1)
        inner.uid("ReferencedSOPInstanceUID", instance, 1)

    def private(self, group: int, creator: str, element: int, vr: str, value: object) -> tuple[Step, ...]:
        """A private element: what it is, `is_safe` or `is_secret` says."""
        self.dataset.private_block(group, creator, create=True).add_new(element, vr, value)
        return (*self.place, Step(group << 16 | element, creator=creator))

    def is_safe(self, place: tuple[Step, ...], value: object) -> None:
        """Of a private element that Table E.3.10-1 of PS3.15 names."""
        self._check(Action.TEXT_RETAINED, place, _text(value))

    def is_secret(self, place: tuple[Step, ...], *secrets: str) -> None:
        """Of a private element with identifiers in it."""
        for secret in secrets:
            self._secret(place, secret)

    def pixels(self) -> None:
        """The pixel data, as they are by now."""
        digest = hashlib.sha256(self.dataset.PixelData).hexdigest()
        self._check(Action.PIXELS_RETAINED, (Step(_tag("PixelData")),), digest)

    def _typed(self, keyword: str, type_: int) -> tuple[Step, ...]:
        place = (*self.place, Step(_tag(keyword)))
        asked = {1: Action.TEXT_NOT_NULL, 2: Action.TAG_RETAINED}.get(type_)
        if asked and self.is_required:
            self._check(asked, place, "")
        return place

    def _secret(self, place: tuple[Step, ...], secret: str) -> None:
        self._check(Action.TEXT_REMOVED, place, secret)
        self.identifiers.add(secret)

    def _check(self, action: Action, place: tuple[Step, ...], text: str) -> None:
        self.checks.append(Check(action, place, text))


def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise ValueError(f"{keyword} is no keyword")
    return tag


def _text(value: object) -> str:
    return "\\".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
