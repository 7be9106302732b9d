//! What a worker has for each file.

use dicomblank_core::{Error, Patch, Pieces, Replacement, Rules, Sites, Source};

use super::validator::Validator;
use crate::error::FileError;
use crate::leftover::Remains;
use crate::order::choices::Leftovers;
use crate::order::known::Known;
use crate::order::place::Place;
use crate::read::keyed::Keyed;
use crate::read::leftovers::{Looked, Looker};
use crate::read::opened::{FileSource, Opened};
use crate::read::planned::{Planned, Ready};
use crate::read::rewriting::Rewriting;
use crate::read::windows::Windows;
use crate::report::values::Counter;

/// The rules of the run, what they replace values with, the buffers of the worker, its count of values, the validator,
/// and what is looked for elsewhere.
pub(crate) struct Tools<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) keyed: Keyed<'a, 'a>,
    pub(crate) windows: &'a mut Windows,
    /// For a second look at a file while the first goes on.
    pub(crate) others: &'a mut Windows,
    pub(crate) counter: &'a mut Counter,
    pub(crate) validator: Option<&'a Validator<'a>>,
    pub(crate) looking: Looking<'a>,
}

/// Whether values are looked for wherever else they stand, and with what.
pub(crate) struct Looking<'a> {
    pub(crate) leftovers: Leftovers,
    pub(crate) known: Option<&'a Known>,
    pub(crate) looker: &'a mut Looker,
}

impl Looking<'_> {
    /// Whether anything is looked for.
    pub(crate) fn is_asked(&self) -> bool {
        self.leftovers != Leftovers::Ignore
    }

    /// The plan of a file, and where every value stands, if that is needed.
    pub(crate) fn plan(
        &self,
        opened: &Opened<'_>,
        source: &mut FileSource<'_>,
        rules: &Rules,
    ) -> Result<(Planned, Option<Sites>), FileError> {
        if !self.is_asked() {
            return Ok((opened.plan(source, rules)?, None));
        }
        let (planned, sites) = opened.plan_and_sites(source, rules)?;
        Ok((planned, Some(sites)))
    }

    /// What is left where nothing is to be done: what is known, if there is a list.
    ///
    /// # Errors
    /// [`FileError::Leftovers`] where a file with some is refused; an error of the core, which is not yet explained.
    pub(crate) fn look<S: Source>(
        &mut self,
        source: &mut S,
        planned: &Planned,
        (sites, place): (Option<Sites>, &Place),
    ) -> Result<Option<Box<Remains>>, FileError> {
        let looked = self.found(source, (planned, (&[], None)), (sites, place))?;
        Ok(looked.map(|looked| Box::new(looked.remains)))
    }

    /// What is left of the values that are about to be written over, and what that becomes if it is written over, too.
    ///
    /// # Errors
    /// [`FileError::Leftovers`] where a file with some is refused; an error of the core, which is not yet explained.
    pub(crate) fn look_ready<S: Source>(
        &mut self,
        source: &mut S,
        ready: &Ready<'_>,
        (sites, place): (Option<Sites>, &Place),
    ) -> Result<(Option<Box<Remains>>, Vec<Replacement>), FileError> {
        if sites.is_none() {
            return Ok((None, Vec::new()));
        }
        let patch = (self.leftovers == Leftovers::Replace).then_some(&ready.patch);
        let all: Vec<u32> = (0_u32..).zip(ready.planned.plan().edits()).map(|(position, _)| position).collect();
        let looked = self.found(source, (&ready.planned, (&all, patch)), (sites, place))?;
        Ok(looked.map_or((None, Vec::new()), |looked| (Some(Box::new(looked.remains)), looked.replacements)))
    }

    /// What a run would leave of the values of the edits at the positions that `left` gives, if that is asked for.
    pub(crate) fn look_at<S: Source>(
        &mut self,
        planned: &Planned,
        source: &mut S,
        left: impl FnOnce() -> Vec<u32>,
        (sites, place): (Option<Sites>, &Place),
    ) -> Result<Option<Box<Remains>>, Error> {
        let Some(sites) = sites else { return Ok(None) };
        let below = place.relative();
        let looked = planned.look((&left(), None), source, (&sites, &below), (self.looker, self.known))?;
        Ok(Some(Box::new(looked.remains)))
    }

    /// What is left in the result of a rewrite, of the values that go or become others. `again` is another source of the
    /// same file.
    ///
    /// # Errors
    /// [`FileError::Leftovers`] where a file with some is refused; an error of the core, which is not yet explained.
    pub(crate) fn look_in_result<S: Source, R: Source>(
        &mut self,
        rewriting: &Rewriting,
        pieces: &Pieces<'_>,
        (source, again): (&mut S, R),
        place: &Place,
    ) -> Result<Option<Box<Remains>>, FileError> {
        if !self.is_asked() {
            return Ok(None);
        }
        let Looked { remains, .. } =
            rewriting.look(pieces, source, again, &place.relative(), (self.looker, self.known))?;
        let is_refused = self.leftovers == Leftovers::Refuse && remains.count > 0;
        if is_refused { Err(FileError::Leftovers(Box::new(remains))) } else { Ok(Some(Box::new(remains))) }
    }

    fn found<S: Source>(
        &mut self,
        source: &mut S,
        (planned, what): (&Planned, (&[u32], Option<&Patch>)),
        (sites, place): (Option<Sites>, &Place),
    ) -> Result<Option<Looked>, FileError> {
        let Some(sites) = sites else { return Ok(None) };
        let looked = planned.look(what, source, (&sites, &place.relative()), (self.looker, self.known))?;
        let is_refused = self.leftovers == Leftovers::Refuse && looked.remains.count > 0;
        if is_refused { Err(FileError::Leftovers(Box::new(looked.remains))) } else { Ok(Some(looked)) }
    }
}
