//! The core's walk as a list, to be compared with that of another reader.

use std::path::Path;

use dicomblank_core::{Body, Element, Event, Length, Limits, NoTag, SliceSource, Span, Walker};
use pyo3::prelude::*;

use crate::errors;

/// Tag, VR, depth, kind, start and length of the value: see `_core.pyi`.
type Met = (u32, String, usize, &'static str, u64, Option<u64>);

#[pyfunction]
#[pyo3(signature = (data, /))]
pub fn walk_bytes(py: Python<'_>, data: &[u8]) -> PyResult<Vec<Met>> {
    walk(data).map_err(|error| errors::of_file(py, &error.into(), Path::new("")))
}

fn walk(data: &[u8]) -> Result<Vec<Met>, dicomblank_core::Error> {
    let mut source = SliceSource::new(data);
    let mut walker = Walker::new(&mut source, &NoTag, &Limits::default())?;
    let mut met = Vec::new();
    // How many elements were met before each open try. If the try fails, those after that are void.
    let mut marks = Vec::new();
    while let Some(event) = walker.next()? {
        let element = match event {
            Event::Element(element) => element,
            Event::Tried(element) => {
                marks.push(met.len());
                element
            }
            Event::TriedAgain(element) => {
                met.truncate(marks.last().copied().unwrap_or_default());
                element
            }
            Event::Opaque(element) => {
                met.truncate(marks.pop().unwrap_or_default());
                element
            }
            Event::Kept => {
                marks.pop();
                continue;
            }
        };
        met.push(of(&element));
    }
    Ok(met)
}

fn of(element: &Element) -> Met {
    let whole = |span: Span| Some(span.len());
    let stated = |length| match length {
        Length::Defined(length) => Some(u64::from(length)),
        Length::Undefined => None,
    };
    let (kind, length) = match element.body {
        Body::Value(value) => ("value", whole(value)),
        Body::Sequence(length) => ("sequence", stated(length)),
        Body::Item(length) => ("item", stated(length)),
        Body::Fragments => ("fragments", None),
        Body::Fragment(value) => ("fragment", whole(value)),
        Body::StrayDelimiter => ("stray delimiter", Some(0)),
    };
    (element.tag.into(), element.vr.to_string(), element.depth, kind, element.header.end(), length)
}
