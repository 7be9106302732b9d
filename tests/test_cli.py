"""The command, run as a process."""

import io
import json
import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pydicom
import pytest

import dicomblank
from conftest import Command, file_rows
from dicomblank import Level, _core
from dicomblank.cli import main
from dicomblank.commands.anonymize import how_far
from dicomblank.leftovers import NOT_LOOKED_FOR
from dicomblank.notice import LEFT_BY_ANONYMIZE, RECALL
from dicomblank.terminal import ProgressBar
from elements import EXPLICIT, SEQUENCE_DELIMITER
from namespaces import bound_by_permissions
from samples import CT, FULL_TAGS, MR, damaged_ct

LEAVES = f"The level anonymize leaves {LEFT_BY_ANONYMIZE}."
NOTES = "1 other file is not DICOM and was not copied (notes.txt)."
NOTES_IN_PLACE = "1 other file is not DICOM and was left alone (notes.txt)."


def summary(stdout: str) -> list[str]:
    """The sentences of a summary, without how long it took."""
    return [re.sub(r" ?\((.*? in )?(under )?[0-9.]+ s\)", "", line) for line in stdout.splitlines()]


@pytest.fixture
def damaged(study: Path) -> Path:
    (study / "damaged.dcm").write_bytes(damaged_ct())
    return study


def test_the_last_line_recalls_what_was_not_looked_for(command: Command, study: Path) -> None:
    for arguments in [("--output", "out"), ("--in-place",), ("--in-place", "--level", "original")]:
        done = command("anonymize", study, *arguments)
        said = [line for line in done.stdout.splitlines() if not line.startswith("Next: ")]
        assert (done.returncode, said[-1]) == (0, RECALL)


# starting


