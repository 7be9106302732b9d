"""pydicom as the third opinion on a file that was compared: the core has read both, and compared their bytes."""

from __future__ import annotations

from dicomblank.validate import leak, overlooked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dicomblank._core import Key, Rules, Stop
    from dicomblank.run import ThirdOpinion

__all__ = ["OUTCOMES", "third_opinion"]

#: What can become of a file that is compared, with what it means.
OUTCOMES = {
    "ok": "nothing is left to blank, and nothing else changed",
    "leak": "a value that the level blanks is still there",
    "differs": "pydicom reads a blanked value as a longer one, with bytes of other elements in it",
    "changed": "bytes changed that the level leaves",
    "missing": "in BEFORE, not in AFTER",
    "extra": "in AFTER, not in BEFORE",
    "unreadable": "can't be read, by the system, the core or pydicom",
    "not-dicom": "not DICOM (no fault)",
}

_KINDS = {"leak": "value-seen", "changed": "other-value", "differs": "longer-value", "unreadable": "not-validated"}


def third_opinion(rules: Rules, key: Key | None = None) -> ThirdOpinion:
    """What pydicom says of a file, as the core asks for it: another outcome with its kind and sentence, or None."""

    def ask(path: str, about: tuple[str, str], stop: Stop) -> tuple[str, str, str] | None:
        asked, before = about
        if asked == "ok":
            found = leak(path, rules, stop, key, before)
            return None if found is None else (found[0], _KINDS[found[0]], found[1])
        seen = overlooked(path, rules, stop)
        outcome = "leak" if asked == "not-dicom" else "missing"
        return None if seen is None else (outcome, "value-seen", seen)

    return ask
