//! `Key`: what keyed values are made with. Its calls are the only ones that give values to Python.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use dicomblank_core::Rules;
use dicomblank_files::{self as files, KeyFileError, Keying, UsageError};
use dicomblank_pseudonym::{Days, Key as PlainKey, Note, Notes, Refusal, Secrets};
use pyo3::exceptions::{PyOSError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::errors;

/// What pseudonyms are made with: 32 secret bytes.
///
/// Who has the key can find the patient behind a pseudonym, and without it nobody can: keep it, and not beside the
/// scans. `Key.generate()` makes a new one, `save(path)` writes it to a new file that only its owner can read, and
/// `Key.load(path)` reads that file, `Key.parse(line)` what stands in it. Key(data) is the key of 32 random bytes that are kept elsewhere.
///
/// What it shows is its `id`. It can be compared and hashed, by the id, and can't be pickled: another process loads it
/// from its file.
///
/// `pseudonym_id`, `pseudonym_uid` and `days` are for lists and databases kept beside the scans; `reveal_id` and
/// `reveal_uid` give back what a pseudonym stands for. These calls and the command `dicomblank reveal` are the only
/// ones that give out values. A text with backslashes is several values, as in an element. Each call raises
/// `ValueError` for what can't have a pseudonym, or be one; no message has the value in it.
///
/// Any text of the right form can be revealed, and what comes of one that this key did not make means nothing.
#[pyclass(frozen, eq, hash, module = "dicomblank._core")]
pub struct Key {
    pub(crate) secrets: Arc<Secrets>,
    /// What it was last asked for, and for which rules.
    last: Mutex<Option<(Vec<u8>, Arc<Keying>)>>,
}

impl Key {
    fn of(key: PlainKey) -> Self {
        Self { secrets: Arc::new(Secrets::new(key)), last: Mutex::default() }
    }

    /// What values are replaced with under `rules`. The last is remembered: to make marks takes as long as a file.
    pub(crate) fn keying(&self, rules: &Rules) -> Result<Arc<Keying>, UsageError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((once, keying)) = &*last
            && once == rules.once()
            && rules.need_key()
        {
            return Ok(keying.clone());
        }
        let keying = Arc::new(Keying::checked(rules, Some(self.secrets.clone()))?);
        *last = Some((rules.once().to_vec(), keying.clone()));
        Ok(keying)
    }
}

/// By the id: another key of the same 8 bytes is not met by chance.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.secrets.key().id() == other.secrets.key().id()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.secrets.key().id().hash(state);
    }
}

#[pymethods]
impl Key {
    #[new]
    #[pyo3(signature = (data, /))]
    fn new(data: &[u8]) -> PyResult<Self> {
        PlainKey::from_bytes(data).map(Self::of).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// A new key, of 32 random bytes from the system.
    #[staticmethod]
    fn generate() -> PyResult<Self> {
        files::generate_key().map(Self::of).map_err(|error| PyOSError::new_err(files::system_words(&error)))
    }

    /// The key in a file that `save` or `dicomblank key new` has made.
    ///
    /// Raises `ValueError` for a file that others can read or write to, and for one in which no key stands, or a
    /// damaged one.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        py.detach(|| files::load_key(&path)).map(Self::of).map_err(|error| of_key_file(&error))
    }

    /// The key in the line of a key file, which a store of secrets may keep instead of the file.
    ///
    /// Raises `ValueError` for a text in which no key stands, or a damaged one.
    #[staticmethod]
    #[pyo3(signature = (line, /))]
    fn parse(line: &str) -> PyResult<Self> {
        PlainKey::from_text(line.as_bytes()).map(Self::of).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// Writes the key to a new file, which only its owner can read.
    ///
    /// Raises `FileExistsError` where there is a file, or a link, of that name: it may be the only copy of another key.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| files::save_key(self.secrets.key(), &path)).map_err(|error| of_key_file(&error))
    }

    /// Which key it is: 16 hexadecimal digits, which tell nothing of the key itself.
    #[getter]
    fn id(&self) -> String {
        self.secrets.key().id().to_string()
    }

