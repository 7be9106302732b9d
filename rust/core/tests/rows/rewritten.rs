//! Rewrites: what is removed, emptied, made a dummy or added, in each syntax; and what is refused.

use std::sync::Arc;

use dicomblank_core::{
    Additions, ByType, Compared, ErrorKind, Insert, Limits, NewHead, Once, Pieces, Private, Repeating, Rule,
    RuleErrorReason, Rules, Selector, SliceSource, Table, Tag, Text, Treatment, Type, Types, Vr, check_rewrite, plan,
    plan_and_sites, rewrite, rewrite_inflated, stated, stated_inflated,
};

use crate::build::*;
use crate::rewriting::{Outcome, Sevens, adding, additions, head, rewritten, text};

const SOP_CLASS: Tag = Tag::new(0x0008, 0x0016);
const STUDY_DATE: Tag = Tag::new(0x0008, 0x0020);
const ACCESSION: Tag = Tag::new(0x0008, 0x0050); // SH
const INSTITUTION: Tag = Tag::new(0x0008, 0x0080); // LO
const STATION: Tag = Tag::new(0x0008, 0x1010); // SH
const STUDY_UID: Tag = Tag::new(0x0020, 0x000D);
const METHOD: Tag = Tag::new(0x0012, 0x0063);
const CODES: Tag = Tag::new(0x0012, 0x0064);
const REASON: Tag = Tag::new(0x0032, 0x1064); // Requested Procedure Code Sequence, SQ
const CLASS: &str = "1.2.840.10008.5.1.4.1.1.4"; // MR, as in the file meta information

fn of(all: impl IntoIterator<Item = (Tag, Treatment)>) -> Rules {
    Rules::with(all.into_iter().map(|(tag, treatment)| (Selector::Tag(tag), treatment))).unwrap()
}

fn remove(tags: impl IntoIterator<Item = Tag>) -> Rules {
    of(tags.into_iter().map(|tag| (tag, Treatment::Remove)))
}

fn nothing() -> Additions {
    additions(Vec::new())
}

fn done(unit: &Unit, rules: &Rules, additions: &Additions) -> Outcome {
    rewritten(&unit.bytes, rules, additions, &Limits::default()).unwrap_or_else(|error| panic!("refused: {error}"))
}

/// In each syntax: what the elements are, and what they become.
#[track_caller]
fn becomes(
    rules: &Rules,
    additions: &Additions,
    before: impl Fn(Build) -> Vec<Unit>,
    after: impl Fn(Build) -> Vec<Unit>,
) {
    for (b, uid) in ALL {
        let expected = join([head(CLASS, "", uid), join(after(b))]);
        let found = done(&file(uid, before(b)), rules, additions).bytes;
        assert!(found == expected.bytes, "{b:?}:\n{found:02x?}\n{:02x?}", expected.bytes);
    }
}

#[track_caller]
fn refuses(rules: &Rules, additions: &Additions, unit: &Unit, kind: ErrorKind, path: &str) {
    let error = rewritten(&unit.bytes, rules, additions, &Limits::default()).unwrap_err();
    let offset = unit.fault.and_then(|fault| u64::try_from(fault).ok()).unwrap_or(error.offset);
    assert_eq!((error.kind, error.offset, error.tag_path.to_string()), (kind, offset, path.to_owned()));
}

#[test]
fn an_element_goes_at_any_depth_and_the_lengths_around_say_so() {
    let rules = remove([NAME]);
    let elements = |b: Build, has_name: bool| {
        let name = || if has_name { b.name() } else { raw("") };
        [Defined, Undefined]
            .into_iter()
            .flat_map(|outer| [Defined, Undefined].map(|inner| (outer, inner)))
            .map(|(outer, inner)| {
                let deep = b.seq(STUDY, inner, [b.item(outer, [name(), b.sex()]), b.item(inner, [name()])]);
                b.seq(CONTENT, outer, [b.item(inner, [deep, name()]), b.item(outer, [b.sex()])])
            })
            .chain([name(), b.sex(), b.pixels()])
            .collect()
    };
    becomes(&rules, &nothing(), |b| elements(b, true), |b| elements(b, false));
}

#[test]
fn a_sequence_goes_whole_with_its_delimiters() {
    let rules = of([(CONTENT, Treatment::Remove), (STUDY, Treatment::Empty), (NAME, Treatment::Keep)]);
    let inside = |b: Build, len| [b.item(len, [b.name(), b.seq(STUDY, Undefined, [b.item(Undefined, [b.name()])])])];
    for len in [Defined, Undefined] {
        let before = |b: Build| {
            let around = b.seq(OTHER_IDS, len, [b.item(len, [b.seq(CONTENT, len, inside(b, len))]), b.item(len, [])]);
            let emptied = b.seq(STUDY, len, inside(b, len));
            vec![emptied, b.sex(), around, b.seq(CONTENT, len, inside(b, len)), b.name()]
        };
        let after = |b: Build| {
            let around = b.seq(OTHER_IDS, len, [b.item(len, []), b.item(len, [])]);
            vec![b.seq(STUDY, Defined, []), b.sex(), around, b.name()]
        };
        becomes(&rules, &nothing(), before, after);
    }
}

