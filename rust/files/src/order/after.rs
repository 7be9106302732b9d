//! What became of the files of a run: the tree or the file that they are compared with.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::inputs::{Input, Inputs, Kind, check_names};
use super::place::Place;
use super::usage::UsageError;
use crate::error::FileError;

/// Where the inputs of a run have their copies.
#[derive(Debug)]
pub(crate) struct After {
    inputs: Arc<Inputs>,
    /// The tree, or the one copy of one file.
    pub(crate) root: Arc<Input>,
    by_name: HashMap<OsString, Arc<Input>>,
}

/// What there is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum There {
    Nothing,
    RegularFile,
    Folder,
    /// A link, a pipe and so on.
    SomethingElse,
}

impl After {
    /// The copies of `inputs` at `path`: a tree of a tree, or of several; a file or its folder of a file.
    pub(crate) fn find(path: PathBuf, inputs: Arc<Inputs>) -> Result<Self, UsageError> {
        let root = Arc::new(Input::find(path, true)?);
        if root.kind != Kind::Folder {
            let reason = match &inputs[..] {
                [input] if input.kind != Kind::Folder => None,
                [_] => Some("one is a folder and the other is not: verify takes two files or two trees"),
                _ => Some("of several sources the result is a folder: AFTER is none"),
            };
            reason.map_or(Ok(()), |reason| Err(UsageError::Invalid(reason.to_owned())))?;
        }
        check_names(&inputs)?;
        let name = |input: &Arc<Input>| Some((inputs.name_in_output(input)?.to_owned(), input.clone()));
        let by_name = inputs.iter().filter_map(name).collect();
        Ok(Self { inputs, root, by_name })
    }

    /// Where the copy of a file is, if it is there.
    pub(crate) fn copy_of(&self, place: &Place) -> PathBuf {
        match self.inputs.name_in_output(&place.input) {
            _ if self.root.kind != Kind::Folder => self.root.given.clone(),
            Some(name) if place.input.kind == Kind::Folder => self.root.given.join(name).join(place.relative()),
            _ => self.root.given.join(place.relative()),
        }
    }

    /// What there is where the copy of a file should be. On the way to it no link is followed: no run copies through one.
    pub(crate) fn there(&self, copy: &Path) -> Result<There, FileError> {
        if self.root.kind != Kind::Folder {
            return Ok(There::RegularFile); // it was named itself, perhaps by a link
        }
        there(&self.root.given, copy)
    }

    /// What there is of which the file `relative` of the tree would be the copy.
    pub(crate) fn original_of(&self, relative: &Path) -> Result<There, FileError> {
        let first = relative.components().next().map(Component::as_os_str).unwrap_or_default();
        let (input, rest) = match self.by_name.get(first) {
            Some(input) => (input, relative.strip_prefix(first).unwrap_or(relative)),
            None if self.by_name.is_empty() => (&self.inputs[0], relative),
            None => return Ok(There::Nothing),
        };
        match (input.kind, rest.as_os_str().is_empty()) {
            (Kind::Folder, false) => there(&input.given, &input.path_of(rest)),
            (Kind::Folder, true) => Ok(There::Folder), // it was named itself, perhaps by a link
            (_, true) => Ok(There::RegularFile),
            (_, false) => Ok(There::Nothing),
        }
    }
}

/// What there is at `path`, below the folder `root`. An error is the system's: there may be anything.
fn there(root: &Path, path: &Path) -> Result<There, FileError> {
    let Ok(below) = path.strip_prefix(root) else {
        return Ok(There::Nothing);
    };
    let mut folder = root.to_owned();
    for part in below.parent().into_iter().flat_map(Path::components) {
        folder.push(part);
        if at(&folder)? != There::Folder {
            return Ok(There::Nothing);
        }
    }
    at(path)
}

