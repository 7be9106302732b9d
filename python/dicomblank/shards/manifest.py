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
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicomblank.inputs import StrPath

__all__ = ["ENDING", "MOST_FILES", "Entry", "Manifest", "ManifestError", "name_of", "written"]

ENDING = ".jsonl"
#: A manifest is held in memory whole: some 200 bytes a file.
MOST_FILES = 1_000_000


class ManifestError(ValueError):
    """What is named as a manifest is none: its file, its line, and why. What stands in the line is not said."""


class Entry(NamedTuple):
    """A file of a shard."""

    key: str
    """Its path below the source, with slashes."""
    size: int | None = None
    """In bytes, when it was listed."""
    etag: str | None = None
    """What the store called its content then."""


class Manifest(NamedTuple):
    """The files of a shard."""

    name: str
    """What the shard is called: the name of its file, without the ending."""
    source: str
    """The folder that the keys are relative to."""
    into: str | None
    """The name in the output below which the copies go; None for the output itself."""
    entries: tuple[Entry, ...]
    sha256: str
    """Of the bytes of the manifest."""

    @classmethod
    def read(cls, path: StrPath, source: StrPath | None = None) -> Manifest:
        """Reads a manifest. `source` is for one that does not say its own, such as a listing that was there before.

        Raises `ManifestError` for what is no manifest, `OSError` for what can't be read.
        """
        with open(path, "rb") as file:
            data = file.read()
        lines = data.splitlines()
        told = os.fspath(path)
        first = _object(lines[0], told, 1) if lines else {}
        has_head = "source" in first
        if not has_head and source is None:
            raise ManifestError(f"{told} does not say the source of its keys: name it with --source")
        top, into = first.get("source", source), first.get("into")
        if not isinstance(top, (str, os.PathLike)) or not (into is None or _is_name(into)):
            raise ManifestError(f"{told}, line 1: no source")
        start = 1 if has_head else 0
        if len(lines) - start > MOST_FILES:
            raise ManifestError(f"{told}: more than {MOST_FILES:,} files; make smaller shards")
        entries = tuple(_entry(line, told, number) for number, line in enumerate(lines[start:], start + 1) if line)
        return cls(name_of(path), os.fspath(top), into, entries, hashlib.sha256(data).hexdigest())

    @property
    def keys(self) -> bytes:
        """All keys as the system has them, with a NUL behind each."""
        return b"".join(os.fsencode(entry.key) + b"\0" for entry in self.entries)


def name_of(path: StrPath) -> str:
    """What the shard of a manifest is called."""
    return os.path.basename(os.fspath(path)).removesuffix(ENDING)


def written(source: str, into: str | None, entries: Iterable[Entry]) -> bytes:
    """The bytes of a manifest."""
    head = {"source": source} | ({} if into is None else {"into": into})
    rows = [head, *({word: value for word, value in entry._asdict().items() if value is not None} for entry in entries)]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _object(line: bytes, told: str, number: int) -> dict[str, object]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise ManifestError(f"{told}, line {number}: no JSON object")
    return row


def _entry(line: bytes, told: str, number: int) -> Entry:
    row = _object(line, told, number)
    key, size, etag = row.get("key"), row.get("size"), row.get("etag")
    if not isinstance(key, str) or not key or "\0" in key or not (size is None or type(size) is int):
        raise ManifestError(f"{told}, line {number}: no key of a file")
    if key.startswith("/") or ".." in key.split("/"):
        raise ManifestError(f"{told}, line {number}: the key leads outside of the source")
    return Entry(key, size, etag if isinstance(etag, str) else None)


def _is_name(given: object) -> TypeGuard[str]:
    return isinstance(given, str) and given not in {"", ".", ".."} and "/" not in given and "\0" not in given
