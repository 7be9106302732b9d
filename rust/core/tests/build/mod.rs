//! Bytes from typed units: elements, items, delimiters, fragments and file heads, in each of the three syntaxes.
//!
//! A unit remembers which values a row wants blanked, and with what byte, and where a row expects the fault. Nothing here is shared
//! with the core but `Tag` and `Syntax`, so that what a row expects is not computed by what it tests.
#![allow(dead_code)] // shared by two test programs, neither of which uses all of it

use core::ops::Range;

use dicomblank_core::{Syntax, Tag};

pub const NAME: Tag = Tag::new(0x0010, 0x0010); // Patient's Name, PN
pub const ID: Tag = Tag::new(0x0010, 0x0020); // Patient ID, LO
pub const BIRTH: Tag = Tag::new(0x0010, 0x0030); // Patient's Birth Date, DA
pub const SEX: Tag = Tag::new(0x0010, 0x0040); // Patient's Sex, CS
pub const CHARSET: Tag = Tag::new(0x0008, 0x0005); // Specific Character Set, CS
pub const TYPE: Tag = Tag::new(0x0008, 0x0008); // Image Type, CS
pub const INSTANCE: Tag = Tag::new(0x0008, 0x0018); // SOP Instance UID, UI
pub const MODALITY: Tag = Tag::new(0x0008, 0x0060); // Modality, CS
pub const STUDY: Tag = Tag::new(0x0008, 0x1110); // Referenced Study Sequence, SQ
pub const OTHER_IDS: Tag = Tag::new(0x0010, 0x1002); // Other Patient IDs Sequence, SQ
pub const CONTENT: Tag = Tag::new(0x0040, 0xA730); // Content Sequence, SQ
pub const ICON: Tag = Tag::new(0x0088, 0x0200); // Icon Image Sequence, SQ
pub const ROWS: Tag = Tag::new(0x0028, 0x0010); // Rows, US
pub const TEXT: Tag = Tag::new(0x0040, 0xA160); // Text Value, UT
pub const UNLISTED: Tag = Tag::new(0x0010, 0x0011); // no such public element
pub const PRIVATE: Tag = Tag::new(0x0029, 0x1010);
pub const PRIVATE_2: Tag = Tag::new(0x0029, 0x1020);
pub const CREATOR: Tag = Tag::new(0x0029, 0x0010);
pub const PIXELS: Tag = Tag::new(0x7FE0, 0x0010); // Pixel Data, OB or OW
pub const PADDING: Tag = Tag::new(0xFFFC, 0xFFFC); // Data Set Trailing Padding, OB

pub const IL_UID: &str = "1.2.840.10008.1.2";
pub const EL_UID: &str = "1.2.840.10008.1.2.1";
pub const EB_UID: &str = "1.2.840.10008.1.2.2";
pub const JPEG_UID: &str = "1.2.840.10008.1.2.4.50";

/// Implicit VR little endian.
pub const IL: Build = Build(Syntax::ImplicitLittle);
/// Explicit VR little endian.
pub const EL: Build = Build(Syntax::ExplicitLittle);
/// Explicit VR big endian.
pub const EB: Build = Build(Syntax::ExplicitBig);
/// Each with its transfer syntax.
pub const ALL: [(Build, &str); 3] = [(IL, IL_UID), (EL, EL_UID), (EB, EB_UID)];

/// The VRs of PS3.5 Table 7.1-1, whose length has 32 bits behind two reserved bytes.
const LONG: [&str; 13] = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];

/// Where a value is blanked, and the byte that it becomes.
pub type Mark = (Range<usize>, u8);

/// Some bytes, and what a row says of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unit {
    pub bytes: Vec<u8>,
    /// Values to blank, each with the byte they become; in order, none of them empty.
    pub marks: Vec<Mark>,
    /// Where the fault is expected.
    pub fault: Option<usize>,
    /// Where the value of the unit's own element stands.
    pub value: Range<usize>,
}

impl Unit {
    /// This element's value must become spaces.
    pub fn spaces(self) -> Self {
        self.mark(b' ')
    }

    /// This element's value must become NULs.
    pub fn nuls(self) -> Self {
        self.mark(0)
    }

    /// This element's value must become padding: `letters` is the VR in which it stands.
    pub fn padded(self, letters: &str) -> Self {
        self.mark(padding(letters))
    }

    fn mark(mut self, byte: u8) -> Self {
        if !self.value.is_empty() {
            self.marks = vec![(self.value.clone(), byte)];
        }
        self
    }

