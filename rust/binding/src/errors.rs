//! Errors as the exceptions of `dicomblank.errors`, and the system's as `OSError`.

use std::io;
use std::path::Path;

use dicomblank_files::{FileError, FileErrorClass, Finding, system_words};
use pyo3::exceptions::{PyFileExistsError, PyMemoryError, PyOSError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::paths::Name;

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

/// The exception for an error about the file `path`. One of ours says its kind in a word as well.
pub fn of_file(py: Python<'_>, error: &FileError, path: &Path) -> PyErr {
    let Finding { kind, message, offset, tag_path } = error.finding(path);
    let is_placed = offset.is_some();
    let place = (offset.unwrap_or(0), tag_path.unwrap_or_default());
    let class = match error.class() {
        FileErrorClass::System | FileErrorClass::Exists => return of_system_in(error, message),
        FileErrorClass::NoMemory => return PyMemoryError::new_err(message),
        FileErrorClass::Bug => return PyRuntimeError::new_err(message),
        FileErrorClass::Parse => return of_walk(py, parse, message, place, kind),
        FileErrorClass::Truncated => return of_walk(py, truncated, message, place, kind),
        FileErrorClass::Limit => return of_walk(py, limit, message, place, kind),
        FileErrorClass::NotDicom => not_dicom,
        FileErrorClass::Unsupported if is_placed => {
            let raised = with_kind(py, unsupported(py).map(|class| PyErr::from_type(class.clone(), message)), kind);
            return with_place(py, raised, place);
        }
        FileErrorClass::Unsupported => unsupported,
        FileErrorClass::Validation => validation,
        FileErrorClass::Changed => changed,
        FileErrorClass::Other => base,
    };
    with_kind(py, class(py).map(|class| PyErr::from_type(class.clone(), message)), kind)
}

fn of_system_in(error: &FileError, message: String) -> PyErr {
    match error {
        FileError::Io { path, error } => of_system(error, path),
        FileError::Exists { target, reason } => exists(target, reason),
        FileError::LeadsIntoSource { target } => exists(target, "leads into a source, through a link"),
        _ => PyOSError::new_err(message),
    }
}

/// `OSError` makes itself the class that belongs to the number, `FileNotFoundError` and so on.
pub fn of_system(error: &io::Error, path: &Path) -> PyErr {
    match error.raw_os_error() {
        Some(number) => PyOSError::new_err((number, system_words(error), Name::from(path))),
        None => PyOSError::new_err(system_words(error)),
    }
}

fn exists(target: &Path, reason: &str) -> PyErr {
    let number = dicomblank_files::already_exists().raw_os_error();
    PyFileExistsError::new_err((number, reason.to_owned(), Name::from(target)))
}

type Class = for<'py> fn(Python<'py>) -> PyResult<&'py Bound<'py, PyType>>;

fn of_walk(py: Python<'_>, class: Class, message: String, (offset, tag_path): (u64, String), kind: &str) -> PyErr {
    with_kind(py, class(py).map(|class| PyErr::from_type(class.clone(), (message, offset, tag_path))), kind)
}

fn with_place(py: Python<'_>, raised: PyErr, (offset, tag_path): (u64, String)) -> PyErr {
    let value = raised.value(py);
    let told = value.setattr("offset", offset).and_then(|()| value.setattr("tag_path", tag_path));
    told.map_or_else(|error| error, |()| raised)
}

fn with_kind(py: Python<'_>, raised: PyResult<PyErr>, kind: &str) -> PyErr {
    let told = raised.and_then(|raised| raised.value(py).setattr("kind", kind).map(|()| raised));
    told.unwrap_or_else(|error| error)
}
