//! Pseudonyms that were made before: what repeats from file to file (study, series, patient) is enciphered once.

use core::fmt;

use zeroize::{Zeroize, Zeroizing};

use crate::dates::Days;
use crate::notes::{Notes, Refusal};
use crate::secrets::Secrets;

/// The longest element that is remembered: a UID has no more bytes (PS3.5 §9.1).
const LONGEST: usize = 64;

/// How many sets of two places there are: 35 KiB.
const SETS: usize = 128;

/// Enciphers as [`Uids`](crate::Uids) and [`Identifiers`](crate::Identifiers) do, and remembers up to 256 elements and
/// what became of them. One worker has it for itself, and for one key. Zeroized when this is dropped.
#[derive(Default)]
pub struct Memory {
    /// Made when the first element is remembered: many a memory is never used.
    sets: Option<Box<[[Place; 2]]>>,
    /// Whose days were asked for last, and what they are.
    days: Option<LastDays>,
}

struct LastDays {
    patient_id: Zeroizing<Vec<u8>>,
    study_instance_uid: Zeroizing<Vec<u8>>,
    days: Option<Days>,
}

/// One element, as it was and as it became.
struct Place {
    kind: Kind,
    length: usize,
    before: [u8; LONGEST],
    after: [u8; LONGEST],
    notes: Notes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Nothing,
    Uid,
    Identifier,
}

impl Memory {
    /// As [`Uids::encipher`](crate::Uids::encipher). `secrets` are the same each time.
    pub fn encipher_uids(&mut self, secrets: &Secrets, bytes: &mut [u8]) -> Result<Notes, Refusal> {
        self.remember(Kind::Uid, bytes, |bytes| secrets.uids().encipher(bytes))
    }

    /// As [`Identifiers::encipher`](crate::Identifiers::encipher). `secrets` are the same each time.
    pub fn encipher_identifiers(&mut self, secrets: &Secrets, bytes: &mut [u8]) -> Result<Notes, Refusal> {
        self.remember(Kind::Identifier, bytes, |bytes| secrets.identifiers().encipher(bytes))
    }

    /// As [`Dates::days`](crate::Dates::days). `secrets` are the same each time.
    pub fn days(&mut self, secrets: &Secrets, patient_id: &[u8], study_instance_uid: &[u8]) -> Option<Days> {
        let is_last = |last: &&LastDays| {
            last.patient_id.as_slice() == patient_id && last.study_instance_uid.as_slice() == study_instance_uid
        };
        if let Some(last) = self.days.as_ref().filter(is_last) {
            return last.days;
        }
        let days = secrets.dates().days(patient_id, study_instance_uid);
        let copy = |bytes: &[u8]| Zeroizing::new(bytes.to_vec());
        self.days = Some(LastDays { patient_id: copy(patient_id), study_instance_uid: copy(study_instance_uid), days });
        days
    }

