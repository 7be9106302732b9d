"""Hunts for planted values that a reader still shows in a file of which dicomblank has said that it is done.

Also in one that is said to be no DICOM file. A finding is a reader, what the file was made of, and the number of the
case; never a value.
"""

from __future__ import annotations

import itertools
import multiprocessing
import tempfile
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import dicomblank
from dicomblank.tags import spell
from generated import VRS
from planted import DEFLATED, case, is_planted
from readers import DCMDUMP, dcmdump, everyone, leaks
from second_reader import core_walk, flat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from planted import Case

# Files given to a reader at once, and cases made for that at a time; of the latter some 15 % are left to be read.
BATCH = 64
CHUNK = 400
PROCESSES = 2


@dataclass(frozen=True)
class Leak:
    """A planted value that is shown."""

    number: int
    kind: str
    outcome: str
    reader: str
    path: str

    def __str__(self) -> str:
        return f"{self.number} ({self.kind}, {self.outcome}): {self.reader} at {self.path}"


@dataclass
class Tally:
    """What some cases came to."""

    outcomes: Counter[str] = field(default_factory=Counter)
    read: int = 0
    """Files that had to be shown to the readers, since markers are left in them."""
    leaks: list[Leak] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Takes another tally in."""
        self.outcomes += other.outcomes
        self.read += other.read
        self.leaks += other.leaks

    def lines(self) -> list[str]:
        """The kinds of the leaks, each with how many cases each reader shows, and the first of them."""
        kinds: dict[tuple[str, str], list[Leak]] = {}
        for leak in self.leaks:
            kinds.setdefault((leak.kind.partition(",")[0], leak.outcome), []).append(leak)
        lines = []
        for (kind, said), leaks_of_kind in sorted(kinds.items()):
            readers = Counter(leak.reader for leak in leaks_of_kind)
            shown_by = ", ".join(f"{reader} {count}" for reader, count in sorted(readers.items()))
            numbers = sorted({leak.number for leak in leaks_of_kind})
            lines.append(f"{kind} | {said} | {shown_by} | cases {numbers[:10]}")
        return lines


def outcome(each: Case) -> tuple[str, bytes]:
    """What a run says of a file ("done", "not-dicom", "refused"), and the bytes that it leaves."""
    try:
        return "done", dicomblank.anonymize_bytes(each.data, each.rules)
    except dicomblank.NotDicomError:
        return "not-dicom", each.data
    except dicomblank.Error:
        return "refused", each.data


def judge(seed: str, numbers: Iterable[int]) -> Tally:
    """Makes these cases, runs over them, and asks every reader that is installed."""
    tally = Tally()
    left: list[tuple[Case, str, bytes]] = []
    for each in (case(seed, number) for number in numbers):
        said, data = outcome(each)
        tally.outcomes[said] += 1
        # Without a marker in it no file can show one, unless a reader inflates it.
        if said != "refused" and (is_planted(data) or DEFLATED.encode() in data):
            left.append((each, said, data))
    tally.read = len(left)
    for start in range(0, len(left), BATCH):
        tally.leaks += _shown(left[start : start + BATCH])
    return tally


def _shown(files: Sequence[tuple[Case, str, bytes]]) -> Iterator[Leak]:
    with tempfile.TemporaryDirectory() as folder:
        about = {Path(folder) / f"{each.number}.dcm": (each, said, data) for each, said, data in files}
        for path, (_, _, data) in about.items():
            path.write_bytes(data)
        for path, reader, lines in everyone({path: data for path, (_, _, data) in about.items()}):
            each, said, data = about[path]
            blanked = frozenset(each.rules.blanked)
            found = leaks(lines, blanked)
            odd = read_otherwise(data) if found else frozenset()
            found = [tags for tags in found if odd.isdisjoint(tags)]
            # Of a value that is cut short dcmdump prints what is left in its memory, of another file of the batch too.
            if found and reader in DCMDUMP:
                found = leaks(dcmdump([path], DCMDUMP[reader])[path], blanked)
                found = [tags for tags in found if odd.isdisjoint(tags)]
            for tags in found[:1]:
                yield Leak(each.number, each.kind, said, reader, ".".join(spell(tag) for tag in tags))


# What blanks read as, where a reader takes a blanked value for a header.
BLANKS = 0x2020_2020


def read_otherwise(data: bytes) -> frozenset[int]:
    """Tags of which a reader may show more than we blank: their VR is none, and readers differ in where they end.

    The walk has come to each of them and blanked what is listed. What stands behind is of other elements, which are not
    listed: `verify` calls that `differs`, and no leak.
    """
    odd = {BLANKS}
    try:
        walk = flat(core_walk(data))
    except dicomblank.Error:
        return frozenset()  # it is said to be no DICOM file: nothing was blanked
    for met in walk:
        short, long = data[met.start - 4 : met.start - 2], data[met.start - 8 : met.start - 6]
        is_stated = long == b"UN" or short.decode("latin-1") in VRS
        if met.vr == "UN" and not is_stated and all(0x20 <= letter < 0x7F for letter in short):
            odd.add(met.tag)
    return frozenset(odd)


def hunt(seed: str, count: int, seconds: float | None = None) -> Tally:
    """The first `count` cases, or as many as `seconds` are enough for, by two processes."""
    end = None if seconds is None else time.monotonic() + seconds
    numbers = iter(range(count)) if end is None else itertools.count()
    chunks = iter(lambda: list(itertools.islice(numbers, CHUNK)), [])
    tally = Tally()
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        waiting = {pool.submit(judge, seed, chunk) for chunk in itertools.islice(chunks, PROCESSES)}
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for each in done:
                tally.add(each.result())
            if end is None or time.monotonic() < end:
                waiting |= {pool.submit(judge, seed, chunk) for chunk in itertools.islice(chunks, len(done))}
    tally.leaks.sort(key=lambda leak: (leak.number, leak.reader))
    return tally
