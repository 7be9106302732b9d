"""What `inspect` looks for: the policy. The core looks, and knows none of it.

Attributes are those of Table E.1-1 of PS3.15 (`profile.py`), creators those of `creators.py`. The rest is here, each
with its word, and a sentence that says what it is.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from dicomblank import _core
from dicomblank.creators import CREATORS
from dicomblank.profile import ATTRIBUTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank.profile import Attribute

__all__ = ["SECTIONS", "SUBJECTS", "UNSAID", "Subject", "catalogue", "word_of"]

#: The sections of what is found, and what each holds.
SECTIONS: dict[str, str] = {
    "pictures": "Likely text in pictures",
    "content": "Other content that may tell of a patient",
    "bytes": "Bytes outside the elements, and values that can't be read",
    "attributes": "Attributes of Table E.1-1 of PS3.15",
    "names": "Other person names (VR PN)",
    "dates": "Other dates (VR DA and DT)",
    "private": "Private elements, by creator",
}


class Subject(NamedTuple):
    """Something that is looked for beside the attributes: it is there if any of its signs is."""

    section: str
    word: str
    meaning: str
    stands: tuple[tuple[int, int], ...] = ()
    """Elements that stand with something other than padding, at any depth: the bits of a tag that count, and what they
    are."""
    codes: tuple[tuple[int, str], ...] = ()
    """Elements of the data set itself with one of these codes."""
    other: str | None = None
    """What is about no element."""


_ONE, _OVERLAYS = 0xFFFF_FFFF, 0xFF01_FFFF

MODALITY, SOP_CLASS, BURNED_IN, PIXELS = 0x0008_0060, 0x0008_0016, 0x0028_0301, 0x7FE0_0010
_STORAGE = "1.2.840.10008.5.1.4.1.1"


def _modality(code: str, meaning: str) -> Subject:
    return Subject("pictures", f"modality-{code.lower()}", meaning, codes=((MODALITY, code),))


def _classes(*ends: str) -> tuple[tuple[int, str], ...]:
    return tuple((SOP_CLASS, f"{_STORAGE}.{end}") for end in ends)


#: Whether there is text in a picture, no reading of headers can tell. These are the pictures that have it most often.
SUBJECTS: tuple[Subject, ...] = (
    _modality("US", "Ultrasound, whose pictures often show the patient's name."),
    _modality("ES", "Endoscopy, whose pictures often show the patient's name."),
    _modality("XA", "Angiography, whose pictures may show text."),
    _modality("SC", "The modality says secondary capture, a picture of a screen or a scanned page."),
    _modality("OT", "The modality says other, often a picture of a screen or a scanned page."),
    Subject(
        "pictures",
        "secondary-capture",
        "An object of a secondary capture class (PS3.3 §A.8), a picture of a screen or a scanned page.",
        codes=_classes("7", "7.1", "7.2", "7.3", "7.4"),
    ),
    Subject("pictures", "burned-in-yes", "BurnedInAnnotation says YES.", codes=((BURNED_IN, "YES"),)),
    Subject(
        "pictures",
        "burned-in-missing",
        "A picture of a class that has to say whether there is text in it does not: no BurnedInAnnotation.",
    ),
    Subject("content", "overlay", "An overlay with something drawn on it.", stands=((_OVERLAYS, 0x6000_3000),)),
    Subject(
        "content",
        "overlay-in-pixels",
        "An overlay in the bits of the pixel data (retired).",
        stands=((_OVERLAYS, 0x6000_0102),),
    ),
    Subject(
        "content",
        "document",
        "An encapsulated document, such as a PDF or a CDA.",
        stands=((_ONE, 0x0042_0011),),
        codes=_classes("104.1", "104.2", "104.3", "104.4", "104.5"),
    ),
    Subject("content", "icon", "A small picture beside the picture.", stands=((_ONE, 0x0088_0200),)),
    Subject(
        "content",
        "content-name",
        "Structured content with the name of a person (content items of type PNAME).",
        stands=((_ONE, 0x0040_A123),),
    ),
    Subject(
        "content", "content-text", "Structured content with text (items of type TEXT).", stands=((_ONE, 0x0040_A160),)
    ),
    Subject(
        "bytes", "preamble", "The preamble is not zero: a program, or a person, has written there.", other="preamble"
    ),
    Subject(
        "bytes",
        "trailing",
        "Bytes behind the last element, or padding of the data set that is none.",
        stands=((_ONE, 0xFFFC_FFFC),),
        other="trailing",
    ),
    Subject("bytes", "opaque", "A value that could be a sequence and can't be read as one.", other="opaque"),
    Subject(
        "bytes",
        "ambiguous",
        "The file can be read in more than one way, and others show other attributes.",
        other="ambiguous",
    ),
)

#: Classes of pictures that have to say whether there is text in them: those whose objects have BurnedInAnnotation as
#: Type 1 or 1C in a module that is mandatory. In the General Image Module (PS3.3 §C.7.6.1) it is Type 3, and may be
#: missing. With the module of each: DX (§C.8.11.3), Enhanced Mammography, Enhanced XA/XRF (§C.8.19), X-Ray 3D
#: (§C.8.21), Enhanced CT (§C.8.15.2), Enhanced MR (§C.8.13.1), Enhanced PET (§C.8.22), Parametric Map, Enhanced US
#: (§C.8.24.3), Photoacoustic, SC Multi-frame (§C.8.6.3), Ophthalmic Photography and Tomography (§C.8.17), OCT B-scan
#: and en face, Ophthalmic Thickness Map, Corneal Topography Map, Intravascular OCT (§C.8.27), Whole Slide Microscopy
#: (§C.8.12.4).
UNSAID: tuple[str, ...] = tuple(
    f"{_STORAGE}.{end}"
    for end in (
        *("1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1"),
        *("13.1.4", "13.1.5"),
        *("12.1.1", "12.2.1"),
        *("13.1.1", "13.1.2", "13.1.3"),
        *("2.1", "2.2"),
        *("4.1", "4.3", "4.4"),
        *("130", "128.1"),
        *("30", "6.2", "6.3"),
        *("7.1", "7.2", "7.3", "7.4"),
        *("77.1.5.1", "77.1.5.2", "77.1.5.4", "77.1.5.5", "77.1.5.6", "77.1.5.7", "77.1.5.8"),
        *("81.1", "82.1", "14.1", "14.2", "77.1.6"),
    )
)

# Not told by themselves: what "burned-in-missing" follows from.
_HELPERS = ("class", "said", "pixels")
_PIXELS = (0x7FE0_0008, 0x7FE0_0009, PIXELS)


def word_of(attribute: Attribute) -> str:
    """What an attribute is called in a report: its keyword, and (60xx,3000) or (50xx,xxxx) where it is no one tag."""
    return attribute.keyword or attribute.spelled


@functools.cache
def catalogue() -> _core.Catalogue:
    """All of it, as the core takes it."""
    names = [("attributes", word_of(attribute)) for attribute in ATTRIBUTES]
    stands = [(number, *_tags(attribute)) for number, attribute in enumerate(ATTRIBUTES)]
    codes, others = [], []
    for number, subject in enumerate(SUBJECTS, len(names)):
        stands += [(number, mask, value) for mask, value in subject.stands]
        codes += [(number, tag, code) for tag, code in subject.codes]
        others += [(number, subject.other)] if subject.other else []
    names += [(subject.section, subject.word) for subject in SUBJECTS]
    missing = names.index(("pictures", "burned-in-missing"))
    of_class, said, pixels = range(len(names), len(names) + len(_HELPERS))
    names += [("", helper) for helper in _HELPERS]
    codes += [(of_class, SOP_CLASS, uid) for uid in UNSAID]
    codes += [(said, BURNED_IN, code) for code in ("YES", "NO")]
    return _core.Catalogue(
        names,
        stands=stands,
        present=[(pixels, tag) for tag in _PIXELS],
        codes=codes,
        deduced=[(missing, ([of_class, pixels], [said]))],
        others=others,
        creators=CREATORS.splitlines(),
    )


def _tags(attribute: Attribute) -> tuple[int, int]:
    """Which tags a row of the table is about: the bits that count, and what they are."""
    if not attribute.is_pattern:
        return _ONE, int(attribute.tag, 16)
    # Groups are even unless they are private.
    return {
        "50xxxxxx": (0xFF01_0000, 0x5000_0000),
        "60xx3000": (_OVERLAYS, 0x6000_3000),
        "60xx4000": (_OVERLAYS, 0x6000_4000),
        "PRIVATE": (0x0001_0000, 0x0001_0000),
    }[attribute.tag]
