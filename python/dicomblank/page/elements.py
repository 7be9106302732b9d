"""What was done to which elements, and what the level leaves."""

from __future__ import annotations

from dicomblank import _core
from dicomblank.levels import Level
from dicomblank.notice import LEFT_ALONE, LEFT_BY_ANONYMIZE, LEFT_BY_PSEUDONYMIZE, NOTICE
from dicomblank.page.markup import UNKNOWN, clipped, element, join, number, table
from dicomblank.page.run import ACTIONS, REWRITES, tag_of
from dicomblank.page.verdict import WRITING
from dicomblank.profile import ACTIONS as LETTERS
from dicomblank.profile import ATTRIBUTES, EDITION, attribute
from dicomblank.tags import spell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dicomblank.page.markup import Html
    from dicomblank.page.run import Run
    from dicomblank.page.showing import Showing
    from dicomblank.page.tally import Element, Tally
    from dicomblank.profile import Attribute

__all__ = ["elements", "left"]

_DONE = {
    "blank": "blanked",
    "pseudonymize": "replaced by a keyed value",
    "shift": "date shifted",
    "set": "set to a text",
    "map": "replaced by a table",
    "remove": "removed",
    "empty": "emptied",
    "dummy": "replaced by a dummy value",
    "by_type": "removed, emptied or replaced by a dummy value, as its type asks",
}


def elements(tally: Tally, showing: Showing) -> Html:
    """The table of elements and actions."""
    rows = [(_tag_of(name), name, found) for name, found in tally.elements.items()]
    shown = sorted(rows, key=lambda row: -row[2].values)[: showing.size.elements]
    shown.sort(key=lambda row: row[:2])
    head = ("Attribute name", "Tag", "Action", "Files", "Values", "Basic Profile")
    parts: list[Html] = [element("p", *_about(tally), class_="about")]
    if shown:
        parts.append(table(head, [_row(*row, showing) for row in shown], right=(3, 4), name="nowrap"))
    parts += showing.more(len(rows), len(shown), "more, with fewer values each")
    parts += _not_met(tally, showing)
    return element("section", element("h2", "De-identified elements and actions"), *parts, id="elements")


def _about(tally: Tally) -> Iterator[str]:
    if not tally.elements:
        ended = any(run.end is not None for run in tally.runs)
        yield "No value was blanked or replaced." if ended else "A run without an end does not tell what it did by tag."
        return
    letters = ", ".join(f"{letter}: {said}" for letter, said in LETTERS.items())
    yield (
        "In the form of PS3.2, Table N.11-6. Blanked means that every byte became padding: the element is still there, "
        "at its old length. No value is kept in encrypted form. Counted are values, at any depth, and the files that "
        f"have one. The last column is what the Basic Profile of PS3.15 ({EDITION}, Table E.1-1) asks for: {letters}."
    )


def _row(tag: tuple[int, str], name: str, found: Element, showing: Showing) -> tuple[str, ...]:
    number_, spelled = tag
    of_profile = attribute(number_) if number_ <= 0xFFFF_FFFF else None
    title = of_profile.name if of_profile is not None and not of_profile.is_pattern else name
    if number_ >> 16 & 1:
        title = "private element"
    done = ", ".join(_DONE[action] for action in ACTIONS if action in found.actions)
    basic = of_profile.basic if of_profile is not None else "not listed"
    return (
        clipped(title, showing.size.letters),
        showing.code(spelled),
        done,
        number(found.files),
        number(found.values),
        basic,
    )


def _tag_of(name: str) -> tuple[int, str]:
    """The number of a tag, to sort by, and how it is written."""
    tag = tag_of(name)
    if tag is not None:
        return tag, spell(tag)
    for mask, value, _, keyword in _core.repeaters():
        if keyword == name:
            return value, spell((mask, value))
    digits = name.strip("()").replace(",", "")
    if len(name) == 11 and len(digits) == 8 and all(c in "0123456789ABCDEFabcdef" for c in digits):
        return int(digits, 16), name
    return 1 << 32, UNKNOWN


def _not_met(tally: Tally, showing: Showing) -> Iterator[Html]:
    """What the rules are about and no file has with a value."""
    names = {
        name: None
        for run in tally.runs
        if run.task in WRITING and run.end is not None
        for action in ACTIONS
        if action != "keep"
        for name in run.rules.get(action, ())
        if name not in tally.elements and name not in {"dates", "private"} and not name.startswith(("(50xx", "(60xx"))
    }
    if names:
        said = "Listed by the rules, and with a value to change in no file: "
        yield element("p", said, showing.words(sorted(names)), ".", class_="small about")


