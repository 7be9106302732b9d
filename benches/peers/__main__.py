"""Measures dicomblank, the floors and its peers side by side: `make bench-peers`.

Writes results.json and results.png into benches/results, and the tables into BENCHMARKS.md; where the results go to
another folder, a page results.md beside them has the tables. What is measured is in measuring.py, the programs are in
programs.py, the files in corpora.py.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benches.peers import bars, chart, machine, measuring, tables
from benches.peers.launching import ROOT
from benches.peers.markers import ANONYMIZE_FULL
from benches.peers.programs import install_missing, programs

MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
#: What the largest run holds at once, copies included.
WANTED = 6 * machine.GIB
QUICK = 0.01
RESULTS, PAGE = ROOT / "benches/results", ROOT / "BENCHMARKS.md"
#: On a disk, so many times the files that there are in memory; and the bytes of all runs, which stay until the end.
DISK, DISK_WANTED = 0.1, 40 * machine.GIB


def main() -> int:
    """Measure and write; the exit code is 1 if a bar is missed and `--strict` was given."""
    options = arguments()
    started = time.monotonic()
    results = measure(options)
    write(results, options.results)
    print(f"\n{tables.body(results)}\n")
    if options.quick:
        print("quick: this shows that it works; the figures mean nothing")
    print(f"written to {options.results} after {time.monotonic() - started:.0f} s")
    missed = [bar["work"] for bar in results["bars"] if not bar["met"]]
    return int(options.strict and bool(missed))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benches.peers", description=__doc__.partition("\n")[0])
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
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.results = options.results or (ROOT / "target/bench-peers" if options.quick or options.only else RESULTS)
    return options


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All rounds, in memory and on the disk, and the bars."""
    install_missing(programs())
    found = [program for program in programs() if program.version is not None]
    if options.only:
        found = [program for program in found if any(word in program.name for word in options.only)]
    about = machine.machine()
    places = {bars.MEMORY: f"in memory ({machine.file_system(options.memory)})"}
    places["disk"] = f"on a disk ({machine.file_system(options.disk)}), until all is written out"
    room = min(machine.available_memory() // 2, machine.free(options.memory))
    measurement = measuring.Measurement(found, QUICK if options.quick else min(1.0, room / WANTED))
    with tempfile.TemporaryDirectory(dir=options.memory, prefix="dicomblank-") as name:
        for _ in range(options.rounds):
            measurement.small(bars.MEMORY, Path(name), sync=False)
            measurement.large(bars.MEMORY, Path(name), memory=machine.available_memory())
        extra = None
        if not options.only:
            extra = bars.extras(Path(name), options.rounds, bars.MANY // 100 if options.quick else bars.MANY)
    disk(measurement, options)
    return {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": about,
        "rounds": options.rounds,
        "times": measuring.TIMES,
        "quick": options.quick,
        "values": 2 * len(ANONYMIZE_FULL),
        "places": places,
        "programs": [
            {"name": one.name, "kind": one.kind.value, "version": one.version, "note": one.note, "blanks": one.blanks}
            for one in found
        ],
        "rows": [row.as_json() for row in measurement.rows.values()],
        "extra": extra,
        "bars": [asdict(bar) | {"met": bar.met} for bar in bars.bars(measurement.rows, extra)] if extra else [],
    }


def disk(measurement: measuring.Measurement, options: argparse.Namespace) -> None:
    """The small corpora once more, on a disk: fewer files, for there each run is written out."""
    options.disk.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=options.disk, prefix="dicomblank-"))
    try:
        scale = DISK * min(1.0, machine.free(folder) / DISK_WANTED)
        for _ in range(options.rounds):
            measurement.small("disk", folder, sync=True, scale=scale)
    finally:
        shutil.rmtree(folder)


def write(results: dict[str, Any], folder: Path) -> None:
    """results.json, from which the others are made, results.png, and the page."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    chart.draw(results, folder / "results.png")
    if folder.resolve() == RESULTS.resolve():
        update(PAGE, results)
    else:
        text = f"# Speed, side by side\n\n{tables.block(results)}\n\n![files a second](results.png)\n"
        (folder / "results.md").write_text(text, encoding="utf-8")


def update(page: Path, results: dict[str, Any]) -> None:
    """Put the new block where the page has the old one."""
    text = page.read_text(encoding="utf-8")
    old = tables.in_page(text)
    if old is None:
        raise ValueError(f"{page.name} has lost its marks: {tables.BEGIN} and {tables.END}")
    page.write_text(text.replace(old, tables.block(results)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