/// One dummy for each form of value. Written here once more, on purpose.
#[test]
fn a_dummy_is_of_the_form_of_its_vr() {
    let rows: [(Tag, &str, &[u8], &[u8]); 17] = [
        (STUDY_DATE, "DA", b"20260131", b"19000101"),
        (Tag::new(0x0008, 0x002A), "DT", b"20260131093000", b"19000101000000"),
        (Tag::new(0x0008, 0x0030), "TM", b"093000.5", b"000000"),
        (ACCESSION, "SH", b"12345678", b"DUMMY "),
        (INSTITUTION, "LO", b"", b"DUMMY "),
        (NAME, "PN", b"Doe^Jane", b"DUMMY "),
        (SEX, "CS", b"F ", b"DUMMY "),
        (Tag::new(0x0010, 0x1010), "AS", b"042Y", b"000Y"),
        (Tag::new(0x0010, 0x1030), "DS", b"72.5", b"0 "),
        (Tag::new(0x0020, 0x0013), "IS", b"1234", b"0 "),
        (STUDY_UID, "UI", b"1.2.3.45", b"77777777"),
        (Tag::new(0x0020, 0x9165), "AT", &[1; 8], &[0; 8]), // as many numbers
        (ROWS, "US", &[1; 2], &[0; 2]),
        (Tag::new(0x0018, 0x9073), "FD", &[1; 16], &[0; 16]),
        (Tag::new(0x0028, 0x1201), "OW", &[1; 6], &[0; 2]),
        (TEXT, "UT", b"much more than this", b"DUMMY "),
        (Tag::new(0x0040, 0xE010), "UR", b"http://127.0.0.1", b"urn:dummy "),
    ];
    let rules = of(rows.iter().map(|(tag, ..)| (*tag, Treatment::Dummy)));
    let units = |b: Build, new: bool| {
        let mut rows = rows;
        rows.sort_by_key(|(tag, ..)| *tag);
        rows.map(|(tag, vr, before, after)| b.el(tag, vr, if new { after } else { before })).to_vec()
    };
    becomes(&rules, &nothing(), |b| units(b, false), |b| units(b, true));
}

#[test]
fn below_a_sequence_that_becomes_a_dummy_what_has_no_rule_does_as_well() {
    let rules = of([
        (CONTENT, Treatment::Dummy),
        (REASON, Treatment::Dummy),
        (SEX, Treatment::Keep),
        (ID, Treatment::Empty),
        (MODALITY, Treatment::Remove),
    ]);
    let before = |b: Build| {
        let leaves = [b.el(MODALITY, "CS", "MR"), b.name(), b.el(ID, "LO", "12"), b.sex(), b.el(INSTITUTION, "LO", "")];
        let codes = b.seq(REASON, Undefined, [b.item(Undefined, [b.name()]), b.item(Defined, [])]);
        vec![codes, b.seq(CONTENT, Undefined, [b.item(Defined, leaves), b.item(Defined, [])])]
    };
    let after = |b: Build| {
        let code = [
            b.el(Tag::new(8, 0x100), "SH", "DUMMY "),
            b.el(Tag::new(8, 0x102), "SH", "99DUMMY "),
            b.el(Tag::new(8, 0x104), "LO", "DUMMY "),
        ];
        let leaves = [b.el(NAME, "PN", "DUMMY "), b.el(ID, "LO", ""), b.sex(), b.el(INSTITUTION, "LO", "")];
        let codes = b.seq(REASON, Defined, [b.item(Defined, code)]);
        vec![codes, b.seq(CONTENT, Undefined, [b.item(Defined, leaves), b.item(Defined, [])])]
    };
    becomes(&rules, &nothing(), before, after);
}

/// Of a tree that becomes a dummy it stays how it hangs together, where that is said in words of the standard.
#[test]
fn words_of_structure_stay_in_a_dummy() {
    let rules = of([(CONTENT, Treatment::Dummy), (NAME, Treatment::Dummy)]);
    let (relation, kind) = (Tag::new(0x0040, 0xA010), Tag::new(0x0040, 0xA040));
    let tree = |b: Build, [first, second]: [&str; 2], text: &str, numbers: [u8; 4]| {
        let leaves = [b.el(relation, "CS", first), b.el(kind, "CS", second), b.el(TEXT, "UT", text)];
        let channels = b.el(Tag::new(0x0040, 0xA0B0), "US", numbers);
        let item = b.item(Defined, leaves.into_iter().chain([channels]));
        vec![b.seq(CONTENT, Defined, [item])]
    };
    for (before, after) in [
        (["CONTAINS", "TEXT"], ["CONTAINS", "TEXT"]),
        (["HAS OBS CONTEXT ", " NUM"], ["HAS OBS CONTEXT ", " NUM"]),
        (["TEXT", "CONTAINS"], ["DUMMY ", "DUMMY "]),
        (["DOE^JANE", "CODE\\NUM "], ["DUMMY ", "DUMMY "]),
        (["", "LASTNAME^FIRSTNAME "], ["", "DUMMY "]),
    ] {
        let wanted = |b| tree(b, after, "DUMMY ", [0; 4]);
        becomes(&rules, &nothing(), |b| tree(b, before, "much more than this ", [1, 0, 2, 0]), wanted);
    }
    // Outside of such a tree the words are none.
    let of_patient = |b: Build, name: &str| vec![b.el(NAME, "PN", name)];
    becomes(&rules, &nothing(), |b| of_patient(b, "TEXT"), |b| of_patient(b, "DUMMY "));
}

/// A UID that stays stands in the new head as well; another one, or none, does not.
#[test]
fn a_new_head_repeats_the_uid_of_an_object_that_keeps_it() {
    for (treatment, has_one, expected) in [
        (None, true, true),
        (None, false, false),
        (Some(Treatment::Pseudonymize), true, false),
        (Some(Treatment::Blank), true, false),
    ] {
        let rules = of(treatment.into_iter().map(|treatment| (INSTANCE, treatment)).chain([(NAME, Treatment::Remove)]));
        let uid = if has_one { EL.el(INSTANCE, "UI", "1.2.3.45") } else { raw("") };
        let source = file(EL_UID, [uid, EL.name()]);
        let found = done(&source, &rules, &nothing()).rewrite.new_head();
        let old = u64::try_from(file(EL_UID, []).len()).unwrap();
        assert_eq!(found, NewHead { old, repeats_instance: expected });
    }
}

