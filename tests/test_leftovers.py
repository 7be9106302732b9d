"""Leftovers: a patient's values are found wherever they stand, nothing of another patient is, and none is shown."""

from __future__ import annotations

import copy
import json
import os
import pickle
from typing import TYPE_CHECKING

import pytest

import dicomblank
from dicomblank import Leftovers, Level, OnError
from elements import BIG, EXPLICIT, IMPLICIT
from keyed import KEY, write
from leftover_files import ID, NAME, OTHER, Patient, bare, deflated_form, planted, spellings
from reports import read
from samples import CT

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command
    from elements import Syntax
    from leftover_files import Planted

RULES = Level.ANONYMIZE_FULL.rules.blank("AccessionNumber", "SOPInstanceUID")
SPELLINGS = spellings(Patient())


def forms(text: str, of: str) -> dict[str, Planted]:
    """A file with that text at every place, in every syntax."""
    syntaxes: dict[str, Syntax] = {"explicit": EXPLICIT, "implicit": IMPLICIT, "big": BIG}
    made = {name: planted(text, of, syntax) for name, syntax in syntaxes.items()}
    return {**made, "deflated": deflated_form(text, of), "bare": bare(text, of)}


def rows_of(folder: Path, out: Path) -> dict[str, dicomblank.Row]:
    """What is said of each file."""
    rows: list[dicomblank.Row] = []
    dicomblank.anonymize_copy(
        folder, out, RULES, leftovers=Leftovers.WARN, report=rows.append, on_error=OnError.COLLECT
    )
    return {row.path: row for row in rows}


@pytest.mark.parametrize(("text", "of"), SPELLINGS, ids=[f"spelling {index}" for index in range(len(SPELLINGS))])
def test_each_spelling_is_found_at_each_place_in_each_syntax(tmp_path: Path, text: str, of: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    files = forms(text, of)
    for name, made in files.items():
        write(folder / name, made.data)
    rows = rows_of(folder, tmp_path / "out")
    assert sorted(rows) == sorted(files)
    for name, made in files.items():
        row = rows[name]
        assert row.outcome == "anonymized", name
        found = {(leftover.place, leftover.of) for leftover in row.leftovers}
        assert found == set(made.places), name
        assert row.leftover_count == len(row.leftovers) >= len(made.places)
        if name != "deflated":  # its offsets count in the inflated form
            for leftover in row.leftovers:
                assert leftover.offset is not None
                here = made.data[leftover.offset : leftover.offset + leftover.length]
                assert here.replace(b"\0", b"").lower() in text.encode().lower()


def test_of_another_patient_nothing_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for index, (text, of) in enumerate(SPELLINGS):
        for syntax in (EXPLICIT, IMPLICIT, BIG):
            write(folder / f"{index}-{syntax.uid}", planted(text, of, syntax, OTHER).data)
    rows = rows_of(folder, tmp_path / "out")
    assert len(rows) == 3 * len(SPELLINGS)
    assert all(row.leftover_count == 0 and row.not_searched == 0 for row in rows.values())


def test_paths_are_looked_at_below_the_source(tmp_path: Path) -> None:
    folder = tmp_path / NAME / "in"
    for name in ("SUBJ_DOELING^JONATHAN_19610203", "doeling_jonathan", "a/04711 SITE-04711 x", "nobody"):
        (folder / name).mkdir(parents=True)
        write(folder / name / "1.dcm", planted("nothing at all", "", EXPLICIT).data)
    rows = rows_of(folder, tmp_path / "out")
    found = {row.path: {(leftover.place, leftover.of) for leftover in row.leftovers} for row in rows.values()}
    path = "path"
    assert found == {
        "SUBJ_DOELING^JONATHAN_19610203/1.dcm": {(path, "PatientName"), (path, "PatientBirthDate")},
        "doeling_jonathan/1.dcm": {(path, "PatientName")},
        "a/04711 SITE-04711 x/1.dcm": {(path, "PatientID")},
        "nobody/1.dcm": set(),
    }
    assert all(leftover.offset is None for row in rows.values() for leftover in row.leftovers)


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG], ids=["explicit", "implicit", "big"])
def test_behind_the_last_element(tmp_path: Path, syntax: Syntax) -> None:
    """Bytes of group FFFF that end a file are a warning: some writer's mark. What stands there is told, and stays."""
    data = planted("nothing at all", "", syntax).data
    path = write(tmp_path / "1.dcm", data + b"\xff\xff\xff\xff" + NAME.upper().encode())
    for choice in (Leftovers.WARN, Leftovers.REPLACE):
        rows: list[dicomblank.Row] = []
        copy = tmp_path / choice.value
        report = dicomblank.anonymize_copy(path, copy, RULES, leftovers=choice, report=rows.append)
        assert rows[0].warnings == ("unknown-tail",)
        [leftover] = rows[0].leftovers
        expected = ("trailing", len(data) + 4, len(NAME), "PatientName")
        assert (leftover.place, leftover.offset, leftover.length, leftover.of) == expected
        assert report.leftovers["replaced"] == 0
        assert copy.read_bytes().endswith(NAME.upper().encode())


