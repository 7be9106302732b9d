//! What a rewrite adds to a data set, and who says so (PS3.15 §E.1.1; PS3.7 §D.3.3.2).

use crate::encode::{element, framing};
use crate::error::ErrorKind;
use crate::syntax::Syntax;
use crate::tag::Tag;
use crate::vr::Vr;

/// An element to put into the data set itself, at its place in the order of tags. One that stands there with this tag
/// goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Insert {
    tag: Tag,
    /// Its bytes in each syntax, in the order of [`SYNTAXES`].
    written: [Box<[u8]>; 3],
}

const SYNTAXES: [Syntax; 3] = [Syntax::ImplicitLittle, Syntax::ExplicitLittle, Syntax::ExplicitBig];

impl Insert {
    /// An element with a text, which is padded to an even length. `None` where its VR is not one of text, or the text is
    /// not of printed characters of ASCII, or longer than a header can say; and for tags of groups 0000 to 0007, of FFFC
    /// on and of pixel data.
    #[must_use]
    pub fn text(tag: Tag, vr: Vr, text: &str) -> Option<Self> {
        let is_text = vr == Vr::UI || vr.padding().byte() == b' ';
        let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let mut value = text.as_bytes().to_vec();
        if value.len() % 2 == 1 {
            value.push(vr.padding().byte());
        }
        if is_text && is_plain {
            Self::with(tag, |syntax, bytes| element(tag, vr, &value, syntax, bytes))
        } else {
            None
        }
    }

    /// A sequence of these items, each with its elements, which are put into the order of tags. `None` for the tags of
    /// [`text`](Self::text), and where it is longer than a header can say.
    #[must_use]
    pub fn sequence(tag: Tag, mut items: Vec<Vec<Self>>) -> Option<Self> {
        for item in &mut items {
            item.sort_by_key(Self::tag);
        }
        Self::with(tag, |syntax, bytes| {
            let mut inside = Vec::new();
            for item in &items {
                let elements: Vec<u8> = item.iter().flat_map(|element| element.written(syntax)).copied().collect();
                framing(Tag::ITEM, &elements, syntax, &mut inside)?;
            }
            element(tag, Vr::SQ, &inside, syntax, bytes)
        })
    }

    fn with(tag: Tag, write: impl Fn(Syntax, &mut Vec<u8>) -> Result<(), ErrorKind>) -> Option<Self> {
        let mut written = SYNTAXES.map(|_| Vec::new());
        for (syntax, bytes) in SYNTAXES.into_iter().zip(&mut written) {
            write(syntax, bytes).ok()?;
        }
        may_be_added(tag).then(|| Self { tag, written: written.map(Vec::into) })
    }

    /// Its bytes, as it is written in `syntax`.
    pub(crate) const fn written(&self, syntax: Syntax) -> &[u8] {
        let [implicit, explicit, big] = &self.written;
        match syntax {
            Syntax::ImplicitLittle => implicit,
            Syntax::ExplicitLittle => explicit,
            Syntax::ExplicitBig => big,
        }
    }

    /// Its tag.
    #[must_use]
    pub const fn tag(&self) -> Tag {
        self.tag
    }
}

/// What a rewrite adds to a data set, and who says so in the file meta information.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Additions {
    pub(crate) implementation: Box<str>,
    pub(crate) version: Box<str>,
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

    /// The tags of what is added, sorted.
    pub fn tags(&self) -> impl Iterator<Item = Tag> + '_ {
        self.inserts.iter().map(Insert::tag)
    }

    /// Sorted by their tags, each once.
    pub(crate) fn inserts(&self) -> &[Insert] {
        &self.inserts
    }
}

fn may_be_added(tag: Tag) -> bool {
    (0x0008..0xFFFC).contains(&tag.group()) && !tag.is_pixel_data() && !tag.is_group_length()
}
