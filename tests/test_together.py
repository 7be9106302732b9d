"""What belonged together still does at the level pseudonymize, and nothing else: across files, runs and processes."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import TYPE_CHECKING

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.fileset import FileSet
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

import dicomblank
import second_cipher
from dicomblank import Key
from keyed import (
    ACCESSION,
    INSTANCE_UID,
    KEY,
    LEVEL,
    OTHER_IDS,
    PATIENT_ID,
    STUDY,
    STUDY_DATE,
    STUDY_ID,
    STUDY_UID,
    element,
    file_of,
    made,
    patient,
    raw,
)

if TYPE_CHECKING:
    from pathlib import Path

MR, SR = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.88.11"
STATE, SPATIAL = "1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.66.1"


def instance(sop_class: str, who: Dataset, number: int) -> Dataset:
    """An object of the study that `who` tells of."""
    made = Dataset()
    made.update(who)
    made.SOPClassUID = UID(sop_class)
    made.SOPInstanceUID = generate_uid(entropy_srcs=[sop_class, str(number), who.StudyID])
    made.SeriesInstanceUID = generate_uid(entropy_srcs=[sop_class, who.StudyID])
    made.Modality, made.SeriesNumber, made.InstanceNumber = "MR" if sop_class == MR else "OT", 1, number
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if number % 2 else ExplicitVRLittleEndian
    return made


def reference(to: Dataset) -> Dataset:
    """A reference to an object (PS3.3 Table 10-11)."""
    made = Dataset()
    made.ReferencedSOPClassUID, made.ReferencedSOPInstanceUID = to.SOPClassUID, to.SOPInstanceUID
    return made


def study(patient_id: str, number: int) -> list[Dataset]:
    """Two images, and what refers to them in each of its ways: a report, a presentation state, a registration."""
    who = Dataset()
    who.PatientID, who.PatientName, who.StudyID = patient_id, "Doe^Jane", f"STUDY-{number:04}"
    who.StudyInstanceUID, who.FrameOfReferenceUID = (generate_uid(entropy_srcs=[what, str(number)]) for what in "sf")
    who.StudyDate, who.StudyTime, who.AccessionNumber = f"202403{number + 10}", "101500", f"ACC{number:07}"
    images = [instance(MR, who, 1), instance(MR, who, 2)]
    images[1].ReferencedImageSequence = [reference(images[0])]
    report, state, registration = (instance(kind, who, 3) for kind in (SR, STATE, SPATIAL))
    for each in (report, state, registration):  # what the records of a DICOMDIR ask for
        each.ContentDate, each.ContentTime, each.ContentLabel = who.StudyDate, "101500", "LABEL"
        each.PresentationCreationDate, each.PresentationCreationTime = who.StudyDate, "101500"
    report.CompletionFlag, report.VerificationFlag = "COMPLETE", "UNVERIFIED"
    report.ConceptNameCodeSequence = [Dataset()]
    report.ConceptNameCodeSequence[0].CodeValue = "126000"
    report.ConceptNameCodeSequence[0].CodingSchemeDesignator = "DCM"
    series = Dataset()
    series.SeriesInstanceUID = images[0].SeriesInstanceUID
    series.ReferencedSOPSequence = series.ReferencedImageSequence = [reference(image) for image in images]
    evidence = Dataset()
    evidence.StudyInstanceUID, evidence.ReferencedSeriesSequence = who.StudyInstanceUID, [series]
    report.CurrentRequestedProcedureEvidenceSequence = [evidence]
    content = Dataset()
    content.ValueType, content.ReferencedSOPSequence = "IMAGE", [reference(images[1])]
    uid = Dataset()
    uid.ValueType, uid.UID = "UIDREF", images[0].SOPInstanceUID
    nested = Dataset()
    nested.ValueType, nested.ContentSequence = "CONTAINER", [content, uid]
    report.ContentSequence = [nested]
    state.ReferencedSeriesSequence = [series]
    frame = Dataset()
    frame.FrameOfReferenceUID, frame.ReferencedImageSequence = who.FrameOfReferenceUID, [reference(images[0])]
    registration.RegistrationSequence = [frame]
    return [*images, report, state, registration]


def uids_of(dataset: Dataset) -> list[str]:
    """Every UID of a file, in its order, that of the file meta information first."""
    found = [str(dataset.file_meta.MediaStorageSOPInstanceUID)]
    return found + [str(each.value) for each in dataset.iterall() if each.VR == "UI" and each.value]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file set of two patients, of whom one has two studies, with its DICOMDIR."""
    files = FileSet()
    for patient_id, number in (("PATIENT-ONE-1", 1), ("PATIENT-ONE-1", 2), ("PATIENT-TWO-2", 3)):
        for dataset in study(patient_id, number):
            files.add(dataset)
    root = tmp_path_factory.mktemp("set")
    files.write(root)
    clean(files)
    return root


