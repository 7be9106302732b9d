//! `Job`: files and folders, blanked in place, copied or compared, with callbacks on the thread of the caller.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use dicomblank_core::{Plan as CorePlan, Rules as CoreRules};
use dicomblank_files as files;
use files::{Compared, Finding, Objection, Outcome, RunError, UsageError};
use pyo3::exceptions::{PyOverflowError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::catalogue::Catalogue;
use crate::errors;
use crate::key::Key;
use crate::paths::Name;
use crate::plan::Plan;
use crate::report::Report;
use crate::row::{Progress, Row};
use crate::rules::Rules;
use crate::sources::Sources;

/// Work on files and folders. Making a job finds every error of usage. `run` does it, once.
#[pyclass(frozen, module = "dicomblank._core")]
pub struct Job {
    work: Mutex<Option<files::Job>>,
    reports_to_stdout: bool,
    is_stopped: Arc<AtomicBool>,
}

/// Whether a run is to stop. A validator asks now and then: pydicom may take minutes for a file.
#[pyclass(frozen, module = "dicomblank._core")]
pub struct Stop(Arc<AtomicBool>);

#[pymethods]
impl Stop {
    fn __bool__(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[pymethods]
impl Job {
    #[new]
    #[allow(clippy::too_many_arguments)] // as many as Python's call has, each by its name
    #[pyo3(signature = (sources, output, rules, *, level = None, key = None, existing = "refuse", hard_links = "refuse", unmarked = "refuse", leftovers = "ignore", known = None, sync = "none", workers = None, report = None))]
    fn new(
        py: Python<'_>,
        sources: &Bound<'_, Sources>,
        output: Option<PathBuf>,
        rules: &Bound<'_, Rules>,
        level: Option<String>,
        key: Option<&Bound<'_, Key>>,
        existing: &str,
        hard_links: &str,
        unmarked: &str,
        leftovers: &str,
        known: Option<PathBuf>,
        sync: &str,
        workers: Option<Bound<'_, PyAny>>,
        report: Option<PathBuf>,
    ) -> PyResult<Self> {
        let (sources, exclude) = sources.get().parts();
        let workers = workers.map(|count| count_of(&count)).transpose()?;
        let rules = rules.get().0.clone();
        let (existing, hard_links, sync) = (existing_of(existing)?, hard_links_of(hard_links)?, sync_of(sync)?);
        let leftovers = leftovers_of(leftovers)?;
        let (unmarked, key) = (unmarked_of(unmarked)?, key.map(|key| key.get().secrets.clone()));
        let destination = match output {
            Some(output) => files::Destination::Copies { output, existing },
            None => files::Destination::InPlace { hard_links, unmarked },
        };
        let task = files::Task::Anonymize(destination);
        Self::of(
            py,
            files::Order { sources, exclude, task, rules, key, leftovers, known, level, sync, workers, report },
        )
    }

    /// A job that compares files and folders with their results.
    #[staticmethod]
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (sources, after, rules, *, level = None, others = Vec::new(), key = None, leftovers = "ignore", known = None, pydicom = "ask", workers = None, report = None))]
    fn verify(
        py: Python<'_>,
        sources: &Bound<'_, Sources>,
        after: PathBuf,
        rules: &Bound<'_, Rules>,
        level: Option<String>,
        others: Vec<(String, Bound<'_, Rules>)>,
        key: Option<&Bound<'_, Key>>,
        leftovers: &str,
        known: Option<PathBuf>,
        pydicom: &str,
        workers: Option<Bound<'_, PyAny>>,
        report: Option<PathBuf>,
    ) -> PyResult<Self> {
        let (sources, exclude) = sources.get().parts();
        let workers = workers.map(|count| count_of(&count)).transpose()?;
        let leftovers = leftovers_of(leftovers)?;
        let key = key.map(|key| key.get().secrets.clone());
        let named =
            |(name, rules): (String, Bound<'_, Rules>)| files::NamedLevel { name, rules: rules.get().0.clone() };
        let others = others.into_iter().map(named).collect();
        let task = files::Task::Verify { after, others, pydicom: pydicom_of(pydicom)? };
        let (rules, sync) = (rules.get().0.clone(), files::Syncing::None);
        Self::of(
            py,
            files::Order { sources, exclude, task, rules, key, leftovers, known, level, sync, workers, report },
        )
    }

    /// A job that plans files and folders, and writes nothing to them: the dry run.
    #[staticmethod]
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (sources, rules, *, level = None, key = None, keeps_plans = false, leftovers = "ignore", known = None, workers = None, report = None))]
    fn plan(
        py: Python<'_>,
        sources: &Bound<'_, Sources>,
        rules: &Bound<'_, Rules>,
        level: Option<String>,
        key: Option<&Bound<'_, Key>>,
        keeps_plans: bool,
        leftovers: &str,
        known: Option<PathBuf>,
        workers: Option<Bound<'_, PyAny>>,
        report: Option<PathBuf>,
    ) -> PyResult<Self> {
        let (sources, exclude) = sources.get().parts();
        let workers = workers.map(|count| count_of(&count)).transpose()?;
        let key = key.map(|key| key.get().secrets.clone());
        let task = files::Task::Plan(if keeps_plans { files::Plans::Keep } else { files::Plans::Count });
        let (rules, sync, leftovers) = (rules.get().0.clone(), files::Syncing::None, leftovers_of(leftovers)?);
        Self::of(
            py,
            files::Order { sources, exclude, task, rules, key, leftovers, known, level, sync, workers, report },
        )
    }

    /// A job that tells what stands in files; with `rules`, also what they would leave.
    #[staticmethod]
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (sources, catalogue, rules = None, *, level = None, leftovers = "ignore", known = None, workers = None, report = None))]
    fn inspect(
        py: Python<'_>,
        sources: &Bound<'_, Sources>,
        catalogue: &Bound<'_, Catalogue>,
        rules: Option<&Bound<'_, Rules>>,
        level: Option<String>,
        leftovers: &str,
        known: Option<PathBuf>,
        workers: Option<Bound<'_, PyAny>>,
        report: Option<PathBuf>,
    ) -> PyResult<Self> {
        let (sources, exclude) = sources.get().parts();
        let workers = workers.map(|count| count_of(&count)).transpose()?;
        let against = if rules.is_some() { files::Against::Rules } else { files::Against::Nothing };
        let rules = rules.map_or_else(
            || CoreRules::new([], []).map_err(|error| PyValueError::new_err(error.to_string())),
            |rules| Ok(rules.get().0.clone()),
        )?;
        let task = files::Task::Inspect { catalogue: catalogue.get().0.clone(), against };
        let (sync, leftovers) = (files::Syncing::None, leftovers_of(leftovers)?);
        Self::of(
            py,
            files::Order { sources, exclude, task, rules, key: None, leftovers, known, level, sync, workers, report },
        )
    }

    #[pyo3(signature = (*, validate = None, on_row = None, on_plan = None, progress = None, allows_empty = false, only_notable = false))]
    #[allow(clippy::too_many_arguments)]
    fn run(
        &self,
        py: Python<'_>,
        validate: Option<Py<PyAny>>,
        on_row: Option<Py<PyAny>>,
        on_plan: Option<Py<PyAny>>,
        progress: Option<Py<PyAny>>,
        allows_empty: bool,
        only_notable: bool,
    ) -> PyResult<Report> {
        let job = self.work.lock().ok().and_then(|mut job| job.take());
        let job = job.ok_or_else(|| PyRuntimeError::new_err("a job runs once"))?;
        let mut observer =
            Observer { on_row, on_plan, only_notable, progress, is_stopped: &self.is_stopped, raised: None };
        let validator = validate.map(|callable| Validator { callable, is_stopped: self.is_stopped.clone() });
        let validator = validator.as_ref().map(|validator| validator as &files::Validator<'_>);
        let report = py.detach(|| job.run(validator, &mut observer));
        match (observer.raised, report) {
            (Some(raised), _) => Err(raised),
            (None, Ok(report)) => Report::of(py, report, allows_empty),
            (None, Err(RunError::Report { path, error })) => Err(errors::of_system(&error, &path)),
            (None, Err(RunError::Threads(error))) => Err(errors::of_system(&error, Path::new("dicomblank"))),
        }
    }

    /// What the first row of the report says, as JSON; none once the job has run.
    fn first_row(&self) -> Option<String> {
        self.work.lock().ok()?.as_ref().map(files::Job::first_row)
    }

    /// Creates the report file of a job that was made without one.
    fn report_to(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let mut job = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let job = job.as_mut().ok_or_else(|| PyRuntimeError::new_err("a job runs once"))?;
        py.detach(|| job.report_to(&path)).map_err(|error| usage_error(&error))
    }

    /// Whether the report goes to the process's standard output.
    #[getter]
    const fn reports_to_stdout(&self) -> bool {
        self.reports_to_stdout
    }

    /// Ends a run as an exception of a callback does, but the run returns what was done. It only sets a flag, so that
    /// the handler of a signal can call it.
    fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }
}