    /// The fault is expected at the first byte of this unit.
    pub fn faulty(self) -> Self {
        self.faulty_at(0)
    }

    /// The fault is expected at this byte of the unit.
    pub fn faulty_at(mut self, at: usize) -> Self {
        self.fault = Some(at);
        self
    }

    /// Without the last `count` bytes.
    pub fn cut(mut self, count: usize) -> Self {
        self.bytes.truncate(self.bytes.len() - count);
        self
    }

    /// The bytes as they must be afterwards.
    pub fn blanked(&self) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        for (span, byte) in &self.marks {
            bytes[span.clone()].fill(*byte);
        }
        bytes
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// The byte that pads a value of this VR (PS3.5 §6.2): text is written here once more than in the core, on purpose.
pub fn padding(letters: &str) -> u8 {
    let text = ["AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UR", "UT"]
        .contains(&letters);
    if text { b' ' } else { 0 }
}

/// Units one after the other.
pub fn join(units: impl IntoIterator<Item = Unit>) -> Unit {
    let mut whole = Unit::default();
    for unit in units {
        let start = whole.bytes.len();
        whole.bytes.extend(unit.bytes);
        whole.marks.extend(unit.marks.into_iter().map(|(span, byte)| (span.start + start..span.end + start, byte)));
        if let Some(fault) = unit.fault {
            assert_eq!(whole.fault.replace(fault + start), None, "a row has one fault");
        }
    }
    whole
}

/// Bytes as they are.
pub fn raw(bytes: impl AsRef<[u8]>) -> Unit {
    Unit { bytes: bytes.as_ref().to_vec(), ..Unit::default() }
}

/// An element with a header as it is.
pub fn raw_element(header: &[u8], value: &[u8]) -> Unit {
    Unit { bytes: [header, value].concat(), value: header.len()..header.len() + value.len(), ..Unit::default() }
}

pub fn zeros(count: usize) -> Unit {
    raw(vec![0; count])
}

/// What a length field says and what delimits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Len {
    /// The length of what is inside.
    Defined,
    /// Undefined, and a delimiter.
    Undefined,
    /// Undefined, and no delimiter.
    Open,
    /// The length of what is inside, and a delimiter behind it all the same.
    Both,
    /// This one, whatever is inside.
    Claims(u32),
}
pub use Len::{Both, Claims, Defined, Open, Undefined};

/// How headers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Build(pub Syntax);

