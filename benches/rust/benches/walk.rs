//! The walker alone, over bytes in memory: one data set in each syntax, flat and nested.
//!
//! Criterion shows time and GB/s; the name of a row says how many elements it walks.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dicomblank_core::{Limits, NoTag, SliceSource, Walker};

const ELEMENTS: u16 = 1000;

#[derive(Clone, Copy)]
struct Syntax {
    name: &'static str,
    uid: &'static str,
    explicit: bool,
    big: bool,
}

const SYNTAXES: [Syntax; 3] = [
    Syntax { name: "explicit little", uid: "1.2.840.10008.1.2.1\0", explicit: true, big: false },
    Syntax { name: "implicit little", uid: "1.2.840.10008.1.2\0", explicit: false, big: false },
    Syntax { name: "explicit big", uid: "1.2.840.10008.1.2.2\0", explicit: true, big: true },
];

fn walk(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group(format!("walk of {ELEMENTS} elements"));
    for syntax in SYNTAXES {
        for (shape, data) in [("flat", flat(syntax)), ("nested", nested(syntax))] {
            assert!(events(&data) >= usize::from(ELEMENTS));
            group.throughput(Throughput::ElementsAndBytes { elements: u64::from(ELEMENTS), bytes: data.len() as u64 });
            group.bench_with_input(BenchmarkId::new(syntax.name, shape), &data, |bencher, data| {
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
fn flat(syntax: Syntax) -> Vec<u8> {
    let mut data = meta(syntax);
    syntax.element(&mut data, (0x0008, 0x0005), "CS", b"ISO_IR 100");
    for number in 1..ELEMENTS {
        elements(syntax, &mut data, number);
    }
    data
}

/// The same elements, ten to an item.
fn nested(syntax: Syntax) -> Vec<u8> {
    let mut items = Vec::new();
    for first in (1..ELEMENTS).step_by(10) {
        let mut item = Vec::new();
        for number in first..(first + 10).min(ELEMENTS) {
            elements(syntax, &mut item, number);
        }
        syntax.tag(&mut items, (0xFFFE, 0xE000));
        syntax.long(&mut items, item.len());
        items.extend(item);
    }
    let mut data = meta(syntax);
    syntax.element(&mut data, (0x0008, 0x0005), "CS", b"ISO_IR 100");
    syntax.element(&mut data, (0x0008, 0x1140), "SQ", &items);
    data
}

fn elements(syntax: Syntax, data: &mut Vec<u8>, number: u16) {
    match number % 3 {
        0 => syntax.element(data, (0x0018, 0x0050), "DS", b"1.25"),
        1 => syntax.element(data, (0x0020, 0x4000), "LT", b"a comment of forty letters, more or less"),
        _ => syntax.element(data, (0x0028, 0x0010), "US", b"\x01\x00"),
    }
}

fn meta(syntax: Syntax) -> Vec<u8> {
    let mut data = vec![0; 128];
    data.extend(b"DICM");
    SYNTAXES[0].element(&mut data, (0x0002, 0x0010), "UI", syntax.uid.as_bytes());
    data
}

impl Syntax {
    fn element(self, data: &mut Vec<u8>, tag: (u16, u16), vr: &str, value: &[u8]) {
        assert!(value.len() % 2 == 0, "values are even");
        self.tag(data, tag);
        if !self.explicit {
            self.long(data, value.len());
        } else if vr == "SQ" {
            data.extend(b"SQ\0\0");
            self.long(data, value.len());
        } else {
            data.extend(vr.as_bytes());
            self.short(data, u16::try_from(value.len()).expect("a short value"));
        }
        data.extend(value);
    }

    fn tag(self, data: &mut Vec<u8>, (group, element): (u16, u16)) {
        self.short(data, group);
        self.short(data, element);
    }

    fn short(self, data: &mut Vec<u8>, number: u16) {
        data.extend(if self.big { number.to_be_bytes() } else { number.to_le_bytes() });
    }

    fn long(self, data: &mut Vec<u8>, length: usize) {
        let length = u32::try_from(length).expect("a value below 4 GiB");
        data.extend(if self.big { length.to_be_bytes() } else { length.to_le_bytes() });
    }
}

criterion_group!(benches, walk);
criterion_main!(benches);
