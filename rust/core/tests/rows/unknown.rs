//! Values that may be sequences: UN, private and unknown elements (PS3.5 §6.2.2, §7.8), and what is left as it is.

use dicomblank_core::{ErrorKind, Tag, Warning};

use crate::build::*;
use crate::check::{blanks, blanks_with, leaves, paths, refuses, rules};

/// An item with a name, and with more than one element so that it is plainly one.
fn item(b: Build, len: Len) -> Unit {
    b.item(len, [b.sex(), b.name()])
}

#[test]
fn unknown_of_undefined_length_holds_implicit() {
    let mut rows = Vec::new();
    for tag in [CONTENT, UNLISTED, PRIVATE, NAME] {
        for len in [Defined, Undefined] {
            rows.extend([
                // The delimiter is written as what is inside: implicit little endian.
                ("explicit", file(EL_UID, [EL.holds(tag, "UN", Undefined, [item(IL, len)]), EL.name()])),
                (
                    "two items",
                    file(
                        EL_UID,
                        [EL.holds(tag, "UN", Undefined, [item(IL, len), IL.item(len, [IL.name()])]), EL.name()],
                    ),
                ),
                (
                    "big endian",
                    file(
                        EB_UID,
                        [EB.sex(), EB.holds(tag, "UN", Open, [item(IL, len), IL.sequence_delimiter()]), EB.name()],
                    ),
                ),
                ("no items", file(EL_UID, [EL.holds(tag, "UN", Undefined, []), EL.name()])),
                (
                    "no items, big endian",
                    file(EB_UID, [EB.sex(), EB.holds(tag, "UN", Open, [IL.sequence_delimiter()]), EB.name()]),
                ),
                (
                    "in a sequence",
                    file(
                        EL_UID,
                        [
                            EL.seq(
                                STUDY,
                                len,
                                [EL.item(len, [EL.holds(tag, "UN", Undefined, [item(IL, len)]), EL.name()])],
                            ),
                            EL.name(),
                        ],
                    ),
                ),
            ]);
        }
    }
    // Where the tag is NAME every leaf inside is blanked: SEX is kept, so that all rows have the same marks.
    blanks(&rules([NAME], [SEX]), rows);
}

#[test]
fn unknown_of_undefined_length_may_hold_the_syntax_of_the_file() {
    let mut rows = Vec::new();
    for tag in [CONTENT, UNLISTED, PRIVATE] {
        for len in [Defined, Undefined] {
            rows.extend([
                ("explicit", file(EL_UID, [EL.holds(tag, "UN", Undefined, [item(EL, len)]), EL.name()])),
                ("big endian", file(EB_UID, [EB.holds(tag, "UN", Undefined, [item(EB, len)]), EB.name()])),
                ("big endian, no items", file(EB_UID, [EB.holds(tag, "UN", Undefined, []), EB.name()])),
                (
                    "explicit, one item each way",
                    file(EL_UID, [EL.holds(tag, "UN", Undefined, [item(EL, len), item(IL, len)]), EL.name()]),
                ),
            ]);
        }
    }
    blanks(&rules([NAME], []), rows);
}

#[test]
fn unknown_of_defined_length() {
    let mut rows = Vec::new();
    for tag in [CONTENT, UNLISTED, PRIVATE] {
        for len in [Defined, Undefined] {
            for (b, uid) in ALL {
                let un = |items: Vec<Unit>| b.holds(tag, "UN", Defined, items);
                rows.extend([
                    ("holding implicit", file(uid, [un(vec![item(IL, len)]), b.name()])),
                    ("holding the file's own syntax", file(uid, [un(vec![item(b, len), item(b, len)]), b.name()])),
                    ("empty", file(uid, [un(vec![]), b.name()])),
                    ("an empty item", file(uid, [un(vec![b.item(len, []), item(b, len)]), b.name()])),
                    ("inside each other", {
                        let inner = b.holds(PRIVATE_2, "UN", Defined, [item(b, len)]);
                        file(uid, [un(vec![b.item(len, [inner, b.name()])]), b.name()])
                    }),
                    ("implicit inside each other", {
                        let inner = IL.holds(PRIVATE_2, "", Defined, [item(IL, len)]);
                        file(uid, [un(vec![IL.item(len, [inner, IL.name()])]), b.name()])
                    }),
                ]);
                // Where the dictionary says that it is a sequence, text in its place is refused in implicit VR and counted in explicit.
                if tag != CONTENT {
                    rows.push(("a value that is no sequence", file(uid, [b.el(tag, "UN", "plainly text"), b.name()])));
                }
            }
        }
    }
    blanks(&rules([NAME], []), rows);
}

