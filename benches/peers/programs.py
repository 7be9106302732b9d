"""What is measured: dicomblank, the floors, `cp -r` and the peers, each with the command that does the job."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from benches.peers.launching import BINARIES, OURS
from benches.peers.markers import ANONYMIZE_FULL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    #: The folder with the files, and where copies go.
    Command = Callable[[Path, Path], list[str]]


class Kind(Enum):
    """What a program is to the comparison."""

    OURS = "dicomblank"
    FLOOR = "floor"
    PEER = "peer"


@dataclass(frozen=True)
class Program:
    """One row of the table."""

    name: str
    kind: Kind
    command: Command
    in_place: bool
    note: str
    version: str | None
    """None for one that is not there."""
    rates: tuple[int, int, int]
    """About how many files a second it does, of each small corpus: so many it is given, times the seconds of a run."""
    large: bool = True
    """Whether it is run on the large files."""
    blanks: bool = True
    """Whether it is meant to leave no value behind."""
    wants_target: bool = False
    """Whether the target has to exist."""


FAST = (50_000, 4_000, 2_000)


def programs() -> list[Program]:
    """Every row, in the order of the table; those whose version is None are not there."""
    return [*_ours(), *_floors(), *_peers()]


def install_missing(found: list[Program]) -> None:
    """Say how to get what isn't there; in CI as root, get it."""
    packages = sorted(
        {_PACKAGES[program.name] for program in found if not program.version and program.name in _PACKAGES}
    )
    if not packages:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if os.environ.get("CI") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    else:
        print(f"left out until they are installed with: sudo apt-get install {' '.join(packages)}")


_PACKAGES = {"gdcmanon": "libgdcm-tools", "dcmodify": "dcmtk"}


def own_version() -> str:
    """Of dicomblank, where it is built."""
    return subprocess.run(
        [OURS, "-c", "import dicomblank; print(dicomblank.__version__)"], check=True, capture_output=True, text=True
    ).stdout.strip()


def _ours() -> list[Program]:
    version = own_version()
    command = [str(OURS), "-m", "dicomblank", "anonymize", "--level", "anonymize-full", "--quiet", "--workers"]

    def in_place(workers: int) -> Command:
        return lambda source, _: [*command, str(workers), "--in-place", str(source)]

    def copy(workers: int) -> Command:
        return lambda source, target: [*command, str(workers), str(source), "--output", str(target)]

    def api(workers: int) -> Command:
        return lambda source, _: [str(OURS), "-m", "benches.peers.loops", "api", str(source), str(workers)]

    rows = []
    for workers in (1, 2):
        shown = f"{workers} worker{'s' if workers > 1 else ''}"
        large = workers == 1
        rows += [
            Program(
                f"dicomblank API in place, {shown}",
                Kind.OURS,
                api(workers),
                True,
                "the call alone is timed too",
                version,
                FAST,
                large,
            ),
            Program(
                f"dicomblank in place, {shown}",
                Kind.OURS,
                in_place(workers),
                True,
                "the command, its start included",
                version,
                FAST,
                large,
            ),
            Program(
                f"dicomblank copy, {shown}",
                Kind.OURS,
                copy(workers),
                False,
                "the command, its start included",
                version,
                FAST,
                large,
            ),
        ]
    return sorted(rows, key=lambda program: program.name)


def _floors() -> list[Program]:
    def in_place(threads: int) -> Command:
        return lambda source, _: [str(BINARIES / "floor_in_place"), str(source), str(threads)]

    def copy(threads: int) -> Command:
        return lambda source, target: [str(BINARIES / "floor_copy"), str(source), str(target), str(threads)]

    rows = []
    for threads in (1, 2):
        shown = f"{threads} thread{'s' if threads > 1 else ''}"
        note = "blanks PatientName alone, checks nothing"
        rows.append(
            Program(f"floor in place, {shown}", Kind.FLOOR, in_place(threads), True, note, "", FAST, False, False)
        )
        rows.append(Program(f"floor copy, {shown}", Kind.FLOOR, copy(threads), False, note, "", FAST, False, False))
    rows.sort(key=lambda program: program.name)
    return [
        *rows,
        Program(
            "cp -r", Kind.FLOOR, _cp, False, "blanks nothing", first_line(["cp", "--version"]) or "", FAST, True, False
        ),
    ]


