//! Pixel data: encapsulated, after which the walk goes on, nested, and cut short (PS3.5 §8, §A.4).

use dicomblank_core::{ErrorKind, Tag, Warning};

use crate::build::*;
use crate::check::{blanks, blanks_with, paths, refuses, rules};

/// The offset table, then fragments.
fn fragments(b: Build, len: Len) -> Unit {
    b.fragments(len, [b.fragment([0, 0, 0, 0]), b.fragment([0xFF; 30]), b.fragment([1; 8])])
}

/// Begins as every data set: what comes first tells its syntax.
fn file_of(elements: impl IntoIterator<Item = Unit>) -> Unit {
    file(JPEG_UID, [EL.el(CHARSET, "CS", "ISO_IR 100"), EL.name(), join(elements)])
}

#[test]
fn encapsulated() {
    let decoy = |unit: Unit| EL.fragments(Undefined, [EL.fragment([]), EL.fragment(unit.bytes), EL.fragment([1; 8])]);
    let mut rows = vec![
        ("ordinary, a name behind", file_of([fragments(EL, Undefined), EL.name()])),
        (
            "no offset table entries",
            file_of([EL.fragments(Undefined, [EL.fragment([]), EL.fragment([1; 8])]), EL.name()]),
        ),
        ("no fragments", file_of([EL.fragments(Undefined, []), EL.name()])),
        (
            "odd lengths",
            file_of([EL.fragments(Undefined, [EL.fragment([]), EL.fragment([1; 7]), EL.fragment([1; 1])]), EL.name()]),
        ),
        ("as OW", file_of([EL.holds(PIXELS, "OW", Undefined, [EL.fragment([]), EL.fragment([1; 8])]), EL.name()])),
        ("as UN", file_of([EL.holds(PIXELS, "UN", Undefined, [EL.fragment([]), EL.fragment([1; 8])]), EL.name()])),
        ("a fragment like a delimiter", file_of([decoy(EL.sequence_delimiter()), EL.name()])),
        ("a fragment like an item", file_of([decoy(EL.item(Open, [])), EL.name()])),
        ("a fragment like an element", file_of([decoy(EL.el(NAME, "PN", "Doe^Jane")), EL.name()])),
        (
            "more than a window long",
            file_of([EL.fragments(Undefined, [EL.fragment([]), EL.fragment(vec![9; 70_000])]), EL.name()]),
        ),
        (
            "an extended offset table before", // PS3.3 §C.7.6.3.1.8
            file_of([
                EL.el(Tag::new(0x7FE0, 0x0001), "OV", [0; 16]),
                EL.el(Tag::new(0x7FE0, 0x0002), "OV", [8; 16]),
                fragments(EL, Undefined),
                EL.name(),
            ]),
        ),
        (
            "an extended offset table like an item",
            file_of([
                EL.el(Tag::new(0x7FE0, 0x0001), "OV", EL.fragment([1; 24]).bytes),
                fragments(EL, Undefined),
                EL.name(),
            ]),
        ),
        (
            "float pixel data",
            file_of([
                EL.el(Tag::new(0x7FE0, 0x0008), "OF", [1; 16]),
                EL.el(Tag::new(0x7FE0, 0x0009), "OD", [1; 16]),
                EL.name(),
            ]),
        ),
        ("pixel data that begins like an item", file_of([EL.el(PIXELS, "OB", EL.fragment([1; 24]).bytes), EL.name()])),
        ("as UN, begins like an item", file_of([EL.el(PIXELS, "UN", EL.fragment([1; 24]).bytes), EL.name()])),
    ];
    rows.extend(in_each(|b| vec![b.sex(), fragments(b, Undefined), b.name()]).map(|unit| ("each syntax", unit)));
    rows.extend(
        in_each(|b| {
            let icon = b.seq(ICON, Undefined, [b.item(Undefined, [b.sex(), fragments(b, Undefined), b.name()])]);
            vec![b.sex(), icon, b.name(), fragments(b, Undefined), b.name()]
        })
        .map(|unit| ("an encapsulated icon", unit)),
    );
    blanks(&rules([NAME], []), rows);
}

/// OB and its like of undefined length are encapsulated for pixel data only: elsewhere there are items with elements.
#[test]
fn other_elements_of_undefined_length() {
    let holds = |letters, len| EL.holds(PRIVATE, letters, Undefined, [EL.item(len, [EL.sex(), EL.name()])]);
    blanks(
        &rules([NAME], []),
        [("OB", Defined), ("OW", Undefined), ("UT", Defined), ("UN", Undefined)]
            .map(|(letters, len)| (letters, file_of([holds(letters, len), EL.name()]))),
    );
}

