//! Data sets that can't be walked to their end: each with kind, offset and tag path.

use dicomblank_core::{Error, ErrorClass, ErrorKind, Limits};

use crate::build::*;
use crate::check::{plan_of, refuses, rules};

/// Begins as every data set does.
fn file_of(b: Build, elements: impl IntoIterator<Item = Unit>) -> Unit {
    let uid = ALL.iter().find(|(build, _)| *build == b).unwrap().1;
    file(uid, [b.el(CHARSET, "CS", "ISO_IR 100"), b.name(), join(elements)])
}

#[test]
fn cut_short() {
    let mut rows = Vec::new();
    for (b, _) in ALL {
        rows.extend([
            ("in a value", ErrorKind::Truncated, "(0010,0010)", file_of(b, [b.name().cut(3).faulty()])),
            ("before a value", ErrorKind::Truncated, "(0010,0010)", file_of(b, [b.name().cut(8).faulty()])),
            ("in a value in an item", ErrorKind::Truncated, "(0040,A730)[1].(0010,0010)", {
                let items = [b.item(Undefined, [b.sex()]), b.item(Open, [b.sex(), b.name().cut(1).faulty()])];
                file_of(b, [b.seq(CONTENT, Open, items)])
            }),
            ("in an item of defined length", ErrorKind::Truncated, "(0040,A730)[0]", {
                file_of(b, [b.seq(CONTENT, Open, [b.item(Defined, [b.sex(), b.name()]).cut(1).faulty()])])
            }),
            ("in a sequence of defined length", ErrorKind::Truncated, "(0040,A730)", {
                file_of(b, [b.seq(CONTENT, Defined, [b.item(Defined, [b.sex(), b.name()])]).cut(1).faulty()])
            }),
            ("in an item's header", ErrorKind::Truncated, "(0040,A730)", {
                file_of(b, [b.seq(CONTENT, Open, [b.item(Open, []).cut(5).faulty()])])
            }),
            ("in the second item's header", ErrorKind::Truncated, "(0040,A730)[0]", {
                file_of(b, [b.seq(CONTENT, Open, [b.item(Undefined, [b.sex()]), b.item(Open, []).cut(1).faulty()])])
            }),
            ("in an item's delimiter", ErrorKind::Truncated, "(0040,A730)[0]", {
                file_of(b, [b.seq(CONTENT, Open, [b.item(Open, [b.sex(), b.item_delimiter().cut(2).faulty()])])])
            }),
            ("in a sequence's delimiter", ErrorKind::Truncated, "(0040,A730)[0]", {
                file_of(
                    b,
                    [b.seq(CONTENT, Open, [b.item(Undefined, [b.sex()]), b.sequence_delimiter().cut(7).faulty()])],
                )
            }),
            ("in a header in an item", ErrorKind::Truncated, "(0040,A730)[0]", {
                file_of(b, [b.seq(CONTENT, Open, [b.item(Open, [b.sex(), raw(&b.name().bytes[..4]).faulty()])])])
            }),
            (
                "in a private value",
                ErrorKind::Truncated,
                "(0029,1010)",
                file_of(b, [b.el(PRIVATE, "UN", "abcd").cut(2).faulty()]),
            ),
            ("a long length", ErrorKind::Truncated, "(0040,A160)", {
                file_of(b, [b.claim(TEXT, "UT", 0x7FFF_FFF0, "text").faulty()])
            }),
        ]);
        if b != IL {
            let header = b.header(TEXT, "UT", 4);
            // Of the first element too, which tells the syntax.
            let uid = if b == EL { EL_UID } else { EB_UID };
            rows.push((
                "in the first length",
                ErrorKind::Truncated,
                "(0040,A160)",
                file(uid, [raw(b.header(TEXT, "UT", 4)).cut(2).faulty_at(8)]),
            ));
            rows.push((
                "in a length of 32 bits",
                ErrorKind::Truncated,
                "(0040,A160)",
                file_of(b, [raw(&header[..11]).faulty_at(8)]),
            ));
        }
        // In a header between elements: what is there is less than a header, and no zeros.
        let count = ErrorKind::TrailingBytes { count: 6 };
        rows.push(("in a header", count, "", file_of(b, [raw(&b.name().bytes[..6]).faulty()])));
    }
    refuses(&rules([NAME], []), rows);
    assert_eq!(ErrorKind::Truncated.class(), ErrorClass::Truncated);
}

