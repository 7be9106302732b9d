"""What may have been meant by a word that is not known."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean", "nearest"]


def nearest(word: str, known: Iterable[str], *, most: int = 1, cutoff: float = 0.7) -> list[str]:
    """The known words that are nearest to `word`, in any case, or the only one that it is a part of."""
    import difflib  # only an error needs it

    by_lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), by_lower, n=most, cutoff=cutoff)
    if not near and len(word) >= 3:
        around = [name for name in by_lower if word.lower() in name]
        near = around if len(around) == 1 else []
    return [by_lower[name] for name in near]


def did_you_mean(names: list[str]) -> str:
    """The question, to be set behind a sentence; nothing where there are no names."""
    return f"; did you mean {' or '.join(names)}?" if names else ""
