"""What the command says of a comparison at its end: how many files are in order, and what to do about the others."""

from __future__ import annotations

from dicomblank.leftovers import sentences as leftovers
from dicomblank.summary import level_of
from dicomblank.words import counted, duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from dicomblank._core import Report, Row

__all__ = ["OUTCOMES", "Verdict"]

#: What can become of a file that is compared, with what it means. The worst come first.
OUTCOMES = {
    "ok": "nothing is left to blank, and nothing else changed",
    "leak": "a value that was to be blanked is still there",
    "differs": "pydicom reads a blanked value as a longer one, with bytes of other elements in it",
    "changed": "something changed that was to stay, or became something else than it should",
    "other-level": "it is what another level makes of the original",
    "unreadable": "the original or the result can't be read, so that nobody knows what is in it",
    "unconfirmed": "core and bytes find no fault, but pydicom can read neither the result nor the original",
    "refused": "there is no result, since the original is refused",
    "missing": "there is no result, though nothing is wrong with the original",
    "extra": "there is no original, so that nobody knows what is in it",
    "not-dicom": "not DICOM (no fault)",
}

# What to do about each.
_TO_DO = {
    "leak": "Don't share such files: anonymize their originals again.",
    "differs": "Look at such files with pydicom before you share them.",
    "changed": "Find out what changed such files, or anonymize their originals again.",
    "unreadable": "Don't share such files before they can be read.",
    "unconfirmed": "With --no-pydicom, core and bytes are enough.",
    "refused": '"dicomblank plan FILE" says what is wrong with an original.',
    "missing": '"dicomblank anonymize" with --skip-existing makes what is missing.',
    "extra": "Take such files out, or compare them with their originals.",
}

# Kinds of one outcome that are told: the commonest.
MOST_KINDS = 3


class Verdict:
    """Counts the notable rows of one run of `verify`, and makes sentences of them, in which there are no zeros."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._kinds: dict[str, dict[str, int]] = {}
        self._levels: dict[str, int] = {}

    def add(self, row: Row) -> None:
        """Takes one row."""
        if row.is_fault and row.kind is not None:
            kinds = self._kinds.setdefault(row.outcome, {})
            kinds[row.kind] = kinds.get(row.kind, 0) + 1
        for level in row.levels:
            self._levels[level] = self._levels.get(level, 0) + 1

    def sentences(self, report: Report) -> Iterator[str]:
        """A line each."""
        found = {word: report.counts[word] for word in OUTCOMES if report.counts[word]}
        other = found.pop("not-dicom", 0)
        yield self._first(found, report)
        for word in found:
            if word != "ok":
                yield self._about(word)
        if other:
            yield f"{counted(other, 'other file')} {'is' if other == 1 else 'are'} not DICOM."
        yield from leftovers(report)
        if self._args.no_pydicom and found:
            yield "pydicom was not asked: these are the opinions of dicomblank's core and of the bytes."

    def _first(self, found: dict[str, int], report: Report) -> str:
        total, good = sum(found.values()), found.get("ok", 0)
        if not total:
            return "No file was compared."
        took = duration(report.seconds)
        if good == total:
            are, its = ("is", "its original") if total == 1 else ("are", "their originals")
            return f"{counted(total, 'file')} {are} what {level_of(self._args)} makes of {its} ({took})."
        parts = ", ".join(f"{count:,} {word}" for word, count in found.items() if word != "ok")
        differ = "differs" if total - good == 1 else "differ"
        return f"{total - good:,} of {counted(total, 'file')} {differ}: {parts} ({took})."

    def _about(self, word: str) -> str:
        """What an outcome means, with its commonest kinds or levels, and what to do about it."""
        found = self._levels if word == "other-level" else self._kinds.get(word, {})
        told = _commonest(found) if len(found) > 1 or word in {"other-level", "refused"} else ""
        to_do = _TO_DO.get(word) or f"Verify with --level {_sorted(found)[0][0]}, or anonymize the originals again."
        return f"{word.capitalize()}: {OUTCOMES[word]}{told}. {to_do}"


def _sorted(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _commonest(counts: dict[str, int]) -> str:
    found = _sorted(counts)
    told = ", ".join(f"{word} {count:,}" for word, count in found[:MOST_KINDS])
    return f" ({told}{', …' if len(found) > MOST_KINDS else ''})"
