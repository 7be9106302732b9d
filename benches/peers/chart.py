"""The chart: files a second, on a logarithmic scale, a panel for each size of file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

from benches.peers import tables

if TYPE_CHECKING:
    from pathlib import Path

COLOURS = {"dicomblank": "#0b6e4f", "floor": "#9aa0a6", "peer": "#c75b12"}


def draw(results: dict[str, Any], target: Path) -> None:
    """Write the chart of what was measured in memory."""
    place = next(iter(results["places"]))
    rows = {(row["corpus"], row["program"]): row for row in results["rows"] if row["place"] == place}
    figure, panels = plt.subplots(1, len(tables.SMALL), figsize=(15, 6), sharey=True, layout="constrained")
    programs = [program for program in results["programs"] if (tables.SMALL[0], program["name"]) in rows][::-1]
    for panel, corpus in zip(panels, tables.SMALL, strict=True):
        panel.set_xscale("log")
        panel.set_title(f"{corpus} a file", fontsize=11)
        panel.set_xlabel("files/s")
        panel.spines[["top", "right", "left"]].set_visible(False)
        panel.tick_params(axis="y", length=0)
        panel.grid(axis="x", color="#e6e6e6")
        panel.set_axisbelow(True)
        rates = [_rate(rows.get((corpus, program["name"]))) for program in programs]
        panel.barh(range(len(programs)), rates, color=[COLOURS[program["kind"]] for program in programs], height=0.7)
        shown = [rate for rate in rates if rate]
        panel.set_xlim(min(shown) / 3, max(shown) * 6)
        for place_on_axis, (program, rate) in enumerate(zip(programs, rates, strict=True)):
            row = rows.get((corpus, program["name"]))
            leaks = program["blanks"] and row is not None and (row["left_top"] or row["left_nested"])
            text = f" {rate:,.0f}{'  leaves values' if leaks else ''}" if rate else " failed"
            panel.text(rate or min(shown) / 3, place_on_axis, text, va="center", fontsize=9)
    panels[0].set_yticks(range(len(programs)), [program["name"] for program in programs])
    figure.suptitle(
        f"Anonymize Full, files a second (logarithmic): {results['places'][place]}, {results['date']}", fontsize=12
    )
    figure.savefig(target, dpi=110)
    plt.close(figure)


def _rate(row: dict[str, Any] | None) -> float:
    return 0.0 if row is None or row["failure"] else tables.rate(row)