def clean(files: FileSet) -> None:
    """Else a folder is removed at any time, with a warning."""
    files._stage["t"].cleanup()


def read(folder: Path) -> dict[str, Dataset]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): pydicom.dcmread(path) for path in paths}


def test_references_lead_to_the_same_objects(folder: Path, tmp_path: Path) -> None:
    assert dicomblank.anonymize_copy(folder, tmp_path / "out", LEVEL, key=KEY).anonymized == 16
    before, after = read(folder), read(tmp_path / "out")
    assert before.keys() == after.keys()
    pairs: dict[str, str] = {}
    for name, dataset in before.items():
        old, new = uids_of(dataset), uids_of(after[name])
        assert len(old) == len(new)
        for one, other in zip(old, new, strict=True):
            assert pairs.setdefault(one, other) == other
    assert len(set(pairs.values())) == len(pairs) > 30
    for one, other in pairs.items():
        assert (one == other) == one.startswith("1.2.840.10008.")
    assert after["DICOMDIR"].file_meta.MediaStorageSOPClassUID == "1.2.840.10008.1.3.10"


def test_a_file_set_is_one_still(folder: Path, tmp_path: Path) -> None:
    """pydicom finds as many patients, studies, series and instances, and each file behind its record."""
    dicomblank.anonymize_copy(folder, tmp_path / "out", LEVEL, key=KEY)
    sets = [FileSet(root / "DICOMDIR") for root in (folder, tmp_path / "out")]
    for keyword in ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        before, after = (each.find_values(keyword, load=False) for each in sets)
        assert len(before) == len(after)
        assert not set(before) & set(after), keyword
    for instance in sets[1]:
        dataset = instance.load()
        assert dataset.SOPInstanceUID == instance.SOPInstanceUID
        assert (dataset.PatientID, dataset.StudyDate) == (instance.PatientID, instance.StudyDate)
    for each in sets:
        clean(each)


def test_intervals_between_the_dates_of_a_patient_hold(folder: Path, tmp_path: Path) -> None:
    dicomblank.anonymize_copy(folder, tmp_path / "out", LEVEL, key=KEY)
    found: dict[str, set[int]] = {}
    after = read(tmp_path / "out")
    for name, dataset in read(folder).items():
        if name == "DICOMDIR":
            continue
        old, new = (pydicom.valuerep.DA(each.StudyDate) for each in (dataset, after[name]))
        assert dataset.StudyTime == after[name].StudyTime
        found.setdefault(dataset.PatientID, set()).add((old - new).days)
    assert {who: {KEY.days(who)} for who in found} == found
    assert len(found) == 2
    assert len(set.union(*found.values())) == 2


def test_two_patients_have_different_shifts_most_of_the_time() -> None:
    days = {KEY.days(f"PATIENT-{number}") for number in range(300)}
    assert len(days) > 280
    assert all(1 <= each <= 3652 for each in days)


RUN = """
import sys, dicomblank
key = dicomblank.Key.load(sys.argv[1])
dicomblank.anonymize_in_place(sys.argv[2], "pseudonymize", key=key)
"""


