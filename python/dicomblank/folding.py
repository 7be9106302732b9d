"""Equal values of several items as one: (5200,9230)[0…19].(0020,9111)[0].(0018,9151) are twenty."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from dicomblank._core import Edit

    #: The first and the last item of a sequence.
    Range: TypeAlias = tuple[int, int]

__all__ = ["Fold", "folded"]


class Fold:
    """Values that differ in nothing but the items that they stand in, and in their place.

    They are all there: in each item of the one sequence that is folded, in each of the next one.
    """

    __slots__ = ("count", "edit", "last", "ranges")

    def __init__(self, edit: Edit, ranges: tuple[Range, ...]) -> None:
        #: The first of them.
        self.edit = edit
        #: Where the last one stands.
        self.last = edit.start
        #: How many there are.
        self.count = 1
        #: The items of each sequence around them, from the outermost on.
        self.ranges = ranges

    @property
    def path(self) -> str:
        """The way to their element, with all items, such as (5200,9230)[0…19].(0018,9074)."""
        *around, own = self.edit.tag_path.split(".")
        steps = (
            f"{step.partition('[')[0]}[{_spelled(items)}]" for step, items in zip(around, self.ranges, strict=True)
        )
        return ".".join((*steps, own))

    @property
    def place(self) -> str:
        """Where they stand, in bytes from the start: the first of them and the last."""
        first = f"{self.edit.start:#x}"
        return first if self.count == 1 else f"{first}…{self.last:#x}"


def folded(edits: Iterable[Edit]) -> list[Fold]:
    """The values of a plan, folded, in the order of the first of each.

    Folded are those of the same way but for the items, of the same VR, action, length and state.
    """
    groups: dict[tuple[object, ...], list[Fold]] = {}
    seen: dict[tuple[object, ...], int] = {}
    for edit in edits:
        tags, items = _parted(edit.tag_path)
        alike = (tags, edit.vr, edit.action, edit.length, edit.state)
        # An element may stand twice in an item: the first ones are folded, and the second ones.
        times = seen[alike, items] = seen.get((alike, items), 0) + 1
        groups.setdefault((alike, times), []).append(Fold(edit, tuple((item, item) for item in items)))
    folds = [fold for group in groups.values() for fold in _merged(group)]
    return sorted(folds, key=lambda fold: fold.edit.start)


def _parted(tag_path: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The tags of a path, and the items."""
    steps = [step.partition("[") for step in tag_path.split(".")]
    return tuple(tag for tag, _, _ in steps), tuple(int(item[:-1]) for _, _, item in steps if item)


def _merged(folds: list[Fold]) -> list[Fold]:
    """Alike values as few folds, from the innermost sequence outwards."""
    for depth in reversed(range(len(folds[0].ranges))):
        rows: dict[tuple[Range, ...], list[Fold]] = {}
        for fold in folds:
            rows.setdefault((*fold.ranges[:depth], *fold.ranges[depth + 1 :]), []).append(fold)
        folds = [fold for row in rows.values() for fold in _runs(row, depth)]
    return folds


def _runs(folds: list[Fold], depth: int) -> list[Fold]:
    """Those that follow one another in the items of one sequence, as one."""
    runs: list[Fold] = []
    for fold in sorted(folds, key=lambda fold: fold.ranges[depth]):
        if runs and runs[-1].ranges[depth][1] + 1 == fold.ranges[depth][0]:
            _join(runs[-1], fold, depth)
        else:
            runs.append(fold)
    return runs


def _join(one: Fold, other: Fold, depth: int) -> None:
    items = one.ranges[depth][0], other.ranges[depth][1]
    one.ranges = (*one.ranges[:depth], items, *one.ranges[depth + 1 :])
    one.last = max(one.last, other.last)
    one.count += other.count


def _spelled(items: Range) -> str:
    first, last = items
    return f"{first}" if first == last else f"{first}…{last}"
