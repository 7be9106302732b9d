"""The committed table of keys, values and pseudonyms, computed once more by a second implementation."""

import csv
from pathlib import Path

import second_cipher

TABLE = Path(__file__).parent / "data" / "pseudonyms.csv"


def test_the_second_cipher_is_aes_and_ff1() -> None:
    """Of FIPS 197 appendix C, and of NIST's samples for FF1."""
    block = bytes.fromhex("00112233445566778899aabbccddeeff")
    for length, output in [
        (16, "69c4e0d86a7b0430d8cdb78070b4c55a"),
        (24, "dda97ca4864cdfe06eaf70a0ec0d7191"),
        (32, "8ea2b7ca516745bfeafc49904b496089"),
    ]:
        assert second_cipher.aes(bytes(range(length)), block).hex() == output
    key = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94")
    assert second_cipher.ff1(key, 10, bytes.fromhex("39383736353433323130"), "0123456789") == "1001623463"
    tweak = bytes.fromhex("3737373770717273373737")
    assert second_cipher.ff1(key, 36, tweak, "0123456789ABCDEFGHI") == "XS8A0AZH2AVYALYZUWD"


def test_each_row_of_the_table() -> None:
    """Rows are added, and none is changed."""
    with TABLE.open(newline="", encoding="ascii") as file:
        rows = list(csv.reader(file))
    assert rows.pop(0) == ["kind", "key", "value", "result"]
    for at, (kind, digits, value, result) in enumerate(rows):
        assert again(kind, bytes.fromhex(digits), value) == result, f"row {at}, {kind}"
    assert len(rows) == 80


def again(kind: str, key: bytes, value: str) -> str:
    match kind:
        case "key-id":
            return second_cipher.derive(key, b"dicomblank 1 id", length=8).hex()
        case "mark":
            return second_cipher.derive(second_cipher.sub_key(key, "mark"), value.encode(), length=16).hex()
        case "uid":
            return "\\".join(second_cipher.uid(key, one) for one in value.split("\\"))
        case "identifier":
            return "\\".join(second_cipher.identifier(key, one) for one in value.split("\\"))
        case "days-of-patient" | "days-of-study":
            return str(second_cipher.days(key, kind.removeprefix("days-of-"), value))
        case _:
            raise AssertionError(kind)
