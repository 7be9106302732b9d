"""Bars, as SVG in the page. What they show is said in words as well."""

from __future__ import annotations

from dicomblank.page.markup import element

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dicomblank.page.markup import Html

__all__ = ["columns", "stack", "swatch"]

# Units of the drawings, which are stretched to their places.
WIDTH, HEIGHT = 1000, 100

# Of a part that is not empty so much is shown, however small it is: one file of a million is to be seen.
LEAST = 4.0


def stack(parts: Iterable[tuple[str, int]], said: str) -> Html:
    """One bar of several parts, each with its class and its count."""
    shown = [(class_, count) for class_, count in parts if count]
    total = sum(count for _, count in shown) or 1
    widths = [max(WIDTH * count / total, LEAST) for _, count in shown]
    scale = WIDTH / sum(widths) if widths else 1
    rects, at = [], 0.0
    for (class_, _), width in zip(shown, widths, strict=True):
        rects.append(_rect(class_, at, 0, width * scale, HEIGHT))
        at += width * scale
    return _drawing("bar", said, rects)


def columns(heights: Sequence[float], said: str) -> Html:
    """Columns side by side, the highest of which reaches the top."""
    top = max(heights, default=0.0) or 1.0
    width = WIDTH / max(len(heights), 1)
    rects = []
    for place, height in enumerate(heights):
        tall = HEIGHT * height / top
        rects.append(_rect("done", place * width + width * 0.08, HEIGHT - tall, width * 0.84, tall))
    return _drawing("chart", said, rects)


def swatch(class_: str) -> Html:
    """A patch of the color that a part of a bar has."""
    rect = element("rect", class_=class_, width="100", height="100")
    return element("svg", rect, class_="swatch", viewBox="0 0 100 100", aria_hidden="true")


def _drawing(class_: str, said: str, rects: Sequence[Html]) -> Html:
    box = f"0 0 {WIDTH} {HEIGHT}"
    return element("svg", *rects, class_=class_, viewBox=box, preserveAspectRatio="none", role="img", aria_label=said)


def _rect(class_: str, x: float, y: float, width: float, height: float) -> Html:
    return element("rect", class_=class_, x=_unit(x), y=_unit(y), width=_unit(width), height=_unit(height))


def _unit(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
