//! What becomes of a file where lengths change: its rewrite, as the file stands or in its inflated form, and what is told
//! of it.

use std::path::Path;

use dicomblank_core::{
    Compared, Edit, Error, ErrorKind, Limits, Marked, NewHead, Once, Pieces, Plan, Rewrite, Rewritten, Rules, Sites,
    Source, State, check_rewrite, plan_and_sites, plan_and_sites_inflated, rewrite, says_done,
};

use super::inflated::Inflated;
use super::keyed::{Keyed, Keying};
use super::leftovers::{Looked, Looking, Searched};
use super::method::is_ours;
use super::planned::{check_not_lost, once, positions};
use super::wanted::Wanted;
use crate::error::FileError;

/// What becomes of a file, before a value of it is read.
pub(crate) struct Rewriting {
    /// Without what was done before and can't be done twice.
    rewrite: Rewrite,
    /// The inflated form of a deflated file, in which all offsets count.
    inflated: Option<Inflated>,
    /// As it is told.
    told: Plan,
    states: Vec<State>,
    marked: Marked,
}

impl Rewriting {
    /// Walks `source`, and says what becomes of it. If its data set is deflated, `inflate` is called with its offset.
    ///
    /// # Errors
    /// Those of [`rewrite`] and of `inflate`, and what the mark of the file says; [`ErrorKind::MarkLost`].
    pub(crate) fn of<S: Source>(
        source: &mut S,
        rules: &Rules,
        keying: &Keying,
        inflate: impl FnOnce(&mut S, u64) -> Result<Inflated, FileError>,
    ) -> Result<Self, FileError> {
        let said = if rules.are_once() { says(source, keying) } else { Ok(Marked::No) };
        let once = said.as_ref().map_or(Once::ToDo, |marked| once(*marked));
        let walked = match rewrite(source, rules, once, &Limits::default()) {
            Ok(rewrite) => Ok((rewrite, None)),
            Err(Error { kind: ErrorKind::Deflated, offset, .. }) => {
                let inflated = inflate(source, offset)?;
                inflated.rewrite(rules, once).map(|rewrite| (rewrite, Some(inflated)))
            }
            Err(error) => Err(error),
        };
        let (rewrite, inflated) = match (walked, said.as_ref()) {
            // What it says of itself counts only where something is to be done that can't be done twice.
            (Ok((rewrite, inflated)), Err(_)) if !rewrite.is_once() => (rewrite, inflated),
            (_, Err(error)) => return Err(error.clone().into()),
            (walked, Ok(_)) => walked?,
        };
        let marked = said.unwrap_or(Marked::No);
        if rewrite.is_once() {
            let is_ours = inflated.as_ref().map_or_else(|| is_ours(source), Inflated::is_ours)?;
            check_not_lost(marked, is_ours)?;
        }
        let told = rewrite.told(rules);
        let states = match &inflated {
            Some(inflated) => rewrite.states(&mut inflated.source(), rules),
            None => rewrite.states(source, rules),
        };
        Ok(Self { rewrite, inflated, told, states: states?, marked })
    }

    /// What becomes of elements, as it is told: no plan that can be carried out.
    pub(crate) const fn told(&self) -> &Plan {
        &self.told
    }

    /// The same, and how far each of its edits is.
    pub(crate) fn into_told(self) -> (Plan, Vec<State>) {
        (self.told, self.states)
    }

    /// What is told, the inflated form, and the new head.
    pub(crate) fn into_parts(self) -> (Plan, Option<Inflated>, NewHead) {
        (self.told, self.inflated, self.rewrite.new_head())
    }

    /// The positions of what is still to be done.
    pub(crate) fn left(&self) -> Vec<u32> {
        positions(&self.states, &[State::ToDo])
    }

    /// Whether something is done that can't be done twice, and there is no room for the mark that says so.
    pub(crate) fn is_unmarked(&self) -> bool {
        self.rewrite.is_once() && !self.rewrite.has_head()
    }

    /// Whether the result can be made: what takes a key was done before, or there is one.
    pub(crate) fn can_be_made(&self, rules: &Rules, keying: &Keying) -> bool {
        keying.is_enough_for(rules) || !self.rewrite.is_once()
    }

    /// The first of what is left as it was, and how much there is: but for what can't be done twice, which the bytes don't
    /// tell.
    pub(crate) fn first_left(&self) -> Option<(&Edit, usize)> {
        let is_left = |(edit, state): &(&Edit, &State)| **state == State::ToDo && !edit.action().is_once();
        let mut left = self.told.edits().iter().zip(&self.states).filter(is_left);
        let (first, _) = left.next()?;
        Some((first, left.count() + 1))
    }

    /// The inflated form of what becomes of a deflated file: its bytes, and where the data set begins.
    ///
    /// # Errors
    /// [`FileError::Panicked`] for one that is not deflated.
    pub(crate) fn into_form(self, (bytes, data_set): (Vec<u8>, u64)) -> Result<Inflated, FileError> {
        self.inflated.ok_or(FileError::Panicked)?.becoming(bytes, data_set)
    }

