"""Numbers and names as people read them."""

from __future__ import annotations

import os

__all__ = ["Names", "amount", "counted", "duration", "escaped"]


class Names:
    """How many there are of something, and the names of the first few of them."""

    MOST = 3

    def __init__(self) -> None:
        self.count = 0
        self.first: list[str] = []

    def add(self, name: str) -> None:
        """One more of them."""
        self.count += 1
        if len(self.first) < self.MOST:
            self.first.append(name)

    def __str__(self) -> str:
        return ", ".join([*map(escaped, self.first), *(["…"] if self.count > len(self.first) else [])])


def counted(count: int, noun: str) -> str:
    """1 file, 2 files, 30,000 files; 2 copies."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def duration(seconds: float) -> str:
    """Under 0.1 s, 0.3 s, 48 s, 5 min 7 s, 2 h 5 min."""
    if seconds < 0.05:
        return "under 0.1 s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min {rest} s"


def amount(done: int, total: int) -> str:
    """Bytes: 12 of 67 MB, 1.2 of 4.0 GB."""
    if total < 1_000_000_000:
        return f"{done / 1e6:.0f} of {total / 1e6:.0f} MB"
    return f"{done / 1e9:,.1f} of {total / 1e9:,.1f} GB"


def volume(size: int) -> str:
    """Bytes: 67 MB, 4.0 GB."""
    return f"{size / 1e6:.0f} MB" if size < 1_000_000_000 else f"{size / 1e9:,.1f} GB"


def escaped(name: str | os.PathLike[str]) -> str:
    r"""A file name to show: bytes that are not UTF-8, control and other invisible characters as \xNN or \uNNNN."""
    return "".join(_escaped(character) for character in os.fspath(name))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that os.fsdecode could not read
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else character.encode("unicode_escape").decode("ascii")
