//! Rows: files built from typed units, each with what must become of it. One module per subject.

#[path = "../build/mod.rs"]
mod build;
#[path = "../check/mod.rs"]
mod check;
#[path = "../rewriting/mod.rs"]
mod rewriting;
#[path = "../road/mod.rs"]
mod road;

mod delimiters;
mod directory;
mod headers;
mod limits;
mod noticed;
mod noticed_readings;
mod noticed_rivals;
mod pixels;
mod readers;
mod refused;
mod replaced;
mod rewritten;
mod rules;
mod selectors;
mod sites;
mod sources;
mod start;
mod structure;
mod surveyed;
mod told;
mod unknown;
mod words;
