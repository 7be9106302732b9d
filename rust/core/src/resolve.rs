//! From a plan to the bytes to write: the one place that reads values, for the actions that need them.

use core::fmt;

use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};
use crate::fill::Fill;
use crate::owners::Owners;
use crate::plan::{Action, Edit, Plan};
use crate::pseudonyms::Pseudonyms;
use crate::rules::{Rules, Table, Text};
use crate::source::{MAX_LEND, Source};
use crate::vr::Vr;
use crate::warning::{Warning, Warnings};

/// The most bytes of values that are replaced in one source. A plan has at most 512 K edits, and a UID 64 bytes.
pub(crate) const MOST: u64 = 32 * 1024 * 1024;

/// What a plan's edits write, where that is more than padding. Zeroized when it is dropped.
#[derive(Default)]
pub struct Patch {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    pub(crate) warnings: Warnings,
}

impl Patch {
    /// What there is to tell of the values.
    #[must_use]
    pub const fn warnings(&self) -> Warnings {
        self.warnings
    }

    /// What each edit of `plan` writes, in their order; `None` where the patch is not that of the plan.
    pub fn fills<'a>(&'a self, plan: &'a Plan) -> Option<impl Iterator<Item = Fill<'a>>> {
        let length = |edit: &Edit| if is_padded(edit) { 0 } else { edit.span().len() };
        let needed = plan.edits().iter().map(length).fold(0_u64, u64::saturating_add);
        if u64::try_from(self.bytes.len()) != Ok(needed) {
            return None;
        }
        let mut rest = self.bytes.as_slice();
        Some(plan.edits().iter().filter_map(move |edit| {
            edit.padded().or_else(|| {
                let (bytes, behind) = rest.split_at_checked(usize::try_from(edit.span().len()).ok()?)?;
                rest = behind;
                Fill::bytes(edit.span(), bytes)
            })
        }))
    }
}

/// Reads the values of `plan` that become others, and makes what they become. `rules` are those of the plan.
///
/// # Errors
/// [`Error`] where a value can't become what the rules say, or can't be read. Then nothing of it is kept.
pub fn resolve<S: Source>(
    plan: &Plan,
    rules: &Rules,
    source: &mut S,
    pseudonyms: &mut dyn Pseudonyms,
) -> Result<Patch, Error> {
    let edits = || plan.edits().iter().filter(|edit| !is_padded(edit));
    let needed = edits().map(|edit| edit.span().len()).fold(0_u64, u64::saturating_add);
    let room = usize::try_from(needed).ok().filter(|_| needed <= MOST);
    let Some(room) = room else {
        let offset = edits().next().map_or(0, |edit| edit.span().start());
        return Err(Error {
            kind: ErrorKind::TooMuchToReplace { limit: MOST },
            offset,
            tag_path: [].into_iter().collect(),
        });
    };
    // All the room at once: bytes that grow leave their old ones behind.
    let mut resolver = Resolver {
        plan,
        rules,
        source,
        pseudonyms,
        owners: Owners::default(),
        patch: Patch { bytes: Zeroizing::new(Vec::with_capacity(room)), warnings: Warnings::default() },
    };
    for edit in edits() {
        resolver.take(edit).map_err(|(kind, offset)| Error { kind, offset, tag_path: plan.tag_path(edit) })?;
    }
    Ok(resolver.patch)
}

pub(crate) const fn is_padded(edit: &Edit) -> bool {
    matches!(edit.action(), Action::Pad(_))
}

struct Resolver<'a, S> {
    plan: &'a Plan,
    rules: &'a Rules,
    source: &'a mut S,
    pseudonyms: &'a mut dyn Pseudonyms,
    owners: Owners,
    patch: Patch,
}

