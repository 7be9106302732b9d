"""The calls: every one, on real files, with its errors."""

import array
import io
import mmap
import os
import pickle
import re
import shutil
import threading
from pathlib import Path

import numpy as np
import pydicom
import pytest

import dicomblank
import reports
from dicomblank import Existing, HardLinks, Level, OnError, Pydicom, Sync, Validate
from samples import CT, FULL_TAGS, MR, damaged_ct

FULL = Level.ANONYMIZE_FULL


def changed(before: bytes, after: bytes) -> set[int]:
    """The places at which two byte strings of one length differ."""
    assert len(before) == len(after)
    return {place for place, (old, new) in enumerate(zip(before, after, strict=True)) if old != new}


def places(plan: dicomblank.Plan) -> set[int]:
    return {place for edit in plan for place in range(edit.start, edit.start + edit.length)}


def is_blank(path: Path) -> bool:
    """Whether pydicom reads nothing in the five elements of the default level, which CT_small has some of."""
    dataset = pydicom.dcmread(path)
    return not str(dataset.PatientName).strip() and dataset.PatientID == pydicom.dcmread(CT).PatientID


# plan


def test_a_plan_iterates_edits() -> None:
    plan = dicomblank.plan(CT, FULL)
    data = CT.read_bytes()
    assert plan.size == len(data)
    assert len(plan) == len(list(plan)) == 16
    assert [plan[index].start for index in range(len(plan))] == [edit.start for edit in plan]
    assert plan[-1].start == plan[len(plan) - 1].start
    with pytest.raises(IndexError):
        plan[len(plan)]
    for edit in plan:
        assert (edit.keyword, edit.vr) == FULL_TAGS[edit.tag]
        assert edit.tag_path.endswith(f"({edit.tag >> 16:04X},{edit.tag & 0xFFFF:04X})")
    nested = [edit.tag_path for edit in plan if edit.tag_path.startswith("(0010,1002)")]
    assert nested == ["(0010,1002)[0].(0010,0020)", "(0010,1002)[1].(0010,0020)"]
    assert CT.read_bytes() == data


def test_a_plan_holds_no_value() -> None:
    names = {name for name in dir(dicomblank.Edit) if not name.startswith("_")}
    assert names == {"tag", "keyword", "tag_path", "vr", "start", "length", "action", "state"}
    name = pydicom.dcmread(CT).PatientName.original_string.decode()
    assert name.split("^")[0] not in repr(dicomblank.plan(CT)) + "".join(map(repr, dicomblank.plan(CT)))


@pytest.mark.parametrize("as_source", [str, Path, os.fspath], ids=["str", "Path", "fspath"])
def test_a_path_and_its_bytes_have_one_plan(as_source: type) -> None:
    def rows(plan: dicomblank.Plan) -> list[tuple[object, ...]]:
        return [(edit.tag, edit.keyword, edit.tag_path, edit.vr, edit.start, edit.length) for edit in plan]

    assert rows(dicomblank.plan(as_source(CT), FULL)) == rows(dicomblank.plan(CT.read_bytes(), FULL))


@pytest.mark.parametrize(
    ("level", "count"),
    [(Level.ORIGINAL, 0), ("original", 0), (FULL, 16), ("anonymize-full", 16), (FULL.rules.keep("StudyDate"), 15)],
    ids=["Level", "str", "full", "full str", "Rules"],
)
def test_a_level_may_be_a_keyword(level: Level, count: int) -> None:
    assert len(dicomblank.plan(CT, level)) == len(dicomblank.plan(CT, level=level)) == count


def test_the_default_is_anonymize() -> None:
    data = CT.read_bytes()
    assert dicomblank.anonymize_bytes(data) == dicomblank.anonymize_bytes(data, Level.ANONYMIZE)
    assert [edit.start for edit in dicomblank.plan(CT)] == [edit.start for edit in dicomblank.plan(CT, "anonymize")]
    buffer = bytearray(data)
    dicomblank.anonymize_buffer(buffer)
    assert bytes(buffer) == dicomblank.anonymize_bytes(data, Level.ANONYMIZE) != data