def test_the_version(command: Command) -> None:
    done = command("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"dicomblank {dicomblank.__version__}\n", "")


def test_the_installed_command_is_the_same() -> None:
    script = Path(sys.executable).parent / "dicomblank"
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"dicomblank {dicomblank.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["examples:", "anonymize", "plan", "verify", "report", "levels", "key", "reveal"]),
        (["anonymize"], ["examples:", "--in-place", "--output", "--report", "--skip-existing", "Exit codes"]),
        (["plan"], ["examples:", "--json"]),
        (["verify"], ["examples:", "BEFORE", "AFTER"]),
        (["report"], ["examples:", "--output", "--no-paths", "PASS", "REVIEW REQUIRED", "Exit codes"]),
        (["levels"], ["usage:"]),
        (["key"], ["examples:", "new", "show"]),
        (["key", "new"], ["examples:", "exists is never", "Exit codes"]),
        (["key", "show"], ["examples:", "chmod 600", "Exit codes"]),
        (["reveal"], ["examples:", "--key", "--id", "--uid", "stdin", "Exit codes"]),
    ],
    ids=" ".join,
)
def test_help_teaches(command: Command, arguments: list[str], words: list[str]) -> None:
    done = command(*arguments, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert not [word for word in words if word not in done.stdout]
    assert max(map(len, done.stdout.splitlines())) <= 80
    for asked in (["help", *arguments], [*arguments, "-h"]):
        again = command(*asked)
        assert (again.returncode, again.stdout, again.stderr) == (0, done.stdout, "")


def test_alone_it_shows_its_help(command: Command) -> None:
    done = command()
    assert (done.returncode, done.stdout, done.stderr) == (0, command("--help").stdout, "")


@pytest.mark.parametrize("name", ["anonymize", "plan", "verify", "levels", "key", "key new", "key show", "reveal"])
def test_help_wraps_at_words(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str) -> None:
    widest = {}
    words: set[tuple[str, ...]] = set()
    for columns in [*range(50, 105), 300]:
        monkeypatch.setenv("COLUMNS", str(columns))
        with pytest.raises(SystemExit):
            main(["help", *name.split()])
        shown = capsys.readouterr().out
        words.add(tuple(shown.split()))
        lines = [line for line in shown.splitlines() if not line.startswith(("usage: ", "  dicomblank "))]
        widest[columns] = max(map(len, lines))
        assert widest[columns] <= min(columns, 100)
    assert len(words) == 1  # none was broken at a hyphen
    if name in {"anonymize", "plan", "verify"}:
        assert widest[100] > 80


@pytest.mark.parametrize("arguments", [["help", "anonymize"], ["help", "plan"], ["help", "verify"], ["levels"]])
def test_the_default_level_says_what_it_leaves(command: Command, arguments: list[str]) -> None:
    assert f"leaves {LEFT_BY_ANONYMIZE}" in " ".join(command(*arguments).stdout.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["blank"],
            "there are anonymize, plan, verify, inspect, shard, run-shard, report, levels, key and reveal.",
        ),
        (["anonymse", "study"], "no command 'anonymse'; did you mean anonymize?"),
        (["help", "levles"], "no command 'levles'; did you mean levels?"),
        (["a\x1bb"], r"no command 'a\\x1bb'"),
        (["--in-place", "study"], "no option --in-place before a command."),
        (["--versoin"], "no option --versoin before a command; did you mean --version?"),
        (["anonymize", "study"], "say where the result goes: --output DIR writes copies, --in-place overwrites"),
        (["anonymize", "--in-place"], "SOURCE is missing: name a file or a folder"),
        (["anonymize", "study", "--in-place", "--output", "out"], "--output and --in-place exclude each other"),
        (["anonymize", "study", "--in-pl"], "no option --in-pl; did you mean --in-place?"),
        (["anonymize", "study", "--inplace"], "no option --inplace; did you mean --in-place?"),
        (["anonymize", "--ouptut", "out"], "no option --ouptut; did you mean --output?"),
        (["anonymize", "study", "-output", "out"], "no option -output; did you mean --output?"),
        (["anonymize", "study", "-level=original", "--in-place"], "no option -level; did you mean --level?"),
        (["anonymize", "study", "--output", "out", "--jobs", "2"], "no option --jobs."),
        (["anonymize", "study", "--output", "out", "-x"], "no option -x."),
        (["anonymize", "study", "--output", "out", "-qxj2"], "no option -x."),
        (["anonymize", "study", "--output", "out", "--quiet=yes"], "--quiet takes no value"),
        (["anonymize", "study", "--output"], "--output needs a value: --output DIR"),
        (["anonymize", "study", "-o"], "--output needs a value: --output DIR"),
        (["anonymize", "study", "--in-place", "--hard-links"], "needs a value: --hard-links {refuse,write}"),
        (["anonymize", "study", "--in-place", "--hard-links", "wirte"], "--hard-links is refuse or write, not 'wirte'"),
        (["anonymize", "study", "--output", "out", "study"], "'study' stands apart from the other names"),
        (["anonymize", "missing", "--in-place"], "missing"),
        (["anonymize", "study", "missing", "--in-place"], "missing"),
        (["anonymize", "study", "--in-place", "--level", "full"], "no level 'full'; there are original, anonymize, "),
        (["anonymize", "study", "--in-place", "--level", "anonymise-ful"], "did you mean anonymize-full?"),
        (["anonymize", "study", "--in-place", "--blank", "PatientNam"], "did you mean PatientName"),
        (["anonymize", "study", "--in-place", "--keep", "(0010,0011)"], "did you mean (0010,0010) PatientName"),
        (["anonymize", "study", "--in-place", "--blank", "PixelData"], "pixel data"),
        (["anonymize", "study", "--in-place", "--blank", "TransferSyntaxUID"], "file meta"),
        (
            ["anonymize", "study", "--in-place", "--blank", "StudyDate", "--keep", "00080020"],
            "(0008,0020) StudyDate is under --blank and under --keep",
        ),
        (["anonymize", "study", "--in-place", "--workers", "0"], "from 1 to 1024"),
        (["anonymize", "study", "--in-place", "--workers", "many"], "from 1 to 1024"),
        (["anonymize", "study", "--in-place", "--skip-existing"], "--output"),
        (["anonymize", "study", "--in-place", "--overwrite"], "--output"),
        (["anonymize", "study", "--output", "out", "--hard-links", "write"], "--in-place"),
        (["anonymize", "study", "--output", "out", "--overwrite", "--skip-existing"], "exclude each other"),
        (["anonymize", "study", "--output", "study"], "study"),
        (["anonymize", "study", "--output", "study/out"], "study"),
        (["anonymize", "study", "--output", "."], "."),
        (["anonymize", "study", "--output", "out", "--report", "there.jsonl"], "there.jsonl"),
        (["anonymize", "study", "--output", "out", "--report", "study/run.jsonl"], "report"),
        (["anonymize", "study", "--output", "out", "--report", "out/run.jsonl"], "report"),
        (["anonymize", "study", "--output", "out", "--report", "nowhere/run.jsonl"], "run.jsonl"),
        (["anonymize", "study/ct.dcm", "twin/ct.dcm", "--output", "out"], "ct.dcm"),
        (["plan"], "SOURCE is missing"),
        (["plan", "missing"], "missing"),
        (["plan", "study/ct.dcm", "missing"], "missing"),
        (["plan", "study", "missing"], "missing"),
        (["plan", "study", "--report", "there.jsonl"], "there.jsonl exists already"),
        (["plan", "study", "--json", "--report", "-"], "the report can't go to stdout: --json is there, too"),
        (["verify"], "BEFORE and AFTER are missing"),
        (["verify", "study"], "AFTER is missing"),
        (["verify", "study", "missing"], "missing"),
        (["verify", "study", "study/ct.dcm"], "two files or two trees"),
        (["verify", "study", "study", "--blank", "x", "--keep", "x"], "no tag 'x'"),
        (["levels", "study"], "no level 'study'; there are original,"),
        (["key"], "say what to do: new makes a key file, show prints the id of one"),
        (["key", "nwe"], "no command 'nwe'; there are new and show."),
        (["key", "new"], "FILE is missing: name the key file"),
        (["key", "new", "there.jsonl"], "there.jsonl: File exists"),
        (["key", "new", "nowhere/secret.key"], "nowhere/secret.key: No such file or directory"),
        (["key", "new", "study"], "study: File exists"),
        (["key", "new", "a", "b"], "'b' is one name too many"),
        (["key", "show"], "FILE is missing: name the key file"),
        (["key", "show", "missing"], "missing: No such file or directory"),
        (["key", "show", "study"], "study: Is a directory"),
        (["key", "show", "there.jsonl"], "chmod 600"),
        (["reveal", "--id", "x"], "--key FILE is missing"),
        (["reveal", "--key", "missing", "x"], "say what the values are: --id or --uid"),
        (["reveal", "--key", "missing", "--id", "--uid", "x"], "--id and --uid exclude each other"),
        (["reveal", "--key", "missing", "--id"], "VALUE is missing: name a pseudonym, or - for those in stdin"),
        (["reveal", "--key", "missing", "--id", "-", "x"], "- stands alone"),
        (["reveal", "--key", "missing", "--id", "x"], "missing: No such file or directory"),
        (["reveal", "--key", "there.jsonl", "--id", "x"], "chmod 600"),
        (["reveal", "--kye", "missing", "--id", "x"], "did you mean --key?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_usage_errors_come_before_anything_is_written(
    command: Command, study: Path, arguments: list[str], words: str
) -> None:
    (study.parent / "there.jsonl").write_text("older\n")
    (study.parent / "twin").mkdir()
    shutil.copy(CT, study.parent / "twin" / "ct.dcm")
    done = command(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    (line,) = done.stderr.splitlines()
    name = arguments[0] if arguments[0] in {"anonymize", "plan", "verify", "levels", "key", "reveal"} else ""
    name += f" {arguments[1]}" if name == "key" and arguments[1:2] in (["new"], ["show"]) else ""
    prog = f"dicomblank {name}".rstrip()
    assert line.startswith(f"{prog}: ")
    assert line.endswith((f". See: {prog} --help", f"? See: {prog} --help"))
    assert done.stdout == ""
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()
    assert sorted(path.name for path in study.parent.iterdir()) == ["study", "there.jsonl", "twin"]
    assert (study.parent / "there.jsonl").read_text() == "older\n"


def test_an_option_behind_two_dashes_is_a_name(command: Command, study: Path) -> None:
    (study / "ct.dcm").rename(study.parent / "-x")
    assert command("plan", "--", "-x").stdout.startswith("-x: ")


def test_a_refusal_wraps_on_a_terminal(study: Path) -> None:
    code, shown = on_a_terminal(study.parent, "anonymize", "study", columns=50)
    assert code == 2
    lines = shown.split("\r\n")[:-1]
    assert len(lines) > 2
    assert max(map(len, lines)) <= 50
    assert all(line.startswith("  ") for line in lines[1:])
    assert " ".join(shown.split()).endswith("overwrites the originals. See: dicomblank anonymize --help")


def test_short_options(command: Command, study: Path) -> None:
    done = command("anonymize", "study", "-qj2", "-o", "out", "-l", "anonymize-full")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (study.parent / "out" / "ct.dcm").read_bytes() == expected(CT, Level.ANONYMIZE_FULL)


@pytest.mark.parametrize("level", [Level.ANONYMIZE, Level.ANONYMIZE_FULL])
def test_the_british_spelling_works(command: Command, study: Path, level: Level) -> None:
    british = level.value.replace("z", "s")
    assert command("anonymise", "study", "--in-place", "--level", british).returncode == 0
    assert (study / "ct.dcm").read_bytes() == expected(CT, level)
    assert command("help", "anonymise").stdout == command("help", "anonymize").stdout


# anonymize


def test_quiet_prints_nothing_when_all_is_well(command: Command, study: Path) -> None:
    for words in (["--output", "out"], ["--output", "out", "--skip-existing"], ["--in-place"]):
        done = command("anonymize", "study", "--quiet", *words)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (study.parent / "empty").mkdir()
    done = command("anonymize", "empty", "--in-place", "-q", "--allow-empty")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_quiet_tells_of_faults(command: Command, damaged: Path) -> None:
    done = command("anonymize", "study", "--quiet", "--output", "out")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("refused: study/damaged.dcm: ")
    (damaged.parent / "empty").mkdir()
    done = command("anonymize", "empty", "--in-place", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "no DICOM file found in empty\n")


def test_a_folder_in_place(command: Command, study: Path) -> None:
    done = command("anonymize", "study", "--in-place")
    assert (done.returncode, done.stderr) == (0, "")
    assert summary(done.stdout) == [
        "2 files anonymized in place at the level anonymize.",
        NOTES_IN_PLACE,
        LEAVES,
        NOT_LOOKED_FOR,
        RECALL,
    ]
    values = len(dicomblank.plan(CT)) + len(dicomblank.plan(MR))
    assert re.search(rf" \({values} values blanked in (under )?[0-9.]+ s\)\.$", done.stdout.splitlines()[0])
    assert (study / "ct.dcm").read_bytes() == expected(CT, Level.ANONYMIZE)
    again = command("anonymize", "study", "--in-place")
    assert summary(again.stdout)[0] == "2 files had nothing on the list of the level anonymize."
    assert "blanked" not in again.stdout.splitlines()[0]


def expected(path: Path, level: Level | dicomblank.Rules) -> bytes:
    return dicomblank.anonymize_bytes(path.read_bytes(), level)


@pytest.mark.parametrize("level", [level for level in Level if not level.rules.need_key])
def test_each_level(command: Command, study: Path, level: Level) -> None:
    done = command("anonymize", "study", "--output", "out", "--level", level.value)
    assert done.returncode == 0
    assert (study.parent / "out" / "ct.dcm").read_bytes() == expected(CT, level)
    assert (study.parent / "out" / "series" / "mr").read_bytes() == expected(MR, level)
    assert not (study.parent / "out" / "notes.txt").exists()
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()


def test_a_level_can_be_changed(command: Command, study: Path) -> None:
    changes = ["--blank", "StationName", "--blank", "(0008,1090)", "--keep", "PatientName", "--keep", "00100030"]
    assert command("anonymize", "study", "--in-place", *changes).returncode == 0
    rules = Level.ANONYMIZE.rules.blank("StationName", "ManufacturerModelName").keep("PatientName", "PatientBirthDate")
    assert (study / "ct.dcm").read_bytes() == expected(CT, rules)
    assert expected(CT, rules) != expected(CT, Level.ANONYMIZE)


def test_several_sources(command: Command, study: Path) -> None:
    done = command("anonymize", "study/ct.dcm", "study/series", "--output", "out", "--workers", "2")
    assert summary(done.stdout)[0] == "2 files anonymized at the level anonymize: 2 copies are in out/."
    assert sorted(path.name for path in (study.parent / "out").iterdir()) == ["ct.dcm", "series"]


def test_a_source_inside_another_is_done_once(command: Command, study: Path) -> None:
    done = command("anonymize", "study", "study/series", "study/ct.dcm", "--in-place")
    assert summary(done.stdout)[:2] == ["2 files anonymized in place at the level anonymize.", NOTES_IN_PLACE]


def test_a_refused_file_is_named_with_its_reason(command: Command, damaged: Path) -> None:
    done = command("anonymize", "study", "--output", "out")
    assert done.returncode == 1
    assert summary(done.stdout)[1] == "1 file was refused and is NOT in out/."
    (line,) = done.stderr.splitlines()
    assert line.startswith("refused: study/damaged.dcm: ")
    assert re.search(r" at 0x[0-9a-f]+ in \(0008,0008\)$", line)
    assert not (damaged.parent / "out" / "damaged.dcm").exists()


def test_a_refused_single_file(command: Command, damaged: Path) -> None:
    done = command("anonymize", "study/damaged.dcm", "--in-place")
    assert done.returncode == 1
    assert done.stderr.startswith("refused: study/damaged.dcm: ")
    assert summary(done.stdout) == ["No file was anonymized.", "1 file was refused and was not changed."]
    assert (damaged / "damaged.dcm").read_bytes() == damaged_ct()
    done = command("anonymize", "study/damaged.dcm", "-o", "copy.dcm")
    assert summary(done.stdout) == ["No file was anonymized.", "1 file was refused and was NOT copied."]


def test_a_single_file_that_is_not_dicom(command: Command, study: Path) -> None:
    done = command("anonymize", "study/notes.txt", "study/ct.dcm", "--in-place")
    assert done.returncode == 1
    assert summary(done.stdout)[:2] == ["1 file anonymized in place at the level anonymize.", NOTES_IN_PLACE]
    assert "not DICOM: study/notes.txt" in done.stderr
    assert "no DICOM file found" not in done.stderr


def test_a_run_without_dicom_says_so(command: Command, study: Path) -> None:
    for path in (study / "ct.dcm", study / "series" / "mr"):
        path.unlink()
    done = command("anonymize", "study", "--in-place")
    assert (done.returncode, done.stderr) == (1, "no DICOM file found in study\n")
    left = "1 file is not DICOM and was left alone (notes.txt)."
    assert summary(done.stdout) == ["No file was anonymized.", left]
    single = command("anonymize", "study/notes.txt", "--in-place")
    assert (single.returncode, single.stderr) == (1, "not DICOM: study/notes.txt\n")


def test_links_are_no_dicom_files(command: Command, study: Path) -> None:
    links = study.parent / "links"
    links.mkdir()
    (links / "ct.dcm").symlink_to(study / "ct.dcm")
    not_followed = f"1 link was not followed: ct.dcm -> {study / 'ct.dcm'}."
    for words in ([], ["--allow-empty"]):  # a folder of links is not empty: somebody meant what they point to
        done = command("anonymize", "links", "--in-place", *words)
        assert "no DICOM file found in links" in done.stderr
        assert "nothing but symbolic links found" in done.stderr
        assert (done.returncode, summary(done.stdout)) == (1, ["No file was anonymized.", not_followed])
    (links / "notes.txt").write_text("nothing medical\n")
    for words, code in (([], 1), (["--allow-empty"], 0)):
        done = command("anonymize", "links", "--in-place", *words)
        assert (done.returncode, summary(done.stdout)[-1]) == (code, not_followed)
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()


def test_the_summary_says_what_was_left_out(command: Command, study: Path) -> None:
    for index in range(4):
        (study / f"{index}.txt").write_text("nothing medical\n")
        (study / f"link-{index}").symlink_to("ct.dcm")
    os.mkfifo(study / "fifo")
    done = command("anonymize", study, "--output", "out")
    first, others, links, pipe, *rest = summary(done.stdout)
    assert first == "2 files anonymized at the level anonymize: 2 copies are in out/."
    assert re.fullmatch(r"5 other files are not DICOM and were not copied \((\w+\.txt, ){3}…\)\.", others)
    assert re.fullmatch(r"4 links were not followed: (link-\d -> ct\.dcm, ){3}…\.", links)
    said = "Not a regular file, such as a pipe, a socket or a device: it is not opened."
    assert pipe == f"1 file was skipped (fifo): {said}"
    assert rest[:3] == [LEAVES, NOT_LOOKED_FOR, RECALL]
    assert len(rest) == 4


def test_a_name_in_the_summary_can_not_disturb_a_terminal(command: Command, study: Path) -> None:
    (study / "notes.txt").rename(study / "\x1b[31m.txt")
    (study / "link").symlink_to("\x1b[31m")
    done = command("anonymize", "study", "--output", "out\x1b")
    assert r"(\x1b[31m.txt)" in done.stdout
    assert r"link -> \x1b[31m." in done.stdout
    assert r"2 copies are in out\x1b/" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["study", "-o", "out"], "2 files anonymized at the level anonymize: 2 copies are in out/."),
        (["study", "-o", "out/"], "2 files anonymized at the level anonymize: 2 copies are in out/."),
        (["study/ct.dcm", "-o", "b.dcm"], "1 file anonymized at the level anonymize: the copy is b.dcm."),
        (["study/ct.dcm", "-o", "new/b.dcm"], "1 file anonymized at the level anonymize: the copy is new/b.dcm."),
        (["study/ct.dcm", "-o", "out/"], "1 file anonymized at the level anonymize: the copy is out/ct.dcm."),
        (["study/series", "-o", "out"], "1 file anonymized at the level anonymize: 1 copy is in out/."),
        (
            ["study", "-o", "out", "--blank", "PatientID", "--keep", "PatientName"],
            "2 files anonymized at the level anonymize with --blank and --keep: 2 copies are in out/.",
        ),
        (
            ["study", "-o", "out", "-l", "original"],
            "2 files stay as before, since the level original blanks nothing: 2 copies are in out/.",
        ),
        (
            ["study", "-o", "out", "-l", "original", "--blank", "PatientID"],
            "2 files anonymized at the level original with --blank: 2 copies are in out/.",
        ),
        (["clean", "-o", "out"], "1 file had nothing on the list of the level anonymize: 1 copy is in out/."),
        (
            ["study", "clean", "-o", "out"],
            "2 files anonymized at the level anonymize, 1 had nothing on the level's list: 3 copies are in out/.",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_summary_says_where_the_copies_are(command: Command, study: Path, words: list[str], first: str) -> None:
    clean = study.parent / "clean"
    clean.mkdir()
    (clean / "ct.dcm").write_bytes(expected(CT, Level.ANONYMIZE))
    done = command("anonymize", *words)
    assert (done.returncode, done.stderr) == (0, "")
    said = summary(done.stdout)
    assert said[0] == first
    # The command that is named does what it says.
    program, *then = shlex.split(said[-1].removeprefix("Next: "))
    assert program == "dicomblank"
    assert command(*then).returncode == 0
    assert then[0] == "verify"


def test_what_the_level_anonymize_leaves_is_said_at_that_level(command: Command, study: Path) -> None:
    for words, leaves in (([], [LEAVES]), (["-l", "anonymize-full"], []), (["-l", "original"], [])):
        said = summary(command("anonymize", "study", "-o", "out", "--overwrite", *words).stdout)
        assert [line for line in said if " leaves " in line] == leaves
    said = summary(command("anonymize", "study", "--in-place", "--blank", "PatientID").stdout)
    assert f"Apart from what --blank names, the level anonymize leaves {LEFT_BY_ANONYMIZE}." in said


def test_the_next_command_is_named_for_copies_alone(command: Command, study: Path) -> None:
    assert "Next: " not in command("anonymize", "study", "--in-place").stdout
    (study.parent / "empty").mkdir()
    assert "Next: " not in command("anonymize", "empty", "-o", "out").stdout
    done = command("anonymize", "study", "-o", "my out", "--blank", "StudyDate,(0029,ACME,10)", "-l", "anonymise-full")
    tag = "'StudyDate,(0029,\"ACME\",10)'"
    assert (
        done.stdout.splitlines()[-1] == f"Next: dicomblank verify study 'my out' --level anonymize-full --blank {tag}"
    )


def test_existing_copies(command: Command, study: Path) -> None:
    run = ["anonymize", "study", "--output", "out"]
    assert command(*run).returncode == 0
    refused = command(*run)
    names = r"\((ct\.dcm, series/mr|series/mr, ct\.dcm)\)"
    assert refused.returncode == 1
    assert re.fullmatch(
        rf"refused: 2 files {names}, whose copies exist already: --skip-existing leaves those that are whole and"
        r" blanked, --overwrite replaces them\n",
        refused.stderr,
    )
    there = "2 files were refused: their copies exist already, and are as they were."
    assert summary(refused.stdout) == ["No file was anonymized.", there, NOTES.replace("other ", "")]
    skipped = command(*run, "--skip-existing")
    assert (skipped.returncode, skipped.stderr) == (0, "")
    assert summary(skipped.stdout)[:2] == ["2 files were copied before: 2 copies are in out/.", NOTES]
    assert summary(skipped.stdout)[-1] == "Next: dicomblank verify study out"
    fuller = command(*run, "--skip-existing", "--level", "anonymize-full")
    assert (fuller.returncode, summary(fuller.stdout)[1]) == (1, there)
    assert re.fullmatch(
        rf"refused: 2 files {names}, whose copies exist already and are not whole and blanked: --overwrite replaces"
        r" them\. --report FILE\.jsonl names all of them\n",
        fuller.stderr,
    )
    replaced = command(*run, "--overwrite", "--level", "anonymize-full")
    assert (replaced.returncode, replaced.stderr) == (0, "")
    assert (study.parent / "out" / "ct.dcm").read_bytes() == expected(CT, Level.ANONYMIZE_FULL)


def test_one_existing_copy(command: Command, study: Path) -> None:
    (study.parent / "out").mkdir()
    (study.parent / "out" / "ct.dcm").write_text("something else")
    done = command("anonymize", "study", "-o", "out")
    assert done.returncode == 1
    assert done.stderr == (
        "refused: study/ct.dcm: out/ct.dcm exists already: --skip-existing leaves it if it is whole and blanked,"
        " --overwrite replaces it\n"
    )
    assert "1 file was refused: its copy exists already, and is as it was." in summary(done.stdout)
    done = command("anonymize", "study", "-o", "out", "--skip-existing")
    assert (
        done.stderr == "refused: study/ct.dcm: out/ct.dcm exists already, with another size: --overwrite replaces it\n"
    )
    assert summary(done.stdout)[0] == "1 file was copied before: 1 copy is in out/."
    (study.parent / "out" / "ct.dcm").unlink()
    (study.parent / "out" / "ct.dcm").mkdir()
    done = command("anonymize", "study", "-o", "out", "--overwrite")
    assert done.stderr == "refused: study/ct.dcm: out/ct.dcm exists already, and is not a regular file\n"


@pytest.fixture
def many_damaged(study: Path) -> Path:
    """23 damaged files, and a file that is refused for another reason."""
    for index in range(23):
        (study / f"{index:02}.dcm").write_bytes(damaged_ct())
    (study / "empty.dcm").touch()
    return study.parent


def test_a_program_is_told_of_every_refusal(command: Command, many_damaged: Path) -> None:
    done = command("anonymize", "study", "-o", "out")
    assert sum(line.startswith("refused: study/") for line in done.stderr.splitlines()) == 24
    assert len(done.stderr.splitlines()) == 24
    assert "24 files were refused and are NOT in out/." in summary(done.stdout)


@pytest.mark.parametrize("has_report", [False, True])
def test_a_terminal_shows_20_refusals_of_a_kind(many_damaged: Path, *, has_report: bool) -> None:
    report = ["--report", "run.jsonl"] if has_report else []
    code, shown = on_a_terminal(many_damaged, "anonymize", "study", "-o", "out", "-q", *report, columns=300)
    assert code == 1
    lines = shown.splitlines()
    assert sum(bool(re.match(r"refused: study/\d\d\.dcm: ", line)) for line in lines) == 20
    assert sum(line.startswith("refused: study/empty.dcm: ") for line in lines) == 1
    where = "The report" if has_report else "--report FILE.jsonl"
    assert re.fullmatch(rf"and 3 more refused: .*[a-z]\. {where} names all of them", lines[-1])
    assert len(lines) == 22
    if has_report:
        assert sum(row["outcome"] == "refused" for row in file_rows(many_damaged / "run.jsonl")) == 24


def test_a_folder_that_can_not_be_read(command: Command, study: Path) -> None:
    (study / "series").chmod(0)
    done = command("anonymize", "study", "-o", "out", prefix=bound_by_permissions())
    (study / "series").chmod(0o700)
    assert (done.returncode, done.stderr) == (1, "failed: study/series: Permission denied\n")
    assert summary(done.stdout)[1] == "1 folder could not be read (series): what is in it is NOT done."


@pytest.mark.parametrize("where", [["--in-place"], ["-o", "out"]])
def test_a_file_that_failed(command: Command, study: Path, where: list[str]) -> None:
    (study / "ct.dcm").chmod(0)
    done = command("anonymize", "study", *where, prefix=bound_by_permissions())
    (study / "ct.dcm").chmod(0o600)
    assert (done.returncode, done.stderr) == (1, "failed: study/ct.dcm: Permission denied\n")
    assert summary(done.stdout)[1] == "1 file failed and is NOT done."


def test_files_that_do_not_keep_to_the_standard(command: Command, study: Path) -> None:
    done = command("anonymize", "study", "-o", "out", "--overwrite")
    assert "standard" not in done.stdout
    (study / "tail.dcm").write_bytes(CT.read_bytes() + bytes(100))
    done = command("anonymize", "study", "-o", "out", "--overwrite")
    assert "1 file does not keep to the standard: Zeros stand behind the last element." in summary(done.stdout)
    (study / "tail-2.dcm").write_bytes(CT.read_bytes() + bytes(100))
    (study / "stray.dcm").write_bytes(CT.read_bytes() + EXPLICIT.framing(SEQUENCE_DELIMITER, 0))
    done = command("anonymize", "study", "-o", "out", "--overwrite")
    assert (
        "3 files do not keep to the standard: Zeros stand behind the last element (2). Delimiters of length zero close"
        " nothing (1)." in summary(done.stdout)
    )


def test_validation(command: Command, study: Path) -> None:
    # pydicom gives up on fragments without a delimiter; the core blanks such a file, with a warning.
    data = pydicom.data.get_testdata_file("SC_rgb_jpeg_dcmtk.dcm", download=False)
    assert isinstance(data, str)
    whole = Path(data).read_bytes()
    assert whole.endswith(EXPLICIT.framing(SEQUENCE_DELIMITER, 0))
    (study / "open.dcm").write_bytes(whole[:-8])
    done = command("anonymize", "study", "--output", "out", "--validate")
    assert "1 file was refused and is NOT in out/." in summary(done.stdout)
    assert re.fullmatch(r"refused: study/open\.dcm: .*pydicom sees no data set\n", done.stderr)
    assert not (study.parent / "out" / "open.dcm").exists()
    without = command("anonymize", "study/open.dcm", "--output", "out")
    warning = dict(_core.warnings())["fragments-without-delimiter"]
    assert f"1 file does not keep to the standard: {warning}" in summary(without.stdout)


def test_a_report(command: Command, damaged: Path) -> None:
    command("anonymize", "study", "study/ct.dcm", "--output", "out", "--report", "run.jsonl")
    rows = file_rows(damaged.parent / "run.jsonl")
    assert sorted((row["source"], row["path"], row["outcome"]) for row in rows) == [
        ("study", "ct.dcm", "anonymized"),
        ("study", "damaged.dcm", "refused"),
        ("study", "notes.txt", "not-dicom"),
        ("study", "series/mr", "anonymized"),
    ]
    by_path = {row["path"]: row for row in rows}
    assert by_path["ct.dcm"]["edits"] == len(dicomblank.plan(CT))
    assert set(by_path["ct.dcm"]) == {"row", "source", "path", "outcome", "edits", "output"}
    assert "error" in by_path["damaged.dcm"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"new\nline.dcm", r"new\x0aline.dcm"),
        (b"bell\x07\x1b[31m.dcm", r"bell\x07\x1b[31m.dcm"),
        (b"latin-\xe9.dcm", r"latin-\xe9.dcm"),
        ("überall.dcm".encode(), "überall.dcm"),
        ("right\u202eleft.dcm".encode(), r"right\u202eleft.dcm"),
        ("c1\x9b31m.dcm".encode(), r"c1\x9b31m.dcm"),
    ],
    ids=["newline", "escape", "not UTF-8", "UTF-8", "bidi", "C1"],
)
def test_names_can_not_disturb_a_terminal(command: Command, tmp_path: Path, name: bytes, shown: str) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    path = os.fsencode(folder) + b"/" + name
    Path(os.fsdecode(path)).write_bytes(damaged_ct())
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    for source in ("study", f"study/{os.fsdecode(name)}"):
        done = command("anonymize", source, "--output", "out", env=environment, encoding="utf-8")
        assert f"study/{shown}: " in done.stderr
        assert "\x1b" not in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert f"{shown}: " in command("plan", f"study/{os.fsdecode(name)}", env=environment, encoding="utf-8").stderr
    verified = command("verify", "study", "study", env=environment, encoding="utf-8")
    assert shown in verified.stdout


