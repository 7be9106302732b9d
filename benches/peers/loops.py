"""What runs inside a process that is measured: ours by the API, and the peers that are libraries.

python -m benches.peers.loops api FOLDER WORKERS [LEVEL [KEY]]
python -m benches.peers.loops pydicom FOLDER
python -m benches.peers.loops dcmanon SOURCE TARGET [--own]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

# Each loop imports its own library: the others' imports are no part of its time.


def api(folder: str, workers: str, level: str = "anonymize-full", key: str | None = None) -> None:
    """Anonymize a folder in place; print how long the call took, without the interpreter's start."""
    import dicomblank  # noqa: PLC0415

    started = time.perf_counter()
    loaded = dicomblank.Key.load(key) if key else None
    report = dicomblank.anonymize_in_place(folder, level, workers=int(workers), key=loaded)
    seconds = time.perf_counter() - started
    print(f'{{"seconds": {seconds}, "anonymized": {report.anonymized}}}')


def pydicom(folder: str) -> None:
    """The usual loop: read, blank at any depth, write again."""
    import pydicom  # noqa: PLC0415

    from benches.peers.markers import ANONYMIZE_FULL  # noqa: PLC0415

    def blank(_: pydicom.Dataset, element: pydicom.DataElement) -> None:
        if element.tag in ANONYMIZE_FULL:
            element.value = ""

    for path in Path(folder).rglob("*.dcm"):
        dataset = pydicom.dcmread(path)
        dataset.walk(blank)
        dataset.save_as(path)


def dcmanon(source: str, target: str, own: str = "") -> None:
    """Its own profile, and, unless that alone is asked for, what it leaves of the level emptied."""
    import dcmanon  # noqa: PLC0415

    from benches.peers.markers import ANONYMIZE_FULL  # noqa: PLC0415

    emptied = {f"{tag:08X}": {"action": "empty"} for tag in ANONYMIZE_FULL}
    anonymizer = dcmanon.Anonymizer() if own else dcmanon.Anonymizer(tag_actions=emptied)
    for folder in (Path(source), *(path for path in Path(source).iterdir() if path.is_dir())):
        inner = Path(target) / folder.relative_to(source)
        inner.mkdir()
        for path in folder.glob("*.dcm"):
            (inner / path.name).write_bytes(anonymizer.anonymize(str(path)))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["api", folder, workers, *level]:
            api(folder, workers, *level)
        case ["pydicom", folder]:
            pydicom(folder)
        case ["dcmanon", source, target, *own]:
            dcmanon(source, target, *own)
        case _:
            sys.exit(__doc__)
