"""No reader shows a planted value under a listed element of a file that was reported as done.

The readers are pydicom, dcmdump and gdcmdump. The cases are seeded: `make differential SEED=… CASES=…` runs others,
MINUTES=… as many as fit, and CASE=… one alone. No value is ever printed.
"""

from __future__ import annotations

import os
import shutil
import struct
from typing import TYPE_CHECKING

import pytest

import dicomblank
import hunt
from elements import DEFLATED, ITEM, PIXELS, deflated, file_of, known, part10
from planted import (
    ATTACKS,
    BIG,
    BLANKED_SEQUENCES,
    EXPLICIT,
    IMPLICIT,
    RULES,
    case,
    is_planted,
    marker,
    real_bases,
)
from readers import (
    DCMDUMP,
    PACKAGES,
    Shown,
    dcmdump,
    everyone,
    leaks,
    parse_dcmdump,
    parse_gdcmdump,
    pydicom_shown,
    shows_marker,
)

if TYPE_CHECKING:
    from pathlib import Path

    from planted import Loose

SEED = os.environ.get("DICOMBLANK_SEED") or "dicomblank"
CASES = int(os.environ.get("DICOMBLANK_CASES") or 2000)
CASE = os.environ.get("DICOMBLANK_CASE") or None
MINUTES = float(os.environ.get("DICOMBLANK_MINUTES") or 0)

NAME, DATE, WEIGHT = 0x0010_0010, 0x0010_0030, 0x0010_1030
SEQUENCE = 0x0008_1110
LISTED_SEQUENCE = BLANKED_SEQUENCES[0]
PRIVATE = 0x0029_1010
BLANKED = frozenset(RULES[1].blanked)
READERS = ["pydicom", *DCMDUMP, "gdcmdump"]


