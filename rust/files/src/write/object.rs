//! An object of a store: its bytes are planned here, and edited in memory, whole or range by range. To get and to put
//! them is the caller's part.
//!
//! An object is written whole or not at all, under its key at once. So in place needs no journal: no object is ever
//! half done.

use std::path::Path;

use dicomblank_core::{
    Edit, ErrorClass, Fill, Marks, Patch, Plan, Rules, Sink, Sites, SliceSource, Source, apply_patch,
};

use super::deflated::deflated;
use super::existing::Wanted;
use super::rewritten::{Made, made, result, stored};
use super::tools::Looking;
use crate::error::{FileError, ObjectFault};
use crate::order::choices::Unmarked;
use crate::order::place::Place;
use crate::read::inflated::{Inflated, Stored, Turns, edit};
use crate::read::keyed::{Keyed, Keying};
use crate::read::planned::{Planned, Ready, once};
use crate::read::read_at::ReadAt;
use crate::read::recognise;
use crate::read::rewriting::Rewriting;
use crate::read::windows::{WindowedSource, Windows};
use crate::report::outcome::Fate;
use crate::report::values::Counter;
use crate::watch::Watch;

/// The largest inflated form of an object, in bytes. Smaller than that of a file: a run over objects promises how much
/// memory it takes.
const LIMIT: usize = 128 * 1024 * 1024;
/// Bytes of the first read of an object by ranges, of a read behind a hop, and of one that goes on. A request costs as
/// much as some hundred KiB.
const SIZES: [usize; 3] = [256 * 1024, 64 * 1024, 256 * 1024];

/// How an object is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// As a new version under its key.
    InPlace(Unmarked),
    /// Under another key.
    Copy,
}

/// What a thread has for each object: the rules, what they replace values with, its count of values, what is looked for
/// elsewhere, and whether to give up.
pub(crate) struct ObjectTools<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) keyed: Keyed<'a, 'a>,
    pub(crate) counter: &'a mut Counter,
    pub(crate) looking: Looking<'a>,
    pub(crate) watch: &'a Watch,
}

/// What became of an object that can be done: what is told of it, and what is to be written.
pub(crate) struct Done {
    pub(crate) fate: Fate,
    /// What a copy of it must be, if it is to be written.
    pub(crate) wanted: Option<Wanted>,
    pub(crate) output: Output,
}

impl Done {
    /// An object that was only looked at.
    pub(crate) const fn told(fate: Fate) -> Self {
        Self { fate, wanted: None, output: Output::Nothing }
    }
}

/// What is to be written.
pub(crate) enum Output {
    /// Nothing: it stays as it is.
    Nothing,
    /// Its bytes, with these edits made.
    Edited(Edits),
    /// Its bytes as they are: nothing is left to blank in its deflated data set.
    AsItIs,
    /// Other bytes: its length has changed, or its data set was deflated anew.
    Anew(Vec<u8>),
}

/// What is done to the bytes of an object.
pub(crate) struct Edits {
    plan: Plan,
    patch: Patch,
    /// Whether it is marked.
    is_marked: bool,
}

impl Edits {
    /// Makes the edits that lie in `chunk`, which stands at `offset`. Those of several chunks are made in any order.
    pub(crate) fn make(&self, keying: &Keying, offset: u64, chunk: &mut [u8]) -> Result<(), FileError> {
        let mut sink = Chunk { size: self.plan.source_size(), offset, bytes: chunk };
        self.mark(keying).map_or(Ok(()), |mark| sink.write(mark)).map_err(|()| FileError::Panicked)?;
        apply_patch(&self.plan, &self.patch, &mut sink).map_err(|_| FileError::Panicked)
    }

    /// Where they are, in bytes: the start and the end of each, in their order.
    pub(crate) fn places<'a>(&'a self, keying: &'a Keying) -> impl Iterator<Item = (u64, u64)> + 'a {
        let mark = self.mark(keying).map(|mark| mark.span());
        mark.into_iter().chain(self.plan.edits().iter().map(Edit::span)).map(|span| (span.start(), span.end()))
    }

    fn mark<'k>(&self, keying: &'k Keying) -> Option<Fill<'k>> {
        keying.marks().filter(|_| self.is_marked).and_then(Marks::done)
    }
}

/// A chunk of an object, as the core's [`Sink`]: what lies outside is left to the other chunks.
struct Chunk<'a> {
    size: u64,
    offset: u64,
    bytes: &'a mut [u8],
}

impl Sink for Chunk<'_> {
    type Error = ();

    fn size(&self) -> u64 {
        self.size
    }

    fn write(&mut self, fill: Fill<'_>) -> Result<(), ()> {
        fill.write_over(self.offset, self.bytes);
        Ok(())
    }
}

