//! What can be wrong with a source: a kind with its numbers, at an offset, under a tag path. Never a value.

mod words;

use core::fmt;

use crate::tag::{Tag, TagPath};

/// Why a source can't be blanked, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where, in bytes from the start of the source.
    pub offset: u64,
    /// The element it was met in; empty outside every element.
    pub tag_path: TagPath,
}

/// What is wrong, with the numbers that say how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The source ends before the header or value does. By how much is not told: a wrong length may consist of the
    /// bytes of a value.
    Truncated,
    /// A header, value or item runs past the end that an item or sequence around it gives (PS3.5 §7.5).
    Overrun,
    /// An item stands where an element belongs (PS3.5 §7.5).
    ItemOutsideSequence,
    /// Something else stands where an item belongs (PS3.5 §7.5).
    NotAnItem,
    /// A tag of group FFFE or FFFF that the standard does not know (PS3.5 §7.5).
    UnknownFraming,
    /// A delimiter states a length other than zero (PS3.5 §7.5).
    DelimiterWithLength,
    /// A delimiter that closes nothing, inside a sequence that is blanked: it can't be told what it was meant to end.
    StrayDelimiter,
    /// An item or sequence of undefined length is not delimited where the defined length around it ends (PS3.5 §7.5).
    MissingDelimiter,
    /// Undefined length where it has no meaning (PS3.5 §7.1).
    UndefinedLength,
    /// The VR is unknown and no reading of the length leads to another element (PS3.5 §7.1.2).
    UnknownVr,
    /// The VR is unknown and several readings of the length lead to another element (PS3.5 §7.1.2).
    AmbiguousVr,
    /// A data set or item can be read in several syntaxes, and not all of them lead to the same listed elements (PS3.5
    /// §10, §6.2.2).
    AmbiguousSyntax,
    /// A value that some readers take for a sequence can't be walked as one, and a listed tag stands in it (PS3.5
    /// §6.2.2).
    AmbiguousValue,
    /// A length that some readers correct, and then come to listed elements (PS3.5 §7.1).
    AmbiguousLength,
    /// Fragments that have no delimiter, with the bytes of one among them: some readers end there (PS3.5 §A.4).
    AmbiguousFragments,
    /// The transfer syntax is stated twice, or in other bytes than a UID's (PS3.5 §9.1, PS3.10 §7.1).
    AmbiguousTransferSyntax,
    /// The group length of the file meta information says that the data set begins elsewhere (PS3.10 §7.1).
    AmbiguousFileMeta,
    /// A sequence in the file meta information, which has none (PS3.10 §7.1).
    SequenceInFileMeta,
    /// A private block has a second creator, behind elements that were left because of the first (PS3.5 §7.8.1). By the
    /// second they are listed.
    AmbiguousCreator,
    /// Bytes behind the last element that are neither an element nor zeros.
    TrailingBytes {
        /// How many.
        count: u64,
    },
    /// Sequences nested deeper than [`Limits::depth`](crate::Limits::depth).
    TooDeep {
        /// That limit.
        limit: u32,
    },
    /// More headers or looks ahead than [`Limits::elements`](crate::Limits::elements) and the size of the source allow,
    /// or more places that other readings come to than are remembered.
    TooManyElements {
        /// That limit.
        limit: u64,
    },
    /// More values to blank than [`Limits::edits`](crate::Limits::edits), or more records of a DICOMDIR than are
    /// followed.
    TooManyEdits {
        /// That limit.
        limit: u32,
    },
    /// A rule can't be carried out on an element of this VR.
    UnfitVr,
    /// The text that a value is to be set to, or that a table has for it, is longer than the value.
    TextTooLong {
        /// By how many bytes.
        by: u64,
    },
    /// A value that is not in the table of the rule.
    NotInTable,
    /// A UID to encipher has other characters than digits and dots (PS3.5 §9.1).
    NotAUid,
    /// A UID to encipher has less than two digits behind its first two components.
    ShortUid,
    /// A UID to encipher has more digits, or components, than are enciphered.
    LongUid {
        /// How many there may be.
        limit: u64,
    },
    /// An identifier to encipher has more letters and digits than are enciphered.
    LongIdentifier {
        /// How many there may be, of an identifier of such characters.
        limit: u64,
    },
    /// The values to replace are longer than this, together.
    TooMuchToReplace {
        /// The limit in bytes.
        limit: u64,
    },
    /// Values are to be replaced by means of a key, and there is none.
    NoKey,
    /// The values were replaced under another key.
    OtherKey,
    /// The values were replaced under other rules, so that some of them are still as they were.
    OtherRules,
    /// The mark, which says that values were replaced, is damaged or of another version.
    DamagedMark,
    /// The data set says that dicomblank has de-identified it, and the mark that says under which key and by which rules is
    /// gone: another program has written the file anew.
    MarkLost,
    /// A run was killed while it replaced the values of this file.
    HalfDone,
    /// Nothing states how the data set is written, and with the new values it would not be read as it is now.
    AmbiguousResult,
    /// The rules ask for elements to be removed, emptied or given a dummy, and here every length stays. See
    /// [`rewrite`](crate::rewrite()).
    Lengths,
    /// With what is to be written, a value, item or sequence would be longer than its length field can say (PS3.5 §7.1,
    /// §7.5).
    LengthTooLarge,
    /// A DICOMDIR, whose records find each other by offsets, can't be rewritten (PS3.3 §F.3.2.2).
    Directory,
    /// What would be written does not read back as what was asked for.
    OtherResult,
    /// Nothing that a DICOM file begins with.
    NotDicom,
    /// It looks like DICOM, but no data set can be made out (PS3.10 §7.1).
    NoDataSet,
    /// A data set can be read from the first byte as well as behind "DICM" (PS3.10 §7.1).
    AmbiguousStart,
    /// The data set is deflated (PS3.5 §A.5) and begins at the offset of this error. Inflate it, then plan it with
    /// [`plan_inflated`](crate::plan_inflated).
    Deflated,
    /// The data set is deflated, and its pixels are with a JPIP server (PS3.5 §A.7).
    Jpip,
    /// A deflated data set is no deflate stream (RFC 1951). The core does not inflate: its caller reports this kind and
    /// the next two.
    NotDeflated,
    /// A deflated data set ends before its stream does.
    DeflatedCutShort,
    /// A deflated file is larger than this, inflated.
    InflatedTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The source could not be read.
    Unreadable,
    /// The size is not the one the plan was made for.
    SizeChanged {
        /// Bytes when the plan was made.
        planned: u64,
        /// Bytes now.
        found: u64,
    },
}