def test_what_becomes_of_a_file_with_leftovers(tmp_path: Path) -> None:
    made = planted(NAME, "PatientName")
    clean = planted("nothing at all", "")
    for choice, outcomes in (
        (Leftovers.IGNORE, {"left": "anonymized", "clean": "anonymized"}),
        (Leftovers.WARN, {"left": "anonymized", "clean": "anonymized"}),
        (Leftovers.REFUSE, {"left": "refused", "clean": "anonymized"}),
        (Leftovers.REPLACE, {"left": "anonymized", "clean": "anonymized"}),
    ):
        folder = tmp_path / choice.value
        folder.mkdir()
        write(folder / "left", made.data)
        write(folder / "clean", clean.data)
        rows: list[dicomblank.Row] = []
        report = dicomblank.anonymize_in_place(
            folder, RULES, leftovers=choice, report=rows.append, on_error=OnError.COLLECT
        )
        assert {row.path: row.outcome for row in rows} == outcomes
        by_path = {row.path: row for row in rows}
        assert ((folder / "left").read_bytes() == made.data) == (choice is Leftovers.REFUSE)
        assert bool(by_path["left"].leftovers) == (choice is not Leftovers.IGNORE)
        assert not by_path["clean"].leftovers
        if choice is Leftovers.IGNORE:
            assert report.leftovers == {}
            continue
        counts = report.leftovers
        assert (counts["searched"], counts["files"], counts["not_searched"]) == (2, 1, 0)
        assert counts["found"] == by_path["left"].leftover_count
        assert report.leftover_of == {"PatientName": counts["found"]}
        assert report.leftover_places["(0040,A730).(0040,A160)"] == 1
        if choice is Leftovers.REFUSE:
            row = by_path["left"]
            assert row.kind == "leftovers"
            assert isinstance(row.exception, dicomblank.UnsupportedError)
            assert NAME not in str(row.exception)


def test_the_report_file_has_them_and_no_value(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "1.dcm", planted(ID.lower(), "PatientID").data)
    report = tmp_path / "run.jsonl"
    dicomblank.anonymize_copy(folder, tmp_path / "out", RULES, leftovers="warn", report=report)
    text = report.read_text()
    assert ID.casefold() not in text.casefold()
    lines = read(report)
    assert (lines.run["leftovers"], lines.run["known"]) == ("warn", 0)
    [row] = lines.files
    assert row["leftovers"][0] == {"place": "preamble", "offset": 3, "length": len(ID), "of": "PatientID"}
    assert row["leftover_count"] == len(row["leftovers"])
    assert lines.end is not None
    left = lines.end["leftovers"]
    assert (left["searched"], left["files"], left["found"]) == (1, 1, row["leftover_count"])
    assert left["places"]["(0040,A730).(0040,A160)"] == 1
    assert left["of"] == {"PatientID": row["leftover_count"]}


def test_known_names_are_looked_for_in_every_file(tmp_path: Path, command: Command) -> None:
    known = tmp_path / "known.txt"
    known.write_text("Roe^Margarete\n\n  SITE-99002  \n")
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "1.dcm", planted("seen with MARGARETE ROE, site-99002", "").data)
    write(folder / "2.dcm", planted("nothing at all", "").data)
    # Also in a file in which nothing is to be blanked.
    uid = EXPLICIT.element(0x0008_0016, "UI", b"1.2\0")
    write(folder / "3.dcm", uid + EXPLICIT.element(0x0008_103E, "LO", b"Margarete "))
    done = command("anonymize", folder, "-o", tmp_path / "out", "--known", known, "--report", tmp_path / "run.jsonl")
    assert done.returncode == 0
    lines = read(tmp_path / "run.jsonl")
    assert (lines.run["leftovers"], lines.run["known"]) == ("warn", 2)
    found = {row["path"]: {leftover["of"] for leftover in row.get("leftovers", ())} for row in lines.files}
    assert found == {"1.dcm": {"known"}, "2.dcm": set(), "3.dcm": {"known"}}
    assert "margarete" not in (done.stdout + done.stderr).casefold()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Roe^Margarete\nabc\n", "line 2: fewer than 4 characters"),
        ("\n \n", "no name or identifier in it"),
        (b"M\xfcller\n", "not text in UTF-8"),
        (None, "No such file or directory"),
    ],
    ids=["short line", "empty", "Latin-1", "missing"],
)
def test_a_list_that_will_not_do(tmp_path: Path, command: Command, content: str | bytes | None, words: str) -> None:
    known = tmp_path / "known.txt"
    if content is not None:
        known.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = command("anonymize", CT, "-o", tmp_path / "out", "--known", known)
    assert done.returncode == 2
    assert words in done.stderr
    assert "abc" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_list_that_nobody_looks_for(tmp_path: Path, command: Command) -> None:
    known = tmp_path / "known.txt"
    known.write_text("Roe^Margarete\n")
    done = command("anonymize", CT, "-o", tmp_path / "out", "--known", known, "--leftovers", "ignore")
    assert done.returncode == 2
    assert "leftovers are not looked for" in done.stderr


