//! How many workers a run has: as many as were asked for, or as many as make it faster.
//!
//! Where files come from memory, a few workers a processor are best. Where each call has to wait for a disk or a network,
//! the processors are idle, and more files in flight are done in the same time. So a run begins with few workers, and
//! where processors are idle it tries twice as many, for as long as that makes more files a second.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::unix;

/// How many workers a run is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Workers {
    /// So many.
    Exactly(NonZeroUsize),
    /// As many as make it faster, and no more than so many: there are no more files.
    Fitting(NonZeroUsize),
}

/// With so many workers for each processor a run begins, and it never tries fewer by itself: with one each, a processor
/// is idle whenever a worker waits for another thread.
const LEAST_EACH: usize = 2;
/// No run tries more by itself: more were not measured (docs/speed.md).
const MOST: usize = 64;
/// A look at how fast the run is takes at least so long, so that one file more or less weighs little.
const INTERVAL: Duration = Duration::from_millis(10);
/// And so long where not even each worker has done a file.
const LONG: Duration = Duration::from_millis(250);
/// After a try that was in vain, the next one waits so long: twice as long each time, up to the other.
const HOLD: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(8)];

/// The workers of a run.
pub(super) struct Crew {
    /// How many there are to be.
    wanted: AtomicUsize,
    /// How many there are.
    present: AtomicUsize,
    /// Whether one has gone since there is nothing more to do. Then nobody joins.
    is_over: AtomicBool,
    /// Files done.
    done: AtomicU64,
    start: Instant,
    /// `None` where a number was asked for.
    fitting: Option<Mutex<Fitting>>,
}

impl Crew {
    pub(super) fn new(workers: Workers) -> Self {
        let (wanted, fitting) = match workers {
            Workers::Exactly(count) => (count.get(), None),
            Workers::Fitting(most) => {
                let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
                let fitting = Fitting::new(processors, most.get());
                (fitting.least, Some(Mutex::new(fitting)))
            }
        };
        Self {
            wanted: AtomicUsize::new(wanted),
            present: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            done: AtomicU64::new(0),
            start: Instant::now(),
            fitting,
        }
    }

    /// How many workers there are to be.
    pub(super) fn wanted(&self) -> usize {
        self.wanted.load(Ordering::Relaxed)
    }

    /// How many workers there are: at most so many files are in flight.
    pub(super) fn present(&self) -> usize {
        self.present.load(Ordering::Relaxed)
    }

    /// Makes room for one more worker, where one is wanted: who is told `true` starts it.
    pub(super) fn join(&self) -> bool {
        let one_more = |present| (present < self.wanted() && !self.is_over()).then_some(present + 1);
        self.present.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
    }

    /// One worker goes, as there is nothing more to do.
    pub(super) fn leave_at_end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.present.fetch_sub(1, Ordering::Relaxed);
    }

    /// One worker could not be started: no more are wanted than there are. Says how many.
    pub(super) fn make_do(&self) -> usize {
        let present = self.present.fetch_sub(1, Ordering::Relaxed) - 1;
        self.wanted.store(present, Ordering::Relaxed);
        present
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Whether the worker that asks is one too many: then it goes.
    pub(super) fn leave_if_too_many(&self) -> bool {
        let one_less = |present| (present > self.wanted()).then(|| present - 1);
        self.present.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
    }

    /// A file is done: are more workers wanted from now on? `has_more` says whether more files than so many wait.
    pub(super) fn done(&self, has_more: impl FnOnce(usize) -> bool) -> bool {
        let Some(fitting) = &self.fitting else { return false };
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        // Where another worker holds it, that one decides.
        let Ok(mut fitting) = fitting.try_lock() else { return false };
        let (at, before) = (self.start.elapsed(), self.wanted());
        if !fitting.is_due(at, done, before) {
            return false;
        }
        let now = Seen { at, used: unix::processor_time(), done };
        let Some(wanted) = fitting.decide(now, (self.present(), before), has_more) else { return false };
        self.wanted.store(wanted, Ordering::Relaxed);
        wanted > before
    }
}

/// How far a run was at some time.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Since its start.
    at: Duration,
    /// Time of all processors.
    used: Duration,
    /// Files.
    done: u64,
}

/// Finds out how many workers fit.
struct Fitting {
    processors: usize,
    least: usize,
    most: usize,
    last: Seen,
    /// Another number of workers, on trial.
    trial: Option<Trial>,
    /// No other number is tried before.
    hold_until: Duration,
    hold: Duration,
}

#[derive(Clone, Copy)]
struct Trial {
    /// How many workers there were before.
    from: usize,
    /// Files a second with those.
    rate: f64,
    /// Whether its first files are still to be waited for, which began with other workers.
    settles: bool,
    /// Whether it goes on after one that made nothing faster.
    is_second: bool,
}

