//! A job: an order that was checked as a whole, so that every error of usage is found before a file is written.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dicomblank_core::Rules;

use super::crew::Workers;
use crate::order::after::After;
use crate::order::catalogue::Catalogue;
use crate::order::choices::{Against, Destination, Leftovers, MOST_WORKERS, Order, Plans, Sources, Task};
use crate::order::exclude::Exclude;
use crate::order::inputs::{Inputs, Kind};
use crate::order::known::Known;
use crate::order::list::OpenList;
use crate::order::output::{OutputPath, resolve};
use crate::order::usage::UsageError;
use crate::read::keyed::Keying;
use crate::read::other_level::OtherLevel;
use crate::report::jsonl::ReportFile;
use crate::text::Shown;
use crate::write::output::Output;
use crate::write::writer::Target;

/// An order without an error of usage. [`Job::run`] does it.
#[derive(Debug)]
pub struct Job {
    pub(super) inputs: Arc<Inputs>,
    /// The files of the one input that are done, in the place of all of them.
    pub(super) list: Option<OpenList>,
    /// Where copies go, or what is compared is, without links. No report may lie there.
    output: Option<PathBuf>,
    pub(super) exclude: Exclude,
    pub(super) work: Work,
    /// The task as it was ordered, for the report file.
    pub(super) task: Task,
    pub(super) level: Option<String>,
    pub(super) rules: Rules,
    pub(super) keying: Keying,
    pub(super) leftovers: Leftovers,
    pub(super) known: Option<Known>,
    pub(super) workers: Workers,
    pub(super) report: Option<ReportFile>,
}

/// What the workers do.
#[derive(Debug)]
pub(super) enum Work {
    Write(Target),
    Compare(Comparing),
    Plan(Plans),
    Inspect(Arc<Catalogue>, Against),
}

/// What files are compared with.
#[derive(Debug)]
pub(super) struct Comparing {
    pub(super) after: After,
    /// What may explain a fault.
    pub(super) others: Vec<OtherLevel>,
}

impl Job {
    /// Checks everything that can be wrong with an order, and creates its report file.
    ///
    /// # Errors
    /// [`UsageError`]. Then nothing was written.
    pub fn new(order: Order) -> Result<Self, UsageError> {
        let Order { sources, exclude, task, rules, key, leftovers, known, level, sync, workers, report } = order;
        let asked = check_workers(workers)?;
        let known = Known::asked(known.as_deref(), leftovers)?;
        leftovers.check_for(&rules)?;
        let keying = match &task {
            Task::Plan(_) => Keying::of_dry_run(&rules, key)?,
            Task::Inspect { .. } => Keying::none(), // nothing is replaced
            _ => Keying::checked(&rules, key)?,
        };
        let follows_links = !matches!(task, Task::Anonymize(Destination::InPlace { .. }));
        let exclude = Exclude::new(exclude)?;
        let (inputs, list) = match sources {
            Sources::Named(paths) => (Inputs::find(paths, follows_links)?, None),
            Sources::Listed(list) => {
                let is_mirrored = matches!(task, Task::Anonymize(Destination::Copies { .. }) | Task::Verify { .. });
                if is_mirrored && list.relative_to.is_none() {
                    let what =
                        "a list needs the folder that its files are relative to, and that copies mirror".to_owned();
                    return Err(UsageError::Invalid(what));
                }
                let list = list.open()?;
                (Inputs::of(std::slice::from_ref(&list.folder)), Some(list))
            }
        };
        let inputs = Arc::new(inputs);
        let workers = workers_of(asked, &inputs);
        let (work, output) = match &task {
            Task::Anonymize(Destination::InPlace { hard_links, unmarked }) => {
                (Work::Write(Target::in_place(*hard_links, *unmarked, sync)), None)
            }
            Task::Anonymize(Destination::Copies { output, existing }) => {
                let path = OutputPath::find(output, &inputs)?;
                let resolved = path.resolved.clone();
                (Work::Write(Target::Copies(Output::new(path, *existing, sync, inputs.clone()))), Some(resolved))
            }
            Task::Verify { after, others, .. } => {
                let after = After::find(after.clone(), inputs.clone())?;
                let resolved = after.root.canonical.clone();
                let others = others.iter().cloned().map(OtherLevel::from).collect();
                (Work::Compare(Comparing { after, others }), Some(resolved))
            }
            Task::Plan(plans) => (Work::Plan(*plans), None),
            Task::Inspect { catalogue, against } => (Work::Inspect(catalogue.clone(), *against), None),
        };
        let mut job = Self {
            inputs,
            list,
            output,
            exclude,
            work,
            task,
            level,
            rules,
            keying,
            leftovers,
            known,
            workers,
            report: None,
        };
        job.report = report.map(|path| create_report(&path, job.listed(), job.output.as_deref())).transpose()?;
        Ok(job)
    }

