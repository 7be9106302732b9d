"""Markup, in which whatever is no markup of ours is text: what a report says can't become anything else."""

from __future__ import annotations

import html
import re

from dicomblank.words import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["UNKNOWN", "Html", "clipped", "element", "join", "number", "sentence", "table"]

#: Elements without an end.
_EMPTY = frozenset({"br", "meta"})

#: What stands for a number that is not told: an en dash.
UNKNOWN = "\u2013"

# Of a longer text the beginning and the end are shown.
LONGEST = 160


class Html(str):
    """Markup. Every other `str` is text, and is escaped where it becomes a part of some."""

    __slots__ = ()


def text(said: str) -> Html:
    """A text as markup; control characters, and others that can't be seen, as escapes."""
    return said if isinstance(said, Html) else Html(html.escape(escaped(said)))


def join(parts: Iterable[str]) -> Html:
    """One after the other."""
    return Html("".join(map(text, parts)))


def element(name: str, /, *parts: str, **attributes: str) -> Html:
    """An element. `class_` is class, `data_label` is data-label."""
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(escaped(value))}"' for key, value in attributes.items()
    )
    end = "" if name in _EMPTY else f"{join(parts)}</{name}>"
    return Html(f"<{name}{words}>{end}")


def clipped(said: str, most: int = LONGEST) -> str:
    """A text of which the middle is left out where it is too long. It is made visible first: an escape stays whole."""
    shown = escaped(said)
    if len(shown) <= most:
        return shown
    return f"{shown[: most // 3]}…{shown[len(shown) - (most - most // 3 - 1) :]}"


def sentence(said: str) -> Html:
    """A sentence of ours, in which options such as --blank stay whole."""
    parts = re.split(r"(--[a-z-]+)", said)
    return join(element("code", part, class_="opt") if part.startswith("--") else part for part in parts)


def number(count: int | None) -> str:
    """30,000; a dash where it is not told."""
    return UNKNOWN if count is None else f"{count:,}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = (), name: str = "") -> Html:
    """A table whose rows become blocks with labels where there is no room for columns.

    The columns numbered in `right` are flush right. The first cell of a row is its head.
    """
    columns = [element("th", title, scope="col", **_side(place, right)) for place, title in enumerate(head)]
    lines = []
    for row in rows:
        first, *rest = row
        cells = [element("th", first, scope="row", **_side(0, right))]
        for place, cell in enumerate(rest, 1):
            cells.append(element("td", element("span", cell), data_label=head[place], **_side(place, right)))
        lines.append(element("tr", *cells))
    body = (element("thead", element("tr", *columns)), element("tbody", *lines))
    return element("table", *body, class_=name) if name else element("table", *body)


def _side(place: int, right: Sequence[int]) -> dict[str, str]:
    return {"class_": "r"} if place in right else {}
