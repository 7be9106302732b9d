"""Which options of the Basic Profile its tests ask for together."""

from __future__ import annotations

from dicomblank.basic import FULL_DATES, MODIFIED_DATES, OPTIONS

#: No option, each alone, and all that go together.
ASKED: list[tuple[str, ...]] = [
    (),
    *((name,) for name in OPTIONS),
    *(tuple(name for name in OPTIONS if name != dates) for dates in (FULL_DATES, MODIFIED_DATES)),
]
