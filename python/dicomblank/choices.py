"""The choices that the calls take, each by its member or by the member's string."""

from __future__ import annotations

import enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    ExistingLike: TypeAlias = "Existing | Literal['refuse', 'skip', 'overwrite']"
    HardLinksLike: TypeAlias = "HardLinks | Literal['refuse', 'write']"
    LeftoversLike: TypeAlias = "Leftovers | Literal['ignore', 'warn', 'refuse', 'replace']"
    NoDicomLike: TypeAlias = "NoDicom | Literal['refuse', 'allow']"
    OnErrorLike: TypeAlias = "OnError | Literal['raise', 'collect']"
    PydicomLike: TypeAlias = "Pydicom | Literal['ask', 'leave-out'] | bool"
    SyncLike: TypeAlias = "Sync | Literal['none', 'all'] | bool"
    UnmarkedLike: TypeAlias = "Unmarked | Literal['refuse', 'write']"
    ValidateLike: TypeAlias = "Validate | Literal['none', 'all'] | bool"

__all__ = ["Existing", "HardLinks", "Leftovers", "NoDicom", "OnError", "Pydicom", "Sync", "Unmarked", "Validate"]


class _Choice(enum.Enum):
    @classmethod
    def _missing_(cls, value: object) -> _Choice:
        *most, last = (repr(member.value) for member in cls)
        raise ValueError(f"no {cls.__name__} {value!r}: write {', '.join(most)} or {last}")


class _Switch(_Choice):
    """A choice between all and none, for which a bool will do."""

    @classmethod
    def _missing_(cls, value: object) -> _Choice:
        return cls("all" if value else "none") if isinstance(value, bool) else super()._missing_(value)


class Existing(_Choice):
    """What becomes of a file whose target exists already."""

    REFUSE = "refuse"
    """The file is refused, and its target stays as it is."""
    SKIP = "skip"
    """The file is passed over if the target has its size and nothing left to blank, and refused otherwise."""
    OVERWRITE = "overwrite"
    """The target is replaced."""


class HardLinks(_Choice):
    """What becomes of a file in place that has other names (hard links), under which it would change as well."""

    REFUSE = "refuse"
    """The file is refused."""
    WRITE = "write"
    """The file is blanked like any other, once: it is the same file under its other names."""


class Leftovers(_Choice):
    """Whether values that are blanked or replaced are looked for wherever else they stand.

    Names, identifiers, dates of birth and of studies, institutions and UIDs are; in every byte of the file but its
    pixel data, and in its path.
    """

    IGNORE = "ignore"
    """They are not looked for."""
    WARN = "warn"
    """They are told, in the `Row`s and in the report."""
    REFUSE = "refuse"
    """A file in which one stands elsewhere is refused."""
    REPLACE = "replace"
    """They are overwritten with what the value itself becomes, where that is possible, and told."""


class NoDicom(_Choice):
    """What becomes of a run over a folder in which there is no DICOM file, such as a share that is not mounted."""

    REFUSE = "refuse"
    """The report is not `ok`, and `OnError.RAISE` raises `IncompleteError`."""
    ALLOW = "allow"
    """That is no fault."""


class OnError(_Choice):
    """How refused and failed files are told."""

    RAISE = "raise"
    """One file raises its own error. A folder, or several paths, raise `IncompleteError` when all of it is done."""
    COLLECT = "collect"
    """They are in the report's `faults`, and nothing is raised for them."""


class Pydicom(_Choice):
    """Whether `verify` has pydicom read each result as a third opinion. `True` is `ASK`, and `False` is `LEAVE_OUT`."""

    ASK = "ask"
    """pydicom must see no value that is to be blanked. Slow."""
    LEAVE_OUT = "leave-out"
    """The core and the bytes are enough, and pydicom is not even loaded."""

    @classmethod
    def _missing_(cls, value: object) -> _Choice:
        return cls("ask" if value else "leave-out") if isinstance(value, bool) else super()._missing_(value)


class Sync(_Switch):
    """Which files are flushed to disk before they count as done. `True` is `ALL`, and `False` is `NONE`."""

    NONE = "none"
    """After a crash of the machine (not of the program), a file that was done may be lost or cut short."""
    ALL = "all"
    """Every file is on the disk before it counts as done. Slow."""


class Unmarked(_Choice):
    """What becomes of a file in place whose values are to be replaced, and that has no room for the mark of it."""

    REFUSE = "refuse"
    """The file is refused."""
    WRITE = "write"
    """The file is written, with the warning "unmarked". A second run would replace its values once more."""


class Validate(_Switch):
    """Which files pydicom must read as the core does before they are written. `True` is `ALL`, `False` is `NONE`."""

    NONE = "none"
    """pydicom is not asked."""
    ALL = "all"
    """A file that pydicom reads in another way is refused. Slow."""