/// What a caller does about an error: the kinds in the groups that the Python exceptions name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// Not a DICOM file.
    NotDicom,
    /// The source is cut short.
    Truncated,
    /// A budget is spent.
    Limit,
    /// Sound, but not something that can be done to it.
    Unsupported,
    /// The source is not what it was.
    Changed,
    /// The bytes could not be had; the source that was to lend them knows why.
    Unreadable,
    /// The bytes can't be walked.
    Parse,
}

impl ErrorKind {
    /// The group that this kind belongs to.
    #[must_use]
    pub const fn class(self) -> ErrorClass {
        match self {
            Self::NotDicom => ErrorClass::NotDicom,
            Self::Truncated | Self::DeflatedCutShort => ErrorClass::Truncated,
            Self::TooDeep { .. }
            | Self::TooManyElements { .. }
            | Self::TooManyEdits { .. }
            | Self::TooMuchToReplace { .. }
            | Self::InflatedTooLarge { .. } => ErrorClass::Limit,
            Self::Deflated
            | Self::Jpip
            | Self::UnfitVr
            | Self::TextTooLong { .. }
            | Self::NotInTable
            | Self::NotAUid
            | Self::ShortUid
            | Self::LongUid { .. }
            | Self::LongIdentifier { .. }
            | Self::NoKey
            | Self::OtherKey
            | Self::OtherRules
            | Self::DamagedMark
            | Self::MarkLost
            | Self::HalfDone
            | Self::AmbiguousResult
            | Self::Lengths
            | Self::LengthTooLarge
            | Self::Directory
            | Self::OtherResult => ErrorClass::Unsupported,
            Self::SizeChanged { .. } => ErrorClass::Changed,
            Self::Unreadable => ErrorClass::Unreadable,
            _ => ErrorClass::Parse,
        }
    }

