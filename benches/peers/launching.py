"""Runs programs as whole processes, by the small launcher that tells time and peak memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BINARIES = ROOT / "target/benches/release"
OURS = ROOT / ".venv/bin/python"
TIMEOUT = 180  # seconds; the longest run of the slowest peer takes a tenth of it


def new_key(folder: Path) -> Path:
    """A new key file in this folder."""
    key = folder / "secret.key"
    subprocess.run([OURS, "-m", "dicomblank", "key", "new", str(key)], cwd=ROOT, check=True, capture_output=True)
    return key


@dataclass(frozen=True)
class Run:
    """One run of one program."""

    seconds: float
    peak_kib: int
    code: int
    output: str

    @property
    def failure(self) -> str | None:
        """Why the run doesn't count. What the program printed is not a part of it: that may hold values."""
        return f"exit code {self.code}" if self.code else None

    @property
    def call_seconds(self) -> float | None:
        """What the program itself measured and printed, if it did."""
        last = self.output.strip().rpartition("\n")[2]
        if not last.startswith("{"):
            return None
        return float(json.loads(last)["seconds"])


def run(command: list[str], scratch: Path, sync: Path | None = None) -> Run:
    """Run `command` in the repository; with `sync`, writing out that folder's file system is part of the time."""
    output = scratch / "output.txt"
    launcher = [str(BINARIES / "launch"), str(output), str(sync or "-"), *command]
    with subprocess.Popen(
        launcher, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True, env=os.environ | {"LC_ALL": "C"}
    ) as process:
        try:
            told, _ = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return Run(TIMEOUT, 0, -1, "")
    if process.returncode:
        raise RuntimeError(f"{command[0]} could not be run")
    measured = json.loads(told)
    return Run(measured["seconds"], measured["peak_kib"], measured["code"], output.read_text(errors="replace"))
