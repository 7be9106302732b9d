"""Compares the lines that no test runs with those listed with a reason: neither list may hold what the other lacks.

    python tools/check_coverage.py LCOV UNCOVERED

A listed line is told by its file and its text, so that the list stays true when lines move.
"""

import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]


def uncovered(lcov: str) -> list[tuple[str, int, str]]:
    """File, number and text of each line that was never run."""
    found = []
    name, lines = "", []
    for record in lcov.splitlines():
        kind, _, value = record.partition(":")
        if kind == "SF":
            path = Path(value)
            name = path.relative_to(ROOT).as_posix() if path.is_absolute() else value
            lines = (ROOT / name).read_text().splitlines()
        elif kind == "DA":
            number, count = (int(part) for part in value.split(",")[:2])
            text = lines[number - 1].strip()
            if count == 0 and text.strip("(){};,"):
                found.append((name, number, text))
    return found


def main() -> int:
    """Prints what is in one list only; 1 if there is any."""
    never = uncovered(Path(sys.argv[1]).read_text())
    rows = tomllib.loads(Path(sys.argv[2]).read_text()).get("line", [])
    listed = Counter((row["file"], row["text"]) for row in rows if row["reason"].strip())
    status = 0
    for name, number, text in never:
        if listed[name, text]:
            listed[name, text] -= 1
        else:
            print(f"never run, and not listed with a reason: {name}:{number}: {text}")
            status = 1
    for (name, text), count in listed.items():
        if count:
            print(f"listed, but run or no longer there: {name}: {text}")
            status = 1
    print(f"{len(never)} lines that no test runs, {len(rows)} of them listed")
    return status


if __name__ == "__main__":
    sys.exit(main())
