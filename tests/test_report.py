"""The report file: what docs/report.md says of it is what stands in it, and names stay what they are."""

from __future__ import annotations

import errno
import itertools
import json
import os
import re
import resource
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dicomblank
from dicomblank import Level, OnError, Rules, _core
from dicomblank.cli import main
from dicomblank.inputs import sources_of
from dicomblank.run import Run
from elements import EXPLICIT, ITEM, UNDEFINED, deflated, file_of, part10
from reports import read
from samples import CT, damaged_ct

if TYPE_CHECKING:
    from conftest import Command
    from reports import Json, Lines

DOCUMENT = (Path(__file__).parents[1] / "docs" / "report.md").read_text()
NAME = EXPLICIT.element(0x0010_0010, "PN", b"Doe^Jane")
SMALL = file_of(EXPLICIT, NAME)
NOT_DONE = {"refused", "failed"}

# What the document says


def between(name: str) -> str:
    (found,) = re.findall(rf"<!-- {name}: begin -->\n(.*?)\n<!-- {name}: end -->", DOCUMENT, re.DOTALL)
    return str(found)


@pytest.mark.parametrize(("name", "head"), [("kinds", "`kind`"), ("warnings", "word")])
def test_the_lists_of_words_are_those_of_the_core(name: str, head: str) -> None:
    words: list[tuple[str, str]] = getattr(_core, name)()
    table = "\n".join([f"| {head} | what it means |", "|---|---|", *(f"| `{word}` | {said} |" for word, said in words)])
    assert between(name) == table, f"paste between the markers of {name} in docs/report.md:\n{table}"


