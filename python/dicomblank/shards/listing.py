"""The files below a folder, in the order of their keys: a listing that can be taken up behind any of them.

A key is the path below the folder, and they are in the order of their bytes, as a store lists its objects. Memory grows
with the depth of the folders and with the entries of one, not with the number of files.
"""

from __future__ import annotations

import collections
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from dicomblank.shards.manifest import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor, Future

    from dicomblank._core import Exclude

__all__ = ["THREADS", "Listing"]

#: Folders that are listed at the same time. A network file system answers many calls at once.
THREADS = 16

# The names that dicomblank gives to what it has not finished.
_OWN = re.compile(rb"\.dicomblank-(?:[0-9a-f]{16}\.part|journal)\Z")


class _Child(NamedTuple):
    """An entry of a folder. The name of a folder ends in a slash, so that names sort as keys do."""

    name: bytes
    size: int

    @property
    def is_folder(self) -> bool:
        return self.name.endswith(b"/")


class Listing:
    """The regular files below `top` but for those that are excluded. Links are not followed.

    Raises `OSError`, while it goes on, for a folder that can't be listed: what is in it would be missing in silence.
    """

    def __init__(self, top: str, exclude: Exclude | None, pool: Executor) -> None:
        self._top = os.fsencode(top)
        self._exclude = exclude
        self._pool = pool
        #: How many files and folders were excluded, and how many links and special files were passed over.
        self.excluded = self.passed_over = 0

    def after(self, key: str | None = None) -> Iterator[Entry]:
        """All files behind `key`, in order; from the first one on without it."""
        return self._below(b"", self._list(b""), None if key is None else os.fsencode(key))

    def _below(self, folder: bytes, children: list[_Child], key: bytes | None) -> Iterator[Entry]:
        # A loop with a stack: folders may be nested deeper than Python calls itself.
        stack = [self._ahead(folder, children, key)]
        while stack:
            found = next(stack[-1], None)
            if found is None:
                stack.pop()
                continue
            path, child, listed = found
            if listed is None:
                yield Entry(os.fsdecode(path), child.size)
            else:
                stack.append(self._ahead(path, listed.result(), key))

    def _ahead(
        self, folder: bytes, children: list[_Child], key: bytes | None
    ) -> Iterator[tuple[bytes, _Child, Future[list[_Child]] | None]]:
        """The children behind `key`, each folder with its listing, which is begun some folders ahead."""
        behind = [child for child in children if _is_behind(folder + child.name, key)]
        folders = iter([child for child in behind if child.is_folder])
        begun: collections.deque[Future[list[_Child]]] = collections.deque()
        for child in behind:
            path = folder + child.name
            if not child.is_folder:
                yield path, child, None
                continue
            while len(begun) < THREADS and (ahead := next(folders, None)) is not None:
                begun.append(self._pool.submit(self._list, folder + ahead.name))
            yield path, child, begun.popleft()

    def _list(self, folder: bytes) -> list[_Child]:
        children = []
        with os.scandir(os.path.join(self._top, folder)) as entries:
            for entry in entries:
                is_folder = entry.is_dir(follow_symlinks=False)
                if _OWN.match(entry.name):
                    continue
                if self._exclude is not None and self._exclude.has(os.fsdecode(folder + entry.name), is_folder):
                    self.excluded += 1
                elif is_folder:
                    children.append(_Child(entry.name + b"/", 0))
                elif entry.is_file(follow_symlinks=False):
                    children.append(_Child(entry.name, entry.stat(follow_symlinks=False).st_size))
                else:
                    self.passed_over += 1
        return sorted(children)


def _is_behind(path: bytes, key: bytes | None) -> bool:
    """Whether a file, or something in a folder, may have a key behind `key`."""
    return key is None or path > key or (path.endswith(b"/") and key.startswith(path))
