//! What can't be a rule, and why.

use core::fmt;

use super::rule::{Rule, is_fit};
use super::selector::Selector;
use crate::dictionary;
use crate::tag::Tag;
use crate::vr::Vr;

/// What can't be a rule, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// What the rule was to be about.
    pub selector: Selector,
    /// Why it can't.
    pub reason: RuleErrorReason,
}

/// Why something can't be a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleErrorReason {
    /// Group 0002, which says what the file is and how it is read. What names machines in it, and what is private, can
    /// be a rule (PS3.10 §7.1).
    FileMeta,
    /// (gggg,0000): a group length (PS3.5 §7.2).
    GroupLength,
    /// Groups FFFE and FFFF: items and delimiters, and what no element may use (PS3.5 §7.5, §7.8.1).
    Framing,
    /// Group 7FE0: pixel data.
    PixelData,
    /// A private creator to be blanked, beside a rule on elements of its group by their creator: the next run could not
    /// find them.
    Creator,
    /// Two rules are about it.
    Both {
        /// The one.
        one: Rule,
        /// The other.
        other: Rule,
    },
    /// The rule can't be carried out on values of this VR.
    Vr {
        /// The rule.
        rule: Rule,
        /// The VR that the dictionary has.
        vr: Vr,
    },
    /// A text has more characters than a value of this VR may have (PS3.5 Table 6.2-1).
    LongText {
        /// The VR that the dictionary has.
        vr: Vr,
        /// How many there may be.
        limit: usize,
    },
    /// All private elements, of which the rule can't be carried out on each.
    AllPrivate {
        /// The rule.
        rule: Rule,
    },
    /// More texts or tables than can be numbered.
    TooMany,
}

/// Why `rule` can't be about `selector`, if so.
pub(super) fn unfit(selector: &Selector, rule: Rule) -> Option<RuleErrorReason> {
    match selector {
        Selector::Tag(tag) => unfit_tag(*tag, rule).or_else(|| unfit_vr(rule, dictionary::vr(*tag))),
        // (7Fxx,0010) and its like cover group 7FE0.
        Selector::Repeating(element) if element.covers_group(0x7FE0) => Some(RuleErrorReason::PixelData),
        Selector::Repeating(element) => unfit_vr(rule, element.vr()),
        // What a creator defines is no content item.
        Selector::Private(_) => unfit_vr(rule, Some(Vr::UN).filter(|_| rule == Rule::ByConcept)),
        Selector::Dates => unfit_vr(rule, Some(Vr::DA)),
        Selector::AllPrivate => {
            let is_fit = matches!(rule, Rule::Blank | Rule::Keep | Rule::Remove | Rule::Empty);
            (!is_fit).then_some(RuleErrorReason::AllPrivate { rule })
        }
    }
}

fn unfit_tag(tag: Tag, rule: Rule) -> Option<RuleErrorReason> {
    match tag.group() {
        // The one UID of the file meta information that is the object's own.
        0x0002 if tag == Tag::MEDIA_STORAGE_SOP_INSTANCE_UID && rule == Rule::Pseudonymize => None,
        0x0002 => (!names_a_machine(tag)).then_some(RuleErrorReason::FileMeta),
        0xFFFE.. => Some(RuleErrorReason::Framing),
        0x7FE0 => Some(RuleErrorReason::PixelData),
        _ => tag.is_group_length().then_some(RuleErrorReason::GroupLength),
    }
}

/// Whether an element of the file meta information names a machine that the file went through, or is private (PS3.10
/// Table 7.1-1): no reader needs it.
fn names_a_machine(tag: Tag) -> bool {
    // Application entity titles; presentation addresses; Private Information Creator UID and Private Information.
    matches!(tag.element(), 0x0016..=0x0018 | 0x0026..=0x0028 | 0x0100 | 0x0102)
}