def keys_of(section: str) -> tuple[set[str], set[str]]:
    """The fields that a section of the document lists: those that are always there, and all of them."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## )", DOCUMENT, re.DOTALL | re.MULTILINE)
    fields = re.findall(r"^\| `(\w+)` \| ([^|]*) \| ", text, re.MULTILINE)
    return {name for name, when in fields if when == "always"}, {name for name, _ in fields}


RUN, FILE, END = keys_of("The first row: the run"), keys_of("A row for each file"), keys_of("The last row: the end")
PACE = keys_of("A row now and then: the pace")
OUTCOMES = set(re.findall(r"^\| `([\w-]+)` \| [^|]+ \| [01]", DOCUMENT, re.MULTILINE))
KINDS = {word for word, _ in _core.kinds()}
WARNINGS = {word for word, _ in _core.warnings()}


def check(lines: Lines) -> None:
    """Whether rows are as they are documented, each by itself and all together."""
    rows = [(lines.run, RUN), *((row, FILE) for row in lines.files), *([(lines.end, END)] if lines.end else [])]
    rows += [(row, PACE) for row in lines.pace]
    for row, (needed, known) in rows:
        assert needed <= row.keys() <= known, row
    assert len(lines.run.keys() & {"destination", "after", "dry_run"}) == 1
    for row in lines.files:
        assert row["outcome"] in OUTCOMES
        assert row.get("kind") in KINDS | {None}
        assert set(row.get("warnings", ())) <= WARNINGS
        assert "warnings" not in row or row["warnings"]
        assert "kind" in row or not row.keys() & {"error", "offset", "tag_path"}
        assert "kind" in row or row["outcome"] not in NOT_DONE
    if lines.end is not None:
        counts = dict(lines.end["counts"])
        assert counts.pop("files") == len(lines.files)
        assert counts.pop("edits") == sum(lines.end["values"].values()) == sum(row["edits"] for row in lines.files)
        assert lines.end["files_with"].keys() == lines.end["values"].keys()
        for tag, files in lines.end["files_with"].items():
            assert 0 < files <= min(lines.end["values"][tag], sum(row["edits"] > 0 for row in lines.files))
        found = [row["outcome"] for row in lines.files]
        assert counts == {outcome: found.count(outcome) for outcome in set(found)}


OPTIONAL = {"destination", "after", "dry_run", "pydicom", "inspect", "files_from", "shard", "exclude"}


def test_the_document_lists_every_outcome_of_a_report() -> None:
    assert set(dicomblank.anonymize_copy(CT, "/dev/null", on_error="collect").counts) == OUTCOMES
    assert (RUN[1] - RUN[0], len(FILE[0])) == (OPTIONAL, 5)


# Rows of real runs


@pytest.fixture
def mixed(study: Path) -> Path:
    """A folder with files of many outcomes."""
    overlays = [EXPLICIT.element(tag, "OW", b"ab") for tag in (0x6000_3000, 0x6002_3000)]
    (study / "damaged.dcm").write_bytes(damaged_ct())
    (study / "cut.dcm").write_bytes(CT.read_bytes()[:0x3A8])
    (study / "empty.dcm").touch()
    (study / "zeros").write_bytes(file_of(EXPLICIT, NAME, *overlays, bytes(8)))
    (study / "link").symlink_to("ct.dcm")
    (study / "archive").write_bytes(b"PK\3\4")
    (study / "blank").write_bytes(dicomblank.anonymize_bytes(SMALL))
    return study


WORDS = [
    ("archive", "archive", "archive", []),
    ("blank", "unchanged", None, []),
    ("ct.dcm", "anonymized", None, []),
    ("cut.dcm", "refused", "truncated", []),
    ("damaged.dcm", "refused", "truncated", []),
    ("empty.dcm", "refused", "empty", []),
    ("link", "skipped", "symbolic-link", []),
    ("notes.txt", "not-dicom", None, []),
    ("series/mr", "anonymized", None, []),
    ("zeros", "anonymized", None, ["trailing-zeros"]),
]


@pytest.mark.parametrize("workers", [1, 4])
def test_rows_in_place(mixed: Path, tmp_path: Path, workers: int) -> None:
    level = Level.ANONYMIZE.rules.blank(["OverlayData", "(0011,1010)"]).keep("PatientBirthDate")
    before = datetime.now(UTC).replace(microsecond=0)
    report = dicomblank.anonymize_in_place(
        mixed, level, hard_links="write", on_error="collect", report=tmp_path / "rows", workers=workers
    )
    lines = read(tmp_path / "rows")
    check(lines)
    assert lines.run["version"] == dicomblank.__version__
    assert lines.run["level"] is None
    assert lines.run["rules"]["keep"] == ["PatientBirthDate"]
    assert {"PatientName", "(60xx,3000)", "(0011,1010)"} <= set(lines.run["rules"]["blank"])
    assert lines.run["destination"] == {"in_place": True, "hard_links": "write", "unmarked": "refuse"}
    assert lines.run["sources"] == [str(mixed)]
    assert before <= datetime.strptime(lines.run["start"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    found = [(row["path"], row["outcome"], row.get("kind"), row.get("warnings", [])) for row in lines.files]
    assert sorted(found) == WORDS
    assert all((row["source"], row.get("output")) == (str(mixed), None) for row in lines.files)
    (cut,) = (row for row in lines.files if row["path"] == "cut.dcm")
    with pytest.raises(dicomblank.TruncatedError) as caught:
        dicomblank.plan(mixed / "cut.dcm")
    error = caught.value
    assert [cut[key] for key in ("kind", "offset", "tag_path", "error")] == [
        error.kind,
        error.offset,
        error.tag_path,
        str(error),
    ]
    assert lines.end is not None
    assert lines.end["end"] == "complete"
    assert lines.end["values"] == report.values
    assert lines.end["files_with"] == report.files_with
    # Of two groups: one keyword, and one file.
    assert (report.values["OverlayData"], report.files_with["OverlayData"]) == (2, 1)
    assert report.files_with["PatientName"] == 3
    assert report.edits == lines.end["counts"]["edits"] == sum(row["edits"] for row in lines.files)
    assert 0 <= lines.end["seconds"] - report.seconds + 0.001 < 0.01


def test_rows_of_copies(mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for existing in ("refuse", "refuse", "skip", "overwrite"):
        (tmp_path / "rows").unlink(missing_ok=True)
        dicomblank.anonymize_copy(
            mixed, out, Level.ANONYMIZE_FULL, existing=existing, on_error="collect", report=tmp_path / "rows"
        )
        lines = read(tmp_path / "rows")
        check(lines)
        assert lines.run["level"] == "anonymize-full"
        assert lines.run["destination"] == {"output": str(out), "existing": existing}
        written = {row["path"]: row["output"] for row in lines.files if "output" in row}
        assert written == {path: str(out / path) for path in written}
        kinds = {row.get("kind") for row in lines.files}
        assert ("copied-already" in kinds, "exists" in kinds) == (
            existing == "skip",
            not written and existing != "skip",
        )
        assert all("error" not in row for row in lines.files if row.get("kind") == "copied-already")


def test_rows_of_verify(mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    dicomblank.anonymize_copy(mixed, out, on_error="collect")
    (out / "ct.dcm").write_bytes(CT.read_bytes())
    (out / "zeros").write_bytes((out / "zeros").read_bytes() + bytes(2))
    (out / "series" / "mr").unlink()
    (out / "more.dcm").write_bytes(SMALL)
    dicomblank.verify(mixed, out, report=tmp_path / "rows")
    lines = read(tmp_path / "rows")
    check(lines)
    assert (lines.run["after"], lines.run["level"], lines.run["pydicom"]) == (str(out), "anonymize", "ask")
    found = {row["path"]: (row["outcome"], row.get("kind"), row.get("output")) for row in lines.files}
    assert found["ct.dcm"] == ("leak", "value-left", str(out / "ct.dcm"))
    assert found["zeros"] == ("changed", "other-size", str(out / "zeros"))
    assert found["blank"] == ("ok", None, str(out / "blank"))
    assert found["series/mr"][0] == "missing"
    assert found["more.dcm"][0] == "extra"
    assert found["cut.dcm"][:2] == ("refused", "truncated")
    assert found["notes.txt"][0] == "not-dicom"


def test_rows_of_another_level(study: Path, tmp_path: Path) -> None:
    dicomblank.anonymize_copy(study, tmp_path / "out", "anonymize-full")
    dicomblank.verify(study, tmp_path / "out", pydicom=False, report=tmp_path / "rows")
    lines = read(tmp_path / "rows")
    check(lines)
    assert lines.run["pydicom"] == "leave-out"
    told = [(row["outcome"], row.get("levels")) for row in lines.files]
    assert sorted(told) == [("not-dicom", None), *[("other-level", ["anonymize-full"])] * 2]


def test_a_rule_on_one_overlay_is_not_told_as_one_on_all(ct: Path, tmp_path: Path) -> None:
    dicomblank.anonymize_in_place(ct, Rules(["(6002,3000)", "PatientID"]), report=tmp_path / "rows")
    assert sorted(read(tmp_path / "rows").run["rules"]["blank"]) == ["(6002,3000)", "PatientID"]


@pytest.mark.parametrize("is_verified", [False, True])
def test_a_run_of_more_than_a_second_says_how_far_it_is(study: Path, tmp_path: Path, is_verified: bool) -> None:
    """The thread that tells of rows is the one that writes the pace: a slow function makes the run slow."""
    out, rows = tmp_path / "out", tmp_path / "rows"
    if is_verified:
        dicomblank.anonymize_copy(study, out)
    run = Run.verify(sources_of(study), out, "anonymize", report=rows) if is_verified else None
    run = run or Run.anonymize(sources_of(study), out, "anonymize", report=rows)
    run(lambda _: time.sleep(0.4))
    lines = read(rows)
    check(lines)
    assert lines.end is not None
    assert lines.pace
    assert all(0 < row["files"] <= 3 for row in lines.pace)
    times = [0.0, *(row["seconds"] for row in lines.pace)]
    assert all(after - before > 0.99 for before, after in itertools.pairwise(times))
    assert times[-1] <= lines.end["seconds"]


def test_a_report_of_no_file_at_all(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    dicomblank.anonymize_in_place(tmp_path / "nothing", no_dicom="allow", report=tmp_path / "rows")
    lines = read(tmp_path / "rows")
    check(lines)
    assert lines.end is not None
    assert (lines.files, lines.end["counts"], lines.end["values"]) == ([], {"files": 0, "edits": 0}, {})
    assert (lines.pace, lines.end["files_with"]) == ([], {})


# Errors


def rewritten(path: str, *_: object) -> None:
    """A validation during which the file changes."""
    Path(path).write_bytes(SMALL + bytes(2))


def broken(*_: object) -> str | None:
    raise KeyError("for a test")


def disputing(*_: object) -> str | None:
    return "for a test"


DEEP = EXPLICIT.header(0x0040_A730, "SQ", UNDEFINED) + EXPLICIT.framing(ITEM, UNDEFINED)
ERRORS = {
    "not-dicom": (b"nothing medical", None, dicomblank.NotDicomError, "not-dicom"),
    "archive": (b"PK\3\4", None, dicomblank.NotDicomError, "archive"),
    "a sequence of nothing": (
        file_of(EXPLICIT, EXPLICIT.sequence(0x0040_A730, NAME)),
        None,
        dicomblank.ParseError,
        "not-an-item",
    ),
    "damaged": (b"nothing medical", "a.dcm", dicomblank.ParseError, "damaged"),
    "truncated": (SMALL[:-3], None, dicomblank.TruncatedError, "truncated"),
    "too deep": (file_of(EXPLICIT, DEEP * 500), None, dicomblank.LimitError, "too-deep"),
    "jpip": (part10("1.2.840.10008.1.2.4.95", deflated(NAME)), None, dicomblank.UnsupportedError, "jpip"),
    "linked": (SMALL, "linked", dicomblank.UnsupportedError, "hard-links"),
    "disputed": (SMALL, disputing, dicomblank.ValidationError, "disputed"),
    "broken": (SMALL, broken, dicomblank.Error, "not-validated"),
    "changed": (SMALL, rewritten, dicomblank.ChangedError, "changed"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_each_kind_has_its_exception(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    data, how, error, kind = ERRORS[name]
    path = tmp_path / (how if how == "a.dcm" else "a")
    path.write_bytes(data)
    if how == "linked":
        (tmp_path / "b").hardlink_to(path)
    if callable(how):
        monkeypatch.setattr("dicomblank.validate.second_opinion", how)
    report = dicomblank.anonymize_in_place(path, validate=callable(how), on_error="collect", report=tmp_path / "rows")
    (row,) = report.faults
    assert (type(row.exception), getattr(row.exception, "kind", None)) == (error, kind)
    assert row.kind == (None if kind == "not-dicom" else kind)
    lines = read(tmp_path / "rows")
    check(lines)
    assert [lines.files[0].get(key) for key in ("kind", "error", "offset")] == [row.kind, row.error, row.offset]
    assert row.error in {None, str(row.exception)}
    path.write_bytes(data)
    with pytest.raises(dicomblank.Error) as caught:
        dicomblank.anonymize_in_place(path, validate=callable(how))
    assert (type(caught.value), caught.value.kind) == (error, kind)


# The end, whatever it is


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Files that take a second or more if they are validated."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(2_000):
        (folder / f"{number:04}").write_bytes(SMALL)
    return folder


def start(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    """The command at work, with the first row of a file in its report."""
    words = [sys.executable, "-m", "dicomblank", "anonymize", "many", "--in-place", "--report", "rows", *options]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*words, "--validate"], cwd=folder, stdout=quiet, stderr=quiet)
    deadline = time.monotonic() + 60
    report = folder / "rows"
    while not report.exists() or b'"file"' not in report.read_bytes():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return process


def test_a_report_of_a_run_that_was_killed_has_no_end(many: Path, tmp_path: Path) -> None:
    with start(tmp_path) as process:
        process.kill()
    lines = read(tmp_path / "rows")
    check(lines)
    assert lines.end is None
    assert 0 < len(lines.files) < 2_000
    done = {path.name for path in many.iterdir() if path.read_bytes() != SMALL}
    assert {row["path"] for row in lines.files} <= done


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_report_of_a_run_that_was_stopped_says_so(many: Path, tmp_path: Path, number: signal.Signals) -> None:
    with start(tmp_path) as process:
        process.send_signal(number)
    lines = read(tmp_path / "rows")
    check(lines)
    assert lines.end is not None
    assert lines.end["end"] == "interrupted"
    done = {path.name for path in many.iterdir() if path.read_bytes() != SMALL}
    assert 0 < len(done) < 2_000
    assert {row["path"] for row in lines.files if row["outcome"] == "anonymized"} == done


@pytest.mark.parametrize("callback", ["on_row", "progress"])
def test_an_exception_of_a_function_interrupts(many: Path, tmp_path: Path, callback: str) -> None:
    """Wherever it is raised: also from the last call."""

    def fail(_: object) -> None:
        raise RuntimeError("for a test")

    for source in (many, many / "0000"):
        report = tmp_path / f"{source.name}.jsonl"
        run = Run.anonymize(sources_of(source), None, Level.ANONYMIZE, report=report)
        with pytest.raises(RuntimeError, match="for a test"):
            run(fail if callback == "on_row" else None, fail if callback == "progress" else None)
        lines = read(report)
        check(lines)
        assert lines.end is not None
        assert lines.end["end"] == "interrupted"
        changed = {path.name for path in many.iterdir() if path.read_bytes() != SMALL}
        assert {row["path"] for row in lines.files if row["outcome"] == "anonymized"} <= changed
        assert {row["path"] for row in lines.files} | changed == changed


def test_a_report_that_can_not_be_written_ends_the_run(many: Path, tmp_path: Path) -> None:
    """The system lets no file grow longer than this, as if the disk were full."""
    code = f"""
        import resource
        import dicomblank

        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, {resource.RLIM_INFINITY}))
        try:
            dicomblank.anonymize_in_place("many", validate=True, report="rows")
        except OSError as error:
            print(error.errno, error.filename)
    """
    words = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(words, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=100)
    assert done.stdout == f"{errno.EFBIG} rows\n"
    lines = read(tmp_path / "rows")
    check(lines)
    assert lines.end is None
    assert 0 < sum(path.read_bytes() != SMALL for path in many.iterdir()) < 2_000


# Names

NAMES = [
    b"scan-\xfc",
    b"scan-\xff",
    b"\\xfc",
    b"\xfc",
    b"\\udcfc",
    b"\xed\xb3\xbc",  # the escape of that byte, as if it were a character
    "\u00fc".encode(),
    "u\u0308".encode(),
    b"new\nline",
    b"tab\tand\x7f\x1b[1m",
    b"\xc2\x85\xe2\x80\xa8",  # two at which str.splitlines ends a line
    b"\"quotes\" 'too'",
    b"{}",
    b"\xf0\x9f\xa9\xba",
    b" ",
]


def named(folder: Path, data: bytes) -> list[str]:
    """Makes a file of each name that the file system takes: its path."""
    folder.mkdir()
    for name in NAMES:
        try:
            (folder / os.fsdecode(name)).write_bytes(data)
        except OSError as error:
            if error.errno != errno.EILSEQ:  # on macOS, names are UTF-8
                raise
    paths = sorted(os.fspath(path) for path in folder.iterdir())
    assert len(paths) >= 8
    return paths


def names_of(paths: list[str]) -> list[bytes]:
    return sorted(os.fsencode(Path(path).name) for path in paths)


def test_a_row_has_the_name_of_its_file(tmp_path: Path) -> None:
    names = names_of(named(tmp_path / "in", SMALL))
    rows: list[dicomblank.Row] = []
    dicomblank.anonymize_copy(tmp_path / "in", tmp_path / "out", report=rows.append)
    assert sorted(os.fsencode(row.path) for row in rows) == names
    assert len({row.path for row in rows}) == len(names)
    for row in rows:
        assert row.output == os.fspath(tmp_path / "out" / row.path)
        assert Path(row.source, row.path).read_bytes() == SMALL
        assert Path(row.output).read_bytes() == dicomblank.anonymize_bytes(SMALL)


def test_a_file_that_was_named_itself_is_the_source(tmp_path: Path) -> None:
    paths = named(tmp_path / "in", b"nothing medical")
    report = dicomblank.anonymize_in_place(paths, on_error=OnError.COLLECT)
    assert sorted(row.source for row in report.faults) == sorted(paths)
    assert sorted(os.fsencode(row.path) for row in report.faults) == names_of(paths)
    report = dicomblank.anonymize_in_place(tmp_path / "in", on_error=OnError.COLLECT)
    assert report.without_dicom == (os.fspath(tmp_path / "in"),)


def test_a_report_file_gives_every_name_back(tmp_path: Path) -> None:
    paths = named(tmp_path / "in", SMALL)
    dicomblank.anonymize_copy(paths, tmp_path / "out", report=tmp_path / "rows")
    text = (tmp_path / "rows").read_bytes()
    assert text.decode("utf-8", "strict").splitlines() == text.decode().split("\n")[:-1]
    assert not set(text) & ({*range(0x20), 0x7F} - {0x0A})
    lines = read(tmp_path / "rows")
    check(lines)
    assert sorted(map(os.fsencode, lines.run["sources"])) == sorted(map(os.fsencode, paths))
    for row in lines.files:
        assert Path(row["source"]).read_bytes() == SMALL
        assert row["output"] == os.fspath(tmp_path / "out" / row["path"])
    assert sorted(os.fsencode(row["path"]) for row in lines.files) == names_of(paths)
    out = read_after(tmp_path, paths[0])
    assert os.fsencode(out["after"]) == os.fsencode(paths[0])


def read_after(folder: Path, path: str) -> Json:
    dicomblank.verify(path, path, report=folder / "verified")
    return read(folder / "verified").run


def test_a_plan_as_json_gives_every_name_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = named(tmp_path / "in", SMALL)
    assert main(["plan", "--json", *paths]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["file"] for row in told] == paths


@pytest.mark.parametrize("words", [["anonymize", "--in-place"], ["plan"]], ids=["anonymize", "plan"])
def test_no_name_disturbs_a_terminal(command: Command, tmp_path: Path, words: list[str]) -> None:
    paths = [f"in/{Path(path).name}" for path in named(tmp_path / "in", damaged_ct())]
    name, *options = words
    said = command(name, *paths, *options).stderr.splitlines()
    refused = [line for line in said if line.startswith("refused: in/")]
    assert len(refused) == len(paths)
    assert all(line.isprintable() for line in refused)
    shown = {line.removeprefix("refused: in/").split(": ")[0] for line in refused}
    assert {"\\xfc", "\u00fc", "new\\x0aline"} <= shown


def test_errors_have_the_names_of_their_files(tmp_path: Path) -> None:
    names = names_of(named(tmp_path / "in", SMALL))
    dicomblank.anonymize_copy(tmp_path / "in", tmp_path / "out")
    report = dicomblank.anonymize_copy(tmp_path / "in", tmp_path / "out", on_error=OnError.COLLECT)
    found = [row.exception for row in report.faults]
    paths = [error.filename for error in found if isinstance(error, FileExistsError)]
    assert sorted(os.fsencode(os.path.relpath(path, tmp_path / "out")) for path in paths) == names


def test_names_where_python_decodes_them_as_ascii(tmp_path: Path) -> None:
    """A name that is UTF-8 is what `os.fsdecode` gives there, too, and pydicom opens it."""
    names = names_of(named(tmp_path / "in", SMALL))
    code = """
        import os
        import dicomblank

        rows = []
        dicomblank.anonymize_in_place(["in"], report=rows.append, validate=True)
        assert all(row.outcome == "anonymized" for row in rows), rows
        print(sorted(os.fsencode(row.path) for row in rows))
        os.rename("in", "out")
        os.mkdir("in")
        for name in os.listdir(b"out"):
            open(b"in/" + name, "wb").write(open(b"out/" + name, "rb").read())
            try:
                dicomblank.anonymize_copy(os.fsdecode(b"in/" + name), "out")
            except FileExistsError as error:
                assert os.path.samefile(error.filename, b"out/" + name)
            else:
                raise AssertionError(name)
    """
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    words = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(
        words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.stdout, done.stderr) == (f"{names}\n", "")


def test_rows_that_say_nothing_more_can_be_left_out(study: Path, tmp_path: Path) -> None:
    """What the command asks for: a row that only says that a file is done costs it a call."""
    (study / "cut.dcm").write_bytes(CT.read_bytes()[:-5000])
    (study / "link").symlink_to("ct.dcm")
    (study / "zeros.dcm").write_bytes(CT.read_bytes() + bytes(8))
    rows: list[dicomblank.Row] = []
    report = Run.anonymize(sources_of(study), tmp_path / "out", Level.ANONYMIZE)(rows.append, only_notable=True)
    said = {row.path: (row.outcome, row.kind, row.warnings) for row in rows}
    assert said.keys() == {"cut.dcm", "link", "notes.txt", "zeros.dcm"}
    assert said["link"] == ("skipped", "symbolic-link", ())
    assert said["zeros.dcm"] == ("anonymized", None, ("trailing-zeros",))
    assert report.files == len(said) + 2
