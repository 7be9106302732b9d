"""A real Orthanc, started for one test: it is sent files, and says what it shows of them.

Debian's package is called orthanc, its program Orthanc. The one that a test starts has no password, no plugin but those
that the test names, and uses only the ports and the folder that the test gives it. So it does not meet the service that
the package may have started on its own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from namespaces import own_network

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from http.client import HTTPResponse
    from pathlib import Path

# Debian puts it where only root's PATH leads.
PROGRAM = shutil.which("Orthanc", path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin")
STORESCU = shutil.which("storescu")
"""DCMTK's, which Debian's package orthanc needs as well."""

SENDER, ARCHIVE = "SENDER", "ARCHIVE"
SECONDS = 60
"""After which a start or an answer is given up; each takes far less."""

KINDS = ("patients", "studies", "series", "instances")

Tree = tuple[tuple[tuple[int, ...], ...], ...]
"""How many instances each series of each study of each patient has. In order of size: it names none of them."""


@dataclass(frozen=True)
class Shown:
    """One value that Orthanc shows: where, and its text, which no message of a test has."""

    where: str
    text: str = field(repr=False)


class Orthanc:
    """One that runs."""

    def __init__(self, http: int, dicom: int) -> None:
        self.url = f"http://127.0.0.1:{http}"
        self.dicom = dicom

    def answers(self) -> bool:
        """Whether it can be asked. Its DICOM server is up before that of HTTP."""
        try:
            self._ask("/system")
        except urllib.error.HTTPError:
            return True  # it asks for a password
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def store(self, files: Iterable[Path]) -> None:
        """Sends files by C-STORE, as a scanner does. storescu fails where one is not taken."""
        words = [str(STORESCU), "--required", "-aet", SENDER, "-aec", ARCHIVE, "127.0.0.1", str(self.dicom)]
        subprocess.run([*words, *map(str, files)], check=True, capture_output=True, timeout=SECONDS)

    def upload(self, files: Iterable[Path]) -> list[Path]:
        """Sends files as they are, by HTTP; returns those that it takes."""
        return [path for path in files if self._takes(path.read_bytes())]

    def instances(self) -> Iterator[bytes]:
        """Every instance that it has, as it keeps it."""
        for each in self._all("instances"):
            with self._open(f"/instances/{each['ID']}/file") as answer:
                yield answer.read()

    def counts(self) -> dict[str, int]:
        """How many patients, studies, series and instances it has."""
        counted = self._ask("/statistics")
        return {kind: counted[f"Count{kind.capitalize()}"] for kind in KINDS}

    def tree(self) -> Tree:
        """What belongs to what."""
        series = {each["ID"]: len(each["Instances"]) for each in self._all("series")}
        studies = {each["ID"]: _sizes(series[below] for below in each["Series"]) for each in self._all("studies")}
        return _sizes(_sizes(studies[below] for below in each["Studies"]) for each in self._all("patients"))

    def shown(self) -> Iterator[Shown]:
        """Every value that it shows: the main tags of each level, and all tags of each instance."""
        for kind in KINDS:
            for each in self._all(kind):
                for group in ("MainDicomTags", "PatientMainDicomTags"):
                    yield from _texts(each.get(group, {}), f"{kind} ")
        for each in self._all("instances"):
            yield from _texts(self._ask(f"/instances/{each['ID']}/simplified-tags"), "")

    def _all(self, kind: str) -> list[dict[str, Any]]:
        return list(self._ask(f"/{kind}?expand"))

    def _takes(self, data: bytes) -> bool:
        try:
            return self._ask("/instances", data)["Status"] in {"Success", "AlreadyStored"}
        except urllib.error.HTTPError as error:
            if error.code not in {400, 404}:
                raise
            return False  # it can't read it (400), or finds no UID in it by which to keep it (404)

    def _ask(self, path: str, data: bytes | None = None) -> Any:
        with self._open(path, data) as answer:
            return json.load(answer)

    def _open(self, path: str, data: bytes | None = None) -> HTTPResponse:
        # Not by a proxy, should the environment name one.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        answer: HTTPResponse = opener.open(urllib.request.Request(self.url + path, data), timeout=SECONDS)  # noqa: S310
        return answer


@contextmanager
def started(
    folder: Path, settings: Mapping[str, object] | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Orthanc]:
    """One with nothing in it, whose files are in `folder`; it ends with the `with`, however that ends.

    `settings` and `environment` are added to its own. In a network of its own where that can be had: it listens on
    every address that there is.
    """
    with own_network():
        yield from _started(folder, settings or {}, {**os.environ, **(environment or {})})


def _started(folder: Path, settings: Mapping[str, object], environment: dict[str, str]) -> Iterator[Orthanc]:
    assert PROGRAM is not None
    folder.mkdir()
    log = folder / "log"
    # A port is free when the system names it, and may be taken before Orthanc has it: then by others.
    for _ in range(3):
        http, dicom = free_ports(2)
        (folder / "orthanc.json").write_text(json.dumps({**_configuration(folder, http, dicom), **settings}))
        with log.open("wb") as output:
            process = subprocess.Popen(
                [PROGRAM, folder / "orthanc.json"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
            )
        try:
            orthanc = Orthanc(http, dicom)
            if _waited(process, orthanc):
                yield orthanc
                return
        finally:
            # Not asked to end: that takes it three seconds, and nothing of it is kept.
            process.kill()
            process.wait()
    raise RuntimeError(f"Orthanc ends as soon as it is started:\n{log.read_text()}")


def _configuration(folder: Path, http: int, dicom: int) -> dict[str, object]:
    return {
        "StorageDirectory": str(folder / "files"),
        "IndexDirectory": str(folder / "index"),
        "SyncStorageArea": False,
        "SaveJobs": False,
        "Plugins": [],
        "AuthenticationEnabled": False,
        "HttpPort": http,
        "DicomPort": dicom,
        "DicomAet": ARCHIVE,
        # It can't be told to listen on 127.0.0.1 alone, but to answer and to take from there alone.
        "RemoteAccessAllowed": False,
        "DicomModalities": {SENDER: [SENDER, "127.0.0.1", dicom]},
        "DicomAlwaysAllowStore": False,
        "DicomAlwaysAllowEcho": False,
        "DicomCheckModalityHost": True,
        "DicomCheckCalledAet": True,
    }


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on; all different, since they are held until the last is known."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def _waited(process: subprocess.Popen[bytes], orthanc: Orthanc) -> bool:
    """Whether it answers; False if it ends before."""
    until = time.monotonic() + SECONDS
    while process.poll() is None:
        if orthanc.answers():
            return True
        if time.monotonic() > until:
            raise TimeoutError(f"Orthanc does not answer for {SECONDS} seconds")
        time.sleep(0.02)
    return False


def _sizes(counts: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(counts))


def _texts(tags: Mapping[str, Any], where: str) -> Iterator[Shown]:
    """The texts of tags, also of those in sequences."""
    for name, value in tags.items():
        if isinstance(value, list):
            for item in value:
                yield from _texts(item, f"{where}{name} ")
        elif value is not None:
            yield Shown(where + name, str(value))


_UID = re.compile(r"[0-9.\\ ]*\.[0-9.\\ ]*")


@dataclass(frozen=True)
class Identifiers:
    """What must not be shown.

    In a value of digits and dots they are looked for as a whole: a keyed UID may have any eight digits in it, and so a
    date of birth.
    """

    uids: frozenset[str] = field(repr=False)
    others: frozenset[str] = field(repr=False)

    def leaks(self, shown: Iterable[Shown]) -> set[str]:
        """Where one is shown. Not what: no value is printed."""
        return {each.where for each in shown if self._is_in(each.text)}

    def _is_in(self, text: str) -> bool:
        if _UID.fullmatch(text):
            return not (self.uids | self.others).isdisjoint(text.replace("\\", " ").split())
        return any(one in text for one in self.others) or any(uid in text for uid in self.uids)
