//! What becomes of which elements.

mod additions;
mod asked;
mod concepts;
mod creators;
mod error;
mod filter;
mod rule;
mod selector;
mod types;

use core::fmt;
use std::collections::BTreeSet;
use std::sync::Arc;

pub use self::additions::{Additions, Insert};
pub use self::concepts::{Concepts, OfItem};
pub(crate) use self::creators::{Block, Creators, Owner, block};
pub use self::error::{RuleError, RuleErrorReason};
use self::error::{long_text, unfit};
use self::filter::{TOLD_APART, WORDS, bit, one_of_each_word, word};
pub use self::rule::{ByType, Number, Rule, Table, TableError, Text, Treatment, Type};
pub(crate) use self::rule::{Kind, kind, unpadded};
pub use self::selector::{Private, Repeating, Selector};
pub(crate) use self::types::OfClass;
pub use self::types::Types;
use crate::dictionary;
use crate::tag::Tag;
use crate::vr::Vr;

/// What becomes of elements, wherever they stand, at any depth: most are not named, and stay.
///
/// Where several rules are about an element, the one on its tag counts, else the one on its creator, else the one on
/// the repeating element, else the one on its VR, else the one on all private elements.
///
/// Keeping matters inside a blanked sequence, where everything else is blanked, whatever its own rule says: a kept
/// element stays, and below a kept sequence only what is listed itself is treated. And it matters beside a rule on all
/// dates.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Rules {
    /// As they were given: sorted, each once.
    given: Vec<(Selector, Rule)>,
    texts: Vec<Text>,
    tables: Vec<Table>,
    by_types: Vec<ByType>,
    /// By what `by_types` are decided.
    types: Arc<Types>,
    additions: Option<Arc<Additions>>,
    /// By what content items are treated, where a rule says so.
    concepts: Arc<Concepts>,
    once: Vec<u8>,
    /// Each tag once, sorted by [`slot`] and then by tag. What a rule on a VR says of the dictionary's tags is here.
    table: Vec<(Tag, Rule)>,
    /// Where the tags of each slot begin in the table, and where they end.
    starts: [u32; SLOTS + 1],
    /// Sorted, each once.
    repeating: Vec<(Repeating, Rule)>,
    creators: Creators,
    /// What becomes of public dates (DA, DT) that have no other rule.
    dates: Option<Rule>,
    /// What becomes of private elements that have no other rule.
    private: Option<Rule>,
    /// Whether dates are shifted, for which it has to be known whose they are.
    shifts: bool,
    /// Whether a length may change.
    rewrites: bool,
    names_file_meta: bool,
    /// A bit for each value of [`bit`] that a tag with a rule may have. One look here is enough for nearly all elements
    /// of a file; a search of the table would cost as much as the rest of the walk.
    filter: [u64; WORDS],
}

const SLOTS: usize = 256;

/// What [`Rules`] say of a tag, as far as the tag alone tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Rule(Rule),
    /// It depends on the private creators of the data set or item; or the tag is such a creator's.
    AskCreator,
    /// Nothing, but its value tells whose dates a data set or record has.
    Owner,
}

impl Rules {
    /// Rules that blank the tags of `blank` and keep those of `keep`.
    ///
    /// # Errors
    /// [`RuleError`] for file meta information, group lengths, items and delimiters, pixel data, and a tag in both
    /// sets.
    pub fn new(blank: impl IntoIterator<Item = Tag>, keep: impl IntoIterator<Item = Tag>) -> Result<Self, RuleError> {
        Self::of(blank.into_iter().map(Selector::Tag), keep.into_iter().map(Selector::Tag))
    }

    /// As [`new`](Self::new), of repeating elements and of private ones by their creator as well.
    ///
    /// # Errors
    /// Those of [`new`](Self::new), and for a private creator that is to be blanked though elements are found by it.
    pub fn of(
        blank: impl IntoIterator<Item = Selector>,
        keep: impl IntoIterator<Item = Selector>,
    ) -> Result<Self, RuleError> {
        let blank = blank.into_iter().map(|selector| (selector, Treatment::Blank));
        Self::with(blank.chain(keep.into_iter().map(|selector| (selector, Treatment::Keep))))
    }

