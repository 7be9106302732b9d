"""How the command reads its arguments and writes its help: argparse, with sentences of our own.

A usage error is one sentence, with a suggestion where one is near, and says where the help is. Help wraps at words at
the terminal's width; an example, which begins with two spaces, stays one line.
"""

from __future__ import annotations

import argparse
import itertools
import sys

from dicomblank.suggestions import did_you_mean, nearest
from dicomblank.terminal import complain, escaped, say, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import Any, NoReturn

    from _typeshed import SupportsWrite

__all__ = ["Parser", "usage"]

# Longer lines are hard to read, however wide the terminal is.
WIDEST = 100
# What stands before a remark on an example, which wraps.
REMARK = " " * 6


def usage(message: str) -> argparse.ArgumentError:
    """The error to raise for arguments that won't do: `message` is a sentence without its full stop."""
    return argparse.ArgumentError(None, message)


class Parser(argparse.ArgumentParser):
    """A parser of the command, or of one of its commands."""

    #: Whether a message may repeat a word of the arguments: not where it could be the value of an element.
    repeats_words = True

    def __init__(self, **kwargs: Any) -> None:
        # No abbreviations: overwriting originals is asked for by its whole name.
        super().__init__(formatter_class=_Formatter, allow_abbrev=False, add_help=False, exit_on_error=False, **kwargs)
        self.color = False  # from 3.14 on argparse would color some of it
        self._positionals.title = "arguments"
        self.add_argument("-h", "--help", action="help", help="show this help")

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse's, but an unknown option is told before what is missing: it may be what was meant."""
        words = list(sys.argv[1:] if args is None else args)
        try:
            self._check_options(words)
            return super().parse_known_args(words, namespace)
        except argparse.ArgumentError as error:
            option = _long(error.argument_name)
            self.error(f"{option}: {error.message}" if option else str(error.message))

    def add_argument_group(self, *args: Any, **kwargs: Any) -> argparse._ArgumentGroup:
        """As argparse's; the group of all other options stays the last one."""
        group = super().add_argument_group(*args, **kwargs)
        if hasattr(self, "_optionals"):
            self._action_groups.remove(self._optionals)
            self._action_groups.append(self._optionals)
        return group

    def error(self, message: str) -> NoReturn:
        """Says what is wrong and where the help is, and leaves with 2."""
        stop = "" if message.endswith("?") else "."
        complain(f"{self.prog}: {message}{stop} See: {self.prog} --help")
        sys.exit(2)

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        # argparse's own takes what can't be written for written.
        if file is not None and file is sys.stdout:
            say(message.removesuffix("\n"))
        else:
            complain(message.removesuffix("\n"))

    def _check_options(self, words: Sequence[str]) -> None:
        known = self._option_string_actions
        has_commands = self._subparsers is not None
        for word in words:
            if word == "--" or (has_commands and not word.startswith("-")):
                return
            if not word.startswith("-") or word == "-" or " " in word or word[1:2].isdigit():
                continue  # as argparse does, which takes what looks like a number for a value
            name, equals, _ = word.partition("=")
            if not name.startswith("--"):
                self._check_short_options(name)
            elif name not in known:
                where = " before a command" if has_commands else ""
                names = nearest(name, (option for option in known if option.startswith("--")))
                raise usage(f"no option {self._shown(name)}{where}{did_you_mean(names)}")
            elif equals and known[name].nargs == 0:
                raise usage(f"{name} takes no value")

    def _check_short_options(self, word: str) -> None:
        """Checks -q, or several in one word such as -qj2: behind the first that takes a value stands its value."""
        known = self._option_string_actions
        if f"-{word}" in known:  # -output would be -o with the value utput
            raise usage(f"no option {word}; did you mean -{word}?")
        for letter in word[1:]:
            action = known.get(f"-{letter}")
            if action is None:
                raise usage(f"no option {self._shown('-' + letter)}")
            if action.nargs != 0:
                return

    def _shown(self, option: str) -> str:
        return escaped(option) if self.repeats_words else "of that name (a value that begins with - stands behind --)"

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is None or value in action.choices:
            return
        known = [str(choice) for choice in action.choices]
        shown = repr(escaped(str(value)))
        if isinstance(action, argparse._SubParsersAction):
            names = nearest(str(value), known)
            raise usage(f"no command {shown}{did_you_mean(names) or f'; there are {_listed(known)}'}")
        raise usage(f"{_long('/'.join(action.option_strings))} is {_listed(known, 'or')}, not {shown}")

    def _match_argument(self, action: argparse.Action, arg_strings_pattern: str) -> int:
        try:
            return super()._match_argument(action, arg_strings_pattern)
        except argparse.ArgumentError:
            # Positional arguments are never too few for argparse: each command says itself what it needs.
            option = _long("/".join(action.option_strings))
            raise usage(f"{option} needs a value: {option} {_metavar(action)}") from None


def _long(names: str | None) -> str:
    """The last of an option's names, which is the long one."""
    return (names or "").rpartition("/")[2]


def _metavar(action: argparse.Action) -> str:
    if action.metavar is None and action.choices is not None:
        return "{" + ",".join(map(str, action.choices)) + "}"
    return str(action.metavar or action.dest.upper())


def _listed(words: Sequence[str], link: str = "and") -> str:
    return f"{', '.join(words[:-1])} {link} {words[-1]}"


class _Formatter(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=min(width_of(sys.stdout), WIDEST))

    def _split_lines(self, text: str, width: int) -> list[str]:
        return _wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines: list[str] = []
        for is_text, group in itertools.groupby(text.splitlines(), lambda line: bool(line) and line[0] != " "):
            if is_text:
                lines += _wrapped(" ".join(group), width)
                continue
            for line in group:
                is_remark = line.startswith(REMARK)
                lines += _wrapped(line, width, REMARK) if is_remark else [line]
        return "\n".join(indent + line for line in lines)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        # -o, --output DIR; argparse's own says DIR twice until 3.13.
        if not action.option_strings:
            return super()._format_action_invocation(action)
        names = ", ".join(action.option_strings)
        return names if action.nargs == 0 else f"{names} {_metavar(action)}"

    def _format_action(self, action: argparse.Action) -> str:
        text = super()._format_action(action)
        if isinstance(action, argparse._SubParsersAction):  # the commands, without a line above them
            return text.partition("\n")[2]
        return text

    def _iter_indented_subactions(self, action: argparse.Action) -> Generator[argparse.Action, None, None]:
        if isinstance(action, argparse._SubParsersAction):
            yield from action._get_subactions()


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    import textwrap

    return textwrap.wrap(
        " ".join(text.split()),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
