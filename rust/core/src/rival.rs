//! Rival readings: which listed elements the same bytes would show, read in another way.
//!
//! A reader that takes another way than the walk does may go astray and still show what it comes to on the way. So a rival is followed for
//! as long as it can be. It is no danger only where it comes to nothing that is listed, or where the walk comes to the same element. One way
//! can part into several, since readers differ in how long a value of an unknown VR is.

use std::collections::BTreeSet;

use crate::claims::Shown;
use crate::dictionary;
use crate::error::{ErrorKind, RawError};
use crate::form::Form;
use crate::header::{self, Header, Length};
use crate::look::Look;
use crate::source::Source;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;

/// How many ways a rival may have before it at once, and how many listed elements it may come to: two megabytes. Files that were not made for it
/// have a few.
const MOST: u64 = 64 * 1024;

/// The listed elements that elements written in `form` which begin at `at` come to before `end`. They are in a frame that the walk takes to be
/// written in `around`.
pub(crate) fn shown<S: Source>(
    look: &mut Look<'_, S>,
    at: u64,
    end: u64,
    form: Form,
    around: Syntax,
) -> Result<Vec<Shown>, RawError> {
    let mut rival = Rival::new(look, end, around, form);
    rival.go_on(at, form);
    rival.follow()?;
    Ok(rival.shown)
}

/// The listed elements that the element at `at`, read as `header` says, comes to inside it or behind it before `end`.
pub(crate) fn shown_by<S: Source>(
    look: &mut Look<'_, S>,
    at: u64,
    end: u64,
    header: Header,
    around: Syntax,
) -> Result<Vec<Shown>, RawError> {
    let mut rival = Rival::new(look, end, around, Form::of(around));
    // One header in implicit VR among explicit ones leaves the others as they are.
    rival.take(at, header, Form::of(around))?;
    rival.follow()?;
    Ok(rival.shown)
}

/// Whether elements of known VRs that are written in `form` follow each other from `at` up to `to` or over it.
pub(crate) fn reaches<S: Source>(look: &mut Look<'_, S>, at: u64, to: u64, form: Form) -> Result<bool, RawError> {
    let size = look.size();
    let mut at = at;
    while at < to {
        let Some(raw) = look.peek::<8>(at, size)? else { return Ok(false) };
        let header = if form.is_explicit() {
            look.header(at, size, form.order())?.filter(|header| header.vr.is_some())
        } else {
            Some(header::implicit(raw, form.order())).filter(|header| !header.tag.is_framing())
        };
        match header.filter(|_| raw != [0; 8]) {
            // Its items may well hold what is to be reached.
            Some(Header { length: Length::Undefined, .. }) => return Ok(true),
            Some(Header { length: Length::Defined(length), size, .. }) => {
                at = at.saturating_add(size).saturating_add(u64::from(length));
            }
            None => return Ok(false),
        }
        if at > size {
            return Ok(false);
        }
    }
    Ok(true)
}

struct Rival<'l, 'a, S> {
    look: &'l mut Look<'a, S>,
    end: u64,
    /// How what is around the rival's frame may be written.
    around: Form,
    /// How the rival itself is written where it begins.
    first: Form,
    /// Where it may go on, and how.
    ways: BTreeSet<(u64, Form)>,
    shown: Vec<Shown>,
    /// In little and big endian, from where on a delimiter was looked for last, and what is behind it.
    delimiters: [Option<(u64, Option<u64>)>; 2],
}

impl<'l, 'a, S: Source> Rival<'l, 'a, S> {
    fn new(look: &'l mut Look<'a, S>, end: u64, around: Syntax, first: Form) -> Self {
        let around = Form::of(around);
        Self { look, end, around, first, ways: BTreeSet::new(), shown: Vec::new(), delimiters: [None; 2] }
    }

    /// Follows every way to its end.
    fn follow(&mut self) -> Result<(), RawError> {
        // Every way leads forward, so that the first of them is never come to again.
        while let Some((next, form)) = self.ways.pop_first() {
            self.step(next, form)?;
            if u64::try_from(self.ways.len().max(self.shown.len())).is_ok_and(|count| count > MOST) {
                return Err(ErrorKind::TooManyElements { limit: MOST }.at(next));
            }
        }
        Ok(())
    }

    /// Takes the header at `at` in each way that it can be read.
    fn step(&mut self, at: u64, form: Form) -> Result<(), RawError> {
        let Some(raw) = self.look.peek::<8>(at, self.end)? else {
            return Ok(());
        };
        if raw == [0; 8] {
            let behind = self.look.behind_zeros(at, self.end)?;
            self.go_on(behind, form);
            return Ok(());
        }
        for header in self.readings(at, raw, form)?.into_iter().flatten() {
            self.take(at, header, form)?;
        }
        Ok(())
    }

