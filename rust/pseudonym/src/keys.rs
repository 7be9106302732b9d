//! The key, its text form, and the sub-keys that come from it (HKDF-SHA-256, RFC 5869).

use core::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The salt of the extraction. The labels of the sub-keys carry the version of all that is derived.
const SALT: &[u8] = b"dicomblank";

/// The first word of a key's line of text, and the second: the version.
const WORD: &str = "dicomblank-key";
const VERSION: &str = "1";

/// What keyed values are made with: 32 random bytes, zeroized when this is dropped. Moving it copies no byte of them.
pub struct Key {
    bytes: Box<Zeroizing<[u8; 32]>>,
    id: KeyId,
}

/// Which key it is: no secret, and nothing that tells a byte of the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 8]);

/// What a sub-key is for. Each has a key of its own, so that no kind of value tells anything of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Id,
    Uids,
    Identifiers,
    Dates,
    Mark,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Id => b"dicomblank 1 id",
            Self::Uids => b"dicomblank 1 uids",
            Self::Identifiers => b"dicomblank 1 identifiers",
            Self::Dates => b"dicomblank 1 dates",
            Self::Mark => b"dicomblank 1 mark",
        }
    }
}

/// Why bytes are no key. None of these tells a byte of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// Not 32 bytes.
    Length {
        /// How many there are.
        found: usize,
    },
    /// The text does not begin as a key's does.
    NoKey,
    /// The text is a key of another version than this one reads.
    OtherVersion,
    /// The text is a key's, but was changed or cut short: its check fails.
    Damaged,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { found } => write!(f, "a key has 32 bytes, and these are {found}"),
            Self::NoKey => f.write_str("this is no key file"),
            Self::OtherVersion => f.write_str("this is a key of another version, which this program can't use"),
            Self::Damaged => f.write_str("the key is damaged: its check fails"),
        }
    }
}

impl std::error::Error for KeyError {}

impl Key {
    /// The key of these 32 bytes, which have to be random: they come from the system's source of randomness.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut own = Box::new(Zeroizing::new([0; 32]));
        if bytes.len() != own.len() {
            return Err(KeyError::Length { found: bytes.len() });
        }
        own.copy_from_slice(bytes);
        let mut id = [0; 8];
        derive(own.as_slice(), &[Purpose::Id.label()], &mut id);
        Ok(Self { bytes: own, id: KeyId(id) })
    }

    /// The key of a key file: one line, as [`to_text`](Self::to_text) writes it. The end of the line may be missing.
    pub fn from_text(text: &[u8]) -> Result<Self, KeyError> {
        let line = text.strip_suffix(b"\n").unwrap_or(text);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut words = line.split(|byte| *byte == b' ');
        if words.next() != Some(WORD.as_bytes()) {
            return Err(KeyError::NoKey);
        }
        if words.next().ok_or(KeyError::Damaged)? != VERSION.as_bytes() {
            return Err(KeyError::OtherVersion);
        }
        let (Some(bytes), Some(check), None) = (words.next(), words.next(), words.next()) else {
            return Err(KeyError::Damaged);
        };
        let mut own = Zeroizing::new([0; 32]);
        from_hex(bytes, own.as_mut_slice()).ok_or(KeyError::Damaged)?;
        let mut id = [0; 8];
        from_hex(check, &mut id).ok_or(KeyError::Damaged)?;
        let key = Self::from_bytes(own.as_slice())?;
        if key.id == KeyId(id) { Ok(key) } else { Err(KeyError::Damaged) }
    }

    /// The line of a key file: a word, the version, the bytes, and the key's id as the check; digits are hexadecimal.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        // All the room at once: a string that grows leaves its old bytes behind.
        let mut text = Zeroizing::new(String::with_capacity(128));
        text.push_str(WORD);
        text.push(' ');
        text.push_str(VERSION);
        text.push(' ');
        self.bytes.iter().for_each(|byte| push_hex(&mut text, *byte));
        text.push(' ');
        self.id.0.iter().for_each(|byte| push_hex(&mut text, *byte));
        text.push('\n');
        text
    }

    /// Which key it is.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// What shows that a mark was written by somebody who has the key: a check over the rest of the mark.
    #[must_use]
    pub fn check_of_mark(&self, mark: &[u8]) -> [u8; 16] {
        let mut check = [0; 16];
        derive(self.sub_key(Purpose::Mark).as_slice(), &[mark], &mut check);
        check
    }

    /// The key of its own for this purpose.
    pub(crate) fn sub_key(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        let mut sub_key = Zeroizing::new([0; 32]);
        derive(self.bytes.as_slice(), &[purpose.label()], sub_key.as_mut_slice());
        sub_key
    }
}

