"""Copies of small objects between buckets, beside a plain loop of obstore's get and put: `make bench-stores`.

Both have the same number in flight, and are timed in turn; the plain loop changes no byte, and lists nothing. The
server runs on the same processors, so that the figures tell of both together.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import obstore
import pydicom
from obstore.store import S3Store

import dicomblank

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
S3S = ROOT / "target" / "s3s" / "bin" / "s3s-fs"
SIZE = 8 * 1024
BAR = 0.8
IN = "bench-in"
SECRET = "testing-secret"  # noqa: S105


def scan() -> bytes:
    """A CT slice, cut to 8 KiB."""
    data = (Path(pydicom.__file__).parent / "data" / "test_files" / "CT_small.dcm").read_bytes()
    head = data[: data.rindex(b"\xe0\x7f\x10\x00OW")]
    pixels = SIZE - len(head) - 12
    return head + b"\xe0\x7f\x10\x00OW\0\0" + pixels.to_bytes(4, "little") + bytes(pixels)


def started(server: str, folder: str) -> tuple[subprocess.Popen[bytes], str]:
    """A server, and its URL."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = str(one.getsockname()[1])
    command = {
        "s3s-fs": [str(S3S), "--host", "127.0.0.1", "--port", port, "--access-key", "testing", "--secret-key", SECRET],
        "moto": [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port],
    }[server] + ([folder] if server == "s3s-fs" else [])
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", int(port))) == 0:
                return process, f"http://127.0.0.1:{port}"
        time.sleep(0.1)
    raise SystemExit(f"{server} does not answer")


def plain(keys: list[str], target: str, in_flight: int) -> None:
    """A loop of get and put to a bucket, by threads: it did more objects a second than obstore's calls for asyncio."""
    source, output = S3Store(IN), S3Store(target)
    left, lock = iter(keys), threading.Lock()

    def work() -> None:
        while True:
            with lock:
                key = next(left, None)
            if key is None:
                return
            data = obstore.get(source, key).bytes()
            obstore.put(output, key, data, mode="create", use_multipart=False)

    threads = [threading.Thread(target=work) for _ in range(in_flight)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def ours(keys: list[str], target: str, in_flight: int) -> None:
    """The same by dicomblank, which lists as it goes on."""
    report = dicomblank.anonymize_copy(f"s3://{IN}/scans", f"s3://{target}/scans", workers=in_flight)
    assert report.anonymized == len(keys)


def measured(server: str, count: int, rounds: int, in_flight: int) -> float:
    """Fills a bucket, and lets both copy it in turn. Returns how much of the plain loop's pace dicomblank has."""
    folder = tempfile.mkdtemp()
    process, url = started(server, folder)
    try:
        os.environ |= {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
        }
        client: Any = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=IN)
        data, store = scan(), S3Store(IN)
        keys = [f"scans/{number:06}.dcm" for number in range(count)]
        with ThreadPoolExecutor(32) as pool:
            list(pool.map(lambda key: obstore.put(store, key, data, use_multipart=False), keys))
        paces: dict[Callable[[list[str], str, int], None], list[float]] = {plain: [], ours: []}
        for number in range(rounds):
            for run, found in paces.items():
                target = f"{run.__name__}-{number}"  # a new one: s3s-fs looks at a whole bucket to list a part of it
                client.create_bucket(Bucket=target)
                start = time.perf_counter()
                run(keys, target, in_flight)
                found.append(count / (time.perf_counter() - start))
        of_plain, of_ours = (statistics.median(found) for found in paces.values())
        print(f"| {server} | {in_flight} | {of_plain:,.0f} | {of_ours:,.0f} | {of_ours / of_plain:.2f} |")
        return of_ours / of_plain
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def main() -> int:
    """Prints a row for each server. The exit code is 1 where one is below the bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="objects, of 8 KiB each")
    parser.add_argument("--rounds", type=int, default=5, help="times that each copies them")
    parser.add_argument("--in-flight", type=int, default=64, help="objects in flight")
    parser.add_argument("--servers", nargs="+", choices=["s3s-fs", "moto"], default=["s3s-fs", "moto"])
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| server | in flight | plain loop, objects/s | dicomblank, objects/s | of the plain loop |")
    print("|---|---|---|---|---|")
    shares = [measured(server, args.count, args.rounds, args.in_flight) for server in args.servers]
    return 0 if min(shares) >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
