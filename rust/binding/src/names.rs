//! The data dictionary, by tag and by keyword, and the closed lists of words that rows and plans have.

use dicomblank_core::{Tag, Warning, dictionary as core_dictionary};
use pyo3::pyfunction;

#[pyfunction]
#[pyo3(signature = (keyword, /))]
pub fn tag_of(keyword: &str) -> Option<u32> {
    core_dictionary::tag(keyword).map(u32::from)
}

#[pyfunction]
#[pyo3(signature = (tag, /))]
pub fn keyword_of(tag: u32) -> Option<&'static str> {
    core_dictionary::keyword(Tag::from(tag))
}

#[pyfunction]
#[pyo3(signature = (tag, /))]
pub fn vr_of(tag: u32) -> Option<String> {
    core_dictionary::vr(Tag::from(tag)).map(|vr| vr.to_string())
}

#[pyfunction]
pub fn dictionary() -> Vec<(u32, String, &'static str)> {
    core_dictionary::entries().map(|(tag, vr, keyword)| (u32::from(tag), vr.to_string(), keyword)).collect()
}

#[pyfunction]
pub fn repeaters() -> Vec<(u32, u32, String, &'static str)> {
    core_dictionary::repeaters().map(|(mask, value, vr, keyword)| (mask, value, vr.to_string(), keyword)).collect()
}

/// The words that `Row.kind` can be, each with its meaning in a sentence.
#[pyfunction]
pub fn kinds() -> Vec<(&'static str, &'static str)> {
    dicomblank_files::kinds().collect()
}

/// The words that `Row.warnings` and `Plan.warnings` can have, each with its meaning in a sentence.
#[pyfunction]
pub fn warnings() -> Vec<(&'static str, &'static str)> {
    Warning::words().collect()
}
