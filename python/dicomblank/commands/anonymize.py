"""`dicomblank anonymize`: files and folders, in place or copied."""

from __future__ import annotations

import sys

from dicomblank.arguments import reason, rules_of, usage_error
from dicomblank.choices import NoDicom
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
    if args.in_place and args.existing != "refuse":
        usage_error(args, "--skip-existing and --overwrite are about copies: they need --output")
    if args.output is not None and args.hard_links != "refuse":
        usage_error(args, "--hard-links is about originals: it needs --in-place")
    try:
        work = Run(
            args.sources,
            args.output,
            rules_of(args),
            existing=args.existing,
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
        rows = Rows(args.sources, bar)
        try:
            report = work(on_row=rows, progress=bar)
        except OSError as error:  # about the report: what is wrong with a file is in its row
            bar.complain(f"stopped: {reason(error)}: the files in hand were finished, the rest is untouched")
            return FAULT
    SIGNALS.stop_with(None)
    say_summary(report, rows, complain if work.reports_to_stdout else say)
    if SIGNALS.received:
        complain("interrupted: files in hand were finished or left as they were, and no other was begun; run again")
        return 128 + SIGNALS.received
    for folder in report.without_dicom:
        complain(f"no DICOM file found in {escaped(folder)}")
    # Links were found where files were looked for: whoever meant what they point to should not take this for done.
    is_all_links = report.files > 0 and work.links == report.files
    if is_all_links:
        complain("nothing but symbolic links found, and links in a folder are not followed: name what they point to")
    return DONE if report.ok and not is_all_links else FAULT
