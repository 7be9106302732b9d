//! From the walk's events to edits: which element the rules mean, where it is, and what becomes of it.

use super::blocks::Blocks;
use super::nest::{Inherited, Nest};
use super::owners::{Owners, Place};
use crate::dictionary;
use crate::element::{Body, Element, Event};
use crate::error::ErrorKind;
use crate::limits::Limits;
use crate::plan::{Action, Edit, Plan};
use crate::rules::{Block, Kind, Rule, Rules, Said, block, kind};
use crate::span::{Span, size_of_slice};
use crate::tag::Tag;
use crate::vr::Vr;
use crate::walk::Taker;
use crate::warning::Warnings;

pub(super) struct Planner<'r> {
    rules: &'r Rules,
    /// Whether dates are shifted: then more is looked at.
    shifts: bool,
    edits: Vec<Edit>,
    /// The sequences around the current element.
    nest: Nest<Inherited>,
    /// What to go back to when a value that is tried as a sequence turns out to be none, innermost last.
    marks: Vec<Mark>,
    opaque: u32,
    edits_left: u32,
    edits_limit: u32,
    /// Who has reserved the private blocks, where rules ask for it.
    blocks: Blocks,
    /// Where the value of the private creator stands that was taken last.
    reserved: Option<u64>,
    /// What tells whose the dates are, where rules shift them.
    owners: Owners,
    /// Whether a value becomes something else than padding.
    replaces: bool,
}

/// Why an element was not taken.
pub(super) enum Refusal {
    Error(ErrorKind),
    /// It is a private creator that a rule asks for: [`Planner::reserve`] takes its value, and then the element is
    /// taken.
    Creator,
    /// It was given out as what may be a sequence, and is to be taken as a value.
    Whole,
    /// It is a value that could not be walked as a sequence, and some reader may take it for one: it may stay only if
    /// nothing listed is in it.
    Opaque,
}

#[derive(Clone, Copy)]
struct Mark {
    edits: usize,
    items: usize,
    owners: usize,
    opaque: u32,
    edits_left: u32,
}

impl<'r> Planner<'r> {
    pub(super) fn new(rules: &'r Rules, limits: &Limits) -> Self {
        Self {
            rules,
            shifts: rules.shift_dates(),
            edits: Vec::new(),
            nest: Nest::new(limits.edits),
            marks: Vec::new(),
            opaque: 0,
            edits_left: limits.edits,
            edits_limit: limits.edits,
            blocks: Blocks::default(),
            reserved: None,
            owners: Owners::new(limits),
            replaces: false,
        }
    }

    /// Takes one event of the walk; where that goes wrong, says why and in which element.
    #[inline(always)]
    #[allow(clippy::inline_always)] // else every event goes through memory, which is half of what planning costs
    pub(super) fn take(&mut self, event: Event) -> Result<(), (Refusal, Element)> {
        let element = match event {
            Event::Element(element) => element,
            Event::Tried(element) if self.blanks_whole(&element) => return Err((Refusal::Whole, element)),
            Event::Tried(element) => {
                self.marks.push(self.mark());
                element
            }
            Event::TriedAgain(element) => {
                self.undo();
                self.marks.push(self.mark());
                element
            }
            Event::Opaque(element) => {
                self.undo();
                // Not where it is blanked: then what it holds is overwritten.
                self.come_to(element.depth);
                if self.inherited(element.tag) == Inherited::Nothing {
                    self.opaque = self.opaque.saturating_add(1);
                    // With another VR it is what that says.
                    if element.vr == Vr::UN {
                        return Err((Refusal::Opaque, element));
                    }
                }
                element
            }
            Event::Kept => {
                self.marks.pop();
                return Ok(());
            }
        };
        self.element(&element).map_err(|refusal| (refusal, element))
    }

    /// The next element is inside `depth` sequences.
    #[inline]
    pub(super) fn come_to(&mut self, depth: usize) {
        self.nest.come_to(depth);
    }

    #[inline]
    fn value(&mut self, said: Option<Said>, tag: Tag, vr: Vr, value: Span) -> Result<(), Refusal> {
        let blanks = match said {
            None if !(self.shifts && matches!(vr, Vr::DA | Vr::DT)) => self.nest.around() == Inherited::Blank,
            Some(Said::Rule(Rule::Blank)) if !self.shifts => true,
            _ => return self.named(said, tag, vr, value),
        };
        if blanks { self.blank(tag, vr, value).map_err(Refusal::Error) } else { Ok(()) }
    }