impl Job {
    fn of(py: Python<'_>, order: files::Order) -> PyResult<Self> {
        let job = py.detach(|| files::Job::new(order)).map_err(|error| usage_error(&error))?;
        let reports_to_stdout = job.reports_to_stdout();
        Ok(Self { work: Mutex::new(Some(job)), reports_to_stdout, is_stopped: Arc::default() })
    }
}

/// A number of workers. One that is too large for a `usize` becomes 0, which is refused, too.
fn count_of(given: &Bound<'_, PyAny>) -> PyResult<usize> {
    match given.extract::<usize>() {
        Err(error) if error.is_instance_of::<PyOverflowError>(given.py()) => Ok(0),
        count => count,
    }
}

/// What `name` stands for; an error that lists all names there are.
fn choice<T: Copy>(of: &str, name: &str, all: &[(&str, T)]) -> PyResult<T> {
    if let Some((_, choice)) = all.iter().find(|(word, _)| *word == name) {
        return Ok(*choice);
    }
    let words: Vec<_> = all.iter().map(|(word, _)| format!("'{word}'")).collect();
    let listed = words.split_last().map(|(last, others)| format!("{} or {last}", others.join(", ")));
    Err(PyValueError::new_err(format!("{of} is {}", listed.unwrap_or_default())))
}

