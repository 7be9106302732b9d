//! What stands in an open file.

use std::path::Path;

use dicomblank_core::{
    Becomes, Edit, Error, ErrorKind, Limits, NewHead, Plan, Rules, Sites, Source, Subjects, Survey, Tag, survey,
};
use dicomblank_leftovers::Kind;

use super::inflated::Inflated;
use super::keyed::Keying;
use super::leftovers::{Looking, Searched};
use super::opened::{FileSource, Opened};
use super::planned::Planned;
use super::wanted::Wanted;
use crate::error::FileError;
use crate::leftover::Remains;

/// Whose file it is.
const OWN: [(Tag, Kind); 2] = [(Tag::new(0x0010, 0x0010), Kind::Name), (Tag::PATIENT_ID, Kind::Identifier)];

/// What stands in a file; and what it takes to look for more in it.
pub(crate) struct Surveyed {
    pub(crate) survey: Survey,
    /// Where every value stands; `None` where there are too many.
    sites: Option<Sites>,
    /// The plan by the rules that were asked, if any were.
    plan: Option<Plan>,
    /// The inflated form of a deflated file, in which all offsets count.
    inflated: Option<Inflated>,
}

impl Opened<'_> {
    /// Walks the whole file and looks for `subjects`, and for what `rules` leave of them, if they are asked. A deflated
    /// file is inflated first.
    pub(crate) fn survey(
        &self,
        source: &mut FileSource<'_>,
        subjects: &Subjects,
        rules: Option<&Rules>,
    ) -> Result<Surveyed, FileError> {
        let planned = rules.map(|rules| self.planned_by(source, rules)).transpose()?;
        let (plan, inflated, head) = planned.unwrap_or_default();
        let becomes = plan.as_ref().map(|plan| Becomes { plan, head });
        let found = match &inflated {
            Some(inflated) => inflated.survey(subjects, becomes),
            None => survey(source, subjects, becomes, &Limits::default()),
        };
        let (found, inflated) = match found {
            Err(Error { kind: ErrorKind::Deflated, offset, .. }) => {
                let inflated = self.inflate(source, offset)?;
                (inflated.survey(subjects, None), Some(inflated))
            }
            found => (found, inflated),
        };
        let (survey, sites) = found.map_err(|error| self.explain(error, source))?;
        Ok(Surveyed { survey, sites, plan, inflated })
    }

    /// What the rules do to the file, as it is told; the inflated form of a deflated one; and the head that it
    /// gets.
    fn planned_by(
        &self,
        source: &mut FileSource<'_>,
        rules: &Rules,
    ) -> Result<(Option<Plan>, Option<Inflated>, NewHead), FileError> {
        if rules.rewrite() {
            let (plan, inflated, head) = self.rewriting(source, rules, &Keying::none())?.into_parts();
            return Ok((Some(plan), inflated, head));
        }
        Ok(match self.plan(source, rules)? {
            Planned::Inflated(plan, inflated) => (Some(plan), Some(inflated), NewHead::default()),
            Planned::AsItStands(plan) => (Some(plan), None, NewHead::default()),
        })
    }

    /// Where the values of the patient's name and ID stand elsewhere, and not where the rules touch them. A file of which it is not
    /// known where all its values stand is not searched.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub(crate) fn own_leftovers(
        &self,
        source: &mut FileSource<'_>,
        surveyed: &Surveyed,
        below: &Path,
        looking: Looking<'_>,
    ) -> Result<Remains, FileError> {
        let Surveyed { sites: Some(sites), plan, inflated, .. } = surveyed else { return Ok(Remains::default()) };
        let edits = plan.as_ref().map(Plan::edits).unwrap_or_default();
        let found = match inflated {
            Some(inflated) => look_for_own(&mut inflated.source(), (sites, edits), below, looking),
            None => look_for_own(source, (sites, edits), below, looking),
        };
        found.map_err(|error| self.explain(error, source))
    }
}

fn look_for_own<S: Source>(
    source: &mut S,
    (sites, edits): (&Sites, &[Edit]),
    below: &Path,
    (looker, known): Looking<'_>,
) -> Result<Remains, Error> {
    let wanted = Wanted::of_elements(source, sites, &OWN)?;
    let own = &OWN.map(|(tag, _)| tag);
    Ok(looker.look(&wanted, known, Searched { source, sites, edits, own, written: None, below })?.remains)
}
