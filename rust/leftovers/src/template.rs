//! The texts in which a value may stand elsewhere, as parts of its own text.

use core::ops::Range;

use zeroize::Zeroizing;

use crate::value::{CHARACTERS, DIGITS, Kind, LETTERS, WHOLE};

/// Parts of a value's text, and what stands between them.
pub(crate) struct Template(Vec<Piece>);

enum Piece {
    /// Byte offsets in the text.
    Part(Range<usize>),
    Between(&'static str),
}

/// What people and programs put between a family name and a given one.
const BETWEEN: [&str; 6] = ["^", ", ", ",", " ", "_", ""];

/// The longest component group of a name, in letters (PS3.5 §6.2).
const LONGEST_GROUP: usize = 64;

/// Components of names that name nobody: particles, titles, and what stands there when there is no name.
const NOBODY: [&str; 26] = [
    "anonym",
    "anonymized",
    "anonymised",
    "anonymous",
    "dame",
    "della",
    "delle",
    "doctor",
    "dott",
    "dottore",
    "frau",
    "herr",
    "junior",
    "lord",
    "madame",
    "miss",
    "mister",
    "monsieur",
    "none",
    "prof",
    "professor",
    "senior",
    "señor",
    "señora",
    "unknown",
    "vander",
];

impl Template {
    fn whole(part: Range<usize>) -> Self {
        Self(vec![Piece::Part(part)])
    }

    fn two(first: &Range<usize>, between: &'static str, second: &Range<usize>) -> Self {
        Self(vec![Piece::Part(first.clone()), Piece::Between(between), Piece::Part(second.clone())])
    }

    /// The text it makes of `text`; `None` where a part is not there.
    pub(crate) fn of(&self, text: &str) -> Option<Zeroizing<String>> {
        let length = |piece: &Piece| match piece {
            Piece::Part(part) => part.len(),
            Piece::Between(between) => between.len(),
        };
        // All the room at once: text that grows leaves its old bytes behind.
        let room = self.0.iter().map(length).fold(0, usize::saturating_add);
        let mut made = Zeroizing::new(String::with_capacity(room));
        for piece in &self.0 {
            made.push_str(match piece {
                Piece::Part(part) => text.get(part.clone())?,
                Piece::Between(between) => between,
            });
        }
        Some(made)
    }
}

/// The texts to look for of a value that says `text`; none where it is too short to be told from other text.
pub(crate) fn templates(kind: Kind, text: &str) -> Vec<Template> {
    let mut found = Vec::new();
    match kind {
        Kind::Name => values(text).for_each(|value| names(text, &value, &mut found)),
        Kind::Identifier => {
            found.extend(values(text).filter(|value| is_identifier(part(text, value))).map(Template::whole));
        }
        Kind::Whole => {
            let all = trimmed(text, 0..text.len());
            found.extend((letters(part(text, &all)) >= WHOLE).then(|| Template::whole(all)));
        }
        Kind::Known => known(text, &mut found),
        Kind::Date | Kind::Uid => {}
    }
    found
}

/// The groups of a name, their components (PS3.5 §6.2.1), and the first two of them together.
fn names(text: &str, value: &Range<usize>, found: &mut Vec<Template>) {
    for group in split(text, value.clone(), '=') {
        let components: Vec<_> = split(text, group.clone(), '^').collect();
        add_parts(text, &group, &components, found);
    }
}

/// A line of a list: an identifier where it has digits, and else a name, in one of the ways in which names are written.
fn known(text: &str, found: &mut Vec<Template>) {
    let line = trimmed(text, 0..text.len());
    if part(text, &line).contains(|letter: char| letter.is_ascii_digit()) {
        found.push(Template::whole(line));
        return;
    }
    let between = ['^', ',', ' '].into_iter().find(|between| part(text, &line).contains(*between));
    let parts: Vec<_> =
        between.map_or_else(|| vec![line.clone()], |between| split(text, line.clone(), between).collect());
    add_parts(text, &line, &parts, found);
    if parts.len() == 1 && found.is_empty() {
        found.push(Template::whole(line));
    }
}

fn add_parts(text: &str, group: &Range<usize>, parts: &[Range<usize>], found: &mut Vec<Template>) {
    // PS3.5 §6.2: what is longer than a group of a name may be is none.
    let is_name = |part: &str| {
        (LETTERS..=LONGEST_GROUP).contains(&letters(part)) && !NOBODY.contains(&part.to_lowercase().as_str())
    };
    let group = untailed(text, group.clone());
    if parts.len() > 2
        && letters(part(text, &group)) <= LONGEST_GROUP
        && parts.iter().any(|range| is_name(part(text, range)))
    {
        found.push(Template::whole(group));
    }
    found.extend(parts.iter().filter(|range| is_name(part(text, range))).cloned().map(Template::whole));
    if let [family, given, ..] = parts {
        let both = [family, given].map(|range| part(text, range));
        let is_somebody = both.iter().all(|part| letters(part) > 0 && !NOBODY.contains(&part.to_lowercase().as_str()));
        let count = both.iter().map(|part| letters(part)).fold(0, usize::saturating_add);
        if is_somebody && (LETTERS..=LONGEST_GROUP).contains(&count) {
            for between in BETWEEN {
                found.push(Template::two(family, between, given));
                found.push(Template::two(given, between, family));
            }
        }
    }
}

/// Whether it can be told from other text: long enough, and more than one character repeated.
fn is_identifier(text: &str) -> bool {
    let shortest = if text.bytes().all(|byte| byte.is_ascii_digit()) { DIGITS } else { CHARACTERS };
    let first = text.chars().next();
    text.chars().count() >= shortest && text.chars().any(|other| Some(other) != first)
}

fn letters(text: &str) -> usize {
    text.chars().filter(|character| character.is_alphabetic()).count()
}

fn part<'t>(text: &'t str, range: &Range<usize>) -> &'t str {
    text.get(range.clone()).unwrap_or_default()
}

