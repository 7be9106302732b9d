"""One run over objects, with the face of a run over files: the calls of the API and the command share it."""

from __future__ import annotations

import os
import threading
import time

from dicomblank import _core
from dicomblank.choices import Existing, HardLinks, Leftovers, NoDicom, Sync, Unmarked, Validate
from dicomblank.levels import core_rules, level_name
from dicomblank.run import Run
from dicomblank.stores.crew import Crew
from dicomblank.stores.disk import Files, Landing
from dicomblank.stores.faults import StoreError
from dicomblank.stores.notices import notices_of
from dicomblank.stores.objects import Worker
from dicomblank.stores.patience import Gate, Patience
from dicomblank.stores.places import Stores, find_source, find_target
from dicomblank.stores.url import Url
from dicomblank.urls import are_remote, as_paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from dicomblank._core import Key, Plan, Progress, Report, Row
    from dicomblank.choices import (
        ExistingLike,
        HardLinksLike,
        LeftoversLike,
        NoDicomLike,
        SyncLike,
        UnmarkedLike,
        ValidateLike,
    )
    from dicomblank.inputs import StrPath
    from dicomblank.levels import LevelLike
    from dicomblank.stores.crew import Pages
    from dicomblank.stores.objects import Done
    from dicomblank.stores.places import Source, Target
    from dicomblank.stores.store import Entry

    Ask: TypeAlias = Callable[[], tuple[list[Source | Files], Target | None]]

__all__ = ["IN_FLIGHT", "MOST_IN_FLIGHT", "PAGE_OF_KEYS", "StoreRun", "listed"]

#: Objects in flight, unless it is said; and the most that may be said.
IN_FLIGHT, MOST_IN_FLIGHT = 64, 256
#: How often the caller's thread looks up, and tells of the progress, in seconds.
TICK, TOLD = 0.02, 0.1
#: Keys that are handed on at a time, where they are not listed.
PAGE_OF_KEYS = 200


