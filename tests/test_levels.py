"""The levels, and the rules made from them."""

from __future__ import annotations

import pickle
import re

import pytest
from pydicom.tag import Tag

from dicomblank import Level, Rules, _core
from dicomblank.levels import ANONYMIZE, ANONYMIZE_FULL, core_rules
from dicomblank.notice import LEFT_BY_ANONYMIZE
from dicomblank.tags import spell, written
from samples import BASIC_TAGS, FULL_TAGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dicomblank.tags import Tags

COMMENTS = 0x0010_4000


@pytest.mark.parametrize(
    ("level", "string", "tags"),
    [
        (Level.ORIGINAL, "original", []),
        (Level.ANONYMIZE, "anonymize", BASIC_TAGS),
        (Level.ANONYMIZE_FULL, "anonymize-full", FULL_TAGS),
    ],
)
def test_a_level_blanks_its_tags_and_no_other(level: Level, string: str, tags: list[int]) -> None:
    assert level.rules.blanked == tuple(sorted(tags))
    assert level.rules.kept == ()
    assert Level(string) is level
    assert core_rules(string) == core_rules(level) == core_rules(level.rules)


def test_there_are_five_levels() -> None:
    assert [level.value for level in Level] == ["original", "anonymize", "anonymize-full", "pseudonymize", "basic"]


@pytest.mark.parametrize("row", ANONYMIZE_FULL, ids=lambda row: row[0])
def test_a_row_says_what_the_dictionary_says_and_cites_its_source(row: tuple[str, int, str, str]) -> None:
    keyword, tag, vr, source = row
    assert FULL_TAGS[tag] == (keyword, vr)
    assert (_core.keyword_of(tag), _core.vr_of(tag)) == (keyword, vr)
    assert source == "https://docs.neuroinfodb.org/nidb/specifications/dicom-anonymization"


def test_full_begins_with_the_five() -> None:
    assert ANONYMIZE_FULL[:5] == ANONYMIZE
    assert len(ANONYMIZE_FULL) == 19


@pytest.mark.parametrize(
    "tag",
    [
        "PatientComments",
        "patientcomments",
        "PATIENTCOMMENTS",
        " PatientComments ",
        "(0010,4000)",
        "( 0010 , 4000 )",
        "(0010, 4000)",
        "0010,4000",
        "0010, 4000",
        "00104000",
        "0x00104000",
        "0X00104000",
        0x0010_4000,
        Tag("PatientComments"),
        Tag(0x10, 0x4000),
    ],
    ids=repr,
)
def test_a_tag_can_be_written_as(tag: str | int) -> None:
    (number,) = written(tag)
    assert type(number) is int
    assert number == COMMENTS
    assert COMMENTS in Level.ANONYMIZE.rules.blank(tag).blanked
    assert Level.ANONYMIZE.rules.keep(tag).kept == (COMMENTS,)


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("PatientNam", ["'PatientNam'", "did you mean PatientName"]),
        ("0010", ["no tag '0010'"]),
        ("0010,PatientName", ["no tag '0010,PatientName'"]),
        ("0010,0020,0030", ["no tag '0030'"]),
        ("PatientID,", ["no tag ''"]),
        (",PatientID", ["no tag ''"]),
        ("PatientID,,PatientName", ["no tag ''"]),
        ("PatientID,PatientNam", ["no tag 'PatientNam'", "did you mean PatientName"]),
        ("(0010,4000", ["no tag '(0010,4000'"]),
        ("(0010,0020,0030)", ["no tag '(0010,0020,0030)'"]),
        ("(60xx,4001)", ["no repeating element (60xx,4001)"]),
        ("(6xxx,4000)", ["no repeating element (6xxx,4000)"]),
        ("(00xx,4000)", ["no repeating element (00xx,4000)"]),
        ("OverlayComment", ["did you mean OverlayComments"]),
        ("(7Fxx,0010)", ["(7Fxx,0010)", "pixel data"]),
        ('(0028,"ACME",10)', ["no private element"]),
        ('(0007,"ACME",10)', ["no private element"]),
        ('(0029,"",10)', ["a private element is group, creator, number"]),
        ('(00xx,"ACME",10)', ["a private element is group, creator, number"]),
        ('(0029,"ÅÄÖ",10)', ["no private element"]),
        ('(0029,"ACME",100)', ["no tag"]),
        ("(0002,0003)", ["(0002,0003)", "only the AE titles"]),
        ("patient comments", ["did you mean PatientComments"]),
        ("zzzzzzzz", ["no tag 'zzzzzzzz'"]),
        ("", ["no tag ''"]),
        ("0010_400", ["no tag '0010_400'"]),
        ("+0104000", ["no tag '+0104000'"]),
        ("0x104000", ["no tag '0x104000'"]),
        ("(0010-4000)", ["no tag '(0010-4000)'"]),
        ("0010,4000)", ["no tag '0010,4000)'"]),
        ("٠٠١٠٤٠٠٠", ["no tag"]),
        (0x0010_0011, ["no tag (0010,0011)", "(0010,0010) PatientName"]),
        ("(0010,0011)", ["no tag (0010,0011)", "(0010,0010) PatientName"]),
        (0x0010_4001, ["no tag (0010,4001)", "did you mean (0010,4000) PatientComments"]),
        (-1, ["32 bits"]),
        (1 << 32, ["32 bits"]),
        ("TransferSyntaxUID", ["(0002,0010)", "file meta"]),
        (0x0008_0000, ["(0008,0000)", "group length"]),
        (0x0009_0000, ["(0009,0000)", "group length"]),
        ("FFFEE000", ["(FFFE,E000)", "item"]),
        ("(FFFE,E0DD)", ["(FFFE,E0DD)", "delimiter"]),
        ("PixelData", ["(7FE0,0010)", "pixel data"]),
    ],
    ids=lambda value: repr(value)[:20] if not isinstance(value, list) else "",
)
def test_a_tag_that_is_no_rule_is_an_error_that_says_why(tag: str | int, words: list[str]) -> None:
    for change in (Level.ANONYMIZE.rules.blank, Level.ANONYMIZE.rules.keep):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (the words are below)
            change(tag)
        for word in words:
            assert word in str(caught.value)


