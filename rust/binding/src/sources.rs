//! What is to be done: files and folders, or a list of files.

use std::path::PathBuf;

use dicomblank_files as files;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::paths::Name;

/// Which files a job is about.
#[pyclass(frozen, module = "dicomblank._core")]
pub struct Sources {
    sources: files::Sources,
    exclude: Vec<String>,
}

#[pymethods]
impl Sources {
    /// Files and folders that are named.
    #[new]
    #[pyo3(signature = (paths, *, exclude = Vec::new()))]
    const fn new(paths: Vec<PathBuf>, exclude: Vec<String>) -> Self {
        Self { sources: files::Sources::Named(paths), exclude }
    }

    /// The files of a list, "-" for the standard input.
    #[staticmethod]
    #[pyo3(signature = (path, *, relative_to = None, null = false, exclude = Vec::new()))]
    fn listed(path: PathBuf, relative_to: Option<PathBuf>, null: bool, exclude: Vec<String>) -> Self {
        let ends = if null { files::NameEnd::Nul } else { files::NameEnd::Newline };
        let list = files::List { from: files::ListFrom::File { path, ends }, relative_to };
        Self { sources: files::Sources::Listed(list), exclude }
    }

    /// The files of a shard of the folder `relative_to`: `keys` are their paths there, with a NUL behind each.
    #[staticmethod]
    #[pyo3(signature = (name, keys, *, sha256, relative_to, exclude = Vec::new()))]
    fn shard(name: String, keys: &[u8], sha256: String, relative_to: PathBuf, exclude: Vec<String>) -> Self {
        let from = files::ListFrom::Shard { shard: files::Shard { name, sha256 }, keys: keys.to_vec() };
        Self { sources: files::Sources::Listed(files::List { from, relative_to: Some(relative_to) }), exclude }
    }

    /// The files and folders as they were named; none of a list.
    #[getter]
    fn paths(&self) -> Vec<Name> {
        match &self.sources {
            files::Sources::Named(paths) => paths.iter().map(Name::from).collect(),
            files::Sources::Listed(_) => Vec::new(),
        }
    }

    /// Whether they are the files of a list.
    #[getter]
    const fn is_listed(&self) -> bool {
        matches!(self.sources, files::Sources::Listed(_))
    }

    /// The patterns of what is passed over.
    #[getter]
    fn exclude(&self) -> Vec<String> {
        self.exclude.clone()
    }
}

/// Patterns of files and folders that are passed over.
#[pyclass(frozen, module = "dicomblank._core")]
pub struct Exclude(files::Exclude);

#[pymethods]
impl Exclude {
    #[new]
    fn new(patterns: Vec<String>) -> PyResult<Self> {
        files::Exclude::new(patterns).map(Self).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// Whether the file or folder `path` of a source is passed over, for its own name.
    fn has(&self, path: PathBuf, is_folder: bool) -> bool {
        self.0.has(&path, is_folder)
    }
}

impl Sources {
    pub fn parts(&self) -> (files::Sources, Vec<String>) {
        (self.sources.clone(), self.exclude.clone())
    }
}
