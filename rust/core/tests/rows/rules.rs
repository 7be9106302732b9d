//! What the rules mean: blanked sequences, kept elements, and the byte that a value is blanked with.

use dicomblank_core::{Rules, Tag};

use crate::build::*;
use crate::check::{blanks, rules};

#[test]
fn padding_is_that_of_the_stated_vr() {
    let letters = [
        "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "OB", "OD", "OF", "OL", "OV", "OW",
        "PN", "SH", "SL", "SS", "ST", "SV", "TM", "UC", "UI", "UL", "UN", "UR", "US", "UT", "UV",
    ];
    let mut rows = Vec::new();
    for (b, uid) in [(EL, EL_UID), (EB, EB_UID)] {
        for vr in letters {
            for tag in [NAME, ROWS, UNLISTED, PRIVATE] {
                rows.push((vr, file(uid, [b.sex(), b.el(tag, vr, [7; 8]).padded(vr), b.sex()])));
            }
        }
    }
    blanks(&rules([NAME, ROWS, UNLISTED, PRIVATE], []), rows);
}

#[test]
fn implicit_padding_is_that_of_the_dictionary() {
    let tags = [
        (NAME, "PN"),
        (ID, "LO"),
        (BIRTH, "DA"),
        (INSTANCE, "UI"),
        (ROWS, "US"),
        (TEXT, "UT"),
        (Tag::new(0x0008, 0x0030), "TM"),
        (Tag::new(0x0010, 0x1010), "AS"),
        (Tag::new(0x0010, 0x1030), "DS"),
        (Tag::new(0x0018, 0x9087), "FD"),
        (Tag::new(0x0028, 0x0106), "US"), // US or SS
        (Tag::new(0x0042, 0x0011), "OB"), // encapsulated document
        (Tag::new(0x6002, 0x3000), "OB"), // an overlay: OB or OW
        (Tag::new(0x0020, 0x3142), "CS"), // a repeating element
        (UNLISTED, "UN"),
        (PRIVATE, "UN"),
        (CREATOR, "UN"),
    ];
    let all = Rules::new(tags.map(|(tag, _)| tag), []).unwrap();
    let rows = tags.map(|(tag, vr)| (vr, file(IL_UID, [IL.sex(), IL.el(tag, "", [7; 8]).padded(vr), IL.sex()])));
    blanks(&all, rows);
    // The same where the items are implicit inside an explicit file.
    let rows = tags.map(|(tag, vr)| {
        let item = IL.item(Undefined, [IL.sex(), IL.el(tag, "", [7; 8]).padded(vr)]);
        (vr, file(EL_UID, [EL.holds(PRIVATE_2, "UN", Undefined, [item]), EL.sex()]))
    });
    blanks(&all, rows);
}

/// Every leaf below a blanked sequence, each with the padding of its own VR; headers, items and group lengths stay.
#[test]
fn a_blanked_sequence() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let implicit_private = if b == IL { "UN" } else { "LO" };
        for sequence in [Defined, Undefined] {
            for item in [Defined, Undefined] {
                let leaves = || {
                    join([
                        b.el(Tag::new(0x0008, 0x0000), "UL", b.u32(12)), // structure
                        b.el(INSTANCE, "UI", "1.2\0").nuls(),
                        b.el(MODALITY, "CS", "MR").spaces(),
                        b.el(NAME, "PN", "Doe").spaces(),
                        b.el(ID, "LO", ""),
                        b.el(ROWS, "US", b.u16(512)).nuls(),
                        b.el(CREATOR, "LO", "ACME").padded(implicit_private),
                        b.el(PRIVATE, "LO", "secret").padded(implicit_private),
                        b.el(TEXT, "UT", [b'x'; 70]).spaces(),
                    ])
                };
                let nested = b.seq(STUDY, sequence, [b.item(item, [leaves()]), b.item(item, [])]);
                let private = b.seq(PRIVATE_2, sequence, [b.item(item, [leaves()])]);
                let blanked =
                    b.seq(OTHER_IDS, sequence, [b.item(item, [leaves(), nested]), b.item(item, [private, leaves()])]);
                let outside = || join([b.el(MODALITY, "CS", "MR"), b.seq(STUDY, sequence, [b.item(item, [b.sex()])])]);
                rows.extend([
                    ("at the top", file(uid, [outside(), blanked.clone(), outside()])),
                    (
                        "in another",
                        file(
                            uid,
                            [
                                outside(),
                                b.seq(CONTENT, sequence, [b.item(item, [outside(), blanked, outside()])]),
                                outside(),
                            ],
                        ),
                    ),
                    ("empty", file(uid, [outside(), b.seq(OTHER_IDS, sequence, []), outside()])),
                ]);
            }
        }
    }
    blanks(&rules([OTHER_IDS], []), rows);
}

