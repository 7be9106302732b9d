"""Blanks the identifiers of DICOM files: the same file, the same length, without the patient.

for edit in dicomblank.plan("scan.dcm"):  # touches nothing
    print(edit.tag_path, edit.keyword, edit.start, edit.length)
dicomblank.anonymize_copy("study/", "shared/", Level.ANONYMIZE_FULL)
assert dicomblank.verify("study/", "shared/", Level.ANONYMIZE_FULL).ok
"""

from dicomblank._core import Edit, Plan, Progress, Row, __version__
from dicomblank.api import (
    Existing,
    HardLinks,
    OnError,
    Sync,
    Validate,
    anonymize_buffer,
    anonymize_bytes,
    anonymize_copy,
    anonymize_in_place,
    plan,
    verify,
)
from dicomblank.errors import (
    ChangedError,
    Error,
    IncompleteError,
    LimitError,
    NotDicomError,
    ParseError,
    TruncatedError,
    UnsupportedError,
    ValidationError,
)
from dicomblank.levels import Level, Rules

TYPE_CHECKING = False  # typing alone would cost a fifth of the import
if TYPE_CHECKING:
    from dicomblank.report import Report
    from dicomblank.verification import Verification

__all__ = [
    "ChangedError",
    "Edit",
    "Error",
    "Existing",
    "HardLinks",
    "IncompleteError",
    "Level",
    "LimitError",
    "NotDicomError",
    "OnError",
    "ParseError",
    "Plan",
    "Progress",
    "Report",
    "Row",
    "Rules",
    "Sync",
    "TruncatedError",
    "UnsupportedError",
    "Validate",
    "ValidationError",
    "Verification",
    "__version__",
    "anonymize_buffer",
    "anonymize_bytes",
    "anonymize_copy",
    "anonymize_in_place",
    "plan",
    "verify",
]


def __getattr__(name: str) -> object:
    """The names that few need at import: each is loaded when it is first asked for."""
    if name == "Report":
        from dicomblank.report import Report

        return Report
    if name == "Verification":
        from dicomblank.verification import Verification

        return Verification
    raise AttributeError(f"module 'dicomblank' has no attribute {name!r}")
