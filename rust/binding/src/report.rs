//! The counts of a run: `Report`.

use std::collections::BTreeMap;
use std::fmt::Write;

use dicomblank_files as files;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};

use crate::paths::Name;
use crate::row::Row;

/// The counts of a run, and the rows of what went wrong. Every file is counted once, under its outcome.
///
/// Reports add up: that of two shards is `one + other`, that of many `sum(reports)`. A sum holds all there is in its
/// parts, but no more than 10,000 faults; it is `ok`, and `complete`, where all of them are.
#[pyclass(frozen, eq, module = "dicomblank._core")]
pub struct Report {
    counts: BTreeMap<String, u64>,
    values: BTreeMap<String, u64>,
    files_with: BTreeMap<String, u64>,
    faults: Vec<Py<Row>>,
    without_dicom: Vec<Name>,
    /// Symbolic links, which were not followed, among the files that were skipped.
    #[pyo3(get)]
    links: u64,
    /// Files that were done, but do not keep to the standard.
    #[pyo3(get)]
    warnings: u64,
    /// How long the run took, in seconds of wall clock; of several reports the sum.
    #[pyo3(get)]
    seconds: f64,
    /// Whether the run came to its end. If not, it was interrupted: files that it had not come to are not counted.
    #[pyo3(get)]
    complete: bool,
    /// Whether a folder without DICOM is no fault.
    #[pyo3(get)]
    allows_empty: bool,
}

/// The faults that are kept: as many as the core keeps of one run.
const FAULTS: usize = files::MOST_FAULTS;

impl Report {
    pub fn of(py: Python<'_>, report: files::Report, allows_empty: bool) -> PyResult<Self> {
        let mut counts = BTreeMap::new();
        for (word, count) in report.counts() {
            *counts.entry(word.to_owned()).or_default() += count;
        }
        let faults = report.faults.iter().map(|row| Py::new(py, Row::of(py, row))).collect::<PyResult<_>>()?;
        Ok(Self {
            counts,
            values: report.values(),
            files_with: report.files_with(),
            faults,
            without_dicom: report.without_dicom.iter().map(Name::from).collect(),
            links: report.links,
            warnings: report.warnings,
            seconds: report.took.as_secs_f64(),
            complete: !report.is_cancelled,
            allows_empty,
        })
    }

    fn count(&self, word: &str) -> u64 {
        self.counts.get(word).copied().unwrap_or(0)
    }

    /// Whether the sum with another one allows folders without DICOM: so that it is `ok` where both are, and only there.
    fn allows_with(&self, other: &Self) -> bool {
        match (self.allows_empty, other.allows_empty) {
            (true, false) => other.without_dicom.is_empty(),
            (false, true) => self.without_dicom.is_empty(),
            (both, _) => both,
        }
    }
}

impl PartialEq for Report {
    fn eq(&self, other: &Self) -> bool {
        let numbers = |report: &Self| (report.links, report.warnings, report.seconds);
        let flags = |report: &Self| (report.complete, report.allows_empty);
        let faults = || self.faults.iter().map(Py::get).eq(other.faults.iter().map(Py::get));
        (&self.counts, &self.without_dicom) == (&other.counts, &other.without_dicom)
            && (&self.values, &self.files_with) == (&other.values, &other.files_with)
            && (numbers(self), flags(self)) == (numbers(other), flags(other))
            && faults()
    }
}

fn added(one: &BTreeMap<String, u64>, other: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let mut sum = one.clone();
    for (word, count) in other {
        *sum.entry(word.clone()).or_default() += count;
    }
    sum
}

#[pymethods]
impl Report {
    /// A report that was pickled: that of a run is made by it.
    #[new]
    #[allow(clippy::too_many_arguments)] // one for each field
    fn new(
        counts: BTreeMap<String, u64>,
        values: BTreeMap<String, u64>,
        files_with: BTreeMap<String, u64>,
        faults: Vec<Py<Row>>,
        without_dicom: Vec<Name>,
        links: u64,
        warnings: u64,
        seconds: f64,
        complete: bool,
        allows_empty: bool,
    ) -> Self {
        Self { counts, values, files_with, faults, without_dicom, links, warnings, seconds, complete, allows_empty }
    }

    /// How many files there are of each outcome, by its word; all words, also those of which there are none.
    #[getter]
    fn counts(&self) -> BTreeMap<String, u64> {
        self.counts.clone()
    }

