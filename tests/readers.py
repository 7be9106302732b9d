"""The readers that people use, each asked for one thing: at which tags it shows a planted value.

dcmdump is DCMTK's (Debian's package dcmtk), gdcmdump that of GDCM (libgdcm-tools). A reader that crashes, hangs or
gives up has shown what it printed up to there.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from pydicom import dcmread

from dicomblank.view import quiet
from elements import UNDEFINED
from planted import LETTERS, is_planted, marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

Tags = tuple[int, ...]
"""From the outermost sequence to the element itself."""

PACKAGES = {"dcmdump": "dcmtk", "gdcmdump": "libgdcm-tools"}
# As it is called, and with what people add for a file that it does not read: +E prints what was read of a damaged file.
DCMDUMP = {
    "dcmdump": ("+E",),
    "dcmdump -td": ("+E", "-td"),
    "dcmdump -ml": ("+E", "-ml"),
    "dcmdump -vr": ("+E", "-vr"),
    "dcmdump +Ep": ("+E", "+Ep"),
    "dcmdump +uc +oi +rd +pe +vi": ("+E", "+uc", "+oi", "+rd", "+pe", "+vi"),
}
# All of a value up to 64 KiB, no names for UIDs, and no byte of a value that would look like a line of the output.
DCMDUMP_ALWAYS = ("-q", "+F", "+L", "-M", "+R", "64", "-Un", "+Qn")
# Of processor time, of output in blocks of 512 bytes, of memory: some damaged files keep a reader busy without end. Nor
# are crashes kept (-c).
SECONDS, BLOCKS, KILOBYTES = 1, 4096, 2_000_000


@dataclass(frozen=True)
class Shown:
    """One line of a reader: where it stands, and what it says of the value."""

    tags: Tags
    text: str


def is_listed(tags: Tags, blanked: frozenset[int | str]) -> bool:
    """Whether an element is listed itself or stands below a listed sequence."""
    return not blanked.isdisjoint(tags)


def leaks(lines: Iterable[Shown], blanked: frozenset[int | str]) -> list[Tags]:
    """Where a planted value is shown under a listed element, but for group lengths: those count bytes (PS3.5 §7.2)."""
    return [
        line.tags
        for line in lines
        if is_listed(line.tags, blanked) and shows_marker(line.text) and not is_group_length(line)
    ]


_COUNT = re.compile(r"^ (UL|\?\? \(UL\)) \d+ +# +4,")


def is_group_length(line: Shown) -> bool:
    """Whether a line is a group length's: UL of four bytes."""
    return line.tags[-1] & 0xFFFF == 0 and _COUNT.match(line.text) is not None


def _tokens() -> re.Pattern[str]:
    """A marker as readers print it: text, hex, and the numbers that its bytes are."""
    turns = [marker(8, phase) for phase in range(3)]
    swapped = [b"".join(turn[at : at + 2][::-1] for at in range(0, 8, 2)) for turn in turns]
    tokens = {turn[:3].decode() for turn in turns}
    for turn in (*turns, *swapped):
        tokens.add("\\".join(f"{byte:02x}" for byte in turn[:3]))
        for order in "<>":
            words = struct.unpack(f"{order}2H", turn[:4])
            tokens.add("\\".join(f"{word:04x}" for word in words))
            tokens.add("\\".join(str(word) for word in words))
            tokens.add("({:04x},{:04x})".format(*words))
            tokens.add(str(struct.unpack(f"{order}L", turn[:4])[0]))
            tokens.add(str(struct.unpack(f"{order}Q", turn)[0]))
            tokens.add(f"{struct.unpack(f'{order}L', turn[:4])[0]:08x}")
            for number in (*struct.unpack(f"{order}f", turn[:4]), *struct.unpack(f"{order}d", turn)):
                # The last digits differ from reader to reader.
                tokens.add(f"{number:.6g}"[:6])
    return re.compile("|".join(re.escape(token) for token in sorted(tokens)))


_TOKENS = _tokens()


def shows_marker(text: str) -> bool:
    """Whether three or more bytes of a marker are in what a reader prints."""
    return _TOKENS.search(text) is not None


# Of a tag that it doesn't know at all dcmdump prints question marks.
_LINE = re.compile(r"^( *)\(([0-9a-fA-F]{4}|\?{4}),([0-9a-fA-F]{4}|\?{4})\)(.*)$")


def _indented(text: str) -> Iterator[Shown]:
    """Lines of `(gggg,eeee) VR value # …`, by their indentation; items and delimiters among them."""
    path: list[tuple[int, int]] = []  # indentation and tag
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            if path and line and shows_marker(line):
                yield Shown(tuple(tag for _, tag in path), line)  # the value goes on
            continue
        indentation = len(match[1])
        path = [each for each in path if each[0] < indentation]
        path.append((indentation, int((match[2] + match[3]).replace("?", "F"), 16)))
        yield Shown(tuple(tag for _, tag in path), match[4])


