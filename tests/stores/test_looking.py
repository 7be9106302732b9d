"""What a run would do to objects: the same as it would do to files, and nothing is written."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import dicomblank
from buckets import environment_of, plain_name
from dicomblank import IncompleteError, Key
from samples import CT, MR
from store_runs import SMALL, put_samples, rows_of

if TYPE_CHECKING:
    from pathlib import Path

    from buckets import Bucket

KEY = Key(bytes(range(32)))
MIB = 1024 * 1024


def run(bucket: Bucket, *words: str) -> subprocess.CompletedProcess[str]:
    """The command, with an environment that leads to a server."""
    environment = {"PATH": "", "PYTHONPATH": "python"} | environment_of(bucket.url)
    command = [sys.executable, "-m", "dicomblank", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(("level", "key"), [("anonymize-full", None), ("pseudonymize", None), ("pseudonymize", KEY)])
@pytest.mark.parametrize("leftovers", ["ignore", "warn"])
def test_a_dry_run_over_all_samples(
    bucket: Bucket, tmp_path: Path, level: Any, key: Key | None, leftovers: Any
) -> None:
    source = tmp_path / "in"
    put_samples(bucket, source)
    options: dict[str, Any] = {"key": key, "leftovers": leftovers}
    of_files = dicomblank.dry_run(source, level, report=tmp_path / "files", **options)
    of_objects = dicomblank.dry_run(bucket.at("in"), level, report=tmp_path / "objects", **options)
    assert rows_of(tmp_path / "objects", "source") == rows_of(tmp_path / "files", "source")
    assert of_objects.counts == of_files.counts
    assert of_objects.counts["planned"] > 50
    assert (of_objects.states, of_objects.leftovers) == (of_files.states, of_files.leftovers)
    assert bucket.all("in/") == {plain_name(path): path.read_bytes() for path in SMALL}
    with_folder = dicomblank.dry_run([bucket.at("in"), source / plain_name(CT)], level, **options)
    assert with_folder.files == of_files.files + 1


def test_the_plan_of_one_object(bucket: Bucket) -> None:
    data = CT.read_bytes()
    head = data[: data.rindex(b"\xe0\x7f\x10\x00OW")]
    big = head + b"\xe0\x7f\x10\x00OW\0\0" + (20 * MIB).to_bytes(4, "little") + bytes(20 * MIB)
    for key, bytes_of in (("ct.dcm", data), ("mr.dcm", MR.read_bytes()), ("big.dcm", big)):
        bucket.put(key, bytes_of)
        planned = dicomblank.plan(bucket.at(key), "anonymize-full")
        assert list(planned) == list(dicomblank.plan(bytes_of, "anonymize-full"))
        assert planned.size == len(bytes_of)
    bucket.put("cut.dcm", data[:500])
    bucket.put("text.txt", b"no DICOM at all")
    with pytest.raises(dicomblank.TruncatedError):
        dicomblank.plan(bucket.at("cut.dcm"))
    with pytest.raises(dicomblank.NotDicomError):
        dicomblank.plan(bucket.at("text.txt"))
    with pytest.raises(FileNotFoundError):
        dicomblank.plan(bucket.at("nothing"))
    with pytest.raises(ValueError, match="is no object"):
        dicomblank.plan(bucket.at())


def test_the_command_says_the_same_of_objects(bucket: Bucket, tmp_path: Path) -> None:
    for name, data in (("ct.dcm", CT.read_bytes()), ("cut.dcm", CT.read_bytes()[:500])):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(data)
        bucket.put(f"in/{name}", data)
    place = str(tmp_path / "in")
    for words in ([], ["--json"], ["--leftovers"], ["--level", "anonymize-full", "--json", "--leftovers"]):
        for below in ("", "/ct.dcm", "/cut.dcm"):
            of_files = run(bucket, "plan", place + below, *words)
            of_objects = run(bucket, "plan", bucket.at("in") + below, *words)
            for stream in ("stdout", "stderr"):
                said = getattr(of_objects, stream).replace(bucket.at("in"), place)
                assert sorted(said.splitlines()) == sorted(getattr(of_files, stream).splitlines()), (words, below)
            assert of_objects.returncode == of_files.returncode == (0 if below == "/ct.dcm" else 1)
    assert bucket.keys() == ["in/ct.dcm", "in/cut.dcm"]


def test_what_is_not_there_and_where_there_is_no_dicom(bucket: Bucket) -> None:
    bucket.put("in/text.txt", b"no DICOM at all")
    report = dicomblank.dry_run(bucket.at("in"))
    assert (report.ok, report.without_dicom) == (False, (bucket.at("in"),))
    assert dicomblank.dry_run(bucket.at("in"), no_dicom="allow").ok
    with pytest.raises(FileNotFoundError, match="no such bucket"):
        dicomblank.dry_run("s3://bucket-that-is-not-there/x")
    with pytest.raises(IncompleteError):
        dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"))


def test_a_file_url_is_a_path_for_all(tmp_path: Path) -> None:
    (path := tmp_path / "with space.dcm").write_bytes(CT.read_bytes())
    (after := tmp_path / "after.dcm").write_bytes(dicomblank.anonymize_bytes(CT.read_bytes()))
    url = path.as_uri()
    assert list(dicomblank.plan(url)) == list(dicomblank.plan(path))
    assert dicomblank.dry_run(url).planned == 1
    assert dicomblank.inspect(url).report.files == 1
    assert dicomblank.verify(url, after.as_uri(), pydicom=False).ok
