"""pydicom's whole walk beside the core's: on every file at hand, on generated ones and on damaged ones.

Every class of difference is a row [walk.…] of divergences.toml with its reason, and has a specimen here that still
shows it. The cases are seeded: `make differential SEED=… CASES=…` runs others, and CASE=… one of them alone. No value
is ever printed.
"""

from __future__ import annotations

import functools
import os
import tomllib
from collections import Counter
from pathlib import Path
from random import Random

import pytest

import dicomblank
import second_reader
from elements import BIG, EXPLICIT, IMPLICIT, ITEM, ITEM_DELIMITER, PIXELS, UNDEFINED, file_of, known, part10
from generated import Base, Generator, mutated
from samples import SAMPLES, all_files
from second_reader import core_walk, differences, flat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from second_reader import Met

SEED = os.environ.get("DICOMBLANK_SEED") or "dicomblank"
CASES = int(os.environ.get("DICOMBLANK_CASES") or 2000)
CASE = os.environ.get("DICOMBLANK_CASE") or None

SHARED = Path(__file__).parents[2] / "shared" / "data"
FILES = all_files() + sorted(path for path in SHARED.rglob("*") if path.is_file())
KNOWN = frozenset(tomllib.loads(Path(__file__).with_name("divergences.toml").read_text())["walk"])
# A larger one would cost time for bytes that no walk looks at.
LARGEST_BASE = 40_000


@pytest.mark.parametrize(
    "file", FILES, ids=lambda file: file.relative_to(SAMPLES if SAMPLES in file.parents else SHARED).as_posix()
)
def test_files(file: Path) -> None:
    try:
        found = differences(file.read_bytes())
    except dicomblank.Error:
        return  # tests/test_corpus.py says of each refused file why that is so
    assert found <= KNOWN


@functools.cache
def bases() -> list[Base]:
    """pydicom's own files, the same on every machine."""
    small = (path.read_bytes() for path in all_files() if path.stat().st_size <= LARGEST_BASE)
    found = [Base(data, starts) for data in small if (starts := starts_in(data))]
    assert len(found) > 100
    return found


def starts_in(data: bytes) -> list[int]:
    try:
        return [met.start for met in flat(core_walk(data))]
    except dicomblank.Error:
        return []


