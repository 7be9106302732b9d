"""The command, run as a process."""

import io
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pydicom
import pytest

import dicomblank
from conftest import Command
from dicomblank import Level
from dicomblank.cli import main
from dicomblank.notice import LEFT_BY_ANONYMIZE, RECALL
from dicomblank.terminal import ProgressBar
from elements import EXPLICIT, SEQUENCE_DELIMITER
from samples import CT, FULL_TAGS, MR, damaged_ct

SUMMARY = [
    "files",
    "anonymized",
    "already clean",
    "not DICOM",
    "archives",
    "skipped",
    "refused",
    "failed",
    "warnings",
    "values blanked",
    "files/s",
]


def summary(stdout: str) -> dict[str, str]:
    """The summary's numbers by their names."""
    lines = (re.fullmatch(r"(.+?) {2,}(\S+)", line) for line in stdout.splitlines())
    return {match[1]: match[2] for match in lines if match}


def counts(stdout: str) -> tuple[int, ...]:
    """Files, anonymized, already clean, not DICOM, skipped, refused, failed."""
    numbers = summary(stdout)
    return tuple(int(numbers[name]) for name in SUMMARY[:8] if name != "archives")


@pytest.fixture
def damaged(study: Path) -> Path:
    (study / "damaged.dcm").write_bytes(damaged_ct())
    return study


def test_the_last_line_recalls_what_was_not_looked_for(command: Command, study: Path) -> None:
    for arguments in [("--output", "out"), ("--in-place",), ("--in-place", "--level", "original")]:
        done = command("anonymize", study, *arguments)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, RECALL)


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
        ([], ["examples:", "anonymize", "plan", "verify", "levels"]),
        (["anonymize"], ["examples:", "--in-place", "--output", "--report", "--skip-existing", "Exit codes"]),
        (["plan"], ["examples:", "--json"]),
        (["verify"], ["examples:", "BEFORE", "AFTER"]),
        (["levels"], ["usage:"]),
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


@pytest.mark.parametrize("name", ["anonymize", "plan", "verify", "levels"])
def test_help_wraps_at_words(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str) -> None:
    widest = {}
    words: set[tuple[str, ...]] = set()
    for columns in [*range(50, 105), 300]:
        monkeypatch.setenv("COLUMNS", str(columns))
        with pytest.raises(SystemExit):
            main(["help", name])
        shown = capsys.readouterr().out
        words.add(tuple(shown.split()))
        lines = [line for line in shown.splitlines() if not line.startswith(("usage: ", "  dicomblank "))]
        widest[columns] = max(map(len, lines))
        assert widest[columns] <= min(columns, 100)
    assert len(words) == 1  # none was broken at a hyphen
    if name != "levels":
        assert widest[100] > 80


@pytest.mark.parametrize("arguments", [["help", "anonymize"], ["help", "plan"], ["help", "verify"], ["levels"]])
def test_the_default_level_says_what_it_leaves(command: Command, arguments: list[str]) -> None:
    assert f"leaves {LEFT_BY_ANONYMIZE}" in " ".join(command(*arguments).stdout.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["blank"], "no command 'blank'; there are anonymize, plan, verify and levels."),
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
        (["plan"], "FILE is missing"),
        (["plan", "missing"], "missing"),
        (["plan", "study/ct.dcm", "missing"], "missing"),
        (["plan", "study"], "study is a folder: plan takes files"),
        (["verify"], "BEFORE and AFTER are missing"),
        (["verify", "study"], "AFTER is missing"),
        (["verify", "study", "missing"], "missing"),
        (["verify", "study", "study/ct.dcm"], "two files or two trees"),
        (["verify", "study", "study", "--blank", "x", "--keep", "x"], "no tag 'x'"),
        (["levels", "study"], "'study' is one name too many"),
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
    name = arguments[0] if arguments[0] in {"anonymize", "plan", "verify", "levels"} else ""
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
    assert list(summary(done.stdout)) == SUMMARY
    assert counts(done.stdout) == (3, 2, 0, 1, 0, 0, 0)
    assert int(summary(done.stdout)["values blanked"]) == len(dicomblank.plan(CT)) + len(dicomblank.plan(MR))
    assert (study / "ct.dcm").read_bytes() == expected(CT, Level.ANONYMIZE)
    again = command("anonymize", "study", "--in-place")
    assert counts(again.stdout) == (3, 0, 2, 1, 0, 0, 0)


