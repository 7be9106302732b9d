"""Shards of objects: listed in order, each done once, gone on with where they were cut short, as one run does it."""

from __future__ import annotations

import csv
import gzip
import json
import multiprocessing
import pickle
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest

import dicomblank
from buckets import SECRET, environment_of
from dicomblank import FilesFrom, Key, shards
from dicomblank.engines.task import Task
from dicomblank.shards import LedgerError, Manifest, ManifestError
from dicomblank.stores import store as one_bucket
from elements import EXPLICIT, part10
from reports import read
from samples import CT, MR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buckets import Bucket

# s3s-fs can't be asked what it does with old versions: see test_shards.py.
pytestmark = pytest.mark.filterwarnings("ignore:s3:UserWarning")

ROOT = Path(__file__).parents[2]
KEY = Key(bytes(range(32)))
COUNT = 600


def scan(number: int) -> bytes:
    elements = [
        (0x0008_0018, "UI", b"1.2.840.99.%d" % (number + 10**6)),
        (0x0010_0010, "PN", b"Doe^Jane"),
        (0x0010_0020, "LO", b"ID-%07d" % number),
    ]
    return bytes(part10(EXPLICIT.uid, *(EXPLICIT.element(tag, vr, value) for tag, vr, value in elements)))


def put_all(bucket: Bucket, prefix: str = "in/", count: int = COUNT) -> dict[str, bytes]:
    """Puts many scans in ten folders, and returns them by their names."""
    scans = {f"{number % 10}/{number:04}.dcm": scan(number) for number in range(count)}
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda item: bucket.put(prefix + item[0], item[1]), scans.items()))
    return scans


def keys_of(made: shards.Made) -> list[str]:
    return [entry.key for path in made.manifests for entry in Manifest.read(path).entries]


def command(bucket: Bucket, *words: str | Path) -> list[Any]:
    environment = {"PATH": "", "PYTHONPATH": str(ROOT / "python")} | environment_of(bucket.url)
    return [[sys.executable, "-m", "dicomblank", *map(str, words)], environment]


def done(bucket: Bucket, *words: str | Path) -> subprocess.CompletedProcess[str]:
    line, environment = command(bucket, *words)
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=300, check=False)


# Making them


def test_every_object_is_in_one_shard_with_its_size_and_etag(bucket: Bucket, tmp_path: Path) -> None:
    scans = put_all(bucket, count=50)
    for folder in ("", "0/", "8/", "9/"):
        bucket.put(f"in/{folder}", b"")  # what a console writes for a folder
    bucket.put("in/8-x.dcm", b"x")  # before that of "8/", and behind its name without the slash
    scans["8-x.dcm"] = b"x"
    bucket.put("other.dcm", b"x")
    made = shards.make(bucket.at("in"), tmp_path / "shards", files=20, exclude=["7/", "0/0010.dcm"])
    expected = sorted(name for name in scans if not name.startswith("7/") and name != "0/0010.dcm")
    assert keys_of(made) == expected
    assert (made.files, made.excluded) == (45, 6)
    assert made.size == sum(len(scans[name]) for name in expected)
    head, first, *_ = map(json.loads, Path(made.manifests[0]).read_text().splitlines())
    assert head == {"source": bucket.at("in/")}
    told = {"etag": bucket.head(f"in/{expected[0]}")["ETag"]} if "etag" in first else {}  # s3s-fs lists none
    assert first == {"key": expected[0], "size": len(scans[expected[0]])} | told
    # Once it is whole, nothing is listed again.
    bucket.put("in/0/new.dcm", b"x")
    again = shards.make(bucket.at("in/"), tmp_path / "shards", files=20, exclude=["7/", "0/0010.dcm"])
    assert again[:3] == made[:3]


