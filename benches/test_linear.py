"""Time is linear in the bytes of a header: the marginal cost of an item from 100 to 100,000 is within a factor of 1.5.

`make bench` runs this. Sizes are timed in turn, so that a busy machine is busy for all of them. The least of many runs
counts: other programs can only make a run slower.
"""

from __future__ import annotations

import itertools
import time

import pytest

import dicomblank
from elements import EXPLICIT, short_part10

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_benchmark.fixture import BenchmarkFixture

SIZES = (100, 1_000, 10_000, 100_000)
# Of each size so many items in all are timed at once.
BATCH = 100_000
ROUNDS = 15
ATTEMPTS = 4
FACTOR = 1.5
CALLS: dict[str, Callable[[bytearray], object]] = {
    "plan": dicomblank.plan,
    "anonymize_buffer": dicomblank.anonymize_buffer,
}


def file_of(items: int, *, is_named: bool) -> bytearray:
    """A sequence of `items`, each with a name to blank, or with none."""
    tag, vr = (0x0010_0010, "PN") if is_named else (0x0010_0040, "CS")
    item = EXPLICIT.item(EXPLICIT.element(tag, vr, b"Doe^Jane"))
    charset = EXPLICIT.element(0x0008_0005, "CS", b"ISO_IR 100")
    return bytearray(short_part10(EXPLICIT.uid, charset, EXPLICIT.sequence(0x0040_A730, item * items)))


def seconds(call: Callable[[bytearray], object], data: bytearray, times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        call(data)
    return (time.perf_counter() - started) / times


def marginal(call: Callable[[bytearray], object], *, is_named: bool) -> list[float]:
    """The cost of one more item, in nanoseconds, between no item and each size, and between neighbours."""
    files = {size: file_of(size, is_named=is_named) for size in (0, *SIZES)}
    best = dict.fromkeys(files, float("inf"))
    for _ in range(ROUNDS):
        for size, data in files.items():
            best[size] = min(best[size], seconds(call, data, BATCH // (size or SIZES[0])))
    known = list(best.items())
    return [(late - early) / (more - fewer) * 1e9 for (fewer, early), (more, late) in itertools.pairwise(known)]


@pytest.mark.parametrize("kind", ["named", "nothing to blank"])
@pytest.mark.parametrize("call", CALLS)
def test_time_is_linear(call: str, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        costs = marginal(CALLS[call], is_named=kind == "named")
        worst = max(max(pair) / min(pair) for pair in itertools.pairwise(costs))
        with capsys.disabled():
            told = ", ".join(f"up to {size:,}: {cost:.1f}" for size, cost in zip(SIZES, costs, strict=True))
            print(f"\n{call}, {kind}: ns an item {told}; neighbours within {worst:.2f}")
        if worst <= FACTOR:
            return
        assert attempt < ATTEMPTS, f"neighbouring sizes differ by {worst:.2f}"


@pytest.mark.parametrize("items", SIZES)
def test_buffer_of_items(benchmark: BenchmarkFixture, items: int) -> None:
    plan = benchmark(dicomblank.anonymize_buffer, file_of(items, is_named=True))
    assert len(plan) == items
