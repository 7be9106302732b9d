//! Data element tags (PS3.5 §7.1.1) and the few that have a meaning for the walk.

use core::fmt;

/// A data element tag: group and element number. Ordered as a data set orders its elements.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u32);

impl Tag {
    /// (FFFE,E000), opens an item (PS3.5 §7.5).
    pub const ITEM: Self = Self::new(0xFFFE, 0xE000);
    /// (FFFE,E00D), ends an item of undefined length (PS3.5 §7.5).
    pub const ITEM_DELIMITER: Self = Self::new(0xFFFE, 0xE00D);
    /// (FFFE,E0DD), ends a sequence or fragments of undefined length (PS3.5 §7.5).
    pub const SEQUENCE_DELIMITER: Self = Self::new(0xFFFE, 0xE0DD);
    /// (7FE0,0010) Pixel Data (PS3.3 §C.7.6.3).
    pub const PIXEL_DATA: Self = Self::new(0x7FE0, 0x0010);
    /// (0002,0003) Media Storage SOP Instance UID (PS3.10 §7.1).
    pub const MEDIA_STORAGE_SOP_INSTANCE_UID: Self = Self::new(0x0002, 0x0003);
    /// (0010,0020) Patient ID (PS3.3 §C.7.1.1).
    pub const PATIENT_ID: Self = Self::new(0x0010, 0x0020);
    /// (0020,000D) Study Instance UID (PS3.3 §C.7.2.1).
    pub const STUDY_INSTANCE_UID: Self = Self::new(0x0020, 0x000D);
    /// (0004,1200) Offset of the First Directory Record of the Root Directory Entity (PS3.3 §F.3.2.1).
    pub(crate) const FIRST_RECORD: Self = Self::new(0x0004, 0x1200);
    /// (0004,1220) Directory Record Sequence (PS3.3 §F.3.2.1).
    pub(crate) const RECORDS: Self = Self::new(0x0004, 0x1220);
    /// (0004,1400) Offset of the Next Directory Record (PS3.3 §F.3.2.2).
    pub(crate) const NEXT_RECORD: Self = Self::new(0x0004, 0x1400);
    /// (0004,1420) Offset of Referenced Lower-Level Directory Entity (PS3.3 §F.3.2.2).
    pub(crate) const LOWER_RECORD: Self = Self::new(0x0004, 0x1420);
    /// (0004,1430) Directory Record Type (PS3.3 §F.3.2.2).
    pub(crate) const RECORD_TYPE: Self = Self::new(0x0004, 0x1430);
    /// (0040,A730) Content Sequence (PS3.3 §C.17.3).
    pub(crate) const CONTENT_SEQUENCE: Self = Self::new(0x0040, 0xA730);
    /// (0002,0010) Transfer Syntax UID (PS3.10 §7.1).
    pub const TRANSFER_SYNTAX_UID: Self = Self::new(0x0002, 0x0010);

    /// The tag (`group`,`element`).
    #[must_use]
    #[allow(clippy::as_conversions)] // widening, and `u32::from` is not const
    pub const fn new(group: u16, element: u16) -> Self {
        Self(((group as u32) << 16) | element as u32)
    }

