//! Rules on more than one tag: repeating elements, private elements by their creator, and the file meta information.

use dicomblank_core::{
    Error, ErrorKind, Limits, Private, Repeating, Rule, RuleErrorReason, Rules, Selector, SliceSource, Step, Tag,
    plan_inflated,
};

use crate::build::*;
use crate::check::{Lender, blanks, leaves, marks, plan_of, refuses};

const BOTH: RuleErrorReason = RuleErrorReason::Both { one: Rule::Blank, other: Rule::Keep };

fn repeating(mask: u32, value: u32) -> Selector {
    Selector::Repeating(Repeating::new(mask, value).unwrap())
}

fn private(group: u16, creator: &str, element: u8) -> Selector {
    Selector::Private(Private::new(group, creator, element).unwrap())
}

fn rules<const B: usize, const K: usize>(blank: [Selector; B], keep: [Selector; K]) -> Rules {
    Rules::of(blank, keep).expect("fit")
}

/// (0029,xx10) of "SIEMENS CSA HEADER".
fn csa() -> Selector {
    private(0x0029, "SIEMENS CSA HEADER", 0x10)
}

const CSA: &str = "SIEMENS CSA HEADER";

/// A creator element that reserves `block` of group 0029.
fn creator(b: Build, block: u16, name: impl AsRef<[u8]>) -> Unit {
    b.el(Tag::new(0x0029, block), "LO", name)
}

/// A private value that stays.
fn stays(b: Build, element: u16) -> Unit {
    b.el(Tag::new(0x0029, element), "LO", "secret")
}

/// One that is blanked.
fn gone(b: Build, element: u16) -> Unit {
    stays(b, element).padded(if b == IL { "UN" } else { "LO" })
}

#[test]
fn a_repeating_element_is_blanked_in_every_group() {
    let comments = rules([repeating(0xFF00_FFFF, 0x6000_4000)], []);
    let curve = rules([repeating(0xFF00_FFFF, 0x5000_0022)], []);
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let el = |group, element, vr| b.el(Tag::new(group, element), vr, "secret");
        let in_all = |first: u16, element, vr| join((0..16).map(|number| el(first + 2 * number, element, vr).spaces()));
        let beside = |vr| join([el(0x6004, 0x4001, vr), el(0x6001, 0x4000, vr), el(0x6104, 0x4000, vr)]);
        rows.push((
            &comments,
            file(
                uid,
                [
                    el(0x5002, 0x4000, "LT"),
                    in_all(0x6000, 0x4000, "LT"),
                    beside("LT"),
                    el(0x60FE, 0x4000, "LT").spaces(), // other readers give it the same name
                    b.seq(CONTENT, Undefined, [b.item(Undefined, [b.sex(), in_all(0x6000, 0x4000, "LT")])]),
                ],
            ),
        ));
        rows.push((
            &curve,
            file(uid, [in_all(0x5000, 0x0022, "LO"), el(0x6000, 0x0022, "LO"), el(0x5001, 0x0022, "LO")]),
        ));
    }
    for (rules, unit) in rows {
        blanks(rules, [("in each group", unit)]);
    }
}

#[test]
fn every_other_mask_of_the_dictionary() {
    let el = |group, element, vr| EL.el(Tag::new(group, element), vr, "secret");
    for (mask, value, inside, beside) in [
        (
            0xFFFF_FF00,
            0x0020_3100,
            vec![el(0x0020, 0x3100, "CS").spaces(), el(0x0020, 0x31FF, "CS").spaces()],
            vec![el(0x0020, 0x3200, "CS"), el(0x0020, 0x3000, "CS")],
        ),
        (
            0xFFFF_FF0F,
            0x0028_0400,
            vec![el(0x0028, 0x0410, "US").nuls(), el(0x0028, 0x04F0, "US").nuls()],
            vec![el(0x0028, 0x0400, "LO"), el(0x0028, 0x0412, "LO")], // (0028,0400) has an entry of its own
        ),
        (
            0xFFFF_000F,
            0x1000_0000,
            vec![el(0x1000, 0x0010, "US").nuls(), el(0x1000, 0xFFF0, "US").nuls()],
            vec![EL.el(Tag::new(0x1000, 0x0000), "UL", [1, 2, 3, 4]), el(0x1000, 0x0011, "US")],
        ),
        (0xFFFF_0000, 0x1010_0000, vec![el(0x1010, 0x0004, "US").nuls()], vec![el(0x1012, 0x0004, "US")]),
    ] {
        let unit = file(EL_UID, [EL.sex(), join(beside), join(inside), EL.sex()]);
        blanks(&rules([repeating(mask, value)], []), [("of the mask", unit)]);
    }
}

