"""Threads that do one object after the other, and the thread that lists them."""

from __future__ import annotations

import queue
import threading
from collections import deque

from dicomblank.stores.faults import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dicomblank._core import Objects
    from dicomblank.stores.objects import Done
    from dicomblank.stores.patience import Gate, Patience
    from dicomblank.stores.places import Source
    from dicomblank.stores.store import Entry

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
        pages: Callable[[Patience], Iterator[tuple[Source, list[Entry] | StoreError]]],
        work: Callable[[tuple[Source, Entry]], Done],
        control: tuple[Gate, Patience, threading.Event],
        whole: int,
    ) -> None:
        self._objects = objects
        self._list = pages
        self._work = work
        self._gate, self._patience, self._stop = control
        self._whole = whole
        self._pages: queue.Queue[tuple[Source, list[Entry]] | None] = queue.Queue(PAGES)
        self._taking = threading.Lock()
        self._page: Iterator[tuple[Source, Entry]] = iter(())
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
                self.found += len(page)
                if not self._hand_on((source, page)):
                    break
        except BaseException as bug:  # noqa: BLE001  # told by the thread of the caller
            self.results.append(bug)
        finally:
            self.is_listing = False
            self._hand_on(None)

    def _unlisted(self, source: Source, error: StoreError) -> None:
        """Tells of a source that can't be listed to its end, unless the run was stopped."""
        if error.kind != "interrupted":
            message = f"can't be listed: {error.message}"
            self.results.append((self._objects.failed(source.number, "", error.kind, message), None))

    def _hand_on(self, page: tuple[Source, list[Entry]] | None) -> bool:
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
                size = self._bytes_of(item[1].size)
                self._gate.enter(size)
                try:
                    self.results.append(self._work(item))
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
        return IN_PARTS if size > self._whole else COPIES * size

    def _next(self) -> tuple[Source, Entry] | None:
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
