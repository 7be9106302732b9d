"""What was met of the Basic Profile in a run, as its report tells: by the level, the rules, the counts, the warnings.

Nothing is assumed: a file counts as one that conforms only if nothing in the report says otherwise.
"""

from __future__ import annotations

from typing import NamedTuple

from dicomblank.basic import NOT_OFFERED, is_met
from dicomblank.basic_rules import is_met_by, options_in, rules_of
from dicomblank.profile import ATTRIBUTES, EDITION, attribute
from dicomblank.tags import named, written
from dicomblank.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dicomblank.profile import Attribute
    from dicomblank.tags import About

__all__ = ["NOT_CERTAIN", "Outcome", "outcome_of"]

#: Warnings of files in which a row may not have been treated as it says, and why.
NOT_CERTAIN: dict[str, str] = {
    "unknown-class": "the types of attributes are not known, and the safer action was taken",
    "unknown-tail": "bytes of a group that no element may use end the file, and stay",
    "opaque-values": "a value that may be a sequence could not be looked into",
    "no-domain": "an identifier was blanked, and not replaced",
    "date-without-day": "a date was blanked, and not shifted",
    "no-date": "a date was blanked, and not shifted",
    "date-out-of-calendar": "a date was blanked, and not shifted",
    "dates-of-nobody": "a date was blanked, and not shifted",
    "unmarked": "a second run would replace values again",
}


class Outcome(NamedTuple):
    """The profile in a run."""

    options: frozenset[str]
    """That were asked for."""
    others: tuple[str, ...]
    """What other rules treat, and not as its row says."""
    unmet: tuple[Attribute, ...]
    """Rows for which an option that was asked for is not met: they are treated as without it."""
    found: tuple[Attribute, ...]
    """Rows of which values were changed."""

    @property
    def met(self) -> int:
        """How many rows were treated as they say, with the options that were asked for."""
        return len(ATTRIBUTES) - len(self.unmet) - len(self.others)

    @property
    def conforms(self) -> bool:
        """Whether the rules, and what they found, are as the profile and its options ask."""
        return not self.others and not set(self.unmet) & set(self.found)

    def sentences(self, files: int, not_certain: int) -> list[str]:
        """What there is to say of it.

        `files`: how many files are done; `not_certain`: how many of them have one of the warnings.
        """
        said = [self.conformance(files, not_certain)]
        rows = f"Of the {len(ATTRIBUTES)} rows of Table E.1-1, {self.met} were treated as they say"
        said.append(f"{rows}; of {len(self.found)} there were values in these files.")
        if self.others:
            said.append(f"Other rules stand beside those of the profile: {', '.join(self.others)}.")
        if self.unmet:
            names = ", ".join(row.name for row in self.unmet)
            said.append(f"Not cleaned as an option asks, but treated as without it: {names}.")
        said.append(f"Not met: {'; '.join(f'{name}: {why}' for name, why in NOT_OFFERED.items())}.")
        return said

    def conformance(self, files: int, not_certain: int) -> str:
        """How many of them conform to the profile."""
        options = f"with the options {', '.join(sorted(self.options))}" if self.options else "without options"
        profile = f"the Basic Profile of PS3.15, edition {EDITION}, {options}"
        sure = files - not_certain
        if not self.conforms or not sure:
            return f"Done by {profile}; of no file it is said that it conforms: {self._why_not()}."
        verb = "conforms" if sure == 1 else "conform"
        rest = f"; of {counted(not_certain, 'other file')} that is not certain: see the warnings" if not_certain else ""
        return f"{counted(sure, 'file')} {verb} to {profile}{rest}."

    def _why_not(self) -> str:
        if self.others:
            return "other rules stand beside those of the profile"
        return "not all could be cleaned" if not self.conforms else "see the warnings"


def outcome_of(level: str | None, rules: Mapping[str, Iterable[str]], values: Iterable[str]) -> Outcome | None:
    """The profile in a run at this level, with these rules by their words and values by their tags; else None."""
    options = options_in(level or "")
    if options is None:
        return None
    asked = {about: word.replace("_", " ") for word, names in rules.items() for name in names for about in _about(name)}
    own = {about: word for about, (word, _) in rules_of(options).items()}
    abouts = [about for about in {**own, **asked} if asked.get(about) != own.get(about)]
    others = [about for about in abouts if about not in asked or not is_met_by(about, asked[about], options)]
    found = {row for name in values for about in _about(name) if (row := _row(about)) is not None}
    return Outcome(
        options,
        tuple(map(named, others)),
        tuple(row for row in ATTRIBUTES if not is_met(row, options)),
        tuple(row for row in ATTRIBUTES if row in found),
    )


def _about(name: str) -> list[About]:
    """What a name of a report is about; nothing, where it is none."""
    try:
        return written(name)
    except ValueError:
        return []


def _row(about: About) -> Attribute | None:
    if isinstance(about, tuple):
        return attribute(about[1]) if len(about) == 2 else ATTRIBUTES[-1]
    return attribute(about) if isinstance(about, int) else None
