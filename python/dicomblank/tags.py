"""What rules are about, as people write it: keywords, "(0010,4000)", "(60xx,4000)", private ones by their creator."""

from __future__ import annotations

from dicomblank import _core
from dicomblank.suggestions import did_you_mean, nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    TagLike: TypeAlias = str | int
    Tags: TypeAlias = TagLike | Iterable[TagLike]
    #: What a rule is about: a tag; mask and value of a repeating element; group, creator and number of a private one.
    #: "dates" is every public date, "private" every private element.
    About: TypeAlias = int | tuple[int, int] | tuple[int, str, int] | str

__all__ = ["DATES", "PRIVATE", "check_known", "form", "named", "several", "spell", "written"]


def several(tags: Tags) -> list[TagLike]:
    """One tag, or any number of them, as a list.

    Raises `TypeError` for what is neither. A tuple such as (0x0010, 0x0020) is no tag here: it could be two.
    """
    if isinstance(tags, (str, int)):
        return [tags]
    _refuse_pair(tags)
    if isinstance(tags, (bytes, bytearray)) or not hasattr(tags, "__iter__"):
        raise TypeError(f"a tag is a str or an int, not {type(tags).__name__}")
    return list(tags)


def _refuse_pair(tags: object) -> None:
    if isinstance(tags, tuple) and len(tags) == 2 and all(type(half) is int and half <= 0xFFFF for half in tags):
        number = tags[0] << 16 | tags[1]
        raise TypeError(f"a tag is a str or an int, not a tuple: write {spell(number)!r} or {number:#010x}")


#: What a rule on every public element of VR DA or DT is about.
DATES = "dates"
#: What a rule on every private element is about, creators included.
PRIVATE = "private"

#: All curves and all overlays, by mask and value: every element of their groups.
WHOLE_GROUPS = ((0xFF00_0000, 0x5000_0000), (0xFF00_0000, 0x6000_0000))


def written(tag: TagLike) -> list[About]:
    """What `tag` is about: an int, a pydicom tag, or a text with one or more of these between commas.

    A keyword in any case; "(0010,4000)", "0010,4000", "00104000" or "0x00104000"; a repeating element by its keyword or
    as "(60xx,4000)", whole groups as "(50xx,xxxx)" and "(60xx,xxxx)"; a private element by its creator, as
    '(0029,"SIEMENS CSA HEADER",10)', without quotes too; "dates" and "private", for all of them. Four digits alone are
    no tag, and so "0010,0020" is one tag and not two.

    Raises `ValueError` for what is none of them, or not in the dictionary; `TypeError` for another type.
    """
    _refuse_pair(tag)
    if isinstance(tag, bool) or not isinstance(tag, (str, int)):
        raise TypeError(f"a tag is a str or an int, not {type(tag).__name__}")
    if tag in (DATES, PRIVATE):
        return [str(tag)]
    if isinstance(tag, str):
        return list(_listed(tag))
    if not 0 <= tag <= 0xFFFF_FFFF:
        raise ValueError(f"{int(tag):#x} is no tag: it takes 32 bits")
    return [int(tag)]


def check_known(about: About) -> None:
    """Raises `ValueError` for a public tag that the dictionary does not have: it would blank nothing, silently."""
    if isinstance(about, int) and not about >> 16 & 1 and _core.vr_of(about) is None:
        raise ValueError(f"no tag {spell(about)} in the DICOM dictionary{_suggest_numbers(about)}")


def form(about: About) -> int | str:
    """How `Rules` show it: the number of a tag, and for what is no one tag a text that `written` reads."""
    return about if isinstance(about, (int, str)) else _repeater_keyword(about) or spell(about)


def spell(about: About) -> str:
    """(0010,0010), (60xx,4000), (0029,"ACME",10): as DICOM writes a tag, or close to it."""
    if isinstance(about, int):
        return f"({about >> 16:04X},{about & 0xFFFF:04X})"
    if isinstance(about, str):
        return about
    if len(about) == 3:
        group, creator, element = about
        return f'({group:04X},"{creator}",{element:02X})'
    mask, value = (f"{number:08X}" for number in about)
    digits = "".join("x" if is_free == "0" else digit for is_free, digit in zip(mask, value, strict=True))
    return f"({digits[:4]},{digits[4:]})"


def named(about: About) -> str:
    """(0010,0010) PatientName; the tag alone where the dictionary has no name."""
    if isinstance(about, str):
        return about
    keyword = _core.keyword_of(about) if isinstance(about, int) else _repeater_keyword(about)
    return f"{spell(about)} {keyword or ''}".rstrip()


