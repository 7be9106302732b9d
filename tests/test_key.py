"""Keys: made, kept in files for their owner alone, and what they give out; no message has a value or a byte of one."""

from __future__ import annotations

import copy
import csv
import os
import pickle
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dicomblank import Key
from namespaces import mounting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Command

BYTES = bytes(range(32))
LINE = f"dicomblank-key 1 {BYTES.hex()} be3f51039a363e8b\n"
TABLE = Path(__file__).parent / "data" / "pseudonyms.csv"
with TABLE.open(newline="", encoding="ascii") as opened:
    ROWS = list(csv.reader(opened))[1:]

# What an identifier, or a UID, can't be.
NO_ID = ["", "7", "-", "Müller-12345", "12345\udcff", "1234\x1b(B", "SECRET\\7"]
NO_UID = ["1.2", "1.2.3", "SECRET.1.2.3", "1.2.345 678", "1.2.\udcff", "1.2." + "3" * 80]


@pytest.fixture
def key() -> Key:
    return Key(BYTES)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """The file of that key, in the folder in which commands are run."""
    path = tmp_path / "secret.key"
    path.write_text(LINE)
    path.chmod(0o600)
    return path


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# the object


def test_a_key_is_its_32_bytes() -> None:
    assert Key(BYTES).id == "be3f51039a363e8b"
    assert Key(BYTES) == Key(BYTES) != Key(bytes(32))
    assert len({Key(BYTES), Key(BYTES), Key(bytes(32))}) == 2
    assert Key(BYTES) != "be3f51039a363e8b"
    for count in (0, 16, 31, 33, 64):
        with pytest.raises(ValueError, match=f"^a key has 32 bytes, and these are {count}$"):
            Key(bytes(count))
    for no_bytes in ("a" * 32, 32, None, [1] * 32):
        with pytest.raises(TypeError):
            Key(no_bytes)  # type: ignore[arg-type]


def test_new_keys_differ() -> None:
    ids = {Key.generate().id for _ in range(5)}
    assert len(ids) == 5
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in ids)


def test_nothing_shows_but_the_id(key: Key) -> None:
    assert repr(key) == str(key) == f"{key}" == "<Key be3f51039a363e8b>"
    names = {name for name in dir(key) if not name.startswith("_")}
    calls = {"generate", "load", "parse", "save", "pseudonym_id", "reveal_id", "pseudonym_uid", "reveal_uid", "days"}
    assert names == {"id", *calls}
    for name in ("id", "other"):
        with pytest.raises(AttributeError):
            setattr(key, name, "x")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_not_pickled(key: Key, protocol: int) -> None:
    with pytest.raises(TypeError, match=r"^a key can't be pickled: load it from its file there \(Key\.load\)$"):
        pickle.dumps([key], protocol)


def test_it_is_its_own_copy(key: Key) -> None:
    assert copy.copy(key) is key
    assert copy.deepcopy({"key": key})["key"] is key


# its file


def test_a_key_is_loaded_as_it_was_saved(tmp_path: Path, key: Key) -> None:
    path = tmp_path / "secret.key"
    key.save(path)
    assert path.read_text() == LINE
    assert mode_of(path) == 0o600
    for name in (path, os.fspath(path)):
        again = Key.load(name)
        assert (again, again.pseudonym_id("PAT-123456")) == (key, key.pseudonym_id("PAT-123456"))
    (tmp_path / "link").symlink_to(path)
    assert Key.load(tmp_path / "link") == key


