"""The chart: of each kind of check, and of all, the share that each program passes, from red to green."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

from benches.score.answers import Action
from benches.score.page import share

if TYPE_CHECKING:
    from pathlib import Path


def draw(results: dict[str, Any], target: Path) -> None:
    """Write the chart."""
    asked = results["asked"]
    columns = ["all", *(action.value for action in Action if action.value in asked)]
    rows = [row for row in results["rows"] if not row["failure"]]
    counts = [[_of(row["passed"], asked, column) for column in columns] for row in rows]
    figure, axes = plt.subplots(figsize=(13, 0.5 * len(rows) + 1.8), layout="constrained")
    shares = [[passed / number for passed, number in line] for line in counts]
    axes.imshow(shares, cmap="RdYlGn", vmin=0, vmax=1, aspect="auto", alpha=0.75)
    for y, line in enumerate(counts):
        for x, (passed, number) in enumerate(line):
            weight = "bold" if x == 0 else "normal"
            axes.text(x, y, share(passed, number), ha="center", va="center", fontsize=9, fontweight=weight)
    axes.set_xticks(range(len(columns)), [_label(name, _of({}, asked, name)[1]) for name in columns], fontsize=9)
    axes.set_yticks(range(len(rows)), [row["name"] for row in rows], fontsize=9)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.spines[:].set_visible(False)
    axes.set_title(f"Checks passed, in percent: {results['files']} files, {results['date']}", fontsize=11, pad=12)
    figure.savefig(target, dpi=110)
    plt.close(figure)


def _of(passed: dict[str, int], asked: dict[str, int], column: str) -> tuple[int, int]:
    if column == "all":
        return sum(passed.values()), sum(asked.values())
    return passed.get(column, 0), asked[column]


def _label(column: str, asked: int) -> str:
    """In three lines, and the number of checks below."""
    words = column.rsplit(" ", 1)
    return "\n".join([*[""] * (2 - len(words)), *words, f"{asked:,}"])
