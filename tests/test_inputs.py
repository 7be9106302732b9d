"""What the calls are given: paths or data, and for anything else an error that says what to write instead."""

from __future__ import annotations

import io
import mmap
import shutil
from pathlib import Path

import pydicom
import pytest

import dicomblank
from samples import CT, MR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

DATA = CT.read_bytes()
BLANK = dicomblank.anonymize_bytes(DATA)


# an io.BytesIO


@pytest.mark.parametrize("place", [0, 100, len(DATA)])
def test_a_bytes_io_is_all_it_holds(place: int) -> None:
    buffer = io.BytesIO(DATA)
    buffer.seek(place)
    assert len(dicomblank.plan(buffer)) == len(dicomblank.plan(CT))
    assert dicomblank.anonymize_bytes(buffer) == BLANK
    assert buffer.getvalue() == DATA
    dicomblank.anonymize_buffer(buffer)
    assert (buffer.getvalue(), buffer.tell()) == (BLANK, place)
    buffer.seek(0)
    assert buffer.write(DATA + b"more") == len(DATA) + 4  # its memory is free again


def test_a_bytes_io_is_let_go_after_an_error() -> None:
    buffer = io.BytesIO(b"nothing medical")
    for call in (dicomblank.plan, dicomblank.anonymize_bytes, dicomblank.anonymize_buffer):
        with pytest.raises(dicomblank.NotDicomError) as caught:
            call(buffer)
        assert caught.value.__traceback__ is not None
        buffer.write(b"longer than it was")


def test_a_map_of_a_file_is_no_open_file() -> None:
    with CT.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert dicomblank.anonymize_bytes(mapped) == BLANK


# what is neither

DATASET = "a pydicom Dataset is not taken"
OPEN_FILE = "is an open file: give its path, or file.read()"

DATA_CALLS: list[Callable[[Any], object]] = [dicomblank.plan, dicomblank.anonymize_bytes, dicomblank.anonymize_buffer]
PATH_CALLS: list[Callable[[Any], object]] = [
    dicomblank.anonymize_in_place,
    lambda given: dicomblank.anonymize_copy(given, "out"),
    lambda given: dicomblank.anonymize_copy("study", given),
    lambda given: dicomblank.anonymize_in_place(["study", given]),
    lambda given: dicomblank.verify(given, "study"),
    lambda given: dicomblank.verify("study", given),
]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: pydicom.dcmread(CT), DATASET),
        (pydicom.Dataset, DATASET),
        (lambda: CT.open("rb"), OPEN_FILE),
        (lambda: io.StringIO("x"), OPEN_FILE),
        (lambda: None, "NoneType"),
        (lambda: 3, "int"),
    ],
    ids=["FileDataset", "Dataset", "open file", "StringIO", "None", "int"],
)
@pytest.mark.parametrize("call", DATA_CALLS + PATH_CALLS)
def test_an_error_says_what_to_write(
    study: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: Callable[[object], object],
    make: Callable[[], object],
    words: str,
) -> None:
    monkeypatch.chdir(study.parent)
    given = make()
    with pytest.raises(TypeError) as caught:
        call(given)
    assert words in str(caught.value)
    if hasattr(given, "close"):
        given.close()
    assert (study / "ct.dcm").read_bytes() == DATA
    assert not Path("out").exists()


@pytest.mark.parametrize("call", PATH_CALLS)
@pytest.mark.parametrize("given", [b"study", bytearray(DATA), memoryview(DATA)], ids=["bytes", "bytearray", "view"])
def test_bytes_are_no_path(
    study: Path, monkeypatch: pytest.MonkeyPatch, call: Callable[[object], object], given: object
) -> None:
    monkeypatch.chdir(study.parent)
    with pytest.raises(TypeError, match="bytes are no path"):
        call(given)


@pytest.mark.parametrize("given", ["scan.dcm", CT], ids=["str", "Path"])
@pytest.mark.parametrize("call", [dicomblank.anonymize_bytes, dicomblank.anonymize_buffer])
def test_a_path_is_no_data(call: Callable[[object], object], given: object) -> None:
    with pytest.raises(TypeError, match="is a path, and this takes the bytes"):
        call(given)


def test_the_way_for_a_dataset_is_the_one_that_is_said() -> None:
    dataset = pydicom.dcmread(CT)
    with pytest.raises(TypeError) as caught:
        dicomblank.anonymize_bytes(dataset)
    names = {"io": io, "pydicom": pydicom, "dicomblank": dicomblank, "dataset": dataset}
    save, read = str(caught.value).partition("give the bytes: ")[2].split(", then ")
    eval(save, names)  # noqa: S307 (our own words)
    blanked = eval(read, names)  # noqa: S307
    assert not str(blanked.PatientName).strip()
    assert blanked.PatientID == dataset.PatientID


# several


def test_paths_may_come_from_a_generator(tmp_path: Path) -> None:
    for number, path in enumerate((CT, MR)):
        shutil.copy(path, tmp_path / f"{number}.dcm")
    report = dicomblank.anonymize_in_place(path for path in sorted(tmp_path.iterdir()))
    assert (report.files, report.anonymized) == (2, 2)
    assert dicomblank.verify([CT], tmp_path / "0.dcm").ok
