//! Rewrites by which all private elements go, but for some by their creator: these stay, with their creators, and no
//! other creator does.

use dicomblank_core::{ErrorKind, Limits, Private, Rules, Selector, Tag, Treatment};

use crate::build::*;
use crate::rewriting::{additions, head, rewritten};

const MR: &str = "1.2.840.10008.5.1.4.1.1.4"; // as in the file meta information
const LENGTH: Tag = Tag::new(0x0029, 0x0000);
const COMMENT: Tag = Tag::new(0x0032, 0x4000); // behind all private ones
const SECOND: Tag = Tag::new(0x0029, 0x0011);
const UNRESERVED: Tag = Tag::new(0x0029, 0x0001);

/// (0029,xx10) and (0029,xx20) of ACME stay, and (0031,xx10) of ACME too.
fn rules() -> Rules {
    let keep = [(0x0029, 0x10), (0x0029, 0x20), (0x0031, 0x10)];
    let keep = keep
        .map(|(group, element)| (Selector::Private(Private::new(group, "ACME", element).unwrap()), Treatment::Keep));
    let all = (Selector::AllPrivate, Treatment::Remove);
    Rules::with(keep.into_iter().chain([all, (Selector::Tag(NAME), Treatment::Remove)])).unwrap()
}

fn at(block: u16, element: u16) -> Tag {
    Tag::new(0x0029, block << 8 | element)
}

fn value(b: Build, tag: Tag) -> Unit {
    b.el(tag, "LO", "a value ")
}

fn creator(b: Build, tag: Tag, name: &str) -> Unit {
    b.el(tag, "LO", name)
}

/// In each syntax, in the data set and in an item: what the elements are, and what they become.
#[track_caller]
fn becomes(before: impl Fn(Build) -> Vec<Unit>, after: impl Fn(Build) -> Vec<Unit>) {
    for (b, uid) in ALL {
        for len in [Defined, Undefined] {
            let whole = |units: Vec<Unit>| {
                let items = [b.item(len, units.clone()), b.item(len, []), b.item(len, units.clone())];
                join([b.seq(STUDY, len, items), join(units), b.el(COMMENT, "LT", "a comment "), b.pixels()])
            };
            let unit = file(uid, [whole(before(b))]);
            let found = rewritten(&unit.bytes, &rules(), &additions(Vec::new()), &Limits::default());
            let found = found.unwrap_or_else(|error| panic!("{b:?} {len:?}: {error}")).bytes;
            let expected = join([head(MR, "", uid), whole(after(b))]).bytes;
            assert!(found == expected, "{b:?} {len:?}:\n{found:02x?}\n{expected:02x?}");
        }
    }
}

#[test]
fn what_is_safe_stays_with_its_creator_and_all_else_goes() {
    let before = |b: Build| {
        vec![
            b.el(LENGTH, "UL", [0; 4]),
            value(b, UNRESERVED),
            creator(b, CREATOR, "ACME"),
            creator(b, SECOND, "OTHER "),
            value(b, at(0x10, 0x10)),
            value(b, at(0x10, 0x11)),
            value(b, at(0x10, 0x20)),
            value(b, at(0x11, 0x10)),
        ]
    };
    let after = |b: Build| vec![creator(b, CREATOR, "ACME"), value(b, at(0x10, 0x10)), value(b, at(0x10, 0x20))];
    becomes(before, after);
}

#[test]
fn a_creator_goes_where_nothing_of_its_block_stays() {
    let none = |b: Build| vec![creator(b, CREATOR, "ACME"), value(b, at(0x10, 0x11))];
    becomes(none, |_| vec![]);
    becomes(|b| vec![creator(b, CREATOR, "ACME")], |_| vec![]);
    // One of two blocks; of two groups.
    let two = |b: Build| {
        let groups = [creator(b, Tag::new(0x0031, 0x0010), "ACME"), value(b, Tag::new(0x0031, 0x1011))];
        let blocks = [
            creator(b, CREATOR, "ACME"),
            creator(b, SECOND, "ACME"),
            value(b, at(0x10, 0x11)),
            value(b, at(0x11, 0x20)),
        ];
        blocks.into_iter().chain(groups).collect()
    };
    becomes(two, |b| vec![creator(b, SECOND, "ACME"), value(b, at(0x11, 0x20))]);
}

/// Each item has its own blocks (PS3.5 §7.8.1).
#[test]
fn a_creator_counts_in_its_own_item() {
    let items = |b: Build, first: Vec<Unit>, second: Vec<Unit>, around: Vec<Unit>| {
        let sequence = b.seq(STUDY, Defined, [b.item(Defined, first), b.item(Undefined, second)]);
        [vec![sequence], around].concat()
    };
    for (b, uid) in ALL {
        let safe = || value(b, at(0x10, 0x10));
        let acme = || creator(b, CREATOR, "ACME");
        let unit = file(uid, items(b, vec![acme(), safe()], vec![safe()], vec![acme()]));
        let found = rewritten(&unit.bytes, &rules(), &additions(Vec::new()), &Limits::default()).unwrap();
        let expected = join([vec![head(MR, "", uid)], items(b, vec![acme(), safe()], vec![], vec![])].concat());
        assert!(found.bytes == expected.bytes, "{b:?}");
    }
}

