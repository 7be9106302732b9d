"""How often something is tried, and how many are in flight: fewer where the store asks for it."""

from __future__ import annotations

import random
import threading
import time

from dicomblank.stores.faults import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["Gate", "Patience"]

#: The first and the longest pause before another try, in seconds. Each is a random part of its length.
FIRST, LONGEST = 0.1, 15.0
#: For how long a request is tried that fails, and one that is throttled.
FAILING, THROTTLED = 180.0, 1800.0
#: Bytes that are in memory at a time, as far as objects count.
MOST_BYTES = 192 * 1024 * 1024
#: Smaller objects don't count: 256 of them are few bytes.
COUNTED = 128 * 1024
#: The number in flight is halved at most so often, in seconds: one burst of refusals is one sign.
CALM = 1.0


class Gate:
    """Lets so many objects in at a time, and so many bytes of them."""

    def __init__(self, most: int, most_bytes: int = MOST_BYTES) -> None:
        self.most = most
        #: How many may be in now.
        self.limit = most
        self.inside = 0
        self._most_bytes = most_bytes
        self._bytes = 0
        self._done = 0
        self._slowed = -CALM
        self._changed = threading.Condition()

    def enter(self, size: int) -> None:
        """Waits until there is room for an object that takes `size` bytes. One alone always has room."""
        size = size if size > COUNTED else 0
        with self._changed:
            while self.inside >= self.limit or (size and self._bytes and self._bytes + size > self._most_bytes):
                self._changed.wait()
            self.inside += 1
            self._bytes += size

    def leave(self, size: int) -> None:
        """Makes room again."""
        size = size if size > COUNTED else 0
        with self._changed:
            self.inside -= 1
            self._bytes -= size
            if self.limit < self.most:
                self._done += 1
                if self._done >= self.limit:
                    self.limit, self._done = self.limit + 1, 0
            self._changed.notify_all() if size else self._changed.notify()

    def slow_down(self) -> None:
        """The store asks for fewer requests: half as many from now on, and more again as objects are done."""
        with self._changed:
            if time.monotonic() - self._slowed >= CALM:
                self._slowed = time.monotonic()
                self.limit, self._done = max(1, self.limit // 2), 0


class Patience:
    """Tries again what fails, with longer and longer pauses, until the run is stopped."""

    def __init__(self, stop: threading.Event, gate: Gate) -> None:
        self._stop = stop
        self._gate = gate

    def check(self) -> None:
        """Raises a `StoreError` of the kind "interrupted" once the run is stopped."""
        if self._stop.is_set():
            raise StoreError("interrupted", "interrupted")

    def __call__(self, work: Callable[[int], T]) -> T:
        """What `work` returns; it is called with the number of the try, from 0 on. Raises its last `StoreError`."""
        start = time.monotonic()
        tries = 0
        while True:
            try:
                return work(tries)
            except StoreError as error:
                if not error.is_passing:
                    raise
                if error.is_throttled:
                    self._gate.slow_down()
                longest = THROTTLED if error.is_throttled else FAILING
                pause = random.uniform(0.2, 1.0) * min(LONGEST, FIRST * 2 ** min(tries, 10))  # noqa: S311
                if time.monotonic() + pause - start > longest:
                    raise
                if self._stop.wait(pause):
                    raise StoreError("interrupted", "interrupted") from error
                tries += 1
