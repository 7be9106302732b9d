//! What a run would do to a file, and how far each of its values is. Nothing is written.

use std::path::Path;

use dicomblank_core::{Error, Marked, Once, Plan, Rules, Source, State};
use dicomblank_pseudonym::Memory;

use super::keyed::{Keyed, Keying};
use super::opened::Opened;
use super::planned::{Planned, once, positions};
use super::rewriting::Rewriting;
use super::windows::Windows;
use crate::error::FileError;
use crate::watch::Watch;

/// The plan of a file, and the state of each of its edits, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryRun {
    /// What would be overwritten; of a file that would be rewritten what becomes of its elements.
    pub plan: Plan,
    /// What of that is still to be done.
    pub states: Vec<State>,
}

impl DryRun {
    /// The positions of the edits of one of these states.
    pub(crate) fn positions(&self, of: &[State]) -> Vec<u32> {
        positions(&self.states, of)
    }

    /// Of a file that is rewritten. As of one that is planned, what a run would refuse is refused here, where `keyed` has
    /// what that takes. `again` is another source of the same file.
    ///
    /// # Errors
    /// What can't be read, and what a run would refuse.
    pub(crate) fn of_rewriting<S: Source, R: Source>(
        rewriting: Rewriting,
        (source, again): (&mut S, R),
        rules: &Rules,
        keyed: &mut Keyed<'_, '_>,
    ) -> Result<Self, Error> {
        if rewriting.can_be_made(rules, keyed.keying()) {
            let pieces = rewriting.pieces(source, rules, keyed)?;
            rewriting.check(&pieces, source, again, rules)?;
        }
        Ok(Self::told(rewriting))
    }

    /// What is told of a file that is rewritten.
    pub(crate) fn told(rewriting: Rewriting) -> Self {
        let (plan, states) = rewriting.into_told();
        Self { plan, states }
    }

    /// Of what was planned of `source`. Values are read, and thrown away, where `keyed` has what that takes: what a run
    /// would refuse then, is refused here. `look` is called with the states of the edits.
    ///
    /// # Errors
    /// What can't be read, and what a run would refuse.
    pub(crate) fn of<S: Source>(
        planned: Planned,
        source: &mut S,
        rules: &Rules,
        keyed: &mut Keyed<'_, '_>,
        look: impl FnOnce(&Planned, &mut S, &[State]) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let is_enough = keyed.keying().is_enough_for(rules);
        let marked = if is_enough { planned.marked(source, keyed.keying())? } else { Marked::No };
        let once = match once(marked) {
            // Nobody without the key can tell whether it is true.
            Once::ToDo if !is_enough && planned.is_once() && planned.says_done(source)? => Once::Done,
            once => once,
        };
        let states = planned.states(source, rules, once)?;
        look(&planned, source, &states)?;
        if !is_enough || planned.plan().is_padding() {
            return Ok(Self { plan: planned.into_plan(), states }); // not a second plan: it may be the largest thing in memory
        }
        let plan = planned.plan().clone();
        let left = planned.left_of(&plan, source, (rules, once))?;
        planned.resolve((&left, marked), source, rules, keyed)?;
        Ok(Self { plan, states })
    }
}

/// What a run would do to the file `path`: the dry run. Links are followed. For a deflated file, offsets count in its
/// inflated form.
///
/// # Errors
/// [`FileError`]: the file can't be read, is no DICOM file, or would be refused; or `watch` gave up.
pub fn dry_run(path: &Path, rules: &Rules, keying: &Keying, watch: Watch) -> Result<DryRun, FileError> {
    // Not the memory that calls share: see `replaced_file`.
    let mut memory = Memory::default();
    let (opened, windows) = (Opened::to_read(path)?, &mut Windows::new(watch));
    let mut source = opened.source(windows);
    let keyed = &mut keying.with(&mut memory);
    if rules.rewrite() {
        let rewriting = opened.rewriting(&mut source, rules, keying)?;
        let others = &mut Windows::new(Watch::default());
        let mut again = opened.source(others);
        let found = DryRun::of_rewriting(rewriting, (&mut source, &mut again), rules, keyed);
        return found.map_err(|error| opened.explain_either(error.into(), &mut source, &mut again));
    }
    let planned = opened.plan(&mut source, rules)?;
    let found = DryRun::of(planned, &mut source, rules, keyed, |_, _, _| Ok(()));
    found.map_err(|error| opened.explain(error, &mut source))
}
