"""A bucket of S3. What obstore can't do, boto3 does: keys as they are, what an object has beside its bytes, parts."""

from __future__ import annotations

import importlib.util
import os
import threading

from dicomblank.stores.faults import StoreError, of_boto3
from dicomblank.stores.store import PAGE, REQUEST, SILENCE, WHOLE, Entry, Store, larger, missing_extra

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from dicomblank.stores.patience import Patience

__all__ = ["S3", "Upload", "client_of"]

#: What an answer about an object says of it that a new version can be given, too.
KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Metadata",
    "StorageClass",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "BucketKeyEnabled",
    "WebsiteRedirectLocation",
)
# What it can't, or not without harm. "Expires" is one that boto3 reads into a time, and may not read at all.
_LOST = {
    "ObjectLockMode": "an object lock, which keeps the version as it is",
    "ObjectLockLegalHoldStatus": "a legal hold, which keeps the version as it is",
    "SSECustomerAlgorithm": "a key of the customer that encrypts it",
    "Expires": "a time when it expires",
}
#: The codes with which a store says that it has no tags at all.
_NO_TAGS = {"NotImplemented", "MethodNotAllowed", "NoSuchTagSet"}


def client_of(in_flight: int) -> Any:
    """The client of boto3, for the store that obstore takes from the same environment."""
    try:
        import boto3
        from botocore import UNSIGNED
        from botocore.config import Config
        from botocore.exceptions import ProfileNotFound
    except ImportError:
        raise missing_extra() from None
    is_unsigned = os.environ.get("AWS_SKIP_SIGNATURE", "").lower() in {"true", "1"}
    config = Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=5,
        read_timeout=max(SILENCE, REQUEST // 2),
        max_pool_connections=in_flight,
        tcp_keepalive=True,
        ignore_configured_endpoint_urls=True,  # those of ~/.aws, which obstore does not read
        **({"signature_version": UNSIGNED} if is_unsigned else {}),
    )
    try:
        # Not the session that boto3 keeps: that would know of an older environment.
        return boto3.Session().client(
            "s3",
            config=config,
            region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
            endpoint_url=os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or _endpoint(),
        )
    except ProfileNotFound:
        raise ValueError(
            "AWS_PROFILE names a profile that is not there: unset it, since profiles are not read"
        ) from None


def _endpoint() -> str | None:
    return os.environ.get("AWS_ENDPOINT") or None


class S3(Store):
    """One bucket of S3, or of what speaks its language."""

    whole = WHOLE

    def __init__(self, native: Any, bucket: str, in_flight: int) -> None:
        super().__init__(native)
        self.bucket = bucket
        self._in_flight = in_flight
        self._client: Any = None
        self._making = threading.Lock()
        if importlib.util.find_spec("boto3") is None:
            raise missing_extra()
        if "AWS_PROFILE" in os.environ:
            _ = self.client  # says at once if there is none of that name

    @property
    def client(self) -> Any:
        """boto3's, made when it is asked for: that takes a tenth of a second, and most copies don't need it."""
        with self._making:
            if self._client is None:
                self._client = client_of(self._in_flight)
            return self._client

    def ask(self, call: str, **arguments: Any) -> Any:
        """Calls boto3 about this bucket."""
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            return getattr(self.client, call)(Bucket=self.bucket, **arguments)
        except (BotoCoreError, ClientError, HTTPClientError, OSError) as error:
            raise of_boto3(error) from None

    def pages(self, prefix: str, after: str | None) -> Iterator[list[Entry]]:
        """As of a store. obstore ends a listing at a key that it can't name, and leaves out a slash at the end of one.

        What ends in a slash stands for a folder, and is empty. So a page with an empty object, or at which obstore has
        ended, is listed by boto3. It takes thirty times as long for a key, and so does not list the others.
        """
        last = after
        while True:
            try:
                for page in super().pages(prefix, last):
                    if not all(entry.size for entry in page):
                        break
                    yield page
                    last = page[-1].key if page else last
                else:
                    return
            except StoreError as error:
                if error.kind != "key":
                    raise
            more = {"StartAfter": last} if last else {}
            answer = self.ask("list_objects_v2", Prefix=prefix, MaxKeys=PAGE, **more)
            page = [Entry(found["Key"], found["Size"], found.get("ETag")) for found in answer.get("Contents", ())]
            yield page
            if not answer.get("IsTruncated"):
                return
            last = page[-1].key

    def folders(self, prefix: str, after: str | None, patience: Patience) -> Iterator[tuple[list[str], int, bool]]:
        """What keys begin with, up to the first slash behind `prefix`, a page at a time, from the key `after` on.

        With how many objects are beside them, and whether it is the last page.
        """
        more = {"StartAfter": after} if after else {}
        while True:
            arguments = {"Prefix": prefix, "Delimiter": "/", "MaxKeys": PAGE, **more}
            answer = patience(lambda _, given=arguments: self.ask("list_objects_v2", **given))  # type: ignore[misc]
            is_last = not answer.get("IsTruncated")
            folders = [found["Prefix"] for found in answer.get("CommonPrefixes", ())]
            yield folders, len(answer.get("Contents", ())), is_last
            if is_last:
                return
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def get_kept(self, key: str) -> tuple[bytes, str, dict[str, Any]]:
        """The whole object, its ETag, and what it has beside its bytes but for its tags."""
        from botocore.exceptions import BotoCoreError, HTTPClientError
        from urllib3.exceptions import HTTPError

        answer = self.ask("get_object", Key=key)
        if answer["ContentLength"] > self.whole:
            answer["Body"].close()
            raise larger()
        try:
            data = answer["Body"].read()
        except (BotoCoreError, HTTPClientError, HTTPError, OSError) as error:
            raise of_boto3(error) from None
        return data, answer["ETag"], kept_of(answer)

    def head_kept(self, key: str, etag: str) -> dict[str, Any]:
        """The same of an object that is not got."""
        return kept_of(self.ask("head_object", Key=key, IfMatch=etag))

    def tags(self, key: str) -> dict[str, str]:
        """Its tags, as an argument of what writes it. Where they can't be read, the kind is "not-kept"."""
        from urllib.parse import urlencode

        try:
            tags = self.ask("get_object_tagging", Key=key)["TagSet"]
        except StoreError as error:
            if error.code in _NO_TAGS:
                return {}
            if error.kind == "no-permission":
                reason = "its tags can't be read (s3:GetObjectTagging), and would be lost"
                raise StoreError("not-kept", reason) from None
            raise
        return {"Tagging": urlencode({tag["Key"]: tag["Value"] for tag in tags})} if tags else {}

    def replace(self, key: str, data: bytes, etag: str, kept: dict[str, Any]) -> None:
        """Puts a new version of the object that has this ETag; where another has its key, the kind is "changed"."""
        self.ask("put_object", Key=key, Body=data, IfMatch=etag, **kept)


