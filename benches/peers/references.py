"""Whether files still belong together after a run: some small studies, and what pydicom reads of them before and after.

Nothing here is timed. A value is one of the names of `VALUES`, a reference one of those of `REFERENCES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import pydicom

from benches.peers import building
from benches.peers.building import element
from elements import EXPLICIT, PIXELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: Each patient has so many studies, each of so many series, each of so many files.
PATIENTS, STUDIES, SERIES, IMAGES = 2, 2, 2, 2
UID = "1.2.826.0.1.3680043.10.543"
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "SOPInstanceUID")
VALUES = (*UIDS, "PatientID", "AccessionNumber", "StudyID")
#: Where a file names itself or the next one of its study, each by that one's SOPInstanceUID.
REFERENCES = ("MediaStorageSOPInstanceUID", "ReferencedImageSequence", "ReferencedSeriesSequence")


@dataclass(frozen=True)
class File:
    """What one file says of itself and of others: "" for what it doesn't say."""

    size: int
    values: dict[str, str]


#: By the number in a file's pixels, which no program changes: names and all else may be others afterwards.
Files = dict[int, File]


def write(folder: Path) -> None:
    """The studies, in a folder inside of `folder`, as those of the corpora are."""
    inner = folder / "0000"
    inner.mkdir(parents=True)
    for number, _ in enumerate(_places()):
        (inner / f"{number:08}.dcm").write_bytes(_file(number))


def read(folder: Path) -> Files:
    """What pydicom reads of every file below `folder`."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            dataset = pydicom.dcmread(path)
            number = int.from_bytes(dataset.PixelData[:2], "little")
            found[number] = File(path.stat().st_size, dict(_read(dataset)))
    return found


def broken(before: Files, after: Files) -> list[str]:
    """What doesn't hold any more, in words; empty if all does."""
    missing = len(before.keys() - after.keys())
    told = [f"{missing} file{'s' if missing > 1 else ''} missing"] * bool(missing)
    for name in VALUES:
        old, new = ({key: files[key].values[name] for key in before.keys() & after.keys()} for files in (before, after))
        if not any(new.values()):
            told.append(f"{name} gone")
            continue
        # Every pair of an old and a new value that meet in a file: one to one, or equal values became unlike ones.
        pairs = set(zip(old.values(), new.values(), strict=True))
        if len({one for one, _ in pairs}) < len(pairs):
            told.append(f"equal {name} differ")
        if len({other for _, other in pairs}) < len(pairs):
            told.append(f"different {name} are equal")
    for name in REFERENCES:
        found = {key: files.values[name] for key, files in after.items()}
        if not any(found.values()):
            told.append(f"{name} gone")
        elif any(found[key] != after[_target(name, key)].values["SOPInstanceUID"] for key in _whole(after)):
            told.append(f"{name} names no file")
    return told


def unlike(first: Files, second: Files) -> list[str]:
    """The values and references that two runs over the same files did not make the same."""
    if first.keys() != second.keys():
        return ["the files"]
    return [
        name
        for name in (*VALUES, *REFERENCES)
        if any(first[key].values[name] != second[key].values[name] for key in first)
    ]


def replaced(before: Files, after: Files) -> list[str]:
    """The values in whose place another one stands, in every file."""
    return [name for name in VALUES if all(new and new != old for old, new in _pairs(name, before, after))]


def same_length(before: Files, after: Files) -> list[str]:
    """Of the replaced values those that are as long as before, in every file."""
    return [
        name
        for name in replaced(before, after)
        if all(len(new) == len(old) for old, new in _pairs(name, before, after))
    ]


def same_size(before: Files, after: Files) -> bool:
    """Whether every file has as many bytes as before."""
    return all(after[key].size == file.size for key, file in before.items() if key in after)


def _pairs(name: str, before: Files, after: Files) -> Iterator[tuple[str, str]]:
    return ((before[key].values[name], after[key].values[name]) for key in before.keys() & after.keys())