@pytest.mark.parametrize("tag", ["", "zzzzzzzz", 0x5FFE_0000 + 0x10])
def test_nothing_is_suggested_where_nothing_is_near(tag: str | int) -> None:
    with pytest.raises(ValueError, match=r"^no tag .* in the DICOM dictionary$"):
        Rules([tag])


@pytest.mark.parametrize("tag", [None, True, 1.5, b"PatientName", (0x10, 0x10)])
def test_what_is_no_tag_at_all_is_a_type_error(tag: object) -> None:
    for make in (Level.ANONYMIZE.rules.blank, Level.ANONYMIZE.rules.keep, Rules):
        with pytest.raises(TypeError, match="a tag is a str or an int"):
            make(tag)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a tag is a str or an int"):
        Rules([tag])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("tags", "blanked"),
    [
        ("PatientID", (0x0010_0020,)),
        ("PatientID,StudyDate", (0x0008_0020, 0x0010_0020)),
        (0x0010_0020, (0x0010_0020,)),
        (Tag("PatientID"), (0x0010_0020,)),
        (["PatientID", "StudyDate"], (0x0008_0020, 0x0010_0020)),
        (("PatientID", 0x0008_0020), (0x0008_0020, 0x0010_0020)),
        ((0x0008_0020, 0x0010_0020), (0x0008_0020, 0x0010_0020)),
        ({"PatientID"}, (0x0010_0020,)),
        ([], ()),
        ((), ()),
    ],
    ids=repr,
)
def test_one_tag_or_several(tags: Tags, blanked: tuple[int, ...]) -> None:
    listed = tags if isinstance(tags, (str, int)) else list(tags)
    assert Rules(listed).blanked == Rules(keep=listed).kept == blanked
    assert Rules().blank(listed).blanked == Rules().keep(listed).kept == blanked
    more = Rules().blank(listed, "PatientComments", ["PatientSex"])
    assert more.blanked == (*blanked, 0x0010_0040, COMMENTS)


def test_tags_may_come_from_a_generator() -> None:
    assert Rules(name for name in ("PatientID", "StudyDate")).blanked == (0x0008_0020, 0x0010_0020)


@pytest.mark.parametrize("make", [Rules, Rules().blank, Rules().keep, lambda tag: Rules([tag])])
def test_a_pair_of_numbers_is_an_error_that_says_what_to_write(make: Callable[[object], Rules]) -> None:
    words = "a tag is a str or an int, not a tuple: write '(0010,0020)' or 0x00100020"
    with pytest.raises(TypeError, match=f"^{re.escape(words)}$"):
        make((0x0010, 0x0020))


