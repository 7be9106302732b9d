//! Concept names of content items, and what becomes of the items that bear them (PS3.3 §C.17.3; PS3.15 §E.3.4).

use std::collections::BTreeMap;

use super::rule::unpadded;

/// What becomes of content items, by their concept names and value types.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Concepts(BTreeMap<Name, Rows>);

/// Coding scheme designator and code.
type Name = (Box<[u8]>, Box<[u8]>);

/// Value types, and what becomes of the items.
type Rows = Vec<(Box<[u8]>, OfItem)>;

/// What becomes of a content item; the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfItem {
    /// Its value stays, whatever the rules on its elements say.
    Keep,
    /// The dates of its value are shifted, and times of day stay.
    Shift,
    /// Its value becomes a dummy, whatever the rules on its elements say.
    Dummy,
    /// It goes, with all items below it.
    Remove,
}

impl Concepts {
    /// The table of these rows: coding scheme designator, code, value type (0040,A040), and what becomes of the item. Of
    /// several about the same items, the strictest counts.
    pub fn new<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str, &'a str, OfItem)>) -> Self {
        let mut concepts = BTreeMap::<Name, Rows>::new();
        for (scheme, code, value_type, of) in rows {
            let name = (scheme.as_bytes().into(), code.as_bytes().into());
            concepts.entry(name).or_default().push((value_type.as_bytes().into(), of));
        }
        Self(concepts)
    }

    /// Whether dates of items are shifted.
    pub(super) fn shift(&self) -> bool {
        self.0.values().flatten().any(|(_, of)| *of == OfItem::Shift)
    }

    /// What becomes of an item with this concept name and value type, padding included; `None` where no row is about
    /// it.
    ///
    /// Where the name has rows for other value types only, or the item states none, it is not what a row keeps. But it
    /// may be what a row removes, in a form that its template does not foresee.
    pub(crate) fn of(&self, scheme: &[u8], code: &[u8], value_type: &[u8]) -> Option<OfItem> {
        let (scheme, code, value_type) = (unpadded(scheme), unpadded(code), unpadded(value_type));
        let rows = self.0.get(&(scheme.into(), code.into()))?;
        let exact = rows.iter().filter(|(of_row, _)| **of_row == *value_type).map(|(_, of)| *of).max();
        exact.or_else(|| rows.iter().map(|(_, of)| *of).max().filter(|of| *of >= OfItem::Dummy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_found_by_name_and_value_type() {
        let concepts = Concepts::new([
            ("DCM", "1", "TEXT", OfItem::Dummy),
            ("DCM", "1", "NUM", OfItem::Remove),
            ("DCM", "2", "UIDREF", OfItem::Keep),
            ("SCT", "1", "DATE", OfItem::Shift),
        ]);
        for (scheme, code, value_type, expected) in [
            ("DCM", "1", "TEXT", Some(OfItem::Dummy)),
            ("DCM ", "1 ", "TEXT", Some(OfItem::Dummy)),
            ("DCM", "1", "NUM ", Some(OfItem::Remove)),
            ("DCM", "1", "CODE", Some(OfItem::Remove)), // as strict as its strictest row
            ("DCM", "1", "", Some(OfItem::Remove)),
            ("DCM", "2", "UIDREF", Some(OfItem::Keep)),
            ("DCM", "2", "TEXT", None), // nothing is kept that no row is about
            ("DCM", "2", "", None),
            ("SCT", "1", "DATE", Some(OfItem::Shift)),
            ("SCT", "1", "TEXT", None),
            ("SCT", "2", "DATE", None),
            ("", "", "", None),
        ] {
            let found = concepts.of(scheme.as_bytes(), code.as_bytes(), value_type.as_bytes());
            assert_eq!((scheme, code, value_type, found), (scheme, code, value_type, expected));
        }
    }
}
