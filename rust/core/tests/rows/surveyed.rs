//! What stands in a file: what is told of it, and what a plan leaves.

use std::time::{Duration, Instant};

use dicomblank_core::{
    Becomes, ErrorKind, Limits, NewHead, Rules, Sign, SliceSource, Subjects, Survey, Tag, Tags, Unlisted, plan,
    plan_and_sites, survey,
};

use crate::build::{
    BIRTH, Build, CHARSET, CONTENT, CREATOR, Defined, EB, EB_UID, EL, EL_UID, GroupLength, ICON, MODALITY, NAME,
    OTHER_IDS, PADDING, PIXELS, PRIVATE, PRIVATE_2, Undefined, Unit, file, in_each, join, meta, meta_in, preamble, raw,
};
use crate::check::{Lender, rules};

const BURNED: Tag = Tag::new(0x0028, 0x0301); // Burned In Annotation, CS
const READER: Tag = Tag::new(0x0008, 0x1060); // Name of Physicians Reading Study, PN
const DATE: Tag = Tag::new(0x0018, 0x9074); // Frame Acquisition DateTime, DT

const THE_NAME: u16 = 0;
const THE_CONTENT: u16 = 1;
const ANY_PRIVATE: u16 = 2;
const ULTRASOUND: u16 = 3;
const HAS_PIXELS: u16 = 4;
const UNSAID: u16 = 5;
const SAID: u16 = 6;
const IN_PREAMBLE: u16 = 7;
const BEHIND: u16 = 8;
const UNREAD: u16 = 9;
const SEVERAL: u16 = 10;
const OF_ACME: u16 = 11;
const OF_OTHERS: u16 = 12;

fn subjects() -> Subjects {
    let signs = [
        (THE_NAME, Sign::Stands(Tags::of(NAME))),
        (THE_CONTENT, Sign::Stands(Tags::of(CONTENT))),
        (ANY_PRIVATE, Sign::Stands(Tags { mask: 0x0001_0000, value: 0x0001_0000 })),
        (ULTRASOUND, Sign::Code(MODALITY, "US".into())),
        (HAS_PIXELS, Sign::Present(PIXELS)),
        (UNSAID, Sign::Deduced { all: vec![ULTRASOUND, HAS_PIXELS], none: vec![SAID] }),
        (SAID, Sign::Code(BURNED, "YES".into())),
        (IN_PREAMBLE, Sign::Preamble),
        (BEHIND, Sign::Trailing),
        (BEHIND, Sign::Stands(Tags::of(PADDING))),
        (UNREAD, Sign::Opaque),
        (SEVERAL, Sign::Ambiguous),
    ];
    Subjects::new(11, signs, ["ACME"]).unwrap()
}

/// By both roads.
fn survey_of(bytes: &[u8], rules: Option<&Rules>) -> Result<Survey, ErrorKind> {
    let (subjects, limits) = (subjects(), Limits::default());
    let plan = rules.map(|rules| plan(&mut SliceSource::new(bytes), rules, &limits).unwrap());
    let of_slice = survey(&mut SliceSource::new(bytes), &subjects, plan.as_ref().map(Into::into), &limits);
    let of_file = survey(&mut Lender::new(bytes), &subjects, plan.as_ref().map(Into::into), &limits);
    assert_eq!(of_slice, of_file);
    let (survey, sites) = of_slice.map_err(|error| error.kind)?;
    if let Ok((_, of_plan)) = plan_and_sites(&mut SliceSource::new(bytes), &crate::check::rules([], []), &limits) {
        assert_eq!(sites, Some(of_plan), "the survey is of other values than the plan");
    }
    Ok(survey)
}

fn found(bytes: &[u8]) -> Vec<u16> {
    survey_of(bytes, None).unwrap().numbers.iter().map(|(number, _)| *number).collect()
}

type Row<'a> = (&'a str, &'a [u16], &'a dyn Fn(Build) -> Vec<Unit>);

