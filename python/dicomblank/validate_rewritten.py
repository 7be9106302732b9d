"""pydicom as the other opinion on a file that is written anew: whether it sees what was to go, or misses what stays.

Each element that pydicom shows in the result is compared with the one at the same place in the original. What the rules
say of it the core alone decides. Where the type decides it is not known here, and any of its actions will do.

A reason names what is wrong and the tag path; never a value.
"""

from __future__ import annotations

import os
from io import BytesIO
from typing import TYPE_CHECKING

from dicomblank import _core
from dicomblank.errors import Error
from dicomblank.reading import UNDEFINED, Reading
from dicomblank.tags import spell
from dicomblank.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from dicomblank._core import Key, Rules
    from dicomblank.reading import Seen

__all__ = ["fault", "fault_of_plan"]

#: Words of rules below whose sequences nothing need be as it was.
_TREATS_BELOW = ("remove", "empty", "dummy", "by type")
#: Words of rules that give an element another value.
_REPLACES = ("pseudonymize", "shift", "dummy", "by type")
#: What the core writes for a dummy: a value may have been that before.
_DUMMIES = (b"", b"DUMMY", b"0", b"19000101", b"000000", b"19000101000000", b"000Y", b"urn:dummy")
#: Elements whose values may be words of the standard for how an item hangs together: they stay in a dummy as well.
_OF_STRUCTURE = ("(0040,A010)", "(0040,A040)", "(0040,A050)", "(0040,A130)", "(0070,0023)")
#: UIDs below it never change.
_STANDARD = b"1.2.840.10008."
#: Of the file meta information: what names a machine, and what is private.
_OF_THE_SENDER = tuple(f"(0002,{number:04X})" for number in (0x16, 0x17, 0x18, 0x26, 0x27, 0x28, 0x100, 0x102))


#: Results are made in memory to be read. Of a larger file pydicom is not asked before it is written.
LARGEST = 256 << 20


def fault_of_plan(path: str, rules: Rules, stop: object = None, key: Key | None = None) -> str | None:
    """Why pydicom's reading of what would become of `path` speaks against it; None if nothing does.

    What the core refuses, it says itself. Raises whatever pydicom raises.
    """
    with open(path, "rb") as file:
        if file.seek(0, os.SEEK_END) > LARGEST:
            return None
        file.seek(0)
        try:
            result = _core.anonymize_bytes(file.read(), rules, key)
        except Error:
            return None
        found = fault(file, BytesIO(result), rules, stop)
    return None if found is None else found[1]


def fault(before: BinaryIO, after: BinaryIO, rules: Rules, stop: object = None) -> tuple[str, str] | None:
    """What pydicom sees in `after` that is not what the rules make of `before`: a verdict and its reason.

    The verdict is "leak" for what was to go, "changed" for anything else, or "unreadable".

    Raises whatever pydicom raises.
    """
    was, now = (Reading(View.of(file, stop), rules) for file in (before, after))
    if was.is_empty or now.is_empty:
        return "unreadable", "pydicom sees no data set"
    # Written anew, or added: the core has compared the bytes.
    apart = ("(0002,", *map(spell, rules.added))
    return next(_faults(was, now, apart), None)


def _faults(was: Reading, now: Reading, apart: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    old, new = ({seen.path: seen for seen in reading.elements} for reading in (was, now))

    def sequences(reading: dict[str, Seen], *words: str) -> set[str]:
        return {path for path, seen in reading.items() if seen.is_sequence and seen.action in words}

    treated, dummies, gone = sequences(old, *_TREATS_BELOW), sequences(old, "dummy"), sequences(new, "remove", "empty")
    # Items of content go one by one, so that those behind them have other numbers: the core has compared the bytes.
    content = sequences(old, "by concept")
    for path, seen in new.items():
        if _is_below(path, gone):
            yield "leak", f"pydicom sees an element of a sequence that was to be removed or emptied: {seen.place}"
        elif not (_is_apart(path, apart) or _is_below(path, content)):
            of_old, is_dummy = old.get(path), _is_below(path, dummies)
            yield from _of_element(of_old, seen, is_below=_is_below(path, treated), is_dummy=is_dummy)
        elif path in _OF_THE_SENDER:
            yield "leak", f"pydicom sees a machine or something private in the file meta information: {seen.place}"
    for path, seen in old.items():
        is_missed = path not in new and seen.action not in {"remove", "by type"} and not seen.is_doubtful
        if is_missed and not _is_apart(path, apart) and not _is_below(path, treated | content):
            yield "changed", f"pydicom misses an element that was to stay: {seen.path}"


def _of_element(old: Seen | None, new: Seen, *, is_below: bool, is_dummy: bool) -> Iterator[tuple[str, str]]:
    if new.action == "remove":
        yield "leak", f"pydicom sees an element that was to be removed: {new.place}"
    elif new.action == "blank" and isinstance(new.value, bytes) and new.value.strip(b" \0"):
        yield "leak", f"pydicom sees a value that was to be blanked: {new.place}"
    elif new.action == "empty" and new.length not in {0, UNDEFINED}:
        yield "leak", f"pydicom sees a value that was to be emptied: {new.place}"
    elif old is None and not is_below:
        yield "changed", f"pydicom sees an element that the original does not have: {new.place}"
    elif old is not None and _is_as_before(old, new):
        is_dummy = is_dummy and new.action is None and not new.path.endswith(_OF_STRUCTURE)
        if new.action in _REPLACES or is_dummy:
            yield "leak", f"pydicom sees a value that was to become another one: {new.place}"
    elif old is not None and new.action is None and not is_below and not _is_equal(old, new):
        yield "changed", f"pydicom sees another value than before: {new.place}"


def _is_as_before(old: Seen, new: Seen) -> bool:
    """Whether a value that tells something is the same."""
    if not isinstance(old.value, bytes) or old.value != new.value:
        return False
    value = old.value.strip(b" \0")
    # Of an identifier signs stay as they are.
    tells = len(value) > 2 and any(chr(byte).isalnum() for byte in value)
    return tells and value not in _DUMMIES and not value.startswith(_STANDARD)


def _is_equal(old: Seen, new: Seen) -> bool:
    """Whether pydicom takes both for the same; of what it left in the file, it tells the length."""
    return (old.value, old.length, old.is_sequence) == (new.value, new.length, new.is_sequence) or old.is_sequence


def _is_apart(path: str, apart: tuple[str, ...]) -> bool:
    return path.endswith(",0000)") or path.startswith(apart)


def _is_below(path: str, sequences: set[str]) -> bool:
    """Whether one of the sequences is around it."""
    steps = path.split(".")
    around, found = "", False
    for step in steps[:-1]:
        found = found or around + step.partition("[")[0] in sequences
        around += f"{step}."
    return found
