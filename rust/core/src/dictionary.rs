//! The data dictionary (PS3.6): the VR and the keyword of a public tag, and the tag of a keyword.
//!
//! `table.rs` is generated from pydicom's dictionary, which is the second opinion on every file. All of it is
//! constant data: no map is built when the program starts, and nothing is hashed.

use core::ops::Range;

use crate::tag::Tag;
use crate::vr::Vr;

mod repeater;
#[rustfmt::skip]
mod table;

use self::repeater::Repeater;
use self::table::{BY_KEYWORD, GROUP_STARTS, KEYWORDS, REPEATERS, TAGS, VRS};

/// The VR that the dictionary gives a tag; the first where it leaves a choice, as in "US or SS".
///
/// `None` for private and unknown tags, and for items and delimiters.
#[must_use]
#[inline]
pub fn vr(tag: Tag) -> Option<Vr> {
    if let Some(place) = place(tag) {
        return VRS.get(place).copied();
    }
    // Before the repeaters: pydicom's (1010,xxxx) would make (1010,0000) a US, against PS3.5 §7.2.
    if tag.is_group_length() && !tag.is_framing() {
        return Some(Vr::UL);
    }
    repeater(tag).map(|repeater| repeater.vr)
}

/// The keyword of a tag, such as `PatientName`.
#[must_use]
pub fn keyword(tag: Tag) -> Option<&'static str> {
    let keyword = match place(tag) {
        Some(place) => KEYWORDS.get(place).copied(),
        None if tag.is_group_length() => None,
        None => repeater(tag).map(|repeater| repeater.keyword),
    };
    keyword.filter(|keyword| !keyword.is_empty()) // a few retired elements have none
}

/// Whether the dictionary gives `tag` this VR: the first one where it leaves a choice, or OW beside OB, SS and OW
/// beside US, which are all the choices there are.
pub(crate) fn allows(tag: Tag, stated: Vr) -> bool {
    match (vr(tag), stated) {
        (Some(Vr::OB), Vr::OW) | (Some(Vr::US), Vr::SS | Vr::OW) => true,
        (known, _) => known == Some(stated),
    }
}

/// Whether a data set is likely to hold this public element; a group length, where its group is known. Repeating
/// elements are left out: (1000,xxxx) and (1010,xxxx) are what tags of group 0010 look like in the wrong byte order.
pub(crate) fn is_known(tag: Tag) -> bool {
    if tag.is_group_length() {
        let mut known = TAGS.get(places(tag.group())).unwrap_or_default().iter();
        return known.any(|known| Tag::from(*known).group() == tag.group());
    }
    place(tag).is_some()
}

/// Whether the dictionary has an entry for `tag`, a repeating one included, or it is a known group's length.
pub(crate) fn is_listed(tag: Tag) -> bool {
    is_known(tag) || (!tag.is_group_length() && repeater(tag).is_some())
}

/// The tag of a keyword, spelled exactly as in the standard. `None` for a repeating element, whose keyword has many
/// tags.
#[must_use]
pub fn tag(keyword: &str) -> Option<Tag> {
    let keyword_at = |place: &u16| KEYWORDS.get(usize::from(*place)).copied();
    let found = BY_KEYWORD.binary_search_by(|place| keyword_at(place).cmp(&Some(keyword))).ok()?;
    let place = BY_KEYWORD.get(found)?;
    TAGS.get(usize::from(*place)).copied().map(Tag::from)
}

/// Every element of the dictionary in the order of tags, with an empty keyword where it has none; no repeating ones.
pub fn entries() -> impl Iterator<Item = (Tag, Vr, &'static str)> {
    TAGS.iter().zip(&VRS).zip(&KEYWORDS).map(|((tag, vr), keyword)| (Tag::from(*tag), *vr, *keyword))
}

/// Every repeating element: the mask and what a tag has in it, VR and keyword.
pub fn repeaters() -> impl Iterator<Item = (u32, u32, Vr, &'static str)> {
    REPEATERS.iter().map(|repeater| (repeater.mask, repeater.value, repeater.vr, repeater.keyword))
}

/// Whether `tag` belongs to a repeating element: a mask covers it, and it has no entry of its own.
pub(crate) fn is_repeating(tag: Tag) -> bool {
    !tag.is_group_length() && place(tag).is_none() && repeater(tag).is_some()
}

/// Where a tag stands in the table. This runs for every element of an implicit VR file, so the group is looked up and
/// not searched, which leaves a search among that group's elements only.
#[inline] // the call would be 4 % of the instructions of such a file
fn place(tag: Tag) -> Option<usize> {
    let group = places(tag.group());
    let found = TAGS.get(group.clone())?.binary_search(&u32::from(tag)).ok()?;
    group.start.checked_add(found)
}

/// Where the elements of a group stand. The groups from 0x0100 on are few and small, and share one range.
fn places(group: u16) -> Range<usize> {
    let group = usize::from(group);
    match GROUP_STARTS.get(group..group.saturating_add(2)) {
        Some([start, end]) => usize::from(*start)..usize::from(*end),
        _ => GROUP_STARTS.last().map_or(0, |start| usize::from(*start))..TAGS.len(),
    }
}

