"""What the command says of a run: each fault as it is met, and the summary at the end."""

from __future__ import annotations

import os

from dicomblank.notice import RECALL
from dicomblank.terminal import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dicomblank._core import Report, Row
    from dicomblank.terminal import ProgressBar

__all__ = ["Rows", "path_of", "say_summary"]


def say_summary(report: Report, rows: Rows, say_line: Callable[[str], None]) -> None:
    """Prints the counts of a run by `say_line`, and what it has not done."""
    for name, value in _counts(report):
        say_line(f"{name:<29}  {value:>9}")
    if rows.skipped:
        say_line(f"Skipped: {_counted(rows.skipped)}")
    if rows.archives:
        say_line(f"Not looked into: {_counted(rows.archives)}. Unpack archives first.")
    say_line(RECALL)


def _counts(report: Report) -> list[tuple[str, int]]:
    counts = [
        ("files", report.files),
        ("anonymized", report.anonymized),
        ("nothing on the level's list", report.unchanged),
        ("not DICOM", report.not_dicom),
        ("archives", report.archives),
        ("skipped", report.skipped),
        ("refused", report.refused),
        ("failed", report.failed),
        ("warnings", report.warnings),
        ("values blanked", report.edits),
    ]
    return [(name, count) for name, count in counts if count or name == "files"]


def _counted(kinds: dict[str, int]) -> str:
    return ", ".join(f"{kind} ({count})" for kind, count in sorted(kinds.items()))


class Rows:
    """Counts what was found, and tells of each fault as it is met."""

    def __init__(self, bar: ProgressBar) -> None:
        self.skipped: dict[str, int] = {}
        self.archives: dict[str, int] = {}
        self._bar = bar

    def __call__(self, row: Row) -> None:
        """Takes one row."""
        if row.outcome == "skipped":
            self.skipped[row.kind or ""] = self.skipped.get(row.kind or "", 0) + 1
        elif row.outcome == "archive":
            self.archives[row.kind or ""] = self.archives.get(row.kind or "", 0) + 1
        if row.is_fault:
            outcome = "not DICOM" if row.outcome == "not-dicom" else row.outcome
            self._bar.complain(": ".join(filter(None, (outcome, escaped(path_of(row)), escaped(row.error or "")))))


def path_of(row: Row) -> str:
    """The path of a row's file: that of a file that was named itself is its source."""
    return (
        row.source
        if os.path.basename(row.source) == row.path and not os.path.isdir(row.source)
        else os.path.join(row.source, row.path)
    )
