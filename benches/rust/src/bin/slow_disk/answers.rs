//! Answers that are given late, and how often each call came.
//!
//! All calls wait equally long, so their answers are due in the order in which they are ready, and one thread gives all of them: it
//! sleeps until the first is due, and gives those that are due then. However many calls wait, none waits for another.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

type Answer = Box<dyn FnOnce() + Send>;

#[derive(Clone)]
pub(crate) struct Answers {
    delay: Duration,
    due: Sender<(Instant, Answer)>,
    tally: Arc<Tally>,
}

impl Answers {
    pub(crate) fn new(delay: Duration, tally: Arc<Tally>) -> Self {
        let (due, answers) = channel::<(Instant, Answer)>();
        thread::spawn(move || {
            for (due, answer) in answers {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                answer();
            }
        });
        Self { delay, due, tally }
    }

    /// A call has come.
    pub(crate) fn begin(&self, call: &'static str) -> UnderWay {
        self.tally.begin(call);
        UnderWay(self.clone())
    }
}

/// A call that is not answered yet.
pub(crate) struct UnderWay(Answers);

impl UnderWay {
    pub(crate) fn answer(self, answer: impl FnOnce() + Send + 'static) {
        let Self(Answers { delay, due, tally }) = self;
        let answer = move || {
            tally.end();
            answer();
        };
        let _ = due.send((Instant::now() + delay, Box::new(answer))); // it is there as long as the process
    }
}

/// How often each call came, and how many waited for their answers at the same time.
#[derive(Default)]
pub(crate) struct Tally(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    calls: BTreeMap<&'static str, u64>,
    at_once: u64,
    most_at_once: u64,
}

impl Tally {
    fn change(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn begin(&self, call: &'static str) {
        self.change(|counts| {
            *counts.calls.entry(call).or_default() += 1;
            counts.at_once += 1;
            counts.most_at_once = counts.most_at_once.max(counts.at_once);
        });
    }

    fn end(&self) {
        self.change(|counts| counts.at_once -= 1);
    }

    /// As one line of JSON: `{"calls": {"getattr": 3}, "most_at_once": 2}`.
    pub(crate) fn print(&self) {
        self.change(|counts| {
            let calls: Vec<_> = counts.calls.iter().map(|(call, count)| format!("\"{call}\": {count}")).collect();
            let line = format!("{{\"calls\": {{{}}}, \"most_at_once\": {}}}", calls.join(", "), counts.most_at_once);
            let _ = writeln!(io::stdout(), "{line}"); // who started it may have ended
        });
    }
}
