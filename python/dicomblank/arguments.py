"""What the command takes: its commands and their options, with the words of their help."""

from __future__ import annotations

import argparse
import os
import sys

from dicomblank import _core
from dicomblank.completion import SHELLS, PrintCompletion
from dicomblank.key_arguments import add_key_commands
from dicomblank.page_arguments import add_html_argument, add_report_command
from dicomblank.parser import Parser, usage
from dicomblank.rule_arguments import add_level_arguments, add_option_argument, asked_level
from dicomblank.shard_arguments import add_shard_commands
from dicomblank.source_arguments import add_source_arguments
from dicomblank.terminal import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["TAGS", "new_parser", "reason", "usage_error"]

TAGS = (
    "A TAG is a keyword, (0010,4000) or 00104000; (60xx,4000) is a tag in every group, and"
    ' (0029,"SIEMENS CSA HEADER",10) is a private element by its creator.'
)

ABOUT = """\
Blanks the identifiers of DICOM files: overwrites them where they stand with padding of the same length. Nothing else in
a file changes, and a file that can't be read to its end is refused before its first byte is touched."""

EXAMPLES = """\
examples:
  dicomblank plan scan.dcm
      shows what would be overwritten, and changes nothing
  dicomblank anonymize study/ --output shared/
      writes blanked copies to shared/, and leaves study/ as it is
  dicomblank anonymize study/ --in-place --level anonymize-full
      overwrites the originals
  dicomblank verify study/ shared/
      checks that nothing is left to blank, and that nothing else changed
  dicomblank inspect study/ --level anonymize-full
      tells in how many files what stands, and what a run would leave
  dicomblank report run.jsonl --output report.html
      makes a page to read and sign of the report of a run
  dicomblank shard study/ --into shards/
      divides a data set, for "dicomblank run-shard" on many machines
  dicomblank levels
      shows what each level blanks, and what stays
  dicomblank key new secret.key
      makes a key for pseudonyms
  dicomblank reveal --key secret.key --id 7Q2K9A
      prints the patient ID that a pseudonym stands for

"dicomblank help COMMAND" says more about each."""

ANONYMIZE_EXAMPLES = f"""\
examples:
  dicomblank anonymize study/ --output shared/
      mirrors the tree of study/ under shared/; files that are not DICOM are not copied
  dicomblank anonymize sub-*/ --output shared/
      each folder keeps its name, as with cp -r: shared/sub-1/, shared/sub-2/
  dicomblank anonymize a.dcm --output b.dcm
      the copy is b.dcm; if b.dcm is a folder, it is b.dcm/a.dcm
  dicomblank anonymize study/ --in-place --level anonymize-full --validate
      overwrites the originals; pydicom must agree on every file first
  dicomblank anonymize a.dcm -o shared/ --blank PatientComments --keep StudyDate
      changes a level by tags
  dicomblank anonymize study/ -o out/ --level pseudonymize --key secret.key
      keyed identifiers and UIDs, shifted dates: the files can still be grouped
  dicomblank anonymize study/ -o out/ --level basic --key secret.key
      the Basic Profile of DICOM PS3.15: elements are removed, and each file says what was done to it; options by
      --option retain-uids and the like
  dicomblank anonymize study/ -o out/ --set StudyID=1 --map PatientID=ids.csv
      writes a text, or what a table says, over values
  dicomblank anonymize study/ -o shared/ --level trial-7.toml
      does what a file of your own says: see "dicomblank help levels"
  dicomblank anonymize s3://bucket/study -o shared/
      from a bucket; the other way, and between buckets, too: pip install 'dicomblank[cloud]'
  dicomblank anonymize study/ -o shared/ --skip-existing --report run.jsonl
      goes on with an interrupted run, and writes a report
  dicomblank anonymize --files-from list --relative-to study/ -o out/
      does the files of a list, however long; find -print0 | ... -0 --files-from -
  dicomblank anonymize study/ -o out/ --exclude '*.txt' --exclude derived/
      passes over files and folders
  dicomblank anonymize study/ -o shared/ --report run.jsonl --html report.html
      makes a page of the report as well, to read and sign

{TAGS}

Exit codes: 0, every DICOM file is done. 1, a file was refused or failed, a file that was named is not DICOM, or a
folder has no DICOM file in it. 2, the arguments won't do. 130, interrupted by Ctrl-C (143 by SIGTERM)."""

