//! From the walk's events to edits: which element the rules mean, where it is, and what becomes of it.

use super::blocks::Blocks;
use crate::dictionary;
use crate::element::{Body, Element, Event};
use crate::error::ErrorKind;
use crate::limits::Limits;
use crate::plan::{Edit, Item, ItemRef, Plan};
use crate::rules::{Block, Rule, Rules, Said, block};
use crate::span::Span;
use crate::tag::Tag;
use crate::vr::Vr;
use crate::walk::Taker;
use crate::warning::Warnings;

pub(super) struct Planner<'r> {
    rules: &'r Rules,
    edits: Vec<Edit>,
    items: Vec<Item>,
    /// The sequences around the current element, outermost first.
    open: Vec<Open>,
    /// What to go back to when a value that is tried as a sequence turns out to be none, innermost last.
    marks: Vec<Mark>,
    opaque: u32,
    edits_left: u32,
    edits_limit: u32,
    /// Who has reserved the private blocks, where rules ask for it.
    blocks: Blocks,
    /// Where the value of the private creator stands that was taken last.
    reserved: Option<u64>,
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

/// A sequence that is open, and its current item.
#[derive(Clone, Copy)]
struct Open {
    sequence: Tag,
    /// Items begun.
    begun: u32,
    /// The current item, once an edit in it has asked.
    item: Option<ItemRef>,
    inherited: Inherited,
}

/// What the elements of a sequence inherit from the rules on the sequences around them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inherited {
    Blank,
    Nothing,
}

#[derive(Clone, Copy)]
struct Mark {
    edits: usize,
    items: usize,
    opaque: u32,
    edits_left: u32,
}

impl<'r> Planner<'r> {
    pub(super) fn new(rules: &'r Rules, limits: &Limits) -> Self {
        Self {
            rules,
            edits: Vec::new(),
            items: Vec::new(),
            open: Vec::new(),
            marks: Vec::new(),
            opaque: 0,
            edits_left: limits.edits,
            edits_limit: limits.edits,
            blocks: Blocks::default(),
            reserved: None,
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
                self.open.truncate(element.depth);
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
        if self.open.len() > depth {
            self.open.truncate(depth); // a call, for what seldom happens
        }
    }

    #[inline]
    fn value(&mut self, said: Option<Said>, tag: Tag, vr: Vr, value: Span) -> Result<(), Refusal> {
        if said == Some(Said::AskCreator) && self.is_new_creator(tag, value) {
            return Err(Refusal::Creator);
        }
        match self.inherit(said, tag) {
            Inherited::Blank if !is_group_length(tag, vr, value) => self.blank(tag, vr, value).map_err(Refusal::Error),
            _ => Ok(()),
        }
    }

    /// Whether a value that may be a sequence is blanked whole, however its bytes can be read: where its own tag is
    /// listed, and the dictionary does not call it a sequence.
    fn blanks_whole(&mut self, element: &Element) -> bool {
        self.come_to(element.depth);
        let rule = self.rule(self.rules.say(element.tag), element.tag);
        rule == Some(Rule::Blank) && dictionary::vr(element.tag) != Some(Vr::SQ)
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

    /// The value of the last edit.
    #[inline]
    pub(super) fn last(&self) -> Option<Span> {
        self.edits.last().map(Edit::span)
    }

    /// Takes an element of the file meta information, which has only values.
    ///
    /// # Errors
    /// Where there are too many edits.
    pub(super) fn take_meta(&mut self, element: &Element) -> Result<(), ErrorKind> {
        match (self.rules.say(element.tag), element.body) {
            (Some(Said::Rule(Rule::Blank)), Body::Value(value)) => self.blank(element.tag, element.vr, value),
            _ => Ok(()),
        }
    }

    pub(super) fn finish(self, source_size: u64, warnings: Warnings) -> Plan {
        Plan { edits: self.edits, items: self.items, source_size, warnings, opaque: self.opaque }
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
                let inherited = self.inherit(said, element.tag);
                self.open.push(Open { sequence: element.tag, begun: 0, item: None, inherited });
                Ok(())
            }
            Body::Item(_) => {
                self.begin_item();
                Ok(())
            }
            Body::Fragment(value) => {
                self.begin_item();
                match self.inherited(Tag::ITEM) {
                    Inherited::Blank => self.blank(element.tag, element.vr, value).map_err(Refusal::Error),
                    Inherited::Nothing => Ok(()),
                }
            }
            // It can't be told which sequence it was meant to close, and so where the blanking ends.
            Body::StrayDelimiter if self.open.iter().any(|open| open.inherited == Inherited::Blank) => {
                Err(Refusal::Error(ErrorKind::StrayDelimiter))
            }
            Body::StrayDelimiter => Ok(()),
        }
    }

