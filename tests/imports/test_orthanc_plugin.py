"""Orthanc with examples/orthanc_plugin.py: what it receives is blanked before it is stored, or is not stored."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

import archives
from archives import PROGRAM, STORESCU
from dicomblank import Key, Level
from pipelines import (
    EXAMPLES,
    NEED,
    PYTHON_PLUGIN,
    ROOT,
    key_file,
    places,
    real_files,
    refused_at_pseudonymize,
    several,
)
from samples import CT, damaged_ct

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archives import Orthanc

PLUGIN = EXAMPLES / "orthanc_plugin.py"

pytestmark = pytest.mark.skipif(
    PROGRAM is None or not PYTHON_PLUGIN.exists(), reason=f"needs Orthanc and its Python plugin: {NEED}"
)
needs_storescu = pytest.mark.skipif(STORESCU is None, reason=f"needs storescu: {NEED}")
LEVELS = [Level.ANONYMIZE_FULL, Level.PSEUDONYMIZE]


@contextmanager
def blanking(
    folder: Path, level: Level, script: Path = PLUGIN, path: Path = ROOT / "python", **settings: object
) -> Iterator[Orthanc]:
    """An Orthanc that has the plugin; its folder is `folder`/orthanc."""
    section = {"Level": level.value} | ({"KeyFile": str(folder / "secret.key")} if level is Level.PSEUDONYMIZE else {})
    plugin = {"Plugins": [str(PYTHON_PLUGIN)], "PythonScript": str(script), "Dicomblank": section}
    with archives.started(folder / "orthanc", plugin | settings, {"PYTHONPATH": str(path)}) as orthanc:
        yield orthanc


@pytest.fixture
def key(tmp_path: Path) -> Key:
    return Key.load(key_file(tmp_path))


def in_files(folder: Path, data: list[bytes]) -> list[Path]:
    (folder / "sent").mkdir()
    files = [folder / "sent" / f"{number}.dcm" for number in range(len(data))]
    for path, each in zip(files, data, strict=True):
        path.write_bytes(each)
    return files


def http_status(orthanc: Orthanc, data: bytes) -> int:
    """What POST /instances answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{orthanc.url}/instances", data) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def dimse_status(orthanc: Orthanc, path: Path) -> str:
    """What storescu says of the answer."""
    words = ["storescu", "-v", "-aet", archives.SENDER, "-aec", archives.ARCHIVE, "127.0.0.1", str(orthanc.dicom)]
    done = subprocess.run([*words, path], capture_output=True, text=True, timeout=60, check=False)
    return done.stderr.partition("Received Store Response (")[2].partition(")")[0]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("way", [pytest.param("C-STORE", marks=needs_storescu), "REST"])
def test_no_planted_value_reaches_the_store(tmp_path: Path, key: Key, level: Level, way: str) -> None:
    instances = several(level)
    secrets = {secret for each in instances for secret in each.secrets}
    files = in_files(tmp_path, [each.data for each in instances])
    with blanking(tmp_path, level) as orthanc:
        (orthanc.store if way == "C-STORE" else orthanc.upload)(files)
        assert orthanc.counts()["instances"] == len(files)
    assert places(tmp_path / "sent", secrets) == set(files)
    assert places(tmp_path / "orthanc", secrets) == set()


@pytest.mark.parametrize("level", LEVELS)
def test_real_files_are_stored_as_anonymize_bytes_makes_them(tmp_path: Path, key: Key, level: Level) -> None:
    """And no other: those that Orthanc takes without the plugin, but for what is refused."""
    becomes = dict(real_files(level, key if level is Level.PSEUDONYMIZE else None))
    with archives.started(tmp_path / "plain") as plain:
        taken = plain.upload(becomes)
        count = plain.counts()["instances"]
    wanted = [path for path in taken if becomes[path] is not None]
    assert len(wanted) > 60
    with blanking(tmp_path, level) as orthanc:
        assert orthanc.upload(becomes) == wanted
        stored = list(orthanc.instances())
    assert set(stored) <= {becomes[path] for path in wanted}
    if len(wanted) == len(taken):
        assert len(stored) == count


