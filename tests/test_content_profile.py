"""Table E.3.4-1 of PS3.15 is in the code as the standard has it: another program agrees, and pydicom with the names."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import cast

import pytest
from pydicom.sr._concepts_dict import concepts

import generate_content
from dicomblank import content_profile
from dicomblank.content_profile import CONCEPTS, OPTIONS, concept
from dicomblank.profile import OPTIONS as ALL_OPTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank.content_profile import Concept

GENERATOR = Path(__file__).parents[1] / "tools" / "generate_content.py"
TABLE = Path(__file__).parents[2] / "shared" / "ps315" / "table-e3.4-1-2026d.csv"

needs_table = pytest.mark.skipif(not TABLE.is_file(), reason="no ../shared/ps315 beside this checkout")

# Made by tools/second_profile.py, which says of what.
with (Path(__file__).parent / "data" / "content_of_others.csv").open(newline="", encoding="utf-8") as file:
    OTHERS = {(row["scheme"], row["code"], row["value_type"]): row for row in csv.DictReader(file)}

OURS = {(row.scheme.partition(" ")[0], row.code, row.value_type): row for row in CONCEPTS}

NOT_IN_THE_OTHER = {("UMLS", "C2348792", "TEXT")}
# Options that the other program does not have.
NOT_OFFERED = {"retain_institution_identity", "retain_longitudinal_full_dates"}

# Codes of DICOM that pydicom 3.0.2 does not have, and those of which it has another edition's meaning.
NEWER_THAN_PYDICOM = {"130884", "130885", "131561", "131562", "131563"}
NAMED_OTHERWISE = {"112373", "113514", "121121", "121124", "122701"}


def test_each_action_is_that_of_a_program_with_the_same_edition() -> None:
    assert set(OURS) - set(OTHERS) == NOT_IN_THE_OTHER
    assert set(OTHERS) < set(OURS)
    assert len(OTHERS) == 213
    theirs = {key: (row["basic_2026d"], row["options_2026d"]) for key, row in OTHERS.items()}
    ours = {key: (OURS[key].basic, offered(OURS[key])) for key in OTHERS}
    assert {key: (ours[key], theirs[key]) for key in OTHERS if ours[key] != theirs[key]} == {}


def offered(row: Concept) -> str:
    """The options as the data of the others have them."""
    return "".join("." if option in NOT_OFFERED else row.options.get(option, ".") for option in ALL_OPTIONS)


def test_the_rows_are_in_order_and_each_is_there_once() -> None:
    assert len(CONCEPTS) == len(OURS) == 214
    assert list(CONCEPTS) == sorted(CONCEPTS)
    assert Counter(row.basic for row in CONCEPTS) == {"X": 135, "D": 60, "X/D": 19}
    assert set(OPTIONS) < set(ALL_OPTIONS)


def test_pydicom_has_the_codes_of_dicom_with_the_same_meaning() -> None:
    of_dicom = cast("dict[str, dict[str, tuple[str, list[int]]]]", concepts["DCM"])
    theirs = {code: entry[0] for entries in of_dicom.values() for code, entry in entries.items()}
    ours = {row.code: row.meaning for row in CONCEPTS if row.scheme == "DCM"}
    assert set(ours) - set(theirs) == NEWER_THAN_PYDICOM
    assert {code for code in set(ours) & set(theirs) if ours[code] != theirs[code]} == NAMED_OTHERWISE


@pytest.mark.parametrize(
    ("scheme", "code", "value_type", "basic", "options"),
    [
        ("DCM", "121022", "TEXT", "X", {}),
        ("DCM", "121022", "NUM", None, {}),
        ("DCM", "113795", "IMAGE", "D", {"retain_uids": "K"}),
        ("NCDR", "76", "PNAME", "D", {}),  # its scheme has its version in the table
        ("DCM", "130884", "DATETIME", "X",
         {"retain_longitudinal_full_dates": "K", "retain_longitudinal_modified_dates": "C"}),
        ("99ACME", "121022", "TEXT", None, {}),
    ],
)  # fmt: skip
def test_what_a_row_says(scheme: str, code: str, value_type: str, basic: str | None, options: dict[str, str]) -> None:
    row = concept(scheme, code, value_type)
    assert (row and row.basic) == basic
    assert row is None or row.options == options


@needs_table
def test_the_table_is_there_value_by_value() -> None:
    with TABLE.open(newline="", encoding="utf-8") as file:
        table = [{name: value for name, value in row.items() if value} for row in csv.DictReader(file)]
    ours = [
        {"code": row.code, "scheme": row.scheme, "meaning": row.meaning, "value_type": row.value_type}
        | {"retired": "N", "basic": row.basic, **row.options}
        for row in CONCEPTS
    ]
    assert sorted(map(sorted, (row.items() for row in ours))) == sorted(map(sorted, (row.items() for row in table)))
    assert hashlib.sha256(TABLE.read_bytes()).hexdigest() == content_profile.SHA256
    assert content_profile.EDITION == "2026d"


def check(table: Path) -> subprocess.CompletedProcess[str]:
    words: list[str | Path] = [sys.executable, GENERATOR, table, "--check"]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


@needs_table
def test_the_committed_file_is_what_the_generator_gives() -> None:
    done = check(TABLE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


HEAD = "code,scheme,meaning,value_type,retired,basic," + ",".join(generate_content.OPTIONS) + "\n"


def test_another_table_is_noticed_and_a_missing_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "table-2026d.csv").write_text(HEAD + "121022,DCM,Accession Number,TEXT,N,X,,,,,,,\n")
    done = check(tmp_path / "table-2026d.csv")
    assert (done.returncode, "content_table.py differs from what table-2026d.csv gives" in done.stderr) == (1, True)
    done = check(tmp_path / "missing-2026d.csv")
    assert (done.returncode, done.stderr) == (0, "missing-2026d.csv is missing: nothing was compared with it\n")


@pytest.mark.parametrize(
    "row",
    [
        "1,DCM,Retired,TEXT,Y,X,,,,,,,",
        "1,DCM,Action,TEXT,N,Z,,,,,,,",
        "1,DCM,Option,TEXT,N,X,M,,,,,,",
        "1,DCM,,TEXT,N,X,,,,,,,",
        "1,DCM,a|b,TEXT,N,X,,,,,,,",
        "1,DCM,Twice,TEXT,N,X,,,,,,,\n1,DCM,Twice,TEXT,N,X,,,,,,,",
    ],
)
def test_a_row_that_can_not_be_is_an_error(row: str) -> None:
    with pytest.raises(SystemExit, match="'DCM', '1', 'TEXT'"):
        list(generate_content.rows_of(HEAD + row))
