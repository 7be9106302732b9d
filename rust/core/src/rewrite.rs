//! Rewrites: what becomes of a source where elements are removed, emptied, given dummies or added, so that its length
//! changes.
//!
//! ```text
//! Walker ──► Treater ──► Fate ──► Splicer ──► Rewrite ──► Pieces ──► a new file
//!            (rules)    (of each  (spans and  (no value   (values read,  (copy this span,
//!                       element)   lengths)    read)       keyed)         write these bytes)
//!                            └──► Side by side ◄── the new file, walked as well
//! ```
//!
//! What keeps its length is an edit as in every plan. What changes it is a splice: bytes of the source that go, and what
//! is written there. The items and sequences around get their new lengths; undefined ones stay undefined. Group lengths
//! go, and the head of a file is written anew. All else is copied, the pixels above all.
//!
//! Removing is final: in a sequence that is removed or emptied nothing stays, kept or not. In one that is blanked, what
//! is kept stays, as in every plan. A kept sequence stays, and below it only what has a rule of its own is treated.

mod ahead;
mod check;
mod content;
mod dummy;
mod fate;
mod finder;
mod frame;
mod head;
mod idle;
mod pieces;
mod rewritten;
mod settled;
mod splice;
mod splicer;
mod stated;
mod told;
mod treater;
mod way;

pub use self::check::check_rewrite;
pub use self::pieces::{Piece, Pieces};
pub use self::rewritten::Rewritten;
pub use self::settled::Compared;
pub use self::splice::Done;
use self::splice::Splices;
use self::splicer::{Said, Splicer};
pub use self::stated::{stated, stated_inflated};
use self::way::{Begin, Class, MEDIA_CLASS, Way, follow, located};
use crate::audit::Once;
use crate::element::{Body, Element};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::plan::{Plan, path_of};
use crate::rules::Rules;
use crate::source::Source;
use crate::span::Span;
use crate::survey::NewHead;
use crate::syntax::{Syntax, TransferSyntax};
use crate::tag::{Step, Tag, TagPath};
use crate::walk::Walker;
use crate::warning::Warning;

/// What becomes of one source. No value was read for it but private creators, the class of the object, and values that a
/// table maps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// What keeps its length.
    plan: Plan,
    /// Whether what can't be done twice was done before, and stays.
    once: Once,
    splices: Splices,
    /// Where the data set begins; 0 for one without a head.
    data_set: u64,
    transfer_syntax: Vec<u8>,
    /// The class of the object, by which types were looked up.
    object: Option<Vec<u8>>,
    class: Option<Said>,
    instance: Option<Said>,
    /// Behind the last element.
    end: u64,
    is_inflated: bool,
}

/// One element that becomes something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its tag; (FFFE,E000) for a fragment, and for a content item.
    pub tag: Tag,
    /// What is done, in one word, which is that of the rule.
    pub word: &'static str,
    /// The bytes of the source that it is about.
    pub span: Span,
    /// The way to it.
    pub tag_path: TagPath,
}

/// Walks the whole data set of `source`, and says what becomes of it by `rules` of any kind. `once` says whether what can't
/// be done twice was done: that stays then.
///
/// # Errors
/// [`Error`] where the source is no DICOM, can't be walked to its end, costs more than `limits`, is a DICOMDIR, or has
/// something that can't be given a new length.
pub fn rewrite<S: Source>(source: &mut S, rules: &Rules, once: Once, limits: &Limits) -> Result<Rewrite, Error> {
    rewrite_by(source, (rules, once, limits), &|source, listed, meta| {
        Walker::with_meta(source, listed, limits, Some(meta))
    })
}

/// As [`rewrite`], of a deflated file whose data set is inflated in `source` and begins at `data_set`: see
/// [`Walker::inflated`]. All offsets count in the inflated form.
///
/// # Errors
/// [`Error`] as for [`rewrite`].
pub fn rewrite_inflated<S: Source>(
    source: &mut S,
    data_set: u64,
    rules: &Rules,
    once: Once,
    limits: &Limits,
) -> Result<Rewrite, Error> {
    let rewrite = rewrite_by(source, (rules, once, limits), &|source, listed, meta| {
        Walker::inflated_with_meta(source, data_set, listed, limits, Some(meta))
    })?;
    Ok(Rewrite { is_inflated: true, ..rewrite })
}