#[test]
fn keep_inside_blanked_sequences() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let blank = |elements: Vec<Unit>| b.seq(OTHER_IDS, Undefined, [b.item(Undefined, elements)]);
        let kept = |elements: Vec<Unit>| b.seq(STUDY, Undefined, [b.item(Undefined, elements)]);
        let gone = || b.el(MODALITY, "CS", "MR").spaces();
        let stays = || b.el(MODALITY, "CS", "MR");
        rows.extend([
            ("a kept element", file(uid, [blank(vec![b.sex(), gone(), b.sex()]), b.sex(), stays()])),
            ("a kept sequence", file(uid, [blank(vec![gone(), kept(vec![stays(), b.sex()]), gone()]), stays()])),
            ("a name in a kept sequence", file(uid, [blank(vec![gone(), kept(vec![stays(), b.name()]), gone()])])),
            ("a blanked sequence in a kept one in a blanked one", {
                file(uid, [blank(vec![kept(vec![stays(), blank(vec![gone(), b.sex()]), stays()]), gone()]), stays()])
            }),
            ("a kept sequence between others", {
                let other = |inside| b.seq(CONTENT, Undefined, [b.item(Undefined, [inside])]);
                file(uid, [blank(vec![other(gone()), kept(vec![other(stays())]), other(gone())]), other(stays())])
            }),
            ("a kept sequence outside", file(uid, [kept(vec![stays(), b.name(), b.sex()]), stays()])),
            (
                "a blanked sequence in itself",
                file(uid, [blank(vec![gone(), blank(vec![gone(), b.name()]), gone()]), stays()]),
            ),
            ("two items", {
                let items = [b.item(Defined, [kept(vec![stays()]), gone()]), b.item(Undefined, [gone()])];
                file(uid, [b.seq(OTHER_IDS, Defined, items), stays()])
            }),
        ]);
    }
    blanks(&rules([OTHER_IDS, NAME], [STUDY, SEX]), rows);
}

/// A target is what its tag says, whatever stands as its VR: a value, or a sequence with leaves.
#[test]
fn targets_with_another_vr() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let leaves = |b: Build| [b.el(SEX, "CS", "F ").spaces(), b.el(INSTANCE, "UI", "1.2\0").nuls()];
        if b != IL {
            rows.extend([
                ("UN", file(uid, [b.el(NAME, "UN", "Doe^Jane").nuls(), b.sex()])),
                ("OB", file(uid, [b.el(NAME, "OB", "Doe^Jane").nuls(), b.sex()])),
                ("UI", file(uid, [b.el(NAME, "UI", "Doe^Jane").nuls(), b.sex()])),
                ("LT", file(uid, [b.el(NAME, "LT", "Doe^Jane").spaces(), b.sex()])),
                ("UT", file(uid, [b.el(NAME, "UT", "Doe^Jane").spaces(), b.sex()])),
                ("SQ", file(uid, [b.seq(NAME, Undefined, [b.item(Undefined, leaves(b))]), b.sex()])),
                ("SQ of defined length", file(uid, [b.seq(NAME, Defined, [b.item(Defined, leaves(b))]), b.sex()])),
                ("SQ of length zero", file(uid, [b.seq(NAME, Defined, []), b.sex()])),
                // Whatever its bytes parse as: the dictionary does not call it a sequence.
                (
                    "UN that is a sequence",
                    file(uid, [b.holds(NAME, "UN", Defined, [b.item(Defined, leaves(b))]).nuls(), b.sex()]),
                ),
                (
                    "UN that holds nothing to blank",
                    file(uid, [b.holds(NAME, "UN", Defined, [b.item(Defined, [b.el(SEX, "CS", "")])]).nuls(), b.sex()]),
                ),
                (
                    "UN that the dictionary calls a sequence",
                    file(uid, [b.holds(OTHER_IDS, "UN", Defined, [b.item(Defined, leaves(b))]), b.sex()]),
                ),
            ]);
        }
        rows.extend([
            (
                "undefined length",
                file(uid, [b.sex(), b.holds(PRIVATE, "UN", Undefined, [b.item(Undefined, leaves(b))]), b.sex()]),
            ),
            ("private, a sequence", file(uid, [b.seq(PRIVATE, Undefined, [b.item(Defined, leaves(b))]), b.sex()])),
            (
                "private, as UN",
                file(uid, [b.holds(PRIVATE, "UN", Defined, [b.item(Defined, leaves(b))]).nuls(), b.sex()]),
            ),
            (
                "private, text",
                file(uid, [b.el(PRIVATE, "LO", "secret").padded(if b == IL { "UN" } else { "LO" }), b.sex()]),
            ),
        ]);
    }
    blanks(&rules([NAME, PRIVATE, OTHER_IDS], []), rows);
}