/// The values of an element (PS3.5 §6.4), without their padding.
fn values(text: &str) -> impl Iterator<Item = Range<usize>> {
    split(text, 0..text.len(), '\\')
}

fn split(text: &str, range: Range<usize>, at: char) -> impl Iterator<Item = Range<usize>> {
    let mut start = range.start;
    part(text, &range).split(at).map(move |piece| {
        let end = start.saturating_add(piece.len());
        let here = trimmed(text, start..end);
        start = end.saturating_add(at.len_utf8());
        here
    })
}

/// Without spaces and zero bytes around it.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let is_padding = |character: char| character == '\0' || character.is_whitespace();
    let whole = part(text, &range);
    let front = whole.len().saturating_sub(whole.trim_start_matches(is_padding).len());
    let length = whole.trim_matches(is_padding).len();
    let start = range.start.saturating_add(front);
    start..start.saturating_add(length)
}

/// Without the separators of components that are empty, at its end.
fn untailed(text: &str, range: Range<usize>) -> Range<usize> {
    let length = part(text, &range).trim_end_matches(['^', ' ']).len();
    range.start..range.start.saturating_add(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(kind: Kind, text: &str) -> Vec<String> {
        templates(kind, text).iter().map(|template| template.of(text).unwrap().to_string()).collect()
    }

    #[test]
    fn texts_of_names() {
        for (text, expected) in [
            ("Doe", &[][..]),
            (
                "Doe^Jo",
                &[
                    "Doe^Jo", "Jo^Doe", "Doe, Jo", "Jo, Doe", "Doe,Jo", "Jo,Doe", "Doe Jo", "Jo Doe", "Doe_Jo",
                    "Jo_Doe", "DoeJo", "JoDoe",
                ],
            ),
            ("Li^A", &[]),
            ("Smith", &["Smith"]),
            ("Smith^^^Prof^Junior", &["Smith^^^Prof^Junior", "Smith"]),
            ("Anonymous", &[]),
            (" Smith \\Jones", &["Smith", "Jones"]),
            ("=山田太郎", &["山田太郎"]),
        ] {
            assert_eq!(texts(Kind::Name, text), expected, "{text}");
        }
        let all = texts(Kind::Name, "Doe^Jonathan^Q=Ωμέγα^Άλφα");
        for expected in ["Doe^Jonathan^Q", "Jonathan", "Doe^Jonathan", "JonathanDoe", "Ωμέγα", "Άλφα Ωμέγα"]
        {
            assert!(all.iter().any(|text| text == expected), "{expected}: {all:?}");
        }
    }

    #[test]
    fn texts_of_the_others() {
        for (kind, text, expected) in [
            (Kind::Identifier, "12345", &[][..]),
            (Kind::Identifier, "123456\\AB123 ", &["123456", "AB123"]),
            (Kind::Identifier, "000000", &[]),
            (Kind::Identifier, "AB12", &[]),
            (Kind::Whole, "Mayo", &[]),
            (Kind::Whole, " General Hospital\0", &["General Hospital"]),
            (Kind::Whole, "1234 56789 Rd", &[]),
            (Kind::Known, " AB12 ", &["AB12"]),
            (Kind::Known, "Smith", &["Smith"]),
            (Kind::Known, "山田太郎", &["山田太郎"]),
            (Kind::Uid, "1.2.840.1234567", &[]),
        ] {
            assert_eq!(texts(kind, text), expected, "{text}");
        }
        assert!(texts(Kind::Known, "Jane Doe").contains(&"Doe^Jane".to_owned()));
    }

    /// A template is a way to spell another value of the same length as well: its pseudonym.
    #[test]
    fn a_template_spells_another_text() {
        let templates = templates(Kind::Name, "Doe^Jane");
        let spelled: Vec<_> = templates.iter().map(|template| template.of("Xyz^Uvwx").unwrap().to_string()).collect();
        assert!(spelled.contains(&"Uvwx".to_owned()) && spelled.contains(&"UvwxXyz".to_owned()));
        assert!(templates.iter().all(|template| template.of("X").is_none()));
    }
}
