"""What the commands take that says which files a run is about: names, or a list of files, and what is passed over."""

from __future__ import annotations

import os

from dicomblank.inputs import FilesFrom, sources_of
from dicomblank.terminal import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from dicomblank._core import Sources
    from dicomblank.parser import Parser

__all__ = ["add_source_arguments", "asked_sources", "check_sources", "listed_sources", "source_words"]


def add_source_arguments(parser: Parser) -> None:
    """The options beside the names of files and folders."""
    which = parser.add_argument_group("which files (beside or in the place of SOURCE)")
    which.add_argument(
        "--files-from",
        metavar="FILE",
        help="read the paths of the files from FILE, one a line, in the place of SOURCE; - is stdin. There may be any"
        " number of them",
    )
    which.add_argument("-0", "--null", action="store_true", help="each path in FILE ends with a NUL: find -print0")
    # For an option that looks like a number argparse would take all of them for options, also the -1 of --workers -1.
    which._has_negative_number_optionals.clear()
    which.add_argument(
        "--relative-to",
        metavar="DIR",
        help="the folder in which all files of FILE lie, and which is mirrored where there are copies",
    )
    which.add_argument(
        "--exclude",
        metavar="GLOB",
        action="append",
        default=[],
        help="pass over files and folders: '*.txt' by their name, 'derived/' folders alone, 'a/*.dcm' by the path below"
        " the source. May be repeated",
    )


def check_sources(
    args: argparse.Namespace, sources: Sequence[str], missing: str, *, needs_folder: bool = False
) -> None:
    """Leaves with a usage error where it can't be told which files are meant; `missing` is said where none are.

    `needs_folder`: where a list needs the folder that is mirrored.
    """
    error = args.parser.error
    if args.files_from is None:
        for option, is_given in (("--null", args.null), ("--relative-to", args.relative_to is not None)):
            if is_given:
                error(f"{option} is about a list of files: it needs --files-from FILE")
        if not sources:
            error(missing)
    elif sources:
        error(f"--files-from and {escaped(sources[0])} exclude each other: the files are those of the list")
    elif needs_folder and args.relative_to is None:
        error("--files-from needs --relative-to DIR here: the folder that is mirrored where the copies are")


def asked_sources(args: argparse.Namespace, sources: Sequence[str]) -> Sources:
    """What the core is asked to do: `sources`, or the list in their place. Raises as `sources_of`."""
    if args.files_from is None:
        return sources_of(sources, args.exclude)
    return sources_of(FilesFrom(args.files_from, relative_to=args.relative_to, null=args.null), args.exclude)


def listed_sources(args: argparse.Namespace, sources: Sequence[str]) -> Sequence[str]:
    """The files and folders that a run looks into: whatever is put there would be one of its files."""
    return sources if args.files_from is None else ()


def source_words(args: argparse.Namespace, sources: Sequence[str]) -> list[str]:
    """The words of a command that is about the same files."""
    words = [_path(source) for source in sources]
    if args.files_from is not None:
        words += ["--files-from", args.files_from if args.files_from == "-" else _path(args.files_from)]
        words += ["-0"] if args.null else []
        words += [] if args.relative_to is None else ["--relative-to", _path(args.relative_to)]
    for pattern in args.exclude:
        words.append(f"--exclude={pattern}")
    return words


def _path(path: str) -> str:
    """A name that begins with a dash would be taken for an option."""
    return os.path.join(os.curdir, path) if path.startswith("-") else path
