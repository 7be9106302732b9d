"""SIGINT and SIGTERM, as the command takes them. The API installs nothing: there Python's own KeyboardInterrupt counts.

Nothing is raised out of a handler: it may run anywhere, also where an exception would be swallowed or half a thing
done. While nothing is being written the process leaves at once; a run is asked to stop, and comes to its own end.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` would load enum first, and a signal may come meanwhile
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SIGNALS"]


class _Signals:
    """What the two signals do."""

    def __init__(self) -> None:
        self.received = 0
        """The signal that stopped a run; 0 if none did. A second one changes nothing: the end is near anyway."""
        self._stop: Callable[[], None] | None = None

    def install(self) -> None:
        """Takes over both signals, unless the process was started with them ignored, as nohup does."""
        for number in (_signal.SIGINT, _signal.SIGTERM):
            if _signal.getsignal(number) != _signal.SIG_IGN:
                _signal.signal(number, self._take)

    def stop_with(self, stop: Callable[[], None] | None) -> None:
        """From now on a signal calls `stop`; without one it ends the process."""
        self._stop = stop

    def ignore(self) -> None:
        """From now on signals do nothing: the exit code is known, and the interpreter is to end undisturbed."""
        for number in (_signal.SIGINT, _signal.SIGTERM):
            _signal.signal(number, _signal.SIG_IGN)

    def _take(self, number: int, _frame: object) -> None:
        if self.received:
            return
        if self._stop is None:
            _leave(number)
        else:
            self.received = number
            self._stop()


SIGNALS = _Signals()


def _leave(number: int) -> None:
    """Ends the process. Nothing is half written; what is not yet printed is dropped, since nobody may be reading."""
    try:
        os.write(2, b"interrupted\n")
    except OSError:
        pass
    finally:
        os._exit(128 + number)
