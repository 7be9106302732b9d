"""Levels of one's own: what a file may say, what it is refused for, and where it is named."""

from __future__ import annotations

import json
import os
import pickle

import pytest
from pydicom import dcmread

import dicomblank
from dicomblank import Level, Rules
from dicomblank.level_files import DEEPEST, LARGEST
from dicomblank.levels import core_rules, level_name
from keyed import KEY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command

#: It must not stand in any message.
SECRET = "MUSTERMANN7"  # noqa: S105 (the value of an element)

#: Of the two samples, and those that stand in a sequence of one of them.
IDS = {"1CT1": "A1", "4MR1": "A2", "ABCD1234": "A3", "1234ABCD": "A4"}

TRIAL = """
name = "trial-7"
extends = "anonymize"
keep = "OperatorsName"
blank = ["PatientComments", "(60xx,4000)", "StudyDate,SeriesDate"]
[set]
StudyID = "1"
[map]
PatientID = "ids.csv"
"""
#: Of a level that needs a key.
GROUPING = """
name = "grouping"
extends = "pseudonymize"
keep = ["dates"]
"""


def level(folder: Path, text: str | bytes, name: str = "level.toml") -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def ids(folder: Path) -> None:
    (folder / "ids.csv").write_text("".join(f"{old},{new}\n" for old, new in {"old": "new", **IDS}.items()))


def head(*lines: str, extends: str = "anonymize") -> str:
    return "\n".join((f'name = "mine"\nextends = "{extends}"', *lines, ""))


# what a file comes to


def test_a_level_file_is_the_level_it_extends_and_its_own_rules(tmp_path: Path) -> None:
    ids(tmp_path)
    rules = Rules.from_file(level(tmp_path, TRIAL))
    expected = (
        Level.ANONYMIZE.rules.blank("PatientComments", "(60xx,4000)", "StudyDate,SeriesDate")
        .keep("OperatorsName")
        .set("StudyID", "1")
        .map("PatientID", IDS)
    )
    assert rules == expected
    assert core_rules(rules) == core_rules(expected)


@pytest.mark.parametrize("name", ["original", "anonymize", "anonymise", "anonymize-full", "pseudonymize", "basic"])
def test_a_file_without_rules_is_the_level_it_extends(tmp_path: Path, name: str) -> None:
    assert Rules.from_file(level(tmp_path, head(extends=name))) == Level(name).rules


def test_each_word_does_what_the_option_does(tmp_path: Path) -> None:
    text = head(
        'blank = ["PatientSex"]',
        'keep = ["PatientName"]',
        'pseudonymize = ["PatientID"]',
        'shift = "dates"',
        'remove = "private, (50xx,xxxx)"',
        'set = { StudyID = "1" }',
        'map = { AccessionNumber = { "1" = "2" } }',
        extends="original",
    )
    assert Rules.from_file(level(tmp_path, text)) == Rules(
        "PatientSex",
        "PatientName",
        pseudonymize="PatientID",
        shift="dates",
        remove=["private", "(50xx,xxxx)"],
        set={"StudyID": "1"},
        map={"AccessionNumber": {"1": "2"}},
    )


def test_a_file_extends_another_which_lies_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    folder.mkdir()
    ids(folder)
    level(folder, TRIAL, "base.toml")
    path = level(tmp_path, head('blank = ["OperatorsName"]', 'set = { StudyID = "2" }', extends="house/base.toml"))
    rules, base = Rules.from_file(path), Rules.from_file(folder / "base.toml")
    assert rules == base.blank("OperatorsName").set("StudyID", "2")
    assert rules.kept == ()


def test_a_mark_of_the_order_of_bytes_and_line_ends_of_windows_do_not_matter(tmp_path: Path) -> None:
    plain = Rules.from_file(level(tmp_path, head('blank = ["PatientID"]')))
    odd = Rules.from_file(
        level(tmp_path, b"\xef\xbb\xbf" + head('blank = ["PatientID"]').replace("\n", "\r\n").encode())
    )
    assert (odd, odd.level) == (plain, plain.level)