class StoreRun(Run):
    """A run over objects of stores that is ready to begin."""

    def __init__(
        self,
        objects: _core.Objects,
        ask: Ask,
        landing: Landing | None,
        choices: tuple[Existing | None, NoDicom, int],
    ) -> None:
        self._objects = objects
        self._ask = ask
        self._sources: list[Source | Files] = []
        self._target: Target | Landing | None = landing
        self._choices = choices
        self._stop = threading.Event()
        self._pages: Pages = self._listed

    @classmethod
    def ready(
        cls,
        sources: Sequence[StrPath],
        output: StrPath | None,
        level: LevelLike,
        *,
        name: str | None = None,
        key: Key | None = None,
        existing: ExistingLike = Existing.REFUSE,
        hard_links: HardLinksLike = HardLinks.REFUSE,
        unmarked: UnmarkedLike = Unmarked.REFUSE,
        leftovers: LeftoversLike = Leftovers.IGNORE,
        known: StrPath | None = None,
        sync: SyncLike = Sync.NONE,
        validate: ValidateLike = Validate.NONE,
        no_dicom: NoDicomLike = NoDicom.REFUSE,
        workers: int | None = None,
        report: StrPath | None = None,
        shard: tuple[str, str] | None = None,
    ) -> StoreRun:
        """As `Run.anonymize`, of URLs, or of URLs and paths. Raises `ValueError` and `OSError` for errors of usage.

        `shard` is the name of a shard and the digest of its manifest. The stores are asked by `find` then: nobody has
        to, if the shard is done.
        """
        landing = None if output is None or are_remote([output]) else Landing(os.fspath(as_paths([output])[0]))
        if HardLinks(hard_links) is not HardLinks.REFUSE:
            raise ValueError("hard_links is about files: objects have none")
        if Sync(sync) is not Sync.NONE and landing is None:
            raise ValueError("sync is about files: an object that was put is stored")
        if Validate(validate) is not Validate.NONE:
            raise ValueError("validate takes no URLs: write the copies without it, and verify them afterwards")
        in_flight = _checked(workers)
        # The parts of the order that need no store come first.
        named = _named(sources)
        to = None if output is None or landing is not None else Url.parse(output)
        if output is None and any(isinstance(one, Url) and one.scheme != "s3" for one in named):
            raise ValueError("in place takes URLs of s3:// alone yet: elsewhere tags can't be kept. Write copies")
        stores = Stores(in_flight)

        def ask() -> tuple[list[Source | Files], Target | None]:
            found = _found(named, stores)
            return found, None if to is None else find_target(to, found, stores)

        found = ask() if shard is None else None
        objects = _core.Objects(
            _given(found[0]) if found else [(str(named[0]), False)],
            landing.path if landing is not None else None if to is None else str(to),
            core_rules(level),
            on_disk=None if landing is None else Sync(sync).value,
            level=name or level_name(level),
            key=key,
            existing=Existing(existing).value,
            unmarked=Unmarked(unmarked).value,
            leftovers=Leftovers(leftovers).value,
            known=known,
            shard=shard,
            report=report,
        )
        run = cls(objects, ask, landing, (Existing(existing), NoDicom(no_dicom), in_flight))
        if found:
            run._take(*found)
        return run

    def find(self) -> None:
        """Asks the stores for what is named, unless that was done."""
        if not self._sources:
            self._take(*self._ask())

    def _take(self, found: list[Source | Files], target: Target | None) -> None:
        self._sources, self._target = _numbered(found, self._objects), target or self._target

    @classmethod
    def looking(
        cls,
        sources: Sequence[StrPath],
        level: LevelLike,
        *,
        name: str | None,
        key: Key | None,
        keeps_plans: bool,
        leftovers: LeftoversLike,
        known: StrPath | None,
        no_dicom: NoDicomLike,
        workers: int | None,
        report: StrPath | None,
    ) -> StoreRun:
        """As `Run.plan`, of URLs, or of URLs and paths: nothing is written."""
        in_flight = _checked(workers)
        found = _found(_named(sources), Stores(in_flight))
        objects = _core.Objects(
            _given(found),
            None,
            core_rules(level),
            plans=keeps_plans,
            level=name or level_name(level),
            key=key,
            leftovers=Leftovers(leftovers).value,
            known=known,
            report=report,
        )
        run = cls(objects, lambda: (found, None), None, (None, NoDicom(no_dicom), in_flight))
        run.find()
        return run

    def take_pages(self, pages: Callable[[Source], Iterator[list[Entry]]]) -> None:
        """From now on the objects are those that `pages` gives for each source, and nothing is listed."""

        def taken(_: Patience) -> Iterator[tuple[Source, list[Entry]]]:
            for source in self._sources:
                if isinstance(source, Files):
                    raise TypeError("keys that were listed are those of a store, and not of a folder")
                for page in pages(source):
                    yield source, page

        self._pages = taken

    @property
    def first_row(self) -> str:
        """As of a run over files."""
        return self._objects.first_row()

    def report_to(self, path: StrPath) -> None:
        """As of a run over files."""
        self._objects.report_to(path)

    @property
    def is_of_one(self) -> bool:
        """Whether one object alone was named."""
        return len(self._sources) == 1 and self._sources[0].is_one

    @property
    def reports_to_stdout(self) -> bool:
        """Whether the report file is the process's standard output."""
        return self._objects.reports_to_stdout

    def notices(self) -> list[str]:
        """What becomes of the identified versions, where objects are written in place: asked of each bucket."""
        if self._target is not None or self._choices[0] is None:
            return []
        buckets = {source.s3.bucket: source.s3 for source in self._sources if not isinstance(source, Files)}
        return [notice for store in buckets.values() for notice in notices_of(store)]

    def stop(self) -> None:
        """Ends the run early: objects that were begun are finished, or as they were."""
        self._stop.set()
        self._objects.stop()

    def __call__(
        self,
        on_row: Callable[[Row], object] | None = None,
        progress: Callable[[Progress], object] | None = None,
        *,
        on_plan: Callable[[Row, Plan], object] | None = None,
        only_notable: bool = False,
    ) -> Report:
        """As of a run over files."""
        existing, no_dicom, in_flight = self._choices
        gate = Gate(in_flight)
        patience = Patience(self._stop, gate)
        work = Worker(self._objects, self._target, existing and existing.value, patience)
        self._objects.begin()
        crew = Crew(self._objects, self._pages, work, (gate, patience, self._stop))
        teller = _Teller(self._objects, crew, gate, (on_row, on_plan), progress, only_notable=only_notable)
        threads = crew.start()
        raised: BaseException | None = None
        while True:
            try:
                if not teller.step():
                    break
            except BaseException as error:  # noqa: BLE001  # Ctrl-C, a callback's, the report's: raised at the end
                raised = raised or error
                teller.is_quiet = True
                self.stop()
        for thread in threads:
            thread.join()
        report = self._objects.finish(not self._stop.is_set(), no_dicom is NoDicom.ALLOW)
        if raised is not None:
            raise raised
        return report

    def _listed(self, patience: Patience) -> Iterator[tuple[Source | Files, list[Entry] | StoreError | None]]:
        for source in self._sources:
            if isinstance(source, Files):
                yield source, None
                continue
            try:
                for page in listed(source, None, patience):
                    yield source, page
            except StoreError as error:
                yield source, error


