"""The commands to run next: what is built of the arguments is read as the same arguments, by a shell and the parser."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from dicomblank.again import command_that_goes_on, command_that_verifies
from dicomblank.arguments import new_parser

SOURCE = ["anonymize", "study"]


def parsed(words: list[str]) -> dict[str, object]:
    found = vars(new_parser().parse_args(words))
    return {name: value for name, value in found.items() if name != "parser"}


def goes_on(words: list[str], *, reports_to_stdout: bool = False) -> str:
    return command_that_goes_on(new_parser().parse_args(words), reports_to_stdout=reports_to_stdout)


@pytest.mark.parametrize(
    "more",
    [
        ["--in-place"],
        ["other", "--in-place", "--hard-links", "write", "--sync", "--validate"],
        ["-o", "out", "--skip-existing"],
        ["-o", "out", "--overwrite", "-q", "-j", "3", "--allow-empty"],
        ["-o", "out", "--skip-existing", "-l", "anonymize-full"],
        [
            "--in-place",
            "-l",
            "original",
            "--blank",
            "PatientID",
            "--blank",
            "(60xx,4000),00104000",
            "--keep",
            "StudyDate",
        ],
        ["--in-place", "--blank", '(0029,"SIEMENS CSA HEADER",10),(0009,"a, b",01)'],
        ["--in-place", "--blank", "(0009,0010)"],
        ["--in-place", "--leftovers", "replace", "--known", "names.txt"],
        ["--in-place", "--leftovers", "refuse"],
        ["--in-place", "--report", "-"],
    ],
    ids=" ".join,
)
def test_every_option_is_given_again(more: list[str]) -> None:
    program, *words = shlex.split(goes_on([*SOURCE, *more], reports_to_stdout=True))
    assert program == "dicomblank"
    assert parsed(words) == parsed([*SOURCE, *more])


def test_what_is_done_is_skipped() -> None:
    assert goes_on([*SOURCE, "-o", "out"]) == "dicomblank anonymize study --output out --skip-existing"


def test_the_report_has_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for expected in ("run-2.jsonl", "run-3.jsonl"):
        assert goes_on([*SOURCE, "--in-place", "--report", "run.jsonl"]).endswith(f" --report {expected}")
        Path(expected).touch()
    assert goes_on([*SOURCE, "--in-place", "--report", "a.b/run"]).endswith(" --report a.b/run-2")


@pytest.mark.parametrize(
    ("words", "copy", "expected"),
    [
        (["study", "-o", "out"], None, "study out"),
        (["study", "-o", "out"], "out/a.dcm", "study out"),  # of a folder: other files may have been refused
        (["a.dcm", "-o", "out/"], "out/a.dcm", "a.dcm out/a.dcm"),
        (["a.dcm", "study", "-o", "out/"], None, "a.dcm study out/"),
        (["study", "-o", "out", "-l", "anonymize-full", "--keep", "0008,0020"], None, None),
        (["study", "-o", "out", "--leftovers", "replace", "--known", "names"], None, "study out --known names"),
    ],
    ids=str,
)
def test_verify_compares_the_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], copy: str | None, expected: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("study").mkdir()
    Path("a.dcm").touch()
    said = command_that_verifies(new_parser().parse_args(["anonymize", *words]), copy)
    assert said == f"dicomblank verify {expected or 'study out --level anonymize-full --keep StudyDate'}"


@pytest.mark.parametrize("shell", ["bash", "zsh", "ksh"])
@pytest.mark.parametrize(
    "name",
    [
        b"a b",
        b"a'b",
        b'a"b',
        b"$HOME",
        b"`id`",
        b"*",
        b"a\nb",
        b"a'\n\\b",
        b"M\xfcller",
        "Müller".encode(),
        b"\x1b[31m",
    ],
)
def test_a_shell_reads_the_name_that_was_given(shell: str, name: bytes) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    line = goes_on(["anonymize", os.fsdecode(name), "--in-place"])
    assert line.isprintable()
    script = f'dicomblank() {{ printf %s "$2"; }}; {line}'
    done = subprocess.run([program, "-c", script.encode()], capture_output=True, check=True)
    assert done.stdout == name


def test_a_name_is_not_taken_for_an_option() -> None:
    assert goes_on(["anonymize", "--in-place", "--", "-x"]) == "dicomblank anonymize ./-x --in-place"
