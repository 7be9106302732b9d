//! Which elements are blanked and which are kept.

mod creators;
mod rule;
mod selector;

use core::fmt;

pub(crate) use self::creators::{Block, Creators, Owner, block};
pub use self::rule::Rule;
pub use self::selector::{Private, Repeating, Selector};
use crate::dictionary;
use crate::listed::Listed;
use crate::tag::Tag;

/// A set of elements to blank and a set to keep, wherever they stand, at any depth.
///
/// Where several rules are about an element, the one on its tag counts, else the one on its creator, else the one on
/// the repeating element.
///
/// Keeping matters inside a blanked sequence only: there a kept element stays, and below a kept sequence only what is
/// listed itself is blanked.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Rules {
    /// Each tag once, sorted by [`slot`] and then by tag.
    table: Vec<(Tag, Rule)>,
    /// Where the tags of each slot begin in the table, and where they end.
    starts: [u32; SLOTS + 1],
    /// Sorted, each once.
    repeating: Vec<(Repeating, Rule)>,
    creators: Creators,
    names_file_meta: bool,
    /// A bit for each value of [`bit`] that a tag with a rule may have. One look here is enough for nearly all elements
    /// of a file; a search of the table would cost as much as the rest of the walk.
    filter: [u64; 8],
}

const SLOTS: usize = 64;

/// What [`Rules`] say of a tag, as far as the tag alone tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Rule(Rule),
    /// It depends on the private creators of the data set or item; or the tag is such a creator's.
    AskCreator,
}

/// What can't be a rule, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// What the rule was to be about.
    pub selector: Selector,
    /// Why it can't.
    pub reason: RuleErrorReason,
}

