"""What can't be asked of object stores, and how it is said: before anything is written, and without credentials."""

from __future__ import annotations

import builtins
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import dicomblank
from buckets import SECRET, environment_of
from dicomblank import Key, Level
from samples import CT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from buckets import Bucket


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: dicomblank.anonymize_copy("ftp://host/x", "s3://b/y"), "no store that is known"),
        (lambda: dicomblank.anonymize_copy("s3://", "s3://b/y"), "names no bucket"),
        (lambda: dicomblank.anonymize_copy("s3://id:secret@b/x", "s3://b/y"), "holds no credentials"),
        (lambda: dicomblank.anonymize_copy("s3://b/a//x", "s3://b/y"), "no empty part"),
        (lambda: dicomblank.anonymize_copy("s3://b/x", "s3://b/y", sync=True), "sync is about files"),
        (lambda: dicomblank.anonymize_copy("s3://b/x", "s3://b/y", validate=True), "validate takes no URLs"),
        (lambda: dicomblank.anonymize_copy("s3://b/x", "s3://b/y", workers=257), "from 1 to 256"),
        (lambda: dicomblank.anonymize_in_place("s3://b/x", hard_links="write"), "hard_links is about files"),
        (lambda: dicomblank.anonymize_in_place("gs://b/x"), "in place takes URLs of s3:// alone yet"),
        (lambda: dicomblank.anonymize_in_place("az://b/x"), "in place takes URLs of s3:// alone yet"),
        (lambda: dicomblank.anonymize_copy("file://host/x", "out"), "three slashes"),
        (lambda: dicomblank.dry_run("s3://b/x", exclude="*.txt"), "nothing is excluded there"),
        (lambda: dicomblank.dry_run("ftp://b/x"), "no store that is known"),
        (lambda: dicomblank.plan("s3://b/a//x"), "no empty part"),
        (lambda: dicomblank.verify("s3://b/x", "s3://b/y"), "verify takes no URLs yet"),
        (lambda: dicomblank.inspect("s3://b/x"), "inspect takes no URLs yet"),
    ],
)
def test_what_cannot_be_asked(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        call()
    assert "secret" not in str(caught.value)


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] in {"obstore", "boto3"}:
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ValueError, match=r"pip install 'dicomblank\[cloud\]'"):
        dicomblank.anonymize_copy("s3://b/x", "s3://b/y")


def test_a_profile_is_refused_where_it_would_be_read_by_half(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bucket.put("in/x.dcm", CT.read_bytes())
    (config := tmp_path / "config").write_text("[profile other]\nendpoint_url = http://127.0.0.1:9\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "other")
    # With keys beside it, both libraries take the keys, and the server that the environment names.
    assert dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out")).anonymized == 1
    monkeypatch.setenv("AWS_PROFILE", "none-of-that-name")
    with pytest.raises(ValueError, match="a profile that is not there"):
        dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(ValueError, match="profiles are not read") as caught:
        dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"))
    assert SECRET not in str(caught.value)


def test_what_is_not_there_and_what_lies_in_the_way(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("in/x.dcm", CT.read_bytes())
    bucket.put("o/in/x.dcm", CT.read_bytes())
    with pytest.raises(FileNotFoundError, match="no such bucket"):
        dicomblank.anonymize_copy("s3://bucket-that-is-not-there/x", bucket.at("out"))
    with pytest.raises(FileNotFoundError, match="no such bucket"):
        dicomblank.anonymize_copy(bucket.at("in"), "s3://bucket-that-is-not-there/x")
    with pytest.raises(FileNotFoundError, match="no such object, and none below it"):
        dicomblank.anonymize_copy(bucket.at("nothing"), bucket.at("out"))
    for target in ("in", "in/deeper", ""):
        with pytest.raises(ValueError, match="is, holds or lies inside the source"):
            dicomblank.anonymize_copy(bucket.at("in"), bucket.at(target))
    for target in ("in/x.dcm", "in/"):
        with pytest.raises(ValueError, match="would be s3://"):
            dicomblank.anonymize_copy(bucket.at("in/x.dcm"), bucket.at(target), existing="overwrite")
    with pytest.raises(ValueError, match="both be copied to in"):
        dicomblank.anonymize_copy([bucket.at("in"), bucket.at("o/in")], bucket.at("out"))
    with pytest.raises(ValueError, match="no rule needs one"):
        dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"), key=Key(bytes(32)))
    with pytest.raises(ValueError, match="key is needed"):
        dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"), Level.PSEUDONYMIZE)
    (report := tmp_path / "r.jsonl").write_text("")
    with pytest.raises(ValueError, match="exists already"):
        dicomblank.anonymize_copy(bucket.at("in"), bucket.at("out"), report=report)
    assert bucket.keys("out") == []


def run(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The command, with an environment that leads to a server."""
    environment = {"PATH": "", "PYTHONPATH": "python"} | environment_of(url)
    command = [sys.executable, "-m", "dicomblank", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_command(bucket: Bucket) -> None:
    bucket.put("in/x.dcm", CT.read_bytes())
    done = run(bucket.url, "anonymize", bucket.at("in"), "--output", bucket.at("out"))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"1 copy is in {bucket.at('out')} " in done.stdout
    assert "verify" not in done.stdout.split("--leftovers")[0]
    again = run(bucket.url, "anonymize", bucket.at("in"), "--output", bucket.at("out"))
    assert again.returncode == 1
    assert "exists already" in again.stderr
    for words, said in (
        (("anonymize", "ftp://host/x", "--output", "s3://b/y"), "no store that is known"),
        (("anonymize", "s3://bucket-that-is-not-there/x", "--output", "s3://b/y"), "no such bucket"),
        (("plan", bucket.at("nothing")), "no such object"),
        (("inspect", bucket.at("in")), "inspect takes no URLs yet"),
        (("verify", bucket.at("in"), bucket.at("out")), "verify takes no URLs yet"),
    ):
        refused = run(bucket.url, *words)
        assert (refused.returncode, said in refused.stderr, SECRET in refused.stderr) == (2, True, False), (
            refused.stderr
        )


def test_wrong_credentials_are_told_and_not_shown(s3s: str) -> None:
    environment = environment_of(s3s) | {"AWS_ACCESS_KEY_ID": "AKIAWRONG", "PATH": "", "PYTHONPATH": "python"}
    command = [sys.executable, "-m", "dicomblank", "anonymize", "s3://bucket/in", "--output", "s3://bucket/out"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "the store answers 403" in done.stderr
    assert "AKIAWRONG" not in done.stderr
    assert SECRET not in done.stderr
