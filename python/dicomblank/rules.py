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

    #: What values become, where the word of the rule does not say it: a text, a table's rows, or the words of the
    #: rules for the types 1, 2 and 3 and for those that are not known.
    Becomes: TypeAlias = "str | tuple[tuple[str, str], ...] | tuple[str, str, str, str] | None"
    #: The word of a rule, and what values become.
    Entry: TypeAlias = tuple[str, Becomes]
    Entries: TypeAlias = Mapping[About, Entry]
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
    "remove": "removed",
    "empty": "emptied",
    "dummy": "made a dummy",
    "by type": "treated by its type",
}

#: What may change a length, so that the file is written anew. The profile's rules alone have the last three.
_REWRITES = ("remove", "empty", "dummy", "by type")


class Rules:
    """What becomes of which elements. Every call takes rules where it takes a level.

    `blank`, `keep`, `pseudonymize`, `shift` and `remove` are each one tag or a list of tags: Rules("PatientID"),
    Rules(["PatientID", 0x00080020]). `set` has the text for each tag, `map` the table for each tag. Most often rules
    are made from a level: Level.ANONYMIZE.rules.blank("PatientID").keep("StudyDate").

    A tag is a keyword in any case, "(0010,4000)", "00104000", an int or a pydicom tag. A text may list several, between
    commas. A repeating element, by its keyword or as "(60xx,4000)", is one in every group. A private element is written
    with its creator, as '(0029,"SIEMENS CSA HEADER",10)', and is found in any block that its creator has reserved.
    "dates" is every public element of VR DA or DT that has no other rule; "private" every private element that has
    none; "(50xx,xxxx)" and "(60xx,xxxx)" all curves and all overlays.

    blank: every byte becomes padding, at any depth; of a sequence every value below it, but for the kept tags.
    keep: stays, also inside a blanked sequence. pseudonymize: a UID or an identifier becomes a keyed one of the same
    form and length. shift: dates become earlier by the patient's number of days. set: the value becomes a text of
    ASCII, padded to its length. map: the value becomes what the table has for it, padded. A file is refused where that
    can't be done: a text that is longer than the value, a value that is not in the table. pseudonymize and shift need
    a key. A rule on one tag goes before one on many.

    remove: the element goes, header and value, at any depth; a sequence goes whole, what is kept in it too. Then the
    file gets another length, so that it is written anew: texts and tables may be longer than the values, the preamble
    is zeros, and of the file meta information there is only what PS3.10 asks for. `anonymize_buffer` can't do that.

    Whose a private block is, its own data set or item says (PS3.5 §7.8.1). Where that is not clear, the element is
    blanked: no creator before it, an empty one, or several of which one is listed.

    Rules of a level file are read by Rules.from_file("FILE.toml"), those of the Basic Profile made by Rules.basic().

    Rules can't be changed; they can be compared, hashed and pickled.

    Raises `ValueError` for an unknown tag, for one that can't be a rule or not on its VR, for one with two rules, and
    for a table that has a value twice; `TypeError` for what is no tag at all.
    """

    __slots__ = ("_entries", "_level", "_native", "_profile")
    _native: _core.Rules
    _entries: Entries
    _level: str | None
    #: Of rules that come of the Basic Profile its options; else None.
    _profile: frozenset[str] | None

    def __init__(
        self,
        blank: Tags = (),
        keep: Tags = (),
        *,
        pseudonymize: Tags = (),
        shift: Tags = (),
        remove: Tags = (),
        set: Mapping[str | int, str] | None = None,  # noqa: A002 (the word of the rule)
        map: Mapping[str | int, Table] | None = None,  # noqa: A002
    ) -> None:
        entries: dict[About, Entry] = {}
        lists = {"blank": blank, "keep": keep, "pseudonymize": pseudonymize, "shift": shift, "remove": remove}
        for word, tags in lists.items():
            _add(entries, _abouts([tags]), word, None)
        for tag, text in (set or {}).items():
            _add(entries, written(tag), "set", _text(text))
        for tag, table in (map or {}).items():
            _add(entries, written(tag), "map", _rows(table))
        self._make(entries)

    @classmethod
    def from_file(cls, path: StrPath) -> Rules:
        """The rules of a level file, which is TOML with a `name`, what it `extends`, and rules.

        `extends` is a level, or another such file, relative to this one; `options` are those of the level basic. The
        rules stand under the words `blank`, `keep`, `pseudonymize`, `shift`, `remove`, `set` and `map`, which say what
        they say here; a table is a CSV file as well, relative to this one. Reports call these rules by their `level`.

        Raises `ValueError` for what is no level file, or has a tag twice; `OSError` for a file that can't be read.
        """
        from dicomblank.level_files import read_level

        return read_level(os.fsdecode(path))

    @classmethod
    def basic(cls, *options: str) -> Rules:
        """The Basic Application Level Confidentiality Profile of PS3.15, Annex E, with these options.

        They are called as in the standard: "retain-safe-private", "retain-uids", "retain-device-identity",
        "retain-institution-identity", "retain-patient-characteristics", "retain-longitudinal-full-dates" or
        "retain-longitudinal-modified-dates", "clean-structured-content". It needs a key, for the UIDs, which become
        keyed ones, and for dates that are shifted.

        Each attribute of Table E.1-1 is removed, emptied, replaced or kept, wherever it stands; where the table has
        several actions, as X/Z/D, the attribute's type in the object decides. What was done is added: (0012,0062),
        (0012,0063), (0012,0064) and (0028,0303). The pixels stay as they are. Rules on top of it go before its own.

        Raises `ValueError` for what is no option, is not met, or contradicts another.
        """
        from dicomblank.basic_rules import level_of, options_of, rules_of

        asked = options_of(options)
        return _made(rules_of(asked), level_of(asked), asked)

    def _make(self, entries: Entries, level: str | None = None, profile: frozenset[str] | None = None) -> None:
        def of(word: str) -> list[About]:
            return [about for about, (its, _) in entries.items() if its == word]

        others = [(about, word, becomes) for about, (word, becomes) in entries.items() if word not in {"blank", "keep"}]
        rewrite = any(word in _REWRITES for word, _ in entries.values())
        core = _core.Rules(of("blank"), of("keep"), others, *(_beside(entries, profile) if rewrite else ()))
        # After the core's own checks: that (0010,0000) is a group length says more than that it is unknown.
        for about in entries if profile is None else _unlisted(entries):
            check_known(about)
        object.__setattr__(self, "_native", core)
        object.__setattr__(self, "_entries", entries)
        object.__setattr__(self, "_level", level)
        object.__setattr__(self, "_profile", profile)

    @property
    def level(self) -> str | None:
        """What reports call these rules, else None.

        Of a level file its name, and behind an @ what tells its rules from others; of `Rules.basic` "basic", and its
        options behind a + each.
        """
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
    def removed(self) -> tuple[int | str, ...]:
        """What is removed, in the same form; what may be removed or not, by its type, is not among it."""
        return self._of("remove")

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

    @property
    def rewrites(self) -> bool:
        """Whether files may get another length, so that they are written anew."""
        return self._native.rewrite

    def told(self) -> list[tuple[str, str, str, str]]:
        """For people, a row for each rule: the tag, its name, its VR, and what is done, such as "blanked".

        What is no one tag stands behind the others. Of texts and tables nothing is told. Where the type decides it is
        said what is done to an attribute of type 1, 2 and 3, and to one whose type is not known. Of the profile there
        are also rows for the attributes of its table that it keeps.
        """
        entries = dict(self._entries)
        if self._profile is not None:
            from dicomblank.basic_rules import kept_of

            entries = kept_of(self._profile) | entries
        rows = sorted(entries.items(), key=lambda entry: _order(entry[0]))
        return [
            (
                spell(about),
                _name(about),
                (_core.vr_of(about) or "") if isinstance(about, int) else "",
                _told(word, becomes),
            )
            for about, (word, becomes) in rows
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

    def remove(self, *tags: Tags) -> Rules:
        """New rules: these, with `tags` removed, header and value; "private" is every private element.

        A file in which something is removed has another length: it is written anew.
        """
        return self._with(_abouts(tags), "remove")

    def set(self, tag: str | int, text: str) -> Rules:
        """New rules: these, with `tag` set to `text`, which has ASCII characters, padded to the length of the value."""
        return self._with(written(tag), "set", _text(text))

    def map(self, tag: str | int, table: Table) -> Rules:
        """New rules: these, with a value of `tag` becoming what `table` has for it, a dict or pairs of old and new."""
        return self._with(written(tag), "map", _rows(table))

    def _of(self, word: str) -> tuple[int | str, ...]:
        return tuple(form(about) for about, its, _ in self._native.others if its == word)

    def _with(self, abouts: Iterable[About], word: str, becomes: Becomes = None) -> Rules:
        return _made({**self._entries, **dict.fromkeys(abouts, (word, becomes))}, None, self._profile)

    def _called(self, level: str) -> Rules:
        """The same rules, with the name of their level."""
        return _made(self._entries, level, self._profile)

    def __eq__(self, other: object) -> bool:
        return self._native == other._native if isinstance(other, Rules) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._native)

    def __repr__(self) -> str:
        # Of a text or table only the tag: it may stand for a value.
        own = self._entries if self._profile is None else _others(self._entries, self._profile)
        lists: dict[str, list[str]] = {}
        for about in sorted(own, key=_order):
            lists.setdefault(self._entries[about][0], []).append(_shown(form(about)))
        if self._profile is None:
            return f"Rules({', '.join(f'{word}={lists[word]!r}' for word in _DONE if word in lists)})"
        changes = [f".{word}({', '.join(map(repr, lists[word]))})" for word in _DONE if word in lists]
        return f"Rules.basic({', '.join(map(repr, sorted(self._profile)))}){''.join(changes)}"

    def __reduce__(self) -> tuple[object, tuple[Entries, str | None, frozenset[str] | None]]:
        return _made, (self._entries, self._level, self._profile)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("Rules can't be changed; blank(), keep() and the like give new ones")

    def __delattr__(self, name: str) -> NoReturn:
        self.__setattr__(name, None)