fn rewrite_by<S: Source>(
    source: &mut S,
    (rules, once, limits): (&Rules, Once, &Limits),
    begin: Begin<'_, S>,
) -> Result<Rewrite, Error> {
    crate::mark::check_whole(source)?;
    let mut way = Way::begin(source, (rules, once, limits), Class::Asked, begin)?;
    let (data_set, mut syntax) = (way.walker.position(), way.walker.syntax());
    let transfer_syntax = transfer_syntax(&way.meta, syntax, &mut way.walker)?;
    if data_set == way.walker.size() {
        // There is no element that tells.
        syntax = match TransferSyntax::from_uid(&transfer_syntax) {
            Some(TransferSyntax::Plain(stated)) => stated,
            _ => Syntax::ExplicitLittle,
        };
    }
    let mut splicer = Splicer::new(rules, limits, data_set, syntax);
    let (size, opaque) = (way.walker.size(), follow(&mut way, &mut splicer)?);
    splicer.finish(size).map_err(|(kind, place)| located(place.unwrap_or((size, Vec::new())), kind))?;
    let (end, of_media) = (splicer.end(), way.meta.iter().find(|element| element.tag == MEDIA_CLASS));
    let class = splicer.class.or(of_media.and_then(|element| match element.body {
        Body::Value(value) => Some(Said::Source(value)),
        _ => None,
    }));
    let Splicer { splices, edits, owners, instance, .. } = splicer;
    let object = way.class.take();
    let replaces = edits.iter().any(|edit| edit.padded().is_none());
    let mut warnings = way.walker.warnings();
    if way.treater.is_class_missed() {
        warnings.add(Warning::UnknownClass);
    }
    let items = way.treater.into_nest().items();
    let plan = Plan { edits, items, source_size: size, warnings, opaque, replaces, owners };
    Ok(Rewrite { plan, once, splices, data_set, transfer_syntax, object, class, instance, end, is_inflated: false })
}

impl Rewrite {
    /// What becomes of the values that keep their length, and what was noticed in the source.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether the result has a head, and so room for a mark.
    #[must_use]
    pub const fn has_head(&self) -> bool {
        self.data_set > 0
    }

    /// The head that the result has, and what of the old one it repeats.
    #[must_use]
    pub const fn new_head(&self) -> NewHead {
        NewHead { old: self.data_set, repeats_instance: matches!(self.instance, Some(Said::Source(_))) }
    }

    /// What becomes of elements, in the order of the source; not what only follows from it: new lengths, group lengths
    /// and the head. What goes with a sequence is not told by itself.
    pub fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        let mut edits = self.plan.edits().iter().peekable();
        let mut splices = self.splices.all().iter().filter(|splice| is_told(splice.tag, splice.done)).peekable();
        core::iter::from_fn(move || {
            let is_edit = match (edits.peek(), splices.peek()) {
                (Some(edit), Some(splice)) => edit.span().start() < splice.start,
                (edit, _) => edit.is_some(),
            };
            if is_edit {
                let edit = edits.next()?;
                let tag_path = self.plan.tag_path(edit);
                return Some(Change { tag: edit.tag(), word: edit.action().word(), span: edit.span(), tag_path });
            }
            let splice = splices.next()?;
            let span = Span::between(splice.start, splice.end)?;
            let tag_path = path_of(&self.plan.items, splice.tag, splice.item);
            Some(Change { tag: splice.tag, word: splice.done.word(), span, tag_path })
        })
    }

    /// What the splice writes that begins at `start` and takes bytes away.
    fn written_at(&self, start: u64) -> Option<&[u8]> {
        let all = self.splices.all();
        let place = all.partition_point(|splice| (splice.start, splice.end) <= (start, start));
        let splice = all.get(place).filter(|splice| splice.start == start)?;
        Some(self.splices.written(splice))
    }

    /// An error of the whole.
    fn failed(&self, kind: ErrorKind) -> Error {
        Error { kind, offset: self.data_set, tag_path: TagPath::default() }
    }
}

fn is_told(tag: Tag, done: Done) -> bool {
    done != Done::Length && !tag.is_group_length()
}

/// The transfer syntax that the result states: what the source states, or where it states none, how it is written.
fn transfer_syntax<S: Source>(meta: &[Element], syntax: Syntax, walker: &mut Walker<'_, S>) -> Result<Vec<u8>, Error> {
    let stated = meta.iter().find(|element| element.tag == Tag::TRANSFER_SYNTAX_UID);
    if let Some(Element { body: Body::Value(value), header, .. }) = stated {
        let here = |kind| {
            let tag_path = [Step { tag: Tag::TRANSFER_SYNTAX_UID, item: None }].into_iter().collect();
            Error { kind, offset: header.start(), tag_path }
        };
        let bytes = walker.lend(*value).map_err(|_| here(ErrorKind::Unreadable))?;
        let uid = crate::rules::unpadded(bytes);
        // In other bytes than a UID's: what the walk has made of it can't be stated.
        if !uid.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.')) {
            return Err(here(ErrorKind::AmbiguousTransferSyntax));
        }
        if !uid.is_empty() {
            return Ok(uid.to_vec());
        }
    }
    Ok(match syntax {
        Syntax::ImplicitLittle => b"1.2.840.10008.1.2".to_vec(),
        Syntax::ExplicitLittle => b"1.2.840.10008.1.2.1".to_vec(),
        Syntax::ExplicitBig => b"1.2.840.10008.1.2.2".to_vec(),
    })
}
