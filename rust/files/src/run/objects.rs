//! A run over objects of a store. The caller lists them, gets them and puts them, from as many threads as it likes; what
//! is done to their bytes, and what is told of them, is the same as for files.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use dicomblank_core::Rules;
use dicomblank_pseudonym::{Memory, Secrets};

use super::driver::RunError;
use super::job::create_report;
use super::looking;
use super::made::Made;
use super::planning::Planning;
use super::recorder::Recorder;
use crate::error::FileError;
use crate::order::choices::{Destination, Leftovers, Plans, Syncing, Task};
use crate::order::inputs::{Input, Inputs, Kind, check_names};
use crate::order::known::Known;
use crate::order::list::{ListName, Shard};
use crate::order::output::OutputPath;
use crate::order::place::Place;
use crate::order::usage::UsageError;
use crate::read::keyed::Keying;
use crate::read::leftovers::Looker;
use crate::read::read_at::ReadAt;
use crate::read::windows::Windows;
use crate::report::jsonl::Run;
use crate::report::outcome::Fate;
use crate::report::values::Counter;
use crate::watch::{Pulse, Watch};
use crate::write::existing::{Wanted, other_result};
use crate::write::landing::Landing;
use crate::write::new_files::NewFiles;
use crate::write::object::{self, Done, ObjectTools, Output, Writing};
use crate::write::output::Output as Folder;
use crate::write::tools::Looking;

/// What to do to objects, as the caller says it.
#[derive(Debug)]
pub struct ObjectOrder {
    /// What is to be done.
    pub sources: Vec<ObjectSource>,
    /// Which of the objects below the one source, if not all: the caller has its manifest.
    pub shard: Option<Shard>,
    /// What is done to it: it is anonymized, or planned.
    pub task: Task,
    /// What is flushed of copies on a disk, if the output is a path. Else it is a URL.
    pub on_disk: Option<Syncing>,
    /// What becomes of which elements.
    pub rules: Rules,
    /// What keyed values are made with.
    pub key: Option<Arc<Secrets>>,
    /// Whether values are looked for elsewhere.
    pub leftovers: Leftovers,
    /// A file of names and identifiers that are looked for as well.
    pub known: Option<PathBuf>,
    /// The name of the level that the rules are of.
    pub level: Option<String>,
    /// The path of the report file.
    pub report: Option<PathBuf>,
}

/// What is to be done.
#[derive(Debug)]
pub enum ObjectSource {
    /// The object that has this URL.
    Object(PathBuf),
    /// All objects below this URL.
    Below(PathBuf),
    /// A file or folder of a disk.
    OnDisk(PathBuf),
}

impl ObjectSource {
    fn input(self) -> Result<Arc<Input>, UsageError> {
        let named = |url: PathBuf, kind| Input { canonical: url.clone(), given: url, kind };
        Ok(Arc::new(match self {
            Self::Object(url) => named(url, Kind::File),
            Self::Below(url) => named(url, Kind::Folder),
            Self::OnDisk(path) => Input::find(path, true)?,
        }))
    }
}

/// What is done to objects, checked. Threads share it.
pub struct Objects {
    pub(super) inputs: Arc<Inputs>,
    task: Task,
    work: Work,
    /// Where copies go that go to a disk.
    pub(super) landing: Option<Landing>,
    pub(super) rules: Rules,
    pub(super) keying: Keying,
    leftovers: Leftovers,
    known: Option<Known>,
    level: Option<String>,
    list: Option<ListName>,
    pub(super) pulse: Arc<Pulse>,
    kits: Mutex<Vec<Kit>>,
}

/// What is done to each.
#[derive(Clone, Copy)]
enum Work {
    Write(Writing),
    Plan(Plans),
}

/// What one call needs, and the next one uses again.
pub(super) struct Kit {
    planning: Planning,
    counter: Counter,
    memory: Memory,
    looker: Looker,
    pub(super) new_files: NewFiles,
}

impl Kit {
    fn of(work: Work) -> Self {
        let plans = if let Work::Plan(plans) = work { plans } else { Plans::Count };
        let (counter, memory, looker) = (Counter::default(), Memory::default(), Looker::default());
        Self { planning: Planning::new(plans), counter, memory, looker, new_files: NewFiles::default() }
    }
}

