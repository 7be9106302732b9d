//! The mark: what the last 32 bytes of a preamble say of a file whose values were replaced (PS3.10 §7.1 leaves the
//! preamble to implementations).
//!
//! A keyed value is not a blank. Done twice it is something else, and half done it can't be told from what was there
//! before. So a file is marked before its first value is replaced, where that takes more than one write, and again when
//! all of them are.
//!
//! ```text
//! magic 8, version 1, state 1, the key's id 8, the rules 6, a check by the key 8
//! ```

use core::fmt;

use crate::error::{Error, ErrorKind};
use crate::fill::Fill;
use crate::meta::BEHIND_PREFIX;
use crate::source::Source;
use crate::span::Span;
use crate::tag::TagPath;

/// How long a mark is, in bytes.
const LENGTH: usize = 32;

/// Where it stands: the last bytes of the preamble.
const START: u64 = 96;

/// Read as an element, whatever the byte order, it is longer than any file in which the data set could begin there.
const MAGIC: &[u8; 8] = b"DICOMblk";
const VERSION: u8 = 1;
const BEGUN: u8 = b'B';
const DONE: u8 = b'D';

/// Where magic, version and state end, and what follows.
const STATE: usize = 9;
const KEY: core::ops::Range<usize> = 10..18;
const CHECKED: usize = 24;

/// The marks of one key and one set of rules.
#[derive(Clone, PartialEq, Eq)]
pub struct Marks {
    begun: [u8; LENGTH],
    done: [u8; LENGTH],
}

/// Never the bytes, though they are no secret.
impl fmt::Debug for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Marks")
    }
}

/// What a source says of itself, under given [`Marks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// Nothing: there is room for a mark.
    No,
    /// Nothing, and there is no room: no preamble, or something else stands there.
    NoRoom,
    /// Its values were replaced under this key and by these rules.
    Done,
}

impl Marks {
    /// Those of the key with this `id`, and of rules with this digest. `check` shows that the rest of a mark was made
    /// by somebody who has the key.
    #[must_use]
    pub fn new(id: [u8; 8], rules: [u8; 6], check: impl Fn(&[u8]) -> [u8; 8]) -> Self {
        let mark = |state| {
            let parts = [&MAGIC[..], &[VERSION, state], &id, &rules].concat();
            let mut mark = [0; LENGTH];
            for (to, from) in mark.iter_mut().zip(parts.iter().copied().chain(check(&parts))) {
                *to = from;
            }
            mark
        };
        Self { begun: mark(BEGUN), done: mark(DONE) }
    }

    /// What is written before the first of several writes.
    #[must_use]
    pub fn begun(&self) -> Option<Fill<'_>> {
        Fill::bytes(span()?, &self.begun)
    }

    /// What is written when everything else is.
    #[must_use]
    pub fn done(&self) -> Option<Fill<'_>> {
        Fill::bytes(span()?, &self.done)
    }

    /// What `source` says of itself.
    ///
    /// # Errors
    /// [`ErrorKind::OtherKey`], [`ErrorKind::OtherRules`], [`ErrorKind::DamagedMark`], [`ErrorKind::HalfDone`];
    /// [`ErrorKind::Unreadable`].
    pub fn of<S: Source>(&self, source: &mut S) -> Result<Marked, Error> {
        let Some(found) = preamble(source)? else { return Ok(Marked::NoRoom) };
        if found == self.done {
            return Ok(Marked::Done);
        }
        if !is_mark(&found) {
            return Ok(if found == [0; LENGTH] { Marked::No } else { Marked::NoRoom });
        }
        let of = |mark: &[u8; LENGTH], end: usize| mark.get(..end) == found.get(..end);
        let kind = match found.get(STATE) {
            Some(&BEGUN) => ErrorKind::HalfDone,
            _ if !of(&self.done, STATE.saturating_add(1)) => ErrorKind::DamagedMark,
            _ if found.get(KEY) != self.done.get(KEY) => ErrorKind::OtherKey,
            _ if !of(&self.done, CHECKED) => ErrorKind::OtherRules,
            _ => ErrorKind::DamagedMark,
        };
        Err(at_mark(kind))
    }
}

/// Where a mark stands.
#[must_use]
pub fn span() -> Option<Span> {
    Span::between(START, BEHIND_PREFIX.saturating_sub(4))
}

/// Whether `source` says that its values were replaced, under whatever key and by whatever rules: nobody without the key
/// can tell whether that is true.
///
/// # Errors
/// [`ErrorKind::Unreadable`].
pub fn is_done<S: Source>(source: &mut S) -> Result<bool, Error> {
    let is_ours = |found: &[u8; LENGTH]| is_mark(found) && found.get(STATE) == Some(&DONE);
    Ok(preamble(source)?.as_ref().is_some_and(is_ours))
}

