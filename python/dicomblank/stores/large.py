"""Large objects: read by ranges, and written in parts. What has no edit in it the store copies itself, if it can."""

from __future__ import annotations

import functools

from dicomblank.stores.disk import FileRanges, Files
from dicomblank.stores.faults import StoreError
from dicomblank.stores.s3 import S3, Upload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from dicomblank._core import Object
    from dicomblank.stores.objects import Done, Worker
    from dicomblank.stores.patience import Patience
    from dicomblank.stores.places import Source, Target
    from dicomblank.stores.store import Entry, Store

__all__ = ["PART", "Ranges", "copy_large", "land_large", "parts_of", "planned", "replace_large"]

MIB = 1024 * 1024
#: The smallest part that S3 takes, but for the last: what is read first, and what one edit costs.
PART = 5 * MIB
#: A part that goes through here, where all of them do.
STREAMED = 8 * MIB
#: The largest part that goes through here, and the largest that a store copies at a time.
LARGEST, COPIED = 32 * MIB, 1024 * MIB
#: As many parts as an upload has.
MOST_PARTS = 10_000
#: The longest read ahead, where one range goes on behind the other.
AHEAD = 4 * MIB


class Ranges:
    """An object that is read by ranges: the first when it is made, the others as they are asked for.

    All are of one version: where the object is written to meanwhile, the kind of the `StoreError` is "changed".
    """

    def __init__(self, store: Store, key: str, patience: Patience) -> None:
        first = patience(lambda _: store.get_range(key, None, 0, PART))
        self._store, self._key, self._patience = store, key, patience
        self.size, self.etag, self.content_type = first.size, first.etag, first.content_type
        self._first = memoryview(first.data)
        self._start, self._last = 0, self._first
        self._ahead = 0

    def __call__(self, offset: int, length: int) -> memoryview:
        """As the core asks for it: so many bytes from an offset on, which are in the object."""
        end = offset + length
        if end <= len(self._first):
            return self._first[offset:end]
        start = self._start
        if not start <= offset <= end <= start + len(self._last):
            goes_on = start <= offset <= start + len(self._last)
            self._ahead = min(max(2 * self._ahead, length), AHEAD) if goes_on else length
            until = min(self.size, offset + max(length, self._ahead))
            self._start, self._last = offset, self._read(offset, until)
        return self._last[offset - self._start : end - self._start]

    def part(self, start: int, end: int) -> memoryview:
        """The bytes from `start` to `end`."""
        if end <= len(self._first):
            return self._first[start:end]
        return self._read(start, end)

    def check(self) -> None:
        """Raises a `StoreError` of the kind "changed" if another version has the key by now."""
        now = self._patience(lambda _: self._store.head(self._key))
        if now is None or now.etag != self.etag:
            raise StoreError("changed", "changed while being read")

    def _read(self, start: int, end: int) -> memoryview:
        got = self._patience(lambda _: self._store.get_range(self._key, self.etag, start, end))
        # Not every server heeds If-Match where a range is asked for.
        if len(got.data) != end - start or got.etag != self.etag:
            raise StoreError("changed", "changed while being read")
        return memoryview(got.data)


def land_large(worker: Worker, source: Source | Files, entry: Entry, name: str) -> Object:
    """Copies an object or a file to a disk, piece by piece. It has its path when it is whole."""
    made, ranges = planned(worker, source, entry, name)
    if ranges is None or not made.is_written:
        return made
    read = functools.partial(_bytes_at, ranges)
    return worker.objects.land_by_ranges(made, ranges.size, read, ranges.check)


def copy_large(worker: Worker, source: Source | Files, entry: Entry, name: str, target: Target) -> Done:
    """Copies an object or a file in parts. It has its key when it is whole."""
    key = target.key_of(source, name)
    url = target.url_of(key)
    store = target.store
    if not isinstance(store, S3):
        reason = f"objects of more than {store.whole // MIB} MiB are not written to {target.url.scheme}:// yet"
        return worker.objects.failed(source.number, name, "too-large", reason), None
    is_there = worker.existing != "overwrite" and worker.patience(lambda _: store.head(key)) is not None
    if is_there and worker.existing == "refuse":
        return worker.objects.failed(source.number, name, "exists", "exists already", url), None
    made, ranges = planned(worker, source, entry, name)
    if ranges is None or not made.is_written:
        return made, None
    if is_there:
        return worker.compared(made, target, key, url), None
    kept = {"ContentType": ranges.content_type} if ranges.content_type else {}
    condition = {} if worker.existing == "overwrite" else {"IfNoneMatch": "*"}
    try:
        _upload(worker, made, ranges, (source, entry.key, store, key), (kept, condition))
    except StoreError as error:
        return worker.unwritten(made, error, target, key), None
    return made, url


