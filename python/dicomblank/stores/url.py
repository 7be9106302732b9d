"""The URLs of stores: s3://bucket/key, gs://bucket/key, az://container/key."""

from __future__ import annotations

import os
from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank.inputs import StrPath

__all__ = ["SCHEMES", "Url", "contains"]

SCHEMES = ("s3", "gs", "az")


@dataclass(frozen=True, slots=True)
class Url:
    """A place in a store. The key has no slash at its end, and is empty for the whole bucket."""

    scheme: str
    bucket: str
    key: str
    #: Whether it was written with a slash at its end: it is a prefix then, and not an object.
    is_prefix: bool = False

    @classmethod
    def parse(cls, text: StrPath) -> Url:
        """Raises `ValueError` for what is no URL of a store that is known. Its message repeats no credentials."""
        scheme, _, rest = os.fspath(text).partition("://")
        scheme = scheme.lower()
        if scheme not in SCHEMES:
            known = ", ".join(f"{known}://" for known in SCHEMES)
            raise ValueError(f"{scheme}:// is no store that is known: there are {known} and file://")
        bucket, _, key = rest.partition("/")
        if "@" in bucket:
            raise ValueError(f"a {scheme}:// URL holds no credentials: they come from the environment")
        if not bucket:
            raise ValueError(f"the URL names no bucket: write {scheme}://BUCKET/PREFIX")
        if any(not is_plain(part) for part in key.rstrip("/").split("/") if key):
            raise ValueError(f"{text}: a key has no empty part, and none of dots alone")
        return cls(scheme, bucket, key.rstrip("/"), is_prefix=not key or key.endswith("/"))

    def below(self, name: str) -> Url:
        """The place `name` below this one."""
        return Url(self.scheme, self.bucket, f"{self.key}/{name}" if self.key else name)

    @property
    def prefix(self) -> str:
        """What the keys below it begin with."""
        return f"{self.key}/" if self.key else ""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}/{self.key}".rstrip("/")


def is_plain(part: str) -> bool:
    """Whether a part of a key can be one of a path, too. obstore can't name an object otherwise."""
    return part not in {"", ".", ".."} and part.isprintable()


def contains(outer: Url, inner: Url) -> bool:
    """Whether `inner` is `outer`, or lies below it."""
    is_same_bucket = (outer.scheme, outer.bucket) == (inner.scheme, inner.bucket)
    return is_same_bucket and f"{inner.key}/".startswith(outer.prefix)
