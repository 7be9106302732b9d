"""A bucket of a server of the tests: what is put there and what is found there, by boto3 alone."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from samples import name_of

if TYPE_CHECKING:
    from pathlib import Path

#: Looked for in all that is said.
SECRET = "a-secret-that-nobody-may-see"  # noqa: S105
NUMBERS = itertools.count()


@dataclass
class Bucket:
    """One bucket."""

    name: str
    url: str
    client: Any

    @classmethod
    def create(cls, url: str) -> Bucket:
        """A new one."""
        client = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key=SECRET,
            # s3s-fs keeps the checksum of an object whose bytes are replaced in parts.
            config=Config(
                retries={"total_max_attempts": 3},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
        bucket = cls(f"bucket-{os.getpid()}-{next(NUMBERS)}", url, client)
        client.create_bucket(Bucket=bucket.name)
        return bucket

    @property
    def environment(self) -> dict[str, str]:
        """What leads there."""
        return environment_of(self.url)

    def at(self, key: str = "") -> str:
        """A key as a URL."""
        return f"s3://{self.name}/{key}"

    def put(self, key: str, data: bytes, **beside: Any) -> str:
        """Puts an object, and returns its ETag."""
        answer = self.client.put_object(Bucket=self.name, Key=key, Body=data, **beside)
        return str(answer.get("ETag", ""))  # s3s-fs has none for what stands for a folder

    def get(self, key: str) -> bytes:
        """The bytes of an object."""
        return bytes(self.client.get_object(Bucket=self.name, Key=key)["Body"].read())

    def head(self, key: str) -> dict[str, Any]:
        """What is said of an object."""
        return dict(self.client.head_object(Bucket=self.name, Key=key))

    def keys(self, prefix: str = "") -> list[str]:
        """All keys."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return [found["Key"] for page in pages for found in page.get("Contents", ())]

    def all(self, prefix: str = "") -> dict[str, bytes]:
        """All objects."""
        return {key.removeprefix(prefix): self.get(key) for key in self.keys(prefix)}

    def uploads(self) -> int:
        """How many uploads in parts are neither completed nor aborted. s3s-fs can't tell: moto does."""
        try:
            return len(self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", ()))
        except ClientError as error:
            if error.response["Error"]["Code"] == "NotImplemented":
                return 0
            raise


def plain_name(path: Path) -> str:
    """The name of a sample file, without the plus signs that s3s-fs lists as spaces."""
    return name_of(path).replace("+", "-")


def environment_of(url: str) -> dict[str, str]:
    """The environment that leads to a server."""
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL": url,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
    }