def expected(path: Path, level: Level | dicomblank.Rules) -> bytes:
    return dicomblank.anonymize_bytes(path.read_bytes(), level)


@pytest.mark.parametrize("level", Level)
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
    assert counts(done.stdout)[:2] == (2, 2)
    assert sorted(path.name for path in (study.parent / "out").iterdir()) == ["ct.dcm", "series"]


def test_a_source_inside_another_is_done_once(command: Command, study: Path) -> None:
    done = command("anonymize", "study", "study/series", "study/ct.dcm", "--in-place")
    assert counts(done.stdout) == (3, 2, 0, 1, 0, 0, 0)


def test_a_refused_file_is_named_with_its_reason(command: Command, damaged: Path) -> None:
    done = command("anonymize", "study", "--output", "out")
    assert done.returncode == 1
    assert counts(done.stdout) == (4, 2, 0, 1, 0, 1, 0)
    (line,) = done.stderr.splitlines()
    assert line.startswith("refused: study/damaged.dcm: ")
    assert re.search(r" at 0x[0-9a-f]+ in \(0008,0008\)$", line)
    assert not (damaged.parent / "out" / "damaged.dcm").exists()


def test_a_refused_single_file(command: Command, damaged: Path) -> None:
    done = command("anonymize", "study/damaged.dcm", "--in-place")
    assert done.returncode == 1
    assert done.stderr.startswith("refused: study/damaged.dcm: ")
    assert (damaged / "damaged.dcm").read_bytes() == damaged_ct()


def test_a_single_file_that_is_not_dicom(command: Command, study: Path) -> None:
    done = command("anonymize", "study/notes.txt", "study/ct.dcm", "--in-place")
    assert done.returncode == 1
    assert counts(done.stdout) == (2, 1, 0, 1, 0, 0, 0)
    assert "not DICOM: study/notes.txt" in done.stderr
    assert "no DICOM file found" not in done.stderr


def test_a_run_without_dicom_says_so(command: Command, study: Path) -> None:
    for path in (study / "ct.dcm", study / "series" / "mr"):
        path.unlink()
    done = command("anonymize", "study", "--in-place")
    assert (done.returncode, done.stderr) == (1, "no DICOM file found in study\n")
    assert counts(done.stdout) == (1, 0, 0, 1, 0, 0, 0)
    single = command("anonymize", "study/notes.txt", "--in-place")
    assert (single.returncode, single.stderr) == (1, "not DICOM: study/notes.txt\n")


def test_links_are_no_dicom_files(command: Command, study: Path) -> None:
    links = study.parent / "links"
    links.mkdir()
    (links / "ct.dcm").symlink_to(study / "ct.dcm")
    done = command("anonymize", "links", "--in-place")
    for words in ([], ["--allow-empty"]):  # a folder of links is not empty: somebody meant what they point to
        done = command("anonymize", "links", "--in-place", *words)
        assert "no DICOM file found in links" in done.stderr
        assert "nothing but symbolic links found" in done.stderr
        assert (done.returncode, counts(done.stdout)) == (1, (1, 0, 0, 0, 1, 0, 0))
    (links / "notes.txt").write_text("nothing medical\n")
    for words, code in (([], 1), (["--allow-empty"], 0)):
        done = command("anonymize", "links", "--in-place", *words)
        assert (done.returncode, counts(done.stdout)) == (code, (2, 0, 0, 1, 1, 0, 0))
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()


