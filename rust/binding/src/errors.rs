//! Errors as the exceptions of `dicomblank.errors`, and the system's as `OSError`.

use std::io;
use std::path::Path;

use dicomblank_core::{Error, ErrorClass};
use dicomblank_files::{FileError, system_words};
use pyo3::exceptions::{PyFileExistsError, PyMemoryError, PyOSError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// Defines functions that give a class of `dicomblank.errors`: imported when the first error is raised, for none may be.
macro_rules! classes {
    ($($function:ident $name:literal)*) => {$(
        fn $function(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
            static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
            CLASS.import(py, "dicomblank.errors", $name)
        }
    )*};
}

classes! {
    not_dicom "NotDicomError"
    parse "ParseError"
    truncated "TruncatedError"
    limit "LimitError"
    unsupported "UnsupportedError"
    validation "ValidationError"
    changed "ChangedError"
    base "Error"
}

/// The exception for an error of the core.
fn of_core(py: Python<'_>, error: &Error) -> PyErr {
    let message = error.to_string();
    let class = match error.kind.class() {
        ErrorClass::NotDicom => return with_message(py, not_dicom, message),
        ErrorClass::Unsupported => return with_message(py, unsupported, message),
        ErrorClass::Changed => return with_message(py, changed, message),
        ErrorClass::Unreadable => return PyOSError::new_err(message),
        ErrorClass::Truncated => truncated,
        ErrorClass::Limit => limit,
        ErrorClass::Parse => parse,
    };
    of_walk(py, class, message, error.offset, format!("{:#}", error.tag_path))
}

/// The exception for an error about the file `path`. One of ours says its kind in a word as well.
pub fn of_file(py: Python<'_>, error: &FileError, path: &Path) -> PyErr {
    let raised = exception(py, error, path);
    if base(py).is_ok_and(|base| raised.matches(py, base).unwrap_or(false)) {
        let _ = raised.value(py).setattr("kind", error.kind()); // without it, the class has an empty one
    }
    raised
}

fn exception(py: Python<'_>, error: &FileError, path: &Path) -> PyErr {
    let message = error.reason(path);
    match error {
        FileError::Core(error) => of_core(py, error),
        FileError::Damaged | FileError::Empty => of_walk(py, parse, message, 0, String::new()),
        FileError::Io { path, error } => of_system(error, path),
        FileError::Archive(_) | FileError::Companion => with_message(py, not_dicom, message),
        FileError::Exists { target, reason } => exists(target, reason),
        FileError::LeadsIntoSource { target } => exists(target, "leads into a source, through a link"),
        FileError::Changed | FileError::Touched => with_message(py, changed, message),
        FileError::HardLinks { .. }
        | FileError::Annexed
        | FileError::NotRestored { .. }
        | FileError::OldFileKept(_)
        | FileError::NotRegular(_)
        | FileError::NamedLink { .. }
        | FileError::Link { .. }
        | FileError::Temporary { .. } => with_message(py, unsupported, message),
        FileError::Invalid(_) => with_message(py, validation, message),
        FileError::NotValidated(_) | FileError::Locked | FileError::Interrupted => with_message(py, base, message),
        FileError::NoMemory => PyMemoryError::new_err(message),
        FileError::Panicked => PyRuntimeError::new_err(message),
    }
}

/// `OSError` makes itself the class that belongs to the number, `FileNotFoundError` and so on.
pub fn of_system(error: &io::Error, path: &Path) -> PyErr {
    match error.raw_os_error() {
        Some(number) => PyOSError::new_err((number, system_words(error), path.as_os_str().to_owned())),
        None => PyOSError::new_err(system_words(error)),
    }
}

fn exists(target: &Path, reason: &str) -> PyErr {
    let number = dicomblank_files::already_exists().raw_os_error();
    PyFileExistsError::new_err((number, reason.to_owned(), target.as_os_str().to_owned()))
}

type Class = for<'py> fn(Python<'py>) -> PyResult<&'py Bound<'py, PyType>>;

fn with_message(py: Python<'_>, class: Class, message: String) -> PyErr {
    match class(py) {
        Ok(class) => PyErr::from_type(class.clone(), message),
        Err(error) => error,
    }
}

fn of_walk(py: Python<'_>, class: Class, message: String, offset: u64, tag_path: String) -> PyErr {
    match class(py) {
        Ok(class) => PyErr::from_type(class.clone(), (message, offset, tag_path)),
        Err(error) => error,
    }
}
