//! What deliberate faults in the readings that rival the walk's changed, and no other row noticed: each place where bytes can be read in
//! two ways, with a name that only the other way shows, and one that both show.

use dicomblank_core::{ErrorKind, Event, Limits, NoTag, SliceSource, Tag, Walker};

use crate::build::*;
use crate::check::{blanks, leaves, refuses, rules};

/// A length of implicit VR that reads as letters and a short length of 0. Nothing here is an LO, so that they are no sign of explicit VR.
const SPELLED: usize = u16::from_le_bytes(*b"LO") as usize;

/// Text of `length` bytes, with `unit` at `at`.
fn filled(length: usize, at: usize, unit: &Unit) -> Unit {
    join([raw(vec![b'a'; at]), unit.clone(), raw(vec![b'a'; length - at - unit.len()])])
}

/// An element in implicit VR that reads as an empty one and with `inside` behind it.
fn spelled(tag: Tag, inside: Unit) -> Unit {
    let rest = SPELLED - inside.len();
    IL.holds(tag, "", Defined, [inside, raw(vec![b'a'; rest])])
}

/// A private value in explicit VR that holds no items, with a name `at` bytes behind its header.
fn hides(build: Build, at: usize, name: Unit) -> Unit {
    build.holds(PRIVATE_2, "OB", Defined, [filled(at + name.len() + 8, at, &name.faulty())])
}

fn hidden(build: Build) -> Unit {
    build.el(NAME, "PN", "Roe^Mary")
}

/// A data set that states implicit VR, whose first length spells a VR.
#[test]
fn a_first_length_that_spells_a_vr() {
    let elements = || [spelled(CHARSET, hidden(EL).faulty()), IL.name()];
    let kind = ErrorKind::AmbiguousSyntax;
    refuses(&rules([NAME], []), [("hidden in the first value", kind, "", file(IL_UID, elements()))]);
    // Not listed: no reader shows a name.
    blanks(&rules([NAME], []), [("nothing listed", file(IL_UID, [spelled(CHARSET, EL.sex()), IL.name()]))]);
    // What is blanked shows nothing any more.
    let first = spelled(CHARSET, hidden(EL)).spaces();
    blanks(&rules([CHARSET, NAME], []), [("blanked with it", file(IL_UID, [first, IL.name()]))]);
    // Both readings come to the very same element.
    let jump = |over: usize| raw(EL.header(PRIVATE, "OB", u32::try_from(over - 12).unwrap()));
    blanks(&rules([NAME], []), [("met", file(IL_UID, [spelled(CHARSET, jump(SPELLED)), IL.name()]))]);
    // And to one that is hidden behind that.
    let behind = IL.el(PRIVATE_2, "", [b'a'; 8]);
    let hidden_later = IL.holds(TEXT, "", Defined, [hidden(EL).faulty()]);
    let over = SPELLED + IL.name().len() + behind.len() + 8;
    let elements = [spelled(CHARSET, jump(over)), IL.name(), behind, hidden_later, IL.name()];
    refuses(&rules([NAME], []), [("behind others", kind, "", file(IL_UID, elements))]);
    // Or that is hidden behind one that both come to.
    let elements = [spelled(CHARSET, jump(SPELLED)), IL.name(), spelled(TEXT, hidden(EL).faulty()), IL.name()];
    refuses(&rules([NAME], []), [("behind one that is met", kind, "", file(IL_UID, elements))]);
    // One that is longer for the walk, and ends sooner for the other.
    let length = usize::try_from(u32::from_le_bytes([b'A', b'E', 1, 0])).unwrap();
    let inside = join([raw("a"), jump(length - 1 + 8), raw(vec![b'a'; length - 13])]);
    let name = IL.holds(NAME, "", Defined, [inside]).spaces();
    let elements = [spelled(CHARSET, jump(SPELLED)), name, IL.holds(TEXT, "", Defined, [hidden(EL).faulty()])];
    refuses(&rules([NAME], []), [("behind the end of one that is met", kind, "", file(IL_UID, elements))]);
    // A header at the very end has no value that could be shown.
    let last = IL.holds(TEXT, "", Defined, [raw(EL.header(NAME, "PN", 8))]);
    let elements = [spelled(CHARSET, jump(SPELLED + IL.name().len() + 8)), IL.name(), last];
    blanks(&rules([NAME], []), [("a header alone", file(IL_UID, elements))]);
}

