"""What is done to one object: it is got, made ready by the core, and put."""

from __future__ import annotations

from dicomblank.stores.disk import FileRanges, Files, Landing
from dicomblank.stores.faults import StoreError
from dicomblank.stores.large import Ranges, copy_large, land_large, planned, replace_large
from dicomblank.stores.store import WHOLE
from dicomblank.stores.url import is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from dicomblank._core import Object, Objects
    from dicomblank.stores.patience import Patience
    from dicomblank.stores.places import Source, Target
    from dicomblank.stores.store import Entry

    #: An object that is ready to be recorded, and the URL of its copy where one was written.
    Done: TypeAlias = tuple[Object, str | None]

__all__ = ["Worker"]


class Worker:
    """Does one object after the other, from any thread."""

    def __init__(
        self, objects: Objects, target: Target | Landing | None, existing: str | None, patience: Patience
    ) -> None:
        self.objects = objects
        self.target = target
        #: What becomes of targets that exist; None where nothing is written.
        self.existing = existing
        self.patience = patience
        #: An object of more bytes is not read whole. In place takes objects of S3 alone.
        self.whole = WHOLE if target is None or isinstance(target, Landing) else target.store.whole

    def __call__(self, source: Source | Files, entry: Entry) -> Done:
        """Copies an object or a file, or blanks an object where it is. What a store does not do is told of it."""
        name = source.name_of(entry.key)
        if reason := self._not_named(source, entry, name):
            return self.objects.failed(source.number, name, "key", reason), None
        try:
            return self._done(source, entry, name)
        except StoreError as error:
            return self.objects.failed(source.number, name, error.kind, error.message), None

    def _not_named(self, source: Source | Files, entry: Entry, name: str) -> str | None:
        """Why an object can't be got by its key, or a copy can't have one, if so."""
        if not isinstance(source, Files):
            if not all(map(is_plain, entry.key.split("/"))):
                return "its key has an empty part, one of dots alone, or a character that can't be printed: rename it"
            return None
        if self.target is None or isinstance(self.target, Landing):
            return None
        if not all(map(is_plain, self.target.key_of(source, name).split("/"))):
            return "its path can't be a key: it is not UTF-8, or has a character that can't be printed: rename it"
        return None

    def _done(self, source: Source | Files, entry: Entry, name: str) -> Done:
        is_large = entry.size > self.whole
        if self.existing is None:
            made, _ = planned(self, source, entry, name) if is_large else self._blanked(source, entry, name)
            return made, None
        if self.target is not None and not is_large:
            return self._copied(source, entry, name, self.target)
        if isinstance(self.target, Landing):
            return land_large(self, source, entry, name), None
        if self.target is not None:
            return copy_large(self, source, entry, name, self.target)
        if isinstance(source, Files):
            raise TypeError("in place takes no files among objects")  # the core has refused it
        made = replace_large(self, source, entry, name) if is_large else self._replaced(source, entry, name)
        return made, None

    def _copied(self, source: Source | Files, entry: Entry, name: str, target: Target | Landing) -> Done:
        made, content_type = self._blanked(source, entry, name)
        if made.data is None:
            return made, None
        if isinstance(target, Landing):
            return self.objects.land(made, made.data), None
        key = target.key_of(source, name)
        url = target.url_of(key)
        try:
            self._put(target, key, made.data, content_type)
        except StoreError as error:
            return self.unwritten(made, error, target, key), None
        return made, url

    def _blanked(self, source: Source | Files, entry: Entry, name: str) -> tuple[Object, str | None]:
        """An object or a file that is read whole, and blanked or looked at; and the content type of its copy."""
        if isinstance(source, Files):
            return self.objects.blank_file(source.number, name, self.whole), FileRanges.content_type
        if not entry.size:
            return self.objects.blank(source.number, name, b""), None
        got = self.patience(lambda _: source.store.get(entry.key, self.whole))
        return self.objects.blank(source.number, name, got.data), got.content_type

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
