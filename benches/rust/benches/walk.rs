//! The walker alone, over bytes in memory: one data set in each syntax, flat and nested.
//!
//! Criterion shows time and GB/s; the name of a row says how many elements it walks.

#[path = "../../../rust/core/tests/build/mod.rs"]
mod build;

use build::{Build, CHARSET, Defined, EB, EB_UID, EL, EL_UID, IL, IL_UID, ROWS, Unit, join, preamble, uid};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dicomblank_core::{Limits, NoTag, SliceSource, Tag, Walker};

const ELEMENTS: u16 = 1000;
const SYNTAXES: [(&str, Build, &str); 3] =
    [("explicit little", EL, EL_UID), ("implicit little", IL, IL_UID), ("explicit big", EB, EB_UID)];

fn walk(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group(format!("walk of {ELEMENTS} elements"));
    for (name, syntax, uid) in SYNTAXES {
        for (shape, elements) in [("flat", flat(syntax)), ("nested", nested(syntax))] {
            let data = file(uid, syntax, elements);
            assert!(events(&data) >= usize::from(ELEMENTS));
            group.throughput(Throughput::ElementsAndBytes { elements: u64::from(ELEMENTS), bytes: data.len() as u64 });
            group.bench_with_input(BenchmarkId::new(name, shape), &data, |bencher, data| {
                bencher.iter(|| events(data));
            });
        }
    }
}

fn events(data: &[u8]) -> usize {
    let mut source = SliceSource::new(data);
    let mut walker = Walker::new(&mut source, &NoTag, &Limits::default()).expect("the file is recognised");
    let mut count = 0;
    while walker.next().expect("the file can be walked").is_some() {
        count += 1;
    }
    count
}

/// Half as many elements again as a CT image has, of public tags and two lengths of value, so that no branch is learnt by heart.
fn flat(syntax: Build) -> Unit {
    join((1..ELEMENTS).map(|number| element(syntax, number)))
}

/// The same elements, ten to an item.
fn nested(syntax: Build) -> Unit {
    let items = (1..ELEMENTS)
        .step_by(10)
        .map(|first| syntax.item(Defined, (first..(first + 10).min(ELEMENTS)).map(|number| element(syntax, number))));
    syntax.seq(Tag::new(0x0008, 0x1140), Defined, items)
}

fn element(syntax: Build, number: u16) -> Unit {
    match number % 3 {
        0 => syntax.el(Tag::new(0x0018, 0x0050), "DS", "1.25"),
        1 => syntax.el(Tag::new(0x0020, 0x4000), "LT", "a comment of forty letters, more or less"),
        _ => syntax.el(ROWS, "US", [1, 0]),
    }
}

/// A file that states its transfer syntax and its character set.
fn file(transfer_syntax: &str, syntax: Build, elements: Unit) -> Vec<u8> {
    let meta = EL.el(Tag::TRANSFER_SYNTAX_UID, "UI", uid(transfer_syntax));
    join([preamble([]), meta, syntax.el(CHARSET, "CS", "ISO_IR 100"), elements]).bytes
}

criterion_group!(benches, walk);
criterion_main!(benches);
