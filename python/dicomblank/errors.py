"""What can go wrong, as exceptions. No message holds the value of an element.

`OSError` is not wrapped: a missing file is `FileNotFoundError`, an existing target `FileExistsError`.
The core raises these too: it looks them up here by name, so a name or a signature changes in both places.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank._core import Report

__all__ = [
    "ChangedError",
    "Error",
    "IncompleteError",
    "LimitError",
    "NotDicomError",
    "ParseError",
    "TruncatedError",
    "UnsupportedError",
    "ValidationError",
]


class Error(Exception):
    """Any refusal of dicomblank.

    `kind` is why, in one word of a closed list such as "truncated" or "hard-links" (docs/report.md): the same word as
    in `Row.kind`. It is "" for an error that is about no one file.
    """

    kind: str = ""


class NotDicomError(Error):
    """The bytes are not DICOM, and do not look like damaged DICOM either."""


class ParseError(Error):
    """The data set can't be walked to its end. Nothing was written.

    `offset` is in bytes from the start of the file or buffer (of a deflated one that could be inflated, in the
    inflated form), `tag_path` such as "(0040,A730)[2].(0010,0010)", items counted from 0, "" at the top level.
    """

    offset: int
    tag_path: str

    def __init__(self, message: str, offset: int, tag_path: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.tag_path = tag_path

    def __reduce__(self) -> tuple[type[ParseError], tuple[str, int, str], dict[str, object]]:
        # Exception's own pickling would call the class with the message alone.
        return type(self), (str(self), self.offset, self.tag_path), vars(self)


class TruncatedError(ParseError):
    """The bytes end before a value or a header does."""


class LimitError(ParseError):
    """A budget (nesting, elements, edits, 512 MiB of inflated data) is spent."""


class UnsupportedError(Error):
    """DICOM that is not treated, such as JPIP with deflate, or not where it is, such as a file of several names.

    Or a value that can't become what the rules say, or a file whose values were replaced already in another way.

    `kind` tells them apart: "jpip", "hard-links", "symbolic-link", "not-regular", "annexed", "not-restored",
    "deflated", "temporary"; "unfit-vr", "text-too-long", "not-in-table", "short-uid", "other-key", "no-room-for-mark"
    and more. `offset` and `tag_path` are those of `ParseError` where it is about an element, and None elsewhere.
    """

    offset: int | None = None
    tag_path: str | None = None


class ValidationError(Error):
    """pydicom reads the file in another way than the core does. Nothing was written."""


class ChangedError(Error):
    """The file changed between reading and writing. Nothing was written; another run may succeed."""


class IncompleteError(Error):
    """A folder, or several sources, were worked through to their end, and not all is well.

    A file was refused or failed, one that was named is not DICOM, or a folder has no DICOM file in it.

    `report` holds the counts, and those files with their reasons.
    """

    report: Report

    def __init__(self, report: Report) -> None:
        from dicomblank.terminal import escaped

        strays = sum(row.outcome in {"not-dicom", "archive"} for row in report.faults)
        said = [f"{report.refused} refused and {report.failed} failed of {report.files} files"] if report.faults else []
        said += [f"{strays} named that are not DICOM"] if strays else []
        said += [f"no DICOM file found in {escaped(folder)}" for folder in report.without_dicom]
        super().__init__("; ".join(said))
        self.report = report

    def __reduce__(self) -> tuple[type[IncompleteError], tuple[Report], dict[str, object]]:
        # As above; what is in `vars` may be a note, or a kind.
        return type(self), (self.report,), vars(self)