def test_the_summary_says_why_files_were_skipped(command: Command, study: Path) -> None:
    for name in ("one", "two"):
        (study / name).symlink_to("ct.dcm")
    os.mkfifo(study / "fifo")
    for words, expected_line in [
        ((), "Skipped: a pipe (1), a symbolic link (2)"),
        (("--skip-existing",), "Skipped: a pipe (1), a symbolic link (2), copied already (2)"),
    ]:
        done = command("anonymize", study, "--output", "out", *words)
        assert done.stdout.splitlines()[-2] == expected_line
    (study / "fifo").unlink()
    done = command("anonymize", study / "ct.dcm", "--in-place")
    assert "Skipped: " not in done.stdout


def test_existing_copies(command: Command, study: Path) -> None:
    run = ["anonymize", "study", "--output", "out"]
    assert command(*run).returncode == 0
    refused = command(*run)
    assert (refused.returncode, counts(refused.stdout)) == (1, (3, 0, 0, 1, 0, 2, 0))
    skipped = command(*run, "--skip-existing")
    assert (skipped.returncode, counts(skipped.stdout)) == (0, (3, 0, 0, 1, 2, 0, 0))
    fuller = command(*run, "--skip-existing", "--level", "anonymize-full")
    assert (fuller.returncode, counts(fuller.stdout)) == (1, (3, 0, 0, 1, 0, 2, 0))
    replaced = command(*run, "--overwrite", "--level", "anonymize-full")
    assert (replaced.returncode, counts(replaced.stdout)) == (0, (3, 2, 0, 1, 0, 0, 0))
    assert (study.parent / "out" / "ct.dcm").read_bytes() == expected(CT, Level.ANONYMIZE_FULL)


def test_validation(command: Command, study: Path) -> None:
    # pydicom gives up on fragments without a delimiter; the core blanks such a file, with a warning.
    data = pydicom.data.get_testdata_file("SC_rgb_jpeg_dcmtk.dcm", download=False)
    assert isinstance(data, str)
    whole = Path(data).read_bytes()
    assert whole.endswith(EXPLICIT.framing(SEQUENCE_DELIMITER, 0))
    (study / "open.dcm").write_bytes(whole[:-8])
    done = command("anonymize", "study", "--output", "out", "--validate")
    assert counts(done.stdout) == (4, 2, 0, 1, 0, 1, 0)
    assert re.fullmatch(r"refused: study/open\.dcm: .*pydicom sees no data set\n", done.stderr)
    assert not (study.parent / "out" / "open.dcm").exists()
    without = command("anonymize", "study/open.dcm", "--output", "out")
    assert counts(without.stdout) == (1, 1, 0, 0, 0, 0, 0)
    assert summary(without.stdout)["warnings"] == "1"


def test_a_report(command: Command, damaged: Path) -> None:
    command("anonymize", "study", "study/ct.dcm", "--output", "out", "--report", "run.jsonl")
    rows = [json.loads(line) for line in (damaged.parent / "run.jsonl").read_text().splitlines()]
    assert sorted((row["source"], row["path"], row["outcome"]) for row in rows) == [
        ("study", "ct.dcm", "anonymized"),
        ("study", "damaged.dcm", "refused"),
        ("study", "notes.txt", "not-dicom"),
        ("study", "series/mr", "anonymized"),
    ]
    by_path = {row["path"]: row for row in rows}
    assert by_path["ct.dcm"]["edits"] == len(dicomblank.plan(CT))
    assert set(by_path["ct.dcm"]) <= {"source", "path", "outcome", "edits", "warning", "error"}
    assert "error" in by_path["damaged.dcm"]
    assert not by_path["ct.dcm"].get("error")


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
    assert head.split() == ["tag", "name", "VR", "place", "length", "path"]
    assert [row.split() for row in rows] == [
        [
            f"({edit.tag >> 16:04X},{edit.tag & 0xFFFF:04X})",
            edit.keyword,
            edit.vr,
            hex(edit.start),
            str(edit.length),
            edit.tag_path,
        ]
        for edit in dicomblank.plan(CT, Level.ANONYMIZE_FULL)
    ]
    assert (study / "ct.dcm").read_bytes() == CT.read_bytes()


