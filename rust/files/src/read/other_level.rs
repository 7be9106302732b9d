//! Whether a result that is not as it should be is what another level makes of its original.
//!
//! It only says more of a fault that was found: what is called the result of another level stays a fault.

use std::path::Path;

use dicomblank_core::{Edit, Rules, Span, mark_span};
use dicomblank_pseudonym::Memory;

use super::compare::{compare_through, leak};
use super::keyed::Keying;
use super::opened::Opened;
use super::sides::{Chunks, Side, Verdict, difference};
use super::windows::Windows;
use crate::error::FileError;
use crate::order::choices::NamedLevel;

/// A level that was not asked about.
#[derive(Debug)]
pub(crate) struct OtherLevel {
    pub(crate) name: String,
    rules: Rules,
    keying: Keying,
}

impl From<NamedLevel> for OtherLevel {
    fn from(NamedLevel { name, rules }: NamedLevel) -> Self {
        let keying = Keying::new(&rules, None);
        Self { name, rules, keying }
    }
}

impl OtherLevel {
    /// Whether its results can be told by their mark alone: there is no key here to make them again.
    pub(crate) fn is_keyed(&self) -> bool {
        self.rules.need_key()
    }

    fn explains(
        &self,
        before: &Path,
        after: &Path,
        (windows, chunks): (&mut Windows, &mut Chunks),
    ) -> Result<bool, FileError> {
        if self.is_keyed() {
            return is_marked(before, after, &self.rules, (windows, chunks));
        }
        let mut memory = Memory::default();
        let keyed = &mut self.keying.with(&mut memory);
        let (verdict, ..) = compare_through(before, after, &self.rules, keyed, (windows, chunks), None)?;
        Ok(verdict == Verdict::Ok)
    }
}

/// Those of `others` that explain the file `after` wholly. None explains one that is as `before`: there is no sign that
/// any level was used. A level by which one of the two is refused, or can't be read any more, explains nothing.
pub(crate) fn explaining<'o>(
    before: &Path,
    after: &Path,
    others: &'o [OtherLevel],
    (windows, chunks): (&mut Windows, &mut Chunks),
) -> Vec<&'o OtherLevel> {
    if others.is_empty() || is_same(before, after, (windows, chunks)).unwrap_or(true) {
        return Vec::new();
    }
    others.iter().filter(|other| other.explains(before, after, (windows, chunks)).unwrap_or(false)).collect()
}

fn is_same(before: &Path, after: &Path, buffers: (&mut Windows, &mut Chunks)) -> Result<bool, FileError> {
    let (before, after) = (Opened::to_read(before)?, Opened::to_read(after)?);
    let (windows, chunks) = buffers;
    Ok(difference(&Side::of(&before, None), &Side::of(&after, None), &[], (windows, chunks))?.is_none())
}

/// Whether `after` says of itself that its values were replaced, and nothing but what `rules` change has changed. What
/// the values have become, nobody knows without the key.
fn is_marked(
    before: &Path,
    after: &Path,
    rules: &Rules,
    (windows, chunks): (&mut Windows, &mut Chunks),
) -> Result<bool, FileError> {
    let (before, after) = (Opened::to_read(before)?, Opened::to_read(after)?);
    let (plan_before, plan_after) = {
        let planned = |opened: &Opened<'_>, windows: &mut Windows| {
            let mut source = opened.source(windows);
            let planned = opened.plan(&mut source, rules)?;
            let is_done = opened.says_done(&mut source, &planned)?;
            Ok::<_, FileError>((planned, is_done))
        };
        match (planned(&before, windows)?, planned(&after, windows)?) {
            ((before, false), (after, true)) => (before, after),
            _ => return Ok(false),
        }
    };
    let (left, right) = (Side::of(&before, Some(&plan_before)), Side::of(&after, Some(&plan_after)));
    if left.bytes.size() != right.bytes.size()
        || leak(&after, &plan_after, plan_before.plan(), rules, windows)?.is_some()
    {
        return Ok(false);
    }
    let free: Vec<Span> = mark_span().into_iter().chain(plan_before.plan().edits().iter().map(Edit::span)).collect();
    Ok(difference(&left, &right, &free, (windows, chunks))?.is_none())
}
