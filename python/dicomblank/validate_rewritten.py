"""pydicom as the second opinion on files whose length changes: it reads the original and the result.

What is to go is gone, what is to be empty is empty, and all else that no rule is about is there as it was. What a
dummy or a keyed value has to be, only the core says: here it may not be what it was.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, BinaryIO, cast

from dicomblank import _core
from dicomblank.errors import Error
from dicomblank.reading import Reading
from dicomblank.view import PIECE, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dicomblank._core import Key, Rules
    from dicomblank.reading import Seen

__all__ = ["fault", "fault_of_plan"]


def fault_of_plan(path: str, rules: Rules, stop: object = None, key: Key | None = None) -> str | None:
    """Why pydicom's reading of what would become of `path` speaks against it; None if nothing does.

    All of the file is in memory meanwhile, and of the result. What the core refuses, it says itself. Raises whatever
    pydicom raises.
    """
    with open(path, "rb") as file, tempfile.TemporaryFile() as result:
        try:
            result.write(_core.anonymize_bytes(file.read(), rules, key))
        except Error:
            return None
        result.flush()
        found = fault(file, cast("BinaryIO", result), rules, stop)
    return None if found is None else found[1]


def fault(before: BinaryIO, after: BinaryIO, rules: Rules, stop: object = None) -> tuple[str, str] | None:
    """What is wrong in a result to pydicom, as a verdict and the reason for it: "leak", "changed" or "unreadable".

    Raises whatever pydicom raises.
    """
    shown = View.of(after, stop)
    old, new = Reading(View.of(before, stop), rules), Reading(shown, rules)
    if old.is_empty or new.is_empty:
        return "unreadable", "pydicom sees no data set"
    known = {seen.path: seen for seen in old.elements}
    added = rules.added
    for seen in new.elements:
        if _tag(seen) not in added and _is_left(seen, known.get(seen.path), shown):
            return "leak", f"pydicom sees a value in {seen.place}"
    there = {seen.path: seen for seen in new.elements}
    for seen in _untouched(old, added):
        found = there.get(seen.path)
        if found is None or (seen.stated_vr, seen.value) != (found.stated_vr, found.value):
            return "changed", f"pydicom does not see in the result what no rule is about: {seen.place}"
    return None


def _is_left(seen: Seen, before: Seen | None, view: View) -> bool:
    """Whether an element of the result has what should not be there."""
    if seen.action == "remove":
        return True
    if seen.action == "empty":
        return seen.length not in {0, 0xFFFF_FFFF}
    if seen.action == "blank":
        return any(_has_text(view, start, length) for start, length in seen.targets)
    # A dummy may be what was there, and a rule by type may keep it.
    if seen.action not in {"pseudonymize", "map"} or not isinstance(seen.value, bytes):
        return False
    return bool(seen.value.strip(b" \0")) and before is not None and before.value == seen.value


def _has_text(view: View, start: int, length: int) -> bool:
    """Whether there is anything but padding, looked at in pieces."""
    pieces = range(start, start + length, PIECE)
    return any(view.at(at, min(PIECE, start + length - at)).strip(b" \0") for at in pieces)


def _untouched(old: Reading, added: tuple[int, ...]) -> Iterator[Seen]:
    """What no rule is about: not itself, and no sequence around it. The head is written anew, and group lengths go."""
    touched: set[str] = set()
    for seen in old.elements:
        around = seen.path.rsplit("[", 1)[0] if "[" in seen.path else ""
        is_touched = seen.action is not None or around in touched
        if is_touched:
            touched.add(seen.path)
        last = seen.path.rsplit(".", 1)[-1]
        is_structure = last.startswith("(0002,") or last.endswith(",0000)")
        if not (is_touched or is_structure or seen.is_doubtful or seen.is_sequence or _tag(seen) in added):
            yield seen


def _tag(seen: Seen) -> int:
    """The tag of an element of the data set itself; -1 for others."""
    is_alone = "[" not in seen.path and "." not in seen.path
    return int(seen.path[1:5] + seen.path[6:10], 16) if is_alone else -1