    /// Takes a value of which the rules say something else, or might.
    #[inline(never)] // else its caller is too large to be a part of the walk's loop
    fn named(&mut self, said: Option<Said>, tag: Tag, vr: Vr, value: Span) -> Result<(), Refusal> {
        if said == Some(Said::AskCreator) && self.is_new_creator(tag, value) {
            return Err(Refusal::Creator);
        }
        if self.rules.ask_owner(tag) {
            let place = self.nest.place();
            self.owners.take(place, tag, value).map_err(Refusal::Error)?;
        }
        let said = said.or_else(|| self.rules.say_of_date(tag, vr));
        let done = match (self.rule(said, tag), self.nest.around()) {
            (Some(Rule::Keep), _) | (None, Inherited::Nothing) => Ok(()),
            // In a blanked sequence nothing is replaced: less would be gone than was asked for.
            (Some(Rule::Blank), _) | (_, Inherited::Blank) => self.blank(tag, vr, value),
            (Some(rule), Inherited::Nothing) => self.replace(rule, tag, vr, value),
        };
        done.map_err(Refusal::Error)
    }

    /// Blanks a value that is no group length.
    #[inline(always)]
    #[allow(clippy::inline_always)] // a call for each edit
    fn blank(&mut self, tag: Tag, vr: Vr, value: Span) -> Result<(), ErrorKind> {
        if is_group_length(tag, vr, value) { Ok(()) } else { self.edit(tag, vr, value, Action::Pad(vr.padding())) }
    }

    /// Plans a value that becomes another one.
    #[cold]
    #[inline(never)]
    fn replace(&mut self, rule: Rule, tag: Tag, vr: Vr, value: Span) -> Result<(), ErrorKind> {
        let text = match rule {
            Rule::Set(number) => self.rules.text(number).map(|text| size_of_slice(text.bytes())),
            _ if value.is_empty() => return Ok(()), // nothing stands there that could become another value
            _ => None,
        };
        if let Some(by) = text.and_then(|text| text.checked_sub(value.len())).filter(|by| *by > 0) {
            return Err(ErrorKind::TextTooLong { by });
        }
        let action = match (rule, kind(rule, tag, vr).ok_or(ErrorKind::UnfitVr)?) {
            (Rule::Set(number), Kind::Text) => Action::Set(number),
            (Rule::Map(number), Kind::Text) => Action::Map(number),
            (_, Kind::Uid) => Action::Uid,
            (_, Kind::Date) => Action::Shift,
            (_, Kind::Identifier | Kind::Text) => Action::Identifier,
        };
        self.replaces = true;
        self.edit(tag, vr, value, action)
    }

    /// Whether a value that may be a sequence is written over whole, however its bytes can be read: where its own tag is
    /// listed, and the dictionary does not call it a sequence.
    fn blanks_whole(&mut self, element: &Element) -> bool {
        self.come_to(element.depth);
        let rule = self.rule(self.rules.say(element.tag), element.tag);
        rule.is_some_and(Rule::is_edit) && dictionary::vr(element.tag) != Some(Vr::SQ)
    }

    #[cold]
    #[inline(never)]
    fn is_new_creator(&self, tag: Tag, value: Span) -> bool {
        matches!(block(tag), Some(Block::Creator(_))) && self.reserved != Some(value.start())
    }

    /// Takes the value of a private creator; an empty one where it can't be a creator's.
    ///
    /// # Errors
    /// [`ErrorKind::AmbiguousCreator`].
    pub(super) fn reserve(&mut self, creator: &Element, value: &[u8]) -> Result<(), ErrorKind> {
        self.reserved = Some(creator.header.end());
        let creators = self.rules.creators();
        let owners = creators.owners(creator.tag.group(), value);
        self.blocks.reserve(creators, creator.depth, creator.tag, &owners)
    }

    /// The value of the last edit, where all of it becomes padding.
    #[inline]
    pub(super) fn last(&self) -> Option<Span> {
        self.edits.last().filter(|edit| matches!(edit.action(), Action::Pad(_))).map(Edit::span)
    }