PLAN_EXAMPLES = """\
examples:
  dicomblank plan scan.dcm
  dicomblank plan --level anonymize-full --json *.dcm
  dicomblank plan study/
      counts the values of each tag, and how many of them are blank already

Places and lengths are in bytes. Values are never shown. Equal values of items that follow one another are one row.
"blank already": nothing is left in the value; "done already": it is set, or the file's mark says
that it was replaced. No key is needed; with --key the values to replace are read, so that a file is refused here that
would be refused later.

Exit codes: 0, every DICOM file has a plan. 1, a file is refused, a file that was named is not DICOM, or a folder has no
DICOM file in it. 2, the arguments won't do. 130, interrupted by Ctrl-C (143 by SIGTERM)."""

VERIFY_EXAMPLES = """\
examples:
  dicomblank verify study/ shared/ --level anonymize-full
  dicomblank verify sub-*/ shared/
  dicomblank verify scan.dcm blanked.dcm --keep StudyDate
  dicomblank verify study/ shared/ --level pseudonymize --key secret.key
  dicomblank verify archive/ shared/ --no-pydicom --report verified.jsonl
      a million files: compared by dicomblank's core and byte by byte, without pydicom

Give the level, the tags and the key that AFTER was made with.

Exit codes: 0, all is well. 1, a file is anything but ok (docs/report.md has the outcomes) and not-dicom, or there is no
DICOM file. 2, the arguments won't do."""


INSPECT_EXAMPLES = f"""\
examples:
  dicomblank inspect study/
      tells in how many files what stands: attributes, private elements, signs of text in pictures
  dicomblank inspect study/ --level anonymize-full
      tells as well in how many of them a run at this level would leave some of it
  dicomblank inspect study/ --level anonymize --blank PatientID --report stands.jsonl
      writes a row for each file

Nothing is changed, and no value is ever shown. No key is needed.

{TAGS}

Exit codes: 0, every DICOM file was looked into. 1, a file is refused or can't be read, a file that was named is not
DICOM, or a folder has no DICOM file in it. 2, the arguments won't do. 130, interrupted by Ctrl-C (143 by SIGTERM)."""

LEVELS_EXAMPLES = """\
examples:
  dicomblank levels
      shows the levels, and what each leaves
  dicomblank levels trial-7.toml
      shows what a level of your own comes to
  dicomblank levels basic --option retain-uids
      shows what the Basic Profile does with that option, tag by tag
  dicomblank levels basic --statement
      says what of the profile is met, and what is not

The level basic is the Basic Application Level Confidentiality Profile of DICOM PS3.15 (Table E.1-1): elements are
removed, emptied or replaced, files are written anew, and say what was done to them. Its options are called as there:
retain-safe-private, retain-uids, retain-device-identity, retain-institution-identity, retain-patient-characteristics,
retain-longitudinal-full-dates or retain-longitudinal-modified-dates, clean-structured-content.

A level of your own is a file in TOML, and each command takes it by --level. It has a name, what it extends (a level, or
another such file), and rules, which go before those of the level. Only name and extends have to be there:
  name = "trial-7"
  extends = "anonymize"
  blank = ["PatientComments", "(60xx,4000)"]
  keep = ["OperatorsName"]
  pseudonymize = ["PatientID"]
  shift = ["dates"]
  remove = ["private"]
  [set]
  StudyID = "1"
  [map]
  AccessionNumber = "numbers.csv"

One that extends basic may have options = ["retain-uids"]. A table is looked for beside the level file. A tag has one
rule in a file; a file that has two for it is refused."""


