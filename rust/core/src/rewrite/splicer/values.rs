//! What becomes of one value: an edit, or a splice.

use super::{Said, Splicer};
use crate::element::Element;
use crate::encode::Width;
use crate::error::ErrorKind;
use crate::padding::Padding;
use crate::plan::{Action, Edit, Owner};
use crate::resolve::mapped;
use crate::rewrite::fate::{Fate, is_repeated};
use crate::rewrite::frame::padding;
use crate::rewrite::splice::{About, Done};
use crate::rules::Number;
use crate::source::{MAX_LEND, Source};
use crate::span::{Span, size_of_slice};
use crate::walk::Walker;

impl Splicer<'_> {
    /// Takes a value whose fate no table decides.
    pub(super) fn value(&mut self, element: &Element, value: Span, fate: Fate, about: About) -> Result<(), ErrorKind> {
        if fate == Fate::Gone {
            return Ok(());
        }
        self.note(element, value, fate)?;
        let padding = padding(about);
        match fate {
            Fate::Stays | Fate::Gone | Fate::DummyCode | Fate::Mapped(_) => {}
            Fate::Edited(action) => {
                let length = u32::try_from(value.len()).ok().filter(|length| *length > 0);
                if let Some(length) = length {
                    self.edits.push(Edit::new(about.tag, about.vr, value.start(), length, about.item, action));
                }
            }
            Fate::Removed => {
                let whole = Span::between(element.header.start(), value.end()).unwrap_or(value);
                let grows = self.splices.push(whole, about, Done::Remove, |_| Ok(()))?;
                self.grow(grows);
            }
            Fate::Emptied if value.is_empty() => {}
            Fate::Emptied => self.replace(element, value, about, (Done::Empty, &[], padding))?,
            Fate::Dummy(bytes) => self.replace(element, value, about, (Done::Dummy, bytes, padding))?,
            Fate::Set(number) => {
                let rules = self.rules;
                let text = rules.text(number).ok_or(ErrorKind::NotInTable)?;
                self.replace(element, value, about, (Done::Set(number), text.bytes(), padding))?;
            }
        }
        Ok(())
    }

    /// A value becomes what a table has for it.
    pub(super) fn map<S: Source>(
        &mut self,
        element: &Element,
        value: Span,
        number: Number,
        about: About,
        walker: &mut Walker<'_, S>,
    ) -> Result<(), ErrorKind> {
        self.note(element, value, Fate::Mapped(number))?;
        let table = self.rules.table(number).ok_or(ErrorKind::NotInTable)?;
        let old = whole(walker, value)?;
        let new = mapped(table, &old, element.vr).ok_or(ErrorKind::NotInTable)?;
        self.replace(element, value, about, (Done::Map(number), &new, padding(about)))
    }

    /// Notes what a value tells of the whole.
    fn note(&mut self, element: &Element, value: Span, fate: Fate) -> Result<(), ErrorKind> {
        self.repeat(element, value, fate);
        if self.open.is_empty() && self.rules.ask_owner(element.tag) {
            self.spend()?;
            let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
            self.owners.push(Owner { tag: element.tag, record: None, start: value.start(), length });
        }
        Ok(())
    }

    /// A value becomes `new`, padded to an even length.
    fn replace(
        &mut self,
        element: &Element,
        value: Span,
        about: About,
        (done, new, padding): (Done, &[u8], Padding),
    ) -> Result<(), ErrorKind> {
        let width = Width::of(element);
        let start = value.start().saturating_sub(width.bytes());
        let span = Span::between(start, value.end()).ok_or(ErrorKind::OtherResult)?;
        let odd = size_of_slice(new) % 2;
        let grows = self.splices.push(span, about, done, |bytes| {
            width.write(size_of_slice(new).saturating_add(odd), element.syntax, bytes)?;
            bytes.extend(new);
            bytes.extend((0..odd).map(|_| padding.byte()));
            Ok(())
        })?;
        self.grow(grows);
        Ok(())
    }

    /// Notes what the file meta information has to repeat.
    fn repeat(&mut self, element: &Element, value: Span, fate: Fate) {
        if !(self.open.is_empty() && is_repeated(element.tag)) {
            return;
        }
        let said = match fate {
            Fate::Stays => Said::Source(value),
            Fate::Edited(Action::Pad(_)) => Said::Nothing,
            Fate::Edited(_) => Said::Edit(self.edits.len()),
            Fate::Set(number) => Said::Text(number),
            _ => Said::Nothing,
        };
        let place = if element.tag.element() == 0x0016 { &mut self.class } else { &mut self.instance };
        place.get_or_insert(said);
    }
}

/// All of a value.
fn whole<S: Source>(walker: &mut Walker<'_, S>, value: Span) -> Result<zeroize::Zeroizing<Vec<u8>>, ErrorKind> {
    /// No table has longer values.
    const LONGEST: u64 = 1024 * 1024;
    if value.len() > LONGEST {
        return Err(ErrorKind::NotInTable);
    }
    let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(usize::try_from(value.len()).unwrap_or_default()));
    for piece in value.pieces(MAX_LEND) {
        bytes.extend_from_slice(walker.lend(piece).map_err(|_| ErrorKind::Unreadable)?);
    }
    Ok(bytes)
}
