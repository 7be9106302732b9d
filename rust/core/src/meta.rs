//! The elements of the file meta information (PS3.10 §7.1), for rules that name some.

use crate::dictionary;
use crate::element::{Body, Element};
use crate::error::{ErrorKind, Fault};
use crate::header::Header;
use crate::look::Look;
use crate::part10::{BEHIND_PREFIX, file_meta};
use crate::source::{Source, Unreadable};
use crate::span::Span;
use crate::vr::Vr;

/// The element whose header stands at `at`.
pub(crate) fn meta_element(at: u64, header: Header, value: Span) -> Element {
    let vr = header.vr.unwrap_or_else(|| dictionary::vr(header.tag).unwrap_or(Vr::UN));
    let place = Span::between(at, value.start()).unwrap_or(value);
    Element { tag: header.tag, vr, depth: 0, header: place, body: Body::Value(value) }
}

/// The elements of the file meta information in front of a data set that was deflated and begins at `data_set`.
///
/// Only what is in front of it is looked at: the inflated data set could seem to go on with it. Where the file meta information begins,
/// behind "DICM" or with the file, tells where it leads.
pub(crate) fn elements_before<S: Source>(look: &mut Look<'_, S>, data_set: u64) -> Result<Vec<Element>, Fault> {
    let mut front = Front { source: &mut *look.source, size: data_set };
    let mut look =
        Look { source: &mut front, budget: &mut *look.budget, listed: look.listed, claims: &mut *look.claims };
    let mut found = Vec::new();
    for at in [BEHIND_PREFIX, 0] {
        let mut elements = Vec::new();
        match file_meta(&mut look, at, Some(&mut elements)) {
            Ok(meta) if meta.position == data_set && !elements.is_empty() => found.push(elements),
            Err(fault) if fault.kind == ErrorKind::Unreadable => return Err(fault),
            _ => {}
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some(elements), true) => Ok(elements),
        (Some(_), false) => Err(ErrorKind::AmbiguousStart.at(0)),
        (None, _) => Err(ErrorKind::NoDataSet.at(data_set)),
    }
}

/// The first bytes of a source.
struct Front<'s, S> {
    source: &'s mut S,
    size: u64,
}

impl<S: Source> Source for Front<'_, S> {
    fn size(&self) -> u64 {
        self.size
    }

    fn lend(&mut self, span: Span) -> Result<&[u8], Unreadable> {
        self.source.lend(span)
    }
}
