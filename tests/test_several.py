"""Several sources: each has a place of its own in the output, as `cp -r` would give it, and `verify` looks there."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

import dicomblank
from conftest import Command
from samples import CT, MR


@pytest.fixture
def m(tmp_path: Path) -> Path:
    """Folders with files of the same names, and others."""
    for path in ("m/a/x", "m/a/s/y", "m/b/x", "m/c.dcm", "n/a/z", "n/c.dcm", "out-there/d/w"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CT if path[-1] != "z" else MR, tmp_path / path)
    (tmp_path / "m" / "b" / "notes.txt").write_text("nothing medical\n")
    (tmp_path / "link").symlink_to("out-there/d")
    return tmp_path


def tree(folder: Path) -> list[str]:
    """Every file below it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


@pytest.mark.parametrize(
    ("where", "sources", "expected"),
    [
        # One alone is mirrored.
        (".", ["m/a"], ["s/y", "x"]),
        (".", ["m/a/"], ["s/y", "x"]),
        (".", ["m/a", "m/a/"], ["s/y", "x"]),
        (".", ["m/a", "m/a/s"], ["s/y", "x"]),
        (".", ["link", "out-there/d"], ["w"]),
        (".", ["m/c.dcm"], ["c.dcm"]),
        # Several have their names.
        (".", ["m/a", "m/b"], ["a/s/y", "a/x", "b/x"]),
        (".", ["m/a/", "m/b//"], ["a/s/y", "a/x", "b/x"]),
        (".", ["m/a", "m/c.dcm"], ["a/s/y", "a/x", "c.dcm"]),
        (".", ["m/c.dcm", "m/b/."], ["b/x", "c.dcm"]),
        (".", ["link", "m/b"], ["b/x", "link/w"]),
        (".", ["link/", "m/b"], ["b/x", "link/w"]),
        (".", ["m/a/../b", "link/../d"], ["b/x", "d/w"]),
        ("m/a", [".", "../b"], ["a/s/y", "a/x", "b/x"]),
        ("m/a/s", ["..", "../../b"], ["a/s/y", "a/x", "b/x"]),
    ],
    ids=str,
)
def test_where_copies_go_and_verify_looks(
    command: Command, m: Path, where: str, sources: Sequence[str], expected: Sequence[str]
) -> None:
    out = m / "new" / "out"
    (m / "new").mkdir()
    target = os.path.relpath(out, m / where) + "/"  # a folder, for one file too
    program = ["env", "-C", str(m / where)]
    done = command("anonymize", *sources, "--output", target, prefix=program)
    assert (done.returncode, done.stderr) == (0, "")
    assert tree(out) == list(expected)
    done = command("verify", *sources, target, "--report", m / "verified", prefix=program)
    assert (done.returncode, done.stderr) == (0, "")
    _, *rows, _ = (json.loads(line) for line in (m / "verified").read_text().splitlines())
    outputs = [os.path.relpath(m / where / row["output"], out) for row in rows if row["outcome"] == "ok"]
    assert sorted(outputs) == list(expected)

    # By the API as well, and again in its own words.
    if where == ".":
        paths = [m / source for source in sources]
        shutil.rmtree(out)
        dicomblank.anonymize_copy(paths, f"{out}/")
        assert tree(out) == list(expected)
        assert dicomblank.verify(paths, out).ok


@pytest.mark.parametrize(
    ("sources", "name"),
    [
        (["m/a", "n/a"], "a"),
        (["m/a/", "m/b", "n/a/."], "a"),
        (["m/c.dcm", "n/c.dcm"], "c.dcm"),
        (["m", "n/a", "m/../n/../out-there/../m/b/../../out-there/d", "link"], None),  # d twice, by its link: one
    ],
    ids=str,
)
def test_two_sources_of_one_name(command: Command, m: Path, sources: Sequence[str], name: str | None) -> None:
    before = tree(m)
    done = command("anonymize", *sources, "--output", "out")
    if name is None:
        assert done.returncode == 0
        return
    assert done.returncode == 2
    assert f"would both be copied to {name}: name one at a time, with an output for each" in done.stderr
    assert tree(m) == before
    done = command("verify", *sources, "m")
    assert done.returncode == 2
    assert "would both be copied to" in done.stderr
    with pytest.raises(ValueError, match="would both be copied to"):
        dicomblank.anonymize_copy([m / source for source in sources], m / "out")
    assert command("anonymize", *sources, "--in-place").returncode == 0


def test_a_folder_without_a_name(command: Command, m: Path) -> None:
    done = command("anonymize", "/", m / "a", "--output", "out")
    assert done.returncode == 2  # whatever is said first: nothing of it may be done


def test_what_verify_finds_among_several(command: Command, m: Path) -> None:
    assert command("anonymize", "m/a", "m/b", "--output", "out").returncode == 0
    (m / "out" / "a" / "x").write_bytes(CT.read_bytes())
    (m / "out" / "b" / "x").unlink()
    (m / "out" / "b" / "more").write_text("")
    (m / "out" / "stray").write_text("")
    done = command("verify", "m/a", "m/b", "out")
    faults, differ = done.stdout.splitlines()[:4], done.stdout.splitlines()[4]
    assert sorted(line.split(":")[0].split() for line in faults) == [
        ["extra", "out/b/more"],
        ["extra", "out/stray"],
        ["leak", "m/a/x"],
        ["missing", "m/b/x"],
    ]
    assert differ.startswith("4 of 5 files differ: 1 leak, 1 missing, 2 extra (")
    assert (done.returncode, done.stderr) == (1, "")
    report = dicomblank.verify([m / "m/a", m / "m/b"], m / "out")
    assert {(row.source, row.path) for row in report.faults} == {
        (str(m / "m/a"), "x"),
        (str(m / "m/b"), "x"),
        (str(m / "out"), "b/more"),
        (str(m / "out"), "stray"),
    }
    with pytest.raises(ValueError, match="several"):
        dicomblank.verify([m / "m/a", m / "m/b"], m / "m/c.dcm")


def test_a_source_of_which_nothing_was_copied(command: Command, m: Path) -> None:
    (m / "m" / "b" / "x").unlink()
    done = command("anonymize", "m/a", "m/b", "--output", "out")
    assert (done.returncode, done.stderr) == (1, "no DICOM file found in m/b\n")
    done = command("verify", "m/a", "m/b", "out")
    assert (done.returncode, done.stderr) == (1, "no DICOM file found in m/b\n")
    assert done.stdout.startswith("2 files are what the level anonymize makes of their originals (")
    assert command("verify", "m/a", "m/b", "out", "--allow-empty").returncode == 0


def test_several_in_place(m: Path) -> None:
    report = dicomblank.anonymize_in_place([m / "m/a", m / "m/c.dcm"])
    assert report.anonymized == 3
    with pytest.raises(dicomblank.IncompleteError) as caught:
        dicomblank.anonymize_in_place([m / "m/a", m / "m/b/notes.txt"])
    assert [row.outcome for row in caught.value.report.faults] == ["not-dicom"]


def test_no_source_at_all(tmp_path: Path) -> None:
    for call in (dicomblank.anonymize_in_place, lambda paths: dicomblank.anonymize_copy(paths, tmp_path / "out")):
        with pytest.raises(ValueError, match="no source"):
            call([])
