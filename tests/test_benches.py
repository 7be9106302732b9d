"""The benchmarks: they measure the level that there is, and BENCHMARKS.md shows what was measured and nothing else."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

import dicomblank
from benches.peers import building, corpora, markers, tables
from dicomblank import Level

ROOT = Path(__file__).parents[1]
RESULTS, PAGE = ROOT / "benches/results/results.json", ROOT / "BENCHMARKS.md"


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


def test_the_page_shows_the_results_and_nothing_else() -> None:
    shown = tables.in_page(PAGE.read_text(encoding="utf-8"))
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert not results["quick"]
    assert shown == tables.block(results)
    assert "benches/results/results.png" in PAGE.read_text(encoding="utf-8")


def test_the_readme_has_the_figures_that_were_measured() -> None:
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
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
    assert tables.in_page("words") is None
    assert tables.in_page(f"words {tables.BEGIN} a table {tables.END} words") == f"{tables.BEGIN} a table {tables.END}"


def test_programs_of_which_the_same_is_said_stand_in_one_line() -> None:
    peer = {"kind": "peer", "version": "1.0", "note": "more"}
    floors = [{"name": name, "kind": "floor", "version": "", "note": "less"} for name in ("one", "two")]
    ours = {"name": "ours", "kind": "dicomblank", "version": "", "note": "itself"}
    assert tables.notes({"programs": [ours, *floors, {"name": "other", **peer}]}) == (
        "- one; two: less.\n- other (1.0): more."
    )
