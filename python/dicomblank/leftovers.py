"""What is said of values that were blanked or replaced, and stand elsewhere as well."""

from __future__ import annotations

from dicomblank.choices import Leftovers
from dicomblank.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from dicomblank._core import Report

__all__ = ["NOT_LOOKED_FOR", "leftovers_of", "sentences"]

#: Places that are told, the commonest first.
MOST_PLACES = 5

#: The last words on a run that did not look.
NOT_LOOKED_FOR = (
    "Not looked for: the same values elsewhere in the files and in their names. --leftovers warn does, and so do verify"
    " and inspect"
)


def leftovers_of(args: argparse.Namespace) -> Leftovers:
    """What the options ask for. A list of known names is of no use but to be looked for."""
    if args.leftovers is not None:
        return Leftovers(args.leftovers)
    return Leftovers.IGNORE if args.known is None else Leftovers.WARN


def sentences(report: Report) -> Iterator[str]:
    """A line each, of a run that has looked for them."""
    counts = report.leftovers
    if not counts:
        return
    found, files, searched = counts["found"], counts["files"], counts["searched"]
    if found:
        stand = "A value that was looked for stands" if found == 1 else "Values that were looked for stand"
        where = f"in {counted(files, 'file')}, at {counted(found, 'place')}"
        yield f"{stand} elsewhere as well {where}: {_places(report)}."
    elif searched:
        yield f"No value was found elsewhere; {counted(searched, 'file')} had one that could be looked for."
    else:
        yield "There was no value to look for elsewhere."
    if replaced := counts["replaced"]:
        yield f"{replaced:,} of these places {'was' if replaced == 1 else 'were'} overwritten."
    if short := counts["not_searched"]:
        was = "value was" if short == 1 else "values were"
        yield f"{short:,} {was} not looked for: too short to be told from other text, or spelled in too many ways."


def _places(report: Report) -> str:
    common = sorted(report.leftover_places.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{place} in {count:,}" for place, count in common[:MOST_PLACES])
    more = len(common) - MOST_PLACES
    return f"{shown}, and {counted(more, 'other place')}" if more > 0 else shown
