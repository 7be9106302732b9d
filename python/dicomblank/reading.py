"""What pydicom sees in a file: elements with their places in the file, found by its own reader, no value decoded.

pydicom is asked for raw elements only: decoding would cost time, raise on odd values, and hide where a value
stands. Its reader finds sequences of undefined length by itself. Those of defined length it turns into items when
they are first asked for; here they are read in the same way, so that the place of each nested value is known.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, cast

from pydicom.datadict import dictionary_VR, private_dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.filereader import read_partial, read_sequence
from pydicom.tag import BaseTag

from dicomblank.errors import LimitError
from dicomblank.tags import spell
from dicomblank.view import quiet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

    from dicomblank._core import Rules
    from dicomblank.view import View

__all__ = ["Reading", "Seen"]

UNDEFINED = 0xFFFF_FFFF
ITEM = 0xFFFE_E000
PIXEL_DATA_GROUP = 0x7FE0

# A longer value is left in the file by pydicom and then read alone; pixel data is not read at all.
DEFER_SIZE = 64 * 1024

# A value of which pydicom may have to read so many items that it is asked in between whether to go on.
LONG_VALUE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """One element as pydicom sees it."""

    path: str
    """Tag path, as an edit's."""
    stated_vr: str | None
    """As the file states it; None in implicit VR."""
    start: int
    """Of the value, in bytes from the start of the file."""
    length: int
    """In bytes; `UNDEFINED` where pydicom does not tell."""
    value: object
    """The bytes; None for sequences, pixel data and long values; decoded, as by pydicom itself, in the file meta."""
    targets: tuple[tuple[int, int], ...]
    """Start and length of what the rules edit here: the value or its fragments; empty for what they leave."""
    action: str | None
    """What becomes of it, as an edit's; None for what the rules leave."""
    is_uid: bool
    is_sequence: bool
    is_doubtful: bool
    """Private, UN or unknown: the core may find items where pydicom finds bytes, or the other way round."""

    @property
    def end(self) -> int:
        """Where the value ends; its start where pydicom does not tell."""
        return self.start if self.length == UNDEFINED else self.start + self.length

    @property
    def place(self) -> str:
        """Where it stands, for a reason."""
        return f"{self.path} at {self.start:#x}"