    /// What becomes of the element `tag` in the innermost open sequence.
    #[inline]
    fn inherited(&mut self, tag: Tag) -> Inherited {
        self.inherit(self.rules.say(tag), tag)
    }

    /// The same, given what the rules say of the tag alone.
    #[inline]
    fn inherit(&mut self, said: Option<Said>, tag: Tag) -> Inherited {
        match self.rule(said, tag) {
            Some(Rule::Blank) => Inherited::Blank,
            Some(Rule::Keep) => Inherited::Nothing,
            None => self.open.last().map_or(Inherited::Nothing, |open| open.inherited),
        }
    }

    /// The rule on `tag` itself.
    #[inline]
    fn rule(&mut self, said: Option<Said>, tag: Tag) -> Option<Rule> {
        match said {
            None => None,
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
        self.blocks.rule(self.rules.creators(), self.open.len(), tag)
    }

    fn begin_item(&mut self) {
        self.blocks.begin_item(self.open.len());
        if let Some(open) = self.open.last_mut() {
            open.begun = open.begun.saturating_add(1);
            open.item = None;
        }
    }

    fn blank(&mut self, tag: Tag, vr: Vr, value: Span) -> Result<(), ErrorKind> {
        // An edit is never empty. No value is longer than 32 bits can say (PS3.5 §7.1.1).
        let Some(length) = u32::try_from(value.len()).ok().filter(|length| *length > 0) else {
            return Ok(());
        };
        self.edits_left = self.edits_left.checked_sub(1).ok_or(ErrorKind::TooManyEdits { limit: self.edits_limit })?;
        let item = self.item()?;
        self.edits.push(Edit::new(tag, vr, value.start(), length, item));
        Ok(())
    }

    /// The current item. It and those around it are listed when the first edit in it asks.
    fn item(&mut self) -> Result<ItemRef, ErrorKind> {
        let known = self.open.iter().rposition(|open| open.item.is_some());
        let mut item = known.and_then(|index| self.open.get(index)?.item).unwrap_or(ItemRef::ROOT);
        let unknown = known.map_or(0, |index| index.saturating_add(1));
        for open in self.open.get_mut(unknown..).unwrap_or_default() {
            let next = Item { parent: item, sequence: open.sequence, index: open.begun.saturating_sub(1) };
            // Items are paid for as edits are: a chain of deep ones must not outgrow them.
            item = ItemRef::next(self.items.len(), self.edits_limit)
                .ok_or(ErrorKind::TooManyEdits { limit: self.edits_limit })?;
            self.items.push(next);
            open.item = Some(item);
        }
        Ok(item)
    }

    fn mark(&self) -> Mark {
        Mark { edits: self.edits.len(), items: self.items.len(), opaque: self.opaque, edits_left: self.edits_left }
    }

    /// Drops what came since the last mark.
    fn undo(&mut self) {
        if let Some(mark) = self.marks.pop() {
            self.edits.truncate(mark.edits);
            self.items.truncate(mark.items);
            self.opaque = mark.opaque;
            self.edits_left = mark.edits_left;
            for open in &mut self.open {
                // An item around the tried value may have been listed inside the try.
                open.item = open.item.filter(|item| item.index().is_some_and(|index| index < mark.items));
            }
        }
    }
}

impl Taker for Planner<'_> {
    /// Takes an element that has a value and nothing more, at the depth last come to, and says whether it has. It has
    /// not where there are too many edits, and where a rule asks for the creator.
    #[inline(always)]
    #[allow(clippy::inline_always)] // a call for each would be a tenth of all instructions
    fn pass(&mut self, tag: Tag, vr: Vr, value: Span) -> bool {
        let said = self.rules.say(tag);
        said != Some(Said::AskCreator) && self.value(said, tag, vr, value).is_ok()
    }
}

/// Whether an element is a group length (PS3.5 §7.2), which counts bytes and is never blanked, and does not only have
/// the number of one.
fn is_group_length(tag: Tag, vr: Vr, value: Span) -> bool {
    tag.is_group_length() && vr == Vr::UL && value.len() == 4
}
