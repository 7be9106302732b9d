//! From the walk's events to fates: what the rules say of each element, wherever it stands.

use super::ahead::Ahead;
use super::content::is_value;
use super::dummy::{dummy, is_of_codes, is_of_structure, may_be_of_structure};
use super::fate::{Fate, Inherits};
use crate::audit::Once;
use crate::dictionary;
use crate::element::{Body, Element};
use crate::error::ErrorKind;
use crate::plan::{Action, ItemRef};
use crate::planner::{Blocks, Nest};
use crate::rules::{Block, Insert, Kind, OfClass, OfItem, Rule, Rules, Said, Type, block, kind};
use crate::source::{MAX_LEND, Source};
use crate::span::Span;
use crate::tag::Tag;
use crate::vr::Vr;
use crate::walk::Walker;

pub(super) struct Treater<'r> {
    rules: &'r Rules,
    /// The types of attributes in objects of this class, where they are known.
    types: Option<&'r OfClass>,
    /// Whether what can't be done twice was done.
    once: Once,
    /// Whether a type was asked for though the class is not known.
    is_class_missed: bool,
    inserts: &'r [Insert],
    /// What becomes of content items, and which private creators nothing needs.
    ahead: Ahead,
    nest: Nest<Inherits>,
    /// The way to an element whose type is asked for.
    way: Vec<Tag>,
    /// Who has reserved the private blocks, where rules ask for it.
    blocks: Blocks,
    /// Where the element taken last stands.
    item: ItemRef,
}

impl<'r> Treater<'r> {
    /// `class` is the UID of the object's class, where it is known, `ahead` is what rules have asked for, and `limit`
    /// is how many items may be listed.
    pub(super) fn new(rules: &'r Rules, once: Once, class: Option<&[u8]>, ahead: Ahead, limit: u32) -> Self {
        Self {
            rules,
            types: class.and_then(|class| rules.types().of_class(class)),
            once,
            is_class_missed: false,
            inserts: rules.inserts(),
            ahead,
            nest: Nest::new(limit),
            way: Vec::new(),
            blocks: Blocks::default(),
            item: ItemRef::ROOT,
        }
    }

    pub(super) fn nest(&mut self) -> &mut Nest<Inherits> {
        &mut self.nest
    }

    /// Whether it was not known what becomes of an element, since the class of the object is not.
    pub(super) const fn is_class_missed(&self) -> bool {
        self.is_class_missed
    }

    pub(super) fn into_nest(self) -> Nest<Inherits> {
        self.nest
    }

    /// The item that the element taken last stands in, where that does not stay.
    pub(super) const fn item(&self) -> ItemRef {
        self.item
    }

    /// The next element is inside `depth` sequences.
    #[inline]
    pub(super) fn come_to(&mut self, depth: usize) {
        self.nest.come_to(depth);
    }

    /// The fate of a value that is nothing else, at the depth last come to, where it is beyond doubt: it stays, goes with a
    /// sequence, or is removed or emptied by a rule on its tag in the data set itself.
    #[inline]
    pub(super) fn of_plain(&self, tag: Tag, vr: Vr) -> Option<Fate> {
        let is_root = self.nest.depth() == 0;
        match self.nest.around() {
            Inherits::Nothing | Inherits::Content(None) => {}
            Inherits::Gone => return Some(Fate::Gone),
            _ => return None,
        }
        if tag.is_group_length() || (is_root && self.is_inserted(tag)) {
            return None;
        }
        let Some(said) = self.rules.say(tag) else {
            let is_date = self.rules.shift_dates() && matches!(vr, Vr::DA | Vr::DT);
            return (!is_date).then_some(Fate::Stays);
        };
        match said {
            Said::Rule(rule) if is_root => self.of_plain_by(rule, tag),
            _ => None,
        }
    }

    fn of_plain_by(&self, rule: Rule, tag: Tag) -> Option<Fate> {
        let rule = match rule {
            Rule::ByType(number) => self.rules.by_type(number)?.rule(Some(self.types?.of(&[tag]))),
            rule => rule,
        };
        match rule {
            Rule::Remove => Some(Fate::Removed),
            Rule::Empty => Some(Fate::Emptied),
            _ => None,
        }
    }

