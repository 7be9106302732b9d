"""What importing and starting costs."""

from __future__ import annotations

import inspect
import os
import pydoc
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import dicomblank

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HEAVY = {"pydicom", "rich", "numpy", "dataclasses", "typing", "pathlib", "argparse", "re", "json", "difflib", "inspect"}

# Each name is loaded when it is first asked for: what counts is what its use costs.
USED = "from dicomblank import Level, anonymize_buffer, anonymize_in_place"


def modules(code: str) -> set[str]:
    code += "; import sys; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def ours(loaded: set[str]) -> set[str]:
    return {name for name in loaded if name.split(".")[0] == "dicomblank"}


def test_import_loads_little() -> None:
    assert ours(modules("import dicomblank")) == {"dicomblank"}
    loaded = modules(USED) - modules("pass")
    assert not loaded & HEAVY
    # What is left beside our own is what enum needs.
    assert loaded - ours(loaded) <= modules("import enum, __future__")
    assert ours(loaded) == {
        "dicomblank",
        "dicomblank._core",
        "dicomblank.api",
        "dicomblank.choices",
        "dicomblank.errors",
        "dicomblank.inputs",
        "dicomblank.levels",
        "dicomblank.rules",
        "dicomblank.run",
        "dicomblank.suggestions",
        "dicomblank.tags",
        "dicomblank.uids",
        "dicomblank.urls",
    }


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("from dicomblank.cli import main; main(['levels'])", {"pydicom", "rich", "typing", "pathlib", "json"}),
        ("from dicomblank import Report", {"pydicom", "rich", "typing"}),
        ("import dicomblank.verification", {"rich"}),
    ],
)
def test_what_is_not_needed_is_not_loaded(code: str, absent: set[str]) -> None:
    assert not (modules(code) - modules("pass")) & absent


@pytest.fixture(autouse=True, scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """As where a package is installed: compiled once, also where no bytecode is to be written beside the sources."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", os.fspath(tmp_path_factory.mktemp("bytecode")))
        yield


def seconds(*arguments: str | Path) -> float:
    """Seconds of processor time: nothing here waits, and the time on the clock depends on other programs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def stays_below(budget: float, arguments: list[str | Path], base: list[str | Path] | None = None) -> bool:
    """Whether the quickest of many runs, less that of `base`, is within the budget: other programs only add time.

    Where the neighbours make a processor slow for all that time, no more than `base` takes is little, too.
    """
    best, bare = float("inf"), float("inf") if base else 0.0
    for round_number in range(60):
        best = min(best, seconds(*arguments))
        if base:
            bare = min(bare, seconds(*base))
        if round_number >= 9 and best - bare < max(budget, bare):  # enough of them for a quiet moment of both
            return True
    return False


def test_import_is_quick() -> None:
    assert stays_below(0.015, ["-c", USED], base=["-c", "pass"])


def test_the_version_is_quick() -> None:
    assert stays_below(0.030, ["-m", "dicomblank", "--version"], base=["-c", "import argparse"])


def test_an_empty_folder_is_quick(tmp_path: Path) -> None:
    assert stays_below(0.100, ["-m", "dicomblank", "anonymize", tmp_path, "--in-place", "--allow-empty"])


def test_every_public_name_is_there() -> None:
    for name in dicomblank.__all__:
        assert getattr(dicomblank, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'anonymise'"):
        dicomblank.anonymise  # noqa: B018


def test_help_begins_with_the_functions() -> None:
    functions = dicomblank.__all__[:9]
    assert all(inspect.isfunction(getattr(dicomblank, name)) for name in functions)
    assert not any(inspect.isfunction(getattr(dicomblank, name)) for name in dicomblank.__all__[9:])
    shown = pydoc.plain(pydoc.render_doc(dicomblank))
    description, _, rest = shown.partition("PACKAGE CONTENTS")
    places = [re.search(rf"\b{name}\b", description) for name in dicomblank.__all__ if name != "__version__"]
    found = [place.start() for place in places if place]
    assert len(found) == len(places)
    assert found == sorted(found)
    assert all(f"class {name}" in rest for name in ("Level", "Rules", "Plan", "Report", "Row"))


@pytest.mark.parametrize("name", [name for name in dicomblank.__all__ if name != "__version__"])
def test_every_public_name_is_documented(name: str) -> None:
    assert (getattr(dicomblank, name).__doc__ or "").endswith((".", ".\n", ".\n    "))


def test_a_call_keeps_its_name_when_its_module_is_loaded() -> None:
    modules("import dicomblank, dicomblank.verification; assert callable(dicomblank.verify)")


def test_the_package_is_typed() -> None:
    package = Path(dicomblank.__file__).parent
    assert (package / "py.typed").is_file()
    assert (package / "_core.pyi").is_file()