    /// Whether the bytes themselves are wrong: not so where a budget is spent or they could not be had.
    pub(crate) const fn is_of_bytes(self) -> bool {
        !matches!(self.class(), ErrorClass::Limit | ErrorClass::Unreadable | ErrorClass::Unsupported)
    }

    /// Whether it is about the whole of a file, and not about a place in it.
    const fn is_of_all(self) -> bool {
        matches!(
            self,
            Self::OtherKey
                | Self::OtherRules
                | Self::DamagedMark
                | Self::MarkLost
                | Self::HalfDone
                | Self::AmbiguousResult
                | Self::Lengths
                | Self::Directory
        )
    }

    /// This kind, met at `offset`.
    pub(crate) const fn at(self, offset: u64) -> RawError {
        RawError { kind: self, offset, tag: None }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the file is cut short, or a length in it is wrong"),
            Self::Overrun => f.write_str("runs past the end of the item or sequence around it"),
            Self::ItemOutsideSequence => f.write_str("an item outside a sequence"),
            Self::NotAnItem => f.write_str("something else where an item is expected"),
            Self::UnknownFraming => f.write_str("a tag of groups FFFE and FFFF that the standard does not know"),
            Self::DelimiterWithLength => f.write_str("a delimiter with a length"),
            Self::StrayDelimiter => f.write_str("a delimiter that closes nothing, inside a sequence to blank"),
            Self::MissingDelimiter => f.write_str("no delimiter before the end of the defined length around it"),
            Self::UndefinedLength => f.write_str("undefined length where it has no meaning"),
            Self::UnknownVr => f.write_str("unknown VR, and no reading of the length leads to another element"),
            Self::AmbiguousVr => {
                f.write_str("unknown VR, and more than one reading of the length leads to another element")
            }
            Self::AmbiguousCreator => f.write_str("a second creator of a private block, which makes elements before it listed"),
            Self::AmbiguousSyntax => f.write_str(
                "can be read with stated VRs and without, or in both byte orders, and readers would not see the same listed elements",
            ),
            Self::AmbiguousValue => {
                f.write_str("a value that may be a sequence can't be walked to its end, and a listed tag stands in it")
            }
            Self::AmbiguousLength => {
                f.write_str("a length that some readers take for another, behind which they see other listed elements")
            }
            Self::AmbiguousFragments => {
                f.write_str("the fragments of the pixel data have no delimiter, and one stands among their bytes")
            }
            Self::AmbiguousTransferSyntax => {
                f.write_str("the transfer syntax is stated in two ways, or not by a UID: readers differ in what they believe")
            }
            Self::AmbiguousFileMeta => f.write_str(
                "the group length of the file meta information is wrong: readers differ in where the data set begins",
            ),
            Self::SequenceInFileMeta => f.write_str("a sequence in the file meta information"),
            Self::TrailingBytes { count } => write!(f, "{count} trailing bytes that are no element"),
            Self::TooDeep { limit } => write!(f, "sequences nested deeper than {limit}"),
            Self::TooManyElements { limit } => write!(f, "more than {limit} elements"),
            Self::TooManyEdits { limit } => write!(f, "more than {limit} values to blank"),
            Self::UnfitVr => f.write_str("a rule that can't be carried out on an element of this VR: keep or blank it"),
            Self::TextTooLong { by: 1 } => f.write_str("the new text is 1 byte longer than the value"),
            Self::TextTooLong { by } => write!(f, "the new text is {by} bytes longer than the value"),
            Self::NotInTable => f.write_str("a value that is not in the table"),
            Self::NotAUid => f.write_str("a UID that has other characters than digits and dots"),
            Self::ShortUid => {
                f.write_str("a UID with less than two digits to encipher behind its first two components")
            }
            Self::LongUid { limit } => {
                write!(f, "a UID with more than {limit} digits or components behind its first two components")
            }
            Self::LongIdentifier { limit } => write!(f, "an identifier with more than {limit} letters and digits"),
            Self::TooMuchToReplace { limit } => write!(f, "more than {} MiB of values to replace", limit >> 20_u32),
            Self::NoKey => f.write_str("values are to be replaced by means of a key, and there is none"),
            Self::OtherKey => f.write_str(
                "was pseudonymized already, under another key: give that key, or begin with the original",
            ),
            Self::OtherRules => f.write_str(
                "was pseudonymized already, by other rules: give the same rules, or the level original with --blank",
            ),
            Self::DamagedMark => {
                f.write_str("has a mark of what was pseudonymized, which is damaged or of another version of dicomblank")
            }
            Self::MarkLost => {
                f.write_str("was de-identified by dicomblank already, and its mark is gone: take the original")
            }
            Self::HalfDone => f.write_str(
                "half pseudonymized by a run that was killed: run dicomblank on it in place, where the run's journal is",
            ),
            Self::AmbiguousResult => f.write_str(
                "nothing states how the data set is written, and with the new values readers would not agree on it: give it file meta information first",
            ),
            Self::Lengths => f.write_str(
                "elements are to be removed, emptied or given a dummy, which changes lengths: make a copy, or use anonymize_bytes",
            ),
            Self::LengthTooLarge => f.write_str("with the new values, longer than its length field can say"),
            Self::Directory => f.write_str(
                "a DICOMDIR, whose records can't be moved: leave it out, and make a new one of the new files",
            ),
            Self::OtherResult => {
                f.write_str("what would be written does not read back as what was asked for: nothing was written")
            }
            Self::NotDicom => f.write_str("not a DICOM file"),
            Self::NoDataSet => f.write_str("damaged: looks like DICOM, but no data set can be made out"),
            Self::AmbiguousStart => f.write_str("a data set can be read from the first byte as well as behind 'DICM'"),
            Self::Deflated => f.write_str(
                "a deflated data set would change its length, which a buffer can't: use anonymize_bytes or a call on files",
            ),
            Self::Jpip => f.write_str("JPIP with deflate is not supported: convert the file to another transfer syntax"),
            Self::NotDeflated => f.write_str("the transfer syntax says deflated, but the data set can't be inflated"),
            Self::DeflatedCutShort => f.write_str("the file is cut short: the deflated data set has no end"),
            Self::InflatedTooLarge { limit } => write!(
                f,
                "inflates to more than {} MiB: convert the file to another transfer syntax first",
                limit >> 20_u32
            ),
            Self::Unreadable => f.write_str("can't be read"),
            Self::SizeChanged { planned, found } => {
                write!(f, "changed since it was planned: {planned} bytes then, {found} now")
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        if self.kind.is_of_all() {
            return Ok(());
        }
        write!(f, " at {:#x}", self.offset)?;
        if self.tag_path.steps().is_empty() { Ok(()) } else { write!(f, " in {}", self.tag_path) }
    }
}

impl core::error::Error for Error {}

/// An error whose path is not known yet: the walker adds it, so that what reads a header need not know where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawError {
    pub(crate) kind: ErrorKind,
    pub(crate) offset: u64,
    pub(crate) tag: Option<Tag>,
}

impl RawError {
    /// The same error, met in the element `tag`.
    pub(crate) const fn inside(self, tag: Tag) -> Self {
        Self { tag: Some(tag), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::Step;

    #[test]
    fn words() {
        let path = [Step { tag: Tag::new(0x0040, 0xA730), item: Some(2) }].into_iter().collect();
        let error = Error { kind: ErrorKind::Truncated, offset: 0x1F4, tag_path: path };
        assert_eq!(error.to_string(), "the file is cut short, or a length in it is wrong at 0x1f4 in (0040,A730)[2]");
        let error = Error { kind: ErrorKind::NotDicom, offset: 0, tag_path: TagPath::default() };
        assert_eq!(error.to_string(), "not a DICOM file at 0x0");
    }
}
