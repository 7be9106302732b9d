//! Elements that are added to a data set, as bytes (PS3.5 §7.1).

use crate::element::Element;
use crate::error::ErrorKind;
use crate::rules::{Content, Insert};
use crate::span::size_of_slice;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;

impl Insert {
    /// Adds it to `bytes`, as it is written in `syntax`.
    pub(super) fn write(&self, syntax: Syntax, bytes: &mut Vec<u8>) -> Result<(), ErrorKind> {
        match &self.content {
            Content::Value(value) => element(self.tag, self.vr, value, syntax, bytes),
            Content::Items(items) => {
                let mut inside = Vec::new();
                for item in items {
                    let mut elements = Vec::new();
                    item.iter().try_for_each(|element| element.write(syntax, &mut elements))?;
                    framing(Tag::ITEM, &elements, syntax, &mut inside)?;
                }
                element(self.tag, self.vr, &inside, syntax, bytes)
            }
        }
    }
}

/// Adds an element of defined length.
pub(super) fn element(tag: Tag, vr: Vr, value: &[u8], syntax: Syntax, bytes: &mut Vec<u8>) -> Result<(), ErrorKind> {
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
pub(super) fn framing(tag: Tag, inside: &[u8], syntax: Syntax, bytes: &mut Vec<u8>) -> Result<(), ErrorKind> {
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
pub(super) enum Width {
    Two,
    Four,
}

impl Width {
    /// That of an element, or item.
    pub(super) fn of(element: &Element) -> Self {
        let is_short =
            element.syntax != Syntax::ImplicitLittle && element.header.len() == 8 && !element.tag.is_framing();
        if is_short { Self::Two } else { Self::Four }
    }

    pub(super) const fn bytes(self) -> u64 {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// Adds a length.
    ///
    /// # Errors
    /// [`ErrorKind::LengthTooLarge`]; the largest number of 32 bits stands for an undefined length.
    pub(super) fn write(self, length: u64, syntax: Syntax, bytes: &mut Vec<u8>) -> Result<(), ErrorKind> {
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
