//! The second opinion: whoever runs a job may look at each plan before anything is written.

use std::path::Path;

use dicomblank_core::Plan;

use crate::error::FileError;

/// Looks at a file and its plan. Called from worker threads, several at a time.
pub type Validator<'a> = dyn Fn(&Path, &Plan) -> Result<(), Objection> + Sync + 'a;

/// Why a file shall not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objection {
    /// The plan is not right for the file: it is refused.
    Disagrees(String),
    /// The validator broke: the file has failed.
    Broke(String),
    /// The run was cancelled before the validator came to a result.
    Interrupted,
}

pub(crate) fn ask(validator: Option<&Validator<'_>>, path: &Path, plan: &Plan) -> Result<(), FileError> {
    let Some(validator) = validator else {
        return Ok(());
    };
    validator(path, plan).map_err(|objection| match objection {
        Objection::Disagrees(reason) => FileError::Invalid(reason),
        Objection::Broke(reason) => FileError::NotValidated(reason),
        Objection::Interrupted => FileError::Interrupted,
    })
}
