"""What is scored: each level of dicomblank, and the peers, each with the command that does its best at this job."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benches.peers.launching import OURS, ROOT
from benches.peers.programs import Kind, dicom_anonymizer, first_line, own_version, package

if TYPE_CHECKING:
    from collections.abc import Callable

#: What a repository of images for research asks for: dates move; age, sex, safe private elements and measurements stay.
RESEARCH = (
    "retain-longitudinal-modified-dates",
    "retain-patient-characteristics",
    "retain-safe-private",
    "clean-structured-content",
)
TIMEOUT = 300  # seconds; the slowest takes a tenth of it


@dataclass(frozen=True)
class Contestant:
    """One row of the card."""

    name: str
    kind: Kind
    command: Callable[[Path, Path, Path], list[str]]
    """The folder with the files, where results go (which is there), and a folder for what else is needed."""
    note: str
    version: str | None
    """None for one that is not there."""

    def run(self, source: Path, target: Path, scratch: Path) -> int:
        """Its exit code. What it prints is not kept: that may hold values."""
        done = subprocess.run(
            self.command(source, target, scratch),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=False,
        )
        return done.returncode


def contestants() -> list[Contestant]:
    """Every row, in the order of the table; those whose version is None are not there."""
    return [*_ours(), *_peers()]


def _ours() -> list[Contestant]:
    version = own_version()

    def of(name: str, *words: str, keyed: bool = False) -> Contestant:
        def command(source: Path, target: Path, scratch: Path) -> list[str]:
            key = ["--key", str(_key(scratch))] if keyed else []
            return [
                *(str(OURS), "-m", "dicomblank", "anonymize", str(source), "--output", str(target / "results")),
                *("--quiet", *words, *key),
            ]

        return Contestant(f"dicomblank {name}", Kind.OURS, command, f"`{' '.join(words)}`", version)

    options = [word for option in RESEARCH for word in ("--option", option)]
    return [
        of("anonymize", "--level", "anonymize"),
        of("anonymize-full", "--level", "anonymize-full"),
        of("pseudonymize", "--level", "pseudonymize", keyed=True),
        of("basic", "--level", "basic", keyed=True),
        of("basic, for research", "--level", "basic", *options, "--pseudonymize", "PatientID", keyed=True),
    ]


def _key(scratch: Path) -> Path:
    key = scratch / "secret.key"
    if not key.exists():
        subprocess.run([OURS, "-m", "dicomblank", "key", "new", str(key)], cwd=ROOT, check=True, capture_output=True)
    return key


def _peers() -> list[Contestant]:
    def dicognito(source: Path, target: Path, _: Path) -> list[str]:
        return [sys.executable, "-m", "dicognito", "--quiet", "--seed", "a seed", "-o", str(target), str(source)]

    def dcmanon(source: Path, target: Path, _: Path) -> list[str]:
        inner = target / "results"
        return [sys.executable, "-m", "benches.peers.loops", "dcmanon", str(source), str(inner), "--own"]

    def deid(source: Path, target: Path, _: Path) -> list[str]:
        words = ["--outfolder", str(target), "identifiers", "--action", "all", "--input", str(source)]
        return [_script("deid"), *words]

    def dentdeid(profile: str) -> Callable[[Path, Path, Path], list[str]]:
        def command(source: Path, target: Path, scratch: Path) -> list[str]:
            words = [
                "--profile",
                profile,
                "--text",
                "off",
                "--no-previews",
                "--key-file",
                str(scratch / "dentdeid.key"),
            ]
            return [_script("dentdeid"), "run", str(source), "--out", str(target / "results"), *words]

        return command

    return [
        Contestant("dicognito", Kind.PEER, dicognito, "with `--seed`", package("dicognito")),
        Contestant(
            "dicom-anonymizer",
            Kind.PEER,
            lambda source, target, _: dicom_anonymizer(source, target),
            "its own profile, of PS3.15",
            package("dicom-anonymizer"),
        ),
        Contestant("dcmanon", Kind.PEER, dcmanon, "its default profile", package("dcmanon")),
        Contestant("deid", Kind.PEER, deid, "its default recipe, `deid.dicom`", package("deid")),
        Contestant("gdcmanon", Kind.PEER, _gdcmanon, "`--de-identify`: its Basic Profile", _version("gdcmanon")),
        Contestant(
            "dentdeid basic",
            Kind.PEER,
            dentdeid("basic"),
            "`--profile basic --text off`, as no pixels have text; it leaves reports out, and writes pixels anew",
            package("dentdeid"),
        ),
        Contestant(
            "dentdeid research",
            Kind.PEER,
            dentdeid("research"),
            "`--profile research --text off`: the same with dates shifted and descriptions cleaned",
            package("dentdeid"),
        ),
    ]


def _gdcmanon(source: Path, target: Path, scratch: Path) -> list[str]:
    """It encrypts what it takes out, for the owner of a certificate, who has to be somebody."""
    certificate = scratch / "certificate.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=score"]
    words += ["-keyout", str(scratch / "certificate.key"), "-out", str(certificate)]
    subprocess.run(["openssl", *words], check=True, capture_output=True)  # noqa: S607
    words = ["--de-identify", "--recursive", "--certificate", str(certificate), "-i", str(source), "-o", str(target)]
    return ["gdcmanon", *words]


def _version(program: str) -> str | None:
    return first_line([program, "--version"]) if shutil.which("openssl") else None


def _script(name: str) -> str:
    return str(Path(sys.executable).parent / name)
