"""The calls: levels, choices and paths in; plans, reports and errors out. What is done to files is the core's."""

from __future__ import annotations

import enum
import os

from dicomblank import _core
from dicomblank.errors import IncompleteError, NotDicomError
from dicomblank.levels import Level, core_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from typing_extensions import Buffer

    from dicomblank._core import Plan, Progress, Row, Rules, Stop
    from dicomblank.levels import LevelLike
    from dicomblank.report import Report
    from dicomblank.verification import Verification

    StrPath: TypeAlias = str | os.PathLike[str]
    Validator: TypeAlias = Callable[[str, Plan | None, Stop], str | None]

__all__ = [
    "Existing",
    "HardLinks",
    "NoDicom",
    "OnError",
    "Sync",
    "Validate",
    "anonymize_buffer",
    "anonymize_bytes",
    "anonymize_copy",
    "anonymize_in_place",
    "plan",
    "validator",
    "verify",
]


class Existing(enum.Enum):
    """What becomes of a file whose target exists already."""

    REFUSE = "refuse"
    SKIP = "skip"
    """Passed over if the target has the source's size and nothing left to blank, refused otherwise."""
    OVERWRITE = "overwrite"


class HardLinks(enum.Enum):
    """What becomes of a file in place that has other names (hard links), under which it would change as well."""

    REFUSE = "refuse"
    WRITE = "write"
    """Blanked like any other, once: under its other names it is unchanged then."""


class NoDicom(enum.Enum):
    """What becomes of a run over a folder in which there is no DICOM file, such as a share that is not mounted."""

    REFUSE = "refuse"
    """The report is not `ok`, and `OnError.RAISE` raises `IncompleteError`."""
    ALLOW = "allow"


class OnError(enum.Enum):
    """How refused and failed files are told."""

    RAISE = "raise"
    """One file raises its own error; a folder, or several sources, raise `IncompleteError` when all of it is done."""
    COLLECT = "collect"
    """They are in the report's `faults`, and nothing is raised for them."""


class Sync(enum.Enum):
    """Which files are on the disk, and not only in the system's memory, before they count as done."""

    NONE = "none"
    """After a crash of the machine (not of the program), a file that was done may be lost or cut short."""
    ALL = "all"


class Validate(enum.Enum):
    """Which files pydicom has to read as the core does before they are written."""

    NONE = "none"
    ALL = "all"


def plan(source: StrPath | Buffer, level: LevelLike = Level.ANONYMIZE) -> Plan:
    """What would be overwritten in `source`, a path or the bytes themselves. Touches nothing.

    A `str` or `os.PathLike` is a path, any bytes-like object is the data. If its data set is deflated, size and offsets
    count in the inflated form: the file meta information as it stands, and the data set behind it inflated.

    Raises `NotDicomError`, `ParseError` or `UnsupportedError` for what would be refused, `OSError` for a file that
    can't be read.
    """
    if isinstance(source, (str, os.PathLike)):
        return _core.plan_file(source, core_rules(level))
    return _core.plan_bytes(source, core_rules(level))


def anonymize_bytes(data: Buffer, level: LevelLike = Level.ANONYMIZE) -> bytes:
    """A copy of `data`, any bytes-like object, with the level's values blanked.

    It has the same length, unless the data set is deflated.

    Raises as `plan` does; `MemoryError` for a deflated data set that there is no room for.
    """
    return _core.anonymize_bytes(data, core_rules(level))


def anonymize_buffer(buffer: Buffer, level: LevelLike = Level.ANONYMIZE) -> Plan:
    """Blanks in `buffer` itself, and returns the plan that was carried out.

    The buffer must be writable and contiguous: a bytearray, an mmap, a NumPy array, an array of ctypes. Raises as
    `plan` does, before a byte is changed, and `UnsupportedError` for a deflated data set, whose length would change;
    `BufferError` or `TypeError` for a buffer that won't do.
    """
    return _core.anonymize_buffer(buffer, core_rules(level))