pub fn existing_of(name: &str) -> PyResult<files::Existing> {
    use files::Existing::{Overwrite, Refuse, Skip};
    choice("existing", name, &[("refuse", Refuse), ("skip", Skip), ("overwrite", Overwrite)])
}

fn hard_links_of(name: &str) -> PyResult<files::HardLinks> {
    use files::HardLinks::{Refuse, Write};
    choice("hard_links", name, &[("refuse", Refuse), ("write", Write)])
}

pub fn unmarked_of(name: &str) -> PyResult<files::Unmarked> {
    use files::Unmarked::{Refuse, Write};
    choice("unmarked", name, &[("refuse", Refuse), ("write", Write)])
}

pub fn leftovers_of(name: &str) -> PyResult<files::Leftovers> {
    use files::Leftovers::{Ignore, Refuse, Replace, Warn};
    choice("leftovers", name, &[("ignore", Ignore), ("warn", Warn), ("refuse", Refuse), ("replace", Replace)])
}

fn pydicom_of(name: &str) -> PyResult<files::Pydicom> {
    use files::Pydicom::{Ask, LeaveOut};
    choice("pydicom", name, &[("ask", Ask), ("leave-out", LeaveOut)])
}

pub fn sync_of(name: &str) -> PyResult<files::Syncing> {
    choice("sync", name, &[("none", files::Syncing::None), ("all", files::Syncing::All)])
}

/// The exception for an error of usage.
pub fn usage_error(error: &UsageError) -> PyErr {
    match error {
        UsageError::Io { path, error } => errors::of_system(error, path),
        UsageError::Invalid(reason) => PyValueError::new_err(reason.clone()),
    }
}

/// A callable of Python as the validator. Called from worker threads.
struct Validator {
    callable: Py<PyAny>,
    is_stopped: Arc<AtomicBool>,
}

impl files::Validate for Validator {
    fn plan(&self, path: &Path, plan: &CorePlan) -> Result<(), Objection> {
        self.objection(path, Some(Plan::from(plan.clone())))
    }

    fn not_dicom(&self, path: &Path) -> Result<(), Objection> {
        self.objection(path, None)
    }

    fn compared(&self, path: &Path, original: &Path, asked: Compared) -> Result<Option<(Outcome, Finding)>, Objection> {
        let asked = match asked {
            Compared::Ok => "ok",
            Compared::NotDicom => "not-dicom",
            Compared::NotCopied => "not-copied",
        };
        let answer: Option<(String, String, String)> = self.ask(path, (asked, Name::from(original)))?;
        answer.map(|(outcome, kind, message)| found(&outcome, &kind, message)).transpose()
    }
}

