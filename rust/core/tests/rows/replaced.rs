//! Values that become others: what is planned, what is written, whose dates they are, and what is refused.
//!
//! Who makes keyed values here makes them so that it shows: a UID becomes `u`s, an identifier `i`s, and a date so many
//! days earlier letters from `a` on.

use core::num::NonZeroU16;

use dicomblank_core::{
    Action, ApplyError, ErrorKind, Fill, Limits, Once, Patch, Plan, Pseudonyms, Rule, Rules, Selector, SliceSink,
    SliceSource, State, Table, Tag, Text, Treatment, Warning, Warnings, apply, apply_patch, audit_positions,
    check_result, plan, resolve, states,
};

use crate::build::*;
use crate::check::{Lender, plan_of};

const STUDY_UID: Tag = Tag::new(0x0020, 0x000D);
const STUDY_DATE: Tag = Tag::new(0x0008, 0x0020);
const UNKNOWN_DATE: Tag = Tag::new(0x0008, 0x0029); // no such element
const COMMENTS: Tag = Tag::new(0x0010, 0x4000);
const META_INSTANCE: Tag = Tag::new(0x0002, 0x0003);

struct Letters;

impl Pseudonyms for Letters {
    fn uids(&mut self, bytes: &mut [u8]) -> Result<Warnings, ErrorKind> {
        if bytes.contains(&b'x') {
            return Err(ErrorKind::NotAUid);
        }
        bytes.fill(b'u');
        Ok(Warnings::default())
    }

    fn identifiers(&mut self, bytes: &mut [u8]) -> Result<Warnings, ErrorKind> {
        let mut warnings = Warnings::default();
        if bytes.len() < 4 {
            warnings.add(Warning::ShortDomain);
        }
        bytes.fill(b'i');
        Ok(warnings)
    }

    /// The last letter of the patient, or of the study, from `a` on.
    fn days(&mut self, patient: &[u8], study: &[u8]) -> Result<Option<NonZeroU16>, ErrorKind> {
        let last = if patient.is_empty() { study.last() } else { patient.last() };
        Ok(last.and_then(|byte| NonZeroU16::new(u16::from(*byte))))
    }

    fn shift(&mut self, days: NonZeroU16, bytes: &mut [u8]) -> Warnings {
        bytes.fill(u8::try_from(days.get()).unwrap());
        Warnings::default()
    }
}

fn of(all: impl IntoIterator<Item = (Tag, Treatment)>) -> Rules {
    Rules::with(all.into_iter().map(|(tag, treatment)| (Selector::Tag(tag), treatment))).unwrap()
}

fn set(text: &str) -> Treatment {
    Treatment::Set(Text::new(text).unwrap())
}

fn map(rows: &[(&str, &str)]) -> Treatment {
    Treatment::Map(Table::new(rows.iter().copied()).unwrap())
}

/// What becomes of a file, and what is warned of; or what is refused, and where.
type Outcome = Result<(Vec<u8>, Vec<Warning>), (ErrorKind, String)>;

fn outcome(unit: &Unit, rules: &Rules) -> Outcome {
    let refused = |error: dicomblank_core::Error| (error.kind, error.tag_path.to_string());
    let plan = plan_of(&unit.bytes, rules, &Limits::default()).map_err(refused)?;
    assert_eq!(Plan::from_bytes(&plan.to_bytes()).as_ref(), Ok(&plan));
    let by_slice = resolve(&plan, rules, &mut SliceSource::new(&unit.bytes), &mut Letters);
    let by_window = resolve(&plan, rules, &mut Lender::new(&unit.bytes), &mut Letters);
    let patch = match (by_slice, by_window) {
        (Ok(one), Ok(other)) => {
            let bytes = |patch: &Patch| patch.fills(&plan).unwrap().map(|fill| written(&fill)).collect::<Vec<_>>();
            assert_eq!((bytes(&one), one.warnings()), (bytes(&other), other.warnings()), "the roads disagree");
            one
        }
        (Err(one), Err(other)) => {
            assert_eq!(one, other, "the roads disagree");
            return Err(refused(one));
        }
        _ => panic!("the roads disagree"),
    };
    let mut bytes = unit.bytes.clone();
    apply_patch(&plan, &patch, &mut SliceSink::new(&mut bytes)).unwrap();
    Ok((bytes, patch.warnings().iter().collect()))
}