def anonymize_in_place(
    path: StrPath | Iterable[StrPath],
    level: LevelLike = Level.ANONYMIZE,
    *,
    hard_links: HardLinks = HardLinks.REFUSE,
    sync: Sync = Sync.NONE,
    workers: int | None = None,
    validate: Validate = Validate.NONE,
    on_error: OnError = OnError.RAISE,
    no_dicom: NoDicom = NoDicom.REFUSE,
    report: StrPath | Callable[[Row], object] | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Report:
    """Blanks a file, or every DICOM file of a folder, where it stands. A file with nothing to blank is not written to.

    `path` may be several paths.

    A file with a deflated data set is replaced by a new one, which has its owner, group, mode and extended attributes.

    `workers` is a number of threads from 1 to 1024, `None` for one a processor. `report` is a path for a JSON object a
    line, which must not exist, or "-" for the process's standard output; or it is called with every file's `Row`.
    `progress` is called at most ten times a second. Both are called on this thread, and not again once they have
    raised.

    Ctrl-C raises `KeyboardInterrupt`, when the files in hand are finished or dropped. A report file tells of every file
    then; a callback may be what was interrupted, and not hear of the last ones. No handler of a signal is installed.

    Raises, if `on_error` says so: for a file its own error (`NotDicomError`, `ParseError`, `UnsupportedError`,
    `ValidationError`, `ChangedError`, `OSError`), for a folder or several paths `IncompleteError` when all of it is
    done, also if there is no DICOM file in a folder and `no_dicom` does not allow that. Whatever it says:
    `FileNotFoundError` for a missing path, `ValueError` for no path at all, or a report that exists or lies in the
    folder, `OSError` for a report that can't be written, as on a full disk: that ends the run, and no file is left half
    done.
    """
    run = _Run(path, level, sync=sync, validate=validate, no_dicom=no_dicom, report=report, progress=progress)
    return run(None, Existing.REFUSE, HardLinks(hard_links), workers, on_error)


def anonymize_copy(
    source: StrPath | Iterable[StrPath],
    target: StrPath,
    level: LevelLike = Level.ANONYMIZE,
    *,
    existing: Existing = Existing.REFUSE,
    sync: Sync = Sync.NONE,
    workers: int | None = None,
    validate: Validate = Validate.NONE,
    on_error: OnError = OnError.RAISE,
    no_dicom: NoDicom = NoDicom.REFUSE,
    report: StrPath | Callable[[Row], object] | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Report:
    """Copies a file, or every DICOM file of a folder, into the folder `target`, blanked on the way.

    A folder's tree is mirrored under `target`, a file keeps its name. `source` may be several paths: each folder then
    has its own name under `target`, as with `cp -r`. What the level blanks never reaches the target's disk. The other
    arguments are those of `anonymize_in_place`.

    Raises as `anonymize_in_place` does; `FileExistsError` for a target that exists, unless `existing` says otherwise;
    `ValueError` for a target that is, holds or lies inside the source, and for two sources of the same name.
    """
    run = _Run(source, level, sync=sync, validate=validate, no_dicom=no_dicom, report=report, progress=progress)
    return run(target, Existing(existing), HardLinks.REFUSE, workers, on_error)


def verify(before: StrPath | Iterable[StrPath], after: StrPath, level: LevelLike = Level.ANONYMIZE) -> Verification:
    """Holds two files, or two trees, to three readings.

    The core finds nothing left to blank in `after`; the two are equal, byte for byte, outside what the level blanks in
    `before`; pydicom sees no target in `after`.

    `before` may be several paths, and `after` is what `anonymize_copy` made of them then.

    Raises `FileNotFoundError` for a missing path, `ValueError` for a folder and a file.
    """
    from dicomblank.verification import verify_paths  # with pydicom

    return verify_paths(paths(before), after, core_rules(level))


def paths(given: StrPath | Iterable[StrPath]) -> list[StrPath]:
    """One path or several, as several."""
    return [given] if isinstance(given, (str, os.PathLike)) else list(given)


def validator(rules: Rules) -> Validator:
    """The second opinion on a file, as the core calls it: the reason to refuse the file, or None.

    The plan is None where the core takes the file for no DICOM file.
    """
    from dicomblank.validate import overlooked, second_opinion  # with pydicom

    def ask(path: str, plan: Plan | None, stop: Stop) -> str | None:
        return overlooked(path, rules, stop) if plan is None else second_opinion(path, plan, rules, stop)

    return ask


class _Run:
    """One run: what the two calls on files have in common."""

    def __init__(
        self,
        source: StrPath | Iterable[StrPath],
        level: LevelLike,
        *,
        no_dicom: NoDicom,
        sync: Sync,
        validate: Validate,
        report: StrPath | Callable[[Row], object] | None,
        progress: Callable[[Progress], object] | None,
    ) -> None:
        self.sources = paths(source)
        self.is_file = isinstance(source, (str, os.PathLike)) and not os.path.isdir(source)
        self.allows_empty = NoDicom(no_dicom) is NoDicom.ALLOW
        self.rules = core_rules(level)
        self.sync = Sync(sync)
        self.validate = validator(self.rules) if Validate(validate) is Validate.ALL else None
        self.on_row = report if callable(report) else None
        self.report_file = None if callable(report) else report
        self.progress = progress
        self.last_row: Row | None = None

    def __call__(
        self,
        output: StrPath | None,
        existing: Existing,
        hard_links: HardLinks,
        workers: int | None,
        on_error: OnError,
    ) -> Report:
        from dicomblank.report import Report

        on_error = OnError(on_error)
        job = _core.Job(
            self.sources,
            output,
            self.rules,
            existing=existing.value,
            hard_links=hard_links.value,
            sync=self.sync.value,
            workers=workers,
            report=self.report_file,
        )
        summary = job.run(
            validate=self.validate,
            on_row=self._take_row if self.is_file else self.on_row,
            progress=self.progress,
        )
        report = Report(summary, allows_empty=self.allows_empty)
        if on_error is OnError.RAISE:
            if self.is_file:
                self._raise_own()
            else:
                _raise_incomplete(report)
        return report

    def _take_row(self, row: Row) -> None:
        self.last_row = row
        if self.on_row is not None:
            self.on_row(row)

    def _raise_own(self) -> None:
        row = self.last_row
        if row is None or not row.is_fault:
            return
        raise row.exception or NotDicomError("not a DICOM file")


def _raise_incomplete(report: Report) -> None:
    if not report.ok:
        raise IncompleteError(report)
