"""What a call is given: paths, or the data itself. For anything else, an error that says what to write instead."""

from __future__ import annotations

import os

from dicomblank import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BytesIO
    from typing import TypeAlias

    from typing_extensions import Buffer

    StrPath: TypeAlias = str | os.PathLike[str]
    Data: TypeAlias = Buffer | BytesIO

__all__ = ["FilesFrom", "data_of", "path_of", "paths_of", "sources_of"]


class FilesFrom:
    """The files that a list names, to be given to a call in the place of a path.

    `path` is the list, "-" the process's standard input: a path a line, or with `null` one before each NUL. They are
    paths from the current folder, and lead into the folder `relative_to`, which copies mirror; without it that is the
    current folder, and only in place. The list may have any number of paths, and is read while the run goes on.
    """

    __slots__ = ("null", "path", "relative_to")

    def __init__(self, path: StrPath, *, relative_to: StrPath | None = None, null: bool = False) -> None:
        self.path = path_of(path)
        self.relative_to = None if relative_to is None else path_of(relative_to)
        self.null = null

    def __repr__(self) -> str:
        return f"FilesFrom({self.path!r}, relative_to={self.relative_to!r}, null={self.null!r})"


def sources_of(given: StrPath | Iterable[StrPath] | FilesFrom, exclude: str | Iterable[str] = ()) -> _core.Sources:
    """What the core is asked to do, but for the patterns `exclude`."""
    patterns = [exclude] if isinstance(exclude, str) else list(exclude)
    if isinstance(given, FilesFrom):
        return _core.Sources.listed(given.path, relative_to=given.relative_to, null=given.null, exclude=patterns)
    return _core.Sources(paths_of(given), exclude=patterns)


def paths_of(given: StrPath | Iterable[StrPath]) -> list[StrPath]:
    """One path or several, as several."""
    if isinstance(given, (str, os.PathLike)):
        return [given]
    _refuse(given)
    try:
        several = list(given)
    except TypeError:
        raise TypeError(f"a path is a str or an os.PathLike, not {type(given).__name__}") from None
    return [path_of(one) for one in several]


def path_of(given: StrPath) -> StrPath:
    """One path, and no more than one."""
    if not isinstance(given, (str, os.PathLike)):
        _refuse(given)
        raise TypeError(f"a path is a str or an os.PathLike, not {type(given).__name__}")
    return given


def data_of(given: Data) -> Buffer:
    """The bytes of a DICOM file: `given` itself, or all that an `io.BytesIO` holds, wherever it stands."""
    if isinstance(given, (str, os.PathLike)):
        raise TypeError(
            f"{type(given).__name__} is a path, and this takes the bytes: write anonymize_in_place(path), "
            "anonymize_copy(path, target), or give it the bytes of the file"
        )
    if _is_dataset(given):
        raise TypeError(DATASET)
    buffer = getattr(given, "getbuffer", None)
    if buffer is not None:
        view: Buffer = buffer()
        return view
    if hasattr(given, "read") and not _is_buffer(given):  # an mmap is both
        raise TypeError(f"{type(given).__name__} is an open file: give its path, or file.read()")
    return given  # type: ignore[return-value]  # the core says what is no buffer


DATASET = (
    "a pydicom Dataset is not taken: save it, and give the bytes: "
    "dataset.save_as(buffer := io.BytesIO(), enforce_file_format=True), then "
    "pydicom.dcmread(io.BytesIO(dicomblank.anonymize_bytes(buffer.getvalue())))"
)


def _refuse(given: object) -> None:
    """Raises for what is no path and would be taken for several: these can be iterated too."""
    if _is_dataset(given):
        raise TypeError(DATASET)
    if isinstance(given, (bytes, bytearray, memoryview)):
        raise TypeError("bytes are no path: os.fsdecode() makes one of them; for the data itself use anonymize_bytes")
    if hasattr(given, "read"):
        raise TypeError(f"{type(given).__name__} is an open file: give its path, or file.read() to anonymize_bytes")


def _is_buffer(given: object) -> bool:
    try:
        memoryview(given).release()  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def _is_dataset(given: object) -> bool:
    # pydicom is not imported for this: who has a Dataset has imported it.
    kinds = ((kind.__module__.partition(".")[0], kind.__name__) for kind in type(given).__mro__)
    return ("pydicom", "Dataset") in kinds
