//! Where the filter of rules has the bit of a tag: see [`Rules`](super::Rules).

use crate::tag::Tag;

/// Words of the filter, of 64 bits each.
pub(super) const WORDS: usize = 32;

/// The bits of a group by which the words of the filter are told apart: the lowest, that of private elements, three that
/// differ among most groups, and one that the repeating groups 50xx and 60xx have.
pub(super) const TOLD_APART: u16 = 1 | 7 << 3 | 1 << 14;

/// Which word of the filter a tag's bit is in.
#[inline]
pub(super) fn word(tag: Tag) -> usize {
    // Puts the five bits side by side, above all others: no two meet.
    const TOGETHER: u32 = 1 | 1 << 8 | 1 << 15;
    let bits = u32::from(tag) & u32::from(Tag::new(TOLD_APART, 0));
    usize::try_from(bits.wrapping_mul(TOGETHER).wrapping_shr(27)).unwrap_or_default()
}

/// Groups, one for each word.
pub(super) fn one_of_each_word() -> impl Iterator<Item = u16> {
    (0..1 << 5).map(|bits: u16| (bits & 1) << 14 | (bits >> 1 & 7) << 3 | bits >> 4)
}

/// The bit of that word.
#[inline]
pub(super) fn bit(tag: Tag) -> u64 {
    1_u64.wrapping_shl(u32::from(tag.element() ^ tag.element().wrapping_shr(4)) & 63)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_word_of_the_filter_has_a_group() {
        let words: BTreeSet<usize> = one_of_each_word().map(|group| word(Tag::new(group, 0))).collect();
        assert_eq!(words, (0..WORDS).collect());
        for group in 0..=u16::MAX {
            let tag = |group| Tag::new(group, 0);
            assert_eq!(word(tag(group)), word(tag(group & TOLD_APART)), "{group:04X}");
        }
    }
}