#[test]
fn what_stands_is_something_other_than_padding() {
    let creator = |b: Build| b.el(CREATOR, "LO", "ACME");
    let ends_late = [&[b' '; 5000][..], b"x "].concat();
    let rows: &[Row<'_>] = &[
        ("nothing", &[], &|b| vec![b.sex()]),
        ("a name", &[THE_NAME], &|b| vec![b.name()]),
        ("an empty one", &[], &|b| vec![b.el(NAME, "PN", "")]),
        ("a blank one", &[], &|b| vec![b.el(NAME, "PN", "    ")]),
        ("zeros and spaces", &[], &|b| vec![b.el(NAME, "PN", "\0 \0 ")]),
        ("something behind much padding", &[THE_NAME], &|b| vec![b.el(NAME, "PN", &ends_late)]),
        ("two, one of them blank", &[THE_NAME], &|b| vec![b.el(NAME, "PN", "  "), b.name()]),
        ("inside a sequence", &[THE_NAME], &|b| vec![b.seq(OTHER_IDS, Defined, [b.item(Undefined, [b.name()])])]),
        ("a sequence without an item", &[], &|b| vec![b.seq(CONTENT, Defined, [])]),
        ("one with a blank value", &[], &|b| {
            vec![b.seq(CONTENT, Defined, [b.item(Defined, [b.el(BIRTH, "DA", "  ")])])]
        }),
        ("one with a value of any tag", &[THE_CONTENT], &|b| {
            vec![b.seq(CONTENT, Undefined, [b.item(Defined, [b.sex()])])]
        }),
        ("one with a value far below", &[THE_CONTENT], &|b| {
            let inner = b.seq(OTHER_IDS, Defined, [b.item(Defined, [b.sex()])]);
            vec![b.seq(CONTENT, Defined, [b.item(Defined, []), b.item(Undefined, [inner])])]
        }),
        ("one with fragments", &[THE_CONTENT], &|b| {
            let pixels = b.fragments(Undefined, [b.fragment([0; 4]), b.fragment([7; 8])]);
            vec![b.seq(CONTENT, Undefined, [b.item(Undefined, [pixels])])]
        }),
        ("one with a value behind it", &[], &|b| vec![b.seq(CONTENT, Defined, [b.item(Defined, [])]), b.sex()]),
        ("a group length below it", &[], &|b| {
            vec![b.seq(CONTENT, Defined, [b.item(Defined, [b.el(Tag::new(0x0008, 0), "UL", b.u32(4))])])]
        }),
        ("of a known creator", &[ANY_PRIVATE, OF_ACME], &|b| vec![creator(b), b.el(PRIVATE, "LO", "ab")]),
        ("whatever its case and padding", &[ANY_PRIVATE, OF_ACME], &|b| {
            vec![b.el(CREATOR, "LO", " acme "), b.el(PRIVATE, "LO", "ab")]
        }),
        ("of an unknown one", &[ANY_PRIVATE, OF_OTHERS], &|b| {
            vec![b.el(CREATOR, "LO", "Doe^Jane"), b.el(PRIVATE, "LO", "ab")]
        }),
        ("of none", &[ANY_PRIVATE, OF_OTHERS], &|b| vec![b.el(PRIVATE, "LO", "ab")]),
        ("of one whose name is too long", &[ANY_PRIVATE, OF_OTHERS], &|b| {
            vec![b.el(CREATOR, "LO", [b'x'; 5000]), b.el(PRIVATE, "LO", "ab")]
        }),
        ("a creator alone", &[ANY_PRIVATE], &|b| vec![creator(b), b.el(PRIVATE, "LO", "  ")]),
        ("of another block", &[ANY_PRIVATE, OF_OTHERS], &|b| {
            vec![creator(b), b.el(Tag::new(0x0029, 0x1110), "LO", "ab")]
        }),
        ("a creator does not reserve inside an item", &[ANY_PRIVATE, OF_OTHERS], &|b| {
            vec![creator(b), b.seq(Tag::new(0x0040, 0x0275), Defined, [b.item(Defined, [b.el(PRIVATE, "LO", "ab")])])]
        }),
        ("nor outside of its own", &[ANY_PRIVATE, OF_OTHERS], &|b| {
            let items = [b.item(Defined, [creator(b)]), b.item(Defined, [b.el(PRIVATE, "LO", "ab")])];
            vec![b.seq(Tag::new(0x0008, 0x1140), Defined, items)]
        }),
        ("nor where its sequence has ended", &[ANY_PRIVATE, OF_OTHERS], &|b| {
            let before = b.seq(Tag::new(0x0008, 0x1140), Defined, [b.item(Defined, [creator(b)])]);
            let behind = b.seq(Tag::new(0x0040, 0x0275), Defined, [b.item(Defined, [b.el(PRIVATE, "LO", "ab")])]);
            vec![before, creator(b), behind]
        }),
        ("a private sequence", &[THE_NAME, ANY_PRIVATE, OF_ACME], &|b| {
            vec![creator(b), b.seq(PRIVATE, Undefined, [b.item(Defined, [b.name()])])]
        }),
        ("pixels, black or not", &[HAS_PIXELS], &|b| vec![b.el(PIXELS, "OW", [0; 32])]),
        ("none", &[], &|b| vec![b.el(PIXELS, "OW", "")]),
        ("fragments", &[HAS_PIXELS], &|b| vec![b.fragments(Undefined, [b.fragment(""), b.fragment([7; 8])])]),
        ("pixels of another picture", &[], &|b| vec![b.seq(ICON, Defined, [b.item(Defined, [b.pixels()])])]),
        ("a code", &[ULTRASOUND], &|b| vec![b.el(MODALITY, "CS", "us")]),
        ("another one", &[], &|b| vec![b.el(MODALITY, "CS", "USX ")]),
        ("a code in an item", &[], &|b| {
            vec![b.seq(OTHER_IDS, Defined, [b.item(Defined, [b.el(MODALITY, "CS", "US")])])]
        }),
        ("what follows from two", &[ULTRASOUND, HAS_PIXELS, UNSAID], &|b| {
            vec![b.el(MODALITY, "CS", "US"), b.el(BURNED, "CS", "NO"), b.pixels()]
        }),
        ("and not from three", &[ULTRASOUND, HAS_PIXELS, SAID], &|b| {
            vec![b.el(MODALITY, "CS", "US"), b.el(BURNED, "CS", "YES "), b.pixels()]
        }),
        ("padding at the end that is none", &[BEHIND], &|b| vec![b.sex(), b.el(PADDING, "OB", [1; 8])]),
        ("padding at the end", &[], &|b| vec![b.sex(), b.el(PADDING, "OB", [0; 8])]),
    ];
    for (what, expected, elements) in rows {
        for unit in in_each(elements) {
            assert_eq!((*what, &found(&unit.bytes)[..]), (*what, *expected));
        }
    }
}

