//! Values inside an element's bytes: what separates them, and what pads them (PS3.5 §6.2, §6.4).

/// Separates the values of an element.
const SEPARATOR: u8 = b'\\';

/// Begins an escape sequence, behind which letters and separators may be parts of other characters (PS3.5 §6.1.2.5).
pub(crate) const ESCAPE: u8 = 0x1B;

/// The values, padding included. There is always one, be it empty.
pub(crate) fn values(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == SEPARATOR)
}

/// The values, to be written over.
pub(crate) fn values_mut(bytes: &mut [u8]) -> impl Iterator<Item = &mut [u8]> {
    bytes.split_mut(|byte| *byte == SEPARATOR)
}

/// The text without the spaces before it, and without the spaces and zero bytes behind it. A zero byte is not what the
/// standard pads text with, but it is what some programs pad it with.
pub(crate) fn trim(value: &[u8]) -> &[u8] {
    let start = leading(value);
    value.get(start..trailing(value).max(start)).unwrap_or_default()
}

/// As [`trim`].
pub(crate) fn trim_mut(value: &mut [u8]) -> &mut [u8] {
    let start = leading(value);
    let end = trailing(value).max(start);
    value.get_mut(start..end).unwrap_or_default()
}

/// The text without the spaces and zero bytes behind it: a UID has its padding there alone (PS3.5 §9.1).
pub(crate) fn trim_end(value: &[u8]) -> &[u8] {
    value.get(..trailing(value)).unwrap_or_default()
}

/// The end of the text.
fn trailing(value: &[u8]) -> usize {
    value.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |last| last.saturating_add(1))
}

/// The start of the text.
fn leading(value: &[u8]) -> usize {
    value.iter().position(|byte| *byte != b' ').unwrap_or(value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding() {
        for (value, text, end) in [
            ("", "", ""),
            ("   ", "", ""),
            ("\0", "", ""),
            ("  \0", "", ""),
            (" \0 a \0 ", "\0 a", " \0 a"),
            ("  1 2 ", "1 2", "  1 2"),
            ("12", "12", "12"),
            ("1\0\0", "1", "1"),
        ] {
            assert_eq!(trim(value.as_bytes()), text.as_bytes(), "{value:?}");
            assert_eq!(trim_mut(&mut value.as_bytes().to_vec()), text.as_bytes(), "{value:?}");
            assert_eq!(trim_end(value.as_bytes()), end.as_bytes(), "{value:?}");
        }
    }
}