/// Without rules nothing is listed, and the likelier reading is walked.
#[test]
fn a_walk_without_rules() {
    let unit = file(IL_UID, [spelled(CHARSET, hidden(EL)), IL.name()]);
    let mut source = SliceSource::new(&unit.bytes);
    let mut walker = Walker::new(&mut source, &NoTag, &Limits::default()).unwrap();
    let mut tags = Vec::new();
    while let Some(event) = walker.next().unwrap() {
        let Event::Element(element) = event else { panic!("{event:?}") };
        tags.push(element.tag);
    }
    assert_eq!(tags, [CHARSET, NAME]);
}

/// The same place, but another tag there: a data set without a transfer syntax that is one in both byte orders.
#[test]
fn another_tag_at_the_same_place() {
    const LONG: usize = 0x0808; // in both byte orders
    let value = [b'a'; LONG];
    let first = EL.el(TYPE, "CS", value);
    let second = EL.el(Tag::new(0x0011, 0x0010), "LO", value);
    let bare = || join([first.clone(), second.clone().faulty()]);
    refuses(&rules([Tag::new(0x1100, 0x1000)], []), [("big endian", ErrorKind::AmbiguousSyntax, "", bare())]);
    let third = EL.name();
    blanks(&rules([NAME], []), [("not listed", join([first, second, third]))]);
}

/// An item whose first length spells a VR.
#[test]
fn an_item_that_begins_with_a_length_that_spells_a_vr() {
    // One step in explicit VR leads to a VR that nobody knows, and so is no sign of it.
    let odd = || raw([EL.tag(UNLISTED), b"qq\0\0".to_vec()].concat());
    let mut rows = Vec::new();
    let mut fine = Vec::new();
    for len in [Defined, Undefined] {
        let item = |name: Unit| IL.seq(CONTENT, len, [IL.item(len, [spelled(CHARSET, join([odd(), name])), IL.sex()])]);
        let path = "(0040,A730)[0]";
        rows.push(("an item", ErrorKind::AmbiguousSyntax, path, file(IL_UID, [item(hidden(EL).faulty()), IL.name()])));
        fine.push(("an item", file(IL_UID, [item(EL.sex()), IL.name()])));
    }
    refuses(&rules([NAME], []), rows);
    blanks(&rules([NAME], []), fine);
}

/// An item in a value on trial: what it claims is void where the try fails, and what was claimed before is not.
#[test]
fn claims_of_a_try() {
    let tried = |tail: &str| {
        let name = IL.el(NAME, "", "Roe^Mary").faulty();
        // Read as implicit, the first element is so long that a name stands behind it.
        let length = usize::from(u16::from_le_bytes(*b"CS"));
        let over = hides(EL, length - 12, name);
        EL.holds(PRIVATE, "OB", Defined, [EL.item(Defined, [EL.el(CHARSET, "CS", ""), over]), raw(tail)])
    };
    let held = file(EL_UID, [EL.sex(), tried(""), EL.name()]);
    refuses(&rules([NAME], []), [("holds", ErrorKind::AmbiguousSyntax, "", held)]);
    leaves(&rules([NAME], []), [("fails", 1, file(EL_UID, [EL.sex(), tried("x"), EL.name()]))]);

    let fails = IL.holds(PRIVATE, "", Defined, [IL.item(Defined, [IL.sex()]), raw("x")]);
    let over = SPELLED + fails.len() + 8;
    let jump = raw(EL.header(PRIVATE, "OB", u32::try_from(over - 12).unwrap()));
    let elements = [spelled(CHARSET, jump), fails, IL.holds(TEXT, "", Defined, [hidden(EL).faulty()]), IL.name()];
    refuses(&rules([NAME], []), [("before", ErrorKind::AmbiguousSyntax, "", file(IL_UID, elements))]);
}

