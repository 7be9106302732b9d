"""An archive groups pseudonymized files as it groups the originals, and shows no name and no identifier of theirs.

The archive is a real Orthanc. It groups by PatientID, and by the UIDs below it.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, MRImageStorage, generate_uid

import archives
from archives import KINDS, PROGRAM, STORESCU, Identifiers, Orthanc
from dicomblank.view import quiet
from samples import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Command

    Send = Callable[[Orthanc, list[Path]], object]

SHARED = Path(__file__).parents[2] / "shared" / "data"

needs_orthanc = pytest.mark.skipif(
    PROGRAM is None, reason="needs Orthanc: `sh tools/need.sh --archive` says how to install it"
)
needs_storescu = pytest.mark.skipif(
    STORESCU is None, reason="needs storescu: `sh tools/need.sh --readers` says how to install dcmtk"
)

WAYS = [
    pytest.param(Orthanc.store, id="C-STORE", marks=needs_storescu),
    pytest.param(Orthanc.upload, id="HTTP"),
]


class Patient(NamedTuple):
    name: str
    number: str
    born: str
    # Of each study, how many instances each series has.
    studies: tuple[tuple[int, ...], ...]


# Each study has a pair of sizes of its own, so that a series that goes elsewhere shows.
PATIENTS = [
    Patient("Doe^Janine", "PAT-440197", "19510203", ((2, 3), (1, 4))),
    Patient("Müller^Jörgen", "88301276", "19620714", ((1, 2), (3, 5))),
    Patient("Roe^Richard^^Dr", "kx7/0921 B", "19731130", ((4, 6), (5, 1))),
]
SIZES = (3, 6, 12, 37)
TREE = (((1, 2), (3, 5)), ((1, 4), (2, 3)), ((1, 5), (4, 6)))
STAFF = ["Referrer^Rita", "Performer^Paul", "Operator^Olga", "Invented Hospital", "Nowhere Street 1"]


def write_corpus(folder: Path) -> None:
    """The files of all patients, in one folder; every second one in implicit VR."""
    folder.mkdir()
    syntaxes = itertools.cycle((ExplicitVRLittleEndian, ImplicitVRLittleEndian))
    numbers = itertools.count()
    for patient in PATIENTS:
        for study, sizes in enumerate(patient.studies):
            for series, size in enumerate(sizes):
                for instance in range(size):
                    dataset = instance_of(patient, study, series, instance)
                    dataset.file_meta.TransferSyntaxUID = next(syntaxes)
                    dataset.save_as(folder / f"{next(numbers)}.dcm", enforce_file_format=True)


def instance_of(patient: Patient, study: int, series: int, instance: int) -> Dataset:
    """One instance, which names its study, another instance and its patient once more in sequences."""

    def uid(*of: object) -> str:
        return generate_uid(entropy_srcs=[patient.number, *map(str, of)])

    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = patient.name, patient.number, patient.born
    dataset.PatientSex, dataset.PatientWeight = "O", "71.25"
    dataset.OtherPatientIDs = f"{patient.number}-OLD"
    dataset.AccessionNumber = f"ACC{patient.born}{study}"
    dataset.StudyID = f"STU{patient.born[:4]}{study}"
    dataset.StudyDescription = "Head, Nowhere"
    dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = f"2024{study + 1:02}15"
    dataset.StudyTime = dataset.SeriesTime = "101500"
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = "MR", series + 1, instance + 1
    (
        dataset.ReferringPhysicianName,
        dataset.PerformingPhysicianName,
        dataset.OperatorsName,
        dataset.InstitutionName,
        dataset.InstitutionAddress,
    ) = STAFF
    dataset.SOPClassUID, dataset.SOPInstanceUID = MRImageStorage, uid(study, series, instance)
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uid(study), uid(study, series)
    dataset.FrameOfReferenceUID = uid(study, "frame")
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = MRImageStorage, uid(study, series, 0)
    dataset.ReferencedImageSequence = [reference]
    request = Dataset()
    request.AccessionNumber, request.StudyInstanceUID = dataset.AccessionNumber, dataset.StudyInstanceUID
    request.PatientID, request.PatientName = patient.number, patient.name
    dataset.RequestAttributesSequence = [request]
    dataset.Rows = dataset.Columns = 2
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.PixelData = bytes(8)
    dataset.file_meta = FileMetaDataset()
    return dataset


NAMES = ("PatientName", "PatientBirthName", "OtherPatientNames")
NUMBERS = ("PatientID", "OtherPatientIDs", "AccessionNumber", "StudyID", "PatientBirthDate")
# UIDs of kinds of things, and of programs: they name no object of anybody.
KINDS_OF_UID = ("Class", "TransferSyntax", "CreatorVersion", "CodingScheme", "ContextUID", "MappingResource")
# Shorter ones stand in other words by chance, and a key may make them of others: it has few to choose from.
LEAST = 6


def identifiers_of(files: list[Path]) -> Identifiers:
    """The names, numbers and UIDs in files, at any depth, as pydicom reads them; the level's lists have no say."""
    uids, others = set(), set()
    for path in files:
        with quiet():
            for element in dcmread(path, force=True).iterall():
                if element.tag.is_private:
                    continue
                values = [str(each) for each in (element.value if element.VM > 1 else [element.value])]
                if element.VR == "UI" and not any(word in element.keyword for word in KINDS_OF_UID):
                    uids |= {each for each in values if not each.startswith("1.2.840.10008.")}
                elif element.keyword in NAMES:
                    others |= {part for each in values for part in [each, *each.replace("=", "^").split("^")]}
                elif element.keyword in NUMBERS:
                    others |= set(values)
    return Identifiers(
        frozenset(uid for uid in uids if sum(map(str.isdigit, uid)) >= LEAST + 2),
        frozenset(one for one in others if sum(map(str.isalnum, one)) >= LEAST),
    )


