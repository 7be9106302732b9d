//! What is checked of every row, by two roads: a slice, and a source that lends no byte more than it is asked for.
#![allow(dead_code)] // shared by two test programs, neither of which uses all of it

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::{env, fs};

use dicomblank_core::{
    Action, Edit, Error, ErrorClass, ErrorKind, Limits, MAX_LEND, Once, Plan, Rules, SliceSink, SliceSource, Source,
    Span, Spot, State, Tag, Unreadable, Warning, apply, audit, audit_positions, plan, plan_and_sites, states,
};

use crate::build::{Mark, Unit, raw};

/// A source that holds only what it lent last, in a buffer of exactly that size, and insists on the contract of [`Source`].
pub struct Lender<'a> {
    bytes: &'a [u8],
    window: Vec<u8>,
    pub lends: usize,
    pub lent: u64,
    /// The lend that fails, once.
    fails: Option<usize>,
}

impl<'a> Lender<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, window: Vec::new(), lends: 0, lent: 0, fails: None }
    }

    pub fn failing(bytes: &'a [u8], fails: usize) -> Self {
        Self { fails: Some(fails), ..Self::new(bytes) }
    }
}

impl Source for Lender<'_> {
    fn size(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap()
    }

    fn lend(&mut self, span: Span) -> Result<&[u8], Unreadable> {
        assert!(span.len() <= MAX_LEND, "{} bytes wanted at once", span.len());
        assert!(span.end() <= self.size(), "{span:?} reaches out of the source");
        let number = self.lends;
        self.lends += 1;
        self.lent += span.len();
        if self.fails == Some(number) {
            return Err(Unreadable);
        }
        self.window = self.bytes[span.range().unwrap()].to_vec();
        Ok(&self.window)
    }
}

pub fn rules<const B: usize, const K: usize>(blank: [Tag; B], keep: [Tag; K]) -> Rules {
    Rules::new(blank, keep).expect("rules of a row are fit")
}

/// The plan of `bytes`, the same by both roads.
pub fn plan_of(bytes: &[u8], rules: &Rules, limits: &Limits) -> Result<Plan, Error> {
    keep_as_seed(bytes);
    let by_slice = plan(&mut SliceSource::new(bytes), rules, limits);
    let by_window = plan(&mut Lender::new(bytes), rules, limits);
    assert_eq!(by_slice, by_window, "the roads disagree");
    crate::road::agrees(bytes, rules, limits, &by_slice);
    if let Ok(plan) = &by_slice {
        sites_have(plan, bytes, (rules, limits));
    }
    by_slice
}

/// The sites have every value that a plan has, at its place and under its path, by both roads.
fn sites_have(plan: &Plan, bytes: &[u8], (rules, limits): (&Rules, &Limits)) {
    let by_slice = plan_and_sites(&mut SliceSource::new(bytes), rules, limits);
    assert_eq!(by_slice, plan_and_sites(&mut Lender::new(bytes), rules, limits), "the roads disagree");
    let (beside, sites_of) = by_slice.unwrap_or_else(|error| panic!("planned, and not with its sites: {error}"));
    assert_eq!(&beside, plan);
    for edit in plan.edits() {
        let spot = sites_of.at(edit.span().start());
        match spot {
            Spot::Value(site) if site.span() == edit.span() && site.tag() == edit.tag() => {
                assert_eq!(sites_of.tag_path(site).to_string(), plan.tag_path(edit).to_string());
            }
            // Pixel data is no place to look at.
            _ => assert!(edit.tag().is_pixel_data() || edit.tag() == Tag::ITEM, "{:?} is {spot:?}", edit.span()),
        }
    }
}

/// Keeps `bytes` where `make fuzz` says, so that every row is a seed of the fuzz targets.
fn keep_as_seed(bytes: &[u8]) {
    static FOLDER: LazyLock<Option<PathBuf>> = LazyLock::new(|| env::var_os("DICOMBLANK_SEEDS").map(PathBuf::from));
    if let Some(folder) = FOLDER.as_deref().filter(|_| bytes.len() <= 64 * 1024) {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        fs::write(folder.join(format!("row-{:016x}", hasher.finish())), bytes).unwrap();
    }
}

