"""The modules that the objects share (PS3.3 C.7 and C.12): patient, study, series, equipment, SOP common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from benches.score.making import Maker
    from benches.score.people import Patient

#: Below a root that anybody may use for what is made up (2.25 is for UUIDs; these are no UUIDs, and nobody's).
ROOT = "1.2.826.0.1.3680043.10.543"


@dataclass(frozen=True)
class Study:
    """One visit of one patient."""

    patient: Patient
    number: int
    day: dt.date
    accession: str

    @property
    def uid(self) -> str:
        """Its Study Instance UID."""
        return f"{ROOT}.1.{self.day:%Y%m%d}.{7_310 + self.number}"

    @property
    def frame_of_reference(self) -> str:
        """The one of all its series."""
        return f"{ROOT}.3.{self.day:%Y%m%d}.{7_310 + self.number}"

    def series_uid(self, place: int) -> str:
        """Of one of its series."""
        return f"{ROOT}.2.{self.day:%Y%m%d}.{7_310 + self.number}.{place}"

    def instance_uid(self, place: int, instance: int) -> str:
        """Of one of its objects."""
        return f"{ROOT}.4.{self.day:%Y%m%d}.{7_310 + self.number}.{place}.{instance}"

    @property
    def procedure_uid(self) -> str:
        """Of the procedure step that was asked for."""
        return f"{ROOT}.5.{7_310 + self.number}"

    @property
    def time(self) -> str:
        """When it began."""
        return f"{8 + self.number % 9:02}1500"

    @property
    def age(self) -> str:
        """Of the patient on that day, in years."""
        return f"{(self.day - self.patient.birth_date).days // 365:03}Y"


@dataclass(frozen=True)
class Series:
    """A series, and what its files have in common."""

    study: Study
    place: int
    modality: str
    maker: str
    model: str
    description: str
    body_part: str
    protocol: str
    instances: tuple[int, ...] = field(default=())
    """The numbers of its files, which no other file of all has."""

    @property
    def uid(self) -> str:
        """Its Series Instance UID."""
        return self.study.series_uid(self.place)

    def instance_uid(self, number: int) -> str:
        """Of one of its files."""
        return self.study.instance_uid(self.place, number)


def patient(at: Maker, study: Study) -> None:
    """Patient and patient study modules."""
    one = study.patient
    at.secret("PatientName", one.name, 2, secrets=(one.family, one.given))
    at.patient_id("PatientID", one.identifier, 2)
    at.secret("IssuerOfPatientID", one.hospital.name)
    at.date("PatientBirthDate", one.birth_date, 2)
    at.identifiers.add(f"{one.birth_date:%Y%m%d}")
    at.known("PatientSex", one.sex, 2)
    other = at.item("OtherPatientIDsSequence")
    other.secret("PatientID", one.other_identifier, 1)
    other.plain("TypeOfPatientID", "TEXT", 1)
    at.secret("OtherPatientNames", one.mother)
    at.known("PatientAge", study.age)
    at.known("PatientSize", "1.68")
    at.known("PatientWeight", "71.5")
    at.secret("PatientAddress", one.address)
    at.secret("PatientTelephoneNumbers", one.telephone)
    at.secret("PatientMotherBirthName", one.mother)
    at.known("EthnicGroup", "NOT STATED")
    at.secret("PatientComments", f"daughter of {one.mother}, lives at {one.address}", secrets=(one.mother, one.address))
    at.secret(
        "AdditionalPatientHistory",
        f"nodule since spring, {one.words} smokes",
        kept="nodule since spring",
        secrets=(one.family, one.given),
    )


def study(at: Maker, one: Study, modality: str) -> None:
    """General study module."""
    staff = one.patient.hospital.physicians
    at.uid("StudyInstanceUID", one.uid, 1)
    at.date("StudyDate", one.day, 2)
    at.plain("StudyTime", one.time, 2)
    at.secret("ReferringPhysicianName", staff[0], 2)
    at.secret("StudyID", f"VIS{90_000 + one.number}", 2)
    at.secret("AccessionNumber", one.accession, 2)
    at.secret(
        "StudyDescription",
        f"{modality} of {one.patient.words}, follow up",
        kept="follow up",
        secrets=(one.patient.family, one.patient.given),
    )
    at.secret("PhysiciansOfRecord", staff[3])
    at.secret("NameOfPhysiciansReadingStudy", staff[2])


def series(at: Maker, one: Series) -> None:
    """General series module."""
    staff = one.study.patient.hospital.physicians
    at.known("Modality", one.modality, 1)
    at.uid("SeriesInstanceUID", one.uid, 1)
    at.plain("SeriesNumber", one.place, 2)
    at.date("SeriesDate", one.study.day)
    at.plain("SeriesTime", one.study.time)
    at.known("SeriesDescription", one.description)
    at.secret("PerformingPhysicianName", staff[1])
    at.secret("OperatorsName", staff[4])
    at.known("BodyPartExamined", one.body_part)
    at.known("ProtocolName", one.protocol)
    at.date("PerformedProcedureStepStartDate", one.study.day)
    at.plain("PerformedProcedureStepStartTime", one.study.time)
    at.secret("PerformedProcedureStepID", f"PPS{60_000 + one.study.number}")
    asked(at.item("RequestAttributesSequence"), one)


def asked(at: Maker, one: Series) -> None:
    """What was asked for, in an item of RequestAttributesSequence."""
    at.secret("RequestedProcedureID", f"RPI{30_000 + one.study.number}", 3)
    at.secret("AccessionNumber", one.study.accession, 3)
    at.uid("StudyInstanceUID", one.study.uid, 3)
    at.secret(
        "RequestedProcedureDescription",
        f"{one.modality} as {one.study.patient.hospital.physicians[3].partition('^')[0]} wished",
        secrets=(one.study.patient.hospital.physicians[3].partition("^")[0],),
    )
    at.secret("ScheduledProcedureStepID", f"SPS{40_000 + one.study.number}", 3)


def equipment(at: Maker, one: Series, *, is_enhanced: bool = False) -> None:
    """General equipment module, or the enhanced one, which asks for more."""
    hospital, asked_for = one.study.patient.hospital, 1 if is_enhanced else 3
    at.known("Manufacturer", one.maker, 1 if is_enhanced else 2)
    at.known("ManufacturerModelName", one.model, asked_for)
    at.secret("DeviceSerialNumber", f"SER{one.place}55{len(hospital.name)}71", asked_for)
    at.known("SoftwareVersions", "VB17", asked_for)
    at.secret("InstitutionName", hospital.name)
    at.secret("InstitutionAddress", hospital.address)
    at.secret("InstitutionalDepartmentName", hospital.department)
    at.secret("StationName", f"STN{hospital.name[:4].upper()}{one.place}")


def image(at: Maker, one: Series, number: int) -> None:
    """General image and SOP common modules, of those objects that are images."""
    common(at, one, number)
    at.date("AcquisitionDate", one.study.day)
    at.plain("AcquisitionTime", one.study.time)
    at.date("AcquisitionDateTime", one.study.day, time=one.study.time)
    at.secret(
        "ImageComments",
        f"patient {one.study.patient.identifier} moved",
        kept="moved",
        secrets=(one.study.patient.identifier,),
    )


def common(at: Maker, one: Series, number: int) -> None:
    """SOP common module, and the number that tells the files apart."""
    at.plain("InstanceNumber", number)
    if not one.study.patient.is_ascii:
        at.plain("SpecificCharacterSet", "ISO_IR 192", 1)
    at.uid("SOPInstanceUID", one.instance_uid(number), 1)
    at.date("InstanceCreationDate", one.study.day)
    at.plain("InstanceCreationTime", one.study.time)
    at.uid("InstanceCreatorUID", f"{ROOT}.9.{len(one.study.patient.hospital.name)}", 3)


def frame_of_reference(at: Maker, one: Study) -> None:
    """Frame of reference module."""
    at.uid("FrameOfReferenceUID", one.frame_of_reference, 1)
    at.plain("PositionReferenceIndicator", None, 2)


def pixel_layout(at: Maker, rows: int, columns: int, bits: int = 16, frames: int = 0) -> None:
    """Image pixel module, of one sample a pixel."""
    at.known("SamplesPerPixel", 1, 1)
    at.known("PhotometricInterpretation", "MONOCHROME2", 1)
    at.known("Rows", rows, 1)
    at.known("Columns", columns, 1)
    at.known("BitsAllocated", 8 * ((bits + 7) // 8) if bits > 1 else 1, 1)
    at.known("BitsStored", bits, 1)
    at.known("HighBit", bits - 1, 1)
    at.known("PixelRepresentation", 0, 1)
    if frames:
        at.known("NumberOfFrames", frames, 1)


def pattern(count: int, number: int) -> bytes:
    """So many bytes that are others in each file; no letters of a text in a row."""
    return bytes((at * 37 + at // 16 * 11 + number * 5) % 251 for at in range(count))
