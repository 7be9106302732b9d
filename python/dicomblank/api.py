"""The calls: levels, choices and paths in; plans, reports and errors out. What is done to files is the core's."""

from __future__ import annotations

import os

from dicomblank import _core
from dicomblank.choices import Existing, HardLinks, Leftovers, NoDicom, OnError, Pydicom, Sync, Unmarked, Validate
from dicomblank.errors import NotDicomError
from dicomblank.inputs import data_of, path_of, paths_of, sources_of
from dicomblank.levels import Level, core_rules
from dicomblank.run import Run, inspection_of, raise_fault
from dicomblank.urls import are_remote, as_paths, is_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dicomblank._core import Key, Plan, Progress, Report, Row
    from dicomblank.choices import (
        ExistingLike,
        HardLinksLike,
        LeftoversLike,
        NoDicomLike,
        OnErrorLike,
        PydicomLike,
        SyncLike,
        UnmarkedLike,
        ValidateLike,
    )
    from dicomblank.inputs import Data, FilesFrom, StrPath
    from dicomblank.inspection import Inspection
    from dicomblank.levels import LevelLike
    from dicomblank.page.verdict import Verdict

__all__ = [
    "anonymize_buffer",
    "anonymize_bytes",
    "anonymize_copy",
    "anonymize_in_place",
    "dry_run",
    "inspect",
    "plan",
    "report_page",
    "verify",
]


def plan(source: StrPath | Data, level: LevelLike = Level.ANONYMIZE, *, key: Key | None = None) -> Plan:
    """What would be overwritten, as a `Plan` of `Edit`s. Nothing is changed.

    `source` is a path (a `str` or an `os.PathLike`), the URL of one object, or the bytes of a DICOM file: any
    bytes-like object, or an `io.BytesIO`, of which all is meant wherever it stands.

    Offsets and lengths are in bytes from the start of the file. In a file with a deflated data set they count in its
    inflated form: the file meta information as it stands, and behind it the data set inflated.

    The `state` of an edit is "to-do"; "blank" where nothing is left in the value that could be blanked or replaced;
    "done" where the value is set already, or the file's mark says that it was replaced. No `key` is needed: the mark is
    believed then, whatever key it is of. With the `key`, values that are to be replaced are read, so that a file is
    refused here that would be refused later.

    Raises `NotDicomError`, `ParseError` (with `offset` and `tag_path`) or `UnsupportedError` for what would be refused;
    `OSError` for a file that can't be read; `ValueError` for an unknown level, or a key that no rule needs; `TypeError`
    for a `source` of another kind, such as a pydicom `Dataset`, and says what to write instead.
    """
    if isinstance(source, (str, os.PathLike)):
        if are_remote([source]):
            return _plan_of_object(source, level, key)
        return _core.plan_file(as_paths([source])[0], core_rules(level), key)
    return _core.plan_bytes(data_of(source), core_rules(level), key)


def _plan_of_object(url: StrPath, level: LevelLike, key: Key | None) -> Plan:
    run = Run.plan(sources_of(url), level, key=key, keeps_plans=True)
    if not run.is_of_one:
        raise ValueError(f"{os.fspath(url)} is no object: dry_run counts what is below")
    plans: list[Plan] = []
    report = run(on_plan=lambda _, plan: plans.append(plan))
    raise_fault(report, is_file=True)
    if not plans:
        raise NotDicomError("not a DICOM file")
    return plans[0]


