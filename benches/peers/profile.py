"""The job profile: the Basic Profile of PS3.15, by copy, beside the floor of a copy and the peers that do it."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benches.peers import bars, machine, measuring, tables
from benches.peers.launching import OURS, new_key, run
from benches.peers.programs import FAST, Kind, Program, of_the_profile, own_version, programs

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

#: Of the files/s of the copy floor, in memory, with one worker.
AT_LEAST = dict(zip(tables.SMALL, (0.5, 0.7, 0.7), strict=True))
#: Times the files/s of each peer, and where.
AHEAD, COMPARED = 5, tables.SMALL[-1]
#: Times what `cp` takes for the large file of many frames.
LARGE, AT_MOST = tables.LARGE[0], 1.5
OURS_BY_COPY, FLOOR, CP = "dicomblank copy, basic, 1 worker", "floor copy, 1 thread", "cp -r"


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All rounds, in memory, and what an empty run takes."""
    with tempfile.TemporaryDirectory(dir=options.memory, prefix="dicomblank-") as name:
        folder = Path(name)
        key = new_key(folder)
        listed = _programs(key)
        missing = sorted(one.name for one in listed if one.version is None)
        if missing:
            print(f"not there, so left out: {', '.join(missing)}")
        measurement = measuring.Measurement(listed, options)
        about = measuring.about(measurement, options)
        for _ in range(options.rounds):
            measurement.small(bars.MEMORY, folder, sync=False)
            measurement.large(bars.MEMORY, folder, memory=machine.available_memory())
        empty = None if options.only else _empty(folder, key, 3 * options.rounds)
    about["places"] = {"memory": about["places"]["memory"]}
    reached = list(_bars(measurement, empty)) if empty is not None else []
    return {
        **about,
        "missing": missing,
        "rows": [row.as_json() for row in measurement.rows.values()],
        "empty_s": empty,
        "bars": [asdict(bar) | {"met": bar.met} for bar in reached],
    }


def body(results: dict[str, Any]) -> str:
    """Machine, table, notes and what is to be reached."""
    parts = [tables.where(results), tables.table(results, "memory")]
    parts += ["### What each program does differently in this job", tables.notes(results)]
    if results["missing"]:
        parts += [f"Not there, so left out: {', '.join(results['missing'])}."]
    if results["bars"]:
        parts += ["### What is to be reached in this job", tables.bars(results)]
    return "\n\n".join(parts)


def _programs(key: Path) -> list[Program]:
    version = own_version()
    ours = [_ours(version, workers, key) for workers in (1, 2)]
    floors = [one for one in programs() if one.name.startswith("floor copy") or one.name == CP]
    # An element that goes has to be copied around: the floor on the large file is `cp`.
    peers = of_the_profile("its default profile, a part of that of PS3.15", "the profile of PS3.15, of edition 2026c")
    return [*ours, *(replace(one, blanks=False) for one in floors), *peers]


def _ours(version: str, workers: int, key: Path) -> Program:
    shown = f"{workers} worker{'s' if workers > 1 else ''}"
    return Program(
        f"dicomblank copy, basic, {shown}",
        Kind.OURS,
        lambda source, target: [*_command(key, workers), str(source), "--output", str(target)],
        False,
        "the level of that name, without options",
        version,
        FAST,
        workers == 1,
    )


def _command(key: Path, workers: int) -> list[str]:
    command = [str(OURS), "-m", "dicomblank", "anonymize", "--level", "basic", "--key", str(key)]
    return [*command, "--quiet", "--workers", str(workers)]


def _empty(folder: Path, key: Path, rounds: int) -> float:
    """The median of runs over nothing, in seconds: the start of Python and the level's tables."""
    nothing, target = folder / "nothing", folder / "copies of nothing"
    nothing.mkdir()
    taken = []
    for _ in range(rounds):
        taken.append(run([*_command(key, 1), "--allow-empty", str(nothing), "--output", str(target)], folder).seconds)
        shutil.rmtree(target, ignore_errors=True)
    return statistics.median(taken)


def _bars(measurement: measuring.Measurement, empty: float) -> Iterator[bars.Bar]:
    def rate(corpus: str, program: str, less: float = 0.0) -> float:
        row = measurement.rows[bars.MEMORY, corpus, program]
        return 0.0 if row.failure else row.files / (row.median - less)

    for corpus, limit in AT_LEAST.items():
        work = f"copy by the command less an empty run, {corpus}, 1 worker: files/s of basic / of the copy floor"
        yield bars.Bar(work, "≥", limit, rate(corpus, OURS_BY_COPY, empty) / rate(corpus, FLOOR))
    for program in measurement.programs:
        if program.kind is Kind.PEER and (theirs := rate(COMPARED, program.name)):
            work = f"copy by the command, {COMPARED}, 1 worker: files/s of basic / of {program.name}"
            yield bars.Bar(work, "≥", AHEAD, rate(COMPARED, OURS_BY_COPY) / theirs)
    if ours := rate(LARGE, OURS_BY_COPY, empty):
        yield bars.Bar(f"{LARGE}: time of basic less an empty run / of cp", "≤", AT_MOST, rate(LARGE, CP) / ours)
