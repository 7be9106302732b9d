//! Patterns of names that are passed over.

use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::usage::UsageError;

/// What is passed over, as the caller says it, and found out once.
///
/// A pattern without a slash is about a name at any depth, one with a slash about a path below the source; one that ends
/// in a slash is about folders alone. `*` and `?` stand for no slash, `**` for any number of folders. What is in a folder
/// that is passed over is passed over with it.
#[derive(Debug, Default)]
pub struct Exclude {
    given: Vec<String>,
    all: GlobSet,
    folders: GlobSet,
}

impl Exclude {
    /// # Errors
    /// [`UsageError`] for what is no pattern.
    pub fn new(given: Vec<String>) -> Result<Self, UsageError> {
        let (mut all, mut folders) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for pattern in &given {
            let name = pattern.trim_end_matches('/');
            let wrong = |why: &str| UsageError::Invalid(format!("exclude {pattern:?}: {why}"));
            if name.is_empty() {
                return Err(wrong("a pattern needs a name"));
            }
            // Also where it begins with a slash: the source is where paths begin.
            let path = if name.contains('/') { name.trim_start_matches('/').to_owned() } else { format!("**/{name}") };
            let glob = GlobBuilder::new(&path).literal_separator(true).build();
            let glob = glob.map_err(|error| wrong(&error.kind().to_string()))?;
            if name.len() == pattern.len() { &mut all } else { &mut folders }.add(glob);
        }
        let built =
            |set: &GlobSetBuilder| set.build().map_err(|error| UsageError::Invalid(format!("exclude: {error}")));
        Ok(Self { all: built(&all)?, folders: built(&folders)?, given })
    }

    /// The patterns as they were given.
    pub(crate) fn given(&self) -> &[String] {
        &self.given
    }

    /// Whether nothing is passed over. Asked before a path is put together for the others.
    pub(crate) const fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// Whether the file or folder `relative` of a source is passed over, for its own name.
    #[must_use]
    pub fn has(&self, relative: &Path, is_folder: bool) -> bool {
        self.all.is_match(relative) || (is_folder && self.folders.is_match(relative))
    }

    /// Whether the file `relative` of a source is passed over, for its own name or that of a folder around it.
    pub(crate) fn has_path(&self, relative: &Path) -> bool {
        self.has(relative, false)
            || (!self.is_empty()
                && relative.ancestors().skip(1).any(|folder| !folder.as_os_str().is_empty() && self.has(folder, true)))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    fn exclude(patterns: &[&str]) -> Result<Exclude, UsageError> {
        Exclude::new(patterns.iter().map(|pattern| (*pattern).to_owned()).collect())
    }

    #[test]
    fn what_a_pattern_is_about() {
        for (pattern, yes, no) in [
            ("*.txt", &["a.txt", "x/y/a.txt", ".txt"][..], &["a.txt.dcm", "x.txt/", "a.TXT"][..]),
            ("DERIVED", &["DERIVED", "x/DERIVED", "DERIVED/a", "x/DERIVED/y/a"], &["DERIVED2", "x/aDERIVED"]),
            ("derived/", &["derived/a", "x/derived/y/a"], &["derived", "x/derived"]),
            ("/a/*.dcm", &["a/1.dcm"], &["a/b/1.dcm", "b/a/1.dcm"]),
            ("a/*.dcm", &["a/1.dcm"], &["a/b/1.dcm", "b/a/1.dcm"]),
            ("a/**/*.dcm", &["a/1.dcm", "a/b/c/1.dcm"], &["b/1.dcm"]),
            ("[!0-9]*", &["a", "x1"], &["1", "1/2"]),
            ("{a,b}?", &["a1", "b2"], &["c1", "a"]),
        ] {
            let exclude = exclude(&[pattern]).unwrap();
            for path in yes {
                assert!(exclude.has_path(Path::new(path)), "{pattern} {path}");
            }
            for path in no.iter().filter(|path| !path.ends_with('/')) {
                assert!(!exclude.has_path(Path::new(path)), "{pattern} {path}");
            }
        }
    }

    #[test]
    fn a_name_need_not_be_text() {
        let exclude = exclude(&["*.txt"]).unwrap();
        assert!(exclude.has_path(Path::new(OsStr::from_bytes(b"a/\xff.txt"))));
        assert!(!exclude.has_path(Path::new(OsStr::from_bytes(b"a.txt\xff"))));
    }

    #[test]
    fn a_pattern_that_is_none_is_said_so() {
        for (pattern, why) in
            [("", "a pattern needs a name"), ("/", "a pattern needs a name"), ("[a", "unclosed character class")]
        {
            let error = exclude(&[pattern]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("exclude {pattern:?}: ")) && error.contains(why), "{error}");
        }
        assert!(!exclude(&[]).unwrap().has_path(Path::new("a")));
    }
}
