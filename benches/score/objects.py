"""The objects: CT, MR, ultrasound of one and of many frames, a segmentation, a report; each with its own elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.uid import (
    ComprehensiveSRStorage,
    CTImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    MRImageStorage,
    RLELossless,
    SegmentationStorage,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
)

from benches.score import modules
from benches.score.modules import pattern

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from benches.score.making import Maker
    from benches.score.modules import Series

    #: Adds all of an object's elements; the instances are those of an image series of the same study.
    Object: TypeAlias = Callable[[Maker, Series, int, Series], None]

SIZE = 32


def ct(at: Maker, one: Series, number: int, _: Series) -> None:
    """CT image: references to another image, private texts with the patient in them."""
    _head(at, one, CTImageStorage)
    at.known("ImageType", ["ORIGINAL", "PRIMARY", "AXIAL"], 1)
    modules.frame_of_reference(at, one.study)
    modules.image(at, one, number)
    at.known("KVP", "120", 2)
    at.plain("AcquisitionNumber", 1, 2)
    at.date("ContentDate", one.study.day, 2)
    at.plain("ContentTime", one.study.time, 2)
    at.known("ConvolutionKernel", "B31f")
    at.known("ExposureTime", "500")
    at.known("RescaleIntercept", "-1024", 1)
    at.known("RescaleSlope", "1", 1)
    _plane(at, number)
    modules.pixel_layout(at, SIZE, SIZE, 12)
    others = [other for other in one.instances if other != number]
    at.reference("ReferencedImageSequence", CTImageStorage, one.instance_uid(others[0]))
    at.code("ProcedureCodeSequence", "24627-2", "LN", "CT Chest")
    patient = one.study.patient
    at.is_secret(at.private(0x0009, "NETTLE SCANNERS 1.0", 0x10, "LO", f"scan of {patient.words}"), patient.family)
    at.is_secret(
        at.private(0x0009, "NETTLE SCANNERS 1.0", 0x11, "UN", _padded(patient.identifier.encode())), patient.identifier
    )
    at.is_secret(at.private(0x0029, "NETTLE HEADER", 0x10, "OB", _blob(patient.name)), patient.family, patient.given)
    at.is_safe(at.private(0x0019, "GEMS_ACQU_01", 0x23, "DS", "39.37"), "39.37")
    at.is_safe(at.private(0x0019, "GEMS_ACQU_01", 0x27, "DS", "0.8"), "0.8")
    at.dataset.PixelData = pattern(2 * SIZE * SIZE, number).translate(_LOW)
    at.pixels()


def mr(at: Maker, one: Series, number: int, _: Series) -> None:
    """MR image in implicit VR: a private b-value that is known to be safe, private sequences."""
    _head(at, one, MRImageStorage)
    at.known("ImageType", ["ORIGINAL", "PRIMARY", "M", "ND"], 1)
    modules.frame_of_reference(at, one.study)
    modules.image(at, one, number)
    at.known("ScanningSequence", "EP", 1)
    at.known("SequenceVariant", "SK", 1)
    at.known("ScanOptions", "FS", 2)
    at.known("MRAcquisitionType", "2D", 2)
    at.known("RepetitionTime", "3200", 2)
    at.known("EchoTime", "89", 2)
    at.known("EchoTrainLength", "1", 2)
    at.known("MagneticFieldStrength", "3")
    at.known("FlipAngle", "90")
    at.date("ContentDate", one.study.day, 2)
    at.plain("ContentTime", one.study.time, 2)
    _plane(at, number)
    modules.pixel_layout(at, SIZE, SIZE, 12)
    step = at.item("ReferencedPerformedProcedureStepSequence")
    step.known("ReferencedSOPClassUID", "1.2.840.10008.3.1.2.3.3", 1)
    step.uid("ReferencedSOPInstanceUID", one.study.procedure_uid, 1)
    patient = one.study.patient
    at.is_safe(at.private(0x0019, "SIEMENS MR HEADER", 0x0C, "IS", "1000"), 1000)
    at.is_safe(at.private(0x0019, "SIEMENS MR HEADER", 0x0D, "CS", "DIRECTIONAL"), "DIRECTIONAL")
    at.is_secret(at.private(0x0029, "SIEMENS CSA HEADER", 0x10, "OB", _blob(patient.name)), patient.family)
    at.is_secret(
        at.private(0x0051, "NETTLE MR 2.0", 0x08, "LO", f"HFS {patient.family} {patient.birth_date:%Y%m%d}"),
        patient.family,
        f"{patient.birth_date:%Y%m%d}",
    )
    at.dataset.PixelData = pattern(2 * SIZE * SIZE, number).translate(_LOW)
    at.pixels()


def ultrasound(at: Maker, one: Series, number: int, _: Series) -> None:
    """Ultrasound image, compressed."""
    _head(at, one, UltrasoundImageStorage)
    at.known("ImageType", ["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"], 2)
    at.plain("PatientOrientation", None, 2)
    modules.image(at, one, number)
    at.date("ContentDate", one.study.day, 2)
    at.plain("ContentTime", one.study.time, 2)
    at.known("LossyImageCompression", "00")
    at.secret(
        "TransducerData", f"probe of {one.study.patient.hospital.name}", secrets=(one.study.patient.hospital.name,)
    )
    modules.pixel_layout(at, SIZE, SIZE, 8)
    at.dataset.PixelData = pattern(SIZE * SIZE, number)


def clip(at: Maker, one: Series, number: int, _: Series) -> None:
    """Ultrasound of many frames: its dates and codes stand beside the frames."""
    _head(at, one, UltrasoundMultiFrameImageStorage)
    at.known("ImageType", ["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"], 2)
    at.plain("PatientOrientation", None, 2)
    modules.image(at, one, number)
    at.date("ContentDate", one.study.day, 2)
    at.plain("ContentTime", one.study.time, 2)
    at.known("LossyImageCompression", "00")
    at.known("FrameTime", "33.3", 1)
    at.plain("FrameIncrementPointer", 0x0018_1063, 1)
    at.code("AnatomicRegionSequence", "818983003", "SCT", "Abdomen")
    modules.pixel_layout(at, SIZE, SIZE, 8, frames=8)
    at.dataset.PixelData = pattern(8 * SIZE * SIZE, number)
    at.pixels()


def segmentation(at: Maker, one: Series, number: int, images: Series) -> None:
    """Segmentation of many frames: nested sequences, each frame with its source."""
    _head(at, one, SegmentationStorage, is_enhanced=True)
    at.known("ImageType", ["DERIVED", "PRIMARY"], 1)
    modules.frame_of_reference(at, one.study)
    modules.common(at, one, number)
    at.date("ContentDate", one.study.day, 1)
    at.plain("ContentTime", one.study.time, 1)
    at.known("ContentLabel", "LESION", 1)
    patient = one.study.patient
    at.secret("ContentDescription", f"lesion of {patient.words}", 2, kept="lesion", secrets=(patient.family,))
    at.secret("ContentCreatorName", patient.hospital.physicians[2], 2)
    at.known("LossyImageCompression", "00", 1)
    at.known("SegmentationType", "BINARY", 1)
    at.known("SegmentsOverlap", "NO")
    segment = at.item("SegmentSequence", 1)
    segment.known("SegmentNumber", 1, 1)
    segment.known("SegmentLabel", "Lesion", 1)
    segment.known("SegmentAlgorithmType", "MANUAL", 1)
    segment.code("SegmentedPropertyCategoryCodeSequence", "49755003", "SCT", "Morphologically Abnormal Structure", 1)
    segment.code("SegmentedPropertyTypeCodeSequence", "52988006", "SCT", "Lesion", 1)
    referenced = at.item("ReferencedSeriesSequence", 1)
    referenced.uid("SeriesInstanceUID", images.uid, 1)
    for image in images.instances:
        referenced.reference("ReferencedInstanceSequence", CTImageStorage, images.instance_uid(image), 1)
    _functional_groups(at, images, number)
    modules.pixel_layout(at, SIZE, SIZE, 1, frames=len(images.instances))
    at.dataset.PixelData = pattern(len(images.instances) * SIZE * SIZE // 8, number)
    at.pixels()


def _functional_groups(at: Maker, images: Series, number: int) -> None:
    organization = f"{modules.ROOT}.6.{number}"
    at.item("DimensionOrganizationSequence", 1).uid("DimensionOrganizationUID", organization, 1)
    index = at.item("DimensionIndexSequence", 1)
    index.plain("DimensionIndexPointer", 0x0020_0032, 1)
    index.plain("FunctionalGroupPointer", 0x0020_9113, 1)
    index.uid("DimensionOrganizationUID", organization, 1)
    shared = at.item("SharedFunctionalGroupsSequence", 1)
    measures = shared.item("PixelMeasuresSequence", 1)
    measures.known("PixelSpacing", ["0.7", "0.7"], 1)
    measures.known("SliceThickness", "1.5", 1)
    shared.item("PlaneOrientationSequence", 1).known("ImageOrientationPatient", ["1", "0", "0", "0", "1", "0"], 1)
    shared.item("SegmentIdentificationSequence", 1).known("ReferencedSegmentNumber", 1, 1)
    for place, image in enumerate(images.instances, start=1):
        frame = at.item("PerFrameFunctionalGroupsSequence", 1)
        content = frame.item("FrameContentSequence", 1)
        content.plain("DimensionIndexValues", place, 1)
        frame.item("PlanePositionSequence", 1).known("ImagePositionPatient", ["0", "0", str(image)], 1)
        derived = frame.item("DerivationImageSequence", 2)
        derived.code("DerivationCodeSequence", "113076", "DCM", "Segmentation", 1)
        source = derived.item("SourceImageSequence", 2)
        source.known("ReferencedSOPClassUID", CTImageStorage, 1)
        source.uid("ReferencedSOPInstanceUID", images.instance_uid(image), 1)
        source.code("PurposeOfReferenceCodeSequence", "121322", "DCM", "Source image for image processing operation", 1)


def report(at: Maker, one: Series, number: int, images: Series) -> None:
    """Comprehensive report: names, dates and references in a tree of content items."""
    at.known("SOPClassUID", ComprehensiveSRStorage, 1)
    modules.patient(at, one.study)
    modules.study(at, one.study, one.modality)
    at.known("Modality", one.modality, 1)
    at.uid("SeriesInstanceUID", one.uid, 1)
    at.plain("SeriesNumber", one.place, 1)
    at.plain("ReferencedPerformedProcedureStepSequence", [], 2)
    modules.equipment(at, one)
    modules.common(at, one, number)
    at.known("CompletionFlag", "COMPLETE", 1)
    at.known("VerificationFlag", "VERIFIED", 1)
    at.date("ContentDate", one.study.day, 1)
    at.plain("ContentTime", one.study.time, 1)
    at.plain("PerformedProcedureCodeSequence", [], 2)
    physicians, hospital = one.study.patient.hospital.physicians, one.study.patient.hospital
    verified = at.item("VerifyingObserverSequence", 1)
    verified.secret("VerifyingObserverName", physicians[2], 1)
    verified.plain("VerifyingObserverIdentificationCodeSequence", [], 2)
    verified.secret("VerifyingOrganization", hospital.name, 1)
    verified.date("VerificationDateTime", one.study.day, 1, time=one.study.time)
    evidence = at.item("CurrentRequestedProcedureEvidenceSequence", 1)
    evidence.uid("StudyInstanceUID", one.study.uid, 1)
    of_series = evidence.item("ReferencedSeriesSequence", 1)
    of_series.uid("SeriesInstanceUID", images.uid, 1)
    for image in images.instances:
        of_series.reference("ReferencedSOPSequence", CTImageStorage, images.instance_uid(image), 1)
    _tree(at, one, images)


def _tree(at: Maker, one: Series, images: Series) -> None:
    patient = one.study.patient
    at.known("ValueType", "CONTAINER", 1)
    at.known("ContinuityOfContent", "SEPARATE", 1)
    at.code("ConceptNameCodeSequence", "126000", "DCM", "Imaging Measurement Report", 1)
    observer = _item(at, "HAS OBS CONTEXT", "PNAME", ("121008", "DCM", "Person Observer Name"), may_go=True)
    observer.secret("PersonName", patient.hospital.physicians[2], 1)
    subject = _item(at, "HAS OBS CONTEXT", "PNAME", ("121029", "DCM", "Subject Name"), may_go=True)
    subject.secret("PersonName", patient.name, 1, secrets=(patient.family, patient.given))
    subject = _item(at, "HAS OBS CONTEXT", "TEXT", ("121030", "DCM", "Subject ID"), may_go=True)
    subject.secret("TextValue", patient.identifier, 1)
    procedure = _item(at, "HAS OBS CONTEXT", "UIDREF", ("121018", "DCM", "Procedure Study Instance UID"))
    procedure.uid("UID", one.study.uid, 1)
    started = _item(at, "HAS OBS CONTEXT", "DATE", ("111060", "DCM", "Study Date"))
    started.date("Date", one.study.day, 1)
    finding = _item(at, "CONTAINS", "TEXT", ("121071", "DCM", "Finding"))
    finding.secret(
        "TextValue",
        f"A lesion of the right lobe. {patient.words} was told by {patient.hospital.physicians[1].partition('^')[0]}.",
        1,
        kept="lesion of the right lobe",
        secrets=(patient.family, patient.given, patient.hospital.physicians[1].partition("^")[0]),
    )
    diameter = _item(at, "CONTAINS", "NUM", ("103339001", "SCT", "Long Axis"))
    measured = diameter.item("MeasuredValueSequence", 2)
    measured.known("NumericValue", "14.25", 1)
    measured.code("MeasurementUnitsCodeSequence", "mm", "UCUM", "millimeter", 1)
    shown = _item(at, "CONTAINS", "IMAGE", ("121112", "DCM", "Source of Measurement"))
    shown.reference("ReferencedSOPSequence", CTImageStorage, images.instance_uid(images.instances[0]), 1)
    site = _item(at, "CONTAINS", "CODE", ("363698007", "SCT", "Finding Site"))
    site.code("ConceptCodeSequence", "39607008", "SCT", "Lung", 1)


def _item(at: Maker, relation: str, kind: str, concept: tuple[str, str, str], *, may_go: bool = False) -> Maker:
    """A content item. One that is about a person may go, with all that is in it."""
    inner = at.item("ContentSequence", 3 if may_go else 1, concept=concept[0])
    add = inner.plain if may_go else inner.known
    add("RelationshipType", relation, 1)
    add("ValueType", kind, 1)
    if may_go:
        code = inner.item("ConceptNameCodeSequence", 1)
        for keyword, value in zip(("CodeValue", "CodingSchemeDesignator", "CodeMeaning"), concept, strict=True):
            code.plain(keyword, value, 1)
    else:
        inner.code("ConceptNameCodeSequence", *concept, 1)
    return inner


def _head(at: Maker, one: Series, sop_class: str, *, is_enhanced: bool = False) -> None:
    at.known("SOPClassUID", sop_class, 1)
    modules.patient(at, one.study)
    modules.study(at, one.study, one.modality)
    modules.series(at, one)
    modules.equipment(at, one, is_enhanced=is_enhanced)


def _plane(at: Maker, number: int) -> None:
    at.known("PatientPosition", "HFS", 2)
    at.known("PixelSpacing", ["0.7", "0.7"], 1)
    at.known("ImageOrientationPatient", ["1", "0", "0", "0", "1", "0"], 1)
    at.known("ImagePositionPatient", ["-11.2", "-11.2", str(number)], 1)
    at.known("SliceThickness", "1.5", 2)


def _blob(name: str) -> bytes:
    """As headers of scanners have a name: among bytes that are no text."""
    data = b"SV10\x04\x03\x02\x01" + bytes(24) + b"tPatientName\0\x4d\0\0\0" + name.encode() + bytes(17)
    return _padded(data)


def _padded(data: bytes) -> bytes:
    return data + bytes(len(data) % 2)


#: Makes all numbers small, so that of 16 bits no more than 12 are taken.
_LOW = bytes(byte & 0x0F for byte in range(256))

#: By modality as the folders are called: what makes it, and in which transfer syntax it is written.
KINDS: dict[str, tuple[Object, str]] = {
    "ct": (ct, ExplicitVRLittleEndian),
    "mr": (mr, ImplicitVRLittleEndian),
    "us": (ultrasound, RLELossless),
    "clip": (clip, ExplicitVRLittleEndian),
    "seg": (segmentation, ExplicitVRLittleEndian),
    "sr": (report, ExplicitVRLittleEndian),
}
