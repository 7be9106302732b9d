"""`dicomblank verify`: a result compared with its original."""

from __future__ import annotations

import sys

from dicomblank.arguments import reason, usage_error
from dicomblank.choices import NoDicom
from dicomblank.commands import DONE, FAULT
from dicomblank.page_arguments import check_html, made_page
from dicomblank.rule_arguments import key_of, rules_of
from dicomblank.run import Run
from dicomblank.signals import SIGNALS
from dicomblank.summary import path_of
from dicomblank.terminal import ProgressBar, complain, escaped, is_terminal, say
from dicomblank.verification import OUTCOMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from dicomblank._core import Report, Row

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Compares results with their originals, and says what is wrong with them."""
    if len(args.paths) < 2:
        missing = "AFTER is missing" if args.paths else "BEFORE and AFTER are missing"
        usage_error(args, f"{missing}: name the original, and behind it the result")
    *befores, after = args.paths
    check_html(args, befores, after)
    try:
        work = Run.verify(
            befores,
            after,
            rules_of(args),
            name=args.level,
            key=key_of(args),
            no_dicom=NoDicom.ALLOW if args.allow_empty else NoDicom.REFUSE,
            workers=args.workers,
            report=args.report,
        )
    except (OSError, ValueError) as error:
        usage_error(args, reason(error))
    if work.reports_to_stdout and sys.stdout is None:
        usage_error(args, "the report can't go to stdout, which is closed")
    SIGNALS.stop_with(work.stop)
    with ProgressBar(is_shown=is_terminal(sys.stderr) and not args.quiet) as bar:
        tell = bar.complain if work.reports_to_stdout else bar.say

        def on_row(row: Row) -> None:
            if row.is_fault:
                tell(_line(row))

        try:
            report = work(on_row=on_row, progress=bar, only_notable=True)
        except OSError as error:
            bar.complain(f"stopped: {reason(error)}")
            return FAULT
    SIGNALS.stop_with(None)
    if not args.quiet:
        (complain if work.reports_to_stdout else say)(_counts(report))
    is_page_made = made_page(args, say)
    if SIGNALS.received:
        complain("interrupted: the other files were not compared")
        return 128 + SIGNALS.received
    has_none = report.files == report.not_dicom
    if not (args.quiet and args.allow_empty):
        _complain_of_empty(report, has_none=has_none)
    return DONE if is_page_made and report.ok and (args.allow_empty or not has_none) else FAULT


def _complain_of_empty(report: Report, *, has_none: bool) -> None:
    """Says where there is no DICOM: in nothing that was named, or in some of the folders."""
    if has_none:
        complain("no DICOM file found")
        return
    for folder in report.without_dicom:
        complain(f"no DICOM file found in {escaped(folder)}")


def _line(row: Row) -> str:
    return f"{row.outcome:<10}  {escaped(path_of(row))}" + (f": {escaped(row.error)}" if row.error else "")


def _counts(report: Report) -> str:
    found = [f"{report.counts[outcome]} {outcome}" for outcome in OUTCOMES if report.counts[outcome]]
    return ", ".join(found) or ("no file found" if report.complete else "no file compared")