/// Of a tag that the dictionary does not know, the VR tells that it is a date.
#[test]
fn a_date_that_the_dictionary_does_not_know_is_one() {
    let rules = Rules::with([
        (Selector::Dates, Treatment::Shift),
        (Selector::Tag(ID), Treatment::Keep),
        (Selector::Tag(NAME), Treatment::Remove),
    ])
    .unwrap();
    let unknown = Tag::new(0x0020, 0x0F0F);
    let before = |b: Build| vec![b.name(), b.el(ID, "LO", "12"), b.el(unknown, "DA", "20260131"), b.pixels()];
    // In implicit VR nobody can tell.
    let date = |b: Build| if b == IL { "20260131" } else { "22222222" };
    let after = |b: Build| vec![b.el(ID, "LO", "12"), b.el(unknown, "DA", date(b)), b.pixels()];
    becomes(&rules, &nothing(), before, after);
}

/// What keeps its length, and what is set or mapped, may become longer here.
#[test]
fn every_other_rule_means_what_it_means_in_a_plan() {
    let rules = of([
        (STUDY_UID, Treatment::Pseudonymize),
        (ID, Treatment::Pseudonymize),
        (STUDY_DATE, Treatment::Shift),
        (NAME, Treatment::Set(Text::new("Somebody^Else").unwrap())),
        (ACCESSION, Treatment::Map(Table::new([("A1", "a longer one"), ("B2", "")]).unwrap())),
        (SEX, Treatment::Blank),
        (BIRTH, Treatment::Remove),
    ]);
    let before = |b: Build| {
        vec![
            b.el(STUDY_DATE, "DA", "20260131"),
            b.el(ACCESSION, "SH", "A1\\B2 "),
            b.name(),
            b.el(ID, "LO", "1234"),
            b.el(BIRTH, "DA", "19700101"),
            b.sex(),
            b.el(STUDY_UID, "UI", "1.2.3.45"),
        ]
    };
    let after = |b: Build| {
        vec![
            b.el(STUDY_DATE, "DA", "44444444"), // the last character of the patient
            b.el(ACCESSION, "SH", "a longer one\\ "),
            b.el(NAME, "PN", "Somebody^Else "),
            b.el(ID, "LO", "iiii"),
            b.el(SEX, "CS", "  "),
            b.el(STUDY_UID, "UI", "77777777"),
        ]
    };
    becomes(&rules, &nothing(), before, after);
}

#[test]
fn what_is_added_stands_in_the_order_of_tags_and_nowhere_twice() {
    let codes = vec![vec![text(Tag::new(8, 0x104), Vr::LO, "meaning"), text(Tag::new(8, 0x100), Vr::SH, "113100")]];
    let added = additions(vec![
        Insert::sequence(CODES, codes).unwrap(),
        text(METHOD, Vr::LO, "a method"),
        text(Tag::new(0x0028, 0x0303), Vr::CS, "REMOVED"),
    ]);
    let marks = |b: Build| {
        let item = [b.el(Tag::new(8, 0x100), "SH", "113100"), b.el(Tag::new(8, 0x104), "LO", "meaning ")];
        [b.el(METHOD, "LO", "a method"), b.seq(CODES, Defined, [b.item(Defined, item)])]
    };
    let last = |b: Build| b.el(Tag::new(0x0028, 0x0303), "CS", "REMOVED ");
    let old = |b: Build| {
        let item = b.item(Undefined, [b.el(METHOD, "LO", "in an item")]);
        (b.el(METHOD, "LO", "another method"), b.seq(CODES, Undefined, [item]))
    };
    let rules = remove([]);
    becomes(
        &rules,
        &added,
        |b| vec![b.sex(), b.pixels()],
        |b| {
            let [method, codes] = marks(b);
            vec![b.sex(), method, codes, last(b), b.pixels()]
        },
    );
    // Behind all others, where none comes after.
    becomes(&rules, &added, |b| vec![b.sex()], |b| vec![b.sex(), join(marks(b)), last(b)]);
    becomes(&rules, &added, |_| vec![], |b| vec![join(marks(b)), last(b)]);
    // What stands there goes; in an item it is something else.
    let inside = |b: Build| b.seq(OTHER_IDS, Undefined, [b.item(Undefined, [old(b).0])]);
    becomes(
        &rules,
        &added,
        |b| vec![inside(b), old(b).0, old(b).1, b.pixels()],
        |b| {
            let [method, codes] = marks(b);
            vec![inside(b), method, codes, last(b), b.pixels()]
        },
    );
    // In a data set that is out of order it stands in front of the first that comes after it.
    becomes(
        &rules,
        &added,
        |b| vec![old(b).0, b.sex(), b.pixels()],
        |b| {
            let [method, codes] = marks(b);
            vec![method, b.sex(), codes, last(b), b.pixels()]
        },
    );
}

