"""Compares the lines that no test runs with those accepted with a reason: each list must have what the other has.

python tools/check_coverage.py LCOV UNCOVERED
"""

import sys
from pathlib import Path

from accepted import ROOT, accepted, differences, line_of


def uncovered(lcov: str) -> list[tuple[str, int, str]]:
    """File, number and text of each line that was never run."""
    found = []
    name = ""
    for record in lcov.splitlines():
        kind, _, value = record.partition(":")
        if kind == "SF":
            path = Path(value)
            name = path.relative_to(ROOT).as_posix() if path.is_absolute() else value
        elif kind == "DA":
            number, count = (int(part) for part in value.split(",")[:2])
            if count == 0 and (text := line_of(name, number)).strip("(){};,"):
                found.append((name, number, text))
    return found


def main() -> int:
    """Print what is in one list only; 1 if there is any."""
    never = uncovered(Path(sys.argv[1]).read_text())
    rows = accepted(Path(sys.argv[2]), "file", "text")
    shown = [((name, text), f"{name}:{number}: {text}") for name, number, text in never]
    lines = list(
        differences(
            shown,
            rows,
            new="never run, and not listed with a reason",
            gone="listed, but run or no longer there",
        )
    )
    print("\n".join([*lines, f"{len(never)} lines that no test runs, {rows.total()} of them listed"]))
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
