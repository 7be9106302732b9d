"""pydicom as the third opinion on a file that was compared: the core has read both, and compared their bytes."""

from __future__ import annotations

from dicomblank.validate import can_read, leak, overlooked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank._core import Key, Rules, Stop
    from dicomblank.run import ThirdOpinion

__all__ = ["third_opinion"]

_KINDS = {"leak": "value-seen", "changed": "other-value", "differs": "longer-value"}


def third_opinion(rules: Rules, key: Key | None = None) -> ThirdOpinion:
    """What pydicom says of a file, as the core asks for it: another outcome with its kind and sentence, or None."""

    def ask(path: str, about: tuple[str, str], stop: Stop) -> tuple[str, str, str] | None:
        asked, before = about
        if asked == "ok":
            found = leak(path, rules, stop, key, before)
            if found is None:
                return None
            outcome, reason = found
            return _unread(before, reason, stop) if outcome == "unreadable" else (outcome, _KINDS[outcome], reason)
        seen = overlooked(path, rules, stop)
        outcome = "leak" if asked == "not-dicom" else "missing"
        return None if seen is None else (outcome, "value-seen", seen)

    def _unread(before: str, reason: str, stop: Stop) -> tuple[str, str, str]:
        # Where pydicom can't read the original either, that is not what the run has done to the file.
        if can_read(before, rules, stop):
            return "unreadable", "not-validated", f"{reason}; it can read the original"
        return "unconfirmed", "not-validated", f"{reason}; nor can it read the original"

    return ask