@pytest.mark.timeout(300 + CASES // 5 + 2 * 60 * MINUTES)
def test_no_reader_shows_a_planted_value() -> None:
    tally = hunt.judge(SEED, [int(CASE)]) if CASE is not None else hunt.hunt(SEED, CASES, 60 * MINUTES or None)
    repeat = f"make differential SEED={SEED} CASE=<number>"
    assert not tally.lines(), f"shown in files that were done, {repeat}:\n" + "\n".join(tally.lines())
    if CASE is None and CASES >= 500:
        # Otherwise too little would be judged.
        assert tally.outcomes["done"] > tally.outcomes.total() / 8
        assert tally.read > 0


def test_a_blanked_value_that_is_read_longer_is_no_leak() -> None:
    """Of a VR that nobody knows pydicom takes the letters for a length."""
    name = EXPLICIT.header(NAME, "??", 8)
    behind = EXPLICIT.element(0x0009_1001, "LO", marker(20))
    for value, expected in [(b" " * 8, 0), (b"\0" * 8, 0), (marker(8), 1), (b" " + marker(7), 1)]:
        data = part10(EXPLICIT.uid, known(EXPLICIT) + name + value + behind)
        found = leaks(pydicom_shown(data), frozenset({NAME}))
        assert len(set(found)) == expected


def test_what_is_read_otherwise() -> None:
    """Elements whose VR nobody knows, and no others."""
    plain = EXPLICIT.element(DATE, "DA", marker(8)) + EXPLICIT.element(WEIGHT, "UN", marker(8))
    implicit = IMPLICIT.element(NAME, "PN", marker(8)) + IMPLICIT.element(0x0009_1001, "UN", marker(8))
    short, long = (
        EXPLICIT.header(NAME, "??", 8) + marker(8),
        EXPLICIT.tag(NAME) + b"ZZ\0\0\x08\0\0\0" + marker(8),
    )
    for syntax, elements, odd in [
        (EXPLICIT, short + plain, {NAME}),
        (EXPLICIT, long + plain, {NAME}),
        # A length of 16 bits behind two bytes that are no letters, and in implicit VR a number whose bytes are letters.
        (EXPLICIT, EXPLICIT.tag(NAME) + b"\xa8\x4e\0\0" + plain, {NAME}),
        (IMPLICIT, IMPLICIT.element(0x0009_1001, "UN", marker(0x2020)), set()),
        (EXPLICIT, plain, set()),
        (IMPLICIT, implicit, set()),
    ]:
        otherwise = hunt.Otherwise.of(part10(syntax.uid, known(syntax) + elements))
        assert otherwise.odd == odd | {hunt.BLANKS}
        assert not otherwise.rooms
        assert [otherwise.explains(Shown((tag,), "")) for tag in (NAME, DATE)] == [bool(odd), False]
    assert hunt.Otherwise.of(b"no DICOM file") == hunt.Otherwise(size=13)
    in_deflated = part10(DEFLATED, deflated(known(EXPLICIT) + short + plain))
    assert hunt.Otherwise.of(in_deflated).odd == {NAME, hunt.BLANKS}
    assert hunt.inflated(in_deflated[:-20]) != in_deflated[:-20]
    not_deflated = part10(DEFLATED, known(EXPLICIT) + short)
    assert hunt.inflated(not_deflated) == not_deflated


@pytest.mark.parametrize("is_defined", [True, False])
def test_what_reaches_over_the_end_of_what_it_is_in(*, is_defined: bool) -> None:
    item = EXPLICIT.item(EXPLICIT.element(NAME, "PN", marker(20)))
    data = file_of(EXPLICIT, EXPLICIT.sequence(SEQUENCE, item, is_defined=is_defined))
    otherwise = hunt.Otherwise.of(data)
    assert otherwise.rooms == {SEQUENCE: len(item)}
    for tags, length, explained in [
        ((SEQUENCE, ITEM, NAME), len(item), False),
        ((SEQUENCE, ITEM, NAME), len(item) + 1, True),
        ((LISTED_SEQUENCE, ITEM, NAME), len(data), False),
        ((SEQUENCE,), len(data), False),
        ((NAME,), len(data) + 1, True),
    ]:
        assert otherwise.explains(Shown(tags, f"PN [ZQX # 9999, 1 x] # {length}, 1 PatientName")) is explained
    assert not otherwise.explains(Shown((SEQUENCE,), "SQ (Sequence) # u/l, 1 ReferencedStudySequence"))
    assert not hunt.Otherwise().explains(Shown((NAME,), "PN [ZQX] # 20, 1 PatientName"))


def test_what_claims_more_than_the_file_has() -> None:
    """pydicom and dcmdump show what there is, and how much was claimed."""
    for claimed, explained in [(20, False), (2000, True)]:
        data = part10(IMPLICIT.uid, known(IMPLICIT) + IMPLICIT.header(NAME, "PN", claimed) + marker(20))
        shown = [line for line in pydicom_shown(data) if shows_marker(line.text)]
        assert shown
        assert all(hunt.Otherwise(size=len(data)).explains(line) is explained for line in shown)


@pytest.mark.parametrize("program", PACKAGES)
def test_a_reader_is_installed(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is missing: sudo apt-get install {PACKAGES[program]}")


# What the two print, and what is read from it: the path of each line that shows a marker.
DCMDUMP_OUTPUT = """
# Dicom-Meta-Information-Header
(0002,0010) UI [1.2.840.10008.1.2.1]                    #  20, 1 TransferSyntaxUID

# Dicom-Data-Set
(0008,0090) PN (no value available)                     #   0, 0 ReferringPhysicianName
(0008,1110) SQ (Sequence with explicit length #=1)      #  31, 1 ReferencedStudySequence
  (fffe,e000) na (Item with undefined length #=1)         # u/l, 1 Item
    (0010,0010) PN [ZQXZQX&#0;]                             #   8, 1 PatientName
  (fffe,e00d) na (ItemDelimitationItem)                   #   0, 0 ItemDelimitationItem
(fffe,e0dd) na (SequenceDelimitationItem for re-encod.) #   0, 0 SequenceDelimitationItem
(0010,0010) UN 5a\\51\\58\\5a                              #   4, 1 PatientName
(0010,0030) DA [        ]                               #   8, 1 PatientBirthDate
(0010,1030) US 20826\\23128\\22609                        #   6, 3 PatientWeight
(7fe0,0010) OB (PixelSequence #=1)                      # u/l, 1 PixelData
  (fffe,e000) pi 51\\58\\5a\\51                             #   4, 1 Item
(fffe,e0dd) na (SequenceDelimitationItem)               #   0, 0 SequenceDelimitationItem
(0010,0030) DA [        ]                               #   8, 1 PatientBirthDate
(????,????) ?? ff\\ff\\5a\\51\\58\\5a                        #   6, 1 Unknown Tag & Data
"""
GDCMDUMP_OUTPUT = """# Dicom-File-Format

# Dicom-Meta-Information-Header
# Used TransferSyntax: 1.2.840.10008.1.2.1
(0002,0010) UI [1.2.840.10008.1.2.1]                              # 20,1 Transfer Syntax UID

# Dicom-Data-Set
# Used TransferSyntax: 1.2.840.10008.1.2.1
(0008,0090) PN (no value)                                         # 0,1 Referring Physician's Name
(0008,1110) SQ (Sequence with defined length)                     # 56,1 Referenced Study Sequence
  (fffe,e000) na (Item with undefined length)
    (0010,0010) PN [ZQXZQXZQ]                                     # 8,1 Patient's Name
  (fffe,e00d)
(0010,0010) UN (PN) [text
over two lines, ZQX]                                              # 8,1 Patient's Name
(0010,0030) DA [        ]                                         # 8,1 Patient's Birth Date
(0010,1030) OB 5a\\51\\58\\5a                                        # 4,1 Patient's Weight
(0029,1010) UN 5a\\51\\58\\5a         # 4,? (24)  Private Element With Empty Private Creator
"""


def test_dcmdump_is_understood() -> None:
    lines = parse_dcmdump(DCMDUMP_OUTPUT)
    assert [line.tags for line in lines if shows_marker(line.text)] == [
        (SEQUENCE, ITEM, NAME),
        (NAME,),
        (WEIGHT,),
        (PIXELS, ITEM),
        (0xFFFF_FFFF,),
    ]
    assert leaks(lines, BLANKED) == [(SEQUENCE, ITEM, NAME), (NAME,), (WEIGHT,)]


def test_gdcmdump_is_understood() -> None:
    lines = parse_gdcmdump(GDCMDUMP_OUTPUT)
    assert [line.tags for line in lines if shows_marker(line.text)] == [
        (SEQUENCE, ITEM, NAME),
        (NAME,),
        (WEIGHT,),
        (PRIVATE,),
    ]
    assert leaks(lines, BLANKED) == [(SEQUENCE, ITEM, NAME), (NAME,), (WEIGHT,)]


@pytest.mark.parametrize(
    ("text", "is_shown"),
    [
        ("[ZQX]", True),
        ("[Doe^XZQ]", True),
        ("[ZQ]", False),
        ("5a\\51\\58", True),
        ("515a\\5a58", True),
        ("5a51\\585a", True),
        ("20826\\23128", True),
        ("20826", False),
        ("(515a,5a58)", True),
        (f"{struct.unpack('<L', b'QXZQ')[0]}", True),
        (f"{struct.unpack('<f', b'XZQX')[0]:.6g}", True),
        (f"{struct.unpack('>d', b'ZQXZQXZQ')[0]:.17g}", True),
        ("[        ]", False),
        ("0\\0\\0", False),
        ("20\\20\\20", False),
    ],
)
def test_a_marker_is_told(text: str, *, is_shown: bool) -> None:
    assert shows_marker(text) is is_shown


def test_what_is_below_a_listed_sequence_is_listed() -> None:
    lines = [Shown((LISTED_SEQUENCE, ITEM, PRIVATE), "ZQX"), Shown((SEQUENCE, ITEM, PRIVATE), "ZQX")]
    assert leaks(lines, BLANKED) == [(LISTED_SEQUENCE, ITEM, PRIVATE)]


def sound_file(syntax: Loose) -> bytes:
    """Planted values at the top, in a sequence, and below a listed one."""
    name = syntax.element(NAME, "PN", marker(8))
    other = syntax.element(0x0008_0100, "SH", marker(8))
    nested = syntax.sequence(SEQUENCE, syntax.item(name, is_defined=False), is_defined=False)
    listed = syntax.sequence(LISTED_SEQUENCE, syntax.item(other))
    return file_of(syntax, nested, listed, name, syntax.element(DATE, "DA", marker(8)))


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG], ids=["explicit", "implicit", "big-endian"])
def test_every_reader_sees_a_value_that_was_missed(syntax: Loose, tmp_path: Path) -> None:
    """With one edit left out, each reader shows at which element; with all made, none shows any."""
    data = sound_file(syntax)
    edits = dicomblank.plan(data, RULES[1])
    assert [edit.tag for edit in edits] == [NAME, 0x0008_0100, NAME, DATE]
    clean = dicomblank.anonymize_bytes(data, RULES[1])
    missed = [
        clean[: edit.start] + data[edit.start :][: edit.length] + clean[edit.start + edit.length :] for edit in edits
    ]
    files = {tmp_path / f"{index}.dcm": each for index, each in enumerate([*missed, clean])}
    for path, each in files.items():
        path.write_bytes(each)
    expected: dict[str, list[tuple[int, ...]]] = {
        "0.dcm": [(SEQUENCE, NAME)],
        "1.dcm": [(LISTED_SEQUENCE, 0x0008_0100)],
        "2.dcm": [(NAME,)],
        "3.dcm": [(DATE,)],
        "4.dcm": [],
    }
    for path, reader, lines in everyone(files):
        found = {tuple(tag for tag in tags if tag != ITEM) for tags in leaks(lines, BLANKED)}
        # pydicom gives the bytes of a sequence of defined length as well as its items.
        assert found - {(LISTED_SEQUENCE,)} == set(expected[path.name]), (path.name, reader)


