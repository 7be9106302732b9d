"""The import pipelines of examples: the documents start each as it says itself. `make test-imports` runs them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# It brings no scans in: tests/test_shards.py runs it.
ARRAY = ROOT / "examples/slurm-array.sh"
EXAMPLES = sorted({path for path in (ROOT / "examples").iterdir() if path.suffix in {".py", ".sh"}} - {ARRAY})
README = (ROOT / "README.md").read_text()
PAGE = (ROOT / "docs/imports.md").read_text()


def head(example: Path) -> str:
    """What an example says of itself."""
    text = example.read_text()
    if example.suffix == ".py":
        return ast.get_docstring(ast.parse(text)) or ""
    return "\n".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("#"))


# What starts each, in its own words, on the page and in the README.
STARTS = {
    "blanked_dataset.py": "collate_fn=sorted_out)",
    "cstore_relay.py": "--listen 127.0.0.1:11112 --archive ORTHANC@127.0.0.1:4242 --level anonymize-full",
    "nidb-cron.sh": "nidb-cron.sh /data/incoming /data/blanked /data/reports",
    "orthanc_plugin.py": '"PythonScript": "/opt/dicomblank/orthanc_plugin.py"',
    "stow_filter.py": "uvicorn --no-access-log --factory stow_filter:from_environment",
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_documents_start_it_as_it_says_itself(example: Path) -> None:
    assert f"`examples/{example.name}`" in README
    assert f"`examples/{example.name}`" in PAGE
    assert STARTS[example.name] in head(example)
    assert STARTS[example.name] in README
    assert STARTS[example.name] in PAGE


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_it_is_run_by_make_test_imports(example: Path) -> None:
    test = f"test_{example.stem.replace('-', '_')}.py"
    assert (ROOT / "tests/imports" / test).exists()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_variables_and_options_on_the_page_are_those_of_the_code(example: Path) -> None:
    code = example.read_text()
    section = PAGE.partition(f"`examples/{example.name}`")[2].partition("\n## ")[0]
    named = set(
        re.findall(r"\bDICOMBLANK_[A-Z]+|\bKeyFile\b|\bLEVEL\b|\bKEY\b|--(?:title|key|listen|archive)\b", section)
    )
    assert {name for name in named if name not in code} == set()
