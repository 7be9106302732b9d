"""What engines cost: the same shards on Ray, on Spark, and without an engine, with two workers each, in turn.

`make bench-engines` runs this in the venv of the engines, on files in memory, and prints the table of docs/engines.md.
Of each call over all shards the time of the same call over two shards of one file is taken away: that is how long an
engine takes to start actors and tasks, whatever they do. Each round is one run of each, in another order, and the
medians count.
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
from typing import TYPE_CHECKING, Any, TypeAlias

import dicomblank
from benches.peers.corpora import SMALL
from dicomblank import Level, shards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benches.peers.corpora import Small

MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
WORKERS = 2
FILES, ROUNDS = 20_000, 5
#: Files of a shard. In use there are ten thousand; so many here that both workers have something to do to the end.
SHARD = 500
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
    """One run over the folder, as anybody makes it."""
    output = study.places["output"]
    return dicomblank.anonymize_copy(study.top / "study", output, Level.ANONYMIZE_FULL, workers=WORKERS).anonymized


def sharded(study: Study) -> int:
    """The shards one after the other, without an engine."""
    reports = [shards.run(one, Level.ANONYMIZE_FULL, workers=WORKERS, **study.places) for one in study.manifests]
    return sum(report.anonymized for report in reports)


def on_ray() -> Run:
    """With a Ray that is running."""
    from dicomblank.engines import ray

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


@dataclass
class Times:
    """Of one way to do a study, in seconds, one for each round."""

    whole: list[float] = field(default_factory=list)
    """All shards."""
    tiny: list[float] = field(default_factory=list)
    """Two shards of one file: what it takes to start."""
    again: list[float] = field(default_factory=list)
    """All shards, when all are done."""

    def net(self, times: list[float]) -> float:
        """The median, less what it takes to start."""
        return statistics.median(times) - statistics.median(self.tiny)


def seconds(run: Run, study: Study) -> float:
    """Of one run over a study."""
    began = time.perf_counter()
    assert run(study) == study.files
    return time.perf_counter() - began


def measured(runs: dict[str, Run], study: Study, tiny: Study, rounds: int) -> dict[str, Times]:
    found = {name: Times() for name in runs}
    for turn in range(-1, rounds):
        for name in sorted(runs, reverse=turn % 2 == 1):
            tiny.forget()
            start = seconds(runs[name], tiny)
            if turn < 0:
                continue  # the first of each also loads what is loaded once
            study.forget()
            found[name].whole.append(seconds(runs[name], study))
            found[name].tiny.append(start)
            if name != PLAIN:
                found[name].again.append(seconds(runs[name], study))
    return found


def table(found: dict[str, Times], study: Study) -> list[str]:
    """Rows of a table, the first of which is what the others are compared with."""
    first = found[PLAIN].net(found[PLAIN].whole)
    rows = [
        "| | seconds (from, to) | files/s | to start | a shard that is done | of plain |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, times in found.items():
        net, start = times.net(times.whole), statistics.median(times.tiny)
        span = f"{net:.2f} ({min(times.whole) - start:.2f} to {max(times.whole) - start:.2f})"
        again = f"{1000 * times.net(times.again) / len(study.manifests):.0f} ms" if times.again else ""
        rows.append(f"| {name} | {span} | {study.files / net:,.0f} | {start:.2f} s | {again} | {net / first:.2f} |")
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
            found = measured(runs, study, Study(Path(name) / "tiny", small, WORKERS, 1), rounds)
            rows = table(found, study)
            more = figures(study, rounds)
        said = f"{small.name}, {files:,} files by copy, shards of {shard}, {WORKERS} workers, {rounds} rounds"
        print(f"\n{said}; load {os.getloadavg()[0]:.0f}")
        print(*rows, "", *more, sep="\n", flush=True)
        missed |= any(float(row.split("|")[-2]) > BAR for row in rows[2:])
    return int(options.strict and missed)


if __name__ == "__main__":
    sys.exit(main())
