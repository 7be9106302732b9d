"""--pseudonymize, --shift, --set, --map and --key: what they write, and what is an error before a byte is written."""

from __future__ import annotations

import json
import pickle
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import dicomblank
import reports
from dicomblank import Level, Rules
from dicomblank.cli import main
from elements import EXPLICIT, SYNTAXES
from keyed import (
    CLASS_UID,
    KEY,
    LEVEL,
    OTHER,
    OTHER_IDS,
    PATIENT,
    PATIENT_ID,
    STUDY,
    STUDY_DATE,
    STUDY_UID,
    element,
    file_of,
    made,
    patient,
    raw,
    write,
)

if TYPE_CHECKING:
    from dicomblank import Key
    from elements import Syntax

NOTHING = Level.ORIGINAL.rules
COMMENTS = 0x0010_4000
NAME = "Mustermann"
CREATOR, PRIVATE = element(0x0029_0010, "LO", "ACME"), '(0029,"ACME",10)'


def kind_of(data: bytes, rules: Rules, key: Key | None = None) -> tuple[str | None, str]:
    """The kind and the words of the error of a file that is refused, which shows no value."""
    with pytest.raises(dicomblank.Error) as caught:
        made(data, rules, key)
    assert NAME not in str(caught.value)
    return caught.value.kind, str(caught.value)


# set and map, in the calls

# A value, the text that it is set to, and what stands there then.
SET: list[tuple[int, str, str | bytes, str, bytes]] = [
    (PATIENT_ID, "LO", NAME, "A", b"A         "),
    (PATIENT_ID, "LO", NAME, "", b"          "),
    (PATIENT_ID, "LO", NAME, "A\\B ", b"A\\B       "),
    (PATIENT_ID, "LO", NAME, "0123456789", b"0123456789"),
    (PATIENT_ID, "LO", "", "", b""),
    (0x0010_0010, "PN", NAME, "Doe^Jane", b"Doe^Jane  "),
    (STUDY_UID, "UI", "1.2.345.678.9", "1.2.3", b"1.2.3\0\0\0\0\0\0\0\0\0"),
    (STUDY_DATE, "DA", "20240229", "20000101", b"20000101"),
    (0x0010_1030, "DS", "71.5", "70", b"70  "),
    (0x0020_0013, "IS", "17", "1", b"1 "),
    (COMMENTS, "LT", f"{NAME}\\{NAME}", "none", b"none" + b" " * 18),
    (PATIENT_ID, "UN", NAME, "A", b"A         "),
]


@pytest.mark.parametrize("row", SET, ids=count())
@pytest.mark.parametrize("syntax", SYNTAXES, ids=["implicit", "explicit", "big"])
def test_a_value_is_set_to_a_text_and_padded(row: tuple[int, str, str | bytes, str, bytes], syntax: Syntax) -> None:
    tag, vr, old, text, new = row
    data = file_of(element(tag, vr, old, syntax), syntax=syntax)
    rules = NOTHING.set(tag, text)
    once = made(data, rules, None)
    assert (raw(once.data, tag), once.warnings) == (new, set())
    assert made(once.data, rules, None) == once
    assert once.data[96:128] == bytes(32)  # no mark: it can be done twice


@pytest.mark.parametrize("by", [1, 2, 20])
def test_a_text_that_is_too_long_refuses_the_file_and_says_by_how_much(by: int) -> None:
    words = "1 byte longer" if by == 1 else f"{by} bytes longer"
    for text in ("", "AB"):
        data = file_of(patient(text))
        kind, said = kind_of(data, NOTHING.set("PatientID", "Z" * (len(text) + by)))
        assert (kind, words in said, "(0010,0020)" in said, "Z" in said) == ("text-too-long", True, True, False)
        if text:
            kind, said = kind_of(data, NOTHING.map("PatientID", {text: "Z" * (len(text) + by)}))
            assert (kind, words in said, "(0010,0020)" in said, "ZZZ" in said) == ("text-too-long", True, True, False)


TABLE = {NAME: "P1", "A": "1", "B": "22", "M\u00fcller": "P2", "C D": "C\\D"}

