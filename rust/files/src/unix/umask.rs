//! The umask: which bits no new file of this process gets.

use std::sync::{Mutex, PoisonError};

use rustix::fs::{Mode, RawMode};

/// The umask of the process.
pub(crate) fn umask() -> Mode {
    told().unwrap_or_else(asked)
}

/// As the system tells it: Linux since 4.7, with /proc.
fn told() -> Option<Mode> {
    let status = std::fs::read("/proc/self/status").ok()?;
    let line = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"Umask:"))?;
    let digits = str::from_utf8(line).ok()?.trim();
    Some(Mode::from_raw_mode(RawMode::from_str_radix(digits, 8).ok()?))
}

/// Elsewhere it can only be asked for by setting another one. What another thread makes in that moment is for its owner only.
fn asked() -> Mode {
    /// Two threads that asked at once could leave the other one's.
    static ASKING: Mutex<()> = Mutex::new(());
    let _asking = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    let mask = rustix::process::umask(Mode::RWXG | Mode::RWXO);
    rustix::process::umask(mask);
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_agree_and_leave_it_as_it_was() {
        let [first, second] = [asked(), asked()];
        assert_eq!((first, umask()), (second, second));
        assert!(told().is_none_or(|told| told == first));
    }
}
