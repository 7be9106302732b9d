"""Deflated files: inflated, blanked and deflated again; here compared with pydicom and Python's zlib."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

import pydicom
import pytest

import dicomblank
from dicomblank import Existing, HardLinks, Level, OnError, Validate
from dicomblank.levels import core_rules
from dicomblank.validate import leak, second_opinion
from elements import DEFLATED, EXPLICIT, PIXELS, deflated, short_part10
from samples import CT, SAMPLES, inflated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Command

#: A real one, with the checksum and the length of gzip behind its stream.
REAL = SAMPLES / "image_dfl.dcm"
#: What a file begins with here.
META = short_part10(DEFLATED)
FULL = Level.ANONYMIZE_FULL


def data_set(name: bytes = b"Mustermann^Erika", pixels: bytes = bytes(64)) -> bytes:
    """A name and pixels, in explicit VR little endian."""
    return b"".join(
        (
            EXPLICIT.element(0x0008_0060, "CS", b"CT"),
            EXPLICIT.element(0x0010_0010, "PN", name),
            EXPLICIT.element(PIXELS, "OW", pixels),
        )
    )


def blanked(form: bytes, level: Level) -> bytes:
    """An inflated form, blanked by the buffer call, which takes it with another transfer syntax of the same length."""
    plain = DEFLATED[:-3].encode() + bytes(3)
    buffer = bytearray(form.replace(DEFLATED.encode(), plain, 1))
    dicomblank.anonymize_buffer(buffer, level)
    return bytes(buffer.replace(plain, DEFLATED.encode(), 1))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(params=["real", "by pydicom", "small"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A deflated file, to be written to."""
    found = tmp_path / "in" / "scan.dcm"
    found.parent.mkdir()
    if request.param == "real":
        shutil.copy(REAL, found)
    elif request.param == "by pydicom":
        dataset = pydicom.dcmread(CT)
        dataset.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
        dataset.save_as(found)
    else:
        found.write_bytes(META + deflated(data_set()))
    return found


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user can write to; pytest's own is its user's alone."""
    with tempfile.TemporaryDirectory(dir=tempfile.gettempdir()) as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def test_every_road_writes_the_same_and_only_the_level_is_blanked(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    stored_form = inflated(data[:-8] if path.read_bytes()[-8:] == REAL.read_bytes()[-8:] else data)
    plan = dicomblank.plan(path, FULL)
    assert len(plan) > 0
    assert plan.size == len(stored_form)
    assert [(edit.tag_path, edit.start) for edit in plan] == [
        (edit.tag_path, edit.start) for edit in dicomblank.plan(data, FULL)
    ]

    by_bytes = dicomblank.anonymize_bytes(data, FULL)
    report = dicomblank.anonymize_copy(path, f"{tmp_path}/out/", FULL, validate=Validate.ALL)
    assert (report.anonymized, report.edits) == (
        1,
        len([e for e in plan if stored_form[e.start : e.start + e.length].strip(b" \0")]),
    )
    assert path.read_bytes() == data
    dicomblank.anonymize_in_place(path, FULL, validate=Validate.ALL)

    assert path.read_bytes() == (tmp_path / "out" / "scan.dcm").read_bytes() == by_bytes
    assert inflated(by_bytes) == blanked(stored_form, FULL)
    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID == DEFLATED
    assert names(path.parent) == ["scan.dcm"]
    # Deflated once more it could be other bytes: there is nothing to do.
    assert dicomblank.anonymize_bytes(by_bytes, FULL) == by_bytes
    assert dicomblank.anonymize_in_place(path, FULL).unchanged == 1
    assert dicomblank.verify(REAL, REAL, Level.ORIGINAL).ok


def test_a_buffer_cannot_change_its_length(path: Path) -> None:
    data = bytearray(path.read_bytes())
    with pytest.raises(dicomblank.UnsupportedError, match=r"use anonymize_bytes or a call on files"):
        dicomblank.anonymize_buffer(data, FULL)
    assert data == path.read_bytes()


@pytest.mark.parametrize("uid", ["1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"])
def test_jpip_is_unsupported_by_every_call(uid: str, tmp_path: Path) -> None:
    data = short_part10(uid, deflated(data_set()))
    path = tmp_path / "jpip.dcm"
    path.write_bytes(data)
    for call in (dicomblank.plan, dicomblank.anonymize_bytes, dicomblank.anonymize_buffer):
        with pytest.raises(dicomblank.UnsupportedError, match="JPIP"):
            call(bytearray(data), FULL)
    with pytest.raises(dicomblank.UnsupportedError, match="JPIP"):
        dicomblank.anonymize_in_place(path, FULL)
    assert path.read_bytes() == data


def test_errors_tell_where_they_are(tmp_path: Path) -> None:
    start = len(META)
    whole = META + deflated(data_set())
    path = tmp_path / "scan.dcm"
    for data, kind, offset, words in (
        (whole[:-3], dicomblank.TruncatedError, len(whole) - 3, "the deflated data set has no end"),
        (META + data_set(), dicomblank.ParseError, None, "the data set can't be inflated"),
        (whole + b"Mustermann", dicomblank.ParseError, len(whole), "10 trailing bytes"),
        # Here the offset counts in the inflated form, as the plan's do.
        (META + deflated(data_set()[:20]), dicomblank.TruncatedError, start + 10, "or a length in it is wrong"),
    ):
        path.write_bytes(data)
        for call in (dicomblank.plan, dicomblank.anonymize_in_place):
            with pytest.raises(kind, match=words) as raised:
                call(path, FULL)
            assert offset in {None, raised.value.offset}
            assert "Mustermann" not in str(raised.value)
        assert path.read_bytes() == data


def test_the_command_treats_it_as_any_other(command: Command, path: Path, tmp_path: Path) -> None:
    shutil.copytree(path.parent, tmp_path / "before")
    planned = command("plan", path)
    assert (planned.returncode, planned.stderr) == (0, "")
    assert command("anonymize", path.parent, "--output", tmp_path / "out", "--validate").returncode == 0
    assert command("anonymize", path.parent, "--output", tmp_path / "out").returncode == 1
    again = command("anonymize", path.parent, "--output", tmp_path / "out", "--skip-existing")
    assert again.returncode == 0, again.stderr
    assert command("anonymize", path.parent, "--in-place", "--validate").returncode == 0
    for after in (tmp_path / "out", path.parent):
        assert command("verify", tmp_path / "before", after).returncode == 0
    assert command("verify", tmp_path / "before", tmp_path / "before").returncode == (
        1 if len(dicomblank.plan(tmp_path / "before" / "scan.dcm")) else 0
    )


def test_verify_sees_leaks_and_changes_behind_the_stream(tmp_path: Path) -> None:
    before, after = tmp_path / "before.dcm", tmp_path / "after.dcm"
    before.write_bytes(META + deflated(data_set()))
    blank = b" " * 16
    for stored, verdict in (
        (deflated(data_set(blank), 9), "ok"),
        (deflated(data_set(blank), 0), "ok"),
        (deflated(data_set()), "leak"),
        (deflated(data_set(b" " * 15 + b"x")), "leak"),
        (deflated(data_set(blank, b"\1" + bytes(63))), "changed"),
        (deflated(data_set(blank, bytes(62))), "changed"),
        (deflated(data_set(blank))[:-2], "unreadable"),
    ):
        after.write_bytes(META + stored)
        rows: list[dicomblank.Row] = []
        report = dicomblank.verify(before, after, report=rows.append)
        assert [row.outcome for row in rows] == [verdict], rows
        assert report.counts[verdict] == 1
        assert report.ok == (verdict == "ok")
    # Without the core: pydicom reads the inflated form.
    after.write_bytes(META + deflated(data_set()))
    found = leak(str(after), core_rules(FULL))
    assert found == ("leak", f"pydicom sees a value in (0010,0010) at {len(META) + 18:#x}")


def test_the_second_opinion_is_on_the_inflated_form(path: Path) -> None:
    plan = dicomblank.plan(path, FULL)
    assert second_opinion(str(path), plan, core_rules(FULL)) is None
    said = second_opinion(str(path), list(plan)[1:], core_rules(FULL))
    assert said is not None
    assert said.startswith("pydicom sees a value to blank that is not planned: ")


def bomb(size: int) -> bytes:
    """A data set of `size` bytes of pixels and more, in a thousandth of that."""
    mega = bytes(1 << 20)
    stream = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    start = stream.compress(data_set(pixels=b"")[:-4] + EXPLICIT.u32(size)) + stream.flush(zlib.Z_FULL_FLUSH)
    # Such a piece depends on no other and can be repeated.
    piece = stream.compress(mega) + stream.flush(zlib.Z_FULL_FLUSH)
    return META + start + piece * (size >> 20) + deflated(b"")


MEASURED = """
import sys, dicomblank
try:
    getattr(dicomblank, sys.argv[1])(sys.argv[2], *sys.argv[3:])
