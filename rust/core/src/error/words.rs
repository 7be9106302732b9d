//! One word and one sentence for each kind of error: for programs, and for what is written about them.

use super::ErrorKind;

/// From one list the words, the sentences and the kinds: the compiler asks for a row of each kind.
macro_rules! kinds {
    ($($kind:ident $({ $($number:ident),+ })?: $word:literal, $meaning:literal;)+) => {
        impl ErrorKind {
            /// Each kind once, with zeros for its numbers.
            const ALL: &'static [Self] = &[$(Self::$kind $({ $($number: 0),+ })?),+];

            /// The kind in one word, for programs: lower case, with hyphens, one of [`words`](Self::words). A word
            /// never changes its meaning, and no two kinds share one.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$kind { .. } => $word,)+
                }
            }

            const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$kind { .. } => $meaning,)+
                }
            }
        }
    };
}

impl ErrorKind {
    /// Every word, and what it means in one sentence.
    pub fn words() -> impl Iterator<Item = (&'static str, &'static str)> {
        Self::ALL.iter().map(|kind| (kind.word(), kind.meaning()))
    }
}

kinds! {
    Truncated: "truncated", "The file ends before a header or value does, or a length in it is wrong.";
    Overrun: "overrun", "A header, value or item runs past the end of the item or sequence around it.";
    ItemOutsideSequence: "item-outside-sequence", "An item stands where an element belongs.";
    NotAnItem: "not-an-item", "Something else stands where an item belongs.";
    UnknownFraming: "unknown-framing", "A tag of group FFFE or FFFF that the standard does not know.";
    DelimiterWithLength: "delimiter-with-length", "A delimiter states a length other than zero.";
    StrayDelimiter: "stray-delimiter", "A delimiter closes nothing, inside a sequence that is blanked.";
    MissingDelimiter: "missing-delimiter",
        "An item or sequence has no delimiter before the end of the defined length around it.";
    UndefinedLength: "undefined-length", "An undefined length where it has no meaning.";
    UnknownVr: "unknown-vr", "The VR is unknown, and no reading of the length leads to another element.";
    AmbiguousVr: "ambiguous-vr", "The VR is unknown, and more than one reading of the length leads to another element.";
    AmbiguousSyntax: "ambiguous-syntax",
        "A data set or item can be read in several syntaxes, and they do not show the same listed elements.";
    AmbiguousValue: "ambiguous-value",
        "A value that may be a sequence can't be walked as one, and a listed tag stands in it.";
    AmbiguousLength: "ambiguous-length",
        "Some readers take a length for another one, and see other listed elements behind it.";
    AmbiguousFragments: "ambiguous-fragments",
        "The fragments of the pixel data have no delimiter, and the bytes of one stand in them.";
    AmbiguousTransferSyntax: "ambiguous-transfer-syntax", "The transfer syntax is stated in two ways, or not by a UID.";
    AmbiguousFileMeta: "ambiguous-file-meta",
        "The group length of the file meta information says that the data set begins elsewhere.";
    SequenceInFileMeta: "sequence-in-file-meta", "The file meta information holds a sequence.";
    AmbiguousCreator: "ambiguous-creator",
        "A private block has a second creator, with which elements before it are listed.";
    TrailingBytes { count }: "trailing-bytes",
        "Behind the last element stand bytes that are neither an element nor zeros.";
    TooDeep { limit }: "too-deep", "Sequences are nested deeper than the limit.";
    TooManyElements { limit }: "too-many-elements",
        "There are more elements, or more readings of them, than the limit.";
    TooManyEdits { limit }: "too-many-edits", "There are more values to blank than the limit.";
    UnfitVr: "unfit-vr", "A rule can't be carried out on an element of this VR.";
    TextTooLong { by }: "text-too-long", "A text that a value is to be set to is longer than the value.";
    NotInTable: "not-in-table", "A value is not in the table of the rule on its tag.";
    NotAUid: "not-a-uid", "A UID to replace has other characters than digits and dots.";
    ShortUid: "short-uid", "A UID to replace has too few digits.";
    LongUid { limit }: "long-uid", "A UID to replace has more digits or components than the limit.";
    LongIdentifier { limit }: "long-identifier", "An identifier to replace is longer than the limit.";
    TooMuchToReplace { limit }: "too-much-to-replace", "The values to replace are longer than the limit, together.";
    NoKey: "no-key", "Values are to be replaced by means of a key, and none was given.";
    OtherKey: "other-key", "The file was pseudonymized under another key.";
    OtherRules: "other-rules", "The file was pseudonymized by other rules.";
    DamagedMark: "damaged-mark", "The mark of a pseudonymized file is damaged, or of another version.";
    MarkLost: "mark-lost",
        "The file was de-identified by dicomblank, and its mark, which would say under which key, is gone.";
    HalfDone: "half-done", "A run was killed while it pseudonymized the file.";
    AmbiguousResult: "ambiguous-result",
        "Nothing states how the data set is written, and with the new values it could be read in more than one way.";
    Lengths: "lengths", "Elements are to be removed, emptied or given a dummy, where every length has to stay.";
    LengthTooLarge: "length-too-large",
        "With the new values, a value, item or sequence is longer than its length field can say.";
    Directory: "directory", "A DICOMDIR: its records find each other by offsets, and can't be moved.";
    OtherResult: "other-result",
        "What is written, or would be, is not what the rules make of the file.";
    NotDicom: "not-dicom", "Not a DICOM file.";
    NoDataSet: "no-data-set", "It looks like DICOM, but no data set can be made out.";
    AmbiguousStart: "ambiguous-start", "A data set can be read from the first byte as well as behind \"DICM\".";
    Deflated: "deflated", "The data set is deflated, and a buffer can't change its length.";
    Jpip: "jpip", "The data set is deflated, and its pixels are with a JPIP server.";
    NotDeflated: "not-deflated", "The transfer syntax says deflated, but the data set can't be inflated.";
    DeflatedCutShort: "deflated-cut-short", "The file ends before its deflated data set does.";
    InflatedTooLarge { limit }: "inflated-too-large", "The file is larger than the limit once it is inflated.";
    Unreadable: "unreadable", "The file can't be read.";
    SizeChanged { planned, found }: "changed", "The file changed while it was read, or after it was planned.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_kind_has_a_word_and_a_sentence_of_its_own() {
        let all: Vec<_> = ErrorKind::words().collect();
        for (word, meaning) in &all {
            let is_plain =
                word.split('-').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()));
            assert!(is_plain && meaning.ends_with('.') && !meaning.contains(['\n', '0']), "{word}: {meaning}");
        }
        let words: BTreeSet<_> = all.iter().map(|(word, _)| word).collect();
        let meanings: BTreeSet<_> = all.iter().map(|(_, meaning)| meaning).collect();
        assert_eq!((words.len(), meanings.len()), (all.len(), all.len()));
        assert_eq!(ErrorKind::TooDeep { limit: 5 }.word(), "too-deep");
    }
}
