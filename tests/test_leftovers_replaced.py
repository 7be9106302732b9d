"""Leftovers that are replaced: nothing is found any more, only hits have changed, and every reader reads the file."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import warnings
from typing import TYPE_CHECKING

import pydicom
import pytest

import dicomblank
from dicomblank import Leftovers, Level, OnError
from elements import BIG, EXPLICIT, IMPLICIT
from keyed import KEY, differences, write
from leftover_files import BIRTH, ID, NAME, UID, Patient, bare, deflated_form, padded, planted, spellings
from samples import SHARED, inflated

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from dicomblank.levels import LevelLike

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # that reading DICOM is experimental, which the CSA header is no part of
    from nibabel.nicom import csareader

RULES = Level.ANONYMIZE_FULL.rules.blank("AccessionNumber", "SOPInstanceUID")
SPELLINGS = spellings(Patient())


def done(path: Path, level: LevelLike = RULES, key: dicomblank.Key | None = None) -> dicomblank.Row:
    """What is said of a file whose leftovers are replaced in place."""
    rows: list[dicomblank.Row] = []
    choices: dict[str, Any] = {"leftovers": Leftovers.REPLACE, "unmarked": "write", "on_error": OnError.COLLECT}
    dicomblank.anonymize_in_place(path, level, key=key, report=rows.append, **choices)
    [row] = rows
    return row


def shape(data: bytes) -> list[tuple[Any, ...]]:
    """Every element of a file with its tag, VR and length, as pydicom reads them."""
    found: list[tuple[Any, ...]] = []

    def visit(dataset: pydicom.Dataset) -> None:
        for tag in sorted(dataset.keys()):
            raw = dataset.get_item(tag)
            value = raw.value
            found.append((int(tag), raw.VR, len(value) if isinstance(value, (bytes, list)) else None))
            if raw.VR == "SQ" or isinstance(value, list):
                for item in dataset[tag].value:
                    visit(item)

    visit(pydicom.dcmread(io.BytesIO(data), force=True))
    return found


@pytest.mark.parametrize(("text", "of"), SPELLINGS, ids=[f"spelling {index}" for index in range(len(SPELLINGS))])
def test_nothing_is_found_any_more_and_only_hits_have_changed(tmp_path: Path, text: str, of: str) -> None:
    for syntax in (EXPLICIT, IMPLICIT, BIG):
        made = planted(text, of, syntax)
        path = write(tmp_path / f"{syntax.uid}.dcm", made.data)
        plan = dicomblank.plan(path, RULES)
        row = done(path)
        after = path.read_bytes()
        assert row.leftover_count >= len(made.places)
        # Private creators, which name blocks, stay; nothing is planted in one here. Pixel data is not looked at.
        allowed = {at for edit in plan for at in range(edit.start, edit.start + edit.length)}
        for leftover in row.leftovers:
            assert leftover.offset is not None
            allowed.update(range(leftover.offset, leftover.offset + leftover.length))
        assert differences(made.data, after) <= allowed
        assert shape(after) == shape(made.data)
        known = tmp_path / "known.txt"
        known.write_text(text)
        found: list[dicomblank.Row] = []
        again = tmp_path / f"{syntax.uid}-again"
        dicomblank.anonymize_copy(path, again, RULES, known=known, leftovers="warn", report=found.append)
        assert found[0].leftover_count == 0


def test_the_copy_is_what_in_place_makes(tmp_path: Path) -> None:
    for level, key in ((RULES, None), (Level.PSEUDONYMIZE, KEY)):
        for name, made in {
            "explicit": planted(NAME.upper(), "PatientName"),
            "bare": bare(ID, "PatientID"),
            "deflated": deflated_form(ID, "PatientID"),
        }.items():
            path = write(tmp_path / name, made.data)
            copy = tmp_path / f"copy of {name}"
            copy.unlink(missing_ok=True)
            dicomblank.anonymize_copy(path, copy, level, key=key, leftovers="replace")
            row = done(path, level, key)
            assert row.outcome == "anonymized"
            if name == "deflated":
                assert inflated(path.read_bytes()) == inflated(copy.read_bytes())
                assert ID.encode() not in inflated(copy.read_bytes()).partition(b"\xe0\x7f")[0]
            else:
                assert path.read_bytes() == copy.read_bytes()
                assert len(copy.read_bytes()) == len(made.data)


def test_what_was_replaced_is_replaced_by_the_same_elsewhere(tmp_path: Path) -> None:
    """The pseudonym where it was pseudonymized, the shifted date in the same spelling where it was shifted."""
    data = EXPLICIT.element
    year, month, day = BIRTH[:4], BIRTH[4:6], BIRTH[6:]
    study = "20240131"
    wide = ID.encode("utf-16-le").decode("latin-1")
    born = f"{day}.{month}.{year}"
    texts = [ID, ID.lower(), UID, "31.01.2024", "2024-01-31T12:00", born, NAME, wide]
    file = b"".join(
        [
            bytes(128) + b"DICM" + data(0x0002_0010, "UI", b"1.2.840.10008.1.2.1\0"),
            data(0x0008_0016, "UI", b"1.2.840.10008.5.1.4.1.1.4\0"),
            data(0x0008_0018, "UI", padded(UID.encode(), "UI")),
            data(0x0008_0020, "DA", study.encode()),
            data(0x0010_0010, "PN", padded(NAME.encode())),
            data(0x0010_0020, "LO", padded(ID.encode())),
            data(0x0010_0030, "DA", BIRTH.encode()),
            data(0x0029_0010, "LO", b"SOMEBODY"),
            *(data(0x0029_1000 + at, "OB", padded(text.encode("latin-1"), "OB")) for at, text in enumerate(texts)),
        ]
    )
    path = write(tmp_path / "1.dcm", file)
    assert done(path, Level.PSEUDONYMIZE, KEY).outcome == "anonymized"
    after = pydicom.dcmread(path)
    values = [bytes(after[0x0029_1000 + index].value).rstrip(b"\0").decode("latin-1") for index in range(len(texts))]
    new, shifted = str(after.PatientID), str(after.StudyDate)
    assert new != ID
    assert shifted != study
    assert values == [
        new,
        new.lower(),
        str(after.SOPInstanceUID),
        f"{shifted[6:]}.{shifted[4:6]}.{shifted[:4]}",
        f"{shifted[:4]}-{shifted[4:6]}-{shifted[6:]}T12:00",
        "00.00.0000",  # a birth date is blanked at this level
        "       ^        ",
        new.encode("utf-16-le").decode("latin-1").rstrip("\0"),
    ]


def csa(items: list[tuple[str, str, bytes]], name: bytes = b"SV10\x04\x03\x02\x01") -> bytes:
    """A CSA header of Siemens: each element with its name, VR and one text."""
    made = name + struct.pack("<2L", len(items), 77)
    for title, vr, value in items:
        text = value + b"\0"
        made += struct.pack("<64si4s3i", title.encode(), 1, vr.encode(), 0, 1, 77)
        made += struct.pack("<4i", len(text), len(text), 77, len(text)) + text + bytes(-len(text) % 4)
    return made


def tags_of(header: bytes) -> dict[str, dict[str, Any]]:
    """What another reader makes of a CSA header."""
    read: Any = csareader.read  # which has no types
    tags: dict[str, dict[str, Any]] = read(header)["tags"]
    return tags


def test_a_csa_header_still_parses(tmp_path: Path) -> None:
    family, given = NAME.split("^")
    number = "47110815"
    items = [
        ("PatientName", "LO", f"{given} {family}".encode()),
        ("Number", "IS", number.encode()),
        ("Decimal", "DS", f"{number}.5".encode()),
        ("Phase", "DS", b"1.25"),
        ("Study", "UI", UID.encode()),
        ("Born", "ST", f"{BIRTH[:4]}-{BIRTH[4:6]}-{BIRTH[6:]}".encode()),
    ]
    data = EXPLICIT.element
    header = csa(items)
    file = bytes(128) + b"DICM" + data(0x0002_0010, "UI", b"1.2.840.10008.1.2.1\0")
    file += data(0x0008_0016, "UI", b"1.2.840.10008.5.1.4.1.1.4\0") + data(
        0x0008_0018, "UI", padded(UID.encode(), "UI")
    )
    file += data(0x0010_0010, "PN", padded(NAME.encode())) + data(0x0010_0020, "LO", number.encode())
    file += data(0x0010_0030, "DA", BIRTH.encode()) + data(0x0029_0010, "LO", b"SIEMENS CSA HEADER")
    file += data(0x0029_1010, "OB", padded(header, "OB"))
    path = write(tmp_path / "1.dcm", file)
    before = tags_of(header)
    assert done(path).leftover_count == 5
    after = tags_of(bytes(pydicom.dcmread(path)[0x0029_1010].value))
    assert list(after) == list(before)
    assert after["Phase"] == before["Phase"]
    values = {name: tag["items"][0] for name, tag in after.items()}
    assert (values["Number"], values["Decimal"]) == (0, 0.5)
    assert (values["PatientName"].strip(), values["Born"]) == ("", "0000-00-00")
    assert set(values["Study"]) == {"0", "."}


REAL = sorted(path for path in SHARED.rglob("*") if path.is_file())


@pytest.mark.skipif(not REAL, reason="no ../shared/data beside this checkout")
def test_the_csa_headers_of_real_files_still_parse(tmp_path: Path) -> None:
    parsed = replaced = 0
    for path in REAL:
        copy = tmp_path / f"{parsed}-{path.name}"
        shutil.copy(path, copy)
        before = pydicom.dcmread(path, force=True)
        headers = [
            element.tag
            for element in before
            if element.tag in {0x0029_1010, 0x0029_1020} and b"SV10" in bytes(element.value)[:8]
        ]
        if not headers:
            continue
        row = done(copy, Level.PSEUDONYMIZE, KEY)
        assert row.outcome == "anonymized"
        replaced += row.leftover_count
        after = pydicom.dcmread(copy, force=True)
        for tag in headers:
            old, new = (tags_of(bytes(dataset[tag].value)) for dataset in (before, after))
            assert list(old) == list(new)
            assert {name: len(found["items"]) for name, found in old.items()} == {
                name: len(found["items"]) for name, found in new.items()
            }
            parsed += 1
    assert parsed >= 4
    assert replaced > 0


@pytest.mark.parametrize("program", ["dcmdump", "gdcmdump"])
def test_other_readers_still_read_what_was_replaced(tmp_path: Path, program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")

    def lines(path: Path) -> list[str]:
        run = subprocess.run([program, path], capture_output=True, timeout=60, check=False)
        assert run.returncode == 0
        return [line[:12] for line in run.stdout.decode("latin-1").splitlines()]

    for index, (text, of) in enumerate(SPELLINGS[::3]):
        for syntax in (EXPLICIT, IMPLICIT, BIG):
            path = write(tmp_path / f"{index}-{syntax.uid}.dcm", planted(text, of, syntax).data)
            before = lines(path)
            done(path)
            assert lines(path) == before


def test_structure_and_paths_are_left(tmp_path: Path) -> None:
    """A private creator names a block, and a path is no part of the file: both are told, and stay."""
    data = EXPLICIT.element
    file = data(0x0008_0016, "UI", b"1.2\0") + data(0x0010_0010, "PN", padded(NAME.encode()))
    file += data(0x0029_0010, "LO", padded(NAME.encode())) + data(0x0029_1001, "LO", b"ab")
    folder = tmp_path / "in"
    folder.mkdir()
    path = write(folder / f"{NAME}.dcm", file)
    rows: list[dicomblank.Row] = []
    report = dicomblank.anonymize_in_place(folder, leftovers="replace", report=rows.append)
    assert {leftover.place for leftover in rows[0].leftovers} == {"(0029,0010)", "path"}
    assert (report.leftovers["found"], report.leftovers["replaced"]) == (2, 0)
    assert path.read_bytes().count(NAME.encode()) == 1


def test_a_part_of_a_uid_is_told_and_stays(tmp_path: Path) -> None:
    """A UID of which a part became something else would refer to nothing; a whole one becomes what it became."""
    dated = f"1.2.826.0.1.{Patient().study}120000.7"
    data = EXPLICIT.element
    file = data(0x0008_0016, "UI", b"1.2\0") + data(0x0008_0018, "UI", padded(UID.encode(), "UI"))
    file += data(0x0008_0020, "DA", Patient().study.encode()) + data(0x0020_000D, "UI", padded(dated.encode(), "UI"))
    file += data(0x0020_000E, "UI", padded(UID.encode(), "UI"))
    path = write(tmp_path / "1.dcm", file)
    row = done(path)
    assert {(leftover.place, leftover.of) for leftover in row.leftovers} == {
        ("(0020,000D)", "StudyDate"),
        ("(0020,000E)", "SOPInstanceUID"),
    }
    after = pydicom.dcmread(path, force=True)
    assert after.StudyInstanceUID == dated
    assert set(after.SeriesInstanceUID) == {"0", "."}


def test_an_opaque_value_keeps_its_item_tags(tmp_path: Path) -> None:
    data = EXPLICIT.element
    opaque = b"\xfe\xff\x00\xe0\xff\xff\xff\x7f" + NAME.encode() + b"\xfe\xff\x0d\xe0\0\0\0\0"
    file = data(0x0008_0016, "UI", b"1.2\0") + data(0x0010_0010, "PN", padded(NAME.encode()))
    file += data(0x0029_0010, "LO", b"SOMEBODY") + data(0x0029_1001, "OB", padded(opaque, "OB"))
    path = write(tmp_path / "1.dcm", file)
    row = done(path)
    assert {leftover.place for leftover in row.leftovers} == {"(0029,1001)"}
    after = path.read_bytes()
    assert NAME.encode() not in after
    assert after.count(b"\xfe\xff\x00\xe0\xff\xff\xff\x7f") == after.count(b"\xfe\xff\x0d\xe0") == 1
