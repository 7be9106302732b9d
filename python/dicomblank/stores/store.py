"""One bucket, by obstore. The calls wait for their answer and release the GIL meanwhile.

Rejected: obstore's calls for asyncio. A program that used them aborts now and then when the interpreter ends, while the
threads below still hand over results (pyo3-async-runtimes, issue 40); threads that wait have all theirs when they end.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta

from dicomblank.stores.faults import StoreError, of_obstore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Literal

    from dicomblank.stores.url import Url

__all__ = ["Entry", "Got", "Store", "larger", "missing_extra", "open_store"]

#: Keys of one page of a listing.
PAGE = 1000
#: A request may take so long, in seconds, and may be silent for so long.
REQUEST, SILENCE = 120, 30

#: An object of more bytes is not written whole. A store other than S3 takes none that is larger.
WHOLE = 16 * 1024 * 1024
WHOLE_ELSEWHERE = 48 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """An object, as a listing has it."""

    key: str
    size: int
    etag: str | None


@dataclass(frozen=True, slots=True)
class Got:
    """An object, or a range of it."""

    data: Any
    #: Of the whole object, in bytes.
    size: int
    etag: str | None
    content_type: str | None


class Store:
    """One bucket. What fails raises `StoreError`, after one try."""

    #: The largest object that is got and put whole, in bytes.
    whole = WHOLE_ELSEWHERE

    def __init__(self, native: Any) -> None:
        import obstore
        from obstore.exceptions import BaseError

        self._obstore = obstore
        self._native = native
        self._errors: tuple[type[Exception], ...] = (BaseError, OSError, ValueError)

    def pages(self, prefix: str, after: str | None) -> Iterator[list[Entry]]:
        """The objects whose keys begin with `prefix`, which is empty or ends in a slash, behind the key `after`."""
        try:
            stream = self._obstore.list(self._native, prefix or None, offset=after, chunk_size=PAGE)
            for page in stream:
                yield [Entry(meta["path"], meta["size"], meta["e_tag"]) for meta in page]
        except self._errors as error:
            raise of_obstore(error) from None

    def head(self, key: str) -> Entry | None:
        """The object, if it is there."""
        try:
            meta = self._obstore.head(self._native, key)
        except FileNotFoundError:
            return None
        except self._errors as error:
            raise of_obstore(error) from None
        return Entry(key, meta["size"], meta["e_tag"])

    def get(self, key: str, most: int | None = None) -> Got:
        """The whole object. Where it has more than `most` bytes the kind is "changed": it was listed as smaller."""
        return self._got(key, {}, most)

    def get_range(self, key: str, etag: str | None, start: int, end: int) -> Got:
        """The bytes from `start` to `end`, or to the end of the object.

        If it has not this ETag the kind is "changed"; without one any will do.
        """
        condition = {"if_match": etag} if etag else {}
        return self._got(key, {"range": (start, end), **condition})

    def _got(self, key: str, options: dict[str, Any], most: int | None = None) -> Got:
        try:
            got = self._obstore.get(self._native, key, options=options)
            meta, attributes = got.meta, got.attributes
            if most is not None and meta["size"] > most:
                raise larger()
            return Got(got.bytes(), meta["size"], meta["e_tag"], attributes.get("Content-Type"))
        except self._errors as error:
            raise of_obstore(error) from None

    def put(self, key: str, data: bytes, mode: Literal["create", "overwrite"], content_type: str | None) -> None:
        """Puts the whole object; to "create" it raises "exists" where there is one."""
        attributes = {"Content-Type": content_type} if content_type else None
        try:
            self._obstore.put(self._native, key, data, mode=mode, attributes=attributes, use_multipart=False)
        except self._errors as error:
            raise of_obstore(error) from None


def larger() -> StoreError:
    """What is not read whole: nobody knows then how much memory it takes."""
    return StoreError("changed", "changed since it was listed: it is larger by now. List it again")


def open_store(url: Url, in_flight: int) -> Store:
    """The bucket of a URL. Nothing is asked of it yet. Raises `ValueError` where the extra is not installed."""
    try:
        from obstore import store as stores
    except ImportError:
        raise missing_extra() from None
    client: dict[str, Any] = {"timeout": timedelta(seconds=REQUEST), "read_timeout": timedelta(seconds=SILENCE)}
    # These options take the place of those that obstore finds in the environment.
    names = ("ALLOW_HTTP", "AWS_ALLOW_HTTP", "GOOGLE_ALLOW_HTTP", "AZURE_ALLOW_HTTP")
    if any(os.environ.get(name, "").lower() in {"true", "1"} for name in names):
        client["allow_http"] = True
    # One try: what is tried again is seen here, where it can slow the run down and be stopped.
    options = {"client_options": client, "retry_config": {"max_retries": 0}}
    if url.scheme == "s3":
        _refuse_profile()
        from dicomblank.stores.s3 import S3

        return S3(stores.S3Store(url.bucket, **options), url.bucket, in_flight)
    if url.scheme == "gs":
        return Store(stores.GCSStore(url.bucket, **options))
    return Store(stores.AzureStore(url.bucket, **options))


def _refuse_profile() -> None:
    """Raises `ValueError` where a profile is meant, which boto3 reads and obstore does not: two accounts in one run."""
    names = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
    has_other = os.environ.get("AWS_ACCESS_KEY_ID") or os.environ.get("AWS_SKIP_SIGNATURE", "").lower() in {"true", "1"}
    if has_other or not any(os.environ.get(name) for name in names):
        return
    raise ValueError(
        "AWS_PROFILE is set, and profiles are not read: unset it, or put its keys into the environment: "
        'eval "$(aws configure export-credentials --format env)"'
    )


def missing_extra() -> ValueError:
    """What to do where obstore or boto3 is missing."""
    return ValueError("URLs of stores need more than is installed: pip install 'dicomblank[cloud]'")
