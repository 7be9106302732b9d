"""`dicomblank plan`: what would be overwritten."""

from __future__ import annotations

import os

from dicomblank import _core
from dicomblank.arguments import rules_of, usage_error
from dicomblank.commands import DONE, FAULT
from dicomblank.errors import Error, ParseError
from dicomblank.levels import core_rules
from dicomblank.tags import spell
from dicomblank.terminal import complain, escaped, say, table
from dicomblank.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from dicomblank._core import Plan

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Shows the plan of each file, as a table or as JSON."""
    if not args.files:
        usage_error(args, "FILE is missing: name a DICOM file")
    rules = core_rules(rules_of(args))
    for name in args.files:
        if not os.path.exists(name):
            usage_error(args, f"{escaped(name)}: No such file or directory")
        if os.path.isdir(name):
            usage_error(args, f"{escaped(name)} is a folder: plan takes files")
    code = DONE
    for index, name in enumerate(args.files):
        plan: Plan | Error | OSError
        try:
            plan = _core.plan_file(name, rules)
        except (Error, OSError) as error:
            plan = error
            code = FAULT
        if args.json:
            _plan_json(name, plan)
        elif isinstance(plan, Exception):
            complain(f"refused: {escaped(name)}: {_reason(plan)}")
        else:
            if index:
                say()
            _plan_table(name, plan)
    return code


def _reason(error: Error | OSError) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)


def _plan_table(name: str, plan: Plan) -> None:
    blanked = f"{sum(edit.length for edit in plan):,} of {counted(plan.size, 'byte')}"
    say(f"{escaped(name)}: {counted(len(plan), 'value')}, {blanked}")
    if len(plan):
        rows = [
            (spell(edit.tag), edit.keyword, edit.vr, f"{edit.start:#x}", str(edit.length), edit.tag_path)
            for edit in plan
        ]
        table(("tag", "name", "VR", "place", "length", "path"), rows, right=(3, 4))
    sentences = dict(_core.warnings())
    for warning in plan.warnings:
        complain(f"warning: {escaped(name)}: {sentences[warning]}")


def _plan_json(name: str, plan: Plan | Error | OSError) -> None:
    import json

    row: dict[str, object] = {"file": name}
    if isinstance(plan, Exception):
        row["error"] = _reason(plan)
        if isinstance(plan, Error):
            row["kind"] = plan.kind
        if isinstance(plan, ParseError):  # its words show the ends of a long path only
            row |= {"offset": plan.offset, "tag_path": plan.tag_path}
    else:
        row["size"] = plan.size
        row["warnings"] = list(plan.warnings)
        row["edits"] = [
            {
                "tag": spell(edit.tag),
                "keyword": edit.keyword,
                "vr": edit.vr,
                "start": edit.start,
                "length": edit.length,
                "tag_path": edit.tag_path,
            }
            for edit in plan
        ]
    say(json.dumps(row))
