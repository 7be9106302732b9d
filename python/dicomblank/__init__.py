"""Blanks the identifiers of DICOM files: the same file, the same length, without the patient.

What you call:

    plan                what would be overwritten; changes nothing
    dry_run             the same of files and folders, counted by tag
    anonymize_in_place  overwrites files and folders where they stand
    anonymize_copy      writes blanked copies of files and folders
    anonymize_bytes     gives a blanked copy of bytes
    anonymize_buffer    overwrites bytes where they stand
    verify              compares a result with its original
    inspect             tells what stands in files and folders; changes nothing
    report_page         makes a page to read and sign of report files

What they take: a Level, or Rules made from one; FilesFrom, for a list of files; and choices, each by its member or its
string: Existing, HardLinks, Leftovers, NoDicom, OnError, Pydicom, Sync, Unmarked, Validate.

What they give: a Plan, which has an Edit for each value; a Report, which has a Row for each fault; a Row has a Leftover
for each place where a value still stands; an Inspection, with a Found for each thing; Progress, while a run goes on; a
Verdict on reports.

What stands beside them: a Key, for values that are replaced and not only blanked. It also makes pseudonyms of single
values, and gives back what they stand for.

What they raise: Error, which all the others are: NotDicomError; ParseError, which TruncatedError and LimitError are;
UnsupportedError; ValidationError; ChangedError; IncompleteError. OSError is the system's own.

For example:

    import dicomblank
    from dicomblank import Level

    for edit in dicomblank.plan("scan.dcm"):
        print(edit.tag_path, edit.keyword, edit.start, edit.length)
    dicomblank.anonymize_copy("study/", "shared/", Level.ANONYMIZE_FULL)
    assert dicomblank.verify("study/", "shared/", Level.ANONYMIZE_FULL).ok
"""

TYPE_CHECKING = False  # typing alone would cost a fifth of the import
if TYPE_CHECKING:
    from dicomblank._core import Edit, Key, Leftover, Plan, Progress, Report, Row, __version__
    from dicomblank.api import (
        anonymize_buffer,
        anonymize_bytes,
        anonymize_copy,
        anonymize_in_place,
        dry_run,
        inspect,
        plan,
        report_page,
        verify,
    )
    from dicomblank.choices import Existing, HardLinks, Leftovers, NoDicom, OnError, Pydicom, Sync, Unmarked, Validate
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
    from dicomblank.inputs import FilesFrom
    from dicomblank.inspection import Found, Inspection
    from dicomblank.levels import Level, Rules
    from dicomblank.page.verdict import Verdict

__all__ = [  # noqa: RUF022 (in the order in which they are met: functions first)
    "plan",
    "dry_run",
    "anonymize_in_place",
    "anonymize_copy",
    "anonymize_bytes",
    "anonymize_buffer",
    "verify",
    "inspect",
    "report_page",
    "Level",
    "Rules",
    "FilesFrom",
    "Existing",
    "HardLinks",
    "Leftovers",
    "NoDicom",
    "OnError",
    "Pydicom",
    "Sync",
    "Unmarked",
    "Validate",
    "Plan",
    "Edit",
    "Report",
    "Row",
    "Leftover",
    "Inspection",
    "Found",
    "Progress",
    "Verdict",
    "Key",
    "Error",
    "NotDicomError",
    "ParseError",
    "TruncatedError",
    "LimitError",
    "UnsupportedError",
    "ValidationError",
    "ChangedError",
    "IncompleteError",
    "__version__",
]

# Each name is loaded when it is first asked for: the command comes through here before it can take over signals.
_HOMES = {
    "plan": "api",
    "dry_run": "api",
    "anonymize_in_place": "api",
    "anonymize_copy": "api",
    "anonymize_bytes": "api",
    "anonymize_buffer": "api",
    "verify": "api",
    "inspect": "api",
    "report_page": "api",
    "Level": "levels",
    "Rules": "levels",
    "FilesFrom": "inputs",
    "Existing": "choices",
    "HardLinks": "choices",
    "Leftovers": "choices",
    "NoDicom": "choices",
    "OnError": "choices",
    "Pydicom": "choices",
    "Sync": "choices",
    "Unmarked": "choices",
    "Validate": "choices",
    "Plan": "_core",
    "Edit": "_core",
    "Report": "_core",
    "Row": "_core",
    "Leftover": "_core",
    "Inspection": "inspection",
    "Found": "inspection",
    "Progress": "_core",
    "Verdict": "page.verdict",
    "Key": "_core",
    "Error": "errors",
    "NotDicomError": "errors",
    "ParseError": "errors",
    "TruncatedError": "errors",
    "LimitError": "errors",
    "UnsupportedError": "errors",
    "ValidationError": "errors",
    "ChangedError": "errors",
    "IncompleteError": "errors",
    "__version__": "_core",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'dicomblank' has no attribute {name!r}")
    module = __import__(f"dicomblank.{_HOMES[name]}", fromlist=(name,))
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
