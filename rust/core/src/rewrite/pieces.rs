//! A rewrite, resolved: which bytes of the source are copied, and what is written between them.

use core::fmt;

use super::Rewrite;
use super::head::head;
use super::splicer::Said;
use crate::error::{Error, ErrorKind};
use crate::fill::Fill;
use crate::mark::{Marks, of_whomever, span as mark_span};
use crate::pseudonyms::Pseudonyms;
use crate::resolve::{Patch, is_padded, resolve};
use crate::rules::{Rules, unpadded};
use crate::source::{MAX_LEND, Source};
use crate::span::{Span, size_of_slice};
use crate::tag::{Step, Tag, TagPath};
use crate::warning::Warnings;

/// The result of a rewrite, piece by piece: each once, in order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// These bytes of the source, as they are.
    Copy(Span),
    /// These bytes.
    Write(&'a [u8]),
}

/// All pieces of one rewrite.
pub struct Pieces<'r> {
    pub(super) rewrite: &'r Rewrite,
    patch: Patch,
    pub(super) head: Vec<u8>,
    /// Where in the result each splice has what it writes.
    pub(super) starts: Vec<u64>,
    /// Where in the patch each edit has what it writes.
    patches: Vec<u32>,
    pub(super) size: u64,
    /// The first bytes of the result, as far as the source had them at hand.
    pub(super) front: Vec<u8>,
}

impl<'r> Pieces<'r> {
    /// The most bytes of the result that are kept: the header of nearly every file.
    const FRONT: usize = 16 * 1024;

    /// Reads the values of `rewrite` that become keyed ones, and makes those. `rules` are those of the rewrite. A
    /// head gets the mark of `marks`; without them it keeps the one that the source has.
    ///
    /// # Errors
    /// [`Error`] where a value can't become what the rules say, or can't be read.
    pub fn resolve<S: Source>(
        rewrite: &'r Rewrite,
        (rules, marks): (&Rules, Option<&Marks>),
        source: &mut S,
        pseudonyms: &mut dyn Pseudonyms,
    ) -> Result<Self, Error> {
        let patch = resolve(&rewrite.plan, rules, source, pseudonyms)?;
        let mut patches = Vec::with_capacity(rewrite.plan.edits().len());
        let mut at = 0_u32;
        for edit in rewrite.plan.edits() {
            patches.push(at);
            if !is_padded(edit) {
                at = at.saturating_add(u32::try_from(edit.span().len()).unwrap_or(u32::MAX));
            }
        }
        let mut pieces =
            Self { rewrite, patch, head: Vec::new(), starts: Vec::new(), patches, size: 0, front: Vec::new() };
        if rewrite.data_set > 0 {
            pieces.head = pieces.make_head(rules, source)?;
            let before = if marks.is_none() { of_whomever(source)? } else { None };
            let kept = before.as_ref().and_then(|mark| Fill::bytes(mark_span()?, mark));
            if let Some(mark) = marks.and_then(Marks::done).or(kept) {
                mark.write_over(0, &mut pieces.head);
            }
        }
        let starts = rewrite.splices.all().iter().scan(pieces.moved(), |moved, splice| {
            let start = i128::from(splice.start).saturating_add(*moved);
            *moved = moved.saturating_add(splice.shift());
            u64::try_from(start).ok()
        });
        let mut all = Vec::with_capacity(rewrite.splices.all().len());
        all.extend(starts);
        pieces.starts = all;
        let moved = rewrite.splices.all().iter().map(super::splice::Splice::shift);
        let moved = moved.fold(pieces.moved(), i128::saturating_add);
        let size = i128::from(rewrite.plan.source_size()).saturating_add(moved);
        pieces.size = u64::try_from(size).map_err(|_| rewrite.failed(ErrorKind::OtherResult))?;
        pieces.front = pieces.make_front(source);
        Ok(pieces)
    }

    /// Number of bytes of the result.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Where the data set of the result begins: what is before it is not deflated with it (PS3.5 §A.5).
    #[must_use]
    pub fn data_set(&self) -> u64 {
        size_of_slice(&self.head)
    }

    /// The first bytes of the result, as far as they were at hand: perhaps none.
    #[must_use]
    pub fn front(&self) -> &[u8] {
        &self.front
    }

