r"""A filter in front of a DICOMweb server: what comes by STOW-RS (PS3.18 §10.5) is blanked and handed on.

    DICOMBLANK_UPSTREAM=http://127.0.0.1:8042/dicom-web/studies DICOMBLANK_LEVEL=anonymize-full \
        uvicorn --no-access-log --factory stow_filter:from_environment --host 127.0.0.1 --port 8080

An ASGI application with one resource, POST /studies. DICOMBLANK_KEY is the key file of the level pseudonymize,
DICOMBLANK_LARGEST the largest instance in bytes. Instances are handed on as they come, one at a time. One that can't be
blanked is left out, and the answer says so (202; 409 where none is stored), by its place and never by a value.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

import dicomblank
from dicomblank import Key, NotDicomError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

LARGEST = 1024**3
SECONDS = 300
DICOM, JSON = b"application/dicom", "application/dicom+json"
ACCEPTED = {JSON, "application/json", "application/*", "*/*"}
# Of the Store Instances Response (PS3.18 §I.2): what is stored, what upstream does not take, what the filter does not.
STORED, FAILED, OTHER_FAILURES, REASON = "00081199", "00081198", "0008119A", "00081197"
CANNOT_UNDERSTAND = 0xC000
log = logging.getLogger("dicomblank.stow")


class RefusedError(Exception):
    """Why a request is refused: a status of HTTP, and a text without values."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass
class Part:
    """One part of a request."""

    kind: bytes = b""
    data: bytearray = field(default_factory=bytearray)
    is_too_large: bool = False