#[test]
fn a_rule_on_the_tag_goes_before_one_on_many() {
    let tag = |group, element| Selector::Tag(Tag::new(group, element));
    let one_stays = rules([repeating(0xFF00_FFFF, 0x6000_4000), csa()], [tag(0x6002, 0x4000), tag(0x0029, 0x1110)]);
    let el = |group, vr| EL.el(Tag::new(group, 0x4000), vr, "secret");
    blanks(
        &one_stays,
        [(
            "all but one",
            file(
                EL_UID,
                [
                    join([creator(EL, 0x10, CSA), creator(EL, 0x11, CSA), gone(EL, 0x1010), stays(EL, 0x1110)]),
                    join([el(0x6000, "LT").spaces(), el(0x6002, "LT"), el(0x6004, "LT").spaces()]),
                ],
            ),
        )],
    );
    let many_stay = rules([Selector::Tag(OTHER_IDS)], [repeating(0xFF00_FFFF, 0x6000_4000)]);
    let inside = [EL.sex().spaces(), el(0x6000, "LT"), el(0x601E, "LT"), el(0x5000, "LT").spaces()];
    blanks(&many_stay, [("kept", file(EL_UID, [EL.seq(OTHER_IDS, Defined, [EL.item(Defined, inside)])]))]);
}

