"""The level `basic` as rules: their words, their name, what is added, and what other rules leave of the profile."""

from __future__ import annotations

import io
import itertools
import pickle
import subprocess
import sys

import pytest
from pydicom import dcmread

import dicomblank
from dicomblank import Level, Rules, _core
from dicomblank.additions import IMPLEMENTATION, VERSION_NAME
from dicomblank.basic import OPTIONS
from dicomblank.basic_rules import departing, options_in
from dicomblank.levels import core_rules, level_name, other_levels
from dicomblank.profile import ATTRIBUTES
from keyed import KEY, OTHER
from samples import CT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pydicom.dataset import Dataset

FULL, MODIFIED = "retain-longitudinal-full-dates", "retain-longitudinal-modified-dates"
OFFERED = list(OPTIONS)


def result(rules: Rules) -> Dataset:
    return dcmread(io.BytesIO(dicomblank.anonymize_bytes(CT.read_bytes(), rules, key=KEY)))


# what it is called


def test_the_level_is_the_profile_without_options() -> None:
    assert Level("basic") is Level.BASIC
    assert Level.BASIC.rules == Rules.basic()
    assert core_rules("basic") == core_rules(Level.BASIC) == core_rules(Rules.basic())
    assert (Level.BASIC.rules.level, level_name("basic"), level_name(Level.BASIC)) == ("basic",) * 3
    assert Rules.basic().need_key
    assert Rules.basic().rewrites


def test_options_are_a_part_of_the_name_in_their_order() -> None:
    one, other = (
        Rules.basic("retain-uids", "retain-device-identity"),
        Rules.basic("retain-device-identity", "retain-uids", "retain-uids"),
    )
    assert (one, hash(one), one.level) == (other, hash(other), other.level)
    assert one.level == "basic+retain-device-identity+retain-uids"
    assert options_in(one.level) == frozenset({"retain-uids", "retain-device-identity"})
    assert options_in("basic") == frozenset()
    assert options_in("anonymize") is None


