//! Rival readings: which listed elements the same bytes would show, read in another way.
//!
//! A reader that takes another way than the walk does may go astray, and still show what it comes to. So a rival is
//! followed as far as it goes. It does no harm only where it comes to nothing that is listed, or where the walk comes
//! to the same elements. One way can part into several, since readers differ in how long a value of an unknown VR is.

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

/// How many ways a rival may have ahead of it at once, and how many listed elements it may come to: two megabytes.
/// Files that were not made to reach it have a few.
const MOST: u64 = 64 * 1024;

/// The listed elements that a reading in `form` comes to, from `at` on and before `end`. The walk takes the frame
/// around them to be written in `around`.
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

/// The listed elements that the element at `at`, read as `header` says, leads to before `end`: itself, those in it, and
/// those behind it.
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

/// Whether elements of known VRs, written in `form`, follow each other from `at` to `to` or beyond.
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
            // Its items may hold what is to be reached.
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
    /// How the frame around the rival may be written.
    around: Form,
    /// How the rival itself is written where it begins.
    first: Form,
    /// Where it may go on, and how.
    ways: BTreeSet<(u64, Form)>,
    shown: Vec<Shown>,
    /// For little and big endian: where a delimiter was looked for last, and what is behind it.
    delimiters: [Option<(u64, Option<u64>)>; 2],
}

impl<'l, 'a, S: Source> Rival<'l, 'a, S> {
    fn new(look: &'l mut Look<'a, S>, end: u64, around: Syntax, first: Form) -> Self {
        let around = Form::of(around);
        Self { look, end, around, first, ways: BTreeSet::new(), shown: Vec::new(), delimiters: [None; 2] }
    }

    /// Follows every way to its end.
    fn follow(&mut self) -> Result<(), RawError> {
        // Every way leads forward, so that no place is visited again.
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

    /// The readings of the header at `at`: one, or up to three of an unknown VR.
    fn readings(&mut self, at: u64, raw: [u8; 8], form: Form) -> Result<[Option<Header>; 3], RawError> {
        let order = form.order();
        let implicit = header::implicit(raw, order);
        let [_, _, _, _, first, second, reserved @ ..] = raw;
        let letters = Vr::from_bytes([first, second]);
        let is_item = matches!(implicit.tag, Tag::ITEM | Tag::ITEM_DELIMITER | Tag::SEQUENCE_DELIMITER);
        if !form.is_explicit() || (is_item && letters.is_none()) {
            return Ok([Some(implicit), None, None]);
        }
        // To some readers elements of group FFFE have no VR, to others one like all elements.
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
                // Two bytes of a length in implicit VR are rarely letters that gdcm takes for UN.
                let are_printed = [first, second].iter().all(|letter| matches!(letter, b' '..=b'~'));
                let long = long.filter(|long| are_printed && self.has_all_of(at, *long));
                // Little endian also among elements in big endian: dcmtk knows no other implicit VR.
                let implicit = without_vr.unwrap_or_else(|| header::implicit(raw, Syntax::ImplicitLittle));
                [Some(short), long, Some(implicit)]
            }
        })
    }

    /// Takes an element: notes it where it is listed, and where the reading may go on, inside it and behind it.
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
        // Where no length says where it ends, an element of any VR may hold items, unless it is pixels.
        let is_unended = header.length == Length::Undefined && header.tag != Tag::PIXEL_DATA;
        let is_sequence = header.vr == Some(Vr::SQ) || listed_as == Some(Vr::SQ);
        // A sequence is read as one, whatever stands where its first item should, and also where its end is missing.
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
            // Some readers look for its delimiter, whatever is in front of that.
            Length::Undefined => {
                if let Some(behind) = self.behind_delimiter(value, form)? {
                    self.go_on(behind, form);
                }
            }
        }
        Ok(())
    }

    /// An item or delimiter that the walk does not know of. Some readers skip it, some go into it, and behind a
    /// delimiter the frame around may go on.
    fn take_framing(&mut self, value: u64, header: Header, form: Form) {
        for form in [form, self.around, self.first] {
            self.go_on(value, form);
        }
        if let Length::Defined(length) = header.length {
            self.go_on(value.saturating_add(u64::from(length)), form);
        }
    }

    /// Whether the element at `at` ends inside the frame.
    fn has_all_of(&self, at: u64, header: Header) -> bool {
        match header.length {
            Length::Defined(length) => at.saturating_add(header.size).saturating_add(u64::from(length)) <= self.end,
            Length::Undefined => true,
        }
    }

    /// What is behind the next delimiter from `at` on. Many elements may look for the same one, so that the last is
    /// remembered.
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

/// Group FFFE (PS3.5 §7.5). To most readers a tag of group FFFF is an element like any other.
const fn is_framing(tag: Tag) -> bool {
    tag.group() == 0xFFFE
}