/// Readers differ in which syntax they try in all that is below such a value, and not in its own items alone.
#[test]
fn an_item_further_down_in_a_value_on_trial() {
    let mut rows = Vec::new();
    for around in [Defined, Undefined] {
        for len in [Defined, Undefined] {
            let length = usize::from(u16::from_le_bytes(*b"CS"));
            let over = hides(EL, length - 12, IL.el(NAME, "", "Roe^Mary"));
            let inside = EL.seq(STUDY, len, [EL.item(Defined, [EL.el(CHARSET, "CS", ""), over])]);
            let tried = EL.holds(PRIVATE, "UN", around, [EL.item(Defined, [EL.sex(), inside])]);
            rows.push(("read as implicit", ErrorKind::AmbiguousSyntax, "", file(EL_UID, [EL.sex(), tried, EL.name()])));
        }
    }
    refuses(&rules([NAME], []), rows);
}

/// An unknown VR whose length some take for one of 32 bits: there they find a name.
#[test]
fn an_unknown_vr_whose_long_length_leads_to_a_name() {
    for (b, uid) in [(EL, EL_UID), (EB, EB_UID)] {
        for letters in [*b"zz", *b"ZZ"] {
            let element = |length: u32| {
                let value = [&b.u32(length)[..], b"text"].concat();
                let mut unit = b.el(PRIVATE, "LO", value);
                unit.bytes[4..6].copy_from_slice(&letters);
                unit
            };
            // The long value begins 4 bytes behind the short one; behind the latter is a header of 12 bytes.
            let long = |name: Unit| join([element(4 + 12 + 8), hides(b, 8, name)]);
            let unit = file(uid, [b.sex(), long(hidden(b)), b.name()]);
            refuses(&rules([NAME], []), [("long", ErrorKind::AmbiguousVr, "", unit)]);
            let mut unit = file(uid, [b.sex(), long(b.sex()), b.name()]);
            unit.fault = None;
            blanks(&rules([NAME], []), [("nothing listed", unit)]);
        }
    }
}

/// A group length of the file meta information that ends elsewhere: there some readers begin.
#[test]
fn a_data_set_that_begins_where_the_group_length_says() {
    let right = meta_in(EL, GroupLength::None, EL_UID).len();
    for (b, uid) in ALL {
        let right = right - EL_UID.len().next_multiple_of(2) + uid.len().next_multiple_of(2);
        let says = |more: usize| meta_in(EL, GroupLength::Says(u32::try_from(right + more).unwrap()), uid);
        let first = b.el(TYPE, "CS", "ORIGINAL");
        let holds = |name: Unit| b.holds(PRIVATE, "OB", Defined, [name, b.sex()]);
        let header = b.holds(PRIVATE, "OB", Defined, []).len();
        let whole = |more, name| join([preamble([]), says(more), first.clone(), holds(name), b.name()]);
        let more = first.len() + header;
        let kind = ErrorKind::AmbiguousFileMeta;
        refuses(&rules([NAME], []), [("in a value", kind, "", whole(more, hidden(b).faulty()))]);
        blanks(&rules([NAME], []), [("nothing listed", whole(more, b.sex()))]);
        blanks(&rules([NAME], []), [("where an element is", whole(first.len(), b.sex()))]);
        blanks(&rules([NAME], []), [("behind all", whole(1 << 20, b.sex()))]);
    }
}

/// 13 bytes in implicit VR, which some readers take for 10, and 6 bytes of numbers of 4.
#[test]
fn lengths_that_are_taken_for_others() {
    let kind = ErrorKind::AmbiguousLength;
    // Three bytes of the value and five of the header behind it read as a header of 0x0800 bytes.
    let taken = |length: usize| IL.el(PRIVATE, "", vec![b'a'; length]);
    let next = |at: usize, name: Unit| IL.holds(TYPE, "", Defined, [filled(0x1000, at, &name)]);
    let at = 5 + 0x0800 - 8;
    let whole = |length, name| file(IL_UID, [taken(length), next(at, name), IL.name()]);
    refuses(&rules([NAME], []), [("13", kind, "", whole(13, IL.el(NAME, "", "Roe^Mary").faulty()))]);
    blanks(
        &rules([NAME], []),
        [
            ("12", whole(12, IL.el(NAME, "", "Roe^Mary"))),
            ("14", whole(14, IL.el(NAME, "", "Roe^Mary"))),
            ("nothing listed", whole(13, IL.sex())),
        ],
    );
    // Two bytes of the value and six of the header behind it, whose tag ends with letters and whose letters are a length.
    let letters = u16::from_le_bytes(*b"LO");
    let tag = |group| Tag::new(group, 0x1001);
    let taken = |group, letters, length| EL.el(tag(group), letters, vec![b'a'; length]);
    let next = |group, name: Unit| {
        let at = 6 + usize::from(letters) - 8;
        EL.holds(Tag::new(group, letters), "LO", Defined, [filled(usize::from(letters) + 64, at, &name)])
    };
    let whole =
        |group, vr, length, name| file(EL_UID, [EL.sex(), taken(group, vr, length), next(group, name), EL.name()]);
    refuses(&rules([NAME], []), [("6", kind, "", whole(0x0009, "UL", 6, hidden(EL).faulty()))]);
    blanks(
        &rules([NAME], []),
        [
            ("4", whole(0x0009, "UL", 4, hidden(EL))),
            ("8", whole(0x0009, "UL", 8, hidden(EL))),
            ("another VR", whole(0x0009, "SL", 6, hidden(EL))),
            ("another group", whole(0x000B, "UL", 6, hidden(EL))),
            ("nothing listed", whole(0x0009, "UL", 6, EL.sex())),
        ],
    );
}