# plan


def test_a_plan_is_a_table(command: Command, study: Path) -> None:
    done = command("plan", "study/ct.dcm", "--level", "anonymize-full")
    assert (done.returncode, done.stderr) == (0, "")
    title, head, *rows = done.stdout.splitlines()
    assert title.startswith("study/ct.dcm: 16 values, ")
    assert head.split() == ["action", "tag", "name", "VR", "place", "length", "state", "path"]
    assert [row.split() for row in rows] == [
        [
            "blank",
            f"({edit.tag >> 16:04X},{edit.tag & 0xFFFF:04X})",
            edit.keyword,
            edit.vr,
            f"{edit.start:#x}…0x416" if "[0]" in edit.tag_path else hex(edit.start),
            str(edit.length),
            "to",
            "do",
            edit.tag_path.replace("[0]", "[0…1]"),
        ]
        for edit in dicomblank.plan(CT, Level.ANONYMIZE_FULL)
        if "[1]" not in edit.tag_path  # it is in the row of the other item
    ]
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()


def test_plans_as_json(command: Command, damaged: Path) -> None:
    done = command("plan", "study/ct.dcm", "study/damaged.dcm", "study/notes.txt", "--json", "--keep", "StudyDate")
    assert (done.returncode, done.stderr) == (1, "")
    whole, broken, other = map(json.loads, done.stdout.splitlines())
    assert (whole["file"], whole["size"]) == ("study/ct.dcm", CT.stat().st_size)
    assert [edit["start"] for edit in whole["edits"]] == [edit.start for edit in dicomblank.plan(CT)]
    assert set(whole["edits"][0]) == {"tag", "keyword", "vr", "start", "length", "tag_path", "action", "state"}
    assert "(0008,0008)" in broken["error"]
    assert (other["file"], "edits" in other) == ("study/notes.txt", False)