class _PrintVersion(argparse.Action):
    """As argparse's own, which loads what fills paragraphs."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        parser._print_message(f"dicomblank {_core.__version__}\n", sys.stdout)
        parser.exit()


def new_parser() -> Parser:
    """The parser of all commands; what it returns has the command's name and its own parser."""
    parser = Parser(prog="dicomblank", usage="dicomblank COMMAND ...", description=ABOUT, epilog=EXAMPLES)
    parser.add_argument("--version", action=_PrintVersion, nargs=0, help="show the version")
    parser.add_argument(
        "--print-completion",
        metavar="SHELL",
        choices=SHELLS,
        action=PrintCompletion,
        help=f"print a script that lets SHELL complete words: {', '.join(SHELLS[:-1])} or {SHELLS[-1]}",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser, required=True)

    def command(name: str, about: str, usage: str, epilog: str | None = None) -> Parser:
        prog = f"dicomblank {name}"
        description = f"{about[0].upper()}{about[1:]}."
        sub = commands.add_parser(
            name, prog=prog, usage=f"{prog} {usage}".rstrip(), help=about, description=description, epilog=epilog
        )
        sub.set_defaults(command=name, parser=sub)
        return sub

    about = "blank files and folders, in place or as copies"
    where = "SOURCE... (--output DIR | --in-place) [options]"
    _anonymize_arguments(command("anonymize", about, where, ANONYMIZE_EXAMPLES))

    about = "show what would be overwritten, and change nothing"
    sub = command("plan", about, "SOURCE... [options]", PLAN_EXAMPLES)
    sub.add_argument(
        "sources", metavar="SOURCE", nargs="*", help="a file, or a folder, whose values are counted by tag"
    )
    add_source_arguments(sub)
    add_level_arguments(sub)
    sub.add_argument("--json", action="store_true", help="one JSON object per line and file, instead of tables")
    sub.add_argument(
        "--leftovers", action="store_true", help="look for the same values elsewhere in the files and in their paths"
    )
    _known_argument(sub)
    _job_arguments(sub)
    _empty_argument(sub)

    about = "compare a result with its original"
    sub = command("verify", about, "BEFORE... AFTER [options]", VERIFY_EXAMPLES)
    sub.add_argument(
        "paths", metavar="BEFORE... AFTER", nargs="*", help="files or folders as they were, and behind them the result"
    )
    add_source_arguments(sub)
    add_level_arguments(sub, "what was to be blanked")
    _known_argument(sub)
    sub.add_argument(
        "--no-pydicom",
        action="store_true",
        help="leave out pydicom, whose reading of each file takes most of the time: two opinions in the place of three",
    )
    _run_arguments(sub)

    about = "tell what stands in files, and change nothing"
    sub = command("inspect", about, "SOURCE... [options]", INSPECT_EXAMPLES)
    sub.add_argument("sources", metavar="SOURCE", nargs="*", help="a file or a folder")
    add_source_arguments(sub)
    title = "what a run would blank (with one of these it is told what that leaves)"
    add_level_arguments(sub, title, default=None, has_key=False)
    _known_argument(sub)
    sub.add_argument("--all", action="store_true", help="show all rows of the table, not the commonest alone")
    sub.add_argument("--json", action="store_true", help="print one JSON object instead of the table (docs/report.md)")
    _run_arguments(sub)

    add_shard_commands(command, _shard_run_arguments)
    add_report_command(command)
    sub = command("levels", "show what each level does, and what stays", "[LEVEL...] [options]", LEVELS_EXAMPLES)
    words = "a level, or a file of your own, FILE.toml: it alone is shown, tag by tag"
    sub.add_argument("levels", metavar="LEVEL", nargs="*", type=asked_level, help=words)
    add_option_argument(sub)
    words = "of basic: what is met, in the form of a statement of conformance (PS3.2), the same for all files"
    sub.add_argument("--statement", action="store_true", help=words)
    add_key_commands(command)
    return parser


