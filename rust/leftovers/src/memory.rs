//! Searches that were made before: those of a patient serve all of the patient's files.

use zeroize::Zeroizing;

use crate::charset::Charsets;
use crate::search::Search;
use crate::uids::Uids;
use crate::value::{Kind, Value};

/// How many searches are remembered: files of some patients may come in turn.
const MOST: usize = 8;

/// The searches that one worker made last. Zeroized when they are forgotten.
#[derive(Default)]
pub struct Memory {
    /// The one that was asked for last stands first.
    searches: Vec<(Zeroizing<Vec<u8>>, Search)>,
    key: Zeroizing<Vec<u8>>,
}

impl Memory {
    /// The search for `values`, as of [`Search::new`].
    pub fn search(&mut self, values: &[Value<'_>], charsets: &Charsets, uids: &Uids) -> Option<&Search> {
        self.take_key(values, charsets, uids);
        let known = self.searches.iter().position(|(key, _)| *key == self.key);
        match known {
            Some(0) => {}
            Some(place) => self.searches.get_mut(..=place)?.rotate_right(1),
            None => {
                self.searches.truncate(MOST.saturating_sub(1));
                self.searches.insert(0, (self.key.clone(), Search::new(values, charsets, uids)));
            }
        }
        self.searches.first().map(|(_, search)| search)
    }

    /// Makes the key of what is asked for: equal for equal searches.
    fn take_key(&mut self, values: &[Value<'_>], charsets: &Charsets, uids: &Uids) {
        let texts = || values.iter().enumerate().filter(|(_, value)| value.kind != Kind::Uid);
        let room = texts().map(|(_, value)| value.bytes.len().saturating_add(17)).fold(256, usize::saturating_add);
        if self.key.capacity() < room {
            self.key = Zeroizing::new(Vec::with_capacity(room)); // bytes that grow leave their old ones behind
        }
        self.key.clear();
        for (index, value) in texts() {
            self.key.push(match value.kind {
                Kind::Name => 0,
                Kind::Identifier => 1,
                Kind::Date => 2,
                Kind::Whole => 3,
                Kind::Known => 4,
                Kind::Uid => 5,
            });
            self.key.extend_from_slice(&index.to_le_bytes());
            self.key.extend_from_slice(&value.bytes.len().to_le_bytes());
            self.key.extend_from_slice(value.bytes);
        }
        self.key.extend(charsets.key());
        for beginning in uids.beginnings() {
            self.key.push(0);
            self.key.extend_from_slice(beginning);
        }
    }
}