    /// Whether a value that may be a sequence is treated whole, however its bytes can be read: where a rule on its own tag
    /// treats it, and the dictionary does not call it a sequence; or where it is in a sequence that goes.
    pub(super) fn takes_whole<S: Source>(
        &mut self,
        element: &Element,
        walker: &mut Walker<'_, S>,
    ) -> Result<bool, ErrorKind> {
        self.come_to(element.depth);
        if self.around() == Inherits::Gone || (element.depth == 0 && self.is_inserted(element.tag)) {
            return Ok(true);
        }
        let (rule, _) = self.asked(element, Span::of_value(element.header.end(), 0), walker)?;
        Ok(rule.is_some_and(Rule::is_edit) && dictionary::vr(element.tag) != Some(Vr::SQ))
    }

    /// The fate of an element; a sequence is open from here on.
    pub(super) fn take<S: Source>(&mut self, element: &Element, walker: &mut Walker<'_, S>) -> Result<Fate, ErrorKind> {
        self.come_to(element.depth);
        let (fate, opens) = self.fate(element, walker)?;
        if !matches!(fate, Fate::Stays | Fate::Gone) {
            self.item = self.nest.item()?;
        }
        if let Some(asked) = opens {
            self.nest.open(element.tag, fate.hands_on(asked));
        }
        Ok(fate)
    }

    /// The fate of an element; of a sequence, also what the rules ask for below it where it stays.
    fn fate<S: Source>(
        &mut self,
        element: &Element,
        walker: &mut Walker<'_, S>,
    ) -> Result<(Fate, Option<Inherits>), ErrorKind> {
        let fate = match element.body {
            Body::Value(value) => match self.value(element, value, walker)? {
                fate if fate.is_once() && self.once == Once::Done => Fate::Stays,
                fate => fate,
            },
            Body::Sequence(_) | Body::Fragments => {
                return self.sequence(element, walker).map(|(fate, asked)| (fate, Some(asked)));
            }
            Body::Item(_) => {
                self.blocks.begin_item(self.nest.depth());
                self.nest.begin_item();
                if let Inherits::Content(_) = self.nest.around() {
                    self.nest.hand_on(Inherits::Content(self.ahead.items.of(element)?));
                }
                match self.nest.around() {
                    Inherits::Content(Some(OfItem::Remove)) => Fate::Removed,
                    _ => self.framing(),
                }
            }
            Body::Fragment(_) => {
                self.nest.begin_item();
                match self.around() {
                    Inherits::Blank | Inherits::Dummy | Inherits::AllDummy => {
                        Fate::Edited(Action::Pad(element.vr.padding()))
                    }
                    Inherits::Gone | Inherits::Nothing | Inherits::Content(_) => self.framing(),
                }
            }
            // It can't be told which sequence it was meant to close, and so where that ends which is treated.
            Body::StrayDelimiter if self.nest.around() != Inherits::Nothing => return Err(ErrorKind::StrayDelimiter),
            Body::StrayDelimiter => Fate::Stays,
        };
        Ok((fate, None))
    }

    fn framing(&self) -> Fate {
        if self.around() == Inherits::Gone { Fate::Gone } else { Fate::Stays }
    }

    /// What elements inherit here.
    fn around(&self) -> Inherits {
        match self.nest.around() {
            Inherits::Content(Some(OfItem::Remove)) => Inherits::Gone,
            around => around,
        }
    }

