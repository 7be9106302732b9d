"""Holding a result to its original: nothing left, nothing else changed, and pydicom sees no target."""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dicomblank import _core
from dicomblank.errors import Error, NotDicomError
from dicomblank.validate import leak, overlooked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dicomblank._core import Rules

    StrPath = str | os.PathLike[str]

__all__ = ["VERDICTS", "Checked", "Verification", "verify_paths"]

#: Each verdict with what it says.
VERDICTS = {
    "ok": "nothing is left to blank, and nothing else changed",
    "leak": "a value that the level blanks is still there",
    "differs": "pydicom reads a blanked value as a longer one, with bytes of other elements in it",
    "changed": "bytes changed that the level leaves",
    "missing": "in BEFORE, not in AFTER",
    "extra": "in AFTER, not in BEFORE",
    "unreadable": "can't be read, by the system, the core or pydicom",
    "not-dicom": "not DICOM (no fault)",
}
_SOUND = {"ok", "not-dicom"}


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on one file."""

    path: str
    """Relative to BEFORE and AFTER; for two single files the name in BEFORE."""
    verdict: str
    """One of `VERDICTS`."""
    reason: str | None
    """Tag path and offset where there is one; never a value."""

    @property
    def ok(self) -> bool:
        """Whether it is no fault."""
        return self.verdict in _SOUND


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdicts on all files, sorted by path."""

    rows: Sequence[Checked]

    @property
    def ok(self) -> bool:
        """Whether there is no fault."""
        return all(row.ok for row in self.rows)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many files there are of each verdict, of those without any too."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in VERDICTS}

    @property
    def faults(self) -> Sequence[Checked]:
        """The rows that are not in order."""
        return tuple(row for row in self.rows if not row.ok)


def verify_paths(befores: Sequence[StrPath], after: StrPath, rules: Rules) -> Verification:
    """See `dicomblank.verify`."""
    after = os.fspath(after)
    sources = [(before, place, _is_folder(before)) for before, place in _core.layout(befores)]
    if not _is_folder(after):
        if len(sources) > 1:
            raise ValueError("of several sources the result is a folder: AFTER is none")
        if sources[0][2]:
            raise ValueError("one is a folder and the other is not: verify takes two files or two trees")
        return Verification((_check(sources[0][1], sources[0][0], after, rules),))
    return Verification(tuple(_tree(sources, after, rules)))


def _is_folder(path: str) -> bool:
    return stat.S_ISDIR(os.stat(path).st_mode)


def _tree(sources: Sequence[tuple[str, str, bool]], after: str, rules: Rules) -> Iterator[Checked]:
    """Holds `after` to its sources: each with its place there, and whether it is a folder."""
    old: dict[str, bool] = {}
    originals: dict[str, str] = {}
    unlisted: dict[str, str] = {}
    for before, place, is_folder in sources:
        found, faults = _listing(before) if is_folder else ({"": True}, {})
        for path, is_file in found.items():
            below = os.path.join(place, path) if path else place
            old[below], originals[below] = is_file, os.path.join(before, path) if path else before
        unlisted |= {os.path.normpath(os.path.join(place, path)): fault for path, fault in faults.items()}
    new, new_faults = _listing(after)
    unlisted |= new_faults
    for path in sorted(old.keys() | new.keys() | unlisted.keys()):
        if path in unlisted:
            yield Checked(path, "unreadable", unlisted[path])
        elif path not in old or (new.get(path) and not old[path]):
            yield Checked(path, "extra", None)
        elif not old[path] or _is_temporary(path):
            continue  # links, pipes and left-over temporary files are no input
        elif path not in new:
            yield _missing(path, originals[path], rules)
        elif not new[path]:
            yield Checked(path, "changed", "no longer a regular file")
        else:
            yield _check(path, originals[path], os.path.join(after, path), rules)


def _missing(path: str, before: str, rules: Rules) -> Checked:
    """A file without a counterpart: what isn't DICOM is not copied out."""
    try:
        _core.plan_file(before, rules)
    except NotDicomError:
        reason = overlooked(before, rules)
        return Checked(path, "missing" if reason else "not-dicom", reason)
    except (Error, OSError) as error:
        return Checked(path, "missing", f"the original is refused: {_words(error)}")
    return Checked(path, "missing", None)


def _check(path: str, before: str, after: str, rules: Rules) -> Checked:
    try:
        found = _core.compare(before, after, rules)
    except (Error, OSError) as error:
        return Checked(path, "unreadable", _words(error))
    if found.verdict == "not-dicom" and (reason := overlooked(after, rules)):
        return Checked(path, "leak", reason)
    if found.verdict != "ok":
        return Checked(path, found.verdict, found.reason)
    verdict, reason = leak(after, rules) or ("ok", None)
    return Checked(path, verdict, reason)


def _words(error: Error | OSError) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)


def _is_temporary(path: str) -> bool:
    """A copy that was not finished: .dicomblank-<16 hex>.part."""
    name = os.path.basename(path)
    digits = name[len(".dicomblank-") : -len(".part")]
    is_named_so = name.startswith(".dicomblank-") and name.endswith(".part")
    return is_named_so and len(digits) == 16 and all(digit in "0123456789abcdef" for digit in digits)


def _listing(top: str) -> tuple[dict[str, bool], dict[str, str]]:
    """What is below `top`: path and whether it is a regular file; and the folders that can't be listed, with why."""
    found: dict[str, bool] = {}
    faults: dict[str, str] = {}
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(os.path.join(top, folder)) as entries:
                for entry in entries:
                    path = os.path.join(folder, entry.name)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(path)
                    else:
                        found[path] = entry.is_file(follow_symlinks=False)
        except OSError as error:
            faults[folder or "."] = _words(error)
    return found, faults