except dicomblank.LimitError as error:
    print(error, error.offset > 0)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="the peak is read from /proc")  # noqa: PTH110
def test_a_bomb_is_refused_and_takes_no_more_memory_than_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "bomb.dcm"
    data = bomb(3 << 30)
    path.write_bytes(data)
    for arguments in (
        ["plan", str(path)],
        ["anonymize_in_place", str(path)],
        ["anonymize_copy", str(path), str(tmp_path / "out")],
    ):
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, *arguments], capture_output=True, text=True, timeout=100, check=True
        )
        said, peak = done.stdout.splitlines()
        assert said.startswith("inflates to more than 512 MiB: convert the file to another transfer syntax first at 0x")
        assert said.endswith("True")
        assert int(peak) * 1024 < (512 << 20) + (100 << 20)
    assert path.read_bytes() == data
    assert names(tmp_path) == ["bomb.dcm"]


def test_a_file_below_the_limit_is_done(tmp_path: Path) -> None:
    path = tmp_path / "large.dcm"
    path.write_bytes(bomb(100 << 20))
    assert dicomblank.anonymize_in_place(path).anonymized == 1
    form = inflated(path.read_bytes())
    assert len(form) == len(META) + len(data_set(pixels=b"")) + (100 << 20)
    assert form.count(b"Mustermann") == 0


