"""What the tests of the engines share: 20,000 files in 100 shards, and a few with a key."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dicomblank import Level
from engines.studies import KEY, VARIABLE, Study

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def large(folder: Path) -> Study:
    return Study.make(folder / "large", 20_000, 100, Level.ANONYMIZE_FULL)


@pytest.fixture
def study(large: Study) -> Iterator[Study]:
    """The 20,000 files, without what another test has made of them."""
    yield large
    shutil.rmtree(large.output, ignore_errors=True)
    shutil.rmtree(large.ledger, ignore_errors=True)


@pytest.fixture
def keyed(tmp_path: Path) -> Study:
    """A few files, to be pseudonymized."""
    return Study.make(tmp_path, 30, 3, Level.PSEUDONYMIZE, KEY)


@pytest.fixture(scope="session")
def key_file(folder: Path) -> Path:
    """A key file. Engines that are started later find its line in the environment, too."""
    path = folder / "secret.key"
    KEY.save(path)
    os.environ[VARIABLE] = path.read_text()
    return path
