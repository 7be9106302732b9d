//! Headers with a VR that the standard does not know, and elements in implicit VR among explicit ones (PS3.5 §7.1.2).

use dicomblank_core::{ErrorKind, Tag};

use crate::build::*;
use crate::check::{blanks, refuses, rules};

/// An element with unknown letters and a length of 16 bits, as old writers and inventors make them.
fn short(b: Build, tag: Tag, letters: [u8; 2], value: &str) -> Unit {
    let length = b.u16(u16::try_from(value.len()).unwrap());
    let header = [&b.tag(tag)[..], &letters, &length].concat();
    raw_element(&header, value.as_bytes())
}

/// The same with a length of 32 bits, as the standard wants it of VRs to come.
fn long(b: Build, tag: Tag, letters: [u8; 2], value: &str) -> Unit {
    let length = b.u32(u32::try_from(value.len()).unwrap());
    let header = [&b.tag(tag)[..], &letters, &[0, 0], &length].concat();
    raw_element(&header, value.as_bytes())
}

#[test]
fn unknown_letters() {
    let mut rows = Vec::new();
    for (b, uid) in [(EL, EL_UID), (EB, EB_UID)] {
        let around = |unit: Unit| file(uid, [b.el(CHARSET, "CS", "ISO_IR 100"), unit, b.name()]);
        for letters in [*b"  ", *b"ZZ", *b"XX", *b"??", *b"--", *b"pn", *b"\0\0", *b"P ", *b"\xFF\xFF"] {
            rows.extend([
                ("not a target", around(short(b, SEX, letters, "F "))),
                ("private", around(short(b, PRIVATE, letters, "some text"))),
                ("a target", around(short(b, NAME, letters, "Doe^John").spaces())),
                ("an empty target", around(short(b, NAME, letters, ""))),
                ("twice", around(join([short(b, SEX, letters, "F "), short(b, NAME, letters, "Doe^John").spaces()]))),
                ("at the end of the file", file(uid, [b.name(), short(b, NAME, letters, "Doe^John").spaces()])),
                (
                    "in an item",
                    around(b.seq(
                        CONTENT,
                        Undefined,
                        [b.item(Undefined, [b.sex(), short(b, NAME, letters, "Doe^John").spaces(), b.name()])],
                    )),
                ),
                (
                    "first in an item",
                    around(b.seq(
                        CONTENT,
                        Undefined,
                        [b.item(Undefined, [short(b, NAME, letters, "Doe^John").spaces(), b.name()])],
                    )),
                ),
                (
                    "last in an item of defined length",
                    around(b.seq(
                        CONTENT,
                        Undefined,
                        [b.item(Defined, [b.name(), short(b, NAME, letters, "Doe^John").spaces()])],
                    )),
                ),
                (
                    "last in an item of undefined length",
                    around(b.seq(
                        CONTENT,
                        Undefined,
                        [b.item(Undefined, [b.name(), short(b, NAME, letters, "Doe^John").spaces()])],
                    )),
                ),
                (
                    "alone in an item",
                    around(b.seq(CONTENT, Defined, [b.item(Defined, [short(b, NAME, letters, "Doe^John").spaces()])])),
                ),
            ]);
        }
        for letters in [*b"ZZ", *b"XX", *b"AA"] {
            rows.extend([
                ("long", around(long(b, SEX, letters, "F "))),
                ("long, a target", around(long(b, NAME, letters, "Doe^John").spaces())),
                ("long, at the end of the file", file(uid, [b.name(), long(b, NAME, letters, "Doe^John").spaces()])),
                ("long, more than 16 bits say", around(long(b, NAME, letters, &"Doe^".repeat(20_000)).spaces())),
            ]);
        }
    }
    blanks(&rules([NAME], []), rows);
}

