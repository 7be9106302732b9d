//! Delimiters that are missing, doubled or stray, and what stands behind the last element (PS3.5 §7.5).

use dicomblank_core::{ErrorKind, Tag, Warning};

use crate::build::*;
use crate::check::{blanks_with, refuses, rules};

#[test]
fn missing_at_the_end_of_the_file() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let at_end = |unit: Unit| file(uid, [b.sex(), b.name(), unit]);
        rows.extend([
            ("a sequence's", at_end(b.seq(CONTENT, Open, [b.item(Undefined, [b.name()])]))),
            ("a sequence's, item of defined length", at_end(b.seq(CONTENT, Open, [b.item(Defined, [b.name()])]))),
            ("of a sequence without items", at_end(b.seq(CONTENT, Open, []))),
            (
                "an item's and a sequence's",
                at_end(b.seq(CONTENT, Open, [b.item(Undefined, []), b.item(Open, [b.name()])])),
            ),
            ("of an empty item", at_end(b.seq(CONTENT, Open, [b.item(Open, [])]))),
            (
                "many",
                at_end(b.seq(
                    CONTENT,
                    Open,
                    [b.item(Open, [b.name(), b.seq(STUDY, Open, [b.item(Open, [b.sex(), b.name()])])])],
                )),
            ),
            ("behind the pixels", at_end(join([b.pixels(), b.seq(CONTENT, Open, [b.item(Open, [b.name()])])]))),
            ("of unknown", at_end(b.holds(PRIVATE, "UN", Open, [b.item(Open, [b.sex(), b.name()])]))),
        ]);
    }
    blanks_with(&rules([NAME], []), &[Warning::MissingDelimiters], rows);
}

#[test]
fn doubled_or_stray() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let (item_end, sequence_end) = (b.item_delimiter(), b.sequence_delimiter());
        let item = |len| b.item(len, [b.sex(), b.name()]);
        let around = |unit: Unit| file(uid, [b.sex(), b.name(), unit, b.name()]);
        rows.extend([
            ("between elements", around(item_end.clone())),
            ("a sequence's between elements", around(sequence_end.clone())),
            ("many", around(raw(sequence_end.bytes.repeat(50)))),
            ("behind a sequence", around(join([b.seq(CONTENT, Undefined, [item(Undefined)]), sequence_end.clone()]))),
            ("behind a sequence of defined length", around(b.seq(CONTENT, Both, [item(Defined)]))),
            (
                "an item's behind a sequence",
                around(join([b.seq(CONTENT, Undefined, [item(Undefined)]), item_end.clone()])),
            ),
            (
                "an item's behind an item",
                around(b.seq(CONTENT, Undefined, [item(Undefined), item_end.clone(), item(Defined)])),
            ),
            (
                "behind an item of defined length",
                around(b.seq(CONTENT, Undefined, [b.item(Both, [b.sex(), b.name()]), item(Defined)])),
            ),
            ("before the first item", around(b.seq(CONTENT, Undefined, [item_end.clone(), item(Defined)]))),
            (
                "in a sequence of defined length",
                around(b.seq(CONTENT, Defined, [item(Undefined), item_end.clone(), sequence_end.clone()])),
            ),
            (
                "its own in a sequence of defined length",
                around(b.seq(CONTENT, Defined, [item(Undefined), sequence_end.clone(), item(Defined)])),
            ),
            (
                "in an item of defined length",
                around(b.seq(CONTENT, Undefined, [b.item(Defined, [b.name(), item_end.clone(), b.name()])])),
            ),
            (
                "a sequence's in an item of undefined length",
                around(b.seq(CONTENT, Undefined, [b.item(Undefined, [b.name(), sequence_end.clone(), b.name()])])),
            ),
            (
                "behind a sequence in an item",
                around(b.seq(
                    CONTENT,
                    Undefined,
                    [b.item(Undefined, [b.seq(STUDY, Undefined, [item(Undefined)]), sequence_end.clone(), b.name()])],
                )),
            ),
            ("at the end of the file", file(uid, [b.sex(), b.name(), sequence_end.clone()])),
            (
                "behind the pixels",
                around(join([b.fragments(Undefined, [b.fragment([]), b.fragment([1; 8])]), sequence_end.clone()])),
            ),
        ]);
    }
    blanks_with(&rules([NAME], []), &[Warning::StrayDelimiters], rows);
}

/// An item without its delimiter swallows what follows it, so that every element is still met.
#[test]
fn an_item_delimiter_that_is_missing() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let sequence = b.seq(CONTENT, Undefined, [b.item(Open, [b.name()])]);
        rows.push(("before the sequence's own", file(uid, [b.sex(), sequence, b.name()])));
    }
    blanks_with(&rules([NAME], []), &[Warning::MissingDelimiters, Warning::StrayDelimiters], rows);
}

