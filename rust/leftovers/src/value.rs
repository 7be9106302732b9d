//! What is looked for.

/// A value of an element, whole, as it stands in the file, padding included.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    /// How it is spelled.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// What a value is, and so how it may be spelled elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Names of persons (VR PN): groups and components of [`LETTERS`] letters or more, and the family name with the
    /// given one.
    Name,
    /// Identifiers of [`CHARACTERS`] characters or more, or of [`DIGITS`] digits.
    Identifier,
    /// Dates, or dates and times (VR DA, DT): the date, in the spellings that people and programs use.
    Date,
    /// Names and addresses of institutions, whole, of [`WHOLE`] letters or more.
    Whole,
    /// UIDs of [`UID`] characters or more, whole.
    Uid,
    /// A line of a list that somebody made: a name or an identifier, of [`LETTERS`] characters or more.
    Known,
}

/// The shortest name that is looked for, in letters.
pub const LETTERS: usize = 4;
/// The shortest identifier that is looked for, in characters.
pub const CHARACTERS: usize = 5;
/// The shortest identifier of digits alone.
pub const DIGITS: usize = 6;
/// The shortest name of an institution, in letters.
pub const WHOLE: usize = 8;
/// The shortest UID, in characters: a shorter one is the number of a version as well.
pub const UID: usize = 12;
/// The longest spelling, in bytes: what is longer is not looked for. A value of VR ST has 1,024 characters at most
/// (PS3.5 §6.2), of two bytes each in UTF-16.
pub const LONGEST: usize = 2048;
