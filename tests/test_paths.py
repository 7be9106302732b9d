"""Tag paths: cut in the middle for people, whole wherever a program reads them."""

import json
from pathlib import Path

import pytest

import dicomblank
import reports
from dicomblank import OnError
from dicomblank.cli import main
from elements import EXPLICIT, ITEM, UNDEFINED, file_of

CONTENT, NAME, COMMENTS = 0x0040_A730, 0x0010_0010, 0x0010_4000
DEPTH = 40
AROUND = "(0040,A730)[0]." * DEPTH


def deep(*elements: bytes) -> bytes:
    level = EXPLICIT.header(CONTENT, "SQ", UNDEFINED) + EXPLICIT.framing(ITEM, UNDEFINED)
    return file_of(EXPLICIT, level * DEPTH, *elements)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound"
    path.write_bytes(deep(EXPLICIT.element(NAME, "PN", b"Doe^Jane")))
    return path


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    path = tmp_path / "cut"
    path.write_bytes(deep(EXPLICIT.element(COMMENTS, "LT", b"abc", 99)))
    return path


def test_a_plan_has_whole_paths(sound: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (edit,) = dicomblank.plan(sound)
    assert edit.tag_path == AROUND + "(0010,0010)"
    assert main(["plan", "--json", str(sound)]) == 0
    assert json.loads(capsys.readouterr().out)["edits"][0]["tag_path"] == AROUND + "(0010,0010)"


def test_an_error_has_the_whole_path_beside_its_words(cut: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(dicomblank.TruncatedError, match=r"more\)") as caught:
        dicomblank.plan(cut)
    assert caught.value.tag_path == AROUND + "(0010,4000)"
    assert len(str(caught.value)) < 400
    assert main(["plan", "--json", str(cut)]) == 1
    row = json.loads(capsys.readouterr().out)
    assert (row["offset"], row["tag_path"]) == (caught.value.offset, caught.value.tag_path)
    assert (row["error"], row["kind"]) == (str(caught.value), caught.value.kind)


def test_a_report_has_whole_paths(cut: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    dicomblank.anonymize_in_place(cut, report=report, on_error=OnError.COLLECT)
    (row,) = reports.read(report).files
    with pytest.raises(dicomblank.TruncatedError) as caught:
        dicomblank.plan(cut)
    assert (row["offset"], row["tag_path"]) == (caught.value.offset, AROUND + "(0010,4000)")
    assert "more)" in row["error"]


def test_what_has_no_place_has_no_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text").write_text("nothing medical")
    assert main(["plan", "--json", str(tmp_path / "text")]) == 1
    assert set(json.loads(capsys.readouterr().out)) == {"file", "error", "kind"}
