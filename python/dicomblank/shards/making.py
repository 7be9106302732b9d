"""Making shards: what there is is listed, in order, and every so many files are a manifest."""

from __future__ import annotations

import itertools
import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from dicomblank import _core
from dicomblank.inputs import FilesFrom, path_of, paths_of
from dicomblank.shards.keys import keys_of_list
from dicomblank.shards.listing import THREADS, Listing
from dicomblank.shards.locks import locked
from dicomblank.shards.manifest import ENDING, MOST_FILES, Manifest, ManifestError, written
from dicomblank.urls import refuse_urls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dicomblank.inputs import StrPath
    from dicomblank.shards.manifest import Entry

__all__ = ["FILES", "Made", "make"]

#: Files of a shard, if nothing else is asked for: a minute or less on one machine.
FILES = 10_000

# What the manifests of a folder are of, and whether they are all there.
LISTING = "listing.json"


class Made(NamedTuple):
    """The shards of a data set."""

    manifests: tuple[str, ...]
    """Their paths, in order."""
    files: int
    size: int
    """Of all files together, in bytes, as far as it is known."""
    excluded: int
    """Files and folders that were excluded, of those that this call has listed."""
    passed_over: int
    """Links, pipes and devices among them."""


def make(
    source: StrPath | Iterable[StrPath] | FilesFrom,
    into: StrPath,
    *,
    files: int = FILES,
    exclude: str | Iterable[str] = (),
    progress: Callable[[int], object] | None = None,
) -> Made:
    """Lists what is below folders, and writes manifests of `files` files each into the folder `into`.

    `source` is a folder, or several, of which each has shards of its own; or a list of files that is there already.
    Files are in the order of their keys, of a list in its own. The manifests are numbered from 1 on: "00000001.jsonl".
    What was cut short is gone on with: call it again with the same arguments. What is there already, whole, is not
    listed again, also where there are other files by now.

    Two calls for one folder at the same time: the second raises `BlockingIOError`.

    `progress` is called with the number of files so far, once a shard.

    Raises `ValueError` for a number of files that is not from 1 to 1,000,000, for a folder `into` in which there are
    shards of something else, and for a source that is no folder; `ManifestError` for a name of a list that leads
    outside of its folder; `OSError` for a folder that can't be listed: exclude it, or make it readable.
    """
    if not 1 <= files <= MOST_FILES:
        raise ValueError(f"a shard has from 1 to {MOST_FILES:,} files")
    patterns = [exclude] if isinstance(exclude, str) else list(exclude)
    asked = _Asked(source, files, patterns)
    folder = os.fspath(path_of(into))
    os.makedirs(folder, exist_ok=True)
    with locked(folder, f"another run makes shards in {folder}"):
        before = asked.check(folder)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="dicomblank") as pool:
            return _Making(asked, folder, before, progress).all(pool)