    pub(crate) const fn inflated(&self) -> Option<&Inflated> {
        self.inflated.as_ref()
    }

    /// The result: values that become keyed ones are read.
    ///
    /// # Errors
    /// Where one can't become what the rules say, or can't be read.
    pub(crate) fn pieces<S: Source>(
        &self,
        source: &mut S,
        rules: &Rules,
        keyed: &mut Keyed<'_, '_>,
    ) -> Result<Pieces<'_>, Error> {
        let is_marked = self.rewrite.is_once() || self.marked == Marked::Done;
        let how = (rules, keyed.keying().marks().filter(|_| is_marked));
        match &self.inflated {
            Some(inflated) => Pieces::resolve(&self.rewrite, how, &mut inflated.source(), keyed),
            None => Pieces::resolve(&self.rewrite, how, source, keyed),
        }
    }

    /// Whether the result is the file as it is.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub(crate) fn is_same<S: Source>(&self, pieces: &Pieces<'_>, source: &mut S) -> Result<bool, Error> {
        match &self.inflated {
            Some(inflated) => pieces.are_source(&mut inflated.source()),
            None => pieces.are_source(source),
        }
    }

    /// Reads the result back before there is any. `again` is another source of the same file.
    ///
    /// # Errors
    /// [`ErrorKind::OtherResult`], and where the file can't be read.
    pub(crate) fn check<S: Source, R: Source>(
        &self,
        pieces: &Pieces<'_>,
        source: &mut S,
        again: R,
        rules: &Rules,
    ) -> Result<(), Error> {
        let (compared, limits) = (Compared::Headers, &Limits::default());
        match &self.inflated {
            Some(inflated) => {
                let result = &mut Rewritten::new(inflated.source(), pieces);
                check_rewrite(&mut inflated.source(), result, rules, pieces, compared, limits)
            }
            None => check_rewrite(source, &mut Rewritten::new(again, pieces), rules, pieces, compared, limits),
        }
    }

    /// Whether `result`, which is inflated if the file is deflated, is what the pieces say, byte for byte.
    ///
    /// # Errors
    /// [`ErrorKind::OtherResult`] where it is not, and where one of the two can't be read.
    pub(crate) fn compare<S: Source, R: Source>(
        &self,
        pieces: &Pieces<'_>,
        source: &mut S,
        result: &mut R,
        rules: &Rules,
    ) -> Result<(), Error> {
        let (compared, limits) = (Compared::All, &Limits::default());
        match &self.inflated {
            Some(inflated) => check_rewrite(&mut inflated.source(), result, rules, pieces, compared, limits),
            None => check_rewrite(source, result, rules, pieces, compared, limits),
        }
    }

    /// Where the values that go, or become others, still stand in the result, or in the path `below` the source that was
    /// named. `again` is another source of the same file.
    ///
    /// # Errors
    /// Where the file can't be read, or has more values than are remembered.
    pub(crate) fn look<S: Source, R: Source>(
        &self,
        pieces: &Pieces<'_>,
        source: &mut S,
        again: R,
        below: &Path,
        looking: Looking<'_>,
    ) -> Result<Looked, Error> {
        if let Some(inflated) = &self.inflated {
            let sites = inflated.plan_and_sites(&nothing())?.1;
            let wanted = Wanted::of_told(&mut inflated.source(), &sites, &self.told, &self.left())?;
            return search(&wanted, Rewritten::new(inflated.source(), pieces), Some(pieces.data_set()), below, looking);
        }
        let (_, sites) = plan_and_sites(source, &nothing(), &Limits::default())?;
        let wanted = Wanted::of_told(source, &sites, &self.told, &self.left())?;
        search(&wanted, Rewritten::new(again, pieces), None, below, looking)
    }
}

/// Rules about nothing: for a walk that only asks where values stand.
fn nothing() -> Rules {
    Rules::new([], []).unwrap_or_else(|_| unreachable!("no rule is wrong"))
}

/// Looks for values in a result.
fn search<R: Source>(
    wanted: &Wanted,
    mut result: R,
    inflated: Option<u64>,
    below: &Path,
    (looker, known): Looking<'_>,
) -> Result<Looked, Error> {
    let (rules, limits) = (nothing(), Limits::default());
    let sites: Sites = match inflated {
        Some(data_set) => plan_and_sites_inflated(&mut result, data_set, &rules, &limits)?.1,
        None => plan_and_sites(&mut result, &rules, &limits)?.1,
    };
    let source = &mut result;
    looker.look(wanted, known, Searched { source, sites: &sites, edits: &[], own: &[], written: None, below })
}

/// What a file says of itself: whether what can't be done twice was done to it.
fn says<S: Source>(source: &mut S, keying: &Keying) -> Result<Marked, Error> {
    match keying.marks() {
        Some(marks) => marks.of(source),
        // Nobody without the key can tell whether it is true.
        None => says_done(source).map(|is_done| if is_done { Marked::Done } else { Marked::No }),
    }
}
