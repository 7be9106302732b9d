//! Rewrites of content items, by their concept names and value types, in each syntax.

use std::sync::Arc;

use dicomblank_core::{Concepts, ErrorKind, Limits, OfItem, Rules, Selector, Tag, Treatment};

use crate::build::*;
use crate::rewriting::{additions, head, rewritten};

const RELATION: Tag = Tag::new(0x0040, 0xA010);
const VALUE_TYPE: Tag = Tag::new(0x0040, 0xA040);
const CONCEPT: Tag = Tag::new(0x0040, 0xA043);
const CODE: Tag = Tag::new(0x0008, 0x0100);
const SCHEME: Tag = Tag::new(0x0008, 0x0102);
const MEANING: Tag = Tag::new(0x0008, 0x0104);
const LONG_CODE: Tag = Tag::new(0x0008, 0x0119);
const DATE_TIME: Tag = Tag::new(0x0040, 0xA120);
const DATE: Tag = Tag::new(0x0040, 0xA121);
const TIME: Tag = Tag::new(0x0040, 0xA122);
const PERSON: Tag = Tag::new(0x0040, 0xA123);
const UID: Tag = Tag::new(0x0040, 0xA124);
const CODED: Tag = Tag::new(0x0040, 0xA168); // Concept Code Sequence
const MEASURED: Tag = Tag::new(0x0040, 0xA300);
const NUMBER: Tag = Tag::new(0x0040, 0xA30A);
const OBSERVED: Tag = Tag::new(0x0040, 0xA032);
const REFERENCE: Tag = Tag::new(0x0008, 0x1199);
const CLASS: Tag = Tag::new(0x0008, 0x1150);
const INSTANCE_OF: Tag = Tag::new(0x0008, 0x1155);
const STEPS: Tag = Tag::new(0x0040, 0x0612);

const MR: &str = "1.2.840.10008.5.1.4.1.1.4"; // as in the file meta information

fn rules() -> Rules {
    let by_tag = [
        (CONTENT, Treatment::ByConcept),
        (STEPS, Treatment::ByConcept),
        (TEXT, Treatment::Dummy),
        (PERSON, Treatment::Dummy),
        (DATE_TIME, Treatment::Dummy),
        (DATE, Treatment::Dummy),
        (TIME, Treatment::Dummy),
        (UID, Treatment::Pseudonymize),
        (OBSERVED, Treatment::Remove),
        (INSTANCE_OF, Treatment::Keep),
        (NAME, Treatment::Remove),
    ];
    let by_tag = by_tag.into_iter().map(|(tag, treatment)| (Selector::Tag(tag), treatment));
    let private = (Selector::AllPrivate, Treatment::Remove);
    let concepts = Concepts::new([
        ("T", "goes", "TEXT", OfItem::Remove),
        ("T", "goes", "CONTAINER", OfItem::Remove),
        ("T", "dummy", "TEXT", OfItem::Dummy),
        ("T", "dummy", "DATE", OfItem::Dummy),
        ("T", "dummy", "IMAGE", OfItem::Dummy),
        ("T", "dummy", "NUM", OfItem::Dummy),
        ("T", "dummy", "CODE", OfItem::Dummy),
        ("T", "dummy", "UIDREF", OfItem::Dummy),
        ("T", "kept", "TEXT", OfItem::Keep),
        ("T", "kept", "UIDREF", OfItem::Keep),
        ("T", "kept", "CODE", OfItem::Keep),
        ("T", "shifted", "DATETIME", OfItem::Shift),
        ("T", "shifted", "TIME", OfItem::Shift),
    ]);
    Rules::with(by_tag.chain([private])).unwrap().by_concepts(Arc::new(concepts))
}

/// What makes a content item: what it is called, its value type, and the elements of its value.
fn called(b: Build, code: &str, value_type: &str, len: Len, value: impl IntoIterator<Item = Unit>) -> Unit {
    let kind = if value_type.is_empty() { raw("") } else { b.el(VALUE_TYPE, "CS", padded(value_type)) };
    b.item(len, [b.el(RELATION, "CS", "CONTAINS"), kind, name(b, code, len), join(value)])
}

fn name(b: Build, code: &str, len: Len) -> Unit {
    b.seq(CONCEPT, len, [b.item(len, [coded(b, code)])])
}

