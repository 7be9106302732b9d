"""`dicomblank anonymize`: files and folders, in place or copied."""

from __future__ import annotations

import sys

from dicomblank.again import command_that_goes_on, command_that_verifies
from dicomblank.arguments import reason, usage_error
from dicomblank.choices import Existing, NoDicom
from dicomblank.commands import FAULT
from dicomblank.driving import code_of, drive
from dicomblank.faults import Faults
from dicomblank.leftovers import leftovers_of
from dicomblank.page_arguments import check_html, made_page
from dicomblank.rule_arguments import key_of, rules_of
from dicomblank.run import Run
from dicomblank.signals import SIGNALS
from dicomblank.source_arguments import asked_sources, check_sources, listed_sources
from dicomblank.summary import Summary
from dicomblank.terminal import ProgressBar, complain, escaped, is_terminal, say_sentence
from dicomblank.urls import are_remote
from dicomblank.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from dicomblank._core import Progress, Row

__all__ = ["how_far", "run"]


def run(args: argparse.Namespace) -> int:
    """Blanks files and folders, and says what became of them."""
    _check(args)
    try:
        work = Run.anonymize(
            asked_sources(args, args.sources),
            args.output,
            rules_of(args),
            name=args.level.name,
            key=key_of(args),
            existing=_existing(args),
            hard_links=args.hard_links,
            unmarked=args.unmarked,
            leftovers=leftovers_of(args),
            known=args.known,
            sync=args.sync,
            validate=args.validate,
            no_dicom=NoDicom.ALLOW if args.allow_empty else NoDicom.REFUSE,
            workers=args.workers,
            report=args.report,
        )
    except (OSError, ValueError) as error:
        usage_error(args, reason(error))
    if work.reports_to_stdout and sys.stdout is None:
        usage_error(args, "the report can't go to stdout, which is closed")
    for notice in work.notices():
        complain(f"note: {escaped(notice)}")
    SIGNALS.stop_with(work.stop)
    summary = Summary(args)
    with ProgressBar(is_shown=is_terminal(sys.stderr) and not args.quiet) as bar:
        faults = Faults(
            bar.complain,
            _existing(args),
            has_report=args.report is not None,
            is_terminal=is_terminal(sys.stderr),
        )

        def on_row(row: Row) -> None:
            summary.add(row)
            faults(row)

        untouched = ": no file is half done, and the rest is untouched"
        report = drive(work, bar, faults, on_row=on_row, untouched=untouched)
        if report is None:
            return FAULT
    SIGNALS.stop_with(None)
    tell = complain if work.reports_to_stdout else say_sentence
    if not args.quiet:
        for sentence in summary.sentences(report):
            tell(sentence)
    is_page_made = made_page(args, tell)
    if SIGNALS.received:
        far = how_far(report.files - summary.dropped, bar.progress)
        again = command_that_goes_on(args, reports_to_stdout=work.reports_to_stdout)
        complain(f"interrupted: {far}; no file is half done. To go on:", again)
        return 128 + SIGNALS.received
    if summary.copies and not args.quiet and not are_remote([*args.sources, args.output]):  # verify takes none yet
        tell("Next:", command_that_verifies(args, summary.only_copy))
    code = code_of(report, is_quiet=args.quiet)
    return code if is_page_made else FAULT


def how_far(done: int, progress: Progress | None) -> str:
    """How much of a run was done when it was interrupted."""
    files = f"{counted(done, 'file')} {'is' if done == 1 else 'are'} done"
    if progress is None or progress.listing or progress.found < done:
        return files  # how many there are is not known
    return f"{done:,} of {counted(progress.found, 'file')} {'is' if progress.found == 1 else 'are'} done"


def _check(args: argparse.Namespace) -> None:
    """What is missing and what excludes each other: argparse would say it in words of its own."""
    missing = "SOURCE is missing: name a file or a folder"
    check_sources(args, args.sources, missing, needs_folder=args.output is not None)
    if args.output is None and not args.in_place:
        usage_error(args, "say where the result goes: --output DIR writes copies, --in-place overwrites the originals")
    if args.output is not None and args.in_place:
        usage_error(args, "--output and --in-place exclude each other: copies are written, or the originals")
    check_html(args, listed_sources(args, args.sources), args.output)
    if args.skip_existing and args.overwrite:
        usage_error(args, "--skip-existing and --overwrite exclude each other")
    if args.in_place and (args.skip_existing or args.overwrite):
        usage_error(args, "--skip-existing and --overwrite are about copies: they need --output")
    for option, value in (("--hard-links", args.hard_links), ("--unmarked", args.unmarked)):
        if args.output is not None and value != "refuse":
            usage_error(args, f"{option} is about originals: it needs --in-place")


def _existing(args: argparse.Namespace) -> Existing:
    if args.overwrite:
        return Existing.OVERWRITE
    return Existing.SKIP if args.skip_existing else Existing.REFUSE
