"""examples/blanked_dataset.py: workers, forked or spawned, blank what they read, and no key is pickled."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydicom
import pytest

import dicomblank
from blanked_dataset import BlankedScans, Refused
from dicomblank import Key, Level
from pipelines import EXAMPLES, NEED, ROOT, key_file, real_files, refused_at_pseudonymize, several
from samples import CT, damaged_ct

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = Path(__file__).with_name("loading.py")
LEVELS = [Level.ANONYMIZE_FULL, Level.PSEUDONYMIZE]


@functools.cache
def with_torch() -> str | None:
    """An interpreter that has torch: this one, or Debian's."""
    for python in (sys.executable, "/usr/bin/python3"):
        words = [python, "-c", "import sys, torch; sys.exit(sys.version_info < (3, 11))"]
        if Path(python).exists() and subprocess.run(words, capture_output=True, check=False).returncode == 0:
            return python
    return None


def loaded(words: Sequence[str | Path]) -> list[Any]:
    """What loading.py prints: an interpreter, and its arguments."""
    python, *arguments = words
    done = subprocess.run(
        [python, PROGRAM, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "python", EXAMPLES)))},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("engine", ["multiprocessing", "torch"])
def test_workers_blank_what_they_read(tmp_path: Path, engine: str, method: str, level: Level) -> None:
    """Every file once; what is refused is said, and is no scan."""
    python = with_torch() if engine == "torch" else sys.executable
    if python is None:
        pytest.skip(f"needs torch: {NEED}")
    path = key_file(tmp_path) if level is Level.PSEUDONYMIZE else None
    becomes = dict(real_files(level, Key.load(path) if path else None))
    (tmp_path / "gone.dcm").touch(mode=0)
    (tmp_path / "gone.dcm").unlink()
    files = [*becomes, tmp_path / "gone.dcm"]
    rows = loaded([python, engine, method, level.value, path or "-", *files])
    assert sorted(row["scan"] for row in rows if "scan" in row) == sorted(
        hashlib.sha256(data).hexdigest() for data in becomes.values() if data is not None
    )
    reasons = {files[row["refused"]]: row["reason"] for row in rows if "refused" in row}
    assert set(reasons) == {file for file in files if becomes.get(file) is None}
    assert reasons[tmp_path / "gone.dcm"] == "FileNotFoundError: No such file or directory"


def test_the_example_of_the_page_runs(tmp_path: Path) -> None:
    python = with_torch()
    if python is None:
        pytest.skip(f"needs torch: {NEED}")
    [script] = re.findall(r"```python\n(.*?)```", (ROOT / "docs/imports.md").read_text(), re.DOTALL)
    (tmp_path / "program.py").write_text(script)
    (tmp_path / "study").mkdir()
    shutil.copy(CT, tmp_path / "study" / "scan.dcm")
    key_file(tmp_path)
    # pydicom alone of this interpreter's packages: NumPy has to be the one that torch is built with.
    (tmp_path / "packages").mkdir()
    for each in Path(pydicom.__file__).parents[1].glob("pydicom*"):
        (tmp_path / "packages" / each.name).symlink_to(each)
    path = os.pathsep.join(map(str, (ROOT / "python", EXAMPLES, tmp_path / "packages")))
    done = subprocess.run(
        [python, "program.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "1 scans 0 refused\n"), done.stderr


def test_no_key_is_pickled(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    file = tmp_path / "scan.dcm"
    file.write_bytes(several(Level.PSEUDONYMIZE)[0].data)
    scans = BlankedScans([file], Level.PSEUDONYMIZE, bytes, path)
    first = scans[0]
    secret = max(path.read_text().split(), key=len).encode()
    assert len(secret) >= 32
    travelled = pickle.dumps(scans)
    assert secret not in travelled
    assert b"secret.key" in travelled
    again = pickle.loads(travelled)  # noqa: S301 (made above)
    assert again[0] == first == dicomblank.anonymize_bytes(file.read_bytes(), Level.PSEUDONYMIZE, key=Key.load(path))


def test_what_is_refused_says_why_without_a_value(tmp_path: Path) -> None:
    refused = refused_at_pseudonymize()
    files = [tmp_path / "uid.dcm", tmp_path / "damaged.dcm"]
    for file, data in zip(files, (refused.data, damaged_ct()), strict=True):
        file.write_bytes(data)
    scans = BlankedScans(files, Level.PSEUDONYMIZE, bytes, key_file(tmp_path))
    one, other = scans[0], scans[1]
    assert isinstance(one, Refused)
    assert isinstance(other, Refused)
    assert one.reason.startswith("UnsupportedError: a UID that has other characters")
    assert other.reason.startswith("TruncatedError: ")
    assert not any(secret.decode() in one.reason for secret in refused.secrets)


@pytest.mark.parametrize(
    ("level", "key", "error"),
    [
        (Level.PSEUDONYMIZE, None, ValueError),
        (Level.PSEUDONYMIZE, "nowhere", FileNotFoundError),
        (Level.ANONYMIZE, "secret.key", ValueError),
    ],
)
def test_a_wrong_key_is_raised(tmp_path: Path, level: Level, key: str | None, error: type[Exception]) -> None:
    key_file(tmp_path)
    (tmp_path / "scan.dcm").write_bytes(several(Level.ANONYMIZE)[0].data)
    with pytest.raises(error):
        BlankedScans([tmp_path / "scan.dcm"], level, bytes, tmp_path / key if key else None)[0]
