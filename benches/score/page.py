"""The card as Markdown: the part of BENCHMARKS.md between two marks."""

from __future__ import annotations

from collections import Counter
from typing import Any

from benches.peers import tables
from benches.score.answers import Action

FILE, CHART = "score.json", "score.png"
MADE_BY = "bench-score"


def block(results: dict[str, Any]) -> str:
    """The part of a page that shows these results, its marks included."""
    return tables.block(FILE, body(results), MADE_BY)


def in_page(page: str) -> str | None:
    """The block as a page has it."""
    return tables.in_page(page, FILE, MADE_BY)


def body(results: dict[str, Any]) -> str:
    """What was asked, the card, what we fail, and the notes."""
    return "\n\n".join(
        [
            f"{results['date']}: {results['files']} files, {sum(results['asked'].values()):,} checks.",
            f"![the share of checks that are passed](benches/results/{CHART})",
            card(results),
            "### What each program was asked to do",
            _notes(results),
            "### The checks that dicomblank fails",
            *(_failed(row) for row in results["rows"] if row["kind"] == "dicomblank"),
        ]
    )


def card(results: dict[str, Any]) -> str:
    """A row a program: the share of each check, in percent, and what is counted beside."""
    actions = [action for action in Action if action.value in results["asked"]]
    asked = [f"{action.value} ({results['asked'][action.value]:,})" for action in actions]
    head = ["", "all", *asked, "files that name somebody", "files missing", "new kinds of errors (dciodvfy)"]
    lines = [head, ["---"] + ["--:"] * (len(head) - 1)]
    for row in results["rows"]:
        if row["failure"]:
            lines.append([row["name"], f"failed: {row['failure']}"] + [""] * (len(head) - 2))
            continue
        shares = [share(row["passed"].get(action.value, 0), results["asked"][action.value]) for action in actions]
        new = "not asked" if row["new_errors"] is None else str(len(row["new_errors"]))
        lines.append([row["name"], total(results, row), *shares, str(row["identified"]), str(row["missing"]), new])
    return tables.markdown(lines)


def total(results: dict[str, Any], row: dict[str, Any]) -> str:
    """The share of all checks that a program passes."""
    return share(sum(row["passed"].values()), sum(results["asked"].values()))


def share(passed: int, asked: int) -> str:
    """In percent, rounded down to two decimals: what is not passed whole is never 100."""
    return "100" if passed == asked else f"{passed * 10_000 // asked / 100:.2f}"


def _notes(results: dict[str, Any]) -> str:
    lines = []
    for row in results["rows"]:
        version = "" if row["kind"] == "dicomblank" else f" ({row['version']})"
        lines.append(f"- {row['name']}{version}: {row['note']}.")
    return "\n".join([*lines, *(f"- {name}: not there, so left out." for name in results["left_out"])])


def _failed(row: dict[str, Any]) -> str:
    """What one level fails, folded: by check, each attribute with the number of its places."""
    if row["failure"]:
        return f"{row['name']}: failed."
    by_action: dict[str, Counter[str]] = {}
    for action, where, count in row["failures"]:
        by_action.setdefault(action, Counter())[where] += count
    lines = [["check", "fails", "attributes"], ["---", "--:", "---"]]
    for action in Action:
        if found := by_action.get(action.value):
            places = ", ".join(f"{where} ({count})" for where, count in sorted(found.items()))
            lines.append([action.value, str(sum(found.values())), places])
    fails = sum(count for *_, count in row["failures"])
    return f"<details><summary>{row['name']}: {fails:,}</summary>\n\n{tables.markdown(lines)}\n\n</details>"
