"""The real files that pydicom's wheel ships: what every test can count on."""

import io
import zlib
from pathlib import Path

import pydicom

# Not pydicom.data.get_testdata_files: it may download.
SAMPLES = Path(pydicom.__file__).parent / "data" / "test_files"
# Others that may lie beside this checkout.
SHARED = Path(__file__).parents[2] / "shared" / "data"
CT = SAMPLES / "CT_small.dcm"
MR = SAMPLES / "MR_small.dcm"

FULL_TAGS = {
    0x0008_0090: ("ReferringPhysicianName", "PN"),
    0x0008_1050: ("PerformingPhysicianName", "PN"),
    0x0008_1070: ("OperatorsName", "PN"),
    0x0010_0010: ("PatientName", "PN"),
    0x0010_0030: ("PatientBirthDate", "DA"),
    0x0008_0080: ("InstitutionName", "LO"),
    0x0008_0081: ("InstitutionAddress", "ST"),
    0x0008_1010: ("StationName", "SH"),
    0x0008_1030: ("StudyDescription", "LO"),
    0x0008_0020: ("StudyDate", "DA"),
    0x0008_0021: ("SeriesDate", "DA"),
    0x0008_0022: ("AcquisitionDate", "DA"),
    0x0008_0023: ("ContentDate", "DA"),
    0x0008_0030: ("StudyTime", "TM"),
    0x0008_0031: ("SeriesTime", "TM"),
    0x0008_0032: ("AcquisitionTime", "TM"),
    0x0008_0033: ("ContentTime", "TM"),
    0x0010_0020: ("PatientID", "LO"),
    0x0010_1030: ("PatientWeight", "DS"),
}
BASIC_TAGS = [0x0008_0090, 0x0008_1050, 0x0008_1070, 0x0010_0010, 0x0010_0030]


def all_files() -> list[Path]:
    """Every file of the wheel, DICOM or not."""
    return sorted(path for path in SAMPLES.rglob("*") if path.is_file())


def at_hand() -> list[Path]:
    """The same, and what lies beside this checkout."""
    return all_files() + sorted(path for path in SHARED.rglob("*") if path.is_file())


def name_of(path: Path) -> str:
    """The path below the folder of samples that holds it."""
    root = SAMPLES if path.is_relative_to(SAMPLES) else SHARED
    return path.relative_to(root).as_posix()


def damaged_ct() -> bytes:
    """CT_small with the length of (0008,0008) set to 65534: pydicom reads two elements and no patient."""
    data = bytearray(CT.read_bytes())
    at = data.index(b"\x08\x00\x08\x00CS") + 6
    data[at : at + 2] = (65534).to_bytes(2, "little")
    return bytes(data)


def inflated(data: bytes) -> bytes:
    """A deflated file with its data set inflated; after the stream is nothing, or a NUL to an even length."""
    file = io.BytesIO(data)
    pydicom.filereader.read_preamble(file, force=False)
    pydicom.filereader.read_dataset(file, False, True, stop_when=lambda tag, *_: tag.group != 2)
    start = file.tell()
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    form = data[:start] + stream.decompress(data[start:])
    assert stream.eof
    assert stream.unused_data in {b"", b"\0"}
    return form
