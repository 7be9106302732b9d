"""The man page of the command, made from its parser: `python tools/make_man.py > dicomblank.1`, or `make man`.

What `dicomblank COMMAND --help` says is here on one page, in the words of the parser alone.
"""

from __future__ import annotations

import argparse
import sys

from dicomblank import __version__
from dicomblank.arguments import new_parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> int:
    """Write the page to stdout; return the exit code."""
    sys.stdout.write(page(new_parser()))
    return 0


def page(parser: argparse.ArgumentParser) -> str:
    """Return the page, for troff with the macros of man(7)."""
    lines = [
        f'.TH DICOMBLANK 1 "" "dicomblank {__version__}" "User commands"',
        ".SH NAME",
        "dicomblank \\- blank the identifiers of DICOM files",
        ".SH SYNOPSIS",
    ]
    for _, _, sub in commands(parser):
        if not any(commands(sub)):  # else those below it say more
            lines += [".PP", escaped(usage_of(sub))]
    lines += [".SH DESCRIPTION", *text(parser.description or "")]
    lines += [".SH OPTIONS", *options(parser)]
    lines += [".SH COMMANDS"]
    for name, about, sub in commands(parser):
        lines += [f".SS {escaped(name)}", *text(about), *options(sub), *text(sub.epilog or "")]
    lines += [".SH EXAMPLES", *text((parser.epilog or "").removeprefix("examples:\n"))]
    return "\n".join(lines) + "\n"


def commands(parser: argparse.ArgumentParser, above: str = "") -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Yield name, description and parser of each command, and behind it of those below it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield f"{above}{name}", sub.description or "", sub
                yield from commands(sub, f"{above}{name} ")


def usage_of(parser: argparse.ArgumentParser) -> str:
    """Return the line of usage."""
    return parser.format_usage().removeprefix("usage: ").strip()


def options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield arguments and options, a paragraph each, below the titles of their groups."""
    for group in parser._action_groups:
        actions = [action for action in group._group_actions if not isinstance(action, argparse._SubParsersAction)]
        if not actions:
            continue
        title = escaped(str(group.title))
        yield from (".PP", f"{title[:1].upper()}{title[1:]}:")
        for action in actions:
            formatter = parser.formatter_class(prog=parser.prog)
            yield from (".TP", f"\\fB{escaped(formatter._format_action_invocation(action))}\\fR")
            yield escaped((action.help or "") % vars(action))


def text(words: str) -> Iterator[str]:
    """Yield paragraphs, and examples as they stand."""
    yield ".PP"
    for line in words.splitlines():
        if not line:
            yield ".PP"
        elif line.startswith("      "):
            yield from (".RS 8", escaped(line.strip()), ".RE")
        elif line.startswith(" "):
            yield from (".PP", ".RS 4", ".nf", f"\\fB{escaped(line.strip())}\\fR", ".fi", ".RE")
        else:
            yield escaped(line.replace("examples:", "Examples:"))


def escaped(line: str) -> str:
    """Return a line in which troff takes nothing for a request of its own."""
    line = line.replace("\\", "\\e").replace("-", "\\-").replace("^", "\\(ha").replace("~", "\\(ti")
    return f"\\&{line}" if line.startswith((".", "'")) else line


if __name__ == "__main__":
    sys.exit(main())