/// Plans an object of which all bytes are here, and edits them.
pub(crate) fn blank_whole(
    bytes: &mut [u8],
    place: &Place,
    writing: Writing,
    tools: &mut ObjectTools<'_>,
) -> Result<Done, FileError> {
    let (path, watch) = (&place.path(), tools.watch);
    let whole: &[u8] = bytes;
    if tools.rules.rewrite() {
        let made = rewritten(whole, place, writing, tools);
        return made.map_err(|error| explained(error, path, &mut SliceSource::new(whole)));
    }
    let mut source = SliceSource::new(whole);
    let made = done(&mut source, place, writing, tools, |data_set| inflated(whole, path, watch, data_set));
    let made = made.map_err(|error| explained(error, path, &mut source))?;
    if let Output::Edited(edits) = &made.output {
        edit(bytes, &edits.plan, &edits.patch, tools.keyed.keying().marks().filter(|_| edits.is_marked))?;
    }
    Ok(made)
}

/// Plans an object that is read by ranges.
pub(crate) fn plan_ranges(
    bytes: impl ReadAt,
    place: &Place,
    writing: Writing,
    tools: &mut ObjectTools<'_>,
    windows: &mut Windows,
) -> Result<Done, FileError> {
    if tools.rules.rewrite() {
        return Err(rewritten_and_large());
    }
    let path = &place.path();
    let mut source = WindowedSource::new(bytes, windows);
    let made = done(&mut source, place, writing, tools, |_| Err(deflated_and_large()));
    made.map_err(|error| explained_of_ranges(error, path, &mut source))
}

/// Windows for an object that is read by ranges.
pub(crate) fn windows(watch: Watch) -> Windows {
    Windows::of(SIZES, watch)
}

/// The plan of an object, and where every value stands, if that is needed. An error of the core is not yet explained.
pub(crate) fn planned<S: Source>(
    source: &mut S,
    tools: &ObjectTools<'_>,
    inflate: impl FnOnce(u64) -> Result<Inflated, FileError>,
) -> Result<(Planned, Option<Sites>), FileError> {
    if !tools.looking.is_asked() {
        return Ok((Planned::of(source, tools.rules, |_, data_set| inflate(data_set))?, None));
    }
    let (planned, sites) = Planned::with_sites(source, tools.rules, |_, data_set| inflate(data_set))?;
    Ok((planned, Some(sites)))
}

/// The steps that objects have in common, in the order of those of a file. An error of the core is not yet explained.
fn done<S: Source>(
    source: &mut S,
    place: &Place,
    writing: Writing,
    tools: &mut ObjectTools<'_>,
    inflate: impl FnOnce(u64) -> Result<Inflated, FileError>,
) -> Result<Done, FileError> {
    let (planned, sites) = planned(source, tools, inflate)?;
    let ObjectTools { rules, keyed, counter, looking, watch } = tools;
    let marked = planned.marked(source, keyed.keying())?;
    let left = planned.left_of(planned.plan(), source, (rules, once(marked)))?;
    let wanted = Some(Wanted::of_size(source.size(), &planned));
    let fate = Fate::done(planned.plan(), &left, counter);
    if left.is_empty() && writing != Writing::Copy {
        let found = looking.look(source, &planned, (sites, place))?;
        return Ok(Done { fate: fate.with(found), wanted, output: Output::Nothing });
    }
    let ready = planned.resolve((&left, marked), source, rules, keyed)?;
    let (found, replacements) = looking.look_ready(source, &ready, (sites, place))?;
    if ready.is_unmarked() && writing == Writing::InPlace(Unmarked::Refuse) {
        return Err(FileError::NoRoomForMark);
    }
    let fate = fate.noticed(ready.warnings()).with(found);
    let Ready { planned, patch, marks, .. } = ready.and(&replacements)?;
    let output = match planned {
        Planned::Inflated(plan, mut inflated) if !plan.edits().is_empty() => {
            inflated.edit(&plan, &patch, marks)?;
            Output::Anew(deflated(&inflated, watch)?)
        }
        Planned::Inflated(..) => Output::AsItIs,
        Planned::AsItStands(plan) => Output::Edited(Edits { plan, patch, is_marked: marks.is_some() }),
    };
    Ok(Done { fate, wanted, output })
}

