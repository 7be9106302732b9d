//! Budgets: what a file may cost, tries included.

use dicomblank_core::{ErrorClass, ErrorKind, Limits, NoTag, SliceSource, Tag, Walker};

use crate::build::*;
use crate::check::{Lender, marks, plan_of, refuses, refuses_within, rules};

/// Far more than any row needs.
const WIDE: Limits = Limits { depth: 1000, elements: 1_000_000, edits: 1000, sites: 1000 };

/// `depth` sequences inside each other; the `faulty`th, counted from 1, is marked.
fn nested(b: Build, depth: usize, faulty: usize, len: Len) -> Unit {
    let mut inside = b.name();
    for level in (1..=depth).rev() {
        inside = b.seq(CONTENT, len, [b.item(len, [inside])]);
        inside = if level == faulty { inside.faulty() } else { inside };
    }
    inside
}

#[test]
fn depth() {
    let limits = Limits { depth: 3, ..WIDE };
    let kind = ErrorKind::TooDeep { limit: 3 };
    let path = "(0040,A730)[0].(0040,A730)[0].(0040,A730)[0].(0040,A730)";
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        for len in [Defined, Undefined] {
            rows.push(("one too deep", kind, path, file(uid, [b.sex(), nested(b, 4, 4, len)])));
            rows.push(("many", kind, path, file(uid, [b.sex(), nested(b, 30, 4, len)])));
            let fits = file(uid, [b.sex(), nested(b, 3, 0, len)]);
            assert_eq!(marks(plan_of(&fits.bytes, &rules([NAME], []), &limits).unwrap().edits()), fits.marks);
        }
        // Fragments are one deeper than what they stand in, and so is a value that is tried as a sequence.
        let icon = |unit: Unit| {
            b.seq(
                ICON,
                Undefined,
                [b.item(
                    Undefined,
                    [b.seq(
                        ICON,
                        Undefined,
                        [b.item(Undefined, [b.seq(ICON, Undefined, [b.item(Undefined, [unit])])])],
                    )],
                )],
            )
        };
        let path_to = "(0088,0200)[0].(0088,0200)[0].(0088,0200)[0].";
        rows.push((
            "fragments",
            kind,
            under(path_to, "(7FE0,0010)"),
            file(uid, [icon(b.fragments(Undefined, []).faulty())]),
        ));
        let private = b.holds(PRIVATE, "UN", Defined, [b.item(Defined, [b.sex()])]).faulty();
        rows.push(("a try", kind, under(path_to, "(0029,1010)"), file(uid, [icon(private)])));
    }
    refuses_within(&rules([NAME], []), &limits, rows);
    assert_eq!(kind.class(), ErrorClass::Limit);
}

/// A path that a row computes: rows borrow theirs.
fn under(path: &str, tag: &str) -> &'static str {
    format!("{path}{tag}").leak()
}

/// Inside a try a spent budget is an error, where anything else would make the value opaque.
#[test]
fn budgets_inside_a_try() {
    let names = rules([NAME], []);
    let mut deep = Vec::new();
    let mut many = Vec::new();
    let mut edits = Vec::new();
    for (b, uid) in ALL {
        let tried =
            |inside: Unit| file(uid, [b.sex(), b.holds(PRIVATE, "UN", Defined, [b.item(Defined, [inside])]), b.sex()]);
        let path = "(0029,1010)[0].(0040,A730)[0].(0040,A730)";
        deep.push(("depth", ErrorKind::TooDeep { limit: 2 }, path, tried(nested(b, 3, 2, Undefined))));
        let elements = || join((0..100).map(|number| if number == 50 { b.sex().faulty() } else { b.sex() }));
        // File meta information has 5 elements, and in front of the 50th there are the first, the private one and its item.
        many.push(("elements", ErrorKind::TooManyElements { limit: 58 }, "(0029,1010)[0]", tried(elements())));
        let four = join([b.name(), b.name(), b.name(), b.name().faulty()]);
        edits.push(("edits", ErrorKind::TooManyEdits { limit: 3 }, "(0029,1010)[0].(0010,0010)", tried(four)));
    }
    refuses_within(&names, &Limits { depth: 2, ..WIDE }, deep);
    refuses_within(&names, &Limits { elements: 58, ..WIDE }, many);
    refuses_within(&names, &Limits { edits: 3, ..WIDE }, edits);
}

