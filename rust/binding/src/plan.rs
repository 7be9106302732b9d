//! `Plan` and `Edit`: what would be overwritten, never with what.

use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use dicomblank_core::{Edit as CoreEdit, Plan as CorePlan, State, Tag, dictionary};
use dicomblank_files as files;
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple, PyType};

use crate::bytes;
use crate::errors;
use crate::key::Key;
use crate::rules::Rules;
use crate::signals::interruptible;
use files::DryRun;

/// The values to overwrite in one source, in the order of the file: a sequence of `Edit`, built when they are asked for.
#[pyclass(frozen, eq, hash, module = "dicomblank._core")]
#[derive(PartialEq, Eq)]
pub struct Plan {
    pub(crate) plan: CorePlan,
    /// How far each value is, where somebody has looked.
    states: Option<Vec<State>>,
}

impl From<CorePlan> for Plan {
    fn from(plan: CorePlan) -> Self {
        Self { plan, states: None }
    }
}

impl From<DryRun> for Plan {
    fn from(DryRun { plan, states }: DryRun) -> Self {
        Self { plan, states: Some(states) }
    }
}

impl Hash for Plan {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.plan.source_size(), self.plan.edits().len()).hash(state);
    }
}

/// One value to overwrite.
#[pyclass(frozen, get_all, eq, hash, module = "dicomblank._core")]
#[derive(PartialEq, Eq, Hash)]
pub struct Edit {
    /// The tag as a number, such as 0x00100010.
    tag: u32,
    /// The keyword of the dictionary, "" where it has none.
    keyword: &'static str,
    /// The way to the element, such as "(0040,A730)[2].(0010,0010)", items counted from 0.
    tag_path: String,
    /// The value representation as the file states it; in implicit VR the dictionary's, "UN" where it knows none.
    vr: String,
    /// Where the value stands, in bytes; of a deflated file in its inflated form.
    start: u64,
    /// How long the value is, in bytes.
    length: u64,
    /// What becomes of it, in the word of its rule: "blank", "pseudonymize", "shift", "set", "map", "remove", "empty" or "dummy".
    action: &'static str,
    /// How far it is: "to-do", "blank" (there is nothing left in it) or "done"; None where nobody has looked.
    state: Option<&'static str>,
}

/// What an edit is made of.
type Parts = (u32, String, String, u64, u64, &'static str, Option<&'static str>);

/// What can become of a value.
const ACTIONS: [&str; 8] = ["blank", "pseudonymize", "shift", "set", "map", "remove", "empty", "dummy"];

/// The edits of a plan, one after the other.
#[pyclass(module = "dicomblank._core")]
struct Edits {
    plan: Py<Plan>,
    next: usize,
}

impl Edit {
    fn new(plan: &Plan, position: usize) -> Option<Self> {
        let Plan { plan, states } = plan;
        let edit: &CoreEdit = plan.edits().get(position)?;
        let state = states.as_ref().and_then(|states| states.get(position));
        Some(Self {
            tag: edit.tag().into(),
            keyword: dictionary::keyword(edit.tag()).unwrap_or_default(),
            tag_path: format!("{:#}", plan.tag_path(edit)),
            vr: edit.vr().to_string(),
            start: edit.span().start(),
            length: edit.span().len(),
            action: edit.action().word(),
            state: state.map(|state| state.word()),
        })
    }
}

#[pymethods]
impl Edit {
    /// An edit that was pickled: those of a plan are made by it.
    #[new]
    #[pyo3(signature = (tag, tag_path, vr, start, length, action = "blank", state = None))]
    fn of(
        tag: u32,
        tag_path: String,
        vr: String,
        start: u64,
        length: u64,
        action: &str,
        state: Option<&str>,
    ) -> PyResult<Self> {
        let keyword = dictionary::keyword(Tag::from(tag)).unwrap_or_default();
        let action = ACTIONS.into_iter().find(|known| *known == action);
        let action = action.ok_or_else(|| PyValueError::new_err("no action of an edit"))?;
        let known = |word: &str| State::ALL.into_iter().map(State::word).find(|known| *known == word);
        let no_state = || PyValueError::new_err("no state of a value");
        let state = state.map(|word| known(word).ok_or_else(no_state)).transpose()?;
        Ok(Self { tag, keyword, tag_path, vr, start, length, action, state })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyType>, Parts) {
        let Self { tag, tag_path, vr, start, length, action, state, .. } = slf.get();
        (slf.get_type(), (*tag, tag_path.clone(), vr.clone(), *start, *length, action, *state))
    }

