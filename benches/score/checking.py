"""Judges results: what pydicom reads of them, against the answers, as MIDI-B's published validator does.

It differs where that could not be repeated, or would not do:
- Its participants hand in a table of old and new UIDs. Here the table is made of the results: what an old UID became
  where it names its object is right, if no other old one became it.
- Words are parted at everything that is no letter or digit, so that half a name is found. There is no list of words
  that don't count, but one of an identifier has to have three letters or digits.
- A content item is found by its concept name, and not by its number alone: items before it may have gone.
- All files are searched for the bytes of the identifiers, wherever they may stand. That is no check, but counted.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pydicom
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

from benches.score.answers import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import TypeAlias

    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

    from benches.score.answers import Answers, Check, Step

    #: What stands at the places of one file's checks.
    Texts: TypeAlias = Mapping[tuple[Step, ...], str | None]

PIXELS = 0x7FE0_0010
CONSISTENT = {Action.UID_CONSISTENT, Action.PATIENT_ID_CONSISTENT}
#: As in the published validator: whether the object may do without, only the other checks ask.
GONE_IS_RIGHT = {Action.TEXT_REMOVED, Action.DATE_SHIFTED, Action.UID_CHANGED, *CONSISTENT}


@dataclass
class Card:
    """What came of all checks."""

    passed: Counter[Action] = field(default_factory=Counter)
    asked: Counter[Action] = field(default_factory=Counter)
    failures: Counter[tuple[Action, str]] = field(default_factory=Counter)
    """By action and attribute."""
    missing: int = 0
    """Files of which there is no result; all their checks fail."""
    identified: int = 0
    """Results in which the bytes of an identifier stand somewhere."""

    def add(self, check: Check, *, passed: bool) -> None:
        """Count one check."""
        self.asked[check.action] += 1
        self.passed[check.action] += passed
        if not passed:
            self.failures[check.action, check.where] += 1


def read(folder: Path) -> dict[int, Path]:
    """The results below a folder by InstanceNumber, which says of which file each is one."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (number := _number(path)) is not None:
            found[number] = path
    return found


def _number(path: Path) -> int | None:
    try:
        return int(pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["InstanceNumber"]).InstanceNumber)
    except (pydicom.errors.InvalidDicomError, AttributeError, TypeError, ValueError):
        return None  # a report, a preview: or a result that can't be told from others


def judge(answers: Mapping[int, Answers], results: Mapping[int, Path]) -> Card:
    """Ask every check of every file."""
    card = Card()
    texts: dict[int, Texts] = {}
    for number, asked in answers.items():
        path = results.get(number)
        if path is None:
            card.missing += 1
            continue
        dataset = pydicom.dcmread(path)
        texts[number] = {check.place: text_at(dataset, check.place) for check in asked.checks}
        card.identified += has_identifier(path.read_bytes(), asked.identifiers)
    became = Became.of(answers, texts)
    for number, asked in answers.items():
        for check in asked.checks:
            is_there = number in texts
            card.add(check, passed=is_there and passes(check, texts[number][check.place], became))
    return card


def passes(check: Check, text: str | None, became: Became) -> bool:
    """Whether one check is passed by what stands at its place now: None where nothing does."""
    if text is None:
        return check.action in GONE_IS_RIGHT
    passed = True  # TAG_RETAINED asks for no more
    match check.action:
        case Action.TEXT_NOT_NULL:
            passed = bool(text)
        case Action.TEXT_RETAINED:
            passed = bool(text) and is_kept(text, check.text)
        case Action.TEXT_REMOVED:
            passed = is_removed(text, check.text)
        case Action.DATE_SHIFTED | Action.UID_CHANGED:
            passed = check.text not in text
        case Action.UID_CONSISTENT | Action.PATIENT_ID_CONSISTENT:
            passed = became.is_right(check, text)
        case Action.PIXELS_RETAINED:
            passed = text == check.text
    return passed


