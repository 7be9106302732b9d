"""Compares the faults that no test notices with those accepted with a reason: each list must have what the other has.

    python tools/check_mutants.py SURVIVORS MUTANTS.OUT...

Only files in which faults were made are compared.
"""

import json
import sys
from pathlib import Path

from accepted import accepted, differences, line_of


def survivors(folder: Path) -> list[tuple[str, str, str]]:
    """File, words and line of each fault that was missed."""
    found = []
    for missed in (folder / "missed.txt").read_text().splitlines():
        name, number, _, words = missed.split(":", 3)
        found.append((name, words.strip(), line_of(name, int(number))))
    return found


def main() -> int:
    """Print what is in one list only; 1 if there is any."""
    folders = [Path(folder) for folder in sys.argv[2:]]
    missed = [fault for folder in folders for fault in survivors(folder)]
    made = [mutant["file"] for folder in folders for mutant in json.loads((folder / "mutants.json").read_text())]
    lines = list(
        differences(
            [(fault, ": ".join(fault)) for fault in missed],
            accepted(Path(sys.argv[1]), "file", "fault", "line"),
            new="not noticed, and not listed with a reason",
            gone="listed, but noticed or no longer made",
            files=set(made),
        )
    )
    print("\n".join([*lines, f"{len(made)} faults, {len(missed)} that no test notices"]))
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