    /// What there is to tell of the values.
    #[must_use]
    pub const fn warnings(&self) -> Warnings {
        self.patch.warnings()
    }

    /// Gives out each piece, in order; none is empty.
    ///
    /// # Errors
    /// What `take` says; then no more is given out.
    pub fn each<E>(&self, take: impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        self.each_from(0, take)
    }

    /// The same of what stands in the result from `start` on.
    ///
    /// # Errors
    /// What `take` says; then no more is given out.
    pub fn each_from<E>(&self, start: u64, mut take: impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        if start == self.size {
            return Ok(());
        }
        let mut before = start;
        let mut give = |piece: Piece<'_>| {
            let passed = before.min(piece.len());
            before = before.saturating_sub(passed);
            let piece = piece.behind(passed);
            if piece.len() == 0 { Ok(()) } else { take(piece) }
        };
        give(Piece::Write(&self.head))?;
        let mut at = self.rewrite.data_set;
        let mut fills = self.patch.fills(&self.rewrite.plan).into_iter().flatten().peekable();
        let end = self.rewrite.plan.source_size();
        let splices = self.rewrite.splices.all().iter();
        let stretches = splices.map(|splice| (splice.start, Some(splice))).chain([(end, None)]);
        for (end, splice) in stretches {
            while let Some(fill) = fills.next_if(|fill| fill.span().start() < end) {
                give(Piece::copy(at, fill.span().start()))?;
                write(&fill, &mut give)?;
                at = fill.span().end();
            }
            give(Piece::copy(at, end))?;
            if let Some(splice) = splice {
                give(Piece::Write(self.rewrite.splices.written(splice)))?;
                at = splice.end;
            }
        }
        Ok(())
    }

    /// Whether the result is `source`, which is the one that they were made of, as it is: told by what is written, and
    /// nothing that is copied is read.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`].
    pub fn are_source<S: Source>(&self, source: &mut S) -> Result<bool, Error> {
        let mut at = 0_u64;
        let compared = self.each(|piece| {
            let is_so = match piece {
                Piece::Copy(span) => span.start() == at,
                Piece::Write(bytes) => is_there(source, at, bytes).map_err(Some)?,
            };
            at = at.saturating_add(piece.len());
            if is_so { Ok(()) } else { Err(None) }
        });
        match compared {
            Ok(()) => Ok(at == source.size()),
            Err(None) => Ok(false),
            Err(Some(kind)) => Err(Error { kind, offset: at, tag_path: TagPath::default() }),
        }
    }

    pub(super) const fn rewrite(&self) -> &'r Rewrite {
        self.rewrite
    }

    /// The head that the result has.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// What the edit at this place of the plan writes.
    pub(super) fn fill(&self, place: usize) -> Option<Fill<'_>> {
        let edit = self.rewrite.plan.edits().get(place)?;
        edit.padded().or_else(|| {
            let start = usize::try_from(*self.patches.get(place)?).ok()?;
            let end = start.checked_add(usize::try_from(edit.span().len()).ok()?)?;
            Fill::bytes(edit.span(), self.patch.bytes.get(start..end)?)
        })
    }

    /// By how many bytes the data set moves, with the head alone.
    fn moved(&self) -> i128 {
        i128::from(self.data_set()).saturating_sub(i128::from(self.rewrite.data_set))
    }

    fn make_front<S: Source>(&self, source: &S) -> Vec<u8> {
        let mut front =
            Vec::with_capacity(usize::try_from(self.size).map_or(Self::FRONT, |size| size.min(Self::FRONT)));
        let _is_whole = self.each(|piece| {
            let bytes = match piece {
                Piece::Write(bytes) => bytes,
                Piece::Copy(span) => {
                    let at_hand = source.at_hand(span.start());
                    usize::try_from(span.len()).ok().and_then(|length| at_hand.get(..length)).unwrap_or(at_hand)
                }
            };
            let bytes = bytes.get(..Self::FRONT.saturating_sub(front.len())).unwrap_or(bytes);
            front.extend_from_slice(bytes);
            if size_of_slice(bytes) == piece.len() { Ok(()) } else { Err(()) }
        });
        front
    }

    fn make_head<S: Source>(&self, rules: &Rules, source: &mut S) -> Result<Vec<u8>, Error> {
        let Rewrite { class, instance, transfer_syntax, .. } = self.rewrite;
        let class = self.said(*class, Tag::new(0x0008, 0x0016), rules, source)?;
        let instance = self.said(*instance, Tag::new(0x0008, 0x0018), rules, source)?;
        head(rules.additions(), (unpadded(&class), unpadded(&instance)), transfer_syntax)
            .map_err(|kind| self.rewrite.failed(kind))
    }

    /// What the result says in an element of the data set itself.
    fn said<S: Source>(&self, said: Option<Said>, tag: Tag, rules: &Rules, source: &mut S) -> Result<Vec<u8>, Error> {
        /// A UID has at most 64 bytes (PS3.5 §9.1).
        const LONGEST: u64 = 64;
        let here = |kind, offset| {
            let tag_path: TagPath = [Step { tag, item: None }].into_iter().collect();
            Error { kind, offset, tag_path }
        };
        let value = match said {
            None | Some(Said::Nothing) => Vec::new(),
            Some(Said::Text(number)) => rules.text(number).map(|text| text.bytes().to_vec()).unwrap_or_default(),
            Some(Said::Source(span)) if span.len() > LONGEST => Vec::new(),
            Some(Said::Source(span)) => {
                source.lend(span).map_err(|_| here(ErrorKind::Unreadable, span.start()))?.to_vec()
            }
            Some(Said::Edit(place)) => match self.fill(place) {
                Some(fill) if fill.span().len() <= LONGEST => {
                    let mut value = vec![0; usize::try_from(fill.span().len()).unwrap_or_default()];
                    fill.write_over(fill.span().start(), &mut value);
                    value
                }
                _ => Vec::new(),
            },
        };
        // What is no UID is not repeated.
        let is_uid = unpadded(&value).iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
        Ok(if is_uid { value } else { Vec::new() })
    }
}

