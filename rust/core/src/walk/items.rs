//! Items, fragments and delimiters: everything of group FFFE (PS3.5 §7.5, §A.4).

use super::frame::{Ends, Frame, Kind};
use super::{Walker, ZERO};
use crate::element::{Body, Event};
use crate::error::{ErrorKind, RawError};
use crate::header::{self, Header, Length, past_end, take};
use crate::reading;
use crate::source::Source;
use crate::span::Span;
use crate::tag::Tag;
use crate::vr::Vr;
use crate::warning::Warning;

impl<S: Source> Walker<'_, S> {
    /// A header of group FFFE in a data set or item (PS3.5 §7.5).
    pub(super) fn framing(&mut self, header: Header) -> Result<Option<Event>, RawError> {
        let at = self.position;
        match header.tag {
            Tag::ITEM => Err(ErrorKind::ItemOutsideSequence.at(at)),
            Tag::ITEM_DELIMITER if self.top.ends == Ends::AtDelimiter => {
                self.end_at_delimiter(header)?;
                Ok(None)
            }
            // In an item of undefined length, a sequence delimiter may be a second one of a sequence in it, or stand
            // for the item's own, which is missing. pydicom reads on in the item, and so do we: every element behind it
            // is still met.
            Tag::ITEM_DELIMITER | Tag::SEQUENCE_DELIMITER => self.stray(header).map(Some),
            _ if self.is_unknown_tail()? => Ok(None),
            _ => Err(ErrorKind::UnknownFraming.at(at)),
        }
    }

    /// The current item of a sequence, or the delimiter that ends it (PS3.5 §7.5).
    pub(super) fn item(&mut self) -> Result<Option<Event>, RawError> {
        let (at, frame) = (self.position, self.top);
        self.budget.spend().map_err(|kind| kind.at(at))?;
        let header = header::implicit(take(self.source, at, frame.end)?, frame.syntax);
        match header.tag {
            Tag::ITEM => self.begin_item(header).map(Some),
            Tag::SEQUENCE_DELIMITER if frame.ends == Ends::AtDelimiter => {
                self.end_at_delimiter(header)?;
                Ok(None)
            }
            Tag::ITEM_DELIMITER | Tag::SEQUENCE_DELIMITER => self.stray(header).map(Some),
            _ => Err(ErrorKind::NotAnItem.at(at)),
        }
    }

    pub(super) fn begin_item(&mut self, header: Header) -> Result<Event, RawError> {
        self.top.items = self.top.items.saturating_add(1);
        let (at, mut frame) = (self.position, self.top);
        let value = at.saturating_add(header.size);
        let (end, ends) = match header.length {
            Length::Defined(length) => (value.saturating_add(u64::from(length)), Ends::AtLength),
            Length::Undefined => (frame.end, Ends::AtDelimiter),
        };
        if end > frame.end {
            return Err(past_end(self.source, frame.end).at(at));
        }
        let element = self.here(header, Vr::UN, Span::of_value(value, 0), Body::Item(header.length));
        let syntax = match take(self.source, value, end) {
            Ok(raw) if frame.is_mixed || !reading::is_ordinary_item(raw, frame.syntax, frame.is_tried) => {
                reading::item_syntax(&mut self.look(), value, end, frame.syntax, raw)?
            }
            Err(error) if error.kind == ErrorKind::Unreadable => return Err(error),
            // Fewer than 8 bytes are no element, or an error that reading the header will report.
            Ok(_) | Err(_) => frame.syntax,
        };
        frame.is_mixed |= syntax != frame.syntax;
        self.outer.push(frame);
        self.top = Frame { kind: Kind::Item, syntax, end, ends, ..frame };
        self.position = value;
        Ok(Event::Element(element))
    }

    /// The current fragment, or the delimiter that ends them (PS3.5 §A.4).
    pub(super) fn fragment(&mut self) -> Result<Option<Event>, RawError> {
        let (at, frame) = (self.position, self.top);
        self.budget.spend().map_err(|kind| kind.at(at))?;
        let may_be_cut = self.outer.len() == 1 && frame.end == self.size;
        if may_be_cut && frame.end.saturating_sub(at) < 8 {
            self.end_undelimited_fragments(Warning::PixelDataCutShort)?;
            return Ok(None);
        }
        let header = header::implicit(take(self.source, at, frame.end)?, frame.syntax);
        let length = match (header.tag, header.length) {
            (Tag::ITEM, Length::Defined(length)) => length,
            (Tag::ITEM, Length::Undefined) => return Err(ErrorKind::UndefinedLength.at(at)),
            (Tag::SEQUENCE_DELIMITER, _) => {
                self.end_at_delimiter(header)?;
                return Ok(None);
            }
            (ZERO, Length::Defined(0)) if may_be_cut && self.is_zero_from(at)? => {
                self.warnings.add(Warning::TrailingZeros);
                self.end_undelimited_fragments(Warning::FragmentsWithoutDelimiter)?;
                return Ok(None);
            }
            _ => return Err(ErrorKind::NotAnItem.at(at)),
        };
        self.top.items = self.top.items.saturating_add(1);
        let mut value = Span::of_value(at.saturating_add(header.size), length);
        let is_cut = value.end() > frame.end;
        if is_cut {
            if !may_be_cut {
                return Err(past_end(self.source, frame.end).at(at));
            }
            value = Span::between(value.start(), frame.end).unwrap_or(value);
        }
        let element = self.pass_as(header, Vr::OB, value, Body::Fragment(value));
        self.last = (frame.tag, value);
        if is_cut {
            self.end_undelimited_fragments(Warning::PixelDataCutShort)?;
        }
        Ok(Some(Event::Element(element)))
    }

    /// Ends fragments with the file, for the reason of `warning`. Some readers look for the bytes of a delimiter then,
    /// from the first fragment on, and take what is behind it for elements: so there must be none.
    #[cold]
    pub(super) fn end_undelimited_fragments(&mut self, warning: Warning) -> Result<(), RawError> {
        let start = self.top.start;
        // A delimiter that ends the file has nothing behind it.
        let searched = Span::between(start, self.size.saturating_sub(5)).unwrap_or(Span::of_value(start, 0));
        let delimiter = header::delimiter(self.top.syntax);
        if self.look().any_four(searched, |bytes| bytes == delimiter)? {
            return Err(ErrorKind::AmbiguousFragments.at(start));
        }
        self.warnings.add(warning);
        self.position = self.size;
        self.close();
        Ok(())
    }

    /// The current delimiter ends the frame.
    pub(super) fn end_at_delimiter(&mut self, header: Header) -> Result<(), RawError> {
        self.check_delimiter(header)?;
        self.close();
        self.position = self.position.saturating_add(header.size);
        Ok(())
    }

    /// The current delimiter ends nothing.
    pub(super) fn stray(&mut self, header: Header) -> Result<Event, RawError> {
        self.check_delimiter(header)?;
        self.warnings.add(Warning::StrayDelimiters);
        Ok(Event::Element(self.pass_as(
            header,
            Vr::UN,
            Span::of_value(self.position.saturating_add(header.size), 0),
            Body::StrayDelimiter,
        )))
    }

    /// A delimiter's length is zero (PS3.5 §7.5): behind another one a value could hide.
    pub(super) fn check_delimiter(&mut self, header: Header) -> Result<(), RawError> {
        match header.length {
            Length::Defined(0) => Ok(()),
            Length::Defined(_) => Err(ErrorKind::DelimiterWithLength.at(self.position)),
            // At the end of the file there is nothing that it could be the length of.
            Length::Undefined if self.position.saturating_add(header.size) == self.size => {
                self.warnings.add(Warning::DelimiterOfUndefinedLength);
                Ok(())
            }
            Length::Undefined => Err(ErrorKind::UndefinedLength.at(self.position)),
        }
    }

    /// Whether the rest of the data set begins with a tag of group FFFF and holds no listed tag: then no reader can
    /// find anything in it.
    #[cold]
    fn is_unknown_tail(&mut self) -> Result<bool, RawError> {
        /// What some writers put there is short.
        const LONGEST: u64 = 64;
        let (at, end) = (self.position, self.size);
        let rest = Span::between(at, end).filter(|rest| rest.len() <= LONGEST);
        let Some(rest) = rest.filter(|_| self.top.kind == Kind::DataSet) else { return Ok(false) };
        let syntax = self.top.syntax;
        let raw = self.look().peek::<8>(at, end)?;
        let is_unknown = raw.is_some_and(|raw| header::tag(raw, syntax).group() == 0xFFFF);
        if !is_unknown || self.look().holds_listed(rest)? {
            return Ok(false);
        }
        self.warnings.add(Warning::UnknownTail);
        self.position = end;
        Ok(true)
    }
}
