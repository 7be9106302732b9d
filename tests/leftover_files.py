"""Files with a patient's values planted wherever a file has room for them, each place known."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elements import DEFLATED, EXPLICIT, IMPLICIT, PREAMBLE, deflated, meta, transfer_syntax

if TYPE_CHECKING:
    from elements import Syntax

NAME, ID, BIRTH, ACCESSION = "Doeling^Jonathan", "SITE-04711", "19610203", "ACC778899"
UID = "1.2.826.0.1.3680043.8.498.45787841905188114249811"
STUDY = "20240131"


@dataclass(frozen=True)
class Patient:
    """Whose file it is."""

    name: str = NAME
    id: str = ID
    birth: str = BIRTH
    accession: str = ACCESSION
    uid: str = UID
    study: str = STUDY


#: Another patient, of whom nothing must be found in the files of the first.
OTHER = Patient("Roe^Margarete", "SITE-99002", "19770809", "ACC112233", f"{UID[:-4]}7777", "20230528")


def padded(value: bytes, vr: str = "LO") -> bytes:
    """The value with an even length."""
    return value + (b"\0" if vr in {"UI", "OB", "UN"} else b" ") * (len(value) % 2)


@dataclass
class Planted:
    """A file, and the places at which it was given values: the tag path, or a word, and whose they are."""

    data: bytes
    places: list[tuple[str, str]] = field(default_factory=list)


def spellings(patient: Patient) -> list[tuple[str, str]]:
    """What may stand elsewhere, and whose it is."""
    family, given = patient.name.split("^")
    year, month, day = patient.birth[:4], patient.birth[4:6], patient.birth[6:]
    names = [
        patient.name,
        patient.name.upper(),
        patient.name.lower(),
        given,
        family.upper(),
        f"{family}, {given}",
        f"{given} {family}",
        f"{given}{family}",
        f"{family.upper()}_{given.upper()}",
    ]
    dates = [
        patient.birth,
        f"{year}-{month}-{day}",
        f"{day}.{month}.{year}",
        f"{month}/{day}/{year}",
        f"{year}/{month}/{day}",
        f"{year}.{month}.{day}",
    ]
    return [
        *((name, "PatientName") for name in names),
        *((date, "PatientBirthDate") for date in dates),
        (patient.id, "PatientID"),
        (patient.id.lower(), "PatientID"),
        (patient.accession, "AccessionNumber"),
        (patient.uid, "SOPInstanceUID"),
        (f"{patient.study}120000.000", "StudyDate"),
    ]


def csa(text: bytes) -> bytes:
    """Like a CSA header: binary, with lengths of 32 bits before texts that end with a zero byte."""
    return b"SV10\x04\x03\x02\x01" + struct.pack("<LL", 1, 77) + struct.pack("<L", len(text)) + text + b"\0\xcd\xcd"


def pdf(text: bytes) -> bytes:
    """Like a PDF whose text is not compressed."""
    return b"%PDF-1.4\n1 0 obj\n<</Length 44>>\nstream\nBT /F1 12 Tf (" + text + b") Tj ET\nendstream\n%%EOF\n"


def planted(text: str, of: str, syntax: Syntax = EXPLICIT, patient: Patient | None = None) -> Planted:
    """A file of a patient with `text` at every place that has room for it."""
    who = patient or Patient()
    raw = text.encode()
    wide, wide_big = text.encode("utf-16-le"), text.encode("utf-16-be")
    places: list[tuple[str, str]] = []

    def element(tag: int, vr: str, value: bytes, place: str | None = None) -> bytes:
        if place is not None:
            places.append((place, of))
        return syntax.element(tag, vr, padded(value, vr))

    def private(number: int, vr: str, value: bytes) -> bytes:
        return element(0x0029_1000 + number, vr, value, f"(0029,{0x1000 + number:04X})")

    note = 0x0040_A160
    items = [syntax.item(element(note, "UT", b"said " + raw, f"(0040,A730)[{index}].(0040,A160)")) for index in (0, 1)]
    elements = [
        element(0x0008_0016, "UI", b"1.2.840.10008.5.1.4.1.1.4"),
        element(0x0008_0018, "UI", who.uid.encode()),
        element(0x0008_0020, "DA", who.study.encode()),
        element(0x0008_0050, "SH", who.accession.encode()),
        element(0x0008_103E, "LO", b"series of " + raw[:50], "(0008,103E)"),
        element(0x0010_0010, "PN", who.name.encode()),
        element(0x0010_0020, "LO", who.id.encode()),
        element(0x0010_0030, "DA", who.birth.encode()),
        element(0x0029_0010, "LO", b"SOMEBODY 1.0"),
        private(1, "LO", raw),
        private(2, "OB", csa(raw)),
        private(3, "UN", b"<patient>" + raw + b"</patient>"),
        private(4, "OB", b"\xff\xfe<a>\0".ljust(8, b"\0") + wide + b"<\0/\0a\0>\0"),
        private(5, "OB", b"\0<\0a\0>" + wide_big + b"\0<"),
        element(0x0040_A730, "SQ", b"".join(items)),
        element(0x0042_0011, "OB", pdf(raw), "(0042,0011)"),
        element(0x7FE0_0010, "OW", raw.ljust(64, b"\0")),  # pixel data is not looked at
        element(0xFFFC_FFFC, "OB", b"\0\0" + raw, "(FFFC,FFFC)"),
    ]
    data_set = b"".join(elements)
    preamble = (b"by " + raw).ljust(128, b"\0")
    if len(raw) <= 90:
        places.append(("preamble", of))
    else:
        preamble = bytes(128)
    title = syntax_free(0x0002_0016, "AE", b"A" + b" " * 15)
    return Planted(preamble + PREAMBLE[128:] + meta(transfer_syntax(syntax.uid), title) + data_set, places)


def syntax_free(tag: int, vr: str, value: bytes) -> bytes:
    """An element of the file meta information, which is always explicit little endian."""
    return EXPLICIT.element(tag, vr, value)


def deflated_form(text: str, of: str) -> Planted:
    """The same with its data set deflated."""
    made = planted(text, of, EXPLICIT)
    start = made.data.index(EXPLICIT.tag(0x0008_0016))
    head = made.data[:128] + PREAMBLE[128:] + meta(transfer_syntax(DEFLATED))
    return Planted(head + deflated(made.data[start:]), made.places)


def bare(text: str, of: str) -> Planted:
    """The data set alone, in implicit VR."""
    made = planted(text, of, IMPLICIT)
    start = made.data.index(IMPLICIT.tag(0x0008_0016))
    return Planted(made.data[start:], [place for place in made.places if place[0] != "preamble"])