def test_the_etag_is_in_the_manifest(moto_bucket: Bucket, tmp_path: Path) -> None:
    etag = moto_bucket.put("in/a.dcm", CT.read_bytes())
    (path,) = shards.make(moto_bucket.at("in"), tmp_path / "shards").manifests
    assert Manifest.read(path).entries == (("a.dcm", CT.stat().st_size, etag),)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_listing_that_was_cut_short_is_gone_on_with(moto_bucket: Bucket, tmp_path: Path, count: int) -> None:
    put_all(moto_bucket, count=30)
    put_all(moto_bucket, "more/", count=5)
    study = tmp_path / "study"
    study.mkdir()
    shutil.copy(CT, study / "a.dcm")
    sources: list[str | Path] = [moto_bucket.at("in"), moto_bucket.at("more"), study]
    whole = shards.make(sources, tmp_path / "whole", files=8)

    def stop(files: int) -> None:
        if files >= 8 * count:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shards.make(sources, tmp_path / "shards", files=8, progress=stop)
    made = shards.make(sources, tmp_path / "shards", files=8)
    assert [Path(path).read_bytes() for path in made.manifests] == [Path(path).read_bytes() for path in whole.manifests]
    heads = [json.loads(Path(path).read_text().splitlines()[0]) for path in made.manifests]
    assert [head["into"] for head in heads] == ["in"] * 4 + ["more", "study"]


