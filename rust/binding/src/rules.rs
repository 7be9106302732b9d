//! `Rules`: what becomes of which elements.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use dicomblank_core::{
    ByType, Concepts as CoreConcepts, OfItem, Private, Repeating, Rule, Rules as CoreRules, Selector, Table,
    TableError, Tag, Text, Treatment, Type, Types as CoreTypes, Vr,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::additions::Additions;

/// What becomes of elements, wherever they stand.
#[pyclass(frozen, eq, module = "dicomblank._core")]
#[derive(PartialEq)]
pub struct Rules(pub(crate) CoreRules);

/// The types of attributes, by the class of the object and the way to them.
#[pyclass(frozen, eq, module = "dicomblank._core")]
#[derive(PartialEq)]
pub struct Types(Arc<CoreTypes>);

#[pymethods]
impl Types {
    /// Rows of SOP Class UID, the tags on the way to the attribute and its own, and its type: 1, 2 or 3.
    #[new]
    #[pyo3(signature = (rows, /))]
    fn new(rows: Vec<(String, Vec<u32>, u8)>) -> PyResult<Self> {
        let row = |(class, way, of): &(String, Vec<u32>, u8)| {
            let of = match of {
                1 => Type::One,
                2 => Type::Two,
                3 => Type::Three,
                _ => return Err(PyValueError::new_err("the type of an attribute is 1, 2 or 3")),
            };
            Ok((class.clone(), way.iter().copied().map(Tag::from).collect::<Vec<_>>(), of))
        };
        let rows = rows.iter().map(row).collect::<PyResult<Vec<_>>>()?;
        Ok(Self(Arc::new(CoreTypes::new(rows.iter().map(|(class, way, of)| (&**class, way.clone(), *of))))))
    }
}

/// What becomes of content items, by their concept names and value types.
#[pyclass(frozen, eq, module = "dicomblank._core")]
#[derive(PartialEq)]
pub struct Concepts(Arc<CoreConcepts>);

#[pymethods]
impl Concepts {
    /// Rows of coding scheme designator, code, value type, and what becomes of the item: keep, shift, dummy or remove.
    #[new]
    #[pyo3(signature = (rows, /))]
    fn new(rows: Vec<(String, String, String, String)>) -> PyResult<Self> {
        let row = |(scheme, code, value_type, word): &(String, String, String, String)| {
            let of = match &**word {
                "keep" => OfItem::Keep,
                "shift" => OfItem::Shift,
                "dummy" => OfItem::Dummy,
                "remove" => OfItem::Remove,
                _ => return Err(PyValueError::new_err("a content item is kept, shifted, given a dummy or removed")),
            };
            Ok((scheme.clone(), code.clone(), value_type.clone(), of))
        };
        let rows = rows.iter().map(row).collect::<PyResult<Vec<_>>>()?;
        let rows = rows.iter().map(|(scheme, code, value_type, of)| (&**scheme, &**code, &**value_type, *of));
        Ok(Self(Arc::new(CoreConcepts::new(rows))))
    }
}

/// What a rule is about, as Python says it: a tag; mask and value of a repeating element; group, creator and element
/// number of a private one; "dates", "private".
#[derive(FromPyObject, IntoPyObject)]
enum About {
    Tag(u32),
    Repeating((u32, u32)),
    Private((u16, String, u8)),
    Word(String),
}

/// What a value becomes, where the rule's word does not say it: a text, rows of what values are and become, or the words
/// of the rules for the types 1, 2 and 3 and for those that are not known.
#[derive(FromPyObject, IntoPyObject)]
enum Becomes {
    Text(String),
    Table(Vec<(String, String)>),
    ByType((String, String, String, String)),
}

/// A rule as Python says it: what it is about, its word, and what values become.
type Entry = (About, String, Option<Becomes>);

#[pymethods]
impl Rules {
    #[new]
    #[pyo3(signature = (blank, keep = Vec::new(), others = Vec::new(), types = None, additions = None, concepts = None), text_signature = "(blank, keep=(), others=(), types=None, additions=None, concepts=None)")]
    fn new(
        blank: Vec<About>,
        keep: Vec<About>,
        others: Vec<Entry>,
        types: Option<&Bound<'_, Types>>,
        additions: Option<&Bound<'_, Additions>>,
        concepts: Option<&Bound<'_, Concepts>>,
    ) -> PyResult<Self> {
        let all = |all: Vec<About>, treatment: Treatment| {
            all.into_iter().map(move |about| Ok((selector(about)?, treatment.clone())))
        };
        let others =
            others.into_iter().map(|(about, word, becomes)| Ok((selector(about)?, treatment(&word, becomes)?)));
        let all = all(blank, Treatment::Blank).chain(all(keep, Treatment::Keep)).chain(others);
        let rules = CoreRules::with(all.collect::<PyResult<Vec<_>>>()?);
        let rules = rules.map_err(|error| PyValueError::new_err(error.to_string()))?;
        let rules = match types {
            Some(types) => rules.typed(Arc::clone(&types.get().0)),
            None => rules,
        };
        let rules = match concepts {
            Some(concepts) => rules.by_concepts(Arc::clone(&concepts.get().0)),
            None => rules,
        };
        match additions {
            Some(additions) => Ok(Self(rules.adding(Arc::clone(&additions.get().0)))),
            // The head of a result says who wrote it (PS3.10 §7.1).
            None if rules.rewrite() => Err(PyValueError::new_err("rules that change lengths come with additions")),
            None => Ok(Self(rules)),
        }
    }

