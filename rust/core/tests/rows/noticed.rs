//! What deliberate faults in the core changed, and no other row noticed. Where a stricter core may refuse a file as well, its row says
//! that the name is not left in silence, and no more.

use dicomblank_core::{ErrorKind, Limits, Tag};

use crate::build::*;
use crate::check::{blanks, marks, plan_of, refuses, rules};

/// Rows of (what, file): refused, or exactly the marked values are blanked.
fn leaves_no_name_in_silence<'a>(rows: impl IntoIterator<Item = (&'a str, Unit)>) {
    for (what, unit) in rows {
        if let Ok(plan) = plan_of(&unit.bytes, &rules([NAME], []), &Limits::default()) {
            assert_eq!(marks(plan.edits()), unit.marks, "{what}");
        }
    }
}

/// All frames around are asked whether one has a defined length, and what is said is said of the innermost.
#[test]
fn no_delimiter_before_a_defined_end_further_out() {
    let inside =
        |b: Build, depth: usize| (0..depth).fold(b.name(), |inside, _| b.seq(STUDY, Open, [b.item(Open, [inside])]));
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        for (depth, path) in [
            (1, "(0040,A730)[0].(0008,1110)[0]"),
            (2, "(0040,A730)[0].(0008,1110)[0].(0008,1110)[0]"),
            (3, "(0040,A730)[0].(0008,1110)[0].(0008,1110)[0].(0008,1110)[0]"),
        ] {
            let item = b.item(Open, [inside(b, depth)]);
            let unit = file(uid, [b.sex(), b.seq(CONTENT, Defined, [item]), b.name().faulty()]);
            rows.push(("undefined in a defined sequence", ErrorKind::MissingDelimiter, path, unit));
            let item = b.item(Defined, [inside(b, depth)]);
            let unit = file(uid, [b.sex(), b.seq(CONTENT, Open, [item]), b.sequence_delimiter().faulty()]);
            rows.push(("undefined in a defined item", ErrorKind::MissingDelimiter, path, unit));
        }
    }
    refuses(&rules([NAME], []), rows);
}

/// UN of defined length is implicit little endian (PS3.5 §6.2.2) where it can be: in the syntax of the file, the same bytes can hold one
/// value less. "LT" is half a length here, as long as the value behind it, which begins like an element of a VR that nobody knows.
#[test]
fn unknown_is_tried_as_implicit_first() {
    const LENGTH: u16 = u16::from_le_bytes(*b"LT");
    let behind = IL.name();
    let length = usize::from(LENGTH) - 8 + behind.len();
    let unknown = [EL.tag(PRIVATE), b"zz".to_vec(), EL.u16(u16::try_from(length).unwrap()).to_vec()].concat();
    let mut value = unknown;
    value.resize(usize::from(LENGTH), b'a');
    let item = || EL.item(Defined, [IL.el(TEXT, "", &value), IL.name()]);
    leaves_no_name_in_silence([(PRIVATE_2, "UN"), (UNLISTED, "UN"), (PRIVATE_2, "OB")].map(|(tag, letters)| {
        (letters, file(EL_UID, [EL.el(CHARSET, "CS", "ISO_IR 100"), EL.holds(tag, letters, Defined, [item()])]))
    }));
}

/// A transfer syntax is read at any length that a UID may have (PS3.5 §9.1), padding included, and at twice that.
#[test]
fn long_transfer_syntaxes() {
    let longest = "1.2.826.0.1.3680043.10.1234.567890123456789012345678901234567890";
    assert_eq!(longest.len(), 64);
    let private = EL.el(Tag::new(0x0009, 0x0010), "LO", "SOMEBODY"); // no listed element says what the syntax is
    blanks(
        &rules([NAME], []),
        ["1.2.826.0.1.3680043.10.511", longest].map(|uid| (uid, file(uid, [private.clone(), EL.name()]))),
    );
    let deflated = |length: usize| format!("{:\0<length$}", "1.2.840.10008.1.2.1.99");
    refuses(
        &rules([NAME], []),
        [24, 26, 64, 128].map(|length| {
            let unit = file(&deflated(length), [raw([0x4B, 0x4C, 0x04, 0x00]).faulty()]);
            ("deflated", ErrorKind::Deflated, "", unit)
        }),
    );
}

/// Every second number is a private tag's: only where it is higher than the first element's, it is a sign of a data set.
#[test]
fn a_private_element_out_of_order_is_no_sign_of_a_data_set() {
    for (b, _) in ALL {
        let bare = |tag| join([b.el(CHARSET, "LO", "ISO_IR 100"), b.el(tag, "LO", "text")]);
        let planned = |tag| plan_of(&bare(tag).bytes, &rules([NAME], []), &Limits::default());
        assert!(planned(Tag::new(0x0009, 0x0010)).is_ok());
        assert!(planned(Tag::new(0x0007, 0x0010)).is_err());
    }
}
