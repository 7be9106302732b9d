"""What is to be reached, beside what was measured."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from benches.peers import corpora
from benches.peers.launching import OURS, ROOT, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benches.peers.measuring import Row

MEMORY = "memory"
MANY = 200_000
SMALL_NAMES = [corpus.name for corpus in corpora.SMALL]


@dataclass(frozen=True)
class Bar:
    """One promise: a number that has to be at least, or at most, so large."""

    work: str
    sign: str
    limit: float
    measured: float
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether it is kept."""
        return self.measured >= self.limit if self.sign == "≥" else self.measured <= self.limit


def extras(folder: Path, rounds: int, many: int) -> dict[str, Any]:
    """What is measured for the bars alone: calls, starts, the command beside the API on many small files."""
    return {**calls(), "start_s": _starts(folder, 3 * rounds), "many": _many(folder, rounds, many)}


def calls(*words: str) -> dict[str, Any]:
    """What calls.py prints."""
    command = [str(OURS), "-m", "benches.peers.calls", *words]
    told: dict[str, Any] = json.loads(
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    )
    return told


def _starts(folder: Path, rounds: int) -> dict[str, float]:
    """Medians of runs in turn of what does next to nothing; and the peak memory of the command then."""
    empty = folder / "empty"
    empty.mkdir()
    command = [str(OURS), "-m", "dicomblank"]
    work = ["anonymize", "--level", "anonymize-full", "--quiet", "--workers", "1", "--allow-empty"]
    programs = {
        "interpreter": [str(OURS), "-c", "pass"],
        "import": [str(OURS), "-c", "import dicomblank"],
        "version": [*command, "--version"],
        "empty": [*command, *work, "--in-place", str(empty)],
        "empty copy": [*command, *work, str(empty), "--output", str(folder / "copies of nothing")],
    }
    runs = [{name: run(program, folder) for name, program in programs.items()} for _ in range(rounds)]
    found = {name: statistics.median(turn[name].seconds for turn in runs) for name in programs}
    return found | {"empty peak KiB": float(max(turn["empty copy"].peak_kib for turn in runs))}


def _many(folder: Path, rounds: int, many: int) -> dict[str, float]:
    """The command's and the API's time for very many small files."""
    command = [str(OURS), "-m", "dicomblank", "anonymize", "--in-place", "--level", "anonymize-full", "--quiet"]
    times: dict[str, list[float]] = {"api": [], "command": []}
    for turn in range(rounds):
        for name, taken in times.items():
            print(f"{MEMORY:<8} {many} files by the {name}", flush=True)
            files = folder / f"many-{turn}-{name}"
            corpora.SMALL[0].write(files, many)
            loop = [str(OURS), "-m", "benches.peers.loops", "api", str(files), "2"]
            result = run(loop if name == "api" else [*command, "--workers", "2", str(files)], folder)
            taken.append(result.call_seconds or result.seconds)
            shutil.rmtree(files)
    return {name: statistics.median(seconds) for name, seconds in times.items()} | {"files": float(many)}


def bars(rows: dict[tuple[str, str, str], Row], extra: dict[str, Any]) -> Iterator[Bar]:
    """Every bar for which there are figures."""
    starts = extra["start_s"]
    for name in SMALL_NAMES:
        yield from _ratios(rows, name, 0.8 if name == SMALL_NAMES[0] else 1.0)
    for name in SMALL_NAMES:
        floor = rows[MEMORY, name, "floor copy, 1 thread"].median
        ours = rows[MEMORY, name, "dicomblank copy, 1 worker"].median - starts["empty copy"]
        yield Bar(f"copy by the command less an empty run, {name}: copy floor / ours", "≥", 0.9, floor / ours)
    for corpus in corpora.LARGE:
        for way in ("in place", "copy"):
            row = rows.get((MEMORY, corpus.name, f"dicomblank {way}, 1 worker"))
            if row:
                above = (row.peak_kib - starts["empty peak KiB"]) / 1024
                yield Bar(f"{corpus.name}, {way}: peak memory above an empty run", "≤", 24, above, " MiB")
    for name, limit in zip(SMALL_NAMES[:2], (5, 8), strict=True):
        yield Bar(f"`anonymize_buffer`, {name}", "≤", limit, extra["buffer_us"][name], " µs")
    above = starts["import"] - starts["interpreter"]
    yield Bar("`import dicomblank` above a bare interpreter", "≤", 15, above * 1e3, " ms")
    yield Bar("`dicomblank --version`", "≤", 60, starts["version"] * 1e3, " ms")
    yield Bar("`dicomblank anonymize` on an empty folder", "≤", 100, starts["empty"] * 1e3, " ms")
    many = extra["many"]
    yield Bar(
        f"{many['files']:,.0f} small files: the command's throughput / the API's",
        "≥",
        0.8,
        many["api"] / many["command"],
    )
    yield Bar(
        "cost per element, 100 to 100,000: the largest step between neighbours",
        "≤",
        1.5,
        _steps(extra["elements_us"]),
        " times",
    )


def _ratios(rows: dict[tuple[str, str, str], Row], name: str, limit: float) -> Iterator[Bar]:
    ours, floors = [], []
    for number, workers, threads in ((1, "1 worker", "1 thread"), (2, "2 workers", "2 threads")):
        ours.append(rows[MEMORY, name, f"dicomblank API in place, {workers}"].median_call)
        floors.append(rows[MEMORY, name, f"floor in place, {threads}"].median)
        yield Bar(f"in place by the API, {name}, {workers}: floor / ours", "≥", limit, floors[-1] / ours[-1])
        if number == 2:
            gain = (ours[0] / ours[1]) / (floors[0] / floors[1])
            yield Bar(f"gain of 2 workers over 1, {name}: ours / the floor's", "≥", 0.9, gain)


def _steps(microseconds: dict[str, float]) -> float:
    """How unlike the marginal costs per element of neighbouring sizes are, at worst: 1 is all alike."""
    points = sorted((int(count), cost) for count, cost in microseconds.items())
    marginal = [(after[1] - before[1]) / (after[0] - before[0]) for before, after in pairwise(points)]
    return max(max(one, other) / min(one, other) for one, other in pairwise(marginal))
