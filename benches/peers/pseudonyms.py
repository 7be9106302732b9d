"""The job pseudonyms: replace identifiers so that files can still be grouped, how fast, and whether they can be."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benches.peers import bars, measuring, references, tables
from benches.peers.launching import OURS, new_key, run
from benches.peers.programs import FAST, Kind, Program, of_the_profile, own_version, package

if TYPE_CHECKING:
    import argparse

    from benches.peers.programs import Command

LEVELS = ("anonymize-full", "pseudonymize")
#: Of the files/s of anonymize-full, in place, in the same run; and times the cost of its call on a buffer.
AT_LEAST, AT_MOST = 0.6, 3
COMPARED = "151 KB"


def programs(key: Path) -> list[Program]:
    """Every row, in the order of the table; those whose version is None are not there."""
    version = own_version()
    ours = [_ours(version, level, workers, key) for level in LEVELS for workers in (1, 2)]
    return [*sorted((one for pair in ours for one in pair), key=lambda program: program.name), *_peers()]


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All rounds, in memory and on the disk, and what becomes of references."""
    with tempfile.TemporaryDirectory(dir=options.memory, prefix="dicomblank-") as name:
        folder = Path(name)
        key = new_key(folder)
        listed = programs(key)
        missing = sorted({one.name.split()[0] for one in listed if one.version is None})
        if missing:
            print(f"not there, so left out: {', '.join(missing)}")
        measurement = measuring.Measurement(listed, options)
        about = measuring.about(measurement, options)
        checks: dict[str, dict[str, Any]] = {}
        for program in measurement.programs:
            print(f"references           {program.name}", flush=True)
            checks[program.name] = check(program, folder / "studies" / str(len(checks)))
        for _ in range(options.rounds):
            measurement.small(bars.MEMORY, folder, sync=False)
        measurement.disk(options)
    calls = None if options.only else bars.calls("pseudonyms")
    reached = _bars(measurement, calls) if calls else []
    return {
        **about,
        "missing": missing,
        "rows": [row.as_json() for row in measurement.rows.values()],
        "checks": checks,
        "buffer_us": calls,
        "bars": [asdict(bar) | {"met": bar.met} for bar in reached],
    }


def check(program: Program, folder: Path) -> dict[str, Any]:
    """Run a program twice, each time on the same studies as they were; what pydicom then reads is compared."""
    references.write(folder / "before")
    before = references.read(folder / "before")
    runs = []
    for turn in ("first", "second"):
        source, target = folder / turn / "files", folder / turn / "copies"
        references.write(source)
        if program.wants_target:
            target.mkdir()
        result = run(program.command(source, target), folder)
        if result.failure:
            return {"failure": result.failure}
        runs.append(references.read(source if program.in_place else target))
    first, second = runs
    return {
        "failure": None,
        "broken": references.broken(before, first),
        "unlike": references.unlike(first, second),
        "replaced": references.replaced(before, first),
        "same_length": references.same_length(before, first),
        "same_size": references.same_size(before, first),
    }


def body(results: dict[str, Any]) -> str:
    """Machine, tables, notes and what is to be reached."""
    parts = [tables.where(results)]
    parts += [f"**{results['places']['memory']}**", _table(results, "memory")]
    parts += [f"**{results['places']['disk']}**", _table(results, "disk")]
    parts += ["**what is replaced**", _replaced(results)]
    parts += ["### What each program does differently in this job", tables.notes(results)]
    if results["missing"]:
        parts += [f"Not there, so left out: {', '.join(results['missing'])}."]
    if results["bars"]:
        parts += ["### What is to be reached in this job", tables.bars(results)]
    return "\n\n".join(parts)


def _ours(version: str, level: str, workers: int, key: Path) -> tuple[Program, Program]:
    keyed = [str(key)] if level == "pseudonymize" else []
    shown = f"{level}, {workers} worker{'s' if workers > 1 else ''}"
    command = [str(OURS), "-m", "dicomblank", "anonymize", "--level", level, "--quiet", "--workers", str(workers)]
    command += [word for path in keyed for word in ("--key", path)]
    api = [str(OURS), "-m", "benches.peers.loops", "api"]
    in_place: Command = lambda source, _: [*api, str(source), str(workers), level, *keyed]  # noqa: E731
    copy: Command = lambda source, target: [*command, str(source), "--output", str(target)]  # noqa: E731
    note = "the level of that name"
    return (
        Program(f"dicomblank API in place, {shown}", Kind.OURS, in_place, True, note, version, FAST),
        Program(f"dicomblank copy, {shown}", Kind.OURS, copy, False, note, version, FAST),
    )


