"""Writes Table E.3.4-1 of DICOM PS3.15 into the code: python/dicomblank/content_table.py.

    python tools/generate_content.py TABLE.csv            write the file
    python tools/generate_content.py TABLE.csv --check    exit 1 if the committed file differs

TABLE.csv is the standard's table as text, and its name ends in the edition, as table-e3.4-1-2026d.csv does. Its columns
are `code`, `scheme` and `meaning` of a concept name, the `value_type` of the content items that bear it, `retired` (Y
or N), `basic`, the action of the Basic Profile, and one for each option. The table is not a part of this tree: where it
is missing, --check says so and exits with 0.
"""

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from generate_profile import beginning, is_so, read

MODULE = Path(__file__).parent.parent / "python" / "dicomblank" / "content_table.py"

OPTIONS = (
    "retain_uids",
    "retain_device_identity",
    "retain_institution_identity",
    "retain_patient_characteristics",
    "retain_longitudinal_full_dates",
    "retain_longitudinal_modified_dates",
    "clean_descriptors",
)


def main() -> int:
    """Write the file or check it; return the exit code."""
    words = sys.argv[1:]
    is_check = "--check" in words
    tables = [Path(word) for word in words if word != "--check"]
    if len(tables) != 1:
        sys.exit(str(__doc__))
    if is_check and not tables[0].exists():
        print(f"{tables[0].name} is missing: nothing was compared with it", file=sys.stderr)
        return 0
    if is_so(MODULE, module_of(tables[0]), write=not is_check):
        return 0
    print(f"{MODULE.name} differs from what {tables[0].name} gives: run this without --check", file=sys.stderr)
    return 1


def module_of(table: Path) -> str:
    """Return the whole Python file: the rows in the order of schemes and codes."""
    text, edition, digest = read(table)
    rows = sorted(rows_of(text))
    of = f"Table E.3.4-1 of DICOM PS3.15, edition {edition}, {len(rows)} rows"
    about = f"{of}: what `dicomblank.content_profile` reads."
    lines = [
        *beginning(about, "generate_content.py", edition, digest, OPTIONS),
        "#: Scheme and code of the concept name; value type; meaning; the action of the Basic Profile; those of",
        "#: OPTIONS in their order, a full stop where there is none.",
        'ROWS = """\\',
        *("|".join(row) for row in rows),
        '"""',
        "",
    ]
    return "\n".join(lines)


def rows_of(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows as the module has them; exit at the first that it can't have."""
    seen = set()
    for row in csv.DictReader(text.splitlines()):
        key = row["scheme"], row["code"], row["value_type"]
        actions = "".join(row[option] or "." for option in OPTIONS)
        if key in seen or not all(re.fullmatch(r'[^|"\\]+', part) for part in (*key, row["meaning"])):
            sys.exit(f"{key}: {'it is there twice' if key in seen else 'empty, or with a character that ends a text'}")
        if not re.fullmatch(r"N (X|D|X/D) [.CK]{7}", f"{row['retired']} {row['basic']} {actions}"):
            sys.exit(f"{key}: retired, or an action is not known here")
        seen.add(key)
        yield *key, row["meaning"], row["basic"], actions


if __name__ == "__main__":
    sys.exit(main())
