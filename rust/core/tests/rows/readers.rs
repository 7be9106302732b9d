//! Where readers differ: bytes that can be read in more than one way, each of which some reader takes. The walk goes on in one of them only
//! where no other comes to a listed element that it does not come to.

use dicomblank_core::{ErrorKind, Limits, Tag, Warning};

use crate::build::*;
use crate::check::{blanks, blanks_with, is_not_dicom, refuses, rules};

const COMMAND: Tag = Tag::new(0x0000, 0x0002); // Affected SOP Class UID, of a network's command

/// A text of `length` bytes with `decoy` at `at`.
fn text_around(length: usize, at: usize, decoy: &[u8]) -> Vec<u8> {
    let mut text = vec![b'x'; length];
    text[at..at + decoy.len()].copy_from_slice(decoy);
    text
}

/// A data set without a prefix whose first element is none that the dictionary has, and what some readers find in it all the same.
#[test]
fn bare_data_sets_that_begin_oddly() {
    let names = rules([NAME], []);
    let (mut read, mut refused) = (Vec::new(), Vec::new());
    for (b, _) in ALL {
        let private = || join([b.el(CREATOR, "LO", "ACME"), b.el(PRIVATE, "LO", "abcd")]);
        read.push(("private", join([private(), b.name(), b.sex()])));
        read.push(("unknown", join([b.el(UNLISTED, "LO", "ab"), b.sex(), b.name()])));
        let faulty = |unit: Unit| join([raw([]).faulty(), unit]);
        refused.extend([
            ("zeros where a preamble was", faulty(join([zeros(128), b.name(), b.sex()]))),
            ("zeros, and a private element", faulty(join([zeros(128), private(), b.name(), b.sex()]))),
            ("private, cut short", faulty(join([private(), b.name(), b.sex().cut(1)]))),
            ("private, junk behind the name", faulty(join([private(), b.name(), raw("and more of it")]))),
        ]);
        // A command is in implicit VR, whatever comes behind it.
        let command = || IL.el(COMMAND, "UI", "1.2\0");
        let group_length = || IL.el(Tag::new(0x0000, 0x0000), "UL", IL.u32(12));
        for command in [join([group_length(), command()]), command()] {
            let unit = join([command, b.name(), b.sex()]);
            if b == IL {
                read.push(("a command", unit));
            } else {
                refused.push(("a command", faulty(unit)));
            }
        }
    }
    blanks(&names, read);
    refuses(&names, refused.into_iter().map(|(what, unit)| (what, ErrorKind::NoDataSet, "", unit)));
    // Implicit VR in big endian is no syntax, and a reader tries it.
    let swapped = [&b"\0\x29\0\x10\0\0\0\x04ACME\0\x10\0\x10\0\0\0\x08"[..], b"Doe^Jane"].concat();
    refuses(&names, [("big endian", ErrorKind::NoDataSet, "", raw(&swapped).faulty())]);
    // With nothing listed in it, it is a file like any other.
    is_not_dicom([
        ("private", join([EL.el(CREATOR, "LO", "ACME"), EL.el(PRIVATE, "LO", "abcd")]).bytes),
        ("zeros and text", [&[0; 128][..], b"Doe^Jane, a text of some length"].concat()),
    ]);
}

/// A preamble that reads as elements, over the prefix: a reader that is told to look for a data set alone begins with it.
#[test]
fn preambles_that_are_elements() {
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        for first in [b.el(CREATOR, "LO", "ACME"), b.el(CHARSET, "CS", "ISO_IR 100")] {
            let name = b.el(NAME, "PN", "Doe^Jane");
            let header = b.header(PRIVATE, "LO", 0).len();
            let before = first.len() + name.len() + header;
            let behind = join([meta(uid), b.sex(), b.name()]);
            // The last value begins in the preamble and ends behind the prefix, at it, or with the file.
            for length in [128 - before + 4 + behind.len(), 128 - before + 4, 128 - before + 8] {
                let last = raw(b.header(PRIVATE, "LO", u32::try_from(length).unwrap()));
                let filler = raw(vec![b'x'; 128 - before]);
                let unit = join([first.clone().faulty(), name.clone(), last, filler, raw("DICM"), behind.clone()]);
                rows.push(("elements", ErrorKind::AmbiguousStart, "", unit));
            }
        }
    }
    refuses(&rules([NAME], []), rows);
}

