"""The first parts of the page: the verdict, the figures, and what was run."""

from __future__ import annotations

import re

from dicomblank.page.markup import UNKNOWN, clipped, element, join, number
from dicomblank.page.tally import DONE
from dicomblank.page.verdict import WRITING
from dicomblank.words import counted, duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dicomblank.page.markup import Html
    from dicomblank.page.run import Run
    from dicomblank.page.showing import Showing
    from dicomblank.page.tally import Tally
    from dicomblank.page.verdict import Verdict

__all__ = ["figures", "head", "runs", "verdict_block"]

#: What a run did.
TASKS = {
    "copy": "Blanked copies were written",
    "in-place": "Files were blanked where they stand",
    "plan": "A dry run: nothing was changed",
    "verify": "Results were compared with their originals",
    "inspect": "Files were inspected, and not changed",
    "unknown": "Not told",
}

#: What rules do, with the word for what they are about.
_RULES = (
    ("blank", "Blanked"),
    ("pseudonymize", "Replaced by keyed values"),
    ("shift", "Dates shifted"),
    ("set", "Set to a text"),
    ("map", "Replaced by a table"),
    ("remove", "Removed"),
    ("empty", "Emptied"),
    ("dummy", "Replaced by a dummy"),
    ("by_type", "Removed, emptied or replaced, by type"),
    ("keep", "Kept"),
)

#: Choices of a run that are not the ordinary ones.
_CHOICES = {
    ("existing", "skip"): "Copies that were there already, whole and blanked, were skipped",
    ("existing", "overwrite"): "Copies that were there already were replaced",
    ("hard_links", "write"): "Files with other names (hard links) were blanked too",
    ("pydicom", "leave-out"): "pydicom was not asked for its opinion",
    ("unmarked", "write"): "Values were replaced also where no mark could say so",
}

#: What was done about blanked values that stand in other places, too.
_LEFTOVERS = {
    "warn": "looked for, and told",
    "refuse": "looked for; a file with any was refused",
    "replace": "looked for, and overwritten",
}


def head(tally: Tally) -> Html:
    """The title, and in one line what the page is about."""
    starts = sorted(run.start for run in tally.runs if run.start)
    when = f", {_time(starts[0])}" if starts else ""
    lead = f"{counted(len(tally.runs), 'run')} of dicomblank over {counted(_files(tally), 'file')}{when}"
    return element("header", element("h1", "De-identification report"), element("p", lead, class_="lead"))


def verdict_block(verdict: Verdict) -> Html:
    """The verdict, its reasons, each with a link, and what should be known beside it."""
    reasons = [
        element(
            "li",
            element(
                "a", element("b", number(reason.count)), " ", element("span", _said(reason)), href=f"#{reason.place}"
            ),
        )
        for reason in verdict.reasons
    ]
    means = (
        "It says that nothing of what is listed below needs a review, and not that no identifier is left in the files."
    )
    parts = [element("p", "Verdict", class_="kicker"), element("p", verdict.word, class_="word")]
    parts.append(element("ul", *reasons, class_="reasons") if reasons else element("p", means, class_="small"))
    block = element("div", *parts, class_=f"verdict {'pass' if verdict.passed else 'review'}", id="verdict")
    if not verdict.notes:
        return block
    notes = element("ul", *(element("li", note) for note in verdict.notes), class_="notes")
    return join([block, element("div", element("p", "Beside the verdict", class_="kicker"), notes, class_="beside")])


def _said(reason: object) -> str:
    """A reason without its number."""
    return str(reason).partition(" ")[2]


def figures(tally: Tally) -> Html:
    """The numbers that are asked for first: of the runs that blank files, if there are any; and what was compared."""
    told = [("Files met", number(_files(tally)))]
    if _writes(tally):
        told += [
            ("Done", number(tally.count(*DONE, tasks=WRITING))),
            ("Refused or failed", number(tally.count("refused", "failed", tasks=WRITING))),
            ("Values blanked or replaced", number(tally.edits)),
        ]
    if compared := tally.count("ok", tasks=("verify",)):
        told.append(("Compared, in order", number(compared)))
    if inspected := tally.count("inspected"):
        told.append(("Inspected", number(inspected)))
    took = sum(run.seconds or 0.0 for run in tally.runs)
    told.append(("Time of all runs" if len(tally.runs) > 1 else "Time", duration(took) if took else UNKNOWN))
    parts = (element("div", element("dt", name), element("dd", said)) for name, said in told)
    return element("dl", *parts, class_="figures")


def _writes(tally: Tally) -> bool:
    return any(run.task in WRITING for run in tally.runs)


