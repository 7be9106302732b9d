//! `Objects`: a run over objects of a store. Python lists, gets and puts them; what becomes of their bytes, and what is
//! told of them, is decided here below, as for files.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use dicomblank_files as files;
use files::{FileError, Made, ObjectFault, Ranges, RunError};
use pyo3::exceptions::{PyIndexError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::bytes::Buffer;
use crate::errors;
use crate::job::{existing_of, leftovers_of, sync_of, unmarked_of, usage_error};
use crate::key::Key;
use crate::on_disk::{self, OpenFile};
use crate::paths::Name;
use crate::plan::Plan;
use crate::report::Report;
use crate::row::Row;
use crate::rules::Rules;

/// What is done to objects, and the counts of it. Making one finds every error of usage. Objects are made ready from any
/// thread; one thread records them.
#[pyclass(frozen, module = "dicomblank._core")]
pub struct Objects {
    core: files::Objects,
    recorder: Mutex<Option<files::Recorder>>,
    #[pyo3(get)]
    reports_to_stdout: bool,
}

/// One object that was looked at: what is told of it, and what is to be written.
#[pyclass(frozen, module = "dicomblank._core")]
pub struct Object {
    /// `None` once it is recorded.
    made: Mutex<Option<Made>>,
    /// All its new bytes, where they are here.
    #[pyo3(get)]
    data: Option<Py<PyBytes>>,
    /// Whether there is something to write.
    #[pyo3(get)]
    is_written: bool,
}

#[pymethods]
impl Objects {
    #[new]
    #[allow(clippy::too_many_arguments)] // as many as Python's call has, each by its name
    #[pyo3(signature = (sources, output, rules, *, plans = None, on_disk = None, level = None, key = None, existing = "refuse", unmarked = "refuse", leftovers = "ignore", known = None, shard = None, report = None))]
    fn new(
        py: Python<'_>,
        sources: Vec<(PathBuf, Option<bool>)>,
        output: Option<PathBuf>,
        rules: &Bound<'_, Rules>,
        plans: Option<bool>,
        on_disk: Option<&str>,
        level: Option<String>,
        key: Option<&Bound<'_, Key>>,
        existing: &str,
        unmarked: &str,
        leftovers: &str,
        known: Option<PathBuf>,
        shard: Option<(String, String)>,
        report: Option<PathBuf>,
    ) -> PyResult<Self> {
        let (existing, unmarked, leftovers) =
            (existing_of(existing)?, unmarked_of(unmarked)?, leftovers_of(leftovers)?);
        let task = match (plans, output) {
            (Some(keep), _) => files::Task::Plan(if keep { files::Plans::Keep } else { files::Plans::Count }),
            (None, Some(output)) => files::Task::Anonymize(files::Destination::Copies { output, existing }),
            (None, None) => {
                let hard_links = files::HardLinks::Refuse;
                files::Task::Anonymize(files::Destination::InPlace { hard_links, unmarked })
            }
        };
        let (rules, key) = (rules.get().0.clone(), key.map(|key| key.get().secrets.clone()));
        let sources = sources.into_iter().map(|(source, is_object)| match is_object {
            Some(true) => files::ObjectSource::Object(source),
            Some(false) => files::ObjectSource::Below(source),
            None => files::ObjectSource::OnDisk(source),
        });
        let (sources, on_disk) = (sources.collect(), on_disk.map(sync_of).transpose()?);
        let shard = shard.map(|(name, sha256)| files::Shard { name, sha256 });
        let order = files::ObjectOrder { sources, shard, task, on_disk, rules, key, leftovers, known, level, report };
        let (objects, recorder) = py.detach(|| files::Objects::new(order)).map_err(|error| usage_error(&error))?;
        let reports_to_stdout = recorder.reports_to_stdout();
        Ok(Self { core: objects, recorder: Mutex::new(Some(recorder)), reports_to_stdout })
    }

    /// The sources, without those that are named twice or lie inside another: the URL or path, whether it is one object
    /// or file, and its name in the output, if it has one there.
    #[getter]
    fn sources(&self) -> Vec<(Name, bool, Option<Name>)> {
        let named = |(url, is_object, name): (&Path, bool, Option<&std::ffi::OsStr>)| {
            (Name::from(url), is_object, name.map(Name::from))
        };
        self.core.sources().map(named).collect()
    }

    /// The object `key` of a source, of which `data` is all bytes. They are not changed.
    fn blank(&self, source: usize, key: PathBuf, data: &Bound<'_, PyAny>) -> PyResult<Object> {
        let py = data.py();
        let buffer = Buffer::get(data)?;
        let mut made = None;
        let copy = PyBytes::new_with(py, buffer.bytes(py).len(), |copy| {
            copy.copy_from_slice(buffer.bytes(py));
            // Nobody else has seen the copy yet. So the GIL can be released while it is blanked.
            made = py.detach(|| self.core.blank(source, &key, copy));
            Ok(())
        })?;
        let made = made.ok_or_else(no_source)?;
        let anew = made.anew().map(|bytes| PyBytes::new(py, bytes));
        let data = made.is_written().then(|| anew.unwrap_or(copy).unbind());
        Ok(Object::of(made, data))
    }

    /// The same of an object of `size` bytes. `read` is called with an offset and a length, and gives the bytes.
    fn plan(&self, py: Python<'_>, source: usize, key: PathBuf, size: u64, read: Py<PyAny>) -> PyResult<Object> {
        let made = by_ranges(py, size, &read, None, |ranges, _| self.core.plan(source, &key, ranges))?;
        Ok(Object::of(made.ok_or_else(no_source)?, None))
    }

    /// What becomes of an object whose target exists, of which `data` is all bytes.
    fn existing(&self, made: &Bound<'_, Object>, target: PathBuf, data: &Bound<'_, PyAny>) -> PyResult<Object> {
        let py = data.py();
        let buffer = Buffer::get(data)?;
        // A copy: while this thread is detached, somebody could write to the bytes of another object.
        let bytes = buffer.bytes(py).to_vec();
        let made = made.get().take()?;
        Ok(Object::of(py.detach(|| self.core.existing(made, &target, &bytes)), None))
    }

    /// The same of a target of `size` bytes, which `read` gives.
    fn existing_by_ranges(
        &self,
        made: &Bound<'_, Object>,
        target: PathBuf,
        size: u64,
        read: Py<PyAny>,
    ) -> PyResult<Object> {
        let (py, made) = (made.py(), made.get().take()?);
        let compared =
            by_ranges(py, size, &read, None, |ranges, _| self.core.existing_by_ranges(made, &target, ranges))?;
        Ok(Object::of(compared, None))
    }

    /// The bytes `chunk`, which stand at `offset` in the object, with the edits made that lie in them.
    fn edit<'py>(
        &self,
        made: &Bound<'py, Object>,
        offset: u64,
        chunk: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let py = chunk.py();
        let buffer = Buffer::get(chunk)?;
        let made = made.get().made.lock().unwrap_or_else(PoisonError::into_inner);
        let made = made.as_ref().ok_or_else(recorded)?;
        PyBytes::new_with(py, buffer.bytes(py).len(), |copy| {
            copy.copy_from_slice(buffer.bytes(py));
            let edited = self.core.edit(made, offset, copy);
            edited.map_err(|error| errors::of_file(py, &error, &made.path()))
        })
    }

    /// Where the edits of an object are, in bytes: start and end of each, in their order.
    fn places(&self, made: &Bound<'_, Object>) -> PyResult<Vec<(u64, u64)>> {
        let made = made.get().made.lock().unwrap_or_else(PoisonError::into_inner);
        made.as_ref().map(|made| self.core.places(made).collect()).ok_or_else(recorded)
    }

    /// An object that could not be got: why, in a word of `kinds` and a sentence.
    #[pyo3(signature = (source, key, kind, message, target = None))]
    fn failed(
        &self,
        source: usize,
        key: PathBuf,
        kind: &str,
        message: String,
        target: Option<PathBuf>,
    ) -> PyResult<Object> {
        let error = error_of(kind, message, target, &key)?;
        let made = self.core.failed(source, &key, error);
        Ok(Object::of(made.ok_or_else(no_source)?, None))
    }

    /// What the first row of the report says, as JSON.
    fn first_row(&self) -> String {
        self.core.first_row()
    }

    /// Creates the report file of a run that was made without one.
    fn report_to(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let mut recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        let recorder = recorder.as_mut().ok_or_else(ended)?;
        py.detach(|| recorder.report_to(&path)).map_err(|error| usage_error(&error))
    }

    /// Lists a source on a disk, and calls `take` with some paths of files below it, or with what is not to be done,
    /// until that says False.
    fn list(&self, py: Python<'_>, source: usize, take: Py<PyAny>) -> PyResult<()> {
        on_disk::list(py, &self.core, source, &take)
    }

    /// A file of a source on a disk, of at most `most` bytes, as `blank` has an object.
    fn blank_file(&self, py: Python<'_>, source: usize, key: PathBuf, most: u64) -> PyResult<Object> {
        let (made, bytes) = py.detach(|| self.core.blank_file(source, &key, most)).ok_or_else(no_source)?;
        let data = made.is_written().then(|| PyBytes::new(py, made.anew().unwrap_or(&bytes)).unbind());
        Ok(Object::of(made, data))
    }

    /// A larger one, as `plan` has an object; and the open file, if it could be opened.
    fn plan_file(&self, py: Python<'_>, source: usize, key: PathBuf) -> PyResult<(Object, Option<OpenFile>)> {
        let (made, file) = py.detach(|| self.core.plan_file(source, &key)).ok_or_else(no_source)?;
        let path = made.path();
        Ok((Object::of(made, None), file.map(|file| OpenFile::new(file, path))))
    }

    /// Writes the copy of an object to its place on the disk: `data` is all its new bytes.
    fn land(&self, made: &Bound<'_, Object>, data: &Bound<'_, PyBytes>) -> PyResult<Object> {
        let (py, bytes) = (made.py(), data.as_bytes());
        let made = made.get().take()?;
        Ok(Object::of(py.detach(|| self.core.land(made, bytes)), None))
    }

    /// The same of an object of `size` bytes, which `read` gives as they were. `check` is called when all are read, and
    /// raises if the object is not what it was. What they raise is raised, and nothing was written.
    fn land_by_ranges(
        &self,
        made: &Bound<'_, Object>,
        size: u64,
        read: Py<PyAny>,
        check: Py<PyAny>,
    ) -> PyResult<Object> {
        let (py, made) = (made.py(), made.get().take()?);
        let landed =
            by_ranges(py, size, &read, Some(&check), |ranges, check| self.core.land_by_ranges(made, &ranges, check))?;
        Ok(Object::of(landed, None))
    }

    /// Writes the first line of the report file.
    fn begin(&self, py: Python<'_>) -> PyResult<()> {
        self.recording(|recorder| py.detach(|| self.core.begin(recorder)))
    }

    /// Counts an object, with the URL of its copy, and writes its line. Its row, unless only notable rows are wanted.
    #[pyo3(signature = (made, copy = None, *, only_notable = false))]
    fn record(&self, made: &Bound<'_, Object>, copy: Option<PathBuf>, only_notable: bool) -> PyResult<Option<Row>> {
        let (py, row) = (made.py(), made.get().take()?.into_row(copy));
        let told = (!only_notable || row.is_notable()).then(|| Row::of(py, &row));
        self.recording(|recorder| recorder.add(row))?;
        Ok(told)
    }

    /// Writes to the report file how far the run is, if it is time, and flushes it.
    fn tick(&self, py: Python<'_>, in_flight: usize) -> PyResult<()> {
        self.recording(|recorder| py.detach(|| recorder.tick(in_flight)))
    }

    /// The counts. Nothing can be recorded behind it.
    fn finish(&self, py: Python<'_>, is_complete: bool, allows_empty: bool) -> PyResult<Report> {
        let recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or_else(ended)?;
        let report = py.detach(|| recorder.finish(!is_complete)).map_err(|error| raised(&error))?;
        Report::of(py, report, allows_empty)
    }

    /// Gives up what is being planned.
    fn stop(&self) {
        self.core.stop();
    }
}

