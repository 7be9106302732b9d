//! Runs a program and prints what it took: `{"seconds": .., "peak_kib": .., "code": ..}`.
//!
//! The peak memory that the system tells of a process begins with that of its parent. So the parent has to be small: this one.
//!
//!     launch OUTPUT FOLDER|- PROGRAM ARGUMENT...
//!
//! What the program prints goes to the file OUTPUT. If FOLDER is given, what is written to its file system is waited for, and is part
//! of the time.

use std::fs::File;
use std::io;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

fn main() -> io::Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(output), Some(folder), Some(program)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err(io::Error::other("usage: launch OUTPUT FOLDER|- PROGRAM ARGUMENT..."));
    };
    let output = File::create(output)?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);

    let started = Instant::now();
    let child = command.spawn()?;
    let (code, peak) = wait(child.id().cast_signed())?;
    if folder != "-" {
        rustix::fs::syncfs(File::open(folder)?)?;
    }
    let seconds = started.elapsed().as_secs_f64();
    println!(r#"{{"seconds": {seconds}, "peak_kib": {peak}, "code": {code}}}"#);
    Ok(ExitCode::SUCCESS)
}

/// The exit code, -1 for a process that a signal ended, and the peak of resident memory in KiB.
fn wait(process: i32) -> io::Result<(i32, i64)> {
    let mut status = 0;
    // SAFETY: an rusage is integers alone, for which zero is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live values of the types that wait4 fills.
    if unsafe { libc::wait4(process, &raw mut status, 0, &raw mut usage) } < 0 {
        return Err(io::Error::last_os_error());
    }
    let code = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -1 };
    let unit = if cfg!(target_os = "macos") { 1024 } else { 1 }; // there it is bytes
    Ok((code, usage.ru_maxrss / unit))
}
