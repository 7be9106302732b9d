//! What is said of a file: sentences without a full stop, with the numbers, and never with a byte of a value.

use dicomblank_core::{
    Error, ErrorClass, ErrorKind, Plan, Rule, RuleError, RuleErrorReason, Rules, Selector, Span, TagPath, Warning,
};

use crate::build::{BIRTH, ID, NAME, SEX};

const BOTH: RuleErrorReason = RuleErrorReason::Both { one: Rule::Blank, other: Rule::Keep };

#[test]
fn every_kind_of_error() {
    for (kind, words) in [
        (ErrorKind::Truncated, "the file is cut short, or a length in it is wrong"),
        (ErrorKind::Overrun, "runs past the end of the item or sequence around it"),
        (ErrorKind::ItemOutsideSequence, "an item outside a sequence"),
        (ErrorKind::NotAnItem, "something else where an item is expected"),
        (ErrorKind::UnknownFraming, "a tag of groups FFFE and FFFF that the standard does not know"),
        (ErrorKind::DelimiterWithLength, "a delimiter with a length"),
        (ErrorKind::StrayDelimiter, "a delimiter that closes nothing, inside a sequence to blank"),
        (ErrorKind::MissingDelimiter, "no delimiter before the end of the defined length around it"),
        (ErrorKind::UndefinedLength, "undefined length where it has no meaning"),
        (ErrorKind::UnknownVr, "unknown VR, and no reading of the length leads to another element"),
        (
            ErrorKind::AmbiguousSyntax,
            "can be read with stated VRs and without, or in both byte orders, and readers would not see the same listed elements",
        ),
        (
            ErrorKind::AmbiguousValue,
            "a value that may be a sequence can't be walked to its end, and a listed tag stands in it",
        ),
        (
            ErrorKind::AmbiguousLength,
            "a length that some readers take for another, behind which they see other listed elements",
        ),
        (
            ErrorKind::AmbiguousFragments,
            "the fragments of the pixel data have no delimiter, and one stands among their bytes",
        ),
        (
            ErrorKind::AmbiguousTransferSyntax,
            "the transfer syntax is stated in two ways, or not by a UID: readers differ in what they believe",
        ),
        (
            ErrorKind::AmbiguousFileMeta,
            "the group length of the file meta information is wrong: readers differ in where the data set begins",
        ),
        (ErrorKind::SequenceInFileMeta, "a sequence in the file meta information"),
        (ErrorKind::AmbiguousVr, "unknown VR, and more than one reading of the length leads to another element"),
        (ErrorKind::AmbiguousCreator, "a second creator of a private block, which makes elements before it listed"),
        (ErrorKind::TrailingBytes { count: 5 }, "5 trailing bytes that are no element"),
        (ErrorKind::TooDeep { limit: 4 }, "sequences nested deeper than 4"),
        (ErrorKind::TooManyElements { limit: 4 }, "more than 4 elements"),
        (ErrorKind::TooManyEdits { limit: 4 }, "more than 4 values to blank"),
        (ErrorKind::NotDicom, "not a DICOM file"),
        (ErrorKind::NoDataSet, "damaged: looks like DICOM, but no data set can be made out"),
        (ErrorKind::AmbiguousStart, "a data set can be read from the first byte as well as behind 'DICM'"),
        (ErrorKind::Jpip, "JPIP with deflate is not supported: convert the file to another transfer syntax"),
        (ErrorKind::NotDeflated, "the transfer syntax says deflated, but the data set can't be inflated"),
        (ErrorKind::DeflatedCutShort, "the file is cut short: the deflated data set has no end"),
        (
            ErrorKind::InflatedTooLarge { limit: 512 << 20 },
            "inflates to more than 512 MiB: convert the file to another transfer syntax first",
        ),
        (ErrorKind::Unreadable, "can't be read"),
        (ErrorKind::SizeChanged { planned: 9, found: 8 }, "changed since it was planned: 9 bytes then, 8 now"),
    ] {
        assert_eq!(kind.to_string(), words);
    }
    assert_eq!(ErrorKind::SizeChanged { planned: 9, found: 8 }.class(), ErrorClass::Changed);
    assert!(ErrorKind::Deflated.to_string().contains("deflated"));
    let placed = Error { kind: ErrorKind::Unreadable, offset: 16, tag_path: TagPath::default() };
    assert_eq!(placed.to_string(), "can't be read at 0x10");
}

#[test]
fn every_warning() {
    for (warning, words) in [
        (Warning::MissingDelimiters, "delimiters are missing at the end of the file"),
        (Warning::FragmentsWithoutDelimiter, "the fragments of the pixel data have no delimiter"),
        (Warning::PixelDataCutShort, "the pixel data is cut short by the end of the file"),
        (Warning::StrayDelimiters, "delimiters that close nothing"),
        (Warning::TrailingZeros, "zeros behind the last element"),
        (Warning::OtherTransferSyntax, "the data set is written in another transfer syntax than the file states"),
        (Warning::DelimiterOfUndefinedLength, "the last delimiter has an undefined length"),
        (Warning::UnknownTail, "an element of group FFFF, which none may use, at the end of the file"),
    ] {
        assert_eq!(warning.to_string(), words);
    }
}

#[test]
fn bytes_that_are_no_plan() {
    for (bytes, words) in
        [(&[1, 0, 0, 0][..], "a plan of another version of dicomblank"), (&[], "not a plan, or a damaged one")]
    {
        assert_eq!(Plan::from_bytes(bytes).map_err(|error| error.to_string()), Err(words.to_owned()));
    }
}

#[test]
fn rules_that_are_unfit() {
    for (reason, words) in [
        (
            RuleErrorReason::FileMeta,
            "is file meta information that says what the file is and how to read it; of group 0002 only the AE titles, the addresses and what is private can be blanked",
        ),
        (RuleErrorReason::GroupLength, "is a group length, which counts bytes and holds no identifier"),
        (RuleErrorReason::Framing, "is an item or delimiter, which frames values and has none"),
        (RuleErrorReason::PixelData, "is pixel data, which dicomblank never changes"),
        (RuleErrorReason::Creator, "is a private creator, by which another rule finds its elements"),
        (BOTH, "is both to be blanked and to be kept"),
    ] {
        assert_eq!(RuleError { selector: Selector::Tag(NAME), reason }.to_string(), format!("(0010,0010) {words}"));
    }
}

#[test]
fn rules_are_told_sorted() {
    let rules = Rules::new([NAME, ID, BIRTH, NAME], [SEX]).unwrap();
    assert_eq!(rules.blanked().collect::<Vec<_>>(), [NAME, ID, BIRTH].map(Selector::Tag));
    assert_eq!(rules.kept().collect::<Vec<_>>(), [Selector::Tag(SEX)]);
    let told = format!("{rules:?}");
    assert!(told.starts_with("{(0010,0010): Blank, ") && told.ends_with("(0010,0040): Keep}"), "{told}");
    assert_eq!(format!("{:?}", Span::between(16, 32).unwrap()), "0x10..0x20");
}
