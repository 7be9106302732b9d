"""pydicom, the second opinion: what it agrees with, and what it says of each way in which a plan can be wrong.

The plans here are written by hand, so that they can be wrong; the core's own are compared with pydicom at the end.
"""

import io
import logging
import tracemalloc
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest

import dicomblank
from dicomblank import Level, OnError, Rules, Validate, _core
from dicomblank.levels import core_rules
from dicomblank.reading import Reading
from dicomblank.validate import _difference, leak, overlooked, second_opinion
from dicomblank.view import View
from elements import (
    BIG,
    EXPLICIT,
    IMPLICIT,
    ITEM,
    PIXELS,
    PREAMBLE,
    UNDEFINED,
    Syntax,
    meta,
    transfer_syntax,
)
from samples import all_files, damaged_ct

NAME = 0x0010_0010
SEX = 0x0010_0040
CONTENT = 0x0040_A730
PRIVATE = 0x0009_1001
SECRET = b"Mustermann^Erika"


explicit, item = EXPLICIT.element, EXPLICIT.item
big, big_item = BIG.element, BIG.item


def implicit(tag: int, value: bytes, length: int | None = None) -> bytes:
    return IMPLICIT.element(tag, "", value, length)


def open_item(*elements: bytes) -> bytes:
    return EXPLICIT.item(*elements, is_defined=False)


def in_syntax(syntax: Syntax, *elements: bytes) -> bytes:
    """A file that states the syntax and its own length, and no more."""
    return PREAMBLE + meta(transfer_syntax(syntax.uid)) + b"".join(elements)


def in_explicit(*elements: bytes) -> bytes:
    return in_syntax(EXPLICIT, *elements)


def in_implicit(*elements: bytes) -> bytes:
    return in_syntax(IMPLICIT, *elements)


def in_big(*elements: bytes) -> bytes:
    return in_syntax(BIG, *elements)


SOP = explicit(0x0008_0016, "UI", b"1.2.840.10008.5.1.4.1.1.4\0")
SOP_IMPLICIT = implicit(0x0008_0016, b"1.2.840.10008.5.1.4.1.1.4\0")


# Plans, by hand.


@dataclass
class ByHand:
    """An edit, as far as the second opinion looks at it."""

    tag_path: str
    start: int
    length: int
    vr: str = "PN"
    action: str = "blank"


def at(data: bytes, path: str, value: bytes = SECRET, vr: str = "PN", skip: int = 0) -> ByHand:
    """The edit of a value that is in the data once, or more often with the first `skip` passed over."""
    start = -1
    for _ in range(skip + 1):
        start = data.index(value, start + 1)
    return ByHand(path, start, len(value), vr)


def opinion(tmp_path: Path, data: bytes, edits: list[ByHand], rules: Rules) -> str | None:
    path = tmp_path / "file"
    path.write_bytes(data)
    reason = second_opinion(str(path), edits, core_rules(rules))  # type: ignore[arg-type]
    assert path.read_bytes() == data
    assert reason is None or "Mustermann" not in reason
    return reason