def test_no_file_is_written_over(tmp_path: Path, key: Key) -> None:
    (tmp_path / "there").write_text("another key")
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "dangling").symlink_to("nowhere")
    for name in ("there", "link", "dangling"):
        with pytest.raises(FileExistsError) as raised:
            key.save(tmp_path / name)
        assert raised.value.filename == os.fspath(tmp_path / name)
    assert (tmp_path / "there").read_text() == "another key"
    assert sorted(os.listdir(tmp_path)) == ["dangling", "link", "there"]  # noqa: PTH208 (names)


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o644, 0o666, 0o777])
def test_a_file_that_is_open_to_others_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(ValueError, match=rf"\(its mode is {mode:04o}\).*chmod 600") as raised:
        Key.load(key_file)
    assert str(raised.value).startswith(f"{key_file}: ")


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_its_owner_alone_is_not(key_file: Path, key: Key, mode: int) -> None:
    key_file.chmod(mode)
    assert Key.load(key_file) == key


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "this is no key file"),
        ("-----BEGIN PRIVATE KEY-----\n", "this is no key file"),
        ("x" * 100_000, "this is no key file"),
        (LINE[:50], "the key is damaged: its check fails"),
        (LINE.replace("0a0b", "0a0c"), "the key is damaged: its check fails"),
        (LINE * 2, "the key is damaged: its check fails"),
        (LINE.strip() + " " * 1000, "the key is damaged: its check fails"),
        (LINE.replace(" 1 ", " 2 "), "this is a key of another version, which this program can't use"),
    ],
)
def test_what_is_no_key_is_told_without_its_bytes(key_file: Path, text: str, words: str) -> None:
    key_file.write_text(text)
    with pytest.raises(ValueError, match=re.escape(words)) as raised:
        Key.load(key_file)
    assert str(raised.value) == f"{key_file}: {words}"
    with pytest.raises(ValueError, match=re.escape(words)) as raised:
        Key.parse(text)
    assert str(raised.value) == words


@pytest.mark.parametrize("line", [LINE, LINE.strip(), LINE.strip() + "\r\n"])
def test_a_key_is_read_from_the_line_of_its_file(key: Key, line: str) -> None:
    assert Key.parse(line) == key


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(ValueError, match="it is a pipe, and a key is in a regular file"):
        Key.load(tmp_path / "pipe")  # and waits for nobody
    with pytest.raises(IsADirectoryError):
        Key.load(tmp_path)
    with pytest.raises(FileNotFoundError) as raised:
        Key.load(tmp_path / "missing")
    assert raised.value.filename == os.fspath(tmp_path / "missing")


# what it gives out


@pytest.mark.parametrize("row", range(len(ROWS)))
def test_each_row_of_the_table_of_pseudonyms(row: int) -> None:
    kind, digits, value, result = ROWS[row]
    key = Key(bytes.fromhex(digits))
    if kind == "uid":
        assert (key.pseudonym_uid(value), key.reveal_uid(result)) == (result, value)
    elif kind == "identifier":
        assert (key.pseudonym_id(value), key.reveal_id(result)) == (result, value)
    elif kind == "days-of-patient":
        assert (key.days(value), key.days(value, "1.2.3")) == (int(result), int(result))
    elif kind == "days-of-study":
        assert key.days("", value) == key.days(" ", study_instance_uid=value) == int(result)
    elif kind == "key-id":
        assert key.id == result
    else:
        assert kind == "mark"  # of files, and not for Python


def test_several_values_between_backslashes(key: Key) -> None:
    one, other = "PAT-123456", "PAT-7654321"
    several = key.pseudonym_id(f"{one}\\{other}\\")
    assert several == f"{key.pseudonym_id(one)}\\{key.pseudonym_id(other)}\\"
    assert key.reveal_id(several) == f"{one}\\{other}\\"


def test_registered_uids_stay(key: Key) -> None:
    assert key.pseudonym_uid("1.2.840.10008.1.2") == key.reveal_uid("1.2.840.10008.1.2") == "1.2.840.10008.1.2"


def test_an_empty_value_stays_empty(key: Key) -> None:
    assert [call("") for call in (key.pseudonym_id, key.reveal_id, key.pseudonym_uid, key.reveal_uid)] == [""] * 4


def says(call: Callable[[str], object], value: str) -> str:
    """The message about a value that is refused, which has nothing of it."""
    with pytest.raises(ValueError, match=r"^an? |^other ") as raised:
        call(value)
    assert type(raised.value) is ValueError
    assert value not in str(raised.value)
    assert not re.search(r"SECRET|Müller|\d{4}|\udcff", str(raised.value))
    assert raised.value.args == (str(raised.value),)
    return str(raised.value)


