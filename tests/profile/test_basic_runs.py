"""Levels that change lengths, through the calls and every command: the profile, files that extend it, and `remove`."""

from __future__ import annotations

import io
import json
import shutil
from typing import TYPE_CHECKING

import pytest
from pydicom import config, dcmread

import dicomblank
from dicomblank import Existing, Rules
from dicomblank.validate_rewritten import fault
from keyed import KEY, OTHER
from profile_checker import Checker
from samples import CT, MR

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command
    from dicomblank import Row

OPTIONS = ["retain-uids", "retain-longitudinal-modified-dates"]
BASIC = f"""
name = "trial-7"
extends = "basic"
options = {json.dumps(OPTIONS)}
keep = ["SeriesDescription"]
[set]
PatientID = "TRIAL-7-SUBJECT-0001"
"""
REMOVING = """
name = "less"
extends = "anonymize"
keep = ["OperatorsName"]
remove = ["private", "StudyDescription", "InstitutionName"]
"""
KEYED = [BASIC, None]


@pytest.fixture(autouse=True)
def _as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config.settings, "reading_validation_mode", config.IGNORE)


def rules_of(folder: Path, text: str | None) -> Rules:
    """Those of a level file, or of the profile."""
    if text is None:
        return Rules.basic()
    path = folder / "level.toml"
    path.write_text(text)
    return Rules.from_file(path)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix == ".dcm")


@pytest.mark.parametrize("text", [None, BASIC, REMOVING], ids=["basic", "extends basic", "extends anonymize"])
def test_through_the_calls(study: Path, text: str | None) -> None:
    rules, out, report = rules_of(study.parent, text), study.parent / "out", study.parent / "run.jsonl"
    key = KEY if text in KEYED else None
    assert dicomblank.anonymize_copy(study, out, rules, key=key, report=report).anonymized == 2
    assert dicomblank.verify(study, out, rules, key=key).ok
    first = json.loads(report.read_text().splitlines()[0])
    assert first["level"] == rules.level
    assert "StudyDescription" in first["rules"]["remove"]
    assert dicomblank.inspect(study, rules).level == rules.level
    told = {edit.action for edit in dicomblank.plan(study / "ct.dcm", rules, key=key)}
    assert "remove" in told
    assert ("empty" in told) == (text in KEYED)
    data = (study / "ct.dcm").read_bytes()
    assert dicomblank.anonymize_bytes(data, rules, key=key) == (out / "ct.dcm").read_bytes()
    after = dcmread(out / "ct.dcm")
    assert "StudyDescription" not in after
    assert not any(element.tag.is_private for element in after)


@pytest.mark.parametrize("text", [None, BASIC, REMOVING], ids=["basic", "extends basic", "extends anonymize"])
def test_in_place_twice_is_once(study: Path, text: str | None) -> None:
    rules, key = rules_of(study.parent, text), KEY if text in KEYED else None
    shutil.copytree(study, study.parent / "before")
    assert dicomblank.anonymize_in_place(study, rules, key=key).anonymized == 2
    done = {path: path.read_bytes() for path in files(study)}
    report = dicomblank.anonymize_in_place(study, rules, key=key)
    assert (report.unchanged, report.anonymized) == (2, 0)
    assert {path: path.read_bytes() for path in files(study)} == done
    assert dicomblank.verify(study.parent / "before", study, rules, key=key).ok
    copied = dicomblank.anonymize_copy(study.parent / "before", study, rules, key=key, existing=Existing.SKIP)
    assert copied.skipped == 2


def test_a_file_is_refused_under_another_key_or_other_options(study: Path) -> None:
    dicomblank.anonymize_in_place(study, Rules.basic(), key=KEY)
    for rules, key, kind in (
        (Rules.basic(), OTHER, "other-key"),
        (Rules.basic("retain-device-identity"), KEY, "other-rules"),
    ):
        rows: list[Row] = []
        report = dicomblank.anonymize_in_place(study, rules, key=key, on_error="collect", report=rows.append)
        assert (report.refused, {row.kind for row in rows if row.outcome == "refused"}) == (2, {kind})


