"""On a file system that answers each call after 2 ms: as many files in flight as help, and none lost.

`make test-slow-disk` builds that file system and runs this.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import dicomblank
from benches.peers.corpora import SMALL
from peak import peak, searched
from slow_disk import DELAY, mounted, why_not

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LEVEL = "anonymize-full"
CPUS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
# Two a CPU are where a run begins.
LEAST = 2 * CPUS

needs_slow_disk = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


@pytest.fixture
def behind(tmp_path: Path) -> Path:
    """The folder that is seen late."""
    folder = tmp_path / "behind"
    folder.mkdir()
    return folder


@pytest.fixture
def point(tmp_path: Path) -> Path:
    folder = tmp_path / "point"
    folder.mkdir()
    return folder


@pytest.fixture
def memory() -> Iterator[Path]:
    shm = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
    if not os.access(shm, os.W_OK):
        pytest.skip("there is no folder in memory")
    with tempfile.TemporaryDirectory(dir=shm) as name:
        yield Path(name)


def blanked(study: Path) -> dict[Path, bytes]:
    """What is to become of each file, by its path."""
    return {
        path.relative_to(study): bytes(dicomblank.anonymize_bytes(path.read_bytes(), LEVEL))
        for path in study.rglob("*.dcm")
    }


def contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@needs_slow_disk
# Of a folder, one entry is made after the other; and each folder is listed by some calls, in which time no file waits.
@pytest.mark.parametrize(("how", "folders", "each"), [("in place", 60, 100), ("copy", 40, 20)])
def test_the_default_puts_many_files_in_flight_and_does_each(
    how: str, folders: int, each: int, behind: Path, point: Path
) -> None:
    count = each * folders
    for number in range(folders):
        SMALL[0].write(behind / f"study/{number}", each)
    expected = blanked(behind / "study")
    seen: list[dicomblank.Progress] = []
    with mounted(behind, point) as disk:
        if how == "in place":
            report = dicomblank.anonymize_in_place(point / "study", LEVEL, progress=seen.append)
        else:
            report = dicomblank.anonymize_copy(point / "study", point / "out", LEVEL, progress=seen.append)
    assert (report.anonymized, report.files) == (count, count)
    assert max(progress.in_flight for progress in seen) > max(16, LEAST)
    assert contents(behind / ("study" if how == "in place" else "out")) == expected
    # They were in flight, and not only said to be.
    assert disk.most_at_once > max(16, LEAST)
    assert disk.count >= 5 * count


@needs_slow_disk
def test_the_memory_of_many_in_flight_is_bounded(behind: Path, point: Path) -> None:
    """What README.md promises, where the default has as many in flight as it ever has."""
    (behind / "idle").mkdir()
    searched(behind / "study", 96)
    with mounted(behind, point) as disk:
        outcome, idle = peak("in-place", point / "idle", workers=0)
        assert outcome == "done"
        outcome, used = peak("copy-looking", point / "study", point / "out", workers=0)
    assert outcome == "done"
    assert disk.most_at_once > 16
    assert used - idle < 100


@needs_slow_disk
def test_a_number_that_is_asked_for_stays(behind: Path, point: Path) -> None:
    SMALL[0].write(behind / "study", 100)
    seen: list[dicomblank.Progress] = []
    with mounted(behind, point) as disk:
        report = dicomblank.anonymize_in_place(point / "study", LEVEL, workers=2, progress=seen.append)
    assert report.anonymized == 100
    assert {progress.in_flight for progress in seen} <= {0, 1, 2}
    # The delay is real: two workers wait for at least five calls a file.
    assert report.seconds >= 100 * 5 * DELAY / 2
    # What nobody waits for, such as the end of a file that was closed, is under way beside them, and so is the listing.
    assert disk.most_at_once <= 2 * 2 + 2


def test_from_memory_there_are_no_more_than_two_a_processor(memory: Path) -> None:
    SMALL[0].write(memory, 40_000)
    alone: list[int] = []
    for _ in range(12):  # those behind the first find them blank, and read as much
        used, most = used_and_most(memory)
        # Any other program takes more than these 3 %, and where one has a processor, more files are tried.
        if used > 0.97:
            alone.append(most)
        if len(alone) == 3:
            break
    else:
        pytest.skip("other programs have the processors, and then more are tried")
    assert min(alone) <= LEAST, alone


def used_and_most(study: Path) -> tuple[float, int]:
    """Which part of all processors a run had, and how many files were in flight at most."""
    seen: list[dicomblank.Progress] = []
    used = time.process_time()
    report = dicomblank.anonymize_in_place(study, LEVEL, leftovers="warn", progress=seen.append)
    used = time.process_time() - used
    assert report.anonymized + report.unchanged == report.files == 40_000
    assert len(seen) > 1, "a run as short as this shows nothing"
    return used / report.seconds / CPUS, max(progress.in_flight for progress in seen)


@needs_slow_disk
def test_calls_wait_beside_each_other(behind: Path, point: Path) -> None:
    """Looks into one folder, too: a kernel that is not asked for that has one wait for the other."""
    delay, names = 0.05, [str(number) for number in range(32)]
    for name in names:
        (behind / name).write_text(name)
    with mounted(behind, point, delay) as disk:
        begin = time.monotonic()
        (point / "0").stat()
        alone = time.monotonic() - begin
        begin = time.monotonic()
        with ThreadPoolExecutor(len(names)) as pool:
            assert list(pool.map(lambda name: (point / name).read_text(), names)) == names
        together = time.monotonic() - begin
    assert alone >= delay
    assert together >= 3 * delay
    assert together < len(names) * delay
    assert disk.most_at_once > len(names) / 2
    assert disk.calls["lookup"] >= len(names)


@needs_slow_disk
def test_what_is_done_is_done_behind(behind: Path, point: Path) -> None:
    with mounted(behind, point) as disk:
        folder = point / "folder"
        folder.mkdir(mode=0o750)
        file = folder / "file"
        file.write_bytes(b"0123456789" * 100_000)
        with file.open("r+b") as opened:
            os.pwrite(opened.fileno(), b"ab", 500_000)
            os.fsync(opened.fileno())
            opened.truncate(900_000)
            assert os.fstat(opened.fileno()).st_size == 900_000
        file.chmod(0o640)
        os.utime(file, ns=(1_000_000_007, 2_000_000_009))
        os.setxattr(file, "user.what", b"value")
        os.link(file, folder / "link")
        (folder / "symlink").symlink_to("link")
        file.rename(point / "renamed")
        (folder / "gone").write_text("")
        (folder / "gone").unlink()
        (folder / "empty").mkdir()
        (folder / "empty").rmdir()
        assert sorted(path.name for path in folder.iterdir()) == ["link", "symlink"]
        assert os.getxattr(folder / "symlink", "user.what") == b"value"
        assert os.listxattr(point / "renamed") == ["user.what"]
        assert (point / "renamed").samefile(folder / "link")
        with pytest.raises(OSError, match=os.strerror(errno.EOPNOTSUPP)):
            os.open(point, os.O_TMPFILE | os.O_WRONLY)
    result = behind / "renamed"
    stat = result.stat()
    assert result.read_bytes() == b"0123456789" * 50_000 + b"ab23456789" + b"0123456789" * 39_999
    assert (oct(stat.st_mode), stat.st_nlink, stat.st_mtime_ns) == (oct(0o100640), 2, 2_000_000_009)
    assert os.getxattr(result, "user.what") == b"value"
    assert oct((behind / "folder").stat().st_mode) == oct(0o040750)
    assert (behind / "folder/symlink").readlink() == Path("link")
    assert disk.calls["rename"] == 1


@needs_slow_disk
def test_locks_hold(behind: Path, point: Path) -> None:
    (behind / "file").write_text("")
    with mounted(behind, point), (point / "file").open("r+") as first, (point / "file").open("r+") as second:
        fcntl.flock(first, fcntl.LOCK_EX)
        with pytest.raises(BlockingIOError):
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with (behind / "file").open() as directly, pytest.raises(BlockingIOError):
            fcntl.flock(directly, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(first, fcntl.LOCK_UN)
        fcntl.flock(second, fcntl.LOCK_EX)
        fcntl.lockf(second, fcntl.LOCK_EX)
        other = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
        done = subprocess.run(
            [sys.executable, "-c", other, str(point / "file")], capture_output=True, text=True, check=False
        )
        assert "BlockingIOError" in done.stderr


@needs_slow_disk
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_it_ends_with_who_started_it(how: signal.Signals, behind: Path, point: Path) -> None:
    """Also in the middle of its work, with a file open."""
    program = f"""
import sys, time
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from slow_disk import mounted
with mounted(Path({str(behind)!r}), Path({str(point)!r})):
    open({str(point / "open")!r}, "w")
    opened = open({str(point / "open")!r})
    print("ready", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == b"ready\n"
        assert is_mounted(point)
        started.send_signal(how)
    deadline = time.monotonic() + 20
    while is_mounted(point) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_mounted(point)
    assert list(point.iterdir()) == []


def is_mounted(point: Path) -> bool:
    """Without a look at it, which would be a call that it has to answer."""
    return any(line.split()[1] == str(point) for line in Path("/proc/mounts").read_text().splitlines())
