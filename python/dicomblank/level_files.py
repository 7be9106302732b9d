"""Levels of one's own: files in TOML with a name, the level they extend, and rules.

No message repeats what stands behind a `=` below `set` and `map`, or what a table maps: these are values of elements.
"""

from __future__ import annotations

import os

from dicomblank.levels import Level, Rules, is_file_name, is_name_taken
from dicomblank.suggestions import nearest
from dicomblank.tables import read_table
from dicomblank.tags import named, spell, written
from dicomblank.words import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from dicomblank.rules import Becomes
    from dicomblank.tags import About

    #: Device and number of a file: two names of one file have the same.
    Identity: TypeAlias = tuple[int, int]

__all__ = ["LARGEST", "read_level"]

#: What is larger is no list of rules: the whole of Table E.1-1 takes less than a twentieth of it.
LARGEST = 1 << 20
#: How many files may extend one another.
DEEPEST = 16
LONGEST_NAME = 64
SIGNS = "-_."

LISTS = ("blank", "keep", "pseudonymize", "shift", "remove")
PAIRS = ("set", "map")
WORDS = ("name", "extends", "options", *LISTS, *PAIRS)


def read_level(path: str) -> Rules:
    """The rules of a level file, which are called by its name and their digest.

    Raises `ValueError` for what is no level, with the file and the word it is about; `OSError` for what can't be read.
    """
    name, rules = _read(path, ())
    called = f"{name}@{_digest(rules)}"
    if rules._profile is None:
        return rules._called(called)
    from dicomblank.basic_rules import level_of

    return rules._called(f"{called}:{level_of(rules._profile)}")


def _read(path: str, around: tuple[Identity, ...]) -> tuple[str, Rules]:
    data, identity = _bytes_of(path)
    if identity in around:
        raise ValueError(f"{escaped(path)}: a level can't extend itself, nor one that extends it")
    if len(around) == DEEPEST:
        raise ValueError(f"{escaped(path)}: more than {DEEPEST} files extend one another")
    content = _parsed(path, data)
    for word in content:
        _check_word(path, word)
    return _name(path, content), _changed(path, _extended(path, content, (*around, identity)), content)


def _bytes_of(path: str) -> tuple[bytes, Identity]:
    import stat

    # A pipe would be waited for.
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"{escaped(path)}: a level is a file, and this is a pipe or a device")
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"{escaped(path)}: larger than {LARGEST:,} bytes, which no level is")
    return data, (found.st_dev, found.st_ino)


def _parsed(path: str, data: bytes) -> dict[str, object]:
    import tomllib

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{escaped(path)}: not UTF-8 at byte {error.start:,}") from None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Of its sentence only the place: it may repeat what stands there.
        import re

        place = re.search(r"line \d+, column \d+", str(error))
        where = f" at {place[0]}" if place else " at its end" if "end of document" in str(error) else ""
        hint = "texts and tags stand in quotation marks, lists in brackets, and each word is there once"
        raise ValueError(f"{escaped(path)}: not TOML{where}: {hint}") from None


def _check_word(path: str, word: str) -> None:
    if word not in WORDS:
        known = f"; did you mean {near[0]}?" if (near := nearest(word, WORDS)) else f"; there are {', '.join(WORDS)}"
        raise ValueError(f"{escaped(path)}: no word {_clipped(word)}{known}")


def _name(path: str, content: dict[str, object]) -> str:
    name = content.get("name")
    if name is None:
        raise ValueError(f'{escaped(path)}: name is missing: reports call the level by it, as in name = "trial-7"')
    if not isinstance(name, str):
        raise ValueError(f"{escaped(path)}: name is a text, in quotation marks")  # noqa: TRY004 (the file is wrong)
    is_plain = name.isascii() and all(sign.isalnum() or sign in SIGNS for sign in name) and name[:1].isalnum()
    if not is_plain or len(name) > LONGEST_NAME or is_file_name(name):
        said = f"begins with a letter or digit of ASCII, and has up to {LONGEST_NAME} of these, {', '.join(SIGNS)}"
        raise ValueError(f"{escaped(path)}: name {said}; it does not end in .toml")
    if is_name_taken(name):
        raise ValueError(f"{escaped(path)}: name {name} is that of a level of dicomblank: choose another")
    return name


def _extended(path: str, content: dict[str, object], around: tuple[Identity, ...]) -> Rules:
    """The rules that a level begins with."""
    extends = content.get("extends")
    if extends is None:
        raise ValueError(
            f'{escaped(path)}: extends is missing: name what the level begins with, as in extends = "anonymize";'
            " original begins with nothing"
        )
    if not isinstance(extends, str):
        said = "extends is one text: a level, or a file whose name ends in .toml"
        raise ValueError(f"{escaped(path)}: {said}")  # noqa: TRY004 (the file is wrong)
    if not is_file_name(extends):
        try:
            level = Level(extends)
        except ValueError as error:
            raise ValueError(f"{escaped(path)}: extends: {error}") from None
        return _with_options(path, level, content)
    _refuse_options(path, content)
    other = os.path.join(os.path.dirname(path), extends)
    try:
        return _read(other, around)[1]
    except OSError as error:
        raise ValueError(f"{escaped(path)}: extends {escaped(other)}: {error.strerror}") from None


