//! `Rules`: which elements are blanked and which are kept.

use std::hash::{DefaultHasher, Hash, Hasher};

use dicomblank_core::{Private, Repeating, Rule, Rules as CoreRules, Selector, Tag};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// A set of elements to blank and a set to keep, wherever they stand.
#[pyclass(frozen, eq, module = "dicomblank._core")]
#[derive(PartialEq)]
pub struct Rules(pub(crate) CoreRules);

/// What a rule is about, as Python says it: a tag; mask and value of a repeating element; group, creator and element
/// number of a private one.
#[derive(FromPyObject, IntoPyObject)]
enum About {
    Tag(u32),
    Repeating((u32, u32)),
    Private((u16, String, u8)),
}

#[pymethods]
impl Rules {
    #[new]
    #[pyo3(signature = (blank, keep = Vec::new()), text_signature = "(blank, keep=())")]
    fn new(blank: Vec<About>, keep: Vec<About>) -> PyResult<Self> {
        let selectors = |all: Vec<About>| all.into_iter().map(selector).collect::<PyResult<Vec<_>>>();
        let rules = CoreRules::of(selectors(blank)?, selectors(keep)?);
        rules.map(Self).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    #[getter]
    fn blanked<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.blanked().map(about).collect::<Vec<_>>())
    }

    #[getter]
    fn kept<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.kept().map(about).collect::<Vec<_>>())
    }

    /// "blank", "keep" or None.
    #[pyo3(signature = (tag, creator = None, /))]
    fn rule(&self, tag: u32, creator: Option<&[u8]>) -> Option<&'static str> {
        self.0.rule(Tag::from(tag), creator).map(|rule| match rule {
            Rule::Blank => "blank",
            Rule::Keep => "keep",
        })
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish()
    }
}

fn selector(about: About) -> PyResult<Selector> {
    match about {
        About::Tag(tag) => Ok(Selector::Tag(Tag::from(tag))),
        About::Repeating((mask, value)) => Repeating::new(mask, value)
            .map(Selector::Repeating)
            .ok_or_else(|| PyValueError::new_err("no such repeating element in the DICOM dictionary")),
        About::Private((group, creator, element)) => Private::new(group, &creator, element)
            .map(Selector::Private)
            .ok_or_else(|| PyValueError::new_err("no private element: an odd group from 0009 to FFFD, a creator of 1 to 64 ASCII characters without \" and \\")),
    }
}

fn about(selector: Selector) -> About {
    match selector {
        Selector::Tag(tag) => About::Tag(tag.into()),
        Selector::Repeating(repeating) => About::Repeating((repeating.mask(), repeating.value())),
        Selector::Private(private) => {
            About::Private((private.group(), private.creator().to_owned(), private.element()))
        }
    }
}
