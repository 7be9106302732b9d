"""Counts the instructions of the core by callgrind, and compares them with the committed counts: `make instructions`.

The files are those of benches/peers/corpora.py and a few others of one kind each, the same on every machine; the counts
hardly differ where rustc and valgrind are the same. Elsewhere there is nothing to compare: it says so, and passes.
`--record` writes new counts into benches/instructions.toml.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # run as a file

from benches.peers import building, corpora, markers  # noqa: E402
from elements import EXPLICIT, IMPLICIT  # noqa: E402

RECORDED = Path(__file__).with_suffix(".toml")
COUNT = ROOT / "target/benches/release/count"
RISE = 0.03  # what is not let pass
NAME = 0x0010_0010


def main(arguments: list[str]) -> int:
    """Count, then compare or record."""
    if not shutil.which("valgrind"):
        print("instructions: not counted, valgrind is missing. Install it with: sudo apt-get install valgrind")
        return 0
    tools = {"rustc": " ".join(told("rustc", "-vV").split("\n")[::4]), "valgrind": told("valgrind", "--version")}
    recorded = tomllib.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else {}
    if arguments != ["--record"] and recorded.get("tools") != tools:
        print(f"instructions: not compared, the counts are of {recorded.get('tools')} and this is {tools}")
        return 0
    subprocess.run([os.environ.get("MAKE", "make"), "bench-programs"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        counts = {name: count(Path(folder), data) for name, data in files().items()}
    if arguments == ["--record"]:
        record(tools, counts)
        return 0
    return compare(counts, recorded["counts"])


def told(*command: str) -> str:
    """What a tool says of itself."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def files() -> dict[str, bytes]:
    """One file a row: the three sizes, and what the walk does otherwise in each."""
    found = {corpus.name: corpus.template() for corpus in corpora.SMALL}
    name = building.element(NAME, "PN", markers.value(NAME, nested=False))
    reference = EXPLICIT.element(0x0008_1155, "UI", b"1.2.3.4\0")
    deep = b""
    for _ in range(100):
        deep = EXPLICIT.sequence(0x0040_A730, EXPLICIT.item(name, deep))
    items = [EXPLICIT.item(reference, name)] * 2000
    private = EXPLICIT.element(0x0029_0010, "LO", b"ACME") + EXPLICIT.element(0x0029_1010, "UN", b"".join(items[:100]))
    explicit, implicit = (building.file_head("1.2.3", syntax.uid) for syntax in (EXPLICIT, IMPLICIT))
    found |= {
        "100 levels": explicit + name + deep,
        "2000 items": explicit + EXPLICIT.sequence(0x0008_1140, *items),
        "a private value that is tried": explicit + name + private,
        "implicit": implicit + implicit_elements(name[8:]),
    }
    return found


def implicit_elements(name: bytes) -> bytes:
    """A thousand elements in implicit VR, and a name."""
    start = IMPLICIT.element(0x0008_0005, "CS", b"ISO_IR 100") + IMPLICIT.element(NAME, "PN", name)
    return start + IMPLICIT.element(0x0028_0010, "US", b"\0\1") * 1000


def count(folder: Path, data: bytes) -> int:
    """The instructions that planning and blanking this file take."""
    file = folder / "file.dcm"
    file.write_bytes(data)
    # Only what happens inside this one function is collected, so that reading the file is no part of it.
    options = ["--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*counted*"]
    options += [f"--callgrind-out-file={folder / 'callgrind.out'}"]
    command = ["valgrind", *options, str(COUNT), str(file)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    found = re.search(r"Collected : (\d+)", said)
    if found is None or found[1] == "0":
        raise RuntimeError("callgrind collected nothing: is the function `counted` still there?")
    return int(found[1])


def record(tools: dict[str, str], counts: dict[str, int]) -> None:
    """Write the counts and what they were counted with."""
    lines = [
        "# Instructions of the core, a plan and its edits, by callgrind: made by `make instructions-record`.",
        "",
        "[tools]",
    ]
    lines += [f'{name} = "{version}"' for name, version in tools.items()]
    lines += ["", "[counts]", *(f'"{name}" = {number}' for name, number in counts.items())]
    RECORDED.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"recorded in {RECORDED.relative_to(ROOT)}")


def compare(counts: dict[str, int], recorded: dict[str, int]) -> int:
    """Print each count beside the recorded one; 1 if any rose by too much."""
    if counts.keys() != recorded.keys():
        print("instructions: the files are not those that were counted. Count again: make instructions-record")
        return 1
    risen = False
    for name, number in counts.items():
        change = number / recorded[name] - 1
        risen = risen or change > RISE
        print(f"  {name:<32}{number:>12,} {change:+8.1%}{'  more than is let pass' if change > RISE else ''}")
    if risen:
        print(f"instructions: a rise of more than {RISE:.0%}. If it is worth it: make instructions-record, and say why")
    return int(risen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
