//! What the system may refuse: threads, and longer files. Such limits belong to a whole process: each test runs itself
//! once more in one of its own.
#![cfg(all(target_os = "linux", target_pointer_width = "64"))]

mod common;

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use common::{Rows, Scratch, blanked, named, order, write_named};
use dicomblank_files::{Job, Order, Outcome, RunError};
use rustix::process::{Resource, Rlimit, setrlimit};

const STACK: u64 = 512 << 20;
/// What the threads take besides their stacks: too little for another stack.
const REST: u64 = STACK / 4 * 3;
/// The variable that tells a process that it is such a run, and how much room it has.
const ROOM: &str = "DICOMBLANK_TEST_ROOM";
#[test]
fn fewer_workers_than_asked_for_will_do_but_none_will_not() {
    if let Ok(room) = env::var(ROOM) {
        return in_a_process_with(room.parse().unwrap());
    }
    for room in ["0", "1", "2", "3"] {
        again("fewer_workers_than_asked_for_will_do_but_none_will_not", room);
    }
}

/// Runs a test once more, by a shell that lets a process go on that has written too much.
fn again(name: &str, room: &str) {
    let mut again = Command::new("sh");
    again.args(["-c", "trap '' XFSZ; exec \"$0\" --exact \"$1\""]).arg(env::current_exe().unwrap()).arg(name);
    let output = again.env(ROOM, room).env("RUST_MIN_STACK", STACK.to_string()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "room for {room}: {said}");
}

/// Room for `threads` threads, one of which lists.
fn in_a_process_with(threads: u64) {
    let scratch = Scratch::new();
    write_named(&scratch, 5);
    // More rows than may wait: so the thread that lists can't end, and leave its room to another, before all are
    // started.
    for number in 0..100 {
        symlink("nothing", scratch.path(&format!("in/link{number}"))).unwrap();
    }
    let job = Job::new(Order { workers: Some(8), ..order(&[scratch.path("in")], None) }).unwrap();
    let limit = Some(size() + threads * STACK + REST);
    setrlimit(Resource::As, Rlimit { current: limit, maximum: limit }).unwrap();
    let ended = job.run(None, &mut Rows::default());
    let expected = if threads < 2 {
        assert!(matches!(ended, Err(RunError::Threads(_))), "{ended:?}");
        named(b"Doe^Jane")
    } else {
        assert_eq!(ended.unwrap().count(Outcome::Anonymized), 5);
        blanked(8)
    };
    for number in 0..5 {
        assert!(scratch.read(&format!("in/{number}")) == expected);
    }
}

#[test]
fn a_report_that_cannot_be_written_ends_the_run() {
    const LONGEST: u64 = 1000; // enough for each file, and too little for the report
    if env::var(ROOM).is_err() {
        return again("a_report_that_cannot_be_written_ends_the_run", "the files");
    }
    let scratch = Scratch::new();
    write_named(&scratch, 20);
    let report = scratch.path("report");
    let job = Job::new(Order { report: Some(report.clone()), ..order(&[scratch.path("in")], None) }).unwrap();
    setrlimit(Resource::Fsize, Rlimit { current: Some(LONGEST), maximum: Some(LONGEST) }).unwrap();
    let ended = job.run(None, &mut Rows::default());
    assert!(matches!(&ended, Err(RunError::Report { path, .. }) if *path == report), "{ended:?}");
}

/// The memory of this process now, in bytes.
fn size() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    1024 * line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
}