@pytest.mark.parametrize("tag", [0x0009_1001, "(0029,1010)", "FFFD1001"])
def test_private_tags_need_no_dictionary(tag: str | int) -> None:
    assert Rules([tag]).blanked == tuple(written(tag))


OVERLAY = (0xFF00_FFFF, 0x6000_4000)
CSA = (0x0029, "SIEMENS CSA HEADER", 0x10)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("PatientID,PatientName,0010,0030", [0x0010_0020, 0x0010_0010, 0x0010_0030]),
        ("0010,0020,0010,0030", [0x0010_0020, 0x0010_0030]),
        ("00100020, 0x00100030 ,patientname", [0x0010_0020, 0x0010_0030, 0x0010_0010]),
        ("(0010,0020),0010,0030,(0010, 0010)", [0x0010_0020, 0x0010_0030, 0x0010_0010]),
        ("OverlayComments", [OVERLAY]),
        ("overlaycomments", [OVERLAY]),
        ("(60xx,4000)", [OVERLAY]),
        ("60XX,4000", [OVERLAY]),
        ("60xx4000", [OVERLAY]),
        ("(0020,31xx)", [(0xFFFF_FF00, 0x0020_3100)]),
        ("(0028,04x2)", [(0xFFFF_FF0F, 0x0028_0402)]),
        ("OverlayComments,PatientID", [OVERLAY, 0x0010_0020]),
        ('(0029,"SIEMENS CSA HEADER",10)', [CSA]),
        ('( 0029 , "SIEMENS CSA HEADER " , xx10 )', [CSA]),
        ('0029,"SIEMENS CSA HEADER",10', [CSA]),
        ("(0029,SIEMENS CSA HEADER,10)", [CSA]),  # as a shell leaves it
        ('PatientID,(0029,"A, B (C)",a),0010,0010', [0x0010_0020, (0x0029, "A, B (C)", 0x0A), 0x0010_0010]),
    ],
)
def test_a_text_may_list_several(text: str, about: list[object]) -> None:
    assert written(text) == about
    assert set(Rules([text])._native.blanked) == set(about)


def test_what_is_written_can_be_told_apart() -> None:
    """Four digits, with or without x, are half of a tag: no keyword may look so, and none differ in capitals alone."""
    keywords = [keyword for *_, keyword in _core.dictionary() + _core.repeaters() if keyword]
    assert not [word for word in keywords if len(word) in {4, 8} and not set(word.lower()) - set("0123456789abcdefx")]
    assert len({keyword.lower() for keyword in keywords}) == len(keywords)


@pytest.mark.parametrize("repeater", _core.repeaters(), ids=lambda repeater: repeater[3])
def test_every_repeating_element_has_both_forms(repeater: tuple[int, int, str, str]) -> None:
    mask, value, _, keyword = repeater
    assert written(keyword) == written(spell((mask, value))) == [(mask, value)]


def test_rules_show_what_is_no_one_tag() -> None:
    rules = Rules(["(60xx,4000),PatientName"], ['(0029,"SIEMENS CSA HEADER",10)'])
    assert rules.blanked == (0x0010_0010, "OverlayComments")
    assert rules.kept == ('(0029,"SIEMENS CSA HEADER",10)',)
    assert repr(rules) == """Rules(blank=['PatientName', 'OverlayComments'], keep=['(0029,"SIEMENS CSA HEADER",10)'])"""
    assert eval(repr(rules), {"Rules": Rules}) == rules  # noqa: S307 (our own)
    assert pickle.loads(pickle.dumps(rules)) == rules  # noqa: S301 (our own)
    assert hash(Rules(rules.blanked, rules.kept)) == hash(rules)
    assert rules.keep("OVERLAYCOMMENTS").kept == ("OverlayComments", *rules.kept)
    assert rules.keep("OVERLAYCOMMENTS").blanked == (0x0010_0010,)
    assert rules.blank('0029,"SIEMENS CSA HEADER",10').kept == ()
    assert len({rules, rules.blank("(60xx,4000)"), rules.keep("60xx,4000")}) == 2


