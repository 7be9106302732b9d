"""The Basic Profile in the runs of a page: what was met of it, and what was not, in the form of PS3.2."""

from __future__ import annotations

from dataclasses import dataclass, field

from dicomblank.page.markup import Html, element, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dicomblank.basic_outcome import Outcome
    from dicomblank.page.lines import Json
    from dicomblank.page.run import Run
    from dicomblank.page.showing import Showing

__all__ = ["Profiled", "Profiles"]

#: Outcomes of files that were treated, now or before.
TREATED = ("anonymized", "unchanged")

#: Values of so many tags are told apart: the table has fewer rows, but each private element may be one.
MOST_TAGS = 5_000
#: Levels and rules of which so many are told apart.
MOST_LEVELS = 200


@dataclass
class Profiled:
    """The runs at one level that comes of the profile, with the same rules."""

    level: str
    rules: dict[str, tuple[str, ...]]
    #: Files that are done.
    files: int = 0
    #: Those with a warning by which a row may not have been treated as it says.
    not_certain: int = 0
    #: The tags of which values were changed.
    values: set[str] = field(default_factory=set)

    def add(self, row: Json) -> None:
        """Takes the row of a file."""
        if row.get("outcome") in TREATED:
            self.files += 1
            self.not_certain += is_not_certain(row.get("warnings"))

    def finish(self, values: Iterable[str]) -> None:
        """Takes the tags of a last row."""
        self.values.update(values if len(self.values) < MOST_TAGS else ())

    @property
    def outcome(self) -> Outcome | None:
        """What of the profile was met."""
        from dicomblank.basic_outcome import outcome_of  # with the table of the profile

        return outcome_of(self.level, self.rules, self.values)

    def sentences(self, outcome: Outcome) -> list[str]:
        """What there is to say of it."""
        return outcome.sentences(self.files, self.not_certain)


class Profiles:
    """All such runs."""

    def __init__(self) -> None:
        self._all: dict[object, Profiled] = {}

    def of(self, run: Run) -> Profiled | None:
        """That to which a run belongs, if its level may come of the profile."""
        level = run.level or ""
        if "basic" not in level:
            return None
        key = level, tuple(sorted(run.rules.items()))
        if key not in self._all and len(self._all) >= MOST_LEVELS:
            return None
        return self._all.setdefault(key, Profiled(level, run.rules))

    def outcomes(self) -> Iterator[tuple[Profiled, Outcome]]:
        """Each with what was met."""
        for profiled in self._all.values():
            if (outcome := profiled.outcome) is not None:
                yield profiled, outcome

    def sentences(self) -> tuple[str, ...]:
        """What there is to say, in a text."""
        return tuple(sentence for profiled, outcome in self.outcomes() for sentence in profiled.sentences(outcome))

    def statement(self, showing: Showing) -> Html:
        """The section of the page; nothing, where there are no such runs."""
        told = list(self.outcomes())
        parts: list[Html] = []
        for profiled, outcome in told[: showing.size.runs]:
            parts.append(element("h3", "Level ", showing.code(profiled.level)))
            sentences = (element("li", sentence) for sentence in profiled.sentences(outcome))
            parts += [element("ul", *sentences, class_="notes"), _options(outcome)]
        parts += showing.more(len(told), showing.size.runs, "levels")
        if not parts:
            return Html("")
        return element("section", element("h2", "Statement of conformance"), *parts, id="statement")


def is_not_certain(warnings: object) -> bool:
    """Whether one of the warnings of a file is about a row that may not have been treated as it says."""
    from dicomblank.basic_outcome import NOT_CERTAIN

    return isinstance(warnings, list) and any(isinstance(word, str) and word in NOT_CERTAIN for word in warnings)


def _options(outcome: Outcome) -> Html:
    """Table N.8-7 of PS3.2: the profile and its options, and whether each was asked for and is met."""
    from dicomblank.basic_statement import OPTIONS_HEAD, options_asked

    return table(OPTIONS_HEAD, options_asked(outcome.options))
