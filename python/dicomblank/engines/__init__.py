"""Shards on engines that are there already: Ray and Spark. Each is a module of its own, and an extra to be installed.

    from dicomblank import shards
    from dicomblank.engines import ray  # python -m pip install 'dicomblank[ray]'

    made = shards.make("/data/study", "/data/shards")
    report = ray.run(made.manifests, "anonymize-full", output="/data/shared", ledger="/data/ledger")

What travels is the path of a manifest: never the bytes of a scan, never a key. Files, manifests and the ledger lie
where every machine sees them under the same path. Workers that are lost cost time and nothing else: the shard is gone
on with by another, and what its ledger says is done is not done again.
"""

from __future__ import annotations

import importlib

__all__ = ["require"]


def require(module: str, extra: str) -> None:
    """Raises `ImportError` where an engine can't be loaded, with the command that installs it."""
    try:
        importlib.import_module(module)
    except ImportError as error:
        why = f"{module} can't be loaded ({error}). What installs it: python -m pip install 'dicomblank[{extra}]'"
        raise ImportError(why, name=module) from error
