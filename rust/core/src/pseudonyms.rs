//! Who makes keyed values: the core knows no cipher.

use core::num::NonZeroU16;

use crate::error::ErrorKind;
use crate::warning::Warnings;

/// Who makes keyed values: bytes in, as many bytes out.
pub trait Pseudonyms {
    /// Writes over each UID of the element the keyed one.
    ///
    /// # Errors
    /// The kind of error if that can't be done.
    fn uids(&mut self, bytes: &mut [u8]) -> Result<Warnings, ErrorKind>;

    /// Writes over each identifier of the element the keyed one.
    ///
    /// # Errors
    /// The kind of error if that can't be done.
    fn identifiers(&mut self, bytes: &mut [u8]) -> Result<Warnings, ErrorKind>;

    /// The days by which the dates of this patient are shifted, or of this study where there is no patient; `None` where
    /// both are empty.
    ///
    /// # Errors
    /// The kind of error if there is no key.
    fn days(&mut self, patient_id: &[u8], study_instance_uid: &[u8]) -> Result<Option<NonZeroU16>, ErrorKind>;

    /// Writes over each date of the element the date so many days earlier.
    fn shift(&mut self, days: NonZeroU16, bytes: &mut [u8]) -> Warnings;
}
