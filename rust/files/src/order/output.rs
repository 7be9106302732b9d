//! Where copies may go: not into a source, and not over one.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::inputs::{Inputs, Kind, check_names};
use super::usage::UsageError;
use crate::text::Shown;
use crate::unix::{self, FileId};

/// Where the copies go, checked. Nothing is made yet.
#[derive(Debug)]
pub(crate) struct OutputPath {
    /// The folder, which need not exist.
    pub(crate) folder: PathBuf,
    /// The name of the copy, if one file is copied to a path of its own.
    pub(crate) file: Option<OsString>,
    /// The output as it was given, without links and `..`.
    pub(crate) resolved: PathBuf,
}

impl OutputPath {
    /// `given` is a folder, or the path of the copy: that if one file alone is copied, and `given` neither is a folder
    /// nor ends in a slash.
    pub(crate) fn find(given: &Path, inputs: &Inputs) -> Result<Self, UsageError> {
        let resolved = resolve(given)?;
        // Making the folders of a path that has ".." behind one that is missing would make that one, too.
        let has_parent = given.components().any(|part| part == Component::ParentDir);
        let path = if has_parent { resolved.clone() } else { given.to_owned() };
        let is_one_file = inputs.len() == 1 && inputs[0].kind == Kind::File;
        let is_named_folder = resolved.is_dir() || unix::bytes(given.as_os_str()).ends_with(b"/");
        if let (true, false, Some(name)) = (is_one_file, is_named_folder, path.file_name()) {
            check_file(given, &resolved, inputs)?;
            return Ok(Self { folder: unix::folder_of(&path).to_owned(), file: Some(name.to_owned()), resolved });
        }
        check_folder(given, &resolved, inputs)?;
        check_names(inputs)?;
        Ok(Self { folder: path, file: None, resolved })
    }
}

fn check_file(given: &Path, resolved: &Path, inputs: &Inputs) -> Result<(), UsageError> {
    let source = &inputs[0];
    match (FileId::of(resolved), FileId::of(&source.canonical)) {
        (Ok(output), Ok(input)) if output == input => Err(wrong(given, "is the source", &source.given)),
        _ => Ok(()),
    }
}

fn check_folder(given: &Path, resolved: &Path, inputs: &Inputs) -> Result<(), UsageError> {
    if resolved.exists() && !resolved.is_dir() {
        let reason = format!("the output {} is not a folder", Shown(given.as_os_str()));
        return Err(UsageError::Invalid(reason));
    }
    // By device and inode, not by path: a bind mount, or a file system that ignores case, has several paths for one
    // folder.
    let id = |path: &Path| FileId::of(path).ok();
    let output = id(resolved);
    let around: Vec<_> = resolved.ancestors().filter_map(id).collect();
    for input in inputs.iter() {
        let input_id = id(&input.canonical);
        let what = if output.is_some() && output == input_id {
            "is the source"
        } else if input_id.is_some_and(|id| around.contains(&id)) {
            "lies inside the source"
        } else if output.is_some() && input.canonical.ancestors().any(|path| id(path) == output) {
            "holds the source"
        } else {
            continue;
        };
        return Err(wrong(given, what, &input.given));
    }
    Ok(())
}

fn wrong(output: &Path, what: &str, source: &Path) -> UsageError {
    let [output, source] = [output, source].map(|path| Shown(path.as_os_str()));
    UsageError::Invalid(format!("the output {output} {what} {source}"))
}

/// `path` without links and `..`. Only its first part need exist.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf, UsageError> {
    let failed = |error| UsageError::Io { path: path.to_owned(), error };
    let mut known = std::path::absolute(path).map_err(failed)?;
    let mut missing = Vec::new();
    loop {
        match known.canonicalize() {
            Ok(mut resolved) => {
                for part in missing.into_iter().rev() {
                    if part == ".." {
                        resolved.pop();
                    } else {
                        resolved.push(part);
                    }
                }
                return Ok(resolved);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if fs::symlink_metadata(&known).is_ok_and(|metadata| metadata.is_symlink()) {
                    let reason = format!("{} is a link to nothing", Shown(known.as_os_str()));
                    return Err(UsageError::Invalid(reason));
                }
                let Some(last) = known.components().next_back().map(|part| part.as_os_str().to_owned()) else {
                    return Err(failed(error));
                };
                missing.push(last);
                known.pop();
            }
            Err(error) => return Err(failed(error)),
        }
    }
}