impl Fitting {
    /// With no more workers than `most`, who can have something to do.
    fn new(processors: usize, most: usize) -> Self {
        let least = (LEAST_EACH * processors).min(most);
        let most = MOST.max(least).min(most);
        Self { processors, least, most, last: Seen::default(), trial: None, hold_until: Duration::ZERO, hold: HOLD[0] }
    }

    /// Whether enough was done since the last look.
    fn is_due(&self, at: Duration, done: u64, wanted: usize) -> bool {
        let took = at.saturating_sub(self.last.at);
        took >= INTERVAL && (done.saturating_sub(self.last.done) >= wanted as u64 || took >= LONG)
    }

    /// How many workers there are to be from now on, if that is another number.
    #[allow(clippy::cast_precision_loss)] // files a second, which nobody counts
    fn decide(
        &mut self,
        now: Seen,
        (present, wanted): (usize, usize),
        has_more: impl FnOnce(usize) -> bool,
    ) -> Option<usize> {
        /// Below this part of all processors, nearly all workers wait: then more of them cost next to nothing.
        const WAITS: f64 = 0.25;
        /// Below this part some do.
        const IDLE: f64 = 0.8;
        /// Above this part none do.
        const BUSY: f64 = 0.95;
        /// What more workers have to make of the files a second, and what fewer may.
        const MORE: f64 = 1.05;
        const NO_LESS: f64 = 0.97;
        let (before, last) = (self.trial, self.last);
        self.last = now;
        if present != wanted {
            return None; // some are still to come or to go
        }
        if let Some(trial) = self.trial.as_mut().filter(|trial| trial.settles) {
            trial.settles = false;
            return None;
        }
        let seconds = now.at.saturating_sub(last.at).as_secs_f64();
        let rate = (now.done.saturating_sub(last.done)) as f64 / seconds;
        let busy = now.used.saturating_sub(last.used).as_secs_f64() / seconds / self.processors as f64;
        self.trial = None;
        let mut from = Trial { from: wanted, rate, settles: busy >= WAITS, is_second: false };
        if let Some(trial) = before {
            let is_worth_it = rate >= trial.rate * if wanted > trial.from { MORE } else { NO_LESS };
            if is_worth_it {
                self.hold = HOLD[0];
            } else if wanted > trial.from && wanted < self.most && busy < WAITS && !trial.is_second {
                // The first files of those that were added may not be done yet: four times as many have to be faster.
                from = Trial { is_second: true, ..trial };
            } else {
                self.hold_until = now.at + self.hold;
                self.hold = (2 * self.hold).min(HOLD[1]);
                return Some(trial.from);
            }
        }
        let other = if now.at < self.hold_until {
            return None;
        } else if busy < IDLE && wanted < self.most && has_more(wanted) {
            (2 * wanted).min(self.most)
        } else if busy > BUSY && wanted > self.least {
            (wanted / 2).max(self.least)
        } else {
            return None;
        };
        self.trial = Some(from);
        Some(other)
    }
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // simulated, and small
mod tests {
    use super::*;

    /// A run whose files take so long: of a processor, and of waiting for the disk, which serves `served` at a time.
    struct Simulated {
        processors: usize,
        works: f64,
        waits: f64,
        served: f64,
    }

    impl Simulated {
        /// Files a second with so many workers.
        fn rate(&self, workers: usize) -> f64 {
            let of_workers = workers as f64 / (self.works + self.waits);
            let of_processors = self.processors as f64 / self.works;
            of_workers.min(of_processors).min(if self.waits > 0.0 { self.served / self.waits } else { f64::MAX })
        }

        /// How many workers there are at the end of each tenth of a second, after so many seconds.
        fn run(&self, fitting: &mut Fitting, seconds: f64) -> Vec<usize> {
            const STEP: f64 = 0.001;
            let (mut workers, mut done, mut used, mut at) = (fitting.least, 0.0, 0.0, fitting.last.at.as_secs_f64());
            let (end, mut next, mut seen) = (at + seconds, at + 0.1, Vec::new());
            while at < end {
                at += STEP;
                done += self.rate(workers) * STEP;
                used += self.rate(workers) * STEP * self.works;
                let now =
                    Seen { at: Duration::from_secs_f64(at), used: Duration::from_secs_f64(used), done: done as u64 };
                if fitting.is_due(now.at, now.done, workers) {
                    workers = fitting.decide(now, (workers, workers), |_| true).unwrap_or(workers);
                }
                if at >= next {
                    next += 0.1;
                    seen.push(workers);
                }
            }
            seen
        }
    }

