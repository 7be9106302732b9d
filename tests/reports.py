"""Reads report files for the tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]


class Lines(NamedTuple):
    """The rows of a report file."""

    run: Json
    files: list[Json]
    end: Json | None
    """None of a run that was killed, or goes on."""
    pace: list[Json]
    """Those that say how far the run was."""


def read(path: Path) -> Lines:
    """The rows of a report file, each in its place; of a run that was killed, too."""
    lines = path.read_bytes().split(b"\n")
    run, *rows = [json.loads(line) for line in lines[:-1]]
    end = rows.pop() if rows and rows[-1]["row"] == "end" else None
    assert end is None or lines[-1] == b""
    assert run["row"] == "run"
    assert {row["row"] for row in rows} <= {"file", "pace"}
    for count, row in enumerate(rows):
        if row["row"] == "pace":
            assert row["files"] == sum(other["row"] == "file" for other in rows[:count])
    files, pace = ([row for row in rows if row["row"] == kind] for kind in ("file", "pace"))
    return Lines(run, files, end, pace)
