//! Replacing a file by a new one, where it can't be written as it stands: it is deflated, or its length changes.
//!
//! At every moment, and after a crash of the machine, there is the old file or the new one, whole. The README says what
//! the new file does not have of the old one: the inode, and with it other names, and the time it was made.

use std::fs::File;
use std::io::{self, Write};

use crate::error::FileError;
use crate::read::inflated::Inflated;
use crate::read::opened::{Opened, same};
use crate::text::system_words;
use crate::unix::{self, Stat};
use crate::watch::Watch;
use crate::write::deflated::deflate;
use crate::write::temporary::Temporary;

/// Replaces a deflated file by one that is made of `inflated`: as [`replace_by`].
pub(crate) fn replace(opened: &Opened<'_>, inflated: &Inflated, watch: &Watch) -> Result<Option<FileError>, FileError> {
    let failed = |error| FileError::io(opened.path, error);
    replace_by(opened, |mut file| deflate(inflated, watch, |piece| file.write_all(piece).map_err(failed)))
}

/// Replaces the file by one that `write` writes, with the same owner, mode and extended attributes. If the old file could
/// then not be overwritten, the reason is returned.
pub(crate) fn replace_by(
    opened: &Opened<'_>,
    write: impl FnOnce(&File) -> Result<(), FileError>,
) -> Result<Option<FileError>, FileError> {
    check_names(opened.check_unchanged()?.links)?;
    let failed = |error| FileError::io(opened.path, error);
    let folder = unix::folder_of(opened.path);
    // In the same folder: a rename is one step only within a file system.
    let temporary = Temporary::create(folder).map_err(|error| FileError::io(folder, error))?;
    let file = temporary.file();
    // This comes first, since it may be refused. The new file can be read by others from now on, but no name is in it.
    unix::restore(&opened.file, file).map_err(|(what, error)| FileError::NotRestored { what, error })?;
    write(file)?;
    temporary.sync().map_err(failed)?;
    check_names(opened.check_unchanged()?.links)?;
    check_place(opened)?;
    let new = file.try_clone().map_err(failed)?;
    temporary.replace(opened.path).map_err(failed)?;
    unix::sync_folder(folder).map_err(|error| FileError::io(folder, error))?;
    Ok(overwrite_old(opened, &new))
}

/// Overwrites the old file, to which no name leads any more, with the bytes of the new one. Else its blocks would be
/// free, with all that was to be blanked in them. A program that has it open, or a bind mount of it, then shows the new
/// bytes. Rejected: to write zeros. Behind such a mount the file would be lost.
///
/// The new file is in its place, whatever comes of this. So an error is only reported.
fn overwrite_old(opened: &Opened<'_>, new: &File) -> Option<FileError> {
    let links = match Stat::of(&opened.file) {
        Ok(now) => now.map_or(0, |now| now.links),
        Err(error) => return Some(not_overwritten(&error)),
    };
    // It must have had one name, and have none now. Else it has got another name, or the file system does not count
    // names.
    if links != 0 || opened.stat.links != 1 {
        let sentence = "the old file could not be overwritten: it has another name by now, which still leads to what was to be blanked";
        return Some(FileError::OldFileKept(sentence.to_owned()));
    }
    copy_bytes(new, opened).err().map(|error| not_overwritten(&error))
}

fn not_overwritten(error: &io::Error) -> FileError {
    let reason = system_words(error);
    FileError::OldFileKept(format!("the old file, which has no name any more, could not be overwritten: {reason}"))
}

fn copy_bytes(new: &File, old: &Opened<'_>) -> io::Result<()> {
    const PIECE: usize = 64 * 1024;
    let mut piece = vec![0; PIECE];
    let mut at = 0;
    loop {
        let count = unix::read_at(new, &mut piece, PIECE, at)?;
        if count == 0 {
            break;
        }
        #[cfg(test)]
        unix::steps::note("overwrite");
        unix::write_at(&old.file, &piece[..count], at)?;
        at += count as u64;
    }
    let size = at;
    // What will be cut off must not stay in free blocks either.
    piece.fill(0);
    while at < old.stat.size {
        let length = usize::try_from(old.stat.size - at).map_or(PIECE, |rest| rest.min(PIECE));
        unix::write_at(&old.file, &piece[..length], at)?;
        at += length as u64;
    }
    unix::sync_data(&old.file)?;
    old.file.set_len(size)
}

/// Refuses a file with other names: they would go on leading to the old file, with all that was to be blanked.
fn check_names(links: u64) -> Result<(), FileError> {
    if links <= 1 {
        return Ok(());
    }
    Err(FileError::HardLinks { count: links, is_replaced: true })
}

