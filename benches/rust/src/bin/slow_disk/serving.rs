//! Mounting, serving, and unmounting at the end, however it comes.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use fuser::{BackgroundSession, Config, MountOption};
use rustix::fs::Mode;
use rustix::mount::{UnmountFlags, unmount};
use rustix::process::umask;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::answers::{Answers, Tally};
use crate::passing::Passing;

/// Threads that take calls. None of them waits.
const THREADS: usize = 4;
/// So late where nothing else is asked for.
const DELAY: f64 = 2.0;
pub(crate) fn main() -> io::Result<()> {
    let usage = || io::Error::other("usage: slow_disk FOLDER MOUNT_POINT [MILLISECONDS]");
    let mut arguments = std::env::args_os().skip(1);
    let (Some(folder), Some(point)) = (arguments.next(), arguments.next()) else { return Err(usage()) };
    let milliseconds = match arguments.next() {
        None => DELAY,
        Some(text) => text.to_str().and_then(|text| text.parse().ok()).ok_or_else(usage)?,
    };
    let delay = Duration::try_from_secs_f64(milliseconds / 1000.0).map_err(io::Error::other)?;
    let point = PathBuf::from(point);
    umask(Mode::empty()); // the kernel has applied the caller's
    let tally = Arc::new(Tally::default());
    let session =
        fuser::spawn_mount(Passing::new(Path::new(&folder), Answers::new(delay, tally.clone()))?, &point, &config())?;
    println!("mounted");
    io::stdout().flush()?;
    wait(&session)?;
    end(session, &point);
    tally.print();
    Ok(())
}

fn config() -> Config {
    let mut config = Config::default();
    config.mount_options =
        vec![MountOption::FSName("slow_disk".to_owned()), MountOption::Subtype("slow_disk".to_owned())];
    config.n_threads = Some(THREADS);
    config.clone_fd = true;
    config
}

/// Until the standard input ends, a signal comes, or someone else has unmounted it.
fn wait(session: &BackgroundSession) -> io::Result<()> {
    let (sender, ended) = channel();
    let by_signal = sender.clone();
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || signals.forever().next().map(|_| by_signal.send(())));
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        sender.send(())
    });
    while ended.recv_timeout(Duration::from_millis(100)).is_err() && !session.guard.is_finished() {}
    Ok(())
}

/// Where something still has a file open, the folder is taken out of sight at least: what is open fails when this process ends.
fn end(session: BackgroundSession, point: &Path) {
    let ended = if session.guard.is_finished() { session.join() } else { session.umount_and_join() };
    if let Err(error) = ended {
        eprintln!("slow_disk: {}: {error}", point.display());
        let _ = unmount(point, UnmountFlags::DETACH); // it is what could be done
    }
}
