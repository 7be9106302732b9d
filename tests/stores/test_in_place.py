"""In place: a new version of an object under its old key, with all that it has beside its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dicomblank
from buckets import plain_name
from dicomblank import Key
from dicomblank.stores.faults import of_status
from dicomblank.stores.s3 import S3
from samples import CT, all_files

if TYPE_CHECKING:
    from pathlib import Path

    from buckets import Bucket

# s3s-fs can't be asked what it does with old versions: see test_shards.py.
pytestmark = pytest.mark.filterwarnings("ignore:s3:UserWarning")

KEY = Key(bytes(range(32)))


@pytest.mark.parametrize(("level", "key"), [("anonymize-full", None), ("pseudonymize", KEY)])
def test_objects_become_what_files_become(bucket: Bucket, tmp_path: Path, level: str, key: Key | None) -> None:
    source = tmp_path / "in"
    for path in all_files():
        if path.stat().st_size < 1024 * 1024:
            (source / plain_name(path)).parent.mkdir(parents=True, exist_ok=True)
            (source / plain_name(path)).write_bytes(path.read_bytes())
            bucket.put(f"in/{plain_name(path)}", path.read_bytes())
    told: dict[str, list[Any]] = {"files": [], "objects": []}

    def collect(where: str) -> Any:
        return lambda row: told[where].append((row.path, row.outcome, row.edits, row.kind, row.offset, row.warnings))

    of_files = dicomblank.anonymize_in_place(source, level, key=key, on_error="collect", report=collect("files"))
    of_objects = dicomblank.anonymize_in_place(
        bucket.at("in"), level, key=key, on_error="collect", report=collect("objects")
    )
    now = {path.relative_to(source).as_posix(): path.read_bytes() for path in source.rglob("*") if path.is_file()}
    assert bucket.all("in/") == now
    assert sorted(told["objects"]) == sorted(told["files"])
    assert of_objects.counts == of_files.counts
    again = dicomblank.anonymize_in_place(bucket.at("in"), level, key=key, on_error="collect")
    assert (again.anonymized, again.unchanged) == (0, of_objects.anonymized + of_objects.unchanged)


def test_what_an_object_has_beside_its_bytes_is_kept(moto_bucket: Bucket) -> None:
    bucket = moto_bucket
    beside = {
        "ContentType": "application/dicom",
        "CacheControl": "no-cache",
        "ContentDisposition": "inline",
        "Metadata": {"study": "7"},
        "StorageClass": "STANDARD_IA",
    }
    bucket.put("x.dcm", CT.read_bytes(), Tagging="a=1&b=two%20words", **beside)
    before = bucket.head("x.dcm")
    assert dicomblank.anonymize_in_place(bucket.at("x.dcm")).anonymized == 1
    after = bucket.head("x.dcm")
    assert {name: after[name] for name in beside} == beside
    tags = bucket.client.get_object_tagging(Bucket=bucket.name, Key="x.dcm")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"a": "1", "b": "two words"}
    assert after["ETag"] != before["ETag"]
    # A second run writes nothing: not even the same.
    assert dicomblank.anonymize_in_place(bucket.at("x.dcm")).unchanged == 1
    assert bucket.head("x.dcm")["LastModified"] == after["LastModified"]


def test_what_cannot_be_kept_refuses_the_object(moto_bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = moto_bucket
    bucket.put("in/x.dcm", CT.read_bytes(), Expires="2040-01-01T00:00:00Z")
    report = dicomblank.anonymize_in_place(bucket.at("in"), on_error="collect")
    assert [(row.outcome, row.kind) for row in report.faults] == [("refused", "not-kept")]
    bucket.put("in/x.dcm", CT.read_bytes())
    real = S3.ask

    def denied(store: S3, call: str, **arguments: Any) -> Any:
        if call == "get_object_tagging":
            raise of_status(403, "AccessDenied")
        return real(store, call, **arguments)

    monkeypatch.setattr(S3, "ask", denied)
    report = dicomblank.anonymize_in_place(bucket.at("in"), on_error="collect")
    assert [(row.outcome, row.kind) for row in report.faults] == [("refused", "not-kept")]
    assert "s3:GetObjectTagging" in (report.faults[0].error or "")
    assert bucket.get("in/x.dcm") == CT.read_bytes()


def test_an_object_that_changes_meanwhile_is_left_alone(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("in/a.dcm", "in/b.dcm"):
        bucket.put(name, CT.read_bytes())
    other = CT.read_bytes() + bytes(8)
    real = S3.tags

    def meanwhile(store: S3, key: str) -> dict[str, str]:
        if key == "in/a.dcm":
            bucket.put(key, other)
        return real(store, key)

    monkeypatch.setattr(S3, "tags", meanwhile)
    report = dicomblank.anonymize_in_place(bucket.at("in"), on_error="collect")
    assert [(row.path, row.outcome, row.kind) for row in report.faults] == [("a.dcm", "failed", "changed")]
    assert isinstance(report.faults[0].exception, dicomblank.ChangedError)
    assert bucket.get("in/a.dcm") == other
    assert report.anonymized == 1
