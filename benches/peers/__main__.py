"""Measures dicomblank, the floors and its peers side by side: `make bench-peers`.

Each job of jobs.py writes its results and its chart into benches/results, and its tables into BENCHMARKS.md; where the
results go to another folder, a page beside them has the tables. What is measured is in measuring.py, the programs are
in programs.py and pseudonyms.py, the files in corpora.py and references.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benches.peers import jobs
from benches.peers.launching import ROOT
from benches.peers.tables import in_page

if TYPE_CHECKING:
    from collections.abc import Sequence

MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
RESULTS, PAGE = ROOT / "benches/results", ROOT / "BENCHMARKS.md"


def main() -> int:
    """Measure and write; the exit code is 1 if a bar is missed and `--strict` was given."""
    options = arguments()
    missed = False
    for job in jobs.named(options.job):
        started = time.monotonic()
        results = job.measure(options)
        write(job, results, options.results)
        print(f"\n{job.body(results)}\n")
        if options.quick:
            print("quick: this shows that it works; the figures mean nothing")
        print(f"{job.name}: written to {options.results} after {time.monotonic() - started:.0f} s")
        missed |= any(not bar["met"] for bar in results["bars"])
    return int(options.strict and missed)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    listed = "; ".join(f"{job.name}: {job.about}" for job in jobs.JOBS)
    parser = argparse.ArgumentParser(prog="python -m benches.peers", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--job",
        action="append",
        choices=jobs.NAMES,
        metavar="NAME",
        help=f"only this job, of: {listed}; may be repeated (default: all)",
    )
    parser.add_argument("--quick", action="store_true", help="few files, one round: whether it works, not how fast")
    parser.add_argument("--rounds", type=int, help="runs of each, of which the median counts (default: 3)")
    parser.add_argument(
        "--only",
        action="append",
        metavar="WORD",
        help="only programs with this in their name, and no table of what is to be reached",
    )
    parser.add_argument("--disk", type=Path, default=ROOT / "target", help="a folder on a disk (default: target)")
    parser.add_argument("--memory", type=Path, default=MEMORY, help="a folder in memory (default: /dev/shm)")
    parser.add_argument(
        "--results",
        type=Path,
        help="where to write (default: benches/results and BENCHMARKS.md; --quick, --only: target/bench-peers)",
    )
    parser.add_argument("--strict", action="store_true", help="fail if one is not reached")
    options = parser.parse_args(words)
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.results = options.results or (ROOT / "target/bench-peers" if options.quick or options.only else RESULTS)
    return options


def write(job: jobs.Job, results: dict[str, Any], folder: Path) -> None:
    """The results, from which all else is made, the chart, and the page."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / job.file).write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if job.chart:
        from benches.peers import chart  # noqa: PLC0415 (matplotlib is in .venv-peers alone)

        chart.draw(results, folder / job.chart)
    if folder.resolve() == RESULTS.resolve():
        update(PAGE, job, results)
    else:
        text = f"# {job.title}\n\n{job.block(results)}\n"
        if job.chart:
            text += f"\n![files a second]({job.chart})\n"
        (folder / job.file).with_suffix(".md").write_text(text, encoding="utf-8")


def update(page: Path, job: jobs.Job, results: dict[str, Any]) -> None:
    """Put the new block where the page has the old one."""
    text = page.read_text(encoding="utf-8")
    old = in_page(text, job.file)
    if old is None:
        raise ValueError(f"{page.name} has lost the marks of {job.file}")
    page.write_text(text.replace(old, job.block(results)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
