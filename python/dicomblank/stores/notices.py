"""What stays of an identified version, or goes elsewhere: told before a run in place, by the names of the buckets."""

from __future__ import annotations

from dicomblank.stores.faults import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank.stores.s3 import S3

__all__ = ["notices_of"]

#: The call that tells of each, and the code that says that there is none.
_ASKED = (
    ("get_bucket_versioning", "versioning", ""),
    ("get_object_lock_configuration", "object lock", "ObjectLockConfigurationNotFoundError"),
    ("get_bucket_replication", "replication", "ReplicationConfigurationNotFoundError"),
)
_SAID = {
    "versioning": "is versioned: the identified versions stay in it, until they are deleted",
    "object lock": "has object lock: identified versions may not be deleted before their time",
    "replication": "is replicated: the identified versions may stand in other buckets",
}


def notices_of(store: S3) -> list[str]:
    """A sentence for each thing that a bucket does with old versions, and one for what could not be asked."""
    said, unknown = [], []
    for call, name, none in _ASKED:
        try:
            answer = store.ask(call)
        except StoreError as error:
            if not none or error.code != none:
                unknown.append(name)
            continue
        if name != "versioning" or answer.get("Status") in {"Enabled", "Suspended"}:
            said.append(f"s3://{store.bucket} {_SAID[name]}")
    if unknown:
        said.append(f"s3://{store.bucket}: not known whether it has {' or '.join(unknown)}, which keep old versions")
    return said
