"""Anonymizes the real files that pydicom's wheel ships, in a temporary folder, and shows what happened to one.

Some of them are damaged on purpose. Those are refused, each with its reason, so that the command's exit code is 1: the
demo accepts that, and nothing else that goes wrong.
"""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from json import loads
from pathlib import Path
from tempfile import TemporaryDirectory

import pydicom.data

import dicomblank

# Only what the wheel holds: pydicom's own functions would also download more.
SAMPLES = Path(pydicom.data.__file__).parent / "test_files"
SHOWN = "CT_small.dcm"
LEVEL = dicomblank.Level.ANONYMIZE_FULL


def main() -> int:
    """Run the demo; return its exit code."""
    with TemporaryDirectory(prefix="dicomblank-demo-") as folder:
        files = Path(folder) / "files"
        report = Path(folder) / "report.jsonl"
        shutil.copytree(SAMPLES, files, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
        plan = list(dicomblank.plan(files / SHOWN, LEVEL))
        before = (files / SHOWN).read_bytes()
        exit_code = anonymize(files, report)
        after = (files / SHOWN).read_bytes()
        rows = [loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
        outcomes = Counter(row["outcome"] for row in rows if row["row"] == "file")
    show(plan, before, after)
    return verdict(exit_code, outcomes, blanked=after == blank(plan, before))


def anonymize(files: Path, report: Path) -> int:
    """Run the command on the folder; its summary and the refused files go to the terminal."""
    options = ["--in-place", "--level", LEVEL.value, "--validate"]
    print(f"$ dicomblank anonymize {files} {' '.join(options)}", flush=True)
    command = [sys.executable, "-m", "dicomblank", "anonymize", str(files), *options, "--report", str(report)]
    exit_code = subprocess.run(command, check=False).returncode
    print(f"(exit code {exit_code}{': some files were refused, as expected' if exit_code == 1 else ''})")
    return exit_code


def show(plan: Sequence[dicomblank.Edit], before: bytes, after: bytes) -> None:
    """Print each value that was to be blanked, before and after. A public sample's values, and no one's else."""
    print(f"\n{SHOWN}, before and after:\n")
    width = max(len(edit.tag_path) for edit in plan)
    for edit in plan:
        span = slice(edit.start, edit.start + edit.length)
        print(
            f"  {edit.tag_path:<{width}} {edit.vr} {edit.keyword:<24} {quoted(before[span]):<26} {quoted(after[span])}"
        )
    changed = sum(was != now for was, now in zip(before, after, strict=True))
    print(f"\n  {len(before)} bytes before, {len(after)} after; {changed} of them changed, all inside these values")


def blank(plan: Sequence[dicomblank.Edit], before: bytes) -> bytes:
    """Return what the file should be now: this level has targets of text only, and text is padded with spaces."""
    expected = bytearray(before)
    for edit in plan:
        expected[edit.start : edit.start + edit.length] = b" " * edit.length
    return bytes(expected)


def quoted(value: bytes) -> str:
    """Return a value as it stands in the file."""
    return f"'{value.decode('latin-1')}'"


def verdict(exit_code: int, outcomes: Counter[str], *, blanked: bool) -> int:
    """Say what went wrong, if anything did; return the demo's exit code."""
    faults = []
    if exit_code not in {0, 1}:
        faults.append(f"the command ended with exit code {exit_code}")
    if not outcomes["anonymized"]:
        faults.append("no file was anonymized")
    if outcomes["failed"]:
        faults.append(f"{outcomes['failed']} files failed")
    if not blanked:
        faults.append(f"{SHOWN} is not what its plan makes of it")
    for fault in faults:
        print(f"demo: {fault}", file=sys.stderr)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
