//! Archives and compressed files, recognised by their first bytes.

/// A format in which scans are packed. A row names it; what is inside is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// RFC 1952.
    Gzip,
    /// PKZIP's.
    Zip,
    /// bzip2's.
    Bzip2,
    /// RFC 8878.
    Zstd,
    /// The xz file format.
    Xz,
    /// 7-Zip's.
    SevenZip,
    /// `WinRAR`'s.
    Rar,
    /// POSIX's ustar, and GNU's.
    Tar,
}

/// The bytes that each format has, and at which offset.
const ARCHIVES: [(Archive, usize, &[u8]); 12] = [
    (Archive::Gzip, 0, b"\x1F\x8B\x08"), // the third byte is the method: deflate, the only one in use
    (Archive::Zip, 0, b"PK\x03\x04"),
    (Archive::Zip, 0, b"PK\x05\x06"), // an empty one
    (Archive::Zip, 0, b"PK\x07\x08"), // one of several parts
    // Before these bytes stand "BZh" and a digit.
    (Archive::Bzip2, 4, b"\x31\x41\x59\x26\x53\x59"),
    (Archive::Bzip2, 4, b"\x17\x72\x45\x38\x50\x90"), // an empty one
    (Archive::Zstd, 0, b"\x28\xB5\x2F\xFD"),
    (Archive::Xz, 0, b"\xFD7zXZ\0"),
    (Archive::SevenZip, 0, b"7z\xBC\xAF\x27\x1C"),
    (Archive::Rar, 0, b"Rar!\x1A\x07"),
    (Archive::Tar, 257, b"ustar\0"),
    (Archive::Tar, 257, b"ustar  \0"),
];
/// How many bytes from the start of a file [`Archive::of`] needs to see.
pub(crate) const SEARCHED: u64 = 265;

impl Archive {
    /// The name in common use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zip => "zip",
            Self::Bzip2 => "bzip2",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::SevenZip => "7z",
            Self::Rar => "rar",
            Self::Tar => "tar",
        }
    }

    /// The format of a file that begins with `head`.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        let is_there =
            |(_, at, magic): &&(Self, usize, &[u8])| head.get(*at..).is_some_and(|rest| rest.starts_with(magic));
        ARCHIVES.iter().find(is_there).map(|(archive, ..)| *archive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_archives_begin() {
        let tar = |magic: &[u8]| [&[b'a'; 257], magic].concat();
        for (head, expected) in [
            (b"\x1F\x8B\x08\0".to_vec(), Some("gzip")),
            (b"\x1F\x8B".to_vec(), None),
            (b"\x1F\x8B\x07".to_vec(), None),
            (b"PK\x03\x04".to_vec(), Some("zip")),
            (b"PK\x05\x06".to_vec(), Some("zip")),
            (b"PK\x07\x08".to_vec(), Some("zip")),
            (b"PK\x01\x02".to_vec(), None),
            (b"BZh91AY&SY".to_vec(), Some("bzip2")),
            (b"BZh9\x17rE8P\x90".to_vec(), Some("bzip2")),
            (b"BZh9".to_vec(), None),
            (b"\x28\xB5\x2F\xFD".to_vec(), Some("zstd")),
            (b"\xFD7zXZ\0".to_vec(), Some("xz")),
            (b"7z\xBC\xAF\x27\x1C".to_vec(), Some("7z")),
            (b"Rar!\x1A\x07\0".to_vec(), Some("rar")),
            (tar(b"ustar\x0000"), Some("tar")),
            (tar(b"ustar  \0"), Some("tar")),
            (tar(b"ustar"), None),
            (Vec::new(), None),
        ] {
            assert_eq!(Archive::of(&head).map(Archive::name), expected, "{head:?}");
        }
    }
}