@pytest.mark.parametrize("change", ["PatientName", "StudyDescription", "Manufacturer", "PixelData", "SOPInstanceUID"])
def test_verify_finds_what_is_not_as_it_should_be(study: Path, change: str) -> None:
    out = study.parent / "out"
    dicomblank.anonymize_copy(study, out, "basic", key=KEY)
    before, after = dcmread(study / "ct.dcm"), dcmread(out / "ct.dcm")
    if change in {"Manufacturer", "PixelData"}:
        value = after[change].value
        after[change].value = value[1:] + value[:1]
    else:
        after[change] = before[change]
    after.save_as(out / "ct.dcm")
    report = dicomblank.verify(study, out, "basic", key=KEY)
    assert {row.outcome for row in report.faults} <= {"leak", "changed"}
    assert len(report.faults) == 1


def test_pydicom_has_a_word_before_a_file_is_written(study: Path) -> None:
    out = study.parent / "out"
    assert dicomblank.anonymize_copy(study, out, "basic", key=KEY, validate=True).anonymized == 2
    assert dicomblank.anonymize_in_place(study, "basic", key=KEY, validate=True).anonymized == 2
    assert (study / "ct.dcm").read_bytes() == (out / "ct.dcm").read_bytes()


def test_copies_are_what_the_checker_asks_for(study: Path) -> None:
    out, checker = study.parent / "out", Checker()
    dicomblank.anonymize_copy(study, out, "basic", key=KEY)
    faults = [fault for path in files(study) for fault in checker.compare_files(path, out / path.relative_to(study))]
    assert faults == []


@pytest.mark.parametrize("text", [BASIC, REMOVING], ids=["extends basic", "extends anonymize"])
def test_a_level_file_through_every_command(command: Command, study: Path, text: str) -> None:
    called = rules_of(study.parent, text).level
    assert called is not None
    assert command("key", "new", "secret.key").returncode == 0
    words = ["--level", "level.toml", *(["--key", "secret.key"] if text == BASIC else [])]

    planned = command("plan", "study", *words, "--report", "plan.jsonl")
    assert (planned.returncode, f"at the level {called}" in planned.stdout) == (0, True)
    done = command("anonymize", "study", "-o", "out", *words, "--report", "run.jsonl", "--html", "run.html")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"at the level {called}" in done.stdout
    verified = command("verify", "study", "out", *words, "--report", "verify.jsonl")
    assert (verified.returncode, f"are what the level {called} makes" in verified.stdout) == (0, True)
    looked = command("inspect", "study", "--level", "level.toml", "--json", "--report", "inspect.jsonl")
    assert (looked.returncode, json.loads(looked.stdout)["level"]) == (0, called)
    for report in ("plan", "run", "verify", "inspect"):
        assert json.loads((study.parent / f"{report}.jsonl").read_text().splitlines()[0])["level"] == called
    page = (study.parent / "run.html").read_text()
    assert called in page
    assert ("Statement of conformance" in page) == (text == BASIC)
    # It keeps a description.
    assert "conforms to the Basic" not in page + done.stdout
    shown = command("levels", "level.toml")
    assert (shown.returncode, shown.stdout.splitlines()[0].split(" ")[0]) == (0, called)

    assert command("shard", "study", "--into", "shards", "--files", "10").returncode == 0
    manifest = next((study.parent / "shards").glob("*.jsonl"))
    shard = ["run-shard", manifest, "-o", "sharded", "--ledger", "ledger", *words]
    assert command(*shard).returncode == 0
    for path in files(out := study.parent / "out"):
        assert path.read_bytes() == (study.parent / "sharded" / path.relative_to(out)).read_bytes()


