"""How many files a second were done over a run: few points, however long it went on."""

from __future__ import annotations

import bisect
import itertools

from dicomblank.page.run import count_of, seconds_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicomblank.page.lines import Json

__all__ = ["Pace"]

# Points that are kept of a run. Where there are more, every second one is dropped, and of those to come as well.
MOST_POINTS = 512
# Parts of the time, of a second or more: of fewer of them no course can be seen.
FEWEST = 5
# Runs that are drawn.
MOST_RUNS = 1_000


class _Course:
    """Points of one run: files done by then."""

    def __init__(self) -> None:
        self.seconds = [0.0]
        self.files = [0.0]
        self._step = 1
        self._seen = 0

    def add(self, seconds: float, files: int, *, is_last: bool = False) -> None:
        self._seen += 1
        if seconds <= self.seconds[-1] or files < self.files[-1] or (self._seen % self._step and not is_last):
            return
        self.seconds.append(seconds)
        self.files.append(float(files))
        if len(self.seconds) > MOST_POINTS:
            self._step *= 2
            del self.seconds[1::2], self.files[1::2]

    def done_by(self, seconds: float) -> float:
        """Between two points as many a second as there were on average."""
        place = bisect.bisect_right(self.seconds, seconds)
        if place == len(self.seconds):
            return self.files[-1]
        before, after = self.seconds[place - 1], self.seconds[place]
        share = (seconds - before) / (after - before)
        return self.files[place - 1] + share * (self.files[place] - self.files[place - 1])


class Pace:
    """The course of all runs, each counted from its own start."""

    def __init__(self) -> None:
        self._runs: dict[int, _Course] = {}

    def add(self, run: int, row: Json) -> None:
        """Takes a row that says how far a run is."""
        self._add(run, seconds_of(row.get("seconds")), count_of(row.get("files")))

    def finish(self, run: int, seconds: float | None, files: int) -> None:
        """Takes the end of a run, if it was long enough to have said how far it was."""
        if run in self._runs:
            self._add(run, seconds, files, is_last=True)

    def _add(self, run: int, seconds: float | None, files: int, *, is_last: bool = False) -> None:
        if seconds is not None and (run in self._runs or len(self._runs) < MOST_RUNS):
            self._runs.setdefault(run, _Course()).add(seconds, files, is_last=is_last)

    @property
    def runs(self) -> int:
        """How many said how far they were."""
        return len(self._runs)

    @property
    def seconds(self) -> float:
        """How long the longest of them took, as far as they say."""
        return max((course.seconds[-1] for course in self._runs.values()), default=0.0)

    def rates(self, most: int) -> Sequence[float]:
        """Files a second, in at most so many equal parts of the time; none where it was too short to say much."""
        count = min(most, int(self.seconds))
        if count < FEWEST:
            return ()
        width = self.seconds / count
        done = [sum(course.done_by(part * width) for course in self._runs.values()) for part in range(count + 1)]
        return [(after - before) / width for before, after in itertools.pairwise(done)]