TOP = in_explicit(SOP, explicit(NAME, "PN", SECRET), explicit(SEX, "CS", b"F "))
DEFINED = in_explicit(
    SOP, explicit(CONTENT, "SQ", item(explicit(SEX, "CS", b"F ")) + item(explicit(NAME, "PN", SECRET)))
)
OPEN = in_explicit(SOP, EXPLICIT.sequence(CONTENT, open_item(explicit(NAME, "PN", SECRET)), is_defined=False))
DEEP = in_explicit(
    SOP,
    explicit(
        CONTENT, "SQ", item(EXPLICIT.sequence(CONTENT, open_item(explicit(NAME, "PN", SECRET)), is_defined=False))
    ),
)
DEEPER = in_implicit(
    SOP_IMPLICIT,
    IMPLICIT.undefined(
        CONTENT, "", open_item(implicit(CONTENT, item(implicit(CONTENT, item(implicit(NAME, SECRET))))))
    ),
)
TWICE = in_explicit(SOP, explicit(NAME, "PN", SECRET), explicit(NAME, "PN", SECRET[::-1]))
SEQUENCE_TWICE = in_explicit(
    SOP,
    explicit(CONTENT, "SQ", item() + item(explicit(NAME, "PN", SECRET))),
    explicit(CONTENT, "SQ", item(explicit(SEX, "CS", b"F "))),
)
TWICE_INSIDE = in_explicit(
    SOP, explicit(CONTENT, "SQ", item(explicit(NAME, "PN", SECRET), explicit(NAME, "PN", SECRET[::-1])))
)
LONG_SQ = in_explicit(
    SOP, explicit(CONTENT, "SQ", item(explicit(PRIVATE, "OB", bytes(70_000)), explicit(NAME, "PN", SECRET)))
)
IN_BIG = in_big(
    big(0x0008_0016, "UI", b"1.2.840.10008.5.1.4.1.1.4\0"),
    big(CONTENT, "SQ", big_item(big(NAME, "PN", SECRET))),
)
IN_BIG_UN = in_big(
    big(0x0008_0016, "UI", b"1.2.840.10008.5.1.4.1.1.4\0"),
    big(NAME, "UN", big_item(big(SEX, "CS", SECRET))),
)
BIG_ICON = in_big(
    big(0x0008_0016, "UI", b"1.2.840.10008.5.1.4.1.1.4\0"),
    big(
        0x0088_0200,
        "SQ",
        big_item(BIG.fragments(b"", SECRET)),
    ),
)
IN_UNKNOWN = in_explicit(SOP, explicit(0x0040_FFF0, "OB", item(implicit(NAME, SECRET))))
IN_WRONG_VR = in_explicit(SOP, explicit(CONTENT, "OB", item(implicit(NAME, SECRET))))
CHOKES = in_explicit(SOP, explicit(PRIVATE, "UN", b"\xfe\xff\x00\xe0\1\0"))
NOT_ITEMS = in_explicit(SOP, explicit(PRIVATE, "UN", item(implicit(SEX, b"F ")) + SECRET))
PRIVATE_OPEN = in_explicit(SOP, EXPLICIT.sequence(PRIVATE, open_item(explicit(NAME, "PN", SECRET)), is_defined=False))
IN_PRIVATE = in_explicit(SOP, explicit(PRIVATE, "OB", item(implicit(NAME, SECRET))))
IN_PRIVATE_SQ = in_explicit(SOP, explicit(PRIVATE, "SQ", item(explicit(NAME, "PN", SECRET))))
IN_UN = in_explicit(SOP, explicit(0x0040_FFF0, "UN", item(implicit(NAME, SECRET))))
IN_UN_SQ = in_explicit(SOP, explicit(CONTENT, "UN", item(implicit(NAME, SECRET))))
IN_OPEN_UN = in_explicit(SOP, EXPLICIT.undefined(CONTENT, "UN", open_item(implicit(NAME, SECRET))))
TARGET_IS_UN = in_explicit(SOP, explicit(NAME, "UN", item(implicit(SEX, SECRET))))
BEHIND_PIXELS = in_explicit(SOP, explicit(PIXELS, "OW", bytes(100_000)), explicit(0xFFFC_FFFC, "OB", SECRET))
# pydicom knows (0071,xx18) of this creator to be a sequence: as long as the creator is there.
CREATOR = b"AGFA-AG_HPState "
KNOWN_PRIVATE = in_implicit(
    SOP_IMPLICIT,
    implicit(0x0071_0010, CREATOR),
    implicit(0x0071_1018, item(implicit(NAME, SECRET))),
)
KEPT = in_explicit(
    SOP,
    explicit(
        CONTENT,
        "SQ",
        item(explicit(0x0008_1115, "SQ", item(explicit(NAME, "PN", SECRET), explicit(SEX, "CS", b"F ")))),
    ),
)
GROUP_LENGTH = in_explicit(
    SOP, explicit(CONTENT, "SQ", item(explicit(0x0010_0000, "UL", b"\x18\0\0\0"), explicit(NAME, "PN", SECRET)))
)
ICON = in_explicit(
    SOP,
    explicit(
        0x0088_0200,
        "SQ",
        item(EXPLICIT.fragments(b"", SECRET), explicit(0x0028_0010, "US", b"\1\0")),
    ),
)

BASIC = Level.ANONYMIZE.rules
SEQUENCE = Rules([CONTENT])
PATH = "(0040,A730)[0].(0010,0010)"

