//! The UIDs of one file: too many, and too different from file to file, to make a search of each.

use core::ops::Range;

use zeroize::Zeroizing;

use crate::spelling::Form;
use crate::value::{Kind, UID, Value};

/// The longest UID (PS3.5 §9.1).
const LONGEST: usize = 64;

/// Bytes of a UID that a search looks for: those of a file mostly begin alike.
const BEGINNING: usize = 12;

/// Below it stand the standard's own UIDs (PS3.5 §A, PS3.6 §A), which all files of the world have in common.
const STANDARD: &[u8] = b"1.2.840.10008.";

/// UIDs of one file, whole. Zeroized when they are dropped.
#[derive(Default)]
pub struct Uids {
    bytes: Zeroizing<Vec<u8>>,
    /// In the order of their bytes.
    all: Vec<Uid>,
    not_searched: u32,
}

/// One of them.
#[derive(Clone)]
pub(crate) struct Uid {
    /// In `bytes`.
    here: Range<usize>,
    /// Which value has it.
    pub(crate) value: usize,
    /// Where it stands in that value.
    pub(crate) at: usize,
}

impl Uids {
    /// Those of the values that are UIDs.
    #[must_use]
    pub fn of(values: &[Value<'_>]) -> Self {
        let uids = || values.iter().enumerate().filter(|(_, value)| value.kind == Kind::Uid);
        let room = uids().map(|(_, value)| value.bytes.len()).fold(0, usize::saturating_add);
        let mut made = Self { bytes: Zeroizing::new(Vec::with_capacity(room)), ..Self::default() };
        for (index, value) in uids() {
            let mut at = 0_usize;
            for uid in value.bytes.split(|byte| *byte == b'\\') {
                made.add(uid, index, at);
                at = at.saturating_add(uid.len()).saturating_add(1);
            }
        }
        let Self { bytes, all, .. } = &mut made;
        let text = |uid: &Uid| bytes.get(uid.here.clone()).unwrap_or_default();
        all.sort_by(|one, other| text(one).cmp(text(other)));
        all.dedup_by(|one, other| text(one) == text(other));
        made
    }

    fn add(&mut self, uid: &[u8], value: usize, at: usize) {
        let end = uid.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |last| last.saturating_add(1));
        let text = uid.get(..end).unwrap_or_default();
        if text.is_empty() || text.starts_with(STANDARD) {
            return;
        }
        if !(UID..=LONGEST).contains(&text.len()) || !text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.')) {
            self.not_searched = self.not_searched.saturating_add(1);
            return;
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text);
        self.all.push(Uid { here: start..self.bytes.len(), value, at });
    }

    /// How many there are that are not looked for.
    #[must_use]
    pub const fn not_searched(&self) -> u32 {
        self.not_searched
    }

    /// Whether there is none to look for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How they begin, each beginning once, in order.
    pub(crate) fn beginnings(&self) -> Vec<&[u8]> {
        let mut found: Vec<&[u8]> =
            self.all.iter().map(|uid| self.text(uid).get(..BEGINNING).unwrap_or_default()).collect();
        found.dedup();
        found
    }

    fn text(&self, uid: &Uid) -> &[u8] {
        self.bytes.get(uid.here.clone()).unwrap_or_default()
    }

    /// The one that stands in `haystack` from `start` on, where it ends, and whether it ends there: or else a digit
    /// stands behind it, which may be the first byte of what comes next.
    pub(crate) fn at(&self, haystack: &[u8], start: usize, form: Form) -> Option<(&Uid, usize, bool)> {
        let step = if form == Form::Wide { 2 } else { 1 };
        let behind = haystack.get(start..)?;
        let mut digits = [0; LONGEST + 1];
        let mut count = 0_usize;
        for (index, byte) in behind.iter().step_by(step).take(digits.len()).enumerate() {
            let is_near = step == 1 || index == 0 || behind.get(index.saturating_mul(2).saturating_sub(1)) == Some(&0);
            if !is_near || !matches!(byte, b'0'..=b'9' | b'.') {
                break;
            }
            *digits.get_mut(index)? = *byte;
            count = index.saturating_add(1);
        }
        let all = digits.get(..count)?;
        // A full stop ends a sentence, and no UID.
        let text = all.strip_suffix(b".").unwrap_or(all);
        let known = |text: &[u8]| self.all.binary_search_by(|uid| self.text(uid).cmp(text)).ok();
        let (found, text, ends) = match (known(text), all.split_last()) {
            (Some(found), _) => (found, text, true),
            (None, Some((_, shorter))) => (known(shorter)?, shorter, false),
            (None, None) => return None,
        };
        let length = text.len().saturating_mul(step).saturating_sub(step.saturating_sub(1));
        Some((self.all.get(found)?, start.saturating_add(length), ends))
    }

    pub(crate) fn length(&self, uid: &Uid) -> usize {
        self.text(uid).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uids(values: &[&str]) -> Uids {
        let values: Vec<_> = values.iter().map(|value| Value { kind: Kind::Uid, bytes: value.as_bytes() }).collect();
        Uids::of(&values)
    }

    #[test]
    fn which_are_looked_for() {
        let long = format!("1.2.{}", "3".repeat(62));
        let found = uids(&[
            "1.2.3.4.5.6.7.8\\1.2.3.4.5.6.7.9 ",
            "1.2.840.10008.1.2.1",
            "1.2.3",
            "",
            "1.2.3.4.5.6.7.8\0",
            "1.2.3.4.5.6.7.x",
            &long,
        ]);
        let texts: Vec<_> = found.all.iter().map(|uid| (found.text(uid), uid.value, uid.at)).collect();
        assert_eq!(texts, [(&b"1.2.3.4.5.6.7.8"[..], 0, 0), (b"1.2.3.4.5.6.7.9", 0, 16)]);
        assert_eq!((found.not_searched(), found.beginnings()), (3, vec![&b"1.2.3.4.5.6."[..]]));
    }

    #[test]
    fn one_is_found_whole_or_not_at_all() {
        let uids = uids(&["1.2.3.4.5.6.7.8"]);
        let wide: Vec<u8> = b"1.2.3.4.5.6.7.8".iter().flat_map(|byte| [*byte, 0]).collect();
        for (haystack, form, expected) in [
            (&b"1.2.3.4.5.6.7.8"[..], Form::Bytes, Some(15)),
            (b"1.2.3.4.5.6.7.8.", Form::Bytes, Some(15)),
            (b"1.2.3.4.5.6.7.8 ", Form::Bytes, Some(15)),
            (b"1.2.3.4.5.6.7.8.1", Form::Bytes, None),
            (b"1.2.3.4.5.6.7.81", Form::Bytes, None),
            (b"1.2.3.4.5.6.7", Form::Bytes, None),
            (&wide, Form::Wide, Some(29)),
            (&wide[..29], Form::Wide, Some(29)),
            (&[b'1'; 1000], Form::Bytes, None),
        ] {
            assert_eq!(uids.at(haystack, 0, form).filter(|(.., ends)| *ends).map(|(_, end, _)| end), expected);
        }
    }
}
