"""The verdict on what reports tell, with its reasons."""

from __future__ import annotations

from dataclasses import dataclass

from dicomblank._core import __version__
from dicomblank.page.tally import DONE, LEFT
from dicomblank.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dicomblank.page.run import Run
    from dicomblank.page.tally import Tally

__all__ = ["VERIFY_FAULTS", "Reason", "Verdict", "verdict_on"]

#: Outcomes of files that were compared and are not what they should be, with what is wrong.
VERIFY_FAULTS = {
    "leak": "with a value that was to be blanked",
    "differs": "in which pydicom takes a blanked value for longer",
    "changed": "in which something else has changed",
    "other-level": "that another level has made",
    "unconfirmed": "that pydicom can't read, nor the original",
    "missing": "without a copy",
    "extra": "without an original",
    "unreadable": "that can't be read to be compared",
}

#: Runs that blank files.
WRITING = ("copy", "in-place")


@dataclass(frozen=True)
class Reason:
    """Something to review, or to know."""

    count: int
    """How many there are."""
    noun: str
    """Of what."""
    rest: str
    """What is the matter with them."""
    place: str
    """The id of the part of the page that lists them."""

    def __str__(self) -> str:
        return f"{counted(self.count, self.noun)} {self.rest}"


@dataclass(frozen=True)
class Verdict:
    """What the page says first: `passed`, or what there is to review.

    As a text it is one line: PASS, or REVIEW REQUIRED with its reasons. That a report passed means that it has nothing
    to review, and not that no identifier is left in the files.
    """

    reasons: tuple[Reason, ...]
    """What there is to review; none where it passed. Each has a `count`, and reads as a text."""
    notes: tuple[str, ...]
    """What should be known beside it, such as what was not looked for."""
    statement: tuple[str, ...] = ()
    """What was met of the Basic Profile, where a run was at a level that comes of it: a sentence each."""

    @property
    def passed(self) -> bool:
        """Whether there is nothing to review."""
        return not self.reasons

    @property
    def word(self) -> str:
        """PASS or REVIEW REQUIRED."""
        return "PASS" if self.passed else "REVIEW REQUIRED"

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.word, ", ".join(map(str, self.reasons)))))


def verdict_on(tally: Tally) -> Verdict:
    """What the counts come to."""
    of_all = (*_of_reports(tally), *_of_runs(tally), *_of_files(tally), *_of_findings(tally), *_of_others(tally))
    reasons = tuple(reason for reason in of_all if reason.count or reason.noun == "DICOM file")
    return Verdict(reasons, _notes(tally), tally.profiles.sentences())


def _of_reports(tally: Tally) -> Iterator[Reason]:
    readings = tally.readings
    none = sum(not reading.rows for reading in readings)
    yield Reason(none, "file", "that is no report" if none == 1 else "that are no reports", "reports")
    cut = sum(reading.is_cut_short for reading in readings if reading.rows)
    yield Reason(cut, "report", "cut short in the middle of a line", "reports")
    damaged = sum(reading.damaged for reading in readings if reading.rows)
    yield Reason(damaged, "line", "of a report that can't be read", "reports")
    unknown = sum(reading.unknown for reading in readings if reading.rows)
    yield Reason(unknown, "row", "of a kind that this version does not know", "reports")


def _of_runs(tally: Tally) -> Iterator[Reason]:
    runs = tally.runs
    yield Reason(sum(not run.is_told for run in runs), "run", "without its first row", "reports")
    later = sum(is_later(run) for run in runs)
    yield Reason(later, "run", f"of another version than this one, {__version__}", "reports")
    yield Reason(sum(run.end is None for run in runs), "run", "that did not end: killed, or still at work", "reports")
    broken = sum(run.end not in {None, "complete"} for run in runs)
    yield Reason(broken, "run", "that was interrupted" if broken == 1 else "that were interrupted", "reports")
    short = sum(run.files_told is not None and run.files_told != run.files for run in runs)
    yield Reason(short, "run", "with another number of rows than its end says", "reports")
    idle = sum(run.changes_nothing for run in runs if run.task in WRITING)
    yield Reason(idle, "run", "by rules that blank nothing", "runs")
    dry = sum(run.task == "plan" for run in runs)
    yield Reason(dry, "run", "that was a dry run" if dry == 1 else "that were dry runs", "runs")
    untold = sum(run.is_told and run.task == "unknown" for run in runs)
    yield Reason(untold, "run", "of a kind that this version does not know", "runs")


