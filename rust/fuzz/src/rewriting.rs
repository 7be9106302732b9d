//! Rewrites of any bytes: each that is made is what was checked, and nothing that was to go is in it.

use dicomblank_core::{
    Additions, Body, ErrorKind, Private, Repeating, Rules, Selector, SliceSource, Tag, Treatment, Vr,
};

use crate::build::{BIRTH, CONTENT, ID, INSTANCE, NAME, OTHER_IDS, PRIVATE_2, ROWS, SEX, STUDY};
use crate::check::is_ambiguous;
use crate::roads::{additions, rewritten, text};
use crate::{LIMITS, tell};

/// Removed, emptied, dummies, kept; private elements and curves gone but for one creator's.
///
/// # Panics
/// Where the rules are none: then this program is wrong.
#[must_use]
pub fn all_rules() -> [Rules; 2] {
    let plain = [(NAME, Treatment::Remove), (BIRTH, Treatment::Empty), (INSTANCE, Treatment::Dummy)];
    let deep = [
        (NAME, Treatment::Remove),
        (ID, Treatment::Dummy),
        (SEX, Treatment::Blank),
        (BIRTH, Treatment::Dummy),
        (CONTENT, Treatment::Keep),
        (OTHER_IDS, Treatment::Remove),
        (STUDY, Treatment::Empty),
        (ROWS, Treatment::Keep),
        (PRIVATE_2, Treatment::Empty),
    ];
    let tag = |(tag, treatment)| (Selector::Tag(tag), treatment);
    let curves = Repeating::new(0xFF00_0000, 0x5000_0000).expect("curves are such groups");
    let safe = Private::new(0x0029, "SIEMENS CSA HEADER", 0x10).expect("a creator");
    let many = [
        (Selector::AllPrivate, Treatment::Remove),
        (Selector::Repeating(curves), Treatment::Remove),
        (Selector::Private(safe), Treatment::Keep),
    ];
    let made = |rules| Rules::with(rules).expect("fit");
    [made(plain.map(tag).to_vec()), made(deep.map(tag).into_iter().chain(many).collect())]
}

/// What is added to each.
#[must_use]
pub fn marks() -> Additions {
    additions(vec![text(Tag::new(0x0012, 0x0062), Vr::CS, "YES"), text(Tag::new(0x0012, 0x0063), Vr::LO, "dicomblank")])
}

/// # Panics
/// Where something holds not that must.
pub fn holds(bytes: &[u8], rules: &Rules, additions: &Additions) {
    // This compares two roads, and checks the result side by side with the bytes.
    let Ok(made) = rewritten(bytes, rules, additions, &LIMITS) else { return };
    let met = tell(&mut SliceSource::new(&made.bytes), &LIMITS);
    assert!(met.end.is_ok(), "the result can't be walked: {:?}", met.end);
    met.is_consistent(&made.bytes, &LIMITS);
    for element in met.settled() {
        // Without the private elements whose creator would have to be asked, and what is read one way only by chance.
        let word = rules.rule_of(element.tag, None, Some(element.vr)).map(dicomblank_core::Rule::word);
        match (word, element.body) {
            (Some("remove"), _) if !element.tag.is_private() => panic!("{} is still there", element.tag),
            (Some("empty"), Body::Value(value)) if !element.tag.is_private() => {
                assert!(value.is_empty(), "{} has a value", element.tag);
            }
            _ => {}
        }
    }
    match rewritten(&made.bytes, rules, additions, &LIMITS) {
        Ok(again) => assert!(again.bytes == made.bytes, "made again, it is another"),
        Err(error) => assert!(is_ambiguous(&error) || error.kind == ErrorKind::OtherResult, "again: {error}"),
    }
}