#[test]
fn private_sequences() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        for sequence in [Defined, Undefined] {
            for len in [Defined, Undefined] {
                let private = |items: Vec<Unit>| join([b.el(CREATOR, "LO", "ACME"), b.seq(PRIVATE, sequence, items)]);
                rows.extend([
                    ("ordinary", file(uid, [private(vec![item(b, len), item(b, len)]), b.name()])),
                    (
                        "in a private sequence",
                        file(uid, [private(vec![b.item(len, [private(vec![item(b, len)]), b.name()])]), b.name()]),
                    ),
                    (
                        "holding a public one",
                        file(uid, [private(vec![b.item(len, [b.seq(CONTENT, len, [item(b, len)])])]), b.name()]),
                    ),
                    (
                        "with a private leaf before the name",
                        file(uid, [private(vec![b.item(len, [b.el(PRIVATE, "LO", "ab"), b.name()])])]),
                    ),
                ]);
                if b != EB {
                    // Explicit items in an implicit file, implicit ones in an explicit file.
                    let other = if b == IL { EL } else { IL };
                    rows.extend([
                        ("other items", file(uid, [private(vec![item(other, len), item(b, len)]), b.name()])),
                        ("other items, a private element first", {
                            let inside = other.item(len, [other.el(CREATOR, "LO", "ACME"), other.name()]);
                            file(uid, [private(vec![inside]), b.name()])
                        }),
                        ("other items, a sequence first", {
                            let inside = other.item(len, [other.seq(STUDY, len, [item(other, len)]), other.name()]);
                            file(uid, [private(vec![inside]), b.name()])
                        }),
                        (
                            "other items, a name alone",
                            file(uid, [private(vec![other.item(len, [other.name()])]), b.name()]),
                        ),
                        ("other items, an empty element first", {
                            let inside = other.item(len, [other.el(TYPE, "CS", ""), other.name()]);
                            file(uid, [private(vec![inside]), b.name()])
                        }),
                    ]);
                }
            }
        }
    }
    blanks(&rules([NAME], []), rows);
}

/// A private sequence whose VR says that it is something else.
#[test]
fn sequences_with_a_wrong_vr() {
    let mut rows = Vec::new();
    for (b, uid) in [(EL, EL_UID), (EB, EB_UID)] {
        for (tag, letters) in
            [(PRIVATE, "OB"), (PRIVATE, "LO"), (PRIVATE, "UT"), (CONTENT, "OB"), (CONTENT, "UT"), (UNLISTED, "LO")]
        {
            for len in [Defined, Undefined] {
                rows.push((letters, file(uid, [b.holds(tag, letters, Defined, [item(b, len)]), b.name()])));
            }
        }
    }
    blanks(&rules([NAME], []), rows);
}

