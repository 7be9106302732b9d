"""What a shard costs before the core begins, in microseconds of CPU a file: `python -m benches.manifests`.

A manifest of 20,000 keys is read, as `dicomblank shard` writes it, with ETags, and in another form of JSON; and a run
over it is made ready, which includes a look into the ledger.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from dicomblank.shards import Manifest
from dicomblank.shards.running import ShardRun

if TYPE_CHECKING:
    from collections.abc import Callable

FILES, ROUNDS = 20_000, 9


def took(work: Callable[[], object]) -> str:
    """The best and the median of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) / FILES * 1e6)
    return f"{min(times):6.2f} best, {statistics.median(times):6.2f} median"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        (top / "study").mkdir()
        for manifest, etag, separators in (("plain", False, None), ("etag", True, None), ("other", False, (",", ":"))):
            rows: list[dict[str, object]] = [{"source": str(top / "study")}]
            for number in range(FILES):
                beside = {"etag": f'"{number:032x}"'} if etag else {}
                rows.append({"key": f"series{number // 100:04}/{number:06}.dcm", "size": 8192} | beside)
            path = top / f"{manifest}.jsonl"
            path.write_text("".join(json.dumps(row, separators=separators) + "\n" for row in rows))
            print(f"read, {manifest:5}", took(lambda path=path: Manifest.read(path)))  # type: ignore[misc]
        shard = Manifest.read(top / "plain.jsonl")

        def ready() -> None:
            run = ShardRun(shard, "anonymize", output=top / "out", in_place=False, ledger=top / "ledger")
            assert run.done() is None

        print("made ready ", took(ready))


if __name__ == "__main__":
    main()
