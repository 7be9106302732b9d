"""The files: invented patients with their studies, the same on every machine, and the answers to each."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, NamedTuple

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import RLELosslessEncoder
from pydicom.uid import UID, RLELossless

from benches.score.answers import Action, Answers, Check, Step
from benches.score.making import Maker
from benches.score.modules import Series, Study
from benches.score.objects import KINDS
from benches.score.people import patients

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEED = 17
PATIENTS, STUDIES = 4, 2
#: Each study has a series of each kind, of so many files.
FILES = {"ct": 3, "mr": 2, "us": 1, "clip": 1, "seg": 1, "sr": 1}
#: By kind: modality, manufacturer, model, description, body part, protocol.
SCANNERS = {
    "ct": ("CT", "GE MEDICAL SYSTEMS", "Revolution", "Axial lung 1.5", "CHEST", "Lung routine"),
    "mr": ("MR", "SIEMENS", "Prisma", "ep2d diff b1000", "BRAIN", "Brain stroke"),
    "us": ("US", "Nettle Scanners", "Echo 5", "Liver long", "ABDOMEN", "Abdomen complete"),
    "clip": ("US", "Nettle Scanners", "Echo 5", "Liver sweep", "ABDOMEN", "Abdomen complete"),
    "seg": ("SEG", "Nettle Software", "Outliner", "Lesions", "CHEST", "Lung routine"),
    "sr": ("SR", "Nettle Software", "Reporter", "Measurements", "CHEST", "Lung routine"),
}
PREAMBLE = bytes(128)
SENDER = "NETTLEBROOKPACS"


class File(NamedTuple):
    """One file of the corpus."""

    number: int
    """Its InstanceNumber, which no other file has."""
    kind: str
    patient: int
    path: str
    """Below the folder of all; it says nothing of the patient."""
    dataset: Dataset
    answers: Answers


def files() -> Iterator[File]:
    """Every file, in the order of their numbers."""
    chance = random.Random(SEED)  # noqa: S311 (what is made up may be foretold)
    number = 1000
    for place, patient in enumerate(patients(PATIENTS, chance)):
        for turn in range(STUDIES):
            day = dt.date(2019, 2, 1) + dt.timedelta(days=chance.randint(0, 700) + 400 * turn)
            study = Study(patient, place * STUDIES + turn, day, f"ACC{chance.randint(10_000_000, 99_999_999)}")
            found = {}
            for at, (kind, count) in enumerate(FILES.items(), start=1):
                numbers = tuple(range(number + 1, number + 1 + count))
                number += count
                found[kind] = Series(study, at, *SCANNERS[kind], numbers)
            for kind, series in found.items():
                for one in series.instances:
                    yield _file(kind, series, one, found["ct"], place)


def write(folder: Path) -> dict[int, Answers]:
    """All files, below a folder that is made; the answers by number."""
    folder.mkdir(parents=True)
    found = {}
    for file in files():
        # In one folder: not every program goes into those below.
        file.dataset.save_as(folder / file.path, enforce_file_format=True)
        found[file.number] = file.answers
    return found


def _file(kind: str, series: Series, number: int, images: Series, patient: int) -> File:
    make, syntax = KINDS[kind]
    dataset = Dataset()
    at = Maker(dataset)
    make(at, series, number, images)
    _head(at, dataset, syntax)
    if syntax == RLELossless:
        _compress(at)
    answers = Answers(at.checks, frozenset(at.identifiers))
    return File(number, kind, patient, f"{number}.dcm", dataset, answers)


def _head(at: Maker, dataset: Dataset, syntax: str) -> None:
    """File meta information, which has identifiers too."""
    meta = dataset.file_meta = FileMetaDataset()
    dataset.preamble = PREAMBLE
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(syntax)
    meta.ImplementationClassUID = UID("1.2.826.0.1.3680043.10.543.1")
    meta.SourceApplicationEntityTitle = SENDER
    instance, sender = (
        Step(int(meta[name].tag)) for name in ("MediaStorageSOPInstanceUID", "SourceApplicationEntityTitle")
    )
    at.checks += [
        Check(Action.TEXT_NOT_NULL, (instance,)),
        Check(Action.UID_CHANGED, (instance,), str(dataset.SOPInstanceUID)),
        Check(Action.UID_CONSISTENT, (instance,), str(dataset.SOPInstanceUID)),
        Check(Action.TEXT_REMOVED, (sender,), SENDER),
    ]


def _compress(at: Maker) -> None:
    """Pixel data in fragments (PS3.5 §A.4)."""
    dataset = at.dataset
    frame = RLELosslessEncoder.encode(
        dataset.PixelData,
        rows=dataset.Rows,
        columns=dataset.Columns,
        samples_per_pixel=1,
        bits_allocated=8,
        bits_stored=8,
        number_of_frames=1,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
        encoding_plugin="pydicom",
    )
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].is_undefined_length = True
    at.pixels()