    /// Rules of every kind: what they are about, and what becomes of it.
    ///
    /// # Errors
    /// Those of [`of`](Self::of), for two rules on one selector, and for one that can't be carried out on its VR.
    pub fn with(all: impl IntoIterator<Item = (Selector, Treatment)>) -> Result<Self, RuleError> {
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_unstable();
        all.dedup();
        let mut given = Vec::<(Selector, Rule)>::new();
        let (mut texts, mut tables, mut by_types) = (Vec::new(), Vec::new(), Vec::new());
        for (selector, treatment) in all {
            let long = match &treatment {
                Treatment::Set(text) => long_text(&selector, [text.bytes()].into_iter()),
                Treatment::Map(table) => long_text(&selector, table.rows().map(|(_, new)| new)),
                _ => None,
            };
            let numbered = number(treatment, &mut texts, &mut tables, &mut by_types);
            let Some(rule) = numbered else {
                return Err(RuleError { selector, reason: RuleErrorReason::TooMany });
            };
            let before = given.last().filter(|(last, _)| *last == selector);
            let both = before.map(|(_, one)| RuleErrorReason::Both { one: *one, other: rule });
            if let Some(reason) = unfit(&selector, rule).or(both).or(long) {
                return Err(RuleError { selector, reason });
            }
            given.push((selector, rule));
        }
        let (mut table, mut repeating, mut by_creator) = (Vec::new(), Vec::new(), Vec::new());
        let (mut dates, mut private) = (None, None);
        for (selector, rule) in &given {
            match selector {
                Selector::Tag(tag) => table.push((*tag, *rule)),
                Selector::Repeating(element) => repeating.push((*element, *rule)),
                Selector::Private(element) => by_creator.push((element.clone(), *rule)),
                Selector::Dates => dates = Some(*rule),
                Selector::AllPrivate => private = Some(*rule),
            }
        }
        if let Some(rule) = dates {
            let is_date = |(_, vr, _): &(Tag, Vr, &str)| matches!(vr, Vr::DA | Vr::DT);
            let named: BTreeSet<Tag> = table.iter().map(|(tag, _)| *tag).collect();
            let others = dictionary::entries().filter(is_date).filter(|(tag, ..)| !named.contains(tag));
            table.extend(others.map(|(tag, ..)| (tag, rule)));
        }
        table.sort_unstable_by_key(|(tag, _): &(Tag, Rule)| (slot(*tag), *tag));
        let starts = core::array::from_fn(|start| {
            u32::try_from(table.partition_point(|(tag, _)| slot(*tag) < start)).unwrap_or(u32::MAX)
        });
        let names_file_meta = table.iter().any(|(tag, _)| tag.group() == 0x0002);
        let shifts = given.iter().any(|(_, rule)| *rule == Rule::Shift);
        let rewrites = given.iter().any(|(_, rule)| rule.rewrites());
        let creators = Creators::new(by_creator);
        let filter = [0; WORDS];
        let told = given.iter().filter(|(_, rule)| rule.is_once() || *rule == Rule::Keep);
        let once = told.flat_map(|(selector, rule)| {
            let by_type = match rule {
                Rule::ByType(number) => by_types.get(number.index()).map(|by_type| by_type.all()),
                _ => None,
            };
            let words = by_type.into_iter().flatten().map(Rule::word);
            let words: Vec<_> = [rule.word()].into_iter().chain(words).collect();
            format!("{} {selector}\n", words.join(" ")).into_bytes()
        });
        let once = once.collect();
        let mut rules = Self {
            given,
            texts,
            tables,
            by_types,
            types: Arc::default(),
            additions: None,
            concepts: Arc::default(),
            once,
            table,
            starts,
            repeating,
            creators,
            dates,
            private,
            shifts,
            rewrites,
            names_file_meta,
            filter,
        };
        rules.fill_filter();
        let is_needed = |(tag, rule): &&(Tag, Rule)| {
            rule.is_edit()
                && matches!(block(*tag), Some(Block::Creator(_)))
                && rules.creators.groups().any(|group| group == tag.group())
        };
        match rules.table.iter().find(is_needed) {
            Some((tag, _)) => Err(RuleError { selector: Selector::Tag(*tag), reason: RuleErrorReason::Creator }),
            None => Ok(rules),
        }
    }

