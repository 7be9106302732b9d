"""Compares the faults that no test noticed with those listed with a reason: neither list may hold what the other lacks.

    python tools/check_mutants.py SURVIVORS MUTANTS.OUT...

A listed fault is told by its file, its words and the line it was made in, so that the list stays true when lines move.
Only files of which faults were made are compared.
"""

import json
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]


def survivors(folder: Path) -> list[tuple[str, str, str]]:
    """File, words and line of each fault that was missed."""
    found = []
    for missed in (folder / "missed.txt").read_text().splitlines():
        name, number, _, words = missed.split(":", 3)
        line = (ROOT / name).read_text().splitlines()[int(number) - 1]
        found.append((name, words.strip(), line.strip()))
    return found


def main() -> int:
    """Prints what is in one list only; 1 if there is any."""
    rows = tomllib.loads(Path(sys.argv[1]).read_text()).get("fault", [])
    listed = Counter((row["file"], row["fault"], row["line"]) for row in rows if row["reason"].strip())
    status = 0
    missed, made = [], []
    for folder in map(Path, sys.argv[2:]):
        missed += survivors(folder)
        made += [mutant["file"] for mutant in json.loads((folder / "mutants.json").read_text())]
    for fault in missed:
        if listed[fault]:
            listed[fault] -= 1
        else:
            print(f"not noticed, and not listed with a reason: {': '.join(fault)}")
            status = 1
    for fault, count in listed.items():
        if count and fault[0] in made:
            print(f"listed, but noticed or no longer made: {': '.join(fault)}")
            status = 1
    print(f"{len(made)} faults, {len(missed)} that no test notices")
    return status


if __name__ == "__main__":
    sys.exit(main())