def test_what_is_refused_is_not_stored_and_the_sender_is_told(tmp_path: Path, key: Key) -> None:
    refused = refused_at_pseudonymize()
    [file] = in_files(tmp_path, [refused.data])
    with blanking(tmp_path, Level.PSEUDONYMIZE) as orthanc:
        assert http_status(orthanc, refused.data) == 400
        assert http_status(orthanc, damaged_ct()) == 400
        if STORESCU is not None:
            assert dimse_status(orthanc, file) == "Refused: OutOfResources"
        assert orthanc.counts()["instances"] == 0
        assert http_status(orthanc, CT.read_bytes()) == 200
        assert orthanc.counts()["instances"] == 1
    assert places(tmp_path / "orthanc", set(refused.secrets)) == set()
    log = (tmp_path / "orthanc" / "log").read_text()
    assert "dicomblank: an instance is not stored: UnsupportedError: a UID that has other characters than" in log
    assert "dicomblank: an instance is not stored: TruncatedError: the file is cut short" in log


@pytest.mark.parametrize("raised", ["KeyboardInterrupt", "MemoryError", "SystemExit", "ValueError('PLANTED')"])
def test_whatever_is_raised_nothing_is_stored(tmp_path: Path, raised: str) -> None:
    """The plugin itself would store the instance as it is."""
    script = tmp_path / "raising.py"
    script.write_text(
        "import dicomblank\n"
        "def raising(data, level, key):\n"
        f"    raise {raised} if data else dicomblank.NotDicomError\n"
        "dicomblank.anonymize_bytes = raising\n"
        f"exec(open({str(PLUGIN)!r}).read())\n"
    )
    with blanking(tmp_path, Level.ANONYMIZE, script) as orthanc:
        assert http_status(orthanc, CT.read_bytes()) == 400
        assert orthanc.counts()["instances"] == 0
    log = (tmp_path / "orthanc" / "log").read_text()
    assert f"dicomblank: an instance is not stored: {raised.partition('(')[0]}\n" in log
    assert "PLANTED" not in log


@pytest.mark.parametrize(
    ("path", "section", "reason"),
    [
        ("nowhere", {"Level": "anonymize"}, "No module named 'dicomblank'"),
        ("", {}, "KeyError"),
        ("", {"Level": "full"}, "no level"),
        ("", {"Level": "pseudonymize"}, "a key is needed"),
        ("", {"Level": "pseudonymize", "KeyFile": "nowhere"}, "FileNotFoundError"),
        ("", {"Level": "anonymize", "KeyFile": "secret.key"}, "no rule needs one"),
    ],
)
def test_settings_that_are_wrong_end_the_start(tmp_path: Path, path: str, section: dict[str, str], reason: str) -> None:
    key_file(tmp_path)
    if "KeyFile" in section:
        section = section | {"KeyFile": str(tmp_path / section["KeyFile"])}
    modules = tmp_path / path if path else ROOT / "python"
    with (
        pytest.raises(RuntimeError, match=reason),
        blanking(tmp_path, Level.ANONYMIZE, path=modules, Dicomblank=section),
    ):
        pass


def test_the_settings_that_are_shown_are_the_ones_that_are_read() -> None:
    [block] = re.findall(r"```json\n(.*?)```", (ROOT / "docs/imports.md").read_text(), re.DOTALL)
    settings = json.loads(block)
    assert settings["Plugins"] == [str(PYTHON_PLUGIN)]
    assert set(settings["Dicomblank"]) == {"Level", "KeyFile"}
    text = PLUGIN.read_text()
    for name in ("PythonScript", "Dicomblank"):
        assert f'"{name}": {json.dumps(settings[name])}' in text
