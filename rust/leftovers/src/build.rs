//! From values to a search: every spelling written out, in order.

use core::ops::Range;
use std::collections::HashSet;

use encoding_rs::{Encoding, UTF_8};
use zeroize::Zeroizing;

use crate::anchors::Anchors;
use crate::charset::Charsets;
use crate::dates::{Date, STYLES};
use crate::search::{Manner, OfAnchor, Origin, Search, Spelling};
use crate::spelling::{CASES, Form, Spelled, accents, spelled};
use crate::template::templates;
use crate::uids::Uids;
use crate::value::{Kind, LETTERS, LONGEST, Value};

/// The most values that one search is made for: a directory of thousands of patients has more.
const MOST_VALUES: usize = 4096;

/// Beyond so many spellings no other value is taken: they are some megabytes.
const MOST_SPELLINGS: usize = 64 * 1024;

/// Characters of a name that are its anchor.
const NAMES: usize = 3;
/// The same of an identifier: as many as leave few anchors, since digits stand in many places.
const IDENTIFIERS: [usize; 3] = [6, 4, 3];
/// The packed searcher is twice as fast with so many anchors as with more.
const FEW: usize = 32;

impl Search {
    /// A search for `values`, whose text is in one of `charsets`, and for what begins as `uids` do.
    #[must_use]
    pub fn new(values: &[Value<'_>], charsets: &Charsets, uids: &Uids) -> Self {
        let mut builder = Builder::default();
        for (index, value) in values.iter().enumerate().filter(|(_, value)| value.kind != Kind::Uid) {
            builder.value(index, *value, charsets);
        }
        builder.build(uids)
    }
}

/// What a search is made of.
#[derive(Default)]
struct Builder {
    /// Each with its anchor in it, and the index of its origin.
    spelled: Vec<(Spelled, Range<usize>, usize)>,
    origins: Vec<Origin>,
    values: usize,
    not_searched: u32,
}

impl Builder {
    fn value(&mut self, index: usize, value: Value<'_>, charsets: &Charsets) {
        let bytes = value.bytes.trim_ascii().trim_suffix_zeros();
        if bytes.iter().all(|byte| matches!(byte, b' ' | 0 | b'^' | b'=' | b'\\')) {
            return; // nothing stands there
        }
        let before = self.spelled.len();
        if self.values < MOST_VALUES && self.spelled.len() < MOST_SPELLINGS {
            self.values = self.values.saturating_add(1);
            match value.kind {
                Kind::Date => self.dates(index, value.bytes),
                _ => self.texts(index, value, charsets),
            }
        }
        if self.spelled.len() == before {
            self.not_searched = self.not_searched.saturating_add(1);
        }
    }

    fn dates(&mut self, index: usize, bytes: &[u8]) {
        for date in bytes.split(|byte| *byte == b'\\').filter_map(Date::of) {
            for (style, form) in STYLES.iter().enumerate() {
                let (text, year) = date.spelled(*form);
                self.add(&text, (index, Kind::Date, Manner::Date { style }), UTF_8, |form| match form {
                    Form::Wide => year.saturating_mul(2)..year.saturating_mul(2).saturating_add(7),
                    _ => year..year.saturating_add(4),
                });
            }
        }
    }

    fn texts(&mut self, index: usize, value: Value<'_>, charsets: &Charsets) {
        let anchor = |form| 0..bytes_of(NAMES, form);
        for (number, (text, own)) in charsets.texts(value.bytes).into_iter().enumerate() {
            let found = templates(value.kind, &text);
            if number == 0 && !found.is_empty() {
                self.count_short(value.kind, &text);
            }
            for (template, pieces) in found.iter().enumerate() {
                let Some(text) = pieces.of(&text) else { continue };
                for text in accents(&text) {
                    for (case, cased) in CASES.iter().enumerate() {
                        self.add(&cased.of(&text), (index, value.kind, Manner::Text { template, case }), own, anchor);
                    }
                }
            }
        }
        if !value.bytes.is_ascii() || value.bytes.contains(&0x1B) {
            // As the bytes stand, whatever they say: the groups of a name, and their components.
            for part in value.bytes.split(|byte| matches!(byte, b'\\' | b'=')) {
                self.whole(index, part, anchor(Form::Bytes));
                for component in part.split(|byte| *byte == b'^') {
                    self.whole(index, component, anchor(Form::Bytes));
                }
            }
        }
    }

    /// Counts those of several values that are too short, though others are not.
    fn count_short(&mut self, kind: Kind, text: &str) {
        let is_short = |value: &&str| !value.trim_matches(['\0', ' ']).is_empty() && templates(kind, value).is_empty();
        if matches!(kind, Kind::Name | Kind::Identifier) && text.contains('\\') {
            let short = u32::try_from(text.split('\\').filter(is_short).count()).unwrap_or(u32::MAX);
            self.not_searched = self.not_searched.saturating_add(short);
        }
    }

    /// The bytes as they stand, whatever they say.
    fn whole(&mut self, index: usize, bytes: &[u8], anchor: Range<usize>) {
        let bytes = bytes.trim_ascii().trim_suffix_zeros();
        // Two letters may be four bytes.
        if (LETTERS.saturating_add(2)..=LONGEST).contains(&bytes.len()) {
            let spelled = Spelled { bytes: Zeroizing::new(bytes.to_vec()), form: Form::Bytes };
            self.spelled.push((spelled, anchor, self.origins.len()));
            self.origins.push(Origin { value: index, kind: Kind::Name, manner: Manner::Whole });
        }
    }