def parse_dcmdump(text: str) -> list[Shown]:
    """What dcmdump says of one file."""
    return list(_indented(text))


def parse_gdcmdump(text: str) -> list[Shown]:
    """What gdcmdump says of one file."""
    return list(_indented(text))


_FILE = re.compile(r"^# dcmdump \(\d+/\d+\): (.*)$", re.MULTILINE)


def dcmdump(paths: Sequence[Path], options: Sequence[str]) -> dict[Path, list[Shown]]:
    """Many files by one process; where it crashes or is stopped, that file alone, and others by the next."""
    found: dict[Path, list[Shown]] = {}
    left = list(paths)
    while left:
        code, text = _run(["dcmdump", *DCMDUMP_ALWAYS, *options, *map(str, left)])
        _, *rest = _FILE.split(text)
        by_name = dict(zip(rest[::2], rest[1::2], strict=True))
        count = len(left) if code >= 0 or len(left) == 1 else max(len(by_name) - 1, 0)
        for path in left[:count]:
            found[path] = parse_dcmdump(by_name.get(str(path), ""))
        del left[:count]
        if left:
            found |= dcmdump(left[:1], options)
            del left[0]
    return found


def gdcmdump(path: Path) -> list[Shown]:
    """One file: without its name in the output, and with a buffer that a crash loses, many would not be told apart."""
    return parse_gdcmdump(_run(["gdcmdump", "-I", str(path)])[1])


def _run(command: list[str]) -> tuple[int, str]:
    """What became of it, and what it printed: into a file, since some files make a reader print without end."""
    limited = [
        "sh",
        "-c",
        f'ulimit -c 0; ulimit -t {SECONDS}; ulimit -f {BLOCKS}; ulimit -v {KILOBYTES}; exec "$@"',
        "sh",
        *command,
    ]
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(limited, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL, check=False)
        output.seek(0)
        return done.returncode, output.read().decode("latin-1")


def pydicom_shown(data: bytes) -> list[Shown]:
    """Every element of pydicom's, forced, with its value as it stands and decoded."""
    with quiet():
        try:
            dataset = dcmread(BytesIO(data), force=True)
        except Exception:  # noqa: BLE001 (pydicom raises anything)
            return []
        return list(_walk(dataset.file_meta, ())) + list(_walk(dataset, ()))


def _walk(dataset: Dataset, above: Tags) -> Iterator[Shown]:
    for tag in list(dataset.keys()):
        tags = (*above, int(tag))
        raw = dataset._dict[tag]  # as it stands: `get_item` decodes what is empty
        value = raw.value if isinstance(raw.value, bytes) else b""
        if tag.element == 0 and raw.VR in {None, "UL"} and len(value) == 4:
            continue  # a group length
        if is_read_longer(value):
            continue
        # As dcmdump tells it: of what claims more than there is pydicom shows what there is.
        stated = getattr(raw, "length", None)
        length = "" if stated in {None, UNDEFINED} else f" # {stated},"
        try:
            element = dataset[tag]
            is_sequence = element.VR == "SQ"
        except Exception:  # noqa: BLE001 (what can't be decoded is shown raw)
            is_sequence = False
        else:
            if is_sequence:
                for item in element.value:
                    yield from _walk(item, tags)
            else:
                yield Shown(tags, _text(element) + length)
        if not is_sequence and is_planted(value):
            yield Shown(tags, LETTERS.decode() + length)


def is_read_longer(value: bytes) -> bool:
    """Whether a listed value is blank where it begins, and a reader takes what stands behind it for a part of it.

    What is behind belongs to elements that are not listed, or is blank too: `verify` calls that `differs`, and no leak.
    A planted value begins with its marker, also where a reader begins to read it within the header.
    """
    return value.startswith((b"  ", b"\0\0"))


def _text(element: DataElement) -> str:
    value = element.value
    if isinstance(value, bytes):
        return LETTERS.decode() if is_planted(value) else ""
    try:
        return str(value)
    except Exception:  # noqa: BLE001
        return ""


def everyone(files: dict[Path, bytes]) -> Iterator[tuple[Path, str, list[Shown]]]:
    """Each file with each reader that is installed, and what that shows."""
    for path, data in files.items():
        yield path, "pydicom", pydicom_shown(data)
    if files and shutil.which("dcmdump"):
        for reader, options in DCMDUMP.items():
            for path, lines in dcmdump(list(files), options).items():
                yield path, reader, lines
    if shutil.which("gdcmdump"):
        for path in files:
            yield path, "gdcmdump", gdcmdump(path)
