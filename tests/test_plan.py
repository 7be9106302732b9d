"""`plan` says how far each value is, folds equal ones, counts those of folders, and touches nothing."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections import Counter
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dicomblank
from dicomblank import Key, Level, NoDicom
from dicomblank.commands.plan import STATES
from dicomblank.dry_summary import rows_of_states
from dicomblank.folding import folded
from dicomblank.inputs import sources_of
from dicomblank.run import Run
from elements import EXPLICIT, deflated, file_of, part10
from reports import read
from samples import CT, MR, SAMPLES, at_hand, damaged_ct

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from conftest import Command

# More than can wait for somebody who reads them: 16 lists of 256.
COUNT = 12_000

KEY = Key(bytes(range(32)))
NAME = EXPLICIT.element(0x0010_0010, "PN", b"Doe^Jane")
BLANK = EXPLICIT.element(0x0010_0010, "PN", b"        ")


def states(plan: Iterable[dicomblank.Edit]) -> Counter[str | None]:
    return Counter(edit.state for edit in plan)


# States


@pytest.mark.parametrize("level", [Level.ANONYMIZE, Level.ANONYMIZE_FULL])
def test_what_was_blanked_is_blank_already(level: Level, ct: Path) -> None:
    count = len(dicomblank.plan(ct, level))
    assert states(dicomblank.plan(ct, level)) == {"to-do": count}
    assert states(dicomblank.plan(ct.read_bytes(), level)) == {"to-do": count}
    dicomblank.anonymize_in_place(ct, level)
    assert states(dicomblank.plan(ct, level)) == {"blank": count}
    assert states(dicomblank.plan(ct.read_bytes(), level)) == {"blank": count}


def test_some_are_blank(ct: Path) -> None:
    dicomblank.anonymize_in_place(ct, Level.ANONYMIZE)
    plan = dicomblank.plan(ct, Level.ANONYMIZE_FULL)
    blank = {edit.start for edit in dicomblank.plan(ct, Level.ANONYMIZE)}
    assert {edit.start for edit in plan if edit.state == "blank"} == blank
    assert states(plan) == {"blank": len(blank), "to-do": len(plan) - len(blank)}


@pytest.mark.parametrize("key", [None, KEY], ids=["without the key", "with it"])
def test_what_was_replaced_is_done_already(key: Key | None, ct: Path) -> None:
    before = dicomblank.plan(ct, Level.PSEUDONYMIZE, key=key)
    assert states(before) == {"to-do": len(before)}
    dicomblank.anonymize_in_place(ct, Level.PSEUDONYMIZE, key=KEY)
    after = {(edit.action, edit.state) for edit in dicomblank.plan(ct, Level.PSEUDONYMIZE, key=key)}
    assert after == {("pseudonymize", "done"), ("shift", "done"), ("blank", "blank")}
    if key is not None:
        with pytest.raises(dicomblank.UnsupportedError, match="another key"):
            dicomblank.plan(ct, Level.PSEUDONYMIZE, key=Key.generate())


def test_a_text_is_set_once(ct: Path) -> None:
    rules = Level.ORIGINAL.rules.set("PatientID", "x")
    assert states(dicomblank.plan(ct, rules))["to-do"] == len(dicomblank.plan(ct, rules))
    dicomblank.anonymize_in_place(ct, rules)
    assert states(dicomblank.plan(ct, rules)) == {"done": len(dicomblank.plan(ct, rules))}


def test_a_deflated_file_has_states_too() -> None:
    for element, state in ((NAME, "to-do"), (BLANK, "blank")):
        assert states(dicomblank.plan(part10("1.2.840.10008.1.2.1.99", deflated(element)))) == {state: 1}


def test_nobody_has_looked_at_a_plan_that_was_carried_out() -> None:
    plan = dicomblank.anonymize_buffer(bytearray(CT.read_bytes()))
    assert states(plan) == {None: len(plan)}
    assert "to-do" not in repr(plan[0])
    assert repr(dicomblank.plan(CT)[0]).endswith(", to-do>")


def test_a_key_that_is_not_needed_is_an_error() -> None:
    for source in (CT, CT.read_bytes()):
        with pytest.raises(ValueError, match="no rule needs one"):
            dicomblank.plan(source, key=KEY)


def test_no_state_of_a_value() -> None:
    with pytest.raises(ValueError, match="no state"):
        dicomblank.Edit(0x0010_0010, "(0010,0010)", "PN", 0, 2, "blank", "left")


# Folding


def edit(path: str, start: int, vr: str = "LO", length: int = 4, state: str = "to-do") -> dicomblank.Edit:
    tag = int(path[-10:-1].replace(",", ""), 16)
    return dicomblank.Edit(tag, path, vr, start, length, "blank", state)


A, B, C = "(5200,9230)", "(0020,9111)", "(0010,0010)"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([], []),
        ([edit(C, 16)], [(C, "0x10", 1)]),
        ([edit(C, 16), edit(C, 32)], [(C, "0x10", 1), (C, "0x20", 1)]),
        ([edit(f"{A}[{n}].{C}", 16 + n) for n in range(20)], [(f"{A}[0…19].{C}", "0x10…0x23", 20)]),
        ([edit(f"{A}[{n}].{C}", n) for n in (0, 1, 3, 5, 6)],
         [(f"{A}[0…1].{C}", "0x0…0x1", 2), (f"{A}[3].{C}", "0x3", 1), (f"{A}[5…6].{C}", "0x5…0x6", 2)]),
        ([edit(f"{A}[{n}].{B}[0].{C}", n) for n in range(3)], [(f"{A}[0…2].{B}[0].{C}", "0x0…0x2", 3)]),
        ([edit(f"{A}[{n}].{B}[{m}].{C}", 8 * n + m) for n in range(3) for m in range(2)],
         [(f"{A}[0…2].{B}[0…1].{C}", "0x0…0x11", 6)]),
        # The last item of the outer sequence has one more.
        ([edit(f"{A}[{n}].{B}[{m}].{C}", 8 * n + m) for n in range(3) for m in range(2 + n // 2)],
         [(f"{A}[0…1].{B}[0…1].{C}", "0x0…0x9", 4), (f"{A}[2].{B}[0…2].{C}", "0x10…0x12", 3)]),
        # Each of these is another value.
        ([edit(f"{A}[0].{C}", 0), edit(f"{A}[1].{C}", 1, vr="PN")],
         [(f"{A}[0].{C}", "0x0", 1), (f"{A}[1].{C}", "0x1", 1)]),
        ([edit(f"{A}[0].{C}", 0), edit(f"{A}[1].{C}", 1, length=2)],
         [(f"{A}[0].{C}", "0x0", 1), (f"{A}[1].{C}", "0x1", 1)]),
        ([edit(f"{A}[0].{C}", 0), edit(f"{A}[1].{C}", 1, state="blank")],
         [(f"{A}[0].{C}", "0x0", 1), (f"{A}[1].{C}", "0x1", 1)]),
        ([edit(f"{A}[0].{C}", 0), edit(f"{B}[1].{C}", 1)], [(f"{A}[0].{C}", "0x0", 1), (f"{B}[1].{C}", "0x1", 1)]),
        # An element that stands twice in each item.
        ([edit(f"{A}[{n // 2}].{C}", n) for n in range(4)],
         [(f"{A}[0…1].{C}", "0x0…0x2", 2), (f"{A}[0…1].{C}", "0x1…0x3", 2)]),
    ],
)  # fmt: skip
def test_what_is_folded(edits: list[dicomblank.Edit], expected: list[tuple[str, str, int]]) -> None:
    assert [(fold.path, fold.place, fold.count) for fold in folded(edits)] == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 2)), max_size=40))
def test_what_is_folded_is_all_there_once(places: list[tuple[int, int, int]]) -> None:
    edits = [edit(f"{A}[{a}].{B}[{b}].{A}[{c}].{C}", place) for place, (a, b, c) in enumerate(sorted(places))]
    found: Counter[tuple[int, ...]] = Counter()
    for fold in folded(edits):
        inside = list(product(*(range(first, last + 1) for first, last in fold.ranges)))
        assert len(inside) == fold.count
        found.update(inside)
    assert found == Counter(places)


def test_a_table_is_folded(command: Command, tmp_path: Path) -> None:
    frames = [EXPLICIT.item(EXPLICIT.sequence(0x0020_9111, EXPLICIT.item(NAME))) for _ in range(20)]
    (tmp_path / "frames.dcm").write_bytes(file_of(EXPLICIT, NAME, EXPLICIT.sequence(0x5200_9230, *frames)))
    done = command("plan", "frames.dcm")
    title, _, own, nested = done.stdout.splitlines()
    assert title.startswith("frames.dcm: 21 values, 168 of ")
    assert own.split()[-3:] == ["to", "do", "(0010,0010)"]
    assert nested.split()[-3:] == ["to", "do", "(5200,9230)[0…19].(0020,9111)[0].(0010,0010)"]
    assert done.returncode == 0


def test_a_table_tells_what_is_done_already(command: Command, tmp_path: Path) -> None:
    study_id = EXPLICIT.element(0x0020_0010, "SH", b"x ")
    (tmp_path / "file").write_bytes(file_of(EXPLICIT, NAME, BLANK, study_id))
    done = command("plan", "file", "--set", "StudyID=x")
    title, _, *rows = done.stdout.splitlines()
    assert title.endswith(" bytes, 1 blank already, 1 done already")
    assert [" ".join(row.split()[6:-1]) for row in rows] == ["to do", "blank already", "done already"]


# Folders


@pytest.fixture
def mixed(study: Path) -> Path:
    """A folder with files of many outcomes: 2 and 1 to do, 1 blank, 1 refused, 1 not DICOM, a link, an archive."""
    (study / "damaged.dcm").write_bytes(damaged_ct())
    (study / "twice").write_bytes(file_of(EXPLICIT, NAME, BLANK))
    (study / "blank").write_bytes(file_of(EXPLICIT, BLANK))
    (study / "link").symlink_to("ct.dcm")
    (study / "scans.zip").write_bytes(b"PK\3\4")
    return study


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {os.fspath(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_a_folder_is_counted_by_tag(command: Command, mixed: Path) -> None:
    before = snapshot(mixed.parent)
    done = command("plan", "study")
    assert done.returncode == 1
    refused = [line for line in done.stderr.splitlines() if line.startswith("refused: study/damaged.dcm: ")]
    assert len(refused) == len(done.stderr.splitlines()) == 1
    sentences, _, table = done.stdout.partition("\n\n")
    assert sentences.splitlines() == [
        "3 files have 4 values to blank, 1 has none, or none any more, at the level anonymize. No file was changed.",
        "1 file would be refused.",
        "1 other file is not DICOM and was left alone (notes.txt).",
        "1 link was not followed: link -> ct.dcm.",
        "1 archive was not looked into (scans.zip). Unpack it first.",
    ]
    assert [line.split() for line in table.splitlines()] == [
        ["tag", "name", "files", "values", "to", "do", "blank", "already", "done", "already"],
        ["(0008,1070)", "OperatorsName", "1", "1", "1", "0", "0"],
        ["(0010,0010)", "PatientName", "4", "5", "3", "2", "0"],
    ]
    assert snapshot(mixed.parent) == before


def test_files_and_folders_are_counted_together(command: Command, mixed: Path) -> None:
    shutil.copy(MR, mixed.parent / "mr.dcm")
    done = command("plan", "study/series", "mr.dcm", "study/notes.txt")
    assert (done.returncode, done.stderr) == (1, "not DICOM: study/notes.txt\n")
    assert done.stdout.splitlines()[0].startswith("2 files have 4 values to blank, at the level anonymize. ")


def test_a_folder_as_json_is_a_line_for_each_file(command: Command, mixed: Path) -> None:
    done = command("plan", "study", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    lines = {line["file"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert set(lines) == {
        f"study/{name}"
        for name in ("ct.dcm", "series/mr", "notes.txt", "damaged.dcm", "twice", "blank", "link", "scans.zip")
    }
    for name in ("ct.dcm", "series/mr", "damaged.dcm", "twice", "blank"):
        assert lines[f"study/{name}"] == json.loads(command("plan", f"study/{name}", "--json").stdout)
    assert [edit["state"] for edit in lines["study/twice"]["edits"]] == ["to-do", "blank"]
    kinds = {name: lines[f"study/{name}"]["kind"] for name in ("notes.txt", "link", "scans.zip", "damaged.dcm")}
    assert kinds == {
        "notes.txt": "not-dicom",
        "link": "symbolic-link",
        "scans.zip": "archive",
        "damaged.dcm": "truncated",
    }
    assert all(lines[f"study/{name}"]["error"] for name in kinds)


def test_a_folder_without_dicom(command: Command, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    done = command("plan", "nothing")
    assert (done.returncode, done.stderr) == (1, "no DICOM file found in nothing\n")
    assert command("plan", "nothing", "--allow-empty").returncode == 0
    (tmp_path / "nothing" / "link").symlink_to("nowhere")
    assert "nothing but symbolic links found" in command("plan", "nothing", "--allow-empty").stderr


def test_a_report_of_a_dry_run(command: Command, mixed: Path) -> None:
    done = command("plan", "study", "--report", "run.jsonl", "--workers", "2")
    lines = read(mixed.parent / "run.jsonl")
    assert (lines.run["dry_run"], done.returncode) == (True, 1)
    assert {row["path"]: row["outcome"] for row in lines.files} == {
        "ct.dcm": "planned",
        "series/mr": "planned",
        "twice": "planned",
        "blank": "unchanged",
        "damaged.dcm": "refused",
        "notes.txt": "not-dicom",
        "scans.zip": "archive",
        "link": "skipped",
    }
    assert lines.end is not None
    assert lines.end["values"] == {"OperatorsName": 1, "PatientName": 3}
    assert lines.end["states"] == {
        "OperatorsName": {"files": 1, "values": 1, "to-do": 1, "blank": 0, "done": 0},
        "PatientName": {"files": 4, "values": 5, "to-do": 3, "blank": 2, "done": 0},
    }
    to_stdout = command("plan", "study/ct.dcm", "--report", "-")
    assert [json.loads(line)["row"] for line in to_stdout.stdout.splitlines()] == ["run", "file", "end"]
    assert to_stdout.stderr.startswith("1 file has 1 value to blank, at the level anonymize. ")


def test_a_folder_is_planned_with_a_key(command: Command, study: Path, tmp_path: Path) -> None:
    KEY.save(tmp_path / "secret.key")
    words = ["plan", "study", "--level", "pseudonymize"]
    assert "to blank or replace, at the level pseudonymize" in command(*words).stdout
    dicomblank.anonymize_in_place(study, Level.PSEUDONYMIZE, key=KEY)
    for more in ([], ["--key", "secret.key"]):
        done = command(*words, *more)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("2 files have none, or none any more, at the level pseudonymize. ")
    Key.generate().save(tmp_path / "other.key")
    done = command(*words, "--key", "other.key")
    assert (done.returncode, done.stdout.splitlines()[1]) == (1, "2 files would be refused.")
    assert "a key is given, and no rule needs one" in command("plan", "study", "--key", "other.key").stderr


# The API


def test_a_dry_run_counts_what_each_plan_has() -> None:
    """Over all files at hand: a loop over their plans, and the counts of the driver."""
    for level in (Level.ANONYMIZE_FULL, Level.PSEUDONYMIZE):
        counts: dict[str, Counter[str]] = {}
        outcomes: Counter[str] = Counter()
        for path in at_hand():
            try:
                plan = dicomblank.plan(path, level)
            except (dicomblank.Error, OSError) as error:
                outcomes["not-dicom" if getattr(error, "kind", "") in {"not-dicom", "archive"} else "refused"] += 1
                continue
            todo = [edit for edit in plan if edit.state == "to-do"]
            outcomes["planned" if todo else "unchanged"] += 1
            for edit in plan:
                assert edit.state is not None
                counts.setdefault(edit.keyword, Counter()).update(["values", edit.state])
            for keyword in {edit.keyword for edit in plan}:
                counts[keyword]["files"] += 1
        report = dicomblank.dry_run(at_hand(), level)
        words = ("files", "values", "to-do", "blank", "done")
        assert report.states == {name: {word: found[word] for word in words} for name, found in counts.items()}
        assert report.counts["planned"] == report.planned == outcomes["planned"] > 100
        assert report.unchanged == outcomes["unchanged"]
        assert report.refused == outcomes["refused"]
        assert report.not_dicom + report.archives == outcomes["not-dicom"]
        assert report.values == {name: found["to-do"] for name, found in counts.items() if found["to-do"]}
        assert report.edits == sum(report.values.values())


@pytest.mark.parametrize("level", [Level.ANONYMIZE_FULL, Level.PSEUDONYMIZE])
def test_a_run_does_what_a_dry_run_says(level: Level, tmp_path: Path) -> None:
    study = tmp_path / "study"
    shutil.copytree(SAMPLES / "dicomdirtests" / "77654033", study)
    for path in (study, *study.rglob("*")):
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    key = KEY if level is Level.PSEUDONYMIZE else None
    planned = dicomblank.dry_run(study, level, key=key)
    done = dicomblank.anonymize_in_place(study, level, key=key)
    assert (done.anonymized, done.values) == (planned.planned, planned.values)
    assert not done.states
    again = dicomblank.dry_run(study, level, key=key)
    assert (again.planned, again.edits, again.unchanged) == (0, 0, planned.planned)
    for name, counts in again.states.items():
        before = planned.states[name]
        assert (counts["files"], counts["values"], counts["to-do"]) == (before["files"], before["values"], 0)


def test_reports_of_dry_runs_add_up_and_travel(mixed: Path) -> None:
    report = dicomblank.dry_run(mixed)
    assert pickle.loads(pickle.dumps(report)) == report  # noqa: S301
    assert repr(report).endswith(", 4 values to blank>")
    both = report + dicomblank.dry_run(mixed, Level.ANONYMIZE_FULL)
    assert both.states["PatientName"] == {"files": 8, "values": 10, "to-do": 6, "blank": 4, "done": 0}
    assert both.states["StudyDate"]["files"] == 2
    assert both != report


def test_what_a_dry_run_takes(mixed: Path) -> None:
    rows: list[dicomblank.Row] = []
    far: list[dicomblank.Progress] = []
    report = dicomblank.dry_run(mixed, report=rows.append, progress=far.append, workers=1)
    assert (len(rows), far[-1].done, report.files, report.ok) == (8, 8, 8, False)
    (mixed / "nothing").mkdir()
    assert dicomblank.dry_run(mixed / "nothing").without_dicom == (os.fspath(mixed / "nothing"),)
    assert dicomblank.dry_run(mixed / "nothing", no_dicom=NoDicom.ALLOW).ok
    with pytest.raises(ValueError, match="no rule needs one"):
        dicomblank.dry_run(mixed, key=KEY)
    with pytest.raises(FileNotFoundError):
        dicomblank.dry_run(mixed / "missing")


def test_plans_are_told_where_they_are_kept(mixed: Path) -> None:
    plans: dict[str, dicomblank.Plan] = {}
    for keeps in (False, True):
        run = Run.plan(sources_of(mixed), Level.ANONYMIZE, keeps_plans=keeps)
        run(on_plan=lambda row, plan: plans.update({row.path: plan}))
        assert set(plans) == ({"ct.dcm", "series/mr", "twice", "blank"} if keeps else set())
    assert plans["ct.dcm"] == dicomblank.plan(mixed / "ct.dcm")

    def fails(row: object, plan: object) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        Run.plan(sources_of(mixed), Level.ANONYMIZE, keeps_plans=True)(on_plan=fails)


def test_a_dry_run_that_is_stopped(mixed: Path) -> None:
    run = Run.plan(sources_of(mixed), Level.ANONYMIZE)
    run.stop()
    assert (report := run()).complete is False
    assert report.files <= 8


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_dry_run(number: signal.Signals, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    (many / "00000").write_bytes(file_of(EXPLICIT, NAME))
    for index in range(1, COUNT):
        os.link(many / "00000", many / f"{index:05}")
    process = subprocess.Popen(
        [sys.executable, "-m", "dicomblank", "plan", "many", "--json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,  # what a buffer of ours had read, communicate would not give
    )
    assert process.stdout is not None
    first = process.stdout.readline()  # and no more, so that it soon waits for a reader
    process.send_signal(number)
    rest, said = process.communicate(timeout=60)
    stderr = said.decode()
    lines = [json.loads(line) for line in (first + rest).splitlines()]
    assert process.returncode == 128 + number
    assert 0 < len(lines) < COUNT
    assert all(len(line["edits"]) == 1 for line in lines)
    assert re.fullmatch(r"interrupted: [\d,]+( of [\d,]+)? files are done; no file was changed\n", stderr)
    assert int(stderr.split()[1].replace(",", "")) == len(lines)


def test_the_rows_of_states_are_in_the_order_of_the_tags(tmp_path: Path) -> None:
    overlays = [EXPLICIT.element(tag, "OW", b"ab") for tag in (0x6000_3000, 0x6002_3000)]
    private = [EXPLICIT.element(0x0009_0010, "LO", b"AC"), EXPLICIT.element(0x0009_1001, "LO", b"ab")]
    (tmp_path / "file").write_bytes(file_of(EXPLICIT, *private, NAME, *overlays))
    rules = Level.ANONYMIZE.rules.blank("OverlayData", '(0009,"AC",01)')
    _, rows = rows_of_states(dicomblank.dry_run(tmp_path, rules))
    assert rows == [
        ("(0009,1001)", "", "1", "1", "1", "0", "0"),
        ("(0010,0010)", "PatientName", "1", "1", "1", "0", "0"),
        ("(60xx,3000)", "OverlayData", "1", "2", "2", "0", "0"),
    ]


def test_each_state_has_words() -> None:
    assert set(STATES) == set(dicomblank.dry_run(CT).states["PatientName"]) - {"files", "values"}
