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
from pydicom.filereader import read_dataset, read_partial, read_preamble

from dicomblank._core import INFLATED_LIMIT
from dicomblank.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydicom.tag import BaseTag

    from dicomblank._core import Edit

__all__ = ["StoppedError", "View", "quiet"]

TRANSFER_SYNTAX_UID = 0x0002_0010
DEFLATED = b"1.2.840.10008.1.2.1.99"
EXPLICIT_LITTLE = b"1.2.840.10008.1.2.1"

# Bytes inflated at a time: in between it is asked whether to go on.
PIECE = 64 * 1024

# How often pydicom may read in one reading, and how many elements and data sets it may give out: some 1.5 million
# elements, for which it takes 2 GB. A deflated file of 1 MB could hold fifty times as many items.
STEPS = 4 * 1024 * 1024

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

    def __init__(
        self,
        file: BinaryIO,
        size: int,
        edits: Iterable[Edit] = (),
        stop: object = None,
        replaced: Mapping[int, bytes] | None = None,
    ) -> None:
        self.size = size
        self._stop = stop
        self._steps = STEPS
        self._file = file
        new = replaced or {}
        self._edits = sorted(
            (edit.start, edit.length, new.get(edit.start, (b" " if edit.vr in TEXT else b"\0") * edit.length))
            for edit in edits
            if edit.action == "blank" or edit.start in new
        )
        self._starts = [start for start, _, _ in self._edits]
        self.seek(0)

    def check(self) -> None:
        """Pays for one step. Raises `StoppedError` if it is time to, `LimitError` if no step is left."""
        if self._stop:
            raise StoppedError
        self._steps -= 1
        if self._steps < 0:
            raise LimitError(f"pydicom would have to take more than {STEPS} steps to read it", self.tell(), "")

    @classmethod
    def of(cls, file: BinaryIO, stop: object = None) -> View:
        """A view of a whole file; of its inflated form if its data set is deflated.

        Raises `zlib.error` for a data set that can't be inflated, `LimitError` for one that inflates to more than the
        core takes, and what reading raises.
        """
        view = cls(file, file.seek(0, os.SEEK_END), stop=stop)
        form = _inflated(view)
        if form is not None:
            return cls(form, form.seek(0, os.SEEK_END), stop=stop)
        view.seek(0)
        return view

    def with_edits(self, edits: Iterable[Edit], replaced: Mapping[int, bytes] | None = None) -> View:
        """The same file as it will stand. `replaced` has what values become by their starts; others stay."""
        return View(self._file, self.size, edits, self._stop, replaced)

    def has_replaced(self, edits: Iterable[Edit]) -> bool:
        """Whether values of `edits` are replaced in it, and not blanked alone."""
        starts = set(self._starts)
        return any(edit.action != "blank" and edit.start in starts for edit in edits)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Moves to `offset`, in bytes, as files do."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where the next read begins, in bytes."""
        return self._file.tell()

    def read(self, count: int = -1) -> bytes:
        """At most `count` bytes, with the edits made.

        A negative `count`, for all that is left, is what pydicom asks for to inflate it, without any limit: it raises.
        """
        self.check()
        if count < 0:
            raise _InflatingError
        start = self._file.tell()
        # Clipped, since a file object makes room for all that it is asked for, 4 GB too.
        data = self._file.read(min(count, max(self.size - start, 0)))
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
            at, length, new = self._edits[index]
            if at >= end:
                break
            low, high = max(at, start), min(at + length, end)
            if low < high:
                result[low - start : high - start] = new[low - at : high - at]
        return bytes(result)


class _InflatingError(Exception):
    """pydicom is about to inflate what is left of the file, which begins where the view stands."""


def _inflated(view: View) -> BytesIO | None:
    """The inflated form of a file, if its data set is deflated: file meta information, and the data set behind it.

    It states explicit little endian, in as many bytes, so that pydicom does not inflate it again. Whether it is
    deflated is asked of pydicom and not of the core, and Python's own zlib inflates it, up to the core's limit.
    """
    try:
        with quiet():
            read_partial(cast("BinaryIO", view), stop_when=lambda *_: True, force=True)
    except _InflatingError:
        start = view.tell()
    except Exception:  # noqa: BLE001 (pydicom raises anything; the reading itself will tell)
        return None
    else:
        return None
    form = BytesIO()
    form.write(view.at(0, start))
    form.seek(0)
    _state_explicit(form)
    form.seek(start)
    _inflate(view, start, form)
    return form


def _state_explicit(form: BytesIO) -> None:
    """Writes over the UID. Where it is not found again it stays, and the reading, which would inflate again, fails."""
    with quiet():
        read_preamble(form, force=True)
        start = form.tell()
        for is_implicit in (False, True):  # group 0002 in implicit VR is a mistake that pydicom reads
            form.seek(start)
            meta = read_dataset(form, is_implicit, True, stop_when=_is_behind_meta)
            uid = meta.get_item(TRANSFER_SYNTAX_UID)
            # As pydicom's UIDs: every kind of space around them goes.
            if isinstance(uid, RawDataElement) and (uid.value or b"").rstrip(b"\0 ").strip() == DEFLATED:
                form.seek(uid.value_tell)
                form.write(EXPLICIT_LITTLE.ljust(uid.length, b"\0"))
                return


def _inflate(view: View, start: int, form: BytesIO) -> None:
    """Adds what `view` holds from `start` on, inflated. Raises `LimitError` for more than the core takes."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    left = INFLATED_LIMIT - start
    view.seek(start)
    rest = b""
    while not inflater.eof:
        view.check()
        rest = rest or view.read(PIECE)
        is_at_end = not rest  # then only what zlib still holds comes out
        piece = inflater.decompress(rest, PIECE)
        rest = inflater.unconsumed_tail
        left -= len(piece)
        if left < 0:
            reason = f"to pydicom the data set is deflated, and inflates to more than {INFLATED_LIMIT >> 20} MiB"
            raise LimitError(reason, view.tell() - len(rest), "")
        if is_at_end and not piece:
            return
        form.write(piece)


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
