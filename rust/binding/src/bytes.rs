//! Bytes in memory: any object with a buffer, whatever its items are.
//!
//! Why the slices below are sound, as far as an extension module can say. An exported buffer keeps its address and
//! length until it is released, whatever its owner does: a bytearray can't be resized, an mmap not closed, an array not
//! freed. While a slice lives, this thread stays attached to the interpreter, except in `anonymize_bytes`, whose slice
//! is of a result that no one else has yet. So no other Python code runs meanwhile.
//!
//! Writers that need no interpreter remain: a thread of another extension that has released the GIL, any thread in a
//! Python without a GIL, or another process that writes to a mapped file. That is a race in the program of the caller,
//! as with every function of Python that takes a buffer (hashing, writing to a socket). The core has no pointer into
//! the bytes and checks every access against the length: such a writer can spoil the result, but not lead us outside
//! the buffer.

use std::path::Path;
use std::slice;
use std::sync::Arc;

use dicomblank_core::Rules;
use dicomblank_files::{self as files, FileError, Keying};
use pyo3::exceptions::{PyBufferError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors;
use crate::key::Key;
use crate::plan::Plan;
use crate::rules::Rules as PyRules;
use crate::signals::interruptible;

#[pyfunction]
#[pyo3(signature = (data, rules, key = None))]
pub fn plan_bytes(data: &Bound<'_, PyAny>, rules: &Bound<'_, PyRules>, key: Option<&Bound<'_, Key>>) -> PyResult<Plan> {
    let (py, rules) = (data.py(), &rules.get().0);
    let keying = keying_of_dry_run(rules, key)?;
    let buffer = Buffer::get(data)?;
    files::dry_run_bytes(buffer.bytes(py), rules, &keying).map(Plan::from).map_err(|error| raise(py, &error))
}

#[pyfunction]
#[pyo3(signature = (buffer, rules, key = None))]
pub fn anonymize_buffer(
    buffer: &Bound<'_, PyAny>,
    rules: &Bound<'_, PyRules>,
    key: Option<&Bound<'_, Key>>,
) -> PyResult<Plan> {
    let py = buffer.py();
    let keying = keying(&rules.get().0, key)?;
    let mut buffer = Buffer::get(buffer)?;
    let blanked = files::blank_buffer(buffer.bytes_to_write(py)?, &rules.get().0, &keying);
    blanked.map(Plan::from).map_err(|error| raise(py, &error))
}

#[pyfunction]
#[pyo3(signature = (data, rules, key = None))]
pub fn anonymize_bytes<'py>(
    data: &Bound<'py, PyAny>,
    rules: &Bound<'py, PyRules>,
    key: Option<&Bound<'py, Key>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let py = data.py();
    let keying = keying(&rules.get().0, key)?;
    let buffer = Buffer::get(data)?;
    let rules = &rules.get().0;
    if rules.rewrite() {
        // A copy: the caller's bytes may change while the GIL is released.
        let copy = buffer.bytes(py).to_vec();
        let result = interruptible(
            py,
            |cancel| files::rewrite_bytes(&copy, rules, &keying, &cancel),
            |error| raise(py, &error),
        )?;
        return Ok(PyBytes::new(py, &result));
    }
    let mut anew = None;
    // The copy becomes the result, which nobody else has seen yet. So the GIL can be released while it is blanked.
    let copy = PyBytes::new_with(py, buffer.bytes(py).len(), |copy| {
        copy.copy_from_slice(buffer.bytes(py));
        anew =
            interruptible(py, |cancel| files::blank_bytes(copy, rules, &keying, &cancel), |error| raise(py, &error))?;
        Ok(())
    })?;
    // The result of a deflated file has another length.
    Ok(anew.map_or(copy, |blanked| PyBytes::new(py, &blanked)))
}

/// What values are replaced with. A key remembers what it was last asked for: to make the marks costs as much as a file.
pub fn keying(rules: &Rules, key: Option<&Bound<'_, Key>>) -> PyResult<Arc<Keying>> {
    let keying = match key {
        Some(key) => key.get().keying(rules),
        None => Keying::checked(rules, None).map(Arc::new),
    };
    keying.map_err(|error| PyValueError::new_err(error.to_string()))
}

/// The same for a dry run, which does without a key where there is none.
pub fn keying_of_dry_run(rules: &Rules, key: Option<&Bound<'_, Key>>) -> PyResult<Arc<Keying>> {
    let without = || Keying::of_dry_run(rules, None).map(Arc::new);
    key.map_or_else(without, |key| key.get().keying(rules)).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn raise(py: Python<'_>, error: &FileError) -> PyErr {
    errors::of_file(py, error, Path::new(""))
}

/// An exported, contiguous buffer. In a box, since the exporter may remember its address.
///
/// Rejected: PyO3's `PyBuffer`. It needs a shape and strides, which ctypes and others leave out if they say nothing.
pub struct Buffer(Box<ffi::Py_buffer>);

impl Buffer {
    /// The buffer of any object that `memoryview` accepts.
    pub fn get(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut view = Box::new(ffi::Py_buffer::new());
        // SAFETY: both pointers are valid, and this thread is attached. `PyBUF_SIMPLE` asks for contiguous bytes, or an
        // exception.
        let got = unsafe { ffi::PyObject_GetBuffer(object.as_ptr(), &raw mut *view, ffi::PyBUF_SIMPLE) };
        if got == 0 {
            return Ok(Self(view));
        }
        let py = object.py();
        let error = PyErr::fetch(py);
        // NumPy raises this for a buffer that is not contiguous, and memoryview for one that was released.
        Err(if error.is_instance_of::<PyValueError>(py) {
            PyBufferError::new_err(error.value(py).to_string())
        } else {
            error
        })
    }

    fn len(&self) -> usize {
        usize::try_from(self.0.len).unwrap_or(0)
    }

    /// The bytes, for as long as this thread is attached to the interpreter.
    pub fn bytes<'a>(&'a self, _attached: Python<'a>) -> &'a [u8] {
        let (start, length) = (self.0.buf.cast::<u8>().cast_const(), self.len());
        if length == 0 {
            return &[]; // the pointer may be null
        }
        // SAFETY: the buffer is contiguous, so that `length` bytes stand from `start` on. It is exported for as long as
        // `self` lives. The head of this file says who could write to it.
        unsafe { slice::from_raw_parts(start, length) }
    }

    /// The same bytes, to be overwritten.
    fn bytes_to_write<'a>(&'a mut self, _attached: Python<'a>) -> PyResult<&'a mut [u8]> {
        if self.0.readonly != 0 {
            return Err(PyBufferError::new_err("the buffer is read-only"));
        }
        let (start, length) = (self.0.buf.cast::<u8>(), self.len());
        if length == 0 {
            return Ok(&mut []);
        }
        // SAFETY: as in `bytes`, and the exporter says that the buffer may be written. `self` is borrowed mutably, so
        // that there is no other slice of it.
        Ok(unsafe { slice::from_raw_parts_mut(start, length) })
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: the buffer was got in `get`, is released only here, and this thread is attached.
        Python::attach(|_| unsafe { ffi::PyBuffer_Release(&raw mut *self.0) });
    }
}
