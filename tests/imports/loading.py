"""Loads files with examples/blanked_dataset.py in two workers, and prints each as a line of JSON.

    python loading.py multiprocessing|torch fork|spawn LEVEL KEY FILE...

A program, since workers that are spawned import the program that starts them. KEY is a path, or "-".
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import sys
from typing import TYPE_CHECKING, Any

from blanked_dataset import BlankedScans, Refused, sorted_out
from dicomblank import Level

if TYPE_CHECKING:
    from collections.abc import Iterator


def digest(data: bytes) -> str:
    """What is compared with what `anonymize_bytes` makes."""
    return hashlib.sha256(data).hexdigest()


def tensor(data: bytes) -> Any:
    """What torch hands from one process to the other."""
    import torch  # noqa: PLC0415

    return torch.frombuffer(bytearray(data), dtype=torch.uint8)


def by_torch(method: str, level: Level, key: str | None, files: list[str]) -> Iterator[str | Refused]:
    from torch.utils.data import DataLoader  # noqa: PLC0415

    scans = BlankedScans(files, level, tensor, key)
    loader = DataLoader(scans, batch_size=3, num_workers=2, collate_fn=sorted_out, multiprocessing_context=method)
    for batch, refused in loader:
        yield from (digest(each.numpy().tobytes()) for each in batch)
        yield from refused


def by_multiprocessing(method: str, level: Level, key: str | None, files: list[str]) -> Iterator[str | Refused]:
    scans = BlankedScans(files, level, digest, key)
    with multiprocessing.get_context(method).Pool(2) as pool:
        yield from pool.imap(scans.__getitem__, range(len(scans)), chunksize=3)


def main() -> None:
    engine, method, level, key, *files = sys.argv[1:]
    load = by_torch if engine == "torch" else by_multiprocessing
    for each in load(method, Level(level), None if key == "-" else key, files):
        row = {"refused": each.index, "reason": each.reason} if isinstance(each, Refused) else {"scan": each}
        sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
