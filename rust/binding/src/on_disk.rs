//! Files of a disk in a run over objects.

use std::ops::ControlFlow;
use std::path::PathBuf;

use dicomblank_files as files;
use files::Listed;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::errors;
use crate::objects::Object;
use crate::paths::Name;

/// An open file of a source, which is read by ranges.
#[pyclass(frozen, module = "dicomblank._core")]
pub struct OpenFile {
    core: files::OpenFile,
    path: PathBuf,
}

impl OpenFile {
    pub const fn new(core: files::OpenFile, path: PathBuf) -> Self {
        Self { core, path }
    }
}

#[pymethods]
impl OpenFile {
    /// How many bytes it has.
    #[getter]
    const fn size(&self) -> u64 {
        self.core.size()
    }

    /// So many bytes from an offset on. Raises `OSError`, and `ChangedError` if there are fewer by now.
    fn read<'py>(&self, py: Python<'py>, offset: u64, length: usize) -> PyResult<Bound<'py, PyBytes>> {
        PyBytes::new_with(py, length, |bytes| {
            let read = py.detach(|| self.core.read(offset, bytes));
            read.map_err(|error| errors::of_file(py, &error, &self.path))
        })
    }

    /// Raises `ChangedError` if it is not what it was when it was opened.
    fn check(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.core.check()).map_err(|error| errors::of_file(py, &error, &self.path))
    }
}

/// Lists a source on a disk, and calls `take` with what is found. What that raises is raised.
pub fn list(py: Python<'_>, core: &files::Objects, source: usize, take: &Py<PyAny>) -> PyResult<()> {
    let mut raised = None;
    py.detach(|| {
        core.list(source, |found| match Python::attach(|py| taken(py, take, found)) {
            Ok(true) => ControlFlow::Continue(()),
            Ok(false) => ControlFlow::Break(()),
            Err(error) => {
                raised = Some(error);
                ControlFlow::Break(())
            }
        });
    });
    raised.map_or(Ok(()), Err)
}

fn taken(py: Python<'_>, take: &Py<PyAny>, found: Listed) -> PyResult<bool> {
    let goes_on = match found {
        Listed::Files(paths) => take.call1(py, (PyList::new(py, paths.into_iter().map(Name::from))?,))?,
        Listed::Made(made) => take.call1(py, (Object::of(*made, None),))?,
    };
    goes_on.extract(py)
}
