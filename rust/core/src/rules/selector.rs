//! What a rule is about: one tag, a repeating element, a private element in whichever block its creator has reserved,
//! all dates, or all private elements.

use core::fmt;

use crate::dictionary;
use crate::tag::Tag;
use crate::vr::Vr;

/// Which elements a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selector {
    /// The elements of one tag.
    Tag(Tag),
    /// A repeating element, such as (60xx,4000) in each of its groups (PS3.5 §7.6).
    Repeating(Repeating),
    /// A private element by its creator (PS3.5 §7.8.1).
    Private(Private),
    /// Every public element of VR DA or DT, as its header or the dictionary says (PS3.5 §6.2).
    Dates,
    /// Every private element, creators included (PS3.5 §7.8).
    AllPrivate,
}

/// A repeating element of the dictionary: every tag that the dictionary gives its keyword.
///
/// That is every even group that its mask covers: the sixteen from 6000 to 601E of today's standard, and those up to
/// 60FE, which older files have and other readers take for the same. Or every element of such groups: curves (50xx,xxxx)
/// and overlays (60xx,xxxx).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repeating {
    mask: u32,
    value: u32,
}

/// The bits that are the same in all elements of all repeating groups of one kind (PS3.5 §7.6).
const WHOLE_GROUPS: u32 = 0xFF00_0000;

/// A private element: its group, its creator, and its number in the block that the creator has reserved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Private {
    group: u16,
    creator: Box<str>,
    element: u8,
}

impl Repeating {
    /// The repeating element whose tags are `value` in the bits of `mask`; `None` where the dictionary has no such, and
    /// they are not those of all curves or all overlays.
    #[must_use]
    pub fn new(mask: u32, value: u32) -> Option<Self> {
        if mask == WHOLE_GROUPS && matches!(value, 0x5000_0000 | 0x6000_0000) {
            return Some(Self { mask, value });
        }
        let mut repeaters = dictionary::repeaters();
        repeaters.find(|(known, of, ..)| (*known, *of) == (mask, value)).map(|_| Self { mask, value })
    }

    /// The bits of a tag that are the same in all its tags.
    #[must_use]
    pub const fn mask(self) -> u32 {
        self.mask
    }

    /// What those bits are.
    #[must_use]
    pub const fn value(self) -> u32 {
        self.value
    }

    /// Its VR.
    pub(crate) fn vr(self) -> Option<Vr> {
        dictionary::repeaters()
            .find(|(mask, value, ..)| (*mask, *value) == (self.mask, self.value))
            .map(|(_, _, vr, _)| vr)
    }

    /// Whether it is every element of its groups, those that the dictionary does not have included.
    pub(crate) const fn is_of_whole_groups(self) -> bool {
        self.mask == WHOLE_GROUPS
    }

    /// Whether the mask covers `tag`. That may have an entry of its own in the dictionary, or be private.
    pub(crate) fn covers(self, tag: Tag) -> bool {
        u32::from(tag) & self.mask == self.value
    }

    /// Whether one of its tags is in `group`.
    pub(crate) fn covers_group(self, group: u16) -> bool {
        let [mask, value] = [self.mask, self.value].map(Tag::from);
        group & mask.group() == value.group()
    }
}

impl Private {
    /// The element (`group`,xx`element`) of `creator`.
    ///
    /// `None` where there is no such: the group is even, below 0009 or FFFF, or the creator is empty, longer than the
    /// 64 characters of an LO, or not of the printable ASCII that PS3.5 §7.8.1 asks for. Spaces around the creator
    /// don't count (PS3.5 §6.2).
    #[must_use]
    pub fn new(group: u16, creator: &str, element: u8) -> Option<Self> {
        const LONGEST: usize = 64;
        let creator = creator.trim_matches(' ');
        let is_name = (1..=LONGEST).contains(&creator.len())
            && creator.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'\\' | b'"'));
        let is_group = group % 2 == 1 && (0x0009..0xFFFF).contains(&group);
        (is_name && is_group).then(|| Self { group, creator: creator.into(), element })
    }

    /// The group, which is odd.
    #[must_use]
    pub const fn group(&self) -> u16 {
        self.group
    }

    /// Who has reserved the block.
    #[must_use]
    pub const fn creator(&self) -> &str {
        &self.creator
    }

    /// The lower byte of the element number.
    #[must_use]
    pub const fn element(&self) -> u8 {
        self.element
    }
}

impl From<Tag> for Selector {
    fn from(tag: Tag) -> Self {
        Self::Tag(tag)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Repeating(repeating) => repeating.fmt(f),
            Self::Private(private) => private.fmt(f),
            Self::Dates => f.write_str("dates"),
            Self::AllPrivate => f.write_str("private"),
        }
    }
}

/// As the standard writes it: (60xx,4000).
impl fmt::Display for Repeating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in 0..8_u32 {
            let shift = 28_u32.saturating_sub(place.saturating_mul(4));
            f.write_str(match place {
                0 => "(",
                4 => ",",
                _ => "",
            })?;
            match self.mask.wrapping_shr(shift) & 0xF {
                0 => f.write_str("x")?,
                _ => write!(f, "{:X}", self.value.wrapping_shr(shift) & 0xF)?,
            }
        }
        f.write_str(")")
    }
}

impl fmt::Display for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({:04X},\"{}\",{:02X})", self.group, self.creator, self.element)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_a_private_element() {
        let [most, long] = [64, 65].map(|length| "x".repeat(length));
        let shown_most = format!("(0029,\"{most}\",1A)");
        for (group, creator, shown) in [
            (0x0029, "SIEMENS CSA HEADER", Some("(0029,\"SIEMENS CSA HEADER\",1A)")),
            (0x0009, " ACME ", Some("(0009,\"ACME\",1A)")),
            (0x0029, &most, Some(&*shown_most)),
            (0x0028, "ACME", None),
            (0x0007, "ACME", None),
            (0xFFFF, "ACME", None),
            (0x0029, "  ", None),
            (0x0029, &long, None),
            (0x0029, "A\\B", None),
            (0x0029, "A\"B", None),
            (0x0029, "Å", None),
            (0x0029, "A\nB", None),
        ] {
            let made = Private::new(group, creator, 0x1A).map(|private| private.to_string());
            assert_eq!(made.as_deref(), shown, "{creator:?}");
        }
    }

    #[test]
    fn repeating_elements_are_those_of_the_dictionary() {
        let shown = |mask, value| Repeating::new(mask, value).map(|repeating| repeating.to_string());
        assert_eq!(shown(0xFF00_FFFF, 0x6000_4000).as_deref(), Some("(60xx,4000)"));
        assert_eq!(shown(0xFFFF_FF0F, 0x0028_0402).as_deref(), Some("(0028,04x2)"));
        assert_eq!(shown(0xFFFF_FF00, 0x0020_3100).as_deref(), Some("(0020,31xx)"));
        assert_eq!(shown(0xFF00_FFFF, 0x6000_4001), None);
        assert_eq!(shown(0, 0), None);
        assert_eq!(shown(0xFF00_0000, 0x5000_0000).as_deref(), Some("(50xx,xxxx)"));
        assert_eq!(shown(0xFF00_0000, 0x6000_0000).as_deref(), Some("(60xx,xxxx)"));
        assert_eq!(shown(0xFF00_0000, 0x7F00_0000), None);
        assert_eq!(shown(0xFF00_0000, 0x1000_0000), None);
        let overlays = Repeating::new(0xFF00_FFFF, 0x6000_4000).unwrap();
        assert_eq!((overlays.mask(), overlays.value()), (0xFF00_FFFF, 0x6000_4000));
    }
}
