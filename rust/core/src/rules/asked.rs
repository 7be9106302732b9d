//! What is asked of rules as a whole, and which tags they list.

use std::sync::Arc;

use super::{Additions, ByType, Concepts, Insert, Number, Repeating, Rule, Rules, Said, Selector, Types};
use crate::dictionary;
use crate::listed::Listed;
use crate::tag::Tag;
use crate::vr::Vr;

impl Rules {
    /// The rules of a rule by type.
    #[must_use]
    pub fn by_type(&self, number: Number) -> Option<ByType> {
        self.by_types.get(number.index()).copied()
    }

    /// The same rules, with a table by which those by type are decided. Without one, no type is known.
    #[must_use]
    pub fn typed(mut self, types: Arc<Types>) -> Self {
        self.types = types;
        self
    }

    /// The same rules, which add these elements, and are a [rewrite](crate::rewrite()) now if they were none. Without them
    /// the head of a result does not say who wrote it.
    #[must_use]
    pub fn adding(mut self, additions: Arc<Additions>) -> Self {
        self.additions = Some(additions);
        self.rewrites = true;
        self
    }

    /// What is added.
    #[must_use]
    pub fn additions(&self) -> Option<&Additions> {
        self.additions.as_deref()
    }

    /// The elements that are added, sorted by their tags, each once.
    pub(crate) fn inserts(&self) -> &[Insert] {
        self.additions().map_or(&[], Additions::inserts)
    }

    /// Whether something is decided by types.
    pub(crate) fn ask_types(&self) -> bool {
        !self.by_types.is_empty()
    }

    pub(crate) fn types(&self) -> &Types {
        &self.types
    }

    /// The same rules, with a table by which content items are treated where a rule says so. Without one, each element of
    /// an item is treated by its own rule.
    #[must_use]
    pub fn by_concepts(mut self, concepts: Arc<Concepts>) -> Self {
        self.shifts |= concepts.shift();
        self.concepts = concepts;
        self.fill_filter();
        self
    }

    /// Whether something is treated by concepts.
    pub(crate) fn ask_concepts(&self) -> bool {
        self.given.iter().any(|(_, rule)| *rule == Rule::ByConcept)
    }

    pub(crate) fn concepts(&self) -> &Concepts {
        &self.concepts
    }

    /// Whether it has to be known which private creators nothing needs: all private elements go, but for some by their
    /// creator.
    pub(crate) fn ask_idle(&self) -> bool {
        let keeps =
            |(selector, rule): &(Selector, Rule)| matches!((selector, rule), (Selector::Private(_), Rule::Keep));
        self.private == Some(Rule::Remove) && self.given.iter().any(keeps)
    }

    /// Whether the items of this sequence are treated by their concept names.
    pub(crate) fn is_by_concept(&self, tag: Tag) -> bool {
        self.say(tag) == Some(Said::Rule(Rule::ByConcept))
    }

    /// Whether one of them may change the length of a value, or something is added: then what they ask for is a
    /// [rewrite](crate::rewrite()), and there is no [plan](crate::plan()) of it.
    #[must_use]
    pub const fn rewrite(&self) -> bool {
        self.rewrites
    }

    /// Whether a key is needed.
    #[must_use]
    pub fn need_key(&self) -> bool {
        self.given.iter().any(|(selector, rule)| match rule {
            Rule::ByType(number) => {
                self.by_type(*number).is_some_and(|by| by.all().into_iter().any(|rule| needs_key(selector, rule)))
            }
            rule => needs_key(selector, *rule),
        })
    }

    /// Whether a rule is on this tag, or on one element of many groups, and not on whole groups alone.
    #[cold]
    fn is_named(&self, tag: Tag) -> bool {
        let is_one = |repeating: &Repeating| !repeating.is_of_whole_groups() && repeating.covers(tag);
        let repeating =
            || self.repeating.iter().any(|(repeating, _)| is_one(repeating)) && dictionary::is_repeating(tag);
        self.find(tag).is_some() || self.creators.are_asked(tag) || repeating()
    }

    /// Whether a private tag has a rule only because all have one, and its bytes are hardly ever a tag. Where a reader
    /// goes astray, it comes to text as often as not, half of which reads as a private tag.
    #[cold]
    fn is_hardly_private(&self, tag: Tag) -> bool {
        !tag.is_likely_private() && self.find(tag).is_none() && !self.creators.are_asked(tag)
    }
}

impl Listed for Rules {
    fn is_listed(&self, tag: Tag) -> bool {
        match self.say(tag) {
            Some(Said::Rule(_)) if self.private.is_some() && tag.is_private() && self.is_hardly_private(tag) => false,
            Some(Said::Rule(rule)) => rule.is_edit(),
            Some(Said::AskCreator) => true,
            Some(Said::Owner) | None => false,
        }
    }

    /// Not what has a rule only because its group has one: two letters of a text are as easily such a group.
    fn is_listed_in_data_sets(&self, tag: Tag) -> bool {
        self.is_listed(tag) && self.is_named(tag)
    }
}

/// Whether the rule needs a key for elements that it is about.
fn needs_key(selector: &Selector, rule: Rule) -> bool {
    let vr = match selector {
        Selector::Tag(tag) => dictionary::vr(*tag),
        _ => None,
    };
    match rule {
        // In a content item there may be a UID, or a date.
        Rule::Pseudonymize | Rule::Shift | Rule::ByConcept => true,
        // The dummy of a UID is a keyed one, and below a sequence there may be some.
        Rule::Dummy => vr.is_none_or(|vr| matches!(vr, Vr::UI | Vr::SQ | Vr::UN)),
        _ => false,
    }
}