/// To a reader that has the longer length, what is blanked is that. Spaces are half a gigabyte; NULs, for what is no text, lead it on.
#[test]
fn unknown_letters_of_what_is_no_text() {
    let rules = rules([UNLISTED, ROWS], []);
    let mut rows = Vec::new();
    let mut fine = vec![("none at all", file(EL_UID, [EL.sex(), IL.el(ROWS, "", [1, 2]).nuls(), EL.sex()]))];
    for (b, uid) in [(EL, EL_UID), (EB, EB_UID)] {
        for letters in [*b"  ", *b"ZZ", *b"??"] {
            for (tag, path) in [(UNLISTED, ""), (ROWS, "(0028,0010)")] {
                let unit = file(uid, [b.sex(), short(b, tag, letters, "12345678").faulty(), b.name()]);
                rows.push(("no text", ErrorKind::AmbiguousVr, path, unit));
                fine.push(("empty", file(uid, [b.sex(), short(b, tag, letters, ""), b.sex()])));
            }
        }
    }
    refuses(&rules, rows);
    blanks(&rules, fine);
}

#[test]
fn implicit_elements_among_explicit_ones() {
    let around = |unit: Unit| file(EL_UID, [EL.el(CHARSET, "CS", "ISO_IR 100"), unit, EL.name()]);
    blanks(
        &rules([NAME], []),
        [
            ("not a target", around(IL.sex())),
            ("a target", around(IL.name())),
            ("two", around(join([IL.sex(), IL.name()]))),
            ("a private one", around(IL.el(PRIVATE, "", "some text"))),
            ("a sequence", around(IL.seq(CONTENT, Undefined, [IL.item(Undefined, [IL.sex(), IL.name()])]))),
            (
                "a sequence of defined length",
                around(IL.seq(CONTENT, Defined, [IL.item(Defined, [IL.sex(), IL.name()])])),
            ),
            (
                "a sequence of explicit items",
                around(IL.seq(CONTENT, Undefined, [EL.item(Undefined, [EL.sex(), EL.name()])])),
            ),
            ("in an item", around(EL.seq(CONTENT, Undefined, [EL.item(Undefined, [EL.sex(), IL.name(), EL.name()])]))),
            ("at the end", file(EL_UID, [EL.el(CHARSET, "CS", "ISO_IR 100"), EL.name(), IL.name()])),
        ],
    );
}

#[test]
fn items_in_the_other_vr() {
    let mut rows = Vec::new();
    for (b, other, uid) in [(EL, IL, EL_UID), (IL, EL, IL_UID)] {
        for len in [Defined, Undefined] {
            let items = |inside: Vec<Unit>| file(uid, [b.seq(CONTENT, len, [other.item(len, inside)]), b.name()]);
            rows.extend([
                ("ordinary", items(vec![other.sex(), other.name()])),
                ("the name first", items(vec![other.name(), other.sex()])),
                ("the name alone", items(vec![other.name()])),
                ("empty", items(vec![])),
                (
                    "with nested ones",
                    items(vec![other.seq(STUDY, len, [other.item(len, [other.sex(), other.name()])]), other.name()]),
                ),
                (
                    "with nested ones as the file",
                    items(vec![other.sex(), other.seq(STUDY, len, [b.item(len, [b.sex(), b.name()])]), other.name()]),
                ),
                ("a long text first", items(vec![other.el(TEXT, "UT", [b'x'; 20_803]), other.name()])),
                (
                    "a group length first",
                    items(vec![other.el(Tag::new(0x0010, 0x0000), "UL", other.u32(16)), other.name()]),
                ),
            ]);
        }
    }
    blanks(&rules([NAME], []), rows);
}

/// The letters of a VR are the low half of a length too. Read that way, the first element of this item ends amid its own text, in what
/// can be a private element that ends where the item does, with the name inside. The VR is the dictionary's: that is no accident.
#[test]
fn a_text_that_could_be_a_length() {
    let items = |len| text_that_could_be_a_length(TEXT, len);
    let rows = [Defined, Undefined].into_iter().flat_map(|len| {
        [
            ("explicit in implicit", file(IL_UID, [IL.sex(), IL.seq(CONTENT, len, items(len)), IL.sex()])),
            ("explicit in UN", file(EL_UID, [EL.sex(), EL.holds(PRIVATE, "UN", Undefined, items(len)), EL.sex()])),
            (
                "explicit in UN of defined length",
                file(EL_UID, [EL.sex(), EL.holds(PRIVATE, "UN", Defined, items(len)), EL.sex()]),
            ),
        ]
    });
    blanks(&rules([NAME], []), rows);
}

