//! Looking for the values of a plan wherever else they stand: in every byte of the file but its top-level pixel data,
//! and in its path.

use std::ops::Range;
use std::path::Path;

use dicomblank_core::{
    Edit, Error, ErrorKind, Fill, MAX_LEND, Padding, Patch, Plan, Replacement, Sites, Source, Span, Spot, Tag, TagPath,
    Vr,
};
use dicomblank_leftovers::{Around, Charsets, Form, Hit, LONGEST, Memory, Search, Uids, Value};
use zeroize::Zeroizing;

use super::identifying::{CHARACTER_SET, FILE_ID};
use super::wanted::Wanted;
use crate::leftover::{Leftover, Remains, Where};
use crate::order::known::Known;
use crate::unix;

/// Bytes searched at a time, where not all of them are in memory.
const CHUNK: u64 = 256 * 1024;
/// Bytes around those, which a value may reach into.
const AROUND: u64 = LONGEST as u64 + 16;

/// What is looked with, and what is known.
pub(crate) type Looking<'a> = (&'a mut Looker, Option<&'a Known>);

/// What one worker looks with, for one file after the other.
#[derive(Default)]
pub(crate) struct Looker {
    memory: Memory,
    buffer: Vec<u8>,
}

/// Where is looked: a source, the edits of its plan and what stands where in it.
pub(crate) struct Searched<'a, S> {
    pub(crate) source: &'a mut S,
    pub(crate) sites: &'a Sites,
    /// What they touch is not left over.
    pub(crate) edits: &'a [Edit],
    /// Nor is what stands in these elements: it is what is looked for.
    pub(crate) own: &'a [Tag],
    /// What is written over the values, where what is found is to be written over, too.
    pub(crate) written: Option<(&'a Plan, &'a Patch)>,
    /// The path of the file below the source that was named.
    pub(crate) below: &'a Path,
}

impl Looker {
    /// Looks for `wanted` and for what is known.
    ///
    /// # Errors
    /// Where the source can't be read.
    pub(crate) fn look<S: Source>(
        &mut self,
        wanted: &Wanted,
        known: Option<&Known>,
        place: Searched<'_, S>,
    ) -> Result<Looked, Error> {
        let Self { memory, buffer } = self;
        let Searched { source, sites, edits, own, written, below } = place;
        let values = wanted.values();
        let charsets = charsets(source, sites, &values)?;
        let uids = Uids::of(&values);
        let mut looked = Looked::default();
        looked.remains.not_searched = wanted.too_long();
        let mut searches = Vec::with_capacity(2);
        if let Some(search) = memory.search(&values, &charsets, &uids) {
            looked.remains.not_searched += u64::from(search.not_searched()) + u64::from(uids.not_searched());
            searches.push((search, wanted));
        }
        let nothing = Wanted::default();
        searches.extend(known.map(|known| (known.search(), &nothing)));
        for (search, wanted) in searches.into_iter().filter(|(search, _)| !search.is_empty()) {
            looked.remains.is_searched = true;
            let replacing = written.map(|written| Replacing::new(search, wanted, written));
            let mut free = 0; // of two that overlap at the border of two chunks, the first counts
            for region in sites.searched() {
                each_chunk(source, buffer, region, |haystack, start, within| {
                    search.find(haystack, within, &uids, &mut |hit| {
                        let Some(span) = Span::between(start + hit.start as u64, start + hit.end as u64) else {
                            return false;
                        };
                        if span.start() < free {
                            return false;
                        }
                        let Some((place, around)) = where_is(sites, (edits, own), hit, span) else { return false };
                        free = span.end();
                        let (offset, of) = (Some(span.start()), wanted.of_hit(hit));
                        looked.remains.add(|| Leftover { place, offset, length: span.len(), of });
                        let bytes = haystack.get(hit.start..hit.end).unwrap_or_default();
                        if let Some((replacing, around)) = replacing.as_ref().zip(around) {
                            looked.replacements.push(replacing.of(hit, bytes, span, around));
                        }
                        true
                    });
                })?;
            }
            let path = unix::bytes(below.as_os_str());
            search.find(path, 0..path.len(), &uids, &mut |hit| {
                let is_apart = hit.is_apart_before && hit.is_apart_behind;
                if is_apart {
                    let length = (hit.end - hit.start) as u64;
                    let of = wanted.of_hit(hit);
                    looked.remains.add(|| Leftover { place: Where::Path, offset: None, length, of });
                }
                is_apart
            });
        }
        looked.sort();
        Ok(looked)
    }
}

