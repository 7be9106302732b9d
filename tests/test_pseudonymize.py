"""The level pseudonymize on every file at hand: all roads agree, only the plan's bytes change, the key leads back."""

from __future__ import annotations

import re
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

import dicomblank
from dicomblank import Level, OnError, Unmarked, Validate
from dicomblank._core import vr_of
from elements import DEFLATED
from generated import Generator
from keyed import (
    ACCESSION,
    ACQUISITION,
    INSTANCE_UID,
    KEY,
    LEVEL,
    OTHER,
    OTHER_IDS,
    PATIENT_ID,
    STUDY,
    STUDY_DATE,
    STUDY_UID,
    differences,
    earlier,
    element,
    places,
    raw,
    write,
)
from samples import SHARED, all_files, at_hand, name_of

if TYPE_CHECKING:
    from elements import Syntax

FILES = at_hand()
STANDARD = b"1.2.840.10008."


@dataclass
class Corpus:
    """All files once more in a folder, and what a run made of each."""

    before: Path
    in_place: Path
    copies: Path
    rows: dict[str, dicomblank.Row]
    validated: dict[str, dicomblank.Row]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    root = tmp_path_factory.mktemp("corpus")
    for path in FILES:
        target = root / "before" / name_of(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    shutil.copytree(root / "before", root / "in_place")
    choices: dict[str, Any] = {"key": KEY, "on_error": OnError.COLLECT}
    rows: list[dicomblank.Row] = []
    dicomblank.anonymize_in_place(root / "in_place", LEVEL, unmarked=Unmarked.WRITE, report=rows.append, **choices)
    validated: list[dicomblank.Row] = []
    dicomblank.anonymize_copy(
        root / "before", root / "copies", LEVEL, validate=Validate.ALL, report=validated.append, **choices
    )
    by_path = [{row.path: row for row in each} for each in (rows, validated)]
    return Corpus(root / "before", root / "in_place", root / "copies", *by_path)


@pytest.fixture(scope="module", params=FILES, ids=name_of)
def file(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def form(data: bytes) -> bytes:
    """The file, inflated if it is deflated: what the plan's places count in."""
    place = data[:1024].find(DEFLATED.encode())
    if place < 0:
        return data
    length = data.index(b"\x02\0\0\0UL\x04\0") + 8  # of what follows it in the file meta information
    start = length + 4 + int.from_bytes(data[length : length + 4], "little")
    return data[:start] + zlib.decompressobj(-zlib.MAX_WBITS).decompress(data[start:])


def outcome(data: bytes, level: Level) -> bytes | str | None:
    """What becomes of a file in memory, or the kind of the error."""
    try:
        return dicomblank.anonymize_bytes(data, level, key=KEY if level is LEVEL else None)
    except dicomblank.Error as error:
        return error.kind


def pseudonymized(file: Path) -> tuple[bytes, bytes, dicomblank.Plan]:
    """The two forms and the plan; skips what no level takes."""
    data = file.read_bytes()
    after = outcome(data, LEVEL)
    if not isinstance(after, bytes):
        pytest.skip("refused or not DICOM")
    return form(data), form(after), dicomblank.plan(data, LEVEL)


def test_shared_files_are_there() -> None:
    if not SHARED.is_dir():
        pytest.skip("no ../shared/data beside this checkout: only pydicom's files are tested")
    assert len(FILES) > len(all_files())


def test_all_roads_give_the_same_bytes(file: Path, corpus: Corpus) -> None:
    data, name = file.read_bytes(), name_of(file)
    in_place, row = (corpus.in_place / name).read_bytes(), corpus.rows[name]
    assert (corpus.before / name).read_bytes() == data
    expected = outcome(data, LEVEL)
    if not isinstance(expected, bytes):
        assert in_place == data
        assert not (corpus.copies / name).exists()
        assert expected in {row.kind, "not-dicom"}
        return
    assert row.outcome == ("unchanged" if expected == data else "anonymized")
    assert in_place == expected
    buffer = bytearray(data)
    if form(data) == data:
        plan = dicomblank.anonymize_buffer(buffer, LEVEL, key=KEY)
        assert buffer == expected
        assert set(row.warnings) == set(plan.warnings)
    else:
        with pytest.raises(dicomblank.UnsupportedError):
            dicomblank.anonymize_buffer(buffer, LEVEL, key=KEY)
        assert buffer == data
    if corpus.validated[name].outcome in {"anonymized", "unchanged"}:
        assert (corpus.copies / name).read_bytes() == expected


#: They refer to the UID "0".
SHORT = {"reportsi.dcm", "reportsi_with_empty_number_tags.dcm"}

#: Without file meta information, where nothing states how the data set is written. A UID that ends with 8 and a NUL, as
#: in this one under this key, reads as the group of a date in another syntax.
AMBIGUOUS = {"rtstruct.dcm"}


def test_what_is_refused_is_refused_at_other_levels_too(file: Path) -> None:
    """But for what has a value that can't be replaced."""
    found, expected = (outcome(file.read_bytes(), level) for level in (LEVEL, Level.ANONYMIZE_FULL))
    if file.name in SHORT:
        assert (found, type(expected)) == ("short-uid", bytes)
    elif file.name in AMBIGUOUS:
        assert (found, type(expected)) == ("ambiguous-result", bytes)
    else:
        assert isinstance(found, bytes) == isinstance(expected, bytes)
        assert isinstance(found, bytes) or found == expected


def test_only_the_bytes_of_the_plan_and_the_mark_change(file: Path) -> None:
    before, after, plan = pseudonymized(file)
    assert plan.size == len(before)
    assert differences(before, after) <= places(plan)
    has_room = before[128:132] == b"DICM" and not any(before[96:128])
    is_marked = after[96:104] == b"DICOMblk"
    assert is_marked == (has_room and any(edit.action != "blank" for edit in plan))
    assert is_marked or differences(before, after) <= places(plan, None)


def test_nothing_is_still_at_its_place_and_the_key_leads_back(file: Path) -> None:
    before, after, plan = pseudonymized(file)
    is_directory = b"1.2.840.10008.1.3.10" in before[:1024]
    days = 0 if is_directory else days_of(file.read_bytes())
    for edit in plan:
        span = slice(edit.start, edit.start + edit.length)
        old, new = before[span], after[span]
        if edit.action == "blank":
            assert not new.strip(b" \0"), edit.tag_path
            continue
        assert old.count(b"\\") == new.count(b"\\")
        for one, other in zip(old.split(b"\\"), new.split(b"\\"), strict=True):
            value, made = one.strip(b" \0"), other.strip(b" \0")
            if not value:
                assert other == one, edit.tag_path
            elif edit.action == "shift":
                assert made != value, edit.tag_path
                if made and not is_directory:
                    assert made.decode() == earlier(value.decode(), days), edit.tag_path
            elif vr_of(edit.tag) == "UI":
                assert other == one.replace(value, made), edit.tag_path  # with its padding
                assert (made == value) == value.startswith(STANDARD), edit.tag_path
                assert is_uid(made) == is_uid(value), edit.tag_path
                assert KEY.reveal_uid(made.decode()).encode() == value, edit.tag_path
                assert OTHER.reveal_uid(made.decode()).encode() != value or made == value, edit.tag_path
            elif made:
                assert made != value, edit.tag_path
                assert KEY.reveal_id(made.decode()).encode() == value, edit.tag_path
            else:
                assert len(re.findall(rb"[0-9A-Za-z]", value)) < 2 or not value.isascii(), edit.tag_path


def days_of(data: bytes) -> int:
    """By how many days the dates of a file are shifted, as the call says it; 0 where it can't be told."""
    try:
        ids = [raw(data, tag).strip(b" \0").decode() for tag in (PATIENT_ID, STUDY_UID)]
        return KEY.days(*ids)
    except (KeyError, ValueError, AttributeError):
        return 0


def is_uid(text: bytes) -> bool:
    """Whether it is a valid UID (PS3.5 §9.1)."""
    return len(text) <= 64 and re.fullmatch(rb"[0-2](\.(0|[1-9][0-9]*))+", text) is not None


def test_a_second_run_changes_nothing(file: Path, corpus: Corpus, tmp_path: Path) -> None:
    once = (corpus.in_place / name_of(file)).read_bytes()
    row = corpus.rows[name_of(file)]
    if row.outcome != "anonymized" or "unmarked" in row.warnings:
        pytest.skip("nothing done, or no mark")
    path = tmp_path / file.name
    path.write_bytes(once)
    assert dicomblank.anonymize_in_place(path, LEVEL, key=KEY).unchanged == 1
    assert dicomblank.anonymize_bytes(once, LEVEL, key=KEY) == once
    if any(edit.action != "blank" for edit in dicomblank.plan(once, LEVEL)):
        with pytest.raises(dicomblank.Error, match="another key") as caught:
            dicomblank.anonymize_in_place(path, LEVEL, key=OTHER)
        assert caught.value.kind == "other-key"
    assert path.read_bytes() == once


def test_pydicom_agrees_as_it_does_at_other_levels(corpus: Corpus, tmp_path: Path) -> None:
    """`--validate`: it refuses no file for the sake of a value that is replaced."""
    full: list[dicomblank.Row] = []
    dicomblank.anonymize_copy(
        corpus.before,
        tmp_path / "out",
        Level.ANONYMIZE_FULL,
        validate=Validate.ALL,
        on_error=OnError.COLLECT,
        report=full.append,
    )
    refused = {row.path: row.error for row in full if row.outcome == "refused"}
    found = {path: row.error for path, row in corpus.validated.items() if row.outcome == "refused"}
    assert found.keys() == refused.keys() | SHORT | AMBIGUOUS


def test_verify_finds_all_in_order(corpus: Corpus) -> None:
    rows: list[dicomblank.Row] = []
    dicomblank.verify(corpus.before, corpus.in_place, LEVEL, key=KEY, report=rows.append)
    outcomes = {row.path: row.outcome for row in rows}
    for path, row in corpus.rows.items():
        if row.outcome in {"anonymized", "unchanged"} and corpus.validated[path].outcome != "refused":
            assert outcomes[path] == "ok", path


# Values that stand in generated files: of every form, and of none.
IDS = ("AB12345", "1", "12", "123456", "a-b", "M\u00fcller", "", "  AB12345", "AB12345\\CD12345", "9" * 20, "\x1b(BAB")
UIDS = (
    STUDY,
    f"{STUDY}.1",
    "1.2.840.10008.1.2",
    "2.25.1234567890123",
    "1.2.34",
    "",
    f"1.2.3.4.5\\{STUDY}",
    f"{STUDY} ",
)
DATES = ("20240229", "2024", "20240230", "00010101", "20240229\\20240301", "2024.02.29", "", "  ", "20240229-")
VALUES = (
    (PATIENT_ID, "LO", IDS), (OTHER_IDS, "LO", IDS), (ACCESSION, "SH", IDS), (0x0010_0010, "PN", IDS),
    (STUDY_UID, "UI", UIDS), (INSTANCE_UID, "UI", UIDS), (0x0008_1155, "UI", UIDS),
    (STUDY_DATE, "DA", DATES), (ACQUISITION, "DT", DATES), (0x0040_0FF0, "DA", DATES),
)  # fmt: skip


class Keyed(Generator):
    """Generated files with values to replace in them, now and then under another VR."""

    def leaf(self, syntax: Syntax, tag: int, depth: int) -> bytes:
        """An element of the level, or any other."""
        if self.chance(0.4):
            return super().leaf(syntax, tag, depth)
        own, vr, values = self.random.choice(VALUES)
        return element(
            own, self.random.choice(("UN", "UT")) if self.chance(0.05) else vr, self.random.choice(values), syntax
        )


@pytest.mark.parametrize("seed", range(12))
def test_generated_files_obey_the_same_laws(seed: int, tmp_path: Path) -> None:
    done = 0
    for case in range(40):
        data = Keyed(Random(100 * seed + case), is_plain=case % 2 == 0).file()  # noqa: S311
        expected = outcome(data, LEVEL)
        path = write(tmp_path / "file.dcm", data)
        if not isinstance(expected, bytes):
            dicomblank.anonymize_in_place(path, LEVEL, key=KEY, unmarked=Unmarked.WRITE, on_error=OnError.COLLECT)
            assert path.read_bytes() == data, case
            continue
        done += 1
        plan = dicomblank.plan(data, LEVEL)
        assert differences(data, expected) <= places(plan), case
        assert [edit.start for edit in dicomblank.plan(expected, LEVEL)] == [edit.start for edit in plan], case
        is_marked = expected[96:104] == b"DICOMblk"
        assert not is_marked or dicomblank.anonymize_bytes(expected, LEVEL, key=KEY) == expected, case
        before = write(tmp_path / "before.dcm", data)
        dicomblank.anonymize_in_place(path, LEVEL, key=KEY, unmarked=Unmarked.WRITE)
        assert path.read_bytes() == expected, case
        assert dicomblank.verify(before, path, LEVEL, key=KEY).ok, case
    assert done > 5