def _peers() -> list[Program]:
    dicognito = [sys.executable, "-m", "dicognito", "--quiet", "--seed", "a seed"]
    note = "with `--seed`: UIDs, identifiers, names and addresses by a hash of seed and value, dates shifted"
    rates = (60, 50, 50)
    return [
        Program(
            "dicognito in place",
            Kind.PEER,
            lambda source, _: [*dicognito, "--in-place", str(source)],
            True,
            note,
            package("dicognito"),
            rates,
        ),
        Program(
            "dicognito copy",
            Kind.PEER,
            lambda source, target: [*dicognito, "--output-directory", str(target), str(source)],
            False,
            note,
            package("dicognito"),
            rates,
        ),
        *of_the_profile(
            "its default profile: UIDs and some identifiers by a hash without a key, many other elements removed",
            "the profile of PS3.15: UIDs by a table of random ones that is forgotten at the end, identifiers emptied",
        ),
    ]


def _bars(measurement: measuring.Measurement, calls: dict[str, float]) -> list[bars.Bar]:
    found = []
    for workers in ("1 worker", "2 workers"):
        full, keyed = (
            measurement.rows[bars.MEMORY, COMPARED, f"dicomblank API in place, {level}, {workers}"] for level in LEVELS
        )
        work = f"in place by the API, {COMPARED}, {workers}: files/s of pseudonymize / of anonymize-full"
        ratio = 0.0 if full.failure or keyed.failure else full.median_call / keyed.median_call
        found.append(bars.Bar(work, "≥", AT_LEAST, ratio))
    work = f"`anonymize_buffer`, {tables.SMALL[0]}: a call with pseudonymize / with anonymize-full"
    return [*found, bars.Bar(work, "≤", AT_MOST, calls[LEVELS[1]] / calls[LEVELS[0]])]


def _table(results: dict[str, Any], place: str) -> str:
    rows = {(row["corpus"], row["program"]): row for row in results["rows"] if row["place"] == place}
    checked = ["references hold", "two runs agree"] if place == "memory" else []
    head = ["", *(f"{name}, files/s (MB/s)" for name in tables.SMALL), "peak memory, MB"]
    lines = [[*head, *checked], ["---"] + ["--:"] * (len(head) - 1) + ["---"] * len(checked)]
    for name in results["checks"]:
        mine = [rows.get((corpus, name)) for corpus in tables.SMALL]
        cells = [name, *map(_rate, mine), tables.peak_cell(mine)]
        lines.append([*cells, *verdicts(results["checks"][name])[: len(checked)]])
    return tables.markdown(lines)


def _rate(row: dict[str, Any] | None) -> str:
    missing = row["missing"] if row else 0
    return tables.rate_cell(row) + f", {missing} file{'s' if missing > 1 else ''} missing" * bool(missing)


def _replaced(results: dict[str, Any]) -> str:
    head = ["", "replaces", "of these keep their length", "a file keeps its size"]
    lines = [head, ["---"] * len(head)]
    for name, found in results["checks"].items():
        if found["failure"]:
            lines.append([name, "failed", "", ""])
            continue
        size = "yes" if found["same_size"] else "no"
        lines.append([name, told(found["replaced"]), told(found["same_length"]), size])
    return tables.markdown(lines)


def verdicts(found: dict[str, Any]) -> tuple[str, str]:
    """Whether references hold, and whether two runs agree, in words."""
    if found["failure"]:
        return "failed", "failed"
    holds = f"no: {', '.join(found['broken'])}" if found["broken"] else "yes"
    agree = f"no: {told(found['unlike'])}" if found["unlike"] else "yes"
    return holds, agree if found["replaced"] else "nothing is replaced"


def told(names: list[str]) -> str:
    """Names of values and references; the UIDs, which seldom differ, in one word."""
    uids = [*references.UIDS]
    if all(name in names for name in uids):
        names = ["UIDs", *(name for name in names if name not in {*uids, *references.REFERENCES})]
    return ", ".join(names) or "none"
