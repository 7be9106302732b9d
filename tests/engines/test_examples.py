"""The lines of docs/engines.md for a laptop, as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benches.peers.corpora import SMALL

PAGE = (Path(__file__).parents[2] / "docs/engines.md").read_text()
SCRIPTS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_there_is_one_of_each() -> None:
    assert [re.findall(r"import (ray|spark)$", script, re.MULTILINE) for script in SCRIPTS] == [["ray"], ["spark"]]
    # Ten lines each, but for the empty ones.
    assert max(len([line for line in script.splitlines() if line]) for script in SCRIPTS) <= 10


@pytest.mark.timeout(900)
@pytest.mark.parametrize("script", SCRIPTS, ids=["ray", "spark"])
def test_it_runs(tmp_path: Path, script: str) -> None:
    if "pyspark" in script and shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java 17 or later: sudo apt-get install openjdk-17-jre-headless")
    pytest.importorskip("pyspark" if "pyspark" in script else "ray")
    SMALL[0].write(tmp_path / "study", 20)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYSPARK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "shared").rglob("*.dcm"))) == 20
    assert len(list((tmp_path / "ledger").glob("*.jsonl"))) == 1
