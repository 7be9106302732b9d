"""What the commands take that is about the page of a report: the command `report`, and `--html` of a run."""

from __future__ import annotations

import errno
import os

from dicomblank.terminal import complain, escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from dicomblank.page.verdict import Verdict
    from dicomblank.parser import Parser

__all__ = ["add_html_argument", "add_report_command", "check_html", "made_page", "said_of_page"]

# Names of the standard output, from which no report can be read again.
STDOUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")

REPORT_EXAMPLES = """\
examples:
  dicomblank report run.jsonl --output report.html
      makes a page to read, print and sign
  dicomblank report run.jsonl verify.jsonl -o report.html
      one page of a run, and of the comparison of its result
  dicomblank report shard-*.jsonl -o report.html --no-paths
      one page of many runs, without the names of files and folders
  dicomblank anonymize study/ -o shared/ --report run.jsonl --html report.html
      makes both with the run

The page is one file, which needs no network and no script. It begins with a verdict: PASS, or REVIEW REQUIRED with what
there is to review, such as files that were refused. PASS does not say that no identifier is left: the page lists what
stays. A report that is cut short, of another version, or none at all is read as far as it is whole; the verdict says
so.

Exit codes: 0, the page is made, whatever its verdict. 1, it can't be written. 2, the arguments won't do, or a report
can't be opened."""


def add_report_command(command: Callable[[str, str, str, str], Parser]) -> None:
    """Adds it, by the function that adds a command by its name, what it is about, its usage and its examples."""
    about = "make a page to read, print and sign of report files"
    sub = command("report", about, "RUN.jsonl... --output FILE.html [options]", REPORT_EXAMPLES)
    sub.add_argument("reports", metavar="RUN.jsonl", nargs="*", help="a report file, made by --report")
    sub.add_argument("-o", "--output", dest="page", metavar="FILE.html", help="the page, which must not exist")
    sub.add_argument("--no-paths", action="store_true", help="leave out the names of files and folders")
    sub.add_argument("-q", "--quiet", action="store_true", help="don't print the verdict")


def add_html_argument(parser: Parser) -> None:
    """The option of a run that makes the page as well."""
    parser.add_argument(
        "--html",
        metavar="FILE.html",
        help='make a page of the report, to read and sign: see "dicomblank help report". It needs --report;'
        " FILE.html must not exist",
    )


def check_html(args: argparse.Namespace, sources: Iterable[str], output: str | None) -> None:
    """Leaves with a usage error if --html won't do, before anything is done: the page is made at the end of a run."""
    if args.html is None:
        return
    fault = _fault_of_report(args.report) or _fault_of_page(args.html, args.report, sources, output)
    if fault is not None:
        parser: Parser = args.parser
        parser.error(fault)


def _fault_of_report(report: str | None) -> str | None:
    if report is None:
        return "--html is made of the report: it needs --report FILE.jsonl"
    return "--html is made of the report: it can't be one that goes to stdout" if report in STDOUT else None


def _fault_of_page(name: str, report: str, sources: Iterable[str], output: str | None) -> str | None:
    page, shown = os.path.realpath(name), escaped(name)
    if os.path.lexists(name):
        return f"the page {shown} exists already"
    if not os.path.isdir(os.path.dirname(page)):
        return f"{shown}: {os.strerror(errno.ENOENT)}"
    if page == os.path.realpath(report):
        return "--html and --report are the same file"
    for source in sources:
        if _is_below(page, source):
            return f"the page {shown} would lie in the source {escaped(source)}"
    is_in_output = output is not None and _is_below(page, output)
    return f"the page {shown} would lie in the output" if is_in_output else None


def _is_below(page: str, folder: str) -> bool:
    folder = os.path.realpath(folder)
    return page == folder or page.startswith(os.path.join(folder, ""))


def made_page(args: argparse.Namespace, tell: Callable[[str], None]) -> bool:
    """Makes the page of the run that has ended, if one was asked for. Whether it is there, or was not asked for."""
    if args.html is None:
        return True
    from dicomblank.api import report_page

    try:
        verdict = report_page(args.report, args.html)
    except OSError as error:
        complain(f"the page can't be made: {escaped(args.html)}: {error.strerror}")
        return False
    if not args.quiet:
        tell(said_of_page(args.html, verdict))
    return True


def said_of_page(page: str, verdict: Verdict) -> str:
    """Where the page is, and its verdict, in one line."""
    return f"The page is {escaped(page)}. {verdict}."
