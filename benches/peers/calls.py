"""What a call costs inside one process of ours: run by the interpreter that has dicomblank, prints JSON.

python -m benches.peers.calls [pseudonyms]
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import TypeAlias

import dicomblank
from benches.peers import building, corpora, markers
from elements import EXPLICIT

#: A file's bytes, and what becomes of them.
Work: TypeAlias = tuple[bytes, dicomblank.Level, dicomblank.Key | None]
#: Header sizes, in elements: neighbours differ by about the root of ten.
ELEMENTS = (100, 316, 1000, 3162, 10_000, 31_623, 100_000)


#: Of the buffers of one batch together: what was just made should still be in the processor's cache.
BATCH = 512 * 1024
TURNS = 200


def microseconds(inputs: dict[str, bytes]) -> dict[str, float]:
    """A call of `anonymize_buffer` on each input, whose values are still there: medians of batches in turn."""
    return _medians({name: (data, dicomblank.Level.ANONYMIZE_FULL, None) for name, data in inputs.items()})


def of_levels(data: bytes) -> dict[str, float]:
    """A call on the same input at the level anonymize-full and at pseudonymize, in turn."""
    key = dicomblank.Key.generate()
    full, keyed = dicomblank.Level.ANONYMIZE_FULL, dicomblank.Level.PSEUDONYMIZE
    return _medians({full.value: (data, full, None), keyed.value: (data, keyed, key)})


def _medians(works: dict[str, Work]) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(TURNS):
        for name, work in works.items():
            times[name].append(_batch(*work))
    return {name: statistics.median(taken) * 1e6 for name, taken in times.items()}


def _batch(data: bytes, level: dicomblank.Level, key: dicomblank.Key | None) -> float:
    batch = [bytearray(data) for _ in range(max(1, min(20, BATCH // len(data))))]
    started = time.perf_counter()
    for buffer in batch:
        dicomblank.anonymize_buffer(buffer, level, key=key)
    return (time.perf_counter() - started) / len(batch)


def of_elements(count: int) -> bytes:
    """A file with so many elements at the top level, each tag in its turn, and one identifier."""
    name = building.element(0x0010_0010, "PN", markers.value(0x0010_0010, nested=False))
    comment = building.element(0x0020_4000, "LT", b"some words")
    length = building.element(0x0028_0010, "US", b"\0\1")
    pair = comment + length
    return building.file_head("1.2.3", EXPLICIT.uid) + name + pair * (count // 2)


def main() -> None:
    """Print the figures."""
    if sys.argv[1:] == ["pseudonyms"]:
        print(json.dumps(of_levels(corpora.SMALL[0].template())))
        return
    found = {
        "buffer_us": microseconds({corpus.name: corpus.template() for corpus in corpora.SMALL}),
        "elements_us": microseconds({str(count): of_elements(count) for count in ELEMENTS}),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
