"""The lists of what is accepted, and the two checks that compare what is found with them."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from accepted import ROOT, Row, accepted, line_of

SURVIVORS, UNCOVERED = ROOT / "rust/survivors.toml", ROOT / "rust/core/tests/uncovered.toml"
FILE = "rust/core/src/span.rs"
FIRST, SECOND = (line_of(FILE, number) for number in (1, 3))
FAULT, OTHER = "replace + with - in Span::end", "replace + with * in Span::end"

FAULTS = accepted(SURVIVORS, "file", "fault", "line")
LINES = accepted(UNCOVERED, "file", "text")


@pytest.mark.parametrize("row", [*FAULTS, *LINES], ids=": ".join)
def test_what_is_accepted_is_in_the_tree(row: Row) -> None:
    """The file, the line, and what a fault's words name in the file."""
    source = (ROOT / row[0]).read_text()
    assert row[-1] in map(str.strip, source.splitlines())
    if len(row) == 3:
        for name in named(row[1]):
            assert re.search(rf"\b{name}\b", source), name


def named(fault: str) -> list[str]:
    """The function that a fault is in, and its type."""
    place = re.search(r" in (.+)$", fault) or re.search(r"^replace (.*?)(?: -> .+)? with ", fault)
    return re.findall(r"\w\w+", place[1]) if place else []


@pytest.mark.parametrize(
    ("fault", "names"),
    [
        ("replace | with ^ in linux::create", ["linux", "create"]),
        ("replace create -> io::Result<File> with Ok(Default::default())", ["create"]),
        ("replace * with +", []),
        ("replace Walker<'_, S>::pass_over with ()", ["Walker", "pass_over"]),
        ("replace > with >= in <impl Drop for Busy<'_>>::drop", ["impl", "Drop", "for", "Busy", "drop"]),
        ("replace match guard at.is_none() with true in Side<'a>::next", ["Side", "next"]),
    ],
)
def test_the_names_in_a_fault(fault: str, names: list[str]) -> None:
    assert named(fault) == names


@pytest.mark.parametrize("path", [SURVIVORS, UNCOVERED], ids=["survivors", "uncovered"])
def test_every_row_has_a_reason(path: Path) -> None:
    rows = [row for table in tomllib.loads(path.read_text()).values() for row in table]
    assert all(row["reason"].strip() for row in rows)


def check(tool: str, *arguments: Path) -> tuple[int, list[str]]:
    command = [sys.executable, str(ROOT / "tools" / tool), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def listed(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "accepted.toml"
    tables = ["[[row]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in row.items()) for row in rows]
    path.write_text("\n".join(tables))
    return path


def line(text: str, reason: str = "a reason") -> dict[str, str]:
    return {"file": FILE, "text": text, "reason": reason}


NEVER_RUN = f"never run, and not listed with a reason: {FILE}"
RUN = f"listed, but run or no longer there: {FILE}"


@pytest.mark.parametrize(
    ("never", "rows", "expected"),
    [
        ([1], [line(FIRST)], []),
        ([1, 3], [line(FIRST)], [f"{NEVER_RUN}:3: {SECOND}"]),
        ([1], [line(FIRST), line(SECOND)], [f"{RUN}: {SECOND}"]),
        ([1], [line(FIRST), line(FIRST)], [f"{RUN}: {FIRST}"]),  # a line that is listed twice is found twice
        ([1], [line(FIRST, " ")], [f"{NEVER_RUN}:1: {FIRST}"]),
        ([], [], []),
    ],
)
def test_lines_that_no_test_runs(
    tmp_path: Path, never: list[int], rows: list[dict[str, str]], expected: list[str]
) -> None:
    counts = "".join(f"DA:{number},{int(number not in never)}\n" for number in (1, 3))
    (tmp_path / "lcov").write_text(f"SF:{ROOT / FILE}\n{counts}end_of_record\n")
    code, (*found, count) = check("check_coverage.py", tmp_path / "lcov", listed(tmp_path, *rows))
    assert (code, found) == (int(bool(expected)), expected)
    assert count.startswith(f"{len(never)} lines that no test runs, ")


def fault(words: str, file: str = FILE) -> dict[str, str]:
    return {"file": file, "fault": words, "line": FIRST, "reason": "a reason"}


@pytest.mark.parametrize(
    ("missed", "rows", "expected"),
    [
        ([FAULT], [fault(FAULT)], []),
        ([FAULT, OTHER], [fault(FAULT)], [f"not noticed, and not listed with a reason: {FILE}: {OTHER}: {FIRST}"]),
        ([], [fault(FAULT)], [f"listed, but noticed or no longer made: {FILE}: {FAULT}: {FIRST}"]),
        ([], [fault(FAULT, "rust/core/src/tag.rs")], []),  # no fault was made in that file
        ([], [], []),
    ],
)
def test_faults_that_no_test_notices(
    tmp_path: Path, missed: list[str], rows: list[dict[str, str]], expected: list[str]
) -> None:
    (tmp_path / "missed.txt").write_text("".join(f"{FILE}:1:5: {words}\n" for words in missed))
    (tmp_path / "mutants.json").write_text(json.dumps([{"file": FILE}] * 3))
    code, (*found, count) = check("check_mutants.py", listed(tmp_path, *rows), tmp_path)
    assert (code, found) == (int(bool(expected)), expected)
    assert count == f"3 faults, {len(missed)} that no test notices"