#: Everything is imported before, since another user may not read this checkout.
AS_NOBODY = """
import os, sys, dicomblank, dicomblank.api, dicomblank.errors
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
report = dicomblank.anonymize_in_place(sys.argv[1], on_error=dicomblank.OnError.COLLECT)
print(*(f"{row.outcome}: {row.error}" for row in report.faults))
"""


def as_nobody(path: Path) -> str:
    """What becomes of a file in place, as a user who owns nothing."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, path], capture_output=True, text=True, timeout=100, check=True
    )
    return done.stdout.strip()


def test_the_owner_stays_or_the_file_is_refused(shared: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    path = shared / "scan.dcm"
    path.write_bytes(META + deflated(data_set()))
    os.chown(path, 12345, 54321)
    path.chmod(0o606)
    dicomblank.anonymize_in_place(path)
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12345, 54321, 0o606)

    data = META + deflated(data_set())
    path.write_bytes(data)
    words = "refused: a new file takes its place, and can't have its owner and group: Operation not permitted"
    assert as_nobody(path) == words
    assert path.read_bytes() == data
    assert names(shared) == ["scan.dcm"]


def test_a_mode_that_the_system_does_not_give_is_a_refusal(shared: Path) -> None:
    """Set-group-ID of a group that the user is not of is dropped without a word. The group comes from the folder."""
    path = shared / "scan.dcm"
    path.write_bytes(data := META + deflated(data_set()))
    if os.geteuid() == 0:
        for place, mode in ((shared, 0o2777), (path, 0o2654)):
            os.chown(place, 65534, 0)
            place.chmod(mode)
    words = "refused: a new file takes its place, and can't have its mode: Operation not permitted"
    assert as_nobody(path) == words
    assert path.read_bytes() == data
    assert names(shared) == ["scan.dcm"]


def test_a_folder_that_may_not_be_written_is_a_failure(shared: Path) -> None:
    folder = shared / "in"
    folder.mkdir(mode=0o755)
    path = folder / "scan.dcm"
    path.write_bytes(data := META + deflated(data_set()))
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
        assert as_nobody(path) == f"failed: {folder}: Permission denied"
    else:
        folder.chmod(0o555)
        with pytest.raises(PermissionError) as raised:
            dicomblank.anonymize_in_place(path)
        assert raised.value.filename == str(folder)
        folder.chmod(0o755)
    assert path.read_bytes() == data


def test_extended_attributes_stay(shared: Path) -> None:
    path = shared / "scan.dcm"
    path.write_bytes(META + deflated(data_set()))
    try:
        os.setxattr(path, "user.dicomblank.one", b"1")
        os.setxattr(path, "user.dicomblank.empty", b"")
    except OSError as error:
        pytest.skip(f"no extended attributes here: {error.strerror}")
    before = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    dicomblank.anonymize_in_place(path)
    assert {name: os.getxattr(path, name) for name in os.listxattr(path)} == before


def test_a_folder_gives_nobody_the_right_to_read_the_new_file(shared: Path) -> None:
    """The list that a folder has for new files would let another user read this one, once it has its mode."""
    path = shared / "scan.dcm"
    path.write_bytes(META + deflated(data_set()))
    path.chmod(0o640)
    undefined, read_write = 0xFFFF_FFFF, 6
    entries = [
        (0x01, 6, undefined),
        (0x02, read_write, 65534),
        (0x04, 4, undefined),
        (0x10, 6, undefined),
        (0x20, 0, undefined),
    ]
    access = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(shared, "system.posix_acl_default", access)
    except OSError as error:
        pytest.skip(f"no access control lists here: {error.strerror}")
    (shared / "control").touch()
    assert "system.posix_acl_access" in os.listxattr(shared / "control")
    dicomblank.anonymize_in_place(path)
    assert "system.posix_acl_access" not in os.listxattr(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    # And one that has a list of its own keeps it.
    path.write_bytes(META + deflated(data_set()))
    os.setxattr(path, "system.posix_acl_access", access)
    mode = path.stat().st_mode
    dicomblank.anonymize_in_place(path)
    assert os.getxattr(path, "system.posix_acl_access") == access
    assert path.stat().st_mode == mode


def test_several_names_are_refused_whatever_is_allowed(path: Path, tmp_path: Path) -> None:
    os.link(path, tmp_path / "other")
    data = path.read_bytes()
    report = dicomblank.anonymize_in_place(path, FULL, hard_links=HardLinks.WRITE, on_error=OnError.COLLECT)
    assert report.refused == 1
    assert "a new file would take its place under one of them only" in str(report.faults[0].error)
    assert path.read_bytes() == (tmp_path / "other").read_bytes() == data


def test_a_copy_that_is_there_is_known_again(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    dicomblank.anonymize_copy(path, out, FULL)
    copy = (out / "scan.dcm").read_bytes()
    assert dicomblank.anonymize_copy(path, out, FULL, existing=Existing.SKIP).skipped == 1
    shutil.copy(path, out / "scan.dcm")
    with pytest.raises(FileExistsError, match="values left to blank"):
        dicomblank.anonymize_copy(path, out, FULL, existing=Existing.SKIP)
    assert dicomblank.anonymize_copy(path, out, FULL, existing=Existing.OVERWRITE).anonymized == 1
    assert (out / "scan.dcm").read_bytes() == copy


def slow_file(folder: Path, size: int) -> tuple[Path, bytes]:
    """A file that takes a while to deflate, and what is in it."""
    pixels = os.urandom(size // 2) + bytes(size // 2)
    path = folder / "scan.dcm"
    path.write_bytes(META + deflated(data_set(pixels=pixels), 1))
    return path, META + data_set(pixels=pixels)


def has_temporary(folder: Path) -> bool:
    return any(name.endswith(".part") for name in names(folder))


def test_killed_at_any_moment_the_file_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    path, form = slow_file(tmp_path, 8 << 20)
    old = path.read_bytes()
    new = form.replace(b"Mustermann^Erika", b" " * 16, 1)
    found = {"old": 0, "new": 0, "left": 0}
    for number in range(16):
        path.write_bytes(old)
        process = subprocess.Popen([sys.executable, "-m", "dicomblank", "anonymize", str(path), "--in-place"])
        # From when the new file is there on; the last ones a little later each.
        until = time.monotonic() + 60
        while not has_temporary(tmp_path) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(number * 0.015)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
        found["left"] += has_temporary(tmp_path)
        data = path.read_bytes()
        is_old = data == old
        assert is_old or inflated(data) == new, f"{number}: neither the old file nor the new one"
        found["old" if is_old else "new"] += 1
        # A later run removes what is left beside it, and completes.
        dicomblank.anonymize_in_place(path)
        assert inflated(path.read_bytes()) == new
        assert names(tmp_path) == ["scan.dcm"]
    assert found["old"] > 0
    assert found["left"] > 0


def test_interrupted_it_is_the_old_one_at_once(tmp_path: Path) -> None:
    path, _ = slow_file(tmp_path, 80 << 20)
    before = path.stat()
    process = subprocess.Popen(
        [sys.executable, "-m", "dicomblank", "anonymize", str(path), "--in-place"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with contextlib.closing(process.stderr or io.StringIO()) as stderr:
        until = time.monotonic() + 60
        while not has_temporary(tmp_path) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        sent = time.monotonic()
        assert process.wait(timeout=60) == 130
        assert time.monotonic() - sent < 5
        assert "Traceback" not in stderr.read()
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_size) == (before.st_ino, before.st_mtime_ns, before.st_size)
    assert names(tmp_path) == ["scan.dcm"]


def test_bytes_are_interrupted_too(tmp_path: Path) -> None:
    path, _ = slow_file(tmp_path, 80 << 20)
    data = path.read_bytes()
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    start = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt):
            dicomblank.anonymize_bytes(data)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - start < 1
