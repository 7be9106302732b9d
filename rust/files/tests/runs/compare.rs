//! Two files are compared.

use crate::common::{COMMENTS, NAME, Scratch, blanked, cut, dicom, element, named, rules};
use dicomblank_files::{FileError, Keying, Verdict, Watch, compare};

#[test]
fn verdicts() {
    let scratch = Scratch::new();
    let with = |name: &[u8], comment: &[u8]| {
        dicom(&[element(NAME, "PN", name), element(COMMENTS, "LT", comment), element(NAME, "PN", name)])
    };
    let long =
        |byte| dicom(&[element(NAME, "PN", b"Doe^Jane"), element(crate::common::PIXELS, "OW", &vec![byte; 300_000])]);
    let long_blanked =
        |byte| dicom(&[element(NAME, "PN", b"        "), element(crate::common::PIXELS, "OW", &vec![byte; 300_000])]);
    // Behind the first piece that is read.
    let far = |name: &[u8], comment: &[u8]| {
        let opaque = element(crate::common::PRIVATE, "OB", &vec![3; 200_000]);
        dicom(&[opaque, element(NAME, "PN", name), element(COMMENTS, "LT", comment)])
    };
    let uncut = dicom(&[element(NAME, "PN", b"        "), element(COMMENTS, "LT", b"abcdef")]);
    let mut damaged = uncut.clone();
    let length = damaged.len() - 8;
    damaged[length] = 206; // 200 more than there are
    let unknown = |value| dicom(&[element(NAME, "UN", value)]);
    for (before, after, verdict, reason) in [
        // Nothing to blank is left in the second, which reads as an empty item; but it is not what the first was to become.
        (
            unknown(b"Doe^Jane"),
            unknown(b"\xFE\xFF\x00\xE0\x00\x00\x00\x00"),
            Verdict::Leak,
            Some("1 value left to blank"),
        ),
        (named(b"Doe^Jane"), blanked(8), Verdict::Ok, None),
        (blanked(8), blanked(8), Verdict::Ok, None),
        (long(1), long_blanked(1), Verdict::Ok, None),
        (
            named(b"Doe^Jane"),
            named(b"Doe^Jane"),
            Verdict::Leak,
            Some("1 value left to blank, the first is (0010,0010) at 0xb2"),
        ),
        (
            with(b"Doe^Jane", b"ab"),
            with(b"        ", b"aB"),
            Verdict::Changed,
            Some("a byte that was not to be blanked differs at 0xb9"),
        ),
        (long(1), long_blanked(2), Verdict::Changed, Some("a byte that was not to be blanked differs at 0xbc")),
        (far(b"Doe^Jane", b"ab"), far(b"        ", b"ab"), Verdict::Ok, None),
        (
            far(b"Doe^Jane", b"ab"),
            far(b"        ", b"aB"),
            Verdict::Changed,
            Some("a byte that was not to be blanked differs at 0x30e"),
        ),
        (named(b"Doe^Jane"), blanked(10), Verdict::Changed, Some("264 bytes, 262 before")),
        (cut(), cut(), Verdict::Unreadable, Some("before: the file is cut short, or a length in it is wrong at 0xb0")),
        (
            uncut.clone(),
            damaged,
            Verdict::Unreadable,
            Some("after: the file is cut short, or a length in it is wrong at"),
        ),
        (uncut.clone(), vec![b'x'; uncut.len()], Verdict::Unreadable, Some("after: not a DICOM file")),
        (vec![b'x'; uncut.len()], uncut.clone(), Verdict::Changed, Some("was not a DICOM file before")),
        (uncut, cut(), Verdict::Changed, Some("188 bytes, 190 before")),
        (blanked(8), b"hello".to_vec(), Verdict::Changed, Some("5 bytes, 262 before")),
        (b"hello".to_vec(), b"hello".to_vec(), Verdict::NotDicom, None),
        (b"hello".to_vec(), b"hella".to_vec(), Verdict::Changed, Some("a byte that was not to be blanked")),
    ] {
        let (before, after) = (scratch.write("before", &before), scratch.write("after", &after));
        let (found, why) = compare(&before, &after, &rules(), &Keying::none(), Watch::default()).unwrap();
        assert_eq!((found, why.is_some()), (verdict, reason.is_some()), "{why:?}");
        let why = why.map(|finding| finding.message).unwrap_or_default();
        assert!(why.starts_with(reason.unwrap_or_default()), "{why}, not {reason:?}");
    }
}

#[test]
fn a_missing_file_is_an_error() {
    let scratch = Scratch::new();
    let here = scratch.write("here", &blanked(8));
    assert!(compare(&here, &scratch.path("missing"), &rules(), &Keying::none(), Watch::default()).is_err());
    assert!(compare(&scratch.path("missing"), &here, &rules(), &Keying::none(), Watch::default()).is_err());
}

#[test]
fn a_comparison_can_be_given_up() {
    let scratch = Scratch::new();
    for bytes in [blanked(8), b"hello".to_vec()] {
        let here = scratch.write("here", &bytes);
        let found = compare(&here, &here, &rules(), &Keying::none(), Watch::when(|| true));
        assert!(matches!(found, Err(FileError::Interrupted)));
    }
}
