"""What blanking adds to the time of one instance in each import pipeline of examples: `make bench-imports`.

Each pipeline stands beside the same one in which `anonymize_bytes` gives back what it gets, and beside none. Instances
are sent to all of them in turn, so that they meet the same moods of the machine. docs/imports.md has the table.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from io import BytesIO
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import httpx
import pynetdicom
from pydicom import dcmread

import archives
import dicomblank
from blanked_dataset import BlankedScans, Refused, pixels
from dicomblank import Key, Level
from pipelines import DICOMWEB_PLUGIN, EXAMPLES, PYTHON_PLUGIN, ROOT, key_file, running
from samples import CT

if TYPE_CHECKING:
    from collections.abc import Callable

    Send = Callable[[bytes], None]
    Pipeline = Callable[[ExitStack, Path, "How"], Send]

MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
RELATED = 'multipart/related; type="application/dicom"; boundary=BOUNDARY'
#: Of a pipeline's time. Above it the program fails; far above what is asked, since a busy machine must not.
MOST = 0.5
WARMING_UP = 5
WITHOUT = "import dicomblank; dicomblank.anonymize_bytes = lambda data, level, key=None: bytes(data)\n"
pynetdicom._config.STORE_SEND_CHUNKED_DATASET = True  # noqa: SLF001


class How(NamedTuple):
    """A pipeline's variant: whether it blanks, and at which level; whether it is there at all."""

    name: str
    level: Level
    blanks: bool
    is_there: bool = True


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--only", default="", help="a part of a pipeline's name")
    options = parser.parse_args()
    print("| pipeline | level | instance | without, ms | with, ms | more | `anonymize_bytes`, ms | no pipeline, ms |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    worst = 0.0
    for level in (Level.ANONYMIZE_FULL, Level.PSEUDONYMIZE):
        for size, data in (("39 KB", CT.read_bytes()), ("526 KB", of_526_kb())):
            for name, pipeline in PIPELINES.items():
                if options.only in name:
                    found = measured(pipeline, level, data, options.rounds)
                    if pipeline is loaded:
                        found.bare.clear()  # there is nothing that it stands in front of
                    worst = max(worst, found.more)
                    print(f"| {name} | {level.value} | {size} | {found} |", flush=True)
    return int(worst > MOST)


class Found(NamedTuple):
    """Seconds of each instance: sent to no pipeline, to one that does not blank, to one that does; blanked alone."""

    bare: list[float]
    without: list[float]
    blanking: list[float]
    alone: list[float]

    @property
    def more(self) -> float:
        """The median of the differences within a turn, as a part of the time without blanking."""
        differences = [blanking - without for blanking, without in zip(self.blanking, self.without, strict=True)]
        return statistics.median(differences) / statistics.median(self.without)

    def __str__(self) -> str:
        without, blanking, alone = (statistics.median(each) * 1e3 for each in self[1:])
        bare = f"{statistics.median(self.bare) * 1e3:.2f}" if self.bare else ""
        return f"{without:.2f} | {blanking:.2f} | {self.more:+.1%} | {alone:.3f} | {bare}"


def of_526_kb() -> bytes:
    """CT_small with 512 times 512 pixels."""
    dataset = dcmread(CT)
    dataset.Rows = dataset.Columns = 512
    dataset.PixelData = bytes(range(256)) * 2048
    dataset.save_as(buffer := BytesIO())
    return buffer.getvalue()


def measured(pipeline: Pipeline, level: Level, data: bytes, rounds: int) -> Found:
    """Instances that differ in their UID, sent in turn; which way comes first in a turn is left to chance."""
    ways = [How("bare", level, blanks=False, is_there=False), How("without", level, blanks=False)]
    ways.append(How("blanking", level, blanks=True))
    uid = dcmread(BytesIO(data), stop_before_pixels=True).SOPInstanceUID.encode()
    key = Key.generate() if level is Level.PSEUDONYMIZE else None
    found = Found([], [], [], [])
    random = Random(0)  # noqa: S311 (no secret)
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as top, ExitStack() as stack:
        sends: list[Callable[[bytes], object]] = []
        for how in ways:
            (folder := Path(top) / how.name).mkdir()
            sends.append(pipeline(stack, folder, how))
        sends.append(partial(dicomblank.anonymize_bytes, level=level, key=key))
        for number in range(-WARMING_UP, rounds):
            one = data.replace(uid, uid[:-6] + f"{number + 100_000 + WARMING_UP:06}".encode())
            turn = list(zip(sends, found, strict=True))
            random.shuffle(turn)
            for send, seconds in turn:
                start = time.perf_counter()
                send(one)
                if number >= 0:
                    seconds.append(time.perf_counter() - start)
    return found


def script_of(example: Path, folder: Path, how: How) -> Path:
    """An example, or the same with nothing blanked."""
    if how.blanks:
        return example
    script = folder / example.name
    future = "from __future__ import annotations\n"
    script.write_text(example.read_text().replace(future, future + WITHOUT))
    return script


def orthanc(stack: ExitStack, folder: Path, how: How) -> archives.Orthanc:
    """One with the plugin, or with none."""
    settings: dict[str, object] = {}
    if how.is_there:
        section = {"Level": how.level.value}
        if how.level is Level.PSEUDONYMIZE:
            section["KeyFile"] = str(key_file(folder))
        script = script_of(EXAMPLES / "orthanc_plugin.py", folder, how)
        settings = {"Plugins": [str(PYTHON_PLUGIN)], "PythonScript": str(script), "Dicomblank": section}
    started = archives.started(folder / "orthanc", settings, {"PYTHONPATH": str(ROOT / "python")})
    return stack.enter_context(started)


def orthanc_by_rest(stack: ExitStack, folder: Path, how: How) -> Send:
    """POST /instances."""
    url = orthanc(stack, folder, how).url + "/instances"
    return poster(stack, url, lambda data: data, {"Expect": ""})


def orthanc_by_c_store(stack: ExitStack, folder: Path, how: How) -> Send:
    """C-STORE, over one association."""
    return stored(stack, folder, orthanc(stack, folder, how).dicom, archives.ARCHIVE)


def relay(stack: ExitStack, folder: Path, how: How) -> Send:
    """C-STORE by way of the relay, over one association."""
    title = "DICOMBLANK"
    modality = {"DicomModalities": {each: [each, "127.0.0.1", 104] for each in (title, archives.SENDER)}}
    archive = stack.enter_context(archives.started(folder / "orthanc", modality))
    if not how.is_there:
        return stored(stack, folder, archive.dicom, archives.ARCHIVE)
    [port] = archives.free_ports(1)
    words: list[str | Path] = [script_of(EXAMPLES / "cstore_relay.py", folder, how), "--listen", f"127.0.0.1:{port}"]
    words += ["--archive", f"{archives.ARCHIVE}@127.0.0.1:{archive.dicom}", "--level", how.level.value]
    if how.level is Level.PSEUDONYMIZE:
        words += ["--key", key_file(folder)]
    stack.enter_context(running(words, folder / "log", port))
    return stored(stack, folder, port, title)


def stow(stack: ExitStack, folder: Path, how: How) -> Send:
    """One instance a request, over one connection."""
    web = {"Plugins": [str(DICOMWEB_PLUGIN)]}
    archive = stack.enter_context(archives.started(folder / "orthanc", web))
    url = f"{archive.url}/dicom-web/studies"
    if how.is_there:
        [port] = archives.free_ports(1)
        variables = {"DICOMBLANK_UPSTREAM": url, "DICOMBLANK_LEVEL": how.level.value}
        if how.level is Level.PSEUDONYMIZE:
            variables["DICOMBLANK_KEY"] = str(key_file(folder))
        script = script_of(EXAMPLES / "stow_filter.py", folder, how)
        words: list[str | Path] = ["-m", "uvicorn", "--app-dir", script.parent, "--factory"]
        words += ["stow_filter:from_environment", "--log-level", "warning", "--host", "127.0.0.1", "--port", str(port)]
        stack.enter_context(running(words, folder / "log", port, variables))
        url = f"http://127.0.0.1:{port}/studies"
    head = b"--BOUNDARY\r\nContent-Type: application/dicom\r\n\r\n"
    headers = {"Content-Type": RELATED, "Accept": "application/dicom+json"}
    return poster(stack, url, lambda data: head + data + b"\r\n--BOUNDARY--", headers)


def loaded(_stack: ExitStack, folder: Path, how: How) -> Send:
    """An item of the data set, decoded by pydicom; without blanking it is read and decoded."""
    path = folder / "scan.dcm"
    key = key_file(folder) if how.level is Level.PSEUDONYMIZE else None
    scans = BlankedScans([path], how.level, pixels, key)

    def load(data: bytes) -> None:
        if not path.exists():
            path.write_bytes(data)  # the first one, which is not counted
        if how.blanks:
            assert not isinstance(scans[0], Refused)
        elif how.is_there:
            pixels(path.read_bytes())

    return load


def poster(stack: ExitStack, url: str, body: Callable[[bytes], bytes], headers: dict[str, str]) -> Send:
    """Sends by POST, and sees that it was taken."""
    client = stack.enter_context(httpx.Client(trust_env=False, timeout=60))

    def post(data: bytes) -> None:
        assert client.post(url, content=body(data), headers=headers).status_code == 200

    return post


def stored(stack: ExitStack, folder: Path, port: int, title: str) -> Send:
    """Sends by C-STORE, and sees that it was taken."""
    entity = pynetdicom.AE(archives.SENDER)
    contexts = [pynetdicom.build_context("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1")]
    association = entity.associate("127.0.0.1", port, contexts=contexts, ae_title=title)
    assert association.is_established
    # As dcmtk's senders have it. Else each instance waits for 40 ms at times, for an acknowledgement.
    association.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stack.callback(association.release)

    def store(data: bytes) -> None:
        (folder / "sent.dcm").write_bytes(data)
        assert association.send_c_store(folder / "sent.dcm").Status == 0

    return store


PIPELINES: dict[str, Pipeline] = {
    "Orthanc's plugin, REST": orthanc_by_rest,
    "Orthanc's plugin, C-STORE": orthanc_by_c_store,
    "C-STORE relay": relay,
    "STOW-RS filter": stow,
    "data set, decoded by pydicom": loaded,
}


if __name__ == "__main__":
    sys.exit(main())