    fn add(
        &mut self,
        text: &str,
        (value, kind, manner): (usize, Kind, Manner),
        own: &'static Encoding,
        anchor: impl Fn(Form) -> Range<usize>,
    ) {
        for spelled in spelled(text, own).into_iter().filter(|spelled| spelled.bytes.len() <= LONGEST) {
            let anchor = anchor(spelled.form);
            self.spelled.push((spelled, anchor, self.origins.len()));
        }
        self.origins.push(Origin { value, kind, manner });
    }

    fn build(self, uids: &Uids) -> Search {
        let Self { mut spelled, origins, mut not_searched, values } = self;
        for (spelled, anchor, _) in &mut spelled {
            *anchor = anchor.start..anchor.end.min(spelled.bytes.len());
        }
        let beginnings = beginnings(uids);
        for length in IDENTIFIERS {
            for (spelled, anchor, origin) in &mut spelled {
                if origins.get(*origin).is_some_and(|origin| origin.kind == Kind::Identifier) {
                    *anchor = 0..bytes_of(length, spelled.form).min(spelled.bytes.len());
                }
            }
            let texts: HashSet<&[u8]> = spelled.iter().map(anchor_of).collect();
            if texts.len().saturating_add(beginnings.len()) <= FEW {
                break;
            }
        }
        spelled.sort_by(|one, other| key(one).cmp(&key(other)).then(one.2.cmp(&other.2)));
        spelled.dedup_by(|one, other| key(one) == key(other));
        let mut texts: Vec<&[u8]> =
            spelled.iter().map(anchor_of).chain(beginnings.iter().map(|(text, _)| text.as_slice())).collect();
        texts.sort_unstable();
        texts.dedup();
        let Some(anchors) = Anchors::new(&texts) else {
            // Not met: some hundred thousand of them are not too many.
            let values = u32::try_from(values).unwrap_or(u32::MAX);
            not_searched = not_searched.max(values);
            return Self { not_searched, ..Self::default() }.build(&Uids::default());
        };
        let of_anchor = texts.iter().map(|text| OfAnchor {
            spellings: spelled.partition_point(|one| anchor_of(one) < *text)
                ..spelled.partition_point(|one| anchor_of(one) <= *text),
            uids: beginnings.iter().find(|(beginning, _)| beginning == text).map(|(_, form)| *form),
        });
        let of_anchor: Vec<_> = of_anchor.collect();
        let room = spelled.iter().map(|(spelled, ..)| spelled.bytes.len()).fold(0, usize::saturating_add);
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        let lead = spelled.iter().map(|(_, anchor, _)| anchor.start).max().unwrap_or_default();
        let mut spellings = Vec::with_capacity(spelled.len());
        let mut around: Vec<usize> = Vec::new();
        for (index, one) in spelled.iter().enumerate() {
            let begins = |other: &(Spelled, Range<usize>, usize)| {
                (anchor_of(other), other.1.start) == (anchor_of(one), one.1.start)
                    && one.0.bytes.starts_with(&other.0.bytes)
            };
            while around.last().is_some_and(|last| !spelled.get(*last).is_some_and(begins)) {
                around.pop();
            }
            let shorter = around.last().copied();
            around.push(index);
            let (start, form) = (bytes.len(), one.0.form);
            bytes.extend_from_slice(&one.0.bytes);
            spellings.push(Spelling { here: start..bytes.len(), anchor_at: one.1.start, form, origin: one.2, shorter });
        }
        Search { bytes, spellings, origins, anchors, of_anchor, lead, not_searched }
    }
}

/// How many bytes so many characters are, at the beginning of a spelling.
const fn bytes_of(characters: usize, form: Form) -> usize {
    match form {
        Form::Bytes => characters,
        Form::Wide => characters.saturating_mul(2).saturating_sub(1),
        Form::WideLittle | Form::WideBig => characters.saturating_mul(2),
    }
}

/// How UIDs begin, in bytes and in UTF-16.
fn beginnings(uids: &Uids) -> Vec<(Vec<u8>, Form)> {
    let of = |beginning: &[u8]| {
        spelled(&String::from_utf8_lossy(beginning), UTF_8)
            .into_iter()
            .map(|spelled| (spelled.bytes.to_vec(), spelled.form))
            .collect::<Vec<_>>()
    };
    uids.beginnings().into_iter().flat_map(of).collect()
}

fn anchor_of((spelled, anchor, _): &(Spelled, Range<usize>, usize)) -> &[u8] {
    spelled.bytes.get(anchor.clone()).unwrap_or_default()
}

fn key(of: &(Spelled, Range<usize>, usize)) -> (&[u8], usize, &[u8]) {
    (anchor_of(of), of.1.start, &of.0.bytes)
}

/// What the standard library has for spaces alone.
trait TrimZeros {
    fn trim_suffix_zeros(&self) -> &Self;
}

impl TrimZeros for [u8] {
    fn trim_suffix_zeros(&self) -> &Self {
        let end = self.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
        self.get(..end).unwrap_or_default()
    }
}