AGREED: dict[str, tuple[bytes, list[ByHand], Rules]] = {
    "at the top": (TOP, [at(TOP, "(0010,0010)")], BASIC),
    "nothing to blank": (TOP, [], Level.ORIGINAL.rules),
    "in a sequence of defined length": (DEFINED, [at(DEFINED, "(0040,A730)[1].(0010,0010)")], BASIC),
    "in a sequence of undefined length": (OPEN, [at(OPEN, PATH)], BASIC),
    "undefined in defined length": (DEEP, [at(DEEP, f"(0040,A730)[0].{PATH}")], BASIC),
    "defined in undefined length": (DEEPER, [at(DEEPER, f"(0040,A730)[0].(0040,A730)[0].{PATH}")], BASIC),
    "duplicates": (TWICE, [at(TWICE, "(0010,0010)"), at(TWICE, "(0010,0010)", SECRET[::-1])], BASIC),
    "duplicate sequences": (SEQUENCE_TWICE, [at(SEQUENCE_TWICE, "(0040,A730)[1].(0010,0010)")], BASIC),
    "duplicates in an item": (TWICE_INSIDE, [at(TWICE_INSIDE, PATH), at(TWICE_INSIDE, PATH, SECRET[::-1])], BASIC),
    "in a long sequence": (LONG_SQ, [at(LONG_SQ, PATH)], BASIC),
    "in big endian": (IN_BIG, [at(IN_BIG, PATH)], BASIC),
    "a target of UN in big endian": (
        IN_BIG_UN,
        [at(IN_BIG_UN, "(0010,0010)", big_item(big(SEX, "CS", SECRET)), "UN")],
        BASIC,
    ),
    "fragments in big endian": (
        BIG_ICON,
        [at(BIG_ICON, "(0088,0200)[0].(7FE0,0010)[1].(FFFE,E000)", vr="OB")],
        Rules([0x0088_0200]),
    ),
    "inside an unknown value that is not UN": (IN_UNKNOWN, [at(IN_UNKNOWN, "(0040,FFF0)[0].(0010,0010)")], BASIC),
    "inside a sequence of wrong VR": (IN_WRONG_VR, [at(IN_WRONG_VR, PATH)], BASIC),
    "a target that begins like an item": (
        CHOKES,
        [at(CHOKES, "(0009,1001)", b"\xfe\xff\x00\xe0\1\0", "UN")],
        Rules([PRIVATE]),
    ),
    "a target that begins with an item": (
        NOT_ITEMS,
        [at(NOT_ITEMS, "(0009,1001)", item(implicit(SEX, b"F ")) + SECRET, "UN")],
        Rules([PRIVATE]),
    ),
    "inside a private value": (IN_PRIVATE, [at(IN_PRIVATE, "(0009,1001)[0].(0010,0010)")], BASIC),
    "inside a private sequence": (IN_PRIVATE_SQ, [at(IN_PRIVATE_SQ, "(0009,1001)[0].(0010,0010)")], BASIC),
    "inside an unknown value": (IN_UN, [at(IN_UN, "(0040,FFF0)[0].(0010,0010)")], BASIC),
    "inside UN that is a sequence": (IN_UN_SQ, [at(IN_UN_SQ, PATH)], BASIC),
    "inside UN of undefined length": (IN_OPEN_UN, [at(IN_OPEN_UN, PATH)], BASIC),
    "a target of UN that is a sequence": (
        TARGET_IS_UN,
        [at(TARGET_IS_UN, "(0010,0010)", item(implicit(SEX, SECRET)), "UN")],
        BASIC,
    ),
    "a target behind the pixels": (
        BEHIND_PIXELS,
        [at(BEHIND_PIXELS, "(FFFC,FFFC)", vr="OB")],
        Rules([0xFFFC_FFFC]),
    ),
    "a blanked sequence": (
        DEFINED,
        [at(DEFINED, "(0040,A730)[0].(0010,0040)", b"F ", "CS"), at(DEFINED, "(0040,A730)[1].(0010,0010)")],
        SEQUENCE,
    ),
    "kept in a blanked sequence": (DEFINED, [at(DEFINED, "(0040,A730)[1].(0010,0010)")], SEQUENCE.keep(SEX)),
    "a sequence kept in a blanked sequence": (
        KEPT,
        [at(KEPT, "(0040,A730)[0].(0008,1115)[0].(0010,0010)")],
        SEQUENCE.keep(0x0008_1115).blank(NAME),
    ),
    "a group length in a blanked sequence": (GROUP_LENGTH, [at(GROUP_LENGTH, PATH)], SEQUENCE),
    "fragments in a blanked sequence": (
        ICON,
        [
            at(ICON, "(0088,0200)[0].(7FE0,0010)[1].(FFFE,E000)", vr="OB"),
            at(ICON, "(0088,0200)[0].(0028,0010)", b"\1\0", "US"),
        ],
        Rules([0x0088_0200]),
    ),
    "a private creator": (
        KNOWN_PRIVATE,
        [at(KNOWN_PRIVATE, "(0071,0010)", CREATOR, "UN"), at(KNOWN_PRIVATE, "(0071,1018)[0].(0010,0010)")],
        BASIC.blank(0x0071_0010),
    ),
    "file meta without a data set": (in_explicit(), [], BASIC),
}