impl Build {
    pub fn u16(self, number: u16) -> [u8; 2] {
        if self.0 == Syntax::ExplicitBig { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    pub fn u32(self, number: u32) -> [u8; 4] {
        if self.0 == Syntax::ExplicitBig { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    /// Group and element number.
    pub fn tag(self, tag: Tag) -> Vec<u8> {
        [self.u16(tag.group()), self.u16(tag.element())].concat()
    }

    /// A header that states `length`; implicit VR leaves the letters away.
    pub fn header(self, tag: Tag, letters: &str, length: u32) -> Vec<u8> {
        let mut bytes = self.tag(tag);
        if self.0 != Syntax::ImplicitLittle {
            bytes.extend(letters.as_bytes());
            if !LONG.contains(&letters) {
                let length = u16::try_from(length).expect("this VR has 16 bits of length");
                bytes.extend(self.u16(length));
                return bytes;
            }
            bytes.extend([0, 0]); // reserved
        }
        bytes.extend(self.u32(length));
        bytes
    }

    /// An element with a value.
    pub fn el(self, tag: Tag, letters: &str, value: impl AsRef<[u8]>) -> Unit {
        let length = u32::try_from(value.as_ref().len()).expect("a value is shorter than 4 GiB");
        self.claim(tag, letters, length, value)
    }

    /// An element that states another length than its value has.
    pub fn claim(self, tag: Tag, letters: &str, length: u32, value: impl AsRef<[u8]>) -> Unit {
        raw_element(&self.header(tag, letters, length), value.as_ref())
    }

    /// A name that must become spaces.
    pub fn name(self) -> Unit {
        self.el(NAME, "PN", "Doe^Jane").spaces()
    }

    /// An element that no row blanks unless it is inside a blanked sequence.
    pub fn sex(self) -> Unit {
        self.el(SEX, "CS", "F ")
    }

    /// An element whose value is made of units.
    pub fn holds(self, tag: Tag, letters: &str, len: Len, inside: impl IntoIterator<Item = Unit>) -> Unit {
        let inside = join(inside);
        let header = raw(self.header(tag, letters, stated(len, inside.len())));
        let start = header.len();
        let end = start + inside.len();
        let delimiter = if matches!(len, Undefined | Both) { self.sequence_delimiter() } else { Unit::default() };
        Unit { value: start..end, ..join([header, inside, delimiter]) }
    }

    /// A sequence.
    pub fn seq(self, tag: Tag, len: Len, items: impl IntoIterator<Item = Unit>) -> Unit {
        self.holds(tag, "SQ", len, items)
    }

    /// An item (PS3.5 §7.5): never a VR.
    pub fn item(self, len: Len, elements: impl IntoIterator<Item = Unit>) -> Unit {
        let inside = join(elements);
        let header = self.framing(Tag::ITEM, stated(len, inside.len()));
        let delimiter = if matches!(len, Undefined | Both) { self.item_delimiter() } else { Unit::default() };
        join([header, inside, delimiter])
    }

    /// A header of group FFFE.
    pub fn framing(self, tag: Tag, length: u32) -> Unit {
        raw([self.tag(tag), self.u32(length).to_vec()].concat())
    }

    pub fn item_delimiter(self) -> Unit {
        self.framing(Tag::ITEM_DELIMITER, 0)
    }

    pub fn sequence_delimiter(self) -> Unit {
        self.framing(Tag::SEQUENCE_DELIMITER, 0)
    }

    /// Encapsulated pixel data (PS3.5 §A.4): the first fragment is the offset table. `Undefined` or `Open`.
    pub fn fragments(self, len: Len, fragments: impl IntoIterator<Item = Unit>) -> Unit {
        self.holds(PIXELS, "OB", len, fragments)
    }

    pub fn fragment(self, bytes: impl AsRef<[u8]>) -> Unit {
        self.item(Defined, [raw(bytes)])
    }

    /// Pixel data as it is.
    pub fn pixels(self) -> Unit {
        self.el(PIXELS, "OW", [7; 32])
    }
}

fn stated(len: Len, inside: usize) -> u32 {
    match len {
        Defined | Both => u32::try_from(inside).expect("a value is shorter than 4 GiB"),
        Undefined | Open => 0xFFFF_FFFF,
        Claims(length) => length,
    }
}

/// 128 bytes that begin with `bytes`, and "DICM" (PS3.10 §7.1).
pub fn preamble(bytes: impl AsRef<[u8]>) -> Unit {
    let mut preamble = bytes.as_ref().to_vec();
    preamble.resize(128, 0);
    join([raw(preamble), raw("DICM")])
}

/// A UID of even length.
pub fn uid(uid: &str) -> Vec<u8> {
    let mut value = uid.as_bytes().to_vec();
    if value.len() % 2 == 1 {
        value.push(0);
    }
    value
}

/// What (0002,0000) says.
#[derive(Clone, Copy, Debug)]
pub enum GroupLength {
    Right,
    None,
    Says(u32),
}

/// File meta information that states `transfer_syntax`.
pub fn meta(transfer_syntax: &str) -> Unit {
    meta_in(EL, GroupLength::Right, transfer_syntax)
}

pub fn meta_in(build: Build, group_length: GroupLength, transfer_syntax: &str) -> Unit {
    let rest = join([
        build.el(Tag::new(0x0002, 0x0001), "OB", [0, 1]), // version
        build.el(Tag::new(0x0002, 0x0002), "UI", uid("1.2.840.10008.5.1.4.1.1.4")), // SOP class
        build.el(Tag::TRANSFER_SYNTAX_UID, "UI", uid(transfer_syntax)),
        build.el(Tag::new(0x0002, 0x0012), "UI", uid("1.2.3.4")), // implementation
    ]);
    let length = match group_length {
        GroupLength::Right => u32::try_from(rest.len()).expect("short"),
        GroupLength::Says(length) => length,
        GroupLength::None => return rest,
    };
    join([build.el(Tag::new(0x0002, 0x0000), "UL", build.u32(length)), rest])
}

/// A file of Part 10: preamble, prefix, file meta information, data set.
pub fn file(transfer_syntax: &str, elements: impl IntoIterator<Item = Unit>) -> Unit {
    join([preamble([]), meta(transfer_syntax), join(elements)])
}

/// One file in each syntax.
pub fn in_each(elements: impl Fn(Build) -> Vec<Unit>) -> impl Iterator<Item = Unit> {
    ALL.into_iter().map(move |(build, uid)| file(uid, elements(build)))
}
