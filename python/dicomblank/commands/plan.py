"""`dicomblank plan`: what would be overwritten."""

from __future__ import annotations

import os

from dicomblank import _core
from dicomblank.arguments import reason, usage_error
from dicomblank.commands import DONE, FAULT
from dicomblank.errors import Error, ParseError, UnsupportedError
from dicomblank.levels import core_rules
from dicomblank.rule_arguments import key_of, rules_of
from dicomblank.tags import spell
from dicomblank.terminal import complain, escaped, say, table
from dicomblank.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from dicomblank._core import Key, Plan, Rules

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Shows the plan of each file, as a table or as JSON."""
    if not args.files:
        usage_error(args, "FILE is missing: name a DICOM file")
    rules, key = _asked(args)
    code = DONE
    for index, name in enumerate(args.files):
        plan = _plan_of(name, rules, key)
        if isinstance(plan, Exception):
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


def _asked(args: argparse.Namespace) -> tuple[Rules, Key | None]:
    """The rules and the key, once nothing is wrong with the arguments."""
    try:
        rules, key = core_rules(rules_of(args)), key_of(args)
    except (OSError, ValueError) as error:
        usage_error(args, reason(error))
    if key is not None and not rules.need_key:
        usage_error(args, "a key is given, and no rule needs one: none pseudonymizes or shifts values")
    for name in args.files:
        if not os.path.exists(name):
            usage_error(args, f"{escaped(name)}: No such file or directory")
        if os.path.isdir(name):
            usage_error(args, f"{escaped(name)} is a folder: plan takes files")
    return rules, key


def _plan_of(name: str, rules: Rules, key: Key | None) -> Plan | Error | OSError:
    try:
        plan = _core.plan_file(name, rules)
        if key is not None:
            _core.replaced_file(name, rules, key)  # what would be refused once values are read
    except (Error, OSError) as error:
        return error
    return plan


def _reason(error: Error | OSError) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)


def _plan_table(name: str, plan: Plan) -> None:
    blanked = f"{sum(edit.length for edit in plan):,} of {counted(plan.size, 'byte')}"
    say(f"{escaped(name)}: {counted(len(plan), 'value')}, {blanked}")
    if len(plan):
        rows = [
            (edit.action, spell(edit.tag), edit.keyword, edit.vr, f"{edit.start:#x}", str(edit.length), edit.tag_path)
            for edit in plan
        ]
        table(("action", "tag", "name", "VR", "place", "length", "path"), rows, right=(4, 5))
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
        # Its words show the ends of a long path only.
        if isinstance(plan, (ParseError, UnsupportedError)) and plan.offset is not None:
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
                "action": edit.action,
            }
            for edit in plan
        ]
    say(json.dumps(row))
