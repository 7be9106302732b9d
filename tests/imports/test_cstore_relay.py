"""examples/cstore_relay.py between a sender and an archive: what comes out is blanked, and else as it came in."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from pydicom import dcmread
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

import archives
import dicomblank
from archives import PROGRAM, STORESCU
from dicomblank import Key, Level
from pipelines import EXAMPLES, NEED, key_file, places, planted, refused_at_pseudonymize, running, several
from samples import CT, SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pynetdicom.association import Association
    from pynetdicom.events import Event

pynetdicom = pytest.importorskip("pynetdicom")
RELAY = EXAMPLES / "cstore_relay.py"
ARCHIVE, TITLE = "ARCHIVE", "DICOMBLANK"

pynetdicom._config.STORE_SEND_CHUNKED_DATASET = True


class Came(NamedTuple):
    """What came at the archive."""

    uid: str
    syntax: str
    data_set: bytes


class Store:
    """An archive that keeps what comes, as it comes, and answers with a status of our choice; with None it aborts."""

    def __init__(self, syntaxes: list[str] | None = None) -> None:
        self.came: list[Came] = []
        self.status: int | None = 0x0000
        self._syntaxes = syntaxes

    def store(self, event: Event) -> int:
        if self.status is None:
            event.assoc.abort()
            return 0xC000
        self.came.append(
            Came(
                str(event.request.AffectedSOPInstanceUID),
                str(event.context.transfer_syntax),
                event.encoded_dataset(include_meta=False),
            )
        )
        return self.status

    @contextmanager
    def listening(self, port: int) -> Iterator[None]:
        entity = pynetdicom.AE(ARCHIVE)
        for context in pynetdicom.StoragePresentationContexts:
            entity.add_supported_context(context.abstract_syntax, self._syntaxes or pynetdicom.ALL_TRANSFER_SYNTAXES)
        handlers = [(pynetdicom.evt.EVT_C_STORE, self.store)]
        server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=handlers)
        try:
            yield
        finally:
            server.shutdown()


@contextmanager
def relaying(folder: Path, level: Level, to: int) -> Iterator[int]:
    """The relay as a program; gives its port. Its key is in `folder`, and so is its log."""
    [port] = archives.free_ports(1)
    words: list[str | Path] = [RELAY, "--listen", f"127.0.0.1:{port}", "--archive", f"{ARCHIVE}@127.0.0.1:{to}"]
    words += ["--level", level.value]
    if level is Level.PSEUDONYMIZE:
        words += ["--key", key_file(folder)]
    with running(words, folder / "log", port):
        yield port


@contextmanager
def associated(port: int, files: list[Path]) -> Iterator[Association]:
    """An association with the relay, with a context for each class and syntax of files."""
    metas = [pydicom_meta(path) for path in files]
    wanted = sorted({(str(each.MediaStorageSOPClassUID), str(each.TransferSyntaxUID)) for each in metas})
    entity = pynetdicom.AE("SENDER")
    contexts = [pynetdicom.build_context(*each) for each in wanted]
    association = entity.associate("127.0.0.1", port, contexts=contexts, ae_title=TITLE)
    assert association.is_established
    try:
        yield association
    finally:
        association.release()


def pydicom_meta(path: Path) -> Any:
    return dcmread(path, stop_before_pixels=True).file_meta


def written(folder: Path, data: list[bytes]) -> list[Path]:
    folder.mkdir()
    files = [folder / f"{number}.dcm" for number in range(len(data))]
    for path, each in zip(files, data, strict=True):
        path.write_bytes(each)
    return files


def split(data: bytes) -> tuple[str, str, bytes]:
    """The UID and the syntax in the file meta information, and the data set as it stands."""
    meta = dcmread(BytesIO(data), stop_before_pixels=True).file_meta
    start = 132 + 12 + meta.FileMetaInformationGroupLength
    return str(meta.MediaStorageSOPInstanceUID), str(meta.TransferSyntaxUID), data[start:]


def blanked(data: bytes, level: Level, folder: Path) -> Came:
    key = Key.load(folder / "secret.key") if level is Level.PSEUDONYMIZE else None
    return Came(*split(dicomblank.anonymize_bytes(data, level, key=key)))


# Of each transfer syntax that is common, and of objects without pixels.
REAL = [
    "CT_small.dcm", "MR_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "image_dfl.dcm", "JPEG2000.dcm",
    "MR_small_RLE.dcm", "SC_rgb_jpeg_dcmtk.dcm", "rtplan.dcm", "rtdose.dcm", "reportsi.dcm", "test-SR.dcm",
    "waveform_ecg.dcm", "examples_overlay.dcm", "JPGExtended.dcm", "liver_1frame.dcm",
]  # fmt: skip


@pytest.mark.parametrize("level", [Level.ANONYMIZE_FULL, Level.PSEUDONYMIZE])
def test_real_data_sets_come_out_as_anonymize_bytes_makes_them(tmp_path: Path, level: Level) -> None:
    """Every byte, in the same transfer syntax; what is refused does not come.

    Nor does what the file meta information calls otherwise than the data set, since a command made of it would, too.
    """
    store = Store()
    files = [SAMPLES / name for name in REAL]
    assert {pydicom_meta(path).TransferSyntaxUID for path in files} >= {
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
    }
    [to] = archives.free_ports(1)
    wanted = []
    with store.listening(to), relaying(tmp_path, level, to) as port, associated(port, files) as association:
        for path in files:
            status = association.send_c_store(path).Status
            try:
                becomes = blanked(path.read_bytes(), level, tmp_path)
            except dicomblank.Error:
                assert status == 0xC000, path.name
                continue
            if dcmread(path).get("SOPInstanceUID") == pydicom_meta(path).MediaStorageSOPInstanceUID:
                wanted.append(becomes)
            assert status == (0x0000 if wanted and wanted[-1] is becomes else 0xA900), path.name
    assert len(wanted) > 10
    assert store.came == wanted


@pytest.mark.parametrize("level", [Level.ANONYMIZE_FULL, Level.PSEUDONYMIZE])
@pytest.mark.skipif(PROGRAM is None or STORESCU is None, reason=f"needs Orthanc and storescu: {NEED}")
def test_no_planted_value_reaches_an_orthanc(tmp_path: Path, level: Level) -> None:
    instances = several(level)
    secrets = {secret for each in instances for secret in each.secrets}
    files = written(tmp_path / "sent", [each.data for each in instances])
    modality = {"DicomModalities": {TITLE: [TITLE, "127.0.0.1", 104]}}
    with (
        archives.started(tmp_path / "orthanc", modality) as orthanc,
        relaying(tmp_path, level, orthanc.dicom) as port,
    ):
        words = [str(STORESCU), "--required", "-aet", archives.SENDER, "-aec", TITLE, "127.0.0.1", str(port)]
        subprocess.run([*words, *files], check=True, capture_output=True, timeout=60)
        assert orthanc.counts()["instances"] == len(files)
    assert places(tmp_path / "sent", secrets) == set(files)
    assert places(tmp_path / "orthanc", secrets) == set()
    assert (tmp_path / "log").read_text() == ""


def test_the_command_has_the_new_uid(tmp_path: Path) -> None:
    store = Store()
    one = planted(CT, Level.PSEUDONYMIZE)
    [file] = written(tmp_path / "sent", [one.data])
    [to] = archives.free_ports(1)
    with store.listening(to), relaying(tmp_path, Level.PSEUDONYMIZE, to) as port, associated(port, [file]) as sending:
        assert sending.send_c_store(file).Status == 0
    [came] = store.came
    said = dcmread(BytesIO(came.data_set), force=True).SOPInstanceUID
    assert came.uid == said
    assert came.uid.encode() not in one.secrets


def test_what_is_refused_is_not_handed_on_and_the_sender_is_told(tmp_path: Path) -> None:
    store = Store()
    refused, good = refused_at_pseudonymize(), planted(CT, Level.PSEUDONYMIZE, 1)
    other = planted(CT, Level.PSEUDONYMIZE, 2).data
    uid = str(dcmread(BytesIO(other)).SOPInstanceUID).encode()
    at = other.rindex(uid)
    assert at > 400  # in the data set; the file meta information has it, too
    other = other[:at] + uid[:-1] + (b"1" if uid[-1:] == b"2" else b"2") + other[at + len(uid) :]
    cut = good.data[:3000]
    files = written(tmp_path / "sent", [refused.data, cut, other, good.data])
    [to] = archives.free_ports(1)
    with store.listening(to), relaying(tmp_path, Level.PSEUDONYMIZE, to) as port, associated(port, files) as sending:
        answers = [sending.send_c_store(path) for path in files]
    assert [answer.Status for answer in answers] == [0xC000, 0xC000, 0xA900, 0x0000]
    assert str(answers[0].ErrorComment).startswith("UnsupportedError: a UID that has other characters")
    assert len(answers[0].ErrorComment) <= 64
    assert store.came == [blanked(good.data, Level.PSEUDONYMIZE, tmp_path)]
    log = (tmp_path / "log").read_text()
    assert log.count("an instance is not handed on: ") == 3
    assert not any(secret.decode() in log for secret in refused.secrets)


def test_the_sender_is_told_what_the_archive_says(tmp_path: Path) -> None:
    """And an association goes on when the archive is there again."""
    store = Store()
    [file] = written(tmp_path / "sent", [planted(CT, Level.ANONYMIZE).data])
    [to] = archives.free_ports(1)
    with relaying(tmp_path, Level.ANONYMIZE, to) as port, associated(port, [file]) as sending:
        answer = sending.send_c_store(file)
        assert (answer.Status, answer.ErrorComment) == (0xA700, "no association with the archive")
        with store.listening(to):
            for status in (0x0000, 0xB007, 0xA701):
                store.status = status
                assert sending.send_c_store(file).Status == status
            store.status = None
            answer = sending.send_c_store(file)
            assert (answer.Status, answer.ErrorComment) == (0xA700, "the archive did not answer")
            store.status = 0x0000
            assert sending.send_c_store(file).Status == 0x0000
    assert len(store.came) == 4


def test_what_the_archive_does_not_take_is_not_made_another_syntax(tmp_path: Path) -> None:
    store = Store(syntaxes=[ImplicitVRLittleEndian])
    implicit = SAMPLES / "MR_small_implicit.dcm"
    files = [CT, implicit]
    [to] = archives.free_ports(1)
    with store.listening(to), relaying(tmp_path, Level.ANONYMIZE, to) as port, associated(port, files) as sending:
        answer = sending.send_c_store(CT)
        assert sending.send_c_store(implicit).Status == 0x0000
    assert (answer.Status, answer.ErrorComment) == (0xA700, "the archive does not take this class or transfer syntax")
    assert store.came == [blanked(implicit.read_bytes(), Level.ANONYMIZE, tmp_path)]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--level", "pseudonymize"], "error: a key is needed"),
        (["--level", "pseudonymize", "--key", "nowhere"], "error: .*nowhere"),
        (["--level", "full"], "invalid choice"),
        (["--level", "anonymize", "--archive", "nowhere"], "TITLE@HOST:PORT"),
        ([], "--level"),
    ],
)
def test_wrong_arguments_end_the_start(tmp_path: Path, words: list[str], reason: str) -> None:
    [port] = archives.free_ports(1)
    start: list[str | Path] = [RELAY, "--listen", f"127.0.0.1:{port}", "--archive", f"{ARCHIVE}@127.0.0.1:{port}"]
    with pytest.raises(RuntimeError, match=reason), running([*start, *words], tmp_path / "log", port):
        pass
