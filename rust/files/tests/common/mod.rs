//! What the tests of this crate share: small DICOM files made of elements, temporary folders, and runs in one call.
#![allow(dead_code)] // each test binary uses a part of it
#![allow(clippy::missing_panics_doc)]

#[path = "../../../core/tests/build/mod.rs"]
pub mod build;
mod scratch;

use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use dicomblank_core::{Rules, Tag};
use dicomblank_files::{
    Destination, Existing, HardLinks, Job, Leftovers, Observer, Order, Progress, Report, Row, Sources, Syncing, Task,
    Unmarked, UsageError, Validator,
};
use flate2::Compression;
use flate2::write::DeflateEncoder;

use build::{EL, EL_UID, MODALITY, preamble, uid};
pub use build::{NAME, PIXELS};
pub use scratch::Scratch;

pub const COMMENTS: Tag = Tag::new(0x0010, 0x4000);
pub const PRIVATE: Tag = Tag::new(0x0009, 0x1001);

pub const DEFLATED_UID: &str = "1.2.840.10008.1.2.1.99";

/// An element in explicit VR little endian.
pub fn element(tag: Tag, vr: &str, value: &[u8]) -> Vec<u8> {
    EL.el(tag, vr, value).bytes
}

/// Preamble, prefix and a transfer syntax.
pub fn head(transfer_syntax: &str) -> Vec<u8> {
    [preamble([]).bytes, element(Tag::TRANSFER_SYNTAX_UID, "UI", &uid(transfer_syntax))].concat()
}

/// A file with `elements`.
pub fn dicom(elements: &[Vec<u8>]) -> Vec<u8> {
    [head(EL_UID), elements.concat()].concat()
}

/// A deflated file with `elements`.
pub fn deflated_dicom(elements: &[Vec<u8>]) -> Vec<u8> {
    [head(DEFLATED_UID), deflate(&elements.concat())].concat()
}

/// A raw stream (PS3.5 §A.5).
pub fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

pub fn named(name: &[u8]) -> Vec<u8> {
    dicom(&[element(MODALITY, "CS", b"CT"), element(NAME, "PN", name), pixels()])
}

/// Writes `count` files with a name, "in/0" and so on.
pub fn write_named(scratch: &Scratch, count: usize) {
    for index in 0..count {
        scratch.write(&format!("in/{index}"), &named(b"Doe^Jane"));
    }
}

/// What the file `named` is blanked to.
pub fn blanked(length: usize) -> Vec<u8> {
    named(&vec![b' '; length])
}

pub fn pixels() -> Vec<u8> {
    element(PIXELS, "OW", &[7; 64])
}

/// A file whose last value runs past its end.
pub fn cut() -> Vec<u8> {
    let mut bytes = dicom(&[element(NAME, "PN", b"Doe^Jane"), element(COMMENTS, "LT", b"abcdef")]);
    bytes.truncate(bytes.len() - 2);
    bytes
}

pub fn rules() -> Rules {
    Rules::new([NAME], []).unwrap()
}

pub fn order<P: AsRef<Path>>(sources: &[P], output: Option<PathBuf>) -> Order {
    Order {
        sources: Sources::Named(sources.iter().map(|path| path.as_ref().to_owned()).collect()),
        exclude: Vec::new(),
        task: Task::Anonymize(match output {
            // With a slash at its end it is a folder, also for one file.
            Some(output) => Destination::Copies { output: output.join(""), existing: Existing::Refuse },
            None => Destination::InPlace { hard_links: HardLinks::Refuse, unmarked: Unmarked::Refuse },
        }),
        level: None,
        key: None,
        rules: rules(),
        sync: Syncing::None,
        workers: Some(2),
        leftovers: Leftovers::Ignore,
        known: None,
        report: None,
    }
}

/// The same, for copies that may exist.
pub fn with_existing(wanted: Existing, mut order: Order) -> Order {
    match &mut order.task {
        Task::Anonymize(Destination::Copies { existing, .. }) => *existing = wanted,
        _ => panic!("no copies are made"),
    }
    order
}

/// The same, for files in place that may have other names.
pub fn with_hard_links(hard_links: HardLinks, order: Order) -> Order {
    Order { task: Task::Anonymize(Destination::InPlace { hard_links, unmarked: Unmarked::Refuse }), ..order }
}

/// Collects rows as (path, outcome, reason).
#[derive(Default)]
pub struct Rows(pub Vec<(String, String, String)>);

impl Observer for Rows {
    fn rows(&mut self, rows: &[Row]) -> ControlFlow<()> {
        let words = |row: &Row| {
            let reason = row.finding().map(|finding| finding.message).unwrap_or_default();
            (row.path().to_string_lossy().into_owned(), row.outcome().to_string(), reason)
        };
        self.0.extend(rows.iter().map(words));
        ControlFlow::Continue(())
    }

    fn progress(&mut self, _: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn tick(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Runs an order to its end: (path, outcome, reason) of each file, sorted.
pub fn run(order: Order) -> Vec<(String, String, String)> {
    run_with(order, None).0
}

pub fn run_with(order: Order, validator: Option<&Validator<'_>>) -> (Vec<(String, String, String)>, Report) {
    let mut rows = Rows::default();
    let summary = Job::new(order).unwrap().run(validator, &mut rows).unwrap();
    rows.0.sort();
    (rows.0, summary)
}

pub fn usage_error(order: Order) -> String {
    match Job::new(order) {
        Ok(_) => "no error".to_owned(),
        Err(error @ (UsageError::Invalid(_) | UsageError::Io { .. })) => error.to_string(),
    }
}

pub fn row(path: &str, outcome: &str, reason: &str) -> (String, String, String) {
    (path.to_owned(), outcome.to_owned(), reason.to_owned())
}
