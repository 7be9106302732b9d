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


@pytest.mark.parametrize("way", ["repository", "repository/.git", "objects", "key", "through a link"])
def test_content_of_git_annex_is_refused_in_place(command: Command, tmp_path: Path, way: str) -> None:
    objects = tmp_path / "repository" / ".git" / "annex" / "objects"
    key = objects / "X1" / "2Z" / "SHA256E-s39206--ab.dcm" / "SHA256E-s39206--ab.dcm"
    key.parent.mkdir(parents=True)
    key.write_bytes(CT.read_bytes())
    (tmp_path / "link").symlink_to(objects / "X1")
    sources = {"objects": objects, "key": key, "through a link": tmp_path / "link" / "2Z"}
    source = sources.get(way, tmp_path / way)
    done = command("anonymize", source, "--in-place")
    assert (done.returncode, key.read_bytes()) == (1, CT.read_bytes())
    assert "is content of git-annex" in done.stderr
    assert "git annex unlock" in done.stderr
    assert command("anonymize", source, "--output", "out").returncode == 0
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == (1 if way == "key" else 2)  # the folder has that name too


def test_hard_links_by_the_api(ct: Path, tmp_path: Path) -> None:
    os.link(ct, tmp_path / "other")
    with pytest.raises(UnsupportedError, match="hard links"):
        dicomblank.anonymize_in_place(ct)
    assert dicomblank.anonymize_copy(ct, tmp_path / "out").anonymized == 1
    assert dicomblank.anonymize_in_place(ct, hard_links=HardLinks.WRITE).anonymized == 1
    assert dicomblank.anonymize_in_place(ct).unchanged == 1
