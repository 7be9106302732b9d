"""Scores dicomblank's levels and its peers on invented files whose answers are known: `make bench-score`.

What is asked is in answers.py, the files are made by corpus.py, and judged by checking.py. The results go into
benches/results, the card and its chart into BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benches.peers.launching import ROOT
from benches.score import checking, corpus, page
from benches.score.contestants import contestants

sys.path.append(str(ROOT / "tests"))

from iods import DCIODVFY, broken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benches.score.answers import Answers
    from benches.score.contestants import Contestant

RESULTS, PAGE = ROOT / "benches/results", ROOT / "BENCHMARKS.md"


def main(words: Sequence[str] | None = None) -> int:
    """Run all, and write; the exit code is 1 if one of ours failed."""
    options = arguments(words)
    chosen = [one for one in contestants() if not options.only or any(word in one.name for word in options.only)]
    left_out = [one.name for one in chosen if one.version is None]
    with tempfile.TemporaryDirectory(prefix="dicomblank-score-") as name:
        results = score([one for one in chosen if one.version is not None], Path(name)) | {"left_out": left_out}
    write(results, options.results)
    print(f"\n{page.card(results)}\n\nwritten to {options.results}")
    return int(any(row["failure"] for row in results["rows"] if row["kind"] == "dicomblank"))


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benches.score", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", metavar="WORD", help="only programs with this word in their name")
    parser.add_argument(
        "--results",
        type=Path,
        help="where to write (default: benches/results and BENCHMARKS.md; with --only: target/bench-score)",
    )
    options = parser.parse_args(words)
    options.results = options.results or (ROOT / "target/bench-score" if options.only else RESULTS)
    return options


def score(programs: Sequence[Contestant], folder: Path) -> dict[str, Any]:
    """Each program's card, of the same files."""
    source = folder / "files"
    answers = corpus.write(source)
    before = {number: _broken(path) for number, path in checking.read(source).items()}
    asked = Counter(check.action.value for each in answers.values() for check in each.checks)
    rows = []
    for place, program in enumerate(programs):
        print(program.name, flush=True)
        rows.append(_row(program, source, folder / str(place), answers, before))
    return {"date": f"{dt.date.today():%Y-%m-%d}", "files": len(answers), "asked": asked, "rows": rows}  # noqa: DTZ011


def _row(
    program: Contestant,
    source: Path,
    folder: Path,
    answers: Mapping[int, Answers],
    before: Mapping[int, set[str] | None],
) -> dict[str, Any]:
    target = folder / "target"
    target.mkdir(parents=True)
    row: dict[str, Any] = {"name": program.name, "kind": program.kind.value, "note": program.note}
    row["version"] = program.version
    try:
        code = program.run(source, target, folder)
    except (OSError, subprocess.TimeoutExpired) as error:
        return row | {"failure": type(error).__name__}
    found = checking.read(target)
    if not found:
        return row | {"failure": f"exit code {code}, no results"}
    card = checking.judge(answers, found)
    new: Counter[str] = Counter()
    for number, path in found.items():
        was, now = before.get(number), _broken(path)
        if was is not None:
            new.update({"can't be read"} if now is None else now - was)
    return row | {
        "failure": None,
        "exit_code": code,
        "passed": {action.value: count for action, count in card.passed.items()},
        "failures": sorted([action.value, where, count] for (action, where), count in card.failures.items()),
        "identified": card.identified,
        "missing": card.missing,
        "new_errors": dict(sorted(new.items())) if DCIODVFY else None,
    }


def _broken(path: Path) -> set[str] | None:
    found = broken(path) if DCIODVFY else None
    return None if found is None else {": ".join(each) for each in found}


def write(results: dict[str, Any], folder: Path) -> None:
    """The results, from which all else is made, the chart, and the page."""
    from benches.score import chart  # noqa: PLC0415 (matplotlib is in .venv-peers alone)

    folder.mkdir(parents=True, exist_ok=True)
    (folder / page.FILE).write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    chart.draw(results, folder / page.CHART)
    if folder.resolve() != RESULTS.resolve():
        (folder / page.FILE).with_suffix(".md").write_text(f"# Score\n\n{page.body(results)}\n", encoding="utf-8")
        return
    text = PAGE.read_text(encoding="utf-8")
    old = page.in_page(text)
    if old is None:
        raise ValueError(f"{PAGE.name} has lost the marks of {page.FILE}")
    PAGE.write_text(text.replace(old, page.block(results)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
