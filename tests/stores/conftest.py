"""Servers over loopback for the tests of object stores: moto's, and s3s-fs where it is built.

Run by `make test-stores`. Where moto is missing, as for `make test`, none of these tests is collected.
"""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

HAS_MOTO = importlib.util.find_spec("moto") is not None
collect_ignore_glob = [] if HAS_MOTO else ["test_*.py"]

if HAS_MOTO:
    from buckets import SECRET, Bucket
    from store_runs import COUNTS, scan

ROOT = Path(__file__).parents[2]
S3S = ROOT / "target" / "s3s" / "bin" / "s3s-fs"


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def ended(process: "subprocess.Popen[bytes]") -> None:
    """Ends a server, by its own process."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Waits until a server answers, whatever it says."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "the server has ended"
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The URL of moto's server."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(url, process)
        yield url
    finally:
        ended(process)


@pytest.fixture(scope="session")
def s3s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of s3s-fs."""
    if not S3S.exists():
        pytest.skip("s3s-fs is not built: make stores-server")
    port, root = free_port(), tmp_path_factory.mktemp("s3s")
    url = f"http://127.0.0.1:{port}"
    command = [str(S3S), "--host", "127.0.0.1", "--port", str(port), "--access-key", "testing", "--secret-key", SECRET]
    process = subprocess.Popen([*command, str(root)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(url, process)
        yield url
    finally:
        ended(process)
        shutil.rmtree(root)


@pytest.fixture(params=["moto", "s3s"])
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> "Bucket":
    """A new bucket, of each server in turn, which the environment leads to."""
    return _bucket(request.getfixturevalue(request.param), monkeypatch)


@pytest.fixture
def moto_bucket(moto: str, monkeypatch: pytest.MonkeyPatch) -> "Bucket":
    """A new bucket of moto's server alone: for what s3s-fs does not have."""
    return _bucket(moto, monkeypatch)


@pytest.fixture
def s3s_bucket(s3s: str, monkeypatch: pytest.MonkeyPatch) -> "Bucket":
    """A new bucket of s3s-fs alone."""
    return _bucket(s3s, monkeypatch)


def _bucket(url: str, monkeypatch: pytest.MonkeyPatch) -> "Bucket":
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    bucket = Bucket.create(url)
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    return bucket


@pytest.fixture
def filled(request: pytest.FixtureRequest, bucket: "Bucket") -> "tuple[Bucket, dict[str, bytes]]":
    """A bucket with many scans below in/, and what they are."""
    params = request.node.callspec.params
    # In place through a proxy written in Python takes four requests an object, and as long as all other tests.
    is_slow = "s3s" not in params.values() or params.get("is_copy") is False
    count = COUNTS["moto" if is_slow else "s3s"]
    scans = {f"{number % 10}/{number:05}.dcm": scan(number) for number in range(count)}
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda item: bucket.put(f"in/{item[0]}", item[1]), scans.items()))
    return bucket, scans
