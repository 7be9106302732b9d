"""The rows of a report file, read as far as they are whole, and what is wrong with the file."""

from __future__ import annotations

import hashlib
import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    from dicomblank.inputs import StrPath

    #: A row as it stands in the file: any field may be missing, or of another kind than is expected.
    Json: TypeAlias = dict[str, Any]

__all__ = ["Lines"]

# Bytes that are read at a time.
PIECE = 1024 * 1024
# Bytes of a line that are kept: the first row names every source, and a shell may have named a hundred thousand.
LONGEST = 16 * 1024 * 1024

BOM = b"\xef\xbb\xbf"


class Lines:
    """The rows of one report file. To be iterated over once; what it has found is known behind the last row."""

    def __init__(self, path: StrPath) -> None:
        self._path = path
        self._hash = hashlib.sha256()
        #: Lines that are whole, and are no JSON object.
        self.damaged = 0
        #: Whether the last line has no end.
        self.is_cut_short = False

    @property
    def sha256(self) -> str:
        """The checksum of all that was read, so that a page can be matched with its reports."""
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[Json]:
        """The objects, in their order. Raises `OSError`."""
        decoder = json.JSONDecoder()
        for line in self._lines():
            try:
                text = line.decode()
                row, end = decoder.raw_decode(text)  # twice as fast as `decode`, which looks for spaces around it
                if end != len(text):
                    row = decoder.decode(text)
            except (ValueError, RecursionError):  # no UTF-8, no JSON, a number that is too long; nested too deep
                self.damaged += 1
                continue
            if isinstance(row, dict):
                yield row
            else:
                self.damaged += 1

    def _lines(self) -> Iterator[bytes]:
        rest = b""
        is_too_long = False
        with open(self._path, "rb") as file:
            if file.peek(len(BOM)).startswith(BOM):  # as some editors leave it
                self._hash.update(file.read(len(BOM)))
            while piece := file.read(PIECE):
                self._hash.update(piece)
                *lines, rest = (rest + piece).split(b"\n")
                if lines and is_too_long:  # the end of a line of which nothing is kept
                    self.damaged += 1
                    is_too_long = False
                    del lines[0]
                yield from lines
                if is_too_long or len(rest) > LONGEST:
                    is_too_long, rest = True, b""
        self.is_cut_short = bool(rest) or is_too_long