#[test]
fn a_private_element_is_found_by_its_creator() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let of_csa =
            |block: u16| join([creator(b, block, CSA), gone(b, block << 8 | 0x10), stays(b, block << 8 | 0x20)]);
        let of_other =
            |block: u16| join([creator(b, block, "ACME"), stays(b, block << 8 | 0x10), stays(b, block << 8 | 0x20)]);
        let other_group = || b.el(Tag::new(0x0031, 0x1010), "LO", "secret");
        let named = |name: &[u8]| file(uid, [creator(b, 0x10, name), gone(b, 0x1010), stays(b, 0x1020)]);
        let items = |items: Vec<Vec<Unit>>| {
            let items = items.into_iter().map(|elements| b.item(Undefined, elements));
            file(uid, [of_other(0x10), b.seq(CONTENT, Undefined, items), b.sex()])
        };
        rows.extend([
            ("in the first block", file(uid, [b.sex(), of_csa(0x10), of_other(0x11), other_group()])),
            ("in another block", file(uid, [of_other(0x10), of_csa(0x11), other_group()])),
            ("in the last block", file(uid, [of_other(0x10), of_csa(0xFF)])),
            ("in two blocks", file(uid, [of_csa(0x10), of_csa(0x80)])),
            ("creators first, as the standard orders them", {
                file(
                    uid,
                    [
                        join([creator(b, 0x10, "ACME"), creator(b, 0x11, CSA)]),
                        join([stays(b, 0x1010), gone(b, 0x1110), stays(b, 0x1111)]),
                    ],
                )
            }),
            ("not what is in no block", file(uid, [creator(b, 0x10, CSA), stays(b, 0x0F10), stays(b, 0x0110)])),
            ("padded with a NUL", named(b"SIEMENS CSA HEADER\0\0")),
            ("padded with spaces", named(b" SIEMENS CSA HEADER   ")),
            ("in other letters", named(b"Siemens CSA Header")), // gdcm takes it for the same
            ("with text behind a NUL", named(b"SIEMENS CSA HEADER\0X")), // readers differ on where it ends
            ("one of two values", named(b"ACME\\SIEMENS CSA HEADER")),
            ("a creator without a value", named(b"")), // another program may have blanked it
            ("a blanked creator", named(b"      ")),
            ("a creator of NULs", named(&[0; 18])),
            ("without a creator", file(uid, [gone(b, 0x1010), stays(b, 0x1020)])),
            ("before its creator", file(uid, [gone(b, 0x1010), creator(b, 0x10, CSA), stays(b, 0x1020)])),
            ("before another's", file(uid, [gone(b, 0x1010), creator(b, 0x10, "ACME"), stays(b, 0x1010)])),
            (
                "two creators",
                file(uid, [creator(b, 0x10, "ACME"), creator(b, 0x10, CSA), gone(b, 0x1010), stays(b, 0x1020)]),
            ),
            (
                "another creator afterwards",
                file(uid, [creator(b, 0x10, CSA), gone(b, 0x1010), creator(b, 0x10, "ACME"), stays(b, 0x1020)]),
            ),
            (
                "the same creator again",
                file(uid, [of_other(0x10), creator(b, 0x10, "ACME "), creator(b, 0x10, "OTHER"), stays(b, 0x1010)]),
            ),
            ("in an item", items(vec![vec![of_csa(0x10)], vec![of_other(0x10)], vec![of_csa(0x11)]])),
            ("an item has its own creators", items(vec![vec![of_csa(0x10)], vec![gone(b, 0x1010)]])),
            ("blocks of the data set go on behind a sequence", {
                let item = b.item(Defined, [of_csa(0x10)]);
                file(uid, [creator(b, 0x10, "ACME"), b.seq(STUDY, Defined, [item]), stays(b, 0x1010), of_csa(0x12)])
            }),
            ("deep", {
                let inner = b.seq(CONTENT, Defined, [b.item(Defined, [of_csa(0x33)])]);
                let item = b.item(Undefined, [of_other(0x33), inner, stays(b, 0x3310)]);
                file(uid, [b.seq(CONTENT, Undefined, [item])])
            }),
            ("a sequence", {
                let leaf = || b.el(SEX, "CS", "F ").spaces();
                let value = b.seq(PRIVATE, Undefined, [b.item(Undefined, [leaf()]), b.item(Undefined, [leaf()])]);
                file(uid, [creator(b, 0x10, CSA), value, b.sex()])
            }),
            ("another's sequence", {
                let value = b.seq(PRIVATE, Undefined, [b.item(Undefined, [b.sex(), of_csa(0x10)])]);
                file(uid, [creator(b, 0x10, "ACME"), value, b.sex()])
            }),
        ]);
    }
    rows.push((
        "a creator of thousands of bytes",
        file(EL_UID, [creator(EL, 0x10, [b'x'; 5000]), gone(EL, 0x1010), stays(EL, 0x1020)]),
    ));
    rows.push((
        "a creator that is a sequence",
        file(EL_UID, [EL.seq(CREATOR, Defined, [EL.item(Defined, [EL.sex()])]), gone(EL, 0x1010), stays(EL, 0x1020)]),
    ));
    blanks(&rules([csa()], []), rows);
}

