"""Where leftovers are told beside a run: verify, inspect, plan, and the page of a report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import dicomblank
from dicomblank import Leftovers, Level
from elements import EXPLICIT
from keyed import KEY, write
from leftover_files import ID, NAME, deflated_form, padded, planted
from reports import read

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command

RULES = Level.ANONYMIZE_FULL.rules.blank("AccessionNumber", "SOPInstanceUID")


def test_verify_looks_for_the_original_s_values(tmp_path: Path, command: Command) -> None:
    for name, made in {
        "explicit": planted(NAME, "PatientName"),
        "deflated": deflated_form(NAME, "PatientName"),
    }.items():
        path = write(tmp_path / name, made.data)
        copy = tmp_path / f"{name} of nobody"
        dicomblank.anonymize_copy(path, copy, RULES)
        rows: list[dicomblank.Row] = []
        report = dicomblank.verify(path, copy, RULES, report=rows.append)
        [row] = rows
        assert (row.outcome, report.ok) == ("ok", True)
        assert {leftover.place for leftover in row.leftovers} == {place for place, _ in made.places}
        assert report.leftovers["found"] == row.leftover_count
    done = command("verify", tmp_path / "explicit", tmp_path / "explicit of nobody", "--level", "anonymize-full")
    assert done.returncode == 1  # another level
    dicomblank.anonymize_copy(tmp_path / "explicit", tmp_path / "full", Level.ANONYMIZE_FULL)
    done = command("verify", tmp_path / "explicit", tmp_path / "full", "--level", "anonymize-full")
    assert done.returncode == 0
    assert "Values that were looked for stand elsewhere as well in 1 file" in " ".join(done.stdout.split())
    assert NAME not in done.stdout


def test_verify_finds_a_name_in_the_path_of_the_result(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "SUBJ_DOELING^JONATHAN"
    folder.mkdir(parents=True)
    write(folder / "1.dcm", planted("nothing at all", "").data)
    dicomblank.anonymize_copy(tmp_path / "in", tmp_path / "out", RULES)
    report = dicomblank.verify(tmp_path / "in", tmp_path / "out", RULES)
    assert (report.ok, report.leftover_places) == (True, {"path": 1})


def test_verify_knows_what_was_replaced(tmp_path: Path) -> None:
    for level, key in ((RULES, None), (Level.PSEUDONYMIZE, KEY)):
        for name, made in {"explicit": planted(ID, "PatientID"), "deflated": deflated_form(ID, "PatientID")}.items():
            path = write(tmp_path / name, bytes(128) + made.data[128:])
            copy = tmp_path / f"{name}-{level if isinstance(level, Level) else 'rules'}"
            dicomblank.anonymize_copy(path, copy, level, key=key, leftovers=Leftovers.REPLACE)
            report = dicomblank.verify(path, copy, level, key=key)
            assert report.ok, [(row.outcome, row.kind, row.offset) for row in report.faults]
            assert (report.leftovers["found"], report.leftovers["replaced"] > 5) == (0, True)
            if name == "explicit":
                # Any other byte there is a change.
                data = bytearray(copy.read_bytes())
                at = made.data.index(ID.encode(), made.data.index(b"<patient>"))
                data[at] ^= 1
                copy.write_bytes(data)
                report = dicomblank.verify(path, copy, level, key=key)
                assert [(row.outcome, row.kind, row.offset) for row in report.faults] == [
                    ("changed", "byte-changed", at)
                ]


def test_inspect_looks_for_name_and_id_in_files_that_nothing_was_done_to(tmp_path: Path, command: Command) -> None:
    folder = tmp_path / "in" / "site-04711"
    folder.mkdir(parents=True)
    write(folder / "1.dcm", planted(NAME.upper(), "PatientName").data)
    write(folder / "2.dcm", deflated_form(ID, "PatientID").data)
    write(folder / "3.dcm", planted("nothing at all", "").data)
    inspection = dicomblank.inspect(tmp_path / "in")
    assert inspection.leftovers["path"] == 3
    assert inspection.leftovers["(0029,1002)"] == 2
    assert "(0010,0010)" not in inspection.leftovers
    assert set(inspection.report.leftover_of) == {"PatientName", "PatientID"}
    # A level that blanks the element takes care of it there.
    cared = dicomblank.inspect(tmp_path / "in", Level.ANONYMIZE.rules.blank('(0029,"SOMEBODY 1.0",02)'))
    assert "(0029,1002)" not in cared.leftovers
    assert cared.leftovers["(0029,1003)"] == 2
    done = command("inspect", tmp_path / "in", "--json")
    told = json.loads(done.stdout)["leftovers"]
    assert (told["searched"], told["places"]["path"]) == (3, 3)
    done = command("inspect", tmp_path / "in")
    assert "PatientName and PatientID elsewhere, by place" in done.stdout
    assert "DOELING" not in done.stdout.upper()


def test_inspect_looks_for_known_names(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    known = tmp_path / "known.txt"
    known.write_text("Margarete Roe\n")
    data = EXPLICIT.element(0x0008_0016, "UI", b"1.2\0") + EXPLICIT.element(
        0x0008_103E, "LO", padded(b"seen by ROE^MARGARETE")
    )
    write(folder / "1.dcm", data)
    inspection = dicomblank.inspect(folder, known=known)
    assert (inspection.leftovers, inspection.report.leftover_of) == ({"(0008,103E)": 1}, {"known": 1})


def test_plan_tells_what_a_run_would_leave(tmp_path: Path, command: Command) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    made = planted(NAME, "PatientName")
    path = write(folder / "1.dcm", made.data)
    report = dicomblank.dry_run(folder, RULES, leftovers=Leftovers.WARN)
    assert report.leftovers["files"] == 1
    done = command("plan", path, "--leftovers", "--level", "anonymize-full")
    assert done.returncode == 0
    assert f"left elsewhere: {report.leftovers['found']} places" in done.stdout
    assert "(0040,A730)[1].(0040,A160)" in done.stdout
    done = command("plan", path, "--leftovers", "--json", "--level", "anonymize-full")
    row = json.loads(done.stdout)
    assert {leftover["place"] for leftover in row["leftovers"]} == {place for place, _ in made.places}
    assert (row["leftover_count"], row["not_searched"]) == (report.leftovers["found"], 0)
    done = command("plan", folder, "--leftovers", "--report", tmp_path / "run.jsonl", "--level", "anonymize-full")
    assert "Values that were looked for stand elsewhere as well in 1 file" in " ".join(done.stdout.split())
    lines = read(tmp_path / "run.jsonl")
    assert lines.files[0]["leftover_count"] == row["leftover_count"]
    assert path.read_bytes() == made.data


def test_the_page_tells_of_them(tmp_path: Path) -> None:
    path = write(tmp_path / "1.dcm", planted(NAME, "PatientName").data)
    report = tmp_path / "run.jsonl"
    dicomblank.anonymize_copy(path, tmp_path / "out.dcm", RULES, leftovers=Leftovers.WARN, report=report)
    verdict = dicomblank.report_page(report, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "REVIEW REQUIRED" in str(verdict)
    assert "(0040,A730).(0040,A160)" in page
    assert NAME not in page
