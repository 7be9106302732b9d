"""What was measured, as Markdown: the parts of BENCHMARKS.md between two marks, and the tables of anonymize-full."""

from __future__ import annotations

import statistics
from typing import Any

END = "<!-- end -->"
SMALL = ("8 KB", "151 KB", "528 KB")
LARGE = ("600 MB multi-frame", "300 MB encapsulated")


def begin_of(file: str, made_by: str = "bench-peers") -> str:
    """The mark before what is made from a file of results."""
    return f"<!-- Made by `make {made_by}` from benches/results/{file}: begin -->"


def block(file: str, body: str, made_by: str = "bench-peers") -> str:
    """The part of a page between its marks, the marks included."""
    return f"{begin_of(file, made_by)}\n{body}\n{END}"


def in_page(page: str, file: str, made_by: str = "bench-peers") -> str | None:
    """The block of a file of results as a page has it."""
    before, begin, rest = page.partition(begin_of(file, made_by))
    inner, end, _ = rest.partition(END)
    return f"{begin}{inner}{end}" if before and begin and end else None


def body(results: dict[str, Any]) -> str:
    """Machine, tables, notes and what is to be reached."""
    parts = [where(results)]
    for place, title in results["places"].items():
        parts += [f"**{title}**", table(results, place)]
    parts += ["## What each program does differently", notes(results)]
    if results["bars"]:
        parts += ["## What is to be reached", bars(results)]
    return "\n\n".join(parts)


def where(results: dict[str, Any]) -> str:
    """The machine, and how it was measured."""
    machine = results["machine"]
    busy = machine["load_at_start"] > machine["processors"]
    runs = f"{results['rounds']} run{'s' if results['rounds'] > 1 else ''}"
    said = (
        f"{results['date']}, {machine['processor']}, {machine['processors']} processors, {machine['memory_gib']} GiB, "
        f"{machine['system']}. Each figure is the median of {runs}, and in memory, of all but the "
        f"peers, of {results['rounds'] * results['times']}. The programs run in turn, as whole processes, with a warm "
        f"cache. The files have the {results['values'] // 2} elements of the level anonymize-full, each at the top "
        "level and nested."
    )
    if busy:
        said += f" The machine had other work to do: its load was {machine['load_at_start']} at the start."
    return said


def table(results: dict[str, Any], place: str) -> str:
    """A row a program."""
    rows = {(row["corpus"], row["program"]): row for row in results["rows"] if row["place"] == place}
    large = [name for name in LARGE if any(corpus == name for corpus, _ in rows)]
    head = ["", *(f"{name}, files/s (MB/s)" for name in SMALL)]
    head += [f"{name}, s" for name in large] + ["peak memory, MB"] + ["large files: peak memory, MB"] * bool(large)
    lines = [[*head, "values left"], ["---"] + ["--:"] * len(head)]
    for program in results["programs"]:
        name = program["name"]
        mine = [rows.get((corpus, name)) for corpus in (*SMALL, *large)]
        small, big = mine[: len(SMALL)], mine[len(SMALL) :]
        if not any(mine):
            continue
        cells = [name, *(rate_cell(row) for row in small), *(_seconds(row) for row in big), peak_cell(small)]
        cells += [peak_cell(big)] * bool(large)
        lines.append([*cells, _left(mine, program)])
    return markdown(lines)


def markdown(lines: list[list[str]]) -> str:
    """A table of these lines, the first two of which are its head."""
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def notes(results: dict[str, Any]) -> str:
    """What each program is and does otherwise; those of which the same is said, together."""
    names: dict[str, list[str]] = {}
    for program in results["programs"]:
        if program["kind"] != "dicomblank":
            version = f" ({program['version']})" if program["kind"] == "peer" else ""
            names.setdefault(program["note"], []).append(program["name"] + version)
    return "\n".join(f"- {'; '.join(same)}: {note}." for note, same in names.items())


def bars(results: dict[str, Any]) -> str:
    """What is to be reached beside what was measured."""
    lines = ["| what is measured | to be reached | measured | reached |", "|---|--:|--:|---|"]
    for bar in results["bars"]:
        measured, limit = f"{bar['measured']:.2f}{bar['unit']}", f"{bar['sign']} {bar['limit']}{bar['unit']}"
        lines.append(f"| {bar['work']} | {limit} | {measured} | {'yes' if bar['met'] else 'no'} |")
    return "\n".join(lines)


def rate(row: dict[str, Any]) -> float:
    """Files a second of the median run."""
    return float(row["files"] / statistics.median(row["seconds"]))


def rounded(number: float) -> str:
    """Three figures: more would be noise."""
    digits = max(0, len(str(int(number))) - 3)
    return f"{round(number, -digits):,.0f}" if number >= 100 else f"{number:.3g}"


def rate_cell(row: dict[str, Any] | None) -> str:
    """Files and megabytes a second."""
    if row is None or row["failure"]:
        return "failed" if row else ""
    megabytes = row["size"] / 1e6 / statistics.median(row["seconds"])
    return f"{rounded(rate(row))} ({rounded(megabytes)})"


def _seconds(row: dict[str, Any] | None) -> str:
    if row is None or row["failure"]:
        return "failed" if row else ""
    return f"{statistics.median(row['seconds']):.2g}"


def peak_cell(rows: list[dict[str, Any] | None]) -> str:
    """The highest peak memory of these, in megabytes."""
    peaks = [row["peak_kib"] for row in rows if row and not row["failure"]]
    return f"{max(peaks) * 1.024e-3:,.0f}" if peaks else ""


def _left(rows: list[dict[str, Any] | None], program: dict[str, Any]) -> str:
    if not program["blanks"]:
        return "not meant to blank"
    done = [row for row in rows if row and not row["failure"]]
    left = {where: max((row[f"left_{where}"] or 0 for row in done), default=0) for where in ("top", "nested")}
    missing = sum(row["missing"] for row in done)
    said = [
        f"{number} of 19 {words}"
        for number, words in ((left["top"], "at the top level"), (left["nested"], "nested"))
        if number
    ]
    said += [f"{missing} files missing"] * bool(missing)
    return ", ".join(said) or ("none" if done else "")
