//! The result of a rewrite as a source, for as long as the original is there.

use super::pieces::Pieces;
use crate::source::{Source, Unreadable};
use crate::span::{Span, size_of_slice};

/// The result of a rewrite as a source, for as long as the original is there.
pub struct Rewritten<'p, 'r, S> {
    source: S,
    pieces: &'p Pieces<'r>,
    /// What was lent last.
    lent: Vec<u8>,
}

impl<'p, 'r, S: Source> Rewritten<'p, 'r, S> {
    /// `source` is the one that `pieces` were made of.
    pub const fn new(source: S, pieces: &'p Pieces<'r>) -> Self {
        Self { source, pieces, lent: Vec::new() }
    }

    /// Adds the bytes from `at` on, at least one and not beyond `end`; returns where it stopped.
    fn add(&mut self, at: u64, end: u64) -> Result<u64, Unreadable> {
        let Pieces { rewrite, head, starts, .. } = self.pieces;
        let head_end = size_of_slice(head);
        if at < head_end {
            return self.add_written(0, at, end.min(head_end), Written::Head);
        }
        let behind = starts.partition_point(|start| *start <= at);
        let (mut from, mut source_at) = (head_end, rewrite.data_set);
        if let Some(place) = behind.checked_sub(1) {
            let splice = rewrite.splices.all().get(place).ok_or(Unreadable)?;
            let start = *starts.get(place).ok_or(Unreadable)?;
            let length = size_of_slice(rewrite.splices.written(splice));
            from = start.checked_add(length).ok_or(Unreadable)?;
            if at < from {
                return self.add_written(start, at, end.min(from), Written::Splice(place));
            }
            source_at = splice.end;
        }
        let next = starts.get(behind).copied().unwrap_or(self.pieces.size);
        let end = end.min(next);
        let start = at.saturating_sub(from).checked_add(source_at).ok_or(Unreadable)?;
        let span = Span::new(start, end.saturating_sub(at)).filter(|span| !span.is_empty()).ok_or(Unreadable)?;
        let before = self.lent.len();
        self.lent.extend_from_slice(self.source.lend(span)?);
        let edits = rewrite.plan.edits();
        let first = edits.partition_point(|edit| edit.span().end() <= span.start());
        let here = self.lent.get_mut(before..).unwrap_or_default();
        for (place, edit) in edits.iter().enumerate().skip(first) {
            if edit.span().start() >= span.end() {
                break;
            }
            self.pieces.fill(place).ok_or(Unreadable)?.write_over(span.start(), here);
        }
        Ok(end)
    }

    /// Adds bytes that are written, of which the first stands at `start`.
    fn add_written(&mut self, start: u64, at: u64, end: u64, what: Written) -> Result<u64, Unreadable> {
        let bytes = match what {
            Written::Head => Some(&*self.pieces.head),
            Written::Splice(place) => {
                let splices = &self.pieces.rewrite.splices;
                splices.all().get(place).map(|splice| splices.written(splice))
            }
        };
        let part = Span::between(at.saturating_sub(start), end.saturating_sub(start)).and_then(Span::range);
        let part = part.and_then(|part| bytes?.get(part)).filter(|part| !part.is_empty());
        self.lent.extend_from_slice(part.ok_or(Unreadable)?);
        Ok(end)
    }
}

#[derive(Clone, Copy)]
enum Written {
    Head,
    Splice(usize),
}

impl<S: Source> Source for Rewritten<'_, '_, S> {
    fn size(&self) -> u64 {
        self.pieces.size
    }

    fn lend(&mut self, span: Span) -> Result<&[u8], Unreadable> {
        if let Some(bytes) = span.range().and_then(|range| self.pieces.front.get(range)) {
            return Ok(bytes);
        }
        self.lent.clear();
        let mut at = span.start();
        while at < span.end() {
            at = self.add(at, span.end())?;
        }
        Ok(&self.lent)
    }

    #[inline]
    fn at_hand(&self, start: u64) -> &[u8] {
        usize::try_from(start).ok().and_then(|start| self.pieces.front.get(start..)).unwrap_or_default()
    }
}
