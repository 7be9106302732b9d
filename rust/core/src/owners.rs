//! Whose dates they are: the patient of a file, and of each record of a DICOMDIR (PS3.3 §F.3.2.2).
//!
//! The records of a DICOMDIR are items of one sequence, and hang together by offsets: each names the next one beside
//! it, and the first one below it. A record's patient is the PATIENT record above it. Where the offsets don't lead to a
//! record, or lead to one twice, it can't be told whose it is.

use core::num::NonZeroU16;
use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::error::ErrorKind;
use crate::plan::{Edit, Owner, Plan};
use crate::pseudonyms::Pseudonyms;
use crate::rules::unpadded;
use crate::source::{MAX_LEND, Source};
use crate::span::Span;
use crate::tag::Tag;

type Days = Option<NonZeroU16>;

/// Asks once for each patient.
#[derive(Default)]
pub(crate) struct Owners {
    of_file: Option<Days>,
    directory: Option<Directory>,
}

impl Owners {
    /// The days by which the dates of `edit` are shifted; `None` where it can't be told whose they are.
    pub(crate) fn days<S: Source>(
        &mut self,
        plan: &Plan,
        edit: &Edit,
        source: &mut S,
        pseudonyms: &mut dyn Pseudonyms,
    ) -> Result<Days, (ErrorKind, u64)> {
        let Some(record) = plan.record(edit) else {
            if let Some(days) = self.of_file {
                return Ok(days);
            }
            let of_file = |tag: Tag| plan.owners.iter().filter(move |owner| owner.record.is_none() && owner.tag == tag);
            let patient = one_of(of_file(Tag::PATIENT_ID), source)?;
            let study = one_of(of_file(Tag::STUDY_INSTANCE_UID), source)?;
            let days = days_of(patient, study, pseudonyms, edit)?;
            self.of_file = Some(days);
            return Ok(days);
        };
        if self.directory.is_none() {
            self.directory = Some(Directory::read(plan, source)?);
        }
        match &mut self.directory {
            Some(directory) => directory.days(record, source, pseudonyms, edit),
            None => Ok(None),
        }
    }
}

/// The days of a patient, or of a study where the patient is empty.
fn days_of(patient: Said, study: Said, pseudonyms: &mut dyn Pseudonyms, edit: &Edit) -> Result<Days, (ErrorKind, u64)> {
    let (Some(patient), Some(study)) = (patient, study) else { return Ok(None) };
    pseudonyms.days(&patient, &study).map_err(|kind| (kind, edit.span().start()))
}

/// What elements say, empty where there is none; `None` where they say different things, or too much.
type Said = Option<Zeroizing<Vec<u8>>>;

fn one_of<'o, S: Source>(owners: impl Iterator<Item = &'o Owner>, source: &mut S) -> Result<Said, (ErrorKind, u64)> {
    let mut said: Option<Zeroizing<Vec<u8>>> = None;
    for owner in owners {
        if u64::from(owner.length) > MAX_LEND {
            return Ok(None);
        }
        let bytes = lend(source, owner)?;
        let value = Zeroizing::new(unpadded(bytes).to_vec());
        if said.as_ref().is_some_and(|before| *before != value) {
            return Ok(None);
        }
        said = Some(value);
    }
    Ok(Some(said.unwrap_or_default()))
}

fn lend<'s, S: Source>(source: &'s mut S, owner: &Owner) -> Result<&'s [u8], (ErrorKind, u64)> {
    let span = Span::of_value(owner.start, owner.length);
    source.lend(span).map_err(|_| (ErrorKind::Unreadable, owner.start))
}

/// The records of a DICOMDIR, and whose they are.
struct Directory {
    records: Vec<Record>,
    /// The days of a PATIENT record, and of a record of a study below it.
    known: BTreeMap<(u32, Option<u32>), Days>,
}

#[derive(Default)]
struct Record {
    /// Where its item begins.
    start: u64,
    next: Link,
    lower: Link,
    kind: Option<Kind>,
    patient_id: Option<Owner>,
    study_instance_uid: Option<Owner>,
    /// An element of it stands there twice, or is not what it should be.
    is_unclear: bool,
    /// Whether the offsets have led here.
    is_met: bool,
    patient: Option<u32>,
    study: Option<u32>,
}

/// What a record is, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Patient,
    Study,
    Other,
}

/// The offset of another record; 0 is none.
type Link = Option<u32>;

