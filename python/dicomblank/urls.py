"""URLs among paths: which they are, and what takes none yet. What is done with them is in `dicomblank.stores`."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dicomblank.inputs import StrPath

__all__ = ["absolute", "are_remote", "as_paths", "is_remote", "is_url", "refuse_remote", "refuse_urls"]

FILE = "file://"


def is_url(path: StrPath) -> bool:
    """Whether it is a URL: a scheme and "://". A file of such a name can be named as "./s3://name"."""
    scheme, separator, _ = os.fspath(path).partition("://")
    is_scheme = scheme.isascii() and scheme[:1].isalpha() and scheme.replace("+", "").replace("-", "").isalnum()
    return bool(separator) and is_scheme


def is_remote(path: StrPath) -> bool:
    """Whether it is in a store, and not on a disk."""
    return is_url(path) and not os.fspath(path).lower().startswith(FILE)


def are_remote(paths: Iterable[StrPath]) -> bool:
    """Whether one of them is."""
    return any(map(is_remote, paths))


def absolute(path: StrPath) -> str:
    """The same for each process, wherever it runs: an absolute path, or a URL of a store."""
    return os.fspath(path) if is_remote(path) else os.path.abspath(as_paths([path])[0])


def as_paths(paths: Sequence[StrPath]) -> list[StrPath]:
    """The same, with the path in the place of each file:// URL."""
    return [_path(path) if is_url(path) and not is_remote(path) else path for path in paths]


def _path(url: StrPath) -> str:
    from urllib.parse import unquote  # only where there is a URL

    host, slash, path = os.fspath(url)[len(FILE) :].partition("/")
    if host not in {"", "localhost"} or not slash:
        raise ValueError(f"{os.fspath(url)}: a file:// URL has three slashes: file:///data/study")
    return unquote(slash + path)


def refuse_urls(paths: Iterable[StrPath], what: str) -> None:
    """Raises `ValueError` if one of them is a URL, for a call or command that takes paths alone."""
    if any(map(is_url, paths)):
        raise ValueError(
            f"{what} takes no URLs yet, but files and folders: get what is to be looked at with the store's own tool"
        )


def refuse_remote(paths: Iterable[StrPath], what: str) -> None:
    """Raises `ValueError` if one of them is in a store, for a call or command that takes what is on a disk."""
    if are_remote(paths):
        refuse_urls(paths, what)
