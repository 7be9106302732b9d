"""The corpora: what is built is the same, byte for byte, on every machine and in every run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benches.peers import building, markers
from benches.peers.building import element
from elements import EXPLICIT, PIXELS, SEQUENCE_DELIMITER, UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

item, sequence = EXPLICIT.item, EXPLICIT.sequence
KIB = 1024
MB = 1000 * 1000
FILES_IN_FOLDER = 1000
#: Stands in the SOP instance UID of a template; each file has its own number there.
NUMBER = b"87654321"
#: No byte of it is a digit or a letter, so that a search for values never meets one.
BACKGROUND = bytes(0x80 + 7 * place % 0x60 for place in range(4096))


@dataclass(frozen=True)
class Small:
    """A corpus of many files of one size."""

    name: str
    size: int
    top_level: int
    """The number of elements at the top level."""
    blobs: tuple[int, ...] = ()
    """Lengths of private values, such as CSA headers."""

    def template(self) -> bytes:
        """One file, with `NUMBER` where its own number goes."""
        elements = _identifiers() | _nested() | _private(self.blobs) | _instance() | building.image(64, 64)
        others = self.top_level - len(elements) - 1  # the last are the pixels
        while len(elements) < self.top_level - 1:  # the image's are among the ordinary ones
            elements = building.ordinary(others) | elements
            others += 1
        head = building.file_head(_uid(), EXPLICIT.uid) + b"".join(elements[tag] for tag in sorted(elements))
        pixels = self.size - len(head) - 12
        if pixels < 0:
            raise ValueError(f"{self.name}: the header alone has {len(head)} bytes")
        return head + element(PIXELS, "OW", _pixels(pixels))

    def write(self, folder: Path, count: int) -> None:
        """`count` files, a thousand a folder."""
        data = bytearray(self.template())
        places = list(_numbers(data))
        for number in range(count):
            inner = f"{folder}/{number // FILES_IN_FOLDER:04}"
            if number % FILES_IN_FOLDER == 0:
                os.makedirs(inner)  # noqa: PTH103 (pathlib would double the time)
            digits = b"%08d" % number
            for place in places:
                data[place : place + 8] = digits
            handle = os.open(f"{inner}/{number:08}.dcm", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            os.write(handle, data)
            os.close(handle)


@dataclass(frozen=True)
class Large:
    """A corpus of one large file."""

    name: str
    size: int
    encapsulated: bool

    def write(self, folder: Path, count: int = 1) -> None:
        """`count` such files, written in parts."""
        folder.mkdir(parents=True)
        for number in range(count):
            with (folder / f"{number:08}.dcm").open("xb") as file:
                for part in self._parts():
                    file.write(part)

    def _parts(self) -> Iterator[bytes]:
        frames = 2000
        frame = self.size // frames  # 300 or 150 rows of 500 pixels
        elements = _identifiers() | building.ordinary(60) | building.image(frame // 1000, 500, frames) | _nested()
        elements |= _instance() | {0x5200_9230: _frames(frames)}
        syntax = building.JPEG_BASELINE if self.encapsulated else EXPLICIT.uid
        yield building.file_head(_uid(), syntax) + b"".join(elements[tag] for tag in sorted(elements))
        pixels = _pixels(frame)
        if not self.encapsulated:
            yield EXPLICIT.header(PIXELS, "OW", frame * frames)
            for _ in range(frames):
                yield pixels
            return
        yield EXPLICIT.header(PIXELS, "OB", UNDEFINED) + item()  # an empty offset table
        for _ in range(frames):
            yield item(pixels)
        yield EXPLICIT.framing(SEQUENCE_DELIMITER, 0)


SMALL = (
    Small("8 KB", 8 * KIB, 110),
    Small("151 KB", 151 * KIB, 170, blobs=(12 * KIB, 45 * KIB)),
    Small("528 KB", 528 * KIB, 140),
)
LARGE = (
    Large("600 MB multi-frame", 600 * MB, encapsulated=False),
    Large("300 MB encapsulated", 300 * MB, encapsulated=True),
)


def _uid() -> str:
    return "1.2.826.0.1.3680043.10.543.2.1" + NUMBER.decode()


def _instance() -> dict[int, bytes]:
    return {
        0x0008_0016: element(0x0008_0016, "UI", building.MR_IMAGE.encode()),
        0x0008_0018: element(0x0008_0018, "UI", _uid().encode()),
    }


def _identifier(tag: int, *, nested: bool) -> bytes:
    return element(tag, markers.ANONYMIZE_FULL[tag], markers.value(tag, nested=nested))


def _identifiers() -> dict[int, bytes]:
    return {tag: _identifier(tag, nested=False) for tag in markers.ANONYMIZE_FULL}


def _nested() -> dict[int, bytes]:
    """Sequences of both kinds of length; every blanked tag stands in one of them, half of them three levels deep."""
    tags = [_identifier(tag, nested=True) for tag in markers.ANONYMIZE_FULL]
    reference = (
        element(0x0008_1150, "UI", building.MR_IMAGE.encode()),
        element(0x0008_1155, "UI", b"1.2.826.0.1.3680043.10.543.3"),
    )
    modified = sequence(0x0400_0550, item(*tags[10:]))
    return {
        0x0008_1140: sequence(0x0008_1140, *[item(*reference, is_defined=False)] * 2, is_defined=False),
        0x0040_0275: sequence(0x0040_0275, item(*tags[:10], is_defined=False), is_defined=False),
        0x0400_0561: sequence(0x0400_0561, item(modified, element(0x0400_0565, "CS", b"CORRECT"))),
    }


def _private(blobs: tuple[int, ...]) -> dict[int, bytes]:
    """A private block: opaque values, and a sequence that holds a name."""
    name = _identifier(0x0010_0010, nested=True)
    found = {0x0029_0010: element(0x0029_0010, "LO", b"ACME BLOBS")}
    for number, length in enumerate(blobs):
        tag = 0x0029_1010 + 0x10 * number
        found[tag] = element(tag, "OB", _pixels(length))
    if blobs:
        found[0x0029_1140] = sequence(0x0029_1140, item(element(0x0029_0010, "LO", b"ACME BLOBS"), name))
    return found


def _frames(count: int) -> bytes:
    """A per-frame functional group for each frame, every one with an identifier in it."""
    station, date = (_identifier(tag, nested=True) for tag in (0x0008_1010, 0x0008_0022))
    content = sequence(0x0020_9111, item(date, element(0x0020_9056, "SH", b"1"), element(0x0020_9057, "UL", bytes(4))))
    position = sequence(0x0020_9113, item(element(0x0020_0032, "DS", b"1.5\\2.5\\3.5")))
    return sequence(0x5200_9230, *[item(station, content, position)] * count)


def _pixels(length: int) -> bytes:
    return (BACKGROUND * (length // len(BACKGROUND) + 1))[:length]


def _numbers(data: bytearray) -> Iterator[int]:
    place = data.find(NUMBER)
    while place >= 0:
        yield place
        place = data.find(NUMBER, place + 1)
