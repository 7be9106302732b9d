"""Rules: what becomes of which elements.

What can be a rule at all (no group length, no delimiter, no pixel data, little of group 0002, nothing that can't be
done to a VR) is decided once, by the core's `Rules`; here its reason is only passed on.
"""

from __future__ import annotations

import os

from dicomblank import _core
from dicomblank.tags import check_known, form, named, several, spell, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import NoReturn, TypeAlias

    from dicomblank.inputs import StrPath
    from dicomblank.tags import About, Tags

    #: What values become, where the word of the rule does not say it: a text, or a table's rows.
    Becomes: TypeAlias = "str | tuple[tuple[str, str], ...] | None"
    Table: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]

__all__ = ["Rules"]

#: What is done by each word, for messages.
_DONE = {
    "blank": "blanked",
    "keep": "kept",
    "pseudonymize": "pseudonymized",
    "shift": "shifted",
    "set": "set",
    "map": "mapped",
}


class Rules:
    """What becomes of which elements. Every call takes rules where it takes a level.

    `blank`, `keep`, `pseudonymize` and `shift` are each one tag or a list of tags: Rules("PatientID"),
    Rules(["PatientID", 0x00080020]). `set` has the text for each tag, `map` the table for each tag. Most often rules
    are made from a level: Level.ANONYMIZE.rules.blank("PatientID").keep("StudyDate").

    A tag is a keyword in any case, "(0010,4000)", "00104000", an int or a pydicom tag. A text may list several, between
    commas. A repeating element, by its keyword or as "(60xx,4000)", is one in every group. A private element is written
    with its creator, as '(0029,"SIEMENS CSA HEADER",10)', and is found in any block that its creator has reserved.
    "dates" is every public element of VR DA or DT that has no other rule.

    blank: every byte becomes padding, at any depth; of a sequence every value below it, but for the kept tags.
    keep: stays, also inside a blanked sequence. pseudonymize: a UID or an identifier becomes a keyed one of the same
    form and length. shift: dates become earlier by the patient's number of days. set: the value becomes a text of
    ASCII, padded to its length. map: the value becomes what the table has for it, padded. A file is refused where that
    can't be done: a text that is longer than the value, a value that is not in the table. pseudonymize and shift need
    a key. A rule on one tag goes before one on many.

    Whose a private block is, its own data set or item says (PS3.5 §7.8.1). Where that is not clear, the element is
    blanked: no creator before it, an empty one, or several of which one is listed.

    Rules of a level file are read by Rules.from_file("FILE.toml").

    Rules can't be changed; they can be compared, hashed and pickled.

    Raises `ValueError` for an unknown tag, for one that can't be a rule or not on its VR, for one with two rules, and
    for a table that has a value twice; `TypeError` for what is no tag at all.
    """

    __slots__ = ("_entries", "_level", "_native")
    _native: _core.Rules
    _entries: dict[About, tuple[str, Becomes]]
    _level: str | None

    def __init__(
        self,
        blank: Tags = (),
        keep: Tags = (),
        *,
        pseudonymize: Tags = (),
        shift: Tags = (),
        set: Mapping[str | int, str] | None = None,  # noqa: A002 (the word of the rule)
        map: Mapping[str | int, Table] | None = None,  # noqa: A002
    ) -> None:
        entries: dict[About, tuple[str, Becomes]] = {}
        lists = (("blank", blank), ("keep", keep), ("pseudonymize", pseudonymize), ("shift", shift))
        for word, tags in lists:
            _add(entries, _abouts([tags]), word, None)
        for tag, text in (set or {}).items():
            _add(entries, written(tag), "set", _text(text))
        for tag, table in (map or {}).items():
            _add(entries, written(tag), "map", _rows(table))
        self._make(entries)

    @classmethod
    def from_file(cls, path: StrPath) -> Rules:
        """The rules of a level file, which is TOML with a `name`, what it `extends`, and rules.

        `extends` is a level, or another such file, relative to this one. The rules stand under the words `blank`,
        `keep`, `pseudonymize`, `shift`, `set` and `map`, which say what they say here; a table is a CSV file as well,
        relative to this one. Reports call these rules by their `level`.

        Raises `ValueError` for what is no level file, or has a tag twice; `OSError` for a file that can't be read.
        """
        from dicomblank.level_files import read_level

        return read_level(os.fsdecode(path))

    def _make(self, entries: dict[About, tuple[str, Becomes]], level: str | None = None) -> None:
        def of(word: str) -> list[About]:
            return [about for about, (its, _) in entries.items() if its == word]

        others = [(about, word, becomes) for about, (word, becomes) in entries.items() if word not in {"blank", "keep"}]
        core = _core.Rules(of("blank"), of("keep"), others)
        # After the core's own checks: that (0010,0000) is a group length says more than that it is unknown.
        for about in entries:
            check_known(about)
        object.__setattr__(self, "_native", core)
        object.__setattr__(self, "_entries", entries)
        object.__setattr__(self, "_level", level)

    @property
    def level(self) -> str | None:
        """Of the rules of a level file its name, and behind an @ what tells them from others; else None."""
        return self._level

    @property
    def blanked(self) -> tuple[int | str, ...]:
        """What is blanked: the numbers of tags, sorted, and behind them texts for what is no one tag."""
        return tuple(form(about) for about in self._native.blanked)

    @property
    def kept(self) -> tuple[int | str, ...]:
        """What is kept also inside blanked sequences, in the same form."""
        return tuple(form(about) for about in self._native.kept)

    @property
    def pseudonymized(self) -> tuple[int | str, ...]:
        """What is pseudonymized, in the same form."""
        return self._of("pseudonymize")

    @property
    def shifted(self) -> tuple[int | str, ...]:
        """What is shifted, in the same form; "dates" is every date that has no other rule."""
        return self._of("shift")

    @property
    def texts(self) -> dict[int | str, str]:
        """The text that each tag is set to."""
        return {form(about): becomes for about, _, becomes in self._native.others if isinstance(becomes, str)}

    @property
    def tables(self) -> dict[int | str, dict[str, str]]:
        """The table that each tag is mapped by."""
        return {form(about): dict(rows) for about, _, rows in self._native.others if isinstance(rows, list)}

    @property
    def need_key(self) -> bool:
        """Whether a key is needed."""
        return self._native.need_key

    def told(self) -> list[tuple[str, str, str, str]]:
        """For people, a row for each rule: the tag, its name, its VR, and what is done, such as "blanked".

        What is no one tag stands behind the others. Of texts and tables nothing is told.
        """
        rows = sorted(self._entries.items(), key=lambda entry: (not isinstance(entry[0], int), spell(entry[0])))
        return [
            (
                spell(about),
                named(about).removeprefix(spell(about)).lstrip(),
                (_core.vr_of(about) or "") if isinstance(about, int) else "",
                _DONE[word],
            )
            for about, (word, _) in rows
        ]

    def blank(self, *tags: Tags) -> Rules:
        """New rules: these, and `tags` blanked as well. Of several calls about a tag the last one wins.

        Each argument is a tag or a list of tags. Raises as `Rules` does.
        """
        return self._with(_abouts(tags), "blank")

    def keep(self, *tags: Tags) -> Rules:
        """New rules: these, with `tags` kept. Of several calls about a tag the last one wins."""
        return self._with(_abouts(tags), "keep")

    def pseudonymize(self, *tags: Tags) -> Rules:
        """New rules: these, with `tags` pseudonymized: UIDs, or identifiers (AE, CS, LO, LT, PN, SH, ST, UC, UT)."""
        return self._with(_abouts(tags), "pseudonymize")

    def shift(self, *tags: Tags) -> Rules:
        """New rules: these, with the dates (DA, DT) of `tags` shifted by the patient's days.

        "dates" is every public date that has no other rule.
        """
        return self._with(_abouts(tags), "shift")

    def set(self, tag: str | int, text: str) -> Rules:
        """New rules: these, with `tag` set to `text`, which has ASCII characters, padded to the length of the value."""
        return self._with(written(tag), "set", _text(text))

    def map(self, tag: str | int, table: Table) -> Rules:
        """New rules: these, with a value of `tag` becoming what `table` has for it, a dict or pairs of old and new."""
        return self._with(written(tag), "map", _rows(table))

    def _of(self, word: str) -> tuple[int | str, ...]:
        return tuple(form(about) for about, its, _ in self._native.others if its == word)

    def _with(self, abouts: Iterable[About], word: str, becomes: Becomes = None) -> Rules:
        rules = Rules.__new__(Rules)
        rules._make({**self._entries, **dict.fromkeys(abouts, (word, becomes))})
        return rules

    def _called(self, level: str) -> Rules:
        """The same rules, with the name of their level."""
        return _made(self._entries, level)

    def __eq__(self, other: object) -> bool:
        return self._native == other._native if isinstance(other, Rules) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._native)

    def __repr__(self) -> str:
        # Of a text or table only the tag: it may stand for a value.
        lists = {
            "blank": self.blanked,
            "keep": self.kept,
            "pseudonymize": self.pseudonymized,
            "shift": self.shifted,
            "set": tuple(self.texts),
            "map": self._of("map"),
        }
        parts = [f"{name}={[_shown(tag) for tag in tags]!r}" for name, tags in lists.items() if tags]
        return f"Rules({', '.join(parts)})"

    def __reduce__(self) -> tuple[object, tuple[dict[About, tuple[str, Becomes]], str | None]]:
        return _made, (self._entries, self._level)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("Rules can't be changed; blank(), keep() and the like give new ones")

    def __delattr__(self, name: str) -> NoReturn:
        self.__setattr__(name, None)