#[pymethods]
impl Object {
    /// Its plan, in a dry run that keeps them.
    #[getter]
    fn plan(&self) -> Option<Plan> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.as_ref()?.dry_run().map(|dry_run| Plan::from(dry_run.clone()))
    }

    /// The same object, which could not be written: why, in a word of `kinds` and a sentence.
    #[pyo3(signature = (kind, message, target = None))]
    fn spoiled(&self, kind: &str, message: String, target: Option<PathBuf>) -> PyResult<Self> {
        let made = self.take()?;
        let error = error_of(kind, message, target, &made.path())?;
        Ok(Self::of(made.spoiled(error), None))
    }
}

impl Objects {
    fn recording(&self, work: impl FnOnce(&mut files::Recorder) -> Result<(), RunError>) -> PyResult<()> {
        let mut recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        work(recorder.as_mut().ok_or_else(ended)?).map_err(|error| raised(&error))
    }
}

impl Object {
    pub(crate) fn of(made: Made, data: Option<Py<PyBytes>>) -> Self {
        let is_written = made.is_written();
        Self { made: Mutex::new(Some(made)), data, is_written }
    }

    fn take(&self) -> PyResult<Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or_else(recorded)
    }
}

/// Does `work`, detached, with bytes that a callable of Python gives, and a check that another one makes. What they
/// raise is raised.
fn by_ranges<T: Send>(
    py: Python<'_>,
    size: u64,
    read: &Py<PyAny>,
    check: Option<&Py<PyAny>>,
    work: impl FnOnce(Ranges<'_>, &dyn Fn() -> io::Result<()>) -> T + Send,
) -> PyResult<T> {
    let raised = Mutex::new(None);
    let kept = |error: PyErr| {
        raised.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        io::Error::other("can't be read")
    };
    let fill =
        |offset: u64, buffer: &mut [u8]| Python::attach(|py| filled(read.bind(py), offset, buffer)).map_err(kept);
    let check = || Python::attach(|py| check.map_or(Ok(()), |check| check.call0(py).map(drop))).map_err(kept);
    let done = py.detach(|| work(Ranges { size, read: &fill }, &check));
    match raised.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(done),
    }
}