#[test]
fn what_is_not_about_an_element() {
    let sex = || vec![EL.sex()];
    let with_preamble = |bytes: &[u8]| join([preamble(bytes), meta(EL_UID), EL.sex()]);
    let mark = [&[0; 96][..], b"DICOMblk\x01D", &[7; 22]].concat();
    let broken_items = EL.el(PRIVATE, "OB", b"\xFE\xFF\x00\xE0\xFF\0\0\0abcdefgh");
    for (what, expected, unit) in [
        ("an ordinary file", &[][..], file(EL_UID, sex())),
        ("a preamble", &[IN_PREAMBLE], with_preamble(b"II*\0")),
        ("a mark of ours", &[], with_preamble(&mark)),
        ("something beside a mark", &[IN_PREAMBLE], with_preamble(&[b"x", &mark[1..]].concat())),
        ("no preamble", &[], join([EL.name().clone(), EL.sex()]).cut(0)),
        ("bytes behind the last element", &[BEHIND], file(EL_UID, [EL.sex(), raw(b"\xFF\xFF\xFF\xFFabcd")])),
        ("zeros", &[], file(EL_UID, [EL.sex(), raw([0; 20])])),
        ("a value that can't be read", &[ANY_PRIVATE, UNREAD, OF_OTHERS], file(EL_UID, [broken_items])),
    ] {
        let expected = if what == "no preamble" { &[THE_NAME][..] } else { expected };
        assert_eq!((what, &found(&unit.bytes)[..]), (what, expected));
    }
}

/// A value that is walked as a sequence and turns out to be none: what was in it does not count, but it does.
#[test]
fn a_failed_try_is_undone() {
    let creator = EL.el(CREATOR, "LO", "ACME");
    let inside =
        join([EL.el(CREATOR, "LO", "ACME"), EL.name(), EL.el(READER, "PN", "Roe "), EL.el(PRIVATE, "LO", "ab")]);
    let items = |inside: Unit| [EL.item(Defined, [inside]).bytes, b"no item at all".to_vec()].concat();
    let failed = file(EL_UID, [creator.clone(), EL.el(PRIVATE_2, "UN", items(inside.clone()))]);
    let survey = survey_of(&failed.bytes, None).unwrap();
    // Else a reader that takes it for a sequence would see the name: of that, the file is refused by a level.
    assert_eq!((survey.numbers, survey.opaque), (vec![(ANY_PRIVATE, true), (UNREAD, true), (OF_ACME, true)], 1));
    assert_eq!(survey.unlisted, []);
    let kept = file(EL_UID, [creator, EL.el(PRIVATE_2, "UN", EL.item(Defined, [inside]).bytes)]);
    let survey = survey_of(&kept.bytes, None).unwrap();
    assert_eq!(survey.numbers, [(THE_NAME, true), (ANY_PRIVATE, true), (OF_ACME, true)]);
    assert_eq!(survey.unlisted, [(Unlisted::Name(Some(READER)), true)]);
}