def _with_options(path: str, level: Level, content: dict[str, object]) -> Rules:
    if level is not Level.BASIC:
        _refuse_options(path, content)
        return level.rules
    options = content.get("options", [])
    if not isinstance(options, list) or not all(isinstance(name, str) for name in options):
        raise ValueError(f'{escaped(path)}: options is a list, each in quotation marks: ["retain-uids"]')
    try:
        return Rules.basic(*options)
    except ValueError as error:
        raise ValueError(f"{escaped(path)}: options: {escaped(str(error))}") from None


def _refuse_options(path: str, content: dict[str, object]) -> None:
    if "options" in content:
        raise ValueError(f'{escaped(path)}: options are those of the level basic: they stand beside extends = "basic"')


def _changed(path: str, rules: Rules, content: dict[str, object]) -> Rules:
    """The rules, changed by those of a file, in which each tag has one."""
    under: dict[About, str] = {}
    for word in (*LISTS, *PAIRS):
        if word not in content:
            continue
        told = f"{escaped(path)}: {word}"
        entries = list(_entries(told, word, content[word]))
        for about, _ in entries:
            if (before := under.get(about)) is not None:
                twice = f"under {word} twice" if before == word else f"under {before} and under {word}"
                raise ValueError(f"{escaped(path)}: {named(about)} is {twice}")
            under[about] = word
        if word in LISTS:
            rules = _with(told, rules, [about for about, _ in entries], word)
        for about, value in entries if word in PAIRS else ():
            told = f"{escaped(path)}: {word} of {named(about)}"
            becomes = _text(told, value) if word == "set" else _table(told, path, value)
            rules = _with(told, rules, [about], word, becomes)
    return rules


def _entries(told: str, word: str, value: object) -> Iterator[tuple[About, object]]:
    """What a word is about, with the value that stands behind it."""
    if word in PAIRS:
        if not isinstance(value, dict):
            becomes = '"TEXT"' if word == "set" else '"FILE.csv"'
            raise ValueError(f"{told} is a table of tags: [{word}], and below it lines such as StudyID = {becomes}")
        pairs = list(value.items())
    else:
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(tag, str) for tag in listed):
            raise ValueError(f'{told} is a list of tags, each in quotation marks: ["PatientID", "(0010,4000)"]')
        pairs = [(tag, None) for tag in listed]
    for tag, of_tag in pairs:
        try:
            abouts = written(tag)
        except ValueError as error:
            raise ValueError(f"{told}: {escaped(str(error))}") from None
        yield from ((about, of_tag) for about in abouts)


def _text(told: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{told} is a text, in quotation marks")  # noqa: TRY004 (the file is wrong)
    return value


def _table(told: str, path: str, value: object) -> tuple[tuple[str, str], ...]:
    """The rows of a table: of a CSV file, which is looked for beside the level file, or of the file itself."""
    if isinstance(value, str) and value:
        try:
            return read_table(os.path.join(os.path.dirname(path), value))
        except OSError as error:
            raise ValueError(f"{told}: {escaped(value)}: {error.strerror}") from None
        except ValueError as error:
            raise ValueError(f"{told}: {error}") from None
    if isinstance(value, dict) and all(isinstance(new, str) for new in value.values()):
        return tuple(value.items())
    raise ValueError(f'{told} is the name of a CSV file, or a table of texts: {{ "old" = "new" }}')


def _with(told: str, rules: Rules, abouts: list[About], word: str, becomes: Becomes = None) -> Rules:
    try:
        return rules._with(abouts, word, becomes)
    except ValueError as error:
        raise ValueError(f"{told}: {escaped(str(error))}") from None


def _digest(rules: Rules) -> str:
    """What tells these rules from others: 16 digits of a SHA-256.

    The old values of tables are no part of it: those of a patient could be found by trying all that there can be.
    """
    import hashlib
    import json

    def told(word: str, becomes: Becomes) -> object:
        if word != "map" or becomes is None or isinstance(becomes, str):
            return becomes
        return sorted(row[-1] for row in becomes)

    rows = sorted((spell(about), word, told(word, becomes)) for about, (word, becomes) in rules._entries.items())
    profile = [] if rules._profile is None else [["profile", *sorted(rules._profile)]]
    return hashlib.sha256(json.dumps([*rows, *profile]).encode()).hexdigest()[:16]


def _clipped(word: str) -> str:
    shown = escaped(word)
    return repr(shown if len(shown) <= 40 else f"{shown[:40]}…")
