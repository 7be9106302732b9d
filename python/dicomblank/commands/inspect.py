"""`dicomblank inspect`: what stands in files."""

from __future__ import annotations

import sys

from dicomblank import _core
from dicomblank.arguments import reason, usage_error
from dicomblank.choices import Existing, NoDicom
from dicomblank.commands import FAULT
from dicomblank.driving import code_of, drive
from dicomblank.faults import Faults
from dicomblank.page_arguments import check_html, made_page
from dicomblank.rule_arguments import asked_level, has_rules, rules_of
from dicomblank.run import Run, inspection_of
from dicomblank.signals import SIGNALS
from dicomblank.source_arguments import asked_sources, check_sources, listed_sources
from dicomblank.terminal import ProgressBar, complain, is_terminal, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from dicomblank._core import Report
    from dicomblank.inspection import Inspection
    from dicomblank.levels import Rules

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Looks into files and folders, and says in how many of them what stands."""
    check_sources(args, args.sources, "SOURCE is missing: name a file or a folder")
    try:
        rules, name = _asked(args)
        work = Run.inspect(
            asked_sources(args, args.sources),
            rules,
            name=name,
            known=args.known,
            no_dicom=NoDicom.ALLOW if args.allow_empty else NoDicom.REFUSE,
            workers=args.workers,
            report=args.report,
        )
    except (OSError, ValueError) as error:
        usage_error(args, reason(error))
    if work.reports_to_stdout and args.json:
        usage_error(args, "--json and --report - exclude each other: both write to stdout")
    if (work.reports_to_stdout or args.json) and sys.stdout is None:
        usage_error(args, "the report can't go to stdout, which is closed")
    check_html(args, listed_sources(args, args.sources), None)
    SIGNALS.stop_with(work.stop)
    with ProgressBar(is_shown=is_terminal(sys.stderr) and not args.quiet) as bar:
        has_report, on_terminal = args.report is not None, is_terminal(sys.stderr)
        faults = Faults(bar.complain, Existing.REFUSE, has_report=has_report, is_terminal=on_terminal)
        report = drive(work, bar, faults)
        if report is None:
            return FAULT
    SIGNALS.stop_with(None)
    inspection = inspection_of(report, rules, name)
    if args.json:
        _say_json(inspection)
    elif not args.quiet:
        for line in inspection.table(whole=args.all).split("\n"):
            (complain if work.reports_to_stdout else say)(line)
    is_page_made = made_page(args, complain if args.json else say)
    if SIGNALS.received:
        complain("interrupted: the other files were not looked into")
        return 128 + SIGNALS.received
    return code_of(report, is_quiet=args.quiet) if is_page_made else FAULT


def _asked(args: argparse.Namespace) -> tuple[Rules | None, str | None]:
    """The rules of the run that is asked about, and the name of their level; without options there is none."""
    if args.level is None and not has_rules(args) and not args.keep:
        return None, None
    args.level = args.level or asked_level("anonymize")
    return rules_of(args), args.level.name


def _leftovers(report: Report) -> dict[str, object]:
    """As in the last row of a report file."""
    return {**report.leftovers, "places": report.leftover_places, "of": report.leftover_of}


def _say_json(inspection: Inspection) -> None:
    import json

    report = inspection.report
    told = {
        "version": _core.__version__,
        "level": inspection.level,
        "counts": {"files": report.files} | {word: count for word, count in report.counts.items() if count},
        "found": {
            section: {
                word: {"files": found.files} | ({} if found.left is None else {"left": found.left})
                for word, found in words.items()
            }
            for section, words in inspection.sections().items()
        },
        "leftovers": _leftovers(inspection.report),
        "without_dicom": list(report.without_dicom),
        "complete": report.complete,
        "seconds": round(report.seconds, 3),
    }
    say(json.dumps(told))
