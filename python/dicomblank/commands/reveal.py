"""`dicomblank reveal`: what pseudonyms stand for. No other command prints values."""

from __future__ import annotations

import sys

from dicomblank._core import Key
from dicomblank.arguments import reason, usage_error
from dicomblank.commands import DONE, FAULT
from dicomblank.terminal import complain, escaped, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

__all__ = ["run"]

STDIN = "-"


def run(args: argparse.Namespace) -> int:
    """Prints one value a line; for what can't be a pseudonym an empty line, and a message without the value."""
    _check(args)
    try:
        key = Key.load(args.key)
    except (OSError, ValueError) as error:
        usage_error(args, reason(error))
    reads_stdin = args.values == [STDIN]
    values: Iterable[str] = _lines() if reads_stdin else args.values
    reveal = key.reveal_id if args.id else key.reveal_uid
    code = DONE
    try:
        for number, value in enumerate(values, 1):
            try:
                revealed = reveal(value)
            except ValueError as error:
                complain(f"{'line' if reads_stdin else 'value'} {number}: {error}")
                revealed, code = "", FAULT
            say(escaped(revealed))
    except OSError as error:  # of stdin alone: `say` raises none
        complain(f"can't read stdin: {reason(error)}")
        return FAULT
    return code


def _check(args: argparse.Namespace) -> None:
    if args.key is None:
        usage_error(args, "--key FILE is missing: the key that the pseudonyms were made with")
    if args.id == args.uid:
        both = "--id and --uid exclude each other"
        usage_error(args, both if args.id else "say what the values are: --id or --uid")
    if not args.values:
        usage_error(args, "VALUE is missing: name a pseudonym, or - for those in stdin")
    if STDIN in args.values and len(args.values) > 1:
        usage_error(args, "- stands alone: the values are in stdin, or they are named")
    if args.values == [STDIN] and sys.stdin is None:
        usage_error(args, "the values can't be read from stdin, which is closed")


def _lines() -> Iterator[str]:
    """The lines of stdin. What is not UTF-8 becomes another character that is no ASCII, and is refused as such."""
    for line in sys.stdin.buffer:
        yield line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "replace")
