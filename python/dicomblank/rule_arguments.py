"""What the commands take that says what becomes of which elements: the level, the rules on tags, the key."""

from __future__ import annotations

import os

from dicomblank import _core
from dicomblank.levels import Level, Rules, is_file_name, level_name
from dicomblank.notice import LEFT_BY_ANONYMIZE
from dicomblank.parser import usage
from dicomblank.tags import named, written
from dicomblank.terminal import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import TypeAlias

    from dicomblank.parser import Parser
    from dicomblank.tags import About

    #: A tag with its text, as it was written and as it is meant: behind "=" stand a text, or a file.
    Assigned: TypeAlias = tuple[About, str]

__all__ = [
    "LISTS",
    "PAIRS",
    "AskedLevel",
    "add_level_arguments",
    "add_option_argument",
    "asked_level",
    "give_options",
    "has_rules",
    "key_of",
    "rules_of",
]

#: Options that take tags, and what each does to one.
LISTS = {
    "blank": "blank this TAG as well",
    "keep": "keep this TAG",
    "pseudonymize": "replace the UIDs or identifiers of this TAG by keyed ones of the same form",
    "shift": 'shift the dates of this TAG by the patient\'s days; "dates" is all of them',
    "remove": 'remove this TAG, header and value: the file is written anew; "private" is every private element',
}

#: Options that take a tag and what it becomes.
PAIRS = ("set", "map")


def add_level_arguments(
    parser: Parser, title: str = "what to blank", *, default: str | None = Level.ANONYMIZE.value, has_key: bool = True
) -> None:
    """The options of all commands that look at files."""
    group = parser.add_argument_group(title)
    group.add_argument(
        "-l",
        "--level",
        metavar="LEVEL",
        type=asked_level,
        default=default,
        help=f"anonymize{' (the default)' * (default is not None)}, anonymize-full, pseudonymize"
        f"{' (with --key)' * has_key}, basic (the Basic Profile of DICOM PS3.15{', with --key' * has_key}) or original"
        f" (nothing), or a file of your own, FILE.toml. anonymize leaves {LEFT_BY_ANONYMIZE}:"
        ' see "dicomblank help levels"',
    )
    add_option_argument(group)
    for name, words in LISTS.items():
        more = f"; several between commas, or by --{name} again" if name in {"blank", "keep", "remove"} else ""
        group.add_argument(f"--{name}", metavar="TAG", type=_tags, action="extend", default=[], help=words + more)
    group.add_argument(
        "--set",
        metavar="TAG=TEXT",
        type=_with_text,
        action="extend",
        default=[],
        help="write TEXT over the value of TAG, padded to its length; a file with a shorter value is refused",
    )
    group.add_argument(
        "--map",
        metavar="TAG=FILE.csv",
        type=_with_text,
        action="extend",
        default=[],
        help="replace each value of TAG by that of the table FILE.csv, whose first row names the columns old and new; a"
        " file with another value is refused",
    )
    if has_key:
        words = 'the key file, for what is pseudonymized or shifted: see "dicomblank help key"'
        group.add_argument("--key", metavar="FILE", help=words)


def add_option_argument(to: Parser | argparse._ArgumentGroup) -> None:
    """The options of the level basic."""
    to.add_argument(
        "--option",
        metavar="NAME",
        dest="options",
        action="append",
        default=[],
        help="an option of the level basic, by its name in the standard, such as retain-uids; more by --option again:"
        ' see "dicomblank help levels"',
    )


class AskedLevel:
    """A level as it was asked for."""

    def __init__(self, given: str, level: Level | Rules) -> None:
        #: The word of the command line: a level, or the path of a file.
        self.given = given
        self._level = level

    @property
    def name(self) -> str:
        """What reports call it."""
        return level_name(self._level) or self.given

    @property
    def rules(self) -> Rules:
        """Its rules. Those of the Basic Profile are made when they are asked for."""
        return self._level.rules if isinstance(self._level, Level) else self._level

    @property
    def is_of_profile(self) -> bool:
        """Whether it comes of the Basic Profile."""
        return self._level is Level.BASIC or (isinstance(self._level, Rules) and self._level._profile is not None)

    def take(self, options: list[str]) -> None:
        """Adds the options of the Basic Profile. Raises `ValueError` for what is none, and for other levels."""
        if self._level is not Level.BASIC:
            raise ValueError(f"--option is about the level basic, not {escaped(self.given)}")
        self._level = Rules.basic(*options)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AskedLevel) and self.given == other.given and self.rules == other.rules

    def __hash__(self) -> int:
        return hash(self.given)


