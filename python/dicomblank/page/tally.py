"""What all rows of all reports come to: counts, and the first few of each kind, however many files there were."""

from __future__ import annotations

from dataclasses import dataclass, field

from dicomblank.page.lines import Lines
from dicomblank.page.pace import Pace
from dicomblank.page.run import Run, count_of, counts_of, word_of
from dicomblank.page.statement import Profiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicomblank.inputs import StrPath
    from dicomblank.page.lines import Json

__all__ = ["DONE", "LEFT", "Element", "File", "Found", "Group", "Leftovers", "Reading", "Tally"]

#: Outcomes of files that are done.
DONE = ("anonymized", "unchanged", "ok", "inspected", "planned")
#: Outcomes of files that were not to be done.
LEFT = ("not-dicom", "archive", "skipped")

#: Files of each kind that are kept, to be named.
MOST_FILES = 20
# Different words that are kept: there are some ninety kinds, and two thousand elements in the dictionary. A report of
# other words than ours must not fill the memory.
MOST_KINDS = 200
MOST_TAGS = 5_000


@dataclass(frozen=True)
class File:
    """A file that is named on the page."""

    source: str
    path: str
    offset: int | None
    tag_path: str | None
    error: str | None


@dataclass
class Group:
    """Files that have something in common: how many, and the first of them."""

    count: int = 0
    files: list[File] = field(default_factory=list)

    def add(self, row: Json) -> None:
        """One more of them."""
        self.count += 1
        if len(self.files) < MOST_FILES:
            offset = row.get("offset")
            self.files.append(
                File(
                    word_of(row.get("source")) or "",
                    word_of(row.get("path")) or "",
                    offset
                    if isinstance(offset, int) and not isinstance(offset, bool) and 0 <= offset < 1 << 63
                    else None,
                    word_of(row.get("tag_path")),
                    word_of(row.get("error")),
                )
            )


@dataclass
class Element:
    """What was done to the values of one tag, in all files together."""

    values: int = 0
    #: None where a report does not tell.
    files: int | None = 0
    actions: set[str] = field(default_factory=set)


@dataclass
class Leftovers:
    """Values that were blanked or replaced, and were looked for elsewhere."""

    searched: int = 0
    files: int = 0
    found: int = 0
    replaced: int = 0
    not_searched: int = 0
    places: dict[str, int] = field(default_factory=dict)
    of: dict[str, int] = field(default_factory=dict)
    #: Files with any.
    group: Group = field(default_factory=Group)

    @property
    def count(self) -> int:
        """Files with any, as far as that is told."""
        return max(self.group.count, self.files)

    def add(self, row: Json) -> None:
        """Takes a file that has some: its first one is told."""
        told = row.get("leftovers")
        first = told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else {}
        count = max(count_of(row.get("leftover_count")), 1)
        place, of = word_of(first.get("place")), word_of(first.get("of"))
        offset = f" at {count_of(first.get('offset')):#x}" if count_of(first.get("offset")) else ""
        said = f"{of or 'a value'} in {place or 'another place'}{offset}"
        more = f", and {count - 1:,} more" if count > 1 else ""
        self.group.add({"source": row.get("source"), "path": row.get("path"), "error": f"{said}{more}"})

    def finish(self, row: Json) -> None:
        """Takes what a last row says of them."""
        for name in ("searched", "files", "found", "replaced", "not_searched"):
            setattr(self, name, getattr(self, name) + count_of(row.get(name)))
        for name in ("places", "of"):
            _add_counts(getattr(self, name), counts_of(row.get(name), MOST_TAGS), MOST_TAGS)


@dataclass
class Found:
    """Something that an inspection found: in how many files, and in how many of them a run would leave it."""

    files: int = 0
    #: None where that was not asked.
    left: int | None = None


@dataclass
class Reading:
    """How one report file was read."""

    name: str
    sha256: str = ""
    rows: int = 0
    damaged: int = 0
    unknown: int = 0
    is_cut_short: bool = False


