//! What is to be done to a file, as it stands or in its inflated form.

use std::path::Path;

use dicomblank_core::{
    Error, ErrorKind, Limits, Marked, Marks, Once, Patch, Plan, Replacement, Rules, Sites, Source, State, TagPath,
    Warning, Warnings, audit_positions, check_result, plan, plan_and_sites, replace, resolve, says_done, states,
};

use super::inflated::Inflated;
use super::keyed::{Keyed, Keying};
use super::leftovers::{Looked, Looker, Searched};
use super::method::is_ours;
use super::wanted::Wanted;
use crate::error::FileError;
use crate::order::known::Known;

/// A plan, and what its offsets count in.
pub(crate) enum Planned {
    /// The file as it stands.
    AsItStands(Plan),
    /// The inflated form of a deflated file, which comes with the plan.
    Inflated(Plan, Inflated),
}

impl Planned {
    /// Plans the edits of `source`. If its data set is deflated, `inflate` is called with the offset of the data set,
    /// and the inflated form is planned.
    ///
    /// # Errors
    /// Those of [`plan`], and those of `inflate`.
    pub(crate) fn of<S: Source>(
        source: &mut S,
        rules: &Rules,
        inflate: impl FnOnce(&mut S, u64) -> Result<Inflated, FileError>,
    ) -> Result<Self, FileError> {
        let of_inflated = |inflated: &Inflated| inflated.plan(rules).map(|plan| (plan, ()));
        let planned = plan(source, rules, &Limits::default()).map(|plan| (plan, ()));
        Self::either(source, planned, inflate, of_inflated).map(|(planned, ())| planned)
    }

    /// The same, and where every value stands.
    ///
    /// # Errors
    /// Those of [`plan_and_sites`], and those of `inflate`.
    pub(crate) fn with_sites<S: Source>(
        source: &mut S,
        rules: &Rules,
        inflate: impl FnOnce(&mut S, u64) -> Result<Inflated, FileError>,
    ) -> Result<(Self, Sites), FileError> {
        let planned = plan_and_sites(source, rules, &Limits::default());
        Self::either(source, planned, inflate, |inflated| inflated.plan_and_sites(rules))
    }

