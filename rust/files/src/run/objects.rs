//! A run over objects of a store. The caller lists them, gets them and puts them, from as many threads as it likes; what
//! is done to their bytes, and what is told of them, is the same as for files.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use dicomblank_core::Rules;
use dicomblank_pseudonym::{Memory, Secrets};

use super::driver::RunError;
use super::job::{create_report, create_report_file};
use crate::error::FileError;
use crate::order::choices::{Destination, Leftovers, Task};
use crate::order::inputs::{Input, Inputs, Kind, check_names};
use crate::order::known::Known;
use crate::order::list::{ListName, Shard};
use crate::order::place::Place;
use crate::order::usage::UsageError;
use crate::read::keyed::Keying;
use crate::read::leftovers::Looker;
use crate::read::read_at::ReadAt;
use crate::report::counts::Report;
use crate::report::jsonl::{ReportFile, Run};
use crate::report::outcome::Fate;
use crate::report::row::Row;
use crate::report::values::Counter;
use crate::watch::{Pulse, Watch};
use crate::write::existing::Wanted;
use crate::write::object::{self, Done, ObjectTools, Output, Writing};
use crate::write::tools::Looking;

/// The report file says how far the run is at most this often.
const PACE: Duration = Duration::from_secs(1);

/// What to do to objects, as the caller says it.
#[derive(Debug)]
pub struct ObjectOrder {
    /// The URLs of what is to be done, and whether each is one object. Else it is all that is below.
    pub sources: Vec<(PathBuf, bool)>,
    /// Which of the objects below the one source, if not all: the caller has its manifest.
    pub shard: Option<Shard>,
    /// Where the results go. The output is a URL.
    pub destination: Destination,
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

/// What is done to objects, checked. Threads share it.
pub struct Objects {
    inputs: Arc<Inputs>,
    task: Task,
    writing: Writing,
    rules: Rules,
    keying: Keying,
    leftovers: Leftovers,
    known: Option<Known>,
    level: Option<String>,
    list: Option<ListName>,
    pulse: Arc<Pulse>,
    kits: Mutex<Vec<Kit>>,
}

/// What one call needs, and the next one uses again.
#[derive(Default)]
struct Kit {
    counter: Counter,
    memory: Memory,
    looker: Looker,
}

/// An object that was looked at: what is told of it, and what is to be written.
pub struct Made {
    place: Place,
    fate: Result<Fate, FileError>,
    wanted: Option<Wanted>,
    output: Output,
}

impl Objects {
    /// Checks an order, and creates its report file.
    ///
    /// # Errors
    /// [`UsageError`]. Then nothing was written.
    pub fn new(order: ObjectOrder) -> Result<(Self, Recorder), UsageError> {
        let ObjectOrder { sources, shard, destination, rules, key, leftovers, known, level, report } = order;
        let known = Known::asked(known.as_deref(), leftovers)?;
        let keying = Keying::checked(&rules, key)?;
        let named = |(url, is_object): (PathBuf, bool)| {
            let kind = if is_object { Kind::File } else { Kind::Folder };
            Arc::new(Input { canonical: url.clone(), given: url, kind })
        };
        let inputs = Arc::new(Inputs::of(&sources.into_iter().map(named).collect::<Vec<_>>()));
        let (writing, output) = match &destination {
            Destination::InPlace { unmarked, .. } => (Writing::InPlace(*unmarked), None),
            Destination::Copies { output, .. } => {
                check_names(&inputs)?;
                (Writing::Copy, Some(output.as_path()))
            }
        };
        let file = report.map(|path| create_report(&path, Some(inputs.as_ref()), output)).transpose()?;
        let task = Task::Anonymize(destination);
        let list = shard.map(ListName::Shard);
        let (pulse, kits) = (Arc::default(), Mutex::default());
        let recorder = Recorder::new(file, inputs.clone());
        Ok((Self { inputs, task, writing, rules, keying, leftovers, known, level, list, pulse, kits }, recorder))
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

    /// The URLs of the sources, without those that are named twice or lie inside another; whether each is one object,
    /// and its name in the output, if it has one there.
    pub fn sources(&self) -> impl Iterator<Item = (&Path, bool, Option<&std::ffi::OsStr>)> {
        self.inputs
            .iter()
            .map(|input| (input.given.as_path(), input.kind == Kind::File, self.inputs.name_in_output(input)))
    }

    /// Plans the object `key` of a source, of which all `bytes` are here, and edits them. `None` if there is no such
    /// source.
    pub fn blank(&self, source: usize, key: &str, bytes: &mut [u8]) -> Option<Made> {
        let place = self.place(source, key)?;
        Some(self.made(place, |place, tools| object::blank_whole(bytes, place, self.writing, tools)))
    }

    /// The same of an object of `size` bytes that is read by ranges: `read` fills a buffer from an offset on. Nothing
    /// is edited yet.
    pub fn plan(&self, source: usize, key: &str, ranges: Ranges<'_>) -> Option<Made> {
        let place = self.place(source, key)?;
        let windows = &mut object::windows(Watch::of(&self.pulse));
        Some(self.made(place, |place, tools| object::plan_ranges(ranges, place, self.writing, tools, windows)))
    }

    /// An object that could not be got.
    pub fn failed(&self, source: usize, key: &str, error: FileError) -> Option<Made> {
        Some(Made { place: self.place(source, key)?, fate: Err(error), wanted: None, output: Output::Nothing })
    }

    /// What becomes of an object whose `target`, of which all `bytes` are here, exists: it is skipped if that is its
    /// copy, whole and blanked.
    #[must_use]
    pub fn existing(&self, made: Made, target: &Path, bytes: &[u8]) -> Made {
        self.compared(made, |wanted| {
            object::is_copy(wanted, target, bytes, (&self.rules, &self.keying), &Watch::of(&self.pulse))
        })
    }

    /// The same of a target that is read by ranges.
    #[must_use]
    pub fn existing_by_ranges(&self, made: Made, target: &Path, ranges: Ranges<'_>) -> Made {
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

    /// Stops what is being planned: it is given up, and told as interrupted.
    pub fn stop(&self) {
        self.pulse.cancel();
    }

    fn place(&self, source: usize, key: &str) -> Option<Place> {
        let input = self.inputs.get(source)?.clone();
        Some(Place { input, folder: Path::new("").into(), name: key.into() })
    }

    fn made(&self, place: Place, work: impl FnOnce(&Place, &mut ObjectTools<'_>) -> Result<Done, FileError>) -> Made {
        let watch = &Watch::of(&self.pulse);
        let done = self.with_kit(|kit| {
            let Kit { counter, memory, looker } = kit;
            let looking = Looking { leftovers: self.leftovers, known: self.known.as_ref(), looker };
            let keyed = self.keying.with(memory);
            work(&place, &mut ObjectTools { rules: &self.rules, keyed, counter, looking, watch })
        });
        match done {
            Ok(Done { fate, wanted, output }) => Made { place, fate: Ok(fate), wanted: Some(wanted), output },
            Err(error) => Made { place, fate: Err(error), wanted: None, output: Output::Nothing },
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
        Made { place, fate, wanted: None, output: Output::Nothing }
    }

    fn with_kit<T>(&self, work: impl FnOnce(&mut Kit) -> Result<T, FileError>) -> Result<T, FileError> {
        let lent = self.kits.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut kit = lent.unwrap_or_default();
        // After a panic the kit is dropped.
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut kit))).map_err(|_| FileError::Panicked)?;
        self.kits.lock().unwrap_or_else(PoisonError::into_inner).push(kit);
        done
    }
}

impl Made {
    /// Whether the caller has something to write.
    #[must_use]
    pub const fn is_written(&self) -> bool {
        !matches!(self.output, Output::Nothing)
    }

