"""A C-STORE relay: takes instances, blanks them, and hands them on to an archive. The data set is never decoded.

    python cstore_relay.py --listen 127.0.0.1:11112 --archive ORTHANC@127.0.0.1:4242 --level anonymize-full

What can't be blanked is not handed on: the sender gets status 0xC000 with the reason, without a value. What the archive
does not take has the archive's own status; 0xA700 where it can't be reached.
"""

from __future__ import annotations

import argparse
import logging
import socket
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from pydicom import Dataset, dcmread
from pynetdicom import AE, _config, evt
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import Verification

import dicomblank
from dicomblank import Key, Level, NotDicomError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pynetdicom.association import Association
    from pynetdicom.events import Event
    from pynetdicom.transport import ThreadedAssociationServer

# Every storage class and transfer syntax that a sender proposes, and files sent as they stand.
_config.UNRESTRICTED_STORAGE_SERVICE = True
_config.STORE_SEND_CHUNKED_DATASET = True
# What is received is never on disk.
_config.STORE_RECV_CHUNKED_DATASET = False
# Its log may hold values.
_config.LOG_HANDLER_LEVEL = "none"
logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)

SUCCESS, NO_ARCHIVE, OTHER_UIDS, NOT_BLANKED = 0x0000, 0xA700, 0xA900, 0xC000
log = logging.getLogger("dicomblank.relay")


class RefusedError(Exception):
    """Why an instance is not handed on: a status of PS3.4 Table B.2-1, and a text without values."""

    def __init__(self, status: int, comment: str) -> None:
        super().__init__(comment)
        self.status, self.comment = status, comment


class Archive(NamedTuple):
    """Where instances go."""

    title: str
    host: str
    port: int


@dataclass(frozen=True)
class Relay:
    """One association to the archive for each one from a sender, with the presentation contexts that it agreed on."""

    archive: Archive
    blank: Callable[[bytes], bytes]
    title: str = "DICOMBLANK"
    _onward: dict[Association, Association] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, host: str, port: int) -> ThreadedAssociationServer:
        """Listens, in threads of its own, until the server's `shutdown`."""
        entity = AE(self.title)
        entity.add_supported_context(Verification)
        handlers = [
            (evt.EVT_CONN_OPEN, lambda event: sends_at_once(event.assoc)),
            (evt.EVT_C_STORE, self.store),
            (evt.EVT_CONN_CLOSE, self.closed),
        ]
        return entity.start_server((host, port), block=False, evt_handlers=handlers)

    def store(self, event: Event) -> Dataset:
        """Answers one C-STORE request."""
        answer = Dataset()
        try:
            answer.Status = self.handed_on(event.assoc, blanked(event, self.blank))
        except RefusedError as refused:
            log.error("an instance is not handed on: %s", refused.comment)  # noqa: TRY400 (no traceback: it may have values)
            answer.Status, answer.ErrorComment = refused.status, refused.comment[:64]
        except Exception as error:  # noqa: BLE001 (any other would be logged by pynetdicom, with what it says)
            log.error("an instance is not handed on: %s", type(error).__name__)  # noqa: TRY400
            answer.Status = NOT_BLANKED
        return answer

    def handed_on(self, sender: Association, data: bytes) -> int:
        """Sends a file's data set as it stands; the command has the UIDs of its file meta information."""
        with tempfile.NamedTemporaryFile(suffix=".dcm") as file:
            file.write(data)
            file.flush()
            try:
                answer = self.onward(sender).send_c_store(file.name)
            except ValueError as error:
                raise RefusedError(NO_ARCHIVE, "the archive does not take this class or transfer syntax") from error
        if "Status" not in answer:
            raise RefusedError(NO_ARCHIVE, "the archive did not answer")
        return int(answer.Status)

    def onward(self, sender: Association) -> Association:
        """The association to the archive that belongs to a sender's; a new one where there is none any more."""
        with self._lock:
            onward = self._onward.get(sender)
        if onward is None or not onward.is_established:
            contexts = [
                build_context(each.abstract_syntax, each.transfer_syntax)
                for each in sender.accepted_contexts
                if each.abstract_syntax != Verification
            ]
            to = self.archive
            onward = AE(self.title).associate(to.host, to.port, contexts=contexts, ae_title=to.title)
            if not onward.is_established:
                raise RefusedError(NO_ARCHIVE, "no association with the archive")
            sends_at_once(onward)
            with self._lock:
                self._onward[sender] = onward
        return onward

    def closed(self, event: Event) -> None:
        """The sender has gone."""
        with self._lock:
            onward = self._onward.pop(event.assoc, None)
        if onward is not None and onward.is_established:
            onward.release()


def sends_at_once(association: Association) -> None:
    """Else the system waits for an acknowledgement before it sends the rest of a message: 40 ms an instance."""
    association.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def blanked(event: Event, blank: Callable[[bytes], bytes]) -> bytes:
    """The instance of a request as a file, blanked. Its file meta information is made of the command."""
    try:
        data = blank(event.encoded_dataset())
    except dicomblank.Error as error:
        raise RefusedError(NOT_BLANKED, f"{type(error).__name__}: {error}") from error
    # The command gets its UIDs from there: it must not name another object than it sends.
    header = dcmread(BytesIO(data), specific_tags=["SOPClassUID", "SOPInstanceUID"], stop_before_pixels=True)
    said = (header.file_meta.MediaStorageSOPClassUID, header.file_meta.MediaStorageSOPInstanceUID)
    if said != (header.get("SOPClassUID"), header.get("SOPInstanceUID")):
        raise RefusedError(OTHER_UIDS, "the data set has other SOP UIDs than the command")
    return data


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Takes instances by C-STORE, blanks them, hands them on.")
    parser.add_argument("--listen", type=address, metavar="HOST:PORT", required=True)
    parser.add_argument("--title", default="DICOMBLANK", help="the relay's own AE title")
    parser.add_argument("--archive", type=archive, metavar="TITLE@HOST:PORT", required=True)
    parser.add_argument("--level", choices=[level.value for level in Level], required=True)
    parser.add_argument("--key", metavar="FILE", help="the key file, for the level pseudonymize")
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(message)s")
    try:
        key = Key.load(options.key) if options.key else None
        blank = partial(dicomblank.anonymize_bytes, level=options.level, key=key)
        with suppress(NotDicomError):
            blank(b"")  # ValueError for a key that is missing, or not needed
    except (OSError, ValueError) as error:
        parser.error(str(error))
    server = Relay(options.archive, blank, options.title).start(*options.listen)
    try:
        threading.Event().wait()
    finally:
        server.shutdown()


def address(text: str) -> tuple[str, int]:
    """Of HOST:PORT."""
    host, _, port = text.rpartition(":")
    return host, int(port)


def archive(text: str) -> Archive:
    """Of TITLE@HOST:PORT."""
    title, _, where = text.rpartition("@")
    return Archive(title, *address(where))


if __name__ == "__main__":
    main()
