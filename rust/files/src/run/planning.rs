//! Planning files and writing nothing: the work of a dry run.

use dicomblank_core::{Error, Rules, Sites, Source, State};

use crate::error::FileError;
use crate::order::choices::Plans;
use crate::order::inputs::Kind;
use crate::order::place::{Located, Place};
use crate::read::dry_run::DryRun;
use crate::read::keyed::Keyed;
use crate::read::opened::{Opened, until_untouched};
use crate::read::planned::{Planned, positions};
use crate::read::rewriting::Rewriting;
use crate::report::outcome::{Fate, Outcome};
use crate::report::states::DryFound;
use crate::report::values::Counter;
use crate::write::rewritten::made;
use crate::write::tools::{Looking, Tools};

/// What one worker needs for it, besides its tools: what it counts.
pub(super) struct Planning {
    plans: Plans,
    all: Counter,
    blank: Counter,
}

impl Planning {
    pub(super) fn new(plans: Plans) -> Self {
        Self { plans, all: Counter::default(), blank: Counter::default() }
    }

    /// What a run would do to a file.
    pub(super) fn check(&mut self, file: Located<'_>, tools: &mut Tools<'_>) -> Result<Fate, FileError> {
        until_untouched(|| self.attempt(file, tools))
    }

    fn attempt(&mut self, file: Located<'_>, tools: &mut Tools<'_>) -> Result<Fate, FileError> {
        let Located { place, path, at } = file;
        let opened = match place.input.kind {
            // What was found in a folder was no link then, and may be one by now.
            Kind::Folder => Opened::to_read_no_link(path, at)?,
            _ => Opened::to_read(path)?,
        };
        let Tools { rules, keyed, windows, others, counter, looking, .. } = tools;
        let mut source = opened.source(windows);
        if rules.rewrite() {
            let rewriting = opened.rewriting(&mut source, rules, keyed.keying())?;
            let mut again = opened.source(others);
            let sources = (&mut source, &mut again);
            let fate = self.of_rewriting(rewriting, sources, place, (rules, keyed), (counter, looking));
            let fate = fate.map_err(|error| opened.explain_either(error, &mut source, &mut again))?;
            opened.check_unchanged()?;
            return Ok(fate);
        }
        let planned = looking.plan(&opened, &mut source, rules)?;
        let fate = self.fate(planned, &mut source, place, (rules, keyed), (counter, looking));
        let fate = fate.map_err(|error| opened.explain(error, &mut source))?;
        opened.check_unchanged()?;
        Ok(fate)
    }

    /// What is told of a source that was planned. An error is not yet explained.
    pub(super) fn fate<S: Source>(
        &mut self,
        (planned, sites): (Planned, Option<Sites>),
        source: &mut S,
        place: &Place,
        (rules, keyed): (&Rules, &mut Keyed<'_, '_>),
        (counter, looking): (&mut Counter, &mut Looking<'_>),
    ) -> Result<Fate, Error> {
        let mut remains = None;
        let found = DryRun::of(planned, source, rules, keyed, |planned, source, states| {
            let left = || positions(states, &[State::ToDo]);
            remains = looking.look_at(planned, source, left, (sites, place))?;
            Ok(())
        })?;
        let fate = Fate::done(&found.plan, &found.positions(&[State::ToDo]), counter).with(remains);
        Ok(self.dry(fate, found))
    }

    /// The same where lengths change. `source` and `again` both read the same file.
    pub(super) fn of_rewriting<S: Source, R: Source>(
        &mut self,
        rewriting: Rewriting,
        (source, again): (&mut S, &mut R),
        place: &Place,
        (rules, keyed): (&Rules, &mut Keyed<'_, '_>),
        (counter, looking): (&mut Counter, &mut Looking<'_>),
    ) -> Result<Fate, FileError> {
        let fate = if rewriting.can_be_made(rules, keyed.keying()) {
            made(&rewriting, (source, again), place, (rules, keyed), (counter, looking))?.fate
        } else {
            Fate::done(rewriting.told(), &rewriting.left(), counter).rewritten(false)
        };
        Ok(self.dry(fate, DryRun::told(rewriting)))
    }

    fn dry(&mut self, fate: Fate, found: DryRun) -> Fate {
        let outcome = if fate.outcome == Outcome::Anonymized { Outcome::Planned } else { fate.outcome };
        let found = DryFound {
            all: self.all.count(&found.plan, &found.positions(&State::ALL)),
            blank: self.blank.count(&found.plan, &found.positions(&[State::Blank])),
            dry_run: (self.plans == Plans::Keep).then_some(found),
        };
        Fate { outcome, dry: Some(Box::new(found)), ..fate }
    }
}