def kept_of(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer says of an object that a new version is given, too."""
    for name, what in _LOST.items():
        if answer.get(name) not in {None, "", "OFF"}:
            raise StoreError("not-kept", f"it has {what}: copy it instead")
    return {name: answer[name] for name in KEPT if answer.get(name)}


class Upload:
    """An upload in parts. It is an object once it is completed, and nothing if it is aborted."""

    def __init__(self, store: S3, key: str, kept: dict[str, Any], patience: Patience) -> None:
        self._store = store
        self._key = key
        self._patience = patience
        self._parts: list[dict[str, Any]] = []
        begun = patience(lambda _: store.ask("create_multipart_upload", Key=key, **kept))
        self._id: str = begun["UploadId"]

    def put(self, data: bytes) -> None:
        """The next part, from here."""
        self._add("upload_part", Body=data)

    def copy(self, source: tuple[str, str, str], start: int, end: int) -> None:
        """The next part: bytes of the object (bucket, key, ETag), which the store copies."""
        bucket, key, etag = source
        self._add(
            "upload_part_copy",
            CopySource={"Bucket": bucket, "Key": key},
            CopySourceIfMatch=etag,
            CopySourceRange=f"bytes={start}-{end - 1}",
        )

    def _add(self, call: str, **what: Any) -> None:
        number = len(self._parts) + 1
        where = {"Key": self._key, "UploadId": self._id, "PartNumber": number}
        answer = self._patience(lambda _: self._store.ask(call, **where, **what))
        self._parts.append({"PartNumber": number, "ETag": answer.get("CopyPartResult", answer)["ETag"]})

    def complete(self, condition: dict[str, str]) -> None:
        """Makes the object. `condition` is IfMatch or IfNoneMatch."""

        def complete(tries: int) -> None:
            try:
                self._store.ask(
                    "complete_multipart_upload",
                    Key=self._key,
                    UploadId=self._id,
                    MultipartUpload={"Parts": self._parts},
                    **condition,
                )
            except StoreError as error:
                # An answer that was lost: the upload is gone, since it was completed.
                if tries and (error.code == "NoSuchUpload" or error.kind == "changed") and self._is_there():
                    return
                if error.kind == "changed" and "IfNoneMatch" in condition:
                    raise StoreError("exists", "exists already") from None
                raise

        self._patience(complete)

    def _is_there(self) -> bool:
        """Whether the object is the one of this upload: its ETag is made of those of its parts."""
        from hashlib import md5

        found = self._store.head(self._key)
        try:
            digests = b"".join(bytes.fromhex(part["ETag"].strip('"')) for part in self._parts)
        except ValueError:  # an encrypted one has other ETags
            return False
        whole = f'"{md5(digests, usedforsecurity=False).hexdigest()}-{len(self._parts)}"'
        return found is not None and found.etag == whole

    def abort(self) -> None:
        """Drops what was uploaded. Where that fails, a rule of the bucket's life cycle has to."""
        try:
            self._store.ask("abort_multipart_upload", Key=self._key, UploadId=self._id)
        except StoreError:
            return
