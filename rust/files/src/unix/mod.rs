//! All that is unix-only. Windows needs another folder with these functions: no other module asks which system it is
//! on.
//!
//! - `names`: the bytes of names, and folders of paths.
//! - `open`: how files and folders are opened.
//! - `entries`: entries of folders, made and removed.
//! - `bytes`: reading and writing at an offset, and copying from file to file by the system.
//! - `clock`: what the process has cost.
//! - `holes`: where a sparse file has data.
//! - `stat`: which file it is, and in which state.
//! - `sync`: flushing files and folders to disk.
//! - `rename`, `tmpfile`: giving a file its final name, from a temporary one or from none.
//! - `umask`: the umask of the process.
//! - `ownership`: owner, group, mode and extended attributes.
//! - `steps`: for tests, what was asked of the disk.

mod bytes;
mod clock;
mod entries;
mod holes;
mod names;
mod open;
mod ownership;
mod rename;
mod stat;
#[cfg(test)]
pub(crate) mod steps;
mod sync;
mod tmpfile;
mod umask;

pub(crate) use bytes::{copy_range, is_ready, read_at, write_at};
pub(crate) use clock::processor_time;
pub(crate) use entries::{is_folder, make_folder, remove_file, remove_folder};
pub(crate) use holes::{data_from, hole_from};
pub(crate) use names::{bytes, folder_of, name};
pub(crate) use open::{
    At, Folder, create_private, is_about_link, open_to_edit, open_to_read, open_to_read_no_link, stdin, stdout,
};
pub(crate) use ownership::restore;
pub use rename::already_exists;
pub(crate) use rename::{Renamed, rename_new};
pub(crate) use rustix::fs::Mode;
pub(crate) use stat::{FileId, Since, Stat, is_name_of, may_tell, set_permissions, special_kind};
pub(crate) use sync::{sync_data, sync_file, sync_folder};
pub(crate) use tmpfile::{create_unnamed, name_unnamed};
pub(crate) use umask::umask;