/// Why no value of `selector` can become one of `texts`, if so.
pub(super) fn long_text<'t>(selector: &Selector, texts: impl Iterator<Item = &'t [u8]>) -> Option<RuleErrorReason> {
    let vr = match selector {
        Selector::Tag(tag) => dictionary::vr(*tag)?,
        Selector::Repeating(element) => element.vr()?,
        Selector::Private(_) | Selector::Dates | Selector::AllPrivate => return None,
    };
    let (limit, separator) = vr.longest()?;
    let is_long = |text: &[u8]| match separator {
        Some(separator) => text.split(|byte| *byte == separator).any(|value| value.len() > limit),
        None => text.len() > limit,
    };
    let mut texts = texts;
    texts.any(is_long).then_some(RuleErrorReason::LongText { vr, limit })
}

/// Why `rule` can't be about elements of `vr`, if so.
fn unfit_vr(rule: Rule, vr: Option<Vr>) -> Option<RuleErrorReason> {
    let vr = vr?;
    (!is_fit(rule, vr)).then_some(RuleErrorReason::Vr { rule, vr })
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            RuleErrorReason::FileMeta => {
                "is file meta information that says what the file is and how to read it; \
                 of group 0002 only the AE titles, the addresses and what is private can be blanked"
            }
            RuleErrorReason::GroupLength => "is a group length, which counts bytes and holds no identifier",
            RuleErrorReason::Framing => "is an item or delimiter, which frames values and has none",
            RuleErrorReason::PixelData => "is pixel data, which dicomblank never changes",
            RuleErrorReason::Creator => "is a private creator, by which another rule finds its elements",
            RuleErrorReason::Both { one, other } if one.word() == other.word() => {
                return write!(f, "{} is to be {} in two ways", self.selector, done(one));
            }
            RuleErrorReason::Both { one, other } => {
                return write!(f, "{} is both to be {} and to be {}", self.selector, done(one), done(other));
            }
            RuleErrorReason::Vr { rule, vr } => {
                let fit = match rule {
                    Rule::Shift => "dates (DA, DT)",
                    Rule::ByConcept => "sequences (SQ)",
                    Rule::Pseudonymize => "UIDs and identifiers (UI, AE, CS, LO, LT, PN, SH, ST, UC, UT)",
                    _ => "text",
                };
                return write!(f, "{} is of VR {vr}: only {fit} can be {}", self.selector, done(rule));
            }
            RuleErrorReason::LongText { vr, limit } => {
                return write!(
                    f,
                    "{} is of VR {vr}: a value has {limit} characters at most, and a new one has more",
                    self.selector
                );
            }
            RuleErrorReason::AllPrivate { rule } => {
                return write!(
                    f,
                    "all private elements can be blanked, emptied, removed or kept, and not {}",
                    done(rule)
                );
            }
            RuleErrorReason::TooMany => "is one rule with a text or a table too many",
        };
        write!(f, "{} {reason}", self.selector)
    }
}

impl core::error::Error for RuleError {}

