"""Tables that values are mapped by: CSV files whose first row names the columns old and new."""

from __future__ import annotations

from dicomblank.words import escaped

__all__ = ["read_table"]


def read_table(path: str) -> tuple[tuple[str, str], ...]:
    """The rows of a table.

    Raises `ValueError`, which names the row and nothing of what stands in it; `OSError` for what can't be read.
    """
    import csv  # only a table needs it

    with open(path, encoding="utf-8-sig", newline="") as file:
        try:
            rows = csv.DictReader(file, strict=True)
            for name in ("old", "new"):
                count = (rows.fieldnames or []).count(name)
                if count != 1:
                    has = "several columns" if count else "no column"
                    raise ValueError(f"{escaped(path)} has {has} {name}: its first row names them")
            table = []
            for number, row in enumerate(rows, 1):
                old, new = row["old"], row["new"]
                if old is None or new is None:
                    raise ValueError(f"row {number} of {escaped(path)} has fewer columns than the first row")
                table.append((old, new))
        except (csv.Error, UnicodeDecodeError):
            raise ValueError(f"{escaped(path)} is no table of comma-separated values in UTF-8") from None
    return tuple(table)