#[test]
fn elements() {
    let kind = |limit| ErrorKind::TooManyElements { limit };
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        // 5 elements of file meta information, then this many.
        rows.push(("the sixth of six", kind(10), "", file(uid, [join((0..5).map(|_| b.sex())), b.sex().faulty()])));
        rows.push(("in an item", kind(10), "(0040,A730)[0]", {
            file(uid, [b.sex(), b.seq(CONTENT, Defined, [b.item(Defined, [b.sex(), b.name(), b.sex().faulty()])])])
        }));
        rows.push(("an item", kind(10), "(0040,A730)[2]", {
            let item = || b.item(Defined, []);
            file(uid, [b.sex(), b.seq(CONTENT, Defined, [item(), item(), item(), item().faulty()])])
        }));
        rows.push(("a delimiter", kind(10), "(0040,A730)[1]", {
            let item = || b.item(Defined, []);
            file(uid, [b.sex(), b.sex(), b.seq(CONTENT, Open, [item(), item(), b.sequence_delimiter().faulty()])])
        }));
        rows.push(("a fragment", kind(10), "(7FE0,0010)[2]", {
            let fragment = || b.fragment([1; 4]);
            file(uid, [b.sex(), b.fragments(Undefined, [fragment(), fragment(), fragment(), fragment().faulty()])])
        }));
        let ten = file(uid, [join((0..5).map(|_| b.sex()))]);
        assert!(plan_of(&ten.bytes, &rules([], []), &Limits { elements: 10, ..WIDE }).is_ok());
    }
    refuses_within(&rules([NAME], []), &Limits { elements: 10, ..WIDE }, rows);
    let meta = join([
        preamble([]),
        EL.el(Tag::new(0x0002, 0x0012), "UI", "1\0"),
        EL.el(Tag::new(0x0002, 0x0012), "UI", "1\0").faulty(),
    ]);
    refuses_within(&rules([], []), &Limits { elements: 1, ..WIDE }, [("file meta information", kind(1), "", meta)]);
    assert_eq!(kind(1).class(), ErrorClass::Limit);
}

#[test]
fn edits() {
    let kind = ErrorKind::TooManyEdits { limit: 3 };
    let limits = Limits { edits: 3, ..WIDE };
    let mut rows = Vec::new();
    for (b, uid) in ALL {
        let three = || join([b.name(), b.sex(), b.name(), b.name()]);
        rows.push((
            "the fourth",
            kind,
            "(0010,0010)",
            file(uid, [b.sex(), three(), b.sex(), b.name().faulty(), b.sex()]),
        ));
        rows.push(("in an item", kind, "(0040,A730)[0].(0010,0010)", {
            file(uid, [b.sex(), three(), b.seq(CONTENT, Undefined, [b.item(Undefined, [b.sex(), b.name().faulty()])])])
        }));
        // An empty value, and one in a try that fails, cost nothing.
        let opaque = b.holds(
            PRIVATE,
            "OB",
            Defined,
            [b.item(Defined, [b.el(NAME, "PN", "Roe"), b.el(NAME, "PN", "Roe")]), raw("x")],
        );
        // Without a VR, a name in such a value is refused.
        let opaque = if b == IL { raw([]) } else { opaque };
        let fits = file(uid, [b.sex(), b.el(NAME, "PN", ""), opaque, three()]);
        assert_eq!(marks(plan_of(&fits.bytes, &rules([NAME], []), &limits).unwrap().edits()), fits.marks);
    }
    refuses_within(&rules([NAME], []), &limits, rows);
    assert_eq!(kind.class(), ErrorClass::Limit);
}

/// A bomb of nesting costs its depth limit and no more, and is told of in a few words.
#[test]
fn a_hundred_thousand_levels() {
    for (b, uid) in ALL {
        let level = b.seq(CONTENT, Open, [b.item(Open, [])]);
        let within = raw(level.bytes.repeat(384));
        let beyond = raw(level.bytes.repeat(100_000 - 384)).faulty();
        let unit = file(uid, [b.sex(), within, beyond]);
        let error = plan_of(&unit.bytes, &rules([NAME], []), &Limits::default()).unwrap_err();
        assert_eq!((error.kind, error.tag_path.steps().len()), (ErrorKind::TooDeep { limit: 384 }, 385));
        assert_eq!(error.offset, u64::try_from(unit.fault.unwrap()).unwrap());
        assert!(error.to_string().len() < 500);
    }
}

#[test]
fn a_hundred_thousand_levels_of_private_values() {
    // Of undefined length, and as UN: each level is another one that may be implicit.
    for (b, uid) in ALL {
        let level = b.holds(PRIVATE, "UN", Open, [b.item(Open, [])]);
        let unit = file(uid, [b.sex(), raw(level.bytes.repeat(100_000))]);
        let error = plan_of(&unit.bytes, &rules([NAME], []), &Limits::default()).unwrap_err();
        // In a big endian file the second level is an odd mixture, which is refused as well.
        assert!(b == EB || error.kind == ErrorKind::TooDeep { limit: 384 }, "{error}");
    }
}

