//! Pixel data: encapsulated, after which the walk goes on, nested, and cut short (PS3.5 §8, §A.4).

use dicomblank_core::{ErrorKind, Tag, Warning};

use crate::build::*;
use crate::check::{blanks, blanks_with, leaves, paths, refuses, rules};

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

/// Other VRs of undefined length are encapsulated for pixel data only (PS3.5 §A.4). Elsewhere readers differ: some walk the items, some look for
/// the first bytes of a delimiter, which a nested value may hold.
#[test]
fn other_elements_of_undefined_length() {
    let holds = |tag, letters, len| EL.holds(tag, letters, Undefined, [EL.item(len, [EL.sex(), EL.name()])]);
    blanks(
        &rules([NAME], []),
        [("UN", Undefined), ("UN", Defined), ("SQ", Undefined), ("SQ", Defined)]
            .map(|(letters, len)| (letters, file_of([holds(PRIVATE, letters, len), EL.name()]))),
    );
    let overlay = Tag::new(0x6000, 0x3000); // OB or OW
    let mut rows = Vec::new();
    for (tag, path) in [(PRIVATE, "(0029,1010)"), (overlay, "(6000,3000)"), (NAME, "(0010,0010)")] {
        for letters in ["OB", "OW", "OF", "OD", "OL", "OV", "UT", "UC", "UR"] {
            let unit = holds(tag, letters, Defined).faulty();
            rows.push((letters, ErrorKind::UndefinedLength, path, file_of([unit, EL.name()])));
        }
    }
    let implicit = IL.holds(overlay, "", Undefined, [IL.item(Defined, [IL.name()])]).faulty();
    rows.push(("implicit", ErrorKind::UndefinedLength, "(6000,3000)", file(IL_UID, [IL.sex(), implicit])));
    refuses(&rules([NAME], []), rows);
}

/// (7FE0,0008), (7FE0,0009) and (7FE0,0010) are pixel data, and no other element of the group is.
#[test]
fn elements_beside_pixel_data() {
    let item = |b: Build| b.item(Defined, [b.sex(), b.name()]);
    let (mut rows, mut cut) = (Vec::new(), Vec::new());
    for number in [0x0001, 0x0007, 0x000A, 0x000B, 0x000C, 0x000D, 0x000E, 0x000F, 0x0011, 0x0020] {
        let tag = Tag::new(0x7FE0, number);
        for (b, uid) in ALL {
            if b == IL && matches!(number, 0x0001 | 0x0011 | 0x0020) {
                continue; // which the dictionary has, the last two in all groups 7Fxx
            }
            rows.extend([
                ("UN", file(uid, [b.sex(), b.holds(tag, "UN", Defined, [item(b)]), b.name()])),
                ("UN of undefined length", file(uid, [b.sex(), b.holds(tag, "UN", Undefined, [item(b)]), b.name()])),
            ]);
        }
        cut.push((
            "cut short",
            ErrorKind::Truncated,
            match number {
                0x0001 => "(7FE0,0001)",
                0x0011 => "(7FE0,0011)",
                0x0020 => "(7FE0,0020)",
                _ => "",
            },
            file_of([EL.el(tag, "OW", [1; 32]).faulty().cut(1)]),
        ));
    }
    blanks(&rules([NAME], []), rows);
    refuses(&rules([NAME], []), cut);
}

/// Where pixel data does not say what it is, some readers take its fragments for items.
#[test]
fn pixel_data_of_unknown_vr() {
    let names = rules([NAME], []);
    let mut rows = Vec::new();
    for len in [Defined, Undefined] {
        let items = EL.holds(PIXELS, "UN", Undefined, [EL.item(len, [EL.sex(), EL.name()])]);
        rows.push(("items", file_of([items, EL.name()])));
        rows.push(("of defined length", file_of([EL.holds(PIXELS, "UN", Defined, [EL.item(len, [EL.name()])])])));
    }
    blanks(&names, rows);
    let fragments = EL.holds(PIXELS, "UN", Undefined, [EL.fragment([]), EL.fragment([1; 8]).faulty_at(8)]);
    refuses(&names, [("fragments", ErrorKind::Overrun, "(7FE0,0010)[1]", file_of([fragments, EL.name()]))]);
    leaves(&names, [("a value", 1, file_of([EL.el(PIXELS, "UN", EL.fragment([1; 24]).bytes), EL.name()]))]);
}

