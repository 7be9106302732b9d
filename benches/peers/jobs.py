"""What can be measured: each job has a file of results, and a part of BENCHMARKS.md that is made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benches.peers import full, profile, pseudonyms, tables

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


@dataclass(frozen=True)
class Job:
    """One comparison."""

    name: str
    about: str
    title: str
    file: str
    """The name of its results."""
    measure: Callable[[argparse.Namespace], dict[str, Any]]
    body: Callable[[dict[str, Any]], str]
    chart: str | None = None
    """The name of its chart."""

    def block(self, results: dict[str, Any]) -> str:
        """The part of a page that shows these results."""
        return tables.block(self.file, self.body(results))


JOBS = (
    Job(
        "anonymize-full",
        "blank the values of the level anonymize-full",
        "Speed, side by side",
        "results.json",
        full.measure,
        tables.body,
        "results.png",
    ),
    Job(
        "pseudonyms",
        "replace identifiers so that files can still be grouped",
        "Pseudonyms, side by side",
        "pseudonyms.json",
        pseudonyms.measure,
        pseudonyms.body,
    ),
    Job(
        "profile",
        "the Basic Profile of PS3.15",
        "The Basic Profile, side by side",
        "profile.json",
        profile.measure,
        profile.body,
    ),
)
NAMES = [job.name for job in JOBS]


def named(names: list[str] | None) -> list[Job]:
    """The jobs of these names, in the order of the page; all of them if none is named."""
    return [job for job in JOBS if not names or job.name in names]
