"""The level `basic` on every real file: the checker, which was written from the table alone, finds no fault."""

from __future__ import annotations

import io

import pytest
from pydicom import config, dcmread

import dicomblank
from dicomblank import Rules
from dicomblank.attribute_types import attribute_type
from keyed import KEY
from option_sets import ASKED
from profile_checker import Checker
from safe_rows import is_safe
from samples import at_hand, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from profile_checker import Fault

#: Why a file can be refused: it is damaged or no DICOM, a DICOMDIR, has no data set, or a UID too short to be keyed.
REFUSED = {"not-dicom", "truncated", "directory", "no-data-set", "short-uid"}


@pytest.fixture(autouse=True)
def _as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong in files on purpose is read all the same."""
    monkeypatch.setattr(config.settings, "reading_validation_mode", config.IGNORE)


def results(options: tuple[str, ...]) -> Iterator[tuple[Path, bytes, bytes]]:
    """Each file that can be done, with its bytes and those of its result."""
    rules = Rules.basic(*options)
    for path in at_hand():
        data = path.read_bytes()
        try:
            yield path, data, dicomblank.anonymize_bytes(data, rules, key=KEY)
        except dicomblank.Error as error:
            # A data set without a head, which could be read in more than one way with the new UIDs.
            is_bare = error.kind == "other-result" and data[128:132] != b"DICM"
            if error.kind not in REFUSED and not is_bare:
                raise


@pytest.mark.parametrize("options", ASKED, ids=lambda options: "+".join(options) or "none")
def test_the_checker_finds_each_row_carried_out(options: tuple[str, ...]) -> None:
    checker = Checker(options, types=attribute_type, safe=is_safe(options))

    def compare_data_sets(before: BinaryIO, after: BinaryIO) -> list[Fault]:
        return checker.compare(dcmread(before, force=True), dcmread(after, force=True))

    found: dict[str, list[Fault]] = {}
    count = 0
    for path, before, after in results(options):
        compare = checker.compare_files if after[128:132] == b"DICM" else compare_data_sets
        if faults := compare(io.BytesIO(before), io.BytesIO(after)):
            found[name_of(path)] = faults
        count += 1
    assert found == {}
    assert count > 100
    assert checker.uids_that_met() == 0
