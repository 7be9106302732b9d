"""The command `dicomblank`.

Exit codes: 0, every DICOM file is done; 1, at least one was refused or failed, a single file named is not DICOM, or
nothing but symbolic links was found; 2, usage; 130 and 143, interrupted by SIGINT and SIGTERM.
"""

from __future__ import annotations

import argparse
import os
import sys

from dicomblank import _core
from dicomblank.errors import Error, ParseError
from dicomblank.levels import ANONYMIZE, ANONYMIZE_FULL, Level, Rules, core_rules
from dicomblank.signals import SIGNALS
from dicomblank.tags import named, spell, tag_number
from dicomblank.terminal import ProgressBar, close_stdout, complain, escaped, say, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    from dicomblank._core import Plan, Row
    from dicomblank.report import Report

__all__ = ["main"]

DONE, FAULT = 0, 1  # argparse has its own 2 for usage

ABOUT = """\
Blanks the identifiers of DICOM files: overwrites them where they stand with
padding of the same length. Nothing else in a file changes, and a file that
can't be read to its end is refused before its first byte is touched."""

EXAMPLES = """\
examples:
  dicomblank plan scan.dcm                                   what would be overwritten
  dicomblank anonymize study/ --output shared/               copy, blanked, to shared/
  dicomblank anonymize study/ --in-place --level anonymize-full
  dicomblank verify study/ shared/                           is nothing left, and nothing lost?
  dicomblank levels                                          what each level blanks, and what none does

"dicomblank COMMAND --help" says more about each."""

ANONYMIZE_EXAMPLES = """\
examples:
  dicomblank anonymize study/ --output shared/
      mirrors the tree of study/ under shared/; files that are not DICOM are not copied
  dicomblank anonymize study/ --in-place --level anonymize-full --validate
      overwrites the originals; pydicom has to agree on every file first
  dicomblank anonymize a.dcm b.dcm --output shared/ --blank PatientComments --keep StudyDate
      changes a level: a tag is a keyword, (0010,4000) or 00104000
  dicomblank anonymize study/ --output shared/ --skip-existing --report run.jsonl
      takes up an interrupted run, and writes a JSON object a line for every file

exit codes: 0 every DICOM file is done; 1 at least one was refused or failed, a
single file named here is not DICOM, or nothing but links was found; 2 usage; 130
interrupted (143 by SIGTERM)"""

PLAN_EXAMPLES = """\
examples:
  dicomblank plan scan.dcm
  dicomblank plan --level anonymize-full --json *.dcm     a JSON object a line for every file

Places and lengths are in bytes. Values are never shown. Exit code 1 if a file is refused."""

