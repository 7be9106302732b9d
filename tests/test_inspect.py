"""`inspect` tells in how many files what stands, as a loop over pydicom's elements counts it, and never a value."""

from __future__ import annotations

import json
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dicomblank
import inspected
from dicomblank import Found, Inspection, Level, _core
from dicomblank.cli import main
from dicomblank.creators import CREATORS
from dicomblank.inspection import MOST_ROWS
from dicomblank.profile import ATTRIBUTES
from dicomblank.subjects import SECTIONS, SUBJECTS, UNSAID, word_of
from elements import BIG, EXPLICIT, IMPLICIT, PIXELS, PREAMBLE, SYNTAXES, deflated, file_of, known, part10
from reports import read
from samples import CT, MR, all_files, at_hand, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Command
    from dicomblank import Rules
    from elements import Syntax
    from reports import Json

ROOT = Path(__file__).parents[1]
STORAGE = "1.2.840.10008.5.1.4.1.1"
FULL = Level.ANONYMIZE_FULL
# Of the element that says how long the file meta information is.
LENGTH = 12

# Against pydicom

#: What pydicom does not tell: bytes outside of elements, but for the preamble.
NOT_PYDICOM = {"opaque", "ambiguous"}

#: Files in which the two differ: the section, what the core has more, what pydicom has more, and why.
DIFFERENCES: dict[str, tuple[str, set[str], set[str], str]] = {
    "priv_SQ.dcm": (
        "attributes",
        {"ReferringPhysicianName"},
        set(),
        "a private sequence of defined length in implicit VR is bytes to pydicom, and walked by the core",
    ),
}

#: Files that the core takes for DICOM and can't walk to their end, and why: pydicom shows a part of them.
REFUSED = {
    "dicomdirtests/DICOMDIR-nooffset": "truncated",  # a length runs past the end of the file
    "no_meta.dcm": "no-data-set",  # a stray space before its first element
    "rtplan.dump": "no-data-set",  # a data set between lines of text
    "rtplan_truncated.dcm": "truncated",  # cut in the middle of an element
}


def found_in(rows: list[Json], key: str = "found") -> dict[Path, dict[str, set[str]]]:
    return {
        Path(row["source"], "" if row["path"] == Path(row["source"]).name else row["path"]): {
            section: set(words) for section, words in row[key].items()
        }
        for row in rows
        if row["outcome"] == "inspected"
    }


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[Json]:
    """The rows of all files at hand."""
    report = tmp_path_factory.mktemp("inspect") / "run.jsonl"
    dicomblank.inspect(at_hand(), report=report)
    return read(report).files


def test_each_file_agrees_with_a_loop_over_pydicom(lines: list[Json]) -> None:
    differences = {}
    ours: Counter[tuple[str, str]] = Counter()
    theirs: Counter[tuple[str, str]] = Counter()
    for path, found in found_in(lines).items():
        by_pydicom = inspected.by_pydicom(path)
        for section in SECTIONS:
            core, loop = found.get(section, set()) - NOT_PYDICOM, by_pydicom.get(section, set())
            if core != loop:
                assert name_of(path) not in differences
                differences[name_of(path)] = (section, core - loop, loop - core)
                loop = core  # explained below, and counted once
            ours.update((section, word) for word in core)
            theirs.update((section, word) for word in loop)
    assert differences == {name: row[:3] for name, row in DIFFERENCES.items()}
    assert ours == theirs
    # So many that the comparison means something.
    assert len(found_in(lines)) >= 150
    assert sum(section == "attributes" for section, _ in ours) >= 80
    assert {section for section, _ in ours} >= {"attributes", "private", "pictures", "content", "bytes"}


def test_the_counts_are_those_of_the_rows(lines: list[Json]) -> None:
    inspection = dicomblank.inspect(at_hand())
    counted: dict[str, Counter[str]] = {section: Counter() for section in SECTIONS}
    for found in found_in(lines).values():
        for section, words in found.items():
            counted[section].update(words)
    for section, counts in inspection.sections().items():
        assert {word: count.files for word, count in counts.items()} == counted[section]
        assert all(count.left is None for count in counts.values())
        by_count = sorted(counts.items(), key=lambda item: (-item[1].files, item[0]))
        assert list(counts) == [word for word, _ in by_count]


def test_what_the_core_refuses_is_known(lines: list[Json]) -> None:
    refused = {name_of(Path(row["source"])): row["kind"] for row in lines if row["outcome"] == "refused"}
    assert refused == REFUSED


