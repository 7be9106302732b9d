"""Lists of what is accepted, each row with its reason: the faults that no test notices, the lines that none runs.

A row names a file and a line of it by its text, so that the list stays true when lines move.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
Row = tuple[str, ...]


def accepted(path: Path, *fields: str) -> Counter[Row]:
    """The rows of a list, by these fields; one without a reason accepts nothing."""
    rows = [row for table in tomllib.loads(path.read_text()).values() for row in table]
    return Counter(tuple(row[field] for field in fields) for row in rows if row["reason"].strip())


def line_of(file: str, number: int) -> str:
    """The text of a line as a list has it."""
    return (ROOT / file).read_text().splitlines()[number - 1].strip()


def differences(
    found: Iterable[tuple[Row, str]], rows: Counter[Row], *, new: str, gone: str, files: Iterable[str] | None = None
) -> Iterator[str]:
    """A line for each row that only one side has: `found` is rows and how to show them.

    Where `files` are given, what is accepted in others is not asked for.
    """
    left = rows.copy()
    for row, shown in found:
        if left[row]:
            left[row] -= 1
        else:
            yield f"{new}: {shown}"
    for row in left.elements():
        if files is None or row[0] in files:
            yield f"{gone}: {': '.join(row)}"
