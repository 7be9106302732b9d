//! The contracts of `Source` and `Sink`, and files larger than memory.

use dicomblank_core::{
    ApplyError, Error, ErrorKind, Fill, Limits, MAX_LEND, Plan, Rules, Sink, SliceSink, SliceSource, Source, Span,
    Step, TagPath, Unreadable, apply, audit, plan,
};

use crate::build::*;
use crate::check::{Lender, applied, left, plan_of, rules};

/// One file with something of everything that a walk looks at more than once.
fn rich(b: Build, uid: &str) -> Unit {
    let item = |len| b.item(len, [b.sex(), b.name()]);
    let mut elements = vec![
        b.el(CHARSET, "CS", "ISO_IR 100"),
        b.name(),
        b.seq(CONTENT, Undefined, [item(Defined), item(Undefined), b.item(Undefined, [])]),
        b.holds(PRIVATE, "UN", Defined, [item(Defined)]),
        b.holds(PRIVATE, "UN", Defined, [b.item(Claims(99), [])]),
        b.holds(PRIVATE, "UN", Undefined, [item(Defined)]),
        b.fragments(Undefined, [b.fragment([]), b.fragment([1; 9])]),
        b.el(NAME, "PN", [b'x'; 5000]).spaces(),
        zeros(9),
    ];
    if b == EL {
        elements.insert(2, IL.sex());
        elements.insert(2, EL.sex());
        elements.insert(2, raw_element(&[&EL.tag(SEX)[..], b"ZZ\x02\0"].concat(), b"F "));
        elements.insert(2, raw_element(&[&EL.tag(SEX)[..], b"ZZ\0\0\x02\0\0\0"].concat(), b"F "));
        elements.insert(2, EL.seq(CONTENT, Undefined, [IL.item(Undefined, [IL.sex(), IL.name()])]));
    }
    if b == IL {
        elements.insert(2, IL.seq(PRIVATE, Undefined, [EL.item(Undefined, [EL.sex(), EL.name()])]));
    }
    file(uid, elements)
}

/// A read that fails once is an error, or changes nothing: it never leads to another reading of the file, nor to 'not DICOM'.
#[test]
fn a_failing_read_is_never_taken_for_something_else() {
    let names = rules([NAME], []);
    let mut swallowed = Vec::new();
    let bare = |b: Build| join([b.el(CHARSET, "CS", "ISO_IR 100"), b.name()]);
    let files = ALL.into_iter().flat_map(|(b, uid)| [rich(b, uid), bare(b)]).chain([raw([b'x'; 2000])]);
    for (number, unit) in files.enumerate() {
        let mut whole = Lender::new(&unit.bytes);
        let planned = plan(&mut whole, &names, &Limits::default());
        assert!(number == 6 || planned.is_ok(), "file {number}: {planned:?}");
        for fails in 0..whole.lends {
            let mut source = Lender::failing(&unit.bytes, fails);
            match plan(&mut source, &names, &Limits::default()) {
                Err(Error { kind: ErrorKind::Unreadable, .. }) => {}
                // What was looked at twice is known all the same.
                same if same == planned => {}
                other => swallowed.push((number, fails, other.map(|plan| plan.edits().len()))),
            }
        }
        if let Ok(planned) = planned {
            let mut whole = Lender::new(&unit.bytes);
            audit(&planned, &mut whole).unwrap();
            for fails in 0..whole.lends {
                let mut source = Lender::failing(&unit.bytes, fails);
                let error = audit(&planned, &mut source).expect_err("a failing read is nothing that is done");
                assert_eq!(error.kind, ErrorKind::Unreadable);
            }
        }
    }
    assert!(swallowed.is_empty(), "{} failing reads were taken for something else: {swallowed:?}", swallowed.len());
}

