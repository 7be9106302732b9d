//! What is told of a rewrite: what becomes of elements, how far they are, and what was done before.

use std::sync::Arc;

use dicomblank_core::{
    ByType, Error, ErrorKind, Limits, Marks, Once, Pieces, Plan, Rewrite, Rule, Rules, Selector, SliceSource, State,
    Table, Tag, Text, Treatment, Type, Types, Vr, Warning, rewrite,
};

use crate::build::*;
use crate::rewriting::{Sevens, adding, additions, text, written};

const METHOD: Tag = Tag::new(0x0012, 0x0063); // De-identification Method, LO
const WEIGHT: Tag = Tag::new(0x0010, 0x1030); // Patient's Weight, DS

fn rules(all: Vec<(Tag, Treatment)>) -> Rules {
    let rules = Rules::with(all.into_iter().map(|(tag, treatment)| (Selector::Tag(tag), treatment))).unwrap();
    adding(&rules, &additions(vec![text(METHOD, Vr::LO, "a method")]))
}

fn rewritten(bytes: &[u8], rules: &Rules, once: Once) -> Result<Rewrite, Error> {
    rewrite(&mut SliceSource::new(bytes), rules, once, &Limits::default())
}

fn result(bytes: &[u8], rewrite: &Rewrite, rules: &Rules, marks: Option<&Marks>) -> Vec<u8> {
    let pieces = Pieces::resolve(rewrite, (rules, marks), &mut SliceSource::new(bytes), &mut Sevens).unwrap();
    let result = written(&pieces, bytes);
    assert_eq!(pieces.are_source(&mut SliceSource::new(bytes)), Ok(result == bytes));
    result
}

/// Tag, word, the bytes it is about.
fn told<'b>(plan: &Plan, bytes: &'b [u8]) -> Vec<(Tag, &'static str, &'b [u8])> {
    plan.edits().iter().map(|edit| (edit.tag(), edit.action().word(), &bytes[edit.span().range().unwrap()])).collect()
}

/// All kinds of changes in all syntaxes: of what goes the whole element is told, else the value.
#[test]
fn each_change_is_told_with_its_bytes() {
    for (b, uid) in ALL {
        let rules = rules(vec![
            (NAME, Treatment::Remove),
            (SEX, Treatment::Empty),
            (BIRTH, Treatment::Dummy),
            (ID, Treatment::Set(Text::new("a longer text").unwrap())),
            (WEIGHT, Treatment::Blank),
            (TEXT, Treatment::Map(Table::new([("old", "new one")]).unwrap())),
            (STUDY, Treatment::Remove),
        ]);
        let name = b.name();
        let study = b.seq(STUDY, Undefined, [b.item(Defined, [b.name(), b.sex()])]);
        let elements = vec![
            study.clone(),
            b.name(),
            b.el(ID, "LO", "12"),
            b.el(BIRTH, "DA", "19700101"),
            b.el(SEX, "CS", "M "),
            b.el(WEIGHT, "DS", "70"),
            b.el(METHOD, "LO", "what gives place"),
            b.el(TEXT, "UT", "old "),
        ];
        let unit = file(uid, elements);
        let found = rewritten(&unit.bytes, &rules, Once::ToDo).unwrap();
        let plan = found.told(&rules);
        let expected: Vec<(Tag, &str, &[u8])> = vec![
            (STUDY, "remove", &study.bytes),
            (NAME, "remove", &name.bytes),
            (ID, "set", b"12"),
            (BIRTH, "dummy", b"19700101"),
            (SEX, "empty", b"M "),
            (WEIGHT, "blank", b"70"),
            (TEXT, "map", b"old "),
        ];
        assert_eq!(told(&plan, &unit.bytes), expected);
        assert_eq!(Plan::from_bytes(&plan.to_bytes()), Ok(plan));
        let source = &mut SliceSource::new(&unit.bytes);
        assert_eq!(found.states(source, &rules), Ok(vec![State::ToDo; 7]));
        assert!(found.is_once() && found.has_head());
        // Done again: what was replaced once stays, and nothing else is to do.
        let once = result(&unit.bytes, &found, &rules, None);
        let again = rewritten(&once, &rules, Once::Done).unwrap();
        let plan = again.told(&rules);
        let words: Vec<_> = plan.edits().iter().map(|edit| edit.action().word()).collect();
        assert_eq!(words, ["set", "dummy", "blank"]);
        let states = again.states(&mut SliceSource::new(&once), &rules);
        assert_eq!(states, Ok(vec![State::Done, State::Done, State::Blank]));
        assert!(!again.is_once() && result(&once, &again, &rules, None) == once);
    }
}

