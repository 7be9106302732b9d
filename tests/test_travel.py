"""What travels: rows, plans, reports and errors by pickle and by copy; reports of shards that add up."""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import pytest

import dicomblank
from dicomblank import OnError, errors
from elements import EXPLICIT, deflated, file_of, part10
from samples import CT, damaged_ct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

T = TypeVar("T")
# From 3.12 on, Python warns of every fork of a process with threads; 3.14 has another way by default.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

NOT_UTF8 = os.fsdecode(b"scan-\xfc.dcm")
STARTS = [name for name in ("fork", "spawn", "forkserver") if name in multiprocessing.get_all_start_methods()]
PROTOCOLS = [f"protocol {number}" for number in range(2, pickle.HIGHEST_PROTOCOL + 1)]


def same(thing: T) -> T:
    """What a process is asked for: it gets a thing, and sends it back."""
    return thing


def raise_it(error: Exception) -> None:
    raise error


def by_pickle(protocol: int) -> Callable[[T], T]:
    def travel(thing: T) -> T:
        again: T = pickle.loads(pickle.dumps(thing, protocol))  # noqa: S301 (our own)
        return again

    return travel


@pytest.fixture(scope="module", params=[*PROTOCOLS, "copy", "deepcopy", "ProcessPoolExecutor", *STARTS])
def travel(request: pytest.FixtureRequest) -> Iterator[Callable[[T], T]]:
    """Each way in which a thing may travel."""
    if request.param in STARTS:
        with multiprocessing.get_context(request.param).Pool(1) as pool:
            yield lambda thing: pool.apply(same, (thing,))
    elif request.param == "ProcessPoolExecutor":
        with ProcessPoolExecutor(1) as executor:
            yield lambda thing: executor.submit(same, thing).result()
    elif request.param in PROTOCOLS:
        yield by_pickle(int(request.param.split()[1]))
    else:
        yield getattr(copy, request.param)


@pytest.fixture
def faulty(tmp_path: Path) -> dicomblank.Report:
    """The report of a run that had files of many outcomes, warnings and places among them."""
    folder = tmp_path / "faulty"
    folder.mkdir()
    sound = EXPLICIT.element(0x0010_0010, "PN", b"Doe^Jane")
    (folder / "sound.dcm").write_bytes(CT.read_bytes())
    (folder / "zeros").write_bytes(file_of(EXPLICIT, sound, bytes(8)))
    (folder / "notes.txt").write_text("nothing medical\n")
    (tmp_path / "stray.txt").write_text("nothing medical\n")
    (folder / "damaged.dcm").write_bytes(damaged_ct())
    (folder / "cut.dcm").write_bytes(CT.read_bytes()[:0x3A8])
    (folder / "empty.dcm").touch()
    (folder / "link").symlink_to("sound.dcm")
    (folder / "exists").write_bytes(CT.read_bytes())
    (folder / "jpip").write_bytes(part10("1.2.840.10008.1.2.4.95", deflated(sound)))
    out = tmp_path / "out"
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    (out / "faulty").mkdir(parents=True)
    (out / "faulty" / "exists").write_text("another")
    return dicomblank.anonymize_copy([folder, nothing, tmp_path / "stray.txt"], out, on_error=OnError.COLLECT)


FIELDS = (
    *("source", "path", "output", "outcome", "edits", "kind", "offset", "tag_path", "warnings", "error", "is_fault"),
    *("leftovers", "leftover_count", "not_searched"),
)


def facts(thing: object) -> object:
    """All that there is in a thing, so that two can be compared without their own `==`."""
    if isinstance(thing, dicomblank.Row):
        return [*(getattr(thing, name) for name in FIELDS), facts(thing.exception)]
    if isinstance(thing, dicomblank.Report):
        names = [name for name in dir(thing) if not name.startswith("_") and name != "faults"]
        assert len(names) == 25
        return [{name: getattr(thing, name) for name in names}, [facts(row) for row in thing.faults]]
    if isinstance(thing, dicomblank.Plan):
        return [thing.size, thing.warnings, [facts(edit) for edit in thing]]
    if isinstance(thing, dicomblank.Edit):
        return [
            thing.tag,
            thing.keyword,
            thing.tag_path,
            thing.vr,
            thing.start,
            thing.length,
            thing.action,
            thing.state,
        ]
    if isinstance(thing, BaseException):
        attributes = {name: facts(value) for name, value in vars(thing).items()}
        system = [getattr(thing, name, None) for name in ("errno", "strerror", "filename", "kind")]
        return [type(thing), str(thing), [facts(part) for part in thing.args], attributes, system]
    return thing


