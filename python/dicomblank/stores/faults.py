"""What a store says when it does not do what was asked: in a word, a sentence, and whether to try again.

No message of obstore or boto3 is passed on. They hold what the server sent: of a request whose signature is wrong, the
key id and what was signed.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    Kind: TypeAlias = Literal[
        "not-found",
        "no-permission",
        "store",
        "system",
        "exists",
        "changed",
        "not-kept",
        "too-large",
        "key",
        "interrupted",
    ]

__all__ = ["StoreError", "of_boto3", "of_obstore"]

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>([A-Za-z0-9]{1,64})</Code>")
# What the search for credentials asks last, on the machines of clouds.
_NO_CREDENTIALS = ("169.254.169.254", "169.254.170.2", "metadata.google.internal", "InstanceCredential", "IMDS")
_TIMEOUT, _TOO_MANY = 408, 429
_THROTTLED = {"SlowDown", "RequestLimitExceeded", "Throttling", "ThrottlingException", "ServerBusy", "TooManyRequests"}


class StoreError(Exception):
    """The store did not do it. `kind` is a word of docs/report.md."""

    def __init__(self, kind: Kind, message: str, status: int | None = None, code: str = "") -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.message = message
        self.code = code
        #: Whether the store asks for fewer requests.
        self.is_throttled = status in {_TOO_MANY, 503} or code in _THROTTLED
        passes = status is None or status >= 500 or status in {_TIMEOUT, _TOO_MANY}
        #: Whether another try may do.
        self.is_passing = kind == "store" and (passes or self.is_throttled)


def of_obstore(error: Exception) -> StoreError:
    """An exception of obstore."""
    text = str(error)
    found = _STATUS.search(text), _CODE.search(text)
    status = int(found[0][1]) if found[0] else None
    code = found[1][1] if found[1] else ""
    if status is None and any(sign in text for sign in _NO_CREDENTIALS):
        return no_credentials()
    kinds: dict[str, Kind] = {
        "AlreadyExistsError": "exists",
        "PreconditionError": "changed",
        "FileNotFoundError": "not-found",
        "NotFoundError": "not-found",
        "PermissionDeniedError": "no-permission",
        "UnauthenticatedError": "no-permission",
        "InvalidPathError": "key",
        "NotSupportedError": "too-large",
    }
    kind = kinds.get(type(error).__name__)
    if kind is None:
        return of_status(status, code)
    return StoreError(kind, _said(status, code), status, code)


def of_boto3(error: Exception) -> StoreError:
    """An exception of boto3."""
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        if type(error).__name__ in {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"}:
            return no_credentials()
        return of_status(None, "")
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    code = str(response.get("Error", {}).get("Code", ""))
    return of_status(status, code if re.fullmatch(r"[A-Za-z0-9]{1,64}", code) else "")


def of_status(status: int | None, code: str) -> StoreError:
    """An answer by its status and code; no status is no answer."""
    kinds: dict[int | None, Kind] = {401: "no-permission", 403: "no-permission", 404: "not-found", 412: "changed"}
    return StoreError(kinds.get(status, "store"), _said(status, code), status, code)


def no_credentials() -> StoreError:
    """Nobody has any."""
    return StoreError("no-permission", "no credentials were found", 401, "NoCredentials")


def _said(status: int | None, code: str) -> str:
    if status is None:
        return "the store can't be reached, or breaks the connection"
    named = f" ({code})" if code and not code.isdigit() else ""
    return f"the store answers {status}{named}"
