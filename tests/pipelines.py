"""What the tests of the import pipelines share: instances with planted values, and where these must not be."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydicom import Dataset, dcmread
from pydicom.uid import generate_uid

import dicomblank
from dicomblank import Key, Level
from samples import CT, MR, at_hand

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
PLUGINS = Path("/usr/share/orthanc/plugins")
PYTHON_PLUGIN = PLUGINS / "libOrthancPython.so"
DICOMWEB_PLUGIN = PLUGINS / "libOrthancDicomWeb.so"
NEED = "`sh tools/need.sh --imports` says how to install it"
SECONDS = 30

# In every planted text, so that a part of one is found, too.
MARK = "PLANTED"
BORN = "19470913"
TEXTS = {
    "PatientName": f"{MARK}^Petra",
    "PatientID": f"{MARK}-0417",
    "ReferringPhysicianName": f"{MARK}^Rita",
    "OperatorsName": f"{MARK}^Olga",
    "InstitutionName": f"{MARK} Hospital",
    "InstitutionAddress": f"{MARK} Street 1",
    "StationName": f"{MARK}ST",
    "PatientBirthDate": BORN,
}
# What only the level pseudonymize takes out.
KEYED = {"AccessionNumber": f"{MARK}07", "StudyID": f"{MARK}11", "OtherPatientIDs": f"{MARK}-OLD"}
UIDS = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")


class Planted(NamedTuple):
    """An instance as a file, and what of it must not reach a store."""

    data: bytes
    secrets: tuple[bytes, ...]


def planted(source: Path, level: Level, number: int = 0) -> Planted:
    """A real file with planted values, in a sequence as well; one of many by its number."""
    dataset = dcmread(source)
    texts, uids = dict(TEXTS), {}
    dataset.Modality = dataset.get("Modality", "OT")
    if level is Level.PSEUDONYMIZE:
        texts |= KEYED
        uids = {keyword: generate_uid(entropy_srcs=[source.name, keyword, str(number)]) for keyword in UIDS}
    else:
        dataset.SOPInstanceUID = generate_uid(entropy_srcs=[source.name, str(number)])
    request = Dataset()
    for keyword, value in (texts | uids).items():
        setattr(dataset, keyword, value)
        if keyword in {"PatientName", "PatientID", "ReferringPhysicianName", "AccessionNumber", "StudyInstanceUID"}:
            setattr(request, keyword, value)
    dataset.RequestAttributesSequence = [request]
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.save_as(buffer := BytesIO(), enforce_file_format=True)
    secrets = (MARK, BORN, *uids.values())
    return Planted(buffer.getvalue(), tuple(text.encode() for text in secrets))


def several(level: Level) -> list[Planted]:
    """Some, of two sources."""
    return [planted(source, level, number) for source in (CT, MR) for number in range(3)]


def refused_at_pseudonymize(number: int = 0) -> Planted:
    """One that every reader takes, and the level pseudonymize does not: a UID with a letter in it."""
    one = planted(CT, Level.PSEUDONYMIZE, number)
    dataset = dcmread(BytesIO(one.data))
    uid = str(dataset.FrameOfReferenceUID).encode()
    return Planted(one.data.replace(uid, uid[:-1] + b"x"), (*one.secrets, uid[:-1] + b"x"))


def real_files(level: Level, key: Key | None) -> Iterator[tuple[Path, bytes | None]]:
    """The real files at hand up to 1 MB, and what they become; None for what is refused."""
    for path in at_hand():
        if path.stat().st_size < 1_000_000:
            try:
                yield path, dicomblank.anonymize_bytes(path.read_bytes(), level, key=key)
            except dicomblank.Error:
                yield path, None


def places(folder: Path, secrets: set[bytes]) -> set[Path]:
    """Files below a folder in which one of the planted values stands. Not which one: no value is printed."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    found = set()
    for path in files:
        data = path.read_bytes()
        spellings = (each for secret in secrets for each in (secret, secret.decode().encode("utf-16-le")))
        if any(each in data for each in spellings):
            found.add(path)
    return found


@contextmanager
def running(words: list[str | Path], log: Path, port: int, environment: dict[str, str] | None = None) -> Iterator[int]:
    """A program of this interpreter that listens on a port of 127.0.0.1, as soon as it does; gives its process id."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONPATH": str(ROOT / "python"), **(environment or {})},
        )
        try:
            until = time.monotonic() + SECONDS
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"it does not listen:\n{log.read_text()}")
                time.sleep(0.05)
            yield process.pid
        finally:
            process.terminate()
            process.wait(SECONDS)


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def key_file(folder: Path) -> Path:
    """A new key, in a file."""
    Key.generate().save(folder / "secret.key")
    return folder / "secret.key"


def missing(program: str) -> bool:
    """Whether a program of the system is not there."""
    return shutil.which(program) is None
