//! The sources: the files and folders that were named. There may be very many of them.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::order::usage::UsageError;
use crate::text::Shown;
use crate::unix;

/// The sources of a run in the order in which they were named, without those that are named twice or lie inside another
/// one.
///
/// Each is looked up by its path or name. Rejected: to compare each with all others. Ten thousand names would be a
/// hundred million pairs.
#[derive(Debug)]
pub(crate) struct Inputs {
    all: Vec<Arc<Input>>,
    by_path: HashMap<PathBuf, usize>,
}

impl Deref for Inputs {
    type Target = [Arc<Input>];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl Inputs {
    /// Finds what was named. A link is followed if `follow` says so; else it is an input of its own kind.
    pub(crate) fn find(given: Vec<PathBuf>, follow: bool) -> Result<Self, UsageError> {
        if given.is_empty() {
            return Err(UsageError::Invalid("no source was given".to_owned()));
        }
        let found = given.into_iter().map(|path| Input::find(path, follow).map(Arc::new));
        Ok(Self::of(&found.collect::<Result<Vec<_>, _>>()?))
    }

    pub(crate) fn of(given: &[Arc<Input>]) -> Self {
        let mut first: HashMap<&Path, usize> = HashMap::with_capacity(given.len());
        for (index, input) in given.iter().enumerate() {
            let known = first.entry(&input.canonical).or_insert(index);
            // A link is refused in place, and must not stand for the file that it points to.
            if given[*known].kind == Kind::Link {
                *known = index;
            }
        }
        let is_folder = |path: &Path| first.get(path).is_some_and(|index| given[*index].kind == Kind::Folder);
        let is_kept = |(index, input): &(usize, &Arc<Input>)| {
            first.get(input.canonical.as_path()) == Some(index) && !input.canonical.ancestors().skip(1).any(is_folder)
        };
        let all: Vec<_> = given.iter().enumerate().filter(is_kept).map(|(_, input)| input.clone()).collect();
        let by_path = all.iter().enumerate().map(|(index, input)| (input.canonical.clone(), index)).collect();
        Self { all, by_path }
    }

    /// The input that `path` is, or in which it lies. `path` has no links.
    pub(crate) fn holding(&self, path: &Path) -> Option<&Arc<Input>> {
        path.ancestors().find_map(|around| {
            let input = &self.all[*self.by_path.get(around)?];
            (around == path || input.kind == Kind::Folder).then_some(input)
        })
    }

    /// Whether `path`, which has no links, is an input.
    pub(crate) fn is_one(&self, path: &Path) -> bool {
        self.by_path.contains_key(path)
    }

    /// The name in the output below which the copies of `input` go. `None` for one folder alone: its files go straight
    /// into the output. Each of several inputs goes under its name, as with `cp -r`. A single file always has its name.
    ///
    /// So no two inputs have a target in common, unless [they have one name](Self::of_one_name). Rejected: all into one
    /// folder. That mixes patients, whose files often have the same names.
    pub(crate) fn name_in_output<'a>(&self, input: &'a Input) -> Option<&'a OsStr> {
        (self.all.len() > 1 || input.kind != Kind::Folder).then(|| input.name())
    }

    /// Two inputs of one name, which would have the same place in an output.
    pub(crate) fn of_one_name(&self) -> Option<(&Input, &Input)> {
        let mut first: HashMap<&OsStr, &Input> = HashMap::with_capacity(self.all.len());
        self.all.iter().find_map(|input| Some((first.insert(input.name(), input)?, input.as_ref())))
    }
}

/// Checks that no two inputs would be copied to one name.
pub(crate) fn check_names(inputs: &Inputs) -> Result<(), UsageError> {
    let Some((first, second)) = inputs.of_one_name() else {
        return Ok(());
    };
    let [first, second, name] = [first.given.as_os_str(), second.given.as_os_str(), first.name()].map(Shown);
    Err(UsageError::Invalid(format!(
        "{first} and {second} would both be copied to {name}: name one at a time, with an output for each"
    )))
}

