"""A run that replaces values in place may be killed: the next run finishes what it began, from its journal.

Real processes are killed at random moments here. `rust/files/src/write/killed.rs` ends a run after each of its writes.
"""

import importlib
import os
import pkgutil
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import dicomblank
from conftest import Command, file_rows
from dicomblank import Key, Level
from dicomblank.__main__ import main
from elements import EXPLICIT, PIXELS, part10
from namespaces import bound_by_permissions, mounting

JOURNAL = ".dicomblank-journal"
KEYED = ["--in-place", "--level", "pseudonymize", "--key"]
# Kills of the whole command, and of one that has been loaded already: there the moment hits the run and not the start.
COMMANDS, FORKS = 16, 184
BEGUN, DONE = b"DICOMblk\x01B", b"DICOMblk\x01D"
RUN = ["anonymize", "in", *KEYED, "key"]
LONG = "1/long.dcm"


def dicom(number: int, *gaps: int, references: int = 0) -> bytes:
    """A file with so many bytes before each group of values that are replaced, and so many references."""
    uid = b"1.2.826.0.1.3680043.%06d.7" % number
    elements = [
        EXPLICIT.element(0x0008_0018, "UI", uid),
        EXPLICIT.element(0x0008_0020, "DA", b"20240229"),
        EXPLICIT.element(0x0008_0060, "CS", b"MR"),
        EXPLICIT.sequence(
            0x0008_1140,
            *[EXPLICIT.item(EXPLICIT.element(0x0008_1155, "UI", uid[:-1] + b"8")) for _ in range(references)],
        ),
    ]
    for index, gap in enumerate(gaps):
        elements += [
            EXPLICIT.element(0x0009_1001 + index, "OB", bytes(gap)),
            EXPLICIT.element(0x0010_0010, "PN", b"Doe^Jane"),
            EXPLICIT.element(0x0010_0020, "LO", b"PAT%05d" % number),
            EXPLICIT.element(0x0020_000D, "UI", uid),
        ]
    return part10(EXPLICIT.uid, *elements, EXPLICIT.element(PIXELS, "OW", bytes(2000)))


