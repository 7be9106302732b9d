"""`dicomblank plan`: what would be overwritten. Of files value by value, of folders counted by tag."""

from __future__ import annotations

import os
import sys

from dicomblank import _core
from dicomblank.api import plan as plan_of
from dicomblank.arguments import reason, usage_error
from dicomblank.choices import Existing, Leftovers, NoDicom
from dicomblank.commands import DONE, FAULT
from dicomblank.commands.anonymize import how_far
from dicomblank.driving import code_of, drive
from dicomblank.dry_summary import DrySummary, rows_of_states
from dicomblank.errors import Error, ParseError, UnsupportedError
from dicomblank.faults import Faults, path_of
from dicomblank.folding import folded
from dicomblank.inputs import sources_of
from dicomblank.rule_arguments import key_of, rules_of
from dicomblank.run import Run
from dicomblank.signals import SIGNALS
from dicomblank.source_arguments import asked_sources, check_sources
from dicomblank.tags import spell
from dicomblank.terminal import ProgressBar, complain, escaped, is_terminal, say, say_sentence, table
from dicomblank.urls import are_remote, as_paths
from dicomblank.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from dicomblank._core import Edit, Key, Leftover, Plan, Report, Row
    from dicomblank.levels import Rules

__all__ = ["run"]

#: How far a value is, in the words of the table.
STATES = {"to-do": "to do", "blank": "blank already", "done": "done already"}


def run(args: argparse.Namespace) -> int:
    """Shows the plan of each file, as a table or as JSON; of folders how many values there are of each tag."""
    check_sources(args, args.sources, "SOURCE is missing: name a DICOM file or a folder")
    rules, key = _asked(args)
    is_counted = args.report is not None or args.files_from is not None or bool(args.exclude)
    folders = [_is_folder(args, name) for name in args.sources]
    if is_counted or any(folders):
        return _count(args, rules, key)
    return _show(args, rules, key)


def _asked(args: argparse.Namespace) -> tuple[Rules, Key | None]:
    """The rules and the key, once nothing is wrong with the arguments."""
    try:
        rules, key = rules_of(args), key_of(args)
    except (OSError, ValueError) as error:
        usage_error(args, reason(error))
    if key is not None and not rules._native.need_key:
        usage_error(args, "a key is given, and no rule needs one: none pseudonymizes or shifts values")
    return rules, key


def _is_folder(args: argparse.Namespace, name: str) -> bool:
    """Whether it stands for all that is below it."""
    try:
        if are_remote([name]):
            from dicomblank.stores import is_object  # only where there is a URL

            return not is_object(name)
        path = as_paths([name])[0]
    except (OSError, ValueError) as error:
        usage_error(args, reason(error))
    if not os.path.exists(path):
        usage_error(args, f"{escaped(name)}: No such file or directory")
    return os.path.isdir(path)


def _leftovers(args: argparse.Namespace) -> Leftovers:
    return Leftovers.WARN if args.leftovers or args.known is not None else Leftovers.IGNORE


# Files, one by one


def _show(args: argparse.Namespace, rules: Rules, key: Key | None) -> int:
    code = DONE
    for index, name in enumerate(args.sources):
        plan = _plan_or_error(name, rules, key)
        if isinstance(plan, Exception):
            code = FAULT
        if args.json:
            say(_json(name, plan, _dry_row(name, args, rules, key)))
        elif isinstance(plan, Exception):
            complain(f"refused: {escaped(name)}: {_reason(plan)}")
        else:
            if index:
                say()
            _table(name, plan)
            if row := _dry_row(name, args, rules, key):
                _table_of_leftovers(row)
    return code


def _dry_row(name: str, args: argparse.Namespace, rules: Rules, key: Key | None) -> Row | None:
    """What a run would say of a file, where it is asked what that would leave."""
    if _leftovers(args) is Leftovers.IGNORE:
        return None
    rows: list[Row] = []
    try:
        Run.plan(sources_of(name), rules, key=key, leftovers=Leftovers.WARN, known=args.known)(on_row=rows.append)
    except (OSError, ValueError) as error:
        usage_error(args, reason(error))
    return rows[0] if rows else None


def _table_of_leftovers(row: Row) -> None:
    short = f", {counted(row.not_searched, 'value')} not looked for" * bool(row.not_searched)
    say()
    say(f"left elsewhere: {counted(row.leftover_count, 'place')}{short}")
    if row.leftovers:
        rows = [
            (left.of, "" if left.offset is None else str(left.offset), str(left.length), left.place)
            for left in row.leftovers
        ]
        table(("of", "offset", "length", "place"), rows, right=(1, 2))
    if row.leftover_count > len(row.leftovers):
        say(f"and {row.leftover_count - len(row.leftovers):,} more")


def _plan_or_error(name: str, rules: Rules, key: Key | None) -> Plan | Error | OSError:
    try:
        return plan_of(name, rules, key=key)
    except (Error, OSError) as error:
        return error


def _reason(error: Error | OSError) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)