def left(tally: Tally, showing: Showing) -> Html:
    """What stays in the files, in the words of `dicomblank levels`, and the attributes of the profile that stay."""
    writing = [run for run in tally.runs if run.task in WRITING and run.is_told]
    parts: list[Html] = []
    levels = list(dict.fromkeys(run.level for run in writing))
    for level in levels[: showing.size.runs]:
        runs = [run for run in writing if run.level == level]
        parts.append(element("h3", *_title(level, showing)))
        parts.append(
            element("ul", *(element("li", sentence) for sentence in _sentences(runs, showing)), class_="notes")
        )
        if runs[0].profiled is None:
            parts += _of_profile(runs)
    parts += showing.more(len(levels), showing.size.runs, "levels")
    if not parts:
        parts = [element("p", "No run that blanks files is among these reports.", class_="about")]
    return element("section", element("h2", "What stays in the files"), *parts, id="left")


def _title(level: str | None, showing: Showing) -> tuple[str, ...]:
    return ("Rules of the caller's own",) if level is None else ("Level ", showing.code(level))


def _sentences(runs: list[Run], showing: Showing) -> Iterator[str]:
    touched = _touched(runs)
    level = runs[0].level
    if runs[0].profiled is not None:
        yield "Every element without a row in the table of the profile that no rule names."
        yield "Pixels: text in them, and faces, are not looked for. Names of files and folders."
        yield from _kept(runs, showing)
        return
    if level == Level.ORIGINAL.value and not touched:
        yield "Everything: no value is changed."
        return
    if level == Level.ANONYMIZE.value:
        it = "Apart from what the rules name beside it, it" if _is_changed(runs) else "It"
        yield f"{it} leaves {LEFT_BY_ANONYMIZE}."
    if level == Level.PSEUDONYMIZE.value:
        yield f"It leaves {LEFT_BY_PSEUDONYMIZE.replace('the list below names', 'this list names')}."
    if level not in _LEVELS:
        yield "Every element that no rule names."
    yield from _kept(runs, showing)
    rest = [name for name in LEFT_ALONE if name not in touched and not _is_gone(name, touched, runs)]
    yield f"Left wherever they stand: {', '.join(rest)}."
    yield from (sentence for sentence in NOTICE if not sentence.startswith("It leaves "))


def _kept(runs: list[Run], showing: Showing) -> Iterator[str]:
    if kept := sorted({name for run in runs for name in run.rules.get("keep", ())}):
        yield join(["What was to be kept: ", showing.words(kept), "."])


def _is_gone(name: str, touched: set[str], runs: list[Run]) -> bool:
    """Whether nothing is left of what is called so, though no rule is called so."""
    if name in {"the preamble", "value lengths"}:
        return all(any(run.rules.get(word) for word in REWRITES) for run in runs)
    by = {"UIDs": "SOPInstanceUID", "CSA and other private headers": "private", "PersonName (0040,A123)": "PersonName"}
    return by.get(name) in touched


_LEVELS = frozenset(level.value for level in Level)


def _is_changed(runs: list[Run]) -> bool:
    rules = Level.ANONYMIZE.rules
    names = {_core.keyword_of(tag) for tag in rules.blanked if isinstance(tag, int)}
    return any(set(run.rules.get("blank", ())) - names for run in runs) or any(
        run.rules.get(action) for run in runs for action in ACTIONS if action not in {"blank", "keep"}
    )


def _touched(runs: list[Run]) -> set[str]:
    """What all of these runs change, wherever it stands."""
    each = [{name for action in ACTIONS if action != "keep" for name in run.rules.get(action, ())} for run in runs]
    return set.intersection(*each) if each else set()


def _of_profile(runs: list[Run]) -> Iterator[Html]:
    """The attributes that the Basic Profile does not keep, and that no rule is about."""
    touched = _touched(runs)
    dates = all("dates" in run.rules.get("shift", ()) for run in runs)
    stays = [row for row in ATTRIBUTES if row.basic != "K" and not _is_covered(row, touched, dates=dates)]
    names = [row.name for row in stays if not row.retired]
    said = (
        f"Of the {number(len(ATTRIBUTES))} rows of Table E.1-1, {number(len(stays))} are about attributes that the "
        f"Basic Profile would change and these rules leave as they are, {number(len(names))} of them not retired."
    )
    yield element("p", said, class_="about")
    if names:
        summary = element("summary", f"Show the {number(len(names))} that are not retired")
        yield element("details", summary, element("ul", *(element("li", name) for name in names), class_="words"))


def _is_covered(row: Attribute, touched: set[str], *, dates: bool) -> bool:
    if row.is_pattern:
        return row.spelled in touched
    return row.keyword in touched or (dates and _core.vr_of(int(row.tag, 16)) in {"DA", "DT"})
