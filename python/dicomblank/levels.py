"""The policy: what each level does to which elements.

The tables of two levels are those of the documentation of the neuroinformatics database NiDB; every row cites it. What
the third does beyond them, its own tables say.
"""

from __future__ import annotations

import enum
import functools

from dicomblank.rules import Rules
from dicomblank.suggestions import did_you_mean, nearest
from dicomblank.uids import UIDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from dicomblank import _core

    LevelLike: TypeAlias = "Level | Rules | str"

__all__ = [
    "ANONYMIZE",
    "ANONYMIZE_FULL",
    "IDENTIFIERS",
    "PSEUDONYMIZE_BLANK",
    "REFERENCES",
    "Level",
    "Rules",
    "core_rules",
    "is_file_name",
    "is_name_taken",
    "level_name",
    "other_levels",
]

NIDB = "https://docs.neuroinfodb.org/nidb/specifications/dicom-anonymization"

#: keyword, tag, VR, source. NiDB writes "ReferringPhysiciansName" and "PerformingPhysiciansName":
#: older names of the same two tags.
ANONYMIZE: tuple[tuple[str, int, str, str], ...] = (
    ("ReferringPhysicianName", 0x0008_0090, "PN", NIDB),
    ("PerformingPhysicianName", 0x0008_1050, "PN", NIDB),
    ("OperatorsName", 0x0008_1070, "PN", NIDB),
    ("PatientName", 0x0010_0010, "PN", NIDB),
    ("PatientBirthDate", 0x0010_0030, "DA", NIDB),
)

ANONYMIZE_FULL: tuple[tuple[str, int, str, str], ...] = (
    *ANONYMIZE,
    ("InstitutionName", 0x0008_0080, "LO", NIDB),
    ("InstitutionAddress", 0x0008_0081, "ST", NIDB),
    ("StationName", 0x0008_1010, "SH", NIDB),
    ("StudyDescription", 0x0008_1030, "LO", NIDB),
    ("StudyDate", 0x0008_0020, "DA", NIDB),
    ("SeriesDate", 0x0008_0021, "DA", NIDB),
    ("AcquisitionDate", 0x0008_0022, "DA", NIDB),
    ("ContentDate", 0x0008_0023, "DA", NIDB),
    ("StudyTime", 0x0008_0030, "TM", NIDB),
    ("SeriesTime", 0x0008_0031, "TM", NIDB),
    ("AcquisitionTime", 0x0008_0032, "TM", NIDB),
    ("ContentTime", 0x0008_0033, "TM", NIDB),
    ("PatientID", 0x0010_0020, "LO", NIDB),
    ("PatientWeight", 0x0010_1030, "DS", NIDB),
)

#: What `pseudonymize` makes identifiers of the same form of. One patient has one of them, wherever it stands.
IDENTIFIERS: tuple[tuple[str, int, str], ...] = (
    ("AccessionNumber", 0x0008_0050, "SH"),
    ("PatientID", 0x0010_0020, "LO"),
    ("OtherPatientIDs", 0x0010_1000, "LO"),
    ("StudyID", 0x0020_0010, "SH"),
)

#: UIDs without a row of their own in PS3.15 that name what a UID with one does: without them references would not hold.
REFERENCES: tuple[tuple[str, int], ...] = (
    ("AffectedSOPInstanceUID", 0x0000_1000),
    ("MultiFrameSourceSOPInstanceUID", 0x0008_1167),
    ("TargetFrameOfReferenceUID", 0x0018_991E),
    ("SOPInstanceUIDOfConcatenationSource", 0x0020_0242),
    ("VolumeFrameOfReferenceUID", 0x0020_9312),
    ("TableFrameOfReferenceUID", 0x0020_9313),
    ("ReferencedColorPaletteInstanceUID", 0x0028_0304),
    ("ReferencedFiducialUID", 0x0070_031B),
    ("EquipmentFrameOfReferenceUID", 0x300A_0675),
)

