"""`dicomblank verify`: a result compared with its original."""

from __future__ import annotations

import sys

from dicomblank.arguments import reason, usage_error
from dicomblank.choices import NoDicom, Pydicom
from dicomblank.commands import DONE, FAULT
from dicomblank.driving import complain_of_folders, drive
from dicomblank.faults import Faults
from dicomblank.page_arguments import check_html, made_page
from dicomblank.rule_arguments import key_of, rules_of
from dicomblank.run import Run
from dicomblank.signals import SIGNALS
from dicomblank.source_arguments import asked_sources, check_sources, listed_sources
from dicomblank.summary import path_of
from dicomblank.terminal import ProgressBar, complain, escaped, is_terminal, say, say_sentence
from dicomblank.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from dicomblank._core import Report, Row

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Compares results with their originals, and says what is wrong with them."""
    *befores, after = args.paths or [None]
    missing = "AFTER is missing" if args.paths else "BEFORE and AFTER are missing"
    missing += ": name the original, and behind it the result"
    if after is None:
        usage_error(args, missing if args.files_from is None else "AFTER is missing: name the folder of the copies")
    check_sources(args, befores, missing, needs_folder=True)
    check_html(args, listed_sources(args, befores), after)
    try:
        work = Run.verify(
            asked_sources(args, befores),
            after,
            rules_of(args),
            name=args.level.name,
            key=key_of(args),
            known=args.known,
            pydicom=Pydicom.LEAVE_OUT if args.no_pydicom else Pydicom.ASK,
            no_dicom=NoDicom.ALLOW if args.allow_empty else NoDicom.REFUSE,
            workers=args.workers,
            report=args.report,
        )
    except (OSError, ValueError) as error:
        usage_error(args, reason(error))
    if work.reports_to_stdout and sys.stdout is None:
        usage_error(args, "the report can't go to stdout, which is closed")
    SIGNALS.stop_with(work.stop)
    verdict = Verdict(args)
    with ProgressBar(is_shown=is_terminal(sys.stderr) and not args.quiet) as bar:
        tell = bar.complain if work.reports_to_stdout else bar.say

        faults = Faults(tell, has_report=args.report is not None, is_terminal=_is_read(work), line=_line)

        def on_row(row: Row) -> None:
            verdict.add(row)
            faults(row)

        report = drive(work, bar, faults, on_row=on_row)
        if report is None:
            return FAULT
    SIGNALS.stop_with(None)
    if not args.quiet:
        for sentence in verdict.sentences(report):
            (complain if work.reports_to_stdout else say_sentence)(sentence)
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
    else:
        complain_of_folders(report)


def _line(row: Row) -> str:
    return f"{row.outcome:<11}  {escaped(path_of(row))}" + (f": {escaped(row.error)}" if row.error else "")


def _is_read(work: Run) -> bool:
    """Whether a person reads the lines about files, as they come."""
    return is_terminal(sys.stderr if work.reports_to_stdout else sys.stdout)