def test_options_of_the_profile(tmp_path: Path) -> None:
    options = 'options = ["retain-uids", "retain-device-identity"]'
    path = level(tmp_path, head(options, 'keep = ["StudyDate"]', extends="basic"))
    rules = Rules.from_file(path)
    assert rules == Rules.basic("retain-uids", "retain-device-identity").keep("StudyDate")
    assert rules.level is not None
    assert rules.level.startswith("mine@")
    assert rules.level.endswith(":basic+retain-device-identity+retain-uids")
    on_top = level(tmp_path, head(options, extends="level.toml"), "other.toml")
    with pytest.raises(ValueError, match="options are those of the level basic"):
        Rules.from_file(on_top)


# what it is called


def test_it_is_called_by_its_name_and_what_it_comes_to(tmp_path: Path) -> None:
    def called(*lines: str, extends: str = "anonymize") -> str:
        name = Rules.from_file(level(tmp_path, head(*lines, extends=extends))).level
        assert name is not None
        return name

    plain = called()
    assert plain.startswith("mine@")
    assert len(plain) == len("mine@") + 16
    assert called("# a remark") == plain
    assert called('blank = ["PatientName"]') == plain  # which the level blanks already
    others = [
        called(extends="original"),
        called('blank = ["PatientID"]'),
        called('keep = ["PatientID"]'),
        called('set = { StudyID = "1" }'),
        called('set = { StudyID = "2" }'),
        called('map = { StudyID = { "1" = "2" } }'),
        called('map = { StudyID = { "1" = "3" } }'),
    ]
    assert len({plain, *others}) == 1 + len(others)


def test_what_it_is_called_tells_nothing_of_the_old_values(tmp_path: Path) -> None:
    names = {
        Rules.from_file(level(tmp_path, head(f'map = {{ StudyID = {{ "{old}" = "9" }} }}'))).level for old in "123"
    }
    assert len(names) == 1


def test_rules_keep_their_name_when_pickled_and_lose_it_when_changed(tmp_path: Path) -> None:
    rules = Rules.from_file(level(tmp_path, head()))
    again = pickle.loads(pickle.dumps(rules))  # noqa: S301 (our own)
    assert (again, again.level, level_name(again)) == (rules, rules.level, rules.level)
    assert rules.blank("PatientID").level is None
    assert Level.ANONYMIZE.rules.level is None
    assert rules == Level.ANONYMIZE.rules  # a name makes no rules


# what it is refused for

