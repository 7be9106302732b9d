//! What a run says of a file, and how far it is: `Row`, `Progress`.

use std::hash::{Hash, Hasher};

use dicomblank_files as files;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};

use crate::errors;
use crate::leftover::Leftover;
use crate::paths::Name;

/// What became of one file.
#[pyclass(frozen, eq, hash, module = "dicomblank._core")]
pub struct Row {
    /// The source that it belongs to, as it was named.
    #[pyo3(get)]
    source: Name,
    /// Its path below the source; the name of a file that was named itself; "." for a folder that can't be listed.
    #[pyo3(get)]
    path: Name,
    /// The path of its copy, where one was written, or compared; else None.
    #[pyo3(get)]
    output: Option<Name>,
    /// What became of it, in one word: see docs/report.md.
    #[pyo3(get)]
    outcome: String,
    /// How many values this run blanked in it.
    #[pyo3(get)]
    edits: u64,
    /// Why, in one word of a closed list (docs/report.md); None where the outcome says all.
    #[pyo3(get)]
    kind: Option<String>,
    /// Where in the file, in bytes; of a deflated file in its inflated form. None where it is about no place.
    #[pyo3(get)]
    offset: Option<u64>,
    /// The element, such as "(0040,A730)[2].(0010,0010)"; "" for the data set itself; None where it is about no place.
    #[pyo3(get)]
    tag_path: Option<String>,
    warnings: Vec<String>,
    leftovers: Vec<Leftover>,
    /// How many places there are where a value is left: `leftovers` has the first 100.
    #[pyo3(get)]
    leftover_count: u64,
    /// How many values were not looked for: they are too short to be told from other text, or spelled in too many ways.
    #[pyo3(get)]
    not_searched: u64,
    /// The same as `kind`, as a sentence for people.
    #[pyo3(get)]
    error: Option<String>,
    /// Whether it was refused or has failed, is not as its original says, or was named itself and is not DICOM.
    #[pyo3(get)]
    is_fault: bool,
    /// The exception that stands for a fault, where there is one.
    #[pyo3(get)]
    exception: Option<Py<PyAny>>,
    levels: Vec<String>,
}

impl Row {
    pub fn of(py: Python<'_>, row: &files::Row) -> Self {
        let exception = row.error().map(|error| errors::of_file(py, error, &row.full_path()).into_value(py).into_any());
        let finding = row.finding();
        let (kind, message, offset, tag_path) = match finding {
            Some(files::Finding { kind, message, offset, tag_path }) => (Some(kind), Some(message), offset, tag_path),
            None => (None, None, None, None),
        };
        Self {
            source: row.source().into(),
            path: row.path().into(),
            output: row.output().map(Name::from),
            outcome: row.outcome().to_string(),
            edits: row.edits(),
            kind: kind.map(str::to_owned),
            offset,
            tag_path,
            warnings: row.warnings().into_iter().map(str::to_owned).collect(),
            leftovers: row.leftovers().map(|found| found.all.iter().map(Leftover::from).collect()).unwrap_or_default(),
            leftover_count: row.leftovers().map_or(0, |found| found.count),
            not_searched: row.leftovers().map_or(0, |found| found.not_searched),
            error: message.filter(|message| !message.is_empty()),
            is_fault: row.is_fault(),
            exception,
            levels: row.levels().to_vec(),
        }
    }

    pub fn outcome(&self) -> &str {
        &self.outcome
    }
}

/// The exception is made from the rest.
impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        let facts = |row: &Self| (row.edits, row.offset, row.is_fault, row.leftover_count, row.not_searched);
        let words = |row: &'_ Self| [&row.kind, &row.tag_path, &row.error].map(Option::clone);
        (&self.source, &self.path, &self.output, &self.outcome)
            == (&other.source, &other.path, &other.output, &other.outcome)
            && facts(self) == facts(other)
            && words(self) == words(other)
            && self.leftovers == other.leftovers
            && (&self.warnings, &self.levels) == (&other.warnings, &other.levels)
    }
}

impl Hash for Row {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.source, &self.path, &self.outcome).hash(state);
    }
}

