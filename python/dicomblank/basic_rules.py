"""The Basic Profile as rules: what `basic` says of each row, in the words of rules.

What is kept has no rule, so that it stays where nothing is done around it, and becomes a dummy below a sequence that
does. Nothing here is loaded unless the profile is asked for.
"""

from __future__ import annotations

import functools

from dicomblank import _core, content_rules
from dicomblank.attribute_types import all_types
from dicomblank.basic import Action, action, options_of
from dicomblank.levels import REFERENCES, Level
from dicomblank.profile import ATTRIBUTES, attribute
from dicomblank.safe_private import safe_private
from dicomblank.tags import DATES, PRIVATE, WHOLE_GROUPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank.profile import Attribute
    from dicomblank.rules import Entries, Entry
    from dicomblank.tags import About

__all__ = ["concepts", "departing", "is_met_by", "kept_of", "level_of", "options_in", "options_of", "rules_of", "types"]

CURVES, OVERLAYS = WHOLE_GROUPS

#: What the rows are about whose tag is a pattern. An overlay without its data is none: it goes whole.
_PATTERNS: dict[str, About] = {"PRIVATE": PRIVATE, "50xxxxxx": CURVES, "60xx3000": OVERLAYS, "60xx4000": OVERLAYS}

#: The head of a file is written anew, and (0002,0003) with it.
_FILE_META = 0x0002

SAFE_PRIVATE, CONTENT = "retain-safe-private", "clean-structured-content"

#: Of each type one: those under a condition are as those without one (PS3.5 §7.4).
_TYPES = ("1", "2", "3", None)

_WORDS = {
    Action.REMOVE: "remove",
    Action.EMPTY: "empty",
    Action.DUMMY: "dummy",
    Action.UID: "pseudonymize",
    Action.UIDS_OF_ITEMS: "keep",
    Action.KEEP: "keep",
    Action.SHIFT: "shift",
    Action.SAFE_PRIVATE: "remove",  # but for those that have a rule of their own
    Action.CONTENT: "by concept",
}


def level_of(options: frozenset[str]) -> str:
    """What reports call the profile with these options: "basic+retain-uids"."""
    return "+".join([Level.BASIC.value, *sorted(options)])


def options_in(level: str) -> frozenset[str] | None:
    """The options of a level of this name, or of a level file that extends it; None for other levels."""
    name, *options = level.rpartition(":")[2].split("+")
    try:
        return options_of(options) if name == Level.BASIC.value else None
    except ValueError:  # of another version
        return None


@functools.cache
def rules_of(options: frozenset[str]) -> Entries:
    """The rules of the profile: the word for each tag, and for what is no one tag."""
    rules: dict[About, Entry] = {}
    for row in ATTRIBUTES:
        about = _PATTERNS[row.tag] if row.is_pattern else int(row.tag, 16)
        word, becomes = _rule(row, options)
        is_meta = isinstance(about, int) and about >> 16 == _FILE_META
        if word != "keep" and not is_meta:
            rules[about] = word, becomes
    if "retain-uids" not in options:
        # Without a row, but they name what a UID with one does.
        for _, tag in REFERENCES:
            rules.setdefault(tag, ("pseudonymize", None))
    return {**rules, **_of_options(options)}


def _of_options(options: frozenset[str]) -> dict[About, Entry]:
    """What options ask for beside the rows of the table."""
    rules: dict[About, Entry] = {}
    if SAFE_PRIVATE in options:
        rules |= dict.fromkeys(safe_private(options), ("keep", None))
    if CONTENT in options:
        rules |= {tag: (word, None) for tag, word in content_rules.rules()}
    return rules


def kept_of(options: frozenset[str]) -> dict[About, Entry]:
    """What the table has and the profile with these options keeps."""
    rows = {int(row.tag, 16) for row in ATTRIBUTES if not row.is_pattern}
    return {tag: ("keep", None) for tag in rows - rules_of(options).keys() if tag >> 16 != _FILE_META}


def _rule(row: Attribute, options: frozenset[str]) -> Entry:
    done = [action(row, options, kind) for kind in _TYPES]
    one, two, three, unknown = (_WORDS[each] for each in done)
    return (one, None) if {one} == {two, three, unknown} else ("by type", (one, two, three, unknown))


@functools.cache
def types() -> _core.Types:
    """The types of attributes, for the core: it asks for those whose row has several actions."""
    return _core.Types(all_types())


@functools.cache
def concepts(options: frozenset[str]) -> _core.Concepts | None:
    """What becomes of content items, for the core: it asks where a rule is "by concept"."""
    return content_rules.concepts(options) if CONTENT in options else None


# what rules on top of it leave of the profile


def departing(rules: Entries, options: frozenset[str]) -> tuple[About, ...]:
    """What these rules, which come of the profile with these options, don't treat as its rows say."""
    own = rules_of(options)
    other = (about for about, entry in rules.items() if own.get(about) != entry)
    return tuple(about for about in other if not is_met_by(about, rules[about][0], options))


def is_met_by(about: About, word: str, options: frozenset[str]) -> bool:
    """Whether a rule of this word on `about` does what its row asks for; so it does where there is no row.

    Z and D are met by any value that tells nothing of the old one (Table E.1-1a): what it is mapped or set to is the
    user's to answer for.
    """
    asked = _of_options(options).get(about)
    if asked is not None:
        return word == asked[0]
    rows = _rows_about(about)
    if rows is None or (not rows and isinstance(about, int) and _core.vr_of(about) == "SQ" and word not in _WHOLE):
        return False
    return all(word in _MEETS.get(action(row, options, kind), ()) for row in rows for kind in _TYPES)


#: Of a sequence without a row these leave its elements to their own rules, or nothing of them.
_WHOLE = ("keep", "remove", "empty")

_VALUES = ("dummy", "pseudonymize", "set", "map")
_MEETS = {
    Action.REMOVE: ("remove",),
    Action.EMPTY: ("empty", *_VALUES),
    Action.DUMMY: _VALUES,
    Action.UID: ("pseudonymize", "map"),
    Action.KEEP: ("keep",),
    Action.SHIFT: ("shift",),
    Action.SAFE_PRIVATE: ("remove",),
    Action.CONTENT: ("by concept",),
}


def _rows_about(about: About) -> list[Attribute] | None:
    """The rows about it: none where the table has none; None where they can't be told."""
    if isinstance(about, str):
        return None if about == DATES else [row for row in ATTRIBUTES if row.tag == "PRIVATE"]
    if isinstance(about, int):
        row = attribute(about)
        return [] if row is None else [row]
    if len(about) == 3:
        return [row for row in ATTRIBUTES if row.tag == "PRIVATE"]
    row = attribute(about[1])
    if about in WHOLE_GROUPS:
        return [row for row in ATTRIBUTES if _PATTERNS.get(row.tag) == about]
    return [] if row is None else [row]