fn coded(b: Build, code: &str) -> Unit {
    join([b.el(CODE, "SH", padded(code)), b.el(SCHEME, "SH", "T "), b.el(MEANING, "LO", "a name")])
}

fn dummy_code(b: Build) -> Unit {
    let code = [b.el(CODE, "SH", "DUMMY "), b.el(SCHEME, "SH", "99DUMMY "), b.el(MEANING, "LO", "DUMMY ")];
    b.item(Defined, code)
}

fn padded(text: &str) -> String {
    format!("{text}{}", if text.len() % 2 == 1 { " " } else { "" })
}

fn private(b: Build) -> Unit {
    join([b.el(CREATOR, "LO", "ACME"), b.el(PRIVATE, "LO", "Doe^Jane")])
}

/// In each syntax, and with lengths of both kinds: what the items of a content tree are, and what they become.
#[track_caller]
fn becomes(before: impl Fn(Build, Len) -> Vec<Unit>, after: impl Fn(Build, Len) -> Vec<Unit>) {
    for (b, uid) in ALL {
        for len in [Defined, Undefined] {
            let whole = |items: Vec<Unit>| {
                let steps = b.seq(OTHER_IDS, len, [b.item(len, [b.seq(STEPS, len, items.clone())])]);
                vec![steps, b.seq(CONTENT, len, items), b.pixels()]
            };
            let unit = file(uid, whole(before(b, len)));
            let found = rewritten(&unit.bytes, &rules(), &additions(Vec::new()), &Limits::default());
            let found = found.unwrap_or_else(|error| panic!("{b:?} {len:?}: {error}")).bytes;
            let expected = join([head(MR, "", uid), join(whole(after(b, len)))]).bytes;
            assert!(found == expected, "{b:?} {len:?}:\n{found:02x?}\n{expected:02x?}");
        }
    }
}

#[test]
fn an_item_goes_with_all_below_it() {
    let text = |b: Build| b.el(TEXT, "UT", "Doe^Jane");
    let inside = |b: Build, len| b.seq(CONTENT, len, [called(b, "kept", "TEXT", len, [text(b)])]);
    let before = |b: Build, len| {
        vec![
            called(b, "goes", "TEXT", len, [text(b), private(b)]),
            called(b, "other", "CONTAINER", len, [inside(b, len)]),
            called(b, "goes", "CONTAINER", len, [inside(b, len)]),
            called(b, "goes", "TEXT", len, []),
        ]
    };
    becomes(before, |b, len| vec![called(b, "other", "CONTAINER", len, [inside(b, len)])]);
    // Of some, none is left.
    becomes(|b, len| vec![called(b, "goes", "TEXT", len, [text(b)])], |_, _| vec![]);
}

#[test]
fn what_hangs_below_is_treated_by_its_own_name() {
    let inner = |b: Build, len, code, text| {
        b.seq(CONTENT, len, [called(b, code, "TEXT", len, [b.el(TEXT, "UT", padded(text))])])
    };
    let outer = |b: Build, len, (code, text), below| {
        vec![called(b, code, "TEXT", len, [b.el(TEXT, "UT", padded(text)), below])]
    };
    for (code, before, after) in [("kept", "before", "before"), ("dummy", "before", "DUMMY "), ("other", "b", "DUMMY ")]
    {
        for (inside, inside_before, inside_after) in
            [("kept", "before", "before"), ("dummy", "before", "DUMMY"), ("other", "b", "DUMMY")]
        {
            becomes(
                |b, len| outer(b, len, (code, before), inner(b, len, inside, inside_before)),
                |b, len| outer(b, len, (code, after), inner(b, len, inside, inside_after)),
            );
        }
        becomes(
            |b, len| outer(b, len, (code, before), inner(b, len, "goes", "before")),
            |b, len| outer(b, len, (code, after), b.seq(CONTENT, len, [])),
        );
    }
}

