//! Transfer syntaxes, as far as they shape headers (PS3.5 §10, PS3.6 §A).

/// How the headers of one frame are written. It belongs to the frame and not to the file: a value of VR UN holds
/// implicit little endian inside an explicit file (PS3.5 §6.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// Implicit VR, little endian (PS3.5 §A.1).
    ImplicitLittle,
    /// Explicit VR, little endian (PS3.5 §A.2).
    ExplicitLittle,
    /// Explicit VR, big endian (PS3.5 §A.3, retired).
    ExplicitBig,
}

impl Syntax {
    /// Two bytes as an unsigned number.
    #[must_use]
    pub const fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::ImplicitLittle | Self::ExplicitLittle => u16::from_le_bytes(bytes),
            Self::ExplicitBig => big_u16(bytes),
        }
    }

    /// Four bytes as an unsigned number.
    #[must_use]
    pub const fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::ImplicitLittle | Self::ExplicitLittle => u32::from_le_bytes(bytes),
            Self::ExplicitBig => big_u32(bytes),
        }
    }
}

// Big endian was retired in 2006. Marked as cold, so that the compiler does not work out both orders of each number.

#[cold]
const fn big_u16(bytes: [u8; 2]) -> u16 {
    u16::from_be_bytes(bytes)
}

#[cold]
const fn big_u32(bytes: [u8; 4]) -> u32 {
    u32::from_be_bytes(bytes)
}

/// What a Transfer Syntax UID says of the data set behind the file meta information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferSyntax {
    /// The headers can be walked as they stand.
    Plain(Syntax),
    /// The whole data set is deflated explicit little endian (PS3.5 §A.5).
    Deflated,
    /// The whole data set is deflated, too, and its pixels are somewhere else, at an address that it states (PS3.5
    /// §A.7).
    Jpip,
}

impl TransferSyntax {
    /// From the UID's value as it stands in the file, padding included; `None` for an empty one. An unknown one is
    /// explicit little endian, as PS3.5 §A.4 asks of every encapsulated syntax.
    #[must_use]
    pub fn from_uid(value: &[u8]) -> Option<Self> {
        Some(match trim_end(value) {
            b"" => return None,
            // The second is GE's private one: its pixels are big endian, its headers are not.
            b"1.2.840.10008.1.2" | b"1.2.840.113619.5.2" => Self::Plain(Syntax::ImplicitLittle),
            b"1.2.840.10008.1.2.2" => Self::Plain(Syntax::ExplicitBig),
            b"1.2.840.10008.1.2.1.99" => Self::Deflated,
            b"1.2.840.10008.1.2.4.95" | b"1.2.840.10008.1.2.4.205" => Self::Jpip,
            _ => Self::Plain(Syntax::ExplicitLittle),
        })
    }
}

/// What a value of (0002,0010) says, and how surely: readers differ in where a UID ends that other bytes follow than
/// the padding of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stated {
    Nothing,
    /// A UID alone.
    Clearly(TransferSyntax),
    /// Something else, but no reading of it is a deflated syntax: the data set itself tells how it is written.
    Unclearly,
}

impl Stated {
    /// From the value, padding included; `None` where it can be read as a deflated syntax and as another one.
    pub(crate) fn from_value(value: &[u8]) -> Option<Self> {
        let uid = trim_end(value);
        if uid.iter().all(|byte| is_of_uid(*byte)) {
            return Some(TransferSyntax::from_uid(uid).map_or(Self::Nothing, Self::Clearly));
        }
        let is_plain = |uid| matches!(TransferSyntax::from_uid(uid), None | Some(TransferSyntax::Plain(_)));
        // Each run of characters that a UID may have: a reader may skip what is in front of it, and cut off what is
        // behind it.
        uid.split(|byte| !is_of_uid(*byte)).all(is_plain).then_some(Self::Unclearly)
    }
}

/// Whether a UID may hold the byte (PS3.5 §9.1).
const fn is_of_uid(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'.')
}

/// Without what pads a UID: NUL by the standard, spaces by mistake.
fn trim_end(mut uid: &[u8]) -> &[u8] {
    while let [head @ .., b'\0' | b' '] = uid {
        uid = head;
    }
    uid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_as_files_write_them() {
        for (expected, value) in [
            (Some(TransferSyntax::Plain(Syntax::ImplicitLittle)), &b"1.2.840.10008.1.2\0"[..]),
            (Some(TransferSyntax::Plain(Syntax::ImplicitLittle)), b"1.2.840.113619.5.2"),
            (Some(TransferSyntax::Plain(Syntax::ExplicitLittle)), b"1.2.840.10008.1.2.1\0 \0"),
            (Some(TransferSyntax::Plain(Syntax::ExplicitBig)), b"1.2.840.10008.1.2.2"),
            (Some(TransferSyntax::Deflated), b"1.2.840.10008.1.2.1.99"),
            (Some(TransferSyntax::Jpip), b"1.2.840.10008.1.2.4.95\0"),
            (Some(TransferSyntax::Jpip), b"1.2.840.10008.1.2.4.205"),
            // Deflated image frames are encapsulated: their headers stand as they are.
            (Some(TransferSyntax::Plain(Syntax::ExplicitLittle)), b"1.2.840.10008.1.2.8.1\0"),
            (Some(TransferSyntax::Plain(Syntax::ExplicitLittle)), b"1.2.3"),
            (None, b" \0"),
            (None, b""),
        ] {
            assert_eq!(TransferSyntax::from_uid(value), expected);
        }
    }
}
