"""Safe private elements: those of Table E.3.10-1 of DICOM PS3.15 that the option Retain Safe Private keeps.

The standard calls its table a sample of elements thought to be safe. Published copies of it differ, and so only what
two of them have is kept: see `tools/generate_safe_private.py`. All other private elements go.
"""

from __future__ import annotations

from typing import NamedTuple

from dicomblank.safe_private_table import COPIES, EDITIONS, ROWS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["SAFE", "SafeElement", "note", "safe_private"]

RETAIN_UIDS = "retain-uids"


class SafeElement(NamedTuple):
    """A row of the table."""

    creator: str
    """The private creator that has reserved its block."""
    group: int
    element: int
    """Its number in the block: 0 to 255."""
    vr: str
    """As the table has it; empty where it has none."""


def safe_private(options: Collection[str]) -> list[tuple[int, str, int]]:
    """Group, creator and number of each private element that stays with these options: what `_core.Rules` keeps.

    UIDs stay with retain-uids only: the UID of another object would lead back to it.
    """
    kept = [row for row in SAFE if row.vr != "UI" or RETAIN_UIDS in options]
    return [(row.group, row.creator, row.element) for row in kept]


def note() -> str:
    """What a statement of conformance says of it."""
    uids, bulk = (sum(row.vr == vr for row in SAFE) for vr in ("UI", "OB"))
    told = [f"one of {edition} with {count} rows" for edition, count in zip(EDITIONS, COPIES, strict=True)]
    return (
        f"Safe private attributes are the {len(SAFE)} on which two published copies of Table E.3.10-1 agree, "
        f"{' and '.join(told)}; "
        f"all others are removed, and the {uids} UIDs among them too without {RETAIN_UIDS}. "
        f"{bulk} of them are bulk data (OB), which is kept as it is and not looked into."
    )


def _row(line: str) -> SafeElement:
    creator, group, element, vr = line.split("|")
    return SafeElement(creator, int(group, 16), int(element, 16), vr)


#: All rows, in the order of creators and tags.
SAFE: tuple[SafeElement, ...] = tuple(map(_row, ROWS.splitlines()))
