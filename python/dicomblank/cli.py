"""The command `dicomblank`.

Exit codes: 0, every DICOM file is done; 1, at least one was refused or failed, a file named is not DICOM, a folder
named has no DICOM file in it, or what was to be said could not be written; 2, usage; 130 and 143, interrupted by SIGINT
and SIGTERM.
"""

from __future__ import annotations

import argparse
import os
import sys

from dicomblank import _core
from dicomblank.errors import Error, ParseError
from dicomblank.levels import ANONYMIZE, ANONYMIZE_FULL, Level, Rules, core_rules
from dicomblank.signals import SIGNALS
from dicomblank.tags import form, named, spell, written
from dicomblank.terminal import ProgressBar, begin, complain, end, escaped, is_terminal, say, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    from _typeshed import SupportsWrite

    from dicomblank._core import Plan
    from dicomblank.tags import About

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
  dicomblank anonymize sub-*/ --output shared/
      each folder has its name there, as with cp -r: shared/sub-1/, shared/sub-2/
  dicomblank anonymize study/ --in-place --level anonymize-full --validate
      overwrites the originals; pydicom has to agree on every file first
  dicomblank anonymize a.dcm b.dcm --output shared/ --blank PatientComments --keep StudyDate
      changes a level: a tag is a keyword, (0010,4000) or 00104000
      or (60xx,4000) for every group, or (0029,"SIEMENS CSA HEADER",10) by creator
  dicomblank anonymize study/ --output shared/ --skip-existing --report run.jsonl
      takes up an interrupted run, and writes a JSON object a line for every file

exit codes: 0 every DICOM file is done; 1 at least one was refused or failed, a file
named here is not DICOM or an archive, or a folder named here has no DICOM file in it;
2 usage; 130 interrupted (143 by SIGTERM)"""

PLAN_EXAMPLES = """\
examples:
  dicomblank plan scan.dcm
  dicomblank plan --level anonymize-full --json *.dcm     a JSON object a line for every file

Places and lengths are in bytes. Values are never shown. Exit code 1 if a file is refused."""

VERIFY_EXAMPLES = """\
examples:
  dicomblank verify study/ shared/ --level anonymize-full
  dicomblank verify sub-*/ shared/
  dicomblank verify scan.dcm blanked.dcm --keep StudyDate

Give the level and tags that AFTER was made with. Exit code 1 on any fault, and where no
DICOM file is found."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code; `SystemExit` for usage errors and --help."""
    begin()
    try:
        args = _parser().parse_args(argv)
        code: int = args.run(args)
    except SystemExit as leave:  # argparse's, behind --help or an error of usage
        if end() and not leave.code:
            raise SystemExit(FAULT) from None
        raise
    except BaseException:
        end()
        raise
    return FAULT if end() and code == DONE else code


def _parser() -> argparse.ArgumentParser:
    parser = _new_parser(_Parser, prog="dicomblank", description=ABOUT, epilog=EXAMPLES)
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
    sub.add_argument("before", metavar="BEFORE", nargs="+", help="file or folder as it was")
    sub.add_argument("after", metavar="AFTER", help="file or folder as it is now")
    _level_arguments(sub)
    _empty_argument(sub)

    command("levels", _levels, "show what each level blanks, and what none does")
    return parser


class _Parser(argparse.ArgumentParser):
    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        # argparse's own takes what can't be written for written.
        write = say if file is not None and file is sys.stdout else complain
        write(message.removesuffix("\n"))


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
        "--report",
        metavar="FILE.jsonl",
        help="write a JSON object a line for every file; must not exist, or - for stdout, and all else goes to stderr",
    )
    _empty_argument(parser)
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def _level_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--level",
        choices=[level.value for level in Level],
        default=Level.ANONYMIZE.value,
        help="what to blank (default: %(default)s)",
    )
    for name, words in (("--blank", "blank this tag as well, or several"), ("--keep", "keep this tag, or several")):
        parser.add_argument(
            name, metavar="TAG", type=_tags, action="extend", default=[], help=f"{words} between commas; repeatable"
        )


