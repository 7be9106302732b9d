"""What replaced values should be, as pydicom sees them: computed again, value by value, with the calls of the key.

The core replaces bytes. Here text is taken apart in another way, and dates are shifted by Python's own calendar: that
makes two opinions.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicomblank._core import Key
    from dicomblank.reading import Seen
    from dicomblank.view import View

__all__ = ["Expected"]

# A date, alone or with a time, a fraction of a second and a zone (PS3.5 §6.2); or as before DICOM 3.0.
_DATE = re.compile(
    r"(?P<date>\d{8})"
    r"(?P<rest>(([01]\d|2[0-3])([0-5]\d(([0-5]\d|60)(\.\d{1,6})?)?)?)?([+-](0\d|1[0-4])[0-5]\d)?)"
)
_OLD_DATE = re.compile(r"(\d{4})\.(\d{2})\.(\d{2})")

# Begins an escape sequence, behind which letters may be parts of other characters, in other values as well.
_ESCAPE = b"\x1b"

_PATIENT_ID, _STUDY_INSTANCE_UID = "(0010,0020)", "(0020,000D)"


class Expected:
    """What the values of a file should become under `key`, given all that pydicom sees in it.

    `view` shows the file as it was.
    """

    def __init__(self, key: Key, view: View, elements: Iterable[Seen]) -> None:
        self._key = key
        self._view = view
        top = {seen.path: seen for seen in elements if seen.path in {_PATIENT_ID, _STUDY_INSTANCE_UID}}
        try:
            self._days = key.days(*(self._text(top.get(path)) for path in (_PATIENT_ID, _STUDY_INSTANCE_UID)))
        except ValueError:
            self._days = 0  # of nobody, or of a name that is not ASCII

    def wrong(self, seen: Seen, after: View) -> bool:
        """Whether an element that was pseudonymized or shifted is not what it should be in `after`."""
        return any(
            self._is_wrong(seen, self._view.at(start, length), after.at(start, length))
            for start, length in seen.targets
        )

    def _is_wrong(self, seen: Seen, old: bytes, new: bytes) -> bool:
        if seen.action == "shift" and (not self._days or not _unpadded(new)):
            # Blanked, as also where a PatientID stands twice, of which pydicom shows one; or a name that is not ASCII:
            # the core has compared the bytes.
            return False
        if seen.action == "pseudonymize" and not seen.is_uid and _ESCAPE in old:
            return bool(new.strip(b" \0\\"))  # blanked, all values together
        pairs = list(zip(old.split(b"\\"), new.split(b"\\"), strict=False))
        if old.count(b"\\") != new.count(b"\\"):
            return True
        return any(_unpadded(new) != self._value(seen, _unpadded(old)) for old, new in pairs)

    def _value(self, seen: Seen, old: bytes) -> bytes:
        """What one value becomes, without padding."""
        try:
            text = old.decode("ascii")
        except UnicodeDecodeError:
            return b""
        if not text:
            return b""
        try:
            if seen.action == "shift":
                return _earlier(text, self._days).encode()
            make = self._key.pseudonym_uid if seen.is_uid else self._key.pseudonym_id
            return make(text).encode()
        except ValueError:
            return b""  # blanked

    def _text(self, seen: Seen | None) -> str:
        targets = [] if seen is None else [self._view.at(seen.start, seen.length)]
        return _unpadded(b"".join(targets)).decode("ascii")


def _unpadded(value: bytes) -> bytes:
    return value.rstrip(b" \0").lstrip(b" ")


def _earlier(text: str, days: int) -> str:
    """The date so many days earlier, with all that stands behind it. Raises `ValueError` for what is no date."""
    old = _OLD_DATE.fullmatch(text)
    if old is not None:
        return f"{_shifted(''.join(old.groups()), days):%Y.%m.%d}".rjust(10, "0")
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("no date")
    return f"{_shifted(match['date'], days):%Y%m%d}".rjust(8, "0") + match["rest"]


def _shifted(digits: str, days: int) -> dt.date:
    date = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    try:
        return date - dt.timedelta(days=days)
    except OverflowError:
        raise ValueError("before the first year") from None
