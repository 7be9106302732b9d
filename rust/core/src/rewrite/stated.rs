//! What a data set states in elements of its own: whether it was rewritten before, and by what.

use crate::element::{Body, Event};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::listed::NoTag;
use crate::source::{MAX_LEND, Source};
use crate::span::Span;
use crate::tag::{Step, Tag};
use crate::vr::Vr;
use crate::walk::{Taker, Walker};

/// The values of `tags`, which are sorted, in the data set itself, each without the padding of text: of the first element
/// with its tag. `None` where there is none, where it is a sequence, and where it is longer than
/// [`MAX_LEND`](crate::MAX_LEND). The walk ends behind the last of them: what a rewrite [adds](crate::Insert) stands in
/// the order of tags.
///
/// # Errors
/// [`Error`] where the source is no DICOM, or can't be walked as far as that.
pub fn stated<S: Source>(source: &mut S, tags: &[Tag], limits: &Limits) -> Result<Vec<Option<Vec<u8>>>, Error> {
    look(Walker::new(source, &NoTag, limits)?, tags)
}

/// As [`stated`], of a deflated file whose data set is inflated in `source` and begins at `data_set`: see
/// [`Walker::inflated`].
///
/// # Errors
/// [`Error`] as for [`stated`].
pub fn stated_inflated<S: Source>(
    source: &mut S,
    data_set: u64,
    tags: &[Tag],
    limits: &Limits,
) -> Result<Vec<Option<Vec<u8>>>, Error> {
    look(Walker::inflated(source, data_set, &NoTag, limits)?, tags)
}

fn look<S: Source>(mut walker: Walker<'_, S>, tags: &[Tag]) -> Result<Vec<Option<Vec<u8>>>, Error> {
    let mut found = vec![None; tags.len()];
    let mut met = vec![false; tags.len()];
    loop {
        if let Some(depth) = walker.depth() {
            walker.pass_over(&mut Others { tags, depth });
        }
        let Some(event) = walker.next()? else { break };
        let Event::Element(element) = event else { continue };
        if element.depth > 0 {
            continue;
        }
        if tags.last().is_none_or(|last| element.tag > *last) {
            break;
        }
        let place = tags.iter().position(|tag| *tag == element.tag);
        let Some((found, met)) = place.and_then(|place| found.get_mut(place).zip(met.get_mut(place))) else { continue };
        if let (Body::Value(value), false) = (element.body, *met)
            && value.len() <= MAX_LEND
        {
            let bytes = walker.lend(value).map_err(|_| Error {
                kind: ErrorKind::Unreadable,
                offset: value.start(),
                tag_path: [Step { tag: element.tag, item: None }].into_iter().collect(),
            })?;
            *found = Some(crate::rules::unpadded(bytes).to_vec());
        }
        *met = true;
    }
    Ok(found)
}

/// Passes over what is asked for by none of these tags, and stands in front of the last of them.
pub(super) struct Others<'t> {
    /// Sorted.
    pub(super) tags: &'t [Tag],
    pub(super) depth: usize,
}

impl Taker for Others<'_> {
    #[inline]
    fn pass(&mut self, tag: Tag, _: Vr, _: Span, _: &[u8]) -> bool {
        self.depth > 0 || self.tags.last().is_some_and(|last| tag < *last) && !self.tags.contains(&tag)
    }
}
