"""Results of every level, of all files at hand, for programs that are asked what they say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import dicomblank
from dicomblank import Key, Level, Rules
from samples import at_hand

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RESEARCH = ("retain-longitudinal-modified-dates", "retain-patient-characteristics", "retain-safe-private")
#: Content items go, so that those behind them have other numbers.
CLEANED = "basic, with clean-structured-content"
LEVELS: dict[str, Level | Rules] = {
    **{level.value: level for level in (Level.ANONYMIZE, Level.ANONYMIZE_FULL, Level.PSEUDONYMIZE, Level.BASIC)},
    "basic, for research": Rules.basic(*RESEARCH),
    CLEANED: Rules.basic("clean-structured-content"),
}
KEY = Key(bytes(32))
UNKEYED = {"anonymize", "anonymize-full"}


class Result(NamedTuple):
    """What a level made of one file."""

    original: Path
    path: Path
    treated: frozenset[str]
    """The places of the elements that are treated, as `plan` has them."""


def results(folder: Path, name: str) -> Iterator[Result]:
    """Of each file that the level of this name does."""
    level, key = LEVELS[name], None if name in UNKEYED else KEY
    for number, original in enumerate(at_hand()):
        data = original.read_bytes()
        try:
            treated = frozenset(edit.tag_path for edit in dicomblank.plan(data, level, key=key))
            after = dicomblank.anonymize_bytes(data, level, key=key)
        except dicomblank.Error:
            continue  # refused, whole
        path = folder / f"{number}.dcm"
        path.write_bytes(after)
        yield Result(original, path, treated)
