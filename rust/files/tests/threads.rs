//! Threads that can't be started. How much memory there is to start them is the whole process's: the test runs itself once more for each.
#![cfg(all(target_os = "linux", target_pointer_width = "64"))]

mod common;

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use common::{Rows, Scratch, blanked, named, order};
use dicomblank_files::{Job, Order, RunError};
use rustix::process::{Resource, Rlimit, setrlimit};

const STACK: u64 = 512 << 20;
/// What else the threads take, and too little for another stack.
const REST: u64 = STACK / 4 * 3;
/// Says to a process that it is one of those below, and for how many threads there is room.
const ROOM: &str = "DICOMBLANK_TEST_ROOM";
const NAME: &str = "fewer_workers_than_asked_for_will_do_but_none_will_not";

#[test]
fn fewer_workers_than_asked_for_will_do_but_none_will_not() {
    if let Ok(room) = env::var(ROOM) {
        return in_a_process_with(room.parse().unwrap());
    }
    for room in ["0", "1", "2", "3"] {
        let mut again = Command::new(env::current_exe().unwrap());
        again.args(["--exact", NAME]).env(ROOM, room).env("RUST_MIN_STACK", STACK.to_string());
        let output = again.output().unwrap();
        assert!(output.status.success(), "room for {room}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

/// Room for `threads`, of which one lists.
fn in_a_process_with(threads: u64) {
    let scratch = Scratch::new();
    for number in 0..5 {
        scratch.write(&format!("in/{number}"), &named(b"Doe^Jane"));
    }
    // More rows than may wait: the one that lists can't end before all are started, and leave its room to another.
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
        assert_eq!(ended.unwrap().anonymized, 5);
        blanked(8)
    };
    for number in 0..5 {
        assert!(scratch.read(&format!("in/{number}")) == expected);
    }
}

/// Of this process's memory as it is now, in bytes.
fn size() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    1024 * line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
}
