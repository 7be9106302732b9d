//! The counts of a run: `Report`.

use std::collections::BTreeMap;
use std::fmt::Write;

use dicomblank_files as files;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};

use crate::paths::Name;
use crate::row::Row;

/// The counts of a run, and the rows of what went wrong. Every file is counted once, under its outcome.
///
/// Reports add up: that of two shards is `one + other`, that of many `sum(reports)`. A sum holds all there is in its
/// parts, but no more than 10,000 faults; it is `ok`, and `complete`, where all of them are.
#[pyclass(frozen, eq, module = "dicomblank._core")]
pub struct Report {
    counts: BTreeMap<String, u64>,
    values: BTreeMap<String, u64>,
    leftovers: BTreeMap<String, u64>,
    leftover_places: BTreeMap<String, u64>,
    leftover_of: BTreeMap<String, u64>,
    states: States,
    found: files::Sections,
    files_with: BTreeMap<String, u64>,
    faults: Vec<Py<Row>>,
    without_dicom: Vec<Name>,
    /// Symbolic links, which were not followed, among the files that were skipped.
    #[pyo3(get)]
    links: u64,
    /// Files that were done, but do not keep to the standard.
    #[pyo3(get)]
    warnings: u64,
    /// How long the run took, in seconds of wall clock; of several reports the sum.
    #[pyo3(get)]
    seconds: f64,
    /// Whether the run came to its end. If not, it was interrupted: files that it had not come to are not counted.
    #[pyo3(get)]
    complete: bool,
    /// Whether a folder without DICOM is no fault.
    #[pyo3(get)]
    allows_empty: bool,
}

/// Numbers by their words, for each tag.
type States = BTreeMap<String, BTreeMap<String, u64>>;

/// The faults that are kept: as many as the core keeps of one run.
const FAULTS: usize = files::MOST_FAULTS;

impl Report {
    pub fn of(py: Python<'_>, report: files::Report, allows_empty: bool) -> PyResult<Self> {
        let mut counts = BTreeMap::new();
        for (word, count) in report.counts() {
            *counts.entry(word.to_owned()).or_default() += count;
        }
        let faults = report.faults.iter().map(|row| Py::new(py, Row::of(py, row))).collect::<PyResult<_>>()?;
        let (mut leftovers, mut places, mut of) = <(BTreeMap<_, _>, BTreeMap<_, _>, BTreeMap<_, _>)>::default();
        if let Some((counts, at, whose)) = report.leftovers() {
            leftovers = counts.into_iter().map(|(word, count)| (word.to_owned(), count)).collect();
            (places, of) = (at.clone(), whose);
        }
        Ok(Self {
            counts,
            values: report.values(),
            leftovers,
            leftover_places: places,
            leftover_of: of,
            states: report.states().into_iter().map(|(name, counts)| (name, words(counts))).collect(),
            found: report.found(),
            files_with: report.files_with(),
            faults,
            without_dicom: report.without_dicom.iter().map(Name::from).collect(),
            links: report.links,
            warnings: report.warnings,
            seconds: report.took.as_secs_f64(),
            complete: !report.is_cancelled,
            allows_empty,
        })
    }

    fn count(&self, word: &str) -> u64 {
        self.counts.get(word).copied().unwrap_or(0)
    }

    /// Whether the sum with another one allows folders without DICOM: so that it is `ok` where both are, and only there.
    fn allows_with(&self, other: &Self) -> bool {
        match (self.allows_empty, other.allows_empty) {
            (true, false) => other.without_dicom.is_empty(),
            (false, true) => self.without_dicom.is_empty(),
            (both, _) => both,
        }
    }
}

impl PartialEq for Report {
    fn eq(&self, other: &Self) -> bool {
        let numbers = |report: &Self| (report.links, report.warnings, report.seconds);
        let flags = |report: &Self| (report.complete, report.allows_empty);
        let faults = || self.faults.iter().map(Py::get).eq(other.faults.iter().map(Py::get));
        let maps = |report: &Self| [&report.leftovers, &report.leftover_places, &report.leftover_of].map(Clone::clone);
        (&self.counts, &self.without_dicom) == (&other.counts, &other.without_dicom)
            && maps(self) == maps(other)
            && self.found == other.found
            && (&self.values, &self.files_with) == (&other.values, &other.files_with)
            && (numbers(self), flags(self)) == (numbers(other), flags(other))
            && self.states == other.states
            && faults()
    }
}

fn words(counts: files::StateCounts) -> BTreeMap<String, u64> {
    counts.words().into_iter().map(|(word, count)| (word.to_owned(), count)).collect()
}

