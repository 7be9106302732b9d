"""On every real file: all ways to plan agree, and pydicom sees that only what the level names is overwritten."""

from __future__ import annotations

import functools
import shutil
import tomllib
from pathlib import Path

import pytest

import dicomblank
from dicomblank import Level
from dicomblank.levels import core_rules
from dicomblank.reading import Reading
from dicomblank.view import View
from samples import SHARED, all_files, at_hand, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dicomblank._core import Edit

DIVERGENCES = Path(__file__).with_name("divergences.toml")

FILES = at_hand()
BLANKING = [Level.ANONYMIZE, Level.ANONYMIZE_FULL]
UNKEYED = [Level.ORIGINAL, *BLANKING]


def outcome(call: Callable[[], object]) -> object:
    """What `call` returns, or the kind and the words of its error."""
    try:
        return call()
    except dicomblank.Error as error:
        return type(error), str(error), getattr(error, "offset", None), getattr(error, "tag_path", None)


@pytest.fixture(scope="module", params=FILES, ids=name_of)
def file(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def test_shared_files_are_there() -> None:
    if not SHARED.is_dir():
        pytest.skip("no ../shared/data beside this checkout: only pydicom's files are tested")
    assert len(FILES) > len(all_files())


@pytest.mark.parametrize("level", UNKEYED, ids=lambda level: level.value)
def test_buffer_bytes_file_and_copy_agree(file: Path, level: Level, tmp_path: Path) -> None:
    data = file.read_bytes()
    in_memory = outcome(functools.partial(dicomblank.anonymize_bytes, data, level))

    buffer = bytearray(data)
    in_buffer = outcome(functools.partial(dicomblank.anonymize_buffer, buffer, level))

    mine = Path(shutil.copy(file, tmp_path / file.name))
    in_place = outcome(functools.partial(dicomblank.anonymize_in_place, mine, level))
    by_copy = outcome(functools.partial(dicomblank.anonymize_copy, file, f"{tmp_path}/copy/", level))
    copied = tmp_path / "copy" / file.name

    if isinstance(in_memory, bytes):
        # Deflated, it changes its length when it changes, which a buffer can't.
        is_deflated = b"1.2.840.10008.1.2.1.99" in data[:1024]
        assert len(in_memory) == len(data) or is_deflated
        assert bytes(buffer) == (data if is_deflated else in_memory)
        assert not is_deflated or in_buffer[0] is dicomblank.UnsupportedError  # type: ignore[index]
        assert mine.read_bytes() == in_memory
        assert copied.read_bytes() == in_memory
        assert level is not Level.ORIGINAL or in_memory == data
    else:
        # A name such as .dcm makes a file that is no DICOM a damaged one: a buffer has no name.
        kinds = {in_memory[0], in_buffer[0], in_place[0], by_copy[0]}  # type: ignore[index]
        assert kinds <= {in_memory[0], dicomblank.ParseError}  # type: ignore[index]
        if in_memory[0] is not dicomblank.NotDicomError:  # type: ignore[index]
            assert in_memory == in_buffer
            assert in_memory[2:] == in_place[2:] == by_copy[2:]  # type: ignore[index]
        assert bytes(buffer) == mine.read_bytes() == data
        assert not copied.exists()
    assert file.read_bytes() == data


@pytest.mark.parametrize("level", BLANKING, ids=lambda level: level.value)
def test_a_second_run_finds_nothing(file: Path, level: Level) -> None:
    once = outcome(functools.partial(dicomblank.anonymize_bytes, file.read_bytes(), level))
    if not isinstance(once, bytes):
        pytest.skip("refused or not DICOM")
    assert dicomblank.anonymize_bytes(once, level) == once


@functools.cache
def differences(path: Path, level: Level) -> dict[str, list[str]]:
    """Where the core and pydicom differ on a file: tag paths under the name of their class."""
    before = reading(path, level)
    try:
        plan = dicomblank.plan(path, level)
    except dicomblank.NotDicomError:
        return {}
    except dicomblank.Error as error:
        return {f"refused-{type(error).__name__}": [getattr(error, "tag_path", "")]} if before else {}
    if before is None:
        return {"unreadable-for-pydicom": [""]} if len(plan) else {}
    after = reading(path, level, plan, before.sequences)
    assert after is not None
    assert_equal_outside(before, after, plan)
    return unshared_targets(before, plan)


def reading(
    path: Path, level: Level, plan: Iterable[Edit] = (), sequences: frozenset[int] | None = None
) -> Reading | None:
    """What pydicom sees in a file with the edits of `plan` made; None if that is nothing."""
    with path.open("rb") as opened:
        try:
            found = Reading(View.of(opened).with_edits(plan), core_rules(level), sequences)
        except Exception:  # noqa: BLE001 (pydicom raises anything)
            return None
    return None if found.is_empty else found


def unshared_targets(before: Reading, plan: Iterable[Edit]) -> dict[str, list[str]]:
    """The values to blank that only one of the two sees."""
    found: dict[str, list[str]] = {}
    seen = {target: each.path for each in before.elements for target in each.targets}
    planned = {(edit.start, edit.length): edit.tag_path for edit in plan}
    doubtful = [(each.start, each.start + each.length) for each in before.elements if each.is_doubtful]
    for target in seen.keys() - planned.keys():
        found.setdefault("seen-by-pydicom-only", []).append(seen[target])
    for start, length in planned.keys() - seen.keys():
        is_inside = any(low <= start < high for low, high in doubtful)
        kind = "inside-private-or-un" if is_inside else "planned-by-core-only"
        found.setdefault(kind, []).append(planned[start, length])
    return found


def assert_equal_outside(before: Reading, after: Reading, plan: Iterable[Edit]) -> None:
    """pydicom reads the same elements, with the same bytes but where an edit is."""
    edited = [edit.start for edit in plan]
    for old, new in zip(before.elements, after.elements, strict=True):
        assert (old.path, old.stated_vr, old.start, old.length) == (new.path, new.stated_vr, new.start, new.length)
        if old.value != new.value:
            assert any(old.start <= start < old.start + old.length for start in edited), old.place


@pytest.mark.parametrize("level", BLANKING, ids=lambda level: level.value)
def test_only_what_pydicom_sees_as_a_target_changes(file: Path, level: Level) -> None:
    known = set(tomllib.loads(DIVERGENCES.read_text()).get("class", {}))
    unknown = {kind: paths for kind, paths in differences(file, level).items() if kind not in known}
    assert not unknown


def test_every_class_of_divergence_still_occurs() -> None:
    known = set(tomllib.loads(DIVERGENCES.read_text()).get("class", {}))
    found = {kind for path in FILES for level in BLANKING for kind in differences(path, level)}
    assert known == found
