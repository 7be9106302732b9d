//! What a run says: `Row`, `Progress`, `Summary`, and the `Comparison` of two files.

use std::path::PathBuf;

use dicomblank_files as files;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::errors;
use crate::rules::Rules;
use crate::signals::interruptible;

/// What became of one file.
#[pyclass(frozen, get_all, module = "dicomblank._core")]
pub struct Row {
    source: String,
    path: String,
    outcome: String,
    edits: usize,
    warning: Option<String>,
    error: Option<String>,
    is_fault: bool,
    exception: Option<Py<PyAny>>,
}

impl Row {
    pub fn new(py: Python<'_>, row: &files::Row) -> Self {
        let exception = row.error().map(|error| errors::of_file(py, error, &row.full_path()).into_value(py).into_any());
        Self {
            source: row.source(),
            path: row.path(),
            outcome: row.outcome().to_string(),
            edits: row.edits(),
            warning: row.warning().map(str::to_owned),
            error: row.reason(),
            is_fault: row.is_fault(),
            exception,
        }
    }
}

#[pymethods]
impl Row {
    fn __repr__(&self) -> String {
        format!("<Row {:?}: {}>", self.path, self.outcome)
    }
}

/// How far a run is.
#[pyclass(frozen, get_all, module = "dicomblank._core")]
pub struct Progress {
    done: u64,
    found: u64,
    listing: bool,
}

impl Progress {
    pub const fn new(progress: files::Progress) -> Self {
        Self { done: progress.done, found: progress.found, listing: progress.is_listing }
    }
}

/// The counts of a run, and the rows of the files that were refused or have failed.
#[pyclass(frozen, get_all, module = "dicomblank._core")]
pub struct Summary {
    files: u64,
    anonymized: u64,
    unchanged: u64,
    not_dicom: u64,
    archives: u64,
    skipped: u64,
    refused: u64,
    failed: u64,
    links: u64,
    warnings: u64,
    edits: u64,
    seconds: f64,
    without_dicom: Vec<String>,
    faults: Py<PyList>,
}

impl Summary {
    pub fn new(py: Python<'_>, summary: files::Report) -> PyResult<Self> {
        let files::Report { files, anonymized, unchanged, not_dicom, skipped, refused, failed, .. } = summary;
        let files::Report { archives, without_dicom, links, warnings, edits, took, faults, .. } = summary;
        let seconds = took.as_secs_f64();
        let faults = PyList::new(py, faults.iter().map(|row| Row::new(py, row)).collect::<Vec<_>>())?.unbind();
        Ok(Self {
            files,
            anonymized,
            unchanged,
            not_dicom,
            archives,
            skipped,
            refused,
            failed,
            links,
            warnings,
            edits,
            seconds,
            without_dicom,
            faults,
        })
    }
}

/// What two files are to each other.
#[pyclass(frozen, get_all, module = "dicomblank._core")]
pub struct Comparison {
    verdict: String,
    reason: Option<String>,
}

#[pyfunction]
pub fn compare(py: Python<'_>, before: PathBuf, after: PathBuf, rules: &Bound<'_, Rules>) -> PyResult<Comparison> {
    let rules = &rules.get().0;
    let compare = |stop| files::compare(&before, &after, rules, stop);
    // The error says the path itself where it is the system's; else both are meant.
    let (verdict, reason) = interruptible(py, compare, |error| errors::of_file(py, &error, &after))?;
    Ok(Comparison { verdict: verdict.to_string(), reason })
}