/// What a try has met is void with it, and a creator that was tried itself is read as the value that it is.
#[test]
fn creators_inside_tries() {
    let not_items = |inside: Unit| join([EL.item(Defined, [inside]), raw("no item!")]);
    leaves(
        &rules([csa()], []),
        [
            (
                "creators of a value that is no sequence",
                1,
                file(
                    EL_UID,
                    [
                        creator(EL, 0x10, "ACME"),
                        EL.holds(
                            PRIVATE_2,
                            "OB",
                            Defined,
                            [not_items(join([creator(EL, 0x10, CSA), stays(EL, 0x1010)]))],
                        ),
                        stays(EL, 0x1010),
                    ],
                ),
            ),
            (
                "a creator that begins like items",
                1,
                file(EL_UID, [EL.holds(CREATOR, "UN", Defined, [not_items(EL.sex())]), gone(EL, 0x1010)]),
            ),
        ],
    );
    blanks(
        &rules([csa()], []),
        [(
            "items in implicit VR inside a value of VR UN",
            file(
                EL_UID,
                [
                    creator(EL, 0x10, "ACME"),
                    EL.holds(PRIVATE_2, "UN", Defined, [IL.item(Defined, [creator(IL, 0x10, CSA), gone(IL, 0x1010)])]),
                    stays(EL, 0x1010),
                ],
            ),
        )],
    );
}

#[test]
fn a_second_creator_that_makes_what_was_left_listed_is_refused() {
    let kind = ErrorKind::AmbiguousCreator;
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let second = |name: &str| creator(b, 0x10, name).faulty();
        rows.extend([
            (
                "at the top",
                kind,
                "(0029,0010)",
                file(uid, [creator(b, 0x10, "ACME"), stays(b, 0x1010), second(CSA), b.sex()]),
            ),
            (
                "empty",
                kind,
                "(0029,0010)",
                file(uid, [creator(b, 0x10, "ACME"), stays(b, 0x1010), second(""), b.sex()]),
            ),
            ("in an item", kind, "(0040,A730)[0].(0029,0010)", {
                let item = b.item(Defined, [creator(b, 0x10, "ACME"), stays(b, 0x1010), second(CSA)]);
                file(uid, [creator(b, 0x10, CSA), b.seq(CONTENT, Undefined, [item])])
            }),
        ]);
    }
    refuses(&rules([csa()], []), rows);
}

#[test]
fn what_is_kept_by_its_creator_stays_with_the_creator() {
    let vr = |b: Build| if b == IL { "UN" } else { "LO" };
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let other = |block| creator(b, block, "ACME").padded(vr(b));
        let blanked =
            |elements: Vec<Unit>| file(uid, [b.seq(OTHER_IDS, Defined, [b.item(Undefined, elements)]), b.sex()]);
        rows.extend([
            (
                "its own",
                blanked(vec![
                    join([creator(b, 0x10, CSA), other(0x11), stays(b, 0x1010), gone(b, 0x1020), gone(b, 0x1110)]),
                    b.sex().spaces(),
                ]),
            ),
            ("without a creator", blanked(vec![gone(b, 0x1010)])),
            ("two creators", blanked(vec![join([creator(b, 0x10, CSA), other(0x10), gone(b, 0x1010)])])),
            ("outside", file(uid, [creator(b, 0x10, CSA), stays(b, 0x1010), stays(b, 0x1020)])),
        ]);
    }
    blanks(&rules([Selector::Tag(OTHER_IDS)], [csa()]), rows);
}

/// A blanked and a kept element of one creator, in one sequence; and the same element of two.
#[test]
fn several_rules_on_a_group() {
    let several = rules(
        [csa(), private(0x0029, "ACME", 0x20), Selector::Tag(OTHER_IDS)],
        [private(0x0029, CSA, 0x20), private(0x0029, "ACME", 0x10)],
    );
    let items = [EL.item(
        Defined,
        [
            creator(EL, 0x10, CSA),
            creator(EL, 0x11, "ACME"),
            gone(EL, 0x1010),
            stays(EL, 0x1020),
            stays(EL, 0x1110),
            gone(EL, 0x1120),
        ],
    )];
    let top = join([creator(EL, 0x10, "ACME"), stays(EL, 0x1010), gone(EL, 0x1020)]);
    blanks(&several, [("both", file(EL_UID, [top, EL.seq(OTHER_IDS, Defined, items)]))]);
}

