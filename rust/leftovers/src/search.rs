//! A search for all spellings of some values at once.
//!
//! The bytes are never folded or decoded: every spelling is written out, and a short part of each, its anchor, is looked
//! for. Where an anchor stands, the spellings that have it are compared.

use core::ops::Range;

use zeroize::Zeroizing;

use crate::anchors::Anchors;
use crate::dates::begins_with_time;
use crate::spelling::Form;
use crate::uids::Uids;
use crate::value::{Kind, LONGEST};

/// Built for the values of one patient, and used for one file after the other. Zeroized when it is dropped, but for the
/// anchors: of a name three letters, of an identifier six, of a date the year.
pub struct Search {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// By anchor, and then by where the anchor stands in them, and by their bytes.
    pub(crate) spellings: Vec<Spelling>,
    /// How values are spelled, so that others can be spelled like them.
    pub(crate) origins: Vec<Origin>,
    pub(crate) anchors: Anchors,
    /// Which spellings each of the anchors has.
    pub(crate) of_anchor: Vec<OfAnchor>,
    /// The most bytes of a spelling in front of its anchor.
    pub(crate) lead: usize,
    pub(crate) not_searched: u32,
}

pub(crate) struct Spelling {
    /// In `bytes`.
    pub(crate) here: Range<usize>,
    /// Where in it its anchor stands.
    pub(crate) anchor_at: usize,
    pub(crate) form: Form,
    /// Index into the origins.
    pub(crate) origin: usize,
    /// The longest other one of the same anchor that it begins with: index into the spellings.
    pub(crate) shorter: Option<usize>,
}

/// Which spelling of which value it is.
pub(crate) struct Origin {
    pub(crate) value: usize,
    pub(crate) kind: Kind,
    pub(crate) manner: Manner,
}

/// How a value is spelled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As the bytes stand.
    Whole,
    /// By one of the value's templates, in one of the cases; without accents too.
    Text { template: usize, case: usize },
    /// As a date in one of the styles.
    Date { style: usize },
}

pub(crate) struct OfAnchor {
    pub(crate) spellings: Range<usize>,
    /// Whether UIDs begin with it, and how they are written.
    pub(crate) uids: Option<Form>,
}

/// A place where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Where it begins in the bytes that were searched.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Which of the values it is.
    pub value: usize,
    /// Whether no letter stands before its first letter, and no digit before its first digit.
    pub is_apart_before: bool,
    /// The same behind its last one.
    pub is_apart_behind: bool,
    /// How it is written.
    pub form: Form,
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Index into the origins.
    Spelling(usize),
    /// Where the UID stands in its value, and how long it is.
    Uid(usize, usize),
}

impl Hit {
    /// Whether it is a UID, whole.
    #[must_use]
    pub const fn is_uid(&self) -> bool {
        matches!(self.what, What::Uid(..))
    }
}

impl Search {
    /// How many values are not looked for: they are too short to be told from other text, or too many.
    #[must_use]
    pub const fn not_searched(&self) -> u32 {
        self.not_searched
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of_anchor.is_empty()
    }

    /// Finds what begins in `haystack` at one of the offsets `within`. Each that may be one is shown to `take`, which
    /// says whether it is; of those that overlap, the first is taken, and of those that begin together the longest. What
    /// stands around `within` is looked at too: [`LONGEST`] bytes are enough.
    pub fn find(&self, haystack: &[u8], within: Range<usize>, uids: &Uids, take: &mut dyn FnMut(&Hit) -> bool) {
        let end = within.end.saturating_add(self.lead).saturating_add(LONGEST).min(haystack.len());
        let mut free = within.start;
        let mut from = within.start;
        let mut hits = Vec::new();
        while let Some((anchor, at)) = self.anchors.next(haystack, from, end) {
            if at >= within.end.saturating_add(self.lead) {
                break;
            }
            hits.clear();
            for anchor in self.anchors.with_shorter(anchor) {
                if let Some(of_anchor) = self.of_anchor.get(anchor) {
                    self.compare(haystack, at, of_anchor, uids, &mut hits);
                }
            }
            hits.retain(|hit: &Hit| hit.start >= free && within.contains(&hit.start));
            if hits.len() > 1 {
                hits.sort_by_key(|hit| (hit.start, usize::MAX.saturating_sub(hit.end)));
            }
            from = at.saturating_add(1);
            if let Some(taken) = hits.iter().find(|hit| take(hit)) {
                free = taken.end;
                from = from.max(free);
            }
        }
    }