/// Where a value is looked into, to see whether it is a sequence.
#[test]
fn a_read_that_fails_in_a_value_is_told_with_its_element() {
    let long = EL.el(NAME, "PN", [b'x'; 20]);
    let unknown = EL.holds(PRIVATE, "UN", Undefined, [EL.item(Defined, [EL.sex()])]);
    // Of the second, the length in its header, a look at its items and the headers in it are reads of their own.
    for (tag, element, expected) in [(NAME, long, 1), (PRIVATE, unknown, 5)] {
        let unit = file(EL_UID, [element]);
        let mut whole = Lender::new(&unit.bytes);
        plan(&mut whole, &rules([NAME], []), &Limits::default()).unwrap();
        let told = (0..whole.lends).filter(|fails| {
            let failed = plan(&mut Lender::failing(&unit.bytes, *fails), &rules([NAME], []), &Limits::default());
            failed.is_err_and(|error| error.tag_path.steps() == [Step { tag, item: None }])
        });
        assert_eq!((tag, told.count()), (tag, expected));
    }
}

/// The path of an audit's error is the edit's.
#[test]
fn an_audit_says_where_it_failed() {
    let unit = file(EL_UID, [EL.seq(CONTENT, Defined, [EL.item(Defined, [EL.el(NAME, "PN", "        ").spaces()])])]);
    let plan = plan_of(&unit.bytes, &rules([NAME], []), &Limits::default()).unwrap();
    let error = audit(&plan, &mut Lender::failing(&unit.bytes, 0)).unwrap_err();
    assert_eq!(
        (error.tag_path.to_string().as_str(), error.offset),
        ("(0040,A730)[0].(0010,0010)", plan.edits()[0].span().start())
    );
}

#[test]
fn values_are_not_looked_at_while_planning() {
    let unit = file(
        EL_UID,
        [EL.sex(), EL.el(NAME, "PN", vec![b'x'; 60_000]).spaces(), EL.el(PIXELS, "OW", vec![1; 500_000]), EL.name()],
    );
    let mut source = Lender::new(&unit.bytes);
    plan(&mut source, &rules([NAME], []), &Limits::default()).unwrap();
    assert!(source.lent < 1000, "{} bytes were looked at", source.lent);
}

#[test]
fn another_size_is_refused() {
    let unit = file(EL_UID, [EL.name()]);
    let size = u64::try_from(unit.len()).unwrap();
    let plan = plan_of(&unit.bytes, &rules([NAME], []), &Limits::default()).unwrap();
    assert_eq!(plan.source_size(), size);
    for changed in [unit.bytes[..unit.len() - 1].to_vec(), [&unit.bytes[..], b"x"].concat(), vec![]] {
        let found = u64::try_from(changed.len()).unwrap();
        let mut written = changed.clone();
        assert_eq!(
            apply(&plan, &mut SliceSink::new(&mut written)),
            Err(ApplyError::SizeChanged { planned: size, found })
        );
        assert_eq!(written, changed, "nothing is written");
        let error =
            Error { kind: ErrorKind::SizeChanged { planned: size, found }, offset: 0, tag_path: TagPath::default() };
        assert_eq!(audit(&plan, &mut SliceSource::new(&changed)), Err(error));
    }
}

#[test]
fn an_audit_names_what_is_left() {
    let unit = file(
        EL_UID,
        [
            EL.name(),
            EL.el(NAME, "PN", "    ").spaces(),
            EL.el(INSTANCE, "UI", "\0\0").nuls(),
            EL.el(NAME, "PN", [b'x'; 9000]).spaces(),
        ],
    );
    let rules = rules([NAME, INSTANCE], []);
    let whole = plan_of(&unit.bytes, &rules, &Limits::default()).unwrap();
    let edits = whole.edits().to_vec();
    assert_eq!(left(&whole, &unit.bytes), [edits[0], edits[3]]);
    // NULs where spaces belong are not done, nor is a value with one byte left, wherever that is.
    let done = applied(&whole, &unit.bytes);
    assert_eq!(left(&whole, &done), []);
    for (edit, at) in [(0, 0), (0, 7), (1, 2), (2, 1), (3, 0), (3, 4095), (3, 4096), (3, 8999)] {
        let mut bytes = done.clone();
        let at = usize::try_from(edits[edit].span().start()).unwrap() + at;
        bytes[at] = if bytes[at] == 0 { b' ' } else { 0 };
        assert_eq!(left(&whole, &bytes), [edits[edit]]);
    }
    // The same plan with a part of its edits does that part.
    let part = whole.clone().only(&edits[3..4]);
    assert_eq!((part.source_size(), part.edits()), (whole.source_size(), &edits[3..]));
    assert_eq!(left(&whole, &applied(&part, &unit.bytes)), [edits[0]]);
}