# anonymize_bytes, anonymize_buffer


@pytest.mark.parametrize("level", [level for level in Level if not level.rules.need_key])
def test_only_planned_bytes_change(level: Level) -> None:
    data = CT.read_bytes()
    plan = dicomblank.plan(data, level)
    after = dicomblank.anonymize_bytes(data, level)
    assert type(after) is bytes
    assert changed(data, after) <= places(plan)
    assert all(not after[edit.start : edit.start + edit.length].strip(b" ") for edit in plan)
    assert dicomblank.anonymize_bytes(after, level) == after


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview, lambda data: array.array("B", data), io.BytesIO])
def test_bytes_of_any_kind(make: type) -> None:
    data = make(CT.read_bytes())
    if isinstance(data, io.BytesIO):
        data = data.getbuffer()
    assert dicomblank.anonymize_bytes(data) == dicomblank.anonymize_bytes(CT.read_bytes())
    assert len(dicomblank.plan(data)) == len(dicomblank.plan(CT))


@pytest.mark.parametrize(
    "make",
    [bytearray, lambda data: memoryview(bytearray(data)), lambda data: np.frombuffer(data, np.uint8).copy()],
    ids=["bytearray", "memoryview", "numpy"],
)
def test_a_buffer_is_overwritten(make: type) -> None:
    buffer = make(CT.read_bytes())
    plan = dicomblank.anonymize_buffer(buffer, FULL)
    assert len(plan) == 16
    assert bytes(buffer) == dicomblank.anonymize_bytes(CT.read_bytes(), FULL)


def test_a_map_of_a_file_is_overwritten(ct: Path) -> None:
    with ct.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        dicomblank.anonymize_buffer(mapped, FULL)
    assert ct.read_bytes() == dicomblank.anonymize_bytes(CT.read_bytes(), FULL)


@pytest.mark.parametrize(
    "buffer",
    [CT.read_bytes(), memoryview(CT.read_bytes()), memoryview(bytearray(CT.read_bytes() * 2))[::2], "text", None],
    ids=["bytes", "read-only view", "strided view", "str", "None"],
)
def test_a_buffer_that_can_not_be_overwritten(buffer: bytearray) -> None:
    with pytest.raises((BufferError, TypeError, ValueError)):
        dicomblank.anonymize_buffer(buffer)


def test_a_damaged_buffer_stays_as_it_is() -> None:
    buffer = bytearray(damaged_ct())
    with pytest.raises(dicomblank.ParseError):
        dicomblank.anonymize_buffer(buffer)
    assert bytes(buffer) == damaged_ct()


# anonymize_in_place


def test_a_file_in_place(ct: Path) -> None:
    report = dicomblank.anonymize_in_place(ct, FULL)
    assert ct.read_bytes() == dicomblank.anonymize_bytes(CT.read_bytes(), FULL)
    assert (report.files, report.anonymized, report.edits, report.ok) == (1, 1, 16, True)
    again = dicomblank.anonymize_in_place(str(ct), FULL)
    assert (again.files, again.anonymized, again.unchanged, again.edits) == (1, 0, 1, 0)


def test_original_changes_not_a_byte(ct: Path) -> None:
    report = dicomblank.anonymize_in_place(ct, Level.ORIGINAL)
    assert ct.read_bytes() == CT.read_bytes()
    assert (report.files, report.unchanged) == (1, 1)


def test_a_folder_in_place(study: Path) -> None:
    report = dicomblank.anonymize_in_place(study)
    assert (report.files, report.anonymized, report.not_dicom, report.refused, report.failed) == (3, 2, 1, 0, 0)
    assert is_blank(study / "ct.dcm")
    assert (study / "notes.txt").read_text() == "nothing medical\n"
    assert report.faults == ()
    assert report.ok
    assert report.seconds >= 0
    said = r"<Report: 3 files in \d+\.\d s, 2 anonymized, 1 not-dicom, 3 values blanked>"
    assert re.fullmatch(said, str(report))


