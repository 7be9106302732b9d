//! The Python module `dicomblank._core`: arguments in, results and errors out. It decides nothing about DICOM or files.
#![allow(clippy::needless_pass_by_value)] // PyO3 makes each argument, and gives it away

mod additions;
mod bytes;
mod catalogue;
mod errors;
mod job;
mod key;
mod leftover;
mod names;
mod objects;
mod on_disk;
mod paths;
mod plan;
mod report;
mod row;
mod rules;
mod signals;
mod sources;
mod walk;

/// The Python module `dicomblank._core`.
#[pyo3::pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::additions::{Additions, stated};
    #[pymodule_export]
    use super::bytes::{anonymize_buffer, anonymize_bytes, plan_bytes};
    #[pymodule_export]
    use super::catalogue::Catalogue;
    #[pymodule_export]
    use super::job::{Job, Stop};
    #[pymodule_export]
    use super::key::Key;
    #[pymodule_export]
    use super::leftover::Leftover;
    #[pymodule_export]
    use super::names::{dictionary, keyword_of, kinds, repeaters, tag_of, vr_of, warnings};
    #[pymodule_export]
    use super::objects::{Object, Objects};
    #[pymodule_export]
    use super::on_disk::OpenFile;
    #[pymodule_export]
    use super::plan::{Edit, Plan, plan_file, replaced_file};
    #[pymodule_export]
    use super::report::Report;
    #[pymodule_export]
    use super::row::{Progress, Row};
    #[pymodule_export]
    use super::rules::{Rules, Types};
    #[pymodule_export]
    use super::sources::{Exclude, Sources};
    #[pymodule_export]
    use super::walk::walk_bytes;

    #[pymodule_export]
    const MOST_WORKERS: usize = dicomblank_files::MOST_WORKERS;

    #[pymodule_export]
    #[allow(non_upper_case_globals)] // Python's name for it
    const __version__: &str = env!("CARGO_PKG_VERSION");

    /// The largest inflated form of a deflated file, in bytes. The second opinion inflates no more either.
    #[pymodule_export]
    const INFLATED_LIMIT: usize = dicomblank_files::INFLATED_LIMIT;
}