#[test]
fn the_head_is_written_anew_with_nothing_else_in_it() {
    let data_set = |b: Build, instance: &str| {
        vec![b.el(SOP_CLASS, "UI", uid("1.2.840.10008.5.1.4.1.1.2")), b.el(INSTANCE, "UI", uid(instance)), b.sex()]
    };
    let class = "1.2.840.10008.5.1.4.1.1.2";
    let titles = join([EL.el(Tag::new(2, 0x16), "AE", "SCANNER "), EL.el(Tag::new(2, 0x102), "OB", "secret")]);
    for (treatment, new, in_head) in [
        (Treatment::Pseudonymize, Some("7777777777"), "7777777777"),
        (Treatment::Dummy, Some("7777777777"), "7777777777"),
        (Treatment::Keep, Some("1.2.3.4.55"), "1.2.3.4.55"),
        (Treatment::Set(Text::new("2.25.123").unwrap()), Some("2.25.123"), "2.25.123"),
        (Treatment::Empty, Some(""), ""),
        (Treatment::Blank, Some("\0\0\0\0\0\0\0\0\0\0"), ""),
        (Treatment::Remove, None, ""),
    ] {
        let rules = of([(INSTANCE, treatment)]);
        let old = join([preamble("JPEG or TIFF"), meta(EL_UID), titles.clone(), join(data_set(EL, "1.2.3.4.55"))]);
        let bare = join([meta(EL_UID), titles.clone(), join(data_set(EL, "1.2.3.4.55"))]);
        let instance = new.map_or_else(|| raw(""), |new| EL.el(INSTANCE, "UI", uid(new)));
        let new = join([EL.el(SOP_CLASS, "UI", uid(class)), instance, EL.sex()]);
        let expected = join([head(class, in_head, EL_UID), new]).bytes;
        for (what, unit) in [("a file", old), ("without a preamble", bare)] {
            assert_eq!((what, done(&unit, &rules, &nothing()).bytes), (what, expected.clone()));
        }
    }
    // "DICM" and no file meta information: the result says how it is written.
    let unit = join([preamble([]), join(data_set(IL, "1.2"))]);
    let expected = join([head(class, "1.2", IL_UID), join(data_set(IL, "1.2"))]);
    assert_eq!(done(&unit, &remove([NAME]), &nothing()).bytes, expected.bytes);
    // A data set alone stays one.
    let unit = |name| join([EL.el(CHARSET, "CS", "ISO_IR 100"), EL.el(TYPE, "CS", "ORIGINAL"), name, EL.sex()]);
    assert_eq!(done(&unit(EL.name()), &remove([NAME]), &nothing()).bytes, unit(raw("")).bytes);
}

#[test]
fn of_a_deflated_file_the_inflated_form_is_rewritten() {
    const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
    let start = join([preamble([]), meta(DEFLATED)]);
    let unit = join([start.clone(), EL.name(), EL.sex()]);
    let rules = adding(&remove([NAME]), &nothing());
    let source = &mut SliceSource::new(&unit.bytes);
    let data_set = u64::try_from(start.len()).unwrap();
    let rewrite = rewrite_inflated(source, data_set, &rules, Once::ToDo, &Limits::default()).unwrap();
    let pieces = Pieces::resolve(&rewrite, (&rules, None), source, &mut Sevens).unwrap();
    let expected = join([head(CLASS, "", DEFLATED), EL.sex()]).bytes;
    let result = crate::rewriting::written(&pieces, &unit.bytes);
    assert_eq!(result, expected);
    assert_eq!(pieces.data_set(), u64::try_from(expected.len() - EL.sex().len()).unwrap());
    let check = |bytes: &[u8]| {
        let result = &mut SliceSource::new(bytes);
        let source = &mut SliceSource::new(&unit.bytes);
        check_rewrite(source, result, &rules, &pieces, Compared::All, &Limits::default())
    };
    assert_eq!(check(&expected), Ok(()));
}

#[test]
fn group_lengths_go_but_for_that_of_the_file_meta_information() {
    let length = |b: Build, group| b.el(Tag::new(group, 0), "UL", b.u32(44));
    becomes(
        &remove([]),
        &nothing(),
        |b| {
            let item = b.item(Defined, [length(b, 8), b.sex(), length(b, 0x29)]);
            vec![length(b, 8), b.seq(STUDY, Defined, [item]), length(b, 0x10), b.sex(), length(b, 0x7FE0), b.pixels()]
        },
        |b| vec![b.seq(STUDY, Defined, [b.item(Defined, [b.sex()])]), b.sex(), b.pixels()],
    );
}

#[test]
fn private_elements_go_unless_their_creator_keeps_them() {
    let kept = Private::new(0x0029, "ACME", 0x10).unwrap();
    let rules =
        Rules::with([(Selector::AllPrivate, Treatment::Remove), (Selector::Private(kept), Treatment::Keep)]).unwrap();
    let creator = |b: Build, name: &str| b.el(CREATOR, "LO", name);
    let safe = |b: Build| b.el(PRIVATE, "LO", "safe");
    let other = |b: Build| b.el(PRIVATE_2, "LO", "secret");
    let sequence = |b: Build| b.seq(PRIVATE_2, Undefined, [b.item(Undefined, [b.name()])]);
    let far = |b: Build| b.el(Tag::new(0x0031, 0x0001), "LO", "in no block ");
    let before = |b: Build| {
        let item = |name| b.item(Defined, [creator(b, name), safe(b), other(b)]);
        let items = b.seq(STUDY, Defined, [item("ACME"), item("OTHER "), b.item(Defined, [safe(b)])]);
        vec![items, b.sex(), creator(b, "ACME"), safe(b), if b == IL { other(b) } else { sequence(b) }, far(b)]
    };
    let after = |b: Build| {
        let whole = b.item(Defined, [creator(b, "ACME"), safe(b)]);
        let items = b.seq(STUDY, Defined, [whole, b.item(Defined, []), b.item(Defined, [])]);
        vec![items, b.sex(), creator(b, "ACME"), safe(b)]
    };
    becomes(&rules, &nothing(), before, after);
}

/// A private value of VR UN that holds items, and one that only begins with one: they go whole.
#[test]
fn private_values_that_may_be_sequences_go_whole() {
    let rules = Rules::with([(Selector::AllPrivate, Treatment::Remove)]).unwrap();
    let values = |b: Build| {
        let items = IL.item(Defined, [IL.name(), IL.item(Defined, [])]).bytes;
        vec![
            b.sex(),
            b.holds(PRIVATE, "UN", Defined, [IL.item(Defined, [IL.name()])]),
            b.el(PRIVATE_2, "UN", items),
            b.holds(Tag::new(0x0029, 0x1030), "UN", Open, [IL.item(Defined, [IL.name()]), IL.sequence_delimiter()]),
            b.pixels(),
        ]
    };
    becomes(&rules, &nothing(), values, |b| vec![b.sex(), b.pixels()]);
}