    fn value<S: Source>(
        &mut self,
        element: &Element,
        value: Span,
        walker: &mut Walker<'_, S>,
    ) -> Result<Fate, ErrorKind> {
        let (tag, vr) = (element.tag, element.vr);
        if let Some(fate) = self.apart_from_rules(tag) {
            return Ok(fate);
        }
        let (rule, around) = self.asked(element, value, walker)?;
        let blank = Fate::Edited(Action::Pad(vr.padding()));
        Ok(match (rule, around) {
            (Some(Rule::Keep), _) | (None, Inherits::Nothing | Inherits::Content(_)) => Fate::Stays,
            (Some(Rule::Remove), _) => Fate::Removed,
            (Some(Rule::Empty), _) => Fate::Emptied,
            // In a blanked sequence nothing is replaced: less would be gone than was asked for.
            (Some(Rule::Blank), _) | (_, Inherits::Blank) => blank,
            // Nobody has asked for a value there.
            (None, Inherits::Dummy | Inherits::AllDummy) if value.is_empty() => Fate::Stays,
            (None, Inherits::Dummy | Inherits::AllDummy) if may_be_of_structure(tag, value.len()) => {
                let bytes = walker.lend(value).map_err(|_| ErrorKind::Unreadable)?;
                if is_of_structure(tag, bytes) { Fate::Stays } else { dummy(tag, vr, value.len()) }
            }
            (None, Inherits::Dummy | Inherits::AllDummy) | (Some(Rule::Dummy), _) => dummy(tag, vr, value.len()),
            (None, Inherits::Gone) => Fate::Gone,
            (Some(rule), _) => return replaced(rule, tag, vr, value),
        })
    }

    /// The fate of a sequence, and what the rules ask for below it where it stays.
    fn sequence<S: Source>(
        &mut self,
        element: &Element,
        walker: &mut Walker<'_, S>,
    ) -> Result<(Fate, Inherits), ErrorKind> {
        if let Some(fate) = self.apart_from_rules(element.tag) {
            return Ok((fate, Inherits::Gone));
        }
        let (rule, around) = self.asked(element, Span::of_value(element.header.end(), 0), walker)?;
        Ok(match rule {
            Some(Rule::Remove) => (Fate::Removed, Inherits::Gone),
            Some(Rule::Empty) => (Fate::Emptied, Inherits::Gone),
            Some(Rule::Keep) => (Fate::Stays, Inherits::Nothing),
            Some(Rule::Blank) => (Fate::Stays, Inherits::Blank),
            _ if around == Inherits::Blank => (Fate::Stays, Inherits::Blank),
            Some(Rule::Dummy) if is_of_codes(element.tag) => (Fate::DummyCode, Inherits::Gone),
            Some(Rule::Dummy) => (Fate::Stays, Inherits::Dummy),
            Some(Rule::ByConcept) if around == Inherits::Nothing => (Fate::Stays, Inherits::Content(None)),
            Some(Rule::ByConcept) => (Fate::Stays, around),
            Some(_) => return Err(ErrorKind::UnfitVr), // of a sequence there is no one value
            None if matches!(around, Inherits::Dummy | Inherits::AllDummy) && is_of_codes(element.tag) => {
                (Fate::DummyCode, Inherits::Gone)
            }
            None => (Fate::Stays, around),
        })
    }

    /// The fate of what goes, or stands to be replaced, whatever the rules say of it.
    fn apart_from_rules(&self, tag: Tag) -> Option<Fate> {
        let is_gone = self.around() == Inherits::Gone;
        // A group length counts bytes that are about to be others (PS3.5 §7.2).
        let is_replaced = tag.is_group_length() || (self.nest.depth() == 0 && self.is_inserted(tag));
        match (is_gone, is_replaced) {
            (true, _) => Some(Fate::Gone),
            (false, true) => Some(Fate::Removed),
            (false, false) => None,
        }
    }

    fn is_inserted(&self, tag: Tag) -> bool {
        self.inserts.iter().any(|insert| insert.tag() == tag)
    }

    /// The rule on an element, and what it inherits where there is none. `value` is that of a private creator.
    fn asked<S: Source>(
        &mut self,
        element: &Element,
        value: Span,
        walker: &mut Walker<'_, S>,
    ) -> Result<(Option<Rule>, Inherits), ErrorKind> {
        let rule = self.rule(element, value, walker)?;
        Ok(match self.around() {
            Inherits::Content(of) => in_content(of, rule, element),
            Inherits::AllDummy if !element.tag.is_private() => (None, Inherits::AllDummy),
            around => (rule, around),
        })
    }

