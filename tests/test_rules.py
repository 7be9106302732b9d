"""Rules on repeating elements, on private ones by their creator, and on the file meta information, through files.

What the core blanks, pydicom has to see as blanked: `verify`, `--validate` and the plan give one answer.
"""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

import dicomblank
from dicomblank import Level, Rules, Validate
from dicomblank.levels import core_rules
from dicomblank.validate import leak, second_opinion
from elements import EXPLICIT, PREAMBLE, transfer_syntax
from samples import inflated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command

NAME = "MUSTERMANN"
CSA = '(0029,"SIEMENS CSA HEADER",10)'
SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]


def private(creator: str, block: int, *numbers: int) -> Dataset:
    """A data set with private elements in one block."""
    dataset = Dataset()
    dataset.add_new((0x0029, block), "LO", creator)
    for number in numbers:
        dataset.add_new((0x0029, block << 8 | number), "LO", NAME)
    return dataset


def sample(path: Path, syntax: UID) -> Path:
    """Overlays, private blocks at the top and nested, and machines in the file meta information."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID("1.2.840.10008.5.1.4.1.1.7")
    meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    meta.TransferSyntaxUID = syntax
    meta.SourceApplicationEntityTitle = NAME
    meta.SendingApplicationEntityTitle = NAME
    meta.SendingPresentationAddress = f"dicom://{NAME}"
    meta.PrivateInformationCreatorUID = UID("1.2.3.4")
    meta.PrivateInformation = NAME.encode()
    dataset = private("ACME", 0x10, 0x10)
    dataset.file_meta = meta
    dataset.update(private("SIEMENS CSA HEADER", 0x11, 0x10, 0x20))
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, UID("1.2.3")
    dataset.Modality = "MR"
    for group in (0x6000, 0x601E):
        dataset.add_new((group, 0x0022), "LO", NAME)
        dataset.add_new((group, 0x4000), "LT", NAME)
    nested = private("SIEMENS CSA HEADER", 0x42, 0x10, 0x20)
    dataset.ContentSequence = [private("ACME", 0x42, 0x10), nested]
    dataset.save_as(path, enforce_file_format=True)
    return path


RULES = {
    "overlays": (["OverlayComments"], ["(6000,4000)", "(601E,4000)"]),
    "by mask": (["(60xx,0022)"], ["(6000,0022)", "(601E,0022)"]),
    "by creator": ([CSA], ["(0029,1110)", "(0040,A730)[1].(0029,4210)"]),
    "machines": (["(0002,0016),(0002,0017),(0002,0027)"], ["(0002,0016)", "(0002,0017)", "(0002,0027)"]),
    "private information": (["(0002,0100),(0002,0102)"], ["(0002,0100)", "(0002,0102)"]),
    "all at once": (
        [f"SourceApplicationEntityTitle,{CSA},OverlayComments"],
        [
            "(0002,0016)",
            "(0029,1110)",
            "(0040,A730)[1].(0029,4210)",
            "(6000,4000)",
            "(601E,4000)",
        ],
    ),
}


def names(path: Path) -> int:
    """How many values are left in the file, which may be deflated."""
    data = path.read_bytes()
    is_deflated = DeflatedExplicitVRLittleEndian.encode() in data
    return (inflated(data) if is_deflated else data).count(NAME.encode())


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("name", RULES)
def test_the_core_and_pydicom_see_the_same(tmp_path: Path, name: str, syntax: UID) -> None:
    tags, paths = RULES[name]
    rules = Rules(tags)
    path = sample(tmp_path / "file.dcm", syntax)
    plan = dicomblank.plan(path, rules)
    assert [edit.tag_path for edit in plan] == paths
    core = core_rules(rules)
    assert second_opinion(str(path), plan, core) is None
    for left in range(len(plan)):  # each of them, if it were left, pydicom would see
        others = [edit for index, edit in enumerate(plan) if index != left]
        assert second_opinion(str(path), others, core) == (
            f"pydicom sees a value to blank that is not planned: {plan[left].tag_path} at {plan[left].start:#x}"
        )
    found = leak(str(path), core)
    assert found is not None
    assert found[0] == "leak"

    report = dicomblank.anonymize_copy(path, f"{tmp_path}/out/", rules, validate=Validate.ALL)
    assert report.edits == len(paths)
    after = tmp_path / "out" / "file.dcm"
    assert leak(str(after), core) is None
    assert dicomblank.verify(path, after, rules).ok
    assert not dicomblank.verify(path, path, rules).ok
    assert dicomblank.anonymize_in_place(after, rules).unchanged == 1
    # Other bytes than those of the plan stay.
    assert names(after) == names(path) - sum(edit.tag != 0x0002_0100 for edit in plan)


@pytest.mark.parametrize("syntax", [transfer_syntax(ExplicitVRLittleEndian), b""])
def test_a_meta_group_that_begins_with_a_machine(tmp_path: Path, syntax: bytes) -> None:
    """pydicom decodes an element that is alone in the group: it must not count as unseen for that."""
    title = EXPLICIT.element(0x0002_0016, "AE", NAME.encode())
    data = PREAMBLE + title + syntax + EXPLICIT.element(0x0008_0060, "CS", b"MR")
    path = tmp_path / "file"
    path.write_bytes(data)
    rules = Rules(["(0002,0016)"])
    assert leak(str(path), core_rules(rules)) == ("leak", "pydicom sees a value in (0002,0016) at 0x8c")
    assert second_opinion(str(path), dicomblank.plan(path, rules), core_rules(rules)) is None
    assert dicomblank.anonymize_in_place(path, rules, validate=Validate.ALL).edits == 1
    assert path.read_bytes() == data.replace(NAME.encode(), b" " * 10)
    assert leak(str(path), core_rules(rules)) is None


def test_kept_by_its_creator(tmp_path: Path) -> None:
    """Inside a blanked sequence, with its creator: the next run finds it again."""
    path = sample(tmp_path / "file.dcm", ExplicitVRLittleEndian)
    rules = Level.ORIGINAL.rules.blank("ContentSequence").keep(CSA)
    paths = ["[0].(0029,0042)", "[0].(0029,4210)", "[1].(0029,4220)"]
    assert [edit.tag_path for edit in dicomblank.plan(path, rules)] == [f"(0040,A730){way}" for way in paths]
    assert dicomblank.anonymize_copy(path, f"{tmp_path}/out/", rules, validate=Validate.ALL).edits == len(paths)
    assert dicomblank.verify(path, tmp_path / "out" / "file.dcm", rules).ok


def test_the_command_takes_them(command: Command, tmp_path: Path) -> None:
    path = sample(tmp_path / "file.dcm", ExplicitVRLittleEndian)
    every = f"0002,0016,overlaycomments,{CSA}"
    done = command("plan", "--level", "original", "--blank", every, str(path))
    assert done.returncode == 0
    assert "5 values" in done.stdout
    done = command("plan", "--level", "original", "--blank", every, "--keep", "6000,4000", str(path))
    assert "4 values" in done.stdout
    for arguments, words in (
        (["--blank", "PatientID,(60xx,4001)"], "no repeating element (60xx,4001)"),
        (["--blank", "PatientID,0010,0010", "--keep", "patientname"], "(0010,0010) PatientName is under --blank and"),
        (["--blank", f"{CSA},(0029,0010)"], "(0029,0010) is a private creator"),
        (["--blank", CSA, "--blank", "(0029,0010)"], "(0029,0010) is a private creator"),
        (["--blank", "TransferSyntaxUID"], "of group 0002 only the AE titles"),
    ):
        done = command("plan", *arguments, str(path))
        assert done.returncode == 2
        assert words in done.stderr