#[test]
fn repeating_groups_go_whole_or_by_one_element() {
    let curves = Repeating::new(0xFF00_0000, 0x5000_0000).unwrap();
    let overlays = Repeating::new(0xFF00_0000, 0x6000_0000).unwrap();
    let data = Repeating::new(0xFF00_FFFF, 0x6000_3000).unwrap();
    let of = |all: &[(Repeating, Treatment)]| {
        Rules::with(all.iter().map(|(one, treatment)| (Selector::Repeating(*one), treatment.clone()))).unwrap()
    };
    let unknown = |b: Build| b.el(Tag::new(0x5002, 0x1234), "OB", [1; 4]);
    let rows = |b: Build| b.el(Tag::new(0x6002, 0x0010), "US", b.u16(8));
    let bits = |b: Build| b.el(Tag::new(0x6002, 0x3000), "OW", [1; 8]);
    let all = |b: Build| vec![b.sex(), unknown(b), rows(b), bits(b), b.pixels()];
    let both = of(&[(curves, Treatment::Remove), (overlays, Treatment::Remove)]);
    becomes(&both, &nothing(), all, |b| vec![b.sex(), b.pixels()]);
    // What is said of one element counts before what is said of the group.
    let one = of(&[(overlays, Treatment::Remove), (data, Treatment::Keep)]);
    becomes(&one, &nothing(), all, |b| vec![b.sex(), unknown(b), bits(b), b.pixels()]);
}

#[test]
fn the_type_of_an_attribute_in_the_object_decides() {
    let by_type = ByType::new(Rule::Dummy, Rule::Empty, Rule::Remove, Rule::Keep).unwrap();
    let of_class = |class: &'static str| {
        let rows = [
            (class, vec![INSTITUTION], Type::One),
            (class, vec![STATION], Type::Two),
            (class, vec![NAME], Type::Three),
            (class, vec![CONTENT, NAME], Type::One),
            (class, vec![CONTENT, STATION], Type::One),
        ];
        let rules = of([INSTITUTION, STATION, NAME, ACCESSION].map(|tag| (tag, Treatment::ByType(by_type))));
        rules.typed(Arc::new(Types::new(rows)))
    };
    let class = |b: Build| b.el(SOP_CLASS, "UI", uid(CLASS));
    let elements = |b: Build| {
        // The items of a content tree are alike: the innermost, or else as at the top.
        let inner = b.seq(CONTENT, Defined, [b.item(Defined, [b.el(INSTITUTION, "LO", "there "), b.name()])]);
        let content = b.seq(CONTENT, Defined, [b.item(Defined, [b.el(STATION, "SH", "here"), b.name(), inner])]);
        vec![
            class(b),
            b.el(ACCESSION, "SH", "12"),
            b.el(INSTITUTION, "LO", "there "),
            b.el(STATION, "SH", "here"),
            b.name(),
            content,
        ]
    };
    let treated = |b: Build| {
        let dummy = |tag, vr| b.el(tag, vr, "DUMMY ");
        let inner = b.seq(CONTENT, Defined, [b.item(Defined, [dummy(INSTITUTION, "LO"), dummy(NAME, "PN")])]);
        let content = b.seq(CONTENT, Defined, [b.item(Defined, [dummy(STATION, "SH"), dummy(NAME, "PN"), inner])]);
        vec![
            class(b), // the accession number is not in the table, and so it may be left out
            b.el(INSTITUTION, "LO", "DUMMY "),
            b.el(STATION, "SH", ""),
            content,
        ]
    };
    becomes(&of_class(CLASS), &nothing(), elements, treated);
    // Another class; and a table for none.
    becomes(&of_class("1.2.3"), &nothing(), elements, elements);
    becomes(&of_class(""), &nothing(), elements, elements);
    // By the file meta information alone, where the data set says nothing.
    let without = |units: Vec<Unit>| units.into_iter().skip(1).collect::<Vec<_>>();
    becomes(&of_class(CLASS), &nothing(), |b| without(elements(b)), |b| without(treated(b)));
    // They say different things: nobody knows.
    let other = |b: Build| b.el(SOP_CLASS, "UI", uid("1.2.840.10008.5.1.4.1.1.2"));
    let unit = file(EL_UID, [other(EL), EL.name()]);
    for class in [CLASS, "1.2.840.10008.5.1.4.1.1.2"] {
        assert_eq!(done(&unit, &of_class(class), &nothing()).changes(), []);
    }
}

#[test]
fn what_is_done_is_told_by_rule_and_way() {
    let rules = of([
        (NAME, Treatment::Remove),
        (STUDY, Treatment::Empty),
        (STUDY_DATE, Treatment::Dummy),
        (ID, Treatment::Blank),
        (STUDY_UID, Treatment::Pseudonymize),
    ]);
    let content = EL.seq(CONTENT, Undefined, [EL.item(Defined, []), EL.item(Defined, [EL.name()])]);
    let unit = file(
        EL_UID,
        [
            EL.el(Tag::new(8, 0), "UL", [0; 4]),
            EL.el(STUDY_DATE, "DA", "20260131"),
            EL.seq(STUDY, Defined, [EL.item(Defined, [EL.name()])]),
            EL.el(ID, "LO", "12"),
            EL.el(STUDY_UID, "UI", "1.2.3.45"),
            content,
        ],
    );
    let found = done(&unit, &rules, &additions(vec![text(METHOD, Vr::LO, "a method")]));
    let told: Vec<_> = found.changes();
    let told: Vec<_> = told.iter().map(|(path, word)| (path.as_str(), *word)).collect();
    assert_eq!(
        told,
        [
            ("(0008,0020)", "dummy"),
            ("(0008,1110)", "empty"),
            ("(0010,0020)", "blank"),
            ("(0012,0063)", "insert"),
            ("(0020,000D)", "pseudonymize"),
            ("(0040,A730)[1].(0010,0010)", "remove"),
        ]
    );
}