#[test]
fn opaque_values_are_left_and_counted() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        for (tag, letters) in [(PRIVATE, "UN"), (PRIVATE, "OB"), (UNLISTED, "UN"), (PRIVATE, "LO")] {
            // Not marked: where the VR says that the value is no sequence, no reader takes it for one, and a name stays. Where it does not
            // say so, only what is not listed may.
            let is_told = b != IL && letters != "UN";
            let stays =
                |b: Build| if is_told { b.el(NAME, "PN", "Doe^Jane") } else { b.el(MODALITY, "CS", "MRI_SCAN") };
            let el = |inside: Vec<Unit>| b.holds(tag, letters, Defined, inside);
            rows.extend([
                ("an item and text", 1, file(uid, [el(vec![b.item(Defined, [stays(b)]), raw("text")]), b.name()])),
                ("an item and a lone byte", 1, file(uid, [el(vec![b.item(Defined, [stays(b)]), raw("x")]), b.name()])),
                ("an item that runs out of it", 1, file(uid, [el(vec![b.item(Claims(64), [stays(b)])]), b.name()])),
                (
                    "an item header alone, claiming much",
                    1,
                    file(uid, [el(vec![b.item(Claims(0x7FFF_FFFF), [])]), b.name()]),
                ),
                ("an item without a delimiter", 1, file(uid, [el(vec![b.item(Open, [stays(b)])]), b.name()])),
                (
                    "an element that runs out of its item",
                    1,
                    file(uid, [el(vec![b.item(Defined, [stays(b), b.claim(SEX, "CS", 9, "F ")])]), b.name()]),
                ),
                ("an element outside an item", 1, file(uid, [el(vec![b.item(Defined, []), stays(b)]), b.name()])),
                (
                    "two of them",
                    2,
                    file(uid, [el(vec![b.item(Claims(64), [stays(b)])]), el(vec![b.item(Claims(64), [])]), b.name()]),
                ),
                (
                    "inside one that parses",
                    1,
                    file(
                        uid,
                        [
                            el(vec![b.item(Defined, [b.name(), el(vec![b.item(Claims(64), [stays(b)])]), b.name()])]),
                            b.name(),
                        ],
                    ),
                ),
                (
                    "inside one that does not",
                    1,
                    file(
                        uid,
                        [
                            el(vec![b.item(Defined, [stays(b), el(vec![b.item(Claims(64), [])]), stays(b)]), raw("x")]),
                            b.name(),
                        ],
                    ),
                ),
                (
                    "a name before and behind",
                    1,
                    file(uid, [b.name(), el(vec![b.item(Claims(64), [stays(b)])]), b.name()]),
                ),
                (
                    "one that parses inside one that does not",
                    1,
                    file(
                        uid,
                        [
                            b.seq(
                                CONTENT,
                                Undefined,
                                [b.item(
                                    Undefined,
                                    [
                                        el(vec![b.item(Defined, [el(vec![b.item(Defined, [stays(b)])])]), raw("x")]),
                                        b.name(),
                                    ],
                                )],
                            ),
                            b.name(),
                        ],
                    ),
                ),
            ]);
        }
        // Too short for an item, or not beginning with one: nothing that could be one, and not counted.
        for value in [&b"\xFE\xFF\x00\xE0"[..], b"\xFF\xFE\xE0\x00\0\0\0", b"text", b"\x10\0\x10\0\x04\0\0\0Doe "] {
            rows.push(("no item", 0, file(uid, [b.el(PRIVATE, "UN", value), b.name()])));
        }
        // A public value that begins like an item is what its VR says, and nothing else.
        let item = b.item(Defined, [b.el(NAME, "PN", "Doe^Jane")]);
        rows.push(("public", 0, file(uid, [b.el(TYPE, "CS", item.bytes), b.name()])));
    }
    leaves(&rules([NAME], []), rows);
}

