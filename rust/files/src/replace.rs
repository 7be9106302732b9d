//! Putting a new file in the place of one that can't be written where it stands: a deflated one.
//!
//! Whoever looks sees the old file or the new one, whole, at every moment and after a crash of the machine too. What the new file does
//! not have of the old one is said in the README: its inode, and with that its other names, and the time it was made.

use std::io::{self, Write};
use std::path::Path;

use crate::deflated::Inflated;
use crate::error::FileError;
use crate::file::Opened;
use crate::ownership;
use crate::stop::Stop;
use crate::temporary::Temporary;
use crate::unix::{self, Stat};

/// Replaces the file by one that is made of `inflated`, with the same owner, mode and extended attributes.
pub(crate) fn replace(opened: &Opened<'_>, inflated: &Inflated, stop: &Stop) -> Result<(), FileError> {
    check_names(opened.check_unchanged()?.links)?;
    let failed = |error| FileError::io(opened.path, error);
    let folder = folder_of(opened.path);
    // Beside it: a rename is one step only within a file system.
    let temporary = Temporary::create(folder).map_err(|error| FileError::io(folder, error))?;
    let mut file = temporary.file();
    // First of all, since this is what may be refused. Nobody is kept from reading it then, but there is no name in it.
    ownership::restore(&opened.file, file)?;
    inflated.deflate(stop, |piece| file.write_all(piece).map_err(failed))?;
    temporary.sync().map_err(failed)?;
    check_names(opened.check_unchanged()?.links)?;
    check_place(opened)?;
    temporary.replace(opened.path).map_err(failed)?;
    unix::sync_folder(folder).map_err(|error| FileError::io(folder, error))?;
    // The new file is there, and says what it should: what becomes of the old one's blocks is no fault of it.
    let _ = wipe(opened);
    Ok(())
}

/// Overwrites the old file, as far as nothing leads to it any more: its blocks would be free, with all that was to be blanked.
fn wipe(opened: &Opened<'_>) -> io::Result<()> {
    const PIECE: usize = 64 * 1024;
    static ZEROS: [u8; PIECE] = [0; PIECE];
    // It had one name. A file system that does not count names tells the same as before.
    if Stat::of(&opened.file)?.is_none_or(|now| now.links != 0 || opened.stat.links != 1) {
        return Ok(());
    }
    let mut at = 0;
    while at < opened.stat.size {
        let length = usize::try_from(opened.stat.size - at).map_or(PIECE, |rest| rest.min(PIECE));
        #[cfg(test)]
        unix::steps::note("wipe");
        unix::write_at(&opened.file, &ZEROS[..length], at)?;
        at += length as u64;
    }
    unix::sync_data(&opened.file)
}

/// The other names would go on leading to the old file, with all that was to be blanked.
fn check_names(links: u64) -> Result<(), FileError> {
    if links <= 1 {
        return Ok(());
    }
    Err(FileError::Unsupported(format!(
        "has {links} names (hard links), and a deflated file is replaced under one of them only: copy it, or remove the others"
    )))
}

/// That the file which will go is the one that was read.
fn check_place(opened: &Opened<'_>) -> Result<(), FileError> {
    let named = Stat::named(opened.path).map_err(|error| FileError::io(opened.path, error))?;
    opened.stat.since(&named.ok_or(FileError::Changed)?).check()
}

/// The folder that a path leads to.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;

    use dicomblank_core::{Rules, Tag};
    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;
    use crate::file::Planned;
    use crate::source::Windows;
    use crate::unix::{At, steps};

    /// A deflated file with a name in it.
    pub(crate) fn deflated() -> Vec<u8> {
        let mut bytes = vec![0; 128];
        bytes.extend(b"DICM\x02\0\x10\0UI\x16\x001.2.840.10008.1.2.1.99");
        let mut encoder = DeflateEncoder::new(bytes, Compression::new(6));
        encoder.write_all(b"\x08\0\x60\0CS\x02\0CT\x10\0\x10\0PN\x08\0Doe^Jane").unwrap();
        encoder.finish().unwrap()
    }

    /// Nothing is written that the wrong ones could read, nothing has the name that is not on the disk, and the old bytes go last: until
    /// the new name is on the disk, a crash of the machine leaves the old file.
    #[test]
    fn a_crash_at_any_moment_leaves_the_old_file_or_the_new_one() {
        let name = format!("dicomblank-replaced-{}", std::process::id());
        let folder = std::env::temp_dir().join(&name);
        fs::create_dir(&folder).unwrap();
        let path = folder.join("file");
        fs::write(&path, deflated()).unwrap();
        let mut windows = Windows::new(Stop::default());
        let opened = Opened::to_edit(&path, At::path(&path)).unwrap();
        let rules = Rules::new([Tag::new(0x10, 0x10)], []).unwrap();
        let Planned { plan, inflated } = opened.plan(&mut opened.source(&mut windows), &rules).unwrap();
        let mut inflated = inflated.unwrap();
        inflated.blank(&plan).unwrap();
        steps::take();
        replace(&opened, &inflated, &Stop::default()).unwrap();
        let in_folder = format!("sync folder {name}");
        assert_eq!(
            steps::take(),
            ["owner, attributes, mode", "deflate", "sync file", "rename", in_folder.as_str(), "wipe", "sync data"]
        );
        fs::remove_dir_all(folder).unwrap();
    }
}