def _files(tally: Tally) -> int:
    """How many there are: a file that was blanked and compared is one."""
    return sum(run.files for run in tally.runs if run.task in WRITING or not _writes(tally))


def runs(tally: Tally, showing: Showing) -> Html:
    """What was run. Runs that were asked for the same, such as those over the shards of a data set, are told once."""
    alike: dict[object, list[Run]] = {}
    for run in tally.runs:
        alike.setdefault(_asked(run), []).append(run)
    groups = list(alike.values())
    told, seen = [], set()
    for group in groups[: showing.size.runs]:
        rules = _rules_of(group[0])
        facts = [part for name, said in _facts(group, showing, is_told=rules in seen) for part in _fact(name, said)]
        told.append(element("dl", *facts, class_="facts run"))
        seen.add(rules)
    told += showing.more(len(groups), showing.size.runs, "kinds of runs")
    return element("section", element("h2", "What was run"), *told, id="runs")


def _fact(name: str, said: str) -> tuple[Html, Html]:
    return element("dt", name), element("dd", said)


def _asked(run: Run) -> object:
    choices = tuple(sorted(run.choices.items()))
    return run.task, run.is_told, run.version, _rules_of(run), choices, run.leftovers, run.known


def _rules_of(run: Run) -> object:
    return run.level, tuple(sorted(run.rules.items())), run.key


def _facts(group: Sequence[Run], showing: Showing, *, is_told: bool) -> Iterator[tuple[str, str]]:
    """What is told of runs that were asked for the same; of their rules nothing, if those are told already."""
    run = group[0]
    many = f" ({number(len(group))} runs)" if len(group) > 1 else ""
    yield "What", f"{TASKS[run.task]}{many}"
    yield "Version", join(["dicomblank ", clipped(run.version or "of an unknown version", 40)])
    if is_told and run.is_told:
        yield "Level and rules", "as above"
    else:
        yield from _facts_of_rules(run, showing)
    yield from _places(group, showing)
    for choice in run.choices.items():
        if choice in _CHOICES:
            yield "Chosen", _CHOICES[choice]
    if run.task in {"copy", "in-place"}:
        mode = "not looked for" if run.leftovers is None else _LEFTOVERS.get(run.leftovers, "looked for")
        known = f"; {counted(run.known, 'name')} and identifiers from a list as well" if run.known else ""
        yield "Blanked values in other places", f"{mode}{known}"
    yield from _times(group)


def _facts_of_rules(run: Run, showing: Showing) -> Iterator[tuple[str, str]]:
    if run.is_told:
        yield "Level", showing.code(run.level) if run.level is not None else "rules of the caller's own"
    for word, name in _RULES:
        if tags := run.rules.get(word):
            yield f"{name} ({number(len(tags))})", showing.words([_element(tag) for tag in tags])
    if run.changes_nothing:
        yield "Blanked", "nothing: no rule changes a value"
    if run.key is not None:
        yield "Key", join([showing.code(run.key), " (its id, which is no secret)"])


def _places(group: Sequence[Run], showing: Showing) -> Iterator[tuple[str, str]]:
    sources = list(dict.fromkeys(source for run in group[:100] for source in run.sources))
    count = sum(run.source_count for run in group)
    if count:
        yield "Sources", showing.names(sources, max(count, len(sources)) if len(group) == 1 else len(sources), "source")
    wheres = list(dict.fromkeys(run.where for run in group if run.where is not None))
    if wheres:
        name = "Compared with" if group[0].task == "verify" else "Destination"
        yield name, showing.names(wheres, len(wheres), "folder")
    elif group[0].task == "in-place":
        yield "Destination", "the originals themselves"


def _times(group: Sequence[Run]) -> Iterator[tuple[str, str]]:
    starts = sorted(run.start for run in group if run.start)
    if starts:
        last = f" to {_time(starts[-1])}" if starts[-1] != starts[0] else ""
        yield "Started", f"{_time(starts[0])}{last}"
    ended = [run for run in group if run.seconds is not None]
    if ended:
        took = duration(sum(run.seconds or 0.0 for run in ended))
        yield "Duration", f"{took}, together" if len(ended) > 1 else took
    if len(ended) < len(group):
        count = len(group) - len(ended)
        yield "End", "none: the run was killed, or goes on" if len(group) == 1 else f"{number(count)} runs have none"


def _time(start: str) -> str:
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ", start)
    return f"{match[1]}, {match[2]} UTC" if match else clipped(start, 40)


def _element(name: str) -> str:
    many = {"dates": "every public date", "private": "every private element"}
    return f"{many[name]} that no other rule is about" if name in many else name