fn added_states(one: &States, other: &States) -> States {
    let mut sum = one.clone();
    for (name, counts) in other {
        let all = sum.entry(name.clone()).or_default();
        *all = added(all, counts);
    }
    sum
}

fn added(one: &BTreeMap<String, u64>, other: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let mut sum = one.clone();
    for (word, count) in other {
        *sum.entry(word.clone()).or_default() += count;
    }
    sum
}

/// Files add up: in each some of it stands, or is left.
fn found_in_both(one: &files::Sections, other: &files::Sections) -> files::Sections {
    let mut sum = one.clone();
    for (section, words) in other {
        let section = sum.entry(section.clone()).or_default();
        for (word, (all, left)) in words {
            let counts = section.entry(word.clone()).or_default();
            *counts = (counts.0.saturating_add(*all), counts.1.saturating_add(*left));
        }
    }
    sum
}

#[pymethods]
impl Report {
    /// A report that was pickled: that of a run is made by it.
    #[new]
    #[allow(clippy::too_many_arguments)] // one for each field
    #[pyo3(signature = (counts, values, files_with, faults, without_dicom, links, warnings, seconds, complete, allows_empty, states = States::new(), leftovers = BTreeMap::new(), leftover_places = BTreeMap::new(), leftover_of = BTreeMap::new(), found = files::Sections::new()))]
    fn new(
        counts: BTreeMap<String, u64>,
        values: BTreeMap<String, u64>,
        files_with: BTreeMap<String, u64>,
        faults: Vec<Py<Row>>,
        without_dicom: Vec<Name>,
        links: u64,
        warnings: u64,
        seconds: f64,
        complete: bool,
        allows_empty: bool,
        states: States,
        leftovers: BTreeMap<String, u64>,
        leftover_places: BTreeMap<String, u64>,
        leftover_of: BTreeMap<String, u64>,
        found: files::Sections,
    ) -> Self {
        Self {
            counts,
            values,
            leftovers,
            leftover_places,
            leftover_of,
            states,
            found,
            files_with,
            faults,
            without_dicom,
            links,
            warnings,
            seconds,
            complete,
            allows_empty,
        }
    }

    /// How many files there are of each outcome, by its word; all words, also those of which there are none.
    #[getter]
    fn counts(&self) -> BTreeMap<String, u64> {
        self.counts.clone()
    }

    /// How many values were blanked of each tag, by its keyword: by a text such as "(0011,1010)" where it has none.
    #[getter]
    fn values(&self) -> BTreeMap<String, u64> {
        self.values.clone()
    }

    /// What is left of values that were blanked or replaced: "searched", in how many files something was looked for;
    /// "files", in how many something was found; "found", in how many places; "replaced", how many of them were
    /// overwritten; `"not_searched"`, how many values were too short, or spelled in too many ways, to be looked for. Empty if nothing was looked for.
    #[getter]
    fn leftovers(&self) -> BTreeMap<String, u64> {
        self.leftovers.clone()
    }

    /// In how many files something is left at each place: a tag path without its items, "preamble", "trailing" or "path".
    #[getter]
    fn leftover_places(&self) -> BTreeMap<String, u64> {
        self.leftover_places.clone()
    }

    /// How many places have a value of each attribute, by its keyword; "known" for what somebody knew.
    #[getter]
    fn leftover_of(&self) -> BTreeMap<String, u64> {
        self.leftover_of.clone()
    }

    /// Of a dry run, for each tag by the same names: in how many "files" there are values, how many "values", and how
    /// many of them are "to-do", "blank" or "done". Else none.
    #[getter]
    fn states(&self) -> States {
        self.states.clone()
    }

    /// In how many files each thing stands, and in how many of them a run would leave some of it: by section and word.
    #[getter]
    fn found(&self) -> files::Sections {
        self.found.clone()
    }

    /// In how many files values of each tag were blanked, by the same names.
    #[getter]
    fn files_with(&self) -> BTreeMap<String, u64> {
        self.files_with.clone()
    }

