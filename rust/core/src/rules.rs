//! Which elements are blanked and which are kept.

use core::fmt;

use crate::tag::Tag;

/// A set of tags to blank and a set to keep, wherever they stand, at any depth.
///
/// Keeping matters inside a blanked sequence only: there a kept element stays, and below a kept sequence only what is listed itself
/// is blanked.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Rules {
    /// Sorted by tag, each tag once.
    table: Vec<(Tag, Rule)>,
    /// A bit for each value of [`bit`] that a tag of the table has: nearly all elements of a file are passed over by one look here,
    /// where a search of the table would cost as much as the rest of the walk.
    filter: [u64; 4],
}

/// What the rules say of one tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Every byte of the value becomes padding; of a sequence, every leaf below it.
    Blank,
    /// The value stays, also inside a blanked sequence.
    Keep,
}

/// Why a tag can't be in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The tag.
    pub tag: Tag,
    /// What it is.
    pub reason: RuleErrorReason,
}

/// What a tag is that can't be in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleErrorReason {
    /// Group 0002: without it the file can't be read (PS3.10 §7.1).
    FileMeta,
    /// (gggg,0000): a group length (PS3.5 §7.2).
    GroupLength,
    /// Groups FFFE and FFFF: items and delimiters, and what no element may use (PS3.5 §7.5, §7.8.1).
    Framing,
    /// Group 7FE0: pixel data.
    PixelData,
    /// Listed to be blanked and to be kept.
    Both,
}

impl Rules {
    /// Rules that blank the tags of `blank` and keep those of `keep`.
    ///
    /// # Errors
    /// [`RuleError`] for file meta information, group lengths, items and delimiters, pixel data, and a tag in both sets.
    pub fn new(blank: impl IntoIterator<Item = Tag>, keep: impl IntoIterator<Item = Tag>) -> Result<Self, RuleError> {
        let blank = blank.into_iter().map(|tag| (tag, Rule::Blank));
        let mut table: Vec<_> = blank.chain(keep.into_iter().map(|tag| (tag, Rule::Keep))).collect();
        table.sort_unstable_by_key(|(tag, rule)| (*tag, *rule == Rule::Keep));
        table.dedup();
        let mut filter = [0; 4];
        let mut last = None;
        for (tag, _) in &table {
            if let Some(reason) = unfit(*tag).or((last == Some(*tag)).then_some(RuleErrorReason::Both)) {
                return Err(RuleError { tag: *tag, reason });
            }
            last = Some(*tag);
            if let Some(word) = filter.get_mut(word(*tag)) {
                *word |= bit(*tag);
            }
        }
        Ok(Self { table, filter })
    }

    /// The tags to blank, sorted.
    pub fn blank(&self) -> impl Iterator<Item = Tag> + '_ {
        self.of(Rule::Blank)
    }

    /// The tags to keep, sorted.
    pub fn keep(&self) -> impl Iterator<Item = Tag> + '_ {
        self.of(Rule::Keep)
    }

    /// What is said of `tag`, if anything.
    #[must_use]
    #[inline]
    pub fn rule(&self, tag: Tag) -> Option<Rule> {
        if self.filter.get(word(tag)).is_none_or(|word| word & bit(tag) == 0) {
            return None;
        }
        let found = self.table.binary_search_by_key(&tag, |(listed, _)| *listed).ok()?;
        self.table.get(found).map(|(_, rule)| *rule)
    }

    fn of(&self, wanted: Rule) -> impl Iterator<Item = Tag> + '_ {
        self.table.iter().filter(move |(_, rule)| *rule == wanted).map(|(tag, _)| *tag)
    }
}

/// Which word of the filter a tag's bit is in.
#[inline]
fn word(tag: Tag) -> usize {
    usize::from(tag.group().wrapping_shr(3) & 3)
}

/// The bit of that word: the lower bits of the element number tell the tags of one group apart.
#[inline]
fn bit(tag: Tag) -> u64 {
    1_u64.wrapping_shl(u32::from(tag.element() ^ tag.element().wrapping_shr(4)) & 63)
}

/// Why `tag` can't be in a rule, if so.
fn unfit(tag: Tag) -> Option<RuleErrorReason> {
    match tag.group() {
        0x0002 => Some(RuleErrorReason::FileMeta),
        0xFFFE.. => Some(RuleErrorReason::Framing),
        0x7FE0 => Some(RuleErrorReason::PixelData),
        _ => tag.is_group_length().then_some(RuleErrorReason::GroupLength),
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.table.iter().map(|(tag, rule)| (tag, rule))).finish()
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            RuleErrorReason::FileMeta => "is file meta information, without which the file can't be read",
            RuleErrorReason::GroupLength => "is a group length, which counts bytes and holds no identifier",
            RuleErrorReason::Framing => "is an item or delimiter, which frames values and has none",
            RuleErrorReason::PixelData => "is pixel data, which dicomblank never changes",
            RuleErrorReason::Both => "is both to be blanked and to be kept",
        };
        write!(f, "{} {reason}", self.tag)
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
        let rule = |tag| rules.as_ref().ok().and_then(|rules| rules.rule(tag));
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
            assert_eq!(Rules::new(blank, keep), Err(RuleError { tag, reason }));
        }
    }
}