def test_a_leak_is_reported_for_each_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing at all were blanked, the hunt would say so."""
    monkeypatch.setattr(hunt, "outcome", lambda each: ("done", each.data))
    tally = hunt.judge("sound", range(0, 4 * len(ATTACKS), len(ATTACKS)))
    installed = {reader for reader in READERS if reader == "pydicom" or shutil.which(reader.partition(" ")[0])}
    assert {leak.reader for leak in tally.leaks} == installed


def test_a_reader_that_crashes_hides_no_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does one that prints without end."""
    program = tmp_path / "dcmdump"
    program.write_text(
        """#!/bin/sh
while [ "${1#/}" = "$1" ]; do shift; done
for file; do
    echo "# dcmdump (1/9): $file"
    echo '(0010,0010) PN [ZQX]   # 4, 1 PatientName'
    case $file in
        *crash) kill -SEGV $$ ;;
        *endless) exec yes ;;
    esac
done
"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    paths = [tmp_path / name for name in ("a", "b.crash", "c", "d.endless", "e", "f.crash")]
    found = dcmdump(paths, ())
    assert list(found) == paths
    assert all(leaks(found[path], BLANKED) == [(NAME,)] for path in paths)


def test_cases_are_what_they_say() -> None:
    """The same bytes for the same number, a marker in nearly each, and every kind of attack in a round."""
    round_of = [case("fixed", number) for number in range(2 * len(ATTACKS))]
    assert round_of == [case("fixed", number) for number in range(2 * len(ATTACKS))]
    assert {each.kind.partition(",")[0] for each in round_of} == set(ATTACKS)
    assert sum(is_planted(each.data) for each in round_of) > len(ATTACKS)
    assert len(real_bases()) > 30
    assert all(is_planted(base.data) for base in real_bases())
