"""Files that cost as much as a file can, and the peak memory of a process that works on them."""

from __future__ import annotations

import subprocess
import sys
import zlib
from typing import TYPE_CHECKING

from elements import BIG, EXPLICIT, IMPLICIT, ITEM, PIXELS, UNDEFINED, file_of, known, part10

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elements import Syntax

NAME = EXPLICIT.element(0x0010_0010, "PN", b"Doe^Jane")
CONTENT, PRIVATE = 0x0040_A730, 0x0029_1010
GIB = 1 << 30
# Noise of an allocator and of threads that start, in MB.
LITTLE = 3
MOST_EDITS = 512 * 1024

# The measured process asks the kernel for its own peak: a child's ru_maxrss begins at its parent's.
MEASURE = """
import sys
import dicomblank
from dicomblank import NoDicom
call, workers, level, *paths = sys.argv[1:]
workers = int(workers) or None  # the default
try:
    if call == "in-place":
        dicomblank.anonymize_in_place(paths[0], level, workers=workers, no_dicom=NoDicom.ALLOW)
    elif call == "copy":
        dicomblank.anonymize_copy(*paths, level, workers=workers)
    elif call == "copy-looking":
        dicomblank.anonymize_copy(*paths, level, workers=workers, leftovers="warn")
    elif call == "plan":
        dicomblank.plan(paths[0], level)
    elif call == "verify":
        dicomblank.verify(*paths, level, workers=workers, no_dicom=NoDicom.ALLOW)
    elif call == "validate":
        dicomblank.anonymize_in_place(paths[0], level, validate=dicomblank.Validate.ALL)
    elif call == "pydicom":
        from dicomblank.levels import core_rules
        from dicomblank.validate import leak
        print((leak(paths[0], core_rules(level)) or ["nothing"])[0], end=" ")
    if call != "pydicom":
        print("done", end=" ")
except dicomblank.Error as error:
    print(type(error).__name__, end=" ")
for line in open("/proc/self/status"):
    if line.startswith("VmHWM:"):
        print(line.split()[1])
"""


def peak(call: str, *paths: Path, workers: int = 1, level: str = "anonymize") -> tuple[str, float]:
    """What became of the call, and the most memory that its process ever had, in MB. 0 workers are the default."""
    words = [sys.executable, "-c", MEASURE, call, str(workers), level, *map(str, paths)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=300)
    outcome, kilobytes = done.stdout.split()
    return outcome, int(kilobytes) * 1024 / 1e6


def explicit(*elements: bytes) -> bytes:
    return file_of(EXPLICIT, *elements)


def items(count: int, content: bytes = NAME) -> bytes:
    return explicit(EXPLICIT.sequence(CONTENT, EXPLICIT.item(content) * count, is_defined=False))


def levels(syntax: Syntax, vr: str, tag: int) -> bytes:
    """A hundred thousand sequences inside each other, without an end."""
    level = syntax.header(tag, vr, UNDEFINED) + syntax.framing(ITEM, UNDEFINED)
    return file_of(syntax, level * 100_000)


def tries(depth: int) -> bytes:
    """Private values inside each other, each of which could be a sequence in two syntaxes, and is none."""
    inside = EXPLICIT.item(NAME)
    for _ in range(depth):
        inside = EXPLICIT.item(NAME + EXPLICIT.element(PRIVATE, "UN", inside)) + b"x"
    return explicit(EXPLICIT.element(PRIVATE, "UN", inside), NAME)


def fragments(count: int) -> bytes:
    return explicit(EXPLICIT.fragments(*[bytes(2)] * count), NAME)


def opaque(count: int) -> bytes:
    return explicit(EXPLICIT.element(PRIVATE, "UN", EXPLICIT.framing(ITEM, 99)) * count)


FILES: dict[str, Callable[[], bytes]] = {
    "a-hundred-thousand-items": lambda: items(100_000),
    "as-many-edits-as-are-allowed": lambda: explicit(NAME * MOST_EDITS),
    "as-many-edits-each-in-its-item": lambda: items(MOST_EDITS),
    "an-edit-too-many": lambda: items(MOST_EDITS + 1),
    "a-million-fragments": lambda: fragments(1_000_000),
    "a-million-opaque-values": lambda: opaque(1_000_000),
    "levels": lambda: levels(EXPLICIT, "SQ", CONTENT),
    "levels-in-implicit-vr": lambda: levels(IMPLICIT, "", CONTENT),
    "levels-in-big-endian": lambda: levels(BIG, "SQ", CONTENT),
    "levels-of-private-values": lambda: levels(EXPLICIT, "UN", PRIVATE),
    "levels-of-tries": lambda: tries(300),
    "zeros": lambda: explicit(NAME, b"\0" * 10_000_000),
}


def bomb(uid: str, size: int) -> bytes:
    """A thousandth of `size`; inflated, a private value of that size, and a name."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = known(EXPLICIT) + EXPLICIT.header(PRIVATE, "OB", size)
    pieces = [deflater.compress(head), *(deflater.compress(bytes(1024 * 1024)) for _ in range(size >> 20))]
    return part10(uid, b"".join([*pieces, deflater.compress(NAME), deflater.flush()]))


def searched(folder: Path, count: int) -> None:
    """Files with an identifier, and 20 MB of a private value in which it is looked for: on the disk some pages each."""
    folder.mkdir(parents=True)
    size = 20_000_000
    for number in range(count):
        with (folder / f"{number:04}").open("wb") as file:
            file.write(explicit(NAME, EXPLICIT.element(0x0010_0020, "LO", b"SITE-042")))
            file.write(EXPLICIT.header(PRIVATE, "OB", size))
            file.truncate(file.tell() + size)


def sparse(path: Path, holes: int) -> Path:
    """Pixel data as long as 32 bits can state, and a name after it, `holes` times: on the disk some pages."""
    with path.open("wb") as file:
        file.write(explicit(NAME))
        for _ in range(holes):
            file.write(EXPLICIT.header(PIXELS, "OW", 0xFFFF_FFFE))
            file.seek(0xFFFF_FFFE, 1)
            file.write(NAME)
    return path
