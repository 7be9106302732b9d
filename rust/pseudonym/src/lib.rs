//! Keyed values of the same length: bytes in, bytes of the same length out. No I/O, no `unsafe`, no panic, and nothing
//! known of files and data sets: which element holds what is told by who calls.
//!
//! ```text
//! Key ──► sub-keys (HKDF) ──► Uids         a UID        ──► another UID of the same form
//!                         ├─► Identifiers  an identifier ──► another one of the same form
//!                         ├─► Dates ──► Days ──► a date so many days earlier
//!                         └─► Key::check_of_mark
//! ```
//!
//! Read [`Uids`] first, then [`ff1`], the cipher under it. [`Secrets`] are all that one key makes, and [`Memory`] is what
//! one worker remembers of it.
//!
//! # What is promised, and what shows it
//!
//! | promise | shown by |
//! |---|---|
//! | The cipher is FF1 (NIST SP 800-38G). | NIST's nine samples, another implementation at each length: ff1.rs |
//! | It permutes: all strings of small domains, all UIDs and identifiers of small classes. | ff1.rs, uid.rs, identifier.rs |
//! | Deciphering gives back what stood there, byte for byte; a shifted date as well. | tests/laws.rs |
//! | A length, a separator, a padding byte never changes. | tests/laws.rs |
//! | A UID is valid if and only if it was (PS3.5 §9.1), below 2^128 behind 2.25 (§B.2) too. | tests/laws.rs, uid.rs |
//! | UIDs below 1.2.840.10008 stay, and no other one becomes one of them. | tests/laws.rs, uid.rs |
//! | Two values never become one: classes never meet, and each is permuted. | tests/laws.rs |
//! | A value becomes the same alone, among others, and with other padding. | tests/laws.rs |
//! | What is refused has not changed. | tests/laws.rs |
//! | Any bytes at all are enciphered, blanked or refused, without a panic. | tests/laws.rs |
//! | Every machine, version and language makes the same. | tests/table.rs; `tests/test_pseudonyms.py`, which has an AES of its own |
//! | A date is shifted as the calendar has it, each day from year 1 to 9999. | calendar.rs |
//! | A remembered value is what would be made. | memory.rs |
//! | Nothing of a key shows but its id, nothing of a value in an error or a note. | keys.rs, secrets.rs; the types have no room for it |
//!
//! # What it tells
//!
//! - Lengths: of a value, of a UID's components. Which characters are no letters or digits. A UID's first two components,
//!   however long the second one is.
//! - Which values are equal. Which form an identifier has: digits; digits and capitals; these and small letters.
//! - Of a date: all of them, if one is known as it was. The time of the day.
//! - One value of a class is expected to become itself, as of any permutation: of a large class nobody meets it; of
//!   one with the note [`Note::ShortDomain`] it may be met, and who has some pairs may guess the rest.
//!
//! Who has the key has all values. It is not a validated module (FIPS 140), and not written to take the same time for
//! every value: it is for files, not for a service that others can ask.
//!
//! # What is zeroized
//!
//! Keys, sub-keys, key schedules, and the digits that a value was taken apart into, when they are dropped. Not what the
//! compiler keeps in registers and on the stack beside them. The bytes that are enciphered are the caller's.
#![forbid(unsafe_code)]
#![deny(
    missing_docs,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::todo,
    clippy::as_conversions,
    clippy::arithmetic_side_effects
)]

mod calendar;
mod dates;
pub mod ff1;
mod identifier;
mod keys;
mod memory;
mod notes;
mod number;
mod secrets;
mod short;
mod text;
mod uid;

pub use dates::{Dates, Days};
pub use identifier::Identifiers;
pub use keys::{Key, KeyError, KeyId};
pub use memory::Memory;
pub use notes::{Note, Notes, Refusal};
pub use number::Radix;
pub use secrets::Secrets;
pub use uid::Uids;