/// Without a delimiter some readers look for its bytes, among the fragments too.
#[test]
fn fragments_without_a_delimiter_that_hold_one() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let decoy = join([b.sequence_delimiter(), b.el(NAME, "PN", "Doe^Jane")]);
        let whole = [b.fragment([]).faulty(), b.fragment(&decoy.bytes), b.fragment([1; 8])];
        let last = [b.fragment([]).faulty(), b.item(Claims(9999), [raw(&decoy.bytes)])];
        // The path is that of the fragment at which the file ends.
        for (path, fragments) in
            [("(7FE0,0010)[2]", b.fragments(Open, whole)), ("(7FE0,0010)[1]", b.fragments(Open, last))]
        {
            rows.push(("held", ErrorKind::AmbiguousFragments, path, file(uid, [b.sex(), fragments])));
        }
    }
    refuses(&rules([NAME], []), rows);
}

/// Zeros behind fragments without a delimiter, as behind any last element.
#[test]
fn fragments_without_a_delimiter_and_zeros_behind_them() {
    let rows = in_each(|b| vec![b.sex(), b.name(), fragments(b, Open), zeros(8)])
        .chain(in_each(|b| vec![b.sex(), b.name(), fragments(b, Open), zeros(5000)]));
    blanks_with(
        &rules([NAME], []),
        &[Warning::FragmentsWithoutDelimiter, Warning::TrailingZeros],
        rows.map(|unit| ("zeros", unit)),
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
    refuses(&rules([NAME], []), [("cut", ErrorKind::Truncated, "(7FE0,0010)", file_of([cut]))]);
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
            let fragment = b.item(Claims(9999), [raw(vec![1; usize::try_from(count).unwrap()])]);
            let elements = [
                b.el(CHARSET, "CS", "ISO_IR 100"),
                b.fragments(Undefined, [b.fragment([]).faulty(), fragment]),
                b.name(),
            ];
            ("elements behind", ErrorKind::AmbiguousFragments, "(7FE0,0010)[1]", file(uid, elements))
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
                ErrorKind::Truncated,
                "(0088,0200)[0].(7FE0,0010)",
                in_icon(EL.claim(PIXELS, "OW", 100, [1; 32]).faulty(), Open),
            ),
            // The letters are a length there, and what they reach over is no pixels.
            (
                "an explicit header among implicit elements",
                ErrorKind::Truncated,
                "(7FE0,0010)",
                file(IL_UID, [IL.el(CHARSET, "CS", "ISO_IR 100"), EL.pixels().faulty(), IL.name()]),
            ),
            (
                "a fragment in an icon",
                ErrorKind::Truncated,
                "(0088,0200)[0].(7FE0,0010)[0]",
                in_icon(EL.fragments(Open, [EL.item(Claims(68), [raw([1; 8])]).faulty()]), Open),
            ),
            (
                "a fragment's header in an icon",
                ErrorKind::Truncated,
                "(0088,0200)[0].(7FE0,0010)[0]",
                in_icon(EL.fragments(Open, [EL.fragment([]), raw(&EL.fragment([]).bytes[..5]).faulty()]), Open),
            ),
            (
                "past the end of an icon",
                ErrorKind::Overrun,
                "(0088,0200)[0].(7FE0,0010)",
                join([in_icon(EL.claim(PIXELS, "OW", 100, [1; 32]).faulty(), Defined), EL.name()]),
            ),
            (
                "a fragment past the end of an icon",
                ErrorKind::Overrun,
                "(0088,0200)[0].(7FE0,0010)[0]",
                join([in_icon(EL.fragments(Open, [EL.item(Claims(68), [raw([1; 8])]).faulty()]), Defined), EL.name()]),
            ),
            (
                "other data",
                ErrorKind::Truncated,
                "(0029,1010)",
                file_of([EL.claim(PRIVATE, "OB", 100, [1; 16]).faulty()]),
            ),
            (
                "cut before the length",
                ErrorKind::Truncated,
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
                ErrorKind::NotAnItem,
                "(7FE0,0010)[1]",
                file_of([
                    EL.fragments(Undefined, [EL.fragment([]), EL.fragment([1; 8]), EL.el(NAME, "PN", "Doe").faulty()])
                ]),
            ),
            (
                "an item delimiter among fragments",
                ErrorKind::NotAnItem,
                "(7FE0,0010)[0]",
                file_of([EL.fragments(Undefined, [EL.fragment([]), EL.item_delimiter().faulty()])]),
            ),
            (
                "a delimiter with a length",
                ErrorKind::DelimiterWithLength,
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