    /// How many values were blanked of each tag, by its keyword: by a text such as "(0011,1010)" where it has none.
    #[getter]
    fn values(&self) -> BTreeMap<String, u64> {
        self.values.clone()
    }

    /// In how many files values of each tag were blanked, by the same names.
    #[getter]
    fn files_with(&self) -> BTreeMap<String, u64> {
        self.files_with.clone()
    }

    /// Files met, DICOM or not.
    #[getter]
    fn files(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Files in which, or in whose copies, values were blanked.
    #[getter]
    fn anonymized(&self) -> u64 {
        self.count("anonymized")
    }

    /// DICOM files with nothing left to blank.
    #[getter]
    fn unchanged(&self) -> u64 {
        self.count("unchanged")
    }

    /// Other files: left alone in place, not copied.
    #[getter]
    fn not_dicom(&self) -> u64 {
        self.count("not-dicom")
    }

    /// Archives and compressed files, which are not looked into: left alone in place, not copied.
    #[getter]
    fn archives(&self) -> u64 {
        self.count("archive")
    }

    /// Files whose copy is there already, whole and blanked, or that are never opened.
    #[getter]
    fn skipped(&self) -> u64 {
        self.count("skipped")
    }

    /// Files that dicomblank would not touch, each with its reason.
    #[getter]
    fn refused(&self) -> u64 {
        self.count("refused")
    }

    /// Files, and folders that can't be listed, on which the system gave up.
    #[getter]
    fn failed(&self) -> u64 {
        self.count("failed")
    }

    /// Values blanked, in all files together.
    #[getter]
    fn edits(&self) -> u64 {
        self.values.values().sum()
    }

    /// The rows of what went wrong: the first 10,000, as `Row`s. The report file has every one.
    #[getter]
    fn faults<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.faults)
    }

    /// The folders that were named in which there is no DICOM file.
    #[getter]
    fn without_dicom<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.without_dicom)
    }

    /// Whether there is no fault, and no folder without DICOM, unless that is allowed.
    #[getter]
    fn ok(&self) -> bool {
        self.faults.is_empty() && (self.allows_empty || self.without_dicom.is_empty())
    }

    fn __add__(&self, py: Python<'_>, other: &Self) -> Self {
        let faults = self.faults.iter().chain(&other.faults).take(FAULTS).map(|row| row.clone_ref(py)).collect();
        Self {
            counts: added(&self.counts, &other.counts),
            values: added(&self.values, &other.values),
            files_with: added(&self.files_with, &other.files_with),
            faults,
            without_dicom: self.without_dicom.iter().chain(&other.without_dicom).cloned().collect(),
            links: self.links.saturating_add(other.links),
            warnings: self.warnings.saturating_add(other.warnings),
            seconds: self.seconds + other.seconds,
            complete: self.complete && other.complete,
            allows_empty: self.allows_with(other),
        }
    }

    /// `sum(reports)` begins with 0.
    fn __radd__<'py>(slf: Bound<'py, Self>, other: &Bound<'py, PyAny>) -> Bound<'py, PyAny> {
        let is_zero = other.extract::<u8>().is_ok_and(|number| number == 0);
        if is_zero { slf.into_any() } else { slf.py().NotImplemented().into_bound(slf.py()) }
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        let (py, report) = (slf.py(), slf.get());
        let fields = [
            report.counts().into_pyobject(py)?.into_any(),
            report.values().into_pyobject(py)?.into_any(),
            report.files_with().into_pyobject(py)?.into_any(),
            report.faults(py)?.into_any(),
            report.without_dicom(py)?.into_any(),
            report.links.into_pyobject(py)?.into_any(),
            report.warnings.into_pyobject(py)?.into_any(),
            report.seconds.into_pyobject(py)?.into_any(),
            report.complete.into_pyobject(py)?.to_owned().into_any(),
            report.allows_empty.into_pyobject(py)?.to_owned().into_any(),
        ];
        Ok((slf.get_type(), PyTuple::new(py, fields)?))
    }

    fn __repr__(&self) -> String {
        let counted = |count: u64, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        let mut text = format!("<Report: {} in {:.1} s", counted(self.files(), "file"), self.seconds);
        for (word, count) in self.counts.iter().filter(|(_, count)| **count > 0) {
            let _ = write!(text, ", {count} {word}"); // a String takes everything
        }
        if self.edits() > 0 {
            let _ = write!(text, ", {} blanked", counted(self.edits(), "value"));
        }
        text + if self.complete { ">" } else { ", interrupted>" }
    }
}
