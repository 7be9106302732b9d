"""Copies from a bucket to a disk and back: the same bytes, rows and counts as from disk to disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import dicomblank
from dicomblank import IncompleteError, Key
from dicomblank.stores.disk import FileRanges, Files
from dicomblank.stores.large import Ranges
from samples import CT, MR
from store_runs import (
    IN_FLIGHT,
    counts_of,
    everything,
    kill_at_a_quarter,
    put_samples,
    rows_of,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from buckets import Bucket
    from dicomblank.stores.store import Entry

KEY = Key(bytes(range(32)))
MIB = 1024 * 1024


def files_below(folder: Path) -> dict[str, bytes]:
    """All that is below a folder but for links, whatever it is called."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.mark.parametrize(("level", "key"), [("anonymize-full", None), ("pseudonymize", KEY)])
@pytest.mark.parametrize("leftovers", ["ignore", "replace"])
def test_all_samples_both_ways(bucket: Bucket, tmp_path: Path, level: str, key: Key | None, leftovers: Any) -> None:
    source = tmp_path / "in"
    put_samples(bucket, source)
    (source / "link.dcm").symlink_to(CT)
    (source / "linked").symlink_to(CT.parent)
    (source / ".dicomblank-0123456789abcdef.part").write_bytes(CT.read_bytes())
    os.mkfifo(source / "pipe")

    options: dict[str, Any] = {"key": key, "leftovers": leftovers, "on_error": "collect"}

    def copy(name: str, place: Any, target: Any) -> dicomblank.Report:
        return dicomblank.anonymize_copy(place, target, level, report=tmp_path / f"{name}.jsonl", **options)

    of_files = copy("files", source, tmp_path / "out")
    up = copy("up", source, bucket.at("up"))
    down = copy("down", bucket.at("in"), tmp_path / "down")
    expected = files_below(tmp_path / "out")
    assert len(expected) > 100
    assert bucket.all("up/") == expected
    assert files_below(tmp_path / "down") == expected
    apart = "source", "output"
    rows = rows_of(tmp_path / "files.jsonl", *apart)
    assert rows_of(tmp_path / "up.jsonl", *apart) == rows
    beside = {"link.dcm", "linked", ".dicomblank-0123456789abcdef.part", "pipe"}
    assert {row["path"] for row in rows} >= beside
    assert rows_of(tmp_path / "down.jsonl", *apart) == [row for row in rows if row["path"] not in beside]
    assert up.counts == of_files.counts
    assert down.counts == of_files.counts | {"skipped": 0}
    assert (up.values, up.leftovers) == (of_files.values, of_files.leftovers) == (down.values, down.leftovers)


def test_where_a_copy_goes_and_how_it_is_told(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "x.dcm").write_bytes(CT.read_bytes())
    (tmp_path / "x.dcm").chmod(0o640)
    bucket.put("a/y.dcm", CT.read_bytes())
    blanked = dicomblank.anonymize_bytes(CT.read_bytes())
    rows: list[dicomblank.Row] = []
    for place, target, expected in (
        (tmp_path / "x.dcm", bucket.at("one/copy.dcm"), bucket.at("one/copy.dcm")),
        (tmp_path / "x.dcm", bucket.at("two/"), bucket.at("two/x.dcm")),
        (bucket.at("a/y.dcm"), tmp_path / "copy.dcm", str(tmp_path / "copy.dcm")),
        (bucket.at("a/y.dcm"), f"{tmp_path}/new/", f"{tmp_path}/new/y.dcm"),
        (bucket.at("a"), (tmp_path / "deep" / "er").as_uri(), f"{tmp_path}/deep/er/y.dcm"),
        ((tmp_path / "x.dcm").as_uri(), bucket.at("three/z.dcm"), bucket.at("three/z.dcm")),
    ):
        dicomblank.anonymize_copy(place, target, report=rows.append)
        assert rows[-1].output == expected
        new = bucket.get(expected.partition(f"{bucket.name}/")[2]) if "://" in expected else Path(expected).read_bytes()
        assert new == blanked
    assert bucket.head("one/copy.dcm")["ContentType"] == "application/dicom"
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "copy.dcm").stat().st_mode & 0o777 == 0o666 & ~umask