def _made(entries: Entries, level: str | None = None, profile: frozenset[str] | None = None) -> Rules:
    rules = Rules.__new__(Rules)
    rules._make(entries, level, profile)
    return rules


def _beside(entries: Entries, profile: frozenset[str] | None) -> tuple[_core.Types | None, _core.Additions]:
    """What the core needs beside rules that rewrite: the types of attributes, and what is added."""
    from dicomblank import additions

    if profile is None:
        return None, additions.of_rules()
    from dicomblank.basic_rules import departing, types

    return types(), additions.of_profile(profile, departing(entries, profile))


def _unlisted(entries: Entries) -> Iterable[About]:
    """What the table of the profile does not have, which is newer than the dictionary."""
    from dicomblank.profile import attribute

    return (about for about in entries if not isinstance(about, int) or attribute(about) is None)


def _others(entries: Entries, profile: frozenset[str]) -> list[About]:
    """What has another rule than that of the profile."""
    from dicomblank.basic_rules import rules_of

    own = rules_of(profile)
    return [about for about, entry in entries.items() if own.get(about) != entry]


def _add(entries: dict[About, Entry], abouts: Iterable[About], word: str, becomes: Becomes) -> None:
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


def _order(about: About) -> tuple[bool, bool, str]:
    """Tags before what is no one tag, and repeating elements before private ones."""
    return not isinstance(about, int), isinstance(about, tuple) and len(about) == 3, spell(about)


def _name(about: About) -> str:
    """The keyword; the standard's name, where the table of the profile is newer than the dictionary."""
    name = named(about).removeprefix(spell(about)).lstrip()
    if name or not isinstance(about, int) or about >> 16 & 1:
        return name
    from dicomblank.profile import attribute

    row = attribute(about)
    return row.name if row is not None else ""


def _told(word: str, becomes: Becomes) -> str:
    if word != "by type" or becomes is None:
        return _DONE[word]
    *by_type, unknown = (_DONE[str(of)] for of in becomes)
    said = [f"{done} ({number})" for number, done in enumerate(by_type, 1)]
    return f"by type: {', '.join(said)}, {unknown} (not known)"


def _shown(tag: int | str) -> str:
    return tag if isinstance(tag, str) else _core.keyword_of(tag) or spell(tag)
