"""Finds the process that is at a shard by the lock that it holds, and kills it in the middle of it."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from dicomblank.shards import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDING = ".lock"
PROC = Path("/proc")


class Victim(NamedTuple):
    """A process that was killed."""

    pid: int
    shard: str
    done: int
    """Files of its shard whose copies were there when it was killed."""


class Killer(threading.Thread):
    """Kills one process below this one in the middle of a shard: some files of it are done, and some are not."""

    def __init__(self, manifests: tuple[str, ...], output: Path, ledger: Path) -> None:
        super().__init__(daemon=True)
        self._manifests = {Path(path).stem: Manifest.read(path) for path in manifests}
        self._output = output
        self._ledger = ledger
        self._ended = threading.Event()
        self.victim: Victim | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        # Not the first shard that comes: the run is to be in the middle, too.
        while not self._ended.is_set() and len(list(self._ledger.glob("*.jsonl"))) < len(self._manifests) // 4:
            time.sleep(0.002)
        while not self._ended.is_set() and self.victim is None:
            for pid, shard in holders(self._ledger):
                self.victim = self._kill(pid, shard)
                if self.victim is not None:
                    return

    def _kill(self, pid: int, shard: str) -> Victim | None:
        os.kill(pid, signal.SIGSTOP)
        wait_until_stopped(pid)
        # What it holds is looked at again: it may have gone on until it was stopped.
        is_at_it = (pid, shard) in set(holders(self._ledger, [pid]))
        entries = self._manifests[shard].entries
        done = sum((self._output / entry.key).exists() for entry in entries)
        is_killed = is_at_it and 0 < done < len(entries) and not (self._ledger / f"{shard}.jsonl").exists()
        os.kill(pid, signal.SIGKILL if is_killed else signal.SIGCONT)
        return Victim(pid, shard, done) if is_killed else None


def wait_until_stopped(pid: int) -> None:
    """Until each thread of a process stands still: one that is in a call goes on until that returns."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            stats = [(task / "stat").read_text() for task in (PROC / str(pid) / "task").iterdir()]
        except OSError:
            continue  # a thread has ended meanwhile
        if all(stat.rpartition(")")[2].split()[0] in {"T", "t"} for stat in stats):
            return
        time.sleep(0.001)


def holders(ledger: Path, among: list[int] | None = None) -> Iterator[tuple[int, str]]:
    """The processes below this one that are at a shard, each with the shard."""
    for pid in descendants(os.getpid()) if among is None else among:
        try:
            links = [os.fspath(link.readlink()) for link in (PROC / str(pid) / "fd").iterdir()]
        except OSError:
            continue  # it has ended, or closed a file meanwhile
        for link in links:
            if link.startswith(f"{ledger}/") and link.endswith(ENDING):
                yield pid, Path(link).name.removesuffix(ENDING).removesuffix(".jsonl")


def descendants(pid: int) -> list[int]:
    """All processes below one."""
    found = []
    for thread in (PROC / str(pid) / "task").glob("*/children"):
        try:
            children = [int(word) for word in thread.read_text().split()]
        except OSError:
            continue
        found += children + [below for child in children for below in descendants(child)]
    return found


def listening(pid: int) -> set[str]:
    """The addresses on which a process and all below it listen, as the kernel writes them."""
    sockets = set()
    for one in (pid, *descendants(pid)):
        try:
            links = [os.fspath(link.readlink()) for link in (PROC / str(one) / "fd").iterdir()]
        except OSError:
            continue
        sockets |= {link[8:-1] for link in links if link.startswith("socket:[")}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in (PROC / "net" / table).read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in sockets:
                found.add(words[1].rpartition(":")[0])
    return found


#: 127.0.0.1, and the same within IPv6.
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F"}