/// A value that could be a sequence and is none: what was planned in it is forgotten, lengths and all.
#[test]
fn what_fails_its_try_is_left_whole() {
    let rules = remove([NAME]);
    for (b, uid) in [(EL, EL_UID), (EB, EB_UID)] {
        let inside = [b.item(Defined, [b.name(), b.sex()]), raw("not an item")];
        let opaque = || b.holds(PRIVATE, "OB", Defined, inside.clone());
        let around = || b.seq(STUDY, Defined, [b.item(Defined, [opaque(), b.sex()])]);
        let found = done(&file(uid, [around(), b.name()]), &rules, &nothing());
        let expected = join([head(CLASS, "", uid), around()]);
        assert!(found.bytes == expected.bytes);
        assert_eq!(found.rewrite.plan().opaque(), 1);
    }
}

/// gdcm takes a length of 13 for 10, and comes to a patient's ID in the last three bytes of the name.
#[test]
fn what_another_reading_comes_to_in_a_value_goes_with_it() {
    let name = || IL.el(NAME, "PN", b"0123456789\x10\x00\x20").faulty();
    let copies = || IL.el(Tag::new(0x2000, 0x0010), "IS", "1 ");
    let unit = file(IL_UID, [name(), copies()]);
    let both = remove([NAME, ID]);
    assert_eq!(done(&unit, &both, &nothing()).bytes, join([head(CLASS, "", IL_UID), copies()]).bytes);
    let refused = rewritten(&unit.bytes, &remove([ID]), &nothing(), &Limits::default()).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::AmbiguousLength);
}

/// A value that turns out to be a sequence, at the end of the file.
#[test]
fn what_succeeds_is_treated_to_its_end() {
    let with = |b: Build, has_name: bool| {
        let name = if has_name { IL.name() } else { raw("") };
        vec![b.sex(), b.holds(PRIVATE, "UN", Defined, [IL.item(Defined, [name, IL.sex()]), IL.item(Defined, [])])]
    };
    becomes(&remove([NAME]), &nothing(), |b| with(b, true), |b| with(b, false));
}

#[test]
fn what_cannot_be_given_a_length_is_refused() {
    let long = Treatment::Set(Text::new(&"x".repeat(70_000)).unwrap());
    let set = of([(TEXT, long)]);
    // In 16 bits, where the header states a VR that has them.
    let short = EL.el(TEXT, "LT", "ab").faulty();
    refuses(&set, &nothing(), &file(EL_UID, [short]), ErrorKind::LengthTooLarge, "(0040,A160)");
    let inside = EL.seq(STUDY, Undefined, [EL.item(Defined, [EL.el(TEXT, "LT", "ab").faulty()])]);
    refuses(&set, &nothing(), &file(EL_UID, [inside]), ErrorKind::LengthTooLarge, "(0008,1110)[0].(0040,A160)");
    // A private value of a VR with 16 bits that is a sequence.
    let grows = EL.holds(PRIVATE, "LO", Defined, [EL.item(Defined, [EL.el(TEXT, "UT", "ab")])]).faulty();
    refuses(&set, &nothing(), &file(EL_UID, [grows]), ErrorKind::LengthTooLarge, "(0029,1010)");
    let records = EL.seq(Tag::new(0x0004, 0x1220), Defined, []).faulty();
    refuses(&remove([NAME]), &nothing(), &file(EL_UID, [records]), ErrorKind::Directory, "(0004,1220)");
    let stray = EL.seq(CONTENT, Defined, [EL.sequence_delimiter().faulty()]);
    refuses(&remove([CONTENT]), &nothing(), &file(EL_UID, [stray]), ErrorKind::StrayDelimiter, "(0040,A730)");
    let unfit =
        of([(CONTENT, Treatment::ByType(ByType::new(Rule::Shift, Rule::Shift, Rule::Shift, Rule::Shift).unwrap()))]);
    let sequence = EL.seq(CONTENT, Defined, []).faulty();
    refuses(&unfit, &nothing(), &file(EL_UID, [sequence]), ErrorKind::UnfitVr, "(0040,A730)");
    // Some reader may take it for a sequence, and show the name.
    let shown = [EL.item(Defined, [EL.name()]), raw("no item")];
    let opaque = EL.holds(UNLISTED, "UN", Defined, shown).faulty();
    refuses(&remove([NAME]), &nothing(), &file(EL_UID, [opaque.clone()]), ErrorKind::AmbiguousValue, "");
    assert!(rewritten(&file(EL_UID, [opaque]).bytes, &remove([ID]), &nothing(), &Limits::default()).is_ok());
    let unclear = join([preamble([]), meta("1.2.840.10008.1.2.1, or not"), EL.sex()]);
    refuses(&remove([]), &nothing(), &unclear, ErrorKind::AmbiguousTransferSyntax, "(0002,0010)");
}

#[test]
fn a_limit_is_kept() {
    let unit = file(EL_UID, (0..5).map(|_| EL.name()));
    let of = |edits| {
        let limits = Limits { edits, ..Limits::default() };
        rewritten(&unit.bytes, &remove([NAME]), &nothing(), &limits).map(|_| ()).map_err(|error| error.kind)
    };
    assert_eq!((of(5), of(4)), (Ok(()), Err(ErrorKind::TooManyEdits { limit: 4 })));
}

/// No plan changes a length, and none is made of what asks for that.
#[test]
fn a_plan_is_refused_where_lengths_change() {
    let unit = file(EL_UID, [EL.name()]);
    let source = || SliceSource::new(&unit.bytes);
    for treatment in [Treatment::Remove, Treatment::Empty, Treatment::Dummy] {
        let rules = of([(NAME, treatment)]);
        assert!(rules.rewrite());
        let refused = plan(&mut source(), &rules, &Limits::default()).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Lengths);
        let refused = plan_and_sites(&mut source(), &rules, &Limits::default()).unwrap_err();
        assert_eq!((refused.kind, refused.to_string().contains("0x")), (ErrorKind::Lengths, false));
    }
    let rules = of([(NAME, Treatment::Blank)]);
    assert!(!rules.rewrite() && plan(&mut source(), &rules, &Limits::default()).is_ok());
}