impl Objects {
    /// Checks an order, and creates its report file.
    ///
    /// # Errors
    /// [`UsageError`]. Then nothing was written.
    pub fn new(order: ObjectOrder) -> Result<(Self, Recorder), UsageError> {
        let ObjectOrder { sources, shard, task, on_disk, rules, key, leftovers, known, level, report } = order;
        let known = Known::asked(known.as_deref(), leftovers)?;
        leftovers.check_for(&rules)?;
        let keying = match task {
            Task::Plan(_) => Keying::of_dry_run(&rules, key)?,
            _ => Keying::checked(&rules, key)?,
        };
        let is_on_disk = |source: &ObjectSource| matches!(source, ObjectSource::OnDisk(_));
        if matches!(task, Task::Anonymize(Destination::InPlace { .. })) && sources.iter().any(is_on_disk) {
            let reason = "in place takes URLs or paths, and not both in one run: do one after the other";
            return Err(UsageError::Invalid(reason.to_owned()));
        }
        let named = sources.into_iter().map(ObjectSource::input).collect::<Result<Vec<_>, _>>()?;
        let inputs = Arc::new(Inputs::of(&named));
        let (work, output, landing) = match (&task, on_disk) {
            (Task::Anonymize(Destination::InPlace { unmarked, .. }), _) => {
                (Work::Write(Writing::InPlace(*unmarked)), None, None)
            }
            (Task::Anonymize(Destination::Copies { output, existing }), Some(sync)) => {
                let path = OutputPath::find(output, &inputs)?;
                let resolved = path.resolved.clone();
                let landing = Landing::new(Folder::new(path, *existing, sync, inputs.clone()));
                (Work::Write(Writing::Copy), Some(resolved), Some(landing))
            }
            (Task::Anonymize(Destination::Copies { output, .. }), None) => {
                check_names(&inputs)?;
                (Work::Write(Writing::Copy), Some(output.clone()), None)
            }
            (Task::Plan(plans), _) => (Work::Plan(*plans), None, None),
            (Task::Verify { .. } | Task::Inspect { .. }, _) => {
                return Err(UsageError::Invalid("objects are not compared or inspected yet".to_owned()));
            }
        };
        let file = report.map(|path| create_report(&path, Some(inputs.as_ref()), output.as_deref())).transpose()?;
        let list = shard.map(ListName::Shard);
        let (pulse, kits) = (Arc::default(), Mutex::default());
        let recorder = Recorder::new(file, inputs.clone());
        Ok((Self { inputs, task, work, landing, rules, keying, leftovers, known, level, list, pulse, kits }, recorder))
    }

    /// What the first row of the report says, as JSON.
    #[must_use]
    pub fn first_row(&self) -> String {
        self.asked().to_string()
    }

