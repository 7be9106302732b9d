//! What a rule says, and what it says it with.

use std::collections::BTreeMap;

use crate::dictionary;
use crate::tag::Tag;
use crate::vr::Vr;

/// What the rules say of one tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// Every byte of the value becomes padding; of a sequence, every leaf below it.
    Blank,
    /// The value stays, also inside a blanked sequence.
    Keep,
    /// The value becomes a keyed one of the same form: a UID, or an identifier.
    Pseudonymize,
    /// Each date of the value is shifted by the patient's number of days.
    Shift,
    /// The value becomes a text, with padding behind it.
    Set(Number),
    /// The value becomes what a table has for it, with padding behind it.
    Map(Number),
    /// The element goes, header and value; a sequence goes whole.
    Remove,
    /// The value goes, and the header says so; of a sequence, all items go.
    Empty,
    /// The value becomes one that is valid for its VR and says nothing; below a sequence, every value that has no rule
    /// of its own.
    Dummy,
    /// One of several rules, by the type of the element in the object.
    ByType(Number),
    /// Of a sequence of content items, each item is treated by its concept name.
    ByConcept,
}

impl Rule {
    /// The rule in one word, which is that of the command and of the calls.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Keep => "keep",
            Self::Pseudonymize => "pseudonymize",
            Self::Shift => "shift",
            Self::Set(_) => "set",
            Self::Map(_) => "map",
            Self::Remove => "remove",
            Self::Empty => "empty",
            Self::Dummy => "dummy",
            Self::ByType(_) => "by type",
            Self::ByConcept => "by concept",
        }
    }

    /// Whether it may give a value another length: what has such rules is [rewritten](crate::rewrite()).
    #[must_use]
    pub const fn rewrites(self) -> bool {
        matches!(self, Self::Remove | Self::Empty | Self::Dummy | Self::ByType(_) | Self::ByConcept)
    }

    /// Whether it writes over the value.
    pub(crate) const fn is_edit(self) -> bool {
        !matches!(self, Self::Keep)
    }

    /// Whether it can't be done a second time: what it makes is not what it leaves alone. A dummy of a UID is a keyed one.
    pub(crate) const fn is_once(self) -> bool {
        matches!(
            self,
            Self::Pseudonymize | Self::Shift | Self::Map(_) | Self::Dummy | Self::ByType(_) | Self::ByConcept
        )
    }
}

/// Which text or table of the [`Rules`](super::Rules). In bytes, so that an edit stays small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number([u8; 2]);

impl Number {
    pub(super) fn new(index: usize) -> Option<Self> {
        u16::try_from(index).ok().map(|index| Self(index.to_le_bytes()))
    }

    pub(super) fn index(self) -> usize {
        usize::from(u16::from_le_bytes(self.0))
    }

    pub(crate) const fn bytes(self) -> [u8; 2] {
        self.0
    }

    pub(crate) const fn from_bytes(bytes: [u8; 2]) -> Self {
        Self(bytes)
    }
}

/// What is to become of the elements that a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Treatment {
    /// As [`Rule::Blank`].
    Blank,
    /// As [`Rule::Keep`].
    Keep,
    /// As [`Rule::Pseudonymize`].
    Pseudonymize,
    /// As [`Rule::Shift`].
    Shift,
    /// The value becomes this text.
    Set(Text),
    /// A value becomes what the table has for it.
    Map(Table),
    /// As [`Rule::Remove`].
    Remove,
    /// As [`Rule::Empty`].
    Empty,
    /// As [`Rule::Dummy`].
    Dummy,
    /// One of several rules, by the type of the element in the object: see [`Rules::typed`](super::Rules::typed).
    ByType(ByType),
    /// As [`Rule::ByConcept`]: see [`Rules::by_concepts`](super::Rules::by_concepts).
    ByConcept,
}

/// The type of an attribute in an object (PS3.5 §7.4). Who makes the table decides what a conditional one counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// It has to be there, with a value.
    One,
    /// It has to be there, and may be empty.
    Two,
    /// It may be left out.
    Three,
}

/// Three rules, one for each type, and one where the type is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByType {
    one: Rule,
    two: Rule,
    three: Rule,
    unknown: Rule,
}

impl ByType {
    /// `None` where one of them needs a text or a table, or asks for the type or for concepts itself.
    #[must_use]
    pub fn new(one: Rule, two: Rule, three: Rule, unknown: Rule) -> Option<Self> {
        let is_plain = |rule| !matches!(rule, Rule::Set(_) | Rule::Map(_) | Rule::ByType(_) | Rule::ByConcept);
        [one, two, three, unknown].into_iter().all(is_plain).then_some(Self { one, two, three, unknown })
    }