/// A sink that notes what it is told, and fails at the `fails`th write.
#[derive(Default)]
struct Notes {
    size: u64,
    written: Vec<Span>,
    fails: Option<usize>,
}

impl Sink for Notes {
    type Error = &'static str;

    fn size(&self) -> u64 {
        self.size
    }

    fn write(&mut self, fill: Fill<'_>) -> Result<(), &'static str> {
        if self.fails == Some(self.written.len()) {
            return Err("disk full");
        }
        self.written.push(fill.span());
        Ok(())
    }
}

#[test]
fn a_sink_is_written_in_order_up_to_its_failure() {
    let unit = rich(EL, EL_UID);
    let plan = plan_of(&unit.bytes, &rules([NAME], []), &Limits::default()).unwrap();
    let mut sink = Notes { size: plan.source_size(), ..Notes::default() };
    assert_eq!(apply(&plan, &mut sink), Ok(()));
    let starts: Vec<_> = sink.written.iter().map(|span| span.start()).collect();
    assert!(starts.is_sorted() && starts.len() == unit.marks.len());
    for fails in 0..starts.len() {
        let mut sink = Notes { size: plan.source_size(), fails: Some(fails), ..Notes::default() };
        assert_eq!(apply(&plan, &mut sink), Err(ApplyError::Sink("disk full")));
        assert_eq!(sink.written.len(), fails);
    }
}

/// A crash half way leaves a file of the same plan: running again completes it.
#[test]
fn half_done_is_planned_as_before() {
    for (b, uid) in ALL {
        let unit = rich(b, uid);
        let names = rules([NAME], []);
        let plan = plan_of(&unit.bytes, &names, &Limits::default()).unwrap();
        for count in 0..=plan.edits().len() {
            let half = applied(&plan.clone().only(&plan.edits()[..count]), &unit.bytes);
            let again = plan_of(&half, &names, &Limits::default()).unwrap();
            assert_eq!(again, plan, "{b:?} after {count} edits");
            assert_eq!(applied(&again, &half), unit.blanked());
        }
    }
}

/// Mostly zeros: pieces at offsets, in a file of any size.
struct Sparse {
    size: u64,
    pieces: Vec<(u64, Vec<u8>)>,
    window: Vec<u8>,
    /// How often it was asked for bytes.
    lends: usize,
}

impl Sparse {
    fn new() -> Self {
        Self { size: 0, pieces: Vec::new(), window: Vec::new(), lends: 0 }
    }

    fn push(mut self, bytes: Vec<u8>) -> Self {
        let at = self.size;
        self.size += u64::try_from(bytes.len()).unwrap();
        self.pieces.push((at, bytes));
        self
    }

    fn hole(mut self, size: u64) -> Self {
        self.size += size;
        self
    }
}

impl Source for Sparse {
    fn size(&self) -> u64 {
        self.size
    }

    fn lend(&mut self, span: Span) -> Result<&[u8], Unreadable> {
        assert!(span.len() <= MAX_LEND && span.end() <= self.size);
        self.lends += 1;
        assert!(self.lends < 10_000, "holes are looked through");
        self.window = vec![0; usize::try_from(span.len()).unwrap()];
        for (at, byte) in (span.start()..).zip(self.window.iter_mut()) {
            let piece =
                self.pieces.iter().find_map(|(start, bytes)| bytes.get(usize::try_from(at.checked_sub(*start)?).ok()?));
            *byte = piece.copied().unwrap_or(0);
        }
        Ok(&self.window)
    }