/// HKDF-SHA-256 of `bytes`, for `info`, the parts of which are read as one string. At most 255 blocks: no output here
/// has more than one.
pub(crate) fn derive(bytes: &[u8], info: &[&[u8]], output: &mut [u8]) {
    let expanded = Hkdf::<Sha256>::new(Some(SALT), bytes).expand_multi_info(info, output);
    debug_assert!(expanded.is_ok(), "the output is longer than HKDF gives");
}

impl KeyId {
    /// The bytes, as they stand in a mark.
    #[must_use]
    pub const fn bytes(self) -> [u8; 8] {
        self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

fn push_hex(text: &mut String, byte: u8) {
    for digit in [byte >> 4, byte & 15] {
        text.extend(char::from_digit(u32::from(digit), 16));
    }
}

/// Reads exactly as many bytes as there is room for. Capitals are no digits: what is written has none.
fn from_hex(text: &[u8], bytes: &mut [u8]) -> Option<()> {
    let digit = |letter: u8| match letter {
        b'0'..=b'9' => letter.checked_sub(b'0'),
        b'a'..=b'f' => letter.checked_sub(b'a')?.checked_add(10),
        _ => None,
    };
    if text.len() != bytes.len().checked_mul(2)? {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks(2)) {
        let [upper, lower] = pair else { return None };
        *byte = (digit(*upper)? << 4) | digit(*lower)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "dicomblank-key 1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f ID\n";

    fn key() -> Key {
        Key::from_bytes(&core::array::from_fn::<u8, 32, _>(|at| u8::try_from(at).unwrap())).unwrap()
    }

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let text = key().to_text();
        assert_eq!(*text, LINE.replace("ID", &key().id().to_string()));
        for end in ["\n", "\r\n", ""] {
            let read = Key::from_text(text.replace('\n', end).as_bytes()).unwrap();
            assert_eq!((read.bytes, read.id), (key().bytes, key().id), "{end:?}");
        }
    }

    #[test]
    fn each_byte_that_is_changed_or_missing_is_noticed() {
        let text = key().to_text();
        for at in 0..text.len() - 1 {
            for other in [b'0', b'1', b'f', b'F', b' ', b'\n', 0, 0xFF] {
                let mut changed = text.as_bytes().to_vec();
                if changed[at] != other {
                    changed[at] = other;
                    assert!(Key::from_text(&changed).is_err(), "{other} at {at}");
                }
            }
            assert!(Key::from_text(&text.as_bytes()[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn what_is_no_key() {
        let line = key().to_text();
        for (text, error) in [
            (String::new(), KeyError::NoKey),
            ("\n".into(), KeyError::NoKey),
            ("-----BEGIN PRIVATE KEY-----\n".into(), KeyError::NoKey),
            (line.replace("key", "keys"), KeyError::NoKey),
            ("dicomblank-key\n".into(), KeyError::Damaged),
            (line.replace(" 1 ", " 2 "), KeyError::OtherVersion),
            (line.replace(" 1 ", " 10 "), KeyError::OtherVersion),
            (line.replace(" 1 ", " 1  "), KeyError::Damaged),
            (line.replace("0a0b", "0A0b"), KeyError::Damaged),
            (line.replace("0a0b", "0a0"), KeyError::Damaged),
            (line.replace("0a0b", "0b0b"), KeyError::Damaged),
            (line.replace('\n', " \n"), KeyError::Damaged),
            (line.replace('\n', "\n\n"), KeyError::Damaged),
            (line.repeat(2), KeyError::Damaged),
        ] {
            assert_eq!(Key::from_text(text.as_bytes()).err(), Some(error));
        }
        for found in [0, 31, 33] {
            assert_eq!(Key::from_bytes(&vec![1; found]).err(), Some(KeyError::Length { found }));
        }
    }

    #[test]
    fn nothing_of_the_key_shows_but_its_id() {
        let key = key();
        assert_eq!(format!("{key:?} {:?}", key.id()), format!("Key({}) KeyId({})", key.id(), key.id()));
        assert_ne!(key.id().bytes(), key.bytes[..8]);
    }

    #[test]
    fn sub_keys_differ_from_each_other_and_from_those_of_another_key() {
        use Purpose::{Dates, Id, Identifiers, Mark, Uids};
        let other = Key::from_bytes(&[9; 32]).unwrap();
        let all: std::collections::BTreeSet<_> = [Id, Uids, Identifiers, Dates, Mark]
            .into_iter()
            .flat_map(|purpose| [*key().sub_key(purpose), *other.sub_key(purpose)])
            .collect();
        assert_eq!(all.len(), 10);
        assert_ne!(key().check_of_mark(b"a"), key().check_of_mark(b"b"));
        assert_ne!(key().check_of_mark(b"a"), other.check_of_mark(b"a"));
    }
}
