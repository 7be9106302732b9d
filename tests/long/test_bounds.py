"""What any file, and a folder of very many, may cost in memory: measured by the process that works on them."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from elements import DEFLATED
from peak import FILES, GIB, LITTLE, MOST_EDITS, bomb, explicit, peak, searched, sparse
from samples import CT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Of the README's promise; the files here have as much in them as a file can.
MOST = 24
# Of each worker, where one such file follows another: an allocator keeps some of what it is given back.
MOST_OF_EACH = 45
# Of all files in flight together, where the default has come to as many as it ever has: 64.
MOST_IN_FLIGHT, MOST_OF_ALL = 64, 100

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="VmHWM is Linux's"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> float:
    """The peak of a process that does the same on an empty folder, in MB."""
    folder = tmp_path_factory.mktemp("idle")
    outcome, used = peak("in-place", folder, workers=2)
    assert outcome == "done"
    return used


@pytest.mark.parametrize("name", FILES)
def test_any_file(name: str, tmp_path: Path, idle: float) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILES[name]())
    expected = "LimitError" if name.startswith(("levels", "an-edit-too-many")) else "done"
    for call, workers, outputs in (("plan", 1, []), ("copy", 2, [tmp_path / "out"]), ("in-place", 1, [])):
        outcome, used = peak(call, path, *outputs, workers=workers)
        assert outcome == expected
        assert used - idle < MOST, call
        if "edits" in name:
            # Otherwise the file would not test the limit.
            assert used - idle > MOST_EDITS * 20 / 1e6, call


def test_a_file_in_each_worker(tmp_path: Path, idle: float) -> None:
    """Each worker works on one file: the bound is for that one."""
    for number in range(4):
        (tmp_path / str(number)).write_bytes(FILES["a-hundred-thousand-items"]())
    for workers in (1, 2):
        outcome, used = peak("in-place", tmp_path, workers=workers)
        assert outcome == "done"
        assert used - idle < MOST


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_of_the_most_edits_in_each_worker(workers: int, tmp_path: Path, idle: float) -> None:
    """What DESIGN.md says of them: more than one such file alone."""
    for number in range(4):
        (tmp_path / str(number)).write_bytes(FILES["as-many-edits-each-in-its-item"]())
    outcome, used = peak("in-place", tmp_path, workers=workers)
    assert outcome == "done"
    assert used - idle < MOST_OF_EACH * workers


def test_as_many_in_flight_as_the_default_ever_has(tmp_path: Path, idle: float) -> None:
    """Large files, in which leftovers are looked for: of ordinary files none cost more."""
    searched(tmp_path / "files", 2 * MOST_IN_FLIGHT)
    (tmp_path / "out").mkdir()
    outcome, used = peak("copy-looking", tmp_path / "files", tmp_path / "out", workers=MOST_IN_FLIGHT)
    assert outcome == "done"
    # Else they were not in flight together, and nothing was measured.
    assert MOST_IN_FLIGHT * 0.3 < used - idle < MOST_OF_ALL


def test_a_file_of_gigabytes_in_place(tmp_path: Path, idle: float) -> None:
    path = sparse(tmp_path / "file", 2)
    if path.stat().st_blocks * 512 > GIB:
        pytest.skip("no sparse files here")
    size = path.stat().st_size
    assert size > 8 * GIB
    outcome, used = peak("in-place", path)
    assert (outcome, path.stat().st_size) == ("done", size)
    assert used - idle < LITTLE
    with path.open("rb") as file:
        file.seek(-8, os.SEEK_END)
        assert file.read() == b" " * 8


def test_a_copy_of_gigabytes(tmp_path: Path, idle: float) -> None:
    if shutil.disk_usage(tmp_path).free < 8 * GIB:
        pytest.skip("a copy of 4 GiB needs room")
    path, copy = sparse(tmp_path / "file", 1), tmp_path / "out" / "file"
    assert path.stat().st_size > 4 * GIB - 1
    copy.parent.mkdir()
    outcome, used = peak("copy", path, copy.parent)
    assert (outcome, copy.stat().st_size) == ("done", path.stat().st_size)
    assert used - idle < LITTLE
    with copy.open("rb") as file:
        file.seek(-8, os.SEEK_END)
        assert file.read() == b" " * 8
    copy.unlink()


# The limit of inflated data with what a growing file in memory makes room for beforehand.
INFLATED = 512 * 1.125 * 1024 * 1024 / 1e6 + 64


@pytest.mark.parametrize(
    ("uid", "size", "verdict", "most"),
    [
        # pydicom strips every kind of space, the core what pads a UID: a file that only pydicom takes for deflated.
        (DEFLATED + "\n", GIB, "unreadable", INFLATED),
        (DEFLATED, GIB, "unreadable", INFLATED),
        ("\t" + DEFLATED, GIB, "unreadable", INFLATED),
        # The form is let go before the core is asked, which has one of its own.
        (DEFLATED, GIB // 4, "leak", INFLATED * 2 / 3),
    ],
    ids=["newline", "whole", "tab", "long value"],
)
def test_a_bomb_for_pydicom(uid: str, size: int, verdict: str, most: float, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bomb(uid, size))
    assert path.stat().st_size < size / 300
    outcome, used = peak("pydicom", path)
    assert outcome == verdict
    assert used < most


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a hundred thousand files are made in seconds there."""
    shm = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
    with tempfile.TemporaryDirectory(dir=shm if os.access(shm, os.W_OK) else tmp_path) as name:
        yield Path(name)


@pytest.mark.parametrize("kind", ["not-dicom", "unchanged", "refused"])
def test_a_folder_of_very_many_files(kind: str, memory: Path) -> None:
    """Twice the files, and no more memory: the queue of 65,536 names is full in both, and the first faults are kept."""
    used = [peak_of_folder(kind, memory / str(count), count) for count in (80_000, 160_000)]
    # How many rows wait for the caller's thread differs by 4 MB. A hundred bytes a file would be 8.
    assert used[1] - used[0] < 2 * LITTLE, used


def peak_of_folder(kind: str, folder: Path, count: int) -> float:
    """The peak of a run over `count` files, a thousand to a folder: names of one file, as none is written."""
    content = {"not-dicom": b"nothing medical", "unchanged": explicit(), "refused": CT.read_bytes()[:700]}[kind]
    for number in range(count):
        inside = folder / f"{number // 1000:04}"
        if number % 1000 == 0:
            inside.mkdir(parents=True)
            (inside / "the-first").write_bytes(content)
        else:
            os.link(inside / "the-first", inside / f"a-name-as-long-as-names-are-{number:07}")
    outcome, used = peak("in-place", folder, workers=2)
    assert outcome == ("IncompleteError" if kind == "refused" else "done")
    shutil.rmtree(folder)
    return used
