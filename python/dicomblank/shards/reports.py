"""The report of a run, had back from its report file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dicomblank._core import Report, Row
from dicomblank.page.outcomes import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dicomblank.inputs import StrPath

__all__ = ["ReportError", "read"]

# As many as the core keeps of one run.
MOST_FAULTS = 10_000
FAULTS = ("refused", "failed")


class ReportError(ValueError):
    """What is read is not the whole report of a run that blanks files."""


def read(path: StrPath) -> tuple[dict[str, Any], Report]:
    """The first row of a report file, and its report. Raises `ReportError` if it is not whole."""
    with open(path, "rb") as file:
        rows = _rows(file)
        first = next(rows, {})
        if first.get("row") != "run" or "destination" not in first:
            raise ReportError("no report of a run that blanks files")
        end: dict[str, Any] = {}
        faults: list[Row] = []
        links = warnings = 0
        for row in rows:
            if row.get("row") == "end":
                end = row
            elif row.get("row") == "file":
                links += row["outcome"] == "skipped" and row.get("kind") == "symbolic-link"
                warnings += "warnings" in row
                if row["outcome"] in FAULTS and len(faults) < MOST_FAULTS:
                    faults.append(_fault(row))
    if end.get("end") != "complete":
        raise ReportError("not the whole report of a run")
    return first, _report(end, faults, links, warnings)


def _rows(lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise ReportError("a line that is cut short, or no row")
        yield row


def _fault(row: dict[str, Any]) -> Row:
    return Row(
        row["source"],
        row["path"],
        row.get("output"),
        row["outcome"],
        row["edits"],
        row.get("kind"),
        row.get("offset"),
        row.get("tag_path"),
        row.get("warnings", []),
        row.get("error"),
        True,
        None,
    )


def _report(end: dict[str, Any], faults: list[Row], links: int, warnings: int) -> Report:
    counts = dict.fromkeys(MEANINGS, 0) | end["counts"]
    del counts["files"], counts["edits"]
    leftovers = dict(end.get("leftovers", {}))
    places, of = leftovers.pop("places", {}), leftovers.pop("of", {})
    return Report(
        counts,
        end["values"],
        end["files_with"],
        faults,
        [],
        links,
        warnings,
        end["seconds"],
        True,
        True,
        leftovers=leftovers,
        leftover_places=places,
        leftover_of=of,
    )
