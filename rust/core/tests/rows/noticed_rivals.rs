//! Each way that a rival reading can lead to a name, and what leads to none: what deliberate faults in following it changed.

use dicomblank_core::{ErrorKind, Tag};

use crate::build::*;
use crate::check::{blanks, refuses, rules};

/// Whether a reading of `inside` shows a name; where it does, its first unit that is faulty.
type Row = (&'static str, bool, Unit);

fn name(b: Build) -> Unit {
    b.el(NAME, "PN", "Roe^Mary").faulty()
}

/// An element with other letters than its own.
fn lettered(mut unit: Unit, letters: [u8; 2]) -> Unit {
    unit.bytes[4..6].copy_from_slice(&letters);
    unit
}

/// What stands before a name in explicit VR, and whether a reader comes to the name.
fn rows(b: Build) -> Vec<Row> {
    let text = |length: usize| raw(vec![b'a'; length]);
    let then = |unit: Unit| join([unit, name(b)]);
    let item = || b.item(Defined, [name(b)]);
    let mut rows = vec![
        ("at once", true, name(b)),
        ("empty", false, Unit { fault: None, ..b.el(NAME, "PN", "") }),
        ("as UN", true, b.el(NAME, "UN", "Roe^Mary").faulty()),
        ("behind zeros", true, then(zeros(16))),
        ("behind many zeros", true, then(zeros(4096 + 64))),
        ("behind another element", true, then(b.sex())),
        ("behind one of long length", true, then(b.el(TEXT, "UT", "text"))),
        ("behind one that is longer than all", false, join([b.claim(TEXT, "UT", 1 << 20, ""), b.sex()])),
        ("in a sequence", true, b.seq(CONTENT, Defined, [item()])),
        ("in one of undefined length", true, b.seq(CONTENT, Undefined, [item()])),
        ("behind a sequence", true, then(b.seq(CONTENT, Defined, [b.item(Defined, [b.sex()])]))),
        ("behind one of undefined length", true, then(b.seq(CONTENT, Undefined, [b.item(Undefined, [b.sex()])]))),
        ("in a sequence that is longer than all", true, b.seq(CONTENT, Claims(1 << 20), [item()])),
        ("in a private one that is longer than all", true, b.seq(PRIVATE, Claims(1 << 20), [item()])),
        ("in UN that is a sequence, longer than all", true, b.holds(CONTENT, "UN", Claims(1 << 20), [item()])),
        ("in one of a VR of the future", true, lettered(b.seq(CONTENT, Claims(1 << 20), [item()]), *b"ZZ")),
        ("in a sequence without an item", true, b.seq(PRIVATE, Defined, [text(8), name(b)])),
        ("in UN that is a sequence, without an item", true, b.holds(CONTENT, "UN", Defined, [text(8), name(b)])),
        ("in a private value", true, b.holds(PRIVATE, "UN", Defined, [item()])),
        ("in an unlisted one", true, b.holds(UNLISTED, "UN", Defined, [item()])),
        ("in UN that is a sequence", true, b.holds(CONTENT, "UN", Defined, [item()])),
        ("behind UN that holds none", true, then(b.el(PRIVATE, "UN", "plainly text"))),
        ("in UN of undefined length", true, b.holds(PRIVATE, "UN", Undefined, [item()])),
        ("behind bytes up to a delimiter", true, then(b.holds(PRIVATE, "OB", Undefined, [text(10)]))),
        ("behind bytes up to a second one", true, {
            then(join([10, 20].map(|length| b.holds(PRIVATE, "OB", Undefined, [text(length)]))))
        }),
        ("behind text up to a delimiter", true, then(b.holds(PRIVATE, "UN", Undefined, [text(5000)]))),
        ("behind an item", true, then(b.item(Defined, [text(8)]))),
        ("in an item", true, item()),
        ("behind an item's delimiter", true, then(b.item_delimiter())),
        ("behind a delimiter", true, then(b.sequence_delimiter())),
        ("behind a VR of the future", true, then(lettered(b.el(PRIVATE, "OB", "text"), *b"ZZ"))),
        ("behind a short one", true, then(lettered(b.el(PRIVATE, "LO", "text"), *b"ZZ"))),
        ("behind small letters", true, then(lettered(b.el(PRIVATE, "LO", "text"), *b"zz"))),
        ("behind spaces", true, then(lettered(b.el(PRIVATE, "LO", "text"), *b"  "))),
    ];
    // A delimiter is looked for in pieces of 4096 bytes: it may stand in two of them.
    rows.extend((4088..=4100).map(|length| {
        ("behind a delimiter in two pieces", true, then(b.holds(PRIVATE, "OB", Undefined, [text(length)])))
    }));
    let held = |unit: Unit| Unit { fault: None, ..unit };
    let delimiter_in_bytes = || b.holds(PRIVATE, "OB", Defined, [b.sequence_delimiter(), name(b)]);
    rows.extend([
        ("in bytes", false, held(b.holds(PRIVATE, "OB", Defined, [item()]))),
        ("behind a delimiter in bytes of an item", false, {
            held(b.seq(CONTENT, Undefined, [b.item(Undefined, [delimiter_in_bytes()])]))
        }),
        ("behind a delimiter in bytes of an item in UN", false, {
            held(b.holds(PRIVATE, "UN", Undefined, [b.item(Undefined, [delimiter_in_bytes()])]))
        }),
        ("in text that begins with no item", false, held(b.holds(PRIVATE, "UN", Defined, [text(8), name(b)]))),
        ("in UN that is no sequence", false, held(b.holds(TYPE, "UN", Defined, [item()]))),
        ("in a sequence of spaces that is longer than all", false, {
            held(lettered(b.seq(CONTENT, Claims(1 << 20), [item()]), *b"  "))
        }),
        ("behind a long length without letters", false, held(then(lettered(b.el(PRIVATE, "OB", "texttext"), [1, 3])))),
        ("no delimiter", false, held(b.holds(PRIVATE, "OB", Open, [text(10), name(b)]))),
    ]);
    if b == EL {
        rows.push(("behind one in implicit VR", true, then(IL.el(MODALITY, "", "MR"))));
        // One letter is no VR of the future.
        let length = usize::from(b'M');
        rows.push(("behind one whose length is a letter", true, then(IL.el(MODALITY, "", vec![b'a'; length]))));
        let length = usize::from(u16::from_le_bytes(*b"AA"));
        let bytes = b.holds(PRIVATE, "OB", Defined, [text(length - 12), name(b)]);
        rows.push(("behind one whose length is two letters", false, {
            held(join([raw([b.tag(MODALITY), b"AA\0\0".to_vec()].concat()), bytes]))
        }));
    }
    rows
}

/// A data set in implicit VR whose first length spells a VR of no bytes: in explicit VR, its value is elements.
#[test]
fn in_explicit_vr_among_implicit() {
    let spelled = usize::from(u16::from_le_bytes(*b"LO"));
    let whole = |inside: Unit| {
        let rest = spelled - inside.len();
        file(IL_UID, [IL.holds(CHARSET, "", Defined, [inside, raw(vec![b'a'; rest])]), IL.name()])
    };
    let mut all = rows(EL);
    all.push((
        "behind an item's delimiter, as around",
        true,
        join([EL.item_delimiter(), IL.el(NAME, "", "Roe^Mary").faulty()]),
    ));
    check(all, ErrorKind::AmbiguousSyntax, whole);
}

/// An unknown VR that is read as one of long length, and ends in a value then.
#[test]
fn in_the_syntax_of_the_file() {
    for (b, uid) in [(EL, EL_UID), (EB, EB_UID)] {
        let unknown = |length: u32| lettered(b.el(PRIVATE, "LO", [&b.u32(length)[..], b"text"].concat()), *b"zz");
        let whole = |inside: Unit| {
            // The long value begins 4 bytes behind the short one, and behind that one is a header of 12 bytes.
            let value = b.holds(PRIVATE_2, "OB", Defined, [inside, raw(vec![b'a'; 8])]);
            file(uid, [b.sex(), unknown(4 + 12), value, b.name()])
        };
        let mut all = rows(b);
        // The length of UN reads as a tag. With no length in front of it that is an element.
        let length = usize::try_from(u32::from(NAME)).unwrap();
        let mut value = b.name().bytes[4..].to_vec();
        value.resize(length, b'a');
        all.push(("in the length of UN", false, b.el(PRIVATE, "UN", value)));
        if b == EB {
            // UN may hold items in little endian.
            let item = join([IL.framing(Tag::ITEM, 0x18), name(EB)]);
            all.push(("in UN of another order", true, EB.holds(PRIVATE, "UN", Defined, [item])));
        }
        check(all, ErrorKind::AmbiguousVr, whole);
    }
}

fn check(rows: Vec<Row>, kind: ErrorKind, whole: impl Fn(Unit) -> Unit) {
    let (shown, hidden): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, is_shown, _)| *is_shown);
    refuses(&rules([NAME], []), shown.into_iter().map(|(what, _, unit)| (what, kind, "", whole(unit))));
    blanks(&rules([NAME], []), hidden.into_iter().map(|(what, _, unit)| (what, whole(unit))));
}

