"""Runs that are killed and stores that fail: nothing is lost or half done, and all is counted as in a quiet run."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

import dicomblank
from buckets import SECRET, environment_of
from dicomblank import Key
from dicomblank.stores import patience
from faulty import Proxy
from samples import CT
from store_runs import IN_FLIGHT, PLANTED, counts_of, everything, kill_at_a_quarter, scan, started, told, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from buckets import Bucket

# s3s-fs can't be asked what it does with old versions: see test_shards.py.
pytestmark = pytest.mark.filterwarnings("ignore:s3:UserWarning")

KEY = Key(bytes(range(32)))


def test_a_copy_that_is_killed_is_finished_by_the_next(filled: tuple[Bucket, dict[str, bytes]], tmp_path: Path) -> None:
    bucket, scans = filled
    expected = {name: dicomblank.anonymize_bytes(data) for name, data in scans.items()}
    report = tmp_path / "killed.jsonl"
    words = [bucket.at("in"), "--output", bucket.at("out")]
    kill_at_a_quarter(bucket, report, len(scans), *words)
    killed = everything(bucket, "out/")
    assert len(killed) < len(scans)
    assert all(expected[name] == data for name, data in killed.items())
    assert told(report) <= killed.keys()

    counts = counts_of(bucket, tmp_path / "next.jsonl", *words, "--skip-existing")
    # What was under way when it was killed, the server may have brought to its end since it was looked at.
    assert len(killed) <= counts["skipped"] <= len(killed) + IN_FLIGHT
    assert counts["anonymized"] == len(scans) - counts["skipped"]
    assert everything(bucket, "out/") == expected
    assert not any(PLANTED in data for data in expected.values())


def test_in_place_that_is_killed_is_finished_by_the_next(
    filled: tuple[Bucket, dict[str, bytes]], tmp_path: Path
) -> None:
    """With keyed values, of which twice would be another thing."""
    bucket, scans = filled
    KEY.save(key := tmp_path / "key")
    expected = {name: dicomblank.anonymize_bytes(data, "pseudonymize", key=KEY) for name, data in scans.items()}
    report = tmp_path / "killed.jsonl"
    words = [bucket.at("in"), "--in-place", "--level", "pseudonymize", "--key", str(key)]
    kill_at_a_quarter(bucket, report, len(scans), *words)
    killed = everything(bucket, "in/")
    done = {name for name, data in killed.items() if data == expected[name]}
    assert all(killed[name] == scans[name] for name in killed.keys() - done)
    assert told(report) <= done
    assert len(done) < len(scans)

    process = started(bucket, *words, "--report", str(tmp_path / "next.jsonl"))
    _, said = process.communicate(timeout=500)
    assert process.returncode == 0, said
    counts = json.loads((tmp_path / "next.jsonl").read_text().splitlines()[-1])["counts"]
    assert len(done) <= counts["unchanged"] <= len(done) + IN_FLIGHT
    assert counts["anonymized"] == len(scans) - counts["unchanged"]
    assert everything(bucket, "in/") == expected


def test_ctrl_c_ends_a_run_and_says_how_it_goes_on(filled: tuple[Bucket, dict[str, bytes]], tmp_path: Path) -> None:
    bucket, scans = filled
    report = tmp_path / "stopped.jsonl"
    process = started(bucket, bucket.at("in"), "--output", bucket.at("out"), "--report", str(report))
    wait_until(lambda: report.exists() and report.read_bytes().count(b"\n") > 100, process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "--skip-existing" in said
    rows = [json.loads(line) for line in report.read_text().splitlines()]
    assert rows[-1]["end"] == "interrupted"
    copies = everything(bucket, "out/")
    assert len(copies) == rows[-1]["counts"]["anonymized"] < len(scans)
    assert all(data == dicomblank.anonymize_bytes(scans[name]) for name, data in copies.items())


@pytest.mark.parametrize("is_copy", [True, False])
def test_503s_cut_connections_and_lost_answers(
    filled: tuple[Bucket, dict[str, bytes]], is_copy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenth of all requests fails, in four ways. A run takes longer, and does the same."""
    bucket, scans = filled
    level: Any = "anonymize-full"
    expected = {name: dicomblank.anonymize_bytes(data, level) for name, data in scans.items()}
    random = Random(16)  # noqa: S311

    def fault(number: int, method: str, path: str) -> str | None:
        return random.choice(["503", "cut", "lost", "503"]) if random.random() < 0.1 else None

    with Proxy(bucket.url, fault) as proxy:
        for name, value in environment_of(proxy.url).items():
            monkeypatch.setenv(name, value)
        if is_copy:
            report = dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"), level)
        else:
            report = dicomblank.anonymize_in_place(bucket.at("in"), level)
        assert min(proxy.counts[what] for what in ("503", "cut", "lost")) > len(scans) // 50
    assert report.anonymized == report.files == len(scans)
    assert everything(bucket, "out/" if is_copy else "in/") == expected
    if is_copy:
        assert everything(bucket, "in/") == scans


