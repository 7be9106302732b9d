"""The ledger: a folder with the report of each shard that is done.

A report gets its name when it is whole, by a link that only one run can make. Until then it is "NAME.jsonl.ID.part", of
a run that goes on or was cut short.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
from typing import TYPE_CHECKING, Any

from dicomblank.shards.locks import locked
from dicomblank.shards.manifest import ENDING
from dicomblank.shards.reports import ReportError, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dicomblank._core import Report
    from dicomblank.inputs import StrPath

__all__ = ["Ledger", "LedgerError"]

# What runs over one shard may differ in.
OF_A_RUN = ("start",)


class LedgerError(ValueError):
    """A report of the ledger is of another run than this one: which, and in what they differ."""


class Ledger:
    """The place of one shard in the ledger."""

    def __init__(self, folder: StrPath, shard: str) -> None:
        os.makedirs(folder, exist_ok=True)
        self._folder = os.fspath(folder)
        self._name = shard + ENDING
        #: Where its report is, once it is whole.
        self.path = os.path.join(self._folder, self._name)
        self._version: tuple[int, ...] = ()
        self._had: tuple[dict[str, Any], Report] | None = None

    @contextlib.contextmanager
    def claimed(self) -> Iterator[str]:
        """Holds the shard for this process, and gives the path for its report.

        What runs that were cut short have left of theirs is removed. Raises `BlockingIOError` where another process
        holds it.
        """
        lock = f"{self.path}.lock"
        os.close(os.open(lock, os.O_CREAT | os.O_WRONLY, 0o666))
        with locked(lock, "another run is at this shard") as is_held:
            for name in os.listdir(self._folder):
                if is_held and name.startswith(self._name + ".") and name.endswith(".part"):
                    os.unlink(os.path.join(self._folder, name))
            yield f"{self.path}.{secrets.token_hex(8)}.part"
            # Who waited for it holds a file without a name now, and finds the report.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(lock)

    def publish(self, part: str, *, is_anew: bool) -> None:
        """Gives a whole report its name; `is_anew`, that of one that is there.

        Where a run that was not kept apart by a lock has been faster, its report stays, and this one goes.
        """
        with open(part, "rb") as file:
            os.fsync(file.fileno())
        if is_anew:
            os.replace(part, self.path)
        else:
            try:
                _name_new(part, self.path)
            except FileExistsError:
                if os.path.getsize(self.path) > 0:
                    os.unlink(part)
                else:
                    os.replace(part, self.path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def report(self, asked: str) -> Report | None:
        """What became of the shard, by its report; None if there is none that is whole.

        `asked` is the first row that a report of this run has. Raises `LedgerError` where the one that is there was
        made by another version, at another level, with another key, of another manifest, or to another place.
        """
        try:
            first, report = self._read()
        except FileNotFoundError:
            return None
        except ReportError as error:
            if os.path.getsize(self.path) == 0:
                return None  # its name was made, and the run was cut short before it came there
            raise LedgerError(f"{self.path}: {error}; remove it to have the shard done again") from None
        wanted = json.loads(asked)
        differ = sorted(word for word in first.keys() | wanted.keys() if first.get(word) != wanted.get(word))
        differ = [word for word in differ if word not in OF_A_RUN]
        if differ:
            what = " and ".join(filter(None, (", ".join(differ[:-1]), differ[-1])))
            raise LedgerError(f"{self.path} is of a run with another {what}: name another ledger")
        return report

    def _read(self) -> tuple[dict[str, Any], Report]:
        """The report, which is read again only where another one has its name."""
        status = os.stat(self.path)
        version = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
        if self._had is None or version != self._version:
            self._had, self._version = read(self.path), version
        return self._had


def _name_new(part: str, path: str) -> None:
    """Gives a file a name that none has. Raises `FileExistsError` where one has."""
    try:
        os.link(part, path)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}:
            raise
        # Without links: the name is made, and then it is that of the report.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        os.replace(part, path)
    else:
        os.unlink(part)