def _anonymize_arguments(parser: Parser) -> None:
    parser.add_argument(
        "sources", metavar="SOURCE", nargs="*", help="a file, a folder, or the URL of a store: s3://bucket/study"
    )
    where = parser.add_argument_group("where the result goes (one of the two)")
    where.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        help="write blanked copies into DIR, and leave the originals. For a single file it is the path of its copy,"
        " unless that is a folder or ends in a slash",
    )
    where.add_argument("--in-place", action="store_true", help="overwrite the originals")
    add_source_arguments(parser)
    add_level_arguments(parser)
    copies = parser.add_argument_group("copies that exist already (else they are refused)")
    copies.add_argument("--skip-existing", action="store_true", help="leave those that are whole and blanked")
    copies.add_argument("--overwrite", action="store_true", help="replace them")
    _blanking_arguments(parser)
    _run_arguments(parser)


def _shard_run_arguments(parser: Parser) -> None:
    """What a run over shards takes beside their names and the level."""
    _blanking_arguments(parser)
    _workers_argument(parser)
    _quiet_argument(parser)


def _blanking_arguments(parser: Parser) -> None:
    """What every run that blanks files takes."""
    parser.add_argument("--validate", action="store_true", help="refuse files that pydicom reads in another way (slow)")
    parser.add_argument(
        "--hard-links",
        choices=["refuse", "write"],
        default="refuse",
        help="originals that have other names, under which they would change as well: refuse them (the default), or"
        " write to them",
    )
    parser.add_argument(
        "--unmarked",
        choices=["refuse", "write"],
        default="refuse",
        help="originals whose values are to be replaced, and that have no room for a mark, so that a second run would"
        " replace them again: refuse them (the default), or write to them",
    )
    parser.add_argument(
        "--leftovers",
        choices=["ignore", "warn", "refuse", "replace"],
        help="the values that are blanked or replaced, wherever else they stand in a file or in its path: don't look"
        " for them (the default), tell of them, refuse such a file, or overwrite them, too",
    )
    _known_argument(parser)
    parser.add_argument("--sync", action="store_true", help="flush every file to disk before it counts as done (slow)")


def _run_arguments(parser: Parser) -> None:
    """What every run over files takes."""
    _job_arguments(parser)
    add_html_argument(parser)
    _empty_argument(parser)
    _quiet_argument(parser)


def _job_arguments(parser: Parser) -> None:
    _workers_argument(parser)
    parser.add_argument(
        "--report",
        metavar="FILE.jsonl",
        help="write a report, one JSON object per line and file; FILE.jsonl must not exist. - is stdout: all else goes"
        " to stderr then",
    )


def _workers_argument(parser: Parser) -> None:
    parser.add_argument(
        "-j",
        "--workers",
        metavar="N",
        type=_count,
        help="number of threads (default: as many as make it"
        " faster); where there are URLs, of objects in flight (default: 64)",
    )


def _quiet_argument(parser: Parser) -> None:
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="print nothing when all is well: no progress bar, no summary"
    )


def _known_argument(parser: Parser) -> None:
    parser.add_argument(
        "--known", metavar="FILE", help="names and identifiers to look for in every file as well, one a line"
    )


def _empty_argument(parser: Parser) -> None:
    parser.add_argument("--allow-empty", action="store_true", help="exit with 0 where there is no DICOM file, too")


def _count(text: str) -> int:
    most = _core.MOST_WORKERS
    is_number = text.isascii() and text.isdecimal() and len(text.lstrip("0")) <= len(str(most))
    if not (is_number and 1 <= int(text) <= most):
        shown = repr(text) if len(text) <= 30 else "that"
        raise usage(f"--workers is a number from 1 to {most}, not {shown}")
    return int(text)


def usage_error(args: argparse.Namespace, message: str) -> NoReturn:
    """Says what is wrong with the arguments, and leaves with 2."""
    parser: Parser = args.parser
    parser.error(message)


def reason(error: OSError | ValueError) -> str:
    """The words of an error, behind the name of the file it is about."""
    if isinstance(error, OSError) and error.strerror is not None:
        name = error.filename
        return f"{escaped(os.fsdecode(name))}: {error.strerror}" if name is not None else error.strerror
    return escaped(str(error))
