"""The command `dicomblank`.

Exit codes: 0, every DICOM file is done; 1, at least one was refused or failed, a file named is not DICOM, a folder
named has no DICOM file in it, or what was to be said could not be written; 2, usage; 130 and 143, interrupted by SIGINT
and SIGTERM.
"""

from __future__ import annotations

import sys

from dicomblank.arguments import new_parser, usage_error
from dicomblank.commands import DONE, FAULT
from dicomblank.rule_arguments import give_options
from dicomblank.terminal import begin, end, escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code; `SystemExit` for usage errors and --help."""
    begin()
    try:
        args = _parsed(list(sys.argv[1:] if argv is None else argv))
        code = _run_of(args.command)(args)
    except SystemExit as leave:  # argparse's, behind --help or an error of usage
        if end() and not leave.code:
            raise SystemExit(FAULT) from None
        raise
    except BaseException:
        end()
        raise
    return FAULT if end() and code == DONE else code


def _parsed(words: list[str]) -> argparse.Namespace:
    if not words or words[0] == "help":  # alone, or with a command
        words = [*words[1:], "--help"]
    if words[0] == "anonymise":  # the British spelling
        words[0] = "anonymize"
    args, rest = new_parser().parse_known_args(words)
    if rest:
        shown = repr(escaped(rest[0])) if args.parser.repeats_words else "a VALUE"
        takes_names = bool({"sources", "paths", "reports", "manifests", "values"} & vars(args).keys())
        others = "values" if "values" in args else "names"
        why = (
            f"stands apart from the other {others}: write them side by side" if takes_names else "is one name too many"
        )
        usage_error(args, f"{shown} {why}")
    try:
        give_options(args)
    except ValueError as error:
        usage_error(args, escaped(str(error)))
    return args


def _run_of(command: str) -> Callable[[argparse.Namespace], int]:
    # Loaded only now: one command is asked for, and --version asks for none.
    module = __import__(f"dicomblank.commands.{command.replace('-', '_')}", fromlist=("run",))
    run: Callable[[argparse.Namespace], int] = module.run
    return run