@pytest.mark.parametrize("row", AGREED)
def test_a_right_plan_is_agreed_with(tmp_path: Path, row: str) -> None:
    assert opinion(tmp_path, *AGREED[row]) is None


HALF = ByHand("(0010,0010)", TOP.index(SECRET), 8)
NO_DELIMITER = in_explicit(explicit(NAME, "PN", SECRET), explicit(PIXELS, "OB", item() + item(b"\1\2\3\4"), UNDEFINED))
NOT_CLOSED = in_explicit(SOP, explicit(CONTENT, "SQ", implicit(ITEM, explicit(SEX, "CS", b"F "), UNDEFINED), UNDEFINED))

REFUSED: dict[str, tuple[bytes, list[ByHand], Rules, str]] = {
    "a target is missing": (TOP, [], BASIC, f"not planned: (0010,0010) at {TOP.index(SECRET):#x}"),
    "half a target is missing": (TOP, [HALF], BASIC, f"longer value than dicomblank in (0010,0010) at {HALF.start:#x}"),
    "a nested target is missing": (DEEPER, [], BASIC, f"not planned: (0040,A730)[0].(0040,A730)[0].{PATH} at"),
    "the last of duplicates is missing": (TWICE, [at(TWICE, "(0010,0010)")], BASIC, "not planned: (0010,0010) at"),
    "a target in a private sequence is missing": (IN_PRIVATE_SQ, [], BASIC, "not planned: (0009,1001)[0].(0010,0010)"),
    "a target in a private sequence that pydicom knows is missing": (
        KNOWN_PRIVATE,
        [],
        BASIC,
        "not planned: (0071,1018)[0].(0010,0010)",
    ),
    "a target in a UN sequence is missing": (IN_UN_SQ, [], BASIC, f"not planned: {PATH}"),
    "a target behind the pixels is missing": (BEHIND_PIXELS, [], Rules([0xFFFC_FFFC]), "not planned: (FFFC,FFFC)"),
    "a leaf of a blanked sequence is missing": (
        DEFINED,
        [at(DEFINED, "(0040,A730)[1].(0010,0010)")],
        SEQUENCE,
        "not planned: (0040,A730)[0].(0010,0040)",
    ),
    "a listed tag below a kept sequence is missing": (
        DEEP,
        [],
        BASIC.keep(CONTENT),
        f"not planned: (0040,A730)[0].{PATH}",
    ),
    "a fragment of a blanked sequence is missing": (
        ICON,
        [at(ICON, "(0088,0200)[0].(0028,0010)", b"\1\0", "US")],
        Rules([0x0088_0200]),
        "not planned: (0088,0200)[0].(7FE0,0010)",
    ),
    "an edit too many": (
        TOP,
        [at(TOP, "(0010,0010)"), at(TOP, "(0010,0040)", b"F ", "CS")],
        BASIC,
        "does not see what is planned: (0010,0040) at",
    ),
    "an edit on another value, where a later element is seen": (
        TOP,
        [ByHand("(0010,0010)", TOP.index(b"1.2.840.10008.5"), 16), at(TOP, "(0010,0010)")],
        BASIC,
        "does not see what is planned: (0010,0010) at",
    ),
    "an edit behind an element that is seen": (
        TOP + b"\1\2\3\4",
        [at(TOP, "(0010,0010)"), ByHand("(0010,0010)", len(TOP), 4)],
        BASIC,
        "does not see what is planned: (0010,0010) at",
    ),
    "an edit on the header of an element": (
        TOP,
        [at(TOP, "(0010,0010)"), ByHand("(0010,0040)", TOP.index(SECRET) + len(SECRET), 8)],
        BASIC,
        "does not see what is planned: (0010,0040) at",
    ),
    "an edit in the file meta": (
        TOP,
        [ByHand("(0002,0010)", 150, 4, "UI"), at(TOP, "(0010,0010)")],
        BASIC,
        "does not see what is planned: (0002,0010) at 0x96",
    ),
    "an edit longer than its value": (
        TOP,
        [ByHand("(0010,0010)", TOP.index(SECRET), len(SECRET) + 2)],
        BASIC,
        "does not see what is planned: (0010,0010) at",
    ),
    "an edit on an item of a private sequence": (
        IN_PRIVATE_SQ,
        [
            at(IN_PRIVATE_SQ, "(0009,1001)[0].(0010,0010)"),
            ByHand("(0009,1001)[0].(0010,0010)", IN_PRIVATE_SQ.index(SECRET) - 8, 8),
        ],
        BASIC,
        "after the edits",
    ),
    "fragments without a delimiter": (
        NO_DELIMITER,
        [at(NO_DELIMITER, "(0010,0010)")],
        BASIC,
        "pydicom sees no data set",
    ),
    "nothing to blank, and no reading either": (NO_DELIMITER, [], Level.ORIGINAL.rules, "pydicom sees no data set"),
    "an empty file": (b"", [], BASIC, "pydicom sees no data set"),
    "a sequence that is not closed": (NOT_CLOSED, [], BASIC, "pydicom can't read the header: OSError"),
}


