"""A listing by several requests at a time, in the order of the keys.

A store answers a page of keys after the other, and each takes as long as any request. But it lists behind any key: so
the keys are divided into stretches, some of which are listed ahead. Where to divide, the first level tells, the folders
in which the keys are; a stretch has as many of them as have some thousand keys.

Rejected: a listing for each folder. Where folders have few objects it takes a request for each.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from dicomblank.stores.faults import StoreError
from dicomblank.stores.patience import Gate, Patience
from dicomblank.stores.s3 import S3
from dicomblank.stores.store import PAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dicomblank.stores.places import Source
    from dicomblank.stores.store import Entry

__all__ = ["pages_ahead"]

#: Stretches that are listed at the same time.
THREADS = 8
#: Keys of a stretch. Of its last page a part is listed twice: half of one, on the average.
STRETCH = 8 * PAGE
#: Pages of a stretch that wait for those before them. A stretch may be longer.
WAITING = 2 * STRETCH // PAGE
#: Levels that are gone down where there is one folder alone.
DEPTH = 16


@dataclass
class _Stretch:
    """The keys behind `start`, up to `end` and with it; None is from the first on, and to the last."""

    start: str | None
    end: str | None
    folders: int
    pages: queue.Queue[list[Entry] | Exception | None] = field(default_factory=lambda: queue.Queue(WAITING))


def pages_ahead(
    source: Source, after: str | None, listed: Callable[[Source, str | None, Patience], Iterator[list[Entry]]]
) -> Iterator[list[Entry]]:
    """The pages of a source, behind a key, as `listed` gives them. Raises `StoreError`.

    What is no longer than a stretch is listed by as few requests as there are: it is divided behind that.
    """
    stop = threading.Event()
    keys = 0
    for page in listed(source, after, Patience(stop, Gate(1))):
        yield page
        keys, after = keys + len(page), page[-1].key if page else after
        if keys >= STRETCH:
            break
    else:
        return
    ahead = _Ahead(source, after, listed, stop)
    with ThreadPoolExecutor(THREADS, thread_name_prefix="dicomblank-list") as pool:
        try:
            yield from ahead.pages(pool)
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


class _Ahead:
    def __init__(
        self,
        source: Source,
        after: str | None,
        listed: Callable[[Source, str | None, Patience], Iterator[list[Entry]]],
        stop: threading.Event,
    ) -> None:
        self._source = source
        self._listed = listed
        self._stop = stop
        self._patience = Patience(stop, Gate(1))
        self._ends = self._folder_ends(after)
        self._start: str | None = after
        self._is_divided = False
        self._folders = 1

    def pages(self, pool: ThreadPoolExecutor) -> Iterator[list[Entry]]:
        begun: deque[_Stretch] = deque()
        while True:
            while not self._is_divided and len(begun) < THREADS:
                begun.append(self._next())
                pool.submit(self._list, begun[-1])
            if not begun:
                return
            keys = 0
            stretch = begun.popleft()
            while (page := stretch.pages.get()) is not None:
                if isinstance(page, Exception):
                    raise page
                keys += len(page)
                yield page
            self._fit(keys, stretch.folders)

    def _fit(self, keys: int, folders: int) -> None:
        """How many folders the next stretch has, as the one that was listed last had so many keys."""
        self._folders = max(1, min(2 * self._folders, STRETCH * folders // max(1, keys)))

    def _next(self) -> _Stretch:
        ends = list(itertools.islice(self._ends, self._folders))
        end = ends[-1] if len(ends) == self._folders else None
        stretch = _Stretch(self._start, end, len(ends))
        self._start, self._is_divided = end, end is None
        return stretch

    def _list(self, stretch: _Stretch) -> None:
        try:
            for page in self._listed(self._source, stretch.start, self._patience):
                inside = page if stretch.end is None else [entry for entry in page if entry.key <= stretch.end]
                self._put(stretch, inside)
                if len(inside) < len(page):
                    break
            self._put(stretch, None)
        except Exception as error:  # noqa: BLE001  # raised where it is the turn of the stretch
            self._put(stretch, error)

    def _put(self, stretch: _Stretch, page: list[Entry] | Exception | None) -> None:
        while not self._stop.is_set():
            try:
                stretch.pages.put(page, timeout=0.1)
            except queue.Full:
                continue
            return
        raise StoreError("interrupted", "interrupted")

    def _folder_ends(self, after: str | None) -> Iterator[str]:
        """Keys at which to divide, in order: each is before a folder, whose keys are behind it."""
        store = self._source.store
        if not isinstance(store, S3):
            return
        last = after or ""
        for folders in _levels(store, self._source.url.prefix, after, self._patience):
            for folder in folders:
                end = folder[:-1] + "."  # the character before the slash: all that is in the folder is behind it
                if end > last:
                    yield end
                    last = end


def _levels(store: S3, prefix: str, after: str | None, patience: Patience) -> Iterator[list[str]]:
    """The folders of the first level that has more than one. Ends where there are more objects beside them."""
    try:
        for _ in range(DEPTH):
            folders, _, is_last = next(store.folders(prefix, None, patience))
            if len(folders) != 1 or not is_last:
                break
            (prefix,) = folders
        else:
            return
        pages = store.folders(prefix, after, patience)
        folders, objects, is_last = next(pages)
        while folders and len(folders) >= objects:
            yield folders
            if is_last:
                return
            folders, objects, is_last = next(pages)
    except StoreError:
        return  # the listing itself will say what is wrong