# A value, and what it becomes by the table; None is a refusal.
MAPPED: list[tuple[int, str, str, bytes | None]] = [
    (PATIENT_ID, "LO", NAME, b"P1"),
    (PATIENT_ID, "LO", f" {NAME} ", b"P1"),
    (PATIENT_ID, "LO", "M\u00fcller ", b"P2"),
    (PATIENT_ID, "LO", "C D ", b"C\\D"),
    (OTHER_IDS, "LO", "A\\B ", b"1\\22"),
    (OTHER_IDS, "LO", "A\\\\A", b"1\\\\1"),
    (OTHER_IDS, "LO", f"A\\{NAME}\\A ", b"1\\P1\\1"),
    (PATIENT_ID, "LO", "a ", None),
    (PATIENT_ID, "LO", NAME[:-1], None),
    (PATIENT_ID, "LO", NAME + "x", None),
    (OTHER_IDS, "LO", f"A\\{NAME}x", None),
    (COMMENTS, "LT", "A\\B ", None),  # one value, whatever stands in it
    (PATIENT_ID, "LO", "", b""),
]


@pytest.mark.parametrize(("tag", "vr", "old", "new"), MAPPED, ids=count())
def test_a_value_becomes_what_the_table_has_for_it(tag: int, vr: str, old: str, new: bytes | None) -> None:
    data, rules = file_of(element(tag, vr, old)), NOTHING.map(tag, TABLE)
    if new is None:
        kind, said = kind_of(data, rules)
        assert (kind, f"({tag >> 16:04X},{tag & 0xFFFF:04X})" in said) == ("not-in-table", True)
    else:
        assert raw(made(data, rules, None).data, tag) == new.ljust(len(raw(data, tag)))


def test_what_was_mapped_is_marked_and_mapped_once() -> None:
    data = file_of(patient("A"))
    once = made(data, NOTHING.map("PatientID", {"A": "B", "B": "A"}), None)
    assert raw(once.data, PATIENT_ID) == b"B "
    assert made(once.data, NOTHING.map("PatientID", {"A": "B", "B": "A"}), None) == once


def test_what_can_not_be_done_to_a_private_element_refuses_the_file() -> None:
    """What VR it has, only the file says."""
    rows = [
        (NOTHING.set(PRIVATE, "x"), "UN", None),
        (NOTHING.map(PRIVATE, {NAME: "x"}), "OB", None),
        (NOTHING.shift(PRIVATE), "LO", KEY),
        (NOTHING.shift(0x0029_1010), "UN", KEY),
        (NOTHING.pseudonymize(PRIVATE), "DA", KEY),
        (NOTHING.pseudonymize(PRIVATE), "DS", KEY),
    ]
    for rules, vr, key in rows:
        assert kind_of(file_of(CREATOR, element(0x0029_1010, vr, NAME)), rules, key)[0] == "unfit-vr"
    items = EXPLICIT.sequence(0x0029_1010, EXPLICIT.item(patient()))
    assert kind_of(file_of(CREATOR, items), NOTHING.set(PRIVATE, "x"))[0] == "unfit-vr"
    for vr in ("LO", "PN", "UT", "UI"):
        text = STUDY if vr == "UI" else NAME
        done = made(file_of(CREATOR, element(0x0029_1010, vr, text)), NOTHING.pseudonymize(PRIVATE))
        make = KEY.pseudonym_uid if vr == "UI" else KEY.pseudonym_id
        assert raw(done.data, 0x0029_1010).rstrip(b"\0").decode() == make(text)


# rules as values


def test_rules_are_values() -> None:
    rules = LEVEL.rules.set("PatientComments", NAME).map("StudyID", {NAME: "x", "a": "b"}).keep("StudyDate")
    same = LEVEL.rules.keep("StudyDate").map("StudyID", [("a", "b"), (NAME, "x")]).set(COMMENTS, NAME)
    again = pickle.loads(pickle.dumps(rules))  # noqa: S301 (our own)
    assert rules == same == again
    assert len({rules, same, again, LEVEL.rules}) == 2
    for other in (
        rules.set("PatientComments", "other"),
        rules.map("StudyID", {NAME: "y", "a": "b"}),
        rules.map("StudyID", {NAME: "x"}),
        rules.blank("StudyDate"),
        rules.shift("StudyDate"),
    ):
        assert other != rules
    assert (again.texts, again.tables) == ({COMMENTS: NAME}, {0x0020_0010: {NAME: "x", "a": "b"}})
    assert again.kept == (STUDY_DATE,)
    assert "dates" in again.shifted
    assert set(again.pseudonymized) == set(LEVEL.rules.pseudonymized) - {0x0020_0010}
    for text in (repr(rules), str(rules), repr(rules._native)):
        assert NAME not in text
    assert "set=['PatientComments'], map=['StudyID']" in repr(rules)


