"""The documents: every example runs, and what they promise in words is what the code has."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dicomblank
from benches.peers.building import element
from dicomblank.levels import ANONYMIZE, ANONYMIZE_FULL, REFERENCES
from dicomblank.notice import NOTICE, RECALL
from dicomblank.uids import UIDS
from samples import CT

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SECURITY = (ROOT / "SECURITY.md").read_text()
REPORT = (ROOT / "docs/report.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md"))]
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
COMMANDS = [line for line in SHELL if line.startswith("dicomblank ")]
LEVELS = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
SCRIPTS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the examples find: a folder with a scan and something else."""
    study = tmp_path / "study"
    study.mkdir()
    shutil.copy(CT, study / "scan.dcm")
    (study / "notes.txt").write_text("nothing medical\n")
    (tmp_path / "list.txt").write_text("study/scan.dcm\n")
    (tmp_path / "trial-7.toml").write_text(LEVELS[0])
    (tmp_path / "ids.csv").write_text("old,new\n1CT1,A1\n")
    return tmp_path


def test_there_are_examples_of_each_kind() -> None:
    assert len(SCRIPTS) == 8
    assert {shlex.split(line)[1] for line in COMMANDS} == {
        "plan",
        "anonymize",
        "verify",
        "inspect",
        "levels",
        "key",
        "reveal",
        "report",
        "shard",
        "run-shard",
    }
    others = [line for line in SHELL if line not in COMMANDS]
    assert all(line.startswith(("make ", "python -m pip install ")) for line in others), others


@pytest.mark.parametrize("number", range(len(SCRIPTS)))
def test_python_examples_run(folder: Path, number: int) -> None:
    subprocess.run([sys.executable, "-c", SCRIPTS[number]], cwd=folder, check=True, timeout=100)


def test_commands_run_in_their_order(folder: Path) -> None:
    command = [sys.executable, "-m", "dicomblank"]
    for line in COMMANDS:
        program, *arguments = shlex.split(line, comments=True)
        assert program == "dicomblank"
        # As a shell does, where the pattern has a slash: '*.txt' is in quotes.
        arguments = [
            name for word in arguments for name in (sorted(map(str, folder.glob(word))) if "/*" in word else [word])
        ]
        done = subprocess.run(
            [*command, *arguments], cwd=folder, capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, (line, done.stderr)
    assert (folder / "shared" / "scan.dcm").exists()
    assert (folder / "run.jsonl").exists()
    assert "REVIEW REQUIRED" in (folder / "report.html").read_text()  # notes.txt was not copied
    assert not (folder / "shared" / "notes.txt").exists()


@pytest.mark.parametrize("sentence", NOTICE)
def test_what_it_does_not_do_is_said_in_the_same_words(sentence: str) -> None:
    assert f"- {sentence} " in " ".join(README.split())


def test_the_picture_shows_what_each_level_does() -> None:
    first, second = map(columns, re.findall(r"```text\n(.*?)```", README, re.DOTALL))
    assert list(first) == ["before", "anonymize", "anonymize-full"]
    assert list(second) == ["before", "pseudonymize"]
    key = dicomblank.Key(bytes(range(32)))
    for picture in (first, second):
        before = picture.pop("before")
        for level, after in picture.items():
            of_level = key if level == "pseudonymize" else None
            assert dicomblank.anonymize_bytes(before, level, key=of_level) == after


def columns(picture: str) -> dict[str, bytes]:
    """The elements that each column of a picture shows."""
    head, *lines = picture.splitlines()
    assert len(lines) == 4
    shown: dict[str, bytes] = dict.fromkeys(head.split(), b"")
    for line in lines:
        group, number, vr = re.findall(r"^\((\w{4}),(\w{4})\) (\w\w) ", line)[0]
        values = re.findall(r"\[(.*?)\]", line)
        for column, value in zip(shown, values, strict=True):
            shown[column] += element(int(group + number, 16), vr, value.encode())
    return shown


def test_every_option_is_in_the_table() -> None:
    for name in ("anonymize", "verify"):
        command = [sys.executable, "-m", "dicomblank", name, "--help"]
        told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=100).stdout
        for option in set(re.findall(r"--[a-z-]+", told)) - {"--help"}:
            assert re.search(rf"^\|[^|]*`{option}\b[^|]*\|", README, re.MULTILINE), option


def test_the_report_that_is_shown_is_lines_of_json(tmp_path: Path) -> None:
    (block,) = re.findall(r"```json\n(.*?)```", REPORT, re.DOTALL)
    rows = [json.loads(line) for line in block.splitlines()]
    assert [row["row"] for row in rows] == ["run", "file", "file", "file", "end"]
    for row in rows:
        assert set(row) <= set(re.findall(r"^\| `(\w+)` \|", REPORT, re.MULTILINE))
    (tmp_path / "run.jsonl").write_text(block)
    said = [
        subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
        for script in re.findall(r"```python\n(.*?)```", REPORT, re.DOTALL)
    ]
    assert said == ["", "a/2.dcm refused truncated\n"]


def test_the_page_on_security_quotes_the_summary() -> None:
    assert f'"{RECALL.split(" See:")[0]}"' in SECURITY


def test_the_levels_are_those_of_the_table() -> None:
    assert f"and {len(UIDS) + len(REFERENCES)} kinds of UIDs by keyed values" in README
    rows = dict(re.findall(r"^\| `([a-z-]+)`(?: \(the default\))? \| (.*) \| .* \|$", README, re.MULTILINE))
    assert rows["anonymize"] == ", ".join(row[0] for row in ANONYMIZE)
    assert rows["anonymize-full"] == "those five and " + ", ".join(row[0] for row in ANONYMIZE_FULL[5:])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_make_target_that_a_document_names_is_there(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:^|`)make ([a-z][a-z-]*)", document.read_text(), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_targets_that_help_names_are_in_the_table() -> None:
    helped = set(re.findall(r"@echo 'make ([a-z-]+)", (ROOT / "Makefile").read_text()))
    assert helped == set(re.findall(r"^\| `make ([a-z-]+)`", CONTRIBUTING, re.MULTILINE))


@pytest.mark.skipif(not (ROOT / "rust/files/src/write").is_dir(), reason="the rooms of rust/files are still to come")
def test_the_paths_that_a_newcomer_is_sent_to_are_there() -> None:
    paths = re.findall(r"`((?:benches|python|rust|tests|tools)/[\w./]+)`", CONTRIBUTING)
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_files_of_the_repository_that_a_document_links_to_are_there(document: Path) -> None:
    for link in re.findall(r"\]\(([A-Za-z0-9_./-]+)\)", document.read_text()):
        assert os.path.exists(document.parent / link), link  # noqa: PTH110 (a link may lead to a folder)


def test_the_demo_runs() -> None:
    """The first command that the README names; it says itself whether what it shows is right."""
    done = subprocess.run(
        [sys.executable, ROOT / "tools/demo.py"], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