class _Asked:
    """What is to be listed."""

    def __init__(self, source: StrPath | Iterable[StrPath] | FilesFrom, files: int, patterns: list[str]) -> None:
        self.files, self.patterns = files, patterns
        self.list = source if isinstance(source, FilesFrom) else None
        given = [source.relative_to or os.curdir] if isinstance(source, FilesFrom) else paths_of(source)
        if not given:
            raise ValueError("no source was given")
        refuse_urls(given, "a list of shards")
        self.sources = [os.path.abspath(path) for path in given]
        for path in self.sources:
            if not os.path.isdir(path):
                os.stat(path)  # says that it is missing
                raise ValueError(f"{path} is no folder")
        names = [os.path.basename(path) for path in self.sources]
        if len(set(names)) < len(names):
            raise ValueError("two sources of one name would have their copies in one place")

    def into(self, source: str) -> str | None:
        """The name below which the copies of a source go, as those of a run over all of them do."""
        return os.path.basename(source) if len(self.sources) > 1 else None

    def words(self) -> dict[str, object]:
        listed = None if self.list is None else os.path.abspath(self.list.path)
        return {"sources": self.sources, "files_from": listed, "files": self.files, "exclude": self.patterns}

    def check(self, folder: str) -> tuple[str, ...] | None:
        """The manifests that are there, if that is all of them. Raises for a folder of other shards."""
        if self.list is not None and os.fspath(self.list.path) == "-":
            raise ValueError("shards are made of a list that can be read again: write it to a file")
        path = os.path.join(folder, LISTING)
        try:
            with open(path, encoding="utf-8") as file:
                there = json.load(file)
        except FileNotFoundError:
            if any(name.endswith(ENDING) for name in os.listdir(folder)):
                why = f"{folder} has manifests in it, and no {LISTING}: make shards in a folder of their own"
                raise ValueError(why) from None
            _write(path, json.dumps(self.words() | {"complete": False}).encode())
            return None
        except ValueError:
            raise ValueError(f"{path} can't be read: make shards in a folder of their own") from None
        if not isinstance(there, dict) or {word: there.get(word) for word in self.words()} != self.words():
            raise ValueError(f"{folder} has shards of something else in it, or of other sizes")
        if there.get("complete") is not True:
            return None
        whole = tuple(sorted(_manifests(folder)))
        if len(whole) != there.get("shards"):
            raise ValueError(f"{folder} had {there.get('shards')} manifests in it, and has {len(whole)}")
        return whole


class _Making:
    """The shards of one folder, as far as they are made."""

    def __init__(
        self, asked: _Asked, folder: str, whole: tuple[str, ...] | None, progress: Callable[[int], object] | None
    ) -> None:
        self._asked = asked
        self._folder = folder
        self._whole = whole
        self._progress = progress or (lambda _: None)
        self._manifests: list[str] = []
        self._files = self._size = self._excluded = self._passed_over = 0

    def all(self, pool: ThreadPoolExecutor) -> Made:
        last = None
        for path in sorted(_manifests(self._folder)):
            last = Manifest.read(path)
            self._count(path, last)
        if self._whole is None:
            self._rest(pool, last)
            done = self._asked.words() | {"complete": True, "shards": len(self._manifests), "all_files": self._files}
            _write(os.path.join(self._folder, LISTING), json.dumps(done).encode())
        return Made(tuple(self._manifests), self._files, self._size, self._excluded, self._passed_over)

    def _rest(self, pool: ThreadPoolExecutor, last: Manifest | None) -> None:
        sources = self._asked.sources
        if last is not None:
            sources = sources[sources.index(last.source) :]
        for source in sources:
            is_begun = last is not None and source == last.source
            after = last.entries[-1].key if is_begun and last is not None else None
            if self._asked.list is not None:
                keys: Iterator[Entry] = keys_of_list(self._asked.list, source, self._asked.patterns)
                self._write_all(source, itertools.islice(keys, self._files, None))
                continue
            listing = Listing(source, _core.Exclude(self._asked.patterns) if self._asked.patterns else None, pool)
            self._write_all(source, listing.after(after))
            self._excluded += listing.excluded
            self._passed_over += listing.passed_over

    def _write_all(self, source: str, entries: Iterator[Entry]) -> None:
        into = self._asked.into(source)
        while shard := list(itertools.islice(entries, self._asked.files)):
            path = os.path.join(self._folder, f"{len(self._manifests) + 1:08}{ENDING}")
            data = written(source, into, shard)
            _write(path, data)
            self._manifests.append(path)
            self._files += len(shard)
            self._size += sum(entry.size or 0 for entry in shard)
            self._progress(self._files)

    def _count(self, path: str, manifest: Manifest) -> None:
        if manifest.source not in self._asked.sources or not manifest.entries:
            raise ManifestError(f"{path} is no shard of these sources")
        self._manifests.append(path)
        self._files += len(manifest.entries)
        self._size += sum(entry.size or 0 for entry in manifest.entries)


def _manifests(folder: str) -> Iterator[str]:
    return (os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(ENDING))


def _write(path: str, data: bytes) -> None:
    """Writes a file that is there as a whole, or not at all."""
    part = f"{path}.{os.getpid()}.part"
    with open(part, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