def _empty_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--allow-empty", action="store_true", help="exit 0 also where no DICOM file is found")


def _tags(text: str) -> list[About]:
    try:
        tags = written(text)
        Rules([text])  # says what can't be a rule
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return tags


def _count(text: str) -> int:
    most = _core.MOST_WORKERS
    is_number = text.isascii() and text.isdecimal() and len(text.lstrip("0")) <= len(str(most))
    if not (is_number and 1 <= int(text) <= most):
        shown = repr(text) if len(text) <= 30 else "that"
        raise argparse.ArgumentTypeError(f"a number from 1 to {most}, not {shown}")
    return int(text)


def _rules(args: argparse.Namespace) -> Rules:
    both = [about for about in args.blank if about in args.keep]
    if both:
        _usage(args, f"{named(both[0])} is under --blank and under --keep")
    try:
        return Level(args.level).rules.blank(*map(form, args.blank)).keep(*map(form, args.keep))
    except ValueError as error:  # what can't stand side by side
        _usage(args, str(error))


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
    from dicomblank.summary import Rows, say_summary

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
    if job.reports_to_stdout and sys.stdout is None:
        _usage(args, "the report can't go to stdout, which is closed")
    second_opinion = validator(rules) if args.validate else None
    SIGNALS.stop_with(job.stop)
    with ProgressBar(is_shown=is_terminal(sys.stderr) and not args.quiet) as bar:
        rows = Rows(args.sources, bar)
        try:
            summary = job.run(validate=second_opinion, on_row=rows, progress=bar)
        except OSError as error:  # about the report: what is wrong with a file is in its row
            bar.complain(f"stopped: {_words(error)}: the files in hand were finished, the rest is untouched")
            return FAULT
    SIGNALS.stop_with(None)
    report = Report(summary, allows_empty=args.allow_empty)
    say_summary(report, rows, complain if job.reports_to_stdout else say)
    if SIGNALS.received:
        complain("interrupted: files in hand were finished or left as they were, and no other was begun; run again")
        return 128 + SIGNALS.received
    for folder in report.without_dicom:
        complain(f"no DICOM file found in {escaped(folder)}")
    # Links were found where files were looked for: whoever meant what they point to should not take this for done.
    is_all_links = summary.files > 0 and summary.links == summary.files
    if is_all_links:
        complain("nothing but symbolic links found, and links in a folder are not followed: name what they point to")
    return DONE if report.ok and not is_all_links else FAULT


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

    from dicomblank.summary import row_name

    row: dict[str, object] = {"file": row_name(name)}
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
    is_empty = all(row.verdict == "not-dicom" for row in verification.rows)
    if is_empty:
        complain("no DICOM file found")
    return DONE if verification.ok and (args.allow_empty or not is_empty) else FAULT


def _levels(_args: argparse.Namespace) -> int:
    import textwrap

    from dicomblank.notice import NOTICE

    say(f"{Level.ORIGINAL.value}\n  blanks nothing: not a byte changes\n")
    for level, rows in ((Level.ANONYMIZE, ANONYMIZE), (Level.ANONYMIZE_FULL, ANONYMIZE_FULL)):
        say(level.value + (" (the default)" if level is Level.ANONYMIZE else ""))
        table(("  tag", "name", "VR"), [(f"  {spell(tag)}", keyword, vr) for keyword, tag, vr, _ in rows])
        say()
    say(f"Wherever they stand, at any depth. Source: {ANONYMIZE[0][3]}")
    say('\n--blank and --keep change that; (60xx,4000) is every group, (0029,"SIEMENS CSA HEADER",10) is by creator.')
    say("\nWhat dicomblank does not do:")
    for sentence in NOTICE:
        say(textwrap.fill(sentence, 100, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False))
    return DONE