MORE = FULL.rules.blank("AccessionNumber", "0040A730").keep("StudyDate")


@pytest.mark.parametrize("level", [Level.ANONYMIZE, FULL, MORE], ids=["anonymize", "full", "more"])
def test_what_is_left_is_what_stands_when_it_is_done(tmp_path: Path, level: Level | Rules) -> None:
    """A run at the level leaves what the inspection said that it would: file by file."""
    files = [path for path in all_files() if path.stat().st_size < 100_000]
    before, after = tmp_path / "before.jsonl", tmp_path / "after.jsonl"
    dicomblank.inspect(files, level, report=before)
    copies = tmp_path / "copies"
    for number, path in enumerate(files):
        (copies / str(number)).mkdir(parents=True)
        dicomblank.anonymize_copy(path, copies / str(number) / path.name, level, on_error="collect", no_dicom="allow")
    dicomblank.inspect(copies, report=after)
    left, stands = found_in(read(before).files, "left"), found_in(read(after).files)
    left_of = {copies / str(number) / path.name: left[path] for number, path in enumerate(files) if path in left}
    assert len(left_of) > 100
    # A creator whose elements are all blank has none that holds anything; blank sequences stay what they are.
    assert left_of == stands


# What is looked for

CREATOR = "SIEMENS CSA HEADER"


def text(syntax: Syntax, tag: int, vr: str, value: str) -> bytes:
    return syntax.element(tag, vr, value.encode() + (b"\0" if vr == "UI" else b" ") * (len(value) % 2))


def of_class(end: str) -> Callable[[Syntax], bytes]:
    return lambda s: text(s, 0x0008_0016, "UI", f"{STORAGE}.{end}")


def one(tag: int, vr: str, value: str = "Doe^Jane") -> Callable[[Syntax], bytes]:
    return lambda s: text(s, tag, vr, value)


def pixels(s: Syntax) -> bytes:
    return s.element(PIXELS, "OW", bytes(8))


