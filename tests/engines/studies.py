"""What an engine is given, and what must have come of it."""

from __future__ import annotations

import filecmp
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import dicomblank
from benches.peers.corpora import SMALL
from dicomblank import Key, shards

if TYPE_CHECKING:
    from dicomblank import Level, Report

#: The line of a key file, for workers: an engine's processes have the environment that it was started in.
VARIABLE = "DICOMBLANK_TEST_KEY"
KEY = Key(bytes(range(32)))


class Study(NamedTuple):
    """A folder of files, its shards, and what a run without an engine makes of it."""

    top: Path
    manifests: tuple[str, ...]
    single: Report

    @classmethod
    def make(cls, top: Path, files: int, shard_count: int, level: Level, key: Key | None = None) -> Study:
        top.mkdir(exist_ok=True)
        SMALL[0].write(top / "study", files)
        made = shards.make(top / "study", top / "shards", files=files // shard_count)
        assert (len(made.manifests), made.files) == (shard_count, files)
        single = dicomblank.anonymize_copy(top / "study", top / "single", level, key=key, workers=2)
        return cls(top, made.manifests, single)

    @property
    def output(self) -> Path:
        return self.top / "output"

    @property
    def ledger(self) -> Path:
        return self.top / "ledger"

    def assert_same_as_single(self) -> None:
        """Every copy is there, and no other file, byte for byte what the run without an engine has made."""
        single = self.top / "single"
        names = [sorted(path.relative_to(top) for path in top.rglob("*.*")) for top in (single, self.output)]
        assert names[0] == names[1]
        assert len(names[0]) == self.single.files
        assert all(filecmp.cmp(single / name, self.output / name, shallow=False) for name in names[0])

    def assert_ledgers_whole(self) -> None:
        """There is a whole report of each shard and nothing else, and the page of them all says how many files."""
        reports = sorted(self.ledger.iterdir())
        assert [path.name for path in reports] == [Path(manifest).name for manifest in self.manifests]
        page = self.top / "page.html"
        page.unlink(missing_ok=True)
        command: list[str | Path] = [sys.executable, "-m", "dicomblank", "report", *reports, "-o", page]
        said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout
        assert said == f"The page is {page}. PASS.\n"
        assert f"{len(reports)} runs of dicomblank over {self.single.files:,} files" in page.read_text()
