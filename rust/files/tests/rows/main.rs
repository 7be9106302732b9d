//! Every row of the core once more, through files on a disk. They are planned as a slice is, and refused at the same
//! place.

#[path = "../../../core/tests/build/mod.rs"]
mod build;
#[path = "../../../core/tests/check/mod.rs"]
mod check;
mod road;
#[path = "../common/scratch.rs"]
#[allow(dead_code)] // a part of it is for the other tests
mod scratch;
mod windows;

#[path = "../../../core/tests/rows/delimiters.rs"]
mod delimiters;
#[path = "../../../core/tests/rows/headers.rs"]
mod headers;
#[path = "../../../core/tests/rows/limits.rs"]
mod limits;
#[path = "../../../core/tests/rows/noticed.rs"]
mod noticed;
#[path = "../../../core/tests/rows/pixels.rs"]
mod pixels;
#[path = "../../../core/tests/rows/refused.rs"]
mod refused;
#[path = "../../../core/tests/rows/rules.rs"]
mod rules;
#[path = "../../../core/tests/rows/sources.rs"]
mod sources;
#[path = "../../../core/tests/rows/start.rs"]
mod start;
#[path = "../../../core/tests/rows/structure.rs"]
mod structure;
#[path = "../../../core/tests/rows/unknown.rs"]
mod unknown;