/// Where pixel data says that it is a sequence, its items hold elements: a name there is met.
#[test]
fn pixel_data_that_says_it_is_a_sequence() {
    let mut rows = Vec::new();
    for (b, uid) in [(EL, EL_UID), (EB, EB_UID)] {
        for len in [Defined, Undefined] {
            for item in [Defined, Undefined] {
                rows.push((
                    "SQ",
                    file(uid, [b.sex(), b.seq(PIXELS, len, [b.item(item, [b.sex(), b.name()])]), b.name()]),
                ));
            }
        }
    }
    blanks(&rules([NAME], []), rows);
    // Nor is it cut short then: in the rest are elements.
    let cut = EL.seq(PIXELS, Claims(100), [EL.item(Defined, [EL.name()])]).faulty();
    let needed = 100 - 8 - 16;
    refuses(&rules([NAME], []), [("cut", ErrorKind::Truncated { needed }, "(7FE0,0010)", file_of([cut]))]);
}

#[test]
fn fragments_without_a_delimiter() {
    let rows = in_each(|b| vec![b.sex(), b.name(), fragments(b, Open)])
        .chain(in_each(|b| vec![b.sex(), b.name(), b.fragments(Open, [])]))
        .chain(in_each(|b| vec![b.sex(), b.name(), b.fragments(Open, [b.fragment([1; 7])])]));
    blanks_with(&rules([NAME], []), &[Warning::FragmentsWithoutDelimiter], rows.map(|unit| ("at the end", unit)));
    let nested = in_each(|b| vec![b.sex(), b.seq(ICON, Open, [b.item(Open, [b.name(), fragments(b, Open)])])]);
    blanks_with(
        &rules([NAME], []),
        &[Warning::MissingDelimiters, Warning::FragmentsWithoutDelimiter],
        nested.map(|unit| ("in an icon", unit)),
    );
}

#[test]
fn pixel_data_cut_short() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let cut = |unit: Unit, count| file(uid, [b.el(CHARSET, "CS", "ISO_IR 100"), b.name(), unit.cut(count)]);
        let long = |count| EL.el(PIXELS, "OB", [3; 64]).cut(count);
        rows.extend([
            ("by a byte", cut(b.pixels(), 1)),
            ("to nothing", cut(b.pixels(), 32)),
            ("claims gigabytes", cut(b.claim(PIXELS, "OW", 0xFFFF_FFF0, [1; 16]), 0)),
            ("claims gigabytes, of which there are none", cut(b.claim(PIXELS, "OW", 0x7FFF_FFFE, []), 0)),
            ("float", cut(b.el(Tag::new(0x7FE0, 0x0008), "OF", [1; 16]), 4)),
            ("in a fragment", cut(fragments(b, Open), 3)),
            ("to a fragment's header", cut(fragments(b, Open), 8)),
            ("in a fragment's header", cut(fragments(b, Open), 11)),
            ("in the delimiter", cut(fragments(b, Undefined), 7)),
            (
                "a fragment claims gigabytes",
                cut(b.fragments(Open, [b.fragment([]), b.item(Claims(0xFFFF_FFF0), [raw([1; 40])])]), 0),
            ),
            (
                "a fragment that is too long, with nothing behind the delimiter",
                cut(b.fragments(Undefined, [b.fragment([]), b.item(Claims(99), [raw([1; 40])])]), 0),
            ),
        ]);
        if b == EL {
            rows.push(("after which nothing is left", file_of([long(60)])));
        }
    }
    blanks_with(&rules([NAME], []), &[Warning::PixelDataCutShort], rows);
}

/// A last fragment whose length is wrong: what stands behind the delimiter is no pixels.
#[test]
fn a_fragment_that_runs_over_the_delimiter_is_refused() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let behind = |count: u32| {
            let fragment = b.item(Claims(9999), [raw(vec![1; usize::try_from(count).unwrap()])]).faulty();
            let elements =
                [b.el(CHARSET, "CS", "ISO_IR 100"), b.fragments(Undefined, [b.fragment([]), fragment]), b.name()];
            let needed = 9999 - count - 8 - u32::try_from(b.name().len()).unwrap();
            ("elements behind", ErrorKind::Truncated { needed: needed.into() }, "(7FE0,0010)[1]", file(uid, elements))
        };
        // Small, and over each of the places at which the search goes from one piece to the next.
        rows.extend([0, 1, 8].into_iter().chain(4075..4100).map(behind));
    }
    refuses(&rules([NAME], []), rows);
}