@pytest.mark.parametrize("row", REFUSED)
def test_a_wrong_plan_is_refused(tmp_path: Path, row: str) -> None:
    data, edits, rules, words = REFUSED[row]
    reason = opinion(tmp_path, data, edits, rules)
    assert reason is not None
    assert words in reason


def test_pydicom_need_not_see_what_is_private(tmp_path: Path) -> None:
    edits = [at(PRIVATE_OPEN, "(0009,1001)[0].(0010,0010)")]
    unseen = ByHand("(0009,1001)[0].(0009,1002)", PRIVATE_OPEN.index(SECRET), 4, "UN")
    assert opinion(tmp_path, PRIVATE_OPEN, [unseen], Rules([0x0009_1002])) is None
    assert opinion(tmp_path, PRIVATE_OPEN, edits, BASIC) is None


@pytest.mark.parametrize(
    ("before", "after", "edits", "words"),
    [
        (b"same", b"same", [], None),
        (b"same", b"sane", [(2, 1)], None),
        (b"same", b"came", [(2, 1)], "otherwise after the edits: (0009,1001)"),
        (b"same", b"sane", [], "otherwise after the edits: (0009,1001)"),
        (b"same", b"cane", [(0, 1), (2, 1)], None),
        (b"same", b"cant", [(0, 1), (2, 1)], "otherwise after the edits: (0009,1001)"),
        (b"same", b"    ", [(-9, 99)], None),
        (b"same", b"samewise", [], "otherwise after the edits: (0009,1001)"),
        (b"same", b"same" + explicit(0x0009_1002, "UN", b"more"), [], "another number of elements after the edits"),
        (b"same" + explicit(0x0009_1002, "UN", b"more"), b"same", [], "another number of elements after the edits"),
    ],
)
def test_an_opaque_value_is_equal_outside_the_edits(
    before: bytes, after: bytes, edits: list[tuple[int, int]], words: str | None
) -> None:
    def reading(value: bytes) -> Reading:
        own = value[:8] if value == b"samewise" else value[:4]
        data = in_explicit(SOP, explicit(PRIVATE, "UN", own), value[len(own) :])
        return Reading(View(io.BytesIO(data), len(data)), core_rules(BASIC))

    start = len(in_explicit(SOP, explicit(PRIVATE, "UN", b"")))
    spans = [ByHand("(0009,1001)", start + offset, length) for offset, length in edits]
    reason = _difference(reading(before), reading(after), spans)  # type: ignore[arg-type]
    assert reason is words is None or (reason is not None and words is not None and words in reason)