/// What could be wrong with a result: each is noticed.
#[test]
#[allow(clippy::too_many_lines)] // a line for each fault
fn another_result_is_noticed() {
    let rules = of([
        (NAME, Treatment::Remove),
        (ID, Treatment::Empty),
        (BIRTH, Treatment::Dummy),
        (SEX, Treatment::Blank),
        (REASON, Treatment::Dummy),
    ]);
    let rules = adding(&rules, &additions(vec![text(METHOD, Vr::LO, "a method")]));
    let b = EL;
    let content = |name| b.seq(CONTENT, Undefined, [b.item(Undefined, [name, b.el(TEXT, "UT", "text")])]);
    // Items that stay, in a syntax of their own, and what stands behind them, or in the last of them.
    let slices = || b.el(Tag::new(0x0054, 0x0081), "US", [1, 0]);
    let sequence = |elements: Vec<Unit>| b.seq(Tag::new(0x0054, 0x0016), Defined, [b.item(Defined, elements)]);
    let two = |own: Build| [0x11, 0x12].map(|number| own.el(Tag::new(0x0020, number), "IS", "12")).to_vec();
    let items = |own| join([sequence(two(own)), slices()]);
    // Three that stay.
    let numbers = |vrs: [&str; 3], values: [&str; 3]| {
        let elements = [0x11, 0x12, 0x13].into_iter().zip(vrs.into_iter().zip(values));
        join(elements.map(|(number, (vr, value))| b.el(Tag::new(0x0020, number), vr, value)))
    };
    let before = |tail| {
        let elements = [b.name(), b.el(ID, "LO", "12"), b.el(BIRTH, "DA", "19700101"), b.sex()];
        let codes = b.seq(REASON, Defined, [b.item(Defined, [b.name()])]);
        file(
            EL_UID,
            [
                join(elements),
                numbers(["IS"; 3], ["1 ", "12", "3456"]),
                codes,
                content(b.name()),
                join([items(b), b.pixels()]),
                tail,
            ],
        )
    };
    let code = || {
        let elements = [
            b.el(Tag::new(8, 0x100), "SH", "DUMMY "),
            b.el(Tag::new(8, 0x102), "SH", "99DUMMY "),
            b.el(Tag::new(8, 0x104), "LO", "DUMMY "),
        ];
        b.seq(REASON, Defined, [b.item(Defined, elements)])
    };
    let start = || head(CLASS, "", EL_UID);
    let id = || b.el(ID, "LO", "");
    let birth = || b.el(BIRTH, "DA", "19000101");
    let sex = || b.el(SEX, "CS", "  ");
    let method = || b.el(METHOD, "LO", "a method");
    let source = before(zeros(16));
    let rewrite = rewrite(&mut SliceSource::new(&source.bytes), &rules, Once::ToDo, &Limits::default()).unwrap();
    let pieces = Pieces::resolve(&rewrite, (&rules, None), &mut SliceSource::new(&source.bytes), &mut Sevens).unwrap();
    let check = |parts: Vec<Unit>, compared| {
        let bytes = join(parts).bytes;
        let [source, mut result] = [&source.bytes, &bytes].map(|bytes| SliceSource::new(bytes));
        check_rewrite(&mut source.clone(), &mut result, &rules, &pieces, compared, &Limits::default())
    };
    let as_before = || numbers(["IS"; 3], ["1 ", "12", "3456"]);
    let whole = || {
        let codes = join([as_before(), code()]);
        vec![start(), id(), birth(), sex(), method(), codes, content(raw("")), join([items(b), b.pixels()]), zeros(16)]
    };
    assert_eq!(check(whole(), Compared::All), Ok(()));
    let with_numbers = |vrs, values| join([numbers(vrs, values), code()]);
    let with = |place: usize, unit: Unit| {
        let mut parts = whole();
        parts[place] = unit;
        parts
    };
    let mut private = start();
    private.bytes[3] = 1;
    let mut reserved = b.pixels();
    reserved.bytes[6] = 1;
    let mut late = with(4, raw(""));
    late[5] = join([as_before(), method(), code()]);
    for (what, parts) in [
        ("a byte of the preamble", with(0, private)),
        ("another head", with(0, join([preamble([]), meta(EL_UID)]))),
        ("a name that stays", with(1, join([b.name(), id()]))),
        ("a value that stays", with(1, b.el(ID, "LO", "12"))),
        ("another VR", with(1, b.el(ID, "SH", ""))),
        ("an element that is gone", with(1, raw(""))),
        ("the old date", with(2, b.el(BIRTH, "DA", "19700101"))),
        ("a longer dummy", with(2, b.el(BIRTH, "DA", "1900010100"))),
        ("what is not blank", with(3, b.sex())),
        ("two elements changed places", with(3, join([method(), sex()]))),
        ("no method", with(4, raw(""))),
        ("another method", with(4, b.el(METHOD, "LO", "a mothod"))),
        ("a method out of order", late),
        ("two methods", with(4, join([method(), method()]))),
        ("values of other lengths, as long together", with(5, with_numbers(["IS"; 3], ["1 ", "1234", "56"]))),
        ("another number", with(5, with_numbers(["IS"; 3], ["1 ", "12", "3457"]))),
        ("another VR of what stays", with(5, with_numbers(["IS", "IS", "DS"], ["1 ", "12", "3456"]))),
        ("another code", with(5, join([as_before(), b.seq(REASON, Defined, [b.item(Defined, [b.name()])])]))),
        ("no code", with(5, join([as_before(), b.seq(REASON, Defined, [])]))),
        ("a name in an item", with(6, content(b.name()))),
        ("another text", with(6, b.seq(CONTENT, Undefined, [b.item(Undefined, [b.el(TEXT, "UT", "tent")])]))),
        ("a defined length", with(6, b.seq(CONTENT, Defined, [b.item(Undefined, [b.el(TEXT, "UT", "text")])]))),
        ("an item in another syntax", with(7, join([items(IL), b.pixels()]))),
        ("an element in an item", with(7, join([sequence([two(b), vec![slices()]].concat()), b.pixels()]))),
        ("a reserved byte", with(7, join([items(b), reserved]))),
        ("a pixel", with(7, join([items(b), b.el(PIXELS, "OW", [8; 32])]))),
        ("an element behind", with(8, join([b.el(PADDING, "OB", [1; 2]), zeros(2)]))),
        ("no zeros behind", with(8, raw(""))),
        ("something behind", with(8, raw([1; 16]))),
    ] {
        let is_of_values = ["another text", "a pixel", "another number"].contains(&what);
        for compared in [Compared::All, Compared::Headers] {
            let expected =
                if is_of_values && compared == Compared::Headers { Ok(()) } else { Err(ErrorKind::OtherResult) };
            let found = check(parts.clone(), compared).map_err(|error| error.kind);
            assert_eq!((what, compared, found), (what, compared, expected));
        }
    }
}