REFUSED: dict[str, tuple[str | bytes, list[str]]] = {
    "no TOML": ("name = mine", ["not TOML at line 1, column 8", "quotation marks"]),
    "no TOML at the end": ('name = "mine', ["not TOML"]),
    "deep": ("blank = " + "[" * 100_000, ["not TOML"]),
    "a long number": ("name = " + "1" * 10_000, ["not TOML"]),
    "not UTF-8": (b'name = "mine"\nextends = "\xff"', ["not UTF-8 at byte 25"]),
    "NULs": (b"\0" * 100, ["not TOML at line 1, column 1"]),
    "huge": (b"#" * (LARGEST + 1), ["larger than 1,048,576 bytes"]),
    "empty": ("", ["name is missing"]),
    "a word": (head('blnk = ["PatientID"]'), ["no word 'blnk'; did you mean blank?"]),
    "a word that is far": (head("zzz = 1"), ["no word 'zzz'; there are name, extends, options, blank"]),
    "a tag in the place of a word": (head('PatientID = "x"'), ["no word 'PatientID'"]),
    "a word with a line in it": (head('"a\\nb" = 1'), ["no word 'a\\\\x0ab'"]),
    "a long word": (head(f"{'z' * 1000} = 1"), [f"no word '{'z' * 40}…'"]),
    "options of another level": (head('options = ["retain-uids"]'), ['they stand beside extends = "basic"']),
    "options of no list": (head('options = "retain-uids"', extends="basic"), ["options is a list"]),
    "options of numbers": (head("options = [7]", extends="basic"), ["options is a list"]),
    "no option": (
        head('options = ["retain-uid"]', extends="basic"),
        ["options: no option", "did you mean retain-uids"],
    ),
    "an option that is not met": (head('options = ["clean-graphics"]', extends="basic"), ["clean-graphics is not met"]),
    "options that contradict each other": (
        head(
            'options = ["retain-longitudinal-full-dates", "retain-longitudinal-modified-dates"]',
            extends="basic",
        ),
        ["exclude each other"],
    ),
    "removed and kept": (head('remove = ["StudyID"]', 'keep = "StudyID"'), ["StudyID is under keep and under remove"]),
    "removed twice": (head('remove = ["private", "PRIVATE"]'), ["private is under remove twice"]),
    "pixel data removed": (head('remove = ["PixelData"]'), ["remove: (7FE0,0010)", "pixel data"]),
    "no name": ('extends = "anonymize"', ["name is missing"]),
    "a name that is no text": ('name = 7\nextends = "anonymize"', ["name is a text"]),
    "an empty name": ('name = ""\nextends = "anonymize"', ["name begins with a letter or digit"]),
    "a name with a space": ('name = "my level"\nextends = "anonymize"', ["name begins with"]),
    "a name with an @": ('name = "a@b"\nextends = "anonymize"', ["name begins with"]),
    "a name with another script": ('name = "größe"\nextends = "anonymize"', ["name begins with"]),
    "a long name": (f'name = "{"a" * 65}"\nextends = "anonymize"', ["up to 64"]),
    "the name of a file": ('name = "a.toml"\nextends = "anonymize"', ["does not end in .toml"]),
    "the name of a level": ('name = "anonymize"\nextends = "original"', ["anonymize is that of a level"]),
    "the same in capitals": ('name = "Anonymise-Full"\nextends = "original"', ["is that of a level"]),
    "the name of what is to come": ('name = "basic"\nextends = "original"', ["basic is that of a level"]),
    "extends nothing": ('name = "mine"', ["extends is missing", "original begins with nothing"]),
    "extends a list": ('name = "mine"\nextends = ["anonymize"]', ["extends is one text"]),
    "extends no level": (
        head(extends="anonymize-ful"),
        ["extends: no level 'anonymize-ful'", "did you mean anonymize-full?"],
    ),
    "extends no file": (head(extends="base.toml"), ["extends", "base.toml: No such file"]),
    "extends a folder": (head(extends="./"), ["extends", "Is a directory"]),
    "a tag": (head('blank = ["PatientNam"]'), ["blank: no tag 'PatientNam'", "did you mean PatientName"]),
    "an empty tag": (head('keep = [""]'), ["keep: no tag ''"]),
    "a number": (head("blank = [0x00100010]"), ["blank is a list of tags, each in quotation marks"]),
    "no list": (head("keep = true"), ["keep is a list of tags"]),
    "a list of lists": (head('shift = [["dates"]]'), ["shift is a list of tags"]),
    "twice in a list": (head('blank = ["PatientID", "PatientID"]'), ["(0010,0020) PatientID is under blank twice"]),
    "twice in a text": (head('blank = "PatientID,00100020"'), ["PatientID is under blank twice"]),
    "twice, spelled otherwise": (
        head('keep = ["OverlayComments", "(60xx,4000)"]'),
        ["(60xx,4000) OverlayComments is under keep twice"],
    ),
    "in two lists": (head('blank = ["StudyID"]', 'set = { StudyID = "1" }'), ["StudyID is under blank and under set"]),
    "in two tables": (head('set = { StudyID = "1", "00200010" = "2" }'), ["StudyID is under set twice"]),
    "pixel data": (head('blank = ["PixelData"]'), ["blank: (7FE0,0010)", "pixel data"]),
    "no such VR": (head('pseudonymize = ["PatientSize"]'), ["pseudonymize: (0010,1020) is of VR DS"]),
    "set is no table": (head('set = ["StudyID"]'), ["set is a table of tags"]),
    "set to a number": (head("set = { StudyID = 7 }"), ["set of (0020,0010) StudyID is a text"]),
    "set to a long text": (
        head(f'set = {{ AccessionNumber = "{SECRET * 3}" }}'),
        ["set of (0008,0050) AccessionNumber: "],
    ),
    "set to a text of another script": (head(f'set = {{ StudyID = "{SECRET}ö" }}'), ["set of (0020,0010) StudyID: "]),
    "set twice in the file": (head("[set]", f'StudyID = "{SECRET}"', 'StudyID = "2"'), ["not TOML at line 5"]),
    "mapped twice": (head("[map.StudyID]", f'"{SECRET}" = "1"', f'"{SECRET}" = "2"'), ["not TOML at line 5"]),
    "mapped twice in one line": (
        head(f'map = {{ StudyID = {{ "{SECRET}" = "1", "{SECRET}" = "2" }} }}'),
        ["not TOML at line 3"],
    ),
    "mapped to a number": (
        head(f'map = {{ StudyID = {{ "{SECRET}" = 2 }} }}'),
        ["map of (0020,0010) StudyID is the name of a CSV file"],
    ),
    "mapped to another script": (
        head(f'map = {{ StudyID = {{ "{SECRET}" = "ö" }} }}'),
        ["map of (0020,0010) StudyID: row 1"],
    ),
    "mapped by no file": (head('map = { StudyID = "" }'), ["map of (0020,0010) StudyID is the name of a CSV file"]),
    "mapped by a missing file": (head('map = { StudyID = "ids.csv" }'), ["StudyID: ids.csv: No such file"]),
    "mapped by a folder": (head('map = { StudyID = "." }'), ["StudyID: .: Is a directory"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_level_is_refused_by_the_call_and_by_the_command(command: Command, study: Path, name: str) -> None:
    text, words = REFUSED[name]
    path = level(study.parent, text)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the words are below)
        Rules.from_file(path)
    done = command("anonymize", "study", "--output", "out", "--level", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert not (study.parent / "out").exists()
    for said in (str(caught.value), done.stderr):
        assert path in said
        assert SECRET not in said
        assert "Traceback" not in said
    for word in words:
        assert word in str(caught.value)


def test_a_table_without_a_column_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text(f"old,neu\n{SECRET},1\n")
    with pytest.raises(ValueError, match=r"map of \(0020,0010\) StudyID: .*ids.csv has no column new"):
        Rules.from_file(level(tmp_path, head('map = { StudyID = "ids.csv" }')))


@pytest.mark.parametrize("of", [1, 2, 5])
def test_a_ring_is_refused(tmp_path: Path, of: int) -> None:
    paths = [level(tmp_path, head(extends=f"{(number + 1) % of}.toml"), f"{number}.toml") for number in range(of)]
    for path in paths:
        with pytest.raises(ValueError, match="a level can't extend itself"):
            Rules.from_file(path)


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_ring_by_way_of_a_link_is_refused(tmp_path: Path, link: object) -> None:
    path = level(tmp_path, head(extends="other.toml"))
    assert callable(link)
    link(path, tmp_path / "other.toml")
    with pytest.raises(ValueError, match="a level can't extend itself"):
        Rules.from_file(path)


def test_so_many_files_may_extend_one_another_and_no_more(tmp_path: Path) -> None:
    level(tmp_path, head(), "0.toml")
    for number in range(1, DEEPEST + 1):
        level(tmp_path, head(extends=f"{number - 1}.toml"), f"{number}.toml")
    assert Rules.from_file(tmp_path / f"{DEEPEST - 1}.toml") == Level.ANONYMIZE.rules
    with pytest.raises(ValueError, match="more than 16 files"):
        Rules.from_file(tmp_path / f"{DEEPEST}.toml")


@pytest.mark.parametrize("name", ["missing.toml", "folder/", "pipe.toml", "/dev/zero"])
def test_what_is_no_file_is_told_at_once(command: Command, study: Path, name: str) -> None:
    (study.parent / "folder").mkdir()
    os.mkfifo(study.parent / "pipe.toml")
    said = {"missing.toml": "No such file or directory", "folder/": "Is a directory"}
    done = command("plan", "study", "--level", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{name}: {said.get(name, 'a level is a file, and this is a pipe or a device')}" in done.stderr


def test_the_ending_of_a_file_that_is_there_is_suggested(command: Command, study: Path) -> None:
    level(study.parent, head(), "mine.toml")
    done = command("plan", "study", "--level", "mine")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no level 'mine'; did you mean mine.toml?" in done.stderr


def test_a_level_file_by_its_string_is_told_how_to_be_read() -> None:
    with pytest.raises(ValueError, match=r"no level 'mine.toml': Rules.from_file reads a level file"):
        dicomblank.anonymize_bytes(b"", "mine.toml")


def test_a_key_is_asked_for_where_a_level_file_needs_one(command: Command, study: Path) -> None:
    path = level(study.parent, GROUPING)
    done = command("anonymize", "study", "--output", "out", "--level", path)
    assert done.returncode == 2
    assert "key" in done.stderr
    with pytest.raises(ValueError, match="key"):
        dicomblank.anonymize_copy(study, study.parent / "out", Rules.from_file(path))
    assert not (study.parent / "out").exists()


# through the call and the command


def first_row(path: Path) -> dict[str, object]:
    row = json.loads(path.read_text().splitlines()[0])
    assert isinstance(row, dict)
    return row


def test_a_level_file_through_the_calls(study: Path) -> None:
    ids(study.parent)
    rules, out = Rules.from_file(level(study.parent, TRIAL)), study.parent / "out"
    report = study.parent / "run.jsonl"
    assert dicomblank.anonymize_copy(study, out, rules, report=report).anonymized == 2
    before, after = dcmread(study / "ct.dcm"), dcmread(out / "ct.dcm")
    assert (after.PatientID, after.StudyID.strip(), str(after.StudyDate).strip()) == ("A1", "1", "")
    assert (after.SOPInstanceUID, after.PixelData) == (before.SOPInstanceUID, before.PixelData)
    assert dicomblank.verify(study, out, rules).ok
    assert not dicomblank.verify(study, out, rules.blank("PatientSex")).ok
    assert first_row(report)["level"] == rules.level
    assert dicomblank.inspect(study, rules).level == rules.level
    assert {edit.action for edit in dicomblank.plan(study / "ct.dcm", rules)} == {"blank", "set", "map"}
    again = dicomblank.anonymize_bytes((study / "ct.dcm").read_bytes(), rules)
    assert again == (out / "ct.dcm").read_bytes()


def test_one_that_extends_pseudonymize_through_the_calls(study: Path) -> None:
    rules, out = Rules.from_file(level(study.parent, GROUPING)), study.parent / "out"
    assert dicomblank.anonymize_copy(study, out, rules, key=KEY).anonymized == 2
    before, after = dcmread(study / "ct.dcm"), dcmread(out / "ct.dcm")
    assert (after.StudyDate, after.SOPInstanceUID != before.SOPInstanceUID) == (before.StudyDate, True)
    assert after.PatientID != before.PatientID
    assert dicomblank.verify(study, out, rules, key=KEY).ok
    assert not dicomblank.verify(study, out, "pseudonymize", key=KEY).ok


@pytest.mark.parametrize("text", [TRIAL, GROUPING], ids=["extends anonymize", "extends pseudonymize"])
def test_a_level_file_through_every_command(command: Command, study: Path, text: str) -> None:
    ids(study.parent)
    path = level(study.parent, text, "trial.toml")
    called = Rules.from_file(path).level
    assert called is not None
    key = ["--key", "secret.key"] if text is GROUPING else []
    if key:
        assert command("key", "new", "secret.key").returncode == 0
    words = ["--level", "trial.toml", *key]

    planned = command("plan", "study", *words, "--report", "plan.jsonl")
    assert (planned.returncode, f"at the level {called}" in planned.stdout) == (0, True)
    done = command("anonymize", "study", "-o", "out", *words, "--report", "run.jsonl", "--html", "run.html")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"at the level {called}" in done.stdout
    assert "dicomblank verify study out --level trial.toml" in done.stdout
    verified = command("verify", "study", "out", *words, "--report", "verify.jsonl")
    assert (verified.returncode, f"are what the level {called} makes" in verified.stdout) == (0, True)
    looked = command("inspect", "study", "--level", "trial.toml", "--json", "--report", "inspect.jsonl")
    assert (looked.returncode, json.loads(looked.stdout)["level"]) == (0, called)
    for report in ("plan", "run", "verify", "inspect"):
        assert first_row(study.parent / f"{report}.jsonl")["level"] == called
    page = (study.parent / "run.html").read_text()
    assert called in page
    assert "Every element that no rule names." in page

    assert command("shard", "study", "--into", "shards", "--files", "10").returncode == 0
    manifest = next((study.parent / "shards").glob("*.jsonl"))
    shard = ["run-shard", manifest, "-o", "sharded", "--ledger", "ledger", *words]
    assert command(*shard).returncode == 0
    again = command(*shard)
    assert (again.returncode, "1 of them before" in again.stdout) == (0, True)
    # The same name with other rules is another level.
    other_text = text.replace('StudyID = "1"', 'StudyID = "2"').replace('["dates"]', '["dates", "PatientSex"]')
    level(study.parent, other_text, "trial.toml")
    other = command(*shard)
    assert (other.returncode, "is of a run with another level" in other.stderr) == (2, True)


def test_options_stand_beside_a_level_file(command: Command, study: Path) -> None:
    level(study.parent, head('blank = ["PatientID"]'), "mine.toml")
    done = command("anonymize", "study", "-o", "out", "--level", "./mine.toml", "--keep", "PatientID")
    assert done.returncode == 0
    assert "with --keep" in done.stdout
    assert dcmread(study.parent / "out" / "ct.dcm").PatientID == dcmread(study / "ct.dcm").PatientID


def test_levels_shows_what_a_level_file_comes_to_tag_by_tag(command: Command, tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text(f"old,new\n{SECRET},1\n")
    path = level(tmp_path, TRIAL.replace('StudyID = "1"', f'StudyID = "{SECRET}"') + 'AccessionNumber = "ids.csv"\n')
    done = command("levels", path)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert rows[0] == Rules.from_file(path).level
    assert SECRET not in done.stdout
    for row in (
        "(0010,0010) PatientName PN blanked",
        "(0008,1070) OperatorsName PN kept",
        "(0020,0010) StudyID SH set",
        "(0010,0020) PatientID LO mapped",
        "(60xx,4000) OverlayComments blanked",
    ):
        assert row in rows
    assert sum(row.startswith("(") for row in rows) == len(Rules.from_file(path).told()) == 12
    assert rows.index("(60xx,4000) OverlayComments blanked") > rows.index("(0020,0010) StudyID SH set")


def test_levels_shows_single_levels(command: Command) -> None:
    done = command("levels", "original", "pseudonymize")
    assert done.returncode == 0
    assert done.stdout.startswith("original\n  blanks nothing")
    rows = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "pseudonymize (needs --key)" in rows
    assert "(0008,0018) SOPInstanceUID UI pseudonymized" in rows
    assert "dates shifted" in rows
    assert command("levels", "pseudonymise-").returncode == 2
