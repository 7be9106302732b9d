"""Locks that end with their process, however that ends."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["locked"]


@contextlib.contextmanager
def locked(path: str, why_not: str) -> Iterator[bool]:
    """Holds a lock on the file or folder `path`, which is there. Gives whether it does.

    Raises `BlockingIOError` with `why_not` where another process holds it. A file system without locks gives none: what
    is done under a lock here comes to no harm if it is done twice, it only takes longer.
    """
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        is_held = True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BlockingIOError(errno.EWOULDBLOCK, why_not, path) from None
        except OSError as error:
            if error.errno not in {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF, errno.EINVAL}:
                raise
            is_held = False
        yield is_held
    finally:
        os.close(file)
