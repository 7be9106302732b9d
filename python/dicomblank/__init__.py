"""Blanks the identifiers of DICOM files: the same file, the same length, without the patient.

for edit in dicomblank.plan("scan.dcm"):  # touches nothing
    print(edit.tag_path, edit.keyword, edit.start, edit.length)
dicomblank.anonymize_copy("study/", "shared/", Level.ANONYMIZE_FULL)
assert dicomblank.verify("study/", "shared/", Level.ANONYMIZE_FULL).ok
"""

TYPE_CHECKING = False  # typing alone would cost a fifth of the import
if TYPE_CHECKING:
    from dicomblank._core import Edit, Plan, Progress, Row, __version__
    from dicomblank.api import (
        anonymize_buffer,
        anonymize_bytes,
        anonymize_copy,
        anonymize_in_place,
        plan,
        verify,
    )
    from dicomblank.choices import Existing, HardLinks, NoDicom, OnError, Sync, Validate
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
    "NoDicom",
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

# Each name is loaded when it is first asked for: the command comes through here before it can take over signals.
_HOMES = {
    "ChangedError": "errors",
    "Edit": "_core",
    "Error": "errors",
    "Existing": "choices",
    "HardLinks": "choices",
    "NoDicom": "choices",
    "IncompleteError": "errors",
    "Level": "levels",
    "LimitError": "errors",
    "NotDicomError": "errors",
    "OnError": "choices",
    "ParseError": "errors",
    "Plan": "_core",
    "Progress": "_core",
    "Report": "report",
    "Row": "_core",
    "Rules": "levels",
    "Sync": "choices",
    "TruncatedError": "errors",
    "UnsupportedError": "errors",
    "Validate": "choices",
    "ValidationError": "errors",
    "Verification": "verification",
    "__version__": "_core",
    "anonymize_buffer": "api",
    "anonymize_bytes": "api",
    "anonymize_copy": "api",
    "anonymize_in_place": "api",
    "plan": "api",
    "verify": "api",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'dicomblank' has no attribute {name!r}")
    module = __import__(f"dicomblank.{_HOMES[name]}", fromlist=(name,))
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
