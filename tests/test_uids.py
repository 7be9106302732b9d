"""The list of UIDs is that of the standard's table, and pydicom has each of them as a UID."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from pydicom.datadict import dictionary_has_tag, dictionary_keyword, dictionary_VR

import generate_uids
from dicomblank import uids
from dicomblank.uids import UIDS

GENERATOR = Path(__file__).parents[1] / "tools" / "generate_uids.py"
TABLE = Path(__file__).parents[2] / "shared" / "ps315" / "table-e1-1-2026d.csv"
HEAD = "tag,name,basic\n"

needs_table = pytest.mark.skipif(not TABLE.is_file(), reason="no ../shared/ps315 beside this checkout")


def check(table: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, GENERATOR, table, "--check"], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(("keyword", "tag"), UIDS, ids=[keyword or hex(tag) for keyword, tag in UIDS])
def test_pydicom_has_each_as_a_uid(keyword: str, tag: int) -> None:
    if not dictionary_has_tag(tag):
        assert keyword == ""
        return
    assert (dictionary_VR(tag), dictionary_keyword(tag)) == ("UI", keyword)


def test_they_are_in_order_and_each_is_there_once() -> None:
    tags = [tag for _, tag in UIDS]
    assert tags == sorted(set(tags))
    assert len(tags) == 55
    assert {0x0008_0018, 0x0020_000D, 0x0020_000E, 0x0020_0052, 0x0008_1155, 0x0002_0003} <= set(tags)


def test_none_names_a_class_a_syntax_or_a_program() -> None:
    words = ("SOPClass", "TransferSyntax", "CodingScheme", "Implementation", "ContextUID", "MappingResource")
    assert not [keyword for keyword, _ in UIDS if any(word in keyword for word in words)]


@needs_table
def test_the_table_has_the_same_ones() -> None:
    with TABLE.open(newline="", encoding="utf-8") as file:
        with_u = {row["tag"]: row["basic"] for row in csv.DictReader(file) if "U" in row["basic"]}
    sequences = {"00081140": "X/Z/U*", "00082112": "X/Z/U*"}
    expected = dict.fromkeys((f"{tag:08X}" for _, tag in UIDS), "U")
    assert with_u == expected | sequences
    assert hashlib.sha256(TABLE.read_bytes()).hexdigest() in str(uids.__doc__)
    assert "edition 2026d" in str(uids.__doc__)


@needs_table
def test_the_committed_list_is_what_the_generator_gives() -> None:
    done = check(TABLE)
    assert (done.returncode, done.stdout) == (0, "")
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["left out"] * 2


def test_another_table_is_noticed_and_a_missing_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "table-2026d.csv").write_text(f"{HEAD}00080018,SOP Instance UID,U\n")
    done = check(tmp_path / "table-2026d.csv")
    assert done.returncode == 1
    assert "uids.py differs from what table-2026d.csv gives" in done.stderr
    done = check(tmp_path / "missing-2026d.csv")
    assert (done.returncode, done.stderr) == (0, "missing-2026d.csv is missing: uids.py was not compared with it\n")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("00080018,SOP Instance UID,U", [("SOPInstanceUID", 0x0008_0018)]),
        ("00080018,SOP Instance UID,X/Z/U*", [("SOPInstanceUID", 0x0008_0018)]),
        ("00080018,SOP Instance UID,X/Z", []),
        ("300AFFF0,A UID of a later edition,U", [("", 0x300A_FFF0)]),
        ("00081140,Referenced Image Sequence,X/Z/U*", []),
        ("00080016,SOP Class UID,U", []),
        ("00020010,Transfer Syntax UID,U", []),
        ("0008010C,Coding Scheme UID,U", []),
        ("00020012,Implementation Class UID,U", []),
        ("300AFFF0,Later SOP Class UID,U", []),
    ],
)
def test_what_is_taken_of_a_table(row: str, expected: list[tuple[str, int]]) -> None:
    assert list(generate_uids.rows_of(HEAD + row)) == expected


@pytest.mark.parametrize("row", ["60xx4000,Overlay Comments,U", "PRIVATE,Private Attributes,U", "00100010,Name,U"])
def test_what_is_no_uid_is_an_error(row: str) -> None:
    with pytest.raises(SystemExit, match=row.partition(",")[0]):
        list(generate_uids.rows_of(HEAD + row))