impl Piece<'_> {
    fn copy(start: u64, end: u64) -> Self {
        Self::Copy(Span::between(start, end).unwrap_or(Span::of_value(start, 0)))
    }

    /// The piece without its first `count` bytes, of which it has as many.
    fn behind(self, count: u64) -> Self {
        match self {
            Self::Copy(span) => Self::copy(span.start().saturating_add(count), span.end()),
            Self::Write(bytes) => {
                Self::Write(usize::try_from(count).ok().and_then(|count| bytes.get(count..)).unwrap_or_default())
            }
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::Copy(span) => span.len(),
            Self::Write(bytes) => size_of_slice(bytes),
        }
    }
}

/// Whether `bytes` stand at `at`.
pub(super) fn is_there<S: Source>(source: &mut S, at: u64, bytes: &[u8]) -> Result<bool, ErrorKind> {
    let chunk = usize::try_from(MAX_LEND).unwrap_or(1);
    let mut at = at;
    for part in bytes.chunks(chunk) {
        let Some(span) = Span::new(at, size_of_slice(part)).filter(|span| span.end() <= source.size()) else {
            return Ok(false);
        };
        if source.lend(span).map_err(|_| ErrorKind::Unreadable)? != part {
            return Ok(false);
        }
        at = span.end();
    }
    Ok(true)
}

/// Gives out what a fill writes.
fn write<E>(fill: &Fill<'_>, give: &mut impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
    if let Some(bytes) = fill.given() {
        return give(Piece::Write(bytes));
    }
    let Some(byte) = fill.repeated() else { return Ok(()) };
    if fill.span().len() <= 64 {
        // Nearly all: to fill the room for a long one would take longer than the rest.
        let length = usize::try_from(fill.span().len()).unwrap_or_default();
        return give(Piece::Write([byte; 64].get(..length).unwrap_or_default()));
    }
    let bytes = [byte; 4096];
    for piece in fill.span().pieces(size_of_slice(&bytes)) {
        let length = usize::try_from(piece.len()).unwrap_or_default();
        give(Piece::Write(bytes.get(..length).unwrap_or_default()))?;
    }
    Ok(())
}

/// Never the bytes.
impl fmt::Debug for Piece<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Copy(span) => write!(f, "Copy({span:?})"),
            Self::Write(bytes) => write!(f, "Write({} bytes)", bytes.len()),
        }
    }
}

/// Never the bytes.
impl fmt::Debug for Pieces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pieces of {} bytes", self.size)
    }
}