    fn asked(&self) -> Run<'_> {
        Run {
            list: self.list.as_ref(),
            exclude: &[],
            level: self.level.as_deref(),
            rules: &self.rules,
            key: self.keying.key_id(),
            task: &self.task,
            leftovers: self.leftovers,
            known: self.known.as_ref().map_or(0, Known::count),
            sources: self.inputs.iter().map(|input| input.given.as_path()).collect(),
            start: SystemTime::now(),
        }
    }

    /// The URLs and paths of the sources, without those that are named twice or lie inside another; whether each is one
    /// object or file, and its name in the output, if it has one there.
    pub fn sources(&self) -> impl Iterator<Item = (&Path, bool, Option<&std::ffi::OsStr>)> {
        self.inputs
            .iter()
            .map(|input| (input.given.as_path(), input.kind != Kind::Folder, self.inputs.name_in_output(input)))
    }

    /// Plans the object `key` of a source, of which all `bytes` are here, and edits them. `None` if there is no such
    /// source.
    pub fn blank(&self, source: usize, key: &Path, bytes: &mut [u8]) -> Option<Made> {
        Some(self.whole(self.place(source, key)?, bytes))
    }

    /// The same of an object of `size` bytes that is read by ranges: `read` fills a buffer from an offset on. Nothing
    /// is edited yet.
    pub fn plan(&self, source: usize, key: &Path, ranges: Ranges<'_>) -> Option<Made> {
        let place = self.place(source, key)?;
        let windows = &mut object::windows(Watch::of(&self.pulse));
        Some(self.by_ranges(place, ranges, windows))
    }

    /// An object that could not be got.
    pub fn failed(&self, source: usize, key: &Path, error: FileError) -> Option<Made> {
        Some(Made::failed(self.place(source, key)?, error))
    }

    /// What becomes of an object whose `target`, of which all `bytes` are here, exists: it is skipped if that is its
    /// copy, whole and blanked.
    #[must_use]
    pub fn existing(&self, made: Made, target: &Path, bytes: &[u8]) -> Made {
        if self.rules.rewrite() {
            let is_result = made.anew() == Some(bytes);
            return self.compared(made, |_| if is_result { Ok(true) } else { Err(other_result(target)) });
        }
        self.compared(made, |wanted| {
            object::is_copy(wanted, target, bytes, (&self.rules, &self.keying), &Watch::of(&self.pulse))
        })
    }

    /// The same of a target that is read by ranges.
    #[must_use]
    pub fn existing_by_ranges(&self, made: Made, target: &Path, ranges: Ranges<'_>) -> Made {
        if self.rules.rewrite() {
            let has_size = made.anew().is_some_and(|bytes| bytes.len() as u64 == ranges.size);
            let mut bytes = vec![0; usize::try_from(if has_size { ranges.size } else { 0 }).unwrap_or_default()];
            let read = ranges.read_exactly(0, &mut bytes).map_err(|error| error.about(target));
            let is_result = has_size && made.anew() == Some(&*bytes);
            return self.compared(made, |_| read.and(if is_result { Ok(true) } else { Err(other_result(target)) }));
        }
        let windows = &mut object::windows(Watch::of(&self.pulse));
        self.compared(made, |wanted| {
            object::is_copy_by_ranges(wanted, target, ranges, (&self.rules, &self.keying), windows)
        })
    }

    /// Makes the edits that lie in `chunk`, which stands at `offset` in the object.
    ///
    /// # Errors
    /// [`FileError::Panicked`], if they are not those of the object.
    pub fn edit(&self, made: &Made, offset: u64, chunk: &mut [u8]) -> Result<(), FileError> {
        match &made.output {
            Output::Edited(edits) => edits.make(&self.keying, offset, chunk),
            Output::Nothing | Output::AsItIs | Output::Anew(_) => Ok(()),
        }
    }

    /// Where the edits of an object are, in bytes: start and end of each, in their order.
    pub fn places<'a>(&'a self, made: &'a Made) -> impl Iterator<Item = (u64, u64)> + 'a {
        let edits = match &made.output {
            Output::Edited(edits) => Some(edits),
            Output::Nothing | Output::AsItIs | Output::Anew(_) => None,
        };
        edits.into_iter().flat_map(|edits| edits.places(&self.keying))
    }

    /// Writes to the report file what the run is asked to do. Its time begins now.
    ///
    /// # Errors
    /// [`RunError::Report`]: the run must end then, since it could no longer be known what was done.
    pub fn begin(&self, recorder: &mut Recorder) -> Result<(), RunError> {
        recorder.begin(&self.asked())
    }

    /// Stops what is being planned: it is given up, and told as interrupted.
    pub fn stop(&self) {
        self.pulse.cancel();
    }

    pub(super) fn place(&self, source: usize, key: &Path) -> Option<Place> {
        let input = self.inputs.get(source)?.clone();
        Some(Place { input, folder: Path::new("").into(), name: key.into() })
    }

    pub(super) fn whole(&self, place: Place, bytes: &mut [u8]) -> Made {
        self.made(place, |place, tools, planning| match self.work {
            Work::Write(writing) => object::blank_whole(bytes, place, writing, tools),
            Work::Plan(_) => looking::plan_whole(bytes, place, tools, planning),
        })
    }

    pub(super) fn by_ranges(&self, place: Place, bytes: impl ReadAt, windows: &mut Windows) -> Made {
        self.made(place, |place, tools, planning| match self.work {
            Work::Write(writing) => object::plan_ranges(bytes, place, writing, tools, windows),
            Work::Plan(_) => looking::plan_ranges(bytes, place, tools, windows, planning),
        })
    }

    fn made(
        &self,
        place: Place,
        work: impl FnOnce(&Place, &mut ObjectTools<'_>, &mut Planning) -> Result<Done, FileError>,
    ) -> Made {
        let watch = &Watch::of(&self.pulse);
        let done = self.with_kit(|kit| {
            let Kit { planning, counter, memory, looker, .. } = kit;
            let looking = Looking { leftovers: self.leftovers, known: self.known.as_ref(), looker };
            let keyed = self.keying.with(memory);
            work(&place, &mut ObjectTools { rules: &self.rules, keyed, counter, looking, watch }, planning)
        });
        match done {
            Ok(Done { fate, wanted, output }) => Made { place, fate: Ok(fate), wanted, mode: None, output },
            Err(error) => Made::failed(place, error),
        }
    }

    fn compared(&self, made: Made, work: impl FnOnce(Wanted) -> Result<bool, FileError>) -> Made {
        let Made { place, wanted, .. } = made;
        let is_copy = wanted.map_or(Err(FileError::Panicked), |wanted| self.with_kit(|_| work(wanted)));
        let fate = match is_copy {
            Ok(true) => Ok(Fate::copied_already()),
            Ok(false) => Err(FileError::Panicked), // it is an error that says why
            Err(error) => Err(error),
        };
        Made::told(place, fate)
    }

    pub(super) fn with_kit<T>(&self, work: impl FnOnce(&mut Kit) -> Result<T, FileError>) -> Result<T, FileError> {
        let lent = self.kits.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut kit = lent.unwrap_or_else(|| Kit::of(self.work));
        // After a panic the kit is dropped.
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut kit))).map_err(|_| FileError::Panicked)?;
        self.kits.lock().unwrap_or_else(PoisonError::into_inner).push(kit);
        done
    }
}

/// Bytes that are read by ranges.
pub struct Ranges<'a> {
    /// How many there are.
    pub size: u64,
    /// Fills a buffer from an offset on, as far as there are bytes, and says how many it read.
    pub read: &'a dyn Fn(u64, &mut [u8]) -> io::Result<usize>,
}

impl ReadAt for Ranges<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8], _: usize) -> io::Result<usize> {
        (self.read)(offset, buffer)
    }
}
