//! `Rules`: which tags are blanked and which are kept.

use std::hash::{DefaultHasher, Hash, Hasher};

use dicomblank_core::{Rules as CoreRules, Tag};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// A set of tags to blank and a set to keep, wherever they stand.
#[pyclass(frozen, eq, module = "dicomblank._core")]
#[derive(PartialEq)]
pub struct Rules(pub(crate) CoreRules);

#[pymethods]
impl Rules {
    #[new]
    #[pyo3(signature = (blank, keep = Vec::new()), text_signature = "(blank, keep=())")]
    fn new(blank: Vec<u32>, keep: Vec<u32>) -> PyResult<Self> {
        let tags = |numbers: Vec<u32>| numbers.into_iter().map(Tag::from);
        let rules = CoreRules::new(tags(blank), tags(keep));
        rules.map(Self).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    #[getter]
    fn blank<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.blank().map(u32::from).collect::<Vec<_>>())
    }

    #[getter]
    fn keep<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.keep().map(u32::from).collect::<Vec<_>>())
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish()
    }
}