def test_plans_as_json(command: Command, damaged: Path) -> None:
    done = command("plan", "study/ct.dcm", "study/damaged.dcm", "study/notes.txt", "--json", "--keep", "StudyDate")
    assert (done.returncode, done.stderr) == (1, "")
    whole, broken, other = map(json.loads, done.stdout.splitlines())
    assert (whole["file"], whole["size"]) == ("study/ct.dcm", CT.stat().st_size)
    assert [edit["start"] for edit in whole["edits"]] == [edit.start for edit in dicomblank.plan(CT)]
    assert set(whole["edits"][0]) == {"tag", "keyword", "vr", "start", "length", "tag_path"}
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
    assert done.stdout == f"study/ct.dcm: 0 values, 0 of {CT.stat().st_size} bytes\n"


# verify


def test_verify_says_ok(command: Command, study: Path) -> None:
    command("anonymize", "study", "--output", "out", "--level", "anonymize-full")
    words = ["verify", "study", "out", "--level", "anonymize-full"]
    done = command(*words)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2 ok, 1 not-dicom\n", "")
    for quiet in ("--quiet", "-q"):
        done = command(*words, quiet)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_verify_says_leak(command: Command, study: Path) -> None:
    command("anonymize", "study", "--output", "out")
    for quiet in ([], ["--quiet"]):
        done = command("verify", "study", "out", "--level", "anonymize-full", *quiet)
        assert (done.returncode, done.stderr) == (1, "")
        faults = sorted(line for line in done.stdout.splitlines() if line.startswith("leak        study/"))
        assert [line.split(": ")[0].split("study/")[1] for line in faults] == ["ct.dcm", "series/mr"]
        assert done.stdout.splitlines()[2:] == ([] if quiet else ["2 leak, 1 not-dicom"])
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
        assert told == "missing     study/ct.dcm\n1 ok, 1 missing, 1 not-dicom\n"
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
    _, basic, full = re.split(r"^(?=\S+(?: \(the default\))?$)", done.stdout, flags=re.MULTILINE)[-3:]
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
    assert "already clean" in shown


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
            bar(SimpleNamespace(done=1, found=2, listing=False))  # type: ignore[arg-type]
        bar.complain("refused: " + "a/long/name.dcm: for [a] reason " * 3)
    shown = stream.getvalue()
    lines = shown[shown.index("refused: ") :].splitlines()[:3]
    assert [line.rstrip() for line in lines] == [
        "refused: a/long/name.dcm: for [a] reason",
        "  a/long/name.dcm: for [a] reason a/long/name.dcm:",
        "  for [a] reason",
    ]


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
    assert "(0010,1002)[1].(0010,0020)" in shown
    assert "\x1b[1m" in shown  # bold head


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt(tmp_path: Path, number: int) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for index in range(1500):
        shutil.copy(MR, many / f"{index:04}.dcm")
    process = subprocess.Popen(
        [sys.executable, "-m", "dicomblank", "anonymize", "many", "--in-place", "--validate", "--report", "run.jsonl"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not any(path.read_bytes() != MR.read_bytes() for path in many.glob("000*.dcm")):
        assert process.poll() is None
        assert time.monotonic() < deadline
    process.send_signal(number)
    sent = time.monotonic()
    _, stderr = process.communicate(timeout=60)
    assert time.monotonic() - sent < 5  # a tenth of a second, on a machine that is not busy
    assert process.returncode == 128 + number
    assert "Traceback" not in stderr
    whole = expected(MR, Level.ANONYMIZE)
    found = [path.read_bytes() for path in sorted(many.iterdir())]
    done = sum(data == whole for data in found)
    assert 0 < done < 1500
    assert all(data in {whole, MR.read_bytes()} for data in found)
    rows = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert sum(row["outcome"] == "anonymized" for row in rows) == done
    assert stderr.splitlines()[-1].startswith("interrupted: no file is half done")
