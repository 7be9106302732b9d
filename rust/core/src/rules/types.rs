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
pub(crate) type OfClass = BTreeMap<Box<[Tag]>, Type>;

impl Types {
    /// The table of these rows: SOP Class UID, way, type. Of several with the same class and way, the last one counts.
    pub fn new<'a>(rows: impl IntoIterator<Item = (&'a str, Vec<Tag>, Type)>) -> Self {
        let mut classes = BTreeMap::<Box<[u8]>, OfClass>::new();
        for (class, way, of) in rows {
            classes.entry(class.as_bytes().into()).or_default().insert(way.into(), of);
        }
        Self(classes)
    }

    /// The types in objects of a class, whose UID has the value `class`, padding included.
    pub(crate) fn of_class(&self, class: &[u8]) -> Option<&OfClass> {
        self.0.get(unpadded(class))
    }
}

/// Without the rows, of which there may be a hundred thousand: equal tables have equally many classes.
impl Hash for Types {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.len().hash(state);
    }
}
