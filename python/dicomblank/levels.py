"""The policy: which elements each level blanks, and how a level is turned into other rules.

The tables are those of the documentation of the neuroinformatics database NiDB; every row cites it.
What can be a rule at all (no group length, no delimiter, no pixel data, little of group 0002)
is decided once, by the core's `Rules`; here its reason is only passed on.
"""

from __future__ import annotations

import enum

from dicomblank import _core
from dicomblank.suggestions import did_you_mean, nearest
from dicomblank.tags import check_known, form, named, several, spell, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn, TypeAlias

    from dicomblank.tags import Tags

    LevelLike: TypeAlias = "Level | Rules | str"

__all__ = ["ANONYMIZE", "ANONYMIZE_FULL", "Level", "Rules", "core_rules", "level_name"]

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


class Rules:
    """Which elements are blanked and which are kept. Every call takes rules where it takes a level.

    `blank` and `keep` are each one tag or a list of tags: Rules("PatientID"), Rules(["PatientID", 0x00080020]). Most
    often rules are made from a level: Level.ANONYMIZE.rules.blank("PatientID").keep("StudyDate").

    A tag is a keyword in any case, "(0010,4000)", "00104000", an int or a pydicom tag. A text may list several, between
    commas. A repeating element, by its keyword or as "(60xx,4000)", is one in every group. A private element is written
    with its creator, as '(0029,"SIEMENS CSA HEADER",10)', and is found in any block that its creator has reserved.

    A blanked tag is blanked at any depth. A blanked sequence has every value below it blanked, but for the kept tags. A
    rule on one tag goes before one on many.

    Whose a private block is, its own data set or item says (PS3.5 §7.8.1). Where that is not clear, the element is
    blanked: no creator before it, an empty one, or several of which one is listed.

    Rules can't be changed; they can be compared, hashed and pickled.

    Raises `ValueError` for an unknown tag, for one that can't be a rule, and for one that is to be
    both blanked and kept; `TypeError` for what is no tag at all.
    """

    __slots__ = ("_native",)
    _native: _core.Rules

    def __init__(self, blank: Tags = (), keep: Tags = ()) -> None:
        blanked = [about for tag in several(blank) for about in written(tag)]
        kept = [about for tag in several(keep) for about in written(tag)]
        for about in blanked:
            if about in kept:
                raise ValueError(f"{named(about)} can't be both blanked and kept")
        core = _core.Rules(blanked, kept)
        # After the core's own checks: that (0010,0000) is a group length says more than that it is unknown.
        for about in blanked + kept:
            check_known(about)
        object.__setattr__(self, "_native", core)

    @property
    def blanked(self) -> tuple[int | str, ...]:
        """What is blanked: the numbers of tags, sorted, and behind them texts for what is no one tag."""
        return tuple(form(about) for about in self._native.blanked)

    @property
    def kept(self) -> tuple[int | str, ...]:
        """What is kept also inside blanked sequences, in the same form."""
        return tuple(form(about) for about in self._native.kept)

    def blank(self, *tags: Tags) -> Rules:
        """New rules: these, and `tags` blanked as well. Of several calls about a tag the last one wins.

        Each argument is a tag or a list of tags. Raises as `Rules` does.
        """
        forms = _forms(tags)
        return Rules({*self.blanked, *forms}, set(self.kept).difference(forms))

    def keep(self, *tags: Tags) -> Rules:
        """New rules: these, with `tags` kept. Of several calls about a tag the last one wins.

        Each argument is a tag or a list of tags. Raises as `Rules` does.
        """
        forms = _forms(tags)
        return Rules(set(self.blanked).difference(forms), {*self.kept, *forms})

    def __eq__(self, other: object) -> bool:
        return self._native == other._native if isinstance(other, Rules) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._native)

    def __repr__(self) -> str:
        parts = []
        for name, tags in (("blank", self.blanked), ("keep", self.kept)):
            if tags:
                parts.append(f"{name}={[_shown(tag) for tag in tags]!r}")
        return f"Rules({', '.join(parts)})"

    def __reduce__(self) -> tuple[type[Rules], tuple[tuple[int | str, ...], tuple[int | str, ...]]]:
        return Rules, (self.blanked, self.kept)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("Rules can't be changed; blank() and keep() give new ones")

    def __delattr__(self, name: str) -> NoReturn:
        self.__setattr__(name, None)


def _forms(arguments: Iterable[Tags]) -> list[int | str]:
    return [form(about) for tags in arguments for tag in several(tags) for about in written(tag)]


def _shown(tag: int | str) -> str:
    return tag if isinstance(tag, str) else _core.keyword_of(tag) or spell(tag)


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

    _native: _core.Rules

    @property
    def rules(self) -> Rules:
        """The level's rules, to be changed by `.blank()` and `.keep()`."""
        return _RULES[self.value]

    @classmethod
    def _missing_(cls, value: object) -> Level:
        known = [level.value for level in cls]
        if not isinstance(value, str):
            raise ValueError(f"no level {value!r}; there are {', '.join(known)}")  # noqa: TRY004 (as enums do)
        american = value.replace("anonymise", "anonymize")
        if value not in known and american in known:
            return cls(american)
        raise ValueError(f"no level {value!r}; there are {', '.join(known)}{did_you_mean(nearest(value, known))}")


_RULES: dict[str, Rules] = {
    "original": Rules(),
    "anonymize": Rules(row[1] for row in ANONYMIZE),
    "anonymize-full": Rules(row[1] for row in ANONYMIZE_FULL),
}
# A member holds its core rules itself: hashing a member, to look it up, is a call into Python.
for _level in Level:
    _level._native = _RULES[_level.value]._native


def level_name(level: LevelLike) -> str | None:
    """The name of a level; None for `Rules`, which are of none."""
    return None if isinstance(level, Rules) else Level(level).value


def core_rules(level: LevelLike) -> _core.Rules:
    """The core's rules of a level, of a level's string, or of `Rules`."""
    if isinstance(level, (Level, Rules)):
        return level._native
    if isinstance(level, str):
        return Level(level)._native
    raise TypeError(f"a level is a Level, its string or Rules, not {type(level).__name__}")
