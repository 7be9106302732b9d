//! Where the data set begins and how it is written: preamble, prefix, file meta information (PS3.10 §7.1), or none of them.

use std::collections::BTreeSet;

use crate::element::Element;
use crate::error::{ErrorKind, RawError};
use crate::form::Form;
use crate::look::Look;
use crate::meta::{BEHIND_PREFIX, file_meta};
use crate::reading::{self, data_set_syntax, plausible_syntax};
use crate::rival;
use crate::source::Source;
use crate::span::Span;
use crate::syntax::{Syntax, TransferSyntax};
use crate::warning::Warnings;

/// How far into a source that can't be read as DICOM the prefix is looked for: some writers put other headers before the preamble.
const PREFIX_SEARCHED: u64 = 1024;

/// Where and how a data set begins.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    pub(crate) position: u64,
    pub(crate) syntax: Syntax,
    pub(crate) warnings: Warnings,
}

/// Finds the data set. The elements of the file meta information go into `elements`, if asked for.
pub(crate) fn start<S: Source>(look: &mut Look<'_, S>, elements: Option<&mut Vec<Element>>) -> Result<Start, RawError> {
    let head = match head(look)? {
        Head::None => return Err(not_dicom(look)?),
        Head::Bare(syntax) => return Ok(Start { position: 0, syntax, warnings: Warnings::default() }),
        Head::At(position) => position,
    };
    let meta = file_meta(look, head, elements)?;
    // "DICM" alone promises a data set that is not there. File meta information alone is a file without one.
    if head == BEHIND_PREFIX && meta.position == head && plausible_syntax(look, head)?.is_none() {
        return Err(ErrorKind::NoDataSet.at(head));
    }
    if meta.position == look.size() {
        return Ok(Start { position: meta.position, syntax: Syntax::ExplicitLittle, warnings: Warnings::default() });
    }
    let stated = match meta.transfer_syntax {
        Some(TransferSyntax::Deflated) => return Err(ErrorKind::Deflated.at(meta.position)),
        Some(TransferSyntax::Jpip) => return Err(ErrorKind::Jpip.at(meta.position)),
        Some(TransferSyntax::Plain(syntax)) => Some(syntax),
        None => None,
    };
    let (syntax, warnings) = data_set_syntax(look, meta.position, stated)?;
    if let Some(end) = meta.said_end.filter(|end| *end != meta.position) {
        // Some believe it: what they take for the data set begins somewhere else, or is read as file meta information is.
        let size = look.size();
        for at in [end, meta.position] {
            for form in [Form::of(syntax), Form::of(Syntax::ExplicitLittle)] {
                let shown = rival::shown(look, at, size, form, syntax)?;
                look.claim(shown, ErrorKind::AmbiguousFileMeta, head)?;
            }
        }
    }
    Ok(Start { position: meta.position, syntax, warnings })
}

/// The start of a data set that was deflated, at `position` of a source in which it is inflated. How the source begins is not asked
/// again: with other bytes behind it, the file meta information could seem to go on.
pub(crate) fn inflated<S: Source>(look: &mut Look<'_, S>, position: u64) -> Result<Start, RawError> {
    let (syntax, warnings) = data_set_syntax(look, position, Some(Syntax::ExplicitLittle))?;
    Ok(Start { position, syntax, warnings })
}

/// Where the file meta information, or a data set without it, begins.
enum Head {
    At(u64),
    /// With a data set that begins with nothing the dictionary has, and can be walked to its end in this syntax alone.
    Bare(Syntax),
    None,
}

fn head<S: Source>(look: &mut Look<'_, S>) -> Result<Head, RawError> {
    let size = look.size();
    let has_prefix = look.peek(BEHIND_PREFIX.saturating_sub(4), size)?.is_some_and(|bytes| bytes == *b"DICM");
    if has_prefix {
        // There all readers begin, except where they are told to look for a data set alone.
        return if is_data_set_before_prefix(look)? {
            Err(ErrorKind::AmbiguousStart.at(0))
        } else {
            Ok(Head::At(BEHIND_PREFIX))
        };
    }
    if plausible_syntax(look, 0)?.is_some() {
        return Ok(Head::At(0));
    }
    bare(look)
}

/// Whether elements follow each other from the first byte on, over the prefix, and come to a listed one.
fn is_data_set_before_prefix<S: Source>(look: &mut Look<'_, S>) -> Result<bool, RawError> {
    if look.behind_zeros(0, BEHIND_PREFIX)? >= BEHIND_PREFIX.saturating_sub(4) {
        return Ok(false); // as in nearly every file
    }
    let size = look.size();
    for form in Form::ALL {
        if rival::reaches(look, 0, BEHIND_PREFIX, form)?
            && !rival::shown(look, 0, size, form, Syntax::ImplicitLittle)?.is_empty()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A source without prefix, whose first element is none that the dictionary has: private, of a network's command (PS3.7 §6.3), or zeros where
/// a preamble was. Where a reader would come to a listed element, it is a data set: refused, unless there is one syntax only in which elements
/// follow each other to its end, and the walk in that comes to the same listed ones.
fn bare<S: Source>(look: &mut Look<'_, S>) -> Result<Head, RawError> {
    let size = look.size();
    let mut shown = Vec::new();
    // Behind a command, which is in implicit VR, some look at the syntax once more.
    let behind = reading::behind_command(look, 0)?;
    for form in Form::ALL {
        for at in BTreeSet::from([0, behind]) {
            shown.extend(rival::shown(look, at, size, form, Syntax::ImplicitLittle)?);
        }
    }
    if shown.is_empty() {
        return Ok(Head::None);
    }
    let mut whole = None;
    for form in Form::ALL {
        if rival::reaches(look, 0, size, form)? && whole.replace(form).is_some() {
            return Err(ErrorKind::NoDataSet.at(0));
        }
    }
    let syntax = whole.and_then(Form::syntax).ok_or(ErrorKind::NoDataSet.at(0))?;
    look.claim(shown, ErrorKind::NoDataSet, 0)?;
    Ok(Head::Bare(syntax))
}

/// What to say of a source in which no data set was found.
fn not_dicom<S: Source>(look: &mut Look<'_, S>) -> Result<RawError, RawError> {
    let searched = Span::between(0, look.size().min(PREFIX_SEARCHED)).ok_or(ErrorKind::Unreadable.at(0))?;
    let bytes = look.source.lend(searched).map_err(|_| ErrorKind::Unreadable.at(0))?;
    let found = bytes.windows(4).position(|window| window == b"DICM");
    Ok(match found {
        Some(at) => ErrorKind::NoDataSet.at(u64::try_from(at).unwrap_or(0)),
        None => ErrorKind::NotDicom.at(0),
    })
}