fn written(fill: &Fill<'_>) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(fill.span().len()).unwrap()];
    fill.write_over(fill.span().start(), &mut bytes);
    bytes
}

/// An element, and what its value becomes.
struct Becomes {
    before: Unit,
    after: Unit,
}

fn becomes(b: Build, tag: Tag, vr: &str, old: impl AsRef<[u8]>, new: impl AsRef<[u8]>) -> Becomes {
    assert_eq!(old.as_ref().len(), new.as_ref().len());
    Becomes { before: b.el(tag, vr, old), after: b.el(tag, vr, new) }
}

fn stays(unit: impl Fn() -> Unit) -> Becomes {
    Becomes { before: unit(), after: unit() }
}

#[track_caller]
fn check(rules: &Rules, uid: &str, elements: Vec<Becomes>, warned: &[Warning]) {
    let (before, after): (Vec<_>, Vec<_>) = elements.into_iter().map(|each| (each.before, each.after)).unzip();
    let expected = file(uid, after).bytes;
    assert_eq!(outcome(&file(uid, before), rules), Ok((expected, warned.to_vec())));
}

#[test]
fn each_action() {
    let rules = of([
        (INSTANCE, Treatment::Pseudonymize),
        (ID, Treatment::Pseudonymize),
        (STUDY_DATE, Treatment::Shift),
        (NAME, set("NOBODY")),
        (SEX, map(&[("M", "O"), ("F ", "O")])),
        (BIRTH, Treatment::Blank),
    ]);
    for (b, uid) in ALL {
        let elements = vec![
            becomes(b, INSTANCE, "UI", "1.2.3.4\0", "uuuuuuuu"),
            becomes(b, STUDY_DATE, "DA", "20240301", "bbbbbbbb"),
            stays(|| b.el(MODALITY, "CS", "MR")),
            becomes(b, NAME, "PN", "Doe^Jane", "NOBODY  "),
            becomes(b, ID, "LO", "12ab", "iiii"),
            becomes(b, BIRTH, "DA", "19700101", "        "),
            becomes(b, SEX, "CS", "F ", "O "),
        ];
        check(&rules, uid, elements, &[]);
    }
    let words: Vec<_> = rules.all().iter().map(|(_, rule)| rule.word()).collect();
    assert_eq!(words, ["pseudonymize", "shift", "set", "pseudonymize", "blank", "map"]);
    assert!(rules.need_key() && rules.are_once());
}

#[test]
fn actions_are_told_in_the_words_of_the_rules() {
    let rules = of([(INSTANCE, Treatment::Pseudonymize), (NAME, set("x")), (SEX, Treatment::Blank)]);
    let unit = file(EL_UID, [EL.el(INSTANCE, "UI", "1.2.3.4\0"), EL.name(), EL.sex()]);
    let plan = plan_of(&unit.bytes, &rules, &Limits::default()).unwrap();
    let told: Vec<_> = plan.edits().iter().map(|edit| (edit.action().word(), edit.action().is_once())).collect();
    assert_eq!(told, [("pseudonymize", true), ("set", false), ("blank", false)]);
}