/// The file meta information has no sequences: what looks like one is read as one by some.
#[test]
fn sequences_in_the_file_meta_information() {
    let information = Tag::new(0x0002, 0x0102);
    let unknown = Tag::new(0x0002, 0x0099);
    let mut rows = Vec::new();
    for (b, path) in [(EL, "(0002,0102)"), (IL, "(0002,0102)")] {
        let with = |unit: Unit| {
            join([preamble([]), meta_in(b, GroupLength::None, EL_UID), unit.faulty(), EL.sex(), EL.name()])
        };
        for inner in [EL, IL, EB] {
            let item = inner.item(Defined, [inner.name()]);
            if b == EL {
                rows.push((
                    "SQ",
                    ErrorKind::SequenceInFileMeta,
                    path,
                    with(b.seq(information, Defined, [item.clone()])),
                ));
            }
            let value = b.holds(information, "UN", Defined, [item.clone()]);
            rows.push(("UN", ErrorKind::SequenceInFileMeta, path, with(value)));
            let value = b.holds(unknown, "UN", Defined, [item]);
            rows.push(("unknown", ErrorKind::SequenceInFileMeta, "", with(value)));
        }
    }
    let odd = raw(b"\x02\0\x01\0ZZ\x02\0\0\x01").faulty();
    let version = EL.el(Tag::new(0x0002, 0x0001), "OB", [0, 1]);
    let unit = join([preamble([]), version, odd, meta(EL_UID), EL.name()]);
    rows.push(("an unknown VR", ErrorKind::UnknownVr, "(0002,0001)", unit));
    refuses(&rules([NAME], []), rows);
}

/// What states the transfer syntax, as different readers believe it.
#[test]
fn transfer_syntaxes_that_are_unclear() {
    const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
    let names = rules([NAME], []);
    let ts = |value: &[u8]| EL.el(Tag::TRANSFER_SYNTAX_UID, "UI", value);
    let file_of = |metas: Vec<Unit>, b: Build| {
        let version = EL.el(Tag::new(0x0002, 0x0001), "OB", [0, 1]);
        join([preamble([]), version, join(metas), b.el(CHARSET, "CS", "ISO_IR 100"), b.name()])
    };
    let kind = ErrorKind::AmbiguousTransferSyntax;
    let mut refused = Vec::new();
    let mut read = Vec::new();
    for (b, uid) in ALL {
        let stated = || ts(uid.as_bytes());
        let long = [uid.as_bytes(), &[b' '; 129]].concat();
        refused.push(("of more than 128 bytes", kind, "(0002,0010)", file_of(vec![ts(&long).faulty()], b)));
        for (_, other) in ALL.into_iter().filter(|(_, other)| *other != uid) {
            let two = vec![stated(), ts(other.as_bytes()).faulty()];
            refused.push(("two", kind, "(0002,0010)", file_of(two, b)));
        }
        refused.push(("one, and an empty one", kind, "(0002,0010)", file_of(vec![stated(), ts(b"").faulty()], b)));
        read.push(("the same twice", file_of(vec![stated(), stated()], b)));
        // How the data set is written is seen from the data set.
        for junk in [&b"\n"[..], b"\0junk", b" 1.2", b"x"] {
            read.push(("with junk behind", file_of(vec![ts(&[uid.as_bytes(), junk].concat())], b)));
        }
        read.push(("with a space in front", file_of(vec![ts(&[b" ", uid.as_bytes()].concat())], b)));
        for deflated in [&b"\n"[..], b"\0\0x", b" x", b"\\1.2"] {
            let value = [DEFLATED.as_bytes(), deflated].concat();
            refused.push(("deflated, or not", kind, "(0002,0010)", file_of(vec![ts(&value).faulty()], b)));
        }
    }
    refuses(&names, refused);
    blanks(&names, read);
}

