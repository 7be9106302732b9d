"""The Basic Profile as a function of row, options and type: what the standard says is done, for each row."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from content_rows import letters_of
from dicomblank import _core
from dicomblank.attribute_types import NOT_IN_IOD, TYPES
from dicomblank.basic import (
    CODES,
    NOT_OFFERED,
    OPTIONS,
    PROFILE,
    Action,
    action,
    codes_of,
    content_action,
    is_met,
    options_of,
    temporal,
)
from dicomblank.content_profile import CONCEPTS
from dicomblank.profile import ATTRIBUTES
from dicomblank.profile import OPTIONS as COLUMNS
from profile_checker import Checker, Element

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank.profile import Attribute

X, Z, D, U, K = Action.REMOVE, Action.EMPTY, Action.DUMMY, Action.UID, Action.KEEP
ITEMS, SHIFT, SAFE, CONTENT = Action.UIDS_OF_ITEMS, Action.SHIFT, Action.SAFE_PRIVATE, Action.CONTENT

ROWS = {row.keyword or row.tag: row for row in ATTRIBUTES}
NONE: frozenset[str] = frozenset()
FULL, MODIFIED = "retain-longitudinal-full-dates", "retain-longitudinal-modified-dates"
ALL_TYPES = (*TYPES, NOT_IN_IOD, None)

# All that can be asked for together.
ASKED = [
    options
    for count in range(len(OPTIONS) + 1)
    for options in map(frozenset, itertools.combinations(OPTIONS, count))
    if not {FULL, MODIFIED} <= options
]


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        # by the type 1, 1C, 2, 2C, 3, where the IOD does not have it, where the SOP class is not known
        ("X", [X] * 7),
        ("Z", [Z] * 7),
        ("D", [D] * 7),
        ("U", [U] * 7),
        ("X/Z", [D, D, Z, Z, X, X, Z]),
        ("X/D", [D, D, D, D, X, X, D]),
        ("Z/D", [D, D, Z, Z, Z, Z, D]),
        ("X/Z/D", [D, D, Z, Z, X, X, D]),
        ("X/Z/U*", [ITEMS, ITEMS, Z, Z, X, X, ITEMS]),
    ],
)
def test_the_type_decides(letters: str, expected: list[Action]) -> None:
    rows = [row for row in ATTRIBUTES if row.basic == letters]
    assert rows
    for row in rows:
        assert [action(row, NONE, kind) for kind in ALL_TYPES] == expected


def test_each_kind_of_letters_is_there() -> None:
    assert Counter(row.basic for row in ATTRIBUTES) == {
        "X": 417, "D": 93, "U": 55, "Z": 42, "X/D": 23, "X/Z": 11, "X/Z/D": 8, "Z/D": 6, "X/Z/U*": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("PatientBirthDate", {FULL}, Z),
        ("PatientBirthDate", {MODIFIED}, Z),
        ("PatientBirthDate", {"retain-patient-characteristics"}, Z),
        ("StudyDate", {FULL}, K),
        ("StudyDate", {MODIFIED}, SHIFT),
        ("AcquisitionDateTime", {MODIFIED}, SHIFT),
        ("StudyTime", {MODIFIED}, K),
        ("0040A034", {MODIFIED}, SHIFT),  # Effective Start DateTime, which the dictionary does not have
        ("CertifiedTimestamp", {FULL}, K),  # OB
        ("CertifiedTimestamp", {MODIFIED}, X),
        ("FrameOriginTimestamp", {FULL}, K),  # OB
        ("FrameOriginTimestamp", {MODIFIED}, D),
        ("TimezoneOffsetFromUTC", {FULL}, K),  # SH
        ("TimezoneOffsetFromUTC", {MODIFIED}, X),
        ("DateOfLastCalibration", {"retain-device-identity"}, K),
        ("DateOfLastCalibration", {"retain-device-identity", MODIFIED}, SHIFT),
        ("TimeOfLastCalibration", {"retain-device-identity", MODIFIED}, K),
        ("DeviceSerialNumber", {"retain-device-identity"}, K),
        ("StationAETitle", {"retain-device-identity"}, X),  # C: to be cleaned, which is not met
        ("DestinationAE", {"retain-device-identity"}, D),
        ("InstitutionName", {"retain-institution-identity"}, K),
        ("PatientAge", {"retain-patient-characteristics"}, K),
        ("Allergies", {"retain-patient-characteristics"}, X),
        ("SOPInstanceUID", {"retain-uids"}, K),
        ("DigitalSignatureUID", {"retain-uids"}, U),
        ("UID", {"retain-uids"}, U),
        ("ReferencedPatientSequence", {"retain-uids"}, K),
        ("ReferencedImageSequence", {"retain-uids"}, K),
        ("PRIVATE", set(), X),
        ("PRIVATE", {"retain-safe-private"}, SAFE),
        ("50xxxxxx", set(OPTIONS) - {FULL}, X),
        ("OverlayData", set(OPTIONS) - {FULL}, X),
        ("OverlayComments", set(OPTIONS) - {FULL}, X),
        ("GraphicAnnotationSequence", set(OPTIONS) - {FULL}, D),
        ("ContentSequence", set(), D),
        ("ContentSequence", {"clean-structured-content"}, CONTENT),
        ("SpecimenPreparationSequence", {"clean-structured-content"}, CONTENT),
        ("PatientName", set(OPTIONS) - {FULL}, Z),
        ("StudyDescription", set(OPTIONS) - {FULL}, X),
    ],
)
def test_what_an_option_does(name: str, options: set[str], expected: Action) -> None:
    assert action(ROWS[name], options_of(options), None) is expected


def test_an_option_does_nothing_to_rows_that_it_does_not_speak_of() -> None:
    for column, option in zip(COLUMNS, [column.replace("_", "-") for column in COLUMNS], strict=True):
        if option in OPTIONS:
            for row in ATTRIBUTES:
                if column not in row.options:
                    for kind in ALL_TYPES:
                        assert action(row, options_of([option]), kind) is action(row, NONE, kind)


def test_what_is_kept_is_kept_by_an_option_that_was_asked_for() -> None:
    """For each row, and all options that can be asked for together: written from the letters alone."""
    for row in ATTRIBUTES:
        letters = {column.replace("_", "-"): letter for column, letter in row.options.items()}
        times = _core.vr_of(int(row.tag, 16)) == "TM" if not row.is_pattern else False
        for options in ASKED:
            done = action(row, options, "1")
            asked = {option: letters[option] for option in options if option in letters}
            if done is K:
                assert "K" in asked.values() or (times and asked.get(MODIFIED) == "C")
            if MODIFIED in asked:
                assert done is not K or times
            if not asked:
                assert done is action(row, NONE, "1")


def test_every_option_keeps_or_cleans_as_many_rows_as_the_table_has() -> None:
    def changed(option: str) -> Counter[Action]:
        rows = [row for row in ATTRIBUTES if action(row, frozenset([option]), "1") is not action(row, NONE, "1")]
        return Counter(action(row, frozenset([option]), "1") for row in rows)

    dated = [int(row.tag, 16) for row in ATTRIBUTES if MODIFIED.replace("-", "_") in row.options]
    of_vr = Counter(dictionary_VR(tag) if dictionary_has_tag(tag) else "DT, newer" for tag in dated)
    dates, times = of_vr["DA"] + of_vr["DT"] + of_vr["DT, newer"], of_vr["TM"]
    assert of_vr == {"DA": 54, "DT": 56, "DT, newer": 4, "TM": 52, "OB": 2, "SH": 1}
    assert {option: dict(changed(option)) for option in OPTIONS} == {
        "retain-safe-private": {SAFE: 1},
        "retain-uids": {K: 60},
        "retain-device-identity": {K: 48},
        "retain-institution-identity": {K: 10},
        "retain-patient-characteristics": {K: 14},
        FULL: {K: 169},
        MODIFIED: {SHIFT: dates, K: times},
        "clean-structured-content": {CONTENT: 4},
    }


def test_what_is_not_met_is_told() -> None:
    unmet = {option: [row for row in ATTRIBUTES if not is_met(row, frozenset([option]))] for option in OPTIONS}
    assert {option: len(rows) for option, rows in unmet.items() if rows} == {
        "retain-device-identity": 11,
        "retain-patient-characteristics": 5,
        MODIFIED: 3,
    }
    assert [row.tag for row in unmet[MODIFIED]] == ["00080201", "00340007", "04000310"]
    assert all(is_met(row, NONE) for row in ATTRIBUTES)


# beside the checker, which was written from the tables alone

LETTERS = {X: "X", Z: "Z", D: "D", U: "U", ITEMS: "U*", K: "K", SHIFT: "S", CONTENT: "C"}


@pytest.mark.parametrize("kind", ALL_TYPES)
def test_the_checker_allows_what_is_done(kind: str | None) -> None:
    """For each row, and all options that can be asked for together."""
    rows = [row for row in ATTRIBUTES if not row.is_pattern]
    trees = [{int(row.tag, 16): Element(vr_of(row), b"", None)} for row in rows]
    for options in ASKED:
        checker = Checker(options, types=lambda _class, _place: kind)
        checker._class = ""
        for row, tree in zip(rows, trees, strict=True):
            done = LETTERS[action(row, options, kind)]
            allowed = checker._allowed(tree, (int(row.tag, 16),))
            assert done in allowed, (row.tag, options)
            assert kind is None or len(allowed) == 1


def vr_of(row: Attribute) -> str:
    tag = int(row.tag, 16)
    return dictionary_VR(tag) if dictionary_has_tag(tag) else "DT" if "DateTime" in row.name else "LO"


def test_the_checker_allows_what_is_done_to_content_items() -> None:
    for row in CONCEPTS:
        scheme = row.scheme.partition(" ")[0]
        texts = {0x0008_0100: row.code, 0x0008_0102: scheme}
        name = {tag: Element("SH", text.encode(), None) for tag, text in texts.items()}
        tree = {
            0x0040_A040: Element("CS", row.value_type.encode(), None),
            0x0040_A043: Element("SQ", b"", [name]),
        }
        for options in ASKED:
            assert LETTERS[content_action(row, options)] in letters_of(tree, options), (row.code, options)


def test_what_is_done_to_content_items() -> None:
    done = Counter(content_action(row, NONE) for row in CONCEPTS)
    assert done == {X: 135, D: 60 + 19}
    shifted = [row for row in CONCEPTS if content_action(row, frozenset([MODIFIED])) is SHIFT]
    assert {row.value_type for row in shifted} == {"DATE", "DATETIME"}
    assert Counter(content_action(row, frozenset(["retain-uids"])) for row in CONCEPTS)[K] == 62


# options and codes


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["retain-uid"], "no option 'retain-uid'; did you mean retain-uids?"),
        (["clean-descriptor"], "did you mean clean-descriptors?"),
        (["zzz"], "no option 'zzz'; there are retain-safe-private, retain-uids"),
        (["retain_uids"], "did you mean retain-uids?"),
        ([FULL, "retain-uids", MODIFIED], "exclude each other"),
        *(([name], f"the option {name} is not met: ") for name in NOT_OFFERED),
    ],
)
def test_options_that_can_not_be(names: list[str], words: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the words are below)
        options_of(names)
    assert words in str(caught.value)


def test_every_column_of_the_table_is_an_option_or_is_told_not_to_be_met() -> None:
    columns = {column.replace("_", "-") for column in COLUMNS}
    assert columns == set(OPTIONS) | set(NOT_OFFERED) - {"clean-pixel-data", "clean-recognizable-visual-features"}
    assert not set(OPTIONS) & set(NOT_OFFERED)


def test_the_codes_are_those_of_cid_7050() -> None:
    of_group = [getattr(codes.cid7050, name) for name in dir(codes.cid7050)]
    group = {code.value: code.meaning for code in of_group if isinstance(code, Code)}
    ours = dict([PROFILE, *CODES.values()])
    assert len(ours) == 9
    assert ours == {code: group[code] for code in ours}
    not_offered = {group[code].removesuffix(" Option").lower().replace(" ", "-") for code in set(group) - set(ours)}
    assert not_offered == set(NOT_OFFERED)


def test_the_codes_of_what_was_asked_for() -> None:
    assert codes_of(NONE) == [PROFILE]
    assert [code for code, _ in codes_of(options_of([MODIFIED, "retain-uids"]))] == ["113100", "113107", "113110"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [([], "REMOVED"), (["retain-uids"], "REMOVED"), ([FULL], "UNMODIFIED"), ([MODIFIED], "MODIFIED")],
)
def test_what_is_said_of_dates(options: list[str], expected: str) -> None:
    assert temporal(options_of(options)) == expected


def test_a_row_that_has_no_option_is_the_same_whatever_is_asked_for() -> None:
    rows: list[Attribute] = [row for row in ATTRIBUTES if not row.options]
    assert len(rows) > 100
    assert all(action(row, options, None) is action(row, NONE, None) for row in rows for options in ASKED)