    /// The bytes to write, where they are not those of the object with edits.
    #[must_use]
    pub fn anew(&self) -> Option<&[u8]> {
        match &self.output {
            Output::Anew(bytes) => Some(bytes),
            Output::Nothing | Output::AsItIs | Output::Edited(_) => None,
        }
    }

    /// The same object, which could not be written.
    #[must_use]
    pub fn spoiled(self, error: FileError) -> Self {
        Self { fate: Err(error), wanted: None, output: Output::Nothing, ..self }
    }

    /// The path or key by which messages name it.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.place.path()
    }

    /// What is told of it, with the URL of a copy that was written.
    #[must_use]
    pub fn into_row(self, copy: Option<PathBuf>) -> Row {
        let fate = self.fate.unwrap_or_else(Fate::from);
        Row::new(
            self.place,
            match copy {
                Some(copy) => fate.copied(copy),
                None => fate,
            },
        )
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

/// Counts rows and writes the report file: what the caller's thread does in a run over files.
#[derive(Debug)]
pub struct Recorder {
    file: Option<ReportFile>,
    report: Report,
    inputs: Arc<Inputs>,
    start: Instant,
    last_pace: Instant,
}

impl Recorder {
    fn new(file: Option<ReportFile>, inputs: Arc<Inputs>) -> Self {
        let now = Instant::now();
        Self { file, report: Report::default(), inputs, start: now, last_pace: now }
    }

    /// Whether the report file is the process's standard output.
    #[must_use]
    pub fn reports_to_stdout(&self) -> bool {
        self.file.as_ref().is_some_and(ReportFile::is_stdout)
    }

    /// Creates the report file of a run that was made without one: in a ledger, where no object is.
    ///
    /// # Errors
    /// [`UsageError`].
    pub fn report_to(&mut self, path: &Path) -> Result<(), UsageError> {
        self.file = Some(create_report_file(path, None, None)?);
        Ok(())
    }

    /// Writes what the run is asked to do. Its time begins now.
    ///
    /// # Errors
    /// [`RunError::Report`], as of each of these: the run must end then, since it could no longer be known what was done.
    pub fn begin(&mut self, objects: &Objects) -> Result<(), RunError> {
        (self.start, self.last_pace) = (Instant::now(), Instant::now());
        self.written(|file| file.begin(&objects.asked()))
    }

    /// Counts a row. It is in the report file once that is flushed.
    ///
    /// # Errors
    /// [`RunError::Report`].
    pub fn add(&mut self, row: Row) -> Result<(), RunError> {
        let written = self.written(|file| file.add(std::slice::from_ref(&row)));
        self.report.add(row);
        written
    }

    /// Says how far the run is, if it is time, and flushes the report file.
    ///
    /// # Errors
    /// [`RunError::Report`].
    pub fn tick(&mut self, in_flight: usize) -> Result<(), RunError> {
        let (took, files) = (self.start.elapsed(), self.report.files());
        if self.last_pace.elapsed() >= PACE {
            self.last_pace = Instant::now();
            self.written(|file| file.pace(took, files, in_flight))?;
        }
        self.written(ReportFile::flush)
    }

    /// The counts, at the end of the run.
    ///
    /// # Errors
    /// [`RunError::Report`].
    pub fn finish(mut self, is_cancelled: bool) -> Result<Report, RunError> {
        let report = std::mem::take(&mut self.report).finish(&self.inputs, is_cancelled, self.start.elapsed());
        self.written(|file| file.end(&report))?;
        Ok(report)
    }

    fn written(&mut self, write: impl FnOnce(&mut ReportFile) -> io::Result<()>) -> Result<(), RunError> {
        let written = self.file.as_mut().map_or(Ok(()), write);
        written.map_err(|error| {
            let path = self.file.take().map_or_else(PathBuf::new, ReportFile::into_path);
            RunError::Report { path, error }
        })
    }
}
