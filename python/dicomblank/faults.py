"""What the command says of refusals and failures: each as it is met, and a cause that many have only once."""

from __future__ import annotations

import os

from dicomblank import _core
from dicomblank.choices import Existing
from dicomblank.words import Names, counted, escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dicomblank._core import Row

__all__ = ["MOST_LINES", "Faults", "path_of"]

#: Lines of one kind that a person reads. A program, in a pipe, reads them all.
MOST_LINES = 20


class Faults:
    """Tells of the faults of one run by `complain`, which writes a line to a terminal or elsewhere."""

    def __init__(
        self,
        complain: Callable[[str], None],
        existing: Existing = Existing.REFUSE,
        *,
        has_report: bool,
        is_terminal: bool,
        line: Callable[[Row], str] | None = None,
    ) -> None:
        self._complain = complain
        self._line = line or _line
        self._existing = existing
        self._has_report = has_report
        self._is_terminal = is_terminal
        self._counts: dict[tuple[str, str | None], int] = {}
        # The files whose copies exist already, and the line about the first of them.
        self._existing_names = Names()
        self._existing_line = ""

    def __call__(self, row: Row) -> None:
        """Takes one row."""
        # Of a copy that an interruption has dropped nothing is left: the last line of the run says that of all files.
        if not row.is_fault or row.kind == "interrupted":
            return
        if row.kind == "exists" and self._existing is not Existing.OVERWRITE:
            self._existing_names.add(row.path)
            self._existing_line = self._existing_line or self._line(row)
            return
        kind = row.outcome, row.kind
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        if count <= MOST_LINES or not self._is_terminal:
            self._complain(self._line(row))

    def end(self) -> None:
        """Tells of those that were only counted."""
        for (outcome, kind), count in self._counts.items():
            if self._is_terminal and count > MOST_LINES:
                meaning = dict(_core.kinds()).get(kind or "", "").rstrip(".")
                reason = ": ".join(filter(None, (_word(outcome), meaning)))
                self._complain(f"and {count - MOST_LINES:,} more {reason}. {self._where_all_are()}")
        if self._existing_names.count:
            self._complain(self._line_of_existing())

    def _line_of_existing(self) -> str:
        skips = self._existing is Existing.SKIP
        names = self._existing_names
        if names.count == 1:
            skip = "" if skips else "--skip-existing leaves it if it is whole and blanked, "
            return f"{self._existing_line}: {skip}--overwrite replaces it"
        which = f"refused: {counted(names.count, 'file')} ({names}), whose copies exist already"
        if skips:
            return f"{which} and are not whole and blanked: --overwrite replaces them. {self._where_all_are()}"
        return f"{which}: --skip-existing leaves those that are whole and blanked, --overwrite replaces them"

    def _where_all_are(self) -> str:
        return "The report names all of them" if self._has_report else "--report FILE.jsonl names all of them"


def _line(row: Row) -> str:
    return ": ".join(filter(None, (_word(row.outcome), escaped(path_of(row)), escaped(row.error or ""))))


def _word(outcome: str) -> str:
    return "not DICOM" if outcome == "not-dicom" else outcome


def path_of(row: Row) -> str:
    """The path of a row's file: that of a file that was named itself is its source."""
    return (
        row.source
        if os.path.basename(row.source) == row.path and not os.path.isdir(row.source)
        else os.path.join(row.source, row.path)
    )