impl Directory {
    fn read<S: Source>(plan: &Plan, source: &mut S) -> Result<Self, (ErrorKind, u64)> {
        let mut records: Vec<Record> = Vec::new();
        let mut first = None;
        let mut is_clear = true;
        for owner in &plan.owners {
            let Some(number) = owner.record else {
                if owner.tag == Tag::FIRST_RECORD {
                    is_clear &= first.replace(link(source, owner)?).is_none();
                }
                continue;
            };
            if owner.tag == Tag::ITEM {
                // Items come one after the other, each with its number.
                is_clear &= u32::try_from(records.len()) == Ok(number);
                records.push(Record { start: owner.start, ..Record::default() });
            } else if let Some(record) = records.last_mut() {
                record.take(owner, source)?;
            }
        }
        let mut directory = Self { records, known: BTreeMap::new() };
        if !(is_clear && directory.follow(first.flatten())) {
            directory.records.iter_mut().for_each(|record| record.patient = None);
        }
        Ok(directory)
    }

    /// Follows the offsets from the first record on. Whether they lead to each record once at most.
    fn follow(&mut self, first: Link) -> bool {
        let places: BTreeMap<u64, u32> =
            (0..).zip(&self.records).map(|(number, record)| (record.start, number)).collect();
        let find = |link: Link| match link {
            Some(offset @ 1..) => places.get(&u64::from(offset)).copied(),
            _ => None,
        };
        let mut ways = vec![(find(first), None, None)];
        while let Some((number, mut patient, mut study)) = ways.pop() {
            let Some(number) = number else { continue };
            let Some(record) = usize::try_from(number).ok().and_then(|number| self.records.get_mut(number)) else {
                continue;
            };
            if record.is_met {
                return false;
            }
            record.is_met = true;
            ways.push((find(record.next), patient, study));
            if record.is_unclear {
                continue; // and nobody knows of what is below it
            }
            match record.kind {
                Some(Kind::Patient) => (patient, study) = (Some(number), None),
                Some(Kind::Study) => study = Some(number),
                _ => {}
            }
            (record.patient, record.study) = (patient, study);
            ways.push((find(record.lower), patient, study));
        }
        true
    }

    fn days<S: Source>(
        &mut self,
        record: u32,
        source: &mut S,
        pseudonyms: &mut dyn Pseudonyms,
        edit: &Edit,
    ) -> Result<Days, (ErrorKind, u64)> {
        let Some(Record { patient: Some(patient), study, .. }) = self.record(record) else { return Ok(None) };
        let place = (*patient, *study);
        if let Some(days) = self.known.get(&place) {
            return Ok(*days);
        }
        let patient_id = self.record(place.0).and_then(|record| record.patient_id);
        let study = place.1.and_then(|study| self.record(study)?.study_instance_uid);
        let (patient_id, study) = (one_of(patient_id.iter(), source)?, one_of(study.iter(), source)?);
        let days = days_of(patient_id, study, pseudonyms, edit)?;
        self.known.insert(place, days);
        Ok(days)
    }

    fn record(&self, number: u32) -> Option<&Record> {
        self.records.get(usize::try_from(number).ok()?)
    }
}

impl Record {
    fn take<S: Source>(&mut self, owner: &Owner, source: &mut S) -> Result<(), (ErrorKind, u64)> {
        let is_first = match owner.tag {
            Tag::NEXT_RECORD => set(&mut self.next, link(source, owner)?),
            Tag::LOWER_RECORD => set(&mut self.lower, link(source, owner)?),
            Tag::PATIENT_ID => self.patient_id.replace(*owner).is_none(),
            Tag::STUDY_INSTANCE_UID => self.study_instance_uid.replace(*owner).is_none(),
            Tag::RECORD_TYPE if u64::from(owner.length) <= MAX_LEND => {
                let kind = match unpadded(lend(source, owner)?) {
                    b"PATIENT" => Kind::Patient,
                    b"STUDY" => Kind::Study,
                    _ => Kind::Other,
                };
                self.kind.replace(kind).is_none()
            }
            _ => false,
        };
        self.is_unclear |= !is_first;
        Ok(())
    }
}

/// Whether there was none before, and is one now.
fn set(place: &mut Link, link: Link) -> bool {
    place.is_none() && {
        *place = link;
        link.is_some()
    }
}

/// An offset; `None` for what is none. A DICOMDIR is in little endian (PS3.10 §8.6).
fn link<S: Source>(source: &mut S, owner: &Owner) -> Result<Link, (ErrorKind, u64)> {
    if owner.length != 4 {
        return Ok(None);
    }
    Ok(lend(source, owner)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)))
}