@pytest.mark.parametrize("value", NO_ID[1:], ids=ascii)
def test_what_would_be_blanked_is_refused(key: Key, value: str) -> None:
    assert says(key.pseudonym_id, value).endswith(": it would be blanked")
    assert says(key.reveal_id, value).endswith(": it is no pseudonym")


@pytest.mark.parametrize("value", NO_UID, ids=ascii)
def test_what_is_no_uid_is_refused(key: Key, value: str) -> None:
    assert says(key.pseudonym_uid, value) == says(key.reveal_uid, value)
    assert says(key.reveal_uid, value).startswith("a UID ")


def test_an_identifier_that_is_too_long_is_refused(key: Key) -> None:
    for call in (key.pseudonym_id, key.reveal_id):
        for count in (10, 20):
            assert re.fullmatch(r"an identifier with more than \d\d letters and digits", says(call, "SECRET" * count))


def test_days_need_something_to_go_by(key: Key) -> None:
    for patient, study in [("", ""), ("  ", ""), (" ", "\0")]:
        with pytest.raises(ValueError, match="neither a patient ID nor a study instance UID"):
            key.days(patient, study)
    for value in ("Müller", "12\udcff"):
        assert "ASCII" in says(key.days, value)


def test_only_text_is_taken(key: Key) -> None:
    for call in (key.pseudonym_id, key.reveal_id, key.pseudonym_uid, key.reveal_uid, key.days):
        for value in (b"7654321", 7654321, None):
            with pytest.raises(TypeError) as raised:
                call(value)  # type: ignore[arg-type]
            assert "7654321" not in str(raised.value)


@pytest.mark.parametrize("name", ["pseudonym_id", "reveal_id", "pseudonym_uid", "reveal_uid", "days"])
def test_the_help_of_a_call_that_gives_out_values_says_so(name: str) -> None:
    assert "Gives out a value" in " ".join(getattr(Key, name).__doc__.split())
    assert f"`{name}`" in str(Key.__doc__)
    assert "the only ones that give out values" in " ".join(str(Key.__doc__).split())


# the command


def test_key_new_and_show(command: Command, tmp_path: Path) -> None:
    done = command("key", "new", "secret.key", umask=0)
    path = tmp_path / "secret.key"
    key = Key.load(path)
    assert (done.returncode, done.stderr, mode_of(path)) == (0, "", 0o600)
    first, second = done.stdout.splitlines()
    assert first == f"secret.key: key {key.id}"
    assert re.search("find the patient .* without it nobody can.* keep .* none beside the scans", second)
    assert path.read_text().split()[2] not in done.stdout
    shown = command("key", "show", "secret.key")
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, f"{key.id}\n", "")


def test_key_new_never_over_an_existing_file(command: Command, key_file: Path) -> None:
    done = command("key", "new", "secret.key")
    assert (done.returncode, done.stdout) == (2, "")
    assert "secret.key: File exists" in done.stderr
    assert key_file.read_text() == LINE