def test_a_store_that_does_not_keep_the_order_is_not_believed(
    moto_bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = moto_bucket
    put_all(bucket, count=5)
    monkeypatch.setattr("dicomblank.stores.listing", lambda *_: iter([("b", 1, None), ("a", 1, None)]))
    with pytest.raises(OSError, match="does not list its keys in their order"):
        shards.make(bucket.at("in"), tmp_path / "shards")


# Running them


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("level", ["anonymize", "pseudonymize"])
def test_all_shards_make_what_one_run_makes(
    moto_bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str, in_place: bool
) -> None:
    bucket, key = moto_bucket, KEY if level == "pseudonymize" else None
    put_all(bucket, count=60)
    one = dicomblank.anonymize_copy(bucket.at("in"), bucket.at("whole"), level, key=key)
    whole = bucket.all("whole/")
    made = shards.make(bucket.at("in"), tmp_path / "shards", files=25)
    where: dict[str, Any] = {"in_place": True} if in_place else {"output": bucket.at("out")}
    asked = {**where, "ledger": tmp_path / "ledger", "key": key}
    reports = [shards.run(path, level, **asked) for path in made.manifests]
    total = sum(reports[1:], reports[0])
    assert (total.counts, total.values, total.files_with) == (one.counts, one.values, one.files_with)
    assert bucket.all("in/" if in_place else "out/") == whole
    first = json.loads((tmp_path / "ledger" / "00000001.jsonl").read_text().splitlines()[0])
    assert first["shard"] == {"name": "00000001", "sha256": Manifest.read(made.manifests[0]).sha256}
    # Done once: no store is asked again, and the reports are those of the ledger.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    again = [shards.run(path, level, **asked) for path in made.manifests]
    assert [report.counts for report in again] == [report.counts for report in reports]


def test_several_sources_are_copied_as_by_one_run(moto_bucket: Bucket, tmp_path: Path) -> None:
    bucket = moto_bucket
    put_all(bucket, count=12)
    put_all(bucket, "more/", count=5)
    sources = [bucket.at("in"), bucket.at("more")]
    dicomblank.anonymize_copy(sources, bucket.at("whole"))
    for path in shards.make(sources, tmp_path / "shards", files=10).manifests:
        assert shards.run(path, output=bucket.at("out"), ledger=tmp_path / "ledger").ok
    assert bucket.all("out/") == bucket.all("whole/")
    assert len(bucket.keys("out/")) == 17


def test_shards_of_objects_are_copied_to_a_disk(moto_bucket: Bucket, tmp_path: Path) -> None:
    bucket, out = moto_bucket, tmp_path / "out"
    scans = put_all(bucket, count=30)
    for path in shards.make(bucket.at("in"), tmp_path / "shards", files=20).manifests:
        assert shards.run(path, output=out, ledger=tmp_path / "ledger").anonymized in {20, 10}
    copies = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert copies == {name: dicomblank.anonymize_bytes(data) for name, data in scans.items()}


def test_shards_of_files_are_not_copied_to_a_store(moto_bucket: Bucket, tmp_path: Path) -> None:
    study = tmp_path / "study"
    study.mkdir()
    shutil.copy(CT, study / "a.dcm")
    (path,) = shards.make(study, tmp_path / "shards").manifests
    with pytest.raises(ValueError, match="a shard of files is done on disks"):
        shards.run(path, output=moto_bucket.at("out"), ledger=tmp_path / "ledger")
    assert moto_bucket.all() == {}


@pytest.mark.parametrize("in_place", [False, True])
def test_a_run_that_was_killed_is_gone_on_with(moto_bucket: Bucket, tmp_path: Path, in_place: bool) -> None:
    bucket = moto_bucket
    scans = put_all(bucket)
    expected = {name: dicomblank.anonymize_bytes(data) for name, data in scans.items()}
    made = done(bucket, "shard", bucket.at("in"), "--into", tmp_path / "shards", "--files", "300")
    assert (made.returncode, made.stderr) == (0, "")
    where = ["--in-place"] if in_place else ["--output", bucket.at("out")]
    words: list[str | Path] = [
        "run-shard",
        *sorted((tmp_path / "shards").glob("*.jsonl")),
        *where,
        "--ledger",
        tmp_path / "ledger",
    ]
    line, environment = command(bucket, *words, "-j", "8")
    kills = 0
    for enough in (40, 380):
        with subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            end = time.monotonic() + 200
            while _told(tmp_path / "ledger") < enough and process.poll() is None and time.monotonic() < end:
                time.sleep(0.01)
            kills += process.poll() is None
            process.kill()
    assert kills == 2
    last = done(bucket, *words)
    assert last.returncode == 0, last.stderr
    assert "2 of 2 shards are done" in last.stdout
    assert bucket.all("in/" if in_place else "out/") == expected
    ledgers = sorted((tmp_path / "ledger").iterdir())
    assert [path.name for path in ledgers] == ["00000001.jsonl", "00000002.jsonl"]
    for path in ledgers:
        lines = read(path)
        assert (lines.end or {})["end"] == "complete"
        assert {row["outcome"] for row in lines.files} <= {"anonymized", "unchanged", "skipped"}
        assert len({row["path"] for row in lines.files}) == len(lines.files) == 300
    page = done(bucket, "report", *ledgers, "--output", tmp_path / "page.html")
    assert (page.returncode, "PASS" in page.stdout) == (0, True)


def _told(ledger: Path) -> int:
    """How many objects the reports tell of, whole or not: those of shards that are done, and of the one that is not."""
    paths = ledger.iterdir() if ledger.exists() else ()
    return sum(path.read_bytes().count(b'{"row": "file"') for path in paths if path.suffix != ".lock" and path.exists())


def test_a_ledger_is_of_one_run(moto_bucket: Bucket, tmp_path: Path) -> None:
    bucket = moto_bucket
    put_all(bucket, count=5)
    (path,) = shards.make(bucket.at("in"), tmp_path / "shards").manifests
    out, ledger = bucket.at("out"), tmp_path / "ledger"
    shards.run(path, output=out, ledger=ledger)
    before = bucket.all()
    for other, why in [
        ({"level": "anonymize-full", "output": out}, "another level and rules"),
        ({"level": "pseudonymize", "key": KEY, "output": out}, "another key, level and rules"),
        ({"output": bucket.at("elsewhere")}, "another destination"),
        ({"in_place": True}, "another destination"),
    ]:
        with pytest.raises(LedgerError, match=why):
            shards.run(path, ledger=ledger, **other)  # type: ignore[arg-type]
    lines = Path(path).read_text().splitlines()
    Path(path).write_text("\n".join(lines[:-1]) + "\n")
    with pytest.raises(LedgerError, match="another shard"):
        shards.run(path, output=out, ledger=ledger)
    Path(path).write_text("\n".join([json.dumps({"source": bucket.at("else/")}), *lines[1:]]) + "\n")
    with pytest.raises(LedgerError, match="another shard and sources"):
        shards.run(path, output=out, ledger=ledger)
    assert bucket.all() == before


@pytest.mark.parametrize("in_place", [False, True])
def test_an_object_is_done_as_it_is_now(
    moto_bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_place: bool
) -> None:
    bucket = moto_bucket
    for key, data in (("changed", CT.read_bytes()), ("empty", b""), ("gone", b"x"), ("larger", b"x"), ("still", b"")):
        bucket.put(f"in/{key}", data)
    (path,) = shards.make(bucket.at("in"), tmp_path / "shards").manifests
    bucket.put("in/changed", MR.read_bytes())
    bucket.put("in/empty", CT.read_bytes())
    bucket.client.delete_object(Bucket=bucket.name, Key="in/gone")
    bucket.put("in/larger", MR.read_bytes() + bytes(200_000))
    monkeypatch.setattr("dicomblank.stores.s3.S3.whole", 100_000)
    where: dict[str, Any] = {"in_place": True} if in_place else {"output": bucket.at("out")}
    report = shards.run(path, ledger=tmp_path / "ledger", **where)
    assert (report.anonymized, report.failed, report.not_dicom) == (2, 2, 1)
    assert {row.path: row.kind for row in report.faults} == {"gone": "not-found", "larger": "changed"}
    now = bucket.all("in/" if in_place else "out/")
    assert now["changed"] == dicomblank.anonymize_bytes(MR.read_bytes())
    assert now["empty"] == dicomblank.anonymize_bytes(CT.read_bytes())
    # What has failed is tried again, and the one that is gone is not there.
    assert one_bucket.WHOLE == 16 * 1024 * 1024
    monkeypatch.setattr("dicomblank.stores.s3.S3.whole", one_bucket.WHOLE)
    again = shards.run(path, ledger=tmp_path / "ledger", **where)
    assert {row.path: row.kind for row in again.faults} == {"gone": "not-found"}


def test_keys_that_no_path_has_are_told_and_all_others_are_done(moto_bucket: Bucket, tmp_path: Path) -> None:
    bucket = moto_bucket
    good = ["a b", "a+b", "a%20b", "ü", 'q"', "deep/er/x", "a\\b", "[{x}]", "a..b"]
    bad = ["a//b", "./c", "d/../e"]
    for key in good + bad:
        bucket.put(f"in/{key}.dcm", CT.read_bytes())
    made = shards.make(bucket.at("in"), tmp_path / "shards")
    assert sorted(keys_of(made)) == sorted(f"{key}.dcm" for key in good + bad)
    report = shards.run(made.manifests[0], output=bucket.at("out"), ledger=tmp_path / "ledger")
    assert {(row.path, row.kind) for row in report.faults} == {(f"{key}.dcm", "key") for key in bad}
    assert sorted(bucket.all("out/")) == sorted(f"{key}.dcm" for key in good)


def test_old_versions_are_told_of_once(moto_bucket: Bucket, tmp_path: Path) -> None:
    bucket = moto_bucket
    put_all(bucket, count=4)
    enabled = {"Status": "Enabled"}
    bucket.client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration=enabled)
    made = shards.make(bucket.at("in"), tmp_path / "shards", files=2)
    ran = done(bucket, "run-shard", *made.manifests, "--in-place", "--ledger", tmp_path / "ledger")
    assert ran.returncode == 0
    assert ran.stderr.count("is versioned: the identified versions stay in it") == 1
    with pytest.warns(UserWarning, match="is versioned"):
        shards.run(made.manifests[0], in_place=True, ledger=tmp_path / "another")


