//! Bytes in memory: any object with a buffer of bytes.
//!
//! Why the slices below are sound, as far as an extension module can say. An exported buffer keeps its address and length until it
//! is released, whatever its owner does: a bytearray refuses to be resized, an mmap to be closed, an array to be freed. We stay
//! attached to the interpreter while a slice lives, so no Python code runs meanwhile, and no other Rust code of this module either.
//! What remains are writers that ask nobody: a thread of another extension that has released the GIL, any thread where there is no
//! GIL, or another process that writes to a mapped file. That is a race in their caller's program, as with every function of Python that takes a buffer (hashing, writing
//! to a socket). The core holds no pointer into the bytes and checks every access against the length, so that such a writer can
//! spoil the result, but not lead us outside the buffer.

use std::slice;

use dicomblank_core::{ApplyError, Limits, Plan as CorePlan, Rules as CoreRules, SliceSink, SliceSource, apply, plan};
use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::{PyBufferError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors;
use crate::plan::Plan;
use crate::rules::Rules;

#[pyfunction]
pub fn plan_bytes(data: &Bound<'_, PyAny>, rules: &Bound<'_, Rules>) -> PyResult<Plan> {
    let py = data.py();
    let buffer = Buffer::get(data)?;
    plan_of(buffer.bytes(py), &rules.get().0).map(Plan).map_err(|error| error.into_exception(py))
}

#[pyfunction]
pub fn anonymize_buffer(buffer: &Bound<'_, PyAny>, rules: &Bound<'_, Rules>) -> PyResult<Plan> {
    let py = buffer.py();
    let mut buffer = Buffer::get(buffer)?;
    let blanked = blank(buffer.bytes_to_write(py)?, &rules.get().0);
    blanked.map(Plan).map_err(|error| error.into_exception(py))
}

#[pyfunction]
pub fn anonymize_bytes<'py>(data: &Bound<'py, PyAny>, rules: &Bound<'py, Rules>) -> PyResult<Bound<'py, PyBytes>> {
    let py = data.py();
    let buffer = Buffer::get(data)?;
    let rules = &rules.get().0;
    // The copy is the result itself, which nobody else has seen yet: so the GIL can go while it is blanked.
    PyBytes::new_with(py, buffer.bytes(py).len(), |copy| {
        copy.copy_from_slice(buffer.bytes(py));
        let blanked = py.detach(|| blank(copy, rules));
        blanked.map(drop).map_err(|error| error.into_exception(py))
    })
}

fn plan_of(bytes: &[u8], rules: &CoreRules) -> Result<CorePlan, Failure> {
    plan(&mut SliceSource::new(bytes), rules, &Limits::default()).map_err(Failure::Core)
}

fn blank(bytes: &mut [u8], rules: &CoreRules) -> Result<CorePlan, Failure> {
    let plan = plan_of(bytes, rules)?;
    apply(&plan, &mut SliceSink::new(bytes)).map_err(|_: ApplyError<_>| Failure::OutOfBounds)?;
    Ok(plan)
}

/// What went wrong; told without the GIL, raised with it.
enum Failure {
    Core(dicomblank_core::Error),
    /// A plan outside its own bytes: a bug.
    OutOfBounds,
}

impl Failure {
    fn into_exception(self, py: Python<'_>) -> PyErr {
        match self {
            Self::Core(error) => errors::of_core(py, &error),
            Self::OutOfBounds => PyBufferError::new_err("a bug in dicomblank: please report it"),
        }
    }
}

/// An exported, contiguous buffer of bytes.
struct Buffer(PyUntypedBuffer);

impl Buffer {
    fn get(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let buffer = PyUntypedBuffer::get(object)?;
        if buffer.item_size() != 1 {
            return Err(PyTypeError::new_err(format!(
                "a buffer of bytes is needed, not of {} bytes each",
                buffer.item_size()
            )));
        }
        if !buffer.is_c_contiguous() {
            return Err(PyBufferError::new_err("the buffer is not contiguous"));
        }
        Ok(Self(buffer))
    }

    /// The bytes, for as long as the interpreter is attached.
    fn bytes<'a>(&'a self, _attached: Python<'a>) -> &'a [u8] {
        let (start, length) = (self.0.buf_ptr().cast::<u8>().cast_const(), self.0.len_bytes());
        if length == 0 {
            return &[]; // the pointer may be null
        }
        // SAFETY: the buffer is contiguous and of bytes, so that `length` bytes stand from `start` on; it is exported for as long as
        // `self` lives; and see the head of this file for who could write to it.
        unsafe { slice::from_raw_parts(start, length) }
    }

    /// The same bytes, to be overwritten.
    fn bytes_to_write<'a>(&'a mut self, _attached: Python<'a>) -> PyResult<&'a mut [u8]> {
        if self.0.readonly() {
            return Err(PyBufferError::new_err("the buffer is read-only"));
        }
        let (start, length) = (self.0.buf_ptr().cast::<u8>(), self.0.len_bytes());
        if length == 0 {
            return Ok(&mut []);
        }
        // SAFETY: as in `bytes`, and the exporter says that the buffer may be written. `self` is borrowed mutably, so that there
        // is no other slice of it.
        Ok(unsafe { slice::from_raw_parts_mut(start, length) })
    }
}