#[test]
fn a_dummy_is_one_in_every_part_of_the_value() {
    let reference = |b: Build, len, uid: &str| {
        let inside = [b.el(CLASS, "UI", "1.2.840.10008.1 "), b.el(INSTANCE_OF, "UI", uid)];
        b.seq(REFERENCE, len, [b.item(len, inside)])
    };
    let before = |b: Build, len| {
        let units = b.seq(Tag::new(0x0040, 0x08EA), len, [b.item(len, [coded(b, "mm")])]);
        let measured = b.seq(MEASURED, len, [b.item(len, [units, b.el(NUMBER, "DS", "72.5")])]);
        vec![
            called(b, "dummy", "DATE", len, [b.el(OBSERVED, "DT", "2026"), b.el(DATE, "DA", "20260131")]),
            called(b, "dummy", "NUM", len, [private(b), measured]),
            called(b, "dummy", "CODE", len, [b.seq(CODED, len, [b.item(len, [coded(b, "M")])])]),
            called(b, "dummy", "UIDREF", len, [b.el(UID, "UI", "1.2.3.45")]),
            // What its own rule keeps goes with the value. What is beside the value has its own rule.
            called(b, "dummy", "IMAGE", len, [b.el(ID, "LO", "12"), reference(b, len, "1.2.3.45")]),
            // Nobody has asked for what is not there.
            called(b, "dummy", "TEXT", len, [b.el(TEXT, "UT", "")]),
        ]
    };
    let after = |b: Build, len| {
        // Each UID becomes sevens here, also one that names a class.
        let inside = [b.el(CLASS, "UI", "7777777777777777"), b.el(INSTANCE_OF, "UI", "77777777")];
        let units = b.seq(Tag::new(0x0040, 0x08EA), Defined, [dummy_code(b)]);
        let measured = b.seq(MEASURED, len, [b.item(len, [units, b.el(NUMBER, "DS", "0 ")])]);
        vec![
            called(b, "dummy", "DATE", len, [b.el(DATE, "DA", "19000101")]),
            called(b, "dummy", "NUM", len, [measured]),
            called(b, "dummy", "CODE", len, [b.seq(CODED, Defined, [dummy_code(b)])]),
            called(b, "dummy", "UIDREF", len, [b.el(UID, "UI", "77777777")]),
            called(b, "dummy", "IMAGE", len, [b.el(ID, "LO", "12"), b.seq(REFERENCE, len, [b.item(len, inside)])]),
            called(b, "dummy", "TEXT", len, [b.el(TEXT, "UT", "")]),
        ]
    };
    becomes(before, after);
}

#[test]
fn a_value_is_kept_and_what_stands_beside_it_is_not() {
    let code = |b: Build, len| b.seq(CODED, len, [b.item(len, [coded(b, "M"), b.el(TEXT, "UT", "DUMMY ")])]);
    let before = |b: Build, len| {
        let inside = b.seq(CODED, len, [b.item(len, [coded(b, "M"), b.el(TEXT, "UT", "before")])]);
        vec![
            called(b, "kept", "TEXT", len, [b.el(OBSERVED, "DT", "2026"), b.el(TEXT, "UT", "as it is")]),
            called(b, "kept", "UIDREF", len, [private(b), b.el(UID, "UI", "1.2.3.45"), b.name()]),
            called(b, "kept", "CODE", len, [inside]),
        ]
    };
    let after = |b: Build, len| {
        vec![
            called(b, "kept", "TEXT", len, [b.el(TEXT, "UT", "as it is")]),
            called(b, "kept", "UIDREF", len, [b.el(UID, "UI", "1.2.3.45")]),
            called(b, "kept", "CODE", len, [code(b, len)]),
        ]
    };
    becomes(before, after);
}

#[test]
fn dates_are_shifted_and_times_stay() {
    let at = |b: Build, date: &str| b.el(DATE_TIME, "DT", date);
    let time = |b: Build| b.el(TIME, "TM", "0930");
    for (b, uid) in ALL {
        let items = |date| {
            let items = [
                called(b, "shifted", "DATETIME", Defined, [at(b, date)]),
                called(b, "shifted", "TIME", Defined, [time(b)]),
            ];
            [b.el(ID, "LO", "P1"), b.seq(CONTENT, Defined, items)]
        };
        let unit = file(uid, items("20260131"));
        let found = rewritten(&unit.bytes, &rules(), &additions(Vec::new()), &Limits::default()).unwrap();
        // The number of days is the last byte of the patient's ID.
        assert_eq!(found.bytes, join([head(MR, "", uid), join(items("11111111"))]).bytes);
    }
}