/// Checks that the file which is replaced is the one that was read.
fn check_place(opened: &Opened<'_>) -> Result<(), FileError> {
    let named = Stat::named(opened.path).map_err(|error| FileError::io(opened.path, error))?;
    same(opened.stat.since(&named.ok_or(FileError::Changed)?))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use dicomblank_core::{Patch, Rules, Tag};

    use super::*;
    use crate::read::planned::Planned;
    use crate::read::windows::Windows;
    use crate::testing::{Scratch, deflated};
    use crate::unix::{At, steps};

    /// The row says so, and a file that has a name is not written to.
    #[test]
    fn an_old_file_that_is_not_overwritten_is_told() {
        type Open = fn(&Path) -> Opened<'_>;
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (path, other, new) = (folder.join("file"), folder.join("other"), folder.join("new"));
        let new_file = || {
            fs::write(&new, "new").unwrap();
            File::open(&new).unwrap()
        };
        let to_edit: Open = |path| Opened::to_edit(path, At::path(path)).unwrap();
        let to_read: Open = |path| Opened::to_read(path).unwrap();
        for (what, open, names, is_removed, warning, after) in [
            ("no name", to_edit, 1, true, None, "new"),
            ("its name", to_edit, 1, false, Some("it has another name by now"), "a longer old one"),
            ("another name", to_edit, 2, true, Some("it has another name by now"), "a longer old one"),
            ("an error", to_read, 1, true, Some("could not be overwritten: Bad file descriptor"), "a longer old one"),
        ] {
            fs::write(&path, "a longer old one").unwrap();
            let opened = open(&path);
            (1..names).for_each(|_| fs::hard_link(&path, &other).unwrap());
            if is_removed {
                fs::remove_file(&path).unwrap();
            }
            let told = overwrite_old(&opened, &new_file());
            assert_eq!(told.is_some(), warning.is_some(), "{what}: {told:?}");
            assert!(warning.is_none_or(|part| told.unwrap().to_string().contains(part)), "{what}");
            let mut bytes = vec![0; usize::try_from(Stat::of(&opened.file).unwrap().unwrap().size).unwrap()];
            opened.read_exactly(0, &mut bytes).unwrap();
            assert_eq!(String::from_utf8(bytes).unwrap(), after, "{what}");
            let _ = fs::remove_file(&other);
        }
    }

    #[test]
    fn another_file_of_that_name_is_not_replaced() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (path, aside) = (folder.join("file"), folder.join("aside"));
        fs::write(&path, "old").unwrap();
        let opened = Opened::to_edit(&path, At::path(&path)).unwrap();
        assert!(check_place(&opened).is_ok());
        fs::rename(&path, aside).unwrap();
        assert!(matches!(check_place(&opened), Err(FileError::Io { .. })));
        fs::write(&path, "new").unwrap();
        assert!(matches!(check_place(&opened), Err(FileError::Changed)));
    }

    /// What is cut off is zeros before. This is seen on a file whose length can't be changed.
    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_cut_off_is_overwritten_before() {
        use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (path, new) = (folder.join("file"), folder.join("new"));
        for (old, length) in
            [(4, 3), (10, 1), (64 * 1024, 3), (64 * 1024 + 4, 3), (200_000, 3), (200_000, 100_000), (200_000, 65_536)]
        {
            fs::write(&path, vec![b'o'; old]).unwrap();
            fs::write(&new, vec![b'n'; length]).unwrap();
            let mut opened = Opened::to_edit(&path, At::path(&path)).unwrap();
            opened.file = File::from(memfd_create("old", MemfdFlags::ALLOW_SEALING).unwrap());
            opened.file.write_all(&vec![b'o'; old]).unwrap();
            fcntl_add_seals(&opened.file, SealFlags::SHRINK | SealFlags::GROW).unwrap();
            copy_bytes(&File::open(&new).unwrap(), &opened).unwrap_err();
            let mut bytes = vec![0; old];
            opened.read_exactly(0, &mut bytes).unwrap();
            assert!(bytes == [vec![b'n'; length], vec![0; old - length]].concat(), "{old} and {length}");
        }
    }

    /// The new file is not written to before it has its mode, and not named before it is on the disk. The old bytes go
    /// last: until the new name is on the disk, a crash of the machine leaves the old file.
    #[test]
    fn a_crash_at_any_moment_leaves_the_old_file_or_the_new_one() {
        let scratch = Scratch::new();
        let folder = scratch.path("folder");
        fs::create_dir(&folder).unwrap();
        let path = folder.join("file");
        fs::write(&path, deflated()).unwrap();
        let mut windows = Windows::new(Watch::default());
        let opened = Opened::to_edit(&path, At::path(&path)).unwrap();
        let rules = Rules::new([Tag::new(0x10, 0x10)], []).unwrap();
        let Ok(Planned::Inflated(plan, mut inflated)) = opened.plan(&mut opened.source(&mut windows), &rules) else {
            panic!("it is deflated");
        };
        inflated.edit(&plan, &Patch::default(), None).unwrap();
        steps::take();
        replace(&opened, &inflated, &Watch::default()).unwrap();
        assert_eq!(
            steps::take(),
            [
                "owner, attributes, mode",
                "deflate",
                "sync file",
                "rename",
                "sync folder folder",
                "overwrite",
                "sync data"
            ]
        );
    }
}
