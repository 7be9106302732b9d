"""`dicomblank anonymize`: files and folders, in place or copied."""

from __future__ import annotations

import sys

from dicomblank.arguments import reason, rules_of, usage_error
from dicomblank.choices import Existing, NoDicom
from dicomblank.commands import DONE, FAULT
from dicomblank.run import Run
from dicomblank.signals import SIGNALS
from dicomblank.summary import Rows, say_summary
from dicomblank.terminal import ProgressBar, complain, escaped, is_terminal, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Blanks files and folders, and says what became of them."""
    _check(args)
    try:
        work = Run.anonymize(
            args.sources,
            args.output,
            rules_of(args),
            name=args.level,
            existing=_existing(args),
            hard_links=args.hard_links,
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
    SIGNALS.stop_with(work.stop)
    with ProgressBar(is_shown=is_terminal(sys.stderr) and not args.quiet) as bar:
        rows = Rows(bar)
        try:
            report = work(on_row=rows, progress=bar)
        except OSError as error:  # about the report: what is wrong with a file is in its row
            bar.complain(f"stopped: {reason(error)}: no file is half done, and the rest is untouched")
            return FAULT
    SIGNALS.stop_with(None)
    if not args.quiet:
        say_summary(report, rows, complain if work.reports_to_stdout else say)
    if SIGNALS.received:
        again = " with --skip-existing" if args.output is not None and _existing(args) is Existing.REFUSE else ""
        complain(f"interrupted: no file is half done; run the same command again{again}")
        return 128 + SIGNALS.received
    if not (args.quiet and report.ok):
        for folder in report.without_dicom:
            complain(f"no DICOM file found in {escaped(folder)}")
    # What they point to may have been meant, and is not done.
    is_all_links = report.files > 0 and report.links == report.files
    if is_all_links:
        complain("nothing but symbolic links found, and links in a folder are not followed: name what they point to")
    return DONE if report.ok and not is_all_links else FAULT


def _check(args: argparse.Namespace) -> None:
    """What is missing and what excludes each other: argparse would say it in words of its own."""
    if not args.sources:
        usage_error(args, "SOURCE is missing: name a file or a folder")
    if args.output is None and not args.in_place:
        usage_error(args, "say where the result goes: --output DIR writes copies, --in-place overwrites the originals")
    if args.output is not None and args.in_place:
        usage_error(args, "--output and --in-place exclude each other: copies are written, or the originals")
    if args.skip_existing and args.overwrite:
        usage_error(args, "--skip-existing and --overwrite exclude each other")
    if args.in_place and (args.skip_existing or args.overwrite):
        usage_error(args, "--skip-existing and --overwrite are about copies: they need --output")
    if args.output is not None and args.hard_links != "refuse":
        usage_error(args, "--hard-links is about originals: it needs --in-place")


def _existing(args: argparse.Namespace) -> Existing:
    if args.overwrite:
        return Existing.OVERWRITE
    return Existing.SKIP if args.skip_existing else Existing.REFUSE