/// Where the table has no row, each element has the rule of its own tag.
#[test]
fn an_item_without_a_row_is_treated_element_by_element() {
    let before = |b: Build, len| {
        let code = b.seq(CODED, len, [b.item(len, [coded(b, "M")])]);
        vec![
            called(b, "other", "TEXT", len, [b.el(TEXT, "UT", "Doe^Jane")]),
            called(b, "other", "PNAME", len, [b.el(PERSON, "PN", "Doe^Jane")]),
            called(b, "other", "UIDREF", len, [b.el(UID, "UI", "1.2.3.45")]),
            called(b, "other", "CODE", len, [code, b.name()]),
            // It is none that is kept in this form.
            called(b, "kept", "PNAME", len, [b.el(PERSON, "PN", "Doe^Jane")]),
            called(b, "kept", "", len, [b.el(TEXT, "UT", "Doe^Jane")]),
            called(b, "", "TEXT", len, [b.el(TEXT, "UT", "Doe^Jane")]),
            b.item(len, [b.el(VALUE_TYPE, "CS", "TEXT"), b.el(TEXT, "UT", "Doe^Jane")]),
            b.item(len, []),
            // One that goes, in a form that the table does not have.
            called(b, "goes", "CODE", len, [b.seq(CODED, len, [b.item(len, [coded(b, "M")])])]),
            called(b, "goes", "", len, []),
        ]
    };
    let after = |b: Build, len| {
        let code = b.seq(CODED, len, [b.item(len, [coded(b, "M")])]);
        vec![
            called(b, "other", "TEXT", len, [b.el(TEXT, "UT", "DUMMY ")]),
            called(b, "other", "PNAME", len, [b.el(PERSON, "PN", "DUMMY ")]),
            called(b, "other", "UIDREF", len, [b.el(UID, "UI", "77777777")]),
            called(b, "other", "CODE", len, [code]),
            called(b, "kept", "PNAME", len, [b.el(PERSON, "PN", "DUMMY ")]),
            called(b, "kept", "", len, [b.el(TEXT, "UT", "DUMMY ")]),
            called(b, "", "TEXT", len, [b.el(TEXT, "UT", "DUMMY ")]),
            b.item(len, [b.el(VALUE_TYPE, "CS", "TEXT"), b.el(TEXT, "UT", "DUMMY ")]),
            b.item(len, []),
        ]
    };
    becomes(before, after);
}

/// It may stand behind the value, and in a long form.
#[test]
fn a_concept_name_is_found_wherever_it_stands() {
    let item = |b: Build, len, text: &str| {
        let long = b.seq(CONCEPT, len, [b.item(len, [b.el(SCHEME, "SH", "T "), b.el(LONG_CODE, "UC", "kept")])]);
        b.item(len, [b.el(TEXT, "UT", text), long, b.el(VALUE_TYPE, "CS", "TEXT")])
    };
    becomes(|b, len| vec![item(b, len, "as it is")], |b, len| vec![item(b, len, "as it is")]);
    // One that is not known to be a sequence: in explicit VR of VR UN, as some programs write what they don't know.
    let unknown = |b: Build, len| {
        let name = if b == IL {
            name(b, "goes", Defined)
        } else {
            b.holds(CONCEPT, "UN", Defined, [IL.item(Defined, [coded(IL, "goes")])])
        };
        vec![b.item(len, [b.el(VALUE_TYPE, "CS", "TEXT"), name, b.el(TEXT, "UT", "Doe^Jane")])]
    };
    becomes(unknown, |_, _| vec![]);
    // With items as in the file around, which is the second thing that is tried.
    let again = |b: Build| {
        let name = b.holds(CONCEPT, "UN", Defined, [b.item(Defined, [coded(b, "kept")])]);
        b.item(Defined, [b.el(VALUE_TYPE, "CS", "TEXT"), name, b.el(TEXT, "UT", "as it is")])
    };
    for (b, uid) in ALL {
        let unit = file(uid, [b.seq(CONTENT, Defined, [again(b)])]);
        let found = rewritten(&unit.bytes, &rules(), &additions(Vec::new()), &Limits::default()).unwrap();
        assert_eq!(found.changes(), [], "{b:?}");
    }
}