/// What was found, and what it becomes.
#[derive(Default)]
pub(crate) struct Looked {
    pub(crate) remains: Remains,
    /// In the order of their offsets.
    pub(crate) replacements: Vec<Replacement>,
}

impl Looked {
    /// Two searches may find the same bytes, each in its own order.
    fn sort(&mut self) {
        self.remains.all.sort_by_key(|leftover| leftover.offset.unwrap_or(u64::MAX));
        self.replacements.sort_by_key(|replacement| replacement.span.start());
        let mut end = 0_u64;
        self.replacements.retain_mut(|replacement| {
            let taken = end.saturating_sub(replacement.span.start());
            end = end.max(replacement.span.end());
            replacement.cut(taken)
        });
        self.remains.replaced = self.replacements.len() as u64;
    }
}

/// What becomes of what is found: what the value itself becomes.
struct Replacing<'a> {
    search: &'a Search,
    wanted: &'a Wanted,
    fills: Vec<Fill<'a>>,
}

impl<'a> Replacing<'a> {
    fn new(search: &'a Search, wanted: &'a Wanted, (plan, patch): (&'a Plan, &'a Patch)) -> Self {
        Self { search, wanted, fills: patch.fills(plan).into_iter().flatten().collect() }
    }

    fn of(&self, hit: &Hit, bytes: &[u8], span: Span, (tag, around): (Tag, Around)) -> Replacement {
        let value = self.wanted.value(hit.value);
        let value_at = self.wanted.span_of(hit);
        let fill = value_at.and_then(|span| {
            let place = self.fills.binary_search_by_key(&span.start(), |fill| fill.span().start()).ok()?;
            self.fills.get(place).filter(|fill| fill.span() == span)
        });
        // Padding is padding elsewhere, too.
        let new = fill.filter(|fill| fill.repeated().is_none()).map(|fill| {
            let mut new = Zeroizing::new(vec![0; usize::try_from(fill.span().len()).unwrap_or_default()]);
            fill.write_over(fill.span().start(), &mut new);
            new
        });
        let new = new.as_ref().map(|new| new.as_slice());
        let becomes = Zeroizing::new(self.search.replacement(hit, bytes, value, new, around));
        Replacement { tag, span, bytes: becomes }
    }
}

/// Where a hit is, if it is one: whole inside one value that the plan leaves, or where no element is, and with no
/// letter or digit beside it that belongs to it. And in which element, and among what, if it can be written over.
fn where_is(
    sites: &Sites,
    (edits, own): (&[Edit], &[Tag]),
    hit: &Hit,
    span: Span,
) -> Option<(Where, Option<(Tag, Around)>)> {
    let behind = edits.partition_point(|edit| edit.span().end() <= span.start());
    if edits.get(behind).is_some_and(|edit| edit.span().start() < span.end()) {
        return None;
    }
    let preamble = Span::between(0, PREAMBLE).unwrap_or(span);
    let outside = Some((Tag::ITEM, Around::Program));
    match sites.at(span.start()) {
        Spot::Value(site) if own.contains(&site.tag()) => None,
        Spot::Value(site) => {
            let value = site.span();
            let is_apart = is_apart(hit, span, value);
            let is_text = site.vr().padding() == Padding::Space;
            let around = if is_text { Around::Text } else { Around::Program };
            // A UID of which a part became something else would refer to nothing.
            let is_reference = site.vr() == Vr::UI && !hit.is_uid();
            // Of a code (CS) or a number (DS, IS) a part is not padded: what is left would be another code or number.
            let is_code = matches!(site.vr(), Vr::CS | Vr::DS | Vr::IS);
            let inside = (!is_structure(site.tag()) && !is_reference && !is_code).then_some((site.tag(), around));
            (is_apart && span.end() <= value.end()).then(|| (Where::Element(sites.tag_path(site)), inside))
        }
        Spot::Preamble => is_apart(hit, span, preamble).then_some((Where::Preamble, outside)),
        Spot::Trailing => is_apart(hit, span, span).then_some((Where::Trailing, None)), // there may be delimiters among it
        // Tags, VRs and lengths: no reader shows them as text.
        Spot::Header(_) => None,
    }
}