def test_a_view_makes_no_room_for_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(TOP)
    tracemalloc.start()
    try:
        with (tmp_path / "file").open("rb") as file:
            assert View(file, len(TOP)).read(0xFFFF_FFFE) == TOP
        assert tracemalloc.get_traced_memory()[1] < 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 16, 1000])
def test_a_view_reads_as_the_edits_will_leave_it(chunk: int) -> None:
    data = bytes(range(1, 101))
    spans = [(0, 1, "PN"), (5, 10, "PN"), (15, 1, "OB"), (40, 33, "UI"), (99, 1, "PN")]
    edits = [ByHand("", start, length, vr) for start, length, vr in spans]
    expected = bytearray(data)
    for start, length, vr in spans:
        expected[start : start + length] = (b" " if vr == "PN" else b"\0") * length
    view = View(io.BytesIO(data), len(data), edits)  # type: ignore[arg-type]
    assert b"".join(iter(lambda: view.read(chunk), b"")) == expected
    view.seek(3)
    assert view.read(1000) == expected[3:]
    assert view.at(41, 3) == expected[41:44]


def test_nothing_of_pydicoms_is_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It quotes an unknown character set in a warning, and in its log."""
    data = in_explicit(explicit(0x0008_0005, "CS", b"Mustermann"), SOP)
    shown = list(warnings.filters)
    with warnings.catch_warnings(record=True) as caught, caplog.at_level(logging.DEBUG):
        warnings.simplefilter("always")
        assert opinion(tmp_path, data, [], BASIC) is None
    assert not caught
    assert not caplog.text
    assert warnings.filters == shown
    assert not logging.getLogger("pydicom").disabled


def test_pixel_data_is_not_loaded(tmp_path: Path) -> None:
    size = 1 << 30
    head = in_explicit(SOP, explicit(NAME, "PN", SECRET), explicit(PIXELS, "OW", b"", size))
    path = tmp_path / "large.dcm"
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + size)
    tracemalloc.start()
    try:
        assert second_opinion(str(path), [at(head, "(0010,0010)")], core_rules(BASIC)) is None  # type: ignore[list-item]
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_nesting_that_is_too_deep_for_pydicom_is_refused(tmp_path: Path) -> None:
    """In a worker's thread too, whose stack is smaller."""
    nested = explicit(NAME, "PN", SECRET)
    for _ in range(380):
        nested = EXPLICIT.sequence(CONTENT, open_item(nested), is_defined=False)
    path = tmp_path / "deep.dcm"
    path.write_bytes(in_explicit(SOP, nested))
    with pytest.raises(dicomblank.ValidationError, match="pydicom can't read the header: RecursionError"):
        dicomblank.anonymize_in_place(path, validate=Validate.ALL)
    assert dicomblank.anonymize_in_place(path).anonymized == 1


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    reason = second_opinion(str(tmp_path / "missing"), [], core_rules(BASIC))
    assert reason == "pydicom can't read the header: FileNotFoundError"


# What is left, for verify.


def blanked(data: bytes, edits: list[ByHand]) -> bytes:
    after = bytearray(data)
    for edit in edits:
        after[edit.start : edit.start + edit.length] = (b" " if edit.vr in {"PN", "CS", "LO"} else b"\0") * edit.length
    return bytes(after)


@pytest.mark.parametrize("row", [row for row in AGREED if AGREED[row][1]])
def test_what_is_left_is_a_leak(tmp_path: Path, row: str) -> None:
    data, edits, rules = AGREED[row]
    path = tmp_path / "file"
    path.write_bytes(blanked(data, edits))
    assert leak(str(path), core_rules(rules)) is None
    path.write_bytes(data)
    found = leak(str(path), core_rules(rules))
    hidden = {
        "duplicate sequences",
        "inside a private value",
        "inside a sequence of wrong VR",
        "inside an unknown value that is not UN",
        "inside an unknown value",
    }
    if row in hidden:  # from pydicom: the core's own reading is there for these
        assert found is None
    else:
        assert found is not None
        assert found[0] == "leak"
        assert "Mustermann" not in found[1]


