"""What a test needs of the system: file systems of its own, and a user for whom permission bits count."""

import functools
import os
import subprocess
import tempfile
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