VERIFY_EXAMPLES = """\
examples:
  dicomblank verify study/ shared/ --level anonymize-full
  dicomblank verify scan.dcm blanked.dcm --keep StudyDate

Give the level and tags that AFTER was made with. Exit code 1 on any fault."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code; `SystemExit` for usage errors and --help."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        args = _parser().parse_args(argv)
        code: int = args.run(args)
    finally:
        close_stdout()
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _new_parser(argparse.ArgumentParser, prog="dicomblank", description=ABOUT, epilog=EXAMPLES)
    parser.add_argument("--version", action="version", version=f"dicomblank {_core.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: object, about: str, epilog: str | None = None) -> argparse.ArgumentParser:
        sub = _new_parser(commands.add_parser, name, help=about, description=f"{about}.", epilog=epilog)
        sub.set_defaults(run=run, parser=sub)
        return sub

    _anonymize_arguments(command("anonymize", _anonymize, "blank files and folders", ANONYMIZE_EXAMPLES))

    sub = command("plan", _plan, "show what would be overwritten", PLAN_EXAMPLES)
    sub.add_argument("files", metavar="FILE", nargs="+")
    _level_arguments(sub)
    sub.add_argument("--json", action="store_true", help="a JSON object a line for every file, instead of tables")

    sub = command("verify", _verify, "hold a result to its original", VERIFY_EXAMPLES)
    sub.add_argument("before", metavar="BEFORE", help="file or folder as it was")
    sub.add_argument("after", metavar="AFTER", help="file or folder as it is now")
    _level_arguments(sub)

    command("levels", _levels, "show what each level blanks, and what none does")
    return parser


def _new_parser(make: Callable[..., argparse.ArgumentParser], *args: str, **kwargs: object) -> argparse.ArgumentParser:
    # No abbreviations: overwriting originals is asked for by its whole name.
    return make(*args, formatter_class=_formatter, allow_abbrev=False, **kwargs)


def _formatter(prog: str) -> argparse.HelpFormatter:
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=26)


def _anonymize_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", metavar="SOURCE", nargs="+", help="file or folder")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--in-place", action="store_true", help="overwrite the originals")
    where.add_argument("--output", metavar="DIR", help="leave the originals and write blanked copies into DIR")
    _level_arguments(parser)
    parser.add_argument("--workers", metavar="N", type=_count, help="threads (default: one a processor)")
    parser.add_argument("--validate", action="store_true", help="refuse files that pydicom reads in another way (slow)")
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument(
        "--skip-existing",
        dest="existing",
        action="store_const",
        const="skip",
        default="refuse",
        help="pass over copies that are there, whole and blanked",
    )
    existing.add_argument(
        "--overwrite", dest="existing", action="store_const", const="overwrite", help="replace copies that are there"
    )
    parser.add_argument(
        "--hard-links",
        choices=["refuse", "write"],
        default="refuse",
        help="what becomes of originals that have other names, under which they would change as well"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--sync", action="store_true", help="have each file on the disk before it counts as done (slow)"
    )
    parser.add_argument(
        "--report", metavar="FILE.jsonl", help="write a JSON object a line for every file; must not exist"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def _level_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--level",
        choices=[level.value for level in Level],
        default=Level.ANONYMIZE.value,
        help="what to blank (default: %(default)s)",
    )
    parser.add_argument(
        "--blank", metavar="TAG", type=_tag, action="append", default=[], help="blank this tag as well; repeatable"
    )
    parser.add_argument(
        "--keep", metavar="TAG", type=_tag, action="append", default=[], help="keep this tag; repeatable"
    )


def _tag(text: str) -> int:
    try:
        tag = tag_number(text)
        Rules([tag])  # says what can't be a rule
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return tag


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"a number from 1 up, not {text!r}")
    return int(text)


def _rules(args: argparse.Namespace) -> Rules:
    both = sorted(set(args.blank).intersection(args.keep))
    if both:
        _usage(args, f"{named(both[0])} is under --blank and under --keep")
    return Level(args.level).rules.blank(*args.blank).keep(*args.keep)


def _usage(args: argparse.Namespace, message: str) -> NoReturn:
    parser: argparse.ArgumentParser = args.parser
    parser.error(message)


def _words(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.strerror is not None:
        name = error.filename
        return f"{escaped(os.fsdecode(name))}: {error.strerror}" if name is not None else error.strerror
    return escaped(str(error))


def _anonymize(args: argparse.Namespace) -> int:
    from dicomblank.api import validator
    from dicomblank.report import Report

    if args.in_place and args.existing != "refuse":
        _usage(args, "--skip-existing and --overwrite are about copies: they need --output")
    if args.output is not None and args.hard_links != "refuse":
        _usage(args, "--hard-links is about originals: it needs --in-place")
    rules = core_rules(_rules(args))
    try:
        job = _core.Job(
            args.sources,
            args.output,
            rules,
            existing=args.existing,
            hard_links=args.hard_links,
            sync="all" if args.sync else "none",
            workers=args.workers,
            report=args.report,
        )
    except (OSError, ValueError) as error:
        _usage(args, _words(error))
    second_opinion = validator(rules) if args.validate else None
    SIGNALS.stop_with(job.stop)
    with ProgressBar(is_shown=sys.stderr.isatty() and not args.quiet) as bar:
        rows = _Rows(args.sources, bar)
        try:
            summary = job.run(validate=second_opinion, on_row=rows, progress=bar)
        except OSError as error:  # about the report: what is wrong with a file is in its row
            bar.complain(f"stopped: {_words(error)}: the files in hand were finished, the rest is untouched")
            return FAULT
    SIGNALS.stop_with(None)
    _say_summary(Report(summary), rows.skipped)
    if SIGNALS.received:
        complain("interrupted: files in hand were finished or left as they were, and no other was begun; run again")
        return 128 + SIGNALS.received
    if not rows.dicom:
        complain("no DICOM file found")
    # Links were found where files were looked for: whoever meant what they point to should not take this for done.
    is_all_links = summary.files > 0 and summary.links == summary.files
    if is_all_links:
        complain("nothing but symbolic links found, and links in a folder are not followed: name what they point to")
    return FAULT if rows.faults or is_all_links else DONE


def _say_summary(report: Report, skipped: dict[str, int]) -> None:
    from dicomblank.notice import RECALL

    for name, value in report.lines():
        say(f"{name:<14}  {value:>9}")
    if skipped:
        say(f"Skipped: {', '.join(f'{reason} ({count})' for reason, count in sorted(skipped.items()))}")
    say(RECALL)


class _Rows:
    """Counts what was found, and tells of each fault as it is met."""

    def __init__(self, sources: Sequence[str], bar: ProgressBar) -> None:
        self.count = 0
        self.dicom = 0
        self.faults = 0
        self.skipped: dict[str, int] = {}
        self._bar = bar
        # As the rows name them.
        self._files = {_row_name(source) for source in sources if not os.path.isdir(source)}

    def __call__(self, row: Row) -> None:
        self.count += 1
        is_file = row.source in self._files
        is_passed_over = row.outcome == "skipped" and row.error is not None  # a link, say: never opened
        if row.outcome == "skipped":
            reason = _kind(row.error)
            self.skipped[reason] = self.skipped.get(reason, 0) + 1
        self.dicom += row.outcome != "not-dicom" and not is_passed_over
        if row.outcome in {"refused", "failed"} or (is_file and row.outcome == "not-dicom"):
            self.faults += 1
            path = row.source if is_file else os.path.join(row.source, row.path)
            outcome = "not DICOM" if row.outcome == "not-dicom" else row.outcome
            self._bar.complain(": ".join(filter(None, (outcome, escaped(path), escaped(row.error or "")))))


def _kind(reason: str | None) -> str:
    """The reason for which a file was skipped, without what is of that file alone."""
    if reason is None:
        return "copied already"
    return "a symbolic link" if reason.startswith("a symbolic link to ") else reason.partition(":")[0]


def _row_name(source: str) -> str:
    return os.fsencode(source).decode("utf-8", "backslashreplace")


def _plan(args: argparse.Namespace) -> int:
    rules = core_rules(_rules(args))
    for name in args.files:
        if not os.path.exists(name):
            _usage(args, f"{escaped(name)}: No such file or directory")
        if os.path.isdir(name):
            _usage(args, f"{escaped(name)}: Is a directory; plan takes files")
    code = DONE
    for index, name in enumerate(args.files):
        plan: Plan | Error | OSError
        try:
            plan = _core.plan_file(name, rules)
        except (Error, OSError) as error:
            plan = error
            code = FAULT
        if args.json:
            _plan_json(name, plan)
        elif isinstance(plan, Exception):
            complain(f"refused: {escaped(name)}: {_reason(plan)}")
        else:
            if index:
                say()
            _plan_table(name, plan)
    return code


def _reason(error: Error | OSError) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)


def _plan_table(name: str, plan: Plan) -> None:
    say(f"{escaped(name)}: {len(plan)} values, {sum(edit.length for edit in plan)} of {plan.size} bytes")
    if len(plan):
        rows = [
            (spell(edit.tag), edit.keyword, edit.vr, f"{edit.start:#x}", str(edit.length), edit.tag_path)
            for edit in plan
        ]
        table(("tag", "name", "VR", "place", "length", "path"), rows, right=(3, 4))
    for warning in plan.warnings:
        complain(f"warning: {escaped(name)}: {warning}")


def _plan_json(name: str, plan: Plan | Error | OSError) -> None:
    import json

    row: dict[str, object] = {"file": _row_name(name)}
    if isinstance(plan, Exception):
        row["error"] = _reason(plan)
        if isinstance(plan, ParseError):  # its words show the ends of a long path only
            row |= {"offset": plan.offset, "tag_path": plan.tag_path}
    else:
        row["size"] = plan.size
        row["warnings"] = list(plan.warnings)
        row["edits"] = [
            {
                "tag": spell(edit.tag),
                "keyword": edit.keyword,
                "vr": edit.vr,
                "start": edit.start,
                "length": edit.length,
                "tag_path": edit.tag_path,
            }
            for edit in plan
        ]
    say(json.dumps(row))


def _verify(args: argparse.Namespace) -> int:
    rules = core_rules(_rules(args))
    from dicomblank.verification import verify_paths

    try:
        verification = verify_paths(args.before, args.after, rules)
    except (OSError, ValueError) as error:
        _usage(args, _words(error))
    for row in verification.rows:
        say(f"{row.verdict:<10}  {escaped(row.path)}" + (f": {row.reason}" if row.reason else ""))
    counts = ", ".join(f"{count} {verdict}" for verdict, count in verification.counts.items() if count)
    say(counts or "no file found")
    return DONE if verification.ok else FAULT


def _levels(_args: argparse.Namespace) -> int:
    import textwrap

    from dicomblank.notice import NOTICE

    say(f"{Level.ORIGINAL.value}\n  blanks nothing: not a byte changes\n")
    for level, rows in ((Level.ANONYMIZE, ANONYMIZE), (Level.ANONYMIZE_FULL, ANONYMIZE_FULL)):
        say(level.value + (" (the default)" if level is Level.ANONYMIZE else ""))
        table(("  tag", "name", "VR"), [(f"  {spell(tag)}", keyword, vr) for keyword, tag, vr, _ in rows])
        say()
    say(f"Wherever they stand, at any depth. Source: {ANONYMIZE[0][3]}")
    say("\nWhat dicomblank does not do:")
    for sentence in NOTICE:
        say(textwrap.fill(sentence, 100, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False))
    return DONE
