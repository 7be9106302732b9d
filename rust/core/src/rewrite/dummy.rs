//! Dummies: values that are valid for their VR, and say nothing (PS3.15 §E.3; PS3.5 §6.2).

use super::fate::Fate;
use crate::dictionary;
use crate::padding::Padding;
use crate::plan::Action;
use crate::rules::unpadded;
use crate::tag::Tag;
use crate::vr::Vr;

/// What a value of `tag` becomes whose header states `vr`, and which has `length` bytes. A UID becomes a keyed one, so that
/// what refers to the same object still does; of none, none is made. Of several numbers, as many are left.
pub(super) fn dummy(tag: Tag, vr: Vr, length: u64) -> Fate {
    let known = if vr == Vr::UN { dictionary::vr(tag).unwrap_or(vr) } else { vr };
    if tag.is_pixel_data() {
        // As many as its rows and columns ask for.
        return Fate::Edited(Action::Pad(Padding::Nul));
    }
    match known {
        Vr::UI if length == 0 => Fate::Stays,
        Vr::UI => Fate::Edited(Action::Uid),
        // What is no sequence, though it should be one: there is no item that could be made a dummy.
        Vr::SQ => Fate::Emptied,
        known if number(known).is_some_and(|size| length > size && length.is_multiple_of(size)) => {
            Fate::Edited(Action::Pad(Padding::Nul))
        }
        known => Fate::Dummy(value(known)),
    }
}

/// How many bytes one of several numbers has (PS3.5 §6.2).
const fn number(vr: Vr) -> Option<u64> {
    match vr {
        Vr::SS | Vr::US => Some(2),
        Vr::AT | Vr::FL | Vr::SL | Vr::UL => Some(4),
        Vr::FD | Vr::SV | Vr::UV => Some(8),
        _ => None,
    }
}

/// Whether a value of `tag` is one of the standard's words for how an item hangs together, and says nothing of anybody: in
/// an item that becomes a dummy it stays, since no other fits what stands beside it.
pub(super) fn is_of_structure(tag: Tag, value: &[u8]) -> bool {
    STRUCTURE.iter().any(|(of, words)| *of == tag && words.contains(&unpadded(value)))
}

/// Whether values of `tag` are such words, and how many bytes the longest has.
pub(super) fn may_be_of_structure(tag: Tag, length: u64) -> bool {
    length <= LONGEST_WORD && STRUCTURE.iter().any(|(of, _)| *of == tag)
}

/// A CS has at most 16 characters (PS3.5 §6.2).
const LONGEST_WORD: u64 = 16;

/// Relationship Type, Value Type, Continuity of Content, Temporal Range Type, Graphic Type, with their enumerated values
/// and defined terms (PS3.3 §C.17.3, §C.18.6 to §C.18.9, §C.10.5).
const STRUCTURE: [(Tag, &[&[u8]]); 5] = [
    (
        Tag::new(0x0040, 0xA010),
        &[
            b"CONTAINS",
            b"HAS ACQ CONTEXT",
            b"HAS CONCEPT MOD",
            b"HAS OBS CONTEXT",
            b"HAS PROPERTIES",
            b"INFERRED FROM",
            b"SELECTED FROM",
        ],
    ),
    (
        Tag::new(0x0040, 0xA040),
        &[
            b"CODE",
            b"COMPOSITE",
            b"CONTAINER",
            b"DATE",
            b"DATETIME",
            b"IMAGE",
            b"NUM",
            b"PNAME",
            b"SCOORD",
            b"SCOORD3D",
            b"TABLE",
            b"TCOORD",
            b"TEXT",
            b"TIME",
            b"UIDREF",
            b"WAVEFORM",
        ],
    ),
    (Tag::new(0x0040, 0xA050), &[b"CONTINUOUS", b"SEPARATE"]),
    (Tag::new(0x0040, 0xA130), &[b"BEGIN", b"END", b"MULTIPOINT", b"MULTISEGMENT", b"POINT", b"SEGMENT"]),
    (
        Tag::new(0x0070, 0x0023),
        &[b"CIRCLE", b"ELLIPSE", b"ELLIPSOID", b"INTERPOLATED", b"MULTIPOINT", b"POINT", b"POLYGON", b"POLYLINE"],
    ),
];

/// Of even length, as all values are (PS3.5 §6.2).
const fn value(vr: Vr) -> &'static [u8] {
    match vr {
        Vr::DA => b"19000101",
        Vr::TM => b"000000",
        Vr::DT => b"19000101000000",
        Vr::AS => b"000Y",
        Vr::DS | Vr::IS => b"0 ",
        Vr::AE | Vr::CS | Vr::LO | Vr::LT | Vr::PN | Vr::SH | Vr::ST | Vr::UC | Vr::UT => b"DUMMY ",
        Vr::UR => b"urn:dummy ",
        Vr::OB | Vr::OW | Vr::SS | Vr::UN | Vr::US | Vr::SQ | Vr::UI => &[0; 2],
        Vr::AT | Vr::FL | Vr::OF | Vr::OL | Vr::SL | Vr::UL => &[0; 4],
        Vr::FD | Vr::OD | Vr::OV | Vr::SV | Vr::UV => &[0; 8],
    }
}

/// A code of no scheme that anybody else has: those that begin with 99 are private ones (PS3.3 §8.2).
pub(super) const CODE: [(Tag, Vr, &[u8]); 3] = [
    (Tag::new(0x0008, 0x0100), Vr::SH, b"DUMMY "),
    (Tag::new(0x0008, 0x0102), Vr::SH, b"99DUMMY "),
    (Tag::new(0x0008, 0x0104), Vr::LO, b"DUMMY "),
];

/// Whether the items of a sequence are codes (PS3.3 §8.8): the standard ends the names of such sequences so.
pub(super) fn is_of_codes(tag: Tag) -> bool {
    dictionary::keyword(tag).is_some_and(|keyword| keyword.ends_with("CodeSequence"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dummy_is_of_even_length_and_no_longer_than_its_vr_allows() {
        for (vr, _) in Vr::ALL {
            let value = value(vr);
            assert!(value.len().is_multiple_of(2) && !value.is_empty(), "{vr}");
            let text = value.trim_ascii_end();
            assert!(vr.longest().is_none_or(|(longest, _)| text.len() <= longest), "{vr}");
            let padding = value.strip_prefix(text).unwrap_or_default();
            assert!(padding.iter().all(|byte| *byte == vr.padding().byte()), "{vr}");
        }
        for (tag, vr, value) in CODE {
            assert_eq!((dictionary::vr(tag), value.len() % 2), (Some(vr), 0));
        }
    }

    #[test]
    fn words_of_structure_are_codes_of_the_standard() {
        for (tag, words) in STRUCTURE {
            assert_eq!(dictionary::vr(tag), Some(Vr::CS), "{tag}");
            assert!(words.is_sorted());
            for word in words {
                assert!(may_be_of_structure(tag, u64::try_from(word.len()).unwrap()));
                assert!(is_of_structure(tag, word) && !is_of_structure(Tag::new(0x0008, 0x0060), word));
            }
            assert!(!may_be_of_structure(tag, 18) && !is_of_structure(tag, b"DOE"));
        }
    }

    #[test]
    fn sequences_of_codes_are_known_by_their_names() {
        assert!(is_of_codes(Tag::new(0x0040, 0xA043))); // ConceptNameCodeSequence
        assert!(!is_of_codes(Tag::new(0x0040, 0xA730))); // ContentSequence
        assert!(!is_of_codes(Tag::new(0x0029, 0x1010)));
    }
}
