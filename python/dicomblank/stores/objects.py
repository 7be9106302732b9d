"""What is done to one object: it is got, made ready by the core, and put."""

from __future__ import annotations

from dicomblank.stores.faults import StoreError
from dicomblank.stores.large import Ranges, copy_large, replace_large
from dicomblank.stores.url import is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from dicomblank._core import Object, Objects
    from dicomblank.stores.patience import Patience
    from dicomblank.stores.places import Source, Target
    from dicomblank.stores.store import Entry

    #: An object that is ready to be recorded, and the URL of its copy where one was written.
    Done: TypeAlias = tuple[Object, str | None]

__all__ = ["Worker"]


class Worker:
    """Does one object after the other, from any thread."""

    def __init__(self, objects: Objects, target: Target | None, existing: str, patience: Patience) -> None:
        self.objects = objects
        self.target = target
        self.existing = existing
        self.patience = patience

    def __call__(self, item: tuple[Source, Entry]) -> Done:
        """Copies an object, or blanks it where it is. What a store does not do is told of the object."""
        source, entry = item
        name = source.name_of(entry.key)
        if not all(map(is_plain, entry.key.split("/"))):
            reason = "its key has an empty part, one of dots alone, or a character that can't be printed: rename it"
            return self.objects.failed(source.number, name, "key", reason), None
        try:
            return self._done(source, entry, name)
        except StoreError as error:
            return self.objects.failed(source.number, name, error.kind, error.message), None

    def _done(self, source: Source, entry: Entry, name: str) -> Done:
        if self.target is None:
            is_large = entry.size > source.store.whole
            made = replace_large(self, source, entry, name) if is_large else self._replaced(source, entry, name)
            return made, None
        if entry.size > self.target.store.whole:
            return copy_large(self, source, entry, name, self.target)
        return self._copied(source, entry, name, self.target)

    def _copied(self, source: Source, entry: Entry, name: str, target: Target) -> Done:
        data: Any = b""
        content_type = None
        if entry.size:
            got = self.patience(lambda _: source.store.get(entry.key, target.store.whole))
            data, content_type = got.data, got.content_type
        made = self.objects.blank(source.number, name, data)
        if made.data is None:
            return made, None
        key = target.key_of(source, name)
        url = target.url_of(key)
        try:
            self._put(target, key, made.data, content_type)
        except StoreError as error:
            return self.unwritten(made, error, target, key), None
        return made, url

    def _put(self, target: Target, key: str, data: bytes, content_type: str | None) -> None:
        mode = "overwrite" if self.existing == "overwrite" else "create"

        def put(tries: int) -> None:
            try:
                target.store.put(key, data, mode, content_type)  # type: ignore[arg-type]
            except StoreError as error:
                # An answer that was lost: what is there is what was put.
                if not (tries and error.kind == "exists" and bytes(target.store.get(key).data) == data):
                    raise

        self.patience(put)

    def unwritten(self, made: Object, error: StoreError, target: Target, key: str) -> Object:
        """What becomes of an object whose copy could not be written."""
        url = target.url_of(key)
        if error.kind != "exists":
            return made.spoiled(error.kind, error.message)
        if self.existing != "skip":
            return made.spoiled("exists", "exists already", url)
        return self.compared(made, target, key, url)

    def compared(self, made: Object, target: Target, key: str, url: str) -> Object:
        """Whether the target is the copy already, whole and blanked."""
        found = self.patience(lambda _: target.store.head(key))
        if found is None:
            raise StoreError("changed", "changed while being read")  # it was there, and is gone
        if found.size <= target.store.whole:
            data = self.patience(lambda _: target.store.get(key)).data if found.size else b""
            return self.objects.existing(made, url, data)
        ranges = Ranges(target.store, key, self.patience)
        return self.objects.existing_by_ranges(made, url, ranges.size, ranges)

    def _replaced(self, source: Source, entry: Entry, name: str) -> Object:
        if not entry.size:
            return self.objects.blank(source.number, name, b"")
        store = source.s3
        data, etag, kept = self.patience(lambda _: store.get_kept(entry.key))
        made = self.objects.blank(source.number, name, data)
        new = made.data
        if new is None:
            return made

        def replace(tries: int) -> None:
            try:
                store.replace(entry.key, new, etag, kept)
            except StoreError as error:
                if not (tries and error.kind == "changed" and bytes(store.get(entry.key).data) == new):
                    raise

        try:
            kept |= self.patience(lambda _: store.tags(entry.key))
            self.patience(replace)
        except StoreError as error:
            return made.spoiled(error.kind, error.message)
        return made