/// A value that does not say what it is, that can't be walked as a sequence, and in which some reader may find a name all the same: pydicom takes
/// whatever stands in an item's place for one, and others end it elsewhere.
#[test]
fn an_opaque_value_with_a_listed_tag_is_refused() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        for (tag, path) in [(PRIVATE, "(0029,1010)"), (UNLISTED, ""), (CONTENT, "(0040,A730)")] {
            if (b, tag) == (IL, CONTENT) {
                continue; // which is a sequence, and damaged
            }
            let name = |b: Build| b.el(NAME, "PN", "Doe^Jane");
            let holds =
                |inside: Vec<Unit>| file(uid, [b.sex(), b.holds(tag, "UN", Defined, inside).faulty(), b.name()]);
            for (what, inside) in [
                ("an item and NULs", vec![b.item(Defined, [name(b)]), zeros(8)]),
                ("an item and text", vec![b.item(Defined, [name(b)]), raw("text")]),
                ("an item that runs out of it", vec![b.item(Claims(64), [name(b)])]),
                ("an item without a delimiter", vec![b.item(Open, [name(b)])]),
                ("an element outside an item", vec![b.item(Defined, []), name(b)]),
                (
                    "another's byte order behind it",
                    vec![b.item(Defined, [b.sex()]), EB.item(Defined, [name(EB)]), raw("x")],
                ),
            ] {
                rows.push((what, ErrorKind::AmbiguousValue, path, holds(inside)));
            }
            for broken in [Tag::new(0xFFFE, 0xE001), Tag::new(0xFEFE, 0xE000), Tag::new(0x0000, 0x0000)] {
                let first = |b: Build, length| join([b.framing(broken, length), name(b)]);
                rows.push(("a damaged item tag", ErrorKind::AmbiguousValue, path, holds(vec![first(b, 16)])));
                rows.push(("of undefined length", ErrorKind::AmbiguousValue, path, holds(vec![first(b, 0xFFFF_FFFF)])));
            }
        }
    }
    refuses(&rules([NAME], []), rows);
}

/// Some writers swap the bytes of private sequences, and some readers swap them back.
#[test]
fn items_in_the_other_byte_order() {
    let mut rows = Vec::new();
    for (b, uid) in [(IL, IL_UID), (EL, EL_UID)] {
        for (tag, letters) in [(PRIVATE, "UN"), (UNLISTED, "UN"), (PRIVATE, "OB"), (CONTENT, "UN")] {
            if (b, tag) == (IL, CONTENT) {
                continue;
            }
            for len in [Defined, Undefined] {
                let swapped = b.holds(tag, letters, Defined, [item(EB, len), item(EB, len)]);
                rows.push((letters, file(uid, [swapped, b.name()])));
            }
        }
    }
    blanks(&rules([NAME], []), rows);
    // Implicit VR in big endian is no syntax: it is read as an unknown VR and a short length, which is the lower half of the long one.
    let item = [&[0xFF, 0xFE, 0xE0, 0, 0, 0, 0, 16, 0, 0x10, 0, 0x10, 0, 0, 0, 8][..], b"Doe^Jane"].concat();
    let mut swapped = EL.el(PRIVATE, "UN", item);
    swapped.marks = vec![(28..36, b' ')];
    blanks(&rules([NAME], []), [("implicit", file(EL_UID, [EL.sex(), swapped, EL.name()]))]);
}

/// A target that begins like an item and is none is a value: all of it is blanked, and nothing is left that could be counted.
#[test]
fn an_opaque_target_is_blanked_whole() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let inside = |b: Build| vec![b.item(Claims(64), [b.el(NAME, "PN", "Doe^Jane")])];
        rows.push(("private", file(uid, [b.holds(PRIVATE, "UN", Defined, inside(b)).nuls(), b.sex()])));
        rows.push((
            "in a blanked sequence",
            file(
                uid,
                [
                    b.seq(
                        OTHER_IDS,
                        Undefined,
                        [b.item(
                            Undefined,
                            [b.holds(UNLISTED, "UN", Defined, inside(b)).nuls(), b.el(SEX, "CS", "F ").spaces()],
                        )],
                    ),
                    b.sex(),
                ],
            ),
        ));
        if b != IL {
            rows.push(("a name as UN", file(uid, [b.holds(NAME, "UN", Defined, inside(b)).nuls(), b.sex()])));
            rows.push(("a private text", file(uid, [b.holds(PRIVATE, "LO", Defined, inside(b)).spaces(), b.sex()])));
        }
        // A delimiter that closes nothing makes the value opaque as everything else does that is wrong in it.
        let stray = vec![b.item(Defined, [b.el(NAME, "PN", "Doe^Jane")]), b.item_delimiter()];
        rows.push(("with a stray delimiter", file(uid, [b.holds(PRIVATE, "UN", Defined, stray).nuls(), b.sex()])));
    }
    leaves(&rules([PRIVATE, NAME, OTHER_IDS], []), rows.into_iter().map(|(what, unit)| (what, 0, unit)));
}

