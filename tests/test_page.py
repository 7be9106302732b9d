"""The page of a report: what it says is what the report says, and nothing in a report can do anything to it."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

import dicomblank
from benches.peers.building import element
from dicomblank import Level, Rules, _core
from dicomblank.cli import main
from dicomblank.notice import LEFT_BY_ANONYMIZE, LEFT_BY_PSEUDONYMIZE, NOTICE
from dicomblank.page import advice, document, tally
from dicomblank.page.example import EXAMPLE, shown
from dicomblank.page.outcomes import MEANINGS
from dicomblank.page.pace import MOST_POINTS, Pace
from dicomblank.page.style import CSS
from dicomblank.profile import ATTRIBUTES
from elements import EXPLICIT, file_of
from pages import Page, end_row, file_row, in_place, run_row, whole, written
from reports import read
from samples import CT, damaged_ct

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command
    from dicomblank import Verdict
    from reports import Json

OUTCOMES = set(dicomblank.anonymize_copy(CT, "/dev/null", on_error="collect").counts)
VERSION = dicomblank.__version__


def made(tmp_path: Path, *reports: list[Json], rest: str = "", paths: bool = True) -> tuple[Verdict, Page]:
    """The page of reports with these rows."""
    names = [written(tmp_path / f"{number}.jsonl", rows, rest) for number, rows in enumerate(reports)]
    page = tmp_path / "page.html"
    page.unlink(missing_ok=True)
    verdict = dicomblank.report_page(names, page, paths=paths)
    return verdict, Page.of(page)


# Pages of real runs


@pytest.fixture
def mixed(study: Path) -> Path:
    """A folder with files of many outcomes."""
    (study / "damaged.dcm").write_bytes(damaged_ct())
    (study / "empty.dcm").touch()
    (study / "zeros").write_bytes(file_of(EXPLICIT, EXPLICIT.element(0x0010_0010, "PN", b"Doe^Jane"), bytes(8)))
    (study / "link").symlink_to("ct.dcm")
    (study / "archive").write_bytes(b"PK\3\4")
    return study


def test_a_run_makes_its_page(command: Command, mixed: Path, tmp_path: Path) -> None:
    words = ["--output", "out", "--report", "run.jsonl", "--html", "report.html", "--level", "anonymize-full"]
    done = command("anonymize", "study", *words)
    assert done.returncode == 1  # for the files that were refused
    (said,) = (line for line in done.stdout.splitlines() if line.startswith("The page is"))
    reasons = "2 files refused: nothing was written, 1 file with a warning, 3 files not copied"
    assert said == f"The page is report.html. REVIEW REQUIRED: {reasons}."
    page = Page.of(tmp_path / "report.html")
    lines = read(tmp_path / "run.jsonl")
    assert lines.end is not None
    for row in lines.files:
        assert (f"study/{row['path']}" in page.text) == (row["outcome"] != "anonymized" or "warnings" in row), row
    for tag, values in lines.end["values"].items():
        (name,) = (attribute.name for attribute in ATTRIBUTES if attribute.keyword == tag)
        assert page.table()[name][1:4] == ["blanked", str(lines.end["files_with"][tag]), str(values)], tag
    assert page.table()["Patient's Name"] == ["(0010,0010)", "blanked", "3", "3", "Z"]
    assert page.table()["refused"] == [MEANINGS["refused"], "2", "25.0 %"]
    for part, words in {
        "not-done": ["1 refused truncated", "1 refused empty", "study/empty.dcm", advice.ADVICE["empty"]],
        "warnings": ["1 trailing-zeros", "study/zeros"],
        "left-out": ["Not copied: 3 files", "1 archive", "1 skipped symbolic-link", "1 not-dicom", "study/notes.txt"],
        "runs": ["anonymize-full", "PatientWeight", "Blanked copies were written", "out"],
        "files": ["values were blanked or replaced"],
    }.items():
        found = " ".join(page.parts[part].split())
        assert [word for word in words if word not in found] == [], found
    assert "Doe" not in page.parts["not-done"]


def test_a_comparison_makes_its_page(command: Command, study: Path, tmp_path: Path) -> None:
    dicomblank.anonymize_copy(study, tmp_path / "out", report=tmp_path / "run.jsonl")
    (tmp_path / "out" / "ct.dcm").write_bytes(CT.read_bytes())
    done = command("verify", "study", "out", "--report", "verify.jsonl", "--html", "verify.html")
    assert done.returncode == 1
    assert "The page is verify.html. REVIEW REQUIRED: 1 file with a value that was to be blanked." in done.stdout
    verdict = dicomblank.report_page([tmp_path / "run.jsonl", tmp_path / "verify.jsonl"], tmp_path / "both.html")
    assert [str(reason) for reason in verdict.reasons] == [
        "1 file with a value that was to be blanked",
        "1 file not copied",
    ]
    page = Page.of(tmp_path / "both.html")
    assert "Results were compared with their originals" in page.parts["files"]
    assert "2 runs of dicomblank over 3 files," in page.text  # which are the same ones
    assert "Level and rules as above" in " ".join(page.parts["runs"].split())
    assert page.table()["leak"][1] == "1"


def test_a_run_in_place_that_was_well_passes(ct: Path, tmp_path: Path) -> None:
    dicomblank.anonymize_in_place(ct, report=tmp_path / "run.jsonl")
    verdict = dicomblank.report_page(tmp_path / "run.jsonl", tmp_path / "page.html")
    assert verdict.passed
    assert str(verdict) == verdict.word == "PASS"
    page = Page.of(tmp_path / "page.html")
    assert page.parts["verdict"].split()[:2] == ["Verdict", "PASS"]
    assert "not that no identifier is left" in page.parts["verdict"]
    assert "did not look for the blanked values" in page.text


# The verdict

REFUSED = file_row(outcome="refused", kind="truncated", offset=500, tag_path="(0040,A730)[2]")
LEFT_OVER = file_row(leftovers=[{"place": "preamble", "offset": 1, "length": 8, "of": "PatientID"}], leftover_count=1)
TOLD = {"searched": 3, "files": 1, "found": 1, "replaced": 0, "not_searched": 0, "places": {"preamble": 1}, "of": {}}
GOOD = file_row()
VERDICTS: dict[str, tuple[list[list[Json]], list[str]]] = {
    "well": ([whole(GOOD)], []),
    "unchanged": ([whole(file_row(outcome="unchanged"))], []),
    "copied before": ([whole(file_row(outcome="skipped", kind="copied-already"))], []),
    "refused": ([whole(GOOD, REFUSED, REFUSED)], ["2 files refused: nothing was written"]),
    "failed": ([whole(file_row(outcome="failed", kind="no-space"))], ["1 file failed: nothing was finished"]),
    "a warning": ([whole(file_row(warnings=["trailing-zeros", "unmarked"]))], ["1 file with a warning"]),
    "old bytes": ([whole(file_row(kind="old-file-kept"))], ["1 file of which the old bytes are still there"]),
    "leftovers": (
        [whole(GOOD, LEFT_OVER, leftovers=TOLD)],
        ["1 file in which blanked values stand in other places"],
    ),
    "leftovers without an end": (
        [[run_row(), LEFT_OVER]],
        ["1 run that did not end: killed, or still at work", "1 file in which blanked values stand in other places"],
    ),
    "leftovers replaced": ([whole(LEFT_OVER, leftovers={**TOLD, "replaced": 1})], []),
    "leftovers of which one stays": (
        [whole(LEFT_OVER, leftovers={**TOLD, "found": 2, "replaced": 1})],
        ["1 file in which blanked values stand in other places"],
    ),
    "not copied": (
        [whole(GOOD, file_row(outcome="not-dicom"), file_row(outcome="archive", kind="archive"))],
        ["2 files not copied"],
    ),
    "left alone": ([whole(GOOD, file_row(outcome="not-dicom"), run=run_row(**in_place()))], ["1 file left alone"]),
    "no DICOM": ([whole(file_row(outcome="not-dicom"))], ["0 DICOM files found", "1 file not copied"]),
    "no file": ([whole()], ["0 DICOM files found"]),
    "no end": ([[run_row(), GOOD]], ["1 run that did not end: killed, or still at work"]),
    "interrupted": ([whole(GOOD, end="interrupted")], ["1 run that was interrupted"]),
    "a row is missing": ([[run_row(), GOOD, end_row(2)]], ["1 run with another number of rows than its end says"]),
    "nothing is blanked": (
        [whole(file_row(outcome="unchanged"), run=run_row(level="original", rules={}))],
        ["1 run by rules that blank nothing"],
    ),
    "a later version": (
        [whole(GOOD, run=run_row(version="99.0.0"))],
        [f"1 run of another version than this one, {VERSION}"],
    ),
    "a version that is none": (
        [whole(GOOD, run=run_row(version="next"))],
        [f"1 run of another version than this one, {VERSION}"],
    ),
    "an earlier version": ([whole(GOOD, run=run_row(version="0.0.1"))], []),
    "a kind of run to come": (
        [whole(GOOD, run={key: value for key, value in run_row().items() if key != "destination"})],
        ["1 run of a kind that this version does not know"],
    ),
    "a row to come": (
        [[*whole(GOOD), {"row": "sum"}]],
        ["1 row of a kind that this version does not know"],
    ),
    "an outcome to come": (
        [whole(GOOD, file_row(outcome="doubtful"))],
        ["1 file with an outcome that is not one of those that are well"],
    ),
    "no first row": ([[GOOD, end_row(1)]], ["1 run without its first row"]),
    "leak": (
        [whole(file_row(outcome="leak", kind="value-left"), run={**run_row(), "after": "b", "destination": None})],
        ["1 file with a value that was to be blanked"],
    ),
    "leftovers, found again": (
        [
            whole(GOOD, LEFT_OVER, leftovers=TOLD),
            whole(
                *[LEFT_OVER] * 3, run={**run_row(), "after": "b", "destination": None}, leftovers={**TOLD, "files": 3}
            ),
        ],
        ["3 files in which blanked values stand in other places"],
    ),
    "leftovers replaced, and found again": (
        [
            whole(LEFT_OVER, leftovers={**TOLD, "replaced": 1}),
            whole(LEFT_OVER, run={**run_row(), "after": "b", "destination": None}, leftovers=TOLD),
        ],
        ["1 file in which blanked values stand in other places"],
    ),
    "a dry run": (
        [whole(file_row(outcome="planned", edits=3), run={**run_row(), "dry_run": True, "destination": None})],
        ["1 run that was a dry run"],
    ),
    "refused, compared": (
        [whole(file_row(outcome="refused", kind="empty"), run={**run_row(), "after": "b", "destination": None})],
        ["1 file that could not be compared: refused, or failed"],
    ),
    "refused, inspected": (
        [whole(GOOD), whole(REFUSED, run={**run_row(), "inspect": {"left": False}, "destination": None})],
        ["1 file that could not be inspected: refused, or failed"],
    ),
    "another level": (
        [whole(file_row(outcome="other-level"), run={**run_row(), "after": "b", "destination": None})],
        ["1 file that another level has made"],
    ),
    "not DICOM, compared": (
        [
            whole(
                file_row(outcome="ok"), file_row(outcome="not-dicom"), run={**run_row(), "after": "b", "destination": 0}
            )
        ],
        [],
    ),
    "text in pictures": (
        [
            whole(
                file_row(outcome="inspected", found={"pictures": ["modality-us"]}),
                file_row(outcome="inspected", found={"content": ["icon"]}),
                run={**run_row(), "destination": None, "inspect": {"left": False}},
                found={"pictures": {"modality-us": 1}, "content": {"icon": 1}},
            )
        ],
        ["1 file with likely text in the picture"],
    ),
    "two shards, one of which is well": ([whole(GOOD), whole(GOOD, REFUSED)], ["1 file refused: nothing was written"]),
    "two runs in one report": (
        [[*whole(GOOD), run_row(), REFUSED]],
        ["1 run that did not end: killed, or still at work", "1 file refused: nothing was written"],
    ),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_has_its_reasons(tmp_path: Path, name: str) -> None:
    reports, reasons = VERDICTS[name]
    verdict, page = made(tmp_path, *reports)
    assert [str(reason) for reason in verdict.reasons] == reasons
    assert (verdict.passed, verdict.word) == (not reasons, "REVIEW REQUIRED" if reasons else "PASS")
    assert verdict.word in page.parts["verdict"]
    shown_ = " ".join(page.parts["verdict"].split())
    for reason in verdict.reasons:
        # Each leads to the part that lists what it counts.
        assert f"{reason.count:,} {str(reason).partition(' ')[2]}".split() == str(reason).split()
        assert str(reason).partition(" ")[2] in shown_
        assert reason.place in page.parts


NOTES = {
    "not looked for": ([whole(GOOD, run=run_row(leftovers="ignore"))], "The run did not look for the blanked values"),
    "not looked for in the one of two": (
        [whole(GOOD, run=run_row(leftovers="ignore")), whole(GOOD)],
        "Some runs did not look for the blanked values",
    ),
    "too short": ([whole(GOOD, leftovers={"not_searched": 3})], "3 values were not looked for: of them"),
    "replaced": (
        [whole(LEFT_OVER, leftovers={**TOLD, "replaced": 1})],
        "1 leftover found in other places and overwritten",
    ),
    "not compared": ([whole(GOOD)], "No report of a comparison with the originals"),
    "not inspected": ([whole(GOOD)], "No report of an inspection"),
    "an earlier version": ([whole(GOOD, run=run_row(version="0.0.1"))], "Made by an earlier version (0.0.1)"),
}


@pytest.mark.parametrize("name", NOTES)
def test_what_should_be_known_stands_beside_the_verdict(tmp_path: Path, name: str) -> None:
    reports, note = NOTES[name]
    verdict, page = made(tmp_path, *reports)
    assert any(said.startswith(note) for said in verdict.notes)
    assert note in page.text
    assert verdict.passed


# Reports that are none, or not whole

BROKEN: dict[str, tuple[bytes, list[str]]] = {
    "no report": (b"nothing medical\n", ["1 file that is no report"]),
    "empty": (b"", ["1 file that is no report"]),
    "no line": (b"\xff" * 5000, ["1 file that is no report"]),
    "other JSON": (b'{"a": 1}\n[1]\n"text"\n', ["1 file that is no report"]),
    "cut short": (
        b'{"row": "file", "outcome": "ok"}\n{"row": "en',
        [
            "1 report cut short in the middle of a line",
            "1 run without its first row",
            "1 run that did not end: killed, or still at work",
        ],
    ),
    "a line in the middle": (
        b'{"row": "run"}\n{"row": "file", "pa\n{"row": "file", "outcome": "ok"}\n' + b"[" * 100_000 + b"\n",
        [
            "2 lines of a report that can't be read",
            f"1 run of another version than this one, {VERSION}",
            "1 run that did not end: killed, or still at work",
            "1 run of a kind that this version does not know",
        ],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_report_is_read_as_far_as_it_is_whole(tmp_path: Path, name: str) -> None:
    data, reasons = BROKEN[name]
    (tmp_path / "run.jsonl").write_bytes(data)
    verdict = dicomblank.report_page(tmp_path / "run.jsonl", tmp_path / "page.html")
    assert [str(reason) for reason in verdict.reasons] == reasons
    page = Page.of(tmp_path / "page.html")
    assert page.table()["run.jsonl"][1] != "whole"


@pytest.mark.parametrize("part", range(1, 12))
def test_a_report_that_is_cut_anywhere_is_read_up_to_there(tmp_path: Path, part: int) -> None:
    text = "".join(json.dumps(row) + "\n" for row in whole(GOOD, REFUSED, GOOD))
    cut = len(text) * part // 12
    assert text[cut - 1] != "\n"
    (tmp_path / "run.jsonl").write_text(text[:cut])
    verdict = dicomblank.report_page(tmp_path / "run.jsonl", tmp_path / "page.html")
    rows = text[:cut].count("\n")
    assert verdict.reasons[0].noun == ("file" if rows == 0 else "report")
    assert Page.of(tmp_path / "page.html").table()["run.jsonl"][0] == str(rows)


ODD: list[object] = [None, True, -1, 1e308, 10**400, "text", [], [[]], {}, {"a": {"b": []}}, [None], "\ud800"]


@pytest.mark.parametrize("odd", range(len(ODD)))
def test_a_field_of_any_kind_makes_a_page(tmp_path: Path, odd: int) -> None:
    """Nothing of a report is trusted: a field may hold anything that JSON has."""
    value = ODD[odd]
    files = [file_row(kind="empty", offset=1, tag_path="", warnings=["unmarked"], error="so", output="x"), LEFT_OVER]
    rows = whole(*files, values={"PatientName": 2}, leftovers=TOLD, found={"pictures": {"a": 1}}, left={})
    rows.insert(2, {"row": "pace", "seconds": 1.0, "files": 1})
    reports = []
    for place, row in enumerate(rows):
        for name in row:
            if isinstance(row[name], dict):
                reports += [
                    [*rows[:place], {**row, name: {**row[name], inner: value}}, *rows[place + 1 :]]
                    for inner in row[name]
                ]
            reports.append([*rows[:place], {**row, name: value}, *rows[place + 1 :]])
    page = made(tmp_path, *reports)[1]
    assert "REVIEW REQUIRED" in page.text


# Several reports


def test_shards_are_told_as_one(tmp_path: Path) -> None:
    def shard(number: int) -> list[Json]:
        tags = {"PatientName": 2, f"(0011,10{number:02})": 1}
        return whole(
            file_row(f"{number}.dcm"),
            run=run_row(sources=[f"shard-{number}"], start=f"2026-01-31T09:3{number}:00Z"),
            values=tags,
            files_with=dict.fromkeys(tags, 1),
        )

    verdict, page = made(tmp_path, *(shard(number) for number in range(3)))
    assert verdict.passed
    table = page.table()
    assert table["Patient's Name"] == ["(0010,0010)", "blanked", "3", "6", "Z"]
    private = ["private element", "(0011,1001)", "blanked", "1", "1", "X"]
    assert private in [[cell.strip() for cell in cells] for cells in page.rows]
    runs = " ".join(page.parts["runs"].split())
    assert "Blanked copies were written (3 runs)" in runs
    assert "shard-0, shard-1, shard-2" in runs
    assert "2026-01-31, 09:30 UTC to 2026-01-31, 09:32 UTC" in runs
    assert "Duration 7.5 s" in runs
    assert page.table()["anonymized"][1] == "3"


def test_actions_are_those_of_the_rules(tmp_path: Path) -> None:
    rules = {
        "blank": ["PatientName"],
        "pseudonymize": ["PatientID"],
        "shift": ["dates"],
        "set": ["StudyID"],
        "map": ["AccessionNumber"],
    }
    tags = ["PatientName", "PatientID", "StudyDate", "StudyID", "AccessionNumber", "StudyTime", "OverlayData"]
    values = dict.fromkeys(tags, 1)
    page = made(tmp_path, whole(GOOD, run=run_row(level=None, rules=rules), values=values, files_with=values))[1]
    done = {name: cells[1] for name, cells in page.table().items() if len(cells) == 5}
    assert done["Patient's Name"] == done["Study Time"] == "blanked"
    assert (done["Patient ID"], done["Study Date"]) == ("replaced by a keyed value", "date shifted")
    assert (done["Study ID"], done["Accession Number"]) == ("set to a text", "replaced by a table")
    assert page.table()["OverlayData"][0] == "(60xx,3000)"


def test_an_older_report_does_not_tell_in_how_many_files(tmp_path: Path) -> None:
    rows = whole(GOOD, values={"PatientName": 4})
    del rows[-1]["files_with"]
    assert made(tmp_path, rows)[1].table()["Patient's Name"][2:4] == ["\u2013", "4"]


@pytest.mark.parametrize("level", [level.value for level in Level if level is not Level.BASIC])
def test_what_a_level_leaves_is_named(tmp_path: Path, level: str) -> None:
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "a.dcm").write_bytes(CT.read_bytes())
    key = dicomblank.Key(bytes(range(32))) if level == "pseudonymize" else None
    dicomblank.anonymize_copy(tmp_path / "study", tmp_path / "out", level, key=key, report=tmp_path / "run.jsonl")
    verdict = dicomblank.report_page(tmp_path / "run.jsonl", tmp_path / "page.html")
    page = Page.of(tmp_path / "page.html")
    said = page.parts["left"]
    if level == "original":
        assert "Everything: no value is changed." in said
        assert not verdict.passed
        return
    assert all(sentence in said for sentence in NOTICE if not sentence.startswith("It leaves"))
    assert (f"It leaves {LEFT_BY_ANONYMIZE}." in said) == (level == "anonymize")
    assert (LEFT_BY_PSEUDONYMIZE.split(", and all")[0] in said) == (level == "pseudonymize")
    assert ("UIDs" in said.split("Left wherever")[1].split(".")[0]) == (level != "pseudonymize")
    stays = {item.strip() for item in page.items}
    assert "Allergies" in stays
    assert "Patient's Name" not in stays
    assert ("Patient ID" in stays) == (level == "anonymize")
    assert ("SOP Instance UID" in stays) == (level != "pseudonymize")
    assert ("Acquisition DateTime" in stays) == (level != "pseudonymize")


def test_what_is_blanked_beside_the_level_is_not_said_to_stay(tmp_path: Path) -> None:
    rules = {"blank": ["PatientName", "AccessionNumber"], "keep": ["StudyID"]}
    said = made(tmp_path, whole(GOOD, run=run_row(rules=rules)))[1].parts["left"]
    assert "AccessionNumber" not in said
    assert "Apart from what the rules name beside it" in said
    assert "What was to be kept: StudyID." in said


def test_what_a_dry_run_would_do_is_not_told_as_done(tmp_path: Path) -> None:
    run = {**run_row(), "dry_run": True, "destination": None}
    rows = whole(
        file_row(outcome="planned", edits=3), run=run, values={"PatientName": 3}, files_with={"PatientName": 1}
    )
    page = made(tmp_path, rows, whole(file_row(edits=2), values={"PatientName": 2}, files_with={"PatientName": 1}))[1]
    assert page.table()["Patient's Name"][1:4] == ["blanked", "1", "2"]
    assert "Values blanked or replaced 2" in " ".join(page.text.split())


# What is said of each kind


def test_there_is_something_to_do_about_each_kind() -> None:
    """A kind that is added needs a line in dicomblank/page/advice.py."""
    assert {kind for kind, _ in _core.kinds()} - advice.ADVICE.keys() == set()
    assert set(advice.OF_WARNINGS) <= {word for word, _ in _core.warnings()}


def test_each_outcome_has_its_meaning() -> None:
    """An outcome that is added needs a line in dicomblank/page/outcomes.py, and a place in the verdict."""
    assert OUTCOMES - MEANINGS.keys() == set()


@pytest.mark.parametrize("kind", [kind for kind, _ in _core.kinds()])
def test_a_refusal_is_told_with_what_to_do(tmp_path: Path, kind: str) -> None:
    page = made(tmp_path, whole(file_row("deep/a.dcm", "refused", kind=kind, offset=0x1F4, tag_path="(0010,0010)")))[1]
    said = " ".join(page.parts["not-done"].split())
    assert dict(_core.kinds())[kind] in said
    assert advice.ADVICE[kind] in said
    assert "study/deep/a.dcm at 0x1f4 in (0010,0010)" in said


def test_copies_that_were_there_are_not_told_as_left_out(tmp_path: Path) -> None:
    before = [file_row(f"{number}", "skipped", kind="copied-already") for number in range(3)]
    said = made(tmp_path, whole(*before, file_row("link", "skipped", kind="symbolic-link")))[1].parts["left-out"]
    assert "Not copied: 1 file" in said
    assert "Copied by an earlier run, whole and blanked: 3 files" in said
    assert "study/0" not in said


def test_leftovers_are_told_by_place(tmp_path: Path) -> None:
    places = {"(0029,1010)": 4, "path": 7, "(2005,140F).(0008,0018)": 3, "(5200,9229).(2005,1411)": 2, "odd": 1}
    told = {**TOLD, "found": 9, "not_searched": 2, "places": places, "of": {"PatientID": 9}}
    page = made(tmp_path, whole(LEFT_OVER, leftovers=told))[1]
    assert page.table()["(0029,1010)"] == ["a private element", "4"]
    assert page.table()["(2005,140F).(0008,0018)"] == ["SOPInstanceUID", "3"]
    assert page.table()["(5200,9229).(2005,1411)"] == ["a private element", "2"]
    assert page.table()["odd"] == ["", "1"]
    assert page.table()["path"] == ["the names of the file and its folders", "7"]
    assert ["PatientID", "9"] in [[cell.strip() for cell in cells] for cells in page.rows]
    assert "study/a.dcm PatientID in preamble at 0x1" in page.parts["leftovers"]
    nothing = made(tmp_path, whole(GOOD, leftovers={"searched": 5}))[1].parts["leftovers"]
    assert "Looked for in 5 files: nothing was found." in nothing


def test_findings_of_an_inspection_are_told(tmp_path: Path) -> None:
    run = {**run_row(), "destination": None, "inspect": {"left": True}}
    found = {"pictures": {"modality-us": 3}, "attributes": {"PatientName": 7, "StudyDate": 9}}
    left = {"attributes": {"StudyDate": 9}}
    files = [file_row(f"{number}.dcm", "inspected", found={"pictures": ["modality-us"]}) for number in range(3)]
    page = made(tmp_path, whole(*files, run=run, found=found, left=left))[1]
    assert page.table()["Patient's Name"] == ["7", "0"]
    assert page.table()["Study Date"] == ["9", "9"]
    [pictures] = [row for title, row in page.table().items() if title.startswith("Ultrasound")]
    assert pictures == ["3", "0"]
    assert "study/2.dcm" in page.parts["found"]


# The pace


def test_the_pace_is_drawn_of_a_run_that_says_it(tmp_path: Path) -> None:
    rows = whole(*(file_row(f"{number}") for number in range(70)), seconds=5.0)
    assert "Files a second" not in made(tmp_path, rows)[1].text
    for seconds, files in ((4.0, 69), (3.0, 60), (2.0, 30), (1.0, 10)):
        rows.insert(1 + files, {"row": "pace", "seconds": seconds, "files": files})
    page = made(tmp_path, rows)[1]
    said = "At most 30, at least 1, in the middle 10."
    assert said in page.parts["files"]
    (chart,) = (place for place, (_, found) in enumerate(page.elements) if found.get("class") == "chart")
    assert page.elements[chart][1]["aria-label"] == said
    columns = page.elements[chart + 1 : chart + 6]
    assert [found["height"] for _, found in columns] == ["33.3", "66.7", "100", "30", "3.3"]
    short = [*rows[:-1], {**rows[-1], "seconds": 4.9}]
    assert "Files a second" not in made(tmp_path, short)[1].text


def test_the_pace_of_a_long_run_takes_few_points() -> None:
    pace = Pace()
    for second in range(1, 100_001):
        pace.add(1, {"seconds": float(second), "files": second * 50})
    pace.finish(1, 100_000.5, 100_000 * 50 + 25)
    assert len(pace._runs[1].seconds) <= MOST_POINTS + 1
    rates = pace.rates(60)
    assert len(rates) == 60
    assert all(abs(rate - 50) < 1 for rate in rates)
    assert pace.seconds == 100_000.5


def test_the_pace_of_several_runs_adds_up_from_their_starts() -> None:
    pace = Pace()
    for run in (1, 2):
        for second in range(1, 11 * run):
            pace.add(run, {"seconds": float(second), "files": second * 100})
    rates = pace.rates(60)
    assert (pace.runs, pace.seconds, len(rates)) == (2, 21.0, 21)
    assert [round(rate) for rate in (rates[0], rates[5], rates[15])] == [200, 200, 100]


# Names, and what else may stand in a report

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "a&lt;b&amp;c&#60;d",
    "</style></title><b>",
    "<!-- ",
    "]]>",
    "new\nline\r\ttab\0",
    "\x1b[31mred",
    "a\u202eltr\u2066b",
    "zero\u200bwidth\ufeff",
    "\udcfc\udcff",
    "\ud800",
    "javascript:alert(1)",
    "é" * 3000,
    "' onmouseover='x",
]


@pytest.mark.parametrize("hostile", range(len(HOSTILE)))
def test_nothing_of_a_report_becomes_markup(tmp_path: Path, hostile: int) -> None:
    """The page of a report full of such texts has the elements and attributes of one full of ordinary texts."""

    def rows(text: str) -> list[Json]:
        files = [
            file_row(text, "refused", source=text, kind=text, tag_path=text, error=text, output=text),
            file_row(text, text, kind=text, error=text),
            file_row(text, "anonymized", warnings=[text]),
            file_row(text, "not-dicom"),
            {**LEFT_OVER, "path": text},
            file_row(text, "inspected", found={"pictures": [text], text: [text]}),
        ]
        rules = {action: [text] for action in ("blank", "keep", "pseudonymize", "shift", "set", "map")}
        run = run_row(version=text, level=text, key=text, start=text, sources=[text], leftovers=text, rules=rules)
        run["destination"] = {"output": text, "existing": text}
        return whole(
            *files,
            run=run,
            end=text,
            values={text: 1},
            files_with={text: 1},
            leftovers={**TOLD, "places": {text: 1}, "of": {text: 1}},
            found={"pictures": {text: 1}, text: {text: 1}},
        )

    def skeleton(page: Page) -> list[Any]:
        free = {"id", "aria-label", "data-label"}
        return [
            (tag, {key: value for key, value in found.items() if key not in free}, found.keys())
            for tag, found in page.elements
        ]

    plain = made(tmp_path, rows("ordinary"))[1]
    text = HOSTILE[hostile]
    page = made(tmp_path, rows(text))[1]
    assert skeleton(page) == skeleton(plain)
    visible = set(page.markup) - {"\n"}
    assert all(character.isprintable() for character in visible)
    if text.isprintable() and len(text) < 100:
        assert page.text.count(text) > 15
    assert page.markup.count("<script") == 0


def test_names_are_shown_as_the_command_shows_them(tmp_path: Path) -> None:
    page = made(tmp_path, whole(file_row("new\nline", "refused"), file_row("scan-\udcfc", "refused")))[1]
    assert "study/new\\x0aline" in page.text
    assert "study/scan-\\xfc" in page.text


def test_names_are_left_out_where_that_is_asked(tmp_path: Path) -> None:
    name = "SUBJ_DOE"
    files = [
        file_row(name, outcome, source=name, kind="empty", error=name, output=name) for outcome in sorted(OUTCOMES)
    ]
    run = run_row(sources=[name], destination={"output": name, "existing": "refuse"})
    reports = [whole(*files, file_row(name, warnings=["unmarked"]), {**LEFT_OVER, "path": name}, run=run)]
    reports.append(whole(file_row(name, "ok"), run={**run, "destination": None, "after": name}))
    (tmp_path / name).mkdir()
    paths = [written(tmp_path / name / f"{name}{number}", rows) for number, rows in enumerate(reports)]
    for shows in (True, False):
        dicomblank.report_page(paths, tmp_path / f"{shows}.html", paths=shows)
        assert (name in (tmp_path / f"{shows}.html").read_text()) == shows
    assert "1 refused" in Page.of(tmp_path / "False.html").parts["not-done"]


@pytest.mark.parametrize("level", ["anonymize", "pseudonymize"])
def test_the_page_needs_nothing_beside_it(tmp_path: Path, level: str) -> None:
    rules = {"blank": ["PatientName"], "pseudonymize": ["PatientID"], "shift": ["dates"]}
    page = made(tmp_path, whole(GOOD, REFUSED, run=run_row(level=level, rules=rules)))[1]
    assert re.findall(r"https?:|src=|@import|url\(|javascript:|<script|<link|<iframe|<object|<embed", page.markup) == []
    allowed = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "nav",
        "main",
        "header",
        "footer",
        "section",
        "h1",
    }
    allowed |= {
        "h2",
        "h3",
        "p",
        "b",
        "span",
        "code",
        "a",
        "ol",
        "ul",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
    }
    allowed |= {"tr", "th", "td", "svg", "rect", "details", "summary"}
    assert {tag for tag, _ in page.elements} <= allowed
    assert not any(key.startswith("on") or key == "style" for _, found in page.elements for key in found)
    links = [found["href"] or "" for tag, found in page.elements if tag == "a"]
    assert links
    assert all(link.startswith("#") and link[1:] in page.parts for link in links)
    (policy,) = (found["content"] for tag, found in page.elements if found.get("http-equiv"))
    assert (policy or "").startswith("default-src 'none'; style-src 'sha256-")


# How large it becomes


def test_a_page_has_a_bound_whatever_stands_in_a_report(tmp_path: Path) -> None:
    """As many kinds, tags, sources, runs and warnings as there can be, with names as long as there can be."""
    long = '"<&é' * 60  # more than is shown
    files = [
        file_row(f"{long}{number}", outcome, kind=f"kind-{kind}-{long}", tag_path=long, error=long, offset=7)
        for kind, outcome, number in itertools.product(range(100), ["refused", "failed", "doubtful"], range(3))
    ]
    files += [file_row(long, warnings=[f"{long}{number}"]) for number in range(300)]
    tags = {f"{long}{number}": number for number in range(6_000)}
    run = run_row(sources=[long] * 2_000, rules={action: list(tags)[:500] for action in ("blank", "shift", "set")})
    run["destination"] = {"output": long, "existing": "refuse"}
    found = {f"{long}{number}": dict.fromkeys(list(tags)[:50], 1) for number in range(20)}
    more = [[run_row(key=f"{number}{long}", sources=[long]), end_row(0)] for number in range(60)]
    shard = [run_row(), *files, end_row(1)]
    end = end_row(1, values=tags, files_with=tags, found=found, leftovers={**TOLD, "places": tags, "of": tags})
    made(tmp_path, [run, *files, end], shard, *more)
    assert (tmp_path / "page.html").stat().st_size <= document.LARGEST == 200_000


PEAK = """
import sys
import dicomblank
dicomblank.report_page(sys.argv[1], sys.argv[2])
for line in open("/proc/self/status"):
    if line.startswith("VmHWM:"):
        print(line.split()[1])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux for the peak of a process")