/// Some believe (0002,0000), and look for the data set where it says.
#[test]
fn group_lengths_that_lead_elsewhere() {
    let mut rows = Vec::new();
    for (b, uid) in [(IL, IL_UID), (EB, EB_UID)] {
        for says in [0, 20, 4000] {
            // In explicit little endian, as group 0002 is: to a reader that takes the rest for that, a name stands in a text.
            let decoy = EL.el(NAME, "PN", "Doe^Jane").bytes;
            let head = b.el(CHARSET, "CS", "ISO_IR 100");
            // The letters of no VR, and a length: where they lead is inside the text.
            let lies = b.el(PRIVATE, "LO", text_around(64, 8, &decoy));
            let file = join([preamble([]), meta_in(EL, GroupLength::Says(says), uid), head, lies, b.sex()]);
            rows.push((b, says, file));
        }
    }
    // Nothing is refused as long as that reading comes to nothing.
    blanks(&rules([NAME], []), rows.into_iter().map(|(_, _, unit)| ("a decoy out of the way", unit)));
    // Read on as group 0002 is written, the first element ends in the text behind it.
    let decoy = join([EL.el(MODALITY, "CS", "MR"), EL.el(NAME, "PN", "Doe^Jane"), EL.el(SEX, "CS", "F ")]);
    let inside = raw(&decoy.bytes).faulty_at(EL.el(MODALITY, "CS", "MR").len());
    let text = join([raw(IL.header(PRIVATE, "", u32::try_from(decoy.len()).unwrap())), inside]);
    for says in [0, 20, 4000] {
        let meta = meta_in(EL, GroupLength::Says(says), IL_UID);
        let unit = join([preamble([]), meta, text.clone(), IL.sex()]);
        refuses(&rules([NAME], []), [("a name in a text", ErrorKind::AmbiguousFileMeta, "", unit)]);
    }
}

/// A data set or item whose first header reads with a VR and without one, and leads on both ways, over more than one element.
#[test]
fn first_headers_that_read_both_ways() {
    let names = rules([NAME], []);
    // In implicit VR the letters are a length of 0x4F4C and more; in explicit VR the value is short and what follows are elements.
    let length = usize::from(u16::from_le_bytes(*b"LO"));
    let short = || EL.el(PRIVATE, "LO", "");
    let behind = |decoy: Unit| {
        // So far the elements in explicit VR; the decoy begins where the implicit value ends.
        let text = length - EL.header(PRIVATE_2, "UN", 0).len();
        join([
            raw(EL.header(PRIVATE_2, "UN", u32::try_from(text + decoy.len()).unwrap())),
            raw(vec![b'x'; text]),
            decoy,
        ])
    };
    // The first is none that a data set is likely to go on with: one step ahead the reading looks wrong.
    let implicit = join([IL.el(UNLISTED, "", "ab"), IL.el(NAME, "PN", "Doe^Jane").faulty(), IL.sex()]);
    let data_set = join([short(), behind(implicit.clone()), EL.sex(), EL.name()]);
    let item = |tag, letters: &str, len| EL.holds(tag, letters, len, [EL.item(len, [data_set.clone()])]);
    let kind = ErrorKind::AmbiguousSyntax;
    refuses(
        &names,
        [
            ("a UN value", kind, "(0029,1010)[0]", file(EL_UID, [EL.sex(), item(PRIVATE, "UN", Undefined)])),
            ("an item in implicit VR", kind, "(0040,A730)[0]", {
                let items = IL.seq(CONTENT, Undefined, [IL.item(Undefined, [data_set.clone()])]);
                file(IL_UID, [IL.sex(), items])
            }),
        ],
    );
    // In explicit VR, where the file says so, letters are a VR to every reader.
    let unit = |unit: &Unit| Unit { fault: None, ..unit.clone() };
    blanks(
        &names,
        [
            ("stated", file(EL_UID, [unit(&data_set)])),
            ("a sequence", file(EL_UID, [EL.sex(), unit(&item(PRIVATE, "SQ", Undefined))])),
        ],
    );
    // Nothing is listed where the other reading leads.
    let harmless = join([short(), behind(IL.el(UNLISTED, "", "ab")), EL.sex(), EL.name()]);
    let unknown = EL.holds(PRIVATE, "UN", Undefined, [EL.item(Undefined, [harmless])]);
    blanks(&names, [("harmless", file(EL_UID, [EL.sex(), unknown]))]);
    // One step ahead both readings look right.
    let both = join([short().faulty(), behind(join([IL.sex(), IL.el(ID, "LO", "1234")])), EL.sex(), EL.name()]);
    let unknown = EL.holds(PRIVATE, "UN", Undefined, [EL.item(Undefined, [both])]);
    refuses(&names, [("both", kind, "(0029,1010)[0]", file(EL_UID, [EL.sex(), unknown]))]);
}

