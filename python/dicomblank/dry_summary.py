"""What the command says of a dry run: how many files, how many values of each tag, and how far they are."""

from __future__ import annotations

import argparse

from dicomblank import _core
from dicomblank.leftovers import sentences as leftovers
from dicomblank.summary import Summary, level_of
from dicomblank.tags import spell
from dicomblank.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dicomblank._core import Report

__all__ = ["DrySummary", "rows_of_states"]


class DrySummary(Summary):
    """Counts the notable rows of a dry run, and makes sentences of them, in which there are no zeros."""

    def __init__(self, args: argparse.Namespace) -> None:
        super().__init__(argparse.Namespace(**vars(args), output=None))

    def sentences(self, report: Report) -> Iterator[str]:
        """A line each."""
        yield self._planned(report)
        yield from self._not_done(report)
        yield from self._left_out(is_done=bool(report.planned or report.unchanged))
        yield from self._warned_of()
        yield from leftovers(report)

    def _planned(self, report: Report) -> str:
        parts = []
        if report.planned:
            values = counted(report.edits, "value")
            what = "blank or replace" if self._replaces else "blank"
            parts.append(f"{counted(report.planned, 'file')} {_has(report.planned)} {values} to {what}")
        if report.unchanged:
            count = f"{report.unchanged:,}" if parts else counted(report.unchanged, "file")
            parts.append(f"{count} {_has(report.unchanged)} none, or none any more")
        return f"{', '.join(parts) or 'No file has a plan'}, at {level_of(self._args)}. No file was changed."

    def _not_done(self, report: Report) -> Iterator[str]:
        failed = report.failed - self.dropped - self._folders.count
        if report.refused:
            yield f"{counted(report.refused, 'file')} would be refused."
        if failed:
            yield f"{counted(failed, 'file')} could not be read."
        if self._folders.count:
            inside = "what is in it is" if self._folders.count == 1 else "what is in them is"
            yield f"{counted(self._folders.count, 'folder')} could not be read ({self._folders}): {inside} NOT counted."


def rows_of_states(report: Report) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The head and the rows of a table of the tags, in their order."""
    head = ("tag", "name", "files", "values", "to do", "blank already", "done already")
    words = ("files", "values", "to-do", "blank", "done")
    rows = [(*_tag_and_name(name), *(f"{counts[word]:,}" for word in words)) for name, counts in report.states.items()]
    return head, sorted(rows)


def _tag_and_name(name: str) -> tuple[str, str]:
    """(0010,0010) and PatientName; an element without a keyword is called by its tag."""
    tag = _core.tag_of(name)
    if tag is not None:
        return spell(tag), name
    repeaters = {keyword: (mask, value) for mask, value, _, keyword in _core.repeaters()}
    return (spell(repeaters[name]), name) if name in repeaters else (name, "")


def _has(count: int) -> str:
    return "has" if count == 1 else "have"
