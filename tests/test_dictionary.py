"""The core reads implicit VR by the dictionary that pydicom reads it by."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom.datadict import dictionary_keyword, dictionary_VR
from pydicom.tag import Tag

from dicomblank import _core

GENERATOR = Path(__file__).parent.parent / "tools" / "generate_dictionary.py"

# What the core leaves out on purpose: items and delimiters, which frame values and have none.
WITH_VALUES = {tag: entry for tag, entry in DicomDictionary.items() if entry[0] != "NONE"}


def test_the_dictionary_is_pydicoms() -> None:
    theirs = {tag: (vr.split()[0], keyword) for tag, (vr, _, _, _, keyword) in WITH_VALUES.items()}
    ours = {tag: (vr, keyword) for tag, vr, keyword in _core.dictionary()}
    assert ours == theirs


def test_each_lookup_gives_what_pydicom_gives() -> None:
    for tag, (vr, _, _, _, keyword) in WITH_VALUES.items():
        assert (_core.vr_of(tag), _core.keyword_of(tag)) == (vr.split()[0], keyword or None), Tag(tag)
        assert not keyword or _core.tag_of(keyword) == tag, keyword


def test_only_items_and_delimiters_are_left_out() -> None:
    assert sorted(DicomDictionary.keys() - WITH_VALUES.keys()) == [0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD]
    for tag in DicomDictionary.keys() - WITH_VALUES.keys():
        assert (_core.vr_of(tag), _core.keyword_of(tag)) == (None, None)


def sample(pattern: str, digit: str) -> int:
    """A tag of the pattern in an even group, such as (6002,3000) for 60xx3000."""
    group, element = pattern[:4], pattern[4:]
    return int(group.replace("xx", "0x").replace("x", digit) + element.replace("x", digit), 16)


@pytest.mark.parametrize("pattern", RepeatersDictionary)
def test_repeating_elements_are_pydicoms(pattern: str) -> None:
    for tag in [sample(pattern, digit) for digit in "02468ACE"]:
        if tag & 0xFFFF == 0:
            # pydicom reads (1010,0000) as a Zonal Map; by PS3.5 §7.2 it is a group length.
            assert (_core.vr_of(tag), _core.keyword_of(tag)) == ("UL", None), Tag(tag)
            continue
        keyword = dictionary_keyword(tag)
        assert (_core.vr_of(tag), _core.keyword_of(tag)) == (dictionary_VR(tag).split()[0], keyword), Tag(tag)
        assert (_core.tag_of(keyword) == tag) == (tag in DicomDictionary), keyword


UNKNOWN = [0x00100011, 0x00110010, 0x00291010, 0x50013000, 0x60013000, 0x7FE10010, 0xFFFFFFFF]


@pytest.mark.parametrize("tag", UNKNOWN, ids=hex)
def test_what_pydicom_does_not_know_the_core_does_not_know(tag: int) -> None:
    with pytest.raises(KeyError):
        dictionary_VR(tag)
    assert (_core.vr_of(tag), _core.keyword_of(tag)) == (None, None)


def test_the_committed_table_is_what_the_generator_gives() -> None:
    check = subprocess.run(
        [sys.executable, GENERATOR, "--check"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (check.returncode, check.stderr) == (0, "")