/// Of a private element the dictionary gives no VR, and nothing tells which reading is meant.
#[test]
fn a_private_text_that_could_be_a_length() {
    let items = |len| text_that_could_be_a_length(PRIVATE_2, len).map(|item| item.faulty_at(8));
    let only = |len| items(len).into_iter().skip(1);
    let kind = ErrorKind::AmbiguousSyntax;
    let rows = [Defined, Undefined].into_iter().flat_map(|len| {
        let implicit = file(IL_UID, [IL.sex(), IL.seq(CONTENT, len, only(len)), IL.sex()]);
        let unknown = file(EL_UID, [EL.sex(), EL.holds(PRIVATE, "UN", Undefined, only(len)), EL.sex()]);
        [
            ("explicit in implicit", kind, "(0040,A730)[0]", implicit),
            ("explicit in UN", kind, "(0029,1010)[0]", unknown),
        ]
    });
    refuses(&rules([NAME], []), rows);
}

/// An empty item, and one with such a text of VR UT before a name.
fn text_that_could_be_a_length(tag: Tag, len: Len) -> [Unit; 2] {
    let behind = join([EL.name(), EL.sex()]);
    let rest = b"the rest of the text";
    let decoy = IL.header(PRIVATE, "", u32::try_from(rest.len() + behind.len()).unwrap());
    let length = usize::from(u16::from_le_bytes(*b"UT")); // of the element in implicit VR, which has 4 bytes of header less
    let text = [&vec![b'x'; length - 4][..], &decoy, rest].concat();
    [IL.item(len, []), EL.item(len, [EL.el(tag, "UT", &text), behind])]
}

/// The same with two spaces as a VR: nothing tells which reading is meant, so it is none.
#[test]
fn two_spaces_that_could_be_a_length() {
    let empty = short(EL, SEX, *b"  ", "").faulty();
    let before = join([EL.name(), EL.sex()]);
    let behind = EL.sex();
    let length = usize::from(u16::from_le_bytes(*b"  "));
    let decoy = IL.header(PRIVATE, "", u32::try_from(behind.len()).unwrap());
    let filler = length - before.len() - 8; // of a text with 8 bytes of header, which ends with the decoy
    let text = EL.el(Tag::new(0x0010, 0x4000), "LT", [&vec![b'x'; filler][..], &decoy].concat());
    let items =
        |len| EL.seq(CONTENT, len, [EL.item(len, [empty.clone(), before.clone(), text.clone(), behind.clone()])]);
    let row = |len| {
        ("two spaces", ErrorKind::AmbiguousVr, "(0040,A730)[0].(0010,0040)", file(EL_UID, [EL.sex(), items(len)]))
    };
    refuses(&rules([NAME], []), [row(Defined)]);
}

#[test]
fn headers_that_are_refused() {
    let around = |unit: Unit| file(EL_UID, [EL.el(CHARSET, "CS", "ISO_IR 100"), unit, EL.name()]);
    refuses(
        &rules([NAME], []),
        [
            (
                "unknown letters whose length leads into a value",
                ErrorKind::UnknownVr,
                "(0010,0040)",
                around(raw_element(&[&EL.tag(SEX)[..], b"ZZ", &[3, 0]].concat(), b"abcdefgh").faulty()),
            ),
            (
                "unknown letters whose length leads out of the file",
                ErrorKind::UnknownVr,
                "(0010,0040)",
                around(raw_element(&[&EL.tag(SEX)[..], b"ZZ", &[0xF0, 0xFF]].concat(), b"abcdefgh").faulty()),
            ),
            (
                "unknown letters whose length leads out of an item",
                ErrorKind::UnknownVr,
                "(0040,A730)[0].(0010,0040)",
                around(EL.seq(
                    CONTENT,
                    Undefined,
                    [EL.item(
                        Defined,
                        [EL.name(), raw_element(&[&EL.tag(SEX)[..], b"ZZ", &[12, 0]].concat(), b"abcdefgh").faulty()],
                    )],
                )),
            ),
            (
                "two lengths that both lead to an element", // short: 0 bytes, then one of VR "PN"; long: behind it
                ErrorKind::AmbiguousVr,
                "(0010,0040)",
                around(
                    raw_element(&[&EL.tag(SEX)[..], b"ZZ", &[0, 0], &[8, 0, 0, 0]].concat(), b"PN\x04\0abcd").faulty(),
                ),
            ),
        ],
    );
}
