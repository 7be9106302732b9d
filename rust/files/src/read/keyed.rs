//! What values are replaced with: the key's pseudonyms, as the core asks for them, and the marks of files that have them.

use std::num::NonZeroU16;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dicomblank_core::{ErrorKind, Marks, Pseudonyms, Rules, Warning, Warnings};
use dicomblank_pseudonym::{Days, Key, KeyId, Memory, Note, Notes, Refusal, Secrets};

use crate::order::usage::UsageError;

/// What a run, or a call, replaces values with: its key if it has one, and its marks. Workers share it.
#[derive(Debug)]
pub struct Keying {
    secrets: Option<Arc<Secrets>>,
    marks: Option<Marks>,
    /// For callers who have no memory of their own.
    memory: Mutex<Memory>,
}

impl Keying {
    /// For these `rules`, with the key if there is one.
    #[must_use]
    pub fn new(rules: &Rules, secrets: Option<Arc<Secrets>>) -> Self {
        let marks = rules.are_once().then(|| match &secrets {
            Some(secrets) => marks(secrets.key(), rules),
            // A table alone needs no key. The mark is nobody's then.
            None => Key::from_bytes(&[0; 32])
                .map_or_else(|_| Marks::new([0; 8], [0; 6], |_| [0; 8]), |key| marks(&key, rules)),
        });
        Self { secrets, marks, memory: Mutex::default() }
    }

    /// The same, with a key if the rules need one, and without one if they don't.
    ///
    /// # Errors
    /// [`UsageError`] otherwise: a key that is missing would be noticed at the first file, and one too many never.
    pub fn checked(rules: &Rules, secrets: Option<Arc<Secrets>>) -> Result<Self, UsageError> {
        let what = match (rules.need_key(), secrets.is_some()) {
            (true, false) => "a key is needed to pseudonymize or shift values",
            (false, true) => "a key is given, and no rule needs one: none pseudonymizes or shifts values",
            _ => return Ok(Self::new(rules, secrets)),
        };
        Err(UsageError::Invalid(what.to_owned()))
    }

    /// The same for a dry run, which does without a key where there is none.
    ///
    /// # Errors
    /// [`UsageError`] for a key that no rule needs.
    pub fn of_dry_run(rules: &Rules, secrets: Option<Arc<Secrets>>) -> Result<Self, UsageError> {
        if secrets.is_none() && rules.need_key() { Ok(Self::none()) } else { Self::checked(rules, secrets) }
    }

    /// None at all: for plans of padding.
    #[must_use]
    pub fn none() -> Self {
        Self { secrets: None, marks: None, memory: Mutex::default() }
    }

    /// Whether it has all that `rules` need.
    pub(crate) fn is_enough_for(&self, rules: &Rules) -> bool {
        self.secrets.is_some() || !rules.need_key()
    }

    /// Which key it is.
    pub(crate) fn key_id(&self) -> Option<KeyId> {
        self.secrets.as_ref().map(|secrets| secrets.key().id())
    }

    /// The marks of files whose values were replaced with it; `None` if no rule does what can't be done twice.
    pub(crate) const fn marks(&self) -> Option<&Marks> {
        self.marks.as_ref()
    }

    /// What one worker replaces values with.
    pub(crate) fn with<'k, 'm>(&'k self, memory: &'m mut Memory) -> Keyed<'k, 'm> {
        Keyed { keying: self, memory }
    }

    /// The memory of those who have none. Held while values are made, which is a matter of microseconds, and never while
    /// a file is read.
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn marks(key: &Key, rules: &Rules) -> Marks {
    let digest = first(key.check_of_mark(&[b"rules\n", rules.once()].concat()));
    Marks::new(key.id().bytes(), digest, |parts| first(key.check_of_mark(parts)))
}

fn first<const N: usize>(bytes: [u8; 16]) -> [u8; N] {
    std::array::from_fn(|at| bytes[at])
}

/// What one worker replaces values with.
pub(crate) struct Keyed<'k, 'm> {
    keying: &'k Keying,
    memory: &'m mut Memory,
}

impl<'k> Keyed<'k, '_> {
    pub(crate) const fn keying(&self) -> &'k Keying {
        self.keying
    }
}

impl Pseudonyms for Keyed<'_, '_> {
    fn uids(&mut self, bytes: &mut [u8]) -> Result<Warnings, ErrorKind> {
        let secrets = self.keying.secrets.as_deref().ok_or(ErrorKind::NoKey)?;
        self.memory.encipher_uids(secrets, bytes).map(warnings).map_err(kind)
    }

    fn identifiers(&mut self, bytes: &mut [u8]) -> Result<Warnings, ErrorKind> {
        let secrets = self.keying.secrets.as_deref().ok_or(ErrorKind::NoKey)?;
        self.memory.encipher_identifiers(secrets, bytes).map(warnings).map_err(kind)
    }

    fn days(&mut self, patient_id: &[u8], study_instance_uid: &[u8]) -> Result<Option<NonZeroU16>, ErrorKind> {
        let secrets = self.keying.secrets.as_deref().ok_or(ErrorKind::NoKey)?;
        let days = self.memory.days(secrets, patient_id, study_instance_uid);
        Ok(days.and_then(|days| NonZeroU16::new(days.count())))
    }

    fn shift(&mut self, days: NonZeroU16, bytes: &mut [u8]) -> Warnings {
        Days::new(days.get()).map_or_else(Warnings::default, |days| warnings(days.shift(bytes)))
    }
}

fn warnings(notes: Notes) -> Warnings {
    let mut warnings = Warnings::default();
    for note in notes.iter() {
        warnings.add(match note {
            Note::ShortDomain => Warning::ShortDomain,
            Note::NoDomain => Warning::NoDomain,
            Note::NoDay => Warning::DateWithoutDay,
            Note::NoDate => Warning::NoDate,
            Note::OutOfCalendar => Warning::DateOutOfCalendar,
        });
    }
    warnings
}

fn kind(refusal: Refusal) -> ErrorKind {
    match refusal {
        Refusal::NoUid => ErrorKind::NotAUid,
        Refusal::ShortUid => ErrorKind::ShortUid,
        Refusal::LongUid { limit } => ErrorKind::LongUid { limit: limit as u64 },
        Refusal::LongIdentifier { limit } => ErrorKind::LongIdentifier { limit: limit as u64 },
    }
}
