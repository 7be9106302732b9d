"""Runs over shards on a Ray of this machine, with two actors."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dicomblank import Level
from engines.holding import LOOPBACK, Killer, listening
from engines.studies import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from engines.studies import Study

pytest.importorskip("ray.data", reason="Ray is not installed: make test-engines has a venv of its own for it")

pytestmark = [
    pytest.mark.timeout(600),  # it takes tens of seconds to start where the machine is busy
    pytest.mark.filterwarnings("default"),  # what Ray does to itself is not ours to mend
]


@pytest.fixture(scope="module")
def engine(key_file: Path) -> Iterator[ModuleType]:
    """The module, without a Ray that is running: it starts its own."""
    import ray

    from dicomblank.engines import ray as engine

    yield engine
    ray.shutdown()


def test_an_actor_that_is_killed_loses_nothing(engine: ModuleType, study: Study) -> None:
    with Killer(study.manifests, study.output, study.ledger) as killer:
        report = engine.run(
            study.manifests, Level.ANONYMIZE_FULL, output=study.output, ledger=study.ledger, actors=2, workers=1
        )
    assert killer.victim is not None
    assert report.ok
    assert report.files == study.single.files == 20_000
    # What was done of the shard of the killed one was there already, and nothing else was.
    assert report.skipped == killer.victim.done
    assert report.anonymized + report.skipped == study.single.anonymized == 20_000
    study.assert_same_as_single()
    study.assert_ledgers_whole()

    again = engine.run(study.manifests, Level.ANONYMIZE_FULL, output=study.output, ledger=study.ledger)
    assert again.counts == report.counts


def test_it_listens_to_this_machine_alone_and_reports_to_nobody(engine: ModuleType) -> None:
    import ray

    assert ray.is_initialized()
    found = listening(os.getpid())
    assert found
    assert found <= LOOPBACK
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    assert not ray._private.worker._global_node.webui_url


@pytest.mark.parametrize("how", ["file", "variable"])
def test_keys_are_read_by_the_actors(engine: ModuleType, keyed: Study, key_file: Path, how: str) -> None:
    key: dict[str, Any] = {"key_file": key_file} if how == "file" else {"key_variable": VARIABLE}
    report = engine.run(keyed.manifests, Level.PSEUDONYMIZE, output=keyed.output, ledger=keyed.ledger, **key)
    assert (report.anonymized, report.values) == (30, keyed.single.values)
    keyed.assert_same_as_single()


def test_paths_count_from_the_folder_of_the_program(engine: ModuleType, keyed: Study) -> None:
    names = [Path(path).relative_to(keyed.top) for path in keyed.manifests]
    with contextlib.chdir(keyed.top):
        report = engine.run(names, "anonymize", output="output", ledger="ledger")
    assert report.anonymized == len(list(keyed.output.rglob("*.dcm"))) == 30
    assert len(list(keyed.ledger.iterdir())) == 3


@pytest.mark.parametrize("given", [{"actors": 0}, {"num_cpus": 0}, {"workers": 0}])
def test_numbers_that_will_not_do_are_refused(engine: ModuleType, keyed: Study, given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        engine.run(keyed.manifests, "anonymize", output=keyed.output, ledger=keyed.ledger, **given)


def test_what_is_wrong_with_a_shard_is_raised(engine: ModuleType, keyed: Study) -> None:
    from ray.exceptions import RayError

    Path(keyed.manifests[1]).write_text("no JSON\n")
    with pytest.raises(RayError, match=r"00000002\.jsonl, line 1: no JSON object"):
        engine.run(keyed.manifests, "anonymize", output=keyed.output, ledger=keyed.ledger)
