//! What stands in an open file.

use dicomblank_core::{Error, ErrorKind, Limits, Plan, Rules, Subjects, Survey, survey};

use super::inflated::{Inflated, Stored, Turns};
use super::opened::{FileSource, Opened};
use super::planned::Planned;
use crate::error::FileError;

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
