"""Readers that people use read of results what they read of the originals, but for what the level treats.

Where an element was treated is what `plan` says; every other one has to be shown as before, in the same order, with the
same value. Pixel data are treated by no level. What dcm2niix makes of the pixels has to be the same volume.
"""

from __future__ import annotations

import re
import shutil
from functools import cache
from typing import TYPE_CHECKING

import pytest
from pydicom import dcmread

from dicomblank.view import quiet
from level_results import CLEANED, LEVELS, results
from read_by import Line, Volume, by_dcmdump, by_gdcmdump, by_pydicom, dcm2niix, placed, volumes
from readers import PACKAGES, parse_dcmdump, parse_gdcmdump
from samples import MR, SHARED, at_hand, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

#: What the Basic Profile adds, whether it was there before or not.
ADDED = frozenset({"(0012,0062)", "(0012,0063)", "(0012,0064)", "(0028,0303)"})
#: Overlays go, and dcm2niix makes a volume of each.
GONE = {"examples_overlay.dcm": ["image_ROI1.nii"]}
#: Siemens' mosaics: how many slices one has stands in a private element alone, which goes. Files beside this checkout.
MOSAICS = {"mr_big_endian.dcm", "mr_implicit.dcm", "mr_jpegls.dcm", "mr_rle.dcm"}
SHARED_BY_ALL = 100  # files that a reader has to read at least, of those that pydicom ships
VOLUMES = 40


def _each(read: Callable[[Path], list[Line] | None]) -> Callable[[list[Path]], dict[Path, list[Line] | None]]:
    return lambda paths: {path: read(path) for path in paths}


READERS = {"pydicom": _each(by_pydicom), "dcmdump": by_dcmdump, "gdcmdump": _each(by_gdcmdump)}


@cache
def before(reader: str) -> dict[Path, list[Line] | None]:
    return READERS[reader](list(at_hand()))


def differences(before: Iterable[Line], after: Iterable[Line], treated: frozenset[str]) -> list[str]:
    """The first place that is shown otherwise, or is not shown, though it was not treated: one, or none."""
    skipped = _HEAD_OR_LENGTH if treated >= ADDED else re.compile("$.")
    old, new = (
        [line for line in lines if not skipped.search(line.place) and not _is_treated(line.place, treated)]
        for lines in (before, after)
    )
    if old == new:
        return []
    at = next(
        (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new))
    )
    return [(old + new)[at].place if at < len(old) else new[at].place]


#: Of a rewritten file the file meta information is new, and lengths of groups go.
_HEAD_OR_LENGTH = re.compile(r"^\(0002,|,0000\)$")


def _is_treated(place: str, treated: frozenset[str]) -> bool:
    """Whether it was treated, or what it is in, or what is in it: not every reader knows each sequence as one."""
    return place in treated or not treated.isdisjoint(_around(place)) or place in _around_all(treated)


def _around(place: str) -> list[str]:
    """The places of the sequences around."""
    return [place[:at] for at, letter in enumerate(place) if letter == "["]


@cache
def _around_all(treated: frozenset[str]) -> frozenset[str]:
    return frozenset(around for place in treated for around in _around(place))


def needs(program: str) -> None:
    if program != "pydicom" and not shutil.which(program):
        pytest.skip(f"{program} is missing: sudo apt-get install {PACKAGES[program]}")


@pytest.mark.parametrize("level", [level for level in LEVELS if level != CLEANED])
@pytest.mark.parametrize("reader", READERS)
def test_what_was_not_treated_is_read_as_before(reader: str, level: str, tmp_path: Path) -> None:
    needs(reader)
    done = list(results(tmp_path, level))
    after = READERS[reader]([result.path for result in done])
    wrong, compared = [], 0
    for path, result, treated in done:
        old, new = before(reader)[path], after[result]
        if old is None:
            continue
        compared += 1
        if new is None:
            wrong.append(f"{name_of(path)}: not read any more")
        else:
            around = treated | ADDED if level.startswith("basic") else treated
            wrong += [f"{name_of(path)}: {place}" for place in differences(old, new, around)]
    assert not wrong
    assert compared > SHARED_BY_ALL


@pytest.mark.parametrize("level", LEVELS)
def test_volumes_are_what_they_were(level: str, tmp_path: Path) -> None:
    if dcm2niix() is None:
        pytest.skip("dcm2niix is missing: it is in requirements-dev.txt")
    done = list(results(tmp_path, level))
    gone = GONE if level.startswith("basic") else {}
    wrong, missing = [], {}
    for path, result, _ in done:
        if not (old := volumes_before(path)):
            continue  # no image, or one that it does not read
        new = volumes(result)
        if lost := sorted(old.keys() - new.keys()):
            missing[name_of(path)] = lost
        if new.items() - old.items():
            wrong.append(name_of(path))
    others = MOSAICS if level.startswith("basic") and SHARED.is_dir() else set()
    assert set(wrong) == others
    assert missing == gone
    made = [made for path, *_ in done for made in volumes_before(path).values() if isinstance(made, Volume)]
    assert len(made) > VOLUMES