/// The first element is listed, and empty with a VR: nothing of it is blanked. Without one it has a value.
#[test]
fn a_listed_element_that_is_empty_to_some_readers() {
    let names = rules([NAME], []);
    let length = usize::from(u16::from_le_bytes(*b"PN"));
    let data_set = |first: Unit| {
        let text = raw(vec![b'x'; length - 20]);
        join([first, raw(EL.header(PRIVATE, "UN", u32::try_from(text.len()).unwrap())), text, EL.sex(), EL.name()])
    };
    let empty = || data_set(EL.el(NAME, "PN", ""));
    let refused = || data_set(EL.el(NAME, "PN", "").faulty());
    let item = |data_set| EL.holds(PRIVATE, "UN", Undefined, [EL.item(Undefined, [data_set])]);
    refuses(
        &names,
        [
            ("a contradicted syntax", ErrorKind::AmbiguousSyntax, "", file(IL_UID, [refused()])),
            ("an item", ErrorKind::AmbiguousSyntax, "(0029,1010)[0]", file(EL_UID, [EL.sex(), item(refused())])),
        ],
    );
    blanks(&names, [("stated", file(EL_UID, [empty()]))]);
}

/// An unknown VR whose length reads in several ways, over more than one element.
#[test]
fn unknown_vrs_that_read_in_several_ways() {
    let names = rules([NAME], []);
    let odd = |letters: &[u8; 2], value: &[u8]| {
        let length = u16::try_from(value.len()).unwrap().to_le_bytes();
        raw([&EL.tag(UNLISTED)[..], letters, &length, value].concat())
    };
    let mut rows = Vec::new();
    for letters in [b"  ", b"zz", b"??"] {
        // In implicit VR the letters are the lower half of the length, and the length its upper half.
        let length = usize::from(u16::from_le_bytes(*letters));
        let decoy = join([IL.el(UNLISTED, "", "ab"), IL.el(NAME, "PN", "Doe^Jane").faulty(), IL.sex()]);
        let filler = length - EL.header(PRIVATE, "OB", 0).len();
        let rest = join([raw(vec![b'x'; filler]), decoy]);
        let behind = join([raw(EL.header(PRIVATE, "OB", u32::try_from(rest.len()).unwrap())), rest]);
        let unit = file(EL_UID, [EL.sex(), odd(letters, b""), behind, EL.name()]);
        rows.push(("without a VR", ErrorKind::AmbiguousVr, "", unit));
    }
    // To dcmtk a length of 24 bytes in implicit VR little endian; to others none at all.
    let decoy = join([raw(vec![b'x'; 12]), EB.name().faulty()]);
    let behind = join([raw(EB.header(PRIVATE, "OB", u32::try_from(decoy.len()).unwrap())), decoy]);
    let without_vr = raw([&EB.tag(UNLISTED)[..], b"\x18\0\0\0"].concat());
    let unit = file(EB_UID, [EB.sex(), without_vr, behind, EB.sex()]);
    rows.push(("without a VR, big endian", ErrorKind::AmbiguousVr, "", unit));
    refuses(&names, rows);
    blanks(
        &names,
        [b"  ", b"zz", b"??", b"ZZ"]
            .map(|letters| ("one way", file(EL_UID, [EL.sex(), odd(letters, b"ab"), EL.name()]))),
    );
}