class Reading:
    """All elements that pydicom sees in a view, in the order of the file, the items of sequences behind them.

    `sequences`, from another reading of the same file, are the starts of doubtful values to read as sequences. Without
    it pydicom's knowledge of private tags decides, which asks for the private creator, and that may be blanked.

    Raises whatever pydicom raises.
    """

    def __init__(self, view: View, rules: Rules, sequences: frozenset[int] | None = None) -> None:
        self.elements: list[Seen] = []
        self._view = view
        self._rules = rules
        self._known = sequences
        self._found: set[int] = set()
        with quiet():
            dataset = read_partial(cast("BinaryIO", view), defer_size=DEFER_SIZE, force=True)
            is_at_end = view.tell() >= view.size
            self._walk(dataset.file_meta, 0, "", is_blanked=False)
            # What pydicom gives up on it returns as an empty data set, with a warning. Nothing behind the file meta
            # is a reading only if that is where the file ends.
            self.is_empty = len(dataset) == 0 and not (is_at_end and self.elements)
            self._walk(dataset, 0, "", is_blanked=False)

    @property
    def sequences(self) -> frozenset[int]:
        """The starts of the doubtful values that were read as sequences."""
        return frozenset(self._found)

    def _walk(self, dataset: Dataset, base: int, path: str, *, is_blanked: bool) -> None:
        """Takes up the elements of a data set or item whose offsets count from `base`."""
        self._view.check()
        tags = dataset.keys()  # to iterate the data set itself would decode it
        stored = (_stored(dataset, tag) for tag in tags)
        for element in sorted((each for each in stored if each is not None), key=_offset):
            self._view.check()
            if isinstance(element, RawDataElement):
                self._take_raw(element, dataset, base, path, is_blanked=is_blanked)
            else:
                self._take_read(element, dataset, base, path, is_blanked=is_blanked)

    def _take_raw(self, raw: RawDataElement, dataset: Dataset, base: int, path: str, *, is_blanked: bool) -> None:
        start = base + raw.value_tell
        path += spell(raw.tag)
        vr = _vr(raw, dataset)
        rule = self._rule(raw.tag, dataset, vr)
        is_blanked = _is_blanked(rule, is_blanked)
        action = _action(rule, is_blanked=is_blanked)
        # What pydicom has left in the file is not kept: nothing but the edits can differ in it.
        value = raw.value if raw.value is not None or raw.length else b""
        is_doubtful = _is_doubtful(raw)
        items = None
        if not (rule not in {None, "keep"} and _is_one_value(raw)):
            items = self._items(raw, vr, start, is_doubtful=is_doubtful, is_blanked=is_blanked)
        length = len(value) if value is not None and raw.length == UNDEFINED else raw.length
        self.elements.append(
            Seen(
                path=path,
                stated_vr=raw.VR,
                start=start,
                length=length,
                value=value if items is None else None,
                targets=self._targets(raw, start) if action is not None and items is None else (),
                action=action,
                is_uid=(_dictionary_vr(raw.tag) or raw.VR) == "UI",
                is_sequence=items is not None,
                is_doubtful=is_doubtful,
            )
        )
        # The items were read from the value alone: their offsets count from its start.
        self._walk_items(items or (), start, path, is_blanked=is_blanked)

    def _take_read(self, element: DataElement, dataset: Dataset, base: int, path: str, *, is_blanked: bool) -> None:
        """An element pydicom's reader did not leave raw: a sequence of undefined length, or part of the file meta."""
        start = base + _offset(element)
        path += spell(element.tag)
        rule = self._rule(element.tag, dataset, element.VR)
        is_blanked = _is_blanked(rule, is_blanked)
        action = _action(rule, is_blanked=is_blanked)
        is_sequence = element.VR == "SQ"
        length = 0 if is_sequence or action is None else self._stated_length(start, element.VR)
        self.elements.append(
            Seen(
                path=path,
                stated_vr=element.VR,
                start=start,
                length=UNDEFINED,
                value=None if is_sequence or action is not None else element.value,
                targets=((start, length),) if length else (),
                action=action,
                is_uid=element.VR == "UI",
                is_sequence=is_sequence,
                is_doubtful=element.tag.is_private,
            )
        )
        if is_sequence:
            self._walk_items(element.value, base, path, is_blanked=is_blanked)

    def _walk_items(self, items: Iterable[Dataset], base: int, path: str, *, is_blanked: bool) -> None:
        for index, item in enumerate(items):
            self._walk(item, base, f"{path}[{index}].", is_blanked=is_blanked)

    def _rule(self, tag: BaseTag, dataset: Dataset, vr: str) -> str | None:
        # What the rules mean, the core alone decides; whose a private block is, and what is a date, pydicom tells.
        return self._rules.rule(tag, _creator(tag, dataset), vr)

    def _stated_length(self, start: int, vr: str) -> int:
        """The length that stands before a value of the file meta information, which pydicom has decoded."""
        header = self._view.at(start - 4, 4)
        is_short = header[:2] == vr.encode()  # behind the VR (PS3.5 §7.1.2)
        return int.from_bytes(header[2:] if is_short else header, "little")

    def _targets(self, raw: RawDataElement, start: int) -> tuple[tuple[int, int], ...]:
        is_group_length = raw.tag.element == 0  # structure, as delimiters are, which have no value
        if is_group_length or raw.length == 0:
            return ()
        if raw.length == UNDEFINED:
            return tuple(self._fragments(start, is_little=raw.is_little_endian))
        return ((start, raw.length),)

    def _fragments(self, position: int, *, is_little: bool) -> Iterator[tuple[int, int]]:
        header = struct.Struct("<HHL" if is_little else ">HHL")
        while len(data := self._view.at(position, header.size)) == header.size:
            group, element, length = header.unpack(data)
            if group << 16 | element != ITEM:
                return
            if length:
                yield position + header.size, length
            position += header.size + length

    def _items(
        self, raw: RawDataElement, vr: str, start: int, *, is_doubtful: bool, is_blanked: bool
    ) -> Sequence[Dataset] | None:
        """The items of a value that is a sequence; None for any other value."""
        if raw.length == UNDEFINED or (raw.value is None and raw.tag.group == PIXEL_DATA_GROUP):
            return None
        if vr == "SQ" and not is_doubtful:
            return self._read_items(raw, self._value(raw, start))
        # What is to be blanked is looked at more closely: of a sequence only the leaves are.
        looks_so = vr == "SQ" or (is_blanked and is_doubtful)
        is_candidate = looks_so if self._known is None else start in self._known
        items = self._try_items(raw, start) if is_candidate else None
        if items is not None:
            self._found.add(start)
        return items

    def _value(self, raw: RawDataElement, start: int) -> bytes:
        """The value, read if pydicom has left it in the file."""
        return raw.value or self._view.at(start, raw.length)

    def _read_items(self, raw: RawDataElement, value: bytes) -> Sequence[Dataset]:
        stream = BytesIO(value) if len(value) < LONG_VALUE else _StoppableBytes(value, self._view)
        return read_sequence(stream, raw.is_implicit_VR, raw.is_little_endian, len(value), "iso8859")

    def _try_items(self, raw: RawDataElement, start: int) -> Sequence[Dataset] | None:
        item = struct.pack("<HH" if raw.is_little_endian else ">HH", ITEM >> 16, ITEM & 0xFFFF)
        if not (raw.value or self._view.at(start, len(item))).startswith(item):
            return None
        value = self._value(raw, start)
        try:
            items = self._read_items(raw, value)
        except LimitError:
            raise
        except Exception:  # noqa: BLE001 (whatever pydicom chokes on: the value is then bytes to it)
            self._view.check()  # of a budget that is spent in there, pydicom makes another error
            return None
        # pydicom takes any tag for an item's.
        return items if all(value.startswith(item, each.seq_item_tell) for each in items) else None