@pytest.mark.parametrize("workers", [None, 1, 3])
def test_workers(study: Path, workers: int | None) -> None:
    assert dicomblank.anonymize_in_place(study, workers=workers).anonymized == 2


@pytest.mark.parametrize("workers", [0, -1])
def test_workers_must_be_positive(study: Path, workers: int) -> None:
    with pytest.raises((ValueError, OverflowError)):
        dicomblank.anonymize_in_place(study, workers=workers)
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()


# anonymize_copy


def test_a_file_is_copied_into_the_folder(ct: Path, tmp_path: Path) -> None:
    report = dicomblank.anonymize_copy(ct, f"{tmp_path}/out/", FULL)
    assert report.anonymized == 1
    assert (tmp_path / "out" / "ct.dcm").read_bytes() == dicomblank.anonymize_bytes(CT.read_bytes(), FULL)
    assert ct.read_bytes() == CT.read_bytes()


def test_a_tree_is_mirrored(study: Path, tmp_path: Path) -> None:
    report = dicomblank.anonymize_copy(study, tmp_path / "out", FULL)
    assert (report.files, report.anonymized, report.not_dicom) == (3, 2, 1)
    copies = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert copies == ["ct.dcm", "series/mr"]
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()


def test_an_existing_target(ct: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    dicomblank.anonymize_copy(ct, out, FULL)
    whole = (out / "ct.dcm").read_bytes()
    with pytest.raises(FileExistsError):
        dicomblank.anonymize_copy(ct, out, FULL)
    skipped = dicomblank.anonymize_copy(ct, out, FULL, existing=Existing.SKIP)
    assert (skipped.skipped, skipped.anonymized) == (1, 0)
    (out / "ct.dcm").write_bytes(b"older")
    report = dicomblank.anonymize_copy(ct, out, FULL, existing=Existing.OVERWRITE)
    assert report.anonymized == 1
    assert (out / "ct.dcm").read_bytes() == whole


@pytest.mark.parametrize("target", ["study", "study/series", "."], ids=["is", "inside", "holds"])
def test_a_target_that_is_or_holds_or_lies_inside_the_source(study: Path, target: str) -> None:
    with pytest.raises(ValueError, match="source"):
        dicomblank.anonymize_copy(study, study.parent / target)
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()


# errors


def test_a_damaged_file_raises_its_own_error(ct: Path) -> None:
    ct.write_bytes(damaged_ct())
    with pytest.raises(dicomblank.ParseError) as caught:
        dicomblank.anonymize_in_place(ct, FULL)
    assert caught.value.tag_path == "(0008,0008)"
    assert 0 < caught.value.offset < 1024
    assert ct.read_bytes() == damaged_ct()


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("notes.txt", b"nothing medical", dicomblank.NotDicomError),
        ("cut.dcm", CT.read_bytes()[:0x3A8], dicomblank.TruncatedError),
        ("damaged.dcm", damaged_ct(), dicomblank.ParseError),
    ],
)
def test_each_call_raises_the_same_error(
    tmp_path: Path, name: str, content: bytes, error: type[dicomblank.Error]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    messages = set()
    for call in (
        lambda: dicomblank.plan(path),
        lambda: dicomblank.plan(content),
        lambda: dicomblank.anonymize_bytes(content),
        lambda: dicomblank.anonymize_buffer(bytearray(content)),
        lambda: dicomblank.anonymize_in_place(path),
        lambda: dicomblank.anonymize_copy(path, tmp_path / "out"),
    ):
        with pytest.raises(error) as caught:
            call()
        messages.add(str(caught.value))
    shortest = min(messages, key=len)  # "not a DICOM file" has no place
    assert all(message.startswith(shortest) for message in messages)
    assert len(messages) == 1 or error is dicomblank.NotDicomError
    assert path.read_bytes() == content
    assert not (tmp_path / "out" / name).exists()


@pytest.mark.parametrize("call", [dicomblank.plan, dicomblank.anonymize_in_place])
def test_a_missing_file(call: type, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        call(tmp_path / "missing")


def test_errors_can_be_collected(ct: Path) -> None:
    ct.write_bytes(damaged_ct())
    report = dicomblank.anonymize_in_place(ct, on_error=OnError.COLLECT)
    assert (report.files, report.refused, report.ok) == (1, 1, False)
    (row,) = report.faults
    assert (row.outcome, row.path, row.edits) == ("refused", "ct.dcm", 0)
    assert isinstance(row.exception, dicomblank.ParseError)
    assert row.error == str(row.exception)
    assert (row.kind, row.offset, row.tag_path) == (row.exception.kind, row.exception.offset, row.exception.tag_path)
    assert (row.kind, row.output, row.warnings, row.is_fault) == ("truncated", None, (), True)


def test_a_folder_is_worked_to_its_end_and_then_raises(study: Path) -> None:
    (study / "damaged.dcm").write_bytes(damaged_ct())
    with pytest.raises(dicomblank.IncompleteError, match="1 refused and 0 failed of 4 files") as caught:
        dicomblank.anonymize_in_place(study)
    assert caught.value.report.anonymized == 2
    assert [row.path for row in caught.value.report.faults] == ["damaged.dcm"]
    assert is_blank(study / "ct.dcm")
    assert (study / "damaged.dcm").read_bytes() == damaged_ct()


def test_a_run_keeps_some_faults_and_reports_all(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(10_001):
        (folder / f"{number}.dcm").touch()
    report = dicomblank.anonymize_in_place(folder, on_error=OnError.COLLECT, report=tmp_path / "run.jsonl")
    assert (report.refused, len(report.faults)) == (10_001, 10_000)
    lines = reports.read(tmp_path / "run.jsonl")
    assert (len(lines.files), {row["kind"] for row in lines.files}) == (10_001, {"empty"})


def test_a_folder_with_errors_collected(study: Path, tmp_path: Path) -> None:
    (study / "damaged.dcm").write_bytes(damaged_ct())
    report = dicomblank.anonymize_copy(study, tmp_path / "out", on_error=OnError.COLLECT)
    assert (report.files, report.anonymized, report.refused) == (4, 2, 1)
    assert not (tmp_path / "out" / "damaged.dcm").exists()


@pytest.mark.parametrize(
    ("error", "bases"),
    [
        (dicomblank.NotDicomError, {dicomblank.Error}),
        (dicomblank.ParseError, {dicomblank.Error}),
        (dicomblank.TruncatedError, {dicomblank.Error, dicomblank.ParseError}),
        (dicomblank.LimitError, {dicomblank.Error, dicomblank.ParseError}),
        (dicomblank.UnsupportedError, {dicomblank.Error}),
        (dicomblank.ValidationError, {dicomblank.Error}),
        (dicomblank.ChangedError, {dicomblank.Error}),
        (dicomblank.IncompleteError, {dicomblank.Error}),
    ],
)
def test_the_tree_of_errors(error: type[Exception], bases: set[type[Exception]]) -> None:
    assert set(error.__mro__) - {error, Exception, BaseException, object} == bases


def test_an_error_travels_between_processes() -> None:
    error = dicomblank.TruncatedError("cut short", 0x1F4, "(0040,A730)[2]")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 (our own)
    assert (type(again), str(again), again.offset, again.tag_path) == (
        dicomblank.TruncatedError,
        "cut short",
        0x1F4,
        "(0040,A730)[2]",
    )


# choices


@pytest.mark.parametrize(
    ("choice", "values"),
    [
        (Existing, ["refuse", "skip", "overwrite"]),
        (HardLinks, ["refuse", "write"]),
        (OnError, ["raise", "collect"]),
        (Pydicom, ["ask", "leave-out"]),
        (Validate, ["none", "all"]),
    ],
)
def test_choices(choice: type[Existing], values: list[str]) -> None:
    assert [member.value for member in choice] == values


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("existing", True, "no Existing True: write 'refuse', 'skip' or 'overwrite'"),
        ("existing", "replace", "no Existing 'replace': write 'refuse', 'skip' or 'overwrite'"),
        ("on_error", True, "no OnError True: write 'raise' or 'collect'"),
        ("no_dicom", "ok", "no NoDicom 'ok': write 'refuse' or 'allow'"),
        ("validate", "some", "no Validate 'some': write 'none' or 'all'"),
        ("validate", 1, "no Validate 1: write 'none' or 'all'"),
        ("sync", None, "no Sync None: write 'none' or 'all'"),
    ],
)
def test_what_is_no_choice(ct: Path, tmp_path: Path, name: str, value: object, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        dicomblank.anonymize_copy(ct, tmp_path / "out", **{name: value})  # type: ignore[arg-type]
    assert not (tmp_path / "out" / "ct.dcm").exists()


@pytest.mark.parametrize("choice", [Validate, Sync])
def test_true_is_all_and_false_is_none(choice: type[Validate | Sync]) -> None:
    assert (choice(True), choice(False)) == (choice.ALL, choice.NONE)


def test_pydicom_is_asked_or_left_out(ct: Path) -> None:
    assert (Pydicom(True), Pydicom(False)) == (Pydicom.ASK, Pydicom.LEAVE_OUT)
    with pytest.raises(ValueError, match=r"^no Pydicom 'no': write 'ask' or 'leave-out'$"):
        dicomblank.verify(ct, ct, pydicom="no")  # type: ignore[arg-type]


def test_a_choice_may_be_its_string(ct: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    dicomblank.anonymize_copy(ct, out, validate=True, sync="all")
    ct.write_bytes(damaged_ct())
    report = dicomblank.anonymize_copy(ct, out, existing="overwrite", on_error="collect", validate="none", sync=False)
    assert report.refused == 1
    ct.write_bytes(CT.read_bytes())
    assert dicomblank.anonymize_copy(ct, out, existing="skip").skipped == 1
    assert dicomblank.anonymize_in_place(ct, hard_links="write").anonymized == 1


# validate


def test_validation_passes_sound_files(study: Path) -> None:
    assert dicomblank.anonymize_in_place(study, FULL, validate=Validate.ALL).anonymized == 2


def test_validation_of_a_name_that_is_not_utf8(ct: Path) -> None:
    path = ct.rename(os.fsdecode(os.fsencode(ct.parent) + b"/latin-\xe9.dcm"))
    assert dicomblank.anonymize_in_place(path, validate=Validate.ALL).anonymized == 1


def test_validation_refuses_before_anything_is_written(ct: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dicomblank.validate.second_opinion", lambda *_: "for a test")
    with pytest.raises(dicomblank.ValidationError, match="for a test"):
        dicomblank.anonymize_in_place(ct, validate=Validate.ALL)
    assert ct.read_bytes() == CT.read_bytes()


def test_without_validation_pydicom_is_not_asked(ct: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dicomblank.validate.second_opinion", lambda *_: "for a test")
    assert dicomblank.anonymize_in_place(ct).anonymized == 1


# report and progress


def test_a_report_is_a_file(study: Path, tmp_path: Path) -> None:
    (study / "damaged.dcm").write_bytes(damaged_ct())
    dicomblank.anonymize_in_place(study, report=tmp_path / "run.jsonl", on_error=OnError.COLLECT)
    rows = {row["path"]: row for row in reports.read(tmp_path / "run.jsonl").files}
    assert {path: row["outcome"] for path, row in rows.items()} == {
        "ct.dcm": "anonymized",
        "series/mr": "anonymized",
        "notes.txt": "not-dicom",
        "damaged.dcm": "refused",
    }
    assert {row["source"] for row in rows.values()} == {str(study)}
    assert rows["ct.dcm"]["edits"] == len(dicomblank.plan(CT))
    assert "(0008,0008)" in rows["damaged.dcm"]["error"]
    assert (rows["damaged.dcm"]["kind"], rows["damaged.dcm"]["tag_path"]) == ("truncated", "(0008,0008)")


def test_a_report_must_not_exist(study: Path, tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text("older\n")
    with pytest.raises((ValueError, FileExistsError)):
        dicomblank.anonymize_in_place(study, report=tmp_path / "run.jsonl")
    with pytest.raises(ValueError, match="report"):
        dicomblank.anonymize_in_place(study, report=study / "run.jsonl")
    assert (tmp_path / "run.jsonl").read_text() == "older\n"
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()


def test_a_report_is_called_with_every_row(study: Path) -> None:
    rows: list[dicomblank.Row] = []
    threads = set()

    def take(row: dicomblank.Row) -> None:
        rows.append(row)
        threads.add(threading.current_thread())

    dicomblank.anonymize_in_place(study, report=take)
    assert sorted((row.path, row.outcome) for row in rows) == [
        ("ct.dcm", "anonymized"),
        ("notes.txt", "not-dicom"),
        ("series/mr", "anonymized"),
    ]
    assert threads == {threading.current_thread()}
    assert all((row.error, row.exception) == (None, None) for row in rows if row.outcome == "anonymized")


def test_a_report_is_called_for_a_single_file(ct: Path) -> None:
    rows: list[dicomblank.Row] = []
    dicomblank.anonymize_in_place(ct, report=rows.append)
    assert [(row.path, row.outcome) for row in rows] == [("ct.dcm", "anonymized")]


def test_progress_is_called_on_this_thread(study: Path) -> None:
    seen: list[dicomblank.Progress] = []
    threads = set()

    def take(progress: dicomblank.Progress) -> None:
        seen.append(progress)
        threads.add(threading.current_thread())

    dicomblank.anonymize_in_place(study, progress=take)
    assert threads == {threading.current_thread()}
    assert all(step.done <= step.found for step in seen)
    assert (seen[-1].done, seen[-1].found, seen[-1].listing) == (3, 3, False)


def test_progress_is_called_at_most_ten_times_a_second(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        shutil.copy(MR, folder / f"{number}.dcm")
    calls: list[dicomblank.Progress] = []
    report = dicomblank.anonymize_in_place(folder, progress=calls.append)
    assert report.anonymized == 400
    assert 1 <= len(calls) <= report.seconds * 10 + 2  # the first and the last


def test_other_threads_run_meanwhile(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        shutil.copy(MR, folder / f"{number}.dcm")
    turns = 0
    is_over = threading.Event()

    def turn() -> None:
        nonlocal turns
        while not is_over.is_set():
            turns += 1

    thread = threading.Thread(target=turn)
    thread.start()
    before = turns
    report = dicomblank.anonymize_in_place(folder)
    after = turns
    is_over.set()
    thread.join()
    assert report.anonymized == 400
    assert after - before > 10_000 * report.seconds  # it does a million a second where it is let


@pytest.mark.parametrize("name", ["report", "progress"])
def test_an_error_of_the_callers_own_comes_through(study: Path, name: str) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("for a test")

    with pytest.raises(RuntimeError, match="for a test"):
        dicomblank.anonymize_in_place(study, **{name: fail})  # type: ignore[arg-type]


def test_what_is_printed_is_one_line(study: Path) -> None:
    """A person reads it: one value is one value, and what did not happen is not said."""
    assert str(dicomblank.plan(study / "ct.dcm")) == f"<Plan: 1 edit in {CT.stat().st_size} bytes>"
    assert str(dicomblank.plan(study / "ct.dcm", FULL)).startswith(f"<Plan: {len(dicomblank.plan(CT, FULL))} edits in ")
    report = dicomblank.verify(study / "ct.dcm", study / "ct.dcm", dicomblank.Rules())
    assert re.fullmatch(r"<Report: 1 file in \d+\.\d s, 1 ok>", str(report))
    report = dicomblank.anonymize_in_place(study / "ct.dcm")
    assert re.fullmatch(r"<Report: 1 file in \d+\.\d s, 1 anonymized, 1 value blanked>", str(report))
