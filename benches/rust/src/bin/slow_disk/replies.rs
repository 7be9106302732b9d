//! What is answered.

use std::time::Duration;

use fuser::{
    Errno, FileAttr, FileHandle, FopenFlags, Generation, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty,
    ReplyEntry, ReplyLseek, ReplyOpen, ReplyStatfs, ReplyWrite, ReplyXattr,
};

use crate::behind::Sized;

/// For so long the kernel believes what it was told.
const TTL: Duration = Duration::ZERO;
const FIRST: Generation = Generation(0);
pub(crate) fn done(reply: ReplyEmpty, (): ()) {
    reply.ok();
}

pub(crate) fn entry(reply: ReplyEntry, attributes: FileAttr) {
    reply.entry(&TTL, &attributes, FIRST);
}

pub(crate) fn attr(reply: ReplyAttr, attributes: FileAttr) {
    reply.attr(&TTL, &attributes);
}

pub(crate) fn opened(reply: ReplyOpen, handle: FileHandle) {
    reply.opened(handle, FopenFlags::empty());
}

pub(crate) fn created(reply: ReplyCreate, (attributes, handle): (FileAttr, FileHandle)) {
    reply.created(&TTL, &attributes, FIRST, handle, FopenFlags::empty());
}

pub(crate) fn give(reply: ReplyXattr, found: Sized) {
    match found {
        Ok(value) => reply.data(&value),
        Err(length) => reply.size(u32::try_from(length).unwrap_or(u32::MAX)),
    }
}

/// What can be said instead of an answer.
pub(crate) trait Reply: Send + 'static {
    fn refuse(self, error: Errno);
}

macro_rules! replies {
    ($($reply:ty),*) => { $(impl Reply for $reply {
        fn refuse(self, error: Errno) {
            self.error(error);
        }
    })* };
}

replies!(ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyLseek, ReplyOpen, ReplyStatfs);
replies!(ReplyWrite, ReplyXattr);