/// A private element and one of a VR that is not stated, in sequences, in a blanked sequence, in the file meta.
#[test]
fn wherever_they_stand() {
    let rules = of([
        (OTHER_IDS, Treatment::Blank),
        (ID, Treatment::Pseudonymize),
        (PRIVATE, Treatment::Pseudonymize),
        (META_INSTANCE, Treatment::Pseudonymize),
    ]);
    let with = |[id, blanked, inside]: [&str; 3], name: &str, private: &str| {
        let ids = EL.seq(OTHER_IDS, Undefined, [EL.item(Defined, [EL.el(NAME, "PN", name), EL.el(ID, "LO", blanked)])]);
        let content = EL.seq(CONTENT, Defined, [EL.item(Undefined, [EL.el(ID, "LO", inside), EL.name()])]);
        file(EL_UID, [EL.el(ID, "UN", id), ids, EL.el(PRIVATE, "LO", private), content])
    };
    let before = with(["1234"; 3], "ab", "12345678");
    let after = with(["iiii", "    ", "iiii"], "  ", "iiiiiiii");
    assert_eq!(outcome(&before, &rules), Ok((after.bytes, vec![])));
    let meta = |instance: &str| {
        let unit = EL.el(META_INSTANCE, "UI", instance);
        join([preamble([]), unit, EL.el(Tag::TRANSFER_SYNTAX_UID, "UI", uid(EL_UID)), EL.sex()])
    };
    assert_eq!(outcome(&meta("1.2.3\0"), &rules), Ok((meta("uuuuuu").bytes, vec![])));
}

/// All public dates but those with a rule of their own, as the header or the dictionary says.
#[test]
fn every_date() {
    let dates = [(Selector::Dates, Treatment::Shift)];
    let others = [(BIRTH, Treatment::Blank), (Tag::new(0x0008, 0x0021), Treatment::Keep)];
    let others = others.map(|(tag, treatment)| (Selector::Tag(tag), treatment));
    let rules = Rules::with(dates.into_iter().chain(others)).unwrap();
    let date = |tag: Tag, vr: &str| becomes(EL, tag, vr, "20240301", "zzzzzzzz");
    let elements = vec![
        date(STUDY_DATE, "DA"),
        stays(|| EL.el(Tag::new(0x0008, 0x0021), "DA", "20240301")),
        date(Tag::new(0x0008, 0x0022), "UN"),
        date(Tag::new(0x0008, 0x0023), "LO"),
        date(UNKNOWN_DATE, "DA"),
        date(Tag::new(0x0008, 0x002A), "DT"),
        stays(|| EL.el(Tag::new(0x0008, 0x0030), "TM", "12003000")),
        stays(|| EL.el(Tag::new(0x0009, 0x1010), "DA", "20240301")),
        stays(|| EL.el(ID, "LO", "xyz ")),
        becomes(EL, BIRTH, "DA", "19700101", "        "),
    ];
    check(&rules, EL_UID, elements, &[]);
    let implicit = vec![becomes(IL, STUDY_DATE, "", "20240301", "zzzzzzzz"), stays(|| IL.el(ID, "", "z "))];
    check(&rules, IL_UID, implicit, &[]);
    for (tag, vr, expected) in [
        (STUDY_DATE, None, Some(Rule::Shift)),
        (UNKNOWN_DATE, None, None),
        (UNKNOWN_DATE, Some(dicomblank_core::Vr::DA), Some(Rule::Shift)),
        (UNKNOWN_DATE, Some(dicomblank_core::Vr::TM), None),
        (Tag::new(0x0009, 0x1010), Some(dicomblank_core::Vr::DA), None),
        (BIRTH, Some(dicomblank_core::Vr::DA), Some(Rule::Blank)),
    ] {
        assert_eq!(rules.rule_of(tag, None, vr), expected, "{tag}");
    }
}

