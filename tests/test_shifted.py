"""Dates move by the days of the patient whose they are, or are blanked with a warning: in files and in a DICOMDIR."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import NamedTuple

import pytest

import dicomblank
from dicomblank import Level
from elements import BIG, EXPLICIT, IMPLICIT, SYNTAXES, part10
from keyed import (
    ACQUISITION,
    KEY,
    LEVEL,
    PATIENT,
    PATIENT_ID,
    SERIES_DATE,
    STUDY,
    STUDY_DATE,
    STUDY_TIME,
    STUDY_UID,
    earlier,
    element,
    file_of,
    made,
    patient,
    raw,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from dicomblank import Rules
    from elements import Syntax

DAYS = KEY.days(PATIENT)
DATE = "20240229"
MOVED = earlier(DATE, DAYS)
SHIFTED = Level.ORIGINAL.rules.shift("dates")


# A value and what becomes of it, with the warning. "@" is the date, and the moved one.
@pytest.mark.parametrize(
    ("vr", "before", "after", "warning"),
    [
        ("DA", "@", "@", None),
        ("DA", "2024.02.29", "OLD", None),
        ("DA", "@\\@", "@\\@", None),
        ("DA", "@\\\\@ ", "@\\\\@ ", None),
        ("DA", " @ ", " @ ", None),
        ("DA", "202402", "", "date-without-day"),
        ("DA", "2024", "", "date-without-day"),
        ("DA", "@\\202402 ", "@\\       ", "date-without-day"),
        ("DA", "20240230", "", "no-date"),
        ("DA", "00000101", "", "no-date"),
        ("DA", "20241301", "", "no-date"),
        ("DA", "yesterday ", "", "no-date"),
        ("DA", "@-20240301", "", "no-date"),
        ("DA", "2024-02-29", "", "no-date"),
        ("DA", "29.02.2024", "", "no-date"),
        ("DA", "\u0968\u0966\u0968\u096a0229", "", "no-date"),
        ("DA", "00010101", "", "date-out-of-calendar"),
        ("DT", "@1015", "@1015", None),
        ("DT", "@101559.123456+0130", "@101559.123456+0130", None),
        ("DT", "@-0500 ", "@-0500 ", None),
        ("DT", "@235960", "@235960", None),
        ("DT", "202402+0100 ", "", "date-without-day"),
        ("DT", "@99", "", "no-date"),
        ("DT", "@101559.1234567", "", "no-date"),
    ],
    ids=count(),
)
@pytest.mark.parametrize("syntax", SYNTAXES, ids=["implicit", "explicit", "big"])
def test_a_date(vr: str, before: str, after: str, warning: str | None, syntax: Syntax) -> None:
    tag = STUDY_DATE if vr == "DA" else ACQUISITION
    old = before.replace("@", DATE).encode()
    old += b" " * (len(old) % 2)
    old_form = f"{MOVED[:4]}.{MOVED[4:6]}.{MOVED[6:]}"
    new = after.replace("@", MOVED).replace("OLD", old_form).encode().ljust(len(old))
    done = made(file_of(element(tag, vr, old, syntax), patient(syntax=syntax), syntax=syntax))
    assert raw(done.data, tag) == new
    assert done.warnings == ({warning} if warning else set())


def test_the_first_day_of_the_calendar_is_reached_and_not_passed() -> None:
    for more, expected in ((0, b"00010101"), (1, b"00010102"), (-1, b" " * 8)):
        day = dt.date(1, 1, 1) + dt.timedelta(DAYS + more)
        text = f"{day.year:04}{day.month:02}{day.day:02}"
        done = made(file_of(element(STUDY_DATE, "DA", text), patient()))
        assert raw(done.data, STUDY_DATE) == expected
        assert done.warnings == (set() if more >= 0 else {"date-out-of-calendar"})


def test_a_time_stays() -> None:
    parts = [element(STUDY_DATE, "DA", DATE), element(STUDY_TIME, "TM", "101559.12"), patient()]
    assert raw(made(file_of(*parts)).data, STUDY_TIME).strip() == b"101559.12"
    plan = dicomblank.plan(file_of(*parts), LEVEL)
    assert [edit.action for edit in plan] == ["shift", "pseudonymize"]


TWO = [patient("PATIENT-1"), patient("PATIENT-2")]
EMPTY = patient("")
UID = element(STUDY_UID, "UI", STUDY)


# Whose the dates are: what the file has beside them, the PatientID and StudyInstanceUID that decide, if any do.
@pytest.mark.parametrize(
    ("others", "owner"),
    [
        ([patient()], (PATIENT, "")),
        ([patient(), UID], (PATIENT, "")),
        ([UID], ("", STUDY)),
        ([EMPTY, UID], ("", STUDY)),
        ([patient("   "), UID], ("", STUDY)),
        ([patient(b"\0\0"), UID], ("", STUDY)),
        ([], None),
        ([EMPTY], None),
        ([EMPTY, element(STUDY_UID, "UI", "")], None),
        (TWO, None),
        ([*TWO, UID], None),
        ([patient("PATIENT-1"), patient("PATIENT-1 ")], ("PATIENT-1", "")),
        ([EMPTY, patient()], None),
        ([EXPLICIT.sequence(0x0010_1002, EXPLICIT.item(patient("ANOTHER-1"))), patient()], (PATIENT, "")),
        ([EXPLICIT.sequence(0x0010_1002, EXPLICIT.item(patient("ANOTHER-1")))], None),
        ([patient("A-1\\B-2")], ("A-1\\B-2", "")),
    ],
    ids=count(),
)
@pytest.mark.parametrize("level", [LEVEL, SHIFTED], ids=["level", "dates alone"])
def test_whose_dates_they_are(others: list[bytes], owner: tuple[str, str] | None, level: Level | Rules) -> None:
    done = made(file_of(element(STUDY_DATE, "DA", DATE), element(SERIES_DATE, "DA", ""), *others), level)
    if owner is None:
        assert raw(done.data, STUDY_DATE) == b" " * 8
        assert "dates-of-nobody" in done.warnings
    else:
        days = KEY.days(*owner) if "\\" not in owner[0] else None
        assert days is None or raw(done.data, STUDY_DATE) == earlier(DATE, days).encode()
        assert raw(done.data, STUDY_DATE).strip()
        assert "dates-of-nobody" not in done.warnings


def test_dates_that_are_empty_are_nobodys_without_a_warning() -> None:
    done = made(file_of(element(STUDY_DATE, "DA", ""), element(SERIES_DATE, "DA", "  ")))
    assert done.warnings == set()


@pytest.mark.parametrize("syntax", [EXPLICIT, BIG, IMPLICIT], ids=["explicit", "big", "implicit"])
def test_private_dates_stay_and_public_ones_move_at_any_depth(syntax: Syntax) -> None:
    creator = element(0x0029_0010, "LO", "ACME", syntax)
    private = element(0x0029_1010, "DA", DATE, syntax)
    item = syntax.item(element(STUDY_DATE, "DA", DATE, syntax), creator, private)
    data = file_of(syntax.sequence(0x0040_A730, item), patient(syntax=syntax), creator, private, syntax=syntax)
    after = made(data).data
    assert (data.count(DATE.encode()), after.count(DATE.encode()), after.count(MOVED.encode())) == (3, 2, 1)


def test_a_private_date_moves_where_a_rule_names_it() -> None:
    creator, private = element(0x0029_0010, "LO", "ACME"), element(0x0029_1010, "DA", DATE)
    data = file_of(patient(), creator, private)
    assert made(data, LEVEL.rules.shift('(0029,"ACME",10)')).data.count(MOVED.encode()) == 1
    assert made(data, LEVEL.rules.shift(0x0029_1010)).data.count(MOVED.encode()) == 1


def test_a_date_that_states_another_vr_is_one_by_the_dictionary() -> None:
    for vr in ("UN", "LO", "DT"):
        done = made(file_of(element(STUDY_DATE, vr, DATE), patient()))
        assert raw(done.data, STUDY_DATE) == MOVED.encode()
    with pytest.raises(dicomblank.Error) as caught:
        made(file_of(element(STUDY_DATE, "OB", DATE), patient()))
    assert caught.value.kind == "unfit-vr"


def test_a_public_date_that_the_dictionary_does_not_know_is_one_by_its_header() -> None:
    done = made(file_of(patient(), element(0x0040_0FF0, "DA", DATE)))
    assert raw(done.data, 0x0040_0FF0) == MOVED.encode()


# A DICOMDIR.


class Record(NamedTuple):
    """A directory record: its elements, and the numbers of the record beside it and of the first one below it."""

    kind: str
    elements: tuple[tuple[int, str, str], ...] = ()
    beside: int | None = None
    below: int | None = None


def directory(
    *records: Record,
    first: int | None = 0,
    offsets: dict[int | None, int] | None = None,
    behind: bytes = b"",
    syntax: Syntax = EXPLICIT,
) -> bytes:
    """A DICOMDIR of these records; `offsets` are other ones than theirs, by their numbers."""
    head = part10(syntax.uid, element(0x0004_1130, "CS", "SET", syntax))

    def link(tag: int, number: int | None, places: dict[int | None, int]) -> bytes:
        return syntax.element(tag, "UL", syntax.u32(places.get(number, 0)))

    def item(record: Record, places: dict[int | None, int]) -> bytes:
        return syntax.item(
            link(0x0004_1400, record.beside, places),
            syntax.element(0x0004_1410, "US", b"\xff\xff"),
            link(0x0004_1420, record.below, places),
            element(0x0004_1430, "CS", record.kind, syntax),
            element(STUDY_DATE, "DA", DATE, syntax),
            *(element(tag, vr, text, syntax) for tag, vr, text in record.elements),
        )

    at = len(head + link(0x0004_1200, None, {}) + syntax.sequence(0x0004_1220))
    places: dict[int | None, int] = {}
    for number, record in enumerate(records):
        places[number] = at
        at += len(item(record, {}))
    places |= offsets or {}
    items = (item(record, places) for record in records)
    return head + link(0x0004_1200, first, places) + syntax.sequence(0x0004_1220, *items) + behind


ONE, OTHER = "PATIENT-ONE-1", "PATIENT-TWO-2"
ID_1, ID_2, NO_ID = (((PATIENT_ID, "LO", text),) for text in (ONE, OTHER, ""))
OTHER_STUDY = f"{STUDY}.7"
UID_1, UID_2 = (((STUDY_UID, "UI", text),) for text in (STUDY, OTHER_STUDY))
TREE = [
    Record("PATIENT", ID_1, beside=3, below=1),
    Record("STUDY", UID_1, below=2),
    Record("SERIES"),
    Record("PATIENT", ID_2, below=4),
    Record("STUDY", UID_1, below=5),
    Record("SERIES", beside=6),
    Record("SERIES"),
]
MIXED = [  # the same, and the records in another order
    Record("SERIES", beside=5),
    Record("PATIENT", ID_2, below=4),
    Record("STUDY", UID_1, below=6),
    Record("PATIENT", ID_1, beside=1, below=2),
    Record("STUDY", UID_1, below=0),
    Record("SERIES"),
    Record("SERIES"),
]
NOBODY = [
    Record("PATIENT", NO_ID, beside=3, below=1),
    Record("STUDY", UID_1, below=2),
    Record("SERIES"),
    Record("PATIENT", ID_2, below=4),
    Record("STUDY", UID_2),
]
CYCLE = [*TREE[:6], TREE[6]._replace(beside=4)]
TWICE = [*TREE[:4], TREE[4]._replace(below=2), *TREE[5:]]


def owners(data: bytes) -> tuple[list[int | None], set[str]]:
    """By how many days the date of each record has moved; None where it is blanked."""
    done = made(data)
    names = {KEY.days(ONE): 1, KEY.days(OTHER): 2, KEY.days("", STUDY): 3, KEY.days("", OTHER_STUDY): 4}
    dates = {earlier(DATE, days): name for days, name in names.items()}
    assert len(dates) == 4
    found = []
    for edit in dicomblank.plan(data, LEVEL):
        if edit.tag == STUDY_DATE:
            text = done.data[edit.start : edit.start + edit.length].decode().strip()
            found.append(dates[text] if text else None)
    return found, done.warnings


# Records, and whose the date of each is: 1 and 2 are the two patients, 3 and 4 the two studies.
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (directory(*TREE), [1, 1, 1, 2, 2, 2, 2]),
        (directory(*MIXED, first=3), [2, 2, 1, 1, 2, 2, 1]),
        (directory(*NOBODY), [None, 3, 3, 2, 2]),
        (directory(*TREE, syntax=IMPLICIT), [1, 1, 1, 2, 2, 2, 2]),
        # PS3.10 §8.6 has it in little endian.
        (directory(*TREE, syntax=BIG), [None] * 7),
        # Below no patient.
        (directory(Record("STUDY", UID_1, below=1), Record("SERIES")), [None, None]),
        (directory(Record("PRIVATE", ID_1, beside=1), *TREE[3:4]), [None, 2]),
        # Nothing leads there.
        (directory(*TREE, first=None), [None] * 7),
        (directory(*TREE, first=3), [None, None, None, 2, 2, 2, 2]),
        (directory(*TREE[:3]), [1, 1, 1]),
        # The offsets lead elsewhere, or to a record twice.
        (directory(*TREE, offsets={1: 12}), [1, None, None, 2, 2, 2, 2]),
        (directory(*TREE, offsets={0: 1}), [None] * 7),
        (directory(*TREE, offsets={3: 0xFFFF_FFFF}), [1, 1, 1, None, None, None, None]),
        (directory(*CYCLE), [None] * 7),
        (directory(*TWICE), [None] * 7),
        # What a record says of itself twice.
        (directory(TREE[0]._replace(elements=ID_1 + ID_2), *TREE[1:]), [None, None, None, 2, 2, 2, 2]),
        (directory(TREE[0]._replace(elements=ID_1 + ID_1), *TREE[1:]), [None, None, None, 2, 2, 2, 2]),
        # A PatientID elsewhere is not asked.
        (directory(TREE[0], TREE[1]._replace(elements=UID_1 + ID_2), *TREE[2:]), [1, 1, 1, 2, 2, 2, 2]),
        (directory(*TREE, behind=patient(OTHER)), [1, 1, 1, 2, 2, 2, 2]),
    ],
    ids=count(),
)
def test_whose_the_dates_of_a_record_are(data: bytes, expected: list[int | None]) -> None:
    found, warnings = owners(data)
    assert found == expected
    assert ("dates-of-nobody" in warnings) == (None in expected)


def test_a_directory_by_every_road(tmp_path: Path) -> None:
    data = directory(*MIXED, first=3)
    path = tmp_path / "DICOMDIR"
    path.write_bytes(data)
    dicomblank.anonymize_in_place(path, LEVEL, key=KEY, validate=True)
    assert path.read_bytes() == made(data).data
    (tmp_path / "before").write_bytes(data)
    assert dicomblank.verify(tmp_path / "before", path, LEVEL, key=KEY).ok


def test_the_identifier_of_a_record_is_replaced_where_it_stands() -> None:
    assert raw(made(file_of(patient())).data, PATIENT_ID) == KEY.pseudonym_id(PATIENT).encode().ljust(
        len(PATIENT) + len(PATIENT) % 2
    )
