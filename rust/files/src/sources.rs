//! The files and folders that were named, asked for by path and by name: there may be very many of them.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::job::UsageError;
use crate::shown::Shown;
use crate::unix;

/// The sources of a run in the order in which they were given, without those that are given twice or lie inside another one.
///
/// They are looked up and never gone through one by one for each other or for each file: ten thousand names would be a hundred
/// million pairs.
#[derive(Debug)]
pub(crate) struct Sources {
    all: Vec<Arc<Source>>,
    by_path: HashMap<PathBuf, usize>,
}

impl Deref for Sources {
    type Target = [Arc<Source>];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl Sources {
    /// Links are followed, or are sources of their own kind.
    pub(crate) fn find(given: Vec<PathBuf>, follow: bool) -> Result<Self, UsageError> {
        if given.is_empty() {
            return Err(UsageError::Invalid("no source was given".to_owned()));
        }
        let found = given.into_iter().map(|path| Source::find(path, follow).map(Arc::new));
        Ok(Self::of(&found.collect::<Result<Vec<_>, _>>()?))
    }

    pub(crate) fn of(given: &[Arc<Source>]) -> Self {
        let mut first: HashMap<&Path, usize> = HashMap::with_capacity(given.len());
        for (index, source) in given.iter().enumerate() {
            let known = first.entry(&source.canonical).or_insert(index);
            // A link, which is refused in place, must not stand for the file that it points to.
            if given[*known].kind == Kind::Link {
                *known = index;
            }
        }
        let is_folder = |path: &Path| first.get(path).is_some_and(|index| given[*index].kind == Kind::Folder);
        let is_kept = |(index, source): &(usize, &Arc<Source>)| {
            first.get(source.canonical.as_path()) == Some(index) && !source.canonical.ancestors().skip(1).any(is_folder)
        };
        let all: Vec<_> = given.iter().enumerate().filter(is_kept).map(|(_, source)| source.clone()).collect();
        let by_path = all.iter().enumerate().map(|(index, source)| (source.canonical.clone(), index)).collect();
        Self { all, by_path }
    }

    /// The source that `path`, without links, is or lies in.
    pub(crate) fn holding(&self, path: &Path) -> Option<&Arc<Source>> {
        path.ancestors().find_map(|around| {
            let source = &self.all[*self.by_path.get(around)?];
            (around == path || source.kind == Kind::Folder).then_some(source)
        })
    }

    /// Whether `path`, without links, is a source.
    pub(crate) fn is_one(&self, path: &Path) -> bool {
        self.by_path.contains_key(path)
    }

    /// Where in the output the copies of `source` go: one folder alone is mirrored, and of several each has its name, as with `cp -r`.
    /// A file has its name in any case.
    ///
    /// So no two sources have a target in common, unless [two have one name](Self::of_one_name). To pour them all into one folder was
    /// the other road: it mixes patients, whose files often have the same names.
    pub(crate) fn place<'a>(&self, source: &'a Source) -> Option<&'a OsStr> {
        (self.all.len() > 1 || source.kind != Kind::Folder).then(|| source.name())
    }

    /// Two that have the same place in an output.
    pub(crate) fn of_one_name(&self) -> Option<(&Source, &Source)> {
        let mut first: HashMap<&OsStr, &Source> = HashMap::with_capacity(self.all.len());
        self.all.iter().find_map(|source| Some((first.insert(source.name(), source)?, source.as_ref())))
    }
}

/// Where copies of `sources` go, by the rules of [`Job::new`](crate::Job::new): each source that is left when those that are given
/// twice or lie inside another one are taken away, as it was given, and its place in the output, which is empty for one folder alone.
///
/// # Errors
/// [`UsageError`] as for a job.
pub fn layout(sources: Vec<PathBuf>) -> Result<Vec<(PathBuf, PathBuf)>, UsageError> {
    let sources = Sources::find(sources, true)?;
    check_names(&sources)?;
    let place = |source: &Arc<Source>| sources.place(source).map_or_else(PathBuf::new, PathBuf::from);
    Ok(sources.iter().map(|source| (source.given.clone(), place(source))).collect())
}

/// That no two sources would be copied to one name.
pub(crate) fn check_names(sources: &Sources) -> Result<(), UsageError> {
    let Some((first, second)) = sources.of_one_name() else {
        return Ok(());
    };
    let [first, second, name] = [first.given.as_os_str(), second.given.as_os_str(), first.name()].map(Shown);
    Err(UsageError::Invalid(format!(
        "{first} and {second} would both be copied to {name}: name one at a time, with an output for each"
    )))
}

