"""What the modules of the engines do without an engine. Runs on Ray and Spark are in tests/engines."""

from __future__ import annotations

import fcntl
import os
import pickle
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import dicomblank
from dicomblank import Key, Level, shards
from dicomblank.engines import task as tasks
from dicomblank.engines.task import Task, manifests_of

if TYPE_CHECKING:
    from pathlib import Path

KEY = Key(bytes(range(32)))
ENGINES = {"ray": "ray.data", "spark": "pyspark.sql"}


def make(level: Any = Level.ANONYMIZE, **given: Any) -> Task:
    defaults: dict[str, Any] = {
        "output": "out",
        "in_place": False,
        "ledger": "ledger",
        "key_file": None,
        "key_variable": None,
        "workers": 1,
        "patience": 0.0,
    }
    return Task(level, **(defaults | given))


@pytest.mark.parametrize("engine", list(ENGINES))
def test_an_engine_that_is_missing_is_named_with_what_installs_it(engine: str) -> None:
    script = f"import sys; sys.modules['{ENGINES[engine]}'] = None; import dicomblank.engines.{engine}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=False)
    *_, last = done.stderr.splitlines()
    assert last.startswith(f"ImportError: {ENGINES[engine]} can't be loaded (")
    assert last.endswith(f"What installs it: python -m pip install 'dicomblank[{engine}]'")


def test_no_engine_is_loaded_unless_it_is_asked_for() -> None:
    script = "import dicomblank.engines.task, dicomblank.shards, dicomblank.cli, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "dicomblank" in loaded
    assert not loaded & {"ray", "pyspark", "pyarrow", "pandas", "numpy"}


@pytest.mark.parametrize(
    ("level", "given", "words"),
    [
        ("anonymize", {"in_place": True}, "output, or in_place=True, and not both"),
        ("anonymize", {"output": None}, "output, or in_place=True, and not both"),
        ("anonymise-all", {}, "no level 'anonymise-all'"),
        ("pseudonymize", {}, "the level needs a key"),
        ("anonymize", {"key_file": "secret.key"}, "no rule needs one"),
        ("pseudonymize", {"key_file": "secret.key", "key_variable": "KEY"}, "name one of the two"),
        ("anonymize", {"workers": 0}, "workers are at least 1"),
        ("anonymize", {"leftovers": "look"}, "no Leftovers 'look'"),
        ("anonymize", {"leftover": "warn"}, "takes no argument leftover"),
    ],
)
def test_arguments_that_will_not_do_are_refused_before_anything_travels(
    level: str, given: dict[str, Any], words: str
) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        make(level, **given)


def test_a_key_does_not_travel() -> None:
    with pytest.raises(TypeError, match="give the path of its file as key_file"):
        make("pseudonymize", key_file=KEY)


def test_what_travels_is_small_and_has_no_key(tmp_path: Path) -> None:
    KEY.save(tmp_path / "secret.key")
    task = make("pseudonymize", key_file=tmp_path / "secret.key")
    assert task.key() == KEY
    data = pickle.dumps(task)
    assert len(data) < 1000
    assert bytes(range(32)) not in data
    assert bytes(range(32)).hex().encode() not in data
    assert pickle.loads(data).key() == KEY  # noqa: S301 (our own)


def test_a_key_comes_from_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    KEY.save(tmp_path / "secret.key")
    task = make("pseudonymize", key_variable="DICOMBLANK_TEST_KEY")
    with pytest.raises(ValueError, match=r"DICOMBLANK_TEST_KEY.* is not set on this worker"):
        task.key()
    monkeypatch.setenv("DICOMBLANK_TEST_KEY", (tmp_path / "secret.key").read_text())
    assert task.key() == KEY
    monkeypatch.setenv("DICOMBLANK_TEST_KEY", "something else")
    with pytest.raises(ValueError, match="this is no key file") as raised:
        task.key()
    assert "something else" not in str(raised.value)


def test_shards_of_one_name_are_refused() -> None:
    assert manifests_of("a/1.jsonl") == [os.path.abspath("a/1.jsonl")]  # noqa: PTH100 (as the code does)
    with pytest.raises(ValueError, match="no manifest was given"):
        manifests_of([])
    with pytest.raises(ValueError, match="two shards are called 1:"):
        manifests_of(["a/1.jsonl", "a/2.jsonl", "b/1.jsonl"])


@pytest.fixture
def manifest(study: Path) -> str:
    (manifest,) = shards.make(study, study.parent / "shards").manifests
    return manifest


def test_a_shard_is_done_as_by_itself(study: Path, manifest: str) -> None:
    top = study.parent
    report = make(output=top / "out", ledger=top / "ledger", leftovers="warn")(manifest, None)
    single = dicomblank.anonymize_copy(study, top / "single", leftovers="warn")
    assert (report.counts, report.leftovers) == (single.counts, single.leftovers)
    report = make(output=None, in_place=True, ledger=top / "in place")(manifest, None)
    assert report.anonymized == single.anonymized


def test_a_shard_that_another_process_is_at_is_waited_for(
    study: Path, manifest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = study.parent
    monkeypatch.setattr(tasks, "PAUSE", 0.01)
    (top / "ledger").mkdir()
    with (top / "ledger" / "00000001.jsonl.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        began = time.monotonic()
        with pytest.raises(BlockingIOError):
            make(output=top / "out", ledger=top / "ledger", patience=0.1)(manifest, None)
        assert time.monotonic() - began >= 0.1
        assert not (top / "out").exists()
        release = threading.Timer(0.1, fcntl.flock, (lock, fcntl.LOCK_UN))
        release.start()
        report = make(output=top / "out", ledger=top / "ledger", patience=60.0)(manifest, None)
        release.join()
    assert report.anonymized == 2