def dry_run(
    source: StrPath | Iterable[StrPath] | FilesFrom,
    level: LevelLike = Level.ANONYMIZE,
    *,
    key: Key | None = None,
    leftovers: LeftoversLike = Leftovers.IGNORE,
    known: StrPath | None = None,
    exclude: str | Iterable[str] = (),
    workers: int | None = None,
    no_dicom: NoDicomLike = NoDicom.REFUSE,
    report: StrPath | Callable[[Row], object] | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Report:
    """What a run over files and folders would do: how many values there are of each tag, and how far they are.

    Nothing is changed. A file in which values are to be blanked has the outcome "planned". The `states` of the report
    have, for each tag, in how many "files" there are values, how many "values" there are, and how many of them are
    "to-do", "blank" or "done", which are the states of `plan`. What a run would refuse for what stands in a file is
    refused here; what it would refuse for the place where a file or its copy stands is not known.

    `leftovers` other than `Leftovers.IGNORE`, which are all the same here, and `known`: what a run would leave is told.

    `key` as for `plan`. The other arguments are those of `anonymize_in_place`, and so is what Ctrl-C does. Nothing is
    raised for a file that would be refused: its row is in the `faults` of the report.

    Raises `FileNotFoundError` for a missing path; `ValueError` for an unknown level, a key that no rule needs, or a
    report file that exists or lies in `source`; `OSError` for a report file that can't be written to.
    """
    run = Run.plan(
        sources_of(source, exclude),
        level,
        key=key,
        leftovers=leftovers,
        known=known,
        no_dicom=no_dicom,
        workers=workers,
        report=None if callable(report) else report,
    )
    return run(on_row=report if callable(report) else None, progress=progress)


def anonymize_bytes(data: Data, level: LevelLike = Level.ANONYMIZE, *, key: Key | None = None) -> bytes:
    """A copy of `data` with the level's values blanked or replaced.

    `data` is the bytes of a DICOM file: any bytes-like object, or an `io.BytesIO`, of which all is meant. It is not
    changed. The copy has the same length, unless the data set is deflated, or the rules give it another (`Level.BASIC`,
    rules that remove). `key` is needed by `Level.PSEUDONYMIZE`, `Level.BASIC` and rules that pseudonymize or shift.

    Raises as `plan` does; `MemoryError` for a deflated data set that there is no room for.
    """
    return _core.anonymize_bytes(data_of(data), core_rules(level), key)


def anonymize_buffer(buffer: Data, level: LevelLike = Level.ANONYMIZE, *, key: Key | None = None) -> Plan:
    """Blanks or replaces values in `buffer` itself, and returns the `Plan` that was carried out.

    `buffer` must be writable and contiguous: a bytearray, an mmap, an `io.BytesIO`, a NumPy array, an array of ctypes.
    `key` as for `anonymize_bytes`. Where values were replaced the buffer is marked, so that a second call changes
    nothing; without room for a mark the plan has the warning "unmarked".

    Raises as `plan` does, before a byte is changed; `UnsupportedError` for a deflated data set, and for rules that
    remove, by which the length would change; `BufferError` or `TypeError` for a buffer that can't be written to.
    """
    return _core.anonymize_buffer(data_of(buffer), core_rules(level), key)


def anonymize_in_place(
    path: StrPath | Iterable[StrPath] | FilesFrom,
    level: LevelLike = Level.ANONYMIZE,
    *,
    key: Key | None = None,
    hard_links: HardLinksLike = HardLinks.REFUSE,
    unmarked: UnmarkedLike = Unmarked.REFUSE,
    leftovers: LeftoversLike = Leftovers.IGNORE,
    known: StrPath | None = None,
    sync: SyncLike = Sync.NONE,
    exclude: str | Iterable[str] = (),
    workers: int | None = None,
    validate: ValidateLike = Validate.NONE,
    on_error: OnErrorLike = OnError.RAISE,
    no_dicom: NoDicomLike = NoDicom.REFUSE,
    report: StrPath | Callable[[Row], object] | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Report:
    """Blanks a file, or every DICOM file of a folder, where it stands.

    `path` is a file, a folder, or a list of them. A file with nothing to blank is not written to. A file with a
    deflated data set, and one of which the rules change the length, is replaced by a new one, which has its owner,
    group, mode and extended attributes.

    `key` is needed by `Level.PSEUDONYMIZE`, by `Level.BASIC` and by rules that pseudonymize or shift, and is an error
    for others. A file whose values are replaced is marked, so that a second run changes nothing; `unmarked`: what
    becomes of files that have no room for a mark. What a killed run has begun, the next one over the folder finishes.

    `leftovers`: whether the values that are blanked or replaced are looked for wherever else they stand, in the file
    and in its path, and what becomes of a file in which one does. `known` is a file of names and identifiers, one a
    line, that are looked for as well.

    `hard_links`: what becomes of files that have other names. `sync`: whether every file is flushed to disk before it
    counts as done. `validate`: whether pydicom must agree on a file before it is written. `on_error`: whether faults
    are raised, or only collected in the report. `no_dicom`: whether a folder without a DICOM file is a fault. Each
    takes its member or the member's string, `sync` and `validate` a bool as well.

    `workers` is a number of threads from 1 to 1024; `None` is as many as make it faster, from two per CPU up to 64.

    `report` is a path, which must not exist, for a report file with one JSON object per line and file, or "-" for the
    process's standard output. Or it is a function, which is called with the `Row` of every file. `progress` is a
    function, which is called with a `Progress` at most ten times a second. Both are called on this thread, and not
    again once they have raised.

    Ctrl-C raises `KeyboardInterrupt` when the files that were begun are finished or left as they were. A report file
    tells of every file then; a function may be what was interrupted, and not hear of the last ones. No handler of a
    signal is installed.

    Raises `ValueError` for a key that is missing, or not needed.

    Raises, unless `on_error` is `OnError.COLLECT`: for one file its own error (`NotDicomError`, `ParseError`,
    `UnsupportedError`, `ValidationError`, `ChangedError`, `OSError`); for a folder or a list `IncompleteError`, when
    all of it is done. Raises in any case: `FileNotFoundError` for a missing path; `ValueError` for an empty list, an
    unknown level or choice, or a report file that exists or lies in the folder; `TypeError` for what is no path;
    `OSError` for a report file that can't be written to, as on a full disk: that ends the run, and no file is left half
    done.
    """
    return _run(
        path,
        None,
        level,
        key=key,
        hard_links=hard_links,
        unmarked=unmarked,
        leftovers=leftovers,
        known=known,
        sync=sync,
        exclude=exclude,
        workers=workers,
        validate=validate,
        on_error=on_error,
        no_dicom=no_dicom,
        report=report,
        progress=progress,
    )


def anonymize_copy(
    source: StrPath | Iterable[StrPath] | FilesFrom,
    target: StrPath,
    level: LevelLike = Level.ANONYMIZE,
    *,
    key: Key | None = None,
    existing: ExistingLike = Existing.REFUSE,
    leftovers: LeftoversLike = Leftovers.IGNORE,
    known: StrPath | None = None,
    sync: SyncLike = Sync.NONE,
    exclude: str | Iterable[str] = (),
    workers: int | None = None,
    validate: ValidateLike = Validate.NONE,
    on_error: OnErrorLike = OnError.RAISE,
    no_dicom: NoDicomLike = NoDicom.REFUSE,
    report: StrPath | Callable[[Row], object] | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Report:
    """Copies a file, or every DICOM file of a folder, to `target`, blanked on the way.

    `source` is a file, a folder, or a list of them. One file is copied to the path `target`, or into it if it is a
    folder or ends in a slash. A folder's tree is mirrored under `target`; of a list each folder has its own name there,
    as with `cp -r`. Files that are not DICOM are not copied. What the
    level blanks never reaches the target's disk. Sources and `target` may be URLs of stores (docs/stores.md), too.

    `existing`: what becomes of a file whose target exists. The other arguments are those of `anonymize_in_place`.

    Raises as `anonymize_in_place` does; `FileExistsError` for a target that exists, unless `existing` says otherwise;
    `ValueError` for a target that is, holds or lies inside the source, and for two sources of the same name.
    """
    return _run(
        source,
        path_of(target),
        level,
        key=key,
        existing=existing,
        leftovers=leftovers,
        known=known,
        sync=sync,
        exclude=exclude,
        workers=workers,
        validate=validate,
        on_error=on_error,
        no_dicom=no_dicom,
        report=report,
        progress=progress,
    )


def verify(
    before: StrPath | Iterable[StrPath] | FilesFrom,
    after: StrPath,
    level: LevelLike = Level.ANONYMIZE,
    *,
    key: Key | None = None,
    known: StrPath | None = None,
    pydicom: PydicomLike = Pydicom.ASK,
    exclude: str | Iterable[str] = (),
    workers: int | None = None,
    no_dicom: NoDicomLike = NoDicom.REFUSE,
    report: StrPath | Callable[[Row], object] | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Report:
    """Compares a result with its original: two files, or two trees.

    Three things are checked of each file: the core finds nothing left to blank in `after`; the two are equal, byte for
    byte, but for what the level blanks; pydicom reads no value that the level blanks in `after`.

    `before` may be a list, and `after` is then what `anonymize_copy` made of it. `level` is the one that `after` was
    made with, and `key` its key: what was replaced has to be what the key makes of the original. Nothing is raised for
    a file that is not in order: its row is in the `faults` of the report, and its `outcome` is "leak", "differs",
    "changed", "other-level", "unreadable", "unconfirmed", "refused", "missing" or "extra" in the place of "ok". A row's
    `output` is the file in `after`; the `source` of an "extra" one is `after` itself. An "other-level" file is what one
    of its row's `levels` makes of the original; "refused" is an original that has no copy for the row's reason;
    "unconfirmed" is a file that pydicom can't read, and its original neither.

    `pydicom`: whether pydicom is asked at all (`Pydicom`, its string or a bool). Without it a comparison takes a
    hundredth of the time, and "ok" means that the core and the bytes find no fault.

    A file that is not DICOM, and is equal or not there in `after`, is "not-dicom" and no fault. A folder of `before`
    without a DICOM file is in the report's `without_dicom`, and the report is not `ok` then, since a disk that is not
    mounted looks like that, unless `no_dicom` is `NoDicom.ALLOW`.

    The values of `before` that `level` takes out are looked for wherever else they stand in `after`, and in its path: a
    row has its `leftovers`, which are no fault.

    The other arguments are those of `anonymize_in_place`, and so is what Ctrl-C does.

    Raises `FileNotFoundError` for a missing path; `ValueError` for a folder and a file, an unknown level, or a report
    file that exists or lies in `before` or `after`; `OSError` for a report file that can't be written to.
    """
    run = Run.verify(
        sources_of(before, exclude),
        path_of(after),
        level,
        key=key,
        known=known,
        pydicom=pydicom,
        no_dicom=no_dicom,
        workers=workers,
        report=None if callable(report) else report,
    )
    return run(on_row=report if callable(report) else None, progress=progress)


def inspect(
    source: StrPath | Iterable[StrPath] | FilesFrom,
    level: LevelLike | None = None,
    *,
    known: StrPath | None = None,
    exclude: str | Iterable[str] = (),
    workers: int | None = None,
    no_dicom: NoDicomLike = NoDicom.REFUSE,
    report: StrPath | Callable[[Row], object] | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Inspection:
    """What stands in a file, or in every DICOM file of a folder: an `Inspection`. Nothing is changed, no value told.

    `source` is a file, a folder, or a list of them. For each attribute of Table E.1-1 of PS3.15 it is counted in how
    many files it stands with something other than padding, at any depth; so are private elements by their creator,
    other names and dates, signs of text in pictures, overlays, documents, icons, structured content, and bytes outside
    the elements.

    With a `level`, which takes rules too, it is counted as well in how many of these files a run would leave some of
    it. No key is needed. A file that such a run would refuse is refused.

    That there is text in a picture can't be seen in its headers. Counted are pictures of modality US, ES, XA, SC and
    OT, secondary captures, and those whose BurnedInAnnotation says YES, or is missing where the standard has it as
    Type 1 or 1C: in the enhanced and multi-frame classes, digital X-ray, mammography, ophthalmology, whole slides.

    The values of PatientName and PatientID are looked for wherever else they stand, in a file and in its path, and with
    a `level` where that does not blank them; so are those of `known`, as for `anonymize_in_place`.

    The other arguments are those of `anonymize_in_place`, and so is what Ctrl-C does. Nothing is raised for a file
    that is refused or can't be read: its row is in the `faults` of the inspection's `report`.

    Raises `FileNotFoundError` for a missing path; `ValueError` for an unknown level, or a report file that exists or
    lies in a source; `OSError` for a report file that can't be written to.
    """
    run = Run.inspect(
        sources_of(source, exclude),
        level,
        known=known,
        no_dicom=no_dicom,
        workers=workers,
        report=None if callable(report) else report,
    )
    done = run(on_row=report if callable(report) else None, progress=progress)
    return inspection_of(done, level)


def report_page(reports: StrPath | Iterable[StrPath], output: StrPath, *, paths: bool = True) -> Verdict:
    """Makes a page of report files: one HTML file to read, print and sign, which needs nothing beside it.

    `reports` is a report file, or several, such as those of the shards of a data set: one page is made of all of them.
    `output` is the page, which must not exist. `paths`: whether it names files and folders. It never holds a value of
    an element, since a report has none.

    A report is read as far as it is whole: that of a run that was killed, or of another version, and even a file that
    is no report at all. The `Verdict` says so, here and on the page. Memory and page stay small however many rows there
    are: a page has at most 200 kB.

    Raises `FileExistsError` for an `output` that exists; `OSError` for a report that can't be read, or a page that
    can't be written; `ValueError` for an empty list.
    """
    from dicomblank.page.making import make  # with json and html, which nothing else needs

    return make(paths_of(reports), path_of(output), paths=paths)


def _run(
    source: StrPath | Iterable[StrPath] | FilesFrom,
    output: StrPath | None,
    level: LevelLike,
    *,
    key: Key | None,
    existing: ExistingLike = Existing.REFUSE,
    hard_links: HardLinksLike = HardLinks.REFUSE,
    unmarked: UnmarkedLike = Unmarked.REFUSE,
    leftovers: LeftoversLike,
    known: StrPath | None,
    sync: SyncLike,
    exclude: str | Iterable[str],
    workers: int | None,
    validate: ValidateLike,
    on_error: OnErrorLike,
    no_dicom: NoDicomLike,
    report: StrPath | Callable[[Row], object] | None,
    progress: Callable[[Progress], object] | None,
) -> Report:
    sources = sources_of(source, exclude)
    is_raised = OnError(on_error) is OnError.RAISE
    run = Run.anonymize(
        sources,
        output,
        level,
        key=key,
        existing=existing,
        hard_links=hard_links,
        unmarked=unmarked,
        leftovers=leftovers,
        known=known,
        sync=sync,
        workers=workers,
        validate=validate,
        no_dicom=no_dicom,
        report=None if callable(report) else report,
    )
    for notice in run.notices():
        import warnings

        warnings.warn(notice, UserWarning, stacklevel=3)
    done = run(on_row=report if callable(report) else None, progress=progress)
    if is_raised:
        is_one = isinstance(source, (str, os.PathLike)) and not is_url(source) and not os.path.isdir(source)
        raise_fault(done, is_file=is_one or run.is_of_one)
    return done
