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


def read(path: Path) -> Lines:
    """The rows of a report file, each in its place; of a run that was killed, too."""
    lines = path.read_bytes().split(b"\n")
    run, *files = [json.loads(line) for line in lines[:-1]]
    end = files.pop() if files and files[-1]["row"] == "end" else None
    assert end is None or lines[-1] == b""
    assert [row["row"] for row in (run, *files)] == ["run"] + ["file"] * len(files)
    return Lines(run, files, end)
