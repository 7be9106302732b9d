"""One run over files and folders, in the order of its steps: the calls of the API and the command share it."""

from __future__ import annotations

from dicomblank import _core
from dicomblank.choices import Existing, HardLinks, Leftovers, NoDicom, Pydicom, Sync, Unmarked, Validate
from dicomblank.errors import IncompleteError, NotDicomError
from dicomblank.levels import core_rules, level_name, other_levels
from dicomblank.urls import are_remote, as_paths, is_url, refuse_remote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self, TypeAlias

    from dicomblank._core import Key, Plan, Progress, Report, Row, Rules, Sources, Stop
    from dicomblank.choices import (
        ExistingLike,
        HardLinksLike,
        LeftoversLike,
        NoDicomLike,
        PydicomLike,
        SyncLike,
        UnmarkedLike,
        ValidateLike,
    )
    from dicomblank.inputs import StrPath
    from dicomblank.inspection import Inspection
    from dicomblank.levels import LevelLike

    Validator: TypeAlias = Callable[[str, Plan | None, Stop], str | None]
    ThirdOpinion: TypeAlias = Callable[[str, tuple[str, str], Stop], tuple[str, str, str] | None]

__all__ = ["Run", "inspection_of", "raise_fault", "validator"]


class Run:
    """A run that is ready to begin: making one finds every error of usage, and calling it does the work, once.

    Files that are refused or fail raise nothing here.
    """

    def __init__(self, job: _core.Job, opinion: Validator | ThirdOpinion | None, no_dicom: NoDicomLike) -> None:
        self._job = job
        self._opinion = opinion
        self._allows_empty = NoDicom(no_dicom) is NoDicom.ALLOW

    @classmethod
    def anonymize(
        cls,
        sources: Sources,
        output: StrPath | None,
        level: LevelLike,
        *,
        name: str | None = None,
        key: Key | None = None,
        existing: ExistingLike = Existing.REFUSE,
        hard_links: HardLinksLike = HardLinks.REFUSE,
        unmarked: UnmarkedLike = Unmarked.REFUSE,
        leftovers: LeftoversLike = Leftovers.IGNORE,
        known: StrPath | None = None,
        sync: SyncLike = Sync.NONE,
        validate: ValidateLike = Validate.NONE,
        no_dicom: NoDicomLike = NoDicom.REFUSE,
        workers: int | None = None,
        report: StrPath | None = None,
    ) -> Run:
        """A run that blanks files, in place without an `output`. `name` is that of the level that `level` comes of."""
        places: list[StrPath] = [*sources.paths, *([] if output is None else [output])]
        if are_remote(places):
            from dicomblank.stores.run import StoreRun  # only where there is a URL

            _check_plain(sources)
            return StoreRun.ready(
                sources.paths,
                output,
                level,
                name=name,
                key=key,
                existing=existing,
                hard_links=hard_links,
                unmarked=unmarked,
                leftovers=leftovers,
                known=known,
                sync=sync,
                validate=validate,
                no_dicom=no_dicom,
                workers=workers,
                report=report,
            )
        sources = _with_paths(sources)
        output = None if output is None else as_paths([output])[0]
        is_validated = Validate(validate) is Validate.ALL
        rules = core_rules(level)
        job = _core.Job(
            sources,
            output,
            rules,
            level=name or level_name(level),
            key=key,
            existing=Existing(existing).value,
            hard_links=HardLinks(hard_links).value,
            unmarked=Unmarked(unmarked).value,
            leftovers=Leftovers(leftovers).value,
            known=known,
            sync=Sync(sync).value,
            workers=workers,
            report=report,
        )
        return cls(job, validator(rules, key) if is_validated else None, no_dicom)

    @classmethod
    def verify(
        cls,
        befores: Sources,
        after: StrPath,
        level: LevelLike,
        *,
        name: str | None = None,
        key: Key | None = None,
        known: StrPath | None = None,
        pydicom: PydicomLike = Pydicom.ASK,
        no_dicom: NoDicomLike = NoDicom.REFUSE,
        workers: int | None = None,
        report: StrPath | None = None,
    ) -> Self:
        """A run that compares files with what became of them."""
        refuse_remote([*befores.paths, after], "verify")
        befores, after = _with_paths(befores), as_paths([after])[0]
        is_asked = Pydicom(pydicom)
        rules = core_rules(level)
        opinion = _third_opinion(rules, key) if is_asked is Pydicom.ASK else None
        job = _core.Job.verify(
            befores,
            after,
            rules,
            level=name or level_name(level),
            others=other_levels(rules),
            key=key,
            leftovers=Leftovers.WARN.value,
            known=known,
            pydicom=is_asked.value,
            workers=workers,
            report=report,
        )
        return cls(job, opinion, no_dicom)

    @classmethod
    def plan(
        cls,
        sources: Sources,
        level: LevelLike,
        *,
        name: str | None = None,
        key: Key | None = None,
        keeps_plans: bool = False,
        leftovers: LeftoversLike = Leftovers.IGNORE,
        known: StrPath | None = None,
        no_dicom: NoDicomLike = NoDicom.REFUSE,
        workers: int | None = None,
        report: StrPath | None = None,
    ) -> Run:
        """A dry run: it says what a run would do, and changes nothing. `on_plan` is called where it `keeps_plans`."""
        if are_remote(sources.paths):
            from dicomblank.stores.run import StoreRun  # only where there is a URL

            _check_plain(sources)
            return StoreRun.looking(
                sources.paths,
                level,
                name=name,
                key=key,
                keeps_plans=keeps_plans,
                leftovers=leftovers,
                known=known,
                no_dicom=no_dicom,
                workers=workers,
                report=report,
            )
        sources = _with_paths(sources)
        job = _core.Job.plan(
            sources,
            core_rules(level),
            level=name or level_name(level),
            key=key,
            keeps_plans=keeps_plans,
            leftovers=Leftovers(leftovers).value,
            known=known,
            workers=workers,
            report=report,
        )
        return cls(job, None, no_dicom)

    @classmethod
    def inspect(
        cls,
        sources: Sources,
        level: LevelLike | None,
        *,
        name: str | None = None,
        known: StrPath | None = None,
        no_dicom: NoDicomLike = NoDicom.REFUSE,
        workers: int | None = None,
        report: StrPath | None = None,
    ) -> Self:
        """A run that tells what stands in files; with a level or rules, also what such a run would leave."""
        from dicomblank.subjects import catalogue  # with the table of the standard

        refuse_remote(sources.paths, "inspect")
        sources = _with_paths(sources)
        rules = None if level is None else core_rules(level)
        name = name if name or level is None else level_name(level)
        job = _core.Job.inspect(
            sources, catalogue(), rules, level=name, leftovers="warn", known=known, workers=workers, report=report
        )
        return cls(job, None, no_dicom)

    @property
    def first_row(self) -> str:
        """What the first row of the report says, as JSON, before the run has begun."""
        return self._job.first_row() or ""

    @property
    def is_of_one(self) -> bool:
        """Whether it is known to be of one file alone; else the caller has to look."""
        return False

    def report_to(self, path: StrPath) -> None:
        """Creates the report file `path` of a run that was made without one."""
        self._job.report_to(path)

    def find(self) -> None:
        """Asks for what is named, where that was left for later. Raises as making the run does."""

    def notices(self) -> list[str]:
        """What there is to know before the run, a sentence each; of files nothing."""
        return []

    @property
    def reports_to_stdout(self) -> bool:
        """Whether the report file is the process's standard output."""
        return self._job.reports_to_stdout

    def stop(self) -> None:
        """Ends the run early, and lets it return what was done. A handler of a signal may call it."""
        self._job.stop()

    def __call__(
        self,
        on_row: Callable[[Row], object] | None = None,
        progress: Callable[[Progress], object] | None = None,
        *,
        on_plan: Callable[[Row, Plan], object] | None = None,
        only_notable: bool = False,
    ) -> Report:
        """Does the work. Raises `OSError` if the report file can't be written to, and what the callbacks raise.

        `only_notable` leaves out the rows that say nothing but that a file is done.
        """
        return self._job.run(
            validate=self._opinion,
            on_row=on_row,
            on_plan=on_plan,
            progress=progress,
            allows_empty=self._allows_empty,
            only_notable=only_notable,
        )