/// Readers would take it for different ones.
#[test]
fn an_item_whose_name_is_unclear_goes() {
    let kind = |b: Build| b.el(VALUE_TYPE, "CS", "TEXT");
    let text = |b: Build| b.el(TEXT, "UT", "Doe^Jane");
    let twice = |b: Build, len| b.item(len, [kind(b), name(b, "kept", len), name(b, "other", len), text(b)]);
    let two = |b: Build, len| {
        let both = b.seq(CONCEPT, len, [b.item(len, [coded(b, "kept")]), b.item(len, [coded(b, "other")])]);
        b.item(len, [kind(b), both, text(b)])
    };
    let types = |b: Build, len| b.item(len, [kind(b), b.el(VALUE_TYPE, "CS", "CODE"), name(b, "kept", len), text(b)]);
    let schemes = |b: Build, len| {
        let name = b.seq(CONCEPT, len, [b.item(len, [coded(b, "kept"), b.el(SCHEME, "SH", "U ")])]);
        b.item(len, [kind(b), name, text(b)])
    };
    becomes(|b, len| vec![twice(b, len), two(b, len), types(b, len), schemes(b, len)], |_, _| vec![]);
    // A value that can't be walked, where a name should be.
    let broken = |b: Build, len| {
        let name = b.holds(CONCEPT, "UN", Defined, [raw("no items here")]);
        b.item(len, [kind(b), name, text(b)])
    };
    for (b, uid) in [(EL, EL_UID), (EB, EB_UID)] {
        let unit = file(uid, [b.seq(CONTENT, Defined, [broken(b, Defined)]), b.sex()]);
        let found = rewritten(&unit.bytes, &rules(), &additions(Vec::new()), &Limits::default()).unwrap();
        assert_eq!(found.bytes, join([head(MR, "", uid), b.seq(CONTENT, Defined, []), b.sex()]).bytes);
        assert_eq!(found.changes(), [("(0040,A730)[0].(FFFE,E000)".to_owned(), "remove")]);
    }
}

/// Two codes in one name: what the stricter row says.
#[test]
fn of_several_codes_the_strictest_counts() {
    let item = |b: Build, len, text: &str| {
        let name = [coded(b, "kept"), b.el(LONG_CODE, "UC", padded("dummy"))];
        b.item(len, [b.el(VALUE_TYPE, "CS", "TEXT"), b.seq(CONCEPT, len, [b.item(len, name)]), b.el(TEXT, "UT", text)])
    };
    becomes(|b, len| vec![item(b, len, "before")], |b, len| vec![item(b, len, "DUMMY ")]);
}

#[test]
fn a_blanked_or_removed_tree_is_not_asked_for_names() {
    let item = |text: &str| called(EL, "kept", "TEXT", Defined, [EL.el(TEXT, "UT", text)]);
    let around = |text: &str| EL.seq(STUDY, Defined, [EL.item(Defined, [EL.seq(CONTENT, Defined, [item(text)])])]);
    let unit = file(EL_UID, [around("as it is"), EL.sex()]);
    let with = |treatment| {
        let of_tag = |tag, treatment| (Selector::Tag(tag), treatment);
        let concepts = Concepts::new([("T", "kept", "TEXT", OfItem::Keep)]);
        let rules = Rules::with([of_tag(STUDY, treatment), of_tag(CONTENT, Treatment::ByConcept)]).unwrap();
        let rules = rules.by_concepts(Arc::new(concepts));
        rewritten(&unit.bytes, &rules, &additions(Vec::new()), &Limits::default()).unwrap().bytes
    };
    let head = || head(MR, "", EL_UID);
    assert_eq!(with(Treatment::Remove), join([head(), EL.sex()]).bytes);
    let blank = with(Treatment::Blank);
    assert!(!blank.windows(8).any(|window| window == b"as it is"));
    assert_eq!(with(Treatment::Keep), join([head(), around("as it is"), EL.sex()]).bytes);
    let dummy = with(Treatment::Dummy);
    assert!(!dummy.windows(8).any(|window| window == b"as it is"));
}

#[test]
fn there_is_a_limit() {
    let items = (0..5).map(|_| called(EL, "goes", "TEXT", Defined, []));
    let unit = file(EL_UID, [EL.seq(CONTENT, Defined, items)]);
    let of = |sites| {
        let limits = Limits { sites, ..Limits::default() };
        rewritten(&unit.bytes, &rules(), &additions(Vec::new()), &limits).map(|_| ()).map_err(|error| error.kind)
    };
    assert_eq!((of(5), of(4)), (Ok(()), Err(ErrorKind::TooManyElements { limit: 4 })));
}
