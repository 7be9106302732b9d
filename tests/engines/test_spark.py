"""Runs over shards on a Spark of this machine, with two tasks at a time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dicomblank import Level
from engines.holding import LOOPBACK, Killer, listening
from engines.studies import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engines.studies import Study

pytest.importorskip("pyspark.sql", reason="Spark is not installed: make test-engines has a venv of its own for it")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("Spark needs Java 17 or later: sudo apt-get install openjdk-17-jre-headless", allow_module_level=True)

pytestmark = [
    pytest.mark.timeout(900),  # it takes tens of seconds to start where the machine is busy
    pytest.mark.filterwarnings("default"),  # what Spark does to itself is not ours to mend
]

#: Of one machine: no page, no address but its own, two tasks at a time, each tried four times.
CONF = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
}


@pytest.fixture(scope="module")
def session(key_file: Path) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2,4]")
    for name, value in CONF.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def test_a_worker_that_is_killed_loses_nothing(session: Any, study: Study) -> None:
    from dicomblank.engines import spark

    done = spark.run(
        session, study.manifests, Level.ANONYMIZE_FULL, output=study.output, ledger=study.ledger, workers=1
    )
    assert not study.ledger.exists()  # nothing is done until its rows are asked for
    with Killer(study.manifests, study.output, study.ledger) as killer:
        counts = spark.counts(done)
    assert killer.victim is not None
    assert counts["shards"] == 100
    assert counts["files"] == study.single.files == 20_000
    # What was done of the shard of the killed one was there already, and nothing else was.
    assert counts["skipped"] == killer.victim.done
    assert counts["anonymized"] + counts["skipped"] == study.single.anonymized == 20_000
    assert counts["refused"] == counts["failed"] == 0
    study.assert_same_as_single()
    study.assert_ledgers_whole()


def test_it_listens_to_this_machine_alone(session: Any) -> None:
    found = listening(os.getpid())
    assert found
    assert found <= LOOPBACK


@pytest.mark.parametrize("how", ["file", "variable"])
def test_keys_are_read_by_the_tasks(session: Any, keyed: Study, key_file: Path, how: str) -> None:
    from dicomblank.engines import spark

    key: dict[str, Any] = {"key_file": key_file} if how == "file" else {"key_variable": VARIABLE}
    done = spark.run(session, keyed.manifests, Level.PSEUDONYMIZE, output=keyed.output, ledger=keyed.ledger, **key)
    rows = sorted(done.collect())
    assert [row.manifest for row in rows] == list(keyed.manifests)
    assert [(row.files, row.anonymized, row.ok) for row in rows] == [(10, 10, True)] * 3
    assert sum(row["values"]["PatientID"] for row in rows) == keyed.single.values["PatientID"]
    assert sum(row.files_with["PatientID"] for row in rows) == keyed.single.files_with["PatientID"]
    keyed.assert_same_as_single()


def test_each_shard_is_a_task(session: Any, keyed: Study) -> None:
    from pyspark.sql.functions import spark_partition_id

    from dicomblank.engines import spark

    done = spark.run(session, keyed.manifests, "anonymize", output=keyed.output, ledger=keyed.ledger)
    places = [row.place for row in done.select(spark_partition_id().alias("place")).collect()]
    assert sorted(places) == [0, 1, 2]


def test_what_is_wrong_with_a_shard_is_raised(session: Any, keyed: Study) -> None:
    from dicomblank.engines import spark

    Path(keyed.manifests[1]).write_text("no JSON\n")
    done = spark.run(session, keyed.manifests, "anonymize", output=keyed.output, ledger=keyed.ledger)
    with pytest.raises(Exception, match=r"00000002\.jsonl, line 1: no JSON object"):
        done.collect()


CONNECT = """
import sys
from pathlib import Path
from pyspark.sql import SparkSession
from dicomblank.engines import spark

builder = SparkSession.builder.remote("local[2,4]")
for word in sys.argv[4:]:
    builder = builder.config(*word.split("="))
session = builder.getOrCreate()
assert type(session).__module__ == "pyspark.sql.connect.session", type(session)
manifests = sorted(map(str, Path(sys.argv[1]).glob("*.jsonl")))
done = spark.run(session, manifests, "anonymize-full", output=sys.argv[2], ledger=sys.argv[3])
print(spark.counts(done))
session.stop()
"""


def test_over_spark_connect(keyed: Study) -> None:
    """What Databricks gives its programs: a session without a SparkContext. It wants a process of its own."""
    pytest.importorskip("grpc", reason="Spark Connect needs grpcio")
    conf = [f"{name}={value}" for name, value in CONF.items()] + ["spark.connect.grpc.binding.address=127.0.0.1"]
    command: list[str | Path] = [sys.executable, "-c", CONNECT, keyed.top / "shards", keyed.output, keyed.ledger, *conf]
    done = subprocess.run(
        command,
        env={**os.environ, "PYSPARK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "'shards': 3, 'files': 30, 'anonymized': 30" in done.stdout
    assert len(list(keyed.output.rglob("*.dcm"))) == 30