    fn either<S: Source, T>(
        source: &mut S,
        planned: Result<(Plan, T), Error>,
        inflate: impl FnOnce(&mut S, u64) -> Result<Inflated, FileError>,
        of_inflated: impl FnOnce(&Inflated) -> Result<(Plan, T), Error>,
    ) -> Result<(Self, T), FileError> {
        match planned {
            Ok((plan, beside)) => Ok((Self::AsItStands(plan), beside)),
            Err(Error { kind: ErrorKind::Deflated, offset, .. }) => {
                let inflated = inflate(source, offset)?;
                let (plan, beside) = of_inflated(&inflated)?;
                Ok((Self::Inflated(plan, inflated), beside))
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) const fn plan(&self) -> &Plan {
        match self {
            Self::AsItStands(plan) | Self::Inflated(plan, _) => plan,
        }
    }

    pub(crate) fn into_plan(self) -> Plan {
        match self {
            Self::AsItStands(plan) | Self::Inflated(plan, _) => plan,
        }
    }

    /// The same with only the edits at `positions`.
    pub(crate) fn only_at(self, positions: &[u32]) -> Self {
        match self {
            Self::AsItStands(plan) => Self::AsItStands(plan.only_at(positions)),
            Self::Inflated(plan, inflated) => Self::Inflated(plan.only_at(positions), inflated),
        }
    }

    pub(crate) const fn is_inflated(&self) -> bool {
        matches!(self, Self::Inflated(..))
    }

    /// What the file says of itself: whether what can't be done twice was done to it. A file in which nothing of that
    /// kind is to be done is not asked.
    ///
    /// # Errors
    /// Those of [`Marks::of`](dicomblank_core::Marks::of); [`ErrorKind::MarkLost`].
    pub(crate) fn marked<S: Source>(&self, source: &mut S, keying: &Keying) -> Result<Marked, Error> {
        match keying.marks().filter(|_| self.is_once()) {
            None => Ok(Marked::No),
            Some(marks) => {
                let (marked, is_ours) = match self {
                    Self::AsItStands(_) => match marks.of(source)? {
                        Marked::Done => (Marked::Done, false),
                        marked => (marked, is_ours(source)?),
                    },
                    Self::Inflated(_, inflated) => (marks.of(&mut inflated.source())?, inflated.is_ours()?),
                };
                check_not_lost(marked, is_ours).map(|()| marked)
            }
        }
    }

    /// Whether the file says that its values were replaced, by whomever.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`].
    pub(crate) fn says_done<S: Source>(&self, source: &mut S) -> Result<bool, Error> {
        match self {
            Self::AsItStands(_) => says_done(source),
            Self::Inflated(_, inflated) => says_done(&mut inflated.source()),
        }
    }

    /// Whether there is something to be done that can't be done twice.
    pub(crate) fn is_once(&self) -> bool {
        self.plan().edits().iter().any(|edit| edit.action().is_once())
    }

    /// Which edits of `plan` are still to be made, as positions in it. `plan` is that of this file, or of another one
    /// that is read alike; `once` says whether what can't be done twice was done.
    pub(crate) fn left_of<S: Source>(
        &self,
        plan: &Plan,
        source: &mut S,
        (rules, once): (&Rules, Once),
    ) -> Result<Vec<u32>, Error> {
        match self {
            Self::AsItStands(_) => audit_positions(plan, source, rules, once),
            Self::Inflated(_, inflated) => audit_positions(plan, &mut inflated.source(), rules, once),
        }
    }

    /// Where every value stands, of a file that was planned without: it is planned once more.
    ///
    /// # Errors
    /// Those of [`plan_and_sites`].
    pub(crate) fn sites<S: Source>(&self, source: &mut S, rules: &Rules) -> Result<Sites, Error> {
        let (_, sites) = match self {
            Self::AsItStands(_) => plan_and_sites(source, rules, &Limits::default())?,
            Self::Inflated(_, inflated) => inflated.plan_and_sites(rules)?,
        };
        Ok(sites)
    }

    /// The values of the edits at the positions `left` that are looked for elsewhere.
    ///
    /// # Errors
    /// Where one can't be read.
    pub(crate) fn wanted<S: Source>(&self, left: &[u32], source: &mut S) -> Result<Wanted, Error> {
        match self {
            Self::AsItStands(plan) => Wanted::of(source, plan, left),
            Self::Inflated(plan, inflated) => Wanted::of(&mut inflated.source(), plan, left),
        }
    }

    /// Where `wanted` stands outside the values of the plan; and what it becomes there, by what is written over these.
    /// `below` is the path of the file below its source.
    ///
    /// # Errors
    /// Where the source can't be read.
    pub(crate) fn search<S: Source>(
        &self,
        wanted: &Wanted,
        written: Option<(&Plan, &Patch)>,
        source: &mut S,
        (sites, below): (&Sites, &Path),
        (looker, known): (&mut Looker, Option<&Known>),
    ) -> Result<Looked, Error> {
        let edits = self.plan().edits();
        match self {
            Self::AsItStands(_) => {
                looker.look(wanted, known, Searched { source, sites, edits, own: &[], written, below })
            }
            Self::Inflated(_, inflated) => {
                let source = &mut inflated.source();
                looker.look(wanted, known, Searched { source, sites, edits, own: &[], written, below })
            }
        }
    }

    /// Both: where else the values of the edits at the positions `left` stand, which are still to be made.
    ///
    /// # Errors
    /// Where the source can't be read.
    pub(crate) fn look<S: Source>(
        &self,
        (left, patch): (&[u32], Option<&Patch>),
        source: &mut S,
        place: (&Sites, &Path),
        looking: (&mut Looker, Option<&Known>),
    ) -> Result<Looked, Error> {
        let wanted = self.wanted(left, source)?;
        self.search(&wanted, patch.map(|patch| (self.plan(), patch)), source, place, looking)
    }

    /// How far each value of the plan is.
    ///
    /// # Errors
    /// Those of [`states`].
    pub(crate) fn states<S: Source>(&self, source: &mut S, rules: &Rules, once: Once) -> Result<Vec<State>, Error> {
        match self {
            Self::AsItStands(plan) => states(plan, source, rules, once),
            Self::Inflated(plan, inflated) => states(plan, &mut inflated.source(), rules, once),
        }
    }

    /// What the edits at the positions `left` write to a file that says `marked` of itself.
    ///
    /// # Errors
    /// Those of [`resolve`].
    pub(crate) fn resolve<'m, S: Source>(
        self,
        (left, marked): (&[u32], Marked),
        source: &mut S,
        rules: &Rules,
        keyed: &mut Keyed<'m, '_>,
    ) -> Result<Ready<'m>, Error> {
        let before = (self.is_once() && marked == Marked::NoRoom).then(|| self.plan().clone());
        let planned = self.only_at(left);
        let patch = match &planned {
            Self::AsItStands(plan) => resolve(plan, rules, source, keyed)?,
            Self::Inflated(plan, inflated) => resolve(plan, rules, &mut inflated.source(), keyed)?,
        };
        if let (Some(before), Self::AsItStands(plan)) = (before, &planned) {
            // Without a preamble there may be no file meta information either.
            check_result(source, &before, (plan, &patch), rules)?;
        }
        let is_once = planned.is_once();
        let marks = keyed.keying().marks().filter(|_| is_once && marked == Marked::No);
        Ok(Ready { planned, patch, marks, is_once })
    }
}