#[test]
fn whose_dates_they_are() {
    let rules = of([(STUDY_DATE, Treatment::Shift), (ID, Treatment::Pseudonymize)]);
    let nobody = [Warning::DatesOfNobody];
    let id = |value: &'static str| becomes(EL, ID, "LO", value, "i".repeat(value.len()));
    let study = || stays(|| EL.el(STUDY_UID, "UI", "1.2.s\0"));
    let date = |new: &'static str| becomes(EL, STUDY_DATE, "DA", "20240301", new);
    let blank = "        ";
    for (elements, warned) in [
        (vec![date("bbbbbbbb"), id("ab  "), study()], &[][..]),
        (vec![date("ssssssss"), stays(|| EL.el(ID, "LO", "")), study()], &[]),
        (vec![date("ssssssss"), study()], &[]),
        (vec![date(blank)], &nobody),
        (vec![date(blank), stays(|| EL.el(ID, "LO", "")), stays(|| EL.el(STUDY_UID, "UI", "\0\0"))], &nobody),
        // Twice the same is one; twice another is nobody's, whatever the study is.
        (vec![date("bbbbbbbb"), id("ab  "), id(" ab "), study()], &[]),
        (vec![date(blank), id("aaab"), id("aaac"), study()], &nobody),
        // Of another data set.
        (
            vec![
                date(blank),
                stays(|| EL.seq(CONTENT, Defined, [EL.item(Defined, [EL.el(STUDY_UID, "UI", "1.2\0")])])),
            ],
            &nobody,
        ),
        // A date without anything in it is no date of nobody.
        (vec![stays(|| EL.el(STUDY_DATE, "DA", "    "))], &[]),
    ] {
        check(&rules, EL_UID, elements, warned);
    }
}

#[test]
fn texts_and_tables() {
    let rules = of([(NAME, set("AB")), (SEX, map(&[("M", "F"), ("a\\b", "c")])), (INSTANCE, set("1.2"))]);
    let name = |old: &'static str, new: &'static str| becomes(EL, NAME, "PN", old, new);
    let sex = |old: &'static str, new: &'static str| becomes(EL, SEX, "CS", old, new);
    for elements in [
        vec![becomes(EL, INSTANCE, "UI", "1.9.8.7\0", "1.2\0\0\0\0\0"), name("ab", "AB"), sex("M ", "F ")],
        vec![name("abcd", "AB  "), sex(" M  ", "F   ")],
        vec![becomes(EL, NAME, "UN", "abcd", "AB  "), sex("M\\M ", "F\\F ")],
        vec![sex("a\\b ", "c   "), stays(|| EL.el(BIRTH, "DA", "19700101"))],
        vec![sex("M\\\\M ", "F\\\\F "), stays(|| EL.el(SEX, "CS", ""))],
    ] {
        check(&rules, EL_UID, elements, &[]);
    }
    let refused = |elements: Vec<Unit>| outcome(&file(EL_UID, elements), &rules).map(|_| ()).unwrap_err();
    let of_name = |by| (ErrorKind::TextTooLong { by }, "(0010,0010)".to_owned());
    assert_eq!(refused(vec![EL.el(NAME, "PN", "")]), of_name(2));
    let long = of([(NAME, set("ABCDEFGH"))]);
    let outcome_of_long = outcome(&file(EL_UID, [EL.el(NAME, "PN", "abcd")]), &long);
    assert_eq!(outcome_of_long, Err(of_name(4)));
    for value in ["X ", "M\\X ", "MM"] {
        assert_eq!(refused(vec![EL.el(SEX, "CS", value)]), (ErrorKind::NotInTable, "(0010,0040)".into()), "{value}");
    }
    let longer = of([(SEX, map(&[("M", "LONGER")]))]);
    let outcome = outcome(&file(EL_UID, [EL.el(SEX, "CS", "M ")]), &longer);
    assert_eq!(outcome, Err((ErrorKind::TextTooLong { by: 4 }, "(0010,0040)".into())));
}

