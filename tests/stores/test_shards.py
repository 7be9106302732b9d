"""What shards are made of and run by: a listing that goes on behind a key, and a run over keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import dicomblank
from dicomblank import stores
from samples import CT

if TYPE_CHECKING:
    from buckets import Bucket


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
