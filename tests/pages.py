"""Reports that tests make by hand, and pages as a reader of HTML sees them."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import dicomblank

if TYPE_CHECKING:
    from pathlib import Path

    from reports import Json

VOID = {"meta", "br"}
RULES: dict[str, list[str]] = {
    "blank": ["PatientName", "PatientBirthDate"],
    "keep": [],
    "pseudonymize": [],
    "shift": [],
    "set": [],
    "map": [],
}


def run_row(**changes: Any) -> Json:
    """The first row of a run that wrote copies, looked for leftovers, and is of this version."""
    return {
        "row": "run",
        "version": dicomblank.__version__,
        "level": "anonymize",
        "rules": RULES,
        "key": None,
        "leftovers": "warn",
        "known": 0,
        "destination": {"output": "shared", "existing": "refuse"},
        "sources": ["study"],
        "start": "2026-01-31T09:30:00Z",
        **changes,
    }


def in_place() -> Json:
    return {"destination": {"in_place": True, "hard_links": "refuse", "unmarked": "refuse"}}


def file_row(path: str = "a.dcm", outcome: str = "anonymized", **changes: Any) -> Json:
    return {"row": "file", "source": "study", "path": path, "outcome": outcome, "edits": 0, **changes}


def end_row(files: int, **changes: Any) -> Json:
    counts = {"files": files, "edits": 0}
    return {
        "row": "end",
        "end": "complete",
        "counts": counts,
        "seconds": 2.5,
        "values": {},
        "files_with": {},
        **changes,
    }


def whole(*files: Json, run: Json | None = None, **end: Any) -> list[Json]:
    """All rows of a run."""
    return [run or run_row(), *files, end_row(len(files), **end)]


def written(path: Path, rows: list[Json], rest: str = "") -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + rest)
    return path


class Page(HTMLParser):
    """A page, read: what is text in it, which elements there are, and whether each is closed in its place."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.markup = markup
        self.text = ""
        #: Elements with their attributes, in their order.
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        #: The cells of each row of each table.
        self.rows: list[list[str]] = []
        #: The text of each item of a list.
        self.items: list[str] = []
        #: The text of each element with an id.
        self.parts: dict[str, str] = {}
        self._open: list[tuple[str, str | None]] = []
        self.feed(markup)
        self.close()
        assert self._open == []

    @classmethod
    def of(cls, path: Path) -> Page:
        return cls(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert len(found) == len(attrs)
        self.elements.append((tag, found))
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
        if tag == "li":
            self.items.append("")
        if tag in {"p", "li", "dt", "dd", "h1", "h2", "h3", "td", "th", "div"}:
            self._add(" ")
        if tag not in VOID:
            place = found.get("id")
            self._open.append((tag, place))
            if place is not None:
                assert place not in self.parts
                self.parts[place] = ""

    def handle_endtag(self, tag: str) -> None:
        assert tag not in VOID
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if not any(tag == "style" for tag, _ in self._open):
            self._add(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def _add(self, text: str) -> None:
        self.text += text
        for _, place in self._open:
            if place is not None:
                self.parts[place] += text
        if any(tag == "li" for tag, _ in self._open):
            self.items[-1] += text
        if any(tag in {"td", "th"} for tag, _ in self._open):
            self.rows[-1][-1] += text

    def table(self) -> dict[str, list[str]]:
        """The rows of all tables by their first cells."""
        return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in self.rows}