@dataclass
class Study:
    top: Path
    key: Path
    before: dict[str, bytes]
    after: dict[str, bytes]

    @property
    def folder(self) -> Path:
        return self.top / "in"

    def write(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        for name, data in self.before.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def found(self) -> dict[str, bytes]:
        """All files below the folder, the journals too."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()
        }

    def half_done(self) -> set[str]:
        return {name for name, data in self.found().items() if data[96:].startswith(BEGUN)}


@pytest.fixture(scope="module")
def key() -> Key:
    for module in pkgutil.walk_packages(dicomblank.__path__, "dicomblank."):
        if not module.name.startswith(("dicomblank.engines.", "dicomblank.stores.")):  # these need their extras
            importlib.import_module(module.name)  # once, and not in each process that is killed
    return Key(bytes(range(32)))


def study_of(top: Path, key: Key, before: dict[str, bytes]) -> Study:
    key.save(top / "key")
    rules = Level.PSEUDONYMIZE.rules
    after = {name: dicomblank.anonymize_bytes(data, rules, key=key) for name, data in before.items()}
    study = Study(top, top / "key", before, after)
    study.write()
    return study


@pytest.fixture
def study(tmp_path: Path, key: Key) -> Study:
    """Files whose edits are one write, or several that are near each other or far."""
    gaps = [(10,), (5000,), (10, 9000, 30_000), (100, 100_000, 10)]
    before = {
        f"{number % 3}/{number:02}.dcm": dicom(number, *gaps[number % 4], references=2500 * (number % 4 == 1))
        for number in range(16)
    }
    return study_of(tmp_path, key, before)


@pytest.fixture
def begun(tmp_path: Path, key: Key) -> Study:
    """A run was killed in the middle of a file, which has so many values that it takes its time."""
    before = {"1/long.dcm": dicom(1, 5000, references=20_000), "1/short.dcm": dicom(2, 10), "2/two.dcm": dicom(3, 9000)}
    study = study_of(tmp_path, key, before)
    long = study.folder / LONG

    def is_begun() -> None:
        deadline = time.monotonic() + 20
        with long.open("rb") as file:
            while os.pread(file.fileno(), 10, 96) not in {BEGUN, DONE} and time.monotonic() < deadline:
                pass

    for _ in range(20):
        forked([*RUN, "--workers", "1"], tmp_path, is_begun)
        if study.half_done():
            break
        study.write()
    assert study.half_done() == {LONG}
    return study


def forked(
    words: Sequence[str], folder: Path, moment: Callable[[], object] | None = None, number: int = signal.SIGKILL
) -> int | None:
    """The command in a process of its own, without the time to load it, and killed when `moment` returns.

    Its exit code; `None` if it was killed.
    """
    child = os.fork()
    if child == 0:
        try:
            os.chdir(folder)
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            sys.argv = ["dicomblank", *words]
            os._exit(main())
        finally:
            os._exit(99)
    if moment is not None:
        moment()
        os.kill(child, number)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return None if code == -signal.SIGKILL else code


def killed(words: Sequence[str], folder: Path, after: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "dicomblank", *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(after)
    process.kill()
    process.wait()


def seconds_of(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def window_of(study: Study) -> tuple[float, float]:
    """When a run has its journal, in seconds from its start."""
    times: list[float] = []

    def watch() -> None:
        start = time.perf_counter()
        for is_there in (True, False):
            while (study.folder / JOURNAL).exists() != is_there and time.perf_counter() < start + 20:
                pass
            times.append(time.perf_counter() - start)

    assert forked(RUN, study.top, watch, signal.SIGCONT) == 0
    return times[0], times[1]


def moment_of(study: Study, some: random.Random, begin: float, end: float) -> Callable[[], None]:
    """One over the whole run, or one that is not long after the run has a journal."""
    if some.random() < 0.5:
        after = some.uniform(0.8 * begin, end)
        return lambda: time.sleep(after)
    after = some.uniform(0, (end - begin) / 2)

    def wait() -> None:
        deadline = time.monotonic() + 2 * end
        while not (study.folder / JOURNAL).exists() and time.monotonic() < deadline:
            pass
        time.sleep(after)

    return wait


def run_another(study: Study, some: random.Random) -> None:
    """What is run after a kill, before the same run again: something else that edits in place, or nothing."""
    folder, one = study.folder, study.folder / some.choice(sorted(study.before))
    keyed = some.random() < 0.5
    for path in some.choice([[], [folder], [study.top], [one], [folder / "1"], [one, folder / "2"]]):
        run_here(path, Level.PSEUDONYMIZE if keyed and path != study.top else Level.ORIGINAL)


def run_here(path: Path, level: Level = Level.PSEUDONYMIZE) -> None:
    """A run in this process: to start one takes longer than to do the files."""
    key = Key(bytes(range(32))) if level == Level.PSEUDONYMIZE else None
    dicomblank.anonymize_in_place(path, level, key=key)  # an error is raised


def test_killed_at_random_moments(study: Study) -> None:
    """Then run again, as it was or over a part or by another level first: as if nothing had happened."""
    seed = random.randrange(1 << 32)  # noqa: S311
    sys.stdout.write(f"seed {seed}\n")
    some = random.Random(seed)  # noqa: S311
    begin, end = window_of(study)
    assert study.found() == study.after
    start = seconds_of(
        lambda: subprocess.run([sys.executable, "-m", "dicomblank", "levels"], check=True, capture_output=True)
    )
    amid_a_file = in_the_middle = journals = 0
    for round_ in range(COMMANDS + FORKS):
        study.write()
        if round_ < COMMANDS:
            killed(RUN, study.top, some.uniform(0.8 * start, start + end))
        else:
            forked(RUN, study.top, moment_of(study, some, begin, end))
        found = study.found()
        done = sum(found[name] == data for name, data in study.after.items())
        in_the_middle += 0 < done < len(study.after)
        amid_a_file += len(study.half_done())
        journals += any(JOURNAL in name for name in found)
        run_another(study, some)
        run_here(study.folder)
        assert study.found() == study.after, round_
        assert not (study.folder / JOURNAL).exists(), round_
    sys.stdout.write(
        f"{in_the_middle} of {COMMANDS + FORKS} kills in the middle, {journals} left a journal, {amid_a_file} files\n"
    )
    assert in_the_middle
    assert journals


def reasons(report: str) -> dict[str, tuple[str, str | None]]:
    """Outcome and kind of each file, by its path."""
    return {row["path"]: (row["outcome"], row.get("kind")) for row in file_rows(report)}


def test_twice_and_with_another_key(study: Study, command: Command) -> None:
    assert forked(RUN, study.top) == 0
    again = command(*RUN, "--report", "-")
    assert {row["outcome"] for row in file_rows(again.stdout)} == {"unchanged"}
    Key(bytes(32)).save(study.top / "other")
    other = command("anonymize", "in", *KEYED, "other", "--report", "-")
    assert other.returncode == 1
    assert {row["outcome"] for row in file_rows(other.stdout)} == {"refused"}
    assert study.found() == study.after


def test_half_done_for_others(begun: Study, command: Command) -> None:
    """A copy, a comparison and a plan refuse it, and say what to do; nothing of the journal is a row."""
    names = begun.half_done()
    found = begun.found()
    copied = command("anonymize", "in", "--output", "out", "--level", "original", "--report", "-")
    compared = command("verify", "in", "in", "--level", "original", "--report", "-")
    for done in (copied, compared):
        assert done.returncode == 1
        rows = file_rows(done.stdout)
        assert len(rows) == len(begun.before)
        refused = {row["path"].removeprefix("in/") for row in rows if "half-done" in str(row)}
        assert refused == names
        assert "run dicomblank on it in place" in done.stderr
    for name in names:
        with pytest.raises(dicomblank.UnsupportedError, match="half pseudonymized by a run that was killed"):
            dicomblank.plan(begun.folder / name)
    assert begun.found() == found
    assert not [path for path in (begun.top / "out").rglob("*") if JOURNAL in str(path)]


def test_a_folder_that_was_moved(begun: Study) -> None:
    (begun.top / "other").mkdir()
    begun.folder.rename(begun.top / "other" / "moved")
    assert forked(["anonymize", "other", *KEYED, "key"], begun.top) == 0
    (begun.top / "other" / "moved").rename(begun.folder)
    assert begun.found() == begun.after


def test_without_its_journal(begun: Study, command: Command) -> None:
    names = begun.half_done()
    shutil.rmtree(begun.folder / JOURNAL)
    found = begun.found()
    for level in (["--level", "original"], ["--level", "anonymize-full"], ["--level", "pseudonymize", "--key", "key"]):
        done = command("anonymize", *[f"in/{name}" for name in names], "--in-place", *level)
        assert done.returncode == 1
        assert "half pseudonymized by a run that was killed" in done.stderr
    assert {name: begun.found()[name] for name in names} == {name: found[name] for name in names}
    # From a backup, into the same file.
    for name in names:
        (begun.folder / name).write_bytes(begun.before[name])
    assert forked(RUN, begun.top) == 0
    assert begun.found() == begun.after


@pytest.mark.parametrize("how", ["in place", "replaced"])
def test_an_original_from_a_backup(begun: Study, how: str) -> None:
    """It is begun anew, also where the journal is still there."""
    for name in begun.half_done():
        path = begun.folder / name
        if how == "replaced":
            path.rename(begun.top / "aside")
        path.write_bytes(begun.before[name])
    assert forked(RUN, begun.top) == 0
    found = begun.found()
    assert {name: data for name, data in found.items() if JOURNAL not in name} == begun.after
    # The file that was half done may come back: its journal stays.
    assert (len(found) > len(begun.after)) == (how == "replaced")


def test_two_runs_over_what_is_half_done(begun: Study) -> None:
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            code = forked(RUN, begun.top)
            os._exit(99 if code is None else code)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert begun.found() == begun.after


def test_a_run_that_is_killed_while_it_finishes(begun: Study) -> None:
    some = random.Random()  # noqa: S311
    for _ in range(20):
        forked(RUN, begun.top, lambda: time.sleep(some.uniform(0, 0.1)))
    assert forked(RUN, begun.top) == 0
    assert begun.found() == begun.after


def test_a_read_only_file(begun: Study, command: Command) -> None:
    """It can't be finished until it may be written."""
    prefix = bound_by_permissions()
    found = begun.found()
    names = begun.half_done()
    for name in names:
        (begun.folder / name).chmod(0o444)
    done = command(*RUN, "--report", "-", prefix=prefix)
    assert done.returncode == 1
    assert {path: kind for path, (_, kind) in reasons(done.stdout).items() if kind} == {LONG: "half-done"}
    assert {name: begun.found()[name] for name in names} == {name: found[name] for name in names}
    for name in names:
        (begun.folder / name).chmod(0o644)
    assert forked(RUN, begun.top) == 0
    assert begun.found() == begun.after


@pytest.mark.parametrize("obstacle", ["closed", "file", "link", "dangling"])
def test_no_journal_can_be_made(study: Study, command: Command, obstacle: str) -> None:
    """Files of one write need none; the others are left alone."""
    journal, elsewhere = study.folder / JOURNAL, study.top / "elsewhere"
    prefix: Sequence[str] = ()
    if obstacle == "closed":
        prefix = bound_by_permissions()
        study.folder.chmod(0o555)
    elif obstacle == "file":
        journal.write_bytes(b"somebody's")
    else:
        if obstacle == "link":
            elsewhere.mkdir()
        journal.symlink_to(elsewhere)
    done = command(*RUN, "--report", "-", prefix=prefix)
    study.folder.chmod(0o755)
    assert done.returncode == 1
    failed = {name.removeprefix("in/") for name, (outcome, _) in reasons(done.stdout).items() if outcome == "failed"}
    assert failed == {name for name, data in study.before.items() if len(data) > 8192}
    assert f"the journal in {journal} can't be written" in done.stderr
    found = study.found()
    assert all(found[name] == (study.before if name in failed else study.after)[name] for name in study.before)


def test_what_is_no_journal_is_left_alone(study: Study) -> None:
    """Anybody can make a folder of that name, or a link: nothing is removed through it, and nothing written."""
    elsewhere = study.top / "elsewhere"
    elsewhere.mkdir()
    kept = {"notes.txt": b"somebody's", ".dicomblank-0123456789abcdef.part": b"DBredo 1 and more"}
    for name, data in kept.items():
        (elsewhere / name).write_bytes(data)
    (study.top / JOURNAL).symlink_to(elsewhere)
    journal = study.folder / JOURNAL
    journal.mkdir()
    os.mkfifo(journal / ".dicomblank-0000000000000002.part")
    foreign = {"notes.txt": b"somebody's", ".dicomblank-0000000000000001.part": b"somebody's"}
    for name, data in foreign.items():
        (journal / name).write_bytes(data)
    (journal / ".dicomblank-0000000000000003.part").write_bytes(
        b"DBredo 1" + bytes(300)
    )  # cut short: no file was begun
    assert forked(RUN, study.top) == 0
    assert {path.name: path.read_bytes() for path in elsewhere.iterdir()} == kept
    found = study.found()
    assert {Path(name).name: data for name, data in found.items() if JOURNAL in name} == foreign
    assert {name: data for name, data in found.items() if JOURNAL not in name} == study.after


def test_a_folder_of_journals_that_is_named(begun: Study, command: Command) -> None:
    """What a journal says is done, and the journal of a file that is gone stays: it may come back."""
    long = begun.folder / LONG
    long.rename(begun.top / "aside")
    found = begun.found()
    command("anonymize", f"in/{JOURNAL}", "--in-place", "--level", "original")
    assert begun.found() == found
    (begun.top / "aside").rename(long)
    command("anonymize", f"in/{JOURNAL}", "--in-place", "--level", "original")
    assert long.read_bytes() == begun.after[LONG]


def test_a_journal_of_somebody_else(begun: Study, command: Command) -> None:
    """Who can make a folder around the sources must not say what is written to them."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to somebody else")
    (journal,) = (begun.folder / JOURNAL).iterdir()
    found = begun.found()
    os.chown(journal, 12345, -1)
    done = command("anonymize", f"in/{LONG}", "--in-place", "--level", "original")
    assert done.returncode == 1
    os.chown(journal, 0, -1)
    journal.chmod(0o622)
    done = command("anonymize", f"in/{LONG}", "--in-place", "--level", "original")
    assert done.returncode == 1
    assert "half pseudonymized by a run that was killed" in done.stderr
    assert begun.found() == found
    # Of the owner of the file.
    for path in (journal, begun.folder / LONG):
        os.chown(path, 12345, -1)
    journal.chmod(0o600)
    assert forked(RUN, begun.top) == 0
    assert begun.found() == begun.after


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing_half_done(study: Study, number: int) -> None:
    some = random.Random()  # noqa: S311
    words = [sys.executable, "-m", "dicomblank", "anonymize", "in", *KEYED, "key", "--report", "rows"]
    for _ in range(5):
        study.write()
        (study.top / "rows").unlink(missing_ok=True)
        process = subprocess.Popen(words, cwd=study.top, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not (study.top / "rows").exists():
            assert process.poll() is None
        time.sleep(some.uniform(0, 0.02))
        process.send_signal(number)
        assert process.wait(timeout=60) in {0, 128 + number}
        found = study.found()
        assert found.keys() == study.before.keys()
        assert all(data in (study.before[name], study.after[name]) for name, data in found.items())


def test_a_disk_that_gets_full(tmp_path: Path, command: Command, key: Key) -> None:
    """In the middle of a file, at a part of it that was a hole: it has failed, and the next run finishes it."""
    key.save(tmp_path / "key")
    path = tmp_path / "holes"
    uid = b"1.2.826.0.1.3680043.7777"
    elements = [EXPLICIT.element(0x0008_0018, "UI", uid), EXPLICIT.element(0x0010_0020, "LO", b"PAT00001")]
    hole = EXPLICIT.element(0x0010_4000, "LT", bytes(60_000))
    path.write_bytes(part10(EXPLICIT.uid, *elements, hole, EXPLICIT.element(0x0020_000D, "UI", uid)))
    before = path.read_bytes()
    rules = ["--blank", "PatientComments"]
    after = dicomblank.anonymize_bytes(before, Level.PSEUDONYMIZE.rules.blank("PatientComments"), key=key)
    again = f"{sys.executable} -m dicomblank anonymize full --in-place --level original"
    prefix = mounting(
        "mkdir full; mount -t tmpfs -o size=256k none full; cp --sparse=always holes full/holes;"
        " mkdir full/.dicomblank-journal; dd if=/dev/zero of=full/room bs=4k count=2 2>/dev/null;"
        " dd if=/dev/zero of=full/rest bs=4k 2>/dev/null || true; rm full/room",
        f"cp -a full begun; rm full/rest; {again}; cp -a full saved",
    )
    done = command("anonymize", "full/holes", *KEYED, "key", *rules, prefix=prefix)
    assert done.returncode == 1
    assert "failed: full/holes: No space left on device" in done.stderr
    begun = (tmp_path / "begun" / "holes").read_bytes()
    assert begun[96:].startswith(BEGUN)
    assert begun != after
    assert (tmp_path / "begun" / JOURNAL).exists()
    assert (tmp_path / "saved" / "holes").read_bytes() == after
    assert not (tmp_path / "saved" / JOURNAL).exists()