const fn done(rule: Rule) -> &'static str {
    match rule {
        Rule::Blank => "blanked",
        Rule::Keep => "kept",
        Rule::Pseudonymize => "pseudonymized",
        Rule::Shift => "shifted",
        Rule::Set(_) => "set",
        Rule::Map(_) => "mapped",
        Rule::Remove => "removed",
        Rule::Empty => "emptied",
        Rule::Dummy => "given a dummy",
        Rule::ByType(_) => "treated by type",
        Rule::ByConcept => "treated by concept",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Rules, Table, Text, Treatment};

    const NAME: Tag = Tag::new(0x0010, 0x0010);
    const DATE: Tag = Tag::new(0x0010, 0x0030);

    #[test]
    fn unfit_tags_are_refused() {
        for (blank, keep, tag, reason) in [
            (vec![Tag::new(0x0002, 0x0010)], vec![], Tag::new(0x0002, 0x0010), RuleErrorReason::FileMeta),
            (vec![NAME, Tag::new(0x0008, 0x0000)], vec![], Tag::new(0x0008, 0x0000), RuleErrorReason::GroupLength),
            (vec![], vec![Tag::ITEM], Tag::ITEM, RuleErrorReason::Framing),
            (vec![Tag::new(0x7FE0, 0x0010)], vec![], Tag::new(0x7FE0, 0x0010), RuleErrorReason::PixelData),
            (vec![DATE, NAME], vec![NAME], NAME, RuleErrorReason::Both { one: Rule::Blank, other: Rule::Keep }),
        ] {
            assert_eq!(Rules::new(blank, keep), Err(RuleError { selector: Selector::Tag(tag), reason }));
        }
    }

    #[test]
    fn a_text_that_no_value_can_have_is_refused() {
        for (tag, text, limit) in [
            (Tag::new(0x0008, 0x0050), "1234567890123456", None),
            (Tag::new(0x0008, 0x0050), "12345678901234567", Some(16)),
            (Tag::new(0x0008, 0x0050), "1234567890123456\\1234567890123456", None),
            (Tag::new(0x0008, 0x0050), "1\\12345678901234567", Some(16)),
            (DATE, "202403011", Some(8)),
            (Tag::PATIENT_ID, &"x".repeat(64), None),
            (Tag::PATIENT_ID, &"x".repeat(65), Some(64)),
            (Tag::new(0x0008, 0x0081), &"x\\".repeat(512), None),
            (Tag::new(0x0008, 0x0081), &"x\\".repeat(513), Some(1024)),
            (Tag::new(0x0040, 0xA160), &"x".repeat(20000), None), // Text Value, UT
            (Tag::new(0x0029, 0x1010), &"x".repeat(2000), None),
        ] {
            let table = Table::new([("old", text), ("other", "x")]).unwrap();
            for treatment in [Treatment::Set(Text::new(text).unwrap()), Treatment::Map(table)] {
                let made = Rules::with([(Selector::Tag(tag), treatment)]).map(|_| ());
                let found = made.map_err(|error| match error.reason {
                    RuleErrorReason::LongText { limit, .. } => limit,
                    other => panic!("{other:?}"),
                });
                assert_eq!((tag, found), (tag, limit.map_or(Ok(()), Err)));
            }
        }
    }

    #[test]
    fn what_cannot_be_done_to_a_vr_is_refused() {
        let text = || Treatment::Set(Text::new("x").unwrap());
        let table = || Treatment::Map(Table::new([]).unwrap());
        let uid = Tag::new(0x0008, 0x0018);
        let rows = Tag::new(0x0028, 0x0010);
        let sequence = Tag::new(0x0008, 0x1140);
        for (tag, treatment, is_fit) in [
            (uid, Treatment::Pseudonymize, true),
            (NAME, Treatment::Pseudonymize, true),
            (DATE, Treatment::Pseudonymize, false),
            (rows, Treatment::Pseudonymize, false),
            (sequence, Treatment::Pseudonymize, false),
            (DATE, Treatment::Shift, true),
            (NAME, Treatment::Shift, false),
            (sequence, Treatment::Shift, false),
            (DATE, text(), true),
            (uid, text(), true),
            (sequence, Treatment::ByConcept, true),
            (NAME, Treatment::ByConcept, false),
            (rows, text(), false),
            (sequence, table(), false),
            (NAME, table(), true),
            (sequence, Treatment::Blank, true),
            (rows, Treatment::Keep, true),
            (Tag::MEDIA_STORAGE_SOP_INSTANCE_UID, Treatment::Pseudonymize, true),
            (Tag::MEDIA_STORAGE_SOP_INSTANCE_UID, Treatment::Blank, false),
            (Tag::TRANSFER_SYNTAX_UID, Treatment::Pseudonymize, false),
            (Tag::new(0x0002, 0x0016), text(), true),
            (Tag::new(0x0029, 0x1010), Treatment::Shift, true), // of no known VR
        ] {
            let made = Rules::with([(Selector::Tag(tag), treatment.clone())]);
            assert_eq!(made.is_ok(), is_fit, "{tag} {treatment:?}: {made:?}");
        }
        for (treatment, is_fit) in
            [(Treatment::Shift, true), (Treatment::Blank, true), (Treatment::Pseudonymize, false)]
        {
            assert_eq!(Rules::with([(Selector::Dates, treatment)]).is_ok(), is_fit);
        }
    }
}
