//! What stands in a source: which of given [`Subjects`] have something other than padding, and which of that a plan
//! leaves. A consumer of the walk beside the planner.
//!
//! Values are looked at only for whether they are padding, piece by piece and no further than the first byte that is
//! not, and codes and private creators for whether they are one of those given. Nothing of them is kept.

mod blocks;
mod bytes;
mod found;
mod nest;
mod seen;
mod subjects;
mod surveyor;

pub use self::found::{Becomes, NewHead, Survey, Unlisted};
pub use self::subjects::{Sign, Subjects, Tags};
use self::surveyor::{Readings, Surveyor};
use crate::element::Element;
use crate::error::{Error, ErrorClass};
use crate::limits::Limits;
use crate::listed::{Listed, NoTag};
use crate::mark::check_whole;
use crate::sites::{Collector, Sites};
use crate::source::Source;
use crate::walk::Walker;

/// Walks the whole data set of `source` and looks for `subjects`. Where it is known what becomes of the source, it also
/// says what that leaves: else, all.
///
/// ```
/// use dicomblank_core::{Limits, Sign, SliceSource, Subjects, Tag, Tags, survey};
///
/// let name = Sign::Stands(Tags::of(Tag::new(0x0010, 0x0010)));
/// let id = Sign::Stands(Tags::of(Tag::new(0x0010, 0x0020)));
/// let subjects = Subjects::new(2, [(0, name), (1, id)], []).expect("two subjects");
///
/// let data_set = b"\x10\0\x10\0PN\x04\0Doe \x10\0\x20\0LO\x04\0    ";
/// let (survey, sites) = survey(&mut SliceSource::new(data_set), &subjects, None, &Limits::default())?;
/// assert_eq!(survey.numbers, [(0, true)]); // without a plan all of it is left
/// assert!(sites.is_some());
/// # Ok::<(), dicomblank_core::Error>(())
/// ```
///
/// # Errors
/// [`Error`] where the source is no DICOM, can't be walked to its end, or costs more than `limits`.
pub fn survey<S: Source>(
    source: &mut S,
    subjects: &Subjects,
    becomes: Option<Becomes<'_>>,
    limits: &Limits,
) -> Result<(Survey, Option<Sites>), Error> {
    in_any_way(source, subjects, (becomes, limits), |source, listed, meta| {
        Walker::with_meta(source, listed, limits, Some(meta))
    })
}

/// As [`survey`], of a deflated file whose data set is inflated in `source` and begins at `data_set`: see
/// [`Walker::inflated`].
///
/// # Errors
/// [`Error`] as for [`survey`].
pub fn survey_inflated<S: Source>(
    source: &mut S,
    data_set: u64,
    subjects: &Subjects,
    becomes: Option<Becomes<'_>>,
    limits: &Limits,
) -> Result<(Survey, Option<Sites>), Error> {
    in_any_way(source, subjects, (becomes, limits), |source, listed, meta| {
        Walker::inflated_with_meta(source, data_set, listed, limits, Some(meta))
    })
}

/// Walks so that no reader may see a subject elsewhere. Where one may, the likelier reading is taken, and it is told that
/// there are others: nothing is written, and to refuse the file would tell less.
fn in_any_way<S: Source>(
    source: &mut S,
    subjects: &Subjects,
    (becomes, limits): (Option<Becomes<'_>>, &Limits),
    begin: impl for<'w> Fn(&'w mut S, &'w dyn Listed, &mut Vec<Element>) -> Result<Walker<'w, S>, Error>,
) -> Result<(Survey, Option<Sites>), Error> {
    check_whole(source)?;
    let walk = |source: &mut S, listed: &dyn Listed, readings| {
        let mut meta = Vec::new();
        let mut walker = begin(source, listed, &mut meta)?;
        let sites = Collector::new(limits, &meta, walker.position());
        let mut surveyor = Surveyor::new(subjects, becomes, readings, sites);
        surveyor.look_at_preamble(&mut walker)?;
        surveyor.walk(walker, &meta)
    };
    match walk(source, subjects, Readings::One) {
        Err(error) if matches!(error.kind.class(), ErrorClass::Parse | ErrorClass::Limit) => {
            walk(source, &NoTag, Readings::Several).map_err(|_| error)
        }
        surveyed => surveyed,
    }
}