    fn fill_filter(&mut self) {
        let mut filter = [0; WORDS];
        let mut set = |group: u16, bits: u64| {
            if let Some(word) = filter.get_mut(word(Tag::new(group, 0))) {
                *word |= bits;
            }
        };
        for (tag, _) in &self.table {
            set(tag.group(), bit(*tag));
        }
        if self.shifts {
            for tag in OWNERS {
                set(tag.group(), bit(tag));
            }
        }
        for (repeating, _) in &self.repeating {
            let [mask, value] = [repeating.mask(), repeating.value()].map(Tag::from);
            let bits = if mask.element() == u16::MAX { bit(value) } else { u64::MAX };
            let is_covered = |group: &u16| (group ^ value.group()) & mask.group() & TOLD_APART == 0;
            one_of_each_word().filter(is_covered).for_each(|group| set(group, bits));
        }
        for group in self.creators.groups() {
            set(group, u64::MAX);
        }
        if self.private.is_some() {
            one_of_each_word().filter(|group| group & 1 == 1).for_each(|group| set(group, u64::MAX));
        }
        self.filter = filter;
    }

    /// What is blanked: tags, then repeating elements, then private ones, each sorted.
    pub fn blanked(&self) -> impl Iterator<Item = Selector> + '_ {
        self.of_rule(Rule::Blank)
    }

    /// What is kept, in the same order.
    pub fn kept(&self) -> impl Iterator<Item = Selector> + '_ {
        self.of_rule(Rule::Keep)
    }

    /// Every rule as it was given: what it is about, in the order of [`blanked`](Self::blanked), and what it says.
    #[must_use]
    pub fn all(&self) -> &[(Selector, Rule)] {
        &self.given
    }

    /// The text that a rule sets values to.
    #[must_use]
    pub fn text(&self, number: Number) -> Option<&Text> {
        self.texts.get(number.index())
    }

    /// The table of a rule that maps values.
    #[must_use]
    pub fn table(&self, number: Number) -> Option<&Table> {
        self.tables.get(number.index())
    }

    /// Whether something is done that can't be done twice.
    #[must_use]
    pub fn are_once(&self) -> bool {
        self.given.iter().any(|(_, rule)| rule.is_once())
    }

    /// What a [mark](crate::Marks) has to tell apart: the rules that can't be carried out twice, and those that keep.
    /// A file that was done under other ones has values that are still as they were, or were kept. Texts and tables
    /// are no part of it.
    #[must_use]
    pub fn once(&self) -> &[u8] {
        &self.once
    }

    /// What is said of `tag`, if anything. `creator` is the value of the private creator that has reserved its block in
    /// the same data set or item; of a creator element, its own value; `None` where there is none. Only rules by
    /// creator ask for it.
    #[must_use]
    pub fn rule(&self, tag: Tag, creator: Option<&[u8]>) -> Option<Rule> {
        match self.say(tag)? {
            Said::Rule(rule) => Some(rule),
            Said::Owner => None,
            Said::AskCreator => {
                let owners = creator.map(|value| self.creators.owners(tag.group(), value)).unwrap_or_default();
                let by_creator = match block(tag)? {
                    Block::Creator(_) => self.creators.rule_of_creator(tag.group(), &owners),
                    Block::Element(_, element) => self.creators.rule(tag.group(), element, &owners),
                };
                by_creator.or(self.private)
            }
        }
    }

    /// As [`rule`](Self::rule), of an element whose header or dictionary says `vr`: that matters to dates.
    #[must_use]
    pub fn rule_of(&self, tag: Tag, creator: Option<&[u8]>, vr: Option<Vr>) -> Option<Rule> {
        self.rule(tag, creator).or_else(|| self.dates.filter(|_| vr.is_some_and(|vr| is_public_date(tag, vr))))
    }

    /// What is said of `tag`, if anything.
    #[inline(always)]
    #[allow(clippy::inline_always)] // a fifth of all instructions: it is asked of every element
    pub(crate) fn say(&self, tag: Tag) -> Option<Said> {
        if self.filter.get(word(tag)).is_none_or(|word| word & bit(tag) == 0) {
            return None;
        }
        self.search(tag)
    }

    #[inline(never)] // else its caller is too large to be a part of the walk's loop
    fn search(&self, tag: Tag) -> Option<Said> {
        self.find(tag).map(Said::Rule).or_else(|| self.say_of_many(tag))
    }

    /// The rule on this tag alone.
    #[inline]
    fn find(&self, tag: Tag) -> Option<Rule> {
        let slot = slot(tag);
        let range = match self.starts.get(slot..slot.saturating_add(2)) {
            Some([start, end]) => self.table.get(usize::try_from(*start).ok()?..usize::try_from(*end).ok()?),
            _ => None,
        };
        range.unwrap_or_default().iter().find(|(listed, _)| *listed == tag).map(|(_, rule)| *rule)
    }

    /// What the rules on more than one tag say.
    #[cold]
    #[inline(never)]
    fn say_of_many(&self, tag: Tag) -> Option<Said> {
        if self.creators.are_asked(tag) {
            return Some(Said::AskCreator);
        }
        if self.ask_owner(tag) {
            return Some(Said::Owner);
        }
        if let Some(rule) = self.private
            && tag.is_private()
            && !tag.is_framing()
        {
            return Some(Said::Rule(rule));
        }
        // Of one element before that of its whole group, which has the smaller mask.
        let covers = |repeating: &Repeating| {
            let is_one = repeating.is_of_whole_groups() && !tag.is_private() && !tag.is_group_length();
            repeating.covers(tag) && (is_one || dictionary::is_repeating(tag))
        };
        self.repeating.iter().rfind(|(repeating, _)| covers(repeating)).map(|(_, rule)| Said::Rule(*rule))
    }

    /// What is said of private elements that have no other rule.
    pub(crate) const fn of_private(&self) -> Option<Rule> {
        self.private
    }

    /// Whether elements of the file meta information have rules.
    pub(crate) const fn name_file_meta(&self) -> bool {
        self.names_file_meta
    }

    pub(crate) const fn creators(&self) -> &Creators {
        &self.creators
    }

    /// Whether something is shifted, or there is a rule on all dates.
    pub(crate) const fn shift_dates(&self) -> bool {
        self.shifts || self.dates.is_some()
    }

    /// What is said of a public element with this VR whose tag has no rule.
    pub(crate) fn say_of_date(&self, tag: Tag, vr: Vr) -> Option<Said> {
        self.dates.filter(|_| is_public_date(tag, vr)).map(Said::Rule)
    }

    /// Whether the value of `tag` tells whose dates these are, where that is asked.
    #[inline]
    pub(crate) fn ask_owner(&self, tag: Tag) -> bool {
        self.shifts && OWNERS.contains(&tag)
    }

    fn of_rule(&self, wanted: Rule) -> impl Iterator<Item = Selector> + '_ {
        let all = self.given.iter().filter(move |(_, rule)| *rule == wanted);
        all.map(|(selector, _)| selector.clone())
    }
}

