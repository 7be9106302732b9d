//! `Additions`: what a rewrite adds to a data set.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dicomblank_core::{Additions as CoreAdditions, Insert, Tag, Vr};
use dicomblank_files as files;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::bytes::Buffer;
use crate::errors;

/// What a rewrite adds to a data set, and who says so in the file meta information.
#[pyclass(frozen, eq, module = "dicomblank._core")]
#[derive(PartialEq)]
pub struct Additions(pub(crate) Arc<CoreAdditions>);

/// An element as Python says it: its tag, its VR, and a text, or of a sequence the items.
type Entry = (u32, String, Content);

#[derive(FromPyObject)]
enum Content {
    Text(String),
    Items(Vec<Vec<Entry>>),
}

#[pymethods]
impl Additions {
    /// An Implementation Class UID, an Implementation Version Name, and elements for the data set itself.
    #[new]
    #[pyo3(signature = (implementation, version, elements = Vec::new()), text_signature = "(implementation, version, elements=())")]
    fn new(implementation: &str, version: &str, elements: Vec<Entry>) -> PyResult<Self> {
        let elements = elements.into_iter().map(insert).collect::<PyResult<Vec<_>>>()?;
        CoreAdditions::new(implementation, version, elements).map(Arc::new).map(Self).ok_or_else(|| {
            PyValueError::new_err(
                "a UID, a name of 1 to 16 characters of ASCII, and elements of which each has a tag of its own",
            )
        })
    }
}

fn insert((tag, vr, content): Entry) -> PyResult<Insert> {
    let vr = vr.as_bytes().try_into().ok().and_then(Vr::from_bytes);
    let made = match (vr, content) {
        (Some(Vr::SQ), Content::Items(items)) => {
            let item = |item: Vec<Entry>| item.into_iter().map(insert).collect::<PyResult<Vec<_>>>();
            Insert::sequence(Tag::from(tag), items.into_iter().map(item).collect::<PyResult<Vec<_>>>()?)
        }
        (Some(vr), Content::Text(text)) => Insert::text(Tag::from(tag), vr, &text),
        _ => None,
    };
    made.ok_or_else(|| PyValueError::new_err(format!("no element that can be added: {}", Tag::from(tag))))
}

/// What the data set of a file, or of bytes, says in elements of its own.
#[derive(FromPyObject)]
enum Data<'py> {
    Path(PathBuf),
    Bytes(Bound<'py, PyAny>),
}

/// The values of `tags`, or None.
#[pyfunction]
#[pyo3(signature = (data, tags, /))]
#[allow(private_interfaces)] // of an argument
pub fn stated<'py>(py: Python<'py>, data: Data<'py>, tags: Vec<u32>) -> PyResult<Vec<Option<Bound<'py, PyBytes>>>> {
    let tags: Vec<Tag> = tags.into_iter().map(Tag::from).collect();
    let found = match &data {
        Data::Path(path) => files::stated_file(path, &tags).map_err(|error| errors::of_file(py, &error, path)),
        Data::Bytes(bytes) => files::stated_bytes(Buffer::get(bytes)?.bytes(py), &tags)
            .map_err(|error| errors::of_file(py, &error, Path::new(""))),
    };
    Ok(found?.into_iter().map(|value| value.map(|value| PyBytes::new(py, &value))).collect())
}
