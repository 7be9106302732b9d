"""What a disk can hold besides files of one name, and what can befall it: with real processes."""

import os
from pathlib import Path

import pytest

import dicomblank
from conftest import Command
from dicomblank import HardLinks, UnsupportedError
from samples import CT


def test_hard_links_are_refused_in_place(command: Command, ct: Path) -> None:
    os.link(ct, ct.parent / "other")
    done = command("anonymize", "ct.dcm", "--in-place")
    assert (done.returncode, ct.read_bytes()) == (1, CT.read_bytes())
    assert "refused: ct.dcm: has 2 names (hard links)" in done.stderr
    done = command("anonymize", "ct.dcm", "--in-place", "--hard-links", "write")
    assert (done.returncode, ct.read_bytes()) == (0, dicomblank.anonymize_bytes(CT.read_bytes()))


def test_hard_links_by_the_api(ct: Path, tmp_path: Path) -> None:
    os.link(ct, tmp_path / "other")
    with pytest.raises(UnsupportedError, match="hard links"):
        dicomblank.anonymize_in_place(ct)
    assert dicomblank.anonymize_copy(ct, tmp_path / "out").anonymized == 1
    assert dicomblank.anonymize_in_place(ct, hard_links=HardLinks.WRITE).anonymized == 1
    assert dicomblank.anonymize_in_place(ct).unchanged == 1