@pytest.mark.parametrize("name", ["damaged.dcm", "notes.txt"])
def test_a_plan_that_is_refused(command: Command, damaged: Path, name: str) -> None:
    done = command("plan", f"study/{name}", "study/ct.dcm")
    assert done.returncode == 1
    assert done.stderr.startswith(f"refused: study/{name}: ")
    assert "study/ct.dcm: " in done.stdout


def test_a_plan_without_values(command: Command, study: Path) -> None:
    done = command("plan", "study/ct.dcm", "--level", "original")
    assert done.returncode == 0
    assert done.stdout == f"study/ct.dcm: 0 values, 0 of {CT.stat().st_size:,} bytes\n"


def test_a_plan_of_one_value(command: Command, study: Path) -> None:
    done = command("plan", "study/ct.dcm", "--level", "original", "--blank", "PatientName")
    assert done.stdout.startswith("study/ct.dcm: 1 value, ")


# verify


def test_verify_says_ok(command: Command, study: Path) -> None:
    command("anonymize", "study", "--output", "out", "--level", "anonymize-full")
    words = ["verify", "study", "out", "--level", "anonymize-full"]
    done = command(*words)
    assert (done.returncode, done.stderr) == (0, "")
    first, other, left, short = summary(done.stdout)
    assert first == "2 files are what the level anonymize-full makes of their originals."
    assert other == "1 other file is not DICOM."
    assert left.startswith("Values that were looked for stand elsewhere as well in 2 files, at ")
    assert short.endswith(" were not looked for: too short to be told from other text, or spelled in too many ways.")
    for quiet in ("--quiet", "-q"):
        done = command(*words, quiet)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(("after", "outcome"), [("study", "leak"), ("out", "other-level")])