/// How many bytes the walk asked for while it planned.
fn lent(unit: &Unit) -> u64 {
    let mut source = Lender::new(&unit.bytes);
    let _ = dicomblank_core::plan(&mut source, &rules([NAME], []), &Limits::default());
    source.lent
}

/// The work is in proportion to the file: twice the bytes, about twice what is looked at.
#[test]
fn work_is_linear() {
    let grows = |what: &str, make: &dyn Fn(usize) -> Unit| {
        let (one, four) = (lent(&make(1000)), lent(&make(4000)));
        assert!(four < one.saturating_mul(5), "{what}: {one} bytes looked at, four times the file: {four}");
    };
    for (b, uid) in ALL {
        let of = |unit: Unit| file(uid, [b.sex(), unit]);
        grows("elements", &|count| of(raw(b.sex().bytes.repeat(count))));
        grows("items", &|count| of(b.seq(CONTENT, Undefined, [raw(b.item(Defined, [b.name()]).bytes.repeat(count))])));
        grows("stray delimiters", &|count| of(raw(b.sequence_delimiter().bytes.repeat(count))));
        grows("private values", &|count| {
            of(raw(b.holds(PRIVATE, "UN", Defined, [b.item(Defined, [b.name()])]).bytes.repeat(count)))
        });
        grows("opaque values", &|count| {
            of(raw(b.holds(PRIVATE, "UN", Defined, [b.item(Claims(99), [])]).bytes.repeat(count)))
        });
        grows("zeros at the end", &|count| of(zeros(8 * count)));
        // A file that lost its middle, and a byte that is still there.
        grows("zeros, then a byte", &|count| of(join([zeros(8 * count), raw("x")])));
        grows("zeros, then an element", &|count| of(join([zeros(8 * count), b.name()])));
        grows("zeros, over and over", &|count| {
            of(raw([&zeros(64).bytes[..], &b.sex().bytes].concat().repeat(count / 8)))
        });
    }
}

/// A value that may be a sequence in two ways, and holds another such value, and so on, and fails at every level: the work would double
/// with each level, but stays in proportion to the file.
#[test]
fn tries_inside_tries_are_linear() {
    let bomb = |depth| {
        let mut inside = EL.item(Defined, [EL.sex()]);
        for _ in 0..depth {
            inside = join([EL.item(Defined, [EL.sex(), EL.holds(PRIVATE, "UN", Defined, [inside])]), raw("x")]);
        }
        file(EL_UID, [EL.sex(), EL.holds(PRIVATE, "UN", Defined, [inside]), EL.name()])
    };
    for depth in [1, 2, 3, 10, 40, 300] {
        let unit = bomb(depth);
        let (lent, size) = (lent(&unit), u64::try_from(unit.len()).unwrap());
        assert!(lent < size.saturating_mul(200), "{depth} levels: {lent} bytes looked at in a file of {size}");
    }
    let error = plan_of(&bomb(40).bytes, &rules([NAME], []), &Limits::default()).unwrap_err();
    assert_eq!(error.kind.class(), ErrorClass::Limit);
    // Real files have one such level; a few more are still walked to their end.
    let plan = plan_of(&bomb(3).bytes, &rules([NAME], []), &Limits::default()).unwrap();
    assert_eq!((plan.edits().len(), plan.opaque()), (1, 1));
}

/// The walk alone: the limits hold without a plan, too.
#[test]
fn a_walker_is_bounded_too() {
    let unit = file(EL_UID, [EL.sex(), nested(EL, 9, 0, Undefined)]);
    let mut source = SliceSource::new(&unit.bytes);
    let mut walker = Walker::new(&mut source, &NoTag, &Limits { depth: 8, ..WIDE }).unwrap();
    let error = loop {
        match walker.next() {
            Ok(event) => assert!(event.is_some(), "walked to its end"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind, ErrorKind::TooDeep { limit: 8 });
}

/// The limits that hold where nobody asks for others.
#[test]
fn the_ordinary_limits() {
    refuses(
        &rules([NAME], []),
        [(
            "depth",
            ErrorKind::TooDeep { limit: 384 },
            under(
                &format!("{}.({} more).{}", ["(0040,A730)[0]"; 8].join("."), 369, ["(0040,A730)[0]"; 7].join(".")),
                ".(0040,A730)",
            ),
            file(EL_UID, [EL.sex(), nested(EL, 385, 385, Undefined)]),
        )],
    );
}
