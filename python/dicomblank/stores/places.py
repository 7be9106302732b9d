"""Where objects come from and where their copies go: found before the first of them is written."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass

from dicomblank.stores.disk import Files
from dicomblank.stores.faults import StoreError
from dicomblank.stores.s3 import S3
from dicomblank.stores.store import open_store
from dicomblank.stores.url import Url, contains

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeVar

    from dicomblank.inputs import StrPath
    from dicomblank.stores.store import Entry, Store

    T = TypeVar("T")

__all__ = ["Source", "Stores", "Target", "find_source", "find_target", "is_object"]

#: How often a store that fails is asked whether something is there, before the run.
TRIES = 3


class Stores:
    """The buckets of one run, each opened once."""

    def __init__(self, in_flight: int) -> None:
        self._in_flight = in_flight
        self._open: dict[tuple[str, str], Store] = {}

    def of(self, url: Url) -> Store:
        """The bucket of a URL."""
        place = url.scheme, url.bucket
        if place not in self._open:
            self._open[place] = open_store(url, self._in_flight)
        return self._open[place]


@dataclass(slots=True)
class Source:
    """What was named: one object, or all that is below a prefix."""

    url: Url
    store: Store
    #: The object itself, if it is one.
    only: Entry | None
    #: As the core counts the sources, and the name that it has in the output.
    number: int = 0
    name: str | None = None

    @property
    def is_one(self) -> bool:
        """Whether it is one object."""
        return self.only is not None

    @property
    def s3(self) -> S3:
        """Its bucket, which is one of S3."""
        if not isinstance(self.store, S3):
            raise TypeError("not a bucket of S3")
        return self.store

    def name_of(self, key: str) -> str:
        """What an object is called below the source; one that was named itself has its last name."""
        return os.path.basename(key) if self.is_one else key.removeprefix(self.url.prefix)

    def sized(self, entry: Entry) -> Entry:
        """An object with its size: a listing has it."""
        return entry

    def pages(self, after: str | None = None) -> Iterator[list[Entry]]:
        """The objects of the source, a page at a time, behind a key. What only stands for a folder is left out."""
        if self.only is not None:
            yield [self.only]
            return
        for page in self.store.pages(self.url.prefix, after):
            yield [entry for entry in page if entry.size or not entry.key.endswith("/")]


@dataclass(slots=True)
class Target:
    """Where copies go."""

    url: Url
    store: Store
    #: Whether it is the key of the only copy.
    is_exact: bool

    def key_of(self, source: Source | Files, name: str) -> str:
        """The key of the copy of an object."""
        if self.is_exact:
            return self.url.key
        below = name if source.is_one or source.name is None else f"{source.name}/{name}"
        return f"{self.url.prefix}{below}"

    def url_of(self, key: str) -> str:
        """A key as a URL."""
        return f"{self.url.scheme}://{self.url.bucket}/{key}"


def find_source(url: Url, stores: Stores) -> Source:
    """Raises `OSError` for one that is not there, or may not be seen; `ValueError` for one that is not clear."""
    store = stores.of(url)
    is_prefix = bool(_asked(url, lambda: _some(store, url.prefix)))
    try:
        only = None if url.is_prefix else _asked(url, lambda: store.head(url.key))
    except OSError:
        if not is_prefix:
            raise
        only = None  # servers that keep objects as files fail for a folder
    if only is not None and is_prefix:
        raise ValueError(f"{url} is an object, and there are others below it: write {url}/ for those below it")
    if only is None and not is_prefix and url.key:
        why = "no object below it" if url.is_prefix else "no such object, and none below it"
        raise FileNotFoundError(errno.ENOENT, why, str(url))
    return Source(url, store, only)


def is_object(url: StrPath) -> bool:
    """Whether a URL is that of one object, and not of those below it. Raises as `find_source`."""
    return find_source(Url.parse(url), Stores(in_flight=1)).is_one


def find_target(url: Url, named: Sequence[Source | Files], stores: Stores) -> Target:
    """Raises `ValueError` for one that is, holds or lies inside a source; `OSError` for a bucket that is not there."""
    sources = [source for source in named if not isinstance(source, Files)]
    for source in sources:
        if not source.is_one and (contains(source.url, url) or contains(url, source.url)):
            raise ValueError(f"the output {url} is, holds or lies inside the source {source.url}")
    store = stores.of(url)
    try:
        has_some = bool(_asked(url, lambda: _some(store, url.prefix)))
    except PermissionError:
        has_some = False  # who may write need not be allowed to list
    is_one = len(named) == 1 and named[0].is_one
    target = Target(url, store, is_exact=is_one and not url.is_prefix and not has_some)
    for source in sources:
        if source.is_one and (source.url.scheme, source.url.bucket, source.url.key) == (
            *(url.scheme, url.bucket),
            target.key_of(source, source.name_of(source.url.key)),
        ):
            raise ValueError(f"the copy of {source.url} would be {source.url} itself")
    return target


def _some(store: Store, prefix: str) -> list[Entry]:
    return next(iter(store.pages(prefix, None)), [])


def _asked(url: Url, ask: Callable[[], T]) -> T:
    """What a store answers before the run: what it refuses then is an error of usage."""
    for tries in range(TRIES):
        try:
            return ask()
        except StoreError as error:
            if error.is_passing and tries + 1 < TRIES:
                continue
            raise _usage(url, error) from None
    raise AssertionError


def _usage(url: Url, error: StoreError) -> OSError:
    bucket = f"{url.scheme}://{url.bucket}"
    if error.code == "NoCredentials":
        return PermissionError(errno.EACCES, f"{error.message}: {_WHERE[url.scheme]}", bucket)
    if error.kind == "not-found":
        return FileNotFoundError(errno.ENOENT, "no such bucket", bucket)
    if error.kind == "no-permission":
        return PermissionError(errno.EACCES, error.message, bucket)
    return OSError(errno.EIO, error.message, bucket)


_WHERE = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS, or give the machine an account",
    "az": "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or give the machine an identity",
}
