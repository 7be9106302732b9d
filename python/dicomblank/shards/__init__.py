"""Data sets in parts: manifests of shards, and runs over one shard each, on one machine or on many.

    import dicomblank
    from dicomblank import shards

    made = shards.make("study/", "shards/", files=10_000)
    reports = [shards.run(one, output="shared/", ledger="ledger/") for one in made.manifests]
    assert sum(reports).ok

A shard is done once: its ledger, the report of its run, says so, and what has one is passed over. So is what was done
before a run was cut short. Runs over the same shards may go on side by side, in any order, on any machine that sees the
files, the manifests and the ledger.
"""

from dicomblank.shards.ledger import LedgerError
from dicomblank.shards.making import Made, make
from dicomblank.shards.manifest import Manifest, ManifestError
from dicomblank.shards.running import pick, run

__all__ = ["LedgerError", "Made", "Manifest", "ManifestError", "make", "pick", "run"]
