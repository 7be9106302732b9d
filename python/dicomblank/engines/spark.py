"""Shards on Spark: a DataFrame with a row for each shard that is done, also on Databricks and over Spark Connect.

from dicomblank import shards
from dicomblank.engines import spark

made = shards.make("/data/study", "/data/shards")
done = spark.run(session, made.manifests, "anonymize-full", output="/data/shared", ledger="/data/ledger")
print(spark.counts(done))  # this is what does the work
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dicomblank.engines import require
from dicomblank.engines.task import PATIENCE, Task, manifests_of
from dicomblank.levels import Level

require("pyspark.sql", extra="spark")
require("pyarrow", extra="spark")
import pyarrow as pa  # noqa: E402 (what is missing is told above)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Unpack

    from pyspark.sql import DataFrame, SparkSession

    from dicomblank._core import Report
    from dicomblank.engines.task import Choices
    from dicomblank.inputs import StrPath
    from dicomblank.levels import LevelLike

__all__ = ["counts", "run"]

#: The numbers of a report that are columns, under the same names.
NUMBERS = (
    "files",
    "anonymized",
    "unchanged",
    "skipped",
    "not_dicom",
    "archives",
    "refused",
    "failed",
    "warnings",
    "edits",
)
SCHEMA = ", ".join(
    [
        "manifest string",
        *(f"{name} bigint" for name in NUMBERS),
        "values map<string, bigint>",
        "files_with map<string, bigint>",
        "seconds double",
        "ok boolean",
    ]
)


def run(
    session: SparkSession,
    manifests: StrPath | Iterable[StrPath],
    level: LevelLike = Level.ANONYMIZE,
    *,
    output: StrPath | None = None,
    in_place: bool = False,
    ledger: StrPath,
    key_file: StrPath | None = None,
    key_variable: str | None = None,
    workers: int = 1,
    patience: float = PATIENCE,
    **choices: Unpack[Choices],
) -> DataFrame:
    """A DataFrame that does a shard for each of its rows, as `shards.run` does, and tells what became of it.

    As all DataFrames it does nothing until its rows are asked for, as by `counts`, and does it again each time: then
    the ledgers say that all is done. Its columns are `manifest`, and of the report of the shard the numbers, `values`,
    `files_with`, `seconds` and `ok`. Each shard is a partition, and so a task.

    `workers`: how many threads a task has. More than one want as many `spark.task.cpus`, but for threads that wait for
    a disk or a network.

    `key_file` is the path of a key file that each task reads; `key_variable` the name of a variable of the environment
    of the executors, which holds the line of a key file. `patience`: how many seconds a shard is waited for that
    another process is at, such as another attempt of speculation. The `choices` are those of `shards.run`.

    A task whose process is lost is tried again as often as `spark.task.maxFailures` says, and the shard gone on with.
    On one machine that is once, unless the master says otherwise: "local[2,4]".

    Raises `ValueError` and `TypeError` for arguments that won't do. What `shards.run` raises on a worker, Spark raises
    when rows are asked for.
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
    # Numbers, since a range is all that Spark splits exactly: shuffled rows meet in a partition, and others are empty.
    return session.range(0, len(paths), 1, len(paths)).mapInArrow(_Tasks(task, paths), SCHEMA)


def counts(done: DataFrame) -> dict[str, int]:
    """How many `shards` there are, and the sums of the numbers of their reports. This is what does the work."""
    row = done.agg({"manifest": "count", **dict.fromkeys(NUMBERS, "sum")}).collect()[0]
    return {"shards": row["count(manifest)"], **{name: row[f"sum({name})"] for name in NUMBERS}}


class _Tasks:
    """Does the shards of a partition."""

    def __init__(self, task: Task, paths: list[str]) -> None:
        self._task = task
        self._paths = paths

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        key = self._task.key()
        for batch in batches:
            for number in batch.column("id").to_pylist():
                path = self._paths[number]
                yield pa.RecordBatch.from_pylist([_row(path, self._task(path, key))], schema=_arrow_schema())


def _row(path: str, report: Report) -> dict[str, Any]:
    return {
        "manifest": path,
        **{name: getattr(report, name) for name in NUMBERS},
        "values": list(report.values.items()),
        "files_with": list(report.files_with.items()),
        "seconds": report.seconds,
        "ok": report.ok,
    }


def _arrow_schema() -> pa.Schema:
    number = pa.int64()
    by_keyword = pa.map_(pa.string(), number)
    fields = {
        "manifest": pa.string(),
        **dict.fromkeys(NUMBERS, number),
        "values": by_keyword,
        "files_with": by_keyword,
        "seconds": pa.float64(),
        "ok": pa.bool_(),
    }
    return pa.schema(list(fields.items()))
