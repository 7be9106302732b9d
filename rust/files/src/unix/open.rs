//! How files and folders are opened.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::{Errno, fcntl_dupfd_cloexec, retry_on_intr};

/// Where a file is: by its path, or by its name in an open folder.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) folder: BorrowedFd<'a>,
    pub(crate) path: &'a Path,
}

impl<'a> At<'a> {
    pub(crate) const fn path(path: &'a Path) -> Self {
        Self { folder: CWD, path }
    }

    /// Opens the file. Neither a pipe nor a terminal can make this wait.
    pub(crate) fn open(self, access: OFlags, mode: Mode) -> io::Result<File> {
        let flags = access | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let opened = retry_on_intr(|| openat(self.folder, self.path, flags, mode))?;
        Ok(File::from(away_from_streams(opened)?))
    }
}

/// Moves a file away from the numbers of the standard streams. If the process has closed one of them, the next file
/// that is opened gets its number. Whatever is then printed there, such as a panic, would be written into a patient's
/// scan.
fn away_from_streams(opened: OwnedFd) -> io::Result<OwnedFd> {
    const STREAMS: i32 = 3;
    if opened.as_raw_fd() >= STREAMS { Ok(opened) } else { Ok(fcntl_dupfd_cloexec(&opened, STREAMS)?) }
}

/// An open folder. A file in it is opened by its name: the system need not walk the whole path again, which was a tenth
/// of the time of a small file.
///
/// It stays the same folder when another one gets its path.
pub(crate) struct Folder(OwnedFd);

impl Folder {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        // Only to reach the files in it: that needs no permission to list it.
        #[cfg(target_os = "linux")]
        let access = OFlags::PATH;
        #[cfg(not(target_os = "linux"))]
        let access = OFlags::RDONLY;
        // An empty path is the current folder.
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        Ok(Self(retry_on_intr(|| openat(CWD, path, access | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()))?))
    }

    pub(crate) fn at<'a>(&'a self, name: &'a OsStr) -> At<'a> {
        At { folder: self.0.as_fd(), path: Path::new(name) }
    }
}

/// Opens for reading, through links, whatever kind of file it is: [`super::Stat::of`] tells the kind.
pub(crate) fn open_to_read(at: At<'_>) -> io::Result<File> {
    at.open(OFlags::RDONLY, Mode::empty())
}

/// Opens for reading. A link is an error.
pub(crate) fn open_to_read_no_link(at: At<'_>) -> io::Result<File> {
    at.open(OFlags::RDONLY | OFlags::NOFOLLOW, Mode::empty())
}

/// Opens for reading and writing, or for reading only if writing is not allowed, with the reason. A link is an error.
///
/// This is one system call for nearly every file. Rejected: to open for reading first, and for writing if there is
/// something to write. That is two calls, and the second could open another file.
pub(crate) fn open_to_edit(at: At<'_>) -> io::Result<(File, Option<io::Error>)> {
    match at.open(OFlags::RDWR | OFlags::NOFOLLOW, Mode::empty()) {
        Ok(file) => Ok((file, None)),
        Err(error) if is_refusal_to_write(&error) => open_to_read_no_link(at).map(|file| (file, Some(error))),
        Err(error) => Err(error),
    }
}

/// Whether the file may still be opened for reading: there is no permission to write, the file is immutable, the file
/// system is read-only, or the file is a program that runs.
fn is_refusal_to_write(error: &io::Error) -> bool {
    let refusals = [Errno::ACCESS, Errno::PERM, Errno::ROFS, Errno::TXTBSY];
    refusals.iter().any(|refusal| error.raw_os_error() == Some(refusal.raw_os_error()))
}

/// Whether a file was not opened since its name is a link, which was not to be followed.
pub(crate) fn is_about_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

/// Creates a new file, for its owner only. A file of that name is an error.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    #[cfg(test)]
    super::steps::change()?;
    At::path(path).open(OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW, PRIVATE)
}

/// The process's standard output, as a file that can be closed without closing the output.
pub(crate) fn stdout() -> io::Result<File> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// The process's standard input, in the same way.
pub(crate) fn stdin() -> io::Result<File> {
    Ok(File::from(away_from_streams(io::stdin().as_fd().try_clone_to_owned()?)?))
}

/// Read and write for the owner only.
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
        // A file whose number is not that of a standard stream keeps it.
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
        // Nobody may write this one, not even root.
        let kernels = Path::new("/sys/devices/system/cpu/online");
        if kernels.exists() {
            assert!(open_to_edit(At::path(kernels)).unwrap().1.is_some());
        }
    }

    /// A program that Python starts meanwhile, in another thread, must not inherit open files: it would keep locks, and
    /// could write.
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