    /// The group number.
    #[must_use]
    #[allow(clippy::as_conversions, clippy::cast_possible_truncation)] // the upper half, which is 16 bits
    pub const fn group(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// The element number.
    #[must_use]
    #[allow(clippy::as_conversions)] // masked to 16 bits
    pub const fn element(self) -> u16 {
        (self.0 & 0xFFFF) as u16
    }

    /// Whether the group is odd: a private element (PS3.5 §7.8).
    #[must_use]
    pub const fn is_private(self) -> bool {
        self.group() & 1 == 1
    }

    /// Whether it is likely the tag of a private element: its number is one that PS3.5 §7.8.1 gives to private
    /// elements, and its four bytes are no text. Where a length is wrong, letters of a value are read as a tag.
    pub(crate) fn is_likely_private(self) -> bool {
        let is_text = |byte: &u8| *byte == 0 || matches!(byte, b' '..=b'~');
        let is_private = self.is_private() && !self.is_framing() && matches!(self.element(), 0x10..=0xFF | 0x1000..);
        is_private && !self.0.to_be_bytes().iter().all(is_text)
    }

    /// (gggg,0000): a group length (PS3.5 §7.2). It counts bytes, so it is structure and never blanked.
    #[must_use]
    pub const fn is_group_length(self) -> bool {
        self.element() == 0
    }

    /// Group FFFE: items and delimiters, which frame values and have none of their own (PS3.5 §7.5). Group FFFF, too:
    /// no element may use it (PS3.5 §7.8.1), and bytes of 0xFF must not read as an element.
    #[must_use]
    pub const fn is_framing(self) -> bool {
        self.group() >= 0xFFFE
    }

    /// Pixel Data, Float Pixel Data, Double Float Pixel Data (PS3.3 §C.7.6.3, §C.7.6.24, §C.7.6.25).
    #[must_use]
    pub const fn is_pixel_data(self) -> bool {
        matches!(self.0, 0x7FE0_0008 | 0x7FE0_0009 | 0x7FE0_0010)
    }
}

impl From<u32> for Tag {
    /// From the number 0xGGGGEEEE.
    fn from(number: u32) -> Self {
        Self(number)
    }
}

impl From<Tag> for u32 {
    fn from(tag: Tag) -> Self {
        tag.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({:04X},{:04X})", self.group(), self.element())
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One step of a [`TagPath`]: a tag and, where the path goes on below it, the item's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The element's tag.
    pub tag: Tag,
    /// The item of the sequence that the path goes through, counted from 0 as pydicom does.
    pub item: Option<u32>,
}

/// The way to an element through the sequences that hold it: `(0040,A730)[2].(0010,0010)`.
///
/// Built for errors and on request only: the walk allocates nothing for an element. `{}` shows a deep one by its ends,
/// for people; `{:#}` has every step, for programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagPath(Vec<Step>);

impl TagPath {
    /// The steps, outermost first.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl FromIterator<Step> for TagPath {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl fmt::Display for TagPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// A path deeper than this is shown by its ends: a message is for people to read.
        const SHOWN: usize = 8;
        let hidden = if f.alternate() { 0 } else { self.0.len().saturating_sub(SHOWN.saturating_mul(2)) };
        for (place, step) in self.0.iter().enumerate() {
            if hidden > 0 && place == SHOWN {
                write!(f, ".({hidden} more)")?;
            }
            if (SHOWN..SHOWN.saturating_add(hidden)).contains(&place) {
                continue;
            }
            if place > 0 {
                f.write_str(".")?;
            }
            write!(f, "{}", step.tag)?;
            if let Some(item) = step.item {
                write!(f, "[{item}]")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_and_kinds() {
        let tag = Tag::new(0x0029, 0x1010);
        assert_eq!((tag.group(), tag.element(), u32::from(tag)), (0x0029, 0x1010, 0x0029_1010));
        assert!(tag.is_private() && !tag.is_group_length() && !tag.is_framing());
        assert!(Tag::new(0x0008, 0x0000).is_group_length());
        assert!(Tag::ITEM.is_framing() && Tag::new(0x7FE0, 0x0010).is_pixel_data());
        assert!(!Tag::new(0x7FE0, 0x0001).is_pixel_data());
        assert_eq!(format!("{tag:?}"), "(0029,1010)");
    }

    #[test]
    fn letters_and_nuls_are_hardly_ever_a_private_tag() {
        for (tag, is_likely) in [
            (Tag::new(0x0029, 0x1010), true),
            (Tag::new(0x2929, 0x1010), true),
            (Tag::new(0x0029, 0x0010), true),
            (Tag::new(0x0029, 0x0100), false), // no number of a private element
            (Tag::new(0x0028, 0x1010), false),
            (Tag::new(0x4141, 0x4141), false),
            (Tag::new(0x4141, 0x4100), false),
            (Tag::new(0x0041, 0x0041), false),
            (Tag::new(0xFFFF, 0x1010), false),
        ] {
            assert_eq!((tag, tag.is_likely_private()), (tag, is_likely));
        }
    }

    #[test]
    fn a_long_path_shows_its_ends_to_people_and_all_to_programs() {
        let steps = |depth: u32| {
            (0..depth).map(|item| Step { tag: Tag::new(0x0040, 0xA730), item: Some(item) }).collect::<TagPath>()
        };
        let path = |depth| steps(depth).to_string();
        assert_eq!(path(2), "(0040,A730)[0].(0040,A730)[1]");
        assert!(path(16).matches("A730").count() == 16 && !path(16).contains("more"));
        assert!(path(300).contains("[7].(284 more).(0040,A730)[292]") && path(300).ends_with("[299]"));
        let whole = (0..300).map(|item| format!("(0040,A730)[{item}]")).collect::<Vec<_>>().join(".");
        assert_eq!((format!("{:#}", steps(300)), format!("{:#}", steps(2))), (whole, path(2)));
    }
}
