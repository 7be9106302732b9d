"""`dicomblank run-shard`: the files of shards, each shard once."""

from __future__ import annotations

import sys

from dicomblank.arguments import reason, usage_error
from dicomblank.choices import Existing
from dicomblank.commands import DONE, FAULT
from dicomblank.faults import Faults
from dicomblank.leftovers import leftovers_of
from dicomblank.rule_arguments import key_of, rules_of
from dicomblank.signals import SIGNALS
from dicomblank.summary import Summary
from dicomblank.terminal import ProgressBar, complain, escaped, is_terminal, say_sentence
from dicomblank.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from dicomblank._core import Report, Row
    from dicomblank.shards.running import ShardRun

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Does shards one after the other, and says what became of them."""
    manifests = _asked(args)
    outcome = _Outcome(args)
    for number, manifest in enumerate(manifests, 1):
        try:
            one = _prepared(args, manifest)
            done = one.done()
            if done is None:
                one.find()
                outcome.note(one.notices())
        except (OSError, ValueError) as error:
            why = reason(error) if isinstance(error, OSError) else escaped(str(error))
            if number == 1:
                usage_error(args, why)  # nothing was done
            outcome.complain(why)
            continue
        if done is not None:
            outcome.before(done)
            continue
        outcome.do(one, f"shard {number:,} of {len(manifests):,}" if len(manifests) > 1 else "")
        if SIGNALS.received or outcome.is_broken:
            break
    return outcome.end(len(manifests))


class _Outcome:
    """What became of the shards so far."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._summary = Summary(args)
        self._done: list[Report] = []
        self._before: list[Report] = []
        self._noted: set[str] = set()
        self._is_at_fault = False
        #: Whether there is no going on: a report can't be written.
        self.is_broken = False

    def complain(self, why: str) -> None:
        complain(why)
        self._is_at_fault = True

    def note(self, notices: list[str]) -> None:
        """Says what there is to know of buckets, once."""
        for notice in notices:
            if notice not in self._noted:
                complain(f"note: {escaped(notice)}")
        self._noted.update(notices)

    def before(self, report: Report) -> None:
        self._before.append(report)

    def do(self, one: ShardRun, about: str) -> None:
        SIGNALS.stop_with(one.stop)
        on_terminal = is_terminal(sys.stderr)
        with ProgressBar(is_shown=on_terminal and not self._args.quiet, about=about) as bar:
            faults = Faults(bar.complain, Existing.SKIP, has_report=True, is_terminal=on_terminal)

            def on_row(row: Row) -> None:
                self._summary.add(row)
                faults(row)

            try:
                self._done.append(one(on_row=on_row, progress=bar, only_notable=True))
            except BlockingIOError as error:
                bar.complain(f"{escaped(one.name)}: {error.strerror}: it is left to that")
                self._is_at_fault = True
            except OSError as error:
                bar.complain(f"stopped: {reason(error)}: no file is half done, and the rest is untouched")
                self._is_at_fault = self.is_broken = True
            finally:
                faults.end()
        SIGNALS.stop_with(None)

    def end(self, asked: int) -> int:
        reports = [*self._done, *self._before]
        if not self._args.quiet:
            self._tell(asked)
        if SIGNALS.received:
            complain("interrupted: no file is half done. The same command goes on")
            return 128 + SIGNALS.received
        return DONE if not self._is_at_fault and all(report.ok for report in reports) else FAULT

    def _tell(self, asked: int) -> None:
        whole = sum(report.complete and not report.failed for report in self._done) + len(self._before)
        before = f", {len(self._before):,} of them before" * bool(self._before)
        say_sentence(f"{whole:,} of {counted(asked, 'shard')} {'is' if whole == 1 else 'are'} done{before}.")
        if self._done:
            for sentence in self._summary.sentences(sum(self._done[1:], self._done[0])):
                say_sentence(sentence)
            say_sentence(f"The reports are in {escaped(self._args.ledger)}.")


def _asked(args: argparse.Namespace) -> list[str]:
    """The manifests that are this run's, once nothing is wrong with the arguments."""
    from dicomblank import shards

    if not args.manifests:
        usage_error(args, 'MANIFEST is missing: name a manifest, made by "dicomblank shard"')
    if (args.output is not None) is args.in_place:
        usage_error(args, "say where the result goes, one of two: --output DIR writes copies, --in-place overwrites")
    if args.ledger is None:
        usage_error(args, "say where the reports go: --ledger DIR")
    for option, value in (("--hard-links", args.hard_links), ("--unmarked", args.unmarked)):
        if args.output is not None and value != "refuse":
            usage_error(args, f"{option} is about originals: it needs --in-place")
    if (args.index is None) is not (args.of is None):
        usage_error(args, "--index and --of go together: task I of N")
    if args.index is None:
        return list(args.manifests)
    try:
        return [str(manifest) for manifest in shards.pick(args.manifests, args.index, args.of)]
    except ValueError as error:
        usage_error(args, str(error))


def _prepared(args: argparse.Namespace, manifest: str) -> ShardRun:
    from dicomblank.shards.manifest import Manifest
    from dicomblank.shards.running import ShardRun

    return ShardRun(
        Manifest.read(manifest, args.source),
        rules_of(args),
        output=args.output,
        in_place=args.in_place,
        ledger=args.ledger,
        name=args.level.name,
        key=key_of(args),
        hard_links=args.hard_links,
        unmarked=args.unmarked,
        leftovers=leftovers_of(args),
        known=args.known,
        sync=args.sync,
        validate=args.validate,
        workers=args.workers,
    )