def test_the_profile_through_the_command(command: Command, study: Path) -> None:
    assert command("key", "new", "secret.key").returncode == 0
    words = ["--level", "basic", "--option", "retain-uids", "--option", "retain-device-identity", "--key", "secret.key"]
    done = command("anonymize", "study", "-o", "out", *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 files anonymized at the level basic+retain-device-identity+retain-uids" in done.stdout
    assert (
        "2 files conform to the Basic Profile of PS3.15, edition 2026d, with the options retain-device" in done.stdout
    )
    assert f"dicomblank verify study out {' '.join(words)}" in " ".join(done.stdout.split())
    assert command("verify", "study", "out", *words).returncode == 0
    assert command("verify", "study", "out", *words[:2], *words[-2:]).returncode == 1


@pytest.mark.parametrize("words", [["--remove", "StudyDescription,private"], ["--remove", "(0029,ACME,10)"]])
def test_remove_by_the_command_needs_no_key(command: Command, study: Path, words: list[str]) -> None:
    done = command("anonymize", "study", "-o", "out", *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "at the level anonymize with --remove" in done.stdout
    after = dcmread(study.parent / "out" / "ct.dcm")
    assert ("StudyDescription" in after) == (words[1] == "(0029,ACME,10)")
    assert "PatientIdentityRemoved" not in after
    assert command("verify", "study", "out", *words).returncode == 0


def test_no_key_is_an_error_of_usage(command: Command, study: Path) -> None:
    done = command("anonymize", "study", "-o", "out", "--level", "basic")
    assert (done.returncode, done.stdout) == (2, "")
    assert "key" in done.stderr
    assert not (study.parent / "out").exists()


def test_a_buffer_can_not_change_its_length() -> None:
    for rules, key in ((Rules.basic(), KEY), (Rules(remove="StudyDescription"), None)):
        buffer = bytearray(CT.read_bytes())
        with pytest.raises(dicomblank.UnsupportedError, match="anonymize_bytes"):
            dicomblank.anonymize_buffer(buffer, rules, key=key)
        assert buffer == CT.read_bytes()


def test_references_hold_across_files() -> None:
    results = [
        dcmread(io.BytesIO(dicomblank.anonymize_bytes(path.read_bytes(), "basic", key=KEY))) for path in (CT, CT, MR)
    ]
    assert results[0].StudyInstanceUID == results[1].StudyInstanceUID != results[2].StudyInstanceUID


def test_pydicom_alone_sees_what_is_not_blank_where_something_was_removed(tmp_path: Path) -> None:
    rules = Rules("PatientName", remove="StudyDescription")
    after = dcmread(io.BytesIO(dicomblank.anonymize_bytes(CT.read_bytes(), rules)))
    for name, verdict in ((str(after.PatientName), None), ("Doe^Jane", "leak")):
        after.PatientName = name
        after.save_as(tmp_path / "after.dcm")
        with CT.open("rb") as before, (tmp_path / "after.dcm").open("rb") as file:
            found = fault(before, file, rules._native)
        assert (found[0] if found else None) == verdict


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, None),
        ({"OtherPatientNames": "Doe^Jane"}, "leak"),
        ({"PatientName": "Doe^Jane"}, "leak"),
        ({"SOPInstanceUID": dcmread(CT).SOPInstanceUID}, "leak"),
        ({"Rows": 7}, "changed"),
        ({"Modality": None}, "changed"),
        ({"NumberOfFrames": "1"}, "changed"),
    ],
    ids=repr,
)
def test_pydicom_alone_sees_what_is_wrong_with_a_result(
    tmp_path: Path, change: dict[str, object], verdict: str | None
) -> None:
    after = dcmread(io.BytesIO(dicomblank.anonymize_bytes(CT.read_bytes(), "basic", key=KEY)))
    for keyword, value in change.items():
        if value is None:
            delattr(after, keyword)
        else:
            setattr(after, keyword, value)
    after.save_as(tmp_path / "after.dcm")
    with CT.open("rb") as before, (tmp_path / "after.dcm").open("rb") as file:
        found = fault(before, file, Rules.basic()._native)
        assert (found[0] if found else None) == verdict
        found = fault(before, before, Rules.basic()._native)
        assert found is not None
        assert found[0] == "leak"
