"""What `verify` makes of a result beside ok and leak, what it says at its end, and what it leaves out on request."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace
from typing import TYPE_CHECKING, Literal

import pytest

import dicomblank
from dicomblank import Key, Level, Pydicom, Report, Row
from dicomblank.levels import other_levels
from dicomblank.rule_arguments import LISTS, PAIRS, asked_level
from dicomblank.verdict import OUTCOMES, Verdict
from elements import EXPLICIT, ITEM, PIXELS, UNDEFINED, file_of
from samples import CT

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command
    from dicomblank._core import Rules

KEY = Key(bytes(range(32)))
FULL = Level.ANONYMIZE_FULL

# A file whose fragments end with it, without a delimiter: the core blanks it, and pydicom sees nothing in it.
NAME = EXPLICIT.element(0x0010_0010, "PN", b"Doe^Jane")
FRAGMENTS = EXPLICIT.header(PIXELS, "OB", UNDEFINED) + EXPLICIT.framing(ITEM, 0) + EXPLICIT.framing(ITEM, 8) + bytes(8)
OPEN = file_of(EXPLICIT, NAME, FRAGMENTS)


def found(before: Path, after: Path, level: Level = FULL, pydicom: Pydicom = Pydicom.ASK) -> Row:
    rows: list[Row] = []
    dicomblank.verify(before, after, level, pydicom=pydicom, report=rows.append)
    (row,) = rows
    return row


# other levels


def test_the_others_are_all_levels_that_do_something_else() -> None:
    def names(rules: Rules) -> list[str]:
        return [name for name, _ in other_levels(rules)]

    assert names(Level.ORIGINAL.rules._native) == ["anonymize", "anonymize-full", "pseudonymize"]
    assert names(FULL.rules._native) == ["anonymize", "pseudonymize"]
    assert names(FULL.rules.keep("StudyDate")._native) == ["anonymize", "anonymize-full", "pseudonymize"]
    assert all(rules == Level(name).rules._native for name, rules in other_levels(Level.ORIGINAL.rules._native))


@pytest.mark.parametrize("asked", [level for level in Level if not level.rules.need_key])
@pytest.mark.parametrize("made", [level for level in Level if level not in {Level.ORIGINAL, Level.BASIC}])
def test_a_result_tells_the_level_that_made_it(tmp_path: Path, asked: Level, made: Level) -> None:
    after = tmp_path / "ct.dcm"
    dicomblank.anonymize_copy(CT, after, made, key=KEY if made.rules.need_key else None)
    row = found(CT, after, asked)
    assert (row.outcome, row.levels) == (("ok", ()) if made is asked else ("other-level", (made.value,)))
    assert row.is_fault is (made is not asked)
    assert made is asked or f"the level {made.value}" in (row.error or "")
    # What is as it was, tells nothing.
    assert found(CT, CT, asked).outcome == ("ok" if asked is Level.ORIGINAL else "leak")


# pydicom


@pytest.fixture
def opened(tmp_path: Path) -> tuple[Path, Path]:
    before, after = tmp_path / "before.dcm", tmp_path / "after.dcm"
    before.write_bytes(OPEN)
    dicomblank.anonymize_copy(before, after, FULL)
    return before, after


def test_what_pydicom_can_not_read_is_unconfirmed(opened: tuple[Path, Path]) -> None:
    row = found(*opened)
    assert (row.outcome, row.kind, row.is_fault) == ("unconfirmed", "not-validated", True)
    assert row.error == "pydicom sees no data set; nor can it read the original"
    assert found(*opened, pydicom=Pydicom.LEAVE_OUT).outcome == "ok"


def test_what_pydicom_could_read_before_is_unreadable(
    opened: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dicomblank.verification.can_read", lambda *_: True)
    row = found(*opened)
    assert (row.outcome, row.kind) == ("unreadable", "not-validated")
    assert row.error == "pydicom sees no data set; it can read the original"


def test_a_fault_of_the_bytes_comes_first(opened: tuple[Path, Path]) -> None:
    before, after = opened
    after.write_bytes(after.read_bytes()[:-1] + b"x")
    assert found(before, after).outcome == "changed"


@pytest.mark.parametrize("way", ["call", "command"])
def test_pydicom_is_not_even_loaded(study: Path, way: Literal["call", "command"]) -> None:
    out = study.parent / "out"
    dicomblank.anonymize_copy(study, out)
    code = "import sys, dicomblank; dicomblank.verify('study', 'out', pydicom=False)"
    if way == "command":
        code = "import sys; from dicomblank.cli import main; main(['verify', 'study', 'out', '--no-pydicom', '-q'])"
    code += "; print([name for name in sys.modules if name.split('.')[0] in {'pydicom', 'numpy', 'rich'}])"
    words = [sys.executable, "-c", code]
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(words, cwd=study.parent, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_command_says_that_pydicom_was_not_asked(command: Command, study: Path) -> None:
    assert command("anonymize", "study", "--output", "out").returncode == 0
    for words, said in ([], False), (["--no-pydicom"], True):
        done = command("verify", "study", "out", *words)
        assert (done.returncode, "pydicom was not asked" in done.stdout) == (0, said)


# sentences


def args(level: str = "anonymize-full", *, no_pydicom: bool = False, **options: list[int]) -> Namespace:
    lists = {name: options.get(name, []) for name in (*LISTS, *PAIRS)}
    return Namespace(level=asked_level(level), no_pydicom=no_pydicom, **lists)


def report(counts: dict[str, int], *, complete: bool = True) -> Report:
    return Report(dict.fromkeys(OUTCOMES, 0) | counts, {}, {}, [], [], 0, 0, 48.2, complete, allows_empty=False)


def fault(outcome: str, kind: str | None = None, levels: tuple[str, ...] = ()) -> Row:
    return Row("in", "x", None, outcome, 0, kind, None, None, [], None, True, None, levels)


# What was found, and the sentences in their order; of a long one its beginning.
SENTENCES: dict[str, tuple[Report, list[Row], list[str]]] = {
    "all are well": (
        report({"ok": 30_000}),
        [],
        ["30,000 files are what the level anonymize-full makes of their originals (48 s)."],
    ),
    "one is well": (report({"ok": 1}), [], ["1 file is what the level anonymize-full makes of its original (48 s)."]),
    "others, too": (report({"ok": 1, "not-dicom": 2}), [], ["1 file is", "2 other files are not DICOM."]),
    "some differ": (
        report({"ok": 29_988, "leak": 3, "changed": 9}),
        [*[fault("leak", "value-left")] * 3, *[fault("changed", "byte-changed")] * 8, fault("changed", "other-size")],
        [
            "12 of 30,000 files differ: 3 leak, 9 changed (48 s).",
            "Leak: a value that was to be blanked is still there. Don't share such files",
            "Changed: something changed that was to stay, or became something else than it should (byte-changed 8, ",
        ],
    ),
    "one differs": (
        report({"missing": 1}),
        [fault("missing")],
        ["1 of 1 file differs: 1 missing (48 s).", "Missing: there is no result, though"],
    ),
    "refused": (
        report({"ok": 1, "refused": 7}),
        [fault("refused", kind) for kind in ("overrun", "truncated", "truncated", "empty", "jpip", "jpip", "jpip")],
        [
            "7 of 8 files differ: 7 refused (48 s).",
            "Refused: there is no result, since the original is refused (jpip 3, truncated 2, empty 1, …).",
        ],
    ),
    "another level": (
        report({"other-level": 3}),
        [
            fault("other-level", "value-left", ("anonymize",)),
            *[fault("other-level", "value-left", ("anonymize", "pseudonymize"))] * 2,
        ],
        [
            "3 of 3 files differ: 3 other-level (48 s).",
            "Other-level: it is what another level makes of the original (anonymize 3, pseudonymize 2). Verify with --",
        ],
    ),
    "the worst first": (
        report(dict.fromkeys(OUTCOMES, 1)),
        [fault("other-level", "value-left", ("anonymize",))],
        ["9 of 10 files differ: 1 leak, 1 differs, 1 changed, 1 other-level, 1 unreadable, 1 unconfirmed, 1 refused,"],
    ),
    "none": (report({"not-dicom": 1}), [], ["No file was compared.", "1 other file is not DICOM."]),
    "interrupted": (report({}, complete=False), [], ["No file was compared."]),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_sentences(name: str) -> None:
    found, rows, expected = SENTENCES[name]
    verdict = Verdict(args())
    for row in rows:
        verdict.add(row)
    sentences = list(verdict.sentences(found))
    for sentence, beginning in zip(sentences, expected, strict=name != "the worst first"):
        assert sentence.startswith(beginning)
        assert sentence.endswith((".", ")."))


def test_what_was_asked_is_in_the_sentence() -> None:
    another = [fault("other-level", "value-left", ("anonymize",))] * 2
    verdict = Verdict(args())
    for row in another:
        verdict.add(row)
    *_, to_do = verdict.sentences(report({"other-level": 2}))
    assert to_do.endswith(" (anonymize 2). Verify with --level anonymize, or anonymize the originals again.")
    (first,) = Verdict(args("anonymize", blank=[0x0010_4000], keep=[0x0008_0020])).sentences(report({"ok": 2}))
    assert first.startswith("2 files are what the level anonymize with --blank and --keep makes of their originals (")
    *_, last = Verdict(args(no_pydicom=True)).sentences(report({"ok": 2, "not-dicom": 1}))
    assert last == "pydicom was not asked: these are the opinions of dicomblank's core and of the bytes."


def test_each_outcome_of_a_run_is_one_that_the_summary_knows(study: Path) -> None:
    known = set(dicomblank.verify(study, study, "original").counts)
    assert set(OUTCOMES) | {"anonymized", "unchanged", "planned", "inspected", "archive", "skipped", "failed"} == known


def test_the_command_ends_with_what_to_do(command: Command, study: Path) -> None:
    said = command("verify", "study", "study").stdout.splitlines()
    assert sorted(line[:19] for line in said[:2]) == ["leak         study/", "leak         study/"]
    assert said[3:] == [
        "Leak: a value that was to be blanked is still there. Don't share such files: anonymize their originals again.",
        "1 other file is not DICOM.",
    ]
