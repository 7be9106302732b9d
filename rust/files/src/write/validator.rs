//! The second opinion: the caller of a run may look at each plan before anything is written, and at each file that was compared.

use std::path::Path;

use dicomblank_core::Plan;

use crate::error::FileError;
use crate::finding::Finding;
use crate::report::outcome::Outcome;

/// Looks at files on the way. Called from worker threads, several at a time. A closure that takes a path and a plan is one that has
/// no objection to any file that is not DICOM.
pub trait Validate: Sync {
    /// Looks at a file and its plan.
    ///
    /// # Errors
    /// [`Objection`], why the file shall not be written.
    fn plan(&self, path: &Path, plan: &Plan) -> Result<(), Objection>;

    /// Looks at a file that the core takes for no DICOM file, so that it would be passed over.
    ///
    /// # Errors
    /// [`Objection`], why it shall not be passed over in silence.
    fn not_dicom(&self, path: &Path) -> Result<(), Objection> {
        let _ = path;
        Ok(())
    }

    /// Looks at a file that was compared, and says what became of it otherwise.
    ///
    /// # Errors
    /// [`Objection`], why there is no result.
    fn compared(&self, path: &Path, asked: Compared) -> Result<Option<(Outcome, Finding)>, Objection> {
        let _ = (path, asked);
        Ok(None)
    }
}

impl<F: Fn(&Path, &Plan) -> Result<(), Objection> + Sync> Validate for F {
    fn plan(&self, path: &Path, plan: &Plan) -> Result<(), Objection> {
        self(path, plan)
    }
}

/// What is asked of a file that was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Whether the copy shows no value that was to be blanked.
    Ok,
    /// Whether the copy, which the core takes for no DICOM file, shows none either.
    NotDicom,
    /// Whether the original, which the core takes for no DICOM file and which was not copied, shows none.
    NotCopied,
}

/// What is asked for a second opinion.
pub type Validator<'a> = dyn Validate + 'a;

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

impl From<Objection> for FileError {
    fn from(objection: Objection) -> Self {
        match objection {
            Objection::Disagrees(reason) => Self::Invalid(reason),
            Objection::Broke(reason) => Self::NotValidated(reason),
            Objection::Interrupted => Self::Interrupted,
        }
    }
}

/// What the validator says of a file that was compared.
pub(crate) fn ask_compared(
    validator: Option<&Validator<'_>>,
    path: &Path,
    asked: Compared,
) -> Result<Option<(Outcome, Finding)>, FileError> {
    Ok(validator.map_or(Ok(None), |validator| validator.compared(path, asked))?)
}

pub(crate) fn ask(validator: Option<&Validator<'_>>, path: &Path, plan: &Plan) -> Result<(), FileError> {
    Ok(validator.map_or(Ok(()), |validator| validator.plan(path, plan))?)
}

/// The same for a file that was found to be no DICOM file, by `error`: what becomes of it.
pub(crate) fn ask_not_dicom(validator: Option<&Validator<'_>>, path: &Path, error: FileError) -> FileError {
    let asked = validator.filter(|_| error.is_not_dicom()).map(|validator| validator.not_dicom(path));
    asked.and_then(Result::err).map_or(error, FileError::from)
}
