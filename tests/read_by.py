"""What readers read of whole files: each element with its place and its value as that reader shows it.

pydicom, dcmdump of DCMTK, gdcmdump of GDCM; and dcm2niix, which makes volumes of images. The first three give a list of
places and texts, in the file's order; items and delimiters are left away, and so are the lengths of sequences, which
may become others where something in them did.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydicom import dcmread

from dicomblank.view import quiet
from elements import ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER
from readers import parse_dcmdump, parse_gdcmdump

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydicom.dataset import Dataset

    from readers import Shown

#: All of a value up to 64 KiB, no names for UIDs, and no byte of a value that would look like a line of the output.
DCMDUMP = ("dcmdump", "-q", "+F", "+L", "-M", "+R", "64", "-Un", "+Qn")
GDCMDUMP = ("gdcmdump",)
SECONDS = 60


class Line(NamedTuple):
    """An element as a reader shows it."""

    place: str
    """As `(0008,1140)[0].(0008,1155)`: items are counted from 0."""
    text: str


def by_pydicom(path: Path) -> list[Line] | None:
    """None where pydicom reads no DICOM file."""
    with quiet():
        try:
            dataset = dcmread(path)
            return [*_walk(dataset.file_meta, ""), *_walk(dataset, "")]
        except Exception:  # noqa: BLE001 (pydicom raises anything)
            return None


def _walk(dataset: Dataset, above: str) -> Iterator[Line]:
    for tag in sorted(dataset.keys()):
        place = f"{above}{_spelled(tag)}"
        element = dataset[tag]
        if element.VR != "SQ":
            yield Line(place, f"{element.VR} {element.value!r}")
            continue
        yield Line(place, "SQ")
        for number, item in enumerate(element.value):
            yield from _walk(item, f"{place}[{number}].")


def by_dcmdump(paths: Sequence[Path]) -> dict[Path, list[Line] | None]:
    """Many files by one process; None for those of which it shows nothing."""
    done = subprocess.run([*DCMDUMP, *map(str, paths)], capture_output=True, timeout=SECONDS, check=False)
    _, *rest = re.split(r"^# dcmdump \(\d+/\d+\): (.*)$", done.stdout.decode("latin-1"), flags=re.MULTILINE)
    shown = dict(zip(map(Path, rest[::2]), rest[1::2], strict=True))
    return {path: list(placed(parse_dcmdump(shown[path]))) or None if path in shown else None for path in paths}


def by_gdcmdump(path: Path) -> list[Line] | None:
    """None where it shows nothing."""
    done = subprocess.run([*GDCMDUMP, str(path)], capture_output=True, timeout=SECONDS, check=False)
    if done.returncode:
        return None
    return list(placed(parse_gdcmdump(done.stdout.decode("latin-1")))) or None


def placed(lines: Iterable[Shown]) -> Iterator[Line]:
    """The lines of dcmdump or gdcmdump with their places."""
    above: list[tuple[str, int]] = []  # of each sequence around: its place, and how many of its items have begun
    for line in lines:
        *around, tag = line.tags
        depth = sum(each != ITEM for each in around)
        del above[depth:]
        if tag == ITEM and above:
            above[-1] = above[-1][0], above[-1][1] + 1
        if tag in {ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER}:
            continue
        inner = f"{above[-1][0]}[{above[-1][1] - 1}]." if above else ""
        place = f"{inner}{_spelled(tag)}"
        above.append((place, 0))
        yield Line(place, _without_length(line.text))


def _without_length(text: str) -> str:
    """Of a sequence, of items or of fragments, no length and no number of items."""
    return text.partition("(")[0].strip() if _OF_ITEMS.match(text) else text.strip()


_OF_ITEMS = re.compile(r" *(SQ|O[BW] \((Fragment|PixelSequence)|UN \(Sequence)")


def _spelled(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


@dataclass(frozen=True)
class Volume:
    """What dcm2niix makes of an image: a NIfTI file, without the text in it that has the time of the scan."""

    geometry: str
    """Shape, type, and the positions in space."""
    voxels: str
    """A digest of their bytes."""


def dcm2niix() -> str | None:
    """The program of PyPI's wheel, or another that is installed."""
    beside = Path(sys.executable).parent / "dcm2niix"
    return str(beside) if beside.exists() else shutil.which("dcm2niix")


def volumes(path: Path) -> dict[str, Volume | str]:
    """All that is made of one file, by name: empty where that is nothing. Diffusion tables as text."""
    found: dict[str, Volume | str] = {}
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name, "in"), Path(name, "out")
        source.mkdir()
        target.mkdir()
        shutil.copy(path, source / "image.dcm")
        command = [str(dcm2niix()), "-f", "image", "-z", "n", "-b", "n", "-o", str(target), str(source)]
        try:
            subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return found
        for made in sorted(target.iterdir()):
            if made.suffix != ".nii":
                found[made.name] = made.read_text()
                continue
            found[made.name] = _volume(made)
    return found


def _volume(path: Path) -> Volume:
    from nibabel.nifti1 import Nifti1Image  # noqa: PLC0415 (large)

    image: Any = Nifti1Image.from_filename(path)
    header = image.header
    geometry = f"{header.get_data_shape()} {header.get_data_dtype()} {header.get_best_affine().tolist()}"
    return Volume(geometry, hashlib.sha256(path.read_bytes()[image.dataobj.offset :]).hexdigest())
