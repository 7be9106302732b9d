"""One run over files and folders, in the order of its steps: the calls of the API and the command share it."""

from __future__ import annotations

from dicomblank import _core
from dicomblank.choices import Existing, HardLinks, NoDicom, Sync, Validate
from dicomblank.errors import IncompleteError, NotDicomError
from dicomblank.levels import core_rules
from dicomblank.report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from dicomblank._core import Plan, Progress, Row, Rules, Stop
    from dicomblank.choices import ExistingLike, HardLinksLike, NoDicomLike, SyncLike, ValidateLike
    from dicomblank.inputs import StrPath
    from dicomblank.levels import LevelLike

    Validator: TypeAlias = Callable[[str, Plan | None, Stop], str | None]

__all__ = ["Run", "raise_fault", "validator"]


class Run:
    """A run that is ready to begin: making one finds every error of usage, and calling it does the work, once.

    Files that are refused or fail raise nothing here.
    """

    def __init__(
        self,
        sources: Sequence[StrPath],
        output: StrPath | None,
        level: LevelLike,
        *,
        existing: ExistingLike = Existing.REFUSE,
        hard_links: HardLinksLike = HardLinks.REFUSE,
        sync: SyncLike = Sync.NONE,
        validate: ValidateLike = Validate.NONE,
        no_dicom: NoDicomLike = NoDicom.REFUSE,
        workers: int | None = None,
        report: StrPath | None = None,
    ) -> None:
        self._allows_empty = NoDicom(no_dicom) is NoDicom.ALLOW
        is_validated = Validate(validate) is Validate.ALL
        rules = core_rules(level)
        self._job = _core.Job(
            sources,
            output,
            rules,
            existing=Existing(existing).value,
            hard_links=HardLinks(hard_links).value,
            sync=Sync(sync).value,
            workers=workers,
            report=report,
        )
        self._validator = validator(rules) if is_validated else None
        self.links = 0
        """Symbolic links that were met in folders and not followed."""

    @property
    def reports_to_stdout(self) -> bool:
        """Whether the report file is the process's standard output."""
        return self._job.reports_to_stdout

    def stop(self) -> None:
        """Ends the run early, and lets it return what was done. A handler of a signal may call it."""
        self._job.stop()

    def __call__(
        self, on_row: Callable[[Row], object] | None = None, progress: Callable[[Progress], object] | None = None
    ) -> Report:
        """Does the work. Raises `OSError` if the report file can't be written to, and what the callbacks raise."""
        summary = self._job.run(validate=self._validator, on_row=on_row, progress=progress)
        self.links = summary.links
        return Report(summary, allows_empty=self._allows_empty)


def validator(rules: Rules) -> Validator:
    """The second opinion on a file, as the core asks for it: the reason to refuse the file, or None.

    The plan is None where the core takes the file for no DICOM file.
    """
    from dicomblank.validate import overlooked, second_opinion  # with pydicom

    def ask(path: str, plan: Plan | None, stop: Stop) -> str | None:
        return overlooked(path, rules, stop) if plan is None else second_opinion(path, plan, rules, stop)

    return ask


def raise_fault(report: Report, *, is_file: bool) -> None:
    """Raises what a run has to say if not all is well: for one file its own error, else `IncompleteError`."""
    if report.ok:
        return
    if not is_file:
        raise IncompleteError(report)
    for row in report.faults:
        raise row.exception or NotDicomError("not a DICOM file")
