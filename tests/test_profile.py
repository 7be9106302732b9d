"""Table E.1-1 of PS3.15 is in the code as the standard has it: three other programs and pydicom agree."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from pydicom.datadict import dictionary_has_tag, dictionary_keyword, dictionary_VR, get_entry

import generate_profile
from dicomblank import profile, uids
from dicomblank.profile import ATTRIBUTES, OPTIONS, attribute
from dicomblank.uids import UIDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank.profile import Attribute

GENERATOR = Path(__file__).parents[1] / "tools" / "generate_profile.py"
TABLE = Path(__file__).parents[2] / "shared" / "ps315" / "table-e1-1-2026d.csv"
HEAD = ",".join([*generate_profile.COLUMNS, *OPTIONS]) + "\n"

needs_table = pytest.mark.skipif(not TABLE.is_file(), reason="no ../shared/ps315 beside this checkout")

# Made by tools/second_profile.py, which says of what.
with (Path(__file__).parent / "data" / "profile_of_others.csv").open(newline="", encoding="utf-8") as file:
    OTHERS = {row["tag"]: row for row in csv.DictReader(file)}

OURS = {row.tag: row for row in ATTRIBUTES}

# What the table of 2026c does not have in that program, and why.
NOT_IN_2026C = {
    "3004007F": "Dose Calculation Model Name is new in 2026d",
    "PRIVATE": "that program has a switch for private elements instead of a row",
}

# What the editions after September 2024 brought.
NEW_SINCE_2024 = {
    *("00081301", "00081302", "00081303", "00081304", "00100011", "00100012", "00100013", "00100014", "00100015"),
    *("00100016", "00100041", "00100042", "00100043", "00100044", "00100045", "00100046", "00100047", "00102162"),
    *("00181010", "00181011", "003A0020", "003A0203", "003A020C", "00400556", "0040A034", "0040A035", "0040B020"),
    *("0040B034", "0040B036", "0040B03B", "0040B03F", "0040E012", "00700006", "3004007F"),
}
OPTION_NEW_SINCE_2024 = {"00321033": ("..........", ".......C..")}  # Requesting Service: Clean Descriptors

# Where pydicom 3.0.2 has another name or state, and why.
NAMED_OTHERWISE = {
    "00102160": "Ethnic Group was retired after pydicom's edition: Ethnic Groups (0010,2162) takes its place",
    "300A067C": "pydicom's edition wrote Radiation GenerationMode",
    "300A067D": "pydicom's edition wrote Radiation GenerationMode",
}
NEWER_THAN_PYDICOM = 26


def check(table: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, GENERATOR, table, "--check"], capture_output=True, text=True, timeout=60, check=False
    )


def test_each_basic_action_is_that_of_another_program() -> None:
    theirs = {tag: row["basic_2026c"] for tag, row in OTHERS.items() if row["basic_2026c"]}
    ours = {row.tag: row.basic for row in ATTRIBUTES if row.tag not in NOT_IN_2026C}
    assert len(theirs) == 655
    assert not {tag: (action, theirs.get(tag)) for tag, action in ours.items() if action != theirs.get(tag)}
    assert set(theirs) == set(ours)


def test_each_option_is_that_of_a_program_with_an_older_edition() -> None:
    theirs = {tag: (row["basic_2024"], row["options_2024"]) for tag, row in OTHERS.items() if row["basic_2024"]}
    ours = {row.tag: (row.basic, row.letters) for row in ATTRIBUTES if row.tag not in NEW_SINCE_2024}
    assert len(theirs) == 623
    assert set(theirs) == set(ours)
    differ = {tag: (theirs[tag][1], ours[tag][1]) for tag in ours if ours[tag] != theirs[tag]}
    assert differ == OPTION_NEW_SINCE_2024
    assert not NEW_SINCE_2024 - set(OURS)


# What a program with the same edition has no option for.
NOT_OFFERED = {
    *("retain_safe_private", "retain_institution_identity", "retain_longitudinal_full_dates", "clean_graphics"),
}


def test_each_action_is_that_of_a_program_with_the_same_edition() -> None:
    theirs = {tag: (row["basic_2026d"], row["options_2026d"]) for tag, row in OTHERS.items() if row["basic_2026d"]}
    ours = {row.tag: (row.basic, offered(row)) for row in ATTRIBUTES}
    assert len(theirs) == 657
    assert {tag: (ours.get(tag), theirs[tag]) for tag in theirs if ours.get(tag) != theirs[tag]} == {}
    assert set(theirs) == set(ours)


def offered(row: Attribute) -> str:
    return "".join(
        "." if option in NOT_OFFERED else letter for option, letter in zip(OPTIONS, row.letters, strict=True)
    )


def test_pydicom_has_the_same_names() -> None:
    several = {row for row in ATTRIBUTES if row.is_pattern}
    known = {row for row in ATTRIBUTES if row not in several and dictionary_has_tag(int(row.tag, 16))}
    assert len(set(ATTRIBUTES) - several - known) == NEWER_THAN_PYDICOM
    differ = set()
    for row in known:
        _, _, name, is_retired, keyword = get_entry(int(row.tag, 16))
        assert row.keyword == keyword
        if (row.name, row.retired) != (name.replace("\u2019", "'"), is_retired == "Retired"):
            differ.add(row.tag)
    assert differ == set(NAMED_OTHERWISE)
    assert not any(row.keyword for row in set(ATTRIBUTES) - several - known)


def test_the_rows_are_in_order_and_each_is_there_once() -> None:
    tags = [row.tag for row in ATTRIBUTES]
    assert tags == sorted(set(tags))
    assert (len(tags), tags[-1]) == (657, "PRIVATE")
    letters = Counter(letter for row in ATTRIBUTES for letter in row.basic.replace("*", "").split("/"))
    assert set(letters) | {letter for row in ATTRIBUTES for letter in row.options.values()} == set(profile.ACTIONS)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        (0x0010_0010, "00100010"),
        (0x0008_0050, "00080050"),
        (0x0028_0010, None),
        (0x5000_0010, "50xxxxxx"),
        (0x50FE_3000, "50xxxxxx"),
        (0x5001_3000, "PRIVATE"),  # an odd group
        (0x5100_3000, None),
        (0x6000_3000, "60xx3000"),
        (0x6002_4000, "60xx4000"),
        (0x60FE_4000, "60xx4000"),
        (0x6000_0010, None),
        (0x6100_3000, None),
        (0x6001_3000, "PRIVATE"),
        (0x0029_0010, "PRIVATE"),
        (0x0029_1010, "PRIVATE"),
        (0xFFFC_FFFC, "FFFCFFFC"),
    ],
)
def test_each_tag_has_its_row(tag: int, expected: str | None) -> None:
    found = attribute(tag)
    assert (found and found.tag) == expected


def test_each_row_is_found_by_its_own_tag() -> None:
    assert all(attribute(int(row.tag, 16)) is row for row in ATTRIBUTES if not row.is_pattern)
    assert [row.tag for row in ATTRIBUTES if row.is_pattern] == ["50xxxxxx", "60xx3000", "60xx4000", "PRIVATE"]


@pytest.mark.parametrize(
    ("tag", "spelled", "keyword", "basic", "options"),
    [
        ("00100010", "(0010,0010)", "PatientName", "Z", {}),
        ("0008002A", "(0008,002A)", "AcquisitionDateTime", "X/Z/D",
         {"retain_longitudinal_full_dates": "K", "retain_longitudinal_modified_dates": "C"}),
        ("00102110", "(0010,2110)", "Allergies", "X",
         {"retain_patient_characteristics": "C", "clean_descriptors": "C"}),
        ("50xxxxxx", "(50xx,xxxx)", "", "X", {"clean_graphics": "C"}),
        ("60xx4000", "(60xx,4000)", "OverlayComments", "X", {"clean_graphics": "C"}),
        ("PRIVATE", "private", "", "X", {"retain_safe_private": "C"}),
    ],
)  # fmt: skip
def test_what_a_row_says(tag: str, spelled: str, keyword: str, basic: str, options: dict[str, str]) -> None:
    row = OURS[tag]
    assert (row.spelled, row.keyword, row.basic, row.options) == (spelled, keyword, basic, options)


@needs_table
def test_the_table_is_there_value_by_value() -> None:
    with TABLE.open(newline="", encoding="utf-8") as file:
        table = {row["tag"]: row for row in csv.DictReader(file)}
    assert {tag: as_in_the_table(row) for tag, row in OURS.items()} == {
        tag: {name: value for name, value in row.items() if value} for tag, row in table.items()
    } | {"00880200": as_in_the_table(OURS["00880200"])}  # its name has "(see Note 11)" there
    assert OURS["00880200"].name == "Icon Image Sequence"
    assert hashlib.sha256(TABLE.read_bytes()).hexdigest() == profile.SHA256
    assert profile.EDITION == "2026d"


def as_in_the_table(row: Attribute) -> dict[str, str]:
    flags = {"retired": "NY"[row.retired], "in_standard_iod": "NY"[row.in_standard_iod]}
    return {"tag": row.tag, "name": row.name, **flags, "basic": row.basic, **row.options}


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


def test_the_list_of_uids_has_each_u_of_the_table() -> None:
    with_u = {row.tag: row.basic for row in ATTRIBUTES if "U" in row.basic}
    sequences = {"00081140": "X/Z/U*", "00082112": "X/Z/U*"}
    assert with_u == dict.fromkeys((f"{tag:08X}" for _, tag in UIDS), "U") | sequences
    assert profile.SHA256 in str(uids.__doc__)
    assert f"edition {profile.EDITION}" in str(uids.__doc__)


@needs_table
def test_the_committed_files_are_what_the_generator_gives() -> None:
    done = check(TABLE)
    assert (done.returncode, done.stdout) == (0, "")
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["left out"] * 2


def test_another_table_is_noticed_and_a_missing_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "table-2026d.csv").write_text(f"{HEAD}{row_of('00080018,SOP Instance UID', 'U')}\n")
    done = check(tmp_path / "table-2026d.csv")
    assert done.returncode == 1
    for name in ("profile_table.py", "uids.py"):
        assert f"{name} differs from what table-2026d.csv gives" in done.stderr
    done = check(tmp_path / "missing-2026d.csv")
    assert (done.returncode, done.stderr) == (0, "missing-2026d.csv is missing: nothing was compared with it\n")


def row_of(tag_and_name: str, basic: str, flags: str = "N,Y", options: str = ",,,,,,,,,") -> str:
    return f"{tag_and_name},{flags},{basic},{options}"


@pytest.mark.parametrize(
    "row",
    [
        row_of("0010001,Short", "X"),
        row_of("52xxxxxx,Another Group", "X"),
        row_of("00100010,Flag", "X", flags="N,"),
        row_of("00100010,Action", "Q"),
        row_of("00100010,Option", "X", options="M,,,,,,,,,"),
        row_of('00100010,"Quo""te"', "X"),
        row_of("00100010,Twice", "X") + "\n" + row_of("00100010,Twice", "X"),
    ],
)
def test_a_row_that_can_not_be_is_an_error(row: str) -> None:
    with pytest.raises(SystemExit, match=row[:7]):
        list(generate_profile.rows_of(HEAD + row))


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
    assert list(generate_profile.uids_of("tag,name,basic\n" + row)) == expected


@pytest.mark.parametrize("row", ["60xx4000,Overlay Comments,U", "PRIVATE,Private Attributes,U", "00100010,Name,U"])
def test_what_is_no_uid_is_an_error(row: str) -> None:
    with pytest.raises(SystemExit, match=row.partition(",")[0]):
        list(generate_profile.uids_of("tag,name,basic\n" + row))