/// Below a listed sequence every element is listed: one that is empty to the walk may not have a value to others.
#[test]
fn unknown_vrs_in_a_listed_sequence() {
    let odd = |value: &[u8]| raw([&EL.tag(UNLISTED)[..], &[4, 0, 0, 0], value].concat());
    // In implicit VR it has four bytes, which are the beginning of an element in explicit VR.
    let inside = || join([odd(b"").faulty(), raw(b"abcd\x08\0\0\0"), raw(EL.header(PRIVATE, "LO", 4)), raw("abcd")]);
    let unit = |tag| file(EL_UID, [EL.sex(), EL.seq(tag, Undefined, [EL.item(Undefined, [inside()])]), EL.name()]);
    let listed = unit(CONTENT);
    refuses(&rules([CONTENT, NAME], []), [("listed", ErrorKind::AmbiguousVr, "(0040,A730)[0]", listed)]);
}

/// One item of a UN value is written as the file is, and the next may be in implicit VR: gdcm goes on as the first one was.
#[test]
fn items_behind_one_in_another_syntax() {
    let names = rules([NAME], []);
    let first = || EL.item(Undefined, [EL.sex()]);
    let of = |second: Unit| {
        file(EL_UID, [EL.sex(), EL.holds(PRIVATE, "UN", Undefined, [first(), IL.item(Undefined, [second])]), EL.name()])
    };
    // Without a VR a long value; with one an empty value, and the same bytes are an element behind it.
    let second = |inside: Unit| join([raw(IL.header(TYPE, "", u32::try_from(inside.len()).unwrap())), inside]);
    let hidden = second(EL.el(NAME, "PN", "Doe^Jane").faulty());
    refuses(&names, [("a name", ErrorKind::AmbiguousSyntax, "(0029,1010)[1]", of(hidden))]);
    let harmless = second(EL.el(ID, "LO", "1234"));
    blanks(&names, [("no name", of(harmless)), ("ordinary", of(join([IL.sex(), IL.name()])))]);
}

/// Lengths that gdcm takes for others.
#[test]
fn lengths_that_a_reader_takes_for_others() {
    let names = rules([NAME], []);
    let group_9 = Tag::new(0x0009, 0x1001);
    let implicit = IL.el(NAME, "PN", "Doe^Jane").bytes;
    let explicit = EL.el(NAME, "PN", "Doe^Jane").bytes;
    // The name begins in the value and goes on in the element behind it, of which it is the header.
    let thirteen = join([IL.el(PRIVATE, "UN", [&[b'x'; 10][..], &implicit[..3]].concat()), raw(&implicit[3..])]);
    let six = join([EL.el(group_9, "UL", [&[1; 4][..], &explicit[..2]].concat()), raw(&explicit[2..])]);
    for (what, uid, b, odd) in [("thirteen", IL_UID, IL, thirteen), ("six", EL_UID, EL, six)] {
        let unit = file(uid, [b.sex(), odd, b.sex()]);
        let error = crate::check::plan_of(&unit.bytes, &names, &Limits::default()).unwrap_err();
        // What stands behind the value as the walk reads it is no element, or the claim is not met: refused in either case.
        assert!(
            matches!(error.kind.class(), dicomblank_core::ErrorClass::Parse | dicomblank_core::ErrorClass::Truncated),
            "{what}"
        );
    }
    blanks(
        &names,
        [
            ("thirteen", file(IL_UID, [IL.sex(), IL.el(PRIVATE, "UN", [b'x'; 13]), IL.name()])),
            ("six", file(EL_UID, [EL.sex(), EL.el(group_9, "UL", [1; 6]), EL.name()])),
        ],
    );
}

