//! What the tests of this crate share: small DICOM files built from their elements, folders that go away, runs without ceremony.
#![allow(dead_code)] // each test binary uses a part of it
#![allow(clippy::missing_panics_doc)]

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use dicomblank_core::{Rules, Tag};
use dicomblank_files::{
    Existing, HardLinks, Job, Observer, Order, Progress, Row, Summary, Syncing, UsageError, Validator,
};
use flate2::Compression;
use flate2::write::DeflateEncoder;

pub const NAME: Tag = Tag::new(0x0010, 0x0010);
pub const COMMENTS: Tag = Tag::new(0x0010, 0x4000);
pub const PIXELS: Tag = Tag::new(0x7FE0, 0x0010);
pub const PRIVATE: Tag = Tag::new(0x0009, 0x1001);

/// A folder that goes away.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        let number = RandomState::new().hash_one(0);
        let path = std::env::temp_dir().join(format!("dicomblank-test-{number:016x}"));
        fs::create_dir(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        if relative.is_empty() { self.0.clone() } else { self.0.join(relative) }
    }

    /// Writes a file, and the folders it is in.
    pub fn write(&self, relative: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn read(&self, relative: &str) -> Vec<u8> {
        fs::read(self.path(relative)).unwrap()
    }

    pub fn exists(&self, relative: &str) -> bool {
        fs::symlink_metadata(self.path(relative)).is_ok()
    }

    /// Every file below, relative, sorted.
    pub fn files(&self, relative: &str) -> Vec<String> {
        let root = self.path(relative);
        let mut found = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path);
                } else {
                    found.push(path.strip_prefix(&root).unwrap().to_string_lossy().into_owned());
                }
            }
        }
        found.sort();
        found
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An element in explicit VR little endian.
pub fn element(tag: Tag, vr: [u8; 2], value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(tag.group().to_le_bytes());
    bytes.extend(tag.element().to_le_bytes());
    bytes.extend(vr);
    if matches!(&vr, b"OB" | b"OW" | b"UN" | b"UT" | b"SQ") {
        bytes.extend([0, 0]); // reserved
        bytes.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
    } else {
        bytes.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
    }
    bytes.extend(value);
    bytes
}

/// Preamble, prefix, a transfer syntax, and `elements`.
pub fn dicom(elements: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    bytes.extend(element(Tag::TRANSFER_SYNTAX_UID, *b"UI", b"1.2.840.10008.1.2.1\0"));
    bytes.extend(elements.concat());
    bytes
}

/// Preamble, prefix, the deflated transfer syntax, and `elements` deflated (PS3.5 §A.5).
pub fn deflated_dicom(elements: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    bytes.extend(element(Tag::TRANSFER_SYNTAX_UID, *b"UI", b"1.2.840.10008.1.2.1.99"));
    let mut encoder = DeflateEncoder::new(bytes, Compression::new(6));
    encoder.write_all(&elements.concat()).unwrap();
    encoder.finish().unwrap()
}

pub fn named(name: &[u8]) -> Vec<u8> {
    dicom(&[element(Tag::new(0x0008, 0x0060), *b"CS", b"CT"), element(NAME, *b"PN", name), pixels()])
}

/// What `named` is blanked to.
pub fn blanked(length: usize) -> Vec<u8> {
    named(&vec![b' '; length])
}

pub fn pixels() -> Vec<u8> {
    element(PIXELS, *b"OW", &[7; 64])
}

/// A file whose last value runs past its end.
pub fn cut() -> Vec<u8> {
    let mut bytes = dicom(&[element(NAME, *b"PN", b"Doe^Jane"), element(COMMENTS, *b"LT", b"abcdef")]);
    bytes.truncate(bytes.len() - 2);
    bytes
}

pub fn rules() -> Rules {
    Rules::new([NAME], []).unwrap()
}

pub fn order<P: AsRef<Path>>(sources: &[P], output: Option<PathBuf>) -> Order {
    Order {
        sources: sources.iter().map(|path| path.as_ref().to_owned()).collect(),
        output,
        rules: rules(),
        existing: Existing::Refuse,
        hard_links: HardLinks::Refuse,
        sync: Syncing::None,
        workers: Some(2),
        report: None,
    }
}

/// Collects rows as (path, outcome, reason).
#[derive(Default)]
pub struct Rows(pub Vec<(String, String, String)>);

impl Observer for Rows {
    fn rows(&mut self, rows: &[Row]) -> ControlFlow<()> {
        let words = |row: &Row| (row.path(), row.outcome().to_string(), row.reason().unwrap_or_default());
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

pub fn run_with(order: Order, validator: Option<&Validator<'_>>) -> (Vec<(String, String, String)>, Summary) {
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
