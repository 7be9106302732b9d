//! From a source and rules to a plan: one walk, whose events the planner takes.

mod blocks;
mod edits;
mod nest;
mod owners;

pub(crate) use self::blocks::Blocks;
use self::edits::{Planner, Refusal};
pub(crate) use self::nest::Nest;
use crate::element::{Body, Element, Event};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::mark::check_whole;
use crate::plan::Plan;
use crate::rules::Rules;
use crate::sites::{Beside, Collector, Sites};
use crate::source::{MAX_LEND, Source};
use crate::span::Span;
use crate::tag::{Step, Tag, TagPath};
use crate::vr::Vr;
use crate::walk::{Taker, Walker};

/// Walks the whole data set of `source` and plans what `rules` ask for. Nothing is written: this is the dry run as
/// well.
///
/// ```
/// use dicomblank_core::{Limits, Rules, SliceSource, Tag, plan};
///
/// let name = Tag::new(0x0010, 0x0010);
/// let data_set = b"\x10\0\x10\0PN\x04\0Doe \x10\0\x40\0CS\x02\0M ";
/// let rules = Rules::new([name], []).expect("a name can be blanked");
///
/// let plan = plan(&mut SliceSource::new(data_set), &rules, &Limits::default())?;
/// let [edit] = plan.edits() else { panic!("one value is to be blanked") };
/// assert_eq!((edit.tag(), edit.span().start(), edit.span().len()), (name, 8, 4));
/// # Ok::<(), dicomblank_core::Error>(())
/// ```
///
/// # Errors
/// [`Error`] where the source is no DICOM, can't be walked to its end, or costs more than `limits`;
/// [`ErrorKind::Lengths`] for rules that ask for a rewrite.
pub fn plan<S: Source>(source: &mut S, rules: &Rules, limits: &Limits) -> Result<Plan, Error> {
    check_lengths(rules)?;
    check_whole(source)?;
    let mut meta = Vec::new();
    let walker = Walker::with_meta(source, rules, limits, rules.name_file_meta().then_some(&mut meta))?;
    plan_walk(walker, &meta, (rules, limits), &mut ())
}

/// As [`plan`], of a deflated file whose data set is inflated in `source` and begins at `data_set`: see
/// [`Walker::inflated`]. All offsets count in the inflated form.
///
/// # Errors
/// [`Error`] as for [`plan`].
pub fn plan_inflated<S: Source>(source: &mut S, data_set: u64, rules: &Rules, limits: &Limits) -> Result<Plan, Error> {
    check_lengths(rules)?;
    check_whole(source)?;
    let mut meta = Vec::new();
    let asked = rules.name_file_meta().then_some(&mut meta);
    let walker = Walker::inflated_with_meta(source, data_set, rules, limits, asked)?;
    plan_walk(walker, &meta, (rules, limits), &mut ())
}

/// As [`plan`], and where every value stands, as the plan has them: what is blanked whole is one value here.
///
/// # Errors
/// [`Error`] as for [`plan`], and where there are more values and items than [`Limits::sites`].
pub fn plan_and_sites<S: Source>(source: &mut S, rules: &Rules, limits: &Limits) -> Result<(Plan, Sites), Error> {
    check_lengths(rules)?;
    check_whole(source)?;
    let mut meta = Vec::new();
    let walker = Walker::with_meta(source, rules, limits, Some(&mut meta))?;
    collect(walker, &meta, rules, limits)
}

/// As [`plan_and_sites`], of a deflated file: see [`plan_inflated`].
///
/// # Errors
/// [`Error`] as for [`plan_and_sites`].
pub fn plan_and_sites_inflated<S: Source>(
    source: &mut S,
    data_set: u64,
    rules: &Rules,
    limits: &Limits,
) -> Result<(Plan, Sites), Error> {
    check_lengths(rules)?;
    check_whole(source)?;
    let mut meta = Vec::new();
    let walker = Walker::inflated_with_meta(source, data_set, rules, limits, Some(&mut meta))?;
    collect(walker, &meta, rules, limits)
}

fn collect<S: Source>(
    walker: Walker<'_, S>,
    meta: &[Element],
    rules: &Rules,
    limits: &Limits,
) -> Result<(Plan, Sites), Error> {
    let mut collector = Collector::new(limits, meta, walker.position());
    let plan = plan_walk(walker, meta, (rules, limits), &mut collector)?;
    let sites = collector.finish(plan.source_size())?;
    Ok((plan, sites))
}

