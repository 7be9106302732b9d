"""The last parts of the page: an example, the lines to sign, and the reports that it was made of."""

from __future__ import annotations

import os

from dicomblank.page.example import EXAMPLE, shown
from dicomblank.page.markup import element, number, table
from dicomblank.page.verdict import WRITING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank.page.markup import Html
    from dicomblank.page.showing import Showing
    from dicomblank.page.tally import Reading, Tally

__all__ = ["example", "reports", "sign"]


def example(tally: Tally) -> Html:
    """What a reader of the files sees, with invented values, by the rules of the first run that has some."""
    run = next((run for run in tally.runs if run.task in WRITING and run.is_told), None)
    rows = []
    for line in EXAMPLE:
        is_listed = run is not None and line.keyword in {name for names in run.rules.values() for name in names}
        is_date = run is not None and line.vr == "DA" and "dates" in run.rules.get("shift", ())
        action = run.action(line.keyword) if run is not None and (is_listed or is_date) else "keep"
        if run is not None and line.keyword in run.rules.get("keep", ()):
            action = "keep"
        rows.append((line.keyword, element("code", line.tag), element("code", line.value), shown(line, action)))
    parts = [
        element(
            "p",
            "With invented values: how an element looks to a program before the run, and after it. "
            "A dot stands for a space.",
            class_="about",
        ),
        element("div", table(("Element", "Tag", "Before", "After"), rows), class_="example"),
    ]
    return element("section", element("h2", "An example"), *parts, id="example")


def sign() -> Html:
    """Lines for the names of those who have read it."""
    boxes = [
        element("li", element("span", class_="box"), said)
        for said in ("May be shared", "May not be shared", "To be done again")
    ]
    lines = [element("div", said) for said in ("Name and role", "Signature", "Place and date")]
    parts = [
        element("p", "I have read this page, and what it says of what stays in the files.", class_="about"),
        element("ul", *boxes, class_="boxes"),
        element("div", *lines, class_="sign"),
    ]
    return element("section", element("h2", "Sign"), *parts, id="sign")


def reports(tally: Tally, showing: Showing) -> Html:
    """The report files, each with its checksum, and how it was read."""
    rows = [
        (
            showing.name(os.path.basename(reading.name) or reading.name, f"report {number(place)}"),
            number(reading.rows),
            _state(tally, reading),
            element("code", reading.sha256),
        )
        for place, reading in enumerate(tally.readings[: showing.size.rows], 1)
    ]
    told = table(("Report", "Rows", "How it was read", "SHA-256"), rows, right=(1,), name="reports")
    more = showing.more(len(tally.readings), len(rows))
    return element("section", element("h2", "The reports"), told, *more, id="reports")


def _state(tally: Tally, reading: Reading) -> str:
    if not reading.rows:
        return "no report of dicomblank"
    runs = [run for run in tally.runs if run.report == reading.name]
    faults = [
        "cut short in the middle of its last line" * reading.is_cut_short,
        f"{number(reading.damaged)} lines that can't be read" * bool(reading.damaged),
        f"{number(reading.unknown)} rows of unknown kinds" * bool(reading.unknown),
        "without its first row" * any(not run.is_told for run in runs),
        "without an end" * any(run.end is None for run in runs),
        "rows are missing, or too many" * any(run.files_told not in {None, run.files} for run in runs),
    ]
    return ", ".join(filter(None, faults)) or "whole"
