"""A folder, seen through a file system that answers each call late: `slow_disk` of benches/rust, and who ends it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(__file__).parents[1] / "target/benches/release/slow_disk"
DEVICE = Path("/dev/fuse")
#: Of each call, in seconds.
DELAY = 0.002


def why_not() -> str | None:
    """Why there can be none here, or None."""
    if sys.platform != "linux":
        return "the slow file system is for Linux alone"
    if not PROGRAM.exists():
        return "the slow file system is not built: make slow-disk"
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        return f"{DEVICE} is not there, or not for this user"
    if os.geteuid() != 0 and shutil.which("fusermount3") is None:
        return "only root can mount here: fusermount3 is missing (apt-get install fuse3)"
    return None


class SlowDisk:
    """What it was asked, once it has ended."""

    def __init__(self) -> None:
        self.calls: dict[str, int] = {}
        self.most_at_once = 0

    @property
    def count(self) -> int:
        """All calls."""
        return sum(self.calls.values())


@contextmanager
def mounted(folder: Path, point: Path, delay: float = DELAY) -> Iterator[SlowDisk]:
    """`folder` is seen at `point`. At the end it is unmounted; if this process ends before, its other end sees it."""
    words = [str(PROGRAM), str(folder), str(point), str(1000 * delay)]
    # In a session of its own: a Ctrl-C in the terminal is for this process alone, which then ends it.
    program = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
    disk = SlowDisk()
    try:
        assert program.stdin is not None
        assert program.stdout is not None
        said = program.stdout.readline()
        assert said == "mounted\n", said
        yield disk
        program.stdin.close()
        disk.__dict__.update(json.loads(program.stdout.read()))
        assert program.wait(timeout=30) == 0
    finally:
        _end(program, point)


def _end(program: subprocess.Popen[str], point: Path) -> None:
    for stream in (program.stdin, program.stdout):
        assert stream is not None
        stream.close()
    try:
        program.wait(timeout=30)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()
    if os.path.ismount(point):  # it did not end as it should
        unmount = ["umount", "--lazy"] if os.geteuid() == 0 else ["fusermount3", "-uz"]
        subprocess.run([*unmount, str(point)], check=False)