    /// The pseudonym of an identifier such as `PatientID`, of the same length and form.
    ///
    /// Gives out a value. Raises `ValueError` for an identifier that would be blanked: one of less than two letters or
    /// digits, or of other characters than ASCII; and for one that is too long.
    #[pyo3(signature = (value, /))]
    fn pseudonym_id(&self, value: &Bound<'_, PyString>) -> PyResult<String> {
        keyed(value, |bytes| self.secrets.identifiers().encipher(bytes), "would be blanked")
    }

    /// The identifier that a pseudonym stands for: the way back of `pseudonym_id`.
    ///
    /// Gives out a value. Raises `ValueError` for what can't be a pseudonym.
    #[pyo3(signature = (value, /))]
    fn reveal_id(&self, value: &Bound<'_, PyString>) -> PyResult<String> {
        keyed(value, |bytes| self.secrets.identifiers().decipher(bytes), "is no pseudonym")
    }

    /// The pseudonym of a UID, of the same length and form. One below 1.2.840.10008 stays as it is.
    ///
    /// Gives out a value. Raises `ValueError` for what is no UID, and for one that is too short or too long.
    #[pyo3(signature = (value, /))]
    fn pseudonym_uid(&self, value: &Bound<'_, PyString>) -> PyResult<String> {
        keyed(value, |bytes| self.secrets.uids().encipher(bytes), "would be blanked")
    }

    /// The UID that a pseudonym stands for: the way back of `pseudonym_uid`.
    ///
    /// Gives out a value. Raises `ValueError` for what can't be a pseudonym.
    #[pyo3(signature = (value, /))]
    fn reveal_uid(&self, value: &Bound<'_, PyString>) -> PyResult<String> {
        keyed(value, |bytes| self.secrets.uids().decipher(bytes), "is no pseudonym")
    }

    /// By how many days a patient's dates are moved to earlier ones: 1 to 3652.
    ///
    /// `patient_id` and `study_instance_uid` are the original ones; the UID counts where the ID is empty. Gives out a
    /// value: the days are as secret as the dates. Raises `ValueError` where both are empty, and for other characters
    /// than ASCII: the bytes that a file has for them depend on its character set.
    #[pyo3(signature = (patient_id, study_instance_uid = None), text_signature = "($self, patient_id, study_instance_uid='')")]
    fn days(
        &self,
        patient_id: &Bound<'_, PyString>,
        study_instance_uid: Option<&Bound<'_, PyString>>,
    ) -> PyResult<u16> {
        let patient_id = patient_id.to_string_lossy();
        let study_instance_uid = study_instance_uid.map_or(Cow::Borrowed(""), |uid| uid.to_string_lossy());
        if !patient_id.is_ascii() || !study_instance_uid.is_ascii() {
            return Err(PyValueError::new_err(
                "other characters than ASCII: which bytes a file has for them is not known",
            ));
        }
        let days = self.secrets.dates().days(patient_id.as_bytes(), study_instance_uid.as_bytes());
        days.map(Days::count).ok_or_else(|| {
            PyValueError::new_err(
                "neither a patient ID nor a study instance UID: nothing would tell two patients apart",
            )
        })
    }

    fn __repr__(&self) -> String {
        format!("<Key {}>", self.secrets.key().id())
    }

    /// A key can't change: it is its own copy.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    /// Pickled, it would lie in files and pipes that nobody thinks of.
    #[allow(clippy::unused_self)] // Python calls it as a method
    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a key can't be pickled: load it from its file there (Key.load)"))
    }
}

/// What becomes of the values in the text. What would be blanked is an error here, with its `consequence`: a list has
/// no use for spaces.
fn keyed(
    value: &Bound<'_, PyString>,
    replace: impl FnOnce(&mut [u8]) -> Result<Notes, Refusal>,
    consequence: &str,
) -> PyResult<String> {
    // A text of Python may have halves of characters, which no byte stands for: they are no ASCII either.
    let mut bytes = value.to_string_lossy().into_owned().into_bytes();
    let notes = replace(&mut bytes).map_err(|refusal| PyValueError::new_err(refusal.to_string()))?;
    if notes.iter().any(Note::is_blanked) {
        return Err(PyValueError::new_err(format!(
            "an identifier of less than two letters or digits, or not of ASCII characters alone: it {consequence}"
        )));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn of_key_file(error: &KeyFileError) -> PyErr {
    match error {
        KeyFileError::Io { path, error } => errors::of_system(error, path),
        _ => PyValueError::new_err(error.to_string()),
    }
}