#[pymethods]
impl Row {
    /// A row that was pickled: those of a run are made by it.
    #[new]
    #[allow(clippy::too_many_arguments)] // one for each field
    #[pyo3(signature = (source, path, output, outcome, edits, kind, offset, tag_path, warnings, error, is_fault, exception, levels = Vec::new(), leftovers = Vec::new(), leftover_count = 0, not_searched = 0))]
    fn new(
        source: Name,
        path: Name,
        output: Option<Name>,
        outcome: String,
        edits: u64,
        kind: Option<String>,
        offset: Option<u64>,
        tag_path: Option<String>,
        warnings: Vec<String>,
        error: Option<String>,
        is_fault: bool,
        exception: Option<Py<PyAny>>,
        levels: Vec<String>,
        leftovers: Vec<Leftover>,
        leftover_count: u64,
        not_searched: u64,
    ) -> Self {
        Self {
            source,
            path,
            output,
            outcome,
            edits,
            kind,
            offset,
            tag_path,
            warnings,
            leftovers,
            leftover_count,
            not_searched,
            error,
            is_fault,
            exception,
            levels,
        }
    }

    /// Where values stand that were blanked or replaced elsewhere: the first 100 places.
    #[getter]
    fn leftovers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.leftovers.iter().cloned())
    }

    /// Of an outcome "other-level" the levels whose result the file is; else none.
    #[getter]
    fn levels<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.levels)
    }

    /// What is out of order in the file, a word each: see docs/report.md.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.warnings)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        let (py, row) = (slf.py(), slf.get());
        let exception = row.exception.as_ref().map(|exception| exception.clone_ref(py));
        let warnings = row.warnings(py)?;
        let fields = [
            (&row.source).into_pyobject(py)?,
            (&row.path).into_pyobject(py)?,
            row.output.as_ref().into_pyobject(py)?,
            row.outcome.as_str().into_pyobject(py)?.into_any(),
            row.edits.into_pyobject(py)?.into_any(),
            row.kind.as_deref().into_pyobject(py)?,
            row.offset.into_pyobject(py)?,
            row.tag_path.as_deref().into_pyobject(py)?,
            warnings.into_any(),
            row.error.as_deref().into_pyobject(py)?,
            row.is_fault.into_pyobject(py)?.to_owned().into_any(),
            exception.into_pyobject(py)?,
            row.levels(py)?.into_any(),
            row.leftovers(py)?.into_any(),
            row.leftover_count.into_pyobject(py)?.into_any(),
            row.not_searched.into_pyobject(py)?.into_any(),
        ];
        Ok((slf.get_type(), PyTuple::new(py, fields)?))
    }

    fn __repr__(&self) -> String {
        format!("<Row {}: {}>", self.path.as_os_str().display(), self.outcome)
    }
}

/// How far a run is.
#[pyclass(frozen, get_all, eq, hash, module = "dicomblank._core")]
#[derive(PartialEq, Eq, Hash)]
pub struct Progress {
    /// Files that are done, whatever became of them.
    done: u64,
    /// Files found so far.
    found: u64,
    /// Whether folders are still being listed, so that more may be found.
    listing: bool,
    /// How many workers there are: at most so many files are in flight.
    in_flight: usize,
    /// Bytes done of the large files at work; 0 where no large file is at work.
    bytes_done: u64,
    /// All bytes of them.
    bytes_total: u64,
}

#[pymethods]
impl Progress {
    /// Progress that was pickled: that of a run is made by it.
    #[new]
    #[pyo3(signature = (done, found, listing, in_flight = 0, bytes_done = 0, bytes_total = 0))]
    const fn new(done: u64, found: u64, listing: bool, in_flight: usize, bytes_done: u64, bytes_total: u64) -> Self {
        Self { done, found, listing, in_flight, bytes_done, bytes_total }
    }

    #[allow(clippy::type_complexity)] // the class, and what it is made with
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyType>, (u64, u64, bool, usize, u64, u64)) {
        let Self { done, found, listing, in_flight, bytes_done, bytes_total } = *slf.get();
        (slf.get_type(), (done, found, listing, in_flight, bytes_done, bytes_total))
    }

    fn __repr__(&self) -> String {
        let Self { done, found, listing, .. } = self;
        format!("<Progress: {done} of {found} files{}>", if *listing { ", and more to be found" } else { "" })
    }
}

impl From<files::Progress> for Progress {
    fn from(progress: files::Progress) -> Self {
        let files::Progress { done, found, is_listing: listing, in_flight, bytes_done, bytes_total } = progress;
        Self { done, found, listing, in_flight, bytes_done, bytes_total }
    }
}