class _StoppableBytes(BytesIO):
    """A value as a file. pydicom reads all its items in one call, and that may take seconds."""

    def __init__(self, value: bytes, view: View) -> None:
        super().__init__(value)
        self._check = view.check

    def read(self, count: int | None = -1, /) -> bytes:
        self._check()
        return super().read(count)


def _stored(dataset: Dataset, tag: BaseTag) -> RawDataElement | DataElement | None:
    """An element as the reader left it, not decoded. pydicom's own types know no raw ones here."""
    return cast("RawDataElement | DataElement | None", dataset.get_item(tag, keep_deferred=True))


def _offset(element: RawDataElement | DataElement) -> int:
    """Where the value starts, counted as pydicom does: from the start of what it was reading."""
    if isinstance(element, RawDataElement):
        return element.value_tell
    return element.file_tell or 0


def _vr(raw: RawDataElement, dataset: Dataset) -> str:
    """The VR that pydicom takes the element for, as `pydicom.hooks.raw_element_vr` has it, but without decoding."""
    if raw.VR is not None and raw.VR != "UN":
        return raw.VR
    if raw.tag.is_private:
        return _private_vr(raw, dataset)
    return _dictionary_vr(raw.tag) or "UN"


def _dictionary_vr(tag: BaseTag) -> str | None:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return None


def _creator(tag: BaseTag, dataset: Dataset) -> bytes | None:
    """What the private creator of `tag` says, of a creator its own value; empty where it can't be one."""
    is_creator = 0x10 <= tag.element <= 0xFF
    block = tag.element if is_creator else tag.element >> 8
    creator = _stored(dataset, BaseTag(tag.group << 16 | block)) if tag.is_private else None
    if creator is None:
        return None
    return (creator.value or b"") if isinstance(creator, RawDataElement) else b""


def _private_vr(raw: RawDataElement, dataset: Dataset) -> str:
    creator = _stored(dataset, BaseTag(raw.tag.group << 16 | raw.tag.element >> 8))
    if not isinstance(creator, RawDataElement) or not creator.value:
        return "UN"
    try:
        return private_dictionary_VR(raw.tag, creator.value.decode("latin-1").strip(" \0"))
    except KeyError:
        return "UN"


def _is_blanked(rule: str | None, is_inherited: bool) -> bool:
    return rule == "blank" or (is_inherited and rule != "keep")


def _action(rule: str | None, *, is_blanked: bool) -> str | None:
    return "blank" if is_blanked else rule if rule not in {None, "keep"} else None


def _is_one_value(raw: RawDataElement) -> bool:
    """Whether nothing but its bytes calls it a sequence: where its own tag is listed, the core blanks it whole."""
    return raw.VR != "SQ" and _dictionary_vr(raw.tag) != "SQ"


def _is_doubtful(raw: RawDataElement) -> bool:
    if raw.tag.is_private or raw.VR == "UN":
        return True
    vr = _dictionary_vr(raw.tag)
    return vr is None or vr == "UN" or (vr == "SQ" and raw.VR not in {None, "SQ"})
