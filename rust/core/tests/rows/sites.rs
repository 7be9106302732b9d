//! What stands where: values of the data set, of items and of the file meta information, and what is no value.

use dicomblank_core::{Edit, ErrorKind, Limits, Sites, SliceSource, Spot, plan_and_sites};

use crate::build::*;
use crate::check::{plan_of, rules};

fn sites_of(bytes: &[u8]) -> Sites {
    let (rules, limits) = (rules([], []), Limits::default());
    plan_and_sites(&mut SliceSource::new(bytes), &rules, &limits).unwrap().1
}

/// The bytes of a source by what stands there, with equal neighbours together.
fn spots(bytes: &[u8]) -> Vec<(String, usize)> {
    let sites_of = sites_of(bytes);
    let mut found: Vec<(String, usize)> = Vec::new();
    for offset in 0..bytes.len() {
        let what = match sites_of.at(offset as u64) {
            Spot::Preamble => "preamble".to_owned(),
            Spot::Value(site) => sites_of.tag_path(site).to_string(),
            Spot::Header(_) => "header".to_owned(),
            Spot::Trailing => "trailing".to_owned(),
        };
        match found.last_mut() {
            Some((last, count)) if *last == what => *count += 1,
            _ => found.push((what, 1)),
        }
    }
    found
}

fn searched(bytes: &[u8]) -> Vec<(u64, u64)> {
    sites_of(bytes).searched().map(|span| (span.start(), span.end())).collect()
}

#[test]
fn every_byte_is_somewhere() {
    let inner = EL.seq(CONTENT, Undefined, [EL.item(Undefined, [EL.sex()])]);
    let outer = EL.seq(STUDY, Defined, [EL.item(Defined, []), EL.item(Defined, [EL.el(NAME, "PN", "Doe^"), inner])]);
    let file = file(EL_UID, [outer, EL.el(ID, "LO", "1234")]).bytes;
    let found = spots(&file);
    assert_eq!(found.iter().map(|(_, count)| count).sum::<usize>(), file.len());
    let values: Vec<_> =
        found.iter().filter(|(what, _)| what != "header").map(|(what, count)| (&**what, *count)).collect();
    assert_eq!(
        values,
        [
            ("preamble", 132),
            ("(0002,0000)", 4),
            ("(0002,0001)", 2),
            ("(0002,0002)", 26),
            ("(0002,0010)", 20),
            ("(0002,0012)", 8),
            ("(0008,1110)[1].(0010,0010)", 4),
            ("(0008,1110)[1].(0040,A730)[0].(0010,0040)", 2),
            ("(0010,0020)", 4),
        ]
    );
}

/// Top-level pixel data is left out, in fragments too; that of an icon is not.
#[test]
fn all_is_searched_but_the_pixel_data_of_the_data_set() {
    let size = |unit: &Unit| unit.len() as u64;
    for (b, _) in ALL {
        let name = b.el(NAME, "PN", "Doe^");
        let pixels = b.el(PIXELS, "OW", "pixels");
        let icon = b.seq(ICON, Defined, [b.item(Defined, [b.el(PIXELS, "OW", "icon")])]);
        let tail = b.el(PADDING, "OB", "tail");
        let (before, header) = (size(&name) + size(&icon), size(&pixels) - 6);
        let bytes = [name.bytes, icon.bytes, pixels.bytes, tail.bytes].concat();
        let end = bytes.len() as u64;
        assert_eq!(searched(&bytes), [(0, before + header), (before + header + 6, end)]);
        let spots = spots(&bytes);
        assert!(spots.iter().any(|(what, count)| what == "(0088,0200)[0].(7FE0,0010)" && *count == 4));
        assert!(spots.iter().any(|(what, count)| what == "(FFFC,FFFC)" && *count == 4));
    }
    let fragments = EL.fragments(Undefined, ["", "first", "second"].map(|fragment| EL.fragment(fragment)));
    let bytes = file(JPEG_UID, [EL.el(NAME, "PN", "Doe^"), fragments]).bytes;
    let first = bytes.windows(5).position(|window| window == b"first").unwrap() as u64;
    let found = searched(&bytes);
    assert_eq!(found.len(), 2);
    assert!(found[0].1 <= first && found[1].0 >= bytes.len() as u64 - 8, "{found:?}");
}

#[test]
fn there_is_a_limit() {
    let bytes = [EL.sex().bytes, EL.name().bytes].concat();
    let rules = rules([NAME], []);
    for (limit, is_enough) in [(2, true), (1, false)] {
        let limits = Limits { sites: limit, ..Limits::default() };
        let found = plan_and_sites(&mut SliceSource::new(&bytes), &rules, &limits);
        assert_eq!(found.is_ok(), is_enough);
        assert!(is_enough || found.is_err_and(|error| error.kind == ErrorKind::TooManyElements { limit: 1 }));
    }
}

/// What came up in a try that failed takes no room.
#[test]
fn what_is_undone_does_not_count() {
    // Three values in implicit VR, and then a byte that is no element: so it is one value.
    let inside = IL.item(Defined, [IL.sex(), IL.name(), IL.sex(), raw("x")]);
    let bytes = join([EL.sex(), EL.holds(PRIVATE, "OB", Defined, [inside]), EL.name()]).bytes;
    for (limit, is_enough) in [(3, true), (2, false)] {
        let limits = Limits { sites: limit, ..Limits::default() };
        let found = plan_and_sites(&mut SliceSource::new(&bytes), &rules([], []), &limits);
        assert_eq!(found.is_ok(), is_enough, "{limit}: {found:?}");
    }
}

/// Where the planner does not have a value walked as a sequence, in which the walk alone would go on, it is one value here, too: `plan_of`
/// compares the two.
#[test]
fn what_the_plan_blanks_whole_is_one_value() {
    // A delimiter without a sequence: it can't be told where the blanking ends.
    let stray = EL.item(Defined, [EL.sequence_delimiter(), EL.sex()]);
    let deep = EL.seq(CONTENT, Defined, [EL.item(Defined, [EL.seq(CONTENT, Defined, [EL.item(Defined, [EL.sex()])])])]);
    let value = EL.holds(PRIVATE, "UN", Defined, [stray, EL.item(Defined, [deep])]);
    let bytes = join([EL.sex(), EL.seq(STUDY, Defined, [EL.item(Defined, [value])])]).bytes;
    let limits = Limits { depth: 3, ..Limits::default() };
    let plan = plan_of(&bytes, &rules([STUDY], []), &limits).unwrap();
    assert_eq!(plan.edits().iter().map(Edit::tag).collect::<Vec<_>>(), [PRIVATE]);
}

/// A value that is blanked whole is no try that could be gone back to: what came up before it in a try that fails is dropped, too.
#[test]
fn a_value_that_is_blanked_whole_leaves_no_mark() {
    let whole = EL.holds(PRIVATE_2, "UN", Defined, [EL.item(Defined, [EL.name()])]);
    let value = EL.holds(PRIVATE, "OB", Defined, [EL.item(Defined, [EL.sex(), whole, EL.sex()]), raw("x")]);
    let bytes = join([EL.sex(), EL.seq(STUDY, Defined, [EL.item(Defined, [value])])]).bytes;
    let plan = plan_of(&bytes, &rules([STUDY, PRIVATE_2], []), &Limits::default()).unwrap();
    assert_eq!(plan.edits().iter().map(Edit::tag).collect::<Vec<_>>(), [PRIVATE]);
}