/// What is stated is what most readers take: where the data set is written otherwise, that must lead nowhere.
#[test]
fn a_contradicted_transfer_syntax_that_leads_to_a_name() {
    // The first length in implicit VR is made of the letters and the length of the first value.
    let first = EL.el(CHARSET, "CS", "ISO_IR 100");
    let length = usize::try_from(u32::from_le_bytes([b'C', b'S', 10, 0])).unwrap();
    let decoy = join([IL.el(NAME, "PN", "Doe^Jane").faulty(), IL.sex()]);
    let header = EL.header(PIXELS, "OW", 0).len();
    let rest = join([raw(vec![1; 8 + length - first.len() - header]), decoy]);
    let pixels = join([raw(EL.header(PIXELS, "OW", u32::try_from(rest.len()).unwrap())), rest]);
    let unit = file(IL_UID, [first, pixels]);
    refuses(&rules([NAME], []), [("explicit", ErrorKind::AmbiguousSyntax, "", unit)]);
}

/// The byte order that is stated is not that of the data set, and a VR other than the dictionary's leaves one as likely as the other: the walk
/// takes the stated one, and gdcm the other.
#[test]
fn a_doubtful_byte_order_is_read_both_ways() {
    // In big endian the name is an element of another tag, and its value 2048 bytes long.
    let text = "x".repeat(2040 - EL.header(PRIVATE, "LO", 0).len());
    let behind = EL.el(PRIVATE, "LO", &text);
    let of = |name: Unit| file(EB_UID, [EL.el(CHARSET, "LO", ""), name, behind.clone(), EB.name()]);
    let kind = ErrorKind::AmbiguousSyntax;
    refuses(&rules([NAME], []), [("a name", kind, "", of(EL.el(NAME, "PN", "Doe^Jane").faulty()))]);
    blanks(&rules([NAME], []), [("no name", of(EL.el(ID, "LO", "1234abcd")))]);
}

/// What some writers leave at the end of a file.
#[test]
fn tails() {
    let names = rules([NAME], []);
    let delimiter = |b: Build, tag| b.framing(tag, 0xFFFF_FFFF);
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let item = b.item(Undefined, [b.name()]);
        let open = b.seq(CONTENT, Open, [item.clone()]);
        rows.push(file(uid, [b.sex(), open, delimiter(b, Tag::SEQUENCE_DELIMITER)]));
        let fragments = b.fragments(Open, [b.fragment([]), b.fragment([1; 8])]);
        rows.push(file(uid, [b.sex(), b.name(), fragments, delimiter(b, Tag::SEQUENCE_DELIMITER)]));
    }
    blanks_with(&names, &[Warning::DelimiterOfUndefinedLength], rows.into_iter().map(|unit| ("a delimiter", unit)));
    let unknown = Tag::new(0xFFFF, 0x0001);
    let (mut tails, mut refused) = (Vec::new(), Vec::new());
    for (b, uid) in ALL {
        let of = |unit: Unit| file(uid, [b.sex(), b.name(), unit]);
        tails.extend([
            ("empty", of(b.el(unknown, "UN", ""))),
            ("with a value", of(b.el(unknown, "LO", "abcd"))),
            ("with a length that is wrong", of(b.framing(unknown, 0x1234_5678))),
        ]);
        let hidden = b.el(unknown, "UN", b.el(NAME, "PN", "Doe^Jane").bytes);
        refused.push(("with a name", ErrorKind::UnknownFraming, "", of(hidden.faulty())));
        let in_item = b.seq(CONTENT, Defined, [b.item(Defined, [b.el(unknown, "LO", "").faulty()])]);
        refused.push(("in an item", ErrorKind::UnknownFraming, "(0040,A730)[0]", of(in_item)));
        let elements =
            [b.seq(CONTENT, Open, [b.item(Undefined, [b.name()])]), delimiter(b, Tag::SEQUENCE_DELIMITER).faulty()];
        let unit = file(uid, [b.sex(), join(elements), b.name()]);
        refused.push(("a delimiter with something behind it", ErrorKind::UndefinedLength, "(0040,A730)[0]", unit));
    }
    blanks_with(&names, &[Warning::UnknownTail], tails);
    refuses(&names, refused);
}