/// A sequence around a failed try holds something all the same: the value itself.
#[test]
fn a_failed_try_inside_a_sequence_shows_that_it_holds_something() {
    let failed = [EL.item(Defined, [EL.sex()]).bytes, b"no item at all".to_vec()].concat();
    let unit = file(EL_UID, [EL.seq(CONTENT, Defined, [EL.item(Defined, [EL.el(PRIVATE, "UN", failed)])])]);
    assert_eq!(found(&unit.bytes), [THE_CONTENT, ANY_PRIVATE, UNREAD, OF_OTHERS]);
}

#[test]
fn names_and_dates_that_nothing_is_about() {
    for (what, expected, elements) in [
        ("a name", vec![Unlisted::Name(Some(READER))], vec![EL.el(READER, "PN", "Roe ")]),
        ("a blank one", vec![], vec![EL.el(READER, "PN", "    ")]),
        ("a date", vec![Unlisted::Date(Some(BIRTH))], vec![EL.el(BIRTH, "DA", "19700101")]),
        ("a date and time", vec![Unlisted::Date(Some(DATE))], vec![EL.el(DATE, "DT", "1970")]),
        ("a time", vec![], vec![EL.el(Tag::new(0x0008, 0x0030), "TM", "1200")]),
        ("of a tag that nobody knows", vec![Unlisted::Date(None)], vec![EL.el(Tag::new(0x0010, 0x0011), "DA", "1970")]),
        ("private", vec![], vec![EL.el(PRIVATE, "DA", "19700101")]),
        ("that a subject is about", vec![], vec![EL.name()]),
    ] {
        let survey = survey_of(&file(EL_UID, elements).bytes, None).unwrap();
        let unlisted: Vec<_> = survey.unlisted.iter().map(|(what, _)| *what).collect();
        assert_eq!((what, unlisted), (what, expected));
    }
}

/// Private ones are told by their creators, also where nothing else is looked for.
#[test]
fn without_subjects_only_public_names_and_dates_are_told() {
    let unit = file(EL_UID, [EL.el(BIRTH, "DA", "1970"), EL.el(PRIVATE, "DA", "1970")]);
    let nothing = Subjects::new(0, [], []).unwrap();
    let (survey, _) = survey(&mut SliceSource::new(&unit.bytes), &nothing, None, &Limits::default()).unwrap();
    assert_eq!((survey.numbers, survey.unlisted), (vec![(0, true)], vec![(Unlisted::Date(Some(BIRTH)), true)]));
}

#[test]
fn what_a_plan_leaves() {
    let nested = |b: Build, inside: Unit| b.seq(OTHER_IDS, Defined, [b.item(Defined, [inside])]);
    let content = |b: Build| b.seq(CONTENT, Defined, [b.item(Defined, [b.name(), b.sex()])]);
    for (what, of, expected, unit) in [
        ("all of it is planned", rules([NAME], []), &[(THE_NAME, false)][..], join([EL.name(), nested(EL, EL.name())])),
        ("nothing is", rules([BIRTH], []), &[(THE_NAME, true)], EL.name()),
        (
            "what was blank is not left",
            rules([NAME], []),
            &[(THE_NAME, false)],
            join([EL.name(), EL.el(NAME, "PN", "  ")]),
        ),
        ("a value of a sequence is left", rules([NAME], []), &[(THE_NAME, false), (THE_CONTENT, true)], content(EL)),
        (
            "of one around another",
            rules([NAME], []),
            &[(THE_NAME, false), (THE_CONTENT, true)],
            EL.seq(CONTENT, Defined, [EL.item(Defined, [nested(EL, join([EL.name(), EL.sex()]))])]),
        ),
        ("a sequence is planned whole", rules([CONTENT], []), &[(THE_NAME, false), (THE_CONTENT, false)], content(EL)),
        ("but for what is kept", rules([CONTENT], [NAME]), &[(THE_NAME, true), (THE_CONTENT, true)], content(EL)),
        ("a code is never", rules([MODALITY], []), &[(ULTRASOUND, true)], EL.el(MODALITY, "CS", "US")),
    ] {
        let survey = survey_of(&file(EL_UID, [unit]).bytes, Some(&of)).unwrap();
        assert_eq!((what, &survey.numbers[..]), (what, expected));
    }
}