    /// The rule on an element itself, by its type where that decides. `value` is that of a private creator.
    fn rule<S: Source>(
        &mut self,
        element: &Element,
        value: Span,
        walker: &mut Walker<'_, S>,
    ) -> Result<Option<Rule>, ErrorKind> {
        let Element { tag, vr, .. } = *element;
        let said = self.rules.say(tag).or_else(|| self.rules.say_of_date(tag, vr));
        let rule = match said {
            None => None,
            // It tells whose dates these are; it is a date itself in no file that is in order.
            Some(Said::Owner) => self.rules.say_of_date(tag, vr).and_then(|said| match said {
                Said::Rule(rule) => Some(rule),
                Said::AskCreator | Said::Owner => None,
            }),
            Some(Said::Rule(rule)) => Some(rule),
            Some(Said::AskCreator) => self.ask_creator(element, value, walker)?,
        };
        Ok(match rule {
            Some(Rule::ByType(number)) => {
                let by_type = self.rules.by_type(number).ok_or(ErrorKind::NotInTable)?;
                self.is_class_missed |= self.types.is_none();
                Some(by_type.rule(self.type_of(tag)))
            }
            rule => rule,
        })
    }

    /// The type of an element; `None` where the class of the object is not known.
    fn type_of(&mut self, tag: Tag) -> Option<Type> {
        let types = self.types?;
        self.way.clear();
        self.way.extend(self.nest.tags().chain([tag]));
        Some(types.of(&self.way))
    }

    #[cold]
    fn ask_creator<S: Source>(
        &mut self,
        element: &Element,
        value: Span,
        walker: &mut Walker<'_, S>,
    ) -> Result<Option<Rule>, ErrorKind> {
        let (tag, creators, depth) = (element.tag, self.rules.creators(), self.nest.depth());
        if let Some(Block::Creator(_)) = block(tag) {
            // No creator's name is longer than what can be lent, and none has items.
            let name = if value.len() <= MAX_LEND { walker.lend(value) } else { Ok(&[][..]) };
            let owners = creators.owners(tag.group(), name.map_err(|_| ErrorKind::Unreadable)?);
            self.blocks.reserve(creators, depth, tag, &owners)?;
            if self.ahead.idle.has(element.header.start()) {
                return Ok(self.rules.of_private());
            }
        }
        Ok(self.blocks.rule(creators, depth, tag, self.rules.of_private()))
    }
}

/// What is asked of an element of a content item, of which `of` becomes; `rule` is the one on the element itself.
fn in_content(of: Option<OfItem>, rule: Option<Rule>, element: &Element) -> (Option<Rule>, Inherits) {
    let is_sequence = matches!(element.body, Body::Sequence(_));
    let vr = dictionary::vr(element.tag).unwrap_or(element.vr);
    if !is_value(element.tag) {
        return (rule, Inherits::Nothing); // what hangs below an item is treated by its own concept name
    }
    match of {
        Some(OfItem::Dummy) => (None, Inherits::AllDummy),
        // Of a sequence, the rules say what of it is kept.
        Some(OfItem::Keep) if !is_sequence => (Some(Rule::Keep), Inherits::Nothing),
        Some(OfItem::Shift) if matches!(vr, Vr::DA | Vr::DT) => (Some(Rule::Shift), Inherits::Nothing),
        Some(OfItem::Shift) if vr == Vr::TM => (Some(Rule::Keep), Inherits::Nothing),
        _ => (rule, Inherits::Nothing),
    }
}

/// The fate of a value that becomes another one.
fn replaced(rule: Rule, tag: Tag, vr: Vr, value: Span) -> Result<Fate, ErrorKind> {
    if value.is_empty() && !matches!(rule, Rule::Set(_)) {
        return Ok(Fate::Stays); // nothing stands there that could become another value
    }
    Ok(match (rule, kind(rule, tag, vr).ok_or(ErrorKind::UnfitVr)?) {
        (Rule::Set(number), Kind::Text) => Fate::Set(number),
        (Rule::Map(number), Kind::Text) => Fate::Mapped(number),
        (_, Kind::Uid) => Fate::Edited(Action::Uid),
        (_, Kind::Date) => Fate::Edited(Action::Shift),
        (_, Kind::Identifier | Kind::Text) => Fate::Edited(Action::Identifier),
    })
}
