"""What to do about each kind of file that is not done, and about each warning."""

from __future__ import annotations

__all__ = ["ADVICE", "OF_OUTCOMES", "OF_WARNINGS", "advice"]

_DAMAGED = "The file is damaged or not whole. Have it sent again from where it came, and run again on it."
_TWO_WAYS = (
    "Programs may read this file in different ways. Have it written anew by an archive or another DICOM program, and "
    "run again on that."
)
_LIMIT = "The file is beyond a limit, which ordinary files are far from. Look at it by itself before it is shared."
_RULE = "A rule can't be carried out on this file. Blank this tag instead, or keep it, and run again on the file."
_OTHER_RUN = "Another run made this file. Take its original, or give the key and the rules of that run."
_SYSTEM = "Mend what the system says, and run again: what is done is not done twice."
_VERIFY = (
    "The result is not what the level, the tags and the key make of the original. Make it anew, and compare again."
)
_NOTHING = "Nothing."

_ALIKE: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        _DAMAGED,
        (
            "truncated",
            "overrun",
            "item-outside-sequence",
            "not-an-item",
            "unknown-framing",
            "delimiter-with-length",
            "stray-delimiter",
            "missing-delimiter",
            "undefined-length",
            "unknown-vr",
            "trailing-bytes",
            "no-data-set",
            "not-deflated",
            "deflated-cut-short",
            "damaged",
            "empty",
        ),
    ),
    (
        _TWO_WAYS,
        (
            "ambiguous-vr",
            "ambiguous-syntax",
            "ambiguous-value",
            "ambiguous-length",
            "ambiguous-fragments",
            "ambiguous-transfer-syntax",
            "ambiguous-file-meta",
            "ambiguous-creator",
            "ambiguous-result",
            "ambiguous-start",
            "sequence-in-file-meta",
        ),
    ),
    (
        _LIMIT,
        (
            "too-deep",
            "too-many-elements",
            "too-many-edits",
            "too-much-to-replace",
            "inflated-too-large",
            "long-uid",
            "long-identifier",
        ),
    ),
    (_RULE, ("unfit-vr", "text-too-long", "not-a-uid", "short-uid")),
    (_OTHER_RUN, ("other-key", "other-rules", "damaged-mark")),
    (_SYSTEM, ("not-found", "no-permission", "read-only", "system", "journal")),
    (_VERIFY, ("value-left", "value-seen", "longer-value", "other-value", "byte-changed", "other-size")),
)

#: By the kind of a row.
ADVICE: dict[str, str] = {
    **{kind: said for said, kinds in _ALIKE for kind in kinds},
    "not-in-table": "Add the value to the table of the rule on this tag, and run again on the file.",
    "no-key": "Give the key (--key), and run again on the file.",
    "mark-lost": "Take the original: what was replaced in this file would be replaced once more.",
    "half-done": "Run over the whole folder again, in place: that finishes the file. Don't share it before.",
    "not-dicom": "Nothing, if it is no scan. Otherwise find out what it is before it is shared.",
    "deflated": "Give the file itself, and not its bytes in memory.",
    "lengths": "Copy the file (--output): what removes elements writes a new file.",
    "length-too-large": "A sequence of the file is too long to be written anew. Have it split by its archive.",
    "directory": "Leave it out, and have a new one made of the new files.",
    "other-result": "Programs may read this file in different ways. Have it written anew, and run again on that.",
    "jpip": "Its pixels are on a server. Have the file written anew with its pixels, and run again on that.",
    "changed": "Another program wrote to the file. Wait until that is done, and run again.",
    "archive": "Unpack it, and run on what is in it. Don't share it as it is: nobody has looked into it.",
    "companion": "Nothing; macOS writes such files beside others. There is no need to share them.",
    "no-space": "Make room on the disk, and run again: what is done is not done twice.",
    "exists": "Look at what is there: --skip-existing leaves whole and blanked copies, --overwrite replaces all.",
    "copied-already": _NOTHING,
    "leads-into-source": "Name an output that no link leads back into a source.",
    "locked": "Close the program that holds the file, and run again.",
    "hard-links": "Copy the file (--output), or allow that it changes under all of its names (--hard-links write).",
    "annexed": "Unlock the file with git-annex and name that, or copy it (--output).",
    "no-room-for-mark": "Copy the file (--output); or, if no second run will meet it, allow it (--unmarked write).",
    "not-restored": "Run as the owner of the file, or copy it (--output).",
    "old-file-kept": "The old bytes can still be read. Remove the other names or old versions of the file.",
    "store": "Look whether the store is well, and run again.",
    "not-kept": "Copy the object (--output), or allow what the sentence names.",
    "too-large": "Copy the object to a disk, and treat it there.",
    "key": "Give the object another key.",
    "outside-folder": "Name the file by its path in the folder that --relative-to names, without links and dots.",
    "broken-list": "Make the list anew, and run again: what is done is not done twice.",
    "excluded": "Nothing, if it was meant: it is as it was.",
    "not-regular": "Nothing, if it is no scan: it was not opened.",
    "symbolic-link": "Name what it leads to as a source, if that is meant.",
    "temporary": "Nothing; the next run over the folder removes it.",
    "disputed": "pydicom reads the file in another way. Look at it by itself before it is shared.",
    "not-validated": "pydicom could not read the file. Look at it by itself, or run without --validate.",
    "interrupted": "Run the same command again, with --skip-existing if it copies.",
    "no-memory": "Run with fewer workers, or on a machine with more memory.",
    "bug": "This is a fault of dicomblank: please report it. Don't share the file before you have looked at it.",
    "was-not-dicom": "Find out who wrote the result: the original is no DICOM file.",
    "leftovers": "Look at the places below. --leftovers replace overwrites what was found; --blank TAG blanks a place.",
}

#: By the outcome, where a row has no kind or one that is not known here.
OF_OUTCOMES: dict[str, str] = {
    "not-dicom": ADVICE["not-dicom"],
    "archive": ADVICE["archive"],
    "skipped": "Find out why before you count on its copy.",
    "refused": "Look at the file by itself; the report file says more. It would be refused again.",
    "failed": _SYSTEM,
    "leak": _VERIFY,
    "differs": "Programs that use pydicom miss elements of this file. Make the result anew from another original.",
    "changed": _VERIFY,
    "other-level": "Compare it at the level that it was made with, or make it anew at the one that was meant.",
    "unconfirmed": "pydicom gave no opinion on it: look at it by itself, with another program.",
    "missing": "The original was refused, or its copy was lost. See the report of the run that made the copies.",
    "extra": "Find out who put it there: it is no copy of an original.",
    "unreadable": "Look at the file by itself: one of the two can't be read.",
}

#: By the word of a warning, where there is something to do.
OF_WARNINGS: dict[str, str] = {
    "opaque-values": "A name could stand in such a value. Look at the private elements of these files, or blank them.",
    "unmarked": "Never run over these files a second time.",
    "unknown-class": "Look whether the class is right: with a known one more elements may be removed.",
    "short-domain": "Who has the pseudonyms may guess what they stand for, by trying all of them.",
}


def advice(outcome: str, kind: str) -> str:
    """What to do about files of this outcome and kind."""
    return ADVICE.get(kind) or OF_OUTCOMES.get(outcome) or "Find out what it is, in the document of the report file."
