//! Data sets as they should be, in each syntax: nesting, lengths, order, values that look like structure (PS3.5 §7).

use dicomblank_core::{Limits, Tag};

use crate::build::*;
use crate::check::{blanks, paths, plan_of, rules};

#[test]
fn sequences_in_every_syntax_and_length() {
    let mut rows = Vec::new();
    for sequence in [Defined, Undefined] {
        for item in [Defined, Undefined] {
            rows.extend(in_each(|b| vec![b.seq(CONTENT, sequence, [b.item(item, [b.sex(), b.name()])]), b.name()]));
            rows.extend(in_each(|b| {
                let items = [b.item(item, [b.name()]), b.item(item, []), b.item(item, [b.name(), b.name()])];
                vec![b.sex(), b.seq(CONTENT, sequence, items), b.sex()]
            }));
            for outer in [Defined, Undefined] {
                rows.extend(in_each(|b| {
                    let inner = b.seq(CONTENT, sequence, [b.item(item, [b.name()]), b.item(outer, [b.name()])]);
                    let middle = b.seq(CONTENT, outer, [b.item(item, [b.sex(), inner, b.name()])]);
                    vec![b.seq(STUDY, sequence, [b.item(outer, [middle, b.name()])]), b.pixels(), b.name()]
                }));
            }
        }
        rows.extend(in_each(|b| vec![b.seq(CONTENT, sequence, []), b.name()]));
        rows.extend(in_each(|b| {
            let empty = b.seq(CONTENT, sequence, []);
            vec![b.seq(STUDY, sequence, [b.item(Defined, [empty.clone()]), b.item(Undefined, [empty, b.name()])])]
        }));
        rows.extend(in_each(|b| vec![b.seq(CONTENT, sequence, [b.item(sequence, []), b.item(Defined, [])]), b.name()]));
    }
    blanks(&rules([NAME], []), rows.into_iter().map(|unit| ("a sequence", unit)));
}

#[test]
fn deep_nesting() {
    for depth in [2, 10, 100, 300] {
        let mut rows = Vec::new();
        for (b, uid) in ALL {
            for len in [Defined, Undefined] {
                let mut inside = b.name();
                for _ in 0..depth {
                    inside = b.seq(CONTENT, len, [b.item(len, [inside, b.name()])]);
                }
                rows.push(("nested", file(uid, [inside, b.name()])));
            }
        }
        blanks(&rules([NAME], []), rows);
    }
}

#[test]
fn order_and_lengths() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let cases = [
            ("an empty target", vec![b.el(NAME, "PN", ""), b.name()]),
            ("one byte", vec![b.el(NAME, "PN", "J").spaces()]),
            (
                "odd lengths",
                vec![b.el(TYPE, "CS", "ODD"), b.el(NAME, "PN", "Doe").spaces(), b.el(ID, "LO", "5"), b.name()],
            ),
            ("duplicates", vec![b.name(), b.name(), b.sex(), b.sex(), b.el(NAME, "PN", "Roe").spaces()]),
            ("unsorted", vec![b.pixels(), b.sex(), b.name(), b.el(CHARSET, "CS", "ISO_IR 100"), b.name()]),
            (
                "after the pixels",
                vec![b.sex(), b.pixels(), b.name(), b.seq(CONTENT, Undefined, [b.item(Defined, [b.name()])])],
            ),
            ("two images", vec![b.pixels(), b.name(), b.pixels(), b.name()]),
            ("already blank", vec![b.el(NAME, "PN", "        ").spaces()]),
            ("already blank in part", vec![b.el(NAME, "PN", "Doe     ").spaces()]),
            ("4095 bytes", vec![b.el(NAME, "PN", [b'x'; 4095]).spaces(), b.name()]),
            ("4096 bytes", vec![b.el(NAME, "PN", [b'x'; 4096]).spaces(), b.name()]),
            ("4097 bytes", vec![b.el(NAME, "PN", [b'x'; 4097]).spaces(), b.name()]),
            ("as long as 16 bits say", vec![b.el(NAME, "PN", vec![b'x'; 65534]).spaces(), b.name()]),
            (
                "group lengths, true and untrue",
                vec![
                    b.el(Tag::new(0x0008, 0x0000), "UL", b.u32(4711)),
                    b.el(MODALITY, "CS", "MR"),
                    b.el(Tag::new(0x0010, 0x0000), "UL", b.u32(0)),
                    b.name(),
                    b.el(Tag::new(0x0029, 0x0000), "UL", b.u32(9)),
                    b.el(CREATOR, "LO", "ACME"),
                ],
            ),
            ("data set trailing padding", vec![b.name(), b.el(PADDING, "OB", [0; 100])]),
            ("a repeating group", vec![b.el(Tag::new(0x6002, 0x3000), "OW", [3; 16]), b.name()]),
            ("nothing to blank", vec![b.sex(), b.pixels()]),
            ("beside another target", vec![b.name(), b.name(), b.name()]),
        ];
        rows.extend(cases.into_iter().map(|(what, elements)| (what, file(uid, elements))));
    }
    blanks(&rules([NAME], []), rows);
}