    /// The readings of the header at `at`: one, or the three of an unknown VR.
    fn readings(&mut self, at: u64, raw: [u8; 8], form: Form) -> Result<[Option<Header>; 3], RawError> {
        let order = form.order();
        let implicit = header::implicit(raw, order);
        let [_, _, _, _, first, second, reserved @ ..] = raw;
        let letters = Vr::from_bytes([first, second]);
        let is_item = matches!(implicit.tag, Tag::ITEM | Tag::ITEM_DELIMITER | Tag::SEQUENCE_DELIMITER);
        if !form.is_explicit() || (is_item && letters.is_none()) {
            return Ok([Some(implicit), None, None]);
        }
        // What is of their group has no VR to some readers, and one like all elements to others.
        let without_vr = Some(implicit).filter(|_| is_framing(implicit.tag));
        let long = match self.look.peek(at.saturating_add(8), self.end)? {
            Some(length) if letters.is_none_or(Vr::has_long_length) => {
                Some(header::long(raw, length, letters.unwrap_or(Vr::UN), order))
            }
            _ => None,
        };
        let short = header::short(raw, letters.unwrap_or(Vr::UN), order);
        Ok(match letters {
            // gdcm once wrote UN with a short length, and reads it so where the long one leads nowhere.
            Some(Vr::UN) if reserved != [0, 0] || !long.is_some_and(|long| self.has_all_of(at, long)) => {
                [long, Some(short), without_vr]
            }
            Some(vr) if vr.has_long_length() => [long, None, without_vr],
            Some(_) => [Some(short), None, without_vr],
            // A VR of the future, of long or short length; what is not two letters may be no VR.
            None if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() => [Some(short), long, without_vr],
            None => {
                // Two bytes of a length in implicit VR are hardly ever letters that gdcm takes for UN.
                let are_printed = [first, second].iter().all(|letter| matches!(letter, b' '..=b'~'));
                let long = long.filter(|long| are_printed && self.has_all_of(at, *long));
                [Some(short), long, Some(implicit).filter(|_| !form.is_big()).or(without_vr)]
            }
        })
    }

    /// Takes an element: notes it where it is listed, and where the reading may go on, in it and behind it.
    fn take(&mut self, at: u64, header: Header, form: Form) -> Result<(), RawError> {
        let value = at.saturating_add(header.size);
        let fits = self.has_all_of(at, header);
        if is_framing(header.tag) {
            self.take_framing(value, header, form);
            return Ok(());
        }
        if self.look.listed.is_listed(header.tag) && header.length != Length::Defined(0) && value < self.end {
            self.shown.push(Shown { at, tag: header.tag, fits });
            if header.vr.is_some() && form == self.around && header.vr != Some(Vr::UN) {
                return Ok(()); // from here on the walk and this reading are one, or the walk does not come here
            }
        }
        let listed_as = dictionary::vr(header.tag);
        let may_be_items = match header.vr {
            Some(Vr::SQ) => true,
            Some(Vr::UN) | None => listed_as.is_none_or(|vr| matches!(vr, Vr::SQ | Vr::UN)),
            Some(_) => false,
        };
        // Of any VR but that of pixels, where no length says where it ends.
        let is_unended = header.length == Length::Undefined && header.tag != Tag::PIXEL_DATA;
        let is_sequence = header.vr == Some(Vr::SQ) || listed_as == Some(Vr::SQ);
        // A sequence is read as one whatever stands where its first item should, and as far as there are bytes.
        let may_begin = (may_be_items && (fits || is_sequence)) || is_unended;
        let item = if may_begin { self.item_order(value)? } else { None };
        if item.is_some() || (may_be_items && (is_sequence || is_unended)) {
            self.go_on(value.saturating_add(8), form);
        }
        // Some writers swap the bytes of private sequences, and some readers swap them back.
        for swapped in Form::ALL.into_iter().filter(|other| item.is_some_and(|is_big| is_big == other.is_big())) {
            self.go_on(value.saturating_add(8), swapped);
        }
        match header.length {
            Length::Defined(length) => self.go_on(value.saturating_add(u64::from(length)), form),
            Length::Undefined if may_be_items && (is_sequence || item.is_some()) => {}
            // Its end is looked for, whatever is in front of it.
            Length::Undefined => {
                if let Some(behind) = self.behind_delimiter(value, form)? {
                    self.go_on(behind, form);
                }
            }
        }
        Ok(())
    }

    /// An item or delimiter that the walk knows nothing of: some readers pass over it, some go into it, and behind a delimiter what is around
    /// may go on.
    fn take_framing(&mut self, value: u64, header: Header, form: Form) {
        for form in [form, self.around, self.first] {
            self.go_on(value, form);
        }
        if let Length::Defined(length) = header.length {
            self.go_on(value.saturating_add(u64::from(length)), form);
        }
    }

    /// Whether the element at `at` does not reach over the end of the frame.
    fn has_all_of(&self, at: u64, header: Header) -> bool {
        match header.length {
            Length::Defined(length) => at.saturating_add(header.size).saturating_add(u64::from(length)) <= self.end,
            Length::Undefined => true,
        }
    }

    /// What is behind the next delimiter from `at` on. Many elements may look for the same one.
    fn behind_delimiter(&mut self, at: u64, form: Form) -> Result<Option<u64>, RawError> {
        let [little, big] = &mut self.delimiters;
        let last = if form.is_big() { big } else { little };
        if let Some((from, behind)) = *last
            && from <= at
            && behind.is_none_or(|behind| at.saturating_add(8) <= behind)
        {
            return Ok(behind);
        }
        let behind = self.look.behind_delimiter(at, self.end, form.order())?;
        *last = Some((at, behind));
        Ok(behind)
    }

    fn go_on(&mut self, at: u64, form: Form) {
        if at < self.end {
            self.ways.insert((at, form));
        }
    }

    /// Whether the item's tag that stands at `at` is in big endian; `None` where none does.
    fn item_order(&mut self, at: u64) -> Result<Option<bool>, RawError> {
        let raw = self.look.peek::<4>(at, self.end)?;
        Ok(raw.filter(|raw| header::is_item_of_any_order(*raw)).map(|[first, ..]| first == 0xFF))
    }
}

/// Group FFFE (PS3.5 §7.5). One of FFFF is an element like any other to most readers.
const fn is_framing(tag: Tag) -> bool {
    tag.group() == 0xFFFE
}