/// All that is to be written to a file, known before its first byte is written.
pub(crate) struct Ready<'m> {
    /// With only the edits that are still to be made.
    pub(crate) planned: Planned,
    pub(crate) patch: Patch,
    /// The marks of the file, where it is to have one and there is room.
    pub(crate) marks: Option<&'m Marks>,
    /// Whether something is done that can't be done twice.
    pub(crate) is_once: bool,
}

impl Ready<'_> {
    /// What is written before all else; `None` where there is nothing.
    ///
    /// # Errors
    /// Where that is too much.
    pub(crate) fn before(&self, replacements: &[Replacement]) -> Result<Option<(Plan, Patch)>, Error> {
        if replacements.is_empty() {
            return Ok(None);
        }
        // Checked with the edits, and then made without them.
        let plan = self.planned.plan();
        joined(plan.clone(), &self.patch, replacements)?;
        joined(plan.clone().only_at(&[]), &Patch::default(), replacements).map(Some)
    }

    /// The same, with what is left elsewhere written over.
    ///
    /// # Errors
    /// Where that is too much.
    pub(crate) fn and(self, replacements: &[Replacement]) -> Result<Self, Error> {
        if replacements.is_empty() {
            return Ok(self);
        }
        let Self { planned, patch, .. } = self;
        let (planned, patch) = match planned {
            Planned::AsItStands(plan) => {
                let (plan, patch) = joined(plan, &patch, replacements)?;
                (Planned::AsItStands(plan), patch)
            }
            Planned::Inflated(plan, inflated) => {
                let (plan, patch) = joined(plan, &patch, replacements)?;
                (Planned::Inflated(plan, inflated), patch)
            }
        };
        Ok(Self { planned, patch, ..self })
    }

    /// Whether what can't be done twice is done without a mark.
    pub(crate) const fn is_unmarked(&self) -> bool {
        self.is_once && self.marks.is_none()
    }

    /// What was noticed when values were read.
    pub(crate) fn warnings(&self) -> Warnings {
        let mut warnings = self.patch.warnings();
        if self.is_unmarked() {
            warnings.add(Warning::Unmarked);
        }
        warnings
    }
}

fn joined(plan: Plan, patch: &Patch, replacements: &[Replacement]) -> Result<(Plan, Patch), Error> {
    let offset = replacements.first().map_or(0, |first| first.span.start());
    replace(plan, patch, replacements).map_err(|kind| Error { kind, offset, tag_path: TagPath::default() })
}

/// Refuses a file that dicomblank has made, as it says, and whose mark is gone: what can't be done twice was done under a
/// key that nobody knows.
///
/// # Errors
/// [`ErrorKind::MarkLost`].
pub(crate) fn check_not_lost(marked: Marked, is_ours: bool) -> Result<(), Error> {
    if marked == Marked::Done || !is_ours {
        return Ok(());
    }
    Err(Error { kind: ErrorKind::MarkLost, offset: 0, tag_path: TagPath::default() })
}

/// Whether what can't be done twice was done to a file that says this of itself.
pub(crate) const fn once(marked: Marked) -> Once {
    match marked {
        Marked::Done => Once::Done,
        Marked::No | Marked::NoRoom => Once::ToDo,
    }
}

/// The positions of one of these states among all.
pub(crate) fn positions(all: &[State], of: &[State]) -> Vec<u32> {
    // A plan has no more edits than `Limits::edits` counts, which is a u32.
    (0..).zip(all).filter(|(_, state)| of.contains(state)).map(|(position, _)| position).collect()
}