/// Bytes before the prefix (PS3.10 §7.1).
const PREAMBLE: u64 = 128;

/// Whether nothing stands beside a hit that belongs to it; what stands beside the `value` that it is in never does.
fn is_apart(hit: &Hit, span: Span, value: Span) -> bool {
    // In UTF-16 the zero of its first or last character may be between them.
    let zero = u64::from(hit.form == Form::Wide);
    let begins = span.start().saturating_sub(value.start()) <= zero;
    let ends = value.end().saturating_sub(span.end()) <= zero;
    (hit.is_apart_before || begins) && (hit.is_apart_behind || ends)
}

/// Whether something else is found or read by what this value says: group lengths, private creators, the transfer
/// syntax, the character set, and the files of a directory (PS3.3 §F.3.2.2).
fn is_structure(tag: Tag) -> bool {
    let is_creator = tag.is_private() && matches!(tag.element(), 0x10..=0xFF);
    tag.is_group_length() || is_creator || tag == Tag::TRANSFER_SYNTAX_UID || [CHARACTER_SET, FILE_ID].contains(&tag)
}

/// The character sets that the source names, where a value needs one.
fn charsets<S: Source>(source: &mut S, sites: &Sites, values: &[Value<'_>]) -> Result<Charsets, Error> {
    let mut charsets = Charsets::default();
    if values.iter().all(|value| value.bytes.iter().all(|byte| byte.is_ascii() && *byte != 0x1B)) {
        return Ok(charsets);
    }
    for site in sites.of(CHARACTER_SET).filter(|site| site.span().len() <= MAX_LEND) {
        charsets.add(source.lend(site.span()).map_err(|_| unreadable(site.span()))?);
    }
    Ok(charsets)
}

/// Calls `search` with the bytes of `region`, the offset of the first of them, and which of them come next.
fn each_chunk<S: Source>(
    source: &mut S,
    buffer: &mut Vec<u8>,
    region: Span,
    mut search: impl FnMut(&[u8], u64, Range<usize>),
) -> Result<(), Error> {
    // Bytes that are read next to what is in memory may come to stand beside it.
    if let Some(last) = Span::between(region.end().saturating_sub(1), region.end()) {
        source.lend(last).map_err(|_| unreadable(last))?;
    }
    let in_memory = usize::try_from(region.len()).ok().and_then(|length| source.at_hand(region.start()).get(..length));
    if let Some(bytes) = in_memory {
        search(bytes, region.start(), 0..bytes.len());
        return Ok(());
    }
    for chunk in region.pieces(CHUNK) {
        let start = chunk.start().saturating_sub(AROUND).max(region.start());
        let end = (chunk.end() + AROUND).min(region.end());
        buffer.clear();
        for piece in Span::between(start, end).into_iter().flat_map(|around| around.pieces(MAX_LEND)) {
            buffer.extend_from_slice(source.lend(piece).map_err(|_| unreadable(piece))?);
        }
        let within = |offset: u64| usize::try_from(offset - start).unwrap_or(buffer.len());
        search(buffer, start, within(chunk.start())..within(chunk.end()));
    }
    Ok(())
}

fn unreadable(span: Span) -> Error {
    Error { kind: ErrorKind::Unreadable, offset: span.start(), tag_path: TagPath::default() }
}
