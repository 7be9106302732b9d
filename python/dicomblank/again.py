"""The commands to run next, as a person can paste them into a shell: one that goes on, and one that verifies."""

from __future__ import annotations

import os

from dicomblank import _core
from dicomblank.levels import Level
from dicomblank.rule_arguments import LISTS, PAIRS
from dicomblank.source_arguments import source_words
from dicomblank.tags import form

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from dicomblank.tags import About

__all__ = ["command_that_goes_on", "command_that_verifies"]


def command_that_goes_on(args: argparse.Namespace, *, reports_to_stdout: bool) -> str:
    """What does the rest of an interrupted `anonymize`, and leaves what is done."""
    words = ["anonymize", *source_words(args, args.sources)]
    if args.output is None:
        words.append("--in-place")
    else:
        # With --overwrite all is written again: what an older run has left may be of another level.
        words += ["--output", _path(args.output), "--overwrite" if args.overwrite else "--skip-existing"]
    words += _rules(args)
    if args.validate:
        words.append("--validate")
    words += _choices(args)
    words += _known(args)
    if args.sync:
        words.append("--sync")
    if args.workers is not None:
        words += ["--workers", str(args.workers)]
    if args.report is not None:
        words += ["--report", args.report if reports_to_stdout else _path(_free(args.report))]
    if args.allow_empty:
        words.append("--allow-empty")
    if args.quiet:
        words.append("--quiet")
    return _line(words)


def command_that_verifies(args: argparse.Namespace, copy: str | None) -> str:
    """What compares the copies with their originals. `copy` is the path of the only one, if there is but one."""
    is_file = len(args.sources) == 1 and not os.path.isdir(args.sources[0])
    after = copy if is_file and copy is not None else args.output
    return _line(["verify", *source_words(args, args.sources), _path(after), *_rules(args), *_known(args)])


def _choices(args: argparse.Namespace) -> list[str]:
    """What was chosen otherwise than if nothing had been said."""
    usual = {"hard_links": "refuse", "unmarked": "refuse", "leftovers": None}
    chosen = {name: getattr(args, name) for name in usual}
    return [
        word
        for name, choice in chosen.items()
        if choice != usual[name]
        for word in (f"--{name.replace('_', '-')}", choice)
    ]


def _known(args: argparse.Namespace) -> list[str]:
    return [] if args.known is None else ["--known", _path(args.known)]


def _rules(args: argparse.Namespace) -> list[str]:
    level = args.level.given
    words = [] if level == Level.ANONYMIZE.value else ["--level", _path(level)]
    words += [word for option in args.options for word in ("--option", option)]
    for name in LISTS:
        if tags := getattr(args, name):
            words += [f"--{name}", ",".join(map(_tag, tags))]
    for name in PAIRS:
        for about, text in getattr(args, name):
            words += [f"--{name}", f"{_tag(about)}={text}"]
    if args.key is not None:
        words += ["--key", _path(args.key)]
    return words


def _tag(about: About) -> str:
    written = form(about)
    # Digits alone: brackets would have to be quoted.
    return written if isinstance(written, str) else _core.keyword_of(written) or f"{written:08X}"


def _path(path: str) -> str:
    """A name that begins with a dash would be taken for an option."""
    return os.path.join(os.curdir, path) if path.startswith("-") else path


def _free(report: str) -> str:
    """The name of another report file beside one that exists now."""
    stem, ending = os.path.splitext(report)
    number = 2
    while os.path.lexists(f"{stem}-{number}{ending}"):
        number += 1
    return f"{stem}-{number}{ending}"


def _line(words: Sequence[str]) -> str:
    return " ".join(["dicomblank", *map(_quoted, words)])


def _quoted(word: str) -> str:
    r"""For a POSIX shell; what can't be shown as $'\xNN', which bash, zsh and ksh read."""
    if word.isprintable():
        import shlex

        return shlex.quote(word)
    shown = (_plain(character) or "".join(f"\\x{byte:02x}" for byte in os.fsencode(character)) for character in word)
    return f"$'{''.join(shown)}'"


def _plain(character: str) -> str:
    return character if character.isprintable() and character not in "'\\" else ""
