"""Making shards: what there is is listed, in order, and every so many files are a manifest."""

from __future__ import annotations

import itertools
import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from dicomblank import _core
from dicomblank.inputs import FilesFrom, path_of, paths_of
from dicomblank.shards.keys import Excluding, keys_of_list
from dicomblank.shards.listing import THREADS, Listing
from dicomblank.shards.locks import locked
from dicomblank.shards.manifest import ENDING, MOST_FILES, Entry, Manifest, ManifestError, written
from dicomblank.shards.sources import check_source, on_disk, source_of, word_of
from dicomblank.urls import is_remote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dicomblank.inputs import StrPath

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
    """Files, folders and objects that were excluded, of those that this call has listed."""
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
    """Lists what is below folders or URLs, and writes manifests of `files` files each into the folder `into`.

    `source` is a folder or the URL of a prefix in a store, or several, of which each has shards of its own; or a list
    of files that is there already. Files are in the order of their keys, of a list in its own. The manifests are
    numbered from 1 on: "00000001.jsonl". What was cut short is gone on with: call it again with the same arguments.
    What is there already, whole, is not listed again, also where there are other files by now.

    A list is of paths; where it is `relative_to` a URL, it has a line of a manifest for each object,
    `{"key": "a/1.dcm", "size": 528384}`, with its key below that URL: such as an inventory, turned into these lines.

    Two calls for one folder at the same time: the second raises `BlockingIOError`.

    `progress` is called with the number of files so far, once a shard.

    Raises `ValueError` for a number of files that is not from 1 to 1,000,000, for a folder `into` in which there are
    shards of something else, for a source that is no folder, and for a URL of an unknown store or whose extra is not
    installed; `ManifestError` for a name of a list that leads outside of its folder, or a line that is none of a
    manifest; `OSError` for a bucket or prefix that is not there, and for what can't be listed: exclude it, or make it
    readable.
    """
    if not 1 <= files <= MOST_FILES:
        raise ValueError(f"a shard has from 1 to {MOST_FILES:,} files")
    patterns = [exclude] if isinstance(exclude, str) else list(exclude)
    asked = _Asked(source, files, patterns)
    folder = os.fspath(on_disk(path_of(into), "the folder of the manifests"))
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
        self.sources = [source_of(one) for one in given]
        for one in self.sources:
            check_source(one)
        if len(set(map(word_of, self.sources))) < len(self.sources):
            raise ValueError("two sources of one name would have their copies in one place")

    def into(self, source: str) -> str | None:
        """The name below which the copies of a source go, as those of a run over all of them do."""
        return word_of(source) if len(self.sources) > 1 else None

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
                self._write_kept(source, keys_of_list(self._asked.list, source), behind=self._files)
            elif is_remote(source):
                self._write_kept(source, objects_below(source, after))
            else:
                exclude = _core.Exclude(self._asked.patterns) if self._asked.patterns else None
                listing = Listing(source, exclude, pool)
                self._write_all(source, listing.after(after))
                self._excluded += listing.excluded
                self._passed_over += listing.passed_over

    def _write_kept(self, source: str, entries: Iterator[Entry], behind: int = 0) -> None:
        """Those that are not excluded, behind so many of them."""
        kept = Excluding(self._asked.patterns)
        self._write_all(source, itertools.islice(kept(entries), behind, None))
        self._excluded += kept.excluded

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


def objects_below(source: str, after: str | None) -> Iterator[Entry]:
    """The objects behind the key `after`. Raises `OSError` where they don't come in the order of their keys.

    They could not be gone on with, then: some would be in two shards, and others in none.
    """
    from dicomblank.stores import listing  # only where there is a URL

    last = after
    for key, size, etag in listing(source, after):
        if last is not None and key <= last:
            raise OSError(f"{source}: the store does not list its keys in their order: give their list, --files-from")
        yield Entry(key, size, etag)
        last = key


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