@pytest.mark.timeout(120 + CASES // 10)
def test_generated_and_damaged_files() -> None:
    numbers = range(CASES) if CASE is None else [int(CASE)]
    unknown, refused, kinds = [], [], Counter[tuple[str, str]]()
    for number in numbers:
        kind, found = outcome(number)
        kinds[kind, "refused" if found is None else "the same" if not found else "otherwise"] += 1
        # A file that nobody has damaged is never refused, and a plain one is read alike.
        if found is None and kind != "damaged":
            refused.append(number)
        elif found is not None and not found <= ({"un-named-a-sequence"} if kind == "plain" else KNOWN):
            unknown.append(f"{number} ({kind}): {', '.join(sorted(found - KNOWN)) or 'not plain'}")
    repeat = f"make differential SEED={SEED} CASE=<number>"
    assert not refused, f"generated files refused, {repeat}: {refused[:10]}"
    assert not unknown, f"differences of no known class, {repeat}: {unknown[:10]}"
    if CASE is None and CASES >= 500:
        # Otherwise too little would be compared.
        assert kinds["plain", "the same"] + kinds["plain", "otherwise"] > CASES / 8
        assert kinds["damaged", "the same"] + kinds["damaged", "otherwise"] > CASES / 8


def outcome(number: int) -> tuple[str, set[str] | None]:
    """What kind of file a case is, and the classes of its differences; None where the core refuses it."""
    random = Random(f"{SEED}/{number}")  # noqa: S311 (the same cases everywhere)
    kind = ("plain", "odd", "damaged", "damaged", "damaged", "damaged")[number % 6]
    data = Generator(random, is_plain=kind == "plain").file()
    if kind == "damaged":
        base = random.choice(bases()) if random.random() < 0.5 else Base(data, starts_in(data))
        data = mutated(random, base, bases())
    try:
        return kind, differences(data)
    except dicomblank.Error:
        return kind, None


def test_a_missed_element_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the core missed one element, or ended a value elsewhere, no class would excuse it."""
    random = Random("missed")  # noqa: S311
    count = 0
    for data in [Generator(random, is_plain=True).file() for _ in range(7)]:
        whole = core_walk(data)
        for index in range(len(list(flat(whole)))):
            for spoil in (drop, shorten, rename):
                walk = core_walk(data)
                if not spoil(walk, index):
                    continue
                monkeypatch.setattr(second_reader, "core_walk", lambda _, walk=walk: walk)
                found = differences(data)
                assert any(each.startswith("unexplained") for each in found), (spoil.__name__, index, found)
                count += 1
        monkeypatch.undo()
    assert count > 200


def drop(walk: list[Met], index: int) -> bool:
    """Takes the element out of the walk, with what it holds."""
    for level, at in places(walk):
        if index == 0:
            del level[at]
            return bool(walk)  # without one the classes are about the whole file
        index -= 1
    return False


def shorten(walk: list[Met], index: int) -> bool:
    met = list(flat(walk))[index]
    length = met.length or 0
    # pydicom decodes character sets and does not tell their length; pixel data may be cut short.
    if met.is_sequence or length < 2 or met.tag in {0x0008_0005, PIXELS}:
        return False
    met.length = length - 1
    return True


def rename(walk: list[Met], index: int) -> bool:
    met = list(flat(walk))[index]
    met.tag ^= 0x0000_0100
    return True


def places(walk: list[Met]) -> list[tuple[list[Met], int]]:
    found = []
    for at, met in enumerate(walk):
        found.append((walk, at))
        for item in met.items:
            found += places(item)
    return found


NAME = EXPLICIT.element(0x0010_0010, "PN", b"Doe^Jane")
PRIVATE = 0x0029_1010
ITEMS = EXPLICIT.item(known(EXPLICIT) + NAME)
SPECIMENS = {
    "duplicate-tag": file_of(EXPLICIT, NAME, NAME),
    "un-named-a-sequence": file_of(EXPLICIT, EXPLICIT.undefined(PRIVATE, "UN", IMPLICIT.item(known(IMPLICIT)))),
    "empty-sequence": file_of(IMPLICIT, IMPLICIT.undefined(PRIVATE, "")),
    "letters-that-are-no-vr": file_of(EXPLICIT, EXPLICIT.element(0x0010_0040, "  ", b"F "), NAME),
    "decoded-character-set": file_of(EXPLICIT, EXPLICIT.element(0x0008_0005, "UN", b"ISO_IR 100"), NAME),
    "explicit-read-as-implicit": part10(
        BIG.uid, BIG.element(0x0008_0008, "\0\0", b"") + known(BIG) + BIG.element(0x0010_0010, "PN", b"Doe^Jane")
    ),
    "pixel-data-cut-short": file_of(EXPLICIT, EXPLICIT.header(PIXELS, "OW", 64), b"\0" * 32),
    "items-to-pydicom-only": file_of(
        EXPLICIT, EXPLICIT.element(0x0008_1110, "UN", IMPLICIT.framing(ITEM, 99) + known(IMPLICIT)), NAME
    ),
    "items-to-the-core-only": file_of(
        EXPLICIT,
        EXPLICIT.sequence(PRIVATE, EXPLICIT.item(known(EXPLICIT), EXPLICIT.element(0x0008_0005, "US", b"\1\0"))),
        NAME,
    ),
    # PS3.5 §7.8.1: no element has a group of FFFF.
    "unknown-tail": file_of(EXPLICIT, NAME, b"\xff" * 4 + EXPLICIT.framing(ITEM, 0)),
    "other-transfer-syntax": part10(EXPLICIT.uid, known(BIG) + BIG.element(0x0010_0010, "PN", b"Doe^Jane")),
    "stray-delimiter": file_of(EXPLICIT, EXPLICIT.framing(ITEM_DELIMITER, 0), NAME),
    "trailing-zeros": file_of(EXPLICIT, NAME, b"\0" * 16),
    "pydicom-raises": file_of(EXPLICIT, EXPLICIT.header(0x0040_A730, "SQ", UNDEFINED), ITEMS),
    "pydicom-finds-nothing": file_of(EXPLICIT, EXPLICIT.header(PIXELS, "OB", UNDEFINED), ITEMS),
}


# With a tag that comes twice (pydicom keeps the last one), or with a long header.
OTHER_SPECIMENS = {
    "explicit-read-as-implicit": part10(
        BIG.uid, BIG.element(0x0008_0008, "\0\0", b"") + known(BIG) + BIG.element(0x0040_A160, "UT", b"text")
    ),
    "letters-that-are-no-vr": file_of(
        EXPLICIT,
        EXPLICIT.element(PRIVATE, "ZZ", b"") + bytes(4),
        NAME,
        EXPLICIT.element(PRIVATE, "LO", b"text"),
    ),
}


@pytest.mark.parametrize("name", OTHER_SPECIMENS)
def test_no_shape_hides_a_class(name: str) -> None:
    assert name in differences(OTHER_SPECIMENS[name]) <= KNOWN


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_class_still_occurs(name: str) -> None:
    assert differences(SPECIMENS[name]) == {name}


def test_every_specimen_has_its_class() -> None:
    assert set(SPECIMENS) == KNOWN