def test_what_could_not_be_written_is_removed(command: Command, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    before = "mount -t tmpfs -o size=4k none full; head -c 4096 /dev/zero > full/all"
    done = command("key", "new", "full/secret.key", prefix=mounting(before, "ls full > names"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "full/secret.key: No space left on device" in done.stderr
    assert (tmp_path / "names").read_text() == "all\n"


@pytest.mark.parametrize("words", [["key", "show", "secret.key"], ["reveal", "--key", "secret.key", "--id", "PAT-1"]])
def test_a_key_file_that_is_refused(command: Command, key_file: Path, words: list[str]) -> None:
    for text, mode, said in [(LINE, 0o644, "its mode is 0644"), (LINE[:60], 0o600, "the key is damaged")]:
        key_file.write_text(text)
        key_file.chmod(mode)
        done = command(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"secret.key: {said}" in done.stderr or f"({said})" in done.stderr
        assert "0001020304" not in done.stderr


def test_reveal(command: Command, key_file: Path, key: Key) -> None:
    ids, uids = ["PAT-123456", "7654321", "-7Q2K9A"], ["1.2.840.113619.123456", "2.25.12345678901234567890"]
    for option, values, pseudonym in [("--id", ids, key.pseudonym_id), ("--uid", uids, key.pseudonym_uid)]:
        pseudonyms = [pseudonym(value) for value in values]
        shown = "".join(f"{value}\n" for value in values)
        done = command("reveal", "--key", "secret.key", option, "--", *pseudonyms)
        assert (done.returncode, done.stdout, done.stderr) == (0, shown, "")
        for end in ("\n", "\r\n"):
            lines = end.join(pseudonyms)
            done = command("reveal", "--key", "secret.key", option, "-", input=lines)
            assert (done.returncode, done.stdout, done.stderr) == (0, shown, "")


def test_a_value_that_is_refused_is_named_by_its_number(command: Command, key_file: Path, key: Key) -> None:
    pseudonym = key.pseudonym_id("PAT-123456")
    done = command("reveal", "--key", "secret.key", "--id", pseudonym, "Müller", pseudonym, "#")
    assert (done.returncode, done.stdout) == (1, "PAT-123456\n\nPAT-123456\n\n")
    first, second = done.stderr.splitlines()
    assert (first.partition(":")[0], second.partition(":")[0]) == ("value 2", "value 4")
    done = command("reveal", "--key", "secret.key", "--uid", "-", input=f"{pseudonym}\n1.2.840.113619\n1.2.3")
    assert (done.returncode, done.stdout) == (1, f"\n{key.reveal_uid('1.2.840.113619')}\n\n")
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["line 1", "line 3"]
    assert not re.search(rf"Müller|#|{pseudonym}", done.stderr)


def test_lines_that_are_no_text(key_file: Path, key: Key) -> None:
    lines = b"\xff123456\n" + key.pseudonym_id("PAT-123456").encode() + b"\n12\0034\x0756\n\n"
    words = [sys.executable, "-m", "dicomblank", "reveal", "--key", os.fspath(key_file), "--id", "-"]
    done = subprocess.run(words, input=lines, capture_output=True, check=False)
    assert done.returncode == 1
    refused, revealed, odd, empty, end = done.stdout.split(b"\n")
    assert (refused, revealed, empty, end) == (b"", b"PAT-123456", b"", b"")
    assert odd.count(b"\\x") == 2  # control characters reach no terminal
    assert done.stderr.startswith(b"line 1: ")


@pytest.mark.parametrize(
    "words",
    [
        ["SECRET1", "--key", "secret.key", "--id", "SECRET2"],
        ["--key", "secret.key", "--id", "--SECRET"],
        ["--key", "secret.key", "--id", "-SECRET"],
        ["--key", "secret.key", "--id", "-1SECRET"],
        ["--key", "secret.key", "--SECRET=1", "--id", "x"],
        ["--key", "secret.key", "--id=SECRET"],
        ["--key", "secret.key", "SECRET"],
        ["--id", "SECRET"],
        ["--key", "secret.key", "--id", "SECRET", "-"],
    ],
)
def test_an_error_of_usage_repeats_no_value(command: Command, key_file: Path, words: list[str]) -> None:
    done = command("reveal", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert not re.search("SECRET|-S", done.stderr)


def test_without_stdin(key_file: Path) -> None:
    words = [sys.executable, "-m", "dicomblank", "reveal", "--key", os.fspath(key_file), "--id", "-"]
    done = subprocess.run(["/bin/sh", "-c", '"$@" <&-', "sh", *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "stdin, which is closed" in done.stderr


def test_its_help_says_that_nothing_else_prints_values(command: Command) -> None:
    said = " ".join(command("help", "reveal").stdout.split())
    assert "This command and the calls of Key in Python are the only ones that print or give out values." in said
    said = " ".join(command("help", "key").stdout.split())
    assert "without it nobody can" in said
    assert "never store it beside the scans" in said
