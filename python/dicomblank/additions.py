"""What a rewrite adds to a file: who wrote it, and of the Basic Profile what was done.

PS3.10 §7.1 for the file meta information, PS3.3 C.7.1.1 and C.12.1 for the elements of the data set.
"""

from __future__ import annotations

import functools

from dicomblank import _core
from dicomblank.tags import spell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicomblank.tags import About

__all__ = ["IMPLEMENTATION", "METHOD", "VERSION_NAME", "of_profile", "of_rules", "told_of_profile"]

#: Implementation Class UID: of dicomblank, whatever its version.
IMPLEMENTATION = "2.25.251621485683163781951798323310051809244"
#: Implementation Version Name, of at most 16 characters.
VERSION_NAME = f"DCMBLANK_{_core.__version__}"[:16]

#: De-identification Method: its first value. Core and checks know a file of ours by how it begins.
METHOD = f"dicomblank {_core.__version__}"

SCHEME = "DCM"


@functools.cache
def of_rules() -> _core.Additions:
    """Of rules that are no profile: no element."""
    return _core.Additions(IMPLEMENTATION, VERSION_NAME)


@functools.lru_cache(maxsize=64)
def of_profile(options: frozenset[str], others: tuple[About, ...] = ()) -> _core.Additions:
    """Of the profile with these options, and of the attributes that other rules treat not as their rows say."""
    return _core.Additions(IMPLEMENTATION, VERSION_NAME, _elements(options, others))


def told_of_profile(options: frozenset[str], others: tuple[About, ...] = ()) -> list[str]:
    """The same for people: each tag with what is written."""
    told = []
    for tag, _, content in _elements(options, others):
        said = content if isinstance(content, str) else ", ".join(str(item[0][2]) for item in content)
        told.append(f"{spell(tag)} {said}")
    return told


def _elements(options: frozenset[str], others: tuple[About, ...]) -> list[_core._Added]:
    from dicomblank.basic import codes_of, temporal  # with the table of the profile

    # Where other rules stand beside those of the profile, nothing claims it, nor that nobody can be told from the file.
    # Dates that stay as they are or not are modified.
    method = [METHOD, "basic", *sorted(options), *(["with other rules"] if others else [])]
    claimed: list[_core._Added] = [
        (0x0012_0062, "CS", "YES"),  # PatientIdentityRemoved
        (0x0012_0064, "SQ", [_code(*code) for code in codes_of(options)]),  # DeidentificationMethodCodeSequence
    ]
    dates = "MODIFIED" if are_of_dates(others) else temporal(options)
    said: list[_core._Added] = [
        (0x0012_0063, "LO", "\\".join(method)),  # DeidentificationMethod
        (0x0028_0303, "CS", dates),  # LongitudinalTemporalInformationModified
    ]
    return sorted(said if others else claimed + said)


def _code(value: str, meaning: str) -> list[_core._Added]:
    return [(0x0008_0100, "SH", value), (0x0008_0102, "SH", SCHEME), (0x0008_0104, "LO", meaning)]


def are_of_dates(abouts: Iterable[About]) -> bool:
    """Whether one of them is a date or a time, or may be."""
    return any(not isinstance(about, int) or _core.vr_of(about) in (None, "DA", "DT", "TM") for about in abouts)
