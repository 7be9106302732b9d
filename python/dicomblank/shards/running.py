"""Running shards: each is done once, and its report stands in the ledger then."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

from dicomblank import _core
from dicomblank.choices import Existing, HardLinks, Leftovers, NoDicom, Sync, Unmarked, Validate
from dicomblank.inputs import path_of
from dicomblank.levels import Level
from dicomblank.run import Run
from dicomblank.shards.ledger import Ledger
from dicomblank.shards.manifest import Manifest
from dicomblank.shards.sources import is_inside, on_disk
from dicomblank.urls import are_remote, as_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dicomblank._core import Key, Progress, Report, Row
    from dicomblank.choices import HardLinksLike, LeftoversLike, SyncLike, UnmarkedLike, ValidateLike
    from dicomblank.inputs import StrPath
    from dicomblank.levels import LevelLike

__all__ = ["ShardRun", "pick", "run"]


def run(
    manifest: StrPath | Manifest,
    level: LevelLike = Level.ANONYMIZE,
    *,
    output: StrPath | None = None,
    in_place: bool = False,
    ledger: StrPath,
    source: StrPath | None = None,
    key: Key | None = None,
    hard_links: HardLinksLike = HardLinks.REFUSE,
    unmarked: UnmarkedLike = Unmarked.REFUSE,
    leftovers: LeftoversLike = Leftovers.IGNORE,
    known: StrPath | None = None,
    sync: SyncLike = Sync.NONE,
    validate: ValidateLike = Validate.NONE,
    workers: int | None = None,
    on_row: Callable[[Row], object] | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Report:
    """Blanks the files of one shard, in place or as copies below `output`, and returns what became of them.

    `manifest` is a path, or a `Manifest` that was read. Where its source is a URL, its files are objects of a store,
    and `output` is a URL, too. Files are mirrored below `output` as a run over the source does it. When all are done,
    their report stands in the folder `ledger`, under the name of the shard. A shard with such a report is not done
    again, and that report is returned; unless a file of it has failed, since another run may succeed. What was cut
    short is gone on with: files that are done already are skipped, or unchanged. Two runs on one shard at the same time
    never harm each other.

    An object is done as it is now, whatever it was when it was listed. One that is written to while it is being done
    has failed, with the kind "changed".

    `source`: the folder or URL that keys are relative to, for a manifest that does not say so. The other arguments are
    those of `anonymize_copy` and `anonymize_in_place`, and so is what Ctrl-C does. Nothing is raised for a file that is
    refused or fails: its row is in the `faults` of the report.

    Raises `ManifestError` for what is no manifest; `LedgerError` for a report in the ledger that is of another level,
    version, key, manifest or place; `BlockingIOError` where another process is at this shard; `ValueError` for a
    ledger in a store, inside of the source or the output, and as `anonymize_copy`; `OSError` as that.
    """
    shard = manifest if isinstance(manifest, Manifest) else Manifest.read(manifest, source)
    one = ShardRun(
        shard,
        level,
        output=output,
        in_place=in_place,
        ledger=ledger,
        key=key,
        hard_links=hard_links,
        unmarked=unmarked,
        leftovers=leftovers,
        known=known,
        sync=sync,
        validate=validate,
        workers=workers,
    )
    if (done := one.done()) is not None:
        return done
    one.find()
    for notice in one.notices():
        warnings.warn(notice, UserWarning, stacklevel=2)
    return one(on_row=on_row, progress=progress)


def pick(manifests: Sequence[StrPath], index: int, of: int) -> list[StrPath]:
    """The share of the task number `index`, counted from 0, of `of` tasks: every `of`-th manifest, in order of names.

    Raises `ValueError` for an index that is not from 0 to `of` - 1.
    """
    if not 0 <= index < of:
        raise ValueError(f"task {index} of {of}: tasks are counted from 0 to {of - 1}")
    return sorted(manifests, key=os.fspath)[index::of]


class ShardRun:
    """A run over one shard, ready to begin: making one finds every error of usage, and calling it does the work."""

    def __init__(
        self,
        shard: Manifest,
        level: LevelLike,
        *,
        output: StrPath | None,
        in_place: bool,
        ledger: StrPath,
        name: str | None = None,
        key: Key | None = None,
        hard_links: HardLinksLike = HardLinks.REFUSE,
        unmarked: UnmarkedLike = Unmarked.REFUSE,
        leftovers: LeftoversLike = Leftovers.IGNORE,
        known: StrPath | None = None,
        sync: SyncLike = Sync.NONE,
        validate: ValidateLike = Validate.NONE,
        workers: int | None = None,
    ) -> None:
        if (output is not None) is in_place:
            raise ValueError("say where the result goes: output, or in_place=True, and not both")
        target = None if output is None else os.fspath(as_paths([path_of(output)])[0])
        ledger = on_disk(ledger, "a ledger")
        for around in (shard.source, *filter(None, [target])):
            if is_inside(ledger, around):
                raise ValueError(f"the ledger {os.fspath(ledger)} lies in {around}, among the files")
        if target is not None and shard.into is not None:
            target = os.path.join(target, shard.into)
        #: What the shard is called.
        self.name = shard.name
        self._ledger = Ledger(ledger, shard.name)
        self._run = _run_of(
            shard,
            target,
            level,
            name=name,
            key=key,
            existing=Existing.SKIP,
            hard_links=hard_links,
            unmarked=unmarked,
            leftovers=leftovers,
            known=known,
            sync=sync,
            validate=validate,
            no_dicom=NoDicom.ALLOW,  # a shard may happen to have none
            workers=workers,
        )
        self._first_row = self._run.first_row

    def done(self) -> Report | None:
        """What became of the shard, if it is done and no file has failed. Raises `LedgerError`."""
        report = self._ledger.report(self._first_row)
        return report if report is not None and not report.failed else None

    def find(self) -> None:
        """Asks the stores for source and output, where they are in some. Raises `OSError` and `ValueError`.

        A shard that is done needs none of that.
        """
        self._run.find()

    def notices(self) -> list[str]:
        """What there is to know before the run, a sentence each."""
        return self._run.notices()

    def stop(self) -> None:
        """Ends the run early. A handler of a signal may call it."""
        self._run.stop()

    def __call__(
        self,
        on_row: Callable[[Row], object] | None = None,
        progress: Callable[[Progress], object] | None = None,
        *,
        only_notable: bool = False,
    ) -> Report:
        """Does the shard, unless it is done. Raises `BlockingIOError` where another process is at it."""
        if (done := self.done()) is not None:
            return done
        self.find()
        with self._ledger.claimed() as part:
            before = self._ledger.report(self._first_row)  # another run may have been at it until now
            if before is not None and not before.failed:
                return before
            self._run.report_to(part)
            report = self._run(on_row=on_row, progress=progress, only_notable=only_notable)
            if report.complete:
                self._ledger.publish(part, is_anew=before is not None)
        return report


def _run_of(shard: Manifest, target: str | None, level: LevelLike, **choices: Any) -> Run:
    """A run over the files of a shard, without a report file yet."""
    if are_remote([shard.source, *filter(None, [target])]):
        from dicomblank.stores.shards import run_of  # only where there is a URL

        return run_of(shard, target, level, **choices)
    sources = _core.Sources.shard(shard.name, shard.keys, sha256=shard.sha256, relative_to=shard.source)
    return Run.anonymize(sources, target, level, **choices)
