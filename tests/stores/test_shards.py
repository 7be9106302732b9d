"""What shards are made of and run by: a listing that goes on behind a key, and a run over keys."""

from __future__ import annotations

import itertools
import random
import threading
import time
from typing import TYPE_CHECKING

import pytest

import dicomblank
from dicomblank import stores
from dicomblank.stores import places
from dicomblank.stores.faults import StoreError
from samples import CT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buckets import Bucket
    from dicomblank.stores.store import Entry


def test_a_listing_is_sorted_and_goes_on_behind_a_key(bucket: Bucket) -> None:
    names = ["a/x.dcm", "a/y.dcm", "b.dcm", "c/d/e.dcm"]
    for name in reversed(names):
        bucket.put(f"in/{name}", CT.read_bytes())
    bucket.put("other.dcm", b"")
    found = list(stores.listing(bucket.at("in")))
    assert [(key, size) for key, size, _ in found] == [(name, CT.stat().st_size) for name in names]
    assert [etag for *_, etag in found] in ([bucket.head("in/b.dcm")["ETag"]] * 4, [None] * 4)  # s3s-fs lists none
    assert [key for key, *_ in stores.listing(bucket.at("in"), after="a/y.dcm")] == names[2:]
    with pytest.raises(FileNotFoundError):
        list(stores.listing(bucket.at("nothing")))


def test_a_run_over_keys(bucket: Bucket) -> None:
    for name in ("a.dcm", "b.dcm", "c.dcm"):
        bucket.put(f"in/{name}", CT.read_bytes())
    size = CT.stat().st_size
    keys = [("a.dcm", size), ("c.dcm", size), ("gone.dcm", size)]
    report = stores.run(bucket.at("in"), iter(keys), bucket.at("out"), "anonymize-full")
    assert (report.anonymized, report.failed) == (2, 1)
    assert [(row.path, row.kind) for row in report.faults] == [("gone.dcm", "not-found")]
    assert bucket.all("out/") == dict.fromkeys(
        ["a.dcm", "c.dcm"], dicomblank.anonymize_bytes(CT.read_bytes(), "anonymize-full")
    )
    assert stores.run(bucket.at("in"), keys[:2], bucket.at("out"), "anonymize-full", existing="skip").skipped == 2


def test_what_a_bucket_does_with_old_versions_is_told(moto_bucket: Bucket) -> None:
    bucket = moto_bucket
    bucket.put("in/a.dcm", CT.read_bytes())
    enabled = {"Status": "Enabled"}
    bucket.client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration=enabled)
    with pytest.warns(UserWarning, match=f"{bucket.name} is versioned: the identified versions stay in it"):
        dicomblank.anonymize_in_place(bucket.at("in"))
    versions = bucket.client.list_object_versions(Bucket=bucket.name, Prefix="in/a.dcm")["Versions"]
    assert len(versions) == 2


def test_what_cannot_be_asked_is_said(s3s_bucket: Bucket) -> None:
    bucket = s3s_bucket
    bucket.put("in/a.dcm", CT.read_bytes())
    with pytest.warns(UserWarning, match="not known whether it has versioning or object lock or replication"):
        dicomblank.anonymize_in_place(bucket.at("in"))


@pytest.mark.parametrize("seed", range(6))
def test_a_listing_in_stretches_is_that_of_one_request_behind_the_other(
    moto_bucket: Bucket, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Pages of three keys, and stretches of eight, of folders whose names sort otherwise with a slash than without."""
    bucket = moto_bucket
    draw = random.Random(seed)  # noqa: S311 (no secret)
    parts = ["a", "a-", "a.", "a.~", "a0", "ab", "b", "\u00e4", "\U0001f600"]
    top = ["in/", "in/alone/"][seed % 2]
    keys = {top + "/".join(draw.choice(parts) for _ in range(draw.randint(2, 3))) for _ in range(60)}
    keys |= {top + name for name in ("a", "a0", "ab~")}
    for key in keys:
        bucket.put(key, b"x")
    for module in ("store", "s3"):
        monkeypatch.setattr(f"dicomblank.stores.{module}.PAGE", 3)
    monkeypatch.setattr("dicomblank.stores.ahead.STRETCH", 8)
    whole = sorted(key.removeprefix("in/") for key in keys)
    active: set[int] = set()
    most = 0
    real = places.Source.pages

    def pages(source: places.Source, after: str | None = None) -> Iterator[list[Entry]]:
        nonlocal most
        active.add(number := next(numbers))
        most = max(most, len(active))
        time.sleep(0.02)
        yield from real(source, after)
        active.discard(number)

    numbers = itertools.count()
    monkeypatch.setattr(places.Source, "pages", pages)
    assert [key for key, *_ in stores.listing(bucket.at("in"))] == whole
    assert most > 2
    for after in [*whole[::9], whole[-1]]:
        assert [key for key, *_ in stores.listing(bucket.at("in"), after)] == whole[whole.index(after) + 1 :]


def test_a_stretch_that_fails_ends_the_listing_in_its_turn(
    moto_bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = moto_bucket
    for number in range(40):
        bucket.put(f"in/{number % 10}/{number}.dcm", b"x")
    for module in ("store", "s3"):
        monkeypatch.setattr(f"dicomblank.stores.{module}.PAGE", 3)
    monkeypatch.setattr("dicomblank.stores.ahead.STRETCH", 1)
    real = places.Source.pages

    def pages(source: places.Source, after: str | None = None) -> Iterator[list[Entry]]:
        if after == "in/5.":
            raise StoreError("no-permission", "the store answers 403", 403)
        return real(source, after)

    monkeypatch.setattr(places.Source, "pages", pages)
    found: list[str] = []
    with pytest.raises(OSError, match=r"can't be listed: the store answers 403"):
        found.extend(key for key, *_ in stores.listing(bucket.at("in")))
    before = threading.active_count()
    listing = stores.listing(bucket.at("in"))
    assert next(listing)[0] == "0/0.dcm"
    listing.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
