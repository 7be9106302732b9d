"""How much of what reports tell is shown on a page, and how names are."""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from dicomblank.page.markup import Html, clipped, element, join, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dicomblank.page.tally import File, Group

__all__ = ["SIZES", "Showing", "Size"]


class Size(NamedTuple):
    """How many of each are shown; the rest is counted."""

    files: int
    """Files of each kind."""
    kinds: int
    """Kinds of each part of the page."""
    runs: int
    """Runs that were asked for different things."""
    elements: int
    """Rows of the table of elements."""
    rows: int
    """Rows of any other table."""
    words: int
    """Words in a row."""
    letters: int
    """Characters of a name; of a longer one the beginning and the end."""


#: From the first on, until the page is small enough. Ordinary reports have few kinds, and take the first.
SIZES = (
    Size(files=20, kinds=100, runs=10, elements=150, rows=40, words=60, letters=160),
    Size(files=8, kinds=60, runs=6, elements=150, rows=30, words=40, letters=160),
    Size(files=3, kinds=40, runs=4, elements=80, rows=15, words=20, letters=100),
    Size(files=0, kinds=20, runs=2, elements=30, rows=6, words=8, letters=40),
)


class Showing(NamedTuple):
    """What is shown: names of files and folders at all, and how much of everything."""

    paths: bool
    size: Size

    def code(self, said: str, class_: str = "") -> Html:
        """A name as it stands in the files or in the report."""
        shown = clipped(said, self.size.letters)
        return element("code", shown, class_=class_) if class_ else element("code", shown)

    def name(self, path: str, instead: str = "") -> Html:
        """The name of a file or folder, or what stands in its place."""
        return self.code(path, "name") if self.paths else element("span", instead, class_="small")

    def names(self, paths: Sequence[str], count: int, noun: str, most: int = 5) -> Html:
        """Names of several, of which there are `count`."""
        if not self.paths or not paths:
            return join([f"{number(count)} {noun}{'' if count == 1 else 's'}"])
        shown = [self.name(path) for path in paths[:most]]
        return _with_more(shown, count - len(shown))

    def words(self, words: Sequence[str]) -> Html:
        """Words between commas, and how many more there are."""
        shown = [join([clipped(word, self.size.letters)]) for word in words[: self.size.words]]
        return _with_more(shown, len(words) - len(shown))

    def files(self, group: Group) -> Html:
        """The files of a group, with the places in them that something is said of."""
        files = group.files[: self.size.files] if self.paths else []
        lines = [self._file(file) for file in files]
        if files and group.count > len(files):
            lines.append(element("li", element("span", f"and {number(group.count - len(files))} more")))
        return element("ul", *lines, class_="files") if lines else Html("")

    def _file(self, file: File) -> Html:
        said = self._place(file) or clipped(file.error or "", self.size.letters)
        return element("li", self.name(_path_of(file)), *([" ", element("span", said)] if said else []))

    def _place(self, file: File) -> str:
        where = f"at {file.offset:#x}" if file.offset is not None else ""
        return f"{where} in {clipped(file.tag_path, self.size.letters)}".strip() if file.tag_path else where

    @staticmethod
    def more(count: int, shown: int, what: str = "more") -> Iterable[Html]:
        """A line that says how many are not shown, if any are not."""
        return [element("p", f"and {number(count - shown)} {what}", class_="small")] if count > shown else []


def _path_of(file: File) -> str:
    """The path of a file that was named itself is its source."""
    if posixpath.basename(file.source) == file.path:
        return file.source
    return posixpath.join(file.source, file.path)


def _with_more(shown: Sequence[Html], more: int) -> Html:
    parts: list[str] = []
    for part in shown:
        parts += [", ", part] if parts else [part]
    if more > 0:
        parts.append(f", and {number(more)} more")
    return join(parts)
