//! Laws of content items and of private blocks, tried on generated trees in all syntaxes: what must become of each item
//! is computed here, from what its concept name says, and the core is not asked.

mod build;
mod check;
mod rewriting;
mod road;

use std::sync::Arc;

use build::*;
use dicomblank_core::{Concepts, Limits, OfItem, Private, Rules, Selector, Tag, Treatment};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rewriting::{additions, head, rewritten};

const VALUE_TYPE: Tag = Tag::new(0x0040, 0xA040);
const CONCEPT: Tag = Tag::new(0x0040, 0xA043);
const CODE: Tag = Tag::new(0x0008, 0x0100);
const SCHEME: Tag = Tag::new(0x0008, 0x0102);
const SAFE: Tag = Tag::new(0x0029, 0x1010);
const UNSAFE: Tag = Tag::new(0x0029, 0x1011);
const LIMITS: Limits = Limits { depth: 40, elements: 100_000, edits: 10_000, sites: 10_000 };

/// What concept names say, and of which value types; the last has no row.
const CODES: [(&str, OfItem); 4] =
    [("remove", OfItem::Remove), ("dummy ", OfItem::Dummy), ("keep", OfItem::Keep), ("none", OfItem::Keep)];

#[derive(Clone, Debug)]
struct Item {
    len: Len,
    /// Which of `CODES`; of no code at all there is no name.
    code: Option<usize>,
    /// Whether it states the value type of the rows.
    is_text: bool,
    /// Whether the name stands behind the value.
    is_behind: bool,
    text: String,
    /// Which of ACME, another and no creator, and whether there are the safe element and the other.
    private: Option<(&'static str, bool, bool)>,
    below: Option<Below>,
}

#[derive(Clone, Debug)]
struct Below {
    len: Len,
    /// Whether its VR is UN, and its items are in implicit VR.
    is_unknown: bool,
    items: Vec<Item>,
}

fn rules() -> Rules {
    let of_tags = [(CONTENT, Treatment::ByConcept), (TEXT, Treatment::Dummy)];
    let of_tags = of_tags.map(|(tag, treatment)| (Selector::Tag(tag), treatment));
    let safe = (Selector::Private(Private::new(0x0029, "ACME", 0x10).unwrap()), Treatment::Keep);
    let private = (Selector::AllPrivate, Treatment::Remove);
    let concepts = CODES.iter().take(3).map(|(code, of)| ("T", code.trim_end(), "TEXT", *of));
    Rules::with(of_tags.into_iter().chain([safe, private])).unwrap().by_concepts(Arc::new(Concepts::new(concepts)))
}

impl Item {
    /// What becomes of it. Without the value type of the rows it is nothing that is kept.
    fn of(&self) -> Option<OfItem> {
        let (name, of) = CODES[self.code?];
        (name != "none" && (self.is_text || of != OfItem::Keep)).then_some(of)
    }

    fn unit(&self, b: Build, is_after: bool) -> Unit {
        if is_after && self.of() == Some(OfItem::Remove) {
            return raw("");
        }
        let code = |name| b.item(self.len, [b.el(CODE, "SH", name), b.el(SCHEME, "SH", "T ")]);
        let name = self.code.map_or(raw(""), |place| b.seq(CONCEPT, self.len, [code(CODES[place].0)]));
        let kind = b.el(VALUE_TYPE, "CS", if self.is_text { "TEXT" } else { "CODE" });
        // A rule on the tag makes a dummy of nothing, too; a name that asks for one does not.
        let text = match (is_after, self.of()) {
            (true, Some(OfItem::Dummy)) if self.text.is_empty() => "",
            (false, _) | (_, Some(OfItem::Keep)) => self.text.as_str(),
            _ => "DUMMY ",
        };
        let value = b.el(TEXT, "UT", text);
        let below = self.below.as_ref().map_or(raw(""), |below| below.unit(b, is_after));
        let private = self.private_units(b, is_after);
        let parts = if self.is_behind { [kind, value, name] } else { [kind, name, value] };
        b.item(self.len, [private].into_iter().chain(parts).chain([below]))
    }