/// The edits that are left to do.
pub fn left(plan: &Plan, bytes: &[u8]) -> Vec<Edit> {
    let by_slice = audit(plan, &mut SliceSource::new(bytes)).unwrap();
    assert_eq!(Ok(&by_slice), audit(plan, &mut Lender::new(bytes)).as_ref(), "the roads disagree");
    let no_rules = Rules::new([], []).unwrap();
    let positions = audit_positions(plan, &mut SliceSource::new(bytes), &no_rules, Once::ToDo).unwrap();
    assert_eq!(plan.clone().only_at(&positions), plan.clone().only(&by_slice), "the positions are of others");
    let states = states(plan, &mut SliceSource::new(bytes), &no_rules, Once::ToDo).unwrap();
    let to_do = (0..).zip(&states).filter(|(_, state)| **state == State::ToDo).map(|(position, _)| position);
    assert!(states.len() == plan.edits().len() && to_do.eq(positions), "the states are of others");
    by_slice
}

pub fn applied(plan: &Plan, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    apply(plan, &mut SliceSink::new(&mut bytes)).unwrap();
    bytes
}

/// What edits say, as a unit's marks do.
pub fn marks(edits: &[Edit]) -> Vec<Mark> {
    let mark = |edit: &Edit| {
        let Action::Pad(padding) = edit.action() else { panic!("another action than padding") };
        (edit.span().range().unwrap(), padding.byte())
    };
    edits.iter().map(mark).collect()
}

/// Edits are sorted, disjoint, in bounds and not empty.
pub fn is_in_order(edits: &[Edit], size: u64) -> bool {
    edits.iter().all(|edit| !edit.span().is_empty() && edit.span().end() <= size)
        && edits.windows(2).all(|pair| pair[0].span().end() <= pair[1].span().start())
}

/// Exactly the marked values become padding, `warned` is said, and `opaque` values are counted.
pub fn blanks_exactly(unit: &Unit, rules: &Rules, warned: &[Warning], opaque: u32) -> Result<(), String> {
    let plan = plan_of(&unit.bytes, rules, &Limits::default()).map_err(|error| format!("refused: {error}"))?;
    let expect = |is_so: bool, what: String| if is_so { Ok(()) } else { Err(what) };
    let found = marks(plan.edits());
    expect(found == unit.marks, format!("edits {found:?}, marked are {:?}", unit.marks))?;
    expect(is_in_order(plan.edits(), plan.source_size()), "edits out of order".into())?;
    let warnings: Vec<_> = plan.warnings().iter().collect();
    expect(warnings == warned, format!("warnings {warnings:?}, expected {warned:?}"))?;
    expect(plan.opaque() == opaque, format!("{} opaque values, expected {opaque}", plan.opaque()))?;

    let after = applied(&plan, &unit.bytes);
    expect(after == unit.blanked(), "other bytes than the marked ones changed".into())?;
    expect(left(&plan, &after).is_empty(), "something is left after applying".into())?;
    let again = plan_of(&after, rules, &Limits::default()).map_err(|error| format!("refused afterwards: {error}"))?;
    expect(again.edits() == plan.edits(), "planned again, the edits are others".into())?;
    expect(left(&again, &after).is_empty(), "planned again, there is work".into())
}

/// Whatever the bytes are, their plan is one that can be carried out, and carrying it out does that and no more.
pub fn is_sound(bytes: &[u8], rules: &Rules, limits: &Limits) -> Result<(), String> {
    let Ok(plan) = plan_of(bytes, rules, limits) else { return Ok(()) };
    let expect = |is_so: bool, what: &str| if is_so { Ok(()) } else { Err(what.to_owned()) };
    let size = u64::try_from(bytes.len()).unwrap();
    expect(plan.source_size() == size && is_in_order(plan.edits(), size), "edits out of order")?;
    let after = applied(&plan, bytes);
    let mut expected = bytes.to_vec();
    for (span, byte) in marks(plan.edits()) {
        expected[span].fill(byte);
    }
    expect(after == expected, "other bytes changed")?;
    expect(left(&plan, &after).is_empty(), "something is left after applying")?;
    match plan_of(&after, rules, limits) {
        // To another reading the padding is headers, and it may go on to what it did not come to before. That is refused, or blanked as well,
        // and nothing is lost.
        Ok(again) if covers(&marks(again.edits()), &marks(plan.edits())) => Ok(()),
        Err(error) if is_ambiguous(&error) => Ok(()),
        again => Err(format!("planned again: {again:?}, before: {plan:?}")),
    }
}