PLANTED: list[tuple[str, str, Callable[[Syntax], bytes]]] = [
    ("attributes", "PatientName", one(0x0010_0010, "PN")),
    ("attributes", "OverlayComments", one(0x6002_4000, "LT")),
    ("attributes", "(50xx,xxxx)", one(0x5004_0022, "LO")),
    ("attributes", "private", one(0x0029_0010, "LO")),
    ("attributes", "ContentSequence", lambda s: s.sequence(0x0040_A730, s.item(text(s, 0x0010_0040, "CS", "F")))),
    ("names", "EvaluatorName", one(0x0014_2006, "PN")),
    ("dates", "StudyUpdateDateTime", one(0x0008_041F, "DT", "19700101")),
    ("private", CREATOR, lambda s: text(s, 0x0029_0010, "LO", CREATOR) + text(s, 0x0029_1008, "CS", "IMAGE")),
    ("private", "others", lambda s: text(s, 0x0029_0010, "LO", "Doe^Jane") + text(s, 0x0029_1008, "CS", "A")),
    ("pictures", "modality-us", one(0x0008_0060, "CS", "US")),
    ("pictures", "modality-es", one(0x0008_0060, "CS", "ES")),
    ("pictures", "modality-xa", one(0x0008_0060, "CS", "XA")),
    ("pictures", "modality-sc", one(0x0008_0060, "CS", "SC")),
    ("pictures", "modality-ot", one(0x0008_0060, "CS", "OT")),
    ("pictures", "secondary-capture", of_class("7")),
    ("pictures", "secondary-capture", of_class("7.4")),
    ("pictures", "burned-in-yes", one(0x0028_0301, "CS", "YES")),
    ("pictures", "burned-in-missing", lambda s: of_class("4.1")(s) + pixels(s)),
    ("pictures", "burned-in-missing", lambda s: of_class("4.1")(s) + one(0x0028_0301, "CS", "  ")(s) + pixels(s)),
    ("content", "overlay", lambda s: s.element(0x6000_3000, "OW", b"\0\1")),
    ("content", "overlay-in-pixels", lambda s: s.element(0x6000_0102, "US", s.u16(12))),
    ("content", "document", of_class("104.1")),
    ("content", "document", lambda s: s.element(0x0042_0011, "OB", b"%PDF")),
    ("content", "icon", lambda s: s.sequence(0x0088_0200, s.item(pixels(s), text(s, 0x0028_0004, "CS", "RGB")))),
    ("content", "content-name", one(0x0040_A123, "PN")),
    ("content", "content-text", one(0x0040_A160, "UT")),
    ("bytes", "trailing", one(0xFFFC_FFFC, "OB")),
]
#: What is close to it, and is not counted.
NOT_COUNTED: list[tuple[str, str, Callable[[Syntax], bytes]]] = [
    ("attributes", "PatientName", one(0x0010_0010, "PN", "    ")),
    ("attributes", "PatientName", one(0x0010_0010, "PN", "\0\0")),
    ("attributes", "ContentSequence", lambda s: s.sequence(0x0040_A730, s.item(text(s, 0x0010_0040, "CS", "  ")))),
    ("names", "PatientName", one(0x0010_0010, "PN")),  # the table has it
    ("dates", "StudyDate", one(0x0008_0020, "DA", "19700101")),
    ("private", CREATOR, one(0x0029_0010, "LO", CREATOR)),  # nothing is in the block
    ("pictures", "modality-us", one(0x0008_0060, "CS", "MR")),
    ("pictures", "burned-in-yes", one(0x0028_0301, "CS", "NO")),
    ("pictures", "burned-in-missing", of_class("4.1")),  # no picture
    ("pictures", "burned-in-missing", lambda s: of_class("4")(s) + pixels(s)),  # not expected
    ("pictures", "burned-in-missing", lambda s: of_class("4.1")(s) + one(0x0028_0301, "CS", "NO")(s) + pixels(s)),
    ("content", "overlay", lambda s: s.element(0x6000_3000, "OW", bytes(2))),
    ("content", "overlay-in-pixels", lambda s: s.element(0x6000_0102, "US", bytes(2))),
    ("bytes", "trailing", lambda s: s.element(0xFFFC_FFFC, "OB", bytes(8))),
]


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.uid)
def test_what_is_planted_is_found_and_what_is_close_is_not(tmp_path: Path, syntax: Syntax) -> None:
    expected = {}
    rows = [(*row, True) for row in PLANTED] + [(*row, False) for row in NOT_COUNTED]
    for number, (section, word, build, is_counted) in enumerate(rows):
        path = tmp_path / f"{number:03}"
        path.write_bytes(part10(syntax.uid, text(syntax, 0x0008_0005, "CS", "ISO_IR 100"), build(syntax)))
        expected[path] = (section, word, is_counted)
    report = tmp_path.parent / f"{tmp_path.name}.jsonl"
    assert dicomblank.inspect(tmp_path, report=report).ok
    found = found_in(read(report).files)
    for path, (section, word, is_counted) in expected.items():
        assert (section, word, word in found[path].get(section, ())) == (section, word, is_counted), path


def test_every_word_is_planted() -> None:
    planted = {(section, word) for section, word, _ in PLANTED}
    # Made of bytes that are no elements: see the next test.
    elsewhere = {("bytes", "preamble"), ("bytes", "opaque"), ("bytes", "ambiguous")}
    assert {(subject.section, subject.word) for subject in SUBJECTS} <= planted | elsewhere
    assert {section for section, _ in planted} == set(SECTIONS)


def test_bytes_that_are_no_elements(tmp_path: Path) -> None:
    name = text(EXPLICIT, 0x0010_0010, "PN", "Doe^Jane")
    plain = file_of(EXPLICIT, name)
    damaged = EXPLICIT.item(name) + b"no item at all"
    # In big endian the name is another element, which reaches up to the second one.
    long = "x" * (2040 - 8)
    doubtful = [text(EXPLICIT, 0x0008_0005, "LO", ""), name, text(EXPLICIT, 0x0029_1010, "LO", long)]
    doubtful.append(text(BIG, 0x0010_0010, "PN", "Doe^Jane"))
    for number, (data, word) in enumerate(
        [
            (plain, None),
            (b"II*\0" + plain[4:], "preamble"),
            (plain + b"\xff\xff\xff\xffabcd", "trailing"),
            (plain + bytes(8), None),
            (file_of(EXPLICIT, EXPLICIT.element(0x0029_1010, "OB", damaged)), "opaque"),
            (part10(BIG.uid, *doubtful), "ambiguous"),
        ]
    ):
        path = tmp_path / str(number)
        path.write_bytes(data)
        found = dicomblank.inspect(path)
        assert (number, list(found.bytes), found.ok) == (number, [word] if word else [], True)


