"""Large objects: read by ranges, written in parts, and the same as if they had been read whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dicomblank
from dicomblank import Key, _core
from dicomblank.levels import core_rules
from dicomblank.stores import large, store
from dicomblank.stores.faults import StoreError
from dicomblank.stores.large import PART, parts_of
from dicomblank.stores.s3 import Upload
from samples import CT, all_files, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from buckets import Bucket

# s3s-fs can't be asked what it does with old versions: see test_shards.py.
pytestmark = pytest.mark.filterwarnings("ignore:s3:UserWarning")

KEY = Key(bytes(range(32)))
MIB = 1024 * 1024


@pytest.mark.parametrize(("level", "key"), [("anonymize-full", None), ("pseudonymize", KEY)])
@pytest.mark.parametrize("leftovers", ["ignore", "replace"])
@pytest.mark.parametrize("target", ["s3://b/out", None])
def test_ranges_and_whole_objects_agree(level: str, key: Key | None, leftovers: Any, target: str | None) -> None:
    """Every sample file: equal bytes, rows and errors, with chunks of several sizes."""
    rules = core_rules(level)
    both = [
        _core.Objects([("s3://b/in", False)], target, rules, key=key, leftovers=leftovers, unmarked="refuse")
        for _ in range(2)
    ]
    edited = 0
    for path in all_files():
        name, data = name_of(path), path.read_bytes()
        whole = both[0].blank(0, name, data)

        def read(offset: int, length: int, data: bytes = data) -> bytes:
            return data[offset : offset + length]

        ranged = both[1].plan(0, name, len(data), read)
        new, places = whole.data, both[1].places(ranged)
        is_deflated = new is not None and len(new) != len(data)
        made = []
        if not is_deflated and ranged.is_written:
            for size in (997, 65536, len(data) or 1):
                chunks = (both[1].edit(ranged, at, data[at : at + size]) for at in range(0, len(data), size))
                made.append(b"".join(chunks))
        rows = [objects.record(one) for objects, one in zip(both, (whole, ranged), strict=True)]
        if is_deflated or (rows[1] is not None and rows[1].kind == "too-large"):
            assert b"1.2.840.10008.1.2.1.99" in data[:2000]
            continue
        assert rows[0] == rows[1], name
        assert whole.is_written == ranged.is_written
        assert made in ([], [new] * 3), name
        if new is not None:
            edited += new != data
            changed = [at for at in range(len(data)) if new[at] != data[at]] if len(data) < 100_000 else []
            assert all(any(start <= at < end for start, end in places) for at in changed), name
    assert edited > 100


def test_the_parts_of_an_object() -> None:
    for size, places, expected in (
        (PART, [(0, 8)], [(0, PART, True)]),
        (PART + 1, [(0, 8)], [(0, PART, True), (PART, PART + 1, False)]),
        (40 * PART, [(100, 200)], [(0, PART, True), (PART, 40 * PART, False)]),
        (3 * PART, [(PART - 1, PART + 1)], [(0, PART, True), (PART, 2 * PART, True), (2 * PART, 3 * PART, False)]),
        (4 * PART, [(3 * PART, 3 * PART)], [(0, 4 * PART, False)]),
    ):
        assert parts_of(size, places, copies=True) == expected
    huge = 5 * 1024**4
    for copies in (True, False):
        parts = parts_of(100 * 1024**3, [(0, 9), (70 * 1024**3, 70 * 1024**3 + 1)], copies=copies)
        assert len(parts) <= large.MOST_PARTS
        assert [start for start, *_ in parts[1:]] == [end for _, end, _ in parts[:-1]]
    assert len(parts_of(huge, [(0, 9)], copies=True)) < large.MOST_PARTS
    with pytest.raises(StoreError, match="parts"):
        parts_of(huge, [(0, 9)], copies=False)


@pytest.fixture(scope="module")
def big() -> bytes:
    """40 MiB of one picture, with a name in front and one behind the pixels of a private sequence."""
    data = bytearray(CT.read_bytes())
    at = data.rindex(b"\xe0\x7f\x10\x00OW")
    pixels = 40 * MIB
    head = bytes(data[:at]) + b"\xe0\x7f\x10\x00OW\0\0" + pixels.to_bytes(4, "little")
    return head + bytes(range(256)) * (pixels // 256)


@pytest.fixture
def traffic(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many bytes went through here."""
    counts = {"read": 0, "written": 0}
    real_range, real_put = store.Store.get_range, Upload.put

    def get_range(self: Any, key: str, etag: str | None, start: int, end: int) -> Any:
        got = real_range(self, key, etag, start, end)
        counts["read"] += len(got.data)
        return got

    def put(self: Any, data: bytes) -> None:
        counts["written"] += len(data)
        real_put(self, data)

    monkeypatch.setattr(store.Store, "get_range", get_range)
    monkeypatch.setattr(Upload, "put", put)
    return counts


