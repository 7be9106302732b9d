"""`--sync` and `sync=`: what counts as done is on the disk, as far as the system can be asked for that."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dicomblank
from conftest import Command
from dicomblank import Key, Sync
from samples import CT

if TYPE_CHECKING:
    from collections.abc import Sequence

CALLS = "fsync,fdatasync,rename,renameat,renameat2,linkat,pwrite64"
Traced = Callable[..., "tuple[subprocess.CompletedProcess[str], list[str]]"]


@pytest.fixture
def traced(tmp_path: Path) -> Traced:
    """Runs the command under strace; returns it, and the calls with the paths that they were about."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed: only it sees what is asked of the disk")
    probe = subprocess.run([strace, "-qq", "-o", os.devnull, "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip("strace can't trace here")

    def run(*words: str, inject: str | None = None) -> "tuple[subprocess.CompletedProcess[str], list[str]]":
        log = tmp_path / "strace"
        options = ["-f", "-y", "-qq", "-s", "0", "-o", str(log), "-e", f"trace={CALLS}"]
        options += ["-e", f"inject={inject}"] if inject else []
        command: Sequence[str] = [strace, *options, sys.executable, "-m", "dicomblank", "anonymize", *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100)
        return done, [step for line in log.read_text().splitlines() if (step := short(line, tmp_path))]

    return run


def short(line: str, folder: Path) -> str | None:
    """The call's name, and the name of what it is about: a new name for a rename, none for other threads' halves.

    A file that has no name yet shows as its number.
    """
    found = re.search(r"\b(pwrite64|fsync|fdatasync)\(\d+<([^>]*)>", line)
    if found:
        call, path = found[1], Path(found[2])
    else:
        named = re.search(r'\b(rename|link)(?:at2?)?\(.*?"[^"]*", .*?"([^"]*)"', line)
        if not named or "ENOENT" in line:
            return None
        call, path = named[1], Path(named[2])
    name = re.sub(r"\.dicomblank-[0-9a-f]{16}\.part", "temporary", path.name)
    name = re.sub(r"#[0-9]+", "unnamed", name)
    return f"{call} {'.' if path == folder else name}"


def test_in_place(traced: Traced, ct: Path) -> None:
    writes = ["pwrite64 ct.dcm"]
    done, steps = traced("ct.dcm", "--in-place")
    assert (done.returncode, steps) == (0, writes)
    shutil.copy(CT, ct)
    done, steps = traced("ct.dcm", "--in-place", "--sync")
    assert (done.returncode, steps) == (0, [*writes, "fdatasync ct.dcm"])
    # An earlier run may have left it to the system's memory.
    done, steps = traced("ct.dcm", "--in-place", "--sync")
    assert (done.returncode, steps) == (0, ["fdatasync ct.dcm"])


def test_replaced_in_place(traced: Traced, ct: Path, tmp_path: Path) -> None:
    """What is to be written is on the disk first, and each mark of the file before and behind what it is about."""
    Key(bytes(range(32))).save(tmp_path / "key")
    words = ["ct.dcm", "--in-place", "--level", "pseudonymize", "--key", "key"]
    done, steps = traced(*words, "--sync")
    assert done.returncode == 0
    journal = ["fsync .dicomblank-journal", "fsync .", "pwrite64 temporary", "fdatasync temporary"]
    once = ["pwrite64 ct.dcm", "fdatasync ct.dcm"]
    assert [*steps[:4], *deduplicated(steps[4:])] == [*journal, *once, *once, *once]
    done, steps = traced(*words, "--sync")
    assert (done.returncode, steps) == (0, ["fdatasync ct.dcm"])
    shutil.copy(CT, ct)
    done, steps = traced(*words)
    assert done.returncode == 0
    assert deduplicated(steps) in (["pwrite64 temporary", "pwrite64 ct.dcm"], ["pwrite64 ct.dcm"])


def deduplicated(steps: list[str]) -> list[str]:
    """Several writes to one file in a row are one."""
    return [step for step, before in zip(steps, [None, *steps], strict=False) if step != before]


def test_what_was_replaced_and_cannot_be_synced_can_be_finished(traced: Traced, ct: Path, tmp_path: Path) -> None:
    """Its journal stays: what is on the disk may be half done, after a crash of the machine."""
    Key(bytes(range(32))).save(tmp_path / "key")
    words = ["ct.dcm", "--in-place", "--level", "pseudonymize", "--key", "key", "--sync"]
    for when in (2, 3, 4):
        shutil.copy(CT, ct)
        done, _ = traced(*words, inject=f"fdatasync:error=EIO:when={when}")
        assert done.returncode == 1
        assert "failed: ct.dcm: Input/output error" in done.stderr
        assert list(tmp_path.glob(".dicomblank-journal/*"))
        assert traced(*words)[0].returncode == 0
        after = dicomblank.anonymize_bytes(
            CT.read_bytes(), dicomblank.Level.PSEUDONYMIZE.rules, key=Key(bytes(range(32)))
        )
        assert ct.read_bytes() == after
        assert not (tmp_path / ".dicomblank-journal").exists()


def test_a_copy(traced: Traced, ct: Path) -> None:
    done, steps = traced("ct.dcm", "--output", "new/out/", "--sync")
    assert (done.returncode, steps[:2]) == (0, ["fsync new", "fsync ."])
    # Not every file system has files without a name.
    assert steps[2:] in (
        ["fsync unnamed", "link ct.dcm", "fsync out"],
        ["fsync temporary", "rename ct.dcm", "fsync out"],
    )
    done, steps = traced("ct.dcm", "--output", "new/out/", "--sync", "--overwrite")
    assert (done.returncode, steps) == (0, ["fsync temporary", "rename ct.dcm", "fsync out"])
    done, steps = traced("ct.dcm", "--output", "new/out/", "--sync", "--skip-existing")
    assert (done.returncode, steps) == (0, ["fsync ct.dcm", "fsync out"])
    done, steps = traced("ct.dcm", "--output", "new/out/", "--overwrite")
    assert (done.returncode, steps) == (0, ["rename ct.dcm"])


@pytest.mark.parametrize(
    ("where", "inject"),
    [
        ("--in-place", "fdatasync:error=EIO"),
        ("--output=out/", "fsync:error=EIO:when=1"),
        ("--output=out/", "fsync:error=EIO:when=2"),
        ("--output=out/", "fsync:error=EIO:when=3"),
    ],
    ids=["in place", "the folder around", "the copy", "the folder"],
)
def test_what_cannot_be_synced_has_failed(traced: Traced, ct: Path, where: str, inject: str) -> None:
    done, _ = traced("ct.dcm", where, "--sync", inject=inject)
    assert done.returncode == 1
    assert "failed: ct.dcm: " in done.stderr
    assert "Input/output error" in done.stderr
    out = ct.parent / "out" / "ct.dcm"
    # With its name it is whole in any case; without a sync of its data it has no name.
    assert out.exists() == inject.endswith("fsync:error=EIO:when=3")
    assert list(ct.parent.rglob(".dicomblank-*")) == []


def test_by_command_and_api(command: Command, ct: Path, tmp_path: Path) -> None:
    assert command("anonymize", "ct.dcm", "--output", "one/", "--sync").returncode == 0
    assert dicomblank.anonymize_copy(ct, f"{tmp_path}/two/", sync=Sync.ALL).anonymized == 1
    assert dicomblank.anonymize_in_place(ct, sync=Sync.ALL).anonymized == 1
    assert (tmp_path / "one/ct.dcm").read_bytes() == (tmp_path / "two/ct.dcm").read_bytes() == ct.read_bytes()
    with pytest.raises(ValueError, match="no Sync 'always': write 'none' or 'all'"):
        dicomblank.anonymize_in_place(ct, sync="always")  # type: ignore[arg-type]
