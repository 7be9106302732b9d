//! Signals while Rust works for Python: Python runs its handlers only when asked to.

use std::cell::RefCell;
use std::rc::Rc;

use dicomblank_files::{FileError, Watch};
use pyo3::prelude::*;

/// Does `work` detached from the interpreter. If the handler of a signal raises, the work is given up and the exception
/// raised. Handlers run on the main thread only.
pub fn interruptible<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(Watch) -> Result<T, FileError> + Send,
    explain: impl FnOnce(FileError) -> PyErr,
) -> PyResult<T> {
    let (done, raised) = py.detach(|| {
        let raised = Rc::new(RefCell::new(None));
        let seen = raised.clone();
        let stop = Watch::when(move || {
            // Python tells of a signal once. If the work asks again, it must get the same answer.
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