def planned(
    worker: Worker, source: Source | Files, entry: Entry, name: str
) -> tuple[Object, Ranges | FileRanges | None]:
    """What is to be done to a large object or file, and its bytes; None if it can't be opened."""
    if isinstance(source, Files):
        made, file = worker.objects.plan_file(source.number, name)
        return made, None if file is None else FileRanges(file)
    ranges = Ranges(source.store, entry.key, worker.patience)
    return worker.objects.plan(source.number, name, ranges.size, ranges), ranges


def _bytes_at(ranges: Ranges | FileRanges, offset: int, length: int) -> memoryview:
    return ranges.part(offset, offset + length)


def replace_large(worker: Worker, source: Source, entry: Entry, name: str) -> Object:
    """Writes a new version of an object, of which the store copies all that has no edit in it."""
    store = source.s3
    ranges = Ranges(store, entry.key, worker.patience)
    made = worker.objects.plan(source.number, name, ranges.size, ranges)
    if not made.is_written:
        return made
    etag = ranges.etag or ""
    try:
        kept = worker.patience(lambda _: store.head_kept(entry.key, etag))
        kept |= worker.patience(lambda _: store.tags(entry.key))
        _upload(worker, made, ranges, (source, entry.key, store, entry.key), (kept, {"IfMatch": etag}))
    except StoreError as error:
        return made.spoiled(error.kind, error.message)
    return made


def _upload(
    worker: Worker,
    made: Object,
    ranges: Ranges | FileRanges,
    places: tuple[Source | Files, str, S3, str],
    beside: tuple[dict[str, Any], dict[str, str]],
) -> None:
    (source, source_key, store, key), (kept, condition) = places, beside
    bucket = source.store.bucket if not isinstance(source, Files) and isinstance(source.store, S3) else None
    parts = parts_of(ranges.size, worker.objects.places(made), copies=bucket is not None)
    upload = Upload(store, key, kept, worker.patience)
    try:
        for start, end, is_edited in parts:
            worker.patience.check()
            if is_edited or bucket is None:
                upload.put(worker.objects.edit(made, start, ranges.part(start, end)))
            else:
                upload.copy((bucket, source_key, ranges.etag or ""), start, end)
        ranges.check()  # not every server heeds CopySourceIfMatch
        upload.complete(condition)
    except BaseException:
        upload.abort()
        raise


def parts_of(size: int, places: Iterable[tuple[int, int]], *, copies: bool) -> list[tuple[int, int, bool]]:
    """The parts of an object: start, end, and whether there is an edit in it. `copies`: whether the store copies some.

    Raises a `StoreError` of the kind "too-large".
    """
    places = list(places)
    unit = PART if copies else STREAMED
    while unit <= LARGEST:
        parts = list(_joined(size, unit, _edited(places, unit), copies=copies))
        if len(parts) <= MOST_PARTS:
            return parts
        unit *= 2
    raise StoreError("too-large", f"it takes more than {MOST_PARTS:,} parts of {LARGEST // MIB} MiB")


def _edited(places: Iterable[tuple[int, int]], unit: int) -> set[int]:
    """The numbers of the units in which there is an edit."""
    return {number for start, end in places if end > start for number in range(start // unit, (end - 1) // unit + 1)}


def _joined(size: int, unit: int, edited: set[int], *, copies: bool) -> Iterator[tuple[int, int, bool]]:
    most = max(1, COPIED // unit) if copies else 1
    number, count = 0, -(-size // unit)
    while number < count:
        is_edited, first = number in edited, number
        number += 1
        while not is_edited and number < count and number not in edited and number - first < most:
            number += 1
        yield first * unit, min(size, number * unit), is_edited