#[test]
fn delimiters_that_are_refused() {
    let item = || EL.item(Undefined, [EL.name()]);
    let around = |unit: Unit| file(EL_UID, [EL.sex(), unit, EL.name()]);
    refuses(
        &rules([NAME], []),
        [
            (
                "a delimiter with a length between elements",
                ErrorKind::DelimiterWithLength,
                "",
                around(join([EL.framing(Tag::ITEM_DELIMITER, 4).faulty(), raw("Doe ")])),
            ),
            (
                "of an item",
                ErrorKind::DelimiterWithLength,
                "(0040,A730)[0]",
                around(EL.seq(
                    CONTENT,
                    Undefined,
                    [EL.item(Open, [EL.name(), EL.framing(Tag::ITEM_DELIMITER, 4).faulty(), raw("Doe ")])],
                )),
            ),
            (
                "of a sequence",
                ErrorKind::DelimiterWithLength,
                "(0040,A730)[0]",
                around(EL.seq(CONTENT, Open, [item(), EL.framing(Tag::SEQUENCE_DELIMITER, 0x100).faulty()])),
            ),
            (
                "of undefined length",
                ErrorKind::UndefinedLength,
                "(0040,A730)[0]",
                around(EL.seq(CONTENT, Open, [item(), EL.framing(Tag::SEQUENCE_DELIMITER, 0xFFFF_FFFF).faulty()])),
            ),
            (
                "an item's that is missing before the next item",
                ErrorKind::ItemOutsideSequence,
                "(0040,A730)[0]",
                around(EL.seq(CONTENT, Undefined, [EL.item(Open, [EL.name()]), item().faulty()])),
            ),
            (
                "a sequence's that is missing before the next element",
                ErrorKind::NotAnItem,
                "(0040,A730)[0]",
                file(EL_UID, [EL.sex(), EL.seq(CONTENT, Open, [item()]), EL.name().faulty()]),
            ),
            (
                "an item's that is missing where the sequence ends by its length",
                ErrorKind::MissingDelimiter,
                "(0040,A730)[0]",
                file(EL_UID, [EL.sex(), EL.seq(CONTENT, Defined, [EL.item(Open, [EL.name()])]), EL.name().faulty()]),
            ),
            (
                "the same at the end of the file",
                ErrorKind::MissingDelimiter,
                "(0040,A730)[0]",
                file(EL_UID, [EL.sex(), EL.seq(CONTENT, Defined, [EL.item(Open, [EL.name()])]), raw([]).faulty()]),
            ),
            (
                "a sequence's that is missing where the item ends by its length",
                ErrorKind::MissingDelimiter,
                "(0040,A730)[0].(0008,1110)[0]",
                file(
                    EL_UID,
                    [
                        EL.sex(),
                        EL.seq(
                            CONTENT,
                            Undefined,
                            [EL.item(Defined, [EL.seq(STUDY, Open, [item()])]), item().faulty()],
                        ),
                    ],
                ),
            ),
            (
                "an unknown tag of group FFFE",
                ErrorKind::UnknownFraming,
                "",
                around(EL.framing(Tag::new(0xFFFE, 0xE001), 0).faulty()),
            ),
        ],
    );
}

/// In a sequence that is blanked it must be certain what a delimiter ends: behind it, blanking would end too, or not.
#[test]
fn stray_delimiters_in_a_blanked_sequence_are_refused() {
    let kind = ErrorKind::StrayDelimiter;
    let mut plain = Vec::new();
    let mut kept = Vec::new();
    for (b, uid) in ALL {
        let sequence_end = || b.sequence_delimiter().faulty();
        let whole = |inside: Vec<Unit>| file(uid, [b.sex(), b.seq(OTHER_IDS, Undefined, inside), b.sex()]);
        plain.extend([
            ("in an item", kind, "(0010,1002)[0]", whole(vec![b.item(Undefined, [b.sex(), sequence_end(), b.sex()])])),
            (
                "behind a sequence in it",
                kind,
                "(0010,1002)[0]",
                whole(vec![b.item(
                    Undefined,
                    [b.seq(STUDY, Undefined, [b.item(Undefined, [b.sex()])]), sequence_end(), b.sex()],
                )]),
            ),
            (
                "for an item's own, in a sequence in it",
                kind,
                "(0010,1002)[0].(0008,1110)[0]",
                whole(vec![
                    b.item(Undefined, [b.seq(STUDY, Open, [b.item(Open, [b.sex(), sequence_end(), b.sex()])])]),
                ]),
            ),
        ]);
        // The inner sequence is kept, the outer one blanked: where the kept one ends can't be told either.
        kept.push((
            "in a kept sequence",
            kind,
            "(0010,1002)[0].(0008,1110)[0]",
            whole(vec![b.item(Undefined, [b.seq(STUDY, Open, [b.item(Open, [b.sex(), sequence_end(), b.sex()])])])]),
        ));
    }
    refuses(&rules([OTHER_IDS], []), plain);
    refuses(&rules([OTHER_IDS], [STUDY]), kept);
}