#[test]
fn values_that_look_like_structure() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let decoys = [
            ("an item", b.item(Defined, [b.el(NAME, "PN", "Doe^Jane")])),
            ("an item of undefined length", b.item(Open, [b.el(NAME, "PN", "Doe^Jane")])),
            ("an item delimiter", b.item_delimiter()),
            ("a sequence delimiter", b.sequence_delimiter()),
            ("delimiters in little endian", join([IL.item_delimiter(), IL.sequence_delimiter()])),
            ("a name", b.el(NAME, "PN", "Doe^Jane")),
            ("a sequence", b.seq(CONTENT, Undefined, [b.item(Undefined, [b.el(NAME, "PN", "Doe^Jane")])])),
            ("pixel data", b.el(PIXELS, "OW", [1; 8])),
            ("a file", file(EL_UID, [EL.el(NAME, "PN", "Doe^Jane")])),
        ];
        for (what, decoy) in decoys {
            let elements = vec![
                b.el(TYPE, "CS", &decoy.bytes),          // text
                b.el(TEXT, "UT", &decoy.bytes),          // text, long length
                b.el(NAME, "PN", &decoy.bytes).spaces(), // a target whose value is a decoy
                b.seq(CONTENT, Undefined, [b.item(Undefined, [b.el(TYPE, "CS", &decoy.bytes), b.name()])]),
                b.seq(CONTENT, Defined, [b.item(Defined, [b.name(), b.el(ID, "LO", &decoy.bytes)])]),
                b.el(PIXELS, "OW", &decoy.bytes),
                b.name(),
            ];
            rows.push((what, file(uid, elements)));
        }
    }
    blanks(&rules([NAME], []), rows);
}

/// The offsets in a DICOMDIR's records (PS3.10 §8) stay true because nothing moves.
#[test]
fn dicomdir() {
    let record = |b: Build, next: u32, kind: &str, elements: Vec<Unit>| {
        b.item(
            Defined,
            [
                b.el(Tag::new(0x0004, 0x1400), "UL", b.u32(next)), // offset of the next record
                b.el(Tag::new(0x0004, 0x1410), "US", b.u16(0xFFFF)),
                b.el(Tag::new(0x0004, 0x1420), "UL", b.u32(0)), // offset of the lower level
                b.el(Tag::new(0x0004, 0x1430), "CS", kind),
                join(elements),
            ],
        )
    };
    let directory = |len| {
        in_each(move |b| {
            let records = [
                record(b, 500, "PATIENT ", vec![b.name(), b.el(ID, "LO", "4711")]),
                record(b, 0, "STUDY ", vec![b.el(Tag::new(0x0008, 0x0020), "DA", "20200101")]),
                record(b, 0, "PATIENT ", vec![b.name(), b.el(ID, "LO", "4712")]),
            ];
            vec![
                b.el(Tag::new(0x0004, 0x1130), "CS", "SET"),
                b.el(Tag::new(0x0004, 0x1200), "UL", b.u32(400)), // offset of the first record
                b.seq(Tag::new(0x0004, 0x1220), len, records),
            ]
        })
    };
    blanks(&rules([NAME], []), directory(Defined).chain(directory(Undefined)).map(|unit| ("a directory", unit)));
}

#[test]
fn a_hundred_thousand_items() {
    let mut rows = Vec::new();
    for (b, uid) in [(EL, EL_UID), (IL, IL_UID)] {
        for len in [Defined, Undefined] {
            // Joined once: joining 100,000 units one by one would add up to seconds.
            let item = b.item(len, [b.el(NAME, "PN", "Doe^Jane")]);
            let start = item.bytes.windows(8).position(|window| window == b"Doe^Jane").unwrap();
            let mut items = raw(item.bytes.repeat(100_000));
            items.marks =
                (0..100_000).map(|number| number * item.len() + start).map(|start| (start..start + 8, b' ')).collect();
            rows.push(("many items", file(uid, [b.seq(CONTENT, len, [items]), b.name()])));
        }
    }
    blanks(&rules([NAME], []), rows);
}

#[test]
fn tag_paths_of_edits() {
    for (b, uid) in ALL {
        let nested = |items| b.seq(OTHER_IDS, Undefined, items);
        let with = |elements| b.item(Undefined, elements);
        let elements = [
            b.name(),
            b.seq(
                CONTENT,
                Defined,
                [
                    with(vec![b.sex()]),
                    with(vec![b.name(), nested(vec![with(vec![]), with(vec![b.name()])])]),
                    with(vec![b.name()]),
                ],
            ),
            b.seq(
                STUDY,
                Undefined,
                [with(vec![nested(vec![]), nested(vec![with(vec![b.name(), b.name()])]), b.name()])],
            ),
            b.name(),
        ];
        let expected = [
            "(0010,0010)",
            "(0040,A730)[1].(0010,0010)",
            "(0040,A730)[1].(0010,1002)[1].(0010,0010)",
            "(0040,A730)[2].(0010,0010)",
            "(0008,1110)[0].(0010,1002)[0].(0010,0010)",
            "(0008,1110)[0].(0010,1002)[0].(0010,0010)",
            "(0008,1110)[0].(0010,0010)",
            "(0010,0010)",
        ];
        paths(&rules([NAME], []), [(file(uid, elements), &expected[..])]);
    }
}

/// What an edit says of its element, beside where it is.
#[test]
fn tags_and_vrs_of_edits() {
    for (b, uid, vrs) in
        [(IL, IL_UID, ["PN", "LO", "UN"]), (EL, EL_UID, ["LT", "UN", "SH"]), (EB, EB_UID, ["LT", "UN", "SH"])]
    {
        let elements = [b.el(NAME, vrs[0], "ab"), b.el(ID, vrs[1], "ab"), b.el(PRIVATE, vrs[2], "ab")];
        let plan = plan_of(&file(uid, elements).bytes, &rules([NAME, ID, PRIVATE], []), &Limits::default()).unwrap();
        let found: Vec<_> = plan.edits().iter().map(|edit| (edit.tag(), edit.vr().to_string())).collect();
        assert_eq!(found, [NAME, ID, PRIVATE].into_iter().zip(vrs.map(str::to_owned)).collect::<Vec<_>>());
    }
}