#[test]
fn pixel_data_that_is_cut_elsewhere_is_refused() {
    let names = rules([NAME], []);
    let in_icon = |inside: Unit, len| file_of([EL.seq(ICON, len, [EL.item(len, [inside])])]);
    refuses(
        &names,
        [
            (
                "in an icon",
                ErrorKind::Truncated { needed: 68 },
                "(0088,0200)[0].(7FE0,0010)",
                in_icon(EL.claim(PIXELS, "OW", 100, [1; 32]).faulty(), Open),
            ),
            // The letters are a length there, and what they reach over is no pixels.
            (
                "an explicit header among implicit elements",
                ErrorKind::Truncated { needed: 0x574F - 4 - 32 - 16 },
                "(7FE0,0010)",
                file(IL_UID, [IL.el(CHARSET, "CS", "ISO_IR 100"), EL.pixels().faulty(), IL.name()]),
            ),
            (
                "a fragment in an icon",
                ErrorKind::Truncated { needed: 60 },
                "(0088,0200)[0].(7FE0,0010)[0]",
                in_icon(EL.fragments(Open, [EL.item(Claims(68), [raw([1; 8])]).faulty()]), Open),
            ),
            (
                "a fragment's header in an icon",
                ErrorKind::Truncated { needed: 3 },
                "(0088,0200)[0].(7FE0,0010)[0]",
                in_icon(EL.fragments(Open, [EL.fragment([]), raw(&EL.fragment([]).bytes[..5]).faulty()]), Open),
            ),
            (
                "past the end of an icon",
                ErrorKind::Overrun { beyond: 68 },
                "(0088,0200)[0].(7FE0,0010)",
                join([in_icon(EL.claim(PIXELS, "OW", 100, [1; 32]).faulty(), Defined), EL.name()]),
            ),
            (
                "a fragment past the end of an icon",
                ErrorKind::Overrun { beyond: 60 },
                "(0088,0200)[0].(7FE0,0010)[0]",
                join([in_icon(EL.fragments(Open, [EL.item(Claims(68), [raw([1; 8])]).faulty()]), Defined), EL.name()]),
            ),
            (
                "other data",
                ErrorKind::Truncated { needed: 84 },
                "(0029,1010)",
                file_of([EL.claim(PRIVATE, "OB", 100, [1; 16]).faulty()]),
            ),
            (
                "cut before the length",
                ErrorKind::Truncated { needed: 2 },
                "(7FE0,0010)",
                // The header itself is cut: where its 32 bits of length would be.
                file_of([raw(EL.header(PIXELS, "OW", 0)).cut(2).faulty_at(8)]),
            ),
            (
                "a fragment of undefined length",
                ErrorKind::UndefinedLength,
                "(7FE0,0010)[0]",
                file_of([EL.fragments(Undefined, [EL.fragment([]), EL.item(Undefined, []).faulty()])]),
            ),
            (
                "an element among fragments",
                ErrorKind::NotAnItem { found: NAME },
                "(7FE0,0010)[1]",
                file_of([
                    EL.fragments(Undefined, [EL.fragment([]), EL.fragment([1; 8]), EL.el(NAME, "PN", "Doe").faulty()])
                ]),
            ),
            (
                "an item delimiter among fragments",
                ErrorKind::NotAnItem { found: Tag::ITEM_DELIMITER },
                "(7FE0,0010)[0]",
                file_of([EL.fragments(Undefined, [EL.fragment([]), EL.item_delimiter().faulty()])]),
            ),
            (
                "a delimiter with a length",
                ErrorKind::DelimiterWithLength { length: 6 },
                "(7FE0,0010)[0]",
                file_of([EL.fragments(
                    Open,
                    [EL.fragment([]), EL.framing(Tag::SEQUENCE_DELIMITER, 6).faulty(), raw("Doe^J ")],
                )]),
            ),
        ],
    );
}

/// Pixel data in a blanked sequence is a leaf below it like every other, its fragments too.
#[test]
fn pixel_data_in_a_blanked_sequence() {
    let icons = rules([ICON], []);
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        for len in [Defined, Undefined] {
            let icon = |inside| b.seq(ICON, len, [b.item(len, [b.el(ROWS, "US", [1, 1]).nuls(), inside])]);
            let blanked = |bytes: &[u8]| {
                let mut fragment = b.fragment(bytes);
                fragment.marks = vec![(8..fragment.len(), 0)];
                fragment
            };
            rows.extend([
                ("plain", file(uid, [b.sex(), icon(b.pixels().padded(if b == IL { "OB" } else { "OW" })), b.pixels()])),
                (
                    "encapsulated",
                    file(
                        uid,
                        [
                            b.sex(),
                            icon(b.fragments(Undefined, [b.fragment([]), blanked(&[1; 8]), blanked(&[2; 7])])),
                            fragments(b, Undefined),
                        ],
                    ),
                ),
            ]);
        }
    }
    blanks(&icons, rows);
    let icon = EL.fragments(Undefined, [EL.fragment([]), EL.fragment([1; 8])]);
    paths(
        &icons,
        [(
            file_of([EL.seq(ICON, Defined, [EL.item(Defined, [icon])])]),
            &["(0088,0200)[0].(7FE0,0010)[1].(FFFE,E000)"][..],
        )],
    );
}