def _cp(source: Path, target: Path) -> list[str]:
    return ["cp", "-r", str(source), str(target)]


def _peers() -> list[Program]:
    return [
        Program(
            "gdcmanon",
            Kind.PEER,
            _gdcmanon,
            False,
            "`--dumb --empty`: empties the tags at the top level only",
            first_line(["gdcmanon", "--version"]),
            (6000, 2000, 900),
        ),
        Program(
            "dcmodify",
            Kind.PEER,
            _dcmodify,
            True,
            "`-ma`: empties every match, nested ones too, and writes the whole file again",
            first_line(["dcmodify", "--version"]),
            (1500, 1000, 800),
        ),
        Program(
            "dcmanon",
            Kind.PEER,
            lambda source, target: [sys.executable, "-m", "benches.peers.loops", "dcmanon", str(source), str(target)],
            False,
            "its default profile, which does more: UIDs hashed, private and many other elements removed or emptied",
            package("dcmanon"),
            (3500, 1000, 250),
        ),
        Program(
            "pydicom loop",
            Kind.PEER,
            lambda source, _: [sys.executable, "-m", "benches.peers.loops", "pydicom", str(source)],
            True,
            "reads, empties at any depth, writes the whole file again",
            package("pydicom"),
            (90, 50, 50),
        ),
        Program(
            "dicom-anonymizer",
            Kind.PEER,
            _dicom_anonymizer,
            False,
            "the profile of PS3.15, which does more: UIDs remapped, dates replaced, private elements removed",
            package("dicom-anonymizer"),
            (40, 30, 30),
            wants_target=True,
        ),
    ]


def _gdcmanon(source: Path, target: Path) -> list[str]:
    emptied = [word for tag in ANONYMIZE_FULL for word in ("--empty", f"{tag >> 16:x},{tag & 0xFFFF:x}")]
    return ["gdcmanon", "--dumb", "--recursive", *emptied, "--input", str(source), "--output", str(target)]


def _dcmodify(source: Path, _: Path) -> list[str]:
    emptied = " ".join(f"-ma '({tag >> 16:04x},{tag & 0xFFFF:04x})='" for tag in ANONYMIZE_FULL)
    # The shell's own words are fixed; the folder is an argument of it.
    script = f'find "$1" -type f -print0 | xargs -0 dcmodify --no-backup --ignore-missing-tags {emptied}'
    return ["sh", "-c", script, "sh", str(source)]


def _dicom_anonymizer(source: Path, target: Path) -> list[str]:
    tags = [word for tag in ANONYMIZE_FULL for word in ("-t", f"(0x{tag >> 16:04x}, 0x{tag & 0xFFFF:04x})", "empty")]
    return [*dicom_anonymizer(source, target), *tags]


def of_the_profile(dcmanon: str, anonymizer: str) -> list[Program]:
    """The peers that have the profile of PS3.15 or a part of it, as they come; of each what is said."""
    loop = [sys.executable, "-m", "benches.peers.loops", "dcmanon"]
    return [
        Program(
            "dcmanon",
            Kind.PEER,
            lambda source, target: [*loop, str(source), str(target), "--own"],
            False,
            dcmanon,
            package("dcmanon"),
            (3500, 1000, 250),
        ),
        Program(
            "dicom-anonymizer",
            Kind.PEER,
            dicom_anonymizer,
            False,
            anonymizer,
            package("dicom-anonymizer"),
            (40, 30, 30),
            wants_target=True,
        ),
    ]


def dicom_anonymizer(source: Path, target: Path) -> list[str]:
    """Its command, with its own profile."""
    program = shutil.which("dicom-anonymizer", path=os.path.dirname(sys.executable)) or "dicom-anonymizer"  # noqa: PTH120
    inner = source / "0000"  # it doesn't go into folders, and is never given more files than one of ours holds
    return [program, str(inner if inner.is_dir() else source), str(target)]


def first_line(command: list[str]) -> str | None:
    """What a program says of its version, or None where it is not installed."""
    if not shutil.which(command[0]):
        return None
    told = subprocess.run(command, check=False, capture_output=True, text=True).stdout
    line = next((line for line in told.splitlines() if any(letter.isdigit() for letter in line)), "")
    return line.strip("$ ").replace("$Date", "").strip("$ ")


def package(name: str) -> str | None:
    """A package's name and version, or None where it is not installed."""
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return None
