"""The page as a whole."""

from __future__ import annotations

import base64
import hashlib

from dicomblank._core import __version__
from dicomblank.page.closing import example, reports, sign
from dicomblank.page.elements import elements, left
from dicomblank.page.findings import findings
from dicomblank.page.lists import left_out, leftovers, not_done, warnings
from dicomblank.page.markup import Html, element, join
from dicomblank.page.outcomes import outcomes
from dicomblank.page.overview import figures, head, runs, verdict_block
from dicomblank.page.showing import SIZES, Showing
from dicomblank.page.style import CSS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank.page.tally import Tally
    from dicomblank.page.verdict import Verdict

__all__ = ["LARGEST", "page_of"]

#: Bytes of a page, at most.
LARGEST = 200_000

_PARTS = (
    ("verdict", "Verdict"),
    ("runs", "What was run"),
    ("files", "What became of the files"),
    ("not-done", "Refused, failed"),
    ("warnings", "Warnings"),
    ("leftovers", "Leftovers"),
    ("found", "Inspection"),
    ("left-out", "Not copied, left alone"),
    ("elements", "Elements and actions"),
    ("statement", "Statement of conformance"),
    ("left", "What stays in the files"),
    ("example", "An example"),
    ("reports", "The reports"),
    ("sign", "Sign"),
)


def page_of(tally: Tally, verdict: Verdict, *, paths: bool) -> bytes:
    """The page, with the names of files and folders or without them."""
    page = b""
    for size in SIZES:
        page = _document(tally, verdict, Showing(paths=paths, size=size))
        if len(page) <= LARGEST:
            break
    return page


def _document(tally: Tally, verdict: Verdict, showing: Showing) -> bytes:
    statement = tally.profiles.statement(showing)
    main = element(
        "main",
        head(tally),
        verdict_block(verdict),
        figures(tally),
        runs(tally, showing),
        outcomes(tally, showing),
        not_done(tally, showing),
        warnings(tally, showing),
        leftovers(tally, showing),
        findings(tally, showing),
        left_out(tally, showing),
        elements(tally, showing),
        statement,
        left(tally, showing),
        example(tally),
        reports(tally, showing),
        sign(),
        _footer(showing),
    )
    parts = [part for part in _PARTS if statement or part[0] != "statement"]
    links = element("ol", *(element("li", element("a", title, href=f"#{place}")) for place, title in parts))
    body = element("body", element("div", element("nav", links, aria_label="Contents"), main, class_="page"))
    page = join([Html("<!doctype html>\n"), element("html", _head(verdict), body, lang="en"), Html("\n")])
    return page.encode()


def _head(verdict: Verdict) -> Html:
    # Nothing is loaded and nothing runs, whatever a name in a report may try: the browser is told so, too.
    checksum = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{checksum}'; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"De-identification report: {verdict.word}"),
        element("style", Html(CSS)),
    )


def _footer(showing: Showing) -> Html:
    names = "It names files and folders: keep it as carefully as the files. " if showing.paths else ""
    said = f"Made by dicomblank {__version__}. This page holds no value of any element of the files. {names}"
    return element("footer", element("p", said.strip()))