/// What the validator says of a file that was compared, if its words are known.
fn found(outcome: &str, kind: &str, message: String) -> Result<(Outcome, Finding), Objection> {
    let outcome = Outcome::ALL.into_iter().find(|known| known.word() == outcome);
    let kind = files::kinds().map(|(word, _)| word).find(|word| *word == kind);
    match (outcome, kind) {
        (Some(outcome), Some(kind)) => Ok((outcome, Finding { kind, message, offset: None, tag_path: None })),
        _ => Err(Objection::Broke("the validation said something unknown".to_owned())),
    }
}

impl Validator {
    fn objection(&self, path: &Path, plan: Option<Plan>) -> Result<(), Objection> {
        self.ask::<String>(path, plan)?.map_or(Ok(()), |reason| Err(Objection::Disagrees(reason)))
    }

    /// Calls the validator: `None` is no objection, and no other result.
    fn ask<T>(&self, path: &Path, about: impl for<'py> IntoPyObject<'py>) -> Result<Option<T>, Objection>
    where
        T: for<'py> FromPyObjectOwned<'py>,
    {
        Python::attach(|py| {
            let stop = Stop(self.is_stopped.clone());
            let answer = self.callable.bind(py).call1((Name::from(path), about, stop));
            match answer.and_then(|answer| answer.extract::<Option<T>>().map_err(Into::into)) {
                Ok(answer) => Ok(answer),
                // Once the run is to stop, the validator stops by an exception.
                Err(_) if self.is_stopped.load(Ordering::Relaxed) => Err(Objection::Interrupted),
                // Only the type is said: the message of a foreign exception could hold a value.
                Err(error) => Err(Objection::Broke(format!("the validation raised {}", type_name(py, &error)))),
            }
        })
    }
}

/// The name of the type of an exception.
fn type_name(py: Python<'_>, error: &PyErr) -> String {
    error.get_type(py).name().map_or_else(|_| "an exception".to_owned(), |name| name.to_string())
}

/// The callbacks, and the first exception that one of them or a signal raised.
struct Observer<'a> {
    on_row: Option<Py<PyAny>>,
    on_plan: Option<Py<PyAny>>,
    only_notable: bool,
    progress: Option<Py<PyAny>>,
    is_stopped: &'a AtomicBool,
    raised: Option<PyErr>,
}

impl Observer<'_> {
    /// Tells of the plans that rows have.
    fn plans(&self, rows: &[files::Row]) -> PyResult<()> {
        let Some(on_plan) = &self.on_plan else { return Ok(()) };
        Python::attach(|py| {
            for (row, dry_run) in rows.iter().filter_map(|row| Some((row, row.dry_run()?))) {
                on_plan.call1(py, (Row::of(py, row), Plan::from(dry_run.clone())))?;
            }
            Ok(())
        })
    }

    fn goes_on(&mut self, told: PyResult<()>) -> ControlFlow<()> {
        if let Err(error) = told {
            self.raised.get_or_insert(error);
            self.is_stopped.store(true, Ordering::Relaxed);
        }
        // The handler of a signal may have set it, too.
        if self.is_stopped.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl files::Observer for Observer<'_> {
    fn rows(&mut self, rows: &[files::Row]) -> ControlFlow<()> {
        let told = self.plans(rows);
        if told.is_err() {
            (self.on_plan, self.on_row) = (None, None);
            return self.goes_on(told);
        }
        let Some(on_row) = &self.on_row else {
            return ControlFlow::Continue(());
        };
        let mut rows = rows.iter().filter(|row| !self.only_notable || row.is_notable()).peekable();
        if rows.peek().is_none() {
            return ControlFlow::Continue(()); // without taking Python's lock
        }
        let told = Python::attach(|py| rows.try_for_each(|row| on_row.call1(py, (Row::of(py, row),)).map(drop)));
        if told.is_err() {
            self.on_row = None; // it is not called again after it has raised
        }
        self.goes_on(told)
    }

    fn progress(&mut self, progress: files::Progress) -> ControlFlow<()> {
        let Some(callable) = &self.progress else {
            return ControlFlow::Continue(());
        };
        let told = Python::attach(|py| callable.call1(py, (Progress::from(progress),)).map(drop));
        self.goes_on(told)
    }

    fn tick(&mut self) -> ControlFlow<()> {
        let told = Python::attach(|py: Python<'_>| py.check_signals());
        self.goes_on(told)
    }
}