impl<S: Source> Resolver<'_, S> {
    /// Adds what an edit writes.
    fn take(&mut self, edit: &Edit) -> Result<(), (ErrorKind, u64)> {
        let here = edit.span().start();
        let at_value = |kind| (kind, here);
        if let Action::Set(number) = edit.action() {
            let text = self.rules.text(number).ok_or(ErrorKind::NotInTable).map_err(at_value)?;
            return self.push_text(text.bytes(), edit).map_err(at_value);
        }
        let start = self.patch.bytes.len();
        for piece in edit.span().pieces(MAX_LEND) {
            let bytes = self.source.lend(piece).map_err(|_| (ErrorKind::Unreadable, piece.start()))?;
            self.patch.bytes.extend_from_slice(bytes);
        }
        let value = self.patch.bytes.get_mut(start..).unwrap_or_default();
        let warnings = match edit.action() {
            Action::Uid => self.pseudonyms.uids(value).map_err(at_value)?,
            Action::Identifier => self.pseudonyms.identifiers(value).map_err(at_value)?,
            Action::Shift => match self.owners.days(self.plan, edit, self.source, self.pseudonyms)? {
                Some(days) => self.pseudonyms.shift(days, value),
                None => blank_dates(value, edit),
            },
            Action::Map(number) => {
                let table = self.rules.table(number).ok_or(ErrorKind::NotInTable).map_err(at_value)?;
                let new = mapped(table, value, edit.vr()).ok_or(ErrorKind::NotInTable).map_err(at_value)?;
                self.cut(start);
                return self.push_text(&new, edit).map_err(at_value);
            }
            Action::Pad(_) | Action::Set(_) | Action::Replace | Action::Remove | Action::Empty | Action::Dummy => {
                Warnings::default()
            }
        };
        self.patch.warnings.join(warnings);
        Ok(())
    }

    /// Adds the text, padded to the length of the value.
    fn push_text(&mut self, text: &[u8], edit: &Edit) -> Result<(), ErrorKind> {
        let length = usize::try_from(edit.span().len()).unwrap_or(usize::MAX);
        let padding = length.checked_sub(text.len()).ok_or_else(|| ErrorKind::TextTooLong {
            by: u64::try_from(text.len().saturating_sub(length)).unwrap_or(u64::MAX),
        })?;
        self.patch.bytes.extend_from_slice(text);
        self.patch.bytes.extend(core::iter::repeat_n(edit.padding().byte(), padding));
        Ok(())
    }

    /// Takes back what was read, so that what is written next stands over it.
    fn cut(&mut self, start: usize) {
        self.patch.bytes.get_mut(start..).unwrap_or_default().fill(0);
        self.patch.bytes.truncate(start);
    }
}

/// Dates whose patient can't be told are blanked; what is no date is not there.
fn blank_dates(value: &mut [u8], edit: &Edit) -> Warnings {
    let mut warnings = Warnings::default();
    if value.iter().any(|byte| !matches!(byte, b' ' | 0 | b'\\')) {
        value.fill(edit.padding().byte());
        warnings.add(Warning::DatesOfNobody);
    }
    warnings
}

/// What the table has for the value: for all of it, or else for each of several values.
pub(crate) fn mapped(table: &Table, value: &[u8], vr: Vr) -> Option<Zeroizing<Vec<u8>>> {
    const SEPARATOR: u8 = b'\\';
    if let Some(text) = table.of(value) {
        return Some(Zeroizing::new(text.bytes().to_vec()));
    }
    let has_several = !matches!(vr, Vr::LT | Vr::ST | Vr::UT | Vr::UR);
    if !has_several || !value.contains(&SEPARATOR) {
        return None;
    }
    let texts: Option<Vec<&[u8]>> = value
        .split(|byte| *byte == SEPARATOR)
        .map(|value| match (table.of(value).map(Text::bytes), crate::rules::unpadded(value)) {
            (None, []) => Some(&[][..]),
            (text, _) => text,
        })
        .collect();
    Some(Zeroizing::new(texts?.join(&SEPARATOR)))
}

/// Never the bytes.
impl fmt::Debug for Patch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Patch of {} bytes", self.bytes.len())
    }
}
