from collections.abc import Callable, Iterator, Sequence
from os import PathLike
from typing import Literal, TypeAlias, final

from typing_extensions import Buffer

_StrPath: TypeAlias = str | PathLike[str]

__all__ = [
    "INFLATED_LIMIT",
    "MOST_WORKERS",
    "Catalogue",
    "Edit",
    "Job",
    "Key",
    "Leftover",
    "Plan",
    "Progress",
    "Report",
    "Row",
    "Rules",
    "Stop",
    "__version__",
    "anonymize_buffer",
    "anonymize_bytes",
    "dictionary",
    "keyword_of",
    "kinds",
    "plan_bytes",
    "plan_file",
    "repeaters",
    "replaced_file",
    "tag_of",
    "vr_of",
    "walk_bytes",
    "warnings",
]

INFLATED_LIMIT: int
MOST_WORKERS: int
__version__: str

# What a rule is about: a tag; mask and value of a repeating element of the dictionary; group, creator and number in its
# block of a private element; "dates".
_About: TypeAlias = int | tuple[int, int] | tuple[int, str, int] | str
_Becomes: TypeAlias = str | Sequence[tuple[str, str]] | None
_Rule: TypeAlias = Literal["blank", "keep", "pseudonymize", "shift", "set", "map"]
_Action: TypeAlias = Literal["blank", "pseudonymize", "shift", "set", "map"]
_State: TypeAlias = Literal["to-do", "blank", "done"]

