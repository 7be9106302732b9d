"""What a test needs of the system: file systems and a network of its own, a user for whom permission bits count."""

import contextlib
import ctypes
import fcntl
import functools
import os
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SMALL = "mount -t tmpfs -o size=64k none"


def mounting(before: str, after: str = "true") -> list[str]:
    """The words before a command that mount what the shell lines `before` say, and run the lines `after` it.

    The mounts are seen by that command alone and gone when it ends, however it ends. Skips where none can be made.
    """
    words = _unshare()
    if words is None:
        pytest.skip("no file system can be mounted here: neither root nor user namespaces")
    return [*words, "sh", "-c", f'set -e; {before}; set +e; "$@"; code=$?; {after}; exit $code', "sh"]


@functools.cache
def _unshare() -> list[str] | None:
    with tempfile.TemporaryDirectory() as folder:
        for words in (["unshare", "-m"], ["unshare", "-r", "-m"]):
            if _succeeds([*words, "sh", "-c", f'{SMALL} "$0"', folder]):
                return words
    return None


@contextlib.contextmanager
def own_network() -> Iterator[None]:
    """A network in which there is nobody but this thread and what it starts, at 127.0.0.1 alone.

    Takes root. For another user it is the network of the machine.
    """
    new_net, libc = 0x4000_0000, ctypes.CDLL(None, use_errno=True)
    own = Path("/proc/thread-self/ns/net")
    if _NETWORKS or not own.exists() or os.geteuid() != 0:
        yield  # the one around is shared
        return
    before = os.open(own, os.O_RDONLY)
    try:
        if libc.unshare(new_net) != 0:
            yield
            return
        _NETWORKS.append(before)
        try:
            _raise_loopback()
            yield
        finally:
            _NETWORKS.pop()
            if libc.setns(before, new_net) != 0:
                raise OSError(ctypes.get_errno(), "can't go back to the network of the machine")
    finally:
        os.close(before)


# What to go back to, while there is a network of our own.
_NETWORKS: list[int] = []


def _raise_loopback() -> None:
    get_flags, set_flags, is_up = 0x8913, 0x8914, 1
    with socket.socket() as any_socket:
        answer = fcntl.ioctl(any_socket, get_flags, struct.pack("16sH14x", b"lo", 0))
        flags = struct.unpack("16sH14x", answer)[1]
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sH14x", b"lo", flags | is_up))


def bound_by_permissions() -> list[str]:
    """The words before a command that make permission bits count for it: none, unless the tests are run by root.

    Root without two of its capabilities; not another user, for whom the interpreter's folders may be closed.
    """
    words = _bound()
    if words is None:
        pytest.skip("root, for whom permissions don't count, and there is no setpriv to change that")
    return words


@functools.cache
def _bound() -> list[str] | None:
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    with tempfile.TemporaryDirectory() as folder:
        closed = Path(folder) / "closed"
        closed.touch(mode=0)
        for words in ([], drop):
            if _succeeds([*words, "true"]) and not _succeeds([*words, "cat", os.fspath(closed)]):
                return words
    return None


def _succeeds(words: list[str]) -> bool:
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
