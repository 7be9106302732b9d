//! Elements, items and lengths, as bytes (PS3.5 §7.1).

use crate::element::Element;
use crate::error::ErrorKind;
use crate::span::size_of_slice;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;

/// Adds an element of defined length.
pub(crate) fn element(tag: Tag, vr: Vr, value: &[u8], syntax: Syntax, bytes: &mut Vec<u8>) -> Result<(), ErrorKind> {
    bytes.extend(tag_bytes(tag, syntax));
    let is_long = syntax == Syntax::ImplicitLittle || vr.has_long_length();
    if syntax != Syntax::ImplicitLittle {
        bytes.extend(vr.letters());
        if is_long {
            bytes.extend([0; 2]); // reserved
        }
    }
    let width = if is_long { Width::Four } else { Width::Two };
    width.write(size_of_slice(value), syntax, bytes)?;
    bytes.extend(value);
    Ok(())
}

/// Adds an item of defined length, with what is in it.
pub(crate) fn framing(tag: Tag, inside: &[u8], syntax: Syntax, bytes: &mut Vec<u8>) -> Result<(), ErrorKind> {
    bytes.extend(tag_bytes(tag, syntax));
    Width::Four.write(size_of_slice(inside), syntax, bytes)?;
    bytes.extend(inside);
    Ok(())
}

fn tag_bytes(tag: Tag, syntax: Syntax) -> impl Iterator<Item = u8> {
    [tag.group(), tag.element()].into_iter().flat_map(move |half| match syntax {
        Syntax::ExplicitBig => half.to_be_bytes(),
        Syntax::ImplicitLittle | Syntax::ExplicitLittle => half.to_le_bytes(),
    })
}

/// How many bytes a length has: its last one stands directly before the value (PS3.5 §7.1, §7.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    Two,
    Four,
}

impl Width {
    /// That of an element, or item.
    pub(crate) fn of(element: &Element) -> Self {
        let is_short =
            element.syntax != Syntax::ImplicitLittle && element.header.len() == 8 && !element.tag.is_framing();
        if is_short { Self::Two } else { Self::Four }
    }

    pub(crate) const fn bytes(self) -> u64 {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// Adds a length.
    ///
    /// # Errors
    /// [`ErrorKind::LengthTooLarge`]; the largest number of 32 bits stands for an undefined length.
    pub(crate) fn write(self, length: u64, syntax: Syntax, bytes: &mut Vec<u8>) -> Result<(), ErrorKind> {
        let is_big = syntax == Syntax::ExplicitBig;
        match self {
            Self::Two => {
                let length = u16::try_from(length).map_err(|_| ErrorKind::LengthTooLarge)?;
                bytes.extend(if is_big { length.to_be_bytes() } else { length.to_le_bytes() });
            }
            Self::Four => {
                let length = u32::try_from(length).ok().filter(|length| *length != u32::MAX);
                let length = length.ok_or(ErrorKind::LengthTooLarge)?;
                bytes.extend(if is_big { length.to_be_bytes() } else { length.to_le_bytes() });
            }
        }
        Ok(())
    }
}
