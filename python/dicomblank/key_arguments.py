"""What the commands `key` and `reveal` take, with the words of their help."""

from __future__ import annotations

from dicomblank.parser import Parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KEEP", "add_key_commands"]

KEEP = (
    "Who has this file can find the patient behind a pseudonym, and without it nobody can: keep a copy in a safe place,"
    " and none beside the scans."
)

KEY_ABOUT = """\
Makes a key file, or shows which key one holds. A key makes pseudonyms, and finds what they stand for. Who has it can
find the patient behind a pseudonym, and without it nobody can. Keep it where only those can read it who may know the
patients, keep a copy of it, and never store it beside the scans."""

KEY_EXAMPLES = """\
examples:
  dicomblank key new secret.key
      makes a key; only you can read the file
  dicomblank key show secret.key
      prints the id of the key

"dicomblank help key new" and "dicomblank help key show" say more."""

NEW_ABOUT = """\
Makes a new key of 32 random bytes, writes it to FILE and prints its id. FILE is one line of text that only its owner
can read. A file that exists is never written over: it may be the only copy of another key."""

NEW_EXAMPLES = """\
examples:
  dicomblank key new secret.key
  dicomblank key new ~/keys/study-7.key
      one key for a study: the same patient has the same pseudonym in all of its files

Exit codes: 0, the key is made. 2, it can't be made at FILE."""

SHOW_ABOUT = """\
Prints the id of the key in FILE: 16 hexadecimal digits that tell which key it is, and nothing of the key itself. A file
that others can read or write to is refused: chmod 600 makes it its owner's alone."""

SHOW_EXAMPLES = """\
examples:
  dicomblank key show secret.key

Exit codes: 0, the id is printed. 2, FILE holds no key, is damaged, or is open to others."""

REVEAL_ABOUT = """\
Prints what pseudonyms stand for, one value a line: for an incidental finding that has to reach its patient. This
command and the calls of Key in Python are the only ones that print or give out values."""

REVEAL_EXAMPLES = """\
examples:
  dicomblank reveal --key secret.key --id 7Q2K9A
      prints the patient ID
  dicomblank reveal --key secret.key --uid 1.2.730.846088.6 1.2.840.559.1
      prints two UIDs
  dicomblank reveal --key secret.key --id - < pseudonyms.txt
      reads one value a line; so none gets into the history of the shell
  dicomblank reveal --key secret.key --id -- -7Q2K9A
      a value that begins with -

For a value that can't be a pseudonym an empty line is printed, so that the lines stay side by side with the values, and
a message that has its number and not the value. Every other value gives something: if it was made with another key, or
is no pseudonym, what is printed means nothing.

Exit codes: 0, all values are revealed. 1, a value can't be a pseudonym; the others are revealed. 2, the arguments won't
do, or the key file is refused."""


def add_key_commands(command: Callable[[str, str, str, str], Parser]) -> None:
    """Adds them, by the function that adds a command by its name, what it is about, its usage and its examples."""
    key = command("key", "make a key file, or show which key one holds", "(new | show) FILE", KEY_EXAMPLES)
    key.description = KEY_ABOUT
    key.set_defaults(action=None)
    actions = key.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for action, help_line, about, epilog in (
        ("new", "make a key, in a new file", NEW_ABOUT, NEW_EXAMPLES),
        ("show", "print the id of a key", SHOW_ABOUT, SHOW_EXAMPLES),
    ):
        prog = f"{key.prog} {action}"
        sub = actions.add_parser(
            action, prog=prog, usage=f"{prog} FILE", help=help_line, description=about, epilog=epilog
        )
        sub.set_defaults(command="key", action=action, parser=sub)
        sub.add_argument("key_file", metavar="FILE", nargs="?", help="the key file")

    usage = "--key FILE (--id | --uid) VALUE..."
    reveal = command("reveal", "print what pseudonyms stand for", usage, REVEAL_EXAMPLES)
    reveal.description = REVEAL_ABOUT
    reveal.repeats_words = False
    reveal.add_argument("values", metavar="VALUE", nargs="*", help="a pseudonym; - reads them from stdin, one a line")
    reveal.add_argument("--key", metavar="FILE", help="the key file that they were made with")
    what = reveal.add_argument_group("what the values are (one of the two)")
    what.add_argument("--id", action="store_true", help="identifiers, as PatientID is one")
    what.add_argument("--uid", action="store_true", help="UIDs")
