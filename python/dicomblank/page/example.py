"""Invented values, and what becomes of them: the same as a run makes of such a file, which a test compares."""

from __future__ import annotations

from typing import NamedTuple

from dicomblank.page.markup import element, join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank.page.markup import Html

__all__ = ["EXAMPLE", "Line", "shown"]


class Line(NamedTuple):
    """An element with a value that nobody has."""

    keyword: str
    tag: str
    vr: str
    value: str
    #: What some key makes of it; empty where none would.
    keyed: str = ""


#: The key is that of the README: 32 bytes from 0 to 31.
EXAMPLE = (
    Line("Modality", "(0008,0060)", "CS", "MR"),
    Line("PatientName", "(0010,0010)", "PN", "Doe^Jane"),
    Line("PatientID", "(0010,0020)", "LO", "SITE-042", "P1J2-D0W"),
    Line("PatientBirthDate", "(0010,0030)", "DA", "19700101"),
    Line("StudyDate", "(0008,0020)", "DA", "20240301", "20210406"),
)


_SAID = {
    "set": "what the rule says, padded to the length",
    "map": "what the rule says, padded to the length",
    "remove": "gone, with its header",
    "empty": "there, without a value",
    "dummy": "a dummy value",
    "by_type": "a dummy value, or none, as its type asks",
}


def shown(line: Line, action: str) -> Html:
    """The value after the run."""
    if action == "keep":
        return join([element("code", line.value), " ", element("span", "as before", class_="small pad")])
    if action in {"pseudonymize", "shift"} and line.keyed:
        return element("code", line.keyed)
    if action in _SAID:
        return element("span", _SAID[action], class_="small pad")
    return element("code", "·" * len(line.value), class_="pad")
