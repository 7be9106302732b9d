//! What other readings claim: listed elements that the walk has to come to as well, at the very same places.

use std::collections::BTreeMap;

use crate::error::{ErrorKind, Fault};
use crate::span::Span;
use crate::tag::Tag;

/// The claims of all [rival](crate::rival) readings of one source, by place. None in nearly every file, and then this costs a comparison.
#[derive(Debug)]
pub(crate) struct Claims {
    all: BTreeMap<u64, Claim>,
    /// The first place that the walk has not yet passed.
    ahead: u64,
    /// The first claim from there on: where it is, or behind everything.
    next: u64,
}

#[derive(Clone, Copy, Debug)]
struct Claim {
    tag: Tag,
    /// What is wrong if the walk does not come there.
    kind: ErrorKind,
    /// Where the walk was when it was made.
    made_at: u64,
}

impl Claims {
    pub(crate) const fn new() -> Self {
        Self { all: BTreeMap::new(), ahead: 0, next: u64::MAX }
    }

    /// The next place to come to.
    #[inline]
    pub(crate) const fn next(&self) -> u64 {
        self.next
    }

    /// A reading that parts from the walk's at `made_at` comes to an element of `tag` at `at`.
    pub(crate) fn add(&mut self, at: u64, tag: Tag, kind: ErrorKind, made_at: u64) {
        self.all.entry(at).or_insert(Claim { tag, kind, made_at });
        self.look_ahead(self.ahead);
    }

    /// The walk is at the element `tag` at `at`, at or behind the next claim.
    #[cold]
    pub(crate) fn meet(&mut self, at: u64, tag: Tag) -> Result<(), Fault> {
        if self.next == at && self.all.get(&at).is_some_and(|claim| claim.tag == tag) {
            self.look_ahead(at.saturating_add(1));
            return Ok(());
        }
        self.pass(at.saturating_add(1))
    }

    /// The walk is at `at`, and has come to no claim on its way there.
    pub(crate) fn pass(&mut self, at: u64) -> Result<(), Fault> {
        match self.all.get(&self.next).filter(|_| self.next < at) {
            Some(claim) => Err(claim.kind.at(self.next)),
            None => Ok(()),
        }
    }

    /// What stands in `blanked` is overwritten, header and all: no reader comes to it any more.
    #[cold]
    pub(crate) fn drop_in(&mut self, blanked: Span) {
        self.all.retain(|at, _| !(blanked.start()..blanked.end()).contains(at));
        self.look_ahead(self.ahead);
    }

    /// The walk gives up what it has met from `start` on, and what was claimed there of it.
    pub(crate) fn go_back(&mut self, start: u64) {
        self.all.retain(|_, claim| claim.made_at < start);
        self.look_ahead(start);
    }

    fn look_ahead(&mut self, ahead: u64) {
        self.ahead = ahead;
        self.next = self.all.range(ahead..).next().map_or(u64::MAX, |(at, _)| *at);
    }
}
