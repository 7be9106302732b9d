//! Side by side: whether a result is what a rewrite says, and nothing else.
//!
//! Both are walked. Each element of the original is in the result, byte for byte but for lengths of items and
//! sequences; or it is not there, or is another, as the rules say of it. Nothing else is in the result. The splices are
//! not asked where anything stands: what they did is judged by what a reader finds.

use super::fate::Fate;
use super::frame::code;
use super::pieces::{Pieces, is_there};
use super::settled::{Compared, Lent, MOST, Same, Settled};
use super::treater::Treater;
use super::way::{Begin, Class, Consumer, Plain, Stop, Way, follow};
use crate::element::{Body, Element};
use crate::encode::Width;
use crate::error::{Error, ErrorKind};
use crate::header::Length;
use crate::limits::Limits;
use crate::listed::Listed;
use crate::rules::{Insert, Rules};
use crate::source::{MAX_LEND, Source};
use crate::span::{Span, size_of_slice};
use crate::syntax::Syntax;
use crate::tag::{Tag, TagPath};
use crate::walk::Walker;

/// Checks that `result` is what `pieces` of the rewrite of `source` say, and that every reader takes it so: no listed
/// element is in it that could be read in another way.
///
/// # Errors
/// [`ErrorKind::OtherResult`] where it is not, at the offset of the original; other [`Error`]s where one of the two can't
/// be walked.
pub fn check_rewrite<S: Source, R: Source>(
    source: &mut S,
    result: &mut R,
    rules: &Rules,
    pieces: &Pieces<'_>,
    compared: Compared,
    limits: &Limits,
) -> Result<(), Error> {
    let rewrite = pieces.rewrite();
    let is_inflated = rewrite.is_inflated;
    let [of_source, of_result] = [rewrite.data_set, pieces.data_set()];
    let begin: Begin<'_, S> =
        &|source, listed, meta| begin(source, is_inflated.then_some(of_source), listed, limits, meta);
    if !has_head(result, pieces)? || result.size() != pieces.size() {
        return Err(rewrite.failed(ErrorKind::OtherResult));
    }
    let mut meta = Vec::new();
    let walker = self::begin(result, is_inflated.then_some(of_result), rules, limits, &mut meta);
    let walker = walker.map_err(|error| of_result_error(error, rewrite.data_set))?;
    if walker.position() != of_result {
        return Err(rewrite.failed(ErrorKind::OtherResult));
    }
    let mut way = Way::begin(source, (rules, rewrite.once, limits), Class::Known(rewrite.object.clone()), begin)?;
    let other = Settled::new(walker);
    let mut checker = Checker {
        pieces,
        other,
        inserts: rules.inserts(),
        compared,
        held: Vec::new(),
        marks: Vec::new(),
        is_level: false,
        adds: false,
    };
    follow(&mut way, &mut checker)?;
    let end = way.walker.size();
    let tail = Span::between(rewrite.end, end).unwrap_or(Span::of_value(end, 0));
    checker.finish(tail, &mut way.walker).map_err(|kind| Error {
        kind,
        offset: rewrite.end,
        tag_path: TagPath::default(),
    })
}

fn begin<'w, S: Source>(
    source: &'w mut S,
    inflated: Option<u64>,
    listed: &'w dyn Listed,
    limits: &Limits,
    meta: &mut Vec<Element>,
) -> Result<Walker<'w, S>, Error> {
    match inflated {
        Some(data_set) => Walker::inflated_with_meta(source, data_set, listed, limits, Some(meta)),
        None => Walker::with_meta(source, listed, limits, Some(meta)),
    }
}

/// A result that can't be walked is not what was asked for. Its offsets are no places in the original.
fn of_result_error(error: Error, offset: u64) -> Error {
    match error.kind {
        ErrorKind::Unreadable => error,
        _ => Error { kind: ErrorKind::OtherResult, offset, tag_path: TagPath::default() },
    }
}

/// Whether the result begins with the head.
fn has_head<R: Source>(result: &mut R, pieces: &Pieces<'_>) -> Result<bool, Error> {
    let head = Span::of_value(0, 0);
    let head = Span::between(head.start(), pieces.data_set()).unwrap_or(head);
    if head.end() > result.size() {
        return Ok(false);
    }
    is_there(result, head.start(), pieces.head()).map_err(|kind| pieces.rewrite().failed(kind))
}

struct Checker<'w, 'p, 'r, R> {
    pieces: &'p Pieces<'p>,
    other: Settled<'w, R>,
    /// Those that are still to come.
    inserts: &'r [Insert],
    compared: Compared,
    /// What is to be compared once the tries are settled.
    held: Vec<(Element, Fate)>,
    marks: Vec<usize>,
    /// Whether both walks are at an element in the same depth and syntax, and all in front of it is compared.
    is_level: bool,
    /// Whether elements are added here.
    adds: bool,
}

