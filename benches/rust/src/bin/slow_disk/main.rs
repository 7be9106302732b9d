//! A file system that answers late, as one across a network does: what stands below a folder, each call after a while.
//!
//!     slow_disk FOLDER MOUNT_POINT [MILLISECONDS]
//!
//! It says `mounted`, and serves until its standard input ends, SIGINT or SIGTERM comes, or it is unmounted. Then it unmounts and
//! says how often each call came, and how many were answered at the same time at most. The program that started it holds its standard
//! input: when that one ends, however it does, so does this.
//!
//! Many calls wait at the same time: the delays add up for a caller, and not for all of them. Linux only. Root may mount; others
//! need `fusermount3`, and nobody else sees it.

#[cfg(target_os = "linux")]
mod answers;
#[cfg(target_os = "linux")]
mod behind;
#[cfg(target_os = "linux")]
mod nodes;
#[cfg(target_os = "linux")]
mod passing;
#[cfg(target_os = "linux")]
mod replies;
#[cfg(target_os = "linux")]
mod serving;

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    serving::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> std::io::Result<()> {
    Err(std::io::Error::other("slow_disk is for Linux alone"))
}