/// Where readers see other subjects, the likelier reading is taken and it is said; what can't be walked is an error.
#[test]
fn files_that_can_be_read_in_several_ways() {
    // In big endian the name is an element of another tag, and its value 2048 bytes long: gdcm reads it so.
    let text = "x".repeat(2040 - EL.header(PRIVATE, "LO", 0).len());
    let doubtful = [EL.el(CHARSET, "LO", ""), EL.name(), EL.el(PRIVATE, "LO", &text), EB.name()];
    for (what, bytes, expected) in [
        ("cut short", file(EL_UID, [EL.name()]).cut(3).bytes, Err(ErrorKind::Truncated)),
        ("no DICOM", b"nothing medical\n".to_vec(), Err(ErrorKind::NotDicom)),
        ("in either byte order", file(EB_UID, doubtful).bytes, Ok(true)),
        ("in one", file(EB_UID, [EB.name()]).bytes, Ok(false)),
    ] {
        let told = survey_of(&bytes, None).map(|survey| survey.numbers.contains(&(SEVERAL, true)));
        assert_eq!((what, told), (what, expected));
    }
}

#[test]
fn no_subject_has_a_sign_of_another_and_there_are_not_too_many() {
    let sign = || Sign::Stands(Tags::of(NAME));
    assert!(Subjects::new(1, [(0, sign())], []).is_some());
    assert!(Subjects::new(1, [(1, sign())], []).is_none());
    assert!(Subjects::new(u16::MAX, [], []).is_none());
    let many = (0..20_000).map(|number| (0, Sign::Stands(Tags::of(Tag::from(number)))));
    assert!(Subjects::new(1, many, []).is_none());
}

/// All creators, all private tags, all in one item: what is remembered of each is small, and looked for in little time.
#[test]
fn many_creators_cost_linear_time() {
    let mut units = Vec::new();
    for group in (0x0011..0x0811).step_by(2) {
        for block in 0x10..=0x17 {
            units.push(EL.el(Tag::new(group, block), "LO", "Doe^Jane"));
        }
        for element in 0x1000..=0x1010 {
            units.push(EL.el(Tag::new(group, element), "LO", "ab"));
        }
    }
    let unit = file(EL_UID, units);
    let start = Instant::now();
    assert_eq!(found(&unit.bytes), [ANY_PRIVATE, OF_OTHERS]);
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// Where lengths change the head is written anew: what stands in the old one goes, whatever the rules are about.
#[test]
fn of_a_head_that_is_written_anew_nothing_is_left() {
    let sender = Tag::new(0x0002, 0x0016);
    let instance = Tag::new(0x0002, 0x0003);
    let stands = |tag| Sign::Stands(Tags::of(tag));
    let signs = [(0, Sign::Preamble), (1, stands(sender)), (2, stands(instance)), (3, stands(NAME))];
    let subjects = Subjects::new(4, signs, []).unwrap();
    let group = meta_in(EL, GroupLength::None, EL_UID);
    let mut head = join([preamble([]), group, EL.el(instance, "UI", "1.2.3.40"), EL.el(sender, "AE", "SENDER")]).bytes;
    head[7] = 1;
    let bytes = [&head[..], &EL.name().bytes].concat();
    let (source, limits) = (|| SliceSource::new(&bytes), Limits::default());
    let rules = crate::check::rules([], []);
    let plan = plan(&mut source(), &rules, &limits).unwrap();
    let old = u64::try_from(head.len()).unwrap();
    for (old, repeats_instance, expected) in [
        (0, false, [true; 4]),
        (131, false, [true; 4]),
        (old, false, [false, false, false, true]),
        (old, true, [false, false, true, true]),
    ] {
        let becomes = Becomes { plan: &plan, head: NewHead { old, repeats_instance } };
        let (survey, _) = survey(&mut source(), &subjects, Some(becomes), &limits).unwrap();
        let left: Vec<(u16, bool)> = (0..).zip(expected).collect();
        assert_eq!((old, repeats_instance, survey.numbers), (old, repeats_instance, left));
    }
}
