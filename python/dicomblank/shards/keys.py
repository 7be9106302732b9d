"""The keys of a list that is there already, such as one that `find` has made: in the order of the list, as they are.

Of files it has their paths. Of objects it has the lines of a manifest, as an inventory of the store is turned into:
with the size of each, which a path does not need.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dicomblank import _core
from dicomblank.shards.manifest import Entry, ManifestError, entry_of
from dicomblank.urls import is_remote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dicomblank.inputs import FilesFrom

__all__ = ["Excluding", "keys_of_list"]

PIECE = 1 << 20
# The first bytes of a list by which a scan is known that was named in its place (PS3.10 §7.1).
SIGN = slice(128, 132)
# A longer name is none, and what has one is no list.
LONGEST = 64 * 1024


class Excluding:
    """Keys without those that are excluded, by their own name or that of a folder around them, which are counted."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = patterns
        self._exclude = _core.Exclude(patterns)
        self._folders: dict[str, bool] = {"": False}
        self.excluded = 0

    def __call__(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Those that are not excluded."""
        for entry in entries:
            if self._patterns and self._has(entry.key):
                self.excluded += 1
            else:
                yield entry

    def _has(self, key: str) -> bool:
        folder = key.rpartition("/")[0]
        if folder not in self._folders:
            parts = folder.split("/")
            around = ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
            # Those of one folder come one behind the other.
            self._folders = {"": False, folder: any(self._exclude.has(name, is_folder=True) for name in around)}
        return self._folders[folder] or self._exclude.has(key, is_folder=False)


def keys_of_list(given: FilesFrom, source: str) -> Iterator[Entry]:
    """The files or objects of a list, in its order.

    Whether they are there is found out when the shard is done. Raises `ManifestError` for a line that won't do, by its
    number in the list.
    """
    return _objects(given) if is_remote(source) else _files(given, source)


def _objects(given: FilesFrom) -> Iterator[Entry]:
    if given.null:
        raise ManifestError(f"{os.fspath(given.path)}: a list of objects has lines of JSON, and no NUL behind them")
    for number, line in enumerate(_names(given), 1):
        entry = entry_of(line, (os.fspath(given.path), number), of_objects=True)
        if entry.size or not entry.key.endswith("/"):  # which only stands for a folder
            yield entry


def _files(given: FilesFrom, folder: str) -> Iterator[Entry]:
    """Their paths count from the current folder, and lead into `folder`."""
    tops = {os.path.join(os.path.abspath(folder), ""), os.path.join(os.path.realpath(folder), "")}
    for number, name in enumerate(_names(given), 1):
        given_path = os.fsdecode(name)
        path = os.path.normpath(os.path.join(os.getcwd(), given_path))
        top = next((top for top in tops if path.startswith(top)), None)
        if top is None or ".." in given_path.split("/"):
            raise ManifestError(f"{os.fspath(given.path)}: name {number} leads outside of {folder}")
        yield Entry(path[len(top) :])


def _names(given: FilesFrom) -> Iterator[bytes]:
    end = b"\0" if given.null else b"\n"
    rest = b""
    with open(given.path, "rb") as file:
        if file.read(PIECE)[SIGN] == b"DICM":
            raise ManifestError(f"{os.fspath(given.path)} is a DICOM file, and not a list of files")
        file.seek(0)
        while piece := file.read(PIECE):
            *whole, rest = (rest + piece).split(end)
            for name in whole:
                _check(name, given)
                if name:
                    yield name
            if len(rest) > LONGEST:
                _check(rest, given)
    _check(rest, given)
    if rest:
        yield rest


def _check(name: bytes, given: FilesFrom) -> None:
    """Told without the name: what is no list may be a scan."""
    if len(name) > LONGEST:
        raise ManifestError(f"{os.fspath(given.path)}: a name in it is longer than a path can be")
    if b"\0" in name:
        raise ManifestError(f"{os.fspath(given.path)}: there is a NUL in it: names that end with one are read with -0")
