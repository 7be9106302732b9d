"""Runs every program on every corpus, in turn, each time on files that no one has touched."""

from __future__ import annotations

import datetime as dt
import shutil
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benches.peers import corpora, machine, markers
from benches.peers.launching import run
from benches.peers.programs import Kind

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from benches.peers.programs import Program

#: Of a run, about. The peers start slowly, which should not count for much.
SECONDS, PEER_SECONDS = 1.0, 3.5
#: Runs in a round, in memory, of what is no peer: the bars compare these, and a median of more is firmer.
TIMES = 2
#: Of all copies of a run at most, in bytes: it then ends before their memory is given back (see `_have_memory`).
COPIED = 640 * 1000 * 1000
#: After so many seconds free memory is with the host again, and some.
GIVEN_BACK = 2.5
#: What the largest run holds at once, copies included.
WANTED = 6 * machine.GIB
QUICK = 0.01
#: On a disk, so many times the files that there are in memory; and the bytes of all runs, which stay until the end.
DISK, DISK_WANTED = 0.1, 40 * machine.GIB
FILES_CHECKED = 200
HEAD, TAIL = 8 * 1024 * 1024, 1024 * 1024  # of a file searched for values: between are pixels, where none was ever


@dataclass
class Row:
    """All runs of one program on one corpus in one place."""

    place: str
    corpus: str
    program: str
    files: int
    size: int
    """Of all files together, in bytes."""
    seconds: list[float] = field(default_factory=list)
    call_seconds: list[float] = field(default_factory=list)
    peak_kib: int = 0
    left_top: int | None = None
    left_nested: int | None = None
    missing: int = 0
    failure: str | None = None

    @property
    def median(self) -> float:
        """The median run, in seconds."""
        return statistics.median(self.seconds)

    @property
    def median_call(self) -> float:
        """The median of what the program itself measured, in seconds."""
        return statistics.median(self.call_seconds)

    def as_json(self) -> dict[str, Any]:
        """The row for results.json."""
        return asdict(self)


class Measurement:
    """The rows so far, of all rounds."""

    def __init__(self, listed: list[Program], options: argparse.Namespace) -> None:
        self.programs = chosen(listed, options.only)
        self.quick = options.quick
        room = min(machine.available_memory() // 2, machine.free(options.memory))
        self.scale = QUICK if self.quick else min(1.0, room / WANTED)
        self.turns = 0
        self.rows: dict[tuple[str, str, str], Row] = {}

    def small(self, place: str, folder: Path, *, sync: bool, scale: float = 1.0) -> None:
        """One round of the small corpora in `folder`; with `sync`, until all is on the disk."""
        for number, corpus in enumerate(corpora.SMALL):
            fast = [program for program in self.programs if program.kind is not Kind.PEER]
            for program in [*self.programs, *fast * (0 if sync else TIMES - 1)]:
                seconds = PEER_SECONDS if program.kind is Kind.PEER else SECONDS
                count = max(10, int(program.rates[number] * seconds * self.scale * scale))
                if not program.in_place:
                    count = min(count, COPIED // corpus.size)
                if program.wants_target:
                    count = min(count, corpora.FILES_IN_FOLDER)
                self._turn(place, folder, corpus, program, count, sync=sync)

    def large(self, place: str, folder: Path, *, memory: int) -> None:
        """One round of the large files; a peer may need several times the file's size, of `memory` bytes."""
        for listed in corpora.LARGE:
            corpus = replace(listed, size=listed.size // 10) if self.scale < 0.1 else listed
            for program in self.programs:
                if not program.large:
                    continue
                if program.kind is Kind.PEER and memory < 8 * corpus.size:
                    print(f"{program.name} is not run on {corpus.name}: too little memory to be sure")
                    continue
                self._turn(place, folder, corpus, program, 1, sync=False)

    def disk(self, options: argparse.Namespace) -> None:
        """All rounds of the small corpora on a disk: fewer files, for there each run is written out."""
        options.disk.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=options.disk, prefix="dicomblank-"))
        try:
            scale = DISK * min(1.0, machine.free(folder) / DISK_WANTED)
            for _ in range(options.rounds):
                self.small("disk", folder, sync=True, scale=scale)
        finally:
            shutil.rmtree(folder)

    def _turn(
        self,
        place: str,
        folder: Path,
        corpus: corpora.Small | corpora.Large,
        program: Program,
        count: int,
        *,
        sync: bool,
    ) -> None:
        key = (place, corpus.name, program.name)
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = Row(place, corpus.name, program.name, count, count * corpus.size)
        if row.failure:
            return
        print(f"{place:<8} {corpus.name:<20} {program.name}", flush=True)
        # A new name each time: on ext4 a mass of deletions slows what is made after it, so a disk is emptied last.
        self.turns += 1
        turn = folder / str(self.turns)
        source, target = turn / "files", turn / "copies"
        corpus.write(source, count)
        if sync:
            run(["true"], folder, sync=folder)
        if program.wants_target:
            target.mkdir()
        if not (program.in_place or sync or self.quick):
            _have_memory(turn / "ballast", count * corpus.size)
        result = run(program.command(source, target), folder, sync=folder if sync else None)
        row.failure = result.failure
        row.seconds.append(result.seconds)
        row.peak_kib = max(row.peak_kib, result.peak_kib)
        if result.call_seconds is not None:
            row.call_seconds.append(result.call_seconds)
        if row.left_top is None and not row.failure:
            self._check(row, source if program.in_place else target)
        if not sync:
            shutil.rmtree(turn)

    @staticmethod
    def _check(row: Row, output: Path) -> None:
        found = sorted(files(output))
        row.missing = row.files - len(found)
        step = max(1, len(found) // FILES_CHECKED)
        left = markers.left_in(part for path in found[::step] for part in _ends(path))
        row.left_top, row.left_nested = left


def chosen(listed: list[Program], words: list[str] | None) -> list[Program]:
    """The programs that are there, and have one of the words in their name if there are any."""
    return [one for one in listed if one.version is not None and any(word in one.name for word in words or [""])]


def about(measurement: Measurement, options: argparse.Namespace) -> dict[str, Any]:
    """What every table says: when, where and what is measured."""
    return {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": machine.machine(),
        "rounds": options.rounds,
        "times": TIMES,
        "quick": options.quick,
        "values": 2 * len(markers.ANONYMIZE_FULL),
        "places": {
            "memory": f"in memory ({machine.file_system(options.memory)})",
            "disk": f"on a disk ({machine.file_system(options.disk)}), until all is written out",
        },
        "programs": [
            {"name": one.name, "kind": one.kind.value, "version": one.version, "note": one.note, "blanks": one.blanks}
            for one in measurement.programs
        ],
    }


def _have_memory(path: Path, size: int) -> None:
    """Fill and free as much memory as the copies will take.

    A virtual machine may give free memory back to its host, two seconds after it became free, and a page that it has to
    ask for again costs several times the copying: a program would pay for what the one before it has left. What that
    one freed is waited for first; else this would be given back with it.
    """
    time.sleep(GIVEN_BACK)
    piece = bytes(1024 * 1024)
    with path.open("wb") as file:
        for _ in range(0, size, len(piece)):
            file.write(piece)
    path.unlink()


def files(folder: Path) -> Iterator[Path]:
    """Every file below `folder`."""
    return (path for path in folder.rglob("*") if path.is_file())


def _ends(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield file.read(HEAD)
        if path.stat().st_size > HEAD + TAIL:
            file.seek(-TAIL, 2)
            yield file.read()
