"""Tags as people write them: keywords, "(0010,4000)", "00104000" and numbers."""

from __future__ import annotations

from dicomblank import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    TagLike: TypeAlias = str | int

__all__ = ["check_known", "named", "spell", "tag_number"]


def tag_number(tag: TagLike) -> int:
    """The number of a tag: of a keyword, "(0010,4000)", "00104000", an int or a pydicom tag.

    Raises `ValueError` if it is no tag, or a keyword the dictionary does not have.
    """
    if isinstance(tag, bool) or not isinstance(tag, (str, int)):
        raise TypeError(f"a tag is a str or an int, not {type(tag).__name__}")
    if isinstance(tag, str):
        return _number_of_text(tag)
    if not 0 <= tag <= 0xFFFF_FFFF:
        raise ValueError(f"{int(tag):#x} is no tag: it takes 32 bits")
    return int(tag)


def check_known(tag: int) -> None:
    """Raises `ValueError` for a public tag that the dictionary does not have: it would blank nothing, silently."""
    is_private = tag >> 16 & 1
    if not is_private and _core.vr_of(tag) is None:
        raise ValueError(f"no tag {spell(tag)} in the DICOM dictionary{_suggest_numbers(tag)}")


def spell(tag: int) -> str:
    """(0010,0010), as DICOM writes a tag."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def named(tag: int) -> str:
    """(0010,0010) PatientName; the tag alone where the dictionary has no name."""
    return f"{spell(tag)} {_core.keyword_of(tag) or ''}".rstrip()


def _number_of_text(text: str) -> int:
    number = _core.tag_of(text)
    if number is not None:
        return number
    digits = text
    if len(text) == 11 and text[0] == "(" and text[5] == "," and text[10] == ")":
        digits = text[1:5] + text[6:10]
    # int() alone takes "+", "_" and spaces as well.
    if len(digits) == 8 and all(digit in "0123456789abcdefABCDEF" for digit in digits):
        return int(digits, 16)
    raise ValueError(f"no tag {text!r} in the DICOM dictionary{_suggest_names(text)}")


def _suggest_names(text: str) -> str:
    import difflib  # only an error needs it

    keywords = {keyword.lower(): keyword for _, _, keyword in _core.dictionary() if keyword}
    near = difflib.get_close_matches(text.lower(), keywords, n=3, cutoff=0.6)
    return _did_you_mean([keywords[name] for name in near])


def _suggest_numbers(tag: int) -> str:
    group = [number for number, _, _ in _core.dictionary() if number >> 16 == tag >> 16]
    group.sort(key=lambda number: abs(number - tag))
    return _did_you_mean([named(number) for number in group[:3]])


def _did_you_mean(names: list[str]) -> str:
    return f"; did you mean {' or '.join(names)}?" if names else ""
