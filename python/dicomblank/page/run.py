"""What a report says of one run: its first and its last row."""

from __future__ import annotations

from dataclasses import dataclass, field

from dicomblank import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dicomblank.page.lines import Json
    from dicomblank.page.statement import Profiled

__all__ = ["ACTIONS", "MOST_NAMES", "REWRITES", "Run", "count_of", "counts_of", "seconds_of", "tag_of", "word_of"]

#: Names that are kept of each list: of sources, and of the tags of a rule.
MOST_NAMES = 1_000
# Characters that are kept of a text: more than a path can have.
LONGEST = 8_192

#: What a rule does, in the order in which reports tell them.
ACTIONS = ("blank", "keep", "pseudonymize", "shift", "set", "map", "remove", "empty", "dummy", "by_type")

#: What gives a file another length.
REWRITES = ("remove", "empty", "dummy", "by_type")


@dataclass
class Run:
    """One run. A report that was cut short, or is of another version, may lack any of it."""

    #: The report file it stands in, as it was named.
    report: str
    #: copy, in-place, plan, verify, inspect, or unknown.
    task: str = "unknown"
    #: Whether it has its first row.
    is_told: bool = False
    version: str | None = None
    #: The name of the level; None where there were rules in its place, or no first row.
    level: str | None = None
    rules: dict[str, tuple[str, ...]] = field(default_factory=dict)
    key: str | None = None
    #: The folder of the copies, or what files were compared with.
    where: str | None = None
    #: What was chosen beside: words with their values.
    choices: dict[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    source_count: int = 0
    start: str | None = None
    #: What was done about leftovers; None where they were not looked for.
    leftovers: str | None = None
    #: How many names and identifiers were looked for in every file.
    known: int = 0
    #: complete or interrupted; None without a last row.
    end: str | None = None
    seconds: float | None = None
    #: Rows of files that stand in the report.
    files: int = 0
    #: How many there should be.
    files_told: int | None = None
    #: The runs like this one, if its level comes of the Basic Profile.
    profiled: Profiled | None = None

    def begin(self, row: Json) -> None:
        """Takes the first row."""
        self.is_told = True
        self.task, self.where, self.choices = _task_of(row)
        self.version, self.level = word_of(row.get("version")), word_of(row.get("level"))
        self.key, self.start = word_of(row.get("key")), word_of(row.get("start"))
        rules = row.get("rules")
        lists = rules if isinstance(rules, dict) else {}
        self.rules = {word: _names(lists.get(word)) for word in ACTIONS}
        sources = row.get("sources")
        self.sources = _names(sources)
        self.source_count = len(sources) if isinstance(sources, list) else 0
        mode = word_of(row.get("leftovers"))
        self.leftovers = None if mode == "ignore" else mode
        self.known = count_of(row.get("known"))

    def finish(self, row: Json) -> None:
        """Takes the last row."""
        self.end = word_of(row.get("end")) or "unknown"
        self.seconds = seconds_of(row.get("seconds"))
        counts = row.get("counts")
        if isinstance(counts, dict) and "files" in counts:
            self.files_told = count_of(counts["files"])

    @property
    def changes_nothing(self) -> bool:
        """Whether there is no rule that changes a value, as at the level original."""
        return self.is_told and not any(self.rules.get(word) for word in ACTIONS if word != "keep")

    def action(self, name: str) -> str:
        """What the rules do to the element of this name; blank, where it stood below a listed sequence."""
        for word in ACTIONS:
            if word != "keep" and name in self.rules.get(word, ()):
                return word
        if (tag := tag_of(name)) is not None:
            is_date = _core.vr_of(tag) in {"DA", "DT"}
            return "shift" if is_date and "dates" in self.rules.get("shift", ()) else self._below
        for word in ("remove", "empty", "blank"):
            if any(many in self.rules.get(word, ()) for many in _many_of(name)):
                return word
        return self._below

    @property
    def _below(self) -> str:
        """What is done below a sequence that is not removed."""
        return "dummy" if self.rules.get("dummy") and not self.rules.get("blank") else "blank"


def _many_of(name: str) -> tuple[str, ...]:
    """What rules on many elements are called that are about a tag as reports write it, "(0009,1010)"."""
    is_private = len(name) == 11 and name[4] in "13579bdfBDF"
    return ("private",) if is_private else (f"{name[:3]}xx,xxxx)",)


def _task_of(row: Json) -> tuple[str, str | None, dict[str, str]]:
    """What was done, where its result is, and what else was chosen."""
    destination = row.get("destination")
    if isinstance(destination, dict):
        choices = {key: value for key, value in destination.items() if isinstance(value, str) and key != "output"}
        if "output" in destination:
            return "copy", word_of(destination["output"]), choices
        return "in-place", None, choices
    if row.get("dry_run") is True:
        return "plan", None, {}
    if "after" in row:
        return "verify", word_of(row["after"]), {"pydicom": word_of(row.get("pydicom")) or ""}
    return ("inspect" if "inspect" in row else "unknown"), None, {}


def tag_of(keyword: str) -> int | None:
    """The tag of a keyword, if it is one."""
    return _core.tag_of(keyword) if keyword.isascii() and keyword.isidentifier() else None


def word_of(value: Any) -> str | None:
    """A text, if it is one; without its middle, if it is longer than any name of a file."""
    if not isinstance(value, str):
        return None
    return value if len(value) <= LONGEST else f"{value[: LONGEST // 2]}…{value[-LONGEST // 2 :]}"


def count_of(value: Any) -> int:
    """A number of things; 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 63 else 0


def counts_of(value: Any, most: int) -> dict[str, int]:
    """Numbers of things by their names, of which so many are kept."""
    if not isinstance(value, dict):
        return {}
    names = list(value)[:most] if len(value) > most else value
    return {word_of(name) or "": count_of(value[name]) for name in names}


def seconds_of(value: Any) -> float | None:
    """A time that can be one."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 1e9 else None


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(name for name in map(word_of, value[:MOST_NAMES]) if name is not None)
