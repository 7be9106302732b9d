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
