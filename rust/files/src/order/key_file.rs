//! Key files: one line of text, for its owner alone. `Key::from_text` says what stands in it.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dicomblank_pseudonym::{Key, KeyError};
use zeroize::Zeroizing;

use crate::text::{Shown, system_words};
use crate::unix::{self, At, Stat};

/// So many bytes of a key file are read. A key has less: what is longer is none.
const LONGEST: usize = 256;

/// What groups and all other users may do with a file: with a key file, nothing.
const OTHERS: u64 = 0o077;

/// Why a key can't be read from a file, or written to one. None of these tells a byte of the key.
#[derive(Debug)]
pub enum KeyFileError {
    /// The system's error about the file. A file that a key was to be written to exists already, for one.
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// It is a pipe, a device or the like.
    NotRegular {
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// Others than its owner can read it, or write to it.
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u64,
    },
    /// What stands in it is no key.
    NoKey {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: KeyError,
    },
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "{}: {}", Shown(path.as_os_str()), system_words(error)),
            Self::NotRegular { path, kind } => {
                write!(f, "{}: it is {kind}, and a key is in a regular file", Shown(path.as_os_str()))
            }
            Self::OpenToOthers { path, mode } => write!(
                f,
                "{}: others can read it or write to it (its mode is {mode:04o}): a key is for its owner alone, chmod 600 makes it so",
                Shown(path.as_os_str())
            ),
            Self::NoKey { path, error } => write!(f, "{}: {error}", Shown(path.as_os_str())),
        }
    }
}

impl std::error::Error for KeyFileError {}

/// A new key, of bytes from the system's source of randomness.
pub fn generate_key() -> io::Result<Key> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice())?;
    Key::from_bytes(bytes.as_slice()).map_err(io::Error::other)
}

/// The key in the file `path`, through links. A file that others can read or write to is refused: its key may be known
/// already, or another's.
pub fn load_key(path: &Path) -> Result<Key, KeyFileError> {
    let io = |error| KeyFileError::Io { path: path.to_owned(), error };
    let file = unix::open_to_read(At::path(path)).map_err(io)?;
    let Some(stat) = Stat::of(&file).map_err(io)? else {
        let kind = unix::special_kind(file.metadata().map_err(io)?.file_type());
        return Err(KeyFileError::NotRegular { path: path.to_owned(), kind });
    };
    // Of the open file: the one with that name may be another by now.
    let mode = stat.permission_bits();
    if mode & OTHERS != 0 {
        return Err(KeyFileError::OpenToOthers { path: path.to_owned(), mode });
    }
    let mut bytes = Zeroizing::new([0; LONGEST]);
    let length = unix::read_at(&file, bytes.as_mut_slice(), LONGEST, 0).map_err(io)?;
    Key::from_text(&bytes[..length]).map_err(|error| KeyFileError::NoKey { path: path.to_owned(), error })
}

/// Writes the key to the new file `path`, which only its owner can read, and flushes it to disk. What has that name
/// already, be it a link, is an error: it may be the only copy of another key.
pub fn save_key(key: &Key, path: &Path) -> Result<(), KeyFileError> {
    create(path, |mut file| {
        file.write_all(key.to_text().as_bytes())?;
        unix::sync_file(file)?;
        unix::sync_folder(unix::folder_of(path))
    })
    .map_err(|error| KeyFileError::Io { path: path.to_owned(), error })
}

