//! What is left of an original's values in its result; and whether what differs is what was left of them, written over.

use std::path::Path;

use dicomblank_core::{Replacement, Rules, Span, resolve};

use super::keyed::Keyed;
use super::leftovers::{Looked, Looking};
use super::opened::Opened;
use super::planned::{Planned, once};
use super::windows::Windows;
use crate::error::FileError;
use crate::leftover::Remains;

/// A file and its plan.
pub(super) type Read<'a> = (&'a Opened<'a>, &'a Planned);

/// Which values of the original were taken out, as positions in its plan: not those that were blank already.
fn taken_out(
    (opened, planned): Read<'_>,
    rules: &Rules,
    keyed: &Keyed<'_, '_>,
    windows: &mut Windows,
) -> Result<Vec<u32>, FileError> {
    let mut source = opened.source(windows);
    let marked = opened.marked(&mut source, planned, keyed.keying())?;
    opened.left(&mut source, planned, (rules, once(marked)))
}

/// Where the values that were taken out of `before` stand in `after`, whose path is `below` that of the results.
///
/// # Errors
/// Where one of the two can't be read.
pub(super) fn remains(
    before: Read<'_>,
    (after, plan_after): Read<'_>,
    below: &Path,
    (rules, keyed): (&Rules, &Keyed<'_, '_>),
    (windows, looking): (&mut Windows, Looking<'_>),
) -> Result<Remains, FileError> {
    let left = taken_out(before, rules, keyed, windows)?;
    let (opened, planned) = before;
    let mut source = opened.source(windows);
    let wanted = planned.wanted(&left, &mut source).map_err(|error| opened.explain(error, &mut source))?;
    let mut source = after.source(windows);
    let sites = after.sites(&mut source, plan_after, rules)?;
    let looked = plan_after.search(&wanted, None, &mut source, (&sites, below), looking);
    Ok(looked.map_err(|error| after.explain(error, &mut source))?.remains)
}

/// Where `after` differs from the original `before` because what was left of its values was written over: only places
/// that are what that makes of them.
///
/// # Errors
/// Where one of the two can't be read, or a value can't become what the rules say.
pub(super) fn replaced(
    before: Read<'_>,
    after: impl Fn(u64, &mut [u8]) -> Result<(), FileError>,
    (rules, keyed): (&Rules, &mut Keyed<'_, '_>),
    (windows, looking): (&mut Windows, Looking<'_>),
) -> Result<Vec<Span>, FileError> {
    let left = taken_out(before, rules, keyed, windows)?;
    let (opened, planned) = before;
    let mut source = opened.source(windows);
    let sites = opened.sites(&mut source, planned, rules)?;
    let plan = planned.plan().clone().only_at(&left);
    let patch = match planned {
        Planned::AsItStands(_) => resolve(&plan, rules, &mut source, keyed),
        Planned::Inflated(_, inflated) => resolve(&plan, rules, &mut inflated.source(), keyed),
    };
    let patch = patch.map_err(|error| opened.explain(error, &mut source))?;
    let below = Path::new("");
    let looked = planned
        .wanted(&left, &mut source)
        .and_then(|wanted| planned.search(&wanted, Some((&plan, &patch)), &mut source, (&sites, below), looking));
    let Looked { replacements, .. } = looked.map_err(|error| opened.explain(error, &mut source))?;
    let mut found = Vec::with_capacity(replacements.len());
    for Replacement { span, bytes, .. } in replacements {
        let mut there = vec![0; bytes.len()];
        after(span.start(), &mut there)?;
        if there == *bytes {
            found.push(span);
        }
    }
    Ok(found)
}