/// Looks ahead are paid for as what they cost: far ones read a window each.
#[test]
fn looks_far_ahead_are_paid_for() {
    // In implicit VR each of these would reach half a megabyte ahead.
    let odd = raw([&EL.tag(TEXT)[..], b"zz", &[8, 0], b"12345678"].concat());
    let many = join((0..65_536).map(|_| odd.clone()));
    let unit = file(EL_UID, [EL.sex(), many]);
    let error = crate::check::plan_of(&unit.bytes, &rules([NAME], []), &Limits::default()).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::TooManyElements { .. }), "{error}");
    // A writer that puts two spaces for every VR is read nevertheless.
    let spaces = raw([&EL.tag(TEXT)[..], b"  ", &[8, 0], b"12345678"].concat());
    let pixels = EL.el(PIXELS, "OW", vec![0; 1 << 20]);
    let unit = file(EL_UID, [EL.sex(), join((0..300).map(|_| spaces.clone())), EL.name(), pixels]);
    blanks(&rules([NAME], []), [("two spaces", unit)]);
}

/// What another reading comes to in a value that would be blanked stays where the sequence around it turns out to be none.
#[test]
fn a_claim_in_a_value_that_is_blanked_in_vain() {
    let names = rules([NAME, ID], []);
    // In implicit VR, as the file states, the first element ends inside the private value, in front of a name in the patient's ID.
    let first = EL.el(CHARSET, "CS", "ISO_IR 100");
    let length = usize::try_from(u32::from_le_bytes([b'C', b'S', 10, 0])).unwrap();
    let decoy = IL.el(NAME, "PN", "Doe^Jane");
    let id = EL.el(ID, "LO", &decoy.bytes);
    let header = EL.header(PRIVATE, "OB", 0).len() + EL.framing(Tag::ITEM, 0).len() + EL.header(ID, "LO", 0).len();
    let filler = |rest: usize| EL.el(PRIVATE_2, "OB", vec![b'x'; rest]);
    let before = 8 + length - first.len() - header;
    let filler = filler(before - EL.header(PRIVATE_2, "OB", 0).len());
    let tail = |end: &str| vec![EL.item(Defined, [id.clone()]), raw(end)];
    let of = |inside: Vec<Unit>| {
        file(IL_UID, [first.clone(), filler.clone(), EL.holds(PRIVATE, "OB", Defined, inside), EL.sex()])
    };
    // A sequence: the ID is blanked, and the name in it.
    let sound = of(tail(""));
    let plan = crate::check::plan_of(&sound.bytes, &names, &Limits::default()).unwrap();
    assert_eq!(plan.edits().len(), 1);
    // None: both stay.
    let error = crate::check::plan_of(&of(tail("x")).bytes, &names, &Limits::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::AmbiguousSyntax);
}

