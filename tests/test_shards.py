"""Shards: what is listed is in one of them, each is done once, and what was cut short is gone on with."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import dicomblank
from dicomblank import FilesFrom, Key, shards
from dicomblank.shards import LedgerError, Manifest, ManifestError, ledger, listing
from elements import EXPLICIT, part10
from reports import read
from samples import CT, MR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Command

ROOT = Path(__file__).parents[1]
NAME = b"CompressedSamples"  # of the patient in CT
FULL = "anonymize-full"


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def keys_of(made: shards.Made) -> list[str]:
    return [entry.key for path in made.manifests for entry in Manifest.read(path).entries]


def scan(number: int) -> bytes:
    uid = EXPLICIT.element(0x0008_0018, "UI", f"1.2.3.{number}".encode())
    return part10("1.2.840.10008.1.2.1", uid + EXPLICIT.element(0x0010_0010, "PN", b"Doe^Jane"))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Eight files, in folders whose names sort otherwise with a slash than without, and what is passed over."""
    folder = tmp_path / "study"
    for path in ("a/1.dcm", "a/b/1.dcm", "a/b/2.dcm", "a-b/1.dcm", "a.dcm", "a0", "b", "c/d/e/f/1.dcm"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(MR if "b/" in path else CT, folder / path)
    (folder / "link").symlink_to("a.dcm")
    (folder / "folders").symlink_to("a")
    (folder / "a" / ".dicomblank-0123456789abcdef.part").write_bytes(b"cut short")
    (folder / ".dicomblank-journal").mkdir()
    (folder / ".dicomblank-journal" / "x").write_bytes(b"")
    return folder


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """600 small files in six folders."""
    folder = tmp_path / "many"
    for number in range(600):
        path = folder / f"series{number // 100}" / f"{number:03}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(scan(number))
    return folder


# Making them


@pytest.mark.parametrize("files", [1, 3, 8, 100])
def test_every_file_is_in_one_shard_in_the_order_of_the_keys(study: Path, tmp_path: Path, files: int) -> None:
    made = shards.make(study, tmp_path / "shards", files=files)
    expected = sorted(
        (str(path.relative_to(study)) for path in study.rglob("*") if path.is_file() and not path.is_symlink()),
        key=os.fsencode,
    )
    expected = [key for key in expected if ".dicomblank-" not in key and not key.startswith("folders/")]
    assert keys_of(made) == expected
    assert len(expected) == 8
    assert (made.files, made.passed_over) == (8, 2)
    assert made.size == sum((study / key).stat().st_size for key in expected)
    sizes = [len(Manifest.read(path).entries) for path in made.manifests]
    assert sizes == [files] * (8 // files) + [8 % files] * bool(8 % files)
    first = (tmp_path / "shards" / "00000001.jsonl").read_text().splitlines()
    assert json.loads(first[0]) == {"source": str(study)}
    assert json.loads(first[1]) == {"key": expected[0], "size": (study / expected[0]).stat().st_size}


@pytest.mark.parametrize("seed", range(20))
def test_a_listing_is_taken_up_behind_any_key(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 (no secret)
    for _ in range(40):
        path = tmp_path / "/".join(
            draw.choice(["a", "a-", "a.", "ab", "b", "\u00e4"]) for _ in range(draw.randint(1, 4))
        )
        if not path.exists() and all(not around.is_file() for around in path.parents):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
    with ThreadPoolExecutor(2) as pool:
        whole = [entry.key for entry in listing.Listing(str(tmp_path), None, pool).after()]
        assert whole == sorted(whole, key=os.fsencode)
        assert len(whole) == sum(path.is_file() for path in tmp_path.rglob("*"))
        for place, key in enumerate(whole):
            rest = [entry.key for entry in listing.Listing(str(tmp_path), None, pool).after(key)]
            assert rest == whole[place + 1 :]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_what_was_cut_short_is_gone_on_with(study: Path, tmp_path: Path, count: int) -> None:
    whole = shards.make([study, tmp_path / "study" / "a"], tmp_path / "whole", files=2)

    def stop(files: int) -> None:
        if files >= 2 * count:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shards.make([study, study / "a"], tmp_path / "shards", files=2, progress=stop)
    before = tree(tmp_path / "shards")
    made = shards.make([study, study / "a"], tmp_path / "shards", files=2)
    assert [Path(path).read_bytes() for path in made.manifests] == [Path(path).read_bytes() for path in whole.manifests]
    assert all(tree(tmp_path / "shards")[name] == data for name, data in before.items() if name != "listing.json")
    # Once it is whole, nothing is listed again.
    (study / "new.dcm").write_bytes(b"")
    assert shards.make([study, study / "a"], tmp_path / "shards", files=2)[:3] == made[:3]


def test_several_sources_are_copied_as_by_one_run(study: Path, many: Path, tmp_path: Path) -> None:
    dicomblank.anonymize_copy([study, many], tmp_path / "whole")
    made = shards.make([study, many], tmp_path / "shards", files=250)
    for path in made.manifests:
        assert shards.run(path, output=tmp_path / "out", ledger=tmp_path / "ledger").ok
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_a_list_is_divided_in_its_order(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["study/b", "./study//a/1.dcm", str(study / "a0"), "study/gone.dcm"]
    Path("list").write_bytes(b"\0".join(map(os.fsencode, names)))
    listed = FilesFrom("list", relative_to="study", null=True)
    made = shards.make(listed, "shards", files=3, exclude="a0")
    assert keys_of(made) == ["b", "a/1.dcm", "gone.dcm"]
    report = shards.run(made.manifests[0], output="out", ledger="ledger")
    assert (report.anonymized, report.failed, list(tree(tmp_path / "out"))) == (2, 1, ["a/1.dcm", "b"])
    for bad, why in [("/etc/passwd", "outside"), ("study/../x", "outside"), ("other/x", "outside")]:
        Path("list").write_text(bad)
        with pytest.raises(ManifestError, match=why) as caught:
            shards.make(FilesFrom("list", relative_to="study"), f"shards-of-{len(bad)}")
        assert bad not in str(caught.value)
    shutil.copy(CT, "scan")
    for null in (False, True):
        with pytest.raises(ManifestError, match="scan is a DICOM file"):
            shards.make(FilesFrom("scan", relative_to="study", null=null), "shards-of-a-scan")
    with pytest.raises(ManifestError, match="read with -0"):
        shards.make(FilesFrom(Path("nul"), relative_to="study"), "x") if Path("nul").write_bytes(b"a\0b") else None


def test_a_folder_that_can_t_be_listed_is_no_silence(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def fails(path: bytes) -> object:
        if path.endswith(b"/c/d/"):
            raise PermissionError(13, "Permission denied", os.fsdecode(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", fails)
    with pytest.raises(PermissionError):
        shards.make(study, tmp_path / "shards", files=2)
    assert len(keys_of(shards.make(study, tmp_path / "others", exclude="/c/d/"))) == 7
    monkeypatch.undo()
    assert len(keys_of(shards.make(study, tmp_path / "shards", files=2))) == 8


def test_a_folder_of_manifests_is_of_one_data_set(study: Path, many: Path, tmp_path: Path) -> None:
    into = tmp_path / "shards"
    made = shards.make(study, into, files=2)
    for other in ({"source": many}, {"files": 3}, {"exclude": "a"}):
        with pytest.raises(ValueError, match="shards of something else"):
            shards.make(**({"source": study, "into": into, "files": 2} | other))  # type: ignore[arg-type]
    Path(made.manifests[1]).unlink()
    with pytest.raises(ValueError, match="had 4 manifests in it, and has 3"):
        shards.make(study, into, files=2)
    with pytest.raises(ValueError, match=r"no listing\.json"):
        shards.make(study, shutil.copytree(into, tmp_path / "copy", ignore=shutil.ignore_patterns("listing.json")))
    wrongs: tuple[dict[str, object], ...] = (
        {"files": 0},
        {"files": 1_000_001},
        {"source": []},
        {"source": [study, str(study) + "/."]},
        {"source": CT},
    )
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r".") as caught:
            shards.make(**({"source": study, "into": tmp_path / "new"} | wrong))  # type: ignore[arg-type]
        assert not isinstance(caught.value, ManifestError)


def test_two_makers_do_not_meet(study: Path, tmp_path: Path) -> None:
    met: list[bool] = []

    def make_again(_: int) -> None:
        with pytest.raises(BlockingIOError, match="another run makes shards"):
            shards.make(study, tmp_path / "shards", files=2)
        met.append(True)

    assert shards.make(study, tmp_path / "shards", files=2, progress=make_again).files == 8
    assert len(met) == 4


# Running them


@pytest.mark.parametrize("level", ["anonymize", "pseudonymize"])
def test_all_shards_make_what_one_run_makes(many: Path, tmp_path: Path, level: str) -> None:
    key = Key.generate() if level == "pseudonymize" else None
    one = dicomblank.anonymize_copy(many, tmp_path / "whole", level, key=key)
    made = shards.make(many, tmp_path / "shards", files=100)
    asked = {"output": tmp_path / "out", "ledger": tmp_path / "ledger", "key": key}
    reports = [shards.run(path, level, **asked) for path in made.manifests]  # type: ignore[arg-type]
    total = sum(reports[1:], reports[0])
    assert (total.counts, total.values, total.files_with) == (one.counts, one.values, one.files_with)
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")
    # Done once: nothing is opened again, and the reports are those of the ledger.
    for path in many.rglob("*.dcm"):
        path.unlink()
    again = [shards.run(path, level, **asked) for path in made.manifests]  # type: ignore[arg-type]
    assert [report.counts for report in again] == [report.counts for report in reports]
    assert [report.values for report in again] == [report.values for report in reports]
    page = dicomblank.report_page(sorted((tmp_path / "ledger").glob("*.jsonl")), tmp_path / "page.html")
    # The UIDs of such small files are short, and dates there are none.
    assert str(page).startswith("PASS" if key is None else "REVIEW REQUIRED: 600 files with a warning")


@pytest.mark.parametrize("in_place", [False, True])
def test_a_run_that_was_killed_is_gone_on_with(many: Path, tmp_path: Path, in_place: bool) -> None:
    shutil.copytree(many, tmp_path / "before")
    shards.make(many, tmp_path / "shards", files=300)
    where = ["--in-place"] if in_place else ["--output", str(tmp_path / "out")]
    command = [
        sys.executable,
        "-m",
        "dicomblank",
        "run-shard",
        *sorted(map(str, (tmp_path / "shards").glob("*.jsonl"))),
    ]
    command += [*where, "--ledger", str(tmp_path / "ledger"), "-j", "1", "--validate"]
    kills = 0
    for delay in (0.6, 0.8, 1.0):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(delay)
            kills += process.poll() is None
            process.kill()
    assert kills
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = many if in_place else tmp_path / "out"
    assert dicomblank.verify(tmp_path / "before", result, pydicom=False).counts["ok"] == 600
    ledgers = sorted((tmp_path / "ledger").iterdir())
    assert [path.name for path in ledgers] == ["00000001.jsonl", "00000002.jsonl"]
    for path in ledgers:
        lines = read(path)
        assert lines.end is not None
        assert lines.end["end"] == "complete"
        assert {row["outcome"] for row in lines.files} <= {"anonymized", "unchanged", "skipped"}
        assert len({row["path"] for row in lines.files}) == len(lines.files) == 300


def test_two_runs_on_one_shard(many: Path, tmp_path: Path) -> None:
    (path,) = shards.make(many, tmp_path / "shards").manifests
    asked = {"output": tmp_path / "out", "ledger": tmp_path / "ledger"}
    met: list[bool] = []

    def run_again(_: object) -> None:
        if not met:
            with pytest.raises(BlockingIOError, match="another run is at this shard"):
                shards.run(path, **asked)  # type: ignore[arg-type]
            met.append(True)

    report = shards.run(path, **asked, on_row=run_again)  # type: ignore[arg-type]
    assert (report.anonymized, met) == (600, [True])
    assert [path.name for path in (tmp_path / "ledger").iterdir()] == ["00000001.jsonl"]


def test_runs_at_the_same_time_without_locks_come_to_no_harm(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    (path,) = shards.make(many, tmp_path / "shards").manifests
    # What each runs removes of the others' reports is what a shared file system without locks would lose: none is lost.
    reports: list[dicomblank.Report] = []
    faults: list[BaseException] = []

    def one() -> None:
        try:
            reports.append(shards.run(path, output=tmp_path / "out", ledger=tmp_path / "ledger"))
        except OSError as error:
            faults.append(error)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reports
    assert not [report for report in reports if report.faults]
    assert len(tree(tmp_path / "out")) == 600
    assert dicomblank.verify(many, tmp_path / "out", pydicom=False).counts["ok"] == 600
    lines = read(tmp_path / "ledger" / "00000001.jsonl")
    assert (lines.end or {})["counts"]["files"] == 600


def test_what_has_failed_is_tried_again_and_what_is_refused_is_not(study: Path, tmp_path: Path) -> None:
    (study / "cut.dcm").write_bytes(CT.read_bytes()[:0x3A8])
    (path,) = shards.make(study, tmp_path / "shards").manifests
    (study / "b").rename(tmp_path / "aside")
    asked = {"output": tmp_path / "out", "ledger": tmp_path / "ledger"}
    report = shards.run(path, **asked)  # type: ignore[arg-type]
    assert (report.failed, report.refused, report.ok) == (1, 1, False)
    (tmp_path / "aside").rename(study / "b")
    report = shards.run(path, **asked)  # type: ignore[arg-type]
    assert (report.failed, report.refused, report.anonymized, report.skipped) == (0, 1, 1, 7)
    shutil.rmtree(study)
    study.mkdir()
    again = shards.run(path, **asked)  # type: ignore[arg-type]
    assert again.counts == report.counts
    assert [(row.path, row.kind, row.offset, row.tag_path, row.error) for row in again.faults] == [
        (row.path, row.kind, row.offset, row.tag_path, row.error) for row in report.faults
    ]


def test_a_ledger_is_of_one_run(many: Path, tmp_path: Path) -> None:
    (path,) = shards.make(many, tmp_path / "shards").manifests
    out, reports = tmp_path / "out", tmp_path / "ledger"
    shards.run(path, output=out, ledger=reports)
    before = (tree(out), tree(reports))
    key = Key.generate()
    for other, why in [
        ({"level": FULL, "output": out}, "another level and rules"),
        ({"level": "pseudonymize", "key": key, "output": out}, "another key, level and rules"),
        ({"output": tmp_path / "elsewhere"}, "another destination"),
        ({"in_place": True}, "another destination"),
        ({"output": out, "leftovers": "warn"}, "another leftovers"),
    ]:
        with pytest.raises(LedgerError, match=why):
            shards.run(path, ledger=reports, **other)  # type: ignore[arg-type]
    report = reports / "00000001.jsonl"
    text = report.read_text()
    for change, why in [
        (text.replace('"version": "', '"version": "9.'), "another version"),
        (text.replace('"sha256": "', '"sha256": "0'), "another shard"),
        (text.rpartition('{"row": "end"')[0], "not the whole report"),
        (text[:-20], "cut short"),
        ("nothing\n", "cut short, or no row"),
        ('{"row": "run"}\n', "no report of a run"),
    ]:
        report.write_text(change)
        with pytest.raises(LedgerError, match=why):
            shards.run(path, output=out, ledger=reports)
    assert tree(out) == before[0]
    report.write_bytes(b"")  # a name that was made where there are no links, by a run that was killed then
    assert shards.run(path, output=out, ledger=reports).skipped == 600


@pytest.mark.parametrize("has_links", [True, False])
def test_a_report_gets_a_name_that_none_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    one = ledger.Ledger(tmp_path, "x")
    for content in ("one", "two"):
        with one.claimed() as part:
            Path(part).write_text(content)
            one.publish(part, is_anew=False)
        assert tree(tmp_path) == {"x.jsonl": b"one"}
    with one.claimed() as part:
        Path(part).write_text("three")
        one.publish(part, is_anew=True)
    assert tree(tmp_path) == {"x.jsonl": b"three"}


# Manifests that won't do

BAD = [
    (b"", "does not say the source"),
    (b'{"key": "a"}\n', "does not say the source"),
    (b"nothing medical\n", "line 1: no JSON object"),
    (b'{"source": "%s"}\n{"key": "a0"}\nDoe^Jane\n', "line 3: no JSON object"),
    (b'{"source": "%s"}\n["a0"]\n', "line 2: no JSON object"),
    (b'{"source": "%s"}\n{"size": 1}\n', "line 2: no key"),
    (b'{"source": "%s"}\n{"key": ""}\n', "line 2: no key"),
    (b'{"source": "%s"}\n{"key": 7}\n', "line 2: no key"),
    (b'{"source": "%s"}\n{"key": "a", "size": "b"}\n', "line 2: no key"),
    (b'{"source": "%s"}\n{"key": "/etc/passwd"}\n', "line 2: the key leads outside"),
    (b'{"source": "%s"}\n{"key": "a/../../b"}\n', "line 2: the key leads outside"),
    (b'{"source": 7}\n{"key": "a"}\n', "line 1: no source"),
    (b'{"source": "%s", "into": "../x"}\n{"key": "a"}\n', "line 1: no source"),
    (b'{"source": "/none"}\n{"key": "a"}\n', "/none: No such file"),
]


@pytest.mark.parametrize(("data", "why"), BAD, ids=[f"{number}: {why}" for number, (_, why) in enumerate(BAD)])
def test_a_manifest_that_is_none_is_told_by_its_line(
    study: Path, command: Command, tmp_path: Path, data: bytes, why: str
) -> None:
    (tmp_path / "x.jsonl").write_bytes(data.replace(b"%s", os.fsencode(study)))
    before = tree(study)
    done = command("run-shard", "x.jsonl", "--in-place", "--ledger", "ledger")
    assert (done.returncode, why in done.stderr) == (2, True), done.stderr
    assert "Doe" not in done.stderr
    assert tree(study) == before


def test_a_scan_that_is_named_as_a_manifest(command: Command) -> None:
    done = command("run-shard", CT, "--in-place", "--ledger", "ledger")
    assert (done.returncode, "no JSON object" in done.stderr) == (2, True)
    assert "Compressed" not in done.stderr


def test_a_listing_that_was_there_before_is_taken_as_it_is(study: Path, tmp_path: Path) -> None:
    lines = ['{"key": "a/1.dcm", "etag": "x"}', "", '{"key": "b", "size": 7}']
    (tmp_path / "own.jsonl").write_text("\n".join(lines))
    report = shards.run(tmp_path / "own.jsonl", output=tmp_path / "out", ledger=tmp_path / "ledger", source=study)
    assert (report.anonymized, sorted(tree(tmp_path / "out"))) == (2, ["a/1.dcm", "b"])


PLAIN = [
    *(f"a/{number}.dcm" for number in range(3)),
    "[{x}]",
    "a..b",
    "\x7f\x85\u2028\xa0",
    "\u00e4/\U0001f600",
]
ESCAPED = ['a"b', "a\\b", "tab\tnew\nline\r", "\udc80", "\x1c\x0b\x0c"]


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", ""])
@pytest.mark.parametrize("keys", [PLAIN, PLAIN + ESCAPED, ESCAPED], ids=["plain", "both", "escaped"])
def test_the_pattern_reads_what_the_parser_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: list[str], end: str, ascii_only: bool
) -> None:
    rows = [
        {"key": key} | ({"size": number} if number % 3 else {}) | ({"etag": f'"{number}"'} if number % 2 else {})
        for number, key in enumerate(keys)
    ]
    head = json.dumps({"source": "/data"})
    lines = [head, *(json.dumps(row, ensure_ascii=ascii_only) for row in rows)]
    path = tmp_path / "x.jsonl"
    text = (end or "\n").join(lines) + end
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    quick = Manifest.read(path)
    monkeypatch.setattr("dicomblank.shards.manifest._plain", lambda *_, **__: None)
    slow = Manifest.read(path)
    assert (slow.entries, slow.keys, slow.sha256) == (quick.entries, quick.keys, quick.sha256)
    assert [entry._asdict() for entry in quick.entries] == [{"size": None, "etag": None} | row for row in rows]
    assert quick.keys == b"".join(os.fsencode(key) + b"\0" for key in keys)


FORGED = [
    '{"key": "a"},{"key": "b"}',  # two in one line, and one in two lines: as many rows as lines
    '{"key": "a"}{"key": "b"}',
    '{"key": "a", "size": 01}',
    '{"key": "a", "size": "1"}',
    '{"key": "a", "size": 1.0}',
    '{"key": "a", "size": true}',
    '{"key": "a\tb"}',
    '{"key": "a\\u0000b"}',
    '{"key": "\\ud800"}',
    '{"key": "../a"}',
    '{"key": "a/.."}',
    '{"key": "/a"}',
    '{"key": "a", "size": 1',
    '{"key": "a"} x',
    "[" * 100_000,
]


@pytest.mark.parametrize("line", FORGED, ids=range(len(FORGED)))
@pytest.mark.parametrize("place", [0, 2])
def test_a_line_that_won_t_do_is_found_among_good_ones(tmp_path: Path, line: str, place: int) -> None:
    lines = ['{"key": "x"}', '{"key": "y", "size": 1}', '{"key": "z",', '"size": 1}']
    lines = [*lines[:place], line, *lines[place : 4 if place == 0 else 2]]
    (tmp_path / "x.jsonl").write_text("\n".join(['{"source": "/data"}', *lines]))
    with pytest.raises(ManifestError, match=f"line {place + 2}: "):
        Manifest.read(tmp_path / "x.jsonl")


def counted(monkeypatch: pytest.MonkeyPatch, module: object, name: str, calls: list[object]) -> None:
    """Notes each call of a function."""
    real = getattr(module, name)

    def call(*given: object, **more: object) -> object:
        calls.append(given)
        return real(*given, **more)

    monkeypatch.setattr(module, name, call)


def test_a_run_is_made_once_and_a_ledger_is_read_once(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (study / "gone").write_bytes(b"")
    (path,) = shards.make(study, tmp_path / "shards").manifests
    (study / "gone").unlink()
    made: list[object] = []
    reads: list[object] = []
    counted(monkeypatch, dicomblank._core, "Job", made)
    counted(monkeypatch, ledger, "read", reads)
    asked = {"output": tmp_path / "out", "ledger": tmp_path / "ledger"}
    assert shards.run(path, **asked).failed == 1  # type: ignore[arg-type]
    assert (len(made), len(reads)) == (1, 0)
    assert shards.run(path, **asked).failed == 1  # type: ignore[arg-type]
    assert (len(made), len(reads)) == (2, 1)


# URLs: what needs a store is in tests/stores


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: shards.make("ftp://host/x", "x"), "no store that is known"),
        (lambda: shards.make("s3://id:secret@b/x", "x"), "holds no credentials"),
        (lambda: shards.make("file://host/x", "x"), "three slashes"),
        (lambda: shards.make("study", "s3://b/x"), "the folder of the manifests lies on a disk"),
        (lambda: shards.run("s3://b/m.jsonl", in_place=True, ledger="l"), "a manifest lies on a disk"),
        (lambda: shards.run("m.jsonl", in_place=True, ledger="s3://b/l", source="study"), "a ledger lies on a disk"),
        (lambda: shards.run("m.jsonl", in_place=True, ledger="l", source="gs://b/l"), "takes URLs of s3:// alone"),
        (lambda: shards.run("m.jsonl", in_place=True, ledger="l", source="ftp://b"), "no store that is known"),
        (lambda: shards.run("none.jsonl", in_place=True, ledger="l", source="s3://b"), "line 1: no size"),
    ],
)
def test_what_can_t_be_asked_of_a_store(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Callable[[], object], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.jsonl").write_text('{"key": "a.dcm", "size": 7}\n')
    Path("none.jsonl").write_text('{"key": "a.dcm"}\n')
    before = tree(study)
    with pytest.raises(ValueError, match=why) as caught:
        call()
    assert "secret" not in str(caught.value)
    assert tree(study) == before
    assert not Path("x").exists()
    assert not [path for path in tmp_path.iterdir() if ":" in path.name]


def test_the_extra_is_named_where_it_is_missing(command: Command, tmp_path: Path) -> None:
    if importlib.util.find_spec("obstore"):
        pytest.skip("it is there")
    done = command("shard", "s3://bucket/in", "--into", "shards")
    assert (done.returncode, "pip install 'dicomblank[cloud]'" in done.stderr) == (2, True)
    (tmp_path / "m.jsonl").write_text('{"source": "s3://bucket/in"}\n{"key": "a.dcm", "size": 7}\n')
    done = command("run-shard", "m.jsonl", "--output", "s3://bucket/out", "--ledger", "ledger")
    assert (done.returncode, "pip install 'dicomblank[cloud]'" in done.stderr) == (2, True)


def test_a_file_url_is_a_path(study: Path, tmp_path: Path) -> None:
    made = shards.make(study.as_uri(), (tmp_path / "shards").as_uri())
    assert json.loads(Path(made.manifests[0]).read_text().splitlines()[0]) == {"source": str(study)}
    uris = {"output": (tmp_path / "out").as_uri(), "ledger": (tmp_path / "ledger").as_uri()}
    report = shards.run(Path(made.manifests[0]).as_uri(), **uris)  # type: ignore[arg-type]
    assert (report.anonymized, len(tree(tmp_path / "out"))) == (8, 8)


# The commands


def test_the_commands(study: Path, command: Command, tmp_path: Path) -> None:
    made = command("shard", "study", "--into", "shards", "--files", "3", "--exclude", "a0")
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith("3 shards are in shards (7 files, ")
    manifests = sorted((tmp_path / "shards").glob("*.jsonl"))
    asked = ("-o", "out", "--ledger", "ledger")
    first = command("run-shard", *manifests, *asked, "--index", "0", "--of", "2")
    assert (first.returncode, "2 of 2 shards are done." in first.stdout) == (0, True)
    assert sorted(path.name for path in (tmp_path / "ledger").iterdir()) == ["00000001.jsonl", "00000003.jsonl"]
    rest = command("run-shard", *manifests, *asked)
    assert (rest.returncode, "3 of 3 shards are done, 2 of them before." in rest.stdout) == (0, True)
    assert len(tree(tmp_path / "out")) == 7
    assert command("run-shard", *manifests, *asked, "-q").stdout == ""
    page = command("report", *sorted((tmp_path / "ledger").glob("*.jsonl")), "-o", "page.html")
    assert (page.returncode, "The page is page.html" in page.stdout) == (0, True)


USAGE = [
    (("shard", "study"), "--into DIR"),
    (("shard", "--into", "x"), "SOURCE is missing"),
    (("shard", "none", "--into", "x"), "none: No such file"),
    (("shard", "study", "--into", "x", "--files", "0"), "from 1 to 1,000,000"),
    (("shard", "study", "--into", "x", "--files", "many"), "--files is a whole number"),
    (("run-shard", "-o", "out", "--ledger", "l"), "MANIFEST is missing"),
    (("run-shard", "x", "--ledger", "l"), "say where the result goes"),
    (("run-shard", "x", "-o", "out", "--in-place", "--ledger", "l"), "say where the result goes"),
    (("run-shard", "x", "-o", "out"), "--ledger DIR"),
    (("run-shard", "x", "-o", "out", "--ledger", "l"), "x: No such file"),
    (("run-shard", "x", "-o", "out", "--ledger", "l", "--index", "1"), "--index and --of go together"),
    (("run-shard", "x", "-o", "out", "--ledger", "l", "--index", "2", "--of", "2"), "counted from 0 to 1"),
    (("run-shard", "x", "-o", "out", "--ledger", "l", "--hard-links", "write"), "needs --in-place"),
]


@pytest.mark.parametrize(("words", "why"), USAGE, ids=[why for _, why in USAGE])
def test_what_won_t_do_is_said(study: Path, command: Command, words: tuple[str, ...], why: str) -> None:
    before = tree(study)
    done = command(*words)
    assert (done.returncode, why in done.stderr) == (2, True), done.stderr
    assert tree(study) == before


@pytest.mark.parametrize("place", ["study/ledger", "out/ledger"])
def test_a_ledger_is_not_among_the_files(study: Path, command: Command, tmp_path: Path, place: str) -> None:
    command("shard", study, "--into", "shards")
    done = command("run-shard", "shards/00000001.jsonl", "-o", "out", "--ledger", place)
    assert (done.returncode, "among the files" in done.stderr) == (2, True)
    assert not (tmp_path / place).exists()


def test_an_interrupt_ends_a_run_in_order(many: Path, tmp_path: Path) -> None:
    shards.make(many, tmp_path / "shards", files=300)
    words = [
        "run-shard",
        *sorted(map(str, (tmp_path / "shards").glob("*.jsonl"))),
        "--in-place",
        "--validate",
        "-j",
        "1",
    ]
    command = [sys.executable, "-m", "dicomblank", *words, "--ledger", str(tmp_path / "ledger")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        part = None
        while time.monotonic() < deadline and not part:
            part = next(
                (path for path in tmp_path.glob("ledger/*.part") if path.read_text().count('"row": "file"')), None
            )
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    assert part is not None
    assert (process.returncode, "The same command goes on" in told) == (130, True)
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert not any(b"Doe^Jane" in data for data in tree(many).values())
    assert not list(tmp_path.glob("ledger/*.part"))


def test_the_tasks_of_an_array_do_all_of_it(many: Path, tmp_path: Path) -> None:
    shards.make(many, tmp_path / "shards", files=60)
    script = ROOT / "examples" / "slurm-array.sh"
    bin_ = Path(sys.executable).parent
    if not (bin_ / "dicomblank").exists():
        pytest.skip("the script is not installed beside this interpreter")
    for task in range(3):
        done = subprocess.run(
            ["/bin/sh", script, tmp_path / "shards", tmp_path / "out", tmp_path / "ledger"],
            env={
                "PATH": f"{bin_}:{os.environ['PATH']}",
                "SLURM_ARRAY_TASK_ID": str(task),
                "SLURM_ARRAY_TASK_COUNT": "3",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(list((tmp_path / "ledger").iterdir())) == 10
    assert dicomblank.verify(many, tmp_path / "out", pydicom=False).counts["ok"] == 600


def test_the_call_of_readme_s_example(study: Path, tmp_path: Path) -> None:
    reports = [
        shards.run(one, output=tmp_path / "out", ledger=tmp_path / "ledger")
        for one in shards.make(study, tmp_path / "shards", files=3).manifests
    ]
    assert sum(reports[1:], reports[0]).ok
    assert shards.pick(["c", "a", "b", "d"], 1, 3) == ["b"]
    with pytest.raises(ValueError, match="counted from 0 to 2"):
        shards.pick(["a"], 3, 3)