def test_another_process_makes_the_same(folder: Path, tmp_path: Path) -> None:
    KEY.save(tmp_path / "secret.key")
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    for path in (path for path in folder.rglob("*") if path.is_file()):
        for name in ("here", "there"):
            (tmp_path / name / path.name).write_bytes(path.read_bytes())
    words = [sys.executable, "-c", RUN, str(tmp_path / "secret.key"), str(tmp_path / "there")]
    subprocess.run(words, check=True, timeout=60)
    dicomblank.anonymize_in_place(tmp_path / "here", LEVEL, key=Key.load(tmp_path / "secret.key"), workers=1)
    here, there = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("here", "there"))
    assert here == there
    assert here["DICOMDIR"] != (folder / "DICOMDIR").read_bytes()


def test_what_a_file_gets_is_what_the_second_cipher_makes() -> None:
    """Which knows nothing of files: the tag, the VR and the place play no part."""
    key = bytes(range(32))
    data = file_of(
        element(STUDY_DATE, "DA", "20240229"),
        element(ACCESSION, "SH", "00123456"),
        patient("Pat-12 a"),
        element(OTHER_IDS, "LO", "Pat-12 a\\00123456"),
        element(STUDY_UID, "UI", STUDY),
    )
    after = made(data).data
    who, number = (second_cipher.identifier(key, text).encode() for text in ("Pat-12 a", "00123456"))
    assert raw(after, PATIENT_ID) == who
    assert raw(after, ACCESSION) == number
    assert raw(after, OTHER_IDS).rstrip() == who + b"\\" + number
    assert raw(after, STUDY_UID).rstrip(b"\0") == second_cipher.uid(key, STUDY).encode()
    days = second_cipher.days(key, "patient", "Pat-12 a")
    moved = pydicom.valuerep.DA("20240229") - pydicom.valuerep.DA(raw(after, STUDY_DATE).decode())
    assert moved.days == days


# What is one, and what is not: an identifier, another one, and whether they become the same.
SAME_OR_NOT = {
    "padding behind": (patient("AB12345"), patient("AB12345   "), True),
    "padding before": (patient("AB12345"), patient("   AB12345"), True),
    "NUL behind": (patient("AB12345"), patient(b"AB12345\0"), True),
    "another tag": (patient("AB12345"), element(OTHER_IDS, "LO", "AB12345"), True),
    "another tag and VR": (patient("AB12345"), element(STUDY_ID, "SH", "AB12345"), True),
    "zeros before": (patient("12345"), patient("0012345"), False),
    "capitals": (patient("AB12345"), patient("ab12345"), False),
    "hyphens": (patient("AB12345"), patient("AB-12345"), False),
    "one digit": (patient("AB12345"), patient("AB12346"), False),
}


@pytest.mark.parametrize("case", SAME_OR_NOT)
def test_one_patient_is_one_and_two_are_two(case: str) -> None:
    *both, is_equal = SAME_OR_NOT[case]

    def becomes(each: bytes) -> bytes:
        data = made(file_of(each)).data
        return raw(data, max(pydicom.dcmread(io.BytesIO(data)).keys())).strip(b" \0")

    one, other = map(becomes, both)
    assert (one == other) == is_equal


def test_dates_of_one_patient_however_padded_move_alike() -> None:
    date = element(STUDY_DATE, "DA", "20240229")
    texts: list[str | bytes] = ["AB12345", "AB12345   ", "  AB12345", b"AB12345\0"]
    assert len({raw(made(file_of(date, patient(text))).data, STUDY_DATE) for text in texts}) == 1


def test_several_values_are_replaced_one_by_one() -> None:
    other = "1.2.826.0.1.3680043.8.498.11"
    uids = element(0x0008_0058, "UI", f"{STUDY}\\{other}\\{MR}")
    after = made(file_of(element(INSTANCE_UID, "UI", other), uids)).data
    one = raw(after, INSTANCE_UID).rstrip(b"\0")
    first, second, third = raw(after, 0x0008_0058).rstrip(b"\0").split(b"\\")
    assert (first, second, third) == (KEY.pseudonym_uid(STUDY).encode(), one, MR.encode())