def test_the_command_says_what_is_left_and_what_was_not_looked_for(tmp_path: Path, command: Command) -> None:
    path = write(tmp_path / "scan.dcm", planted(NAME, "PatientName").data)
    done = command("anonymize", path, "-o", tmp_path / "out/")
    assert done.returncode == 0
    assert "Not looked for: the same values elsewhere" in " ".join(done.stdout.split())
    done = command("anonymize", path, "-o", tmp_path / "out2/", "--leftovers", "warn")
    assert done.returncode == 0
    words = " ".join(done.stdout.split())
    assert "Values that were looked for stand elsewhere as well in 1 file, at " in words
    assert "Not looked for" not in words
    short = EXPLICIT.element(0x0008_0016, "UI", b"1.2\0") + EXPLICIT.element(0x0010_0010, "PN", b"Li")
    path = write(tmp_path / "short.dcm", short)
    done = command("anonymize", path, "-o", tmp_path / "out3/", "--leftovers", "warn")
    words = " ".join(done.stdout.split())
    assert "There was no value to look for elsewhere." in words
    assert "1 value was not looked for: too short to be told from other text, or spelled in too many ways." in words


def test_a_second_run_has_nothing_to_look_for_and_says_so(tmp_path: Path, command: Command) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "1.dcm", planted(NAME, "PatientName").data)
    dicomblank.anonymize_in_place(folder, RULES)
    done = command("anonymize", folder, "--in-place", "--level", "anonymize-full", "--leftovers", "warn")
    assert "There was no value to look for elsewhere." in " ".join(done.stdout.split())


def test_no_more_than_a_hundred_are_told_one_by_one(tmp_path: Path) -> None:
    path = write(tmp_path / "1.dcm", planted(f"{NAME} " * 300, "PatientName").data)
    rows: list[dicomblank.Row] = []
    dicomblank.anonymize_in_place(path, RULES, leftovers=Leftovers.WARN, report=rows.append)
    assert len(rows[0].leftovers) == 100
    assert rows[0].leftover_count >= 2700


def test_a_pseudonym_is_not_looked_for_again(tmp_path: Path) -> None:
    """Of a file that is done, the values that stand there are nobody's."""
    rows: list[dicomblank.Row] = []
    data = planted(ID, "PatientID").data
    path = write(tmp_path / "1.dcm", bytes(128) + data[128:])
    for _ in range(2):
        dicomblank.anonymize_in_place(path, Level.PSEUDONYMIZE, key=KEY, leftovers="warn", report=rows.append)
    assert [row.outcome for row in rows] == ["anonymized", "unchanged"]
    assert rows[0].leftover_count > 0
    assert rows[1].leftover_count == 0


def test_rows_with_leftovers_travel(tmp_path: Path) -> None:
    path = write(tmp_path / "1.dcm", planted(NAME, "PatientName").data)
    rows: list[dicomblank.Row] = []
    report = dicomblank.anonymize_in_place(path, RULES, leftovers="warn", report=rows.append)
    [row] = rows
    for again in (pickle.loads(pickle.dumps(row)), copy.deepcopy(row)):  # noqa: S301 (our own)
        assert again == row
        assert (again.leftovers, again.leftover_count) == (row.leftovers, row.leftover_count)
    assert pickle.loads(pickle.dumps(report)).leftovers == report.leftovers  # noqa: S301 (our own)
    both = report + report
    assert both.leftovers["found"] == 2 * report.leftovers["found"]
    assert os.fspath(path) not in json.dumps(report.leftover_places)