def test_a_mark_in_the_preamble_is_ours(tmp_path: Path, ct: Path) -> None:
    data = bytearray(ct.read_bytes())
    data[:128] = bytes(128)
    ct.write_bytes(data)
    dicomblank.anonymize_in_place(ct, "pseudonymize", key=_core.Key(bytes(range(32))))
    assert any(ct.read_bytes()[:128])
    assert "preamble" not in dicomblank.inspect(ct).bytes


@pytest.mark.parametrize(("level", "left"), [("anonymize", 1), ("basic", 0)])
def test_of_a_head_that_is_written_anew_nothing_is_left(tmp_path: Path, level: str, left: int) -> None:
    path = tmp_path / "sent"
    name = text(EXPLICIT, 0x0010_0010, "PN", "Doe^Jane")
    path.write_bytes(b"II*\0" + file_of(EXPLICIT, name)[4:])
    assert dicomblank.inspect(path, level).bytes == {"preamble": Found(1, left)}
    result = dicomblank.anonymize_bytes(
        path.read_bytes(), level, key=_core.Key(bytes(32)) if level == "basic" else None
    )
    path.write_bytes(result)
    assert ("preamble" in dicomblank.inspect(path).bytes) is bool(left)


def test_a_deflated_file_is_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "deflated"
    name = text(EXPLICIT, 0x0010_0010, "PN", "Doe^Jane")
    path.write_bytes(part10("1.2.840.10008.1.2.1.99", deflated(known(EXPLICIT) + name)))
    for level, left in ((None, None), ("anonymize", 0), ("original", 1)):
        assert dicomblank.inspect(path, level).attributes["PatientName"] == Found(1, left)


def test_every_row_of_the_table_is_looked_for(tmp_path: Path) -> None:
    """Each has its own word, and a value of its tag is counted under it."""
    words = [word_of(row) for row in ATTRIBUTES]
    assert len(set(words)) == len(words) == 657
    patterns = {"50xxxxxx": 0x5000_0022, "60xx3000": 0x6000_3000, "60xx4000": 0x6000_4000, "PRIVATE": 0x0029_0010}
    for row in ATTRIBUTES:
        tag = patterns[row.tag] if row.is_pattern else int(row.tag, 16)
        vr = _core.vr_of(tag) or "LO"
        element = EXPLICIT.element(tag, vr, EXPLICIT.item(known(EXPLICIT)) if vr == "SQ" else b"1.2.3.4 ")
        is_meta = tag >> 16 == 2
        data = part10(EXPLICIT.uid, known(EXPLICIT), b"" if is_meta else element)
        if is_meta:
            data = PREAMBLE + element + data[len(PREAMBLE) + LENGTH :]  # in the place of the group's length
        (tmp_path / row.tag).write_bytes(data)
    report = tmp_path.parent / f"{tmp_path.name}.jsonl"
    dicomblank.inspect(tmp_path, report=report)
    found = found_in(read(report).files)
    missing = [row for row in ATTRIBUTES if word_of(row) not in found[tmp_path / row.tag]["attributes"]]
    assert missing == []


def test_the_classes_that_have_to_say_whether_there_is_text() -> None:
    assert len(set(UNSAID)) == len(UNSAID)
    assert all(re.fullmatch(r"1\.2\.840\.10008\.5\.1\.4\.1\.1(\.\d+)+", uid) for uid in UNSAID)


# What is told


def planted_everywhere(value: str) -> bytes:
    """A file whose every text is `value`, also creators and codes."""
    tags = [
        (0x0008_0060, "CS"),
        (0x0008_1030, "LO"),
        (0x0010_0010, "PN"),
        (0x0010_0011, "PN"),
        (0x0029_0010, "LO"),
        (0x0029_1010, "LO"),
        (0x0028_0301, "CS"),
        (0x0040_A160, "UT"),
    ]
    return file_of(EXPLICIT, *(text(EXPLICIT, tag, vr, value) for tag, vr in sorted(tags)))


def test_no_value_is_told(command: Command, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "whole.dcm").write_bytes(planted_everywhere("DOEJANE"))
    (tmp_path / "in" / "cut.dcm").write_bytes(planted_everywhere("DOEJANE")[:-3])
    for words in (["--all"], ["--json"], ["--level", "anonymize"], ["--report", "run.jsonl"]):
        done = command("inspect", "in", *words)
        assert done.returncode == 1
        assert "DOEJANE" not in done.stdout + done.stderr
        assert "others" in done.stdout or "pydicom does not know" in done.stdout
    assert "DOEJANE" not in (tmp_path / "run.jsonl").read_text()