/// Why something can't be a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleErrorReason {
    /// Group 0002, which says what the file is and how it is read. What names machines in it, and what is private, can
    /// be a rule (PS3.10 §7.1).
    FileMeta,
    /// (gggg,0000): a group length (PS3.5 §7.2).
    GroupLength,
    /// Groups FFFE and FFFF: items and delimiters, and what no element may use (PS3.5 §7.5, §7.8.1).
    Framing,
    /// Group 7FE0: pixel data.
    PixelData,
    /// A private creator to be blanked, beside a rule on elements of its group by their creator: the next run could not
    /// find them.
    Creator,
    /// Listed to be blanked and to be kept.
    Both,
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
        let blank = blank.into_iter().map(|selector| (selector, Rule::Blank));
        let mut all: Vec<_> = blank.chain(keep.into_iter().map(|selector| (selector, Rule::Keep))).collect();
        all.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        all.dedup();
        let mut last = None;
        for (selector, _) in &all {
            if let Some(reason) = unfit(selector).or((last == Some(selector)).then_some(RuleErrorReason::Both)) {
                return Err(RuleError { selector: selector.clone(), reason });
            }
            last = Some(selector);
        }
        let (mut table, mut repeating, mut private) = (Vec::new(), Vec::new(), Vec::new());
        for (selector, rule) in all {
            match selector {
                Selector::Tag(tag) => table.push((tag, rule)),
                Selector::Repeating(element) => repeating.push((element, rule)),
                Selector::Private(element) => private.push((element, rule)),
            }
        }
        table.sort_unstable_by_key(|(tag, _): &(Tag, Rule)| (slot(*tag), *tag));
        let starts = core::array::from_fn(|start| {
            u32::try_from(table.partition_point(|(tag, _)| slot(*tag) < start)).unwrap_or(u32::MAX)
        });
        let names_file_meta = table.iter().any(|(tag, _)| tag.group() == 0x0002);
        let creators = Creators::new(private);
        let mut rules = Self { table, starts, repeating, creators, names_file_meta, filter: [0; 8] };
        rules.fill_filter();
        let is_needed = |(tag, rule): &&(Tag, Rule)| {
            *rule == Rule::Blank
                && matches!(block(*tag), Some(Block::Creator(_)))
                && rules.creators.groups().any(|group| group == tag.group())
        };
        match rules.table.iter().find(is_needed) {
            Some((tag, _)) => Err(RuleError { selector: Selector::Tag(*tag), reason: RuleErrorReason::Creator }),
            None => Ok(rules),
        }
    }

    fn fill_filter(&mut self) {
        let mut filter = [0; 8];
        let mut set = |group: u16, bits: u64| {
            if let Some(word) = filter.get_mut(word(Tag::new(group, 0))) {
                *word |= bits;
            }
        };
        for (tag, _) in &self.table {
            set(tag.group(), bit(*tag));
        }
        for (repeating, _) in &self.repeating {
            let [mask, value] = [repeating.mask(), repeating.value()].map(Tag::from);
            let bits = if mask.element() == u16::MAX { bit(value) } else { u64::MAX };
            if mask.group() == u16::MAX {
                set(value.group(), bits);
            } else {
                for group in [0x00, 0x08, 0x10, 0x18, 0x20, 0x28, 0x30, 0x38] {
                    set(group, bits); // one of each word
                }
            }
        }
        for group in self.creators.groups() {
            set(group, u64::MAX);
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

    /// What is said of `tag`, if anything. `creator` is the value of the private creator that has reserved its block in
    /// the same data set or item; of a creator element, its own value; `None` where there is none. Only rules by
    /// creator ask for it.
    #[must_use]
    pub fn rule(&self, tag: Tag, creator: Option<&[u8]>) -> Option<Rule> {
        match self.say(tag)? {
            Said::Rule(rule) => Some(rule),
            Said::AskCreator => {
                let owners = creator.map(|value| self.creators.owners(tag.group(), value)).unwrap_or_default();
                match block(tag)? {
                    Block::Creator(_) => self.creators.rule_of_creator(tag.group(), &owners),
                    Block::Element(_, element) => self.creators.rule(tag.group(), element, &owners),
                }
            }
        }
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
        let slot = slot(tag);
        let range = match self.starts.get(slot..slot.saturating_add(2)) {
            Some([start, end]) => self.table.get(usize::try_from(*start).ok()?..usize::try_from(*end).ok()?),
            _ => None,
        };
        match range.unwrap_or_default().iter().find(|(listed, _)| *listed == tag) {
            Some((_, rule)) => Some(Said::Rule(*rule)),
            None => self.say_of_many(tag),
        }
    }

    /// What the rules on more than one tag say.
    #[cold]
    #[inline(never)]
    fn say_of_many(&self, tag: Tag) -> Option<Said> {
        if self.creators.are_asked(tag) {
            return Some(Said::AskCreator);
        }
        let (_, rule) = self.repeating.iter().find(|(repeating, _)| repeating.covers(tag))?;
        dictionary::is_repeating(tag).then_some(Said::Rule(*rule))
    }

    /// Whether elements of the file meta information have rules.
    pub(crate) const fn name_file_meta(&self) -> bool {
        self.names_file_meta
    }

    pub(crate) const fn creators(&self) -> &Creators {
        &self.creators
    }

    fn of_rule(&self, wanted: Rule) -> impl Iterator<Item = Selector> + '_ {
        let all = self.all().filter(move |(_, rule)| *rule == wanted);
        all.map(|(selector, _)| selector)
    }

    fn all(&self) -> impl Iterator<Item = (Selector, Rule)> + '_ {
        let mut tags = self.table.clone();
        tags.sort_unstable_by_key(|(tag, _)| *tag);
        let tags = tags.into_iter().map(|(tag, rule)| (Selector::Tag(tag), rule));
        let repeating = self.repeating.iter().map(|(element, rule)| (Selector::Repeating(*element), *rule));
        let private = self.creators.entries().iter().map(|(element, rule)| (Selector::Private(element.clone()), *rule));
        tags.chain(repeating).chain(private)
    }
}

