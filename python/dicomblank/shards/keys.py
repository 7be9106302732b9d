"""The keys of a list that is there already, such as one that `find` has made: in the order of the list, as they are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dicomblank import _core
from dicomblank.shards.manifest import Entry, ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dicomblank.inputs import FilesFrom

__all__ = ["keys_of_list"]

PIECE = 1 << 20
# The first bytes of a list by which a scan is known that was named in its place (PS3.10 §7.1).
SIGN = slice(128, 132)
# A longer name is none, and what has one is no list.
LONGEST = 64 * 1024


def keys_of_list(given: FilesFrom, folder: str, patterns: Sequence[str]) -> Iterator[Entry]:
    """The files of a list, whose paths count from the current folder and lead into `folder`.

    Whether they are there is found out when the shard is done. Raises `ManifestError` for a path that leads elsewhere,
    by its number in the list.
    """
    exclude = _core.Exclude(patterns)
    tops = {os.path.join(os.path.abspath(folder), ""), os.path.join(os.path.realpath(folder), "")}
    for number, name in enumerate(_names(given), 1):
        given_path = os.fsdecode(name)
        path = os.path.normpath(os.path.join(os.getcwd(), given_path))
        top = next((top for top in tops if path.startswith(top)), None)
        if top is None or ".." in given_path.split("/"):
            raise ManifestError(f"{os.fspath(given.path)}: name {number} leads outside of {folder}")
        key = path[len(top) :]
        parts = key.split("/")
        around = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
        if not exclude.has(key, is_folder=False) and not any(exclude.has(name, is_folder=True) for name in around):
            yield Entry(key)


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
