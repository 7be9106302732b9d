"""pydicom as the second opinion: whether it reads the file as the core does.

It reads the header before and after the edits, in memory. It never writes: it guesses past damage, and what it swallows
is invisible to it, so that a file it rewrites may have lost elements without a word.

A reason names what is wrong, the tag path and the offset; never a value.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from dicomblank import _core
from dicomblank.errors import Error, LimitError
from dicomblank.expected import Expected
from dicomblank.reading import Reading
from dicomblank.validate_rewritten import fault, fault_of_plan
from dicomblank.view import PIECE, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dicomblank._core import Edit, Key, Rules
    from dicomblank.reading import Seen

__all__ = ["can_read", "leak", "overlooked", "second_opinion"]


def second_opinion(
    path: str, plan: Iterable[Edit], rules: Rules, stop: object = None, key: Key | None = None
) -> str | None:
    """Why pydicom's reading of `path` speaks against `plan`, the core's for `rules`; None if they agree.

    Values that are replaced under `key` are computed again. What the core refuses to replace, it says itself.

    Raises `StoppedError`, some time after `stop` has become true.
    """
    edits = sorted(plan, key=lambda edit: edit.start)
    try:
        if rules.rewrite:
            return fault_of_plan(path, rules, stop, key)
        with open(path, "rb") as file:
            view = View.of(file, stop)
            before = Reading(view, rules)
            if before.is_empty:
                return "pydicom sees no data set"
            reason = _unplanned(before, edits) or _unseen(before, edits)
            if reason is not None:
                return reason
            shown = view.with_edits(edits, _replaced(path, edits, rules, key))
            after = Reading(shown, rules, before.sequences)
            wrong = _wrong(view, shown, before, key, edits)
            if wrong is not None:
                return wrong
    except Exception as error:  # noqa: BLE001 (pydicom raises anything; that it can't read is what matters)
        return _unreadable(error)
    return _difference(before, after, edits)


def _replaced(path: str, edits: Sequence[Edit], rules: Rules, key: Key | None) -> dict[int, bytes]:
    """What values become, by their starts; empty where the core refuses, which it says itself."""
    if all(edit.action == "blank" for edit in edits):
        return {}
    try:
        return dict(_core.replaced_file(path, rules, key))
    except Error:
        return {}


def _wrong(before: View, after: View, seen: Reading, key: Key | None, edits: Sequence[Edit]) -> str | None:
    """The first value that is replaced, and not by what the key makes of it."""
    if key is None or not after.has_replaced(edits):
        return None
    expected = Expected(key, before, seen.elements)
    for each in seen.elements:
        if each.action in {"pseudonymize", "shift"} and not each.is_doubtful and expected.wrong(each, after):
            return f"pydicom sees another value than the key makes: {each.place}"
    return None


def overlooked(path: str, rules: Rules, stop: object = None) -> str | None:
    """What of `rules` pydicom sees in a file that the core takes for no DICOM file; None if nothing.

    pydicom is forced to read any file. What it chokes on, or takes millions of elements to read, it shows to nobody.

    Raises `StoppedError`, some time after `stop` has become true.
    """
    try:
        left = _left(path, rules, stop)
    except Exception:  # noqa: BLE001 (pydicom raises anything, and the core has just read the file)
        return None
    return f"dicomblank finds no DICOM, but pydicom sees a value in {left.place}" if isinstance(left, _Left) else None


def leak(
    path: str, rules: Rules, stop: object = None, key: Key | None = None, before: str | None = None
) -> tuple[str, str] | None:
    """What pydicom still sees of what `rules` blank, as a verdict and the reason for it; None if nothing.

    What is replaced under `key` is compared with what pydicom sees in the file `before`.

    The verdict is "leak", or "changed" for a value that is not what the key makes; "differs" where the core blanks the
    value at that place, and pydicom takes it for longer, so that what it sees belongs to other elements; or
    "unreadable".

    Raises `StoppedError`, some time after `stop` has become true.
    """
    try:
        if rules.rewrite and before is not None:
            with open(before, "rb") as old, open(path, "rb") as new:
                return fault(old, new, rules, stop)
        return _leak(path, rules, stop, key, before)
    except Exception as error:  # noqa: BLE001 (see second_opinion)
        return "unreadable", _unreadable(error)


def _leak(path: str, rules: Rules, stop: object, key: Key | None, before: str | None) -> tuple[str, str] | None:
    left = _left(path, rules, stop)
    wrong = None if left is not None or key is None or before is None else _other(before, path, rules, key, stop)
    if wrong is not None:
        return "changed", wrong
    if left is None:
        return None
    if not isinstance(left, _Left):
        return left
    if _is_blanked_up_to(left, path, rules):
        return "differs", _longer(left.place)
    return "leak", f"pydicom sees a value in {left.place}"


def can_read(path: str, rules: Rules, stop: object = None) -> bool:
    """Whether pydicom sees a data set in a file.

    Raises `StoppedError`, some time after `stop` has become true.
    """
    try:
        with open(path, "rb") as file:
            return not Reading(View.of(file, stop), rules).is_empty
    except Exception:  # noqa: BLE001 (see second_opinion)
        return False


def _other(before: str, after: str, rules: Rules, key: Key, stop: object) -> str | None:
    """A value of `after` that is not what the key makes of that in `before`, to pydicom."""
    if not _core.replaced_file(before, rules, key):
        return None  # was replaced before
    with open(before, "rb") as old, open(after, "rb") as new:
        view, shown = View.of(old, stop), View.of(new, stop)
        reading = Reading(view, rules)
        expected = Expected(key, view, reading.elements)
        for each in reading.elements:
            if each.action in {"pseudonymize", "shift"} and not each.is_doubtful and expected.wrong(each, shown):
                return f"pydicom sees another value than the key makes: {each.place}"
    return None


@dataclass(frozen=True, slots=True)
class _Left:
    """A value to blank that is not blank."""

    place: str
    start: int
    first: int
    """Where the first byte stands that is no padding."""


def _left(path: str, rules: Rules, stop: object = None) -> _Left | tuple[str, str] | None:
    """The first that pydicom sees; or the verdict "unreadable" with its reason. Raises whatever pydicom raises."""
    with open(path, "rb") as file:
        view = View.of(file, stop)
        reading = Reading(view, rules)
        if reading.is_empty:
            return "unreadable", "pydicom sees no data set"
        for seen in reading.elements:
            for start, length in seen.targets if seen.action == "blank" else ():
                first = _first(view, start, start + length)
                if first is not None:
                    return _Left(seen.place, start, first)
    return None


def _first(view: View, start: int, end: int) -> int | None:
    """The first byte that is no padding. In pieces, since a value may be as long as the file."""
    for at in range(start, end, PIECE):
        piece = view.at(at, min(PIECE, end - at))
        # Space or NUL: which of the two it must be, the core has checked.
        value = piece.lstrip(b" \0")
        if value:
            return at + len(piece) - len(value)
    return None


def _is_blanked_up_to(left: _Left, path: str, rules: Rules) -> bool:
    """Whether the core blanks a value that begins at the same place and ends before the first byte that is left."""
    try:
        plan = _core.plan_file(path, rules)
    except (Error, OSError):
        return False
    return any(edit.start == left.start and edit.start + edit.length <= left.first for edit in plan)


def _longer(place: str) -> str:
    return f"pydicom reads a longer value than dicomblank in {place}: it takes bytes of other elements for it"


def _unreadable(error: Exception) -> str:
    if isinstance(error, LimitError):
        return str(error)
    # The words of the error are left out: pydicom may quote values in them.
    return f"pydicom can't read the header: {type(error).__name__}"


def _unplanned(before: Reading, edits: Sequence[Edit]) -> str | None:
    """A value to blank that pydicom sees and the plan leaves."""
    starts = [edit.start for edit in edits]
    for seen in before.elements:
        for start, length in seen.targets:
            index = bisect_right(starts, start) - 1
            if index < 0 or edits[index].start + edits[index].length < start + length:
                if index >= 0 and edits[index].start == start:
                    return _longer(seen.place)
                return f"pydicom sees a value to blank that is not planned: {seen.place}"
    return None


def _unseen(before: Reading, edits: Sequence[Edit]) -> str | None:
    """An edit of the plan that pydicom does not see, where it should."""
    targets = {target for seen in before.elements for target in seen.targets}
    doubtful = _Spans((seen.start, seen.end) for seen in before.elements if seen.is_doubtful)
    duplicates = _Duplicates(before.elements)
    for edit in edits:
        is_seen = (edit.start, edit.length) in targets
        is_in_doubt = _is_in_private(edit) or doubtful.holds(edit)
        if not (is_seen or is_in_doubt or duplicates.holds(edit)):
            return f"pydicom does not see what is planned: {edit.tag_path} at {edit.start:#x}"
    return None


def _is_in_private(edit: Edit) -> bool:
    # (gggg,eeee): the group is odd if its last digit is.
    return any(step[4] in "13579BDF" for step in edit.tag_path.split("."))


class _Duplicates:
    """The elements that pydicom does not show, because a later one of the same tag took their place.

    It keeps the last of duplicates, and that one counts for all.
    """

    def __init__(self, elements: Sequence[Seen]) -> None:
        self._starts = {seen.path: seen.start for seen in elements}
        # What is shown, with the 8 bytes before each value that are its header for certain.
        self._shown = _Spans((seen.start - 8, seen.start if seen.is_sequence else seen.end) for seen in elements)

    def holds(self, edit: Edit) -> bool:
        """Whether the edit's element, or a sequence around it, may be an earlier duplicate of one that is shown."""
        if self._shown.touches(edit):
            return False
        path = ""
        for step in edit.tag_path.split("."):
            element, _, item = step.partition("[")
            if self._starts.get(path + element, 0) > edit.start:
                return True
            path += f"{element}[{item}."
        return False