@cache
def volumes_before(path: Path) -> dict[str, Volume | str]:
    return volumes(path)


# What the comparison would notice


def test_a_changed_value_is_noticed_by_each_reader(tmp_path: Path) -> None:
    place = "(0018,0050)"
    data = MR.read_bytes()
    with quiet():
        thickness = str(dcmread(MR).SliceThickness).encode()
    assert data.count(b"DS\x06\0" + thickness) + data.count(b"DS\x08\0" + thickness) >= 1
    at = data.index(b"\x18\0\x50\0DS") + 8
    changed = tmp_path / "changed.dcm"
    changed.write_bytes(data[:at] + b"9" + data[at + 1 :])
    for reader, read in READERS.items():
        if reader == "pydicom" or shutil.which(reader):
            old, new = read([MR])[MR], read([changed])[changed]
            assert old is not None
            assert new is not None
            assert differences(old, old, frozenset()) == []
            assert differences(old, new, frozenset()) == [place], reader
            assert differences(old, new, frozenset({place})) == []


def test_a_changed_pixel_is_another_volume(tmp_path: Path) -> None:
    if dcm2niix() is None:
        pytest.skip("dcm2niix is missing: it is in requirements-dev.txt")
    data = MR.read_bytes()
    changed = tmp_path / "changed.dcm"
    at = data.index(b"\xe0\x7f\x10\0OW") + 12 + 600
    changed.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    (old,), (new,) = volumes(MR).values(), volumes(changed).values()
    assert isinstance(old, Volume)
    assert isinstance(new, Volume)
    assert old.geometry == new.geometry
    assert old.voxels != new.voxels


def test_lines_that_are_left_out_are_noticed() -> None:
    lines = [Line("(0008,0005)", "CS"), Line("(0008,0060)", "CS"), Line("(0040,A730)[0].(0010,0010)", "PN")]
    nothing: frozenset[str] = frozenset()
    assert differences(lines, lines, nothing) == []
    assert differences(lines, lines[:-1], nothing) == ["(0040,A730)[0].(0010,0010)"]
    assert differences(lines[:-1], lines, nothing) == ["(0040,A730)[0].(0010,0010)"]
    assert differences(lines, lines[1:], nothing) == ["(0008,0005)"]
    assert differences(lines, lines[:-1], frozenset({"(0040,A730)"})) == []
    assert differences(lines, lines[:-1], frozenset({"(0040,A73)"})) == ["(0040,A730)[0].(0010,0010)"]
    unknown = [Line("(3F03,1001)", "UN one"), Line("(3F03,1001)", "UN other")]
    assert differences(unknown[:1], unknown[1:], nothing) == ["(3F03,1001)"]
    assert differences(unknown[:1], unknown[1:], frozenset({"(3F03,1001)[0].(0008,0090)"})) == []


DCMDUMP_OUTPUT = """
(0008,1110) SQ (Sequence with explicit length #=2)      #  31, 1 ReferencedStudySequence
  (fffe,e000) na (Item with undefined length #=1)         # u/l, 1 Item
    (0010,0010) PN [A]                                      #   2, 1 PatientName
    (0008,1140) SQ (Sequence with explicit length #=1)      #   8, 1 ReferencedImageSequence
      (fffe,e000) na (Item with explicit length #=1)          #   8, 1 Item
        (0010,0020) LO [B]                                      #   2, 1 PatientID
      (fffe,e00d) na (ItemDelimitationItem for re-encoding)   #   0, 0 ItemDelimitationItem
    (fffe,e0dd) na (SequenceDelimitationItem for re-encod.) #   0, 0 SequenceDelimitationItem
  (fffe,e00d) na (ItemDelimitationItem)                   #   0, 0 ItemDelimitationItem
  (fffe,e000) na (Item with undefined length #=1)         # u/l, 1 Item
    (0010,0010) PN [C]                                      #   2, 1 PatientName
(0010,0030) DA [D]                                      #   8, 1 PatientBirthDate
"""


@pytest.mark.parametrize("parse", [parse_dcmdump, parse_gdcmdump])
def test_places_count_the_items(parse: Callable[[str], list[object]]) -> None:
    found = list(placed(parse(DCMDUMP_OUTPUT)))  # type: ignore[arg-type]
    assert [(line.place, line.text.partition(" ")[0]) for line in found] == [
        ("(0008,1110)", "SQ"),
        ("(0008,1110)[0].(0010,0010)", "PN"),
        ("(0008,1110)[0].(0008,1140)", "SQ"),
        ("(0008,1110)[0].(0008,1140)[0].(0010,0020)", "LO"),
        ("(0008,1110)[1].(0010,0010)", "PN"),
        ("(0010,0030)", "DA"),
    ]
    assert found[0].text == "SQ"
