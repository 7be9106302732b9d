"""The types of attributes are those of PS3.3: another program, dciodvfy of dicom3tools, misses the same ones."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

import generate_types
from dicomblank import types_table
from dicomblank.attribute_types import NOT_IN_IOD, TYPES, attribute_type, types_of
from dicomblank.profile import ATTRIBUTES

GENERATOR = Path(__file__).parents[1] / "tools" / "generate_types.py"
DCIODVFY = shutil.which("dciodvfy")

CLASSES = [line.partition("|")[0] for line in types_table.SOP_CLASSES.splitlines()]
COMPOUND = {int(row.tag, 16): row.keyword for row in ATTRIBUTES if "/" in row.basic}

CT, ENHANCED_CT, MR, SR = (f"1.2.840.10008.5.1.4.1.1.{last}" for last in ("2", "2.1", "4", "88.33"))
CONTENT, SHARED, DERIVATION = 0x0040_A730, 0x5200_9229, 0x0008_9124


@pytest.mark.parametrize(
    ("sop_class", "path", "expected"),
    [
        (CT, (0x0010_0020,), "2"),  # PatientID
        (CT, (0x0008_0021,), "3"),  # SeriesDate
        (CT, (0x0008_0022,), "3"),  # AcquisitionDate
        (ENHANCED_CT, (0x0008_0023,), "1"),  # ContentDate: 2C of one of its modules, 1 of another
        (CT, (0x0008_0023,), "2C"),
        (ENHANCED_CT, (0x0018_1000,), "1"),  # DeviceSerialNumber
        (CT, (0x0018_1000,), "3"),
        (ENHANCED_CT, (SHARED, DERIVATION, 0x0008_2112), "2"),  # SourceImageSequence
        (ENHANCED_CT, (DERIVATION, 0x0008_2112), NOT_IN_IOD),
        (MR, (0x0010_1002, 0x0010_0020), "1"),  # PatientID of OtherPatientIDsSequence
        (MR, (0x300A_0006,), NOT_IN_IOD),  # RTPlanDate
        ("1.2.840.10008.5.1.4.1.1.481.5", (0x300A_0006,), "2"),
        (SR, (0x0040_A032,), "1C"),  # ObservationDateTime: of the root of the tree, and of its items
        (SR, (CONTENT, 0x0040_A032), "1C"),
        (SR, (CONTENT,) * 12 + (0x0040_A032,), "1C"),
        (SR, (0x0040_A043, 0x0040_A032), NOT_IN_IOD),
        (SR, (CONTENT,), NOT_IN_IOD),
        ("1.2.840.10008.5.1.4.1.1.999", (0x0010_0020,), None),
        ("", (0x0010_0020,), None),
    ],
)
def test_the_type_of(sop_class: str, path: tuple[int, ...], expected: str | None) -> None:
    assert attribute_type(sop_class, path) == expected


def test_each_attribute_with_a_compound_action_is_in_an_iod_and_no_other() -> None:
    found = {path[-1] for uid in CLASSES for path in types_of(uid) or {}}
    assert found == set(COMPOUND)
    assert len(found) == 50
    assert {kind for uid in CLASSES for kind in (types_of(uid) or {}).values()} == set(TYPES)


# Segmentations and presentation states of waveforms that came after its edition.
NEWER_THAN_PYDICOM = {f"1.2.840.10008.5.1.4.1.1.{last}" for last in ("66.7", "66.8", "9.100.1", "9.100.2")}


def test_pydicom_knows_the_classes() -> None:
    assert len(set(CLASSES)) == len(CLASSES) == 180
    assert {uid for uid in CLASSES if UID(uid).type != "SOP Class"} == NEWER_THAN_PYDICOM


# Of PatientID everything is told by dciodvfy, of other places what is mandatory and not under a condition: so many of
# the places that the table has for the classes that it knows.
ASKED, PLACES = 2_000, 70


@pytest.mark.skipif(DCIODVFY is None, reason="needs dciodvfy, of dicom3tools")
def test_another_program_misses_the_same_types(tmp_path: Path) -> None:
    differ, asked, places = set(), 0, set()
    for uid in CLASSES:
        for path, theirs in missed(tmp_path / "file.dcm", uid):
            if path[-1] in COMPOUND:
                asked += 1
                places.add(path)
                if (ours := attribute_type(uid, path)) != theirs:
                    differ.add((uid, path, ours, theirs))
    assert not differ
    assert asked > ASKED
    assert len(places) > PLACES


def missed(path: Path, uid: str) -> list[tuple[tuple[int, ...], str]]:
    """What dciodvfy misses in an object that has the sequences of the table's places, and nothing in them."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = UID(uid)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = UID("1.2.3")
    for place in types_of(uid) or {}:
        around = dataset
        for tag in place[:-1]:
            if tag not in around:
                around.add_new(tag, "SQ", [Dataset()])
            around = around[tag].value[0]
    dataset.save_as(path, enforce_file_format=True)
    done = subprocess.run([str(DCIODVFY), "-new", path], capture_output=True, text=True, check=False)
    found = re.findall(r"^Error - <(/\S+)> - Missing attribute for Type (\w+)", done.stderr, re.MULTILINE)
    return [
        (tuple(int(group + element, 16) for group, element in re.findall(r"\((\w{4}),(\w{4})\)", told)), kind)
        for told, kind in found
    ]


# the generator


def wheel(folder: Path, *, kind: str | None = "1C", keyword: str = "PatientID") -> Path:
    rows: list[dict[str, object]] = [
        {"keyword": keyword, "type": kind, "path": ["OtherPatientIDsSequence"]},
        {"keyword": "Rows", "type": "1", "path": []},
    ]
    files = {
        "sop_class_iod_map": {"1.2.10": "a", "1.2.9": "a"},
        "iod_module_map": {
            "a": [{"key": "m", "usage": "M", "ie": "Patient"}, {"key": "without", "usage": "M", "ie": "Image"}],
            "of no class": [{"key": "untyped", "usage": "M", "ie": "Image"}],
        },
        "module_attribute_map": {"m": rows, "without": rows[1:], "untyped": [{**rows[0], "type": None}]},
    }
    path = folder / "highdicom-9.8.7-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"highdicom/_standard/{name}.json", json.dumps(content))
    return path


def test_what_is_taken(tmp_path: Path) -> None:
    text = generate_types.module_of(wheel(tmp_path))
    names: dict[str, str] = {}
    exec(text, names)  # noqa: S102 (a module that was made here)
    assert (names["SOP_CLASSES"], names["IODS"]) == ("1.2.9|a\n1.2.10|a\n", "a|m\n")
    assert names["MODULES"] == "m|00101002/00100020|1C\n"
    assert names["SOURCE"] == "highdicom 9.8.7"
    assert len(re.findall("^[0-9a-f]{64} ", text, re.MULTILINE)) == 3


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"kind": None}, "PatientID: None is no type"), ({"kind": "4"}, "PatientID: 4 is no type")],
)
def test_what_is_no_type_is_an_error(tmp_path: Path, changed: dict[str, str], words: str) -> None:
    with pytest.raises(SystemExit, match=words):
        generate_types.module_of(wheel(tmp_path, **changed))


def test_what_is_not_in_the_dictionary_is_an_error() -> None:
    with pytest.raises(SystemExit, match="PatientNam is not in the dictionary"):
        generate_types.digits("PatientNam")


def test_another_table_is_noticed(tmp_path: Path) -> None:
    words: list[str | Path] = [sys.executable, GENERATOR, wheel(tmp_path), "--check"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "types_table.py differs from what highdicom-9.8.7-py3-none-any.whl gives" in done.stderr