#: What `pseudonymize` blanks: the rows of anonymize-full that are no identifier, no date but the birth date, no time.
PSEUDONYMIZE_BLANK: tuple[tuple[str, int, str, str], ...] = tuple(
    row
    for row in ANONYMIZE_FULL
    if row[0] == "PatientBirthDate" or (row[2] not in {"DA", "TM"} and row[0] != "PatientID")
)


class Level(enum.Enum):
    """What is blanked, as a starting point for rules.

    Calls take a level's string as well: "anonymize-full" is `Level.ANONYMIZE_FULL`, and so is "anonymise-full".
    """

    ORIGINAL = "original"
    """Blanks nothing: not a byte changes."""
    ANONYMIZE = "anonymize"
    """The default: blanks five names and dates, and leaves what `dicomblank levels` lists, PatientID among it."""
    ANONYMIZE_FULL = "anonymize-full"
    """Blanks nineteen elements: NiDB's list, not the profile of DICOM PS3.15."""
    PSEUDONYMIZE = "pseudonymize"
    """Blanks names and places, replaces UIDs and identifiers by keyed ones, and shifts dates. It needs a key."""
    BASIC = "basic"
    """The Basic Profile of DICOM PS3.15 without its options, which `Rules.basic` takes. It needs a key."""

    @property
    def rules(self) -> Rules:
        """The level's rules, to be changed by `.blank()`, `.keep()` and the like."""
        return Rules.basic() if self is Level.BASIC else _RULES[self.value]

    # Held by the member itself: hashing a member, to look it up, is a call into Python. Made when it is asked for: the
    # table of the profile is large.
    @functools.cached_property
    def _native(self) -> _core.Rules:
        return self.rules._native

    @classmethod
    def _missing_(cls, value: object) -> Level:
        known = [level.value for level in cls]
        if not isinstance(value, str):
            raise ValueError(f"no level {value!r}; there are {', '.join(known)}")  # noqa: TRY004 (as enums do)
        american = value.replace("ymise", "ymize")
        if value not in known and american in known:
            return cls(american)
        if value.endswith(".toml") or "/" in value:
            raise ValueError(f"no level {value!r}: Rules.from_file reads a level file")
        if value.startswith("basic+"):
            raise ValueError(f"no level {value!r}: options are asked for by --option, or by Rules.basic")
        raise ValueError(f"no level {value!r}; there are {', '.join(known)}{did_you_mean(nearest(value, known))}")


_RULES: dict[str, Rules] = {
    "original": Rules(),
    "anonymize": Rules(row[1] for row in ANONYMIZE),
    "anonymize-full": Rules(row[1] for row in ANONYMIZE_FULL),
    "pseudonymize": Rules(
        [row[1] for row in PSEUDONYMIZE_BLANK],
        pseudonymize=[tag for _, tag, *_ in (*IDENTIFIERS, *UIDS, *REFERENCES)],
        shift="dates",
    ),
}


def level_name(level: LevelLike) -> str | None:
    """The name of a level; None for `Rules` that are of none."""
    return level.level if isinstance(level, Rules) else Level(level).value


def is_name_taken(name: str) -> bool:
    """Whether a level file can't have this name: it is that of a level, in any case and spelling."""
    lower = name.lower().replace("ymise", "ymize")
    return any(lower == level.value for level in Level)


def is_file_name(level: str) -> bool:
    """Whether it names a level file, and not one of the levels: by its ending, or a slash."""
    return level.endswith(".toml") or "/" in level


#: What no result is compared with: that of the profile has another length, and takes its tables.
_NO_OTHERS = (Level.ORIGINAL, Level.BASIC)


def other_levels(rules: _core.Rules) -> list[tuple[str, _core.Rules]]:
    """The levels that do something, and something else than `rules`: whose result a file may be."""
    levels = [level for level in Level if level not in _NO_OTHERS or (level is Level.BASIC and rules.rewrite)]
    return [(level.value, level._native) for level in levels if level._native != rules]


def core_rules(level: LevelLike) -> _core.Rules:
    """The core's rules of a level, of a level's string, or of `Rules`."""
    if isinstance(level, (Level, Rules)):
        return level._native
    if isinstance(level, str):
        return Level(level)._native
    raise TypeError(f"a level is a Level, its string or Rules, not {type(level).__name__}")
