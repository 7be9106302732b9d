"""`dicomblank levels`: what each level blanks, and what none does."""

from __future__ import annotations

import sys
import textwrap

from dicomblank.arguments import TAGS
from dicomblank.commands import DONE
from dicomblank.levels import ANONYMIZE, ANONYMIZE_FULL, IDENTIFIERS, PSEUDONYMIZE_BLANK, REFERENCES, Level
from dicomblank.notice import LEFT_BY_ANONYMIZE, LEFT_BY_PSEUDONYMIZE, NOTICE
from dicomblank.tags import spell
from dicomblank.terminal import say, table, width_of
from dicomblank.uids import UIDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

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
    say(f"Source: {ANONYMIZE[0][3]}\n")
    say(f"{Level.PSEUDONYMIZE.value} (needs --key)")
    for sentence in _pseudonymize():
        _say_filled(sentence, "  ")
    say("\nWherever they stand, at any depth.\n")
    _say_filled("--blank, --keep, --pseudonymize, --shift, --set and --map change that for a TAG. " + TAGS)
    say("\nWhat dicomblank does not do:")
    for sentence in NOTICE:
        _say_filled(sentence, "- ")
    return DONE


def _pseudonymize() -> tuple[str, ...]:
    def listed(rows: Iterable[tuple[object, ...]]) -> str:
        return ", ".join(str(row[0]) for row in rows)

    return (
        f"It blanks {listed(PSEUDONYMIZE_BLANK)}.",
        f"It replaces {listed(IDENTIFIERS)} by keyed identifiers of the same form and length.",
        f"It replaces {listed((*UIDS, *REFERENCES))} by keyed UIDs of the same form and length.",
        "UIDs below 1.2.840.10008 never change.",
        "It shifts every other public date, DA and DT, by the patient's number of days, 1 to 3,652.",
        f"It leaves {LEFT_BY_PSEUDONYMIZE}.",
    )


def _say_filled(text: str, begin: str = "") -> None:
    width = min(width_of(sys.stdout), 100)
    say(textwrap.fill(text, width, initial_indent=begin, subsequent_indent=" " * len(begin), break_on_hyphens=False))
