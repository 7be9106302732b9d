"""The types of attributes (PS3.5 §7.4) in the information object definitions (IODs) of PS3.3.

Of those attributes whose action in Table E.1-1 of PS3.15 is compound, as X/Z/D: there the type decides, which says
whether the attribute may be missing from a valid object, or be empty in it.
"""

from __future__ import annotations

import functools

from dicomblank.types_table import IODS, MODULES, SOP_CLASSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

    #: The tags of the sequences around an attribute, from the top, and its own.
    Path: TypeAlias = tuple[int, ...]

__all__ = ["NOT_IN_IOD", "TYPES", "all_types", "attribute_type", "types_of"]

#: The strictest first: 1 has a value, 2 may be empty, 3 may be missing; C is under a condition.
TYPES = ("1", "1C", "2", "2C", "3")
NOT_IN_IOD = "not in the IOD"

CONTENT_SEQUENCE = 0x0040_A730


def attribute_type(sop_class: str, path: Path) -> str | None:
    """The type of the attribute at this place, `NOT_IN_IOD`, or None for a SOP class that the table does not have.

    Where several modules have it, the strictest type counts, whether their usage is mandatory or not.
    """
    types = types_of(sop_class)
    if types is None:
        return None
    return next((types[place] for place in _places(path) if place in types), NOT_IN_IOD)


@functools.lru_cache(maxsize=32)
def types_of(sop_class: str) -> Mapping[Path, str] | None:
    """The types of all attributes that the table has for a SOP class, by their places; None for an unknown one."""
    iod = _sop_classes().get(sop_class)
    return None if iod is None else {path: TYPES[of] for path, of in _of_iod(iod).items()}


def all_types() -> list[tuple[str, Path, int]]:
    """The table as a whole: SOP class, place, and 1, 2 or 3, as which those under a condition count."""
    counts_as = [int(of[0]) for of in TYPES]
    of_iods = {iod: [(path, counts_as[of]) for path, of in _of_iod(iod).items()] for iod in _iods()}
    return [(sop_class, *row) for sop_class, iod in _sop_classes().items() for row in of_iods[iod]]


def _of_iod(iod: str) -> dict[Path, int]:
    """The types of an IOD, as their places in `TYPES`."""
    types: dict[Path, int] = {}
    for module in _iods()[iod]:
        for path, of in _modules()[module]:
            if types.get(path, len(TYPES)) > of:
                types[path] = of
    return types


def _places(path: Path) -> Iterator[Path]:
    """Where the table may have it: the items of a content tree and its root are alike, at any depth (PS3.3 C.17.3)."""
    yield path
    depth = next((depth for depth, tag in enumerate(path) if tag != CONTENT_SEQUENCE), 0)
    if depth > 1:
        yield path[depth - 1 :]
    if depth:
        yield path[depth:]


@functools.cache
def _sop_classes() -> dict[str, str]:
    return dict(line.split("|") for line in SOP_CLASSES.splitlines())


@functools.cache
def _iods() -> dict[str, list[str]]:
    return {iod: modules.split() for iod, modules in (line.split("|") for line in IODS.splitlines())}


@functools.cache
def _modules() -> dict[str, list[tuple[Path, int]]]:
    modules: dict[str, list[tuple[Path, int]]] = {}
    places = {of: place for place, of in enumerate(TYPES)}
    for line in MODULES.splitlines():
        module, path, of = line.split("|")
        modules.setdefault(module, []).append((tuple(int(tag, 16) for tag in path.split("/")), places[of]))
    return modules