/// Whether each of `wanted` lies in one of `edits`.
pub fn covers(edits: &[Mark], wanted: &[Mark]) -> bool {
    wanted.iter().all(|(span, _)| edits.iter().any(|(edit, _)| edit.start <= span.start && span.end <= edit.end))
}

/// Whether a file is refused since readers differ in what is listed in it.
pub fn is_ambiguous(error: &Error) -> bool {
    format!("{:?}", error.kind).starts_with("Ambiguous")
}

/// Every row at once, so that one failure does not hide another.
fn all(rows: impl IntoIterator<Item = (String, Result<(), String>)>) {
    let (mut count, mut failures) = (0, Vec::new());
    for (what, outcome) in rows {
        count += 1;
        failures.extend(outcome.err().map(|failure| format!("\n  {what}: {failure}")));
    }
    assert!(count > 0, "no row");
    assert!(failures.is_empty(), "{} of {count} rows:{}", failures.len(), failures.concat());
}

/// Rows of (what, file): blanked exactly, nothing to say.
pub fn blanks<'a>(rules: &Rules, rows: impl IntoIterator<Item = (&'a str, Unit)>) {
    blanks_with(rules, &[], rows);
}

/// Rows of (what, file): blanked exactly, with warnings.
pub fn blanks_with<'a>(rules: &Rules, warned: &[Warning], rows: impl IntoIterator<Item = (&'a str, Unit)>) {
    all(rows.into_iter().map(|(what, unit)| (what.to_owned(), blanks_exactly(&unit, rules, warned, 0))));
}

/// Rows of (what, how many are opaque, file): what is marked is blanked, the rest left, and the opaque values counted.
pub fn leaves<'a>(rules: &Rules, rows: impl IntoIterator<Item = (&'a str, u32, Unit)>) {
    all(rows.into_iter().map(|(what, opaque, unit)| (what.to_owned(), blanks_exactly(&unit, rules, &[], opaque))));
}

/// Rows of (what, kind, tag path, file): refused with the kind, at the offset of the faulty unit, under the path.
pub fn refuses<'a>(rules: &Rules, rows: impl IntoIterator<Item = (&'a str, ErrorKind, &'a str, Unit)>) {
    refuses_within(rules, &Limits::default(), rows);
}

pub fn refuses_within<'a>(
    rules: &Rules,
    limits: &Limits,
    rows: impl IntoIterator<Item = (&'a str, ErrorKind, &'a str, Unit)>,
) {
    all(rows.into_iter().map(|(what, kind, path, unit)| {
        let offset = unit.fault.unwrap_or_else(|| panic!("{what}: no unit is faulty"));
        let expected = (kind, u64::try_from(offset).unwrap(), path.to_owned());
        let outcome = match plan_of(&unit.bytes, rules, limits) {
            Ok(plan) => Err(format!("planned, with {} edits; expected {expected:?}", plan.edits().len())),
            Err(error) => {
                let found = (error.kind, error.offset, error.tag_path.to_string());
                if found == expected { Ok(()) } else { Err(format!("{found:?}, expected {expected:?}")) }
            }
        };
        (what.to_owned(), outcome)
    }));
}

/// Rows of (what, bytes): not DICOM.
pub fn is_not_dicom<'a>(rows: impl IntoIterator<Item = (&'a str, Vec<u8>)>) {
    refuses(&rules([], []), rows.into_iter().map(|(what, bytes)| (what, ErrorKind::NotDicom, "", raw(bytes).faulty())));
    assert_eq!(ErrorKind::NotDicom.class(), ErrorClass::NotDicom);
}

/// Rows of (file, tag path of each edit).
pub fn paths<'a>(rules: &Rules, rows: impl IntoIterator<Item = (Unit, &'a [&'a str])>) {
    for (unit, expected) in rows {
        let plan = plan_of(&unit.bytes, rules, &Limits::default()).unwrap();
        let found: Vec<_> = plan.edits().iter().map(|edit| plan.tag_path(edit).to_string()).collect();
        assert_eq!(found, expected);
    }
}