class Parts:
    """Gathers the parts of a request that python-multipart finds; of a part that is too large nothing is kept."""

    def __init__(self, boundary: bytes, largest: int) -> None:
        self.whole: deque[Part] = deque()
        self.is_ended = False
        self._largest, self._part, self._name, self._value = largest, Part(), bytearray(), bytearray()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                "on_header_end": self._end_header,
                "on_part_data": self._extend,
                "on_part_end": lambda: self.whole.append(self._part),
                "on_end": self._end,
            },
        )

    def write(self, data: bytes) -> None:
        """More of the request's body."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise RefusedError(400, "the body is not multipart as its content type says") from error

    def _begin(self) -> None:
        self._part = Part()

    def _end_header(self) -> None:
        if self._name.lower() == b"content-type":
            self._part.kind, _ = parse_options_header(self._value.decode("latin-1"))
        self._name.clear()
        self._value.clear()

    def _extend(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if not part.is_too_large and len(part.data) + end - start <= self._largest:
            part.data += memoryview(data)[start:end]
        else:
            part.is_too_large, part.data = True, bytearray()

    def _end(self) -> None:
        self.is_ended = True


@dataclass(frozen=True)
class Filter:
    """The application."""

    upstream: str
    blank: Callable[[bytearray], bytes]
    largest: int
    client: httpx.AsyncClient

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        more: list[tuple[bytes, bytes]] = []
        try:
            status, answer, refused = await self.answered(scope, receive)
            if refused:
                listed = ", ".join(map(str, refused[:50])) + (", and others" if refused[50:] else "")
                more = [(b"warning", f'299 dicomblank "not stored: part {listed}"'.encode())]
        except RefusedError as error:
            log.warning("a request is refused: %s", error)
            status, answer = error.status, {"error": str(error)}
        headers = [(b"content-type", JSON.encode()), *more]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    async def answered(self, scope: Message, receive: Receive) -> tuple[int, dict[str, Any], list[int]]:
        """The status, the Store Instances Response of PS3.18 §I.2, and which parts were refused."""
        headers = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        parts = Parts(boundary_of(scope, headers), self.largest)
        refused: list[int] = []
        blanked = self.blanked(parts, receive, refused)
        first = await anext(blanked, None)
        if first is None:
            if not refused:
                raise RefusedError(400, "there is no part in the body")
            status, answer = 409, dict[str, Any]()
        else:
            status, answer = await self.handed_on(chain(first, blanked), headers.get("authorization"))
        if refused:
            failed = {REASON: {"vr": "US", "Value": [CANNOT_UNDERSTAND]}}
            answer.setdefault(OTHER_FAILURES, {"vr": "SQ"}).setdefault("Value", []).extend([failed] * len(refused))
            status = 202 if status == 200 else status
        return status, answer, refused

    async def blanked(self, parts: Parts, receive: Receive, refused: list[int]) -> AsyncIterator[bytes]:
        """The instances that can be blanked; of the others the places, counted from 1."""
        number = 0
        while not parts.is_ended:
            message = await receive()
            if message["type"] != "http.request":
                raise RefusedError(400, "the request was cut short")
            parts.write(message.get("body", b""))
            while parts.whole:
                number += 1
                try:
                    yield await self.instance(parts.whole.popleft())
                except RefusedPartError as error:
                    log.warning("part %d is not stored: %s", number, error)
                    refused.append(number)
            if not message.get("more_body") and not parts.is_ended:
                raise RefusedError(400, "the body is cut short: its last boundary is missing")

    async def instance(self, part: Part) -> bytes:
        """What becomes of a part."""
        if part.kind != DICOM:
            raise RefusedPartError("its type is not application/dicom")
        if part.is_too_large:
            raise RefusedPartError(f"it has more than {self.largest} bytes")
        try:
            return await asyncio.to_thread(self.blank, part.data)
        except dicomblank.Error as error:
            raise RefusedPartError(f"{type(error).__name__}: {error}") from error
        except Exception as error:
            raise RefusedPartError(type(error).__name__) from error

    async def handed_on(self, instances: AsyncIterator[bytes], authorization: str | None) -> tuple[int, dict[str, Any]]:
        """What upstream answers. Of the request's headers it gets Authorization alone; of a part's none."""
        boundary = secrets.token_hex(32)
        headers = {
            "content-type": f'multipart/related; type="application/dicom"; boundary={boundary}',
            "accept": JSON,
            **({"authorization": authorization} if authorization else {}),
        }
        try:
            answer = await self.client.post(self.upstream, content=body(instances, boundary), headers=headers)
        except httpx.HTTPError as error:
            raise RefusedError(502, f"no answer from upstream: {type(error).__name__}") from error
        with suppress(ValueError):
            response = answer.json()
            # Orthanc gives one with 400 as well, where it does not take some instances itself.
            if STORED in response or FAILED in response:
                return answer.status_code, response
        raise RefusedError(answer.status_code if answer.is_error else 502, f"upstream says {answer.status_code}")


class RefusedPartError(Exception):
    """Why a part is left out; without values."""


def boundary_of(scope: Message, headers: dict[str, str]) -> bytes:
    """What stands between the parts of a request for this resource."""
    if scope["path"] != "/studies":
        raise RefusedError(404, "there is /studies alone: another study's UID would be an identifier")
    if scope["method"] != "POST":
        raise RefusedError(405, "there is POST alone")
    wanted = {each.partition(";")[0].strip().lower() for each in headers.get("accept", "*/*").split(",")}
    if not wanted & ACCEPTED:
        raise RefusedError(406, f"the answer is {JSON}")
    kind, options = parse_options_header(headers.get("content-type"))
    if kind != b"multipart/related" or options.get(b"type", b"").lower() != DICOM or not options.get(b"boundary"):
        raise RefusedError(415, 'the body has to be multipart/related; type="application/dicom"; boundary=...')
    if headers.get("content-encoding", "identity") != "identity":
        raise RefusedError(415, "the body may have no content encoding")
    boundary: bytes = options[b"boundary"]
    return boundary


async def chain(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """All of them."""
    yield first
    async for each in others:
        yield each


async def body(instances: AsyncIterator[bytes], boundary: str) -> AsyncIterator[bytes]:
    """A body of multipart/related."""
    async for data in instances:
        yield f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        yield data
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()


def from_environment() -> Filter:
    """The application, of the variables that the text above names. Raises where one of them is wrong."""
    logging.basicConfig(format="%(asctime)s %(message)s")
    key = Key.load(os.environ["DICOMBLANK_KEY"]) if "DICOMBLANK_KEY" in os.environ else None
    blank = partial(dicomblank.anonymize_bytes, level=os.environ["DICOMBLANK_LEVEL"], key=key)
    with suppress(NotDicomError):
        blank(b"")  # ValueError for an unknown level, and a key that is missing or not needed
    largest = int(os.environ.get("DICOMBLANK_LARGEST", LARGEST))
    # No proxy of the environment: scans go where they are sent.
    return Filter(
        os.environ["DICOMBLANK_UPSTREAM"], blank, largest, httpx.AsyncClient(timeout=SECONDS, trust_env=False)
    )
