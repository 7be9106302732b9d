"""Copies from a bucket to a bucket: the same bytes, rows and counts as of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dicomblank
from dicomblank import IncompleteError, Key, Level, OnError
from samples import CT, MR
from store_runs import put_samples, rows_of

if TYPE_CHECKING:
    from pathlib import Path

    from buckets import Bucket

KEY = Key(bytes(range(32)))


@pytest.mark.parametrize(("level", "key"), [("anonymize-full", None), ("pseudonymize", KEY)])
@pytest.mark.parametrize("leftovers", ["ignore", "replace"])
def test_objects_become_what_files_become(
    bucket: Bucket, tmp_path: Path, level: str, key: Key | None, leftovers: Any
) -> None:
    source = tmp_path / "in"
    put_samples(bucket, source)
    options: dict[str, Any] = {"key": key, "leftovers": leftovers, "on_error": OnError.COLLECT}
    of_files = dicomblank.anonymize_copy(source, tmp_path / "out", level, report=tmp_path / "files", **options)
    of_objects = dicomblank.anonymize_copy(
        bucket.at("in"), bucket.at("out"), level, report=tmp_path / "objects", **options
    )
    written = {
        path.relative_to(tmp_path / "out").as_posix(): path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert bucket.all("out/") == written
    assert len(written) > 100
    apart = "source", "output"
    assert rows_of(tmp_path / "objects", *apart) == rows_of(tmp_path / "files", *apart)
    assert of_objects.counts == of_files.counts
    assert (of_objects.values, of_objects.leftovers) == (of_files.values, of_files.leftovers)
    assert sorted(row.path for row in of_objects.faults) == sorted(row.path for row in of_files.faults)


def test_a_target_that_exists_is_refused_skipped_or_replaced(bucket: Bucket) -> None:
    for name in ("a.dcm", "b.dcm", "c.dcm", "d.dcm"):
        bucket.put(f"in/{name}", CT.read_bytes())
    dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"))
    bucket.put("out/b.dcm", CT.read_bytes())  # not blanked
    bucket.put("out/c.dcm", MR.read_bytes())  # something else
    bucket.client.delete_object(Bucket=bucket.name, Key="out/d.dcm")
    before = bucket.all("out/")

    refused = dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"), on_error="collect")
    assert {row.path: (row.outcome, row.kind) for row in refused.faults} == dict.fromkeys(before, ("refused", "exists"))
    assert isinstance(refused.faults[0].exception, FileExistsError)
    assert refused.anonymized == 1  # d.dcm
    assert bucket.all("out/") == before | {"d.dcm": before["a.dcm"]}

    skipped = dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"), existing="skip", on_error="collect")
    assert (skipped.skipped, skipped.refused) == (2, 2)
    told = {row.path: row.error or "" for row in skipped.faults}
    assert "values left to blank" in told["b.dcm"]
    assert "another size" in told["c.dcm"]

    replaced = dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"), existing="overwrite")
    assert replaced.anonymized == 4
    assert set(bucket.all("out/").values()) == {before["a.dcm"]}


def test_one_object_several_sources_and_where_their_copies_go(bucket: Bucket) -> None:
    for key in ("a/x.dcm", "b/x.dcm", "b/deep/y.dcm", "c.dcm"):
        bucket.put(key, CT.read_bytes())
    blanked = dicomblank.anonymize_bytes(CT.read_bytes())
    for source, target, expected in (
        ("a/x.dcm", "one/copy.dcm", ["copy.dcm"]),
        ("a/x.dcm", "two/", ["x.dcm"]),
        ("b", "three", ["deep/y.dcm", "x.dcm"]),
        ("b/", "four/", ["deep/y.dcm", "x.dcm"]),
    ):
        report = dicomblank.anonymize_copy(bucket.at(source), bucket.at(target))
        assert bucket.all(target.partition("/")[0] + "/") == dict.fromkeys(expected, blanked)
        assert report.anonymized == len(expected)
    several = [bucket.at(source) for source in ("a", "b", "c.dcm", "b/deep")]
    assert dicomblank.anonymize_copy(several, bucket.at("five")).files == 4  # b/deep lies in b
    assert sorted(bucket.all("five/")) == ["a/x.dcm", "b/deep/y.dcm", "b/x.dcm", "c.dcm"]
    rows: list[dicomblank.Row] = []
    dicomblank.anonymize_copy(bucket.at("a/x.dcm"), bucket.at("one/"), report=rows.append)
    row = rows[0]
    assert (row.source, row.path, row.output) == (bucket.at("a/x.dcm"), "x.dcm", bucket.at("one/x.dcm"))


def test_errors_of_one_object_and_of_many(bucket: Bucket) -> None:
    bucket.put("in/cut.dcm", CT.read_bytes()[:500])
    bucket.put("in/other.txt", b"no DICOM at all")
    bucket.put("in/empty.dcm", b"")
    with pytest.raises(dicomblank.TruncatedError):
        dicomblank.anonymize_copy(bucket.at("in/cut.dcm"), bucket.at("out/"))
    with pytest.raises(dicomblank.NotDicomError):
        dicomblank.anonymize_copy(bucket.at("in/other.txt"), bucket.at("out/"))
    with pytest.raises(IncompleteError) as caught:
        dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"))
    assert caught.value.report.counts["refused"] == 2
    bucket.put("texts/other.txt", b"no DICOM at all")
    with pytest.raises(IncompleteError) as caught:
        dicomblank.anonymize_copy(bucket.at("texts"), bucket.at("out"))
    assert caught.value.report.without_dicom == (bucket.at("texts"),)
    assert dicomblank.anonymize_copy(bucket.at("texts"), bucket.at("out"), no_dicom="allow").not_dicom == 1
    assert bucket.keys("out/") == []


def test_keys_that_no_path_has_are_told_and_all_others_are_done(moto_bucket: Bucket) -> None:
    bucket = moto_bucket
    good = ["a b", "a+b", "a%20b", "ü", "a#b", "a?b&c", "~x", "a\\b", 'q"', "100%", "deep/er/x"]
    bad = ["a//b", "./c", "d/../e"]
    for key in good + bad:
        bucket.put(f"in/{key}.dcm", CT.read_bytes())
    bucket.put("in/folder/", b"")  # what a console writes for a folder
    report = dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"), on_error="collect")
    assert {(row.path, row.kind) for row in report.faults} == {(f"{key}.dcm", "key") for key in bad}
    assert sorted(bucket.all("out/")) == sorted(f"{key}.dcm" for key in good)
    assert report.anonymized == len(good)


def test_the_content_type_is_kept_and_metadata_stays_behind(bucket: Bucket) -> None:
    bucket.put("in/x.dcm", CT.read_bytes(), ContentType="application/dicom", Metadata={"patient": "Doe"})
    dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"))
    told = bucket.head("out/x.dcm")
    assert (told["ContentType"], told["Metadata"]) == ("application/dicom", {})


def test_more_objects_than_a_page_has(bucket: Bucket, tmp_path: Path) -> None:
    report = tmp_path / "r.jsonl"
    names = [f"{number:04}.dcm" for number in range(1203)]
    data = dicomblank.anonymize_bytes(MR.read_bytes())[:2000] + b""
    for name in names:
        bucket.put(f"in/{name}", data)
    seen: list[Any] = []
    done = dicomblank.anonymize_copy(
        bucket.at("in"), bucket.at("out"), report=report, progress=seen.append, on_error="collect"
    )
    assert [row["path"] for row in rows_of(report)] == names
    assert done.files == len(names) == seen[-1].done == seen[-1].found
    assert not seen[-1].listing


def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    source = tmp_path / "with space"
    source.mkdir()
    (source / "ct.dcm").write_bytes(CT.read_bytes())
    url = source.as_uri()
    assert "%20" in url
    assert dicomblank.anonymize_copy(url, (tmp_path / "out").as_uri(), Level.ANONYMIZE_FULL).anonymized == 1
    assert (tmp_path / "out" / "ct.dcm").read_bytes() == dicomblank.anonymize_bytes(CT.read_bytes(), "anonymize-full")
    assert dicomblank.anonymize_in_place(url).anonymized == 1