# A listing that was there before


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / "stores.md").read_text(), re.DOTALL)


def inventory_rows(bucket: Bucket) -> list[tuple[str, str, int, str]]:
    listed = bucket.client.list_objects_v2(Bucket=bucket.name)["Contents"]
    return [(bucket.name, row["Key"], row["Size"], row["ETag"].strip('"')) for row in listed]


def test_an_inventory_in_csv_is_divided_and_done(moto_bucket: Bucket, tmp_path: Path) -> None:
    bucket = moto_bucket
    names = ["a b+c%.dcm", "ü/1.dcm", "plain.dcm"]
    for name in names:
        bucket.put(f"study/{name}", CT.read_bytes())
    bucket.put("study/folder/", b"")
    with gzip.open(tmp_path / "part-0.csv.gz", "wt", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(
            (where, quote_plus(key, safe="/"), size, etag) for where, key, size, etag in inventory_rows(bucket)
        )
    (script,) = (block for block in blocks("python") if "csv" in block)
    lines = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "part-0.csv.gz")], capture_output=True, check=True
    ).stdout
    _divided_and_done(bucket, tmp_path, lines, names)


def test_an_inventory_in_parquet_is_divided_and_done(moto_bucket: Bucket, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed here")
    bucket = moto_bucket
    names = ["a b+c%.dcm", "ü/1.dcm", "plain.dcm"]
    for name in names:
        bucket.put(f"study/{name}", CT.read_bytes())
    (tmp_path / "inventory").mkdir()
    with duckdb.connect() as base:
        base.execute("CREATE TABLE t (bucket VARCHAR, key VARCHAR, size BIGINT, e_tag VARCHAR)")
        base.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", inventory_rows(bucket))
        base.execute(f"COPY t TO '{tmp_path}/inventory/1.parquet' (FORMAT parquet)")
        (query,) = (block for block in blocks("sql") if "parquet" in block)
        base.execute(query.replace("'inventory", f"'{tmp_path}/inventory"))
    _divided_and_done(bucket, tmp_path, (tmp_path / "inventory.jsonl").read_bytes(), names)


def _divided_and_done(bucket: Bucket, tmp_path: Path, lines: bytes, names: list[str]) -> None:
    (tmp_path / "list.jsonl").write_bytes(lines)
    words: list[str | Path] = [
        "--files-from",
        tmp_path / "list.jsonl",
        "--relative-to",
        f"s3://{bucket.name}",
        "--files",
        "2",
    ]
    made = done(bucket, "shard", *words, "--into", tmp_path / "shards")
    assert (made.returncode, made.stderr) == (0, "")
    manifests = sorted((tmp_path / "shards").glob("*.jsonl"))
    assert len(manifests) == 2
    bucket.put("out/x", b"")  # so that the output is no source
    other = type(bucket).create(bucket.url)
    ran = done(bucket, "run-shard", *manifests, "--output", other.at(), "--ledger", tmp_path / "ledger")
    assert ran.returncode == 0, ran.stderr
    blanked = dicomblank.anonymize_bytes(CT.read_bytes())
    assert other.all("study/") == dict.fromkeys(names, blanked)
    # The same lines are a manifest already.
    one = done(
        bucket,
        *("run-shard", tmp_path / "list.jsonl", "--source", f"s3://{bucket.name}"),
        *("--output", other.at("again"), "--ledger", tmp_path / "ledger"),
    )
    assert one.returncode == 0, one.stderr
    assert other.all("again/study/") == dict.fromkeys(names, blanked)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("study/a.dcm", "line 2: no JSON object"),
        ('{"key": "a.dcm"}', "line 2: no size"),
        ('{"key": "a.dcm", "size": null}', "line 2: no size"),
        ('{"key": "a.dcm", "size": -1}', "line 2: no size"),
        ('{"key": "", "size": 1}', "line 2: no key of an object"),
        ('{"key": "\\ud800", "size": 1}', "line 2: no key of an object"),
    ],
)
def test_a_line_that_won_t_do_is_told(moto_bucket: Bucket, tmp_path: Path, line: str, why: str) -> None:
    moto_bucket.put("study/a.dcm", CT.read_bytes())
    (tmp_path / "list").write_text('{"key": "study/a.dcm", "size": 1}\n' + line + "\n")
    with pytest.raises(ManifestError, match=why):
        shards.make(FilesFrom(tmp_path / "list", relative_to=moto_bucket.at()), tmp_path / "shards")
    with pytest.raises(ManifestError, match=why):
        Manifest.read(tmp_path / "list", moto_bucket.at())
    with pytest.raises(ManifestError, match="no NUL"):
        shards.make(FilesFrom(tmp_path / "list", relative_to=moto_bucket.at(), null=True), tmp_path / "others")


