"""A browser without a window, which lays a page out and says how it came out: Debian's Chromium, or Chrome.

What the browser is shown is a frame of each width on a page of its own, so that one start of it tells of all of them;
and a window has a least width, which a frame has not.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

WIDTHS = (360, 1024, 1600)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)

FRAME = '<iframe width="{width}" height="{height}" style="border:0" srcdoc="{page}"></iframe>'
MEASURE = """
<script>
addEventListener("load", () => {
  const told = [...document.querySelectorAll("iframe")].map(frame => {
    const page = frame.contentDocument, root = page.documentElement
    const out = [...page.body.querySelectorAll("*")].filter(
      part => part.scrollWidth > root.clientWidth || part.getBoundingClientRect().right > root.clientWidth + 1)
    return {
      scroll: root.scrollWidth, client: root.clientWidth, height: root.scrollHeight, text: page.body.innerText,
      out: out.map(part => part.outerHTML.slice(0, 100)),
    }
  })
  document.body.replaceChildren(Object.assign(document.createElement("pre"), {textContent: JSON.stringify(told)}))
})
</script>
"""


class Laid(NamedTuple):
    """A page as it was laid out in some width."""

    scroll: int
    """How wide it is."""
    client: int
    """How wide the window is."""
    height: int
    text: str
    out: list[str]
    """Elements that stand out of the window."""


def laid_out(*pages: tuple[str, int]) -> list[Laid]:
    """Each page in its width."""
    frames = (FRAME.format(width=width, height=800, page=html.escape(page)) for page, width in pages)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frames.html"
        path.write_text(f"<!doctype html><meta charset=utf-8><body>{''.join(frames)}{MEASURE}")
        shown = run("--dump-dom", "--hide-scrollbars", path)
    (told,) = re.findall(r"<pre>(.*)</pre>", shown, re.DOTALL)
    return [Laid(**one) for one in json.loads(html.unescape(told))]


def picture(page: Path, width: int, height: int, target: Path, *, dark: bool = False) -> None:
    """A picture of the upper part of the page."""
    frame = FRAME.format(width=width, height=height, page=html.escape(page.read_text()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame.html"
        path.write_text(f'<!doctype html><meta charset=utf-8><body style="margin:0;overflow:hidden">{frame}')
        scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
        run(f"--screenshot={target}", f"--window-size={width},{height}", "--hide-scrollbars", *scheme, path)


def printed(page: Path, target: Path) -> None:
    """The page on paper, as a PDF."""
    run("--no-pdf-header-footer", f"--print-to-pdf={target}", page)


def run(*words: str | Path) -> str:
    """What the browser says; without a network, and with nothing that another run of it has left."""
    if BROWSER is None:
        raise FileNotFoundError("no Chromium: sh tools/need.sh --browser")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        quiet = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions"]
        # In a container, or as root, there is no room for its sandbox; and the pages are our own.
        quiet.append("--no-sandbox")
        # No name can be looked up: a page that asks for something outside gets nothing.
        alone = ["--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking", f"--user-data-dir={home}"]
        done = subprocess.run(
            [BROWSER, *quiet, *alone, *words], capture_output=True, text=True, check=False, timeout=110
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout
