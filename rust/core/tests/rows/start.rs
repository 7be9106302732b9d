//! How a file begins: preamble, prefix, file meta information, transfer syntax, or none of them (PS3.10 §7.1).

use dicomblank_core::{ErrorClass, ErrorKind, Limits, SliceSource, Tag, Warning, plan_inflated};

use crate::build::*;
use crate::check::{applied, blanks, blanks_with, is_not_dicom, marks, refuses, rules};

/// Explicit data set, a name in a sequence and one outside.
fn data_set(b: Build) -> Unit {
    join([
        b.el(CHARSET, "CS", "ISO_IR 100"),
        b.el(INSTANCE, "UI", "1.2.3.4\0"),
        b.name(),
        b.seq(CONTENT, Undefined, [b.item(Undefined, [b.name()])]),
        b.pixels(),
    ])
}

#[test]
fn transfer_syntaxes() {
    let names = rules([NAME], []);
    blanks(
        &names,
        [
            ("implicit", file(IL_UID, [data_set(IL)])),
            ("explicit", file(EL_UID, [data_set(EL)])),
            ("big endian", file(EB_UID, [data_set(EB)])),
            ("JPEG", file(JPEG_UID, [data_set(EL)])),
            ("GE's big endian pixels", file("1.2.840.113619.5.2", [data_set(IL)])),
            ("deflated frames are encapsulated, not deflated", file("1.2.840.10008.1.2.8.1", [data_set(EL)])),
            ("an unknown one is explicit little endian", file("1.2.3", [data_set(EL)])),
            ("padded with spaces", file("1.2.840.10008.1.2  ", [data_set(IL)])),
            ("empty", file("", [data_set(EL)])),
            ("empty, implicit", file("", [data_set(IL)])),
            ("empty, big endian", file("", [data_set(EB)])),
        ],
    );
}

#[test]
fn file_meta_information() {
    let with = |meta: Unit, data_set: Unit| join([preamble([]), meta, data_set]);
    let only_version = EL.el(Tag::new(0x0002, 0x0001), "OB", [0, 1]);
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        rows.extend([
            ("in implicit VR", with(meta_in(IL, GroupLength::Right, uid), data_set(b))),
            ("in implicit VR, no group length", with(meta_in(IL, GroupLength::None, uid), data_set(b))),
            ("no group length", with(meta_in(EL, GroupLength::None, uid), data_set(b))),
            ("group length 0", with(meta_in(EL, GroupLength::Says(0), uid), data_set(b))),
            ("group length too short", with(meta_in(EL, GroupLength::Says(20), uid), data_set(b))),
            ("group length too long", with(meta_in(EL, GroupLength::Says(4000), uid), data_set(b))),
            ("group length in implicit VR wrong", with(meta_in(IL, GroupLength::Says(7), uid), data_set(b))),
            ("no transfer syntax", with(only_version.clone(), data_set(b))),
            ("none at all behind the prefix", with(raw([]), data_set(b))),
            ("no preamble", join([meta(uid), data_set(b)])),
            ("no preamble, implicit VR", join([meta_in(IL, GroupLength::Right, uid), data_set(b)])),
            ("no preamble, no group length", join([meta_in(EL, GroupLength::None, uid), data_set(b)])),
            (
                "a private element in group 0002's place", // (0002,0102) Private Information
                with(join([meta(uid), EL.el(Tag::new(0x0002, 0x0102), "OB", [9; 10])]), data_set(b)),
            ),
        ]);
    }
    blanks(&rules([NAME], []), rows);
}

#[test]
fn bare_data_sets() {
    let group_length = |b: Build| b.el(Tag::new(0x0008, 0x0000), "UL", b.u32(0x7C));
    let mut rows = Vec::new();
    for (b, _) in ALL {
        rows.extend([
            ("ordinary", data_set(b)),
            ("group length first", join([group_length(b), data_set(b)])),
            ("the class first", join([b.el(Tag::new(0x0008, 0x0016), "UI", "1.2\0"), b.name()])),
            ("one element of zero length first", join([b.el(TYPE, "CS", ""), b.name()])),
            ("a sequence first", join([b.seq(STUDY, Undefined, [b.item(Undefined, [b.name()])]), b.name()])),
            (
                "a sequence of defined length first",
                join([b.seq(STUDY, Defined, [b.item(Defined, [b.name()])]), b.name()]),
            ),
            ("the name alone", b.name()),
            ("out of order", join([b.sex(), b.el(CHARSET, "CS", "ISO_IR 100"), b.name()])),
            ("with the wrong VR first", join([b.el(TYPE, "LO", "ORIGINAL"), b.name()])),
        ]);
    }
    // UN of undefined length holds implicit little endian, whatever is around it.
    for b in [EL, EB] {
        let unknown = b.holds(STUDY, "UN", Open, [IL.item(Defined, [IL.sex(), IL.name()]), IL.sequence_delimiter()]);
        rows.push(("UN first", join([unknown, b.name()])));
    }
    blanks(&rules([NAME], []), rows);
}

/// "DICM" where the prefix would be, inside a value of a data set without preamble: readers begin behind it, unless they are told to look for a
/// data set alone.
#[test]
fn prefix_inside_a_value() {
    let mut rows = Vec::new();
    for (b, _) in ALL {
        let first = b.el(CHARSET, "CS", "ISO_IR 100").faulty();
        let header = b.header(TYPE, "CS", 0).len();
        let mut value = vec![b'A'; 128 - first.len() - header];
        value.extend(b"DICM");
        let decoy = b.el(TYPE, "CS", [&value[..], b"BB"].concat());
        rows.push(("at byte 128 of its data", ErrorKind::AmbiguousStart, "", join([first.clone(), decoy, b.name()])));
        // The elements in front of it end with it: what follows belongs to both readings, what is in front to this one only.
        let exactly = b.el(NAME, "PN", &value).spaces();
        rows.push((
            "the end of a value is the end of the prefix",
            ErrorKind::AmbiguousStart,
            "",
            join([first.clone(), exactly, b.sex(), b.name()]),
        ));
        let blanked = join([first.clone(), b.el(NAME, "PN", [&value[..], b"BB"].concat()).spaces(), b.name()]);
        rows.push(("at byte 128, blanked", ErrorKind::AmbiguousStart, "", blanked));
        // Of undefined length nothing tells how far the first sequence reaches: its items may well hold the prefix.
        let in_item = |value: &[u8]| b.seq(STUDY, Undefined, [b.item(Undefined, [b.el(TYPE, "CS", value), b.name()])]);
        let before = 128 - first.len() - (in_item(b"").len() - b.name().len() - 16);
        let value = [&vec![b'A'; before][..], b"DICMBB"].concat();
        rows.push(("in an item", ErrorKind::AmbiguousStart, "", join([first, in_item(&value), b.name()])));
    }
    refuses(&rules([NAME], []), rows);
}

#[test]
fn preambles() {
    let file_behind = |bytes: &[u8]| join([preamble(bytes), meta(EL_UID), data_set(EL)]);
    let text = [b'x'; 128];
    blanks(
        &rules([NAME], []),
        [
            ("TIFF, little endian", file_behind(b"II*\0\x08\0\0\0\x0C\0\xFE\0\x04\0\x01\0\0\0")),
            ("TIFF, big endian", file_behind(b"MM\0*\0\0\0\x08\0\x0C\0\xFE\0\x04\0\0\0\x01")),
            ("EXE", file_behind(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF")),
            ("text", file_behind(&text)),
            ("all ones", file_behind(&[0xFF; 128])),
            (
                "an element, then text",
                file_behind(&[&EL.el(CHARSET, "CS", "ISO_IR 100").bytes[..], &text[18..]].concat()),
            ),
            ("a private tag that leads nowhere", file_behind(b"\x29\0\x10\x10\x04\0\0\0abcdefgh")),
            (
                "elements, the second of which runs far out of the file",
                file_behind(&join([EL.el(CHARSET, "CS", "ISO_IR 100"), EL.claim(TYPE, "CS", 0xFFF0, [])]).bytes),
            ),
            ("a header that runs far out of it", file_behind(b"\x08\0\x08\0\xFF\xFF\xFF\x7F")),
        ],
    );
}

#[test]
fn file_meta_without_a_data_set_is_unchanged() {
    blanks(
        &rules([NAME], []),
        [
            ("with preamble", file(EL_UID, [])),
            ("without", meta(EL_UID)),
            ("implicit VR", join([preamble([]), meta_in(IL, GroupLength::Right, IL_UID)])),
            ("deflated, but nothing is", file("1.2.840.10008.1.2.1.99", [])),
        ],
    );
}

#[test]
fn a_contradicted_transfer_syntax_is_recognised() {
    let mut rows = Vec::new();
    for (_, uid) in ALL {
        for (b, own) in ALL {
            if own != uid {
                rows.push((uid, file(uid, [data_set(b)])));
            }
        }
    }
    rows.push(("JPEG", file(JPEG_UID, [data_set(IL)])));
    rows.push(("unknown", file("1.2.3", [data_set(EB)])));
    let group_length = EL.el(Tag::new(0x0008, 0x0000), "UL", EL.u32(0x7C));
    rows.push(("big endian, and a group length", file(EB_UID, [group_length, data_set(EL)])));
    let group_length = EB.el(Tag::new(0x0008, 0x0000), "UL", EB.u32(0x7C));
    rows.push(("explicit, and a group length in big endian", file(EL_UID, [group_length, data_set(EB)])));
    blanks_with(&rules([NAME], []), &[Warning::OtherTransferSyntax], rows);
}

/// In implicit VR the letters of the first VR are a length, and where that leads there can be a private element: in pixels there is
/// everything. The letters are those that the dictionary gives the tag, which is no accident.
#[test]
fn a_contradiction_is_recognised_whatever_the_letters_lead_to() {
    let first = EL.el(CHARSET, "CS", "ISO_IR 100");
    let length = usize::try_from(u32::from_le_bytes([b'C', b'S', 10, 0])).unwrap();
    let name = EL.name();
    let header = EL.header(PIXELS, "OW", 0).len();
    let decoy = |rest: usize| IL.el(PRIVATE, "", vec![0; rest]).bytes;
    let pixels = [vec![1; 8 + length - first.len() - name.len() - header], decoy(1000)].concat();
    let file = file(IL_UID, [first, name, EL.el(PIXELS, "OW", pixels)]);
    blanks_with(&rules([NAME], []), &[Warning::OtherTransferSyntax], [("explicit, not implicit", file)]);
}

#[test]
fn a_transfer_syntax_that_holds_is_believed() {
    // The first element reads in more than one syntax; the stated one is among them.
    let private = |b: Build| join([b.el(CREATOR, "LO", "ACME"), b.el(PRIVATE, "LO", "abcd"), b.name()]);
    let unlisted = |b: Build| join([b.el(Tag::new(0x0008, 0x0007), "SH", "ab"), b.name()]);
    let unsorted = |b: Build| join([b.sex(), b.el(CHARSET, "CS", "ISO_IR 100"), b.name()]);
    let pairs = in_each(|b| vec![private(b)])
        .chain(in_each(|b| vec![unlisted(b)]))
        .chain(in_each(|b| vec![unsorted(b)]))
        .chain(in_each(|b| vec![b.el(CHARSET, "CS", ""), b.name()]))
        .chain(in_each(|b| vec![b.seq(CONTENT, Undefined, []), b.name()]))
        // Read in the other byte order, group 0010 is 1000, of which the dictionary lists everything.
        .chain(in_each(|b| vec![b.el(NAME, "US", ""), b.el(INSTANCE, "UI", "1"), b.name()]))
        .chain(in_each(|b| vec![b.el(OTHER_IDS, "UN", ""), b.name()]));
    blanks(&rules([NAME], []), pairs.map(|unit| ("ordinary", unit)));
    // UN of undefined length holds implicit little endian in a big endian file too. Read the other way round the tag is one of
    // (1000,xxxx), which the dictionary lists.
    let item = IL.item(Defined, [IL.sex(), IL.name()]);
    let unknown = EB.holds(UNLISTED, "UN", Open, [item, IL.sequence_delimiter()]);
    // The reverse: retired elements of that group, which are group 0010 in big endian.
    let retired = |b: Build| [0x3000, 0x4000].map(|number| b.el(Tag::new(0x1000, number), "LO", ""));
    let mut rows = vec![("UN first, in big endian", file(EB_UID, [unknown, EB.name()]))];
    // In explicit VR: unknown letters, no value, and a private element of VR AS.
    let letters = IL.el(NAME, "", "OAaAAS").spaces();
    let untrue = IL.el(Tag::new(0x0008, 0x0000), "", "five!");
    rows.push(("letters in the first value", file(IL_UID, [letters, untrue, IL.name()])));
    rows.extend(ALL.map(|(b, uid)| ("a retired group", file(uid, [join(retired(b)), b.sex(), b.name()]))));
    blanks(&rules([NAME], []), rows);
}

#[test]
fn damaged() {
    let head = |at: usize| join([raw(vec![b'x'; at]), raw("DICM").faulty(), raw([b'x'; 300])]);
    let long_meta = |cut| join([preamble([]), EL.el(Tag::TRANSFER_SYNTAX_UID, "UI", uid(EL_UID)).faulty().cut(cut)]);
    // A data set from byte 0 on, and in a value of it, or behind one, a prefix and what can be another file.
    let first = EL.el(CHARSET, "CS", "ISO_IR 100").faulty();
    let reaching = |inside: Unit| EL.el(TYPE, "CS", [&[b'A'; 128 - 18 - 8], &b"DICM"[..], &inside.bytes].concat());
    refuses(
        &rules([NAME], []),
        [
            ("DICM and nothing", ErrorKind::NoDataSet, "", join([preamble([]), raw([]).faulty()])),
            ("DICM and zeros", ErrorKind::NoDataSet, "", join([preamble([]), zeros(512).faulty()])),
            ("DICM and four zeros", ErrorKind::NoDataSet, "", join([preamble([]), zeros(4).faulty()])),
            ("DICM first", ErrorKind::NoDataSet, "", join([raw("DICM").faulty(), meta(EL_UID), EL.name()])),
            ("DICM at 512", ErrorKind::NoDataSet, "", head(512)),
            ("DICM at 1020", ErrorKind::NoDataSet, "", head(1020)),
            ("DICM in a short text", ErrorKind::NoDataSet, "", join([raw("see "), raw("DICM").faulty()])),
            ("file meta cut in a value", ErrorKind::Truncated, "(0002,0010)", long_meta(3)),
            ("file meta cut before a value", ErrorKind::Truncated, "(0002,0010)", long_meta(20)),
            (
                "file meta of undefined length",
                ErrorKind::UndefinedLength,
                "(0002,0102)",
                join([
                    preamble([]),
                    EL.el(Tag::TRANSFER_SYNTAX_UID, "UI", uid(EL_UID)),
                    EL.claim(Tag::new(0x0002, 0x0102), "OB", 0xFFFF_FFFF, []).faulty(),
                    EL.name(),
                ]),
            ),
            (
                "a file inside a value",
                ErrorKind::AmbiguousStart,
                "",
                join([first.clone(), reaching(join([meta(EL_UID), EL.name()])), EL.name()]),
            ),
            (
                "a data set inside a value",
                ErrorKind::AmbiguousStart,
                "",
                join([first.clone(), reaching(join([EL.sex(), EL.name()])), EL.name()]),
            ),
            (
                "a file behind a value",
                ErrorKind::AmbiguousStart,
                "",
                join([first, reaching(raw([])), meta(EL_UID), EL.sex(), EL.name()]),
            ),
        ],
    );
    assert_eq!(ErrorKind::NoDataSet.class(), ErrorClass::Parse);
    assert_eq!(ErrorKind::AmbiguousStart.class(), ErrorClass::Parse);
}

/// Behind the prefix there is something, but nothing that a data set begins with.
#[test]
fn junk_behind_the_prefix_is_refused() {
    for junk in
        [&b"\x01"[..], b"hello, world: this is no data set", &[0xFF; 64], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01"]
    {
        let file = join([preamble([]), raw(junk)]);
        let error =
            crate::check::plan_of(&file.bytes, &rules([NAME], []), &dicomblank_core::Limits::default()).unwrap_err();
        assert!(
            matches!(error.kind.class(), ErrorClass::Parse | ErrorClass::Truncated),
            "{} bytes of junk: {error}",
            junk.len()
        );
    }
}

#[test]
fn deflated_data_sets_are_told_with_their_offset() {
    let deflated = |uid| file(uid, [raw([0x4B, 0x4C, 0x44, 0x05, 0x02, 0x27, 0x16, 0x00]).faulty()]);
    refuses(
        &rules([NAME], []),
        [
            ("deflate", ErrorKind::Deflated, "", deflated("1.2.840.10008.1.2.1.99")),
            ("JPIP deflate", ErrorKind::Jpip, "", deflated("1.2.840.10008.1.2.4.95")),
            ("JPIP HTJ2K deflate", ErrorKind::Jpip, "", deflated("1.2.840.10008.1.2.4.205")),
        ],
    );
    for kind in [ErrorKind::Deflated, ErrorKind::Jpip] {
        assert_eq!(kind.class(), ErrorClass::Unsupported);
    }
}

/// The file as it would stand inflated: its file meta information still says deflated, and what follows is walked all the same.
#[test]
fn an_inflated_data_set_is_planned_where_it_begins() {
    const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
    let meta = join([preamble([]), meta(DEFLATED)]);
    let at = u64::try_from(meta.bytes.len()).unwrap();
    // Nothing behind the file meta information is taken for it.
    let group_2 = EL.seq(Tag::new(0x0002, 0x0102), Undefined, [EL.item(Undefined, [EL.name()])]);
    let names = rules([NAME], []);
    for (what, warned, data) in [
        ("as it should be", &[][..], data_set(EL)),
        ("group 0002 in the data set", &[], join([group_2, EL.name()])),
        ("another syntax", &[Warning::OtherTransferSyntax], data_set(IL)),
        ("nothing", &[], raw([])),
    ] {
        let unit = join([meta.clone(), data]);
        let plan_at = |bytes: &[u8]| plan_inflated(&mut SliceSource::new(bytes), at, &names, &Limits::default());
        let plan = plan_at(&unit.bytes).unwrap();
        assert_eq!(marks(plan.edits()), unit.marks, "{what}");
        assert_eq!(plan.warnings().iter().collect::<Vec<_>>(), warned, "{what}");
        assert_eq!(plan_at(&applied(&plan, &unit.bytes)).as_ref(), Ok(&plan), "{what}");
    }
    let cut = join([meta, EL.name().faulty().cut(1)]);
    let error = plan_inflated(&mut SliceSource::new(&cut.bytes), at, &names, &Limits::default()).unwrap_err();
    assert_eq!((error.kind, error.offset), (ErrorKind::Truncated, at));
}

#[test]
fn other_files_are_not_dicom() {
    let padded = |head: &[u8], len: usize| {
        let mut bytes = head.to_vec();
        bytes.resize(len.max(head.len()), 0);
        bytes
    };
    let nifti = |size: [u8; 4], magic: &[u8]| {
        let mut bytes = padded(&size, 348); // sizeof_hdr
        bytes[38] = b'r'; // regular
        bytes[344..344 + magic.len()].copy_from_slice(magic);
        bytes.resize(352 + 64, 0);
        bytes
    };
    let mut late = vec![b'x'; 1021];
    late.extend(b"DICM");
    is_not_dicom([
        ("empty", vec![]),
        ("one byte", vec![8]),
        ("seven bytes", vec![8, 0, 5, 0, b'C', b'S', 0]),
        ("zeros", vec![0; 4096]),
        ("ones", vec![0xFF; 4096]),
        ("128 zeros", vec![0; 128]),
        (
            "text",
            b"Patient name: none. A file of notes, long enough to hold any header that a data set could begin with.\n"
                .to_vec(),
        ),
        ("text that begins with an odd group", b"a,b,PN,LO\n1,2,3,4\n5,6,7,8\n".to_vec()),
        ("comma separated", b"id;name;sex\n0008;0005;CS\n".to_vec()),
        ("JSON", b"{\"00080005\": {\"vr\": \"CS\", \"Value\": [\"ISO_IR 100\"]}}".to_vec()),
        ("XML", b"<?xml version=\"1.0\"?><NativeDicomModel/>".to_vec()),
        ("PNG", padded(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0\x08\0\0\0\0", 600)),
        ("JPEG", padded(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01", 600)),
        ("TIFF", padded(b"II*\0\x08\0\0\0\x0C\0\xFE\0\x04\0\x01\0\0\0", 600)),
        ("TIFF, big endian", padded(b"MM\0*\0\0\0\x08\0\x0C\0\xFE\0\x04\0\0\0\x01", 600)),
        ("BMP", padded(b"BM\x58\x02\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", 600)),
        ("GIF", padded(b"GIF89a\x01\0\x01\0\0\0\0", 600)),
        ("zip", padded(b"PK\x03\x04\x14\0\0\0\x08\0", 600)),
        ("gzip", padded(b"\x1F\x8B\x08\0\0\0\0\0\0\x03", 600)),
        ("RIFF", padded(b"RIFF\x50\x02\0\0WAVEfmt ", 600)),
        ("ELF", padded(b"\x7FELF\x02\x01\x01\0", 600)),
        ("EXE", padded(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF", 600)),
        ("PDF", padded(b"%PDF-1.7\n", 600)),
        ("HDF5", padded(b"\x89HDF\r\n\x1a\n", 600)),
        ("SQLite", padded(b"SQLite format 3\0", 600)),
        ("NIfTI", nifti(348_u32.to_le_bytes(), b"n+1\0")),
        ("NIfTI, big endian", nifti(348_u32.to_be_bytes(), b"n+1\0")),
        ("Analyze", nifti(348_u32.to_le_bytes(), b"")),
        ("TGA", padded(&[0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 16, 0, 24, 0], 600)),
        ("two, then anything: no file meta information", padded(&[2, 0, 0xFF, 0xFF, 0x80, 0x91, 0xA2, 0xB3], 600)),
        ("an icon", padded(&[0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0], 600)),
        ("DICM behind the first KiB", late),
    ]);
}