class Tally:
    """The counts."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.runs: list[Run] = []
        self.pace = Pace()
        #: By task, outcome and kind.
        self.groups: dict[tuple[str, str, str], Group] = {}
        self.warnings: dict[str, Group] = {}
        #: Files with any warning.
        self.warned = 0
        self.elements: dict[str, Element] = {}
        self.edits = 0
        #: By task: a run, and the comparison of its result, tell of the same ones.
        self.leftovers: dict[str, Leftovers] = {}
        #: What inspections found, by section and word.
        self.found: dict[tuple[str, str], Found] = {}
        #: Files with likely text in their pictures.
        self.pictures = Group()
        #: Runs at a level that comes of the Basic Profile.
        self.profiles = Profiles()

    @classmethod
    def of(cls, reports: Iterable[StrPath]) -> Tally:
        """Reads reports, one after the other. Raises `OSError` for one that can't be read."""
        tally = cls()
        for path in reports:
            tally._read(path)
        return tally

    def _read(self, path: StrPath) -> None:
        import os

        reading = Reading(os.fsdecode(path))
        self.readings.append(reading)
        lines = Lines(path)
        run: Run | None = None
        for row in lines:
            reading.rows += 1
            kind = row.get("row")
            if kind == "file":
                run = run or self._begin(reading)
                self._add_file(run, row)
            elif kind == "run":
                run = self._begin(reading)
                run.begin(row)
                run.profiled = self.profiles.of(run) if run.task in ("copy", "in-place") else None
            elif kind == "end":
                run = run or self._begin(reading)
                self._finish(run, row)
            elif kind == "pace":
                if run is not None:
                    self.pace.add(len(self.runs), row)
            else:
                reading.rows -= 1
                reading.unknown += 1
        reading.sha256, reading.damaged, reading.is_cut_short = lines.sha256, lines.damaged, lines.is_cut_short

    def _begin(self, reading: Reading) -> Run:
        run = Run(reading.name)
        self.runs.append(run)
        return run

    def _add_file(self, run: Run, row: Json) -> None:
        run.files += 1
        if run.profiled is not None:
            run.profiled.add(row)
        outcome, kind = row.get("outcome"), row.get("kind")
        key = run.task, word_of(outcome) or "unknown", word_of(kind) or ""
        group = self.groups.get(key)
        if group is None:
            group = self._new_group(key)
        if kind is None and outcome in DONE:
            group.count += 1
        else:
            group.add(row)
        if run.task != "plan":  # of a dry run they are still to do
            self.edits += count_of(row.get("edits"))
        if "warnings" in row:
            self._add_warnings(row)
        if "leftovers" in row or "leftover_count" in row:
            self._leftovers_of(run).add(row)
        found = row.get("found")
        if isinstance(found, dict) and found.get("pictures"):
            self.pictures.add(row)

    def _leftovers_of(self, run: Run) -> Leftovers:
        return self.leftovers.setdefault(run.task, Leftovers())

    def _new_group(self, key: tuple[str, str, str]) -> Group:
        if len(self.groups) >= MOST_KINDS:
            key = key[0], "unknown", ""
        return self.groups.setdefault(key, Group())

    def _add_warnings(self, row: Json) -> None:
        words = row["warnings"]
        known = [word_of(word) or "" for word in words if isinstance(word, str)] if isinstance(words, list) else []
        self.warned += bool(known)
        for word in dict.fromkeys(known):
            if word not in self.warnings and len(self.warnings) >= MOST_KINDS:
                continue
            self.warnings.setdefault(word, Group()).add(row)

    def _finish(self, run: Run, row: Json) -> None:
        run.finish(row)
        self.pace.finish(len(self.runs), run.seconds, run.files)
        files_with = row.get("files_with")
        values = {} if run.task == "plan" else counts_of(row.get("values"), MOST_TAGS)
        for name, count in values.items():
            if name not in self.elements and len(self.elements) >= MOST_TAGS:
                continue
            element = self.elements.setdefault(name, Element())
            element.values += count
            told = files_with.get(name) if isinstance(files_with, dict) else None
            element.files = None if told is None or element.files is None else element.files + count_of(told)
            element.actions.add(run.action(name))
        if run.profiled is not None:
            run.profiled.finish(values)
        leftovers = row.get("leftovers")
        if isinstance(leftovers, dict):
            self._leftovers_of(run).finish(leftovers)
        for section, counts in _sections(row.get("found")):
            left = dict(_sections(row["left"])).get(section, {}) if "left" in row else None
            for word, count in counts.items():
                if (section, word) in self.found or len(self.found) < MOST_TAGS:
                    found = self.found.setdefault((section, word), Found())
                    found.files += count
                    found.left = None if left is None else (found.left or 0) + left.get(word, 0)

    def count(self, *outcomes: str, tasks: Iterable[str] = ()) -> int:
        """How many files have one of these outcomes; in runs of these tasks, if any is named."""
        wanted = tuple(tasks)
        return sum(
            group.count
            for (task, outcome, _), group in self.groups.items()
            if outcome in outcomes and (not wanted or task in wanted)
        )

    @property
    def files(self) -> int:
        """All rows of files."""
        return sum(run.files for run in self.runs)

    @property
    def tasks(self) -> tuple[str, ...]:
        """What the runs did, each once."""
        return tuple(dict.fromkeys(run.task for run in self.runs))


def _sections(value: object) -> list[tuple[str, dict[str, int]]]:
    if not isinstance(value, dict):
        return []
    return [(section, counts_of(counts, MOST_TAGS)) for section, counts in list(value.items())[:MOST_KINDS]]


def _add_counts(counts: dict[str, int], more: dict[str, int], most: int) -> None:
    for name, count in more.items():
        if name in counts or len(counts) < most:
            counts[name] = counts.get(name, 0) + count