def _repeater_keyword(about: tuple[int, int] | tuple[int, str, int]) -> str | None:
    return next((keyword for mask, value, _, keyword in _core.repeaters() if (mask, value) == about), None)


def _listed(text: str) -> Iterator[About]:
    if _core.tag_of(text) is not None:
        yield _of_word(text)
        return
    entry, position = _entry(), 0
    while position <= len(text):
        match = entry.match(text, position)
        rest = text[position:].strip()
        if match is None:
            raise ValueError(f"no tag {rest!r} in the DICOM dictionary{_suggest_names(rest)}")
        yield _of_match(match, rest)
        position = match.end() + 1 if match.end() < len(text) else len(text) + 1


def _entry() -> re.Pattern[str]:
    """One entry of a list, up to its comma or the end."""
    import re  # only a text that is no keyword needs it

    half, two = "[0-9a-fA-FxX]{4}", "(?:[xX]{2})?[0-9a-fA-F]{1,2}"
    forms = (
        rf"\(\s*(?P<g1>{half})\s*,\s*(?P<e1>{half})\s*\)",
        rf"(?P<g2>{half})\s*,\s*(?P<e2>{half})",
        rf"(?:0[xX](?=[^,]{{8}})|(?!0[xX]))(?P<g3>{half})(?P<e3>{half})",
        # Without quotes for shells that take them away; not what is a tag with something behind it.
        rf"\(\s*(?P<p1>{half})\s*,\s*(?:\"(?P<c1>[^\"]*)\"|(?!{half}\s*,)(?P<c2>[^\"(),]+))\s*,\s*(?P<n1>{two})\s*\)",
        rf"(?P<p2>{half})\s*,\s*\"(?P<c3>[^\"]*)\"\s*,\s*(?P<n2>{two})",
        r"(?P<word>[^\"(),]*)",
    )
    return re.compile(rf"\s*(?:{'|'.join(forms)})\s*(?=,|\Z)")


def _of_match(match: re.Match[str], rest: str) -> About:
    part = match.groupdict()
    creator = next((part[name] for name in ("c1", "c2", "c3") if part[name] is not None), None)
    if creator is not None:
        return _of_creator(part["p1"] or part["p2"], creator.strip(), part["n1"] or part["n2"])
    for group, element in (("g1", "e1"), ("g2", "e2"), ("g3", "e3")):
        if part[group] is not None:
            return _of_digits(part[group] + part[element])
    word = part["word"].strip()
    # Four digits: a tag was begun.
    return _of_word(rest if len(word) == 4 and word.isalnum() and not word.isalpha() else word)


def _of_digits(digits: str) -> About:
    digits = digits.lower()
    value = int(digits.replace("x", "0"), 16)
    if "x" not in digits:
        return value
    mask = int("".join("0" if digit == "x" else "F" for digit in digits), 16)
    if (mask, value) in WHOLE_GROUPS or any((mask, value) == (known, of) for known, of, _, _ in _core.repeaters()):
        return mask, value
    raise ValueError(f"no repeating element {spell((mask, value))} in the DICOM dictionary")


def _of_creator(group: str, creator: str, element: str) -> About:
    if "x" in group.lower() or not creator:
        raise ValueError('a private element is group, creator, number: (0029,"SIEMENS CSA HEADER",10)')
    about = (int(group, 16), creator, int(element.lower().removeprefix("xx"), 16))
    _core.Rules([about])  # says what can't be one
    return about


def _of_word(word: str) -> About:
    number = _core.tag_of(word)
    if number is not None:
        return number
    lower = word.lower()
    if lower in (DATES, PRIVATE):
        return lower
    for tag, _, keyword in _core.dictionary():
        if lower and keyword.lower() == lower:
            return tag
    for mask, value, _, keyword in _core.repeaters():
        if keyword.lower() == lower:
            return mask, value
    raise ValueError(f"no tag {word!r} in the DICOM dictionary{_suggest_names(word)}")


def _suggest_names(text: str) -> str:
    keywords = [keyword for _, _, keyword in _core.dictionary() if keyword]
    keywords += [keyword for _, _, _, keyword in _core.repeaters()]
    return did_you_mean(nearest(text, keywords, most=3, cutoff=0.6))


def _suggest_numbers(tag: int) -> str:
    group = [number for number, _, _ in _core.dictionary() if number >> 16 == tag >> 16]
    group.sort(key=lambda number: abs(number - tag))
    return did_you_mean([named(number) for number in group[:3]])