def test_each_set_of_options_has_rules_of_its_own() -> None:
    asked = [
        options
        for count in range(len(OFFERED) + 1)
        for options in itertools.combinations(OFFERED, count)
        if not {FULL, MODIFIED} <= set(options)
    ]
    assert len({Rules.basic(*options) for options in asked}) == len(asked) > 40


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["retain-uid"], "did you mean retain-uids"),
        (["clean-graphics"], "the option clean-graphics is not met"),
        ([FULL, MODIFIED], "exclude each other"),
    ],
)
def test_options_that_can_not_be(options: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Rules.basic(*options)


def test_a_level_by_its_name_with_options_is_told_where_they_go() -> None:
    with pytest.raises(ValueError, match=r"no level 'basic\+retain-uids': options are asked for"):
        core_rules("basic+retain-uids")


# rules as values


def test_they_are_values() -> None:
    rules = Rules.basic("retain-uids").keep("StudyDate", "(0009,ACME,10)").blank("PatientComments")
    assert pickle.loads(pickle.dumps(rules)) == rules  # noqa: S301 (our own)
    assert pickle.loads(pickle.dumps(Rules.basic())).level == "basic"  # noqa: S301 (our own)
    assert eval(repr(rules), {"Rules": Rules}) == rules  # noqa: S307 (our own)
    assert repr(Rules.basic("retain-uids")) == "Rules.basic('retain-uids')"
    assert rules.level is None
    assert Rules.basic().set("PatientID", "1") == Rules.basic().set("PatientID", "1") != Rules.basic()


def test_other_levels_are_looked_at_only_where_files_are_as_long() -> None:
    assert "basic" not in dict(other_levels(core_rules("anonymize")))
    assert "basic" in dict(other_levels(core_rules(Rules.basic("retain-uids"))))
    assert "basic" not in dict(other_levels(core_rules("basic")))


def test_nothing_of_it_is_loaded_unless_it_is_asked_for() -> None:
    script = (
        "import sys, dicomblank.api, dicomblank.cli;"
        "dicomblank.anonymize_bytes(open(sys.argv[1], 'rb').read());"
        "dicomblank.cli.new_parser();"
        "print([name for name in sys.modules if 'basic' in name or 'table' in name and 'dicomblank' in name])"
    )
    done = subprocess.run([sys.executable, "-c", script, CT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# what it comes to


def test_each_row_of_the_table_is_told() -> None:
    told = {tag: done for tag, _, _, done in Rules.basic().told()}
    rows = {row.spelled: row for row in ATTRIBUTES if not row.spelled.startswith(("(60xx", "(0002"))}
    assert rows.keys() <= told.keys()
    words = {"X": "removed", "Z": "emptied", "D": "made a dummy", "U": "pseudonymized"}
    for spelled, row in rows.items():
        assert told[spelled] == words.get(row.basic, told[spelled])
        assert told[spelled].startswith("by type: ") == ("/" in row.basic)
    assert told["(60xx,xxxx)"] == told["private"] == told["(50xx,xxxx)"] == "removed"
    # Those without a row: they refer to what has one.
    assert {tag for tag in told if told[tag] == "pseudonymized"} - rows.keys() == {
        "(0008,1167)", "(0018,991E)", "(0020,0242)", "(0020,9312)", "(0020,9313)", "(0028,0304)", "(0070,031B)",
        "(300A,0675)",
    }  # fmt: skip


def test_what_an_option_keeps_is_told_as_kept() -> None:
    told = {tag: done for tag, _, _, done in Rules.basic("retain-uids", MODIFIED).told()}
    assert told["(0008,0018)"] == "kept"
    assert "(0008,1167)" not in told
    assert (told["(0008,0020)"], told["(0008,0030)"], told["(0010,0030)"]) == ("shifted", "kept", "emptied")


def test_names_that_the_dictionary_lacks_are_those_of_the_table() -> None:
    names = {tag: name for tag, name, _, _ in Rules.basic().told()}
    lacking = [row for row in ATTRIBUTES if not row.is_pattern and _core.vr_of(int(row.tag, 16)) is None]
    assert len(lacking) > 20
    assert all(names[row.spelled] == row.name for row in lacking)


def test_rules_on_top_of_it_may_name_what_only_its_table_has() -> None:
    (lacking,) = [row for row in ATTRIBUTES if row.name == "Effective Start DateTime"]
    with pytest.raises(ValueError, match="in the DICOM dictionary"):
        Rules().keep(lacking.spelled)
    assert lacking.spelled in {tag for tag, *_, done in Rules.basic().keep(lacking.spelled).told() if done == "kept"}
    with pytest.raises(ValueError, match="in the DICOM dictionary"):
        Rules.basic().keep("(0010,4001)")


# what is added


def test_markers_say_what_was_done() -> None:
    after = result(Rules.basic("retain-uids", "retain-device-identity"))
    assert after.PatientIdentityRemoved == "YES"
    method = list(after.DeidentificationMethod)
    assert method == [f"dicomblank {dicomblank.__version__}", "basic", "retain-device-identity", "retain-uids"]
    assert after.LongitudinalTemporalInformationModified == "REMOVED"
    items = after.DeidentificationMethodCodeSequence
    assert [(item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning) for item in items] == [
        ("113100", "DCM", "Basic Application Confidentiality Profile"),
        ("113109", "DCM", "Retain Device Identity Option"),
        ("113110", "DCM", "Retain UIDs Option"),
    ]
    meta = after.file_meta
    assert (meta.ImplementationClassUID, meta.ImplementationVersionName) == (IMPLEMENTATION, VERSION_NAME)
    assert meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID == dcmread(CT).SOPInstanceUID


@pytest.mark.parametrize(("options", "said"), [((), "REMOVED"), ((FULL,), "UNMODIFIED"), ((MODIFIED,), "MODIFIED")])
def test_what_is_said_of_dates(options: tuple[str, ...], said: str) -> None:
    assert result(Rules.basic(*options)).LongitudinalTemporalInformationModified == said


def test_a_key_makes_the_uids() -> None:
    data = CT.read_bytes()
    one, other = (
        dcmread(io.BytesIO(dicomblank.anonymize_bytes(data, "basic", key=key))).SOPInstanceUID for key in (KEY, OTHER)
    )
    assert len({one, other, dcmread(CT).SOPInstanceUID}) == 3
    with pytest.raises(ValueError, match="key"):
        dicomblank.anonymize_bytes(data, "basic")


# what other rules leave of the profile

MET = [
    Rules.basic().set("PatientID", "TRIAL-1"),
    Rules.basic().pseudonymize("PatientID", "PatientName"),
    Rules.basic().map("AccessionNumber", {"": "1"}),
    Rules.basic().map("StudyInstanceUID", {"1.2": "1.3"}),
    Rules.basic().remove("SeriesNumber", "SharedFunctionalGroupsSequence", "(0009,ACME,10)", "60xx3000"),
    Rules.basic().blank("SeriesNumber"),
    Rules.basic(FULL).keep("StudyDate"),
    Rules.basic(MODIFIED).shift("StudyDate"),
]
NOT_MET = [
    (Rules.basic().keep("StudyDescription"), "REMOVED"),
    (Rules.basic().blank("StudyDescription"), "REMOVED"),
    (Rules.basic().keep("PatientID"), "REMOVED"),
    (Rules.basic().remove("PatientID"), "REMOVED"),
    (Rules.basic().set("InstitutionName", "HERE"), "REMOVED"),
    (Rules.basic().keep("SOPInstanceUID"), "REMOVED"),
    (Rules.basic().keep("StudyDate"), "MODIFIED"),
    (Rules.basic().shift("StudyDate"), "MODIFIED"),
    (Rules.basic().shift("dates"), "MODIFIED"),
    (Rules.basic(FULL).remove("StudyTime"), "MODIFIED"),
    (Rules.basic().keep("private"), "MODIFIED"),
    (Rules.basic().keep("(0009,ACME,10)"), "MODIFIED"),
    (Rules.basic().keep("60xx3000"), "MODIFIED"),
    (Rules.basic().blank("SharedFunctionalGroupsSequence"), "REMOVED"),
]


@pytest.mark.parametrize("rules", MET, ids=repr)
def test_rules_that_do_as_the_profile_asks_leave_its_codes(rules: Rules) -> None:
    assert rules._profile is not None
    assert departing(rules._entries, rules._profile) == ()


@pytest.mark.parametrize(("rules", "dates"), NOT_MET, ids=repr)
def test_with_others_no_code_claims_it(rules: Rules, dates: str) -> None:
    assert rules._profile is not None
    assert len(departing(rules._entries, rules._profile)) == 1
    after = result(rules)
    assert "DeidentificationMethodCodeSequence" not in after
    assert "PatientIdentityRemoved" not in after
    assert after.DeidentificationMethod[-1] == "with other rules"
    assert after.LongitudinalTemporalInformationModified == dates
