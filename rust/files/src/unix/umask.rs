//! The umask: the permission bits that no new file of this process gets.

use std::sync::{Mutex, PoisonError};

use rustix::fs::{Mode, RawMode};

/// The umask of the process.
pub(crate) fn umask() -> Mode {
    told().unwrap_or_else(asked)
}

/// The umask as /proc tells it: on Linux since 4.7.
fn told() -> Option<Mode> {
    let status = std::fs::read("/proc/self/status").ok()?;
    let line = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"Umask:"))?;
    let digits = str::from_utf8(line).ok()?.trim();
    Some(Mode::from_raw_mode(RawMode::from_str_radix(digits, 8).ok()?))
}

/// The umask as the call gives it, which has to set another one for a moment. A file that another thread makes in that
/// moment is for its owner only.
fn asked() -> Mode {
    /// Two threads that asked at once could leave the temporary umask set.
    static ASKING: Mutex<()> = Mutex::new(());
    let _asking = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    let mask = rustix::process::umask(Mode::RWXG | Mode::RWXO);
    rustix::process::umask(mask);
    mask
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    /// In one test, since other threads see the umask change meanwhile.
    #[test]
    fn both_ways_agree_and_leave_it_as_it_was() {
        const LOOKS: usize = 10_000; // far more than needed
        let [first, second] = [asked(), asked()];
        assert_eq!((first, umask()), (second, second));
        let tells = std::fs::read_to_string("/proc/self/status").is_ok_and(|status| status.contains("\nUmask:"));
        assert_eq!(told(), tells.then_some(first));

        // Meanwhile, new files are for their owner only.
        let is_seen = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_seen.load(Ordering::Relaxed) {
                    asked();
                }
            });
            let meanwhile = (0..LOOKS).map_while(|_| told()).find(|mask| *mask != first);
            is_seen.store(true, Ordering::Relaxed);
            assert!(meanwhile.is_none_or(|mask| mask == Mode::RWXG | Mode::RWXO), "{meanwhile:?}");
        });
    }
}
