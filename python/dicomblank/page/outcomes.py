"""What became of the files, and how many a second."""

from __future__ import annotations

import statistics

from dicomblank.page.bars import columns, stack, swatch
from dicomblank.page.markup import clipped, element, join, number, table
from dicomblank.page.overview import TASKS
from dicomblank.page.tally import DONE, LEFT
from dicomblank.words import duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dicomblank.page.markup import Html
    from dicomblank.page.showing import Showing
    from dicomblank.page.tally import Tally

__all__ = ["MEANINGS", "meaning", "outcomes"]

# Columns of the pace.
MOST_COLUMNS = 60

#: What each outcome means, in the order in which they are told.
MEANINGS = {
    "anonymized": "values were blanked or replaced",
    "planned": "values are to be blanked or replaced; nothing was changed",
    "inspected": "it was looked into",
    "ok": "nothing is left to blank, and nothing else changed",
    "unchanged": "nothing of the list was there to blank, or an earlier run did it",
    "skipped": "the copy was there already, or it was not looked at",
    "not-dicom": "not DICOM",
    "archive": "an archive or a compressed file, which was not looked into",
    "refused": "the file is to blame: nothing was written",
    "failed": "the system is to blame: nothing was finished",
    "leak": "a value that was to be blanked is still there",
    "differs": "pydicom takes a blanked value for longer, with bytes of other elements",
    "changed": "something else has changed",
    "other-level": "it is what another level makes of the original",
    "unconfirmed": "pydicom can read neither the copy nor the original",
    "missing": "there is no copy of the original",
    "extra": "there is no original of the copy",
    "unreadable": "one of the two can't be read",
}

#: What some of them mean in runs that blank nothing.
_OTHERWISE = {
    ("verify", "refused"): "the original is refused, so that there is no copy",
    ("inspect", "refused"): "the file is to blame: it could not be looked into",
    ("inspect", "failed"): "the system is to blame: it could not be looked into",
    ("plan", "refused"): "the file is to blame: a run would refuse it",
}


def meaning(outcome: str, task: str) -> str | None:
    """What an outcome means, in a run of some kind; None for one that is not known."""
    return _OTHERWISE.get((task, outcome)) or MEANINGS.get(outcome)


def outcomes(tally: Tally, showing: Showing) -> Html:
    """A bar and a table for each kind of run, and the pace."""
    tasks = [task for task in TASKS if any(key[0] == task for key in tally.groups)]
    parts: list[str] = []
    for task in tasks:
        if len(tasks) > 1:
            parts.append(element("h3", TASKS[task]))
        parts += _of_task(tally, task, showing)
    if not tasks:
        parts.append(element("p", "The reports tell of no file.", class_="about"))
    return element("section", element("h2", "What became of the files"), *parts, *_pace(tally), id="files")


def _of_task(tally: Tally, task: str, showing: Showing) -> Iterator[Html]:
    counts: dict[str, int] = {}
    for (of, outcome, _), group in tally.groups.items():
        if of == task:
            counts[outcome] = counts.get(outcome, 0) + group.count
    order = [
        *(outcome for outcome in MEANINGS if outcome in counts),
        *(word for word in counts if word not in MEANINGS),
    ]
    total = sum(counts.values())
    said = ", ".join(f"{number(counts[outcome])} {clipped(outcome, 40)}" for outcome in order[:6])
    yield stack([(_class(outcome), counts[outcome]) for outcome in order], said)
    rows = [
        (
            join([swatch(_class(outcome)), clipped(outcome, showing.size.letters)]),
            meaning(outcome, task) or "see the document of the report file",
            number(counts[outcome]),
            _share(counts[outcome], total),
        )
        for outcome in order[: showing.size.rows]
    ]
    yield table(("Outcome", "What it means", "Files", "Share"), rows, right=(2, 3), name="whole")
    yield from showing.more(len(order), len(rows))


def _class(outcome: str) -> str:
    if outcome in DONE:
        return "same" if outcome == "unchanged" else "done"
    return "left" if outcome in LEFT else "bad"


def _share(count: int, total: int) -> str:
    share = 100 * count / total
    if 0.05 <= share <= 99.95 or count in {0, total}:
        return f"{share:.1f} %"
    return "under 0.1 %" if share < 1 else "over 99.9 %"


def _pace(tally: Tally) -> Iterator[Html]:
    rates = tally.pace.rates(MOST_COLUMNS)
    if not rates:
        return
    said, took = _about(rates, tally.pace.runs), duration(tally.pace.seconds)
    yield element(
        "div",
        element("h3", "Files a second"),
        element("p", said, class_="about small"),
        columns(rates, said),
        element("div", element("span", "start"), element("span", took), class_="axis", aria_hidden="true"),
        class_="whole",
    )


def _about(rates: Sequence[float], runs: int) -> str:
    most, least, middle = (f"{rate:,.0f}" for rate in (max(rates), min(rates), statistics.median(rates)))
    together = f", of {runs} runs together, each from its own start" if runs > 1 else ""
    return f"At most {most}, at least {least}, in the middle {middle}{together}."
