"""What the statement says of the Basic Profile is what the table and the function say."""

from __future__ import annotations

from collections import Counter

from dicomblank.basic import CODES, NOT_OFFERED, PROFILE
from dicomblank.basic_statement import HEAD, OPTIONS_HEAD, elements, notes, options
from dicomblank.profile import ATTRIBUTES


def test_each_row_of_the_table_is_there_with_its_action() -> None:
    rows = elements()
    assert [(name, tag, done) for name, tag, done, _, _ in rows] == [
        (row.name, row.spelled, row.basic) for row in ATTRIBUTES
    ]
    assert {len(row) for row in rows} == {len(HEAD)}
    assert {encrypted for *_, encrypted, _ in rows} == {"N"}


def test_a_row_says_what_each_option_does_to_it() -> None:
    comments = {tag: said for _, tag, _, _, said in elements()}
    assert comments["(0010,0010)"] == ""
    assert comments["(0008,0018)"] == "retain-uids, K: kept"
    assert comments["(0008,0020)"] == (
        "retain-longitudinal-full-dates, K: kept; retain-longitudinal-modified-dates, C: shifted"
    )
    assert comments["(0008,0030)"].endswith("retain-longitudinal-modified-dates, C: kept")
    assert comments["(0400,0310)"].endswith("retain-longitudinal-modified-dates, C: not met, treated as without it")
    assert comments["(0010,2110)"] == (
        "retain-patient-characteristics, C: not met, treated as without it; clean-descriptors is not met"
    )
    assert comments["(50xx,xxxx)"] == "clean-graphics is not met"
    assert comments["private"] == "retain-safe-private, C: kept where it is known to be safe"
    assert comments["(0040,A730)"].startswith("clean-structured-content, C: its items")
    spoken = sum(len(row.options) for row in ATTRIBUTES)
    assert sum(len(said.split("; ")) for said in comments.values() if said) == spoken == 636


def test_each_option_is_there_and_whether_it_is_met() -> None:
    rows = options()
    assert {len(row) for row in rows} == {len(OPTIONS_HEAD)}
    assert [name for name, *_ in rows] == [PROFILE[1], *(meaning for _, meaning in CODES.values()), *NOT_OFFERED]
    assert Counter(met for _, met, _ in rows) == {"Y": 6, "P": 3, "N": 4}
    said = {name: words for name, _, words in rows}
    assert said["Retain Device Identity Option"] == "48 of 59 rows: what can't be cleaned is not kept"
    assert said["Retain UIDs Option"] == "60 rows"


def test_it_claims_no_conformance() -> None:
    """That is for files alone, where every row was met."""
    words = " ".join([*notes(), *(word for row in (*options(), *elements()) for word in row)])
    assert "conforms" not in words.lower()
