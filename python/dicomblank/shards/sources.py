"""What a shard is of, as its manifest says it: the absolute path of a folder, or the URL that its keys stand behind."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dicomblank.urls import as_paths, is_remote

if TYPE_CHECKING:
    from dicomblank.inputs import StrPath

__all__ = ["check_source", "is_inside", "on_disk", "source_of", "word_of"]


def source_of(given: StrPath) -> str:
    """A folder by its absolute path, or a URL with a slash at its end, so that a key behind it makes a whole one.

    Raises `ValueError` for a URL that won't do.
    """
    if not is_remote(given):
        return os.path.abspath(as_paths([given])[0])
    from dicomblank.stores.url import Url  # only where there is one

    url = Url.parse(given)
    return f"{url.scheme}://{url.bucket}/{url.prefix}"


def word_of(source: str) -> str:
    """The last part of a source, below which its copies go where there are several."""
    return os.path.basename(source.rstrip("/"))


def check_source(source: str) -> None:
    """Raises `OSError` for a source that is not there, `ValueError` for one that is no folder."""
    if is_remote(source):
        from dicomblank.stores.shards import check

        check(source)
    elif not os.path.isdir(source):
        os.stat(source)  # says that it is missing
        raise ValueError(f"{source} is no folder")


def on_disk(given: StrPath, what: str) -> StrPath:
    """A path, also of a file:// URL. Raises `ValueError` for a URL of a store, where `what` can't be."""
    if is_remote(given):
        raise ValueError(f"{os.fspath(given)}: {what} lies on a disk, and in no store")
    return as_paths([given])[0]


def is_inside(path: StrPath, around: str) -> bool:
    """Whether a path on a disk is a folder, or lies in it. It lies in no store."""
    if is_remote(around):
        return False
    folder = os.path.join(os.path.realpath(around), "")
    return os.path.join(os.path.realpath(path), "").startswith(folder)