class Became:
    """What old UIDs and identifiers of patients have become, in all results."""

    def __init__(self, found: Iterable[tuple[Check, str]]) -> None:
        counts: dict[tuple[Action, str], dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for check, new in found:
            counts[check.action, check.text][check.depth][new] += 1
        # Where a thing is named counts before where it is referred to.
        self._usual = {key: by_depth[min(by_depth)].most_common(1)[0][0] for key, by_depth in counts.items()}
        self._shared = Counter((action, new) for (action, _), new in self._usual.items())

    @classmethod
    def of(cls, answers: Mapping[int, Answers], texts: Mapping[int, Texts]) -> Became:
        """As the results have it."""
        return cls(
            (check, new)
            for number, found in texts.items()
            for check in answers[number].checks
            if check.action in CONSISTENT and (new := found[check.place]) is not None
        )

    def is_right(self, check: Check, new: str) -> bool:
        """Whether this is what the old one became, and what no other one became; nothing is never right."""
        usual = self._usual[check.action, check.text]
        return bool(new) and new == usual and self._shared[check.action, new] == 1


def text_at(dataset: Dataset, place: tuple[Step, ...]) -> str | None:
    """What stands at a place, as text; None where nothing does."""
    around = around_of(dataset, place)
    element = None if around is None else _element_in(around, place[-1])
    return None if element is None else text_of(element)


def around_of(dataset: Dataset, place: tuple[Step, ...]) -> Dataset | None:
    """The data set, the item or the file meta information that a place is in; None where it is gone."""
    if place[-1].tag >> 16 == 0x0002:
        return dataset.file_meta
    inner: Dataset | None = dataset
    for step in place[:-1]:
        element = None if inner is None else _element_in(inner, step)
        inner = None
        if element is not None and isinstance(element.value, Sequence):
            inner = _item_of(list(element.value), step)
    return inner


def _item_of(items: list[Dataset], step: Step) -> Dataset | None:
    """By its number; a content item by its concept name, and by its number only where its own is a dummy or gone."""
    numbered = items[step.item] if step.item < len(items) else None
    if not step.concept:
        return numbered
    for item in items:
        if _concept(item)[0] == step.concept:
            return item
    return numbered if numbered is not None and _concept(numbered)[1].startswith(_NO_SCHEME) else None


#: Private coding schemes begin with 99 (PS3.3 §8.2).
_NO_SCHEME = ("99", "none")


def _concept(item: Dataset) -> tuple[str, str]:
    """The code and the scheme of a content item's name."""
    names = item.get("ConceptNameCodeSequence") or [pydicom.Dataset()]
    return str(names[0].get("CodeValue") or ""), str(names[0].get("CodingSchemeDesignator") or "none")


def _element_in(dataset: Dataset, step: Step) -> DataElement | None:
    if not step.creator:
        return dataset.get(step.tag)
    try:
        return dataset.private_block(step.tag >> 16, step.creator)[step.tag & 0xFF]
    except KeyError:
        return None


def text_of(element: DataElement) -> str:
    """A value as text: of several, with backslashes between them; of pixel data, a digest."""
    value = element.value
    if element.tag == PIXELS:
        return hashlib.sha256(value).hexdigest()
    if value is None:
        return ""
    if isinstance(value, Sequence):
        return " ".join(text for item in value for inner in item if (text := text_of(inner)))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip(" \0")
    return "\\".join(map(str, value)) if isinstance(value, MultiValue) else str(value).strip(" \0")


def is_kept(text: str, answer: str) -> bool:
    """Whether an answer is in a text, as it stands or word by word; numbers are compared as such."""
    if (same := _same_number(text, answer)) is not None:
        return same
    text, answer = text.casefold(), answer.casefold()
    return answer in text or all(word in text for word in _words(answer))


def is_removed(text: str, answer: str) -> bool:
    """Whether nothing of an answer is in a text: not a word of three letters or digits, or more."""
    if (same := _same_number(text, answer)) is not None:
        return not same
    text, answer = text.casefold(), answer.casefold()
    return answer not in text and not any(word in text for word in _words(answer) if len(word) > 2)


def has_identifier(data: bytes, identifiers: Iterable[str]) -> bool:
    """Whether the bytes of one of these stand somewhere in a file, in capitals or in small letters."""
    lowered = data.lower()
    spelled = {text.lower().encode(code, "ignore") for text in identifiers for code in ("utf-8", "latin-1")}
    return any(each in lowered for each in spelled)


def _same_number(text: str, answer: str) -> bool | None:
    """Whether two numbers are the same; None if one is none."""
    numbers = [float(each) for each in (text, answer) if _NUMBER.fullmatch(each)]
    return numbers[0] == numbers[1] if len(numbers) == 2 else None


def _words(answer: str) -> list[str]:
    return re.findall(r"[^\W_]+", answer)


_NUMBER = re.compile(r"-?\d+(\.\d*)?|-?\.\d+")