    #[test]
    fn there_are_as_many_workers_as_make_it_faster() {
        let ms = 0.001;
        let rows = [
            ("from memory", Simulated { processors: 2, works: 0.05 * ms, waits: 0.0, served: 1.0 }, 4..=4),
            (
                "a disk that serves all",
                Simulated { processors: 2, works: 0.1 * ms, waits: 1.9 * ms, served: 1e9 },
                32..=64,
            ),
            ("a slow network", Simulated { processors: 2, works: 0.1 * ms, waits: 10.0 * ms, served: 1e9 }, 64..=64),
            (
                "a disk that serves 8",
                Simulated { processors: 2, works: 0.1 * ms, waits: 2.0 * ms, served: 8.0 },
                8..=16,
            ),
            // Measured: ten calls a file, of 2 ms each (docs/speed.md).
            ("late", Simulated { processors: 2, works: 0.3 * ms, waits: 20.0 * ms, served: 1e9 }, 64..=64),
            // Of a copy's 75 ms there, the folder that it is made in is locked for 10.
            (
                "late, one entry of a folder at a time",
                Simulated { processors: 2, works: 0.5 * ms, waits: 75.0 * ms, served: 7.5 },
                8..=32,
            ),
            ("half of the time", Simulated { processors: 4, works: 0.5 * ms, waits: 0.5 * ms, served: 1e9 }, 8..=8),
        ];
        for (what, simulated, expected) in rows {
            let mut fitting = Fitting::new(simulated.processors, MOST);
            let seen = simulated.run(&mut fitting, 2.0);
            let settled = seen[seen.len() / 2..].iter().filter(|count| expected.contains(*count)).count();
            // Now and then another number is tried.
            assert!(settled * 10 >= seen.len() / 2 * 8, "{what}: {seen:?}");
        }
    }

    /// What came from a slow disk comes from memory now.
    #[test]
    fn there_are_fewer_where_they_are_no_use() {
        let mut fitting = Fitting::new(2, MOST);
        let slow = Simulated { processors: 2, works: 0.1 * 0.001, waits: 0.01, served: 1e9 };
        assert_eq!(slow.run(&mut fitting, 1.0).last(), Some(&64));
        let mut workers = 64;
        for step in 1..200_u32 {
            let at = fitting.last.at + INTERVAL;
            let now = Seen {
                at,
                used: fitting.last.used + 2 * INTERVAL,
                done: fitting.last.done + 1000 + u64::from(step % 3),
            };
            workers = fitting.decide(now, (workers, workers), |_| true).unwrap_or(workers);
        }
        assert_eq!(workers, 4);
    }

    #[test]
    fn none_are_tried_where_nothing_waits_or_some_are_still_to_come() {
        let idle = Seen { at: INTERVAL, used: Duration::ZERO, done: 1000 };
        assert_eq!(Fitting::new(2, MOST).decide(idle, (4, 4), |_| false), None);
        assert_eq!(Fitting::new(2, MOST).decide(idle, (3, 4), |_| true), None);
        assert_eq!(Fitting::new(2, MOST).decide(idle, (4, 4), |wanted| wanted == 4), Some(8));
        assert_eq!(Fitting::new(2, 5).decide(idle, (4, 4), |_| true), Some(5));
        let [few, many] = [(2, 3), (100, usize::MAX)].map(|(processors, most)| Fitting::new(processors, most));
        assert_eq!([few.least, few.most, many.least, many.most], [3, 3, 200, 200]);
    }

    #[test]
    fn who_asks_is_told_whether_there_is_room() {
        let crew = Crew::new(Workers::Exactly(NonZeroUsize::new(2).unwrap()));
        assert_eq!([crew.join(), crew.join(), crew.join()], [true, true, false]);
        assert!(!crew.leave_if_too_many());
        crew.wanted.store(1, Ordering::Relaxed);
        assert_eq!([crew.leave_if_too_many(), crew.leave_if_too_many()], [true, false]);
        assert_eq!((crew.present(), crew.wanted()), (1, 1));
        crew.wanted.store(3, Ordering::Relaxed);
        assert!(crew.join());
        assert_eq!(crew.make_do(), 1);
        assert_eq!((crew.present(), crew.wanted(), crew.join()), (1, 1, false));
        crew.wanted.store(3, Ordering::Relaxed);
        assert!(crew.join());
        crew.leave_at_end();
        assert!(!crew.join(), "there is nothing more to do");
    }

    /// A number that was asked for stays.
    #[test]
    fn no_other_number_is_tried_where_one_was_asked_for() {
        let crew = Crew::new(Workers::Exactly(NonZeroUsize::new(3).unwrap()));
        for _ in 0..1000 {
            assert!(!crew.done(|_| panic!("there is nothing to find out")));
        }
        assert_eq!(crew.wanted(), 3);
    }
}