#[test]
fn trailing_zeros() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        for count in [1, 2, 7, 8, 9, 15, 16, 511, 4096, 10_000] {
            rows.push(("behind an element", file(uid, [b.sex(), b.name(), zeros(count)])));
            rows.push(("behind the pixels", file(uid, [b.sex(), b.name(), b.pixels(), zeros(count)])));
        }
        rows.push(("behind fragments", file(uid, [b.name(), b.fragments(Undefined, [b.fragment([])]), zeros(100)])));
        rows.push(("behind file meta information", file(uid, [zeros(100)])));
        rows.push(("without file meta information", join([b.el(CHARSET, "CS", "ISO_IR 100"), b.name(), zeros(12)])));
    }
    blanks_with(&rules([NAME], []), &[Warning::TrailingZeros], rows);
}

/// A value that is too long ends amid zeros somewhere behind, with elements inside it: the pixels are full of them. Zeros behind such a
/// value are no padding for certain.
#[test]
fn zeros_behind_a_value_that_may_have_swallowed_elements() {
    let swallowing_in = |vr: &str, count: usize| {
        let inside = join([EL.el(NAME, "PN", "Doe^Jane"), EL.el(PIXELS, "OW", vec![0; count])]);
        EL.el(TEXT, vr, inside.bytes)
    };
    let swallowing = |count| swallowing_in("UT", count);
    let behind = |value: Unit, count| file(EL_UID, [EL.sex(), EL.name(), value, zeros(count).faulty()]);
    let kind = |count| ErrorKind::TrailingBytes { count };
    refuses(
        &rules([NAME], []),
        [
            ("much", kind(1000), "", behind(swallowing(200), 1000)),
            ("much, in a short header", kind(1000), "", behind(swallowing_in("LT", 200), 1000)),
            ("little", kind(8), "", behind(swallowing(100), 8)),
            ("less than a header", kind(3), "", behind(swallowing(100), 3)),
        ],
    );
    let harmless = |value: Unit| file(EL_UID, [EL.sex(), EL.name(), value, zeros(100)]);
    blanks_with(
        &rules([NAME], []),
        &[Warning::TrailingZeros],
        [
            ("short", harmless(EL.el(TEXT, "UT", [&[b'x'; 40][..], &[0; 8]].concat()))),
            ("all zeros", harmless(EL.el(PRIVATE, "OB", [0; 100]))),
            ("ends in text", harmless(EL.el(TEXT, "UT", [b'x'; 100]))),
            ("pixels", harmless(EL.el(PIXELS, "OW", [&[1; 100][..], &[0; 100]].concat()))),
            ("padding", harmless(EL.el(PADDING, "OB", [0; 300]))),
        ],
    );
}

/// Where a try or an item is open, zeros are no padding.
#[test]
fn zeros_in_an_item() {
    let kind = |count| ErrorKind::TrailingBytes { count };
    refuses(
        &rules([NAME], []),
        [
            ("at the end of the file", kind(16), "(0040,A730)[0]", {
                file(EL_UID, [EL.sex(), EL.seq(CONTENT, Open, [EL.item(Open, [EL.name(), zeros(16).faulty()])])])
            }),
            ("before its end", kind(16 + 8), "(0040,A730)[0]", {
                file(
                    EL_UID,
                    [EL.sex(), EL.seq(CONTENT, Undefined, [EL.item(Defined, [EL.name(), zeros(16).faulty()])])],
                )
            }),
        ],
    );
}

#[test]
fn other_trailing_bytes() {
    let behind = |unit: Unit| file(EL_UID, [EL.sex(), EL.name(), unit]);
    refuses(
        &rules([NAME], []),
        [
            ("one", ErrorKind::TrailingBytes { count: 1 }, "", behind(raw("x").faulty())),
            ("seven", ErrorKind::TrailingBytes { count: 7 }, "", behind(raw("Doe^Jan").faulty())),
            ("zeros but one", ErrorKind::TrailingBytes { count: 7 }, "", behind(raw([0, 0, 0, 0, 0, 0, 1]).faulty())),
            ("a line end", ErrorKind::TrailingBytes { count: 2 }, "", behind(raw("\r\n").faulty())),
            ("a line", ErrorKind::UnknownVr, "", behind(raw("Doe^Jane was here, and more of it").faulty())),
            ("spaces", ErrorKind::TrailingBytes { count: 4 }, "", behind(raw("    ").faulty())),
        ],
    );
    for (b, uid) in ALL {
        let tail = |bytes: &[u8]| file(uid, [b.sex(), b.name(), raw(bytes)]).bytes;
        for bytes in [&[b'x'; 8][..], &[b' '; 600], &[0xFF; 600], b"\0\0\0\0\0\0\0\0\0\0\0\0Doe^"] {
            let error = crate::check::plan_of(&tail(bytes), &rules([NAME], []), &dicomblank_core::Limits::default());
            assert!(error.is_err(), "{} trailing bytes in {b:?}", bytes.len());
        }
    }
}