/// What the file meta information has about machines, and privately; in explicit and, by mistake, in implicit VR.
#[test]
fn the_file_meta_information() {
    let tags =
        [0x0016, 0x0017, 0x0018, 0x0026, 0x0027, 0x0028, 0x0100, 0x0102].map(|element| Tag::new(0x0002, element));
    let all = Rules::new(tags, []).unwrap();
    let vrs = ["AE", "AE", "AE", "UR", "UR", "UR", "UI", "OB"];
    let head = |b: Build| {
        let more = tags.into_iter().zip(vrs).map(|(tag, vr)| b.el(tag, vr, "secret").padded(vr));
        join([preamble([]), meta_in(b, GroupLength::None, EL_UID), join(more)])
    };
    let rows = [EL, IL].map(|b| ("all of it", join([head(b), EL.sex(), EL.el(NAME, "PN", "Doe^Jane")])));
    blanks(&all, rows);
    blanks(&all, [("file meta information alone", head(EL)), ("nothing of it", file(EL_UID, [EL.sex()]))]);

    let unit = join([head(EL), EL.sex()]);
    let plan = plan_of(&unit.bytes, &all, &Limits::default()).unwrap();
    assert_eq!(plan.tag_path(&plan.edits()[0]).to_string(), "(0002,0016)");
    let few = Limits { edits: 3, ..Limits::default() };
    let error = plan_of(&unit.bytes, &all, &few).unwrap_err();
    let offset = u64::try_from(unit.marks[3].0.start - 12).unwrap();
    let tag_path = [Step { tag: tags[3], item: None }].into_iter().collect();
    assert_eq!(error, Error { kind: ErrorKind::TooManyEdits { limit: 3 }, offset, tag_path });
}

/// In front of a data set that was deflated, the file meta information ends where that begins, whatever it inflates to.
#[test]
fn the_file_meta_information_of_a_deflated_file() {
    let sender = Tag::new(0x0002, 0x0017);
    let rules = Rules::new([sender, NAME], []).unwrap();
    let title = || EL.el(sender, "AE", "HOSPITAL").spaces();
    let meta = |title: Unit| join([meta_in(EL, GroupLength::None, "1.2.840.10008.1.2.1.99"), title]);
    let data_set = || join([EL.sex(), EL.name()]);
    // The data set begins as if the file meta information went on.
    let goes_on = || join([EL.el(Tag::new(0x0002, 0x0012), "UI", "1.2\0"), data_set()]);
    for (front, behind) in [
        (join([preamble([]), meta(title())]), data_set()),
        (join([preamble([]), meta(title())]), goes_on()),
        (meta(title()), data_set()),
    ] {
        let at = u64::try_from(front.len()).unwrap();
        let unit = join([front, behind]);
        let plan = plan_inflated(&mut SliceSource::new(&unit.bytes), at, &rules, &Limits::default()).unwrap();
        assert_eq!(marks(plan.edits()), unit.marks);
        let again = plan_inflated(&mut Lender::new(&unit.bytes), at, &rules, &Limits::default());
        assert_eq!(again, Ok(plan));
    }
    let unit = join([preamble([]), meta(title()), data_set()]);
    for (at, kind) in [(140, ErrorKind::NoDataSet), (0, ErrorKind::NoDataSet)] {
        let error = plan_inflated(&mut SliceSource::new(&unit.bytes), at, &rules, &Limits::default()).unwrap_err();
        assert_eq!((error.kind, error.offset), (kind, at));
    }
    // A preamble that is file meta information itself, up to the same place.
    let value = [&[7; 120][..], b"DICM"].concat();
    let unit = join([EL.el(Tag::new(0x0002, 0x0012), "LO", value), meta(title())]);
    let at = u64::try_from(unit.len()).unwrap();
    let error = plan_inflated(&mut SliceSource::new(&unit.bytes), at, &rules, &Limits::default()).unwrap_err();
    assert_eq!((error.kind, error.offset), (ErrorKind::AmbiguousStart, 0));
    let error = plan_inflated(&mut Lender::failing(&unit.bytes, 3), at, &rules, &Limits::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreadable);
}

