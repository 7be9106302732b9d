//! A rewrite from bytes to bytes, by two roads, with all that holds for every one of them.
#![allow(dead_code)] // shared by two test programs, neither of which uses all of it

use core::num::NonZeroU16;
use std::sync::Arc;

use dicomblank_core::{
    Additions, Change, Compared, Error, ErrorKind, Insert, Limits, Once, Piece, Pieces, Pseudonyms, Rewrite, Rewritten,
    Rules, SliceSource, Source, Span, Tag, Vr, Warnings, check_rewrite, rewrite,
};

use crate::build::{EL, Unit, join, raw, uid};
use crate::check::Lender;

pub const IMPLEMENTATION: &str = "1.2.826.0.1.3680043.10.1";
pub const VERSION: &str = "TEST_1";

/// Makes keyed values so that it shows: a UID becomes sevens, an identifier `i`s, a date letters.
pub struct Sevens;

impl Pseudonyms for Sevens {
    fn uids(&mut self, bytes: &mut [u8]) -> Result<Warnings, ErrorKind> {
        bytes.fill(b'7');
        Ok(Warnings::default())
    }

    fn identifiers(&mut self, bytes: &mut [u8]) -> Result<Warnings, ErrorKind> {
        bytes.fill(b'i');
        Ok(Warnings::default())
    }

    fn days(&mut self, patient: &[u8], study: &[u8]) -> Result<Option<NonZeroU16>, ErrorKind> {
        let last = if patient.is_empty() { study.last() } else { patient.last() };
        Ok(last.and_then(|byte| NonZeroU16::new(u16::from(*byte))))
    }

    fn shift(&mut self, days: NonZeroU16, bytes: &mut [u8]) -> Warnings {
        bytes.fill(u8::try_from(days.get()).unwrap());
        Warnings::default()
    }
}

pub fn additions(inserts: Vec<Insert>) -> Additions {
    Additions::new(IMPLEMENTATION, VERSION, inserts).expect("fit")
}

pub fn text(tag: Tag, vr: Vr, text: &str) -> Insert {
    Insert::text(tag, vr, text).expect("fit")
}

/// Rules that add.
pub fn adding(rules: &Rules, additions: &Additions) -> Rules {
    rules.clone().adding(Arc::new(additions.clone()))
}

/// A rewrite and its result.
#[derive(Debug)]
pub struct Outcome {
    pub rewrite: Rewrite,
    pub bytes: Vec<u8>,
}

impl Outcome {
    /// What was done to which element.
    pub fn changes(&self) -> Vec<(String, &'static str)> {
        self.rewrite.changes().map(|Change { word, tag_path, .. }| (tag_path.to_string(), word)).collect()
    }
}

