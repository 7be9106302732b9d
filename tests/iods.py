"""What dciodvfy, of dicom3tools, says of a file: which rules of its IOD (PS3.3) it breaks. Never a value."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

DCIODVFY = shutil.which("dciodvfy")
#: Some damaged files keep it busy without end.
SECONDS = 20


class Broken(NamedTuple):
    """One kind of error, however often a file has it."""

    attribute: str
    """The keywords from the outermost sequence on, as `ContentSequence/TextValue`; empty where none is named."""
    said: str
    """The error, with `<>` for each value and name in it."""


def broken(path: Path) -> set[Broken] | None:
    """The kinds of errors in a file; None where dciodvfy can't say: it gave up, or knows no such object."""
    command = [str(DCIODVFY), "-new", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    said = done.stderr.decode("latin-1")
    return None if done.returncode < 0 or _GAVE_UP.search(said) else kinds(said)


def kinds(said: str) -> set[Broken]:
    """Of what dciodvfy printed."""
    return {Broken(_attribute(match["place"] or ""), _nameless(match["said"])) for match in _ERROR.finditer(said)}


def _attribute(place: str) -> str:
    """`/A(0010,1002)[1]/B(0010,0020)` as `A/B`; a private element by its tag. Content items are alike at any depth."""
    spelled = "/".join(name or f"({tag})" for name, tag in _STEP.findall(place))
    return re.sub(r"(ContentSequence/)+", r"\1", spelled)


def _nameless(said: str) -> str:
    """Without values, the module, and what stands in parentheses."""
    said = re.sub(r"(- )?Module=<[^>]*>", "", said)
    said = re.sub(r"<[^>]*>|'[^']*'|\"[^\"]*\"", "<>", said)
    return re.sub(r" \([^)]*\)", "", said).strip(" -")


_ERROR = re.compile(r"^Error - (?:<(?P<place>/[^>]*)> - )?(?P<said>.*)$", re.MULTILINE)
_STEP = re.compile(r"/(\w*)\((\w{4},\w{4})")
_GAVE_UP = re.compile(r"Information Object Not found|Dicom dataset read failed")
