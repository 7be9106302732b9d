"""What `inspect` gives: in how many files each thing stands, and in how many of them a run would leave some of it."""

from __future__ import annotations

from typing import NamedTuple

from dicomblank.leftovers import sentences as leftover_sentences
from dicomblank.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dicomblank._core import Report

__all__ = ["Found", "Inspection"]

#: Rows of a section that a person reads: the commonest.
MOST_ROWS = 12

# A table fits so many columns.
WIDTH = 79

# The sections that are shown whole: all of it is a reason to look at the files.
_WHOLE = ("pictures", "content", "bytes")


class Found(NamedTuple):
    """Something that stands in files."""

    files: int
    """In how many files."""
    left: int | None
    """In how many of them a run would leave some of it; None where that was not asked."""


class Inspection:
    """What stands in files: no value, only in how many files there is something other than padding.

    `attributes`, `names`, `dates`, `private`, `pictures`, `content` and `bytes` each have a `Found` for each word, the
    commonest first: what was not found has none. `report` has the counts of the files, and what went wrong. As text it
    is the table that the command prints.

    Inspections add up as reports do: that of two shards is `one + other`, that of many `sum(inspections)`. What a run
    would leave is None in a sum of two that were not asked by the same level or rules.
    """

    def __init__(self, report: Report, level: str | None = None, *, asked: str | None = None) -> None:
        #: The counts of the run: files inspected, not DICOM, refused; its faults; how long it took.
        self.report = report
        #: The level by which was asked what a run would leave; None where it was not, or rules were given.
        self.level = level
        # What tells the rules apart; None where it was not asked what a run would leave.
        self._asked = asked

    @property
    def attributes(self) -> dict[str, Found]:
        """Attributes of Table E.1-1 of PS3.15, by keyword; "(50xx,xxxx)" or "private" where a row is about many."""
        return self._section("attributes")

    @property
    def names(self) -> dict[str, Found]:
        """Person names (VR PN) that the table does not have, by keyword."""
        return self._section("names")

    @property
    def dates(self) -> dict[str, Found]:
        """Dates (VR DA and DT) that the table does not have, by keyword."""
        return self._section("dates")

    @property
    def private(self) -> dict[str, Found]:
        """Private elements by their creator. Creators that pydicom's dictionary does not know are "others"."""
        return self._section("private")

    @property
    def pictures(self) -> dict[str, Found]:
        """Signs of text in pictures, by their words (docs/report.md)."""
        return self._section("pictures")

    @property
    def content(self) -> dict[str, Found]:
        """Overlays, documents, icons and structured content, by their words (docs/report.md)."""
        return self._section("content")

    @property
    def bytes(self) -> dict[str, Found]:
        """Preambles, trailing bytes and opaque values, by their words (docs/report.md)."""
        return self._section("bytes")

    @property
    def leftovers(self) -> dict[str, int]:
        """In how many files the values of PatientName and PatientID stand elsewhere, by place, the commonest first.

        A place is a tag path without the numbers of items, "preamble", "trailing" or "path". What a level blanks, where
        one was asked by, is left out. `report.leftovers` says in how many files they were looked for.
        """
        return dict(sorted(self.report.leftover_places.items(), key=lambda item: (-item[1], item[0])))

    @property
    def asked(self) -> bool:
        """Whether it was asked what a run would leave."""
        return self._asked is not None

    @property
    def ok(self) -> bool:
        """Whether all files were looked into that are DICOM: there is no fault, and no folder without DICOM."""
        return self.report.ok

    def sections(self) -> dict[str, dict[str, Found]]:
        """All that was found, by section and word, in the order of the properties of the same names."""
        from dicomblank.subjects import SECTIONS

        return {name: self._section(name) for name in SECTIONS}

    def table(self, *, whole: bool = False) -> str:
        """The table: of the longer sections only the commonest rows, unless `whole`. It fits 80 columns."""
        return "\n".join(self._lines(whole=whole))

    def _section(self, name: str) -> dict[str, Found]:
        found = self.report.found.get(name, {})
        common = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
        return {word: Found(files, left if self.asked else None) for word, (files, left) in common}

    def _lines(self, *, whole: bool) -> Iterator[str]:
        from dicomblank.subjects import SECTIONS, SUBJECTS

        meanings = {(subject.section, subject.word): subject.meaning for subject in SUBJECTS}
        yield self._first_line()
        for name, title in SECTIONS.items():
            if found := self._section(name):
                yield ""
                yield self._row("files", "left" if self.asked else None, title)
                shown = len(found) if whole or name in _WHOLE else MOST_ROWS
                for word, (files, left) in list(found.items())[:shown]:
                    meaning = meanings.get((name, word))
                    text = f"{word}: {meaning}" if meaning else _told(name, word)
                    yield self._row(f"{files:,}", None if left is None else f"{left:,}", text)
                yield from self._more(len(found) - shown)
        yield from self._leftover_lines(whole=whole)
        yield ""
        yield from _wrapped(self._last_line())

    def _leftover_lines(self, *, whole: bool) -> Iterator[str]:
        if not self.report.leftovers:
            return
        yield ""
        if found := self.leftovers:
            yield self._row("files", "" if self.asked else None, "PatientName and PatientID elsewhere, by place")
            shown = len(found) if whole else MOST_ROWS
            for place, files in list(found.items())[:shown]:
                yield self._row(f"{files:,}", "" if self.asked else None, place)
            yield from self._more(len(found) - shown)
        for sentence in leftover_sentences(self.report):
            yield from _wrapped(sentence)

    def _more(self, count: int) -> Iterator[str]:
        """A row about those that are not shown, if there are any."""
        if count > 0:
            yield self._row("", "" if self.asked else None, f"and {count} more: --all shows them")

    def _first_line(self) -> str:
        counts = self.report.counts
        done = f"{counted(counts['inspected'], 'file')} inspected"
        others = [f"{counts[word]:,} {said}" for word, said in _OUTCOMES.items() if counts[word]]
        if counts["archive"]:
            others.append(f"{counted(counts['archive'], 'archive')} not looked into")
        return ", ".join([done, *others]) + ("." if self.report.complete else ", and then it was interrupted.")

    def _last_line(self) -> str:
        level = f"at the level {self.level}" if self.level else "by these rules"
        left = f' "left": in how many of them a run {level} would leave some of it.' if self.asked else ""
        return (
            f'"files": in how many files something other than padding stands.{left} No value was shown, and nothing '
            "was changed. Text in pictures was not looked for: its signs were."
        )

    def _row(self, files: str, left: str | None, text: str) -> str:
        head = f"{files:>9}  " + (f"{left:>9}  " if left is not None else "")
        first, *rest = _wrapped(text, WIDTH - len(head))
        return "\n".join([(head + first).rstrip(), *(" " * len(head) + "  " + line for line in rest)])

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        things = sum(len(found) for found in self.report.found.values())
        return f"<Inspection: {counted(self.report.counts['inspected'], 'file')}, {counted(things, 'finding')}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Inspection):
            return NotImplemented
        return (self.report, self.level, self._asked) == (other.report, other.level, other._asked)

    __hash__ = None  # type: ignore[assignment]  # as of a report

    def __add__(self, other: Inspection) -> Inspection:
        if not isinstance(other, Inspection):
            return NotImplemented
        asked = self._asked if self._asked == other._asked else None
        level = self.level if asked is not None and self.level == other.level else None
        return Inspection(self.report + other.report, level, asked=asked)

    def __radd__(self, other: int) -> Inspection:
        # `sum(inspections)` begins with 0.
        return self if other == 0 else NotImplemented


_OUTCOMES: Mapping[str, str] = {
    "not-dicom": "not DICOM",
    "skipped": "skipped",
    "refused": "refused",
    "failed": "failed",
}


def _told(section: str, word: str) -> str:
    if word == "others":
        return {"private": "(creators that pydicom does not know)"}.get(section, "(tags that the dictionary lacks)")
    return "private elements" if (section, word) == ("attributes", "private") else word


def _wrapped(text: str, width: int = WIDTH) -> list[str]:
    import textwrap

    lines = textwrap.wrap(text, width - 2, break_on_hyphens=False, break_long_words=False)
    return lines or [""]