def test_verify_says_what_is_wrong(command: Command, study: Path, after: str, outcome: str) -> None:
    command("anonymize", "study", "--output", "out")
    for quiet in ([], ["--quiet"]):
        done = command("verify", "study", after, "--level", "anonymize-full", *quiet)
        assert (done.returncode, done.stderr) == (1, "")
        faults = sorted(line for line in done.stdout.splitlines() if line.startswith(f"{outcome:<11}  study/"))
        assert [line.split(": ")[0].split("study/")[1] for line in faults] == ["ct.dcm", "series/mr"]
        said = done.stdout.splitlines()[2:]
        if quiet:
            assert not said
        else:
            assert said[0].startswith(f"2 of 2 files differ: 2 {outcome} (")
    kept = [word for tag in FULL_TAGS for word in ("--keep", f"{tag:08X}")]
    assert command("verify", "study", "out").returncode == 0
    assert command("verify", "study", "study", *kept).returncode == 0


def test_verify_has_a_report_file(command: Command, study: Path) -> None:
    command("anonymize", "study", "--output", "out")
    (study.parent / "out" / "ct.dcm").unlink()
    for where, workers in (("--report", ["-j", "2"]), ("-", ["--workers", "1"])):
        path = study.parent / "rows.jsonl"
        done = command("verify", "study", "out", "--report", "-" if where == "-" else path, *workers)
        assert done.returncode == 1
        told = done.stderr if where == "-" else done.stdout
        assert told.startswith("missing      study/ct.dcm\n1 of 2 files differs: 1 missing (")
        written = done.stdout if where == "-" else path.read_text()
        rows = [json.loads(line) for line in written.splitlines()]
        assert [row["row"] for row in rows] == ["run", "file", "file", "file", "end"]
        assert (rows[0]["after"], rows[0]["level"], rows[0]["sources"]) == ("out", "anonymize", ["study"])
        assert rows[-1]["counts"] == {"files": 3, "ok": 1, "not-dicom": 1, "missing": 1, "edits": 0}
    for place in ("rows.jsonl", "study/rows", "out/rows"):
        done = command("verify", "study", "out", "--report", place)
        assert (done.returncode, done.stdout) == (2, "")