def test_creators_are_those_of_pydicom() -> None:
    check = [sys.executable, os.fspath(ROOT / "tools/generate_creators.py"), "--check"]
    assert subprocess.run(check, check=False).returncode == 0
    names = CREATORS.splitlines()
    assert len(names) > 400
    assert names == sorted(set(names))


def test_nothing_is_changed(study: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in study.rglob("*") if path.is_file()}
    dicomblank.inspect(study, FULL)
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in study.rglob("*") if path.is_file()}


def test_the_table_fits_a_terminal_and_begins_with_the_commonest(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["--level", "anonymize-full"], ["--all"]):
        assert main(["inspect", str(CT), str(MR), str(CT.with_name("examples_overlay.dcm")), *words]) == 0
        shown = capsys.readouterr().out
        assert max(map(len, shown.splitlines())) <= 80
        for block in shown.split("\n\n")[1:-1]:
            counts = [int(line.split()[0]) for line in block.splitlines()[1:] if line.split()[0].isdecimal()]
            assert counts == sorted(counts, reverse=True)
            assert counts or "more" in block
        (left_out,) = re.findall(r"and (\d+) more: --all", shown)[:1] or ["0"]
        assert (left_out == "0") is ("--all" in words)
        assert all(int(count) > 0 for count in re.findall(r"and (\S+) more: --all", shown))
        found = dicomblank.inspect([CT, MR]).attributes
        assert len(found) > MOST_ROWS


def test_as_json(capsys: pytest.CaptureFixture[str], study: Path) -> None:
    assert main(["inspect", str(study), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {
        "version",
        "level",
        "counts",
        "found",
        "leftovers",
        "without_dicom",
        "complete",
        "seconds",
    }
    assert (told["level"], told["counts"]) == (None, {"files": 3, "inspected": 2, "not-dicom": 1})
    assert told["found"]["attributes"]["PatientName"] == {"files": 2}
    assert set(told["found"]) == set(SECTIONS)
    assert main(["inspect", str(study), "--json", "--blank", "StudyID"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["level"] == "anonymize"
    assert told["found"]["attributes"]["PatientName"] == {"files": 2, "left": 0}
    assert told["found"]["attributes"]["PatientID"] == {"files": 2, "left": 2}
    assert told["found"]["attributes"]["StudyID"]["left"] == 0


def test_a_report(study: Path, tmp_path: Path) -> None:
    report = tmp_path / "run.jsonl"
    inspection = dicomblank.inspect(study, FULL, report=report)
    run, files, end, _ = read(report)
    assert end is not None
    assert (run["inspect"], run["level"]) == ({"left": True}, "anonymize-full")
    assert "destination" not in run
    assert {row["path"]: row["outcome"] for row in files} == {
        "ct.dcm": "inspected",
        "series/mr": "inspected",
        "notes.txt": "not-dicom",
    }
    for row in files:
        assert ("found" in row) is ("left" in row) is (row["outcome"] == "inspected")
    for field, count in (("found", 0), ("left", 1)):
        expected = {
            section: {word: counts[count] for word, counts in words.items() if counts[count]}
            for section, words in inspection.sections().items()
        }
        assert end[field] == {section: words for section, words in expected.items() if words}
    assert end["counts"] == {"files": 3, "inspected": 2, "not-dicom": 1, "edits": 0}
    dicomblank.inspect(study, report=tmp_path / "plain.jsonl")
    run, files, end, _ = read(tmp_path / "plain.jsonl")
    assert end is not None
    assert (run["inspect"], run["level"]) == ({"left": False}, None)
    assert "left" not in end
    assert not any("left" in row for row in files)


def test_the_document_lists_every_word() -> None:
    document = (ROOT / "docs/report.md").read_text()
    (between,) = re.findall(r"<!-- found: begin -->\n(.*?)\n<!-- found: end -->", document, re.DOTALL)
    rows = [f"| `{subject.section}` | `{subject.word}` | {subject.meaning} |" for subject in SUBJECTS]
    table = "\n".join(["| section | word | what it means |", "|---|---|---|", *rows])
    assert between == table, f"paste between the markers of found in docs/report.md:\n{table}"


# How it ends


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["study"], 0),
        (["study", "cut.dcm"], 1),
        (["study/notes.txt"], 1),
        (["empty"], 1),
        (["empty", "--allow-empty"], 0),
        (["study", "--level", "anonymize-fool"], 2),
        (["study", "--key", "secret.key"], 2),
        (["study", "--json", "--report", "-"], 2),
        (["missing"], 2),
        ([], 2),
    ],
)
def test_exit_codes(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], code: int
) -> None:
    monkeypatch.chdir(study.parent)
    Path("cut.dcm").write_bytes(CT.read_bytes()[:2000])
    Path("empty").mkdir()
    assert code_of(words) == code
    assert capsys.readouterr().err != "" or code == 0
    assert code_of([*words, "--quiet"]) == code
    assert capsys.readouterr().out == ""


