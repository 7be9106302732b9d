//! The one short function that writes.

use crate::plan::{Action, Plan};
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
    /// The sink could not be written; running again completes the work.
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
/// [`ApplyError`] for a sink of another size and for what the sink itself reports.
pub fn apply<S: Sink>(plan: &Plan, sink: &mut S) -> Result<(), ApplyError<S::Error>> {
    if sink.size() != plan.source_size() {
        return Err(ApplyError::SizeChanged { planned: plan.source_size(), found: sink.size() });
    }
    for edit in plan.edits() {
        let Action::Pad(padding) = edit.action();
        sink.write(padding.fill(edit.span())).map_err(ApplyError::Sink)?;
    }
    Ok(())
}