# On engines


def _worker(task: bytes, manifest: str, connection: Any) -> None:
    done_ = pickle.loads(task)  # noqa: S301 (of this test)
    connection.send(done_(manifest, done_.key()).anonymized)


def test_the_workers_of_an_engine_have_the_stores_from_their_environment(
    moto_bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = moto_bucket
    put_all(bucket, count=6)
    (path,) = shards.make(bucket.at("in"), tmp_path / "shards").manifests
    KEY.save(tmp_path / "key")
    monkeypatch.chdir(tmp_path)
    task = Task(
        "pseudonymize",
        output=bucket.at("out"),
        in_place=False,
        ledger="ledger",
        key_file="key",
        key_variable=None,
        workers=8,
        patience=10,
    )
    data = pickle.dumps(task)
    assert SECRET.encode() not in data
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_worker, args=(data, path, theirs))
    process.start()
    process.join(100)
    assert process.exitcode == 0
    assert ours.recv() == 6
    assert len(bucket.keys("out/")) == 6
    assert [name.name for name in (tmp_path / "ledger").iterdir()] == ["00000001.jsonl"]


# What can't be asked


def usage() -> Iterator[tuple[list[str], str]]:
    make = ["shard", "--into", "shards"]
    run = ["run-shard", "m.jsonl", "--ledger", "ledger"]
    yield [*make, "ftp://host/x"], "no store that is known"
    yield [*make, "s3://bucket-that-is-not-there/x"], "no such bucket"
    yield [*make, "{in}/nothing"], "no object below it"
    yield [*make, "{in}", "{in}/"], "two sources of one name"
    yield ["shard", "--into", "{out}", "{in}"], "lies on a disk"
    yield [*run, "--output", "s3://bucket-that-is-not-there/x"], "no such bucket"
    yield [*run, "--output", "{in}/below"], "lies inside the source"
    yield [*run, "--output", "ftp://host/x"], "no store that is known"
    yield [*run, "--output", "{out}", "--sync"], "sync is about files"
    yield [*run, "--output", "out", "--validate"], "validate takes no URLs"
    yield [*run, "--output", "{out}", "-j", "257"], "from 1 to 256"
    yield [*run, "--in-place", "--hard-links", "write"], "hard_links is about files"
    yield [*run[:2], "--ledger", "{out}", "--in-place"], "lies on a disk"
    yield ["run-shard", "{in}/m.jsonl", "--ledger", "ledger", "--in-place"], "lies on a disk"


