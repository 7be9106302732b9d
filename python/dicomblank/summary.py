"""What the command says of a run: each fault as it is met, and the summary at the end."""

from __future__ import annotations

import os

from dicomblank.notice import RECALL
from dicomblank.terminal import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dicomblank._core import Row
    from dicomblank.report import Report
    from dicomblank.terminal import ProgressBar

__all__ = ["Rows", "row_name", "say_summary"]


def say_summary(report: Report, rows: Rows, say_line: Callable[[str], None]) -> None:
    """Prints the counts of a run by `say_line`, and what it has not done."""
    for name, value in report.lines():
        say_line(f"{name:<14}  {value:>9}")
    if rows.skipped:
        say_line(f"Skipped: {_counted(rows.skipped)}")
    if rows.archives:
        say_line(f"Not looked into: {_counted(rows.archives)}. Unpack archives first.")
    say_line(RECALL)


def _counted(kinds: dict[str, int]) -> str:
    return ", ".join(f"{kind} ({count})" for kind, count in sorted(kinds.items()))


class Rows:
    """Counts what was found, and tells of each fault as it is met."""

    def __init__(self, sources: Sequence[str], bar: ProgressBar) -> None:
        self.skipped: dict[str, int] = {}
        self.archives: dict[str, int] = {}
        self._bar = bar
        # As the rows name them.
        self._files = {row_name(source) for source in sources if not os.path.isdir(source)}

    def __call__(self, row: Row) -> None:
        """Takes one row."""
        if row.outcome == "skipped":
            reason = _kind(row.error)
            self.skipped[reason] = self.skipped.get(reason, 0) + 1
        elif row.outcome == "archive":
            archive = _kind(row.error).removeprefix("an archive (").removesuffix(")")
            self.archives[archive] = self.archives.get(archive, 0) + 1
        if row.is_fault:
            is_file = row.source in self._files
            path = row.source if is_file else os.path.join(row.source, row.path)
            outcome = "not DICOM" if row.outcome == "not-dicom" else row.outcome
            self._bar.complain(": ".join(filter(None, (outcome, escaped(path), escaped(row.error or "")))))


def _kind(reason: str | None) -> str:
    """The reason for which a file was skipped, without what is of that file alone."""
    if reason is None:
        return "copied already"
    return "a symbolic link" if reason.startswith("a symbolic link to ") else reason.partition(":")[0]


def row_name(source: str) -> str:
    """A path as the core writes it in its rows."""
    return os.fsencode(source).decode("utf-8", "backslashreplace")