/// Whatever a cut leaves, nothing that was marked is planned past it, and nothing before it is forgotten.
#[test]
fn cut_at_every_byte() {
    for (b, uid) in ALL {
        let nested = b.seq(CONTENT, Undefined, [b.item(Defined, [b.sex(), b.name()]), b.item(Undefined, [b.name()])]);
        let private = b.holds(PRIVATE, "UN", Defined, [b.item(Defined, [b.sex(), b.name()])]);
        let elements = [b.el(CHARSET, "CS", "ISO_IR 100"), b.name(), nested, private, b.name()];
        let whole = file(uid, elements.clone());
        let behind_meta = whole.len() - join(elements).len();
        for at in 0..whole.len() {
            let cut = &whole.bytes[..at];
            let Ok(plan) = plan_of(cut, &rules([NAME], []), &Limits::default()) else { continue };
            let expected: Vec<_> = whole.marks.iter().filter(|(span, _)| span.start < at).cloned().collect();
            assert_eq!(crate::check::marks(plan.edits()), expected, "{b:?} cut at {at}");
            // Inside the file meta information there is no boundary at which a file may end.
            assert!(at >= behind_meta || is_between_meta(&whole.bytes, at), "{b:?} cut at {at} of the head");
        }
    }
}

/// Whether file meta information may end at `at`: it is a file without a data set then.
fn is_between_meta(bytes: &[u8], at: usize) -> bool {
    at > 132 && bytes[at..].starts_with(&[2, 0])
}

#[test]
fn past_a_defined_end() {
    let mut rows = Vec::new();
    for (b, _) in ALL {
        let item = |len, inside: Vec<Unit>| b.item(len, inside);
        rows.extend([
            ("a value out of an item", ErrorKind::Overrun, "(0040,A730)[0].(0010,0010)", {
                let items = [
                    item(Defined, vec![b.sex(), b.claim(NAME, "PN", 9, "Doe^Jane").faulty()]),
                    item(Defined, vec![b.sex()]),
                ];
                file_of(b, [b.seq(CONTENT, Undefined, items), b.sex()])
            }),
            ("a value out of a sequence", ErrorKind::Overrun, "(0040,A730)[0].(0010,0010)", {
                let items = [item(Open, vec![b.sex(), b.claim(NAME, "PN", 9, "Doe^Jane").faulty()])];
                file_of(b, [b.seq(CONTENT, Defined, items), b.sex()])
            }),
            ("a value out of an item in an item", ErrorKind::Overrun, "(0040,A730)[0].(0008,1110)[1].(0010,0010)", {
                let inner = [item(Undefined, vec![]), item(Open, vec![b.claim(NAME, "PN", 10, "Doe^Jane").faulty()])];
                file_of(b, [b.seq(CONTENT, Undefined, [item(Defined, vec![b.seq(STUDY, Open, inner)])]), b.sex()])
            }),
            ("an item out of a sequence", ErrorKind::Overrun, "(0040,A730)[1]", {
                let items = [item(Defined, vec![b.sex()]), item(Claims(20), vec![b.name()]).faulty()];
                file_of(b, [b.seq(CONTENT, Defined, items), b.sex()])
            }),
            ("a sequence out of an item", ErrorKind::Overrun, "(0040,A730)[0].(0008,1110)", {
                let inner = b.seq(STUDY, Claims(6), []).faulty();
                file_of(b, [b.seq(CONTENT, Undefined, [item(Defined, vec![inner])]), b.sex(), b.sex()])
            }),
            ("a header out of an item", ErrorKind::Overrun, "(0040,A730)[0]", {
                let items = [item(Claims(8 + 2 + 4), vec![b.sex(), b.name().faulty()]), item(Defined, vec![b.sex()])];
                file_of(b, [b.seq(CONTENT, Undefined, items), b.sex()])
            }),
            ("an item's header out of a sequence", ErrorKind::Overrun, "(0040,A730)[0]", {
                let items = [item(Defined, vec![b.sex()]), item(Defined, vec![]).faulty()];
                file_of(b, [b.seq(CONTENT, Claims(8 + 10 + 4), items), b.sex()])
            }),
        ]);
    }
    // Letters of a VR among implicit elements, and in neither reading does the length lead anywhere: the file's own syntax counts.
    let lone = EL.claim(SEX, "CS", 9, "F ").faulty();
    rows.push((
        "letters that are a length",
        ErrorKind::Overrun,
        "(0040,A730)[0].(0010,0040)",
        file_of(IL, [IL.seq(CONTENT, Defined, [IL.item(Defined, [lone])]), IL.sex()]),
    ));
    refuses(&rules([NAME], []), rows);
    assert_eq!(ErrorKind::Overrun.class(), ErrorClass::Parse);
}

