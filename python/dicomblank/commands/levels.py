"""`dicomblank levels`: what each level blanks, and what none does."""

from __future__ import annotations

import sys
import textwrap

from dicomblank.arguments import TAGS
from dicomblank.commands import DONE
from dicomblank.levels import ANONYMIZE, ANONYMIZE_FULL, IDENTIFIERS, PSEUDONYMIZE_BLANK, REFERENCES, Level
from dicomblank.notice import LEFT_BY_ANONYMIZE, LEFT_BY_PSEUDONYMIZE, NOTICE
from dicomblank.tags import DATES, spell
from dicomblank.terminal import say, table, width_of
from dicomblank.uids import UIDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from dicomblank.rule_arguments import AskedLevel

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Prints the levels and what stays at each, or what those that are named come to."""
    for number, level in enumerate(args.levels):
        if number:
            say()
        _say_rules(level)
    if not args.levels:
        _say_all()
    return DONE


def _say_rules(level: AskedLevel) -> None:
    """What becomes of which tag; of texts and tables only that there are such."""
    say(level.name + " (needs --key)" * level.rules.need_key)
    rows = level.rules.told()
    if not rows:
        say("  blanks nothing: not a byte changes")
        return
    table(("  tag", "name", "VR", "is"), [(f"  {tag}", keyword, vr, done) for tag, keyword, vr, done in rows])
    if DATES in level.rules.shifted:
        _say_filled(f"{DATES}: every public date, DA and DT, that has no other rule.", "  ")
    _say_filled("Every other element stays as it is, wherever it stands, but what a blanked sequence holds.", "  ")


def _say_all() -> None:
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