/// No edit of a plan changes a length.
fn check_lengths(rules: &Rules) -> Result<(), Error> {
    if rules.rewrite() {
        return Err(Error { kind: ErrorKind::Lengths, offset: 0, tag_path: TagPath::default() });
    }
    Ok(())
}

/// Who is told what the planner takes.
trait Told<S>: Beside {
    /// Passes over what the planner and who is told have taken.
    fn pass_over(&mut self, walker: &mut Walker<'_, S>, planner: &mut Planner<'_>);
}

impl<S: Source> Told<S> for () {
    #[inline(always)]
    #[allow(clippy::inline_always)] // nothing of it may be left
    fn pass_over(&mut self, walker: &mut Walker<'_, S>, planner: &mut Planner<'_>) {
        walker.pass_over(planner);
    }
}

impl<S: Source> Told<S> for Collector {
    fn pass_over(&mut self, walker: &mut Walker<'_, S>, planner: &mut Planner<'_>) {
        walker.pass_over(&mut Both(planner, self));
    }
}

struct Both<'b, 'r>(&'b mut Planner<'r>, &'b mut Collector);

impl Taker for Both<'_, '_> {
    #[inline]
    fn pass(&mut self, tag: Tag, vr: Vr, value: Span, bytes: &[u8]) -> bool {
        let has_taken = self.0.pass(tag, vr, value, bytes);
        if has_taken {
            self.1.pass(tag, vr, value);
        }
        has_taken
    }
}

fn plan_walk<S: Source>(
    mut walker: Walker<'_, S>,
    meta: &[Element],
    (rules, limits): (&Rules, &Limits),
    beside: &mut impl Told<S>,
) -> Result<Plan, Error> {
    let mut planner = Planner::new(rules, limits);
    for element in meta {
        take_meta(&mut planner, *element)?;
    }
    loop {
        if let Some(depth) = walker.depth() {
            planner.come_to(depth);
            beside.come_to(depth);
            beside.pass_over(&mut walker, &mut planner);
        }
        let Some(mut event) = walker.next()? else { break };
        while let Err((refusal, element)) = planner.take(event) {
            if !matches!(refusal, Refusal::Whole) {
                beside.follow(event);
            }
            event = answer(&mut planner, &mut walker, refusal, &element)?;
        }
        beside.follow(event);
        beside.take(event);
        if let Some(last) = planner.last().filter(|_| walker.has_claims()) {
            walker.is_blanked(last);
        }
    }
    Ok(planner.finish(walker.size(), walker.warnings()))
}

#[cold]
fn take_meta(planner: &mut Planner<'_>, element: Element) -> Result<(), Error> {
    planner.take_meta(&element).map_err(|kind| {
        let tag_path = [Step { tag: element.tag, item: None }].into_iter().collect();
        Error { kind, offset: element.header.start(), tag_path }
    })
}

/// What comes next where the planner has not taken `element`: the same element once more, now that the planner has what
/// it asked for, or what the walk makes of the error.
#[cold]
fn answer<S: Source>(
    planner: &mut Planner<'_>,
    walker: &mut Walker<'_, S>,
    refusal: Refusal,
    element: &Element,
) -> Result<Event, Error> {
    let answered = match (refusal, element.body) {
        (Refusal::Error(kind), _) => Err(kind),
        (Refusal::Creator, Body::Value(value)) if value.len() <= MAX_LEND => match walker.lend(value) {
            Ok(bytes) => planner.reserve(element, bytes),
            Err(_) => Err(ErrorKind::Unreadable),
        },
        // No creator's name is as long.
        (Refusal::Creator, _) => planner.reserve(element, &[]),
        (Refusal::Whole, _) => return Ok(Event::Element(walker.pass_whole().unwrap_or(*element))),
        // Without the bytes of a listed tag in it, no reader can show a listed element of it.
        (Refusal::Opaque, Body::Value(value)) => match walker.holds_listed(value) {
            Ok(true) => Err(ErrorKind::AmbiguousValue),
            Ok(false) => Ok(()),
            Err(kind) => Err(kind),
        },
        (Refusal::Opaque, _) => Ok(()),
    };
    match answered {
        Ok(()) => Ok(Event::Element(*element)),
        Err(kind) => walker.reject(kind, element),
    }
}
