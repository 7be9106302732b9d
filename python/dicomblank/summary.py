"""What the command says of a run at its end: what was done, what was not, and what stays in the files."""

from __future__ import annotations

import os

from dicomblank import _core
from dicomblank.faults import path_of
from dicomblank.leftovers import NOT_LOOKED_FOR
from dicomblank.leftovers import sentences as leftovers
from dicomblank.levels import Level
from dicomblank.notice import LEFT_BY_ANONYMIZE, RECALL
from dicomblank.rule_arguments import LISTS, PAIRS, has_rules, rules_of
from dicomblank.tags import spell
from dicomblank.urls import is_url
from dicomblank.words import Names, counted, duration, escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from dicomblank._core import Report, Row

__all__ = ["Summary", "level_of", "path_of"]

# Warnings that are about values that were replaced, and not about the file.
_OF_VALUES = (
    "unmarked",
    "dates-of-nobody",
    "no-domain",
    "short-domain",
    "date-without-day",
    "no-date",
    "date-out-of-calendar",
    "unknown-class",
)

# Kinds of warnings that are told with their meaning: the commonest.
MOST_WARNINGS = 3


class Summary:
    """Counts the notable rows of one run of `anonymize`, and makes sentences of them, in which there are no zeros."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        #: Files of which nothing is left, since the run was interrupted.
        self.dropped = 0
        # How many copies this run wrote; how many were there already, whole and blanked.
        self._written = 0
        self._copied_before = 0
        self._exist = 0
        self._folders = Names()
        self._others = Names()
        self._archives = Names()
        self._links = Names()
        self._skipped: dict[str, Names] = {}
        self._warned = 0
        self._warnings: dict[str, int] = {}
        # Files of which it is not certain that they conform to the profile.
        self._not_certain = 0

    def add(self, row: Row) -> None:
        """Takes one row."""
        if row.warnings:
            self._add_warnings(row)
        if row.kind is not None or row.outcome == "not-dicom":
            self._add_left_out(row)

    def _add_warnings(self, row: Row) -> None:
        self._warned += any(word not in _OF_VALUES and word != "opaque-values" for word in row.warnings)
        for word in row.warnings:
            self._warnings[word] = self._warnings.get(word, 0) + 1
        if self._args.level.is_of_profile:
            from dicomblank.basic_outcome import NOT_CERTAIN

            self._not_certain += any(word in NOT_CERTAIN for word in row.warnings)

    def _add_left_out(self, row: Row) -> None:
        match row.outcome, row.kind:
            case "not-dicom", _:
                self._others.add(row.path)
            case "archive", _:
                self._archives.add(row.path)
            case "skipped", "copied-already":
                self._copied_before += 1
            case "skipped", "symbolic-link":
                self._links.add(_link(row) if self._links.count < Names.MOST else row.path)
            case "skipped", kind:
                self._skipped.setdefault(kind or "", Names()).add(row.path)
            case "refused", "exists":
                self._exist += 1
            case "failed", "interrupted":
                self.dropped += 1
            case "failed", _ if os.path.isdir(path_of(row)):
                self._folders.add(row.path)

    @property
    def copies(self) -> int:
        """How many there are at the end, of this run or of one before."""
        return self._written + self._copied_before

    @property
    def only_copy(self) -> str | None:
        """The path of the copy, where one file alone was named."""
        if self.copies != 1 or len(self._args.sources) != 1 or os.path.isdir(self._args.sources[0]):
            return None
        if is_url(self._args.sources[0]):
            return None  # whether it is an object or a prefix only the store knows
        output, source = self._args.output, self._args.sources[0]
        return os.path.join(output, os.path.basename(source)) if os.path.isdir(output) else str(output)

    def sentences(self, report: Report) -> Iterator[str]:
        """A line each."""
        self._written = report.anonymized + report.unchanged if self._args.output is not None else 0
        is_done = report.anonymized or report.unchanged or self._copied_before
        yield self._done(report)
        yield from self._not_done(report)
        yield from self._left_out(is_done=bool(is_done))
        yield from self._warned_of()
        yield from leftovers(report)
        if is_done and report.complete:
            if self._args.level.name == Level.ANONYMIZE.value:
                apart = "Apart from what --blank names, the" if self._args.blank else "The"
                yield f"{apart} level anonymize leaves {LEFT_BY_ANONYMIZE}."
            if self._args.level.is_of_profile:
                yield self._conformance(report)
            if not report.leftovers and report.anonymized:
                yield NOT_LOOKED_FOR
            yield RECALL

    def _done(self, report: Report) -> str:
        is_copy = self._args.output is not None
        parts = []
        if report.anonymized:
            place = "" if is_copy else " in place"
            parts.append(f"{counted(report.anonymized, 'file')} anonymized{place} at {level_of(self._args)}")
        if report.unchanged:
            count = f"{report.unchanged:,}" if parts else counted(report.unchanged, "file")
            list_ = "the level's list" if parts else f"the list of {level_of(self._args)}"
            is_original = self._args.level.name == Level.ORIGINAL.value and not has_rules(self._args)
            stays = f"{'stays' if report.unchanged == 1 else 'stay'} as before, since the level original blanks nothing"
            was = f"{'was' if report.unchanged == 1 else 'were'} done before, or had nothing on {list_}"
            nothing = was if self._replaces else f"had nothing on {list_}"
            parts.append(f"{count} {stays if is_original else nothing}")
        if self._copied_before:
            count = f"{self._copied_before:,}" if parts else counted(self._copied_before, "file")
            parts.append(f"{count} {'was' if self._copied_before == 1 else 'were'} copied before")
        done = ", ".join(parts) or "No file was anonymized"
        took = f"{counted(report.edits, 'value')} {self._what} in " * bool(report.edits) + duration(report.seconds)
        return f"{done}{self._where()} ({took})."

    @property
    def _replaces(self) -> bool:
        """Whether values become others, and not only blank."""
        return bool(self._args.level.rules._native.others) or has_rules(self._args, but=("blank",))

    @property
    def _what(self) -> str:
        """What is done to values."""
        if self._args.level.rules.rewrites or self._args.remove:
            return "removed or changed"
        return "blanked or replaced" if self._replaces else "blanked"

    def _conformance(self, report: Report) -> str:
        """What the report will say of the profile first."""
        from dicomblank.basic_outcome import outcome_of

        rules: dict[str, list[str]] = {}
        for about, (word, _) in rules_of(self._args)._entries.items():
            rules.setdefault(word, []).append(spell(about))
        outcome = outcome_of(self._args.level.name, rules, report.values)
        return outcome.conformance(report.anonymized + report.unchanged, self._not_certain) if outcome else ""

    def _where(self) -> str:
        if not self.copies:
            return ""
        if self.only_copy is not None:
            return f": the copy is {escaped(self.only_copy)}"
        return f": {counted(self.copies, 'copy')} {'is' if self.copies == 1 else 'are'} in {self._folder()}"

    def _not_done(self, report: Report) -> Iterator[str]:
        refused = report.refused - self._exist
        if refused:
            yield f"{counted(refused, 'file')} {_were(refused)} refused and {self._undone(refused)}."
        if self._exist:
            one = "its copy exists already, and is as it was"
            why = one if self._exist == 1 else "their copies exist already, and are as they were"
            yield f"{counted(self._exist, 'file')} {_were(self._exist)} refused: {why}."
        failed = report.failed - self.dropped - self._folders.count
        if failed:
            yield f"{counted(failed, 'file')} failed and {'is' if failed == 1 else 'are'} NOT done."
        if self._folders.count:
            inside = "what is in it is" if self._folders.count == 1 else "what is in them is"
            yield f"{counted(self._folders.count, 'folder')} could not be read ({self._folders}): {inside} NOT done."

    def _undone(self, count: int) -> str:
        if self._args.output is None:
            return f"{_were(count)} not changed"
        if os.path.isdir(self._args.output):
            return f"{'is' if count == 1 else 'are'} NOT in {self._folder()}"
        return f"{_were(count)} NOT copied"

    def _left_out(self, *, is_done: bool) -> Iterator[str]:
        count = self._others.count
        if count:
            what = counted(count, "other file" if is_done else "file")
            left = "left alone" if self._args.output is None else "not copied"
            yield f"{what} {'is' if count == 1 else 'are'} not DICOM and {_were(count)} {left} ({self._others})."
        if self._links.count:
            yield f"{counted(self._links.count, 'link')} {_were(self._links.count)} not followed: {self._links}."
        for kind, names in self._skipped.items():
            yield f"{counted(names.count, 'file')} {_were(names.count)} skipped ({names}): {_meaning(kind)}"
        count = self._archives.count
        if count:
            unpack = f"Unpack {'it' if count == 1 else 'them'} first."
            yield f"{counted(count, 'archive')} {_were(count)} not looked into ({self._archives}). {unpack}"

    def _warned_of(self) -> Iterator[str]:
        meanings = dict(_core.warnings())
        opaque = self._warnings.get("opaque-values", 0)
        common = sorted(
            (
                (count, word)
                for word, count in self._warnings.items()
                if word not in _OF_VALUES and word != "opaque-values"
            ),
            reverse=True,
        )
        if common:
            shown = common[:MOST_WARNINGS]
            said = " ".join(f"{meanings[word].rstrip('.')} ({count:,})." for count, word in shown)
            if len(common) == 1:
                said = meanings[common[0][1]]
            do = "does" if self._warned == 1 else "do"
            more = " The report file says what else." if len(common) > len(shown) else ""
            yield f"{counted(self._warned, 'file')} {do} not keep to the standard: {said}{more}"
        for word in _OF_VALUES:
            if count := self._warnings.get(word):
                yield f"{counted(count, 'file')}: {_inside(meanings[word])}"
        if opaque:
            yield f"{counted(opaque, 'file')} {'has' if opaque == 1 else 'have'} {_inside(meanings['opaque-values'])}"

    def _folder(self) -> str:
        output = escaped(self._args.output)
        return output if output.endswith("/") or is_url(output) else f"{output}/"


def level_of(args: argparse.Namespace) -> str:
    """The level that was asked for, with the options that change it."""
    options = [f"--{name}" for name in (*LISTS, *PAIRS) if getattr(args, name)]
    return f"the level {args.level.name}{' with ' * bool(options)}{' and '.join(options)}"


def _link(row: Row) -> str:
    try:
        return f"{row.path} -> {os.readlink(path_of(row))}"
    except OSError:  # gone meanwhile
        return row.path


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _meaning(kind: str) -> str:
    return dict(_core.kinds()).get(kind, "")


def _inside(sentence: str) -> str:
    """A sentence as a part of another one."""
    return sentence[0].lower() + sentence[1:]