def test_of_several_rules_on_a_tag_the_last_call_wins() -> None:
    rules = NOTHING.pseudonymize("PatientID").set("PatientID", "A").map("PatientID", {"A": "B"}).blank("PatientID")
    assert (rules.blanked, rules.pseudonymized, rules.texts, rules.tables) == ((PATIENT_ID,), (), {}, {})
    assert rules.pseudonymize("PatientID") == NOTHING.pseudonymize("PatientID")


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: NOTHING.shift("PatientID"), ValueError, "only dates"),
        (lambda: NOTHING.pseudonymize("StudyDate"), ValueError, "only UIDs and identifiers"),
        (lambda: NOTHING.pseudonymize("Rows"), ValueError, "only UIDs and identifiers"),
        (lambda: NOTHING.pseudonymize("ReferencedStudySequence"), ValueError, "only UIDs and identifiers"),
        (lambda: NOTHING.set("Rows", "1"), ValueError, "only text can be set"),
        (lambda: NOTHING.map("PixelData", {}), ValueError, "pixel data"),
        (lambda: NOTHING.set("MediaStorageSOPInstanceUID", "1.2"), ValueError, "file meta"),
        (lambda: NOTHING.pseudonymize("TransferSyntaxUID"), ValueError, "file meta"),
        (lambda: NOTHING.set("PatientID", "M\u00fcller"), ValueError, "ASCII"),
        (lambda: NOTHING.set("PatientID", "two\nlines"), ValueError, "ASCII"),
        (lambda: NOTHING.map("PatientID", {NAME: "M\u00fcller"}), ValueError, "row 1"),
        (lambda: NOTHING.map("PatientID", [("A", "B"), (NAME, "x"), (f"{NAME} ", "y")]), ValueError, "row 3"),
        (lambda: NOTHING.set("PatientID", 5), TypeError, "a text is a str, not int"),  # type: ignore[arg-type]
        (lambda: NOTHING.map("PatientID", {5: "x"}), TypeError, "a table is"),  # type: ignore[arg-type]
        (lambda: NOTHING.map("PatientID", [("A",)]), TypeError, "a table is"),  # type: ignore[list-item]
        (lambda: Rules(["PatientID"], pseudonymize=["PatientID"]), ValueError, "both blanked and pseudonymized"),
        (lambda: Rules(set={"PatientID": "A"}, map={PATIENT_ID: {}}), ValueError, "both set and mapped"),
        (lambda: Rules(set={"PatientID": "A", PATIENT_ID: "B"}), ValueError, "set in two ways"),
    ],
    ids=count(),
)
def test_what_can_not_be_a_rule(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        make()
    assert NAME not in str(caught.value)


def test_an_edit_shows_its_action_and_no_value() -> None:
    data = file_of(patient(NAME), element(STUDY_DATE, "DA", "20240229"), element(COMMENTS, "LT", NAME),
                   element(0x0010_0010, "PN", NAME), element(OTHER_IDS, "LO", NAME))  # fmt: skip
    rules = LEVEL.rules.set("PatientComments", "Changed").map("OtherPatientIDs", {NAME: "Changed"})
    plan = dicomblank.plan(data, rules)
    assert {edit.keyword: edit.action for edit in plan} == {
        "PatientID": "pseudonymize",
        "StudyDate": "shift",
        "PatientComments": "set",
        "PatientName": "blank",
        "OtherPatientIDs": "map",
    }
    shown = repr(plan) + "".join(map(repr, plan))
    assert not any(text in shown for text in (NAME, "Changed", "20240229", KEY.pseudonym_id(NAME)))
    assert made(data, rules).data != data


# the command


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files, keys, and tables."""
    tmp_path = tmp_path_factory.mktemp("things")
    (tmp_path / "study").mkdir()
    data = file_of(element(STUDY_DATE, "DA", "20240229"), patient(), element(COMMENTS, "LT", NAME))
    write(tmp_path / "study" / "one.dcm", data)
    write(tmp_path / "study" / "two.dcm", data.replace(PATIENT.encode(), b"PAT-4712-XY"))
    KEY.save(tmp_path / "good.key")
    OTHER.save(tmp_path / "other.key")
    line = (tmp_path / "good.key").read_text()
    keys = {
        "damaged": line[:30] + "ff" + line[32:],
        "cut": line[:50],
        "later": line.replace("key 1", "key 2"),
        "no": "",
    }
    for name, text in keys.items():
        (tmp_path / f"{name}.key").write_text(text)
        (tmp_path / f"{name}.key").chmod(0o600)
    write(tmp_path / "open.key", line.encode()).chmod(0o640)
    tables = {
        "table": f"old,new\n{PATIENT},A1\nPAT-4712-XY,A2\n",
        "other": f"note,new,old\nx,A1,{PATIENT}\n",
        "twice": f"old,new\n{NAME},A\n{NAME},B\n",
        "padded": f"old,new\n{NAME},A\n{NAME} ,B\n",
        "no-old": f"alt,new\n{NAME},A\n",
        "no-new": f"old\n{NAME}\n",
        "two-old": f"old,old,new\n{NAME},A,B\n",
        "few": f"old,new\nA,B\n{NAME}\n",
        "quote": f'old,new\n"{NAME},A\n',
        "letters": f"old,new\n{NAME},\u00c4\n",
        "empty": "",
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text)
    (tmp_path / "bytes.csv").write_bytes(b"old,new\n\xff,A\n")
    return tmp_path


@pytest.fixture
def out(things: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A place for what the command writes, which runs beside those things."""
    monkeypatch.chdir(things)
    return str(tmp_path / "out")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The exit code of the command, and what it says, in which no value is."""
    try:
        code = main(list(words))
    except SystemExit as error:
        code = int(error.code or 0)
    out, err = capsys.readouterr()
    assert not any(value in out + err for value in (NAME, PATIENT, "PAT-471", "20240229"))
    return code, out, err


KEYED = ["--level", "pseudonymize", "--key", "good.key"]
BARE = ["--level", "original"]

# Options of `anonymize` that are an error of usage, and words of the error.
USAGE: list[tuple[list[str], str]] = [
    (["--level", "pseudonymize"], "a key is needed"),
    ([*BARE, "--shift", "dates"], "a key is needed"),
    ([*BARE, "--pseudonymize", "PatientID"], "a key is needed"),
    (["--key", "good.key"], "no rule needs one"),
    ([*BARE, "--key", "good.key", "--set", "PatientID=A"], "no rule needs one"),
    ([*BARE, "--key", "good.key", "--map", "PatientID=table.csv"], "no rule needs one"),
    ([*KEYED[:3], "missing.key"], "missing.key: No such file"),
    ([*KEYED[:3], "study"], "study: Is a directory"),
    ([*KEYED[:3], "damaged.key"], "damaged.key: the key is damaged"),
    ([*KEYED[:3], "cut.key"], "cut.key: the key is damaged"),
    ([*KEYED[:3], "later.key"], "later.key: this is a key of another version"),
    ([*KEYED[:3], "no.key"], "no.key: this is no key file"),
    ([*KEYED[:3], "table.csv"], "table.csv"),
    ([*KEYED[:3], "open.key"], "chmod 600"),
    ([*KEYED, "--shift", "PatientID"], "(0010,0020) is of VR LO: only dates"),
    ([*KEYED, "--pseudonymize", "StudyDate"], "(0008,0020) is of VR DA"),
    ([*KEYED, "--pseudonymize", "ReferencedStudySequence"], "is of VR SQ"),
    ([*KEYED, "--pseudonymize", "Rows"], "is of VR US"),
    ([*KEYED, "--pseudonymize", "dates"], "of VR DA"),
    ([*KEYED, "--pseudonymize", "TransferSyntaxUID"], "file meta"),
    ([*KEYED, "--blank", "MediaStorageSOPInstanceUID"], "file meta"),
    ([*BARE, "--set", "Rows=1"], "is of VR US: only text can be set"),
    ([*BARE, "--map", "Rows=table.csv"], "dicomblank anonymize: (0028,0010) is of VR US: only text can be mapped"),
    ([*BARE, "--set", "PatientID"], "the = is missing"),
    ([*BARE, "--set", "=A"], "no tag ''"),
    ([*BARE, "--set", "PatientI=A"], "did you mean PatientID"),
    ([*BARE, "--set", "PatientID=M\u00fcller"], "ASCII"),
    ([*BARE, "--set", "AccessionNumber=12345678901234567"], "is of VR SH: a value has 16 characters at most"),
    ([*BARE, "--set", "PatientID=A", "--set", "0010,0020=B"], "is under --set twice"),
    ([*BARE, "--set", "PatientID=A", "--map", "PatientID=table.csv"], "under --set and under --map"),
    ([*KEYED, "--keep", "PatientID", "--pseudonymize", "PatientID"], "under --keep and under --pseudonymize"),
    ([*KEYED, "--blank", "StudyDate", "--shift", "StudyDate"], "under --blank and under --shift"),
    ([*BARE, "--map", "PatientID=twice.csv"], "twice.csv: row 2 of the table has a value that an earlier one has"),
    ([*BARE, "--map", "PatientID=padded.csv"], "padded.csv: row 2"),
    ([*BARE, "--map", "PatientID=no-old.csv"], "no-old.csv has no column old"),
    ([*BARE, "--map", "PatientID=no-new.csv"], "no-new.csv has no column new"),
    ([*BARE, "--map", "PatientID=two-old.csv"], "two-old.csv has several columns old"),
    ([*BARE, "--map", "PatientID=few.csv"], "row 2 of few.csv has fewer columns"),
    ([*BARE, "--map", "PatientID=quote.csv"], "quote.csv is no table"),
    ([*BARE, "--map", "PatientID=bytes.csv"], "bytes.csv is no table"),
    ([*BARE, "--map", "PatientID=letters.csv"], "letters.csv: row 1"),
    ([*BARE, "--map", "PatientID=empty.csv"], "empty.csv has no column old"),
    ([*BARE, "--map", "PatientID=missing.csv"], "missing.csv: No such file"),
    ([*BARE, "--map", "PatientID=study"], "study: Is a directory"),
    ([*KEYED, "--unmarked", "write"], "--unmarked is about originals"),
]


@pytest.mark.parametrize(("options", "words"), USAGE, ids=count())
def test_an_error_of_usage_is_said_before_anything_is_written(
    things: Path, out: str, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    before = {path: path.read_bytes() for path in (things / "study").iterdir()}
    place = ["--output", out] if "--unmarked" in options else ["--in-place"]
    code, said, err = run(capsys, "anonymize", "study", *place, "--report", f"{out}.jsonl", *options)
    assert (code, said, words in " ".join(err.split())) == (2, "", True), err
    assert not list(Path(out).parent.iterdir())
    assert {path: path.read_bytes() for path in (things / "study").iterdir()} == before


# Options, and what the identifier, the date and the comment of the first file become.
DONE: list[tuple[list[str], str | None, str | None, str | None]] = [
    (KEYED, KEY.pseudonym_id(PATIENT), "moved", None),
    ([*KEYED, "--keep", "PatientID"], None, "moved", None),
    ([*KEYED, "--keep", "StudyDate"], KEY.pseudonym_id(PATIENT), None, None),
    ([*KEYED, "--blank", "StudyDate,PatientID"], "", "", None),
    ([*KEYED, "--set", "PatientID=A1", "--set", "PatientComments=B=C"], "A1", "moved", "B=C"),
    ([*KEYED, "--map", "PatientID=table.csv", "--pseudonymize", "0010,4000"], "A1", "moved", KEY.pseudonym_id(NAME)),
    ([*BARE, "--key", "good.key", "--shift", "dates"], None, "moved", None),
    ([*BARE, "--key", "good.key", "--shift", "StudyDate,SeriesDate"], None, "moved", None),
    ([*BARE, "--key", "good.key", "--pseudonymize", "0002,0003,PatientID"], KEY.pseudonym_id(PATIENT), None, None),
    ([*BARE, "--set", "PatientID,PatientComments="], "", None, ""),
    ([*BARE, "--blank", "dates"], None, "", None),
]


@pytest.mark.parametrize(("options", "becomes"), [(row[0], row[1:]) for row in DONE], ids=count())
def test_options_do_what_they_say(
    things: Path, out: str, capsys: pytest.CaptureFixture[str], options: list[str], becomes: tuple[str | None, ...]
) -> None:
    before = (things / "study" / "one.dcm").read_bytes()
    code, _, err = run(capsys, "anonymize", "study", "--output", out, "--validate", *options)
    assert (code, err) == (0, "")
    after = Path(out, "one.dcm").read_bytes()
    for tag, text in zip((PATIENT_ID, STUDY_DATE, COMMENTS), becomes, strict=True):
        new = raw(after, tag).strip().decode()
        old = raw(before, tag).strip().decode()
        assert new == {None: old, "moved": new}.get(text, text)
        assert text != "moved" or new != old
    code, said, _ = run(capsys, "verify", "study", out, *options)
    assert (code, said[:12]) == (0, "2 files are ")


def test_a_value_that_is_not_in_the_table_refuses_its_file_alone(out: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--map", "PatientID=other.csv", "--report", f"{out}.jsonl"]
    code, _, err = run(capsys, "anonymize", "study", "--output", out, *BARE, *words)
    assert (code, "(0010,0020)" in err) == (1, True)
    assert {path.name for path in Path(out).iterdir()} == {"one.dcm"}
    rows = reports.read(Path(f"{out}.jsonl")).files
    (refused,) = (row for row in rows if row["outcome"] == "refused")
    assert (refused["path"], refused["kind"], refused["tag_path"]) == ("two.dcm", "not-in-table", "(0010,0020)")
    report = (Path(f"{out}.jsonl")).read_text()
    assert not any(value in report for value in (PATIENT, "PAT-4712-XY", "A1", NAME))


def test_the_row_of_a_run_has_its_rules_and_the_id_of_its_key(out: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = [*KEYED, "--set", f"PatientComments={NAME[:4]}", "--map", "PatientID=table.csv", "--keep", "StudyID"]
    assert run(capsys, "anonymize", "study", "--output", out, "--report", f"{out}.jsonl", *options)[0] == 0
    row = reports.read(Path(f"{out}.jsonl")).run
    assert (row["level"], row["key"]) == ("pseudonymize", KEY.id)
    rules = row["rules"]
    rewriting = ["remove", "empty", "dummy", "by_type", "by_concept"]
    assert list(rules) == ["blank", "keep", "pseudonymize", "shift", "set", "map", *rewriting]
    assert not any(rules[word] for word in rewriting)
    assert (rules["keep"], rules["shift"]) == (["StudyID"], ["dates"])
    assert (rules["set"], rules["map"]) == (["PatientComments"], ["PatientID"])
    assert "SOPInstanceUID" in rules["pseudonymize"]
    assert "PatientID" not in rules["pseudonymize"]
    said = (Path(f"{out}.jsonl")).read_text()
    assert not any(value in said for value in (NAME[:4], "A1", PATIENT, bytes(range(32)).hex()))


def test_plan_shows_actions_and_asks_for_no_key(out: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["plan", "study/one.dcm", "--level", "pseudonymize", "--set", f"PatientComments={NAME[:4]}"]
    code, said, err = run(capsys, *words, "--map", "PatientID=table.csv")
    assert (code, err) == (0, "")
    for action, keyword in (("map", "PatientID"), ("shift", "StudyDate"), ("set", "PatientComments")):
        assert any(line.split()[0] == action and keyword in line for line in said.splitlines())
    assert not any(value in said for value in (NAME[:4], "A1"))
    code, said, _ = run(capsys, *words, "--json")
    assert code == 0
    assert {edit["keyword"]: edit["action"] for edit in json.loads(said)["edits"]} == {
        "StudyDate": "shift",
        "PatientID": "pseudonymize",
        "PatientComments": "set",
    }
    assert run(capsys, *words, "--key", "good.key", "--json")[:2] == (0, said)
    assert run(capsys, "plan", "study/one.dcm", "--key", "good.key")[0] == 2  # no rule needs it


@pytest.mark.usefixtures("out")
def test_plan_with_a_key_says_what_would_be_refused(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["plan", "study/two.dcm", *KEYED, "--map", "PatientID=other.csv", "--json"]
    code, said, err = run(capsys, *words)
    row = json.loads(said)
    assert (code, err, row["kind"], "(0010,0020)" in row["error"]) == (1, "", "not-in-table", True)


def test_a_rule_is_a_rule_without_the_command(things: Path, out: str) -> None:
    """What the command does, the calls do."""
    main(["anonymize", "study/one.dcm", "--output", f"{out}/", *KEYED, "--set", "PatientComments=A", "--quiet"])
    data = (things / "study" / "one.dcm").read_bytes()
    assert Path(out, "one.dcm").read_bytes() == made(data, LEVEL.rules.set("PatientComments", "A")).data
    assert CLASS_UID.encode() in data


def test_unmarked_write_is_for_files_that_have_no_room_for_a_mark(out: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(Path(f"{out}.dcm"), file_of(patient())[132:])
    before = path.read_bytes()
    code, _, err = run(capsys, "anonymize", str(path), "--in-place", *KEYED)
    assert (code, path.read_bytes() == before, "unmarked" in err) == (1, True, True)
    words = ["--unmarked", "write", "--report", f"{out}.jsonl"]
    assert run(capsys, "anonymize", str(path), "--in-place", *words, *KEYED)[0] == 0
    lines = reports.read(Path(f"{out}.jsonl"))
    assert [row["warnings"] for row in lines.files] == [["unmarked"]]
    assert lines.run["destination"]["unmarked"] == "write"
    assert path.read_bytes() == made(before).data
