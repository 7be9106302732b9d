"""`dicomblank report`: a page to read and sign, made of report files."""

from __future__ import annotations

from dicomblank.api import report_page
from dicomblank.arguments import reason, usage_error
from dicomblank.commands import DONE, FAULT
from dicomblank.page_arguments import said_of_page
from dicomblank.terminal import complain, escaped, say_sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Makes the page, and prints its verdict."""
    if not args.reports:
        usage_error(args, "RUN.jsonl is missing: name a report file, made by --report")
    if args.page is None:
        usage_error(args, "say where the page goes: --output FILE.html")
    for name in args.reports:
        try:
            open(name, "rb").close()
        except OSError as error:
            usage_error(args, reason(error))
    try:
        verdict = report_page(args.reports, args.page, paths=not args.no_paths)
    except FileExistsError:
        usage_error(args, f"the page {escaped(args.page)} exists already")
    except OSError as error:
        complain(reason(error))
        return FAULT
    if not args.quiet:
        for sentence in (said_of_page(args.page, verdict), *verdict.statement):
            say_sentence(sentence)
    return DONE