def code_of(words: list[str]) -> int:
    try:
        return main(["inspect", *words])
    except SystemExit as leave:
        return int(leave.code or 0)


def test_a_report_on_stdout(command: Command, study: Path) -> None:
    done = command("inspect", study, "--report", "-")
    rows = [json.loads(line)["row"] for line in done.stdout.splitlines()]
    assert (done.returncode, rows) == (0, ["run", "file", "file", "file", "end"])
    assert "2 files inspected" in done.stderr


def test_a_run_that_is_stopped_says_so(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "0").write_bytes(MR.read_bytes())
    for number in range(1, 20_000):
        os.link(folder / "0", folder / str(number))
    words = [sys.executable, "-m", "dicomblank", "inspect", "many", "--report", "run.jsonl", "--workers", "1"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        while not (tmp_path / "run.jsonl").exists() or not (tmp_path / "run.jsonl").stat().st_size:
            time.sleep(0.01)
            assert run.poll() is None
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "interrupted" in err
    assert "interrupted" in out
    end = read(tmp_path / "run.jsonl").end
    assert end is not None
    assert end["end"] == "interrupted"


# The object


def test_inspections_add_up_and_are_pickled(study: Path) -> None:
    one, other = dicomblank.inspect(study, FULL), dicomblank.inspect(CT, FULL)
    both = one + other
    assert both.attributes["PatientName"] == Found(3, 0)
    assert (both.level, both.asked, both.report.files) == ("anonymize-full", True, 4)
    assert sum([one, other]) == both
    mixed = one + dicomblank.inspect(CT)
    assert (mixed.level, mixed.attributes["PatientName"]) == (None, Found(3, None))
    unlike = one + dicomblank.inspect(CT, FULL.rules.keep("PatientName"))
    assert unlike.attributes["PatientName"] == Found(3, None)
    for inspection in (one, both, mixed):
        assert pickle.loads(pickle.dumps(inspection)) == inspection  # noqa: S301 (our own)
    assert one != other
    assert str(one).startswith("2 files inspected, 1 not DICOM.")
    assert repr(other).startswith("<Inspection: 1 file, ")


def test_rows_and_progress_are_told(study: Path) -> None:
    rows: list[_core.Row] = []
    told: list[_core.Progress] = []
    inspection = dicomblank.inspect([study], report=rows.append, progress=told.append, workers=2)
    assert sorted(row.outcome for row in rows) == ["inspected", "inspected", "not-dicom"]
    assert told[-1].done == 3
    assert isinstance(inspection, Inspection)


def test_a_link_to_a_file_is_followed_where_it_is_named(study: Path) -> None:
    (study / "link").symlink_to(study / "ct.dcm")
    inspection = dicomblank.inspect(study)
    assert (inspection.report.links, inspection.report.counts["inspected"]) == (1, 2)
    assert dicomblank.inspect(study / "link").attributes["PatientName"].files == 1


def test_memory_is_bounded_and_time_linear(tmp_path: Path) -> None:
    """A file of private creators, names and dates of every tag alone: a row of it stays small."""
    syntax, elements = IMPLICIT, []
    for group in range(0x0011, 0x0811, 2):
        elements += [text(syntax, group << 16 | block, "LO", "Doe^Jane") for block in range(0x10, 0x40)]
    path, report = tmp_path / "hostile", tmp_path / "run.jsonl"
    path.write_bytes(file_of(syntax, *elements))
    start = time.monotonic()
    dicomblank.inspect(path, report=report)
    assert time.monotonic() - start < 10
    assert report.stat().st_size < 2000