/// An empty value that gets a text has no bytes to be told of: its length has.
#[test]
fn a_value_that_is_empty_is_told_by_its_length() {
    let rules = rules(vec![(ID, Treatment::Set(Text::new("ab").unwrap()))]);
    for (b, uid, expected) in [(EL, EL_UID, 2), (IL, IL_UID, 4)] {
        let unit = file(uid, [b.el(ID, "LO", "")]);
        let plan = rewritten(&unit.bytes, &rules, Once::ToDo).unwrap().told(&rules);
        assert_eq!(plan.edits().iter().map(|edit| edit.span().len()).collect::<Vec<_>>(), [expected]);
        assert_eq!(Plan::from_bytes(&plan.to_bytes()), Ok(plan));
    }
}

/// The mark is written where one is given; else the one that is there stays. A data set alone has no room for it.
#[test]
fn a_head_has_the_mark() {
    let marks = Marks::new([1; 8], [2; 6], |_| [3; 8]);
    let rules = rules(vec![(INSTANCE, Treatment::Pseudonymize)]);
    let unit = file(EL_UID, [EL.el(INSTANCE, "UI", "1.2.3.4 ")]);
    let found = rewritten(&unit.bytes, &rules, Once::ToDo).unwrap();
    let without = result(&unit.bytes, &found, &rules, None);
    assert_eq!(without[..128], [0; 128]);
    let marked = result(&unit.bytes, &found, &rules, Some(&marks));
    assert!(marked[96..].starts_with(b"DICOMblk") && marked[..96] == without[..96] && marked[128..] == without[128..]);
    let again = rewritten(&marked, &rules, Once::Done).unwrap();
    for marks in [None, Some(&marks)] {
        assert!(result(&marked, &again, &rules, marks) == marked);
    }
    let bare = join([EL.el(MODALITY, "CS", "CT"), EL.el(INSTANCE, "UI", "1.2.3.4 ")]);
    let found = rewritten(&bare.bytes, &rules, Once::ToDo).unwrap();
    assert!(found.is_once() && !found.has_head());
    assert!(!result(&bare.bytes, &found, &rules, Some(&marks)).windows(8).any(|part| part == b"DICOMblk"));
}

#[test]
fn a_class_that_is_not_known_is_told_where_it_matters() {
    let class = "1.2.840.10008.5.1.4.1.1.4";
    let by_type = ByType::new(Rule::Dummy, Rule::Empty, Rule::Remove, Rule::Empty).unwrap();
    let types = Types::new([(class, vec![NAME], Type::Three)]);
    let rules = rules(vec![(NAME, Treatment::ByType(by_type))]).typed(Arc::new(types));
    let has_warning = |unit: &Unit| {
        let found = rewritten(&unit.bytes, &rules, Once::ToDo).unwrap();
        found.plan().warnings().iter().any(|warning| warning == Warning::UnknownClass)
    };
    let of = |class: &str, elements: Vec<Unit>| {
        let class = EL.el(Tag::new(8, 0x16), "UI", uid(class));
        join([preamble([]), meta(EL_UID), class, join(elements)])
    };
    assert!(!has_warning(&of(class, vec![EL.name()])));
    assert!(has_warning(&of("1.2.3", vec![EL.name()])));
    // Nothing depends on it.
    assert!(!has_warning(&of("1.2.3", vec![EL.sex()])));
}

/// What rules by type say is a part of what a mark tells apart.
#[test]
fn rules_by_type_are_told_apart() {
    let of = |three| {
        let by_type = ByType::new(Rule::Dummy, Rule::Empty, three, Rule::Empty).unwrap();
        rules(vec![(NAME, Treatment::ByType(by_type))]).once().to_vec()
    };
    assert_eq!(of(Rule::Remove), of(Rule::Remove));
    assert_ne!(of(Rule::Remove), of(Rule::Keep));
}

#[test]
fn a_value_that_no_table_has_stays_where_it_was_mapped_before() {
    let rules = rules(vec![(TEXT, Treatment::Map(Table::new([("old", "new")]).unwrap()))]);
    let unit = file(EL_UID, [EL.el(TEXT, "UT", "new ")]);
    assert_eq!(rewritten(&unit.bytes, &rules, Once::ToDo).unwrap_err().kind, ErrorKind::NotInTable);
    assert!(rewritten(&unit.bytes, &rules, Once::Done).unwrap().told(&rules).edits().is_empty());
}
