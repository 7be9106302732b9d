"""What a run says: its counts, and the files that were refused or failed."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank._core import Row, Summary

__all__ = ["Report"]


class Report:
    """The counts of a run. Every file is counted once, under its outcome.

    `faults` are the rows of what went wrong; the rows of all files go to `report=`.
    """

    __slots__ = (
        "anonymized",
        "archives",
        "edits",
        "failed",
        "faults",
        "files",
        "not_dicom",
        "ok",
        "refused",
        "seconds",
        "skipped",
        "unchanged",
        "warnings",
        "without_dicom",
    )

    files: int
    """Files met, DICOM or not."""
    anonymized: int
    """Files in which values were blanked."""
    unchanged: int
    """DICOM files with nothing left to blank."""
    not_dicom: int
    """Other files: left alone in place, not copied out."""
    archives: int
    """Archives and compressed files, which are not looked into: left alone in place, not copied out."""
    skipped: int
    """Files whose target is there already, whole and blanked, or that are never opened."""
    refused: int
    """Files that dicomblank would not touch, each with its reason."""
    failed: int
    """Files, and folders that can't be listed, on which the system gave up."""
    warnings: int
    """Files that were blanked, but do not keep to the standard."""
    edits: int
    """Values blanked, in all files together."""
    seconds: float
    """How long the run took, wall clock."""
    faults: tuple[Row, ...]
    """The files that were refused or failed, or were named themselves and are not DICOM: the first 10,000 of them. The
    file of `report=` has every one."""
    without_dicom: tuple[str, ...]
    """The folders that were named in which there is no DICOM file."""
    ok: bool
    """Whether there is no fault, and no folder without DICOM, unless that is allowed."""

    def __init__(self, summary: Summary, *, allows_empty: bool = False) -> None:
        self.files = summary.files
        self.anonymized = summary.anonymized
        self.unchanged = summary.unchanged
        self.not_dicom = summary.not_dicom
        self.archives = summary.archives
        self.skipped = summary.skipped
        self.refused = summary.refused
        self.failed = summary.failed
        self.warnings = summary.warnings
        self.edits = summary.edits
        self.seconds = summary.seconds
        self.faults = tuple(summary.faults)
        self.without_dicom = tuple(summary.without_dicom)
        self.ok = not self.faults and (allows_empty or not self.without_dicom)

    def lines(self) -> list[tuple[str, str]]:
        """The summary that the command prints: pairs of a name and a number."""
        return [
            ("files", str(self.files)),
            ("anonymized", str(self.anonymized)),
            ("already clean", str(self.unchanged)),
            ("not DICOM", str(self.not_dicom)),
            ("archives", str(self.archives)),
            ("skipped", str(self.skipped)),
            ("refused", str(self.refused)),
            ("failed", str(self.failed)),
            ("warnings", str(self.warnings)),
            ("values blanked", str(self.edits)),
            ("files/s", f"{self.files / self.seconds:.0f}" if self.seconds > 0 else "-"),
        ]

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} {value}" for name, value in self.lines())
        return f"<Report: {counts}>"
