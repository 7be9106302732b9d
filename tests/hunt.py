"""Hunts for planted values that a reader still shows in a file that dicomblank reported as done.

Also in one that was reported as no DICOM file. A finding is a reader, what the file was made of, and the number of the
case; never a value.
"""

from __future__ import annotations

import itertools
import multiprocessing
import re
import tempfile
import time
import zlib
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import dicomblank
from dicomblank.tags import spell
from elements import DEFLATED, EXPLICIT, LONG, UNDEFINED, VRS, part10
from planted import case, is_planted
from readers import DCMDUMP, dcmdump, everyone, leaks
from second_reader import core_walk, flat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from planted import Case
    from readers import Shown
    from second_reader import Met

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
    """The results of some cases."""

    outcomes: Counter[str] = field(default_factory=Counter)
    read: int = 0
    """Files that had to be shown to the readers, since markers are left in them."""
    leaks: list[Leak] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add another tally."""
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
            if found:
                otherwise = Otherwise.of(data)
                # Of a value that is cut short dcmdump prints what is left in its memory, of other files too.
                again = dcmdump([path], DCMDUMP[reader])[path] if reader in DCMDUMP else lines
                found = leaks([line for line in again if not otherwise.explains(line)], blanked)
            for tags in found[:1]:
                yield Leak(each.number, each.kind, said, reader, ".".join(spell(tag) for tag in tags))


# What blanks read as, where a reader takes a blanked value for a header.
BLANKS = 0x2020_2020
# The length that a reader prints of a value.
_LENGTH = re.compile(r" # +(\d+),")


@dataclass(frozen=True)
class Otherwise:
    """Where a reader may show more than we blank: what stands behind it is of other elements, which are not listed.

    The walk has come to each of these and blanked what is listed. `verify` calls that `differs`, and no leak.
    """

    odd: frozenset[int] = frozenset()
    """Tags of elements whose VR is none: readers differ in where they end."""
    rooms: dict[int, int] = field(default_factory=dict)
    """How many bytes the largest sequence of a tag holds: a longer element in it reaches over its end."""
    size: int = 0
    """Of the file, which a longer element reaches over."""

    @classmethod
    def of(cls, data: bytes) -> Otherwise:
        """What is so in a file."""
        data = inflated(data)
        try:
            walk = list(flat(core_walk(data)))
        except dicomblank.Error:
            return cls(size=len(data))  # reported as no DICOM file: nothing was blanked
        odd = {met.tag for met in walk if is_odd(data, met)}
        rooms: dict[int, int] = {}
        for met in walk:
            if met.is_sequence:
                inside = [each for item in met.items for each in flat(item)]
                end = max((each.start + (each.length or 0) for each in inside), default=met.start)
                rooms[met.tag] = max(rooms.get(met.tag, 0), end - met.start, met.length or 0)
        return cls(frozenset(odd | {BLANKS}), rooms, len(data))

    def explains(self, line: Shown) -> bool:
        """Whether what is shown may be more than what was blanked."""
        length = max(map(int, _LENGTH.findall(line.text)[-1:]), default=0)
        room = max((self.rooms[tag] for tag in line.tags[:-1] if tag in self.rooms), default=self.size)
        reaches_over = bool(room) and length > room
        return reaches_over or not self.odd.isdisjoint(line.tags)


def inflated(data: bytes) -> bytes:
    """A deflated file with its data set as it is walked; others as they are."""
    at = 132
    while data[at : at + 2] == b"\2\0":
        is_long = data[at + 4 : at + 6].decode("latin-1") in LONG
        at += (
            12 + int.from_bytes(data[at + 8 : at + 12], "little") if is_long else 8 + data[at + 6] + data[at + 7] * 256
        )
    if DEFLATED.encode() not in data[:at]:
        return data
    try:
        data_set = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data[at:])
    except zlib.error:
        return data
    return part10(EXPLICIT.uid, data_set)


def is_odd(data: bytes, met: Met) -> bool:
    """Whether the header of an element that the walk has come to states a VR, and none of the standard's."""
    before = data[max(met.start - 8, 0) : met.start].rjust(8, b"\0")
    long, reserved, short = before[:2], before[2:4], before[4:6]
    if short.decode("latin-1") in VRS or long.decode("latin-1") in VRS:
        return False
    is_long = long.isascii() and long.decode().isprintable() and reserved == b"\0\0"
    has_no_vr = int.from_bytes(before[4:], "little") == (UNDEFINED if met.length is None else met.length)
    return is_long or not has_no_vr


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