fn at(path: &Path) -> Result<There, FileError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(There::RegularFile),
        Ok(metadata) if metadata.is_dir() => Ok(There::Folder),
        Ok(_) => Ok(There::SomethingElse),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(There::Nothing),
        Err(error) => Err(FileError::io(path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;

    fn after(scratch: &Scratch, sources: &[&str], after: &str) -> Result<After, UsageError> {
        let sources = sources.iter().map(|source| scratch.path(source)).collect();
        After::find(scratch.path(after), Arc::new(Inputs::find(sources, true)?))
    }

    #[test]
    fn a_tree_is_compared_with_trees_and_a_file_with_a_file() {
        let scratch = Scratch::new();
        for path in ["in/a", "b", "out/a", "c", "twin/in/a"] {
            scratch.write(path, b"x");
        }
        for (sources, copies, expected) in [
            (&["in"][..], "out", None),
            (&["b"], "c", None),
            (&["b"], "out", None),
            (&["in", "b"], "out", None),
            (&["in"], "c", Some("one is a folder and the other is not")),
            (&["in", "b"], "c", Some("the result is a folder")),
            (&["in", "twin/in"], "out", Some("would both be copied to in")),
            (&["in"], "missing", Some("missing: No such file")),
        ] {
            let found = after(&scratch, sources, copies).err().map(|error| error.to_string());
            assert_eq!(found.is_some(), expected.is_some(), "{found:?}");
            assert!(expected.is_none_or(|part| found.unwrap().contains(part)), "{expected:?}");
        }
    }

    /// Behind a link there is nothing, on both sides.
    #[test]
    fn what_there_is_of_a_copy() {
        let scratch = Scratch::new();
        for path in ["in/a", "in/x/b", "other/x/b", "out/in/a", "out/single", "out/in/extra", "single"] {
            scratch.write(path, b"x");
        }
        std::os::unix::fs::symlink("../other/x", scratch.path("in/link")).unwrap();
        std::os::unix::fs::symlink("../../other/x", scratch.path("out/in/link")).unwrap();
        let several = after(&scratch, &["in", "single"], "out").unwrap();
        for (relative, expected) in [
            ("in/a", There::RegularFile),
            ("in/x/b", There::RegularFile),
            ("in", There::Folder),
            ("in/x", There::Folder),
            ("in/link", There::SomethingElse),
            ("in/link/b", There::Nothing),
            ("in/extra", There::Nothing),
            ("single", There::RegularFile),
            ("single/x", There::Nothing),
            ("other", There::Nothing),
        ] {
            assert_eq!(several.original_of(Path::new(relative)).unwrap(), expected, "{relative}");
        }
        for (copy, expected) in [
            ("out/in/a", There::RegularFile),
            ("out/in/link", There::SomethingElse),
            ("out/in/link/b", There::Nothing),
            ("out/in/x/b", There::Nothing),
            ("out/in/a/b", There::Nothing),
            ("out/in", There::Folder),
            ("elsewhere", There::Nothing),
        ] {
            assert_eq!(several.there(&scratch.path(copy)).unwrap(), expected, "{copy}");
        }
        let one = after(&scratch, &["in"], "out/in").unwrap();
        assert_eq!(one.original_of(Path::new("a")).unwrap(), There::RegularFile);
        assert_eq!(one.original_of(Path::new("extra")).unwrap(), There::Nothing);
    }

    /// What the system does not show is not taken for missing.
    #[test]
    fn what_can_not_be_looked_at_is_an_error() {
        let scratch = Scratch::new();
        for path in ["in/a", "out/a"] {
            scratch.write(path, b"x");
        }
        let after = after(&scratch, &["in"], "out").unwrap();
        let longer_than_any_name = "x".repeat(256);
        for (found, path) in [
            (after.there(&scratch.path("out").join(&longer_than_any_name)), "out"),
            (after.original_of(Path::new(&longer_than_any_name)), "in"),
        ] {
            let expected = scratch.path(path).join(&longer_than_any_name);
            assert!(matches!(found, Err(FileError::Io { path, .. }) if path == expected));
        }
    }
}