@pytest.mark.parametrize("data", [NO_DELIMITER, NOT_CLOSED, b""], ids=["no delimiter", "not closed", "empty"])
def test_what_pydicom_can_not_read_is_unreadable(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    found = leak(str(path), core_rules(BASIC))
    assert found is not None
    assert found[0] == "unreadable"


def unknown_vr(value: bytes) -> bytes:
    """A name of VR "??", which pydicom takes for the upper half of a length in implicit VR."""
    name = explicit(NAME, "??", value)
    return in_explicit(SOP, name, explicit(SEX, "CS", b"F "), explicit(PIXELS, "OW", b"\1" * 64))


BLANK = b" " * len(SECRET)
NAME_AT = unknown_vr(SECRET).index(SECRET)


@pytest.mark.parametrize(
    ("value", "edits", "verdict"),
    [
        (BLANK, [(NAME_AT, 16)], "differs"),
        (BLANK, [(NAME_AT - 8, 4), (NAME_AT, 16)], "differs"),
        (SECRET, [(NAME_AT, 16)], "leak"),  # it is there: that pydicom reads more is not all
        (BLANK, [], "leak"),
        (BLANK, [(NAME_AT + 1, 15)], "leak"),
        (BLANK, [(NAME_AT, 32)], "leak"),  # what stands behind is the core's to blank as well
    ],
)
def test_a_longer_value_is_no_leak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: bytes, edits: list[tuple[int, int]], verdict: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(unknown_vr(value))
    plan = [ByHand("(0010,0010)", start, length) for start, length in edits]
    monkeypatch.setattr(_core, "plan_file", lambda _path, _rules: plan)
    found = leak(str(path), core_rules(BASIC))
    assert found is not None
    assert found[0] == verdict
    assert ("longer value than dicomblank in (0010,0010) at" in found[1]) is (verdict == "differs")


def test_a_longer_value_is_refused(tmp_path: Path) -> None:
    reason = opinion(tmp_path, unknown_vr(SECRET), [ByHand("(0010,0010)", NAME_AT, 16)], BASIC)
    assert reason is not None
    assert f"pydicom reads a longer value than dicomblank in (0010,0010) at {NAME_AT:#x}" in reason


# What the core takes for no DICOM.

BARE = implicit(0x0009_0010, b"SOMEBODY") + implicit(PRIVATE, b"\1\2") + implicit(NAME, SECRET)


@pytest.mark.parametrize(
    ("data", "is_seen"),
    [
        (BARE, True),
        (BARE.replace(SECRET, b" " * len(SECRET)), False),
        (implicit(0x0009_0010, b"SOMEBODY") + implicit(SEX, b"F "), False),
        (b"nothing medical\n" * 100, False),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, False),
        (bytes(4000), False),
        (b"", False),
    ],
)
def test_what_the_core_overlooks(tmp_path: Path, data: bytes, is_seen: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    reason = overlooked(str(path), core_rules(BASIC))
    assert reason == (
        f"dicomblank finds no DICOM, but pydicom sees a value in (0010,0010) at {0x1A + 8:#x}" if is_seen else None
    )
    assert overlooked(str(tmp_path / "missing"), core_rules(BASIC)) is None


@pytest.mark.parametrize("has_output", [False, True])
def test_what_the_core_overlooks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_output: bool) -> None:
    """pydicom's words are made up here: the core itself may come to refuse such a file."""
    source, output = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in ("a", "b"):
        (source / name).write_text(f"nothing medical in {name}")
    (source / "ct").write_bytes(TOP)
    sees = {str(source / "a"): "pydicom sees a value"}
    monkeypatch.setattr("dicomblank.validate.overlooked", lambda path, _rules, _stop: sees.get(path))
    rows = {}

    def keep(row: dicomblank.Row) -> None:
        rows[row.path] = (row.outcome, row.error)

    if has_output:
        dicomblank.anonymize_copy(source, output, validate=Validate.ALL, on_error=OnError.COLLECT, report=keep)
    else:
        dicomblank.anonymize_in_place(source, validate=Validate.ALL, on_error=OnError.COLLECT, report=keep)
    assert rows == {
        "a": ("refused", "pydicom sees a value"),
        "b": ("not-dicom", None),
        "ct": ("anonymized", None),
    }