/// What tells whose dates a data set has (`PatientID`, `StudyInstanceUID`), and in a DICOMDIR how records hang together
/// (PS3.3 §F.3.2.2).
const OWNERS: [Tag; 6] = [
    Tag::PATIENT_ID,
    Tag::STUDY_INSTANCE_UID,
    Tag::FIRST_RECORD,
    Tag::NEXT_RECORD,
    Tag::LOWER_RECORD,
    Tag::RECORD_TYPE,
];

const fn is_public_date(tag: Tag, vr: Vr) -> bool {
    matches!(vr, Vr::DA | Vr::DT) && !tag.is_private()
}

/// The rule of a treatment, whose text or table is numbered.
fn number(
    treatment: Treatment,
    texts: &mut Vec<Text>,
    tables: &mut Vec<Table>,
    by_types: &mut Vec<ByType>,
) -> Option<Rule> {
    Some(match treatment {
        Treatment::Blank => Rule::Blank,
        Treatment::Keep => Rule::Keep,
        Treatment::Pseudonymize => Rule::Pseudonymize,
        Treatment::Shift => Rule::Shift,
        Treatment::Set(text) => {
            texts.push(text);
            Rule::Set(Number::new(texts.len().saturating_sub(1))?)
        }
        Treatment::Map(table) => {
            tables.push(table);
            Rule::Map(Number::new(tables.len().saturating_sub(1))?)
        }
        Treatment::Remove => Rule::Remove,
        Treatment::Empty => Rule::Empty,
        Treatment::Dummy => Rule::Dummy,
        Treatment::ByType(by_type) => {
            by_types.push(by_type);
            Rule::ByType(Number::new(by_types.len().saturating_sub(1))?)
        }
        Treatment::ByConcept => Rule::ByConcept,
    })
}