/// The repeating element that a public tag belongs to. Odd groups are private, also where a mask covers them.
fn repeater(tag: Tag) -> Option<&'static Repeater> {
    let number = u32::from(tag);
    if tag.is_private() {
        return None;
    }
    REPEATERS.iter().find(|repeater| number & repeater.mask == repeater.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tag, VR and keyword. What the table says beside pydicom's is compared in `tests/test_dictionary.py`.
    #[test]
    fn a_tag_has_a_vr_and_a_keyword() {
        let rows = [
            (0x0000_0000, Some(Vr::UL), Some("CommandGroupLength")), // the first entry
            (0x0002_0010, Some(Vr::UI), Some("TransferSyntaxUID")),
            (0x0008_0005, Some(Vr::CS), Some("SpecificCharacterSet")),
            (0x0010_0010, Some(Vr::PN), Some("PatientName")),
            (0x0010_0011, None, None), // a gap in a known group
            (0x0011_0010, None, None), // private
            (0x0028_0106, Some(Vr::US), Some("SmallestImagePixelValue")), // "US or SS"
            (0x0040_A730, Some(Vr::SQ), Some("ContentSequence")),
            (0x7FE0_0010, Some(Vr::OB), Some("PixelData")), // "OB or OW", and not the repeater (7Fxx,0010)
            (0xFFFA_FFFA, Some(Vr::SQ), Some("DigitalSignaturesSequence")), // above every indexed group
            (0xFFFC_FFFC, Some(Vr::OB), Some("DataSetTrailingPadding")), // the last entry
            (0x0008_0202, Some(Vr::OB), None),              // an entry without a keyword
            (0x6002_3000, Some(Vr::OB), Some("OverlayData")), // (60xx,3000)
            (0x0020_3142, Some(Vr::CS), Some("SourceImageIDs")), // (0020,31xx)
            (0x6001_3000, None, None),                      // the same mask in a private group
            (0x0012_0000, Some(Vr::UL), None),              // a group length without an entry
            (0x0029_0000, Some(Vr::UL), None),              // a private group's
            (0x1010_0000, Some(Vr::UL), None),              // not the repeater (1010,xxxx)
            (0xFFFE_E000, None, None),                      // an item
            (0xFFFE_0000, None, None),
            (0xFFFF_FFFF, None, None),
        ];
        for (number, vr, keyword) in rows {
            let tag = Tag::from(number);
            assert_eq!((tag, super::vr(tag), super::keyword(tag)), (tag, vr, keyword));
        }
    }

    /// A tag, and the VRs among these that it may have.
    #[test]
    fn a_choice_of_vrs_is_allowed_and_no_other() {
        const ASKED: [Vr; 7] = [Vr::OB, Vr::OW, Vr::US, Vr::SS, Vr::PN, Vr::UN, Vr::SQ];
        let rows: [(u32, &[Vr]); 8] = [
            (0x7FE0_0010, &[Vr::OB, Vr::OW]),
            (0x0028_0106, &[Vr::OW, Vr::US, Vr::SS]), // "US or SS"
            (0x0028_3006, &[Vr::OW, Vr::US, Vr::SS]), // "US or OW"
            (0x6000_3000, &[Vr::OB, Vr::OW]),         // "OB or OW"
            (0x0010_0010, &[Vr::PN]),
            (0x0040_A730, &[Vr::SQ]),
            (0x0010_0011, &[]), // a gap
            (0x0029_1010, &[]), // private
        ];
        for (number, expected) in rows {
            let allowed: Vec<_> = ASKED.into_iter().filter(|vr| allows(Tag::from(number), *vr)).collect();
            assert_eq!((Tag::from(number), &allowed[..]), (Tag::from(number), expected));
        }
    }

    #[test]
    fn a_keyword_has_a_tag() {
        let rows = [
            ("PatientName", Some(0x0010_0010)),
            ("AcquisitionDate", Some(0x0008_0022)),
            ("ZoomFactor", Some(0x0028_0031)),
            ("patientname", None), // no guessing
            ("PatientNam", None),
            ("OverlayData", None), // of sixteen groups
            ("", None),
        ];
        for (keyword, number) in rows {
            assert_eq!((keyword, tag(keyword)), (keyword, number.map(Tag::from)));
        }
    }

    #[test]
    fn every_entry_is_found_by_its_tag_and_by_its_keyword() {
        let mut before = None;
        for (tag, vr, keyword) in entries() {
            assert!(before < Some(tag), "{tag} is out of order");
            assert_eq!(
                (tag, super::vr(tag), super::keyword(tag)),
                (tag, Some(vr), Some(keyword).filter(|k| !k.is_empty()))
            );
            assert!(keyword.is_empty() || super::tag(keyword) == Some(tag), "{tag} is not found by its keyword");
            before = Some(tag);
        }
        assert_eq!(entries().count(), TAGS.len());
    }
}
