"""Pictures of the page of a report: of a mixed folder, at three widths, dark, and on paper. `make report-shots`.

They go into target/report-shots, or the folder that is named. Look at them after every change of the page: no test sees
whether it is calm and clear.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pydicom

import dicomblank
from browser import BROWSER, WIDTHS, laid_out, picture, printed

ROOT = Path(__file__).parents[1]
SAMPLES = Path(pydicom.__file__).parent / "data" / "test_files"
# Others that may lie beside this checkout.
SHARED = ROOT.parent / "shared" / "data"

# Of the picture in the README: the upper part of the page.
UPPER = (860, 1480)


def main(target: Path) -> int:
    """Take the pictures into `target`; return the exit code."""
    if BROWSER is None:
        return subprocess.run(
            [shutil.which("sh") or "sh", ROOT / "tools" / "need.sh", "--browser"], check=False
        ).returncode
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        reports = reported(Path(folder))
        upper = page_of(reports[:1], target / "run.html")
        page = page_of(reports, target / "report.html")
    for width, laid in zip(WIDTHS, laid_out(*((page.read_text(), width) for width in WIDTHS)), strict=True):
        picture(page, width, laid.height, target / f"report-{width}.png")
        if width == WIDTHS[1]:
            picture(page, width, laid.height, target / f"report-{width}-dark.png", dark=True)
    picture(upper, *UPPER, target / "report.png")
    printed(page, target / "report.pdf")
    if program := shutil.which("pdftoppm"):
        subprocess.run([program, "-r", "80", "-png", target / "report.pdf", target / "report-printed"], check=True)
    print(f"the pictures are in {target}")
    return 0


def reported(folder: Path) -> list[Path]:
    """Make the reports of a mixed folder, and of the comparison of its copies."""
    study = folder / "study"
    shutil.copytree(SAMPLES, study / "pydicom")
    if SHARED.is_dir():
        shutil.copytree(SHARED, study / "others")
    (study / "archive.zip").write_bytes(b"PK\3\4")
    (study / "notes.txt").write_text("nothing medical\n")
    (study / "cut.dcm").write_bytes((SAMPLES / "CT_small.dcm").read_bytes()[:3000])
    rules = ["--level", "anonymize-full", "--blank", "AccessionNumber", "--keep", "StudyTime", "--quiet"]
    run, verify = folder / "run.jsonl", folder / "verify.jsonl"
    command: list[str | Path] = [sys.executable, "-m", "dicomblank"]
    work: list[list[str | Path]] = [
        ["anonymize", "study", "--output", "shared", "--validate", "--report", run],
        ["verify", "study", "shared", "--report", verify],
    ]
    for words in work:
        # Some files are refused, which makes the exit code 1.
        subprocess.run([*command, *words, *rules], cwd=folder, check=False, capture_output=True)
    return [run, verify]


def page_of(reports: list[Path], target: Path) -> Path:
    """Make a page of them."""
    target.unlink(missing_ok=True)
    dicomblank.report_page(reports, target)
    return target


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "target" / "report-shots"))
