//! Signals while Python waits for Rust: its handlers run only where it is asked for them.

use std::cell::RefCell;
use std::rc::Rc;

use dicomblank_files::{FileError, Watch};
use pyo3::prelude::*;

/// Does `work` without Python, and stops it when the handler of a signal raises: on the main thread, the only one where they run.
pub fn interruptible<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(Watch) -> Result<T, FileError> + Send,
    explain: impl FnOnce(FileError) -> PyErr,
) -> PyResult<T> {
    let (done, raised) = py.detach(|| {
        let raised = Rc::new(RefCell::new(None));
        let seen = raised.clone();
        let stop = Watch::when(move || {
            // A signal is told of once: whoever asks again, after it ended one step of the work, must hear the same.
            if seen.borrow().is_none() {
                *seen.borrow_mut() = Python::attach(|py: Python<'_>| py.check_signals()).err();
            }
            seen.borrow().is_some()
        });
        (work(stop), raised.take())
    });
    match raised {
        Some(raised) => Err(raised),
        None => done.map_err(explain),
    }
}
