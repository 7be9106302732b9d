//! What the process has cost.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The time that processors have worked for this process, in it and in the system.
pub(crate) fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default() // it is not negative
}
