"""`dicomblank levels`: what each level blanks, and what none does."""

from __future__ import annotations

import sys
import textwrap

from dicomblank import _core
from dicomblank.arguments import TAGS, usage_error
from dicomblank.commands import DONE
from dicomblank.levels import ANONYMIZE, ANONYMIZE_FULL, IDENTIFIERS, PSEUDONYMIZE_BLANK, REFERENCES, Level
from dicomblank.notice import LEFT_BY_ANONYMIZE, LEFT_BY_PSEUDONYMIZE, NOTICE
from dicomblank.tags import DATES, PRIVATE, named, spell
from dicomblank.terminal import say, table, width_of
from dicomblank.uids import UIDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from dicomblank.rule_arguments import AskedLevel
    from dicomblank.rules import Rules

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Prints the levels and what stays at each, or what those that are named come to."""
    if args.statement:
        return _say_statement(args)
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
    if PRIVATE in level.rules.removed:
        _say_filled(f"{PRIVATE}: every private element that has no other rule.", "  ")
    for sentence in _rewritten(level.rules):
        _say_filled(sentence, "  ")
    around = "is removed, emptied, blanked or made a dummy" if level.rules.rewrites else "is blanked"
    _say_filled(f"Every other element stays as it is, wherever it stands, but below a sequence that {around}.", "  ")


def _rewritten(rules: Rules) -> Iterator[str]:
    """What there is to know of rules that give files another length."""
    if not rules.rewrites:
        return
    yield (
        "The file is written anew: its preamble is zeros, but for our mark, and of the file meta information there is"
        " only what PS3.10 asks for."
    )
    if rules._profile is None:
        return
    yield (
        "By type: an attribute of type 1 has to have a value in its object, one of type 2 may be empty, one of type 3"
        " may be missing; not known are those of a SOP class that dicomblank does not know."
    )
    from dicomblank.additions import told_of_profile
    from dicomblank.basic_rules import departing

    yield f"Added: {', '.join(told_of_profile(rules._profile, others := departing(rules._entries, rules._profile)))}."
    if others:
        yield f"Not as the profile asks, so that no code claims it: {', '.join(map(named, others))}."


def _say_statement(args: argparse.Namespace) -> int:
    """The part of a statement of conformance that is the same for all files."""
    if [level.given for level in args.levels] != [Level.BASIC.value] or args.options:
        usage_error(args, f"--statement is of the level {Level.BASIC.value} alone, with all its options")
    from dicomblank import basic_statement  # with the table of the profile

    say(
        f"The level {Level.BASIC.value} of dicomblank {_core.__version__}, in the form of PS3.2, N.8.4.4 and N.11.2.6\n"
    )
    table(basic_statement.OPTIONS_HEAD, basic_statement.options())
    say()
    for sentence in basic_statement.notes():
        _say_filled(sentence)
    say()
    table(basic_statement.HEAD, basic_statement.elements())
    return DONE


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
    say(f"\n{Level.BASIC.value} (needs --key)")
    for sentence in _basic():
        _say_filled(sentence, "  ")
    say("\nWherever they stand, at any depth.\n")
    _say_filled("--blank, --keep, --pseudonymize, --shift, --remove, --set and --map change that for a TAG. " + TAGS)
    say(f"\nWhat no level but {Level.BASIC.value} does:")
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


def _basic() -> tuple[str, ...]:
    from dicomblank.basic import NOT_OFFERED, OPTIONS
    from dicomblank.profile_table import EDITION, ROWS

    return (
        f"The Basic Profile of DICOM PS3.15, Table E.1-1, edition {EDITION}: {len(ROWS.splitlines())} rows.",
        "Elements are removed, emptied or replaced; files are written anew, and say what was done to them.",
        f"Options, by --option: {', '.join(OPTIONS)}.",
        f"Not met, and done as without them: {', '.join(NOT_OFFERED)}.",
        f'"dicomblank levels {Level.BASIC.value}" shows it tag by tag; with --statement, what is met.',
    )


def _say_filled(text: str, begin: str = "") -> None:
    width = min(width_of(sys.stdout), 100)
    say(textwrap.fill(text, width, initial_indent=begin, subsequent_indent=" " * len(begin), break_on_hyphens=False))