def _of_files(tally: Tally) -> Iterator[Reason]:
    found = sum(group.count for (_, outcome, kind), group in tally.groups.items() if _is_dicom(outcome, kind))
    if tally.runs and not found:
        yield Reason(0, "DICOM file", "found", "files")
    others = ("copy", "in-place", "plan", "unknown")
    yield Reason(tally.count("refused", tasks=others), "file", "refused: nothing was written", "not-done")
    yield Reason(tally.count("failed", tasks=others), "file", "failed: nothing was finished", "not-done")
    for outcome, said in VERIFY_FAULTS.items():
        yield Reason(tally.count(outcome), "file", said, "not-done")
    compared = tally.count("refused", "failed", tasks=("verify",))
    yield Reason(compared, "file", "that could not be compared: refused, or failed", "not-done")
    inspected = tally.count("refused", "failed", tasks=("inspect",))
    yield Reason(inspected, "file", "that could not be inspected: refused, or failed", "not-done")
    known = {*DONE, *LEFT, *VERIFY_FAULTS, "refused", "failed"}
    odd = sum(group.count for (_, outcome, _), group in tally.groups.items() if outcome not in known)
    yield Reason(odd, "file", "with an outcome that is not one of those that are well", "not-done")
    kept = sum(group.count for (*_, kind), group in tally.groups.items() if kind == "old-file-kept")
    yield Reason(kept, "file", "of which the old bytes are still there", "not-done")


def _is_dicom(outcome: str, kind: str) -> bool:
    return outcome not in LEFT or kind == "copied-already"


def _of_findings(tally: Tally) -> Iterator[Reason]:
    yield Reason(tally.warned, "file", "with a warning", "warnings")
    # Of runs and of the comparison of their results the larger number: they tell of the same files.
    written = sum(_left(tally, task) for task in WRITING)
    count = max(written, *(_left(tally, task) for task in ("plan", "verify", "inspect", "unknown")))
    yield Reason(count, "file", "in which blanked values stand in other places", "leftovers")
    yield Reason(tally.pictures.count, "file", "with likely text in the picture", "found")


def _left(tally: Tally, task: str) -> int:
    """Files with leftovers in runs of this kind, unless all that was found was overwritten."""
    leftovers = tally.leftovers.get(task)
    if leftovers is None:
        return 0
    has_ended = all(run.end is not None for run in tally.runs if run.task == task)
    return 0 if has_ended and 0 < leftovers.found <= leftovers.replaced else leftovers.count


def _of_others(tally: Tally) -> Iterator[Reason]:
    for task, said in (("copy", "not copied"), ("in-place", "left alone")):
        count = sum(
            group.count
            for (of, outcome, kind), group in tally.groups.items()
            if of == task and outcome in LEFT and kind != "copied-already"
        )
        yield Reason(count, "file", said, "left-out")


def _notes(tally: Tally) -> tuple[str, ...]:
    notes = []
    writing = [run for run in tally.runs if run.task in WRITING]
    if any(run.leftovers is None for run in writing):
        which = "Some runs" if any(run.leftovers for run in writing) else "The run" + "s" * (len(writing) > 1)
        notes.append(f"{which} did not look for the blanked values in other places of the files.")
    if count := sum(leftovers.not_searched for leftovers in tally.leftovers.values()):
        was, them = ("was", "it") if count == 1 else ("were", "them")
        notes.append(f"{counted(count, 'value')} {was} not looked for: of {them} it is not known.")
    if count := sum(leftovers.replaced for leftovers in tally.leftovers.values()):
        notes.append(f"{counted(count, 'leftover')} found in other places and overwritten.")
    if any(run.task == "copy" for run in writing) and "verify" not in tally.tasks:
        notes.append("No report of a comparison with the originals (dicomblank verify) is among these.")
    if writing and "inspect" not in tally.tasks:
        notes.append("No report of an inspection (dicomblank inspect) is among these: text in pictures is not told of.")
    older = sorted({run.version for run in tally.runs if run.version not in {None, __version__} and not is_later(run)})
    if older:
        notes.append(f"Made by an earlier version ({', '.join(map(str, older[:3]))}), which may have told less.")
    return tuple(notes)


def is_later(run: Run) -> bool:
    """Whether a run is of a later version than this one, or of one that can't be compared."""
    if not run.is_told or run.version == __version__:
        return False
    theirs, ours = _numbers(run.version or ""), _numbers(__version__)
    return theirs is None or ours is None or theirs > ours


def _numbers(version: str) -> tuple[int, ...] | None:
    parts = version.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts):
        return None
    return tuple(map(int, parts))
