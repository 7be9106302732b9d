"""examples/stow_filter.py in front of Orthanc's DICOMweb: instances come through blanked, or not at all."""

from __future__ import annotations

import itertools
from base64 import b64encode
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from pydicom import dcmread

import archives
import dicomblank
from archives import PROGRAM
from dicomblank import Key, Level
from namespaces import own_network
from pipelines import (
    DICOMWEB_PLUGIN,
    EXAMPLES,
    NEED,
    key_file,
    places,
    planted,
    real_files,
    refused_at_pseudonymize,
    running,
    several,
)
from samples import CT, damaged_ct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archives import Orthanc

httpx = pytest.importorskip("httpx")
pytestmark = pytest.mark.skipif(
    PROGRAM is None or not DICOMWEB_PLUGIN.exists(), reason=f"needs Orthanc and its DICOMweb: {NEED}"
)
DICOM = b"application/dicom"
RELATED = 'multipart/related; type="application/dicom"; boundary=BOUNDARY'
CANNOT_UNDERSTAND = 0xC000
WEB = {"Plugins": [str(DICOMWEB_PLUGIN)], "DicomWeb": {"Enable": True, "Root": "/dicom-web/"}}
FILTER: list[str | Path] = ["-m", "uvicorn", "--app-dir", EXAMPLES, "--no-access-log", "--factory"]
FILTER += ["stow_filter:from_environment"]