#[test]
fn a_rule_is_of_one_tag_and_every_place() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        rows.push((
            "tags beside it",
            file(
                uid,
                [
                    b.el(Tag::new(0x0010, 0x0011), "LO", "stays"),
                    b.name(),
                    b.el(Tag::new(0x0010, 0x0012), "LO", "stays"),
                    b.el(Tag::new(0x1000, 0x0010), "LO", "stays"), // the halves' bytes swapped
                    b.el(Tag::new(0x0010, 0x1000), "LO", "stays"),
                    b.el(Tag::new(0x0110, 0x0010), "LO", "stays"),
                    b.seq(
                        CONTENT,
                        Undefined,
                        [b.item(Undefined, [b.el(Tag::new(0x0010, 0x0011), "LO", "stays"), b.name()])],
                    ),
                ],
            ),
        ));
    }
    blanks(&rules([NAME], []), rows.clone());
    // Nothing listed: not a byte changes.
    let unmarked = rows.into_iter().map(|(what, unit)| (what, raw(unit.bytes)));
    blanks(&rules([], [NAME]), unmarked);
}

/// A hundred rules at once, each met once and in a sequence.
#[test]
fn many_rules() {
    let tags = || (0..100).map(|number| Tag::new(0x0009 + 2 * (number % 7), 0x1000 + 37 * number));
    let many = Rules::new(tags(), []).unwrap();
    let elements =
        |b: Build| tags().map(move |tag| b.el(tag, "LO", "secret").padded(if b == IL { "UN" } else { "LO" }));
    let rows = in_each(|b| {
        let beside = tags().map(|tag| b.el(Tag::new(tag.group(), tag.element() + 1), "LO", "stays"));
        vec![
            b.sex(),
            join(elements(b)),
            join(beside),
            b.seq(CONTENT, Undefined, [b.item(Undefined, [b.sex(), join(elements(b))])]),
        ]
    });
    blanks(&many, rows.map(|unit| ("many", unit)));
}

/// A group length counts bytes and stays; what only has the number of one is a value.
#[test]
fn group_lengths_in_a_blanked_sequence() {
    let number = Tag::new(0x0010, 0x0000);
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        for len in [Defined, Undefined] {
            let of = |unit: Unit| file(uid, [b.sex(), b.seq(OTHER_IDS, len, [b.item(len, [unit])]), b.sex()]);
            rows.push(("UL", of(b.el(number, "UL", b.u32(64)))));
            rows.push(("UL of eight bytes", of(b.el(number, "UL", b"Doe^Jane").nuls())));
            if b != IL {
                rows.push(("LO", of(b.el(number, "LO", "Jane").spaces())));
                rows.push(("UN", of(b.el(number, "UN", "Jane").nuls())));
            }
        }
    }
    blanks(&rules([OTHER_IDS], []), rows);
}