def asked_level(text: str) -> AskedLevel:
    """The level of this name, or that of a file: it is read here, once for a whole command."""
    try:
        if is_file_name(text):
            return AskedLevel(text, Rules.from_file(text))
        level = Level(text)
        return AskedLevel(level.value, level)
    except OSError as error:
        raise usage(f"{escaped(text)}: {error.strerror}") from None
    except ValueError as error:
        if not is_file_name(text) and os.path.isfile(f"{text}.toml"):
            shown = escaped(text)
            raise usage(f"no level {shown!r}; did you mean {shown}.toml?") from None
        raise usage(str(error)) from None


def give_options(args: argparse.Namespace) -> None:
    """Gives the level that was asked for its options. Raises `ValueError` for what is none, or where it takes none."""
    options = getattr(args, "options", [])
    if not options:
        return
    levels = args.levels if "levels" in args else [args.level] if args.level else []
    if not levels:
        raise ValueError("--option is about the level basic: name it")
    for level in levels:
        level.take(options)


def _tags(text: str) -> list[About]:
    try:
        tags = written(text)
        # Says what can't be a rule; of the others `rules_of` does.
        Rules()._with([tag for tag in tags if tag not in _OTHERS], "blank")
    except ValueError as error:
        raise usage(str(error)) from None
    return tags


#: What can have a rule, if not to blank it: the one UID of the file meta information that is the object's own.
_OTHERS = (0x0002_0003,)


def _with_text(text: str) -> list[Assigned]:
    # The tag of a private element may have "=" in its creator.
    end = text.find(")") if text.startswith("(") else 0
    place = text.find("=", max(end, 0))
    if place < 0:
        raise usage("--set and --map take TAG=TEXT and TAG=FILE.csv: the = is missing")
    return [(about, text[place + 1 :]) for about in _tags(text[:place])]


def rules_of(args: argparse.Namespace) -> Rules:
    """The rules that --level and the options on tags make together.

    Raises `ValueError` for a tag under two options, for what can't be a rule, and for a table that is none.
    """
    before: dict[About, str] = {}
    for option, about in _all(args):
        other = before.setdefault(about, option)
        if other != option:
            raise ValueError(f"{named(about)} is under --{other} and under --{option}")
    rules: Rules = args.level.rules
    for name in LISTS:
        rules = rules._with(getattr(args, name), name)
    seen: set[tuple[str, About]] = set()
    for name in PAIRS:
        for about, text in getattr(args, name):
            if (name, about) in seen:
                raise ValueError(f"{named(about)} is under --{name} twice")
            seen.add((name, about))
            rules = rules._with([about], "set", text) if name == "set" else _mapped(rules, about, text)
    return rules


def _all(args: argparse.Namespace) -> Iterator[tuple[str, About]]:
    for name in LISTS:
        yield from ((name, about) for about in getattr(args, name))
    for name in PAIRS:
        yield from ((name, about) for about, _ in getattr(args, name))


def _mapped(rules: Rules, about: About, path: str) -> Rules:
    rules._with([about], "map", ())  # whether it can be mapped at all
    if not path:
        raise ValueError("--map needs a file behind the =: TAG=FILE.csv")
    from dicomblank.tables import read_table  # only a table needs it

    table = read_table(path)
    try:
        return rules._with([about], "map", table)
    except ValueError as error:
        # It names a row: of which table?
        raise ValueError(f"{escaped(path)}: {error}") from None


def has_rules(args: argparse.Namespace, but: tuple[str, ...] = ()) -> bool:
    """Whether an option on a tag is given that changes values, other than those of `but`."""
    return any(getattr(args, name) for name in (*LISTS, *PAIRS) if name not in ("keep", *but))


def key_of(args: argparse.Namespace) -> _core.Key | None:
    """The key of --key. Raises as `Key.load` does."""
    return None if args.key is None else _core.Key.load(args.key)
