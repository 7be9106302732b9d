"""What the commands that run over files have in common: how a run is carried out, and what its report ends with."""

from __future__ import annotations

from dicomblank.arguments import reason
from dicomblank.commands import DONE, FAULT
from dicomblank.terminal import complain, escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dicomblank._core import Plan, Report, Row
    from dicomblank.faults import Faults
    from dicomblank.run import Run
    from dicomblank.terminal import ProgressBar

__all__ = ["code_of", "complain_of_folders", "drive"]


def drive(
    work: Run,
    bar: ProgressBar,
    faults: Faults,
    *,
    on_row: Callable[[Row], object] | None = None,
    on_plan: Callable[[Row, Plan], object] | None = None,
    untouched: str = "",
) -> Report | None:
    """Carries out a run whose rows `on_row` takes, or else `faults`.

    None where the report file could not be written to: that was told, and behind it what is `untouched`.
    """
    try:
        return work(on_row=on_row or faults, on_plan=on_plan, progress=bar, only_notable=True)
    except OSError as error:  # about the report: what is wrong with a file is in its row
        bar.complain(f"stopped: {reason(error)}{untouched}")
        return None
    finally:
        faults.end()


def complain_of_folders(report: Report) -> None:
    """Says in which of the folders that were named there is no DICOM file."""
    for folder in report.without_dicom:
        complain(f"no DICOM file found in {escaped(folder)}")


def code_of(report: Report, *, is_quiet: bool = False) -> int:
    """The exit code, once it is said where nothing was found; `is_quiet` says nothing of folders that may be empty."""
    if not (is_quiet and report.ok):
        complain_of_folders(report)
    # What they point to may have been meant, and is not done.
    is_all_links = report.files > 0 and report.links == report.files
    if is_all_links:
        complain("nothing but symbolic links found, and links in a folder are not followed: name what they point to")
    return DONE if report.ok and not is_all_links else FAULT