#[test]
fn what_can_not_be_done_refuses_the_file() {
    let unfit = |path: &str| Err((ErrorKind::UnfitVr, path.to_owned()));
    let all = of([
        (ID, Treatment::Pseudonymize),
        (INSTANCE, Treatment::Pseudonymize),
        (PRIVATE, Treatment::Shift),
        (PRIVATE_2, Treatment::Pseudonymize),
        (NAME, set("x")),
    ]);
    let item = || EL.item(Defined, [EL.sex()]);
    for (what, elements, expected) in [
        ("a binary VR", vec![EL.el(ID, "OB", "1234")], unfit("(0010,0020)")),
        ("a number", vec![EL.el(NAME, "US", "12")], unfit("(0010,0010)")),
        ("a sequence", vec![EL.seq(ID, Defined, [item()])], unfit("(0010,0020)")),
        ("a private sequence", vec![EL.seq(PRIVATE_2, Undefined, [item()])], unfit("(0029,1020)")),
        ("a private text to shift", vec![EL.el(PRIVATE, "LO", "1234")], unfit("(0029,1010)")),
        ("a VR that is not known", vec![EL.el(PRIVATE_2, "UN", "1234")], unfit("(0029,1020)")),
        ("no UID", vec![EL.el(INSTANCE, "UI", "1.x\0")], Err((ErrorKind::NotAUid, "(0008,0018)".into()))),
    ] {
        assert_eq!((what, outcome(&file(EL_UID, elements), &all)), (what, expected));
    }
    // A value that begins like an item is one value where its tag is listed.
    let like_items = EL.el(ID, "UN", [&b"\xFE\xFF\0\xE0\x04\0\0\0"[..], b"abcd"].concat());
    let after = EL.el(ID, "UN", b"iiiiiiiiiiii");
    assert_eq!(outcome(&file(EL_UID, [like_items]), &all), Ok((file(EL_UID, [after]).bytes, vec![])));
}

#[test]
fn warnings_come_with_the_patch() {
    let rules = of([(ID, Treatment::Pseudonymize)]);
    check(&rules, EL_UID, vec![becomes(EL, ID, "LO", "12", "ii")], &[Warning::ShortDomain]);
}

/// A plan is carried out with its own patch, or not at all. A plan of padding needs none.
#[test]
fn a_patch_of_another_plan_writes_nothing() {
    let rules = of([(ID, Treatment::Pseudonymize), (SEX, Treatment::Blank)]);
    let unit = file(EL_UID, [EL.el(ID, "LO", "1234"), EL.sex()]);
    let other = file(EL_UID, [EL.el(ID, "LO", "123456"), EL.sex()]);
    let planned = |unit: &Unit| plan(&mut SliceSource::new(&unit.bytes), &rules, &Limits::default()).unwrap();
    let patch = resolve(&planned(&other), &rules, &mut SliceSource::new(&other.bytes), &mut Letters).unwrap();
    let mut bytes = unit.bytes.clone();
    for result in [
        apply(&planned(&unit), &mut SliceSink::new(&mut bytes)),
        apply_patch(&planned(&unit), &patch, &mut SliceSink::new(&mut bytes)),
    ] {
        assert_eq!(result, Err(ApplyError::Unresolved));
    }
    assert_eq!(bytes, unit.bytes);
    assert!(patch.fills(&planned(&unit)).is_none());
    assert_eq!(format!("{patch:?}"), "Patch of 6 bytes");
}

/// What can't be done twice is left, or done, as the mark says; the rest tells itself.
#[test]
fn what_is_left() {
    let rules = of([(ID, Treatment::Pseudonymize), (NAME, set("AB")), (SEX, Treatment::Blank)]);
    for (name, sex, once, expected) in [
        ("ab  ", "M ", Once::ToDo, &[0, 1, 2][..]),
        ("ab  ", "M ", Once::Done, &[0, 2]),
        ("AB  ", "M ", Once::Done, &[2]),
        ("ABC ", "  ", Once::Done, &[0]),
        ("AB  ", "  ", Once::Done, &[]),
        ("AB  ", "  ", Once::ToDo, &[1]),
    ] {
        let unit = file(EL_UID, [EL.el(NAME, "PN", name), EL.el(ID, "LO", "1234"), EL.el(SEX, "CS", sex)]);
        let plan = plan_of(&unit.bytes, &rules, &Limits::default()).unwrap();
        let left = audit_positions(&plan, &mut SliceSource::new(&unit.bytes), &rules, once).unwrap();
        assert_eq!((name, sex, once, &left[..]), (name, sex, once, expected));
        let only = plan.clone().only_at(&left);
        assert!(only.edits().iter().all(|edit| once == Once::ToDo || edit.action() != Action::Identifier));
    }
}

