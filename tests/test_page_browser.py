"""The page as a browser shows it: at three widths, and on paper."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import zlib
from typing import TYPE_CHECKING

import pytest

import dicomblank
from browser import BROWSER, WIDTHS, laid_out, picture, printed
from dicomblank.page.style import CSS
from pages import file_row, in_place, run_row, whole, written
from samples import CT, damaged_ct

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="needs Chromium: sh tools/need.sh --browser says how to install it"
)

#: Long, without a place to break it, and in a script that is written from right to left.
NAMES = ("x" * 3000, "very-long-" * 30 + "name.dcm", "a/" * 200 + "b", "שלום עולם" * 20, "W" * 70)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page with something in each of its parts: of a real run over a mixed folder, and of rows with odd names."""
    study = tmp_path / "study"
    study.mkdir()
    (study / "ct.dcm").write_bytes(CT.read_bytes())
    (study / "damaged.dcm").write_bytes(damaged_ct())
    (study / "archive.zip").write_bytes(b"PK\3\4")
    (study / "notes.txt").write_text("nothing medical\n")
    report = tmp_path / "run.jsonl"
    dicomblank.anonymize_copy(study, tmp_path / "out", "anonymize-full", on_error="collect", report=report)
    place = f"({NAMES[0][:60]})"
    files = [file_row(name, "refused", kind="truncated", offset=7, tag_path=place * 30) for name in NAMES]
    files += [file_row(name, warnings=["unmarked"]) for name in NAMES]
    files += [file_row(name, leftovers=[{"place": "path", "of": "PatientID"}], leftover_count=1) for name in NAMES]
    tags = {place: 10**12, "PatientName": 10**12}
    told = {"searched": 9, "files": 5, "found": 5, "replaced": 0, "not_searched": 7, "places": tags, "of": tags}
    run = run_row(sources=list(NAMES), level="anonymize-" + "full" * 40, key="0" * 300, **in_place())
    rows = whole(*files, run=run, values=tags, files_with=tags, leftovers=told, seconds=9.5)
    rows[1:1] = [{"row": "pace", "seconds": float(second), "files": 0} for second in range(1, 9)]
    inspected = {**run_row(), "destination": None, "inspect": {"left": True}}
    found = {"pictures": {"modality-us": 1}, "private": {NAMES[0]: 10**9}}
    other = whole(
        file_row("us.dcm", "inspected", found={"pictures": ["modality-us"]}), run=inspected, found=found, left=found
    )
    path = tmp_path / "page.html"
    reports = [report, written(tmp_path / NAMES[4], rows), written(tmp_path / "inspect.jsonl", other)]
    dicomblank.report_page(reports, path)
    return path


def test_a_browser_shows_the_page_at_every_width(page: Path) -> None:
    """Its text, read through the browser; and nothing is to be scrolled sideways."""
    laid = laid_out(*((page.read_text(), width) for width in WIDTHS))
    assert [one.client for one in laid] == list(WIDTHS)
    for one in laid:
        assert one.scroll <= one.client, (one.client, one.out)
        assert one.out == []
        text = " ".join(one.text.split())
        for words in (
            "REVIEW REQUIRED 6 files refused: nothing was written",
            "1 file with likely text in the picture",
            "What to do: The file is damaged or not whole.",
            "study/damaged.dcm at 0x162 in (0008,0008)",
            "In 5 files a value that was blanked or replaced stands in another place",
            "1,000,000,000,000",
            "Name and role Signature Place and date",
        ):
            assert words in text, words
    narrow, middle, wide = (one.text for one in laid)
    # Tables have their heads above columns where there is room, and each cell its own where there is none.
    assert "Attribute name" in middle
    assert "Contents" not in narrow
    assert len(wide) > len(middle)  # the list of contents stands beside it


def test_a_browser_prints_the_page(page: Path, tmp_path: Path) -> None:
    printed(page, tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF-")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not here: the printed page is made, and not read")
    words: list[str | Path] = ["pdftotext", "-layout", tmp_path / "page.pdf", "-"]
    text = " ".join(subprocess.run(words, capture_output=True, text=True, check=True).stdout.split())
    for said in ("REVIEW REQUIRED", "De-identified elements and actions", "Signature"):
        assert said in text
    assert re.search(r"\b1 ?/ ?\d", text)  # the numbers of the pages


def test_a_browser_takes_a_picture_of_the_page(page: Path, tmp_path: Path) -> None:
    """In the dark scheme, on its ground. `make report-shots` takes them in every width, to be looked at."""
    picture(page, 360, 700, tmp_path / "page.png", dark=True)
    data = (tmp_path / "page.png").read_bytes()
    assert struct.unpack(">II", data[16:24]) == (360, 700)
    assert len(data) > 10_000  # more than a ground
    ground = re.findall(r"--ground:#(\w+)", CSS)[1]
    # Of the first pixel, as of no other, the filters of PNG leave the color as it is.
    start = data.index(b"IDAT") + 4
    assert zlib.decompressobj().decompress(data[start:], 4)[1:].hex() == ground


def test_a_script_that_got_into_the_page_would_not_run(tmp_path: Path) -> None:
    """Names become text: this is the second line of defence, the policy that the page states to the browser."""
    dicomblank.report_page(written(tmp_path / "run.jsonl", whole(file_row())), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    script = "<script>document.body.append('it ran')</script>"
    image = "<img src=x onerror=\"document.body.append('it failed')\">"
    broken = page.replace("</main>", f"{script}{image}</main>")
    held, free = laid_out((broken, 360), (broken.replace("Content-Security-Policy", "none"), 360))
    assert ("it ran" in free.text, "it failed" in free.text) == (True, True)
    assert ("it ran" in held.text, "it failed" in held.text) == (False, False)
