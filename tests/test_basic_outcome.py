"""What a report's page and the command say of the Basic Profile: from the report alone, and never too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import dicomblank
from dicomblank import Rules
from dicomblank.basic import NOT_OFFERED, PROFILE
from dicomblank.basic_outcome import NOT_CERTAIN, outcome_of
from dicomblank.tags import form, spell
from pages import Page, file_row, run_row, whole, written

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command
    from dicomblank import Verdict
    from reports import Json

WORDS = ("blank", "keep", "pseudonymize", "shift", "set", "map", "remove", "empty", "dummy", "by type")


def lists(rules: Rules) -> dict[str, list[str]]:
    """The rules as a report tells them."""
    told: dict[str, list[str]] = {word.replace(" ", "_"): [] for word in WORDS}
    for about, (word, _) in rules._entries.items():
        told[word.replace(" ", "_")].append(named(about))
    return told


def named(about: Any) -> str:
    name = dicomblank._core.keyword_of(about) if isinstance(about, int) else None
    return name or (spell(about) if isinstance(about, int) else str(form(about)))


def run(rules: Rules, level: str | None = None) -> Json:
    return run_row(level=level or rules.level, rules=lists(rules))


def made(tmp_path: Path, rows: list[Json]) -> tuple[Verdict, Page]:
    report, page = written(tmp_path / "run.jsonl", rows), tmp_path / "page.html"
    page.unlink(missing_ok=True)
    return dicomblank.report_page(report, page), Page.of(page)


CONFORMS = "conform to the Basic Profile of PS3.15, edition 2026d"


def test_files_conform_where_nothing_says_otherwise(tmp_path: Path) -> None:
    rules = Rules.basic("retain-uids")
    values = {"PatientName": 2, "StudyDescription": 1, "(0009,1010)": 3, "(60xx,3000)": 1}
    rows = whole(
        file_row(), file_row("b.dcm", "unchanged"), file_row("c.txt", "not-dicom"), run=run(rules), values=values
    )
    verdict, page = made(tmp_path, rows)
    said = page.parts["statement"]
    assert f"2 files {CONFORMS}, with the options retain-uids." in said
    assert (
        "Of the 657 rows of Table E.1-1, 657 were treated as they say; of 4 there were values in these files." in said
    )
    assert all(f"{name}: {why}" in said for name, why in NOT_OFFERED.items())
    assert page.table()[PROFILE[1]][0] == "Y"
    assert page.table()["Retain UIDs Option"][0] == "Y"
    assert "Retain Device Identity Option" not in page.table()
    assert page.table()["clean-graphics"][0] == "N"
    assert verdict.statement[0] == f"2 files {CONFORMS}, with the options retain-uids."


@pytest.mark.parametrize("warning", NOT_CERTAIN)
def test_a_warning_about_a_row_takes_its_file_out(tmp_path: Path, warning: str) -> None:
    rows = whole(file_row(), file_row("b.dcm", warnings=[warning, "short-domain"]), run=run(Rules.basic()))
    said = made(tmp_path, rows)[0].statement[0]
    expected = "1 file conforms to the Basic Profile of PS3.15, edition 2026d, without options"
    assert said == f"{expected}; of 1 other file that is not certain: see the warnings."
    rows = whole(file_row("b.dcm", warnings=[warning]), run=run(Rules.basic()))
    assert "it is said that it conforms: see the warnings" in made(tmp_path, rows)[0].statement[0]


def test_all_of_them_are_words_of_the_core() -> None:
    known = {word for word, _ in dicomblank._core.warnings()}
    assert NOT_CERTAIN.keys() - known <= {"unknown-class"}


@pytest.mark.parametrize(
    ("rules", "names"),
    [
        (Rules.basic().keep("StudyDescription"), "(0008,1030) StudyDescription"),
        (Rules.basic().blank("PatientName"), "(0010,0010) PatientName"),
        (Rules.basic().keep("private"), "private"),
        (Rules.basic().shift("dates"), "dates"),
        (Rules.basic().keep('(0029,"SIEMENS CSA HEADER",10)'), '(0029,"SIEMENS CSA HEADER",10)'),
    ],
    ids=repr,
)
def test_other_rules_take_all_files_out(tmp_path: Path, rules: Rules, names: str) -> None:
    verdict, page = made(tmp_path, whole(file_row(), run=run(rules, "basic")))
    assert "conforms to" not in page.parts["statement"]
    assert f"Other rules stand beside those of the profile: {names}." in verdict.statement
    assert "656 were treated" in verdict.statement[1]


def test_rules_that_a_report_lacks_take_all_files_out(tmp_path: Path) -> None:
    first = run(Rules.basic())
    first["rules"]["remove"].remove("StudyDescription")
    (conformance, rows, others, *_) = made(tmp_path, whole(file_row(), run=first))[0].statement
    assert "of no file it is said that it conforms: other rules stand beside" in conformance
    assert ("656 were treated" in rows, others.endswith(": (0008,1030) StudyDescription.")) == (True, True)
    del first["rules"]["by_type"]
    assert "606 were treated" in made(tmp_path, whole(file_row(), run=first))[0].statement[1]


def test_rules_that_do_as_the_rows_ask_take_none_out(tmp_path: Path) -> None:
    rules = Rules.basic().set("PatientID", "TRIAL-1").blank("SeriesNumber").remove("PatientAge")
    assert made(tmp_path, whole(file_row(), run=run(rules, "basic")))[0].statement[0].startswith("1 file conforms to")


def test_what_an_option_asks_to_be_cleaned_is_told_and_takes_files_out_where_it_stood(tmp_path: Path) -> None:
    rules = Rules.basic("retain-device-identity")
    verdict, _ = made(tmp_path, whole(file_row(), run=run(rules), values={"PatientName": 1}))
    assert verdict.statement[0].startswith("1 file conforms to")
    assert any("Not cleaned as an option asks" in said and "Station AE Title" in said for said in verdict.statement)
    assert "646 were treated as they say" in verdict.statement[1]
    verdict, page = made(tmp_path, whole(file_row(), run=run(rules), values={"StationAETitle": 1}))
    assert "of no file it is said that it conforms: not all could be cleaned." in verdict.statement[0]
    assert page.table()["Retain Device Identity Option"][0] == "P"


def test_a_level_file_that_extends_it_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "trial.toml"
    path.write_text('name = "trial"\nextends = "basic"\noptions = ["retain-uids"]\nset = { PatientID = "1" }\n')
    rules = Rules.from_file(path)
    verdict, page = made(tmp_path, whole(file_row(), run=run(rules)))
    assert verdict.statement[0].startswith("1 file conforms to")
    assert str(rules.level) in page.parts["statement"]


@pytest.mark.parametrize("level", ["anonymize", "pseudonymize", None, "basically@93b1c2f07d5e8a64", "x@1:basic+other"])
def test_other_levels_have_no_statement(tmp_path: Path, level: str | None) -> None:
    verdict, page = made(tmp_path, whole(file_row(), run=run_row(level=level)))
    assert (verdict.statement, "statement" in page.parts) == ((), False)
    assert "Statement" not in page.text
    assert outcome_of(level, {}, ()) is None


@pytest.mark.parametrize("run_of", [{"dry_run": True}, {"after": "shared"}, {"inspect": {"left": True}}])
def test_runs_that_write_nothing_have_none(tmp_path: Path, run_of: Json) -> None:
    first = {name: value for name, value in run(Rules.basic()).items() if name != "destination"} | run_of
    assert made(tmp_path, whole(file_row(outcome="planned"), run=first))[0].statement == ()


def test_runs_over_shards_are_one(tmp_path: Path) -> None:
    rules = Rules.basic()
    reports = [
        written(tmp_path / f"{number}.jsonl", whole(file_row(), run=run(rules), values={name: 1}))
        for number, name in enumerate(("PatientName", "StudyDate"))
    ]
    verdict = dicomblank.report_page(reports, tmp_path / "page.html")
    assert verdict.statement[0].startswith("2 files conform to")
    assert "of 2 there were values" in verdict.statement[1]


def test_the_page_says_what_stays_and_what_was_done(tmp_path: Path) -> None:
    values = {"PatientName": 1, "StudyDescription": 1, "PatientID": 1, "(0009,1010)": 1, "TextValue": 1}
    _, page = made(tmp_path, whole(file_row(), run=run(Rules.basic()), values=values))
    done = {row: cells[1] for row, cells in page.table().items() if len(cells) > 4 and cells[1] != "Action"}
    assert done == {
        "Patient's Name": "emptied",
        "Study Description": "removed",
        "Patient ID": "removed, emptied or replaced by a dummy value, as its type asks",
        "private element": "removed",
        "TextValue": "replaced by a dummy value",
    }
    left = page.parts["left"]
    assert "the preamble" not in left
    assert "CSA" not in left
    assert "Pixels" in left


def test_the_command_says_it_too(command: Command, tmp_path: Path) -> None:
    report = written(tmp_path / "run.jsonl", whole(file_row(), run=run(Rules.basic())))
    done = command("report", report, "-o", tmp_path / "page.html")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 file conforms to the Basic Profile of PS3.15, edition 2026d, without options." in done.stdout