#[test]
fn items_where_none_can_be() {
    let mut rows = Vec::new();
    for (b, _) in ALL {
        let kind = ErrorKind::ItemOutsideSequence;
        let item = |len| b.item(len, [b.sex(), b.name()]);
        rows.extend([
            ("between elements", kind, "", file_of(b, [item(Defined).faulty(), b.sex()])),
            ("of undefined length", kind, "", file_of(b, [item(Undefined).faulty(), b.sex()])),
            ("at the end of the file", kind, "", file_of(b, [item(Defined).faulty()])),
            ("behind a sequence of length zero", kind, "", {
                file_of(b, [b.seq(CONTENT, Claims(0), [item(Defined).faulty(), item(Defined)]), b.sex()])
            }),
            ("behind a sequence of length zero, delimited", kind, "", {
                file_of(b, [b.seq(CONTENT, Claims(0), [item(Undefined).faulty(), b.sequence_delimiter()]), b.sex()])
            }),
            // To a reader of implicit VR it is a value of no bytes; in both readings its items stand where elements belong.
            ("behind a private sequence of length zero", kind, "", {
                file_of(b, [b.seq(PRIVATE, Claims(0), [item(Defined).faulty(), item(Defined)]), b.sex()])
            }),
            ("behind a private sequence of length zero, delimited", kind, "", {
                file_of(b, [b.seq(PRIVATE, Claims(0), [item(Undefined).faulty(), b.sequence_delimiter()]), b.sex()])
            }),
            ("behind a private value of length zero", kind, "", {
                file_of(b, [b.el(PRIVATE, "UN", ""), item(Defined).faulty(), b.sex()])
            }),
            ("behind a private sequence of length zero in an item", kind, "(0040,A730)[0]", {
                let inner = b.seq(PRIVATE, Claims(0), [item(Defined).faulty()]);
                file_of(b, [b.seq(CONTENT, Undefined, [b.item(Undefined, [b.sex(), inner])])])
            }),
            ("behind a sequence that is too short", kind, "", {
                let length = u32::try_from(item(Defined).len()).unwrap();
                file_of(b, [b.seq(CONTENT, Claims(length), [item(Defined), item(Defined).faulty()]), b.sex()])
            }),
            ("in an item", kind, "(0040,A730)[0]", {
                file_of(b, [b.seq(CONTENT, Undefined, [b.item(Undefined, [b.sex(), item(Defined).faulty()])])])
            }),
            ("in an item that is too long", kind, "(0040,A730)[0]", {
                let length = u32::try_from(join([b.sex(), item(Defined)]).len()).unwrap();
                file_of(
                    b,
                    [b.seq(CONTENT, Undefined, [b.item(Claims(length), [b.sex()]), item(Defined).faulty()]), b.sex()],
                )
            }),
            ("first in the data set", kind, "", {
                let uid = ALL.iter().find(|(build, _)| *build == b).unwrap().1;
                file(uid, [item(Defined).faulty(), b.sex()])
            }),
        ]);
    }
    refuses(&rules([NAME], []), rows);
}