class Levels(NamedTuple):
    original: Path
    full: Path
    pseudonymized: Path


def copies(command: Command, folder: Path) -> Levels:
    """A folder, and its copies at two levels beside it, made by the command with a new key."""
    levels = Levels(folder, folder.with_name("full"), folder.with_name("pseudonymized"))
    for words in (
        ["key", "new", "secret.key"],
        ["anonymize", folder, "--output", levels.full, "--level", "anonymize-full"],
        ["anonymize", folder, "--output", levels.pseudonymized, "--level", "pseudonymize", "--key", "secret.key"],
    ):
        done = command(*words)
        assert done.returncode == 0, done.stderr
    return levels


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def corpus(command: Command, tmp_path: Path) -> Levels:
    write_corpus(tmp_path / "original")
    return copies(command, tmp_path / "original")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Orthanc]:
    with archives.started(tmp_path / "orthanc") as one:
        yield one


@needs_orthanc
@pytest.mark.parametrize("send", WAYS)
def test_originals_are_told_apart_and_shown(archive: Orthanc, corpus: Levels, send: Send) -> None:
    """What the other tests compare with; and what they look for is found where it is."""
    files = files_in(corpus.original)
    send(archive, files)
    assert archive.counts() == dict(zip(KINDS, SIZES, strict=True))
    assert archive.tree() == TREE
    leaks = identifiers_of(files).leaks(archive.shown())
    for where in (
        *("patients PatientName", "patients PatientID", "studies AccessionNumber", "studies StudyID"),
        *("studies StudyInstanceUID", "series SeriesInstanceUID", "instances SOPInstanceUID", "PatientBirthDate"),
        *("RequestAttributesSequence PatientName", "ReferencedImageSequence ReferencedSOPInstanceUID"),
    ):
        assert where in leaks


@needs_orthanc
@pytest.mark.parametrize("send", WAYS)
def test_anonymize_full_makes_one_patient_of_all(archive: Orthanc, corpus: Levels, send: Send) -> None:
    send(archive, files_in(corpus.full))
    assert archive.counts() == dict(zip(KINDS, (1, *SIZES[1:]), strict=True))


@needs_orthanc
@pytest.mark.parametrize("send", WAYS)
def test_pseudonymized_files_are_grouped_as_the_originals(archive: Orthanc, corpus: Levels, send: Send) -> None:
    send(archive, files_in(corpus.pseudonymized))
    assert archive.counts() == dict(zip(KINDS, SIZES, strict=True))
    assert archive.tree() == TREE
    shown = list(archive.shown())
    assert not identifiers_of(files_in(corpus.original)).leaks(shown)
    assert not Identifiers(frozenset(), frozenset(STAFF)).leaks(shown)


# Where real files say an identifier once more, in elements that the level leaves: the command says that it leaves some.
# The AccessionNumber, the StudyID, and by a maker's private element the StudyInstanceUID.
ELSEWHERE = {
    SAMPLES: {"RequestAttributesSequence ScheduledProcedureStepID", "RequestAttributesSequence RequestedProcedureID"},
    SHARED: {"PerformedProcedureStepID", "ScannerStudyEntityUID"},
}


@needs_orthanc
@pytest.mark.timeout(300)
@pytest.mark.parametrize("folder", [pytest.param(SAMPLES, id="wheel"), pytest.param(SHARED, id="shared")])
def test_real_files_are_grouped_as_the_originals(command: Command, tmp_path: Path, folder: Path) -> None:
    """All that the level does not refuse. By HTTP, as they are: storescu writes anew what it sends."""
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside this checkout: only pydicom's files are tested")
    copied = tmp_path / "pseudonymized"
    command("key", "new", "secret.key")
    # No check of how it ends: it fails where it refuses some, as it does in the wheel.
    command("anonymize", folder, "--output", copied, "--level", "pseudonymize", "--key", "secret.key")
    copies = files_in(copied)
    with archives.started(tmp_path / "before") as before, archives.started(tmp_path / "after") as after:
        taken = before.upload(folder / path.relative_to(copied) for path in copies)
        assert after.upload(copies) == [copied / path.relative_to(folder) for path in taken]
        assert before.counts()["patients"] > 10
        assert after.counts() == before.counts()
        assert after.tree() == before.tree()
        assert identifiers_of(taken).leaks(after.shown()) == ELSEWHERE[folder]
