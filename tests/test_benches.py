"""The benchmarks: they measure the level that there is, and BENCHMARKS.md shows what was measured and nothing else."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dicomblank
from benches.peers import __main__ as command
from benches.peers import building, corpora, jobs, markers, measuring, pseudonyms, references, tables
from benches.peers.programs import Kind, Program
from dicomblank import Key, Level

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
RESULTS, PAGE = ROOT / "benches/results", ROOT / "BENCHMARKS.md"


def test_the_blanked_tags_are_those_of_the_level() -> None:
    assert tuple(markers.ANONYMIZE_FULL) == Level.ANONYMIZE_FULL.rules.blanked


@pytest.mark.parametrize("corpus", corpora.SMALL, ids=lambda corpus: corpus.name)
def test_every_value_is_there_before_and_gone_after(corpus: corpora.Small) -> None:
    data = bytearray(corpus.template())
    assert len(data) == corpus.size
    assert markers.left_in([bytes(data)]) == markers.Left(19, 19)
    dicomblank.anonymize_buffer(data, Level.ANONYMIZE_FULL)
    assert markers.left_in([bytes(data)]) == markers.Left(0, 0)


def test_the_values_are_told_apart() -> None:
    values = [markers.value(tag, nested=nested) for tag in markers.ANONYMIZE_FULL for nested in (False, True)]
    assert len(set(values)) == len(values)
    for value in values:
        assert sum(markers.left_in([value])) == 1


def test_digits_inside_a_uid_are_no_value() -> None:
    date = markers.value(0x0008_0020, nested=False)
    assert markers.left_in([b"1.2." + date]) == markers.Left(0, 0)
    assert markers.left_in([date + b"7"]) == markers.Left(0, 0)
    assert markers.left_in([b"\0" + date + b"\0"]) == markers.Left(1, 0)


@pytest.mark.parametrize("corpus", corpora.LARGE, ids=lambda corpus: corpus.name)
def test_a_large_file_is_one_that_can_be_walked(corpus: corpora.Large, tmp_path: Path) -> None:
    corpora.Large(corpus.name, 4_000_000, corpus.encapsulated).write(tmp_path / "files")
    (file,) = (tmp_path / "files").iterdir()
    assert len(dicomblank.plan(file, Level.ANONYMIZE_FULL)) == 19 + 19 + 2 * 2000


def test_files_differ_in_their_numbers_alone(tmp_path: Path) -> None:
    corpora.SMALL[0].write(tmp_path / "files", 1001)
    first, last = (tmp_path / f"files/{name}.dcm" for name in ("0000/00000000", "0001/00001000"))
    assert first.read_bytes().replace(b"00000000", b"00001000") == last.read_bytes()


def test_an_odd_value_is_padded_as_its_vr_wants() -> None:
    assert building.element(0x0008_0018, "UI", b"1.2") == b"\x08\0\x18\0UI\x04\x001.2\0"
    assert building.element(0x0010_0020, "LO", b"abc") == b"\x10\0\x20\0LO\x04\0abc "


def test_what_is_measured_is_built_as_what_is_shipped() -> None:
    profiles = [
        tomllib.loads((ROOT / name).read_text())["profile"] for name in ("Cargo.toml", "benches/rust/Cargo.toml")
    ]
    assert profiles[0]["release"] == profiles[1]["release"]


@pytest.mark.parametrize("job", jobs.JOBS, ids=lambda job: job.name)
def test_the_page_shows_the_results_and_nothing_else(job: jobs.Job) -> None:
    page = PAGE.read_text(encoding="utf-8")
    results = json.loads((RESULTS / job.file).read_text(encoding="utf-8"))
    assert not results["quick"]
    assert tables.in_page(page, job.file) == job.block(results)
    assert job.chart is None or f"benches/results/{job.chart}" in page


def test_the_readme_has_the_figures_that_were_measured() -> None:
    results = json.loads((RESULTS / "results.json").read_text(encoding="utf-8"))
    rows = {
        (row["corpus"], row["program"]): tables.rounded(tables.rate(row))
        for row in results["rows"]
        if row["place"] == "memory"
    }
    peers = [program["name"] for program in results["programs"] if program["kind"] == "peer"]
    assert len(peers) == 5
    words = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    for corpus, said in (
        ("8 KB", "{} a second in place; the fastest of five other programs does {}."),
        ("528 KB", "it is {} and {}."),
    ):
        ours = rows[corpus, "dicomblank API in place, 1 worker"]
        fastest = max((rows[corpus, peer] for peer in peers), key=lambda rate: float(rate.replace(",", "")))
        assert said.format(ours, fastest) in words


def test_a_page_without_the_block_has_none() -> None:
    one, other = (tables.block(file, "a table") for file in ("one.json", "other.json"))
    assert tables.in_page("words", "one.json") is None
    assert tables.in_page(f"words {other} words", "one.json") is None
    assert tables.in_page(f"words {other} words {one} words", "one.json") == one
    assert tables.in_page(f"words {other} words {one} words", "other.json") == other


def test_programs_of_which_the_same_is_said_stand_in_one_line() -> None:
    peer = {"kind": "peer", "version": "1.0", "note": "more"}
    floors = [{"name": name, "kind": "floor", "version": "", "note": "less"} for name in ("one", "two")]
    ours = {"name": "ours", "kind": "dicomblank", "version": "", "note": "itself"}
    assert tables.notes({"programs": [ours, *floors, {"name": "other", **peer}]}) == (
        "- one; two: less.\n- other (1.0): more."
    )


def test_a_table_says_that_the_machine_was_busy() -> None:
    machine = {"processor": "P", "processors": 2, "memory_gib": 4, "system": "S", "load_at_start": 2.0}
    results = {"date": "2026-01-01", "machine": machine, "rounds": 1, "times": 1, "values": 2}
    assert "other work" not in tables.where(results)
    machine["load_at_start"] = 2.1
    assert tables.where(results).endswith("The machine had other work to do: its load was 2.1 at the start.")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ["anonymize-full", "pseudonyms", "profile"]),
        (["--job", "pseudonyms"], ["pseudonyms"]),
        (["--job", "pseudonyms", "--job", "anonymize-full"], ["anonymize-full", "pseudonyms"]),
    ],
)
def test_jobs_are_chosen_by_name(words: list[str], expected: list[str]) -> None:
    assert [job.name for job in jobs.named(command.arguments(words).job)] == expected


def test_a_job_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.arguments(["--job", "pseudonym"])
    assert "anonymize-full" in capsys.readouterr().err


def test_the_help_names_every_job(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.arguments(["--help"])
    shown = "".join(capsys.readouterr().out.split())  # as long as a line is, and broken at hyphens
    assert all(f"{job.name}:{job.about.replace(' ', '')}" in shown for job in jobs.JOBS)


def test_a_quick_run_leaves_the_page_as_it_is() -> None:
    assert command.arguments([]).results == RESULTS
    assert command.arguments(["--job", "pseudonyms", "--quick"]).results != RESULTS


def test_a_job_changes_its_own_part_of_the_page_alone(tmp_path: Path) -> None:
    one, other = (replace(job, body=lambda results: str(results["said"])) for job in jobs.JOBS[:2])
    page = tmp_path / "page.md"
    page.write_text(f"words\n{one.block({'said': 'as it was'})}\n{other.block({'said': 'old'})}\n")
    command.update(page, other, {"said": "new"})
    assert page.read_text() == f"words\n{one.block({'said': 'as it was'})}\n{other.block({'said': 'new'})}\n"
    page.write_text("words\n")
    with pytest.raises(ValueError, match=r"marks of pseudonyms\.json"):
        command.update(page, other, {"said": "new"})


def test_what_is_not_there_or_not_named_is_left_out() -> None:
    there = Program("there", Kind.PEER, lambda *_: [], True, "", "1.0", (1, 1, 1))
    both = [there, replace(there, name="missing", version=None)]
    assert measuring.chosen(both, None) == [there]
    assert measuring.chosen(both, ["the", "other"]) == [there]
    assert measuring.chosen(both, ["other"]) == []


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> references.Files:
    folder = tmp_path_factory.mktemp("studies")
    references.write(folder)
    return references.read(folder)


def changed(files: references.Files, change: Callable[[int, dict[str, str]], dict[str, str]]) -> references.Files:
    return {key: replace(file, values=file.values | change(key, file.values)) for key, file in files.items()}


def test_the_studies_are_whole_before(studies: references.Files) -> None:
    assert len(studies) == 16
    assert references.broken(studies, studies) == []
    numbers = {name: len({file.values[name] for file in studies.values()}) for name in references.VALUES}
    assert numbers == {
        "StudyInstanceUID": 4,
        "SeriesInstanceUID": 8,
        "FrameOfReferenceUID": 4,
        "SOPInstanceUID": 16,
        "PatientID": 2,
        "AccessionNumber": 4,
        "StudyID": 4,
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda _, _old: {"PatientID": ""}, ["PatientID gone"]),
        (lambda _, _old: {"PatientID": "ANONYMIZED"}, ["different PatientID are equal"]),
        (lambda key, _old: {"PatientID": str(key)}, ["equal PatientID differ"]),
        (lambda key, _old: {"StudyInstanceUID": f"1.2.{key}"}, ["equal StudyInstanceUID differ"]),
        (lambda key, old: {"StudyID": "" if key == 3 else old["StudyID"]}, ["equal StudyID differ"]),
        (lambda _, _old: {"ReferencedImageSequence": ""}, ["ReferencedImageSequence gone"]),
        (lambda _, _old: {"ReferencedSeriesSequence": "1.2.3"}, ["ReferencedSeriesSequence names no file"]),
        (
            lambda key, _old: {"SOPInstanceUID": f"1.2.{key}"},
            [f"{name} names no file" for name in references.REFERENCES],
        ),
        (lambda _, old: {name: value[::-1] for name, value in old.items()}, []),
    ],
)
def test_what_does_not_hold_is_named(
    studies: references.Files, change: Callable[[int, dict[str, str]], dict[str, str]], expected: list[str]
) -> None:
    assert references.broken(studies, changed(studies, change)) == expected


def test_a_file_that_is_missing_is_told(studies: references.Files) -> None:
    fewer = {key: file for key, file in studies.items() if key}
    assert references.broken(studies, fewer) == ["1 file missing"]
    assert references.unlike(studies, fewer) == ["the files"]


def test_runs_agree_or_what_differs_is_named(studies: references.Files) -> None:
    assert references.unlike(studies, studies) == []
    other = changed(studies, lambda key, _old: {"StudyID": "other"} if key == 5 else {})
    assert references.unlike(studies, other) == ["StudyID"]


def test_lengths_are_those_of_replaced_values(studies: references.Files) -> None:
    assert references.replaced(studies, studies) == []
    other = changed(studies, lambda _, old: {"StudyID": old["StudyID"][::-1], "PatientID": "longer than it was"})
    assert references.replaced(studies, other) == ["PatientID", "StudyID"]
    assert references.same_length(studies, other) == ["StudyID"]
    assert references.same_size(studies, other)
    assert not references.same_size(studies, {key: replace(file, size=1) for key, file in studies.items()})


def test_pseudonyms_hold_the_studies_together(studies: references.Files, tmp_path: Path) -> None:
    runs: list[references.Files] = []
    for key in (Key(bytes(32)), Key(bytes(32)), Key(bytes(31) + b"1")):
        folder = tmp_path / str(len(runs))
        references.write(folder)
        dicomblank.anonymize_in_place(folder, Level.PSEUDONYMIZE, key=key)
        runs.append(references.read(folder))
    assert references.broken(studies, runs[0]) == []
    assert references.unlike(runs[0], runs[1]) == []
    assert references.unlike(runs[0], runs[2]) == [*references.VALUES, *references.REFERENCES]
    assert references.same_length(studies, runs[0]) == list(references.VALUES)
    assert references.same_size(studies, runs[0])


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, ("yes", "yes")),
        ({"broken": ["StudyID gone", "PatientID gone"]}, ("no: StudyID gone, PatientID gone", "yes")),
        ({"unlike": [*references.UIDS, "MediaStorageSOPInstanceUID", "StudyID"]}, ("yes", "no: UIDs, StudyID")),
        ({"unlike": ["StudyInstanceUID"]}, ("yes", "no: StudyInstanceUID")),
        ({"replaced": []}, ("yes", "nothing is replaced")),
        ({"failure": "exit code 1"}, ("failed", "failed")),
    ],
)
def test_the_verdicts_in_words(found: dict[str, object], expected: tuple[str, str]) -> None:
    good = {"failure": None, "broken": [], "unlike": [], "replaced": ["StudyID"]}
    assert pseudonyms.verdicts(good | found) == expected