/// Of a safe sequence, what is private in its items has to be safe as well.
#[test]
fn in_a_safe_sequence_each_element_has_its_own_rule() {
    let sequence = |b: Build, units: Vec<Unit>| {
        vec![creator(b, CREATOR, "ACME"), b.seq(at(0x10, 0x20), Defined, [b.item(Defined, units)])]
    };
    let before = |b: Build| {
        let inside = vec![
            b.name(),
            b.sex(),
            creator(b, CREATOR, "ACME"),
            creator(b, SECOND, "OTHER "),
            value(b, at(0x10, 0x10)),
            value(b, at(0x11, 0x10)),
        ];
        sequence(b, inside)
    };
    let after = |b: Build| sequence(b, vec![b.sex(), creator(b, CREATOR, "ACME"), value(b, at(0x10, 0x10))]);
    becomes(before, after);
    // With no creator inside, whose they are is not known.
    becomes(|b| sequence(b, vec![value(b, at(0x10, 0x10))]), |b| sequence(b, vec![]));
}

/// Whose a block is has to be beyond doubt.
#[test]
fn a_block_of_unclear_owner_goes() {
    let safe = |b: Build| value(b, at(0x10, 0x10));
    for name in ["", "ACME\\OTHER ", "OTHER ", "ACME 2"] {
        becomes(|b| vec![creator(b, CREATOR, name), safe(b)], |_| vec![]);
    }
    becomes(|b| vec![safe(b)], |_| vec![]);
    // Behind its elements, by which it is found out too late: pydicom would know.
    becomes(|b| vec![safe(b), creator(b, CREATOR, "ACME")], |_| vec![]);
    becomes(|b| vec![creator(b, CREATOR, "ACME"), creator(b, CREATOR, "OTHER "), safe(b)], |_| vec![]);
    // Readers differ in capitals and padding; they mean the same.
    for name in ["ACME\0\0", "acme", " ACME "] {
        let both = |b: Build| vec![creator(b, CREATOR, name), safe(b)];
        becomes(both, both);
    }
    // A second owner behind an element that stays: then it is not clear any more.
    let unit = file(EL_UID, [creator(EL, CREATOR, "ACME"), safe(EL), creator(EL, CREATOR, "OTHER ").faulty()]);
    let error = rewritten(&unit.bytes, &rules(), &additions(Vec::new()), &Limits::default()).unwrap_err();
    assert_eq!((error.kind, error.tag_path.to_string().as_str()), (ErrorKind::AmbiguousCreator, "(0029,0010)"));
}

/// In an item that is found out by a try, too.
#[test]
fn a_value_that_turns_out_to_be_a_sequence_or_none() {
    let inside = |b: Build, is_safe: bool| {
        let safe = if is_safe { value(b, at(0x10, 0x10)) } else { raw("") };
        b.item(Defined, [creator(b, CREATOR, "ACME"), safe])
    };
    for (b, uid) in [(EL, EL_UID), (EB, EB_UID)] {
        let with = |units: [Unit; 2]| vec![creator(b, CREATOR, "ACME"), b.holds(at(0x10, 0x20), "OB", Defined, units)];
        let unit = file(uid, with([inside(b, true), inside(b, false)]));
        let found = rewritten(&unit.bytes, &rules(), &additions(Vec::new()), &Limits::default()).unwrap();
        let expected = with([inside(b, true), b.item(Defined, [])]);
        assert!(found.bytes == join([vec![head(MR, "", uid)], expected].concat()).bytes, "{b:?}");
        let opaque = with([inside(b, false), raw("no item!")]);
        let found = rewritten(&file(uid, opaque.clone()).bytes, &rules(), &additions(Vec::new()), &Limits::default());
        assert!(found.unwrap().bytes == join([vec![head(MR, "", uid)], opaque].concat()).bytes, "{b:?}");
    }
}

#[test]
fn there_is_a_limit_to_creators() {
    let creators = (0x10..0x15).map(|block| creator(EL, Tag::new(0x0029, block), "OTHERS"));
    let unit = file(EL_UID, [join(creators), EL.el(COMMENT, "LT", "a comment ")]);
    let of = |sites| {
        let limits = Limits { sites, ..Limits::default() };
        rewritten(&unit.bytes, &rules(), &additions(Vec::new()), &limits).map(|_| ()).map_err(|error| error.kind)
    };
    assert_eq!((of(5), of(4)), (Ok(()), Err(ErrorKind::TooManyElements { limit: 4 })));
}
