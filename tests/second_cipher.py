"""Keyed values once more, written from the standards and the rules alone: what the Rust crate is compared with.

AES is FIPS 197, FF1 is NIST SP 800-38G algorithms 7 and 8, the sub-keys are RFC 5869. Slow, and plain.
"""

import functools
import hashlib
import hmac
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def derive(key: bytes, *info: bytes, length: int) -> bytes:
    """HKDF-SHA-256, one block of it."""
    extracted = hmac.digest(b"dicomblank", key, "sha256")
    return hmac.digest(extracted, b"".join(info) + b"\x01", hashlib.sha256)[:length]


def sub_key(key: bytes, purpose: str) -> bytes:
    """The key of one kind of value."""
    return derive(key, b"dicomblank 1 " + purpose.encode(), length=32)


def uid(key: bytes, value: str) -> str:
    """The keyed UID of one value without padding."""
    if value.startswith("1.2.840.10008."):
        return value
    first, second, *components = value.split(".")
    zeros = [len(part) > 1 and part[0] == "0" for part in components]
    strings = [part[zero:] for part, zero in zip(components, zeros, strict=True)]
    tweak = bytes(len(part) | 128 * zero for part, zero in zip(components, zeros, strict=True))

    def text(digits: str) -> str:
        at = iter(digits)
        parts = ["0" * zero + "".join(next(at) for _ in string) for string, zero in zip(strings, zeros, strict=True)]
        return ".".join([first, second, *parts])

    def form(digits: str) -> tuple[object, ...]:
        parts = text(digits).split(".")[2:]
        is_uuid = [first, second] == ["2", "25"] and len(parts[0]) == 39 and int(parts[0]) < 2**128
        begins = [len(part) > 1 and part[0] == "0" for part in parts]
        return begins, is_uuid, text(digits).startswith("1.2.840.10008.")

    return text(walk(sub_key(key, "uids"), 10, tweak, "".join(strings), form))


def identifier(key: bytes, value: str) -> str:
    """The keyed identifier of one value, with padding or without."""

    def radix(string: str) -> int:
        if any(letter.islower() for letter in string):
            return 62
        return 36 if len(string) < 6 or any(letter.isupper() for letter in string) else 10

    string = "".join(letter for letter in value if letter in ALPHABET)
    letters = iter(walk(sub_key(key, "identifiers"), radix(string), b"", string, radix))
    return "".join(next(letters) if letter in ALPHABET else letter for letter in value)


def days(key: bytes, kind: str, value: str) -> int:
    """By how many days the dates are shifted."""
    number = derive(sub_key(key, "dates"), f"{kind} ".encode(), value.encode(), length=8)
    return int.from_bytes(number, "big") % 3652 + 1


def walk(key: bytes, radix: int, tweak: bytes, string: str, form: Callable[[str], object]) -> str:
    """The first of the strings that enciphering gives, again and again, that has the form of the string."""
    output = ff1(key, radix, tweak, string)
    while form(output) != form(string):
        output = ff1(key, radix, tweak, output)
    return output


def ff1(key: bytes, radix: int, tweak: bytes, string: str) -> str:
    """Algorithm 7, step by step."""
    n, t = len(string), len(tweak)
    u = n // 2
    v = n - u
    left, right = string[:u], string[u:]
    b = ((radix**v - 1).bit_length() + 7) // 8
    d = 4 * ((b + 3) // 4) + 4
    p = bytes([1, 2, 1]) + radix.to_bytes(3, "big") + bytes([10, u % 256]) + n.to_bytes(4, "big") + t.to_bytes(4, "big")
    for i in range(10):
        q = tweak + bytes((-t - b - 1) % 16) + bytes([i]) + number(right, radix).to_bytes(b, "big")
        r = bytes(16)
        for at in range(0, len(p + q), 16):
            r = aes(key, exclusive_or(r, (p + q)[at : at + 16]))
        s = r + aes(key, exclusive_or(r, (1).to_bytes(16, "big")))
        m = v if i % 2 else u
        c = (number(left, radix) + int.from_bytes(s[:d], "big")) % radix**m
        left, right = right, numerals(c, radix, m)
    return left + right


def number(string: str, radix: int) -> int:
    """The number that the numerals are."""
    value = 0
    for letter in string:
        value = value * radix + ALPHABET.index(letter)
    return value


def numerals(value: int, radix: int, length: int) -> str:
    """The number as so many numerals."""
    return "".join(ALPHABET[value // radix**at % radix] for at in reversed(range(length)))


def exclusive_or(a: bytes, b: bytes) -> bytes:
    """Byte by byte."""
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def times(a: int, b: int) -> int:
    """The product in the field of 2^8 elements (FIPS 197 §4.2)."""
    product = 0
    for bit in range(8):
        product ^= a * (b >> bit & 1)
        a = a << 1 ^ (a >> 7) * 0x11B
    return product


def s_box() -> bytes:
    """The S-box (FIPS 197 §5.1.1): the inverse, and an affine transformation of it."""
    box = bytearray([0x63])
    for value in range(1, 256):
        inverse = next(other for other in range(256) if times(value, other) == 1)
        turned = [(inverse << turn | inverse >> 8 - turn) & 255 for turn in range(5)]
        box.append(turned[0] ^ turned[1] ^ turned[2] ^ turned[3] ^ turned[4] ^ 0x63)
    return bytes(box)


S_BOX = s_box()
MIXED = [[times(factor, value) for value in range(256)] for factor in range(4)]


@functools.cache
def round_keys(key: bytes) -> list[bytes]:
    """KeyExpansion (FIPS 197 §5.2)."""
    length = len(key) // 4
    words = [key[at : at + 4] for at in range(0, len(key), 4)]
    constant = 1
    while len(words) < 4 * (length + 7):
        word = words[-1]
        if len(words) % length == 0:
            word = exclusive_or(bytes(S_BOX[byte] for byte in word[1:] + word[:1]), bytes([constant, 0, 0, 0]))
            constant = times(constant, 2)
        elif length > 6 and len(words) % length == 4:
            word = bytes(S_BOX[byte] for byte in word)
        words.append(exclusive_or(words[-length], word))
    return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]


def aes(key: bytes, block: bytes) -> bytes:
    """Cipher (FIPS 197 §5.1)."""
    keys = round_keys(key)
    state = exclusive_or(block, keys[0])
    for at, round_key in enumerate(keys[1:], start=2):
        state = bytes(S_BOX[state[(place + place % 4 * 4) % 16]] for place in range(16))
        if at < len(keys):
            state = b"".join(mixed(state[column : column + 4]) for column in range(0, 16, 4))
        state = exclusive_or(state, round_key)
    return state


def mixed(column: bytes) -> bytes:
    """MixColumns (FIPS 197 §5.1.3) of one column."""
    factors = [2, 3, 1, 1]
    return bytes(
        MIXED[factors[-row % 4]][column[0]]
        ^ MIXED[factors[(1 - row) % 4]][column[1]]
        ^ MIXED[factors[(2 - row) % 4]][column[2]]
        ^ MIXED[factors[(3 - row) % 4]][column[3]]
        for row in range(4)
    )
