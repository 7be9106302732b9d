//! Whose the dates of a DICOMDIR are: those of the PATIENT record that the offsets put above each record (PS3.3 §F.3).

use core::num::NonZeroU16;

use dicomblank_core::{
    ErrorKind, Limits, Pseudonyms, Rules, Selector, SliceSink, SliceSource, Tag, Treatment, Warning, Warnings,
    apply_patch, plan, resolve,
};

use crate::build::*;

const FIRST: Tag = Tag::new(0x0004, 0x1200);
const RECORDS: Tag = Tag::new(0x0004, 0x1220);
const NEXT: Tag = Tag::new(0x0004, 0x1400);
const LOWER: Tag = Tag::new(0x0004, 0x1420);
const KIND: Tag = Tag::new(0x0004, 0x1430);
const DATE: Tag = Tag::new(0x0008, 0x0020);
const STUDY_UID: Tag = Tag::new(0x0020, 0x000D);

/// Shifts dates to the last letter of their patient, or of their study.
struct Letters;

impl Pseudonyms for Letters {
    fn uids(&mut self, _: &mut [u8]) -> Result<Warnings, ErrorKind> {
        Err(ErrorKind::NoKey)
    }

    fn identifiers(&mut self, _: &mut [u8]) -> Result<Warnings, ErrorKind> {
        Err(ErrorKind::NoKey)
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

/// A record: its type, which records come next and below (counted from 0), and its patient or study.
#[derive(Clone, Copy)]
struct Record {
    kind: &'static str,
    next: Option<usize>,
    lower: Option<usize>,
    named: &'static str,
}

const fn record(kind: &'static str, next: Option<usize>, lower: Option<usize>, named: &'static str) -> Record {
    Record { kind, next, lower, named }
}

/// Each record as an item of the same length, so that the offsets are known before.
fn directory(records: &[Record], change: impl Fn(usize, Tag, u32) -> u32) -> Unit {
    let item = |record: &Record, next: u32, lower: u32| {
        let named = match record.kind {
            "PATIENT" => EL.el(ID, "LO", format!("{:4}", record.named)),
            _ => EL.el(STUDY_UID, "UI", format!("{:\0<4}", record.named)),
        };
        EL.item(
            Defined,
            [
                EL.el(NEXT, "UL", next.to_le_bytes()),
                EL.el(LOWER, "UL", lower.to_le_bytes()),
                EL.el(KIND, "CS", format!("{:10}", record.kind)),
                EL.el(DATE, "DA", "20240301"),
                named,
            ],
        )
    };
    let length = item(&records[0], 0, 0).len();
    let head = |first: u32| file(EL_UID, [EL.el(FIRST, "UL", first.to_le_bytes())]);
    let begin = head(0).len() + 12; // behind the header of the sequence
    let place = |number: Option<usize>| number.map_or(0, |number| u32::try_from(begin + number * length).unwrap());
    let items = records.iter().enumerate().map(|(number, record)| {
        let (next, lower) = (place(record.next), place(record.lower));
        item(record, change(number, NEXT, next), change(number, LOWER, lower))
    });
    join([head(change(usize::MAX, FIRST, place(Some(0)))), EL.seq(RECORDS, Defined, items)])
}

/// What each record's date becomes, by its first letter; "-" where it is blanked.
fn dates(unit: &Unit) -> (String, Vec<Warning>) {
    let rules = Rules::with([(Selector::Dates, Treatment::Shift)]).unwrap();
    let plan = plan(&mut SliceSource::new(&unit.bytes), &rules, &Limits::default()).unwrap();
    let patch = resolve(&plan, &rules, &mut SliceSource::new(&unit.bytes), &mut Letters).unwrap();
    let mut bytes = unit.bytes.clone();
    apply_patch(&plan, &patch, &mut SliceSink::new(&mut bytes)).unwrap();
    let first = |edit: &dicomblank_core::Edit| match bytes[usize::try_from(edit.span().start()).unwrap()] {
        b' ' => '-',
        letter => char::from(letter),
    };
    (plan.edits().iter().map(first).collect(), patch.warnings().iter().collect())
}

const TWO: [Record; 6] = [
    record("PATIENT", Some(3), Some(1), "a"),
    record("STUDY", None, Some(2), "s"),
    record("SERIES", None, None, ""),
    record("PATIENT", None, Some(4), "b"),
    record("STUDY", Some(5), None, "t"),
    record("STUDY", None, None, "u"),
];

#[test]
fn records_have_the_dates_of_the_patient_above_them() {
    let empty = |number: usize, with: &[(usize, Record)]| {
        let mut records = TWO;
        records[number].named = "";
        for (number, record) in with {
            records[*number] = *record;
        }
        records
    };
    for (what, records, expected) in [
        ("two patients", TWO, "aaabbb"),
        // The study decides where the patient is empty; the PATIENT record itself has none.
        ("a patient without an ID", empty(0, &[]), "-ssbbb"),
        ("the other one", empty(3, &[]), "aaa-tu"),
        ("neither patient nor study", empty(0, &[(1, record("STUDY", None, Some(2), ""))]), "---bbb"),
        (
            "in another order",
            [TWO[0], TWO[2], TWO[1], TWO[3], TWO[4], TWO[5]].map(|mut record| {
                record.lower = record.lower.map(|lower| [0, 2, 1, 3, 4, 5][lower]);
                record
            }),
            "aaabbb",
        ),
        ("a record that nothing leads to", empty(5, &[(4, record("STUDY", None, None, "t"))]), "aaabb-"),
        ("no patient at the top", empty(5, &[(0, record("HANGING", Some(3), Some(1), "x"))]), "---bbb"),
    ] {
        let (found, warnings) = dates(&directory(&records, |_, _, offset| offset));
        assert_eq!((what, &*found), (what, expected));
        assert_eq!(warnings.is_empty(), !found.contains('-'), "{what}");
    }
}

/// Where the offsets don't say clearly whose a record is, its date is blanked.
#[test]
fn offsets_that_lead_nowhere_or_twice() {
    type Change = fn(usize, Tag, u32) -> u32;
    let rows: [(&str, Change, &str); 6] = [
        ("no first record", |_, tag, offset| if tag == FIRST { 0 } else { offset }, "------"),
        ("a first record that is none", |_, tag, offset| if tag == FIRST { offset + 2 } else { offset }, "------"),
        (
            "a next record that is none",
            |number, tag, offset| if (number, tag) == (0, NEXT) { offset + 2 } else { offset },
            "aaa---",
        ),
        (
            "a lower record that is none",
            |number, tag, offset| if (number, tag) == (3, LOWER) { 7 } else { offset },
            "aaab--",
        ),
        ("in a circle", |number, tag, offset| if (number, tag) == (5, NEXT) { u32::MAX } else { offset }, "aaabbb"),
        (
            "the end of all numbers",
            |number, tag, offset| if (number, tag) == (2, LOWER) { u32::MAX } else { offset },
            "aaabbb",
        ),
    ];
    for (what, change, expected) in rows {
        assert_eq!((what, dates(&directory(&TWO, change)).0), (what, expected.to_owned()));
    }
    // A record below two patients, and a circle: nobody knows of any of them.
    for (number, lower) in [(3, Some(1)), (2, Some(0)), (5, Some(5))] {
        let mut records = TWO;
        records[number].lower = lower;
        assert_eq!(dates(&directory(&records, |_, _, offset| offset)).0, "------", "{number}");
    }
}

#[test]
fn a_record_that_says_two_things_is_nobodys() {
    let twice = |tag: Tag, vr: &str, value: &str| {
        let records = TWO;
        let unit = directory(&records, |_, _, offset| offset);
        // Inside the last record, so that no offset moves.
        let mut bytes = unit.bytes;
        let added = EL.el(tag, vr, value).bytes;
        let grow = |bytes: &mut Vec<u8>, at: usize, by: usize| {
            let old = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            let new = old + u32::try_from(by).unwrap();
            bytes[at..at + 4].copy_from_slice(&new.to_le_bytes());
        };
        let sequence = bytes.windows(4).position(|four| four == EL.tag(RECORDS)).unwrap();
        grow(&mut bytes, sequence + 8, added.len());
        let item = bytes.windows(4).rposition(|four| four == EL.tag(Tag::ITEM)).unwrap();
        grow(&mut bytes, item + 4, added.len());
        bytes.extend(added);
        dates(&raw(bytes)).0
    };
    for (tag, vr, value) in
        [(NEXT, "UL", "\0\0\0\0"), (LOWER, "UL", "\0\0\0\0"), (STUDY_UID, "UI", "1.2\0"), (KIND, "CS", "STUDY ")]
    {
        assert_eq!((tag, twice(tag, vr, value)), (tag, "aaabb-".to_owned()));
    }
}
