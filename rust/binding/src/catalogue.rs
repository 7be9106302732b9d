//! `Catalogue`: what an inspection looks for.

use std::sync::Arc;

use dicomblank_core::{Sign, Tag, Tags};
use dicomblank_files as files;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What is looked for, and what each of it is called.
#[pyclass(frozen, module = "dicomblank._core")]
pub struct Catalogue(pub(crate) Arc<files::Catalogue>);

/// Numbers of subjects that are there, and of those that are not.
type Deduced = (Vec<u16>, Vec<u16>);

#[pymethods]
impl Catalogue {
    #[new]
    #[pyo3(signature = (names, *, stands, present, codes, deduced, others, creators))]
    fn new(
        names: Vec<(String, String)>,
        stands: Vec<(u16, u32, u32)>,
        present: Vec<(u16, u32)>,
        codes: Vec<(u16, u32, String)>,
        deduced: Vec<(u16, Deduced)>,
        others: Vec<(u16, String)>,
        creators: Vec<String>,
    ) -> PyResult<Self> {
        let mut signs: Vec<(u16, Sign)> = Vec::new();
        signs.extend(stands.into_iter().map(|(number, mask, value)| (number, Sign::Stands(Tags { mask, value }))));
        signs.extend(present.into_iter().map(|(number, tag)| (number, Sign::Present(Tag::from(tag)))));
        signs.extend(codes.into_iter().map(|(number, tag, code)| (number, Sign::Code(Tag::from(tag), code.into()))));
        signs.extend(deduced.into_iter().map(|(number, (all, none))| (number, Sign::Deduced { all, none })));
        for (number, word) in others {
            signs.push((number, other(&word)?));
        }
        let catalogue = files::Catalogue::new(names, signs, &creators);
        catalogue.map(|catalogue| Self(Arc::new(catalogue))).ok_or_else(|| PyValueError::new_err("no such catalogue"))
    }
}

fn other(word: &str) -> PyResult<Sign> {
    match word {
        "preamble" => Ok(Sign::Preamble),
        "trailing" => Ok(Sign::Trailing),
        "opaque" => Ok(Sign::Opaque),
        "ambiguous" => Ok(Sign::Ambiguous),
        _ => Err(PyValueError::new_err("a sign without a tag is 'preamble', 'trailing', 'opaque' or 'ambiguous'")),
    }
}
