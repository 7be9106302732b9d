"""What engines cost: the same shards on Ray, on Spark, and without an engine, with two workers each, in turn.

`make bench-engines` runs this in the venv of the engines, on files in memory, and prints the table of docs/engines.md.
Of each call over all shards the time of the same call over two shards of one file is taken away: that is how long an
engine takes to start actors and tasks, whatever they do. Each round is one run of each, in another order, and the
medians count. CPU seconds of all processes stand beside the time, since they count nothing else on the machine.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import dicomblank
from benches.peers.corpora import SMALL
from dicomblank import Level, shards
from engines.holding import descendants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benches.peers.corpora import Small

MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
WORKERS = 2
FILES, ROUNDS = 20_000, 5
#: Files of a shard: half of what `shards.make` does by itself, so that both workers have something to do to the end.
SHARD = 5_000
#: Shards of one file, by which it is seen what a shard costs.
MANY = 40
BAR = 1.3
PLAIN = "plain"
CONF = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}

#: Does the shards of a study, and returns how many files were anonymized.
Run: TypeAlias = Callable[["Study"], int]


class Study:
    """A folder with files, and its shards."""

    def __init__(self, top: Path, small: Small, files: int, shard: int) -> None:
        self.top, self.files, self.shard = top, files, shard
        top.mkdir()
        small.write(top / "study", files)
        self.manifests = shards.make(top / "study", top / "shards", files=shard).manifests

    @property
    def places(self) -> dict[str, Any]:
        return {"output": self.top / "output", "ledger": self.top / "ledger"}

    def forget(self) -> None:
        for place in self.places.values():
            shutil.rmtree(place, ignore_errors=True)


def plain(study: Study) -> int:
    """One run over the folder, with a report, as shards have theirs."""
    output, report = study.places["output"], study.top / "run.jsonl"
    report.unlink(missing_ok=True)
    source, level = study.top / "study", Level.ANONYMIZE_FULL
    return dicomblank.anonymize_copy(source, output, level, workers=WORKERS, report=report).anonymized


def sharded(study: Study) -> int:
    """The shards one after the other, without an engine."""
    reports = [shards.run(one, Level.ANONYMIZE_FULL, workers=WORKERS, **study.places) for one in study.manifests]
    return sum(report.anonymized for report in reports)


def on_ray() -> Run:
    """With a Ray that is running."""
    from dicomblank.engines import ray

    # Ray's workers yield to all else on the machine, which the others do not.
    os.environ.setdefault("RAY_worker_niceness", "0")
    return lambda study: ray.run(study.manifests, Level.ANONYMIZE_FULL, actors=WORKERS, **study.places).anonymized


def on_spark() -> Run:
    """With a Spark that is running."""
    from pyspark.sql import SparkSession

    from dicomblank.engines import spark

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(f"local[{WORKERS},4]")
    for name, value in CONF.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    return lambda study: spark.counts(spark.run(session, study.manifests, Level.ANONYMIZE_FULL, **study.places))[
        "anonymized"
    ]


class Took(NamedTuple):
    """What a run has taken, in seconds."""

    wall: float
    cpu: float
    """Of all processes: of this one, and of all that an engine has started. Other work on the machine is not in it."""


@dataclass
class Times:
    """Of one way to do a study, one for each round."""

    whole: list[Took] = field(default_factory=list)
    """All shards."""
    tiny: list[Took] = field(default_factory=list)
    """Two shards of one file: what it takes to start."""
    many: list[Took] = field(default_factory=list)
    """`MANY` shards more of one file: what a shard costs, whatever is in it."""

    def net(self, times: list[Took]) -> Took:
        """The medians, less what it takes to start."""
        medians = [[statistics.median(took[place] for took in some) for place in (0, 1)] for some in (times, self.tiny)]
        return Took(*(one - start for one, start in zip(*medians, strict=True)))


def took(run: Run, study: Study) -> Took:
    """What one run over a study takes."""
    began, cpu = time.perf_counter(), cpu_seconds()
    assert run(study) == study.files
    return Took(time.perf_counter() - began, cpu_seconds() - cpu)


def cpu_seconds() -> float:
    """So far, of this process and all below it, also of those that have ended."""
    ticks = 0
    for pid in (os.getpid(), *descendants(os.getpid())):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue  # it has ended, and is in the numbers of its parent
        ticks += sum(map(int, stat.rpartition(")")[2].split()[11:15]))  # proc(5): utime, stime, cutime, cstime
    return ticks / os.sysconf("SC_CLK_TCK")


def measured(runs: dict[str, Run], study: Study, tiny: Study, many: Study, rounds: int) -> dict[str, Times]:
    found = {name: Times() for name in runs}
    for turn in range(-1, rounds):
        for name in sorted(runs, reverse=turn % 2 == 1):
            times = found[name]
            for one, taken in ((tiny, times.tiny), (study, times.whole), (many, times.many)):
                one.forget()
                taken.append(took(runs[name], one))
        if turn < 0:  # the first of each also loads what is loaded once
            found = {name: Times() for name in runs}
    return found


def table(found: dict[str, Times]) -> list[str]:
    """Rows of a table, the first of which is what the others are compared with."""
    first = found[PLAIN].net(found[PLAIN].whole)
    rows = [
        "| | seconds (from, to) | of plain | CPU seconds | of plain | to start | a shard more | of CPU |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, times in found.items():
        net, start = times.net(times.whole), statistics.median(one.wall for one in times.tiny)
        walls = [one.wall - start for one in times.whole]
        each = [f"{1000 * one / MANY:.0f} ms" if name != PLAIN else "" for one in times.net(times.many)]
        wall = f"{net.wall:.2f} ({min(walls):.2f} to {max(walls):.2f}) | {net.wall / first.wall:.2f}"
        rows.append(
            f"| {name} | {wall} | {net.cpu:.2f} | {net.cpu / first.cpu:.2f} | {start:.2f} s | {each[0]} | {each[1]} |"
        )
    return rows


def figures(study: Study, rounds: int) -> list[str]:
    """What else docs/engines.md reckons with: the listing, and what manifests and ledgers take."""
    listed = []
    for _ in range(rounds):
        shutil.rmtree(study.top / "shards")
        began = time.perf_counter()
        shards.make(study.top / "study", study.top / "shards", files=study.shard)
        listed.append(study.files / (time.perf_counter() - began))
    sizes = [sum(path.stat().st_size for path in (study.top / name).iterdir()) for name in ("shards", "ledger")]
    return [
        f"listed: {statistics.median(listed):,.0f} files/s",
        *(
            f"{what}: {size / study.files:.0f} bytes a file"
            for what, size in zip(("manifests", "ledger"), sizes, strict=True)
        ),
    ]


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code is 1 if the bar is missed and `--strict` was given."""
    parser = argparse.ArgumentParser(prog="python -m benches.engines", description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=FILES, help="how many (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each (default: %(default)s)")
    parser.add_argument("--size", choices=[small.name for small in SMALL[:2]], action="append", help="only this size")
    parser.add_argument("--quick", action="store_true", help="few files, one round: whether it works, not how fast")
    parser.add_argument("--strict", action="store_true", help=f"fail where a ratio is above {BAR}")
    options = parser.parse_args(words)
    files, rounds = (400, 1) if options.quick else (options.files, options.rounds)
    shard = max(1, min(SHARD, files // (2 * WORKERS)))
    runs: dict[str, Run] = {PLAIN: plain, "shards": sharded, "Ray": on_ray(), "Spark": on_spark()}
    missed = False
    for small in SMALL[:2]:
        if options.size and small.name not in options.size:
            continue
        with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as name:
            study = Study(Path(name) / "all", small, files, shard)
            tiny, many = (Study(Path(name) / str(count), small, count, 1) for count in (WORKERS, WORKERS + MANY))
            found = measured(runs, study, tiny, many, rounds)
            rows = table(found)
            more = figures(study, rounds)
        said = f"{small.name}, {files:,} files by copy, shards of {shard}, {WORKERS} workers, {rounds} rounds"
        print(f"\n{said}; load {os.getloadavg()[0]:.0f}")
        print(*rows, "", *more, sep="\n", flush=True)
        missed |= any(float(row.split("|")[3]) > BAR for row in rows[2:])
    return int(options.strict and missed)


if __name__ == "__main__":
    sys.exit(main())
