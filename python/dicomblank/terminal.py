"""What the command shows: lines, tables, a progress bar. rich is for terminals alone."""

from __future__ import annotations

import os
import sys

from dicomblank.words import amount, escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType
    from typing import Self, TextIO

    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from dicomblank._core import Progress

__all__ = [
    "ProgressBar",
    "begin",
    "complain",
    "end",
    "escaped",
    "is_terminal",
    "say",
    "say_sentence",
    "table",
    "width_of",
    "wrapped",
]


# Of a narrower terminal nothing could be made.
NARROWEST = 40


class _Lost:
    """What could not be written to stdout."""

    def __init__(self) -> None:
        self.error: OSError | None = None


_LOST = _Lost()


def begin() -> None:
    """Makes what is written fit for any stream. One may be missing, closed, or no stream of the system's."""
    _LOST.error = None
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and not stream.closed:
            reconfigure(errors="backslashreplace")


def say(text: str = "", *, flush: bool = False) -> None:
    """Writes a line to stdout. Who no longer reads is no reason to stop: the work is what counts."""
    if not _is_open(sys.stdout):
        return
    try:
        sys.stdout.write(text + "\n")
        if flush:
            sys.stdout.flush()
    except OSError as error:
        _give_up_stdout(error)


def say_sentence(text: str, command: str = "") -> None:
    """Writes a line to stdout as `complain` does to stderr."""
    say(wrapped(text, sys.stdout, command))


def complain(text: str, command: str = "") -> None:
    """Writes a line to stderr, if it can be written to: there is nowhere else to complain.

    On a terminal it is wrapped at words; for a program it stays one line. `command` stands at its end, and is never
    wrapped: it is to be pasted.
    """
    if not _is_open(sys.stderr):
        return
    try:
        sys.stderr.write(wrapped(text, sys.stderr, command) + "\n")
        sys.stderr.flush()
    except OSError:
        _redirect(sys.stderr)


def end() -> bool:
    """Writes what is left, or drops it where nobody reads: else the interpreter complains about it at its end.

    Whether something was lost that somebody would have read, as on a full disk.
    """
    if _is_open(sys.stdout):
        try:
            sys.stdout.flush()
        except OSError as error:
            _give_up_stdout(error)
    if _LOST.error is not None:
        complain(f"can't write to stdout: {_LOST.error.strerror}")
    return _LOST.error is not None


def wrapped(text: str, stream: TextIO, command: str = "") -> str:
    """A line as it is shown: broken between words where `stream` is a terminal, and as it stands elsewhere.

    `command` follows it whole, on a line of its own if need be.
    """
    line = f"{text} {command}".rstrip()
    if not is_terminal(stream) or len(line) <= (width := width_of(stream)):
        return line
    import textwrap

    # What is one word stays whole, so that a path can be copied.
    shown = textwrap.fill(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return f"{shown}\n  {command}" if command else shown


def width_of(stream: TextIO | None) -> int:
    """The columns of a terminal; 80 where it is none. COLUMNS goes before both, as it does elsewhere."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdecimal() and int(columns) > 0:
        return max(int(columns), NARROWEST)
    try:
        found = os.get_terminal_size(stream.fileno()).columns if stream is not None else 0
    except (OSError, ValueError):
        found = 0
    return max(found, NARROWEST) if found else 80


def is_terminal(stream: TextIO) -> bool:
    """Whether it is one; a stream may be missing."""
    return _is_open(stream) and stream.isatty()


def _is_open(stream: TextIO | None) -> bool:
    # The interpreter has None for a stream that was closed when it started.
    return stream is not None and not stream.closed


def _give_up_stdout(error: OSError) -> None:
    if not isinstance(error, BrokenPipeError):
        _LOST.error = error
    _redirect(sys.stdout)


def _redirect(stream: TextIO) -> None:
    """Leads the stream to nowhere, with what is still in its buffer."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return  # in memory
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> None:
    """Prints a table to stdout; the columns numbered in `right` are set flush right."""
    if is_terminal(sys.stdout):
        _rich_table(head, rows, right)
    else:
        _plain_table(head, rows, right)


def _plain_table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int]) -> None:
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = (
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        say("  ".join(cells).rstrip())


def _rich_table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column, name in enumerate(head):
        shown.add_column(name, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))  # Text: a tag path's brackets are no markup
    Console().print(shown)


class ProgressBar:
    """A bar on stderr with the rate, and the time left once listing is done; nothing unless `is_shown`.

    `about` stands before it.

    It is what `progress=` takes. It redraws when it is called and has no thread of its own.
    """

    def __init__(self, *, is_shown: bool, about: str = "") -> None:
        #: How far the run was when it last told of it.
        self.progress: Progress | None = None
        self._is_shown = is_shown
        self._about = about
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None
        self._is_in_bytes = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.refresh()
            self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        """Redraws the bar."""
        self.progress = progress
        if not self._is_shown:
            return
        if self._bar is None or self._task is None:
            self._bar = _rich_bar()
            self._task = self._bar.add_task("", total=None, count="", rate="")
            self._bar.start()
        is_in_bytes = progress.bytes_total > 0 and progress.found == 1 and not progress.listing
        if is_in_bytes is not self._is_in_bytes:
            self._is_in_bytes = is_in_bytes
            self._bar.reset(self._task)  # the rate so far is one of bytes, or of files
        speed = self._bar.tasks[0].speed or 0.0
        if is_in_bytes:
            self._bar.update(
                self._task,
                completed=progress.bytes_done,
                total=progress.bytes_total,
                description=self._about,
                count=amount(progress.bytes_done, progress.bytes_total),
                rate=f"{speed / 1e6:,.0f} MB/s" if speed else "",
                refresh=True,
            )
            return
        rate = f"{speed:,.0f} files/s" if speed else ""
        large = amount(progress.bytes_done, progress.bytes_total) + " of large files" if progress.bytes_total else ""
        self._bar.update(
            self._task,
            completed=progress.done,
            total=None if progress.listing else progress.found,
            description=", ".join(filter(None, (self._about, "listing" * progress.listing, large))),
            count=f"{progress.done:,}/{'?' if progress.listing else f'{progress.found:,}'}",
            rate=", ".join(filter(None, (rate, f"{progress.in_flight} in flight" * bool(progress.in_flight)))),
            refresh=True,
        )

    def complain(self, text: str) -> None:
        """Writes a line to stderr, above the bar."""
        if self._bar is None:
            complain(text)
        else:
            self._print(self._bar, wrapped(text, sys.stderr))

    def say(self, text: str) -> None:
        """Writes a line to stdout, at once; above the bar, where that is a terminal too."""
        if self._bar is None or not is_terminal(sys.stdout):
            say(text, flush=True)
        else:
            self._print(self._bar, text)

    @staticmethod
    def _print(bar: RichProgress, text: str) -> None:
        bar.console.print(text, markup=False, highlight=False, soft_wrap=True)


def _rich_bar() -> RichProgress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,  # it would go to stderr, also where it is led to a file
    )
