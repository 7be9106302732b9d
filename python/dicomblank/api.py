"""The calls: levels, choices and paths in; plans, reports and errors out. What is done to files is the core's."""

from __future__ import annotations

import os

from dicomblank import _core
from dicomblank.choices import Existing, HardLinks, NoDicom, OnError, Sync, Validate
from dicomblank.inputs import data_of, path_of, paths_of
from dicomblank.levels import Level, core_rules
from dicomblank.run import Run, raise_fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dicomblank._core import Plan, Progress, Row
    from dicomblank.choices import ExistingLike, HardLinksLike, NoDicomLike, OnErrorLike, SyncLike, ValidateLike
    from dicomblank.inputs import Data, StrPath
    from dicomblank.levels import LevelLike
    from dicomblank.report import Report
    from dicomblank.verification import Verification

__all__ = ["anonymize_buffer", "anonymize_bytes", "anonymize_copy", "anonymize_in_place", "plan", "verify"]


def plan(source: StrPath | Data, level: LevelLike = Level.ANONYMIZE) -> Plan:
    """What would be overwritten in `source`, a path or the bytes themselves. Touches nothing.

    A `str` or `os.PathLike` is a path, any bytes-like object is the data. If its data set is deflated, size and offsets
    count in the inflated form: the file meta information as it stands, and the data set behind it inflated.

    Raises `NotDicomError`, `ParseError` or `UnsupportedError` for what would be refused, `OSError` for a file that
    can't be read.
    """
    if isinstance(source, (str, os.PathLike)):
        return _core.plan_file(source, core_rules(level))
    return _core.plan_bytes(data_of(source), core_rules(level))


def anonymize_bytes(data: Data, level: LevelLike = Level.ANONYMIZE) -> bytes:
    """A copy of `data`, any bytes-like object, with the level's values blanked.

    It has the same length, unless the data set is deflated.

    Raises as `plan` does; `MemoryError` for a deflated data set that there is no room for.
    """
    return _core.anonymize_bytes(data_of(data), core_rules(level))


def anonymize_buffer(buffer: Data, level: LevelLike = Level.ANONYMIZE) -> Plan:
    """Blanks in `buffer` itself, and returns the plan that was carried out.

    The buffer must be writable and contiguous: a bytearray, an mmap, a NumPy array, an array of ctypes. Raises as
    `plan` does, before a byte is changed, and `UnsupportedError` for a deflated data set, whose length would change;
    `BufferError` or `TypeError` for a buffer that won't do.
    """
    return _core.anonymize_buffer(data_of(buffer), core_rules(level))


def anonymize_in_place(
    path: StrPath | Iterable[StrPath],
    level: LevelLike = Level.ANONYMIZE,
    *,
    hard_links: HardLinksLike = HardLinks.REFUSE,
    sync: SyncLike = Sync.NONE,
    workers: int | None = None,
    validate: ValidateLike = Validate.NONE,
    on_error: OnErrorLike = OnError.RAISE,
    no_dicom: NoDicomLike = NoDicom.REFUSE,
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
    return _run(
        path,
        None,
        level,
        hard_links=hard_links,
        sync=sync,
        workers=workers,
        validate=validate,
        on_error=on_error,
        no_dicom=no_dicom,
        report=report,
        progress=progress,
    )


def anonymize_copy(
    source: StrPath | Iterable[StrPath],
    target: StrPath,
    level: LevelLike = Level.ANONYMIZE,
    *,
    existing: ExistingLike = Existing.REFUSE,
    sync: SyncLike = Sync.NONE,
    workers: int | None = None,
    validate: ValidateLike = Validate.NONE,
    on_error: OnErrorLike = OnError.RAISE,
    no_dicom: NoDicomLike = NoDicom.REFUSE,
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
    return _run(
        source,
        path_of(target),
        level,
        existing=existing,
        sync=sync,
        workers=workers,
        validate=validate,
        on_error=on_error,
        no_dicom=no_dicom,
        report=report,
        progress=progress,
    )


def verify(before: StrPath | Iterable[StrPath], after: StrPath, level: LevelLike = Level.ANONYMIZE) -> Verification:
    """Holds two files, or two trees, to three readings.

    The core finds nothing left to blank in `after`; the two are equal, byte for byte, outside what the level blanks in
    `before`; pydicom sees no target in `after`.

    `before` may be several paths, and `after` is what `anonymize_copy` made of them then.

    Raises `FileNotFoundError` for a missing path, `ValueError` for a folder and a file.
    """
    from dicomblank.verification import verify_paths  # with pydicom

    return verify_paths(paths_of(before), path_of(after), core_rules(level))


def _run(
    source: StrPath | Iterable[StrPath],
    output: StrPath | None,
    level: LevelLike,
    *,
    existing: ExistingLike = Existing.REFUSE,
    hard_links: HardLinksLike = HardLinks.REFUSE,
    sync: SyncLike,
    workers: int | None,
    validate: ValidateLike,
    on_error: OnErrorLike,
    no_dicom: NoDicomLike,
    report: StrPath | Callable[[Row], object] | None,
    progress: Callable[[Progress], object] | None,
) -> Report:
    sources = paths_of(source)
    is_raised = OnError(on_error) is OnError.RAISE
    is_file = isinstance(source, (str, os.PathLike)) and not os.path.isdir(source)
    run = Run(
        sources,
        output,
        level,
        existing=existing,
        hard_links=hard_links,
        sync=sync,
        workers=workers,
        validate=validate,
        no_dicom=no_dicom,
        report=None if callable(report) else report,
    )
    done = run(on_row=report if callable(report) else None, progress=progress)
    if is_raised:
        raise_fault(done, is_file=is_file)
    return done