    /// Creates the report file of a job that was made without one.
    ///
    /// # Errors
    /// [`UsageError`], as of [`Job::new`].
    pub fn report_to(&mut self, path: &Path) -> Result<(), UsageError> {
        self.report = Some(create_report_file(path, self.listed(), self.output.as_deref())?);
        Ok(())
    }

    /// The sources that are listed, and would have the report in them as well. A list names what there is to do.
    fn listed(&self) -> Option<&Inputs> {
        self.list.is_none().then_some(self.inputs.as_ref())
    }

    /// Whether the report file is the process's standard output. Then nothing else may be written there.
    #[must_use]
    pub fn reports_to_stdout(&self) -> bool {
        self.report.as_ref().is_some_and(ReportFile::is_stdout)
    }
}

fn check_workers(count: Option<usize>) -> Result<Option<NonZeroUsize>, UsageError> {
    let in_range = |count| NonZeroUsize::new(count).filter(|count| count.get() <= MOST_WORKERS);
    let checked = count.map(|count| {
        in_range(count).ok_or_else(|| UsageError::Invalid(format!("workers: a number from 1 to {MOST_WORKERS}")))
    });
    checked.transpose()
}

/// How many workers can have something to do. Single files need no more workers than there are files.
fn workers_of(asked: Option<NonZeroUsize>, inputs: &Inputs) -> Workers {
    let has_folder = inputs.iter().any(|input| input.kind == Kind::Folder);
    let most =
        if has_folder { NonZeroUsize::MAX } else { NonZeroUsize::new(inputs.len()).unwrap_or(NonZeroUsize::MIN) };
    match asked {
        Some(count) => Workers::Exactly(count.min(most)),
        None => Workers::Fitting(most),
    }
}

/// Names of the standard output. A file that is called "-" can be named as "./-".
const STDOUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// Creates the report file, which may lie in no source, and not in the output.
pub(super) fn create_report(
    path: &Path,
    sources: Option<&Inputs>,
    output: Option<&Path>,
) -> Result<ReportFile, UsageError> {
    if STDOUT.iter().any(|name| path.as_os_str() == *name) {
        return ReportFile::stdout().map_err(|error| UsageError::Io { path: path.to_owned(), error });
    }
    create_report_file(path, sources, output)
}

/// The same of what is a file by whatever name.
pub(super) fn create_report_file(
    path: &Path,
    sources: Option<&Inputs>,
    output: Option<&Path>,
) -> Result<ReportFile, UsageError> {
    let shown = Shown(path.as_os_str());
    let resolved = resolve(path)?;
    if resolved.exists() {
        return Err(UsageError::Invalid(format!("the report {shown} exists already")));
    }
    if let Some(source) = sources.and_then(|sources| sources.holding(&resolved)) {
        let source = Shown(source.given.as_os_str());
        return Err(UsageError::Invalid(format!("the report {shown} would lie in the source {source}")));
    }
    if output.is_some_and(|output| resolved.starts_with(output)) {
        return Err(UsageError::Invalid(format!("the report {shown} would lie in the output")));
    }
    ReportFile::create(path).map_err(|error| UsageError::Io { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::choices::{HardLinks, Syncing, Unmarked};

    #[test]
    fn there_are_no_more_workers_than_can_have_something_to_do() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let exactly = |count| Workers::Exactly(NonZeroUsize::new(count).unwrap());
        let at_most = |count| Workers::Fitting(NonZeroUsize::new(count).unwrap());
        for (sources, asked, needed) in [
            (&["Cargo.toml"][..], Some(8), exactly(1)),
            (&["Cargo.toml", "src/lib.rs", "src/error.rs"], Some(8), exactly(3)),
            (&["Cargo.toml", "src/lib.rs", "src/error.rs"], Some(2), exactly(2)),
            (&["src"], Some(8), exactly(8)),
            (&["Cargo.toml", "src"], Some(8), exactly(8)),
            (&["Cargo.toml", "src/lib.rs"], None, at_most(2)),
            (&["Cargo.toml", "src"], None, at_most(usize::MAX)),
        ] {
            let order = Order {
                sources: Sources::Named(sources.iter().map(|name| here.join(name)).collect()),
                exclude: Vec::new(),
                task: Task::Anonymize(Destination::InPlace {
                    hard_links: HardLinks::Refuse,
                    unmarked: Unmarked::Refuse,
                }),
                key: None,
                leftovers: Leftovers::Ignore,
                known: None,
                level: None,
                rules: Rules::new([], []).unwrap(),
                sync: Syncing::None,
                workers: asked,
                report: None,
            };
            assert_eq!(Job::new(order).unwrap().workers, needed, "{sources:?}");
        }
    }
}