@final
class Rules:
    def __new__(
        cls,
        blank: Sequence[_About],
        keep: Sequence[_About] = (),
        others: Sequence[tuple[_About, str, _Becomes]] = (),
    ) -> Rules: ...
    @property
    def blanked(self) -> tuple[_About, ...]: ...
    @property
    def kept(self) -> tuple[_About, ...]: ...
    @property
    def others(self) -> tuple[tuple[_About, str, str | list[tuple[str, str]] | None], ...]: ...
    @property
    def need_key(self) -> bool: ...
    def rule(self, tag: int, creator: bytes | None = None, vr: str | None = None, /) -> _Rule | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Edit:
    def __new__(
        cls,
        tag: int,
        tag_path: str,
        vr: str,
        start: int,
        length: int,
        action: str = "blank",
        state: str | None = None,
    ) -> Edit: ...
    @property
    def tag(self) -> int: ...
    @property
    def keyword(self) -> str: ...
    @property
    def tag_path(self) -> str: ...
    @property
    def vr(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def length(self) -> int: ...
    @property
    def action(self) -> _Action: ...
    # How far the value is: "blank" where nothing is left in it, "done" where it is set, or was replaced as the mark of
    # the file says. None where nobody has looked, as in the plan that `anonymize_buffer` gives.
    @property
    def state(self) -> _State | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Plan:
    @staticmethod
    def from_bytes(data: bytes, states: bytes | None = None) -> Plan: ...
    @property
    def size(self) -> int: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Edit]: ...
    def __getitem__(self, index: int, /) -> Edit: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Leftover:
    def __new__(cls, place: str, offset: int | None, length: int, of: str) -> Leftover: ...
    @property
    def place(self) -> str: ...
    @property
    def offset(self) -> int | None: ...
    @property
    def length(self) -> int: ...
    @property
    def of(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Row:
    def __new__(
        cls,
        source: str,
        path: str,
        output: str | None,
        outcome: str,
        edits: int,
        kind: str | None,
        offset: int | None,
        tag_path: str | None,
        warnings: Sequence[str],
        error: str | None,
        is_fault: bool,
        exception: Exception | None,
        levels: Sequence[str] = ...,
        leftovers: Sequence[Leftover] = ...,
        leftover_count: int = 0,
        not_searched: int = 0,
    ) -> Row: ...
    @property
    def source(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def output(self) -> str | None: ...
    @property
    def outcome(self) -> str: ...
    @property
    def edits(self) -> int: ...
    @property
    def kind(self) -> str | None: ...
    @property
    def offset(self) -> int | None: ...
    @property
    def tag_path(self) -> str | None: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...
    @property
    def leftovers(self) -> tuple[Leftover, ...]: ...
    @property
    def leftover_count(self) -> int: ...
    @property
    def not_searched(self) -> int: ...
    @property
    def error(self) -> str | None: ...
    @property
    def is_fault(self) -> bool: ...
    @property
    def exception(self) -> Exception | None: ...
    @property
    def levels(self) -> tuple[str, ...]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Progress:
    def __new__(
        cls, done: int, found: int, listing: bool, in_flight: int = 0, bytes_done: int = 0, bytes_total: int = 0
    ) -> Progress: ...
    @property
    def done(self) -> int: ...
    @property
    def found(self) -> int: ...
    @property
    def listing(self) -> bool: ...
    @property
    def in_flight(self) -> int: ...
    @property
    def bytes_done(self) -> int: ...
    @property
    def bytes_total(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Report:
    def __new__(
        cls,
        counts: dict[str, int],
        values: dict[str, int],
        files_with: dict[str, int],
        faults: Sequence[Row],
        without_dicom: Sequence[str],
        links: int,
        warnings: int,
        seconds: float,
        complete: bool,
        allows_empty: bool,
        states: dict[str, dict[str, int]] = ...,
        leftovers: dict[str, int] = ...,
        leftover_places: dict[str, int] = ...,
        leftover_of: dict[str, int] = ...,
        found: dict[str, dict[str, tuple[int, int]]] = ...,
    ) -> Report: ...
    @property
    def counts(self) -> dict[str, int]: ...
    @property
    def values(self) -> dict[str, int]: ...
    # Of a dry run, by tag: how many "files", "values", and values of each state.
    @property
    def states(self) -> dict[str, dict[str, int]]: ...
    @property
    def leftovers(self) -> dict[str, int]: ...
    @property
    def leftover_places(self) -> dict[str, int]: ...
    @property
    def leftover_of(self) -> dict[str, int]: ...
    @property
    def found(self) -> dict[str, dict[str, tuple[int, int]]]: ...
    @property
    def files_with(self) -> dict[str, int]: ...
    @property
    def files(self) -> int: ...
    @property
    def anonymized(self) -> int: ...
    @property
    def planned(self) -> int: ...
    @property
    def unchanged(self) -> int: ...
    @property
    def not_dicom(self) -> int: ...
    @property
    def archives(self) -> int: ...
    @property
    def skipped(self) -> int: ...
    @property
    def refused(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def links(self) -> int: ...
    @property
    def warnings(self) -> int: ...
    @property
    def edits(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def complete(self) -> bool: ...
    @property
    def allows_empty(self) -> bool: ...
    @property
    def faults(self) -> tuple[Row, ...]: ...
    @property
    def without_dicom(self) -> tuple[str, ...]: ...
    @property
    def ok(self) -> bool: ...
    def __add__(self, other: Report, /) -> Report: ...
    def __radd__(self, other: int, /) -> Report: ...  # only 0, with which `sum` begins; its types ask for an int
    def __eq__(self, other: object, /) -> bool: ...

@final
class Job:
    def __new__(
        cls,
        sources: Sequence[_StrPath],
        output: _StrPath | None,
        rules: Rules,
        *,
        level: str | None = None,
        key: Key | None = None,
        existing: Literal["refuse", "skip", "overwrite"] = "refuse",
        hard_links: Literal["refuse", "write"] = "refuse",
        unmarked: Literal["refuse", "write"] = "refuse",
        leftovers: Literal["ignore", "warn", "refuse", "replace"] = "ignore",
        known: _StrPath | None = None,
        sync: Literal["none", "all"] = "none",
        workers: int | None = None,
        report: _StrPath | None = None,
    ) -> Job: ...
    @staticmethod
    def verify(
        sources: Sequence[_StrPath],
        after: _StrPath,
        rules: Rules,
        *,
        level: str | None = None,
        others: Sequence[tuple[str, Rules]] = ...,
        key: Key | None = None,
        leftovers: Literal["ignore", "warn", "refuse", "replace"] = "ignore",
        known: _StrPath | None = None,
        pydicom: Literal["ask", "leave-out"] = "ask",
        workers: int | None = None,
        report: _StrPath | None = None,
    ) -> Job: ...
    @staticmethod
    def plan(
        sources: Sequence[_StrPath],
        rules: Rules,
        *,
        level: str | None = None,
        key: Key | None = None,
        keeps_plans: bool = False,
        leftovers: Literal["ignore", "warn", "refuse", "replace"] = "ignore",
        known: _StrPath | None = None,
        workers: int | None = None,
        report: _StrPath | None = None,
    ) -> Job: ...
    @staticmethod
    def inspect(
        sources: Sequence[_StrPath],
        catalogue: Catalogue,
        rules: Rules | None = None,
        *,
        level: str | None = None,
        leftovers: Literal["ignore", "warn", "refuse", "replace"] = "ignore",
        known: _StrPath | None = None,
        workers: int | None = None,
        report: _StrPath | None = None,
    ) -> Job: ...
    # `on_plan` is called with each plan of a dry run that keeps them.
    # `validate` is called from worker threads. Of a file to be blanked with its plan, or None where the core finds no
    # DICOM: it gives a reason to refuse the file, or None. Of a file that was compared with "ok", "not-dicom" or
    # "not-copied", and the path of its original: it gives another outcome with its kind and a sentence, or None.
    def run(
        self,
        *,
        validate: (
            Callable[[str, Plan | None, Stop], str | None]
            | Callable[[str, tuple[str, str], Stop], tuple[str, str, str] | None]
            | None
        ) = None,
        on_row: Callable[[Row], object] | None = None,
        on_plan: Callable[[Row, Plan], object] | None = None,
        progress: Callable[[Progress], object] | None = None,
        allows_empty: bool = False,
        only_notable: bool = False,
    ) -> Report: ...
    @property
    def reports_to_stdout(self) -> bool: ...
    def stop(self) -> None: ...

# What an inspection looks for. Names are a section and a word, numbered from 0 on; without a section a name is not
# told. Signs are: bits of a tag that count and what they are; a tag that is there; a tag with a code; numbers that are
# there and numbers that are not; "preamble", "trailing", "opaque" or "ambiguous".
@final
class Catalogue:
    def __new__(
        cls,
        names: Sequence[tuple[str, str]],
        *,
        stands: Sequence[tuple[int, int, int]],
        present: Sequence[tuple[int, int]],
        codes: Sequence[tuple[int, int, str]],
        deduced: Sequence[tuple[int, tuple[Sequence[int], Sequence[int]]]],
        others: Sequence[tuple[int, str]],
        creators: Sequence[str],
    ) -> Catalogue: ...

@final
class Stop:
    def __bool__(self) -> bool: ...

@final
class Key:
    def __new__(cls, data: bytes, /) -> Key: ...
    @staticmethod
    def generate() -> Key: ...
    @staticmethod
    def load(path: _StrPath) -> Key: ...
    def save(self, path: _StrPath) -> None: ...
    @property
    def id(self) -> str: ...
    # These give out values, as nothing else here does.
    def pseudonym_id(self, value: str, /) -> str: ...
    def reveal_id(self, value: str, /) -> str: ...
    def pseudonym_uid(self, value: str, /) -> str: ...
    def reveal_uid(self, value: str, /) -> str: ...
    def days(self, patient_id: str, study_instance_uid: str = "") -> int: ...
    def __copy__(self) -> Key: ...
    def __deepcopy__(self, memo: object, /) -> Key: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

def plan_file(path: _StrPath, rules: Rules, key: Key | None = None) -> Plan: ...

# What values that are replaced become, by their offsets: for the second opinion, and for nobody else.
def replaced_file(path: _StrPath, rules: Rules, key: Key | None) -> list[tuple[int, bytes]]: ...
def plan_bytes(data: Buffer, rules: Rules, key: Key | None = None) -> Plan: ...
def anonymize_buffer(buffer: Buffer, rules: Rules, key: Key | None = None) -> Plan: ...
def anonymize_bytes(data: Buffer, rules: Rules, key: Key | None = None) -> bytes: ...
def tag_of(keyword: str, /) -> int | None: ...
def keyword_of(tag: int, /) -> str | None: ...
def kinds() -> list[tuple[str, str]]: ...
def warnings() -> list[tuple[str, str]]: ...
def vr_of(tag: int, /) -> str | None: ...
def repeaters() -> list[tuple[int, int, str, str]]: ...
def dictionary() -> list[tuple[int, str, str]]: ...

# The walk of a whole data set, in the order of the file and without its file meta information: for tests that compare
# it with another reader's. A row is (tag, VR, sequences around it, kind, start of the value, its length in bytes or
# None where it is undefined); the kind is "value", "sequence", "item", "fragments", "fragment" or "stray delimiter",
# and the VR that of the file, or of the dictionary in implicit VR ("UN" where it knows none). A value that was tried
# as a sequence is in it as what it turned out to be.
def walk_bytes(data: bytes, /) -> list[tuple[int, str, int, str, int, int | None]]: ...
