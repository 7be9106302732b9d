"""Object stores: URLs of S3, Google Cloud Storage and Azure in the place of paths. Loaded only where there is one.

From a run down to a request; none uses one above it:

- `shards`: a listing, and a run over keys that were listed: `listing` and `run` of this package.
- `run`: a run over objects, with the face of `dicomblank.run.Run`.
- `crew`: the threads that list and work.
- `objects`: what is done to one object; `large`: to one that is read by ranges and written in parts.
- `places`: sources and target, found before the run.
- `disk`: files and folders of a disk, which may be sources or hold the copies.
- `s3`, `store`: one bucket.
- `patience`: what is tried again, and how many are in flight.
- `faults`: what a store says.
- `notices`: what buckets do with old versions.
- `url`: where things are.

What the bytes of an object mean, and what is told of it, only the core decides: `_core.Objects`.
"""

from __future__ import annotations

from dicomblank.stores.places import is_object
from dicomblank.stores.shards import listing, run

__all__ = ["is_object", "listing", "run"]
