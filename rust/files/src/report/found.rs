//! What stands in files: of one file, and of all.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use dicomblank_core::{Survey, Tag, Unlisted, dictionary};

use super::json::Json;
use crate::order::catalogue::Catalogue;

/// What was found in one file.
#[derive(Debug)]
pub(crate) struct Found {
    catalogue: Arc<Catalogue>,
    asked: Asked,
    numbers: Vec<(u16, bool)>,
    unlisted: Vec<(Unlisted, bool)>,
    /// Made once, of all files that have the same.
    json: OnceLock<String>,
}

/// In how many files something stands, and in how many of them the rules leave some of it: by section and word.
pub type Sections = BTreeMap<String, BTreeMap<String, (u64, u64)>>;

impl Found {
    /// The section and the word of everything that stands there, and whether some of it is left.
    fn names(&self) -> impl Iterator<Item = (&str, String, bool)> {
        let told = self.numbers.iter().filter_map(|(number, is_left)| {
            self.catalogue.name(*number).map(|(section, word)| (section, word.to_owned(), *is_left))
        });
        told.chain(self.unlisted.iter().map(|(what, is_left)| {
            let (section, word) = named(*what);
            (section, word, *is_left)
        }))
    }

    /// What stands there, and what is left of it where that was asked, as fields of a JSON object.
    pub(crate) fn json(&self) -> &str {
        self.json.get_or_init(|| {
            let fields = self.asked.fields().iter().map(|(field, which)| {
                let mut sections = BTreeMap::<_, Vec<_>>::new();
                for (section, word, _) in self.names().filter(|(.., is_left)| which.is_told(*is_left)) {
                    sections.entry(section).or_default().push(Json(word).to_string());
                }
                let told = sections.iter().map(|(section, words)| format!("{}: [{}]", Json(section), words.join(", ")));
                object(field, told)
            });
            fields.collect::<Vec<_>>().join(", ")
        })
    }
}

/// A field that is an object.
fn object(field: &str, told: impl Iterator<Item = String>) -> String {
    format!("{}: {{{}}}", Json(field), told.collect::<Vec<_>>().join(", "))
}

/// Whether rules are asked what they leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Asked {
    #[default]
    OfNothing,
    OfRules,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Standing,
    Left,
}

impl Asked {
    const fn fields(self) -> &'static [(&'static str, Which)] {
        match self {
            Self::OfNothing => &[("found", Which::Standing)],
            Self::OfRules => &[("found", Which::Standing), ("left", Which::Left)],
        }
    }
}

impl Which {
    fn is_told(self, is_left: bool) -> bool {
        self == Self::Standing || is_left
    }
}

/// The section and the word of a name or date that no subject is about.
fn named(unlisted: Unlisted) -> (&'static str, String) {
    let (section, tag) = match unlisted {
        Unlisted::Name(tag) => ("names", tag),
        Unlisted::Date(tag) => ("dates", tag),
    };
    (section, tag.map_or_else(|| "others".to_owned(), spelled))
}

fn spelled(tag: Tag) -> String {
    dictionary::keyword(tag).map_or_else(|| tag.to_string(), str::to_owned)
}

/// Makes what is told of one file after the other. Most files of a run have the same in them: it is shared then.
pub(crate) struct Finder {
    last: Arc<Found>,
}

impl Finder {
    pub(crate) fn new(catalogue: Arc<Catalogue>, asked: Asked) -> Self {
        Self { last: Arc::new(Found { catalogue, asked, numbers: vec![], unlisted: vec![], json: OnceLock::new() }) }
    }

    pub(crate) fn found(&mut self, survey: Survey) -> Arc<Found> {
        let Survey { numbers, unlisted, .. } = survey;
        if (&self.last.numbers, &self.last.unlisted) != (&numbers, &unlisted) {
            let (catalogue, asked) = (self.last.catalogue.clone(), self.last.asked);
            self.last = Arc::new(Found { catalogue, asked, numbers, unlisted, json: OnceLock::new() });
        }
        self.last.clone()
    }
}

/// What was found in all files.
#[derive(Debug, Default)]
pub(crate) struct FoundSum {
    catalogue: Option<Arc<Catalogue>>,
    asked: Asked,
    /// By number: in how many files it stands, and in how many some of it is left.
    numbers: Vec<(u64, u64)>,
    unlisted: BTreeMap<Unlisted, (u64, u64)>,
    /// Of the last file, and how many there were of it.
    last: Option<(Arc<Found>, u64)>,
}

impl FoundSum {
    pub(crate) fn add(&mut self, found: &Arc<Found>) {
        match &mut self.last {
            Some((last, files)) if Arc::ptr_eq(last, found) => *files += 1,
            last => {
                if let Some((before, files)) = last.replace((found.clone(), 1)) {
                    self.count(&before, files);
                }
            }
        }
    }

    fn count(&mut self, found: &Found, files: u64) {
        self.asked = found.asked;
        self.catalogue.get_or_insert_with(|| found.catalogue.clone());
        for (number, is_left) in &found.numbers {
            let place = usize::from(*number);
            if self.numbers.len() <= place {
                self.numbers.resize(place + 1, (0, 0));
            }
            add(&mut self.numbers[place], files, *is_left);
        }
        for (what, is_left) in &found.unlisted {
            add(self.unlisted.entry(*what).or_default(), files, *is_left);
        }
    }

    /// Adds what is still to be added. Nothing may be added behind it.
    pub(crate) fn finish(&mut self) {
        if let Some((last, files)) = self.last.take() {
            self.count(&last, files);
        }
    }

    pub(crate) fn sections(&self) -> Sections {
        let mut sections = Sections::new();
        let mut put = |section: &str, word: String, counts: (u64, u64)| {
            if counts.0 > 0 {
                sections.entry(section.to_owned()).or_default().insert(word, counts);
            }
        };
        for (number, counts) in (0..).zip(&self.numbers) {
            if let Some((section, word)) = self.catalogue.as_ref().and_then(|catalogue| catalogue.name(number)) {
                put(section, word.to_owned(), *counts);
            }
        }
        for (what, counts) in &self.unlisted {
            let (section, word) = named(*what);
            put(section, word, *counts);
        }
        sections
    }

    /// In how many files each thing stands, and is left where that was asked, as fields of a JSON object.
    pub(crate) fn json(&self) -> String {
        let sections = self.sections();
        let fields = self.asked.fields().iter().map(|(field, which)| {
            let count = |(all, left): (u64, u64)| if *which == Which::Left { left } else { all };
            let told = sections.iter().filter_map(|(section, words)| {
                let words = words.iter().map(|(word, counts)| (word, count(*counts))).filter(|(_, count)| *count > 0);
                let words: Vec<_> = words.map(|(word, count)| format!("{}: {count}", Json(word))).collect();
                (!words.is_empty()).then(|| format!("{}: {{{}}}", Json(section), words.join(", ")))
            });
            object(field, told)
        });
        fields.collect::<Vec<_>>().join(", ")
    }
}

fn add((all, left): &mut (u64, u64), files: u64, is_left: bool) {
    *all += files;
    *left += if is_left { files } else { 0 };
}