def test_a_large_report_takes_no_more_memory_than_a_small_one(tmp_path: Path) -> None:
    refused = json.dumps({**REFUSED, "path": "some/folder/some-file.dcm", "warnings": ["unmarked"]}) + "\n"
    good = json.dumps(file_row("some/folder/some-file.dcm", edits=5, output="shared/some/folder/some-file.dcm")) + "\n"
    peaks, sizes = [], []
    for count in (1, 10_000):
        lines = [json.dumps(run_row()), "\n", *([refused, *[good] * 9] * count), json.dumps(end_row(10 * count)), "\n"]
        report, page = tmp_path / f"{count}.jsonl", tmp_path / f"{count}.html"
        report.write_text("".join(lines))
        words: list[str | Path] = [sys.executable, "-c", PEAK, report, page]
        done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=100)
        peaks.append(int(done.stdout) / 1000)
        sizes.append(page.stat().st_size)
    assert (tmp_path / "10000.jsonl").stat().st_size > 10_000_000
    assert peaks[1] < peaks[0] + 8
    assert sizes[1] < sizes[0] + 5_000
    assert "90,000" not in Page.of(tmp_path / "10000.html").table()["refused"]
    assert Page.of(tmp_path / "10000.html").table()["anonymized"][1] == "90,000"


