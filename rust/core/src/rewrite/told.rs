//! What is told of a rewrite: each element of the source that becomes something else, as a plan tells it.

use super::Rewrite;
use super::splice::Splice;
use crate::audit::{Once, State, state};
use crate::error::{Error, ErrorKind};
use crate::plan::{Action, Edit, ItemRef, Plan};
use crate::rules::{Insert, Rules};
use crate::source::{MAX_LEND, Source};
use crate::span::{Span, size_of_slice};
use crate::tag::TagPath;

impl Rewrite {
    /// What becomes of elements, as a plan, which is never carried out: [`apply`](crate::apply()) has no bytes for
    /// [`Action::Remove`], [`Action::Empty`] and [`Action::Dummy`].
    ///
    /// Its offsets and lengths are those of the source: of what goes all of it, header too, and else of the value. Not
    /// told is what only follows from it (new lengths, group lengths, the head), what goes with a sequence, and what
    /// `rules` add, which is the same for all files.
    #[must_use]
    pub fn told(&self, rules: &Rules) -> Plan {
        let mut edits = Vec::with_capacity(self.most_told());
        edits.extend(self.all_told(rules).map(|(edit, _)| edit));
        let replaces = edits.iter().any(|edit| edit.padded().is_none());
        let Plan { source_size, warnings, opaque, .. } = self.plan;
        Plan { edits, items: self.plan.items.clone(), source_size, warnings, opaque, replaces, owners: Vec::new() }
    }

    /// The state of each edit that is told, in their order. What can't be done twice is still to do, or was not told.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`].
    pub fn states<S: Source>(&self, source: &mut S, rules: &Rules) -> Result<Vec<State>, Error> {
        let mut states = Vec::with_capacity(self.most_told());
        for (edit, splice) in self.all_told(rules) {
            let state = match splice {
                None => state(&edit, source, rules, Once::ToDo),
                Some(splice) => self.state(splice, source),
            };
            let unreadable = |offset| Error { kind: ErrorKind::Unreadable, offset, tag_path: TagPath::default() };
            states.push(state.map_err(unreadable)?);
        }
        Ok(states)
    }

    /// Whether something is done that can't be done twice.
    #[must_use]
    pub fn is_once(&self) -> bool {
        let is_once = |action: Action| action.is_once();
        self.plan.edits().iter().any(|edit| is_once(edit.action()))
            || self.splices.all().iter().filter_map(Splice::action).any(is_once)
    }

    fn most_told(&self) -> usize {
        self.plan.edits().len().saturating_add(self.splices.all().len())
    }

    /// In the order of the source, each edit, and where it changes a length the splice.
    fn all_told<'r>(&'r self, rules: &'r Rules) -> impl Iterator<Item = (Edit, Option<&'r Splice>)> + 'r {
        let mut edits = self.plan.edits().iter().peekable();
        let told = |splice: &'r Splice| Some((edit(splice, rules.inserts())?, Some(splice)));
        let mut splices = self.splices.all().iter().filter_map(told).peekable();
        core::iter::from_fn(move || match (edits.peek(), splices.peek()) {
            (Some(edit), Some((other, _))) if edit.span().start() >= other.span().start() => splices.next(),
            (Some(_), _) => edits.next().map(|edit| (*edit, None)),
            (None, _) => splices.next(),
        })
    }

    /// How far a change of a length is: bytes that are written already are done, and what is to go is not.
    fn state<S: Source>(&self, splice: &Splice, source: &mut S) -> Result<State, u64> {
        let is_once = splice.action().is_some_and(Action::is_once);
        let is_done = !is_once && self.is_written(splice, source)?;
        Ok(if is_done { State::Done } else { State::ToDo })
    }

    fn is_written<S: Source>(&self, splice: &Splice, source: &mut S) -> Result<bool, u64> {
        let written = self.splices.written(splice);
        let here = Span::between(splice.start, splice.end).filter(|here| here.len() == size_of_slice(written));
        let Some(here) = here.filter(|here| here.len() <= MAX_LEND) else { return Ok(false) };
        Ok(source.lend(here).map_err(|_| here.start())? == written)
    }
}

/// What is told of a splice, if anything.
fn edit(splice: &Splice, inserts: &[Insert]) -> Option<Edit> {
    let gives_place = splice.item == ItemRef::ROOT && inserts.iter().any(|insert| insert.tag() == splice.tag);
    let action = splice.action().filter(|_| !splice.tag.is_group_length() && !gives_place)?;
    let told = splice.told();
    // Only a sequence of undefined length can be longer than that.
    let length = u32::try_from(told.len()).unwrap_or(u32::MAX);
    Some(Edit::new(splice.tag, splice.vr, told.start(), length, splice.item, action))
}
