//! The engine of dicomblank: DICOM bytes in, a plan of what to overwrite out. No I/O, no `unsafe`, no panic.
//!
//! ```text
//! bytes ──► Walker ──► Element ──► Rules ──► Plan ──► resolve ──► Patch ──► apply ──► the same bytes, same length
//!          (syntax)   (spans,     (what      (where)  (values     (bytes to
//!                      no copies)  becomes             read,       write)
//!                                  of which            once)
//!                                  tag)
//! ```
//!
//! Read [`plan()`] first, then [`Walker`]. Data flows one way, and no module uses one above it: the nouns ([`Span`],
//! [`Tag`], [`Vr`], [`Syntax`], [`dictionary`], [`Error`]), then bytes to elements ([`Source`], [`Walker`]; `reading`
//! decides where bytes can be read in more than one way, `rival` follows the other readings, and `claims` has what they
//! show, which the walk has to come to as well), then elements to edits ([`Rules`], [`Plan`]; beside it [`survey()`]
//! tells what stands there), then edits to bytes ([`resolve()`], [`apply()`], [`audit()`], [`Marks`]). Where lengths
//! change there is no plan, but a [`rewrite()`], and its [`Pieces`]. The order is in tools/modules.toml, and `make lint`
//! checks it.
#![forbid(unsafe_code)]
#![deny(
    missing_docs,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::todo,
    clippy::as_conversions,
    clippy::arithmetic_side_effects
)]

mod apply;
mod audit;
mod claims;
pub mod dictionary;
mod element;
mod encode;
mod error;
mod fill;
mod form;
mod header;
mod limits;
mod listed;
mod look;
mod mark;
mod meta;
mod owners;
mod padding;
mod part10;
mod patched;
mod plan;
mod planner;
mod pseudonyms;
mod reading;
mod replace;
mod resolve;
mod rewrite;
mod rival;
mod rules;
mod sites;
mod source;
mod span;
mod survey;
mod syntax;
mod tag;
mod vr;
mod walk;
mod warning;

pub use apply::{ApplyError, apply, apply_patch};
pub use audit::{Once, State, audit, audit_positions, states};
pub use element::{Body, Element, Event};
pub use error::{Error, ErrorClass, ErrorKind};
pub use fill::Fill;
pub use header::Length;
pub use limits::Limits;
pub use listed::{Listed, NoTag};
pub use mark::{Marked, Marks, is_done as says_done, span as mark_span};
pub use padding::Padding;
pub use patched::check_result;
pub use plan::{Action, Edit, Plan, PlanError};
pub use planner::{plan, plan_and_sites, plan_and_sites_inflated, plan_inflated};
pub use pseudonyms::Pseudonyms;
pub use replace::{Replacement, replace};
pub use resolve::{Patch, resolve};
pub use rewrite::{
    Change, Compared, Done, Piece, Pieces, Rewrite, Rewritten, check_rewrite, rewrite, rewrite_inflated, stated,
    stated_inflated,
};
pub use rules::{
    Additions, ByType, Concepts, Insert, Number, OfItem, Private, Repeating, Rule, RuleError, RuleErrorReason, Rules,
    Selector, Table, TableError, Text, Treatment, Type, Types,
};
pub use sites::{Site, Sites, Spot};
pub use source::{MAX_LEND, Sink, SliceSink, SliceSource, Source, Unreadable};
pub use span::Span;
pub use survey::{Becomes, NewHead, Sign, Subjects, Survey, Tags, Unlisted, survey, survey_inflated};
pub use syntax::{Syntax, TransferSyntax};
pub use tag::{Step, Tag, TagPath};
pub use vr::Vr;
pub use walk::Walker;
pub use warning::{Warning, Warnings};
