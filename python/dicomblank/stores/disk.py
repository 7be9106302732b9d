"""Files and folders of a disk among objects: the core lists, reads and writes them, as in a run over files."""

from __future__ import annotations

import os
from dataclasses import dataclass

from dicomblank.errors import ChangedError
from dicomblank.stores.faults import StoreError
from dicomblank.stores.store import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank._core import OpenFile
    from dicomblank.inputs import StrPath

__all__ = ["FileRanges", "Files", "Landing"]


@dataclass(slots=True)
class Files:
    """A source: a file that was named, or all that is in a folder."""

    path: str
    #: Whether it is one file.
    is_one: bool
    #: As the core counts the sources, and the name that it has in the output.
    number: int = 0
    name: str | None = None

    @classmethod
    def find(cls, path: StrPath) -> Files:
        """Raises `OSError` for one that is not there."""
        os.stat(path)
        return cls(os.fspath(path), not os.path.isdir(path))

    def name_of(self, key: str) -> str:
        """What a file is called below the source: the core lists it so."""
        return key

    def sized(self, entry: Entry) -> Entry:
        """A file with its size, which a listing does not have. One that is gone has none: opening it will tell."""
        try:
            size = os.stat(self.path if self.is_one else os.path.join(self.path, entry.key)).st_size
        except (OSError, ValueError):
            size = 0
        return Entry(entry.key, size, None)


class FileRanges:
    """A file that is read by ranges, with the face of `dicomblank.stores.large.Ranges`."""

    etag = None
    #: What has a copy of its own is a DICOM file.
    content_type = "application/dicom"

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self.size = file.size

    def part(self, start: int, end: int) -> memoryview:
        """The bytes from `start` to `end`."""
        try:
            return memoryview(self._file.read(start, end - start))
        except (ChangedError, OSError) as error:
            raise _of_file(error) from None

    def check(self) -> None:
        """Raises a `StoreError` of the kind "changed" if the file is not what it was when it was opened."""
        try:
            self._file.check()
        except (ChangedError, OSError) as error:
            raise _of_file(error) from None


@dataclass(slots=True)
class Landing:
    """Where copies go: a file or a folder of a disk."""

    path: str


def _of_file(error: ChangedError | OSError) -> StoreError:
    if isinstance(error, OSError):
        return StoreError("system", error.strerror or "can't be read")
    return StoreError("changed", str(error))
