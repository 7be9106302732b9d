"""Checks that no module of Rust uses one above it.

    python tools/check_modules.py                 check this tree
    python tools/check_modules.py --root FOLDER   check another one

The allowed order is in tools/modules.toml. A crate has one table there, and one list for each folder of modules in it:

    [core]
    source = "rust/core/src"
    order = ["span", "tag", "walk", "planner"]        # from bottom to top

    [core.rooms]
    walk = ["frame", "self", "items"]                 # inside the folder walk/, from bottom to top

"self" is the folder's own file, walk.rs or walk/mod.rs. A folder inside a folder has a list of its own:
"walk/inner" = [...]. A crate without a table is not checked.

What counts as a use: `use` and paths that begin with `crate::` or `super::`, outside comments, text and what is
`#[cfg(test)]`. A name that lib.rs or a folder's own file hands on (`pub use part::Name`) counts as the module that it
comes from. Handing on is no use. A module inside a file counts as that file. Methods are not seen: what a type can do
may be written in several modules of a folder.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Module = tuple[str, ...]

TOKEN = re.compile(
    r"""
      //[^\n]*
    | /\*
    | b?r(?P<hashes>\#*)"(?:.|\n)*?"(?P=hashes)
    | b?"(?:\\(?:.|\n)|[^"\\])*"
    | b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\\n])'
    | '(?P<lifetime>\w+)
    | r\#(?P<raw>\w+)
    | (?P<word>\w+)
    | ::
    | \#!?\[
    | \S
    """,
    re.VERBOSE,
)


@dataclass
class Use:
    """One path in a file: where it is, its segments, and whether it is handed on."""

    line: int
    path: list[str]
    is_handed_on: bool = False


@dataclass
class File:
    """One module: its file, what it uses, and what it hands on by name."""

    path: Path
    uses: list[Use]
    declared: set[str]
    tests: set[str]
    names: dict[str, list[str]] = field(default_factory=dict)


def main() -> int:
    """Print what is out of order; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1], help="the folder of the project")
    root = parser.parse_args().root
    crates = tomllib.loads((root / "tools" / "modules.toml").read_text(encoding="utf-8"))
    found = [problem for crate in crates for problem in check(root, crate, crates[crate])]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


def check(root: Path, crate: str, listed: dict[str, Any]) -> list[str]:
    """Return what is wrong in one crate, a sentence each."""
    files = modules(root / listed["source"])
    orders = {(): listed["order"]} | {tuple(room.split("/")): order for room, order in listed.get("rooms", {}).items()}
    problems = list(unlisted(files, orders, crate))
    if problems:
        return problems
    for module, file in files.items():
        for use in file.uses:
            target = resolve(files, module, use.path)
            if target is None or module == () or (use.is_handed_on and target[: len(module)] == module):
                continue
            if target == ():
                name = "::".join(use.path)
                problems.append(f"{file.path.relative_to(root)}:{use.line}: uses {name} of lib.rs, which is above all")
                continue
            problem = against(orders, module, target)
            if problem:
                problems.append(f"{file.path.relative_to(root)}:{use.line}: {problem}")
    return list(dict.fromkeys(problems))  # one line may name several things of a module


def unlisted(files: dict[Module, File], orders: dict[Module, list[str]], crate: str) -> Iterator[str]:
    """Yield what the lists lack, and what they have too much."""
    where = "tools/modules.toml"
    rooms = {module[:-1] for module in files if len(module) > 1} | {()}
    for room in sorted(rooms | set(orders)):
        name = f"[{crate}.rooms] {'/'.join(room)}" if room else f"[{crate}] order"
        if room not in orders:
            yield f"{where}: {name} is missing: list the modules of {'/'.join(room)}/ from bottom to top"
            continue
        there = {module[-1] for module in files if module and module[:-1] == room} | ({"self"} if room else set())
        order = orders[room]
        for module in sorted(there - set(order)):
            yield f"{where}: {name} lacks {module}: put it behind everything it uses"
        for module in sorted(set(order) - there):
            yield f"{where}: {name} has {module}, which is no module: take it out"
        for module in sorted({module for module in order if order.count(module) > 1}):
            yield f"{where}: {name} has {module} more than once"


