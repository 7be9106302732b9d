//! What a file has besides its bytes, given to the file that replaces it: owner, group, mode, extended attributes and
//! with them access control lists.
//!
//! All of it or nothing: a file that others can suddenly read, or that its owner no longer can, is worse than a file
//! that is refused.

use std::ffi::{CStr, CString};
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use rustix::fs::{
    Gid, Uid, XattrFlags, fchown, fgetxattr, fgetxattr_query, flistxattr, flistxattr_query, fremovexattr, fsetxattr,
};
use rustix::io::Errno;

/// Gives `new` the owner, group, extended attributes and mode of `old`.
///
/// # Errors
/// What could not be given, in words, and the system's error.
pub(crate) fn restore(old: &File, new: &File) -> Result<(), (&'static str, io::Error)> {
    #[cfg(test)]
    super::steps::note("owner, attributes, mode");
    restore_owner(old, new).map_err(|error| ("owner and group", error))?;
    restore_attributes(old, new).map_err(|error| ("extended attributes", error))?;
    // The mode comes last: an access control list is a part of it, and a change of owner clears bits of it.
    restore_mode(old, new).map_err(|error| ("mode", error))
}

fn restore_owner(old: &File, new: &File) -> io::Result<()> {
    let (wanted, has) = (old.metadata()?, new.metadata()?);
    let changed = |wanted: u32, has: u32| (wanted != has).then_some(wanted);
    let (owner, group) = (changed(wanted.uid(), has.uid()), changed(wanted.gid(), has.gid()));
    if owner.is_some() || group.is_some() {
        fchown(new, owner.map(Uid::from_raw), group.map(Gid::from_raw))?;
    }
    Ok(())
}

fn restore_mode(old: &File, new: &File) -> io::Result<()> {
    const BITS: u32 = 0o7777;
    let wanted = old.metadata()?.mode() & BITS;
    new.set_permissions(Permissions::from_mode(wanted))?;
    // The system drops some bits without an error.
    if new.metadata()?.mode() & BITS == wanted { Ok(()) } else { Err(Errno::PERM.into()) }
}

/// Attributes that `new` has already are not set again: the system gives a security label itself, and often lets nobody
/// set it. Attributes that only `new` has are removed: they are from the defaults of its folder, and could let others
/// read it.
fn restore_attributes(old: &File, new: &File) -> io::Result<()> {
    let wanted = names(old)?;
    for name in names(new)?.iter().filter(|name| !wanted.contains(name)) {
        fremovexattr(new, name.as_c_str())?;
    }
    for name in &wanted {
        let value = value(old, name)?;
        if self::value(new, name).is_ok_and(|has| has == value) {
            continue;
        }
        fsetxattr(new, name.as_c_str(), &value, XattrFlags::empty())?;
    }
    Ok(())
}

fn names(file: &File) -> io::Result<Vec<CString>> {
    let size = match flistxattr_query(file) {
        // The file system has no attributes.
        Err(Errno::NOTSUP) | Ok(0) => return Ok(Vec::new()),
        size => size?,
    };
    let mut list = vec![0; size];
    let filled = flistxattr(file, &mut list[..])?;
    let names = list[..filled].split_inclusive(|byte| *byte == 0);
    Ok(names.filter_map(|name| CStr::from_bytes_with_nul(name).ok()).map(CStr::to_owned).collect())
}

fn value(file: &File, name: &CStr) -> io::Result<Vec<u8>> {
    let mut value = vec![0; fgetxattr_query(file, name)?];
    if !value.is_empty() {
        let filled = fgetxattr(file, name, &mut value[..])?;
        value.truncate(filled);
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rustix::fs::{Mode, OFlags};

    use super::*;
    use crate::testing::Scratch;
    use crate::unix::At;

    /// Runs a test with two files, the old and the new one.
    fn with_two(test: impl FnOnce(&File, &File)) {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let [old, new] = ["old", "new"].map(|name| File::create(folder.join(name)).unwrap());
        test(&old, &new);
    }

    #[test]
    fn owner_and_group_are_given_each_by_itself() {
        with_two(|old, new| {
            let ids = |file: &File| file.metadata().map(|metadata| (metadata.uid(), metadata.gid())).unwrap();
            let (owner, group) = ids(old);
            for (owner, group) in [(owner + 1, group), (owner + 1, group + 1), (owner, group + 1), (owner, group)] {
                if fchown(old, Some(Uid::from_raw(owner)), Some(Gid::from_raw(group))).is_err() {
                    eprintln!("skipped: no right to give files away");
                    return;
                }
                restore_owner(old, new).unwrap();
                assert_eq!(ids(new), (owner, group));
            }
        });
    }

    #[test]
    fn attributes_are_those_of_the_old_one_and_no_others() {
        with_two(|old, new| {
            let set = |file, name, value: &[u8]| fsetxattr(file, name, value, XattrFlags::empty());
            if set(old, c"user.missing", b"1").is_err() {
                eprintln!("skipped: no extended attributes here");
                return;
            }
            set(old, c"user.other", b"2").unwrap();
            set(old, c"user.empty", b"").unwrap();
            set(new, c"user.other", b"a longer one").unwrap();
            set(new, c"user.of-its-folder", b"3").unwrap();
            restore_attributes(old, new).unwrap();
            let all = |file| {
                let names = names(file).unwrap().into_iter();
                names.map(|name| (value(file, &name).unwrap(), name)).collect::<Vec<_>>()
            };
            let (mut wanted, mut has) = (all(old), all(new));
            wanted.sort();
            has.sort();
            assert_eq!(wanted, has);
            assert!(wanted.len() >= 3);
        });
    }

    /// A list of attributes that can't be read is not an empty list: what is in it would be lost.
    #[test]
    fn attributes_that_cannot_be_asked_for_are_an_error() {
        let scratch = Scratch::new();
        let path = scratch.path("file");
        fs::write(&path, "x").unwrap();
        let (old, new) = (File::options().read(true).write(true).open(&path).unwrap(), File::open(&path).unwrap());
        if fsetxattr(&old, c"user.dicomblank", b"x", XattrFlags::empty()).is_err() {
            eprintln!("skipped: no extended attributes here");
        } else {
            assert!(names(&old).unwrap().iter().any(|name| name.as_c_str() == c"user.dicomblank"));
            assert_eq!(value(&old, c"user.dicomblank").unwrap(), b"x");
        }
        assert!(value(&old, c"user.of-nobody").is_err());
        // A file that is opened as a place only (`O_PATH`) has no attributes to read.
        #[cfg(target_os = "linux")]
        {
            let mute = At::path(&path).open(OFlags::PATH, Mode::empty()).unwrap();
            assert!(names(&mute).is_err());
            for (old, new) in [(&mute, &new), (&old, &mute)] {
                assert!(restore_attributes(old, new).is_err());
            }
        }
    }
}
