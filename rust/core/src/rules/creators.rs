//! Private elements by their creator (PS3.5 §7.8.1): (gggg,00bb) names who has reserved (gggg,bb00) to (gggg,bbFF) of
//! its own data set or item.
//!
//! Where a file does not say clearly who has reserved a block, its elements may be listed ones, and are blanked: no
//! creator is in front of them, its value is empty or too long to be one, or there are several, one of which is listed.

use std::collections::BTreeSet;

use super::rule::Rule;
use super::selector::Private;
use crate::tag::Tag;

/// The rules on private elements by their creator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Creators(Vec<(Private, Rule)>);

/// Who has reserved a block, as one creator element says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// One that a rule on the group names; the number is that of its first rule.
    Listed(usize),
    /// Another.
    Other,
    /// It can't be told who.
    Unclear,
}

impl Creators {
    /// `entries` are sorted.
    pub(super) const fn new(entries: Vec<(Private, Rule)>) -> Self {
        Self(entries)
    }

    /// The groups with rules, some of them more than once.
    pub(super) fn groups(&self) -> impl Iterator<Item = u16> + '_ {
        self.0.iter().map(|(private, _)| private.group())
    }

    /// Whether what is said of `tag` depends on a creator: it is a creator itself, in a group with rules, or has the
    /// number of a rule.
    pub(crate) fn are_asked(&self, tag: Tag) -> bool {
        match block(tag) {
            Some(Block::Creator(_)) => self.groups().any(|group| group == tag.group()),
            Some(Block::Element(_, element)) => self.of(tag.group(), element).next().is_some(),
            None => false,
        }
    }

    /// Whom the value of a creator element in `group` names. Readers differ on where text with NULs ends, and on
    /// several values: each part counts.
    pub(crate) fn owners(&self, group: u16, value: &[u8]) -> Vec<Owner> {
        let parts = value.split(|byte| matches!(byte, 0 | b'\\')).map(<[u8]>::trim_ascii);
        let mut owners: Vec<_> = parts.filter(|part| !part.is_empty()).map(|part| self.owner(group, part)).collect();
        if owners.is_empty() {
            owners.push(Owner::Unclear);
        }
        owners
    }

    fn owner(&self, group: u16, name: &[u8]) -> Owner {
        // gdcm does not tell capitals from small letters in a creator.
        let is_named = |private: &Private| private.creator().as_bytes().eq_ignore_ascii_case(name);
        let found = self.0.iter().position(|(private, _)| private.group() == group && is_named(private));
        found.map_or(Owner::Other, Owner::Listed)
    }

    /// What is said of the element number `element` of a block in `group`, given all that is known of whose it is.
    pub(crate) fn rule(&self, group: u16, element: u8, owners: &[Owner]) -> Option<Rule> {
        let is_said = |owner: &Owner, wanted: Rule| {
            self.of(group, element).any(|(private, rule)| *rule == wanted && self.owns(*owner, private))
        };
        let is_unclear = owners.is_empty() || owners.contains(&Owner::Unclear);
        let edits = self.of(group, element).filter(|(private, rule)| {
            rule.is_edit() && (is_unclear || owners.iter().any(|owner| self.owns(*owner, private)))
        });
        let edits: BTreeSet<Rule> = edits.map(|(_, rule)| *rule).collect();
        match (edits.first(), edits.len(), owners.len()) {
            (None, ..) => {}
            // It is clear whose it is, or at least what becomes of it.
            (Some(rule), 1, 1) if !is_unclear => return Some(*rule),
            // Where it can't be told what becomes of it, nothing of it stays.
            _ => return Some(Rule::Blank),
        }
        let is_kept = !owners.is_empty() && owners.iter().all(|owner| is_said(owner, Rule::Keep));
        is_kept.then_some(Rule::Keep)
    }

    /// What is said of a creator element in `group` that names `owners`. Where elements are kept by it, it stays, also
    /// inside a blanked sequence: else the next run could not tell whose they are.
    pub(crate) fn rule_of_creator(&self, group: u16, owners: &[Owner]) -> Option<Rule> {
        let is_needed = |owner: &Owner| {
            let mut kept = self.0.iter().filter(|(private, rule)| *rule == Rule::Keep && private.group() == group);
            kept.any(|(private, _)| self.owns(*owner, private))
        };
        (!owners.is_empty() && owners.iter().all(is_needed)).then_some(Rule::Keep)
    }

    fn owns(&self, owner: Owner, private: &Private) -> bool {
        let Owner::Listed(first) = owner else { return false };
        self.0.get(first).is_some_and(|(named, _)| named.creator().eq_ignore_ascii_case(private.creator()))
    }

    fn of(&self, group: u16, element: u8) -> impl Iterator<Item = &(Private, Rule)> {
        self.0.iter().filter(move |(private, _)| (private.group(), private.element()) == (group, element))
    }
}

/// The part of a private element in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// (gggg,00bb), which reserves block bb.
    Creator(u8),
    /// (gggg,bbee), number ee of block bb.
    Element(u8, u8),
}

/// The part of `tag` in a private block; `None` for what is in none.
pub(crate) const fn block(tag: Tag) -> Option<Block> {
    if !tag.is_private() {
        return None;
    }
    match tag.element().to_be_bytes() {
        [0, block @ 0x10..=0xFF] => Some(Block::Creator(block)),
        [block @ 0x10..=0xFF, element] => Some(Block::Element(block, element)),
        _ => None,
    }
}