def against(orders: dict[Module, list[str]], module: Module, target: Module) -> str | None:
    """Say what is wrong with `module` using `target`, if anything is."""
    if module == target:
        return None
    shared = 0
    while shared < min(len(module), len(target)) and module[shared] == target[shared]:
        shared += 1
    order = orders[module[:shared]]
    user = module[shared] if shared < len(module) else "self"
    used = target[shared] if shared < len(target) else "self"
    if order.index(used) < order.index(user):
        return None
    names = ["::".join(module[:shared]) if name == "self" else name for name in (user, used)]
    return (
        f"{names[0]} uses {names[1]}, which is above it in tools/modules.toml: "
        "move what both need into a module below, or move what uses it up"
    )


def modules(source: Path) -> dict[Module, File]:
    """Read every file of a crate; lib.rs is ()."""
    found = {}
    for path in sorted(source.rglob("*.rs")):
        parts = path.relative_to(source).with_suffix("").parts
        found[parts[:-1] if parts[-1] == "mod" or parts == ("lib",) else parts] = read(path)
    tests = {(*module, name) for module, file in found.items() for name in file.tests}
    return {module: file for module, file in found.items() if not any(module[: len(test)] == test for test in tests)}


def resolve(files: dict[Module, File], module: Module, path: list[str], depth: int = 0) -> Module | None:
    """Return the module that `path`, written in `module`, leads to; None where it leads out of the crate."""
    head, rest = path[0], path[1:]
    if head == "crate":
        at: Module = ()
    elif head in {"self", "super"}:
        at = module if head == "self" else module[:-1]
        while rest and rest[0] == "super":
            at, rest = at[:-1], rest[1:]
    elif head in files[module].declared and (*module, head) in files:
        at = (*module, head)
    else:
        return None
    while rest and (*at, rest[0]) in files:
        at, rest = (*at, rest[0]), rest[1:]
    handed_on = files[at].names.get(rest[0]) if rest and at in files else None
    if handed_on and depth < 8:
        return resolve(files, at, handed_on, depth + 1) or at
    return at


def read(source: Path) -> File:
    """Read one file."""
    tokens = list(tokenize(source.read_text(encoding="utf-8")))
    file = File(source, [], set(), set())
    tokens = list(without_tests(tokens, file.tests))
    at, depth = 0, 0
    inside: list[int] = []  # how deep the modules stand that are open inside the file
    while at < len(tokens):
        word, line = tokens[at]
        before = tokens[at - 1][0] if at else ""
        depth += {"{": 1, "}": -1}.get(word, 0)
        if word == "}" and inside and inside[-1] == depth:
            inside.pop()
        elif word == "use" and before != "::":
            end = next(place for place in range(at, len(tokens)) if tokens[place][0] == ";")
            is_handed_on = is_public(tokens, at) and not inside
            for names, name in tree(tokens[at + 1 : end]):
                use = Use(names[-1][1], outside([word for word, _ in names], len(inside)), is_handed_on)
                file.uses.append(use)
                if is_handed_on:
                    file.names[name] = use.path
            at = end
        elif word == "mod" and at + 2 < len(tokens) and tokens[at + 2][0] == "{":
            inside.append(depth)
        elif word == "mod" and at + 2 < len(tokens) and tokens[at + 2][0] == ";":
            file.declared.add(tokens[at + 1][0])
        elif word in {"crate", "super"} and before != "::" and at + 1 < len(tokens) and tokens[at + 1][0] == "::":
            path = [word]
            while at + 2 < len(tokens) and tokens[at + 1][0] == "::" and re.fullmatch(r"\w+", tokens[at + 2][0]):
                path.append(tokens[at + 2][0])
                at += 2
            file.uses.append(Use(line, outside(path, len(inside))))
        at += 1
    return file


def outside(path: list[str], inside: int) -> list[str]:
    """Return what a path inside so many modules of a file is outside them."""
    while inside and path[0] == "super":
        path, inside = path[1:], inside - 1
        if not path or path[0] != "super":
            return ["self", *path]
    return path