def _made(entries: dict[About, tuple[str, Becomes]], level: str | None = None) -> Rules:
    """Rules that were pickled, or are called by the name of a level."""
    rules = Rules.__new__(Rules)
    rules._make(entries, level)
    return rules


def _add(entries: dict[About, tuple[str, Becomes]], abouts: Iterable[About], word: str, becomes: Becomes) -> None:
    for about in abouts:
        before = entries.get(about)
        if before is not None and before != (word, becomes):
            if before[0] == word:
                raise ValueError(f"{named(about)} can't be {_DONE[word]} in two ways")
            raise ValueError(f"{named(about)} can't be both {_DONE[before[0]]} and {_DONE[word]}")
        entries[about] = (word, becomes)


def _abouts(arguments: Iterable[Tags]) -> list[About]:
    return [about for tags in arguments for tag in several(tags) for about in written(tag)]


def _text(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"a text is a str, not {type(text).__name__}")
    return text


def _rows(table: Table) -> tuple[tuple[str, str], ...]:
    pairs = table.items() if hasattr(table, "items") else table
    rows = tuple(tuple(row) for row in pairs)
    if not all(len(row) == 2 and all(isinstance(part, str) for part in row) for row in rows):
        raise TypeError("a table is a dict of texts, or pairs of an old and a new text")
    return rows


def _shown(tag: int | str) -> str:
    return tag if isinstance(tag, str) else _core.keyword_of(tag) or spell(tag)
