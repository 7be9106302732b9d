"""What the command takes: its parser, and what is wrong with what was typed."""

from __future__ import annotations

import argparse
import os
import sys

from dicomblank import _core
from dicomblank.levels import Level, Rules
from dicomblank.tags import form, named, written
from dicomblank.terminal import complain, escaped, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from _typeshed import SupportsWrite

    from dicomblank.tags import About

__all__ = ["new_parser", "reason", "rules_of", "usage_error"]

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


def new_parser() -> argparse.ArgumentParser:
    """The parser of all commands; what it returns has the command's name and its own parser."""
    parser = _make(_Parser, prog="dicomblank", description=ABOUT, epilog=EXAMPLES)
    parser.add_argument("--version", action="version", version=f"dicomblank {_core.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, about: str, epilog: str | None = None) -> argparse.ArgumentParser:
        sub = _make(commands.add_parser, name, help=about, description=f"{about}.", epilog=epilog)
        sub.set_defaults(command=name, parser=sub)
        return sub

    _anonymize_arguments(command("anonymize", "blank files and folders", ANONYMIZE_EXAMPLES))

    sub = command("plan", "show what would be overwritten", PLAN_EXAMPLES)
    sub.add_argument("files", metavar="FILE", nargs="+")
    _level_arguments(sub)
    sub.add_argument("--json", action="store_true", help="a JSON object a line for every file, instead of tables")

    sub = command("verify", "hold a result to its original", VERIFY_EXAMPLES)
    sub.add_argument("before", metavar="BEFORE", nargs="+", help="file or folder as it was")
    sub.add_argument("after", metavar="AFTER", help="file or folder as it is now")
    _level_arguments(sub)
    _empty_argument(sub)

    command("levels", "show what each level blanks, and what none does")
    return parser


class _Parser(argparse.ArgumentParser):
    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        # argparse's own takes what can't be written for written.
        write = say if file is not None and file is sys.stdout else complain
        write(message.removesuffix("\n"))


def _make(make: Callable[..., argparse.ArgumentParser], *args: str, **kwargs: object) -> argparse.ArgumentParser:
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


def rules_of(args: argparse.Namespace) -> Rules:
    """The rules that --level, --blank and --keep make together."""
    both = [about for about in args.blank if about in args.keep]
    if both:
        usage_error(args, f"{named(both[0])} is under --blank and under --keep")
    try:
        return Level(args.level).rules.blank(*map(form, args.blank)).keep(*map(form, args.keep))
    except ValueError as error:  # what can't stand side by side
        usage_error(args, str(error))


def usage_error(args: argparse.Namespace, message: str) -> NoReturn:
    """Says what is wrong with the arguments, and leaves with 2."""
    parser: argparse.ArgumentParser = args.parser
    parser.error(message)


def reason(error: OSError | ValueError) -> str:
    """The words of an error, behind the name of the file it is about."""
    if isinstance(error, OSError) and error.strerror is not None:
        name = error.filename
        return f"{escaped(os.fsdecode(name))}: {error.strerror}" if name is not None else error.strerror
    return escaped(str(error))