@pytest.mark.parametrize(
    ("blank", "keep", "words"),
    [
        (["(60xx,4000)"], ["OverlayComments"], r"\(60xx,4000\) OverlayComments can't be both"),
        (['(0029,"A",10)'], ['0029,"A",10'], r"\(0029,\"A\",10\) can't be both"),
        (['(0029,"A",10)', "(0029,0010)"], [], r"\(0029,0010\) is a private creator"),
    ],
)
def test_what_can_not_stand_together(blank: list[str], keep: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Rules(blank, keep)


def test_machines_in_the_file_meta_information_are_all_of_it_that_can_be_blanked() -> None:
    """As the sentence on the others says."""
    listed = [tag for tag, _, _ in _core.dictionary() if tag >> 16 == 2]
    taken = []
    for tag in listed:
        try:
            Rules([tag])
        except ValueError as error:
            assert "file meta information" in str(error)  # noqa: PT017 (one row of many)
        else:
            taken.append(tag & 0xFFFF)
    assert taken == [0x16, 0x17, 0x18, 0x26, 0x27, 0x28, 0x100, 0x102]


def test_the_last_call_wins() -> None:
    start = Level.ANONYMIZE_FULL.rules
    date = 0x0008_0020
    kept = start.keep("StudyDate")
    assert date in kept.kept
    assert date not in kept.blanked
    again = kept.blank("StudyDate")
    assert date in again.blanked
    assert again.kept == ()
    assert again == start
    assert date in start.blanked  # a value: what it was made from has not changed


def test_several_tags_in_one_call() -> None:
    rules = Level.ORIGINAL.rules.blank("PatientComments", "PatientSex").keep("StudyDate", 0x0009_1001)
    assert rules.blanked == (0x0010_0040, COMMENTS)
    assert rules.kept == (0x0008_0020, 0x0009_1001)
    assert rules.blank() == rules.keep() == rules


def test_blanked_and_kept_at_once_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"\(0010,0010\) PatientName can't be both"):
        Rules(["PatientName"], ["(0010,0010)"])


def test_rules_are_values() -> None:
    rules = Level.ANONYMIZE.rules.blank("PatientComments").keep(0x0009_1001)
    same = Level.ANONYMIZE.rules.keep("00091001").blank(COMMENTS)
    assert rules == same
    assert len({rules, same, Level.ANONYMIZE.rules}) == 2
    assert rules != Level.ANONYMIZE.rules
    assert rules != "anonymize"
    assert pickle.loads(pickle.dumps(rules)) == rules  # noqa: S301 (our own)
    assert eval(repr(rules), {"Rules": Rules}) == rules  # noqa: S307 (our own)
    with pytest.raises(AttributeError, match="can't be changed"):
        rules.blanked = ()  # type: ignore[misc]
    with pytest.raises(AttributeError, match="can't be changed"):
        del rules._native


@pytest.mark.parametrize("level", [Level.ANONYMIZE, Level.ANONYMIZE_FULL])
def test_the_british_spelling_is_the_same_level(level: Level) -> None:
    british = level.value.replace("z", "s")
    assert Level(british) is level
    assert core_rules(british) == core_rules(level)


LEAVES = {
    "PatientID": ["PatientID"],
    "dates other than the birth date": ["StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"],
    "times": ["StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime"],
    "institution and station": ["InstitutionName", "InstitutionAddress", "StationName"],
    "descriptions": ["StudyDescription"],
    "weight": ["PatientWeight"],
    "UIDs": [],
}


def test_what_anonymize_leaves_is_what_full_blanks_in_addition() -> None:
    assert ", ".join(LEAVES) == LEFT_BY_ANONYMIZE.replace(" and UIDs", ", UIDs")
    named = {keyword for keywords in LEAVES.values() for keyword in keywords}
    assert named == {row[0] for row in ANONYMIZE_FULL[5:]}


def test_an_unknown_level_names_the_known() -> None:
    with pytest.raises(
        ValueError, match="no level 'full'; there are original, anonymize, anonymize-full, pseudonymize, basic"
    ):
        core_rules("full")
    with pytest.raises(ValueError, match=r"basic; did you mean anonymize-full\?$"):
        core_rules("anonymise_full")
    with pytest.raises(
        ValueError, match=r"^no level 3; there are original, anonymize, anonymize-full, pseudonymize, basic$"
    ):
        Level(3)
    with pytest.raises(TypeError, match="a level is a Level, its string or Rules, not int"):
        core_rules(3)  # type: ignore[arg-type]