    fn remember(
        &mut self,
        kind: Kind,
        bytes: &mut [u8],
        encipher: impl FnOnce(&mut [u8]) -> Result<Notes, Refusal>,
    ) -> Result<Notes, Refusal> {
        let hash = hash(bytes);
        let at = usize::try_from(hash >> 57).unwrap_or_default(); // 7 bits: 128 sets
        let sets = self.sets.get_or_insert_with(|| (0..SETS).map(|_| [Place::empty(), Place::empty()]).collect());
        let Some(set) = sets.get_mut(at).filter(|_| (1..=LONGEST).contains(&bytes.len())) else {
            return encipher(bytes);
        };
        // What was asked for last stands first, so that what comes once drives out what came once.
        let [first, second] = set;
        if second.has(kind, bytes) {
            core::mem::swap(first, second);
        } else if !first.has(kind, bytes) {
            let mut place = Place { kind, length: bytes.len(), ..Place::empty() };
            copy(bytes, &mut place.before);
            place.notes = encipher(bytes)?;
            copy(bytes, &mut place.after);
            core::mem::swap(first, second);
            core::mem::swap(first, &mut place);
            return Ok(first.notes);
        }
        bytes.copy_from_slice(first.after.get(..bytes.len()).unwrap_or_default());
        Ok(first.notes)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl Place {
    fn empty() -> Self {
        Self { kind: Kind::Nothing, length: 0, before: [0; LONGEST], after: [0; LONGEST], notes: Notes::default() }
    }

    fn has(&self, kind: Kind, bytes: &[u8]) -> bool {
        self.kind == kind && self.before.get(..self.length) == Some(bytes)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.before.zeroize();
        self.after.zeroize();
    }
}

/// Copies all of `bytes`, for which there is room.
fn copy(bytes: &[u8], place: &mut [u8]) {
    for (to, from) in place.iter_mut().zip(bytes) {
        *to = *from;
    }
}

/// Tells elements apart, eight bytes at a time; nobody gains by elements that it can't.
fn hash(bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15; // 2^64 divided by the golden ratio
    bytes.chunks(8).fold(0, |hash: u64, chunk| {
        let mut eight = [0; 8];
        copy(chunk, &mut eight);
        (hash.rotate_left(29) ^ u64::from_le_bytes(eight)).wrapping_mul(ODD)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Key;

    fn secrets() -> Secrets {
        Secrets::new(Key::from_bytes(&[7; 32]).unwrap())
    }

    fn remembered(memory: &Memory) -> usize {
        memory.sets.iter().flatten().flatten().filter(|place| place.kind != Kind::Nothing).count()
    }

    /// Elements that repeat, many that don't, those that are too long, those that are refused.
    #[test]
    fn what_is_remembered_is_what_would_be_made() {
        let (secrets, mut memory) = (secrets(), Memory::default());
        for number in 0..3000 {
            for text in [
                "1.2.840.113619.123456".to_owned(),
                format!("1.2.840.113619.{}", number % 100),
                format!("1.2.840.113619.4.{number}\0"),
                format!("{number}"),
                format!("1.2.840.{:070}", number % 7),
                String::new(),
            ] {
                let [mut a, mut b] = [text.clone().into_bytes(), text.clone().into_bytes()];
                assert_eq!(memory.encipher_uids(&secrets, &mut a), secrets.uids().encipher(&mut b));
                assert_eq!(a, b);
                let [mut a, mut b] = [text.clone().into_bytes(), text.into_bytes()];
                assert_eq!(memory.encipher_identifiers(&secrets, &mut a), secrets.identifiers().encipher(&mut b));
                assert_eq!(a, b);
            }
        }
        assert_eq!(remembered(&memory), 256);
    }

    #[test]
    fn it_is_not_made_again() {
        let (secrets, mut memory) = (secrets(), Memory::default());
        let mut first = *b"1.2.840.113619.123456";
        memory.encipher_uids(&secrets, &mut first).unwrap();
        let place = memory.sets.iter_mut().flatten().flatten().find(|place| place.kind == Kind::Uid).unwrap();
        place.after[0] = b'#';
        let mut second = *b"1.2.840.113619.123456";
        memory.encipher_uids(&secrets, &mut second).unwrap();
        assert_eq!((second[0], &second[1..]), (b'#', &first[1..]));
        // The same bytes are another thing as an identifier.
        let mut other = *b"1.2.840.113619.123456";
        memory.encipher_identifiers(&secrets, &mut other).unwrap();
        assert!(other != second && other != first);
        assert_eq!(remembered(&memory), 2);
    }

    #[test]
    fn nothing_is_remembered_of_what_is_refused_or_too_long() {
        let (secrets, mut memory) = (secrets(), Memory::default());
        let [longest, longer] = [59, 60].map(|zeros| format!("1.2.1{}", "0".repeat(zeros)));
        for (text, count) in [("1.2.3", 0), ("x", 0), ("", 0), (&longer, 0), (&longest, 1)] {
            let _ = memory.encipher_uids(&secrets, &mut text.as_bytes().to_vec());
            assert_eq!(remembered(&memory), count, "{} bytes", text.len());
        }
    }

    #[test]
    fn the_last_days_are_those_of_the_last_patient() {
        let (secrets, mut memory) = (secrets(), Memory::default());
        for (patient, study) in
            [("a", "1.2"), ("a", "1.2"), ("a", "1.3"), ("", "1.2"), ("", "1.3"), ("", ""), ("a1.2", ""), ("a", "1.2")]
        {
            let [patient, study] = [patient, study].map(str::as_bytes);
            assert_eq!(memory.days(&secrets, patient, study), secrets.dates().days(patient, study));
        }
    }

    #[test]
    fn nothing_shows() {
        assert_eq!(format!("{:?}", Memory::default()), "Memory");
    }
}