impl Listed for Rules {
    fn is_listed(&self, tag: Tag) -> bool {
        matches!(self.say(tag), Some(Said::Rule(Rule::Blank) | Said::AskCreator))
    }
}

/// Which word of the filter a tag's bit is in.
#[inline]
fn word(tag: Tag) -> usize {
    usize::from(tag.group().wrapping_shr(3) & 7)
}

/// The bit of that word.
#[inline]
fn bit(tag: Tag) -> u64 {
    1_u64.wrapping_shl(u32::from(tag.element() ^ tag.element().wrapping_shr(4)) & 63)
}

/// The number of that bit: the lower bits of the element number tell the tags of one group apart.
#[inline]
fn slot(tag: Tag) -> usize {
    usize::from((tag.element() ^ tag.element().wrapping_shr(4)) & 63)
}

/// Why `selector` can't be in a rule, if so.
fn unfit(selector: &Selector) -> Option<RuleErrorReason> {
    match selector {
        Selector::Tag(tag) => unfit_tag(*tag),
        // (7Fxx,0010) and its like cover group 7FE0.
        Selector::Repeating(element) => element.covers_group(0x7FE0).then_some(RuleErrorReason::PixelData),
        Selector::Private(_) => None,
    }
}

fn unfit_tag(tag: Tag) -> Option<RuleErrorReason> {
    match tag.group() {
        0x0002 => (!names_a_machine(tag)).then_some(RuleErrorReason::FileMeta),
        0xFFFE.. => Some(RuleErrorReason::Framing),
        0x7FE0 => Some(RuleErrorReason::PixelData),
        _ => tag.is_group_length().then_some(RuleErrorReason::GroupLength),
    }
}

/// Whether an element of the file meta information names a machine that the file went through, or is private (PS3.10
/// Table 7.1-1): no reader needs it.
fn names_a_machine(tag: Tag) -> bool {
    // Application entity titles; presentation addresses; Private Information Creator UID and Private Information.
    matches!(tag.element(), 0x0016..=0x0018 | 0x0026..=0x0028 | 0x0100 | 0x0102)
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (selector, rule) in self.all() {
            map.entry(&format_args!("{selector}"), &rule);
        }
        map.finish()
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            RuleErrorReason::FileMeta => {
                "is file meta information that says what the file is and how to read it; \
                 of group 0002 only the AE titles, the addresses and what is private can be blanked"
            }
            RuleErrorReason::GroupLength => "is a group length, which counts bytes and holds no identifier",
            RuleErrorReason::Framing => "is an item or delimiter, which frames values and has none",
            RuleErrorReason::PixelData => "is pixel data, which dicomblank never changes",
            RuleErrorReason::Creator => "is a private creator, by which another rule finds its elements",
            RuleErrorReason::Both => "is both to be blanked and to be kept",
        };
        write!(f, "{} {reason}", self.selector)
    }
}

impl core::error::Error for RuleError {}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Tag = Tag::new(0x0010, 0x0010);
    const DATE: Tag = Tag::new(0x0010, 0x0030);

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

    #[test]
    fn unfit_tags_are_refused() {
        for (blank, keep, tag, reason) in [
            (vec![Tag::new(0x0002, 0x0010)], vec![], Tag::new(0x0002, 0x0010), RuleErrorReason::FileMeta),
            (vec![NAME, Tag::new(0x0008, 0x0000)], vec![], Tag::new(0x0008, 0x0000), RuleErrorReason::GroupLength),
            (vec![], vec![Tag::ITEM], Tag::ITEM, RuleErrorReason::Framing),
            (vec![Tag::new(0x7FE0, 0x0010)], vec![], Tag::new(0x7FE0, 0x0010), RuleErrorReason::PixelData),
            (vec![DATE, NAME], vec![NAME], NAME, RuleErrorReason::Both),
        ] {
            assert_eq!(Rules::new(blank, keep), Err(RuleError { selector: Selector::Tag(tag), reason }));
        }
    }
}