class Pair(NamedTuple):
    """The filter's URL and process, and the archive behind it."""

    url: str
    process: int
    orthanc: Orthanc

    def post(self, body: bytes | Iterable[bytes], path: str = "/studies", **headers: str) -> Any:
        sent = {"Content-Type": RELATED} | {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(self.url + path, content=body, headers=sent, trust_env=False, timeout=60)


@contextmanager
def filtering(folder: Path, level: Level, largest: int | None = None, **settings: Any) -> Iterator[Pair]:
    """The filter as a program, in front of an Orthanc; their logs are in `folder`, and so is the key."""
    with archives.started(folder / "orthanc", WEB | settings) as orthanc:
        [port] = archives.free_ports(1)
        environment = {
            "DICOMBLANK_UPSTREAM": f"{orthanc.url}/dicom-web/studies",
            "DICOMBLANK_LEVEL": level.value,
            **({"DICOMBLANK_KEY": str(key_file(folder))} if level is Level.PSEUDONYMIZE else {}),
            **({"DICOMBLANK_LARGEST": str(largest)} if largest else {}),
        }
        with running([*FILTER, "--port", str(port)], folder / "log", port, environment) as process:
            yield Pair(f"http://127.0.0.1:{port}", process, orthanc)


def related(parts: Iterable[bytes], kind: bytes = DICOM) -> bytes:
    """The body of a request."""
    return b"".join(b"--BOUNDARY\r\nContent-Type: %b\r\n\r\n%b\r\n" % (kind, data) for data in parts) + b"--BOUNDARY--"


def stored(answer: Any) -> list[str]:
    return [item["00081155"]["Value"][0] for item in answer.json().get("00081199", {}).get("Value", [])]


def failures(answer: Any) -> list[Any]:
    return list(answer.json().get("0008119A", {}).get("Value", []))


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@pytest.mark.parametrize("level", [Level.ANONYMIZE_FULL, Level.PSEUDONYMIZE])
def test_no_planted_value_reaches_the_store(tmp_path: Path, level: Level) -> None:
    """Not in what stands around the instances either."""
    instances = several(level)
    secrets = {secret for each in instances for secret in each.secrets}
    body = related(each.data for each in instances).replace(
        b"Content-Type", b"Content-Location: http://PLANTED/1\r\nContent-Type"
    )
    with filtering(tmp_path, level) as pair:
        answer = pair.post(body + b"PLANTED", X_Patient="PLANTED", User_Agent="PLANTED")
        assert answer.status_code == 200
        assert len(stored(answer)) == pair.orthanc.counts()["instances"] == len(instances)
        assert failures(answer) == []
        assert "warning" not in answer.headers
    assert places(tmp_path / "orthanc", secrets) == set()
    assert "PLANTED" not in (tmp_path / "log").read_text()


def test_real_files_are_stored_as_anonymize_bytes_makes_them(tmp_path: Path) -> None:
    """All that Orthanc takes without the filter, in one request; what is refused is not stored."""
    becomes = dict(real_files(Level.ANONYMIZE_FULL, None))
    with archives.started(tmp_path / "plain") as plain:
        sent = plain.upload(becomes)
    with archives.started(tmp_path / "direct", WEB) as direct:
        body = related(path.read_bytes() for path in sent if becomes[path] is not None)
        headers = {"Content-Type": RELATED, "Accept": "application/dicom+json"}
        before = httpx.post(f"{direct.url}/dicom-web/studies", content=body, headers=headers, trust_env=False)
        count = direct.counts()["instances"]
    with filtering(tmp_path, Level.ANONYMIZE_FULL) as pair:
        answer = pair.post(related(path.read_bytes() for path in sent))
        assert answer.status_code == before.status_code == 400  # some have no UID that Orthanc's DICOMweb asks for
        kept = list(pair.orthanc.instances())
    assert len(failures(answer)) == sum(becomes[path] is None for path in sent)
    assert set(kept) <= {becomes[path] for path in sent}
    assert len(kept) == count > 60


@pytest.mark.parametrize("size", [61, 1000, 64 * 1024])
def test_where_a_request_is_cut_into_pieces_does_not_matter(tmp_path: Path, size: int) -> None:
    instances = [planted(CT, Level.ANONYMIZE, number).data for number in range(2)]
    with filtering(tmp_path, Level.ANONYMIZE) as pair:
        answer = pair.post(in_pieces(related(instances), size))
        assert (answer.status_code, len(stored(answer))) == (200, 2)
        assert set(pair.orthanc.instances()) == {dicomblank.anonymize_bytes(each) for each in instances}


def test_an_instance_that_is_refused_is_left_out_and_said(tmp_path: Path) -> None:
    good = [planted(CT, Level.PSEUDONYMIZE, number) for number in range(2)]
    bad = refused_at_pseudonymize(7)
    body = related([good[0].data, bad.data, good[1].data, damaged_ct(), b"", b"PLANTED"])
    with filtering(tmp_path, Level.PSEUDONYMIZE) as pair:
        answer = pair.post(body)
        assert answer.status_code == 202
        assert len(stored(answer)) == 2
        assert failures(answer) == [{"00081197": {"vr": "US", "Value": [CANNOT_UNDERSTAND]}}] * 4
        assert answer.headers["warning"] == '299 dicomblank "not stored: part 2, 4, 5, 6"'
        key = Key.load(tmp_path / "secret.key")
        assert set(pair.orthanc.instances()) == {
            dicomblank.anonymize_bytes(each.data, Level.PSEUDONYMIZE, key=key) for each in good
        }
        answer = pair.post(related([bad.data]))
        assert (answer.status_code, stored(answer), len(failures(answer))) == (409, [], 1)
        assert pair.orthanc.counts()["instances"] == 2
    secrets = {secret for each in [*good, bad] for secret in each.secrets}
    assert places(tmp_path / "orthanc", secrets) == set()
    log = (tmp_path / "log").read_text()
    assert "part 2 is not stored: UnsupportedError: a UID that has other characters" in log
    assert not any(secret.decode() in log for secret in secrets)


def test_parts_of_other_types_and_parts_that_are_too_large_are_left_out(tmp_path: Path) -> None:
    one = planted(CT, Level.ANONYMIZE).data
    body = (
        b'--BOUNDARY\r\nContent-Type: application/dicom+json\r\n\r\n[{"00100010": "PLANTED"}]\r\n'
        b"--BOUNDARY\r\nContent-Type: image/jpeg\r\n\r\nPLANTED\r\n"
        b"--BOUNDARY\r\n\r\n" + one + b"\r\n" + related([one, one + bytes(10_000)])
    )
    with filtering(tmp_path, Level.ANONYMIZE, largest=len(one)) as pair:
        answer = pair.post(body)
        assert (answer.status_code, len(stored(answer)), len(failures(answer))) == (202, 1, 4)
        assert answer.headers["warning"] == '299 dicomblank "not stored: part 1, 2, 3, 5"'
        assert list(pair.orthanc.instances()) == [dicomblank.anonymize_bytes(one)]
    log = (tmp_path / "log").read_text()
    assert log.count("is not stored: its type is not application/dicom") == 3
    assert f"is not stored: it has more than {len(one)} bytes" in log


def test_a_request_that_is_no_stow_is_refused_whole(tmp_path: Path) -> None:
    one = planted(CT, Level.ANONYMIZE).data
    body = related([one])
    json_kind = RELATED.replace("dicom", "dicom+json")
    with filtering(tmp_path, Level.ANONYMIZE) as pair:
        for status, answer in [
            (404, pair.post(body, "/studies/PLANTED")),
            (404, pair.post(body, "/")),
            (405, httpx.get(pair.url + "/studies", trust_env=False)),
            (406, pair.post(body, Accept="application/dicom+xml")),
            (415, pair.post(body, Content_Type=json_kind)),
            (415, pair.post(body, Content_Type="application/dicom")),
            (415, pair.post(body, Content_Type=RELATED.partition("; boundary")[0])),
            (415, pair.post(body, Content_Encoding="gzip")),
            (400, pair.post(b"")),
            (400, pair.post(b"--BOUNDARY--")),
            (400, pair.post(b"PLANTED" + body)),
            (400, pair.post(body.replace(b"Content-Type", b"Content Type"))),
            (400, pair.post(body[:-100])),
        ]:
            assert answer.status_code == status, answer.text
            assert set(answer.json()) == {"error"}
        assert pair.orthanc.counts()["instances"] == 0
    assert "PLANTED" not in (tmp_path / "log").read_text()


def test_a_request_that_is_cut_short_leaves_what_came_whole(tmp_path: Path) -> None:
    """It is answered by 400, also where an instance was handed on before."""
    instances = [planted(CT, Level.ANONYMIZE, number).data for number in range(2)]
    with filtering(tmp_path, Level.ANONYMIZE) as pair:
        answer = pair.post(in_pieces(related(instances)[:-100], 1000))
        assert answer.status_code == 400
        assert set(pair.orthanc.instances()) <= {dicomblank.anonymize_bytes(instances[0])}


def test_the_sender_is_told_what_the_archive_says(tmp_path: Path) -> None:
    """A password comes through; nothing else does."""
    body = related([planted(CT, Level.ANONYMIZE).data])
    users: dict[str, Any] = {"AuthenticationEnabled": True, "RegisteredUsers": {"someone": "invented"}}
    with filtering(tmp_path, Level.ANONYMIZE, **users) as pair:
        assert pair.post(body).status_code == 401
        basic = b64encode(b"someone:invented").decode()
        assert pair.post(body, Authorization=f"Basic {basic}").status_code == 200


def test_without_an_archive_the_sender_is_told(tmp_path: Path) -> None:
    body = related([planted(CT, Level.ANONYMIZE).data])
    environment = {"DICOMBLANK_UPSTREAM": "http://127.0.0.1:1/studies", "DICOMBLANK_LEVEL": "anonymize"}
    with own_network():
        [port] = archives.free_ports(1)
        with running([*FILTER, "--port", str(port)], tmp_path / "log", port, environment):
            answer = httpx.post(
                f"http://127.0.0.1:{port}/studies", content=body, headers={"Content-Type": RELATED}, trust_env=False
            )
    assert answer.status_code == 502


def test_a_large_request_takes_no_more_memory_than_its_parts_do(tmp_path: Path) -> None:
    """200 MB in parts of 5 MB."""
    dataset = dcmread(CT)
    dataset.PixelData = bytes(5_000_000)
    dataset.save_as(buffer := BytesIO())
    part = related([buffer.getvalue()]).removesuffix(b"--BOUNDARY--")
    with filtering(tmp_path, Level.ANONYMIZE) as pair:
        status = Path(f"/proc/{pair.process}/status")
        if not status.exists():
            pytest.skip("no /proc to read its memory from")
        answer = pair.post(itertools.chain(itertools.repeat(part, 40), [b"--BOUNDARY--"]))
        assert (answer.status_code, len(stored(answer))) == (200, 40)
        peak = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    assert peak < 120_000  # KiB, of which the interpreter takes half


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"DICOMBLANK_LEVEL": "pseudonymize"}, "a key is needed"),
        ({"DICOMBLANK_LEVEL": "full"}, "no level"),
        ({}, "KeyError"),
    ],
)
def test_variables_that_are_wrong_end_the_start(tmp_path: Path, variables: dict[str, str], reason: str) -> None:
    [port] = archives.free_ports(1)
    where = {"DICOMBLANK_UPSTREAM": "http://127.0.0.1:1/studies"}
    start = running([*FILTER, "--port", str(port)], tmp_path / "log", port, where | variables)
    with pytest.raises(RuntimeError, match=reason), start:
        pass
