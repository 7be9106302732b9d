//! The head of a file, written anew: preamble, prefix, file meta information (PS3.10 §7.1; PS3.15 §E.1.1).

use super::insert::{Insert, element};
use crate::error::ErrorKind;
use crate::span::size_of_slice;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;

/// What a rewrite adds to a data set, and who says so in the file meta information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Additions {
    implementation: Box<str>,
    version: Box<str>,
    inserts: Vec<Insert>,
}

impl Additions {
    /// `implementation` is an Implementation Class UID, `version` an Implementation Version Name (PS3.7 §D.3.3.2).
    ///
    /// `None` where the one is no UID, the other is empty, not of ASCII or longer than 16 characters, or two of
    /// `inserts` have one tag.
    #[must_use]
    pub fn new(implementation: &str, version: &str, mut inserts: Vec<Insert>) -> Option<Self> {
        let is_uid = (1..=64).contains(&implementation.len())
            && implementation.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
        let is_name = (1..=16).contains(&version.len()) && version.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        inserts.sort_by_key(Insert::tag);
        let are_others = inserts.is_sorted_by(|one, next| one.tag() < next.tag());
        (is_uid && is_name && are_others).then(|| Self {
            implementation: implementation.into(),
            version: version.into(),
            inserts,
        })
    }

    /// Sorted by their tags, each once.
    pub(super) fn inserts(&self) -> &[Insert] {
        &self.inserts
    }
}

/// The head of a file: zeros, "DICM" and the file meta information, with nothing in it but what it has to say. `class`
/// and `instance` are the UIDs of the object, without padding; empty where there is none.
pub(super) fn head(
    additions: &Additions,
    (class, instance): (&[u8], &[u8]),
    transfer_syntax: &[u8],
) -> Result<Vec<u8>, ErrorKind> {
    const PREAMBLE: usize = 128;
    const UIDS: [u16; 3] = [0x0002, 0x0003, 0x0010];
    let mut group = Vec::new();
    let mut add = |number: u16, vr: Vr, value: &[u8]| {
        let mut value = value.to_vec();
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
    add(0x0012, Vr::UI, additions.implementation.as_bytes())?;
    add(0x0013, Vr::SH, additions.version.as_bytes())?;
    let length = u32::try_from(size_of_slice(&group)).map_err(|_| ErrorKind::LengthTooLarge)?;
    let mut head = vec![0; PREAMBLE];
    head.extend(b"DICM");
    element(Tag::new(0x0002, 0x0000), Vr::UL, &length.to_le_bytes(), Syntax::ExplicitLittle, &mut head)?;
    head.extend(group);
    Ok(head)
}