    fn private_units(&self, b: Build, is_after: bool) -> Unit {
        let Some((creator, is_safe, is_unsafe)) = self.private else { return raw("") };
        let stays = |is_there: bool, tag| if is_there { b.el(tag, "LO", "a value ") } else { raw("") };
        let owner = |name: &str| if name.is_empty() { raw("") } else { b.el(CREATOR, "LO", name) };
        match (is_after, creator == "ACME" && is_safe) {
            (false, _) => join([owner(creator), stays(is_safe, SAFE), stays(is_unsafe, UNSAFE)]),
            (true, true) => join([owner(creator), stays(true, SAFE)]),
            (true, false) => raw(""),
        }
    }
}

impl Below {
    fn unit(&self, b: Build, is_after: bool) -> Unit {
        // What is unknown holds implicit VR, where it is a sequence for sure (PS3.5 §6.2.2).
        let (inner, letters) = if self.is_unknown && b != IL { (IL, "UN") } else { (b, "SQ") };
        let items: Vec<_> = self.items.iter().map(|item| item.unit(inner, is_after)).collect();
        match self.len {
            Defined => b.holds(CONTENT, letters, Defined, items),
            _ => b.holds(CONTENT, letters, Open, items.into_iter().chain([inner.sequence_delimiter()])),
        }
    }
}

fn an_item(depth: u32) -> impl Strategy<Value = Item> {
    let below = if depth == 0 { Just(None).boxed() } else { proptest::option::of(below(depth - 1)).boxed() };
    let private = proptest::option::of((select(vec!["ACME", "OTHER ", ""]), any::<bool>(), any::<bool>()));
    let text = "([a-z]{2}){0,4}";
    let code = proptest::option::of(0..CODES.len());
    (select(vec![Defined, Undefined]), code, any::<bool>(), any::<bool>(), text, private, below).prop_map(
        |(len, code, is_text, is_behind, text, private, below)| Item {
            len,
            code,
            is_text,
            is_behind,
            text,
            private,
            below,
        },
    )
}

fn below(depth: u32) -> impl Strategy<Value = Below> {
    let len = select(vec![Defined, Undefined]);
    (len, any::<bool>(), vec(an_item(depth), 0..4)).prop_map(|(len, is_unknown, items)| Below {
        len,
        is_unknown,
        items,
    })
}

/// As many cases as seconds allow; more with `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|number| number.parse().ok());
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(wanted.unwrap_or(300)) }
}

fn whole(tree: &Below, syntax: usize, is_after: bool) -> Unit {
    let (b, uid) = ALL[syntax];
    let elements = join([tree.unit(b, is_after), b.pixels()]);
    if is_after { join([head("1.2.840.10008.5.1.4.1.1.4", "", uid), elements]) } else { file(uid, [elements]) }
}

proptest! {
    #![proptest_config(config())]

    /// The result is what is built beside it. Rewritten again, it is the same once more.
    #[test]
    fn the_result_is_what_the_names_say(tree in below(3), syntax in 0..ALL.len()) {
        let (before, after) = (whole(&tree, syntax, false), whole(&tree, syntax, true));
        let result = rewritten(&before.bytes, &rules(), &additions(Vec::new()), &LIMITS);
        let result = result.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(result.bytes == after.bytes, "\n{:02x?}\n{:02x?}", result.bytes, after.bytes);
        let again = rewritten(&result.bytes, &rules(), &additions(Vec::new()), &LIMITS);
        let again = again.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(again.bytes == result.bytes);
    }

    /// Flipped bits make another file, a refused one, or none: no panic, and what is written is always what was checked.
    #[test]
    fn flipped_bytes_do_no_harm(
        tree in below(3),
        syntax in 0..ALL.len(),
        flips in vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4),
    ) {
        let mut bytes = whole(&tree, syntax, false).bytes;
        for (place, mask) in flips {
            let at = place.index(bytes.len());
            bytes[at] ^= mask;
        }
        drop(rewritten(&bytes, &rules(), &additions(Vec::new()), &LIMITS));
    }
}