/// What was added is found again, and nothing that only looks like it.
#[test]
fn what_a_data_set_states_of_itself() {
    let tags = [Tag::new(0x0012, 0x0062), METHOD, CODES];
    let says = |text: &str| Some(text.as_bytes().to_vec());
    for (b, uid) in ALL {
        let in_item = b.seq(STUDY, Undefined, [b.item(Undefined, [b.el(METHOD, "LO", "in an item")])]);
        let yes = || b.el(Tag::new(0x0012, 0x0062), "CS", "YES ");
        let method = |text: &str| b.el(METHOD, "LO", text);
        for (what, elements, expected) in [
            ("nothing", vec![in_item, b.sex(), b.pixels()], [None, None, None]),
            ("one", vec![b.sex(), method("a method"), b.pixels()], [None, says("a method"), None]),
            ("two of a tag", vec![yes(), method("one "), method("two ")], [says("YES"), says("one"), None]),
            ("a sequence", vec![yes(), b.seq(CODES, Defined, [])], [says("YES"), None, None]),
            ("too long", vec![b.el(METHOD, "UT", vec![b'x'; 4098])], [None, None, None]),
            ("out of order", vec![b.pixels(), yes()], [None, None, None]),
        ] {
            let bytes = file(uid, elements).bytes;
            let found = stated(&mut SliceSource::new(&bytes), &tags, &Limits::default());
            assert_eq!((what, found), (what, Ok(expected.to_vec())));
        }
    }
    let start = join([preamble([]), meta("1.2.840.10008.1.2.1.99")]);
    let inflated = join([start.clone(), EL.sex(), EL.el(METHOD, "LO", "a method")]).bytes;
    let data_set = u64::try_from(start.len()).unwrap();
    let source = &mut SliceSource::new(&inflated);
    assert_eq!(stated(source, &tags, &Limits::default()).unwrap_err().kind, ErrorKind::Deflated);
    let found = stated_inflated(source, data_set, &tags, &Limits::default());
    assert_eq!(found, Ok(vec![None, says("a method"), None]));
    let damaged = file(EL_UID, [EL.name().cut(3)]).bytes;
    let found = stated(&mut SliceSource::new(&damaged), &tags, &Limits::default());
    assert_eq!(found.unwrap_err().kind, ErrorKind::Truncated);
}

#[test]
fn what_cannot_be_added_or_be_a_rule() {
    let tag = METHOD;
    for (made, is_made) in [
        (Insert::text(tag, Vr::LO, "text"), true),
        (Insert::text(tag, Vr::UI, "1.2"), true),
        (Insert::text(tag, Vr::US, "12"), false),
        (Insert::text(tag, Vr::LO, "Å"), false),
        (Insert::text(Tag::new(2, 0x16), Vr::AE, "title"), false),
        (Insert::text(Tag::new(8, 0), Vr::LO, "length"), false),
        (Insert::text(PIXELS, Vr::UT, "pixels"), false),
        (Insert::sequence(PADDING, vec![]), false),
        (Insert::sequence(CODES, vec![]), true),
    ] {
        assert_eq!(made.is_some(), is_made, "{made:?}");
    }
    let twice = vec![text(METHOD, Vr::LO, "one"), text(METHOD, Vr::LO, "two")];
    for (implementation, version, inserts, is_made) in [
        ("1.2.3", "OURS_1", vec![], true),
        ("1.2.x", "OURS_1", vec![], false),
        ("", "OURS_1", vec![], false),
        ("1.2.3", "", vec![], false),
        ("1.2.3", "longer than sixteen", vec![], false),
        ("1.2.3", "OURS_1", twice, false),
    ] {
        assert_eq!(Additions::new(implementation, version, inserts).is_some(), is_made, "{implementation} {version}");
    }
    let number = Rules::with([(Selector::Tag(NAME), Treatment::Set(Text::new("x").unwrap()))]).unwrap().all()[0].1;
    assert_eq!(ByType::new(Rule::Keep, Rule::Keep, number, Rule::Keep), None);
    let reason = |treatment| Rules::with([(Selector::AllPrivate, treatment)]).map(|_| ()).map_err(|error| error.reason);
    assert_eq!(reason(Treatment::Dummy), Err(RuleErrorReason::AllPrivate { rule: Rule::Dummy }));
    assert_eq!([Treatment::Remove, Treatment::Empty, Treatment::Blank, Treatment::Keep].map(reason), [Ok(()); 4]);
}
