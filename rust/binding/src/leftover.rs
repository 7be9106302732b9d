//! One place where a value is left: `Leftover`.

use dicomblank_files as files;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// A place where a value stands that was blanked or replaced elsewhere. It never holds the value.
#[pyclass(frozen, get_all, eq, hash, from_py_object, module = "dicomblank._core")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Leftover {
    /// The element, such as "(0040,A730)[2].(0010,0010)", or "preamble", "trailing" or "path".
    place: String,
    /// Where it begins, in bytes from the start of the file, of a deflated one in its inflated form; None in a path.
    offset: Option<u64>,
    /// How long it is, in bytes.
    length: u64,
    /// Whose value it is, by the keyword of its element; "known" for what somebody knew.
    of: String,
}

#[pymethods]
impl Leftover {
    /// One that was pickled: those of a run are made by it.
    #[new]
    const fn new(place: String, offset: Option<u64>, length: u64, of: String) -> Self {
        Self { place, offset, length, of }
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyType>, (String, Option<u64>, u64, String)) {
        let Self { place, offset, length, of } = slf.get().clone();
        (slf.get_type(), (place, offset, length, of))
    }

    fn __repr__(&self) -> String {
        format!("<Leftover of {} in {}>", self.of, self.place)
    }
}

impl From<&files::Leftover> for Leftover {
    fn from(leftover: &files::Leftover) -> Self {
        let files::Leftover { place, offset, length, of } = leftover;
        Self { place: place.to_string(), offset: *offset, length: *length, of: of.to_string() }
    }
}