/// The result of a rewrite, the same by both roads, and checked as every result is.
pub fn rewritten(bytes: &[u8], rules: &Rules, additions: &Additions, limits: &Limits) -> Result<Outcome, Error> {
    let rules = &adding(rules, additions);
    let by_slice = rewrite(&mut SliceSource::new(bytes), rules, Once::ToDo, limits);
    let by_window = rewrite(&mut Lender::new(bytes), rules, Once::ToDo, limits);
    assert_eq!(by_slice, by_window, "the roads disagree");
    let rewrite = by_slice?;
    let pieces = Pieces::resolve(&rewrite, (rules, None), &mut SliceSource::new(bytes), &mut Sevens)?;
    let read = Pieces::resolve(&rewrite, (rules, None), &mut Lender::new(bytes), &mut Sevens)?;
    let result = written(&pieces, bytes);
    assert_eq!(written(&read, bytes), result, "the roads disagree");
    assert_eq!(pieces.size(), u64::try_from(result.len()).unwrap());
    // Of a source that has all at hand the first bytes are kept, and of one that has nothing only what is written before
    // the first of its bytes.
    assert_eq!(pieces.front().len(), result.len().min(16 * 1024));
    for start in [0, 1, 200, pieces.front().len(), result.len()].map(|start| start.min(result.len())) {
        assert_eq!(written_from(&pieces, start, bytes), result[start..], "from {start}");
    }
    assert!(read.front().len() <= pieces.front().len());
    for pieces in [&pieces, &read] {
        assert!(result.starts_with(pieces.front()));
        show(pieces, bytes, &result);
    }
    let shown = &mut Rewritten::new(SliceSource::new(bytes), &pieces);
    let through = check_rewrite(&mut SliceSource::new(bytes), shown, rules, &pieces, Compared::Headers, limits);
    let shown = &mut Rewritten::new(Lender::new(bytes), &read);
    let lent = check_rewrite(&mut Lender::new(bytes), shown, rules, &read, Compared::Headers, limits);
    assert_eq!(through, lent, "the roads disagree");
    for pieces in [&pieces, &read] {
        let (source, result) = (&mut SliceSource::new(bytes), &mut SliceSource::new(&result));
        let whole = check_rewrite(source, result, rules, pieces, Compared::All, limits);
        assert_eq!(through, whole, "the roads disagree");
    }
    let whole =
        check_rewrite(&mut Lender::new(bytes), &mut Lender::new(&result), rules, &pieces, Compared::All, limits);
    assert_eq!(through, whole, "the roads disagree");
    through?;
    drop((pieces, read));
    Ok(Outcome { rewrite, bytes: result })
}

/// What is read through the pieces is the result.
fn show(pieces: &Pieces<'_>, bytes: &[u8], result: &[u8]) {
    let mut shown = Rewritten::new(SliceSource::new(bytes), pieces);
    for (start, length) in [(0, 1), (0, 300), (100, 1000), (131, 7)] {
        let length = pieces.size().saturating_sub(start).min(length);
        let span = Span::new(start, length).unwrap();
        if span.end() <= pieces.size() {
            assert_eq!(shown.lend(span).unwrap(), &result[span.range().unwrap()], "{span:?}");
        }
    }
    // Byte by byte, so that each end of a piece is met.
    for at in 0..pieces.size().min(3000) {
        let span = Span::new(at, 2.min(pieces.size() - at)).unwrap();
        assert_eq!(shown.lend(span).unwrap(), &result[span.range().unwrap()], "{span:?}");
    }
}

pub fn written(pieces: &Pieces<'_>, bytes: &[u8]) -> Vec<u8> {
    written_from(pieces, 0, bytes)
}

fn written_from(pieces: &Pieces<'_>, start: usize, bytes: &[u8]) -> Vec<u8> {
    let mut result = Vec::new();
    let mut copied = 0;
    let given = pieces.each_from(u64::try_from(start).unwrap(), |piece| {
        match piece {
            Piece::Copy(span) => {
                assert!(span.start() >= copied && !span.is_empty(), "{piece:?} behind {copied}");
                copied = span.end();
                result.extend_from_slice(&bytes[span.range().unwrap()]);
            }
            Piece::Write(bytes) => {
                assert!(!bytes.is_empty());
                result.extend_from_slice(bytes);
            }
        }
        Ok::<(), ()>(())
    });
    assert_eq!(given, Ok(()));
    result
}

/// The head of a result.
pub fn head(class: &str, instance: &str, transfer_syntax: &str) -> Unit {
    let ui =
        |number, value: &str| if value.is_empty() { raw("") } else { EL.el(Tag::new(2, number), "UI", uid(value)) };
    let group = join([
        EL.el(Tag::new(2, 1), "OB", [0, 1]),
        ui(2, class),
        ui(3, instance),
        ui(0x10, transfer_syntax),
        ui(0x12, IMPLEMENTATION),
        EL.el(Tag::new(2, 0x13), "SH", VERSION),
    ]);
    let length = EL.el(Tag::new(2, 0), "UL", u32::try_from(group.len()).unwrap().to_le_bytes());
    join([crate::build::preamble([]), length, group])
}
