//! Bytes in memory: any object with a buffer, whatever its items are.
//!
//! Why the slices below are sound, as far as an extension module can say. An exported buffer keeps its address and length until it
//! is released, whatever its owner does: a bytearray refuses to be resized, an mmap to be closed, an array to be freed. We stay
//! attached to the interpreter while a slice lives, so no Python code runs meanwhile, and no other Rust code of this module either.
//! What remains are writers that ask nobody: a thread of another extension that has released the GIL, any thread where there is no
//! GIL, or another process that writes to a mapped file. That is a race in their caller's program, as with every function of Python that takes a buffer (hashing, writing
//! to a socket). The core holds no pointer into the bytes and checks every access against the length, so that such a writer can
//! spoil the result, but not lead us outside the buffer.

use std::path::Path;
use std::slice;

use dicomblank_files::{self as files, FileError};
use pyo3::exceptions::{PyBufferError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors;
use crate::plan::Plan;
use crate::rules::Rules;
use crate::signals::interruptible;

#[pyfunction]
pub fn plan_bytes(data: &Bound<'_, PyAny>, rules: &Bound<'_, Rules>) -> PyResult<Plan> {
    let py = data.py();
    let buffer = Buffer::get(data)?;
    files::plan_bytes(buffer.bytes(py), &rules.get().0).map(Plan).map_err(|error| raise(py, &error))
}

#[pyfunction]
pub fn anonymize_buffer(buffer: &Bound<'_, PyAny>, rules: &Bound<'_, Rules>) -> PyResult<Plan> {
    let py = buffer.py();
    let mut buffer = Buffer::get(buffer)?;
    let blanked = files::blank_buffer(buffer.bytes_to_write(py)?, &rules.get().0);
    blanked.map(Plan).map_err(|error| raise(py, &error))
}

#[pyfunction]
pub fn anonymize_bytes<'py>(data: &Bound<'py, PyAny>, rules: &Bound<'py, Rules>) -> PyResult<Bound<'py, PyBytes>> {
    let py = data.py();
    let buffer = Buffer::get(data)?;
    let rules = &rules.get().0;
    let mut anew = None;
    // The copy is the result itself, which nobody else has seen yet: so the GIL can go while it is blanked.
    let copy = PyBytes::new_with(py, buffer.bytes(py).len(), |copy| {
        copy.copy_from_slice(buffer.bytes(py));
        anew = interruptible(py, |cancel| files::blank_bytes(copy, rules, &cancel), |error| raise(py, &error))?;
        Ok(())
    })?;
    // Of a deflated data set the result has another length.
    Ok(anew.map_or(copy, |blanked| PyBytes::new(py, &blanked)))
}

fn raise(py: Python<'_>, error: &FileError) -> PyErr {
    errors::of_file(py, error, Path::new(""))
}

/// An exported, contiguous buffer. In a box, since its exporter may remember where it is.
///
/// Not PyO3's: that wants a shape and strides, which ctypes and others leave out where there is nothing to say with them.
struct Buffer(Box<ffi::Py_buffer>);

impl Buffer {
    /// That of any object of which `memoryview` takes one, whatever its items are: what counts is the memory.
    fn get(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut view = Box::new(ffi::Py_buffer::new());
        // SAFETY: both pointers are valid, and we are attached. `PyBUF_SIMPLE` asks for contiguous bytes, or an exception.
        let got = unsafe { ffi::PyObject_GetBuffer(object.as_ptr(), &raw mut *view, ffi::PyBUF_SIMPLE) };
        if got == 0 {
            return Ok(Self(view));
        }
        let py = object.py();
        let error = PyErr::fetch(py);
        // NumPy's for one that is not contiguous, and memoryview's for one that was released.
        Err(if error.is_instance_of::<PyValueError>(py) {
            PyBufferError::new_err(error.value(py).to_string())
        } else {
            error
        })
    }

    fn len(&self) -> usize {
        usize::try_from(self.0.len).unwrap_or(0)
    }

    /// The bytes, for as long as the interpreter is attached.
    fn bytes<'a>(&'a self, _attached: Python<'a>) -> &'a [u8] {
        let (start, length) = (self.0.buf.cast::<u8>().cast_const(), self.len());
        if length == 0 {
            return &[]; // the pointer may be null
        }
        // SAFETY: the buffer is contiguous, so that `length` bytes stand from `start` on; it is exported for as long as
        // `self` lives; and see the head of this file for who could write to it.
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
        // SAFETY: as in `bytes`, and the exporter says that the buffer may be written. `self` is borrowed mutably, so that there
        // is no other slice of it.
        Ok(unsafe { slice::from_raw_parts_mut(start, length) })
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: it was got, and is released once, by whoever is attached.
        Python::attach(|_| unsafe { ffi::PyBuffer_Release(&raw mut *self.0) });
    }
}