    /// Takes an element of the file meta information, which has only values.
    ///
    /// # Errors
    /// Where there are too many edits.
    pub(super) fn take_meta(&mut self, element: &Element) -> Result<(), ErrorKind> {
        match (self.rules.say(element.tag), element.body) {
            (Some(Said::Rule(Rule::Blank)), Body::Value(value)) => {
                self.edit(element.tag, element.vr, value, Action::Pad(element.vr.padding()))
            }
            (Some(Said::Rule(rule)), Body::Value(value)) if rule.is_edit() => {
                self.replace(rule, element.tag, element.vr, value)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn finish(self, source_size: u64, warnings: Warnings) -> Plan {
        let Self { edits, nest, opaque, owners, replaces, .. } = self;
        Plan { edits, items: nest.items(), source_size, warnings, opaque, replaces, owners: owners.all() }
    }

    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn element(&mut self, element: &Element) -> Result<(), Refusal> {
        self.come_to(element.depth);
        match element.body {
            Body::Value(value) => self.value(self.rules.say(element.tag), element.tag, element.vr, value),
            Body::Sequence(_) | Body::Fragments => {
                let said = self.rules.say(element.tag);
                if said == Some(Said::AskCreator) {
                    self.reserve_by_items(element)?;
                }
                let rule = self.rule(said, element.tag);
                if rule.is_some_and(|rule| rule != Rule::Blank && rule.is_edit()) {
                    return Err(Refusal::Error(ErrorKind::UnfitVr)); // of a sequence there is no one value
                }
                let inherited = self.inherit(rule);
                self.nest.open(element.tag, inherited);
                Ok(())
            }
            Body::Item(_) => {
                self.begin_item();
                match self.nest.place() {
                    Some(place @ Place::Record(_)) if self.rules.ask_owner(Tag::RECORD_TYPE) => {
                        self.owners.take(Some(place), Tag::ITEM, element.header).map_err(Refusal::Error)
                    }
                    _ => Ok(()),
                }
            }
            Body::Fragment(value) => {
                self.begin_item();
                match self.inherited(Tag::ITEM) {
                    Inherited::Blank => self
                        .edit(element.tag, element.vr, value, Action::Pad(element.vr.padding()))
                        .map_err(Refusal::Error),
                    Inherited::Nothing => Ok(()),
                }
            }
            // It can't be told which sequence it was meant to close, and so where the blanking ends.
            Body::StrayDelimiter if self.nest.blanks() => Err(Refusal::Error(ErrorKind::StrayDelimiter)),
            Body::StrayDelimiter => Ok(()),
        }
    }

    /// What becomes of the element `tag` in the innermost open sequence.
    #[inline]
    fn inherited(&mut self, tag: Tag) -> Inherited {
        let rule = self.rule(self.rules.say(tag), tag);
        self.inherit(rule)
    }

    /// The same, given the rule on the element itself.
    #[inline]
    fn inherit(&self, rule: Option<Rule>) -> Inherited {
        match rule {
            Some(Rule::Blank) => Inherited::Blank,
            Some(_) => Inherited::Nothing,
            None => self.nest.around(),
        }
    }

    /// The rule on `tag` itself.
    #[inline]
    fn rule(&mut self, said: Option<Said>, tag: Tag) -> Option<Rule> {
        match said {
            None | Some(Said::Owner) => None,
            Some(Said::Rule(rule)) => Some(rule),
            Some(Said::AskCreator) => self.ask_creator(tag),
        }
    }

    /// A creator whose value is items names nobody.
    #[cold]
    #[inline(never)]
    fn reserve_by_items(&mut self, element: &Element) -> Result<(), Refusal> {
        match block(element.tag) {
            Some(Block::Creator(_)) => self.reserve(element, &[]).map_err(Refusal::Error),
            _ => Ok(()),
        }
    }

    #[cold]
    #[inline(never)]
    fn ask_creator(&mut self, tag: Tag) -> Option<Rule> {
        self.blocks.rule(self.rules.creators(), self.nest.depth(), tag, self.rules.of_private())
    }

    fn begin_item(&mut self) {
        self.blocks.begin_item(self.nest.depth());
        self.nest.begin_item();
    }

    fn edit(&mut self, tag: Tag, vr: Vr, value: Span, action: Action) -> Result<(), ErrorKind> {
        // An edit is never empty. No value is longer than 32 bits can say (PS3.5 §7.1.1).
        let Some(length) = u32::try_from(value.len()).ok().filter(|length| *length > 0) else {
            return Ok(());
        };
        self.edits_left = self.edits_left.checked_sub(1).ok_or(ErrorKind::TooManyEdits { limit: self.edits_limit })?;
        let item = self.nest.item()?;
        self.edits.push(Edit::new(tag, vr, value.start(), length, item, action));
        Ok(())
    }

    fn mark(&self) -> Mark {
        Mark {
            edits: self.edits.len(),
            items: self.nest.listed(),
            owners: self.owners.count(),
            opaque: self.opaque,
            edits_left: self.edits_left,
        }
    }

    /// Drops what came since the last mark.
    fn undo(&mut self) {
        if let Some(mark) = self.marks.pop() {
            self.edits.truncate(mark.edits);
            self.nest.truncate(mark.items);
            self.owners.truncate(mark.owners);
            self.opaque = mark.opaque;
            self.edits_left = mark.edits_left;
        }
    }
}

impl Taker for Planner<'_> {
    /// Takes an element that has a value and nothing more, at the depth last come to, and says whether it has. It has
    /// not where there are too many edits, and where a rule asks for the creator.
    #[inline(always)]
    #[allow(clippy::inline_always)] // a call for each would be a tenth of all instructions
    fn pass(&mut self, tag: Tag, vr: Vr, value: Span, _: &[u8]) -> bool {
        match self.rules.say(tag) {
            None if !self.shifts && self.nest.around() == Inherited::Nothing => true, // nearly every value of nearly every file
            Some(Said::AskCreator) => false,
            said => self.value(said, tag, vr, value).is_ok(),
        }
    }
}

/// Whether an element is a group length (PS3.5 §7.2), which counts bytes and is never blanked, and does not only have
/// the number of one.
fn is_group_length(tag: Tag, vr: Vr, value: Span) -> bool {
    tag.is_group_length() && vr == Vr::UL && value.len() == 4
}