/// The slot of the table that a tag is in: a level of hundreds of tags has two or three in each.
#[inline]
fn slot(tag: Tag) -> usize {
    const SPREAD: u32 = 0x9E37_79B1; // the golden ratio of 32 bits (Knuth)
    usize::try_from(u32::from(tag).wrapping_mul(SPREAD).wrapping_shr(24)).unwrap_or_default()
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (selector, rule) in &self.given {
            map.entry(&format_args!("{selector}"), rule);
        }
        map.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Tag = Tag::new(0x0010, 0x0010);
    const DATE: Tag = Tag::new(0x0010, 0x0030);

    #[test]
    fn the_filter_lets_through_whatever_has_a_rule() {
        let tags = [0x0008_0018, 0x0029_1010, 0x7FE1_1010].map(|number| Selector::Tag(Tag::from(number)));
        let curves = Repeating::new(0xFF00_0000, 0x5000_0000).unwrap();
        let overlays = Repeating::new(0xFF00_FFFF, 0x6000_3000).unwrap();
        let private = Private::new(0x0029, "A CREATOR", 0x10).unwrap();
        for selectors in [
            &tags[..],
            &[Selector::Repeating(curves), Selector::Repeating(overlays)],
            &[Selector::AllPrivate],
            &[Selector::Private(private), Selector::Tag(NAME)],
        ] {
            let rules = Rules::of(selectors.iter().cloned(), []).unwrap();
            let mut known = 0;
            for group in 0..=u16::MAX {
                for element in [0x0010, 0x0018, 0x1010, 0x3000] {
                    let tag = Tag::new(group, element);
                    assert_eq!(rules.say(tag), rules.search(tag), "{tag}");
                    known += usize::from(rules.say(tag).is_some());
                }
            }
            assert!(known > 1);
        }
    }

    #[test]
    fn rules_say_what_was_listed_and_nothing_else() {
        let rules = Rules::new([NAME, Tag::new(0x0029, 0x1010), NAME], [DATE]);
        let rule = |tag| rules.as_ref().ok().and_then(|rules| rules.rule(tag, None));
        for (tag, expected) in [
            (NAME, Some(Rule::Blank)),
            (Tag::new(0x0029, 0x1010), Some(Rule::Blank)),
            (DATE, Some(Rule::Keep)),
            (Tag::new(0x0010, 0x0020), None),
            (Tag::new(0x0110, 0x0010), None), // the same bit of the filter as NAME
        ] {
            assert_eq!(rule(tag), expected, "{tag}");
        }
    }
}
