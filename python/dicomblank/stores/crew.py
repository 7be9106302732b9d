"""Threads that do one object after the other, and the thread that lists them."""

from __future__ import annotations

import functools
import queue
import threading
from collections import deque

from dicomblank.stores.faults import StoreError
from dicomblank.stores.store import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from dicomblank._core import Object, Objects
    from dicomblank.stores.disk import Files
    from dicomblank.stores.objects import Done, Worker
    from dicomblank.stores.patience import Gate, Patience
    from dicomblank.stores.places import Source

    #: The objects of each source, a page at a time, or why there are no more; None for a source on a disk.
    Pages: TypeAlias = Callable[[Patience], Iterator[tuple[Source | Files, list[Entry] | StoreError | None]]]

__all__ = ["Crew"]

#: Pages that are listed ahead.
PAGES = 2
#: What an object in parts takes in memory, in bytes, and how often an object that is whole is there.
IN_PARTS, COPIES = 48 * 1024 * 1024, 3


class Crew:
    """Lists the objects of all sources and has `work` done to each, by as many threads as the gate has places.

    `results` gets what is done of each object; the exception of a thread that has a bug; and at last None. The
    caller's thread looks for them now and then: woken for each, it would take the GIL from the threads more often.
    """

    def __init__(
        self,
        objects: Objects,
        pages: Pages,
        work: Worker,
        control: tuple[Gate, Patience, threading.Event],
    ) -> None:
        self._objects = objects
        self._list = pages
        self._work = work
        self._gate, self._patience, self._stop = control
        self._pages: queue.Queue[tuple[Source | Files, list[Entry]] | None] = queue.Queue(PAGES)
        self._taking = threading.Lock()
        self._page: Iterator[tuple[Source | Files, Entry]] = iter(())
        self._left = self._gate.most
        self.results: deque[Done | BaseException | None] = deque()
        #: Objects listed so far, and whether there may be more.
        self.found, self.is_listing = 0, True

    def start(self) -> list[threading.Thread]:
        """Starts all threads. They end by themselves when all is done, or soon after the stop is set."""
        threads = [threading.Thread(target=self._lists, name="dicomblank-list")]
        names = (f"dicomblank-{number}" for number in range(self._gate.most))
        threads += [threading.Thread(target=self._works, name=name) for name in names]
        for thread in threads:
            thread.start()
        return threads

    def _lists(self) -> None:
        try:
            for source, page in self._list(self._patience):
                if isinstance(page, StoreError):
                    self._unlisted(source, page)
                    continue
                if page is None:  # the core lists what is on a disk
                    self._objects.list(source.number, functools.partial(self._take, source))
                    continue
                self.found += len(page)
                if not self._hand_on((source, page)):
                    break
        except BaseException as bug:  # noqa: BLE001  # told by the thread of the caller
            self.results.append(bug)
        finally:
            self.is_listing = False
            self._hand_on(None)

    def _take(self, source: Source | Files, found: list[str] | Object) -> bool:
        """Takes what the core has listed. Whether it is to go on."""
        if isinstance(found, list):
            self.found += len(found)
            return self._hand_on((source, [Entry(name, 0, None) for name in found]))
        self.found += 1
        self.results.append((found, None))
        return not self._stop.is_set()

    def _unlisted(self, source: Source | Files, error: StoreError) -> None:
        """Tells of a source that can't be listed to its end, unless the run was stopped."""
        if error.kind != "interrupted":
            message = f"can't be listed: {error.message}"
            self.results.append((self._objects.failed(source.number, "", error.kind, message), None))

    def _hand_on(self, page: tuple[Source | Files, list[Entry]] | None) -> bool:
        """Waits for room. Whether there was some before the stop."""
        while not self._stop.is_set():
            try:
                self._pages.put(page, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def _works(self) -> None:
        try:
            while (item := self._next()) is not None:
                source, entry = item[0], item[0].sized(item[1])
                size = self._bytes_of(entry.size)
                self._gate.enter(size)
                try:
                    self.results.append(self._work(source, entry))
                finally:
                    self._gate.leave(size)
        except BaseException as bug:  # noqa: BLE001  # told by the thread of the caller
            self.results.append(bug)
        finally:
            with self._taking:
                self._left -= 1
                is_last = not self._left
            if is_last:
                self.results.append(None)

    def _bytes_of(self, size: int) -> int:
        return IN_PARTS if size > self._work.whole else COPIES * size

    def _next(self) -> tuple[Source | Files, Entry] | None:
        with self._taking:
            while not self._stop.is_set():
                item = next(self._page, None)
                if item is not None:
                    return item
                try:
                    page = self._pages.get(timeout=0.1)
                except queue.Empty:
                    continue
                if page is None:
                    self._pages.put(None)  # for the others
                    return None
                source, entries = page
                self._page = ((source, entry) for entry in entries)
            return None
