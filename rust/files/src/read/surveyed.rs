//! What stands in an open file.

use std::path::Path;

use dicomblank_core::{Error, ErrorKind, Limits, Plan, Rules, Subjects, Survey, Tag, survey};
use dicomblank_leftovers::Kind;

use super::inflated::{Inflated, Stored, Turns};
use super::opened::{FileSource, Opened};
use super::planned::Planned;
use super::remaining::Looking;
use crate::error::FileError;
use crate::leftover::Remains;

/// Whose file it is.
const OWN: [(Tag, Kind); 2] = [(Tag::new(0x0010, 0x0010), Kind::Name), (Tag::PATIENT_ID, Kind::Identifier)];

impl Opened<'_> {
    /// Walks the whole file and looks for `subjects`, and for what `rules` leave of them, if they are asked. A deflated
    /// file is inflated first.
    pub(crate) fn survey(
        &self,
        source: &mut FileSource<'_>,
        subjects: &Subjects,
        rules: Option<&Rules>,
    ) -> Result<Survey, FileError> {
        let planned = rules.map(|rules| self.plan(source, rules)).transpose()?;
        if let Some(Planned::Inflated(plan, inflated)) = &planned {
            return self.of_inflated(inflated, subjects, Some(plan), source);
        }
        match survey(source, subjects, planned.as_ref().map(Planned::plan), &Limits::default()) {
            Err(Error { kind: ErrorKind::Deflated, offset, .. }) => {
                let (bytes, watch) = (self.bytes(), source.watch());
                let stored = Stored { bytes: &bytes, path: self.path, watch, turns: Turns::Taken };
                let inflated = Inflated::read(&stored, offset)?;
                self.of_inflated(&inflated, subjects, None, source)
            }
            surveyed => surveyed.map_err(|error| self.explain(error, source)),
        }
    }

    /// Where the values of the patient's name and ID stand elsewhere; where `rules` don't touch them. A file
    /// that can be read in several ways is not searched.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub(crate) fn own_leftovers(
        &self,
        source: &mut FileSource<'_>,
        rules: &Rules,
        below: &Path,
        looking: Looking<'_>,
    ) -> Result<Remains, FileError> {
        let found = self.look_for_own(source, rules, below, looking);
        match found {
            Err(FileError::Core(error)) if error.kind != ErrorKind::Unreadable => Ok(Remains::default()),
            found => found,
        }
    }

    fn look_for_own(
        &self,
        source: &mut FileSource<'_>,
        rules: &Rules,
        below: &Path,
        (looker, known): Looking<'_>,
    ) -> Result<Remains, FileError> {
        let planned = self.plan(source, rules)?;
        let sites = self.sites(source, &planned, rules)?;
        let searched = planned.search_elements(&OWN, source, (&sites, below), (looker, known));
        Ok(searched.map_err(|error| self.explain(error, source))?.remains)
    }

    fn of_inflated(
        &self,
        inflated: &Inflated,
        subjects: &Subjects,
        plan: Option<&Plan>,
        source: &mut FileSource<'_>,
    ) -> Result<Survey, FileError> {
        inflated.survey(subjects, plan).map_err(|error| self.explain(error, source))
    }
}