def test_a_report_with_faults(travel: Callable[[object], object], faulty: dicomblank.Report) -> None:
    words = {"refused": 5, "not-dicom": 2, "anonymized": 2, "skipped": 1}
    assert {word: count for word, count in faulty.counts.items() if count} == words
    kinds = {row.kind for row in faulty.faults}
    assert kinds == {"truncated", "empty", "exists", "jpip", None}
    assert all(row.exception is not None for row in faulty.faults)
    assert (len(faulty.without_dicom), faulty.links, faulty.warnings, faulty.ok) == (1, 1, 1, False)
    again = travel(faulty)
    assert again is not faulty
    assert (again == faulty, facts(again)) == (True, facts(faulty))


def test_rows(travel: Callable[[object], object], tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, data in {
        "ct": CT.read_bytes(),
        "damaged.dcm": damaged_ct(),
        "zeros": file_of(EXPLICIT, bytes(8)),
    }.items():
        (tmp_path / "in" / name).write_bytes(data)
    rows: list[dicomblank.Row] = []
    dicomblank.anonymize_copy(tmp_path / "in", tmp_path / "out", report=rows.append, on_error="collect")
    rows += dicomblank.verify(tmp_path / "in", tmp_path / "in").faults
    assert sorted(row.outcome for row in rows) == ["anonymized", "leak", "refused", "unchanged", "unreadable"]
    denied = PermissionError(13, "Permission denied", NOT_UTF8)
    rows.append(
        dicomblank.Row(
            "in", NOT_UTF8, None, "failed", 0, "no-permission", None, None, (), "Permission denied", True, denied
        )
    )
    for row in rows:
        again = travel(row)
        assert (again == row, hash(again) == hash(row), facts(again)) == (True, True, facts(row))


def test_rows_are_equal_where_all_their_fields_are() -> None:
    make: Callable[..., dicomblank.Row] = dicomblank.Row
    values = ["in", "a", "out/a", "refused", 1, "overrun", 2, "(0010,0010)", ("trailing-zeros",), "so", True, None]
    row = make(*values)
    assert row == make(*values)
    others = ["b", "b", None, "failed", 3, None, None, None, (), None, False]
    for place, other in enumerate(others):
        assert row != make(*values[:place], other, *values[place + 1 :])
    assert row != "a"


def test_plans_and_edits(travel: Callable[[object], object]) -> None:
    odd = file_of(EXPLICIT, EXPLICIT.element(0x0010_0010, "PN", b"Doe^Jane"), bytes(8))
    unseen = dicomblank.anonymize_buffer(bytearray(CT.read_bytes()))
    for plan in (dicomblank.plan(CT, "anonymize-full"), dicomblank.plan(CT, "original"), unseen, dicomblank.plan(odd)):
        for thing in (plan, *plan):
            again = travel(thing)
            assert (again == thing, hash(again) == hash(thing), facts(again)) == (True, True, facts(thing))
    assert plan.warnings == ("trailing-zeros",)


def test_progress(travel: Callable[[object], object]) -> None:
    """`progress=queue.put` is how a process tells another how far it is."""
    seen: list[dicomblank.Progress] = []
    dicomblank.verify(CT, CT, progress=seen.append)
    assert (seen[-1].done, seen[-1].found, seen[-1].listing) == (1, 1, False)
    for progress in (seen[-1], dicomblank.Progress(1, 2, listing=True, in_flight=5, bytes_done=3, bytes_total=4)):
        again = travel(progress)
        assert again == progress
        for name in ("done", "found", "listing", "in_flight", "bytes_done", "bytes_total"):
            assert getattr(again, name) == getattr(progress, name)


def of_each_class(report: dicomblank.Report) -> list[dicomblank.Error]:
    made: list[dicomblank.Error] = []
    for name in errors.__all__:
        class_ = getattr(errors, name)
        if issubclass(class_, errors.ParseError):
            error = class_("cut short at 0x1f4", 0x1F4, "(0040,A730)[2]")
        else:
            error = class_(report if class_ is errors.IncompleteError else "for a test")
        error.kind = f"kind-of-{name}"
        error.add_note("a note")
        made.append(error)
    return made


def test_every_error_of_ours(travel: Callable[[object], object], faulty: dicomblank.Report) -> None:
    made = of_each_class(faulty)
    assert len(made) == 9
    for error in made:
        assert facts(travel(error)) == facts(error)
    again = travel(made[errors.__all__.index("IncompleteError")])
    assert isinstance(again, errors.IncompleteError)
    assert again.report == faulty


def test_errors_as_they_are_raised(travel: Callable[[object], object], faulty: dicomblank.Report, ct: Path) -> None:
    raised = [row.exception for row in faulty.faults]
    for call in (
        lambda: dicomblank.plan(ct.parent / "missing"),
        lambda: dicomblank.plan(ct.parent),
        lambda: dicomblank.anonymize_copy(ct, ct),
        lambda: dicomblank.anonymize_in_place([ct, ct.parent / "faulty"]),
    ):
        with pytest.raises((OSError, ValueError, dicomblank.Error)) as caught:
            call()
        raised.append(caught.value)
    assert FileExistsError in {type(error) for error in raised}
    for error in raised:
        assert facts(travel(error)) == facts(error)


@pytest.mark.parametrize("start", STARTS)
def test_an_error_that_a_process_raises(start: str, faulty: dicomblank.Report) -> None:
    with multiprocessing.get_context(start).Pool(1) as pool:
        for error in [*of_each_class(faulty), FileExistsError(17, "exists", NOT_UTF8), MemoryError("none left")]:
            with pytest.raises(type(error)) as caught:
                pool.apply(raise_it, (error,))
            assert facts(caught.value) == facts(error)


def test_bytes_of_another_format_are_no_plan() -> None:
    make = dicomblank.Plan.from_bytes
    reduced = dicomblank.plan(CT).__reduce__()
    assert isinstance(reduced, tuple)
    data, states = reduced[1]
    assert make(data, states) == dicomblank.plan(CT)
    assert [edit.state for edit in make(data)] == [None] * len(dicomblank.plan(CT))
    for others in (b"", states[1:], states + b"t", b"x" * len(states)):
        with pytest.raises(ValueError, match="not the states of this plan"):
            make(data, others)
    for other in (b"", data[:-1], data[:8], data + b"\0", bytes([data[0] ^ 1]) + data[1:], pickle.dumps("a plan")):
        with pytest.raises(ValueError, match="plan"):
            make(other)


# reports that add up


def row_of(number: int, outcome: str = "refused") -> dicomblank.Row:
    return dicomblank.Row("in", f"{number}", None, outcome, 0, "empty", None, None, (), "empty", True, None)


def report_of(
    counts: dict[str, int],
    *,
    values: dict[str, int] | None = None,
    files_with: dict[str, int] | None = None,
    faults: range = range(0),
    without: tuple[str, ...] = (),
    links: int = 0,
    warnings: int = 0,
    seconds: float = 1.0,
    complete: bool = True,
    allows_empty: bool = False,
) -> dicomblank.Report:
    rows = [row_of(number) for number in faults]
    tags = values or {}, files_with or {}
    return dicomblank.Report(counts, *tags, rows, without, links, warnings, seconds, complete, allows_empty)


def test_every_field_adds_up() -> None:
    one = report_of(
        {"anonymized": 1, "unchanged": 2, "not-dicom": 3, "archive": 4, "skipped": 5, "refused": 6, "failed": 7},
        values={"PatientName": 8, "PatientID": 1},
        files_with={"PatientName": 7, "PatientID": 1},
        faults=range(2),
        without=("a",),
        links=9,
        warnings=10,
        seconds=0.5,
    )
    other = report_of(
        {"anonymized": 10, "failed": 10, "leak": 1},
        values={"PatientName": 1, "StudyDate": 2},
        files_with={"PatientName": 1, "StudyDate": 1},
        faults=range(2, 4),
        without=("b", NOT_UTF8),
        links=1,
        warnings=2,
        seconds=0.25,
        complete=False,
    )
    total = one + other
    assert total.counts == {
        "anonymized": 11,
        "archive": 4,
        "failed": 17,
        "leak": 1,
        "not-dicom": 3,
        "refused": 6,
        "skipped": 5,
        "unchanged": 2,
    }
    assert (total.files, total.anonymized, total.unchanged, total.not_dicom) == (49, 11, 2, 3)
    assert (total.archives, total.skipped, total.refused, total.failed) == (4, 5, 6, 17)
    assert (total.links, total.warnings, total.seconds, total.edits) == (10, 12, 0.75, 12)
    assert total.values == {"PatientID": 1, "PatientName": 9, "StudyDate": 2}
    assert total.files_with == {"PatientID": 1, "PatientName": 8, "StudyDate": 1}
    assert [row.path for row in total.faults] == ["0", "1", "2", "3"]
    assert total.without_dicom == ("a", "b", NOT_UTF8)
    assert (total.complete, total.allows_empty, total.ok) == (False, False, False)
    assert sum([one, other]) == sum((other,), start=one) == total != other + one
    assert sum([]) == 0
    for no_report in (1, "a", None):
        with pytest.raises(TypeError):
            one + no_report  # type: ignore[operator]
        with pytest.raises(TypeError):
            no_report + one  # type: ignore[operator]


def test_a_sum_keeps_10_000_faults() -> None:
    total = report_of({}, faults=range(6_000)) + report_of({}, faults=range(6_000, 12_000))
    assert [row.path for row in total.faults] == [str(number) for number in range(10_000)]
    assert len((total + total).faults) == 10_000


PARTS = [
    report_of({"unchanged": 1}),
    report_of({"unchanged": 1}, complete=False),
    report_of({"refused": 1}, faults=range(1)),
    report_of({}, without=("a",)),
    report_of({}, without=("a",), allows_empty=True),
    report_of({}, allows_empty=True),
]


def test_a_sum_is_ok_and_complete_where_its_parts_are() -> None:
    for one in PARTS:
        for other in PARTS:
            for third in PARTS:
                total = sum([one, other, third])
                assert isinstance(total, dicomblank.Report)
                assert total.ok == (one.ok and other.ok and third.ok)
                assert total.complete == (one.complete and other.complete and third.complete)
                assert total.allows_empty >= (one.allows_empty and other.allows_empty and third.allows_empty)


def test_shards_add_up_to_the_whole(tmp_path: Path) -> None:
    for shard in ("a", "b"):
        (tmp_path / shard).mkdir()
        for number, data in enumerate([CT.read_bytes(), damaged_ct(), b"nothing medical", b"PK\3\4", CT.read_bytes()]):
            (tmp_path / shard / f"{shard}-{number}").write_bytes(data)
    (tmp_path / "c").mkdir()
    shards = [tmp_path / name for name in "abc"]
    with ProcessPoolExecutor(2) as pool:
        parts = list(pool.map(copied, shards, [tmp_path / "parts" / name for name in "abc"]))
    total, whole = sum(parts), copied(shards, tmp_path / "whole")
    assert isinstance(total, dicomblank.Report)
    for name in set(dir(whole)) - {"faults", "seconds", "without_dicom", *dir(object)} - {"__add__", "__radd__"}:
        assert getattr(total, name) == getattr(whole, name), name
    assert set(total.faults) == set(whole.faults)
    assert (len(total.faults), total.without_dicom) == (2, whole.without_dicom)
    assert total.seconds == pytest.approx(sum(part.seconds for part in parts))


def copied(source: Path | list[Path], target: Path) -> dicomblank.Report:
    return dicomblank.anonymize_copy(source, target, "anonymize-full", on_error=OnError.COLLECT, workers=1)