    /// The rule for an element of this type; `None` where that is not known.
    #[must_use]
    pub const fn rule(self, of: Option<Type>) -> Rule {
        match of {
            Some(Type::One) => self.one,
            Some(Type::Two) => self.two,
            Some(Type::Three) => self.three,
            None => self.unknown,
        }
    }

    /// Its rules, in the order of [`new`](Self::new).
    #[must_use]
    pub const fn all(self) -> [Rule; 4] {
        [self.one, self.two, self.three, self.unknown]
    }
}

/// A text that values are set to: ASCII characters, which every character set has.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(Box<[u8]>);

impl Text {
    /// `None` where there is another character in it than those of ASCII that are printed.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        is_plain(text.as_bytes()).then(|| Self(text.as_bytes().into()))
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What values become, by what they are.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Table(BTreeMap<Box<[u8]>, Text>);

/// Why something is no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableError {
    /// The value of this row, counted from 0, has a row already.
    Duplicate {
        /// Which row.
        row: usize,
    },
    /// The new value of this row, counted from 0, has other characters than those of ASCII.
    NotAscii {
        /// Which row.
        row: usize,
    },
}

impl Table {
    /// The table of these rows: what a value is, without padding, and what it becomes.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn new<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, TableError> {
        let mut table = BTreeMap::new();
        for (row, (old, new)) in rows.into_iter().enumerate() {
            let new = Text::new(new).ok_or(TableError::NotAscii { row })?;
            if table.insert(unpadded(old.as_bytes()).into(), new).is_some() {
                return Err(TableError::Duplicate { row });
            }
        }
        Ok(Self(table))
    }

    /// What the value becomes, if it is in the table. Padding around it does not count.
    pub(crate) fn of(&self, value: &[u8]) -> Option<&Text> {
        self.0.get(unpadded(value))
    }

    /// Its rows, sorted.
    pub fn rows(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.0.iter().map(|(old, new)| (&**old, new.bytes()))
    }
}

/// Never the text: it may stand for a value.
impl core::fmt::Debug for Text {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Text")
    }
}

impl core::fmt::Debug for Table {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Table of {} rows", self.0.len())
    }
}

fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// The value without spaces around it, and without NULs behind it.
pub(crate) fn unpadded(value: &[u8]) -> &[u8] {
    let start = value.iter().position(|byte| *byte != b' ').unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(start, |last| last.saturating_add(1));
    value.get(start..end).unwrap_or_default()
}

/// What a value is replaced by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Uid,
    Identifier,
    Date,
    Text,
}

/// What `rule` makes of a value of `tag` whose header states `vr`; `None` where it can't be carried out. The dictionary
/// decides where it knows the tag, so that an element is the same thing in every file.
pub(crate) fn kind(rule: Rule, tag: Tag, vr: Vr) -> Option<Kind> {
    let known = dictionary::vr(tag).filter(|known| *known != Vr::UN);
    // UN is what some programs write for what they don't know; else a VR without text holds none.
    let is_text = is_text(vr) || (vr == Vr::UN && known.is_some());
    kind_of(rule, known.unwrap_or(vr)).filter(|_| is_text)
}

fn kind_of(rule: Rule, vr: Vr) -> Option<Kind> {
    match (rule, vr) {
        (Rule::Pseudonymize, Vr::UI) => Some(Kind::Uid),
        (Rule::Pseudonymize, Vr::AE | Vr::CS | Vr::LO | Vr::LT | Vr::PN | Vr::SH | Vr::ST | Vr::UC | Vr::UT) => {
            Some(Kind::Identifier)
        }
        (Rule::Shift, Vr::DA | Vr::DT) => Some(Kind::Date),
        (Rule::Set(_) | Rule::Map(_), vr) if is_text(vr) => Some(Kind::Text),
        _ => None,
    }
}

const fn is_text(vr: Vr) -> bool {
    matches!(
        vr,
        Vr::AE
            | Vr::AS
            | Vr::CS
            | Vr::DA
            | Vr::DS
            | Vr::DT
            | Vr::IS
            | Vr::LO
            | Vr::LT
            | Vr::PN
            | Vr::SH
            | Vr::ST
            | Vr::TM
            | Vr::UC
            | Vr::UI
            | Vr::UR
            | Vr::UT
    )
}

/// Whether `rule` can be one on elements of `vr`.
pub(super) fn is_fit(rule: Rule, vr: Vr) -> bool {
    match rule {
        Rule::Blank | Rule::Keep => true,
        Rule::ByConcept => vr == Vr::SQ,
        rule => rule.rewrites() || kind_of(rule, vr).is_some(),
    }
}
