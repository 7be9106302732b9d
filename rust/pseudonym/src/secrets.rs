//! All that one key makes, made ready once for all who share it.

use core::fmt;

use crate::dates::Dates;
use crate::identifier::Identifiers;
use crate::keys::Key;
use crate::uid::Uids;

/// A key, and what enciphers under it.
pub struct Secrets {
    key: Key,
    uids: Uids,
    identifiers: Identifiers,
    dates: Dates,
}

impl Secrets {
    /// Those of this key.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self { uids: Uids::new(&key), identifiers: Identifiers::new(&key), dates: Dates::new(&key), key }
    }

    /// The key itself.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// What enciphers UIDs.
    #[must_use]
    pub const fn uids(&self) -> &Uids {
        &self.uids
    }

    /// What enciphers identifiers.
    #[must_use]
    pub const fn identifiers(&self) -> &Identifiers {
        &self.identifiers
    }

    /// What tells by how many days dates are shifted.
    #[must_use]
    pub const fn dates(&self) -> &Dates {
        &self.dates
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.key.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key::from_bytes(&[7; 32]).unwrap()
    }

    #[test]
    fn each_part_is_the_keys() {
        let secrets = Secrets::new(key());
        assert_eq!(secrets.key().to_text(), key().to_text());
        let [mut one, mut other] = [*b"1.2.840.113619.123456"; 2];
        assert_eq!(secrets.uids().encipher(&mut one), Uids::new(&key()).encipher(&mut other));
        assert_eq!(one, other);
        let [mut one, mut other] = [*b"PAT-123456"; 2];
        assert_eq!(secrets.identifiers().encipher(&mut one), Identifiers::new(&key()).encipher(&mut other));
        assert_eq!(one, other);
        assert_eq!(secrets.dates().days(b"123", b""), Dates::new(&key()).days(b"123", b""));
    }

    #[test]
    fn nothing_shows_but_the_id() {
        assert_eq!(format!("{:?}", Secrets::new(key())), format!("Secrets({})", key().id()));
    }

    /// All workers of a run share them.
    #[test]
    fn threads_share_them() {
        const fn shared<T: Send + Sync>() {}
        shared::<Secrets>();
    }
}
