"""What is no DICOM: companions of macOS, archives, empty files. Content decides, and then the name."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import dicomblank
from conftest import Command, file_rows
from samples import CT

#: The header of AppleDouble (RFC 1740), version 2, with room for two entries.
APPLE_DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00" + b"Mac OS X        " + b"\x00\x02" + bytes(100)
PART_10 = CT.read_bytes()


def tar(format_: int) -> bytes:
    """An archive of one scan, whose "DICM" stands in its first KiB."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=format_) as archive:
        archive.add(CT, "ct.dcm")
    return made.getvalue()


def zipped(compression: int) -> bytes:
    """The same in the other format."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        archive.write(CT, "ct.dcm")
    return made.getvalue()


ARCHIVES: dict[str, tuple[bytes, str]] = {
    "zip": (zipped(zipfile.ZIP_DEFLATED), "zip"),
    "zip, stored": (zipped(zipfile.ZIP_STORED), "zip"),
    "zip, empty": (b"PK\x05\x06" + bytes(18), "zip"),
    "gzip": (gzip.compress(PART_10), "gzip"),
    "bzip2": (bz2.compress(PART_10), "bzip2"),
    "bzip2, empty": (bz2.compress(b""), "bzip2"),
    "zstd": (b"\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00abc\x0f\x1c\x6b\xb2", "zstd"),
    "xz": (lzma.compress(PART_10), "xz"),
    "tar, POSIX": (tar(tarfile.PAX_FORMAT), "tar"),
    "tar, GNU": (tar(tarfile.GNU_FORMAT), "tar"),
}


@pytest.mark.parametrize("name", ["scans", "scan.dcm", "scan.dcm.gz", "DICOMDIR"])
@pytest.mark.parametrize("case", ARCHIVES)
def test_an_archive_is_said_and_counted(command: Command, study: Path, case: str, name: str) -> None:
    data, kind = ARCHIVES[case]
    path = study / name
    path.write_bytes(data)
    done = command("anonymize", "study", "--output", "out", "--report", "run.jsonl")
    assert done.returncode == 0
    assert f"1 archive was not looked into ({name}). Unpack it first.\n" in done.stdout
    assert "1 other file is not DICOM and was not copied (notes.txt).\n" in done.stdout
    (row,) = [row for row in file_rows(study.parent / "run.jsonl") if row["path"] == name]
    assert (row["outcome"], row["error"]) == ("archive", f"an archive ({kind}): not looked into")
    assert not (study.parent / "out" / name).exists()

    done = command("anonymize", path, "--in-place")
    assert done.returncode == 1
    assert f"archive: {path}: an archive ({kind}): not looked into\n" in done.stderr
    assert path.read_bytes() == data
    for call in (dicomblank.plan, dicomblank.anonymize_in_place):
        with pytest.raises(dicomblank.NotDicomError, match="an archive"):
            call(path)


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (APPLE_DOUBLE, "not-dicom"),
        (APPLE_DOUBLE + b"DICM" + bytes(300), "not-dicom"),  # the type code of a scan, say
        (APPLE_DOUBLE + bytes(2000), "not-dicom"),
        # What reads as DICOM is DICOM, whatever its preamble looks like.
        (APPLE_DOUBLE[:128].ljust(128, b"\0") + PART_10[128:], "anonymized"),
        (b"\x00\x05\x16\x07" + PART_10[4:200], "refused"),
        (b"\x1f\x8b\x08" + PART_10[3:], "anonymized"),
        (b"PK\x03\x04" + PART_10[4:200], "refused"),
        (b"\x00\x05\x16\x06" + bytes(200), "refused"),
        (b"\x1f\x8b", "refused"),  # cut short before it says how it is compressed
    ],
    ids=[
        "companion",
        "with DICM",
        "long",
        "a preamble like it",
        "such a preamble, cut",
        "gzip as a preamble",
        "zip as a preamble, cut",
        "another magic",
        "two bytes",
    ],
)
@pytest.mark.parametrize("name", ["._scan.dcm", "scan.dcm"])
def test_content_decides(tmp_path: Path, name: str, data: bytes, outcome: str) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / name).write_bytes(data)
    (folder / "other.dcm").write_bytes(PART_10)
    rows: list[dicomblank.Row] = []
    dicomblank.anonymize_copy(folder, tmp_path / "out", on_error=dicomblank.OnError.COLLECT, report=rows.append)
    assert [row.outcome for row in rows if row.path == name] == [outcome]


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("scan.dcm", bytes, "empty"),
        ("DICOMDIR", bytes, "empty"),
        ("scan.dcm", lambda: bytes(1), "damaged"),
    ],
)
def test_an_empty_file_is_said_to_be_empty(
    command: Command, tmp_path: Path, name: str, make: Callable[[], bytes], words: str
) -> None:
    (tmp_path / name).write_bytes(make())
    done = command("anonymize", name, "--in-place")
    assert done.returncode == 1
    assert done.stderr.startswith(f"refused: {name}: {words}: named like DICOM")
    with pytest.raises(dicomblank.ParseError, match=words):
        dicomblank.plan(tmp_path / name)
