"""The manifest of a shard: which files are to be done, one JSON object a line.

The first line says what the keys are relative to, `{"source": "/data/study"}`, and where there are several sources,
with `"into"`, below which name of the output the copies go. Each other line is a file,
`{"key": "a/1.dcm", "size": 528384}`, with `"etag"` where the store has one. A name that is not text is written as in
the report file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from dicomblank.shards.sources import on_disk, source_of
from dicomblank.urls import is_remote, is_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicomblank.inputs import StrPath

__all__ = ["ENDING", "MOST_FILES", "Entry", "Manifest", "ManifestError", "entry_of", "name_of", "written"]

ENDING = ".jsonl"
#: A manifest is held in memory whole: some 200 bytes a file.
MOST_FILES = 1_000_000

# A line as `written` writes it, of a key without escapes. Patterns read such lines in a fraction of the time that the
# parser of JSON takes, which reads all others: the first finds the keys, the second sizes and ETags as well.
_KEY, _SIZE, _ETAG = r'"key": "([^"\\\x00-\x1f]+)"', r"0|[1-9][0-9]{0,18}", r'(?:\\")?[^"\\\x00-\x1f]*(?:\\")?'
_KEYS = re.compile(rf'^\{{{_KEY}(?:, "size": (?:{_SIZE}))?(?:, "etag": "(?:{_ETAG})")?\}}$', re.MULTILINE)
_ENTRIES = re.compile(rf'^\{{{_KEY}(?:, "size": ({_SIZE}))?(?:, "etag": "({_ETAG})")?\}}$', re.MULTILINE)


class ManifestError(ValueError):
    """What is named as a manifest is none: its file, its line, and why. What stands in the line is not said."""


class Entry(NamedTuple):
    """A file of a shard."""

    key: str
    """Its path below the source, with slashes; of an object what its key has behind that of the source."""
    size: int | None = None
    """In bytes, when it was listed."""
    etag: str | None = None
    """What the store called its content then."""


@dataclass(frozen=True)
class Manifest:
    """The files of a shard."""

    name: str
    """What the shard is called: the name of its file, without the ending."""
    source: str
    """The folder that the keys are relative to, or the URL that they stand behind."""
    into: str | None
    """The name in the output below which the copies go; None for the output itself."""
    sha256: str
    """Of the bytes of the manifest."""
    keys: bytes = field(repr=False)
    """All keys as the system has them, with a NUL behind each."""
    _rows: str | tuple[Entry, ...] = field(repr=False)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The files, in order."""
        return _entries(self._rows) if isinstance(self._rows, str) else self._rows

    @classmethod
    def read(cls, path: StrPath, source: StrPath | None = None) -> Manifest:
        """Reads a manifest. `source` is for one that does not say its own, such as a listing that was there before.

        Raises `ManifestError` for what is no manifest, `OSError` for what can't be read.
        """
        path = on_disk(path, "a manifest")
        with open(path, "rb") as file:
            data = file.read()
        lines = data.splitlines()
        told = os.fspath(path)
        first = _object(lines[0], (told, 1)) if lines else {}
        has_head = "source" in first
        if not has_head and source is None:
            raise ManifestError(f"{told} does not say the source of its keys: name it with --source")
        top, into = first.get("source", source), first.get("into")
        if not isinstance(top, (str, os.PathLike)) or not (into is None or _is_name(into)):
            raise ManifestError(f"{told}, line 1: no source")
        try:
            top = source_of(top) if is_url(top) else os.fspath(top)
        except ValueError as error:
            raise ManifestError(f"{told}: {error}") from None
        start = 1 if has_head else 0
        if len(lines) - start > MOST_FILES:
            raise ManifestError(f"{told}: more than {MOST_FILES:,} files; make smaller shards")
        of_objects = is_remote(top)
        name, sha256 = name_of(path), hashlib.sha256(data).hexdigest()
        if (plain := _plain(data, len(lines) - start, of_objects=of_objects)) is not None:
            return cls(name, top, into, sha256, *plain)
        numbered = enumerate(lines[start:], start + 1)
        rows = tuple(entry_of(line, (told, number), of_objects=of_objects) for number, line in numbered if line)
        return cls(name, top, into, sha256, os.fsencode("".join([entry.key + "\0" for entry in rows])), rows)


def name_of(path: StrPath) -> str:
    """What the shard of a manifest is called."""
    return os.path.basename(os.fspath(path)).removesuffix(ENDING)


def written(source: str, into: str | None, entries: Iterable[Entry]) -> bytes:
    """The bytes of a manifest."""
    head = {"source": source} | ({} if into is None else {"into": into})
    return "".join([json.dumps(head) + "\n", *map(_line, entries)]).encode()


def entry_of(line: bytes, where: tuple[str, int], *, of_objects: bool) -> Entry:
    """The file of a line. Raises `ManifestError`, which says `where`: in which file, in which of its lines.

    `of_objects`: such a key is no path, and leads nowhere else; and the size has to be there, since it decides how an
    object is read.
    """
    row = _object(line, where)
    key, size, etag = row.get("key"), row.get("size"), row.get("etag")
    if not isinstance(key, str) or not _is_key(key) or not (size is None or type(size) is int):
        raise _error(where, "no key of an object" if of_objects else "no key of a file")
    if of_objects and (size is None or size < 0):
        raise _error(where, "no size: an object has to have one")
    if not of_objects and (key.startswith("/") or ".." in key.split("/")):
        raise _error(where, "the key leads outside of the source")
    return Entry(key, size, etag if isinstance(etag, str) else None)


def _plain(data: bytes, count: int, *, of_objects: bool) -> tuple[bytes, str] | None:
    """The keys, and the text of so many lines, if each is one that a pattern reads and nothing is wrong with any."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    keys = _KEYS.findall(text)
    if len(keys) != count or not keys:
        return None
    joined = "\0".join(keys)
    if of_objects:
        is_doubtful = any(entry.size is None for entry in _entries(text))
    else:
        is_doubtful = joined.startswith("/") or "\0/" in joined or ".." in joined
    return None if is_doubtful else (os.fsencode(joined + "\0"), text)


def _entries(text: str) -> tuple[Entry, ...]:
    """The files of the lines that a pattern reads."""
    rows = _ENTRIES.findall(text)
    return tuple(
        [Entry(key, int(size) if size else None, etag.replace('\\"', '"') or None) for key, size, etag in rows]
    )


def _line(entry: Entry) -> str:
    return json.dumps({word: value for word, value in entry._asdict().items() if value is not None}) + "\n"


def _object(line: bytes, where: tuple[str, int]) -> dict[str, object]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise _error(where, "no JSON object")
    return row


def _error(where: tuple[str, int], why: str) -> ManifestError:
    file, number = where
    return ManifestError(f"{file}, line {number}: {why}")


def _is_key(key: str) -> bool:
    try:
        return bool(key) and "\0" not in key and bool(os.fsencode(key))
    except UnicodeEncodeError:  # half of a character that has two
        return False


def _is_name(given: object) -> TypeGuard[str]:
    return isinstance(given, str) and given not in {"", ".", ".."} and "/" not in given and "\0" not in given
