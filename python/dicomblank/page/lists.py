"""The parts of the page that list what there is to review: what is not done, warned of, left out, left over."""

from __future__ import annotations

import re

from dicomblank import _core
from dicomblank.page.advice import OF_WARNINGS, advice
from dicomblank.page.markup import clipped, element, join, number, sentence, table
from dicomblank.page.outcomes import MEANINGS, meaning
from dicomblank.page.overview import TASKS
from dicomblank.page.tally import DONE, LEFT
from dicomblank.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dicomblank.page.markup import Html
    from dicomblank.page.showing import Showing
    from dicomblank.page.tally import Group, Leftovers, Tally

    Kinds = Sequence[tuple[str, str, Group]]

__all__ = ["left_out", "leftovers", "not_done", "warnings"]

#: What is no tag among the places of leftovers.
_PLACES = {
    "preamble": "the preamble, before the data set",
    "trailing": "behind the data set",
    "path": "the names of the file and its folders",
}


def not_done(tally: Tally, showing: Showing) -> Html:
    """Files that were refused, have failed, or are not what they should be: by kind, with what to do."""
    each = {task: [row for row in _kinds(tally, task) if _is_not_done(*row[:2])] for task in TASKS}
    each = {task: kinds for task, kinds in each.items() if kinds}
    told: list[Html] = []
    for task, kinds in each.items():
        if len(each) > 1:
            told.append(element("h3", TASKS[task]))
        told += [_kind(task, *kind, showing, class_="kind bad") for kind in kinds[: showing.size.kinds]]
        told += showing.more(len(kinds), showing.size.kinds, "kinds")
    return _section("not-done", "Refused, failed, not in order", told, "No file was refused, and none has failed.")


def _is_not_done(outcome: str, kind: str) -> bool:
    return outcome not in {*DONE, *LEFT} or kind == "old-file-kept"


def left_out(tally: Tally, showing: Showing) -> Html:
    """Files that were not to be done, by kind."""
    told: list[Html] = []
    titles = {
        "copy": "Not copied",
        "in-place": "Left alone",
        "verify": "Not compared",
        "inspect": "Not inspected",
        "unknown": "Left out",
    }
    for task, title in titles.items():
        kinds = [row for row in _kinds(tally, task) if row[0] in LEFT and row[1] != "copied-already"]
        if kinds:
            told.append(element("h3", f"{title}: {counted(sum(group.count for *_, group in kinds), 'file')}"))
        told += [_kind(task, *kind, showing) for kind in kinds[: showing.size.kinds]]
        told += showing.more(len(kinds), showing.size.kinds, "kinds")
    before = sum(group.count for _, kind, group in _kinds(tally, "copy") if kind == "copied-already")
    if before:
        told.append(element("h3", f"Copied by an earlier run, whole and blanked: {counted(before, 'file')}"))
    return _section(
        "left-out", "Not copied, or left alone", told, "No file was left out: every one that was met was DICOM."
    )


def warnings(tally: Tally, showing: Showing) -> Html:
    """Files that were done, and are not in order."""
    meanings = dict(_core.warnings())
    told = []
    common = sorted(tally.warnings.items(), key=lambda warning: -warning[1].count)[: showing.size.kinds]
    for word, group in common:
        title = _title(group.count, word, showing)
        said = [element("p", meanings.get(word, "A warning that this version does not know."), class_="about")]
        if word in OF_WARNINGS:
            said.append(_todo(OF_WARNINGS[word]))
        told.append(element("div", title, *said, showing.files(group), class_="kind"))
    told += showing.more(len(tally.warnings), len(common), "kinds")
    return _section("warnings", "Warnings", told, "No file has a warning.")


def leftovers(tally: Tally, showing: Showing) -> Html:
    """Values that were blanked or replaced and stand elsewhere as well: where, and whose they are."""
    each = {task: tally.leftovers[task] for task in TASKS if task in tally.leftovers}
    parts: list[Html] = []
    for task, found in each.items():
        if len(each) > 1:
            parts.append(element("h3", TASKS[task]))
        parts += _leftovers_of(found, showing)
    nothing = "The blanked values were not looked for in other places of the files (--leftovers)."
    return _section("leftovers", "Leftovers", parts, nothing)


def _leftovers_of(found: Leftovers, showing: Showing) -> Iterator[Html]:
    if not found.count:
        yield element("p", f"Looked for in {counted(found.searched, 'file')}: nothing was found.", class_="about")
        return
    where = f"In {counted(found.count, 'file')} a value that was blanked or replaced stands in another place, too"
    numbers = f": {number(found.found)} in all, of which {number(found.replaced)} were overwritten" * bool(found.found)
    yield element("p", f"{where}{numbers}.", class_="about")
    yield _todo(advice("refused", "leftovers"))
    yield from _counted(found.places, ("Place", "What it is", "Files"), showing)
    yield from _counted(found.of, ("Value of", "Found"), showing)
    yield showing.files(found.group)


def _counted(counts: dict[str, int], head: Sequence[str], showing: Showing) -> Iterator[Html]:
    """The commonest places of leftovers, each described, or the elements whose values they are."""
    common = sorted(counts.items(), key=lambda place: -place[1])[: showing.size.rows]
    if common:
        is_described = len(head) == 3
        rows = [
            (showing.code(name), *([_described(name)] if is_described else []), number(count)) for name, count in common
        ]
        yield table(head, rows, right=(len(head) - 1,))
    yield from showing.more(len(counts), len(common))


def _described(name: str) -> str:
    if name in _PLACES:
        return _PLACES[name]
    if name == "known":
        return "the list of names and identifiers that was given"
    last = re.search(r"\(([0-9A-Fa-f]{4}),([0-9A-Fa-f]{4})\)$", name)
    if last is None:
        return ""
    group, number_ = int(last[1], 16), int(last[2], 16)
    return "a private element" if group & 1 else _core.keyword_of(group << 16 | number_) or ""


def _kinds(tally: Tally, task: str) -> Iterator[tuple[str, str, Group]]:
    """Those of one kind of runs, by outcome and the commonest first: those of another may be about the same files."""
    order = [*MEANINGS]
    groups = [(outcome, kind, group) for (of, outcome, kind), group in tally.groups.items() if of == task]
    yield from sorted(groups, key=lambda row: (order.index(row[0]) if row[0] in order else len(order), -row[2].count))


def _kind(task: str, outcome: str, kind: str, group: Group, showing: Showing, *, class_: str = "kind") -> Html:
    said = dict(_core.kinds()).get(kind)
    if said is None:
        known = meaning(outcome, task) or "an outcome that this version does not know"
        said = f"{known[:1].upper()}{known[1:]}."
    parts = [
        _title(group.count, outcome, showing, kind),
        element("p", said, class_="about"),
        _todo(advice(outcome, kind)),
        showing.files(group),
    ]
    return element("div", *parts, class_=class_)


def _title(count: int, word: str, showing: Showing, kind: str = "") -> Html:
    words = [clipped(word, showing.size.letters), *([" ", showing.code(kind)] if kind and kind != word else [])]
    return element("h3", element("b", number(count)), " ", element("span", *words))


def _todo(said: str) -> Html:
    return element("p", element("b", "What to do: "), sentence(said), class_="todo about")


def _section(place: str, title: str, told: Sequence[Html], nothing: str) -> Html:
    parts = told or [element("p", sentence(nothing), class_="about")]
    return element("section", element("h2", title), join(parts), id=place)