/// Creates a private file and has it written. It is removed again if that fails: half a key is none, and the next try
/// would meet it.
fn create(path: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let file = unix::create_private(path)?;
    write(&file).inspect_err(|_| {
        if unix::is_name_of(path, &file).unwrap_or(false) {
            // The first error says more than a second one.
            let _ = fs::remove_file(path);
        }
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::testing::Scratch;
    use crate::unix::steps;

    fn key() -> Key {
        Key::from_bytes(&[7; 32]).unwrap()
    }

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_key_is_loaded_as_it_was_saved() {
        let scratch = Scratch::new();
        let path = scratch.path("key");
        save_key(&key(), &path).unwrap();
        assert_eq!(mode_of(&path), 0o600);
        assert_eq!(scratch.read("key"), key().to_text().as_bytes());
        assert_eq!(load_key(&path).unwrap().to_text(), key().to_text());
        symlink("key", scratch.path("link")).unwrap();
        assert_eq!(load_key(&scratch.path("link")).unwrap().id(), key().id());
    }

    #[test]
    fn new_keys_differ() {
        let ids: Vec<_> = (0..3).map(|_| generate_key().unwrap().id()).collect();
        assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
    }

    #[test]
    fn what_others_can_read_or_write_is_refused() {
        let scratch = Scratch::new();
        let path = scratch.path("key");
        save_key(&key(), &path).unwrap();
        for bit in [0o040_u64, 0o020, 0o010, 0o004, 0o002, 0o001] {
            set_mode(&path, 0o600 | u32::try_from(bit).unwrap());
            let error = load_key(&path).unwrap_err();
            assert!(matches!(error, KeyFileError::OpenToOthers { mode, .. } if mode == 0o600 | bit), "{error}");
            let words = error.to_string();
            assert!(words.contains(&format!("(its mode is {:04o})", 0o600 | bit)) && words.contains("chmod 600"));
        }
        for mode in [0o600, 0o400, 0o700] {
            set_mode(&path, mode);
            assert!(load_key(&path).is_ok(), "{mode:o}");
        }
    }

    #[test]
    fn what_is_no_key_file() {
        let scratch = Scratch::new();
        let line = key().to_text();
        let long = line.replace('\n', &" ".repeat(LONGEST));
        for (name, text, expected) in [
            ("empty", "", KeyError::NoKey),
            ("scan", "DICM", KeyError::NoKey),
            ("cut", &line[..60], KeyError::Damaged),
            ("long", &long, KeyError::Damaged),
            ("two", &line.repeat(2), KeyError::Damaged),
            ("gigabytes", &"x".repeat(100_000), KeyError::NoKey),
        ] {
            let path = scratch.write(name, text.as_bytes());
            set_mode(&path, 0o600);
            let error = load_key(&path).unwrap_err();
            assert!(matches!(&error, KeyFileError::NoKey { error, .. } if *error == expected), "{name}: {error}");
            assert!(!error.to_string().contains("0707") && !format!("{error:?}").contains("0707"), "{name}");
        }
        for (path, words) in [
            (Path::new("/dev/null"), "/dev/null: it is a device, and a key is in a regular file"),
            (&scratch.path("missing"), "No such file or directory"),
            (&scratch.path(""), "Is a directory"),
        ] {
            assert!(load_key(path).unwrap_err().to_string().ends_with(words));
        }
    }

    #[test]
    fn nothing_that_exists_is_written_over() {
        let scratch = Scratch::new();
        scratch.write("there", b"another key");
        symlink("there", scratch.path("link")).unwrap();
        symlink("nowhere", scratch.path("dangling")).unwrap();
        for name in ["there", "link", "dangling", ""] {
            let error = save_key(&key(), &scratch.path(name)).unwrap_err();
            let KeyFileError::Io { error, .. } = error else { panic!("{error}") };
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{name}");
        }
        assert_eq!(scratch.read("there"), b"another key");
        assert_eq!(scratch.names(), ["dangling", "link", "there"]);
    }

    #[test]
    fn what_could_not_be_written_is_removed() {
        let scratch = Scratch::new();
        let path = scratch.path("key");
        let full = |mut file: &File| {
            assert_eq!(mode_of(&path), 0o600); // from the start
            file.write_all(b"dicomblank-key")?;
            Err(io::ErrorKind::StorageFull.into())
        };
        assert_eq!(create(&path, full).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(scratch.names(), [""; 0]);
        // Not what another program has put there meanwhile.
        let moved = |_: &File| {
            fs::rename(&path, scratch.path("aside"))?;
            fs::write(&path, "another's")?;
            Err(io::ErrorKind::StorageFull.into())
        };
        assert!(create(&path, moved).is_err());
        assert_eq!(scratch.read("key"), b"another's");
    }

    #[test]
    fn it_is_on_the_disk_before_it_counts() {
        let scratch = Scratch::new();
        let folder = scratch.path("").file_name().unwrap().to_str().unwrap().to_owned();
        steps::take();
        save_key(&key(), &scratch.path("key")).unwrap();
        assert_eq!(steps::take(), ["sync file".to_owned(), format!("sync folder {folder}")]);
    }
}
