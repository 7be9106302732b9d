"""What inspections found in the files."""

from __future__ import annotations

from dicomblank.page.markup import clipped, element, number, table
from dicomblank.profile import ATTRIBUTES
from dicomblank.subjects import SECTIONS, SUBJECTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank.page.markup import Html
    from dicomblank.page.showing import Showing
    from dicomblank.page.tally import Tally

__all__ = ["findings"]

# Sections that are told.
MOSTSECTIONS = 12

_NOTHING = "Files were inspected, and nothing was found."
_NOT_INSPECTED = (
    "No inspection is among these reports (dicomblank inspect): text in pictures, overlays, documents and other "
    "attributes are not told of."
)


def findings(tally: Tally, showing: Showing) -> Html:
    """A table for each section, and the files with likely text in their pictures."""
    parts: list[Html] = []
    names = {row.keyword: row.name for row in ATTRIBUTES if row.keyword}
    names |= {subject.word: subject.meaning for subject in SUBJECTS}
    for section in _in_order(tally):
        common = sorted(
            ((word, found) for (of, word), found in tally.found.items() if of == section),
            key=lambda row: (-row[1].files, row[0]),
        )
        is_asked = any(found.left is not None for _, found in common)
        head = ("What", "Files", "Left by a run") if is_asked else ("What", "Files")
        rows = [
            (
                names.get(word) or showing.code(word),
                number(found.files),
                *([number(found.left)] if is_asked else []),
            )
            for word, found in common[: showing.size.rows]
        ]
        parts += [
            element("h3", clipped(SECTIONS.get(section, section), showing.size.letters)),
            table(head, rows, right=(1, 2)),
        ]
        parts += showing.more(len(common), len(rows))
        if section == "pictures":
            parts.append(showing.files(tally.pictures))
    if tally.pictures.count and not any(section == "pictures" for section, _ in tally.found):
        parts += [element("h3", SECTIONS["pictures"]), showing.files(tally.pictures)]
    if not parts:
        parts = [element("p", _NOTHING if "inspect" in tally.tasks else _NOT_INSPECTED, class_="about")]
    return element("section", element("h2", "What an inspection found"), *parts, id="found")


def _in_order(tally: Tally) -> list[str]:
    sections = dict.fromkeys(section for section, _ in tally.found)
    known = [name for name in SECTIONS if name in sections]
    return [*known, *(name for name in sections if name not in SECTIONS)][:MOSTSECTIONS]
