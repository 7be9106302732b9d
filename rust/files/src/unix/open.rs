//! How files are opened.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::{Errno, fcntl_dupfd_cloexec, retry_on_intr};

/// Where a file is: by its path, or by its name in a folder that is open.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) folder: BorrowedFd<'a>,
    pub(crate) path: &'a Path,
}

impl<'a> At<'a> {
    pub(crate) const fn path(path: &'a Path) -> Self {
        Self { folder: CWD, path }
    }

    /// Neither a pipe nor a terminal can make this wait.
    pub(crate) fn open(self, access: OFlags, mode: Mode) -> io::Result<File> {
        let flags = access | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let opened = retry_on_intr(|| openat(self.folder, self.path, flags, mode))?;
        Ok(File::from(away_from_streams(opened)?))
    }
}

/// Where the process has closed a standard stream, the next file that is opened gets its number, and what anyone prints there, a panic
/// say, would be written into a patient's scan.
fn away_from_streams(opened: OwnedFd) -> io::Result<OwnedFd> {
    const STREAMS: i32 = 3;
    if opened.as_raw_fd() >= STREAMS { Ok(opened) } else { Ok(fcntl_dupfd_cloexec(&opened, STREAMS)?) }
}

/// An open folder. For a file that is opened by its name in it, the system need not walk the whole path again, which took it a tenth of
/// what a small file takes in all.
///
/// It goes on being that folder when another one comes to have its path.
pub(crate) struct Folder(OwnedFd);

impl Folder {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        // What is needed to come through it, which is all that a path asks for, and no permission to list it.
        #[cfg(target_os = "linux")]
        let access = OFlags::PATH;
        #[cfg(not(target_os = "linux"))]
        let access = OFlags::RDONLY;
        // Without a component, it is where we are.
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        Ok(Self(retry_on_intr(|| openat(CWD, path, access | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()))?))
    }

    pub(crate) fn at<'a>(&'a self, name: &'a OsStr) -> At<'a> {
        At { folder: self.0.as_fd(), path: Path::new(name) }
    }
}

/// Opens for reading. Nothing is told apart here: [`super::Stat::of`] does.
pub(crate) fn open_to_read(at: At<'_>) -> io::Result<File> {
    at.open(OFlags::RDONLY, Mode::empty())
}

/// Opens for reading, not through a link: that is an error.
pub(crate) fn open_to_read_no_link(at: At<'_>) -> io::Result<File> {
    at.open(OFlags::RDONLY | OFlags::NOFOLLOW, Mode::empty())
}

/// Opens for reading and writing, not through a link; for reading only where writing is not allowed, with the reason.
///
/// One system call for nearly every file. Opening to read first and to write when there is something to write would be two, and
/// the second could meet another file.
pub(crate) fn open_to_edit(at: At<'_>) -> io::Result<(File, Option<io::Error>)> {
    match at.open(OFlags::RDWR | OFlags::NOFOLLOW, Mode::empty()) {
        Ok(file) => Ok((file, None)),
        Err(error) if is_refusal_to_write(&error) => open_to_read_no_link(at).map(|file| (file, Some(error))),
        Err(error) => Err(error),
    }
}

/// Whether the file may still be read: no permission, an immutable file, a file system that is read-only, a program that runs.
fn is_refusal_to_write(error: &io::Error) -> bool {
    let refusals = [Errno::ACCESS, Errno::PERM, Errno::ROFS, Errno::TXTBSY];
    refusals.iter().any(|refusal| error.raw_os_error() == Some(refusal.raw_os_error()))
}

/// Creates a file that was not there, for its owner only.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    At::path(path).open(OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW, PRIVATE)
}

/// The process's standard output, as a file that can be closed without it.
pub(crate) fn stdout() -> io::Result<File> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// For its owner only.
pub(crate) const PRIVATE: Mode = Mode::RUSR.union(Mode::WUSR);

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read;

    use super::*;
    use crate::testing::Scratch;

    #[test]
    fn a_folder_stays_the_one_that_was_opened_and_its_links_are_not_followed() {
        let scratch = Scratch::new();
        let top = scratch.path("");
        let (path, aside) = (top.join("folder"), top.join("aside"));
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("file"), "old").unwrap();
        std::os::unix::fs::symlink("file", path.join("link")).unwrap();
        let folder = Folder::open(&path).unwrap();
        fs::rename(&path, &aside).unwrap();
        fs::create_dir(&path).unwrap();
        fs::write(path.join("file"), "new").unwrap();

        let (file, link) = (folder.at(OsStr::new("file")), folder.at(OsStr::new("link")));
        let mut text = String::new();
        open_to_read(link).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "old");
        assert!(open_to_read_no_link(file).is_ok() && open_to_edit(file).is_ok());
        assert!(open_to_read_no_link(link).is_err() && open_to_edit(link).is_err());
        assert!(Folder::open(&aside.join("file")).is_err());
    }

    #[test]
    fn a_new_file_is_new_and_none_is_waited_for() {
        use rustix::fs::fcntl_getfl;

        let scratch = Scratch::new();
        let path = scratch.path("file");
        let new = create_private(&path).unwrap();
        assert_eq!(create_private(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(fcntl_getfl(&new).unwrap().contains(OFlags::NONBLOCK));
        // One whose number is no standard stream's keeps it.
        let number = new.as_raw_fd();
        assert_eq!(away_from_streams(new.into()).unwrap().as_raw_fd(), number);
    }

    #[test]
    fn what_may_not_be_written_is_opened_for_reading_and_nothing_else_is() {
        for (errno, is_refusal) in [
            (Errno::ACCESS, true),
            (Errno::PERM, true),
            (Errno::ROFS, true),
            (Errno::TXTBSY, true),
            (Errno::ISDIR, false),
            (Errno::LOOP, false),
        ] {
            assert_eq!((errno, is_refusal_to_write(&errno.into())), (errno, is_refusal));
        }
        assert!(open_to_edit(At::path(&std::env::temp_dir())).is_err());
        // Nobody may write it, whoever asks.
        let kernels = Path::new("/sys/devices/system/cpu/online");
        if kernels.exists() {
            assert!(open_to_edit(At::path(kernels)).unwrap().1.is_some());
        }
    }

    /// A program that Python starts meanwhile, in another thread, must not get them: it would hold locks, and could write.
    #[test]
    fn no_other_program_gets_what_is_open() {
        use rustix::io::{FdFlags, fcntl_getfd};

        let scratch = Scratch::new();
        let folder = scratch.path("");
        let path = folder.join("file");
        let opened = Folder::open(&folder).unwrap();
        let closes = |file: &dyn AsFd| fcntl_getfd(file).unwrap().contains(FdFlags::CLOEXEC);
        assert!(closes(&create_private(&path).unwrap()));
        assert!(closes(&open_to_read(At::path(&path)).unwrap()));
        assert!(closes(&open_to_read_no_link(opened.at(OsStr::new("file"))).unwrap()));
        assert!(closes(&open_to_edit(At::path(&path)).unwrap().0));
        assert!(closes(&opened.0));
        assert!(crate::unix::create_unnamed(&opened).is_ok_and(|file| closes(&file)) || !cfg!(target_os = "linux"));
    }
}