def test_verify_says_that_there_is_no_dicom(command: Command, study: Path) -> None:
    (study.parent / "empty").mkdir()
    none = "no DICOM file found\n"
    for words, code, said in (
        (["empty", "study"], 1, ""),  # files that are extra are a fault of their own
        (["study/notes.txt", "study/notes.txt"], 1, none),
        (["study/notes.txt", "study/notes.txt", "-q"], 1, none),
        (["study/notes.txt", "study/notes.txt", "--allow-empty"], 0, none),
        (["empty", "empty", "--allow-empty", "--quiet"], 0, ""),
    ):
        done = command("verify", *words)
        assert done.returncode == code, words
        assert not said or done.stderr == said, words


# levels


def test_levels(command: Command) -> None:
    done = command("levels")
    assert (done.returncode, done.stderr) == (0, "")
    _, basic, full = re.split(r"^(?=[a-z-]+(?: \(the default\))?$)", done.stdout, flags=re.MULTILINE)[-3:]
    assert basic.startswith("anonymize (the default)\n")
    assert len(re.findall(r"\([0-9A-F]{4},[0-9A-F]{4}\)", basic)) == 5
    for tag, (keyword, vr) in FULL_TAGS.items():
        assert re.search(rf"^ +\({tag >> 16:04X},{tag & 0xFFFF:04X}\) +{keyword} +{vr}$", full, re.MULTILINE)