def tree(tokens: list[tuple[str, int]]) -> Iterator[tuple[list[tuple[str, int]], str]]:
    """Yield each path of a `use`, and the name it has then: `a::{b, c as d}` is a::b, b and a::c, d."""
    prefix: list[tuple[str, int]] = []
    at = 0
    while at < len(tokens):
        word, _ = tokens[at]
        if word == "{":
            depth, start = 1, at + 1
            for place in range(at + 1, len(tokens)):
                depth += {"{": 1, "}": -1}.get(tokens[place][0], 0)
                if (tokens[place][0] == "," and depth == 1) or depth == 0:
                    if start < place:
                        for names, name in tree(tokens[start:place]):
                            yield without_self(prefix + names), prefix[-1][0] if name == "self" and prefix else name
                    start = place + 1
                if depth == 0:
                    return
        if word == "as":
            yield without_self(prefix), tokens[at + 1][0]
            return
        if word not in {"::", "*"}:
            prefix.append(tokens[at])
        at += 1
    yield without_self(prefix), prefix[-1][0]


def without_self(names: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """`a::{self}` is a."""
    return names[:-1] if len(names) > 1 and names[-1][0] == "self" else names


def is_public(tokens: list[tuple[str, int]], at: int) -> bool:
    """Whether `pub` or `pub(...)` stands before the token."""
    if at and tokens[at - 1][0] == ")":
        while at and tokens[at - 1][0] != "(":
            at -= 1
        at -= 1
    return at > 0 and tokens[at - 1][0] == "pub"


def without_tests(tokens: list[tuple[str, int]], files: set[str]) -> Iterator[tuple[str, int]]:
    """Leave out each item that is `#[cfg(test)]`; those of them that are files of their own go into `files`."""
    at = 0
    while at < len(tokens):
        words = [word for word, _ in tokens[at : at + 6]]
        if words in (["#[", "cfg", "(", "test", ")", "]"], ["#[", "cfg", "(", "all", "(", "test"]):
            start = next(place for place in range(at, len(tokens)) if tokens[place][0] == "]") + 1
            at = behind_item(tokens, start)
            item = [word for word, _ in tokens[start:at]]
            if item[-3:-2] == ["mod"]:
                files.add(item[-2])
            continue
        yield tokens[at]
        at += 1


def behind_item(tokens: list[tuple[str, int]], at: int) -> int:
    """Return where the item that begins at `at` has ended: at a `;` or a `}` outside all brackets."""
    depth = 0
    while at < len(tokens):
        word = tokens[at][0]
        if word in {"(", "[", "{", "#[", "#!["}:
            depth += 1
        elif word in {")", "]", "}"}:
            depth -= 1
        if depth < 0:
            return at
        at += 1
        if depth == 0 and word in {";", "}"}:
            return at
    return at


def tokenize(text: str) -> Iterator[tuple[str, int]]:
    """Yield words and signs with their lines; no comments, no text, no lifetimes."""
    at, line = 0, 1
    while found := TOKEN.search(text, at):
        line += text.count("\n", at, found.start())
        sign, end = found.group(), found.end()
        if sign == "/*":
            end = behind_comment(text, found.start())
        elif found["raw"]:
            yield found["raw"], line
        elif sign[:2] != "//" and not found["lifetime"] and not is_text(sign):
            yield sign, line
        line += text.count("\n", found.start(), end)
        at = end


def is_text(sign: str) -> bool:
    """Whether it is a string or a character."""
    return re.match(r"""b?r?#*["']""", sign) is not None and len(sign) > 1


def behind_comment(text: str, at: int) -> int:
    """Return where the comment `/*` that begins at `at` ends: comments of Rust stand inside each other."""
    depth = 0
    for found in re.compile(r"/\*|\*/").finditer(text, at):
        depth += 1 if found.group() == "/*" else -1
        if depth == 0:
            return found.end()
    return len(text)


if __name__ == "__main__":
    sys.exit(main())