/// How far each value is: what is left is to do, but for keyed values of nothing.
#[test]
fn how_far_each_value_is() {
    use State::{Blank, Done, ToDo};
    let rules = of([
        (ID, Treatment::Pseudonymize),
        (NAME, set("AB")),
        (SEX, Treatment::Blank),
        (STUDY_DATE, Treatment::Shift),
        (COMMENTS, map(&[("x", "y")])),
    ]);
    let nul = "\0\0\0\0";
    for (date, name, id, sex, comments, once, expected) in [
        ("20200102", "ab  ", "1234", "M ", "x   ", Once::ToDo, [ToDo, ToDo, ToDo, ToDo, ToDo]),
        ("20200102", "ab  ", "1234", "M ", "x   ", Once::Done, [Done, ToDo, Done, ToDo, Done]),
        ("20200102", "AB  ", "1234", "  ", "x   ", Once::Done, [Done, Done, Done, Blank, Done]),
        ("        ", "    ", "    ", "  ", "    ", Once::ToDo, [Blank, ToDo, Blank, Blank, ToDo]),
        ("        ", "    ", "    ", "  ", "    ", Once::Done, [Blank, ToDo, Blank, Blank, Done]),
        ("20200102", "AB  ", nul, "\0\0", "x   ", Once::Done, [Done, Done, Blank, ToDo, Done]),
        ("       2", "ABC ", "   4", " M", "   x", Once::ToDo, [ToDo, ToDo, ToDo, ToDo, ToDo]),
    ] {
        let unit = file(
            EL_UID,
            [
                EL.el(STUDY_DATE, "DA", date),
                EL.el(NAME, "PN", name),
                EL.el(ID, "LO", id),
                EL.el(SEX, "CS", sex),
                EL.el(COMMENTS, "LT", comments),
            ],
        );
        let plan = plan_of(&unit.bytes, &rules, &Limits::default()).unwrap();
        let found = states(&plan, &mut SliceSource::new(&unit.bytes), &rules, once);
        assert_eq!((date, name, id, sex, once, found), (date, name, id, sex, once, Ok(expected.to_vec())));
        let by_window = states(&plan, &mut Lender::new(&unit.bytes), &rules, once);
        assert_eq!(by_window, Ok(expected.to_vec()), "the roads disagree");
    }
}

/// The rules that can't be carried out twice, and those that keep.
#[test]
fn what_a_mark_tells_apart() {
    let base = of([(ID, Treatment::Pseudonymize)]);
    for (other, is_same) in [
        (of([(ID, Treatment::Pseudonymize), (NAME, Treatment::Blank), (SEX, set("x"))]), true),
        (of([(ID, Treatment::Pseudonymize), (NAME, Treatment::Pseudonymize)]), false),
        (of([(ID, Treatment::Pseudonymize), (NAME, Treatment::Keep)]), false),
        (of([(ID, Treatment::Pseudonymize), (NAME, map(&[]))]), false),
        (of([(NAME, Treatment::Pseudonymize)]), false),
        (of([]), false),
    ] {
        assert_eq!(other.once() == base.once(), is_same, "{other:?}");
    }
    assert!(!of([(ID, Treatment::Blank), (SEX, set("x"))]).are_once());
}

