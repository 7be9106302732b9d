"""For shards: a listing that goes on behind a key, and a run over keys that somebody else has listed."""

from __future__ import annotations

from dicomblank.stores.ahead import THREADS, pages_ahead
from dicomblank.stores.faults import StoreError
from dicomblank.stores.places import Stores, find_source
from dicomblank.stores.run import PAGE_OF_KEYS, StoreRun, listed
from dicomblank.stores.store import Entry
from dicomblank.stores.url import Url
from dicomblank.urls import is_remote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from dicomblank._core import Progress, Report, Row
    from dicomblank.inputs import StrPath
    from dicomblank.levels import LevelLike
    from dicomblank.shards import Manifest
    from dicomblank.stores.places import Source

__all__ = ["check", "listing", "run", "run_of"]


def check(url: StrPath) -> None:
    """Raises `OSError` for a URL below which there is nothing, and `ValueError` for what is none of a store."""
    find_source(Url.parse(url), Stores(in_flight=1))


def listing(url: StrPath, after: str | None = None) -> Iterator[tuple[str, int, str | None]]:
    """The objects below a URL, behind the key `after`: the key below the URL, the size in bytes and the ETag of each.

    They come in the order in which the store lists them, which is that of their keys as UTF-8. On S3 some pages are
    listed ahead, by other threads. What only stands for a folder, an empty object whose key ends in a slash, is left
    out.

    Raises `ValueError` for what is no URL of a store, and `OSError` for what is not there or can't be listed.
    """
    source = find_source(Url.parse(url), Stores(in_flight=THREADS))
    behind = None if after is None else source.url.prefix + after
    try:
        for page in pages_ahead(source, behind, listed):
            yield from ((source.name_of(entry.key), entry.size, entry.etag) for entry in page)
    except StoreError as error:
        raise OSError(f"{source.url}: can't be listed: {error.message}") from None


def run(
    base: StrPath,
    keys: Iterable[tuple[str, int]],
    output: StrPath | None,
    level: LevelLike,
    *,
    report: StrPath | Callable[[Row], object] | None = None,
    progress: Callable[[Progress], object] | None = None,
    **choices: Any,
) -> Report:
    """As `anonymize_copy`, or `anonymize_in_place` without an `output`, over objects below the URL `base`.

    `keys` has the key of each below `base`, and its size in bytes; it is read as the run goes on. The choices are those
    of the calls. Nothing is raised for an object: the faults are in the report. An object that is gone has failed, with
    the kind "not-found".
    """
    file = None if callable(report) else report
    ready = StoreRun.ready([base], output, level, report=file, no_dicom="allow", **choices)
    ready.take_pages(lambda source: _pages(source, keys))
    return ready(on_row=report if callable(report) else None, progress=progress)


def run_of(shard: Manifest, output: StrPath | None, level: LevelLike, **choices: Any) -> StoreRun:
    """A run over the objects of a manifest, which asks its stores for nothing yet: `find` does.

    Sizes of a manifest only say how an object is read: an empty one may have bytes by now, and is got as well.

    Raises `ValueError` for a manifest of files.
    """
    if not is_remote(shard.source):
        raise ValueError("a shard of files is done on disks: name a folder as the output, not a URL")
    ready = StoreRun.ready([shard.source], output, level, shard=(shard.name, shard.sha256), **choices)
    keys = [(entry.key, entry.size or 1) for entry in shard.entries if entry.size or not entry.key.endswith("/")]
    ready.take_pages(lambda source: _pages(source, keys))
    return ready


def _pages(source: Source, keys: Iterable[tuple[str, int]]) -> Iterator[list[Entry]]:
    page: list[Entry] = []
    for key, size in keys:
        page.append(Entry(source.url.prefix + key, size, None))
        if len(page) == PAGE_OF_KEYS:
            yield page
            page = []
    yield page
