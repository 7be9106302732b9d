"""What is done to each shard, in a form that travels: pickled, without a key, with paths that hold everywhere."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, TypedDict

from dicomblank import Key, shards
from dicomblank.choices import HardLinks, Leftovers, Sync, Unmarked, Validate
from dicomblank.inputs import paths_of
from dicomblank.levels import core_rules
from dicomblank.shards.manifest import name_of
from dicomblank.shards.sources import on_disk
from dicomblank.urls import absolute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Unpack

    from dicomblank._core import Report
    from dicomblank.choices import HardLinksLike, LeftoversLike, SyncLike, UnmarkedLike, ValidateLike
    from dicomblank.inputs import StrPath
    from dicomblank.levels import LevelLike

__all__ = ["PATIENCE", "Choices", "Task", "manifests_of"]

#: How long a shard is waited for that another worker is at, in seconds. A machine that is lost holds its locks on a
#: network file system until its lease ends: a minute or two.
PATIENCE = 600.0
PAUSE = 0.5


class Choices(TypedDict, total=False):
    """What `shards.run` takes as well, and what it does there."""

    source: StrPath
    hard_links: HardLinksLike
    unmarked: UnmarkedLike
    leftovers: LeftoversLike
    known: StrPath
    sync: SyncLike
    validate: ValidateLike


#: What finds that a choice is none, by its argument.
KINDS: dict[str, Callable[[Any], object]] = {
    "hard_links": HardLinks,
    "unmarked": Unmarked,
    "leftovers": Leftovers,
    "sync": Sync,
    "validate": Validate,
}


class Task:
    """A run over one shard or another: making one finds errors of usage where the run is started."""

    def __init__(
        self,
        level: LevelLike,
        *,
        output: StrPath | None,
        in_place: bool,
        ledger: StrPath,
        key_file: StrPath | None,
        key_variable: str | None,
        workers: int,
        patience: float,
        **choices: Unpack[Choices],
    ) -> None:
        if (output is not None) is in_place:
            raise ValueError("say where the result goes: output, or in_place=True, and not both")
        if isinstance(key_file, Key):
            raise TypeError("a key does not travel: give the path of its file as key_file, which every worker can read")
        if key_file is not None and key_variable is not None:
            raise ValueError("a key comes from a file or from a variable: name one of the two")
        has_key = key_file is not None or key_variable is not None
        if core_rules(level).need_key and not has_key:
            raise ValueError("the level needs a key: key_file or key_variable says where every worker finds it")
        if has_key and not core_rules(level).need_key:
            raise ValueError("a key is given, and no rule needs one")
        for name, given in choices.items():
            if name not in Choices.__annotations__:
                raise TypeError(f"run() takes no argument {name}")
            KINDS.get(name, lambda _: None)(given)
        if workers < 1:
            raise ValueError("workers are at least 1, for each shard that is being done")
        # Absolute, since each worker has a current folder of its own.
        for name in {"source", "known"} & choices.keys():
            choices[name] = absolute(choices[name])  # type: ignore[literal-required]
        self._choices = choices
        self._level = level
        self._output = None if output is None else absolute(output)
        self._ledger = os.path.abspath(on_disk(ledger, "a ledger"))
        self._key_file = None if key_file is None else os.path.abspath(key_file)
        self._key_variable = key_variable
        self._workers = workers
        self._patience = patience

    def key(self) -> Key | None:
        """The key, had here from the file or the variable. It never leaves this process."""
        if self._key_variable is not None:
            return _key_in(self._key_variable)
        return None if self._key_file is None else Key.load(self._key_file)

    def __call__(self, manifest: str, key: Key | None) -> Report:
        """Does a shard, or has the report of one that is done. Waits for another process that is at it.

        Raises as `shards.run` does; `BlockingIOError` where the other one is still at it when patience has ended.
        """
        end = time.monotonic() + self._patience
        while True:
            try:
                return shards.run(
                    manifest,
                    self._level,
                    output=self._output,
                    in_place=self._output is None,
                    ledger=self._ledger,
                    key=key,
                    workers=self._workers,
                    **self._choices,
                )
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise
            time.sleep(PAUSE * random.uniform(0.5, 1.5))  # noqa: S311 (so that not all ask at once)


def manifests_of(given: StrPath | Iterable[StrPath]) -> list[str]:
    """The paths of manifests, absolute. Raises `ValueError` for none, and for two shards of one name."""
    paths = [os.path.abspath(on_disk(path, "a manifest")) for path in paths_of(given)]
    if not paths:
        raise ValueError("no manifest was given")
    names = Counter(map(name_of, paths))
    if len(names) < len(paths):
        raise ValueError(f"two shards are called {names.most_common(1)[0][0]}: their reports would have one name")
    return paths


def _key_in(variable: str) -> Key:
    line = os.environ.get(variable)
    if line is None:
        raise ValueError(
            f"{variable}, the variable that is to hold the line of the key file, is not set on this worker"
        )
    return Key.parse(line)