/// A file or folder to be done.
#[derive(Debug)]
pub(crate) struct Source {
    /// As the caller named it.
    pub(crate) given: PathBuf,
    /// Without links and `..`.
    pub(crate) canonical: PathBuf,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    /// A link, where files are blanked in place: that would change a file under another name than the one given.
    Link,
    /// Neither file nor folder: never opened.
    Special(&'static str),
}

impl Source {
    fn find(given: PathBuf, follow: bool) -> Result<Self, UsageError> {
        let failed = |error| UsageError::Io { path: given.clone(), error };
        let file_type = fs::metadata(&given).map_err(failed)?.file_type();
        let canonical = given.canonicalize().map_err(failed)?;
        // Without a slash at its end, which a shell may add: that would be a question about what the link points to.
        let bare = given.components().as_path();
        let kind = if !follow && fs::symlink_metadata(bare).map_err(failed)?.is_symlink() {
            Kind::Link
        } else if file_type.is_dir() {
            Kind::Folder
        } else if file_type.is_file() {
            Kind::File
        } else {
            Kind::Special(unix::special_kind(file_type))
        };
        Ok(Self { given, canonical, kind })
    }

    /// Its name, as it was given: that of a link where it is one, and that of the folder itself where it is "." or "..".
    pub(crate) fn name(&self) -> &OsStr {
        self.given.file_name().or(self.canonical.file_name()).unwrap_or(self.given.as_os_str())
    }

    /// The path of the file `relative`.
    pub(crate) fn path_of(&self, relative: &Path) -> PathBuf {
        match self.kind {
            // Joining an empty path would add a slash.
            Kind::Folder if !relative.as_os_str().is_empty() => self.given.join(relative),
            _ => self.given.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn source(path: &str, kind: Kind) -> Arc<Source> {
        Arc::new(Source { given: path.into(), canonical: path.into(), kind })
    }

    #[test]
    fn what_is_given_twice_or_lies_inside_another_is_left_out() {
        use Kind::{File, Folder, Link};
        for (given, expected) in [
            (&[("/a", File), ("/b", File), ("/a", File)][..], &["/a", "/b"][..]),
            (&[("/a/b/c", File), ("/ab", File), ("/a", Folder), ("/a/d", File)], &["/ab", "/a"]),
            (&[("/a/b", Folder), ("/a", Folder), ("/a/b/c", File)], &["/a"]),
            (&[("/a", Link), ("/a/b", File)], &["/a", "/a/b"]),
        ] {
            let sources = Sources::of(&given.iter().map(|(path, kind)| source(path, *kind)).collect::<Vec<_>>());
            assert_eq!(sources.iter().map(|source| source.given.to_str().unwrap()).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_folder_itself_is_shown_as_it_was_given() {
        for (kind, relative, expected) in
            [(Kind::Folder, "", "/a"), (Kind::Folder, "b/c", "/a/b/c"), (Kind::File, "", "/a"), (Kind::Link, "", "/a")]
        {
            assert_eq!(source("/a", kind).path_of(Path::new(relative)).as_os_str(), expected);
        }
    }

    #[test]
    fn a_link_never_stands_for_the_file_that_it_points_to() {
        for order in [[Kind::Link, Kind::File], [Kind::File, Kind::Link], [Kind::Link, Kind::Folder]] {
            let sources = Sources::of(&order.map(|kind| source("/a", kind)));
            let kinds: Vec<_> = sources.iter().map(|source| source.kind).collect();
            assert_eq!(kinds, order.into_iter().filter(|kind| *kind != Kind::Link).collect::<Vec<_>>());
        }
    }

    /// Pair by pair it would be ten thousand million comparisons, and minutes.
    #[test]
    fn a_hundred_thousand_names_take_no_longer_each_than_few() {
        let count = 100_000;
        let start = Instant::now();
        let given: Vec<_> = (0..count).map(|index| source(&format!("/in/{index}"), Kind::File)).collect();
        let sources = Sources::of(&given);
        assert_eq!((sources.len(), sources.of_one_name().is_none()), (count, true));
        for source in sources.iter() {
            assert_eq!(sources.place(source), Some(source.name()));
            assert!(sources.holding(&source.canonical).is_some());
            assert!(sources.holding(&Path::new("/out").join(source.name())).is_none());
        }
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{took:?}");
    }
}
