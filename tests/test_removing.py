"""Rules that remove: what can be removed, what the rules say of it, and that other rules stay what they are."""

from __future__ import annotations

import io
import pickle

import pytest
from pydicom import dcmread

import dicomblank
from dicomblank import Level, Rules
from dicomblank.additions import IMPLEMENTATION, VERSION_NAME
from samples import CT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pydicom.dataset import Dataset

RULES = Level.ANONYMIZE.rules.remove("InstitutionName", ["StationName"], "private", "(60xx,xxxx)")


def result(rules: Rules, data: bytes = CT.read_bytes()) -> Dataset:
    return dcmread(io.BytesIO(dicomblank.anonymize_bytes(data, rules)))


def test_what_is_removed_is_gone_and_what_is_blanked_is_there() -> None:
    before, after = dcmread(CT), result(RULES)
    assert {"InstitutionName", "StationName"} <= {element.keyword for element in before}
    gone = {element.tag for element in before} - {element.tag for element in after}
    assert gone == {
        element.tag
        for element in before
        if element.tag.is_private
        or (element.tag.group == 0x0008 and (element.keyword in {"InstitutionName", "StationName"}))
    }
    assert str(after.PatientName).strip() == ""
    assert after.PixelData == before.PixelData
    assert after.PatientID == before.PatientID


def test_the_head_is_written_anew_and_names_the_program() -> None:
    meta = result(RULES).file_meta
    assert (meta.ImplementationClassUID, meta.ImplementationVersionName) == (IMPLEMENTATION, VERSION_NAME)
    assert VERSION_NAME.endswith(dicomblank.__version__)
    assert "SourceApplicationEntityTitle" not in meta
    assert "PatientIdentityRemoved" not in result(RULES)


def test_rules_that_remove_are_values() -> None:
    assert RULES.removed == (0x0008_0080, 0x0008_1010, "(60xx,xxxx)", "private")
    assert RULES.rewrites
    assert not RULES.need_key
    assert not Level.ANONYMIZE.rules.rewrites
    same = Rules(Level.ANONYMIZE.rules.blanked, remove=["private", "StationName,InstitutionName", "60xxxxxx"])
    assert (same, hash(same)) == (RULES, hash(RULES))
    assert pickle.loads(pickle.dumps(RULES)) == RULES  # noqa: S301 (our own)
    assert eval(repr(RULES), {"Rules": Rules}) == RULES  # noqa: S307 (our own)
    assert Level.ANONYMIZE.rules != RULES
    assert RULES.keep(*RULES.removed) != Level.ANONYMIZE.rules
    assert not RULES.keep(*RULES.removed).rewrites
    assert ("(0008,1010)", "StationName", "SH", "removed") in RULES.told()
    assert RULES.told()[-2:] == [("(60xx,xxxx)", "", "", "removed"), ("private", "", "", "removed")]


def test_the_last_call_wins() -> None:
    rules = Rules("PatientID").remove("PatientID")
    assert (rules.blanked, rules.removed) == ((), (0x0010_0020,))
    assert rules.blank("PatientID") == Rules("PatientID")


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("PixelData", "pixel data"),
        ("(0002,0010)", "file meta"),
        ("(0008,0000)", "group length"),
        ("(FFFE,E000)", "item"),
        ("PatientNam", "did you mean PatientName"),
        ("(61xx,xxxx)", "no repeating element"),
    ],
)
def test_what_can_not_be_removed(tag: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Rules(remove=tag)


@pytest.mark.parametrize("word", ["pseudonymize", "shift", "set", "map"])
def test_private_elements_all_have_no_one_vr(word: str) -> None:
    becomes: dict[str, list[object]] = {"set": ["x"], "map": [{"a": "b"}]}
    with pytest.raises(ValueError, match="private elements"):
        getattr(Rules(), word)("private", *becomes.get(word, []))


def test_removed_and_kept_at_once_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"\(0010,0010\) PatientName can't be both kept and removed"):
        Rules(keep="PatientName", remove="(0010,0010)")