    fn zeros_until(&mut self, start: u64) -> u64 {
        assert!(start < self.size);
        let ends = |(at, bytes): &(u64, Vec<u8>)| at + u64::try_from(bytes.len()).unwrap() > start;
        let next = self.pieces.iter().find(|piece| ends(piece)).map_or(self.size, |(at, _)| *at);
        next.max(start)
    }
}

/// Trailing zeros that are on no disk are not read; a byte among them is found, wherever it stands.
#[test]
fn holes_are_not_looked_through() {
    let names = rules([NAME], []);
    let head = file(EL_UID, [EL.name()]).bytes;
    let long = || Sparse::new().push(head.clone()).push(vec![0; 100]).hole(1 << 50);
    let trailing =
        |source: &Sparse| ErrorKind::TrailingBytes { count: source.size - u64::try_from(head.len()).unwrap() };
    for (what, source, is_refused) in [
        ("to the end", long(), false),
        ("zeros in between", long().push(vec![0; 10_000]).hole(1 << 50), false),
        ("and at the end", long().push(vec![0; 10_000]), false),
        ("a byte", long().push(vec![1]).hole(1 << 50), true),
        ("a byte behind zeros", long().push([vec![0; 10_000], vec![1]].concat()), true),
        ("at the end", long().push(vec![1]), true),
    ] {
        let mut source = source;
        let expected = trailing(&source);
        let planned = plan(&mut source, &names, &Limits::default());
        assert!(source.lends < 100, "{what}: {}", source.lends);
        assert_eq!(planned.as_ref().err().map(|error| error.kind), is_refused.then_some(expected), "{what}");
        assert!(planned.is_err() || planned.unwrap().edits().len() == 1, "{what}");
    }
}

#[test]
fn files_over_4_gib() {
    let names = rules([NAME], []);
    let planned = |mut source: Sparse, rules: &Rules| -> (Plan, u64) {
        let size = source.size;
        (plan(&mut source, rules, &Limits::default()).unwrap(), size)
    };
    for (b, uid) in ALL {
        let head = file(uid, [b.el(CHARSET, "CS", "ISO_IR 100"), b.name()]).bytes;
        let name = b.name();
        let header = u64::try_from(name.len() - 8).unwrap();
        let tail = |at: u64| vec![at + header, at + header + 8];
        let front = u64::try_from(head.len() - 8).unwrap();
        let spans = |plan: &Plan| {
            plan.edits().iter().flat_map(|edit| [edit.span().start(), edit.span().end()]).collect::<Vec<_>>()
        };

        // Two values of pixel data, each as long as 32 bits say, and a name behind each.
        let pixels = b.header(PIXELS, "OW", 0xFFFF_FFFE);
        let source = Sparse::new().push(head.clone()).push(pixels.clone()).hole(0xFFFF_FFFE);
        let first = source.size;
        let source = source.push(name.bytes.clone()).push(pixels.clone()).hole(0xFFFF_FFFE);
        let second = source.size;
        let (plan, size) = planned(source.push(name.bytes.clone()), &names);
        assert!(size > 2 << 32 && plan.source_size() == size && plan.warnings().is_empty());
        assert_eq!(spans(&plan), [vec![front, front + 8], tail(first), tail(second)].concat());

        // Five fragments of 2 GiB, a name behind, and one in a sequence.
        let mut source =
            Sparse::new().push(head.clone()).push(b.header(PIXELS, "OB", 0xFFFF_FFFF)).push(b.fragment([]).bytes);
        for _ in 0..5 {
            source = source.push(b.item(Claims(1 << 31), []).bytes).hole(1 << 31);
        }
        let source = source.push(b.sequence_delimiter().bytes);
        let behind = source.size;
        let (plan, _) = planned(source.push(name.bytes.clone()), &names);
        assert_eq!(spans(&plan), [vec![front, front + 8], tail(behind)].concat());

        // Cut short by the end of the file, far out.
        let (plan, size) = planned(Sparse::new().push(head.clone()).push(pixels).hole(0xFFFF_0000), &names);
        assert_eq!((plan.edits().len(), plan.source_size(), plan.warnings().iter().count()), (1, size, 1));

        // A target of 3 GiB, which is one edit.
        if b != EB {
            let text = b.header(TEXT, "UT", 3 << 30);
            let start = u64::try_from(head.len() + text.len()).unwrap();
            let (plan, _) = planned(Sparse::new().push(head.clone()).push(text).hole(3 << 30), &rules([TEXT], []));
            assert_eq!(spans(&plan), [start, start + (3 << 30)]);
        }
    }
}