class _Spans:
    """A set of places, made of spans that may overlap."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def holds(self, edit: Edit) -> bool:
        """Whether all of the edit's places are in the set."""
        index = bisect_right(self._starts, edit.start) - 1
        return index >= 0 and edit.start + edit.length <= self._ends[index]

    def touches(self, edit: Edit) -> bool:
        """Whether any of the edit's places is in the set."""
        index = bisect_left(self._starts, edit.start + edit.length) - 1
        return index >= 0 and self._ends[index] > edit.start


def _difference(before: Reading, after: Reading, edits: Sequence[Edit]) -> str | None:
    """An element that pydicom reads otherwise once the edits are made."""
    starts = [edit.start for edit in edits]
    for old, new in zip_longest(before.elements, after.elements):
        if old is None or new is None:
            seen = new if old is None else old
            return f"pydicom sees another number of elements after the edits: {seen.place}"
        if _shape(old) != _shape(new) or not _is_equal_outside(old, new, edits, starts):
            return f"pydicom reads an element otherwise after the edits: {old.place}"
    return None


def _shape(seen: Seen) -> tuple[object, ...]:
    return seen.path, seen.stated_vr, seen.start, seen.length, seen.is_sequence


def _is_equal_outside(old: Seen, new: Seen, edits: Sequence[Edit], starts: Sequence[int]) -> bool:
    """Whether the values are equal, byte for byte, outside the edits."""
    if old.value == new.value:
        return True
    if not (isinstance(old.value, bytes) and isinstance(new.value, bytes) and len(old.value) == len(new.value)):
        return False
    left, right = bytearray(old.value), bytearray(new.value)
    end = old.start + len(left)
    for index in range(max(bisect_right(starts, old.start) - 1, 0), len(edits)):
        edit = edits[index]
        if edit.start >= end:
            break
        low, high = max(edit.start, old.start) - old.start, min(edit.start + edit.length, end) - old.start
        if low < high:
            left[low:high] = right[low:high] = bytes(high - low)
    return left == right
