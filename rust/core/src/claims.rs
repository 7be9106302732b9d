//! What other readings claim: listed elements that the walk has to come to as well, at the very same places.

use std::collections::BTreeMap;

use crate::error::{ErrorKind, RawError};
use crate::span::Span;
use crate::tag::Tag;

/// A listed element that a rival comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Where its header stands.
    pub(crate) at: u64,
    pub(crate) tag: Tag,
    /// Whether its value ends inside the rival's frame. Of a value that does not, a reader shows what there is, if
    /// anything.
    pub(crate) fits: bool,
}

/// The claims of all [rival](crate::rival) readings of one source, by place. None in nearly every file, and then this
/// costs a comparison.
#[derive(Debug)]
pub(crate) struct Claims {
    all: BTreeMap<u64, Claim>,
    /// The first place that the walk has not yet passed.
    ahead: u64,
    /// The first claim from there on; `u64::MAX` where there is none.
    next: u64,
}

#[derive(Clone, Copy, Debug)]
struct Claim {
    /// `None` where readings come to two tags there: the walk can be at one only.
    tag: Option<Tag>,
    /// Whether a reading has all of its value.
    fits: bool,
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

    /// A reading that parts from the walk's at `made_at` has `shown` an element.
    ///
    /// # Errors
    /// Where there are too many.
    pub(crate) fn add(&mut self, shown: Shown, kind: ErrorKind, made_at: u64) -> Result<(), RawError> {
        /// A few megabytes. Files that were not made to reach it have a few claims.
        const MOST: u64 = 64 * 1024;
        let Shown { at, tag, fits } = shown;
        let claim = self.all.entry(at).or_insert(Claim { tag: Some(tag), fits, kind, made_at });
        claim.tag = claim.tag.filter(|claimed| *claimed == tag);
        claim.fits |= fits;
        if u64::try_from(self.all.len()).is_ok_and(|count| count > MOST) {
            return Err(ErrorKind::TooManyElements { limit: MOST }.at(made_at));
        }
        self.look_ahead(self.ahead);
        Ok(())
    }

    /// The walk is at an element at `at`, which is at or behind the next claim. An element of the claimed tag, at its
    /// place, meets the claim. An empty one does not where another reading has a whole value: nothing of that would be
    /// blanked.
    #[cold]
    pub(crate) fn meet(&mut self, at: u64, tag: Tag, is_empty: bool) -> Result<(), RawError> {
        let is_claimed = |claim: &Claim| claim.tag == Some(tag) && !(is_empty && claim.fits);
        if self.next == at && self.all.get(&at).is_some_and(is_claimed) {
            self.look_ahead(at.saturating_add(1));
            return Ok(());
        }
        self.pass(at.saturating_add(1))
    }

    /// The walk is at `at`, and has met no claim on its way there.
    pub(crate) fn pass(&mut self, at: u64) -> Result<(), RawError> {
        match self.all.get(&self.next).filter(|_| self.next < at) {
            Some(claim) => Err(claim.kind.at(self.next)),
            None => Ok(()),
        }
    }

    /// `blanked`, which the walk has just passed, will be overwritten, with the headers in it: no reader comes to a
    /// claim there any more. Its claims stay listed: it may be in a value that turns out to be no sequence.
    #[cold]
    pub(crate) fn are_blanked(&mut self, blanked: Span) {
        if (blanked.start()..blanked.end()).contains(&self.next) {
            self.look_ahead(blanked.end());
        }
    }

    /// The walk goes back to `start`: what it has met from there on is void, and so is what was claimed because of it.
    pub(crate) fn go_back(&mut self, start: u64) {
        self.all.retain(|_, claim| claim.made_at < start);
        self.look_ahead(start);
    }

    fn look_ahead(&mut self, ahead: u64) {
        self.ahead = ahead;
        self.next = self.all.range(ahead..).next().map_or(u64::MAX, |(at, _)| *at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Tag = Tag::new(0x0010, 0x0010);
    const SWAPPED: Tag = Tag::new(0x1000, 0x1000);

    /// What is claimed at 8 from 0 on and whether all of it is there, the tag that the walk meets there and whether it
    /// is empty, and whether the walk may go on behind it.
    #[test]
    fn a_claim_is_met_by_its_tag_at_its_place() {
        let whole = |tag| Shown { at: 8, tag, fits: true };
        let cut = |tag| Shown { at: 8, tag, fits: false };
        for (claimed, met, may_go_on) in [
            (&[whole(NAME)][..], Some((NAME, false)), true),
            (&[whole(NAME)], Some((NAME, true)), false),
            (&[cut(NAME)], Some((NAME, true)), true),
            (&[cut(NAME), whole(NAME)], Some((NAME, true)), false),
            (&[whole(NAME), cut(NAME)], Some((NAME, true)), false),
            (&[whole(NAME), whole(NAME)], Some((NAME, false)), true),
            (&[whole(NAME)], Some((SWAPPED, false)), false),
            (&[whole(NAME), whole(SWAPPED)], Some((NAME, false)), false),
            (&[whole(NAME), whole(SWAPPED)], Some((SWAPPED, false)), false),
            (&[whole(NAME)], None, false),
            (&[], None, true),
        ] {
            let mut claims = Claims::new();
            for shown in claimed {
                claims.add(*shown, ErrorKind::AmbiguousSyntax, 0).unwrap();
            }
            let is_met = met.is_none_or(|(tag, is_empty)| claims.meet(8, tag, is_empty).is_ok());
            assert_eq!((claimed, met, is_met && claims.pass(u64::MAX).is_ok()), (claimed, met, may_go_on));
        }
    }

    #[test]
    fn claims_have_a_bound() {
        let mut claims = Claims::new();
        let mut add = |at| claims.add(Shown { at, tag: NAME, fits: true }, ErrorKind::AmbiguousSyntax, 0);
        assert!((0..0x10000).all(|at| add(at).is_ok()) && add(0).is_ok());
        assert_eq!(add(0x10000).unwrap_err().kind, ErrorKind::TooManyElements { limit: 0x10000 });
    }
}
