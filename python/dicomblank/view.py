"""A file as pydicom's reader is shown it: inflated, with its edits made, and without a word on the user's screen."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import warnings
import zlib
from bisect import bisect_right
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, cast

from pydicom.dataelem import RawDataElement
from pydicom.filereader import read_dataset, read_preamble

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydicom.tag import BaseTag

    from dicomblank._core import Edit

__all__ = ["StoppedError", "View", "quiet"]

TRANSFER_SYNTAX_UID = 0x0002_0010
DEFLATED = b"1.2.840.10008.1.2.1.99"
EXPLICIT_LITTLE = b"1.2.840.10008.1.2.1"

# Bytes inflated at a time: in between it is asked whether to go on.
PIECE = 64 * 1024

# VRs padded with spaces (PS3.5 §6.2). The core has its own list: that makes two opinions.
TEXT = frozenset(("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UR", "UT"))

# The filters of warnings and the switch of a logger are the process's, not a thread's: one reading at a time.
_QUIET = threading.Lock()


class StoppedError(BaseException):
    """A reading was given up. No `Exception`: those are taken for pydicom's answer."""


class View:
    """A file as it stands or, with `edits`, as it will stand: bytes for pydicom's reader, which it can't write to.

    Once `stop` is true, reading raises `StoppedError`: pydicom has no other place to be stopped at.
    """

    def __init__(self, file: BinaryIO, size: int, edits: Iterable[Edit] = (), stop: object = None) -> None:
        self.size = size
        self._stop = stop
        self._file = file
        self._edits = sorted((edit.start, edit.length, b" " if edit.vr in TEXT else b"\0") for edit in edits)
        self._starts = [start for start, _, _ in self._edits]
        self.seek(0)

    def check(self) -> None:
        """Raises `StoppedError` if it is time to."""
        if self._stop:
            raise StoppedError

    @classmethod
    def of(cls, file: BinaryIO, stop: object = None) -> View:
        """A view of a whole file; of its inflated form if its data set is deflated.

        Raises `zlib.error` for a data set that can't be inflated, and what reading raises.
        """
        view = cls(file, os.fstat(file.fileno()).st_size, stop=stop)
        form = _inflated(view)
        if form is not None:
            return cls(BytesIO(form), len(form), stop=stop)
        view.seek(0)
        return view

    def with_edits(self, edits: Iterable[Edit]) -> View:
        """The same file as it will stand."""
        return View(self._file, self.size, edits, self._stop)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Moves to `offset`, in bytes, as files do."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where the next read begins, in bytes."""
        return self._file.tell()

    def read(self, count: int = -1) -> bytes:
        """At most `count` bytes, with the edits made; all that is left for a negative `count`."""
        self.check()
        start = self._file.tell()
        left = max(self.size - start, 0)
        # Clipped, since a file object makes room for all that it is asked for, 4 GB too.
        data = self._file.read(left if count < 0 else min(count, left))
        return self._edited(data, start) if self._starts else data

    def at(self, start: int, length: int) -> bytes:
        """`length` bytes from `start` on, fewer at the end of the file."""
        self.seek(start)
        return self.read(length)

    def _edited(self, data: bytes, start: int) -> bytes:
        end = start + len(data)
        result = bytearray(data)
        first = max(bisect_right(self._starts, start) - 1, 0)
        for index in range(first, len(self._edits)):
            at, length, padding = self._edits[index]
            if at >= end:
                break
            low, high = max(at, start), min(at + length, end)
            if low < high:
                result[low - start : high - start] = padding * (high - low)
        return bytes(result)


def _inflated(view: View) -> bytes | None:
    """The inflated form of a file, if its data set is deflated: file meta information, and the data set behind it.

    It states explicit little endian, in as many bytes, so that pydicom does not inflate it again. Whether it is
    deflated is asked of pydicom and not of the core, and Python's own zlib inflates it.
    """
    try:
        with quiet():
            read_preamble(cast("BinaryIO", view), force=True)
            meta = read_dataset(cast("BinaryIO", view), False, True, stop_when=_is_behind_meta)
    except Exception:  # noqa: BLE001 (pydicom raises anything; the reading itself will tell)
        return None
    start = view.tell()
    uid = meta.get_item(TRANSFER_SYNTAX_UID)
    if not isinstance(uid, RawDataElement) or (uid.value or b"").strip(b" \0") != DEFLATED:
        return None
    head = bytearray(view.at(0, start))
    head[uid.value_tell : uid.value_tell + uid.length] = EXPLICIT_LITTLE.ljust(uid.length, b"\0")
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    # The core has inflated it before, and has a limit.
    while not inflater.eof and (piece := view.read(PIECE)):
        head += inflater.decompress(piece)
    return bytes(head)


def _is_behind_meta(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag.group != 2


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keeps pydicom's warnings off the user's screen and log: some of them quote values."""
    logger = logging.getLogger("pydicom")
    with _QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        was_disabled, logger.disabled = logger.disabled, True
        try:
            yield
        finally:
            logger.disabled = was_disabled
