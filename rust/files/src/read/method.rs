//! Whether a data set says that dicomblank has de-identified it: De-identification Method (PS3.3 §C.7.1.1).

use dicomblank_core::{Error, Limits, Source, Tag, stated};

/// De-identification Method.
pub(crate) const METHOD: Tag = Tag::new(0x0012, 0x0063);
/// How one of its values begins then, and goes on with a version.
const OURS: &[u8] = b"dicomblank ";

/// Whether `source` says so, which is not deflated.
///
/// # Errors
/// Where it can't be read as far as that.
pub(crate) fn is_ours<S: Source>(source: &mut S) -> Result<bool, Error> {
    stated(source, &[METHOD], &Limits::default()).map(|found| names_us(&found))
}

/// Whether one of these values of the element does.
pub(crate) fn names_us(found: &[Option<Vec<u8>>]) -> bool {
    let values = found.iter().flatten().flat_map(|bytes| bytes.split(|byte| *byte == b'\\'));
    values.map(<[u8]>::trim_ascii_start).any(|value| value.starts_with(OURS))
}

#[cfg(test)]
mod tests {
    use dicomblank_core::SliceSource;

    use super::*;

    #[test]
    fn one_of_the_values_names_us() {
        for (value, expected) in [
            (&b"dicomblank 1.0"[..], true),
            (b"others 2\\ dicomblank 1.0", true),
            (b"dicomblank", false),
            (b"like dicomblank 1.0 ", false),
            (b"", false),
        ] {
            let length = u8::try_from(value.len()).unwrap();
            let bytes = [b"\x12\0\x62\0CS\x04\0YES \x12\0\x63\0LO", &[length, 0][..], value].concat();
            assert_eq!(is_ours(&mut SliceSource::new(&bytes)), Ok(expected));
        }
    }
}
