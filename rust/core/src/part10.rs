//! The beginning of a DICOM file (PS3.10 §7.1): preamble, prefix, file meta information, or none of them, and how the
//! data set behind is written.

use std::collections::BTreeSet;

use crate::element::Element;
use crate::error::{ErrorKind, RawError};
use crate::form::Form;
use crate::look::Look;
use crate::mark::is_mark;
use crate::meta::{BEHIND_PREFIX, file_meta};
use crate::reading::{self, data_set_syntax, plausible_syntax};
use crate::rival;
use crate::source::Source;
use crate::span::Span;
use crate::syntax::{Syntax, TransferSyntax};
use crate::warning::Warnings;

/// How far the prefix is looked for in a source that can't be read as DICOM: some writers put other headers in front of
/// the preamble.
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
    // Behind "DICM" alone there has to be a data set. A file with file meta information may have none.
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
        // Some readers believe it: for them the data set begins there, or what stands there belongs to the file meta
        // information.
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

/// The start of a data set that was deflated, at `position` of a source in which it is inflated. How the source begins
/// is not asked again: with inflated bytes behind it, the file meta information could seem to go on.
pub(crate) fn inflated<S: Source>(look: &mut Look<'_, S>, position: u64) -> Result<Start, RawError> {
    let (syntax, warnings) = data_set_syntax(look, position, Some(Syntax::ExplicitLittle))?;
    Ok(Start { position, syntax, warnings })
}

/// Where the file meta information, or a data set without it, begins.
enum Head {
    At(u64),
    /// A data set, from the first byte on, whose first element is not in the dictionary. In this syntax alone elements
    /// follow each other to its end.
    Bare(Syntax),
    None,
}

fn head<S: Source>(look: &mut Look<'_, S>) -> Result<Head, RawError> {
    let size = look.size();
    let has_prefix = look.peek(BEHIND_PREFIX.saturating_sub(4), size)?.is_some_and(|bytes| bytes == *b"DICM");
    if has_prefix {
        // All readers begin there, except where they are told to look for a data set alone.
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
    let behind = look.behind_zeros(0, BEHIND_PREFIX)?;
    if behind >= BEHIND_PREFIX.saturating_sub(4) {
        return Ok(false); // a preamble of zeros, as in nearly every file
    }
    if look.peek::<8>(behind, BEHIND_PREFIX)?.is_some_and(|bytes| is_mark(&bytes)) {
        return Ok(false); // our own mark, over which no element leads
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

/// A source without prefix, whose first element is not in the dictionary: private, a network command's (PS3.7 §6.3), or
/// zeros where a preamble was. Where a reader would come to a listed element, it is a data set. Then it is refused,
/// unless elements follow each other to its end in one syntax only, and the walk in that one comes to the same listed
/// elements.
fn bare<S: Source>(look: &mut Look<'_, S>) -> Result<Head, RawError> {
    let size = look.size();
    let mut shown = Vec::new();
    // Behind a command, which is in implicit VR, some readers look at the syntax once more.
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
