"""`dicomblank levels`: what each level blanks, and what none does."""

from __future__ import annotations

import textwrap

from dicomblank.commands import DONE
from dicomblank.levels import ANONYMIZE, ANONYMIZE_FULL, Level
from dicomblank.notice import NOTICE
from dicomblank.tags import spell
from dicomblank.terminal import say, table

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
        say()
    say(f"Wherever they stand, at any depth. Source: {ANONYMIZE[0][3]}")
    say('\n--blank and --keep change that; (60xx,4000) is every group, (0029,"SIEMENS CSA HEADER",10) is by creator.')
    say("\nWhat dicomblank does not do:")
    for sentence in NOTICE:
        say(textwrap.fill(sentence, 100, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False))
    return DONE