# What pydicom may cost.


STEPS: dict[str, bytes] = {
    "at the top": in_explicit(SOP, *(explicit(0x0029_1000 + number, "LO", b"a ") for number in range(256))),
    "in a long value": in_explicit(SOP, explicit(CONTENT, "SQ", item() * 20_000)),
    "in a short value": in_explicit(SOP, explicit(CONTENT, "SQ", item() * 1000)),
    "in a value of undefined length": in_explicit(SOP, EXPLICIT.sequence(CONTENT, item() * 1000, is_defined=False)),
    "in a try": in_explicit(SOP, explicit(0x0071_0010, "LO", CREATOR), explicit(0x0071_1018, "UN", item() * 20_000)),
}


@pytest.mark.parametrize("row", STEPS)
def test_pydicom_takes_no_more_steps_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(STEPS[row])
    rules = core_rules(Rules([PRIVATE]))
    found = leak(str(path), rules)
    assert found is None or found[0] == "leak"
    monkeypatch.setattr("dicomblank.view.STEPS", 500)
    found = leak(str(path), rules)
    assert found is not None
    assert found[0] == "unreadable"
    # pydicom makes it another error in a sequence of undefined length.
    assert "than 500 steps" in found[1] or "OSError" in found[1]


# Deep paths.


@pytest.mark.parametrize("depth", [15, 16, 40])
def test_a_duplicate_at_any_depth_is_agreed_with(tmp_path: Path, depth: int) -> None:
    """Of two, pydicom shows the last one: the plan's path, whole, says that the first is its duplicate."""
    nested = explicit(NAME, "PN", SECRET) + explicit(NAME, "PN", SECRET[::-1])
    for _ in range(depth):
        nested = EXPLICIT.sequence(CONTENT, open_item(nested), is_defined=False)
    path = tmp_path / "file"
    path.write_bytes(in_explicit(SOP, nested))
    assert dicomblank.anonymize_in_place(path, validate=Validate.ALL).edits == 2
    whole = "(0040,A730)[0]." * depth + "(0010,0010)"
    assert [edit.tag_path for edit in dicomblank.plan(path)] == [whole, whole]


# The core's plans.

KEY = dicomblank.Key(bytes(range(32)))
RULES: dict[str, Rules] = {level.value: level.rules for level in Level} | {
    "sequences": Level.ANONYMIZE.rules.blank(
        "ReferencedStudySequence", "OtherPatientIDsSequence", "ContentSequence", "ROIContourSequence"
    ),
    "sequences but for": Rules(
        ["ContentSequence", "ROIContourSequence", "BeamSequence"], ["ContourData", "ConceptNameCodeSequence"]
    ),
}


@pytest.mark.parametrize("rules", RULES)
def test_pydicom_agrees_with_the_core_on_every_file(rules: str) -> None:
    core = core_rules(RULES[rules])
    opinions = {}
    for path in all_files():
        try:
            plan = _core.plan_file(path, core)
        except dicomblank.Error:
            continue
        opinions[path.name] = second_opinion(str(path), plan, core, key=KEY if core.need_key else None)
    assert len(opinions) > 150
    assert {name: reason for name, reason in opinions.items() if reason is not None} == {}


@pytest.mark.parametrize("row", AGREED)
def test_the_core_plans_what_was_planned_by_hand(row: str) -> None:
    data, edits, rules = AGREED[row]
    plan = dicomblank.plan(data, rules)
    assert [(edit.tag_path, edit.start, edit.length, edit.vr) for edit in plan] == [
        (edit.tag_path, edit.start, edit.length, edit.vr) for edit in edits
    ]


def test_the_core_refuses_what_pydicom_guesses_past(tmp_path: Path, ct: Path) -> None:
    """Two elements and no patient: what pydicom swallows is invisible to it, so it never rewrites."""
    ct.write_bytes(damaged_ct())
    assert leak(str(ct), core_rules(BASIC)) is None
    with pytest.raises(dicomblank.ParseError):
        dicomblank.anonymize_in_place(ct)
