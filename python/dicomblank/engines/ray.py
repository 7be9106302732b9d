"""Shards on Ray: actors that hold the level and the key, and do one shard after the other.

from dicomblank import shards
from dicomblank.engines import ray

made = shards.make("/data/study", "/data/shards")
report = ray.run(made.manifests, "anonymize-full", output="/data/shared", ledger="/data/ledger")
assert report.ok
"""

from __future__ import annotations

import os
import pickle
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dicomblank.engines import require
from dicomblank.engines.task import PATIENCE, Task, manifests_of
from dicomblank.levels import Level

require("ray.data", extra="ray")
import ray  # noqa: E402 (what is missing is told above)
from ray import data  # noqa: E402
from ray._private import ray_constants  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    from dicomblank._core import Key, Report
    from dicomblank.engines.task import Choices
    from dicomblank.inputs import StrPath
    from dicomblank.levels import LevelLike

__all__ = ["run"]

#: For paths and counts, in a Ray that is started here. It would take a third of the memory.
OBJECT_STORE = 100 * 1024 * 1024


def run(
    manifests: StrPath | Iterable[StrPath],
    level: LevelLike = Level.ANONYMIZE,
    *,
    output: StrPath | None = None,
    in_place: bool = False,
    ledger: StrPath,
    key_file: StrPath | None = None,
    key_variable: str | None = None,
    actors: int | None = None,
    workers: int = 1,
    num_cpus: float | None = None,
    patience: float = PATIENCE,
    **choices: Unpack[Choices],
) -> Report:
    """Does all shards as `shards.run` does one, and returns the sum of their reports.

    Without a Ray that the program is connected to, one is looked for as `ray.init` does; where there is none it is
    started here, on 127.0.0.1, without dashboard and usage statistics, and ends with the program.

    `actors`: how many shards are done at a time; None is as many as Ray has CPUs for. `workers`: how many threads does
    each of them have, and so files in flight. `num_cpus`: how many CPUs Ray sets aside for an actor; None is `workers`.
    Less than that is for threads that wait for a disk or a network.

    `key_file` is the path of a key file that each actor reads; `key_variable` the name of a variable of the environment
    of the actors, which holds the line of a key file. `patience`: how many seconds a shard is waited for that another
    process is at. The `choices` are those of `shards.run`.

    An actor that is lost is started again, and the shard gone on with: Ray Data does so without end by itself. When a
    call is cut short, call it again.

    Raises `ValueError` and `TypeError` for arguments that won't do, before Ray is asked; and what Ray makes of what
    `shards.run` raises on an actor.
    """
    task = Task(
        level,
        output=output,
        in_place=in_place,
        ledger=ledger,
        key_file=key_file,
        key_variable=key_variable,
        workers=workers,
        patience=patience,
        **choices,
    )
    paths = manifests_of(manifests)
    cpus = workers if num_cpus is None else num_cpus
    if cpus <= 0 or (actors is not None and actors < 1):
        raise ValueError("actors are at least 1, and num_cpus is more than 0")
    _connect()
    size = actors or max(1, int(ray.cluster_resources().get("CPU", 1) / cpus))
    # A block a shard: what is lost with an actor is one shard, and none waits behind another while an actor is idle.
    pool = data.ActorPoolStrategy(size=min(size, len(paths)), max_tasks_in_flight_per_actor=1)
    done = data.from_items([{"manifest": path} for path in paths], override_num_blocks=len(paths)).map_batches(
        _Actor,
        fn_constructor_args=(task,),
        compute=pool,
        num_cpus=cpus,
    )
    return _sum(done, len(paths))


class _Actor:
    def __init__(self, task: Task) -> None:
        self._task = task

    # When it is first used: what is raised where an actor is made, Ray takes for a fault of its own.
    @cached_property
    def _key(self) -> Key | None:
        return self._task.key()

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        return {"report": [pickle.dumps(self._task(str(manifest), self._key)) for manifest in batch["manifest"]]}


def _connect() -> None:
    if ray.is_initialized():
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray.init("auto")
    except ConnectionError:
        # Where clusters are switched off Ray listens on 127.0.0.1 alone. Asked for that address it takes another one.
        os.environ[ray_constants.ENABLE_RAY_CLUSTERS_ENV_VAR] = "0"
        ray_constants.ENABLE_RAY_CLUSTER = False
        ray.init("local", include_dashboard=False, object_store_memory=OBJECT_STORE)


def _sum(done: data.Dataset, shards: int) -> Report:
    """Raises `RuntimeError` where reports are missing: Ray can be told to pass over what has failed."""
    reports = 0
    total: Any = 0
    for row in done.iter_rows():
        reports += 1
        total += pickle.loads(row["report"])  # noqa: S301 (from our own actors)
    if reports != shards:
        raise RuntimeError(f"Ray has returned the reports of {reports} of {shards} shards: run it again")
    report: Report = total
    return report