def test_a_line_without_an_end_takes_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dicomblank.page.lines.LONGEST", 1000)
    monkeypatch.setattr("dicomblank.page.lines.PIECE", 300)
    good = json.dumps(GOOD).encode() + b"\n"
    (tmp_path / "run.jsonl").write_bytes(good + b"{" * 5000 + b"\n" + good * 2 + b"x" * 5000)
    counted = tally.Tally.of([tmp_path / "run.jsonl"])
    assert (counted.files, counted.readings[0].damaged, counted.readings[0].is_cut_short) == (3, 1, True)
    monkeypatch.setattr("dicomblank.page.lines.PIECE", 10_000)
    (tmp_path / "run.jsonl").write_bytes(b"x" * 10_000_000)
    tracemalloc.start()
    tally.Tally.of([tmp_path / "run.jsonl"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000


# How it looks


def colors(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})\b", block))


def luminance(color: str) -> float:
    """WCAG 2.2's relative luminance."""
    digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


LIGHT, DARK = (colors(block) for block in re.findall(r":root\{(--ground.*?)\}", CSS, re.DOTALL))
# What text stands on, with the colors that it has there.
TEXTS = {
    "ground": ("text", "quiet", "link", "pass", "review", "bad"),
    "raised": ("text",),
    "pass-ground": ("text", "pass", "quiet"),
    "review-ground": ("text", "review", "quiet"),
    "example": ("text", "quiet"),
}
DRAWN = ("bar-done", "bar-same", "bar-left", "bar-bad", "strong")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrasts_are_those_of_wcag_aa(scheme: str) -> None:
    found = LIGHT if scheme == "light" else {**LIGHT, **DARK}
    for ground, texts in TEXTS.items():
        for text in texts:
            assert contrast(found[text], found[ground]) >= 4.5, (text, ground)
    for drawn in DRAWN:
        assert contrast(found[drawn], found["ground"]) >= 3, drawn


def test_every_color_is_one_of_those_whose_contrast_is_known() -> None:
    rest = re.sub(r"--[\w-]+:#[0-9a-f]+", "", CSS)
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(", rest) == []
    assert (
        LIGHT.keys() == DARK.keys() == {*TEXTS, *(text for texts in TEXTS.values() for text in texts), *DRAWN, "line"}
    )
    grounds = set(re.findall(r"background:var\(--([\w-]+)\)", CSS))
    assert grounds <= TEXTS.keys()
    texts = set(re.findall(r"(?<![-\w])color:var\(--([\w-]+)\)", CSS))
    assert texts <= {text for texts in TEXTS.values() for text in texts}
    assert set(re.findall(r"fill:var\(--([\w-]+)\)", CSS)) <= set(DRAWN)


def test_the_example_is_what_a_run_makes_of_such_a_file() -> None:
    data = b"".join(
        element(int(line.tag[1:5] + line.tag[6:10], 16), line.vr, line.value.encode())
        for line in sorted(EXAMPLE, key=lambda line: line.tag)
    )
    rules = Rules(["PatientName", "PatientBirthDate"], pseudonymize="PatientID", shift="dates")
    after = dicomblank.anonymize_bytes(data, rules, key=dicomblank.Key(bytes(range(32))))
    plan = {edit.keyword: edit for edit in dicomblank.plan(data, rules)}
    for line in EXAMPLE:
        edit = plan.get(line.keyword)
        if edit is None:
            assert ">MR<" in shown(line, "keep")
            continue
        value = after[edit.start : edit.start + edit.length].decode()
        assert f">{value.replace(' ', '·')}<" in shown(line, edit.action)


# The command and the call


def test_the_command_makes_a_page(command: Command, tmp_path: Path) -> None:
    written(tmp_path / "run.jsonl", whole(GOOD, REFUSED))
    done = command("report", "run.jsonl", "--output", "report.html")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "The page is report.html. REVIEW REQUIRED: 1 file refused: nothing was written.\n"
    page = tmp_path / "page.html"
    dicomblank.report_page([tmp_path / "run.jsonl"], page)
    assert page.read_bytes() == (tmp_path / "report.html").read_bytes()
    quiet = command("report", "run.jsonl", "run.jsonl", "-q", "--no-paths", "-o", "other.html")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert "a.dcm" not in (tmp_path / "other.html").read_text()


USAGE: list[tuple[list[str], str]] = [
    (["report", "-o", "x.html"], "RUN.jsonl is missing"),
    (["report", "run.jsonl"], "say where the page goes: --output FILE.html"),
    (["report", "run.jsonl", "-o", "there.html"], "the page there.html exists already"),
    (["report", "gone.jsonl", "-o", "x.html"], "gone.jsonl: No such file or directory"),
    (["report", "study", "-o", "x.html"], "study: Is a directory"),
    (["anonymize", "study", "-o", "out", "--html", "x.html"], "it needs --report FILE.jsonl"),
    (["anonymize", "study", "-o", "out", "--report", "-", "--html", "x.html"], "it can't be one that goes to stdout"),
    (
        ["anonymize", "study", "-o", "out", "--report", "r", "--html", "there.html"],
        "the page there.html exists already",
    ),
    (["anonymize", "study", "-o", "out", "--report", "r", "--html", "r"], "--html and --report are the same file"),
    (["anonymize", "study", "-o", "out", "--report", "r", "--html", "study/x"], "would lie in the source study"),
    (["anonymize", "study", "--in-place", "--report", "r", "--html", "study/x"], "would lie in the source study"),
    (["anonymize", "study", "-o", "out", "--report", "r", "--html", "gone/x"], "gone/x: No such file or directory"),
    (["verify", "study", "study", "--report", "r", "--html", "there.html"], "the page there.html exists already"),
    (["verify", "study", "study", "--html", "x.html"], "it needs --report FILE.jsonl"),
]


@pytest.mark.parametrize("number", range(len(USAGE)))
@pytest.mark.usefixtures("study")
def test_errors_of_usage_come_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    words, said = USAGE[number]
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "run.jsonl", whole(GOOD))
    (tmp_path / "there.html").write_text("there")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(SystemExit) as left:
        main(words)
    out, err = capsys.readouterr()
    assert (left.value.code, out) == (2, "")
    assert said in " ".join(err.split())
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_page_that_would_lie_in_the_output(command: Command, study: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    done = command("anonymize", "study", "-o", "out", "--report", "r", "--html", "out/x.html")
    assert (done.returncode, list((tmp_path / "out").iterdir())) == (2, [])
    assert "the page out/x.html would lie in the output" in done.stderr


FULL = """
import resource, sys
from dicomblank.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
sys.exit(main(sys.argv[1:]))
"""


def test_a_page_that_can_not_be_written_is_not_left_half(study: Path, tmp_path: Path) -> None:
    """The system lets no file grow longer than this, as if the disk were full."""
    written(tmp_path / "run.jsonl", whole(GOOD))
    for words, said in (
        (["report", "run.jsonl", "-o", "page.html"], "File too large"),
        (["anonymize", "study/ct.dcm", "--in-place", "--report", "r", "--html", "page.html"], "the page can't be made"),
    ):
        process = [sys.executable, "-c", FULL, *words]
        done = subprocess.run(process, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 1
        assert said in done.stderr
        assert not (tmp_path / "page.html").exists()


def test_the_call_refuses_what_the_command_refuses(tmp_path: Path) -> None:
    report = written(tmp_path / "run.jsonl", whole(GOOD))
    (tmp_path / "there.html").touch()
    with pytest.raises(FileExistsError):
        dicomblank.report_page([tmp_path / "gone"], tmp_path / "there.html")  # before any report is read
    with pytest.raises(ValueError, match="no report"):
        dicomblank.report_page([], tmp_path / "page.html")
    with pytest.raises(FileNotFoundError):
        dicomblank.report_page([report, tmp_path / "gone"], tmp_path / "page.html")
    with pytest.raises(TypeError):
        dicomblank.report_page(b"run.jsonl", tmp_path / "page.html")  # type: ignore[arg-type]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.jsonl", "there.html"]
