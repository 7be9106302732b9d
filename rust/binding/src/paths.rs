//! File names as Python has them.

use std::ffi::{OsStr, OsString};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString};

/// A name, which Python gets as `os.fsdecode` gives it. PyO3 reads one that is UTF-8 as UTF-8, also where file names have another
/// encoding: two names could be one text then.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name(OsString);

impl<T: Into<OsString>> From<T> for Name {
    fn from(name: T) -> Self {
        Self(name.into())
    }
}

impl Name {
    pub fn as_os_str(&self) -> &OsStr {
        &self.0
    }
}

impl<'py> IntoPyObject<'py> for &Name {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static FSDECODE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        match self.0.to_str().filter(|text| text.is_ascii()) {
            Some(text) => Ok(PyString::new(py, text).into_any()),
            None => FSDECODE.import(py, "os", "fsdecode")?.call1((PyBytes::new(py, self.0.as_encoded_bytes()),)),
        }
    }
}

impl<'py> IntoPyObject<'py> for Name {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        (&self).into_pyobject(py)
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Name {
    type Error = PyErr;

    fn extract(name: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        name.extract::<OsString>().map(Self)
    }
}
