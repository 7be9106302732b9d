//! Dummies: values that are valid for their VR, and say nothing (PS3.15 §E.3; PS3.5 §6.2).

use super::fate::Fate;
use crate::dictionary;
use crate::padding::Padding;
use crate::plan::Action;
use crate::tag::Tag;
use crate::vr::Vr;

/// What a value of `tag` becomes whose header states `vr`: `is_empty` where it has no bytes. A UID becomes a keyed one,
/// so that what refers to the same object still does; of none, none is made.
pub(super) fn dummy(tag: Tag, vr: Vr, is_empty: bool) -> Fate {
    let known = if vr == Vr::UN { dictionary::vr(tag).unwrap_or(vr) } else { vr };
    if tag.is_pixel_data() {
        // As many as its rows and columns ask for.
        return Fate::Edited(Action::Pad(Padding::Nul));
    }
    match known {
        Vr::UI if is_empty => Fate::Stays,
        Vr::UI => Fate::Edited(Action::Uid),
        // What is no sequence, though it should be one: there is no item that could be made a dummy.
        Vr::SQ => Fate::Emptied,
        known => Fate::Dummy(value(known)),
    }
}

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
    fn sequences_of_codes_are_known_by_their_names() {
        assert!(is_of_codes(Tag::new(0x0040, 0xA043))); // ConceptNameCodeSequence
        assert!(!is_of_codes(Tag::new(0x0040, 0xA730))); // ContentSequence
        assert!(!is_of_codes(Tag::new(0x0029, 0x1010)));
    }
}