def _table(name: str, plan: Plan) -> None:
    bytes_of_all = f"{sum(edit.length for edit in plan):,} of {counted(plan.size, 'byte')}"
    already = [f"{count:,} {STATES[state]}" for state in ("blank", "done") if (count := _count_of(plan, state))]
    say(", ".join((f"{escaped(name)}: {counted(len(plan), 'value')}", bytes_of_all, *already)))
    if len(plan):
        rows = [
            (
                fold.edit.action,
                spell(fold.edit.tag),
                fold.edit.keyword,
                fold.edit.vr,
                fold.place,
                str(fold.edit.length),
                STATES[fold.edit.state or "to-do"],
                fold.path,
            )
            for fold in folded(plan)
        ]
        table(("action", "tag", "name", "VR", "place", "length", "state", "path"), rows, right=(4, 5))
    sentences = dict(_core.warnings())
    for warning in plan.warnings:
        complain(f"warning: {escaped(name)}: {sentences[warning]}")


def _count_of(plan: Plan, state: str) -> int:
    return sum(edit.state == state for edit in plan)


# A line of JSON


def _json(name: str, plan: Plan | Error | OSError, dry: Row | None = None) -> str:
    import json

    row: dict[str, object] = {"file": name}
    if isinstance(plan, Exception):
        row["error"] = _reason(plan)
        if isinstance(plan, Error):
            row["kind"] = plan.kind
        # Its words show the ends of a long path only.
        if isinstance(plan, (ParseError, UnsupportedError)) and plan.offset is not None:
            row |= {"offset": plan.offset, "tag_path": plan.tag_path}
    else:
        row["size"] = plan.size
        row["warnings"] = list(plan.warnings)
        row["edits"] = [_edit(edit) for edit in plan]
        if dry is not None:
            row["leftovers"] = [_leftover(leftover) for leftover in dry.leftovers]
            row |= {"leftover_count": dry.leftover_count, "not_searched": dry.not_searched}
    return json.dumps(row)


def _edit(edit: Edit) -> dict[str, object]:
    return {
        "tag": spell(edit.tag),
        "keyword": edit.keyword,
        "vr": edit.vr,
        "start": edit.start,
        "length": edit.length,
        "tag_path": edit.tag_path,
        "action": edit.action,
        "state": edit.state,
    }


def _leftover(leftover: Leftover) -> dict[str, object]:
    return {"place": leftover.place, "offset": leftover.offset, "length": leftover.length, "of": leftover.of}


def _json_of_other(row: Row) -> str:
    """Of a file that has no plan: an error, as if the file had been named, or that it was not looked at."""
    import json

    if isinstance(row.exception, (Error, OSError)):
        return _json(path_of(row), row.exception)
    meaning = dict(_core.kinds()).get(row.kind or row.outcome, row.outcome)
    return json.dumps({"file": path_of(row), "error": row.error or meaning, "kind": row.kind or row.outcome})


# Folders


def _count(args: argparse.Namespace, rules: Rules, key: Key | None) -> int:
    try:
        work = Run.plan(
            asked_sources(args, args.sources),
            rules,
            name=args.level.name,
            key=key,
            keeps_plans=args.json,
            leftovers=_leftovers(args),
            known=args.known,
            no_dicom=NoDicom.ALLOW if args.allow_empty else NoDicom.REFUSE,
            workers=args.workers,
            report=args.report,
        )
    except (OSError, ValueError) as error:
        usage_error(args, reason(error))
    if work.reports_to_stdout and (args.json or sys.stdout is None):
        why = "--json is there, too" if args.json else "which is closed"
        usage_error(args, f"the report can't go to stdout: {why}")
    SIGNALS.stop_with(work.stop)
    summary = DrySummary(args)
    with ProgressBar(is_shown=is_terminal(sys.stderr)) as bar:
        faults = Faults(
            bar.complain, Existing.REFUSE, has_report=args.report is not None, is_terminal=is_terminal(sys.stderr)
        )

        def on_row(row: Row) -> None:
            summary.add(row)
            if not args.json:
                faults(row)
            elif row.outcome not in {"planned", "unchanged"} and row.kind != "interrupted":
                bar.say(_json_of_other(row))

        def on_plan(row: Row, plan: Plan) -> None:
            bar.say(_json(path_of(row), plan, None if _leftovers(args) is Leftovers.IGNORE else row))

        plans = on_plan if args.json else None
        report = drive(work, bar, faults, on_row=on_row, on_plan=plans, untouched=": no file was changed")
        if report is None:
            return FAULT
    SIGNALS.stop_with(None)
    if not args.json:
        _tell(summary, report, to_stderr=work.reports_to_stdout)
    if SIGNALS.received:
        complain(f"interrupted: {how_far(report.files - summary.dropped, bar.progress)}; no file was changed")
        return 128 + SIGNALS.received
    return code_of(report)


def _tell(summary: DrySummary, report: Report, *, to_stderr: bool) -> None:
    for sentence in summary.sentences(report):
        (complain if to_stderr else say_sentence)(sentence)
    if report.states and not to_stderr:
        say()
        table(*rows_of_states(report), right=(2, 3, 4, 5, 6))