/// The mark that `source` has, of any key and any rules.
pub(crate) fn of_whomever<S: Source>(source: &mut S) -> Result<Option<[u8; LENGTH]>, Error> {
    Ok(preamble(source)?.filter(|found| is_mark(found)))
}

/// Whether a run has begun to replace the values of `source`, and not finished: nobody but its journal knows which of
/// them are still as they were.
///
/// # Errors
/// [`ErrorKind::Unreadable`].
fn is_half_done<S: Source>(source: &mut S) -> Result<bool, Error> {
    Ok(preamble(source)?.is_some_and(|found| is_mark(&found) && found.get(STATE) == Some(&BEGUN)))
}

/// An error for a source of which that is so.
pub(crate) fn check_whole<S: Source>(source: &mut S) -> Result<(), Error> {
    if is_half_done(source)? { Err(at_mark(ErrorKind::HalfDone)) } else { Ok(()) }
}

/// Whether these bytes, of the preamble's end, are a mark.
pub(crate) fn is_mark(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

fn at_mark(kind: ErrorKind) -> Error {
    Error { kind, offset: START, tag_path: TagPath::default() }
}

/// The last bytes of the preamble; `None` where there is none.
fn preamble<S: Source>(source: &mut S) -> Result<Option<[u8; LENGTH]>, Error> {
    let Some(span) = Span::between(START, BEHIND_PREFIX).filter(|span| span.end() <= source.size()) else {
        return Ok(None);
    };
    let bytes = source.lend(span).map_err(|_| at_mark(ErrorKind::Unreadable))?;
    Ok(bytes.split_first_chunk().filter(|(_, prefix)| *prefix == b"DICM").map(|(mark, _)| *mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SliceSource;

    fn marks(id: u8, rules: u8) -> Marks {
        Marks::new([id; 8], [rules; 6], |parts| [parts[STATE] ^ id ^ rules; 8])
    }

    fn file(mark: &[u8]) -> Vec<u8> {
        [&[0; 96][..], mark, b"DICM", b"\x10\0\x10\0PN\x02\0ab"].concat()
    }

    #[test]
    fn what_a_file_says_of_itself() {
        let marks = marks(1, 2);
        let changed = |at: usize| {
            let mut mark = marks.done;
            mark[at] ^= 0x10;
            file(&mark)
        };
        let other = |id, rules| file(&self::marks(id, rules).done);
        for (what, bytes, expected) in [
            ("nothing", file(&[0; 32]), Ok(Marked::No)),
            ("done", file(&marks.done), Ok(Marked::Done)),
            ("begun", file(&marks.begun), Err(ErrorKind::HalfDone)),
            ("begun under another key", file(&self::marks(3, 2).begun), Err(ErrorKind::HalfDone)),
            ("another key", other(3, 2), Err(ErrorKind::OtherKey)),
            ("other rules", other(1, 3), Err(ErrorKind::OtherRules)),
            ("other magic", changed(0), Ok(Marked::NoRoom)),
            ("another version", changed(8), Err(ErrorKind::DamagedMark)),
            ("another state", changed(STATE), Err(ErrorKind::DamagedMark)),
            ("another check", changed(31), Err(ErrorKind::DamagedMark)),
            ("something else", file(&[7; 32]), Ok(Marked::NoRoom)),
            ("one byte of something else", file(&[&[0; 31][..], &[1]].concat()), Ok(Marked::NoRoom)),
            ("no preamble", b"\x10\0\x10\0PN\x02\0ab".to_vec(), Ok(Marked::NoRoom)),
            ("no prefix", [&[0; 132][..], b"\x10\0\x10\0PN\x02\0ab"].concat(), Ok(Marked::NoRoom)),
        ] {
            let found = marks.of(&mut SliceSource::new(&bytes)).map_err(|error| error.kind);
            assert_eq!((what, found), (what, expected));
            let is_half_done = is_half_done(&mut SliceSource::new(&bytes));
            assert_eq!((what, is_half_done), (what, Ok(expected == Err(ErrorKind::HalfDone))));
            // The version is nobody's business here: the state is where it is in all of them.
            let says_done = !matches!(expected, Ok(Marked::No | Marked::NoRoom) | Err(ErrorKind::HalfDone));
            let says_done = says_done && what != "another state";
            assert_eq!((what, is_done(&mut SliceSource::new(&bytes))), (what, Ok(says_done)));
        }
        assert_eq!(marks.done().map(|fill| fill.span()), Span::new(96, 32));
    }
}