def _whole(after: Files) -> Iterable[int]:
    """The files that are there, and so is the one that they refer to."""
    return (key for key in after if _next(key) in after)


def _places() -> list[tuple[int, int, int, int]]:
    """Of each file its patient, study, series and place in the series: the file's number is the place in the list."""
    return list(product(range(PATIENTS), range(STUDIES), range(SERIES), range(IMAGES)))


def _next(number: int) -> int:
    """The next file of the same study, often of another series; behind the last one comes the first."""
    size = SERIES * IMAGES
    return number // size * size + (number + 1) % size


def _target(name: str, number: int) -> int:
    return number if name == "MediaStorageSOPInstanceUID" else _next(number)


def _uids(number: int) -> dict[str, str]:
    patient, study, series, _ = _places()[number]
    study += patient * STUDIES
    series += study * SERIES
    found = {"StudyInstanceUID": study, "SeriesInstanceUID": series, "FrameOfReferenceUID": study}
    uids = {name: f"{UID}.{kind}.{731_000 + one}" for kind, (name, one) in enumerate(found.items(), start=4)}
    return uids | {"SOPInstanceUID": f"{UID}.7.20191103.{512_000 + number}"}


def _file(number: int) -> bytes:
    patient, study, *_ = _places()[number]
    mine, other = _uids(number), _uids(_next(number))
    group = mine["StudyInstanceUID"][-3:]
    texts = {
        (0x0008_0016, "UI"): building.MR_IMAGE,
        (0x0008_0018, "UI"): mine["SOPInstanceUID"],
        (0x0008_0020, "DA"): f"201906{10 + study}",
        (0x0008_0050, "SH"): f"ACC77{group}",
        (0x0008_0060, "CS"): "MR",
        (0x0010_0010, "PN"): f"Doe^Jane{'^' * patient}",
        (0x0010_0020, "LO"): f"SITE-{4100 + patient}",
        (0x0020_000D, "UI"): mine["StudyInstanceUID"],
        (0x0020_000E, "UI"): mine["SeriesInstanceUID"],
        (0x0020_0010, "SH"): f"ST{group}A",
        (0x0020_0013, "IS"): str(number),
        (0x0020_0052, "UI"): mine["FrameOfReferenceUID"],
    }
    elements = {tag: element(tag, vr, text.encode()) for (tag, vr), text in texts.items()}
    item, sequence = EXPLICIT.item, EXPLICIT.sequence
    image = item(
        element(0x0008_1150, "UI", building.MR_IMAGE.encode()),
        element(0x0008_1155, "UI", other["SOPInstanceUID"].encode()),
    )
    series = item(sequence(0x0008_114A, image), element(0x0020_000E, "UI", other["SeriesInstanceUID"].encode()))
    elements |= {0x0008_1115: sequence(0x0008_1115, series), 0x0008_1140: sequence(0x0008_1140, image)}
    elements |= building.image(1, 1) | {PIXELS: element(PIXELS, "OW", EXPLICIT.u16(number))}
    head = building.file_head(mine["SOPInstanceUID"], EXPLICIT.uid)
    return head + b"".join(elements[tag] for tag in sorted(elements))


def _read(dataset: pydicom.Dataset) -> Iterator[tuple[str, str]]:
    for name in VALUES:
        yield name, str(dataset.get(name) or "")
    yield "MediaStorageSOPInstanceUID", str(dataset.file_meta.get("MediaStorageSOPInstanceUID") or "")
    yield "ReferencedImageSequence", _named(dataset, "ReferencedImageSequence")
    yield "ReferencedSeriesSequence", _named(dataset, "ReferencedSeriesSequence", "ReferencedInstanceSequence")


def _named(dataset: pydicom.Dataset, *path: str) -> str:
    """The ReferencedSOPInstanceUID in the first items of these sequences, one in the other."""
    for name in path:
        items = dataset.get(name)
        if not items:
            return ""
        dataset = items[0]
    return str(dataset.get("ReferencedSOPInstanceUID") or "")