@pytest.mark.parametrize(
    "words",
    [
        "NiDB's list, not the profile of DICOM PS3.15",
        "AccessionNumber",
        "OtherPatientIDs",
        "AcquisitionDateTime",
        "InstanceCreationDate",
        "SeriesDescription",
        "NameOfPhysiciansReadingStudy",
        "RequestingPhysician",
        "PersonName (0040,A123)",
        "UIDs",
        "CSA and other private headers",
        "the preamble",
        "burned-in pixels",
        "file and folder names",
        "value lengths",
        "(0012,0062)",
        "not valid DA or TM values",
        "ContentDate of enhanced objects",
        "make an archive merge patients",
        "no grouping by study, no PET SUV, no slice timing",
        "Digital signatures no longer verify",
    ],
)
def test_levels_say_what_is_not_done(command: Command, words: str) -> None:
    assert words in " ".join(command("levels").stdout.split())


# what is never shown


def test_no_value_is_ever_shown(command: Command, damaged: Path) -> None:
    dataset = pydicom.dcmread(CT)
    full = Level.ANONYMIZE_FULL
    names = [keyword for keyword, _ in FULL_TAGS.values() if keyword in dataset]
    values = {str(dataset[name].value).strip() for name in names if name != "PatientWeight"}
    secrets = {part for value in values for part in value.split("^") if len(part) > 3}
    assert len(secrets) > 8
    shown = []
    for arguments in (
        ["anonymize", "study", "--output", "out", "--report", "run.jsonl", "--validate"],
        ["plan", "study/ct.dcm", "study/damaged.dcm"],
        ["plan", "study/ct.dcm", "study/damaged.dcm", "--json"],
        ["verify", "study", "out"],
        ["verify", "study", "study"],
    ):
        done = command(*arguments, "--level", full.value)
        shown += [done.stdout, done.stderr]
    shown.append((damaged.parent / "run.jsonl").read_text())
    found = sum(secret in text for secret in secrets for text in shown)
    assert found == 0


# pipes, terminals, signals


def test_nobody_reads(study: Path) -> None:
    for arguments in (["levels"], ["plan", "study/ct.dcm"], ["anonymize", "study", "--in-place"]):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            [sys.executable, "-m", "dicomblank", *arguments],
            cwd=study.parent,
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        os.close(write)
        assert (done.returncode, done.stderr) == (0, "")
    assert (study / "ct.dcm").read_bytes() == expected(CT, Level.ANONYMIZE)


def on_a_terminal(folder: Path, *arguments: str, columns: int = 120) -> tuple[int, str]:
    """Exit code and everything shown, with stdout and stderr a terminal."""
    ours, theirs = os.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "CI"}}
    process = subprocess.Popen(
        [sys.executable, "-m", "dicomblank", *arguments],
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment | {"TERM": "xterm-256color", "COLUMNS": str(columns)},
    )
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            shown += os.read(ours, 65536)
        except OSError:  # Linux's end of file on a terminal
            break
    os.close(ours)
    return process.wait(), shown.decode()


def test_a_terminal_shows_a_bar(study: Path) -> None:
    (study / "damaged.dcm").write_bytes(damaged_ct())
    code, shown = on_a_terminal(study.parent, "anonymize", "study", "--in-place")
    assert code == 1
    assert "4/4" in shown
    assert "\x1b[" in shown
    assert "refused: study/damaged.dcm: " in shown
    assert "2 files anonymized in place at the level anonymize" in shown
    assert "1 file was refused and was not changed." in shown


