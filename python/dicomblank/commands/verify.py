"""`dicomblank verify`: a result beside its original."""

from __future__ import annotations

from dicomblank.arguments import reason, rules_of, usage_error
from dicomblank.commands import DONE, FAULT
from dicomblank.levels import core_rules
from dicomblank.terminal import complain, escaped, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Compares results with their originals, and says what is wrong with them."""
    if len(args.paths) < 2:
        missing = "AFTER is missing" if args.paths else "BEFORE and AFTER are missing"
        usage_error(args, f"{missing}: name the original, and behind it the result")
    *befores, after = args.paths
    rules = core_rules(rules_of(args))
    from dicomblank.verification import verify_paths

    try:
        verification = verify_paths(befores, after, rules)
    except (OSError, ValueError) as error:
        usage_error(args, reason(error))
    for row in verification.rows:
        say(f"{row.verdict:<10}  {escaped(row.path)}" + (f": {row.reason}" if row.reason else ""))
    counts = ", ".join(f"{count} {verdict}" for verdict, count in verification.counts.items() if count)
    say(counts or "no file found")
    is_empty = all(row.verdict == "not-dicom" for row in verification.rows)
    if is_empty:
        complain("no DICOM file found")
    return DONE if verification.ok and (args.allow_empty or not is_empty) else FAULT
