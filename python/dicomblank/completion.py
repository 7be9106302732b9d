"""`dicomblank --print-completion SHELL`: the shell's own script, made from the parser by shtab.

A script is made once and asks nothing of Python at a Tab, where argcomplete would start the command each time.
"""

from __future__ import annotations

import argparse

from dicomblank.levels import Level
from dicomblank.terminal import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SHELLS", "PrintCompletion"]

SHELLS = ("bash", "zsh", "tcsh")

FILES = ("sources", "files", "paths", "reports", "report", "html", "page", "key", "key_file", "files_from", "manifests")
LEVELS = ("level", "levels")
FOLDERS = ("output", "relative_to", "into", "ledger", "source")


class PrintCompletion(argparse.Action):
    """Prints the script and ends the command."""

    def __call__(
        self, parser: argparse.ArgumentParser, _namespace: object, shell: object, _option: str | None = None
    ) -> None:
        """Says how to install shtab where it is missing."""
        try:
            import shtab
        except ImportError:
            parser.error("--print-completion needs shtab: pip install 'dicomblank[completion]'")
        for action in _actions(parser):
            if action.dest in FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
            elif action.dest in FOLDERS:
                action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
            elif action.dest in LEVELS:
                action.choices = [level.value for level in Level]
            elif action.dest == "options":
                from dicomblank.basic import OPTIONS  # with the table of the profile

                action.choices = OPTIONS
        say(shtab.complete(parser, str(shell)).rstrip("\n"))
        parser.exit()


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """All options and arguments, those of the commands too."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                yield from _actions(sub)
        else:
            yield action
