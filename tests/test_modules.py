"""The check of the order of modules fails where one `use` is turned round, and names the line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources that are checked, and of the list that they are checked by."""
    for source in (PROJECT / "rust").glob("*/src"):
        shutil.copytree(source, tmp_path / source.relative_to(PROJECT))
    (tmp_path / "tools").mkdir()
    shutil.copy(PROJECT / "tools" / "modules.toml", tmp_path / "tools")
    return tmp_path


def check(root: Path) -> tuple[int, list[str]]:
    command = [sys.executable, str(PROJECT / "tools" / "check_modules.py"), "--root", str(root)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.stderr == ""
    return result.returncode, result.stdout.splitlines()


def add(root: Path, file: str, text: str) -> int:
    """Put a line in front of the tests of a file, and return its number."""
    path = root / file
    head, *tests = path.read_text().partition("#[cfg(test)]\nmod tests")
    path.write_text(f"{head}{text}\n{''.join(tests)}")
    return head.count("\n") + 1 + text.count("\n")


def test_the_tree_is_in_order(tree: Path) -> None:
    assert check(tree) == (0, [])


# File, what is added to it, what is said of the line. All rows are checked at once: a run reads every file.
TURNED_ROUND = [
    ("vr.rs", "use crate::plan::Action;", "vr uses plan"),
    ("vr.rs", "use crate::plan::{Action, Edit, Plan};", "vr uses plan"),  # one line, said once
    ("vr.rs", "use crate::{dictionary, span::{Span, self}};", "vr uses dictionary"),
    ("vr.rs", "fn f() { let _ = crate::plan::Plan::edits; }", "vr uses plan"),
    ("vr.rs", "use crate::Plan;", "vr uses plan"),  # by the name that lib.rs hands on
    ("vr.rs", "use super::walk::Walker;", "vr uses walk"),
    ("vr.rs", "mod inner { use super::super::walk::Walker; }", "vr uses walk"),
    ("vr.rs", "/* a /* comment */ */ const A: char = '\"'; use crate::plan; // \"", "vr uses plan"),
    ("plan.rs", "use crate::planner::plan;", "plan uses planner"),
    ("walk/frame.rs", "use super::items::Items;", "frame uses items"),
    ("walk/frame.rs", "use super::Taker;", "frame uses plain"),
    ("walk/frame.rs", "use super::Walker;", "frame uses walk"),
    ("walk/frame.rs", "use crate::walk::Walker as Other;", "frame uses walk"),
    ("walk.rs", "use items::Items;", "walk uses items"),
]
PASSES = [
    ("vr.rs", "// use crate::plan::Plan;"),
    ("vr.rs", "/* /* */ use crate::plan::Plan; */"),
    ("vr.rs", 'const TEXT: &str = "use crate::plan::Plan;\\"";'),
    ("vr.rs", 'const TEXT: &str = r#"use crate::plan::Plan;""#;'),
    ("vr.rs", "#[cfg(test)]\nuse crate::plan::Plan;"),
    ("vr.rs", "#[cfg(test)]\nimpl Vr { fn f<'a>() { crate::plan::f('}') } }"),
    ("vr.rs", "use core::plan::Plan;"),
    ("vr.rs", "mod inner { use super::walk; }\npub use self::inner::walk;"),
    ("plan.rs", "use crate::vr::Vr as Other;"),
    ("plan.rs", "use crate::Vr as Other;"),
    ("walk/trial.rs", "use super::frame::Frame;"),
]


def test_each_use_that_is_turned_round_fails(tree: Path) -> None:
    lines = [(file, add(tree, f"rust/core/src/{file}", text), used) for file, text, used in TURNED_ROUND]
    code, said = check(tree)
    beginnings = [sentence.partition(", which is above it")[0] for sentence in said]
    assert (code, sorted(beginnings)) == (
        1,
        sorted(f"rust/core/src/{file}:{line}: {used}" for file, line, used in lines),
    )


def test_what_uses_nothing_above_passes(tree: Path) -> None:
    for file, text in PASSES:
        add(tree, f"rust/core/src/{file}", text)
    assert check(tree) == (0, [])


def test_a_module_that_is_not_listed_fails_and_so_does_a_listed_one_that_is_not_there(tree: Path) -> None:
    source = tree / "rust" / "core" / "src"
    (source / "stray.rs").write_text("")
    (source / "walk" / "stray.rs").write_text("")
    (source / "walk" / "path.rs").unlink()
    (source / "room").mkdir()
    (source / "room" / "inner.rs").write_text("")
    code, lines = check(tree)
    wrong = [line.split(": ")[1] for line in lines]
    assert (code, wrong) == (
        1,
        [
            "[core] order lacks stray",
            "[core.rooms] room is missing",
            "[core.rooms] walk lacks stray",
            "[core.rooms] walk has path, which is no module",
        ],
    )
