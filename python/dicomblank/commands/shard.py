"""`dicomblank shard`: a data set divided into manifests."""

from __future__ import annotations

import os
import sys

from dicomblank import _core
from dicomblank.arguments import reason, usage_error
from dicomblank.commands import DONE, FAULT
from dicomblank.inputs import FilesFrom
from dicomblank.source_arguments import check_sources
from dicomblank.terminal import ProgressBar, complain, escaped, is_terminal, say_sentence
from dicomblank.words import counted, volume

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from dicomblank.shards import Made

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Lists what is there, and writes manifests."""
    from dicomblank import shards

    check_sources(args, args.sources, "SOURCE is missing: name a folder, or a URL", needs_folder=True)
    if args.into is None:
        usage_error(args, "say where the manifests go: --into DIR")
    source = (
        args.sources
        if args.files_from is None
        else FilesFrom(args.files_from, relative_to=args.relative_to, null=args.null)
    )
    files = shards.making.FILES if args.files is None else args.files
    try:
        with ProgressBar(is_shown=is_terminal(sys.stderr) and not args.quiet) as bar:
            made = shards.make(
                source,
                args.into,
                files=files,
                exclude=args.exclude,
                progress=lambda listed: bar(_core.Progress(listed, listed, listing=True)),
            )
    except BlockingIOError as error:
        complain(error.strerror or "")
        return FAULT
    except ValueError as error:
        usage_error(args, escaped(str(error)))
    except OSError as error:
        if error.filename is not None and not _is_below(error.filename, args.sources):
            usage_error(args, reason(error))
        what = "Run" if error.filename is None else "Make it readable, or --exclude it, and run"
        complain(f"stopped: {reason(error)}. {what} the same command again")
        return FAULT
    if not args.quiet:
        for sentence in _sentences(args, made):
            say_sentence(sentence)
    if not made.files:
        complain("no file found")
        return FAULT
    return DONE


def _sentences(args: argparse.Namespace, made: Made) -> list[str]:
    size = f", {volume(made.size)}" * bool(made.size)
    count = len(made.manifests)
    are = f"{counted(count, 'shard')} {'is' if count == 1 else 'are'}"
    sentences = [f"{are} in {escaped(args.into)} ({counted(made.files, 'file')}{size})."]
    if made.excluded:
        sentences.append(f"{made.excluded:,} files and folders were excluded.")
    if made.passed_over:
        sentences.append(f"{made.passed_over:,} links, pipes or devices were passed over.")
    return sentences


def _is_below(path: object, sources: list[str]) -> bool:
    real = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type]
    return any(real.startswith(os.path.join(os.path.abspath(source), "")) for source in sources)
