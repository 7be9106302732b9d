//! Signals while Python waits for Rust: its handlers run only where it is asked for them.

use std::cell::RefCell;
use std::rc::Rc;

use dicomblank_files::{FileError, Stop};
use pyo3::prelude::*;

/// Does `work` without Python, and stops it when the handler of a signal raises: on the main thread, the only one where they run.
pub fn interruptible<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(Stop) -> Result<T, FileError> + Send,
    explain: impl FnOnce(FileError) -> PyErr,
) -> PyResult<T> {
    let (done, raised) = py.detach(|| {
        let raised = Rc::new(RefCell::new(None));
        let seen = raised.clone();
        let stop = Stop::when(move || match Python::attach(|py: Python<'_>| py.check_signals()) {
            Ok(()) => false,
            Err(error) => {
                *seen.borrow_mut() = Some(error);
                true
            }
        });
        (work(stop), raised.take())
    });
    match raised {
        Some(raised) => Err(raised),
        None => done.map_err(explain),
    }
}