/// A source: a file or folder that was named.
#[derive(Debug)]
pub(crate) struct Input {
    /// As the caller named it.
    pub(crate) given: PathBuf,
    /// The same path, without links and `..`.
    pub(crate) canonical: PathBuf,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    /// A link, when files are blanked in place. To follow it would change a file under another name than the one given.
    Link,
    /// Neither file nor folder: never opened.
    Special(&'static str),
}

impl Input {
    pub(crate) fn find(given: PathBuf, follow: bool) -> Result<Self, UsageError> {
        let failed = |error| UsageError::Io { path: given.clone(), error };
        let file_type = fs::metadata(&given).map_err(failed)?.file_type();
        let canonical = given.canonicalize().map_err(failed)?;
        // Without the slash at its end that a shell may add: with it, the question would be about what the link points
        // to.
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

    /// The last name of the path as given: the name of a link itself; for "." and ".." that of the folder they stand
    /// for.
    pub(crate) fn name(&self) -> &OsStr {
        self.given.file_name().or(self.canonical.file_name()).unwrap_or(self.given.as_os_str())
    }

    /// The path of the file or folder `relative` in it.
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
    use crate::testing::Scratch;

    fn input(path: &str, kind: Kind) -> Arc<Input> {
        Arc::new(Input { given: path.into(), canonical: path.into(), kind })
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
            let inputs = Inputs::of(&given.iter().map(|(path, kind)| input(path, *kind)).collect::<Vec<_>>());
            assert_eq!(inputs.iter().map(|input| input.given.to_str().unwrap()).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_folder_itself_is_shown_as_it_was_given() {
        for (kind, relative, expected) in
            [(Kind::Folder, "", "/a"), (Kind::Folder, "b/c", "/a/b/c"), (Kind::File, "", "/a"), (Kind::Link, "", "/a")]
        {
            assert_eq!(input("/a", kind).path_of(Path::new(relative)).as_os_str(), expected);
        }
    }

    #[test]
    fn a_link_never_stands_for_the_file_that_it_points_to() {
        for order in [[Kind::Link, Kind::File], [Kind::File, Kind::Link], [Kind::Link, Kind::Folder]] {
            let inputs = Inputs::of(&order.map(|kind| input("/a", kind)));
            let kinds: Vec<_> = inputs.iter().map(|input| input.kind).collect();
            assert_eq!(kinds, order.into_iter().filter(|kind| *kind != Kind::Link).collect::<Vec<_>>());
        }
    }

    /// Compared pair by pair, these would be five thousand million comparisons, and minutes.
    #[test]
    fn a_hundred_thousand_names_take_no_longer_each_than_few() {
        let count = 100_000;
        let start = Instant::now();
        let given: Vec<_> = (0..count).map(|index| input(&format!("/in/{index}"), Kind::File)).collect();
        let inputs = Inputs::of(&given);
        assert_eq!((inputs.len(), inputs.of_one_name().is_none()), (count, true));
        for input in inputs.iter() {
            assert_eq!(inputs.name_in_output(input), Some(input.name()));
            assert!(inputs.holding(&input.canonical).is_some());
            assert!(inputs.holding(&Path::new("/out").join(input.name())).is_none());
        }
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{took:?}");
    }

    /// One folder alone is mirrored. Of several each goes under its name; a link goes under its own name.
    #[test]
    fn where_copies_go() {
        let scratch = Scratch::new();
        for path in ["m/a/x", "m/b/x", "m/c.dcm", "far/d/w"] {
            scratch.write(path, b"");
        }
        std::os::unix::fs::symlink("far/d", scratch.path("link")).unwrap();
        for (given, expected) in [
            (&["m/a"][..], &[("m/a", "")][..]),
            (&["m/a/", "m/a/x", "m/a"], &[("m/a/", "")]),
            (&["m/c.dcm"], &[("m/c.dcm", "c.dcm")]),
            (&["m/a", "m/b/", "m/c.dcm"], &[("m/a", "a"), ("m/b/", "b"), ("m/c.dcm", "c.dcm")]),
            (&["m/a/.", "m/a/../b"], &[("m/a/.", "a"), ("m/a/../b", "b")]),
            (&["link", "m/a/.."], &[("link", "link"), ("m/a/..", "m")]),
            (&["link/", "m"], &[("link/", "link"), ("m", "m")]),
            (&["link/.", "far/d"], &[("link/.", "")]),
            (&["link/..", "m"], &[("link/..", "far"), ("m", "m")]),
        ] {
            let inputs = Inputs::find(given.iter().map(|path| scratch.path(path)).collect(), true).unwrap();
            let name =
                |input| inputs.name_in_output(input).map_or_else(String::new, |name| name.to_str().unwrap().into());
            let found: Vec<_> = inputs.iter().map(|input| (input.given.clone(), name(input))).collect();
            let expected: Vec<_> =
                expected.iter().map(|(path, name)| (scratch.path(path), (*name).to_owned())).collect();
            assert_eq!(found, expected, "{given:?}");
        }
    }
}