def test_a_store_that_is_throttled_slows_the_run_down(moto_bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than 4 requests at a time are refused: the number in flight goes down, and no object fails."""
    bucket = moto_bucket
    for number in range(60):
        bucket.put(f"in/{number:02}.dcm", CT.read_bytes())
    limits: list[int] = []
    real = patience.Gate.slow_down
    monkeypatch.setattr(patience, "CALM", 0.05)

    def slow_down(gate: patience.Gate) -> None:
        real(gate)
        limits.append(gate.limit)

    monkeypatch.setattr(patience.Gate, "slow_down", slow_down)
    refused = iter([True] * 100)

    def fault(number: int, method: str, path: str) -> str | None:
        return "503" if number > 10 and next(refused, False) else None

    with Proxy(bucket.url, fault) as proxy:
        for name, value in environment_of(proxy.url).items():
            monkeypatch.setenv(name, value)
        report = dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"))
    assert report.anonymized == 60
    assert min(limits) <= 8


def test_a_store_that_fails_for_good_is_told(moto_bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = moto_bucket
    for name in ("a", "b"):
        bucket.put(f"in/{name}.dcm", CT.read_bytes())
    monkeypatch.setattr(patience, "THROTTLED", 1.0)
    monkeypatch.setattr(patience, "FAILING", 1.0)

    def fault(number: int, method: str, path: str) -> str | None:
        return ("503" if path.endswith("a.dcm") else "cut") if method == "PUT" else None

    with Proxy(bucket.url, fault) as proxy:
        for name, value in environment_of(proxy.url).items():
            monkeypatch.setenv(name, value)
        report = dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"), on_error="collect")
    told = {row.path: (row.outcome, row.kind, row.error) for row in report.faults}
    assert told["a.dcm"] == ("failed", "store", "the store answers 503 (SlowDown)")
    assert told["b.dcm"] == ("failed", "store", "the store can't be reached, or breaks the connection")
    assert bucket.keys("out") == []


PROGRAM = """
import sys, dicomblank
report = dicomblank.anonymize_copy(sys.argv[1], sys.argv[2])
assert report.anonymized == 24
"""


def test_forty_programs_that_succeed_exit_with_0(moto_bucket: Bucket) -> None:
    for number in range(24):
        moto_bucket.put(f"in/{number}.dcm", scan(number))
    environment = {"PATH": "", "PYTHONPATH": "python"} | environment_of(moto_bucket.url)
    codes = []
    for number in range(40):
        command = [sys.executable, "-c", PROGRAM, moto_bucket.at("in"), moto_bucket.at(f"out{number}")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        codes.append((done.returncode, done.stderr))
    assert codes == [(0, "")] * 40


MEASURED = """
import os, re, sys, dicomblank
most = 0
def progress(_):
    global most
    most = max(most, len(os.listdir("/proc/self/fd")))
report = dicomblank.anonymize_copy(sys.argv[1], sys.argv[2], workers=256, progress=progress)
peak = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())
print(report.anonymized, most, int(peak[1]) // 1024)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc tells of memory and handles")
def test_memory_and_handles_stay_small(bucket: Bucket) -> None:
    """256 in flight: many small objects, some of 12 MiB, and some that are written in parts."""
    sizes = [2000] * 600 + [12 * 1024 * 1024] * 24 + [24 * 1024 * 1024] * 8
    head = CT.read_bytes()
    head = head[: head.rindex(b"\xe0\x7f\x10\x00OW")]
    for number, size in enumerate(sizes):
        bucket.put(f"in/{number:03}.dcm", head + b"\xe0\x7f\x10\x00OW\0\0" + size.to_bytes(4, "little") + bytes(size))
    environment = {"PATH": "", "PYTHONPATH": "python"} | environment_of(bucket.url)
    command = [sys.executable, "-c", MEASURED, bucket.at("in"), bucket.at("out")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=500, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    anonymized, handles, peak = map(int, done.stdout.split())
    assert anonymized == len(sizes)
    assert handles < 1000
    assert peak < 512, f"{peak} MiB"


def test_nothing_that_is_said_holds_credentials_or_values(moto_bucket: Bucket, tmp_path: Path) -> None:
    for number in range(3):
        moto_bucket.put(f"in/{number}.dcm", scan(number))
    moto_bucket.put("in/cut.dcm", scan(1)[:240])
    process = started(moto_bucket, moto_bucket.at("in"), "-o", moto_bucket.at("out"), "--report", str(tmp_path / "r"))
    said = "".join(process.communicate(timeout=60)) + (tmp_path / "r").read_text()
    assert process.returncode == 1
    assert SECRET not in said
    assert PLANTED.decode() not in said
