"""From report files to a page: read, judged, written."""

from __future__ import annotations

import errno
import os

from dicomblank.page.document import page_of
from dicomblank.page.tally import Tally
from dicomblank.page.verdict import verdict_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicomblank.inputs import StrPath
    from dicomblank.page.verdict import Verdict

__all__ = ["make"]


def make(reports: Sequence[StrPath], output: StrPath, *, paths: bool) -> Verdict:
    """Writes the page, whole or not at all. Raises `OSError` and `ValueError`."""
    if not reports:
        raise ValueError("no report: name at least one")
    if os.path.lexists(output):  # before an hour is spent on reading
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(output))
    tally = Tally.of(reports)
    verdict = verdict_on(tally)
    _write(page_of(tally, verdict, paths=paths), output)
    return verdict


def _write(page: bytes, output: StrPath) -> None:
    with open(output, "xb") as file:
        try:
            file.write(page)
            file.flush()
        except BaseException:
            os.unlink(output)
            raise