def test_folders_and_buckets_in_one_run(bucket: Bucket, tmp_path: Path) -> None:
    for name in ("here/x.dcm", "one.dcm"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(CT.read_bytes())
        (tmp_path / name).chmod(0o640)
    bucket.put("there/x.dcm", CT.read_bytes())
    sources: list[Any] = [tmp_path / "here", bucket.at("there"), tmp_path / "one.dcm", bucket.at("there/x.dcm")]
    expected = dict.fromkeys(["here/x.dcm", "one.dcm", "there/x.dcm"], dicomblank.anonymize_bytes(CT.read_bytes()))
    assert dicomblank.anonymize_copy(sources, tmp_path / "out").anonymized == 3
    assert files_below(tmp_path / "out") == expected
    assert dicomblank.anonymize_copy(sources, bucket.at("out")).anonymized == 3
    assert bucket.all("out/") == expected
    assert (tmp_path / "out" / "here" / "x.dcm").stat().st_mode & 0o777 == 0o640
    bucket.put("here/z.dcm", CT.read_bytes())
    with pytest.raises(ValueError, match="both be copied to here"):
        dicomblank.anonymize_copy([tmp_path / "here", bucket.at("here")], tmp_path / "out2")


@pytest.mark.parametrize("is_down", [True, False])
def test_a_target_that_exists(bucket: Bucket, tmp_path: Path, is_down: bool) -> None:
    """What is refused, skipped and replaced, with the same words as from disk to disk."""
    (tmp_path / "in").mkdir()
    for name in ("a.dcm", "b.dcm", "c.dcm", "d.dcm"):
        (tmp_path / "in" / name).write_bytes(CT.read_bytes())
        bucket.put(f"in/{name}", CT.read_bytes())
    source: Any = bucket.at("in") if is_down else tmp_path / "in"
    target: Any = tmp_path / "out" if is_down else bucket.at("out")

    def found() -> dict[str, bytes]:
        return files_below(tmp_path / "out") if is_down else bucket.all("out/")

    def write(name: str, data: bytes) -> None:
        (tmp_path / "out" / name).write_bytes(data) if is_down else bucket.put(f"out/{name}", data)

    dicomblank.anonymize_copy(source, target, sync=is_down)
    write("b.dcm", CT.read_bytes())  # not blanked
    write("c.dcm", MR.read_bytes())  # something else
    before = found()
    refused = dicomblank.anonymize_copy(source, target, on_error="collect")
    assert {row.path: (row.outcome, row.kind) for row in refused.faults} == dict.fromkeys(before, ("refused", "exists"))
    assert isinstance(refused.faults[0].exception, FileExistsError)
    assert found() == before
    skipped = dicomblank.anonymize_copy(source, target, existing="skip", sync=is_down, on_error="collect")
    assert (skipped.skipped, skipped.refused) == (2, 2)
    said = {row.path: row.error or "" for row in skipped.faults}
    assert "values left to blank" in said["b.dcm"]
    assert "another size" in said["c.dcm"]
    assert found() == before
    assert dicomblank.anonymize_copy(source, target, existing="overwrite").anonymized == 4
    assert set(found().values()) == {before["a.dcm"]}


def test_keys_that_are_no_paths_are_told_and_write_nothing_elsewhere(moto_bucket: Bucket, tmp_path: Path) -> None:
    bucket = moto_bucket
    good = ["a b", "ü", "100%", "a\\b", "deep/er/x", "..."]
    bad = ["a//b", "../c", "d/../e", "./f", "/etc/g", "h\ti", ".dicomblank-journal/j", "x" * 300]
    temporary = ".dicomblank-0123456789abcdef.part"
    for key in good + bad:
        bucket.put(f"in/{key}.dcm", CT.read_bytes())
    bucket.put(f"in/{temporary}", CT.read_bytes())
    bucket.put("in/p", CT.read_bytes())
    bucket.put("in/p/q", CT.read_bytes())  # "p" would be a file and a folder
    (tmp_path / "top").mkdir()
    report = dicomblank.anonymize_copy(bucket.at("in"), tmp_path / "top" / "out", workers=1, on_error="collect")
    kinds = {row.path.removesuffix(".dcm"): row.kind for row in report.faults}
    assert kinds.pop("p/q") == "system"
    assert kinds.pop("x" * 300) == "system"
    assert kinds == dict.fromkeys([*bad[:-1], temporary], "key")
    assert files_below(tmp_path) == {
        f"top/out/{name}": dicomblank.anonymize_bytes(CT.read_bytes())
        for name in [*(f"{key}.dcm" for key in good), "p"]
    }


def test_names_that_are_no_keys_are_told_and_all_others_are_done(bucket: Bucket, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    bad = [b"\xff.dcm", b"new\nline.dcm"]
    for name in [*bad, "ü.dcm".encode(), b"x.dcm"]:
        (source / os.fsdecode(name)).write_bytes(CT.read_bytes())
    report = dicomblank.anonymize_copy(source, bucket.at("out"), on_error="collect")
    assert {(os.fsencode(row.path), row.kind) for row in report.faults} == {(name, "key") for name in bad}
    assert "it is not UTF-8" in (report.faults[0].error or "")
    assert sorted(bucket.all("out/")) == ["x.dcm", "ü.dcm"]
    (named := tmp_path / os.fsdecode(b"\xfe")).mkdir()
    (named / "y.dcm").write_bytes(CT.read_bytes())
    both = dicomblank.anonymize_copy([named, source / "x.dcm"], bucket.at("two"), on_error="collect")
    assert [(row.path, row.kind) for row in both.faults] == [("y.dcm", "key")]


@pytest.fixture(scope="module")
def big() -> bytes:
    """40 MiB of one picture."""
    data = bytearray(CT.read_bytes())
    head = bytes(data[: data.rindex(b"\xe0\x7f\x10\x00OW")]) + b"\xe0\x7f\x10\x00OW\0\0"
    return head + (40 * MIB).to_bytes(4, "little") + bytes(range(256)) * (40 * MIB // 256)


@pytest.mark.parametrize("is_down", [True, False])
def test_a_large_one(bucket: Bucket, tmp_path: Path, big: bytes, is_down: bool) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "big.dcm").write_bytes(big)
    bucket.put("in/big.dcm", big)
    source: Any = bucket.at("in") if is_down else tmp_path / "in"
    target: Any = tmp_path / "out" if is_down else bucket.at("out")
    for existing, outcome in (
        ("refuse", "anonymized"),
        ("skip", "skipped"),
        ("refuse", "refused"),
        ("overwrite", "anonymized"),
    ):
        report = dicomblank.anonymize_copy(source, target, "anonymize-full", existing=existing, on_error="collect")  # type: ignore[arg-type]
        assert report.counts[outcome] == 1, existing
    new = (tmp_path / "out" / "big.dcm").read_bytes() if is_down else bucket.get("out/big.dcm")
    assert new == dicomblank.anonymize_bytes(big, "anonymize-full")
    assert bucket.uploads() == 0
    assert files_below(tmp_path).keys() == {"in/big.dcm"} | ({"out/big.dcm"} if is_down else set())


@pytest.mark.parametrize("is_down", [True, False])
def test_a_large_one_that_changes_meanwhile(
    bucket: Bucket, tmp_path: Path, big: bytes, is_down: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (path := tmp_path / "in" / "big.dcm").write_bytes(big)
    bucket.put("in/big.dcm", big)
    changed = big[:-1] + b"x"
    kind: Any = Ranges if is_down else FileRanges
    real: Callable[..., Any] = kind.part

    def meanwhile(self: Any, start: int, end: int) -> Any:
        got = real(self, start, end)
        bucket.put("in/big.dcm", changed) if is_down else path.write_bytes(changed)
        return got

    monkeypatch.setattr(kind, "part", meanwhile)
    source: Any = bucket.at("in") if is_down else tmp_path / "in"
    target: Any = tmp_path / "out" if is_down else bucket.at("out")
    report = dicomblank.anonymize_copy(source, target, on_error="collect")
    assert [(row.outcome, row.kind) for row in report.faults] == [("failed", "changed")]
    assert bucket.keys("out") == []
    assert bucket.uploads() == 0
    assert files_below(tmp_path).keys() == {"in/big.dcm"}


def test_a_file_that_grows_or_goes_between_listing_and_reading(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("goes.dcm", "grows.dcm", "becomes-link.dcm", "stays.dcm"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(CT.read_bytes())
    real = Files.sized

    def sized(self: Files, entry: Entry) -> Entry:
        found = real(self, entry)
        path = Path(self.path) / entry.key
        if entry.key == "grows.dcm":
            os.truncate(path, 20 * MIB)
        elif entry.key != "stays.dcm":
            path.unlink()
        if entry.key == "becomes-link.dcm":
            path.symlink_to(CT)
        return found

    monkeypatch.setattr(Files, "sized", sized)
    report = dicomblank.anonymize_copy(tmp_path / "in", bucket.at("out"), on_error="collect")
    rows = {row.path: (row.outcome, row.kind) for row in report.faults}
    assert rows["goes.dcm"] == ("failed", "not-found")
    assert rows["grows.dcm"] == ("failed", "changed")
    assert bucket.keys("out") == ["out/stays.dcm"]
    assert report.files == 4


def test_permissions_and_links_of_a_disk(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("in/x.dcm", CT.read_bytes())
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x.dcm").symlink_to(tmp_path / "elsewhere" / "y.dcm")
    for existing in dicomblank.Existing:
        report = dicomblank.anonymize_copy(bucket.at("in"), tmp_path / "out", existing=existing, on_error="collect")
        assert [(row.outcome, row.kind) for row in report.faults] == [("refused", "exists")], existing
    assert (tmp_path / "out" / "x.dcm").is_symlink()
    assert list((tmp_path / "elsewhere").iterdir()) == []
    # A link in the output that leads into a source of the same run.
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "s.dcm").write_bytes(CT.read_bytes())
    (tmp_path / "both").mkdir()
    (tmp_path / "both" / "in").symlink_to(tmp_path / "source")
    sources: list[Any] = [bucket.at("in"), tmp_path / "source"]
    report = dicomblank.anonymize_copy(sources, tmp_path / "both", existing="overwrite", on_error="collect")
    assert [(row.path, row.kind) for row in report.faults] == [("x.dcm", "leads-into-source")]
    assert files_below(tmp_path / "source") == {"s.dcm": CT.read_bytes()}


FULL = """
import resource, sys, dicomblank
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
report = dicomblank.anonymize_copy(sys.argv[1], sys.argv[2], existing=sys.argv[3], on_error="collect")
print(report.anonymized, [(row.path, row.outcome, row.kind) for row in report.faults])
"""


@pytest.mark.parametrize("existing", ["refuse", "overwrite"])
def test_a_disk_that_takes_no_more_leaves_no_half_file(bucket: Bucket, tmp_path: Path, existing: str) -> None:
    """A limit of a file's size stands in for a full disk: the system refuses in the middle of writing."""
    bucket.put("in/small.dcm", CT.read_bytes())
    head = CT.read_bytes()
    head = head[: head.rindex(b"\xe0\x7f\x10\x00OW")] + b"\xe0\x7f\x10\x00OW\0\0"
    bucket.put("in/more.dcm", head + (200_000).to_bytes(4, "little") + bytes(200_000))
    command = [sys.executable, "-c", FULL, bucket.at("in"), str(tmp_path / "out"), existing]
    environment = {"PATH": "", "PYTHONPATH": "python"} | bucket.environment
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == ("1 [('more.dcm', 'failed', 'system')]\n", "")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["small.dcm"]


@pytest.mark.parametrize("existing", ["--skip-existing", "--overwrite"])
def test_a_copy_to_a_disk_that_is_killed(
    filled: tuple[Bucket, dict[str, bytes]], tmp_path: Path, existing: str
) -> None:
    bucket, scans = filled
    expected = {name: dicomblank.anonymize_bytes(data) for name, data in scans.items()}
    out, report = tmp_path / "out", tmp_path / "killed.jsonl"
    words = [bucket.at("in"), "--output", str(out), existing]
    kill_at_a_quarter(bucket, report, len(scans), *words)
    killed = {name: data for name, data in files_below(out).items() if not name.endswith(".part")}
    assert 0 < len(killed) < len(scans)
    assert all(expected[name] == data for name, data in killed.items())
    assert told(report) <= killed.keys()

    counts = counts_of(bucket, tmp_path / "next.jsonl", *words)
    skipped = len(killed) if existing == "--skip-existing" else 0
    assert (counts.get("skipped", 0), counts["anonymized"]) == (skipped, len(scans) - skipped)
    assert files_below(out) == expected  # and no temporary file


def test_a_copy_from_a_disk_that_is_killed(filled: tuple[Bucket, dict[str, bytes]], tmp_path: Path) -> None:
    bucket, scans = filled
    expected = {name: dicomblank.anonymize_bytes(data) for name, data in scans.items()}
    for name, data in scans.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(data)
    report = tmp_path / "killed.jsonl"
    words = [str(tmp_path / "in"), "--output", bucket.at("out"), "--skip-existing"]
    kill_at_a_quarter(bucket, report, len(scans), *words)
    killed = everything(bucket, "out/")
    assert len(killed) < len(scans)
    assert all(expected[name] == data for name, data in killed.items())
    assert told(report) <= killed.keys()

    counts = counts_of(bucket, tmp_path / "next.jsonl", *words)
    # What was under way when it was killed, the server may have brought to its end since it was looked at.
    assert len(killed) <= counts["skipped"] <= len(killed) + IN_FLIGHT
    assert counts["anonymized"] == len(scans) - counts["skipped"]
    assert everything(bucket, "out/") == expected
    assert files_below(tmp_path / "in") == scans


def test_what_cannot_be_asked_of_both(moto_bucket: Bucket, tmp_path: Path) -> None:
    bucket = moto_bucket
    bucket.put("in/x.dcm", CT.read_bytes())
    (tmp_path / "x.dcm").write_bytes(CT.read_bytes())
    before = files_below(tmp_path)
    calls: list[tuple[Callable[[], Any], type[Exception], str]] = [
        (
            lambda: dicomblank.anonymize_in_place([tmp_path, bucket.at("in")]),
            ValueError,
            "in place takes URLs or paths",
        ),
        (lambda: dicomblank.anonymize_copy(tmp_path / "no", bucket.at("out")), FileNotFoundError, "no"),
        (lambda: dicomblank.anonymize_copy(bucket.at("no"), tmp_path / "out"), FileNotFoundError, "no such object"),
        (lambda: dicomblank.anonymize_copy(tmp_path, bucket.at("out"), sync=True), ValueError, "sync is about files"),
        (
            lambda: dicomblank.anonymize_copy([tmp_path, bucket.at("in")], tmp_path / "o"),
            ValueError,
            "lies inside the source",
        ),
        (lambda: dicomblank.anonymize_copy(bucket.at("in"), tmp_path / "x.dcm"), ValueError, "is not a folder"),
        (
            lambda: dicomblank.anonymize_copy(tmp_path, bucket.at("out"), report=tmp_path / "r"),
            ValueError,
            "would lie in the source",
        ),
        (
            lambda: dicomblank.anonymize_copy(bucket.at("in"), tmp_path / "o", report=tmp_path / "o/r"),
            ValueError,
            "would lie in the output",
        ),
    ]
    for call, kind, words in calls:
        with pytest.raises(kind, match=words):
            call()
    assert files_below(tmp_path) == before
    assert bucket.keys("out") == []
    bucket.put("in/cut.dcm", CT.read_bytes()[:500])
    with pytest.raises(IncompleteError):
        dicomblank.anonymize_copy(bucket.at("in"), f"{tmp_path}/o/")
    with pytest.raises(dicomblank.TruncatedError):
        dicomblank.anonymize_copy(bucket.at("in/cut.dcm"), f"{tmp_path}/o/")