    /// The rules that neither blank nor keep: what they are about, their word, and what values become.
    #[getter]
    fn others<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let others = self.0.all().iter().filter(|(_, rule)| !matches!(rule, Rule::Blank | Rule::Keep));
        PyTuple::new(py, others.map(|(selector, rule)| self.entry(selector.clone(), *rule)).collect::<Vec<_>>())
    }

    /// Whether a key is needed.
    #[getter]
    fn need_key(&self) -> bool {
        self.0.need_key()
    }

    /// The tags of what is added to every data set.
    #[getter]
    fn added<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let tags = self.0.additions().into_iter().flat_map(dicomblank_core::Additions::tags).map(u32::from);
        PyTuple::new(py, tags.collect::<Vec<_>>())
    }

    /// Whether lengths change, so that a new file is written.
    #[getter]
    fn rewrite(&self) -> bool {
        self.0.rewrite()
    }

    #[getter]
    fn blanked<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.blanked().map(about).collect::<Vec<_>>())
    }

    #[getter]
    fn kept<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.kept().map(about).collect::<Vec<_>>())
    }

    /// The word of the rule on an element, or None. `vr` matters to dates only.
    #[pyo3(signature = (tag, creator = None, vr = None, /))]
    fn rule(&self, tag: u32, creator: Option<&[u8]>, vr: Option<&str>) -> Option<&'static str> {
        let vr = vr.and_then(|vr| Vr::from_bytes(vr.as_bytes().try_into().ok()?));
        self.0.rule_of(Tag::from(tag), creator, vr).map(Rule::word)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish()
    }
}

impl Rules {
    fn entry(&self, selector: Selector, rule: Rule) -> Entry {
        let becomes = match rule {
            Rule::Set(number) => self.0.text(number).map(|text| Becomes::Text(shown(text.bytes()))),
            Rule::Map(number) => self
                .0
                .table(number)
                .map(|table| Becomes::Table(table.rows().map(|(old, new)| (shown(old), shown(new))).collect())),
            Rule::ByType(number) => self.0.by_type(number).map(|by_type| {
                let [one, two, three, unknown] = by_type.all().map(|rule| rule.word().to_owned());
                Becomes::ByType((one, two, three, unknown))
            }),
            _ => None,
        };
        (about(selector), rule.word().to_owned(), becomes)
    }
}

/// What was given as text.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn treatment(word: &str, becomes: Option<Becomes>) -> PyResult<Treatment> {
    match (word, becomes) {
        ("pseudonymize", None) => Ok(Treatment::Pseudonymize),
        ("shift", None) => Ok(Treatment::Shift),
        ("remove", None) => Ok(Treatment::Remove),
        ("empty", None) => Ok(Treatment::Empty),
        ("dummy", None) => Ok(Treatment::Dummy),
        ("by concept", None) => Ok(Treatment::ByConcept),
        ("by type", Some(Becomes::ByType((one, two, three, unknown)))) => {
            let by_type = ByType::new(simple(&one)?, simple(&two)?, simple(&three)?, simple(&unknown)?);
            by_type.map(Treatment::ByType).ok_or_else(no_rule)
        }
        ("set", Some(Becomes::Text(text))) => Text::new(&text).map(Treatment::Set).ok_or_else(|| {
            PyValueError::new_err("a text that values are set to has only printable characters of ASCII")
        }),
        ("map", Some(Becomes::Table(rows))) => {
            let table = Table::new(rows.iter().map(|(old, new)| (&**old, &**new)));
            table.map(Treatment::Map).map_err(|error| PyValueError::new_err(table_words(error)))
        }
        _ => Err(no_rule()),
    }
}

/// A rule that needs nothing but its word.
fn simple(word: &str) -> PyResult<Rule> {
    let all = [Rule::Blank, Rule::Keep, Rule::Pseudonymize, Rule::Shift, Rule::Remove, Rule::Empty, Rule::Dummy];
    all.into_iter().find(|rule| rule.word() == word).ok_or_else(no_rule)
}

fn no_rule() -> PyErr {
    PyValueError::new_err(
        "a rule is pseudonymize, shift, remove, empty, dummy, by concept, set with a text, map with a table, or by type with four words",
    )
}

fn table_words(error: TableError) -> String {
    match error {
        TableError::Duplicate { row } => format!("row {} of the table has a value that an earlier one has", row + 1),
        TableError::NotAscii { row } => {
            format!("row {} of the table has a new value with other characters than printable ones of ASCII", row + 1)
        }
    }
}

fn selector(about: About) -> PyResult<Selector> {
    match about {
        About::Word(word) if word == "dates" => Ok(Selector::Dates),
        About::Word(word) if word == "private" => Ok(Selector::AllPrivate),
        About::Word(_) => Err(PyValueError::new_err("a rule is about a tag, about \"dates\", or about \"private\"")),
        About::Tag(tag) => Ok(Selector::Tag(Tag::from(tag))),
        About::Repeating((mask, value)) => Repeating::new(mask, value)
            .map(Selector::Repeating)
            .ok_or_else(|| PyValueError::new_err("no such repeating element in the DICOM dictionary")),
        About::Private((group, creator, element)) => Private::new(group, &creator, element)
            .map(Selector::Private)
            .ok_or_else(|| PyValueError::new_err("no private element: an odd group from 0009 to FFFD, a creator of 1 to 64 ASCII characters without \" and \\")),
    }
}

fn about(selector: Selector) -> About {
    match selector {
        Selector::Dates => About::Word("dates".to_owned()),
        Selector::AllPrivate => About::Word("private".to_owned()),
        Selector::Tag(tag) => About::Tag(tag.into()),
        Selector::Repeating(repeating) => About::Repeating((repeating.mask(), repeating.value())),
        Selector::Private(private) => {
            About::Private((private.group(), private.creator().to_owned(), private.element()))
        }
    }
}
