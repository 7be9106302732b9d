//! What stands in files: the work of `inspect`.

use std::sync::Arc;

use dicomblank_core::Rules;

use crate::error::FileError;
use crate::order::catalogue::Catalogue;
use crate::order::choices::{Against, Leftovers};
use crate::order::inputs::Kind;
use crate::order::place::Located;
use crate::read::opened::Opened;
use crate::report::found::{Asked, Finder};
use crate::report::outcome::Fate;
use crate::write::tools::Tools;

/// What one worker inspects files with, one after the other.
pub(super) struct Inspector {
    catalogue: Arc<Catalogue>,
    against: Against,
    finder: Finder,
}

impl Inspector {
    pub(super) fn new(catalogue: &Arc<Catalogue>, against: Against) -> Self {
        let finder =
            Finder::new(catalogue.clone(), if against == Against::Rules { Asked::OfRules } else { Asked::OfNothing });
        Self { catalogue: catalogue.clone(), against, finder }
    }

    /// Looks into a file, and writes nothing.
    pub(super) fn inspect(&mut self, file: Located<'_>, tools: &mut Tools<'_>) -> Result<Fate, FileError> {
        let opened = match file.place.input.kind {
            // What was found in a folder was no link then, and may be one by now.
            Kind::Folder => Opened::to_read_no_link(file.path, file.at)?,
            _ => Opened::to_read(file.path)?,
        };
        let rules: Option<&Rules> = (self.against == Against::Rules).then_some(tools.rules);
        let mut source = opened.source(tools.windows);
        let surveyed = opened.survey(&mut source, &self.catalogue.subjects, rules)?;
        let looking = &mut tools.looking;
        let remains = if looking.leftovers == Leftovers::Ignore {
            None
        } else {
            let below = file.place.relative();
            let looking = (&mut *looking.looker, looking.known);
            Some(Box::new(opened.own_leftovers(&mut source, &surveyed, &below, looking)?))
        };
        let survey = surveyed.survey;
        let (warnings, has_opaque) = (survey.warnings, survey.opaque > 0);
        Ok(Fate::inspected(self.finder.found(survey), warnings, has_opaque).with(remains))
    }
}
