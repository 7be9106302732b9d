//! Which edits of a plan are still to be made.

use crate::error::{Error, ErrorKind};
use crate::plan::{Action, Edit, Plan};
use crate::rules::Rules;
use crate::source::{MAX_LEND, Source};
use crate::tag::TagPath;

/// Whether what can't be done twice was done: that can't be seen from the bytes, but a mark may say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Once {
    /// It is still to be done.
    ToDo,
    /// It was done.
    Done,
}

/// How far a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// What its edit does is still to be done.
    ToDo,
    /// It is blank already: there is nothing in it that its edit could hide.
    Blank,
    /// Its edit was made.
    Done,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ToDo, Self::Blank, Self::Done];

    /// The state in one word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ToDo => "to-do",
            Self::Blank => "blank",
            Self::Done => "done",
        }
    }
}

/// The edits of `plan`, which is of padding alone, that are still to be made in `source`: their bytes are not yet what
/// they are to become. Other edits are still to be made, too.
///
/// # Errors
/// [`ErrorKind::SizeChanged`] for a source of another size than the plan was made for, [`ErrorKind::Unreadable`] where
/// it can't be read.
pub fn audit<S: Source>(plan: &Plan, source: &mut S) -> Result<Vec<Edit>, Error> {
    let mut left = Vec::new();
    look(plan, source, (None, Once::ToDo), |_, edit| left.push(*edit))?;
    Ok(left)
}

/// As [`audit`], of a plan of any `rules`: the positions of those edits in [`Plan::edits`]. They take a sixth of the
/// memory, and are for [`Plan::only_at`].
///
/// # Errors
/// Those of [`audit`].
pub fn audit_positions<S: Source>(plan: &Plan, source: &mut S, rules: &Rules, once: Once) -> Result<Vec<u32>, Error> {
    let mut left = Vec::with_capacity(plan.edits().len()); // at the first audit it is all of them
    look(plan, source, (Some(rules), once), |position, _| left.push(position))?;
    Ok(left)
}

/// The state of each edit of a plan of any `rules`, in the order of [`Plan::edits`].
///
/// What [`audit_positions`] says is left is to do, but for a value without text that is to be replaced by one made of it:
/// of nothing, nothing is made.
///
/// # Errors
/// Those of [`audit`].
pub fn states<S: Source>(plan: &Plan, source: &mut S, rules: &Rules, once: Once) -> Result<Vec<State>, Error> {
    let mut states = Vec::with_capacity(plan.edits().len());
    each(plan, source, |_, edit, source| {
        states.push(state(edit, source, rules, once)?);
        Ok(())
    })?;
    Ok(states)
}

pub(crate) fn state<S: Source>(edit: &Edit, source: &mut S, rules: &Rules, once: Once) -> Result<State, u64> {
    let is_made_of_text = matches!(edit.action(), Action::Uid | Action::Identifier | Action::Shift);
    if is_made_of_text && has_no_text(edit, source)? {
        return Ok(State::Blank);
    }
    let is_done = is_done(edit, source, Some(rules), once)?;
    Ok(match edit.action() {
        _ if !is_done => State::ToDo,
        Action::Pad(_) => State::Blank,
        _ => State::Done,
    })
}

/// Whether there is nothing in it but padding, of whatever VR.
fn has_no_text<S: Source>(edit: &Edit, source: &mut S) -> Result<bool, u64> {
    for piece in edit.span().pieces(MAX_LEND) {
        let bytes = source.lend(piece).map_err(|_| piece.start())?;
        if !bytes.iter().all(|byte| matches!(byte, b' ' | 0)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Calls `take` for each edit that is not yet made.
fn look<S: Source>(
    plan: &Plan,
    source: &mut S,
    (rules, once): (Option<&Rules>, Once),
    mut take: impl FnMut(u32, &Edit),
) -> Result<(), Error> {
    each(plan, source, |position, edit, source| {
        if !is_done(edit, source, rules, once)? {
            take(position, edit);
        }
        Ok(())
    })
}

/// Calls `look` for each edit. It gives the offset of what can't be read.
fn each<S: Source>(
    plan: &Plan,
    source: &mut S,
    mut look: impl FnMut(u32, &Edit, &mut S) -> Result<(), u64>,
) -> Result<(), Error> {
    if source.size() != plan.source_size() {
        let kind = ErrorKind::SizeChanged { planned: plan.source_size(), found: source.size() };
        return Err(Error { kind, offset: 0, tag_path: TagPath::default() });
    }
    // A plan has no more edits than `Limits::edits` counts, which is a u32.
    for (position, edit) in (0..).zip(plan.edits()) {
        look(position, edit, source).map_err(|offset| Error {
            kind: ErrorKind::Unreadable,
            offset,
            tag_path: plan.tag_path(edit),
        })?;
    }
    Ok(())
}

/// Whether the edit's bytes are what they are to become, or the offset at which they can't be read.
fn is_done<S: Source>(edit: &Edit, source: &mut S, rules: Option<&Rules>, once: Once) -> Result<bool, u64> {
    let (text, byte) = match edit.action() {
        Action::Pad(padding) => (&[][..], padding.byte()),
        Action::Set(number) => match rules.and_then(|rules| rules.text(number)) {
            Some(text) => (text.bytes(), edit.padding().byte()),
            None => return Ok(false),
        },
        _ => return Ok(once == Once::Done),
    };
    let mut wanted = text.iter().copied().chain(core::iter::repeat(byte));
    for piece in edit.span().pieces(MAX_LEND) {
        let bytes = source.lend(piece).map_err(|_| piece.start())?;
        let is_so = if text.is_empty() {
            bytes.iter().all(|found| *found == byte)
        } else {
            bytes.iter().zip(&mut wanted).all(|(found, wanted)| *found == wanted)
        };
        if !is_so {
            return Ok(false);
        }
    }
    Ok(true)
}