fn filled(read: &Bound<'_, PyAny>, offset: u64, buffer: &mut [u8]) -> PyResult<usize> {
    let given = read.call1((offset, buffer.len()))?;
    let given = Buffer::get(&given)?;
    let bytes = given.bytes(read.py());
    let count = bytes.len().min(buffer.len());
    buffer[..count].copy_from_slice(&bytes[..count]);
    Ok(count)
}

/// The error that a word stands for, about `path`.
fn error_of(kind: &str, message: String, target: Option<PathBuf>, path: &Path) -> PyResult<FileError> {
    match (kind, target) {
        ("system", None) => Ok(FileError::Io { path: path.to_owned(), error: io::Error::other(message) }),
        ("exists", Some(target)) => Ok(FileError::Exists { target, reason: message }),
        ("changed", None) => Ok(FileError::Changed),
        ("interrupted", None) => Ok(FileError::Interrupted),
        _ => ObjectFault::ALL
            .into_iter()
            .find(|fault| fault.word() == kind)
            .map(|fault| FileError::Object(fault, message))
            .ok_or_else(|| PyValueError::new_err("no kind of fault that an object can have")),
    }
}

fn raised(error: &RunError) -> PyErr {
    match error {
        RunError::Report { path, error } => errors::of_system(error, path),
        RunError::Threads(error) => errors::of_system(error, Path::new("dicomblank")),
    }
}

fn no_source() -> PyErr {
    PyIndexError::new_err("no source of this number")
}

fn recorded() -> PyErr {
    PyRuntimeError::new_err("the object was recorded")
}

fn ended() -> PyErr {
    PyRuntimeError::new_err("the run has ended")
}
