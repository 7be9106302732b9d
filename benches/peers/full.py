"""The job anonymize-full: blank the values of the level, in memory and on a disk, and what is to be reached."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benches.peers import bars, machine, measuring
from benches.peers.programs import install_missing, programs

if TYPE_CHECKING:
    import argparse


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All rounds, in memory and on the disk, and the bars."""
    install_missing(programs())
    measurement = measuring.Measurement(programs(), options)
    about = measuring.about(measurement, options)
    with tempfile.TemporaryDirectory(dir=options.memory, prefix="dicomblank-") as name:
        for _ in range(options.rounds):
            measurement.small(bars.MEMORY, Path(name), sync=False)
            measurement.large(bars.MEMORY, Path(name), memory=machine.available_memory())
        extra = None
        if not options.only:
            extra = bars.extras(Path(name), options.rounds, bars.MANY // 100 if options.quick else bars.MANY)
    measurement.disk(options)
    return {
        **about,
        "rows": [row.as_json() for row in measurement.rows.values()],
        "extra": extra,
        "bars": [asdict(bar) | {"met": bar.met} for bar in bars.bars(measurement.rows, extra)] if extra else [],
    }
