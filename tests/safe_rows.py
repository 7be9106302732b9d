"""Which private elements are safe, for the checker of the Basic Profile: what two copies of the table share."""

from __future__ import annotations

import csv
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["COPIES", "is_safe"]

# Made by tools/generate_safe_private.py, which says of what.
with (Path(__file__).parent / "data" / "safe_private_of_others.csv").open(newline="", encoding="utf-8") as file:
    #: Creator, group and number, with the VR in each copy: a hyphen for none, nothing where it lacks the row.
    COPIES = {
        (row["creator"], int(row["group"], 16), int(row["element"], 16)): (row["vr_2020"], row["vr_2025b"])
        for row in csv.DictReader(file)
    }


def is_safe(options: Collection[str]) -> Callable[[int, str, int], bool]:
    """Whether a private element may stay, by its group, creator and number."""

    def answer(group: int, creator: str, number: int) -> bool:
        first, second = COPIES.get((creator, group, number), ("", ""))
        return first == second != "" and (first != "UI" or "retain-uids" in options)

    return answer
