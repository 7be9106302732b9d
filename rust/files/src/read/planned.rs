//! What is to be done to a file, as it stands or in its inflated form.

use dicomblank_core::{Error, ErrorKind, Limits, Plan, Rules, Source, audit_positions, plan};

use super::inflated::Inflated;
use crate::error::FileError;

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
        match plan(source, rules, &Limits::default()) {
            Ok(plan) => Ok(Self::AsItStands(plan)),
            Err(Error { kind: ErrorKind::Deflated, offset, .. }) => {
                let inflated = inflate(source, offset)?;
                Ok(Self::Inflated(inflated.plan(rules)?, inflated))
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

    pub(crate) const fn is_inflated(&self) -> bool {
        matches!(self, Self::Inflated(..))
    }

    /// Which edits of `plan` are still to be made, as positions in it. `plan` is that of this file, or of another one
    /// that is read alike.
    pub(crate) fn left_of<S: Source>(&self, plan: &Plan, source: &mut S) -> Result<Vec<u32>, Error> {
        match self {
            Self::AsItStands(_) => audit_positions(plan, source),
            Self::Inflated(_, inflated) => audit_positions(plan, &mut inflated.source()),
        }
    }
}