    fn __repr__(&self) -> String {
        let Self { tag_path, keyword, vr, start, length, action, state, .. } = self;
        let state = state.map(|state| format!(", {state}")).unwrap_or_default();
        format!("<Edit {action} {tag_path} {keyword} {vr}: {length} bytes at {start:#x}{state}>")
    }
}

#[pymethods]
impl Plan {
    /// Bytes of the source.
    #[getter]
    fn size(&self) -> u64 {
        self.plan.source_size()
    }

    /// What is out of order in the source, a word each: see docs/report.md.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, files::warnings(&self.plan))
    }

    /// A plan that was pickled. Bytes of another version, or of no plan, are an error of value.
    #[staticmethod]
    #[pyo3(signature = (data, states = None))]
    fn from_bytes(data: &[u8], states: Option<&[u8]>) -> PyResult<Self> {
        let plan = CorePlan::from_bytes(data).map_err(|error| PyValueError::new_err(error.to_string()))?;
        let states = states.map(|bytes| states_of(bytes, plan.edits().len()));
        Ok(Self { plan, states: states.transpose()? })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Parted<'py>)> {
        let (py, Self { plan, states }) = (slf.py(), slf.get());
        let states = states.as_ref().map(|states| PyBytes::new(py, &bytes_of(states)));
        Ok((slf.get_type().getattr("from_bytes")?, (PyBytes::new(py, &plan.to_bytes()), states)))
    }

    fn __len__(&self) -> usize {
        self.plan.edits().len()
    }

    fn __getitem__(&self, index: isize) -> PyResult<Edit> {
        let length = self.plan.edits().len();
        let place = if index < 0 { length.checked_add_signed(index) } else { usize::try_from(index).ok() };
        let edit = place.and_then(|place| Edit::new(self, place));
        edit.ok_or_else(|| PyIndexError::new_err("plan index out of range"))
    }

    fn __iter__(slf: Py<Self>) -> Edits {
        Edits { plan: slf, next: 0 }
    }

    fn __repr__(&self) -> String {
        let count = self.plan.edits().len();
        format!("<Plan: {count} {} in {} bytes>", if count == 1 { "edit" } else { "edits" }, self.plan.source_size())
    }
}

#[pymethods]
impl Edits {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&mut self) -> Option<Edit> {
        let edit = Edit::new(self.plan.get(), self.next)?;
        self.next += 1;
        Some(edit)
    }
}

/// A plan that was pickled, and the states of its values.
type Parted<'py> = (Bound<'py, PyBytes>, Option<Bound<'py, PyBytes>>);

/// A letter for each state, for another process of this version.
fn bytes_of(states: &[State]) -> Vec<u8> {
    states.iter().filter_map(|state| state.word().bytes().next()).collect()
}

fn states_of(letters: &[u8], count: usize) -> PyResult<Vec<State>> {
    let of = |letter: &u8| State::ALL.into_iter().find(|state| state.word().bytes().next() == Some(*letter));
    let states = letters.iter().map(of).collect::<Option<Vec<_>>>().filter(|states| states.len() == count);
    states.ok_or_else(|| PyValueError::new_err("not the states of this plan"))
}

#[pyfunction]
#[pyo3(signature = (path, rules, key = None))]
pub fn plan_file(
    py: Python<'_>,
    path: PathBuf,
    rules: &Bound<'_, Rules>,
    key: Option<&Bound<'_, Key>>,
) -> PyResult<Plan> {
    let rules = &rules.get().0;
    let keying = bytes::keying_of_dry_run(rules, key)?;
    let plan = |stop| files::dry_run(&path, rules, &keying, stop);
    interruptible(py, plan, |error| errors::of_file(py, &error, Path::new(&path))).map(Plan::from)
}

/// What values that are replaced become, by their offsets: for the second opinion, and for nobody else.
#[pyfunction]
pub fn replaced_file<'py>(
    py: Python<'py>,
    path: PathBuf,
    rules: &Bound<'py, Rules>,
    key: Option<&Bound<'py, Key>>,
) -> PyResult<Vec<(u64, Bound<'py, PyBytes>)>> {
    let rules = &rules.get().0;
    let keying = bytes::keying(rules, key)?;
    let replaced = |stop| files::replaced_file(&path, rules, &keying, stop);
    let replaced = interruptible(py, replaced, |error| errors::of_file(py, &error, Path::new(&path)))?;
    Ok(replaced.iter().map(|(start, bytes)| (*start, PyBytes::new(py, bytes))).collect())
}
