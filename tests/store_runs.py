"""Runs over stores, for their tests: what is looked at behind them, and how one is killed at the right time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from buckets import environment_of, plain_name
from elements import EXPLICIT, part10
from samples import all_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from buckets import Bucket

#: As many as the issue asks for. moto's server is written in Python, and gets a fifth.
COUNTS = {"s3s": 5000, "moto": 1000}
PLANTED = b"QXZJ"
#: Objects, if nothing else is asked for.
IN_FLIGHT = 64
# Larger ones are written in parts: see test_large.py.
SMALL = [path for path in all_files() if path.stat().st_size < 8 * 1024 * 1024]


def put_samples(bucket: Bucket, folder: Path) -> None:
    """Puts all small samples below "in/", and the same files into a folder."""
    for path in SMALL:
        name = plain_name(path)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(path.read_bytes())
        bucket.put(f"in/{name}", path.read_bytes())


def rows_of(report: Path, *apart: str) -> list[dict[str, Any]]:
    """The rows of a report file, sorted, without what differs by the place."""
    rows = [json.loads(line) for line in report.read_text().splitlines()]
    kept = [{name: value for name, value in row.items() if name not in apart} for row in rows if row["row"] == "file"]
    return sorted(kept, key=lambda row: row["path"])


def scan(number: int) -> bytes:
    """A small file with a planted name and an identifier of its own."""
    elements = [
        (0x0008_0018, "UI", b"1.2.840.99.%d\0" % number if number % 2 else b"1.2.840.99.%d" % (number + 10**6)),
        (0x0010_0010, "PN", PLANTED + b"^%07d" % number),
        (0x0010_0020, "LO", b"ID-%07d" % number),
        (0x7FE0_0010, "OW", bytes(2000)),
    ]
    return bytes(part10(EXPLICIT.uid, *(EXPLICIT.element(tag, vr, value) for tag, vr, value in elements)))


def everything(bucket: Bucket, prefix: str) -> dict[str, bytes]:
    """All objects below a prefix, got by many threads."""
    keys = bucket.keys(prefix)
    with ThreadPoolExecutor(16) as pool:
        return dict(zip((key.removeprefix(prefix) for key in keys), pool.map(bucket.get, keys), strict=True))


def started(bucket: Bucket, *words: str) -> subprocess.Popen[str]:
    """The command, running."""
    environment = {"PATH": "", "PYTHONPATH": "python"} | environment_of(bucket.url)
    command = [sys.executable, "-m", "dicomblank", "anonymize", *words]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill_at_a_quarter(bucket: Bucket, report: Path, count: int, *words: str) -> None:
    """The command, killed when its report tells of a quarter of so many objects."""
    process = started(bucket, *words, "--report", str(report))
    wait_until(lambda: len(told(report)) > count // 4, process)
    process.kill()
    process.communicate()


def counts_of(bucket: Bucket, report: Path, *words: str) -> dict[str, int]:
    """The command, which does all and says nothing; and the counts of its report."""
    process = started(bucket, *words, "--report", str(report))
    _, said = process.communicate(timeout=500)
    assert (process.returncode, said) == (0, "")
    counts: dict[str, int] = json.loads(report.read_text().splitlines()[-1])["counts"]
    return counts


def wait_until(is_so: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 300
    while not is_so():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


def told(report: Path) -> set[str]:
    """The objects of which a report tells, which may not be written to its end."""
    lines = report.read_text().splitlines() if report.exists() else []
    rows = [json.loads(line) for line in lines if line.endswith("}")]
    return {row["path"] for row in rows if row["row"] == "file"}