def test_a_terminal_shows_the_counts_of_a_folder(study: Path) -> None:
    code, shown = on_a_terminal(study.parent, "plan", "study")
    assert code == 0
    assert "3/3" in shown  # the bar
    assert "2 files have 3 values to blank" in shown
    assert "OperatorsName" in shown
    assert "blank already" in shown


def progress(
    done: int, found: int, *, listing: bool = False, in_flight: int = 0, bytes_done: int = 0, bytes_total: int = 0
) -> _core.Progress:
    """As a run tells it."""
    large = {"bytes_done": bytes_done, "bytes_total": bytes_total}
    facts = SimpleNamespace(done=done, found=found, listing=listing, in_flight=in_flight, **large)
    return cast("_core.Progress", facts)


class Terminal(io.StringIO):
    """A stream in memory that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("has_bar", [True, False])
def test_a_refusal_wraps_above_the_bar_too(monkeypatch: pytest.MonkeyPatch, *, has_bar: bool) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with ProgressBar(is_shown=True) as bar:
        if has_bar:
            bar(progress(done=1, found=2))
        bar.complain("refused: " + "a/long/name.dcm: for [a] reason " * 3)
    shown = stream.getvalue()
    lines = shown[shown.index("refused: ") :].splitlines()[:3]
    assert [line.rstrip() for line in lines] == [
        "refused: a/long/name.dcm: for [a] reason",
        "  a/long/name.dcm: for [a] reason a/long/name.dcm:",
        "  for [a] reason",
    ]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (progress(1156, 30_000), "1,156/30,000"),
        (progress(1156, 2000, listing=True), "listing 1,156/?"),
        (progress(1156, 30_000, in_flight=16), "1,156/30,000 16 in flight"),
        (progress(0, 1, bytes_done=1_234_000_000, bytes_total=4_000_000_000), "1.2 of 4.0 GB"),
        (progress(0, 1, bytes_done=12_000_000, bytes_total=67_000_000), "12 of 67 MB"),
        (progress(3, 9, bytes_done=1_234_000_000, bytes_total=4_000_000_000), "1.2 of 4.0 GB of large files 3/9"),
        (
            progress(0, 1, listing=True, bytes_done=12_000_000, bytes_total=67_000_000),
            "listing, 12 of 67 MB of large files 0/?",
        ),
    ],
    ids=["files", "listing", "in flight", "one large file", "MB", "large files among others", "listing and large"],
)
def test_what_the_bar_counts(monkeypatch: pytest.MonkeyPatch, told: _core.Progress, words: str) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with ProgressBar(is_shown=True) as bar:
        bar(told)
    shown = re.sub("[\u2501\u2578\u257a-]+", "", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue()))
    assert f" {words} " in f" {' '.join(shown.split())} "


def test_bytes_are_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate of the one is not shown as that of the other."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with ProgressBar(is_shown=True) as bar:
        bar(progress(0, 1, listing=True))
        for done in range(4):
            bar(progress(0, 1, bytes_done=done * 10**9, bytes_total=4 * 10**9))
            time.sleep(0.01)
        bar(progress(1, 1))
        bar(progress(1, 1))
    rates = re.findall(r"([0-9,]+) (MB|files)/s", stream.getvalue())
    assert rates
    assert all(kind == "MB" or int(rate.replace(",", "")) < 10_000 for rate, kind in rates)


def test_no_bar_where_it_is_quiet_or_piped(command: Command, study: Path) -> None:
    code, shown = on_a_terminal(study.parent, "anonymize", "study", "--output", "out", "--quiet")
    assert code == 0
    assert "3/3" not in shown
    assert "\x1b" not in shown
    done = command("anonymize", "study", "--in-place")
    assert "3/3" not in done.stdout + done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_a_terminal_shows_tables(study: Path) -> None:
    code, shown = on_a_terminal(study.parent, "plan", "study/ct.dcm", "--level", "anonymize-full")
    assert code == 0
    assert "(0010,1002)[0…1].(0010,0020)" in shown
    assert "\x1b[1m" in shown  # bold head


@pytest.mark.parametrize(
    ("done", "told", "words"),
    [
        (0, None, "0 files are done"),
        (1, None, "1 file is done"),
        (1156, progress(1100, 30_000), "1,156 of 30,000 files are done"),
        (0, progress(0, 1), "0 of 1 file is done"),
        (1156, progress(1100, 30_000, listing=True), "1,156 files are done"),
        (1156, progress(1100, 1150), "1,156 files are done"),
    ],
    ids=["none", "one", "many", "the only one", "while listing", "more than were told of"],
)
def test_how_far_a_run_came(done: int, told: _core.Progress | None, words: str) -> None:
    assert how_far(done, told) == words


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt(tmp_path: Path, number: int) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for index in range(400):
        shutil.copy(MR, many / f"{index:04}.dcm")
    process = subprocess.Popen(
        [sys.executable, "-m", "dicomblank", "anonymize", "many", "--in-place", "--validate", "--report", "run.jsonl"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    # So many take longer than until it is told for the first time how far the run is.
    while sum(path.read_bytes() != MR.read_bytes() for path in many.glob("0*.dcm")) < 60:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(number)
    sent = time.monotonic()
    stdout, stderr = process.communicate(timeout=60)
    assert time.monotonic() - sent < 5  # a tenth of a second, on a machine that is not busy
    assert process.returncode == 128 + number
    assert "Traceback" not in stderr
    whole = expected(MR, Level.ANONYMIZE)
    found = [path.read_bytes() for path in sorted(many.iterdir())]
    done = sum(data == whole for data in found)
    assert 0 < done < 400
    assert all(data in {whole, MR.read_bytes()} for data in found)
    rows = file_rows(tmp_path / "run.jsonl")
    assert sum(row["outcome"] == "anonymized" for row in rows) == done
    (line,) = stderr.splitlines()
    match = re.fullmatch(r"interrupted: (.*) files are done; no file is half done\. To go on: (.*)", line)
    assert match
    far, then = match.groups()
    assert far == f"{done:,} of 400"
    assert f"{done:,} files anonymized in place" in stdout
    assert RECALL not in stdout  # which is said at the end
    program, *words = shlex.split(then)
    assert then == "dicomblank anonymize many --in-place --validate --report run-2.jsonl"
    again = subprocess.run([sys.executable, "-m", program, *words], cwd=tmp_path, check=True, capture_output=True)
    assert f"{400 - done:,} files anonymized in place".encode() in again.stdout
    assert all(path.read_bytes() == whole for path in many.iterdir())