def _check_plain(sources: Sources) -> None:
    """Raises `ValueError` for what goes with no URL of a store."""
    if sources.is_listed or sources.exclude:
        raise ValueError("URLs of a store go with no list of files yet, and nothing is excluded there")


def _with_paths(sources: Sources) -> Sources:
    """The same, with the path in the place of each file:// URL."""
    if sources.is_listed or not any(map(is_url, sources.paths)):
        return sources
    return _core.Sources(as_paths(sources.paths), exclude=sources.exclude)


def _third_opinion(rules: Rules, key: Key | None) -> ThirdOpinion:
    from dicomblank.verification import third_opinion  # with pydicom

    return third_opinion(rules, key)


def inspection_of(report: Report, level: LevelLike | None, name: str | None = None) -> Inspection:
    """What a run of `Run.inspect` has found. `name` is that of the level that `level` comes of."""
    from dicomblank.inspection import Inspection

    if level is None:
        return Inspection(report)
    rules = core_rules(level)
    return Inspection(report, name or level_name(level), asked=f"{hash(rules):x}")


def validator(rules: Rules, key: Key | None = None) -> Validator:
    """The second opinion on a file, as the core asks for it: the reason to refuse the file, or None.

    The plan is None where the core takes the file for no DICOM file.
    """
    from dicomblank.validate import overlooked, second_opinion  # with pydicom

    def ask(path: str, plan: Plan | None, stop: Stop) -> str | None:
        return overlooked(path, rules, stop) if plan is None else second_opinion(path, plan, rules, stop, key)

    return ask


def raise_fault(report: Report, *, is_file: bool) -> None:
    """Raises what a run has to say if not all is well: for one file its own error, else `IncompleteError`."""
    if report.ok:
        return
    if not is_file:
        raise IncompleteError(report)
    for row in report.faults:
        raise row.exception or NotDicomError("not a DICOM file")