@pytest.mark.parametrize(("words", "why"), list(usage()), ids=[why for _, why in usage()])
def test_what_can_t_be_asked(moto_bucket: Bucket, tmp_path: Path, words: list[str], why: str) -> None:
    bucket = moto_bucket
    bucket.put("in/a.dcm", CT.read_bytes())
    before = bucket.all()
    (tmp_path / "m.jsonl").write_text(json.dumps({"source": bucket.at("in")}) + '\n{"key": "a.dcm", "size": 9}\n')
    places = {"{in}": bucket.at("in"), "{out}": bucket.at("out")}
    line = [re.sub(r"\{\w+\}", lambda found: places[found[0]], word) for word in words]
    arguments, environment = command(bucket, *line)
    ran = subprocess.run(
        arguments, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False
    )
    assert (ran.returncode, why in ran.stderr, SECRET in ran.stderr) == (2, True, False), ran.stderr
    assert bucket.all() == before
    assert not (tmp_path / "shards").exists()


def test_wrong_credentials_are_told_and_not_shown(s3s: str, tmp_path: Path) -> None:
    environment = environment_of(s3s) | {"AWS_ACCESS_KEY_ID": "AKIAWRONG", "PATH": "", "PYTHONPATH": "python"}
    line = [sys.executable, "-m", "dicomblank", "shard", "s3://bucket/in", "--into", str(tmp_path / "shards")]
    ran = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert (ran.returncode, "the store answers 403" in ran.stderr) == (2, True)
    assert "AKIAWRONG" not in ran.stderr
    assert SECRET not in ran.stderr
