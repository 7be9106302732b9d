"""A data set for PyTorch that blanks each file as it is read, in the workers of a DataLoader.

    scans = BlankedScans(paths, Level.PSEUDONYMIZE, decode=pixels, key_file="secret.key")
    for batch, refused in DataLoader(scans, batch_size=16, num_workers=8, collate_fn=sorted_out):
        ...

Torch is not imported here: whatever has a length and items is a data set to it, and may be given to `multiprocessing`
as well. Workers may be forked or spawned. A key can't be pickled, and none is: the path of its file travels, and each
worker opens it.

What can't be blanked is not among the scans of a batch, but among its `Refused`, which say why, without a value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import dicomblank
from dicomblank import Key

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Sequence

    from dicomblank import Level, Rules

T = TypeVar("T")


@dataclass(frozen=True)
class Refused:
    """A file that is not among the scans: its index in the data set, and why."""

    index: int
    reason: str


@dataclass
class BlankedScans(Generic[T]):
    """Files, each blanked when it is asked for; `decode` makes what is wanted of a blanked file's bytes.

    An item that can't be read or blanked is a `Refused`. A key that is missing, or not needed, is raised.
    """

    paths: Sequence[str | os.PathLike[str]]
    level: Level | Rules
    decode: Callable[[bytes], T]
    key_file: str | os.PathLike[str] | None = None
    _key: Key | None = field(default=None, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> T | Refused:
        if self._key is None and self.key_file is not None:
            self._key = Key.load(self.key_file)
        path = self.paths[index]
        try:
            with open(path, "rb") as file:  # noqa: PTH123 (faster than a Path)
                data = file.read()
            # By the same name, so that the original is gone before the copy is decoded: two large ones cost time.
            data = dicomblank.anonymize_bytes(data, self.level, key=self._key)
        except dicomblank.Error as error:
            return Refused(index, f"{type(error).__name__}: {error}")
        except OSError as error:
            return Refused(index, f"{type(error).__name__}: {error.strerror}")
        return self.decode(data)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_key": None}


def sorted_out(batch: Iterable[T | Refused]) -> tuple[list[T], list[Refused]]:
    """For `collate_fn`: the scans of a batch, and what is not among them."""
    scans: list[T] = []
    refused: list[Refused] = []
    for each in batch:
        if isinstance(each, Refused):
            refused.append(each)
        else:
            scans.append(each)
    return scans, refused


def pixels(data: bytes) -> Any:
    """For `decode`: the pixels as a NumPy array, by pydicom."""
    from pydicom import dcmread  # noqa: PLC0415 (for who asks for pixels)

    return dcmread(BytesIO(data)).pixel_array