#[test]
fn what_can_not_be_a_rule() {
    let tag = |group, element| Selector::Tag(Tag::new(group, element));
    let pixels = || repeating(0xFF00_FFFF, 0x7F00_0010);
    let overlay = || repeating(0xFF00_FFFF, 0x6000_3000);
    for (blank, keep, reason, words) in [
        (
            vec![tag(0x0002, 0x0010)],
            vec![],
            RuleErrorReason::FileMeta,
            "(0002,0010) is file meta information that says",
        ),
        (vec![tag(0x0002, 0x0019)], vec![], RuleErrorReason::FileMeta, "of group 0002 only the AE titles"),
        (vec![pixels()], vec![], RuleErrorReason::PixelData, "(7Fxx,0010) is pixel data"),
        (vec![overlay()], vec![overlay()], BOTH, "(60xx,3000) is both"),
        (vec![csa()], vec![csa()], BOTH, "(0029,\"SIEMENS CSA HEADER\",10) is both"),
        (vec![csa(), tag(0x0029, 0x0010)], vec![], RuleErrorReason::Creator, "(0029,0010) is a private creator"),
        (vec![tag(0x0029, 0x00FF)], vec![csa()], RuleErrorReason::Creator, "(0029,00FF) is a private creator"),
    ] {
        let error = Rules::of(blank, keep).unwrap_err();
        assert_eq!(error.reason, reason);
        assert!(error.to_string().contains(words), "{error}");
    }
    // Another group's creators can be blanked, and creators of a group without rules by creator.
    assert!(Rules::of([csa(), tag(0x0031, 0x0010)], [tag(0x0029, 0x0010)]).is_ok());
    let shown = format!("{:?}", rules([csa(), overlay()], [tag(0x0010, 0x0010)]));
    assert_eq!(shown, "{(0010,0010): Keep, (60xx,3000): Blank, (0029,\"SIEMENS CSA HEADER\",10): Blank}");
}

/// A tag's halves, the value of its creator, and what is said of it.
type Row<'a> = (u16, u16, Option<&'a [u8]>, Option<Rule>);

/// One question, one answer: what the rules say of a tag and its creator, for a caller that has both.
#[test]
fn a_rule_can_be_asked_for() {
    use Rule::{Blank, Keep};
    let rules =
        rules([csa(), repeating(0xFF00_FFFF, 0x6000_4000), Selector::Tag(NAME)], [private(0x0031, "ACME", 0x01)]);
    let cases: [Row<'_>; 14] = [
        (0x0010, 0x0010, None, Some(Blank)),
        (0x601E, 0x4000, None, Some(Blank)),
        (0x601F, 0x4000, None, None),
        (0x0029, 0x1010, Some(b"SIEMENS CSA HEADER "), Some(Blank)),
        (0x0029, 0x1010, Some(b"ACME"), None),
        (0x0029, 0x1010, Some(b""), Some(Blank)),
        (0x0029, 0x1010, None, Some(Blank)),
        (0x0029, 0x1011, Some(b"SIEMENS CSA HEADER "), None),
        (0x0029, 0x0010, Some(b"SIEMENS CSA HEADER "), None),
        (0x0031, 0x1101, Some(b"ACME"), Some(Keep)),
        (0x0031, 0x1101, None, None),
        (0x0031, 0x0011, Some(b"ACME"), Some(Keep)),
        (0x0031, 0x0011, Some(b"OTHER"), None),
        (0x0031, 0x0001, Some(b"ACME"), None),
    ];
    for (group, element, creator, expected) in cases {
        let tag = Tag::new(group, element);
        assert_eq!(rules.rule(tag, creator), expected, "{tag} {creator:?}");
    }
}