/// Where a try fails, what it said is void with it.
#[test]
fn warnings_of_a_failed_try_are_dropped() {
    let names = rules([NAME], []);
    let mut opaque = Vec::new();
    let mut stray = Vec::new();
    for (b, uid) in ALL {
        let inside = |tail: &str| vec![b.item(Defined, [b.item_delimiter(), b.sex()]), raw(tail)];
        opaque.push(("fails", 1, file(uid, [b.holds(PRIVATE, "UN", Defined, inside("x")), b.name()])));
        stray.push(("parses", file(uid, [b.holds(PRIVATE, "UN", Defined, inside("")), b.name()])));
    }
    leaves(&names, opaque);
    blanks_with(&names, &[Warning::StrayDelimiters], stray);
}

#[test]
fn tag_paths_through_tries() {
    let with_failure = EL.item(
        Defined,
        [
            EL.name(),
            // Two failed tries, in which edits and their paths were noted: dropped.
            EL.holds(PRIVATE, "OB", Defined, [EL.item(Defined, [EL.el(NAME, "PN", "Roe")]), raw("x")]),
            EL.name(),
            EL.holds(PRIVATE, "UN", Defined, [EL.item(Defined, []), EL.item(Defined, [EL.name()])]),
            EL.name(),
        ],
    );
    let first_in_a_try = EL.item(
        Defined,
        [EL.holds(PRIVATE, "OB", Defined, [EL.item(Defined, [EL.el(NAME, "PN", "Roe")]), raw("x")]), EL.name()],
    );
    paths(
        &rules([NAME], []),
        [
            (
                file(EL_UID, [EL.seq(CONTENT, Defined, [EL.item(Defined, []), with_failure]), EL.name()]),
                &[
                    "(0040,A730)[1].(0010,0010)",
                    "(0040,A730)[1].(0010,0010)",
                    "(0040,A730)[1].(0029,1010)[1].(0010,0010)",
                    "(0040,A730)[1].(0010,0010)",
                    "(0010,0010)",
                ][..],
            ),
            (file(EL_UID, [EL.seq(CONTENT, Defined, [first_in_a_try.clone()])]), &["(0040,A730)[0].(0010,0010)"]),
            (
                file(
                    EL_UID,
                    [EL.seq(CONTENT, Defined, [EL.item(Defined, [EL.seq(STUDY, Defined, [first_in_a_try])])])],
                ),
                &["(0040,A730)[0].(0008,1110)[0].(0010,0010)"],
            ),
        ],
    );
}

/// Of undefined length there is no value to leave as it is: what is no sequence is refused.
#[test]
fn undefined_length_without_items_is_refused() {
    refuses(
        &rules([NAME], []),
        [
            (
                "text",
                ErrorKind::NotAnItem,
                "(0029,1010)",
                file(EL_UID, [raw(EL.header(PRIVATE, "UN", 0xFFFF_FFFF)), raw("text of some length").faulty()]),
            ),
            (
                "an element",
                ErrorKind::NotAnItem,
                "(0029,1010)[0]",
                file(EL_UID, [EL.holds(PRIVATE, "UN", Open, [EL.item(Defined, [EL.sex()]), EL.name().faulty()])]),
            ),
            (
                "an element in implicit VR",
                ErrorKind::NotAnItem,
                "(0029,1010)",
                file(IL_UID, [IL.holds(PRIVATE, "", Open, [IL.name().faulty()]), IL.sequence_delimiter()]),
            ),
        ],
    );
}
