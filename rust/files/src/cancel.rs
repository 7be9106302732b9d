//! Giving up on work that takes long and has written nothing yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asked now and then, while a file is read, whether to give up. By default it never says so.
#[derive(Default)]
pub struct Cancel(Option<Box<dyn Fn() -> bool>>);

impl Cancel {
    /// Stops when `is_asked` says so; asked at least after every 128 KiB that are read, and never for what one read of 16 KiB gives.
    pub fn when(is_asked: impl Fn() -> bool + 'static) -> Self {
        Self(Some(Box::new(is_asked)))
    }

    /// Stops when `flag` is set.
    pub(crate) fn on(flag: &Arc<AtomicBool>) -> Self {
        let flag = flag.clone();
        Self::when(move || flag.load(Ordering::Relaxed))
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.0.as_ref().is_some_and(|is_asked| is_asked())
    }
}
