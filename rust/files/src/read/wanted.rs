//! The values of a file that are looked for elsewhere.

use std::collections::HashSet;
use std::ops::Range;

use dicomblank_core::{Edit, Error, ErrorKind, MAX_LEND, Plan, Sites, Source, Span, Tag, TagPath};
use dicomblank_leftovers::{Hit, Kind, LONGEST, Value};
use zeroize::Zeroizing;

use super::identifying::{kind, kind_of};
use crate::leftover::Of;

/// Values of one file that are looked for, and whose they are.
#[derive(Default)]
pub(crate) struct Wanted {
    bytes: Zeroizing<Vec<u8>>,
    values: Vec<(Kind, Range<usize>)>,
    /// For each of them its element, and where it stands.
    elements: Vec<(Tag, Span)>,
    /// Values that can't be looked for: they are longer than any that identifies somebody.
    too_long: u64,
}

impl Wanted {
    /// The values of those edits of `plan` that are at the positions `left`.
    ///
    /// # Errors
    /// Where one can't be read.
    pub(crate) fn of<S: Source>(source: &mut S, plan: &Plan, left: &[u32]) -> Result<Self, Error> {
        let edits = left.iter().filter_map(|position| plan.edits().get(usize::try_from(*position).ok()?));
        let values = edits.filter_map(|edit: &Edit| Some((kind(edit)?, edit.tag(), edit.span())));
        Self::read(source, values.collect())
    }

    /// The values that are gone, or become others, by those of the edits `told` of a rewrite that are at the positions `left`:
    /// with a sequence, all that is in it. Where they stand, `sites` say.
    ///
    /// # Errors
    /// Where one can't be read.
    pub(crate) fn of_told<S: Source>(source: &mut S, sites: &Sites, told: &Plan, left: &[u32]) -> Result<Self, Error> {
        let edits = left.iter().filter_map(|position| told.edits().get(usize::try_from(*position).ok()?));
        let mut edits = edits.peekable();
        let mut values = Vec::new();
        for site in sites.all() {
            let span = site.span();
            while edits.next_if(|edit| edit.span().end() <= span.start()).is_some() {}
            // What goes with a sequence stands inside of it.
            let edit = edits.peek().filter(|edit| edit.span().start() <= span.start());
            let kind = edit.and_then(|edit| kind_of(site.tag(), site.vr(), edit.action()));
            values.extend(kind.map(|kind| (kind, site.tag(), span)));
        }
        Self::read(source, values)
    }

    /// The values of these elements, wherever they stand.
    ///
    /// # Errors
    /// Where one can't be read.
    pub(crate) fn of_elements<S: Source>(
        source: &mut S,
        sites: &Sites,
        elements: &[(Tag, Kind)],
    ) -> Result<Self, Error> {
        let of =
            |(tag, kind): &(Tag, Kind)| sites.of(*tag).map(|site| (*kind, site.tag(), site.span())).collect::<Vec<_>>();
        Self::read(source, elements.iter().flat_map(of).collect())
    }

    fn read<S: Source>(source: &mut S, mut values: Vec<(Kind, Tag, Span)>) -> Result<Self, Error> {
        let all = values.len();
        values.retain(|(_, _, span)| span.len() <= LONGEST as u64);
        let room = values.iter().map(|(_, _, span)| usize::try_from(span.len()).unwrap_or_default()).sum();
        // All the room at once: bytes that grow leave their old ones behind.
        let bytes = Zeroizing::new(Vec::with_capacity(room));
        let mut wanted = Self { bytes, too_long: (all - values.len()) as u64, ..Self::default() };
        for (kind, tag, span) in values {
            let start = wanted.bytes.len();
            for piece in span.pieces(MAX_LEND) {
                let unreadable =
                    |_| Error { kind: ErrorKind::Unreadable, offset: piece.start(), tag_path: TagPath::default() };
                wanted.bytes.extend_from_slice(source.lend(piece).map_err(unreadable)?);
            }
            wanted.values.push((kind, start..wanted.bytes.len()));
            wanted.elements.push((tag, span));
        }
        wanted.keep_first();
        Ok(wanted)
    }

    /// Each value once: a directory repeats them in every record.
    fn keep_first(&mut self) {
        let Self { bytes, values, elements, .. } = self;
        let mut known = HashSet::with_capacity(values.len());
        let is_new: Vec<bool> = values.iter().map(|(kind, here)| known.insert((*kind, &bytes[here.clone()]))).collect();
        let mut each = is_new.iter();
        values.retain(|_| each.next() == Some(&true));
        let mut each = is_new.iter();
        elements.retain(|_| each.next() == Some(&true));
    }

    pub(super) fn values(&self) -> Vec<Value<'_>> {
        (0..self.values.len()).map(|index| self.value(index)).collect()
    }

    /// The value of that number; an empty one where it is none of these, but known.
    pub(super) fn value(&self, index: usize) -> Value<'_> {
        let found = self.values.get(index).map(|(kind, here)| Value { kind: *kind, bytes: &self.bytes[here.clone()] });
        found.unwrap_or(Value { kind: Kind::Known, bytes: &[] })
    }

    /// Whose value a hit is.
    pub(super) fn of_hit(&self, hit: &Hit) -> Of {
        self.elements.get(hit.value).map_or(Of::Known, |(tag, _)| Of::Element(*tag))
    }

    /// Where the value itself stands.
    pub(super) fn span_of(&self, hit: &Hit) -> Option<Span> {
        self.elements.get(hit.value).map(|(_, span)| *span)
    }

    pub(super) const fn too_long(&self) -> u64 {
        self.too_long
    }
}
