//! The types of attributes in the objects that have them (PS3.3 Annex A; PS3.5 §7.4).

use core::hash::{Hash, Hasher};
use std::collections::BTreeMap;

use super::rule::{Type, unpadded};
use crate::tag::Tag;

/// The types of attributes, by the class of the object and the way to them: the tags of the sequences around, outermost
/// first, and their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Types(BTreeMap<Box<[u8]>, OfClass>);

/// The types in objects of one class, by the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OfClass(BTreeMap<Box<[Tag]>, Type>);

impl Types {
    /// The table of these rows: SOP Class UID, way, type. Of several with the same class and way, the last one counts.
    ///
    /// What an object of a class in the table has beyond it is of type 3, as PS3.2 has it of a Standard Extended SOP
    /// Class. The items of a content tree are alike, at any depth (PS3.3 §C.17.3): a way through several has the type of
    /// that through the last of them, or else of that without them.
    pub fn new<'a>(rows: impl IntoIterator<Item = (&'a str, Vec<Tag>, Type)>) -> Self {
        let mut classes = BTreeMap::<Box<[u8]>, OfClass>::new();
        for (class, way, of) in rows {
            classes.entry(class.as_bytes().into()).or_default().0.insert(way.into(), of);
        }
        Self(classes)
    }

    /// The types in objects of a class, whose UID has the value `class`, padding included.
    pub(crate) fn of_class(&self, class: &[u8]) -> Option<&OfClass> {
        self.0.get(unpadded(class))
    }
}

impl OfClass {
    /// The type of the attribute at the end of this way.
    pub(crate) fn of(&self, way: &[Tag]) -> Type {
        let depth = way.iter().take_while(|tag| **tag == Tag::CONTENT_SEQUENCE).count();
        if depth == 0 {
            return self.0.get(way).copied().unwrap_or(Type::Three);
        }
        let ways = [way, way.get(depth.saturating_sub(1)..).unwrap_or_default(), way.get(depth..).unwrap_or_default()];
        ways.into_iter().find_map(|way| self.0.get(way).copied()).unwrap_or(Type::Three)
    }
}

/// Without the rows, of which there may be a hundred thousand: equal tables have equally many classes.
impl Hash for Types {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.len().hash(state);
    }
}