/// What an object becomes where lengths change. An error of the core is not yet explained.
fn rewritten(bytes: &[u8], place: &Place, writing: Writing, tools: &mut ObjectTools<'_>) -> Result<Done, FileError> {
    let ObjectTools { rules, keyed, counter, looking, watch } = tools;
    let [mut source, mut again] = [SliceSource::new(bytes); 2];
    let rewriting = rewriting(bytes, &place.path(), (rules, keyed.keying()), watch)?;
    let Made { pieces, fate, is_same } =
        made(&rewriting, (&mut source, &mut again), place, (rules, keyed), (counter, looking))?;
    let wanted = Some(Wanted::of_result(bytes.len() as u64));
    if is_same && writing != Writing::Copy {
        return Ok(Done { fate, wanted, output: Output::Nothing });
    }
    if rewriting.is_unmarked() && writing == Writing::InPlace(Unmarked::Refuse) {
        return Err(FileError::NoRoomForMark);
    }
    let result = result(&rewriting, &pieces, bytes)?;
    drop(pieces);
    Ok(Done { fate, wanted, output: Output::Anew(stored(rewriting, result, watch)?) })
}

/// What becomes of an object, of which all bytes are here, where lengths change. An error of the core is not yet explained.
pub(crate) fn rewriting(
    bytes: &[u8],
    path: &Path,
    (rules, keying): (&Rules, &Keying),
    watch: &Watch,
) -> Result<Rewriting, FileError> {
    Rewriting::of(&mut SliceSource::new(bytes), rules, keying, |_, data_set| inflated(bytes, path, watch, data_set))
}

/// Whether the object `target`, of which all bytes are here, is the copy that is wanted.
pub(crate) fn is_copy(
    wanted: Wanted,
    target: &Path,
    bytes: &[u8],
    (rules, keying): (&Rules, &Keying),
    watch: &Watch,
) -> Result<bool, FileError> {
    wanted.is_copied_to(target, bytes.len() as u64, || {
        let mut source = SliceSource::new(bytes);
        let inflate = |data_set| inflated(bytes, target, watch, data_set);
        left(&mut source, (rules, keying), inflate).map_err(|error| explained(error, target, &mut source))
    })
}

/// The same of a target that is read by ranges.
pub(crate) fn is_copy_by_ranges(
    wanted: Wanted,
    target: &Path,
    bytes: impl ReadAt,
    rules: (&Rules, &Keying),
    windows: &mut Windows,
) -> Result<bool, FileError> {
    wanted.is_copied_to(target, bytes.size(), || {
        let mut source = WindowedSource::new(bytes, windows);
        let inflate = |_| Err(deflated_and_large());
        left(&mut source, rules, inflate).map_err(|error| explained_of_ranges(error, target, &mut source))
    })
}

/// How many values are left to blank in a target, and its size, inflated if it is deflated.
fn left<S: Source>(
    source: &mut S,
    (rules, keying): (&Rules, &Keying),
    inflate: impl FnOnce(u64) -> Result<Inflated, FileError>,
) -> Result<(usize, u64), FileError> {
    let planned = Planned::of(source, rules, |_, data_set| inflate(data_set))?;
    let marked = planned.marked(source, keying)?;
    let left = planned.left_of(planned.plan(), source, (rules, once(marked)))?;
    Ok((left.len(), planned.plan().source_size()))
}

/// The inflated form of an object, of which all bytes are here.
pub(crate) fn inflated(bytes: &[u8], path: &Path, watch: &Watch, data_set: u64) -> Result<Inflated, FileError> {
    // The caller holds no lock of Python's meanwhile, so that a turn can be waited for.
    Inflated::read(&Stored { bytes: &bytes, path, watch, turns: Turns::Taken, limit: LIMIT }, data_set)
}

/// What is said of one of which they are not.
pub(crate) fn deflated_and_large() -> FileError {
    FileError::Object(
        ObjectFault::TooLarge,
        "its data set is deflated, and a deflated object of this size is not inflated: copy it to a disk first"
            .to_owned(),
    )
}

/// What is said of one whose length would change.
pub(crate) fn rewritten_and_large() -> FileError {
    FileError::Object(
        ObjectFault::TooLarge,
        "its length would change, and an object of this size is not rewritten: copy it to a disk first".to_owned(),
    )
}

/// The core's error, with what name and first bytes tell.
pub(crate) fn explained(error: FileError, path: &Path, source: &mut impl Source) -> FileError {
    match error {
        FileError::Core(error) => recognise::explain(error, path, source),
        other => other,
    }
}

/// The same of an object that is read by ranges, which may fail.
pub(crate) fn explained_of_ranges(
    error: FileError,
    path: &Path,
    source: &mut WindowedSource<'_, impl ReadAt>,
) -> FileError {
    match error {
        FileError::Core(error) if error.kind.class() == ErrorClass::Unreadable => source.take_error().about(path),
        other => explained(other, path, source),
    }
}