/// A stated syntax that the letters of the first VR agree with: no reader takes another, whatever it would show.
#[test]
fn a_stated_syntax_that_the_letters_agree_with() {
    // Not with the VR of its own, which alone would leave no doubt.
    let first = |length: usize| EL.el(TYPE, "LO", vec![b'a'; length]);
    let name = IL.el(NAME, "", "Roe^Mary");
    let mut implicit = file(EL_UID, [first(0), hides(EL, SPELLED - 12, name), EL.name()]);
    implicit.fault = None;
    // The length is the same in both byte orders, and a retired element of group 1000 is a name in the other.
    let mut retired = EB.el(NAME, "PN", "Roe^Mary");
    retired.bytes.resize(8 + 0x0800, b'a');
    let big = file(EL_UID, [first(0x0808), retired, EL.name()]);
    blanks(&rules([NAME], []), [("implicit", implicit), ("big endian", big)]);
}

/// Implicit VR among explicit: one capital letter in the length is no VR of the future, of which two are.
#[test]
fn an_implicit_length_that_holds_one_letter() {
    let around = |length: usize| {
        file(EL_UID, [EL.sex(), IL.el(PRIVATE, "", vec![b'a'; length]), IL.el(MODALITY, "", "MR"), EL.name()])
    };
    blanks(&rules([NAME], []), [0x0041, 0x4100, 0x0061, 0x6100].map(|length| ("a letter", around(length))));
}

/// An item in UN of defined length whose first element is as good in implicit VR, where it ends amid its own text. As an implicit item it is
/// ambiguous, so it is tried in the syntax of the file, and there the letters are believed.
#[test]
fn an_item_on_trial_is_read_in_the_syntax_of_the_file() {
    let behind = join([EL.name(), EL.sex()]);
    let rest = b"the rest of the text";
    let decoy = IL.header(PRIVATE, "", u32::try_from(rest.len() + behind.len()).unwrap());
    let length = usize::from(u16::from_le_bytes(*b"UT")); // of the element in implicit VR, which has 4 bytes of header less
    let text = [&vec![b'x'; length - 4][..], &decoy, rest].concat();
    let rows = [Defined, Undefined].map(|len| {
        let item = EL.item(len, [EL.el(PRIVATE_2, "UT", &text), behind.clone()]);
        ("in UN", file(EL_UID, [EL.sex(), EL.holds(PRIVATE, "UN", Defined, [item]), EL.sex()]))
    });
    blanks(&rules([NAME], []), rows);
}

/// One capital letter where a VR would be is no sign of explicit VR to any reader: two are.
#[test]
fn a_first_length_that_holds_one_letter() {
    let first = |length: usize| IL.holds(CHARSET, "", Defined, [filled(length, 0, &hidden(EL))]);
    let mut rows = Vec::new();
    for length in [0x0041, 0x4100] {
        rows.push(("in the data set", file(IL_UID, [first(length), IL.name()])));
        let item = IL.item(Defined, [first(length), IL.name()]);
        rows.push(("in an item", file(IL_UID, [IL.seq(CONTENT, Defined, [item])])));
    }
    blanks(&rules([NAME], []), rows);
}