/// A data set alone that begins with a private element, where one syntax only shows a name: it is walked in that.
#[test]
fn a_bare_data_set_of_one_syntax() {
    let private = |b: Build| b.el(Tag::new(0x0009, 0x0010), "LO", "SOMEBODY");
    for b in [EL, EB] {
        let bare = |last: Unit| join([private(b), b.name(), last]);
        blanks(
            &rules([NAME], []),
            [("to its end", bare(b.sex())), ("with zeros behind it", join([private(b), b.name()]))],
        );
        let kind = ErrorKind::NoDataSet;
        let cut = |count| join([private(b).faulty(), b.name(), b.sex().cut(count)]);
        refuses(&rules([NAME], []), [1, 2, 3, 9].map(|count| ("cut short", kind, "", cut(count))));
    }
    // In explicit VR a reader comes to the same name.
    blanks(&rules([NAME], []), [("implicit", join([private(IL), IL.name()]))]);
}

/// Zeros behind fragments that have no delimiter end the file only if nothing is behind them.
#[test]
fn zeros_behind_fragments_with_elements_behind_them() {
    let mut rows = Vec::new();
    for (b, uid) in [(EL, JPEG_UID), (EB, EB_UID)] {
        for count in [8, 16, 4096] {
            let fragments = b.fragments(Open, [b.fragment([]), b.fragment([7; 16]), zeros(count).faulty(), b.name()]);
            rows.push(("a name", ErrorKind::NotAnItem, "(7FE0,0010)[1]", file(uid, [b.sex(), fragments])));
        }
    }
    refuses(&rules([NAME], []), rows);
}
