"""`dicomblank levels`: what each level blanks, and what none does."""

from __future__ import annotations

import sys
import textwrap

from dicomblank.arguments import TAGS
from dicomblank.commands import DONE
from dicomblank.levels import ANONYMIZE, ANONYMIZE_FULL, Level
from dicomblank.notice import LEFT_BY_ANONYMIZE, NOTICE
from dicomblank.tags import spell
from dicomblank.terminal import say, table, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

__all__ = ["run"]


def run(_args: argparse.Namespace) -> int:
    """Prints the levels, and what stays at each."""
    say(f"{Level.ORIGINAL.value}\n  blanks nothing: not a byte changes\n")
    for level, rows in ((Level.ANONYMIZE, ANONYMIZE), (Level.ANONYMIZE_FULL, ANONYMIZE_FULL)):
        say(level.value + (" (the default)" if level is Level.ANONYMIZE else ""))
        table(("  tag", "name", "VR"), [(f"  {spell(tag)}", keyword, vr) for keyword, tag, vr, _ in rows])
        if level is Level.ANONYMIZE:
            _say_filled(f"It leaves {LEFT_BY_ANONYMIZE}.", "  ")
        say()
    say(f"Wherever they stand, at any depth.\nSource: {ANONYMIZE[0][3]}\n")
    _say_filled("--blank and --keep change that for a TAG. " + TAGS)
    say("\nWhat dicomblank does not do:")
    for sentence in NOTICE:
        _say_filled(sentence, "- ")
    return DONE


def _say_filled(text: str, begin: str = "") -> None:
    width = min(width_of(sys.stdout), 100)
    say(textwrap.fill(text, width, initial_indent=begin, subsequent_indent=" " * len(begin), break_on_hyphens=False))