class _Teller:
    """The caller's thread: it records what is done, and tells of it."""

    def __init__(
        self,
        objects: _core.Objects,
        crew: Crew,
        gate: Gate,
        on_rows: tuple[Callable[[Row], object] | None, Callable[[Row, Plan], object] | None],
        progress: Callable[[Progress], object] | None,
        *,
        only_notable: bool,
    ) -> None:
        self._objects = objects
        self._crew = crew
        self._gate = gate
        self._on_row, self._on_plan = on_rows
        self._progress = progress
        self._only_notable = only_notable
        self._done = 0
        self._ticked = self._told = time.monotonic()
        #: Whether the callbacks are not called any more.
        self.is_quiet = False

    def step(self) -> bool:
        """Takes what there is, or waits a little. Whether there may be more."""
        results = self._crew.results
        if not results:
            time.sleep(TICK)
        for _ in range(len(results)):
            done = results.popleft()
            if done is None:
                self._tell(is_end=True)
                return False
            if isinstance(done, BaseException):
                raise done
            self._record(done)
        self._tell()
        return True

    def _record(self, done: Done) -> None:
        made, copy = done
        self._done += 1
        on_row, on_plan = (None, None) if self.is_quiet else (self._on_row, self._on_plan)
        plan = made.plan if on_plan is not None else None
        only_notable = plan is None and (self._only_notable or on_row is None)
        row = self._objects.record(made, copy, only_notable=only_notable)
        if row is not None and plan is not None and on_plan is not None:
            on_plan(row, plan)
        if row is not None and on_row is not None:
            on_row(row)

    def _tell(self, *, is_end: bool = False) -> None:
        now = time.monotonic()
        if now - self._ticked < TOLD and not is_end:
            return
        self._ticked = now
        self._objects.tick(self._gate.limit)
        if self._progress is not None and not self.is_quiet:
            listing = self._crew.is_listing
            self._progress(_core.Progress(self._done, self._crew.found, listing, self._gate.limit))


def _checked(workers: int | None) -> int:
    """How many objects are in flight."""
    in_flight = IN_FLIGHT if workers is None else workers
    if not 1 <= in_flight <= MOST_IN_FLIGHT:
        raise ValueError(f"workers: a number from 1 to {MOST_IN_FLIGHT} for objects, which is how many are in flight")
    return in_flight


def _named(sources: Sequence[StrPath]) -> list[Url | StrPath]:
    """What was named, as URLs of stores and as paths. No store is asked yet."""
    if not sources:
        raise ValueError("no source was given")
    return [Url.parse(source) if are_remote([source]) else as_paths([source])[0] for source in sources]


def _found(named: Sequence[Url | StrPath], stores: Stores) -> list[Source | Files]:
    return [find_source(one, stores) if isinstance(one, Url) else Files.find(one) for one in named]


def _given(found: Sequence[Source | Files]) -> list[tuple[str, bool | None]]:
    """The sources as the core takes them."""
    return [(source.path, None) if isinstance(source, Files) else (str(source.url), source.is_one) for source in found]


def _numbered(sources: list[Source | Files], objects: _core.Objects) -> list[Source | Files]:
    """The sources as the core counts them: without those that are named twice, or lie inside another."""
    by_name = {
        (source.path if isinstance(source, Files) else str(source.url), source.is_one): source for source in sources
    }
    kept = []
    for number, (given, is_one, name) in enumerate(objects.sources):
        source = by_name[given, is_one]
        source.number, source.name = number, name
        kept.append(source)
    return kept


def listed(source: Source, after: str | None, patience: Patience) -> Iterator[list[Entry]]:
    """The pages of a source, behind the key `after`. A listing that fails goes on where it was."""
    pages = source.pages(after)
    last = after

    def next_page(tries: int) -> list[Entry] | None:
        nonlocal pages
        if tries:
            pages = source.pages(last)
        return next(pages, None)

    while (page := patience(next_page)) is not None:
        yield page
        last = page[-1].key if page else last
