"""What is made from the parser: a shell's completion, and the man page."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dicomblank.arguments import new_parser
from dicomblank.completion import SHELLS, _actions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from conftest import Command

ROOT = Path(__file__).parents[1]
BASH, GROFF = shutil.which("bash"), shutil.which("groff")
OPTIONS = sorted({option for action in _actions(new_parser()) for option in action.option_strings})

COMMANDS = {"anonymize", "inspect", "plan", "verify", "report", "levels", "key", "reveal"}


def completed(command: Command, folder: Path, *words: str) -> set[str]:
    """What bash offers for the last of the words, which begin with the command."""
    script = command("--print-completion", "bash")
    assert (script.returncode, script.stderr) == (0, "")
    (folder / "completion").write_text(script.stdout)
    ask = """
        source "$1"; shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        function=$(complete -p dicomblank | sed 's/.* -F \\([^ ]*\\).*/\\1/')
        "$function" dicomblank "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        [BASH or "bash", "-c", ask, "bash", "completion", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.skipif(BASH is None, reason="needs bash")
def test_bash_completes(command: Command, study: Path) -> None:
    folder = study.parent
    assert completed(command, folder, "dicomblank", "") >= COMMANDS
    assert completed(command, folder, "dicomblank", "anon") == {"anonymize"}
    assert completed(command, folder, "dicomblank", "anonymize", "study", "--skip") == {"--skip-existing"}
    assert completed(command, folder, "dicomblank", "plan", "-l", "anonymize-") == {"anonymize-full"}
    assert completed(command, folder, "dicomblank", "anonymize", "stu") == {"study"}
    assert completed(command, folder, "dicomblank", "anonymize", "-o", "study/") == {"study/series"}
    assert completed(command, folder, "dicomblank", "verify", "study/no") == {"study/notes.txt"}
    assert completed(command, folder, "dicomblank", "key", "") >= {"new", "show"}
    assert completed(command, folder, "dicomblank", "key", "show", "study/no") == {"study/notes.txt"}
    assert completed(command, folder, "dicomblank", "reveal", "--key", "study/no") == {"study/notes.txt"}


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_has_a_script_with_the_commands(command: Command, shell: str) -> None:
    done = command("--print-completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(re.search(rf"\b{name}\b", done.stdout) for name in COMMANDS)


def test_without_shtab_it_says_what_to_install(command: Command, tmp_path: Path) -> None:
    (tmp_path / "shtab.py").write_text("raise ImportError\n")  # found first: it is where the command is started
    done = command("--print-completion", "bash")
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'dicomblank[completion]'" in done.stderr


def test_an_unknown_shell(command: Command) -> None:
    done = command("--print-completion", "dish")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--print-completion is bash, zsh or tcsh, not 'dish'" in done.stderr


@pytest.fixture(scope="module")
def page() -> str:
    done = subprocess.run([sys.executable, ROOT / "tools" / "make_man.py"], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("option", OPTIONS)
def test_the_man_page_has_every_option(page: str, option: str) -> None:
    plain = page.replace("\\-", "-")
    assert re.search(rf"^\\fB(?:-\w, )?{option}(?:,| |\\fR)", plain, re.MULTILINE)


def test_the_man_page_has_every_command_with_its_words(page: str) -> None:
    plain = page.replace("\\-", "-").replace("\\&", "").replace("\\fB", "").replace("\\fR", "")
    for name in (*COMMANDS, "key new", "key show"):
        assert f"\n.SS {name}\n" in plain
    words = " ".join(line for line in plain.splitlines() if not line.startswith(".")).split()
    for action in _actions(new_parser()):
        said = " ".join((action.help or "").split())
        assert said in " ".join(words), action.dest


@pytest.mark.skipif(GROFF is None, reason="needs groff")
def test_troff_has_nothing_to_say(page: str) -> None:
    done = subprocess.run(
        [GROFF or "groff", "-man", "-Tascii", "-ww", "-b"], input=page, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert "--in-place" in done.stdout
