//! The one short function that writes.

use crate::fill::Fill;
use crate::plan::{Edit, Plan};
use crate::resolve::Patch;
use crate::source::Sink;

/// Why a plan was not carried out, or not to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplyError<E> {
    /// The sink is not of the size the plan was made for; nothing was written.
    SizeChanged {
        /// Bytes when the plan was made.
        planned: u64,
        /// Bytes of the sink.
        found: u64,
    },
    /// Values become others, and the patch that says which is not that of the plan; nothing was written.
    Unresolved,
    /// The sink could not be written; running again completes the work, if there is nothing in it that
    /// [can't be done twice](crate::Action::is_once).
    Sink(E),
}

/// Overwrites what `plan` says in `sink`, in the order of the offsets.
///
/// ```
/// use dicomblank_core::{ApplyError, Limits, Rules, SliceSink, SliceSource, Tag, apply, plan};
///
/// let mut data_set = *b"\x10\0\x10\0PN\x04\0Doe \x10\0\x40\0CS\x02\0M ";
/// let rules = Rules::new([Tag::new(0x0010, 0x0010)], []).expect("a name can be blanked");
///
/// let plan = plan(&mut SliceSource::new(&data_set), &rules, &Limits::default())?;
/// apply(&plan, &mut SliceSink::new(&mut data_set)).expect("memory can be written");
/// assert_eq!(&data_set, b"\x10\0\x10\0PN\x04\0    \x10\0\x40\0CS\x02\0M ");
///
/// // A sink of another size is not what was planned, and is left alone.
/// let changed = apply(&plan, &mut SliceSink::new(&mut data_set[..20]));
/// assert_eq!(changed, Err(ApplyError::SizeChanged { planned: 22, found: 20 }));
/// # Ok::<(), dicomblank_core::Error>(())
/// ```
///
/// # Errors
/// [`ApplyError`] for a sink of another size, for a plan that is not of padding alone, and for what the sink itself
/// reports.
pub fn apply<S: Sink>(plan: &Plan, sink: &mut S) -> Result<(), ApplyError<S::Error>> {
    apply_patch(plan, &Patch::default(), sink)
}

/// As [`apply`], of a plan whose values [were read](crate::resolve).
///
/// # Errors
/// [`ApplyError`].
pub fn apply_patch<S: Sink>(plan: &Plan, patch: &Patch, sink: &mut S) -> Result<(), ApplyError<S::Error>> {
    if sink.size() != plan.source_size() {
        return Err(ApplyError::SizeChanged { planned: plan.source_size(), found: sink.size() });
    }
    if plan.is_padding() {
        // As most are, and without looking for bytes.
        let fills = plan.edits().iter().filter_map(Edit::padded);
        return write_all(fills, sink);
    }
    write_all(patch.fills(plan).ok_or(ApplyError::Unresolved)?, sink)
}

fn write_all<'a, S: Sink>(mut fills: impl Iterator<Item = Fill<'a>>, sink: &mut S) -> Result<(), ApplyError<S::Error>> {
    fills.try_for_each(|fill| sink.write(fill)).map_err(ApplyError::Sink)
}