impl<R: Source> Checker<'_, '_, '_, R> {
    /// Compares what was held back: no try is open any more.
    fn compare_held<S: Source>(&mut self, walker: &mut Walker<'_, S>) -> Result<(), ErrorKind> {
        let held = core::mem::take(&mut self.held);
        held.into_iter().try_for_each(|(element, fate)| self.compare(&element, fate, walker))
    }

    /// Compares an element of the original.
    fn compare<S: Source>(&mut self, old: &Element, fate: Fate, walker: &mut Walker<'_, S>) -> Result<(), ErrorKind> {
        if old.depth == 0 {
            self.take_inserts(Some(old.tag))?;
        }
        if matches!(fate, Fate::Gone | Fate::Removed) {
            return Ok(());
        }
        let new = self.other.next()?.ok_or(ErrorKind::OtherResult)?;
        let is_alike = (old.tag, old.vr, old.syntax, old.depth, old.header.len())
            == (new.tag, new.vr, new.syntax, new.depth, new.header.len());
        let is_so = is_alike && self.has_header(old, &new, walker)? && self.has_become(old, &new, fate, walker)?;
        if is_so { Ok(()) } else { Err(ErrorKind::OtherResult) }
    }

    /// Whether all of a header is the same but for the length.
    fn has_header<S: Source>(
        &mut self,
        old: &Element,
        new: &Element,
        walker: &mut Walker<'_, S>,
    ) -> Result<bool, ErrorKind> {
        let length = old.header.len().saturating_sub(Width::of(old).bytes());
        let [old, new] = [old, new].map(|element| Span::new(element.header.start(), length));
        let (Some(old), Some(new)) = (old, new) else { return Ok(false) };
        let old = walker.lend(old).map_err(|_| ErrorKind::Unreadable)?;
        Ok(self.other.walker.lend(new).map_err(|_| ErrorKind::Unreadable)? == old)
    }

    fn has_become<S: Source>(
        &mut self,
        old: &Element,
        new: &Element,
        fate: Fate,
        walker: &mut Walker<'_, S>,
    ) -> Result<bool, ErrorKind> {
        Ok(match (fate, old.body, new.body) {
            (Fate::Stays, Body::Value(old), Body::Value(new))
            | (Fate::Stays, Body::Fragment(old), Body::Fragment(new)) => {
                old.len() == new.len() && (self.compared == Compared::Headers || self.are_alike(old, new, walker)?)
            }
            (Fate::Stays, Body::Sequence(old), Body::Sequence(new))
            | (Fate::Stays, Body::Item(old), Body::Item(new)) => {
                (old == Length::Undefined) == (new == Length::Undefined)
            }
            (Fate::Stays, Body::Fragments, Body::Fragments)
            | (Fate::Stays, Body::StrayDelimiter, Body::StrayDelimiter) => true,
            // Of a sequence whose items have gone, each by its own fate, its VR may not say that it is one.
            (Fate::Emptied, _, Body::Value(new))
            | (Fate::Stays, Body::Sequence(Length::Defined(_)), Body::Value(new)) => new.is_empty(),
            (Fate::Emptied, _, Body::Sequence(new)) => new == Length::Defined(0),
            (Fate::Edited(_), Body::Value(old), Body::Value(new))
            | (Fate::Edited(_), Body::Fragment(old), Body::Fragment(new)) => self.is_filled(old, new)?,
            (Fate::Set(_) | Fate::Mapped(_) | Fate::Dummy(_), Body::Value(value), Body::Value(new)) => {
                let width = Width::of(old).bytes();
                let written = self.pieces.rewrite().written_at(value.start().saturating_sub(width));
                let expected = usize::try_from(width).ok().and_then(|width| written?.get(width..));
                match expected {
                    Some(expected) if size_of_slice(expected) == new.len() => {
                        is_there(&mut Lent(&mut self.other.walker), new.start(), expected)?
                    }
                    _ => false,
                }
            }
            (Fate::DummyCode, _, Body::Sequence(Length::Defined(length))) => {
                let expected = code(new.vr, new.syntax)?;
                let is_so = u64::from(length) == size_of_slice(&expected)
                    && is_there(&mut Lent(&mut self.other.walker), new.header.end(), &expected)?;
                self.other.leave(new.depth)?;
                is_so
            }
            _ => false,
        })
    }

    /// Whether a value is what the edit over `old` makes of it.
    fn is_filled(&mut self, old: Span, new: Span) -> Result<bool, ErrorKind> {
        if old.is_empty() || old.len() != new.len() {
            return Ok(old.len() == new.len());
        }
        let edits = self.pieces.rewrite().plan.edits();
        let place = edits.partition_point(|edit| edit.span().start() < old.start());
        let Some(fill) = self.pieces.fill(place).filter(|fill| fill.span() == old) else { return Ok(false) };
        for (piece, at) in old.pieces(MAX_LEND).zip(new.pieces(MAX_LEND)) {
            let mut expected = vec![0; usize::try_from(piece.len()).unwrap_or_default()];
            fill.write_over(piece.start(), &mut expected);
            if self.other.walker.lend(at).map_err(|_| ErrorKind::Unreadable)? != expected {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn are_alike<S: Source>(&mut self, old: Span, new: Span, walker: &mut Walker<'_, S>) -> Result<bool, ErrorKind> {
        for (old, new) in old.pieces(MAX_LEND).zip(new.pieces(MAX_LEND)) {
            let old = walker.lend(old).map_err(|_| ErrorKind::Unreadable)?;
            if self.other.walker.lend(new).map_err(|_| ErrorKind::Unreadable)? != old {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes what is added before an element of the data set itself, or behind all.
    fn take_inserts(&mut self, before: Option<Tag>) -> Result<(), ErrorKind> {
        while let Some((insert, rest)) = self.inserts.split_first() {
            if before.is_some_and(|tag| tag < insert.tag()) {
                break;
            }
            let found = self.other.next()?.filter(|found| found.depth == 0 && found.tag == insert.tag());
            let found = found.ok_or(ErrorKind::OtherResult)?;
            let expected = insert.written(found.syntax);
            if !is_there(&mut Lent(&mut self.other.walker), found.header.start(), expected)? {
                return Err(ErrorKind::OtherResult);
            }
            self.other.leave(0)?;
            self.inserts = rest;
        }
        Ok(())
    }

    /// Nothing else is in the result than what was added last, and the `tail` of the original: what is no element.
    fn finish<S: Source>(&mut self, tail: Span, walker: &mut Walker<'_, S>) -> Result<(), ErrorKind> {
        self.compare_held(walker)?;
        self.take_inserts(None)?;
        let size = self.other.walker.size();
        let new = Span::between(size.saturating_sub(tail.len()), size).ok_or(ErrorKind::OtherResult)?;
        let is_whole = self.other.next()?.is_none();
        let is_so = is_whole && (self.compared == Compared::Headers || self.are_alike(tail, new, walker)?);
        if is_so { Ok(()) } else { Err(ErrorKind::OtherResult) }
    }
}

impl<'r, S: Source, R: Source> Consumer<'r, S> for Checker<'_, '_, '_, R> {
    #[inline]
    fn pass(&mut self, plain: &Plain<'_>, fate: Fate) -> bool {
        let Plain { tag, vr, bytes, .. } = *plain;
        if self.adds && self.inserts.first().is_some_and(|insert| insert.tag() <= tag) {
            return false;
        }
        let bytes = match fate {
            Fate::Removed | Fate::Gone => return true, // nothing of it is in the result
            Fate::Stays => bytes,
            Fate::Emptied => &[],
            _ => return false,
        };
        if !self.is_level {
            return false;
        }
        let mut same = Same { tag, vr, bytes, compared: self.compared, is_met: false };
        self.other.walker.pass_over(&mut same);
        same.is_met
    }

    fn come_to(&mut self, depth: usize, syntax: Syntax, _: u64) -> Result<(), Stop> {
        self.adds = depth == 0;
        self.is_level = self.held.is_empty() && self.marks.is_empty() && self.other.is_at(depth, syntax);
        Ok(())
    }

    fn mark(&mut self, _: &Element, _: usize) -> Result<(), Stop> {
        self.marks.push(self.held.len());
        Ok(())
    }

    fn keep(&mut self) {
        self.marks.pop();
    }

    fn undo(&mut self, _: Span) -> Option<usize> {
        self.held.truncate(self.marks.pop()?);
        None
    }

    fn take(&mut self, element: &Element, fate: Fate, _: &Treater<'r>, walker: &mut Walker<'_, S>) -> Result<(), Stop> {
        let bare = |kind| (kind, None);
        if self.held.len() > MOST {
            return Err(bare(ErrorKind::OtherResult));
        }
        if !self.marks.is_empty() {
            self.held.push((*element, fate));
            return Ok(());
        }
        self.compare_held(walker).map_err(bare)?;
        self.compare(element, fate, walker).map_err(bare)
    }
}