    /// Files met, DICOM or not.
    #[getter]
    fn files(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Files in which, or in whose copies, values were blanked.
    #[getter]
    fn anonymized(&self) -> u64 {
        self.count("anonymized")
    }

    /// Files of a dry run in which values are to be blanked.
    #[getter]
    fn planned(&self) -> u64 {
        self.count("planned")
    }

    /// DICOM files with nothing left to blank.
    #[getter]
    fn unchanged(&self) -> u64 {
        self.count("unchanged")
    }

    /// Other files: left alone in place, not copied.
    #[getter]
    fn not_dicom(&self) -> u64 {
        self.count("not-dicom")
    }

    /// Archives and compressed files, which are not looked into: left alone in place, not copied.
    #[getter]
    fn archives(&self) -> u64 {
        self.count("archive")
    }

    /// Files whose copy is there already, whole and blanked, or that are never opened.
    #[getter]
    fn skipped(&self) -> u64 {
        self.count("skipped")
    }

    /// Files that dicomblank would not touch, each with its reason.
    #[getter]
    fn refused(&self) -> u64 {
        self.count("refused")
    }

    /// Files, and folders that can't be listed, on which the system gave up.
    #[getter]
    fn failed(&self) -> u64 {
        self.count("failed")
    }

    /// Values blanked, in all files together; of a dry run those to be blanked.
    #[getter]
    fn edits(&self) -> u64 {
        self.values.values().sum()
    }

    /// The rows of what went wrong: the first 10,000, as `Row`s. The report file has every one.
    #[getter]
    fn faults<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.faults)
    }

    /// The folders that were named in which there is no DICOM file.
    #[getter]
    fn without_dicom<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.without_dicom)
    }

    /// Whether there is no fault, and no folder without DICOM, unless that is allowed.
    #[getter]
    fn ok(&self) -> bool {
        self.faults.is_empty() && (self.allows_empty || self.without_dicom.is_empty())
    }

    fn __add__(&self, py: Python<'_>, other: &Self) -> Self {
        let faults = self.faults.iter().chain(&other.faults).take(FAULTS).map(|row| row.clone_ref(py)).collect();
        Self {
            counts: added(&self.counts, &other.counts),
            values: added(&self.values, &other.values),
            leftovers: added(&self.leftovers, &other.leftovers),
            leftover_places: added(&self.leftover_places, &other.leftover_places),
            leftover_of: added(&self.leftover_of, &other.leftover_of),
            states: added_states(&self.states, &other.states),
            found: found_in_both(&self.found, &other.found),
            files_with: added(&self.files_with, &other.files_with),
            faults,
            without_dicom: self.without_dicom.iter().chain(&other.without_dicom).cloned().collect(),
            links: self.links.saturating_add(other.links),
            warnings: self.warnings.saturating_add(other.warnings),
            seconds: self.seconds + other.seconds,
            complete: self.complete && other.complete,
            allows_empty: self.allows_with(other),
        }
    }

    /// `sum(reports)` begins with 0.
    fn __radd__<'py>(slf: Bound<'py, Self>, other: &Bound<'py, PyAny>) -> Bound<'py, PyAny> {
        let is_zero = other.extract::<u8>().is_ok_and(|number| number == 0);
        if is_zero { slf.into_any() } else { slf.py().NotImplemented().into_bound(slf.py()) }
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        let (py, report) = (slf.py(), slf.get());
        let fields = [
            report.counts().into_pyobject(py)?.into_any(),
            report.values().into_pyobject(py)?.into_any(),
            report.files_with().into_pyobject(py)?.into_any(),
            report.faults(py)?.into_any(),
            report.without_dicom(py)?.into_any(),
            report.links.into_pyobject(py)?.into_any(),
            report.warnings.into_pyobject(py)?.into_any(),
            report.seconds.into_pyobject(py)?.into_any(),
            report.complete.into_pyobject(py)?.to_owned().into_any(),
            report.allows_empty.into_pyobject(py)?.to_owned().into_any(),
            report.states().into_pyobject(py)?.into_any(),
            report.leftovers().into_pyobject(py)?.into_any(),
            report.leftover_places().into_pyobject(py)?.into_any(),
            report.leftover_of().into_pyobject(py)?.into_any(),
            report.found().into_pyobject(py)?.into_any(),
        ];
        Ok((slf.get_type(), PyTuple::new(py, fields)?))
    }

    fn __repr__(&self) -> String {
        let counted = |count: u64, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        let mut text = format!("<Report: {} in {:.1} s", counted(self.files(), "file"), self.seconds);
        for (word, count) in self.counts.iter().filter(|(_, count)| **count > 0) {
            let _ = write!(text, ", {count} {word}"); // a String takes everything
        }
        if self.edits() > 0 {
            let what = if self.states.is_empty() { "blanked" } else { "to blank" };
            let _ = write!(text, ", {} {what}", counted(self.edits(), "value"));
        }
        text + if self.complete { ">" } else { ", interrupted>" }
    }
}