    /// Adds the spellings of an anchor that stand around `at`.
    fn compare(&self, haystack: &[u8], at: usize, of_anchor: &OfAnchor, uids: &Uids, hits: &mut Vec<Hit>) {
        if let Some(form) = of_anchor.uids
            && let Some((uid, end, is_apart_behind)) = uids.at(haystack, at, form)
        {
            let what = What::Uid(uid.at, uids.length(uid));
            let step = if form == Form::Wide { 2 } else { 1 };
            let last = beside(haystack, before(at, form), form, at);
            let one_before = || at.checked_sub(step).and_then(|dot| beside(haystack, before(dot, form), form, dot));
            // A full stop is a part of a UID only behind a digit: `MR.1.2.840` is none.
            let is_apart_before = match last {
                Some(b'0'..=b'9') => false,
                Some(b'.') => !matches!(one_before(), Some(b'0'..=b'9')),
                _ => true,
            };
            hits.push(Hit { start: at, end, value: uid.value, is_apart_before, is_apart_behind, form, what });
        }
        let mut rest = self.spellings.get(of_anchor.spellings.clone()).unwrap_or_default();
        while let Some(first) = rest.first() {
            // Those with the anchor at one place are in the order of their bytes.
            let lead = first.anchor_at;
            let (group, behind) = rest.split_at(rest.partition_point(|other| other.anchor_at == lead));
            rest = behind;
            let Some(start) = at.checked_sub(lead) else { continue };
            let here = haystack.get(start..haystack.len().min(start.saturating_add(LONGEST))).unwrap_or_default();
            // The last one that is not behind what stands here; those that it begins with may stand here as well.
            let last = group.partition_point(|spelling| self.bytes_of(spelling) <= here).checked_sub(1);
            let mut next = last.and_then(|last| group.get(last));
            while let Some(spelling) = next {
                if here.starts_with(self.bytes_of(spelling)) {
                    let end = start.saturating_add(spelling.here.len());
                    hits.extend(self.hit(haystack, start..end, spelling));
                }
                next = spelling.shorter.and_then(|shorter| self.spellings.get(shorter));
            }
        }
    }

    fn hit(&self, haystack: &[u8], here: Range<usize>, spelling: &Spelling) -> Option<Hit> {
        let Spelling { form, origin, .. } = *spelling;
        let Origin { value, manner, .. } = self.origins.get(origin)?;
        let bytes = self.bytes_of(spelling);
        let (start, end) = (here.start, here.end);
        let is_apart_before = is_apart(bytes.first(), beside(haystack, before(start, form), form, start));
        let mut is_apart_behind = is_apart(bytes.last(), beside(haystack, behind(end, form), form, end));
        if !is_apart_behind && *manner == (Manner::Date { style: 0 }) {
            let step = if form == Form::Wide { 2 } else { 1 };
            let next = haystack.get(behind(end, form).unwrap_or(end)..).unwrap_or_default();
            let digits: Vec<u8> = next.iter().step_by(step).take(7).copied().collect();
            is_apart_behind = begins_with_time(&digits);
        }
        let what = What::Spelling(origin);
        Some(Hit { start, end, value: *value, is_apart_before, is_apart_behind, form, what })
    }

    /// What the value of an origin is.
    pub(crate) fn kind_of(&self, origin: usize) -> Option<Kind> {
        self.origins.get(origin).map(|origin| origin.kind)
    }

    fn bytes_of(&self, spelling: &Spelling) -> &[u8] {
        self.bytes.get(spelling.here.clone()).unwrap_or_default()
    }
}

/// Where the character before `start` stands, as far as it is one byte.
fn before(start: usize, form: Form) -> Option<usize> {
    start.checked_sub(if form == Form::Wide { 2 } else { 1 })
}

/// Where the character behind `end` stands.
fn behind(end: usize, form: Form) -> Option<usize> {
    end.checked_add(usize::from(form == Form::Wide))
}

/// The character at `at`, beside a hit that ends or begins at `edge`; `None` where there is none of one byte.
fn beside(haystack: &[u8], at: Option<usize>, form: Form, edge: usize) -> Option<u8> {
    let at = at.filter(|_| matches!(form, Form::Bytes | Form::Wide))?; // else a character is two bytes
    // In UTF-16 a zero stands between it and the hit.
    let between = if at < edge { edge.checked_sub(1)? } else { edge };
    if form == Form::Wide && haystack.get(between) != Some(&0) {
        return None;
    }
    haystack.get(at).copied()
}

/// Whether a word that begins or ends with `edge` ends there, with this character beside it.
fn is_apart(edge: Option<&u8>, beside: Option<u8>) -> bool {
    match (edge, beside) {
        (Some(edge), Some(beside)) if edge.is_ascii_digit() => !beside.is_ascii_digit(),
        (Some(edge), Some(beside)) if edge.is_ascii_alphabetic() => !beside.is_ascii_alphabetic(),
        _ => true,
    }
}
