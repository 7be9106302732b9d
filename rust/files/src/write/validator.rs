//! The second opinion: the caller of a run may look at each plan before anything is written, and at each file that was
//! compared.

use std::path::Path;

use dicomblank_core::Plan;

use crate::error::FileError;
use crate::finding::Finding;
use crate::report::outcome::Outcome;

/// A second opinion on files. Called from worker threads, several at a time.
///
/// A closure that takes a path and a plan is one, too. It has no objection to a file that is not DICOM, and no other
/// result for a file that was compared.
pub trait Validate: Sync {
    /// Looks at a file and its plan, before anything is written.
    ///
    /// # Errors
    /// [`Objection`]: why the file must not be written.
    fn plan(&self, path: &Path, plan: &Plan) -> Result<(), Objection>;

    /// Looks at a file that is not DICOM to the core, and would be skipped.
    ///
    /// # Errors
    /// [`Objection`]: why it must not be skipped.
    fn not_dicom(&self, path: &Path) -> Result<(), Objection> {
        let _ = path;
        Ok(())
    }

    /// Looks at a file that was compared with its `original`. Returns the outcome and what was found, if it differs from that of the
    /// comparison.
    ///
    /// # Errors
    /// [`Objection`]: why there is no result.
    fn compared(&self, path: &Path, original: &Path, asked: Compared) -> Result<Option<(Outcome, Finding)>, Objection> {
        let _ = (path, original, asked);
        Ok(None)
    }
}

impl<F: Fn(&Path, &Plan) -> Result<(), Objection> + Sync> Validate for F {
    fn plan(&self, path: &Path, plan: &Plan) -> Result<(), Objection> {
        self(path, plan)
    }
}

/// What is asked about a file that was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Whether the copy shows no value that was to be blanked.
    Ok,
    /// Whether the copy, which the core takes for no DICOM file, shows none either.
    NotDicom,
    /// Whether the original, which the core takes for no DICOM file and which was not copied, shows none.
    NotCopied,
}

/// A second opinion, as it is passed on.
pub type Validator<'a> = dyn Validate + 'a;

/// Why a file must not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objection {
    /// The plan is wrong for the file, which is refused. The sentence says why.
    Disagrees(String),
    /// The validator failed, and so has the file. The sentence says how.
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

/// Asks the validator, if there is one, about a file that was compared.
pub(crate) fn ask_compared(
    validator: Option<&Validator<'_>>,
    path: &Path,
    original: &Path,
    asked: Compared,
) -> Result<Option<(Outcome, Finding)>, FileError> {
    Ok(validator.map_or(Ok(None), |validator| validator.compared(path, original, asked))?)
}

/// Asks the validator, if there is one, about a plan.
pub(crate) fn ask(validator: Option<&Validator<'_>>, path: &Path, plan: &Plan) -> Result<(), FileError> {
    Ok(validator.map_or(Ok(()), |validator| validator.plan(path, plan))?)
}

/// Asks the validator, if there is one, about a file that failed with `error`, if that says that it is no DICOM file.
/// Returns the error that the file then has.
pub(crate) fn ask_not_dicom(validator: Option<&Validator<'_>>, path: &Path, error: FileError) -> FileError {
    let asked = validator.filter(|_| error.is_not_dicom()).map(|validator| validator.not_dicom(path));
    asked.and_then(Result::err).map_or(error, FileError::from)
}