@pytest.mark.parametrize("is_copy", [True, False])
def test_the_store_copies_what_has_no_edit(bucket: Bucket, big: bytes, traffic: dict[str, int], is_copy: bool) -> None:
    bucket.put("in/big.dcm", big, ContentType="application/dicom", Metadata={"study": "7"})
    if is_copy:
        report = dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"), "anonymize-full")
    else:
        report = dicomblank.anonymize_in_place(bucket.at("in"), "anonymize-full")
    assert report.anonymized == 1
    new = "out/big.dcm" if is_copy else "in/big.dcm"
    assert bucket.get(new) == dicomblank.anonymize_bytes(big, "anonymize-full")
    assert traffic["written"] == PART
    assert traffic["read"] <= PART + MIB
    told = bucket.head(new)
    assert told["ContentType"] == "application/dicom"
    assert told["Metadata"] == ({} if is_copy else {"study": "7"})
    assert bucket.uploads() == 0
    if is_copy:
        again = dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"), "anonymize-full", existing="skip")
        assert again.skipped == 1
        refused = dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"), "anonymize-full", on_error="collect")
        assert [row.kind for row in refused.faults] == ["exists"]
    else:
        assert dicomblank.anonymize_in_place(bucket.at("in"), "anonymize-full").unchanged == 1


@pytest.mark.parametrize("is_copy", [True, False])
def test_a_large_object_that_changes_meanwhile(
    bucket: Bucket, big: bytes, monkeypatch: pytest.MonkeyPatch, is_copy: bool
) -> None:
    bucket.put("in/big.dcm", big)
    other = big[:-1] + b"x"
    real = Upload.put

    def meanwhile(self: Any, data: bytes) -> None:
        real(self, data)
        bucket.put("in/big.dcm", other)

    monkeypatch.setattr(Upload, "put", meanwhile)
    run: Callable[..., Any] = dicomblank.anonymize_copy if is_copy else dicomblank.anonymize_in_place
    places = [bucket.at("in"), bucket.at("out")] if is_copy else [bucket.at("in")]
    report = run(*places, on_error="collect")
    assert [(row.outcome, row.kind) for row in report.faults] == [("failed", "changed")]
    assert bucket.get("in/big.dcm") == other
    assert bucket.keys("out") == []
    assert bucket.uploads() == 0


def test_a_target_that_comes_meanwhile_stays(bucket: Bucket, big: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.put("in/big.dcm", big)
    real = Upload.put

    def meanwhile(self: Any, data: bytes) -> None:
        real(self, data)
        bucket.put("out/big.dcm", b"somebody else's")

    monkeypatch.setattr(Upload, "put", meanwhile)
    report = dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"), on_error="collect")
    assert [(row.outcome, row.kind) for row in report.faults] == [("refused", "exists")]
    assert bucket.get("out/big.dcm") == b"somebody else's"
    assert bucket.uploads() == 0