/// Rules on a private element by its creator, where several are said to have its block: nothing of it stays.
#[test]
fn a_block_of_two_creators_is_blanked() {
    let private = |creator| Selector::Private(dicomblank_core::Private::new(0x0029, creator, 0x10).unwrap());
    let rules = Rules::with([(private("ONE"), Treatment::Pseudonymize), (private("TWO"), set("x"))]).unwrap();
    let creator = |name: &'static str| EL.el(CREATOR, "LO", name);
    for (creators, expected) in [
        (&["ONE "][..], "iiiiii"),
        (&["TWO "], "x     "),
        (&["ONE ", "TWO "], "      "),
        (&[], "      "),
        (&["OTHER "], "abcdef"),
    ] {
        let with = |value: &'static str| {
            file(EL_UID, creators.iter().map(|name| creator(name)).chain([EL.el(PRIVATE, "LO", value)]))
        };
        assert_eq!(outcome(&with("abcdef"), &rules), Ok((with(expected).bytes, vec![])), "{creators:?}");
    }
}

/// Makes UIDs that end with a digit.
struct Ending(u8);

impl Pseudonyms for Ending {
    fn uids(&mut self, bytes: &mut [u8]) -> Result<Warnings, ErrorKind> {
        if let Some(last) = bytes.iter_mut().rev().find(|byte| byte.is_ascii_digit()) {
            *last = self.0;
        }
        Ok(Warnings::default())
    }

    fn identifiers(&mut self, _: &mut [u8]) -> Result<Warnings, ErrorKind> {
        Err(ErrorKind::NoKey)
    }

    fn days(&mut self, _: &[u8], _: &[u8]) -> Result<Option<NonZeroU16>, ErrorKind> {
        Err(ErrorKind::NoKey)
    }

    fn shift(&mut self, _: NonZeroU16, _: &mut [u8]) -> Warnings {
        Warnings::default()
    }
}

/// Nothing states the syntax: a UID that ends with 8 and a NUL is group 0038 to a reader of another one, and then a
/// date stands behind it.
#[test]
fn a_result_that_could_be_read_otherwise_is_refused() {
    let all = [(Selector::Dates, Treatment::Shift), (Selector::Tag(STUDY_UID), Treatment::Pseudonymize)];
    let rules = Rules::with(all).unwrap();
    let uid = "1.2.826.0.1.3680043.8.498.2010020400001.1\0";
    let bare = join([IL.el(SEX, "", "M "), IL.el(STUDY_UID, "", uid), IL.el(Tag::new(0x0020, 0x0013), "", "1 ")]).bytes;
    let plan = plan(&mut SliceSource::new(&bare), &rules, &Limits::default()).unwrap();
    for (last, expected) in [(b'7', Ok(())), (b'8', Err(ErrorKind::AmbiguousResult))] {
        let patch = resolve(&plan, &rules, &mut SliceSource::new(&bare), &mut Ending(last)).unwrap();
        let by_slice = check_result(&mut SliceSource::new(&bare), &plan, (&plan, &patch), &rules);
        let by_window = check_result(&mut Lender::new(&bare), &plan, (&plan, &patch), &rules);
        assert_eq!((last, by_slice.map_err(|error| error.kind)), (last, expected));
        assert_eq!((last, by_window.map_err(|error| error.kind)), (last, expected));
    }
}

/// More than is replaced in one source is refused before a byte of it is read.
#[test]
fn too_much_to_replace() {
    let rules = of([(TEXT, Treatment::Pseudonymize)]);
    let unit = file(EL_UID, [EL.el(TEXT, "UT", vec![b'a'; 33 * 1024 * 1024])]);
    let plan = plan(&mut SliceSource::new(&unit.bytes), &rules, &Limits::default()).unwrap();
    let error = resolve(&plan, &rules, &mut SliceSource::new(&unit.bytes), &mut Letters).unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooMuchToReplace { limit: 32 * 1024 * 1024 });
}
