//! The head of a file, written anew: preamble, prefix, file meta information (PS3.10 §7.1; PS3.15 §E.1.1).

use crate::encode::element;
use crate::error::ErrorKind;
use crate::rules::Additions;
use crate::span::size_of_slice;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;

/// The head of a file: zeros, "DICM" and the file meta information, with nothing in it but what it has to say. `class`
/// and `instance` are the UIDs of the object, without padding; empty where there is none.
pub(super) fn head(
    additions: Option<&Additions>,
    (class, instance): (&[u8], &[u8]),
    transfer_syntax: &[u8],
) -> Result<Vec<u8>, ErrorKind> {
    const PREAMBLE: usize = 128;
    const UIDS: [u16; 3] = [0x0002, 0x0003, 0x0010];
    let mut group = Vec::with_capacity(512);
    let mut value = Vec::with_capacity(64);
    let mut add = |number: u16, vr: Vr, bytes: &[u8]| {
        value.clear();
        value.extend_from_slice(bytes);
        if value.len() % 2 == 1 {
            value.push(vr.padding().byte());
        }
        element(Tag::new(0x0002, number), vr, &value, Syntax::ExplicitLittle, &mut group)
    };
    add(0x0001, Vr::OB, &[0, 1])?;
    for (number, uid) in UIDS.into_iter().zip([class, instance, transfer_syntax]) {
        if !uid.is_empty() {
            add(number, Vr::UI, uid)?;
        }
    }
    if let Some(additions) = additions {
        add(0x0012, Vr::UI, additions.implementation.as_bytes())?;
        add(0x0013, Vr::SH, additions.version.as_bytes())?;
    }
    let length = u32::try_from(size_of_slice(&group)).map_err(|_| ErrorKind::LengthTooLarge)?;
    let mut head = Vec::with_capacity(1024);
    head.resize(PREAMBLE, 0);
    head.extend(b"DICM");
    element(Tag::new(0x0002, 0x0000), Vr::UL, &length.to_le_bytes(), Syntax::ExplicitLittle, &mut head)?;
    head.extend(group);
    Ok(head)
}