#[test]
fn elements_where_items_belong() {
    let mut rows = Vec::new();
    for (b, _) in ALL {
        rows.extend([
            (
                "first",
                ErrorKind::NotAnItem,
                "(0040,A730)",
                file_of(b, [b.seq(CONTENT, Defined, [b.name().faulty()]), b.sex()]),
            ),
            (
                "first, undefined",
                ErrorKind::NotAnItem,
                "(0040,A730)",
                file_of(b, [b.seq(CONTENT, Undefined, [b.name().faulty()])]),
            ),
            ("behind an item", ErrorKind::NotAnItem, "(0040,A730)[0]", {
                file_of(b, [b.seq(CONTENT, Undefined, [b.item(Defined, [b.name()]), b.sex().faulty()])])
            }),
            ("behind an item that is too short", ErrorKind::NotAnItem, "(0040,A730)[1]", {
                let items = [b.item(Defined, []), b.item(Claims(10), [b.sex(), b.name().faulty()])];
                file_of(b, [b.seq(CONTENT, Defined, items), b.sex()])
            }),
            ("a sequence that is too long", ErrorKind::NotAnItem, "(0040,A730)[0]", {
                let length = u32::try_from(join([b.item(Defined, [b.name()]), b.sex()]).len()).unwrap();
                file_of(b, [b.seq(CONTENT, Claims(length), [b.item(Defined, [b.name()])]), b.sex().faulty(), b.name()])
            }),
        ]);
    }
    refuses(&rules([NAME], []), rows);
}

/// A stated transfer syntax that the data set contradicts, and no other one that fits for certain.
#[test]
fn a_data_set_in_no_syntax_is_refused() {
    let first = b"\x12\x34\x56\x78\x9A\xBC\xDE\xF0";
    for (_, uid) in ALL {
        for b in [IL, EL, EB] {
            let file = file(uid, [raw(first), b.name(), b.sex()]);
            let outcome = plan_of(&file.bytes, &rules([NAME], []), &Limits::default());
            assert!(outcome.is_err(), "{uid} holding {b:?}");
        }
    }
}

/// A known attack on readers that guess: the length of an early element reaches over the patient.
#[test]
fn a_length_that_swallows_the_patient() {
    let length = 0xFFFE;
    let file = file(
        EL_UID,
        [EL.el(CHARSET, "CS", "ISO_IR 100"), EL.claim(TYPE, "CS", length, "ORIGINAL").faulty(), EL.name(), EL.pixels()],
    );
    refuses(&rules([NAME], []), [("cut short", ErrorKind::Truncated, "(0008,0008)", file)]);
}

/// What an error says is a kind, a place and a path: no byte of a value.
#[test]
fn errors_in_words() {
    let words = |unit: Unit| plan_of(&unit.bytes, &rules([NAME], []), &Limits::default()).unwrap_err().to_string();
    let item = EL.item(Open, [EL.sex(), EL.el(NAME, "PN", "Doe^Jane").cut(3)]);
    let file = file(EL_UID, [EL.el(CHARSET, "CS", "ISO_IR 100"), EL.seq(CONTENT, Open, [item])]);
    let offset = file.len() - 13; // header and five bytes
    assert_eq!(
        words(file),
        format!("the file is cut short, or a length in it is wrong at {offset:#x} in (0040,A730)[0].(0010,0010)")
    );
    let error = |kind| Error { kind, offset: 16, tag_path: dicomblank_core::TagPath::default() }.to_string();
    assert_eq!(error(ErrorKind::Overrun), "runs past the end of the item or sequence around it at 0x10");
}