/// What some readers find in a source that none of them is sure of.
#[test]
fn bare_data_sets_that_only_some_readers_find() {
    let name = || EL.name();
    let swapped = EB.item(Undefined, [EB.sex()]);
    let swapped_implicit =
        raw([&[0xFF, 0xFE, 0xE0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0x10, 0, 0x40, 0, 0, 0, 2][..], b"F "].concat());
    let rows = [
        // gdcm once wrote UN with a length of 16 bits.
        ("UN of short length", join([raw(b"\x10\0\x11\0UN\x04\x001234").faulty(), name(), EL.sex()])),
        ("UN of short length, empty", join([raw(b"\x10\0\x11\0UN\0\0").faulty(), name(), EL.sex()])),
        (
            "swapped items",
            join([
                raw(EL.header(UNLISTED, "UN", 0xFFFF_FFFF)).faulty(),
                swapped_implicit,
                EB.item_delimiter(),
                EB.sequence_delimiter(),
                name(),
            ]),
        ),
        (
            "swapped items, explicit",
            join([raw(EL.header(UNLISTED, "UN", 0xFFFF_FFFF)).faulty(), swapped, EB.sequence_delimiter(), name()]),
        ),
        ("group FFFF", join([EL.el(Tag::new(0xFFFF, 0x0001), "UN", "").faulty(), name(), EL.sex()])),
        // Others of group FFFE than items and delimiters have a VR to dcmtk and gdcm.
        ("group FFFE", join([EL.el(Tag::new(0xFFFE, 0x0000), "UN", "abcd").faulty(), name(), EL.sex()])),
        ("an item with a VR", join([raw(b"\xFE\xFF\0\xE0UN\0\0\x04\0\0\0abcd").faulty(), name(), EL.sex()])),
        ("group FFFE, without a VR", join([IL.el(Tag::new(0xFFFE, 0xE001), "", "abcd").faulty(), name(), EL.sex()])),
        // Where no length says where it ends, dcmtk walks what begins with an item, whatever the VR.
        (
            "items in OW",
            join([
                raw(EL.header(UNLISTED, "OW", 0xFFFF_FFFF)).faulty(),
                EL.item(Undefined, [name()]),
                EL.sequence_delimiter(),
                EL.sex(),
            ]),
        ),
        // pydicom takes whatever stands at the beginning for an item.
        (
            "UN without an item",
            join([
                raw(EL.header(UNLISTED, "UN", 0xFFFF_FFFF)).faulty(),
                raw(b"\0\0\0\0\x10\0\0\0"),
                name(),
                EL.sequence_delimiter(),
                EL.sex(),
            ]),
        ),
        // What the dictionary calls a sequence dcmtk walks as far as there are bytes, and behind a delimiter what is around goes on.
        (
            "a sequence that claims more than there is",
            join([
                raw(EB.header(STUDY, "UN", 0x3FFF_FFFF)).faulty(),
                IL.item(Defined, [IL.sex()]),
                IL.sequence_delimiter(),
                EB.name(),
            ]),
        ),
        // gdcm reads UN for letters that it does not know.
        ("no letters, of long length", join([raw(b"\x29\0\x10\x10??\0\0\x04\0\0\0abcd").faulty(), name(), EL.sex()])),
        // What has no VR among elements in big endian dcmtk reads in implicit VR little endian.
        (
            "no VR, among big endian",
            join([raw(EB.tag(UNLISTED)).faulty(), raw(b"\x10\0\0\0"), raw(vec![b'x'; 16]), EB.name(), EB.sex()]),
        ),
        // What is behind a command is looked for; where its end is nowhere, behind its header.
        ("a command without an end", join([raw(b"\0\0\0\0\xFF\xFF\xFF\xFF").faulty(), EB.name(), EB.sex()])),
        (
            "a command with an end",
            join([
                raw(b"\0\0\0\0\xFF\xFF\xFF\xFFtext").faulty(),
                IL.sequence_delimiter(),
                IL.el(COMMAND, "UI", "1.2\0"),
                EB.name(),
                EB.sex(),
            ]),
        ),
    ];
    refuses(&rules([NAME], []), rows.map(|(what, unit)| (what, ErrorKind::NoDataSet, "", unit)));
}

/// What other readings come to is remembered, and not without bound.
#[test]
fn other_readings_of_very_many_elements() {
    // The data set states no syntax, so that all is read in explicit VR too, in which the elements are implicit ones among others.
    let many = raw(IL.el(NAME, "PN", "Jane").bytes.repeat(70_000));
    let file = join([IL.sex(), many]);
    let refused = crate::check::plan_of(&file.bytes, &rules([NAME], []), &Limits::default()).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::TooManyElements { limit: 65_536 });
}
