"""What a call costs inside one process of ours: run by the interpreter that has dicomblank, prints JSON.

python -m benches.peers.calls
"""

from __future__ import annotations

import json
import statistics
import time

import dicomblank
from benches.peers import building, corpora, markers

#: Header sizes, in elements: neighbours differ by about the root of ten.
ELEMENTS = (100, 316, 1000, 3162, 10_000, 31_623, 100_000)


def buffer_microseconds(data: bytes, repeats: int = 300) -> float:
    """A call of `anonymize_buffer`, each on a buffer that still holds its values; the median of many batches."""
    size = max(1, min(20, 2_000_000 // len(data)))
    times = []
    for _ in range(repeats):
        batch = [bytearray(data) for _ in range(size)]
        started = time.perf_counter()
        for buffer in batch:
            dicomblank.anonymize_buffer(buffer, dicomblank.Level.ANONYMIZE_FULL)
        times.append((time.perf_counter() - started) / size)
    return statistics.median(times) * 1e6


def of_elements(count: int) -> bytes:
    """A file with so many elements at the top level, each tag in its turn, and one identifier."""
    name = building.element(0x0010_0010, "PN", markers.value(0x0010_0010, nested=False))
    comment = building.element(0x0020_4000, "LT", b"some words")
    length = building.element(0x0028_0010, "US", b"\0\1")
    pair = comment + length
    return building.meta("1.2.3", building.EXPLICIT_LITTLE) + name + pair * (count // 2)


def main() -> None:
    """Print the figures."""
    found = {
        "buffer_us": {corpus.name: buffer_microseconds(corpus.template()) for corpus in corpora.SMALL},
        "elements_us": {
            str(count): buffer_microseconds(of_elements(count), 50 if count > 10_000 else 300) for count in ELEMENTS
        },
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
